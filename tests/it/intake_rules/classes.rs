//! What becomes stricter holds at once, what becomes laxer waits for a reviewer, whatever else an edit does.

use postmortem_sync::{
    model::{
        finding::Finding,
        ids::FindingKey,
        postmortem::{Candidate, Document, Mark},
        terms::Tlp,
    },
    plan::intake::{
        Terms,
        ruling::{self, NotRuled, Ruling},
        waiting::waiting,
    },
    review::{act::Act, class},
};

use super::{ALERT, ROTATE, Register, document, item, listing, now, people, read, with};
use crate::build::minutes;

fn mark(tlp: Tlp) -> Option<Mark> {
    Some(Mark { tlp, line: 3, column: 1 })
}

/// A write-up of a class.
fn of(tlp: Tlp, titles: &[&str]) -> Document {
    let items: Vec<_> = titles.iter().map(|title| item(title)).collect();
    with(document("PM-1", &items), |postmortem| postmortem.tlp = tlp)
}

fn after(register: &Register, document: &Document) -> Register {
    read(register, vec![document.clone()]).findings
}

fn known(tlp: Tlp, titles: &[&str]) -> Register {
    after(&Register::new(), &of(tlp, titles))
}

#[track_caller]
fn at<'r>(register: &'r Register, key: &str) -> &'r Finding {
    &register[&FindingKey::from(key)]
}

/// The class in force, and the laxer one that waits.
fn class(register: &Register, key: &str) -> (Tlp, Option<Tlp>) {
    let finding = at(register, key);
    (finding.stated.tlp, finding.laxer())
}

