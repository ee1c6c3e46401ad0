//! The chain over the history: whatever is done to it shows, and what only an anchor shows is said.

use postmortem_sync::store::chain::{Link, Row, Walk, genesis, next};

use super::*;

/// The events of four transactions; the last one has two.
const EVENTS: [&str; 5] =
    ["finding_entered", "create_sent", "issue_created", "owner_pulled", "issue_changed"];

/// A register with a history of five entries, after one that founded it and one that stamps its finding.
async fn told() -> (Desk, Box<dyn Store>) {
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    store.record(&lease, vec![put(build::finding("PM-1/F1"))]).await.unwrap();
    for events in [&EVENTS[..1], &EVENTS[1..2], &EVENTS[2..3], &EVENTS[3..]] {
        let entries = events.iter().map(|event| build::entry("c1", Some("PM-1/F1"), event));
        store.record(&lease, entries.map(Write::History).collect()).await.unwrap();
    }
    (desk, store)
}

fn row(n: usize) -> Row {
    Row {
        at_ms: 1_772_452_800_000 + n as i64,
        cycle: format!("c{}", n / 3),
        event: EVENTS[n % EVENTS.len()].to_owned(),
        finding: (!n.is_multiple_of(4)).then(|| format!("PM-1/F{n}")),
        data: format!("{{\"why\":\"because {n}\"}}"),
    }
}

/// A chain of so many rows, with its end.
fn chained(rows: impl IntoIterator<Item = Row>) -> (Vec<Link>, Anchor) {
    let mut end = genesis("0a");
    let mut links = Vec::new();
    for row in rows {
        end = next(&end, &row);
        links.push(Link { seq: end.seq, row, hash: end.hash.clone() });
    }
    (links, end)
}

fn walked(links: &[Link], head: &Anchor, anchors: &[Anchor]) -> Inspection {
    let mut walk = Walk::new("0a", anchors);
    // As the store reads them.
    let mut links = links.to_vec();
    links.sort_by_key(|link| link.seq);
    links.iter().for_each(|link| walk.step(link));
    walk.end(head)
}

#[test]
fn the_hash_is_the_one_that_other_tools_compute() {
    let begin = genesis(&"0a".repeat(16));
    let first = Row {
        at_ms: 1_772_452_800_000,
        cycle: "c1".to_owned(),
        event: "issue_created".to_owned(),
        finding: Some("PM-1/F1".to_owned()),
        data: "{\"why\":\"because\"}".to_owned(),
    };
    assert_eq!(begin.to_string(), "0:4d3f8cfd1e64994c9e64a244f32546b52f38683fc43680e9e9d52ecac50bddc2");
    assert_eq!(
        next(&begin, &first).to_string(),
        "1:ddd0f252293672f1c96a5519b53d6b084be9b9216806fbf4fc73b37a6f61e2a3"
    );
}

#[tokio::test]
async fn every_entry_has_its_place_and_a_hash_over_everything_before_it() {
    let (_desk, store) = told().await;
    let shown = store.history(&HistoryQuery::default()).await.unwrap();
    assert_eq!(shown.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [3, 4, 5, 6, 7]);
    let all = HistoryQuery { stamps: true, ..HistoryQuery::default() };
    let recorded = store.history(&all).await.unwrap();
    assert_eq!(recorded.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7]);
    let mut hashes: Vec<&str> = recorded.iter().map(|entry| entry.hash.as_str()).collect();
    let head = store.head().await.unwrap();
    assert_eq!((head.seq, head.hash.as_str()), (7, hashes[6]));
    let inspection = store.inspect(&[]).await.unwrap();
    let whole = Inspection {
        intact: true,
        entries: 7,
        head,
        faults: Vec::new(),
        misfits: Vec::new(),
        details: BTreeMap::new(),
    };
    assert_eq!(inspection, whole);
    hashes.sort_unstable();
    hashes.dedup();
    assert_eq!(hashes.len(), 7);
}

