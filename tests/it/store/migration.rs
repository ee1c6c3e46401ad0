//! Registers of earlier releases, and kills while they are brought up to date.

use std::fs;

use postmortem_sync::{model::words::WithWords, store::chain};
use sqlx::migrate::{Migration, MigrationType, Migrator};

use super::*;
use crate::rig::{spawn, until};

/// A register as the first release left it: its schema, its facts, one finding and a history, with as long a reason in
/// each entry.
async fn first_release(desk: &Desk, n_entries: usize, reason: usize) {
    file::prepare(&desk.path()).unwrap();
    let mut shell = desk.shell().await;
    let (version, name, sql) = sqlite::schema::MIGRATIONS[0];
    let first = Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false);
    Migrator::with_migrations(vec![first]).run(&mut shell).await.unwrap();
    let mut tx = shell.begin().await.unwrap();
    for (key, value) in [
        ("database", "0a".repeat(16)),
        ("instance", "acme".to_owned()),
        ("marker_key", "0b".repeat(32)),
        ("founded", "2026-03-02T12:00:00+00:00".to_owned()),
    ] {
        sqlx::query("INSERT INTO meta VALUES ($1, $2)")
            .bind(key)
            .bind(value)
            .execute(&mut *tx)
            .await
            .unwrap();
    }
    let finding = serde_json::to_string(&WithWords::from(&build::finding("PM-1/F1"))).unwrap();
    sqlx::query("INSERT INTO finding VALUES ('PM-1/F1', 'PM-1', 'open', 'medium', NULL, 0, $1)")
        .bind(finding)
        .execute(&mut *tx)
        .await
        .unwrap();
    for n in 0..n_entries {
        let mut entry = build::entry("c1", Some("PM-1/F1"), &format!("event_{n}"));
        entry.why = "y".repeat(reason);
        sqlx::query(
            "INSERT INTO history (at_ms, cycle, event, finding, data) VALUES ($1, 'c1', $2, 'PM-1/F1', $3)",
        )
        .bind(entry.at.timestamp_millis())
        .bind(&entry.event)
        .bind(serde_json::to_string(&entry).unwrap())
        .execute(&mut *tx)
        .await
        .unwrap();
    }
    sqlx::query("UPDATE lease SET version = 7, epoch = 3").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    shell.close().await.unwrap();
}

/// Version of the schema, and how many entries each of the tables of the history has.
async fn stands(desk: &Desk) -> (i64, i64) {
    let mut shell = desk.shell().await;
    let sound: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut shell).await.unwrap();
    assert_eq!(sound, "ok");
    let version = sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations").fetch_one(&mut shell).await;
    let entries = sqlx::query_scalar("SELECT COUNT(*) FROM history").fetch_one(&mut shell).await.unwrap();
    shell.close().await.unwrap();
    (version.unwrap(), entries)
}

#[tokio::test]
async fn a_register_of_the_first_release_goes_on() {
    let desk = Desk::new();
    first_release(&desk, 2500, 10).await;
    let store = desk.open().await;
    let identity = store.identity().await.unwrap();
    assert_eq!((identity.database, identity.marker_key), ("0a".repeat(16), vec![0x0b; 32]));
    let register = store.load().await.unwrap();
    assert_eq!((register.findings.len(), register.version), (1, 7));
    assert_eq!(register.findings.values().next(), Some(&build::finding("PM-1/F1")));

    let history = store.history(&HistoryQuery::default()).await.unwrap();
    assert_eq!((history.len(), history[0].seq, history[2499].seq), (2500, 1, 2500));
    assert_eq!(history[2499].entry.event, "event_2499");
    assert_eq!(store.inspect(&[chain::genesis(&"0a".repeat(16))]).await.unwrap().entries, 2501);
    assert!(store.inspect(&[]).await.unwrap().intact);

    let lease = leased(&*store).await;
    assert_eq!(lease.token, 4);
    store.record(&lease, vec![Write::History(build::entry("c2", None, "later"))]).await.unwrap();
    assert_eq!(store.head().await.unwrap().seq, 2502);
    assert!(desk.open().await.inspect(&[]).await.unwrap().intact);
}