fn later<T>(rule: impl FnOnce(Terms<'_>) -> T) -> T {
    let policy = postmortem_sync::model::deadline::Policy::review_default();
    rule(Terms { people: &people(), policy: &policy, now: minutes(60) })
}

fn approve(register: &Register, document: &Document, by: &str) -> Result<Ruling, NotRuled> {
    let listings = [listing(vec![document.clone()])];
    later(|terms| ruling::approve_class(terms, register, &listings, &"PM-1".into(), &by.into()))
}

fn ruled(register: &Register, ruling: Ruling) -> Register {
    let mut register = register.clone();
    register.extend(ruling.findings.into_iter().map(|finding| (finding.key.clone(), finding)));
    register
}

/// The register after a reviewer gave a finding a class.
fn given(register: &Register, key: &str, tlp: Tlp) -> Register {
    let policy = postmortem_sync::model::deadline::Policy::review_default();
    let (by, people) = ("rita".into(), people());
    let act = Act { by: &by, at: minutes(60), people: &people, policy: &policy, parts: &[] };
    let step = class::give(at(register, key), act, tlp, Some("misread")).unwrap();
    assert_eq!(step.after.as_deref(), Some(tlp.as_str()));
    let mut register = register.clone();
    register.insert(FindingKey::from(key), step.finding);
    register
}

#[test]
fn a_stricter_document_holds_at_once_and_a_laxer_one_waits() {
    let register = known(Tlp::Amber, &[ROTATE]);
    let strict = after(&register, &of(Tlp::Red, &[ROTATE]));
    assert_eq!(class(&strict, "PM-1/F1"), (Tlp::Red, None));
    let lax = after(&strict, &of(Tlp::Amber, &[ROTATE]));
    assert_eq!(class(&lax, "PM-1/F1"), (Tlp::Red, Some(Tlp::Amber)));
    let again = read(&lax, vec![of(Tlp::Amber, &[ROTATE])]);
    assert!(again.changed.is_empty(), "reading it again changes nothing");
    assert_eq!(class(&again.findings, "PM-1/F1"), (Tlp::Red, Some(Tlp::Amber)));
    assert_eq!(class(&after(&lax, &of(Tlp::Red, &[ROTATE])), "PM-1/F1"), (Tlp::Red, None));
}

#[test]
fn a_finding_takes_the_class_of_its_section_if_that_is_stricter() {
    let mut strict = item(ROTATE);
    strict.marked = mark(Tlp::Red);
    let mut lax = item(ALERT);
    lax.marked = mark(Tlp::Clear);
    let register = read(&Register::new(), vec![document("PM-1", &[strict, lax])]).findings;
    assert_eq!(class(&register, "PM-1/F1").0, Tlp::Red);
    assert_eq!(class(&register, "PM-1/F2").0, Tlp::Amber);
    let moved = after(&register, &of(Tlp::Amber, &[ROTATE, ALERT]));
    assert_eq!(class(&moved, "PM-1/F1"), (Tlp::Red, Some(Tlp::Amber)));
    assert_eq!(class(&moved, "PM-1/F2"), (Tlp::Amber, None));
}

#[test]
fn a_reviewers_word_holds_until_the_document_is_stricter() {
    let misread = given(&known(Tlp::Red, &[ROTATE]), "PM-1/F1", Tlp::Amber);
    let again = read(&misread, vec![of(Tlp::Red, &[ROTATE])]);
    assert_eq!(class(&again.findings, "PM-1/F1"), (Tlp::Amber, None), "the mark is the one that was misread");
    assert!(again.changed.is_empty());
    let mended = after(&misread, &of(Tlp::Green, &[ROTATE]));
    assert_eq!(class(&mended, "PM-1/F1"), (Tlp::Amber, Some(Tlp::Green)));
    let marked = after(&mended, &of(Tlp::AmberStrict, &[ROTATE]));
    assert_eq!(class(&marked, "PM-1/F1"), (Tlp::AmberStrict, None), "it became stricter after the decision");
    let lax = after(&marked, &of(Tlp::Amber, &[ROTATE]));
    assert_eq!(class(&lax, "PM-1/F1"), (Tlp::AmberStrict, Some(Tlp::Amber)));
    let strict = given(&known(Tlp::Amber, &[ROTATE]), "PM-1/F1", Tlp::Red);
    assert_eq!(class(&after(&strict, &of(Tlp::Amber, &[ROTATE])), "PM-1/F1"), (Tlp::Red, None));
}

#[test]
fn only_a_reviewer_approves_a_laxer_write_up() {
    let lax = of(Tlp::Amber, &[ROTATE, ALERT]);
    let register = after(&known(Tlp::Red, &[ROTATE, ALERT]), &lax);
    assert_eq!(approve(&register, &lax, "ana").unwrap_err(), NotRuled::NotReviewer("ana".into()));
    let ruling = approve(&register, &lax, "rita").unwrap();
    assert_eq!(ruling.entries.len(), 2);
    let entry = &ruling.entries[0];
    let change = (entry.before.as_deref(), entry.after.as_deref());
    assert_eq!((entry.actor.as_str(), change), ("rita", (Some("RED"), Some("AMBER"))));
    let register = after(&ruled(&register, ruling), &lax);
    assert_eq!(class(&register, "PM-1/F1"), (Tlp::Amber, None));
    assert_eq!(approve(&register, &lax, "rita").unwrap_err(), NotRuled::NothingLaxer("PM-1".into()));
    assert_eq!(class(&after(&register, &of(Tlp::Red, &[ROTATE, ALERT])), "PM-1/F2"), (Tlp::Red, None));
}

#[test]
fn nothing_new_in_a_write_up_is_laxer_than_what_waits_or_is_gone() {
    let register = known(Tlp::Red, &[ROTATE]);
    let beside = after(&register, &of(Tlp::Amber, &[ROTATE, ALERT]));
    assert_eq!(class(&beside, "PM-1/F2"), (Tlp::Red, Some(Tlp::Amber)));
    let instead = after(&register, &of(Tlp::Amber, &["Something else entirely"]));
    assert_eq!(class(&instead, "PM-1/F2"), (Tlp::Red, Some(Tlp::Amber)));
    let lax = of(Tlp::Amber, &["Something else entirely"]);
    let register = ruled(&instead, approve(&instead, &lax, "rita").unwrap());
    let third = after(&register, &of(Tlp::Amber, &["Something else entirely", ALERT]));
    assert_eq!(class(&third, "PM-1/F3"), (Tlp::Amber, None), "the whole write-up was approved");
}

#[test]
fn another_id_place_or_name_makes_nothing_laxer() {
    let register = known(Tlp::Red, &[ROTATE]);
    let renamed = |id: &str, path: &str, titles: &[&str]| {
        let items: Vec<_> = titles.iter().map(|title| item(title)).collect();
        Document { path: path.to_owned(), ..document(id, &items) }
    };
    for (id, path, title) in [
        ("PM-2", "postmortems/PM-1.md", ROTATE),
        ("PM-2", "postmortems/PM-1.md", "Quite another sentence"),
        ("PM-2", "postmortems/elsewhere.md", ROTATE),
        ("PM-1", "postmortems/elsewhere.md", ROTATE),
        ("PM-1", "postmortems/elsewhere.md", "Quite another sentence"),
    ] {
        let after = after(&register, &renamed(id, path, &[title]));
        let lax: Vec<&Finding> = after.values().filter(|finding| finding.stated.tlp < Tlp::Red).collect();
        assert!(lax.is_empty(), "{id} {path} {title}: {lax:?}");
    }
    let fresh = after(&register, &renamed("PM-9", "postmortems/new.md", &[ALERT]));
    assert_eq!(class(&fresh, "PM-9/F1"), (Tlp::Amber, None), "a new document is what it says");
}

#[test]
fn an_accepted_candidate_is_as_strict_as_its_section_and_its_write_up_was() {
    let waits = |marked| Candidate {
        text: "Somebody could watch the logs".to_owned(),
        reason: "prose_candidate".to_owned(),
        marked,
        line: 20,
    };
    let accepted = |register: &Register, document: &Document| {
        let listings = [listing(vec![document.clone()])];
        later(|terms| {
            let asked = waiting(register, &listings);
            ruling::accept(terms, register, &listings, &asked[0].key, &"rita".into()).unwrap().findings
        })
    };
    let asks =
        |tlp, marked| with(of(tlp, &[ROTATE]), |postmortem| postmortem.candidates = vec![waits(marked)]);
    let own = accepted(&known(Tlp::Amber, &[ROTATE]), &asks(Tlp::Amber, mark(Tlp::Red)));
    assert_eq!(own[0].stated.tlp, Tlp::Red);
    let laxer = accepted(&known(Tlp::Red, &[ROTATE]), &asks(Tlp::Amber, None));
    assert_eq!((laxer[0].stated.tlp, laxer[0].laxer()), (Tlp::Red, Some(Tlp::Amber)));
}

#[test]
fn a_finding_that_is_linked_with_a_stricter_one_is_as_strict() {
    let register = known(Tlp::Amber, &[ROTATE]);
    let reworded = with(document("PM-1", &[item(ALERT)]), |postmortem| postmortem.tlp = Tlp::Red);
    let register = after(&register, &reworded);
    let lax = of(Tlp::Amber, &[ALERT]);
    let register = after(&register, &lax);
    assert_eq!((class(&register, "PM-1/F1").0, class(&register, "PM-1/F2").0), (Tlp::Amber, Tlp::Red));
    let listings = [listing(vec![lax])];
    let linked = later(|terms| {
        ruling::link(terms, &register, &listings, &"PM-1/F1".into(), "PM-1/F2", &"rita".into())
    });
    let register = ruled(&register, linked.unwrap());
    assert_eq!(class(&register, "PM-1/F1"), (Tlp::Red, Some(Tlp::Amber)));
    assert_eq!(at(&register, "PM-1/F1").first_seen, now());
}

#[test]
fn a_register_that_knows_no_class_as_read_is_read_as_before() {
    let register = known(Tlp::Red, &[ROTATE]);
    let finding = at(&register, "PM-1/F1");
    let stored = serde_json::to_value(postmortem_sync::model::words::WithWords::from(finding)).unwrap();
    assert!(stored["stated"].get("read_tlp").is_none() && stored["told"].get("tlp").is_none());
    let again: Finding = serde_json::from_value(stored).unwrap();
    assert_eq!((again.read_tlp(), again.laxer()), (Tlp::Red, None));
}
