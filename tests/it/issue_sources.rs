//! Issues of a GitHub repository as postmortems: what the configuration says, and their story with the real program.

use postmortem_sync::{
    model::{
        conventions::Conventions,
        ids::{PlaceName, SourceName, TrackerName},
        issue::IssueText,
        terms::Tlp,
    },
    settings::source::Contents,
    source::issues::read_issues,
};
use serde_json::{Value, json};

use super::{
    rig::Rig,
    settings::{BASE, CREATE, load, refused},
    trouble::{self, PARTIAL},
};

const FILES: &str = "files: [\"*.md\"]";

fn with_source(source: &str) -> String {
    format!("{}  - name: all\n{CREATE}", BASE.replace(FILES, source))
}

#[test]
fn a_source_of_issues_names_tracker_repository_and_label() {
    let main = with_source("issues: { tracker: github, repository: acme/postmortems, label: postmortem }");
    let settings = load(&main).unwrap();
    let source = &settings.sources[0];
    let expected = Contents::Issues {
        tracker: TrackerName::from("github"),
        repository: PlaceName::new("acme/postmortems"),
        label: "postmortem".to_owned(),
    };
    assert_eq!(source.contents, expected);
    let means = source.conventions.default_repository.as_deref();
    assert_eq!(means, Some("acme/postmortems"), "a bare `#12` means its own repository");
}

#[test]
fn a_source_of_issues_in_jira_names_tracker_and_query() {
    let settings =
        load(&with_source("issues: { tracker: jira, jql: \" project = PIR and labels = done \" }")).unwrap();
    let source = &settings.sources[0];
    let expected = Contents::Query {
        tracker: TrackerName::from("jira"),
        jql: "project = PIR and labels = done".to_owned(),
    };
    assert_eq!(source.contents, expected);
    assert_eq!(source.conventions.default_repository, None);
}

#[test]
fn a_tracker_that_only_a_source_uses_is_not_idle() {
    let source = "issues: { tracker: jira, repository: acme/postmortems, label: postmortem }";
    let noticed = load(&with_source(source)).unwrap_err();
    assert!(noticed.iter().all(|one| one.code != "unused_tracker"), "{noticed:?}");
}

#[test]
fn wrong_sources_of_issues_are_told_with_their_place() {
    for (source, told) in [
        (
            "issues: { tracker: githab, repository: acme/p, label: pm }",
            "main.yaml:4:38: there is no tracker `githab` | did you mean `github`?",
        ),
        (
            "issues: { tracker: jira, repository: acme/p, jql: project = PIR }",
            "main.yaml:4:44: `repository` is for a GitHub, and `jira` is of kind jira-cloud | say with `jql` which issues are write-ups, or name a GitHub",
        ),
        (
            "issues: { tracker: jira, label: pm, jql: project = PIR }",
            "main.yaml:4:44: `label` is for a GitHub, and `jira` is of kind jira-cloud | say with `jql` which issues are write-ups, or name a GitHub",
        ),
        (
            "issues: { tracker: jira }",
            "main.yaml:4:27: the issues of `jira` need a `jql` | name the query that finds every write-up, such as `jql: project = PIR and issuetype = \"Post-incident review\"`",
        ),
        (
            "issues: { tracker: jira, jql: \" order by created\" }",
            "main.yaml:4:49: the query finds every issue | name the query that finds every write-up, such as `jql: project = PIR and issuetype = \"Post-incident review\"`",
        ),
        (
            "issues: { tracker: github, repository: acme/p, label: pm, jql: project = PIR }",
            "main.yaml:4:77: `jql` is for a Jira, and `github` is of kind github | name `repository` and `label` instead, or a Jira",
        ),
        (
            "issues: { tracker: github, repository: acme/p }",
            "main.yaml:4:27: the issues of `github` need a `label` | name the label that every write-up carries, such as `postmortem`",
        ),
        (
            "issues: { tracker: github, label: pm }",
            "main.yaml:4:27: the issues of `github` need a `repository` | name the repository that they are in, as `owner/repository`",
        ),
        (
            "issues: { tracker: github, repository: p, label: pm }",
            "main.yaml:4:58: `p` is not a repository | write it as `owner/repository`",
        ),
        (
            "issues: { tracker: github, repository: acme/p, label: \"\" }",
            "main.yaml:4:73: the label is empty | name the label that every write-up carries, such as `postmortem`",
        ),
        (
            "issues: { tracker: github, repository: acme/p, label: pm }, files: [\"*.md\"]",
            "main.yaml:4:79: the source `docs` has both `issues` and `files` | make two sources of it",
        ),
        (
            "team: payments",
            "main.yaml:4:5: the source `docs` has neither `files` nor `issues` nor `confluence` | give it one: `files` are read from a folder, `issues` from a tracker, `confluence` from a wiki",
        ),
    ] {
        refused(&with_source(source), &[told]);
    }
}

