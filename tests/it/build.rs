//! Builders of model values: each returns a plain, valid value that a test then changes where it matters.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use postmortem_sync::{
    model::{
        cycle::{CycleRecord, SourceHealth, TrackerHealth},
        deadline::Policy,
        edit_intent::EditIntent,
        finding::{AnchorKind, ClockRecord, Finding, Owner, Stated, Told},
        history::Entry,
        ids::{AccountId, FindingKey, Host, Marker, PlaceName, PostmortemId, SourceName, TrackerName},
        involvement::{Involvement, Part, Party},
        issue::{Change, Edit, Issue, IssueId, IssueRef, PlaceFacts, TrackerKind, Visibility},
        link::{Agreed, Baseline, Intent, Link, LinkKind, Pushed, Seen, Tombstone},
        observed::Observed,
        people::{People, Person},
        register::PinnedPlace,
        rule::{Above, Condition, ConflictPolicy, Destination, OnUnknown, Outcome, Rule},
        terms::{Claimed, Class, Progress, Route, Severity, State, Tlp, Work},
        words::{Sealed, Words},
    },
    plan::{
        creation::marker_of,
        snapshot::{Context, FindingRow, Labels, Row, TrackerFacts},
    },
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
        pending_comment_since: None,
        failed_creates: None,
        rulings: BTreeMap::new(),
        told: Told::default(),
        episode: 0,
        first_seen: now(),
        changed: now(),
    }
}

/// Changes the words of a finding.
pub(crate) fn reword(finding: &mut Finding, change: impl FnOnce(&mut Words)) {
    let mut words = finding.stated.words_inside().clone();
    change(&mut words);
    finding.stated.words = words.into();
}

/// What the document of a finding states.
pub(crate) fn stated(key: &str) -> Stated {
    let (postmortem, local) = key.split_once('/').unwrap();
    Stated {
        postmortem: PostmortemId::from(postmortem),
        postmortem_derived: false,
        postmortem_url: None,
        source: SourceName::from("postmortems"),
        path: format!("postmortems/{postmortem}.md"),
        line: 10,
        tlp: Tlp::Amber,
        read_tlp: None,
        kind: None,
        kind_inferred: false,
        priority: None,
        severity: None,
        severity_unclear: None,
        owner: None,
        team: Some("payments".to_owned()),
        due: None,
        trackers: Vec::new(),
        target: None,
        labels: Vec::new(),
        claimed: Claimed::None,
        reviewers: Vec::new(),
        authors: Vec::new(),
        words: Sealed::from(Words {
            postmortem_title: format!("What happened in {postmortem}"),
            title: format!("Mend {local}"),
            description: None,
            criteria: None,
        }),
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
        pushed: Pushed { labels: BTreeSet::from(["security".to_owned()]), ..Pushed::default() },
        refused: BTreeMap::new(),
        failed_edits: None,
        seen: Seen { at: now(), status_text: "open".to_owned(), updated: now() },
        absence: None,
        doubles: Vec::new(),
        written: Vec::new(),
        told: None,
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
        attempt: 1,
        sent: now(),
        given_up: None,
        payload: "digest".to_owned(),
    }
}

/// An edit of issue `number` whose outcome is not recorded: everything was asked for.
pub(crate) fn open_edit(finding: &str, number: u64) -> EditIntent {
    let edit = Edit {
        owner: Some(Change { from: None, to: Some("ana".into()) }),
        progress: Some(Change { from: Progress::Open, to: Progress::Done }),
        add_labels: BTreeSet::from(["overdue".to_owned()]),
        due: Some(Change { from: None, to: Some(date("2026-05-01")) }),
        block: Some(Change { from: "digest".to_owned(), to: "text".to_owned() }),
        comment: Some("a word".to_owned()),
        ..Edit::default()
    };
    let names = (&FindingKey::from(finding), &TrackerName::from("github"));
    EditIntent::new(names, &issue(number), &edit, Some("pm-bot".into()), now())
}

/// The end of a finding's link to issue `number`.
pub(crate) fn tombstone(finding: &str, number: u64) -> Tombstone {
    Tombstone {
        finding: FindingKey::from(finding),
        issue: issue_ref(number),
        why: "detached".to_owned(),
        at: now(),
        end: None,
        link: None,
        looked: None,
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
        configuration: Some("0c".repeat(32)),
        trackers: BTreeMap::from([(TrackerName::from("github"), health)]),
        sources: BTreeMap::from([(SourceName::from("postmortems"), source)]),
        events: Vec::new(),
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
        known_by: None,
        field: None,
        before: None,
        after: None,
        why: "because".to_owned(),
    }
}

/// Ana is on both trackers, Ben on GitHub only; Rita reviews.
pub(crate) fn people() -> People {
    let person = |github: &str, jira: Option<&str>, reviewer| Person {
        github: Some(github.into()),
        jira: jira.map(AccountId::from),
        email: Some(format!("{github}@example.com")),
        reviewer,
        ..Person::default()
    };
    People(BTreeMap::from([
        ("ana".into(), person("ana-gh", Some("J-ana"), false)),
        ("ben".into(), person("ben-gh", None, false)),
        ("rita".into(), person("rita-gh", Some("J-rita"), true)),
    ]))
}

/// A person as owner.
pub(crate) fn owned_by(person: &str) -> Owner {
    Owner::Person(person.into())
}

/// A place of a tracker as destination: cleared up to AMBER, no labels or templates of its own.
pub(crate) fn destination(tracker: &str, place: &str) -> Destination {
    Destination {
        tracker: tracker.into(),
        place: place.into(),
        labels: BTreeSet::new(),
        bug_type: Some("Bug".to_owned()),
        change_type: Some("Story".to_owned()),
        fields: BTreeMap::new(),
        max_tlp: Tlp::Amber,
        above: Above::Hold,
        title: None,
        body: None,
        owner_conflict: ConflictPolicy::Tracker,
        status_conflict: ConflictPolicy::Tracker,
    }
}

