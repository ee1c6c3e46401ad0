//! Documents into the register: which finding an item is, what an edit changes, and what is gone.

mod altered;
mod classes;
mod moved;
mod rulings;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use postmortem_sync::{
    model::{
        deadline::Policy,
        fate::Tally,
        finding::{AnchorKind, Claimant, Extension, Finding, Owner, Waiver},
        ids::FindingKey,
        observed::Observed,
        postmortem::{Document, DocumentFinding, Hints, Postmortem, TrackerRef, When},
        terms::{Claimed, Class, Kind, Route, Severity, State, Tlp, Work},
    },
    plan::intake::{Intake, Listing, Terms, take_in},
};

use crate::build::{date, minutes, now, owned_by, people};

type Register = BTreeMap<FindingKey, Finding>;

/// An item without an id.
pub(crate) fn item(title: &str) -> DocumentFinding {
    DocumentFinding {
        id: None,
        title: title.to_owned(),
        description: None,
        class: None,
        kind: None,
        work: None,
        route: None,
        severity: None,
        severity_unclear: None,
        priority: None,
        owner: None,
        team: None,
        due: None,
        criteria: None,
        trackers: Vec::new(),
        target: None,
        labels: Vec::new(),
        claimed: Claimed::None,
        replaces: Vec::new(),
        hints: Hints::default(),
        marked: None,
        line: 1,
    }
}

/// An item with an id of its own.
fn named(id: &str, title: &str) -> DocumentFinding {
    DocumentFinding { id: Some(id.to_owned()), ..item(title) }
}

fn on(text: &str) -> Option<When> {
    Some(When { date: date(text), instant: None })
}

/// A published write-up at `postmortems/<id>.md`.
pub(crate) fn document(id: &str, items: &[DocumentFinding]) -> Document {
    let findings = items.iter().enumerate().map(|(n, item)| DocumentFinding { line: n + 1, ..item.clone() });
    Document {
        source: "postmortems".into(),
        path: format!("postmortems/{id}.md"),
        hash: "abc".to_owned(),
        stat: None,
        revision: None,
        postmortem: Observed::Known(Postmortem {
            id: id.into(),
            id_derived: false,
            title: "Keys leaked".to_owned(),
            url: None,
            tlp: Tlp::Amber,
            marked: None,
            draft: false,
            published: on("2026-03-01"),
            reviewers: Vec::new(),
            authors: Vec::new(),
            severity: None,
            severity_unclear: None,
            incident: None,
            owner: None,
            team: None,
            findings: findings.collect(),
            candidates: Vec::new(),
            coverage: Tally::default(),
            fates: Vec::new(),
        }),
        diagnostics: Vec::new(),
    }
}

pub(crate) fn with(mut document: Document, change: impl FnOnce(&mut Postmortem)) -> Document {
    if let Observed::Known(postmortem) = &mut document.postmortem {
        change(postmortem);
    }
    document
}

pub(crate) fn unreadable(document: Document) -> Document {
    Document { postmortem: Observed::unknown("not UTF-8"), hash: String::new(), ..document }
}

fn listing(documents: Vec<Document>) -> Listing {
    Listing { source: "postmortems".into(), team: None, documents: Observed::Known(documents) }
}

fn read_at(at: DateTime<Utc>, register: &Register, listings: &[Listing]) -> Intake {
    let terms = Terms { people: &people(), policy: &Policy::review_default(), now: at };
    take_in(terms, register, listings)
}

/// Takes in one source's documents.
pub(crate) fn read(register: &Register, documents: Vec<Document>) -> Intake {
    read_at(now(), register, &[listing(documents)])
}

/// The register after one write-up was read for the first time.
fn first(items: &[DocumentFinding]) -> Register {
    read(&Register::new(), vec![document("PM-1", items)]).findings
}

fn keys(intake: &Intake) -> Vec<&str> {
    intake.findings.keys().map(FindingKey::as_str).collect()
}

fn titles(intake: &Intake) -> Vec<(&str, &str)> {
    intake
        .findings
        .iter()
        .map(|(key, finding)| (key.as_str(), finding.stated.words_inside().title.as_str()))
        .collect()
}

