//! What the documents of a source came to, counted.

use postmortem_sync::model::{
    cycle::{Coverage, SourceHealth},
    observed::Observed,
    postmortem::{Candidate, Diagnostic, Document, DocumentFinding, Level, Postmortem},
};

use super::intake_rules::{document, item, unreadable, with};

/// A document with so many findings and candidates.
fn holding(id: &str, findings: usize, candidates: usize) -> Document {
    let items: Vec<DocumentFinding> = (0..findings).map(|n| item(&format!("Mend {n}"))).collect();
    let waits = |n| Candidate {
        text: format!("perhaps {n}"),
        reason: "prose_candidate".to_owned(),
        marked: None,
        line: 1,
    };
    with(document(id, &items), |postmortem: &mut Postmortem| {
        postmortem.candidates = (0..candidates).map(waits).collect();
    })
}

/// A document that says that there is nothing to do.
fn says_none(id: &str) -> Document {
    let noted = Diagnostic {
        path: format!("postmortems/{id}.md"),
        line: 1,
        column: 0,
        level: Level::Info,
        code: "explicit_none".to_owned(),
        message: String::new(),
        help: None,
    };
    Document { diagnostics: vec![noted], ..holding(id, 0, 0) }
}

#[test]
fn a_document_counts_as_what_was_found_in_it() {
    for (document, accepted, is) in [
        (unreadable(holding("A", 1, 0)), 0, Coverage::Unreadable),
        (holding("B", 0, 0), 0, Coverage::Nothing),
        (says_none("C"), 0, Coverage::NoneStated),
        (holding("D", 0, 2), 0, Coverage::CandidatesOnly),
        (holding("E", 0, 2), 1, Coverage::Findings),
        (holding("F", 2, 0), 0, Coverage::Findings),
        (holding("G", 1, 1), 1, Coverage::Findings),
    ] {
        assert_eq!(Coverage::of(&document, Some(accepted)), is, "{}", document.path);
    }
}

#[test]
fn a_source_counts_its_documents_their_findings_and_what_waits() {
    let documents = [
        vec![unreadable(holding("A", 1, 0)); 2],
        vec![holding("B", 0, 0); 3],
        vec![says_none("C"); 4],
        vec![holding("D", 0, 2); 5],
        vec![holding("E", 3, 2); 6],
    ];
    // One candidate of each document with findings was accepted.
    let accepted = |document: &Document| Some(usize::from(document.path.ends_with("E.md")));
    let health = SourceHealth::of(&Observed::Known(documents.concat()), accepted);
    let expected = SourceHealth {
        read: None,
        documents: 20,
        unreadable: 2,
        empty: 3,
        none_stated: 4,
        candidates_only: 5,
        findings: 6 * 4,
        candidates: 5 * 2 + 6,
    };
    assert_eq!(health, expected);
    assert_eq!(health.covered(), 6);
    let nothing = SourceHealth::of(&Observed::unknown("not mounted"), |_| Some(0));
    assert_eq!(nothing, SourceHealth { unreadable: 1, ..SourceHealth::default() });
}
