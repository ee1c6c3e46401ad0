//! Only one holder writes, and an attempt gives way only to a later one.

use chrono::TimeDelta;
use postmortem_sync::model::link::Intent;

use super::*;

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
async fn the_name_of_a_holder_that_died_holds_nothing() {
    let desk = Desk::new();
    let store = desk.open().await;
    // As a killed container leaves it: in the next one, the same process id is somebody else, or ourselves.
    let left = format!("pid {} on worker-1 and more words than the next holder has", std::process::id());
    std::fs::write(desk.dir.path().join("register.db.lock"), left).unwrap();
    let lease = store.lease("pid 1 on worker-2").await.unwrap();
    let refused = store.lease("pid 1 on worker-3").await.unwrap_err();
    assert_eq!(refused.to_string(), "the register is in use by pid 1 on worker-2");
    store.release(lease).await.unwrap();
}

#[tokio::test]
async fn a_disk_that_is_nearly_full_gives_no_lease() {
    let desk = Desk::new();
    let options = sqlite::connection::options(&desk.path());
    drop(desk.open().await);
    let open = async || {
        sqlite::SqliteStore::open(options.clone(), &InstanceName::from("acme"), &seed(1), now())
            .await
            .unwrap()
    };
    let store = open().await.reserving(u64::MAX);
    let refused = store.lease("me").await.unwrap_err();
    assert!(matches!(refused, StoreError::NearlyFull { needed: u64::MAX, .. }), "{refused:?}");
    assert!(refused.to_string().contains("nothing was begun, make room"), "{refused}");
    // Reading goes on, and the refused lease holds no lock.
    assert_eq!(store.load().await.unwrap(), Register::default());
    open().await.lease("me").await.unwrap();
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
async fn the_token_grows_whenever_the_lease_changes_hands() {
    let desk = Desk::new();
    let store = desk.open().await;
    let mut tokens = Vec::new();
    for _ in 0..3 {
        let lease = leased(&*store).await;
        tokens.push(lease.token);
        store.release(lease).await.unwrap();
    }
    assert_eq!(tokens, [1, 2, 3]);
}

#[tokio::test]
async fn an_old_token_writes_nothing() {
    let desk = Desk::new();
    let (old, new) = (desk.open().await, desk.open().await);
    let stale = leased(&*old).await;
    // Somebody removes the lock file by hand: the file no longer excludes anybody, and the token has to.
    std::fs::remove_file(desk.dir.path().join("register.db.lock")).unwrap();
    let lease = leased(&*new).await;

    let refused = old.record(&stale, full().0).await;
    assert!(matches!(refused, Err(StoreError::LeaseLost { ours: 1 })), "{refused:?}");
    assert_eq!(new.load().await.unwrap(), Register::default());
    assert_eq!(new.history(&HistoryQuery::default()).await.unwrap(), Vec::<Recorded>::new());
    new.record(&lease, full().0).await.unwrap();
}

#[tokio::test]
async fn an_intent_gives_way_only_to_a_later_attempt() {
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    let attempt = |attempt, payload: &str| {
        let mut intent = build::intent("PM-1/F1");
        (intent.attempt, intent.payload) = (attempt, payload.to_owned());
        Write::Intent(Box::new(intent))
    };
    store.record(&lease, vec![put(build::finding("PM-1/F1")), attempt(2, "first")]).await.unwrap();

    for number in [1, 2] {
        let with_more = vec![put(build::finding("PM-1/F2")), attempt(number, "late")];
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
async fn an_attempt_is_amended_by_itself_only() {
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    let attempt = |attempt, given_up| Box::new(Intent { attempt, given_up, ..build::intent("PM-1/F1") });
    let first = attempt(2, None);
    store.record(&lease, vec![put(build::finding("PM-1/F1")), Write::Intent(first.clone())]).await.unwrap();
    let later = Some(now() + TimeDelta::minutes(9));
    for number in [1, 3] {
        store.record(&lease, vec![Write::IntentUnclear(attempt(number, later))]).await.unwrap();
        assert_eq!(store.load().await.unwrap().intents, vec![*first.clone()], "of attempt {number}");
    }
    store.record(&lease, vec![Write::IntentUnclear(attempt(2, later))]).await.unwrap();
    assert_eq!(store.load().await.unwrap().intents, vec![*attempt(2, later)]);
}
