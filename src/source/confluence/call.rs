//! One question and what its answer means.
//!
//! Knows Confluence's statuses and error bodies (developer.atlassian.com, Rate limiting). Knows nothing of pages. Only reads, and sends
//! nothing but to paths below the address that was configured, whatever an answer says.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::net::{
    NetError,
    http::{Http, Response},
    json, limits,
    pace::{Lane, Pace},
    seraph::nobody,
    spoken::spoken,
};

/// Longest part of a server's own words that is passed on.
const LONGEST_WORDS: usize = 400;

/// A transport, held to the pace of its credential.
pub(super) struct Channel {
    http: Arc<dyn Http>,
    pace: Pace,
}

/// A good answer.
pub(super) struct Answer {
    what: String,
    body: Bytes,
}

impl Channel {
    pub(super) fn new(http: Arc<dyn Http>, pace: Pace) -> Self {
        Self { http, pace }
    }

    pub(super) fn pace(&self) -> &Pace {
        &self.pace
    }

    /// Reads what stands at a path of the site.
    pub(super) async fn get(&self, path: &str) -> Result<Answer, NetError> {
        let what = format!("GET {}", path.split('?').next().unwrap_or(path));
        let request =
            http::Request::builder().method(Method::GET).uri(path).header(header::ACCEPT, "application/json");
        let request = request.body(Bytes::new());
        let request = request.map_err(|error| NetError::Unsent { why: format!("{what}: {error}") })?;
        let response = self.pace.send(self.http.as_ref(), Lane::Read, request).await?;
        self.classify(what, response)
    }

    fn classify(&self, what: String, response: Response) -> Result<Answer, NetError> {
        let (head, body) = response.into_parts();
        if let Some(why) = nobody(&head.headers) {
            let why = format!("{what} was answered as to an anonymous visitor{why}");
            return Err(NetError::Unauthorized { why });
        }
        if !head.status.is_success() {
            return Err(self.failure(head.status, &head.headers, &what, &body));
        }
        if let Some(until) = limits::exhausted(&head.headers, self.pace.now()) {
            self.pace.pause(until);
        }
        Ok(Answer { what, body })
    }

    fn failure(&self, status: StatusCode, headers: &HeaderMap, what: &str, body: &[u8]) -> NetError {
        let why = format!("{what}: {}", said(status, body));
        match status.as_u16() {
            401 => NetError::Unauthorized { why },
            403 => NetError::Forbidden { why },
            404 => NetError::NotFound { what: why },
            410 => NetError::Gone { why },
            429 => self.limited(headers, why),
            300..=399 => NetError::Moved { to: "another address, which is not followed".to_owned() },
            408 | 425 => NetError::Transient { why },
            400..=499 => NetError::Rejected { field: None, why },
            _ => {
                if let Some(until) = limits::asked_pause(headers, self.pace.now()) {
                    self.pace.pause(until);
                }
                NetError::Transient { why }
            }
        }
    }

    fn limited(&self, headers: &HeaderMap, why: String) -> NetError {
        // A refusal says by itself that nothing is left; the headers do not always repeat it.
        let mut told = headers.clone();
        told.insert("x-ratelimit-remaining", HeaderValue::from_static("0"));
        let until = match limits::asked_pause(&told, self.pace.now()) {
            Some(until) => {
                self.pace.pause(until);
                until
            }
            None => self.pace.pause_unnamed(),
        };
        NetError::RateLimited { until, why }
    }
}

impl Answer {
    /// How long its text was.
    pub(super) fn bytes(&self) -> usize {
        self.body.len()
    }

    /// The answer as what it should be. The body itself never enters the error.
    pub(super) fn parse<T: DeserializeOwned>(&self) -> Result<T, NetError> {
        json::parse(&self.what, &self.body)
    }
}

/// What a refusal says, in short.
fn said(status: StatusCode, body: &[u8]) -> String {
    let parsed: Value = serde_json::from_slice(body).unwrap_or_default();
    let message = parsed.get("message").and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    message.map_or_else(|| spoken(status, body), |message| message.chars().take(LONGEST_WORDS).collect())
}
