//! Stamps: the history names every row that was decided on, and whatever is done to one by other means shows.

use postmortem_sync::{
    model::{
        link::Refusal as Refused,
        misfit::{Difference, Misfit, RowName},
        words::WithWords,
    },
    store::{chain, stamps::EVENT},
};
use sqlx::migrate::{Migration, MigrationType, Migrator};

use super::*;

/// A register with a row in every table and a neighbour of the finding.
async fn filled() -> (Desk, Box<dyn Store>, Lease) {
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    store.record(&lease, full().0).await.unwrap();
    store.record(&lease, vec![put(build::finding("PM-2/F1"))]).await.unwrap();
    (desk, store, lease)
}

/// Rows that do not fit, as a load and as an inspection name them; both have to agree.
async fn misfits(store: &dyn Store) -> Vec<String> {
    let loaded = store.load().await.unwrap().misfits;
    let inspection = store.inspect(&[]).await.unwrap();
    assert_eq!(inspection.faults, Vec::<String>::new());
    assert_eq!(inspection.intact, inspection.misfits.is_empty());
    let rows: Vec<Misfit> =
        inspection.misfits.into_iter().filter(|misfit| misfit.difference != Difference::Stamp).collect();
    assert_eq!(loaded, rows);
    rows.iter().map(|misfit| format!("{:?} {}", misfit.difference, misfit.row)).collect()
}

const TAMPERS: &[(&str, &str)] = &[
    (
        "UPDATE finding SET data = replace(data, '\"in_progress\"', '\"resolved\"'), state = 'resolved' WHERE key = 'PM-1/F1'",
        "Changed finding PM-1/F1",
    ),
    ("UPDATE finding SET state = 'resolved' WHERE key = 'PM-1/F1'", "Changed finding PM-1/F1"),
    ("UPDATE finding SET due = '2030-01-01' WHERE key = 'PM-1/F1'", "Changed finding PM-1/F1"),
    (
        "UPDATE finding SET data = replace(data, '2026-04-21', '2030-04-21') WHERE key = 'PM-1/F1'",
        "Changed finding PM-1/F1",
    ),
    ("UPDATE finding SET data = '{' WHERE key = 'PM-1/F1'", "Changed finding PM-1/F1"),
    ("UPDATE finding SET severity = x'00' WHERE key = 'PM-1/F1'", "Changed finding PM-1/F1"),
    ("UPDATE finding SET observed = '{\"waiver\":null}' WHERE key = 'PM-1/F1'", "Unreadable finding PM-1/F1"),
    ("UPDATE finding SET observed = '[' WHERE key = 'PM-1/F1'", "Unreadable finding PM-1/F1"),
    ("DELETE FROM finding WHERE key = 'PM-2/F1'", "Missing finding PM-2/F1"),
    (
        "INSERT INTO finding (key, postmortem, state, severity, due, changed_ms, data, observed) \
         SELECT 'PM-1/F7', postmortem, state, severity, due, changed_ms, data, observed FROM finding \
         WHERE key = 'PM-1/F1'",
        "Added finding PM-1/F7",
    ),
    ("DELETE FROM link", "Missing link PM-1/F1 api.github.com 9003"),
    ("UPDATE link SET kind = 'cited'", "Changed link PM-1/F1 api.github.com 9003"),
    (
        "INSERT INTO link (finding, host, issue, tracker, destination, kind, since_ms, data, observed, seq) \
         SELECT finding, host, '99', tracker, destination, 'cited', since_ms, data, observed, seq FROM link",
        "Added link PM-1/F1 api.github.com 99",
    ),
    ("DELETE FROM intent", "Missing intent PM-1/F1 github acme/payments"),
    ("UPDATE intent SET epoch = epoch + 1", "Changed intent PM-1/F1 github acme/payments"),
    ("DELETE FROM tombstone", "Missing tombstone PM-1/F1 api.github.com 9002"),
    (
        "UPDATE place SET data = replace(data, '\"id\":\"', '\"id\":\"9')",
        "Changed place github acme/payments",
    ),
    ("DELETE FROM account", "Missing account github pm-bot"),
    ("UPDATE account SET since_ms = 0", "Changed account github pm-bot"),
    ("DELETE FROM place", "Missing place github acme/payments"),
    ("UPDATE meta SET value = '02' || substr(value, 3) WHERE key = 'marker_key'", "Changed meta marker_key"),
    ("DELETE FROM citation", "Missing citation PM-1/F1 acme/payments#2"),
    ("UPDATE citation SET at_ms = 0", "Changed citation PM-1/F1 acme/payments#2"),
    (
        "INSERT INTO citation SELECT finding, 'acme/payments#7', at_ms, data FROM citation",
        "Added citation PM-1/F1 acme/payments#7",
    ),
    ("UPDATE tombstone SET at_ms = 0", "Changed tombstone PM-1/F1 api.github.com 9002"),
    (
        "INSERT INTO tombstone SELECT 'PM-2/F1', host, issue, at_ms, data FROM tombstone",
        "Added tombstone PM-2/F1 api.github.com 9002",
    ),
    (
        "INSERT INTO intent SELECT 'PM-2/F1', tracker, place, epoch, sent_ms, data FROM intent",
        "Added intent PM-2/F1 github acme/payments",
    ),
    (
        "INSERT INTO account SELECT tracker, 'mallory', since_ms, data FROM account",
        "Added account github mallory",
    ),
    (
        "INSERT INTO place SELECT tracker, 'acme/mallory', data, observed FROM place",
        "Added place github acme/mallory",
    ),
    ("DELETE FROM mapping", "Missing mapping approved"),
    ("UPDATE mapping SET data = '{}'", "Changed mapping approved"),
    ("INSERT INTO mapping SELECT 'another', data FROM mapping", "Added mapping another"),
    ("UPDATE meta SET value = '2020-01-01T00:00:00+00:00' WHERE key = 'founded'", "Changed meta founded"),
];

