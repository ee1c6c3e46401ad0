//! The HTTP port beneath both clients: a request in, a whole response out.
//!
//! Knows how one request is sent once, and which failures prove that it was never sent.
//! Knows no tracker: paths, credentials and the meaning of a status belong to the clients.

use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};

use super::{advice::advice, foreign::Held};

/// A request with its whole body. The URI is relative to the tracker's base address.
pub type Request = http::Request<Bytes>;

/// A response with its whole body.
pub type Response = http::Response<Bytes>;

/// How we name ourselves to trackers.
pub const USER_AGENT: &str = "postmortem-sync";

/// Longest body that is read. A page of 100 issues with the longest bodies stays below a quarter of it.
pub const BODY_LIMIT: usize = 32 * 1024 * 1024;

/// Why there is no response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The request certainly did not reach the tracker.
    #[error("not sent: {0}")]
    Unsent(String),
    /// The request may have reached the tracker.
    #[error("no answer: {0}")]
    Lost(String),
}

/// Sends one request once: no retry, no redirect, its own time-out.
#[async_trait]
pub trait Http: Send + Sync {
    /// Sends `request` with the tracker's credential and reads the whole answer.
    async fn send(&self, request: Request) -> Result<Response, HttpError>;

    /// The credential that goes with each request, so that nothing of what comes back repeats it; none where none goes.
    fn held(&self) -> Option<&Held> {
        None
    }

    /// What tells its credential apart from others, without telling it; none where none goes.
    fn credential(&self) -> Option<&str> {
        None
    }
}

/// Why a client cannot be set up. Never shows the credential.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// The address is not one that a tracker can have.
    #[error("`{url}` cannot be a tracker's address: {why}")]
    Address {
        /// As configured.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// The credential cannot be used.
    #[error("the credential cannot be used: {0}")]
    Credential(String),
    /// TLS or name resolution could not be set up.
    #[error("no HTTP client can be set up: {0}")]
    Client(String),
}

/// How long to wait for a tracker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Until the connection stands.
    pub connect: Duration,
    /// Until the answer is read completely. GitHub gives up at 10 s by itself (GitHub's documentation, Troubleshooting the REST API).
    pub whole: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), whole: Duration::from_secs(30) }
    }
}

/// Reads a response to its end.
///
/// # Errors
/// [`HttpError::Lost`] when the body ends early or is longer than [`BODY_LIMIT`]: the request was received.
pub async fn whole(mut response: reqwest::Response) -> Result<Response, HttpError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| HttpError::Lost(causes(&error)))? {
        if body.len() + chunk.len() > BODY_LIMIT {
            return Err(HttpError::Lost(format!("the answer is longer than {BODY_LIMIT} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    let mut whole = Response::new(body.freeze());
    *whole.status_mut() = response.status();
    *whole.headers_mut() = response.headers().clone();
    Ok(whole)
}

/// Whether a failed request was certainly not sent: the connection never stood (name, refusal, TLS), or the request
/// could not be built.
pub fn failure(error: &reqwest::Error) -> HttpError {
    let why = causes(error);
    let why = match advice(&why) {
        Some(advice) => format!("{why}; {advice}"),
        None => why,
    };
    if error.is_connect() || error.is_builder() { HttpError::Unsent(why) } else { HttpError::Lost(why) }
}

/// An error with its causes in one line: the outermost alone says only "error sending request".
pub fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !line.ends_with(&text) {
            line = format!("{line}: {text}");
        }
        next = cause.source();
    }
    line
}
