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
    rows, touch, unsaid,
};
use crate::{
    model::{
        cycle::{CycleRecord, NoteKind, SourceHealth},
        finding::Finding,
        ids::{FindingKey, PlaceName, TrackerName},
        involvement::Involvement,
        outline::Outline,
        postmortem::Diagnostic,
        register::{Identity, Register},
    },
    plan::{
        intake::{
            Listing, Terms,
            altered::{self, Altered, Others, take_in_altered},
            documents::Records,
        },
        reads::{self, Circumstances},
    },
    review::involvement::missing,
    store::{Named, StoreError},
};

/// What was said of documents when they were all looked at, and holds only for all of them: findings that are held because too many
/// vanished at once, one that may be a finding which is gone from the register, and a document that states another id than it has.
const OF_ALL: [&str; 3] = ["findings_vanished", "finding_lost", "id_kept"];

/// A share of all documents, one in so many, of which less is read by itself.
const MANY: usize = 4;
/// So few are read by themselves, however few there are in all.
const FEW: usize = 20;

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
}

/// Opens what a cycle looks at, and says what trackers told. `base` is what belongs to no finding.
///
/// # Errors
/// The register could not be read.
pub(super) async fn open(
    ground: Ground<'_>,
    base: &Register,
    scope: &Scope,
) -> Result<(Opened, Hints), StoreError> {
    let Ground { ports, config, outline, now, .. } = ground;
    let is_touched = *scope == Scope::Touched;
    let ask = || hints::ask(ports, config, (base, outline), ground.scope, now);
    let mut told = None;
    match scope {
        Scope::Touched => {
            if let Some(said) = altered(ground, base).await? {
                let hints = ask().await;
                if let Some(opened) = touched(ground, base, &said, &hints).await? {
                    return Ok((opened, hints));
                }
                told = Some(hints);
            }
        }
        Scope::Only(key) => {
            if altered(ground, base).await?.is_some_and(|said| said.altered.is_empty()) {
                let register = ports.store.rows(&[key.clone()].into()).await?;
                if let Some((opened, _)) = part(ground, register, &Said::default()) {
                    return Ok((opened, Hints::new()));
                }
            }
        }
        Scope::All | Scope::These(_) => {}
    }
    let mut register = ports.store.load().await?;
    let found = missing(&register);
    let brought = documents(ports, config, &mut register, now).await;
    let hints = match told {
        Some(hints) => hints,
        None if is_touched => ask().await,
        None => Hints::new(),
    };
    Ok((Opened { register, found, brought }, hints))
}

/// Documents that are not as they were in the last cycle.
#[derive(Debug, Default)]
struct Said {
    /// Which, and what is known of them.
    altered: Altered,
    /// What they say now.
    listings: Vec<Listing>,
    /// What is known of all others.
    others: Others,
}

/// Documents that came, went or were edited since the last cycle, if nothing else makes another thing of documents: the configuration
/// by which they are read is the same, and nothing was recorded since that they are held against. None also where there is little:
/// reading all of it costs nothing, and proves it.
async fn altered(ground: Ground<'_>, base: &Register) -> Result<Option<Said>, StoreError> {
    let was_listed = |source: &SourceHealth| source.documents > 0 || source.unreadable == 0;
    let ended = |cycle: &&CycleRecord| cycle.finished.is_some() && cycle.sources.values().all(was_listed);
    let Some(last) = base.last_cycle.as_ref().filter(ended) else { return Ok(None) };
    let stood = base.stood.as_ref();
    let is_alone = stood.is_some_and(|stood| stood.version == base.version && stood.scope == ground.scope);
    if !is_alone || !base.misfits.is_empty() {
        return Ok(None);
    }
    let library = &ground.ports.library;
    let known = ground.ports.store.documents().await?;
    if known.values().map(|record| record.state.findings).sum::<usize>() <= ground.config.read_all_upto {
        return Ok(None);
    }
    let is_of_all = |noted: &Diagnostic| OF_ALL.contains(&noted.code.as_str());
    if last.diagnostics.iter().any(is_of_all) {
        return Ok(None);
    }
    library.know(&known);
    let Some(mut altered) = library.altered(&known, last.started).await else { return Ok(None) };
    // Of many, reading everything costs less.
    let few = (known.len() / MANY).max(FEW);
    let mut listings = Vec::new();
    while !altered.is_empty() {
        if altered.len() > few || altered.shares_a_path(&known) || is_unplaced(last, &known, &altered) {
            return Ok(None);
        }
        listings = library.read_again(&altered.files).await;
        let rivals = altered.rivals(&known, &listings);
        if rivals.is_empty() {
            break;
        }
        altered.add(rivals, &known);
    }
    if altered.is_shaken(&listings) {
        // What came may be what went before.
        let gone = known.iter().filter(|(_, record)| record.state.gone.is_some());
        altered.known.extend(gone.map(|(key, record)| (key.clone(), record.clone())));
    }
    if altered.len() > few {
        return Ok(None);
    }
    let others = Others::of(&known, &altered);
    Ok(Some(Said { altered, listings, others }))
}

