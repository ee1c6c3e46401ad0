//! Issues that a repository's lists do not show: somebody transferred them, or they are too new. Their numbers tell.
//!
//! Knows how a repository numbers what is created in it. An answer that is not complete is an error.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use super::{GitHub, call::senseless, pages::PAGE, wire::place_path};
use crate::{
    model::{ids::PlaceName, issue::Issue},
    tracker::TrackerError,
};

/// So many numbers in a row that nothing has are the end of a repository, which is walked by number past the newest known.
const BEYOND: u64 = 10;

/// So far beyond the newest number that is listed nothing can be: no list lags behind by so many issues.
const FURTHEST: u64 = 1_000;

/// An issue or a pull request; both take their numbers from one row.
#[derive(Debug, Deserialize)]
struct Numbered {
    number: u64,
    created_at: DateTime<Utc>,
}

/// What a list showed of a row of numbers.
struct Row {
    /// Everything up to here is older than what is looked for.
    below: u64,
    listed: BTreeSet<u64>,
}

impl GitHub {
    /// Issues that were created in a repository since a time and are not in its lists. A number leads to an issue at once,
    /// while lists lag behind, and it leads to where the issue was transferred (GitHub's REST reference, Get an issue).
    pub(super) async fn list_unlisted(
        &self,
        place: &PlaceName,
        since: DateTime<Utc>,
    ) -> Result<Vec<Issue>, TrackerError> {
        let home = self.repository(place).await?.home(place);
        let path = place_path(&home.name)?;
        let since = since.checked_sub_signed(self.ahead().max(TimeDelta::zero())).unwrap_or(since);
        let Row { below, listed } = self.numbers(&path, since).await?;
        let newest = listed.last().copied().unwrap_or(below);
        let (mut unlisted, mut number, mut nothing) = (Vec::new(), below, 0);
        while nothing < BEYOND {
            number += 1;
            if number > newest.saturating_add(FURTHEST) {
                return Err(senseless("every number is an issue".to_owned()));
            }
            if listed.contains(&number) {
                continue;
            }
            let found = match self.found(&format!("{path}/issues/{number}"), None).await {
                Err(TrackerError::NotFound { .. } | TrackerError::Gone { .. }) => {
                    nothing += u64::from(number > newest);
                    continue;
                }
                found => found?,
            };
            nothing = 0;
            if !found.issue.shows_body() {
                return Err(senseless(
                    "an issue is shown without its body, which may hold our marker".to_owned(),
                ));
            }
            if !found.issue.is_pull_request() {
                let issue = found.issue.into_issue(&self.host, &found.home);
                unlisted.push(issue.map_err(|why| TrackerError::Malformed { why })?);
            }
        }
        Ok(unlisted)
    }

    /// The numbers that lists show of what was created since a time, newest first. A page that is not full is the last.
    async fn numbers(&self, repository: &str, since: DateTime<Utc>) -> Result<Row, TrackerError> {
        let (mut listed, mut listing) = (BTreeSet::new(), self.pace.listing());
        for number in 1_usize.. {
            let path = format!(
                "{repository}/issues?state=all&sort=created&direction=desc&per_page={PAGE}&page={number}"
            );
            let page = self.page::<Numbered>(&path).await?;
            listing.page(page.bytes)?;
            let older = page.items.iter().find(|item| item.created_at < since).map(|item| item.number);
            let n_before = listed.len();
            listed.extend(page.items.iter().map(|item| item.number));
            match older {
                Some(below) => return Ok(Row { below, listed }),
                None if page.items.len() < PAGE => return Ok(Row { below: 0, listed }),
                None if listed.len() == n_before => break,
                None => {}
            }
        }
        Err(senseless("the list does not end".to_owned()))
    }
}
