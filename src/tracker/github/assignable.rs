//! Who can be assigned in a repository.
//!
//! Knows how long GitHub's word on that is taken. Knows nothing of issues.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

use super::{GitHub, address::encoded, call::Call};
use crate::{model::ids::AccountId, tracker::TrackerError};

/// How long an answer holds, so that a first import does not ask before each create (`performance.md` 5: no reads
/// beside the create). Who left since makes GitHub refuse the create, which forgets the repository's answers.
const AGE: TimeDelta = TimeDelta::minutes(10);

/// What GitHub said about accounts, by repository path.
#[derive(Debug, Default)]
pub(super) struct Assignable(Mutex<BTreeMap<String, BTreeMap<AccountId, Answer>>>);

/// What GitHub said, and when.
#[derive(Clone, Copy, Debug)]
struct Answer {
    can_own: bool,
    at: DateTime<Utc>,
}

impl Assignable {
    /// Forgets what was said about a repository, because it proved wrong or may have.
    pub(super) fn forget(&self, place: &str) {
        self.locked().remove(place);
    }

    fn known(&self, place: &str, account: &AccountId, now: DateTime<Utc>) -> Option<bool> {
        let answer = *self.locked().get(place)?.get(account)?;
        (now - answer.at <= AGE).then_some(answer.can_own)
    }

    fn learn(&self, place: &str, account: &AccountId, answer: Answer) {
        self.locked().entry(place.to_owned()).or_default().insert(account.clone(), answer);
    }

    /// A panic elsewhere does not spoil a cache.
    fn locked(&self) -> MutexGuard<'_, BTreeMap<String, BTreeMap<AccountId, Answer>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl GitHub {
    /// GitHub refuses a whole create for one login that it does not know, so the login is asked about before.
    /// Nothing has been sent when this fails, which the error must say.
    pub(super) async fn can_own(&self, place: &str, account: &AccountId) -> Result<bool, TrackerError> {
        if let Some(can_own) = self.assignable.known(place, account, self.pace.now()) {
            return Ok(can_own);
        }
        let can_own = match self.is_assignable(place, account).await {
            Err(error) if !error.is_certain() => Err(TrackerError::Unsent { why: error.to_string() }),
            answer => answer,
        }?;
        self.assignable.learn(place, account, Answer { can_own, at: self.pace.now() });
        Ok(can_own)
    }

    /// Whether an account can be assigned in a repository, asked now.
    pub(super) async fn is_assignable(&self, place: &str, account: &AccountId) -> Result<bool, TrackerError> {
        match self.call(Call::get(format!("{place}/assignees/{}", encoded(account.as_str())))).await {
            Ok(_) => Ok(true),
            Err(TrackerError::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
