//! The register on disk: what is recorded is there, what is refused left nothing, and only one holder writes.

use std::path::{Path, PathBuf};

use postmortem_sync::{
    model::{
        finding::{Extension, Finding, Owner},
        history::Entry,
        ids::{FindingKey, InstanceName, PersonId, PlaceName, TrackerName},
        issue::Field,
        link::{Absence, LinkKind, Refusal},
        register::{Register, Write},
        terms::{Severity, State},
    },
    store::{self, HistoryQuery, Lease, Seed, Store, StoreError, file, rows, sqlite, statements},
};
use sqlx::{Connection as _, Executor as _, SqlSafeStr as _, SqliteConnection};
use tempfile::TempDir;

use crate::build::{self, now};

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
        SqliteConnection::connect_with(&sqlite::options(&self.path())).await.unwrap()
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

/// A register in which every table has a row and every optional part of a row is there.
fn full() -> (Vec<Write>, Register) {
    let mut finding = build::finding("PM-1/F1");
    finding.owner = Owner::Unmapped("Zoë <zoe@acme.example>".to_owned());
    finding.state = State::InProgress;
    finding.stated.description = Some("line\n\"quoted\" 🦀 'apostrophe' \u{0}".to_owned());
    finding.clock.extensions.push(Extension {
        due: build::date("2026-05-01"),
        reason: "vendor".to_owned(),
        by: PersonId::from("ana"),
        at: now(),
    });
    let mut link = build::link("PM-1/F1", 3);
    link.refused.insert(Field::Due, Refusal { why: "no such field".to_owned(), until: build::minutes(60) });
    link.absence = Some(Absence { first: now(), last: build::minutes(5), reads: 2 });
    let intent = build::intent("PM-1/F1");
    let tombstone = build::tombstone("PM-1/F1", 2);
    let place = build::place("acme/payments");
    let github = TrackerName::from("github");
    let cycle = build::cycle("c1", now());
    let writes = vec![
        // The link comes before its finding: the order within a transaction does not matter.
        Write::Link(Box::new(link.clone())),
        put(finding.clone()),
        Write::Intent(Box::new(intent.clone())),
        Write::Tombstone(Box::new(tombstone.clone())),
        Write::Place(place.clone()),
        Write::Pause { tracker: github.clone(), until: Some(build::minutes(9)) },
        Write::Cycle(Box::new(cycle.clone())),
        Write::History(build::entry("c1", Some("PM-1/F1"), "issue_created")),
    ];
    let register = Register {
        findings: [(finding.key.clone(), finding)].into(),
        links: vec![link],
        intents: vec![intent],
        tombstones: vec![tombstone],
        places: vec![place],
        pauses: [(github, build::minutes(9))].into(),
        last_cycle: Some(cycle),
        version: 1,
    };
    (writes, register)
}

#[tokio::test]
async fn everything_recorded_is_there_after_reopening() {
    let desk = Desk::new();
    let (writes, expected) = full();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    store.record(&lease, writes).await.unwrap();
    assert_eq!(store.load().await.unwrap(), expected);
    drop((store, lease));

    let store = desk.open().await;
    assert_eq!(store.load().await.unwrap(), expected);
    let entry = build::entry("c1", Some("PM-1/F1"), "issue_created");
    assert_eq!(store.history(&HistoryQuery::default()).await.unwrap(), vec![entry]);
}