fn codes(intake: &Intake) -> Vec<&str> {
    intake.diagnostics.iter().map(|diagnostic| diagnostic.code.as_str()).collect()
}

fn missing(intake: &Intake) -> Vec<&str> {
    intake
        .findings
        .values()
        .filter(|finding| finding.source_missing)
        .map(|finding| finding.key.as_str())
        .collect()
}

fn get<'a>(intake: &'a Intake, key: &str) -> &'a Finding {
    &intake.findings[&FindingKey::from(key)]
}

fn change(register: &mut Register, key: &str, change: impl FnOnce(&mut Finding)) {
    change(register.get_mut(&FindingKey::from(key)).unwrap());
}

const ROTATE: &str = "Rotate the signing keys of the build cache";
const ALERT: &str = "Alert when the backup of the ledger fails";
const LIMIT: &str = "Limit who may change the firewall";

// ---- which finding an item is ---------------------------------------------------------------------------------

#[test]
fn ids_are_allocated_once_in_order_of_first_sight() {
    let register = first(&[item(ROTATE), item(ALERT)]);
    let again = read(&register, vec![document("PM-1", &[item(LIMIT), item(ROTATE), item(ALERT)])]);
    assert_eq!(titles(&again), [("PM-1/F1", ROTATE), ("PM-1/F2", ALERT), ("PM-1/F3", LIMIT)]);
    assert!(again.findings.values().all(|finding| finding.allocated));
    assert_eq!(again.changed.len(), 1);
}

#[test]
fn an_allocated_id_is_never_given_out_again() {
    let register = first(&[item(ROTATE), item(ALERT)]);
    let without = read(&register, vec![document("PM-1", &[item(ROTATE)])]).findings;
    let after = read(&without, vec![document("PM-1", &[item(ROTATE), item(LIMIT)])]);
    assert_eq!(keys(&after), ["PM-1/F1", "PM-1/F2", "PM-1/F3"]);
    let mixed = read(&Register::new(), vec![document("PM-1", &[item(ROTATE), named("F7", ALERT)])]);
    assert_eq!(titles(&mixed), [("PM-1/F7", ALERT), ("PM-1/F8", ROTATE)], "nor one that the document gives");
}

#[test]
fn an_unchanged_document_changes_nothing() {
    let items = [item(ROTATE), named("F9", ALERT)];
    let again = read_at(minutes(600), &first(&items), &[listing(vec![document("PM-1", &items)])]);
    assert_eq!((again.changed.len(), again.entries.len(), again.diagnostics.len()), (0, 0, 0));
}

#[test]
fn a_new_title_under_the_same_id_updates_the_finding() {
    let register = first(&[named("F1", ROTATE)]);
    let after = read(&register, vec![document("PM-1", &[named("F1", LIMIT)])]);
    assert_eq!(titles(&after), [("PM-1/F1", LIMIT)]);
    let entry = &after.entries[0];
    assert_eq!((entry.event.as_str(), entry.field.as_deref()), ("document_changed", Some("title")));
    assert_eq!((entry.before.as_deref(), entry.after.as_deref()), (Some(ROTATE), Some(LIMIT)));
}

#[test]
fn a_near_certain_rewording_is_the_same_finding() {
    let register = first(&[item(ROTATE), item(ALERT)]);
    let reworded = format!("{ROTATE}s");
    let after = read(&register, vec![document("PM-1", &[item(&reworded), item(ALERT)])]);
    assert_eq!(titles(&after), [("PM-1/F1", reworded.as_str()), ("PM-1/F2", ALERT)]);
    assert_eq!(codes(&after), Vec::<&str>::new());
}

#[test]
fn markup_case_and_spacing_make_no_difference() {
    let register = first(&[item(ROTATE)]);
    let marked = format!("**{}**.", ROTATE.to_uppercase().replace(' ', "  "));
    let after = read(&register, vec![document("PM-1", &[item(&marked)])]);
    assert_eq!(keys(&after), ["PM-1/F1"]);
}

