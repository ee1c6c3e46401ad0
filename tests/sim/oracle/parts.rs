//! Who had a part in a finding, by the judge's own book: what people did to its issues, and what reviewers decided.

use std::collections::{BTreeMap, BTreeSet};

use super::{Oracle, notes::Left, pulled::Tie};

/// Parts in the present episode of each finding, and who resolved it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Book {
    parts: BTreeMap<String, BTreeMap<String, &'static str>>,
    resolved: BTreeSet<String>,
}

impl Book {
    fn add(&mut self, finding: &str, person: &str, part: &'static str) {
        self.parts.entry(finding.to_owned()).or_default().entry(person.to_owned()).or_insert(part);
    }
}

impl Oracle {
    /// A reviewer gave a finding to somebody.
    pub(crate) fn gave(&mut self, finding: &str, from: &str, to: &str, by: &str) {
        for owner in [from, to].into_iter().filter(|owner| !owner.is_empty()) {
            self.book.add(finding, owner, "owned it");
        }
        if from == by && to != by {
            self.book.add(finding, by, "moved it away from themselves");
        }
    }

    /// A reviewer decided something for which they may have had no part.
    pub(crate) fn decides(&mut self, finding: &str, by: &str, verb: &str) {
        if let Some(part) = self.book.parts.get(finding).and_then(|parts| parts.get(by)) {
            self.broken.push(format!("{by} {part}, and may {verb} {finding}"));
        }
        if verb == "verify" {
            self.book.resolved.insert(finding.to_owned());
        }
    }

    /// Another episode begins.
    pub(crate) fn begins_anew(&mut self, finding: &str) {
        self.book.parts.remove(finding);
    }

    /// A register from before knows of no part since, and of no episode.
    pub(super) fn forget_parts(&mut self) {
        self.book.parts.clear();
    }

    /// What a complete cycle saw of the issues of unresolved findings: who was assigned, and who had closed those that are
    /// claimed done. Where answers left fields out, nobody was seen.
    pub(crate) fn had_parts(&mut self, left: &Left, unresolved: &BTreeMap<String, bool>) {
        if std::mem::take(&mut self.partial) {
            return;
        }
        let is_unread = |tie: &Tie| {
            let mut notes = left.notes.iter().filter(|note| note.unread);
            notes.any(|note| note.finding.as_ref() == Some(&tie.finding) && note.names(&tie.issue))
        };
        for tie in left.ties.iter().filter(|tie| !is_unread(tie)) {
            let Some(claimed) = unresolved.get(&tie.finding) else { continue };
            for login in self.lives.assigned(&tie.issue, tie.read) {
                self.book.add(&tie.finding, login, "was assigned to its issue");
            }
            let closer = self.closers.get(&tie.issue).filter(|_| *claimed);
            if let Some(closer) = closer.filter(|_| self.lives.is_closed_since(&tie.issue, tie.read)) {
                self.book.add(&tie.finding, closer, "closed its issue");
            }
        }
    }

    /// Whatever is resolved, a reviewer verified.
    pub(crate) fn resolved(&mut self, findings: &[String]) {
        for finding in findings.iter().filter(|finding| !self.book.resolved.contains(*finding)) {
            self.broken.push(format!("{finding} is resolved, and nobody verified it"));
        }
    }
}
