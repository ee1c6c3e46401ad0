//! What reviewers may decide, and what is refused.

use postmortem_sync::{
    model::{
        finding::{Claimant, Finding, Keep, Owner},
        issue::Field,
        terms::{Route, Severity, State, Verdict},
    },
    review::{clock, decision, refusal::Refusal},
};

use super::review_build::{Desk, day, due, evidence, finding, pending, pending_by_carl, waived};

fn verify(finding: &Finding, by: &str) -> Result<Finding, Refusal> {
    decision::verify(finding, Desk::of(by).act(), &evidence(), None).map(|step| step.finding)
}

#[test]
fn a_reviewer_resolves_a_claim_with_evidence() {
    let claimed = pending_by_carl("PM-1/F1");
    let desk = Desk::of("rita");
    let step = decision::verify(&claimed, desk.act(), &evidence(), None).unwrap();
    assert_eq!(step.finding.state, State::Resolved);
    let resolution = step.finding.resolution.clone().unwrap();
    assert_eq!((resolution.by.as_str(), resolution.evidence), ("rita", evidence()));
    assert_eq!(step.finding.claim, claimed.claim, "when it was done stays on record");
    let entry = step.entry(desk.act().at, "finding verify", "rita");
    assert_eq!(
        (entry.event.as_str(), entry.before.as_deref(), entry.after.as_deref()),
        ("finding_verified", Some("pending_verification"), Some("resolved"))
    );
}

#[test]
fn verifying_is_refused_for_the_owner() {
    let mut claimed = pending_by_carl("PM-1/F1");
    claimed.owner = Owner::Person("rita".into());
    assert!(matches!(verify(&claimed, "rita"), Err(Refusal::IsOwner { .. })));
    assert!(verify(&claimed, "rob").is_ok());
}

#[test]
fn an_owner_kept_as_text_that_may_be_the_reviewer_counts_as_the_reviewer() {
    for text in ["github:rita-gh", "@RITA-GH", "Rita", "rita@example.com"] {
        let mut claimed = pending_by_carl("PM-1/F1");
        claimed.owner = Owner::Unmapped(text.to_owned());
        assert!(matches!(verify(&claimed, "rita"), Err(Refusal::IsOwner { .. })), "{text}");
        assert!(verify(&claimed, "rob").is_ok(), "{text}");
    }
}

#[test]
fn verifying_is_refused_for_whoever_closed_the_issue() {
    let claimed = pending("PM-1/F1", Claimant::Person("rita".into()));
    assert!(matches!(verify(&claimed, "rita"), Err(Refusal::IsClaimant { .. })));
    assert!(verify(&claimed, "rob").is_ok());
}

#[test]
fn verifying_waits_until_an_unknown_closer_is_named() {
    for by in [Claimant::Unknown, Claimant::Account("ghost".into())] {
        let claimed = pending("PM-1/F1", by);
        assert!(matches!(verify(&claimed, "rob"), Err(Refusal::ClaimantUnnamed { .. })));
        let step = decision::name_claimant(&claimed, Desk::of("rita").act(), &"olga".into()).unwrap();
        let (parts, named) = (step.parts, step.finding);
        let mut namer = Desk::of("rita");
        namer.parts = parts.clone();
        let refused = decision::verify(&named, namer.act(), &evidence(), None);
        assert!(matches!(refused, Err(Refusal::HadPart { .. })), "whoever named the claimant: {refused:?}");
        let mut other = Desk::of("rob");
        other.parts = parts;
        assert!(decision::verify(&named, other.act(), &evidence(), None).is_ok());
        let named = decision::name_claimant(&claimed, Desk::of("rita").act(), &"rob".into()).unwrap().finding;
        assert!(matches!(verify(&named, "rob"), Err(Refusal::IsClaimant { .. })));
        let again = decision::name_claimant(&named, Desk::of("rita").act(), &"olga".into());
        assert_eq!(again, Err(Refusal::ClaimantKnown));
    }
}

#[test]
fn a_claim_without_a_claimant_on_record_waits_too() {
    let mut claimed = pending_by_carl("PM-1/F1");
    claimed.claim = None;
    assert_eq!(verify(&claimed, "rita"), Err(Refusal::ClaimantUnnamed { account: None }));
}

#[test]
fn a_claim_of_the_document_needs_no_name() {
    assert!(verify(&pending("PM-1/F1", Claimant::Document), "rita").is_ok());
}

