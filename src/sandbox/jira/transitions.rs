//! Transitions: which ways leave from a status, and going one.
//!
//! Knows screens and resolutions. Must not know other fields.

use serde_json::{Map, Value, json};

use super::{
    Exchange,
    data::{Access, Screen, Transition},
    errors,
};
use crate::sandbox::wire::{Answer, At, Outcome};

/// A transition that somebody asks for.
pub(crate) struct Step<'a> {
    pub(crate) body: &'a Value,
}

impl Exchange<'_> {
    /// GET /issue/{id}/transitions. Without the right to move issues the list is empty, and that is no error.
    pub(crate) fn list_transitions(&self, id: u64) -> Outcome {
        let (issue, project) = (self.issue(id)?, self.project_of(id)?);
        let may = self.access(project) >= Access::Write;
        let ways = project.transitions_from(&issue.status).into_iter().filter(|_| may);
        let with_fields =
            self.call.param("expand").is_some_and(|expand| expand.contains("transitions.fields"));
        let only = self.call.param("transitionId");
        let ways = ways.filter(|way| only.as_ref().is_none_or(|only| *only == way.id));
        let shown: Vec<Value> = ways
            .map(|way| {
                let to = project.status(&way.to).map(|status| self.status(status)).unwrap_or_default();
                let mut shown = json!({
                    "id": way.id,
                    "name": way.name,
                    "to": to,
                    "hasScreen": way.resolution != Screen::Absent,
                    "isGlobal": way.from.is_empty(),
                    "isInitial": false,
                    "isAvailable": true,
                    "isConditional": false,
                });
                if let (true, Some(fields)) = (with_fields, shown.as_object_mut()) {
                    fields.insert("fields".into(), self.screen(way));
                }
                shown
            })
            .collect();
        Ok(Answer::ok(json!({"expand": "transitions", "transitions": shown})))
    }

    /// The fields on a transition's screen.
    fn screen(&self, way: &Transition) -> Value {
        let mut fields = Map::new();
        if way.resolution != Screen::Absent && !way.hides_resolution {
            let allowed: Vec<Value> =
                self.site.resolutions.iter().map(|name| self.resolution(name)).collect();
            let rule = json!({
                "required": way.resolution == Screen::Required,
                "schema": {"type": "resolution", "system": "resolution"},
                "name": "Resolution",
                "key": "resolution",
                "operations": ["set"],
                "allowedValues": allowed,
            });
            fields.insert("resolution".into(), rule);
        }
        Value::Object(fields)
    }

    /// POST /issue/{id}/transitions.
    pub(crate) fn transition(&mut self, id: u64) -> Outcome {
        let call = self.call;
        self.step(id, &Step { body: &call.body })?;
        Ok(Answer::empty(204))
    }

    /// Goes one way of the workflow.
    pub(crate) fn step(&mut self, id: u64, step: &Step<'_>) -> Result<(), Answer> {
        let (issue, project) = (self.issue(id)?, self.project_of(id)?);
        let given = step.body.at("transition").at("id");
        let wanted = given.as_str().map(str::to_owned).or_else(|| given.as_u64().map(|id| id.to_string()));
        let Some(wanted) = wanted else {
            return Err(errors(400, &["Missing 'transition' identifier"], []));
        };
        let may = self.access(project) >= Access::Write;
        let ways = project.transitions_from(&issue.status);
        let way = ways.into_iter().find(|way| may && way.id == wanted);
        let Some(way) = way else {
            return Err(errors(
                400,
                &[&format!("Transition id '{wanted}' is not valid for this issue.")],
                [],
            ));
        };
        if let Some(words) = &way.refuses {
            return Err(errors(400, &[words], []));
        }
        let resolution = self.resolution_given(way, step.body.at("fields"))?;
        let to = way.to.clone();
        let comments = step.body.at("update").at("comment").as_array().cloned().unwrap_or_default();
        let hand = self.hand();
        self.site.set_status(id, &to, resolution, &hand);
        for comment in comments {
            self.site.comment(id, comment.at("add").at("body").clone(), &hand);
        }
        Ok(())
    }

    /// The resolution that goes with a transition, as far as its screen has one.
    fn resolution_given(&self, way: &Transition, fields: &Value) -> Result<Option<String>, Answer> {
        let others =
            fields.as_object().into_iter().flat_map(Map::keys).filter(|field| *field != "resolution");
        if let Some(other) = others.into_iter().next() {
            return Err(off_screen(other));
        }
        let given = fields.at("resolution");
        if given.is_null() {
            return match way.resolution {
                Screen::Required => Err(errors(400, &["Field Resolution is required."], [])),
                Screen::Absent | Screen::Optional => Ok(None),
            };
        }
        if way.resolution == Screen::Absent {
            return Err(off_screen("resolution"));
        }
        let (id, name) = (given.at("id").as_str(), given.at("name").as_str());
        let fits = |known: &&String| match id {
            Some(id) => self.site.resolution_id(known).is_some_and(|known| known.to_string() == id),
            None => Some(known.as_str()) == name,
        };
        let found = self.site.resolutions.iter().find(fits);
        let message = "Could not find valid 'id' or 'name' in resolution object.";
        found.cloned().map(Some).ok_or_else(|| errors(400, &[], [("resolution", message)]))
    }
}

fn off_screen(field: &str) -> Answer {
    let reason = format!("Field '{field}' cannot be set. It is not on the appropriate screen, or unknown.");
    errors(400, &[], [(field, reason.as_str())])
}
