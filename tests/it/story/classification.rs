//! What may leave the register, and where to.

use serde_json::{Value, json};

use super::{super::rig::Rig, HELD, finding, issue_of, notes, stage};

const TOKEN: &str = "CANARYREDTOKEN";

#[test]
fn red_never_leaves_the_register() {
    let rig = stage();
    let outcome = rig.sync().exits(HELD).json();
    rig.run(&["plan"]).exits(0);
    rig.run(&["explain", "PM-2026-105/F1"]).exits(0);
    rig.run(&["check", "--online"]);
    rig.sync().exits(HELD);
    assert_never_sent(&rig, TOKEN);
    assert_eq!(finding(&rig, "PM-2026-105/F1")["state"], "open", "it is followed up all the same");
    assert!(is_held(&outcome, "PM-2026-105/F1", "TLP:RED never leaves the register"));
}

#[test]
fn a_document_that_turns_red_later_sends_nothing_more() {
    let rig = stage();
    rig.sync().exits(HELD);
    let before = rig.issue(&issue_of(&rig, "PM-2026-101/F1"));
    rig.edit("strict/PM-2026-101.yaml", "tlp: AMBER", "tlp: RED");
    rig.edit(
        "strict/PM-2026-101.yaml",
        "Mask secrets in every build log",
        &format!("Mask what {TOKEN} said"),
    );
    let outcome = rig.quiet_sync(HELD).json();
    assert_never_sent(&rig, TOKEN);
    assert_eq!(rig.issue(&issue_of(&rig, "PM-2026-101/F1")), before);
    assert!(is_held(&outcome, "PM-2026-101/F1", "TLP:RED"));
    rig.act("ana", &issue_of(&rig, "PM-2026-101/F1"), json!({"do": "close", "reason": "completed"}));
    rig.sync().exits(HELD);
    rig.run(&["finding", "reject", "PM-2026-101/F1", "--reason", TOKEN, "--as", "eli"]).exits(0);
    rig.sync().exits(HELD);
    assert_eq!(rig.issue(&issue_of(&rig, "PM-2026-101/F1"))["state"], "open", "its status goes on");
    assert_never_sent(&rig, TOKEN);
    rig.quiet_sync(HELD);
}

#[test]
fn a_public_repository_gets_nothing_above_clear() {
    let rig = stage();
    rig.control(
        "POST",
        "/act",
        &json!({"as": "ana", "tracker": "github", "repo": "acme/website",
        "do": "set_permission", "login": "acme-bot", "permission": "push"}),
    );
    let outcome = rig.sync().exits(HELD).json();
    assert!(is_held(
        &outcome,
        "PM-2026-104/F1",
        "acme/website can be read by everybody, and the finding is TLP:GREEN"
    ));
    let text = rig.run(&["sync"]).exits(HELD).stdout;
    assert!(text.contains("acme/website can be read by everybody"), "{text}");
    assert!(rig.log().iter().all(|entry| !entry["request"].to_string().contains("preview pages")));
    rig.edit("strict/PM-2026-104.yaml", "tlp: GREEN", "tlp: CLEAR");
    rig.sync().exits(HELD);
    rig.run(&["finding", "classify", "PM-2026-104/F1", "--tlp", "CLEAR", "--as", "eli"]).exits(0);
    rig.sync().exits(HELD);
    assert_eq!(issue_of(&rig, "PM-2026-104/F1"), "acme/website#1", "what is CLEAR may go there");
}

#[test]
fn a_repository_that_becomes_public_gets_nothing_more() {
    let rig = stage();
    rig.control(
        "POST",
        "/act",
        &json!({"as": "ana", "tracker": "github", "repo": "acme/payments",
        "do": "set_visibility", "private": false}),
    );
    let outcome = rig.sync().exits(HELD).json();
    assert!(is_held(&outcome, "PM-2026-101/F1", "acme/payments can be read by everybody"));
    let created = rig.issues().iter().filter(|issue| issue["place"] == "acme/payments").count();
    assert_eq!(created, 0);
}

#[test]
fn a_repository_that_becomes_public_after_the_plan_was_made_gets_nothing() {
    let rig = stage();
    rig.run(&["plan", "--out", "plan.json"]).exits(0);
    let publish = json!({"as": "ana", "tracker": "github", "repo": "acme/payments",
        "do": "set_visibility", "private": false});
    rig.control("POST", "/act", &publish);
    // What the plan would create is held now, so that it is stale: the exit code says that it was not done.
    let outcome = rig.run(&["apply", "plan.json", "--format", "json"]).exits(3).json();
    assert!(is_held(&outcome, "PM-2026-101/F1", "acme/payments can be read by everybody"), "{outcome}");
    let created = rig.issues().iter().filter(|issue| issue["place"] == "acme/payments").count();
    assert_eq!(created, 0);
}

