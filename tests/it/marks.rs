//! Marks that say who may read a write-up: where they count, what they are about, and what nobody understands.

use std::collections::BTreeMap;

use postmortem_sync::{
    model::{
        conventions::{Conventions, MoreWords},
        ids::SourceName,
        issue::IssueText,
        postmortem::{Document, Postmortem},
        terms::Tlp,
    },
    source::{issues::read_issues, read_bytes, read_paths, scan::Scan},
};
use proptest::prelude::*;

fn read_as(name: &str, text: &str, conventions: &Conventions) -> Document {
    read_bytes(&SourceName::from("here"), name, text.as_bytes(), conventions)
}

fn read(text: &str) -> Document {
    read_as("keys.md", text, &Conventions::default())
}

#[track_caller]
fn known(document: &Document) -> &Postmortem {
    document.postmortem.known().unwrap_or_else(|| panic!("{:?}", document.diagnostics))
}

/// A write-up with something above its actions.
fn above(mark: &str) -> String {
    format!("# Keys leaked\n\nIt was a long night.\n\n{mark}\n\n## Action items\n\n- Rotate the keys\n")
}

fn class(text: &str) -> Tlp {
    known(&read(text)).tlp
}

/// Codes, lines and columns of marks that nobody understands.
fn unclear(document: &Document) -> Vec<(usize, usize)> {
    let noted = document.diagnostics.iter().filter(|noted| noted.code == "unknown_tlp");
    noted.map(|noted| (noted.line, noted.column)).collect()
}

#[test]
fn a_mark_counts_wherever_and_however_it_stands() {
    for mark in [
        "**TLP:RED**",
        "TLP: RED",
        "tlp:red",
        "**TLP**: **RED**",
        "We agreed that this is `TLP:RED` for now.",
        "<!-- TLP:RED -->",
        "<!--\nsecret note, TLP:RED\n-->",
        "<span title=\"TLP:RED\">x</span>",
        "<b>TLP</b>:<i>RED</i>",
        "<div hidden>TLP:RED</div>",
        "TLP&#58;RED",
        "TLP:&nbsp;RED",
        "T\u{200B}LP:RED",
        "ＴＬＰ：ＲＥＤ",
        "TLP\\:RED",
        "TLP:\nRED",
        "> - quoted TLP:RED",
        "- [ ] TLP:RED",
        "```\n# TLP:RED\n```",
        "    TLP:RED",
        "| Key | Value |\n|---|---|\n| Note | TLP:RED |",
        "| Classification | TLP:RED |\n|---|---|\n| Author | bo |",
        "![TLP](https://img.shields.io/badge/TLP-RED-red)",
        "### Who may read it\n\nText before TLP:RED.",
        "[link](https://example.org/?x=TLP:RED)",
        "TLP:ROUGE",
    ] {
        assert_eq!(class(&above(mark)), Tlp::Red, "{mark}");
    }
    for (mark, tlp) in [
        ("TLP:AMBER+STRICT", Tlp::AmberStrict),
        ("TLP: AMBER + STRICT", Tlp::AmberStrict),
        ("TLP:AMBER-STRICT", Tlp::AmberStrict),
        ("TLP:AMBER\\+STRICT", Tlp::AmberStrict),
        ("TLP:AMBER", Tlp::Amber),
        ("**TLP:GREEN**", Tlp::Green),
        ("TLP:CLEAR", Tlp::Clear),
        ("TLP:WHITE", Tlp::Clear),
        ("TLP:GREEN\n\nBut see TLP:AMBER+STRICT.", Tlp::AmberStrict),
        ("It was said that TLP:CLEAR is enough.", Tlp::Amber),
        ("Nothing about it.", Tlp::Amber),
        ("The HTLP:RED switch and the tlps are red.", Tlp::Amber),
    ] {
        assert_eq!(class(&above(mark)), tlp, "{mark}");
    }
}

