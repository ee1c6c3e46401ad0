//! Jira Cloud (REST v3) and Jira Data Center (REST v2), one client with an edition switch.
//!
//! Knows Jira's wire formats, limits and traps (developer.atlassian.com/cloud/jira/platform). Knows nothing of rules, deadlines or the register.
//!
//! An issue is recognised by a label, which search finds, and by the entity property [`PROPERTY`], which is the proof
//! (developer.atlassian.com, Entity properties). Its description is written once; later news goes into one comment that is edited in place.

pub mod adf;
pub mod wiki;

mod call;
mod changes;
mod comments;
mod create;
mod edit;
mod jql;
mod lenient;
mod list;
mod markdown;
mod marked;
mod needs;
mod overtaken;
mod place;
mod read;
mod readers;
mod search;
mod shapes;
mod status;
mod survey;
mod text;
mod texts;
mod transitions;
mod wire;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{
    Changes, Created, Edited, Steps, TrackerError, TrackerRead, TrackerWrite, accounts::Accounts,
    needs::Lack, survey::Survey,
};
use crate::{
    model::{
        clock::Clock,
        ids::{AccountId, Host, Marker, PlaceName, TrackerName},
        issue::{Draft, Edit, Field, Issue, IssueRef, IssueText, PlaceFacts, TrackerKind},
        last_change::LastChange,
        observed::Observed,
        postmortem::TrackerRef,
        rule::Destination,
        status::StatusMap,
    },
    net::{
        connecting::Connecting,
        http::{Http, SetupError},
        pace::{Allowances, Pace},
        transport::{Credential, ReqwestHttp},
    },
};
use call::Channel;

/// Key of the entity property that proves an issue to be ours: `{"marker": "pm1-…"}`.
pub const PROPERTY: &str = "postmortem-sync";

/// How one Jira site is used.
#[derive(Clone, Debug)]
pub struct JiraSettings {
    /// Its name in the configuration.
    pub name: TrackerName,
    /// Which edition it is.
    pub kind: TrackerKind,
    /// Address of its API, without `/rest`. Scoped tokens need `https://api.atlassian.com/ex/jira/<cloud id>`.
    pub base_url: String,
    /// Address that people use; its authority is the host of every issue's identity, whatever the API's address is.
    pub browse_url: String,
    /// The general label that every issue of ours carries.
    pub label_prefix: String,
    /// Keys of the projects that bare issue keys in documents may belong to.
    pub projects: Vec<String>,
    /// What statuses and resolutions mean.
    pub statuses: StatusMap,
    /// How fast the credential may go.
    pub allowances: Allowances,
}

impl JiraSettings {
    /// Whether requests go through Atlassian's gateway, which knows a site by its cloud id (support.atlassian.com, Manage API tokens for service accounts).
    fn is_behind_gateway(&self) -> bool {
        let path = self.base_url.split_once("://").map_or("", |(_, rest)| rest);
        path.split_once('/').is_some_and(|(_, path)| path.starts_with("ex/jira/"))
    }

    /// Where visitors find the site. The gateway refuses everybody without a credential, whatever a project allows.
    fn visitors_url(&self) -> &str {
        if self.is_behind_gateway() { &self.browse_url } else { &self.base_url }
    }
}

/// A Jira site.
pub struct Jira {
    settings: JiraSettings,
    host: Host,
    channel: Channel,
    /// The same site without a credential.
    anonymous: Channel,
    /// Who we are, once we asked.
    account: Mutex<Option<AccountId>>,
    /// Accounts that the register acted as.
    accounts: Accounts,
    /// Projects that were read a moment ago.
    projects: Mutex<BTreeMap<PlaceName, place::Known>>,
    /// Issue types and their fields by project, as far as they were needed.
    shapes: Mutex<BTreeMap<String, shapes::Shapes>>,
}

