//! What is gone or could not be read: flagged, never closed, and held when too much vanishes at once (invariants 3 and 10).

use std::collections::{BTreeMap, BTreeSet};

use super::{Intake, Listing, Terms, entry, origin::Origins};
use crate::model::{
    ids::{FindingKey, SourceName},
    observed::Observed,
    postmortem::{Diagnostic, Level},
};

/// Share of a source's findings that may vanish in one run, once there are ten; beyond it the change is held.
const VANISHED_SHARE: f64 = 0.3;
/// From how many findings of a source on the share counts.
const VANISHED_FROM: usize = 10;

/// Marks what a source no longer lists, or what could not be read; holds the change when too much vanished at once,
/// unless a person approved it.
pub(super) fn flag_missing(
    terms: Terms<'_>,
    listing: &Listing,
    (origins, listed): (&Origins<'_>, &BTreeSet<FindingKey>),
    approved: bool,
    intake: &mut Intake,
) {
    let of_source: Vec<FindingKey> = intake
        .findings
        .values()
        .filter(|finding| finding.stated.source == listing.source)
        .map(|finding| finding.key.clone())
        .collect();
    let all = of_source.len();
    let documents = match &listing.documents {
        Observed::Known(documents) => documents,
        Observed::Missing => return hold(&of_source, "its source was not found", intake),
        Observed::Unknown { why } => return hold(&of_source, why, intake),
    };
    let unread: BTreeMap<&str, &str> = documents
        .iter()
        .filter_map(|document| {
            let path = document.path.as_str();
            match &document.postmortem {
                Observed::Known(_) => Some((path, origins.refused.get(&(&listing.source, path))?.as_str())),
                Observed::Missing => Some((path, "its document was not found")),
                Observed::Unknown { why } => Some((path, why.as_str())),
            }
        })
        .collect();
    let mut vanished = Vec::new();
    for key in of_source.into_iter().filter(|key| !listed.contains(key)) {
        let Some(finding) = intake.findings.get(&key) else { continue };
        let asked = origins.held.get(&finding.stated.postmortem).map(String::as_str);
        match asked.or_else(|| unread.get(finding.stated.path.as_str()).copied()) {
            Some(why) => drop(intake.unreadable.insert(key, why.to_owned())),
            None => vanished.push(key),
        }
    }
    let newly: Vec<FindingKey> = vanished
        .into_iter()
        .filter(|key| intake.findings.get(key).is_some_and(|finding| !finding.source_missing))
        .collect();
    if !approved && too_many(newly.len(), all) {
        let why = format!(
            "{} of {all} findings of this source vanished at once; the change is held until it is looked at",
            newly.len(),
        );
        intake.diagnostics.push(mass_removal(listing, &why));
        return hold(&newly, &why, intake);
    }
    for key in newly {
        miss(terms, &key, intake);
    }
}

fn too_many(gone: usize, of: usize) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "counts of findings are far below 2^52")]
    let share = gone as f64 / of.max(1) as f64;
    of >= VANISHED_FROM && share > VANISHED_SHARE
}

fn mass_removal(listing: &Listing, why: &str) -> Diagnostic {
    Diagnostic {
        path: listing.source.to_string(),
        line: 0,
        column: 0,
        level: Level::Error,
        code: "findings_vanished".to_owned(),
        message: why.to_owned(),
        help: Some(format!(
            "bring the documents back; if they were removed on purpose, `postmortem-sync intake approve {}` says so",
            listing.source
        )),
    }
}

fn hold(keys: &[FindingKey], why: &str, intake: &mut Intake) {
    for key in keys {
        intake.unreadable.insert(key.clone(), why.to_owned());
    }
}

fn miss(terms: Terms<'_>, key: &FindingKey, intake: &mut Intake) {
    let Some(finding) = intake.findings.get_mut(key) else { return };
    finding.source_missing = true;
    finding.changed = terms.now;
    let why = format!("{} no longer lists it", finding.stated.path);
    intake.changed.insert(key.clone());
    intake.entries.push(entry(terms, key, "source_missing", None, None, &why));
}

/// Findings of a source that the configuration no longer names are flagged as well, never forgotten.
pub(super) fn flag_orphans(terms: Terms<'_>, listings: &[Listing], intake: &mut Intake) {
    let sources: BTreeSet<&SourceName> = listings.iter().map(|listing| &listing.source).collect();
    let orphans: Vec<FindingKey> = intake
        .findings
        .values()
        .filter(|finding| !finding.source_missing && !sources.contains(&finding.stated.source))
        .map(|finding| finding.key.clone())
        .collect();
    for key in orphans {
        miss(terms, &key, intake);
    }
}
