//! One counter: each row carries the transaction that last changed what readers see of it, and a decision commits on it.

use postmortem_sync::{
    model::{
        failures::Failures,
        involvement::{Involvement, Part, Party},
        link::Seen,
    },
    store::sqlite::schema::MIGRATIONS,
};

use super::*;

/// The register of the release whose schema was 0010, as text.
const SCHEMA_0010: &str = include_str!("../../data/registers/0010.sql");

async fn versions(store: &dyn Store) -> (i64, i64) {
    let versions = store.load().await.unwrap().versions;
    let finding = versions.findings[&FindingKey::from("PM-1/F1")];
    (finding, versions.links.into_values().next().unwrap_or_default())
}

#[tokio::test]
async fn a_version_grows_with_what_readers_see_and_with_nothing_else() {
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    let record = async |writes| store.record(&lease, writes).await.unwrap();
    let (finding, link) = followed();
    let cycle = || Write::Cycle(Box::new(build::cycle("c1", now())));
    record(vec![cycle()]).await;
    record(vec![put(finding.clone()), Write::Link(Box::new(link.clone()))]).await;
    assert_eq!(versions(&*store).await, (2, 2));

    // Freshness, failures and notes.
    let mut failing = finding.clone();
    failing.failed_creates = Some(Failures {
        sent: "x".to_owned(),
        tries: 2,
        why: "no".to_owned(),
        since: Some(now()),
        facts: None,
        until: now(),
    });
    let mut later = link.clone();
    later.seen = Seen { at: build::minutes(5), updated: build::minutes(4), ..link.seen.clone() };
    later.absence = later.absence.map(|absence| Absence { last: build::minutes(9), reads: 3, ..absence });
    later.written.push(build::minutes(5));
    later.refused.clear();
    record(vec![cycle(), put(failing.clone()), Write::Link(Box::new(later.clone()))]).await;
    assert_eq!(versions(&*store).await, (2, 2));

    let mut worse = failing.clone();
    worse.severity = Severity::High;
    record(vec![put(worse.clone())]).await;
    assert_eq!(versions(&*store).await, (4, 2));

    later.seen.status_text = "In review".to_owned();
    record(vec![Write::Link(Box::new(later.clone()))]).await;
    assert_eq!(versions(&*store).await, (4, 5));
    later.absence = None;
    record(vec![Write::Link(Box::new(later))]).await;
    assert_eq!(versions(&*store).await, (4, 6));

    // Who had a part in a finding is told with it, and told once.
    let part = Involvement::of(&worse, Part::Claimed, Party::Person("bo".into()), now());
    for expected in [7, 7] {
        record(vec![Write::Involvement(Box::new(part.clone()))]).await;
        assert_eq!(versions(&*store).await, (expected, 6));
    }
}

#[tokio::test]
async fn a_decision_on_another_version_is_refused_and_writes_nothing() {
    let desk = Desk::new();
    let (store, other) = (desk.open().await, desk.open().await);
    let lease = leased(&*store).await;
    store.record(&lease, vec![put(build::finding("PM-1/F1"))]).await.unwrap();
    let seen = other.load().await.unwrap();
    let unchanged =
        Write::Unchanged { finding: "PM-1/F1".into(), version: seen.versions.findings[&"PM-1/F1".into()] };

    let mut pulled = build::finding("PM-1/F1");
    pulled.state = State::InProgress;
    store.record(&lease, vec![put(pulled.clone())]).await.unwrap();
    let mut decided = build::finding("PM-1/F1");
    decided.severity = Severity::Low;
    let decision =
        || vec![unchanged.clone(), put(decided.clone()), Write::History(build::entry("command", None, "x"))];
    match store.record(&lease, decision()).await {
        Err(error @ StoreError::Stale { .. }) => assert!(error.to_string().contains("look again"), "{error}"),
        other => panic!("{other:?}"),
    }
    let register = store.load().await.unwrap();
    assert_eq!((register.findings[&"PM-1/F1".into()].clone(), register.version), (pulled, 2));

    let gone = Write::Unchanged { finding: "PM-9/F9".into(), version: 0 };
    assert!(matches!(store.record(&lease, vec![gone]).await, Err(StoreError::Stale { .. })));
    let now_seen = Write::Unchanged { finding: "PM-1/F1".into(), version: 2 };
    store.record(&lease, vec![now_seen, put(decided)]).await.unwrap();
}

