//! Tokens of an App's installation: minted with the App's own token, kept while they last.
//!
//! Knows when a token has to be new. Not octocrab's: it wants members in the answer that GitHub does not promise,
//! and takes tokens for expired by a clock that may be wrong. Knows nothing of what a token is used for.

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderValue, StatusCode, header};
use octocrab::Octocrab;
use serde::Deserialize;
use tokio::{sync::Mutex, time::Instant};

use super::{answer::tells_of_limit, transport::execute};
use crate::tracker::{
    foreign::Held,
    http::{HttpError, Request, Response},
    limits,
};

/// How long a token lives where the answer does not tell (`trackers.md` 1.10).
const LIFE: Duration = Duration::from_secs(3600);

/// How long before its end a token is not used any more, so that it does not end under way.
const MARGIN: Duration = Duration::from_secs(60);

/// An installation of an App. It mints one token at a time, whoever asks.
pub(super) struct Installation {
    /// Acts as the App itself.
    pub(super) app: Octocrab,
    /// Its number.
    pub(super) id: u64,
    token: Mutex<Option<Token>>,
    /// Where every token is noted, so that no answer repeats it.
    held: Held,
}

/// A token as the header that carries it, with its end by a clock that cannot be set.
#[derive(Clone)]
struct Token {
    header: HeaderValue,
    until: Instant,
}

/// What came of asking for a token.
pub(super) enum Minted {
    /// The header that carries it.
    Token(HeaderValue),
    /// Why there is none.
    Refused(Response),
}

#[derive(Deserialize)]
struct Answer {
    token: String,
    expires_at: Option<DateTime<Utc>>,
}

impl Installation {
    /// An installation without a token yet.
    pub(super) fn new(app: Octocrab, id: u64, held: Held) -> Self {
        Self { app, id, token: Mutex::new(None), held }
    }

    /// A token that lasts, unless it is the one that was refused.
    ///
    /// # Errors
    /// [`HttpError::Unsent`] when none can be had: whatever it was for was not sent.
    pub(super) async fn token(&self, refused: Option<&HeaderValue>) -> Result<Minted, HttpError> {
        let mut kept = self.token.lock().await;
        let lasts = |token: &&Token| token.until > Instant::now() && Some(&token.header) != refused;
        if let Some(token) = kept.as_ref().filter(lasts) {
            return Ok(Minted::Token(token.header.clone()));
        }
        *kept = None;
        let response = self.mint().await?;
        if !response.status().is_success() {
            return refusal(response);
        }
        let token = understood(&response, &self.held)?;
        *kept = Some(token.clone());
        Ok(Minted::Token(token.header))
    }

    async fn mint(&self) -> Result<Response, HttpError> {
        let request = http::Request::post(format!("/app/installations/{}/access_tokens", self.id))
            .header(header::ACCEPT, "application/vnd.github+json")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Bytes::from_static(b"{}"));
        let request: Request = request.map_err(|error| none(&error.to_string()))?;
        execute(&self.app, request).await.map_err(|error| match error {
            HttpError::Unsent(why) | HttpError::Lost(why) => none(&why),
        })
    }
}

/// Anything but a limit is a refused credential, a missing installation (404) included: passed on as 404 it would
/// read as a missing issue.
fn refusal(response: Response) -> Result<Minted, HttpError> {
    let words: serde_json::Value = serde_json::from_slice(response.body()).unwrap_or_default();
    let words = words.get("message").and_then(|message| message.as_str()).unwrap_or_default();
    let why = format!("no token for the App's installation: {words} ({})", response.status());
    if response.status().is_server_error() {
        return Err(HttpError::Unsent(why));
    }
    if tells_of_limit(&response) {
        return Ok(Minted::Refused(response));
    }
    let (parts, _) = response.into_parts();
    let mut refused = Response::new(serde_json::json!({ "message": why }).to_string().into());
    *refused.status_mut() = StatusCode::UNAUTHORIZED;
    *refused.headers_mut() = parts.headers;
    Ok(Minted::Refused(refused))
}

/// The token in an answer. How long it lasts is the difference of two times of the server's.
fn understood(response: &Response, held: &Held) -> Result<Token, HttpError> {
    let answer: Answer =
        serde_json::from_slice(response.body()).map_err(|_| none("the answer cannot be understood"))?;
    held.add(&answer.token);
    let mut header = HeaderValue::try_from(format!("Bearer {}", answer.token.trim()))
        .map_err(|_| none("it has characters that no token has"))?;
    header.set_sensitive(true);
    let times = answer.expires_at.zip(limits::server_time(response.headers()));
    let life = times.map_or(LIFE, |(end, now)| (end - now).to_std().unwrap_or_default());
    Ok(Token { header, until: Instant::now() + life.saturating_sub(MARGIN) })
}

fn none(why: &str) -> HttpError {
    HttpError::Unsent(format!("no token for the App's installation: {why}"))
}
