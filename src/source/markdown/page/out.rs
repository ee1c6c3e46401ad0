//! Blocks that are being collected, and the paragraph that is not ended yet.
//!
//! Knows where they stand. Knows no element.

use std::ops::Range;

use super::{
    super::{
        block::{Block, Kind},
        text::Text,
    },
    run::Run,
};

/// Where blocks stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the page itself, where headings divide it.
    Page,
    /// In an item of a list.
    Item,
    /// In a task, which Confluence asks a person to do until a day.
    Task,
    /// In a cell of a table.
    Cell,
    /// In a quote, a heading or a title.
    Inside,
}

/// Blocks that are being collected.
pub(super) struct Out {
    pub(super) blocks: Vec<Block>,
    pub(super) run: Run,
    pub(super) place: Place,
    /// Whether the checkbox of the item is ticked.
    pub(super) ticked: Option<bool>,
}

impl Out {
    /// Nothing yet.
    pub(super) fn of(place: Place) -> Self {
        Self { blocks: Vec::new(), run: Run::default(), place, ticked: None }
    }

    /// Ends the paragraph that is being collected.
    pub(super) fn flush(&mut self) {
        let run = std::mem::take(&mut self.run);
        let first = !self.blocks.iter().any(|block| matches!(block.kind, Kind::Paragraph(_)));
        let finished = match self.place {
            Place::Item | Place::Task if first => run.finish_item(self.place == Place::Task),
            Place::Page | Place::Item | Place::Task | Place::Cell | Place::Inside => run.finish(),
        };
        let Some((mut text, at)) = finished else { return };
        if self.place == Place::Item && first && self.ticked.is_none() {
            self.ticked = boxed(&mut text);
        }
        if text.spans.iter().all(|span| span.mark.html) {
            let unseen = |html: &str| Block { at: at.clone(), kind: Kind::Html(html.to_owned()) };
            self.blocks.extend(text.html().filter(|html| !is_break(html)).map(unseen));
        } else if !text.is_blank() {
            self.blocks.push(Block { at, kind: Kind::Paragraph(text) });
        }
    }

    pub(super) fn push(&mut self, at: Range<usize>, kind: Kind) {
        self.flush();
        self.blocks.push(Block { at, kind });
    }
}

fn is_break(html: &str) -> bool {
    html == "<br>"
}

/// Takes a box off the beginning of an item.
fn boxed(text: &mut Text) -> Option<bool> {
    let raw = text.raw();
    let typed = raw.get(..4).filter(|first| first.starts_with('[') && first.ends_with("] "));
    let length = typed.map_or_else(|| raw.chars().next().map_or(0, char::len_utf8), |_| 3);
    let (first, rest) = raw.split_at_checked(length)?;
    let ticked = match first {
        "☐" | "□" | "[ ]" => false,
        "☑" | "☒" | "[x]" | "[X]" => true,
        _ => return None,
    };
    let rest = rest.trim_start_matches(['\u{FE0F}', ' ']);
    *text = text.part(raw.len() - rest.len()..usize::MAX);
    Some(ticked)
}
