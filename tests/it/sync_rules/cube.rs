//! Every value on every side: what the baseline, the finding and the issue may say, all of it at once (invariants 4 and 11).
//!
//! Whatever they say, plans come to rest, and what a person wrote holds in the end, or the history or a note tells of it.

use postmortem_sync::{
    model::{
        finding::{Finding, Owner},
        issue::{Issue, TrackerKind},
        link::{Agreed, Link},
        observed::Observed,
        rule::ConflictPolicy,
        terms::{Progress, State},
    },
    plan::{
        action::{Action, Plan},
        linked::{followed, text},
        plan,
        snapshot::Row,
    },
};

use super::{KEY, assigned, at, pending, resolved, with_policy};
use crate::{
    build::{finding, link, linked, owned_by},
    replay::{apply, writes},
};

const POLICIES: [ConflictPolicy; 3] =
    [ConflictPolicy::Tracker, ConflictPolicy::Finding, ConflictPolicy::Flag];

/// Plans until nothing is left to do, and everything that was said on the way.
fn told(policy: ConflictPolicy, row: &mut Row) -> String {
    let context = with_policy(policy);
    let mut told = String::new();
    for _ in 0..4 {
        let plan = plan(&context, std::slice::from_ref(row));
        told.push_str(&said(&plan));
        if plan.actions.is_empty() {
            return told;
        }
        apply(&context, row, plan);
    }
    panic!("{policy:?}: it does not come to rest: {row:#?}");
}

fn said(plan: &Plan) -> String {
    let entries = plan.actions.iter().filter_map(|action| match action {
        Action::Record { entries, .. } => Some(entries),
        Action::Edit(edit) => Some(&edit.overruled.entries),
        _ => None,
    });
    format!("{:?}{:?}", entries.collect::<Vec<_>>(), plan.notes)
}

#[test]
fn every_owner_on_every_side_comes_to_rest_and_none_is_lost_without_a_word() {
    let owners =
        [Owner::Nobody, owned_by("ana"), owned_by("ben"), Owner::Unmapped("github:ghost".to_owned())];
    let assignees: [&[&str]; 6] =
        [&[], &["ana-gh"], &["ben-gh"], &["ghost"], &["ana-gh", "ben-gh"], &["ghost", "ben-gh"]];
    let halves = owners.iter().flat_map(|ours| owners.iter().map(move |theirs| (ours, theirs)));
    let baselines: Vec<Option<Agreed<Owner>>> = halves
        .map(|(ours, theirs)| Some(Agreed { finding: ours.clone(), issue: theirs.clone() }))
        .chain([None])
        .collect();
    let mut checked = 0;
    for policy in POLICIES {
        for baseline in &baselines {
            for ours in &owners {
                for on_issue in assignees {
                    let mut agreed = link(KEY, 3);
                    agreed.baseline.owner.clone_from(baseline);
                    owners_keep(policy, ours, &agreed, assigned(3, on_issue));
                    checked += 1;
                }
            }
        }
    }
    assert_eq!(checked, 3 * 17 * 4 * 6);
}

#[track_caller]
fn owners_keep(policy: ConflictPolicy, ours: &Owner, agreed: &Link, issue: Issue) {
    let context = with_policy(policy);
    let theirs = followed(&context, TrackerKind::Github, agreed, &issue).1;
    let case = format!("{policy:?}: {:?}, {ours:?}, {:?}", agreed.baseline.owner, issue.assignees);
    let mut row = linked(Finding { owner: ours.clone(), ..finding(KEY) }, agreed.clone(), issue);
    let told = told(policy, &mut row);
    let (at_rest, seen) = (&row.links[0].0, row.links[0].1.known().unwrap());
    let finding_after = &row.findings[0].finding.owner;
    let issue_after = &followed(&context, TrackerKind::Github, at_rest, seen).1;
    let (was_ours, was_theirs) = agreed
        .baseline
        .owner
        .as_ref()
        .map_or((None, None), |agreed| (Some(&agreed.finding), Some(&agreed.issue)));
    for (written, before, after) in [(ours, was_ours, finding_after), (&theirs, was_theirs, issue_after)] {
        let is_moved = before.map_or(*written != Owner::Nobody, |before| before != written);
        assert!(
            !is_moved || after == written || told.contains(&text(written)),
            "{case}: {written:?} is gone without a word\n{told}"
        );
    }
    assert_eq!(writes(&plan(&context, &[row])), 0, "{case}: quiet means quiet");
}

#[test]
fn every_status_on_every_side_comes_to_rest_and_nothing_is_resolved_by_itself() {
    let ours = [
        finding(KEY),
        Finding { state: State::InProgress, ..finding(KEY) },
        Finding { declined_upstream: true, ..finding(KEY) },
        pending(KEY),
        resolved(KEY),
        super::waived(KEY),
        Finding { state: State::Dismissed, dismissed: Some("a duplicate".to_owned()), ..finding(KEY) },
    ];
    let all = [Progress::Open, Progress::InProgress, Progress::Done, Progress::Declined];
    let halves = all.into_iter().flat_map(|ours| all.into_iter().map(move |theirs| (ours, theirs)));
    let baselines: Vec<_> =
        halves.map(|(finding, issue)| Some(Agreed { finding, issue })).chain([None]).collect();
    let mut checked = 0;
    for policy in POLICIES {
        for baseline in &baselines {
            for (finding, progress) in ours.iter().flat_map(|finding| all.map(|progress| (finding, progress)))
            {
                let mut agreed = link(KEY, 3);
                agreed.baseline.progress.clone_from(baseline);
                let issue = at(assigned(3, &[]), progress);
                let mut row = linked(finding.clone(), agreed, issue);
                let told = told(policy, &mut row);
                let after = &row.findings[0].finding;
                let case = format!("{policy:?}: {baseline:?}, {}, {progress}", finding.state);
                assert!(
                    after.state != State::Resolved || finding.state == State::Resolved,
                    "{case}: only a reviewer resolves"
                );
                let Observed::Known(issue) = &row.links[0].1 else { panic!("{case}") };
                let is_moved = baseline.as_ref().is_none_or(|agreed| agreed.issue != progress);
                assert!(
                    !is_moved || issue.progress == progress || told.contains(progress.as_str()),
                    "{case}: what a person did there is undone without a word\n{told}"
                );
                checked += 1;
            }
        }
    }
    assert_eq!(checked, 3 * 17 * 7 * 4);
}
