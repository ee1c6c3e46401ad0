//! Gathering: register, documents and trackers into one snapshot. Reads only.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join_all;

use super::{
    CycleError,
    config::Config,
    hints::{self, Hints},
    intent,
    look::{self, Look},
    marks,
    misfits::Stopped,
    opening::{self, Ground, Opened},
    ports::Ports,
    readings::{self, Touch},
    recall::{Heard, Recall, agreed},
    rows, sight,
    snapshot::{context, health, sources, swept},
    touch::{self, Signs},
    unsaid,
};
use crate::{
    model::{
        cycle::{SourceHealth, TrackerHealth},
        document::DocumentRecord,
        finding::Finding,
        ids::{FindingKey, SourceName, TrackerName},
        involvement::Involvement,
        issue::{Issue, IssueId, IssueRef},
        link::{End, Link, LinkKind, Tombstone},
        observed::Observed,
        outline::Outline,
        register::{PinnedPlace, Register, Write},
    },
    plan::{
        intake::{self, Intake, Listing, Terms},
        marker::marker,
        reads::{self, Circumstances, ReadSet, Reads},
        snapshot::{Context, Row},
    },
    store::StoreError,
    tracker::TrackerRead,
};

/// Over how long a time brakes count.
const BRAKES_OVER: TimeDelta = TimeDelta::hours(24);

/// Which findings to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All of them.
    All,
    /// Those that something touched since they were last looked at, and a slice of the others.
    Touched,
    /// One of them: for an explanation.
    Only(FindingKey),
    /// Some of them.
    These(BTreeSet<FindingKey>),
}

/// Everything that was read, ready to be planned.
pub struct Gathered {
    /// The register as loaded, with the findings as the documents make them.
    pub register: Register,
    /// How much it holds, and where.
    pub outline: Outline,
    /// Parts that people had as its rows show, which nobody recorded.
    pub found: Vec<Involvement>,
    /// What the documents brought.
    pub intake: Intake,
    /// What was listed; in part, only what was edited.
    pub listings: Vec<Listing>,
    /// Whether only the rows that something touches were opened, and every document that is not listed is as it was.
    pub is_part: bool,
    /// Configuration, clock, trackers and places.
    pub context: Context,
    /// The rows.
    pub rows: Vec<Row>,
    /// How each tracker answered.
    pub trackers: BTreeMap<TrackerName, TrackerHealth>,
    /// How each source could be read.
    pub sources: BTreeMap<SourceName, SourceHealth>,
    /// Places that were searched completely for the first time.
    pub swept: Vec<PinnedPlace>,
    /// What is left alone because it does not fit the history.
    pub stopped: Stopped,
    /// What was observed of places, files and lost issues, to be recorded whatever is planned.
    pub observed: Vec<Write>,
    /// What the reads taught of issues.
    pub heard: Heard,
    /// Up to when what was looked at is known, and what for.
    pub touch: Touch,
}

impl Gathered {
    /// Linked issues of each tracker.
    pub fn linked(&self) -> BTreeMap<TrackerName, usize> {
        self.outline.linked()
    }

    /// Links of each tracker that ended by themselves within the last day, as far as the register tells.
    pub fn ended(&self) -> BTreeMap<TrackerName, usize> {
        let (now, trackers) = (self.context.now, &self.context.trackers);
        let lately = |stone: &&Tombstone| stone.end() == End::Lost && now - stone.at < BRAKES_OVER;
        let mut ended: BTreeMap<TrackerName, usize> = BTreeMap::new();
        for stone in self.outline.ended.iter().filter(lately) {
            let of = trackers.iter().find(|(_, facts)| facts.host == stone.issue.id.host);
            if let Some((tracker, _)) = of {
                *ended.entry(tracker.clone()).or_default() += 1;
            }
        }
        ended
    }
}