#[test]
fn what_is_merely_similar_is_asked_about_and_creates_nothing() {
    let register = first(&[item(ROTATE)]);
    let similar = "Rotate all the keys of the build servers";
    let after = read(&register, vec![document("PM-1", &[item(similar)])]);
    assert_eq!(titles(&after), [("PM-1/F1", ROTATE)]);
    assert_eq!(codes(&after), ["similar_match_needs_confirmation"]);
    assert_eq!((missing(&after).len(), after.changed.len()), (0, 0), "the finding goes on as it was");
    assert!(after.diagnostics[0].help.as_ref().unwrap().contains("finding: F1"));
    // Following the advice settles it, and the id is the document's own from then on.
    let settled = read(&register, vec![document("PM-1", &[named("F1", similar)])]);
    assert_eq!(titles(&settled), [("PM-1/F1", similar)]);
    assert!(!get(&settled, "PM-1/F1").allocated);
}

#[test]
fn of_two_similar_findings_neither_is_guessed() {
    let register = first(&[item("Rotate the key of server 1"), item("Rotate the key of server 2")]);
    let after = read(&register, vec![document("PM-1", &[item("Rotate the key of server 3")])]);
    assert_eq!(codes(&after), ["similar_match_needs_confirmation"]);
    assert_eq!(after.findings.len(), 2);
}

#[test]
fn rows_in_another_order_keep_their_keys() {
    let register = first(&[item(ROTATE), item(ALERT), item(LIMIT)]);
    let after = read(&register, vec![document("PM-1", &[item(LIMIT), item(ROTATE), item(ALERT)])]);
    assert_eq!(titles(&after), [("PM-1/F1", ROTATE), ("PM-1/F2", ALERT), ("PM-1/F3", LIMIT)]);
    assert_eq!(after.changed.len(), 0);
}

#[test]
fn a_file_that_moved_keeps_its_keys() {
    let register = first(&[item(ROTATE), named("A9", ALERT)]);
    let moved = Document {
        path: "archive/2026/one.md".to_owned(),
        ..document("PM-1", &[item(ROTATE), named("A9", ALERT)])
    };
    let after = read(&register, vec![moved]);
    assert_eq!(titles(&after), [("PM-1/A9", ALERT), ("PM-1/F1", ROTATE)]);
    assert_eq!(get(&after, "PM-1/F1").stated.path, "archive/2026/one.md");
    assert!(missing(&after).is_empty());
}

#[test]
fn a_write_up_that_moved_to_another_source_keeps_its_keys() {
    let register = first(&[item(ROTATE)]);
    let wiki = Listing { source: "wiki".into(), ..listing(vec![document("PM-1", &[item(ROTATE)])]) };
    let after = read_at(now(), &register, &[listing(Vec::new()), wiki]);
    assert_eq!((keys(&after), missing(&after)), (vec!["PM-1/F1"], Vec::new()));
    assert_eq!(get(&after, "PM-1/F1").stated.source.as_str(), "wiki");
}

#[test]
fn the_one_issue_that_is_cited_tells_a_rewritten_item() {
    let cites = |title: &str| DocumentFinding {
        trackers: vec![TrackerRef::Jira { host: None, key: "PLAT-7".to_owned() }],
        ..item(title)
    };
    let register = first(&[cites(ROTATE), item(ALERT)]);
    let after = read(&register, vec![document("PM-1", &[item(ALERT), cites("Something else entirely")])]);
    assert_eq!(titles(&after), [("PM-1/F1", "Something else entirely"), ("PM-1/F2", ALERT)]);
    // Two items that cite it tell nothing; then the words decide.
    let after = read(&register, vec![document("PM-1", &[cites("Something else entirely"), cites(ROTATE)])]);
    assert_eq!(get(&after, "PM-1/F1").stated.words_inside().title, ROTATE);
}

#[test]
fn an_item_that_lost_its_id_but_not_its_words_is_the_same() {
    let register = first(&[named("A1", ROTATE), named("A2", ALERT)]);
    let after = read(&register, vec![document("PM-1", &[item(ROTATE), item(ALERT)])]);
    assert_eq!((keys(&after), missing(&after)), (vec!["PM-1/A1", "PM-1/A2"], Vec::new()));
}