#[tokio::test]
async fn whatever_is_done_to_a_row_by_other_means_is_named() {
    for (sql, misfit) in TAMPERS {
        let (desk, store, _lease) = filled().await;
        assert_eq!(misfits(&*store).await, Vec::<String>::new());
        desk.shell_run(sql).await;
        assert_eq!(misfits(&*store).await, [*misfit], "{sql}");
    }
}

#[tokio::test]
async fn a_part_that_is_removed_added_or_moved_to_another_episode_is_named() {
    for (sql, differences) in [
        ("DELETE FROM involvement", &["Missing"][..]),
        ("UPDATE involvement SET episode = 7", &["Missing", "Added"]),
        (
            "INSERT INTO involvement SELECT 'PM-2/F1', episode, part, party, seq, at_ms, data FROM involvement",
            &["Added"],
        ),
    ] {
        let (desk, store, _lease) = filled().await;
        desk.shell_run(sql).await;
        let named = misfits(&*store).await;
        let told: Vec<&str> =
            named.iter().map(|named| named.split_once(" involvement ").unwrap().0).collect();
        assert_eq!(told, differences, "{sql}: {named:?}");
    }
}

#[tokio::test]
async fn a_stamp_that_is_changed_together_with_its_row_hides_nothing() {
    for (sql, misfit) in [
        (
            "DELETE FROM stamp WHERE kind = 'finding' AND key LIKE '%PM-2/F1%'; DELETE FROM finding WHERE key = 'PM-2/F1'",
            "Missing finding PM-2/F1",
        ),
        (
            "UPDATE finding SET state = 'resolved' WHERE key = 'PM-2/F1'; \
             UPDATE stamp SET digest = (SELECT digest FROM stamp WHERE kind = 'link') WHERE key LIKE '%PM-2/F1%'",
            "Changed finding PM-2/F1",
        ),
    ] {
        let (desk, store, _lease) = filled().await;
        desk.shell_run(sql).await;
        assert_eq!(misfits(&*store).await, [misfit], "{sql}");
        let told = store.inspect(&[]).await.unwrap().misfits;
        assert!(told.iter().any(|misfit| misfit.difference == Difference::Stamp), "{told:?}");
    }
}

#[tokio::test]
async fn a_list_of_stamps_that_was_changed_alone_stops_nothing_and_is_named() {
    let (desk, store, lease) = filled().await;
    desk.shell_run(
        "DELETE FROM stamp WHERE kind = 'link'; UPDATE stamp SET digest = '0' WHERE kind = 'finding'",
    )
    .await;
    assert_eq!(misfits(&*store).await, Vec::<String>::new());
    assert_eq!(store.inspect(&[]).await.unwrap().misfits.len(), 3);
    let finding = Finding { state: State::InProgress, ..build::finding("PM-2/F1") };
    store.record(&lease, vec![put(finding)]).await.unwrap();
    assert!(store.inspect(&[]).await.unwrap().intact, "the history wrote it anew");
}

