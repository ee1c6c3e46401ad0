//! What somebody else wrote between our read and our write, from the issue's changelog.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};

use super::{Jira, wire};
use crate::{
    model::{
        ids::AccountId,
        issue::{Edit, Field, Issue, Overtaken},
    },
    tracker::TrackerError,
};

impl Jira {
    /// What an edit replaced unseen. Nothing where the site does not show its changelog.
    pub(super) async fn overtaken(&self, before: &Issue, edit: &Edit, shown: &wire::Issue) -> Vec<Overtaken> {
        let (Some(log), Ok(me)) = (&shown.changelog, self.me().await) else { return Vec::new() };
        let fields = [
            (Field::Owner, "assignee", edit.owner.is_some()),
            (Field::Progress, "status", edit.progress.is_some()),
        ];
        let asked = fields.into_iter().filter(|(_, _, is_asked)| *is_asked);
        asked
            .flat_map(|(field, name, _)| self.replaced_in(before.updated, (field, name), &me, &log.histories))
            .collect()
    }

    /// The same of an issue whose write had no answer.
    pub(super) async fn replaced_by_us(
        &self,
        issue: &Issue,
        field: Field,
        since: DateTime<Utc>,
    ) -> Result<Vec<Overtaken>, TrackerError> {
        let name = match field {
            Field::Owner => "assignee",
            Field::Progress => "status",
            Field::Labels | Field::Due | Field::Block | Field::Comment => return Ok(Vec::new()),
        };
        let (me, histories) = (self.me().await?, self.histories(&issue.at.id.id).await?);
        Ok(self.replaced_in(since, (field, name), &me, &histories))
    }

    /// Changes of one field by others, after what we read and before our own: both instants are the site's.
    fn replaced_in(
        &self,
        since: DateTime<Utc>,
        (field, name): (Field, &str),
        me: &AccountId,
        histories: &[wire::History],
    ) -> Vec<Overtaken> {
        let of_field = |history: &wire::History| {
            history.items.iter().find(|item| item.field.as_deref() == Some(name)).cloned()
        };
        let mut changes: Vec<_> = histories
            .iter()
            .filter_map(|history| Some((wire::instant(&history.created)?, history, of_field(history)?)))
            .filter(|(at, _, _)| *at > since)
            .collect();
        changes.sort_by_key(|(at, _, _)| Reverse(*at));
        let is_ours = |history: &wire::History| {
            let by = history.author.as_value().and_then(|by| self.account_of(by));
            by.is_some_and(|by| self.accounts.have(me, &by))
        };
        // The newest first: what comes before ours is on the issue still.
        let replaced = changes.into_iter().skip_while(|(_, history, _)| !is_ours(history));
        let mut replaced: Vec<Overtaken> = replaced
            .filter(|(_, history, _)| !is_ours(history))
            .map(|(_, history, item)| Overtaken {
                field,
                by: history
                    .author
                    .as_value()
                    .and_then(|by| self.account_of(by))
                    .map_or_else(|| "somebody".to_owned(), |account| account.to_string()),
                value: item.to.unwrap_or_else(|| "nobody".to_owned()),
                assignee: item.to_id.filter(|_| field == Field::Owner).map(AccountId::new),
            })
            .collect();
        replaced.reverse();
        replaced
    }
}
