//! A register of an earlier release whose migration is killed: at every write that the program makes, whole and torn.

use std::{fs, os::unix::process::ExitStatusExt as _, process::Command};

use postmortem_sync::store::chain::{Row, genesis, next};

use super::{migration::CONFIG, stamps::release_before, *};

/// What stands between the program and the system: the call that `KILL_AT` counts is not made, or only half of it where
/// `KILL_TORN` is there, and the process is killed as by a power cut.
const KILLING: &str = r#"
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static int is_last(void) {
    static long calls;
    return __sync_add_and_fetch(&calls, 1) == atol(getenv("KILL_AT"));
}

static void die(void) {
    kill(getpid(), SIGKILL);
    pause();
}

static size_t half(size_t n) { return getenv("KILL_TORN") ? n / 2 : 0; }

ssize_t write(int fd, const void *from, size_t n) {
    if (!is_last()) return syscall(SYS_write, fd, from, n);
    syscall(SYS_write, fd, from, half(n));
    die();
    return -1;
}

ssize_t pwrite64(int fd, const void *from, size_t n, off_t at) {
    if (!is_last()) return syscall(SYS_pwrite64, fd, from, n, at);
    syscall(SYS_pwrite64, fd, from, half(n), at);
    die();
    return -1;
}

ssize_t pwrite(int fd, const void *from, size_t n, off_t at) { return pwrite64(fd, from, n, at); }

int fsync(int fd) {
    if (is_last()) die();
    return syscall(SYS_fsync, fd);
}

int fdatasync(int fd) {
    if (is_last()) die();
    return syscall(SYS_fdatasync, fd);
}

int ftruncate64(int fd, off_t to) {
    if (is_last()) die();
    return syscall(SYS_ftruncate, fd, to);
}

int ftruncate(int fd, off_t to) { return ftruncate64(fd, to); }

int unlink(const char *path) {
    if (is_last()) die();
    return syscall(SYS_unlinkat, -100, path, 0);
}
"#;

/// A folder with a register of an earlier release, and what kills the program in it.
fn stage(register: &[u8], library: &Path) -> Desk {
    let desk = Desk::new();
    fs::write(desk.path(), register).unwrap();
    fs::write(desk.dir.path().join("postmortem-sync.yaml"), CONFIG).unwrap();
    fs::write(desk.dir.path().join("people.yaml"), "ana: { github: ana }\n").unwrap();
    fs::copy(library, desk.dir.path().join("kill.so")).unwrap();
    desk
}

/// Brings the register up to date and is killed at a call; whether there was such a call.
fn killed(desk: &Desk, at: u32, torn: bool) -> bool {
    let mut program = Command::new(env!("CARGO_BIN_EXE_postmortem-sync"));
    program.args(["audit", "show", "--limit", "1"]).current_dir(desk.dir.path()).env_clear();
    program.env("KILL_AT", at.to_string()).env("LD_PRELOAD", desk.dir.path().join("kill.so"));
    if torn {
        program.env("KILL_TORN", "1");
    }
    let ended = program.output().unwrap();
    match (ended.status.signal(), ended.status.code()) {
        (Some(9), _) => true,
        (None, Some(0)) => false,
        other => panic!("{other:?}: {}", String::from_utf8_lossy(&ended.stderr)),
    }
}

async fn schema(desk: &Desk) -> i64 {
    let mut shell = desk.shell().await;
    let sound: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut shell).await.unwrap();
    assert_eq!(sound, "ok");
    let version = sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations").fetch_one(&mut shell).await;
    shell.close().await.unwrap();
    version.unwrap()
}

