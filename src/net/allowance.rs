//! How much may still be sent with one credential, by what was sent with it lately.
//!
//! Decides by what it is told: reads no clock and keeps nothing beyond the process; the register does. What is counted is every
//! request that creates or changes something, whatever became of it.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

use super::pace::{Allowances, Lane};
use crate::model::{
    digest,
    spent::{Spent, Use, second},
};

/// How long a request is perhaps on its way before its tracker counts it. One that was answered later is counted once more when
/// it was, and the tracker counted every one by the time the next was begun: they are sent one after the other.
const WAY: TimeDelta = TimeDelta::seconds(5);

/// For how long what was counted may be sent without being counted again: a proof of its place is good for as long.
const RESERVED: TimeDelta = TimeDelta::minutes(1);

/// For how long a refusal for too much traffic halves every ceiling.
const HALVED: TimeDelta = TimeDelta::hours(1);

/// For how long what was sent matters.
pub const MATTERS: TimeDelta = TimeDelta::minutes(61);

/// How many digits of its digest tell a credential from others: too few to prove a guess by.
const DIGITS: usize = 16;

/// Tells a credential apart from others by everything that makes it one: address, account, secret.
pub fn credential(parts: &[&str]) -> String {
    digest::of_text(&parts.join("\n")).chars().take(DIGITS).collect()
}

/// Why nothing more may be sent now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Full {
    /// When one more may be.
    pub until: DateTime<Utc>,
    /// Which ceiling is reached.
    pub why: String,
}

/// At most so many requests of some kinds within a time.
struct Ceiling {
    most: u32,
    within: TimeDelta,
    kinds: &'static [Use],
    words: &'static str,
}

fn ceilings(lane: Lane, allowances: &Allowances) -> Vec<Ceiling> {
    let (minute, hour) = (TimeDelta::minutes(1), TimeDelta::hours(1));
    let ceiling = |most, within, kinds, words| Ceiling { most, within, kinds, words };
    let both: &[Use] = &[Use::Create, Use::Write];
    let mut ceilings = match lane {
        Lane::Read => return Vec::new(),
        Lane::Write | Lane::Create => {
            vec![ceiling(allowances.writes_per_minute, minute, both, "writes a minute")]
        }
    };
    if lane == Lane::Create {
        ceilings.push(ceiling(allowances.creates_per_minute, minute, &[Use::Create], "creates a minute"));
        let hourly = allowances.creates_per_hour;
        ceilings.extend(hourly.map(|most| ceiling(most, hour, &[Use::Create], "creates an hour")));
    }
    ceilings
}

/// What was sent with one credential lately.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    sent: BTreeMap<(DateTime<Utc>, Use), u32>,
    /// Of the last one of a second, when it was answered, and how many there were then.
    answered: BTreeMap<(DateTime<Utc>, Use), (DateTime<Utc>, u32)>,
}

impl Usage {
    /// Counts something.
    pub fn add(&mut self, kind: Use, at: DateTime<Utc>, n: u32) {
        let known = self.sent.entry((second(at), kind)).or_default();
        *known = known.saturating_add(n);
    }

    /// The last one that was counted at that time is answered.
    pub fn answer(&mut self, kind: Use, counted: DateTime<Utc>, now: DateTime<Utc>) {
        let key = (second(counted), kind);
        if let Some(n) = self.sent.get(&key) {
            self.answered.insert(key, (second(now), *n));
        }
        self.answered.retain(|(at, _), _| *at > now - MATTERS);
    }

    /// Says until when nothing more may be sent in a lane; nothing when one more may.
    ///
    /// A refusal for too much traffic halves every ceiling for an hour. What was counted by a clock that was far ahead does
    /// not count.
    pub fn full(&self, lane: Lane, allowances: &Allowances, now: DateTime<Utc>) -> Option<Full> {
        let refused = self.lately(&[Use::Refused], HALVED, now).map(|(at, _)| at).next_back();
        let reached = |ceiling: Ceiling| {
            let most = if refused.is_some() { ceiling.most / 2 } else { ceiling.most }.max(1);
            let counted = self.counted(&ceiling, now);
            let sent: u32 = counted.iter().map(|(_, n)| *n).sum();
            let mut over = sent.checked_sub(most)?;
            let last = counted.iter().find(|(_, n)| {
                let leaves = *n > over;
                over = over.saturating_sub(*n);
                leaves
            });
            let half = refused.map(|at| {
                format!(", half of what is usual since it refused something at {}", at.format("%H:%M:%S UTC"))
            });
            let why = format!(
                "the allowance of this credential is used up for now: {most} {}{}",
                ceiling.words,
                half.unwrap_or_default()
            );
            Some(Full { until: last.map_or(now, |(at, _)| *at) + ceiling.within, why })
        };
        ceilings(lane, allowances).into_iter().filter_map(reached).max_by_key(|full| full.until)
    }

    /// By when the tracker has counted what it may still hold against a ceiling, in order: the requests of a second by its end,
    /// all but the last of them, which was answered, or which the next one follows, or which is on its way for a while.
    fn counted(&self, ceiling: &Ceiling, now: DateTime<Utc>) -> Vec<(DateTime<Utc>, u32)> {
        let all: Vec<(DateTime<Utc>, u32)> = self.lately(ceiling.kinds, ceiling.within + WAY, now).collect();
        let next = all.iter().skip(1).map(|(at, _)| Some(*at)).chain([None]);
        let counted = all.iter().zip(next).flat_map(|((at, n), next)| {
            let ends = [Some(*at + WAY), next, self.answered_by(*at)];
            let last = ends.into_iter().flatten().min().unwrap_or(*at);
            [(*at, n.saturating_sub(1)), (last, 1)]
        });
        counted.filter(|(at, n)| *n > 0 && *at > now - ceiling.within).collect()
    }

