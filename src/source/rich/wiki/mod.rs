//! Jira's wiki text, as Data Center keeps descriptions (Jira's help, Text Formatting Notation Guide).
//!
//! Knows its lines: headings, lists, tables, boxes. What stands in a line is read beside it.
//! Every line of the text is one of the page, so that places are those of the text.

mod inline;
mod macros;
mod table;

use std::mem;

use self::macros::{Macro, Use};
use super::{People, Rendered, writer::Writer};

/// Most lists within lists, and most boxes within boxes.
const LISTS: usize = 30;
const BOXES: usize = 30;
/// Longest row, in lines.
const ROW: usize = 500;
/// Longest sign of an item.
const SIGN: usize = 30;

/// A text in the storage format.
pub(in crate::source) fn storage(text: &str, people: &People) -> Rendered {
    let mut wiki = Wiki {
        writer: Writer::new(people),
        state: State::default(),
        boxes: Vec::new(),
        code: None,
        is_cell: false,
    };
    wiki.lines(text);
    wiki.end();
    wiki.writer.finish()
}

/// Whether a text in a field for wiki text is Markdown: headings of two signs and more that go on with no list, rules of
/// tables, or fences; and nothing that only wiki text has.
pub(in crate::source) fn is_markdown(text: &str) -> bool {
    let is_wiki = |line: &str| heading(line).is_some() || line.trim_start().starts_with("||");
    if text.lines().any(is_wiki) {
        return false;
    }
    let is_rule = |line: &str| {
        let line = line.trim();
        line.contains("--") && line.contains('|') && line.chars().all(|c| "|-: ".contains(c))
    };
    let is_fence = |line: &str| line.trim_start().starts_with("```");
    let linked = text.contains("](http") || text.lines().any(|line| line.starts_with("- ["));
    let mut before = "";
    for line in text.lines() {
        let signs = line.len() - line.trim_start_matches('#').len();
        let named = (1..=6).contains(&signs) && line.get(signs..).is_some_and(|rest| rest.starts_with(' '));
        let heads = named && item(before).is_none() && (signs > 1 || linked);
        if heads || is_rule(line) || is_fence(line) {
            return true;
        }
        before = line;
    }
    false
}

/// What is open within the box that is being read.
#[derive(Debug, Default)]
struct State {
    paragraph: bool,
    table: bool,
    lists: Vec<Level>,
    /// Whether an empty line stands between the last item and what comes.
    gap: bool,
}

/// A list that is open, with an open item.
#[derive(Debug)]
struct Level {
    signs: usize,
    numbered: bool,
}

impl Level {
    fn name(&self) -> &'static str {
        if self.numbered { "ol" } else { "ul" }
    }
}

/// A box that is open.
#[derive(Debug)]
struct Open {
    name: String,
    close: &'static str,
}

struct Wiki<'a> {
    writer: Writer<'a>,
    state: State,
    boxes: Vec<Open>,
    /// The macro whose text is no markup, while it is open.
    code: Option<&'static str>,
    /// Whether a cell is being read, in which no table begins.
    is_cell: bool,
}

