//! How bad and how soon: before a title, behind it, above it.

use postmortem_sync::model::terms::{Claimed, Priority, Severity};

use super::{action, actions, findings, read, titles};
use crate::build::date;

/// What each finding states: how bad, how soon.
fn ranks(text: &str) -> Vec<(Option<Severity>, Option<Priority>)> {
    findings(text).into_iter().map(|finding| (finding.severity, finding.priority)).collect()
}

#[test]
fn a_rank_in_brackets_behind_the_title_is_no_part_of_it() {
    for (written, title, severity, priority) in [
        (
            "Escape the `sort` parameter (Critical)",
            "Escape the sort parameter",
            Some(Severity::Critical),
            None,
        ),
        ("Rotate the keys [High]", "Rotate the keys", Some(Severity::High), None),
        ("Rotate the keys (Severity: low)", "Rotate the keys", Some(Severity::Low), None),
        ("**Rotate the keys (high severity)**", "Rotate the keys", Some(Severity::High), None),
        ("Rotate the keys (P1)", "Rotate the keys", None, Some(Priority::P1)),
        ("Rotate the keys (low on memory)", "Rotate the keys (low on memory)", None, None),
        ("Rotate the keys (see below)", "Rotate the keys (see below)", None, None),
    ] {
        let found = action(&format!("- {written}"));
        assert_eq!(
            (found.title.as_str(), found.severity, found.priority),
            (title, severity, priority),
            "{written}"
        );
    }
}

#[test]
fn a_heading_that_names_a_rank_gives_it_to_what_stands_below() {
    for (heading, severity, priority) in [
        ("High severity", Some(Severity::High), None),
        ("Critical", Some(Severity::Critical), None),
        ("Medium risk findings", Some(Severity::Medium), None),
        ("P2 – this quarter", None, Some(Priority::P2)),
        ("Immediate actions (P0)", None, Some(Priority::P0)),
        ("Schweregrad: hoch", Some(Severity::High), None),
        ("Gravité élevée", Some(Severity::High), None),
        ("High availability", None, None),
        ("High and low severity", None, None),
        ("Phase 2", None, None),
    ] {
        let text = format!(
            "# Leak\n\n## Action items\n\n### {heading}\n\n- Rotate the keys\n- Train people [low]\n"
        );
        let own = (Some(Severity::Low), None);
        assert_eq!(ranks(&text), [(severity, priority), own], "{heading}");
    }
}

#[test]
fn priorities_of_headings_are_words_for_how_soon() {
    let words =
        |heading: &str| ranks(&format!("# Leak\n\n## Action items\n\n### {heading}\n\n1. Rotate the keys\n"));
    assert_eq!(words("High Priority ⚡"), words("Fixes (Priority: HIGH)"));
    assert!(words("High Priority ⚡")[0].1.is_some());
    assert_eq!(words("High Priority ⚡")[0].0, None);
}

#[test]
fn a_bold_line_above_a_list_or_a_table_ranks_it() {
    let text = "# Leak\n\n## Action items\n\n**P1 (this week)**\n\n- Rotate the keys\n\n**P3**\n\n| Action | Owner |\n|-|-|\n| Train people | Ann |\n";
    assert_eq!(ranks(text), [(None, Some(Priority::P1)), (None, Some(Priority::P3))]);
}

#[test]
fn chapters_of_a_report_below_a_rank_have_it() {
    let text = "# Penetration test report\n\n## Findings\n\n### High\n\n#### Weak passwords\n\nStatus: open\n\n#### Old TLS\n\nSeverity: low\nStatus: open\n";
    assert_eq!(ranks(text), [(Some(Severity::High), None), (Some(Severity::Low), None)]);
}

#[test]
fn a_status_that_tells_since_when_is_read() {
    for (written, claimed) in [
        ("Rotate the keys — done on 3 May 2026", Claimed::Done),
        ("Rotate the keys (completed 2026-05-03)", Claimed::Done),
        ("Rotate the keys – erledigt am 3.5.2026", Claimed::Done),
        ("Rotate the keys (terminé le 3 mai 2026)", Claimed::Done),
        ("Rotate the keys - in progress since 2026-05-03", Claimed::InProgress),
    ] {
        let found = action(&format!("- {written}"));
        assert_eq!((found.title.as_str(), found.claimed), ("Rotate the keys", claimed), "{written}");
    }
    assert_eq!(actions("- Rotate the keys (fixed price of 3 May)")[0].claimed, Claimed::None);
}

