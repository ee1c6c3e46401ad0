//! Documents into the register: new findings enter it, changed ones are brought up to date, missing ones are flagged.
//!
//! An unchanged document never reverts a later decision, because each value is compared with the one last read from it.

mod missing;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::{
    identity::{Match, identify},
    infer,
};
use crate::{
    model::{
        deadline::Policy,
        finding::{Claim, Claimant, Finding, Stated},
        history::Entry,
        ids::{FindingKey, PostmortemId, SourceName},
        observed::Observed,
        people::People,
        postmortem::{Diagnostic, Document, DocumentFinding, Level, Postmortem},
        terms::{Claimed, Severity, State},
    },
    review::{clock, transition},
};

/// What one source listed.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The source.
    pub source: SourceName,
    /// Team of findings whose document names none.
    pub team: Option<String>,
    /// Its documents; unknown when they could not be listed.
    pub documents: Observed<Vec<Document>>,
}

/// What intake came to.
#[derive(Clone, Debug, Default)]
pub struct Intake {
    /// Every finding of the register as it becomes.
    pub findings: BTreeMap<FindingKey, Finding>,
    /// Keys of the findings that are new or changed.
    pub changed: BTreeSet<FindingKey>,
    /// Findings whose document could not be read, with the reason.
    pub unreadable: BTreeMap<FindingKey, String>,
    /// What the history says about it.
    pub entries: Vec<Entry>,
    /// What was noticed across documents.
    pub diagnostics: Vec<Diagnostic>,
}

/// What intake is measured against.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// Who is who.
    pub people: &'a People,
    /// Deadlines.
    pub policy: &'a Policy,
    /// The cycle's instant.
    pub now: DateTime<Utc>,
}

/// Brings the register up to date with what the sources list.
pub fn take_in(terms: Terms<'_>, register: &BTreeMap<FindingKey, Finding>, listings: &[Listing]) -> Intake {
    let mut intake = Intake { findings: register.clone(), ..Intake::default() };
    let twice = claimed_twice(listings);
    let mut listed: BTreeSet<FindingKey> = BTreeSet::new();
    for listing in listings {
        let documents = match &listing.documents {
            Observed::Known(documents) => documents.as_slice(),
            Observed::Missing | Observed::Unknown { .. } => &[],
        };
        for document in documents {
            let Observed::Known(postmortem) = &document.postmortem else { continue };
            if let Some(others) = twice.get(&postmortem.id) {
                intake.diagnostics.push(id_taken(document, postmortem, others));
                continue;
            }
            let at = Place { listing, document, postmortem };
            for key in take_in_document(terms, register, &at, &mut intake) {
                listed.insert(key);
            }
        }
    }
    for listing in listings {
        missing::flag_missing(terms, listing, &twice, &listed, &mut intake);
    }
    missing::flag_orphans(terms, listings, &mut intake);
    end_waivers(terms, &mut intake);
    intake
}

/// Accepted risks whose waiver has ended are open again.
fn end_waivers(terms: Terms<'_>, intake: &mut Intake) {
    let ended: Vec<_> = intake
        .findings
        .values()
        .filter_map(|finding| transition::waiver_expired(terms.policy, finding, terms.now))
        .collect();
    for step in ended {
        intake.entries.push(step.entry(terms.now, "", "worker"));
        intake.changed.insert(step.finding.key.clone());
        intake.findings.insert(step.finding.key.clone(), step.finding);
    }
}

/// A document within its listing.
struct Place<'a> {
    listing: &'a Listing,
    document: &'a Document,
    postmortem: &'a Postmortem,
}

/// Postmortem ids that more than one document uses, with the documents: nobody can tell which one is meant.
fn claimed_twice(listings: &[Listing]) -> BTreeMap<&PostmortemId, Vec<&str>> {
    let mut uses: BTreeMap<&PostmortemId, Vec<&str>> = BTreeMap::new();
    for document in listings.iter().filter_map(|listing| listing.documents.known()).flatten() {
        if let Observed::Known(postmortem) = &document.postmortem {
            uses.entry(&postmortem.id).or_default().push(&document.path);
        }
    }
    uses.retain(|_, paths| paths.len() > 1);
    uses
}

fn id_taken(document: &Document, postmortem: &Postmortem, others: &[&str]) -> Diagnostic {
    let others: Vec<&str> = others.iter().copied().filter(|path| *path != document.path).collect();
    Diagnostic {
        path: document.path.clone(),
        line: 0,
        column: 0,
        level: Level::Error,
        code: "duplicate_postmortem".to_owned(),
        message: format!("the postmortem id `{}` is also used by {}", postmortem.id, others.join(", ")),
        help: Some("give each write-up an `id` of its own; until then none of them is used".to_owned()),
    }
}

