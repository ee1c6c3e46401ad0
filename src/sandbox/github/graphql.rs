//! GraphQL: `nodes`, `node`, `repository`, `viewer` and `rateLimit`, with partial answers.
//!
//! Knows how errors and data stand side by side. Must not change anything: mutations are refused.

use serde_json::{Map, Value, json};

use super::{
    Exchange,
    budget::Resource,
    data::{Permission, Repo, issue_of_node_id},
    query::{Document, Field, Selection, parse},
};
use crate::sandbox::{
    clock::seconds,
    wire::{Answer, At, Outcome},
};

/// Most ids in one `nodes` field.
const IDS_MAX: usize = 100;

/// What came of one field.
struct Resolved {
    value: Value,
    errors: Vec<Value>,
}

impl Exchange<'_> {
    /// POST /graphql.
    pub(crate) fn graphql(&mut self) -> Outcome {
        if self.viewer.login.is_none() {
            return Err(Answer::message(401, "This endpoint requires you to be authenticated."));
        }
        let body = &self.call.body;
        let Some(text) = body.at("query").as_str() else {
            return Err(Answer::message(400, "A query attribute must be specified and must be a string."));
        };
        let document = match parse(text, body.at("variables")) {
            Ok(document) if document.is_mutation => {
                return Ok(refused("FORBIDDEN", "The sandbox answers no mutations: use REST for writes"));
            }
            Ok(document) => document,
            Err(reason) => return Ok(refused("PARSE_ERROR", &reason)),
        };
        let mut data = Map::new();
        let mut errors = Vec::new();
        for field in flat(&document.fields, &document, "Query") {
            match self.top(&field, &document) {
                Ok(resolved) => {
                    data.insert(field.alias.clone(), resolved.value);
                    errors.extend(resolved.errors);
                }
                Err(answer) => return Ok(answer),
            }
        }
        let mut answer = Map::new();
        answer.insert("data".into(), Value::Object(data));
        if !errors.is_empty() {
            answer.insert("errors".into(), Value::Array(errors));
        }
        Ok(Answer::ok(Value::Object(answer)))
    }

    /// A field of the query itself; an error here spoils the whole answer.
    fn top(&mut self, field: &Field, document: &Document) -> Result<Resolved, Answer> {
        let shown = |value: &Value, of: &str| {
            project(value, field, document, of).map_err(|reason| refused("undefinedField", &reason))
        };
        match field.name.as_str() {
            "nodes" => self.nodes(field, document),
            "node" => {
                let id = field.arguments.get("id").and_then(Value::as_str).unwrap_or_default();
                self.node(id, field, document, json!([field.alias]))
            }
            "viewer" => {
                let person = self.viewer.login.as_deref().and_then(|login| self.people.by_login(login));
                let user = person.map(
                    |person| json!({"login": person.login, "databaseId": person.id, "name": person.name}),
                );
                Ok(Resolved { value: shown(&user.unwrap_or_default(), "User")?, errors: Vec::new() })
            }
            "rateLimit" => {
                let limit = Resource::Graphql.limit(self.settings);
                let window = *self.hub.budgets.window(&self.viewer.name(), Resource::Graphql, self.now);
                let value = json!({
                    "cost": 1,
                    "limit": limit,
                    "used": window.used,
                    "remaining": limit.saturating_sub(window.used),
                    "resetAt": seconds(window.resets_at),
                    "nodeCount": 0,
                });
                Ok(Resolved { value: shown(&value, "RateLimit")?, errors: Vec::new() })
            }
            "repository" => self.repository(field, document),
            other => {
                Err(refused("undefinedField", &format!("Field '{other}' doesn't exist on type 'Query'")))
            }
        }
    }

    fn nodes(&self, field: &Field, document: &Document) -> Result<Resolved, Answer> {
        let ids = field.arguments.get("ids").and_then(Value::as_array).cloned().unwrap_or_default();
        if ids.len() > IDS_MAX {
            let message =
                format!("You may not provide more than {IDS_MAX} node ids; you provided {}.", ids.len());
            return Err(refused("ARGUMENT_LIMIT", &message));
        }
        let mut values = Vec::new();
        let mut errors = Vec::new();
        for (n, id) in ids.iter().enumerate() {
            let resolved =
                self.node(id.as_str().unwrap_or_default(), field, document, json!([field.alias, n]))?;
            values.push(resolved.value);
            errors.extend(resolved.errors);
        }
        Ok(Resolved { value: Value::Array(values), errors })
    }

    /// An issue by its id; null with an error if it is gone, elsewhere, or not to be seen.
    fn node(&self, id: &str, field: &Field, document: &Document, path: Value) -> Result<Resolved, Answer> {
        let issue = issue_of_node_id(id).and_then(|id| self.hub.issues.get(&id));
        let issue = issue.filter(|issue| self.permission(issue.repo) > Permission::None);
        let Some(issue) = issue else {
            let message = format!("Could not resolve to a node with the global id of '{id}'.");
            let error = json!({"type": "NOT_FOUND", "path": path, "message": message});
            return Ok(Resolved { value: Value::Null, errors: vec![error] });
        };
        let shown = project(&self.issue_node(issue), field, document, "Issue");
        let value = shown.map_err(|reason| refused("undefinedField", &reason))?;
        Ok(Resolved { value, errors: Vec::new() })
    }

    fn repository(&self, field: &Field, document: &Document) -> Result<Resolved, Answer> {
        let argument = |name: &str| field.arguments.get(name).and_then(Value::as_str).unwrap_or_default();
        let full_name = format!("{}/{}", argument("owner"), argument("name"));
        let repo = self.hub.repo_named(&full_name).filter(|repo| self.permission(repo.id) > Permission::None);
        let Some(repo) = repo else {
            let message = format!("Could not resolve to a Repository with the name '{full_name}'.");
            let error = json!({"type": "NOT_FOUND", "path": [field.alias], "message": message});
            return Ok(Resolved { value: Value::Null, errors: vec![error] });
        };
        let mut node = self.repo_node(repo);
        let mut asked = field.clone();
        asked.fields = self.with_issues(repo, field, document, &mut node)?;
        let shown = project(&node, &asked, document, "Repository");
        let value = shown.map_err(|reason| refused("undefinedField", &reason))?;
        Ok(Resolved { value, errors: Vec::new() })
    }

    /// The fields that are selected of a repository. Its issues depend on their arguments, and may be asked for several times:
    /// each time is a member of the repository by a name of its own.
    fn with_issues(
        &self,
        repo: &Repo,
        field: &Field,
        document: &Document,
        node: &mut Value,
    ) -> Result<Vec<Selection>, Answer> {
        let mut selected = Vec::new();
        for mut inner in flat(&field.fields, document, "Repository") {
            if inner.name == "issues" {
                let issues = self.issue_connection(repo, &inner.arguments);
                let issues = issues.map_err(|(kind, message)| refused(kind, &message))?;
                inner.name = format!("issues as {}", inner.alias);
                if let Some(members) = node.as_object_mut() {
                    members.insert(inner.name.clone(), issues);
                }
            }
            selected.push(Selection::Field(inner));
        }
        Ok(selected)
    }
}