/// Kills the migration of a register at every call, and compares what opens afterwards with what an undisturbed one gives.
async fn at_any_call(origin: &Desk, from: i64, torn: bool) {
    let whole = fs::read(origin.path()).unwrap();
    let library = origin.dir.path().join("kill.so");
    let source = origin.dir.path().join("kill.c");
    fs::write(&source, KILLING).unwrap();
    let built = Command::new("cc").args(["-shared", "-fPIC", "-o"]).args([&library, &source]).status();
    assert!(built.unwrap().success());
    let well = stage(&whole, &library);
    let expected = well.open().await.load().await.unwrap();
    let entries = well.open().await.inspect(&[]).await.unwrap().entries;
    let newest = sqlite::schema::MIGRATIONS.last().unwrap().0;
    let (mut n_old, mut n_new) = (0, 0);
    for at in 1.. {
        let desk = stage(&whole, &library);
        if !killed(&desk, at, torn) {
            break;
        }
        let stands = schema(&desk).await;
        n_old += usize::from(stands == from);
        n_new += usize::from(stands == newest);
        assert_eq!(n_old + n_new, at as usize, "call {at} left version {stands}");
        let store = desk.open().await;
        assert_eq!(store.load().await.unwrap(), expected, "call {at}");
        let all = store.load().await.unwrap().findings.into_keys().collect();
        assert_eq!(store.rows(&all).await.unwrap().findings, expected.findings, "call {at}");
        let inspection = store.inspect(&[]).await.unwrap();
        assert_eq!((inspection.faults, inspection.entries), (Vec::<String>::new(), entries), "call {at}");
        // It goes on as if nothing had been.
        let lease = leased(&*store).await;
        store.record(&lease, vec![put(build::finding("PM-1/F2"))]).await.unwrap();
    }
    assert!(n_old > 5 && n_new > 5, "{n_old} left the old register, {n_new} the new one");
}

#[tokio::test]
async fn a_register_of_the_release_before_survives_a_kill_at_any_call_of_its_migration() {
    let origin = Desk::new();
    release_before(&origin).await;
    at_any_call(&origin, 2, false).await;
}

#[tokio::test]
async fn a_register_of_the_release_before_survives_a_torn_write_anywhere_in_its_migration() {
    let origin = Desk::new();
    release_before(&origin).await;
    at_any_call(&origin, 2, true).await;
}

/// Takes away what came since the release that stamped rows and told none whole.
const SINCE: &[&str] = &[
    "DROP TABLE note",
    "DROP TABLE mapping",
    "DROP TABLE allowance",
    "DROP TABLE document",
    "DROP TABLE marked",
    "DROP TABLE watermark",
    "DROP TABLE reading",
    "DROP TABLE followed",
    "DROP TABLE stood",
    "DROP TABLE whereabouts",
    "DROP INDEX tombstone_by_time",
    "DROP INDEX link_by_place",
    "ALTER TABLE link DROP COLUMN place",
    "ALTER TABLE link DROP COLUMN place_id",
    "ALTER TABLE stamp RENAME TO sorted",
    "CREATE TABLE stamp (kind TEXT NOT NULL, key TEXT NOT NULL, seq BIGINT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (kind, key))",
    "INSERT INTO stamp SELECT kind, key, seq, digest FROM sorted",
    "DROP TABLE sorted",
    "DROP TABLE stamp_sum",
    "DROP INDEX finding_by_write_up",
    "DROP INDEX finding_alike",
    "DROP INDEX finding_folded",
    "DROP INDEX finding_by_state",
    "DROP INDEX finding_by_due",
    "DROP TABLE called",
    "ALTER TABLE finding DROP COLUMN alike",
    "ALTER TABLE finding DROP COLUMN version",
    "ALTER TABLE link DROP COLUMN version",
    "ALTER TABLE link DROP COLUMN shown",
    "DELETE FROM home",
    "DELETE FROM _sqlx_migrations WHERE version > 10",
    "UPDATE cycle SET data = json_set(data, '$.mapping', json('{\"trackers\":{\"github\":\"github api.github.com\"},\"rules\":[]}'))",
];

