//! Whether everything that is somewhere is told: issues of ours, citations, and links that end.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    Oracle, Recorded, issues,
    pulled::{Noted, Tie},
};

/// What a complete cycle left.
#[derive(Clone, Debug, Default)]
pub(crate) struct Left {
    pub(crate) ties: Vec<Tie>,
    /// Keys of the issues of links that ended, by finding.
    pub(crate) ended: Vec<(String, String)>,
    pub(crate) notes: Vec<Noted>,
    /// The findings of the register, and whether they are unresolved and no drafts.
    pub(crate) findings: BTreeMap<String, bool>,
    /// Findings with a create under way.
    pub(crate) under_way: Vec<String>,
}

impl Left {
    fn names(&self, key: &str) -> bool {
        self.notes.iter().any(|note| note.names(key))
    }

    fn speaks_of(&self, finding: &str) -> bool {
        self.notes.iter().any(|note| note.finding.as_deref() == Some(finding))
    }
}

impl Oracle {
    /// Every open issue that we made is linked or named; while times are harsh, a word on its finding is enough, and issues
    /// that are younger than the cycle may wait for the next one. `titles` tells the finding of a title.
    pub(crate) fn none_is_left_behind(&mut self, state: &Value, left: &Left, titles: &[(String, String)]) {
        for issue in issues(state).iter().filter(|issue| issue.ours && issue.open) {
            let is_its = |tie: &Tie| self.lives.present(&tie.issue) == issue.key || tie.id == issue.id;
            let is_tied = left.ties.iter().any(is_its);
            if is_tied || left.names(&issue.key) {
                continue;
            }
            let made_for = self.made_for.get(&issue.key);
            let finding =
                titles.iter().find(|(_, title)| Some(title) == made_for).map(|(finding, _)| finding);
            let Some(finding) = finding else { continue };
            // A register that does not know the finding cannot name its issue.
            let unknown = !left.findings.contains_key(finding);
            let waits = left.speaks_of(finding) && (left.under_way.contains(finding) || self.harsh);
            let young = self.harsh && self.lives.born(&issue.key) >= self.began;
            if !unknown && !waits && !young && !self.foreign {
                self.broken.push(format!(
                    "{} is an open issue of ours, made for {finding}, and no link and no note names it",
                    issue.key
                ));
            }
        }
    }

    /// Every citation of an unresolved finding is linked, was until that ended, or is named.
    pub(crate) fn citations_are_known(&mut self, cited: &BTreeMap<String, Vec<String>>, left: &Left) {
        for (finding, written) in cited {
            if left.findings.get(finding) != Some(&true) {
                continue;
            }
            for written in written {
                let key = self.lives.present(written);
                let same = |of: &str, issue: &str| of == finding && self.lives.present(issue) == key;
                let tied = left.ties.iter().any(|tie| same(&tie.finding, &tie.issue));
                let ended = left.ended.iter().any(|(of, issue)| same(of, issue));
                let named = left.notes.iter().any(|note| {
                    note.finding.as_ref() == Some(finding) && (note.names(written) || note.names(key))
                });
                if !tied && !ended && !named {
                    self.broken.push(format!("{finding} cites {written}, and no link and no note knows it"));
                }
            }
        }
    }

    /// No link ends while its issue is there, and none while its place is out of sight.
    pub(crate) fn nothing_ends_unseen(&mut self, state: &Value, entries: &[Recorded]) {
        let there = issues(state);
        for entry in entries.iter().filter(|entry| entry.event == "link_broken") {
            let Some(key) = &entry.issue else { continue };
            let key = self.lives.present(key);
            if !there.iter().any(|issue| issue.key == key) {
                continue;
            }
            let hidden = self.hidden.iter().any(|place| key.starts_with(place.as_str()));
            let how = if hidden { "while its place was out of sight" } else { "although its issue is there" };
            let told = format!("the link of {:?} to {key} ended {how}: {}", entry.finding, entry.why);
            self.broken.push(told);
        }
    }

    /// Each decision is told once, and our block stands in one comment: no two comments of ours on an issue say the same,
    /// and no two begin as a block does.
    pub(crate) fn each_word_is_told_once(&mut self, state: &Value) {
        for issue in issues(state) {
            let mut said: BTreeMap<&str, usize> = BTreeMap::new();
            for word in &issue.said {
                *said.entry(word).or_default() += 1;
            }
            for (word, times) in said.into_iter().filter(|(_, times)| *times > 1) {
                self.broken.push(format!("{} was told {times} times: {word}", issue.key));
            }
            let blocks =
                issue.said.iter().filter(|word| word.contains("postmortem-sync: current state")).count();
            if blocks > 1 {
                self.broken.push(format!("{} has our block {blocks} times", issue.key));
            }
        }
    }
}