#[test]
fn an_issue_in_a_repository_that_became_public_gets_no_more_text_and_is_reported() {
    let rig = stage();
    rig.sync().exits(HELD);
    let (key, issue) = ("PM-2026-101/F1", issue_of(&rig, "PM-2026-101/F1"));
    rig.act("ana", &issue, json!({"do": "close", "reason": "completed"}));
    rig.sync().exits(HELD);
    let publish = |private| {
        json!({"as": "ana", "tracker": "github", "repo": "acme/payments",
            "do": "set_visibility", "private": private})
    };
    rig.control("POST", "/act", &publish(false));
    let before = rig.issue(&issue)["body"].clone();
    rig.edit(
        "strict/PM-2026-101.yaml",
        "Mask secrets in every build log",
        &format!("Mask what {TOKEN} said"),
    );
    rig.run(&["finding", "reject", key, "--reason", TOKEN, "--as", "eli"]).exits(0);
    let outcome = rig.sync().exits(HELD).json();
    assert_never_sent(&rig, TOKEN);
    assert_eq!(rig.issue(&issue)["body"], before);
    assert_eq!(rig.issue(&issue)["state"], "open", "its status goes on");
    let told = notes(&outcome, key);
    assert!(told.iter().any(|(kind, why)| kind == "exposed" && why.contains(&issue)), "{told:?}");
    let report = rig.run(&["report", "--format", "markdown"]).exits(0).stdout;
    assert!(report.contains("acme/payments can be read by everybody"), "{report}");
    rig.control("POST", "/act", &publish(true));
    let healed = rig.sync().exits(HELD).json();
    assert!(notes(&healed, key).iter().all(|(kind, _)| kind != "exposed"), "{:?}", notes(&healed, key));
    assert!(rig.issue(&issue)["body"].to_string().contains(TOKEN), "what waited is said now");
}

/// A write-up whose text shows a class.
fn marked(mark: &str) -> String {
    format!(
        "---\nid: PM-2026-301\ntitle: Keys leaked\nteam: payments\nseverity: high\n---\n\n# Keys leaked\n\n{mark}\n\n\
         ## Action items\n\n- Rotate {TOKEN} keys\n"
    )
}

/// A stage with one more source: write-ups in Markdown.
fn with_marked(mark: &str) -> Rig {
    let rig = stage();
    let config = super::CONFIG.replace("@WRITEUPS@", "  - { name: marked, files: [\"marked/*.md\"] }\n");
    rig.configure(&config);
    rig.write("marked/keys.md", &marked(mark));
    rig
}

#[test]
fn red_in_the_text_of_a_write_up_never_leaves() {
    let rig = with_marked("**TLP:RED**");
    let outcome = rig.sync().exits(HELD).json();
    assert!(is_held(&outcome, "PM-2026-301/F1", "TLP:RED never leaves the register"));
    assert_never_sent(&rig, TOKEN);
}

#[test]
fn a_mark_that_is_taken_out_lets_nothing_out_until_a_reviewer_approves() {
    let key = "PM-2026-301/F1";
    let rig = with_marked("**TLP:RED**");
    rig.sync().exits(HELD);
    rig.write("marked/keys.md", &marked(""));
    for _ in 0..2 {
        let outcome = rig.sync().exits(HELD).json();
        assert!(
            is_held(&outcome, key, "marked/keys.md says TLP:AMBER now, and it stays TLP:RED"),
            "{outcome}"
        );
        assert!(is_held(&outcome, key, "finding classify KEY --tlp AMBER --as REVIEWER"));
    }
    rig.run(&["finding", "classify", key, "--tlp", "AMBER", "--as", "ana"]).exits(6);
    rig.run(&["intake", "approve", "PM-2026-301", "--as", "ana"]).exits(6);
    // Other words, another place and another id for the same thing are no way out.
    rig.write(
        "marked/keys.md",
        &marked("").replace("id: PM-2026-301\n", "").replace("Rotate", "Replace the"),
    );
    rig.sync().exits(HELD);
    rig.write("marked/keys.md", "# Elsewhere\n\nNothing.\n\n## Action items\n\n- None\n");
    rig.write("marked/other.md", &marked("").replace("PM-2026-301", "PM-2026-302"));
    rig.sync().exits(HELD);
    assert_never_sent(&rig, TOKEN);
    rig.run(&["intake", "approve", "PM-2026-301", "--as", "ana"]).exits(6);
}

#[test]
fn what_a_reviewer_approved_leaves_and_stays_so_until_its_document_is_stricter() {
    let key = "PM-2026-301/F1";
    let rig = with_marked("**TLP:RED**");
    rig.sync().exits(HELD);
    rig.write("marked/keys.md", &marked(""));
    rig.sync().exits(HELD);
    assert_never_sent(&rig, TOKEN);
    rig.run(&["intake", "approve", "PM-2026-301", "--as", "eli"]).exits(0);
    let outcome = rig.sync().exits(HELD).json();
    assert!(!notes(&outcome, key).iter().any(|(kind, _)| kind == "held"), "{:?}", notes(&outcome, key));
    let issue = issue_of(&rig, key);
    assert!(rig.issue(&issue)["title"].to_string().contains(TOKEN));
    let history = rig.run(&["audit", "show", key, "--format", "json"]).exits(0).stdout;
    assert!(history.contains("class_approved") && history.contains("\"eli\""), "{history}");
    rig.quiet_sync(HELD);
    rig.write("marked/keys.md", &marked("Classification: strictly confidential"));
    let outcome = rig.quiet_sync(HELD).json();
    assert!(is_held(&outcome, key, "TLP:RED"), "{outcome}");
}

/// Whether a cycle holds a finding for this reason.
fn is_held(outcome: &Value, key: &str, reason: &str) -> bool {
    let told = notes(outcome, key);
    assert!(!told.is_empty(), "nothing is said about {key}");
    told.iter().any(|(kind, why)| kind == "held" && why.contains(reason))
}

/// Fails if a text is in any request, answer or page of a tracker.
#[track_caller]
fn assert_never_sent(rig: &Rig, text: &str) {
    let log = rig.log();
    assert!(!log.is_empty());
    for entry in log {
        assert!(!entry.to_string().contains(text), "{entry}");
    }
    assert!(!rig.state().to_string().contains(text));
}