#[tokio::test]
async fn what_is_accepted_by_a_person_has_a_new_version() {
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    store.record(&lease, vec![put(build::finding("PM-1/F1"))]).await.unwrap();
    desk.shell_run("UPDATE finding SET data = replace(data, '\"medium\"', '\"low\"')").await;
    let row = store.load().await.unwrap().misfits[0].row.clone();
    store.record(&lease, vec![Write::Accepted(row)]).await.unwrap();
    let register = store.load().await.unwrap();
    assert_eq!(register.findings[&"PM-1/F1".into()].severity, Severity::Low);
    assert_eq!(register.versions.findings[&"PM-1/F1".into()], 2);
}

#[tokio::test]
async fn uses_of_a_credential_add_up_and_are_forgotten() {
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    let spent =
        |kind, minutes, n| Spent { credential: "c0ffee".to_owned(), kind, at: build::minutes(minutes), n };
    let write = |kind, minutes, n| Write::Spent(spent(kind, minutes, n));
    let writes = vec![
        write(Use::Create, 0, 2),
        write(Use::Create, 0, 3),
        write(Use::Write, 0, 1),
        write(Use::Refused, 70, 1),
    ];
    store.record(&lease, writes).await.unwrap();
    let expected = vec![spent(Use::Create, 0, 5), spent(Use::Write, 0, 1), spent(Use::Refused, 70, 1)];
    assert_eq!(desk.open().await.load().await.unwrap().spent, expected);
    let forgotten = Write::SpentForgotten { before: build::minutes(1), after: build::minutes(100) };
    store.record(&lease, vec![forgotten]).await.unwrap();
    assert_eq!(store.load().await.unwrap().spent, vec![spent(Use::Refused, 70, 1)]);
}

#[tokio::test]
async fn a_register_of_schema_0010_opens_with_everything_in_it() {
    let desk = Desk::new();
    file::prepare(&desk.path()).unwrap();
    desk.shell_run(SCHEMA_0010).await;
    let store = desk.open_as("acme-security").await.unwrap();
    let mut shell = desk.shell().await;
    let version: i64 =
        sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations").fetch_one(&mut shell).await.unwrap();
    shell.close().await.unwrap();
    assert_eq!(version, MIGRATIONS.last().unwrap().0);

    let register = store.load().await.unwrap();
    assert_eq!(register.misfits, Vec::new());
    let states: Vec<_> =
        register.findings.values().map(|finding| (finding.key.as_str(), finding.state)).collect();
    assert_eq!(states, [("PM-1/F1", State::PendingVerification), ("PM-1/F2", State::Open)]);
    let links: Vec<_> = register.links.iter().map(|link| link.issue.key.as_str()).collect();
    assert_eq!(links, ["acme/payments#1"]);
    assert_eq!((register.version, register.places.len(), register.accounts.len()), (14, 1, 3));
    assert_eq!(register.involvement.values().map(Vec::len).sum::<usize>(), 4);
    assert_eq!((register.notes.len(), register.spent.len()), (0, 0), "there was no such table");
    assert!(register.last_cycle.is_some());
    assert_eq!(register.versions.findings.values().copied().collect::<Vec<_>>(), [0, 0]);
    assert!(store.inspect(&[]).await.unwrap().intact);

    let lease = leased(&*store).await;
    let owned = register.findings[&"PM-1/F2".into()].clone();
    assert_eq!(owned.owner, Owner::Person("bo".into()));
    store
        .record(&lease, vec![Write::Unchanged { finding: owned.key.clone(), version: 0 }, put(owned)])
        .await
        .unwrap();
    assert_eq!(store.load().await.unwrap().versions.findings[&"PM-1/F2".into()], 0, "it says the same");
    assert!(store.inspect(&[]).await.unwrap().intact);
}