#[test]
fn an_item_that_got_an_id_of_its_own_is_asked_about_and_not_doubled() {
    let register = first(&[item(ROTATE)]);
    let after = read(&register, vec![document("PM-1", &[named("A1", ROTATE)])]);
    assert_eq!((keys(&after), codes(&after)), (vec!["PM-1/F1"], vec!["similar_match_needs_confirmation"]));
}

#[test]
fn the_words_of_a_finding_with_an_id_of_its_own_are_not_taken_for_another() {
    let register = first(&[named("A1", ROTATE)]);
    let after = read(&register, vec![document("PM-1", &[named("A2", ROTATE)])]);
    assert_eq!((keys(&after), missing(&after)), (vec!["PM-1/A1", "PM-1/A2"], vec!["PM-1/A1"]));
}

#[test]
fn an_id_that_is_used_twice_changes_nothing_the_second_time() {
    let twice = [named("F1", ROTATE), named("F1", LIMIT)];
    let fresh = read(&Register::new(), vec![document("PM-1", &twice)]);
    assert_eq!((titles(&fresh), codes(&fresh)), (vec![("PM-1/F1", ROTATE)], vec!["duplicate_id"]));
    let mut register = first(&[named("F1", ROTATE)]);
    change(&mut register, "PM-1/F1", |finding| finding.state = State::Resolved);
    let after = read(&register, vec![document("PM-1", &twice)]);
    assert_eq!(get(&after, "PM-1/F1").state, State::Resolved, "and what was decided stays");
    assert_eq!(codes(&after), ["duplicate_id"]);
}

#[test]
fn findings_of_two_write_ups_never_share_a_key() {
    let first = document("a", &[named("b/c", ROTATE)]);
    let second = document("a/b", &[named("c", LIMIT)]);
    let after = read(&Register::new(), vec![first, second]);
    assert_eq!(titles(&after), [("a/b/c", ROTATE)]);
    assert_eq!(codes(&after), ["duplicate_id"]);
}

#[test]
fn two_write_ups_with_one_id_are_both_refused() {
    let register = first(&[item(ROTATE)]);
    let copy = Document { path: "postmortems/copy.md".to_owned(), ..document("PM-1", &[item(LIMIT)]) };
    let after = read(&register, vec![document("PM-1", &[item(ALERT)]), copy]);
    assert_eq!(titles(&after), [("PM-1/F1", ROTATE)]);
    assert_eq!(codes(&after), ["duplicate_postmortem", "duplicate_postmortem"]);
    assert!(after.diagnostics[0].message.contains("copy.md"));
    assert_eq!(after.unreadable.len(), 1, "and nothing counts as gone");
}

#[test]
fn a_file_that_two_sources_list_is_told_so() {
    let one = listing(vec![document("PM-1", &[item(ROTATE)])]);
    let two = Listing { source: "wiki".into(), ..one.clone() };
    let after = read_at(now(), &Register::new(), &[one, two]);
    assert_eq!(codes(&after), ["duplicate_postmortem", "duplicate_postmortem"]);
    assert!(after.diagnostics[0].message.contains("wiki"), "{}", after.diagnostics[0].message);
}

// ---- what is gone ---------------------------------------------------------------------------------------------

#[test]
fn an_item_that_was_removed_is_flagged_and_nothing_else() {
    let register = first(&[item(ROTATE), item(ALERT)]);
    let after = read(&register, vec![document("PM-1", &[item(ROTATE)])]);
    assert_eq!(missing(&after), ["PM-1/F2"]);
    let (was, is) = (&register[&FindingKey::from("PM-1/F2")], get(&after, "PM-1/F2"));
    assert_eq!((is.state, &is.clock), (was.state, &was.clock));
    assert_eq!(after.entries[0].event, "source_missing");
    let again = read(&after.findings, vec![document("PM-1", &[item(ROTATE)])]);
    assert_eq!((again.changed.len(), again.entries.len()), (0, 0), "and it is said once");
    let back = read(&after.findings, vec![document("PM-1", &[item(ROTATE), item(ALERT)])]);
    assert!(missing(&back).is_empty(), "what comes back resumes under its key");
}

