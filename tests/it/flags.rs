//! Flags are derived from the data and the time.

use std::collections::BTreeSet;

use postmortem_sync::{
    model::{
        finding::{Claimant, Finding, Owner},
        link::{Absence, Link},
        terms::State,
    },
    review::flags::{self, Circumstances, Flag},
};

use super::review_build::{at, due, finding, link, pending, people, policy, waived};

fn flags(finding: &Finding, links: &[&Link], now: &str) -> BTreeSet<Flag> {
    let (policy, people) = (policy("UTC"), people());
    let around = Circumstances { policy: &policy, people: &people, links, unrouted: false, now: at(now) };
    flags::of(finding, around)
}

#[test]
fn a_fresh_finding_has_no_flags() {
    assert_eq!(flags(&finding("PM-1/F1"), &[], "2026-02-03T00:00:00Z"), [].into());
}

#[test]
fn a_deadline_is_due_soon_and_then_overdue_never_both() {
    let finding = due("PM-1/F1", "2026-02-12");
    assert_eq!(flags(&finding, &[], "2026-02-04T23:00:00Z"), [].into());
    assert_eq!(flags(&finding, &[], "2026-02-05T00:00:00Z"), [Flag::DueSoon].into());
    assert_eq!(flags(&finding, &[], "2026-02-12T23:59:59Z"), [Flag::DueSoon].into());
    assert_eq!(flags(&finding, &[], "2026-02-13T00:00:00Z"), [Flag::Overdue].into());
}

#[test]
fn ownership_sources_issues_and_age_are_flagged() {
    let mut finding = finding("PM-1/F1");
    finding.owner = Owner::Nobody;
    finding.source_missing = true;
    finding.declined_upstream = true;
    let mut lost = link("PM-1/F1", "github", 1);
    lost.absence = Some(Absence { first: finding.changed, last: finding.changed, reads: 1 });
    let expected = [
        Flag::Overdue,
        Flag::DeclinedUpstream,
        Flag::ReviewDue,
        Flag::Unowned,
        Flag::IssueMissing,
        Flag::SourceMissing,
        Flag::Stale,
    ];
    assert_eq!(flags(&finding, &[&lost], "2026-03-05T09:00:00Z"), expected.into());
}

#[test]
fn a_change_of_the_issue_keeps_a_finding_from_being_stale_and_a_read_does_not() {
    let finding = finding("PM-1/F1");
    let mut followed = link("PM-1/F1", "github", 1);
    followed.seen.at = at("2026-03-05T08:00:00Z");
    assert!(flags(&finding, &[&followed], "2026-03-05T09:00:00Z").contains(&Flag::Stale));
    followed.seen.updated = at("2026-03-01T08:00:00Z");
    assert!(!flags(&finding, &[&followed], "2026-03-05T09:00:00Z").contains(&Flag::Stale));
}

#[test]
fn an_owner_whom_the_directory_does_not_know_is_flagged() {
    for owner in [Owner::Unmapped("github:ghost".to_owned()), Owner::Person("left-the-company".into())] {
        let finding = Finding { owner, ..finding("PM-1/F1") };
        assert_eq!(flags(&finding, &[], "2026-02-03T00:00:00Z"), [Flag::UnmappedOwner].into());
    }
}

#[test]
fn a_late_verification_is_not_charged_to_the_owner() {
    let finding = pending("PM-1/F1", Claimant::Unknown);
    let found = flags(&finding, &[], "2026-03-10T00:00:00Z");
    assert_eq!(found, [Flag::VerificationOverdue, Flag::ClaimantUnknown, Flag::ReviewDue].into());
}

#[test]
fn a_waiver_is_announced_and_its_end_opens_the_finding() {
    let far = waived("PM-1/F2", "2026-03-20");
    assert_eq!(flags(&far, &[], "2026-02-11T00:00:00Z"), [].into(), "five weeks are not soon");
    let finding = waived("PM-1/F1", "2026-02-15");
    assert_eq!(flags(&finding, &[], "2026-02-11T00:00:00Z"), [Flag::WaiverExpiring].into());
    let found = flags(&finding, &[], "2026-04-01T00:00:00Z");
    assert!(found.contains(&Flag::WaiverExpired) && found.contains(&Flag::Overdue), "{found:?}");
    assert!(!found.contains(&Flag::WaiverExpiring), "{found:?}");
}

#[test]
fn nothing_is_remarkable_about_what_is_closed() {
    for state in [State::Resolved, State::Dismissed] {
        let finding = Finding { state, owner: Owner::Nobody, ..due("PM-1/F1", "2026-02-12") };
        assert_eq!(flags(&finding, &[], "2027-01-01T00:00:00Z"), [].into());
    }
}

#[test]
fn flags_are_told_in_words() {
    let said = [
        (Flag::Overdue, "overdue"),
        (Flag::VerificationOverdue, "verification overdue"),
        (Flag::WaiverExpired, "waiver expired"),
        (Flag::DeclinedUpstream, "declined upstream"),
        (Flag::ClaimantUnknown, "claimant unknown"),
        (Flag::Unowned, "no owner"),
    ];
    for (flag, words) in said {
        assert_eq!(flag.as_str(), words);
    }
}
