//! Who cannot be assigned in a repository.
//!
//! Knows how long GitHub's word on that is taken. Knows nothing of issues.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

use super::{GitHub, address::encoded, call::Call};
use crate::{model::ids::AccountId, tracker::TrackerError};

/// How long a refusal holds, so that a first import does not have each create refused for the same account.
const AGE: TimeDelta = TimeDelta::minutes(10);

/// Accounts that GitHub refused as assignees, by repository, with the time of the refusal.
#[derive(Debug, Default)]
pub(super) struct Unassignable(Mutex<BTreeMap<(String, AccountId), DateTime<Utc>>>);

impl Unassignable {
    /// Remembers a refusal.
    pub(super) fn learn(&self, place_id: &str, account: &AccountId, now: DateTime<Utc>) {
        let mut refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        refused.insert((place_id.to_owned(), account.clone()), now);
    }

    /// Whether an account was refused a short while ago.
    pub(super) fn has(&self, place_id: &str, account: &AccountId, now: DateTime<Utc>) -> bool {
        let refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        refused.get(&(place_id.to_owned(), account.clone())).is_some_and(|at| now - *at <= AGE)
    }
}

impl GitHub {
    /// Whether an account can be assigned in a repository, asked now.
    pub(super) async fn is_assignable(
        &self,
        repository: &str,
        account: &AccountId,
    ) -> Result<bool, TrackerError> {
        let call = Call::get(format!("{repository}/assignees/{}", encoded(account.as_str())));
        match self.call(call).await {
            Ok(_) => Ok(true),
            Err(TrackerError::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
