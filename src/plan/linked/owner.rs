//! Owner: read from the first link's issue, pushed to all of them.

use super::{Work, policy::ruling, unfinished::followed_amid};
use crate::{
    model::{
        cycle::NoteKind,
        finding::Owner,
        ids::AccountId,
        issue::{Change, Edit, Field, Issue, TrackerKind},
        link::{Agreed, Link},
        rule::ConflictPolicy,
    },
    plan::{
        action::Plan,
        merge::{Merge, merge},
        snapshot::Context,
    },
};

/// The account that is followed as an issue's owner: the agreed one while it is still assigned, else the first listed.
pub fn followed(
    context: &Context,
    kind: TrackerKind,
    link: &Link,
    issue: &Issue,
) -> (Option<AccountId>, Owner) {
    let owner_of = |account: &AccountId| context.people.owner_of(kind, account);
    let agreed = link.baseline.owner.as_ref().map(|agreed| &agreed.issue);
    let still = issue.assignees.iter().find(|account| Some(&owner_of(account)) == agreed);
    match still.or_else(|| issue.assignees.first()) {
        Some(account) => (Some(account.clone()), owner_of(account)),
        None => (None, Owner::Nobody),
    }
}

/// An owner for people to read.
pub fn text(owner: &Owner) -> String {
    match owner {
        Owner::Nobody => "nobody".to_owned(),
        Owner::Person(person) => person.to_string(),
        Owner::Unmapped(name) => name.clone(),
    }
}

