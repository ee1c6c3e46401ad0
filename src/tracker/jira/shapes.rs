//! What a project's create screens take: issue types by name, and how each field wants its value.
//!
//! Names are resolved here, once, and ids are sent. Read when a create first needs it and forgotten when a
//! create is refused, because screens change.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Jira, call::is_unserved, locked, place::is_plain, wire};
use crate::{
    model::{
        ids::{AccountId, PlaceName},
        issue::Draft,
        status::same,
    },
    tracker::TrackerError,
};

/// What an issue is if nobody says what.
const TASK: &str = "Task";

/// What is known of one project.
#[derive(Clone, Debug, Default)]
pub(super) struct Shapes {
    kinds: Vec<wire::Kind>,
    /// Fields by issue type id.
    fields: BTreeMap<String, Vec<wire::FieldMeta>>,
}

/// The issue type of a create.
pub(super) enum KindRef {
    /// By id, as ids do not depend on a language.
    Id(String),
    /// By name, where the site does not tell what a project has.
    Name(String),
}

impl KindRef {
    /// As the field's value.
    pub(super) fn reference(&self) -> Value {
        match self {
            Self::Id(id) => json!({ "id": id }),
            Self::Name(name) => json!({ "name": name }),
        }
    }
}

impl wire::FieldMeta {
    /// Its id; editions name it in one of two members.
    pub(super) fn id_or_key(&self) -> &str {
        self.id.as_ref().or(self.key.as_ref()).map_or("", String::as_str)
    }

    /// Whether this is its id.
    pub(super) fn is(&self, id: &str) -> bool {
        self.id_or_key() == id
    }

    /// What people and we call it.
    pub(super) fn called(&self) -> String {
        match self.name.as_deref().filter(|name| *name != self.id_or_key()) {
            Some(name) => format!("`{name}` ({})", self.id_or_key()),
            None => format!("`{}`", self.id_or_key()),
        }
    }
}

impl Jira {
    /// The issue type that a draft asks for. Without one it is a task, or else the first that is neither a sub-task
    /// nor an epic.
    pub(super) async fn kind(&self, draft: &Draft) -> Result<KindRef, TrackerError> {
        self.kind_of((&draft.place_id, &draft.place), draft.issue_type.as_deref()).await
    }

    /// The same for a project by its id and name.
    pub(super) async fn kind_of(
        &self,
        (id, place): (&str, &PlaceName),
        wanted: Option<&str>,
    ) -> Result<KindRef, TrackerError> {
        let kinds = self.kinds(id).await?;
        if kinds.is_empty() {
            return Ok(KindRef::Name(wanted.unwrap_or(TASK).to_owned()));
        }
        let found = match wanted {
            Some(name) => kinds.iter().find(|kind| same(&kind.name, name)),
            None => {
                let plain = || kinds.iter().filter(|kind| !kind.subtask && kind.level == 0);
                plain().find(|kind| same(&kind.name, TASK)).or_else(|| plain().next())
            }
        };
        found.map(|kind| KindRef::Id(kind.id.clone())).ok_or_else(|| {
            let names: Vec<&str> = kinds.iter().map(|kind| kind.name.as_str()).collect();
            let wanted = wanted.unwrap_or(TASK);
            let why = format!("{place} has no issue type `{wanted}`; it has: {}", names.join(", "));
            TrackerError::Rejected { field: Some("issuetype".to_owned()), why }
        })
    }

    /// The draft's further fields, each in the shape that its screen wants. A field whose shape is not known is sent
    /// as the text that it is; one that begins like JSON is sent as JSON.
    pub(super) async fn shaped(
        &self,
        draft: &Draft,
        kind: &KindRef,
    ) -> Result<Vec<(String, Value)>, TrackerError> {
        if draft.fields.is_empty() {
            return Ok(Vec::new());
        }
        let metas = match kind {
            KindRef::Id(kind) => self.fields(&draft.place_id, kind).await?,
            KindRef::Name(_) => Vec::new(),
        };
        let shape = |(id, text): (&String, &String)| {
            let meta = metas.iter().find(|meta| meta.is(id));
            (id.clone(), self.value(text, meta.and_then(|meta| meta.schema.as_ref())))
        };
        Ok(draft.fields.iter().map(shape).collect())
    }

