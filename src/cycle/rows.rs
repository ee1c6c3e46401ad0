//! Rows out of what was gathered: findings that share an issue belong together, everything else stands alone.

use std::collections::BTreeMap;

use super::{
    gather::{Scope, in_scope},
    look::Look,
    ports::Ports,
};
use crate::{
    model::{
        citation::CitationRecord,
        finding::Finding,
        ids::{FindingKey, Marker, TrackerName},
        issue::{Issue, IssueId},
        link::{Intent, Link, Tombstone},
        observed::Observed,
        postmortem::TrackerRef,
        register::Register,
    },
    plan::{
        cited::Followed,
        snapshot::{Citation, FindingRow, Row},
    },
};

/// The rows as the register holds them, in order of their first finding; nothing outside was looked at yet.
pub fn stored(ports: &Ports, register: &Register, scope: &Scope) -> Vec<Row> {
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
    let mut records: BTreeMap<&FindingKey, Vec<&CitationRecord>> = BTreeMap::new();
    for record in &register.citations {
        records.entry(&record.finding).or_default().push(record);
    }
    let groups = groups(register);
    let mut rows: BTreeMap<&FindingKey, Row> = BTreeMap::new();
    for finding in register.findings.values().filter(|finding| in_scope(scope, finding)) {
        let key = &finding.key;
        let linked = links.remove(key).unwrap_or_default();
        let tombstones = tombstones.remove(key).unwrap_or_default();
        let records = records.remove(key).unwrap_or_default();
        let followed = Followed { links: &linked, tombstones: &tombstones, citations: &records };
        let citations = unsettled(ports, finding, followed);
        let row = rows.entry(groups.get(key).copied().unwrap_or(key)).or_default();
        row.findings.push(FindingRow {
            finding: finding.clone(),
            document: Observed::Known(()),
            intents: intents.remove(key).unwrap_or_default(),
            edits: Vec::new(),
            citations,
            forgotten: false,
            tombstones,
            lost: Vec::new(),
            parts: register.parts(key).to_vec(),
            marked: BTreeMap::new(),
        });
        let unread = |link: &Link| Observed::unknown(format!("`{}` was not asked", link.tracker));
        row.links.extend(linked.into_iter().map(|link| (link.clone(), unread(link))));
    }
    rows.into_values().collect()
}

/// Puts what was read into the rows.
pub fn observe(
    rows: &mut [Row],
    unreadable: &BTreeMap<FindingKey, String>,
    looks: &BTreeMap<TrackerName, Look>,
) {
    let mut marked = marked(looks);
    for row in rows {
        for (link, issue) in &mut row.links {
            let found = looks.get(&link.tracker).and_then(|look| look.issues.get(&link.issue.id));
            if let Some(found) = found {
                issue.clone_from(found);
            }
        }
        for member in &mut row.findings {
            if let Some(why) = unreadable.get(&member.finding.key) {
                member.document = Observed::unknown(why.clone());
            }
            member.marked = marked.remove(&member.finding.key).unwrap_or_default();
            member.lost = lost(looks, &member.tombstones);
            for citation in &mut member.citations {
                let look = citation.tracker.as_ref().and_then(|tracker| looks.get(tracker));
                if let Some(found) = look.and_then(|look| look.cited.get(&citation.key)) {
                    citation.issue.clone_from(found);
                }
            }
        }
    }
}

/// Carries over what was read earlier in this cycle and is not read again: what citations and searches showed.
pub fn recall(rows: &mut [Row], before: &[Row]) {
    let known: BTreeMap<&FindingKey, &FindingRow> =
        before.iter().flat_map(|row| &row.findings).map(|member| (&member.finding.key, member)).collect();
    for member in rows.iter_mut().flat_map(|row| &mut row.findings) {
        let Some(was) = known.get(&member.finding.key) else { continue };
        member.marked.clone_from(&was.marked);
        for citation in &mut member.citations {
            if let Some(known) = was.citations.iter().find(|known| known.written == citation.written) {
                citation.issue.clone_from(&known.issue);
            }
        }
    }
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

/// Lost issues of a finding that were looked for.
fn lost(
    looks: &BTreeMap<TrackerName, Look>,
    tombstones: &[Tombstone],
) -> Vec<(Tombstone, TrackerName, Observed<Issue>)> {
    let found = |tombstone: &Tombstone| {
        looks.iter().find_map(|(name, look)| {
            let issue = look.lost.get(&tombstone.issue.id)?;
            Some((tombstone.clone(), name.clone(), issue.clone()))
        })
    };
    tombstones.iter().filter_map(found).collect()
}

/// Every search for the markers of findings: a complete one is an answer, found or not.
fn marked(
    looks: &BTreeMap<TrackerName, Look>,
) -> BTreeMap<&FindingKey, BTreeMap<Marker, Observed<Vec<Issue>>>> {
    let mut all: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    let places = looks.values().flat_map(|look| look.places.values());
    for (finding, (marker, found)) in places.flat_map(|place| &place.marked) {
        all.entry(finding).or_default().insert(marker.clone(), found.clone());
    }
    all
}

/// The citations of an unresolved finding that are not settled. Pull requests and other addresses are evidence.
fn unsettled(ports: &Ports, finding: &Finding, followed: Followed<'_>) -> Vec<Citation> {
    if !finding.state.is_unresolved() || finding.draft {
        return Vec::new();
    }
    let citations = finding.stated.trackers.iter().filter(|reference| reference.is_issue());
    let citations = citations.map(|reference| citation(ports, reference));
    citations
        .filter(|citation| {
            let served = citation.tracker.as_ref().map(|tracker| (tracker, citation.key.as_str()));
            !followed.settles(&citation.written, served)
        })
        .collect()
}

fn citation(ports: &Ports, reference: &TrackerRef) -> Citation {
    let written = reference.to_string();
    let mut served =
        ports.trackers.iter().filter_map(|(name, tracker)| Some((name, tracker.key_of(reference)?)));
    match served.next() {
        None => Citation { written, tracker: None, key: String::new(), issue: Observed::Missing },
        Some((name, key)) => {
            let issue = Observed::unknown(format!("`{name}` was not asked"));
            Citation { written, tracker: Some(name.clone()), key, issue }
        }
    }
}
