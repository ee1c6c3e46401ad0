//! What the report's formats do with foreign text, and that people can use them.

use std::collections::BTreeSet;

use postmortem_sync::{
    model::{
        cycle::NoteKind,
        finding::{Finding, Owner},
    },
    report::{html, json, markdown},
};

use super::{
    build::reword,
    report_build::{World, full, note, rendered},
    review_build::{due, link},
};

/// A finding whose every foreign text is hostile.
pub(crate) fn hostile_finding(id: &str, text: &str) -> Finding {
    let mut finding = due("PM-1/F1", "2026-03-01");
    finding.key = format!("PM-1/{id}").as_str().into();
    reword(&mut finding, |words| words.title = text.to_owned());
    reword(&mut finding, |words| words.postmortem_title = text.to_owned());
    finding.stated.path = text.to_owned();
    finding.stated.team = Some(text.to_owned());
    finding.stated.postmortem_url = Some(format!("javascript:{text}"));
    finding.owner = Owner::Unmapped(text.to_owned());
    finding
}

/// A world whose every foreign text is hostile.
fn hostile(text: &str) -> World {
    let finding = hostile_finding(text, text);
    let mut issue = link(finding.key.as_str(), "github", 1);
    issue.issue.key = text.to_owned();
    issue.issue.url = format!("https://example.com/\"{text}");
    issue.seen.status_text = text.to_owned();
    let key = finding.key.clone();
    let mut world = World::with(vec![finding]);
    world.register.links = vec![issue];
    world.says([note(NoteKind::Failed, key.as_str(), text), note(NoteKind::Held, key.as_str(), text)]);
    world.health("github").error = Some(text.to_owned());
    world
}

#[test]
fn foreign_text_stays_text_in_html() {
    for text in ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onfocus='x", "{{ 7*7 }}"]
    {
        let html = html::render(&hostile(text).report()).unwrap();
        for word in ["<script", "<img", "javascript:", "' onfocus"] {
            assert!(!html.contains(word), "{word} from {text}");
        }
        assert!(!text.contains('{') || html.contains("{{ 7*7 }}"), "not a template either");
    }
}

#[test]
fn only_web_addresses_become_links() {
    for (address, linked) in [
        ("https://wiki.example.com/pm?id=4&x=5", true),
        ("HTTP://wiki.example.com", true),
        ("javascript://example.com/%0aalert(1)", false),
        ("javascript:alert(1)", false),
        ("data://text/html,x", false),
        ("//example.com", false),
        ("https://example.com/\" onclick=x", false),
        ("https://example.com/\u{202E}gpj", false),
    ] {
        let mut finding = due("PM-1/F1", "2026-03-01");
        finding.stated.postmortem_url = Some(address.to_owned());
        let report = World::with(vec![finding]).report();
        let shown = report.findings[&"PM-1/F1".into()].postmortem_url.as_deref();
        assert_eq!(shown, linked.then_some(address));
        assert_eq!(
            html::render(&report).unwrap().contains("rel=\"noopener noreferrer\""),
            linked,
            "{address}"
        );
    }
}

#[test]
fn hidden_and_reordering_characters_are_spelled_out() {
    let text = "paid\u{202E}gpj.exe\u{200B}\u{0007}";
    let [_, markdown, html] = rendered(&hostile(text).report());
    for text in [markdown, html] {
        for hidden in ['\u{202E}', '\u{200B}', '\u{0007}'] {
            assert!(!text.contains(hidden), "{:?}", hidden);
        }
        assert!(text.contains("U+202E"));
    }
}

#[test]
fn a_formula_stays_in_its_cell() {
    let [_, markdown, html] = rendered(&hostile("=cmd|' /C calc'!A0").report());
    assert!(markdown.contains("=cmd\\|"), "the bar would end the cell");
    assert!(html.contains("=cmd|"));
    let columns = |line: &str| line.replace("\\|", "").matches('|').count();
    let table: Vec<_> =
        markdown.lines().filter(|line| line.starts_with('|') && line.contains("| **PM")).collect();
    assert!(!table.is_empty() && table.iter().all(|line| columns(line) == 9), "{table:?}");
}

