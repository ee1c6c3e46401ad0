//! The parts of a plan of action and milestones that are read. Its schema is made from these types; whatever else a plan holds
//! is not looked at.

use schemars::JsonSchema;
use serde::Deserialize;

/// A whole file.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(super) struct File {
    #[serde(rename = "plan-of-action-and-milestones")]
    pub(super) plan: Plan,
}

/// The plan.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Plan {
    pub(super) metadata: Metadata,
    #[serde(default)]
    pub(super) observations: Vec<Named>,
    #[serde(default)]
    pub(super) risks: Vec<Risk>,
    pub(super) poam_items: Vec<Item>,
}

/// What the plan says about itself.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Metadata {
    #[schemars(length(min = 1))]
    pub(super) title: String,
    pub(super) published: Option<String>,
    pub(super) oscal_version: String,
    #[serde(default)]
    pub(super) document_ids: Vec<DocumentId>,
    #[serde(default)]
    pub(super) parties: Vec<Party>,
}

/// A name of the plan that stays the same in all its versions.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(super) struct DocumentId {
    pub(super) identifier: String,
}

/// Anything that others refer to.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(super) struct Named {
    pub(super) uuid: String,
}

/// Somebody.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Party {
    pub(super) uuid: String,
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) email_addresses: Vec<String>,
}

/// One item: a finding.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Item {
    /// Optional before 1.1.
    pub(super) uuid: Option<String>,
    #[schemars(length(min = 1))]
    pub(super) title: String,
    pub(super) description: String,
    #[serde(default)]
    pub(super) props: Vec<Prop>,
    #[serde(default)]
    pub(super) links: Vec<Link>,
    #[serde(default)]
    pub(super) origins: Vec<Origin>,
    #[serde(default)]
    pub(super) related_observations: Vec<RelatedObservation>,
    #[serde(default)]
    pub(super) related_risks: Vec<RelatedRisk>,
}

/// A named value.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(super) struct Prop {
    pub(super) name: String,
    pub(super) ns: Option<String>,
    pub(super) value: String,
}

/// A link.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(super) struct Link {
    pub(super) href: String,
    pub(super) rel: Option<String>,
}

/// Who or what something comes from.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(super) struct Origin {
    #[serde(default)]
    pub(super) actors: Vec<Actor>,
}

/// Somebody or something that acts.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Actor {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) actor_uuid: String,
}

/// A reference to an observation.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct RelatedObservation {
    pub(super) observation_uuid: String,
}

/// A reference to a risk.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct RelatedRisk {
    pub(super) risk_uuid: String,
}

/// A risk.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Risk {
    pub(super) uuid: String,
    pub(super) status: String,
    pub(super) deadline: Option<String>,
    #[serde(default)]
    pub(super) props: Vec<Prop>,
    #[serde(default)]
    pub(super) characterizations: Vec<Characterization>,
    #[serde(default)]
    pub(super) remediations: Vec<Remediation>,
}

/// A judgement of a risk.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(super) struct Characterization {
    #[serde(default)]
    pub(super) facets: Vec<Facet>,
}

/// One aspect of it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(super) struct Facet {
    pub(super) name: String,
    pub(super) value: String,
    #[serde(default)]
    pub(super) props: Vec<Prop>,
}

/// What is recommended, planned or done about a risk.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(super) struct Remediation {
    pub(super) lifecycle: String,
    pub(super) title: String,
    pub(super) description: String,
    #[serde(default)]
    pub(super) props: Vec<Prop>,
    #[serde(default)]
    pub(super) origins: Vec<Origin>,
    #[serde(default)]
    pub(super) tasks: Vec<Task>,
}

/// A step of a remediation.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Task {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) title: String,
    pub(super) timing: Option<Timing>,
    #[serde(default)]
    pub(super) responsible_roles: Vec<Role>,
}

/// When a step is taken.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Timing {
    pub(super) on_date: Option<OnDate>,
    pub(super) within_date_range: Option<Range>,
}

/// A day.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(super) struct OnDate {
    pub(super) date: String,
}

/// Days from one to another.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(super) struct Range {
    pub(super) end: String,
}

/// Who takes it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Role {
    #[serde(default)]
    pub(super) party_uuids: Vec<String>,
}

impl Task {
    /// When it must be done, as written.
    pub(super) fn end(&self) -> Option<&str> {
        let timing = self.timing.as_ref()?;
        let range = timing.within_date_range.as_ref().map(|range| range.end.as_str());
        range.or(timing.on_date.as_ref().map(|on| on.date.as_str()))
    }
}
