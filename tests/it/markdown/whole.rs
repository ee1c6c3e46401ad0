//! Write-ups as a whole: identity, front matter, emptiness, line ends, hostile text.

use postmortem_sync::{
    model::{
        conventions::Conventions,
        ids::SourceName,
        observed::Observed,
        postmortem::Level,
        terms::{Severity, Tlp},
    },
    source::{read_bytes, scan::Scan},
};
use proptest::prelude::*;

use super::{actions, codes, document, has, read, titles};
use crate::build::date;

#[test]
fn explicit_ids_are_kept() {
    let text =
        "- F3: Rotate\n- [F4] Alert\n- Train <!-- finding: F5 -->\n- <!-- finding: F6 --> Write\n- Rest\n";
    let found = actions(text);
    let ids: Vec<_> = found.iter().map(|finding| finding.id.as_deref()).collect();
    assert_eq!(ids, [Some("F3"), Some("F4"), Some("F5"), Some("F6"), None]);
    assert_eq!(titles(&found), ["Rotate", "Alert", "Train", "Write", "Rest"]);
    let table = actions("| ID | Action |\n|-|-|\n| F9 | Rotate |\n");
    assert_eq!(table[0].id.as_deref(), Some("F9"));
}

#[test]
fn an_id_used_twice_spoils_the_document() {
    let text = "## Action items\n\n- F1: Rotate\n- F1: Alert\n";
    assert!(matches!(document(text).postmortem, Observed::Unknown { .. }));
    has(text, "duplicate_id", 4);
}

#[test]
fn nothing_found_is_never_silent() {
    let level = |text: &str| document(text).diagnostics.iter().map(|noted| noted.level).min();
    assert_eq!(codes("# Leak\n\nProse.\n"), [("no_action_section".to_owned(), 0)]);
    assert_eq!(level("# Leak\n"), Some(Level::Warning));
    assert_eq!(level(""), Some(Level::Warning));
    assert_eq!(codes("## Action items\n\n## Next\n"), [("empty_action_section".to_owned(), 1)]);
    assert_eq!(codes("## Action items\n\n*Write them here.*\n"), [("empty_action_section".to_owned(), 1)]);
    assert_eq!(codes("## Action items\n\n- N/A\n"), [("explicit_none".to_owned(), 3)]);
    assert_eq!(level("## Action items\n\nNone.\n"), Some(Level::Info));
}

#[test]
fn front_matter_says_what_the_write_up_is() {
    let post = read(
        "---\nincident-id: INC-7\nTitle: Leak\ndate: 2026-01-20\nseverity: High\nstatus: in_review\nTLP: tlp:green\nreviewers: [ann, bob]\nteam: payments\nurl: https://wiki.example/7\n---\n\n## Action items\n\n- Rotate\n",
    );
    assert_eq!(
        (post.id.as_str(), post.title.as_str(), post.tlp, post.draft),
        ("INC-7", "Leak", Tlp::Green, true)
    );
    assert_eq!((post.severity, post.published.unwrap().date), (Some(Severity::High), date("2026-01-20")));
    assert_eq!((post.reviewers.len(), post.findings[0].team.as_deref()), (2, Some("payments")));
    assert_eq!(post.findings[0].line, 15);
}

#[test]
fn a_word_nobody_knows_in_front_matter_is_told_and_lets_nothing_out() {
    let text = "---\nseverity: scary\ntlp: AMBR\n---\n## Action items\n\n- Rotate\n";
    assert_eq!((read(text).tlp, read(text).severity), (Tlp::Red, Some(Severity::High)));
    assert_eq!(read(text).severity_unclear.as_deref(), Some("scary"));
    has(text, "unknown_severity", 2);
    has(text, "unknown_tlp", 3);
    assert_eq!(read("## Action items\n\n- Rotate\n").tlp, Tlp::Amber);
}

#[test]
fn front_matter_that_cannot_be_read_refuses_the_write_up() {
    let text = "---\nid: PM-1\ntitle: a: b\n---\n## Action items\n\n- Rotate\n";
    assert!(matches!(document(text).postmortem, Observed::Unknown { .. }));
    has(text, "invalid_front_matter", 3);
}

