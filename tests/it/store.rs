//! The register on disk.

mod chain;
mod count;
mod killed_migration;
mod lease;
mod lineage;
mod marked;
mod migration;
mod named;
mod opening;
mod order;
mod reading;
mod record;
mod rows_of;
mod stamps;
mod statement;
mod turns;
mod view;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use postmortem_sync::{
    model::{
        citation::{CitationFate, CitationRecord},
        cycle::{Coverage, Note, NoteKind},
        document::{DocumentKey, DocumentRecord, DocumentState, FileStat, Sameness},
        finding::{Extension, Finding, Owner},
        history::{Anchor, Inspection, Recorded},
        ids::{FindingKey, InstanceName, PersonId, PlaceName, TrackerName},
        involvement,
        issue::Field,
        link::{Absence, Link, LinkKind, Refusal},
        mapping::Mapping,
        note::{About, Standing},
        place::{PlaceState, Unseen},
        reading::{Followed, Looked, Reading, Stood},
        register::{OwnAccount, Register, Versions, Write},
        sighting::{Older, Sighting},
        spent::{Spent, Use},
        terms::{Severity, State, Tlp},
    },
    store::{
        self, Commits as _, HistoryQuery, Lease, Leases as _, Rows as _, Seed, Store, StoreError, file, rows,
        sqlite, statements,
    },
};
use sqlx::{Connection as _, Executor as _, SqlSafeStr as _, SqliteConnection};
use tempfile::TempDir;

use crate::{
    build::{self, now, reword},
    draws::Dice,
};

struct Desk {
    dir: TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("register.db")
    }

    async fn open(&self) -> Box<dyn Store> {
        self.open_as("acme").await.unwrap()
    }

    async fn open_as(&self, instance: &str) -> Result<Box<dyn Store>, StoreError> {
        let address = format!("sqlite:{}", self.path().display());
        store::open(&address, &InstanceName::from(instance), &seed(1), now()).await
    }

    /// A connection beside the store, as an operator with the `sqlite3` shell would have.
    async fn shell(&self) -> SqliteConnection {
        SqliteConnection::connect_with(&sqlite::connection::options(&self.path())).await.unwrap()
    }

    async fn shell_run(&self, sql: &'static str) {
        let mut shell = self.shell().await;
        shell.execute(sql).await.unwrap();
        shell.close().await.unwrap();
    }
}

fn seed(byte: u8) -> Seed {
    Seed { database: [byte; 16], marker_key: [byte; 32] }
}

async fn leased(store: &dyn Store) -> Lease {
    store.lease("pid 1 on here").await.unwrap()
}

fn put(finding: Finding) -> Write {
    Write::Finding(Box::new(finding))
}

fn history_of(finding: &str) -> HistoryQuery {
    HistoryQuery { finding: Some(FindingKey::from(finding)), ..HistoryQuery::default() }
}

/// A finding and its link, with every optional part.
fn followed() -> (Finding, Link) {
    let mut finding = build::finding("PM-1/F1");
    finding.owner = Owner::Unmapped("Zoë <zoe@acme.example>".to_owned());
    finding.state = State::InProgress;
    reword(&mut finding, |words| {
        words.description = Some("line\n\"quoted\" 🦀 'apostrophe' \u{0}".to_owned())
    });
    finding.clock.extensions.push(Extension {
        due: build::date("2026-05-01"),
        reason: "vendor".to_owned(),
        by: PersonId::from("ana"),
        at: now(),
    });
    let mut link = build::link("PM-1/F1", 3);
    link.refused.insert(
        Field::Due,
        Refusal {
            why: "no such field".to_owned(),
            asked: Some("x".to_owned()),
            until: build::minutes(60),
            facts: None,
        },
    );
    link.absence = Some(Absence { first: now(), last: build::minutes(5), reads: 2 });
    (finding, link)
}

/// A note with every optional part.
fn standing(tracker: &TrackerName) -> Standing {
    let note = Note::new(NoteKind::Held, "said").of(&"PM-1/F1".into()).at(tracker);
    let note = note.about(About::Field(Field::Owner)).until(Some(build::minutes(60)));
    Standing { note, since: now(), nth: 2 }
}

/// Where findings may go, as a person approved it.
fn approved() -> Mapping {
    let trackers = [("github".into(), "github api.github.com".to_owned())].into();
    Mapping { trackers, rules: Vec::new() }
}

/// A citation that is linked.
fn cited() -> CitationRecord {
    CitationRecord {
        finding: "PM-1/F1".into(),
        written: "acme/payments#2".to_owned(),
        fate: CitationFate::Linked(build::issue_ref(2).id),
        at: now(),
    }
}

fn seen_document() -> DocumentRecord {
    DocumentRecord {
        key: DocumentKey { source: "wiki".into(), path: "a/b.md".to_owned(), id: Some("PM-1".into()) },
        same: Sameness {
            stat: Some(FileStat { size: 7, modified_ns: 0, changed_ns: -3, inode: u64::MAX }),
            digest: "c0ffee".to_owned(),
            revision: Some("12".to_owned()),
        },
        state: DocumentState {
            class: Some(Tlp::Red),
            laxer: Some(Tlp::Clear),
            coverage: Coverage::CandidatesOnly,
            findings: 0,
            candidates: 2,
            items: 3,
            set_aside: 1,
            taken_in: true,
            since: now(),
            changed: build::minutes(1),
            gone: Some(build::minutes(2)),
        },
    }
}