#[test]
fn words_of_handling_count_as_a_value_a_cell_or_a_line() {
    for (mark, tlp) in [
        ("Classification: restricted", Tlp::Red),
        ("**Classification:** Restricted", Tlp::Red),
        ("**Classification** Restricted", Tlp::Red),
        ("- Classification: Confidential", Tlp::AmberStrict),
        ("Severity: SEV1, Classification: Restricted", Tlp::Red),
        ("Severity: SEV1 · Handling: internal", Tlp::Amber),
        ("Classification: red", Tlp::Red),
        ("Classification: Internal / Strictly Confidential", Tlp::Red),
        ("Confidentiality: public", Tlp::Clear),
        ("Classification:\n\nRestricted", Tlp::Red),
        ("### Classification\n\nRestricted", Tlp::Red),
        ("STRICTLY CONFIDENTIAL", Tlp::Red),
        ("**Confidential – do not distribute**", Tlp::Red),
        ("<!-- confidential -->", Tlp::AmberStrict),
        ("| Classification | Restricted |\n|---|---|\n| Author | bo |", Tlp::Red),
        ("| Author | Classification |\n|---|---|\n| bo | Restricted |", Tlp::Red),
        ("| Author | bo |\n|---|---|\n| Confidentiality | strictly confidential |", Tlp::Red),
        ("<table><tr><td>Classification</td><td>Restricted</td></tr></table>", Tlp::Red),
        ("<table>\n<tr>\n<th>Marking</th>\n<td>Secret</td>\n</tr>\n</table>", Tlp::Red),
        ("Public", Tlp::Amber),
        ("The confidential report was restricted to a few people.", Tlp::Amber),
        ("Status: red", Tlp::Amber),
        ("Classification: technical lapse", Tlp::Amber),
        ("Classification: none", Tlp::Amber),
    ] {
        let document = read(&above(mark));
        assert_eq!(known(&document).tlp, tlp, "{mark}");
        assert!(unclear(&document).is_empty(), "{mark}: {:?}", document.diagnostics);
    }
}

#[test]
fn every_language_has_its_labels_and_marks() {
    for (strict, lax) in [
        ("Classification: strictly confidential", "Classification: internal"),
        ("Classification : strictement confidentiel", "Confidentialité : interne"),
        ("Clasificación: estrictamente confidencial", "Confidencialidad: uso interno"),
        ("Classificação: estritamente confidencial", "Confidencialidade: uso interno"),
        ("Einstufung: streng vertraulich", "Vertraulichkeit: intern"),
        ("機密区分：極秘", "機密区分: 社内限り"),
        ("密级：绝密", "密级: 内部"),
    ] {
        assert_eq!((class(&above(strict)), class(&above(lax))), (Tlp::Red, Tlp::Amber), "{strict}");
        let value = strict.split([':', '：']).next_back().unwrap().trim();
        assert_eq!(class(&above(value)), Tlp::Red, "{value} is a line of its own");
    }
}

#[test]
fn what_nobody_understands_is_red_and_told_with_its_place() {
    for (mark, place) in [
        ("Classification: purple", (5, 17)),
        ("TLP:PURPLE", (5, 1)),
        ("| Classification | purple |\n|---|---|\n| Author | bo |", (5, 20)),
        ("Classification:\npurple", (6, 1)),
    ] {
        let document = read(&above(mark));
        assert_eq!(known(&document).tlp, Tlp::Red, "{mark}");
        assert_eq!(unclear(&document), [place], "{mark}");
        let noted = document.diagnostics.iter().find(|noted| noted.code == "unknown_tlp").unwrap();
        assert!(noted.message.to_lowercase().starts_with("`purple`"), "{}", noted.message);
        assert!(noted.help.as_deref().unwrap().contains("finding classify"));
    }
}

