//! GraphQL: who we are, and many issues by their node ids in one request.
//!
//! Knows the query and its envelope, in which data and errors stand side by side (`trackers.md` 1.5, 4.2 row 5).

use std::{collections::BTreeMap, sync::atomic::Ordering};

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    GitHub,
    address::GRAPHQL,
    answer,
    call::{Call, parsed, senseless},
    wire::status,
};
use crate::{
    model::{
        ids::{AccountId, Host, PlaceName},
        issue::{Issue, IssueId, IssueRef},
    },
    tracker::TrackerError,
};

/// Most ids in one `nodes` field.
const IDS_PER_FIELD: usize = 100;

/// Most issues in one request: three fields, well within the ten seconds after which GitHub gives up.
pub(super) const IDS_PER_REQUEST: usize = 300;

/// Everything of an issue but its body, which only a write needs.
const FIELDS: &str = "__typename ... on Issue { id number title state url createdAt updatedAt databaseId NEWEST \
    author { __typename login } \
    assignees(first: 20) { nodes { __typename login } } \
    labels(first: 100) { nodes { name } } \
    repository { databaseId nameWithOwner } \
    timelineItems(itemTypes: [CLOSED_EVENT], last: 1) { nodes { ... on ClosedEvent { actor { __typename login } } } } }";

/// Fields that older Enterprise Servers do not know; without the argument a duplicate reads as "not planned".
const NEWEST: &str = "fullDatabaseId stateReason(enableDuplicate: true)";

/// What older Enterprise Servers know instead.
const OLDER: &str = "stateReason";

/// One node of an answer.
#[derive(Debug)]
pub(super) enum Node {
    /// An issue.
    Issue(Box<Issue>),
    /// Nothing that this account can see has this id.
    Absent,
    /// It could not be read, or is no issue.
    Unreadable(String),
}

/// Data and errors, both kept: a missing node spoils only itself.
#[derive(Debug, Deserialize)]
struct Envelope {
    data: Option<Value>,
    #[serde(default)]
    errors: Vec<GraphqlError>,
}

#[derive(Debug, Deserialize)]
struct GraphqlError {
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    message: String,
    #[serde(default)]
    path: Vec<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct IssueNode {
    id: String,
    number: u64,
    title: Option<String>,
    state: String,
    state_reason: Option<String>,
    url: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    database_id: Option<Value>,
    full_database_id: Option<Value>,
    author: Option<Actor>,
    assignees: Option<Connection<Actor>>,
    labels: Option<Connection<LabelNode>>,
    repository: RepositoryNode,
    timeline_items: Option<Connection<Closed>>,
}

#[derive(Debug, Deserialize)]
struct Connection<T> {
    #[serde(default = "Vec::new")]
    nodes: Vec<Option<T>>,
}

#[derive(Debug, Deserialize)]
struct Actor {
    #[serde(rename = "__typename")]
    kind: Option<String>,
    login: String,
}

#[derive(Debug, Deserialize)]
struct LabelNode {
    name: String,
}

#[derive(Debug, Deserialize)]
struct Closed {
    actor: Option<Actor>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RepositoryNode {
    database_id: Value,
    name_with_owner: String,
}

#[derive(Debug, Deserialize)]
struct Viewer {
    viewer: Actor,
}

impl GitHub {
    /// The account behind the credential. REST knows no such question for an App's installation.
    pub(super) async fn viewer(&self) -> Result<AccountId, TrackerError> {
        let envelope = self.graphql("query { viewer { login } }", json!({})).await?;
        let data = envelope.data.filter(|data| !data.is_null());
        let data = data.ok_or_else(|| TrackerError::Unauthorized { why: complaint(&envelope.errors) })?;
        let viewer: Viewer = serde_json::from_value(data)
            .map_err(|_| TrackerError::Unauthorized { why: "GitHub sees nobody behind it".to_owned() })?;
        Ok(viewer.viewer.account())
    }

