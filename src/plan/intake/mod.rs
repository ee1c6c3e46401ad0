//! Documents into the register: new findings enter it, changed ones are brought up to date, missing ones are flagged.
//!
//! An unchanged document never reverts a later decision, because each value is compared with the one last read from it.

pub mod altered;
mod class;
pub mod documents;
mod likeness;
pub mod lost;
mod missing;
mod origin;
mod refresh;
mod remark;
pub mod ruling;
pub mod waiting;
mod write_ups;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use self::{
    origin::{Moved, Placed},
    waiting::Reading,
    write_ups::WriteUps,
};
use super::{identity::Match, infer, linked::text};
use crate::{
    model::{
        deadline::Policy,
        document::DocumentKey,
        finding::{Claim, Claimant, Finding, Stated, Told},
        history::Entry,
        ids::{FindingKey, PostmortemId, SourceName},
        observed::Observed,
        people::People,
        postmortem::{Diagnostic, Document, DocumentFinding},
        terms::{Claimed, Severity, State},
        words::{Sealed, Words},
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
    /// Findings that documents list.
    pub listed: BTreeSet<FindingKey>,
    /// What became of each document that was taken in, by its name under the id that it states itself.
    pub taken: BTreeMap<DocumentKey, Taken>,
}

/// What became of a document that was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The write-up that it is.
    pub id: PostmortemId,
    /// How many of its candidates are findings of the register.
    pub recognised: usize,
    /// Whether nothing of it is recorded, because a row of it does not fit the history.
    pub held: bool,
}

impl Intake {
    /// How many candidates of a document are findings of the register; none where it was not taken in.
    pub fn recognised(&self, document: &Document) -> Option<usize> {
        self.taken.get(&DocumentKey::as_written(document)).map(|taken| taken.recognised)
    }
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
    take_in_beside(terms, register, listings, &BTreeSet::new(), |_| false)
}

/// The same, beside other documents that are these write-ups; with the sources of which any number of findings may vanish at once.
fn take_in_beside(
    terms: Terms<'_>,
    register: &BTreeMap<FindingKey, Finding>,
    listings: &[Listing],
    others: &BTreeSet<PostmortemId>,
    may_vanish: impl Fn(&SourceName) -> bool,
) -> Intake {
    let mut intake = Intake { findings: register.clone(), ..Intake::default() };
    let known = WriteUps::of(register);
    let mut origins = origin::settle(&known, listings, others);
    intake.diagnostics.append(&mut origins.diagnostics);
    for at in &origins.placed {
        let findings = known.findings(&at.postmortem.id);
        let listed = take_in_document(terms, findings, at, &mut intake);
        intake.listed.extend(listed);
    }
    let moved = origins.moved.iter().filter(|moved| is_news(moved, register, &intake));
    let moved: Vec<Entry> = moved.map(|moved| remark::moved(terms, moved)).collect();
    intake.entries.splice(0..0, moved);
    class::keep_new(register, &mut intake);
    let listed = intake.listed.clone();
    for listing in listings {
        let approved = may_vanish(&listing.source);
        missing::flag_missing(terms, listing, (&origins, &listed), approved, &mut intake);
    }
    missing::flag_orphans(terms, listings, &mut intake);
    end_waivers(terms, &mut intake);
    intake
}

/// Whether a finding is at another place now because its write-up moved. One whose items all wait for a person moves when they do.
fn is_news(moved: &Moved, before: &BTreeMap<FindingKey, Finding>, intake: &Intake) -> bool {
    let now = intake.changed.iter().filter_map(|key| intake.findings.get(key));
    let mut theirs = now.filter(|finding| finding.stated.postmortem == moved.id);
    theirs.any(|finding| {
        let stood = before.get(&finding.key).map(|before| &before.stated.path);
        finding.stated.path == moved.to && stood != Some(&moved.to)
    })
}

