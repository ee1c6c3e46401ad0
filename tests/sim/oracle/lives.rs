//! What each issue was, step by step, and who made it so. The judge's own record: it looks at the trackers after every write
//! and every deed, and never asks the register.

use std::collections::BTreeMap;

use super::Issue;

/// A field that both sides share, as the history names it.
pub(crate) const OWNER: &str = "owner";
/// The other one.
pub(crate) const STATUS: &str = "status";

/// Who made an issue so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// A request of the worker.
    Us,
    /// Somebody else, or a move to another place; and whatever a register that was put back cannot know.
    Others,
}

/// How an issue was from one instant on.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    /// Since when, in milliseconds since 1970 by the tracker's clock.
    at: i64,
    by: By,
    assignees: Vec<String>,
    progress: &'static str,
    /// Which fields became something else.
    changed: Vec<&'static str>,
}

impl Moment {
    /// Whether the issue showed this value of a field, in the words of the history.
    fn shows(&self, field: &str, value: &str) -> bool {
        let value = value.split(' ').next().unwrap_or_default().to_lowercase();
        match field {
            OWNER if value == "nobody" => self.assignees.is_empty(),
            OWNER => self.assignees.contains(&value),
            _ => self.progress == value,
        }
    }
}

/// The lives of all issues, by their present keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lives {
    moments: BTreeMap<String, Vec<Moment>>,
    /// Present keys by those that issues had before.
    moved: BTreeMap<String, String>,
}

impl Lives {
    /// Takes down how the issues are now; which of them became something else.
    pub(crate) fn look(&mut self, issues: &[Issue], at: i64, by: By) -> Vec<String> {
        let mut changed = Vec::new();
        for issue in issues {
            let life = self.moments.entry(issue.key.clone()).or_default();
            let was = life.last();
            let mut fields = Vec::new();
            if was.is_none_or(|was| was.assignees != issue.assignees) {
                fields.push(OWNER);
            }
            if was.is_none_or(|was| was.progress != issue.progress) {
                fields.push(STATUS);
            }
            if fields.is_empty() {
                continue;
            }
            let (assignees, progress) = (issue.assignees.clone(), issue.progress);
            life.push(Moment { at, by, assignees, progress, changed: fields });
            changed.push(issue.key.clone());
        }
        changed
    }

    /// An issue has another key from now on; what it is in its new place, the move made it.
    pub(crate) fn moved(&mut self, from: &str, to: &str, at: i64) {
        let mut life = self.moments.remove(from).unwrap_or_default();
        if let Some(last) = life.last().cloned() {
            life.push(Moment { at, by: By::Others, changed: vec![OWNER, STATUS], ..last });
        }
        self.moments.insert(to.to_owned(), life);
        for key in self.moved.values_mut().filter(|key| *key == from) {
            to.clone_into(key);
        }
        self.moved.insert(from.to_owned(), to.to_owned());
    }

    /// The key that an issue has now.
    pub(crate) fn present<'a>(&'a self, key: &'a str) -> &'a str {
        self.moved.get(key).map_or(key, String::as_str)
    }

    /// A register that was put back or lost cannot know what we wrote.
    pub(crate) fn forget(&mut self) {
        self.moments.values_mut().flatten().for_each(|moment| moment.by = By::Others);
    }

    fn of(&self, key: &str) -> &[Moment] {
        self.moments.get(self.present(key)).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether an issue showed a value at any time from `since` on.
    pub(crate) fn showed(&self, key: &str, (field, value): (&str, &str), since: i64) -> bool {
        let life = self.of(key);
        life.iter().enumerate().any(|(n, moment)| {
            let until = life.get(n + 1).map_or(i64::MAX, |next| next.at);
            until >= since && moment.shows(field, value)
        })
    }

    /// Since when an issue showed the value that both sides agreed on: of what was read by `read`, or we wrote by `known`.
    pub(crate) fn agreed(
        &self,
        key: &str,
        (field, value): (&str, &str),
        (read, known): (i64, i64),
    ) -> Option<i64> {
        let told = |moment: &&Moment| {
            moment.shows(field, value)
                && (moment.at < read + SECOND || moment.by == By::Us && moment.at <= known)
        };
        self.of(key).iter().rev().find(told).map(|moment| moment.at)
    }

    /// Whether anybody else changed a field of an issue after an instant. Where several findings follow the issue, what we
    /// wrote for one of them is news for the others.
    pub(crate) fn touched(&self, key: &str, (field, is_shared): (&str, bool), after: i64) -> bool {
        let theirs = |moment: &Moment| {
            (moment.by == By::Others || is_shared) && moment.changed.contains(&field) && moment.at > after
        };
        self.of(key).iter().any(theirs)
    }

    /// Whether an issue shows a value now, and nothing else.
    pub(crate) fn shows_now(&self, key: &str, (field, value): (&str, &str)) -> bool {
        let alone = |moment: &Moment| field != OWNER || moment.assignees.len() < 2;
        self.of(key).last().is_some_and(|moment| alone(moment) && moment.shows(field, value))
    }

    /// Whether somebody else changed a field after we had last written to it, and it showed this value before that: a read
    /// tells the value now apart from the one that was agreed on before only by who made it so.
    pub(crate) fn was_returned(&self, key: &str, (field, agreed): (&str, &str)) -> bool {
        let life = self.of(key);
        let ours = life.iter().rposition(|moment| moment.by == By::Us && moment.changed.contains(&field));
        ours.filter(|n| *n > 0).is_some_and(|n| {
            let is_changed = life[n..].iter().skip(1).any(|moment| moment.changed.contains(&field));
            is_changed && life[n - 1].shows(field, agreed)
        })
    }

    /// How an issue was in the version that a tracker says was the last one at an instant, be it in whole seconds; nothing
    /// where that is not sure.
    fn version(&self, key: &str, updated: i64) -> Option<&Moment> {
        let life = self.of(key);
        if let Some(exact) = life.iter().rev().find(|moment| moment.at == updated) {
            return Some(exact);
        }
        let within = life.iter().filter(|moment| moment.at > updated && moment.at < updated + SECOND).count();
        life.iter().rev().find(|moment| moment.at < updated + SECOND).filter(|_| within <= 1)
    }

    /// Who was assigned to an issue in that version.
    pub(crate) fn assigned(&self, key: &str, updated: i64) -> &[String] {
        self.version(key, updated).map(|moment| moment.assignees.as_slice()).unwrap_or_default()
    }

    /// Whether an issue was closed in that version, and is still the same.
    pub(crate) fn is_closed_since(&self, key: &str, updated: i64) -> bool {
        let last = self.of(key).last().map(|moment| moment.at);
        let is_closed = |moment: &Moment| matches!(moment.progress, "done" | "declined");
        self.version(key, updated).is_some_and(|moment| is_closed(moment) && Some(moment.at) == last)
    }

    /// When an issue was first there; the end of time if it never was.
    pub(crate) fn born(&self, key: &str) -> i64 {
        self.of(key).first().map_or(i64::MAX, |moment| moment.at)
    }
}

/// How exactly trackers tell when an issue was changed, in milliseconds.
pub(crate) const SECOND: i64 = 1_000;