    /// Reads up to [`IDS_PER_REQUEST`] nodes, one answer for each, in order.
    pub(super) async fn nodes(&self, refs: &[&IssueRef]) -> Result<Vec<Node>, TrackerError> {
        let is_old = self.is_old_schema.load(Ordering::Relaxed);
        let mut envelope = self.ask_nodes(refs, is_old).await?;
        if !is_old && envelope.data.is_none() && envelope.errors.iter().any(GraphqlError::is_about_schema) {
            self.is_old_schema.store(true, Ordering::Relaxed);
            envelope = self.ask_nodes(refs, true).await?;
        }
        let Some(data) = envelope.data.filter(|data| !data.is_null()) else {
            return Err(TrackerError::Transient { why: complaint(&envelope.errors) });
        };
        let errors: BTreeMap<String, &GraphqlError> =
            envelope.errors.iter().map(|error| (path_text(error.path.iter().take(2)), error)).collect();
        let read = refs.iter().enumerate().map(|(n, at)| {
            let (field, index) = (json!(alias(n / IDS_PER_FIELD)), json!(n % IDS_PER_FIELD));
            let error = errors.get(&path_text([&field, &index].into_iter()));
            let error = error.or_else(|| errors.get(&path_text([&field].into_iter()))).copied();
            let shown = data.get(alias(n / IDS_PER_FIELD)).and_then(|nodes| nodes.get(n % IDS_PER_FIELD));
            match shown {
                Some(Value::Null) => missing(error),
                Some(value) => understood(value, at, &self.host),
                // A place left out of the answer says nothing about the issue.
                None => Node::Unreadable(complaint(error)),
            }
        });
        Ok(read.collect())
    }

    async fn ask_nodes(&self, refs: &[&IssueRef], is_old: bool) -> Result<Envelope, TrackerError> {
        let mut variables = Map::new();
        let (mut heading, mut fields) = (Vec::new(), Vec::new());
        for (n, chunk) in refs.chunks(IDS_PER_FIELD).enumerate() {
            let ids: Vec<&str> = chunk.iter().filter_map(|at| at.node.as_deref()).collect();
            let name = alias(n);
            heading.push(format!("${name}: [ID!]!"));
            fields.push(format!("{name}: nodes(ids: ${name}) {{ ...Seen }}"));
            variables.insert(name, json!(ids));
        }
        let seen = FIELDS.replace("NEWEST", if is_old { OLDER } else { NEWEST });
        let query = format!(
            "query({}) {{ {} }} fragment Seen on Node {{ {seen} }}",
            heading.join(", "),
            fields.join(" ")
        );
        self.graphql(&query, Value::Object(variables)).await
    }

