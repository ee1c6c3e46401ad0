//! The last look at what is sent, and what machines are handed: whatever a plan says, and whatever a document brings.

use std::collections::BTreeSet;

use data_encoding::HEXLOWER;
use postmortem_sync::{
    model::issue::{Change, Edit},
    plan::outgoing::{clean, judge_edit},
    review::inert::{escaped_json, is_harmful, without_harm},
};
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{rig::Rig, story::stage, surroundings::cases};

/// What we put in ourselves, to break what trackers react to.
const BREAK: char = '\u{2060}';

/// What a forger would like to see in a tracker.
fn secret() -> String {
    format!("ghp{}{}", "_", "a1B2".repeat(9))
}

/// Writes a plan that says what somebody else wants, with a hash that fits.
fn forge(rig: &Rig, change: impl Fn(&mut Value)) {
    rig.run(&["plan", "--out", "plan.json"]).exits(0);
    let mut plan: Value = serde_json::from_str(&rig.read("plan.json")).unwrap();
    change(&mut plan);
    plan["hash"] = json!("");
    let hash = HEXLOWER.encode(&Sha256::digest(plan.to_string().trim().as_bytes()));
    plan["hash"] = json!(hash);
    rig.write("plan.json", &plan.to_string());
}

fn drafts(plan: &mut Value) -> Vec<&mut Value> {
    let actions = plan["plan"]["actions"].as_array_mut().unwrap();
    actions.iter_mut().filter_map(|action| action.get_mut("draft")).collect()
}

#[test]
fn a_forged_plan_gets_no_credential_into_a_tracker() {
    for part in ["title", "body", "labels"] {
        let rig = stage();
        forge(&rig, |plan| {
            for draft in drafts(plan) {
                draft[part] =
                    if part == "labels" { json!([secret()]) } else { json!(format!("see {}", secret())) };
            }
        });
        rig.forget();
        let ran = rig.run(&["apply", "plan.json"]);
        assert!(!format!("{:?}", rig.log()).contains(&secret()), "{part}: it was sent");
        assert!(!(ran.stdout + &ran.stderr).contains(&secret()), "{part}");
    }
}

#[test]
fn a_forged_plan_gets_no_hidden_character_into_a_tracker() {
    let rig = stage();
    forge(&rig, |plan| {
        for draft in drafts(plan) {
            draft["title"] = json!("Ro\u{202E}tate\u{200B} it\u{7}");
        }
    });
    rig.forget();
    rig.run(&["apply", "plan.json"]);
    for entry in rig.log() {
        let text = entry["request"].to_string();
        assert!(!text.contains(['\u{202E}', '\u{200B}', '\u{7}']), "{text}");
    }
}

#[test]
fn an_edit_loses_what_must_not_be_sent_and_keeps_the_rest() {
    let mut edit = Edit {
        block: Some(Change { from: String::new(), to: format!("use {}", secret()) }),
        comment: Some("please\u{200B} look".to_owned()),
        add_labels: BTreeSet::from(["overdue".to_owned()]),
        ..Edit::default()
    };
    let why = judge_edit(&mut edit).unwrap_err();
    assert!(why.contains("a GitHub token") && !why.contains(&secret()), "{why}");
    assert_eq!(edit.block, None);
    assert_eq!(edit.comment.as_deref(), Some("please look"));
    assert_eq!(edit.add_labels.len(), 1);
}

#[test]
fn what_documents_hide_reaches_neither_trackers_nor_machines_as_it_is() {
    let rig = stage();
    // As escapes: a reader of YAML takes no controls.
    let odd = "Mask\\u202E the\\u200B \\x9Bkeys\\U000E0041\\uFEFF well";
    let text = format!(
        "format: postmortem/1\nid: PM-77\ntitle: \"In\\u2066cident\"\nincident: {{ severity: high }}\ntlp: GREEN\nfindings:\n  \
         - {{ id: F1, title: \"{odd}\", class: technical_lapse, team: payments, owner: \"a\\u202Ena\" }}\n"
    );
    rig.write("strict/pm-77.yaml", &text);
    let mut printed = vec![rig.sync().stdout];
    for command in [
        &["plan"][..],
        &["finding", "list"],
        &["report"],
        &["audit", "show"],
        &["check"],
        &["explain", "PM-77/F1"],
    ] {
        printed.push(rig.run(&[command, &["--format", "json"]].concat()).stdout);
    }
    for text in &printed {
        let odd = text.chars().find(|c| is_harmful(*c) && *c != '\n');
        assert_eq!(odd, None, "{text}");
        let _: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    }
    for entry in rig.log() {
        let request = entry["request"].to_string();
        assert!(!request.contains(['\u{202E}', '\u{200B}', '\u{9B}', '\u{E0041}', '\u{FEFF}']), "{request}");
    }
    let titles: Vec<String> = rig.issues().iter().map(|issue| issue["title"].to_string()).collect();
    assert!(titles.iter().any(|title| title.contains("Mask the keys well")), "{titles:?}");
}

proptest! {
    #![proptest_config(cases(1000))]

    #[test]
    fn json_means_the_same_and_shows_nothing_that_acts(text in any::<String>(), key in any::<String>()) {
        let value = json!({ key: [text, "\u{202E}\u{200B}\u{E0041}\u{9F}"] });
        for written in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
            let safe = escaped_json(&written);
            prop_assert!(!safe.chars().any(|c| is_harmful(c) && c != '\n'), "{:?}", safe);
            prop_assert_eq!(&serde_json::from_str::<Value>(&safe).unwrap(), &value);
        }
    }

    #[test]
    fn a_clean_text_acts_on_nobody(text in any::<String>()) {
        let is_odd = |c: char| is_harmful(c) && !matches!(c, '\n' | '\t' | '\r' | BREAK);
        let shown = clean(&text);
        prop_assert!(!shown.contains(is_odd), "{:?}", shown);
        prop_assert_eq!(clean(&clean(&text)), clean(&text));
        let without = without_harm(&text);
        prop_assert!(!without.contains(|c| is_odd(c) || c == BREAK), "{:?}", without);
    }
}
