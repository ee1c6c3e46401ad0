//! Jira's JSON: how issues, people, statuses and projects look on the wire.
//!
//! Knows shapes only. Must not decide who may see them.

use serde_json::{Map, Value, json};

use crate::sandbox::wire::At;

use super::{
    Exchange,
    change::plain,
    data::{Category, FieldKind, Issue, Project, Status},
};
use crate::sandbox::{clock::jira_time, people::Person};

/// The priorities of every site.
pub(crate) const PRIORITIES: [&str; 5] = ["Highest", "High", "Medium", "Low", "Lowest"];

impl Exchange<'_> {
    /// A person.
    pub(crate) fn user(&self, person: &Person) -> Value {
        let kind = if person.is_bot { "app" } else { "atlassian" };
        let mut shown = if self.is_cloud() {
            json!({
                "self": self.url(&format!("/user?accountId={}", person.account_id)),
                "accountId": person.account_id,
                "accountType": kind,
            })
        } else {
            json!({
                "self": self.url(&format!("/user?username={}", person.login)),
                "key": format!("JIRAUSER{}", person.id),
                "name": person.login,
            })
        };
        if let Some(fields) = shown.as_object_mut() {
            if !self.settings.hide_email {
                fields.insert("emailAddress".into(), person.email.clone().into());
            }
            fields.insert("displayName".into(), person.name.clone().into());
            fields.insert("active".into(), person.is_active.into());
            fields.insert("timeZone".into(), person.time_zone.clone().into());
        }
        shown
    }

    /// A person by login; null for nobody.
    pub(crate) fn user_named(&self, login: Option<&str>) -> Value {
        login
            .and_then(|login| self.people.by_login(login))
            .map(|person| self.user(person))
            .unwrap_or_default()
    }

    /// The machine value of a person: account id or user name.
    pub(crate) fn user_id(&self, login: &str) -> Option<String> {
        let person = self.people.by_login(login)?;
        Some(if self.is_cloud() { person.account_id.clone() } else { person.login.clone() })
    }

    /// A status.
    pub(crate) fn status(&self, status: &Status) -> Value {
        let (id, key, name, color) = match status.category {
            Category::New => (2, "new", "To Do", "blue-gray"),
            Category::Indeterminate => (4, "indeterminate", "In Progress", "yellow"),
            Category::Done => (3, "done", "Done", "green"),
            Category::Undefined => (1, "undefined", "No Category", "medium-gray"),
        };
        json!({
            "self": self.url(&format!("/status/{}", status.id)),
            "description": "",
            "iconUrl": self.url("/icon"),
            "name": status.name,
            "id": status.id.to_string(),
            "statusCategory": {
                "self": self.url(&format!("/statuscategory/{id}")), "id": id, "key": key, "colorName": color, "name": name,
            },
        })
    }

    /// A resolution.
    pub(crate) fn resolution(&self, name: &str) -> Value {
        let id = self.site.resolution_id(name).unwrap_or_default().to_string();
        json!({"self": self.url(&format!("/resolution/{id}")), "id": id, "description": "", "name": name})
    }

    /// A priority.
    pub(crate) fn priority(&self, name: &str) -> Value {
        let id = PRIORITIES.iter().position(|known| *known == name).map_or(3, |n| n + 1).to_string();
        json!({"self": self.url(&format!("/priority/{id}")), "id": id, "name": name, "iconUrl": self.url("/icon")})
    }

    /// A project.
    pub(crate) fn project(&self, project: &Project) -> Value {
        let id = project.id.to_string();
        let types: Vec<Value> =
            project.types.iter().map(|kind| self.issue_type(project, &kind.name)).collect();
        json!({
            "self": self.url(&format!("/project/{id}")),
            "id": id,
            "key": project.key,
            "name": project.name,
            "projectTypeKey": "software",
            "archived": project.is_archived,
            "issueTypes": types,
        })
    }

    /// An issue type.
    pub(crate) fn issue_type(&self, project: &Project, name: &str) -> Value {
        let id = project.types.iter().find(|kind| kind.name == name).map_or(0, |kind| kind.id);
        json!({
            "self": self.url(&format!("/issuetype/{id}")), "id": id.to_string(), "name": name, "description": "",
            "iconUrl": self.url("/icon"), "subtask": false,
        })
    }

    /// Text as this version of the API writes it.
    pub(crate) fn rich(&self, text: &Value) -> Value {
        match (self.version, text) {
            (_, Value::Null) => Value::Null,
            (3, Value::String(text)) => {
                let paragraph = json!({"type": "paragraph", "content": [{"type": "text", "text": text}]});
                json!({"type": "doc", "version": 1, "content": [paragraph]})
            }
            (3, document) => document.clone(),
            (_, text) => plain(text).into(),
        }
    }

    /// An issue with the fields that were asked for.
    pub(crate) fn shown_issue(&self, issue: &Issue, wanted: &Wanted) -> Value {
        if wanted.fields == ["id"] && wanted.properties.is_empty() {
            return json!({"id": issue.id.to_string()});
        }
        let mut shown = json!({
            "expand": "renderedFields,names,schema,operations,editmeta,changelog",
            "id": issue.id.to_string(),
            "self": self.url(&format!("/issue/{}", issue.id)),
            "key": issue.key,
            "fields": self.issue_fields(issue, wanted),
        });
        let Some(parts) = shown.as_object_mut() else { return shown };
        if !wanted.properties.is_empty() {
            let all = wanted.properties.iter().any(|key| key == "*all");
            let chosen = issue.properties.iter().filter(|(key, _)| all || wanted.properties.contains(key));
            parts.insert(
                "properties".into(),
                chosen.map(|(key, value)| (key.clone(), value.clone())).collect(),
            );
        }
        if wanted.changelog {
            parts.insert("changelog".into(), self.full_changelog(issue));
        }
        shown
    }

    fn issue_fields(&self, issue: &Issue, wanted: &Wanted) -> Value {
        let mut fields = Map::new();
        let Some(project) = self.site.projects.get(&issue.project) else { return Value::Null };
        let mut put = |name: &str, value: &dyn Fn() -> Value| {
            if wanted.wants(name) {
                fields.insert(name.to_owned(), value());
            }
        };
        put("summary", &|| issue.summary.clone().into());
        put("description", &|| self.rich(&issue.description));
        put("status", &|| {
            project.status(&issue.status).map(|status| self.status(status)).unwrap_or_default()
        });
        put("statuscategorychangedate", &|| jira_time(issue.updated_at).into());
        put("assignee", &|| self.user_named(issue.assignee.as_deref()));
        put("reporter", &|| self.user_named(Some(&issue.reporter)));
        put("creator", &|| self.user_named(Some(&issue.reporter)));
        put("labels", &|| issue.labels.clone().into());
        put("security", &|| {
            let level = |name| json!({"self": self.url("/securitylevel/10100"), "id": "10100", "description": "", "name": name});
            issue.security.as_ref().map(level).unwrap_or_default()
        });
        put("duedate", &|| issue.due.clone().into());
        put("resolution", &|| {
            issue.resolution.as_deref().map(|name| self.resolution(name)).unwrap_or_default()
        });
        put("resolutiondate", &|| issue.resolved_at.map(jira_time).into());
        put("priority", &|| self.priority(&issue.priority));
        put("issuetype", &|| self.issue_type(project, &issue.kind));
        put("project", &|| self.project_brief(project));
        put("created", &|| jira_time(issue.created_at).into());
        put("updated", &|| jira_time(issue.updated_at).into());
        put("comment", &|| self.comment_page(issue));
        for rule in project.fields.iter().filter(|rule| rule.id.starts_with("customfield_")) {
            let value = || match (issue.custom.get(&rule.id), rule.kind) {
                (None, _) => Value::Null,
                (Some(value), FieldKind::Textarea) => self.rich(value),
                (Some(value), FieldKind::User) => self.user_named(value.as_str()),
                (Some(value), FieldKind::Option) => {
                    let id = rule
                        .allowed
                        .iter()
                        .position(|option| value == option)
                        .map(|n| (10_100 + n).to_string());
                    json!({"self": self.url("/customFieldOption"), "value": value, "id": id})
                }
                (Some(value), _) => value.clone(),
            };
            put(&rule.id, &value);
        }
        Value::Object(fields)
    }

    fn project_brief(&self, project: &Project) -> Value {
        let id = project.id.to_string();
        json!({"self": self.url(&format!("/project/{id}")), "id": id, "key": project.key, "name": project.name, "projectTypeKey": "software"})
    }
}

