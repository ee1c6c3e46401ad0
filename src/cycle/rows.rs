//! Rows out of what was gathered: findings that share an issue belong together, everything else stands alone.

use std::collections::BTreeMap;

use super::{
    gather::{Scope, in_scope, served},
    look::Look,
    needs::citations,
    ports::Ports,
};
use crate::{
    model::{
        ids::{FindingKey, Marker, TrackerName},
        issue::{Issue, IssueId},
        link::{Intent, Link, Tombstone},
        observed::Observed,
        postmortem::TrackerRef,
        register::Register,
    },
    plan::snapshot::{Citation, FindingRow, Row},
};

/// Builds the rows, in order of their first finding.
pub fn rows(
    ports: &Ports,
    register: &Register,
    unreadable: &BTreeMap<FindingKey, String>,
    looks: &BTreeMap<TrackerName, Look>,
    scope: &Scope,
) -> Vec<Row> {
    let mut links: BTreeMap<&FindingKey, Vec<&Link>> = BTreeMap::new();
    for link in &register.links {
        links.entry(&link.finding).or_default().push(link);
    }
    let mut tombstones: BTreeMap<&FindingKey, Vec<Tombstone>> = BTreeMap::new();
    for tombstone in &register.tombstones {
        tombstones.entry(&tombstone.finding).or_default().push(tombstone.clone());
    }
    let mut intents: BTreeMap<&FindingKey, Vec<Intent>> = BTreeMap::new();
    for intent in &register.intents {
        intents.entry(&intent.finding).or_default().push(intent.clone());
    }
    let groups = groups(register);
    let mut rows: BTreeMap<&FindingKey, Row> = BTreeMap::new();
    for finding in register.findings.values().filter(|finding| in_scope(scope, finding)) {
        let first = groups.get(&finding.key).copied().unwrap_or(&finding.key);
        let row = rows.entry(first).or_default();
        let linked = links.remove(&finding.key).unwrap_or_default();
        let mut member = FindingRow {
            finding: finding.clone(),
            document: document(unreadable, &finding.key),
            intents: Vec::new(),
            edits: Vec::new(),
            lost: lost(looks, tombstones.get(&finding.key).into_iter().flatten()),
            tombstones: tombstones.remove(&finding.key).unwrap_or_default(),
            citations: Vec::new(),
            marked: marked(looks, &finding.key),
        };
        if linked.is_empty() {
            member.intents = intents.remove(&finding.key).unwrap_or_default();
            member.citations =
                citations(finding).map(|reference| citation(ports, looks, reference)).collect();
        }
        row.links.extend(linked.into_iter().map(|link| (link.clone(), issue(looks, link))));
        row.findings.push(member);
    }
    rows.into_values().collect()
}

/// The first finding of each group that shares issues, for every finding of such a group.
fn groups(register: &Register) -> BTreeMap<&FindingKey, &FindingKey> {
    let mut by_issue: BTreeMap<&IssueId, Vec<&FindingKey>> = BTreeMap::new();
    for link in &register.links {
        by_issue.entry(&link.issue.id).or_default().push(&link.finding);
    }
    let mut first: BTreeMap<&FindingKey, &FindingKey> = BTreeMap::new();
    let shared: Vec<Vec<&FindingKey>> = by_issue.into_values().filter(|keys| keys.len() > 1).collect();
    // Groups that overlap become one; each pass carries the smallest key one step further.
    loop {
        let mut changed = false;
        for keys in &shared {
            let Some(least) = keys.iter().map(|key| first.get(key).copied().unwrap_or(key)).min() else {
                continue;
            };
            for key in keys {
                changed |= first.insert(key, least) != Some(least);
            }
        }
        if !changed {
            return first;
        }
    }
}

fn document(unreadable: &BTreeMap<FindingKey, String>, key: &FindingKey) -> Observed<()> {
    match unreadable.get(key) {
        Some(why) => Observed::unknown(why.clone()),
        None => Observed::Known(()),
    }
}

fn issue(looks: &BTreeMap<TrackerName, Look>, link: &Link) -> Observed<Issue> {
    let found = looks.get(&link.tracker).and_then(|look| look.issues.get(&link.issue.id));
    found.cloned().unwrap_or_else(|| Observed::unknown(format!("`{}` was not asked", link.tracker)))
}

/// Lost issues of a finding that were looked for.
fn lost<'a>(
    looks: &BTreeMap<TrackerName, Look>,
    tombstones: impl Iterator<Item = &'a Tombstone>,
) -> Vec<(Tombstone, TrackerName, Observed<Issue>)> {
    let found = |tombstone: &Tombstone| {
        looks.iter().find_map(|(name, look)| {
            let issue = look.lost.get(&tombstone.issue.id)?;
            Some((tombstone.clone(), name.clone(), issue.clone()))
        })
    };
    tombstones.filter_map(found).collect()
}

/// Every search for a finding's markers: a complete one is an answer, found or not.
fn marked(
    looks: &BTreeMap<TrackerName, Look>,
    finding: &FindingKey,
) -> BTreeMap<Marker, Observed<Vec<Issue>>> {
    let places = looks.values().flat_map(|look| look.places.values());
    places.filter_map(|place| place.marked.get(finding).cloned()).collect()
}

fn citation(ports: &Ports, looks: &BTreeMap<TrackerName, Look>, reference: &TrackerRef) -> Citation {
    let written = written(reference);
    match served(ports, reference) {
        None => Citation { written, tracker: None, issue: Observed::Missing },
        Some((name, key)) => {
            let found = looks.get(name).and_then(|look| look.cited.get(&key)).cloned();
            let issue = found.unwrap_or_else(|| Observed::unknown(format!("`{name}` was not asked")));
            Citation { written, tracker: Some(name.clone()), issue }
        }
    }
}

/// A reference for people to read.
fn written(reference: &TrackerRef) -> String {
    match reference {
        TrackerRef::Github { host: Some(host), repository, number } => {
            format!("https://{host}/{repository}/issues/{number}")
        }
        TrackerRef::PullRequest { host: Some(host), repository, number } => {
            format!("https://{host}/{repository}/pull/{number}")
        }
        TrackerRef::Github { host: None, repository, number }
        | TrackerRef::PullRequest { host: None, repository, number } => {
            format!("{repository}#{number}")
        }
        TrackerRef::Jira { host: Some(host), key } => format!("https://{host}/browse/{key}"),
        TrackerRef::Jira { host: None, key } => key.clone(),
        TrackerRef::Other { url } => url.clone(),
    }
}
