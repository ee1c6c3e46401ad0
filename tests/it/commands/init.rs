//! `init`: a first configuration, from what tokens can see, that works as it is.

use std::{fs, os::unix::fs::PermissionsExt as _};

use serde_json::{Value, json};

use crate::rig::{Ran, Rig};

/// What runs the program with the tokens in the environment.
const WITH_TOKENS: &str =
    "GITHUB_TOKEN=sandbox-github-token JIRA_TOKEN=sandbox-jira-token exec \"$0\" \"$@\"";

fn init(rig: &Rig, words: &[&str]) -> Ran {
    rig.run_by(WITH_TOKENS, &[&["init"], words].concat())
}

/// Answers a path from now on with this.
fn answer(rig: &Rig, path: &str, status: u16, body: &Value) {
    rig.fault(&json!({
        "tracker": "github", "method": "GET", "path": path, "times": null,
        "action": {"status": {"status": status, "body": body}},
    }));
}

#[track_caller]
fn is_empty(rig: &Rig) {
    for name in ["postmortem-sync.yaml", "people.yaml"] {
        assert!(!rig.path(name).exists(), "{name}");
    }
}

#[test]
fn what_tokens_can_see_becomes_a_configuration_that_works_as_it_is() {
    let rig = Rig::start();
    let (github, jira) = (rig.addresses.github.clone(), rig.addresses.jira.clone());
    let words = ["--github", &github, "--jira", &jira, "--jira-email", "bot@acme.example"];
    let told = init(&rig, &words).exits(0).stdout;
    assert!(told.contains("No file matches postmortems/**/*.md yet"), "{told}");
    rig.write(
        "postmortems/outage.md",
        "---\ntlp: CLEAR\nteam: payments\n---\n# Outage\n\n## Action items\n\n- [ ] Rotate the key of payments\n",
    );
    let checked = rig.run_by(WITH_TOKENS, &["check", "--online"]).exits(0).stdout;
    for place in ["github acme/payments", "jira PLAT"] {
        assert!(checked.contains(place), "{checked}");
    }
    let text = rig.read("postmortem-sync.yaml");
    assert!(text.contains("# Where this account may only read: \"acme/website\""), "{text}");
    let plan = rig.run_by(WITH_TOKENS, &["plan"]).exits(0).stdout;
    assert!(plan.contains("Rotate the key of payments"), "{plan}");
    rig.run_by(WITH_TOKENS, &["sync"]).exits(0);
    assert_eq!(rig.writes(), Vec::<String>::new(), "it begins by observing");
    assert!(!format!("{text}{}", rig.read("people.yaml")).contains("sandbox-"), "no token is written");
    let mode = |name| fs::metadata(rig.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("postmortem-sync.yaml"), mode("people.yaml")), (0o600, 0o600));
    let again = init(&rig, &["--github", &github]).exits(2).stderr;
    assert!(again.contains("is there already"), "{again}");
    assert_eq!(rig.read("postmortem-sync.yaml"), text);
}

#[test]
fn a_data_center_is_asked_in_its_own_words_and_everything_is_told_to_machines_too() {
    let rig = Rig::start();
    let jira = rig.addresses.jira_dc.clone();
    let words = ["--jira", &jira, "--jira-token", "file:secrets/jira-dc", "--format", "json"];
    let told = init(&rig, &words).exits(0).json();
    assert_eq!(told["places"]["jira"], json!(["OPS"]), "{told}");
    assert_eq!(told["next"][0], "postmortem-sync check --online");
    let people = rig.read("people.yaml");
    assert!(people.contains("jira_dc: \"ana\""), "{people}");
    let listed = people.matches("jira_dc:").count();
    assert_eq!(told["people"], json!(listed));
}

#[test]
fn accounts_are_one_person_where_both_trackers_tell_one_address_and_names_are_only_words() {
    let rig = Rig::start();
    let (github, jira) = (rig.addresses.github.clone(), rig.addresses.jira.clone());
    let profile = json!({"name": "Ana \"x\": {a: b}\n# c", "email": "ANA@acme.example"});
    answer(&rig, "/users/ana", 200, &profile);
    let words = ["--github", &github, "--jira", &jira, "--jira-email", "bot@acme.example"];
    init(&rig, &words).exits(0);
    rig.write("postmortems/outage.md", "# Outage\n\n## Action items\n\n- [ ] Rotate the key\n");
    let people = rig.read("people.yaml");
    let ana = people.split("\n\n").find(|entry| entry.contains("github: \"ana\"")).unwrap();
    assert!(ana.contains("jira: \"5b10a2844c20165700ed1002\""), "{people}");
    let bo = people.split("\n\n").filter(|entry| entry.contains("Bo Lindqvist"));
    assert_eq!(bo.count(), 2, "nobody is guessed from a name: {people}");
    rig.run(&["check"]).exits(0);
}

#[test]
fn whatever_goes_wrong_no_file_is_left_behind() {
    let rig = Rig::start();
    let github = rig.addresses.github.clone();
    let told = rig.run(&["init", "--github", &github]).exits(2).stderr;
    assert!(told.contains("`GITHUB_TOKEN` is not set") && told.contains("--github-token"), "{told}");
    is_empty(&rig);
    let told = rig.run(&["init", "--github", &github, "--github-token", "ghp_secret"]).exits(2).stderr;
    assert!(told.contains("never the token itself") && !told.contains("ghp_secret"), "{told}");
    is_empty(&rig);
    rig.run(&["init"]).exits(2);
    let told = rig.run(&["init", "--github", "https://github.com/acme"]).exits(2).stderr;
    assert!(told.contains("not its API's"), "{told}");
    is_empty(&rig);
    answer(&rig, "/user/repos", 401, &json!({"message": "Bad credentials"}));
    let told = init(&rig, &["--github", &github]).exits(3).stderr;
    assert!(told.contains("Bad credentials"), "{told}");
    is_empty(&rig);
    rig.write("closed/people.yaml", "ana: { name: Ana }\n");
    let words = ["--github", &github, "--config", "closed/postmortem-sync.yaml"];
    let told = init(&rig, &words).exits(2).stderr;
    assert!(told.contains("closed/people.yaml` is there already"), "{told}");
    assert!(!rig.path("closed/postmortem-sync.yaml").exists());
}