impl Jira {
    /// A client over real HTTP.
    ///
    /// # Errors
    /// When the address, the credential or the TLS set-up cannot be used.
    pub fn connect(
        settings: JiraSettings,
        credential: &Credential,
        connecting: impl Into<Connecting>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SetupError> {
        let connecting = connecting.into();
        let http = Arc::new(ReqwestHttp::new(&settings.base_url, credential, connecting.clone())?);
        let anonymous =
            Arc::new(ReqwestHttp::new(settings.visitors_url(), &Credential::Anonymous, connecting)?);
        Ok(Self::new(settings, http, anonymous, clock))
    }

    /// A client over two given transports: one with our credential, one without any.
    pub fn new(
        mut settings: JiraSettings,
        http: Arc<dyn Http>,
        anonymous: Arc<dyn Http>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let credential = http.credential().unwrap_or(&settings.base_url).to_owned();
        let pace = Arc::new(Pace::new(settings.allowances, clock).of(credential));
        let host = Host::new(authority(&settings.browse_url));
        // Queries must ask for the label as creates write it.
        settings.label_prefix = text::labels([&settings.label_prefix]).into_iter().collect();
        Self {
            channel: Channel::new(http, Arc::clone(&pace), true),
            anonymous: Channel::new(anonymous, pace, false),
            account: Mutex::new(None),
            accounts: Accounts::default(),
            projects: Mutex::new(BTreeMap::new()),
            shapes: Mutex::new(BTreeMap::new()),
            settings,
            host,
        }
    }

    fn is_cloud(&self) -> bool {
        self.settings.kind != TrackerKind::JiraDataCenter
    }

    /// The path of a resource in this edition's API.
    fn api(&self, resource: &str) -> String {
        let version = if self.is_cloud() { 3 } else { 2 };
        format!("/rest/api/{version}/{resource}")
    }

    /// Page of an issue for people.
    fn browse(&self, key: &str) -> String {
        format!("{}/browse/{key}", self.settings.browse_url.trim_end_matches('/'))
    }

    /// Who we are; asked once.
    async fn me(&self) -> Result<AccountId, TrackerError> {
        let known = locked(&self.account).clone();
        match known {
            Some(account) => Ok(account),
            None => self.whoami().await,
        }
    }
}

#[async_trait]
impl TrackerRead for Jira {
    fn name(&self) -> &TrackerName {
        &self.settings.name
    }

    fn kind(&self) -> TrackerKind {
        self.settings.kind
    }

    fn host(&self) -> &Host {
        &self.host
    }

    fn pace(&self) -> &Pace {
        self.channel.pace()
    }

    fn key_of(&self, reference: &TrackerRef) -> Option<String> {
        match reference {
            TrackerRef::Jira { host, key } => self.own_key(host.as_deref(), key),
            TrackerRef::Github { .. } | TrackerRef::PullRequest { .. } | TrackerRef::Other { .. } => None,
        }
    }

    async fn lacks(&self, facts: &PlaceFacts, to: &Destination) -> Result<Vec<Lack>, TrackerError> {
        self.lacking(facts, to).await
    }

    async fn unassignable(
        &self,
        facts: &PlaceFacts,
        accounts: &[AccountId],
    ) -> Result<Vec<AccountId>, TrackerError> {
        self.not_assignable(facts, accounts).await
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
        self.prove_place(place).await
    }

    async fn proof(&self, place: &PlaceName) -> Result<PlaceFacts, TrackerError> {
        self.prove_readers(place).await
    }

    async fn readers(&self, places: &[PlaceName]) -> Vec<Result<PlaceFacts, TrackerError>> {
        self.readers_of(places).await
    }

    async fn read(&self, issues: &[IssueRef]) -> Vec<Observed<Issue>> {
        self.read_all(issues).await
    }

    async fn find(&self, key: &str) -> Observed<Issue> {
        self.find_one(key).await
    }

    async fn changes(&self, places: &[PlaceName], since: DateTime<Utc>) -> Result<Changes, TrackerError> {
        self.list_changes(places, since).await
    }

    /// The place does not narrow the search: an issue of ours may have been moved to another project.
    async fn marked(
        &self,
        _place: &PlaceName,
        markers: &[Marker],
        since: Option<DateTime<Utc>>,
    ) -> Result<Vec<Issue>, TrackerError> {
        self.list_marked(markers, since).await
    }

    async fn ours(&self, place: &PlaceName) -> Result<Vec<(String, Marker)>, TrackerError> {
        self.list_written(place).await
    }

    async fn searched(&self, query: &str) -> Result<Vec<IssueText>, TrackerError> {
        self.list_texts(query).await
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
        self.has_foreign_assignment(issue).await
    }

    async fn closer(&self, issue: &Issue) -> Result<Option<AccountId>, TrackerError> {
        self.find_closer(issue).await
    }
}

#[async_trait]
impl TrackerWrite for Jira {
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

/// A lock that a panic elsewhere does not spoil: what it guards are caches.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn authority(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest).to_lowercase()
}
