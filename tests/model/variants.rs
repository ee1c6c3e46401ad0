//! Protocols behind the production trait: the one that is used, and those that look as good and are not.

use chrono::TimeDelta;
use postmortem_sync::{
    model::observed::Observed,
    plan::protocol::{Decision, IntentFirst, Known, Protocol},
};

/// What a worker does around a protocol's decisions.
pub(crate) trait Variant: Protocol + Copy + Sync {
    /// Whether an attempt is on record before it is sent.
    const RECORDS: bool;
    /// Whether a record counts only for whoever holds the lease and has the next attempt.
    const COMPARES: bool;
    /// Whether every create is searched for, and not only now and then.
    const SEARCHES: bool = true;
}

impl Variant for IntentFirst {
    const RECORDS: bool = true;
    const COMPARES: bool = true;
}

/// Sends, and puts on record what came of it.
#[derive(Clone, Copy)]
pub(crate) struct PostThenRecord;

impl Protocol for PostThenRecord {
    fn decide<'a, I>(&self, _: Known<'a, I>) -> Decision<'a, I> {
        Decision::Create { attempt: 1 }
    }

    fn is_over(&self, _: bool, _: u32) -> bool {
        true
    }
}

impl Variant for PostThenRecord {
    const RECORDS: bool = false;
    const COMPARES: bool = true;
}

/// Searches before it sends, as if a search showed everything.
#[derive(Clone, Copy)]
pub(crate) struct SearchThenPost;

impl Protocol for SearchThenPost {
    fn decide<'a, I>(&self, known: Known<'a, I>) -> Decision<'a, I> {
        match known.found {
            Some(Observed::Known(issues)) if !issues.is_empty() => Decision::Adopt(issues),
            Some(Observed::Unknown { why }) => Decision::Unreadable(why),
            Some(Observed::Known(_) | Observed::Missing) => Decision::Create { attempt: 1 },
            None => Decision::Unsearched,
        }
    }

    fn is_over(&self, _: bool, _: u32) -> bool {
        true
    }
}

impl Variant for SearchThenPost {
    const RECORDS: bool = false;
    const COMPARES: bool = true;
}

/// An outbox that is tried again after a minute.
#[derive(Clone, Copy)]
pub(crate) struct QuickOutbox;

impl Protocol for QuickOutbox {
    fn decide<'a, I>(&self, known: Known<'a, I>) -> Decision<'a, I> {
        IntentFirst.decide(Known { settle: TimeDelta::seconds(60), ..known })
    }

    fn is_over(&self, certainly: bool, attempt: u32) -> bool {
        IntentFirst.is_over(certainly, attempt)
    }
}

impl Variant for QuickOutbox {
    const RECORDS: bool = true;
    const COMPARES: bool = true;
}

/// Takes any failure for the end of its attempt.
#[derive(Clone, Copy)]
pub(crate) struct ForgetfulFailure;

impl Protocol for ForgetfulFailure {
    fn decide<'a, I>(&self, known: Known<'a, I>) -> Decision<'a, I> {
        IntentFirst.decide(known)
    }

    fn is_over(&self, _: bool, _: u32) -> bool {
        true
    }
}

impl Variant for ForgetfulFailure {
    const RECORDS: bool = true;
    const COMPARES: bool = true;
}

/// The protocol that is used, on a register that anybody may write.
#[derive(Clone, Copy)]
pub(crate) struct NoCompareAndSwap;

impl Protocol for NoCompareAndSwap {
    fn decide<'a, I>(&self, known: Known<'a, I>) -> Decision<'a, I> {
        IntentFirst.decide(known)
    }

    fn is_over(&self, certainly: bool, attempt: u32) -> bool {
        IntentFirst.is_over(certainly, attempt)
    }
}

impl Variant for NoCompareAndSwap {
    const RECORDS: bool = true;
    const COMPARES: bool = false;
}

/// The protocol that is used, in a register that searches a place once and believes that for a while.
#[derive(Clone, Copy)]
pub(crate) struct SearchesNowAndThen;

impl Protocol for SearchesNowAndThen {
    fn decide<'a, I>(&self, known: Known<'a, I>) -> Decision<'a, I> {
        let is_first = known.attempt.is_none();
        let decision = IntentFirst.decide(known);
        if is_first && matches!(decision, Decision::Unsearched) {
            Decision::Create { attempt: 1 }
        } else {
            decision
        }
    }

    fn is_over(&self, certainly: bool, attempt: u32) -> bool {
        IntentFirst.is_over(certainly, attempt)
    }
}

impl Variant for SearchesNowAndThen {
    const RECORDS: bool = true;
    const COMPARES: bool = true;
    const SEARCHES: bool = false;
}
