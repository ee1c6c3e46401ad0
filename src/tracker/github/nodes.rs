//! Many issues by their node ids in one request.
//!
//! Knows the question, and what to leave out of it for a server that does not know everything. What is not answered
//! is never taken for absent.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    GitHub, answer,
    graphql::{Actor, Envelope, GraphqlError, complaint},
    wire::status,
};
use crate::{
    model::{
        ids::{Host, PlaceName},
        issue::{Field, Issue, IssueId, IssueRef},
    },
    tracker::{
        TrackerError,
        shown::{Shown, unseen},
    },
};

/// Most ids in one `nodes` field.
const IDS_PER_FIELD: usize = 100;

/// Most issues in one request: three fields, usually well within the ten seconds after which GitHub gives up.
const IDS_PER_REQUEST: usize = 300;

/// Everything of an issue but its body, which only a write needs.
const FIELDS: &str = "id number title state url createdAt updatedAt databaseId author { __typename login } \
    assignees(first: 20) { nodes { __typename login } } labels(first: 100) { nodes { name } } \
    repository { databaseId nameWithOwner }";

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

/// An issue, of which no part has an error of its own. Without its number, its state or its times it is none.
///
/// | member | not there | null |
/// |---|---|---|
/// | `assignees`, its `nodes`, one of them | the owner is not shown | the same: the schema allows it and gives it no meaning |
/// | `labels`, its `nodes`, one of them | the labels are not shown | the same |
/// | `stateReason` | of a closed issue, the status is not shown | closed before there were reasons: done |
/// | `author` | nothing is told | the same |
/// | `timelineItems`, its `actor` | who closed it is asked for by itself | the same |
/// | `title`, `url` | not compared | the same |
/// | ids | those that are known stay | the same |
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct IssueNode {
    id: String,
    number: u64,
    title: Option<String>,
    state: String,
    #[serde(default)]
    state_reason: Shown<String>,
    url: Option<String>,
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
    nodes: Option<Vec<Option<T>>>,
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
    database_id: Option<Value>,
    name_with_owner: String,
}

impl GitHub {
    /// How many nodes to ask for at once.
    pub(super) fn batch(&self) -> usize {
        IDS_PER_REQUEST >> self.lacks.halvings()
    }

    /// Reads up to [`Self::batch`] nodes, one answer for each, in order. None when the server does not answer
    /// such questions, so that each issue is to be read by itself.
    pub(super) async fn nodes(&self, refs: &[&IssueRef]) -> Result<Option<Vec<Node>>, TrackerError> {
        while self.lacks.has_interface() {
            let asked = self.ask_nodes(refs).await;
            self.lacks.answered(!matches!(asked, Err(TrackerError::Transient { .. })));
            let complaint = match asked {
                Ok(envelope) if !envelope.data.is_null() => return Ok(Some(self.placed(&envelope, refs))),
                Ok(envelope) if envelope.is_about_absence() => return Ok(None),
                Ok(envelope) if envelope.is_about_the_question() => envelope.text(),
                Ok(envelope) => return Err(TrackerError::Transient { why: envelope.complaint() }),
                Err(TrackerError::Rejected { why, .. }) => why,
                // Some tokens may use REST and not this.
                Err(TrackerError::NotFound { .. } | TrackerError::Forbidden { .. }) => {
                    self.lacks.forget_interface();
                    continue;
                }
                Err(error) => return Err(error),
            };
            if !self.lacks.learn(&complaint) {
                self.lacks.forget_interface();
            }
        }
        Ok(None)
    }

    async fn ask_nodes(&self, refs: &[&IssueRef]) -> Result<Envelope, TrackerError> {
        let extras = self.lacks.extras();
        let mut variables = Map::new();
        let (mut heading, mut fields) = (Vec::new(), Vec::new());
        for (n, chunk) in refs.chunks(IDS_PER_FIELD).enumerate() {
            let ids: Vec<&str> = chunk.iter().filter_map(|at| at.node.as_deref()).collect();
            let name = alias(n);
            let variable = if n == 0 { "ids".to_owned() } else { format!("ids{n}") };
            heading.push(format!("${variable}: [ID!]!"));
            let prefix = if n == 0 { String::new() } else { format!("{name}: ") };
            fields.push(format!(
                "{prefix}nodes(ids: ${variable}) {{ __typename ... on Issue {{ {FIELDS} {extras} }} }}"
            ));
            variables.insert(variable, json!(ids));
        }
        let query = format!("query({}) {{ {} }}", heading.join(", "), fields.join(" "));
        self.graphql(&query, Value::Object(variables)).await
    }

