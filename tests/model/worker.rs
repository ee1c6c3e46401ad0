//! One worker: its cycle as steps, between any two of which it may freeze or die.

use chrono::TimeDelta;
use postmortem_sync::{
    model::{observed::Observed, rule::OnUnknown},
    plan::protocol::{Attempt, Decision, Known},
};

use crate::{
    story::{Branch, Fault, INTERVAL, LEASE, SETTLE, SWEEP},
    tale::World,
    variants::Variant,
    world::{Intent, N_FINDINGS, Register, Underway},
};

/// How often a request that certainly was not executed is sent again in the same cycle, and the longest wait before.
const TRIES: u32 = 2;
const TRY_AFTER: i64 = 5_000;
/// Longest time that a step takes.
const STEP: i64 = 500;

/// What a worker does next.
#[derive(Clone, Copy, Debug)]
enum Step {
    Begin,
    Look,
    Decide(usize),
    Send { finding: usize, attempt: u32, tries: u32 },
    Link { finding: usize, issue: usize },
}

#[derive(Clone, Debug)]
pub(crate) struct Worker {
    number: usize,
    step: Step,
    /// When it does that.
    pub(crate) wakes: i64,
    /// Whether the attempt at hand was frozen already.
    frozen: bool,
    /// The lease that it took, the register as it was then, and when that was.
    lease: u32,
    seen: Register,
    began: i64,
    /// Whether this cycle searched for everything.
    swept: bool,
    found: [Option<Observed<Vec<usize>>>; N_FINDINGS],
}

impl Worker {
    pub(crate) fn new(number: usize, wakes: i64) -> Self {
        let found = [const { None }; N_FINDINGS];
        let (seen, step) = (Register::default(), Step::Begin);
        Self { number, step, wakes, frozen: false, lease: 0, seen, began: 0, swept: false, found }
    }

    /// Does the next step, or dies before it.
    pub(crate) fn step<V: Variant>(&mut self, variant: V, world: &mut World<'_>) {
        let now = self.wakes;
        let crash = match self.step {
            Step::Begin | Step::Look | Step::Decide(_) => Fault::CrashBeforeIntent,
            Step::Send { .. } => Fault::CrashBeforeSending,
            Step::Link { .. } => Fault::CrashAfterSending,
        };
        if world.strikes(crash, now, 5) {
            world.say(now, || format!("worker {} dies", self.number));
            *self = Self::new(self.number, now + world.dice.upto(INTERVAL));
            return;
        }
        world.say(now, || format!("worker {} {:?}", self.number, self.step));
        self.wakes = now + 1 + world.dice.upto(STEP);
        match self.step {
            Step::Begin => self.begin(world, now),
            Step::Look => self.look::<V>(world, now),
            Step::Decide(finding) => self.decide(variant, world, now, finding),
            Step::Send { finding, attempt, tries } => {
                self.send(variant, world, now, (finding, attempt, tries))
            }
            Step::Link { finding, issue } => {
                if self.link::<V>(world, finding, issue) {
                    world.went(Branch::LinkedAtOnce);
                }
            }
        }
        if !self.frozen && world.strikes(Fault::Pause, now, 6) {
            self.frozen = true;
            self.wakes += world.dice.upto(world.story.pause);
        }
    }

    fn begin(&mut self, world: &mut World<'_>, now: i64) {
        let (lease, holder, end) = world.register.lease;
        if holder != self.number && now < end {
            self.wakes = now + 1 + world.dice.upto(INTERVAL);
            return;
        }
        self.lease = lease + 1;
        self.frozen = false;
        world.register.lease = (self.lease, self.number, now + LEASE);
        self.seen = world.register;
        self.began = now;
        self.step = Step::Look;
    }

    /// Searches for what may be there, and for everything once in a while.
    fn look<V: Variant>(&mut self, world: &mut World<'_>, now: i64) {
        let sweep = self.seen.swept.is_none_or(|swept| self.began - swept >= SWEEP);
        let fails = world.strikes(Fault::SearchFails, now, 4);
        for finding in 0..N_FINDINGS {
            let wanted = V::SEARCHES && self.seen.links[finding].is_none();
            let asked = sweep || wanted || self.seen.intents[finding].is_some();
            self.found[finding] = asked.then(|| match fails {
                true => Observed::Unknown { why: String::new() },
                false => Observed::Known(world.tracker.search(finding, now)),
            });
        }
        self.swept = sweep && !fails;
        self.step = Step::Decide(0);
    }

    /// Records that everything was searched for, and what was found twice.
    fn record_sweep(&mut self, world: &mut World<'_>) {
        if self.swept && self.holds_lease(world) {
            world.register.swept = Some(self.began);
            for finding in 0..N_FINDINGS {
                self.note_doubles(world, finding);
            }
        }
        self.swept = false;
    }

    fn note_doubles(&self, world: &mut World<'_>, finding: usize) {
        let found = self.found[finding].as_ref().and_then(Observed::known);
        if found.is_some_and(|found| found.len() > 1) {
            world.register.doubled[finding] = true;
            world.went(Branch::DoublesFound);
        }
    }

