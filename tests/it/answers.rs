//! Columns and labels of answers to an audit: a status where they say one, and else a text that stays with the finding.

use postmortem_sync::model::{postmortem::Document, terms::Claimed};

use crate::scanned::{post, scanned};

fn told(document: &Document, code: &str) -> usize {
    document.diagnostics.iter().filter(|noted| noted.code == code).count()
}

/// A table of findings with a last column, in Markdown and in CSV.
fn tables(header: &str, cells: &[&str]) -> [Document; 2] {
    let titles = ["Weak digest", "Old parser", "Shared account", "Open port", "Long session"];
    let rows = || titles.iter().zip(cells);
    let markdown: String = rows().map(|(title, cell)| format!("| {title} | High | {cell} |\n")).collect();
    let csv: String = rows().map(|(title, cell)| format!("{title},High,\"{cell}\"\n")).collect();
    [
        scanned(
            "a.md",
            &format!(
                "# Penetration test report\n\n## Findings\n\n| Finding | Severity | {header} |\n|---|---|---|\n{markdown}"
            ),
        ),
        scanned("a.csv", &format!("Finding,Severity,{header}\n{csv}")),
    ]
}

#[test]
fn a_column_of_answers_is_the_status_where_its_cells_are_status_words() {
    for header in [
        "Response",
        "Disposition",
        "Management response",
        "Resolution",
        "Risk treatment",
        "Stellungnahme",
        "Respuesta",
    ] {
        for document in
            tables(header, &["Accepted", "Remediated", "Deferred", "False positive", "In progress"])
        {
            let read = post(&document);
            let found: Vec<_> = read.findings.iter().map(|one| (one.title.as_str(), one.claimed)).collect();
            let expected = [("Old parser", Claimed::Done), ("Long session", Claimed::InProgress)];
            assert_eq!(found, expected, "{header}: {document:?}");
            let asked: Vec<&str> = read.candidates.iter().map(|one| one.text.as_str()).collect();
            assert_eq!(asked, ["Weak digest", "Shared account", "Open port"], "{header}");
            assert!(read.findings.iter().all(|one| one.description.is_none()), "{header}: never both");
        }
    }
}

#[test]
fn a_column_of_answers_in_words_of_their_own_stays_with_the_finding() {
    let said = "We will move to SHA-256 with the next platform release";
    for header in ["Response", "Disposition", "Management response", "Resolution"] {
        for document in tables(header, &[said, said]) {
            let read = post(&document);
            let kept = read.findings.iter().filter(|one| one.description.as_deref() == Some(said)).count();
            let lost = 2 - kept - read.candidates.len();
            assert_eq!((lost, told(&document, "unknown_status")), (0, 0), "{header}: {document:?}");
        }
    }
}

#[test]
fn beside_a_status_an_answer_in_words_is_kept_and_one_that_declines_decides() {
    let text = |answer: &str| {
        format!(
            "# Penetration test report\n\n## Findings\n\n| Finding | Severity | Status | Management response |\n|---|---|---|---|\n\
             | Weak digest | High | Open | {answer} |\n"
        )
    };
    let kept = scanned("a.md", &text("We will move to SHA-256"));
    assert_eq!(post(&kept).findings[0].description.as_deref(), Some("We will move to SHA-256"), "{kept:?}");
    assert_eq!((told(&kept, "unmapped_column"), told(&kept, "unknown_status")), (0, 0));
    let declined = scanned("a.md", &text("Risk accepted"));
    assert_eq!((post(&declined).findings.len(), post(&declined).candidates.len()), (0, 1), "{declined:?}");
    let csv = scanned("a.csv", "Finding,Severity,Status,Resolution\nWeak digest,High,Closed,Won't fix\n");
    assert_eq!((post(&csv).findings.len(), post(&csv).candidates.len()), (0, 1), "{csv:?}");
}

#[test]
fn an_answer_behind_a_label_is_a_text_unless_it_is_a_status() {
    let text = |answer: &str| {
        format!(
            "# Penetration test report\n\n## Findings\n\n### 1. Weak digest\n\n- Severity: High\n- Management response: {answer}\n- Status: In progress\n"
        )
    };
    let kept = scanned("a.md", &text("we will move to SHA-256"));
    let finding = &post(&kept).findings[0];
    assert_eq!(finding.claimed, Claimed::InProgress, "{kept:?}");
    assert!(finding.description.as_deref().unwrap().contains("we will move to SHA-256"));
    assert_eq!(told(&kept, "unknown_status"), 0, "{kept:?}");
}
