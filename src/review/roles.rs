//! Who may do what: one table, which every deciding verb asks.
//!
//! Knows verbs and roles. Knows nothing of what a verb changes (`decision`), and nothing of where it comes from.
//!
//! | verb | who | and |
//! |---|---|---|
//! | assign | anybody in the directory | |
//! | verify | a reviewer, or whom one named for this finding | without a part in its present episode |
//! | extend, waive, dismiss | a reviewer | without a part in its present episode |
//! | reject, review, settle, classify, name the claimant | a reviewer, or whom one named for this finding | |
//! | lower the class that a document gave | a reviewer | |
//! | reopen, name a reviewer (never oneself) | a reviewer | |
//! | adopt, detach or rebind a link; approve a configuration; lift limits | a reviewer | |
//! | set a citation aside; have something tried again; accept or retire a place | a reviewer | |
//! | accept a row that does not fit its history; say where the register stands | a reviewer | |
//! | accept a candidate, say what vanished | a reviewer | |
//! | link an item with a finding, which may dismiss another | a reviewer | without a part in the one that ends |
//!
//! A reviewer is whoever `people.yaml` calls so. Being named in a document lets nobody decide: it says who is asked first.

use super::{act::Act, involvement::part_of, refusal::Refusal};
use crate::model::{finding::Finding, ids::PersonId, people::People};

/// Who may do something at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Anybody in the directory.
    Anybody,
    /// A reviewer, or somebody whom a reviewer named for this finding.
    FindingReviewer,
    /// A reviewer of the directory.
    Reviewer,
}

/// Something that a person decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Gives a finding to somebody.
    Assign,
    /// Confirms that it is done.
    Verify,
    /// Sends it back.
    Reject,
    /// Moves its deadline.
    Extend,
    /// Accepts its risk.
    Waive,
    /// Takes it off the list.
    Dismiss,
    /// Takes it up again.
    Reopen,
    /// Records a review.
    Review,
    /// Says whose value holds.
    Settle,
    /// Corrects what went wrong.
    Classify,
    /// Lets more people read it.
    MakeLaxer,
    /// Says who claimed it.
    NameClaimant,
    /// Names somebody who may verify it.
    NameReviewer,
    /// Lets an issue follow a finding.
    AdoptLink,
    /// Ends a link.
    DetachLink,
    /// Forgets the links of a finding.
    RebindLink,
    /// Approves where the configuration sends findings.
    ApproveConfiguration,
    /// Applies a plan beyond the limits.
    LiftLimits,
    /// Makes a candidate a finding.
    AcceptCandidate,
    /// Says that a finding is what a document says in other words.
    LinkItem,
    /// Says that what vanished is gone.
    ApproveVanished,
    /// Sets a citation aside.
    IgnoreCitation,
    /// Has something tried again at once.
    Retry,
    /// Takes a row of the register as it is.
    AcceptRow,
    /// Says that what another register made in a place is another matter.
    AcceptPlace,
    /// Says that a place is gone for good.
    RetirePlace,
    /// Says that a register stands elsewhere, or is one of its own.
    MoveRegister,
}

impl Verb {
    /// Every verb.
    pub const ALL: &[Self] = &[
        Self::Assign,
        Self::Verify,
        Self::Reject,
        Self::Extend,
        Self::Waive,
        Self::Dismiss,
        Self::Reopen,
        Self::Review,
        Self::Settle,
        Self::Classify,
        Self::MakeLaxer,
        Self::NameClaimant,
        Self::NameReviewer,
        Self::AdoptLink,
        Self::DetachLink,
        Self::RebindLink,
        Self::ApproveConfiguration,
        Self::LiftLimits,
        Self::AcceptCandidate,
        Self::LinkItem,
        Self::ApproveVanished,
        Self::IgnoreCitation,
        Self::Retry,
        Self::AcceptRow,
        Self::AcceptPlace,
        Self::RetirePlace,
        Self::MoveRegister,
    ];

    /// The row of the table: who, and whether they must have had no part in the finding's present episode.
    pub fn needs(self) -> (Role, bool) {
        match self {
            Self::Assign => (Role::Anybody, false),
            Self::Verify => (Role::FindingReviewer, true),
            Self::Extend | Self::Waive | Self::Dismiss | Self::LinkItem => (Role::Reviewer, true),
            Self::Reject | Self::Review | Self::Settle | Self::Classify | Self::NameClaimant => {
                (Role::FindingReviewer, false)
            }
            Self::Reopen
            | Self::MakeLaxer
            | Self::NameReviewer
            | Self::AdoptLink
            | Self::DetachLink
            | Self::RebindLink
            | Self::ApproveConfiguration
            | Self::LiftLimits
            | Self::AcceptCandidate
            | Self::ApproveVanished
            | Self::IgnoreCitation
            | Self::Retry
            | Self::AcceptRow
            | Self::AcceptPlace
            | Self::RetirePlace
            | Self::MoveRegister => (Role::Reviewer, false),
        }
    }