impl Work<'_> {
    /// Owner: read from the first link's issue, pushed to all of them; never pushed where several findings share an issue.
    ///
    /// What the issues say is taken first, so that it reaches the other issues in the same plan.
    pub(super) fn merge_owner(&mut self, plan: &mut Plan) {
        for n in 0..self.live.len() {
            self.hear_default(n);
            self.pull_owner(n, plan);
        }
        for n in 0..self.live.len() {
            self.settle_owner(n, plan);
        }
    }

    /// Takes what the first issue says, and what any issue says on which nothing was agreed yet.
    fn pull_owner(&mut self, n: usize, plan: &mut Plan) {
        let Some((result, on_issue, _)) = self.merged_owner(n) else { return };
        let speaks = self.live.get(n).is_some_and(|live| live.first || live.link.baseline.owner.is_none());
        match result {
            Merge::ToFinding if speaks => self.take_owner(n, on_issue),
            Merge::Conflict | Merge::Unsettled
                if speaks && self.owner_policy(&result) == ConflictPolicy::Tracker =>
            {
                let ours = text(&self.finding.owner);
                self.lose(n, Field::Owner, (&ours, &text(&on_issue)), plan);
                self.take_owner(n, on_issue);
            }
            Merge::Same
            | Merge::Agreed
            | Merge::ToIssue
            | Merge::ToFinding
            | Merge::Conflict
            | Merge::Unsettled => {}
        }
    }

    /// Brings an issue's owner in line with the finding's, or says why not.
    fn settle_owner(&mut self, n: usize, plan: &mut Plan) {
        let Some((result, on_issue, account)) = self.merged_owner(n) else {
            self.is_doubtful(n, Field::Owner, plan);
            return;
        };
        let (ours, theirs) = (text(&self.finding.owner), text(&on_issue));
        match (&result, self.owner_policy(&result)) {
            (Merge::Same, _) => {}
            (Merge::Agreed, _) => {
                let was = self.live.get(n).and_then(|live| live.link.baseline.owner.as_ref());
                if let Some(was) = was.map(|agreed| agreed.issue.clone()).filter(|was| *was != on_issue) {
                    self.meet(n, Field::Owner, (&text(&was), &theirs));
                }
                self.agree_owner(n, on_issue.clone());
            }
            (Merge::ToIssue, _) => self.push_owner(n, account, &on_issue, plan),
            (Merge::Conflict | Merge::Unsettled, ConflictPolicy::Finding) => {
                self.contested.insert(Field::Owner);
                self.push_owner(n, account, &on_issue, plan);
                self.overrule_owner(n, (&ours, &theirs), &on_issue);
            }
            (Merge::Conflict | Merge::Unsettled, ConflictPolicy::Flag) => {
                self.note_conflict(n, Field::Owner, (&ours, &theirs), plan);
            }
            (Merge::ToFinding, _) | (Merge::Conflict | Merge::Unsettled, ConflictPolicy::Tracker) => {
                let why = format!(
                    "it is assigned to {theirs}, and the finding to {ours}, which is read from its first issue; it is \
                     left alone"
                );
                self.note(n, (NoteKind::Drift, Field::Owner), why, plan);
            }
        }
        self.take_off_unwanted(n, plan);
        self.note_unknown(n, plan);
        self.note_default(n, &on_issue, plan);
    }

    /// Where the finding's owner is about to replace another one whom somebody chose.
    fn overrule_owner(&mut self, n: usize, values: (&str, &str), on_issue: &Owner) {
        if self.live.get(n).is_none_or(|live| live.edit.owner.is_none()) {
            return;
        }
        self.win(n, Field::Owner, values);
        if let Some(live) = self.live.get_mut(n) {
            live.overruled.owner = Some(on_issue.clone());
        }
    }

    /// Who wins, by what the merge came to: owners on which nothing was ever agreed are for a person to settle,
    /// whatever the rule says.
    fn owner_policy(&self, result: &Merge) -> ConflictPolicy {
        match result {
            Merge::Unsettled => ruling(self.before, Field::Owner).unwrap_or(ConflictPolicy::Flag),
            Merge::Same | Merge::Agreed | Merge::ToIssue | Merge::ToFinding | Merge::Conflict => {
                self.policy(Field::Owner)
            }
        }
    }

    /// What the merge of one issue's owner comes to, with the owner and the account on the issue.
    fn merged_owner(&self, n: usize) -> Option<(Merge, Owner, Option<AccountId>)> {
        let live = self.live.get(n).filter(|live| live.issue.shows(Field::Owner))?;
        if live.doubtful.contains(&Field::Owner) {
            return None;
        }
        let (account, on_issue) = followed_amid(self.context, live.kind, &live.link, live.issue, live.open());
        if live.open().is_some() && account.is_none() {
            // Our own step left it without an owner: it owes the finding's, and says nothing itself.
            let owed = if self.finding.owner == Owner::Nobody { Merge::Agreed } else { Merge::ToIssue };
            return Some((owed, on_issue, account));
        }
        let agreed = live.link.baseline.owner.as_ref();
        let unset = |owner: &Owner| *owner == Owner::Nobody;
        Some((merge(agreed, &self.finding.owner, &on_issue, PartialEq::eq, unset), on_issue, account))
    }

    /// Somebody whom the directory does not know stays in sight in every cycle, on whichever side they are.
    fn note_unknown(&self, n: usize, plan: &mut Plan) {
        let Some(live) = self.live.get(n) else { return };
        let on_issue = followed(self.context, live.kind, &live.link, live.issue).1;
        let why = match (&on_issue, &self.finding.owner) {
            (Owner::Unmapped(account), _) => {
                format!(
                    "`{account}` is assigned, and people.yaml knows no such account; nothing is overwritten"
                )
            }
            (Owner::Nobody | Owner::Person(_), Owner::Unmapped(name)) => {
                let advice = self.context.people.advice(name);
                let advice = advice.map(|advice| format!("; {advice}")).unwrap_or_default();
                format!("`{name}` is not in people.yaml; the issue keeps its assignee{advice}")
            }
            (Owner::Nobody | Owner::Person(_), Owner::Person(person))
                if on_issue != self.finding.owner
                    && self.context.people.account(live.kind, person).is_none() =>
            {
                let kind = live.kind.as_str();
                format!("{person} has no {kind} account in people.yaml; the issue keeps its assignee")
            }
            (Owner::Nobody | Owner::Person(_), Owner::Nobody | Owner::Person(_)) => return,
        };
        self.note(n, (NoteKind::UnknownPerson, Field::Owner), why, plan);
    }

    fn agree_owner(&mut self, n: usize, on_issue: Owner) {
        let finding = self.finding.owner.clone();
        if let Some(live) = self.live.get_mut(n) {
            live.link.baseline.owner = Some(Agreed { finding, issue: on_issue });
        }
    }

    fn take_owner(&mut self, n: usize, on_issue: Owner) {
        let why = "the assignee changed in the tracker";
        self.entry(n, "owner_pulled", Field::Owner, (text(&self.finding.owner), text(&on_issue)), why);
        self.finding.owner = on_issue.clone();
        self.agree_owner(n, on_issue);
    }

    fn push_owner(&mut self, n: usize, account: Option<AccountId>, on_issue: &Owner, plan: &mut Plan) {
        let Some(live) = self.live.get(n) else { return };
        if live.shared {
            return self.note(
                n,
                (NoteKind::Deferred, Field::Owner),
                "several findings follow this issue; its owner is read from the tracker only",
                plan,
            );
        }
        if matches!(on_issue, Owner::Unmapped(_)) {
            return;
        }
        let to = match &self.finding.owner {
            Owner::Nobody => None,
            Owner::Person(person) => match self.context.people.account(live.kind, person) {
                Some(account) => Some(account.clone()),
                // Told by `note_unknown`.
                None => return,
            },
            // Told by `note_unknown`.
            Owner::Unmapped(_) => return,
        };
        let edit = Edit { owner: Some(Change { from: account, to }), ..Edit::default() };
        if !self.may_write(n, Field::Owner, &edit, plan) {
            return;
        }
        let owner = self.finding.owner.clone();
        if let Some(live) = self.live.get_mut(n) {
            live.why.push(format!("the owner is {} now", text(&owner)));
            live.edit.owner = edit.owner;
            live.owner = Some(owner);
        }
    }
}
