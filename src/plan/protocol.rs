//! The create protocol: when a create is sent, and what its answer leaves behind (invariant 7).
//!
//! Neither tracker can promise that a request is executed once, so the promise is ours: an attempt is on record before
//! it is sent, its marker goes with it in the same request, and it is repeated only when it is older than anything that
//! may still be on its way and complete searches show nothing of it. The first attempt is searched for as well: a register
//! that was put back, or a document that was away, does not know what was created meanwhile.

use chrono::TimeDelta;

use crate::model::{observed::Observed, rule::OnUnknown};

/// An attempt that is on record and whose outcome is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Which one it is, from 1.
    pub number: u32,
    /// How long before this cycle looked for its issue it was recorded.
    pub age: TimeDelta,
}

/// What is known of a create when it is decided on. `I` is an issue.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a, I> {
    /// The attempt on record.
    pub attempt: Option<Attempt>,
    /// Issues with the marker, from a complete search in this cycle; none when nobody searched.
    pub found: Option<&'a Observed<Vec<I>>>,
    /// How long an attempt may still be on its way, or done and not shown yet.
    pub settle: TimeDelta,
    /// What follows when an attempt left nothing behind.
    pub on_unknown: OnUnknown,
}

/// What is done about a create.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision<'a, I> {
    /// These carry its marker: one of them is its issue.
    Adopt(&'a [I]),
    /// It cannot be told whether its issue exists, for this reason.
    Unreadable(&'a str),
    /// The attempt on record may still come to something.
    Settling,
    /// Nobody searched for it in this cycle.
    Unsearched,
    /// The attempt on record left nothing behind, and a person decides what follows.
    Ask,
    /// It is sent, as attempt number `attempt`.
    Create {
        /// From 1.
        attempt: u32,
    },
}

/// A way to create issues. There is one that keeps the promise; those that do not are in the tests, which convict them.
pub trait Protocol {
    /// What to do about a create.
    fn decide<'a, I>(&self, known: Known<'a, I>) -> Decision<'a, I>;

    /// Whether nothing can come any more of attempt number `attempt` and those before it, after a request that failed,
    /// `certainly` without being executed or perhaps.
    fn is_over(&self, certainly: bool, attempt: u32) -> bool;
}

/// The one that is used.
#[derive(Clone, Copy, Debug)]
pub struct IntentFirst;

impl Protocol for IntentFirst {
    fn decide<'a, I>(&self, known: Known<'a, I>) -> Decision<'a, I> {
        match known.found {
            Some(Observed::Known(issues)) if !issues.is_empty() => return Decision::Adopt(issues),
            Some(Observed::Unknown { why }) => return Decision::Unreadable(why),
            Some(Observed::Known(_) | Observed::Missing) | None => {}
        }
        if known.attempt.is_some_and(|attempt| attempt.age < known.settle) {
            return Decision::Settling;
        }
        if known.found.is_none() {
            return Decision::Unsearched;
        }
        let Some(attempt) = known.attempt else { return Decision::Create { attempt: 1 } };
        match known.on_unknown {
            OnUnknown::Retry => Decision::Create { attempt: attempt.number + 1 },
            OnUnknown::Hold => Decision::Ask,
        }
    }

    fn is_over(&self, certainly: bool, attempt: u32) -> bool {
        // An earlier attempt may still be the one that worked.
        certainly && attempt == 1
    }
}