/// The fields selected on a type, with fragments laid out.
fn flat(selections: &[Selection], document: &Document, of: &str) -> Vec<Field> {
    let mut fields = Vec::new();
    for selection in selections {
        match selection {
            Selection::Field(field) => fields.push(field.clone()),
            Selection::Inline { on, fields: inner } => {
                if on.as_deref().is_none_or(|on| is_a(of, on)) {
                    fields.extend(flat(inner, document, of));
                }
            }
            Selection::Spread(name) => {
                let fragment = document.fragments.get(name).filter(|(on, _)| is_a(of, on));
                fields.extend(fragment.map(|(_, inner)| flat(inner, document, of)).unwrap_or_default());
            }
        }
    }
    fields
}

/// Whether a fragment on `on` applies to a thing of type `of`.
fn is_a(of: &str, on: &str) -> bool {
    of == on
        || matches!(
            on,
            "Node"
                | "Actor"
                | "Assignable"
                | "Labelable"
                | "Closable"
                | "UniformResourceLocatable"
                | "RepositoryNode"
        )
        || of == "?"
}

/// The selected part of a value, under the selected names.
fn project(value: &Value, field: &Field, document: &Document, of: &str) -> Result<Value, String> {
    if let Value::Array(items) = value {
        return items.iter().map(|item| project(item, field, document, of)).collect();
    }
    let Value::Object(object) = value else { return Ok(value.clone()) };
    if field.fields.is_empty() {
        return Err(format!("Field '{}' must have a selection of subfields", field.name));
    }
    let of = object.get("__typename").and_then(Value::as_str).unwrap_or(of);
    let mut shown = Map::new();
    for inner in flat(&field.fields, document, of) {
        let found = object
            .get(&inner.name)
            .ok_or_else(|| format!("Field '{}' doesn't exist on type '{of}'", inner.name))?;
        let limited = limited(found, &inner)?;
        shown.insert(inner.alias.clone(), project(&limited, &inner, document, "?")?);
    }
    Ok(Value::Object(shown))
}

/// A value as its arguments ask for it: connections cut to `first` or `last`, duplicates only on demand.
fn limited(value: &Value, field: &Field) -> Result<Value, String> {
    let asks = |name: &str| field.arguments.get(name);
    if field.name == "stateReason"
        && *value == "DUPLICATE"
        && asks("enableDuplicate") != Some(&Value::Bool(true))
    {
        return Ok("NOT_PLANNED".into());
    }
    let mut value = value.clone();
    let Some(nodes) = value.get_mut("nodes").and_then(Value::as_array_mut) else { return Ok(value) };
    if asks("first").is_none() && asks("last").is_none() {
        let name = &field.name;
        return Err(format!(
            "You must provide a `first` or `last` value to properly paginate the `{name}` connection."
        ));
    }
    if let Some(first) = asks("first").and_then(Value::as_u64) {
        nodes.truncate(usize::try_from(first).unwrap_or(usize::MAX));
    }
    if let Some(last) = asks("last").and_then(Value::as_u64) {
        let n_extra = nodes.len().saturating_sub(usize::try_from(last).unwrap_or(usize::MAX));
        nodes.drain(..n_extra);
    }
    Ok(value)
}

fn refused(kind: &str, message: &str) -> Answer {
    Answer::ok(json!({"errors": [{"type": kind, "message": message}]}))
}
