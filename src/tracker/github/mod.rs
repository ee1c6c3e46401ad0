//! GitHub.com and GitHub Enterprise Server.
//!
//! Knows GitHub's two interfaces and what they do silently (docs.github.com/rest and /graphql). REST writes and classifies, GraphQL
//! reads many issues at once. Knows nothing of rules, deadlines or the register.

mod address;
mod answer;
mod assignable;
mod bulk;
mod call;
mod changes;
mod comments;
mod compared;
mod create;
mod edit;
mod graphql;
mod installation;
mod lacks;
mod list;
mod newest;
mod nodes;
mod overtaken;
mod pages;
mod place;
mod read;
mod readers;
mod survey;
mod texts;
mod transport;
mod unlisted;
mod whoami;
mod wire;

use std::{
    collections::BTreeSet,
    sync::{Arc, atomic::AtomicI64},
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use self::address::Address;
use super::{
    Changes, Created, Edited, Search, Steps, TrackerError, TrackerRead, TrackerWrite, accounts::Accounts,
    survey::Survey,
};
use crate::{
    model::{
        clock::Clock,
        ids::{AccountId, Host, Marker, PlaceName, TrackerName},
        issue::{Draft, Edit, Field, Issue, IssueRef, IssueText, PlaceFacts, TrackerKind},
        last_change::LastChange,
        observed::Observed,
        postmortem::TrackerRef,
    },
    net::{
        http::{Http, SetupError},
        pace::{Allowances, Pace},
    },
};

pub use transport::OctocrabHttp;

/// The API version that is asked for unless the configuration names another; served until 2028 at least
/// (GitHub's documentation, Generating an installation access token).
pub const API_VERSION: &str = "2022-11-28";

/// What one GitHub is to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitHubSettings {
    /// Its name in the configuration.
    pub name: TrackerName,
    /// Address of the REST interface: `https://api.github.com`, `https://HOST/api/v3`.
    pub api_url: String,
    /// Authority of the pages for people, where it does not follow from the API's address: behind a proxy, say.
    pub web_host: Option<String>,
    /// API version to ask for.
    pub api_version: String,
    /// The label that every issue of ours carries; a search for ours looks for it too.
    pub label: String,
    /// Whether `owner/repo#n` without a host means this GitHub; at most one tracker should say so.
    pub accepts_short_references: bool,
    /// How fast its credential may go.
    pub allowances: Allowances,
}

impl GitHubSettings {
    /// Settings with the usual version and allowances, for the GitHub that short references mean.
    pub fn new(name: impl Into<TrackerName>, api_url: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            api_url: api_url.into(),
            web_host: None,
            api_version: API_VERSION.to_owned(),
            label: "postmortem-sync".to_owned(),
            accepts_short_references: true,
            allowances: Allowances::GITHUB,
        }
    }
}

/// One GitHub, seen by one credential.
pub struct GitHub {
    settings: GitHubSettings,
    address: Address,
    host: Host,
    pace: Pace,
    http: Arc<dyn Http>,
    /// The account behind the credential, as last told.
    me: whoami::Me,
    /// Accounts that the register acted as.
    accounts: Accounts,
    /// Who cannot be assigned where, as far as GitHub refused it.
    unassignable: assignable::Unassignable,
    /// Repositories that were read a moment ago.
    homes: place::Homes,
    /// How lists of what changed are asked for.
    lists: changes::Lists,
    /// What was listed of single repositories a moment ago.
    newest: newest::Newest,
    /// What the server was found to lack of GraphQL.
    lacks: lacks::Lacks,
    /// By how many seconds this machine's clock is ahead of the server's.
    ahead: AtomicI64,
}

impl std::fmt::Debug for GitHub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GitHub").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl GitHub {
    /// A GitHub over a transport that adds the credential.
    ///
    /// # Errors
    /// When the address in the settings is not one that a GitHub can have.
    pub fn new(
        settings: GitHubSettings,
        http: Arc<dyn Http>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SetupError> {
        let address = Address::parse(&settings.api_url)?;
        let credential = http.credential().map_or_else(|| address.base(), str::to_owned);
        Ok(Self {
            host: address.host(),
            pace: Pace::new(settings.allowances, clock).of(credential),
            address,
            settings,
            http,
            me: whoami::Me::default(),
            accounts: Accounts::default(),
            unassignable: assignable::Unassignable::default(),
            homes: place::Homes::default(),
            lists: changes::Lists::default(),
            newest: newest::Newest::default(),
            lacks: lacks::Lacks::default(),
            ahead: AtomicI64::new(0),
        })
    }

    /// Authority of the pages for people, such as `github.com`.
    pub fn web_host(&self) -> String {
        self.settings.web_host.clone().unwrap_or_else(|| self.address.web_host())
    }
}