#[tokio::test]
async fn a_second_write_replaces_the_first() {
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    store.record(&lease, full().0).await.unwrap();

    let mut finding = build::finding("PM-1/F1");
    finding.severity = Severity::High;
    finding.clock.due = None;
    let mut link = build::link("PM-1/F1", 3);
    link.kind = LinkKind::Cited;
    link.since = build::minutes(1);
    let mut tombstone = build::tombstone("PM-1/F1", 2);
    tombstone.why = "gone".to_owned();
    let mut place = build::place("acme/payments");
    place.swept = Some(now());
    let mut cycle = build::cycle("c1", now());
    cycle.finished = None;
    let github = TrackerName::from("github");
    let writes = vec![
        put(finding.clone()),
        Write::Link(Box::new(link.clone())),
        Write::Tombstone(Box::new(tombstone.clone())),
        Write::Place(place.clone()),
        Write::Pause { tracker: github.clone(), until: Some(build::minutes(20)) },
        Write::Cycle(Box::new(cycle.clone())),
    ];
    store.record(&lease, writes).await.unwrap();

    let register = store.load().await.unwrap();
    assert_eq!(register.findings.into_values().collect::<Vec<_>>(), vec![finding]);
    assert_eq!(register.links, vec![link]);
    assert_eq!(register.tombstones, vec![tombstone]);
    assert_eq!(register.places, vec![place]);
    assert_eq!(register.pauses, [(github, build::minutes(20))].into());
    assert_eq!(register.last_cycle, Some(cycle));
    assert_eq!(register.version, 2);
}

#[tokio::test]
async fn what_is_removed_is_gone_and_its_neighbours_stay() {
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    let (jira, key) = (TrackerName::from("jira"), FindingKey::from("PM-1/F1"));
    let mut cited = build::link("PM-1/F1", 4);
    cited.kind = LinkKind::Cited;
    let mut elsewhere = build::intent("PM-1/F1");
    elsewhere.place = PlaceName::from("acme/shop");
    let more = vec![
        put(build::finding("PM-1/F2")),
        Write::Link(Box::new(cited.clone())),
        Write::Intent(Box::new(elsewhere.clone())),
        Write::Tombstone(Box::new(build::tombstone("PM-1/F1", 8))),
        Write::Tombstone(Box::new(build::tombstone("PM-1/F2", 9))),
        Write::Pause { tracker: jira.clone(), until: Some(now()) },
    ];
    store.record(&lease, full().0).await.unwrap();
    store.record(&lease, more).await.unwrap();

    let github = TrackerName::from("github");
    let removals = vec![
        Write::Unlink { finding: key.clone(), issue: build::issue_ref(3).id },
        Write::IntentDone {
            finding: key.clone(),
            tracker: github.clone(),
            place: PlaceName::from("acme/payments"),
        },
        Write::TombstonesCleared(key),
        Write::Pause { tracker: github, until: None },
    ];
    store.record(&lease, removals).await.unwrap();

    let register = store.load().await.unwrap();
    assert_eq!(register.links, vec![cited]);
    assert_eq!(register.intents, vec![elsewhere]);
    assert_eq!(register.tombstones, vec![build::tombstone("PM-1/F2", 9)]);
    assert_eq!(register.pauses, [(jira, now())].into());
}

#[tokio::test]
async fn links_come_in_order_of_linking() {
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    let mut writes = vec![put(build::finding("PM-1/F1")), put(build::finding("PM-1/F2"))];
    for (finding, number, since) in [("PM-1/F1", 1, 30), ("PM-1/F2", 2, 10), ("PM-1/F1", 3, 20)] {
        let mut link = build::link(finding, number);
        link.kind = LinkKind::Cited;
        link.since = build::minutes(since);
        writes.push(Write::Link(Box::new(link)));
    }
    store.record(&lease, writes).await.unwrap();
    let keys: Vec<String> =
        store.load().await.unwrap().links.into_iter().map(|link| link.issue.key).collect();
    assert_eq!(keys, ["acme/payments#2", "acme/payments#3", "acme/payments#1"]);
}

#[tokio::test]
async fn a_finding_has_one_created_issue_per_destination() {
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    let first = vec![put(build::finding("PM-1/F1")), Write::Link(Box::new(build::link("PM-1/F1", 1)))];
    store.record(&lease, first).await.unwrap();

    let second = build::link("PM-1/F1", 2);
    let refused = store.record(&lease, vec![Write::Link(Box::new(second.clone()))]).await;
    assert!(matches!(refused, Err(StoreError::Database(_))), "{refused:?}");

    let mut cited = second.clone();
    cited.kind = LinkKind::Cited;
    let mut elsewhere = build::link("PM-1/F1", 3);
    elsewhere.destination = PlaceName::from("acme/shop");
    let fine = vec![Write::Link(Box::new(cited)), Write::Link(Box::new(elsewhere))];
    store.record(&lease, fine).await.unwrap();
    assert_eq!(store.load().await.unwrap().links.len(), 3);
}