#[test]
fn only_reviewers_verify_and_a_document_names_none() {
    let mut claimed = pending("PM-1/F1", Claimant::Document);
    assert!(matches!(verify(&claimed, "carl"), Err(Refusal::NotReviewer { .. })));
    assert!(matches!(verify(&claimed, "nobody"), Err(Refusal::UnknownPerson(_))));
    claimed.stated.reviewers = vec!["@carl-gh".to_owned()];
    assert!(
        matches!(verify(&claimed, "carl"), Err(Refusal::NotReviewer { .. })),
        "a document grants nothing"
    );
}

#[test]
fn a_reviewer_names_somebody_else_without_a_part_who_then_verifies_and_grants_no_time() {
    let claimed = pending("PM-1/F1", Claimant::Document);
    let name = |by: &str, who: &str| decision::name_reviewer(&claimed, Desk::of(by).act(), &who.into());
    assert!(matches!(name("rita", "olga"), Err(Refusal::IsOwner { .. })), "the owner has a part");
    assert!(matches!(name("rita", "rita"), Err(Refusal::NamesThemselves { .. })));
    assert!(matches!(name("rita", "rob"), Err(Refusal::ReviewerAlready(_))));
    assert!(matches!(name("carl", "carl"), Err(Refusal::NotReviewer { .. })));
    let named = name("rita", "carl").unwrap();
    assert_eq!((named.event, named.after.as_deref()), ("reviewer_named", Some("carl")));
    assert!(verify(&named.finding, "carl").is_ok());
    let more_time = decision::extend(&named.finding, Desk::of("carl").act(), day("2026-04-01"), "time");
    assert!(matches!(more_time, Err(Refusal::NotReviewer { .. })));
}

#[test]
fn an_extension_ends_at_the_latest_when_the_policy_says() {
    let before = due("PM-1/F1", "2026-03-04");
    let extend = |date: &str| {
        decision::extend(&before, Desk::of("rita").act(), day(date), "the vendor is late").map(|_| ())
    };
    assert_eq!(extend("2026-05-30"), Ok(()));
    let (given, latest) = (day("9999-01-01"), day("2026-05-30"));
    assert_eq!(extend("9999-01-01"), Err(Refusal::ExtensionTooLong { given, latest }));
}

#[test]
fn a_review_is_never_put_off_beyond_its_usual_day() {
    let (before, desk) = (finding("PM-1/F1"), Desk::of("rita"));
    let review = |next: &str| decision::review(&before, desk.act(), Verdict::OnTrack, None, Some(day(next)));
    assert!(review("2026-03-15").is_ok());
    let (given, latest) = (day("9999-12-31"), day("2026-03-15"));
    assert_eq!(review("9999-12-31"), Err(Refusal::ReviewTooLate { given, latest }));
    // One that an earlier release recorded holds no longer than that either.
    let mut after = review("2026-03-15").unwrap().finding;
    after.last_review.as_mut().unwrap().next = Some(given);
    assert_eq!(clock::next_review(desk.act().policy, &after), Some(latest));
}

#[test]
fn nothing_but_a_claim_is_verified() {
    for state in State::ALL.iter().filter(|state| **state != State::PendingVerification) {
        let mut claimed = pending("PM-1/F1", Claimant::Document);
        claimed.state = *state;
        assert!(matches!(verify(&claimed, "rita"), Err(Refusal::State { .. })), "{state}");
    }
}

#[test]
fn a_process_finding_needs_its_revised_procedure() {
    for route in [Route::Process, Route::CrossOrg] {
        let mut claimed = pending_by_carl("PM-1/F1");
        claimed.route = route;
        let desk = Desk::of("rita");
        for procedure in [None, Some("  ")] {
            let refused = decision::verify(&claimed, desk.act(), &evidence(), procedure);
            assert_eq!(refused, Err(Refusal::ProcedureMissing { route }));
        }
        let step = decision::verify(&claimed, desk.act(), &evidence(), Some("SOP-7 rev 4")).unwrap();
        assert_eq!(step.finding.resolution.unwrap().procedure.as_deref(), Some("SOP-7 rev 4"));
    }
}

