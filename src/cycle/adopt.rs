//! Linking a finding with an issue that exists.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{CycleError, apply::Run, parts};
use crate::{
    model::{
        citation::{CitationFate, CitationRecord},
        ids::{FindingKey, TrackerName},
        issue::{Issue, IssueRef},
        link::{Baseline, Intent, Link, LinkKind, Pushed, Seen},
        register::Write,
        terms::Progress,
    },
    plan::action::CreateAction,
    tracker::Created,
};

/// A finding and the issue that will follow it.
pub struct Adoption {
    /// The finding.
    pub finding: FindingKey,
    /// The tracker.
    pub tracker: TrackerName,
    /// The issue as read.
    pub issue: Issue,
    /// Whether it is one of ours or one that was cited.
    pub kind: LinkKind,
    /// Further issues of ours with the same marker.
    pub doubles: Vec<IssueRef>,
    /// The citation that led to it, as written.
    pub citation: Option<String>,
    /// Why.
    pub why: String,
}

/// A link to an issue on which nothing is agreed yet: the merge that follows settles owner and status.
pub fn fresh_link(adoption: &Adoption, now: DateTime<Utc>) -> Link {
    let issue = &adoption.issue;
    Link {
        finding: adoption.finding.clone(),
        tracker: adoption.tracker.clone(),
        issue: issue.at.clone(),
        former_keys: Vec::new(),
        kind: adoption.kind,
        destination: issue.at.place.clone(),
        since: now,
        baseline: Baseline::default(),
        pushed: Pushed {
            labels: issue.labels.clone(),
            due: issue.due,
            block: issue.block.clone(),
            stated: None,
        },
        refused: std::collections::BTreeMap::new(),
        failed_edits: None,
        seen: Seen { at: now, status_text: issue.status_text.clone(), updated: issue.updated },
        absence: None,
        doubles: adoption.doubles.clone(),
        written: Vec::new(),
        told: None,
    }
}

/// What is known of an issue that could not be read back: where it is, and what was asked for.
pub(super) fn unread(action: &CreateAction, created: &Created, now: DateTime<Utc>) -> Issue {
    Issue {
        at: created.at.clone(),
        title: action.draft.title.clone(),
        progress: Progress::Open,
        status_text: "not read back yet".to_owned(),
        assignees: Vec::new(),
        labels: action.draft.labels.clone(),
        due: action.draft.due,
        author: None,
        closed_by: None,
        updated: now,
        created: now,
        read: None,
        marker: Some(action.draft.marker.clone()),
        block: None,
        unseen: BTreeSet::from(Issue::COMPARED),
        chosen: None,
    }
}

/// The intents of a finding that an issue answers: those whose marker it carries.
pub fn answered<'a>(
    intents: &'a [Intent],
    finding: &'a FindingKey,
    issue: &'a Issue,
) -> impl Iterator<Item = &'a Intent> {
    let is_answer =
        |intent: &&Intent| intent.finding == *finding && issue.marker.as_ref() == Some(&intent.marker);
    intents.iter().filter(is_answer)
}

/// Records the link, and ends the intent that it answers, and no other. The finding is looked at again in this cycle.
pub(super) async fn adopt(run: &mut Run<'_, '_>, adoption: Adoption) -> Result<(), CycleError> {
    let link = fresh_link(&adoption, run.ports.clock.now());
    let finding = adoption.finding;
    let kind = run.ports.trackers.get(&adoption.tracker).map(|tracker| tracker.kind());
    // The next read may show somebody else.
    let parts = kind.map(|kind| parts::shown_in(run, kind, &finding, &adoption.issue));
    let event = match adoption.kind {
        LinkKind::Created => "issue_recovered",
        LinkKind::Cited => "issue_cited",
    };
    let entry = run.ledger.entry(event, &finding, Some(&link.issue.key), adoption.why);
    let answered = answered(&run.ledger.register().intents, &finding, &adoption.issue);
    let mut writes: Vec<Write> = answered.map(Write::intent_done).collect();
    writes.extend(adoption.citation.map(|written| {
        let fate = CitationFate::Linked(link.issue.id.clone());
        Write::Citation(Box::new(CitationRecord { finding: finding.clone(), written, fate, at: link.since }))
    }));
    writes.push(Write::TombstoneCleared { finding: finding.clone(), issue: link.issue.id.clone() });
    writes.push(Write::Link(Box::new(link)));
    writes.push(Write::History(entry));
    writes.extend(parts.into_iter().flatten());
    run.ledger.record(writes).await?;
    run.outcome.count(match adoption.kind {
        LinkKind::Created => "recovered",
        LinkKind::Cited => "cited",
    });
    run.outcome.touched.insert(finding);
    Ok(())
}
