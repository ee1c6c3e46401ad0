//! Fields that a client sets: checked against the screen first, then written all at once.
//!
//! Knows which value each field takes and how Jira refuses another. Must not know who asks for it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::Value;

use super::{
    Exchange, adf,
    change::plain,
    data::{FieldKind, FieldRule, Project},
    show::PRIORITIES,
};
use crate::sandbox::wire::{Answer, At};

/// Longest summary, in characters.
const SUMMARY_MAX: usize = 254;

/// On which screen fields are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Create,
    Edit,
}

/// A checked value on its way into an issue.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Setting {
    Summary(String),
    Description(Value),
    Labels(Vec<String>),
    Assignee(Option<String>),
    Due(Option<String>),
    Priority(String),
    Custom(String, Value),
}

/// What is wrong, by field.
pub(crate) type Wrongs = BTreeMap<String, String>;

impl Exchange<'_> {
    /// Checks one field. `None` is a value to be ignored without a word.
    pub(crate) fn setting(
        &self,
        project: &Project,
        id: &str,
        value: &Value,
        form: Form,
    ) -> Result<Option<Setting>, String> {
        // PUT answers 204 to a status and leaves it: it takes a transition.
        if form == Form::Edit && (id == "status" || id == "assignee" && project.drops_assignee) {
            return Ok(None);
        }
        let on_screen = |rule: &&FieldRule| if form == Form::Create { rule.on_create } else { rule.on_edit };
        let Some(rule) = project.field(id).filter(on_screen) else {
            return Err(format!(
                "Field '{id}' cannot be set. It is not on the appropriate screen, or unknown."
            ));
        };
        let setting = match id {
            "summary" => Setting::Summary(summary(value)?),
            "description" => Setting::Description(self.text(value)?),
            "labels" => Setting::Labels(labels(value)?),
            "assignee" => Setting::Assignee(self.assignee(project, value)?),
            "duedate" => Setting::Due(date(value)?),
            "priority" => Setting::Priority(priority(value)?),
            _ => Setting::Custom(id.to_owned(), self.custom(rule, value)?),
        };
        Ok(Some(setting))
    }

    /// Text as this version of the API takes it.
    pub(crate) fn text(&self, value: &Value) -> Result<Value, String> {
        let fits = match value {
            Value::Null => true,
            Value::String(_) => self.version == 2,
            Value::Object(document) => {
                self.version == 3
                    && document.get("type").is_some_and(|kind| kind == "doc")
                    && document.get("version").is_some_and(Value::is_number)
                    && document.get("content").is_some_and(Value::is_array)
            }
            Value::Bool(_) | Value::Number(_) | Value::Array(_) => false,
        };
        if !fits {
            return Err(if self.version == 3 {
                "Operation value must be an Atlassian Document (see the Atlassian Document Format)".to_owned()
            } else {
                "Operation value must be a string".to_owned()
            });
        }
        if self.version == 3 && value.is_object() && !adf::is_valid(value) {
            return Err("INVALID_INPUT".to_owned());
        }
        let max = self.settings.text_max;
        if plain(value).chars().count() > max {
            let (thousands, rest) = (max / 1000, max % 1000);
            return Err(format!(
                "The entered text is too long. It exceeds the allowed limit of {thousands},{rest:03} characters."
            ));
        }
        Ok(value.clone())
    }

    /// The login of whoever shall get the issue.
    pub(crate) fn assignee(&self, project: &Project, value: &Value) -> Result<Option<String>, String> {
        let name = if self.is_cloud() {
            value.at("accountId").as_str().or_else(|| value.at("id").as_str())
        } else {
            value.at("name").as_str()
        };
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            let is_nobody = value.is_null()
                || value.as_object().is_some_and(|fields| fields.values().all(Value::is_null));
            return match (is_nobody, project.requires_assignee) {
                (true, false) => Ok(None),
                (true, true) => Err("Issues must be assigned.".to_owned()),
                (false, _) => Err("data was not an object".to_owned()),
            };
        };
        if name == "-1" {
            return Ok(None);
        }
        let person = if self.is_cloud() { self.people.by_account(name) } else { self.people.by_login(name) };
        let Some(person) = person else {
            return Err(if self.is_cloud() {
                "Specify a valid value for the assignee".to_owned()
            } else {
                format!("User '{name}' does not exist.")
            });
        };
        if project.is_assignable(&person.login) && person.is_active {
            return Ok(Some(person.login.clone()));
        }
        Err(format!("User '{name}' cannot be assigned issues."))
    }

    fn custom(&self, rule: &FieldRule, value: &Value) -> Result<Value, String> {
        if value.is_null() {
            return Ok(Value::Null);
        }
        match rule.kind {
            FieldKind::String | FieldKind::Priority => {
                value.as_str().map(Value::from).ok_or_else(|| "Operation value must be a string".to_owned())
            }
            FieldKind::Textarea => self.text(value),
            FieldKind::Date => Ok(date(value)?.into()),
            FieldKind::Number if value.is_number() => Ok(value.clone()),
            FieldKind::Number => Err("Operation value must be a number".to_owned()),
            FieldKind::Labels => Ok(labels(value)?.into()),
            FieldKind::User => {
                let name =
                    value.at("accountId").as_str().or_else(|| value.at("name").as_str()).unwrap_or_default();
                let person = self.people.by_account(name).or_else(|| self.people.by_login(name));
                person
                    .map(|person| person.login.clone().into())
                    .ok_or_else(|| "Specify a valid user".to_owned())
            }
            FieldKind::Option => {
                let by_id = value.at("id").as_str().and_then(|id| id.parse::<usize>().ok());
                let by_id = by_id.and_then(|id| rule.allowed.get(id.checked_sub(10_100)?));
                let name = value.at("value").as_str();
                let found =
                    by_id.or_else(|| rule.allowed.iter().find(|option| Some(option.as_str()) == name));
                let shown = name.unwrap_or("null");
                found
                    .map(|option| option.clone().into())
                    .ok_or_else(|| format!("Option value '{shown}' is not valid"))
            }
        }
    }

    /// Writes checked values into an issue.
    pub(crate) fn write(&mut self, id: u64, settings: Vec<Setting>) -> Result<(), Answer> {
        let hand = self.hand();
        for setting in settings {
            match setting {
                Setting::Summary(text) => self.site.set_summary(id, &text, &hand),
                Setting::Description(text) => self.site.set_description(id, text, &hand),
                Setting::Labels(labels) => self.site.set_labels(id, labels, &hand),
                Setting::Assignee(login) => self.site.assign(id, login, &hand),
                Setting::Due(due) => self.site.set_due(id, due, &hand),
                Setting::Priority(name) => {
                    if let Some(issue) = self.site.issues.get_mut(&id) {
                        let before = std::mem::replace(&mut issue.priority, name.clone());
                        self.site.note(id, "priority", (None, Some(before)), (None, Some(name)), &hand);
                    }
                }
                Setting::Custom(field, value) => {
                    if let Some(issue) = self.site.issues.get_mut(&id) {
                        let before = issue.custom.insert(field.clone(), value.clone()).unwrap_or_default();
                        self.site.note(
                            id,
                            &field,
                            (None, Some(plain(&before))),
                            (None, Some(plain(&value))),
                            &hand,
                        );
                    }
                }
            }
        }
        Ok(())
    }
}

