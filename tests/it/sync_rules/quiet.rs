//! Whatever people do on both sides, one plan settles it: the next one writes nothing, and the one after says nothing.

use std::collections::BTreeSet;

use postmortem_sync::{
    model::{
        finding::{Claim, Claimant, Finding, Owner, Verification, Waiver},
        ids::AccountId,
        issue::{Issue, TrackerKind},
        link::{Baseline, Link, LinkKind},
        observed::Observed,
        rule::{ConflictPolicy, Outcome},
        terms::{Progress, State},
    },
    plan::{
        action::{Action, Plan},
        plan,
        snapshot::{Context, Row},
    },
};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::{
    build::{
        context, date, destination, finding, issue, jira_issue, jira_link, link, member, minutes, now,
        owned_by, reword, rule,
    },
    replay::{apply, writes},
    surroundings::cases,
};

/// Somebody does something, to a finding or an issue by number.
#[derive(Clone, Debug)]
enum Deed {
    Own(usize, Owner),
    Decide(usize, State, bool),
    Retitle(usize),
    Postpone(usize, bool),
    Assign(usize, Vec<&'static str>),
    Move(usize, Progress, Option<&'static str>),
    Unlabel(usize),
    Schedule(usize, bool),
}

/// Findings, issues and who follows what.
#[derive(Clone, Debug)]
struct World {
    issues: Vec<TrackerKind>,
    /// For each finding, its links: which issue, and of which kind.
    links: Vec<Vec<(usize, LinkKind)>>,
    policy: ConflictPolicy,
}

impl World {
    fn context(&self) -> Context {
        let mut to = destination("github", "acme/payments");
        (to.owner_conflict, to.status_conflict) = (self.policy, self.policy);
        Context { rules: vec![rule("payments", Outcome::Create(to))], ..context() }
    }

    fn issue(&self, n: usize) -> Issue {
        let number = u64::try_from(n).unwrap() + 1;
        match self.issues[n] {
            TrackerKind::Github => issue(number),
            TrackerKind::JiraCloud | TrackerKind::JiraDataCenter => jira_issue(number),
        }
    }

    /// The row as it is right after the links were made.
    fn row(&self) -> Row {
        let mut row = Row::default();
        for (n, links) in self.links.iter().enumerate() {
            let key = format!("PM-1/F{}", n + 1);
            for (at, kind) in links {
                let number = u64::try_from(*at).unwrap() + 1;
                let made = match self.issues[*at] {
                    TrackerKind::Github => link(&key, number),
                    TrackerKind::JiraCloud | TrackerKind::JiraDataCenter => jira_link(&key, number),
                };
                let fresh = Link { baseline: Baseline::default(), kind: *kind, ..made };
                row.links.push((fresh, Observed::Known(self.issue(*at))));
            }
            row.findings.push(member(finding(&key)));
        }
        row
    }

    fn happen(&self, row: &mut Row, deed: &Deed) {
        match deed {
            Deed::Own(n, owner) => self.finding(row, *n).owner = owner.clone(),
            Deed::Decide(n, state, comment) => decide(self.finding(row, *n), *state, *comment),
            Deed::Retitle(n) => reword(self.finding(row, *n), |words| words.title.push('!')),
            Deed::Postpone(n, late) => {
                self.finding(row, *n).clock.due = Some(date(if *late { "2026-02-01" } else { "2026-05-01" }));
            }
            Deed::Assign(n, accounts) => self.on_issue(row, *n, |issue, _| {
                issue.assignees = accounts.iter().map(|account| AccountId::from(*account)).collect();
            }),
            Deed::Move(n, progress, by) => self.on_issue(row, *n, |issue, kind| {
                issue.progress = kind.shows(*progress);
                issue.status_text = issue.progress.to_string();
                issue.closed_by = by.filter(|_| progress.is_closed()).map(AccountId::from);
            }),
            Deed::Unlabel(n) => self.on_issue(row, *n, |issue, _| issue.labels.clear()),
            Deed::Schedule(n, some) => self.on_issue(row, *n, |issue, kind| {
                issue.due = (*some && kind != TrackerKind::Github).then(|| date("2026-06-01"));
            }),
        }
    }

    fn finding<'a>(&self, row: &'a mut Row, n: usize) -> &'a mut Finding {
        &mut row.findings[n % self.links.len()].finding
    }

    fn on_issue(&self, row: &mut Row, n: usize, change: impl Fn(&mut Issue, TrackerKind)) {
        let n = n % self.issues.len();
        let at = self.issue(n).at.id;
        for (link, seen) in &mut row.links {
            if let (true, Observed::Known(issue)) = (link.issue.id == at, seen) {
                change(issue, self.issues[n]);
            }
        }
    }
}

