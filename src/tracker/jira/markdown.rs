//! The Markdown of our own block, as a small tree that both rich-text writers can show.
//!
//! Knows `CommonMark` and what it leaves out on purpose: raw HTML and images become text, links go to `http` and `https`
//! only, nesting is bounded. Knows nothing of Jira's formats.

use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// Deeper lists and quotes join the level above them, so that no input can exhaust the stack; Jira shows six levels.
const DEEPEST: usize = 6;

/// A block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Block {
    Paragraph(Vec<Inline>),
    /// Level 1 to 6.
    Heading(u8, Vec<Inline>),
    Code {
        language: Option<String>,
        text: String,
    },
    Quote(Vec<Block>),
    List {
        /// First number of a numbered list.
        start: Option<u64>,
        items: Vec<Vec<Block>>,
    },
    /// The first row is the heading.
    Table(Vec<Vec<Vec<Inline>>>),
    Rule,
}

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Inline {
    /// Never empty.
    Text(String, Marks),
    Break,
}

/// How a text looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    pub(super) strong: bool,
    pub(super) em: bool,
    pub(super) strike: bool,
    pub(super) code: bool,
    /// An `http` or `https` address.
    pub(super) link: Option<String>,
}

/// Reads Markdown.
pub(super) fn parse(markdown: &str) -> Vec<Block> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut tree = Tree::default();
    for event in Parser::new_ext(markdown, options) {
        tree.take(event);
    }
    tree.finish()
}

/// An open container.
enum Open {
    Quote(Vec<Block>),
    List { start: Option<u64>, items: Vec<Vec<Block>> },
    Item(Vec<Block>),
    Table(Vec<Vec<Vec<Inline>>>),
}

#[derive(Default)]
struct Tree {
    done: Vec<Block>,
    open: Vec<Open>,
    /// Containers that were too deep to open; their ends are to be skipped too.
    skipped: usize,
    line: Vec<Inline>,
    marks: Vec<Marks>,
    code: Option<(Option<String>, String)>,
    /// The raw HTML that is being read.
    html: Option<String>,
    row: Vec<Vec<Inline>>,
}

