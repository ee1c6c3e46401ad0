//! Search: by token in Cloud, by number in Data Center, always behind the index.
//!
//! Knows pages, lag and what a query may name. Must not know JQL's syntax.

use std::{
    cmp::Ordering,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::{
    Exchange,
    data::{Access, Issue},
    errors,
    jql::{By, Clause, Order, parse},
    show::Wanted,
};
use crate::sandbox::wire::{Answer, At, Outcome};

/// Most properties in one search.
const PROPERTIES_MAX: usize = 5;
/// Most issues that a search reads afresh.
const RECONCILE_MAX: usize = 50;

impl Exchange<'_> {
    /// POST and GET /search/jql.
    pub(crate) fn search_by_token(&self) -> Outcome {
        let wanted = Wanted::of(self, "id");
        if wanted.properties.len() > PROPERTIES_MAX {
            return Err(errors(
                400,
                &[&format!("At most {PROPERTIES_MAX} properties can be asked for.")],
                [],
            ));
        }
        let jql = self.given("jql").unwrap_or_default();
        let found = self.matches(&jql)?;
        let n_start = match self.given("nextPageToken") {
            Some(token) => offset(&token, &jql)?,
            None => 0,
        };
        let n_max = self.n_max(50);
        let page = found.iter().skip(n_start).take(n_max);
        let issues: Vec<Value> = page.map(|issue| self.shown_issue(issue, &wanted)).collect();
        let n_next = n_start + issues.len();
        let mut shown = json!({"issues": issues, "isLast": n_next >= found.len()});
        if let (true, Some(fields)) = (n_next < found.len(), shown.as_object_mut()) {
            fields.insert("nextPageToken".into(), token(n_next, &jql).into());
        }
        Ok(Answer::ok(shown))
    }

    /// POST /search/approximate-count.
    pub(crate) fn approximate_count(&self) -> Outcome {
        let found = self.matches(&self.given("jql").unwrap_or_default())?;
        Ok(Answer::ok(json!({"count": found.len()})))
    }

    /// POST and GET /search of Data Center.
    pub(crate) fn search_by_number(&self) -> Outcome {
        let wanted = Wanted::of(self, "*navigable");
        let found = self.matches(&self.given("jql").unwrap_or_default())?;
        let n_start = self.given("startAt").and_then(|text| text.parse().ok()).unwrap_or_default();
        let n_max = self.n_max(50);
        let issues: Vec<Value> =
            found.iter().skip(n_start).take(n_max).map(|issue| self.shown_issue(issue, &wanted)).collect();
        Ok(Answer::ok(json!({
            "expand": "schema,names",
            "startAt": n_start,
            "maxResults": n_max,
            "total": found.len(),
            "issues": issues,
        })))
    }

    /// A parameter in the body or in the query, as text.
    fn given(&self, name: &str) -> Option<String> {
        let in_body = match self.call.body.at(name) {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        };
        in_body.or_else(|| self.call.param(name))
    }

    fn n_max(&self, default: usize) -> usize {
        let asked = self.given("maxResults").and_then(|text| text.parse().ok()).unwrap_or(default);
        asked.clamp(1, self.settings.page_max)
    }

    /// The issues that a query finds, in its order, or by id.
    fn matches(&self, jql: &str) -> Result<Vec<&Issue>, Answer> {
        let person = self.viewer.as_deref().and_then(|login| self.people.by_login(login));
        let zone = person.and_then(|person| person.time_zone.parse().ok()).unwrap_or(Tz::UTC);
        let (clauses, order) = parse(jql, self.now, zone).map_err(|reason| errors(400, &[&reason], []))?;
        let fresh = self.reconciled()?;
        for clause in &clauses {
            self.check_names(clause)?;
        }
        let lag = Duration::milliseconds(self.settings.search_lag_ms);
        let is_indexed = |issue: &&Issue| issue.created_at + lag <= self.now || fresh.contains(&issue.id);
        let indexed = self.site.issues.values().filter(is_indexed).filter(|issue| self.sees(issue.id));
        // The index has not yet heard of a change that is too new.
        let dated = indexed.map(|issue| {
            let is_known = issue.updated_at + lag <= self.now || fresh.contains(&issue.id);
            (if is_known { issue.updated_at } else { issue.created_at }, issue)
        });
        let mut found: Vec<(DateTime<Utc>, &Issue)> = dated
            .filter(|(updated_at, issue)| clauses.iter().all(|clause| self.holds(clause, issue, *updated_at)))
            .collect();
        found.sort_by(|one, other| compared(*one, *other, &order));
        Ok(found.into_iter().map(|(_, issue)| issue).collect())
    }

    fn holds(&self, clause: &Clause, issue: &Issue, updated_at: DateTime<Utc>) -> bool {
        match clause {
            Clause::Labels(labels) => issue.labels.iter().any(|label| labels.contains(label)),
            // A former key still means the project.
            Clause::Projects(keys) => keys
                .iter()
                .any(|key| self.site.project(key).is_some_and(|project| project.key == issue.project)),
            Clause::Issues(names) => names.iter().any(|name| {
                *name == issue.id.to_string()
                    || name.eq_ignore_ascii_case(&issue.key)
                    || issue.old_keys.iter().any(|old| old.eq_ignore_ascii_case(name))
            }),
            Clause::Statuses(names) => names.iter().any(|name| name.eq_ignore_ascii_case(&issue.status)),
            Clause::Kinds(names) => names.iter().any(|name| name.eq_ignore_ascii_case(&issue.kind)),
            Clause::UpdatedSince(at) => updated_at >= *at,
            Clause::CreatedSince(at) => issue.created_at >= *at,
        }
    }

    /// Issues that this search reads afresh instead of from the index.
    fn reconciled(&self) -> Result<Vec<u64>, Answer> {
        let ids = self.call.body.at("reconcileIssues").as_array().map(Vec::as_slice).unwrap_or_default();
        if ids.len() > RECONCILE_MAX {
            return Err(errors(400, &[&format!("At most {RECONCILE_MAX} issues can be reconciled.")], []));
        }
        Ok(ids.iter().filter_map(Value::as_u64).collect())
    }

    /// Refuses the whole query if it names a project or an issue that is not there or not to be seen.
    fn check_names(&self, clause: &Clause) -> Result<(), Answer> {
        // A bad token that looks anonymous finds nothing, and nobody says why.
        if self.viewer.is_none() && self.settings.anonymous_looking {
            return Ok(());
        }
        match clause {
            Clause::Projects(keys) => {
                let is_hidden = |key: &&String| {
                    self.site.project(key).is_none_or(|project| self.access(project) == Access::None)
                };
                match keys.iter().find(is_hidden) {
                    Some(key) => Err(errors(
                        400,
                        &[&format!("The value '{key}' does not exist for the field 'project'.")],
                        [],
                    )),
                    None => Ok(()),
                }
            }
            Clause::Issues(names) => {
                let is_hidden = |name: &&String| self.site.issue_id(name).is_none_or(|id| !self.sees(id));
                match names.iter().find(is_hidden) {
                    Some(name) => {
                        let message = format!("An issue with key '{name}' does not exist for field 'key'.");
                        Err(errors(400, &[&message], []))
                    }
                    None => Ok(()),
                }
            }
            Clause::Kinds(names) => {
                let mut known = self.site.projects.values().flat_map(|project| &project.types);
                match names.iter().find(|name| !known.any(|kind| kind.name.eq_ignore_ascii_case(name))) {
                    Some(name) => {
                        let message = format!("The value '{name}' does not exist for the field 'issuetype'.");
                        Err(errors(400, &[&message], []))
                    }
                    None => Ok(()),
                }
            }
            Clause::Labels(_) | Clause::Statuses(_) | Clause::UpdatedSince(_) | Clause::CreatedSince(_) => {
                Ok(())
            }
        }
    }
}

