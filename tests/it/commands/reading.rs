//! Commands that only read: explain, report, intake, finding and link lists, check.

use serde_json::{Value, json};

use super::super::{
    rig::Rig,
    story::{HELD, issue_of, stage, synced},
    trouble,
};

#[test]
fn an_explanation_names_the_rule_the_others_with_reasons_and_the_deadline() {
    let rig = stage();
    let explained = rig.json(&["explain", "PM-2026-102/F1"]);
    let rules: Vec<(&str, bool, &str)> = explained["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| {
            (
                rule["rule"].as_str().unwrap(),
                rule["matches"].as_bool().unwrap(),
                rule["why"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        rules,
        [
            ("process", false, "its route is engineering, not process, cross_org"),
            ("website", false, "its team is platform, not website"),
            ("payments", false, "its team is platform, not payments"),
            ("platform", true, "every condition holds"),
            ("operations", false, "its team is platform, not operations"),
        ]
    );
    let deadline = explained["deadline"].as_str().unwrap();
    assert!(deadline.contains("the postmortem was published") && deadline.contains("60 days"), "{deadline}");
    assert_eq!(explained["actions"][0]["action"], "create");
    let text = rig.run(&["explain", "PM-2026-101/F7"]).exits(0).stdout;
    for part in
        ["✓ payments: every condition holds", "its document asks for", "3 days ago", "create PM-2026-101/F7"]
    {
        assert!(text.contains(part), "`{part}` is not in\n{text}");
    }
    assert_eq!(rig.writes(), Vec::<String>::new());
}

#[test]
fn an_explanation_of_what_is_settled_says_that_nothing_happens() {
    let rig = synced();
    let text = rig.run(&["explain", "PM-2026-101/F1"]).exits(0).stdout;
    assert!(text.contains("nothing: both sides agree"), "{text}");
    let later = rig.run(&["explain", "PM-2026-101/F1", "--now", "2099-01-01"]).exits(0).stdout;
    assert!(later.contains("+label postmortem-overdue"), "{later}");
    let unrouted = rig.run(&["explain", "PM-2026-101/F13"]).exits(0).stdout;
    assert!(unrouted.contains("its severity is low, not critical, high, medium"), "{unrouted}");
}

#[test]
fn the_report_says_the_same_in_three_formats() {
    let rig = synced();
    let json = rig.json(&["report"]);
    let overdue = json["sections"]["overdue"].to_string();
    let markdown = rig.run(&["report"]).exits(0).stdout;
    assert_eq!(markdown, rig.run(&["report", "--format", "markdown"]).exits(0).stdout);
    rig.run(&["report", "--format", "html", "--out", "report.html"]).exits(0);
    let html = rig.read("report.html");
    for key in ["PM-2026-101/F7", "PM-2026-102/F3", "PM-2026-103/F1"] {
        assert!(overdue.contains(key), "{key} is overdue: {overdue}");
        assert!(markdown.contains(key) && html.contains(key));
    }
    for key in ["PM-2026-101/F11", "PM-2026-101/F13", "PM-2026-104/F1"] {
        assert!(json.to_string().contains(key) && markdown.contains(key) && html.contains(key), "{key}");
    }
    for foreign in ["<script src", "<link rel", "@import", "url(http"] {
        assert!(!html.contains(foreign), "`{foreign}`: the page is to stand alone");
    }
    assert!(!html.contains("<img src=x>"), "foreign text is escaped");
}

#[test]
fn a_scan_prints_each_document_with_its_findings() {
    let rig = Rig::start();
    rig.write("docs/a.md", "# A leak\n\n## Action items\n\n- [ ] Mend it (@ana)\n- [x] Mask it\n");
    rig.write("docs/b.yaml", "format: postmortem/1\nid: b\n");
    let ran = rig.run(&["intake", "scan", "docs", "--format", "json"]).exits(2);
    let scans = ran.json();
    let members = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        members(&scans[0]),
        ["path", "postmortem", "findings", "candidates", "coverage", "diagnostics"]
    );
    assert_eq!(scans[0]["findings"].as_array().unwrap().len(), 2);
    assert_eq!(scans[0]["findings"][1]["claimed"], "done");
    assert_eq!(
        members(&scans[0]["findings"][0]),
        [
            "key",
            "title",
            "description",
            "class",
            "kind",
            "inferred",
            "severity",
            "priority",
            "owner",
            "due",
            "claimed",
            "trackers",
            "tlp",
            "tlp_line",
            "line"
        ]
    );
    rig.write("red/a.md", "# A leak\n\n**TLP:RED**\n\n## Action items\n\n- Mend it\n");
    rig.write("red/b.md", "# A leak\n\nWords.\n\n## Action items (TLP:RED)\n\n- Mend it\n");
    let text = rig.run(&["intake", "scan", "red"]).exits(0).stdout;
    assert!(text.contains("TLP:RED (line 3)") && text.contains("TLP:AMBER (it has no mark)"), "{text}");
    assert!(text.contains("Mend it · TLP:RED (line 5)"), "{text}");
    assert_eq!(scans[1]["postmortem"], Value::Null);
    assert!(scans[1]["diagnostics"].as_array().unwrap().len() > 1);
    assert!(!rig.path("postmortem-sync.db").exists(), "nothing is stored");
}

#[test]
fn lists_show_what_is_there() {
    let rig = synced();
    let links = rig.json(&["link", "list"]);
    assert_eq!(links.as_array().unwrap().len(), 18);
    let open = rig.json(&["finding", "list", "--state", "open"]);
    assert_eq!(open.as_array().unwrap().len(), 25);
    assert_eq!(rig.json(&["finding", "list", "--state", "resolved"]), json!([]));
    let table = rig.run(&["finding", "list"]).exits(0).stdout;
    assert!(table.contains("PM-2026-101/F1") && table.contains(&issue_of(&rig, "PM-2026-101/F1")), "{table}");
    assert!(!table.contains('\u{1b}'), "no colour where nobody looks");
}

#[test]
fn an_online_check_proves_every_place_and_writes_nothing() {
    let rig = stage();
    let checked = rig.run(&["check", "--online", "--format", "json"]);
    let places = checked.json()["places"].clone();
    let well = |name: &str| {
        let found =
            places.as_array().unwrap().iter().find(|place| place["name"].as_str().unwrap().contains(name));
        found.unwrap_or_else(|| panic!("{name} is not in {places}"))["well"].clone()
    };
    assert_eq!((well("acme/payments"), well("PLAT"), well("OPS")), (json!(true), json!(true), json!(true)));
    assert_eq!(well("acme/website"), false, "the bot may only read there");
    assert_eq!(checked.code, Some(3));
    assert_eq!(rig.writes(), Vec::<String>::new());
    rig.write("secrets/github", "wrong");
    let refused = rig.run(&["check", "--online"]).exits(3);
    assert!(refused.stdout.contains("✗ github") && !refused.stdout.contains("wrong\n"), "{}", refused.stdout);
    assert_ne!(rig.sync().code, Some(HELD));
}

#[test]
fn what_a_document_says_is_shown_and_never_obeyed_by_the_terminal() {
    let rig = Rig::start();
    let told = "Fix \u{1b}[31mred\u{1b}]0;owned\u{7} and \u{202e}backwards";
    rig.write("docs/escapes.md", &format!("# Outage\n\n## Action items\n\n- {told}\n"));
    let shown = rig.run(&["intake", "scan", "docs"]).exits(0).stdout;
    assert!(shown.contains("Fix [U+001B][31mred[U+001B]]0;owned[U+0007] and [U+202E]backwards"), "{shown}");
    assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{shown:?}");
    let coloured = rig.run(&["intake", "scan", "docs", "--color", "always"]).exits(0).stdout;
    let line = coloured.lines().find(|line| line.contains("owned")).unwrap();
    assert!(
        coloured.contains("\u{1b}[1m") && !line.contains("\u{1b}]") && !line.contains('\u{7}'),
        "{coloured:?}"
    );
    assert!(line.ends_with("\u{1b}[0m"), "a colour ends with its line: {line:?}");
    let scans = rig.json(&["intake", "scan", "docs"]);
    assert_eq!(scans[0]["findings"][0]["title"], told, "machines get it as it is written");
}

#[test]
fn what_several_postmortems_ask_for_is_shown_together_and_stays_apart() {
    let rig = trouble::stage();
    let ask = |n: usize, title: &str| {
        format!(
            "format: postmortem/1\nid: PM-{n}\ntitle: Outage {n}\nincident: {{ severity: high }}\nfindings:\n  - {{ id: F1, title: \"{title}\", class: technical_lapse, team: payments }}\n"
        )
    };
    rig.write("postmortems/a.yaml", &ask(1, "Rotate the **signing** keys"));
    rig.write("postmortems/b.yaml", &ask(2, "rotate the signing keys."));
    rig.write("postmortems/c.yaml", &ask(3, "Rotate something else"));
    rig.sync();
    assert_eq!(rig.issues().len(), 3, "each has an issue of its own");
    let shown = rig.run(&["finding", "show", "PM-1/F1"]).exits(0).stdout;
    assert!(shown.contains("≈ PM-2/F1 asks for the same (open)") && !shown.contains("PM-3"), "{shown}");
    let report = rig.json(&["report"]);
    assert_eq!(report["sections"]["repeats"], json!([["PM-1/F1", "PM-2/F1"]]));
    let text = rig.run(&["report", "--format", "markdown"]).exits(0).stdout;
    assert!(text.contains("## Repeat findings"), "{text}");
    let page = rig.run(&["report", "--format", "html"]).exits(0).stdout;
    assert!(page.contains("Asked for 2 times"), "{page}");
}