/// Whether something was said in the last cycle of which nobody can tell by these documents alone whether it still holds: a remark
/// under another name than any document's, or how many documents of a source cannot be read.
fn is_unplaced(last: &CycleRecord, known: &Records, altered: &Altered) -> bool {
    let paths: BTreeSet<&str> = known.keys().map(|key| key.path.as_str()).collect();
    let mut sources = altered.files.keys().filter_map(|source| last.sources.get(source));
    last.diagnostics.iter().any(|noted| !paths.contains(noted.path.as_str()))
        || sources.any(|health| health.unreadable > 0)
}

/// The rows that are due or hinted at, those of altered documents and of what these are held against, and all that is followed in
/// places that are searched as a whole; none where that is not enough.
async fn touched(
    ground: Ground<'_>,
    base: &Register,
    said: &Said,
    hints: &Hints,
) -> Result<Option<Opened>, StoreError> {
    let Ground { ports, outline, now, .. } = ground;
    let misfits = ports.store.view().await?.noted(NoteKind::Misfit, None, 1).await?;
    if !misfits.is_empty() {
        return Ok(None);
    }
    let mut keys = ports.store.due(now, ground.scope).await?;
    let mut named = Named { write_ups: said.altered.write_ups(&said.listings), ..Named::default() };
    touch::name(outline, &base.sights, hints, &mut named);
    keys.extend(ports.store.followers(&named).await?);
    // What once stood at a place is looked for by its name.
    for path in said.altered.files.values().flatten() {
        keys.extend(ports.store.called(path).await?);
    }
    let mut asked = BTreeSet::new();
    loop {
        let register = ports.store.rows(&keys).await?;
        let Some((part, Beside { searched, cited, new })) = part(ground, register, said) else {
            return Ok(None);
        };
        named = Named { places: &searched - &named.places, ..Named::default() };
        let mut further: BTreeSet<FindingKey> = ports.store.followers(&named).await?;
        for name in &cited - &asked {
            further.extend(ports.store.called(&name).await?);
            asked.insert(name);
        }
        for finding in &new {
            further.extend(ports.store.alike(finding).await?);
            // Whoever asks for a key is told whether the history knows it.
            further.insert(finding.key.clone());
        }
        if further.is_subset(&keys) {
            return Ok(Some(part));
        }
        keys.extend(further);
    }
}

/// What rows have to do with that are not opened for themselves.
struct Beside {
    /// Places that are searched for the markers of all that is followed there.
    searched: BTreeSet<(TrackerName, PlaceName)>,
    /// Issues that are cited and not linked: whoever follows them knows how new our last knowledge of them is.
    cited: BTreeSet<String>,
    /// What documents list that the register did not know: what asks for the same may be stricter.
    new: Vec<Finding>,
}

/// What rows have to do with beside themselves; none where a place is searched that is not known yet, and the keys of all findings
/// are needed to tell what is whose.
fn beside(ground: Ground<'_>, register: &Register) -> Option<Beside> {
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
    let citations = rows.iter().flat_map(|row| &row.findings).flat_map(|member| &member.citations);
    let cited = citations.filter(|citation| citation.tracker.is_some()).map(|citation| citation.key.clone());
    Some(Beside { searched: touch::sweeps(&reads), cited: cited.collect(), new: Vec::new() })
}

/// What is opened, as altered documents make it, with what it has to do with; of all else, only the clock makes another
/// thing. None where that cannot be told of what is opened alone.
fn part(ground: Ground<'_>, mut register: Register, said: &Said) -> Option<(Opened, Beside)> {
    let Ground { ports, config, now, .. } = ground;
    let Said { altered, listings, others } = said;
    if !register.lost.is_empty() {
        return None;
    }
    let found = missing(&register);
    let terms = Terms { people: &config.people, policy: &config.policy, now };
    let mut intake = take_in_altered(terms, &register.findings, altered, listings, others)?;
    let stopped = Stopped::of(&register);
    stopped.hold_intake(&mut intake, &register.findings);
    let before = std::mem::replace(&mut register.findings, intake.findings.clone());
    register.documents.clone_from(&altered.known);
    unsaid::guard(&ports.trackers, &register.findings);
    let mut beside = beside(ground, &register)?;
    beside.new = altered::new(&intake, &before).cloned().collect();
    let brought = Brought {
        listings: listings.clone(),
        is_part: true,
        same: altered.same.clone(),
        intake,
        before,
        stopped,
    };
    Some((Opened { register, found, brought }, beside))
}
