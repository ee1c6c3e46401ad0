//! What a site is made of: server, projects, statuses, resolutions, fields, and what a create takes.
//!
//! Knows shapes only. Must not change anything.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    Exchange,
    data::{Access, FieldKind, FieldRule, Project},
    errors,
    show::PRIORITIES,
};
use crate::sandbox::{
    clock::jira_time,
    wire::{Answer, Outcome},
};

impl Exchange<'_> {
    /// GET /serverInfo, which needs no credential.
    pub(crate) fn server_info(&self) -> Answer {
        let (kind, version, numbers) = if self.is_cloud() {
            ("Cloud", "1001.0.0-SNAPSHOT", [1001, 0, 0])
        } else {
            ("Server", "10.3.24", [10, 3, 24])
        };
        Answer::ok(json!({
            "baseUrl": self.call.origin,
            "version": version,
            "versionNumbers": numbers,
            "deploymentType": kind,
            "buildNumber": 100_000,
            "buildDate": "2026-01-01T00:00:00.000+0000",
            "serverTime": jira_time(self.now),
            "scmInfo": "sandbox",
            "serverTitle": "Sandbox Jira",
        }))
    }

    /// GET /project/{key}.
    pub(crate) fn get_project(&self, key: &str) -> Outcome {
        Ok(Answer::ok(self.project(self.visible_project(key)?)))
    }

    /// GET /project/{key}/statuses.
    pub(crate) fn project_statuses(&self, key: &str) -> Outcome {
        let project = self.visible_project(key)?;
        let statuses: Vec<Value> = project.statuses.iter().map(|status| self.status(status)).collect();
        let by_type = project.types.iter().map(|kind| {
            json!({
                "self": self.url(&format!("/issuetype/{}", kind.id)), "id": kind.id.to_string(), "name": kind.name,
                "subtask": false, "statuses": statuses,
            })
        });
        Ok(Answer::ok(by_type.collect()))
    }

    /// GET /status.
    pub(crate) fn all_statuses(&self) -> Value {
        let seen = self.site.projects.values().filter(|project| self.access(project) > Access::None);
        let by_id: BTreeMap<(u64, &str), Value> = seen
            .flat_map(|project| &project.statuses)
            .map(|status| ((status.id, status.name.as_str()), self.status(status)))
            .collect();
        by_id.into_values().collect()
    }

    /// GET /resolution.
    pub(crate) fn all_resolutions(&self) -> Value {
        self.site.resolutions.iter().map(|name| self.resolution(name)).collect()
    }

    /// GET /priority.
    pub(crate) fn all_priorities(&self) -> Value {
        PRIORITIES.iter().map(|name| self.priority(name)).collect()
    }

    /// GET /field.
    pub(crate) fn all_fields(&self) -> Value {
        let rules = self.site.projects.values().flat_map(|project| &project.fields);
        let by_id: BTreeMap<&str, Value> = rules
            .map(|rule| {
                let is_custom = rule.id.starts_with("customfield_");
                let shown = json!({
                    "id": rule.id, "key": rule.id, "name": rule.name, "custom": is_custom, "orderable": true,
                    "navigable": true, "searchable": true, "clauseNames": [rule.id], "schema": schema(rule),
                });
                (rule.id.as_str(), shown)
            })
            .collect();
        by_id.into_values().collect()
    }

    fn creatable(&self, key: &str) -> Result<&Project, Answer> {
        let project = self.visible_project(key)?;
        if self.access(project) >= Access::Write {
            return Ok(project);
        }
        Err(errors(400, &["You do not have permission to create issues in this project."], []))
    }

    /// GET /issue/createmeta/{project}/issuetypes.
    pub(crate) fn create_types(&self, key: &str) -> Outcome {
        let project = self.creatable(key)?;
        let types = project.types.iter().map(|kind| self.issue_type(project, &kind.name)).collect();
        Ok(self.meta_page("issueTypes", types))
    }

    /// GET /issue/createmeta/{project}/issuetypes/{type}.
    pub(crate) fn create_fields(&self, key: &str, kind: &str) -> Outcome {
        let project = self.creatable(key)?;
        if !project.types.iter().any(|known| known.id.to_string() == kind) {
            return Err(errors(400, &["The issue type is not valid for this project."], []));
        }
        let fixed = [("project", "Project"), ("issuetype", "Issue Type")].map(|(id, name)| FieldRule {
            id: id.to_owned(),
            name: name.to_owned(),
            kind: FieldKind::String,
            required: true,
            allowed: Vec::new(),
            on_create: true,
            on_edit: false,
        });
        let rules = fixed.iter().chain(project.fields.iter().filter(|rule| rule.on_create));
        Ok(self.meta_page("fields", rules.map(|rule| self.field_meta(rule)).collect()))
    }

    /// GET /issue/{id}/editmeta.
    pub(crate) fn edit_meta(&self, id: u64) -> Outcome {
        let rules = self.project_of(id)?.fields.iter().filter(|rule| rule.on_edit);
        let mut fields: Map<String, Value> =
            rules.map(|rule| (rule.id.clone(), self.field_meta(rule))).collect();
        if self.is_cloud() {
            // Cloud names the field in createmeta only.
            fields.values_mut().filter_map(Value::as_object_mut).for_each(|field| {
                field.shift_remove("fieldId");
            });
        }
        Ok(Answer::ok(json!({"fields": fields})))
    }

    fn field_meta(&self, rule: &FieldRule) -> Value {
        let mut shown = json!({
            "required": rule.required,
            "schema": schema(rule),
            "name": rule.name,
            "fieldId": rule.id,
            "operations": ["set"],
            "hasDefaultValue": false,
        });
        if let Some(fields) = shown.as_object_mut() {
            if self.is_cloud() {
                fields.insert("key".into(), rule.id.clone().into());
            }
            if rule.kind == FieldKind::Option {
                let options = rule.allowed.iter().zip(10_100..);
                let options = options.map(|(value, id): (_, u32)| json!({"self": self.url("/customFieldOption"), "value": value, "id": id.to_string()}));
                fields.insert("allowedValues".into(), options.collect());
            }
        }
        shown
    }

    /// A page of metadata: Cloud names its list, Data Center says `values`.
    fn meta_page(&self, name: &str, items: Vec<Value>) -> Answer {
        let (n_start, n_max) = (self.call.number("startAt", 0), self.call.number("maxResults", 50).min(200));
        let total = items.len();
        let slice: Vec<Value> = items.into_iter().skip(n_start).take(n_max).collect();
        let mut page = Map::new();
        page.insert("maxResults".into(), n_max.into());
        page.insert("startAt".into(), n_start.into());
        page.insert("total".into(), total.into());
        if self.is_cloud() {
            page.insert(name.to_owned(), slice.into());
        } else {
            page.insert("isLast".into(), (n_start + n_max >= total).into());
            page.insert("values".into(), slice.into());
        }
        Answer::ok(Value::Object(page))
    }
}

fn schema(rule: &FieldRule) -> Value {
    let (kind, custom) = match rule.kind {
        FieldKind::String => ("string", "textfield"),
        FieldKind::Textarea => ("string", "textarea"),
        FieldKind::Option => ("option", "select"),
        FieldKind::Date => ("date", "datepicker"),
        FieldKind::Number => ("number", "float"),
        FieldKind::Labels => ("array", "labels"),
        FieldKind::User => ("user", "userpicker"),
        FieldKind::Priority => ("priority", "priority"),
    };
    let id = rule.id.strip_prefix("customfield_").and_then(|id| id.parse::<u64>().ok());
    match id {
        Some(id) => {
            json!({"type": kind, "custom": format!("com.atlassian.jira.plugin.system.customfieldtypes:{custom}"), "customId": id})
        }
        None if rule.kind == FieldKind::Labels => {
            json!({"type": "array", "items": "string", "system": rule.id})
        }
        None => json!({"type": kind, "system": rule.id}),
    }
}
