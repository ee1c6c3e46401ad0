//! What came first is told by the number of its transaction, and never by a clock.

use sqlx::migrate::{Migration, MigrationType, Migrator};

use super::*;

fn days(days: i64) -> chrono::DateTime<chrono::Utc> {
    now() + chrono::TimeDelta::days(days)
}

#[tokio::test]
async fn a_cycle_whose_clock_was_ahead_hides_no_later_one_and_outlives_none() {
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    let record = async |id: &str, started| {
        store.record(&lease, vec![Write::Cycle(Box::new(build::cycle(id, started)))]).await.unwrap();
        store.load().await.unwrap().last_cycle.unwrap().id
    };
    assert_eq!(record("ahead", days(20)).await, "ahead");
    assert_eq!(record("right", now()).await, "right");
    for n in 0..rows::KEPT_CYCLES {
        record(&format!("later-{n}"), now()).await;
    }
    let mut shell = desk.shell().await;
    let kept: Vec<String> = sqlx::query_scalar("SELECT id FROM cycle").fetch_all(&mut shell).await.unwrap();
    shell.close().await.unwrap();
    assert_eq!(kept.len(), usize::try_from(rows::KEPT_CYCLES).unwrap());
    assert!(!kept.contains(&"ahead".to_owned()), "the oldest go, whatever their clocks showed");
}

#[tokio::test]
async fn links_stand_in_the_order_of_linking_and_a_moved_issue_keeps_its_place() {
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    let cited = |number: u64, since| {
        let mut link = build::link("PM-1/F1", number);
        (link.kind, link.since) = (LinkKind::Cited, since);
        link
    };
    store.record(&lease, vec![put(build::finding("PM-1/F1"))]).await.unwrap();
    let (first, second, third) = (cited(5, days(20)), cited(4, now()), cited(3, days(-20)));
    for link in [&first, &second, &third] {
        store.record(&lease, vec![Write::Link(Box::new(link.clone()))]).await.unwrap();
    }
    let order = async || {
        let links = store.load().await.unwrap().links;
        links.into_iter().map(|link| link.issue.key).collect::<Vec<_>>()
    };
    let keys = |numbers: [u64; 3]| numbers.map(|number| build::issue_ref(number).key).to_vec();
    assert_eq!(order().await, keys([5, 4, 3]));
    // Written again, a link stays where it is.
    store.record(&lease, vec![Write::Link(Box::new(cited(4, days(50))))]).await.unwrap();
    assert_eq!(order().await, keys([5, 4, 3]));
    let moved = vec![
        Write::Unlink { finding: "PM-1/F1".into(), issue: first.issue.id.clone() },
        Write::Link(Box::new(cited(9, days(20)))),
    ];
    store.record(&lease, moved).await.unwrap();
    assert_eq!(order().await, keys([9, 4, 3]));
}

#[tokio::test]
async fn rows_of_the_release_before_keep_their_order_and_come_first() {
    let desk = Desk::new();
    file::prepare(&desk.path()).unwrap();
    let mut shell = desk.shell().await;
    let (version, name, sql) = sqlite::schema::MIGRATIONS[0];
    let first = Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false);
    Migrator::with_migrations(vec![first]).run(&mut shell).await.unwrap();
    let old = [("a", 2), ("b", 1), ("c", 3)];
    for (id, hour) in old {
        let cycle = build::cycle(id, build::minutes(60 * hour));
        sqlx::query("INSERT INTO cycle (id, started_ms, data) VALUES ($1, $2, $3)")
            .bind(id)
            .bind(cycle.started.timestamp_millis())
            .bind(serde_json::to_string(&cycle).unwrap())
            .execute(&mut shell)
            .await
            .unwrap();
    }
    let facts = "INSERT INTO meta VALUES ('database', '0a'), ('instance', 'acme'), ('marker_key', '0b'), \
                 ('founded', '2026-03-02T12:00:00+00:00')";
    shell.execute(facts).await.unwrap();
    shell.close().await.unwrap();
    let store = desk.open().await;
    assert_eq!(store.load().await.unwrap().last_cycle.unwrap().id, "c");
    let lease = leased(&*store).await;
    store.record(&lease, vec![Write::Cycle(Box::new(build::cycle("new", now())))]).await.unwrap();
    assert_eq!(store.load().await.unwrap().last_cycle.unwrap().id, "new");
    let mut shell = desk.shell().await;
    let order: Vec<String> =
        sqlx::query_scalar("SELECT id FROM cycle ORDER BY seq").fetch_all(&mut shell).await.unwrap();
    shell.close().await.unwrap();
    assert_eq!(order, ["b", "a", "c", "new"]);
}