fn summary(value: &Value) -> Result<String, String> {
    let text = value.as_str().ok_or("Operation value must be a string")?;
    if text.trim().is_empty() {
        return Err("You must specify a summary of the issue.".to_owned());
    }
    if text.contains(['\n', '\r']) {
        return Err("The summary is invalid because it contains newline characters.".to_owned());
    }
    if text.chars().count() > SUMMARY_MAX {
        return Err("Summary must be less than 255 characters.".to_owned());
    }
    Ok(text.to_owned())
}

/// Labels from a list of words.
pub(crate) fn labels(value: &Value) -> Result<Vec<String>, String> {
    if value.is_null() {
        return Ok(Vec::new());
    }
    let items = value.as_array().ok_or("data was not an array")?;
    let mut labels: Vec<String> = Vec::new();
    for item in items {
        let label = item.as_str().ok_or("string expected")?;
        if label.contains(char::is_whitespace) {
            return Err(format!("The label '{label}' contains spaces which is invalid."));
        }
        if label.chars().count() > 255 {
            return Err(format!("The label '{label}' exceeds 255 characters."));
        }
        if !labels.iter().any(|known| known == label) {
            labels.push(label.to_owned());
        }
    }
    Ok(labels)
}

fn date(value: &Value) -> Result<Option<String>, String> {
    let Some(text) = value.as_str().filter(|text| !text.is_empty()) else {
        return if value.is_null() || value == "" {
            Ok(None)
        } else {
            Err("Operation value must be a string".to_owned())
        };
    };
    let is_date = text.len() == 10 && NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok();
    is_date.then(|| Some(text.to_owned())).ok_or_else(|| format!("Error parsing date string: {text}"))
}

fn priority(value: &Value) -> Result<String, String> {
    let by_id = value
        .at("id")
        .as_str()
        .and_then(|id| id.parse::<usize>().ok())
        .and_then(|id| PRIORITIES.get(id.checked_sub(1)?));
    let name = value.at("name").as_str();
    let found = by_id.or_else(|| PRIORITIES.iter().find(|known| Some(**known) == name));
    found.map(|name| (*name).to_owned()).ok_or_else(|| "The priority selected is invalid.".to_owned())
}
