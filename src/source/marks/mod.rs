//! Marks that say who may read a document: `TLP:RED` wherever it stands, and words of handling as a labelled value, the cell of a
//! header, or a line of their own.
//!
//! Knows texts of any format as lines. Knows neither sections nor findings; what is read here only ever adds to what is known.

mod line;
mod plain;
mod spelled;
mod tag;
mod tree;

use crate::model::{
    postmortem::{Level, Mark, Postmortem},
    terms::Tlp,
};

pub(super) use self::{
    tag::{Tag, of_label},
    tree::of_tree,
};
use super::{
    place::{Lines, Notes},
    words::Vocabulary,
};

/// The class of a document that does not say.
pub(super) const DEFAULT: Tlp = Tlp::Amber;

/// How a text shows a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// It is named somewhere; this can only make a document stricter than one that does not say.
    Mentioned,
    /// It is the value of a label or of a cell.
    Declared,
    /// It is all that its line says.
    Alone,
}

/// A mark as it stands in a text.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The class.
    pub(super) tlp: Tlp,
    /// Where it stands, in bytes.
    pub(super) at: usize,
    /// How it is shown.
    pub(super) how: How,
    /// What is written there, where nobody knows what it means.
    pub(super) unclear: Option<String>,
}

/// Every mark in a text, of which the first `skipped` bytes hold no lines.
pub(super) fn find(text: &str, skipped: usize, words: &Vocabulary) -> Vec<Found> {
    let mut found = Vec::new();
    let lines = plain::lines(text, true);
    spelled::find(&lines, words, &mut found);
    if text.contains('<') {
        spelled::find(&plain::lines(text, false), words, &mut found);
    }
    line::find(lines.iter().filter(|line| line.at() >= skipped), words, &mut found);
    once(text, found)
}

/// In the order of the text; what nobody understands is told once a line.
fn once(text: &str, mut found: Vec<Found>) -> Vec<Found> {
    found.sort_by_key(|mark| mark.at);
    let mut told: Option<usize> = None;
    found.retain(|mark| {
        if mark.unclear.is_none() {
            return true;
        }
        let same =
            told.is_some_and(|at| text.get(at..mark.at).is_some_and(|between| !between.contains('\n')));
        told = Some(mark.at);
        !same
    });
    found
}

/// The class that a name of a file, a folder or an issue shows.
pub(super) fn of_name(name: &str, words: &Vocabulary) -> Option<Tlp> {
    let mut found = Vec::new();
    spelled::find(&plain::lines(name, false), words, &mut found);
    found.into_iter().filter(|mark| mark.unclear.is_none()).map(|mark| mark.tlp).max()
}

/// The marks of a document, as far as they were read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shown {
    declared: Option<Mark>,
    mentioned: Option<Mark>,
}

impl Shown {
    /// Takes in a mark.
    pub(super) fn add(&mut self, mark: Mark, how: How) {
        let strictest = match how {
            How::Mentioned => &mut self.mentioned,
            How::Declared | How::Alone => &mut self.declared,
        };
        if strictest.is_none_or(|known| known.tlp < mark.tlp) {
            *strictest = Some(mark);
        }
    }

    /// Takes in the marks of another part of the document.
    pub(super) fn join(&mut self, other: Self) {
        other.declared.into_iter().for_each(|mark| self.add(mark, How::Declared));
        other.mentioned.into_iter().for_each(|mark| self.add(mark, How::Mentioned));
    }

    /// The class of the document, and the mark that says so. What is only mentioned makes nothing laxer.
    pub(super) fn class(self) -> (Tlp, Option<Mark>) {
        let said = self.declared.map_or(DEFAULT, |mark| mark.tlp);
        match self.mentioned.filter(|mark| mark.tlp > said) {
            Some(mark) => (mark.tlp, Some(mark)),
            None => (said, self.declared),
        }
    }

    /// Makes a document as strict as its marks.
    pub(super) fn tighten(self, postmortem: &mut Postmortem) {
        for mark in [self.declared, self.mentioned].into_iter().flatten() {
            if mark.tlp > postmortem.tlp {
                (postmortem.tlp, postmortem.marked) = (mark.tlp, Some(mark));
            }
        }
    }
}

/// A mark with its place.
pub(super) fn place(found: &Found, lines: &Lines<'_>) -> Mark {
    let (line, column) = lines.place(found.at);
    Mark { tlp: found.tlp, line, column }
}

/// Tells of a mark that nobody understands.
pub(super) fn tell(found: &Found, place: (usize, usize), notes: &mut Notes) {
    if let Some(text) = &found.unclear {
        unknown(text, place, notes);
    }
}

/// Tells which class a word of handling counts as, unless it is one of the Traffic Light Protocol itself.
pub(super) fn worded(text: &str, tlp: Tlp, place: (usize, usize), words: &Vocabulary, notes: &mut Notes) {
    if words.is_coloured(text) {
        return;
    }
    let short: String = text.chars().take(60).collect();
    let message = format!("`{short}` is no class of the Traffic Light Protocol; it counts as {tlp}");
    let help = "write CLEAR, GREEN, AMBER, AMBER+STRICT or RED where that is wrong, or name what the word means under `words.markings` of its source";
    notes.add(Level::Info, "handling_word", place, message, help);
}

/// Tells that what stands behind a label of handling is no class that is known.
pub(super) fn unknown(text: &str, place: (usize, usize), notes: &mut Notes) {
    let short: String = text.chars().take(60).collect();
    let message = format!(
        "`{short}` is no class that is known, so the write-up counts as RED and nothing of it leaves the register"
    );
    let help = "write CLEAR, GREEN, AMBER, AMBER+STRICT or RED, or name what it means under `words.markings` of its source; \
                a reviewer can correct it with `finding classify KEY --tlp CLASS`";
    notes.add(Level::Warning, "unknown_tlp", place, message, help);
}