/// Takes in one document; returns the keys that it lists.
fn take_in_document(
    terms: Terms<'_>,
    register: &BTreeMap<FindingKey, Finding>,
    at: &Place<'_>,
    intake: &mut Intake,
) -> Vec<FindingKey> {
    let known: Vec<&Finding> =
        register.values().filter(|finding| finding.stated.postmortem == at.postmortem.id).collect();
    let matches = identify(&at.postmortem.id, &at.postmortem.findings, &known);
    let mut listed = Vec::new();
    for (item, found) in at.postmortem.findings.iter().zip(matches) {
        let key = match found {
            Match::New { key, allocated } => {
                let finding = enter(terms, at, item, key.clone(), allocated, intake);
                let title = finding.stated.title.clone();
                intake.entries.push(entry(
                    terms,
                    &key,
                    "finding_entered",
                    None,
                    Some(title),
                    "first seen in its document",
                ));
                intake.findings.insert(key.clone(), finding);
                intake.changed.insert(key.clone());
                key
            }
            Match::Known(key) => {
                refresh(terms, at, item, &key, intake);
                key
            }
            Match::Perhaps(key) => {
                intake.diagnostics.push(similar(at.document, item, &key));
                key
            }
        };
        listed.push(key);
    }
    listed
}

fn similar(document: &Document, item: &DocumentFinding, key: &FindingKey) -> Diagnostic {
    Diagnostic {
        path: document.path.clone(),
        line: item.line,
        column: 0,
        level: Level::Warning,
        code: "similar_match_needs_confirmation".to_owned(),
        message: format!(
            "`{}` may be {key} reworded, or something new; nothing is created or changed for it",
            item.title
        ),
        help: Some(format!(
            "write `<!-- finding: {} -->` into the item if it is the same, or a new id if it is not",
            key.local()
        )),
    }
}

/// What the document states, with what the source adds.
fn stated(at: &Place<'_>, item: &DocumentFinding) -> Stated {
    let postmortem = at.postmortem;
    Stated {
        postmortem: postmortem.id.clone(),
        postmortem_title: postmortem.title.clone(),
        postmortem_url: postmortem.url.clone(),
        source: at.listing.source.clone(),
        path: at.document.path.clone(),
        line: item.line,
        tlp: postmortem.tlp,
        title: item.title.clone(),
        description: item.description.clone(),
        kind: item.kind,
        priority: item.priority,
        severity: item.severity.or(postmortem.severity),
        owner: item.owner.clone(),
        team: item.team.clone().or_else(|| at.listing.team.clone()),
        due: item.due,
        criteria: item.criteria.clone(),
        trackers: item.trackers.clone(),
        target: item.target.clone(),
        labels: item.labels.clone(),
        claimed: item.claimed,
        reviewers: postmortem.reviewers.clone(),
    }
}

/// A finding at first sight.
fn enter(
    terms: Terms<'_>,
    at: &Place<'_>,
    item: &DocumentFinding,
    key: FindingKey,
    allocated: bool,
    intake: &mut Intake,
) -> Finding {
    let stated = stated(at, item);
    let severity = stated.severity.unwrap_or(Severity::Medium);
    let (clock, warnings) =
        clock::start(terms.policy, severity, at.postmortem.published, terms.now, item.due);
    intake.diagnostics.extend(warnings.iter().map(|warning| late(at.document, item, warning)));
    let class = item.class.unwrap_or_else(|| infer::class(&item.title));
    let (state, claim) = match item.claimed {
        Claimed::None => (State::Open, None),
        Claimed::InProgress => (State::InProgress, None),
        Claimed::Done => (State::PendingVerification, Some(Claim { at: terms.now, by: Claimant::Document })),
    };
    Finding {
        key,
        allocated,
        class,
        class_inferred: item.class.is_none(),
        work: item.work.unwrap_or_else(|| infer::work(item.kind)),
        work_inferred: item.work.is_none(),
        route: item.route.unwrap_or_else(|| class.default_route()),
        severity,
        severity_assumed: stated.severity.is_none(),
        state,
        owner: terms.people.owner_written(stated.owner.as_deref().unwrap_or("")),
        stated,
        clock,
        claim,
        resolution: None,
        declined_upstream: false,
        source_missing: false,
        draft: at.postmortem.draft,
        last_review: None,
        rejections: 0,
        waiver: None,
        dismissed: None,
        pending_comment: None,
        first_seen: terms.now,
        changed: terms.now,
    }
}

