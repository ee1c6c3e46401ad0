//! Owners and teams as documents write them.

use serde_json::{Value, json};

use super::super::{
    rig::Rig,
    story::{HELD, notes, stage},
};

const PEOPLE: &str = "\
teams:
  - { name: site reliability, aliases: [SRE, \"@acme/sre\"], members: [chen], default: dara }
ana:
  { name: Ana Ruíz, email: ana.ruiz@acme.example, aliases: [Anita], github: ana, jira: 5b10a2844c20165700ed1002, team: payments }
bo: { name: Bo Lindqvist, github: bo, jira: 5b10a2844c20165700ed1003, team: payments }
chen: { name: Chen Wei, github: chen, jira: 5b10a2844c20165700ed1004, team: platform }
dara: { name: Dara Okafor, github: dara, jira: 5b10a2844c20165700ed1005, team: operations }
eli: { name: Eli Novak, team: website, reviewer: true }
kim-1: { name: Kim Park, github: kim-one }
kim-2: { name: Kim Park, github: kim-two }
";

/// A write-up whose actions are owned as given, after a cycle.
fn owned(owners: &[&str]) -> Rig {
    let actions = owners
        .iter()
        .enumerate()
        .map(|(n, owner)| format!("| Rotate key number {n} of the gateway | {owner} |\n"));
    written(&format!("| Action | Owner |\n|---|---|\n{}", actions.collect::<String>()))
}

/// A write-up with these actions, after a cycle.
fn written(actions: &str) -> Rig {
    let rig = stage();
    rig.write("people.yaml", PEOPLE);
    rig.edit("postmortem-sync.yaml", "\"strict/*.json\"", "\"strict/*.json\", \"strict/*.md\"");
    let head =
        "---\nid: PM-2026-302\ntitle: Keys of the gateway\ndate: 2026-11-20\ntlp: GREEN\n---\n# Keys\n\n";
    rig.write("strict/keys.md", &format!("{head}## Action items\n\n{actions}"));
    rig.sync().exits(HELD);
    rig
}

#[track_caller]
fn shown(rig: &Rig, n: usize) -> Value {
    rig.json(&["finding", "show", &format!("PM-2026-302/F{n}")])
}

#[track_caller]
fn owner(rig: &Rig, n: usize) -> Value {
    shown(rig, n)["finding"]["owner"].clone()
}

#[test]
fn people_are_recognised_however_documents_write_them() {
    let ways = [
        "Ana Ruiz",
        "ANA RUÍZ",
        "Ruiz, Ana",
        "anita",
        "Ana",
        "@ana",
        "@Ana Ruiz",
        "Ana.Ruiz@acme.example",
        "[Ana Ruiz](mailto:ana.ruiz@acme.example)",
        "Ana R. (ana.ruiz@acme.example)",
        "github:ana",
    ];
    let rig = owned(&ways);
    for (n, way) in ways.iter().enumerate() {
        assert_eq!(owner(&rig, n + 1), json!({ "person": "ana" }), "{way}");
    }
}

#[test]
fn a_name_that_two_people_have_is_nobodys_and_the_message_names_both() {
    let rig = owned(&["Kim Park", "Lindqvist", "kim-one", "payments team", "Lydia Wolff"]);
    let outcome = rig.sync().json();
    let note = |n: usize| {
        let notes = notes(&outcome, &format!("PM-2026-302/F{n}"));
        notes.into_iter().find(|(kind, _)| kind == "unknown_person").unwrap().1
    };
    assert_eq!(owner(&rig, 1), json!({ "unmapped": "Kim Park" }));
    assert!(note(1).contains("may be `kim-1` or `kim-2`: write the key"), "{}", note(1));
    assert!(note(2).contains("if `Lindqvist` is `bo` (Bo Lindqvist), write `bo`"), "{}", note(2));
    assert!(note(3).contains("`kim-one` is the GitHub login of `kim-1`: write `kim-1`"), "{}", note(3));
    assert!(note(4).contains("is a team: name its default assignee under `teams:`"), "{}", note(4));
    assert!(
        note(5).starts_with("`Lydia Wolff` is not in people.yaml; ") && !note(5).contains("write"),
        "{}",
        note(5)
    );
    let checked = rig.run(&["check"]);
    assert!((checked.stdout + &checked.stderr).contains("if `Lindqvist` is `bo` (Bo Lindqvist)"));
}

#[test]
fn the_first_known_of_several_owns_and_the_others_are_kept() {
    let rig = owned(&["Zoe, Ana Ruiz / Bo Lindqvist", "@chen @dara", "SRE & Bo Lindqvist"]);
    assert_eq!(owner(&rig, 1), json!({ "person": "ana" }));
    assert_eq!(shown(&rig, 1)["beside_owner"], json!(["Zoe", "Bo Lindqvist"]));
    assert_eq!(
        (owner(&rig, 2), &shown(&rig, 2)["beside_owner"]),
        (json!({ "person": "chen" }), &json!(["@dara"]))
    );
    assert_eq!(
        (owner(&rig, 3), &shown(&rig, 3)["beside_owner"]),
        (json!({ "person": "bo" }), &json!(["SRE"]))
    );
    let text = rig.run(&["finding", "show", "PM-2026-302/F1"]).exits(0).stdout;
    assert!(text.contains("named beside the owner: Zoe, Bo Lindqvist"), "{text}");
    let report = rig.json(&["report"]);
    assert_eq!(report["findings"]["PM-2026-302/F1"]["beside"], json!(["Zoe", "Bo Lindqvist"]));
    let checked = rig.run(&["check"]);
    assert!((checked.stdout + &checked.stderr).contains("several_owners"));
}

#[test]
fn who_stands_beside_the_owner_is_assigned_nothing_and_verifies_nothing() {
    let rig = written(
        "- [x] Mask keys in the logs (Owner: Ana Ruiz, Eli Novak)\n- Rotate the root key (Owner: @bo, @ana; due 2026-12-24)\n",
    );
    assert_eq!(owner(&rig, 1), json!({ "person": "ana" }));
    let verify = ["finding", "verify", "PM-2026-302/F1", "--evidence", "minutes of 3 June", "--as", "eli"];
    let refused = rig.run(&verify).exits(6).stderr;
    assert!(refused.contains("owned this finding"), "{refused}");
    assert_eq!(
        (owner(&rig, 2), &shown(&rig, 2)["beside_owner"]),
        (json!({ "person": "bo" }), &json!(["@ana"]))
    );
    assert_eq!(shown(&rig, 2)["finding"]["stated"]["due"], "2026-12-24");
}

#[test]
fn a_team_alone_is_owned_by_its_default_assignee_and_that_is_told() {
    let rig = owned(&["SRE team", "@acme/sre", "Team Site Reliability"]);
    for n in 1..=3 {
        assert_eq!(owner(&rig, n), json!({ "person": "dara" }));
    }
    assert_eq!(shown(&rig, 1)["default_of_team"], "SRE team");
    let text = rig.run(&["finding", "show", "PM-2026-302/F1"]).exits(0).stdout;
    assert!(text.contains("owner dara (the default of SRE team)"), "{text}");
    assert_eq!(rig.json(&["report"])["findings"]["PM-2026-302/F1"]["default_of"], "SRE team");
    let history = rig.json(&["audit", "show", "PM-2026-302/F1"]);
    assert!(history.to_string().contains("dara owns what names only SRE team"), "{history}");
    rig.run(&["finding", "assign", "PM-2026-302/F1", "chen", "--as", "eli"]).exits(0);
    rig.sync();
    assert_eq!(
        (owner(&rig, 1), &shown(&rig, 1)["default_of_team"]),
        (json!({ "person": "chen" }), &Value::Null)
    );
}

#[test]
fn a_team_with_a_default_that_is_nobody_is_refused() {
    let rig = stage();
    rig.write(
        "people.yaml",
        "teams:\n  - { name: payments, default: anna }\nana: { name: Ana Ruiz, reviewer: true }\n",
    );
    let told = rig.run(&["check"]).exits(2);
    let told = told.stdout + &told.stderr;
    assert!(told.contains("people.yaml:2:32") && told.contains("there is no person `anna`"), "{told}");
    assert!(told.contains("did you mean `ana`?"), "{told}");
}