/// Reads everything that planning needs.
///
/// # Errors
/// The register's identity could not be read.
pub async fn gather(
    ports: &Ports,
    config: &Config,
    base: &Register,
    scope: &Scope,
) -> Result<Gathered, CycleError> {
    let identity = ports.store.identity().await?;
    let now = ports.clock.now();
    for (name, tracker) in &ports.trackers {
        tracker.acted_as(base.accounts_of(name));
    }
    let outline = ports.store.outline(now - BRAKES_OVER).await?;
    let holds_for = hints::scope(ports, config, &identity, base);
    let put_back = identity.put_back.map(|since| believable(since, now));
    let ground =
        Ground { ports, config, identity: &identity, outline: &outline, scope: &holds_for, put_back, now };
    let (Opened { register, found, brought }, hints) = opening::open(ground, base, scope).await?;
    let Brought { listings, is_part, same, intake, before, mut stopped } = brought;
    stopped.hold_places(&register, &config.rules);
    let mut rows = rows::stored(ports, &register, scope);
    stopped.hold_rows(&mut rows);
    let (mut reads, hinted) = wanted(ground, (&register, &before, &intake.unreadable), &hints, &mut rows);
    marks::add_known(ports, config, &identity, &register, now, &mut reads).await?;
    let asked = (&reads, &hints);
    let (looks, heard) = look_everywhere(ports, config, &register, &identity.marker_key, asked).await;
    let until = readings::until(ports, &hints, &looks, now);
    let context = context(ports, config, (&register, &outline), identity.marker_key.clone(), &looks, now);
    let mut swept = swept(&looks, &context, now);
    stopped.hold_swept(&mut swept);
    let mut observed = sight::observations(&register, &context.sights, &looks, now);
    let seen = (&looks, &heard, &context.sights);
    observed.extend(marks::writes((ports, config, &identity), &register, seen, now));
    observed.extend(same.into_iter().map(|record| Write::Document(Box::new(record))));
    rows::observe(&mut rows, &intake.unreadable, &looks);
    intent::add_open(ports, &register, &mut rows).await;
    Ok(Gathered {
        trackers: health((&register, &outline), &hints, &looks),
        sources: sources((&register, is_part), &listings, &intake, now),
        is_part,
        register,
        outline,
        found,
        intake,
        listings,
        context,
        rows,
        swept,
        stopped,
        observed,
        heard,
        touch: Touch {
            scope: holds_for,
            until,
            put_back,
            hinted: Some(hinted).filter(|_| !hints.is_empty()),
        },
    })
}

/// Keeps the rows that are looked at. Tells what they need, and the findings at which trackers hinted.
fn wanted(
    ground: Ground<'_>,
    (register, before, unreadable): (
        &Register,
        &BTreeMap<FindingKey, Finding>,
        &BTreeMap<FindingKey, String>,
    ),
    hints: &Hints,
    rows: &mut Vec<Row>,
) -> (ReadSet, BTreeSet<FindingKey>) {
    let Ground { ports, config, identity, outline, scope, put_back, now } = ground;
    let hosts = ports.trackers.iter().map(|(name, tracker)| (tracker.host(), name)).collect();
    let places = register.places.iter().map(|pinned| ((&pinned.tracker, &pinned.place), pinned)).collect();
    let about = Circumstances { now, put_back, rules: &config.rules, places: &places, hosts: &hosts };
    let whole = marks::whole(ports, config, identity, register);
    rows.iter_mut().for_each(|row| reads::mark_forgotten(about, &whole, row));
    let hinted = match hints.is_empty() {
        true => BTreeSet::new(),
        false => touch::select(&Signs { register, before, unreadable, hints, scope, about }, rows),
    };
    let mut reads = touch::reads_of(about, &*rows);
    touch::add_homes(outline, |name| hints.contains_key(name), &mut reads);
    for (name, reads) in &mut reads {
        reads.acted_as = register.accounts_of(name);
    }
    (reads, hinted)
}

/// What the documents brought.
pub(super) struct Brought {
    /// What was listed; in part, only what was edited.
    pub(super) listings: Vec<Listing>,
    /// Whether every other document is as it was, so that none of them was read.
    pub(super) is_part: bool,
    /// Documents that say what they said, of which the file system says something else.
    pub(super) same: Vec<DocumentRecord>,
    /// What all that came to.
    pub(super) intake: Intake,
    /// The findings as they were recorded.
    pub(super) before: BTreeMap<FindingKey, Finding>,
    /// What is left alone.
    pub(super) stopped: Stopped,
}

/// Reads the documents, and makes the register's findings what they are now.
pub(super) async fn documents(
    ports: &Ports,
    config: &Config,
    register: &mut Register,
    now: DateTime<Utc>,
) -> Brought {
    unsaid::guard(&ports.trackers, &register.findings);
    ports.library.know(&register.documents);
    let listings = ports.library.listings().await;
    let terms = Terms { people: &config.people, policy: &config.policy, now };
    let mut intake = intake::take_in(terms, &register.findings, &listings);
    let mut stopped = Stopped::of(register);
    stopped.hold_intake(&mut intake, &register.findings);
    stopped.hold_lost(&mut intake, register);
    let before = std::mem::replace(&mut register.findings, intake.findings.clone());
    unsaid::guard(&ports.trackers, &register.findings);
    Brought { listings, is_part: false, same: Vec::new(), intake, before, stopped }
}

/// How far back is looked where nobody knows how far to look.
const FAR_BACK: TimeDelta = TimeDelta::days(30);

/// From when on a register that was put back knows nothing. A time to come was told by a clock that was ahead: then it is
/// not known, and is looked for far back.
fn believable(since: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    if since <= now { since } else { now.checked_sub_signed(FAR_BACK).unwrap_or(DateTime::UNIX_EPOCH) }
}

