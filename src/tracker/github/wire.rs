//! GitHub's JSON as far as we need it, and its translation into our own terms.
//!
//! Knows the shapes of REST answers. Lenient: one issue with a deleted author or a new reason must not hide a page
//! of others; only what an issue cannot be told by is required.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::{
    model::{
        digest,
        ids::{AccountId, Host, Marker, PlaceName},
        issue::{Field, Issue, IssueId, IssueRef, IssueText},
        terms::Progress,
    },
    tracker::{
        TrackerError, block,
        shown::{Shown, unseen},
    },
};

/// What GitHub itself calls an account that is no more.
const GHOST: &str = "ghost";

/// An account in a REST answer. An App's login ends in `[bot]` here.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Account {
    pub(super) login: Option<String>,
}

impl Account {
    pub(super) fn id(self) -> Option<AccountId> {
        self.login.map(AccountId::new)
    }
}

/// Who wrote an issue. Nobody is an account that was deleted, which tells that it was not ours; an answer without the
/// member tells nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "Option<Account>")]
enum Author {
    #[default]
    Untold,
    Nobody,
    Somebody(Account),
}

impl From<Option<Account>> for Author {
    fn from(account: Option<Account>) -> Self {
        account.map_or(Self::Nobody, Self::Somebody)
    }
}

impl Author {
    fn id(self) -> Option<AccountId> {
        match self {
            Self::Untold => None,
            Self::Nobody => Some(AccountId::new(GHOST)),
            Self::Somebody(account) => account.id(),
        }
    }
}

/// A label, which REST shows as an object or, in old forms, as its name.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Label {
    Full { name: Option<String> },
    Name(String),
}

impl Label {
    fn name(&self) -> Option<&str> {
        match self {
            Self::Full { name } => name.as_deref(),
            Self::Name(name) => Some(name),
        }
    }
}

/// A repository as far as an issue's identity needs it: what it was asked for by, and its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Home {
    /// Its name, unless the issue itself shows another one.
    pub(super) name: PlaceName,
    /// Its number.
    pub(super) id: String,
}

/// An issue in a REST answer. Without its number, its state or its times it is none, and the whole of it is unknown.
///
/// | member | not there | null |
/// |---|---|---|
/// | `assignees` | the owner is not shown | nobody; so is a list in which somebody is not shown an unknown owner |
/// | `state_reason` | of a closed issue, the status is not shown | closed before there were reasons: done |
/// | `labels` | the labels are not shown | the same: no meaning of it is documented |
/// | `body` | neither marker nor block is shown, and nothing may be concluded from that | an empty one |
/// | `user` | nothing is told of the author | an account that is no more |
/// | `closed_by` | it is asked for by itself; where that does not tell either, it is not known yet | an account that is no more |
/// | `title`, `html_url` | not compared; of a document, all of it is unknown | the same |
/// | `node_id`, `repository_url` | not compared | the same |
/// | `pull_request` | an issue | an issue |
#[derive(Debug, Deserialize)]
pub(super) struct RestIssue {
    pub(super) id: u64,
    node_id: Option<String>,
    pub(super) number: u64,
    title: Option<String>,
    #[serde(default)]
    pub(super) body: Shown<String>,
    state: String,
    #[serde(default)]
    state_reason: Shown<String>,
    #[serde(default)]
    user: Author,
    #[serde(default)]
    assignees: Shown<Vec<Option<Account>>>,
    #[serde(default)]
    labels: Shown<Vec<Label>>,
    html_url: Option<String>,
    repository_url: Option<String>,
    created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
    #[serde(default)]
    closed_by: Shown<Account>,
    pull_request: Option<serde::de::IgnoredAny>,
    /// When the answer was given, by GitHub's clock.
    #[serde(skip)]
    read: Option<DateTime<Utc>>,
}

impl RestIssue {
    /// The same, with the time of its answer.
    pub(super) fn answered(self, at: Option<DateTime<Utc>>) -> Self {
        Self { read: at, ..self }
    }

    /// Pull requests are listed among issues.
    pub(super) fn is_pull_request(&self) -> bool {
        self.pull_request.is_some()
    }

    /// Whether the answer tells who closed it, if anybody did.
    pub(super) fn shows_closer(&self) -> bool {
        self.state != "closed" || !self.closed_by.is_absent()
    }

    /// The marker in its body.
    pub(super) fn marker(&self) -> Option<Marker> {
        block::marker_of(self.body.as_value()?)
    }

