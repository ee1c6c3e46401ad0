//! Owner: read from the first link's issue, pushed to all of them.

use super::{Live, Work};
use crate::{
    model::{
        cycle::NoteKind,
        finding::Owner,
        ids::AccountId,
        issue::{Change, Field, Issue, TrackerKind},
        link::{Agreed, Link},
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
    pub(super) fn merge_owner(&mut self, plan: &mut Plan) {
        for n in 0..self.live.len() {
            let Some(live) = self.live.get(n) else { continue };
            let (account, on_issue) = followed(self.context, live.kind, &live.link, live.issue);
            let agreed = live.link.baseline.owner.as_ref();
            let mut result =
                merge(agreed, &self.finding.owner, &on_issue, PartialEq::eq, |owner| *owner == Owner::Nobody);
            if n > 0 && result == Merge::ToFinding && agreed.is_some() {
                result = Merge::Same;
            }
            if result == Merge::Conflict {
                result = self.settle(n, Field::Owner, (&text(&self.before.owner), &text(&on_issue)), plan);
            }
            match result {
                Merge::Same => {}
                Merge::Agreed => self.agree_owner(n, on_issue),
                Merge::ToFinding => self.take_owner(n, on_issue),
                Merge::ToIssue => self.push_owner(n, account, &on_issue, plan),
                Merge::Conflict => {}
                Merge::Unsettled => {
                    self.note_conflict(n, Field::Owner, (&text(&self.before.owner), &text(&on_issue)), plan)
                }
            }
            self.note_unknown(n, plan);
        }
    }

    /// Somebody whom the directory does not know stays in sight in every cycle, on whichever side they are.
    fn note_unknown(&self, n: usize, plan: &mut Plan) {
        let on_issue = followed_owner(self.context, self.live.get(n));
        let why = match (&on_issue, &self.finding.owner) {
            (Owner::Unmapped(account), _) => {
                format!(
                    "`{account}` is assigned, and people.yaml knows no such account; nothing is overwritten"
                )
            }
            (Owner::Nobody | Owner::Person(_), Owner::Unmapped(name)) => {
                format!("`{name}` is not in people.yaml; the issue keeps its assignee")
            }
            (Owner::Nobody | Owner::Person(_), Owner::Nobody | Owner::Person(_)) => return,
        };
        self.note(n, NoteKind::UnknownPerson, why, plan);
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
                NoteKind::Deferred,
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
                None => {
                    let why = format!(
                        "{person} has no {} account in people.yaml; the issue keeps its assignee",
                        live.kind.as_str()
                    );
                    return self.note(n, NoteKind::UnknownPerson, why, plan);
                }
            },
            // Told by `note_unknown`.
            Owner::Unmapped(_) => return,
        };
        if !self.may_write(n, Field::Owner, plan) {
            return;
        }
        let owner = self.finding.owner.clone();
        if let Some(live) = self.live.get_mut(n) {
            live.why.push(format!("the owner is {} now", text(&owner)));
            live.edit.owner = Some(Change { from: account, to });
            live.owner = Some(owner);
        }
    }
}

fn followed_owner(context: &Context, live: Option<&Live<'_>>) -> Owner {
    live.map_or(Owner::Nobody, |live| followed(context, live.kind, &live.link, live.issue).1)
}
