//! Text into a tree: pages as browsers read them, and Confluence's storage format, which is XML without a document around it.
//!
//! Knows the parser's tokens and what keeps its work in bounds. Knows no element but by name.

use std::cell::{Cell, RefCell};

use html5ever::{
    Attribute, LocalName, QualName, TokenizerResult, local_name, ns,
    tendril::StrTendril,
    tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts},
    tree_builder::{TreeBuilder, TreeBuilderOpts},
};

use super::{
    dom::{Dom, Id, Kind, ROOT},
    grow::{DEPTH, Growth, Handle},
};

/// How much text is handed to the parser at once, in bytes.
const PIECE: usize = 4 << 10;
/// Most words that one tag may have, because the parser compares each attribute with every other.
const WORDS: usize = 4_000;
/// Elements that have no end tag.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
];
/// Elements whose content is no markup, so that leaving out their tag would turn it into some.
const RAW: [&str; 9] =
    ["iframe", "noembed", "noframes", "noscript", "script", "style", "textarea", "title", "xmp"];
/// Elements that say what something is, which are left out last.
const TELLING: [&str; 20] = [
    "details",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "li",
    "ol",
    "p",
    "summary",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
    "ac:task",
    "ac:task-list",
];
/// The element that stands for something which is no HTML.
pub(in crate::source) const INSERTED: &str = "inserted-block";

/// Why a page is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::source) struct TooMuch {
    /// Where it became too much, in bytes.
    pub(in crate::source) at: usize,
}

/// A part of a page that is read.
pub(in crate::source) enum Part<'a> {
    /// Markup, and how many bytes of the file are before it.
    Markup(&'a str, usize),
    /// Something else by its number: it becomes an element [`INSERTED`].
    Inserted(usize),
}

/// Reads a page as browsers do, which begins `base` bytes into its file.
pub(in crate::source) fn page(text: &str, base: usize) -> Result<Dom, TooMuch> {
    let builder = TreeBuilder::new(Growth::of(base + text.len()), TreeBuilderOpts::default());
    let tokenizer = Tokenizer::new(Gate::of(builder), TokenizerOpts::default());
    let feeder = Feeder::default();
    feeder.feed(&tokenizer, text, base)?;
    tokenizer.end();
    Ok(tokenizer.sink.into_growth().finish(base + text.len()))
}

/// Reads markup that stands in another text, as browsers read what is put into a page.
pub(in crate::source) fn parts(parts: &[Part<'_>], length: usize) -> Result<Dom, TooMuch> {
    let growth = Growth::of(length);
    let body = html5ever::interface::create_element(
        &growth,
        QualName::new(None, ns!(html), local_name!("body")),
        Vec::new(),
    );
    let builder = TreeBuilder::new_for_fragment(growth, body, None, TreeBuilderOpts::default());
    let tokenizer = Tokenizer::new(Gate::of(builder), TokenizerOpts::default());
    let feeder = Feeder::default();
    for part in parts {
        match part {
            Part::Markup(text, base) => feeder.feed(&tokenizer, text, *base)?,
            Part::Inserted(number) => insert(&tokenizer.sink, *number),
        }
    }
    tokenizer.end();
    Ok(tokenizer.sink.into_growth().finish(length))
}

/// Reads Confluence's storage format: a tag that ends with `/>` is empty, and CDATA is text.
pub(in crate::source) fn storage(text: &str, base: usize) -> Result<Dom, TooMuch> {
    let stack = Stack { growth: Growth::of(base + text.len()), open: RefCell::new(vec![ROOT]) };
    let tokenizer = Tokenizer::new(Gate::of(stack), TokenizerOpts::default());
    let feeder = Feeder::default();
    feeder.feed(&tokenizer, text, base)?;
    tokenizer.end();
    Ok(tokenizer.sink.into_growth().finish(base + text.len()))
}

/// What keeps a tree.
trait Builds: TokenSink {
    fn growth(&self) -> &Growth;
    fn into_growth(self) -> Growth;
}

impl Builds for TreeBuilder<Handle, Growth> {
    fn growth(&self) -> &Growth {
        &self.sink
    }

    fn into_growth(self) -> Growth {
        self.sink
    }
}

impl Builds for Stack {
    fn growth(&self) -> &Growth {
        &self.growth
    }

    fn into_growth(self) -> Growth {
        self.growth
    }
}

/// Hands text to the parser piece by piece, so that the tree knows where a token stands.
#[derive(Default)]
struct Feeder {
    /// Words of the tag that is not ended yet.
    words: Cell<usize>,
    /// Whether what is not ended yet is a tag.
    tag: Cell<bool>,
}

impl Feeder {
    fn feed<B: Builds>(
        &self,
        tokenizer: &Tokenizer<Gate<B>>,
        text: &str,
        base: usize,
    ) -> Result<(), TooMuch> {
        let queue = BufferQueue::default();
        let gate = &tokenizer.sink;
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let piece = rest.get(..piece(rest)).unwrap_or(rest);
            let growth = gate.builder.growth();
            if gate.taken.replace(false) {
                growth.begins.set(base + at);
                self.words.set(0);
                self.tag.set(piece.starts_with('<') && !piece.starts_with("<!") && !piece.starts_with("<?"));
            }
            growth.ends.set(base + at + piece.len());
            queue.push_back(StrTendril::from(piece));
            while let TokenizerResult::Script(_) = tokenizer.feed(&queue) {}
            self.words
                .set(self.words.get() + piece.bytes().filter(|byte| b" \t\n/\"'".contains(byte)).count());
            let endless = self.tag.get() && !gate.taken.get() && self.words.get() > WORDS;
            if endless || growth.is_full() {
                return Err(TooMuch { at: growth.begins.get() });
            }
            at += piece.len();
        }
        Ok(())
    }
}

