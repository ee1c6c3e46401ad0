//! One request: our pace first, then the transport, then the meaning of the answer.
//!
//! Knows headers and errors. Knows nothing of issues. Nothing here repeats a request.

use std::sync::atomic::Ordering;

use bytes::Bytes;
use chrono::TimeDelta;
use http::{HeaderValue, Method, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{GitHub, answer, wire::RestIssue};
use crate::{
    net::{
        http::{Request, Response},
        limits,
        pace::Lane,
    },
    tracker::TrackerError,
};

/// How often a move is followed: an issue that was transferred out of a renamed repository moves twice.
pub(super) const HOPS: usize = 3;

/// How wrong a clock may be before it is worth a word; GitHub takes no App's token that is a minute ahead.
const SKEW_MAX: TimeDelta = TimeDelta::seconds(30);

/// A request to GitHub.
#[derive(Debug)]
pub(super) struct Call {
    lane: Lane,
    method: Method,
    path: String,
    body: Option<Value>,
}

/// What became of a question that is to be answered only if the answer is another one now.
#[derive(Debug)]
pub(super) enum Conditional {
    /// It is still as it was.
    Same,
    /// The answer.
    Other(Response),
}

impl Call {
    /// Reads a path.
    pub(super) fn get(path: impl Into<String>) -> Self {
        Self { lane: Lane::Read, method: Method::GET, path: path.into(), body: None }
    }

    /// Asks a question that needs a body.
    pub(super) fn ask(path: impl Into<String>, body: Value) -> Self {
        Self { lane: Lane::Read, method: Method::POST, path: path.into(), body: Some(body) }
    }

    /// Creates an issue or a comment.
    pub(super) fn create(path: impl Into<String>, body: Value) -> Self {
        Self { lane: Lane::Create, method: Method::POST, path: path.into(), body: Some(body) }
    }

    /// Changes something that exists.
    pub(super) fn write(method: Method, path: impl Into<String>, body: Option<Value>) -> Self {
        Self { lane: Lane::Write, method, path: path.into(), body }
    }
}

impl GitHub {
    /// Sends one request once. Only a success is returned.
    pub(super) async fn call(&self, call: Call) -> Result<Response, TrackerError> {
        match self.call_unless(call, None).await? {
            Conditional::Other(response) => Ok(response),
            Conditional::Same => Err(senseless("an answer with status 304 to a plain question".to_owned())),
        }
    }

    /// Sends one request once, to be answered in full unless the answer is still the version of this name.
    pub(super) async fn call_unless(
        &self,
        call: Call,
        tag: Option<HeaderValue>,
    ) -> Result<Conditional, TrackerError> {
        let (lane, what) = (call.lane, format!("{} {}", call.method, call.path));
        let mut request = self.request(call)?;
        let is_conditional = tag.is_some();
        if let Some(tag) = tag {
            request.headers_mut().insert(header::IF_NONE_MATCH, tag);
        }
        let response = self.pace.send(self.http.as_ref(), lane, request).await?;
        if let Some(at) = limits::server_time(response.headers()) {
            self.ahead.store((self.pace.now() - at).num_seconds(), Ordering::Relaxed);
        }
        if is_conditional && response.status() == StatusCode::NOT_MODIFIED {
            return Ok(Conditional::Same);
        }
        if !response.status().is_success() {
            return Err(self.refused(answer::refusal(&response, &what, &self.pace)));
        }
        if let Some(until) = limits::exhausted(response.headers(), self.pace.now()) {
            self.pace.pause(until);
        }
        match lane {
            Lane::Read => {}
            Lane::Write | Lane::Create => self.pace.write_taken(),
        }
        Ok(Conditional::Other(response))
    }

    /// Reads a path and understands the answer.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, TrackerError> {
        parsed(&self.call(Call::get(path)).await?)
    }

    /// Reads an issue's path.
    pub(super) async fn issue(&self, path: &str) -> Result<RestIssue, TrackerError> {
        issue_in(&self.call(Call::get(path)).await?)
    }

    /// Reads an issue's path and wherever GitHub says that it moved to; also says which path answered. At a new place "not
    /// found" means "not visible to us": the old one has just said that it exists.
    pub(super) async fn follow(&self, path: &str) -> Result<(RestIssue, String), TrackerError> {
        let (mut path, mut moved) = (path.to_owned(), None);
        for _ in 0..=HOPS {
            let to = match (self.issue(&path).await, moved.take()) {
                (Ok(read), _) => return Ok((read, path)),
                (Err(TrackerError::Moved { to }), _) => to,
                (Err(TrackerError::NotFound { .. }), Some(to)) => {
                    let why = format!("it was moved to {to}, which this account cannot see");
                    return Err(TrackerError::Forbidden { why });
                }
                (Err(error), _) => return Err(error),
            };
            let Some(next) = self.address.relative(&to) else { return Err(TrackerError::Moved { to }) };
            (path, moved) = (next, Some(to));
        }
        Err(senseless("it moves again and again".to_owned()))
    }

    /// How far this machine's clock is ahead of the server's.
    pub(super) fn ahead(&self) -> TimeDelta {
        TimeDelta::try_seconds(self.ahead.load(Ordering::Relaxed)).unwrap_or_default()
    }

    /// A wrong clock is the usual reason why an App's own token is refused, and GitHub's words do not say so
    /// (GitHub's documentation, Generating an installation access token).
    fn refused(&self, error: TrackerError) -> TrackerError {
        let ahead = self.ahead();
        let TrackerError::Unauthorized { why } = error else { return error };
        if ahead.abs() <= SKEW_MAX {
            return TrackerError::Unauthorized { why };
        }
        let side = if ahead > TimeDelta::zero() { "ahead" } else { "behind" };
        let seconds = ahead.num_seconds().abs();
        TrackerError::Unauthorized {
            why: format!("{why}; this machine's clock is {seconds} s {side} of GitHub's"),
        }
    }

    fn request(&self, call: Call) -> Result<Request, TrackerError> {
        let body = call.body.map(|body| Bytes::from(body.to_string()));
        let mut request = http::Request::builder()
            .method(call.method)
            .uri(call.path)
            .header(header::ACCEPT, "application/vnd.github+json")
            .header("x-github-api-version", &self.settings.api_version);
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        request
            .body(body.unwrap_or_default())
            .map_err(|error| TrackerError::Unsent { why: error.to_string() })
    }
}

/// Understands an answer's body. The error names a position and never quotes the body.
pub(super) fn parsed<T: DeserializeOwned>(response: &Response) -> Result<T, TrackerError> {
    serde_json::from_slice(response.body()).map_err(|error| TrackerError::Malformed {
        why: format!("{:?} error at line {} column {}", error.classify(), error.line(), error.column()),
    })
}

/// An issue that an answer holds, with the time of the answer.
pub(super) fn issue_in(response: &Response) -> Result<RestIssue, TrackerError> {
    Ok(parsed::<RestIssue>(response)?.answered(limits::server_time(response.headers())))
}

/// An answer of the right form that makes no sense.
pub(super) fn senseless(why: String) -> TrackerError {
    TrackerError::Malformed { why }
}