#[tokio::test]
async fn a_refused_transaction_leaves_the_chain_as_it_was() {
    let (_desk, store) = told().await;
    let before = store.head().await.unwrap();
    let lease = leased(&*store).await;
    let orphan = Write::Link(Box::new(build::link("PM-9/F9", 1)));
    let refused = store.record(&lease, vec![Write::History(build::entry("c", None, "x")), orphan]).await;
    assert!(refused.is_err());
    assert_eq!(store.head().await.unwrap(), before);
    store.record(&lease, vec![Write::History(build::entry("c", None, "y"))]).await.unwrap();
    assert_eq!(store.inspect(&[before]).await.unwrap().entries, 8);
}

#[tokio::test]
async fn the_history_of_another_register_does_not_fit() {
    let (desk, store) = told().await;
    assert!(store.inspect(&[]).await.unwrap().intact);
    desk.shell_run("UPDATE meta SET value = '00' WHERE key = 'database'").await;
    let inspection = desk.open().await.inspect(&[]).await.unwrap();
    assert!(inspection.faults[0].contains("entry 1 does not follow from the beginning"), "{inspection:?}");
}

#[tokio::test]
async fn whatever_is_done_inside_is_found() {
    for (sql, fault) in [
        (
            "UPDATE history SET data = replace(data, 'because', 'be cause') WHERE seq = 5",
            "entry 5 does not follow from entry 4",
        ),
        ("UPDATE history SET finding = 'PM-1/F2' WHERE seq = 4", "entry 4 does not follow from entry 3"),
        ("UPDATE history SET finding = NULL WHERE seq = 4", "entry 4"),
        ("UPDATE history SET at_ms = at_ms + 1 WHERE seq = 1", "entry 1 does not follow from the beginning"),
        ("UPDATE history SET cycle = 'c2' WHERE seq = 7", "entry 7"),
        ("UPDATE history SET event = 'x' WHERE seq = 6", "entry 6"),
        ("UPDATE history SET hash = 'x' WHERE seq = 6", "entry 6"),
        ("DELETE FROM history WHERE seq = 1", "entry 2 does not follow from the beginning"),
        ("DELETE FROM history WHERE seq = 5", "entry 6 does not follow from entry 4"),
        ("DELETE FROM history WHERE seq = 7", "the history ends at 6:"),
        ("DELETE FROM history", "the history ends at 0:"),
        (
            "INSERT INTO history SELECT 8, at_ms, cycle, event, finding, data, hash FROM history WHERE seq = 7",
            "entry 8",
        ),
        (
            "INSERT INTO history SELECT -1, at_ms, cycle, event, finding, data, hash FROM history WHERE seq = 1",
            "entry -1",
        ),
        (
            "UPDATE history SET seq = CASE seq WHEN 4 THEN 50 ELSE 40 END WHERE seq IN (4, 5); \
          UPDATE history SET seq = seq / 10 WHERE seq >= 40",
            "entry 4",
        ),
        ("UPDATE history SET seq = seq + 1 WHERE seq = 7", "entry 8"),
        ("UPDATE chain SET seq = 6", "the history ends at 7:"),
    ] {
        let (desk, store) = told().await;
        desk.shell_run(sql).await;
        let inspection = store.inspect(&[]).await.unwrap();
        assert!(!inspection.intact && inspection.faults[0].contains(fault), "{sql}: {inspection:?}");
    }
}

#[tokio::test]
async fn an_end_that_was_cut_off_shows_against_an_anchor_only() {
    let (desk, store) = told().await;
    let anchor = store.head().await.unwrap();
    desk.shell_run(
        "DELETE FROM history WHERE seq > 5; \
         UPDATE chain SET seq = 5, hash = (SELECT hash FROM history WHERE seq = 5)",
    )
    .await;
    assert!(store.inspect(&[]).await.unwrap().intact, "nothing inside is wrong");
    let inspection = store.inspect(&[anchor]).await.unwrap();
    assert!(inspection.faults[0].starts_with("the anchor 7:"), "{inspection:?}");
    let earlier = store.head().await.unwrap();
    assert!(store.inspect(&[genesis(&"01".repeat(16)), earlier]).await.unwrap().intact);
}

