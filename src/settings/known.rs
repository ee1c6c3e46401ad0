//! The names that the files declare, taken from every entry that has one, readable otherwise or not: a mistake inside a
//! tracker must not turn into "there is no such tracker" at every rule.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::reading::Reading;
use crate::model::{
    issue::TrackerKind,
    people::{People, Person},
};

/// The names that the files declare.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Trackers and what they are; none when that cannot be read.
    pub(super) trackers: BTreeMap<String, Option<TrackerKind>>,
    /// Trackers in the order of their names, with the places of their names.
    tracker_places: Vec<(String, String)>,
    /// Sources.
    pub(super) sources: BTreeSet<String>,
    /// Teams of the people directory.
    pub(super) teams: BTreeSet<String>,
}

impl Known {
    /// Collects the names and notices those that are declared twice.
    pub(super) fn collect(page: &mut Reading, people: &People) -> Self {
        let trackers = declared(page, "/trackers", "tracker");
        let kind = |page: &Reading, at: &str| {
            page.value()
                .pointer(&format!("{at}/kind"))
                .and_then(|kind| serde_json::from_value(kind.clone()).ok())
        };
        let tracker_places = trackers.iter().map(|(name, at)| (name.clone(), format!("{at}/name"))).collect();
        let trackers = trackers.into_iter().map(|(name, at)| (name, kind(page, &at))).collect();
        let sources = declared(page, "/sources", "source").into_keys().collect();
        declared(page, "/rules", "rule");
        let named =
            |person: &Person| person.team.iter().chain(&person.default_of).cloned().collect::<Vec<_>>();
        let teams = people.0.values().flat_map(named).collect();
        Self { trackers, tracker_places, sources, teams }
    }

    /// Names of trackers with the pointers of those names.
    pub(super) fn tracker_places(&self) -> &[(String, String)] {
        &self.tracker_places
    }

    /// Kinds of tracker that are configured.
    pub(super) fn kinds(&self) -> BTreeSet<TrackerKind> {
        self.trackers.values().copied().flatten().collect()
    }
}

/// Names of a list's entries, with the entries' pointers.
fn declared(page: &mut Reading, list: &str, what: &str) -> BTreeMap<String, String> {
    let entries = page.value().pointer(list).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for (n, entry) in entries.iter().enumerate() {
        let Some(name) = entry.get("name").and_then(Value::as_str) else { continue };
        let at = format!("{list}/{n}");
        let name_at = format!("{at}/name");
        if name.is_empty() || name.trim() != name || name.chars().any(char::is_control) {
            let message = format!(
                "this is not a name for a {what}: it is empty, or has blanks around it or control characters"
            );
            page.error(&name_at, "name", message, None);
        }
        if let Some(first) = found.get(name) {
            let line = page.line(&format!("{first}/name"));
            let message = format!("there are two {what}s `{name}`; the first is on line {line}");
            page.error(&name_at, "duplicate_name", message, Some("rename one of them".to_owned()));
            continue;
        }
        found.insert(name.to_owned(), at);
    }
    found
}
