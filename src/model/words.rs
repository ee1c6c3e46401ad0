//! The words of a write-up, sealed: whoever wants to read them says up to which class, or that they stay inside.
//!
//! Sealed words have no `Display` and no `Serialize`, and their `Debug` says nothing. So no log, error, report or
//! request holds them unless somebody opened them on purpose, and outside the register that needs a clearance (invariant 13).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    finding::{Finding, Stated},
    terms::Tlp,
};

/// Where a finding that is kept as JSON has its words, as JSON pointers.
pub const MEMBERS: &[&str] =
    &["/stated/postmortem_title", "/stated/title", "/stated/description", "/stated/criteria"];

/// What a write-up says about a finding, in its own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// Title of the write-up.
    pub postmortem_title: String,
    /// What must change, in one line.
    pub title: String,
    /// More about it, as Markdown.
    pub description: Option<String>,
    /// How the reviewer will know that it worked.
    pub criteria: Option<String>,
}

/// Words that nothing prints or writes by accident.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Sealed(Words);

impl From<Words> for Sealed {
    fn from(words: Words) -> Self {
        Self(words)
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed")
    }
}

impl Stated {
    /// The words, for a place or a reader cleared up to a class; none when the document is above it.
    pub fn words_up_to(&self, most: Tlp) -> Option<&Words> {
        (self.tlp <= most).then_some(&self.words.0)
    }

    /// The words, for what stays inside whatever their class: comparing them, the register and its history, and the
    /// security team at their own command line (`house::words` lists who may ask).
    pub fn words_inside(&self) -> &Words {
        &self.words.0
    }
}

/// A finding with its words, as the register's own files hold it. A finding that is serialised by itself leaves out
/// what its document states.
#[derive(Serialize)]
pub struct WithWords<'a> {
    #[serde(flatten)]
    finding: &'a Finding,
    stated: StatedWithWords<'a>,
}

#[derive(Serialize)]
struct StatedWithWords<'a> {
    #[serde(flatten)]
    stated: &'a Stated,
    #[serde(flatten)]
    words: &'a Words,
}

impl<'a> From<&'a Finding> for WithWords<'a> {
    fn from(finding: &'a Finding) -> Self {
        let stated = &finding.stated;
        Self { finding, stated: StatedWithWords { stated, words: stated.words_inside() } }
    }
}