/// A place that has another name by now and is not seen.
fn out_of_sight(tracker: &TrackerName) -> PlaceState {
    let mut sight = PlaceState::new(tracker.clone(), "77".to_owned(), "acme/billing".into());
    sight.call(&"acme/payments".into());
    sight.unseen = Some(Unseen { since: now(), why: "not visible".to_owned() });
    sight
}

fn seen_issue() -> Sighting {
    let older = Some(Older { first: now(), last: build::minutes(70), reads: 2, believed: true });
    Sighting { read: Some(build::minutes(1)), older, ..Sighting::of(&build::issue(3)) }
}

fn spent() -> Spent {
    Spent { credential: "c0ffee".to_owned(), kind: Use::Create, at: now(), n: 3 }
}

/// What was read when; of another finding, because whatever is written about one takes its reading back.
fn read() -> (Reading, Followed) {
    let scope = "0123456789abcdef".to_owned();
    let (at, due) = (build::minutes(3), build::minutes(9));
    let followed = Followed { tracker: "github".into(), until: build::minutes(2), scope: scope.clone() };
    (Reading { finding: "PM-2/F1".into(), at, due, scope }, followed)
}

/// What says so.
fn looked(reading: &Reading, followed: &Followed) -> [Write; 3] {
    let scope = followed.scope.clone();
    let reading = Looked::Reading(Box::new(reading.clone()));
    [reading, Looked::Followed(Box::new(followed.clone())), Looked::Stood { scope }].map(Write::Looked)
}

/// A register in which every table has a row and every optional part of a row is there.
fn full() -> (Vec<Write>, Register) {
    let (finding, link) = followed();
    let intent = build::intent("PM-1/F1");
    let edit = build::open_edit("PM-1/F1", 3);
    let tombstone = build::tombstone("PM-1/F1", 2);
    let (citation, place) = (cited(), build::place("acme/payments"));
    let github = TrackerName::from("github");
    let account = OwnAccount { tracker: github.clone(), account: "pm-bot".into(), since: now() };
    let mapping = approved();
    let cycle = build::cycle("c1", now());
    let sight = out_of_sight(&github);
    let (standing, marking) = (standing(&github), marked::marking(&[3], true));
    let (sighting, spent, document) = (seen_issue(), spent(), seen_document());
    let (reading, followed) = read();
    let mut writes = vec![
        // The link comes before its finding: the order within a transaction does not matter.
        Write::Link(Box::new(link.clone())),
        put(finding.clone()),
        Write::Intent(Box::new(intent.clone())),
        Write::EditIntent(Box::new(edit.clone())),
        Write::Tombstone(Box::new(tombstone.clone())),
        Write::Citation(Box::new(citation.clone())),
        Write::Place(place.clone()),
        Write::Sight(Box::new(sight.clone())),
        Write::Issue(Box::new(sighting.clone())),
        Write::Marked(Box::new(marking.clone())),
        Write::Document(Box::new(document.clone())),
        Write::Account(account.clone()),
        Write::Mapping(Box::new(mapping.clone())),
        Write::Pause { tracker: github.clone(), until: Some(build::minutes(9)) },
        Write::Note(Box::new(standing.clone())),
        Write::Spent(spent.clone()),
        Write::Cycle(Box::new(cycle.clone())),
        Write::History(build::entry("c1", Some("PM-1/F1"), "issue_created")),
    ];
    writes.extend(looked(&reading, &followed));
    let parts = involvement::implied(&finding);
    let versions = Versions {
        findings: [(finding.key.clone(), 1)].into(),
        links: [((link.finding.clone(), link.issue.id.clone()), 1)].into(),
    };
    let register = Register {
        findings: [(finding.key.clone(), finding)].into(),
        links: vec![link],
        intents: vec![intent],
        edits: vec![edit],
        tombstones: vec![tombstone],
        citations: vec![citation],
        involvement: [(parts[0].finding.clone(), parts)].into(),
        places: vec![place],
        sights: vec![sight],
        watermarks: vec![marking.watermark],
        readings: [(reading.finding.clone(), reading)].into(),
        stood: Some(Stood { version: 1, scope: followed.scope.clone() }),
        followed: [(followed.tracker.clone(), followed)].into(),
        issues: [(sighting.issue.clone(), sighting)].into(),
        accounts: vec![account],
        documents: [(document.key.clone(), document)].into(),
        pauses: [(github, build::minutes(9))].into(),
        notes: vec![standing],
        spent: vec![spent],
        last_cycle: Some(cycle),
        mapping: Some(mapping),
        lost: BTreeSet::new(),
        version: 1,
        versions,
        misfits: Vec::new(),
    };
    (writes, register)
}
