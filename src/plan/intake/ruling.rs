//! What people decide about what waits: a candidate is a finding, an item is a known finding in other words, and findings
//! that vanished at once are really gone.
//!
//! Each decision either returns what changes, or says why not and what to do. It is held against the documents as they are
//! now, because that is what the person saw.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use super::{
    Intake, Listing, Terms,
    class::{self, Kept},
    enter, entry,
    origin::{self, Placed},
    refresh::refresh,
    take_in, take_in_beside,
    waiting::{Asked, Reading, accepted, asked, key},
    write_ups::WriteUps,
};
use crate::{
    model::{
        finding::{Finding, Ruled},
        history::Entry,
        ids::{CandidateKey, FindingKey, PersonId, PostmortemId, SourceName},
        postmortem::DocumentFinding,
        terms::State,
    },
    plan::identity::{Match, next_key},
};

type Register = BTreeMap<FindingKey, Finding>;

/// What a decision changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ruling {
    /// Findings as they become.
    pub findings: Vec<Finding>,
    /// What the history says about it.
    pub entries: Vec<Entry>,
}

/// Why a decision was not taken. Nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotRuled {
    /// Nothing of that name waits.
    #[error("nothing called {0} waits for a person; `intake list --candidates` shows what does")]
    NotWaiting(String),
    /// It is a finding by now.
    #[error("{candidate} was accepted before and is {finding}")]
    Accepted {
        /// What it was called.
        candidate: String,
        /// What it is called.
        finding: FindingKey,
    },
    /// The register has no such finding.
    #[error("the register has no finding {0}")]
    Unknown(FindingKey),
    /// The id that the document gives it is taken.
    #[error("its document calls it {0}, which another finding is already; give it an id of its own")]
    Taken(FindingKey),
    /// The finding is one that was linked with another before.
    #[error("{finding} was linked with {with} before; name {with} instead")]
    Linked {
        /// The finding.
        finding: FindingKey,
        /// What it is.
        with: FindingKey,
    },
    /// Both names are the same finding.
    #[error("both names are {0}")]
    Same(FindingKey),
    /// The finding is in its document, so nothing else can be it.
    #[error(
        "{finding} is still on line {line} of {path}; an item can only be a finding that its document lost"
    )]
    Listed {
        /// The finding.
        finding: FindingKey,
        /// Its document.
        path: String,
        /// Where it is there.
        line: usize,
    },
    /// They belong to different write-ups.
    #[error(
        "{finding} belongs to the write-up {postmortem}; write `id: {postmortem}` into the front matter of {path} first, \
         if that is its document now"
    )]
    Elsewhere {
        /// The finding.
        finding: FindingKey,
        /// Its write-up.
        postmortem: PostmortemId,
        /// Where the other one is.
        path: String,
    },
    /// Nothing is held.
    #[error("nothing of the source `{0}` is held: no more vanished than a cycle takes by itself")]
    NothingHeld(SourceName),
    /// No class of that write-up waits.
    #[error(
        "the register keeps no class of {0} stricter than its document says; there is nothing to approve"
    )]
    NothingLaxer(PostmortemId),
    /// They may not make anything laxer.
    #[error("{0} may not approve a laxer class; ask a reviewer, or mark {0} as reviewer in people.yaml")]
    NotReviewer(PersonId),
}

/// A candidate, or an item that may be a known finding, becomes a finding of its own.
///
/// # Errors
/// Nothing of that name waits, or its own id is taken.
pub fn accept(
    terms: Terms<'_>,
    register: &Register,
    listings: &[Listing],
    candidate: &CandidateKey,
    by: &PersonId,
) -> Result<Ruling, NotRuled> {
    let known = WriteUps::of(register);
    for at in &origin::settle(&known, listings, &BTreeSet::new()).placed {
        let findings = known.findings(&at.postmortem.id);
        let reading = Reading::of(&at.postmortem, findings);
        let asked = asked(at, &reading);
        let Some(found) = asked.iter().find(|asked| asked.waiting.key == *candidate) else { continue };
        let matches: Vec<&Match> = reading.items.iter().map(|(_, found)| found).collect();
        let key = match &found.item.id {
            Some(id) => FindingKey::of(&at.postmortem.id, id),
            None => next_key(&at.postmortem.id, findings, &matches),
        };
        if register.contains_key(&key) {
            return Err(NotRuled::Taken(key));
        }
        let (mut finding, _) = enter(terms, at, found.item, key.clone(), found.item.id.is_none());
        let intake = take_in(terms, register, listings);
        Kept::within(register, &intake.findings, &intake.listed).keep(&mut finding);
        finding.told.accepted = Some(by.clone());
        finding.told.candidate = Some(found.waiting.key.clone());
        let why = format!("{candidate} on line {} of {}", found.waiting.line, found.waiting.path);
        let title = Some(finding.stated.words_inside().title.clone());
        let entry =
            Entry { actor: by.to_string(), ..entry(terms, &key, "candidate_accepted", None, title, &why) };
        return Ok(Ruling { findings: vec![finding], entries: vec![entry] });
    }
    let candidate = candidate.to_string();
    Err(match accepted(register, &candidate).map(|finding| finding.key.clone()) {
        Some(finding) => NotRuled::Accepted { candidate, finding },
        None => NotRuled::NotWaiting(candidate),
    })
}