#[test]
fn front_matter_may_be_stricter_than_the_text_and_never_laxer() {
    for (front, text, tlp) in [
        ("tlp: RED", "TLP:GREEN", Tlp::Red),
        ("tlp: GREEN", "TLP:RED", Tlp::Red),
        ("tlp: GREEN", "", Tlp::Green),
        ("tlp: GREEN # was TLP:RED", "", Tlp::Red),
        ("confidentiality: strictly confidential", "", Tlp::Red),
        ("title: Keys (TLP:RED)", "", Tlp::Red),
        ("tlp: GREEN\nhandling: RED", "", Tlp::Red),
        ("classification: purple", "", Tlp::Red),
    ] {
        let text = format!("---\n{front}\n---\n{}", above(text));
        assert_eq!(class(&text), tlp, "{front} {text}");
    }
}

#[test]
fn a_mark_of_a_section_is_its_findings_only() {
    let text = "# Keys leaked\n\nText.\n\n## Actions for everybody\n\n## Action items (TLP:RED)\n\n- Rotate the keys\n\n\
                ## Action items\n\n- Tell the users\n\n## Follow-up actions\n\n**TLP:AMBER+STRICT**\n\n- Watch the logs\n";
    let document = read(text);
    let postmortem = known(&document);
    assert_eq!((postmortem.tlp, postmortem.marked), (Tlp::Amber, None));
    let classes: Vec<(&str, Tlp)> = postmortem
        .findings
        .iter()
        .map(|finding| (finding.title.as_str(), finding.tlp(postmortem.tlp)))
        .collect();
    assert_eq!(
        classes,
        [("Rotate the keys", Tlp::Red), ("Tell the users", Tlp::Amber), ("Watch the logs", Tlp::AmberStrict)]
    );
    let scan = serde_json::to_value(Scan::of(&document)).unwrap();
    assert_eq!((&scan["findings"][0]["tlp"], &scan["findings"][0]["tlp_line"]), (&"RED".into(), &7.into()));
    assert_eq!(
        (&scan["postmortem"]["tlp"], scan["postmortem"]["tlp_line"].is_null()),
        (&"AMBER".into(), true)
    );
}

#[test]
fn a_mark_that_is_about_the_write_up_counts_for_all_of_it() {
    let rest = "\n\n## Action items\n\n- Rotate the keys\n";
    for head in [
        "# Keys leaked (TLP:RED)",
        "# Keys leaked\n\n**TLP:RED**",
        "# Keys leaked\n\n## TLP:RED",
        "# Keys leaked\n\n## About this document\n\n| Classification | TLP:RED |\n|---|---|\n| Author | bo |",
        "# Keys leaked\n\n## About this document\n\nClassification: TLP:RED",
        "# Keys leaked\n\n## Overview\n\nIn short: TLP:RED.",
        "TLP:RED\n\n# Keys leaked",
    ] {
        let text = format!("{head}{rest}");
        assert_eq!(class(&text), Tlp::Red, "{head}");
    }
}

#[test]
fn names_and_titles_of_files_and_issues_count() {
    let conventions = Conventions::default();
    let text = above("Nothing.");
    for name in ["pm-TLP-RED.md", "TLP_RED/keys.md", "tlp.red.csv"] {
        let text = if name.ends_with("csv") { "Action\nRotate\n" } else { text.as_str() };
        assert_eq!(known(&read_as(name, text, &conventions)).tlp, Tlp::Red, "{name}");
    }
    let issue = |title: &str, body: &str| IssueText {
        key: "acme/postmortems#3".to_owned(),
        url: String::new(),
        title: title.to_owned(),
        body: body.to_owned(),
        ..IssueText::default()
    };
    for (title, body, tlp) in [
        ("Keys leaked [TLP:RED]", text.clone(), Tlp::Red),
        ("Keys leaked", above("### Classification\n\nRestricted"), Tlp::Red),
        ("Keys leaked", above("<!-- TLP:AMBER+STRICT -->"), Tlp::AmberStrict),
        ("Keys leaked", text.clone(), Tlp::Amber),
    ] {
        let documents = read_issues(&SourceName::from("here"), &[issue(title, &body)], 1 << 20, &conventions);
        assert_eq!(known(&documents[0]).tlp, tlp, "{title} {body}");
    }
}