/// Two issues, each with the time of its last change as the index knows it, in the order of a query.
fn compared(one: (DateTime<Utc>, &Issue), other: (DateTime<Utc>, &Issue), order: &[Order]) -> Ordering {
    let ((updated, one), (other_updated, other)) = (one, other);
    let number = |issue: &Issue| issue.key.rsplit('-').next().and_then(|n| n.parse::<u64>().ok());
    let step = |order: &Order| {
        let by = match order.by {
            By::Updated => updated.cmp(&other_updated),
            By::Created => one.created_at.cmp(&other.created_at),
            By::Key => one.project.cmp(&other.project).then(number(one).cmp(&number(other))),
            By::Id => one.id.cmp(&other.id),
            By::Other => Ordering::Equal,
        };
        if order.is_descending { by.reverse() } else { by }
    };
    order.iter().map(step).find(|by| by.is_ne()).unwrap_or_else(|| one.id.cmp(&other.id))
}

/// A token for the rest of a search; it fits no other query.
fn token(n_start: usize, jql: &str) -> String {
    let mut hasher = DefaultHasher::new();
    jql.hash(&mut hasher);
    format!("sandbox-{:016x}-{n_start}", hasher.finish())
}

fn offset(given: &str, jql: &str) -> Result<usize, Answer> {
    let n_start = given.rsplit('-').next().and_then(|text| text.parse().ok()).unwrap_or_default();
    if given == token(n_start, jql) {
        return Ok(n_start);
    }
    Err(errors(400, &["The provided next page token is invalid or expired."], []))
}
