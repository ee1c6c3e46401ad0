//! What an issue shows of what was asked for, read back after an edit.
//!
//! Knows that GitHub drops what an account may not set and says nothing. Writes nothing.

use super::{
    GitHub,
    create::{has_assignee, lost_labels, silently},
    edit::{Work, leaver},
};
use crate::{
    model::{
        digest,
        ids::AccountId,
        issue::{Change, Edit, Field, Issue, TrackerKind},
    },
    tracker::TrackerError,
};

impl GitHub {
    /// Notes each requested field that is not there, unless its refusal is known already.
    pub(super) async fn compare(
        &self,
        work: &mut Work<'_>,
        edit: &Edit,
        read: &Issue,
    ) -> Result<(), TrackerError> {
        if let Some(owner) = &edit.owner
            && read.shows(Field::Owner)
            && !work.has_dropped(Field::Owner)
        {
            self.compare_owner(work, owner, read).await?;
        }
        let stays = edit.unassign.iter().find(|account| has_assignee(read, account));
        if let Some(account) = stays.filter(|_| !work.has_dropped(Field::Owner)) {
            work.drop(Field::Owner, silently(&format!("the removal of `{account}`")));
        }
        let lost = lost_labels(&edit.add_labels, read);
        if !lost.is_empty() && !work.has_dropped(Field::Labels) {
            work.drop(Field::Labels, silently(&format!("the labels {}", lost.join(", "))));
        }
        let kept = edit.remove_labels.iter().find(|label| read.shows(Field::Labels) && read.carries(label));
        if let Some(label) = kept.filter(|_| !work.has_dropped(Field::Labels)) {
            work.drop(Field::Labels, silently(&format!("the removal of the label `{label}`")));
        }
        if let Some(to) = edit.progress.as_ref().map(|change| TrackerKind::Github.shows(change.to))
            && read.shows(Field::Progress)
            && to != read.progress
            && !work.has_dropped(Field::Progress)
        {
            work.drop(Field::Progress, unmoved(read));
        }
        if let Some(change) = &edit.block
            && !work.has_dropped(Field::Block)
            && read.shows(Field::Block)
            && read.block.as_ref() == Some(&change.from)
            && change.from != digest::of_text(&change.to)
        {
            work.drop(Field::Block, silently("the new text"));
        }
        Ok(())
    }

    /// The reason is asked for only when something was dropped.
    async fn compare_owner(
        &self,
        work: &mut Work<'_>,
        owner: &Change<Option<AccountId>>,
        read: &Issue,
    ) -> Result<(), TrackerError> {
        if let Some(account) = owner.to.as_ref().filter(|account| !has_assignee(read, account)) {
            let why = self.why_not_assigned(&work.repository, &read.at, account).await;
            work.drop(Field::Owner, why);
            return Ok(());
        }
        if let Some(account) = leaver(owner).filter(|account| has_assignee(read, account)) {
            work.drop(Field::Owner, silently(&format!("the removal of `{account}`")));
        }
        Ok(())
    }
}

/// Why the status is not what was asked for.
fn unmoved(read: &Issue) -> String {
    if read.progress.is_closed() {
        "GitHub changes the reason of a closed issue only when it is reopened first".to_owned()
    } else {
        silently("the new status")
    }
}
