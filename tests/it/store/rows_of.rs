//! The register as it is asked for by findings: what is read of some is what a full read has of them.

use postmortem_sync::model::{
    issue::IssueId,
    misfit::{Difference, Misfit},
    note::Subject,
};

use super::*;

fn any_key(dice: &mut Dice) -> FindingKey {
    FindingKey::new(format!("PM-{}/F{}", dice.below(3) + 1, dice.below(3) + 1))
}

/// Links, as the table has them: a row that does not fit is there all the same.
fn links(register: &Register) -> Vec<(FindingKey, IssueId)> {
    let there = |misfit: &&Misfit| misfit.row.table == "link" && misfit.difference != Difference::Missing;
    let unfit = register.misfits.iter().filter(there);
    let unfit = unfit.map(|misfit| (misfit.row.finding().unwrap(), misfit.issue().unwrap()));
    let fit = register.links.iter().map(|link| (link.finding.clone(), link.issue.id.clone()));
    fit.chain(unfit).collect()
}

/// Some findings, and all that share an issue with them.
fn closure(register: &Register, wanted: &BTreeSet<FindingKey>) -> BTreeSet<FindingKey> {
    let (links, mut keys) = (links(register), wanted.clone());
    loop {
        let issues: BTreeSet<&IssueId> =
            links.iter().filter(|(key, _)| keys.contains(key)).map(|(_, issue)| issue).collect();
        let sharing = links.iter().filter(|(_, issue)| issues.contains(issue)).map(|(key, _)| key.clone());
        let more: BTreeSet<FindingKey> = keys.iter().cloned().chain(sharing).collect();
        if more == keys {
            return keys;
        }
        keys = more;
    }
}

/// A register without what is of other findings.
fn restricted(mut register: Register, wanted: &BTreeSet<FindingKey>) -> Register {
    let keys = closure(&register, wanted);
    let ended = register.misfits.iter().filter(|misfit| misfit.difference != Difference::Missing);
    let ended = ended.filter_map(|misfit| Some((misfit.row.finding()?, misfit.issue()?)));
    let stones = register.tombstones.iter().map(|stone| (stone.finding.clone(), stone.issue.id.clone()));
    let known = links(&register).into_iter().chain(ended).chain(stones);
    let issues: BTreeSet<IssueId> =
        known.filter(|(key, _)| keys.contains(key)).map(|(_, issue)| issue).collect();
    register.findings.retain(|key, _| keys.contains(key));
    register.links.retain(|link| keys.contains(&link.finding));
    register.intents.retain(|intent| keys.contains(&intent.finding));
    register.edits.retain(|edit| keys.contains(&edit.finding));
    register.tombstones.retain(|stone| keys.contains(&stone.finding));
    register.citations.retain(|citation| keys.contains(&citation.finding));
    register.involvement.retain(|key, _| keys.contains(key));
    register.readings.retain(|key, _| keys.contains(key));
    register.issues.retain(|issue, _| issues.contains(issue));
    register.notes.retain(|standing| match standing.name().subject {
        Subject::Finding(key) => keys.contains(&key),
        Subject::Place(..) | Subject::Tracker(_) | Subject::Source(_) | Subject::Register => true,
    });
    register.lost.retain(|key| keys.contains(key));
    register.versions.findings.retain(|key, _| keys.contains(key));
    register.versions.links.retain(|(key, _), _| keys.contains(key));
    register.misfits.retain(|misfit| misfit.row.finding().is_none_or(|key| keys.contains(&key)));
    let places: BTreeSet<(String, String)> = register
        .findings
        .values()
        .map(|finding| (finding.stated.source.to_string(), finding.stated.path.clone()))
        .collect();
    register.documents.retain(|key, _| places.contains(&(key.source.to_string(), key.path.clone())));
    register
}

async fn compare(store: &dyn Store, wanted: &[FindingKey], why: &str) {
    let wanted: BTreeSet<FindingKey> = wanted.iter().cloned().collect();
    let expected = restricted(store.load().await.unwrap(), &wanted);
    assert_eq!(store.rows(&wanted).await.unwrap(), expected, "{why}: {wanted:?}");
}

