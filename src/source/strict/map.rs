//! From the strict format's shape to the words of the register.

use super::shape::{Finding, InitialStatus, Sheet, Stage};
use crate::{
    model::{
        fate::Tally,
        ids::PostmortemId,
        postmortem::{DocumentFinding, Hints, Mark, Postmortem},
        terms::{Claimed, Tlp},
        tree::Tree,
    },
    source::{date, reference},
};

/// The postmortem of a sheet that has passed every check.
pub(super) fn postmortem(tree: &Tree, sheet: Sheet) -> Postmortem {
    let findings = sheet.findings.into_iter().enumerate();
    let findings =
        findings.map(|(n, found)| finding(found, tree.position(&format!("/findings/{n}")).0)).collect();
    Postmortem {
        id: PostmortemId::new(sheet.id),
        id_derived: false,
        title: sheet.title.into(),
        url: sheet.url.map(String::from),
        tlp: sheet.tlp.unwrap_or(Tlp::Amber),
        marked: sheet.tlp.map(|tlp| {
            let (line, column) = tree.position("/tlp");
            Mark { tlp, line, column }
        }),
        draft: match sheet.status {
            Some(Stage::Draft | Stage::InReview | Stage::Withdrawn) => true,
            Some(Stage::Published) | None => false,
        },
        published: sheet.published.as_ref().and_then(|when| date::when(when.as_ref())),
        reviewers: sheet.reviewers.into_iter().map(String::from).collect(),
        authors: sheet.authors.into_iter().map(String::from).collect(),
        severity: Some(sheet.incident.severity),
        severity_unclear: None,
        incident: sheet.incident.id.map(String::from),
        owner: None,
        team: None,
        findings,
        candidates: Vec::new(),
        coverage: Tally::default(),
        fates: Vec::new(),
    }
}

fn finding(finding: Finding, line: usize) -> DocumentFinding {
    DocumentFinding {
        id: Some(finding.id.into()),
        title: finding.title.into(),
        description: finding.description.map(String::from),
        class: Some(finding.class),
        kind: finding.kind,
        work: None,
        route: finding.route,
        severity: finding.severity,
        severity_unclear: None,
        priority: finding.priority,
        owner: finding.owner.map(String::from),
        team: finding.team.map(String::from),
        due: finding.due.as_ref().and_then(|day| date::iso(day.as_ref())),
        criteria: finding.evaluation_criteria.map(String::from),
        trackers: finding.tracker.iter().map(|issue| reference::strict(issue.as_ref())).collect(),
        target: finding.target.map(String::from),
        labels: finding.labels.into_iter().map(String::from).collect(),
        claimed: match finding.initial_status {
            Some(InitialStatus::Open) | None => Claimed::None,
            Some(InitialStatus::InProgress) => Claimed::InProgress,
            Some(InitialStatus::DoneClaimed) => Claimed::Done,
        },
        replaces: finding.replaces.into_iter().map(String::from).collect(),
        hints: Hints::default(),
        marked: None,
        line,
    }
}
