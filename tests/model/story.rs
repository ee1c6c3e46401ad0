//! What a seed decides: how harsh the world is, and which faults there are.

use crate::dice::Dice;

/// How long an attempt may be on its way, by default.
pub(crate) const SETTLE: i64 = 600_000;
/// When faults end.
pub(crate) const HEALED: i64 = 1_500_000;
/// How often a place is searched completely.
pub(crate) const SWEEP: i64 = 1_000_000;
/// Longest time between two cycles of a worker.
pub(crate) const INTERVAL: i64 = 200_000;
/// How long a lease lasts.
pub(crate) const LEASE: i64 = 90_000;

/// What can go wrong, each on or off for a whole seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Fault {
    RequestDropped,
    AnswerLost,
    AppliedLate,
    AppliedTwice,
    Refused,
    SearchFails,
    CrashBeforeIntent,
    CrashBeforeSending,
    CrashAfterSending,
    Pause,
    Deleted,
    PutBack,
}

pub(crate) const FAULTS: [Fault; 12] = [
    Fault::RequestDropped,
    Fault::AnswerLost,
    Fault::AppliedLate,
    Fault::AppliedTwice,
    Fault::Refused,
    Fault::SearchFails,
    Fault::CrashBeforeIntent,
    Fault::CrashBeforeSending,
    Fault::CrashAfterSending,
    Fault::Pause,
    Fault::Deleted,
    Fault::PutBack,
];

/// What the protocol does about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Branch {
    LinkedAtOnce,
    Recovered,
    SentAgain,
    Settling,
    Unreadable,
    Asked,
    TakenBack,
    KeptAfterRefusal,
    LeaseLost,
    RecoveredUnasked,
    DoublesFound,
}

pub(crate) const BRANCHES: [Branch; 11] = [
    Branch::LinkedAtOnce,
    Branch::Recovered,
    Branch::SentAgain,
    Branch::Settling,
    Branch::Unreadable,
    Branch::Asked,
    Branch::TakenBack,
    Branch::KeptAfterRefusal,
    Branch::LeaseLost,
    Branch::RecoveredUnasked,
    Branch::DoublesFound,
];

/// How harsh the world is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Regime {
    /// Pause, delay and visibility together stay below the settle time.
    Within,
    /// They do not, and a person decides on what is unknown.
    BeyondButHeld,
    /// They do not, requests are applied twice, registers are put back at once.
    Beyond,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Story {
    pub(crate) regime: Regime,
    pub(crate) hold: bool,
    /// Longest freeze of a worker, delay of a request, time until a search shows an issue.
    pub(crate) pause: i64,
    pub(crate) delay: i64,
    pub(crate) lag: i64,
    faults: u32,
}

impl Story {
    pub(crate) fn of(dice: &mut Dice, regime: Regime) -> Self {
        let most = match regime {
            // Steps between an attempt and its request take time, too.
            Regime::Within => SETTLE * 95 / 100,
            Regime::BeyondButHeld | Regime::Beyond => SETTLE * 3,
        };
        let pause = dice.upto(most);
        let delay = dice.upto(most - pause);
        let lag = most - pause - delay;
        let mut faults = (dice.next() & dice.next()) as u32 | dice.next() as u32 & 1;
        if regime != Regime::Beyond {
            faults &= !(1 << Fault::AppliedTwice as u32);
        }
        let hold = regime == Regime::BeyondButHeld || dice.once_in(4);
        Self { regime, hold, pause, delay, lag, faults }
    }

    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.faults & (1 << fault as u32) != 0
    }
}
