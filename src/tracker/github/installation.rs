//! Tokens of an App's installation: minted with the App's own token, kept while they last.
//!
//! Knows when a token has to be new. Not octocrab's: it wants members in the answer that GitHub does not promise,
//! and takes tokens for expired by a clock that may be wrong. Knows nothing of what a token is used for.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderValue, StatusCode, header};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use octocrab::Octocrab;
use serde::{Deserialize, Serialize};
use tokio::{sync::Mutex, time::Instant};

use super::{answer::tells_of_limit, transport::execute};
use crate::{
    model::clock::Clock,
    net::{
        foreign::Held,
        http::{HttpError, Request, Response},
        limits,
    },
};

/// How long a token lives where the answer does not tell (GitHub's documentation, Generating an installation access token).
const LIFE: Duration = Duration::from_secs(3600);

/// How long before its end a token is not used any more, so that it does not end under way.
const MARGIN: Duration = Duration::from_secs(60);

/// How long an App's own token holds: GitHub takes none of more than ten minutes, and none from the future.
const OWN_LIFE: TimeDelta = TimeDelta::minutes(9);
const OWN_MARGIN: TimeDelta = TimeDelta::minutes(1);

/// From how many seconds on the server's clock is another one than was thought.
const APART: i64 = 5;

/// An installation of an App. It mints one token at a time, whoever asks.
pub(super) struct Installation {
    /// Sends what carries its own credential.
    bare: Octocrab,
    app: App,
    /// Its number.
    id: u64,
    token: Mutex<Option<Token>>,
    /// Where every token is noted, so that no answer repeats it.
    held: Held,
}

/// An App, which proves itself with a token that it signs. That one is dated by the server's clock: ours may be wrong,
/// and GitHub refuses whatever comes from its future or past.
pub(super) struct App {
    /// Its number.
    pub(super) id: u64,
    /// Its key.
    pub(super) key: EncodingKey,
    clock: Arc<dyn Clock>,
    /// By how many seconds the server's clock is ahead of ours, as its last answer told.
    ahead: AtomicI64,
}

/// What an App's own token says.
#[derive(Serialize)]
struct Claims {
    iss: u64,
    iat: i64,
    exp: i64,
}

impl App {
    /// An App whose server's clock is not known yet.
    pub(super) fn new(id: u64, key: EncodingKey, clock: Arc<dyn Clock>) -> Self {
        Self { id, key, clock, ahead: AtomicI64::new(0) }
    }

    /// The header that carries its own token, as of now by the server's clock.
    fn header(&self) -> Result<HeaderValue, HttpError> {
        let ahead = TimeDelta::try_seconds(self.ahead.load(Ordering::Acquire)).unwrap_or_default();
        let now = self.clock.now().checked_add_signed(ahead).unwrap_or(DateTime::UNIX_EPOCH);
        let at = |by: TimeDelta| now.timestamp().saturating_add(by.num_seconds());
        let claims = Claims { iss: self.id, iat: at(-OWN_MARGIN), exp: at(OWN_LIFE) };
        let unsigned = |_| none("its own token cannot be signed");
        let token =
            jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &self.key).map_err(unsigned)?;
        let mut header = HeaderValue::try_from(format!("Bearer {token}"))
            .map_err(|_| none("its own token has characters that no token has"))?;
        header.set_sensitive(true);
        Ok(header)
    }

    /// Learns the server's time from an answer; whether it is another one than was thought.
    fn learn(&self, response: &Response) -> bool {
        let Some(told) = limits::server_time(response.headers()) else { return false };
        let ahead = (told - self.clock.now()).num_seconds();
        (self.ahead.swap(ahead, Ordering::AcqRel) - ahead).abs() >= APART
    }
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
    pub(super) fn new(bare: Octocrab, app: App, id: u64, held: Held) -> Self {
        Self { bare, app, id, token: Mutex::new(None), held }
    }

    /// Asks something as the App itself. A refusal that tells another time than was thought is about the time: the same is
    /// asked once more, dated by it. A refused credential means that nothing was done.
    ///
    /// # Errors
    /// As of any request.
    pub(super) async fn as_app(&self, request: impl Fn() -> Request) -> Result<Response, HttpError> {
        let dated = || {
            let mut request = request();
            request.headers_mut().insert(header::AUTHORIZATION, self.app.header()?);
            Ok::<Request, HttpError>(request)
        };
        let response = execute(&self.bare, dated()?).await?;
        let is_elsewhen = self.app.learn(&response);
        if response.status() != StatusCode::UNAUTHORIZED || !is_elsewhen {
            return Ok(response);
        }
        let response = execute(&self.bare, dated()?).await?;
        self.app.learn(&response);
        Ok(response)
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
        self.as_app(|| request.clone()).await.map_err(|error| match error {
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