#[test]
fn verifying_needs_evidence_and_a_critical_finding_two_different_pieces() {
    let mut claimed = pending_by_carl("PM-1/F1");
    let desk = Desk::of("rita");
    let with = |finding: &Finding, evidence: &[&str]| {
        let evidence: Vec<String> = evidence.iter().map(|text| (*text).to_owned()).collect();
        decision::verify(finding, desk.act(), &evidence, None).map(|step| step.finding.state)
    };
    assert_eq!(with(&claimed, &[" "]), Err(Refusal::EvidenceMissing { needed: 1, given: 0 }));
    claimed.severity = Severity::Critical;
    assert_eq!(
        with(&claimed, &["scan 12", "scan 12 "]),
        Err(Refusal::EvidenceMissing { needed: 2, given: 1 })
    );
    assert_eq!(with(&claimed, &["scan 12", "release 4.2"]), Ok(State::Resolved));
}

#[test]
fn a_rejected_claim_goes_back_with_its_reason_and_the_same_deadline() {
    let claimed = pending_by_carl("PM-1/F1");
    let reason = "still open on @build-7, see #12\nand `x`";
    let after = decision::reject(&claimed, Desk::of("rita").act(), reason).unwrap().finding;
    assert_eq!((after.state, &after.claim, after.rejections), (State::InProgress, &None, 1));
    assert_eq!(after.clock, claimed.clock);
    // The planner makes it inert when it sends it.
    let word = after.pending_comment.unwrap();
    assert!(word.contains(&format!("does not accept it as done: {reason}\n")), "{word}");
    assert!(
        word.to_lowercase().starts_with("rita") && word.ends_with("a reviewer looks at it again."),
        "{word}"
    );
}

#[test]
fn a_declined_finding_can_be_rejected_waived_dismissed_or_reopened() {
    let mut declined = finding("PM-1/F1");
    assert!(matches!(decision::reject(&declined, Desk::of("rita").act(), "no"), Err(Refusal::State { .. })));
    declined.declined_upstream = true;
    let desk = Desk::of("rita");
    let steps = [
        (decision::reject(&declined, desk.act(), "must be done"), State::InProgress),
        (decision::waive(&declined, desk.act(), day("2026-04-01"), "small"), State::RiskAccepted),
        (decision::dismiss(&declined, desk.act(), "duplicate"), State::Dismissed),
        (decision::reopen(&declined, desk.act(), "must be done"), State::Open),
    ];
    for (step, state) in steps {
        let after = step.unwrap().finding;
        assert_eq!((after.state, after.declined_upstream), (state, false));
    }
}

#[test]
fn an_extension_keeps_the_first_deadline() {
    let before = due("PM-1/F1", "2026-03-04");
    let step =
        decision::extend(&before, Desk::of("rita").act(), day("2026-04-10"), "vendor is late").unwrap();
    assert_eq!(step.finding.clock.due_original, Some(day("2026-03-04")));
    assert_eq!(step.finding.clock.due, Some(day("2026-04-10")));
    assert_eq!(step.finding.clock.extensions.len(), 1);
    assert_eq!((step.before.as_deref(), step.after.as_deref()), (Some("2026-03-04"), Some("2026-04-10")));
}

#[test]
fn an_extension_is_refused_for_the_owner_the_past_the_same_day_and_without_reason() {
    let mut before = due("PM-1/F1", "2026-03-04");
    let extend = |finding: &Finding, by: &str, date: &str, reason: &str| {
        decision::extend(finding, Desk::of(by).act(), day(date), reason).map(|_| ())
    };
    assert!(matches!(extend(&before, "rita", "2026-03-01", "x"), Err(Refusal::NotLater { .. })));
    assert_eq!(extend(&before, "rita", "2026-03-04", "x"), Err(Refusal::SameDue(day("2026-03-04"))));
    assert!(matches!(extend(&before, "rita", "2026-04-04", " "), Err(Refusal::ReasonMissing { .. })));
    before.owner = Owner::Person("rita".into());
    assert!(matches!(extend(&before, "rita", "2026-04-04", "x"), Err(Refusal::IsOwner { .. })));
    before.clock.due = None;
    assert_eq!(extend(&before, "rob", "2026-04-04", "x"), Err(Refusal::NoDeadline));
}

