//! A Markdown text as a tree of blocks with byte offsets.
//!
//! Knows `CommonMark` with tables and task lists, as `pulldown-cmark` reads them. Knows nothing of findings.
//! HTML between the blocks is read beside it, and is put among them where it stands.
//! Blocks nested deeper than [`DEPTH`] are laid flat, so that no document can exhaust the stack.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::{
    boxes,
    page::{Told, Where, splice},
    text::{Mark, SOFT_BREAK, Span, Text},
};

/// How deep quotes and lists may be nested.
const DEPTH: usize = 32;

/// A block and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// Its bytes in the document.
    pub(super) at: Range<usize>,
    /// What it is.
    pub(super) kind: Kind,
}

impl Block {
    /// Where its last words end. Its bytes may reach further: nobody knows where an element of HTML ends that is not closed.
    pub(super) fn end(&self) -> usize {
        let end = match &self.kind {
            Kind::Heading(_, text) => text.end(),
            Kind::List(list) => ends(list.items.iter().flat_map(|item| &item.blocks)),
            Kind::Table(table) => {
                let cells = table.rows.iter().flat_map(|row| &row.cells).chain(&table.head);
                cells.map(Text::end).max().unwrap_or_default()
            }
            Kind::Quote(blocks) => ends(blocks),
            Kind::Paragraph(_) | Kind::Html(_) | Kind::Other => self.at.end,
        };
        end.clamp(self.at.start, self.at.end.max(self.at.start))
    }
}

/// Where the last words of blocks end; 0 where there are none.
pub(super) fn ends<'b>(blocks: impl IntoIterator<Item = &'b Block>) -> usize {
    blocks.into_iter().map(Block::end).max().unwrap_or_default()
}

/// What a block is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// A heading of a level from 1 to 6.
    Heading(u8, Text),
    /// A paragraph, or the text of a tight list item.
    Paragraph(Text),
    /// A list.
    List(List),
    /// A table.
    Table(Table),
    /// A quote.
    Quote(Vec<Block>),
    /// Raw HTML, such as a comment.
    Html(String),
    /// Code or a rule.
    Other,
}

/// A list.
#[derive(Clone, Debug)]
pub(super) struct List {
    /// Number of its first item; none when it has bullets.
    pub(super) start: Option<u64>,
    /// Its items.
    pub(super) items: Vec<Item>,
}

/// An item of a list.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// Its bytes in the document.
    pub(super) at: Range<usize>,
    /// Whether its checkbox is ticked; none without a checkbox.
    pub(super) ticked: Option<bool>,
    /// What it holds.
    pub(super) blocks: Vec<Block>,
}

/// A table.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    /// Its header.
    pub(super) head: Vec<Text>,
    /// Its rows, each as wide as the header.
    pub(super) rows: Vec<Row>,
}

/// A row of a table.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    /// Its bytes in the document.
    pub(super) at: Range<usize>,
    /// Its cells.
    pub(super) cells: Vec<Text>,
}

/// Reads the blocks of a text that starts `base` bytes into its document, and what is told about them.
pub(super) fn read(text: &str, base: usize) -> (Vec<Block>, Vec<Told>) {
    let mut builder = Builder { source: Some((text, base)), ..Builder::default() };
    let blocks = builder.read(text, base);
    let (blocks, _) = builder.spliced(blocks, Where::Page);
    (blocks, builder.told)
}

/// Reads the blocks of a text that starts `base` bytes into its document, with its HTML as it is.
pub(super) fn blocks(text: &str, base: usize) -> Vec<Block> {
    Builder::default().read(text, base)
}

/// A container that is still open, with the offset it starts at.
enum Frame {
    Blocks(Vec<Block>, usize),
    List(List, usize),
    Item(Item),
    Table(Table),
    Row(Row),
}

#[derive(Default)]
struct Builder<'a> {
    /// The text in which HTML is read, and how many bytes of the document are before it; none where it is left as it is.
    source: Option<(&'a str, usize)>,
    told: Vec<Told>,
    frames: Vec<Frame>,
    /// Containers that were not opened because they are too deep.
    flattened: usize,
    /// The text that is being collected, with its bytes.
    text: Option<(Text, Range<usize>)>,
    /// Raw HTML that is being collected.
    html: Option<(String, Range<usize>)>,
    strong: usize,
    emphasis: usize,
    struck: usize,
    link: Option<String>,
    /// Marks that HTML in running text has set: bold, italic, struck out.
    tagged: Mark,
}