/// How much of a text is handed on at once: up to the next tag, or one tag.
fn piece(text: &str) -> usize {
    let first = text.chars().next().map_or(1, char::len_utf8);
    let text = text.get(..text.floor_char_boundary(PIECE)).unwrap_or(text);
    let next = text.get(first..).and_then(|rest| rest.find('<')).map(|at| at + first);
    let end = text.find('>').map(|at| at + 1).filter(|_| text.starts_with('<'));
    let whole = next.into_iter().chain(end).min().unwrap_or(text.len());
    whole.max(first)
}

/// Puts something that is no HTML into the page.
fn insert<B: Builds>(gate: &Gate<B>, number: usize) {
    let name = LocalName::from(INSERTED);
    let numbered = Attribute {
        name: QualName::new(None, ns!(), LocalName::from("number")),
        value: StrTendril::from(number.to_string().as_str()),
    };
    for (kind, attributes) in [(TagKind::StartTag, vec![numbered]), (TagKind::EndTag, Vec::new())] {
        let tag = Tag {
            kind,
            name: name.clone(),
            self_closing: false,
            attrs: attributes,
            had_duplicate_attributes: false,
        };
        let _ = gate.process_token(Token::TagToken(tag), 1);
    }
}

/// Stands before what keeps a tree: no element is nested too deep.
struct Gate<B> {
    builder: B,
    /// Whether a token was taken since the last piece.
    taken: Cell<bool>,
}

impl<B: Builds> Gate<B> {
    fn of(builder: B) -> Self {
        Self { builder, taken: Cell::new(true) }
    }

    fn into_growth(self) -> Growth {
        self.builder.into_growth()
    }

    /// Whether a tag opens an element that is too deep.
    fn is_too_deep(&self, tag: &Tag) -> bool {
        let growth = self.builder.growth();
        let most = if TELLING.contains(&&*tag.name) { DEPTH + DEPTH / 2 } else { DEPTH };
        let deep = tag.kind == TagKind::StartTag && growth.depth.get() > most;
        let raw = RAW.contains(&&*tag.name) || &*tag.name == INSERTED || VOID.contains(&&*tag.name);
        if deep && !raw && growth.flattened.get().is_none() {
            growth.flattened.set(Some(growth.begins.get()));
        }
        deep && !raw
    }
}

impl<B: Builds> TokenSink for Gate<B> {
    type Handle = B::Handle;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<B::Handle> {
        let growth = self.builder.growth();
        let skipped = match &token {
            Token::TagToken(tag) => {
                growth.closes.set(tag.kind == TagKind::EndTag);
                self.is_too_deep(tag)
            }
            Token::CharacterTokens(_)
            | Token::CommentToken(_)
            | Token::EOFToken
            | Token::NullCharacterToken => {
                growth.closes.set(false);
                false
            }
            Token::DoctypeToken(_) | Token::ParseError(_) => false,
        };
        if !matches!(token, Token::ParseError(_)) {
            self.taken.set(true);
        }
        if skipped || growth.is_full() {
            return TokenSinkResult::Continue;
        }
        self.builder.process_token(token, line)
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

/// Keeps a tree of XML: what is open, innermost last.
struct Stack {
    growth: Growth,
    open: RefCell<Vec<Id>>,
}

impl Stack {
    fn top(&self) -> Id {
        self.open.borrow().last().copied().unwrap_or(ROOT)
    }

    fn open(&self, tag: &Tag) {
        let id = self.growth.element(&tag.name, &tag.attrs);
        self.growth.put(self.top(), id);
        if tag.self_closing || VOID.contains(&&*tag.name) {
            self.growth.closes.set(true);
            self.growth.close(id);
        } else {
            self.open.borrow_mut().push(id);
        }
    }

    /// Closes the innermost element of a name, and whatever was left open in it.
    fn close(&self, name: &str) {
        let mut open = self.open.borrow_mut();
        let found = open.iter().rposition(|id| self.growth.is_named(*id, name));
        let Some(found) = found else { return };
        while open.len() > found {
            if let Some(id) = open.pop() {
                self.growth.close(id);
            }
        }
    }
}

impl TokenSink for Stack {
    type Handle = Handle;

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<Handle> {
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => self.open(&tag),
            Token::TagToken(tag) => self.close(&tag.name),
            Token::CommentToken(text) => {
                let id = self.growth.make(Kind::Comment(text.to_string()));
                self.growth.put(self.top(), id);
            }
            Token::CharacterTokens(text) => self.growth.put_text(self.top(), &text),
            Token::DoctypeToken(_) | Token::NullCharacterToken | Token::EOFToken | Token::ParseError(_) => {}
        }
        TokenSinkResult::Continue
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        true
    }
}
