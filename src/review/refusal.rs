//! Why a decision is refused, and what to do instead.
//!
//! Knows the wording. Knows nothing of how the reasons come about.

use chrono::NaiveDate;
use thiserror::Error;

use crate::model::{
    ids::{AccountId, PersonId},
    involvement::{Involvement, Party},
    terms::{Route, State, Tlp},
};

/// A decision that was not taken. The finding is unchanged.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The finding is not in a state that this can be decided in.
    #[error("cannot {verb} a finding that is {state}; {help}")]
    State {
        /// What was asked for.
        verb: &'static str,
        /// The state it is in.
        state: State,
        /// What to do instead.
        help: &'static str,
    },
    /// The people directory does not know whoever decides, or is named.
    #[error("`{0}` is not in the people directory; add them to people.yaml, or correct the name")]
    UnknownPerson(String),
    /// Nothing was said.
    #[error("it is {0} already; name another class with `--class` or another kind of work with `--work`")]
    NothingToClassify(String),
    /// The class would not change.
    #[error("it is TLP:{0} already; name another class with `--tlp`")]
    SameTlp(Tlp),
    /// They may not decide this.
    #[error(
        "{by} may not {verb} this finding; ask one of its reviewers, or mark {by} as reviewer in people.yaml"
    )]
    NotReviewer {
        /// Who tried.
        by: PersonId,
        /// What was asked for.
        verb: &'static str,
    },
    /// Only reviewers decide this, and it concerns no single finding.
    #[error("{by} may not {verb}: a reviewer does; ask one, or mark {by} as reviewer in people.yaml")]
    NeedsReviewer {
        /// Who tried.
        by: PersonId,
        /// What was asked for.
        verb: &'static str,
    },
    /// They had a part in it in its present episode, whatever is so now.
    #[error(
        "{by}{} {did} (on record since {since}) and may not {verb} it, whatever was changed since; ask a reviewer without a \
         part in it",
        .known_as.as_ref().map(|name| format!(" (as {name})")).unwrap_or_default()
    )]
    HadPart {
        /// Who tried.
        by: PersonId,
        /// The name under which they had the part, if it is another.
        known_as: Option<String>,
        /// What was asked for.
        verb: &'static str,
        /// What they did.
        did: &'static str,
        /// Since when it is on record.
        since: NaiveDate,
    },
    /// They name themselves.
    #[error("{by} may not name themselves as its reviewer; name somebody else without a part in it")]
    NamesThemselves {
        /// Who tried.
        by: PersonId,
    },
    /// That person is a reviewer without being named.
    #[error("{0} is a reviewer already and needs not be named")]
    ReviewerAlready(PersonId),
    /// They own the finding.
    #[error("{by} owns this finding and may not {verb} it; ask a reviewer who does not")]
    IsOwner {
        /// Who tried.
        by: PersonId,
        /// What was asked for.
        verb: &'static str,
    },
    /// They closed the issue, or claimed the finding done in another way.
    #[error("{by} claimed this finding done and may not verify it; ask another reviewer")]
    IsClaimant {
        /// Who tried.
        by: PersonId,
    },
    /// Nobody knows which person claimed it, so independence cannot be shown.
    #[error(
        "nobody knows who claimed this finding done{}; name that person first, then verify",
        .account.as_ref().map(|account| format!(" (account `{account}`)")).unwrap_or_default()
    )]
    ClaimantUnnamed {
        /// The account, when the tracker named one.
        account: Option<AccountId>,
    },
    /// The claimant is known already.
    #[error("the claimant of this finding is known; there is nobody to name")]
    ClaimantKnown,
    /// Too little to show that it works.
    #[error(
        "{needed} different pieces of evidence are needed, {given} given; name what shows that it works, one reference each"
    )]
    EvidenceMissing {
        /// How many are needed.
        needed: usize,
        /// How many different ones were given.
        given: usize,
    },
    /// A finding about how people work is closed by the procedure that now says otherwise.
    #[error(
        "a finding on the {route} route is closed by its revised procedure; name the document and its revision"
    )]
    ProcedureMissing {
        /// Its route.
        route: Route,
    },
    /// A decision without a reason helps nobody later.
    #[error("to {verb} needs a reason; say why")]
    ReasonMissing {
        /// What was asked for.
        verb: &'static str,
    },
    /// The date is not in the future.
    #[error("{given} is not after today ({today}); name a later date")]
    NotLater {
        /// The date given.
        given: NaiveDate,
        /// Today, in the policy's zone.
        today: NaiveDate,
    },
    /// The deadline would not change.
    #[error("the deadline is {0} already; name another date")]
    SameDue(NaiveDate),
    /// It has no deadline that could be extended.
    #[error("this finding has no deadline, so there is nothing to extend")]
    NoDeadline,
    /// The waiver would last too long.
    #[error("a waiver of this severity ends on {latest} at the latest, not {given}; name an earlier date")]
    WaiverTooLong {
        /// The date given.
        given: NaiveDate,
        /// The latest allowed.
        latest: NaiveDate,
    },
    /// The extension would last too long.
    #[error(
        "a deadline of this severity is extended to {latest} at the latest, not to {given}; name an earlier date, or accept \
         the risk for a while with `finding waive`"
    )]
    ExtensionTooLong {
        /// The date given.
        given: NaiveDate,
        /// The latest allowed.
        latest: NaiveDate,
    },
    /// Deadlines of this severity are not extended.
    #[error("the policy extends no deadline of this severity; waive or dismiss the finding")]
    NoExtension,
    /// The next review would be later than usual.
    #[error("the next review is on {latest} at the latest, not on {given}; name an earlier date, or none")]
    ReviewTooLate {
        /// The date given.
        given: NaiveDate,
        /// The latest allowed: today and the severity's cadence.
        latest: NaiveDate,
    },
    /// This severity is not waived.
    #[error("a finding of this severity is never overdue and needs no waiver; dismiss it, or leave it open")]
    NoWaiver,
}

impl Refusal {
    /// The refusal of somebody who had a part.
    pub(super) fn had_part(by: &PersonId, verb: &'static str, part: &Involvement) -> Self {
        let is_other = part.party != Party::Person(by.clone());
        Self::HadPart {
            by: by.clone(),
            known_as: is_other.then(|| part.party.to_string()),
            verb,
            did: part.part.did(),
            since: part.at.date_naive(),
        }
    }
}
