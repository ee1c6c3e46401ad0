//! The words of deciding verbs: what may be written for a class, a verdict, a field or a side.

use clap::ValueEnum;

use super::context::choices;
use crate::model::{
    finding::Keep,
    issue::Field,
    terms::{Class, Tlp, Verdict, Work},
};

pub(super) fn class(text: &str) -> Result<Class, String> {
    Class::parse(text).ok_or_else(|| choices(Class::ALL.iter().map(|class| class.as_str())))
}

pub(super) fn tlp(text: &str) -> Result<Tlp, String> {
    Tlp::parse(text).ok_or_else(|| choices(Tlp::ALL.iter().map(|tlp| tlp.as_str())))
}

pub(super) fn work(text: &str) -> Result<Work, String> {
    Work::parse(text).ok_or_else(|| choices(Work::ALL.iter().map(|work| work.as_str())))
}

/// A verdict on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(super) enum VerdictWord {
    /// It will be done in time.
    OnTrack,
    /// It may not be done in time.
    AtRisk,
    /// It will not be done in time.
    OffTrack,
    /// It cannot go on without somebody else.
    Blocked,
}

impl From<VerdictWord> for Verdict {
    fn from(word: VerdictWord) -> Self {
        match word {
            VerdictWord::OnTrack => Self::OnTrack,
            VerdictWord::AtRisk => Self::AtRisk,
            VerdictWord::OffTrack => Self::OffTrack,
            VerdictWord::Blocked => Self::Blocked,
        }
    }
}

/// A shared field on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum FieldWord {
    /// Who owns it.
    Owner,
    /// How far it is.
    Status,
}

impl From<FieldWord> for Field {
    fn from(word: FieldWord) -> Self {
        match word {
            FieldWord::Owner => Self::Owner,
            FieldWord::Status => Self::Progress,
        }
    }
}

/// A side on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum KeepWord {
    /// The finding's value is written to the issue.
    Finding,
    /// The finding takes the issue's value.
    Tracker,
}

impl From<KeepWord> for Keep {
    fn from(word: KeepWord) -> Self {
        match word {
            KeepWord::Finding => Self::Finding,
            KeepWord::Tracker => Self::Tracker,
        }
    }
}
