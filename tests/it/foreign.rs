//! What a tracker, or a proxy before it, repeats of us: our credential and the words of findings go nowhere from there.

use std::fs;

use serde_json::{Value, json};

use super::{
    rig::Rig,
    trouble::{CLOUD, DATA_CENTER, GITHUB, Place, stage},
};

/// Words of the finding that no tracker has of itself.
const WORDS: [&str; 5] = ["quarantine", "zirconium", "vault", "northwind", "kestrel"];

const TITLE: &str = "Quarantine the zirconium vault";

/// A stage with one finding for a place.
fn with_finding(place: Place) -> Rig {
    let rig = stage();
    let text = format!(
        "format: postmortem/1\nid: PM-1\ntitle: An incident\nincident: {{ severity: high }}\nfindings:\n  - {{ id: F1, \
         title: {TITLE}, description: Northwind asked for kestrel, class: technical_lapse, team: {} }}\n",
        place.team
    );
    rig.write("postmortems/pm-1.yaml", &text);
    rig
}

/// What a place is sent as its credential, in every form in which it may come back.
fn credentials(place: Place) -> Vec<String> {
    let (name, token) = match place.name {
        "github" => ("x", "sandbox-github-token"),
        "jira" => ("bot@acme.example", "sandbox-jira-token"),
        _ => ("x", "sandbox-dc-token"),
    };
    let basic = data_encoding::BASE64.encode(format!("{name}:{token}").as_bytes());
    vec![token.to_owned(), basic]
}

/// An answer that repeats the whole request, as people would print it.
fn echo(place: Place) -> Value {
    let said = credentials(place).join(" and Basic ");
    let request = json!({"title": TITLE, "body": "Northwind asked\nfor kestrel"}).to_string();
    let text = format!("cannot take it: Authorization: Bearer {said}\u{202E} in {request}");
    let again = format!("{{\"sent\": {}}}", json!(request));
    json!({
        "message": text,
        "errors": {"summary": format!("`{TITLE}` is too long; {again}"), "northwind kestrel": "unknown"},
        "errorMessages": [text, "Quarantine%20the%20zirconium%20vault", "zirc\u{200B}onium", "Quarant…"],
    })
}

/// Everything that a person or a machine is told after a cycle.
fn told(rig: &Rig) -> String {
    let sync = rig.sync();
    let audit = rig.run(&["audit", "show"]);
    // The history holds what findings say, up to a class: what is public of it holds nothing of theirs.
    let data = rig.json(&["audit", "show", "--max-tlp", "CLEAR"]).to_string();
    [sync.stdout, sync.stderr, audit.stdout, audit.stderr, data].concat()
}

/// The register with everything beside it.
fn register(rig: &Rig) -> Vec<u8> {
    let files = ["register.db", "register.db-wal", "register.db.lock", "register.db.lineage"];
    files.iter().flat_map(|name| fs::read(rig.path(name)).unwrap_or_default()).collect()
}

fn assert_nothing_came_back(rig: &Rig, place: Place, status: u16) {
    let told = told(rig);
    let report = rig.run(&["report"]).stdout + &rig.run(&["report", "--format", "json"]).stdout;
    let bytes = register(rig);
    for secret in credentials(place) {
        for text in [&told, &report] {
            assert!(!text.contains(&secret), "{} {status}: {secret} in {text}", place.name);
        }
        let kept = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
        assert!(!kept, "{} {status}: {secret} is in the register", place.name);
    }
    // The finding's title is told where the finding is; a tracker's words are told beside it.
    let told = told.replace(TITLE, "").to_lowercase();
    for word in WORDS {
        assert!(!told.contains(word), "{} {status}: {word} in {told}", place.name);
    }
}

#[test]
fn a_refusal_that_repeats_the_request_tells_nobody_our_credential_or_our_words() {
    for place in [GITHUB, CLOUD, DATA_CENTER] {
        for status in [400_u16, 401, 403, 422, 503] {
            let rig = with_finding(place);
            let action = json!({"status": {"status": status, "body": echo(place)}});
            rig.fault(&json!({"tracker": place.tracker, "method": "POST", "path": place.create, "times": null, "action": action}));
            assert_nothing_came_back(&rig, place, status);
        }
    }
}

