//! The word that a decision leaves for the issues of a finding: told once, where it may be read, and recognised by an id.

use chrono::{DateTime, Utc};

use super::Work;
use crate::{
    model::{
        cycle::NoteKind,
        finding::Finding,
        issue::{CommentMark, Edit, Field},
        link::Link,
    },
    plan::{
        action::Plan,
        clearance::{Profile, takes_text},
        inert::inert,
        marker,
        secrets::secret_in,
        snapshot::Context,
    },
};

/// Whether the word of a decision of that moment has still to be told in the issue of a link: it may hold it, or nobody
/// knows yet whether it may, and it was not told.
pub fn owes_word(context: &Context, finding: &Finding, link: &Link, decided: DateTime<Utc>) -> bool {
    link.told != Some(decided)
        && matches!(takes_text(context, finding, link), Ok(Profile::Full) | Err((NoteKind::Unreachable, _)))
}

impl Work<'_> {
    /// A comment that waits goes to each issue once, with the first edit that can carry it, and waits until the last of
    /// them was told. A cited issue takes owner and status only (invariant 5), and a place that is not cleared for the
    /// finding takes no text of it (invariant 13).
    pub(super) fn speak(&mut self, plan: &mut Plan) {
        let Some(comment) = self.finding.pending_comment.clone() else { return };
        // A register of an earlier release does not say when that was decided: no later than now.
        let decided = *self.finding.pending_comment_since.get_or_insert(self.before.changed);
        let id = marker::word(&self.context.marker_key, &self.context.instance, &self.finding.key, decided);
        let mark = CommentMark { id, since: decided };
        if let Some(secret) = secret_in(&comment) {
            return self.withhold_word(comment, &format!("it holds what looks like {secret}"), plan);
        }
        let (mut heard, mut owed) = (false, false);
        for n in 0..self.live.len() {
            let Some(live) = self.live.get(n) else { continue };
            if live.link.told == Some(decided) {
                heard = true;
                continue;
            }
            match takes_text(self.context, &self.finding, &live.link) {
                Ok(Profile::Full) => (heard, owed) = (true, true),
                // Who can read the place is not known now: the word waits.
                Err((NoteKind::Unreachable, why)) => {
                    (heard, owed) = (true, true);
                    self.note(n, (NoteKind::Unreachable, Field::Comment), why, plan);
                    continue;
                }
                Ok(Profile::Minimal) | Err(_) => continue,
            }
            let edit = Edit { comment: Some(inert(&comment)), ..Edit::default() };
            if !self.may_write(n, Field::Comment, &edit, plan) {
                continue;
            }
            if let Some(live) = self.live.get_mut(n) {
                live.edit.comment = edit.comment;
                live.edit.comment_mark = Some(mark.clone());
                live.why.push("a reviewer's word is passed on".to_owned());
            }
        }
        match (self.complete, heard, owed) {
            (true, false, _) => {
                self.withhold_word(comment, "no issue of this finding may hold its text", plan);
            }
            // The issue that was not told yet is not linked any more, or may not be told any more.
            (true, true, false) => self.finding.leave_word(None, self.context.now),
            (true, true, true) | (false, _, _) => {}
        }
    }

    fn withhold_word(&mut self, comment: String, why: &str, plan: &mut Plan) {
        self.finding.leave_word(None, self.context.now);
        let why = format!("the reviewer's word is not passed on: {why}; tell its owner yourself");
        self.note(0, (NoteKind::Held, Field::Comment), why.as_str(), plan);
        self.entry(0, "comment_withheld", Field::Comment, (comment, "not sent".to_owned()), &why);
    }
}