#[test]
fn several_labels_on_one_line_are_several() {
    for line in [
        "**Severity:** SEV2 **Date:** 12 Feb 2026 **Status:** Draft",
        "Severity: SEV2   Date: 12 Feb 2026   Status: Draft",
        "Severity: SEV2 | Date: 12 Feb 2026 | Status: Draft",
        "Schweregrad: SEV2 Datum: 12 Feb 2026 Status: Entwurf",
    ] {
        let read = read(&format!("# Leak\n\n{line}\n\n## Action items\n\n- Rotate\n"));
        let published = read.published.map(|when| when.date);
        assert_eq!(
            (read.severity, published, read.draft),
            (Some(Severity::High), Some(date("2026-02-12")), true),
            "{line}"
        );
    }
    let sentence = read(
        "# Leak\n\nDate: 12 Feb 2026\n\nWe saw this: status of the queue: late\n\n## Action items\n\n- Rotate\n",
    );
    assert!(!sentence.draft);
    assert_eq!(titles(&sentence.findings), ["Rotate"]);
}

#[test]
fn a_labelled_rank_in_running_text_is_read_wherever_it_stands() {
    for (written, title, rank) in [
        ("Rotate keys (severity: high, owner: ann)", "Rotate keys", (Some(Severity::High), None)),
        ("Rotate keys (owner: ann; priority: P2)", "Rotate keys", (None, Some(Priority::P2))),
        (
            "Rotate keys - Owner: ann - Priority: P1 - Due: 2026-05-01",
            "Rotate keys",
            (None, Some(Priority::P1)),
        ),
        ("Rotate keys. Priority: P0. Owner: ann.", "Rotate keys.", (None, Some(Priority::P0))),
        (
            "Rotate keys (Verantwortlich: ann; Schweregrad: mittel)",
            "Rotate keys",
            (Some(Severity::Medium), None),
        ),
        ("Rotate keys → Owner: ann → Severity: low", "Rotate keys", (Some(Severity::Low), None)),
    ] {
        let found = action(&format!("- {written}"));
        let owner = found.owner.as_deref();
        assert_eq!(
            (found.title.as_str(), (found.severity, found.priority), owner),
            (title, rank, Some("ann")),
            "{written}"
        );
    }
    let kept = action("- Say what the priority: of the queue is");
    assert_eq!((kept.title.as_str(), kept.priority), ("Say what the priority: of the queue is", None));
}

#[test]
fn a_bracket_may_say_who_until_when_and_how_far_without_labels() {
    let due = || Some(date("2026-03-05"));
    for (written, owner, due, claimed) in [
        ("Rotate keys (Ana Ruiz, 5 March 2026, done)", Some("Ana Ruiz"), due(), Claimed::Done),
        ("Rotate keys [@ana; 2026-03-05]", Some("@ana"), due(), Claimed::None),
        ("Rotate keys (in progress, Ana)", Some("Ana"), None, Claimed::InProgress),
    ] {
        let found = action(&format!("- {written}"));
        assert_eq!(found.title, "Rotate keys", "{written}");
        assert_eq!((found.owner.as_deref(), found.due, found.claimed), (owner, due, claimed), "{written}");
    }
    for kept in [
        "Rotate keys (Vault, Consul)",
        "Rotate keys (staging, then on 5 March 2026 everywhere)",
        "Rotate keys (Ana, Bo, 2026-03-05)",
    ] {
        assert_eq!(action(&format!("- {kept}")).title, kept);
    }
}

#[test]
fn ranks_behind_a_dash_and_ticks_with_their_day_are_no_part_of_the_title() {
    let ranked = action("- Rotate keys - due April 15, 2026 - medium severity");
    assert_eq!(
        (ranked.title.as_str(), ranked.severity, ranked.due),
        ("Rotate keys", Some(Severity::Medium), Some(date("2026-04-15")))
    );
    let ticked = action("- Rotate keys ✅ 2026-03-11");
    assert_eq!((ticked.title.as_str(), ticked.claimed), ("Rotate keys", Claimed::Done));
    assert_eq!(action("- Move to high - availability zones").title, "Move to high - availability zones");
}