#[tokio::test]
async fn an_older_state_that_is_put_back_together_with_its_stamps_shows() {
    let (desk, store, lease) = filled().await;
    desk.shell_run("CREATE TABLE f AS SELECT * FROM finding; CREATE TABLE s AS SELECT * FROM stamp").await;
    let later = Finding { severity: Severity::Critical, ..build::finding("PM-2/F1") };
    store.record(&lease, vec![put(later)]).await.unwrap();
    desk.shell_run(
        "UPDATE finding SET data = (SELECT data FROM f WHERE f.key = finding.key), severity = 'medium' \
         WHERE key = 'PM-2/F1'; \
         DELETE FROM stamp; INSERT INTO stamp SELECT * FROM s; DROP TABLE f; DROP TABLE s",
    )
    .await;
    assert_eq!(misfits(&*store).await, ["Changed finding PM-2/F1"]);
}

#[tokio::test]
async fn nothing_is_written_for_a_row_that_does_not_fit() {
    for sql in [
        "UPDATE finding SET state = 'resolved' WHERE key = 'PM-2/F1'",
        "DELETE FROM finding WHERE key = 'PM-2/F1'",
    ] {
        let (desk, store, lease) = filled().await;
        desk.shell_run(sql).await;
        let before = store.head().await.unwrap();
        let writes = vec![put(build::finding("PM-3/F1")), put(build::finding("PM-2/F1"))];
        match store.record(&lease, writes).await {
            Err(StoreError::Unfit { row }) => assert_eq!(row, RowName::of("finding", ["PM-2/F1"])),
            other => panic!("{other:?}"),
        }
        assert_eq!(store.head().await.unwrap(), before);
        let neighbour = vec![put(Finding { severity: Severity::Low, ..build::finding("PM-1/F1") })];
        store.record(&lease, neighbour).await.unwrap();
        assert_eq!(misfits(&*store).await.len(), 1, "the neighbour goes on");
    }
}

#[tokio::test]
async fn what_a_person_accepts_fits_from_then_on() {
    for (sql, misfit) in TAMPERS {
        let (desk, store, lease) = filled().await;
        desk.shell_run(sql).await;
        let row = store.load().await.unwrap().misfits[0].row.clone();
        let accepted = store.record(&lease, vec![Write::Accepted(row)]).await;
        // What cannot be understood is not accepted either.
        let unsound = ["data = '{'", "observed = ", "INSERT INTO", "UPDATE meta"];
        // Nothing is approved by being found: it is taken away, or replaced by whoever approves anew.
        let is_sound = misfit.contains("mapping") || !unsound.iter().any(|damage| sql.contains(damage));
        assert_eq!(accepted.is_ok(), is_sound, "{misfit}: {accepted:?}");
        assert_eq!(store.inspect(&[]).await.unwrap().intact, is_sound, "{sql}");
    }
}

