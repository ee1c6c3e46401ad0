//! The shape of the strict format. Its schema is made from these types, so the two cannot differ.

use schemars::JsonSchema;
use serde::Deserialize;

use super::text::{Day, Earlier, Issue, Line, Moment, Note, Prose, Slug, Someone, Url};
use crate::model::terms::{Class, Kind, Priority, Route, Severity, Tlp};

/// The version of the format.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
pub(super) enum Version {
    /// The only one there is.
    #[serde(rename = "postmortem/1")]
    One,
}

/// How final a write-up is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stage {
    Draft,
    InReview,
    Published,
    Withdrawn,
}

/// What a finding claims when it is first seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum InitialStatus {
    Open,
    InProgress,
    DoneClaimed,
}

/// A whole document.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Sheet {
    #[expect(dead_code, reason = "its presence is the check")]
    pub(super) format: Version,
    /// Stable id of the postmortem, unique in the deployment, such as PM-2026-004
    pub(super) id: Slug,
    pub(super) title: Line,
    pub(super) url: Option<Url>,
    /// AMBER when absent
    pub(super) tlp: Option<Tlp>,
    /// published when absent
    pub(super) status: Option<Stage>,
    pub(super) published: Option<Moment>,
    /// Who wrote it; they verify no finding that it says is done
    #[serde(default)]
    pub(super) authors: Vec<Someone>,
    /// Who is asked first to verify findings of this postmortem; people.yaml says who may
    #[serde(default)]
    pub(super) reviewers: Vec<Someone>,
    pub(super) incident: Incident,
    #[serde(default)]
    pub(super) causes: Vec<Cause>,
    pub(super) findings: Vec<Finding>,
}

/// What happened.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "summary, actors and the like are checked and stay in the document")]
pub(super) struct Incident {
    pub(super) id: Option<Line>,
    pub(super) severity: Severity,
    pub(super) began: Option<Moment>,
    pub(super) detected: Option<Moment>,
    pub(super) declared: Option<Moment>,
    pub(super) resolved: Option<Moment>,
    #[serde(default)]
    pub(super) actors: Vec<Line>,
    pub(super) summary: Option<Prose>,
    /// How the response was executed
    pub(super) response_execution: Option<Prose>,
    #[serde(default)]
    pub(super) takeaways: Vec<Note>,
    #[serde(default)]
    pub(super) timeline: Vec<Step>,
}

/// A step of the timeline.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "checked and left in the document")]
pub(super) struct Step {
    pub(super) at: Moment,
    pub(super) event: Note,
    pub(super) actor: Option<Line>,
}

/// A cause.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only the id is referred to")]
pub(super) struct Cause {
    pub(super) id: Slug,
    pub(super) title: Line,
    pub(super) description: Option<Prose>,
}

/// A finding.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Finding {
    /// Unique in this postmortem, never reused: F1, F2
    pub(super) id: Slug,
    pub(super) title: Line,
    pub(super) description: Option<Prose>,
    pub(super) class: Class,
    /// What the action does for the next incident
    pub(super) kind: Option<Kind>,
    /// By class when absent
    pub(super) route: Option<Route>,
    /// That of the incident when absent
    pub(super) severity: Option<Severity>,
    pub(super) priority: Option<Priority>,
    #[serde(default)]
    pub(super) causes: Vec<Slug>,
    pub(super) owner: Option<Someone>,
    pub(super) team: Option<Line>,
    /// Explicit deadline; it can only shorten the policy's
    pub(super) due: Option<Day>,
    /// How the reviewer will know that it worked
    pub(super) evaluation_criteria: Option<Note>,
    /// Existing issues to adopt instead of creating one
    #[serde(default)]
    pub(super) tracker: Vec<Issue>,
    /// Name of the rule that should create the issue
    pub(super) target: Option<Line>,
    #[serde(default)]
    pub(super) labels: Vec<Line>,
    /// Only read when the finding is first seen
    pub(super) initial_status: Option<InitialStatus>,
    /// Earlier findings that this one continues, such as PM-2025-011/F3
    #[serde(default)]
    pub(super) replaces: Vec<Earlier>,
    /// Standard operating procedures that this changed
    #[serde(default)]
    #[expect(dead_code, reason = "evidence of the document; verification asks for its own")]
    pub(super) sop: Vec<Url>,
}

impl Sheet {
    /// Every date and time of the document, by JSON pointer.
    pub(super) fn whens(&self) -> Vec<(String, &str)> {
        let incident = &self.incident;
        let named = [
            ("/published", &self.published),
            ("/incident/began", &incident.began),
            ("/incident/detected", &incident.detected),
            ("/incident/declared", &incident.declared),
            ("/incident/resolved", &incident.resolved),
        ];
        let named = named.into_iter().filter_map(|(at, when)| Some((at.to_owned(), when.as_ref()?.as_ref())));
        let steps = incident.timeline.iter().enumerate();
        named.chain(steps.map(|(n, step)| (format!("/incident/timeline/{n}/at"), step.at.as_ref()))).collect()
    }
}
