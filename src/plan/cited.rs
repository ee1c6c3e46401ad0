//! Citations: issues that a document names beside a finding. Each is linked, or named in every cycle until it is settled.

use super::{
    action::{Action, Plan},
    snapshot::{Citation, FindingRow, Row},
};
use crate::model::{
    citation::{CitationFate, CitationRecord},
    cycle::{Note, NoteKind},
    ids::{FindingKey, TrackerName},
    issue::IssueRef,
    link::{Link, LinkKind, Tombstone},
    observed::Observed,
};

/// What the register holds about the issues of one finding.
#[derive(Clone, Copy, Debug)]
pub struct Followed<'a> {
    /// Its links.
    pub links: &'a [&'a Link],
    /// Its links that ended.
    pub tombstones: &'a [Tombstone],
    /// What became of its citations.
    pub citations: &'a [&'a CitationRecord],
}

impl Followed<'_> {
    /// Whether a citation needs nothing more: its issue is linked, or was until somebody or something ended that, or a
    /// reviewer set the citation aside. `served` is the tracker that has the issue, with the issue's key there.
    pub fn settles(&self, written: &str, served: Option<(&TrackerName, &str)>) -> bool {
        let named = self.citations.iter().filter(|record| record.written == written);
        let by_record = named.map(|record| &record.fate).any(|fate| match fate {
            CitationFate::Ignored { .. } => true,
            CitationFate::Linked(id) => {
                self.links.iter().any(|link| link.issue.id == *id)
                    || self.tombstones.iter().any(|stone| stone.issue.id == *id)
            }
        });
        by_record || served.is_some_and(|(tracker, key)| self.has_key(tracker, key))
    }

    fn has_key(&self, tracker: &TrackerName, key: &str) -> bool {
        // Neither repositories nor project keys differ by the case of their letters.
        let same = |known: &String| known.eq_ignore_ascii_case(key);
        let is_linked = |link: &&Link| {
            link.tracker == *tracker && (same(&link.issue.key) || link.former_keys.iter().any(same))
        };
        self.links.iter().any(is_linked) || self.tombstones.iter().any(|stone| same(&stone.issue.key))
    }
}

/// Adopts what can be read of the citations that are not settled, and names the others.
pub(super) fn plan_citations(row: &Row, member: &FindingRow, plan: &mut Plan) {
    let key = &member.finding.key;
    for citation in &member.citations {
        match (&citation.tracker, &citation.issue) {
            (Some(_), Observed::Known(issue)) if follows(row, member, &issue.at) => {}
            (Some(tracker), Observed::Known(issue)) => plan.actions.push(Action::Adopt {
                finding: key.clone(),
                tracker: tracker.clone(),
                issue: Box::new(issue.clone()),
                kind: LinkKind::Cited,
                doubles: Vec::new(),
                citation: Some(citation.written.clone()),
                why: format!("its document cites {}", citation.written),
            }),
            (Some(_), Observed::Missing) => note(
                member,
                citation,
                NoteKind::Held,
                "which does not exist or is not visible to this account; correct the document, or set it aside with \
                 `link ignore`",
                plan,
            ),
            (Some(_), Observed::Unknown { why }) => {
                note(
                    member,
                    citation,
                    NoteKind::Unreachable,
                    &format!("which could not be read: {why}"),
                    plan,
                );
            }
            (None, _) => note(
                member,
                citation,
                NoteKind::Held,
                "which no configured tracker serves; add the tracker, take the citation out, or set it aside with \
                 `link ignore`",
                plan,
            ),
        }
    }
}

/// Citations of a finding whose issues do not speak for it yet.
pub(super) fn unheard<'a>(row: &'a Row, finding: &FindingKey) -> Vec<&'a str> {
    let members = row.findings.iter().filter(|member| member.finding.key == *finding);
    let waits = |member: &&FindingRow, citation: &&Citation| {
        !citation.issue.known().is_some_and(|issue| follows(row, member, &issue.at))
    };
    let waiting =
        members.flat_map(|member| member.citations.iter().filter(move |citation| waits(&member, citation)));
    waiting.map(|citation| citation.written.as_str()).collect()
}

/// Whether a finding follows an issue, or did until that was ended.
fn follows(row: &Row, member: &FindingRow, at: &IssueRef) -> bool {
    let mut links = row.links.iter().map(|(link, _)| link).filter(|link| link.finding == member.finding.key);
    links.any(|link| link.issue.id == at.id) || member.tombstones.iter().any(|stone| stone.issue.id == at.id)
}

fn note(member: &FindingRow, citation: &Citation, kind: NoteKind, why: &str, plan: &mut Plan) {
    let why = format!("it cites {}, {why}", citation.written);
    let note = Note::new(kind, why).of(&member.finding.key).on(citation.written.as_str());
    plan.say(Note { tracker: citation.tracker.clone(), ..note });
}
