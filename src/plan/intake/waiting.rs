//! What waits for a person: candidates, and items that may be a known finding in other words.
//!
//! Knows what each is called, so that a person can name it. What they decide is in `ruling`.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::{
    Listing,
    origin::{self, Placed},
    write_ups::WriteUps,
};
use crate::{
    model::{
        finding::Finding,
        ids::{CandidateKey, FindingKey, PostmortemId, SourceName},
        postmortem::{Candidate, DocumentFinding, Hints, Postmortem},
        terms::Claimed,
    },
    plan::identity::{Match, identify, normalised},
};

/// Longest title of an accepted candidate, in characters; all of its text is its description then.
const LONGEST_TITLE: usize = 200;
/// Digits of a candidate's digest: 32 bits are enough to tell the texts of one write-up apart.
const DIGITS: usize = 8;
/// The reason why an item waits that may be a known finding.
const SIMILAR: &str = "similar_match_needs_confirmation";

/// Something that a person should accept, link, or leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// What it is called: stays the same as long as its words do.
    pub key: CandidateKey,
    /// The source that lists its document.
    pub source: SourceName,
    /// Path of its document.
    pub path: String,
    /// Line it starts on, from 1.
    pub line: usize,
    /// What it says.
    pub text: String,
    /// Why it waits: a stable code such as `prose_candidate`.
    pub reason: String,
    /// The finding that it may be.
    pub perhaps: Option<FindingKey>,
}

/// Everything that waits in what the sources list, in the order of source, path and line.
pub fn waiting(register: &BTreeMap<FindingKey, Finding>, listings: &[Listing]) -> Vec<Waiting> {
    let known = WriteUps::of(register);
    let mut all = Vec::new();
    for at in &origin::settle(&known, listings, &BTreeSet::new()).placed {
        let reading = Reading::of(&at.postmortem, known.findings(&at.postmortem.id));
        all.extend(asked(at, &reading).into_iter().map(|asked| asked.waiting));
    }
    all.sort_by(|a, b| (&a.source, &a.path, a.line, &a.key).cmp(&(&b.source, &b.path, b.line, &b.key)));
    all
}

/// What is said in a document, and which finding each of it is.
pub(super) struct Reading<'a> {
    /// Its findings.
    pub(super) items: Vec<(&'a DocumentFinding, Match)>,
    /// Its candidates, as the findings they would be. One that matches nothing stays a candidate.
    pub(super) candidates: Vec<(&'a Candidate, DocumentFinding, Match)>,
}

impl<'a> Reading<'a> {
    /// Matches what a write-up says with its findings in the register: items first, then candidates with what is left.
    pub(super) fn of(postmortem: &'a Postmortem, known: &[&Finding]) -> Self {
        let matches = identify(&postmortem.id, &postmortem.findings, known);
        let taken = |finding: &&&Finding| !matches.iter().any(|found| key(found) == &finding.key);
        let would_be: Vec<DocumentFinding> =
            postmortem.candidates.iter().map(|candidate| as_finding(postmortem, candidate)).collect();
        let rest = match would_be.as_slice() {
            [] => Vec::new(),
            asked => {
                let free: Vec<&Finding> = known.iter().filter(taken).copied().collect();
                identify(&postmortem.id, asked, &free)
            }
        };
        let candidates = postmortem.candidates.iter().zip(would_be).zip(rest);
        Self {
            items: postmortem.findings.iter().zip(matches).collect(),
            candidates: candidates.map(|((candidate, item), found)| (candidate, item, found)).collect(),
        }
    }
}

/// The finding that a match names.
pub(super) fn key(found: &Match) -> &FindingKey {
    match found {
        Match::Known(key) | Match::Perhaps(key) | Match::New { key, .. } => key,
    }
}

/// Something that waits, with the finding it would be.
pub(super) struct Asked<'a> {
    /// What a person sees of it.
    pub(super) waiting: Waiting,
    /// What it would be.
    pub(super) item: &'a DocumentFinding,
}