/// Which parts of an issue were asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) fields: Vec<String>,
    pub(crate) properties: Vec<String>,
    pub(crate) changelog: bool,
}

impl Wanted {
    /// From the query, or from the body where it has them; `default` if no fields are named.
    pub(crate) fn of(exchange: &Exchange<'_>, default: &str) -> Self {
        let list = |name: &str| {
            let in_query: Vec<String> = exchange.call.params(name);
            let in_body = match exchange.call.body.at(name) {
                Value::Array(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
                Value::String(text) => vec![text.clone()],
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
            };
            let all = in_query.into_iter().chain(in_body);
            all.flat_map(|text| text.split(',').map(|one| one.trim().to_owned()).collect::<Vec<_>>())
                .collect::<Vec<_>>()
        };
        let fields = list("fields");
        let fields = if fields.is_empty() { vec![default.to_owned()] } else { fields };
        Self {
            fields,
            properties: list("properties"),
            changelog: list("expand").iter().any(|one| one == "changelog"),
        }
    }

    fn wants(&self, field: &str) -> bool {
        let is_dropped = self.fields.iter().any(|one| one.strip_prefix('-') == Some(field));
        let only_drops = self.fields.iter().all(|one| one.starts_with('-'));
        let is_named = self
            .fields
            .iter()
            .any(|one| one == field || one == "*all" || one == "*navigable" && field != "comment");
        !is_dropped && (is_named || only_drops)
    }
}