    /// Whether the answer tells whether it carries a marker.
    pub(super) fn shows_body(&self) -> bool {
        !self.body.is_absent()
    }

    /// Whether the answer tells everything of it that makes it a document.
    pub(super) fn shows_text(&self) -> bool {
        self.shows_body() && self.shows_labels() && self.title.is_some() && self.html_url.is_some()
    }

    /// Whether the answer tells which labels it has.
    pub(super) fn shows_labels(&self) -> bool {
        self.labels.as_value().is_some_and(|labels| labels.iter().all(|label| label.name().is_some()))
    }

    /// Whether the answer tells who is assigned.
    fn shows_assignees(&self) -> bool {
        match &self.assignees {
            Shown::Absent => false,
            Shown::Null => true,
            Shown::Value(list) => are_shown(list),
        }
    }

    /// Whether the answer tells everything that an issue is compared by.
    pub(super) fn is_whole(&self) -> bool {
        let shows_reason = self.state != "closed" || !self.state_reason.is_absent();
        !self.is_pull_request()
            && shows_reason
            && self.shows_body()
            && self.shows_labels()
            && self.shows_assignees()
    }

    /// Whether it carries a label. GitHub does not tell labels apart by case.
    pub(super) fn has_label(&self, label: &str) -> bool {
        let mut names = self.labels.as_value().into_iter().flatten().filter_map(Label::name);
        names.any(|name| name.to_lowercase() == label.to_lowercase())
    }

    /// What people wrote in it.
    pub(super) fn into_text(self, place: &PlaceName) -> IssueText {
        let labels = self.labels.as_value().into_iter().flatten().filter_map(Label::name);
        let labels = labels.map(str::to_owned).collect();
        IssueText {
            key: format!("{place}#{}", self.number),
            url: self.html_url.unwrap_or_default(),
            title: self.title.unwrap_or_default(),
            body: self.body.value().unwrap_or_default(),
            labels,
            ..IssueText::default()
        }
    }

    /// The name of its repository, which only the address shows.
    pub(super) fn place(&self) -> Option<PlaceName> {
        let mut parts = self.repository_url.as_ref()?.trim_end_matches('/').rsplit('/');
        let (name, owner) = (parts.next()?, parts.next()?);
        // Some addresses go by number.
        let is_named = !name.is_empty() && !owner.is_empty() && owner != "repositories";
        is_named.then(|| PlaceName::new(format!("{owner}/{name}")))
    }

    /// In our own terms; an error says what makes no sense.
    pub(super) fn into_issue(self, host: &Host, home: &Home) -> Result<Issue, String> {
        let place = self.place().unwrap_or_else(|| home.name.clone());
        let (progress, status_text) = status(&self.state, self.state_reason.as_value().map(String::as_str))?;
        let unseen = unseen([
            (Field::Owner, self.shows_assignees()),
            (Field::Progress, !progress.is_closed() || !self.state_reason.is_absent()),
            (Field::Labels, self.shows_labels()),
        ]);
        let body = self.body.value().unwrap_or_default();
        let labels = self.labels.as_value().into_iter().flatten();
        let labels = labels.filter_map(Label::name).map(str::to_owned).collect();
        Ok(Issue {
            at: IssueRef {
                id: IssueId { host: host.clone(), id: self.id.to_string() },
                node: self.node_id,
                key: format!("{place}#{}", self.number),
                url: self.html_url.unwrap_or_default(),
                place,
                place_id: home.id.clone(),
            },
            title: self.title.unwrap_or_default(),
            progress,
            status_text,
            assignees: accounts(self.assignees.value().unwrap_or_default()),
            labels,
            due: None,
            author: self.user.id(),
            closed_by: self.closed_by.value().filter(|_| progress.is_closed()).and_then(Account::id),
            updated: self.updated_at,
            created: self.created_at,
            read: self.read,
            marker: block::marker_of(&body),
            block: block::block_of(&body).map(digest::of_text),
            unseen,
            chosen: None,
        })
    }
}

/// The accounts of a list that may have holes.
pub(super) fn accounts(list: Vec<Option<Account>>) -> Vec<AccountId> {
    list.into_iter().flatten().filter_map(Account::id).collect()
}

/// Whether a list of accounts has no holes: somebody who is not shown may be the one that matters.
pub(super) fn are_shown(list: &[Option<Account>]) -> bool {
    list.iter().all(|account| account.as_ref().is_some_and(|account| account.login.is_some()))
}

