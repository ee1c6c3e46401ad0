//! Pages as the interface shows them: no more than is asked for.
//!
//! Knows shapes and what limits the length of a listing. Must not decide who sees what.

use serde_json::{Map, Value, json};

use super::{Exchange, data::Page};
use crate::sandbox::wire::Call;

/// What is asked of each content beside the least.
pub(crate) struct Expand(Vec<String>);

impl Expand {
    pub(crate) fn of(call: &Call) -> Self {
        let asked = call.param("expand").unwrap_or_default();
        Self(asked.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect())
    }

    /// Longest page of a listing: fewer where more is asked.
    pub(crate) fn most(&self) -> usize {
        match () {
            () if self.has("body") => 50,
            () if self.0.is_empty() => 1000,
            () => 200,
        }
    }

    fn has(&self, part: &str) -> bool {
        self.0.iter().any(|asked| asked == part || asked.starts_with(&format!("{part}.")))
    }
}

impl Exchange<'_> {
    pub(crate) fn shown(&self, page: &Page, expand: &Expand) -> Value {
        let mut shown = json!({
            "id": page.id.to_string(), "type": "page", "status": page.state.as_str(), "title": page.title,
            "_links": {"webui": format!("/spaces/{}/pages/{}", page.space, page.id)},
        });
        let above = || -> Vec<Value> {
            let above = self.wiki.above(page);
            above
                .iter()
                .map(|one| json!({"id": one.id.to_string(), "type": "page", "title": one.title}))
                .collect()
        };
        let labels = || -> Vec<Value> {
            page.labels.iter().map(|name| json!({"prefix": "global", "name": name, "label": name})).collect()
        };
        let parts = [
            ("version", json!({"number": page.version})),
            ("space", json!({"key": page.space, "type": "global"})),
            ("ancestors", above().into()),
            ("metadata", json!({"labels": list(labels())})),
            ("restrictions", json!({"read": self.read_restriction(page)})),
            ("body", json!({"storage": {"value": page.body, "representation": "storage"}})),
        ];
        if let Some(fields) = shown.as_object_mut() {
            let asked = parts.into_iter().filter(|(name, _)| expand.has(name));
            fields.extend(asked.map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>());
        }
        shown
    }

    pub(crate) fn read_restriction(&self, page: &Page) -> Value {
        let users = page.readers.iter().filter_map(|login| self.around.people.by_login(login));
        let users: Vec<Value> = users.map(|person| self.shown_user(person)).collect();
        json!({"operation": "read", "restrictions": {"user": list(users), "group": list(Vec::new())}})
    }
}

fn list(results: Vec<Value>) -> Value {
    json!({"size": results.len(), "start": 0, "limit": 200, "results": results})
}
