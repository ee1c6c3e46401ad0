//! What of the register a cycle opens: the rows that something touches, or everything.
//!
//! Knows when the rows that are touched are enough. In doubt everything is opened, which costs more and changes nothing.
//! Must not know what a row comes to.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{
    config::Config,
    gather::{Brought, Scope, documents},
    hints::{self, Hints},
    marks,
    misfits::Stopped,
    ports::Ports,
    rows, touch,
};
use crate::{
    model::{
        cycle::NoteKind,
        ids::{FindingKey, PlaceName, TrackerName},
        involvement::Involvement,
        outline::Outline,
        register::{Identity, Register},
    },
    plan::{
        intake::{self, Terms},
        reads::{self, Circumstances},
    },
    review::involvement::missing,
    store::{Named, StoreError},
};

/// What holds for all rows.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a> {
    /// Everything outside.
    pub(super) ports: &'a Ports,
    /// The configuration.
    pub(super) config: &'a Config,
    /// Who the register is.
    pub(super) identity: &'a Identity,
    /// How much it holds, and where.
    pub(super) outline: &'a Outline,
    /// Digest of what holds for all findings.
    pub(super) scope: &'a str,
    /// From when on it may know nothing.
    pub(super) put_back: Option<DateTime<Utc>>,
    /// The cycle's instant.
    pub(super) now: DateTime<Utc>,
}

/// What a cycle opened.
pub(super) struct Opened {
    /// The register, with the findings as the documents make them.
    pub(super) register: Register,
    /// Parts that the rows show and nobody recorded.
    pub(super) found: Vec<Involvement>,
    /// What the documents brought.
    pub(super) brought: Brought,
    /// What trackers told.
    pub(super) hints: Hints,
}

/// Opens what a cycle looks at. `base` is what belongs to no finding.
///
/// # Errors
/// The register could not be read.
pub(super) async fn open(ground: Ground<'_>, base: &Register, scope: &Scope) -> Result<Opened, StoreError> {
    let Ground { ports, config, outline, now, .. } = ground;
    let is_touched = *scope == Scope::Touched;
    let ask = || hints::ask(ports, config, (base, outline), ground.scope, now);
    let mut told = None;
    match scope {
        Scope::Touched if is_still(ground, base).await? => {
            let hints = ask().await;
            if let Some(register) = touched(ground, base, &hints).await? {
                return Ok(still(ground, register, hints));
            }
            told = Some(hints);
        }
        Scope::Only(key) if is_still(ground, base).await? => {
            let register = ports.store.rows(&[key.clone()].into()).await?;
            if searched(ground, &register).is_some() {
                return Ok(still(ground, register, Hints::new()));
            }
        }
        Scope::All | Scope::Touched | Scope::Only(_) | Scope::These(_) => {}
    }
    let mut register = ports.store.load().await?;
    let found = missing(&register);
    let brought = documents(ports, config, &mut register, now).await;
    let hints = match told {
        Some(hints) => hints,
        None if is_touched => ask().await,
        None => Hints::new(),
    };
    Ok(Opened { register, found, brought, hints })
}

/// Whether documents come to what they came to in the last cycle: none changed, nor the configuration by which they are read, and
/// nothing was recorded since that they are held against.
async fn is_still(ground: Ground<'_>, base: &Register) -> Result<bool, StoreError> {
    let Some(last) = base.last_cycle.as_ref().filter(|cycle| cycle.finished.is_some()) else {
        return Ok(false);
    };
    let stood = base.stood.as_ref();
    let is_alone = stood.is_some_and(|stood| stood.version == base.version && stood.scope == ground.scope);
    if !is_alone || !base.misfits.is_empty() {
        return Ok(false);
    }
    let known = ground.ports.store.documents().await?;
    Ok(ground.ports.library.is_still(&known, last.started).await)
}

/// The rows that are due or hinted at, and all that is followed in places that are searched as a whole; none where that is not
/// enough.
async fn touched(ground: Ground<'_>, base: &Register, hints: &Hints) -> Result<Option<Register>, StoreError> {
    let Ground { ports, outline, now, .. } = ground;
    let notes = ports.store.notes().await?;
    if notes.iter().any(|standing| standing.note.kind == NoteKind::Misfit) {
        return Ok(None);
    }
    let mut keys = ports.store.due(now, ground.scope).await?;
    let mut named = Named::default();
    touch::name(outline, &base.sights, hints, &mut named);
    keys.extend(ports.store.followers(&named).await?);
    loop {
        let register = ports.store.rows(&keys).await?;
        let Some(searched) = searched(ground, &register) else { return Ok(None) };
        named = Named { places: &searched - &named.places, ..Named::default() };
        let further: BTreeSet<FindingKey> = ports.store.followers(&named).await?;
        if further.is_subset(&keys) {
            return Ok(Some(Register { notes, ..register }));
        }
        keys.extend(further);
    }
}

/// The places that are searched for the markers of all that is followed there; none where one of them is not known yet, and the
/// keys of all findings are needed to tell what is whose.
fn searched(ground: Ground<'_>, register: &Register) -> Option<BTreeSet<(TrackerName, PlaceName)>> {
    let Ground { ports, config, identity, now, .. } = ground;
    let hosts = ports.trackers.iter().map(|(name, tracker)| (tracker.host(), name)).collect();
    let places = register.places.iter().map(|pinned| ((&pinned.tracker, &pinned.place), pinned)).collect();
    let put_back = ground.put_back;
    let about = Circumstances { now, put_back, rules: &config.rules, places: &places, hosts: &hosts };
    let whole = marks::whole(ports, config, identity, register);
    let mut rows = rows::stored(ports, register, &Scope::All);
    rows.iter_mut().for_each(|row| reads::mark_forgotten(about, &whole, row));
    let reads = touch::reads_of(about, &rows);
    let mut wanted = reads.values().flat_map(|reads| reads.places.values());
    if wanted.any(|place| place.unknown) {
        return None;
    }
    Some(touch::sweeps(&reads).into_iter().collect())
}

/// What is open while documents say what they said before: only the clock makes anything else of a finding.
fn still(ground: Ground<'_>, mut register: Register, hints: Hints) -> Opened {
    let Ground { config, now, .. } = ground;
    let found = missing(&register);
    let terms = Terms { people: &config.people, policy: &config.policy, now };
    let mut intake = intake::by_clock(terms, &register.findings);
    let stopped = Stopped::of(&register);
    stopped.hold_intake(&mut intake, &register.findings);
    let before = std::mem::replace(&mut register.findings, intake.findings.clone());
    super::unsaid::guard(&ground.ports.trackers, &register.findings);
    let brought = Brought { listings: Vec::new(), is_still: true, intake, before, stopped };
    Opened { register, found, brought, hints }
}