    /// Forgets what was known of a project.
    pub(super) fn forget_shapes(&self, project: &str) {
        locked(&self.shapes).remove(project);
    }

    /// An account as a field's value.
    pub(super) fn person(&self, account: Option<&AccountId>) -> Value {
        let key = if self.is_cloud() { "accountId" } else { "name" };
        json!({ key: account.map(AccountId::as_str) })
    }

    async fn kinds(&self, project: &str) -> Result<Vec<wire::Kind>, TrackerError> {
        let known = locked(&self.shapes).get(project).map(|shapes| shapes.kinds.clone());
        if let Some(kinds) = known {
            return Ok(kinds);
        }
        if !is_plain(project) {
            let why = format!("`{project}` is not a project id");
            return Err(TrackerError::Rejected { field: Some("project".to_owned()), why });
        }
        let kinds = match self.listed::<wire::Kind>(&format!("issue/createmeta/{project}/issuetypes")).await {
            // Data Center has this since 8.4; before, and elsewhere, the project itself names its types.
            Err(error) if is_unserved(&error) => {
                self.channel.get::<wire::Project>(&self.api(&format!("project/{project}"))).await?.kinds
            }
            listed => listed?,
        };
        locked(&self.shapes).entry(project.to_owned()).or_default().kinds.clone_from(&kinds);
        Ok(kinds)
    }

    pub(super) async fn fields(
        &self,
        project: &str,
        kind: &str,
    ) -> Result<Vec<wire::FieldMeta>, TrackerError> {
        let known = locked(&self.shapes).get(project).and_then(|shapes| shapes.fields.get(kind)).cloned();
        if let Some(fields) = known {
            return Ok(fields);
        }
        let resource = format!("issue/createmeta/{project}/issuetypes/{kind}");
        let fields = match self.listed::<wire::FieldMeta>(&resource).await {
            // Some Data Center versions do not have this; the create itself will tell what does not fit.
            Err(error) if is_unserved(&error) => Vec::new(),
            listed => listed?,
        };
        let mut shapes = locked(&self.shapes);
        shapes.entry(project.to_owned()).or_default().fields.insert(kind.to_owned(), fields.clone());
        Ok(fields)
    }

    fn value(&self, text: &str, schema: Option<&wire::Schema>) -> Value {
        let is_json = text.trim_start().starts_with(['{', '[']);
        if let Some(given) = serde_json::from_str(text).ok().filter(|_| is_json) {
            return given;
        }
        let Some(schema) = schema else { return json!(text) };
        if schema.kind != "array" {
            let is_area = schema.custom.as_deref().is_some_and(|custom| custom.ends_with(":textarea"));
            let is_rich = is_area || schema.system.as_deref() == Some("environment");
            return self.single_value(text, &schema.kind, is_rich);
        }
        let items = schema.items.as_deref().unwrap_or("string");
        let list = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        list.map(|item| self.single_value(item, items, false)).collect()
    }

    fn single_value(&self, text: &str, kind: &str, is_rich: bool) -> Value {
        match kind {
            "number" => text.trim().parse::<serde_json::Number>().map_or_else(|_| json!(text), Value::Number),
            "option" => json!({ "value": text }),
            "user" => self.person(Some(&AccountId::from(text))),
            "priority" | "component" | "version" | "group" | "securitylevel" | "resolution" => {
                json!({ "name": text })
            }
            "project" | "issuelink" => json!({ "key": text }),
            _ if is_rich => super::text::rich(self.settings.kind, text),
            _ => json!(text),
        }
    }
}
