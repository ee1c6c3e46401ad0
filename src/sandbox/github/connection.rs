//! The connection `issues` of a repository in GraphQL: arguments, filters, order and pages.
//!
//! Knows what GitHub documents of its arguments (docs.github.com/graphql, Repository). Must not know how fields are selected.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::{
    Exchange,
    change::contains,
    data::{Issue, Repo, issue_node_id},
};

/// Most issues in one connection.
const PAGE_MAX: u64 = 100;

/// How a cursor of this connection begins.
const CURSOR: &str = "sandbox-cursor-";

/// Arguments that the connection takes.
const ARGUMENTS: [&str; 8] = ["after", "before", "filterBy", "first", "labels", "last", "orderBy", "states"];

/// Members of `IssueFilters` that the sandbox understands.
const FILTERS: [&str; 5] = ["assignee", "createdBy", "labels", "since", "states"];

/// Why a connection is refused: the type of the error, and its words.
pub(crate) type Refused = (&'static str, String);

/// Arguments by their names.
type Arguments = BTreeMap<String, Value>;

impl Exchange<'_> {
    /// The issues of a repository as the arguments ask for them. Pull requests are not among them, and a new issue is not
    /// there before the lists show it.
    pub(crate) fn issue_connection(&self, repo: &Repo, arguments: &Arguments) -> Result<Value, Refused> {
        let names: Vec<&str> = arguments.keys().map(String::as_str).collect();
        known(&names, &ARGUMENTS, "Field 'issues'")?;
        let page = Bounds::of(arguments)?;
        let mut issues = self.issues_of(repo.id);
        issues.retain(|issue| !issue.is_pull_request);
        if let Some(states) = given(arguments, "states") {
            issues.retain(|issue| has_state(issue, states));
        }
        if let Some(labels) = given(arguments, "labels") {
            issues.retain(|issue| words(labels).iter().any(|label| contains(&issue.labels, label)));
        }
        if let Some(filters) = given(arguments, "filterBy") {
            filter(&mut issues, filters)?;
        }
        order(&mut issues, given(arguments, "orderBy"))?;
        self.paged(&issues, &page)
    }

    /// The part of a list that was asked for, as a connection.
    fn paged(&self, issues: &[&Issue], page: &Bounds) -> Result<Value, Refused> {
        let place = |cursor: &String| {
            let id = cursor.strip_prefix(CURSOR);
            let at = issues.iter().position(|issue| Some(issue_node_id(issue.id).as_str()) == id);
            at.ok_or_else(|| {
                ("INVALID_CURSOR_ARGUMENTS", format!("`{cursor}` does not appear to be a valid cursor."))
            })
        };
        let mut begin = page.after.as_ref().map(place).transpose()?.map_or(0, |at| at + 1);
        let mut end = page.before.as_ref().map(place).transpose()?.unwrap_or(issues.len()).max(begin);
        if let Some(first) = page.first {
            end = end.min(begin + first);
        }
        if let Some(last) = page.last {
            begin = begin.max(end.saturating_sub(last));
        }
        let shown = issues.get(begin..end).unwrap_or_default();
        let cursor = |issue: &&&Issue| format!("{CURSOR}{}", issue_node_id(issue.id));
        let nodes: Vec<Value> = shown.iter().map(|issue| self.issue_node(issue)).collect();
        let edges: Vec<Value> = shown
            .iter()
            .zip(&nodes)
            .map(|(issue, node)| json!({"__typename": "IssueEdge", "cursor": cursor(&issue), "node": node}))
            .collect();
        Ok(json!({
            "__typename": "IssueConnection",
            "totalCount": issues.len(),
            "nodes": nodes,
            "edges": edges,
            "pageInfo": {
                "__typename": "PageInfo",
                "hasNextPage": end < issues.len(),
                "hasPreviousPage": begin > 0,
                "startCursor": shown.first().as_ref().map(cursor),
                "endCursor": shown.last().as_ref().map(cursor),
            },
        }))
    }
}

/// Which part of a list is asked for.
struct Bounds {
    first: Option<usize>,
    last: Option<usize>,
    after: Option<String>,
    before: Option<String>,
}

