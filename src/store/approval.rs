//! Decisions that stand beside what was observed: which rules a person approved, and which places one retired.
//!
//! The digest of the approved rules is a fact about the register, which is stamped; a retirement has an entry of the history
//! by itself. Knows no database.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use super::{
    rows::{Step, put_row, text},
    stamps, statements,
};
use crate::model::{
    cycle::CycleRecord,
    history::Entry,
    ids::{PersonId, PlaceName},
    mapping::Mapping,
    misfit::{Difference, Misfit, RowName},
    place::{PlaceState, Retired},
};

/// The fact that holds the digest.
pub(super) const FACT: &str = "mapping";

/// The event of an entry about a retired place.
pub(super) const RETIRED: &str = "place_retired";

/// The statement that remembers which rules were approved.
pub(super) fn put(mapping: &Mapping) -> Step {
    put_row(&stamps::META, statements::META_PUT, vec![text(FACT), text(&digest(mapping))])
}

/// SHA-256 over the rules as JSON, which they always are.
fn digest(mapping: &Mapping) -> String {
    HEXLOWER.encode(&Sha256::digest(serde_json::to_vec(mapping).unwrap_or_default()))
}

/// Whether the approved rules of the last cycle are those that the register's facts tell; a register of an earlier release
/// tells none.
pub(super) fn misfit(told: Option<&str>, last: Option<&CycleRecord>) -> Option<Misfit> {
    let found = last.and_then(|last| last.mapping.as_ref()).map(digest);
    let difference = match (told, found) {
        (None, _) => return None,
        (Some(told), Some(found)) if told == found => return None,
        (Some(_), Some(_)) => Difference::Changed,
        (Some(_), None) => Difference::Missing,
    };
    Some(Misfit { row: RowName::of("cycle", ["approved rules"]), difference })
}

/// What the history says of retired places: the newest retirement under each name.
#[derive(Debug, Default)]
pub(super) struct Retirements(BTreeMap<String, Retired>);

impl Retirements {
    /// Takes in an entry.
    pub(super) fn hear(&mut self, entry: Entry) {
        if let Some(place) = entry.after {
            let retired = Retired { by: PersonId::new(entry.actor), at: entry.at, reason: entry.why };
            self.0.insert(place, retired);
        }
    }

    /// Places whose retirement is not as the history says.
    pub(super) fn misfits(&self, sights: &[PlaceState]) -> Vec<Misfit> {
        let named = |state: &PlaceState, place: &str| {
            place
                .strip_prefix(state.tracker.as_str())
                .and_then(|rest| rest.strip_prefix(':'))
                .is_some_and(|name| state.is_called(&PlaceName::new(name)))
        };
        let row = |state: &PlaceState, difference: Difference| Misfit {
            row: RowName::of("sight", [state.tracker.as_str(), state.id.as_str()]),
            difference,
        };
        let is_told = |retired: &Retired| self.0.values().any(|told| told == retired);
        let unsaid = sights.iter().filter_map(|state| {
            let retired = state.retired.as_ref().filter(|retired| !is_told(retired))?;
            let is_known = self.0.values().any(|told| told.at == retired.at);
            Some(row(state, if is_known { Difference::Changed } else { Difference::Added }))
        });
        let missing = self.0.iter().filter_map(|(place, told)| {
            if sights.iter().any(|state| state.retired.as_ref().is_some_and(|is| is.at >= told.at)) {
                return None;
            }
            let state = sights.iter().find(|state| named(state, place));
            Some(match state {
                Some(state) => row(state, Difference::Changed),
                None => {
                    Misfit { row: RowName::of("sight", [place.as_str()]), difference: Difference::Missing }
                }
            })
        });
        let mut misfits: Vec<Misfit> = unsaid.chain(missing).collect();
        misfits.sort();
        misfits.dedup();
        misfits
    }
}