/// A known finding is what its document now says in other words: it keeps its key, its clock and its issues.
///
/// `new` is what waits, or a finding that the register took for another one; that one is dismissed.
///
/// # Errors
/// One of them is not there, they belong to different write-ups, or the finding is still in its document.
pub fn link(
    terms: Terms<'_>,
    register: &Register,
    listings: &[Listing],
    old: &FindingKey,
    new: &str,
    by: &PersonId,
) -> Result<Ruling, NotRuled> {
    let finding = register.get(old).ok_or_else(|| NotRuled::Unknown(old.clone()))?;
    if let Some(with) = &finding.told.same_as {
        return Err(NotRuled::Linked { finding: old.clone(), with: with.clone() });
    }
    if old.as_str() == new {
        return Err(NotRuled::Same(old.clone()));
    }
    let known = WriteUps::of(register);
    for at in &origin::settle(&known, listings, &BTreeSet::new()).placed {
        let reading = Reading::of(&at.postmortem, known.findings(&at.postmortem.id));
        let Some(item) = named(at, &reading, new) else { continue };
        if at.postmortem.id != finding.stated.postmortem {
            let (postmortem, path) = (finding.stated.postmortem.clone(), at.document.path.clone());
            return Err(NotRuled::Elsewhere { finding: old.clone(), postmortem, path });
        }
        if let Some(line) = line_of(&reading, old) {
            let path = at.document.path.clone();
            return Err(NotRuled::Listed { finding: old.clone(), path, line });
        }
        return Ok(linked(terms, at, &item, (finding, register.get(&FindingKey::new(new))), (new, by)));
    }
    if let Some(other) = accepted(register, new).filter(|other| other.key.as_str() != new) {
        return link(terms, register, listings, old, other.key.as_str(), by);
    }
    Err(NotRuled::NotWaiting(new.to_owned()))
}

/// What a document says under a name: the name of what waits, or the key of the finding it was taken for.
fn named(at: &Placed<'_>, reading: &Reading<'_>, name: &str) -> Option<DocumentFinding> {
    let called = |found: &Match| !matches!(found, Match::Perhaps(_)) && key(found).as_str() == name;
    let items = reading.items.iter().map(|(item, found)| (*item, found));
    let candidates = reading.candidates.iter().filter(|(_, _, found)| !matches!(found, Match::New { .. }));
    let all = items.chain(candidates.map(|(_, item, found)| (item, found)));
    let known = all.into_iter().find(|(_, found)| called(found)).map(|(item, _)| item.clone());
    let waits = |asked: &Asked<'_>| (asked.waiting.key.as_str() == name).then(|| asked.item.clone());
    known.or_else(|| asked(at, reading).iter().find_map(waits))
}

/// Where a document still says a finding.
fn line_of(reading: &Reading<'_>, finding: &FindingKey) -> Option<usize> {
    let is = |found: &Match| matches!(found, Match::Known(key) if key == finding);
    let items = reading.items.iter().map(|(item, found)| (item.line, found));
    let candidates = reading.candidates.iter().map(|(_, item, found)| (item.line, found));
    items.chain(candidates).find(|(_, found)| is(found)).map(|(line, _)| line)
}