    /// Asks one question. A limit is told with status 200 here.
    async fn graphql(&self, query: &str, variables: Value) -> Result<Envelope, TrackerError> {
        let body = json!({"query": query, "variables": variables});
        let response = self.call(Call::ask(GRAPHQL, body)).await?;
        let envelope: Envelope = parsed(&response)?;
        let limited = envelope.errors.iter().find(|error| {
            error.kind.as_deref() == Some("RATE_LIMITED") || answer::speaks_of_limit(&error.message)
        });
        if let Some(error) = limited {
            let until = answer::pause(&response, &self.pace);
            return Err(TrackerError::RateLimited { until, why: answer::cut(&error.message) });
        }
        if envelope.data.is_none() && envelope.errors.is_empty() {
            return Err(senseless("neither data nor errors".to_owned()));
        }
        Ok(envelope)
    }
}

impl GraphqlError {
    /// Whether the server does not know something that we asked for.
    fn is_about_schema(&self) -> bool {
        ["enableDuplicate", "fullDatabaseId"].iter().any(|name| self.message.contains(name))
    }
}

impl Actor {
    /// REST writes an App's login with `[bot]`, GraphQL without; the account is the same.
    fn account(self) -> AccountId {
        let is_bot = self.kind.as_deref() == Some("Bot") && !self.login.ends_with("[bot]");
        AccountId::new(if is_bot { format!("{}[bot]", self.login) } else { self.login })
    }
}

/// A null: absent, unless the error beside it says that something else is wrong.
fn missing(error: Option<&GraphqlError>) -> Node {
    let is_absent = error.is_none_or(|error| error.kind.as_deref() == Some("NOT_FOUND"));
    if is_absent { Node::Absent } else { Node::Unreadable(complaint(error)) }
}

fn understood(value: &Value, at: &IssueRef, host: &Host) -> Node {
    match value.get("__typename").and_then(Value::as_str) {
        None | Some("Issue") => {}
        Some("PullRequest") => return Node::Unreadable("is a pull request".to_owned()),
        Some(other) => return Node::Unreadable(format!("is a {}", answer::cut(other))),
    }
    let read = IssueNode::deserialize(value).map_err(|error| error.to_string());
    match read.and_then(|node| node.into_issue(at, host)) {
        Ok(issue) => Node::Issue(Box::new(issue)),
        Err(why) => Node::Unreadable(format!("answered something that cannot be understood: {why}")),
    }
}

impl IssueNode {
    /// In our own terms. The body is not read, so marker and block are unknown.
    fn into_issue(self, at: &IssueRef, host: &Host) -> Result<Issue, String> {
        let (progress, status_text) = status(&self.state, self.state_reason.as_deref())?;
        let asked_for = Some(&self.id) == at.node.as_ref();
        let id = [self.full_database_id, self.database_id].into_iter().flatten().find_map(|id| number(&id));
        // The same node is the same issue: its number stands when the server shows none.
        let id = id.or_else(|| asked_for.then(|| at.id.id.clone())).ok_or("it shows no id")?;
        let place_id = number(&self.repository.database_id).ok_or("its repository shows no id")?;
        let place = PlaceName::new(self.repository.name_with_owner);
        let closings = self.timeline_items.map(Connection::into_nodes).unwrap_or_default();
        let closer = closings.into_iter().next_back().and_then(|closed| closed.actor);
        Ok(Issue {
            at: IssueRef {
                id: IssueId { host: host.clone(), id },
                node: Some(self.id),
                key: format!("{place}#{}", self.number),
                url: self.url,
                place,
                place_id,
            },
            title: self.title.unwrap_or_default(),
            progress,
            status_text,
            assignees: self
                .assignees
                .map(Connection::into_nodes)
                .unwrap_or_default()
                .into_iter()
                .map(Actor::account)
                .collect(),
            labels: self
                .labels
                .map(Connection::into_nodes)
                .unwrap_or_default()
                .into_iter()
                .map(|label| label.name)
                .collect(),
            due: None,
            author: self.author.map(Actor::account),
            closed_by: closer.filter(|_| progress.is_closed()).map(Actor::account),
            updated: self.updated_at,
            created: self.created_at,
            marker: None,
            block: None,
        })
    }
}

impl<T> Connection<T> {
    fn into_nodes(self) -> Vec<T> {
        self.nodes.into_iter().flatten().collect()
    }
}

fn alias(n: usize) -> String {
    format!("n{n}")
}

/// Ids beyond 32 bits come as text.
fn number(value: &Value) -> Option<String> {
    let text =
        value.as_u64().map(|number| number.to_string()).or_else(|| value.as_str().map(str::to_owned))?;
    text.bytes().all(|byte| byte.is_ascii_digit()).then_some(text).filter(|text| !text.is_empty())
}

fn path_text<'a>(path: impl Iterator<Item = &'a Value>) -> String {
    path.map(Value::to_string).collect::<Vec<_>>().join("/")
}

fn complaint<'a>(errors: impl IntoIterator<Item = &'a GraphqlError>) -> String {
    let messages: Vec<String> = errors.into_iter().map(|error| answer::cut(&error.message)).collect();
    if messages.is_empty() { "GraphQL answered nothing".to_owned() } else { messages.join("; ") }
}
