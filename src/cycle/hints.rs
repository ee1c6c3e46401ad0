//! What may have changed since the last cycle, as each tracker's own lists tell. A hint is never believed: it only says which
//! rows to look at.
//!
//! Knows when lists may be followed, and when everything is read instead: where they were not followed without a gap, and
//! where reading everything costs no more. Must not know what a row makes of a hint.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use futures::future::join_all;
use tokio::task::yield_now;
use tracing::debug;

use super::{config::Config, look::observed, ports::Ports};
use crate::{
    model::{
        digest,
        ids::{AccountId, PlaceName, TrackerName},
        issue::PlaceFacts,
        link::LinkKind,
        observed::Observed,
        outline::Outline,
        reading::Followed,
        register::{Identity, Register},
    },
    tracker::{Changes, TrackerRead},
};

/// Letters of a scope that tell it apart from every other.
const SCOPE: usize = 16;

/// What a tracker told before its issues are read.
#[derive(Clone, Debug)]
pub struct Told {
    /// The account we act as.
    pub account: AccountId,
    /// The places of our issues, as they are now.
    pub places: BTreeMap<PlaceName, Observed<PlaceFacts>>,
    /// What changed there; none where nobody can tell, so that everything is read.
    pub changes: Option<Changes>,
}

/// What each tracker told; nothing of those of which everything is read.
pub type Hints = BTreeMap<TrackerName, Told>;

/// Raised whenever less was left behind before than is relied on now: what write-ups are gone.
const LEFT: &str = "2";

/// Digest of whatever holds for all findings: with another one, everything is looked at anew.
pub(super) fn scope(ports: &Ports, config: &Config, identity: &Identity, register: &Register) -> String {
    let known = |at: Option<DateTime<Utc>>| at.map(|at| at.to_rfc3339()).unwrap_or_default();
    let trackers = ports.trackers.iter().map(|(name, tracker)| format!("{name} {}", tracker.host()));
    let accounts = register.accounts.iter().map(|known| format!("{} {}", known.tracker, known.account));
    let mut parts = vec![
        env!("CARGO_PKG_VERSION").to_owned(),
        LEFT.to_owned(),
        config.digest.clone(),
        HEXLOWER.encode(&identity.marker_key),
        known(identity.put_back),
        known(identity.newest_copy),
    ];
    parts.extend(trackers.chain(accounts));
    let whole = digest::of_text(&parts.join("\n"));
    whole.get(..SCOPE).unwrap_or(&whole).to_owned()
}

/// Asks every tracker whose lists were followed up to now, and where that costs less than reading everything.
pub(super) async fn ask(
    ports: &Ports,
    config: &Config,
    (register, outline): (&Register, &Outline),
    scope: &str,
    now: DateTime<Utc>,
) -> Hints {
    let linked = outline.linked();
    // A cycle that did not come to its end may have looked at something and done nothing about it.
    if register.last_cycle.as_ref().is_none_or(|cycle| cycle.finished.is_none()) {
        return Hints::new();
    }
    let asked = ports.trackers.iter().filter_map(|(name, tracker)| {
        let followed = register.followed.get(name).filter(|followed| followed.scope == scope)?;
        // What was missed for longer than everything is audited in is not caught up with.
        let is_recent = (now - followed.until).abs() < config.audit;
        let is_worth_it = linked.get(name).is_some_and(|n| *n > config.read_all_upto);
        let tracker: &dyn TrackerRead = tracker.as_ref();
        let accounts = register.accounts_of(name);
        let ask = async move { Some((name.clone(), one(tracker, outline, followed, &accounts).await?)) };
        (is_recent && is_worth_it).then_some(ask)
    });
    let told = join_all(asked).await.into_iter().flatten().collect();
    // Whoever records what trackers asked for meanwhile comes first.
    yield_now().await;
    told
}

async fn one(
    tracker: &dyn TrackerRead,
    outline: &Outline,
    followed: &Followed,
    accounts: &BTreeSet<AccountId>,
) -> Option<Told> {
    tracker.pace().begin();
    let account = tracker.whoami().await.ok()?;
    if !accounts.iter().any(|known| known.is(&account)) || tracker.pace().clock_agrees().is_err() {
        return None;
    }
    let of = |kind| -> Vec<PlaceName> {
        outline.places_of(&followed.tracker, kind).into_iter().cloned().collect()
    };
    let homes = of(Some(LinkKind::Created));
    let readers = tracker.readers(&homes).await;
    let places: BTreeMap<PlaceName, Observed<PlaceFacts>> =
        homes.into_iter().zip(readers.into_iter().map(observed)).collect();
    let in_sight = |place: &PlaceName| places.get(place).is_none_or(|facts| facts.known().is_some());
    let followable: Vec<PlaceName> = of(None).into_iter().filter(in_sight).collect();
    let changes = match tracker.changes(&followable, followed.until).await {
        Ok(changes) => Some(changes),
        Err(error) => {
            debug!(tracker.name = %followed.tracker, %error, "what changed is not listed; everything is read");
            None
        }
    };
    Some(Told { account, places, changes })
}