impl Tree {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text),
            Event::Code(text) => {
                let marks = Marks { code: true, link: self.current().link, ..Marks::default() };
                self.push(&text, marks);
            }
            Event::Html(text) => match &mut self.html {
                Some(html) => html.push_str(&text),
                None => self.html(&text),
            },
            Event::InlineHtml(text) => self.html(&text),
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                self.text(&text)
            }
            Event::SoftBreak => self.push(" ", self.current()),
            Event::HardBreak => self.line.push(Inline::Break),
            Event::Rule => self.block(Block::Rule),
            Event::TaskListMarker(is_done) => {
                self.push(if is_done { "\u{2611} " } else { "\u{2610} " }, Marks::default());
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::BlockQuote(_) => self.descend(Open::Quote(Vec::new())),
            Tag::List(start) => self.descend(Open::List { start, items: Vec::new() }),
            Tag::Item => {
                self.flush();
                if self.skipped == 0 {
                    self.open.push(Open::Item(Vec::new()));
                }
            }
            Tag::Table(_) => self.descend(Open::Table(Vec::new())),
            Tag::CodeBlock(kind) => {
                self.flush();
                self.code = Some((language(kind), String::new()));
            }
            Tag::Emphasis => self.mark(|marks| marks.em = true),
            Tag::Strong => self.mark(|marks| marks.strong = true),
            Tag::Strikethrough => self.mark(|marks| marks.strike = true),
            Tag::Link { dest_url, .. } => self.mark(|marks| marks.link = safe_link(&dest_url)),
            Tag::Image { .. } | Tag::Superscript | Tag::Subscript => self.mark(|_| ()),
            Tag::TableHead | Tag::TableRow => self.row.clear(),
            Tag::TableCell => self.line.clear(),
            Tag::HtmlBlock => {
                self.flush();
                self.html = Some(String::new());
            }
            Tag::Paragraph
            | Tag::Heading { .. }
            | Tag::FootnoteDefinition(_)
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::MetadataBlock(_) => self.flush(),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(level) => {
                let line = std::mem::take(&mut self.line);
                if !line.is_empty() {
                    self.block(Block::Heading(number(level), line));
                }
            }
            TagEnd::CodeBlock => {
                if let Some((language, text)) = self.code.take() {
                    let text = text.trim_end_matches('\n').to_owned();
                    self.block(Block::Code { language, text });
                }
            }
            TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Table => self.ascend(),
            TagEnd::Item => {
                self.flush();
                if self.skipped == 0 {
                    self.close();
                }
            }
            TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Link
            | TagEnd::Image
            | TagEnd::Superscript
            | TagEnd::Subscript => drop(self.marks.pop()),
            TagEnd::TableCell => self.row.push(std::mem::take(&mut self.line)),
            TagEnd::TableHead | TagEnd::TableRow => {
                let row = std::mem::take(&mut self.row);
                if let Some(Open::Table(rows)) = self.open.last_mut() {
                    rows.push(row);
                } else {
                    self.paragraph(row.join(&Inline::Text(" ".to_owned(), Marks::default())));
                }
            }
            TagEnd::HtmlBlock => {
                let html = self.html.take().unwrap_or_default();
                self.html(&html);
                self.flush();
            }
            TagEnd::Paragraph
            | TagEnd::FootnoteDefinition
            | TagEnd::DefinitionList
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition
            | TagEnd::MetadataBlock(_) => self.flush(),
        }
    }

    /// Opens a container, or goes on in the present one when that would be too deep.
    fn descend(&mut self, container: Open) {
        self.flush();
        let depth = self.open.iter().filter(|open| !matches!(open, Open::Item(_))).count();
        if self.skipped > 0 || depth >= DEEPEST {
            self.skipped += 1;
        } else {
            self.open.push(container);
        }
    }

    fn ascend(&mut self) {
        self.flush();
        match self.skipped.checked_sub(1) {
            Some(left) => self.skipped = left,
            None => self.close(),
        }
    }

    /// Closes the innermost container. Empty ones leave no trace: both formats forbid them.
    fn close(&mut self) {
        match self.open.pop() {
            Some(Open::Quote(blocks)) if !blocks.is_empty() => self.block(Block::Quote(blocks)),
            Some(Open::List { start, items }) if !items.is_empty() => {
                self.block(Block::List { start, items })
            }
            Some(Open::Table(rows)) if rows.iter().any(|row| !row.is_empty()) => {
                self.block(Block::Table(rows))
            }
            Some(Open::Item(blocks)) => {
                if let Some(Open::List { items, .. }) = self.open.last_mut() {
                    items.push(blocks);
                }
            }
            Some(Open::Quote(_) | Open::List { .. } | Open::Table(_)) | None => {}
        }
    }

    fn block(&mut self, block: Block) {
        self.flush();
        let place = self.open.iter_mut().rev().find_map(|open| match open {
            Open::Quote(blocks) | Open::Item(blocks) => Some(blocks),
            Open::List { .. } | Open::Table(_) => None,
        });
        place.unwrap_or(&mut self.done).push(block);
    }

    fn paragraph(&mut self, line: Vec<Inline>) {
        let is_blank = line.iter().all(|inline| match inline {
            Inline::Text(text, _) => text.trim().is_empty(),
            Inline::Break => true,
        });
        if !is_blank {
            self.block(Block::Paragraph(line));
        }
    }

    /// Ends a line that no paragraph encloses, as in tight lists.
    fn flush(&mut self) {
        let line = std::mem::take(&mut self.line);
        if !line.is_empty() {
            self.paragraph(line);
        }
    }

    fn text(&mut self, text: &CowStr<'_>) {
        match &mut self.code {
            Some((_, code)) => code.push_str(&printable(text)),
            None => self.push(text, self.current()),
        }
    }

    /// Comments are not for readers. Everything else is shown as it is written, and does nothing.
    fn html(&mut self, html: &str) {
        let mut rest = html;
        while let Some((before, comment)) = rest.split_once("<!--") {
            self.push(before.trim_end_matches('\n'), Marks::default());
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
        }
        self.push(rest.trim_end_matches('\n'), Marks::default());
    }

    fn push(&mut self, text: &str, marks: Marks) {
        let text = printable(text).replace('\n', " ");
        if text.is_empty() {
            return;
        }
        match self.line.last_mut() {
            Some(Inline::Text(before, same)) if *same == marks => before.push_str(&text),
            Some(Inline::Text(..) | Inline::Break) | None => self.line.push(Inline::Text(text, marks)),
        }
    }

    fn current(&self) -> Marks {
        self.marks.last().cloned().unwrap_or_default()
    }

    fn mark(&mut self, change: impl FnOnce(&mut Marks)) {
        let mut marks = self.current();
        change(&mut marks);
        self.marks.push(marks);
    }

    fn finish(mut self) -> Vec<Block> {
        self.flush();
        while !self.open.is_empty() {
            self.close();
        }
        self.done
    }
}

/// Jira stores texts as XML in places: control characters and noncharacters make it refuse the whole request.
pub(super) fn printable(text: &str) -> String {
    let is_good =
        |c: &char| matches!(c, '\n' | '\t') || !(c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'));
    text.chars().filter(is_good).collect()
}

/// An address that may be linked: nothing but `http` and `https`, nothing that could end the link early.
fn safe_link(address: &str) -> Option<String> {
    let lower = address.get(..8).unwrap_or(address).to_ascii_lowercase();
    let has_scheme = lower.starts_with("http://") || lower.starts_with("https://");
    let is_plain = address.chars().all(|c| !c.is_control() && !c.is_whitespace());
    (has_scheme && is_plain && address.len() > 8 && address.len() <= 2000).then(|| address.to_owned())
}

fn language(kind: CodeBlockKind<'_>) -> Option<String> {
    let CodeBlockKind::Fenced(info) = kind else { return None };
    let word = info.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    (!word.is_empty() && word.len() <= 20).then(|| word.to_lowercase())
}

fn number(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}
