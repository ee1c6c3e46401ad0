//! JQL texts. Foreign text enters them quoted, and times only relative to the server's own clock.

use chrono::{DateTime, TimeDelta, Utc};

use crate::net::query::quoted;

/// A list of changes looks this much further back than it is asked to: search indexes lag by minutes
/// (developer.atlassian.com, Search and reconcile).
const OVERLAP: TimeDelta = TimeDelta::minutes(15);

/// Issues anywhere that carry one of these labels. No project: the issue may have been moved. No predicate over a
/// field that may be empty: it would hide issues.
pub(super) fn labelled<'a>(labels: impl IntoIterator<Item = &'a str>) -> String {
    let labels: Vec<String> = labels.into_iter().map(quoted).collect();
    let clause = match labels.as_slice() {
        [label] => format!("labels = {label}"),
        several => format!("labels in ({})", several.join(", ")),
    };
    format!("{clause} ORDER BY key ASC")
}

/// Issues of a project that carry a label.
pub(super) fn labelled_in(project: &str, label: &str) -> String {
    format!("project = {} AND labels = {} ORDER BY key ASC", quoted(project), quoted(label))
}

/// Issues of these projects that changed since an instant. The newest come first: what changes while the pages are read
/// moves to the front, where it is seen twice or belongs to the next listing, and nothing is skipped.
pub(super) fn updated_in(projects: &[&str], since: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let whole = |seconds: i64| seconds.max(0).saturating_add(59) / 60;
    let minutes = whole((now - since).num_seconds()).saturating_add(OVERLAP.num_minutes());
    let projects: Vec<String> = projects.iter().map(|project| quoted(project)).collect();
    format!("project in ({}) AND updated >= \"-{minutes}m\" ORDER BY updated DESC", projects.join(", "))
}
