//! Which findings are looked at next, and how much there is, without a row being read.

use chrono::TimeDelta;
use postmortem_sync::{
    model::outline::{Totals, Whereabouts},
    store::Named,
};

use super::*;

const SCOPE: &str = "0123456789abcdef";

fn keys<const N: usize>(keys: [&str; N]) -> BTreeSet<FindingKey> {
    keys.into_iter().map(FindingKey::new).collect()
}

fn finding(key: &str) -> Write {
    Write::Finding(Box::new(build::finding(key)))
}

fn link(key: &str, number: u64) -> Link {
    build::link(key, number)
}

async fn put(store: &dyn Store, lease: &Lease, write: Write) {
    store.record(lease, vec![write]).await.unwrap();
}

#[tokio::test]
async fn a_finding_is_due_until_it_was_looked_at_and_again_when_its_time_comes_or_it_is_touched() {
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    store.record(&lease, ["A/F1", "A/F2", "A/F3", "A/F4"].map(finding).into()).await.unwrap();
    assert_eq!(store.due(now(), SCOPE).await.unwrap(), keys(["A/F1", "A/F2", "A/F3", "A/F4"]), "new");
    let reading = |key: &str, at, due, scope: &str| {
        Write::Looked(Looked::Reading(Box::new(Reading {
            finding: key.into(),
            at,
            due,
            scope: scope.to_owned(),
        })))
    };
    let (soon, later) = (build::minutes(5), build::minutes(60));
    for write in [
        reading("A/F1", now(), soon, SCOPE),
        reading("A/F2", now(), later, SCOPE),
        reading("A/F3", now(), later, "another"),
        reading("A/F4", build::minutes(30), later, SCOPE),
    ] {
        put(&*store, &lease, write).await;
    }
    assert_eq!(
        store.due(now(), SCOPE).await.unwrap(),
        keys(["A/F3", "A/F4"]),
        "another scope, a time to come"
    );
    assert_eq!(store.due(soon, SCOPE).await.unwrap(), keys(["A/F1", "A/F3", "A/F4"]));
    assert_eq!(store.due(build::minutes(31), SCOPE).await.unwrap(), keys(["A/F1", "A/F3"]));
    put(&*store, &lease, Write::Link(Box::new(link("A/F2", 1)))).await;
    assert_eq!(store.due(now(), SCOPE).await.unwrap(), keys(["A/F2", "A/F3", "A/F4"]));
    put(&*store, &lease, reading("A/F2", now(), later, SCOPE)).await;
    let shared = Link { kind: LinkKind::Cited, ..link("A/F1", 1) };
    put(&*store, &lease, Write::Link(Box::new(shared))).await;
    let due = store.due(now(), SCOPE).await.unwrap();
    assert_eq!(due, keys(["A/F1", "A/F2", "A/F3", "A/F4"]), "whoever shares an issue is looked at together");
}

#[tokio::test]
async fn links_are_counted_where_they_lead_as_they_come_move_and_go() {
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    store.record(&lease, ["A/F1", "A/F2", "A/F3"].map(finding).into()).await.unwrap();
    let (one, two) = (link("A/F1", 1), Link { kind: LinkKind::Cited, ..link("A/F2", 2) });
    for link in [&one, &two] {
        put(&*store, &lease, Write::Link(Box::new(link.clone()))).await;
    }
    let outline = store.outline(now()).await.unwrap();
    let totals = |findings, created, cited| Totals { findings, created, cited, ..Totals::default() };
    assert_eq!(store.totals().await.unwrap(), totals(3, 1, 1));
    let there = |link: &Link| Whereabouts {
        tracker: link.tracker.clone(),
        host: link.issue.id.host.clone(),
        place: link.issue.place.clone(),
        place_id: link.issue.place_id.clone(),
        kind: link.kind,
        links: 1,
    };
    assert_eq!(outline.places, [there(&two), there(&one)]);
    let named = Named { places: [(one.tracker.clone(), one.issue.place.clone())].into(), ..Named::default() };
    assert_eq!(store.followers(&named).await.unwrap(), keys(["A/F1", "A/F2"]));
    let named = Named { issues: [two.issue.id.clone()].into(), ..Named::default() };
    assert_eq!(store.followers(&named).await.unwrap(), keys(["A/F2"]));
    let mut moved = one.clone();
    (moved.issue.place, moved.issue.place_id) = (PlaceName::new("acme/elsewhere"), "78".to_owned());
    put(&*store, &lease, Write::Link(Box::new(moved.clone()))).await;
    let gone = Write::Unlink { finding: two.finding.clone(), issue: two.issue.id.clone() };
    put(&*store, &lease, gone).await;
    let outline = store.outline(now()).await.unwrap();
    assert_eq!(outline.places, [there(&moved)]);
    assert_eq!(store.totals().await.unwrap(), totals(3, 1, 0));
}

#[tokio::test]
async fn notes_are_counted_by_kind_and_read_part_by_part() {
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    let note = |kind: NoteKind, key: &str, issue: &str| {
        let note = Note::new(kind, "said").of(&key.into()).on(issue);
        Standing { note, since: now(), nth: 0 }
    };
    let kept = [("A/F1", "1"), ("A/F1", "2"), ("A/F2", "1")];
    let kept = kept.map(|(key, issue)| note(NoteKind::Register, key, issue));
    let held = note(NoteKind::Held, "A/F3", "1");
    let writes = kept.iter().chain([&held]).map(|standing| Write::Note(Box::new(standing.clone())));
    store.record(&lease, writes.collect()).await.unwrap();
    let totals = store.totals().await.unwrap();
    assert_eq!((totals.kept, totals.notes), (2, [(NoteKind::Held, 1), (NoteKind::Register, 3)].into()));
    let mut view = store.view().await.unwrap();
    for most in 1..=4 {
        let (mut read, mut last) = (Vec::new(), None);
        loop {
            let some = view.noted(NoteKind::Register, last.as_ref(), most).await.unwrap();
            let Some(end) = some.last() else { break };
            last = Some(end.name());
            read.extend(some);
        }
        assert_eq!(read, kept, "{most} at a time");
    }
}

#[tokio::test]
async fn links_that_ended_lately_are_part_of_the_outline() {
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    let (writes, register) = full();
    store.record(&lease, writes).await.unwrap();
    let stone = register.tombstones[0].clone();
    assert_eq!(store.outline(stone.at).await.unwrap().ended, std::slice::from_ref(&stone));
    assert_eq!(store.outline(stone.at + TimeDelta::seconds(1)).await.unwrap().ended, []);
}
