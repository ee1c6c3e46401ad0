//! The gate that every call of a port goes through, before and after: there time passes, people act, and processes die.

use std::{
    future,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    thread,
};

use chrono::{DateTime, Utc};
use postmortem_sync::{model::clock::Clock, sandbox::World};
use tokio::sync::Notify;

use crate::{
    dice::Dice,
    fault::{FAULTS, Fault, Faults, Struck},
    oracle::Oracle,
    people,
    stage::SETTLE,
};

/// The clock of everything, trackers included, in milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct Time(Arc<AtomicI64>);

impl Time {
    pub(crate) fn beginning() -> Self {
        Self(Arc::new(AtomicI64::new(1_790_000_000_000)))
    }

    pub(crate) fn pass(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }

    /// Milliseconds since 1970.
    pub(crate) fn millis(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl Clock for Time {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.millis()).unwrap()
    }
}

/// Another process, from its start to its end; whether it died.
pub(crate) type Second = Box<dyn FnOnce() -> bool + Send>;

/// Everything behind the gate that changes.
pub(crate) struct State {
    pub(crate) dice: Dice,
    pub(crate) faults: Faults,
    /// Whether faults strike now.
    pub(crate) harsh: bool,
    /// When the replica last followed.
    pub(crate) followed: i64,
    /// Whether no issue can be read now, although lists tell what changed.
    pub(crate) unread: bool,
    /// Whether every issue is shown as the replica has it.
    pub(crate) behind: bool,
    /// Whether reviewers play a part.
    pub(crate) reviewed: bool,
    /// Whether the world is the deeper one.
    pub(crate) deep: bool,
    /// Calls so far, counted before and after each, and the one at which the process dies.
    pub(crate) passed: u64,
    pub(crate) dies_at: Option<u64>,
    pub(crate) struck: Struck,
    pub(crate) oracle: Oracle,
    /// Everything that passed, when a single seed is played aloud.
    pub(crate) aloud: bool,
    /// How often the whole register was opened.
    pub(crate) whole: usize,
    /// Digest of everything that passed.
    pub(crate) trace: u64,
    /// The process that begins in the middle of this one, if any does.
    pub(crate) second: Option<Second>,
}

#[derive(Clone)]
pub(crate) struct Gate {
    state: Arc<Mutex<State>>,
    pub(crate) time: Time,
    pub(crate) world: World,
    /// The process dies: whoever drives it drops it.
    pub(crate) died: Arc<Notify>,
    /// Whether it has: none of its other requests goes on while it is dropped.
    is_dead: Arc<AtomicBool>,
}

impl Gate {
    pub(crate) fn new(seed: u64, world: World, time: Time) -> Self {
        let mut dice = Dice::new(seed);
        let faults = Faults::of(&mut dice);
        let state = State {
            dice,
            faults,
            harsh: false,
            followed: time.millis(),
            unread: false,
            behind: false,
            reviewed: false,
            deep: false,
            passed: 0,
            dies_at: None,
            struck: [0; FAULTS.len()],
            oracle: Oracle::default(),
            aloud: false,
            whole: 0,
            trace: seed,
            second: None,
        };
        Self {
            state: Arc::new(Mutex::new(state)),
            time,
            world,
            died: Arc::default(),
            is_dead: Arc::default(),
        }
    }

    /// The gate of another process, which dies its own death.
    pub(crate) fn of_another(&self) -> Self {
        Self { died: Arc::default(), is_dead: Arc::default(), ..self.clone() }
    }

    /// The replica follows up to now.
    pub(crate) fn follow(&self) {
        self.world.follow();
        self.state().followed = self.time.millis();
    }

    /// The replica follows in the end: a tracker that is behind for as long as a create may take to be seen keeps no worker from
    /// creating twice, and says so nowhere.
    pub(crate) fn follow_in_time(&self) {
        let behind = self.time.millis() - self.state().followed;
        if behind > SETTLE.num_milliseconds() / 2 {
            self.follow();
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Whether a fault strikes, once in `n` times while its seed has it and times are harsh.
    pub(crate) fn strikes(&self, fault: Fault, n: u64) -> bool {
        let mut state = self.state();
        let strikes = state.harsh && state.faults.has(fault) && state.dice.once_in(n);
        if strikes {
            state.struck[fault as usize] += 1;
            state.say(|| format!("  !! {fault:?}"));
        }
        strikes
    }

    /// The same for a fault of the deeper world.
    pub(crate) fn strikes_deep(&self, fault: Fault, n: u64) -> bool {
        let is_deep = self.state().deep;
        is_deep && self.strikes(fault, n)
    }

    /// A fault struck by itself.
    pub(crate) fn struck(&self, fault: Fault) {
        self.state().struck[fault as usize] += 1;
    }

    /// Goes no further: whoever drives the process drops it.
    pub(crate) async fn die(&self) {
        self.is_dead.store(true, Ordering::Relaxed);
        self.state().say(|| "  !! dies".to_owned());
        self.died.notify_one();
        future::pending::<()>().await;
    }

    /// What was left of the process is dropped, and another one may come.
    pub(crate) fn buries(&self) {
        self.is_dead.store(false, Ordering::Relaxed);
    }

    /// A number from the seed.
    pub(crate) fn upto(&self, most: i64) -> i64 {
        self.state().dice.upto(most)
    }

    /// Goes through the gate, or dies in it.
    pub(crate) async fn pass(&self, what: &str) {
        if self.is_dead.load(Ordering::Relaxed) {
            return future::pending().await;
        }
        let dies = {
            let mut state = self.state();
            state.note(what);
            state.passed += 1;
            let pause = state.dice.upto(1_500);
            self.time.pass(pause);
            state.dies_at == Some(state.passed)
        };
        if self.strikes(Fault::Jump, 60) {
            self.time.pass(self.upto(3_600_000));
        }
        if self.strikes(Fault::People, 12) {
            people::act(self);
        }
        if self.strikes_deep(Fault::HandedOver, 20) {
            people::hand_over(self);
        }
        if self.strikes(Fault::Deleted, 80) {
            people::delete(self);
        }
        if self.strikes(Fault::Moved, 80) {
            people::take_away(self);
        }
        if self.strikes(Fault::Published, 60) {
            people::publish(self, true);
        }
        let begins = self.strikes(Fault::SecondWorker, 20);
        let second = if begins { self.state().second.take() } else { None };
        let killed = second.is_some_and(|second| thread::spawn(second).join().unwrap());
        if dies || killed || self.strikes(Fault::Crash, 40) {
            self.die().await;
        }
    }
}

impl State {
    /// Adds to the trace, and tells it aloud.
    pub(crate) fn note(&mut self, what: &str) {
        for byte in what.bytes() {
            self.trace = (self.trace ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        self.say(|| what.to_owned());
    }

    pub(crate) fn say(&self, what: impl FnOnce() -> String) {
        if self.aloud {
            println!("{:>6} {}", self.passed, what());
        }
    }
}