#[tokio::test]
async fn a_link_of_an_unknown_finding_is_refused() {
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    let refused = store.record(&lease, vec![Write::Link(Box::new(build::link("PM-9/F9", 1)))]).await;
    assert!(matches!(refused, Err(StoreError::Database(_))), "{refused:?}");
    assert_eq!(store.load().await.unwrap(), Register::default());
    // The failed commit left no transaction behind on the connection.
    store.record(&lease, full().0).await.unwrap();
    assert_eq!(store.load().await.unwrap().version, 1);
}

#[tokio::test]
async fn the_lease_excludes_a_second_holder_and_names_the_first() {
    let desk = Desk::new();
    let (first, second) = (desk.open().await, desk.open().await);
    let lease = first.lease("pid 4711 on worker-1").await.unwrap();
    match second.lease("pid 4712 on worker-1").await {
        Err(StoreError::Locked { holder }) => assert_eq!(holder, "pid 4711 on worker-1"),
        other => panic!("{other:?}"),
    }
    // Reading needs no lease.
    assert_eq!(second.load().await.unwrap(), Register::default());

    first.release(lease).await.unwrap();
    let lease = second.lease("w").await.unwrap();
    match first.lease("pid 4711 on worker-1").await {
        Err(StoreError::Locked { holder }) => assert_eq!(holder, "w", "nothing of a longer name is left"),
        other => panic!("{other:?}"),
    }
    drop(lease);
    first.lease("pid 4711 on worker-1").await.unwrap();
}

#[tokio::test]
async fn the_lease_is_one_under_every_name_of_the_file() {
    let desk = Desk::new();
    let store = desk.open().await;
    let _lease = leased(&*store).await;
    let other = desk.dir.path().join("other.db");
    std::os::unix::fs::symlink(desk.path(), &other).unwrap();
    let address = format!("sqlite://{}", other.display());
    let store = store::open(&address, &InstanceName::from("acme"), &seed(2), now()).await.unwrap();
    assert!(matches!(store.lease("second").await, Err(StoreError::Locked { .. })));
}

#[tokio::test]
async fn the_epoch_grows_whenever_the_lease_changes_hands() {
    let desk = Desk::new();
    let store = desk.open().await;
    let mut epochs = Vec::new();
    for _ in 0..3 {
        let lease = leased(&*store).await;
        epochs.push(lease.epoch);
        store.release(lease).await.unwrap();
    }
    assert_eq!(epochs, [1, 2, 3]);
}

#[tokio::test]
async fn an_old_epoch_writes_nothing() {
    let desk = Desk::new();
    let (old, new) = (desk.open().await, desk.open().await);
    let stale = leased(&*old).await;
    // Somebody removes the lock file by hand: the file no longer excludes anybody, and the epoch has to.
    std::fs::remove_file(desk.dir.path().join("register.db.lock")).unwrap();
    let lease = leased(&*new).await;

    let refused = old.record(&stale, full().0).await;
    assert!(matches!(refused, Err(StoreError::LeaseLost { ours: 1 })), "{refused:?}");
    assert_eq!(new.load().await.unwrap(), Register::default());
    assert_eq!(new.history(&HistoryQuery::default()).await.unwrap(), Vec::<Entry>::new());
    new.record(&lease, full().0).await.unwrap();
}

