//! The HTTP port beneath both clients: a request in, a whole response out.

use async_trait::async_trait;
use bytes::Bytes;

/// A request with its whole body. The URI is relative to the tracker's base address.
pub type Request = http::Request<Bytes>;

/// A response with its whole body.
pub type Response = http::Response<Bytes>;

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
}
