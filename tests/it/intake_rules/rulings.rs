//! What a person rules: a candidate that is accepted, a finding in other words, and what vanished at once.

use postmortem_sync::{
    model::{
        finding::Finding,
        ids::{CandidateKey, FindingKey},
        postmortem::{Candidate, Document},
        terms::State,
    },
    plan::intake::{
        Terms,
        ruling::{self, NotRuled, Ruling},
        waiting::{Waiting, waiting},
    },
};

use super::{
    ALERT, ROTATE, Register, document, first, get, item, listing, many, named, now, people, read, with,
};
use crate::build::minutes;

const WATCH: &str = "Somebody could watch the logs of the gateway";

/// A write-up whose prose may hold actions.
fn perhaps(document: Document, texts: &[&str]) -> Document {
    with(document, |postmortem| {
        let waits = |(n, text): (usize, &&str)| Candidate {
            text: (*text).to_owned(),
            reason: "prose_candidate".to_owned(),
            marked: None,
            line: 20 + n,
        };
        postmortem.candidates = texts.iter().enumerate().map(waits).collect();
    })
}

/// Calls with the terms of an hour later.
fn later<T>(rule: impl FnOnce(Terms<'_>) -> T) -> T {
    let policy = postmortem_sync::model::deadline::Policy::review_default();
    rule(Terms { people: &people(), policy: &policy, now: minutes(60) })
}

fn waits(register: &Register, document: &Document) -> Vec<Waiting> {
    waiting(register, &[listing(vec![document.clone()])])
}

fn accept(register: &Register, document: &Document, key: &CandidateKey) -> Result<Ruling, NotRuled> {
    later(|terms| ruling::accept(terms, register, &[listing(vec![document.clone()])], key, &"eli".into()))
}

fn link(register: &Register, document: &Document, old: &str, new: &str) -> Result<Ruling, NotRuled> {
    let listings = [listing(vec![document.clone()])];
    later(|terms| ruling::link(terms, register, &listings, &old.into(), new, &"eli".into()))
}

/// The register with what was ruled.
fn ruled(mut register: Register, ruling: Ruling) -> Register {
    register.extend(ruling.findings.into_iter().map(|finding| (finding.key.clone(), finding)));
    register
}

/// Accepts the first candidate that waits.
fn accepted(register: Register, document: &Document) -> Register {
    let key = waits(&register, document).remove(0).key;
    let ruling = accept(&register, document, &key).unwrap();
    ruled(register, ruling)
}

fn title(finding: &Finding) -> &str {
    &finding.stated.words_inside().title
}

#[test]
fn an_accepted_candidate_is_a_finding_by_somebodys_word() {
    let written = perhaps(document("PM-1", &[item(ROTATE)]), &[WATCH]);
    let register = read(&Register::new(), vec![written.clone()]).findings;
    let asked = waits(&register, &written);
    assert_eq!(
        (asked[0].text.as_str(), asked[0].reason.as_str(), asked[0].line),
        (WATCH, "prose_candidate", 20)
    );
    let ruling = accept(&register, &written, &asked[0].key).unwrap();
    let ([finding], [entry]) = (ruling.findings.as_slice(), ruling.entries.as_slice()) else {
        panic!("{ruling:?}")
    };
    assert_eq!((finding.key.as_str(), title(finding)), ("PM-1/F2", WATCH));
    assert_eq!(finding.told.accepted, Some("eli".into()));
    assert_eq!(finding.stated.words_inside().description, None, "the title says all of it");
    assert_eq!((entry.event.as_str(), entry.actor.as_str()), ("candidate_accepted", "eli"));
    assert_eq!(entry.after.as_deref(), Some(WATCH));
    let after = read(&ruled(register, ruling), vec![written.clone()]);
    assert_eq!((after.recognised(&written), waits(&after.findings, &written).len()), (Some(1), 0));
}

#[test]
fn every_accepted_candidate_of_a_document_is_recognised() {
    let written = perhaps(document("PM-1", &[]), &[WATCH, "Perhaps the backups should be tried out"]);
    let one = accepted(Register::new(), &written);
    let both = accepted(one, &written);
    let after = read(&both, vec![written.clone()]);
    assert_eq!(after.recognised(&written), Some(2));
}

#[test]
fn an_accepted_candidate_counts_for_its_own_write_up_of_a_file_with_several() {
    let one = perhaps(document("PM-1", &[]), &[WATCH]);
    let other = perhaps(document("PM-2", &[]), &["Perhaps the backups should be tried out"]);
    let two = Document { path: one.path.clone(), ..other };
    let register = accepted(Register::new(), &one);
    let after = read(&register, vec![one.clone(), two.clone()]);
    assert_eq!((after.recognised(&one), after.recognised(&two)), (Some(1), Some(0)));
}

#[test]
fn a_long_candidate_gets_a_title_of_whole_words_and_keeps_all_of_its_text() {
    let long = "watch ".repeat(60);
    let text = long.trim();
    let register = accepted(Register::new(), &perhaps(document("PM-1", &[]), &[text]));
    let words = register.values().next().unwrap().stated.words_inside();
    assert_eq!(words.title, format!("{}…", "watch ".repeat(33).trim()), "200 characters, cut between words");
    assert_eq!(words.description.as_deref(), Some(text));
}

#[test]
fn candidates_in_the_same_words_are_told_apart() {
    let written = perhaps(document("PM-1", &[]), &[WATCH, WATCH, WATCH]);
    let keys: Vec<String> =
        waits(&Register::new(), &written).iter().map(|asked| asked.key.to_string()).collect();
    assert!(keys[0].starts_with("PM-1/c-") && keys[0].len() > "PM-1/c-".len(), "{keys:?}");
    assert_eq!(keys, [keys[0].clone(), format!("{}-2", keys[0]), format!("{}-3", keys[0])]);
}

#[test]
fn a_candidate_in_the_words_of_an_item_does_not_take_its_finding() {
    let register = first(&[item(ROTATE)]);
    let asked = waits(&register, &perhaps(document("PM-1", &[item(ROTATE)]), &[ROTATE]));
    assert_eq!(asked.iter().map(|asked| &asked.perhaps).collect::<Vec<_>>(), [&None]);
    let alone = waits(&register, &perhaps(document("PM-1", &[item(ALERT)]), &[ROTATE]));
    assert_eq!(alone.len(), 0, "where nothing else is that finding, the candidate is it");
}

#[test]
fn of_two_similar_findings_the_nearer_one_is_asked_about() {
    let register = first(&[item("Rotate the key of server 12"), item("Rotate the key of server 1")]);
    let asked = waits(&register, &document("PM-1", &[item("Rotate the key of server 123")]));
    assert_eq!(asked.iter().map(|asked| &asked.perhaps).collect::<Vec<_>>(), [&Some("PM-1/F1".into())]);
}

#[test]
fn a_finding_is_linked_with_what_its_document_says_now() {
    let register = first(&[item(ROTATE)]);
    let reworded = document("PM-1", &[named("K7", "Give every build server a key of its own")]);
    let register = read(&register, vec![reworded.clone()]).findings;
    let ruling = link(&register, &reworded, "PM-1/F1", "PM-1/K7").unwrap();
    let after = ruled(register, ruling);
    let kept = &after[&FindingKey::from("PM-1/F1")];
    assert_eq!(title(kept), "Give every build server a key of its own");
    assert_eq!(kept.told.aliases.iter().collect::<Vec<_>>(), ["K7"]);
    let other = &after[&FindingKey::from("PM-1/K7")];
    assert_eq!((other.state, other.told.same_as.as_ref()), (State::Dismissed, Some(&kept.key)));
    let quiet = read(&after, vec![reworded]);
    assert_eq!(quiet.changed.len(), 0, "reading it again changes nothing");
}

#[test]
fn a_finding_that_keeps_its_id_gets_no_alias() {
    let register = first(&[item(ROTATE)]);
    let similar = document("PM-1", &[item("Rotate all the keys of the build servers")]);
    let asked = waits(&register, &similar).remove(0);
    assert_eq!(asked.perhaps, Some("PM-1/F1".into()));
    let ruling = link(&register, &similar, "PM-1/F1", asked.key.as_str()).unwrap();
    assert!(ruling.findings[0].told.aliases.is_empty());
    let named_again = document("PM-1", &[named("F1", "Something else entirely"), item(ALERT)]);
    let refused = link(&register, &named_again, "PM-1/F1", "PM-1/F2").unwrap_err();
    assert!(matches!(refused, NotRuled::Listed { line: 1, .. }), "{refused}");
}

#[test]
fn a_finding_is_linked_with_an_accepted_candidate() {
    let register = first(&[item(ROTATE)]);
    let written = perhaps(document("PM-1", &[item(ALERT)]), &[WATCH]);
    let register = read(&register, vec![written.clone()]).findings;
    let register = accepted(register, &written);
    let ruling = link(&register, &written, "PM-1/F1", "PM-1/F3").unwrap();
    let after = ruled(register, ruling);
    assert_eq!(title(&after[&FindingKey::from("PM-1/F1")]), WATCH);
    assert_eq!(after[&FindingKey::from("PM-1/F1")].told.accepted, Some("eli".into()), "the word goes over");
    assert_eq!(after[&FindingKey::from("PM-1/F3")].state, State::Dismissed);
}

#[test]
fn what_vanished_at_once_is_gone_when_somebody_confirms_it() {
    let register = first(&many(10));
    let short = document("PM-1", &many(4));
    let approve = |register: &Register| {
        let listings = [listing(vec![short.clone()])];
        later(|terms| ruling::approve(terms, register, &listings, &"postmortems".into(), &"eli".into()))
    };
    let ruling = approve(&register).unwrap();
    assert_eq!(ruling.findings.len(), 6);
    for (finding, entry) in ruling.findings.iter().zip(&ruling.entries) {
        assert!(finding.source_missing);
        assert_eq!((finding.changed, entry.actor.as_str()), (minutes(60), "eli"));
        assert_eq!(entry.finding.as_ref(), Some(&finding.key));
    }
    assert!(register.values().all(|finding| finding.changed == now()));
    let after = ruled(register, ruling);
    assert_eq!(approve(&after), Err(NotRuled::NothingHeld("postmortems".into())));
    assert!(!get(&read(&after, vec![document("PM-1", &many(10))]), "PM-1/A9").source_missing);
}