const BODY: &str = "Card payments failed for two hours.\r\n\r\n## Action items\r\n\r\n- [ ] Alert on a falling success rate (@bo)\r\n- [ ] Rehearse the failover of the card gateway\r\n";

#[test]
fn an_issue_gives_what_its_text_does_not_say_and_one_that_is_too_long_spoils_no_other() {
    let issue = |number: usize, body: &str| IssueText {
        key: format!("acme/platform#{number}"),
        url: format!("https://github.example/acme/platform/issues/{number}"),
        title: "Card outage".to_owned(),
        body: body.to_owned(),
        ..IssueText::default()
    };
    let own = "---\ntitle: Its own title\nurl: https://wiki.example/1\n---\n# Another\n";
    let issues = [issue(1, "# A heading\n"), issue(2, own), issue(3, &"long ".repeat(100))];
    let read = read_issues(&SourceName::from("incidents"), &issues, 200, &Conventions::default());
    let told: Vec<(&str, Option<&str>)> = read
        .iter()
        .filter_map(|document| document.postmortem.known())
        .map(|postmortem| (postmortem.title.as_str(), postmortem.url.as_deref()))
        .collect();
    let given = Some("https://github.example/acme/platform/issues/1");
    assert_eq!(told, [("Card outage", given), ("Its own title", Some("https://wiki.example/1"))]);
    let refused = &read[2].diagnostics[0];
    assert_eq!((refused.path.as_str(), refused.code.as_str()), ("acme/platform#3", "too_large"));
    assert_eq!(refused.message, "the issue has 500 bytes, more than the 200 that are read");
}

/// A write-up in an issue of `acme/platform`, beside an issue that is none.
fn stage() -> Rig {
    let rig = trouble::stage();
    rig.edit(
        "postmortem-sync.yaml",
        "sources: [{ name: postmortems, files: [\"postmortems/*\"] }]",
        "sources: [{ name: incidents, team: payments, issues: { tracker: github, repository: acme/platform, label: postmortem } }]",
    );
    for (title, labels) in [("Card outage", json!(["postmortem"])), ("Tidy the build", json!([]))] {
        rig.control(
            "POST",
            "/act",
            &json!({"as": "dara", "tracker": "github", "repo": "acme/platform", "do": "open_issue", "title": title, "body": BODY, "labels": labels}),
        );
    }
    rig
}

fn made(rig: &Rig) -> Vec<Value> {
    rig.issues().into_iter().filter(|issue| issue["place"] == "acme/payments").collect()
}

#[test]
fn actions_in_an_issue_become_issues_elsewhere_and_stay_what_they_are() {
    let rig = stage();
    let checked = rig.run(&["check"]).exits(0).stderr;
    assert!(checked.contains("add `--online`"), "{checked}");
    let checked = rig.run(&["check", "--online"]).stdout;
    assert!(checked.contains("1 document with 2 findings"), "{checked}");
    rig.sync().exits(0);
    let issues = made(&rig);
    assert_eq!(issues.len(), 2, "{issues:?}");
    assert_eq!(issues[0]["assignees"], json!(["bo"]));
    let shown = rig.json(&["finding", "list", "--all"]);
    let stated = &shown[0]["stated"];
    assert_eq!(stated["path"], "acme/platform#1");
    assert_eq!(stated["postmortem_title"], "Card outage");
    assert_eq!(stated["line"], 5);
    rig.quiet_sync(0);
    let keys = |rig: &Rig| {
        let all = rig.json(&["finding", "list", "--all"]);
        all.as_array().unwrap().iter().map(|one| one["key"].clone()).collect::<Vec<_>>()
    };
    let before = keys(&rig);
    rig.act("dara", "acme/platform#1", json!({"do": "edit_title", "title": "Card outage of September"}));
    let body = BODY.replace("[ ] Rehearse", "[x] Rehearse");
    rig.act("dara", "acme/platform#1", json!({"do": "edit_body", "body": body}));
    rig.sync().exits(0);
    assert_eq!(keys(&rig), before, "a new title changes no key");
    let state = rig.json(&["finding", "show", before[1].as_str().unwrap()])["finding"]["state"].clone();
    assert_eq!(state, "pending_verification", "a tick is a claim");
    assert_eq!(made(&rig).len(), 2);
}

#[test]
fn a_list_that_cannot_be_read_or_is_empty_changes_nothing() {
    let rig = stage();
    rig.sync().exits(0);
    rig.fault(&json!({"tracker": "github", "path": "/repos/acme/platform/issues", "times": 9, "action": {"status": {"status": 503}}}));
    let outcome = rig.quiet_sync(PARTIAL).json();
    assert!(outcome.to_string().contains("the issues of `acme/platform` cannot be listed"), "{outcome}");
    rig.control("DELETE", "/faults", &Value::Null);
    rig.act("dara", "acme/platform#1", json!({"do": "unlabel", "label": "postmortem"}));
    let outcome = rig.quiet_sync(PARTIAL).json();
    assert!(outcome.to_string().contains("carries the label `postmortem`"), "{outcome}");
    assert!(made(&rig).iter().all(|issue| issue["state"] == "open"));
    rig.act("dara", "acme/platform#1", json!({"do": "label", "label": "postmortem"}));
    rig.quiet_sync(0);
}

