//! Blocks as one text: what stands in a heading or in the cell of a table.
//!
//! Knows blocks and spans. Tables inside a cell are no text; they are handed back.

use super::super::{
    block::{Block, Kind},
    text::{Mark, Span, Text},
};

/// The text of a heading, on one line.
pub(super) fn heading(blocks: Vec<Block>) -> Text {
    flat(blocks, &[Span { text: " ".to_owned(), mark: Mark::default(), link: None, at: 0 }]).0
}

/// The text of a cell, its lines divided by `<br>`; and the tables in it.
pub(super) fn cell(blocks: Vec<Block>) -> (Text, Vec<Block>) {
    let (text, tables) = flat(blocks, &[line_end(0)]);
    let mut lines = Text::default();
    for span in text.spans {
        if span.mark.html || !span.text.contains('\n') {
            lines.spans.push(span);
            continue;
        }
        for (number, part) in span.text.split('\n').enumerate() {
            if number > 0 {
                lines.spans.push(line_end(span.at));
            }
            if !part.is_empty() {
                lines.spans.push(Span { text: part.to_owned(), ..span.clone() });
            }
        }
    }
    (lines, tables)
}

fn line_end(at: usize) -> Span {
    Span { text: "<br>".to_owned(), mark: Mark { html: true, ..Mark::default() }, link: None, at }
}

fn flat(blocks: Vec<Block>, apart: &[Span]) -> (Text, Vec<Block>) {
    let mut flat = Flat { text: Text::default(), tables: Vec::new(), apart };
    flat.blocks(blocks, "");
    (flat.text, flat.tables)
}

struct Flat<'a> {
    text: Text,
    tables: Vec<Block>,
    apart: &'a [Span],
}

impl Flat<'_> {
    /// Takes in blocks; the first text of them stands behind a mark.
    fn blocks(&mut self, blocks: Vec<Block>, mark: &str) {
        let mut mark = mark;
        for block in blocks {
            match block.kind {
                Kind::Heading(_, text) | Kind::Paragraph(text) => self.line(text, std::mem::take(&mut mark)),
                Kind::List(list) => {
                    let single = list.items.len() == 1 && list.items.iter().all(|item| item.ticked.is_none());
                    for (number, item) in list.items.into_iter().enumerate() {
                        let first = match (list.start, item.ticked) {
                            (_, Some(true)) => "[x] ".to_owned(),
                            (_, Some(false)) => "[ ] ".to_owned(),
                            _ if single => String::new(),
                            (Some(start), None) => format!("{}. ", start.saturating_add(number as u64)),
                            (None, None) => "- ".to_owned(),
                        };
                        self.blocks(item.blocks, &first);
                    }
                }
                Kind::Quote(blocks) => self.blocks(blocks, std::mem::take(&mut mark)),
                Kind::Html(html) => {
                    let unseen = Mark { html: true, ..Mark::default() };
                    self.text.push(Span { text: html, mark: unseen, link: None, at: block.at.start });
                }
                Kind::Table(_) => self.tables.push(block),
                Kind::Other => {}
            }
        }
    }

    fn line(&mut self, text: Text, mark: &str) {
        if text.is_blank() {
            return self.text.spans.extend(text.spans);
        }
        let at = text.spans.first().map_or(0, |span| span.at);
        if !self.text.is_blank() {
            self.text.spans.extend(self.apart.iter().map(|span| Span { at, ..span.clone() }));
        }
        if !mark.is_empty() {
            self.text.push(Span { text: mark.to_owned(), mark: Mark::default(), link: None, at });
        }
        text.spans.into_iter().for_each(|span| self.text.push(span));
    }
}