    /// When the last request of a second was answered, if that is known of the last one of each kind.
    fn answered_by(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let kinds = [Use::Create, Use::Write].map(|kind| (at, kind));
        let mut last = None;
        for key in kinds.iter().filter(|key| self.sent.contains_key(*key)) {
            let (answered, n) = self.answered.get(key)?;
            if self.sent.get(key) != Some(n) {
                return None;
            }
            last = last.max(Some(*answered));
        }
        last
    }

    fn lately(
        &self,
        kinds: &[Use],
        within: TimeDelta,
        now: DateTime<Utc>,
    ) -> impl DoubleEndedIterator<Item = (DateTime<Utc>, u32)> {
        let counts = move |(at, kind): &(DateTime<Utc>, Use)| {
            kinds.contains(kind) && *at > now - within && *at < now + within
        };
        self.sent.iter().filter(move |(key, _)| counts(key)).map(|((at, _), n)| (*at, *n))
    }

    fn rows<'a>(&'a self, credential: &'a str) -> impl Iterator<Item = Spent> + 'a {
        self.sent.iter().map(move |((at, kind), n)| Spent {
            credential: credential.to_owned(),
            kind: *kind,
            at: *at,
            n: *n,
        })
    }

    /// Takes out as much of a row as is there; what is left of the row.
    fn without(&mut self, row: &Spent) -> u32 {
        let key = (row.at, row.kind);
        let known = self.sent.get(&key).copied().unwrap_or_default();
        match known.checked_sub(row.n).filter(|left| *left > 0) {
            Some(left) => drop(self.sent.insert(key, left)),
            None => drop(self.sent.remove(&key)),
        }
        row.n.saturating_sub(known)
    }
}

/// The use of a lane.
fn kind(lane: Lane) -> Option<Use> {
    match lane {
        Lane::Read => None,
        Lane::Write => Some(Use::Write),
        Lane::Create => Some(Use::Create),
    }
}

/// Counts what a process sends with one credential, on top of what the register holds of it.
#[derive(Debug, Default)]
pub struct Tally(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    usage: Usage,
    /// What the register does not hold yet; it is in `usage`, too.
    unrecorded: Usage,
    /// What is counted already, and not sent yet.
    reserved: Option<(Use, DateTime<Utc>)>,
    /// What was sent and is not answered yet, and when it was counted.
    open: Option<(Use, DateTime<Utc>)>,
}

impl State {
    fn count(&mut self, kind: Use, now: DateTime<Utc>) {
        self.usage.add(kind, now, 1);
        self.unrecorded.add(kind, now, 1);
    }

    /// What is counted already, and not long ago: a cycle before this one may have left it.
    fn reserved(&self, kind: Use, now: DateTime<Utc>) -> Option<(Use, DateTime<Utc>)> {
        self.reserved.filter(|(of, at)| *of == kind && (now - *at).abs() <= RESERVED)
    }
}

impl Tally {
    /// Counts a request before it is sent, unless a ceiling is reached. One that was counted and not sent is taken first.
    ///
    /// # Errors
    /// [`Full`].
    pub fn reserve(&self, lane: Lane, allowances: &Allowances, now: DateTime<Utc>) -> Result<(), Full> {
        let Some(kind) = kind(lane) else { return Ok(()) };
        let mut state = self.state();
        if state.reserved(kind, now).is_some() {
            return Ok(());
        }
        if let Some(full) = state.usage.full(lane, allowances, now) {
            return Err(full);
        }
        state.count(kind, now);
        state.reserved = Some((kind, now));
        Ok(())
    }

    /// A request is sent now, unless a ceiling is reached.
    ///
    /// # Errors
    /// [`Full`].
    pub fn send(&self, lane: Lane, allowances: &Allowances, now: DateTime<Utc>) -> Result<(), Full> {
        let Some(kind) = kind(lane) else { return Ok(()) };
        let mut state = self.state();
        let reserved = state.reserved(kind, now);
        if reserved.is_some() {
            state.reserved = None;
            state.open = reserved;
            return Ok(());
        }
        if let Some(full) = state.usage.full(lane, allowances, now) {
            return Err(full);
        }
        state.count(kind, now);
        state.open = Some((kind, now));
        Ok(())
    }

    /// What was sent last is answered, or given up: its tracker counted it by now. What took long is counted once more.
    pub fn answered(&self, now: DateTime<Utc>) {
        let mut state = self.state();
        match state.open.take() {
            Some((kind, at)) if now > second(at) + WAY => state.count(kind, now),
            Some((kind, at)) => state.usage.answer(kind, at, now),
            None => {}
        }
    }

    /// The tracker refused something because of too much traffic.
    pub fn refused(&self, now: DateTime<Utc>) {
        self.state().count(Use::Refused, now);
    }

    /// Takes over what the register holds of this credential.
    pub fn recall(&self, credential: &str, held: &[Spent]) {
        let mut state = self.state();
        state.usage.sent = state.unrecorded.sent.clone();
        for row in held.iter().filter(|row| row.credential == credential) {
            state.usage.add(row.kind, row.at, row.n);
        }
    }

    /// What the register does not hold yet.
    pub fn unrecorded(&self, credential: &str) -> Vec<Spent> {
        self.state().unrecorded.rows(credential).collect()
    }

    /// The register holds this now, whoever sent it.
    pub fn recorded(&self, credential: &str, rows: &[Spent]) {
        let mut state = self.state();
        for row in rows.iter().filter(|row| row.credential == credential) {
            let others = state.unrecorded.without(row);
            if others > 0 {
                state.usage.add(row.kind, row.at, others);
            }
        }
    }

    /// A thread that died while counting leaves the last count.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
