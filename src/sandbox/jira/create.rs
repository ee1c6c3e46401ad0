//! Creating issues, one or many.
//!
//! Knows what a create needs and that it is all or nothing. Must not know edits.

use serde_json::{Map, Value, json};

use super::{
    Exchange,
    access::unauthorized,
    change::Draft,
    data::{Access, Project},
    errors,
    fields::{Form, Setting, Wrongs},
    transitions::Step,
};
use crate::sandbox::wire::{Answer, At, Outcome};

/// Most issues in one bulk create.
const BULK_MAX: usize = 50;

/// A create that has been checked completely.
struct Ready {
    draft: Draft,
    settings: Vec<Setting>,
    properties: Vec<(String, Value)>,
    transition: Value,
}

impl Exchange<'_> {
    /// POST /issue.
    pub(crate) fn create(&mut self) -> Outcome {
        if self.viewer.is_none() && self.settings.anonymous_looking {
            let message = "Anonymous users do not have permission to create issues in this project. Please try logging in first.";
            return Err(errors(400, &[], [("project", message)]));
        }
        if self.viewer.is_none() {
            return Err(unauthorized());
        }
        let call = self.call;
        let ready = self.ready(&call.body)?;
        Ok(Answer::json(201, self.carry_out(ready)?))
    }

    /// POST /issue/bulk: what can be created is, in compacted order.
    pub(crate) fn create_many(&mut self) -> Outcome {
        if self.viewer.is_none() {
            return Err(unauthorized());
        }
        let updates = self.call.body.at("issueUpdates").as_array().cloned().unwrap_or_default();
        if updates.is_empty() || updates.len() > BULK_MAX {
            return Err(errors(
                400,
                &[&format!("The number of issues must be between 1 and {BULK_MAX}.")],
                [],
            ));
        }
        let (mut issues, mut failures) = (Vec::new(), Vec::new());
        for (n, update) in updates.iter().enumerate() {
            match self.ready(update).and_then(|ready| self.carry_out(ready)) {
                Ok(created) => issues.push(created),
                Err(refusal) => failures.push(json!({
                    "status": refusal.status, "elementErrors": refusal.body, "failedElementNumber": n,
                })),
            }
        }
        let status = if issues.is_empty() { 400 } else { 201 };
        Ok(Answer::json(status, json!({"issues": issues, "errors": failures})))
    }

    fn ready(&self, body: &Value) -> Result<Ready, Answer> {
        let empty = Map::new();
        let fields = body.at("fields").as_object().unwrap_or(&empty);
        let project = self.project_given(fields)?;
        let kind = kind_given(project, fields)?;
        let mut wrongs = Wrongs::new();
        let mut settings = Vec::new();
        for (id, value) in fields.iter().filter(|(id, _)| !matches!(id.as_str(), "project" | "issuetype")) {
            match self.setting(project, id, value, Form::Create) {
                Ok(setting) => settings.extend(setting),
                Err(reason) => {
                    wrongs.insert(id.clone(), reason);
                }
            }
        }
        for rule in project.fields.iter().filter(|rule| rule.required && rule.on_create) {
            if fields.get(&rule.id).is_none_or(Value::is_null) {
                let reason = match rule.id.as_str() {
                    "summary" => "You must specify a summary of the issue.".to_owned(),
                    _ => format!("{} is required.", rule.name),
                };
                wrongs.insert(rule.id.clone(), reason);
            }
        }
        if project.requires_assignee && !fields.contains_key("assignee") {
            wrongs.insert("assignee".to_owned(), "Issues must be assigned.".to_owned());
        }
        if !wrongs.is_empty() {
            return Err(refused(&wrongs));
        }
        let draft = Draft { project: project.key.clone(), kind, ..Draft::default() };
        Ok(Ready {
            draft,
            settings,
            properties: properties(body.at("properties"))?,
            transition: body.at("transition").clone(),
        })
    }

    fn project_given(&self, fields: &Map<String, Value>) -> Result<&Project, Answer> {
        let given = fields.get("project").unwrap_or(&Value::Null);
        let name = given.at("key").as_str().or_else(|| given.at("id").as_str());
        let name =
            name.ok_or_else(|| errors(400, &[], [("project", "Specify a valid project ID or key")]))?;
        let project = self.site.project(name).filter(|project| self.access(project) > Access::None);
        let project = project.ok_or_else(|| errors(400, &[], [("project", "valid project is required")]))?;
        if self.access(project) < Access::Write {
            let message = "You do not have permission to create issues in this project.";
            return Err(errors(400, &[], [("project", message)]));
        }
        Ok(project)
    }

    fn carry_out(&mut self, ready: Ready) -> Result<Value, Answer> {
        let hand = self.hand();
        let mut draft = ready.draft;
        for setting in &ready.settings {
            match setting {
                Setting::Summary(text) => draft.summary.clone_from(text),
                Setting::Description(text) => draft.description = text.clone(),
                Setting::Labels(_)
                | Setting::Assignee(_)
                | Setting::Due(_)
                | Setting::Priority(_)
                | Setting::Custom(..) => {}
            }
        }
        let id = self
            .site
            .create(draft, &hand)
            .ok_or_else(|| errors(400, &[], [("project", "valid project is required")]))?;
        self.write(id, ready.settings)?;
        if let Some(issue) = self.site.issues.get_mut(&id) {
            let project = self.site.projects.get(&issue.project);
            if project.is_some_and(|project| project.forgets_assignee) {
                issue.assignee = None;
            }
            if issue.assignee.is_none() {
                issue.assignee = project.and_then(|project| project.default_assignee.clone());
            }
            // What a create sets is no change.
            issue.history.clear();
            issue.properties.extend(ready.properties);
        }
        let issue = self.issue(id)?;
        let mut shown =
            json!({"id": id.to_string(), "key": issue.key, "self": self.url(&format!("/issue/{id}"))});
        if !ready.transition.is_null() {
            let step = Step { body: &json!({"transition": ready.transition}) };
            let done = self.step(id, &step);
            let status = if done.is_ok() { 204 } else { 400 };
            let errors = done
                .err()
                .and_then(|refusal| refusal.body)
                .unwrap_or_else(|| json!({"errorMessages": [], "errors": {}}));
            if let Some(fields) = shown.as_object_mut() {
                fields.insert("transition".into(), json!({"status": status, "errorCollection": errors}));
            }
        }
        Ok(shown)
    }
}

