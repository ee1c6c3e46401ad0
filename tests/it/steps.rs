//! What the history says of each decision and of each move: which field, from what, to what.

use postmortem_sync::{
    model::{
        finding::{Claimant, Finding, Keep, Owner},
        issue::Field,
        terms::{Class, Progress, Verdict, Work},
    },
    review::{decision, step::Step, transition},
};

use super::review_build::{Desk, at, day, due, finding, pending, pending_by_carl};

/// What an entry says: the event, the field, its value before and after.
type Said = (&'static str, &'static str, Option<String>, Option<String>);

#[track_caller]
fn says(step: Step, event: &'static str, field: &'static str, before: Option<&str>, after: Option<&str>) {
    let said: Said = (step.event, step.field, step.before, step.after);
    assert_eq!(said, (event, field, before.map(str::to_owned), after.map(str::to_owned)));
}

#[test]
fn a_decision_says_which_field_it_changed_from_what_to_what() {
    let desk = Desk::of("rita");
    let act = || desk.act();
    let open = due("PM-1/F1", "2026-03-10");

    let later = decision::extend(&open, act(), day("2026-03-20"), "the vendor is late").unwrap();
    says(later, "deadline_extended", "due", Some("2026-03-10"), Some("2026-03-20"));

    let given = decision::assign(&open, act(), &Owner::Person("carl".into())).unwrap();
    says(given.clone(), "owner_assigned", "owner", Some("olga"), Some("carl"));
    let taken = decision::assign(&given.finding, act(), &Owner::Nobody).unwrap();
    says(taken, "owner_assigned", "owner", Some("carl"), None);
    let unmapped = Finding { owner: Owner::Unmapped("Zoë".to_owned()), ..open.clone() };
    let known = decision::assign(&unmapped, act(), &Owner::Person("carl".into())).unwrap();
    says(known, "owner_assigned", "owner", Some("Zoë"), Some("carl"));

    let first = decision::review(&open, act(), Verdict::OnTrack, None, None).unwrap();
    says(first.clone(), "finding_reviewed", "verdict", None, Some("on_track"));
    assert_eq!(first.why, "no note");
    let second = decision::review(&first.finding, act(), Verdict::AtRisk, Some(" late "), None).unwrap();
    says(second.clone(), "finding_reviewed", "verdict", Some("on_track"), Some("at_risk"));
    assert_eq!(second.why, "late");
    let blank = decision::review(&open, act(), Verdict::OnTrack, Some("  "), None).unwrap();
    assert_eq!(blank.why, "no note", "a blank note is none");

    let ours = decision::settle(&open, act(), Field::Owner, Keep::Finding).unwrap();
    says(ours.clone(), "conflict_settled", "owner", None, Some("the finding's owner"));
    let theirs = decision::settle(&ours.finding, act(), Field::Owner, Keep::Tracker).unwrap();
    says(theirs, "conflict_settled", "owner", Some("the finding's owner"), Some("the tracker's owner"));

    let other =
        decision::classify(&open, act(), Some(Class::ManualError), Some(Work::ChangeRequest)).unwrap();
    let (before, after) = ("technical_lapse (bug)", "manual_error (change_request)");
    says(other, "finding_classified", "class", Some(before), Some(after));

    let ghost = pending("PM-1/F1", Claimant::Account("ghost".into()));
    let named = decision::name_claimant(&ghost, act(), &"carl".into()).unwrap();
    let account = "the account `ghost`, which nobody has named yet";
    says(named, "claimant_named", "claimant", Some(account), Some("carl"));
}

#[test]
fn a_review_is_held_against_its_date_only_where_one_is_named() {
    let desk = Desk::of("rita");
    let open = due("PM-1/F1", "2026-03-10");
    let on = |next| decision::review(&open, desk.act(), Verdict::OnTrack, None, Some(day(next)));
    assert!(on("2026-03-01").is_err(), "today is no next review");
    assert!(on("2026-03-02").is_ok());
}

#[test]
fn a_move_in_the_tracker_says_which_field_it_changed_from_what_to_what() {
    let moved = |finding: &Finding, to| {
        let by = Claimant::Person("carl".into());
        transition::tracker_progress(finding, to, by, at("2026-03-02T00:00:00Z")).unwrap()
    };
    let open = finding("PM-1/F1");
    says(moved(&open, Progress::InProgress), "progress_pulled", "state", Some("open"), Some("in_progress"));
    let done = moved(&open, Progress::Done);
    says(done.clone(), "finding_claimed", "state", Some("open"), Some("pending_verification"));
    let back = moved(&done.finding, Progress::Open);
    says(back, "claim_withdrawn", "state", Some("pending_verification"), Some("open"));

    let declined = moved(&open, Progress::Declined);
    says(declined.clone(), "declined_upstream", "declined_upstream", Some("false"), Some("true"));
    let again = moved(&declined.finding, Progress::Open);
    says(again, "decline_withdrawn", "declined_upstream", Some("true"), Some("false"));
    let refused = moved(&pending_by_carl("PM-1/F1"), Progress::Declined);
    says(refused, "declined_upstream", "state", Some("pending_verification"), Some("in_progress"));

    let unknown = pending("PM-1/F1", Claimant::Unknown);
    let learnt = moved(&unknown, Progress::Done);
    let nobody = "somebody the tracker does not name";
    says(learnt, "claimant_learnt", "claimant", Some(nobody), Some("carl"));
    let bare = Finding { claim: None, ..unknown };
    says(moved(&bare, Progress::Done), "claimant_learnt", "claimant", None, Some("carl"));
}