/// Looks again at findings that were linked a moment ago; what else is known of them holds.
pub async fn again(
    ports: &Ports,
    before: &Gathered,
    register: &Register,
    findings: &BTreeSet<FindingKey>,
) -> Result<Gathered, StoreError> {
    let outline = ports.store.outline(before.context.now - BRAKES_OVER).await?;
    let mut rows = rows::stored(ports, register, &Scope::All);
    before.stopped.hold_rows(&mut rows);
    rows.retain(|row| {
        row.findings.iter().any(|member| findings.contains(&member.finding.key)) && !row.links.is_empty()
    });
    let mut issues: BTreeMap<TrackerName, BTreeSet<IssueRef>> = BTreeMap::new();
    for (link, _) in rows.iter().flat_map(|row| &row.links) {
        issues.entry(link.tracker.clone()).or_default().insert(link.issue.clone());
    }
    let known = agreed(register);
    let ask = issues.into_iter().filter_map(|(name, issues)| {
        let tracker: &dyn TrackerRead = ports.trackers.get(&name)?.as_ref();
        let known = &known;
        let issues: Vec<IssueRef> = issues.into_iter().collect();
        Some(async move {
            let tracker = Recall::new(tracker, &register.issues);
            let mut read = look::read(&tracker, &issues, known).await;
            ask_who_chose(&tracker, register, &mut read).await;
            (name, only_issues(read, &issues), tracker.heard())
        })
    });
    let (looks, heard) = collected(join_all(ask).await);
    rows::observe(&mut rows, &before.intake.unreadable, &looks);
    rows::recall(&mut rows, &before.rows);
    intent::add_open(ports, register, &mut rows).await;
    Ok(Gathered {
        register: register.clone(),
        outline,
        found: Vec::new(),
        intake: Intake::default(),
        listings: Vec::new(),
        is_part: before.is_part,
        context: before.context.clone(),
        rows,
        trackers: BTreeMap::new(),
        sources: BTreeMap::new(),
        swept: Vec::new(),
        stopped: before.stopped.clone(),
        observed: Vec::new(),
        heard,
        touch: Touch::default(),
    })
}

/// What each tracker told, and what all of them taught.
fn collected(told: Vec<(TrackerName, Look, Heard)>) -> (BTreeMap<TrackerName, Look>, Heard) {
    let (mut looks, mut all) = (BTreeMap::new(), Heard::default());
    for (name, look, heard) in told {
        looks.insert(name, look);
        all.absorb(heard);
    }
    (looks, all)
}

/// Asks whether somebody chose who is assigned to issues of ours on whose owner nothing was agreed yet: what nobody chose
/// is the place's default.
async fn ask_who_chose(
    tracker: &dyn TrackerRead,
    register: &Register,
    issues: &mut BTreeMap<IssueId, Observed<Issue>>,
) {
    let unagreed = |link: &&Link| link.kind == LinkKind::Created && link.baseline.owner.is_none();
    for link in register.links.iter().filter(unagreed) {
        if let Some(Observed::Known(issue)) = issues.get_mut(&link.issue.id)
            && !issue.assignees.is_empty()
        {
            issue.chosen = tracker.is_assigned_by_others(issue).await.ok();
        }
    }
}

/// Issues that were just linked. One that is not found is no less there than its place, which is not looked at again.
fn only_issues(mut issues: BTreeMap<IssueId, Observed<Issue>>, refs: &[IssueRef]) -> Look {
    sight::hide_unseen(refs, &mut issues, &BTreeMap::new());
    Look {
        account: Observed::Missing,
        issues,
        lost: BTreeMap::new(),
        cited: BTreeMap::new(),
        places: BTreeMap::new(),
        health: TrackerHealth::default(),
    }
}

/// Asks all trackers at once: one that hangs delays no other.
async fn look_everywhere(
    ports: &Ports,
    config: &Config,
    register: &Register,
    key: &[u8],
    (reads, hints): (&ReadSet, &Hints),
) -> (BTreeMap<TrackerName, Look>, Heard) {
    let known = agreed(register);
    let nothing = Reads::default();
    let ask = ports.trackers.iter().map(|(name, tracker)| {
        let asked = (reads.get(name).unwrap_or(&nothing), hints.get(name));
        let known = &known;
        let host = tracker.host().clone();
        async move {
            let marker_of =
                |finding: &FindingKey, place: &str| marker(key, &config.instance, finding, &host, place);
            let tracker: &dyn TrackerRead = tracker.as_ref();
            let tracker = Recall::new(tracker, &register.issues);
            let mut look = look::look_after(&tracker, asked, known, &marker_of, ports.timer.as_ref()).await;
            ask_who_chose(&tracker, register, &mut look.issues).await;
            (name.clone(), look, tracker.heard())
        }
    });
    collected(join_all(ask).await)
}

/// Whether a finding of the register is one that a scope looks at.
pub fn in_scope(scope: &Scope, finding: &Finding) -> bool {
    match scope {
        Scope::All | Scope::Touched => true,
        Scope::Only(key) => finding.key == *key,
        Scope::These(keys) => keys.contains(&finding.key),
    }
}