fn kind_given(project: &Project, fields: &Map<String, Value>) -> Result<String, Answer> {
    let given = fields.get("issuetype").unwrap_or(&Value::Null);
    let (id, name) = (given.at("id").as_str(), given.at("name").as_str());
    let fits = |known_id: u64, known: &str| {
        id == Some(known_id.to_string().as_str()) || id.is_none() && name == Some(known)
    };
    let found = project.types.iter().find(|kind| fits(kind.id, &kind.name));
    let message = if given.is_null() { "Specify an issue type" } else { "Specify a valid issue type" };
    found.map(|kind| kind.name.clone()).ok_or_else(|| errors(400, &[], [("issuetype", message)]))
}

/// Properties from a list of `{key, value}`.
pub(crate) fn properties(given: &Value) -> Result<Vec<(String, Value)>, Answer> {
    let items = given.as_array().map(Vec::as_slice).unwrap_or_default();
    let pair = |item: &Value| {
        let key = item.at("key").as_str().filter(|key| !key.is_empty() && key.len() <= 255);
        let key = key.ok_or_else(|| {
            errors(400, &["The property key must be a string of at most 255 characters."], [])
        })?;
        let value = item.get("value").cloned().unwrap_or_default();
        if value.to_string().len() > 32_768 {
            return Err(errors(400, &["The property value exceeds 32768 characters."], []));
        }
        Ok((key.to_owned(), value))
    };
    items.iter().map(pair).collect()
}

/// 400, with what is wrong by field.
pub(crate) fn refused(wrongs: &Wrongs) -> Answer {
    errors(400, &[], wrongs.iter().map(|(field, reason)| (field.as_str(), reason.as_str())))
}