/// What the clock alone makes of findings, while their documents say what they said before.
pub fn by_clock(terms: Terms<'_>, findings: &BTreeMap<FindingKey, Finding>) -> Intake {
    let mut intake = Intake { findings: findings.clone(), ..Intake::default() };
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

/// A document by its source and path.
type Listed<'a> = (&'a SourceName, &'a str);

/// Takes in one document; returns the keys that it lists.
fn take_in_document(
    terms: Terms<'_>,
    known: &[&Finding],
    at: &Placed<'_>,
    intake: &mut Intake,
) -> Vec<FindingKey> {
    let reading = Reading::of(&at.postmortem, known);
    let mut listed = Vec::new();
    let mut recognised = 0;
    for (item, found) in reading.items {
        let key = match found {
            Match::New { key, .. } if intake.findings.contains_key(&key) => {
                intake.diagnostics.push(remark::key_taken(at.document, item, &key));
                key
            }
            Match::New { key, allocated } => {
                enter_new(terms, at, item, &key, allocated, intake);
                key
            }
            Match::Known(key) => {
                refresh::refresh(terms, at, item, &key, intake);
                key
            }
            Match::Perhaps(key) => {
                let candidate = waiting::candidate_key(&at.postmortem.id, &item.title);
                intake.diagnostics.push(remark::similar(at.document, item, &key, &candidate));
                key
            }
        };
        listed.push(key);
    }
    for (candidate, item, found) in reading.candidates {
        match found {
            Match::New { .. } => {}
            Match::Known(key) => {
                refresh::refresh(terms, at, &item, &key, intake);
                recognised += 1;
                listed.push(key);
            }
            Match::Perhaps(key) => {
                let known_as = waiting::candidate_key(&at.postmortem.id, &candidate.text);
                intake.diagnostics.push(remark::similar(at.document, &item, &key, &known_as));
                listed.push(key);
            }
        }
    }
    let taken = Taken { id: at.postmortem.id.clone(), recognised, held: false };
    intake.taken.insert(DocumentKey::as_written(at.document), taken);
    listed
}

/// Takes in what the register did not know.
fn enter_new(
    terms: Terms<'_>,
    at: &Placed<'_>,
    item: &DocumentFinding,
    key: &FindingKey,
    allocated: bool,
    intake: &mut Intake,
) {
    let (finding, mut warnings) = enter(terms, at, item, key.clone(), allocated);
    let title = Some(finding.stated.words_inside().title.clone());
    let why = match terms.people.by_default_of(&finding) {
        Some(team) => {
            format!("first seen in its document; {} owns what names only {team}", text(&finding.owner))
        }
        None => "first seen in its document".to_owned(),
    };
    intake.entries.push(entry(terms, key, "finding_entered", None, title, &why));
    intake.diagnostics.append(&mut warnings);
    intake.findings.insert(key.clone(), finding);
    intake.changed.insert(key.clone());
}

/// What the document states, with what the source adds.
fn stated(at: &Placed<'_>, item: &DocumentFinding) -> Stated {
    let postmortem = &at.postmortem;
    Stated {
        postmortem: postmortem.id.clone(),
        postmortem_derived: postmortem.id_derived,
        postmortem_url: postmortem.url.clone(),
        source: at.listing.source.clone(),
        path: at.document.path.clone(),
        line: item.line,
        tlp: item.tlp(postmortem.tlp),
        read_tlp: None,
        kind: infer::kind(item),
        kind_inferred: item.kind.is_none() && item.hints.kind.is_some(),
        priority: item.priority,
        severity: item.severity.or(postmortem.severity),
        severity_unclear: match item.severity {
            Some(_) => item.severity_unclear.clone(),
            None => postmortem.severity_unclear.clone(),
        },
        owner: item.owner.clone(),
        team: item.team.clone().or_else(|| at.listing.team.clone()),
        due: item.due,
        trackers: item.trackers.clone(),
        target: item.target.clone(),
        labels: item.labels.clone(),
        claimed: item.claimed,
        reviewers: postmortem.reviewers.clone(),
        authors: postmortem.authors.clone(),
        words: Sealed::from(Words {
            postmortem_title: postmortem.title.clone(),
            title: item.title.clone(),
            description: item.description.clone(),
            criteria: item.criteria.clone(),
        }),
    }
}

/// A finding at first sight, with what is odd about its dates.
fn enter(
    terms: Terms<'_>,
    at: &Placed<'_>,
    item: &DocumentFinding,
    key: FindingKey,
    allocated: bool,
) -> (Finding, Vec<Diagnostic>) {
    let stated = stated(at, item);
    let severity = stated.severity.unwrap_or(Severity::Medium);
    let (clock, warnings) =
        clock::start(terms.policy, severity, at.postmortem.published, terms.now, item.due);
    let warnings = warnings.iter().map(|warning| remark::late(at.document, item, warning)).collect();
    let class = infer::class(item);
    let (state, claim) = match item.claimed {
        Claimed::None => (State::Open, None),
        Claimed::InProgress => (State::InProgress, None),
        Claimed::Done => (State::PendingVerification, Some(Claim { at: terms.now, by: Claimant::Document })),
    };
    let finding = Finding {
        key,
        allocated,
        class,
        class_inferred: item.class.is_none(),
        work: infer::work(item),
        work_inferred: item.work.is_none(),
        route: item.route.unwrap_or_else(|| class.default_route()),
        severity,
        severity_assumed: stated.severity.is_none(),
        state,
        owner: terms.people.owner_stated(stated.owner.as_deref(), stated.team.as_deref()).owner,
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
        pending_comment_since: None,
        failed_creates: None,
        rulings: BTreeMap::new(),
        told: Told::default(),
        episode: 0,
        first_seen: terms.now,
        changed: terms.now,
    };
    (finding, warnings)
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
        known_by: None,
        field: None,
        before,
        after,
        why: why.to_owned(),
    }
}
