//! What is recorded is there, and what is refused left nothing.

use super::*;

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
    let recorded = store.history(&HistoryQuery::default()).await.unwrap();
    assert_eq!(recorded.iter().map(|recorded| &recorded.entry).collect::<Vec<_>>(), vec![&entry]);
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
    let tight = sqlite::connection::options(&desk.path()).pragma("max_page_count", "60");
    let store = sqlite::SqliteStore::open(tight, &InstanceName::from("acme"), &seed(1), now()).await.unwrap();
    let lease = leased(&store).await;
    store.record(&lease, full().0).await.unwrap();

    let many = (0..1000).map(|n| put(build::finding(&format!("PM-2/F{n}")))).collect();
    let refused = store.record(&lease, many).await.unwrap_err();
    assert!(matches!(refused, StoreError::Database(_)), "{refused:?}");
    assert!(
        refused.to_string().contains("full (SQLite 13); nothing was written, make room on the disk"),
        "{refused}"
    );
    assert_eq!(store.load().await.unwrap(), full().1);

    // And it goes on: a small write still fits.
    store.record(&lease, vec![put(build::finding("PM-1/F2"))]).await.unwrap();
    assert_eq!(store.load().await.unwrap().findings.len(), 2);
}

#[tokio::test]
async fn a_register_that_may_only_be_read_says_so() {
    let desk = Desk::new();
    drop(desk.open().await);
    let read_only = sqlite::connection::options(&desk.path()).pragma("query_only", "on");
    let store =
        sqlite::SqliteStore::open(read_only, &InstanceName::from("acme"), &seed(1), now()).await.unwrap();
    let refused = store.lease("me").await.unwrap_err();
    assert!(refused.to_string().contains("readonly database (SQLite 8); nothing was written"), "{refused}");
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
async fn a_row_that_cannot_be_read_is_named_and_stops_no_other() {
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    store.record(&lease, full().0).await.unwrap();
    store.record(&lease, vec![put(build::finding("PM-1/F2"))]).await.unwrap();
    for sql in [
        "UPDATE finding SET data = '{' WHERE key = 'PM-1/F1'",
        "UPDATE finding SET data = x'ff00' WHERE key = 'PM-1/F1'",
    ] {
        desk.shell_run(sql).await;
        let register = store.load().await.unwrap();
        assert_eq!(register.findings.into_keys().collect::<Vec<_>>(), [FindingKey::from("PM-1/F2")]);
        assert_eq!(register.misfits.len(), 1, "{:?}", register.misfits);
        assert_eq!(register.misfits[0].row.to_string(), "finding PM-1/F1");
        assert_eq!(store.inspect(&[]).await.unwrap().misfits, register.misfits);
    }
    desk.shell_run("DELETE FROM meta WHERE key = 'marker_key'").await;
    match desk.open_as("acme").await.err() {
        Some(StoreError::Corrupt { row, .. }) => assert_eq!(row, "meta marker_key"),
        other => panic!("{other:?}"),
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
        let events: String = entries.iter().map(|recorded| recorded.entry.event.as_str()).collect();
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
