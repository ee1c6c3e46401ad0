//! One request and what its answer means.
//!
//! Knows Jira's status codes, error bodies and rate-limit headers (developer.atlassian.com, Rate limiting). Knows nothing of issues, and
//! never sends anything twice.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::wire;
use crate::{
    net::{
        http::{Http, Request, Response},
        json, limits,
        pace::{Lane, Pace},
        seraph::{nobody, text},
        spoken::spoken,
    },
    tracker::TrackerError,
};

/// Longest part of a tracker's own words that is passed on.
const LONGEST_WORDS: usize = 400;

/// A transport, held to the pace of its credential.
pub(super) struct Channel {
    http: Arc<dyn Http>,
    pace: Arc<Pace>,
    /// Whether the transport sends a credential; an answer to nobody is then a refusal.
    is_authenticated: bool,
    /// How far the tracker's clock is ahead of ours, in milliseconds, by its last answer.
    ahead: AtomicI64,
}

/// Reason of a refusal that is about one issue, and beginning of those that tell of a used-up quota; any other is about going
/// too fast (developer.atlassian.com, Rate limiting).
const PER_ISSUE: &str = "jira-per-issue-on-write";
const QUOTA: &str = "jira-quota";

/// What [`Channel::ahead`] holds before the first answer.
const UNTOLD: i64 = i64::MIN;

/// An answer with a success status.
#[derive(Debug)]
pub(super) struct Answer {
    /// What was asked, for messages.
    what: String,
    body: Bytes,
    /// The tracker's clock, where it tells the time.
    pub(super) at: Option<DateTime<Utc>>,
}

/// Why there is no success.
#[derive(Debug)]
pub(super) enum Failure {
    /// 400 and its kin: understood, refused, certainly not executed.
    Refused(Refusal),
    /// 409: somebody else was changing the same thing; not executed.
    Conflict(String),
    /// Everything else.
    Other(TrackerError),
}

/// What a 400 says.
#[derive(Debug)]
pub(super) struct Refusal {
    messages: Vec<String>,
    /// By field id.
    pub(super) errors: BTreeMap<String, String>,
}

impl Channel {
    pub(super) fn new(http: Arc<dyn Http>, pace: Arc<Pace>, is_authenticated: bool) -> Self {
        Self { http, pace, is_authenticated, ahead: AtomicI64::new(UNTOLD) }
    }

    pub(super) fn pace(&self) -> &Pace {
        &self.pace
    }

    /// The tracker's present, as far as its answers told.
    pub(super) fn server_now(&self) -> Option<DateTime<Utc>> {
        let ahead = self.ahead.load(Ordering::Relaxed);
        (ahead != UNTOLD).then(|| self.pace.now() + TimeDelta::milliseconds(ahead))
    }

    /// Reads what stands at a path.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, TrackerError> {
        self.call(Lane::Read, Method::GET, path, None).await?.parse()
    }

    /// Reads the issue that stands at a path.
    pub(super) async fn issue(&self, path: &str) -> Result<wire::Issue, TrackerError> {
        let answer = self.call(Lane::Read, Method::GET, path, None).await?;
        Ok(wire::Issue { read: answer.at, ..answer.parse()? })
    }

    /// Asks a question that is too long for a path.
    pub(super) async fn ask(&self, path: &str, question: &Value) -> Result<Answer, TrackerError> {
        Ok(self.call(Lane::Read, Method::POST, path, Some(question)).await?)
    }

    /// Sends one request once, if the pace admits it.
    pub(super) async fn call(
        &self,
        lane: Lane,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer, Failure> {
        let what = format!("{method} {}", path.split('?').next().unwrap_or(path));
        let request = request(method, path, body)?;
        let response = self.pace.send(self.http.as_ref(), lane, request).await.map_err(Failure::Other)?;
        self.classify(lane, what, response)
    }

    fn classify(&self, lane: Lane, what: String, response: Response) -> Result<Answer, Failure> {
        let (head, body) = response.into_parts();
        let (status, headers) = (head.status, &head.headers);
        let at = limits::server_time(headers);
        if let Some(at) = at {
            self.ahead.store((at - self.pace.now()).num_milliseconds(), Ordering::Relaxed);
        }
        let is_told = self.is_authenticated && (lane == Lane::Read || !status.is_success());
        if let Some(why) = nobody(headers).filter(|_| is_told) {
            let why = format!("{what} was answered as to an anonymous visitor{why}");
            return Err(Failure::Other(TrackerError::Unauthorized { why }));
        }
        if status.is_success() {
            if let Some(until) = limits::exhausted(headers, self.pace.now()) {
                self.pace.pause(until);
            }
            if lane != Lane::Read {
                self.pace.write_taken();
            }
            return Ok(Answer { what, body, at });
        }
        Err(self.failure(status, headers, &what, &body))
    }

    fn failure(&self, status: StatusCode, headers: &HeaderMap, what: &str, body: &[u8]) -> Failure {
        let refusal = Refusal::read(status, body);
        let why = format!("{what}: {refusal}");
        if status == StatusCode::CONFLICT {
            return Failure::Conflict(why);
        }
        Failure::Other(match status.as_u16() {
            401 => TrackerError::Unauthorized { why },
            403 => TrackerError::Forbidden { why },
            404 => TrackerError::NotFound { what: why },
            410 => TrackerError::Gone { why },
            429 => self.limited(headers, why),
            300..=399 => TrackerError::Moved { to: location(headers) },
            408 | 425 => TrackerError::Transient { why },
            400..=499 => return Failure::Refused(refusal),
            _ => self.transient(headers, why),
        })
    }

    /// A limit on writes to one issue holds up that issue only; every other limit holds up the whole credential.
    fn limited(&self, headers: &HeaderMap, why: String) -> TrackerError {
        let now = self.pace.now();
        // A refusal says by itself that nothing is left; Jira's headers do not always repeat it.
        let mut told = headers.clone();
        told.insert("x-ratelimit-remaining", HeaderValue::from_static("0"));
        let asked = limits::asked_pause(&told, now);
        let reason = text(headers, "ratelimit-reason").unwrap_or_default();
        if reason != PER_ISSUE && !reason.starts_with(QUOTA) {
            self.pace.refused();
        }
        let until = match asked {
            _ if reason == PER_ISSUE => asked.unwrap_or(now + limits::UNNAMED),
            Some(until) => {
                self.pace.pause(until);
                until
            }
            None => self.pace.pause_unnamed(),
        };
        let why = if reason.is_empty() { why } else { format!("{why} ({reason})") };
        TrackerError::RateLimited { until, why }
    }

    /// A maintenance page may name its end.
    fn transient(&self, headers: &HeaderMap, why: String) -> TrackerError {
        if let Some(until) = limits::asked_pause(headers, self.pace.now()) {
            self.pace.pause(until);
        }
        TrackerError::Transient { why }
    }
}

