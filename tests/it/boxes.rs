//! Checkboxes that are written as characters, in items and cells, of Markdown and of HTML.

use postmortem_sync::model::{postmortem::Document, terms::Claimed};

use crate::scanned::{post, scanned};

fn claims(document: &Document) -> Vec<(&str, Claimed)> {
    post(document).findings.iter().map(|one| (one.title.as_str(), one.claimed)).collect()
}

/// An open box and a ticked one.
const BOXES: [(&str, &str); 4] = [("[ ]", "[x]"), ("[ ]", "[X]"), ("☐", "☑"), ("⬜", "☒")];

const EXPECTED: [(&str, Claimed); 2] =
    [("Rotate the keys", Claimed::None), ("Scan the history", Claimed::Done)];

#[test]
fn a_box_before_an_item_or_a_cell_is_a_checkbox() {
    for (open, ticked) in BOXES {
        let item =
            format!("<ul><li>{open} Rotate the keys</li><li><p>{ticked} Scan the history</p></li></ul>");
        let rows = format!(
            "<table><tr><th>Action</th><th>Owner</th></tr><tr><td>{open} Rotate the keys</td><td>Ana</td></tr>\
             <tr><td>{ticked} Scan the history</td><td>Bo</td></tr></table>"
        );
        let column = format!(
            "<table><tr><th></th><th>Action</th></tr><tr><td>{open}</td><td>Rotate the keys</td></tr>\
             <tr><td>{ticked}</td><td>Scan the history</td></tr></table>"
        );
        for inner in [item, rows, column] {
            let page = scanned(
                "a.html",
                &format!("<html><body><h1>T</h1><h2>Action items</h2>{inner}</body></html>"),
            );
            assert_eq!(claims(&page), EXPECTED, "{inner}: {page:?}");
            let inside = scanned("a.md", &format!("# T\n\n## Action items\n\n{inner}\n"));
            assert_eq!(claims(&inside), EXPECTED, "{inner}: {inside:?}");
        }
        let list = format!("- {open} Rotate the keys\n- {ticked} Scan the history\n");
        let rows = format!(
            "| Action | Owner |\n|---|---|\n| {open} Rotate the keys | Ana |\n| {ticked} Scan the history | Bo |\n"
        );
        let column = format!(
            "| | Action |\n|---|---|\n| {open} | Rotate the keys |\n| {ticked} | Scan the history |\n"
        );
        let cell = format!(
            "| Action | Owner |\n|---|---|\n| {open} Rotate the keys<br>{ticked} Scan the history | Ana |\n"
        );
        for inner in [list, rows, column, cell] {
            let document = scanned("a.md", &format!("# T\n\n## Action items\n\n{inner}"));
            assert_eq!(claims(&document), EXPECTED, "{inner}: {document:?}");
            assert_eq!(document.diagnostics, [], "{inner}");
        }
    }
}

#[test]
fn an_open_box_outside_of_every_section_of_actions_is_told() {
    for text in [
        "# T\n\n## Action items\n\n- Rotate the keys\n\n## Notes\n\n- ☐ Ask the vendor\n".to_owned(),
        "<html><body><h1>T</h1><h2>Action items</h2><ul><li>Rotate the keys</li></ul><h2>Notes</h2>\
         <ul><li>[ ] Ask the vendor</li></ul></body></html>"
            .to_owned(),
    ] {
        let path = if text.starts_with('<') { "a.html" } else { "a.md" };
        let document = scanned(path, &text);
        let told = document.diagnostics.iter().any(|noted| noted.message.contains("Ask the vendor"));
        let asked = post(&document).candidates.iter().any(|one| one.text == "Ask the vendor");
        assert!(told || asked, "{document:?}");
    }
}

#[test]
fn brackets_that_are_no_box_stay() {
    for title in ["[xyz] Rotate the keys", "[WIP-3] Rotate the keys"] {
        let document = scanned("a.md", &format!("# T\n\n## Action items\n\n- {title}\n"));
        assert_eq!(claims(&document), [(title, Claimed::None)]);
    }
}