/// A rule without conditions.
pub(crate) fn rule(name: &str, then: Outcome) -> Rule {
    Rule { name: name.into(), when: Condition::default(), then }
}

/// A place that only those who were let in can read; its numeric id is 77 on GitHub, 10001 on Jira.
pub(crate) fn facts(place: &str) -> PlaceFacts {
    let id = if place.contains('/') { "77" } else { "10001" };
    PlaceFacts {
        id: id.to_owned(),
        name: place.into(),
        visibility: Visibility::Private,
        closed: None,
        frozen: None,
        powers: None,
        read: now(),
    }
}

/// GitHub and Jira, one rule that sends everything of engineering to `acme/payments`, and both places proven.
pub(crate) fn context() -> Context {
    let tracker = |kind, host: &str, account: &str| TrackerFacts {
        kind,
        host: host.into(),
        account: Observed::Known(account.into()),
        former: [].into(),
    };
    let proven = |tracker: &str, place: &str| {
        ((TrackerName::from(tracker), PlaceName::from(place)), Observed::Known(facts(place)))
    };
    Context {
        now: now(),
        instance: "acme-security".into(),
        marker_key: b"key".to_vec(),
        rules: vec![rule("payments", Outcome::Create(destination("github", "acme/payments")))],
        people: people(),
        policy: Policy::review_default(),
        labels: Labels {
            ours: "postmortem".to_owned(),
            overdue: "overdue".to_owned(),
            risk_accepted: "risk-accepted".to_owned(),
            verified: "verified".to_owned(),
        },
        settle: TimeDelta::minutes(20),
        on_unknown: OnUnknown::Retry,
        trackers: BTreeMap::from([
            ("github".into(), tracker(TrackerKind::Github, "api.github.com", "pm-bot")),
            ("jira".into(), tracker(TrackerKind::JiraCloud, "acme.atlassian.net", "J-bot")),
        ]),
        places: BTreeMap::from([proven("github", "acme/payments"), proven("jira", "PLAT")]),
        strangers: BTreeMap::new(),
        pinned: BTreeMap::new(),
        sights: BTreeMap::new(),
    }
}

/// Issue `number` of `acme/payments`, open, unassigned, written by our account.
pub(crate) fn issue(number: u64) -> Issue {
    Issue {
        at: issue_ref(number),
        title: format!("Issue {number}"),
        progress: Progress::Open,
        status_text: "open".to_owned(),
        assignees: Vec::new(),
        labels: BTreeSet::from(["security".to_owned()]),
        due: None,
        author: Some("pm-bot".into()),
        closed_by: None,
        updated: now(),
        created: now(),
        read: None,
        marker: None,
        block: None,
        unseen: BTreeSet::new(),
        chosen: None,
    }
}

/// Issue `PLAT-number` of Jira, open, unassigned, written by our account.
pub(crate) fn jira_issue(number: u64) -> Issue {
    let at = IssueRef {
        id: IssueId { host: "acme.atlassian.net".into(), id: (20000 + number).to_string() },
        node: None,
        key: format!("PLAT-{number}"),
        url: format!("https://acme.atlassian.net/browse/PLAT-{number}"),
        place: "PLAT".into(),
        place_id: "10001".to_owned(),
    };
    Issue { at, author: Some("J-bot".into()), ..issue(number) }
}

/// A created link of a finding to an issue of Jira; both sides agree that it is open and nobody's.
pub(crate) fn jira_link(finding: &str, number: u64) -> Link {
    Link {
        tracker: "jira".into(),
        issue: jira_issue(number).at,
        destination: "PLAT".into(),
        pushed: Pushed { due: Some(date("2026-04-21")), ..Pushed::default() },
        ..link(finding, number)
    }
}

/// A finding of which nothing but itself was read.
pub(crate) fn member(finding: Finding) -> FindingRow {
    FindingRow {
        finding,
        document: Observed::Known(()),
        intents: Vec::new(),
        edits: Vec::new(),
        forgotten: false,
        tombstones: Vec::new(),
        parts: Vec::new(),
        lost: Vec::new(),
        citations: Vec::new(),
        marked: BTreeMap::new(),
    }
}

/// A finding without a link, of which a complete search of every place showed nothing.
pub(crate) fn unlinked(finding: Finding) -> Row {
    let context = context();
    let searched = context.places.iter().filter_map(|((tracker, _), facts)| {
        let marker = marker_of(&context, &finding, tracker, &facts.known()?.id)?;
        Some((marker, Observed::Known(Vec::new())))
    });
    let marked = searched.collect();
    Row { findings: vec![FindingRow { marked, ..member(finding) }], links: Vec::new() }
}

/// A finding with one link.
pub(crate) fn linked(finding: Finding, link: Link, issue: Issue) -> Row {
    let links = vec![(link, Observed::Known(issue))];
    Row { findings: vec![on_record(finding, &links)], links }
}

/// A finding of which it is on record already who was assigned to its issues.
pub(crate) fn on_record(finding: Finding, links: &[(Link, Observed<Issue>)]) -> FindingRow {
    let context = context();
    let mut parts = Vec::new();
    for (link, issue) in links {
        let kind = context.trackers[&link.tracker].kind;
        for account in issue.known().into_iter().flat_map(|issue| &issue.assignees) {
            let party = Party::of_account(kind, account, &context.people.owner_of(kind, account));
            parts.push(Involvement::of(&finding, Part::Owned, party, now()));
        }
    }
    FindingRow { parts, ..member(finding) }
}
