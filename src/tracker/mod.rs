//! Where issues live: reading and writing them in our own terms.
//!
//! Knows the trackers' wire formats, limits and traps.
//! Knows nothing of rules, deadlines or the register: it is told what to read and what to write.

pub mod accounts;
pub mod block;
pub mod github;
pub mod jira;
pub mod needs;
mod shown;
pub mod survey;

use std::collections::BTreeSet;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::model::{
    edit_intent::{Comment, Step},
    ids::{AccountId, Host, Marker, PlaceName, TrackerName},
    issue::{
        Draft, Dropped, Edit, Field, Issue, IssueId, IssueRef, IssueText, Overtaken, PlaceFacts, TrackerKind,
    },
    last_change::LastChange,
    marked::Mark,
    observed::Observed,
    postmortem::TrackerRef,
    rule::Destination,
};
use crate::net::pace::Pace;
use needs::Lack;
use survey::Survey;

pub use crate::net::NetError as TrackerError;

/// What changed in places since an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// Issues that changed, each with the time of its last change by the tracker's clock; one may be named twice.
    pub issues: Vec<(IssueId, DateTime<Utc>)>,
    /// Places of which not everything was told: whatever is there may have changed.
    pub untold: BTreeSet<PlaceName>,
    /// When the list began, by the tracker's clock: the next one goes on from there.
    pub as_of: DateTime<Utc>,
}

/// A created issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// Where it is.
    pub at: IssueRef,
    /// As read back; unknown when the read failed, which does not undo the create.
    pub issue: Observed<Issue>,
    /// What the tracker did not take.
    pub dropped: Vec<Dropped>,
}

/// An edited issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// As read back after all writes.
    pub issue: Issue,
    /// What the tracker did not take.
    pub dropped: Vec<Dropped>,
    /// What others wrote just before and we replaced unseen, the oldest first.
    pub overtaken: Vec<Overtaken>,
    /// Comments that wait: no list shows them, and an earlier one may be there (`Steps::may_say`).
    pub unsaid: BTreeSet<Comment>,
}

/// What a search of a place for our markers showed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Every issue with one of the markers that were looked for.
    pub issues: Vec<Issue>,
    /// Every issue with any marker of our form, where the tracker shows them along the way, and when it was last changed.
    pub marks: Vec<(Mark, DateTime<Utc>)>,
    /// When the search began, by the tracker's clock; none where it does not say, where something was listed that may hold
    /// a marker and cannot be read, and where the list is known to be behind.
    pub as_of: Option<DateTime<Utc>>,
}

/// Reading. Planning code is handed this and nothing more (invariant 14).
#[async_trait]
pub trait TrackerRead: Send + Sync {
    /// Its name in the configuration.
    fn name(&self) -> &TrackerName;

    /// What it is.
    fn kind(&self) -> TrackerKind;

    /// Authority of its address; half of every issue's identity.
    fn host(&self) -> &Host;

    /// Waiting times and allowances of its credential.
    fn pace(&self) -> &Pace;

    /// The issue key that a document's reference means on this tracker; none when it means another one.
    fn key_of(&self, reference: &TrackerRef) -> Option<String>;

    /// The account we act as. Also proves that the credential is honoured: an anonymous answer is an error.
    async fn whoami(&self) -> Result<AccountId, TrackerError>;

    /// What creates of a rule would lack in a place that was just looked at. Nothing is decided by it.
    async fn lacks(&self, _facts: &PlaceFacts, _to: &Destination) -> Result<Vec<Lack>, TrackerError> {
        Ok(Vec::new())
    }

    /// Those of some accounts that cannot be assigned in a place, as far as it tells. Nothing is decided by it.
    async fn unassignable(
        &self,
        _facts: &PlaceFacts,
        _accounts: &[AccountId],
    ) -> Result<Vec<AccountId>, TrackerError> {
        Ok(Vec::new())
    }

    /// What this account can see, for a first configuration. Nothing is decided by it.
    async fn survey(&self) -> Result<Survey, TrackerError> {
        let why = format!("{} cannot say what can be seen there", self.name());
        Err(TrackerError::Rejected { field: None, why })
    }

    /// Is told which accounts the register acted as: what one of them wrote is ours, as what the present one wrote.
    fn acted_as(&self, _accounts: BTreeSet<AccountId>) {}

    /// Proves what a place is and who can read it, now.
    async fn place(&self, place: &PlaceName) -> Result<PlaceFacts, TrackerError>;

    /// Proves who can read a place, now, for one text that goes there. What else a place is may be as it was read within the
    /// last minute.
    async fn proof(&self, place: &PlaceName) -> Result<PlaceFacts, TrackerError> {
        self.place(place).await
    }

    /// Proves who can read each of these places, now, where nothing is to be created. One answer for each, in order.
    async fn readers(&self, places: &[PlaceName]) -> Vec<Result<PlaceFacts, TrackerError>> {
        let mut answers = Vec::new();
        for place in places {
            answers.push(self.place(place).await);
        }
        answers
    }

    /// Reads issues by id, in batches. One answer for each, in order. A transferred or moved issue is
    /// `Known` under its new place and key (and, on GitHub, its new id).
    async fn read(&self, issues: &[IssueRef]) -> Vec<Observed<Issue>>;

    /// Reads one issue by its key, `acme/payments#3` or `PLAT-7`.
    async fn find(&self, key: &str) -> Observed<Issue>;

