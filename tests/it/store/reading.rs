//! When findings were looked at: a later write about one takes that back, whoever makes it.

use postmortem_sync::model::reading::{Looked, Reading};

use chrono::TimeDelta;

use super::*;

fn reading(finding: &str) -> Reading {
    let due = now() + TimeDelta::hours(1);
    Reading { finding: finding.into(), at: now(), due, scope: "0123456789abcdef".to_owned() }
}

#[tokio::test]
async fn whatever_is_written_about_a_finding_takes_its_reading_back() {
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    let (writes, register) = full();
    store.record(&lease, writes).await.unwrap();
    let key = register.findings.keys().next().unwrap().clone();
    let (finding, link) = (register.findings[&key].clone(), register.links[0].clone());
    let (intent, edit) = (register.intents[0].clone(), register.edits[0].clone());
    let tombstone = register.tombstones[0].clone();
    let touching = [
        Write::Finding(Box::new(finding)),
        Write::Link(Box::new(link.clone())),
        Write::Citation(Box::new(register.citations[0].clone())),
        Write::EditIntent(Box::new(edit.clone())),
        Write::EditDone { finding: edit.finding, issue: edit.issue },
        Write::IntentUnclear(Box::new(intent.clone())),
        Write::intent_done(&intent),
        Write::Tombstone(Box::new(tombstone.clone())),
        Write::TombstoneCleared { finding: tombstone.finding.clone(), issue: tombstone.issue.id.clone() },
        Write::Unlink { finding: link.finding, issue: link.issue.id },
    ];
    for write in touching {
        let what = format!("{write:?}");
        let of = tombstone.finding.clone();
        let about =
            if matches!(write, Write::Tombstone(_) | Write::TombstoneCleared { .. }) { &of } else { &key };
        for write in [
            Write::Looked(Looked::Reading(Box::new(reading(about.as_str())))),
            Write::Looked(Looked::Reading(Box::new(reading("PM-7/F1")))),
        ] {
            store.record(&lease, vec![write]).await.unwrap();
        }
        let known = store.load().await.unwrap().readings;
        assert!(known.contains_key(about), "it is there before {what}");
        store.record(&lease, vec![write]).await.unwrap();
        let known = store.load().await.unwrap().readings;
        assert!(!known.contains_key(about), "{what}");
        assert_eq!(known.get(&"PM-7/F1".into()), Some(&reading("PM-7/F1")), "that of another finding stays");
    }
}