impl Builder<'_> {
    fn read(&mut self, text: &str, base: usize) -> Vec<Block> {
        let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH;
        self.frames = vec![Frame::Blocks(Vec::new(), 0)];
        for (event, at) in Parser::new_ext(text, options).into_offset_iter() {
            self.take(event, base + at.start..base + at.end);
        }
        self.close_text();
        match std::mem::take(&mut self.frames).into_iter().next() {
            Some(Frame::Blocks(blocks, _)) => blocks,
            _ => Vec::new(),
        }
    }

    /// Blocks of one container with their HTML read, and whether that holds a checkbox.
    fn spliced(&mut self, blocks: Vec<Block>, place: Where) -> (Vec<Block>, Option<bool>) {
        match self.source {
            Some(source) => splice(blocks, source, place, &mut self.told),
            None => (blocks, None),
        }
    }

    fn take(&mut self, event: Event<'_>, at: Range<usize>) {
        match event {
            Event::Start(tag) => self.open(tag, at),
            Event::End(tag) => self.close(tag, at),
            Event::Text(text) => self.inline(&text, at, Mark::default()),
            Event::Code(text) => self.inline(&text, at, Mark { code: true, ..Mark::default() }),
            Event::InlineHtml(text) => self.inline_html(&text, at),
            Event::Html(text) => match &mut self.html {
                Some((html, _)) => html.push_str(&text),
                None => self.inline(&text, at, Mark { html: true, ..Mark::default() }),
            },
            Event::SoftBreak => self.inline(SOFT_BREAK.encode_utf8(&mut [0; 4]), at, Mark::default()),
            Event::HardBreak => self.inline("\n", at, Mark::default()),
            Event::Rule => self.push(Block { at, kind: Kind::Other }),
            Event::TaskListMarker(ticked) => {
                if let Some(Frame::Item(item)) = self.frames.last_mut()
                    && self.flattened == 0
                {
                    item.ticked = Some(ticked);
                }
            }
            Event::InlineMath(_) | Event::DisplayMath(_) | Event::FootnoteReference(_) => {}
        }
    }

    fn open(&mut self, tag: Tag<'_>, at: Range<usize>) {
        match tag {
            Tag::Strong => self.strong += 1,
            Tag::Emphasis => self.emphasis += 1,
            Tag::Strikethrough => self.struck += 1,
            Tag::Link { dest_url, .. } => self.link = Some(dest_url.into_string()),
            Tag::Paragraph | Tag::Heading { .. } | Tag::TableCell | Tag::CodeBlock(_) => {
                self.close_text();
                self.text = Some((Text::default(), at));
            }
            Tag::HtmlBlock => {
                self.close_text();
                self.html = Some((String::new(), at));
            }
            Tag::BlockQuote(_) => self.nest(Frame::Blocks(Vec::new(), at.start)),
            Tag::List(start) => self.nest(Frame::List(List { start, items: Vec::new() }, at.start)),
            Tag::Item => self.nest(Frame::Item(Item { at, ticked: None, blocks: Vec::new() })),
            Tag::Table(_) => self.nest(Frame::Table(Table::default())),
            Tag::TableHead | Tag::TableRow => self.nest(Frame::Row(Row { at, cells: Vec::new() })),
            Tag::Image { .. }
            | Tag::Superscript
            | Tag::Subscript
            | Tag::FootnoteDefinition(_)
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::MetadataBlock(_) => {}
        }
    }

    fn nest(&mut self, frame: Frame) {
        self.close_text();
        let opens_level = matches!(frame, Frame::Blocks(..) | Frame::List(..));
        let nests = matches!(frame, Frame::Blocks(..) | Frame::List(..) | Frame::Item(_));
        if nests && (self.flattened > 0 || (opens_level && self.frames.len() >= DEPTH)) {
            self.flattened += 1;
        } else {
            self.frames.push(frame);
        }
    }

    fn close(&mut self, tag: TagEnd, at: Range<usize>) {
        match tag {
            TagEnd::Strong => self.strong = self.strong.saturating_sub(1),
            TagEnd::Emphasis => self.emphasis = self.emphasis.saturating_sub(1),
            TagEnd::Strikethrough => self.struck = self.struck.saturating_sub(1),
            TagEnd::Link => self.link = None,
            TagEnd::Heading(level) => {
                if let Some((text, _)) = self.text.take() {
                    self.push(Block { at, kind: Kind::Heading(level as u8, text) });
                }
            }
            TagEnd::TableCell => {
                if let (Some((text, _)), Some(Frame::Row(row))) = (self.text.take(), self.frames.last_mut()) {
                    row.cells.push(text);
                }
            }
            TagEnd::CodeBlock => {
                self.text = None;
                self.push(Block { at, kind: Kind::Other });
            }
            TagEnd::HtmlBlock => self.close_html(),
            TagEnd::Paragraph => self.close_text(),
            TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item => self.unnest(at),
            TagEnd::Table | TagEnd::TableHead | TagEnd::TableRow => self.close_frame(at),
            TagEnd::Image
            | TagEnd::Superscript
            | TagEnd::Subscript
            | TagEnd::FootnoteDefinition
            | TagEnd::DefinitionList
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition
            | TagEnd::MetadataBlock(_) => {}
        }
    }

    fn unnest(&mut self, at: Range<usize>) {
        self.close_text();
        if self.flattened > 0 {
            self.flattened -= 1;
        } else {
            self.close_frame(at);
        }
    }

    fn close_frame(&mut self, at: Range<usize>) {
        let Some(mut frame) = self.frames.pop() else { return };
        if let Frame::Item(item) = &mut frame {
            let (blocks, ticked) = self.spliced(std::mem::take(&mut item.blocks), Where::Inside);
            item.blocks = blocks;
            item.ticked = item.ticked.or(ticked).or_else(|| boxes::take(&mut item.blocks));
        }
        match (frame, self.frames.last_mut()) {
            (Frame::Blocks(blocks, start), _) => {
                let (blocks, _) = self.spliced(blocks, Where::Inside);
                self.push(Block { at: start..at.end, kind: Kind::Quote(blocks) });
            }
            (Frame::List(list, start), _) => self.push(Block { at: start..at.end, kind: Kind::List(list) }),
            (Frame::Table(table), _) => self.push(Block { at, kind: Kind::Table(table) }),
            (Frame::Item(item), Some(Frame::List(list, _))) => list.items.push(item),
            (Frame::Row(row), Some(Frame::Table(table))) if table.head.is_empty() => table.head = row.cells,
            (Frame::Row(row), Some(Frame::Table(table))) => table.rows.push(row),
            (Frame::Item(_) | Frame::Row(_), _) => {}
        }
    }

    fn inline(&mut self, text: &str, at: Range<usize>, mark: Mark) {
        let mark = Mark {
            strong: self.strong > 0 || self.tagged.strong,
            emphasis: self.emphasis > 0 || self.tagged.emphasis,
            struck: self.struck > 0 || self.tagged.struck,
            code: mark.code || self.tagged.code,
            ..mark
        };
        let span = Span { text: text.to_owned(), mark, link: self.link.clone(), at: at.start };
        let (open, place) = self.text.get_or_insert_with(|| (Text::default(), at.clone()));
        open.push(span);
        place.end = place.end.max(at.end);
    }

    /// HTML in running text: it marks what stands behind it, and a line that ends there ends as one in Markdown does.
    fn inline_html(&mut self, text: &str, at: Range<usize>) {
        let name: String = text
            .trim_start_matches(['<', '/'])
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        let opens = !text.starts_with("</");
        match name.as_str() {
            "b" | "strong" => self.tagged.strong = opens,
            "i" | "em" => self.tagged.emphasis = opens,
            "s" | "del" | "strike" => self.tagged.struck = opens,
            "code" | "kbd" | "tt" | "samp" => self.tagged.code = opens,
            "br" if !matches!(self.frames.last(), Some(Frame::Row(_))) => {
                return self.inline("\n", at, Mark::default());
            }
            _ => {}
        }
        self.inline(text, at, Mark { html: true, ..Mark::default() });
    }

    /// Ends a paragraph, also one of a tight list, which has no tags of its own.
    fn close_text(&mut self) {
        self.tagged = Mark::default();
        if let Some((text, at)) = self.text.take()
            && !text.spans.is_empty()
        {
            self.push(Block { at, kind: Kind::Paragraph(text) });
        }
    }

    /// Ends raw HTML. Text behind a comment on the same line belongs to people, so it is read as Markdown.
    fn close_html(&mut self) {
        let Some((html, at)) = self.html.take() else { return };
        let after = html.rfind("-->").map(|found| found + "-->".len());
        let rest = after.and_then(|after| html.get(after..)).filter(|rest| !rest.trim().is_empty());
        let Some(rest) = rest.filter(|_| html.trim_start().starts_with("<!--")) else {
            self.push(Block { at, kind: Kind::Html(html) });
            return;
        };
        let cut = html.len() - rest.len();
        let base = at.start + cut;
        let comment = html.get(..cut).unwrap_or_default().to_owned();
        self.push(Block { at: at.start..base, kind: Kind::Html(comment) });
        if !rest.contains("<!--") {
            for block in blocks(rest, base) {
                self.push(block);
            }
        }
    }

    fn push(&mut self, block: Block) {
        match self.frames.last_mut() {
            Some(Frame::Blocks(blocks, _)) => blocks.push(block),
            Some(Frame::Item(item)) => item.blocks.push(block),
            Some(Frame::List(..) | Frame::Table(_) | Frame::Row(_)) | None => {}
        }
    }
}