    /// The verb in a refusal, behind `may not`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Assign => "assign",
            Self::Verify => "verify",
            Self::Reject => "reject",
            Self::Extend => "extend",
            Self::Waive => "waive",
            Self::Dismiss => "dismiss",
            Self::Reopen => "reopen",
            Self::Review => "review",
            Self::Settle => "settle a conflict of",
            Self::Classify => "classify",
            Self::MakeLaxer => "make laxer",
            Self::NameClaimant => "name the claimant of",
            Self::NameReviewer => "name a reviewer of",
            Self::AdoptLink => "adopt an issue for",
            Self::DetachLink => "detach an issue of",
            Self::RebindLink => "rebind",
            Self::ApproveConfiguration => "approve a changed configuration",
            Self::LiftLimits => "lift the limits of a plan",
            Self::AcceptCandidate => "accept a candidate",
            Self::LinkItem => "link another item with",
            Self::ApproveVanished => "say that findings are gone",
            Self::IgnoreCitation => "set aside a citation of",
            Self::Retry => "have something tried again that was left alone",
            Self::AcceptRow => "accept a row that does not fit its history",
            Self::AcceptPlace => "say what a place holds",
            Self::RetirePlace => "retire a place",
            Self::MoveRegister => "say where the register stands",
        }
    }
}

/// Whether a person may do something that concerns no single finding, as far as their role goes.
///
/// # Errors
/// The directory does not know them, or does not call them a reviewer.
pub fn permitted(verb: Verb, by: &PersonId, people: &People) -> Result<(), Refusal> {
    let person = people.0.get(by).ok_or_else(|| Refusal::UnknownPerson(by.to_string()))?;
    match verb.needs().0 {
        Role::Anybody => Ok(()),
        Role::FindingReviewer | Role::Reviewer if person.reviewer => Ok(()),
        Role::FindingReviewer | Role::Reviewer => {
            Err(Refusal::NeedsReviewer { by: by.clone(), verb: verb.as_str() })
        }
    }
}

/// Whether a person may verify the finding as far as their role goes: a reviewer of the directory, or one whom a reviewer named.
pub fn is_verifier(finding: &Finding, people: &People, person: &PersonId) -> bool {
    people.0.get(person).is_some_and(|known| known.reviewer || finding.told.reviewers.contains(person))
}

/// Whether this person may decide so about a finding: their role, and that they had no part in its present episode.
///
/// # Errors
/// Why not, and whom to ask.
pub fn may(verb: Verb, finding: &Finding, act: Act<'_>) -> Result<(), Refusal> {
    has_role(verb, finding, act)?;
    if verb.needs().1 { without_part(verb, finding, act) } else { Ok(()) }
}

/// Whether this person may verify the finding: their role, no part in its present episode, and a claimant who is known.
///
/// # Errors
/// Why not, and whom to ask.
pub fn may_verify(finding: &Finding, act: Act<'_>) -> Result<(), Refusal> {
    has_role(Verb::Verify, finding, act)?;
    act.not_owner(finding, Verb::Verify.as_str())?;
    act.not_claimant(finding)?;
    without_part(Verb::Verify, finding, act)
}

fn has_role(verb: Verb, finding: &Finding, act: Act<'_>) -> Result<(), Refusal> {
    let person = act.person()?;
    let has_role = match verb.needs().0 {
        Role::Anybody => true,
        Role::FindingReviewer => is_verifier(finding, act.people, act.by),
        Role::Reviewer => person.reviewer,
    };
    if has_role { Ok(()) } else { Err(Refusal::NotReviewer { by: act.by.clone(), verb: verb.as_str() }) }
}

fn without_part(verb: Verb, finding: &Finding, act: Act<'_>) -> Result<(), Refusal> {
    act.not_owner(finding, verb.as_str())?;
    match part_of(finding, act.parts, act.people, act.by) {
        Some(part) => Err(Refusal::had_part(act.by, verb.as_str(), &part)),
        None => Ok(()),
    }
}

/// Why nobody may verify a claim, in words for people; none if somebody may.
pub fn nobody_may_verify(finding: &Finding, act: Act<'_>) -> Option<String> {
    let of = |by| may_verify(finding, Act { by, ..act });
    let reviewers: Vec<&PersonId> =
        act.people.0.keys().filter(|by| is_verifier(finding, act.people, by)).collect();
    let mut why = Vec::new();
    for by in reviewers {
        match of(by) {
            Ok(()) => return None,
            Err(Refusal::HadPart { did, .. }) => why.push(format!("{by} {did}")),
            Err(Refusal::IsOwner { .. }) => why.push(format!("{by} owns it")),
            Err(Refusal::IsClaimant { .. }) => why.push(format!("{by} claimed it done")),
            Err(other) => return Some(other.to_string()),
        }
    }
    if why.is_empty() {
        return Some("people.yaml names no reviewer".to_owned());
    }
    Some(format!("{}; a reviewer names somebody else with `finding reviewer`", why.join(", ")))
}