impl Answer {
    /// How long its text was.
    pub(super) fn bytes(&self) -> usize {
        self.body.len()
    }

    /// The answer as what it should be. The body itself never enters the error.
    pub(super) fn parse<T: DeserializeOwned>(&self) -> Result<T, TrackerError> {
        json::parse(&self.what, &self.body)
    }
}

impl Refusal {
    fn read(status: StatusCode, body: &[u8]) -> Self {
        let said = body;
        let body: Value = serde_json::from_slice(said).unwrap_or_default();
        let words = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let mut messages: Vec<String> =
            body.get("errorMessages").and_then(Value::as_array).into_iter().flatten().map(words).collect();
        messages.extend(body.get("message").and_then(Value::as_str).map(str::to_owned));
        let errors: BTreeMap<String, String> = body
            .get("errors")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|(field, why)| (field.clone(), words(why)))
            .collect();
        if messages.is_empty() && errors.is_empty() {
            messages.push(spoken(status, said));
        }
        Self { messages, errors }
    }

    /// Whether it is about these fields and nothing else.
    pub(super) fn is_only_about(&self, fields: &[&str]) -> bool {
        self.messages.is_empty()
            && !self.errors.is_empty()
            && self.errors.keys().all(|field| fields.contains(&field.as_str()))
    }

    /// Whether it speaks of a field, be it in a message of a workflow's own.
    pub(super) fn mentions(&self, field: &str) -> bool {
        self.errors.contains_key(field)
            || self.messages.iter().any(|words| words.to_lowercase().contains(field))
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let errors = self.errors.iter().map(|(field, why)| format!("{field}: {why}"));
        let words = self.messages.iter().cloned().chain(errors).collect::<Vec<_>>().join("; ");
        f.write_str(&words.chars().take(LONGEST_WORDS).collect::<String>())
    }
}

impl From<Failure> for TrackerError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => {
                Self::Rejected { field: refusal.errors.keys().next().cloned(), why: refusal.to_string() }
            }
            Failure::Conflict(why) => Self::Transient { why },
            Failure::Other(error) => error,
        }
    }
}

/// Whether a server has no such resource, or does not take the question in this form.
pub(super) fn is_unserved(error: &TrackerError) -> bool {
    matches!(error, TrackerError::NotFound { .. } | TrackerError::Gone { .. } | TrackerError::Rejected { .. })
}

fn request(method: Method, path: &str, body: Option<&Value>) -> Result<Request, Failure> {
    let bytes = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
    let mut request =
        http::Request::builder().method(method).uri(path).header(header::ACCEPT, "application/json");
    if body.is_some() {
        // Without this header Data Center takes a POST for a forged form and answers 403 (XSRF check).
        request =
            request.header(header::CONTENT_TYPE, "application/json").header("X-Atlassian-Token", "no-check");
    }
    let unsent =
        |error: http::Error| Failure::Other(TrackerError::Unsent { why: format!("{path}: {error}") });
    request.body(bytes).map_err(unsent)
}

fn location(headers: &HeaderMap) -> String {
    let target = headers.get(header::LOCATION).and_then(|value| value.to_str().ok());
    target.unwrap_or("a place that it does not name").to_owned()
}
