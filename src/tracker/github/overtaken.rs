//! What somebody else made of an issue between our read and our write: its state from its events, its assignees from the
//! issue itself.
//!
//! Labels need no such look: they are added and removed one by one, and those of others are never ours.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{GitHub, create::has_assignee, read::path_of, wire::Account};
use crate::{
    model::{
        ids::AccountId,
        issue::{Edit, Field, Issue, Overtaken},
        last_change::LastChange,
    },
    tracker::{TrackerError, shown::Shown},
};

/// Pages of events that are read at most: the newest are on the last.
const PAGES_MAX: usize = 20;

/// One thing that happened to an issue.
///
/// | member | not there | null |
/// |---|---|---|
/// | `event`, `created_at` | nothing follows from the whole list: what is not shown may be the last word | the same |
/// | `actor` | nothing is told of who did it | an account that is no more |
/// | `assigner` | `actor`, unless that may be the one who was assigned | an account that is no more |
/// | `state_reason` | closed, nothing is told of why | the same |
#[derive(Clone, Debug, Deserialize)]
struct Event {
    event: Option<String>,
    #[serde(default)]
    actor: Shown<Account>,
    /// Who assigned somebody; of such an event, `actor` may be the one who was assigned.
    #[serde(default)]
    assigner: Shown<Account>,
    assignee: Option<Account>,
    created_at: Option<DateTime<Utc>>,
    state_reason: Option<String>,
}

impl Event {
    /// Who did it; the outer none where the event does not tell, the inner one where it was nobody who is still there.
    #[expect(clippy::option_option, reason = "not told and nobody are different")]
    fn by(self) -> Option<Option<AccountId>> {
        let is_assignment = matches!(self.event.as_deref(), Some("assigned" | "unassigned"));
        match (self.assigner, self.actor) {
            (Shown::Value(by), _) => by.id().map(Some),
            (Shown::Null, _) => Some(None),
            (Shown::Absent, Shown::Value(by)) => {
                let by = by.id()?;
                let whom = self.assignee.and_then(Account::id);
                // They may have assigned themselves, or have been assigned.
                let is_told = !is_assignment || whom.is_some_and(|whom| !same_login(&whom, &by));
                is_told.then_some(Some(by))
            }
            (Shown::Absent, Shown::Null) => Some(None),
            (Shown::Absent, Shown::Absent) => None,
        }
    }
}

impl GitHub {
    /// States that a write of ours replaced unseen, the oldest first. Nothing where the events cannot be read: the
    /// write itself went well.
    pub(super) async fn overtaken(&self, path: &str, before: &Issue) -> Vec<Overtaken> {
        let replaced = async {
            let (me, events) = (self.me().await?, self.events(path, before.updated).await?);
            Ok::<_, TrackerError>(self.replaced_states(&me, events))
        };
        replaced.await.unwrap_or_else(|error| {
            tracing::debug!(issue.key = %before.at.key, %error, "what happened to the issue just now is not shown");
            Vec::new()
        })
    }

    /// The last change of a field after an instant, for an issue whose write had no answer, and what ours replaced:
    /// states only, since assignees are added one by one and those of others stay.
    pub(super) async fn last_change_of(
        &self,
        issue: &Issue,
        field: Field,
        since: DateTime<Utc>,
    ) -> Result<Option<LastChange>, TrackerError> {
        let names: &[&str] = match field {
            Field::Progress => &["closed", "reopened"],
            Field::Owner => &["assigned", "unassigned"],
            Field::Labels | Field::Due | Field::Block | Field::Comment => return Ok(None),
        };
        let path = path_of(&issue.at).ok_or_else(|| TrackerError::NotFound { what: issue.at.key.clone() })?;
        let (me, events) = (self.me().await?, self.events(&path, since).await?);
        let is_meant = |event: &&Event| event.event.as_deref().is_some_and(|name| names.contains(&name));
        let Some(last) = events.iter().rfind(is_meant).cloned() else { return Ok(None) };
        let at = last.created_at.ok_or_else(|| odd("an event that does not say when"))?;
        let replaced = if field == Field::Progress { self.replaced_states(&me, events) } else { Vec::new() };
        Ok(Some(LastChange { by: last.by().flatten(), at, replaced }))
    }

    /// States that others gave the issue, and one of ours came after.
    fn replaced_states(&self, me: &AccountId, events: Vec<Event>) -> Vec<Overtaken> {
        let states: Vec<State> = events.into_iter().filter_map(State::new).collect();
        let by_us = |state: &State| state.by.as_ref().is_some_and(|by| self.accounts.have(me, by));
        let ours = states.iter().rposition(by_us);
        let replaced = states.into_iter().take(ours.unwrap_or(0)).filter(|state| !by_us(state));
        let overtaken = replaced.map(|state| Overtaken {
            field: Field::Progress,
            by: state.by.map_or_else(|| "somebody".to_owned(), |by| by.to_string()),
            value: state.value,
            assignee: None,
        });
        overtaken.collect()
    }

    /// Whether somebody else than us assigned anybody, in the whole history of an issue.
    pub(super) async fn has_foreign_assignment(&self, path: &str) -> Result<bool, TrackerError> {
        let me = self.me().await?;
        let mut next = Some(format!("{path}/events?per_page=100"));
        for _ in 0..PAGES_MAX {
            let Some(path) = next else { return Ok(false) };
            let page = self.page::<Event>(&path).await?;
            for event in
                whole(page.items)?.into_iter().filter(|event| event.event.as_deref() == Some("assigned"))
            {
                let by = event.by().ok_or_else(|| odd("an event that does not say who assigned"))?;
                if by.is_none_or(|by| !same_login(&by, &me)) {
                    return Ok(true);
                }
            }
            next = page.next;
        }
        Err(odd("the events do not end"))
    }

    /// What happened after an instant of the server's clock, in order.
    async fn events(&self, path: &str, after: DateTime<Utc>) -> Result<Vec<Event>, TrackerError> {
        let mut events = Vec::new();
        let mut next = Some(format!("{path}/events?per_page=100"));
        for _ in 0..PAGES_MAX {
            let Some(path) = next else { break };
            let page = self.page::<Event>(&path).await?;
            let recent =
                whole(page.items)?.into_iter().filter(|event| event.created_at.is_some_and(|at| at > after));
            events.extend(recent);
            next = page.next;
        }
        Ok(events)
    }
}

/// Events, if each of them says what happened and when: one that does not may be the one that matters.
fn whole(events: Vec<Event>) -> Result<Vec<Event>, TrackerError> {
    if events.iter().all(|event| event.event.is_some() && event.created_at.is_some()) {
        return Ok(events);
    }
    Err(odd("an event that does not say what happened, or when"))
}

fn odd(why: &str) -> TrackerError {
    TrackerError::Malformed { why: why.to_owned() }
}

/// Logins ignore case.
fn same_login(one: &AccountId, other: &AccountId) -> bool {
    one.as_str().eq_ignore_ascii_case(other.as_str())
}

/// Whom somebody assigned while we set an owner. They are still assigned beside that one, so that nothing is lost but
/// the wish; an issue shows who they are and not who did it.
pub(super) fn newcomers(before: &Issue, edit: &Edit, read: &Issue) -> Vec<Overtaken> {
    let Some(owner) = edit.owner.as_ref().filter(|_| before.shows(Field::Owner) && read.shows(Field::Owner))
    else {
        return Vec::new();
    };
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
        Some(Self { by: event.actor.value().and_then(Account::id), value })
    }
}