    /// Issues of these places that changed since an instant of the tracker's clock, less an overlap for lists that lag
    /// behind. A hint: it says what to read, and never what is so.
    async fn changes(&self, places: &[PlaceName], since: DateTime<Utc>) -> Result<Changes, TrackerError>;

    /// Every issue in a place that carries one of these markers, from complete reads, or an error.
    /// `since` bounds the creation time from below; none looks at everything.
    async fn marked(
        &self,
        place: &PlaceName,
        markers: &[Marker],
        since: Option<DateTime<Utc>>,
    ) -> Result<Vec<Issue>, TrackerError>;

    /// As [`Self::marked`], with everything else that the search shows of markers of our form. `since` bounds the time of the
    /// last change. The most that a tracker without such lists tells is what was looked for.
    async fn search(
        &self,
        place: &PlaceName,
        markers: &[Marker],
        since: Option<DateTime<Utc>>,
    ) -> Result<Search, TrackerError> {
        let issues = self.marked(place, markers, since).await?;
        Ok(Search { issues, ..Search::default() })
    }

    /// Issues in a place that this account wrote and that carry our label and a marker of our form, each by its key and with
    /// the marker: from complete reads, or an error. It is asked of a place that a register does not know: what is there
    /// already may be of a register that was lost, or of another one.
    async fn ours(&self, place: &PlaceName) -> Result<Vec<(String, Marker)>, TrackerError>;

    /// Issues that were created in a place since a time and that its lists do not show: they were taken elsewhere, or are
    /// too new. A further witness of creates whose outcome is unclear (invariant 7). Where searches do not depend on the place,
    /// they show such issues themselves, and there is nothing to add.
    async fn unlisted(&self, _place: &PlaceName, _since: DateTime<Utc>) -> Result<Vec<Issue>, TrackerError> {
        Ok(Vec::new())
    }

    /// The texts of every issue of a place that carries a label, open or closed, in order of their numbers: from a
    /// complete read, or an error. Issues that a worker like this one made are left out. Only GitHub has them.
    async fn texts(&self, place: &PlaceName, _label: &str) -> Result<Vec<IssueText>, TrackerError> {
        let why = format!("issues of `{place}` cannot be read as documents; only those of a GitHub can");
        Err(TrackerError::Rejected { field: None, why })
    }

    /// The texts of every issue that a query in the tracker's own language finds, in order of their numbers: from a complete
    /// read, or an error. Issues that a worker like this one made are left out. Only Jira has such a language.
    async fn searched(&self, _query: &str) -> Result<Vec<IssueText>, TrackerError> {
        let why = format!("{} knows no queries in JQL; only a Jira does", self.name());
        Err(TrackerError::Rejected { field: None, why })
    }

    /// The last change of the status or the assignee of an issue after an instant of the tracker's clock, with what others
    /// made of it in that time and a change of ours replaced; none where nobody changed it or its history does not say.
    async fn last_change(
        &self,
        _issue: &Issue,
        _field: Field,
        _since: DateTime<Utc>,
    ) -> Result<Option<LastChange>, TrackerError> {
        Ok(None)
    }

    /// Whether the issue's history has an assignment by another account than ours; an error where it does not tell. What
    /// nobody assigned is the place's own default.
    async fn is_assigned_by_others(&self, issue: &Issue) -> Result<bool, TrackerError> {
        let why = format!("{} does not tell who assigned {}", self.name(), issue.at.key);
        Err(TrackerError::Rejected { field: None, why })
    }

    /// Who closed an issue, where the tracker says so.
    async fn closer(&self, issue: &Issue) -> Result<Option<AccountId>, TrackerError>;
}

/// Writing.
#[async_trait]
pub trait TrackerWrite: TrackerRead {
    /// Creates one issue with one request that is sent at most once.
    /// An error for which [`TrackerError::is_certain`] is false leaves the outcome unknown.
    async fn create(&self, draft: &Draft) -> Result<Created, TrackerError>;

    /// Changes an issue that was just read, with the smallest writes, and reads it back. A state in between, which is
    /// neither as before nor as asked, is told to `steps` before the request that leads there is sent.
    async fn edit_by_steps(
        &self,
        issue: &Issue,
        edit: &Edit,
        steps: &mut dyn Steps,
    ) -> Result<Edited, TrackerError>;
}

/// Who is told how an edit of several requests goes.
#[async_trait]
pub trait Steps: Send {
    /// A step is about to be taken. Once this returns it is on record; with an error nothing more may be sent.
    async fn next(&mut self, step: Step) -> Result<(), TrackerError>;

    /// Whether a comment that no list shows is certainly not there: none was sent that a list which is behind would not show.
    fn may_say(&self, comment: Comment) -> bool;
}

/// Sends a comment that no list shows, if it is certainly not there; then and later `steps` know whether it may be. Whether it
/// was sent.
async fn say(
    comment: Comment,
    steps: &mut dyn Steps,
    post: impl Future<Output = Result<(), TrackerError>>,
) -> Result<bool, TrackerError> {
    if !steps.may_say(comment) {
        return Ok(false);
    }
    steps.next(Step::Said(comment)).await?;
    match post.await {
        Ok(()) => Ok(true),
        Err(error) => {
            if error.is_certain() {
                steps.next(Step::Unsaid(comment)).await?;
            }
            Err(error)
        }
    }
}
