//! Whether an answer about an issue is news: one that is older than what we read or wrote ourselves is never acted on.
//!
//! Lists, search indexes, replicas and caches lag behind, and show what a person or we ourselves changed long since. Only the
//! tracker's own time of the last change is compared with itself; no clock of ours takes part in that.

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::{
    issue::Issue,
    sighting::{Older, Sighting, is_older, is_settled},
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
    /// It has been older so often and so long that the tracker itself was put back, or a person says so: it counts from now
    /// on.
    PutBack {
        /// What is known of the issue from now on.
        now: Sighting,
        /// Whether only a person says so.
        said: bool,
    },
}

/// Holds an answer against what is known of the issue.
///
/// | known | the answer's last change | |
/// |---|---|---|
/// | nothing | any | fresh |
/// | yes | later | fresh |
/// | yes | the same, told with fractions | fresh |
/// | yes | the same whole second | stale if it was given within that second and what is known was read later; else fresh |
/// | yes | earlier | stale |
///
/// GitHub tells whole seconds: within one of them an issue may have changed again, before or after an answer. When an
/// answer was given, its own `Date` tells.
pub fn judge(known: Option<&Sighting>, issue: &Issue) -> Verdict {
    match known {
        Some(known) if is_behind(known, issue) => Verdict::Stale { known: known.updated },
        Some(_) | None => Verdict::Fresh,
    }
}

/// Whether an answer shows an issue as it was before what is known of it.
fn is_behind(known: &Sighting, issue: &Issue) -> bool {
    let is_early = issue.read.is_some() && !is_settled(issue.updated, issue.read);
    is_older(issue.updated, known.updated) || issue.updated == known.updated && known.is_settled() && is_early
}

/// Holds a read of one issue by itself, under a credential that is honoured, against what is known of the issue.
pub fn judge_single(known: Option<&Sighting>, issue: &Issue, now: DateTime<Utc>) -> Single {
    let Some(known) = known.filter(|known| is_behind(known, issue)) else {
        return Single::Fresh;
    };
    let older = match &known.older {
        None => Older { first: now, last: now, reads: 1, believed: false },
        Some(older) if now - older.last < APART => older.clone(),
        Some(older) => Older { last: now, reads: older.reads + 1, ..older.clone() },
    };
    let is_proven = older.reads >= READS && now - older.first >= OVER;
    if is_proven || older.believed {
        return Single::PutBack { now: Sighting::of(issue), said: older.believed && !is_proven };
    }
    Single::Stale(Sighting { older: Some(older), ..known.clone() })
}

/// What is known after an answer that is as new as what was known; none if that says nothing new.
pub fn learned(known: Option<&Sighting>, issue: &Issue) -> Option<Sighting> {
    let mut news = Sighting::of(issue);
    // The same time may be told in whole seconds only.
    news.updated = known.map_or(news.updated, |known| known.updated.max(news.updated));
    if let Some(known) = known.filter(|known| known.updated == news.updated) {
        // Once nothing more can have happened within the second of the change, later reads add nothing to that.
        news.read = if known.is_settled() { known.read } else { known.read.max(news.read) };
        // Within one second an issue may be closed by one, reopened, and closed by another.
        let last = known.closer.clone().filter(|_| known.is_settled());
        news.closer = news.closer.or(last);
    }
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