    /// The nodes in the order of the references. What a node is, its id tells; its place tells only what is not there.
    fn placed(&self, envelope: &Envelope, refs: &[&IssueRef]) -> Vec<Node> {
        let asked: BTreeSet<&str> = refs.iter().filter_map(|at| at.node.as_deref()).collect();
        let mut shown: BTreeMap<&str, (&Value, [Value; 2])> = BTreeMap::new();
        for (field, list) in envelope.data.as_object().into_iter().flatten() {
            for (index, node) in list.as_array().into_iter().flatten().enumerate() {
                shown.extend(id_of(node).map(|id| (id, (node, [json!(field), json!(index)]))));
            }
        }
        let node = |(n, at): (usize, &&IssueRef)| {
            let place = [json!(alias(n / IDS_PER_FIELD)), json!(n % IDS_PER_FIELD)];
            let there =
                envelope.data.get(alias(n / IDS_PER_FIELD)).and_then(|list| list.get(n % IDS_PER_FIELD));
            let meant = at.node.as_deref().and_then(|id| shown.get(id));
            match (meant, there) {
                (Some((value, place)), _) => self.whole(envelope, value, place, at),
                (None, Some(Value::Null)) => missing(&envelope.about(&place).collect::<Vec<_>>()),
                (None, Some(other)) if id_of(other).is_some_and(|id| asked.contains(id)) => {
                    Node::Unreadable("another issue was shown in its place".to_owned())
                }
                (None, Some(value)) => self.whole(envelope, value, &place, at),
                // A place left out of the answer says nothing about the issue.
                (None, None) => Node::Unreadable(complaint(envelope.about(&place))),
            }
        };
        refs.iter().enumerate().map(node).collect()
    }

    /// A node, unless something of it stands beside an error: what could not be told of it is null or left out, and reads
    /// as if there were nothing.
    fn whole(&self, envelope: &Envelope, value: &Value, place: &[Value], at: &IssueRef) -> Node {
        let mut inside = envelope.about(place).peekable();
        if inside.peek().is_some() {
            return Node::Unreadable(format!("a part of it could not be read: {}", complaint(inside)));
        }
        let mut unplaced = envelope.unplaced().peekable();
        if unplaced.peek().is_some() && has_null(value) {
            return Node::Unreadable(format!("a part of it may not have been read: {}", complaint(unplaced)));
        }
        match understood(value, at, &self.host) {
            Node::Issue(issue) => Node::Issue(Box::new(Issue { read: envelope.at, ..*issue })),
            other @ (Node::Absent | Node::Unreadable(_)) => other,
        }
    }
}

/// A null: absent, unless the errors beside it say that something else is wrong.
fn missing(errors: &[&GraphqlError]) -> Node {
    let is_absent = errors.iter().all(|error| error.is_absence());
    if is_absent { Node::Absent } else { Node::Unreadable(complaint(errors.iter().copied())) }
}

/// Whether something is null in a part of an answer.
fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().any(has_null),
        Value::Object(members) => members.values().any(has_null),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
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
        let (progress, status_text) = status(&self.state, self.state_reason.as_value().map(String::as_str))?;
        let unseen = unseen([
            (Field::Owner, is_whole(self.assignees.as_ref())),
            (Field::Progress, !progress.is_closed() || !self.state_reason.is_absent()),
            (Field::Labels, is_whole(self.labels.as_ref())),
        ]);
        // The same node is the same issue, whatever number the server shows.
        let is_same = Some(&self.id) == at.node.as_ref();
        let shown =
            [self.full_database_id, self.database_id].into_iter().flatten().find_map(|id| number(&id));
        let id = if is_same { Some(at.id.id.clone()) } else { shown }.ok_or("it shows no id")?;
        let place = PlaceName::new(self.repository.name_with_owner);
        let stayed = is_same && place.as_str().eq_ignore_ascii_case(at.place.as_str());
        let place_id = self.repository.database_id.as_ref().and_then(number);
        let place_id = place_id.or_else(|| stayed.then(|| at.place_id.clone()));
        let place_id = place_id.ok_or("its repository shows no id")?;
        let closer = nodes(self.timeline_items).into_iter().next_back().and_then(|closed| closed.actor);
        Ok(Issue {
            at: IssueRef {
                id: IssueId { host: host.clone(), id },
                node: Some(self.id),
                key: format!("{place}#{}", self.number),
                url: self.url.unwrap_or_else(|| at.url.clone()),
                place,
                place_id,
            },
            title: self.title.unwrap_or_default(),
            progress,
            status_text,
            assignees: nodes(self.assignees).into_iter().map(Actor::account).collect(),
            labels: nodes(self.labels).into_iter().map(|label| label.name).collect(),
            due: None,
            author: self.author.map(Actor::account),
            closed_by: closer.filter(|_| progress.is_closed()).map(Actor::account),
            updated: self.updated_at,
            created: self.created_at,
            read: None,
            marker: None,
            block: None,
            unseen,
            chosen: None,
        })
    }
}

/// Whether every node of a connection is shown.
fn is_whole<T>(connection: Option<&Connection<T>>) -> bool {
    let nodes = connection.and_then(|connection| connection.nodes.as_ref());
    nodes.is_some_and(|nodes| nodes.iter().all(Option::is_some))
}

fn nodes<T>(connection: Option<Connection<T>>) -> Vec<T> {
    connection.and_then(|connection| connection.nodes).unwrap_or_default().into_iter().flatten().collect()
}

/// The first field keeps its own name.
fn alias(n: usize) -> String {
    if n == 0 { "nodes".to_owned() } else { format!("n{n}") }
}

fn id_of(node: &Value) -> Option<&str> {
    node.get("id")?.as_str()
}

/// Ids beyond 32 bits come as text.
pub(super) fn number(value: &Value) -> Option<String> {
    let text =
        value.as_u64().map(|number| number.to_string()).or_else(|| value.as_str().map(str::to_owned))?;
    text.bytes().all(|byte| byte.is_ascii_digit()).then_some(text).filter(|text| !text.is_empty())
}
