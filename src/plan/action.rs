//! What a plan says: actions, printable and sorted, and notes on everything that will not be done.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize, Serializer};

use crate::model::{
    cycle::{Note, NoteKind},
    edit_intent::EditIntent,
    finding::{Finding, Owner},
    history::Entry,
    ids::{FindingKey, PlaceName, RuleName, TrackerName},
    involvement::Involvement,
    issue::{Draft, Edit, Field, Issue, IssueId, IssueRef},
    link::{Agreed, Link, LinkKind, Tombstone},
    note::About,
    terms::{Progress, Severity},
    words::WithWords,
};

/// One thing to do. Actions on trackers name what they replace; the rest only changes the register.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Action {
    /// Writes what was learned into the register: the finding, its links, or both, with the reasons.
    Record {
        /// The finding.
        finding: FindingKey,
        /// The finding as it becomes, when it changes.
        #[serde(serialize_with = "with_words")]
        becomes: Option<Box<Finding>>,
        /// Links as they become.
        links: Vec<Link>,
        /// What is said about it in the history.
        entries: Vec<Entry>,
        /// Parts that people had in it, as its issues show.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        parts: Vec<Involvement>,
        /// Open edits as they become; one of which nothing is open is over.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        edits: Vec<EditIntent>,
    },
    /// Links a finding with an existing issue.
    Adopt {
        /// The finding.
        finding: FindingKey,
        /// The tracker.
        tracker: TrackerName,
        /// The issue as read.
        issue: Box<Issue>,
        /// Whether it is one of ours or one that was cited.
        kind: LinkKind,
        /// Further issues of ours with the same marker.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        doubles: Vec<IssueRef>,
        /// The citation that led to it, as written.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        citation: Option<String>,
        /// Why.
        why: String,
    },
    /// Ends a link and leaves a tombstone.
    Break {
        /// The finding.
        finding: FindingKey,
        /// The issue.
        issue: IssueId,
        /// What is left behind.
        tombstone: Tombstone,
    },
    /// Replaces a link by one to the issue's new identity.
    Rekey {
        /// The finding.
        finding: FindingKey,
        /// The identity that ends.
        from: IssueId,
        /// The link as it becomes.
        becomes: Box<Link>,
        /// Why.
        why: String,
    },
    /// Ends an intent whose create is clear by now.
    EndIntent {
        /// The finding.
        finding: FindingKey,
        /// The tracker.
        tracker: TrackerName,
        /// The place.
        place: PlaceName,
        /// Why.
        why: String,
    },
    /// Goes on with a link whose issue was lost and is found again.
    Restore {
        /// The finding.
        finding: FindingKey,
        /// The issue by which its end is remembered.
        tombstone: IssueId,
        /// The link as it goes on.
        becomes: Box<Link>,
        /// Why.
        why: String,
    },
    /// Changes one issue.
    Edit(EditAction),
    /// Creates one issue.
    Create(CreateAction),
}

/// Changes one issue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EditAction {
    /// The finding.
    pub finding: FindingKey,
    /// Its severity, for the order of work.
    pub severity: Severity,
    /// The tracker.
    pub tracker: TrackerName,
    /// The issue.
    pub issue: Box<IssueRef>,
    /// What changes.
    pub edit: Edit,
    /// The finding's half of the owner baseline once the edit is done.
    pub owner: Option<Owner>,
    /// The finding's half of the status baseline once the edit is done.
    pub progress: Option<Progress>,
    /// Whether it failed before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub again: bool,
    /// Fields in which the tracker's value wins where both sides changed them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub yields: BTreeSet<Field>,
    /// Fields on which both sides have never agreed: writing them is no change of what was agreed.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub first: BTreeSet<Field>,
    /// What it overwrites although somebody chose it since both sides last agreed.
    #[serde(default, skip_serializing_if = "Overruled::is_nothing")]
    pub overruled: Overruled,
    /// Why, one reason for each change.
    pub why: Vec<String>,
}

/// Values of an issue that a write overrules. They are on record before it is sent, and only if it is: from then on the two sides
/// have agreed on them, and the finding has moved away.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Overruled {
    /// The owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Owner>,
    /// The status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Progress>,
    /// What the history says of each.
    pub entries: Vec<Entry>,
    /// What the cycle that sends it says of each.
    pub notes: Vec<Note>,
}

impl Overruled {
    /// Takes the values for agreed, as is done before they are overwritten.
    pub fn agree(&self, link: &mut Link) {
        if let Some(owner) = &self.owner {
            link.baseline.owner = Some(Agreed { finding: owner.clone(), issue: owner.clone() });
        }
        if let Some(progress) = self.progress {
            link.baseline.progress = Some(Agreed { finding: progress, issue: progress });
        }
    }

    fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

impl EditAction {
    /// Whether it changes an owner or a status on which both sides agreed.
    pub fn changes_agreed(&self) -> bool {
        self.edit.owner.is_some() && !self.first.contains(&Field::Owner)
            || self.edit.progress.is_some() && !self.first.contains(&Field::Progress)
    }