#[test]
fn a_file_that_is_gone_flags_its_findings() {
    let register = first(&[item(ROTATE)]);
    assert_eq!(missing(&read(&register, Vec::new())), ["PM-1/F1"]);
}

#[test]
fn a_source_that_is_not_configured_any_more_flags_its_findings() {
    let register = first(&[item(ROTATE)]);
    assert_eq!(missing(&read_at(now(), &register, &[])), ["PM-1/F1"]);
}

fn many(count: usize) -> Vec<DocumentFinding> {
    (0..count).map(|n| named(&format!("A{n}"), &format!("Item number {n}"))).collect()
}

#[test]
fn too_much_that_vanishes_at_once_is_held() {
    let register = first(&many(10));
    assert_eq!(
        missing(&read(&register, vec![document("PM-1", &many(7))])).len(),
        3,
        "a third is not too much"
    );
    let held = read(&register, vec![document("PM-1", &many(6))]);
    assert_eq!(
        (missing(&held).len(), held.unreadable.len(), codes(&held)),
        (0, 4, vec!["findings_vanished"])
    );
    let small = first(&many(9));
    assert_eq!(
        missing(&read(&small, vec![document("PM-1", &many(1))])).len(),
        8,
        "below ten no share counts"
    );
}

#[test]
fn an_unreadable_document_changes_nothing() {
    let register = first(&[item(ROTATE)]);
    let after = read(&register, vec![unreadable(document("PM-1", &[]))]);
    assert_eq!((&after.findings, after.changed.len()), (&register, 0));
    assert_eq!(after.unreadable[&FindingKey::from("PM-1/F1")], "not UTF-8");
}

#[test]
fn a_source_that_could_not_be_listed_changes_nothing() {
    let register = first(&[item(ROTATE)]);
    for documents in [Observed::unknown("no such folder"), Observed::Missing] {
        let after = read_at(now(), &register, &[Listing { documents, ..listing(Vec::new()) }]);
        assert_eq!((&after.findings, after.unreadable.len()), (&register, 1));
    }
}

// ---- what an edit changes -------------------------------------------------------------------------------------

fn owned(owner: Option<&str>) -> DocumentFinding {
    DocumentFinding { owner: owner.map(str::to_owned), ..named("F1", ROTATE) }
}

#[test]
fn an_owner_who_changed_in_the_document_is_taken() {
    let register = first(&[owned(Some("ana"))]);
    assert_eq!(register[&FindingKey::from("PM-1/F1")].owner, owned_by("ana"));
    let after = read(&register, vec![document("PM-1", &[owned(Some("@ben-gh"))])]);
    assert_eq!(get(&after, "PM-1/F1").owner, owned_by("ben"));
}

#[test]
fn an_unchanged_document_never_reverts_an_assignment() {
    let mut register = first(&[owned(Some("ana"))]);
    change(&mut register, "PM-1/F1", |finding| finding.owner = owned_by("ben"));
    let retitled = DocumentFinding { title: LIMIT.to_owned(), ..owned(Some("ana")) };
    let after = read(&register, vec![document("PM-1", &[retitled])]);
    assert_eq!((get(&after, "PM-1/F1").owner.clone(), after.changed.len()), (owned_by("ben"), 1));
}

#[test]
fn an_owner_who_disappears_from_the_document_stays() {
    let register = first(&[owned(Some("ana"))]);
    let after = read(&register, vec![document("PM-1", &[owned(None)])]);
    assert_eq!(get(&after, "PM-1/F1").owner, owned_by("ana"));
}