#[tokio::test]
async fn an_intent_gives_way_only_to_a_higher_epoch() {
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    let attempt = |epoch, payload: &str| {
        let mut intent = build::intent("PM-1/F1");
        (intent.epoch, intent.payload) = (epoch, payload.to_owned());
        Write::Intent(Box::new(intent))
    };
    store.record(&lease, vec![put(build::finding("PM-1/F1")), attempt(2, "first")]).await.unwrap();

    for epoch in [1, 2] {
        let with_more = vec![put(build::finding("PM-1/F2")), attempt(epoch, "late")];
        match store.record(&lease, with_more).await {
            Err(StoreError::IntentTaken { finding }) => assert_eq!(finding.as_str(), "PM-1/F1"),
            other => panic!("{other:?}"),
        }
    }
    let register = store.load().await.unwrap();
    assert_eq!(register.intents[0].payload, "first");
    assert_eq!((register.findings.len(), register.version), (1, 1), "the whole transaction was undone");

    store.record(&lease, vec![attempt(3, "second")]).await.unwrap();
    assert_eq!(store.load().await.unwrap().intents[0].payload, "second");
}

#[tokio::test]
async fn a_failed_write_leaves_nothing_of_its_transaction() {
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    desk.shell_run("CREATE TRIGGER fail BEFORE INSERT ON history BEGIN SELECT RAISE(ABORT, 'no'); END").await;
    let refused = store.record(&lease, full().0).await;
    assert!(matches!(refused, Err(StoreError::Database(_))), "{refused:?}");
    assert_eq!(store.load().await.unwrap(), Register::default());

    desk.shell_run("DROP TRIGGER fail").await;
    store.record(&lease, full().0).await.unwrap();
    assert_eq!(store.load().await.unwrap(), full().1);
}

#[tokio::test]
async fn a_full_disk_refuses_the_write_and_keeps_what_was_there() {
    let desk = Desk::new();
    drop(desk.open().await);
    let tight = sqlite::options(&desk.path()).pragma("max_page_count", "60");
    let store = sqlite::SqliteStore::open(tight, &InstanceName::from("acme"), &seed(1), now()).await.unwrap();
    let lease = leased(&store).await;
    store.record(&lease, full().0).await.unwrap();

    let many = (0..1000).map(|n| put(build::finding(&format!("PM-2/F{n}")))).collect();
    let refused = store.record(&lease, many).await.unwrap_err();
    assert!(matches!(refused, StoreError::Database(_)), "{refused:?}");
    assert!(refused.to_string().contains("full; nothing was written, make room on the disk"), "{refused}");
    assert_eq!(store.load().await.unwrap(), full().1);

    // And it goes on: a small write still fits.
    store.record(&lease, vec![put(build::finding("PM-1/F2"))]).await.unwrap();
    assert_eq!(store.load().await.unwrap().findings.len(), 2);
}

#[tokio::test]
async fn a_register_that_may_only_be_read_says_so() {
    let desk = Desk::new();
    drop(desk.open().await);
    let read_only = sqlite::options(&desk.path()).pragma("query_only", "on");
    let store =
        sqlite::SqliteStore::open(read_only, &InstanceName::from("acme"), &seed(1), now()).await.unwrap();
    let refused = store.lease("me").await.unwrap_err();
    assert!(refused.to_string().contains("readonly database; nothing was written"), "{refused}");
    assert_eq!(store.load().await.unwrap(), Register::default());
    // The refused lease holds no lock.
    leased(&*desk.open().await).await;
}

#[tokio::test]
async fn nothing_to_record_is_no_transaction() {
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    store.record(&lease, Vec::new()).await.unwrap();
    assert_eq!(store.load().await.unwrap().version, 0);
}

#[tokio::test]
async fn the_identity_is_pinned_when_the_register_is_created() {
    let desk = Desk::new();
    let first = desk.open().await.identity().await.unwrap();
    assert_eq!((first.marker_key.as_slice(), first.instance.as_str()), ([1; 32].as_slice(), "acme"));
    assert!(!format!("{first:?}").contains("marker_key"), "{first:?}");

    let address = format!("sqlite:{}", desk.path().display());
    let again = store::open(&address, &InstanceName::from("acme"), &seed(2), now()).await.unwrap();
    assert_eq!(again.identity().await.unwrap(), first);

    let elsewhere = Desk::new();
    let address = format!("sqlite:{}", elsewhere.path().display());
    let other = store::open(&address, &InstanceName::from("acme"), &seed(2), now()).await.unwrap();
    assert_ne!(other.identity().await.unwrap().database, first.database);
}