    fn decide<V: Variant>(&mut self, variant: V, world: &mut World<'_>, now: i64, finding: usize) {
        if self.seen.links[finding].is_some() {
            return self.next(world, finding);
        }
        let attempt = self.seen.intents[finding].map(|intent| Attempt {
            number: intent.attempt,
            age: TimeDelta::milliseconds(self.began - intent.sent),
        });
        let on_unknown = if world.story.hold { OnUnknown::Hold } else { OnUnknown::Retry };
        let found = self.found[finding].clone();
        let known =
            Known { attempt, found: found.as_ref(), settle: TimeDelta::milliseconds(SETTLE), on_unknown };
        match variant.decide(known) {
            Decision::Adopt(issues) => {
                let oldest = issues[0];
                if self.link::<V>(world, finding, oldest) {
                    let is_new = attempt.is_none();
                    world.went(if is_new { Branch::RecoveredUnasked } else { Branch::Recovered });
                    self.note_doubles(world, finding);
                }
            }
            Decision::Unreadable(_) => self.leave(world, finding, Branch::Unreadable),
            Decision::Settling => self.leave(world, finding, Branch::Settling),
            Decision::Ask => self.leave(world, finding, Branch::Asked),
            Decision::Unsearched => self.next(world, finding),
            Decision::Create { attempt } => {
                if attempt > 1 {
                    world.went(Branch::SentAgain);
                }
                if V::RECORDS && !self.record::<V>(world, finding, Intent { attempt, sent: now }) {
                    return self.lose(world);
                }
                self.frozen = false;
                self.step = Step::Send { finding, attempt, tries: 0 };
            }
        }
    }

    /// Puts an attempt on record, if this is the next one and this worker may.
    fn record<V: Variant>(&self, world: &mut World<'_>, finding: usize, intent: Intent) -> bool {
        let is_next = world.register.intents[finding].is_none_or(|before| before.attempt < intent.attempt);
        let may = !V::COMPARES || (is_next && self.holds_lease(world));
        if may {
            world.register.intents[finding] = Some(intent);
        }
        may
    }

    fn send<V: Variant>(
        &mut self,
        variant: V,
        world: &mut World<'_>,
        now: i64,
        (finding, attempt, tries): (usize, u32, u32),
    ) {
        if world.strikes(Fault::Refused, now, 3) {
            if tries < TRIES {
                self.wakes = now + 1 + world.dice.upto(TRY_AFTER);
                self.step = Step::Send { finding, attempt, tries: tries + 1 };
                return;
            }
            return self.failed(variant, world, (finding, attempt), true);
        }
        if world.strikes(Fault::RequestDropped, now, 3) {
            return self.failed(variant, world, (finding, attempt), false);
        }
        if world.strikes(Fault::AppliedLate, now, 3) {
            let arrives = now + world.dice.upto(world.story.delay);
            world.tracker.underway.push(Underway { finding, arrives });
            return self.failed(variant, world, (finding, attempt), false);
        }
        let issue = world.create(finding, now);
        if world.strikes(Fault::AppliedTwice, now, 8) {
            world.create(finding, now);
        }
        if world.strikes(Fault::AnswerLost, now, 3) {
            return self.failed(variant, world, (finding, attempt), false);
        }
        self.step = Step::Link { finding, issue };
    }

    fn failed<V: Variant>(
        &mut self,
        variant: V,
        world: &mut World<'_>,
        (finding, attempt): (usize, u32),
        certainly: bool,
    ) {
        if !variant.is_over(certainly, attempt) {
            if certainly {
                world.went(Branch::KeptAfterRefusal);
            }
            self.next(world, finding);
        } else if !V::COMPARES || self.holds_lease(world) {
            world.register.intents[finding] = None;
            self.leave(world, finding, Branch::TakenBack);
        } else {
            self.lose(world);
        }
    }

    /// Records an issue in the place of its attempt.
    fn link<V: Variant>(&mut self, world: &mut World<'_>, finding: usize, issue: usize) -> bool {
        if V::COMPARES && !self.holds_lease(world) {
            self.lose(world);
            return false;
        }
        world.register.links[finding] = Some(issue);
        world.register.intents[finding] = None;
        self.next(world, finding);
        true
    }

    fn holds_lease(&self, world: &World<'_>) -> bool {
        world.register.lease.0 == self.lease
    }

    /// Somebody else holds the lease: the cycle ends here.
    fn lose(&mut self, world: &mut World<'_>) {
        world.went(Branch::LeaseLost);
        self.step = Step::Begin;
        self.wakes += world.dice.upto(INTERVAL);
    }

    /// Goes on, for a reason.
    fn leave(&mut self, world: &mut World<'_>, finding: usize, branch: Branch) {
        world.went(branch);
        self.next(world, finding);
    }

    /// The step after everything was done for a finding.
    fn next(&mut self, world: &mut World<'_>, finding: usize) {
        if finding + 1 < N_FINDINGS {
            self.step = Step::Decide(finding + 1);
        } else {
            self.record_sweep(world);
            self.step = Step::Begin;
            self.wakes += world.dice.upto(INTERVAL);
        }
    }
}