impl Wiki<'_> {
    fn lines(&mut self, text: &str) {
        let mut lines = text.split('\n').peekable();
        let mut is_first = true;
        while let Some(line) = lines.next() {
            if !mem::take(&mut is_first) {
                self.writer.end_line();
            }
            if self.code.is_some() || self.is_cell || !line.trim_start().starts_with('|') {
                self.line(line);
                continue;
            }
            let mut row = line.to_owned();
            let mut end = table::End::of(line);
            for _ in 0..ROW {
                let Some(next) = lines.next_if(|next| !end.is_reached(next)) else { break };
                row.push('\n');
                row.push_str(next);
                end.go_on(next);
            }
            self.row(&row);
        }
    }

    /// Ends everything that is open.
    fn end(&mut self) {
        if self.code.take().is_some() {
            self.writer.raw("</pre>");
        }
        self.close();
        while let Some(open) = self.boxes.pop() {
            self.writer.raw(open.close);
        }
    }

    /// Ends the paragraph, the lists and the table.
    fn close(&mut self) {
        let state = mem::take(&mut self.state);
        if state.paragraph {
            self.writer.raw("</p>");
        }
        for level in state.lists.iter().rev() {
            self.writer.raw(&format!("</li></{}>", level.name()));
        }
        if state.table {
            self.writer.raw("</tbody></table>");
        }
    }

    fn line(&mut self, line: &str) {
        let mut rest = line;
        loop {
            if let Some(name) = self.code {
                let token = format!("{{{name}}}");
                let Some((text, after)) = rest.split_once(&token) else { return self.writer.text(rest) };
                self.writer.text(text);
                self.writer.raw("</pre>");
                self.code = None;
                rest = after;
            } else if let Some(found) = macros::first(rest) {
                let before = rest.get(..found.at).unwrap_or_default();
                if !before.trim().is_empty() {
                    self.plain(before);
                }
                rest = rest.get(found.end..).unwrap_or_default();
                self.boxed(&found);
            } else {
                return self.plain(rest);
            }
            if rest.trim().is_empty() {
                return;
            }
        }
    }

    /// A macro that begins or ends a box.
    fn boxed(&mut self, found: &Macro<'_>) {
        self.close();
        let known = self.boxes.iter().rposition(|open| open.name == found.name);
        match (found.usage, known) {
            (Use::Code(name), _) => {
                self.writer.raw("<pre>");
                self.code = Some(name);
            }
            (Use::Around, _) => {}
            (_, Some(at)) if found.parameters.is_empty() => {
                while self.boxes.len() > at {
                    let close = self.boxes.pop().map_or("", |open| open.close);
                    self.writer.raw(close);
                }
            }
            _ if self.boxes.len() >= BOXES => {}
            (Use::Quote, _) => self.open("<blockquote>", "</blockquote>", found.name.clone()),
            (Use::Box, _) => {
                let title = found.title().unwrap_or_default();
                self.writer.open_box(title);
                let close = "</ac:rich-text-body></ac:structured-macro>";
                self.boxes.push(Open { name: found.name.clone(), close });
            }
        }
    }

    fn open(&mut self, markup: &str, close: &'static str, name: String) {
        self.writer.raw(markup);
        self.boxes.push(Open { name, close });
    }

    /// A line without boxes.
    fn plain(&mut self, line: &str) {
        let text = line.trim();
        if text.is_empty() {
            if self.state.lists.is_empty() {
                self.close();
            }
            self.state.gap = true;
        } else if let Some((level, text)) = heading(line) {
            self.wrapped(&format!("<h{level}>"), text, &format!("</h{level}>"));
        } else if let Some(text) = text.strip_prefix("bq. ") {
            self.wrapped("<blockquote><p>", text, "</p></blockquote>");
        } else if text.len() >= 4 && text.bytes().all(|byte| byte == b'-') {
            self.wrapped("<hr/>", "", "");
        } else if let Some((signs, text)) = item(line) {
            self.item(signs, text);
        } else {
            self.running(text);
        }
    }

    fn wrapped(&mut self, open: &str, text: &str, close: &str) {
        self.close();
        self.writer.raw(open);
        self.inline(text, 0);
        self.writer.raw(close);
    }

    /// A line of a paragraph, or one that goes on with an item.
    fn running(&mut self, text: &str) {
        if let Some(name) = macros::alone(text) {
            self.writer.unknown(name);
        }
        let goes_on = self.state.paragraph || (!self.state.lists.is_empty() && !self.state.gap);
        if goes_on {
            self.writer.raw("<br/>");
        } else {
            self.close();
            self.writer.raw("<p>");
            self.state.paragraph = true;
        }
        self.inline(text, 0);
    }

    fn item(&mut self, signs: &str, text: &str) {
        let (signs, numbered) = (signs.len(), signs.ends_with('#'));
        if self.state.lists.is_empty() {
            self.close();
        }
        self.state.gap = false;
        let ends = |level: &Level| level.signs > signs || level.signs == signs && level.numbered != numbered;
        while let Some(level) = self.state.lists.pop_if(|level| ends(level)) {
            self.writer.raw(&format!("</li></{}>", level.name()));
        }
        let is_full = self.state.lists.len() >= LISTS;
        let goes_on = self.state.lists.last().is_some_and(|level| level.signs == signs || is_full);
        if goes_on {
            self.writer.raw("</li><li>");
        } else {
            let level = Level { signs, numbered };
            self.writer.raw(&format!("<{}><li>", level.name()));
            self.state.lists.push(level);
        }
        self.inline(text, 0);
    }

    fn row(&mut self, row: &str) {
        if !self.state.table {
            self.close();
            self.writer.raw("<table><tbody>");
            self.state.table = true;
        }
        self.writer.raw("<tr>");
        for (heads, cell) in table::cells(row) {
            let name = if heads { "th" } else { "td" };
            self.writer.raw(&format!("<{name}>"));
            self.cell(cell);
            self.writer.raw(&format!("</{name}>"));
        }
        self.writer.raw("</tr>");
    }

    fn cell(&mut self, text: &str) {
        let (state, boxes) = (mem::take(&mut self.state), mem::take(&mut self.boxes));
        self.is_cell = true;
        self.lines(text);
        self.end();
        self.is_cell = false;
        (self.state, self.boxes) = (state, boxes);
    }
}

/// The level and the text of a heading.
fn heading(line: &str) -> Option<(u8, &str)> {
    let rest = line.trim_start().strip_prefix('h')?;
    let level = rest.bytes().next().filter(|byte| (b'1'..=b'6').contains(byte))? - b'0';
    let text = rest.get(1..)?.strip_prefix('.')?;
    (text.is_empty() || text.starts_with(char::is_whitespace)).then(|| (level, text.trim()))
}

/// The signs and the text of an item of a list. Two dashes and more are no signs.
fn item(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let length = line.len() - line.trim_start_matches(['*', '#', '-']).len();
    let (signs, text) = line.split_at_checked(length)?;
    let dashes = signs.len() > 1 && signs.bytes().all(|byte| byte == b'-');
    let is_sign = (1..=SIGN).contains(&length) && !dashes && text.starts_with(char::is_whitespace);
    is_sign.then(|| (signs, text.trim()))
}