/// One write of any kind about few findings and issues, so that they meet.
pub(super) fn any_write(dice: &mut Dice, attempt: &mut u32) -> Vec<Write> {
    let (key, number) = (any_key(dice), dice.below(5) + 1);
    match dice.below(12) {
        0 | 1 => {
            let state = [State::Open, State::InProgress, State::Resolved][dice.below(3) as usize];
            vec![put(Finding { state, ..build::finding(key.as_str()) })]
        }
        2..=4 => {
            let mut link = build::link(key.as_str(), number);
            link.kind = LinkKind::Cited;
            link.seen.at = build::minutes(dice.below(3) as i64);
            let edit = build::open_edit(key.as_str(), number);
            let edit = (dice.below(2) == 0).then(|| Write::EditIntent(Box::new(edit)));
            let link = Write::Link(Box::new(link));
            [link].into_iter().chain(edit).collect()
        }
        5 => vec![Write::Unlink { finding: key, issue: build::issue_ref(number).id }],
        6 => {
            *attempt += 1;
            let mut intent = build::intent(key.as_str());
            intent.attempt = *attempt;
            vec![Write::Intent(Box::new(intent))]
        }
        7 => vec![Write::Tombstone(Box::new(build::tombstone(key.as_str(), number)))],
        8 => {
            let note = Note::new(NoteKind::Held, format!("said {number}"));
            let note = if dice.below(3) == 0 { note } else { note.of(&key) };
            let note = if dice.below(2) == 0 { note } else { note.at(&"github".into()) };
            vec![Write::Note(Box::new(Standing { note, since: now(), nth: number as u32 }))]
        }
        9 => {
            let citation = CitationRecord { finding: key, ..cited() };
            vec![Write::Citation(Box::new(citation))]
        }
        10 => vec![Write::Issue(Box::new(Sighting::of(&build::issue(number))))],
        _ => {
            let reading = Reading { finding: key, ..read().0 };
            let mut document = seen_document();
            let stated = build::finding("PM-1/F1").stated;
            document.key.source = stated.source;
            document.key.path = stated.path;
            vec![Write::Looked(Looked::Reading(Box::new(reading))), Write::Document(Box::new(document))]
        }
    }
}

/// Does something to a register that only another program can do.
pub(super) async fn damage_by_other_means(desk: &Desk, dice: &mut Dice) {
    let mut shell = desk.shell().await;
    sqlx::query("PRAGMA foreign_keys = off").execute(&mut shell).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(any_damage(dice))).execute(&mut shell).await.unwrap();
    shell.close().await.unwrap();
}

/// What somebody does to a row by other means.
fn any_damage(dice: &mut Dice) -> String {
    let (key, id) = (any_key(dice), 9001 + dice.below(5));
    match dice.below(11) {
        0 => format!("DELETE FROM finding WHERE key = '{key}'"),
        1 => format!("UPDATE finding SET state = 'resolved' WHERE key = '{key}'"),
        2 => format!("UPDATE finding SET observed = '[' WHERE key = '{key}'"),
        3 => format!("DELETE FROM link WHERE finding = '{key}'"),
        4 => format!("UPDATE OR IGNORE link SET issue = '{id}' WHERE finding = '{key}'"),
        5 => format!("UPDATE link SET kind = 'other' WHERE issue = '{id}'"),
        6 => format!("DELETE FROM tombstone WHERE finding = '{key}'"),
        7 => format!("UPDATE intent SET epoch = epoch + 1 WHERE finding = '{key}'"),
        8 => format!("DELETE FROM involvement WHERE finding = '{key}'"),
        9 => "UPDATE place SET data = replace(data, '\"id\":\"', '\"id\":\"9')".to_owned(),
        _ => format!("UPDATE OR IGNORE tombstone SET finding = '{key}' WHERE issue = '{id}'"),
    }
}

#[tokio::test]
async fn what_is_read_of_findings_is_what_a_full_read_has_of_them_and_of_what_shares_their_issues() {
    let (mut n_shared, mut n_misfits) = (0, 0);
    for seed in 0..24 {
        let desk = Desk::new();
        let store = desk.open().await;
        let lease = leased(&*store).await;
        store.record(&lease, full().0).await.unwrap();
        let keys: Vec<FindingKey> =
            (1..4).flat_map(|pm| (1..4).map(move |n| format!("PM-{pm}/F{n}").as_str().into())).collect();
        let (mut dice, mut attempt) = (Dice(seed), 10);
        let all = keys.iter().map(|key: &FindingKey| put(build::finding(key.as_str())));
        store.record(&lease, all.collect()).await.unwrap();
        for _ in 0..30 {
            let writes = any_write(&mut dice, &mut attempt);
            store.record(&lease, writes).await.unwrap();
        }
        for damage in 0..4 {
            if damage > 0 {
                damage_by_other_means(&desk, &mut dice).await;
            }
            let whole = store.load().await.unwrap();
            n_misfits += whole.misfits.len();
            for key in keys.iter().chain([&"PM-9/F9".into()]) {
                compare(&*store, std::slice::from_ref(key), &format!("seed {seed}, damage {damage}")).await;
                n_shared += usize::from(closure(&whole, &[key.clone()].into()).len() > 1);
            }
            compare(&*store, &keys[..2], &format!("seed {seed}, damage {damage}")).await;
            compare(&*store, &[], &format!("seed {seed}, damage {damage}")).await;
        }
    }
    assert!(n_shared > 100 && n_misfits > 50, "{n_shared} shared, {n_misfits} misfits");
}

