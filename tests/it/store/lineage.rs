//! A copy from before is told, however it got into the register's place.

use chrono::{DateTime, TimeDelta, Utc};
use postmortem_sync::store::sqlite::backup;

use super::*;

/// A register in which a cycle began at a time.
async fn used(desk: &Desk, at: DateTime<Utc>) {
    let store = desk.open().await;
    let lease = leased(&*store).await;
    let cycle = build::cycle(&at.to_string(), at);
    store.record(&lease, vec![Write::Cycle(Box::new(cycle))]).await.unwrap();
    store.release(lease).await.unwrap();
}

async fn put_back(desk: &Desk) -> Option<DateTime<Utc>> {
    desk.open().await.identity().await.unwrap().put_back
}

/// Replaces the register by another file as somebody with a shell does it.
fn copied(desk: &Desk, from: &str, to: &str) {
    for suffix in ["", "-wal", "-shm"] {
        let path = |name: &str| desk.dir.path().join(format!("{name}{suffix}"));
        // What the copy lacks must not stay of the other.
        let _ = std::fs::remove_file(path(to));
        if path(from).exists() {
            std::fs::copy(path(from), path(to)).unwrap();
        }
    }
}

#[tokio::test]
async fn a_register_that_goes_on_was_never_put_back() {
    let desk = Desk::new();
    assert_eq!(put_back(&desk).await, None);
    used(&desk, now()).await;
    used(&desk, now() + TimeDelta::hours(1)).await;
    assert_eq!(put_back(&desk).await, None);
}

#[tokio::test]
async fn a_copied_file_is_told_and_of_several_the_earliest_counts() {
    let desk = Desk::new();
    used(&desk, now()).await;
    copied(&desk, "register.db", "monday.db");
    used(&desk, now() + TimeDelta::days(1)).await;
    copied(&desk, "register.db", "tuesday.db");
    used(&desk, now() + TimeDelta::days(2)).await;
    copied(&desk, "tuesday.db", "register.db");
    assert_eq!(put_back(&desk).await, Some(now() + TimeDelta::days(1)));
    used(&desk, now() + TimeDelta::days(3)).await;
    assert_eq!(put_back(&desk).await, Some(now() + TimeDelta::days(1)), "it is not forgotten");
    copied(&desk, "monday.db", "register.db");
    assert_eq!(put_back(&desk).await, Some(now()));
    copied(&desk, "nothing", "register.db");
    let earliest = Some(now());
    assert_eq!(put_back(&desk).await, earliest, "a new register knows nothing of what was before");
}

#[tokio::test]
async fn a_restored_backup_is_told_also_where_nothing_was_before() {
    let desk = Desk::new();
    used(&desk, now()).await;
    let (acme, copy) = (InstanceName::from("acme"), desk.dir.path().join("copy.db"));
    backup::backup(&desk.path(), &copy, &acme).await.unwrap();
    let elsewhere = Desk::new();
    for desk in [&desk, &elsewhere] {
        backup::restore(&desk.path(), &copy, &acme, "the operator", now()).await.unwrap();
        assert_eq!(put_back(desk).await, Some(now()));
    }
}

#[tokio::test]
async fn without_what_stands_beside_it_a_register_works_and_tells_nothing() {
    let desk = Desk::new();
    used(&desk, now()).await;
    let beside = desk.dir.path().join("register.db.lineage");
    for text in ["", "{", "{\"version\": \"many\"}"] {
        std::fs::write(&beside, text).unwrap();
        assert_eq!(put_back(&desk).await, None, "{text}");
    }
    std::fs::remove_file(&beside).unwrap();
    std::fs::create_dir(&beside).unwrap();
    used(&desk, now() + TimeDelta::hours(1)).await;
    assert_eq!(put_back(&desk).await, None);
}