#[test]
fn a_file_name_gives_the_id_whatever_its_folder() {
    let id = |path: &str| {
        let read = read_bytes(&SourceName::from("s"), path, b"# T\n", &Conventions::default());
        read.postmortem.known().unwrap().id.to_string()
    };
    assert_eq!(id("a/b/2026-01-20-leak.html.md.erb"), "2026-01-20-leak");
    assert_eq!(id("2026-01-20-leak.md"), "2026-01-20-leak");
    assert_eq!(id("PM2019-010 - Node deletion.md"), "PM2019-010-Node-deletion");
    assert_ne!(id("漏洩.md"), id("障害.md"));
    let long = "a very long name that goes on and on and on, longer than an id may be";
    assert!(id(&format!("{long} one.md")).len() <= 64);
    assert_ne!(id(&format!("{long} one.md")), id(&format!("{long} two.md")));
}

#[test]
fn a_scan_numbers_the_findings_that_have_no_id() {
    let document = document("# Leak\n\n## Action items\n\n- Rotate\n- F1: Alert #5\n");
    let scan = serde_json::to_value(Scan::of(&document)).unwrap();
    assert_eq!(scan["findings"][0]["key"], "2026-01-20-leak/F2");
    assert_eq!(scan["findings"][1]["key"], "2026-01-20-leak/F1");
    assert_eq!(scan["findings"][1]["trackers"], serde_json::json!(["acme/platform#5"]));
    assert_eq!(scan["findings"][0]["claimed"], "none");
    assert_eq!(scan["postmortem"]["title"], "Leak");
}

#[test]
fn deep_nesting_is_read_without_harm() {
    let quotes = format!("## Action items\n\n{} deep\n", ">".repeat(5000));
    let lists: String = (0..300).map(|depth| format!("{}- a\n", "  ".repeat(depth))).collect();
    assert!(document(&quotes).postmortem.known().is_some());
    assert_eq!(actions(&lists).len(), 1);
}

#[test]
fn a_hostile_line_takes_no_longer_than_its_length() {
    for piece in [
        "(done)",
        "owner: ",
        "a.",
        ". ",
        "due: 1/",
        "#1",
        "http://",
        "**a",
        "[a](",
        "`",
        "x|",
        "- ",
        "> ",
        "<!--",
        "\u{2705} ",
        "@a ",
    ] {
        document(&format!("## Action items\n\n- {}\n", piece.repeat(20_000)));
        document(&format!("## Action items\n\n|{}\n|{}\n", piece.repeat(2_000), "-|".repeat(2_000)));
    }
}

#[test]
fn tens_of_thousands_of_references_in_one_item_are_each_read_once() {
    let references: String = (1..=30_000).map(|number| format!("acme/keys#{number} ")).collect();
    let finding = super::action(&format!("- Rotate keys {references}and acme/keys#7"));
    assert_eq!(finding.trackers.len(), 30_000);
}

const FULL: &str = "---\ntitle: Leak\n---\n# Leak\n\n## Action items\n\n1. **Rotate**: all\n   (owner: @ann)\n\n   - one\n\n2. Alert ([#5](https://github.com/a/b/issues/5))\n\n| Action | Owner |\n|-|-|\n| Train | @bob |\n";

#[test]
fn line_endings_and_marks_of_byte_order_change_nothing() {
    let plain = read(FULL);
    assert_eq!(plain.findings.len(), 3);
    assert_eq!(read(&FULL.replace('\n', "\r\n")), plain);
    assert_eq!(read(&format!("\u{FEFF}{FULL}")), plain);
}

proptest! {
    #[test]
    fn no_text_makes_reading_fail(text in "(?s).{0,400}") {
        document(&text);
    }

    #[test]
    fn no_action_section_makes_reading_fail(lines in proptest::collection::vec("[-*|#>1. \\[\\]()x:@`<!a-zé✅_~]{0,40}", 0..30)) {
        let text = format!("## Action items\n\n{}", lines.join("\n"));
        let read = document(&text);
        prop_assert!(read.postmortem.known().is_some() || read.diagnostics.iter().any(|noted| noted.level == Level::Error));
        prop_assert_eq!(document(&text.replace('\n', "\r\n")).postmortem, read.postmortem);
    }
}