fn decide(finding: &mut Finding, state: State, comment: bool) {
    let claim = || Some(Claim { at: minutes(-60), by: Claimant::Document });
    let verified = || Verification { by: "rita".into(), at: now(), evidence: Vec::new(), procedure: None };
    let waiver =
        || Waiver { by: "rita".into(), at: now(), reason: "later".to_owned(), expires: date("2026-09-01") };
    finding.state = state;
    finding.declined_upstream = false;
    finding.claim = matches!(state, State::PendingVerification | State::Resolved).then(claim).flatten();
    finding.resolution = (state == State::Resolved).then(verified);
    finding.waiver = (state == State::RiskAccepted).then(waiver);
    finding.pending_comment = comment.then(|| "because".to_owned());
}

fn owners() -> impl Strategy<Value = Owner> {
    let text = Owner::Unmapped("the network team".to_owned());
    select(vec![Owner::Nobody, owned_by("ana"), owned_by("ben"), text])
}

fn deeds() -> impl Strategy<Value = Deed> {
    let accounts = || select(vec!["ana-gh", "ben-gh", "J-ana", "stranger"]);
    prop_oneof![
        (0..2_usize, owners()).prop_map(|(n, owner)| Deed::Own(n, owner)),
        (0..2_usize, select(State::ALL), any::<bool>())
            .prop_map(|(n, state, why)| Deed::Decide(n, state, why)),
        (0..2_usize).prop_map(Deed::Retitle),
        (0..2_usize, any::<bool>()).prop_map(|(n, late)| Deed::Postpone(n, late)),
        (0..3_usize, vec(accounts(), 0..3)).prop_map(|(n, accounts)| Deed::Assign(n, accounts)),
        (0..3_usize, select(Progress::ALL), proptest::option::of(accounts()))
            .prop_map(|(n, progress, by)| Deed::Move(n, progress, by)),
        (0..3_usize).prop_map(Deed::Unlabel),
        (0..3_usize, any::<bool>()).prop_map(|(n, some)| Deed::Schedule(n, some)),
    ]
}

fn worlds() -> impl Strategy<Value = World> {
    let trackers = vec(select(vec![TrackerKind::Github, TrackerKind::JiraCloud]), 1..=3);
    let policies = select(vec![ConflictPolicy::Tracker, ConflictPolicy::Finding, ConflictPolicy::Flag]);
    (trackers, policies).prop_flat_map(|(issues, policy)| {
        let kinds = select(vec![LinkKind::Created, LinkKind::Cited]);
        let of_one = proptest::sample::subsequence((0..issues.len()).collect::<Vec<_>>(), 1..=issues.len());
        let of_one = (of_one, kinds).prop_map(|(at, kind)| at.into_iter().map(|at| (at, kind)).collect());
        vec(of_one, 1..=2).prop_map(move |links| World { issues: issues.clone(), links, policy })
    })
}

/// What must hold for every plan: nobody unknown is replaced, and a cited issue gets owner and status only.
fn proper(row: &Row, plan: &Plan) {
    for action in &plan.actions {
        let Action::Edit(edit) = action else { continue };
        let (link, issue) = row
            .links
            .iter()
            .find(|(link, _)| link.issue.id == edit.issue.id && link.finding == edit.finding)
            .unwrap();
        let issue = issue.known().unwrap();
        if let Some(owner) = &edit.edit.owner {
            let replaced = owner.from.as_ref().map(AccountId::as_str);
            assert!(replaced != Some("stranger"), "{edit:?}");
            assert!(owner.from.is_some() || issue.assignees.is_empty(), "{edit:?}");
        }
        if link.kind == LinkKind::Cited {
            let own = &edit.edit;
            assert!(own.add_labels.is_empty() && own.remove_labels.is_empty(), "{edit:?}");
            assert!(own.due.is_none() && own.block.is_none(), "{edit:?}");
        }
    }
    let changed: Vec<_> = plan
        .actions
        .iter()
        .filter_map(|action| match action {
            Action::Edit(edit) if edit.edit.progress.is_some() => Some(&edit.issue.id),
            _ => None,
        })
        .collect();
    assert_eq!(changed.iter().collect::<BTreeSet<_>>().len(), changed.len(), "one status write an issue");
}

proptest! {
    #![proptest_config(cases(1000))]
    #[test]
    fn whatever_people_do_the_next_plan_writes_nothing(
        world in worlds(),
        rounds in vec(vec(deeds(), 1..5), 1..4),
    ) {
        let context = world.context();
        let mut row = world.row();
        for deeds in [Vec::new()].into_iter().chain(rounds) {
            for deed in &deeds {
                world.happen(&mut row, deed);
            }
            let first = plan(&context, std::slice::from_ref(&row));
            proper(&row, &first);
            apply(&context, &mut row, first);
            let second = plan(&context, std::slice::from_ref(&row));
            prop_assert_eq!(writes(&second), 0, "after {:?}: {:#?}", deeds, second.actions);
            apply(&context, &mut row, second);
            let third = plan(&context, std::slice::from_ref(&row));
            prop_assert!(third.actions.is_empty(), "after {:?}: {:#?}", deeds, third.actions);
        }
    }
}
