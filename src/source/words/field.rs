//! What a write-up says about itself under a key, a label or a heading: `Date`, `Severity`, `Status`.

use serde::Deserialize;

use super::{Vocabulary, folded, normal};

/// Longest label, in bytes.
const LONGEST: usize = 64;

/// Something that a write-up says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::source) enum Field {
    /// Its id.
    Id,
    /// The incident's id elsewhere, which is its own where it states none.
    IncidentId,
    /// The incident: an id, or more about it.
    Incident,
    /// Its title.
    Title,
    /// When it happened or was published.
    Date,
    /// How bad the incident was.
    Severity,
    /// How far the write-up or the incident is.
    Status,
    /// Who is asked for whatever in it names nobody.
    Owner,
    /// The team of whatever in it names none.
    Team,
    /// Where people read it.
    Url,
    /// Who is asked first to verify its findings.
    Reviewers,
    /// Who wrote it.
    Authors,
}

/// What the status of a write-up says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::source) enum Stage {
    /// It is not final yet.
    Draft,
    /// It is final.
    Final,
    /// How far the incident is, not the write-up.
    Incident,
}

impl Vocabulary {
    /// What a key, a label or a heading names, in any case, with dashes, underscores or blanks.
    pub(in crate::source) fn field(&self, name: &str) -> Option<Field> {
        if name.len() > LONGEST {
            return None;
        }
        let name = normal(&name.replace(['_', '-'], " "));
        self.fields.iter().find(|(_, words)| words.contains(&name)).map(|(field, _)| *field)
    }

    /// What a status of a write-up says; none when nobody knows the word.
    pub(in crate::source) fn stage(&self, text: &str) -> Option<Stage> {
        let whole = folded(&text.replace(['_', '-'], " "));
        let first = whole.split([',', ';', '(', '.', ':']).next().unwrap_or_default().trim().to_owned();
        let of =
            |word: &str| self.stages.iter().find(|(_, words)| words.contains(word)).map(|(stage, _)| *stage);
        of(&normal(&whole)).or_else(|| of(&normal(&first)))
    }
}