#[tokio::test]
async fn a_row_and_its_stamp_that_are_changed_together_show_in_what_is_read_of_one_finding() {
    for sql in [
        "DELETE FROM stamp WHERE kind = 'finding' AND key LIKE '%PM-2/F1%'; DELETE FROM finding WHERE key = 'PM-2/F1'",
        "UPDATE finding SET state = 'resolved' WHERE key = 'PM-2/F1'; \
         UPDATE stamp SET digest = (SELECT digest FROM stamp WHERE kind = 'link') WHERE key LIKE '%PM-2/F1%'",
        "DELETE FROM stamp; DELETE FROM stamp_sum; DELETE FROM finding WHERE key = 'PM-2/F1'",
        "UPDATE stamp_sum SET sum = '0'; UPDATE finding SET state = 'resolved' WHERE key = 'PM-2/F1'",
        "UPDATE finding SET data = (SELECT data FROM f WHERE f.key = finding.key), severity = 'medium' \
         WHERE key = 'PM-2/F1'; DELETE FROM stamp; INSERT INTO stamp SELECT * FROM s; \
         DELETE FROM stamp_sum; INSERT INTO stamp_sum SELECT * FROM t",
    ] {
        let desk = Desk::new();
        let store = desk.open().await;
        let lease = leased(&*store).await;
        store.record(&lease, full().0).await.unwrap();
        store.record(&lease, vec![put(build::finding("PM-2/F1"))]).await.unwrap();
        desk.shell_run(
            "CREATE TABLE f AS SELECT * FROM finding; CREATE TABLE s AS SELECT * FROM stamp; \
             CREATE TABLE t AS SELECT * FROM stamp_sum",
        )
        .await;
        let later = Finding { severity: Severity::Critical, ..build::finding("PM-2/F1") };
        store.record(&lease, vec![put(later)]).await.unwrap();
        desk.shell_run(sql).await;
        let register = store.rows(&["PM-2/F1".into()].into()).await.unwrap();
        assert!(register.unfit(&"PM-2/F1".into()).is_some(), "{sql}");
        compare(&*store, &["PM-1/F1".into()], sql).await;
    }
}

#[tokio::test]
async fn the_sums_over_stamps_follow_whatever_is_recorded() {
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    store.record(&lease, full().0).await.unwrap();
    let (mut dice, mut attempt) = (Dice(7), 10);
    for key in ["PM-1/F1", "PM-1/F2", "PM-1/F3", "PM-2/F1", "PM-2/F2", "PM-2/F3", "PM-3/F1", "PM-3/F2"] {
        store.record(&lease, vec![put(build::finding(key))]).await.unwrap();
    }
    store.record(&lease, vec![put(build::finding("PM-3/F3")), put(build::finding("PM-5/F1"))]).await.unwrap();
    for _ in 0..60 {
        store.record(&lease, any_write(&mut dice, &mut attempt)).await.unwrap();
    }
    // The history alone would not tell any more: whatever fits now fits by the list, whose sums the last entry names.
    let forget = "DELETE FROM history WHERE event = 'stamped' AND seq < (SELECT MAX(seq) FROM history) - 1";
    desk.shell_run(forget).await;
    let key = FindingKey::from("PM-5/F1");
    compare(&*store, std::slice::from_ref(&key), "by the list").await;
    assert_eq!(store.rows(&[key.clone()].into()).await.unwrap().misfits, Vec::<Misfit>::new());
    // And no more of it is read than is asked for.
    desk.shell_run("UPDATE stamp SET digest = 'other' WHERE key = '[\"PM-3/F3\"]'").await;
    let register = store.rows(&[key.clone()].into()).await.unwrap();
    assert_eq!(register.misfits, Vec::<Misfit>::new());
    assert!(register.findings.contains_key(&key));
    assert!(!store.load().await.unwrap().misfits.is_empty(), "a full read notices");
}