/// The old finding with what its document says now, and the one that was taken for another dismissed.
fn linked(
    terms: Terms<'_>,
    at: &Placed<'_>,
    item: &DocumentFinding,
    (old, other): (&Finding, Option<&Finding>),
    (new, by): (&str, &PersonId),
) -> Ruling {
    let mut told = old.clone();
    told.told.aliases.extend(item.id.clone().filter(|id| id != old.key.local()));
    if let Some(other) = other {
        told.told.aliases.extend(other.told.aliases.iter().cloned());
        told.told.accepted = told.told.accepted.or_else(|| other.told.accepted.clone());
        if other.stated.tlp > told.stated.tlp {
            let read = told.read_tlp();
            told.told.tlp = other.told.tlp;
            class::put(&mut told, other.stated.tlp, read);
        }
    }
    if other.is_none() {
        told.told.candidate = Some(CandidateKey::new(new));
    }
    told.changed = terms.now;
    let mut intake = Intake { findings: BTreeMap::from([(old.key.clone(), told)]), ..Intake::default() };
    refresh(terms, at, item, &old.key, &mut intake);
    let why = format!("it is what line {} of {} says", item.line, at.document.path);
    let (before, after) = (Some(old.stated.words_inside().title.clone()), Some(item.title.clone()));
    intake.entries.insert(0, entry(terms, &old.key, "finding_linked", before, after, &why));
    if let Some(other) = other {
        let why = format!("it is {} in other words", old.key);
        let state = (other.state.to_string(), State::Dismissed.to_string());
        let mut ended = entry(terms, &other.key, "finding_dismissed", Some(state.0), Some(state.1), &why);
        ended.field = Some("state".to_owned());
        intake.entries.push(ended);
        intake.findings.insert(other.key.clone(), superseded(terms, other, &old.key, why));
    }
    for entry in &mut intake.entries {
        entry.actor = by.to_string();
    }
    Ruling { findings: intake.findings.into_values().collect(), entries: intake.entries }
}

fn superseded(terms: Terms<'_>, other: &Finding, by: &FindingKey, why: String) -> Finding {
    let mut ended = other.clone();
    ended.state = State::Dismissed;
    ended.dismissed = Some(why);
    ended.source_missing = true;
    ended.told.same_as = Some(by.clone());
    ended.changed = terms.now;
    ended
}

/// What vanished from a source at once is really gone: it is flagged, as if it had gone one by one.
///
/// # Errors
/// Nothing of that source is held.
pub fn approve(
    terms: Terms<'_>,
    register: &Register,
    listings: &[Listing],
    source: &SourceName,
    by: &PersonId,
) -> Result<Ruling, NotRuled> {
    let held = take_in(terms, register, listings);
    let approved = take_in_beside(terms, register, listings, &BTreeSet::new(), |named| named == source);
    let gone = |intake: &Intake, key: &FindingKey| {
        intake.findings.get(key).is_some_and(|finding| finding.source_missing)
    };
    let newly: Vec<FindingKey> =
        register.keys().filter(|key| gone(&approved, key) && !gone(&held, key)).cloned().collect();
    if newly.is_empty() {
        return Err(NotRuled::NothingHeld(source.clone()));
    }
    let mut ruling = Ruling::default();
    for key in newly {
        let Some(finding) = register.get(&key) else { continue };
        let why = format!("{by} confirmed that {} no longer lists it", finding.stated.path);
        let entry = Entry { actor: by.to_string(), ..entry(terms, &key, "source_missing", None, None, &why) };
        let finding = Finding { source_missing: true, changed: terms.now, ..finding.clone() };
        ruling.findings.push(finding);
        ruling.entries.push(entry);
    }
    Ok(ruling)
}

/// A whole write-up is as lax as its document says now.
///
/// # Errors
/// They are no reviewer, or nothing of it waits.
pub fn approve_class(
    terms: Terms<'_>,
    register: &Register,
    listings: &[Listing],
    write_up: &PostmortemId,
    by: &PersonId,
) -> Result<Ruling, NotRuled> {
    if !terms.people.0.get(by).is_some_and(|person| person.reviewer) {
        return Err(NotRuled::NotReviewer(by.clone()));
    }
    let intake = take_in(terms, register, listings);
    let mut ruling = Ruling::default();
    for now in intake.findings.values().filter(|finding| finding.stated.postmortem == *write_up) {
        let Some(before) = register.get(&now.key) else { continue };
        let gone = !intake.listed.contains(&now.key) && now.told.same_as.is_none();
        let mut after = before.clone();
        match now.laxer() {
            Some(read) => class::put(&mut after, read, read),
            // What the document no longer lists keeps its class, and makes nothing else stricter any more.
            None if gone && now.told.tlp.is_none() => {}
            None => continue,
        }
        after.told.tlp = Some(Ruled { tlp: after.stated.tlp, read: after.read_tlp() });
        after.changed = terms.now;
        let why = format!("{by} approved what {} says", now.stated.path);
        let (was, is) = (before.stated.tlp.to_string(), after.stated.tlp.to_string());
        let mut entry = entry(terms, &now.key, "class_approved", Some(was), Some(is), &why);
        (entry.actor, entry.field) = (by.to_string(), Some("tlp".to_owned()));
        ruling.findings.push(after);
        ruling.entries.push(entry);
    }
    if ruling.findings.is_empty() {
        return Err(NotRuled::NothingLaxer(write_up.clone()));
    }
    Ok(ruling)
}
