//! Whether what a cycle says of an issue is so: that somebody changed it, and that what was taken over was really there.

use super::{
    Oracle, Recorded,
    lives::{OWNER, SECOND, STATUS},
};

/// What the register holds of an issue that a finding follows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tie {
    pub(crate) finding: String,
    /// The issue's key, or what the register takes for it until it read the issue.
    pub(crate) issue: String,
    /// The issue's number, which never changes.
    pub(crate) id: String,
    /// The issue's halves of what both sides last agreed on, in the words of the history.
    pub(crate) owner: Option<String>,
    pub(crate) status: Option<String>,
    /// How new the last read was, in milliseconds since 1970 by the tracker's clock.
    pub(crate) read: i64,
}

impl Tie {
    fn agreed(&self, field: &str) -> Option<&str> {
        if field == OWNER { self.owner.as_deref() } else { self.status.as_deref() }
    }

    /// A field with the issue's half of what was agreed on; nothing that an issue shows if nothing was.
    pub(super) fn shared(&self, field: &'static str) -> (&'static str, &str) {
        (field, self.agreed(field).unwrap_or("nothing"))
    }
}

/// What an entry says about an issue: the field, and the value that stood in the tracker.
fn said(entry: &Recorded) -> Option<(&'static str, &str)> {
    let field = match entry.field.as_deref()? {
        OWNER => OWNER,
        STATUS => STATUS,
        _ => return None,
    };
    let [before, after] = &entry.values;
    let value = match entry.event.as_str() {
        "owner_pulled" | "status_pulled" => after,
        "conflict" if entry.why.contains("keeps the tracker's") => after,
        "conflict" => before,
        _ => return None,
    };
    Some((field, value.as_deref()?))
}

impl Oracle {
    /// Judges what a cycle wrote into the history. `before` is what the register held when it began.
    pub(crate) fn heard(&mut self, before: &[Tie], entries: &[Recorded]) {
        // Answers were falsified: whatever was taken over, an answer said so.
        if self.lied {
            return;
        }
        for entry in entries {
            let (Some(issue), Some((field, value))) = (&entry.issue, said(entry)) else { continue };
            let tie = before.iter().find(|tie| {
                Some(&tie.finding) == entry.finding.as_ref()
                    && self.lives.present(&tie.issue) == self.lives.present(issue)
            });
            self.was_there(entry, (issue, field, value), tie);
            if let Some(tie) = tie
                && !entry.why.contains("in the moment before")
            {
                let is_shared = before.iter().filter(|other| other.issue == tie.issue).count() > 1;
                self.was_changed(entry, (issue, field, is_shared), tie);
            }
        }
    }

    /// What is taken over was really there, and is not older than what was known.
    fn was_there(&mut self, entry: &Recorded, (issue, field, value): (&str, &str, &str), tie: Option<&Tie>) {
        let known = tie.map_or(0, |tie| tie.read - SECOND);
        if !self.lives.showed(issue, (field, value), 0) {
            self.broken.push(format!("{issue} never showed {field} `{value}`: {entry:?}"));
        } else if !self.lives.showed(issue, (field, value), known) {
            self.broken.push(format!(
                "{issue} did not show {field} `{value}` any more when it was last read: {entry:?}"
            ));
        }
    }

    /// "Changed in the tracker" and "both sides changed it" need a deed on that issue since both sides agreed.
    fn was_changed(&mut self, entry: &Recorded, (issue, field, is_shared): (&str, &str, bool), tie: &Tie) {
        let Some(agreed) = tie.agreed(field) else { return };
        let since = self.lives.agreed(issue, (field, agreed), (tie.read, self.began));
        let is_touched = self.lives.touched(issue, (field, is_shared), since.unwrap_or(0));
        if !is_touched && !self.lives.was_returned(issue, (field, agreed)) {
            self.broken.push(format!(
                "nobody changed {field} of {issue} since both sides agreed on `{agreed}`, and a cycle says so: {entry:?}"
            ));
        }
    }

    /// A conflict that waits for a person has two sides.
    pub(crate) fn contested(&mut self, ties: &[Tie], noted: &[Noted]) {
        if self.lied {
            return;
        }
        for note in noted.iter().filter(|note| note.conflict) {
            let field = match note.why.split(':').next() {
                Some(OWNER) => OWNER,
                Some(STATUS) => STATUS,
                _ => continue,
            };
            // What was replaced in the moment before a write is told, and stands nowhere any more.
            if note.why.contains("in the moment before") {
                continue;
            }
            let tie = ties.iter().find(|tie| {
                Some(&tie.finding) == note.finding.as_ref() && Some(&tie.issue) == note.issue.as_ref()
            });
            let Some((tie, agreed)) = tie.and_then(|tie| Some((tie, tie.agreed(field)?))) else { continue };
            let is_shared = ties.iter().filter(|other| other.issue == tie.issue).count() > 1;
            let since = self.lives.agreed(&tie.issue, (field, agreed), (tie.read, self.began));
            if !self.lives.touched(&tie.issue, (field, is_shared), since.unwrap_or(0)) {
                self.broken.push(format!(
                    "nobody changed {field} of {} since both sides agreed on `{agreed}`, and a note says so: {note:?}",
                    tie.issue
                ));
            }
        }
    }
}

/// A note of a cycle.
#[derive(Clone, Debug)]
pub(crate) struct Noted {
    pub(crate) finding: Option<String>,
    pub(crate) issue: Option<String>,
    pub(crate) why: String,
    /// Whether it says that both sides changed something.
    pub(crate) conflict: bool,
    /// Whether it says that something was not read.
    pub(crate) unread: bool,
}

impl Noted {
    /// Whether it names an issue.
    pub(crate) fn names(&self, key: &str) -> bool {
        self.issue.as_deref() == Some(key) || self.why.contains(key)
    }
}