#[test]
fn a_read_that_is_refused_tells_nobody_our_credential_or_what_its_issue_holds() {
    for place in [GITHUB, CLOUD, DATA_CENTER] {
        for (status, is_linked) in [(402_u16, false), (402, true), (404, true), (500, true)] {
            let rig = with_finding(place);
            if is_linked {
                rig.sync().exits(0);
            }
            let headers = json!({"X-Authentication-Denied-Reason": credentials(place)[0]});
            let action = json!({"status": {"status": status, "headers": headers, "body": echo(place)}});
            // Once there is an issue, who we are is told, and the issue is asked for.
            let path = if is_linked && place.tracker != "github" { "issue" } else { "" };
            rig.fault(&json!({"tracker": place.tracker, "path": path, "times": null, "action": action}));
            assert_nothing_came_back(&rig, place, status);
        }
    }
}

#[test]
fn an_error_beside_an_answer_tells_nobody_what_its_issue_holds() {
    let rig = with_finding(GITHUB);
    rig.sync().exits(0);
    let message = format!("`{TITLE}`: kestrel of Northwind");
    let errors = json!([{"type": "SERVICE", "path": ["nodes", 0], "message": message}]);
    let action = json!({"status": {"status": 200, "body": {"data": {"nodes": [null]}, "errors": errors}}});
    rig.fault(&json!({"tracker": "github", "path": "/graphql", "times": null, "action": action}));
    assert_nothing_came_back(&rig, GITHUB, 200);
    assert!(rig.sync().stdout.contains("(removed)"), "that something was said is told");
}

#[test]
fn commands_that_ask_for_one_thing_pass_the_same_door() {
    for (place, key) in [(GITHUB, "acme/payments#1"), (CLOUD, "PLAT-1"), (DATA_CENTER, "OPS-1")] {
        let rig = with_finding(place);
        rig.sync().exits(0);
        let action = json!({"status": {"status": 402, "body": echo(place)}});
        rig.fault(&json!({"tracker": place.tracker, "times": null, "action": action}));
        let commands: [&[&str]; 4] = [
            &["check", "--online"],
            &["plan"],
            &["explain", "PM-1/F1"],
            &["link", "adopt", "PM-1/F1", key, "--as", "eli"],
        ];
        for command in commands {
            let ran = rig.run(command);
            let told = (ran.stdout + &ran.stderr).replace(TITLE, "").to_lowercase();
            for secret in credentials(place) {
                assert!(!told.contains(&secret.to_lowercase()), "{command:?}: {told}");
            }
            for word in WORDS {
                assert!(!told.contains(word), "{command:?}: {word} in {told}");
            }
        }
    }
}

#[test]
fn a_refusal_of_a_read_is_understood_whatever_words_findings_have() {
    // Words by which answers are told apart: of a node that is not there, of limits, of deletions.
    let title =
        "Resolve the node of the global id, its version, abuse detection and deleted tenants per burst";
    let rig = with_finding(GITHUB);
    rig.edit("postmortems/pm-1.yaml", TITLE, &format!("\"{title}\""));
    rig.sync().exits(0);
    let message = "Could not resolve to a node with the global id of 'I_1'.";
    let errors = json!([{"path": ["nodes", 0], "message": message}]);
    let action = json!({"status": {"status": 200, "body": {"data": {"nodes": [null]}, "errors": errors}}});
    rig.fault(&json!({"tracker": "github", "path": "/graphql", "times": null, "action": action}));
    // Nothing is there by its node: it is read by its number.
    rig.quiet_sync(0);
}

#[test]
fn what_a_tracker_says_of_itself_is_still_told() {
    let rig = with_finding(CLOUD);
    let body = json!({"errors": {"summary": "The summary must be shorter than 10 characters."}});
    let action = json!({"status": {"status": 400, "body": body}});
    rig.fault(
        &json!({"tracker": "jira", "method": "POST", "path": CLOUD.create, "times": null, "action": action}),
    );
    let told = rig.sync();
    assert!(told.stdout.contains("must be shorter than 10 characters"), "{}", told.stdout);
}

#[test]
fn a_limit_is_told_from_a_refusal_though_the_finding_speaks_of_limits() {
    let rig = with_finding(GITHUB);
    rig.edit("postmortems/pm-1.yaml", TITLE, "Answer more than a secondary rate limit");
    let body = json!({"message": "You have exceeded a secondary rate limit. Please wait a few minutes."});
    let action = json!({"status": {"status": 403, "body": body}});
    rig.fault(&json!({"tracker": "github", "method": "POST", "path": GITHUB.create, "action": action}));
    let told = rig.sync();
    assert!(told.stdout.contains("asked to wait until"), "{}", told.stdout);
}