#[tokio::test]
async fn a_new_register_and_a_migrated_one_have_the_same_schema() {
    let schema = async |desk: &Desk| -> Vec<String> {
        let mut shell = desk.shell().await;
        sqlx::query_scalar("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
            .fetch_all(&mut shell)
            .await
            .unwrap()
    };
    let (new, old) = (Desk::new(), Desk::new());
    first_release(&old, 1, 10).await;
    drop((new.open().await, old.open().await));
    assert_eq!(schema(&new).await, schema(&old).await);
    assert!(!schema(&old).await.iter().any(|sql| sql.contains("unchained")));
}

#[tokio::test]
async fn a_register_in_use_is_not_migrated_under_its_worker() {
    let desk = Desk::new();
    first_release(&desk, 1, 10).await;
    let held = file::lock(&desk.path(), "pid 7 on worker-1").unwrap();
    match desk.open_as("acme").await.err() {
        Some(StoreError::Locked { holder }) => assert_eq!(holder, "pid 7 on worker-1"),
        other => panic!("{other:?}"),
    }
    assert_eq!(stands(&desk).await, (1, 1));
    drop(held);
    desk.open().await;
}

#[tokio::test]
async fn the_register_of_another_instance_is_not_migrated() {
    let desk = Desk::new();
    first_release(&desk, 1, 10).await;
    assert!(matches!(desk.open_as("globex").await.err(), Some(StoreError::OtherInstance { .. })));
    assert_eq!(stands(&desk).await, (1, 1));
}

#[tokio::test]
async fn a_program_of_the_first_release_cannot_write_into_a_newer_schema() {
    let desk = Desk::new();
    drop(desk.open().await);
    let mut shell = desk.shell().await;
    let old = "INSERT INTO history (at_ms, cycle, event, finding, data) VALUES (0, 'c', 'e', NULL, '{}')";
    let refused = shell.execute(old).await.unwrap_err();
    assert!(refused.to_string().contains("NOT NULL"), "{refused}");
}

/// A configuration with which the program opens a register and asks nobody.
pub(super) const CONFIG: &str = "\
instance: acme
store: sqlite:register.db
mode: observe
schedule: { timezone: UTC }
listen: null
sources: [{ name: postmortems, files: [\"none/*\"] }]
trackers: []
rules: []
people: people.yaml
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_at_any_instant_of_a_migration_leaves_the_old_register_or_the_new_one() {
    const N_ENTRIES: usize = 500;
    const N_KILLS: u64 = 30;
    let newest = sqlite::schema::MIGRATIONS.last().unwrap().0;
    let origin = Desk::new();
    // Much more than SQLite keeps in memory before it begins to write.
    first_release(&origin, N_ENTRIES, 10_000).await;
    let whole = fs::read(origin.path()).unwrap();
    let (mut n_old, mut n_new) = (0, 0);
    for n in 0..N_KILLS {
        let desk = Desk::new();
        fs::write(desk.path(), &whole).unwrap();
        fs::write(desk.dir.path().join("postmortem-sync.yaml"), CONFIG).unwrap();
        fs::write(desk.dir.path().join("people.yaml"), "ana: { github: ana }\n").unwrap();
        let log = desk.dir.path().join("register.db-wal");
        let mut worker = spawn(desk.dir.path(), &["audit", "show", "--limit", "1"]);
        // What it writes grows steadily: it is killed a little further each time, and the last times when it has ended.
        let growth = if n < N_KILLS - 2 { n * whole.len() as u64 / 20 } else { u64::MAX };
        until("it has written so much, or has ended", || {
            let written = fs::metadata(&log).map_or(0, |facts| facts.len());
            (written > growth || worker.has_ended()).then_some(())
        });
        drop(worker);
        let stands = stands(&desk).await;
        n_old += usize::from(stands == (1, N_ENTRIES as i64));
        // The last one stamps every row as it was found.
        n_new += usize::from(stands == (newest, N_ENTRIES as i64 + 1));
        assert_eq!(n_old + n_new, n as usize + 1, "kill {n} left {stands:?}");
        if n % 10 == 0 {
            let inspection = desk.open().await.inspect(&[]).await.unwrap();
            assert_eq!(
                (inspection.intact, inspection.entries),
                (true, N_ENTRIES as u64 + 1),
                "{inspection:?}"
            );
        }
    }
    assert!(n_old >= 10 && n_new >= 1, "{n_old} old, {n_new} new");
}
