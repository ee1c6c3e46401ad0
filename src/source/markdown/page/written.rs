//! Blocks as a text in Markdown, for whatever reads lines: marks that say who may read it, and descriptions.
//!
//! Knows how Markdown is written. The blocks get their places in the text; where they stood before is kept beside it.

use std::{collections::BTreeMap, mem, ops::Range};

use super::{
    super::{
        block::{Block, Item, Kind, List, Table},
        text::{SOFT_BREAK, Span, Text},
    },
    origin::Spot,
};

/// How far lines are indented; what is deeper stands no further in.
const DEEPEST: usize = 64;

/// Writes blocks behind a beginning that is as it is in the page. `codes` are blocks of code by their places.
pub(super) fn write(
    beginning: &str,
    mut blocks: Vec<Block>,
    codes: &BTreeMap<usize, String>,
) -> (String, Vec<Block>, Vec<Spot>) {
    let mut writer = Writer {
        text: beginning.to_owned(),
        before: String::new(),
        spots: vec![Spot { text: 0, page: (0, beginning.len()) }],
        codes,
    };
    if !beginning.is_empty() && !beginning.ends_with('\n') {
        writer.text.push('\n');
    }
    writer.blocks(&mut blocks);
    writer.text.push('\n');
    (writer.text, blocks, writer.spots)
}

/// A block that was read from HTML, as Markdown.
pub(in crate::source::markdown) fn as_markdown(block: &Block) -> String {
    write("", vec![block.clone()], &BTreeMap::new()).0
}

struct Writer<'a> {
    text: String,
    /// What every line begins with.
    before: String,
    spots: Vec<Spot>,
    codes: &'a BTreeMap<usize, String>,
}

impl Writer<'_> {
    fn spot(&mut self, at: &Range<usize>) {
        let spot = Spot { text: self.text.len(), page: (at.start, at.end) };
        match self.spots.last_mut().filter(|last| last.text == spot.text) {
            Some(last) => *last = spot,
            None => self.spots.push(spot),
        }
    }

    fn line(&mut self) {
        let kept = self.text.trim_end_matches(' ').len();
        self.text.truncate(kept);
        self.text.push('\n');
        self.text.push_str(&self.before);
    }

    fn indent(&mut self, more: &str) {
        if self.before.len() < DEEPEST {
            self.before.push_str(more);
        }
    }

    fn blocks(&mut self, blocks: &mut [Block]) {
        for (number, block) in blocks.iter_mut().enumerate() {
            if number > 0 {
                self.line();
                self.line();
            }
            self.block(block);
        }
    }

    fn block(&mut self, block: &mut Block) {
        let at = block.at.clone();
        self.spot(&at);
        let start = self.text.len();
        match &mut block.kind {
            Kind::Heading(level, text) if !text.is_blank() => {
                self.text.push_str(&"#".repeat(usize::from((*level).clamp(1, 6))));
                self.text.push(' ');
                self.words(text, false, at.end);
            }
            Kind::Heading(_, text) | Kind::Paragraph(text) => self.words(text, false, at.end),
            Kind::List(list) => self.list(list),
            Kind::Table(table) => self.table(table),
            Kind::Quote(blocks) => {
                let before = self.before.len();
                self.text.push_str("> ");
                self.indent("> ");
                self.blocks(blocks);
                self.before.truncate(before);
            }
            Kind::Html(html) => self.raw(html),
            Kind::Other => {
                if let Some(code) = self.codes.get(&at.start) {
                    self.raw(code);
                }
            }
        }
        block.at = start..self.text.len();
    }

    fn raw(&mut self, text: &str) {
        for (number, line) in text.split('\n').enumerate() {
            if number > 0 {
                self.line();
            }
            self.text.push_str(line);
        }
    }

    fn list(&mut self, list: &mut List) {
        for (number, item) in list.items.iter_mut().enumerate() {
            if number > 0 {
                self.line();
            }
            let bullet = match list.start {
                Some(start) => format!("{}. ", start.saturating_add(number as u64)),
                None => "- ".to_owned(),
            };
            self.item(item, &bullet);
        }
    }

    fn item(&mut self, item: &mut Item, bullet: &str) {
        self.spot(&item.at);
        let start = self.text.len();
        self.text.push_str(bullet);
        self.text.push_str(match item.ticked {
            Some(true) => "[x] ",
            Some(false) => "[ ] ",
            None => "",
        });
        let before = self.before.len();
        self.indent(&" ".repeat(bullet.len()));
        let tight = item.blocks.iter().skip(1).all(|block| matches!(block.kind, Kind::List(_)));
        for (number, block) in item.blocks.iter_mut().enumerate() {
            if number > 0 {
                self.line();
                if !tight {
                    self.line();
                }
            }
            self.block(block);
        }
        self.before.truncate(before);
        item.at = start..self.text.len();
    }

    fn table(&mut self, table: &mut Table) {
        self.row(&mut table.head);
        self.line();
        self.text.push_str(&"|---".repeat(table.head.len()));
        self.text.push('|');
        for row in &mut table.rows {
            self.line();
            self.spot(&row.at);
            let start = self.text.len();
            self.row(&mut row.cells);
            row.at = start..self.text.len();
        }
    }

    fn row(&mut self, cells: &mut [Text]) {
        for cell in cells {
            self.text.push_str("| ");
            self.words(cell, true, 0);
            self.text.push(' ');
        }
        self.text.push('|');
    }

    /// Writes a text; `cell` keeps it on one line.
    fn words(&mut self, text: &mut Text, cell: bool, end: usize) {
        let starts: Vec<usize> = text.spans.iter().skip(1).map(|span| span.at).collect();
        for (number, span) in text.spans.iter_mut().enumerate() {
            let next = starts.get(number).copied().unwrap_or(end).max(span.at + span.text.len());
            self.span(span, cell, next);
        }
    }

    fn span(&mut self, span: &mut Span, cell: bool, end: usize) {
        let place = span.at..end;
        if span.mark.html {
            self.spot(&place);
            span.at = self.text.len();
            let html = mem::take(&mut span.text);
            self.raw(&if cell { html.replace('\n', " ") } else { html.clone() });
            span.text = html;
            return;
        }
        let (open, close) = marks(span);
        self.text.push_str(&open);
        self.spot(&place);
        span.at = self.text.len();
        let mut chars = span.text.chars().peekable();
        while let Some(c) = chars.next() {
            let tag =
                chars.peek().is_some_and(|next| next.is_ascii_alphabetic() || matches!(next, '/' | '!'));
            match c {
                SOFT_BREAK | '\n' if cell => self.text.push(' '),
                SOFT_BREAK | '\n' => self.line(),
                '|' if cell => self.text.push_str("\\|"),
                '<' if tag && !span.mark.code => self.text.push_str("\\<"),
                _ => self.text.push(c),
            }
        }
        self.text.push_str(&close);
    }
}

/// What stands around a span.
fn marks(span: &Span) -> (String, String) {
    let mut open = String::new();
    let mut close = String::new();
    let spaced = span.text.starts_with(' ') || span.text.ends_with(' ') || span.text.trim().is_empty();
    let web = span.link.as_deref().filter(|link| !link.starts_with("jira:") && *link != span.text);
    if let Some(link) = web {
        open.push('[');
        close = format!("]({link})");
    }
    let marked =
        [(span.mark.strong && !spaced, "**"), (span.mark.struck && !spaced, "~~"), (span.mark.code, "`")];
    for (_, mark) in marked.iter().filter(|(on, _)| *on) {
        open.push_str(mark);
        close.insert_str(0, mark);
    }
    (open, close)
}
