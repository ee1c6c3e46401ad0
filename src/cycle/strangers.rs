//! Issues of this account in places that the register does not know, with markers that are not its own: it may be new while
//! an older one followed them, or one of two that share an account.

use std::collections::{BTreeMap, BTreeSet};

use super::{config::Config, look::Look, ports::Ports};
use crate::{
    model::{
        ids::{Marker, PlaceName, TrackerName},
        observed::Observed,
        register::Register,
    },
    plan::marker::marker,
};

/// What of the issues that this account wrote in places new to the register carries none of its markers.
pub(super) fn strangers(
    config: &Config,
    register: &Register,
    key: &[u8],
    ports: &Ports,
    looks: &BTreeMap<TrackerName, Look>,
) -> BTreeMap<(TrackerName, PlaceName), Observed<Vec<String>>> {
    let mut strangers = BTreeMap::new();
    for (name, look) in looks {
        let Some(host) = ports.trackers.get(name).map(|tracker| tracker.host()) else { continue };
        for (place, look) in &look.places {
            let found = match (&look.written, &look.facts) {
                (Observed::Known(written), Observed::Known(facts)) => {
                    let of = |finding| marker(key, &config.instance, finding, host, &facts.id);
                    let known: BTreeSet<Marker> = match written.is_empty() {
                        true => BTreeSet::new(),
                        false => register.findings.keys().map(of).collect(),
                    };
                    let sent =
                        |marker: &Marker| register.intents.iter().any(|intent| intent.marker == *marker);
                    let others =
                        written.iter().filter(|(_, marker)| !known.contains(marker) && !sent(marker));
                    let others: Vec<String> = others.map(|(key, _)| key.clone()).collect();
                    if others.is_empty() { continue } else { Observed::Known(others) }
                }
                (Observed::Unknown { why }, _) => Observed::unknown(why.clone()),
                (Observed::Known(_) | Observed::Missing, _) => continue,
            };
            strangers.insert((name.clone(), place.clone()), found);
        }
    }
    strangers
}
