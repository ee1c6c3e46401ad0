//! Changelogs: who changed what, and when.
//!
//! Knows shapes and pages. Must not change anything.

use serde_json::{Value, json};

use super::{
    Exchange,
    data::{Change, Issue},
    errors,
};
use crate::sandbox::{
    clock::jira_time,
    wire::{Answer, At, Outcome},
};

impl Exchange<'_> {
    /// One entry.
    fn change(&self, issue: &Issue, change: &Change) -> Value {
        let is_custom = change.field.starts_with("customfield_");
        let project = self.site.projects.get(&issue.project);
        let name = project.and_then(|project| project.field(&change.field)).map(|rule| rule.name.clone());
        // People are noted by login; the changelog tells ids and names.
        let is_person = change.field == "assignee";
        let told = |(machine, text): &(Option<String>, Option<String>)| {
            let person = text.as_deref().filter(|_| is_person).and_then(|login| self.people.by_login(login));
            match person {
                Some(person) => (self.user_id(&person.login), Some(person.name.clone())),
                None => (machine.clone(), text.clone()),
            }
        };
        let ((from, from_text), (to, to_text)) = (told(&change.from), told(&change.to));
        let mut item = json!({
            "field": if is_custom { name.unwrap_or_else(|| change.field.clone()) } else { change.field.clone() },
            "fieldtype": if is_custom { "custom" } else { "jira" },
            "fieldId": change.field,
        });
        if let Some(fields) = item.as_object_mut() {
            // Data Center has no field ids in the changelog.
            if !self.is_cloud() {
                fields.remove("fieldId");
            }
            let values = [("from", from), ("fromString", from_text), ("to", to), ("toString", to_text)];
            fields.extend(values.into_iter().map(|(name, value)| (name.to_owned(), value.into())));
        }
        json!({
            "id": change.id.to_string(),
            "author": self.user_named(Some(&change.author)),
            "created": jira_time(change.at),
            "items": [item],
        })
    }

    /// All entries, as `expand=changelog` shows them: the newest first, forty at most.
    pub(crate) fn full_changelog(&self, issue: &Issue) -> Value {
        let newest: Vec<Value> =
            issue.history.iter().rev().take(40).map(|change| self.change(issue, change)).collect();
        json!({"startAt": 0, "maxResults": newest.len(), "total": issue.history.len(), "histories": newest})
    }

    /// GET /issue/{id}/changelog: the oldest first, in pages.
    pub(crate) fn changelog(&self, id: u64) -> Outcome {
        let issue = self.issue(id)?;
        let (n_start, n_max) =
            (self.call.number("startAt", 0), self.call.number("maxResults", 100).clamp(1, 100));
        let page = issue.history.iter().skip(n_start).take(n_max);
        let values: Vec<Value> = page.map(|change| self.change(issue, change)).collect();
        let total = issue.history.len();
        let url = self.url(&format!("/issue/{id}/changelog"));
        let mut shown = json!({
            "self": format!("{url}?startAt={n_start}&maxResults={n_max}"),
            "maxResults": n_max,
            "startAt": n_start,
            "total": total,
            "isLast": n_start + n_max >= total,
            "values": values,
        });
        if let (true, Some(fields)) = (n_start + n_max < total, shown.as_object_mut()) {
            let next = format!("{url}?startAt={}&maxResults={n_max}", n_start + n_max);
            fields.insert("nextPage".into(), next.into());
        }
        Ok(Answer::ok(shown))
    }

    /// POST /changelog/bulkfetch.
    pub(crate) fn bulk_changelogs(&self) -> Outcome {
        let list = |name: &str| -> Vec<String> {
            let items = self.call.body.at(name).as_array().map(Vec::as_slice).unwrap_or_default();
            items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let (issues, fields) = (list("issueIdsOrKeys"), list("fieldIds"));
        if issues.is_empty() || issues.len() > 1000 || fields.len() > 10 {
            return Err(errors(
                400,
                &["Between 1 and 1000 issues and at most 10 fields can be asked for."],
                [],
            ));
        }
        let found = issues.iter().filter_map(|name| self.site.issue_id(name)).filter(|id| self.sees(*id));
        let logs: Vec<Value> = found
            .filter_map(|id| self.site.issues.get(&id))
            .map(|issue| {
                let wanted =
                    issue.history.iter().filter(|change| fields.is_empty() || fields.contains(&change.field));
                let histories: Vec<Value> = wanted.map(|change| self.change(issue, change)).collect();
                json!({"issueId": issue.id.to_string(), "changeHistories": histories})
            })
            .collect();
        Ok(Answer::ok(json!({"issueChangeLogs": logs})))
    }
}