#[async_trait]
impl TrackerRead for GitHub {
    fn name(&self) -> &TrackerName {
        &self.settings.name
    }

    fn kind(&self) -> TrackerKind {
        TrackerKind::Github
    }

    fn host(&self) -> &Host {
        &self.host
    }

    fn pace(&self) -> &Pace {
        &self.pace
    }

    fn key_of(&self, reference: &TrackerRef) -> Option<String> {
        let TrackerRef::Github { host, repository, number } = reference else { return None };
        let is_ours = match host {
            Some(host) => host.eq_ignore_ascii_case(&self.web_host()),
            None => self.settings.accepts_short_references,
        };
        is_ours.then(|| format!("{repository}#{number}"))
    }

    async fn unassignable(
        &self,
        facts: &PlaceFacts,
        accounts: &[AccountId],
    ) -> Result<Vec<AccountId>, TrackerError> {
        let repository = wire::place_path(&facts.name)?;
        let mut missing = Vec::new();
        for account in accounts {
            if !self.is_assignable(&repository, account).await? {
                missing.push(account.clone());
            }
        }
        Ok(missing)
    }

    async fn survey(&self) -> Result<Survey, TrackerError> {
        self.seen().await
    }

    async fn whoami(&self) -> Result<AccountId, TrackerError> {
        self.ask_whoami().await
    }

    fn acted_as(&self, accounts: BTreeSet<AccountId>) {
        self.accounts.learn(accounts);
    }

    async fn place(&self, place: &PlaceName) -> Result<PlaceFacts, TrackerError> {
        self.place_facts(place).await
    }

    async fn readers(&self, places: &[PlaceName]) -> Vec<Result<PlaceFacts, TrackerError>> {
        self.readers_of(places).await
    }

    async fn read(&self, issues: &[IssueRef]) -> Vec<Observed<Issue>> {
        self.read_all(issues).await
    }

    async fn find(&self, key: &str) -> Observed<Issue> {
        self.find_key(key).await
    }

    async fn changes(&self, places: &[PlaceName], since: DateTime<Utc>) -> Result<Changes, TrackerError> {
        self.list_changes(places, since).await
    }

    async fn marked(
        &self,
        place: &PlaceName,
        markers: &[Marker],
        since: Option<DateTime<Utc>>,
    ) -> Result<Vec<Issue>, TrackerError> {
        Ok(self.list_marked(place, markers, since).await?.issues)
    }

    async fn search(
        &self,
        place: &PlaceName,
        markers: &[Marker],
        since: Option<DateTime<Utc>>,
    ) -> Result<Search, TrackerError> {
        self.list_marked(place, markers, since).await
    }

    async fn ours(&self, place: &PlaceName) -> Result<Vec<(String, Marker)>, TrackerError> {
        self.list_written(place).await
    }

    async fn unlisted(&self, place: &PlaceName, since: DateTime<Utc>) -> Result<Vec<Issue>, TrackerError> {
        self.list_unlisted(place, since).await
    }

    async fn texts(&self, place: &PlaceName, label: &str) -> Result<Vec<IssueText>, TrackerError> {
        self.list_texts(place, label).await
    }

    async fn last_change(
        &self,
        issue: &Issue,
        field: Field,
        since: DateTime<Utc>,
    ) -> Result<Option<LastChange>, TrackerError> {
        self.last_change_of(issue, field, since).await
    }

    async fn is_assigned_by_others(&self, issue: &Issue) -> Result<bool, TrackerError> {
        let path =
            read::path_of(&issue.at).ok_or_else(|| TrackerError::NotFound { what: issue.at.key.clone() })?;
        self.has_foreign_assignment(&path).await
    }

    async fn closer(&self, issue: &Issue) -> Result<Option<AccountId>, TrackerError> {
        self.closed_by(issue).await
    }
}

#[async_trait]
impl TrackerWrite for GitHub {
    async fn create(&self, draft: &Draft) -> Result<Created, TrackerError> {
        self.create_issue(draft).await
    }

    async fn edit_by_steps(
        &self,
        issue: &Issue,
        edit: &Edit,
        steps: &mut dyn Steps,
    ) -> Result<Edited, TrackerError> {
        self.edit_issue(issue, edit, steps).await
    }
}
