//! One question in GraphQL, and its envelope, in which data and errors stand side by side
//! (spec.graphql.org, Response).
//!
//! Knows how GraphQL tells of limits, of what it does not know, and of what is not there. Knows nothing of issues.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::{
    GitHub,
    address::GRAPHQL,
    answer,
    call::{Call, parsed, senseless},
};
use crate::{model::ids::AccountId, net::limits::server_time, tracker::TrackerError};

/// Words of a complaint about the question itself. A server that is in trouble does not speak so.
const COMPLAINTS: [&str; 8] =
    ["field", "argument", "fragment", "syntax", "pars", "variable", "directive", "unknown"];

/// Words of a complaint about too large a question.
const EXCESS: [&str; 4] = ["timeout", "timed out", "too long", "resource limit"];

/// What was answered.
#[derive(Debug, Deserialize)]
pub(super) struct Envelope {
    /// What was asked for, or nothing.
    #[serde(default)]
    pub(super) data: Value,
    /// What went wrong beside it.
    #[serde(default, deserialize_with = "or_none")]
    pub(super) errors: Vec<GraphqlError>,
    /// When it was answered, by GitHub's clock.
    #[serde(skip)]
    pub(super) at: Option<DateTime<Utc>>,
}

/// One thing that went wrong.
#[derive(Debug, Deserialize)]
pub(super) struct GraphqlError {
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(default, deserialize_with = "or_none")]
    message: String,
    #[serde(default, deserialize_with = "or_none")]
    path: Vec<Value>,
}

/// An account in a GraphQL answer.
#[derive(Debug, Deserialize)]
pub(super) struct Actor {
    #[serde(rename = "__typename")]
    kind: Option<String>,
    login: String,
}

#[derive(Debug, Deserialize)]
struct Viewer {
    viewer: Actor,
}

impl GitHub {
    /// The account behind the credential, an App's installation included.
    pub(super) async fn viewer(&self) -> Result<AccountId, TrackerError> {
        let envelope = self.graphql("query { viewer { login } }", json!({})).await?;
        if envelope.data.is_null() {
            return Err(TrackerError::Unauthorized { why: envelope.complaint() });
        }
        let viewer: Viewer = serde_json::from_value(envelope.data)
            .map_err(|_| TrackerError::Unauthorized { why: "GitHub sees nobody behind it".to_owned() })?;
        Ok(viewer.viewer.account())
    }

    /// Asks one question. A limit is told with status 200 here.
    pub(super) async fn graphql(&self, query: &str, variables: Value) -> Result<Envelope, TrackerError> {
        let body = json!({"query": query, "variables": variables});
        let response = self.call(Call::ask(GRAPHQL, body)).await?;
        let envelope = Envelope { at: server_time(response.headers()), ..parsed(&response)? };
        if let Some(error) = envelope.errors.iter().find(|error| error.is_limit()) {
            let until = answer::pause(&response, &self.pace);
            return Err(TrackerError::RateLimited { until, why: answer::cut(&error.message) });
        }
        if envelope.data.is_null() && envelope.errors.is_empty() {
            return Err(senseless("neither data nor errors".to_owned()));
        }
        Ok(envelope)
    }
}

impl Envelope {
    /// What is wrong, for people.
    pub(super) fn complaint(&self) -> String {
        complaint(&self.errors)
    }

    /// Whether the server does not understand the question, rather than being unable to answer it now.
    pub(super) fn is_about_the_question(&self) -> bool {
        let text = self.text().to_ascii_lowercase();
        self.data.is_null() && COMPLAINTS.iter().any(|word| text.contains(word))
    }

    /// Whether nothing was answered because something that was asked for is not there.
    pub(super) fn is_about_absence(&self) -> bool {
        self.data.is_null() && self.errors.iter().all(GraphqlError::is_absence)
    }

    /// Whether a smaller question might have been answered, or more of it.
    pub(super) fn is_too_much(&self) -> bool {
        self.errors.iter().any(GraphqlError::is_too_much)
    }

    /// Errors that do not say what of the answer they are about.
    pub(super) fn unplaced(&self) -> impl Iterator<Item = &GraphqlError> {
        self.errors.iter().filter(|error| !self.has(&error.path))
    }

    /// Whether a path leads to a field of the answer, and in a list to one of its members.
    fn has(&self, path: &[Value]) -> bool {
        let field = path.first().and_then(Value::as_str).and_then(|field| self.data.get(field));
        match (field, path.get(1)) {
            (Some(Value::Array(list)), Some(step)) => {
                step.as_u64().and_then(|n| usize::try_from(n).ok()).is_some_and(|n| n < list.len())
            }
            (field, _) => field.is_some(),
        }
    }

    /// Errors about what stands at a place of the answer, inside it, or around it.
    pub(super) fn about<'a>(&'a self, place: &'a [Value]) -> impl Iterator<Item = &'a GraphqlError> {
        let is_about = move |error: &&GraphqlError| {
            !error.path.is_empty() && error.path.iter().zip(place).all(|(step, ours)| step == ours)
        };
        self.errors.iter().filter(is_about)
    }

    /// Whether something is wrong with what stands at a place, as far as errors say where.
    pub(super) fn is_troubled(&self, place: &[Value]) -> bool {
        self.about(place).chain(self.unplaced()).next().is_some()
    }

    /// Everything that the errors say.
    pub(super) fn text(&self) -> String {
        self.errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join("; ")
    }
}

impl GraphqlError {
    /// Whether nothing is there that this account can see. Not every server gives the error a type.
    pub(super) fn is_absence(&self) -> bool {
        match self.kind.as_deref() {
            Some(kind) => kind == "NOT_FOUND",
            None => self.message.starts_with("Could not resolve to a node"),
        }
    }

    /// Whether the question was too large, or took too long. GitHub tells of its own time-out in words alone.
    fn is_too_much(&self) -> bool {
        let kind = self.kind.as_deref().unwrap_or_default();
        let message = self.message.to_ascii_lowercase();
        kind.starts_with("RESOURCE_LIMIT")
            || kind.starts_with("MAX_NODE_LIMIT")
            || EXCESS.iter().any(|words| message.contains(words))
    }

    fn is_limit(&self) -> bool {
        let is_limit = self.kind.as_deref().is_some_and(|kind| kind.starts_with("RATE_LIMIT"));
        is_limit || answer::speaks_of_limit(&self.message)
    }
}

impl Actor {
    /// REST writes an App's login with `[bot]`, GraphQL without; the account is the same.
    pub(super) fn account(self) -> AccountId {
        let is_bot = self.kind.as_deref() == Some("Bot") && !self.login.ends_with("[bot]");
        AccountId::new(if is_bot { format!("{}[bot]", self.login) } else { self.login })
    }
}

/// What errors say, for people.
pub(super) fn complaint<'a>(errors: impl IntoIterator<Item = &'a GraphqlError>) -> String {
    let messages: Vec<String> = errors.into_iter().map(|error| answer::cut(&error.message)).collect();
    if messages.is_empty() { "GraphQL answered nothing".to_owned() } else { messages.join("; ") }
}

/// A member that may be null as well as missing.
fn or_none<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(from)?.unwrap_or_default())
}
