//! Findings, people and links for tests of reviews and reports.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use postmortem_sync::{
    model::{
        deadline::Policy,
        finding::{Claimant, Finding, Owner, Stated, Told, Waiver},
        ids::{FindingKey, Host, PersonId},
        involvement::Involvement,
        issue::{IssueId, IssueRef},
        link::{Baseline, Link, LinkKind, Pushed, Seen},
        people::{People, Person},
        terms::{Claimed, Class, Route, Severity, State, Tlp, Work},
        words::{Sealed, Words},
    },
    review::{
        act::Act,
        clock,
        transition::{claimed, waiver_expired},
    },
};

/// An instant, from RFC 3339.
pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A date, from ISO 8601.
pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The default policy in a zone.
pub(crate) fn policy(zone: &str) -> Policy {
    Policy { zone: zone.parse().unwrap(), ..Policy::review_default() }
}

/// Rita and Rob review; Olga owns; Carl closed the issue.
pub(crate) fn people() -> People {
    let person = |name: &str, reviewer| Person {
        name: Some(name.to_owned()),
        github: Some(format!("{}-gh", name.to_lowercase()).into()),
        email: Some(format!("{}@example.com", name.to_lowercase())),
        reviewer,
        ..Person::default()
    };
    People(BTreeMap::from([
        ("rita".into(), person("Rita", true)),
        ("rob".into(), person("Rob", true)),
        ("olga".into(), person("Olga", false)),
        ("carl".into(), person("Carl", false)),
    ]))
}

/// An open engineering finding of high severity that Olga owns, first seen and published on 2 February 2026.
pub(crate) fn finding(key: &str) -> Finding {
    let seen = at("2026-02-02T09:00:00Z");
    let (clock, _) = clock::start(&policy("UTC"), Severity::High, None, seen, None);
    Finding {
        key: key.into(),
        allocated: false,
        stated: stated(key),
        class: Class::TechnicalLapse,
        class_inferred: false,
        work: Work::Bug,
        work_inferred: false,
        route: Route::Engineering,
        severity: Severity::High,
        severity_assumed: false,
        state: State::Open,
        owner: Owner::Person("olga".into()),
        clock,
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
        pending_comment_since: None,
        failed_creates: None,
        rulings: BTreeMap::new(),
        told: Told::default(),
        episode: 0,
        first_seen: seen,
        changed: seen,
    }
}

/// The finding, due on a date.
pub(crate) fn due(key: &str, date: &str) -> Finding {
    let mut finding = finding(key);
    finding.clock.due_original = Some(day(date));
    finding.clock.due = Some(day(date));
    finding
}

/// The finding, claimed done.
pub(crate) fn pending(key: &str, by: Claimant) -> Finding {
    claimed(&finding(key), by, at("2026-02-20T09:00:00Z")).unwrap().finding
}

/// The finding, claimed done by Carl.
pub(crate) fn pending_by_carl(key: &str) -> Finding {
    pending(key, Claimant::Person("carl".into()))
}

/// The finding under a waiver that Rita approved on 10 February 2026.
pub(crate) fn waived(key: &str, expires: &str) -> Finding {
    let waiver = Waiver {
        by: "rita".into(),
        at: at("2026-02-10T09:00:00Z"),
        reason: "the replacement is on its way".to_owned(),
        expires: day(expires),
    };
    Finding { state: State::RiskAccepted, waiver: Some(waiver), ..finding(key) }
}

/// A link to an issue of a tracker.
pub(crate) fn link(finding: &str, tracker: &str, number: u32) -> Link {
    let read = at("2026-02-03T09:00:00Z");
    Link {
        finding: finding.into(),
        tracker: tracker.into(),
        issue: IssueRef {
            id: IssueId { host: Host::from("api.github.com"), id: number.to_string() },
            node: None,
            key: format!("acme/infra#{number}"),
            url: format!("https://github.com/acme/infra/issues/{number}"),
            place: "acme/infra".into(),
            place_id: "1".to_owned(),
        },
        former_keys: Vec::new(),
        kind: LinkKind::Created,
        destination: "acme/infra".into(),
        since: read,
        baseline: Baseline::default(),
        pushed: Pushed::default(),
        refused: BTreeMap::new(),
        failed_edits: None,
        seen: Seen { at: read, status_text: "open".to_owned(), updated: read },
        absence: None,
        doubles: Vec::new(),
        written: Vec::new(),
        told: None,
    }
}

/// Somebody who decides something on 1 March 2026.
pub(crate) struct Desk {
    pub(crate) people: People,
    policy: Policy,
    by: PersonId,
    pub(crate) parts: Vec<Involvement>,
}

impl Desk {
    /// The desk of a person.
    pub(crate) fn of(by: &str) -> Self {
        Self { people: people(), policy: policy("UTC"), by: by.into(), parts: Vec::new() }
    }

    /// What the person acts with.
    pub(crate) fn act(&self) -> Act<'_> {
        let Self { people, policy, by, parts } = self;
        Act { by, at: at("2026-03-01T12:00:00Z"), people, policy, parts }
    }
}

/// One piece of evidence.
pub(crate) fn evidence() -> Vec<String> {
    vec!["acme/infra#17 merged".to_owned()]
}

/// The finding after its waiver ended, if it has.
pub(crate) fn after_waiver(finding: &Finding, now: &str) -> Option<Finding> {
    waiver_expired(&policy("UTC"), finding, at(now)).map(|step| step.finding)
}

fn stated(key: &str) -> Stated {
    let (postmortem, _) = key.split_once('/').unwrap();
    Stated {
        postmortem: postmortem.into(),
        postmortem_derived: false,
        postmortem_url: Some("https://wiki.example.com/pm".to_owned()),
        source: "postmortems".into(),
        path: format!("postmortems/{postmortem}.md"),
        line: 12,
        tlp: Tlp::Amber,
        read_tlp: None,
        kind: None,
        kind_inferred: false,
        priority: None,
        severity: None,
        severity_unclear: None,
        owner: None,
        team: Some("platform".to_owned()),
        due: None,
        trackers: Vec::new(),
        target: None,
        labels: Vec::new(),
        claimed: Claimed::None,
        reviewers: Vec::new(),
        authors: Vec::new(),
        words: Sealed::from(Words {
            postmortem_title: "Keys leaked through the build cache".to_owned(),
            title: format!("Rotate the keys of {}", FindingKey::from(key).local()),
            description: None,
            criteria: None,
        }),
    }
}
