//! Whether an answer about an issue is news: one that is older than what we read or wrote ourselves is never acted on.
//!
//! Lists, search indexes, replicas and caches lag behind, and show what a person or we ourselves changed long since. Only the
//! tracker's own time of the last change is compared with itself; no clock of ours takes part in that.

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::{
    issue::Issue,
    sighting::{Older, Sighting, is_older},
};

/// How often, and over how long a time, an issue has to be shown older than it was known, each time by a read of its own,
/// before that is how it is: its tracker was put back from a backup, and is older for ever.
const READS: u32 = 3;
const OVER: TimeDelta = TimeDelta::hours(24);

/// Reads that follow each other closely count as one.
const APART: TimeDelta = TimeDelta::hours(1);

/// What an answer is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is as new as what is known, or newer.
    Fresh,
    /// It is older: nothing follows from it.
    Stale {
        /// When the issue was last changed, as far as it is known.
        known: DateTime<Utc>,
    },
}

/// What a read of one issue by itself is worth, with what is to be remembered of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Single {
    /// It is as new as what is known, or newer.
    Fresh,
    /// It is older; so much is known of the issue now.
    Stale(Sighting),
    /// It has been older so often and so long that the tracker itself was put back: it counts from now on.
    PutBack(Sighting),
}

/// Holds an answer against what is known of the issue.
///
/// | known | the answer's last change | |
/// |---|---|---|
/// | nothing | any | fresh |
/// | yes | later | fresh |
/// | yes | the same | fresh: trackers that tell whole seconds may have changed since |
/// | yes | earlier | stale |
pub fn judge(known: Option<&Sighting>, updated: DateTime<Utc>) -> Verdict {
    match known {
        Some(known) if is_older(updated, known.updated) => Verdict::Stale { known: known.updated },
        Some(_) | None => Verdict::Fresh,
    }
}

/// Holds a read of one issue by itself, under a credential that is honoured, against what is known of the issue.
pub fn judge_single(known: Option<&Sighting>, issue: &Issue, now: DateTime<Utc>) -> Single {
    let Some(known) = known.filter(|known| is_older(issue.updated, known.updated)) else {
        return Single::Fresh;
    };
    let older = match &known.older {
        None => Older { first: now, last: now, reads: 1 },
        Some(older) if now - older.last < APART => older.clone(),
        Some(older) => Older { first: older.first, last: now, reads: older.reads + 1 },
    };
    if older.reads >= READS && now - older.first >= OVER {
        return Single::PutBack(Sighting::of(issue));
    }
    Single::Stale(Sighting { older: Some(older), ..known.clone() })
}

/// What is known after an answer that is as new as what was known; none if that says nothing new.
pub fn learned(known: Option<&Sighting>, issue: &Issue) -> Option<Sighting> {
    let mut news = Sighting::of(issue);
    // The same time may be told in whole seconds only.
    news.updated = known.map_or(news.updated, |known| known.updated.max(news.updated));
    let closer = news.closer.clone().or_else(|| {
        known.filter(|known| known.updated == news.updated).and_then(|known| known.closer.clone())
    });
    news.closer = closer;
    (known != Some(&news)).then_some(news)
}

/// Why nothing follows from an answer, for people.
pub fn stale(updated: DateTime<Utc>, known: DateTime<Utc>) -> String {
    let time = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M:%S UTC").to_string();
    format!(
        "the tracker shows it as it was at {}, but it was changed at {} already; nothing follows from an old answer",
        time(updated),
        time(known)
    )
}