#[test]
fn an_owner_the_directory_learns_becomes_a_person_without_an_edit() {
    let written = || owned(Some("Zoe@example.com"));
    let register = first(&[written()]);
    let unknown = Owner::Unmapped("Zoe@example.com".to_owned());
    assert_eq!(register[&FindingKey::from("PM-1/F1")].owner, unknown);
    let mut everybody = people();
    let zoe = postmortem_sync::model::people::Person {
        email: Some("zoe@example.com".to_owned()),
        ..Default::default()
    };
    everybody.0.insert("zoe".into(), zoe);
    let terms = Terms { people: &everybody, policy: &Policy::review_default(), now: now() };
    let after = take_in(terms, &register, &[listing(vec![document("PM-1", &[written()])])]);
    assert_eq!(get(&after, "PM-1/F1").owner, owned_by("zoe"));
}

fn claiming(claimed: Claimed) -> DocumentFinding {
    DocumentFinding { claimed, ..named("F1", ROTATE) }
}

#[test]
fn what_is_claimed_done_at_first_sight_awaits_verification() {
    let after = read(&Register::new(), vec![document("PM-1", &[claiming(Claimed::Done)])]);
    let finding = get(&after, "PM-1/F1");
    assert_eq!(finding.state, State::PendingVerification);
    let claim = finding.claim.as_ref().unwrap();
    assert_eq!((claim.at, &claim.by), (now(), &Claimant::Document));
    assert_eq!(
        first(&[claiming(Claimed::InProgress)])[&FindingKey::from("PM-1/F1")].state,
        State::InProgress
    );
}

#[test]
fn a_claim_that_is_new_in_the_document_is_taken_once() {
    let register = first(&[claiming(Claimed::None)]);
    let begun = read(&register, vec![document("PM-1", &[claiming(Claimed::InProgress)])]);
    assert_eq!(get(&begun, "PM-1/F1").state, State::InProgress);
    let mut done = read(&begun.findings, vec![document("PM-1", &[claiming(Claimed::Done)])]).findings;
    assert_eq!(done[&FindingKey::from("PM-1/F1")].state, State::PendingVerification);
    change(&mut done, "PM-1/F1", |finding| (finding.state, finding.claim) = (State::InProgress, None));
    let rejected = read(&done, vec![document("PM-1", &[claiming(Claimed::Done)])]);
    assert_eq!(
        get(&rejected, "PM-1/F1").state,
        State::InProgress,
        "an old claim does not revert the rejection"
    );
}

#[test]
fn a_claim_of_the_document_answers_what_was_declined() {
    let mut register = first(&[claiming(Claimed::None)]);
    change(&mut register, "PM-1/F1", |finding| finding.declined_upstream = true);
    let after = read(&register, vec![document("PM-1", &[claiming(Claimed::Done)])]);
    let finding = get(&after, "PM-1/F1");
    assert_eq!((finding.state, finding.declined_upstream), (State::PendingVerification, false));
}

#[test]
fn a_claim_never_touches_what_the_register_decided() {
    for state in [State::Resolved, State::RiskAccepted, State::Dismissed] {
        let mut register = first(&[claiming(Claimed::None)]);
        let waiver =
            Waiver { by: "rita".into(), at: now(), reason: "later".to_owned(), expires: date("2026-04-01") };
        change(&mut register, "PM-1/F1", |finding| (finding.state, finding.waiver) = (state, Some(waiver)));
        for claimed in [Claimed::Done, Claimed::InProgress] {
            let after = read(&register, vec![document("PM-1", &[claiming(claimed)])]);
            assert_eq!(get(&after, "PM-1/F1").state, state);
        }
    }
}

