//! What can go wrong with a tracker, by what a caller does about it.

use chrono::{DateTime, TimeDelta, Utc};

use super::skew;

/// Classified from status and headers, never from a library's error text (GitHub's documentation, Troubleshooting the REST API).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetError {
    /// Not executed; nothing may be sent before the given time.
    #[error("asked to wait until {}: {why}", until.format("%Y-%m-%d %H:%M:%S UTC"))]
    RateLimited {
        /// When sending may go on.
        until: DateTime<Utc>,
        /// Which limit, as far as the tracker says.
        why: String,
    },
    /// Not sent: what it depends on was proven too long ago.
    #[error("not sent, because who can read the place was proven too long ago")]
    Expired,
    /// Not sent: our clock is far from the tracker's, so that what is due or settled cannot be told.
    #[error("not sent, because this machine's clock is {} the tracker's; set it right, as by NTP", skew::words(*ahead))]
    ClockOff {
        /// How far ahead ours is.
        ahead: TimeDelta,
    },
    /// Nothing reached the tracker.
    #[error("could not be reached: {why}")]
    Unsent {
        /// Why.
        why: String,
    },
    /// Time-out, reset or 5xx: a write may or may not have been applied.
    #[error("did not answer properly: {why}")]
    Transient {
        /// Why.
        why: String,
    },
    /// Not there, or not visible to us; trackers do not tell the two apart.
    #[error("not found, or not visible to this account: {what}")]
    NotFound {
        /// What was asked for.
        what: String,
    },
    /// It is somewhere else now.
    #[error("moved to {to}")]
    Moved {
        /// Where, as the tracker says.
        to: String,
    },
    /// It existed and does no more, or the feature is switched off.
    #[error("gone: {why}")]
    Gone {
        /// What the tracker says.
        why: String,
    },
    /// The credential is not honoured.
    #[error("the credential was refused: {why}")]
    Unauthorized {
        /// What the tracker says.
        why: String,
    },
    /// The credential may not do this.
    #[error("forbidden: {why}")]
    Forbidden {
        /// What the tracker says, with the permission it names.
        why: String,
    },
    /// The request was understood and refused.
    #[error("refused{}: {why}", field.as_ref().map(|field| format!(" (field `{field}`)")).unwrap_or_default())]
    Rejected {
        /// The field it is about.
        field: Option<String>,
        /// What the tracker says.
        why: String,
    },
    /// The answer makes no sense.
    #[error("answered something that cannot be understood: {why}")]
    Malformed {
        /// What is wrong with it.
        why: String,
    },
}

impl NetError {
    /// Whether a write that failed so was certainly not applied.
    pub fn is_certain(&self) -> bool {
        match self {
            Self::RateLimited { .. }
            | Self::Expired
            | Self::ClockOff { .. }
            | Self::Unsent { .. }
            | Self::NotFound { .. }
            | Self::Moved { .. }
            | Self::Gone { .. }
            | Self::Unauthorized { .. }
            | Self::Forbidden { .. }
            | Self::Rejected { .. } => true,
            Self::Transient { .. } | Self::Malformed { .. } => false,
        }
    }

    /// Whether the tracker refused it as such: for what it is about, for its place, or for whom we act as; neither the
    /// line, the pace nor the credential was at fault.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::NotFound { .. } | Self::Gone { .. } | Self::Forbidden { .. } | Self::Rejected { .. } => {
                true
            }
            Self::RateLimited { .. }
            | Self::Expired
            | Self::ClockOff { .. }
            | Self::Unsent { .. }
            | Self::Transient { .. }
            | Self::Moved { .. }
            | Self::Unauthorized { .. }
            | Self::Malformed { .. } => false,
        }
    }
}