/// A register that is stamped, whose history does not say yet what the rows hold; its newest cycle says what was approved.
async fn stamped_release(desk: &Desk) {
    let store = desk.open().await;
    let lease = leased(&*store).await;
    let writes = full().0.into_iter().filter(|write| !matches!(write, Write::Mapping(_)));
    store.record(&lease, writes.collect()).await.unwrap();
    drop((store, lease));
    let mut shell = desk.shell().await;
    let rows: Vec<(i64, i64, String, String, Option<String>, String)> =
        sqlx::query_as("SELECT seq, at_ms, cycle, event, finding, data FROM history ORDER BY seq")
            .fetch_all(&mut shell)
            .await
            .unwrap();
    let database: String = sqlx::query_scalar("SELECT value FROM meta WHERE key = 'database'")
        .fetch_one(&mut shell)
        .await
        .unwrap();
    let mut end = genesis(&database);
    for (seq, at_ms, cycle, event, finding, data) in rows {
        let mut entry: serde_json::Value = serde_json::from_str(&data).unwrap();
        if event == "stamped" {
            let members = entry.as_object_mut().unwrap();
            members.remove("first");
            for row in members["rows"].as_array_mut().unwrap() {
                row.as_object_mut()
                    .unwrap()
                    .retain(|name, _| ["kind", "key", "digest"].contains(&name.as_str()));
            }
        }
        let row = Row { at_ms, cycle, event, finding, data: entry.to_string() };
        end = next(&end, &row);
        sqlx::query("UPDATE history SET data = $2, hash = $3 WHERE seq = $1")
            .bind(seq)
            .bind(row.data)
            .bind(&end.hash)
            .execute(&mut shell)
            .await
            .unwrap();
    }
    sqlx::query("UPDATE chain SET hash = $1").bind(&end.hash).execute(&mut shell).await.unwrap();
    let triggers: Vec<String> =
        sqlx::query_scalar("SELECT 'DROP TRIGGER ' || name FROM sqlite_master WHERE type = 'trigger'")
            .fetch_all(&mut shell)
            .await
            .unwrap();
    for sql in triggers {
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut shell).await.unwrap();
    }
    for sql in SINCE {
        sqlx::query(*sql).execute(&mut shell).await.unwrap();
    }
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut shell).await.unwrap();
    shell.close().await.unwrap();
}

#[tokio::test]
async fn a_stamped_register_is_told_whole_but_for_what_does_not_fit() {
    let desk = Desk::new();
    stamped_release(&desk).await;
    desk.shell_run("UPDATE link SET kind = 'cited'").await;
    let store = desk.open().await;
    let register = store.load().await.unwrap();
    assert_eq!(register.mapping, full().1.mapping, "what was approved has a row of its own");
    assert_eq!(register.misfits.len(), 1, "nothing is legitimised by a migration: {:?}", register.misfits);
    let inspection = store.inspect(&[]).await.unwrap();
    assert_eq!((inspection.faults.len(), inspection.misfits.len()), (0, 1), "{:?}", inspection.faults);
    desk.shell_run("UPDATE finding SET severity = 'low'").await;
    let inspection = store.inspect(&[]).await.unwrap();
    let detail = &inspection.details[&inspection.misfits[0].row];
    assert_eq!(detail.members, ["severity"], "the replay begins with the rows as they were found");
    desk.shell_run("UPDATE link SET kind = 'created'").await;
    desk.shell_run("UPDATE finding SET severity = 'medium'").await;
    assert!(store.inspect(&[]).await.unwrap().intact);
    let lease = leased(&*store).await;
    let mut link = full().1.links[0].clone();
    link.former_keys.push("acme/old#1".to_owned());
    store.record(&lease, vec![Write::Link(Box::new(link))]).await.unwrap();
    let inspection = store.inspect(&[]).await.unwrap();
    assert!(
        inspection.intact,
        "a row that was never told whole is known by its digest: {:?}",
        inspection.faults
    );
}

#[tokio::test]
async fn a_stamped_register_survives_a_kill_at_any_call_of_its_migration() {
    let origin = Desk::new();
    stamped_release(&origin).await;
    at_any_call(&origin, 10, false).await;
}