#[test]
fn what_the_document_leaves_open_is_inferred_and_marked() {
    let hints = Hints { class: Some(Class::ProceduralFailure), kind: Some(Kind::Process) };
    let hinted = DocumentFinding { hints, ..named("F1", "Write a runbook for key rotation") };
    let register = first(&[hinted.clone(), named("F2", ROTATE)]);
    let process = &register[&FindingKey::from("PM-1/F1")];
    assert_eq!((process.class, process.route), (Class::ProceduralFailure, Route::Process));
    assert!(process.class_inferred && process.work_inferred && process.severity_assumed);
    assert_eq!((process.stated.kind, process.stated.kind_inferred), (Some(Kind::Process), true));
    let stated = DocumentFinding { class: Some(Class::ManualError), kind: Some(Kind::Repair), ..hinted };
    let stated = &first(&[stated])[&FindingKey::from("PM-1/F1")];
    assert_eq!((stated.class, stated.class_inferred), (Class::ManualError, false));
    assert_eq!((stated.stated.kind, stated.stated.kind_inferred), (Some(Kind::Repair), false));
    let technical = &register[&FindingKey::from("PM-1/F2")];
    assert_eq!((technical.class, technical.route), (Class::TechnicalLapse, Route::Engineering));
    assert_eq!((technical.work, technical.severity), (Work::ChangeRequest, Severity::Medium));
}

// ---- deadlines ------------------------------------------------------------------------------------------------

fn severe(severity: Severity) -> DocumentFinding {
    DocumentFinding { severity: Some(severity), ..named("F1", ROTATE) }
}

#[test]
fn the_clock_starts_at_publication() {
    let register = first(&[severe(Severity::High)]);
    let clock = &register[&FindingKey::from("PM-1/F1")].clock;
    assert_eq!((clock.anchor, clock.anchor_kind), (date("2026-03-01"), AnchorKind::Published));
    assert_eq!(clock.due, Some(date("2026-03-31")));
}

#[test]
fn a_severity_that_changes_is_counted_from_the_stored_anchor() {
    let register = first(&[severe(Severity::Medium)]);
    let later =
        with(document("PM-1", &[severe(Severity::High)]), |document| document.published = on("2026-03-10"));
    let after = read_at(minutes(60 * 24 * 10), &register, &[listing(vec![later])]);
    let clock = &get(&after, "PM-1/F1").clock;
    assert_eq!(clock.anchor, date("2026-03-01"), "editing the document does not move it");
    assert_eq!((clock.due_original, clock.due), (Some(date("2026-04-30")), Some(date("2026-03-31"))));
    let back = read(&after.findings, vec![document("PM-1", &[severe(Severity::Low)])]);
    assert_eq!(get(&back, "PM-1/F1").clock.due, Some(date("2026-03-31")), "it never lengthens");
}

#[test]
fn a_draft_is_taken_in_and_marked() {
    let draft = with(document("PM-1", &[item(ROTATE)]), |document| document.draft = true);
    assert!(get(&read(&Register::new(), vec![draft]), "PM-1/F1").draft);
}

/// A finding first seen in a draft on 2 March, and the same document published forty days later.
fn published(prepare: impl FnOnce(&mut Finding)) -> Intake {
    let draft = with(document("PM-1", &[severe(Severity::High)]), |document| {
        document.draft = true;
        document.published = None;
    });
    let mut register = read(&Register::new(), vec![draft]).findings;
    change(&mut register, "PM-1/F1", prepare);
    let published =
        with(document("PM-1", &[severe(Severity::High)]), |document| document.published = on("2026-04-10"));
    read_at(minutes(60 * 24 * 40), &register, &[listing(vec![published])])
}

#[test]
fn the_clock_of_a_draft_starts_when_it_is_published() {
    let after = published(|_| {});
    let finding = get(&after, "PM-1/F1");
    assert!(!finding.draft);
    assert_eq!(
        (finding.clock.anchor, finding.clock.anchor_kind),
        (date("2026-04-10"), AnchorKind::Published)
    );
    assert_eq!(finding.clock.due, Some(date("2026-05-10")));
    assert_eq!(finding.clock.due_original, finding.clock.due);
    assert!(after.entries.iter().any(|entry| entry.field.as_deref() == Some("draft")), "{:?}", after.entries);
}

#[test]
fn publication_restarts_no_clock_that_does_not_run() {
    for state in [State::PendingVerification, State::Resolved, State::Dismissed] {
        let after = published(|finding| finding.state = state);
        assert_eq!(get(&after, "PM-1/F1").clock.anchor, date("2026-03-02"), "{state}");
    }
}