#[tokio::test]
async fn another_instance_is_refused() {
    let desk = Desk::new();
    drop(desk.open().await);
    match desk.open_as("globex").await.err() {
        Some(StoreError::OtherInstance { found, wanted }) => {
            assert_eq!((&*found, &*wanted), ("acme", "globex"))
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let desk = Desk::new();
    drop(desk.open().await);
    desk.shell_run(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (99, 'later', TRUE, x'00', 0)",
    )
    .await;
    let known = sqlite::MIGRATIONS.last().unwrap().0;
    match desk.open_as("acme").await.err() {
        Some(StoreError::Newer { found, known: ours }) => assert_eq!((found, ours), (99, known)),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_schema_that_was_tampered_with_is_refused() {
    let desk = Desk::new();
    drop(desk.open().await);
    desk.shell_run("UPDATE _sqlx_migrations SET checksum = x'00'").await;
    assert!(matches!(desk.open_as("acme").await.err(), Some(StoreError::Migration(_))));
}

#[tokio::test]
async fn the_database_of_another_program_is_left_alone() {
    let desk = Desk::new();
    file::prepare(&desk.path()).unwrap();
    desk.shell_run("CREATE TABLE song (title TEXT)").await;
    let refused = desk.open_as("acme").await.err().unwrap();
    assert!(refused.to_string().contains("another program"), "{refused}");
    let mut shell = desk.shell().await;
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT name FROM sqlite_master").fetch_all(&mut shell).await.unwrap();
    assert_eq!(tables, ["song"]);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let desk = Desk::new();
    std::fs::write(desk.path(), "no database, but long enough for one to look at the header ".repeat(20))
        .unwrap();
    let refused = desk.open_as("acme").await.err().unwrap();
    assert!(refused.to_string().contains("check the address of the store"), "{refused}");
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_named() {
    let desk = Desk::new();
    let store = desk.open().await;
    store.record(&leased(&*store).await, full().0).await.unwrap();
    for (sql, named) in [
        ("UPDATE finding SET data = '{' WHERE key = 'PM-1/F1'", "finding PM-1/F1"),
        ("UPDATE finding SET data = x'ff00' WHERE key = 'PM-1/F1'", "finding PM-1/F1"),
    ] {
        desk.shell_run(sql).await;
        match store.load().await {
            Err(StoreError::Corrupt { row, .. }) => assert_eq!(row, named),
            other => panic!("{other:?}"),
        }
    }
    desk.shell_run("DELETE FROM meta WHERE key = 'marker_key'").await;
    match desk.open_as("acme").await.err() {
        Some(StoreError::Corrupt { row, .. }) => assert_eq!(row, "meta marker_key"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_connection_writes_through_to_the_disk() {
    let desk = Desk::new();
    drop(desk.open().await);
    let mut shell = desk.shell().await;
    let mut settings = Vec::new();
    for pragma in ["PRAGMA journal_mode", "PRAGMA synchronous", "PRAGMA foreign_keys", "PRAGMA busy_timeout"]
    {
        let row = sqlx::query(pragma).fetch_one(&mut shell).await.unwrap();
        let text = sqlx::Row::try_get_unchecked::<String, _>(&row, 0).unwrap();
        settings.push(text);
    }
    assert_eq!(settings, ["wal", "2", "1", "5000"]);
}

#[tokio::test]
async fn every_file_belongs_to_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    store.record(&lease, full().0).await.unwrap();
    let mut files = Vec::new();
    for entry in std::fs::read_dir(desk.dir.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{entry:?}");
        files.push(entry.file_name().into_string().unwrap());
    }
    files.sort();
    assert_eq!(files, ["register.db", "register.db-shm", "register.db-wal", "register.db.lock"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_can_open_a_new_file_at_once() {
    for _ in 0..5 {
        let desk = Desk::new();
        let opened = futures::future::join_all((0..8).map(|_| desk.open_as("acme"))).await;
        for store in opened {
            let identity = store.unwrap().identity().await.unwrap();
            assert_eq!(identity.marker_key, [1; 32]);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn loading_while_recording_sees_whole_transactions() {
    let desk = Desk::new();
    let (writer, reader) = (desk.open().await, desk.open().await);
    let lease = leased(&*writer).await;
    let write = async {
        for n in 0..20 {
            let keys = [format!("PM-{n}/F1"), format!("PM-{n}/F2")];
            writer.record(&lease, keys.iter().map(|key| put(build::finding(key))).collect()).await.unwrap();
        }
    };
    let read = async {
        for _ in 0..20 {
            let register = reader.load().await.unwrap();
            assert_eq!(register.findings.len() as i64, 2 * register.version);
        }
    };
    futures::join!(write, read);
    assert_eq!(reader.load().await.unwrap().version, 20);
}

#[tokio::test]
async fn the_history_is_read_oldest_first_and_by_finding_cycle_and_number() {
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    let entries = [
        build::entry("c1", Some("PM-1/F1"), "a"),
        build::entry("c1", Some("PM-1/F2"), "b"),
        build::entry("c2", Some("PM-1/F1"), "c"),
        build::entry("c2", None, "d"),
        build::entry("c2", Some("PM-1/F1"), "e"),
    ];
    store.record(&lease, entries.into_iter().map(Write::History).collect()).await.unwrap();

    let second = HistoryQuery { cycle: Some("c2".to_owned()), ..HistoryQuery::default() };
    let newest = HistoryQuery { limit: Some(2), ..HistoryQuery::default() };
    let both = HistoryQuery { limit: Some(1), cycle: Some("c2".to_owned()), ..history_of("PM-1/F1") };
    for (query, expected) in [
        (HistoryQuery::default(), "abcde"),
        (history_of("PM-1/F1"), "ace"),
        (second, "cde"),
        (newest, "de"),
        (both, "e"),
        (history_of("PM-1/F9"), ""),
    ] {
        let entries = store.history(&query).await.unwrap();
        let events: String = entries.iter().map(|entry| entry.event.as_str()).collect();
        assert_eq!(events, expected, "{query:?}");
    }
}

#[tokio::test]
async fn the_newest_cycle_counts_and_old_ones_make_room() {
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    let kept = rows::KEPT_CYCLES;
    for n in 0..kept + 10 {
        let cycle = build::cycle(&format!("c{n}"), build::minutes(n));
        store.record(&lease, vec![Write::Cycle(Box::new(cycle))]).await.unwrap();
    }
    let mut running = build::cycle("running", build::minutes(kept + 20));
    running.finished = None;
    store.record(&lease, vec![Write::Cycle(Box::new(running.clone()))]).await.unwrap();
    assert_eq!(store.load().await.unwrap().last_cycle, Some(running));
    let mut shell = desk.shell().await;
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM cycle").fetch_one(&mut shell).await.unwrap();
    assert_eq!(count, kept);
}

#[tokio::test]
async fn every_statement_is_accepted_on_an_empty_and_on_a_filled_register() {
    let desk = Desk::new();
    let store = desk.open().await;
    for filled in [false, true] {
        if filled {
            store.record(&leased(&*store).await, full().0).await.unwrap();
        }
        let mut shell = desk.shell().await;
        for statement in statements::ALL {
            let prepared = shell.prepare(statement.into_sql_str()).await;
            assert!(prepared.is_ok(), "{statement}: {prepared:?}");
        }
    }
}

#[test]
fn no_statement_is_for_one_database_only() {
    let own = [
        "?",
        "ROWID",
        "PRAGMA",
        "REPLACE INTO",
        "OR REPLACE",
        "OR IGNORE",
        "STRFTIME",
        "JULIANDAY",
        "DATETIME",
        "JSON",
        "IFNULL",
        "GLOB",
        "SQLITE",
        "UNIXEPOCH",
        "TYPEOF",
        "GROUP_CONCAT",
        "::",
        "FOR UPDATE",
        "NOW",
    ];
    for statement in statements::ALL {
        let upper = statement.to_uppercase();
        for word in own {
            assert!(!upper.contains(word), "`{word}` in {statement}");
        }
    }
    let source = include_str!("../../src/store/statements.rs");
    assert_eq!(source.matches("pub const ").count() - 1, statements::ALL.len(), "ALL lists every statement");
}

#[tokio::test]
async fn searches_use_an_index() {
    let desk = Desk::new();
    let store = desk.open().await;
    store.record(&leased(&*store).await, full().0).await.unwrap();
    let mut shell = desk.shell().await;
    for (statement, index) in [
        (statements::LINKS_READ, "link_by_since"),
        (statements::CYCLE_READ, "cycle_by_start"),
        (statements::HISTORY_READ_FINDING, "history_by_finding"),
        (statements::HISTORY_READ_CYCLE, "history_by_cycle"),
    ] {
        let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
        let rows = sqlx::query(explain).fetch_all(&mut shell).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| sqlx::Row::get(row, "detail")).collect();
        assert!(plan.iter().any(|step| step.contains(index)), "{statement}: {plan:?}");
        assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{statement}: {plan:?}");
    }
}

#[tokio::test]
async fn an_address_that_is_of_no_use_is_explained() {
    for (address, why) in [
        ("postgres://pm:hunter2@db/pm", "comes later"),
        ("postgresql://pm:hunter2@db/pm", "comes later"),
        ("mysql://pm:hunter2@db/pm", "write `sqlite:PATH`"),
        ("hunter2.db", "write `sqlite:PATH`"),
        ("sqlite:", "names no file"),
        ("sqlite::memory:", "would be lost"),
        ("sqlite:hunter2.db?mode=ro", "options"),
    ] {
        let refused = store::open(address, &InstanceName::from("acme"), &seed(1), now()).await.err().unwrap();
        assert!(matches!(refused, StoreError::Address { .. }), "{refused:?}");
        assert!(refused.to_string().contains(why), "{refused}");
        assert!(!refused.to_string().contains("hunter2"), "{refused}");
    }
}

#[tokio::test]
async fn a_path_that_is_of_no_use_is_named() {
    let desk = Desk::new();
    for path in [desk.dir.path().to_owned(), desk.dir.path().join("missing/register.db")] {
        let address = format!("sqlite:{}", path.display());
        match store::open(&address, &InstanceName::from("acme"), &seed(1), now()).await.err() {
            Some(StoreError::File { path: named, .. }) => assert_eq!(Path::new(&named), path),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_network_file_system_is_recognised() {
    let mounts = "\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:40 / /srv/share rw shared:9 - nfs4 nas:/share rw
41 40 8:2 / /srv/share/local rw - xfs /dev/sdb1 rw
42 22 0:42 / /mnt/my\\040disk rw - fuse.sshfs host:/ rw
43 22 8:3 / /over rw - cifs //nas/x rw
44 43 8:3 / /over rw - ext4 /dev/sdc1 rw
";
    for (path, kind) in [
        ("/var/lib/register.db", None),
        ("/srv/share/register.db", Some("nfs4")),
        ("/srv/shared/register.db", None),
        ("/srv/share/local/register.db", None),
        ("/mnt/my disk/register.db", Some("fuse.sshfs")),
        ("/over/register.db", None),
    ] {
        assert_eq!(file::network_mount(mounts, Path::new(path)).as_deref(), kind, "{path}");
    }
    assert_eq!(file::network_mount("", Path::new("/x")), None);
}
