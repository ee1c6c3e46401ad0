//! Issues of a Jira as postmortems, in Cloud and in Data Center: their story with the real program.

use serde_json::{Value, json};

use super::{
    rig::Rig,
    trouble::{self, PARTIAL},
};

/// An edition as configuration and sandbox call it: the tracker's name, the sandbox's, and a project with another one.
struct Edition {
    name: &'static str,
    tracker: &'static str,
    project: &'static str,
    is_cloud: bool,
}

const EDITIONS: [Edition; 2] = [
    Edition { name: "jira", tracker: "jira", project: "PIR", is_cloud: true },
    Edition { name: "ops", tracker: "jira_dc", project: "PIR", is_cloud: false },
];

const ANA: &str = "5b10a2844c20165700ed1002";

/// A description with three actions, of which one may be done.
fn body(edition: &Edition, second: &str, is_done: bool) -> Value {
    if !edition.is_cloud {
        let sign = if is_done { "(/)" } else { "" };
        return json!(format!(
            "Card payments failed for two hours.\r\n\r\nh2. Action items\r\n||Action||Owner||Done||\r\n|Alert on a falling success rate|[~ana]|{sign}|\r\n|{second}| | |\r\n|Throttle failed logins|[~bo]| |\r\n"
        ));
    }
    let text = |text: &str| json!({"type": "text", "text": text});
    let mention = |id: &str| json!({"type": "mention", "attrs": {"id": id, "text": "@Somebody"}});
    let task = |state: &str, content: Vec<Value>| json!({"type": "taskItem", "attrs": {"localId": "1", "state": state}, "content": content});
    let state = if is_done { "DONE" } else { "TODO" };
    json!({"type": "doc", "version": 1, "content": [
        {"type": "paragraph", "content": [text("Card payments failed for two hours.")]},
        {"type": "heading", "attrs": {"level": 2}, "content": [text("Action items")]},
        {"type": "taskList", "attrs": {"localId": "0"}, "content": [
            task(state, vec![text("Alert on a falling success rate "), mention(ANA)]),
            task("TODO", vec![text(second)]),
            task("TODO", vec![text("Throttle failed logins "), mention("5b10a2844c20165700ed1003")]),
        ]},
    ]})
}

impl Edition {
    fn open(&self, rig: &Rig, title: &str, body: &Value, labels: &[&str]) {
        let deed = json!({"as": "dara", "tracker": self.tracker, "project": self.project, "do": "open_issue", "title": title, "body": body, "labels": labels});
        rig.control("POST", "/act", &deed);
    }

    fn act(&self, rig: &Rig, key: &str, deed: &Value) {
        let mut whole = json!({"as": "dara", "tracker": self.tracker, "issue": key});
        whole.as_object_mut().unwrap().extend(deed.as_object().unwrap().clone());
        rig.control("POST", "/act", &whole);
    }
}

/// Two write-ups in a project of their own, beside an issue that is none; actions go to a GitHub.
fn stage(edition: &Edition) -> Rig {
    let rig = trouble::stage();
    let source = format!(
        "sources: [{{ name: incidents, team: payments, issues: {{ tracker: {}, jql: labels = pir ORDER BY created }} }}]",
        edition.name
    );
    rig.edit("postmortem-sync.yaml", "sources: [{ name: postmortems, files: [\"postmortems/*\"] }]", &source);
    let projects = json!([{"key": "PIR"}, {"key": "ARCH"}]);
    rig.control("POST", "/world/add", &json!({edition.tracker: {"projects": projects}}));
    edition.open(&rig, "Card outage", &body(edition, "Rehearse the failover", false), &["pir"]);
    edition.open(&rig, "Tidy the build", &body(edition, "Delete the old jobs", false), &[]);
    edition.open(&rig, "Nothing to do", &Value::Null, &["pir"]);
    rig
}

fn made(rig: &Rig) -> Vec<Value> {
    rig.issues().into_iter().filter(|issue| issue["place"] == "acme/payments").collect()
}

fn findings(rig: &Rig) -> Vec<Value> {
    rig.json(&["finding", "list", "--all"]).as_array().unwrap().clone()
}

