//! What somebody else made of an issue between our read and our write: its state from its events, its assignees from the
//! issue itself.
//!
//! Labels need no such look: they are added and removed one by one, and those of others are never ours.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{GitHub, create::has_assignee, wire::Account};
use crate::{
    model::{
        ids::AccountId,
        issue::{Edit, Field, Issue, Overtaken},
    },
    tracker::TrackerError,
};

/// Pages of events that are read at most: the newest are on the last.
const PAGES_MAX: usize = 20;

/// One thing that happened to an issue.
#[derive(Debug, Deserialize)]
struct Event {
    event: Option<String>,
    actor: Option<Account>,
    created_at: Option<DateTime<Utc>>,
    state_reason: Option<String>,
}

impl GitHub {
    /// States that a write of ours replaced unseen, the oldest first. Nothing where the events cannot be read: the
    /// write itself went well.
    pub(super) async fn overtaken(&self, path: &str, before: &Issue) -> Vec<Overtaken> {
        let looked =
            async { Ok::<_, TrackerError>((self.me().await?, self.states(path, before.updated).await?)) };
        let (me, states) = match looked.await {
            Ok(looked) => looked,
            Err(error) => {
                tracing::debug!(issue.key = %before.at.key, %error, "what happened to the issue just now is not shown");
                return Vec::new();
            }
        };
        let by_us = |state: &State| state.by.as_ref().is_some_and(|by| self.accounts.have(&me, by));
        let ours = states.iter().rposition(by_us);
        let replaced = states.into_iter().take(ours.unwrap_or(0)).filter(|state| !by_us(state));
        replaced
            .map(|state| Overtaken {
                field: Field::Progress,
                by: state.by.map_or_else(|| "somebody".to_owned(), |by| by.to_string()),
                value: state.value,
                assignee: None,
            })
            .collect()
    }

    /// Closings and reopenings after an instant of the server's clock, in order.
    async fn states(&self, path: &str, after: DateTime<Utc>) -> Result<Vec<State>, TrackerError> {
        let mut states = Vec::new();
        let mut next = Some(format!("{path}/events?per_page=100"));
        for _ in 0..PAGES_MAX {
            let Some(path) = next else { break };
            let page = self.page::<Event>(&path).await?;
            let recent = page.items.into_iter().filter(|event| event.created_at.is_some_and(|at| at > after));
            states.extend(recent.filter_map(State::new));
            next = page.next;
        }
        Ok(states)
    }
}

/// Whom somebody assigned while we set an owner. They are still assigned beside that one, so that nothing is lost but
/// the wish; an issue shows who they are and not who did it.
pub(super) fn newcomers(before: &Issue, edit: &Edit, read: &Issue) -> Vec<Overtaken> {
    let Some(owner) = &edit.owner else { return Vec::new() };
    let is_ours = |account: &AccountId| {
        owner.to.as_ref().is_some_and(|to| to.as_str().eq_ignore_ascii_case(account.as_str()))
    };
    let newcomers =
        read.assignees.iter().filter(|account| !has_assignee(before, account) && !is_ours(account));
    let overtaken = |account: &AccountId| Overtaken {
        field: Field::Owner,
        by: "somebody".to_owned(),
        value: account.to_string(),
        assignee: Some(account.clone()),
    };
    newcomers.map(overtaken).collect()
}

/// A state that somebody gave an issue.
struct State {
    by: Option<AccountId>,
    value: String,
}

impl State {
    fn new(event: Event) -> Option<Self> {
        let value = match event.event.as_deref()? {
            "reopened" => "open".to_owned(),
            "closed" => match event.state_reason {
                Some(reason) => format!("closed ({})", reason.replace('_', " ")),
                None => "closed".to_owned(),
            },
            _ => return None,
        };
        Some(Self { by: event.actor.and_then(Account::id), value })
    }
}
