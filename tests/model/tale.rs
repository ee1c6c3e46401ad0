//! One seed, told from the beginning to the end, and judged by what is in the tracker.

use crate::{
    dice::Dice,
    story::{BRANCHES, Branch, FAULTS, Fault, HEALED, INTERVAL, Regime, SETTLE, SWEEP, Story},
    variants::Variant,
    worker::Worker,
    world::{N_FINDINGS, Register, Tracker},
};

/// How often each fault struck and each branch was taken.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) faults: [u64; FAULTS.len()],
    pub(crate) branches: [u64; BRANCHES.len()],
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Self) {
        self.faults.iter_mut().zip(other.faults).for_each(|(sum, n)| *sum += n);
        self.branches.iter_mut().zip(other.branches).for_each(|(sum, n)| *sum += n);
    }
}

/// How a tale ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// One issue each, or a person is asked.
    Well,
    /// More than one live issue of a finding at some time, and whether the register says so in the end.
    Doubled {
        /// Whether it does.
        reported: bool,
    },
    /// A finding that nobody follows, and nobody is asked about.
    Lost,
}

/// Everything that a worker's step may touch.
pub(crate) struct World<'t> {
    pub(crate) story: Story,
    pub(crate) dice: Dice,
    pub(crate) tracker: Tracker,
    pub(crate) register: Register,
    doubled: bool,
    tally: &'t mut Tally,
    /// Whether everything that happens is printed.
    aloud: bool,
}

impl World<'_> {
    /// Whether a fault strikes here, once in `n` times while the seed has it and the world is not healed.
    pub(crate) fn strikes(&mut self, fault: Fault, now: i64, n: u64) -> bool {
        let strikes = self.story.has(fault) && now < HEALED && self.dice.once_in(n);
        if strikes {
            self.tally.faults[fault as usize] += 1;
        }
        strikes
    }

    /// Prints what happens, and how things are, for whoever replays a seed.
    pub(crate) fn say(&self, now: i64, what: impl FnOnce() -> String) {
        if self.aloud {
            let Register { intents, links, lease, .. } = self.register;
            println!("{now:>8} {:<60} attempts {intents:?} links {links:?} lease {lease:?}", what());
        }
    }

    pub(crate) fn went(&mut self, branch: Branch) {
        self.tally.branches[branch as usize] += 1;
    }

    /// The tracker executes a create.
    pub(crate) fn create(&mut self, finding: usize, now: i64) -> usize {
        let issue = self.tracker.create(finding, now + self.dice.upto(self.story.lag));
        self.say(now, || {
            format!("issue {issue} is made for {finding}, shown at {}", self.tracker.issues[issue].shown)
        });
        self.doubled |= self.tracker.live(finding) > 1;
        issue
    }
}

/// Tells the tale of a seed.
pub(crate) fn tell<V: Variant>(variant: V, seed: u64, regime: Regime, tally: &mut Tally) -> Verdict {
    retell(variant, seed, regime, tally, false)
}

/// Tells it, aloud or not.
pub(crate) fn retell<V: Variant>(
    variant: V,
    seed: u64,
    regime: Regime,
    tally: &mut Tally,
    aloud: bool,
) -> Verdict {
    let mut dice = Dice::new(seed);
    let story = Story::of(&mut dice, regime);
    let mut world = World {
        story,
        dice,
        tracker: Tracker::default(),
        register: Register::default(),
        doubled: false,
        tally,
        aloud,
    };
    let mut workers = [0, 1].map(|n| Worker::new(n, world.dice.upto(INTERVAL)));
    let mut turns = Turns::of(&mut world);
    let mut now = 0;
    while now < turns.end {
        let arrival = world.tracker.underway.iter().map(|request| request.arrives).min();
        let wakes = workers[0].wakes.min(workers[1].wakes);
        now = wakes.min(turns.next()).min(arrival.unwrap_or(i64::MAX));
        if arrival == Some(now) {
            arrive(&mut world, now);
        } else if turns.next() == now {
            turns.take(&mut world, &mut workers, now);
        } else {
            let first = usize::from(workers[1].wakes < workers[0].wakes);
            workers[first].step(variant, &mut world);
        }
        if now >= HEALED && is_over(&world) {
            break;
        }
    }
    judge(&world, now)
}

