//! What can go wrong, each on or off for a whole seed.

use crate::dice::Dice;

/// One kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Fault {
    /// The process dies before or after a call of a port.
    Crash,
    /// A request does not arrive, and nobody says so.
    Dropped,
    /// A request certainly does not arrive.
    Unsent,
    /// A request is executed, and its answer is lost.
    AnswerLost,
    /// A request that may be repeated (RFC 9110 9.2.2) is repeated on its way, and executed twice.
    Doubled,
    /// The answer ends in the middle.
    Truncated,
    /// The answer comes after a minute.
    Late,
    /// 429 with `Retry-After`.
    Limited,
    /// 429 without it.
    LimitedBare,
    /// GitHub's secondary limit.
    Secondary,
    /// 502, and nothing was executed.
    Broken,
    /// 503, and it was executed.
    BrokenAfter,
    /// 401 in the middle of a cycle.
    Unauthorised,
    /// A field of the answer is null, missing, or one that nobody knows.
    Mangled,
    /// Lists and searches show new issues late.
    Stale,
    /// The register says that it is busy, or fails, and nothing is recorded.
    StoreFails,
    /// The register fails after it has recorded.
    StoreUnsure,
    /// An older copy of the register is put back.
    PutBack,
    /// A second worker begins.
    SecondWorker,
    /// The folder is empty, lacks a file, or holds half of one.
    Folder,
    /// A document changes.
    Document,
    /// People assign, close and reopen, comment, label, and edit text.
    People,
    /// Somebody deletes an issue.
    Deleted,
    /// Somebody transfers an issue to another repository, or moves it to another project.
    Moved,
    /// Somebody makes the repository public.
    Published,
    /// The clock jumps ahead.
    Jump,
    /// A read is answered from a replica that is behind.
    Behind,
    /// The account loses its access to a place, or its right to write there, or the place is archived; later it is back.
    Away,
    /// A part of an answer is missing: a field is left out, or null beside an error.
    Partial,
    /// An error repeats the request, with its credential.
    Echo,
    /// The process dies between two requests of one edit.
    CutEdit,
    /// A validator refuses a transition.
    Refused,
    /// The worker's clock is days off for a cycle.
    Skewed,
    /// The register is deleted.
    Lost,
    /// Somebody hands an issue over to somebody else and then closes it.
    HandedOver,
    /// A document cites more issues than before.
    Cited,
    /// Somebody copies the folder of the register elsewhere, and begins a worker there.
    Copied,
    /// A list of changes leaves an issue out.
    HintLost,
    /// A list of changes names an issue twice, and one that nobody follows.
    HintTwisted,
}

pub(crate) const FAULTS: [Fault; 39] = [
    Fault::Crash,
    Fault::Dropped,
    Fault::Unsent,
    Fault::AnswerLost,
    Fault::Doubled,
    Fault::Truncated,
    Fault::Late,
    Fault::Limited,
    Fault::LimitedBare,
    Fault::Secondary,
    Fault::Broken,
    Fault::BrokenAfter,
    Fault::Unauthorised,
    Fault::Mangled,
    Fault::Stale,
    Fault::StoreFails,
    Fault::StoreUnsure,
    Fault::PutBack,
    Fault::SecondWorker,
    Fault::Folder,
    Fault::Document,
    Fault::People,
    Fault::Deleted,
    Fault::Moved,
    Fault::Published,
    Fault::Jump,
    Fault::Behind,
    Fault::Away,
    Fault::Partial,
    Fault::Echo,
    Fault::CutEdit,
    Fault::Refused,
    Fault::Skewed,
    Fault::Lost,
    Fault::HandedOver,
    Fault::Cited,
    Fault::Copied,
    Fault::HintLost,
    Fault::HintTwisted,
];

/// How often each fault struck.
pub(crate) type Struck = [u64; FAULTS.len()];

/// The faults of a seed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Faults(u64);

impl Faults {
    /// Every kind with a chance of one in four.
    pub(crate) fn of(dice: &mut Dice) -> Self {
        Self(dice.next() & dice.next())
    }

    pub(crate) fn has(self, fault: Fault) -> bool {
        self.0 & (1 << fault as u32) != 0
    }
}