#[test]
fn markdown_pings_nobody_and_links_nothing() {
    let text = "@acme/security @rita-gh #12 acme/infra#3 fixes #4 GH-5 https://github.com/a/b/issues/6 www.example.com a@b.example [x](http://y) `@z` <b>@q</b>";
    let markdown = markdown::render(&hostile(text).report()).unwrap();
    let letter_after = |c: char| {
        let mut chars = markdown.chars().peekable();
        let mut found = false;
        while let Some(next) = chars.next() {
            found |= next == c && chars.peek().is_some_and(|after| after.is_alphanumeric());
        }
        found
    };
    assert!(!letter_after('@'), "a mention");
    assert!(!letter_after('#'), "a reference");
    for word in ["://", "www.e", "GH-5", "[x](", "<b>"] {
        assert!(!markdown.contains(word), "{word}");
    }
}

#[test]
fn markdown_keeps_the_words_readable() {
    assert_eq!(
        markdown::inert("Rotate the keys (09:00), 3.5 % of 1-2"),
        "Rotate the keys (09:00), 3.5 % of 1-2"
    );
}

#[test]
fn the_page_loads_nothing_and_links_only_http() {
    let html = html::render(&full().report()).unwrap();
    for word in ["<script", "<link", "<img", "@import", "url(", " on", "src="] {
        let found = html.lines().find(|line| word != " on" && line.contains(word));
        assert_eq!(found, None, "{word}");
    }
    assert!(html.contains("Content-Security-Policy"));
    let links: BTreeSet<&str> =
        html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(links.len() > 5);
    for address in links {
        let inside = address.strip_prefix('#').is_some_and(|id| html.contains(&format!("id=\"{id}\"")));
        let outside = address.starts_with("https://");
        assert!(inside || outside, "{address}");
    }
    let outside = html.matches("href=\"https:").count();
    assert_eq!(html.matches("rel=\"noopener noreferrer\"").count(), outside);
}

#[test]
fn the_page_is_readable_without_colour_sight_or_mouse() {
    let html = html::render(&full().report()).unwrap();
    assert_eq!(html.matches("<table>").count(), html.matches("<caption>").count());
    assert!(!html.contains("<th>"), "every header cell has a scope");
    for part in [
        "<html lang=\"en\">",
        "class=\"skip\"",
        "<main id=\"main\">",
        "prefers-color-scheme: dark",
        "@media print",
    ] {
        assert!(html.contains(part), "{part}");
    }
    for severity in ["◆</span> critical", "▲</span> high"] {
        assert!(html.contains(severity), "{severity}");
    }
}

#[test]
fn the_json_names_its_format_and_reads_back() {
    let text = json::render(&full().report()).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["format"], "postmortem-sync-report/1");
    assert_eq!(value["as_of"], "2026-03-09T09:00:00Z");
    let row = &value["findings"]["PM-2026-004/F2"];
    assert_eq!((&row["due_original"], &row["due"]), (&"2026-02-15".into(), &"2026-03-04".into()));
    assert_eq!((&row["extensions"], &row["extended_days"]), (&1.into(), &17.into()));
    assert_eq!(row["flags"], serde_json::json!(["overdue", "review_due"]));
}

#[test]
fn the_same_register_gives_the_same_report_byte_for_byte() {
    let mut shuffled = full();
    shuffled.register.notes.reverse();
    assert_eq!(rendered(&full().report()), rendered(&shuffled.report()));
}

#[test]
fn the_printed_report_keeps_to_its_schema() {
    let schema = json::schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for world in [full(), World::with(Vec::new()), hostile("x")] {
        let printed = serde_json::from_str(&json::render(&world.report()).unwrap()).unwrap();
        let wrong: Vec<String> = validator
            .iter_errors(&printed)
            .map(|error| format!("{} {error}", error.instance_path()))
            .collect();
        assert_eq!(wrong, Vec::<String>::new());
    }
}
