//! The register as a whole: what is loaded for a cycle, and the writes that change it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    citation::CitationRecord,
    cycle::CycleRecord,
    document::{DocumentKey, DocumentRecord},
    edit_intent::EditIntent,
    finding::Finding,
    history::Entry,
    ids::{AccountId, FindingKey, Host, InstanceName, PlaceName, TrackerName},
    involvement::Involvement,
    issue::IssueId,
    link::{Intent, Link, Tombstone},
    mapping::Mapping,
    marked::{Marking, Watermark},
    misfit::{Misfit, RowName},
    note::{NoteName, Standing},
    place::PlaceState,
    reading::{Followed, Looked, Reading, Stood},
    sighting::Sighting,
    spent::Spent,
};

/// Who this register is; pinned when it is created.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// Random id of this database.
    pub database: String,
    /// The instance it belongs to; another instance is refused.
    pub instance: InstanceName,
    /// Key of the markers; secret, part of a backup.
    pub marker_key: Vec<u8>,
    /// From when on it may know nothing, because copies from before were put in its place (invariant 7); of several, the earliest.
    pub put_back: Option<DateTime<Utc>>,
    /// From when on the copy that was put back last knew nothing.
    pub newest_copy: Option<DateTime<Utc>>,
}

impl fmt::Debug for Identity {
    /// Leaves the secret out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { database, instance, marker_key: _, put_back, newest_copy } = self;
        f.debug_struct("Identity")
            .field("database", database)
            .field("put_back", put_back)
            .field("newest_copy", newest_copy)
            .field("instance", instance)
            .finish_non_exhaustive()
    }
}

/// Everything the register holds that planning and reports need.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Register {
    /// Findings by key.
    pub findings: BTreeMap<FindingKey, Finding>,
    /// The mapping table, in order of linking.
    pub links: Vec<Link>,
    /// Creates whose outcome is not recorded yet.
    pub intents: Vec<Intent>,
    /// Edits whose outcome is not recorded yet.
    pub edits: Vec<EditIntent>,
    /// Links that ended.
    pub tombstones: Vec<Tombstone>,
    /// What became of citations.
    pub citations: Vec<CitationRecord>,
    /// Who had a part in which finding.
    pub involvement: BTreeMap<FindingKey, Vec<Involvement>>,
    /// Places as first proven.
    pub places: Vec<PinnedPlace>,
    /// Places as they were last looked at.
    pub sights: Vec<PlaceState>,
    /// Until when all markers of places are known.
    pub watermarks: Vec<Watermark>,
    /// When findings were last looked at in full with nothing left to do.
    pub readings: BTreeMap<FindingKey, Reading>,
    /// Up to when the lists of changes of trackers were followed.
    pub followed: BTreeMap<TrackerName, Followed>,
    /// What documents came to, if a cycle has come to its end.
    pub stood: Option<Stood>,
    /// How new our last knowledge of each issue is.
    pub issues: BTreeMap<IssueId, Sighting>,
    /// Accounts that it acted as, at any time.
    pub accounts: Vec<OwnAccount>,
    /// What is known of documents, those that are gone among them.
    pub documents: BTreeMap<DocumentKey, DocumentRecord>,
    /// Pauses that trackers asked for.
    pub pauses: BTreeMap<TrackerName, DateTime<Utc>>,
    /// What stands undone or needs a person, the oldest first.
    pub notes: Vec<Standing>,
    /// What credentials were used for lately.
    pub spent: Vec<Spent>,
    /// The newest cycle that was recorded.
    pub last_cycle: Option<CycleRecord>,
    /// Where findings may go, as it was last approved; none before the first cycle, and where it does not fit the history.
    pub mapping: Option<Mapping>,
    /// Keys of findings that the history knows, and that nothing has: no other finding is ever given one of them.
    pub lost: BTreeSet<FindingKey>,
    /// Number of transactions recorded so far; a plan names the one it was made from.
    pub version: i64,
    /// Which of these transactions last changed what readers see of a row, when the register was loaded.
    pub versions: Versions,
    /// Rows that are not as the history says; nothing above holds any of them.
    pub misfits: Vec<Misfit>,
}

/// The transactions that last changed what readers see: never freshness, and never what only the worker needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Versions {
    /// Of findings, and of who had a part in them.
    pub findings: BTreeMap<FindingKey, i64>,
    /// Of links.
    pub links: BTreeMap<(FindingKey, IssueId), i64>,
}

impl Register {
    /// Why nothing may be decided on a finding: a row of its own, or of the register itself, does not fit the history.
    pub fn unfit(&self, finding: &FindingKey) -> Option<&Misfit> {
        self.misfits
            .iter()
            .find(|misfit| misfit.is_of_register() || misfit.row.finding().as_ref() == Some(finding))
    }

    /// Where what was approved is not as the history says; then nothing is approved.
    pub fn unfit_mapping(&self) -> impl Iterator<Item = &Misfit> {
        self.misfits.iter().filter(|misfit| misfit.is_of_mapping())
    }

    /// The parts that people had in a finding.
    pub fn parts(&self, finding: &FindingKey) -> &[Involvement] {
        self.involvement.get(finding).map(Vec::as_slice).unwrap_or_default()
    }

    /// The accounts that it acted as on a tracker.
    pub fn accounts_of(&self, tracker: &TrackerName) -> BTreeSet<AccountId> {
        let known = self.accounts.iter().filter(|known| known.tracker == *tracker);
        known.map(|known| known.account.clone()).collect()
    }

