//! Somebody who is assigned because a place assigns whoever nobody was chosen for: neither a person's word nor the owner.

use chrono::TimeDelta;

use super::{Work, followed, owner::text};
use crate::{
    model::{
        cycle::NoteKind,
        finding::Owner,
        issue::{Field, Issue},
        link::{Agreed, LinkKind},
    },
    plan::action::Plan,
};

/// So soon after its creation, by the tracker's own clock, nobody has looked at an issue.
const MOMENT: TimeDelta = TimeDelta::seconds(5);

impl Work<'_> {
    /// The first look at an issue that we created finds somebody whom nobody chose: that is the place's default. Both sides
    /// agree that the finding does not have it as its owner and the issue does, so that only what a person does later is
    /// taken for a person's word.
    pub(super) fn hear_default(&mut self, n: usize) {
        let Some(live) = self.live.get(n) else { return };
        if live.link.kind != LinkKind::Created
            || live.link.baseline.owner.is_some()
            || live.doubtful.contains(&Field::Owner)
            || !is_default(live.issue)
        {
            return;
        }
        let on_issue = followed(self.context, live.kind, &live.link, live.issue).1;
        if on_issue == Owner::Nobody || on_issue == self.finding.owner {
            return;
        }
        let finding = match &self.finding.owner {
            // They were asked for and dropped, or named since: the issue is still owed them.
            Owner::Person(person) if self.context.people.account(live.kind, person).is_some() => {
                Owner::Nobody
            }
            owner @ (Owner::Nobody | Owner::Person(_) | Owner::Unmapped(_)) => owner.clone(),
        };
        if let Some(live) = self.live.get_mut(n) {
            live.link.baseline.owner = Some(Agreed { finding, issue: on_issue });
        }
    }

    /// As long as the default stands, it is said that nobody was named.
    pub(super) fn note_default(&self, n: usize, on_issue: &Owner, plan: &mut Plan) {
        let Some(agreed) = self.live.get(n).and_then(|live| live.link.baseline.owner.as_ref()) else {
            return;
        };
        let stands = agreed.issue == *on_issue && agreed.finding == self.finding.owner;
        if !stands || agreed.issue == agreed.finding || agreed.issue == Owner::Nobody {
            return;
        }
        let (theirs, ours) = (text(on_issue), text(&self.finding.owner));
        let why = format!(
            "{theirs} is assigned by the default of the place, which nobody chose; the finding's owner is {ours}: name one"
        );
        self.note(n, (NoteKind::DefaultOwner, Field::Owner), why, plan);
    }
}

/// Whether nobody chose who is assigned: the issue's history has no assignment by anybody else, or where that is not told,
/// it is shown as it was created.
fn is_default(issue: &Issue) -> bool {
    let assigned = issue.shows(Field::Owner) && !issue.assignees.is_empty();
    assigned && issue.chosen.map_or(issue.updated - issue.created <= MOMENT, |chosen| !chosen)
}
