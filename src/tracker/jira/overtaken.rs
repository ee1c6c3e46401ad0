//! What somebody else wrote between our read and our write, from the issue's changelog.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};

use super::{Jira, search::malformed, wire};
use crate::{
    model::{
        ids::AccountId,
        issue::{Edit, Field, Issue, Overtaken},
        last_change::LastChange,
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

    /// The last change of a field after an instant, for an issue whose write had no answer, and what ours replaced.
    pub(super) async fn last_change_of(
        &self,
        issue: &Issue,
        field: Field,
        since: DateTime<Utc>,
    ) -> Result<Option<LastChange>, TrackerError> {
        let name = match field {
            Field::Owner => "assignee",
            Field::Progress => "status",
            Field::Labels | Field::Due | Field::Block | Field::Comment => return Ok(None),
        };
        let (me, histories) = (self.me().await?, self.histories(&issue.at.id.id).await?);
        let mut newest: Option<(DateTime<Utc>, &wire::History)> = None;
        for history in histories.iter().filter(|history| history.changes(name)) {
            let at = wire::instant(&history.created).ok_or_else(|| malformed("a change without a time"))?;
            if at > since && newest.is_none_or(|(newest, _)| at >= newest) {
                newest = Some((at, history));
            }
        }
        Ok(newest.map(|(at, history)| LastChange {
            by: self.author_of(history),
            at,
            replaced: self.replaced_in(since, (field, name), &me, &histories),
        }))
    }

    fn author_of(&self, history: &wire::History) -> Option<AccountId> {
        self.account_of(history.author.as_value()?)
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
        let is_ours =
            |history: &wire::History| self.author_of(history).is_some_and(|by| self.accounts.have(me, &by));
        // The newest first: what comes before ours is on the issue still.
        let replaced = changes.into_iter().skip_while(|(_, history, _)| !is_ours(history));
        let mut replaced: Vec<Overtaken> = replaced
            .filter(|(_, history, _)| !is_ours(history))
            .map(|(_, history, item)| Overtaken {
                field,
                by: self
                    .author_of(history)
                    .map_or_else(|| "somebody".to_owned(), |account| account.to_string()),
                value: item.to.unwrap_or_else(|| "nobody".to_owned()),
                assignee: item.to_id.filter(|_| field == Field::Owner).map(AccountId::new),
            })
            .collect();
        replaced.reverse();
        replaced
    }
}
