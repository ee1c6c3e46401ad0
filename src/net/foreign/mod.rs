//! The door through which everything comes in that a tracker, or a proxy before it, says: nothing passes that repeats
//! our credential or the words that we sent.
//!
//! Knows answers as bytes, and which of their parts are for people. Knows no tracker. Stands before anybody reads an
//! answer, so that no error, log, report or register can hold what did not pass.

mod decode;
mod held;
mod known;
mod sent;

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use self::{decode::decoded, sent::Sent};
use super::http::{HttpError, Request, Response};
use crate::plan::secrets::{REMOVED, without_secrets};

pub use self::{held::Held, known::Known};

/// Longest text that is looked at; no error passes on as much.
const LONGEST: usize = 2_000;

/// Headers whose values errors repeat.
const TOLD: [HeaderName; 6] = [
    http::header::LOCATION,
    HeaderName::from_static("x-accepted-github-permissions"),
    HeaderName::from_static("x-authentication-denied-reason"),
    HeaderName::from_static("x-seraph-loginreason"),
    HeaderName::from_static("x-ausername"),
    HeaderName::from_static("ratelimit-reason"),
];

/// A text without the data that it goes on with: a request or an issue that is repeated as it was is no sentence.
fn without_data(text: &str) -> Cow<'_, str> {
    let squeezed =
        |at: usize| text.get(at + 1..).is_some_and(|rest| rest.trim_start().starts_with(['"', '{']));
    match text.match_indices(['{', '[']).find(|(at, _)| squeezed(*at)) {
        Some((at, _)) => Cow::Owned(format!("{}{REMOVED}", text.get(..at).unwrap_or_default())),
        None => Cow::Borrowed(text),
    }
}

/// Members of an answer that say in a word of the tracker's own what it is about. They are read by us, and no prose.
const TERMS: [&str; 5] = ["type", "path", "code", "field", "resource"];

/// Longest such word.
const LONGEST_TERM: usize = 60;

/// What may not come back of one request.
pub(super) struct Door<'a> {
    held: Option<&'a Held>,
    sent: Sent,
    known: &'a Known,
}

impl<'a> Door<'a> {
    /// The door for the answer to a request. Only what is written holds words of findings itself; what is asked about may
    /// hold those that are known.
    pub(super) fn of(request: &Request, writes: bool, held: Option<&'a Held>, known: &'a Known) -> Self {
        Self { held, sent: if writes { Sent::of(request.body()) } else { Sent::default() }, known }
    }

    /// An answer without what may not come back.
    pub(super) fn let_in(&self, response: Response) -> Response {
        let (mut head, body) = response.into_parts();
        let refused = !head.status.is_success();
        self.clean_headers(&mut head.headers, refused);
        let body = self.without_credential(body);
        let body =
            if refused { self.said(&body, None) } else { self.said(&body, Some("errors")) }.unwrap_or(body);
        Response::from_parts(head, body)
    }

    /// Why no answer came, without what may not come back.
    pub(super) fn failed(&self, error: HttpError) -> HttpError {
        match error {
            HttpError::Unsent(why) => HttpError::Unsent(self.plain(&why)),
            HttpError::Lost(why) => HttpError::Lost(self.plain(&why)),
        }
    }

    /// A text for people: on one line, in no disguise, without credentials and without our words.
    fn clean(&self, text: &str) -> String {
        self.known.taken_out(&self.plain(text))
    }

    /// An address that somebody may have to follow: what is known to be ours is taken out of what stands behind its path.
    fn address(&self, text: &str) -> String {
        let clean = self.plain(text);
        match clean.find(['?', '#']) {
            Some(at) => {
                let (path, rest) = clean.split_at(at);
                format!("{path}{}", self.known.taken_out(rest))
            }
            None => clean,
        }
    }

    /// The same, but for the words that were not sent with this request.
    fn plain(&self, text: &str) -> String {
        let text: String = decoded(&text.chars().take(LONGEST).collect::<String>());
        let text = self.held.map_or_else(|| text.clone(), |held| held.taken_out(&text));
        self.sent.taken_out(&without_secrets(&without_data(&text)))
    }

    /// The credential stands in no header and in no body, be it a success.
    fn without_credential(&self, body: Bytes) -> Bytes {
        let replaced = self.held.and_then(|held| held.replaced(std::str::from_utf8(&body).ok()?));
        replaced.map_or(body, Bytes::from)
    }

    fn clean_headers(&self, headers: &mut HeaderMap, refused: bool) {
        for (name, value) in headers.iter_mut() {
            let Ok(text) = value.to_str() else { continue };
            let is_told = TOLD.contains(name);
            let clean = if refused && is_told {
                let is_address = *name == http::header::LOCATION;
                let clean = if is_address { self.address(text) } else { self.clean(text) };
                // What is decoded is no address any more, so an address that is clean stays as it is.
                (clean != decoded(text)).then_some(clean)
            } else {
                self.held.and_then(|held| held.replaced(text))
            };
            if let Some(clean) = clean.and_then(|clean| HeaderValue::from_str(&clean).ok()) {
                *value = clean;
            }
        }
    }

    /// A body in which every text for people is clean: all of them, or those within one member. None where nothing is
    /// to be changed.
    fn said(&self, body: &[u8], within: Option<&str>) -> Option<Bytes> {
        if within.is_some_and(|name| !std::str::from_utf8(body).is_ok_and(|text| text.contains(name))) {
            return None;
        }
        let mut value: Value = serde_json::from_slice(body).ok()?;
        let before = value.clone();
        match within {
            Some(name) => self.clean_all("", value.get_mut(name)?),
            None => self.clean_all("", &mut value),
        }
        (value != before).then(|| Bytes::from(value.to_string()))
    }

    fn clean_all(&self, name: &str, value: &mut Value) {
        match value {
            Value::String(text) if TERMS.contains(&name) && is_term(text) => *text = self.plain(text),
            Value::String(text) => *text = self.clean(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.clean_all(name, item)),
            Value::Object(members) => {
                // A name of a member is a field's; one with blanks in it is a sentence.
                let named = std::mem::take(members);
                for (name, mut value) in named {
                    self.clean_all(&name, &mut value);
                    let name = if name.contains(char::is_whitespace) { self.clean(&name) } else { name };
                    members.insert(name, value);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// Whether a text is one word of ASCII, as machines name things.
fn is_term(text: &str) -> bool {
    text.len() <= LONGEST_TERM && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
}