fn arrive(world: &mut World<'_>, now: i64) {
    let at = world.tracker.underway.iter().position(|request| request.arrives == now);
    if let Some(at) = at {
        let request = world.tracker.underway.swap_remove(at);
        world.create(request.finding, now);
    }
}

/// Nothing is left to happen: every finding has its one issue, and no request is on its way.
fn is_over(world: &World<'_>) -> bool {
    let settled =
        |finding: usize| world.register.links[finding].is_some() && world.tracker.live(finding) <= 1;
    world.tracker.underway.is_empty() && (0..N_FINDINGS).all(settled)
}

fn judge(world: &World<'_>, now: i64) -> Verdict {
    for finding in 0..N_FINDINGS {
        let register = &world.register;
        let asked =
            world.story.hold && register.intents[finding].is_some_and(|intent| now - intent.sent >= SETTLE);
        if register.links[finding].is_none() && !asked {
            return Verdict::Lost;
        }
    }
    let silent = |finding: usize| world.tracker.live(finding) > 1 && !world.register.doubled[finding];
    match (world.doubled, (0..N_FINDINGS).any(silent)) {
        (false, _) => Verdict::Well,
        (true, silent) => Verdict::Doubled { reported: !silent },
    }
}

/// What people do to the tracker and the register, and when.
struct Turns {
    deletion: i64,
    copy: i64,
    put_back: i64,
    copied: Register,
    end: i64,
}

impl Turns {
    fn of(world: &mut World<'_>) -> Self {
        let at = |world: &mut World<'_>, fault| match world.story.has(fault) {
            true => world.dice.upto(HEALED - 1),
            false => i64::MAX,
        };
        let put_back = at(world, Fault::PutBack);
        let Story { pause, delay, lag, .. } = world.story;
        let underway = pause + delay + lag;
        Self {
            deletion: at(world, Fault::Deleted),
            copy: if put_back == i64::MAX { i64::MAX } else { world.dice.upto(put_back) },
            put_back,
            copied: Register::default(),
            // Two cycles and the settle time; beyond it, whatever is still on its way, and the next sweep.
            end: HEALED + SETTLE + 3 * INTERVAL + underway + SWEEP,
        }
    }

    fn next(&self) -> i64 {
        self.deletion.min(self.copy).min(self.put_back)
    }

    fn take(&mut self, world: &mut World<'_>, workers: &mut [Worker; 2], now: i64) {
        if now == self.copy {
            self.copy = i64::MAX;
            self.copied = world.register;
        } else if now == self.deletion {
            self.deletion = i64::MAX;
            if let Some(issue) = world.tracker.issues.last_mut().filter(|issue| !issue.gone) {
                issue.gone = true;
                world.say(now, || "somebody deletes the newest issue".to_owned());
                world.strikes(Fault::Deleted, now, 1);
            }
        } else {
            self.put_back = i64::MAX;
            world.say(now, || "the register is put back".to_owned());
            world.strikes(Fault::PutBack, now, 1);
            let lease = world.register.lease;
            world.register = Register { lease: (lease.0 + 1, 0, now), ..self.copied };
            // Whoever puts a register back stops the workers, and waits until all that they sent is shown.
            let Story { regime, pause, delay, lag, .. } = world.story;
            let rest = if regime == Regime::Beyond { 0 } else { pause + delay + lag };
            *workers = [0, 1].map(|n| Worker::new(n, now + rest + world.dice.upto(INTERVAL)));
            self.end = self.end.max(now + rest + 2 * SETTLE + SWEEP + 4 * INTERVAL + pause + delay + lag);
        }
    }
}
