//! The part of the main file that says which finding goes where.

use std::{borrow::Cow, collections::BTreeMap};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::part::{OneOrMany, Part, either};
use crate::model::{
    rule::{Above, ConflictPolicy},
    terms::{Class, Kind, Route, Severity, Tlp, Work},
};

/// One rule. It has either `create` or `register`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct RuleEntry {
    /// Its name; a document may ask for it with `target`.
    pub name: String,
    /// What a finding must be; every member that is given must hold. Left out: everything matches.
    #[serde(default)]
    pub when: Part<ConditionEntry>,
    /// An issue is created. Matches engineering findings only, unless `when.route` says otherwise.
    #[serde(default)]
    pub create: Option<Part<CreateEntry>>,
    /// The finding stays in the register and is followed up with a group.
    #[serde(default)]
    pub register: Option<Part<RegisterEntry>>,
}

/// What a finding must be; each member is one value or a list.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct ConditionEntry {
    /// Any of these classes.
    pub class: Option<OneOrMany<Class>>,
    /// Any of these kinds.
    pub kind: Option<OneOrMany<Kind>>,
    /// Any of these routes.
    pub route: Option<OneOrMany<Route>>,
    /// Bug, change request, or both.
    pub work: Option<OneOrMany<Work>>,
    /// Any of these severities, or `{ at_least: high }`.
    pub severity: Option<SeverityEntry>,
    /// Any of these teams, ignoring case.
    pub team: Option<OneOrMany<String>>,
    /// All of these labels.
    pub labels: Option<OneOrMany<String>>,
    /// Any of these postmortem ids; `*` stands for any text.
    pub postmortem: Option<OneOrMany<String>>,
    /// Any of these sources.
    pub source: Option<OneOrMany<String>>,
}

/// Severities: some, or all from one upwards.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum SeverityEntry {
    /// This one and every worse one.
    AtLeast {
        /// The least of them.
        at_least: Severity,
    },
    /// These.
    These(OneOrMany<Severity>),
}

impl JsonSchema for SeverityEntry {
    fn schema_name() -> Cow<'static, str> {
        "Severities".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<Severity>();
        let at_least = json_schema!({
            "type": "object",
            "properties": { "at_least": one },
            "required": ["at_least"],
            "additionalProperties": false,
        });
        either("object", at_least, OneOrMany::<Severity>::json_schema(generator))
    }
}

/// An issue is created.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CreateEntry {
    /// Name of the tracker.
    pub tracker: String,
    /// GitHub: `owner/repository`.
    #[serde(default)]
    pub repository: Option<String>,
    /// Jira: project key.
    #[serde(default)]
    pub project: Option<String>,
    /// Labels for every issue, beside our own.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Issue type: one for all, or one for bugs and one for change requests.
    #[serde(default, rename = "type")]
    pub issue_type: Option<TypeEntry>,
    /// Further fields by the tracker's field id; values are templates.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// Highest classification that this place may hold. Left out: CLEAR, so nothing above CLEAR is ever sent there.
    #[serde(default)]
    pub max_tlp: Option<Tlp>,
    /// What is sent of findings above `max_tlp`: nothing (`hold`), or a neutral title, the deadline and the link to the
    /// postmortem (`minimal`).
    #[serde(default)]
    pub above_max_tlp: Above,
    /// Template of the title.
    #[serde(default)]
    pub title: Option<TemplateEntry>,
    /// Template of the body.
    #[serde(default)]
    pub body: Option<TemplateEntry>,
    /// Who wins when both sides changed a field to different values.
    #[serde(default)]
    pub on_conflict: ConflictEntry,
}

/// The finding stays in the register.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct RegisterEntry {
    /// The group that it is followed up with.
    pub group: String,
}

/// Who wins when both sides changed a field to different values.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct ConflictEntry {
    /// For the owner.
    pub owner: ConflictPolicy,
    /// For the status.
    pub status: ConflictPolicy,
}

/// Issue types.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum TypeEntry {
    /// One for all.
    Same(String),
    /// By kind of work.
    ByWork {
        /// For bugs.
        #[serde(default)]
        bug: Option<String>,
        /// For change requests.
        #[serde(default)]
        change_request: Option<String>,
    },
}

impl JsonSchema for TypeEntry {
    fn schema_name() -> Cow<'static, str> {
        "IssueType".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let by_work = json_schema!({
            "type": "object",
            "properties": { "bug": { "type": "string" }, "change_request": { "type": "string" } },
            "additionalProperties": false,
            "minProperties": 1,
        });
        either("object", by_work, json_schema!({ "type": "string", "minLength": 1 }))
    }
}

/// A template: its text, or the file that holds it.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum TemplateEntry {
    /// Its text.
    Text(String),
    /// The file that holds it, relative to the main file's folder.
    File {
        /// Its path.
        file: String,
    },
}

impl JsonSchema for TemplateEntry {
    fn schema_name() -> Cow<'static, str> {
        "Template".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let file = json_schema!({
            "type": "object",
            "properties": { "file": { "type": "string" } },
            "required": ["file"],
            "additionalProperties": false,
        });
        either("object", file, json_schema!({ "type": "string" }))
    }
}