    /// Leaves out a field that both sides write, or the comment, with all that only follows from writing it.
    pub fn withhold(&mut self, field: Field) {
        match field {
            Field::Owner => {
                (self.edit.owner, self.owner, self.overruled.owner) = (None, None, None);
                self.edit.unassign.clear();
            }
            Field::Progress => {
                (self.edit.progress, self.progress, self.overruled.progress) = (None, None, None);
            }
            Field::Comment => (self.edit.comment, self.edit.comment_mark) = (None, None),
            Field::Labels | Field::Due | Field::Block => return,
        }
        let about = Some(About::Field(field));
        let gone =
            self.overruled.notes.iter().filter(|note| note.about == about).map(|note| note.why.clone());
        let gone: BTreeSet<String> = gone.collect();
        self.why.retain(|why| !gone.contains(why));
        self.overruled.entries.retain(|entry| entry.field.as_deref() != Some(field.as_str()));
        self.overruled.notes.retain(|note| note.about != about);
    }
}

/// Creates one issue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CreateAction {
    /// The finding.
    pub finding: FindingKey,
    /// Its severity, for the order of work.
    pub severity: Severity,
    /// The rule that says so.
    pub rule: RuleName,
    /// The tracker.
    pub tracker: TrackerName,
    /// What is sent.
    pub draft: Draft,
    /// Owner that the finding has; the baseline's half once the issue exists.
    pub owner: Owner,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// Whether it failed before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub again: bool,
    /// Why.
    pub why: String,
}

/// What a cycle would do, and what it would not.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// What to do, in the order of work.
    pub actions: Vec<Action>,
    /// What will not be done, with reasons.
    pub notes: Vec<Note>,
}

/// A plan is the security team's own: applied from a file, it must know what the finding becomes, words and all.
fn with_words<S: Serializer>(becomes: &Option<Box<Finding>>, serializer: S) -> Result<S::Ok, S::Error> {
    becomes.as_deref().map(WithWords::from).serialize(serializer)
}

impl Action {
    /// The finding that it is about.
    pub fn finding(&self) -> &FindingKey {
        match self {
            Self::Record { finding, .. }
            | Self::Adopt { finding, .. }
            | Self::Break { finding, .. }
            | Self::Rekey { finding, .. }
            | Self::EndIntent { finding, .. }
            | Self::Restore { finding, .. } => finding,
            Self::Edit(edit) => &edit.finding,
            Self::Create(create) => &create.finding,
        }
    }

    /// The tracker that it writes to, if it does.
    pub fn writes_to(&self) -> Option<&TrackerName> {
        match self {
            Self::Record { .. }
            | Self::Adopt { .. }
            | Self::Break { .. }
            | Self::Rekey { .. }
            | Self::EndIntent { .. }
            | Self::Restore { .. } => None,
            Self::Edit(edit) => Some(&edit.tracker),
            Self::Create(create) => Some(&create.tracker),
        }
    }

    /// What has been learned is recorded first, edits follow, then creates; within each the most severe first. What failed
    /// before comes last: it must not keep the others waiting by failing again (invariant 9).
    fn rank(&self) -> (u8, Severity, &FindingKey, &str) {
        match self {
            Self::Rekey { finding, from, .. } => (0, Severity::Critical, finding, &from.id),
            Self::Restore { finding, tombstone, .. } => (1, Severity::Critical, finding, &tombstone.id),
            Self::Break { finding, issue, .. } => (1, Severity::Critical, finding, &issue.id),
            Self::Record { finding, .. } => (2, Severity::Critical, finding, ""),
            Self::Adopt { finding, issue, .. } => (3, Severity::Critical, finding, &issue.at.id.id),
            Self::EndIntent { finding, place, .. } => (3, Severity::Info, finding, place.as_str()),
            Self::Edit(edit) if edit.again => (6, edit.severity, &edit.finding, &edit.issue.id.id),
            Self::Create(create) if create.again => {
                (7, create.severity, &create.finding, create.draft.place.as_str())
            }
            Self::Edit(edit) => (4, edit.severity, &edit.finding, &edit.issue.id.id),
            Self::Create(create) => (5, create.severity, &create.finding, create.draft.place.as_str()),
        }
    }
}

impl Plan {
    /// Puts actions and notes into their one order.
    pub fn sort(&mut self) {
        self.actions.sort_by(|a, b| a.rank().cmp(&b.rank()));
        self.notes.sort();
        self.notes.dedup();
    }

    /// Adds a note.
    pub fn say(&mut self, note: Note) {
        self.notes.push(note);
    }

    /// Adds a note about a finding.
    pub fn note(&mut self, kind: NoteKind, finding: &FindingKey, why: impl Into<String>) {
        self.say(Note::new(kind, why).of(finding));
    }

    /// Adds a note about a link of a finding.
    pub fn note_link(&mut self, kind: NoteKind, link: &Link, why: impl Into<String>) {
        self.say(Note::of_link(kind, link, why));
    }
}