    /// Remembers a part, unless it is known.
    pub fn involve(&mut self, part: Involvement) {
        let known = self.involvement.entry(part.finding.clone()).or_default();
        if !known.iter().any(|old| old.is_same(&part)) {
            known.push(part);
        }
    }
}

/// A place, pinned by its numeric id: a name that later means another place is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinnedPlace {
    /// The tracker.
    pub tracker: TrackerName,
    /// Name in the configuration.
    pub place: PlaceName,
    /// Host it is on.
    pub host: Host,
    /// Numeric id.
    pub id: String,
    /// When it was pinned.
    pub since: DateTime<Utc>,
    /// When it was last searched completely for our markers.
    pub swept: Option<DateTime<Utc>>,
}

/// An account that the register acts as, or acted as: what it wrote is ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnAccount {
    /// The tracker.
    pub tracker: TrackerName,
    /// The account there.
    pub account: AccountId,
    /// Since when it is known.
    pub since: DateTime<Utc>,
}

/// One change of the register. Changes that belong together are recorded in one transaction.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    /// Inserts or replaces a finding, and records the parts that it implies.
    Finding(Box<Finding>),
    /// Records a part that somebody had in a finding, unless it is known.
    Involvement(Box<Involvement>),
    /// Says that what is recorded with it is nothing that documents are held against: the next cycle needs not read them for it.
    DocumentsStand,
    /// Inserts or replaces a link, by finding and issue id.
    Link(Box<Link>),
    /// Removes a link, and with it the edit that is open on it.
    Unlink {
        /// The finding.
        finding: FindingKey,
        /// The issue.
        issue: IssueId,
    },
    /// Inserts an intent, or replaces one of an earlier attempt; refused if one of the same or a later attempt is there.
    Intent(Box<Intent>),
    /// Says of an intent when its answer was given up; of the same attempt, or nothing is written.
    IntentUnclear(Box<Intent>),
    /// Removes an intent.
    IntentDone {
        /// The finding.
        finding: FindingKey,
        /// The tracker.
        tracker: TrackerName,
        /// The place.
        place: PlaceName,
    },
    /// Inserts or replaces an edit whose outcome is not recorded, by finding and issue.
    EditIntent(Box<EditIntent>),
    /// Removes an edit whose outcome is known.
    EditDone {
        /// The finding.
        finding: FindingKey,
        /// The issue.
        issue: IssueId,
    },
    /// Inserts a tombstone.
    Tombstone(Box<Tombstone>),
    /// Removes the tombstones of a finding.
    TombstonesCleared(FindingKey),
    /// Inserts or replaces what became of a citation, by finding and words.
    Citation(Box<CitationRecord>),
    /// Removes one tombstone.
    TombstoneCleared {
        /// The finding.
        finding: FindingKey,
        /// The issue.
        issue: IssueId,
    },
    /// Inserts or replaces what is remembered of a place.
    Sight(Box<PlaceState>),
    /// Inserts or replaces a pinned place.
    Place(PinnedPlace),
    /// Adds what a search for our markers showed, or replaces what was known of its place.
    Marked(Box<Marking>),
    /// Forgets what searches for our markers showed in a place.
    Unmarked {
        /// The tracker.
        tracker: TrackerName,
        /// Numeric id of the place.
        place_id: String,
    },
    /// Says what was looked at when.
    Looked(Looked),
    /// Inserts or replaces how new our last knowledge of an issue is.
    Issue(Box<Sighting>),
    /// Inserts or replaces what is known of a document.
    Document(Box<DocumentRecord>),
    /// Removes what is known of a document.
    DocumentForgotten(DocumentKey),
    /// Remembers an account that we act as.
    Account(OwnAccount),
    /// Replaces where findings may go: it is approved.
    Mapping(Box<Mapping>),
    /// Gives the register to another instance.
    Instance(InstanceName),
    /// Says that the register stands where it is now: a person said so.
    Moved,
    /// Remembers a pause across restarts; none ends it.
    Pause {
        /// The tracker.
        tracker: TrackerName,
        /// Until when.
        until: Option<DateTime<Utc>>,
    },
    /// Begins a note, or says one in other words, by its name.
    Note(Box<Standing>),
    /// Ends a note.
    NoteEnded(Box<NoteName>),
    /// Counts a use of a credential.
    Spent(Spent),
    /// Forgets what credentials were used for before a time, and after another: that was dated by a wrong clock.
    SpentForgotten {
        /// Earlier than this.
        before: DateTime<Utc>,
        /// Later than this.
        after: DateTime<Utc>,
    },
    /// Refuses everything unless a finding is of the version that a decision was made on.
    Unchanged {
        /// The finding.
        finding: FindingKey,
        /// The transaction that last changed what readers see of it.
        version: i64,
    },
    /// Inserts or replaces a cycle record, by id.
    Cycle(Box<CycleRecord>),
    /// Appends to the history.
    History(Entry),
    /// Takes a row as it is now, or its absence, although it does not fit the history: a person said so.
    Accepted(RowName),
}

impl Write {
    /// Removes an intent.
    pub fn intent_done(intent: &Intent) -> Self {
        let (finding, tracker, place) =
            (intent.finding.clone(), intent.tracker.clone(), intent.place.clone());
        Self::IntentDone { finding, tracker, place }
    }
}
