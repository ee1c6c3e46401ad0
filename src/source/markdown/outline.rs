//! A write-up by its headings: sections inside sections, each with what its heading announces.
//!
//! Knows headings. What a section holds is read elsewhere.

use super::{
    block::{Block, Kind},
    text::Text,
};
use crate::source::words::{Topic, Vocabulary};

/// A part of a write-up: a heading, the blocks right below it, and the sections inside it.
#[derive(Debug)]
pub(super) struct Section<'a> {
    /// Where it starts.
    pub(super) at: usize,
    /// Its heading; none for the write-up as a whole.
    pub(super) heading: Option<&'a Text>,
    /// What its heading announces.
    pub(super) topic: Option<Topic>,
    /// The blocks before its first inner heading.
    pub(super) body: &'a [Block],
    /// All blocks below its heading.
    pub(super) whole: &'a [Block],
    /// The sections inside it.
    pub(super) inner: Vec<Self>,
}

impl<'a> Section<'a> {
    /// A write-up as a whole.
    pub(super) fn of(blocks: &'a [Block], words: &Vocabulary) -> Self {
        Self::below(0, None, blocks, words)
    }

    fn below(at: usize, heading: Option<&'a Text>, blocks: &'a [Block], words: &Vocabulary) -> Self {
        let mut inner = Vec::new();
        let mut rest = blocks;
        let body = split(&mut rest, |_| true);
        while let Some((first, after)) = rest.split_first() {
            rest = after;
            let Kind::Heading(level, text) = &first.kind else { continue };
            let blocks = split(&mut rest, |next| next <= *level);
            inner.push(Self::below(first.at.start, Some(text), blocks, words));
        }
        let topic = heading.and_then(|text| words.topic(&text.plain()));
        Self { at, heading, topic, body, whole: blocks, inner }
    }

    /// Its heading as people read it.
    pub(super) fn title(&self) -> String {
        self.heading.map(Text::plain).unwrap_or_default()
    }

    /// Whether a heading inside it announces actions.
    pub(super) fn holds_actions(&self) -> bool {
        self.inner.iter().any(|inner| inner.acts() || inner.holds_actions())
    }

    /// Whether its heading announces actions.
    pub(super) fn acts(&self) -> bool {
        matches!(self.topic, Some(Topic::Actions | Topic::Action))
    }

    /// Whether a section of the whole write-up is its title: the only one of the highest level, with others inside.
    pub(super) fn is_title(&self, whole: &Self) -> bool {
        let [only] = whole.inner.as_slice() else { return false };
        std::ptr::eq(only, self) && !self.inner.is_empty()
    }

    /// Whether the title of the write-up says that it is the report of an audit or a test.
    pub(super) fn is_audit(&self, words: &Vocabulary) -> bool {
        self.inner.first().is_some_and(|title| words.is_audit(&title.title()))
    }
}

/// Takes the blocks before the next heading that ends them.
fn split<'a>(rest: &mut &'a [Block], ends: impl Fn(u8) -> bool) -> &'a [Block] {
    let ending = |block: &Block| matches!(&block.kind, Kind::Heading(level, _) if ends(*level));
    let length = rest.iter().position(ending).unwrap_or(rest.len());
    let (taken, left) = rest.split_at(length);
    *rest = left;
    taken
}