#[test]
fn publication_reverts_no_approved_extension() {
    let approved =
        Extension { due: date("2026-09-01"), reason: "a vendor".to_owned(), by: "rita".into(), at: now() };
    let after = published(|finding| {
        finding.clock.due = Some(approved.due);
        finding.clock.extensions = vec![approved.clone()];
    });
    assert_eq!(get(&after, "PM-1/F1").clock.due, Some(approved.due));
}

#[test]
fn a_due_date_later_than_the_policy_is_told_and_ignored() {
    let late = DocumentFinding { due: Some(date("2027-01-01")), ..severe(Severity::High) };
    let after = read(&Register::new(), vec![document("PM-1", &[late])]);
    assert_eq!(
        (get(&after, "PM-1/F1").clock.due, codes(&after)),
        (Some(date("2026-03-31")), vec!["deadline_after_policy"])
    );
    let told = &after.diagnostics[0].message;
    assert!(told.contains("2027-01-01 is later than the policy allows (2026-03-31)"), "{told}");
}

#[test]
fn a_waiver_that_ended_opens_the_finding_again() {
    let mut register = first(&[severe(Severity::High)]);
    let waiver =
        Waiver { by: "rita".into(), at: now(), reason: "later".to_owned(), expires: date("2026-03-20") };
    change(&mut register, "PM-1/F1", |finding| {
        (finding.state, finding.waiver) = (State::RiskAccepted, Some(waiver));
    });
    let documents = || [listing(vec![document("PM-1", &[severe(Severity::High)])])];
    let before = read_at("2026-03-20T23:59:00Z".parse().unwrap(), &register, &documents());
    assert_eq!(get(&before, "PM-1/F1").state, State::RiskAccepted, "its last day counts");
    let after = read_at("2026-03-21T00:00:00Z".parse().unwrap(), &register, &documents());
    assert_eq!((get(&after, "PM-1/F1").state, &get(&after, "PM-1/F1").waiver), (State::Open, &None));
    assert!(after.changed.contains(&FindingKey::from("PM-1/F1")));
    assert!(after.entries.iter().any(|entry| entry.event == "waiver_expired"));
}

#[test]
fn a_waiver_ends_even_if_the_document_cannot_be_read() {
    let mut register = first(&[severe(Severity::High)]);
    let waiver =
        Waiver { by: "rita".into(), at: now(), reason: "later".to_owned(), expires: date("2026-03-02") };
    change(&mut register, "PM-1/F1", |finding| {
        (finding.state, finding.waiver) = (State::RiskAccepted, Some(waiver));
    });
    let gone = [listing(vec![unreadable(document("PM-1", &[]))])];
    assert_eq!(get(&read_at(minutes(60 * 24), &register, &gone), "PM-1/F1").state, State::Open);
}

#[test]
fn a_severity_that_nobody_understands_stays_known_until_its_document_says_another() {
    let unclear =
        |word: &str| DocumentFinding { severity_unclear: Some(word.to_owned()), ..severe(Severity::High) };
    let written = |register: &Register| {
        let finding = register.values().next().unwrap();
        (finding.severity, finding.stated.severity_unclear.clone())
    };
    let scary = first(&[unclear("scary")]);
    assert_eq!(written(&scary), (Severity::High, Some("scary".to_owned())));
    let clear = read(&scary, vec![document("PM-1", &[severe(Severity::High)])]).findings;
    assert_eq!(written(&clear), (Severity::High, None));
    let of_write_up = with(document("PM-2", &[named("F1", ROTATE)]), |postmortem| {
        postmortem.severity = Some(Severity::High);
        postmortem.severity_unclear = Some("grim".to_owned());
    });
    let inherited = read(&Register::new(), vec![of_write_up]).findings;
    assert_eq!(written(&inherited), (Severity::High, Some("grim".to_owned())));
    let of_its_own = with(document("PM-3", &[severe(Severity::Low)]), |postmortem| {
        postmortem.severity = Some(Severity::High);
        postmortem.severity_unclear = Some("grim".to_owned());
    });
    let own = read(&Register::new(), vec![of_its_own]).findings;
    assert_eq!(written(&own), (Severity::Low, None));
}
