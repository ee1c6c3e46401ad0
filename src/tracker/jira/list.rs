//! The changelog of an issue: who closed it, and who changed what.
//!
//! Knows where each edition keeps it. A changelog is complete or an error.

use chrono::{DateTime, Utc};

use super::{Jira, search::malformed, wire};
use crate::{
    model::{ids::AccountId, issue::Issue},
    tracker::{TrackerError, shown::Shown},
};

impl Jira {
    /// The present by the tracker's clock, which relative times in queries mean.
    pub(super) async fn server_now(&self) -> Result<DateTime<Utc>, TrackerError> {
        if let Some(now) = self.channel.server_now() {
            return Ok(now);
        }
        self.ask_whoami().await?;
        Ok(self.channel.server_now().unwrap_or(self.channel.pace().now()))
    }

    pub(super) async fn find_closer(&self, issue: &Issue) -> Result<Option<AccountId>, TrackerError> {
        if !issue.progress.is_closed() {
            return Ok(None);
        }
        let histories = self.histories(&issue.at.id.id).await?;
        let mut moves = Vec::new();
        for history in &histories {
            for item in history.items.iter().filter(|item| item.field.as_deref() == Some("status")) {
                let at =
                    wire::instant(&history.created).ok_or_else(|| malformed("a change without a time"))?;
                let to = item.to.as_deref().ok_or_else(|| malformed("a change that does not say to what"))?;
                moves.push((to == issue.status_text, at, history));
            }
        }
        // A status that was renamed or is shown in another language has no entry of its name: then the newest change
        // is the one that led to where the issue is.
        let newest = moves.into_iter().max_by_key(|(has_name, at, _)| (*has_name, *at));
        let Some((_, _, history)) = newest else { return Ok(None) };
        match &history.author {
            Shown::Absent => Err(malformed("a change that does not say who made it")),
            // A visitor, or an account that is no more.
            Shown::Null => Ok(None),
            Shown::Value(by) => Ok(self.account_of(by)),
        }
    }

    /// Whether somebody else than us assigned anybody, in the whole history of an issue.
    pub(super) async fn has_foreign_assignment(&self, issue: &Issue) -> Result<bool, TrackerError> {
        let me = self.me().await?;
        let histories = self.histories(&issue.at.id.id).await?;
        let assigns = |history: &wire::History| {
            history.items.iter().any(|item| item.field.as_deref() == Some("assignee"))
        };
        let (mut is_untold, mut is_foreign) = (false, false);
        for history in histories.iter().filter(|history| assigns(history)) {
            match &history.author {
                Shown::Absent => is_untold = true,
                // A visitor, or an account that is no more.
                Shown::Null => is_foreign = true,
                Shown::Value(by) => match self.account_of(by) {
                    Some(by) => is_foreign |= by != me,
                    None => is_untold = true,
                },
            }
        }
        match (is_foreign, is_untold) {
            (true, _) => Ok(true),
            (false, true) => Err(malformed("a change that does not say who made it")),
            (false, false) => Ok(false),
        }
    }

    /// The whole changelog of an issue.
    pub(super) async fn histories(&self, id: &str) -> Result<Vec<wire::History>, TrackerError> {
        if !self.is_cloud() {
            let path = self.api(&format!("issue/{id}?fields=status&expand=changelog"));
            let issue: wire::Issue = self.channel.get(&path).await?;
            let log = issue.changelog.ok_or_else(|| malformed("an issue without its changelog"))?;
            return whole(log.histories);
        }
        whole(self.listed::<wire::History>(&format!("issue/{id}/changelog")).await?)
    }
}

/// A changelog in which each change says of what: one that does not may be the one that matters.
fn whole(histories: Vec<wire::History>) -> Result<Vec<wire::History>, TrackerError> {
    if histories.iter().flat_map(|history| &history.items).all(wire::HistoryItem::is_told) {
        return Ok(histories);
    }
    Err(malformed("a change that does not say of what"))
}
