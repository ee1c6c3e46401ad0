//! Links that end, move with their issue, and come back.

use super::{CycleError, apply::Run};
use crate::model::{
    edit_intent::EditIntent,
    ids::FindingKey,
    issue::IssueId,
    link::{Link, Tombstone},
    register::Write,
};

impl Run<'_, '_> {
    /// Ends a link. A lost issue may be found again: what our own steps did to it is still ours then.
    pub(super) async fn end_link(
        &mut self,
        finding: FindingKey,
        issue: IssueId,
        tombstone: Tombstone,
    ) -> Result<(), CycleError> {
        let (key, why) = (tombstone.issue.key.clone(), tombstone.why.clone());
        let entry = self.ledger.entry("link_broken", &finding, Some(&key), why);
        self.outcome.count("unlinked");
        let open = self.open_edit(&finding, &issue, &issue);
        let mut writes = vec![
            Write::Unlink { finding, issue },
            Write::Tombstone(Box::new(tombstone)),
            Write::History(entry),
        ];
        writes.extend(open);
        Ok(self.ledger.record(writes).await?)
    }

    /// Follows an issue to where it is now.
    pub(super) async fn follow_link(
        &mut self,
        finding: FindingKey,
        from: IssueId,
        becomes: Box<Link>,
        why: String,
    ) -> Result<(), CycleError> {
        let entry = self.ledger.entry("link_followed", &finding, Some(&becomes.issue.key), why);
        self.outcome.count("followed");
        self.outcome.touched.insert(finding.clone());
        let open = self.open_edit(&finding, &from, &becomes.issue.id);
        let mut writes =
            vec![Write::Unlink { finding, issue: from }, Write::Link(becomes), Write::History(entry)];
        writes.extend(open);
        Ok(self.ledger.record(writes).await?)
    }

    /// Goes on with a link whose issue was lost and is found again.
    pub(super) async fn restore_link(
        &mut self,
        finding: FindingKey,
        tombstone: IssueId,
        becomes: Box<Link>,
        why: String,
    ) -> Result<(), CycleError> {
        let entry = self.ledger.entry("link_restored", &finding, Some(&becomes.issue.key), why);
        self.outcome.count("relinked");
        self.outcome.touched.insert(finding.clone());
        let open = self.open_edit(&finding, &tombstone, &becomes.issue.id);
        let mut writes = vec![
            Write::EditDone { finding: finding.clone(), issue: tombstone.clone() },
            Write::TombstoneCleared { finding, issue: tombstone },
            Write::Link(becomes),
            Write::History(entry),
        ];
        writes.extend(open);
        Ok(self.ledger.record(writes).await?)
    }

    /// What is open of an edit of an issue, which goes on under the number that the issue has then.
    fn open_edit(&self, finding: &FindingKey, was: &IssueId, becomes: &IssueId) -> Option<Write> {
        let open = self.ledger.open_edit(finding, was)?;
        Some(Write::EditIntent(Box::new(EditIntent { issue: becomes.clone(), ..open.clone() })))
    }
}