impl Bounds {
    fn of(arguments: &Arguments) -> Result<Self, Refused> {
        let size = |name: &str| match given(arguments, name) {
            None => Ok(None),
            Some(value) => match value.as_u64() {
                Some(n) if n <= PAGE_MAX => Ok(usize::try_from(n).ok()),
                Some(n) => Err((
                    "EXCESSIVE_PAGINATION",
                    format!(
                        "Requesting {n} records on the `issues` connection exceeds the `{name}` limit of {PAGE_MAX} records."
                    ),
                )),
                None => Err((
                    "argumentLiteralsIncompatible",
                    format!(
                        "Argument '{name}' on Field 'issues' has an invalid value ({value}). Expected type 'Int'."
                    ),
                )),
            },
        };
        let cursor = |name: &str| given(arguments, name).and_then(Value::as_str).map(str::to_owned);
        let bounds = Self {
            first: size("first")?,
            last: size("last")?,
            after: cursor("after"),
            before: cursor("before"),
        };
        if bounds.first.is_none() && bounds.last.is_none() {
            let why =
                "You must provide a `first` or `last` value to properly paginate the `issues` connection.";
            return Err(("MISSING_PAGINATION_BOUNDARIES", why.to_owned()));
        }
        Ok(bounds)
    }
}

/// What is given for an argument. A null is the same as nothing.
fn given<'a>(arguments: &'a Arguments, name: &str) -> Option<&'a Value> {
    arguments.get(name).filter(|value| !value.is_null())
}

/// Refuses names that are not among those that are known.
fn known(names: &[&str], all: &[&str], of: &str) -> Result<(), Refused> {
    match names.iter().find(|name| !all.contains(name)) {
        Some(name) => Err(("argumentNotAccepted", format!("{of} doesn't accept argument '{name}'"))),
        None => Ok(()),
    }
}

fn filter(issues: &mut Vec<&Issue>, filters: &Value) -> Result<(), Refused> {
    let none = Map::new();
    let filters = filters.as_object().unwrap_or(&none);
    let names: Vec<&str> = filters.keys().map(String::as_str).collect();
    known(&names, &FILTERS, "InputObject 'IssueFilters'")?;
    for (name, value) in filters.iter().filter(|(_, value)| !value.is_null()) {
        let text = value.as_str().unwrap_or_default();
        match name.as_str() {
            "since" => {
                let since = instant(value)?.timestamp();
                issues.retain(|issue| issue.updated_at.timestamp() >= since);
            }
            "states" => issues.retain(|issue| has_state(issue, value)),
            "labels" => {
                issues.retain(|issue| words(value).iter().all(|label| contains(&issue.labels, label)))
            }
            "createdBy" => issues.retain(|issue| issue.author.eq_ignore_ascii_case(text)),
            _ if text == "*" => issues.retain(|issue| !issue.assignees.is_empty()),
            _ => issues.retain(|issue| contains(&issue.assignees, text)),
        }
    }
    Ok(())
}

fn instant(value: &Value) -> Result<DateTime<Utc>, Refused> {
    let at = value.as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    at.map(|at| at.with_timezone(&Utc)).ok_or_else(|| {
        let why = format!("Argument 'since' on InputObject 'IssueFilters' has an invalid value ({value}). Expected type 'DateTime'.");
        ("argumentLiteralsIncompatible", why)
    })
}

/// Sorts as `orderBy` says: by creation, the oldest first, unless it says otherwise.
fn order(issues: &mut [&Issue], order: Option<&Value>) -> Result<(), Refused> {
    let word = |name: &str| order.and_then(|order| order.get(name)).and_then(Value::as_str);
    let refused =
        |why: &str| ("argumentLiteralsIncompatible", format!("Argument 'orderBy' on Field 'issues' {why}"));
    if order.is_some() && (word("field").is_none() || word("direction").is_none()) {
        return Err(refused("needs a field and a direction"));
    }
    match word("field") {
        None | Some("CREATED_AT") => issues.sort_by_key(|issue| (issue.created_at, issue.id)),
        Some("UPDATED_AT") => issues.sort_by_key(|issue| (issue.updated_at, issue.id)),
        Some("COMMENTS") => issues.sort_by_key(|issue| (issue.comments.len(), issue.id)),
        Some(other) => return Err(refused(&format!("knows no field {other}"))),
    }
    match word("direction") {
        None | Some("ASC") => {}
        Some("DESC") => issues.reverse(),
        Some(other) => return Err(refused(&format!("knows no direction {other}"))),
    }
    Ok(())
}

fn has_state(issue: &Issue, states: &Value) -> bool {
    words(states).contains(&if issue.is_open { "OPEN" } else { "CLOSED" })
}

/// The words of a list, or the one that stands for a list of one.
fn words(value: &Value) -> Vec<&str> {
    let one = value.as_str().into_iter();
    one.chain(value.as_array().into_iter().flatten().filter_map(Value::as_str)).collect()
}
