//! What changed in a project, and who closed an issue.
//!
//! A listing is complete or an error, and an empty one counts only under a credential that was proven afterwards.

use chrono::{DateTime, Utc};

use super::{Jira, jql, read::Unreadable, search::malformed, wire};
use crate::{
    model::{
        ids::{AccountId, PlaceName},
        issue::{Field, Issue},
    },
    tracker::{Changes, Cursor, TrackerError, shown::Shown},
};

impl Jira {
    pub(super) async fn list_changed(
        &self,
        place: &PlaceName,
        since: Option<&Cursor>,
    ) -> Result<Changes, TrackerError> {
        let now = self.server_now().await?;
        let Some(since) = since else { return Ok(Changes { issues: Vec::new(), next: cursor(now) }) };
        let from = DateTime::parse_from_rfc3339(&since.0)
            .map_err(|_| malformed(&format!("`{}` is not a cursor of this tracker", since.0)))?;
        let query = jql::changed(place.as_str(), &self.settings.label_prefix, from.with_timezone(&Utc), now);
        let found = self.search(&query, &|_| true).await?;
        if found.issues.is_empty() {
            // An expired credential gets empty lists; a cursor must not move over them.
            self.ask_whoami().await?;
        }
        let next = cursor(found.at.unwrap_or(now));
        Ok(Changes { issues: self.mapped(&found.issues)?, next })
    }

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
        Ok(newest.and_then(|(_, _, history)| self.account_of(history.author.as_value()?)))
    }

    /// Who last changed the status or the assignee of an issue after an instant of the site's clock.
    pub(super) async fn author_of(
        &self,
        issue: &Issue,
        field: Field,
        since: DateTime<Utc>,
    ) -> Result<Option<AccountId>, TrackerError> {
        let name = match field {
            Field::Progress => "status",
            Field::Owner => "assignee",
            Field::Labels | Field::Due | Field::Block | Field::Comment => return Ok(None),
        };
        let histories = self.histories(&issue.at.id.id).await?;
        let mut newest: Option<(DateTime<Utc>, &wire::History)> = None;
        for history in histories.iter().filter(|history| history.changes(name)) {
            let at = wire::instant(&history.created).ok_or_else(|| malformed("a change without a time"))?;
            if at > since && newest.is_none_or(|(newest, _)| at >= newest) {
                newest = Some((at, history));
            }
        }
        Ok(newest.and_then(|(_, history)| self.account_of(history.author.as_value()?)))
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

    /// The issues of a listing. One whose status nobody mapped has no value in our terms: it is left to the read by
    /// id, which reports it.
    fn mapped(&self, issues: &[wire::Issue]) -> Result<Vec<Issue>, TrackerError> {
        let mut mapped = Vec::with_capacity(issues.len());
        for issue in issues {
            match self.translated(issue) {
                Ok(issue) => mapped.push(issue),
                Err(Unreadable::Unmapped(why)) => {
                    tracing::warn!(issue = %issue.key, "{} changed, but its {why}", issue.key);
                }
                Err(Unreadable::Malformed(why)) => return Err(malformed(&format!("{}: {why}", issue.key))),
            }
        }
        Ok(mapped)
    }
}

/// A changelog in which each change says of what: one that does not may be the one that matters.
fn whole(histories: Vec<wire::History>) -> Result<Vec<wire::History>, TrackerError> {
    if histories.iter().flat_map(|history| &history.items).all(wire::HistoryItem::is_told) {
        return Ok(histories);
    }
    Err(malformed("a change that does not say of what"))
}

fn cursor(at: DateTime<Utc>) -> Cursor {
    Cursor(at.to_rfc3339())
}