#[tokio::test]
async fn a_row_that_is_no_longer_text_is_named() {
    let (desk, store) = told().await;
    desk.shell_run("UPDATE history SET data = x'ff00' WHERE seq = 2").await;
    match store.inspect(&[]).await {
        Err(StoreError::Corrupt { row, .. }) => assert_eq!(row, "history 2"),
        other => panic!("{other:?}"),
    }
}

/// Draws numbers; the same seed draws the same ones.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        usize::try_from((mixed >> 33) % n as u64).unwrap()
    }
}

/// Does something to a history; whether only an anchor can show it.
fn tamper(dice: &mut Dice, links: &mut Vec<Link>, head: &mut Anchor) -> bool {
    let at = dice.below(links.len());
    match dice.below(11) {
        0 => links[at].row.at_ms += 1 + dice.below(1000) as i64,
        1 => links[at].row.cycle.push('x'),
        2 => links[at].row.event.insert(0, 'x'),
        3 => {
            links[at].row.finding =
                links[at].row.finding.as_ref().map_or_else(|| Some(String::new()), |_| None)
        }
        4 => links[at].row.data = links[at].row.data.replace("because", "as"),
        5 => drop(links.remove(at)),
        6 => {
            let forged = Link { seq: links[at].seq + 1, row: row(99), hash: "0".repeat(64) };
            let hash = next(&Anchor { seq: links[at].seq, hash: links[at].hash.clone() }, &forged.row).hash;
            links[at + 1..].iter_mut().for_each(|link| link.seq += 1);
            links.insert(at + 1, Link { hash, ..forged });
        }
        7 => {
            let other = (at + 1 + dice.below(links.len() - 1)) % links.len();
            let (one, two) = (links[at].row.clone(), links[other].row.clone());
            (links[at].row, links[other].row) = (two, one);
        }
        8 => {
            let other = (at + 1 + dice.below(links.len() - 1)) % links.len();
            let (one, two) = (links[at].seq, links[other].seq);
            (links[at].seq, links[other].seq) = (two, one);
        }
        9 => {
            // Cut off at the end, and the head moved back.
            links.truncate(at);
            *head =
                links.last().map_or(genesis("0a"), |last| Anchor { seq: last.seq, hash: last.hash.clone() });
            return true;
        }
        _ => {
            // Written anew from somewhere on, with all hashes and the head.
            links[at].row.data.push(' ');
            (*links, *head) = chained(links.iter().map(|link| link.row.clone()));
            return true;
        }
    }
    false
}

#[test]
fn ten_thousand_tampers_are_found() {
    let (well, end) = chained((0..9).map(row));
    assert!(walked(&well, &end, std::slice::from_ref(&end)).intact);
    let (mut dice, mut n_hidden) = (Dice(33), 0);
    for n in 0..10_000 {
        let (mut links, mut head) = (well.clone(), end.clone());
        let hidden = tamper(&mut dice, &mut links, &mut head);
        assert!(!walked(&links, &head, std::slice::from_ref(&end)).intact, "tamper {n} was not found");
        assert_eq!(walked(&links, &head, &[]).intact, hidden, "tamper {n} without an anchor");
        n_hidden += usize::from(hidden);
    }
    assert!(n_hidden > 1000, "{n_hidden}");
}

#[test]
fn an_anchor_is_read_as_it_was_written() {
    let anchor = genesis("0a");
    let text = anchor.to_string();
    assert_eq!(text.parse::<Anchor>().unwrap(), anchor);
    assert_eq!(text.to_uppercase().parse::<Anchor>().unwrap(), anchor);
    assert_eq!(serde_json::to_value(&anchor).unwrap(), serde_json::json!(text));
    for wrong in ["", "5", "5:", "x:00", ":00", &text[..65], &format!("{text}0"), "1:zz"] {
        assert!(wrong.parse::<Anchor>().unwrap_err().contains("64 hexadecimal digits"), "{wrong}");
    }
}
