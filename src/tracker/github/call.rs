//! One request: our pace first, then the transport, then the meaning of the answer.
//!
//! Knows headers and errors. Knows nothing of issues. Nothing here repeats a request.

use bytes::Bytes;
use http::{Method, header};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{GitHub, answer};
use crate::tracker::{
    TrackerError,
    http::{HttpError, Request, Response},
    limits,
    pace::Lane,
};

/// A request to GitHub.
#[derive(Debug)]
pub(super) struct Call {
    lane: Lane,
    method: Method,
    path: String,
    body: Option<Value>,
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
        self.pace.admit(call.lane)?;
        let (lane, what) = (call.lane, format!("{} {}", call.method, call.path));
        let request = self.request(call)?;
        let response = self.http.send(request).await.map_err(|error| match error {
            HttpError::Unsent(why) => TrackerError::Unsent { why },
            HttpError::Lost(why) => TrackerError::Transient { why },
        })?;
        if !response.status().is_success() {
            return Err(answer::refusal(&response, &what, &self.pace));
        }
        if let Some(until) = limits::exhausted(response.headers(), self.pace.now()) {
            self.pace.pause(until);
        }
        match lane {
            Lane::Read => {}
            Lane::Write | Lane::Create => self.pace.write_taken(),
        }
        Ok(response)
    }

    /// Reads a path and understands the answer.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, TrackerError> {
        parsed(&self.call(Call::get(path)).await?)
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

/// An answer of the right form that makes no sense.
pub(super) fn senseless(why: String) -> TrackerError {
    TrackerError::Malformed { why }
}