fn keys(rig: &Rig) -> Vec<String> {
    findings(rig).iter().map(|one| one["key"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn actions_in_an_issue_become_issues_elsewhere_and_stay_what_they_are() {
    for edition in &EDITIONS {
        let rig = stage(edition);
        let checked = rig.run(&["check"]).exits(0).stderr;
        assert!(checked.contains("add `--online`"), "{checked}");
        let checked = rig.run(&["check", "--online"]).stdout;
        assert!(checked.contains("2 documents with 3 findings"), "{checked}");
        rig.sync().exits(0);
        let issues = made(&rig);
        let titles: Vec<&str> = issues.iter().map(trouble::title_of).collect();
        assert_eq!(titles.len(), 3, "{titles:?}");
        assert_eq!(issues[0]["assignees"], json!(["ana"]), "a mention is who the directory says it is");
        let shown = findings(&rig);
        let stated = &shown[0]["stated"];
        assert!(stated["path"].as_str().unwrap().starts_with("issue-1"), "{stated}");
        assert_eq!(
            (&stated["postmortem"], &stated["postmortem_title"]),
            (&json!("PIR-1"), &json!("Card outage"))
        );
        rig.quiet_sync(0);

        // Edited: another title, a tick, another wording; closed, which says nothing of the findings.
        let before = keys(&rig);
        edition.act(&rig, "PIR-1", &json!({"do": "edit_title", "title": "Card outage of September"}));
        let edited = body(edition, "Rehearse the failover of the gateway", true);
        edition.act(&rig, "PIR-1", &json!({"do": "edit_body", "body": edited}));
        edition.act(&rig, "PIR-1", &json!({"do": "close"}));
        rig.sync().exits(0);
        assert_eq!(keys(&rig), before, "no key changes");
        let states: Vec<Value> = findings(&rig).iter().map(|one| one["state"].clone()).collect();
        assert_eq!(
            states,
            ["pending_verification", "open", "open"],
            "a tick is a claim, a closed issue is none"
        );
        assert_eq!(made(&rig).len(), 3);

        // Moved to another project, where it has another key, and reworded before anybody looks: the write-up stays the same,
        // so do the findings that it still lists, and what it does not list any more is flagged beside what is new.
        edition.act(&rig, "PIR-1", &json!({"do": "move", "to": "ARCH"}));
        let moved = body(edition, "Practise switching the whole gateway over", true);
        edition.act(&rig, "ARCH-1", &json!({"do": "edit_body", "body": moved}));
        rig.sync().exits(0);
        let all = findings(&rig);
        let missing: Vec<bool> = all.iter().map(|one| one["source_missing"] == true).collect();
        assert_eq!(missing, [false, true, false, false], "{all:#?}");
        assert!(all.iter().all(|one| one["stated"]["postmortem"] == "PIR-1"), "{all:#?}");
        assert!(all[0]["stated"]["postmortem_url"].as_str().unwrap().ends_with("/browse/ARCH-1"), "{all:#?}");

        // Deleted: its findings are flagged, and their issues stay.
        edition.act(&rig, "ARCH-1", &json!({"do": "delete"}));
        rig.sync();
        assert!(findings(&rig).iter().all(|one| one["source_missing"] == true));
        let states: Vec<Value> = made(&rig).iter().map(|issue| issue["state"].clone()).collect();
        assert_eq!(
            states[1..],
            ["open", "open", "open"],
            "what was claimed done was closed, and nothing else"
        );
    }
}

#[test]
fn issues_that_we_made_in_the_same_project_are_no_documents() {
    for edition in &EDITIONS {
        let rig = stage(edition);
        rig.edit("postmortem-sync.yaml", "jql: labels = pir ORDER BY created", "jql: project = PIR");
        let (rule, other) =
            if edition.is_cloud { ("project: PLAT", "platform") } else { ("project: OPS", "operations") };
        rig.edit("postmortem-sync.yaml", rule, "project: PIR");
        rig.edit(
            "postmortem-sync.yaml",
            "name: incidents, team: payments",
            &format!("name: incidents, team: {other}"),
        );
        rig.sync().exits(0);
        let in_project = |rig: &Rig| rig.issues().iter().filter(|issue| issue["place"] == "PIR").count();
        assert_eq!(in_project(&rig), 3 + 6);
        rig.quiet_sync(0);
        assert_eq!(findings(&rig).len(), 6, "nothing feeds on itself");
        let checked = rig.run(&["check", "--online"]).stdout;
        assert!(checked.contains("3 documents with 6 findings"), "{checked}");
    }
}

#[test]
fn a_list_that_cannot_be_read_is_empty_or_makes_no_sense_changes_nothing() {
    for edition in &EDITIONS {
        let rig = stage(edition);
        rig.sync().exits(0);
        let path = if edition.is_cloud { "/search/jql" } else { "/rest/api/2/search" };
        rig.fault(&json!({"tracker": edition.tracker, "path": path, "times": 9, "action": {"status": {"status": 503}}}));
        let outcome = rig.quiet_sync(PARTIAL).json();
        assert!(outcome.to_string().contains("cannot be listed"), "{outcome}");
        trouble::heal(&rig);
        for key in ["PIR-1", "PIR-3"] {
            edition.act(&rig, key, &json!({"do": "unlabel", "label": "pir"}));
        }
        let outcome = rig.quiet_sync(PARTIAL).json();
        assert!(
            outcome.to_string().contains("no issue is found by `labels = pir ORDER BY created`"),
            "{outcome}"
        );
        rig.edit("postmortem-sync.yaml", "jql: labels = pir ORDER BY created", "jql: sprint = 7");
        let outcome = rig.quiet_sync(PARTIAL).json();
        assert!(
            outcome.to_string().contains("does not exist or you do not have permission to view it"),
            "{outcome}"
        );
        let checked = rig.run(&["check", "--online"]).stderr;
        assert!(
            checked.contains("Field 'sprint' does not exist")
                && checked.contains("correct `jql` of this source"),
            "{checked}"
        );
        assert!(made(&rig).iter().all(|issue| issue["state"] == "open"));
        assert!(findings(&rig).iter().all(|one| one["source_missing"] != true));
    }
}

#[test]
fn nothing_of_an_issue_with_a_security_level_or_a_red_label_leaves() {
    for edition in &EDITIONS {
        for (deed, undo) in [
            (
                json!({"do": "set_security", "level": "Security team"}),
                json!({"do": "set_security", "level": null}),
            ),
            (json!({"do": "label", "label": "TLP-RED"}), json!({"do": "unlabel", "label": "TLP-RED"})),
        ] {
            let rig = stage(edition);
            edition.act(&rig, "PIR-1", &deed);
            rig.sync();
            assert_eq!(made(&rig), Vec::<Value>::new());
            assert_eq!(findings(&rig)[0]["stated"]["tlp"], "RED");
            edition.act(&rig, "PIR-1", &undo);
            let outcome = rig.sync().json();
            assert_eq!(made(&rig), Vec::<Value>::new(), "whoever may edit must not be able to make it leave");
            assert!(outcome.to_string().contains("says TLP:AMBER now, and it stays TLP:RED"), "{outcome}");
        }
    }
}
