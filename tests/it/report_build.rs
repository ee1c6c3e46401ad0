//! A register with something in every section, and the report of it.

use std::collections::BTreeMap;

use postmortem_sync::{
    model::{
        cycle::{CycleRecord, Note, NoteKind, SourceHealth, TrackerHealth},
        deadline::Policy,
        finding::{Claimant, Finding, Owner},
        ids::{FindingKey, InstanceName, SourceName, TrackerName},
        note::Standing,
        people::People,
        postmortem::{Diagnostic, Level},
        register::Register,
        terms::{Route, Severity, Tlp},
    },
    report::{self, Input, Options, Report, Routed, html, json, markdown},
    review::decision,
};

use super::build::reword;
use super::review_build::{
    Desk, at, day, due, evidence, link, pending, pending_by_carl, people, policy, waived,
};

/// Everything that a report is made from, owned.
pub(crate) struct World {
    pub(crate) register: Register,
    pub(crate) people: People,
    pub(crate) policy: Policy,
    pub(crate) routed: BTreeMap<FindingKey, Routed>,
    pub(crate) trackers: Vec<(TrackerName, String)>,
    pub(crate) sources: Vec<SourceName>,
    pub(crate) options: Options,
    pub(crate) now: &'static str,
}

impl World {
    /// A well world on 9 March 2026 with these findings: GitHub and Jira were read a few minutes ago.
    pub(crate) fn with(findings: Vec<Finding>) -> Self {
        let now = "2026-03-09T09:00:00Z";
        let read = |time: &str| TrackerHealth { read: Some(at(time)), ..TrackerHealth::default() };
        let cycle = CycleRecord {
            id: "c1".to_owned(),
            started: at("2026-03-09T08:54:00Z"),
            finished: Some(at("2026-03-09T08:57:00Z")),
            trackers: BTreeMap::from([
                ("github".into(), read("2026-03-09T08:55:00Z")),
                ("jira".into(), read("2026-03-09T08:56:00Z")),
            ]),
            sources: BTreeMap::from([(
                "postmortems".into(),
                SourceHealth { documents: 3, findings: findings.len(), ..SourceHealth::default() },
            )]),
            ..CycleRecord::default()
        };
        Self {
            register: Register {
                findings: findings.into_iter().map(|finding| (finding.key.clone(), finding)).collect(),
                last_cycle: Some(cycle),
                version: 41,
                ..Register::default()
            },
            people: people(),
            policy: policy("Europe/London"),
            routed: BTreeMap::new(),
            trackers: vec![
                ("github".into(), "GitHub, api.github.com".to_owned()),
                ("jira".into(), "Jira Cloud, acme.atlassian.net".to_owned()),
            ],
            sources: vec!["postmortems".into()],
            options: Options::default(),
            now,
        }
    }

    /// What stands since the last cycle.
    pub(crate) fn says(&mut self, notes: impl IntoIterator<Item = Note>) {
        let since = at("2026-03-09T08:54:00Z");
        let standing = notes.into_iter().map(|note| Standing { note, since, nth: 0 });
        self.register.notes.extend(standing);
    }

    /// The record of the last cycle.
    pub(crate) fn cycle(&mut self) -> &mut CycleRecord {
        self.register.last_cycle.as_mut().unwrap()
    }

    /// How a tracker answered in the last cycle.
    pub(crate) fn health(&mut self, tracker: &str) -> &mut TrackerHealth {
        self.cycle().trackers.get_mut(&TrackerName::from(tracker)).unwrap()
    }

    /// The report.
    pub(crate) fn report(&self) -> Report {
        let instance = InstanceName::from("acme-security");
        let input = Input {
            register: &self.register,
            people: &self.people,
            policy: &self.policy,
            trackers: &self.trackers,
            sources: &self.sources,
            instance: &instance,
            config: "sha256:0f3a9c51",
            now: at(self.now),
            options: self.options,
        };
        report::build(input, &self.register, &self.routed)
    }
}