/// A repository in a REST answer. Who can read it must be told; that it is archived, disabled or without issues counts only
/// where it is said, because a create there is refused and makes nothing.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct RestRepository {
    pub(super) id: u64,
    pub(super) full_name: Option<String>,
    pub(super) private: Option<bool>,
    pub(super) visibility: Option<String>,
    pub(super) archived: Option<bool>,
    pub(super) disabled: Option<bool>,
    pub(super) has_issues: Option<bool>,
    pub(super) permissions: Option<Permissions>,
}

/// What the account may do in a repository. For an App's installation they say nothing about issues.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Permissions {
    admin: Option<bool>,
    maintain: Option<bool>,
    push: Option<bool>,
    triage: Option<bool>,
}

/// The most that an account may do in a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Powers {
    /// Read, and open bare issues.
    Read,
    /// Work with issues.
    Triage,
    /// Write.
    Push,
    /// Almost everything.
    Maintain,
    /// Everything.
    Admin,
}

impl Powers {
    /// As REST calls it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Read => "pull",
            Self::Triage => "triage",
            Self::Push => "push",
            Self::Maintain => "maintain",
            Self::Admin => "admin",
        }
    }

    /// From the word of GraphQL's `viewerPermission`.
    pub(super) fn of_viewer(word: &str) -> Option<Self> {
        match word {
            "READ" => Some(Self::Read),
            "TRIAGE" => Some(Self::Triage),
            "WRITE" => Some(Self::Push),
            "MAINTAIN" => Some(Self::Maintain),
            "ADMIN" => Some(Self::Admin),
            _ => None,
        }
    }
}

impl Permissions {
    /// As somebody with these powers has them.
    pub(super) fn with(powers: Powers) -> Self {
        let may = |least: bool| Some(least);
        Self {
            admin: may(matches!(powers, Powers::Admin)),
            maintain: may(matches!(powers, Powers::Admin | Powers::Maintain)),
            push: may(!matches!(powers, Powers::Read | Powers::Triage)),
            triage: may(!matches!(powers, Powers::Read)),
        }
    }

    /// The highest of them; none where they do not say. Older servers do not know the triage role.
    pub(super) fn powers(&self) -> Option<Powers> {
        let ranks = [
            (self.admin, Powers::Admin),
            (self.maintain, Powers::Maintain),
            (self.push, Powers::Push),
            (self.triage, Powers::Triage),
        ];
        let highest = ranks.into_iter().find(|(may, _)| *may == Some(true)).map(|(_, powers)| powers);
        highest.or_else(|| (self.push == Some(false)).then_some(Powers::Read))
    }
}

/// State and reason in our own terms and in words. A reason we do not know is never taken for "done" (invariant 3): it is
/// reported as declined, for a reviewer to look at. Issues closed before reasons existed have none, and were done.
pub(super) fn status(state: &str, reason: Option<&str>) -> Result<(Progress, String), String> {
    let (state, reason) = (state.to_ascii_lowercase(), reason.map(str::to_ascii_lowercase));
    match (state.as_str(), reason.as_deref()) {
        ("open", _) => Ok((Progress::Open, state)),
        ("closed", None) => Ok((Progress::Done, state)),
        ("closed", Some("completed")) => Ok((Progress::Done, "closed (completed)".to_owned())),
        ("closed", Some(other)) => Ok((Progress::Declined, format!("closed ({})", other.replace('_', " ")))),
        (other, _) => Err(format!("`{other}` is no state of an issue")),
    }
}

/// The path of a repository. A name that cannot stand in a path as it is, is no repository's.
pub(super) fn place_path(place: &PlaceName) -> Result<String, TrackerError> {
    let is_fit = |part: &str| {
        let has_fit_letters = part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        has_fit_letters && !matches!(part, "" | "." | "..")
    };
    match place.as_str().split_once('/') {
        Some((owner, name)) if is_fit(owner) && is_fit(name) => Ok(format!("/repos/{owner}/{name}")),
        _ => Err(TrackerError::Rejected {
            field: None,
            why: format!("`{place}` is no GitHub repository, such as `acme/payments`"),
        }),
    }
}

/// The number in `owner/repo#n`.
pub(super) fn number_of(key: &str) -> Option<u64> {
    key.rsplit_once('#')?.1.parse().ok()
}