/// What waits in a document. Texts that are the same get numbers.
pub(super) fn asked<'a>(at: &Placed<'_>, reading: &'a Reading<'_>) -> Vec<Asked<'a>> {
    let items = reading.items.iter().filter_map(|(item, found)| match found {
        Match::Perhaps(key) => Some((*item, item.title.as_str(), SIMILAR, Some(key))),
        Match::Known(_) | Match::New { .. } => None,
    });
    let candidates = reading.candidates.iter().filter_map(|(candidate, item, found)| match found {
        Match::Perhaps(key) => Some((item, candidate.text.as_str(), SIMILAR, Some(key))),
        Match::New { .. } => Some((item, candidate.text.as_str(), candidate.reason.as_str(), None)),
        Match::Known(_) => None,
    });
    let mut seen: BTreeMap<CandidateKey, usize> = BTreeMap::new();
    let asked = items.chain(candidates).map(|(item, text, reason, perhaps)| {
        let key = candidate_key(&at.postmortem.id, text);
        let count = seen.entry(key.clone()).or_default();
        *count += 1;
        let key = if *count == 1 { key } else { CandidateKey::new(format!("{key}-{count}")) };
        let waiting = Waiting {
            key,
            source: at.listing.source.clone(),
            path: at.document.path.clone(),
            line: item.line,
            text: text.to_owned(),
            reason: reason.to_owned(),
            perhaps: perhaps.cloned(),
        };
        Asked { waiting, item }
    });
    asked.collect()
}

/// What a text that waits is called.
pub(super) fn candidate_key(postmortem: &PostmortemId, text: &str) -> CandidateKey {
    let digest = HEXLOWER.encode(&Sha256::digest(normalised(text).as_bytes()));
    CandidateKey::new(format!("{postmortem}/c-{}", digest.get(..DIGITS).unwrap_or_default()))
}

/// The finding that a name of something that waited is by now.
pub fn accepted<'a>(register: &'a BTreeMap<FindingKey, Finding>, name: &str) -> Option<&'a Finding> {
    let said = |finding: &&Finding| {
        finding.told.candidate.as_ref().is_some_and(|called| called.as_str().eq_ignore_ascii_case(name))
    };
    // An earlier release did not write down what it was called; its words say so, as long as they are the same.
    let follows = |finding: &&Finding| {
        let words = finding.stated.words_inside();
        let whole = words.description.as_deref().filter(|_| words.title.ends_with('…'));
        let key = || candidate_key(&finding.stated.postmortem, whole.unwrap_or(&words.title));
        finding.told.accepted.is_some() && finding.told.candidate.is_none() && key().as_str() == name
    };
    let digest = name.rsplit_once("/c-").is_some();
    register.values().find(said).or_else(|| register.values().filter(|_| digest).find(follows))
}

/// The finding that a candidate would be.
fn as_finding(postmortem: &Postmortem, candidate: &Candidate) -> DocumentFinding {
    let title = title(&candidate.text);
    DocumentFinding {
        id: None,
        description: (title != candidate.text).then(|| candidate.text.clone()),
        title,
        class: None,
        kind: None,
        work: None,
        route: None,
        severity: None,
        severity_unclear: None,
        priority: None,
        owner: postmortem.owner.clone(),
        team: postmortem.team.clone(),
        due: None,
        criteria: None,
        trackers: Vec::new(),
        target: None,
        labels: Vec::new(),
        claimed: Claimed::None,
        hints: Hints::default(),
        marked: candidate.marked,
        replaces: Vec::new(),
        line: candidate.line,
    }
}

/// A text as a title: all of it, or as many words as fit.
fn title(text: &str) -> String {
    let Some((end, _)) = text.char_indices().nth(LONGEST_TITLE) else { return text.to_owned() };
    let head = text.get(..end).unwrap_or_default();
    let words = head.rsplit_once(' ').map_or(head, |(words, _)| words);
    format!("{}…", words.trim_end())
}
