//! Reading, editing, assigning and deleting one issue.
//!
//! Knows `fields` and `update`. Must not know transitions.

use serde_json::{Map, Value, json};

use super::{
    Exchange,
    create::{properties, refused},
    data::{Access, Issue, Project},
    errors,
    fields::{Form, Setting, Wrongs, labels},
    show::Wanted,
};
use crate::sandbox::wire::{Answer, At, Outcome};

impl Exchange<'_> {
    /// GET /issue/{id}.
    pub(crate) fn get_issue(&self, id: u64) -> Outcome {
        let wanted = Wanted::of(self, "*all");
        Ok(Answer::ok(self.shown_issue(self.issue(id)?, &wanted)))
    }

    /// PUT /issue/{id}.
    pub(crate) fn edit(&mut self, id: u64) -> Outcome {
        self.require(id, Access::Write)?;
        let body = &self.call.body;
        let (issue, project) = (self.issue(id)?, self.project_of(id)?);
        let (settings, comments) = self.settings(issue, project, body, Form::Edit)?;
        let properties = properties(body.at("properties"))?;
        self.write(id, settings)?;
        let hand = self.hand();
        for comment in comments {
            self.site.comment(id, comment, &hand);
        }
        if let Some(issue) = self.site.issues.get_mut(&id) {
            issue.properties.extend(properties);
        }
        if self.is_cloud() && self.call.param("returnIssue").as_deref() == Some("true") {
            return self.get_issue(id);
        }
        Ok(Answer::empty(204))
    }

    /// Everything that `fields` and `update` ask for, checked; comments apart.
    fn settings(
        &self,
        issue: &Issue,
        project: &Project,
        body: &Value,
        form: Form,
    ) -> Result<(Vec<Setting>, Vec<Value>), Answer> {
        let empty = Map::new();
        let fields = body.at("fields").as_object().unwrap_or(&empty);
        let update = body.at("update").as_object().unwrap_or(&empty);
        let (mut settings, mut comments, mut wrongs) = (Vec::new(), Vec::new(), Wrongs::new());
        for (id, value) in fields {
            match self.setting(project, id, value, form) {
                Ok(setting) => settings.extend(setting),
                Err(reason) => {
                    wrongs.insert(id.clone(), reason);
                }
            }
        }
        for (id, operations) in update {
            let operations = operations.as_array().map(Vec::as_slice).unwrap_or_default();
            if fields.contains_key(id) {
                wrongs
                    .insert(id.clone(), format!("Field '{id}' cannot appear in both 'fields' and 'update'"));
            } else if id == "comment" {
                comments.extend(operations.iter().map(|operation| operation.at("add").at("body").clone()));
            } else {
                match self.operated(issue, project, id, operations, form) {
                    Ok(setting) => settings.extend(setting),
                    Err(reason) => {
                        wrongs.insert(id.clone(), reason);
                    }
                }
            }
        }
        if wrongs.is_empty() { Ok((settings, comments)) } else { Err(refused(&wrongs)) }
    }

    fn operated(
        &self,
        issue: &Issue,
        project: &Project,
        id: &str,
        operations: &[Value],
        form: Form,
    ) -> Result<Option<Setting>, String> {
        if id != "labels" {
            let value = operations.iter().rev().find_map(|operation| operation.get("set"));
            return self.setting(project, id, value.ok_or("only `set` is allowed here")?, form);
        }
        let mut wanted = issue.labels.clone();
        for operation in operations {
            if let Some(added) = operation.get("add") {
                wanted.extend(labels(&json!([added]))?);
            }
            if let Some(removed) = operation.at("remove").as_str() {
                wanted.retain(|label| label != removed);
            }
            if let Some(set) = operation.get("set") {
                wanted = labels(set)?;
            }
        }
        self.setting(project, id, &json!(wanted), form)
    }

    /// PUT /issue/{id}/assignee.
    pub(crate) fn assign(&mut self, id: u64) -> Outcome {
        self.require(id, Access::Write)?;
        let login = self.assignee(self.project_of(id)?, &self.call.body);
        let login = login.map_err(|reason| errors(400, &[], [("assignee", reason.as_str())]))?;
        let hand = self.hand();
        self.site.assign(id, login, &hand);
        Ok(Answer::empty(204))
    }

    /// DELETE /issue/{id}.
    pub(crate) fn delete(&mut self, id: u64) -> Outcome {
        self.require(id, Access::Admin)?;
        self.site.delete(id);
        Ok(Answer::empty(204))
    }
}
