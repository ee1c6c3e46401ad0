//! Labels of repositories and issues.
//!
//! Knows that REST creates a missing label on the fly. Must not know issues beyond their labels.

use serde_json::{Value, json};

use super::{
    Exchange,
    change::contains,
    data::{Label, Permission, Repo},
    issues::texts,
    not_found,
};
use crate::sandbox::wire::{Answer, At, Outcome};

impl Exchange<'_> {
    /// GET …/labels of a repository.
    pub(crate) fn repo_labels(&self, repo: u64) -> Outcome {
        let found = self.hub.repos.get(&repo).ok_or_else(not_found)?;
        let labels: Vec<&Label> = found.labels.values().collect();
        Ok(self
            .page(&labels, &format!("/repositories/{repo}/labels"), |label| self.lens().label(found, label)))
    }

    /// GET …/labels/{name}.
    pub(crate) fn get_label(&self, repo: u64, name: &str) -> Outcome {
        let (repo, label) = self.label(repo, name)?;
        Ok(Answer::ok(self.lens().label(repo, label)))
    }

    fn label(&self, repo: u64, name: &str) -> Result<(&Repo, &Label), Answer> {
        let repo = self.hub.repos.get(&repo).ok_or_else(not_found)?;
        Ok((repo, repo.labels.get(&name.to_lowercase()).ok_or_else(not_found)?))
    }

    /// POST …/labels of a repository.
    pub(crate) fn create_label(&mut self, repo: u64) -> Outcome {
        self.require(repo, Permission::Push)?;
        let body = &self.call.body;
        let name = body.at("name").as_str().filter(|name| !name.is_empty() && name.chars().count() <= 50);
        let name = name.ok_or_else(|| refused("name", "invalid"))?.to_owned();
        let color = body.at("color").as_str().unwrap_or("ededed").to_owned();
        let is_hex = color.len() == 6 && color.chars().all(|c| c.is_ascii_hexdigit());
        if !is_hex {
            return Err(refused("color", "invalid"));
        }
        let description = body.at("description").as_str().map(str::to_owned);
        let id = self.hub.fresh_id();
        let found = self.hub.repos.get_mut(&repo).ok_or_else(not_found)?;
        if found.labels.contains_key(&name.to_lowercase()) {
            return Err(refused("name", "already_exists"));
        }
        found.labels.insert(name.to_lowercase(), Label { id, name: name.clone(), color, description });
        let shown = self.get_label(repo, &name)?;
        Ok(Answer { status: 201, ..shown })
    }

    /// PATCH …/labels/{name}.
    pub(crate) fn edit_label(&mut self, repo: u64, name: &str) -> Outcome {
        self.require(repo, Permission::Push)?;
        self.label(repo, name)?;
        let body = &self.call.body;
        let new_name = body.at("new_name").as_str().unwrap_or(name).to_owned();
        let found = self.hub.repos.get_mut(&repo).ok_or_else(not_found)?;
        let mut label = found.labels.remove(&name.to_lowercase()).ok_or_else(not_found)?;
        label.name.clone_from(&new_name);
        if let Some(color) = body.at("color").as_str() {
            color.clone_into(&mut label.color);
        }
        if let Some(description) = body.get("description") {
            label.description = description.as_str().map(str::to_owned);
        }
        found.labels.insert(new_name.to_lowercase(), label);
        for issue in self.hub.issues.values_mut().filter(|issue| issue.repo == repo) {
            for label in issue.labels.iter_mut().filter(|label| label.eq_ignore_ascii_case(name)) {
                label.clone_from(&new_name);
            }
        }
        self.get_label(repo, &new_name)
    }

    /// DELETE …/labels/{name}.
    pub(crate) fn delete_label(&mut self, repo: u64, name: &str) -> Outcome {
        self.require(repo, Permission::Push)?;
        self.label(repo, name)?;
        self.hub.drop_label(repo, name);
        Ok(Answer::empty(204))
    }

    /// GET …/issues/{number}/labels.
    pub(crate) fn issue_labels(&self, id: u64) -> Outcome {
        Ok(Answer::ok(self.lens().labels(self.issue(id)?)))
    }

    /// POST …/issues/{number}/labels.
    pub(crate) fn add_labels(&mut self, id: u64) -> Outcome {
        let mut names = self.issue(id)?.labels.clone();
        names.extend(self.label_names(id)?);
        self.give_labels(id, &names)
    }

    /// PUT …/issues/{number}/labels.
    pub(crate) fn replace_labels(&mut self, id: u64) -> Outcome {
        let names = self.label_names(id)?;
        self.give_labels(id, &names)
    }

    /// DELETE …/issues/{number}/labels.
    pub(crate) fn clear_labels(&mut self, id: u64) -> Outcome {
        self.give_labels(id, &[])?;
        Ok(Answer::empty(204))
    }

    /// DELETE …/issues/{number}/labels/{name}.
    pub(crate) fn remove_label(&mut self, id: u64, name: &str) -> Outcome {
        let mut names = self.issue(id)?.labels.clone();
        if !contains(&names, name) {
            return Err(Answer::message(404, "Label does not exist"));
        }
        names.retain(|label| !label.eq_ignore_ascii_case(name));
        self.give_labels(id, &names)
    }

    fn give_labels(&mut self, id: u64, names: &[String]) -> Outcome {
        let repo = self.issue(id)?.repo;
        self.require(repo, Permission::Triage)?;
        let hand = self.hand();
        self.hub.set_labels(id, names, &hand);
        self.issue_labels(id)
    }

    /// The names in the body, which may be an object or a bare list.
    fn label_names(&self, id: u64) -> Result<Vec<String>, Answer> {
        let body = &self.call.body;
        let names = texts(body.at("labels"))
            .or_else(|| texts(body))
            .ok_or_else(|| refused("labels", "missing_field"))?;
        let repo = self.hub.repos.get(&self.issue(id)?.repo).ok_or_else(not_found)?;
        let missing = names.iter().any(|name| !repo.labels.contains_key(&name.to_lowercase()));
        if missing && !(self.settings.create_labels && self.can_push(repo.id)) {
            return Err(Answer::message(403, "Must have admin rights to Repository."));
        }
        Ok(names)
    }
}

fn refused(field: &str, code: &str) -> Answer {
    let error = json!({"resource": "Label", "field": field, "code": code});
    let body: Value = json!({"message": "Validation Failed", "errors": [error], "documentation_url": "https://docs.github.com/rest", "status": "422"});
    Answer::json(422, body)
}
