//! Builders of model values: each returns a plain, valid value that a test then changes where it matters.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use postmortem_sync::model::{
    cycle::{CycleRecord, SourceHealth, TrackerHealth},
    finding::{AnchorKind, ClockRecord, Finding, Owner, Stated},
    history::Entry,
    ids::{FindingKey, Host, Marker, PlaceName, PostmortemId, SourceName, TrackerName},
    issue::{IssueId, IssueRef},
    link::{Agreed, Baseline, Intent, Link, LinkKind, Pushed, Seen, Tombstone},
    register::PinnedPlace,
    terms::{Claimed, Class, Progress, Route, Severity, State, Tlp, Work},
};

/// Noon on 2 March 2026, the present of most tests.
pub(crate) fn now() -> DateTime<Utc> {
    NaiveDate::from_ymd_opt(2026, 3, 2).unwrap().and_hms_opt(12, 0, 0).unwrap().and_utc()
}

/// So many minutes after [`now`].
pub(crate) fn minutes(minutes: i64) -> DateTime<Utc> {
    now() + TimeDelta::minutes(minutes)
}

/// A date.
pub(crate) fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// An open, unowned engineering finding of medium severity, such as `finding("PM-1/F1")`.
pub(crate) fn finding(key: &str) -> Finding {
    let anchor = date("2026-02-20");
    let due = Some(date("2026-04-21"));
    Finding {
        key: FindingKey::from(key),
        allocated: false,
        stated: stated(key),
        class: Class::TechnicalLapse,
        class_inferred: false,
        work: Work::Bug,
        work_inferred: false,
        route: Route::Engineering,
        severity: Severity::Medium,
        severity_assumed: false,
        state: State::Open,
        owner: Owner::Nobody,
        clock: ClockRecord {
            anchor,
            anchor_kind: AnchorKind::Published,
            due_original: due,
            due,
            extensions: Vec::new(),
        },
        claim: None,
        resolution: None,
        declined_upstream: false,
        source_missing: false,
        draft: false,
        last_review: None,
        rejections: 0,
        waiver: None,
        dismissed: None,
        pending_comment: None,
        first_seen: now(),
        changed: now(),
    }
}

/// What the document of a finding states.
pub(crate) fn stated(key: &str) -> Stated {
    let (postmortem, local) = key.split_once('/').unwrap();
    Stated {
        postmortem: PostmortemId::from(postmortem),
        postmortem_title: format!("What happened in {postmortem}"),
        postmortem_url: None,
        source: SourceName::from("postmortems"),
        path: format!("postmortems/{postmortem}.md"),
        line: 10,
        tlp: Tlp::Amber,
        title: format!("Mend {local}"),
        description: None,
        kind: None,
        priority: None,
        severity: None,
        owner: None,
        team: Some("payments".to_owned()),
        due: None,
        criteria: None,
        trackers: Vec::new(),
        target: None,
        labels: Vec::new(),
        claimed: Claimed::None,
        reviewers: Vec::new(),
    }
}

/// Issue `number` of `acme/payments` on GitHub; its numeric id is `9000 + number`.
pub(crate) fn issue_ref(number: u64) -> IssueRef {
    IssueRef {
        id: IssueId { host: Host::from("api.github.com"), id: (9000 + number).to_string() },
        node: Some(format!("I_{number}")),
        key: format!("acme/payments#{number}"),
        url: format!("https://github.com/acme/payments/issues/{number}"),
        place: PlaceName::from("acme/payments"),
        place_id: "77".to_owned(),
    }
}

/// A created link of a finding to issue `number`; both sides agree that it is open and nobody's.
pub(crate) fn link(finding: &str, number: u64) -> Link {
    Link {
        finding: FindingKey::from(finding),
        tracker: TrackerName::from("github"),
        issue: issue_ref(number),
        former_keys: Vec::new(),
        kind: LinkKind::Created,
        destination: PlaceName::from("acme/payments"),
        since: now(),
        baseline: Baseline {
            owner: Some(Agreed { finding: Owner::Nobody, issue: Owner::Nobody }),
            progress: Some(Agreed { finding: Progress::Open, issue: Progress::Open }),
        },
        pushed: Pushed { labels: BTreeSet::from(["security".to_owned()]), due: None, block: None },
        refused: BTreeMap::new(),
        seen: Seen { at: now(), status_text: "open".to_owned(), updated: now() },
        absence: None,
    }
}

/// The first attempt to create the issue of a finding in `acme/payments`.
pub(crate) fn intent(finding: &str) -> Intent {
    Intent {
        finding: FindingKey::from(finding),
        tracker: TrackerName::from("github"),
        place: PlaceName::from("acme/payments"),
        place_id: "77".to_owned(),
        marker: Marker::from("pm1-abc"),
        epoch: 1,
        sent: now(),
        payload: "digest".to_owned(),
    }
}

/// The end of a finding's link to issue `number`.
pub(crate) fn tombstone(finding: &str, number: u64) -> Tombstone {
    Tombstone {
        finding: FindingKey::from(finding),
        issue: issue_ref(number),
        why: "detached".to_owned(),
        at: now(),
    }
}

/// A pinned place on GitHub.
pub(crate) fn place(name: &str) -> PinnedPlace {
    PinnedPlace {
        tracker: TrackerName::from("github"),
        place: PlaceName::from(name),
        host: Host::from("api.github.com"),
        id: "77".to_owned(),
        since: now(),
        swept: None,
    }
}

/// The record of a cycle that ran well.
pub(crate) fn cycle(id: &str, started: DateTime<Utc>) -> CycleRecord {
    let health = TrackerHealth { read: Some(started), links: 1, ..TrackerHealth::default() };
    let source = SourceHealth { documents: 1, findings: 1, ..SourceHealth::default() };
    CycleRecord {
        id: id.to_owned(),
        started,
        finished: Some(started + TimeDelta::seconds(3)),
        trackers: BTreeMap::from([(TrackerName::from("github"), health)]),
        sources: BTreeMap::from([(SourceName::from("postmortems"), source)]),
        notes: Vec::new(),
        diagnostics: Vec::new(),
        done: BTreeMap::from([("issue_created".to_owned(), 1)]),
    }
}

/// An entry of the history.
pub(crate) fn entry(cycle: &str, finding: Option<&str>, event: &str) -> Entry {
    Entry {
        at: now(),
        cycle: cycle.to_owned(),
        event: event.to_owned(),
        finding: finding.map(FindingKey::from),
        issue: None,
        actor: "worker".to_owned(),
        field: None,
        before: None,
        after: None,
        why: "because".to_owned(),
    }
}
