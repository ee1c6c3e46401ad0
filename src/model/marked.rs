//! What searches for our markers showed in a place, so that a create asks its tracker only for what came after them.
//!
//! Knows which issue carried which marker, and until when that was read, by the tracker's clock. Must not know how it is
//! read, and is never a proof by itself: whoever uses it reads the issue again.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    ids::{AccountId, Marker, TrackerName},
    issue::IssueRef,
};

/// An issue that carried a marker of our form when it was listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The marker.
    pub marker: Marker,
    /// The issue.
    pub issue: IssueRef,
}

/// Until when all markers in a place are known, and for whom that holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watermark {
    /// The tracker.
    pub tracker: TrackerName,
    /// Numeric id of the place.
    pub place_id: String,
    /// The account that read it; another one may see something else.
    pub account: AccountId,
    /// Digest of everything else that it hangs on: the host, the key and form of our markers, and whether the register was put back.
    pub scope: String,
    /// Whatever was not changed after this is known; by the tracker's clock, and well before it was read.
    pub until: DateTime<Utc>,
    /// When everything there was last looked at, by our clock.
    pub swept: DateTime<Utc>,
}

/// A watermark with the issues below it that carry markers which are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Searched {
    /// Until when, and for whom.
    pub watermark: Watermark,
    /// The issues.
    pub marks: Vec<Mark>,
}

/// What a search adds to what is known of a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marking {
    /// Until when, and for whom, from now on.
    pub watermark: Watermark,
    /// Every issue with a marker that it showed.
    pub marks: Vec<Mark>,
    /// Whether it looked at everything, so that it takes the place of what was known.
    pub whole: bool,
}