#[tokio::test]
async fn what_was_merely_observed_adds_nothing_to_the_history() {
    let (_desk, store, lease) = filled().await;
    let before = store.head().await.unwrap();
    let mut link = store.load().await.unwrap().links.remove(0);
    link.seen.at = build::minutes(7);
    link.absence = None;
    link.written = vec![build::minutes(6)];
    link.refused.insert(
        Field::Owner,
        Refused { why: "no".to_owned(), asked: None, until: build::minutes(9), facts: None },
    );
    let mut place = build::place("acme/payments");
    place.swept = Some(build::minutes(8));
    store
        .record(&lease, vec![Write::Link(Box::new(link.clone())), Write::Place(place.clone())])
        .await
        .unwrap();
    assert_eq!(store.head().await.unwrap(), before);
    let register = store.load().await.unwrap();
    assert_eq!((&register.links, &register.places), (&vec![link], &vec![place]));
    assert_eq!(misfits(&*store).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_transaction_adds_one_entry_at_most_and_it_holds_no_names() {
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    let all = HistoryQuery { stamps: true, ..HistoryQuery::default() };
    let founded = store.history(&all).await.unwrap();
    assert_eq!(founded.iter().map(|entry| entry.entry.event.as_str()).collect::<Vec<_>>(), [EVENT]);
    store.record(&lease, full().0).await.unwrap();
    let events: Vec<String> =
        store.history(&all).await.unwrap().into_iter().map(|entry| entry.entry.event).collect();
    assert_eq!(events, [EVENT, "issue_created", EVENT]);
    store.record(&lease, vec![put(full().1.findings.into_values().next().unwrap())]).await.unwrap();
    assert_eq!(store.history(&all).await.unwrap().len(), 3, "nothing changed");
    let mut shell = desk.shell().await;
    let stamped: Vec<String> = sqlx::query_scalar("SELECT data FROM history WHERE event = 'stamped'")
        .fetch_all(&mut shell)
        .await
        .unwrap();
    assert!(stamped[0].contains("marker_key"), "the key's digest stands in the first entry");
    assert!(!stamped.iter().any(|data| data.contains(&"01".repeat(32))), "and the key nowhere");
    assert!(stamped.iter().any(|data| data.contains("quoted")), "a row is told with its words");
    assert!(!stamped.iter().any(|data| data.contains("Zo")), "and without the names of people: {stamped:?}");
}

/// A register as the release before left it: its schema, and a row in every table as it wrote them.
pub(super) async fn release_before(desk: &Desk) {
    file::prepare(&desk.path()).unwrap();
    let mut shell = desk.shell().await;
    let migrations = sqlite::schema::MIGRATIONS.iter().take(2).map(|(version, name, sql)| {
        Migration::new(*version, (*name).into(), MigrationType::Simple, sql.into_sql_str(), false)
    });
    Migrator::with_migrations(migrations.collect()).run(&mut shell).await.unwrap();
    let (_, register) = full();
    let finding =
        serde_json::to_string(&WithWords::from(register.findings.values().next().unwrap())).unwrap();
    let genesis = chain::genesis(&"0a".repeat(16));
    let begin = [
        (
            "INSERT INTO meta VALUES ('database', $1), ('instance', 'acme'), ('founded', '2026-03-02T12:00:00+00:00')",
            "0a".repeat(16),
        ),
        ("INSERT INTO meta VALUES ('marker_key', $1)", "0b".repeat(32)),
        ("INSERT INTO chain VALUES (1, 0, $1)", genesis.hash),
        (
            "INSERT INTO finding VALUES ('PM-1/F1', 'PM-1', 'in_progress', 'medium', '2026-04-21', 1, $1)",
            finding,
        ),
        (
            "INSERT INTO finding VALUES ('PM-1/F9', 'PM-1', 'open', 'medium', NULL, 1, $1)",
            "{broken".to_owned(),
        ),
        (
            "INSERT INTO link VALUES ('PM-1/F1', 'api.github.com', '9003', 'github', 'acme/payments', 'created', 1, $1)",
            json(&register.links[0]),
        ),
        (
            "INSERT INTO intent VALUES ('PM-1/F1', 'github', 'acme/payments', 1, 1, $1)",
            json(&register.intents[0]),
        ),
        (
            "INSERT INTO tombstone VALUES ('PM-1/F1', 'api.github.com', '9002', 1, $1)",
            json(&register.tombstones[0]),
        ),
        ("INSERT INTO place VALUES ('github', 'acme/payments', $1)", json(&register.places[0])),
        ("DROP TABLE history_unchained; UPDATE lease SET version = 7 + length($1) * 0", String::new()),
    ];
    for (sql, value) in begin {
        sqlx::query(sql).bind(value).execute(&mut shell).await.unwrap();
    }
    shell.close().await.unwrap();
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

#[tokio::test]
async fn a_register_of_the_release_before_is_stamped_as_it_is_found() {
    let desk = Desk::new();
    release_before(&desk).await;
    let store = desk.open().await;
    let register = store.load().await.unwrap();
    let expected = Register {
        pauses: Default::default(),
        citations: Vec::new(),
        accounts: Vec::new(),
        involvement: Default::default(),
        edits: Vec::new(),
        sights: Vec::new(),
        watermarks: Vec::new(),
        readings: Default::default(),
        followed: Default::default(),
        stood: None,
        issues: Default::default(),
        notes: Vec::new(),
        spent: Vec::new(),
        documents: Default::default(),
        last_cycle: None,
        mapping: None,
        version: 7,
        versions: Versions {
            findings: full().1.findings.into_keys().map(|key| (key, 0)).collect(),
            links: full().1.versions.links.into_keys().map(|key| (key, 0)).collect(),
        },
        ..full().1
    };
    let unreadable = Misfit { row: RowName::of("finding", ["PM-1/F9"]), difference: Difference::Unreadable };
    assert_eq!(register.misfits, [unreadable], "it stops itself and nothing else");
    assert_eq!(Register { misfits: Vec::new(), ..register }, expected);
    let inspection = store.inspect(&[]).await.unwrap();
    assert_eq!((inspection.faults.len(), inspection.misfits.len(), inspection.entries), (0, 1, 1));

    let mut shell = desk.shell().await;
    let (data, observed): (String, String) =
        sqlx::query_as("SELECT data, observed FROM link").fetch_one(&mut shell).await.unwrap();
    assert!(!data.contains("\"seen\"") && observed.contains("\"seen\""), "{data} {observed}");
    let lease = leased(&*store).await;
    let same = || full().1.findings.into_values().map(put).collect();
    // Who owns it is recorded with the first write.
    store.record(&lease, same()).await.unwrap();
    let before = store.head().await.unwrap();
    store.record(&lease, same()).await.unwrap();
    assert_eq!(store.head().await.unwrap(), before, "the same value is the same text");
    desk.shell_run("UPDATE finding SET state = 'resolved' WHERE key = 'PM-1/F1'").await;
    assert_eq!(store.load().await.unwrap().misfits.len(), 2);
}

/// One write of any kind on few rows, so that they meet.
fn any_write(dice: &mut Dice, attempt: &mut u32) -> Write {
    let key = format!("PM-1/F{}", dice.below(3) + 1);
    let number = dice.below(3) + 1;
    match dice.below(9) {
        0 | 1 => {
            let state = [State::Open, State::InProgress, State::Resolved][dice.below(3) as usize];
            put(Finding { state, ..build::finding(&key) })
        }
        2 | 3 => {
            let mut link = build::link(&key, number);
            link.kind = LinkKind::Cited;
            link.seen.at = build::minutes(dice.below(3) as i64);
            link.former_keys = vec![format!("acme/old#{}", dice.below(2))];
            Write::Link(Box::new(link))
        }
        4 => Write::Unlink { finding: FindingKey::from(key.as_str()), issue: build::issue_ref(number).id },
        5 => {
            *attempt += 1;
            let mut intent = build::intent(&key);
            intent.attempt = *attempt;
            match dice.below(3) {
                0 => Write::IntentUnclear(Box::new(intent)),
                1 => Write::IntentDone {
                    finding: intent.finding,
                    tracker: intent.tracker,
                    place: intent.place,
                },
                _ => Write::Intent(Box::new(intent)),
            }
        }
        6 => Write::Tombstone(Box::new(build::tombstone(&key, number))),
        7 => Write::TombstonesCleared(FindingKey::from(key.as_str())),
        _ => {
            let mut place = build::place("acme/payments");
            place.swept = Some(build::minutes(dice.below(4) as i64));
            Write::Place(place)
        }
    }
}

#[tokio::test]
async fn whatever_is_recorded_fits() {
    for seed in 0..20 {
        let desk = Desk::new();
        let store = desk.open().await;
        let lease = leased(&*store).await;
        let keys = ["PM-1/F1", "PM-1/F2", "PM-1/F3"];
        store.record(&lease, keys.map(|key| put(build::finding(key))).into()).await.unwrap();
        let (mut dice, mut attempt, mut n_refused) = (Dice(seed), 0, 0);
        for _ in 0..40 {
            let n = dice.below(4) + 1;
            let writes = (0..n).map(|_| any_write(&mut dice, &mut attempt)).collect();
            n_refused += usize::from(store.record(&lease, writes).await.is_err());
        }
        assert_eq!(n_refused, 0);
        assert_eq!(misfits(&*store).await, Vec::<String>::new(), "seed {seed}");
        assert!(store.inspect(&[]).await.unwrap().intact, "seed {seed}");
        drop(store);
        assert!(desk.open().await.inspect(&[]).await.unwrap().intact, "seed {seed}");
    }
}