#[test]
fn what_needs_the_documents_reads_them_there_and_writes_nothing_into_them() {
    let rig = stage();
    rig.sync().exits(0);
    rig.act(
        "dara",
        "acme/platform#1",
        json!({"do": "edit_body", "body": format!("{BODY}\r\n## Follow-up\r\n\r\nWe should page the second team as well.\r\n")}),
    );
    let waiting = rig.json(&["intake", "list"]);
    assert_eq!(waiting[0]["path"], "acme/platform#1", "{waiting}");
    rig.forget();
    let told = rig.run(&["intake", "write-ids"]).exits(0).stdout;
    assert!(told.contains("nothing to write"), "{told}");
    assert_eq!(rig.writes(), Vec::<String>::new());
}

/// The class of an issue with this text and these labels, and whether one of them is not understood.
fn class(body: &str, labels: &[&str]) -> (Tlp, bool) {
    let issue = IssueText {
        key: "acme/platform#1".to_owned(),
        url: String::new(),
        title: "Card outage".to_owned(),
        body: body.to_owned(),
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
        ..IssueText::default()
    };
    let read =
        read_issues(&SourceName::from("incidents"), &[issue], 1 << 20, &Conventions::default()).remove(0);
    let is_unclear = read.diagnostics.iter().any(|told| told.code == "unknown_tlp");
    (read.postmortem.known().unwrap().tlp, is_unclear)
}

#[test]
fn a_label_that_is_a_mark_is_one() {
    for (label, tlp) in [
        ("TLP:RED", Tlp::Red),
        ("tlp-red", Tlp::Red),
        ("tlp_red", Tlp::Red),
        ("TLP: Red", Tlp::Red),
        ("TLP::RED", Tlp::Red),
        ("tlp/red", Tlp::Red),
        ("TLPRED", Tlp::Red),
        ("\u{1f534} TLP:RED", Tlp::Red),
        ("class/TLP:RED", Tlp::Red),
        ("tlp-amber-strict", Tlp::AmberStrict),
        ("TLP:AMBER+STRICT", Tlp::AmberStrict),
        ("tlp-amber", Tlp::Amber),
        ("tlp-green", Tlp::Green),
        ("TLP:CLEAR", Tlp::Clear),
        ("strictly-confidential", Tlp::Red),
        ("Strictly Confidential", Tlp::Red),
        ("classification: strictly confidential", Tlp::Red),
        ("classification/red", Tlp::Red),
        ("classification=restricted", Tlp::Red),
        ("streng vertraulich", Tlp::Red),
    ] {
        assert_eq!(class(BODY, &["postmortem", label]), (tlp, false), "{label}");
    }
    for label in ["tlp:purple", "TLP: ultra", "classification: zebra"] {
        assert_eq!(class(BODY, &[label]), (Tlp::Red, true), "{label}");
    }
    for label in [
        "postmortem",
        "red",
        "green",
        "tlp",
        "help wanted",
        "classification-needed",
        "area/internal-tools",
        "bug",
    ] {
        assert_eq!(class(BODY, &[label]), (Tlp::Amber, false), "{label}");
    }
}

#[test]
fn the_strictest_of_labels_and_text_counts() {
    let marked = |mark: &str| format!("{mark}\n\n{BODY}");
    for (body, labels, tlp) in [
        (marked("TLP:GREEN"), vec!["TLP:RED"], Tlp::Red),
        (marked("TLP:RED"), vec!["tlp-green"], Tlp::Red),
        (BODY.to_owned(), vec!["tlp-green", "tlp-red"], Tlp::Red),
        (format!("---\ntlp: CLEAR\n---\n{BODY}"), vec!["TLP:AMBER"], Tlp::Amber),
    ] {
        assert_eq!(class(&body, &labels).0, tlp, "{labels:?} {body}");
    }
}

#[test]
fn nothing_of_an_issue_that_is_labelled_red_leaves_and_taking_the_label_off_waits_for_a_reviewer() {
    let rig = stage();
    rig.act("dara", "acme/platform#1", json!({"do": "label", "label": "TLP:RED"}));
    rig.sync();
    assert_eq!(made(&rig), Vec::<Value>::new());
    assert_eq!(rig.json(&["finding", "list", "--all"])[0]["stated"]["tlp"], "RED");
    rig.act("dara", "acme/platform#1", json!({"do": "unlabel", "label": "TLP:RED"}));
    let outcome = rig.sync().json();
    assert_eq!(made(&rig), Vec::<Value>::new(), "whoever may label must not be able to make it leave");
    assert!(
        outcome.to_string().contains("acme/platform#1 says TLP:AMBER now, and it stays TLP:RED"),
        "{outcome}"
    );
}