#[test]
fn a_waiver_ends_at_the_latest_when_the_policy_says() {
    let desk = Desk::of("rita");
    let mut before = finding("PM-1/F1");
    assert!(decision::waive(&before, desk.act(), day("2026-05-30"), "x").is_ok());
    assert_eq!(
        decision::waive(&before, desk.act(), day("2026-05-31"), "x"),
        Err(Refusal::WaiverTooLong { given: day("2026-05-31"), latest: day("2026-05-30") })
    );
    assert!(matches!(
        decision::waive(&before, desk.act(), day("2026-03-01"), "x"),
        Err(Refusal::NotLater { .. })
    ));
    before.severity = Severity::Info;
    assert_eq!(decision::waive(&before, desk.act(), day("2026-03-02"), "x"), Err(Refusal::NoWaiver));
    before.owner = Owner::Person("rita".into());
    assert!(matches!(
        decision::waive(&before, desk.act(), day("2026-03-02"), "x"),
        Err(Refusal::IsOwner { .. })
    ));
}

#[test]
fn what_was_closed_can_be_reopened_and_keeps_its_deadline() {
    let resolved = verify(&pending_by_carl("PM-1/F1"), "rita").unwrap();
    let dismissed =
        decision::dismiss(&finding("PM-1/F2"), Desk::of("rita").act(), "duplicate").unwrap().finding;
    for before in [resolved, dismissed, waived("PM-1/F3", "2026-03-31")] {
        let after = decision::reopen(&before, Desk::of("rob").act(), "seen again").unwrap().finding;
        assert_eq!(after.state, State::Open);
        assert_eq!(
            (&after.claim, &after.resolution, &after.waiver, &after.dismissed),
            (&None, &None, &None, &None)
        );
        assert_eq!(after.clock, before.clock);
    }
    let open = decision::reopen(&finding("PM-1/F4"), Desk::of("rob").act(), "x");
    assert!(matches!(open, Err(Refusal::State { .. })));
}

#[test]
fn anybody_in_the_directory_assigns_and_only_to_people_in_it() {
    let before = finding("PM-1/F1");
    let assign = |by: &str, owner: Owner| decision::assign(&before, Desk::of(by).act(), &owner);
    let step = assign("carl", Owner::Person("carl".into())).unwrap();
    assert_eq!((step.before.as_deref(), step.after.as_deref()), (Some("olga"), Some("carl")));
    assert_eq!(assign("carl", Owner::Nobody).unwrap().finding.owner, Owner::Nobody);
    for (by, owner) in [
        ("stranger", Owner::Person("carl".into())),
        ("carl", Owner::Person("stranger".into())),
        ("carl", Owner::Unmapped("Platform team".to_owned())),
    ] {
        assert!(matches!(assign(by, owner), Err(Refusal::UnknownPerson(_))));
    }
}

#[test]
fn a_review_is_recorded_until_the_finding_is_resolved() {
    let desk = Desk::of("rita");
    let review = |finding: &Finding, next| {
        decision::review(finding, desk.act(), Verdict::Blocked, Some("waits for the vendor"), next)
    };
    let after = review(&finding("PM-1/F1"), Some(day("2026-03-05"))).unwrap().finding;
    let recorded = after.last_review.unwrap();
    assert_eq!((recorded.verdict, recorded.next), (Verdict::Blocked, Some(day("2026-03-05"))));
    assert!(matches!(review(&finding("PM-1/F1"), Some(day("2026-03-01"))), Err(Refusal::NotLater { .. })));
    let resolved = verify(&pending_by_carl("PM-1/F1"), "rita").unwrap();
    assert!(matches!(review(&resolved, None), Err(Refusal::State { .. })));
}

#[test]
fn every_refusal_says_what_to_do() {
    let mut claimed = pending_by_carl("PM-1/F1");
    claimed.owner = Owner::Person("rita".into());
    let text = verify(&claimed, "rita").unwrap_err().to_string();
    assert_eq!(text, "rita owns this finding and may not verify it; ask a reviewer who does not");
    let text = verify(&finding("PM-1/F1"), "rita").unwrap_err().to_string();
    assert!(text.starts_with("cannot verify a finding that is open; its owner acts first"), "{text}");
}

#[test]
fn a_reviewer_says_whose_value_holds() {
    let step =
        decision::settle(&finding("PM-1/F1"), Desk::of("rita").act(), Field::Owner, Keep::Tracker).unwrap();
    assert_eq!(step.finding.rulings, [(Field::Owner, Keep::Tracker)].into());
    assert_eq!((step.event, step.after.as_deref()), ("conflict_settled", Some("the tracker's owner")));
    let refused = decision::settle(&finding("PM-1/F1"), Desk::of("olga").act(), Field::Owner, Keep::Tracker);
    assert!(matches!(refused, Err(Refusal::NotReviewer { .. })));
}