fn late(document: &Document, item: &DocumentFinding, warning: &clock::Warning) -> Diagnostic {
    Diagnostic {
        path: document.path.clone(),
        line: item.line,
        column: 0,
        level: Level::Warning,
        code: "deadline_after_policy".to_owned(),
        message: format!("`{}`: {warning}", item.title),
        help: None,
    }
}

/// Brings a known finding up to date with its document.
fn refresh(terms: Terms<'_>, at: &Place<'_>, item: &DocumentFinding, key: &FindingKey, intake: &mut Intake) {
    let Some(before) = intake.findings.get(key) else { return };
    let now_stated = stated(at, item);
    let mut after = before.clone();
    after.stated = now_stated;
    after.source_missing = false;
    after.draft = at.postmortem.draft;
    take_terms(terms, item, before, &mut after);
    take_owner_and_claim(terms, before, &mut after);
    // A finding that only moved within its file is the same finding: no row is written for a line number alone.
    let mut moved = before.clone();
    moved.stated.line = after.stated.line;
    if moved == after {
        return;
    }
    after.changed = terms.now;
    let entries = differences(terms, before, &after);
    intake.entries.extend(entries);
    intake.changed.insert(key.clone());
    intake.findings.insert(key.clone(), after);
}

/// Class, work, route, severity and deadline follow the document; the anchor does not move.
fn take_terms(terms: Terms<'_>, item: &DocumentFinding, before: &Finding, after: &mut Finding) {
    after.class = item.class.unwrap_or_else(|| infer::class(&item.title));
    after.class_inferred = item.class.is_none();
    after.work = item.work.unwrap_or_else(|| infer::work(item.kind));
    after.work_inferred = item.work.is_none();
    after.route = item.route.unwrap_or_else(|| after.class.default_route());
    after.severity = after.stated.severity.unwrap_or(Severity::Medium);
    after.severity_assumed = after.stated.severity.is_none();
    if after.severity != before.severity || after.stated.due != before.stated.due {
        after.clock =
            clock::reclassified(terms.policy, &before.clock, after.severity, after.stated.due, terms.now);
    }
}

/// Owner and claim are taken only when the document's own value changed since it was last read.
fn take_owner_and_claim(terms: Terms<'_>, before: &Finding, after: &mut Finding) {
    if after.stated.owner != before.stated.owner {
        after.owner = terms.people.owner_written(after.stated.owner.as_deref().unwrap_or(""));
    }
    if after.stated.claimed == before.stated.claimed {
        return;
    }
    match after.stated.claimed {
        Claimed::Done if after.state.is_running() => {
            after.state = State::PendingVerification;
            after.claim = Some(Claim { at: terms.now, by: Claimant::Document });
        }
        Claimed::InProgress if after.state == State::Open => after.state = State::InProgress,
        Claimed::Done | Claimed::InProgress | Claimed::None => {}
    }
}

/// One entry for each thing that a document changed.
fn differences(terms: Terms<'_>, before: &Finding, after: &Finding) -> Vec<Entry> {
    let due = |finding: &Finding| finding.clock.due.map_or("none".to_owned(), |due| due.to_string());
    let fields = [
        ("title", before.stated.title.clone(), after.stated.title.clone()),
        ("severity", before.severity.to_string(), after.severity.to_string()),
        ("class", before.class.to_string(), after.class.to_string()),
        ("route", before.route.to_string(), after.route.to_string()),
        ("owner", super::linked::text(&before.owner), super::linked::text(&after.owner)),
        ("state", before.state.to_string(), after.state.to_string()),
        ("due date", due(before), due(after)),
        ("tlp", before.stated.tlp.to_string(), after.stated.tlp.to_string()),
        ("document", before.stated.path.clone(), after.stated.path.clone()),
    ];
    let mut entries: Vec<Entry> = fields
        .into_iter()
        .filter(|(_, before, after)| before != after)
        .map(|(field, was, is)| {
            let mut entry =
                entry(terms, &after.key, "document_changed", Some(was), Some(is), "its document changed");
            entry.field = Some(field.to_owned());
            entry
        })
        .collect();
    if entries.is_empty() {
        entries.push(entry(terms, &after.key, "document_changed", None, None, "its document changed"));
    }
    entries
}

fn entry(
    terms: Terms<'_>,
    key: &FindingKey,
    event: &str,
    before: Option<String>,
    after: Option<String>,
    why: &str,
) -> Entry {
    Entry {
        at: terms.now,
        cycle: String::new(),
        event: event.to_owned(),
        finding: Some(key.clone()),
        issue: None,
        actor: "worker".to_owned(),
        field: None,
        before,
        after,
        why: why.to_owned(),
    }
}
