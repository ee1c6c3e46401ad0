//! What hangs on an issue besides its fields: entity properties and remote links.
//!
//! Knows their rules. Must not know fields or comments.

use serde_json::{Value, json};

use super::{
    Exchange,
    create::properties,
    data::{Access, Issue, RemoteLink},
    errors, no_issue,
};
use crate::sandbox::wire::{Answer, At, Outcome};

impl Exchange<'_> {
    /// GET /issue/{id}/properties.
    pub(crate) fn list_properties(&self, id: u64) -> Outcome {
        let issue = self.issue(id)?;
        let keys: Vec<Value> = issue
            .properties
            .keys()
            .map(|key| json!({"self": self.url(&format!("/issue/{id}/properties/{key}")), "key": key}))
            .collect();
        Ok(Answer::ok(json!({"keys": keys})))
    }

    /// GET /issue/{id}/properties/{key}.
    pub(crate) fn get_property(&self, id: u64, key: &str) -> Outcome {
        let value = self.issue(id)?.properties.get(key).ok_or_else(|| no_property(key))?;
        Ok(Answer::ok(json!({"key": key, "value": value})))
    }

    /// PUT /issue/{id}/properties/{key}: 201 for a new one, 200 for a known one.
    pub(crate) fn put_property(&mut self, id: u64, key: &str) -> Outcome {
        self.require(id, Access::Write)?;
        let given = json!([{"key": key, "value": self.call.body}]);
        let checked = properties(&given)?;
        let issue = self.site.issues.get_mut(&id).ok_or_else(no_issue)?;
        let is_new = !issue.properties.contains_key(key);
        issue.properties.extend(checked);
        Ok(Answer::empty(if is_new { 201 } else { 200 }))
    }

    /// DELETE /issue/{id}/properties/{key}.
    pub(crate) fn delete_property(&mut self, id: u64, key: &str) -> Outcome {
        self.require(id, Access::Write)?;
        let issue = self.site.issues.get_mut(&id).ok_or_else(no_issue)?;
        issue.properties.remove(key).ok_or_else(|| no_property(key))?;
        Ok(Answer::empty(204))
    }

    /// A remote link.
    fn link(&self, issue: &Issue, link: &RemoteLink) -> Value {
        let mut shown = link.given.clone();
        if let Some(fields) = shown.as_object_mut() {
            fields.insert("id".into(), link.id.into());
            fields.insert(
                "self".into(),
                self.url(&format!("/issue/{}/remotelink/{}", issue.id, link.id)).into(),
            );
        }
        shown
    }

    /// GET /issue/{id}/remotelink, all of them or the one with a global id.
    pub(crate) fn list_links(&self, id: u64) -> Outcome {
        let issue = self.issue(id)?;
        if let Some(global) = self.call.param("globalId") {
            let found = issue.links.iter().find(|link| link.global_id.as_deref() == Some(global.as_str()));
            return Ok(Answer::ok(self.link(issue, found.ok_or_else(no_link)?)));
        }
        Ok(Answer::ok(issue.links.iter().map(|link| self.link(issue, link)).collect()))
    }

    /// GET /issue/{id}/remotelink/{link}.
    pub(crate) fn get_link(&self, id: u64, link: &str) -> Outcome {
        let issue = self.issue(id)?;
        let found = issue.links.iter().find(|known| known.id.to_string() == link);
        Ok(Answer::ok(self.link(issue, found.ok_or_else(no_link)?)))
    }

    /// POST /issue/{id}/remotelink: a known global id is replaced, anything else is new.
    pub(crate) fn put_link(&mut self, id: u64) -> Outcome {
        self.require(id, Access::Write)?;
        let given = self.call.body.clone();
        let object = given.at("object");
        if !object.at("url").is_string() || !object.at("title").is_string() {
            return Err(errors(400, &[], [("object", "A remote link needs an object with url and title.")]));
        }
        let global_id = given.at("globalId").as_str().filter(|global| global.len() <= 255).map(str::to_owned);
        let fresh = self.site.fresh_id();
        let issue = self.site.issues.get_mut(&id).ok_or_else(no_issue)?;
        let known = issue.links.iter_mut().find(|link| global_id.is_some() && link.global_id == global_id);
        let (status, link) = match known {
            Some(link) => {
                link.given = given;
                (200, link.id)
            }
            None => {
                issue.links.push(RemoteLink { id: fresh, global_id, given });
                (201, fresh)
            }
        };
        let url = self.url(&format!("/issue/{id}/remotelink/{link}"));
        Ok(Answer::json(status, json!({"id": link, "self": url})))
    }

    /// DELETE /issue/{id}/remotelink/{link}.
    pub(crate) fn delete_link(&mut self, id: u64, link: &str) -> Outcome {
        self.require(id, Access::Write)?;
        let issue = self.site.issues.get_mut(&id).ok_or_else(no_issue)?;
        let n_before = issue.links.len();
        issue.links.retain(|known| known.id.to_string() != link);
        if issue.links.len() == n_before { Err(no_link()) } else { Ok(Answer::empty(204)) }
    }
}

fn no_property(key: &str) -> Answer {
    errors(404, &[&format!("The property with the key '{key}' does not exist.")], [])
}

fn no_link() -> Answer {
    errors(404, &["The remote link does not exist."], [])
}