/// A note about a finding.
pub(crate) fn note(kind: NoteKind, finding: &str, why: &str) -> Note {
    Note::new(kind, why).of(&finding.into()).at(&"github".into())
}

/// A world with something in every section.
pub(crate) fn full() -> World {
    let mut world = World::with(findings());
    world.register.links = vec![
        link("PM-2026-004/F1", "github", 412),
        link("PM-2026-004/F2", "github", 413),
        link("PM-2026-006/F1", "jira", 7),
    ];
    world.routed = BTreeMap::from([
        ("PM-2026-005/F1".into(), Routed::Group("security-response".into())),
        ("PM-2026-004/F1".into(), Routed::Destination("github acme/infra".to_owned())),
        (
            "PM-2026-007/F1".into(),
            Routed::Unrouted {
                why: "no rule names the team `data`, and none takes every finding".to_owned(),
            },
        ),
    ]);
    world.says([
        note(NoteKind::Conflict, "PM-2026-004/F2", "owner: we say Olga, the issue says carl-gh; settle it"),
        note(NoteKind::Held, "PM-2026-006/F1", "AMBER may not go to acme/site, which is public"),
        note(NoteKind::Refused, "PM-2026-004/F1", "the assignee olga-gh cannot be assigned in acme/infra"),
    ]);
    world.cycle().diagnostics = vec![Diagnostic {
        path: "postmortems/PM-2026-009.md".to_owned(),
        line: 1,
        column: 0,
        level: Level::Warning,
        code: "no_action_section".to_owned(),
        message: "no heading that lists actions was found".to_owned(),
        help: Some("add a heading `Action items`, or mark the document as having none".to_owned()),
    }];
    world
}

/// The report in every format.
pub(crate) fn rendered(report: &Report) -> [String; 3] {
    [json::render(report).unwrap(), markdown::render(report).unwrap(), html::render(report).unwrap()]
}

fn findings() -> Vec<Finding> {
    let mut nobodys = due("PM-2026-004/F3", "2026-02-20");
    nobodys.owner = Owner::Nobody;
    nobodys.severity = Severity::Critical;
    let mut extended = due("PM-2026-004/F2", "2026-02-15");
    extended = decision::extend(&extended, Desk::of("rita").act(), day("2026-03-04"), "waits for the vendor")
        .unwrap()
        .finding;
    let mut process = due("PM-2026-005/F1", "2026-03-28");
    process.route = Route::Process;
    let mut declined = due("PM-2026-006/F1", "2026-03-12");
    declined.declined_upstream = true;
    let mut unmapped = due("PM-2026-007/F1", "2026-06-01");
    unmapped.owner = Owner::Unmapped("github:ghost".to_owned());
    unmapped.stated.team = Some("data".to_owned());
    let mut secret = due("PM-2026-008/F1", "2026-03-20");
    secret.stated.tlp = Tlp::Red;
    reword(&mut secret, |words| words.title = "Replace the compromised signing key".to_owned());
    let mut missing = due("PM-2026-006/F2", "2026-03-15");
    missing.source_missing = true;
    let claimed = pending_by_carl("PM-2026-008/F3");
    let resolved = decision::verify(&claimed, Desk::of("rita").act(), &evidence(), None).unwrap().finding;
    let dismissed =
        decision::dismiss(&due("PM-2026-008/F4", "2026-03-20"), Desk::of("rita").act(), "duplicate of F3");
    vec![
        due("PM-2026-004/F1", "2026-03-02"),
        extended,
        nobodys,
        process,
        declined,
        missing,
        unmapped,
        secret,
        pending_by_carl("PM-2026-005/F2"),
        pending("PM-2026-005/F3", Claimant::Account("ghost".into())),
        waived("PM-2026-008/F2", "2026-03-20"),
        resolved,
        dismissed.unwrap().finding,
    ]
}
