//! What changed in one repository, where lists cannot be asked for together: the newest page of its own list.
//!
//! Knows how a page says that it is whole, and that a list that did not change costs no allowance. Of an entry only its
//! number and its time are read; one that does not show them makes the page unreadable.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use http::HeaderValue;
use serde::Deserialize;

use super::{
    GitHub,
    call::{Call, Conditional, senseless},
    changes::{Changed, Told},
    pages::{PAGE, Page, written},
    place::tag_of,
    wire::place_path,
};
use crate::{
    model::{ids::PlaceName, issue::IssueId},
    tracker::TrackerError,
};

/// The last page of each repository that was read by itself.
#[derive(Debug, Default)]
pub(super) struct Newest(Mutex<BTreeMap<PlaceName, Shown>>);

impl Newest {
    /// What was read of a repository's list before, if it was the same list.
    fn get(&self, place: &PlaceName, path: &str) -> Option<Shown> {
        let pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pages.get(place).filter(|shown| shown.path == path).cloned()
    }

    fn put(&self, place: &PlaceName, shown: Shown) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(place.clone(), shown);
    }
}

/// A page of a repository's list, the newest change first.
#[derive(Clone, Debug)]
struct Shown {
    path: String,
    /// How GitHub names this version of it.
    tag: Option<HeaderValue>,
    issues: Vec<Changed>,
    /// Whatever changed after this is on the page; none where nothing says so.
    whole_after: Option<DateTime<Utc>>,
}

/// An entry of a REST list, of which nothing else is read. A pull request is no issue.
#[derive(Debug, Deserialize)]
struct Entry {
    id: u64,
    updated_at: DateTime<Utc>,
    pull_request: Option<serde::de::IgnoredAny>,
}

impl GitHub {
    /// Reads the list of each repository by itself.
    pub(super) async fn list_alone(
        &self,
        mut rest: VecDeque<&PlaceName>,
        since: DateTime<Utc>,
        told: &mut Told,
    ) -> Result<(), TrackerError> {
        while let Some(place) = rest.pop_front() {
            let shown = match self.shown(place, since).await {
                Ok(shown) => shown,
                Err(TrackerError::Transient { why }) => {
                    told.fail(place, rest.is_empty(), why)?;
                    continue;
                }
                Err(error) if is_about_the_place(&error) => {
                    told.untold.insert(place.clone());
                    told.answered();
                    continue;
                }
                Err(error) => return Err(error),
            };
            told.answered();
            if shown.whole_after.is_none_or(|after| since <= after) {
                told.untold.insert(place.clone());
            }
            told.issues.extend(shown.issues.into_iter().filter(|(_, at)| *at >= since));
        }
        Ok(())
    }

    /// The newest changes in a repository, under whatever name it has now.
    async fn shown(&self, place: &PlaceName, since: DateTime<Utc>) -> Result<Shown, TrackerError> {
        match self.newest_of(place, place, since).await {
            Err(TrackerError::Moved { .. }) => {
                let home = self.known_home(place).await?;
                self.newest_of(place, &home.name, since).await
            }
            other => other,
        }
    }

    /// The list is asked for from the beginning of the day on, so that the question stays the same, and what did not change
    /// since it was asked last costs no allowance.
    async fn newest_of(
        &self,
        place: &PlaceName,
        name: &PlaceName,
        since: DateTime<Utc>,
    ) -> Result<Shown, TrackerError> {
        let day = since.date_naive().and_time(NaiveTime::MIN).and_utc();
        let path = format!(
            "{}/issues?state=all&sort=updated&direction=desc&per_page={PAGE}&since={}",
            place_path(name)?,
            written(day)
        );
        let known = self.newest.get(place, &path);
        let tag = known.as_ref().and_then(|known| known.tag.clone());
        let response = match (self.call_unless(Call::get(path.clone()), tag).await?, known) {
            (Conditional::Same, Some(known)) => return Ok(known),
            (Conditional::Same, None) => {
                return Err(senseless("an answer with status 304 to a plain question".to_owned()));
            }
            (Conditional::Other(response), _) => response,
        };
        let page: Page<Entry> = self.page_in(&response)?;
        let whole_after = whole_after(&page, day);
        let issues = page.items.into_iter().filter(|entry| entry.pull_request.is_none());
        let issue = |id: u64| IssueId { host: self.host.clone(), id: id.to_string() };
        let issues = issues.map(|entry| (issue(entry.id), entry.updated_at)).collect();
        let shown = Shown { path, tag: tag_of(&response), issues, whole_after };
        self.newest.put(place, shown.clone());
        Ok(shown)
    }
}

/// Since when a page shows every change: the beginning of the list if it is the only one, or else the oldest on it. Changes
/// of the same second may stand on the next page. A full page may not be the last, whatever it says.
fn whole_after(page: &Page<Entry>, begin: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if page.next.is_none() && page.items.len() < PAGE {
        return begin.checked_sub_signed(TimeDelta::seconds(1));
    }
    let is_in_order = page.items.is_sorted_by(|one, other| one.updated_at >= other.updated_at);
    page.items.last().filter(|_| is_in_order).map(|oldest| oldest.updated_at)
}

/// Whether only the list of one repository cannot be had.
fn is_about_the_place(error: &TrackerError) -> bool {
    match error {
        TrackerError::NotFound { .. }
        | TrackerError::Moved { .. }
        | TrackerError::Gone { .. }
        | TrackerError::Forbidden { .. }
        | TrackerError::Rejected { .. }
        | TrackerError::Malformed { .. } => true,
        TrackerError::RateLimited { .. }
        | TrackerError::Expired
        | TrackerError::ClockOff { .. }
        | TrackerError::Unsent { .. }
        | TrackerError::Transient { .. }
        | TrackerError::Unauthorized { .. } => false,
    }
}