#[test]
fn cells_of_a_table_count_for_their_write_up() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("actions.csv");
    let rows = "Incident,Action,TLP\nPM-1,Rotate,RED\nPM-1,Watch,GREEN\nPM-2,Tell,GREEN\nPM-3,Ask,purple\n";
    std::fs::write(&file, rows.replace("Incident", "Postmortem")).unwrap();
    let conventions = Conventions::default();
    let documents = read_paths(&SourceName::from("here"), &[file], 1 << 20, &conventions);
    let classes: BTreeMap<&str, Tlp> =
        documents.iter().map(|document| (known(document).id.as_str(), known(document).tlp)).collect();
    assert_eq!(classes, BTreeMap::from([("PM-1", Tlp::Red), ("PM-2", Tlp::Amber), ("PM-3", Tlp::Red)]));
    assert_eq!(unclear(&documents[0]), [(5, 10)]);
    for (text, tlp) in [
        ("Action,Notes\nRotate,see TLP:RED\nTell,\n", Tlp::Red),
        ("Action,Classification\nRotate,Strictly confidential\nTell,internal\n", Tlp::Red),
        ("Action,Classification\nRotate,Bug\nTell,Feature\n", Tlp::Amber),
        ("Action,Notes (TLP:RED)\nRotate,x\n", Tlp::Red),
    ] {
        assert_eq!(known(&read_as("a.csv", text, &conventions)).tlp, tlp, "{text}");
    }
}

#[test]
fn texts_and_comments_of_structured_documents_count() {
    let strict = |more: &str, description: &str| {
        format!(
            "{more}\nformat: postmortem/1\nid: PM-1\ntitle: Keys\nincident: {{ severity: high }}\nfindings:\n  \
             - {{ id: F1, title: Rotate, class: technical_lapse, description: \"{description}\" }}\n"
        )
    };
    for (more, description, tlp) in [
        ("# nothing", "x", Tlp::Amber),
        ("# TLP:RED", "x", Tlp::Red),
        ("tlp: GREEN", "x", Tlp::Green),
        ("tlp: GREEN", "this is TLP:RED", Tlp::Red),
        ("tlp: GREEN", "Classification: strictly confidential", Tlp::Red),
        ("labels", "x", Tlp::Amber),
    ] {
        let more = if more == "labels" { "# none" } else { more };
        let document = read_as("a.yaml", &strict(more, description), &Conventions::default());
        assert_eq!(known(&document).tlp, tlp, "{more} {description}");
    }
}

#[test]
fn a_source_has_marks_and_labels_of_its_own() {
    let words = MoreWords {
        handling: vec!["Schutzbedarf".to_owned()],
        markings: BTreeMap::from([
            ("Board only".to_owned(), Tlp::Red),
            ("Confidential".to_owned(), Tlp::Amber),
        ]),
        ..MoreWords::default()
    };
    let conventions = Conventions { words, ..Conventions::default() };
    for (mark, tlp) in [
        ("Schutzbedarf: board only", Tlp::Red),
        ("Board only", Tlp::Red),
        ("Schutzbedarf: confidential", Tlp::Amber),
        ("Schutzbedarf: purple", Tlp::Red),
    ] {
        assert_eq!(known(&read_as("a.md", &above(mark), &conventions)).tlp, tlp, "{mark}");
    }
}

