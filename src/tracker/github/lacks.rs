//! What a server was found to lack of GraphQL, and how much it answers at once.
//!
//! Knows which parts of our questions not every server understands, and what is asked instead. Asks nothing itself.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

/// How often the size of a batch is halved while batches fail: GitHub gives up on a large one that it answers in parts.
const HALVINGS: u8 = 3;

/// A part of the question that not every server understands, and what is asked instead.
struct Extra {
    /// Words by which a complaint means it.
    names: &'static [&'static str],
    text: &'static str,
    plain: &'static str,
}

/// Older Enterprise Servers lack the first two: ids beyond 32 bits are not seen then, and a duplicate reads as "not
/// planned". Without the third, whoever closed an issue is asked for one by one.
const EXTRAS: [Extra; 3] = [
    Extra { names: &["fullDatabaseId"], text: "fullDatabaseId", plain: "" },
    Extra { names: &["enableDuplicate"], text: "stateReason(enableDuplicate: true)", plain: "stateReason" },
    Extra {
        names: &["timelineItems", "CLOSED_EVENT", "ClosedEvent"],
        text: "timelineItems(itemTypes: [CLOSED_EVENT], last: 1) { nodes { ... on ClosedEvent { actor { __typename \
               login } } } }",
        plain: "",
    },
];

/// The place of ids beyond 32 bits among the extras.
const FULL_IDS: usize = 0;

/// What a server was found to lack.
#[derive(Debug, Default)]
pub(super) struct Lacks {
    /// One bit for each of the extras.
    extras: AtomicU8,
    /// The whole interface, as far as we can speak it.
    interface: AtomicBool,
    /// Lists of what changed, by the interface.
    lists: AtomicBool,
    /// The strength for large batches, as the number of times that their size is halved.
    halvings: AtomicU8,
}

impl Lacks {
    /// Gives the interface another chance.
    pub(super) fn retry(&self) {
        self.interface.store(false, Ordering::Relaxed);
        self.lists.store(false, Ordering::Relaxed);
    }

    /// How often the size of a batch is halved.
    pub(super) fn halvings(&self) -> u8 {
        self.halvings.load(Ordering::Relaxed)
    }

    /// What is asked of an issue beyond what every server knows.
    pub(super) fn extras(&self) -> String {
        let extras = EXTRAS.iter().enumerate();
        let extras = extras.map(|(n, extra)| if self.has(n) { extra.text } else { extra.plain });
        extras.collect::<Vec<_>>().join(" ")
    }

    /// The server does not answer, or not to this account.
    pub(super) fn forget_interface(&self) {
        self.interface.store(true, Ordering::Relaxed);
    }

    /// The server does not answer what changed.
    pub(super) fn forget_lists(&self) {
        self.lists.store(true, Ordering::Relaxed);
    }

    /// The server knows no ids beyond 32 bits.
    pub(super) fn forget_full_ids(&self) {
        self.extras.fetch_or(1 << FULL_IDS, Ordering::Relaxed);
    }

    /// Whether the server answers, as far as it is known.
    pub(super) fn has_interface(&self) -> bool {
        !self.interface.load(Ordering::Relaxed)
    }

    /// Whether the server can be asked what changed.
    pub(super) fn has_lists(&self) -> bool {
        self.has_interface() && !self.lists.load(Ordering::Relaxed)
    }

    /// Whether the server knows ids beyond 32 bits.
    pub(super) fn has_full_ids(&self) -> bool {
        self.has(FULL_IDS)
    }

    /// A batch of the present size was answered, or was not.
    pub(super) fn answered(&self, well: bool) {
        let halvings = self.halvings.load(Ordering::Relaxed);
        let now = if well { halvings.saturating_sub(1) } else { (halvings + 1).min(HALVINGS) };
        self.halvings.store(now, Ordering::Relaxed);
    }

    fn has(&self, extra: usize) -> bool {
        self.extras.load(Ordering::Relaxed) & (1 << extra) == 0
    }

    /// Leaves out what a complaint names, or everything if it names nothing new. False when nothing is left to leave
    /// out.
    pub(super) fn learn(&self, complaint: &str) -> bool {
        let is_named = |extra: &Extra| extra.names.iter().any(|name| complaint.contains(name));
        let bits = |wanted: &dyn Fn(&Extra) -> bool| {
            EXTRAS.iter().enumerate().fold(0, |bits, (n, extra)| bits | u8::from(wanted(extra)) << n)
        };
        let before = self.extras.load(Ordering::Relaxed);
        let named = before | bits(&is_named);
        let lacking = if named == before { bits(&|_| true) } else { named };
        self.extras.store(lacking, Ordering::Relaxed);
        lacking != before
    }
}
