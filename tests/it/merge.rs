//! The merge of one shared field: every line of its table, and the laws that hold for all values.

use postmortem_sync::{
    model::link::Agreed,
    plan::merge::{Merge, merge},
};
use proptest::prelude::*;

/// The value that says nothing.
const UNSET: u8 = 0;

/// Merges values that are alike when they are equal.
fn plain(baseline: Option<(u8, u8)>, finding: u8, issue: u8) -> Merge {
    let agreed = baseline.map(|(finding, issue)| Agreed { finding, issue });
    merge(agreed.as_ref(), &finding, &issue, PartialEq::eq, |value| *value == UNSET)
}

/// Merges values of which the tracker shows 1 and 2 the same way.
fn coarse(baseline: (u8, u8), finding: u8, issue: u8) -> Merge {
    let shown = |value: u8| if value == 2 { 1 } else { value };
    let agreed = Agreed { finding: baseline.0, issue: baseline.1 };
    merge(Some(&agreed), &finding, &issue, |a, b| shown(*a) == shown(*b), |_| false)
}

/// Both sides and the baseline after what a merge says was done.
fn done(result: &Merge, finding: u8, issue: u8) -> Option<(u8, u8)> {
    match result {
        Merge::Same | Merge::Agreed => Some((finding, issue)),
        Merge::ToIssue => Some((finding, finding)),
        Merge::ToFinding => Some((issue, issue)),
        Merge::Conflict | Merge::Unsettled => None,
    }
}

#[test]
fn sides_that_did_not_move_are_left_alone() {
    assert_eq!(plain(Some((1, 1)), 1, 1), Merge::Same);
    assert_eq!(plain(Some((1, 2)), 1, 2), Merge::Same, "each side is compared with its own half");
}

#[test]
fn a_finding_that_moved_alone_is_written_to_the_issue() {
    assert_eq!(plain(Some((1, 1)), 2, 1), Merge::ToIssue);
    assert_eq!(plain(Some((1, 1)), UNSET, 1), Merge::ToIssue, "taking a value away is a move as well");
}

#[test]
fn an_issue_that_moved_alone_is_written_to_the_finding() {
    assert_eq!(plain(Some((1, 1)), 1, 2), Merge::ToFinding);
    assert_eq!(plain(Some((1, 1)), 1, UNSET), Merge::ToFinding, "a person took it away");
}

#[test]
fn sides_that_moved_to_the_same_value_only_need_a_new_baseline() {
    assert_eq!(plain(Some((1, 1)), 2, 2), Merge::Agreed);
}

#[test]
fn sides_that_moved_apart_are_in_conflict() {
    assert_eq!(plain(Some((0, 0)), 1, 2), Merge::Conflict);
}

#[test]
fn a_side_that_caught_up_with_the_other_only_needs_a_new_baseline() {
    assert_eq!(plain(Some((1, 0)), 1, 1), Merge::Agreed, "the tracker refused it, and a person set it");
    assert_eq!(plain(Some((0, 1)), 1, 1), Merge::Agreed);
}

#[test]
fn a_move_that_the_tracker_cannot_show_only_needs_a_new_baseline() {
    assert_eq!(coarse((1, 1), 2, 1), Merge::Agreed);
}

#[test]
fn a_move_of_the_issue_counts_even_if_the_tracker_could_not_show_the_old_value() {
    assert_eq!(coarse((2, 3), 2, 1), Merge::ToFinding);
}

#[test]
fn without_a_baseline_the_set_value_is_taken() {
    assert_eq!(plain(None, UNSET, 1), Merge::ToFinding);
    assert_eq!(plain(None, 1, UNSET), Merge::ToIssue);
}

#[test]
fn without_a_baseline_equal_values_are_agreed() {
    assert_eq!(plain(None, UNSET, UNSET), Merge::Agreed);
    assert_eq!(plain(None, 1, 1), Merge::Agreed);
}

#[test]
fn without_a_baseline_two_set_values_that_differ_are_never_an_overwrite() {
    assert_eq!(plain(None, 1, 2), Merge::Unsettled);
}

#[test]
fn the_whole_cube_of_small_values_keeps_the_laws() {
    let baselines = (0..3).flat_map(|a| (0..3).map(move |b| Some((a, b)))).chain([None]);
    let mut checked = 0;
    for baseline in baselines {
        for (finding, issue) in (0..3).flat_map(|a| (0..3).map(move |b| (a, b))) {
            laws(baseline, finding, issue);
            checked += 1;
        }
    }
    assert_eq!(checked, 90);
}

proptest! {
    #[test]
    fn any_values_keep_the_laws(
        baseline in proptest::option::of((any::<u8>(), any::<u8>())),
        finding in any::<u8>(),
        issue in any::<u8>(),
    ) {
        laws(baseline, finding, issue);
    }
}

fn laws(baseline: Option<(u8, u8)>, finding: u8, issue: u8) {
    let result = plain(baseline, finding, issue);
    // Swapping the sides swaps the result, and nothing else.
    let swapped = plain(baseline.map(|(a, b)| (b, a)), issue, finding);
    let mirrored = match result {
        Merge::ToIssue => Merge::ToFinding,
        Merge::ToFinding => Merge::ToIssue,
        Merge::Same => Merge::Same,
        Merge::Agreed => Merge::Agreed,
        Merge::Conflict => Merge::Conflict,
        Merge::Unsettled => Merge::Unsettled,
    };
    assert_eq!(swapped, mirrored, "{baseline:?} {finding} {issue}");
    // Nothing is overwritten that moved by itself.
    if let (Some((ours, theirs)), Merge::ToIssue) = (baseline, &result) {
        assert!(finding != ours && issue == theirs, "{baseline:?} {finding} {issue}");
    }
    if let Some((finding_after, issue_after)) = done(&result, finding, issue) {
        // No value is invented, and none is lost that was set on one side only.
        assert!([finding, issue].contains(&finding_after) && [finding, issue].contains(&issue_after));
        // A settled field needs nothing more.
        assert_eq!(plain(Some((finding_after, issue_after)), finding_after, issue_after), Merge::Same);
    } else {
        assert_ne!(finding, issue, "only different values can be apart");
    }
}