#[test]
fn a_document_with_more_findings_than_are_read_is_refused_with_its_line() {
    let items = |n: usize| -> String {
        (0..n).map(|n| format!("  - {{ id: F{n}, title: T, class: technical_lapse }}\n")).collect()
    };
    let head = "format: postmortem/1\nid: PM-1\ntitle: Keys\nincident: { severity: high }\nfindings:\n";
    let document = read_as("a.yaml", &format!("{head}{}", items(10_001)), &Conventions::default());
    let noted = &document.diagnostics[0];
    assert_eq!(
        (noted.code.as_str(), noted.line, noted.path.as_str()),
        ("too_many_findings", 10_006, "a.yaml")
    );
    assert!(noted.message.contains("10000") && noted.help.as_deref().unwrap().contains("split"), "{noted:?}");
    let fits = read_as("a.yaml", &format!("{head}{}", items(10_000)), &Conventions::default());
    assert_eq!(known(&fits).findings.len(), 10_000);
}

/// Marks and the class of each.
const MARKS: [(&str, Tlp); 9] = [
    ("TLP:RED", Tlp::Red),
    ("**TLP:RED**", Tlp::Red),
    ("<!-- TLP:AMBER+STRICT -->", Tlp::AmberStrict),
    ("TLP:AMBER", Tlp::Amber),
    ("Classification: restricted", Tlp::Red),
    ("Confidential", Tlp::AmberStrict),
    ("Classification: purple", Tlp::Red),
    ("| Classification | Restricted |", Tlp::Red),
    ("`TLP:GREEN`", Tlp::Green),
];

/// Lines of which write-ups are made; each action has a number of its own in the place of `@`.
const LINES: [&str; 20] = [
    "# Keys leaked",
    "## Action items",
    "## Action items (TLP:RED)",
    "### Follow-up actions",
    "## Background TLP:AMBER+STRICT",
    "## TLP:RED",
    "TLP:AMBER+STRICT",
    "**TLP:RED**",
    "Classification: internal",
    "Classification: confidential",
    "- Rotate number@ keys",
    "- Tell number@ users",
    "  - owner: bo",
    "1. Watch number@ logs",
    "| Action | Owner |\n|---|---|\n| Ask number@ people | bo |",
    "| Owner | Classification |\n|---|---|\n| bo | restricted |",
    "Some words.",
    "---",
    "> quoted words",
    "",
];

/// The class of each action, by its number.
fn classes(text: &str) -> BTreeMap<String, Tlp> {
    let document = read(text);
    let Some(postmortem) = document.postmortem.known() else { return BTreeMap::new() };
    let number =
        |title: &str| title.split_whitespace().find(|word| word.starts_with("number")).map(str::to_owned);
    let findings = postmortem.findings.iter();
    findings.filter_map(|finding| Some((number(&finding.title)?, finding.tlp(postmortem.tlp)))).collect()
}

proptest! {
    #[test]
    fn a_stricter_mark_anywhere_makes_no_finding_laxer(
        lines in proptest::collection::vec(0..LINES.len(), 1..14),
        blanks in any::<bool>(),
        front in proptest::option::of(proptest::sample::select(vec!["GREEN", "AMBER", "RED"])),
        at in 0_usize..15,
        mark in 0..MARKS.len(),
        own in any::<bool>(),
    ) {
        let mut lines: Vec<String> =
            lines.iter().enumerate().map(|(n, line)| LINES[*line].replace('@', &n.to_string())).collect();
        let between = if blanks { "\n\n" } else { "\n" };
        let front = front.map(|tlp| format!("---\ntlp: {tlp}\n---\n")).unwrap_or_default();
        let before = classes(&format!("{front}{}\n", lines.join(between)));
        let (mark, tlp) = MARKS[mark];
        let at = at.min(lines.len());
        match lines.get_mut(at).filter(|line| !own && !line.contains('\n')) {
            Some(line) => *line = format!("{line} {mark}"),
            None => lines.insert(at, mark.to_owned()),
        }
        let text = format!("{front}{}\n", lines.join(between));
        let after = classes(&text);
        let lax = before.values().copied().min().is_some_and(|before| tlp < before);
        for (number, class) in &before {
            let now = after.get(number);
            prop_assert!(lax || now.is_none_or(|now| now >= class), "{number}: {class} became {now:?}\n{text}");
        }
    }
}
