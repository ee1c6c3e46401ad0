//! What became of each list item, table row and checkbox: each has one fate, and the counts add up.

mod corpus;

use postmortem_sync::{
    model::{
        conventions::Conventions,
        fate::{Aside, CameTo, Detail, LineFate, Tally, What},
        ids::SourceName,
        observed::Observed,
        postmortem::{Document, Postmortem},
    },
    source::read_bytes,
};
use serde_json::{Value, json};

use super::rig::Rig;

const WRITE_UP: &str = "\
# Keys leaked

- Author: ana

## Timeline

- 09:00 the alarm went off
- 09:10 keys revoked

## Action items

- [ ] Rotate the keys
  - Owner: ana
  - with the tool
- [x] Mask the logs
- TBD
- Short term:
  - [ ] Mend the lock

| Action | Owner |
|--------|-------|
| Mend the alarm | ben |
|  |  |

## Thoughts

- the tool is slow
- we were lucky
- [ ] ask for more machines
  - and more discs
- [x] buy cake

## More of it

- [the dashboard](https://example.org/board)
";

const PAGE: &str = "\
<h1>Keys leaked</h1>
<ul><li>Author: ana</li></ul>
<h2>Timeline</h2>
<ul><li>09:00 the alarm went off</li><li>09:10 keys revoked</li></ul>
<h2>Action items</h2>
<ul>
<li><input type=\"checkbox\"> Rotate the keys<ul><li>Owner: ana</li><li>with the tool</li></ul></li>
<li><input type=\"checkbox\" checked> Mask the logs</li>
<li>TBD</li>
<li>Short term:<ul><li><input type=\"checkbox\"> Mend the lock</li></ul></li>
</ul>
<table><thead><tr><th>Action</th><th>Owner</th></tr></thead>
<tbody><tr><td>Mend the alarm</td><td>ben</td></tr><tr><td></td><td></td></tr></tbody></table>
<h2>Thoughts</h2>
<ul><li>the tool is slow</li><li>we were lucky</li>
<li><input type=\"checkbox\"> ask for more machines<ul><li>and more discs</li></ul></li>
<li><input type=\"checkbox\" checked> buy cake</li></ul>
<h2>More of it</h2>
<ul><li><a href=\"https://example.org/board\">the dashboard</a></li></ul>
";

fn document(path: &str, text: &str) -> Document {
    read_bytes(&SourceName::from("here"), path, text.as_bytes(), &Conventions::default())
}

fn read(path: &str, text: &str) -> Postmortem {
    match document(path, text).postmortem {
        Observed::Known(postmortem) => postmortem,
        other => panic!("{other:?}"),
    }
}

/// The line of each part and what became of it, by stable names.
fn told(fates: &[LineFate]) -> Vec<(usize, &str, String)> {
    let named = |fate: &LineFate| match &fate.came_to {
        CameTo::Findings(numbers) => format!("{numbers:?}"),
        CameTo::Candidate(reason) => format!("? {reason}"),
        CameTo::Detail(how, numbers) => format!("{} {numbers:?}", how.code()),
        CameTo::Label => "label".to_owned(),
        CameTo::SetAside(why) => match why.heading() {
            Some(heading) => format!("{}: {heading}", why.code()),
            None => why.code().to_owned(),
        },
    };
    fates.iter().map(|fate| (fate.line, fate.what.code(), named(fate))).collect()
}

fn asides(text: &str) -> Vec<String> {
    let fates = read("a.md", text).fates;
    told(&fates).into_iter().map(|(_, _, fate)| fate).collect()
}

#[test]
fn each_item_row_and_checkbox_has_one_fate() {
    let read = read("a.md", WRITE_UP);
    let expected = [
        (3, "item", "write_up []"),
        (7, "item", "section_not_read: Timeline"),
        (8, "item", "section_not_read: Timeline"),
        (12, "checkbox", "[0]"),
        (13, "item", "field [0]"),
        (14, "item", "below [0]"),
        (15, "checkbox", "[1]"),
        (16, "item", "template"),
        (17, "item", "label"),
        (18, "checkbox", "[2]"),
        (22, "row", "[3]"),
        (23, "row", "empty"),
        (27, "item", "unknown_heading: Thoughts"),
        (28, "item", "unknown_heading: Thoughts"),
        (29, "checkbox", "? actions_elsewhere"),
        (30, "item", "below []"),
        (31, "checkbox", "done"),
        (35, "item", "reference"),
    ];
    let expected: Vec<(usize, &str, String)> =
        expected.into_iter().map(|(line, what, fate)| (line, what, fate.to_owned())).collect();
    assert_eq!(told(&read.fates), expected);
    for fate in &read.fates {
        if let CameTo::Findings(numbers) = &fate.came_to {
            let lines: Vec<usize> = numbers.iter().map(|number| read.findings[*number].line).collect();
            assert_eq!(lines, [fate.line]);
        }
    }
    let tally = &read.coverage;
    assert_eq!((tally.items, tally.findings, tally.candidates, tally.details), (18, 4, 1, 5));
    assert_eq!((tally.n_aside(), tally.n_read()), (8, 10));
}

#[test]
fn what_is_set_aside_is_named_by_what_decided_about_it() {
    assert_eq!(asides("# T\n\n- mend it\n\n## A\n\nB.\n"), ["no_heading"]);
    assert_eq!(asides("# T\n\n- mend it\n"), ["no_heading"], "the title alone");
    assert_eq!(asides("# T\n\n## Odds\n\n- mend it\n"), ["unknown_heading: Odds"]);
    assert_eq!(
        asides("# T\n\n## Odds\n\n- **Timeline**:\n  - 09:00 alarm\n- **Review actions**:\n  - N/A\n"),
        ["unknown_heading: Odds", "section_not_read: Timeline", "label", "says_none"]
    );
    assert_eq!(
        asides("# T\n\n## Timeline\n\n| Time | What happened |\n|---|---|\n| 09:00 | alarm |\n"),
        ["section_not_read: Timeline"]
    );
    assert_eq!(
        asides("# T\n\n## Timeline\n\n### Odds\n\n- mend it\n\n> - and this\n"),
        ["section_not_read: Timeline"; 2],
        "below a heading of its own, and in a quote"
    );
    let labelled = "# T\n\n## Action items\n\n- Mend it\n\nLessons learned:\n\n- be quick\n  - very\n\nLinks:\n\n- more\n";
    assert_eq!(
        asides(labelled),
        [
            "[0]",
            "section_not_read: Lessons learned",
            "section_not_read: Lessons learned",
            "section_not_read: Links"
        ]
    );
    let quoted = "# T\n\n## Odds\n\n> [!NOTE]\n> - mend it\n>\n> | a | b |\n> |---|---|\n> | c | d |\n";
    assert_eq!(asides(quoted), ["unknown_heading: Odds"; 2]);
    assert_eq!(
        asides("# T\n\n## Odds\n\n| Time | What happened |\n|---|---|\n| 2026-01-01 | it broke |\n"),
        ["history"]
    );
    assert_eq!(
        asides("# T\n\n## Action items\n\n| Colour | Shape |\n|---|---|\n| red | round |\n"),
        ["no_action_column"]
    );
    assert_eq!(asides("# T\n\n## Action items\n\n- None\n"), ["says_none"]);
    let inside =
        "# T\n\n## Action items\n\n<ul>\n<li>mend\n<ul><li>all</li></ul></li>\n<li hidden>no</li>\n</ul>\n";
    let ends: Vec<(usize, usize)> =
        read("a.md", inside).fates.iter().map(|fate| (fate.line, fate.end)).collect();
    assert_eq!(ends, [(6, 7), (7, 7)], "what is hidden belongs to none");
    let html = "# T\n\n## Odds\n\n<details><summary>x</summary>\n\n- mend it\n\n</details>\n\n- out\n\n<ul><li>more</li></ul>\n";
    assert_eq!(asides(html), ["unknown_heading: x", "unknown_heading: Odds", "unknown_heading: Odds"]);
}

#[test]
fn checkboxes_in_running_text_have_fates() {
    let text = "# T\n\n## Odds\n\nSee there:\n[ ] Rotate it\n[x] Mask it\n\n> ☐ Mend it\n\n[x](https://example.org) is a link\n";
    let fates = read("a.md", text).fates;
    let expected = [
        (6, "checkbox", "unknown_heading: Odds".to_owned()),
        (7, "checkbox", "done".to_owned()),
        (9, "checkbox", "unknown_heading: Odds".to_owned()),
    ];
    assert_eq!(told(&fates), expected);
    let read = read("a.md", "# T\n\n## Action items\n\n[ ] Rotate it\n[ ] Mask it\n");
    let expected = [(5, "checkbox", "? prose_candidate".to_owned()), (6, "checkbox", "below []".to_owned())];
    assert_eq!(told(&read.fates), expected);
    assert_eq!((read.coverage.items, read.coverage.candidates, read.coverage.details), (2, 1, 1));
}

#[test]
fn headings_and_paragraphs_that_are_actions_are_told_beside_the_items() {
    let text = "# T\n\n## Action items\n\n### 1. Rotate the keys\n\n- Owner: ana\n- Due: 2026-06-01\n\n### 2. Mend it\n\nSoon.\n\n**Action item:** mask the logs\n";
    let read = read("a.md", text);
    let told = told(&read.fates);
    assert_eq!(told[0], (5, "text", "[0]".to_owned()));
    assert_eq!(told[1..3], [(7, "item", "field [0]".to_owned()), (8, "item", "field [0]".to_owned())]);
    assert_eq!(read.coverage.findings_in_text, read.findings.len());
    assert_eq!((read.coverage.items, read.coverage.findings, read.coverage.details), (2, 0, 2));
}

#[test]
fn a_row_that_holds_two_actions_is_one_item() {
    let text = "# T\n\n## Action items\n\n| Immediate action | Long-term action |\n|---|---|\n| Rotate the keys | Mend the lock |\n";
    let read = read("a.md", text);
    assert_eq!(told(&read.fates), [(7, "row", "[0, 1]".to_owned())]);
    assert_eq!((read.coverage.items, read.coverage.findings), (1, 1));
}

#[test]
fn what_is_told_twice_is_a_finding_once() {
    let text = "# Penetration test report\n\n## Findings\n\n| Finding | Severity | Status |\n|---|---|---|\n| Weak key | High | Open |\n| Old lib | Low | Risk accepted |\n\n### Weak key\n\n- Severity: High\n- Status: Open\n\n### Old lib\n\nSeverity: Low\n";
    let read = read("a.md", text);
    let expected = [
        (7, "row", "[0]"),
        (8, "row", "? declined"),
        (10, "text", "again [0]"),
        (12, "item", "field [0]"),
        (13, "item", "field [0]"),
        (15, "text", "again []"),
    ];
    let found = told(&read.fates);
    let found: Vec<(usize, &str, &str)> =
        found.iter().map(|(line, what, fate)| (*line, *what, fate.as_str())).collect();
    assert_eq!(found, expected);
}

#[test]
fn prose_changes_no_count() {
    let more = WRITE_UP
        .replace("## Timeline\n", "Words about it.\n\n## Timeline\n\nIt began at nine.\n")
        .replace("## More of it\n", "## More of it\n\nThese are of use.\n");
    assert_eq!(read("a.md", &more).coverage, read("a.md", WRITE_UP).coverage);
}

#[test]
fn a_page_counts_as_the_same_text_in_markdown() {
    let page = read("a.html", PAGE);
    assert_eq!(page.coverage, read("a.md", WRITE_UP).coverage);
    let row = page.fates.iter().find(|fate| fate.what == What::Row).unwrap();
    assert_eq!((row.line, row.column, row.end), (13, 8, 13), "places are those of the page");
}

#[test]
fn tasks_of_confluence_have_fates() {
    let page = "<h2>Action items</h2><ac:task-list><ac:task><ac:task-id>1</ac:task-id><ac:task-status>incomplete</ac:task-status><ac:task-body>Rotate</ac:task-body></ac:task></ac:task-list><h2>Odds</h2><ac:task-list><ac:task><ac:task-id>2</ac:task-id><ac:task-status>complete</ac:task-status><ac:task-body>Bake</ac:task-body></ac:task></ac:task-list><ac:structured-macro ac:name=\"info\"><ac:rich-text-body><ul><li>mind the gap</li></ul></ac:rich-text-body></ac:structured-macro>";
    let fates = read("a.xml", page).fates;
    let told: Vec<(&str, String)> = told(&fates).into_iter().map(|(_, what, fate)| (what, fate)).collect();
    let expected = [("checkbox", "[0]"), ("checkbox", "done"), ("item", "unknown_heading: Odds")];
    assert_eq!(told, expected.map(|(what, fate)| (what, fate.to_owned())));
}

#[test]
fn rows_and_entries_have_fates() {
    let rows = read("t.csv", "Action,Owner\nRotate,ana\n,\nNone,\nTBD,\n\"Mend\nit\",ben\n");
    let expected = [(2, "[0]"), (3, "empty"), (4, "says_none"), (5, "template"), (6, "[1]")];
    let found = told(&rows.fates);
    let found: Vec<(usize, &str)> = found.iter().map(|(line, _, fate)| (*line, fate.as_str())).collect();
    assert_eq!(found, expected);
    assert_eq!(rows.fates[4].end, 7);
    let text = "format: postmortem/1\nid: PM-1\ntitle: T\nincident: { severity: high }\nfindings:\n  - id: F1\n    title: Rotate\n    class: technical_lapse\n    team: payments\n";
    let entries = read("a.yaml", text).fates;
    assert_eq!(told(&entries), [(6, "entry", "[0]".to_owned())]);
    assert_eq!((entries[0].column, entries[0].end), (3, 9));
    let text = "format = \"postmortem/1\"\nid = \"PM-1\"\ntitle = \"T\"\nincident = { severity = \"high\" }\n\n[[findings]]\nid = \"F1\"\ntitle = \"Rotate\"\nclass = \"technical_lapse\"\nteam = \"payments\"\n";
    let ends: Vec<(usize, usize)> =
        read("a.toml", text).fates.iter().map(|fate| (fate.line, fate.end)).collect();
    assert_eq!(ends, [(6, 10)]);
}

#[test]
fn counts_name_the_headings() {
    let odds = |line: usize| LineFate {
        line,
        column: 1,
        end: line,
        what: What::Item,
        came_to: CameTo::SetAside(Aside::UnknownHeading("Odds".into())),
    };
    let again = LineFate { came_to: CameTo::Detail(Detail::Again, vec![0]), ..odds(3) };
    let tally = Tally::of(&[odds(1), odds(2), again]);
    let aside = &tally.set_aside["unknown_heading"];
    assert_eq!((aside.count, aside.headings.len(), tally.items, tally.details), (2, 1, 3, 1));
}

#[test]
fn a_scan_says_how_much_was_read() {
    let rig = Rig::start();
    rig.write("docs/a.md", WRITE_UP);
    let scanned = rig.json(&["intake", "scan", "docs"]);
    let coverage = &scanned[0]["coverage"];
    let counts = ["items", "findings", "candidates", "details"].map(|count| coverage[count].clone());
    assert_eq!(counts, [18, 4, 1, 5].map(Value::from));
    let timeline = json!({ "reason": "section_not_read", "count": 2, "headings": ["Timeline"] });
    assert!(coverage["set_aside"].as_array().unwrap().contains(&timeline), "{coverage}");
    let text = rig.run(&["intake", "scan", "docs"]).exits(0).stdout;
    let line = "10 of 18 items read: 4 findings, 1 candidate, 5 details; 8 set aside (2 in a section that is not read, 2 under an unknown heading, 1 done already, 1 empty, …)";
    assert!(text.contains(line), "{text}");
}

#[test]
fn a_scan_explains_each_line() {
    let rig = Rig::start();
    rig.write("docs/a.md", WRITE_UP);
    let explained = rig.json(&["intake", "scan", "--explain", "docs/a.md"]);
    assert_eq!(explained[0]["coverage"]["items"], 18);
    let lines = explained[0]["lines"].as_array().unwrap();
    assert_eq!(lines.len(), WRITE_UP.lines().count());
    let fate = |line: usize| &lines[line - 1]["fates"][0];
    assert_eq!(fate(7)["said"], "set aside: `Timeline` is not read");
    assert_eq!((&fate(7)["reason"], &fate(7)["heading"]), (&json!("section_not_read"), &json!("Timeline")));
    assert_eq!((&fate(12)["fate"], &fate(12)["column"]), (&json!("finding"), &json!(1)));
    let rotate = json!([{ "key": "a/F1", "title": "Rotate the keys" }]);
    assert_eq!((&fate(12)["findings"], &fate(13)["findings"]), (&rotate, &rotate));
    assert_eq!((&fate(13)["said"], &fate(13)["column"]), (&json!("field of F1"), &json!(3)));
    assert_eq!(fate(29)["said"], "candidate (actions_elsewhere)");
    let n_told = lines.iter().filter(|line| line["fates"] != json!([])).count();
    assert_eq!(n_told, 18);
    let text = rig.run(&["intake", "scan", "--explain", "docs/a.md"]).exits(0).stdout;
    assert!(text.contains("│ - [ ] Rotate the keys") && text.contains("12 • finding F1"), "{text}");
    assert!(text.contains("10 of 18 items read: 4 findings"), "{text}");
    assert!(!text.contains('\u{1b}'), "no colour where nobody looks");
}

#[test]
fn what_is_explained_moves_no_cursor() {
    let rig = Rig::start();
    rig.write("docs/a.md", "# T\n\n## Odd\u{202E}s\u{1b}[2J\n\n- mend\u{1b}]0;x\u{7} it\n");
    let text = rig.run(&["intake", "scan", "--explain", "docs/a.md"]).exits(0).stdout;
    assert!(text.contains("[U+001B]]0;x[U+0007]") && text.contains("[U+202E]"), "{text}");
    assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202E}']), "{text}");
}

#[test]
fn a_file_that_is_refused_is_explained_without_fates() {
    let rig = Rig::start();
    rig.write("docs/a.csv", "Action,Owner\nRotate,ana,more\n");
    let explained = rig.run(&["intake", "scan", "--explain", "docs", "--format", "json"]).exits(2).json();
    assert_eq!(explained[0]["coverage"], Value::Null);
    assert_eq!(explained[0]["lines"][1], json!({ "line": 2, "text": "Rotate,ana,more", "fates": [] }));
}
