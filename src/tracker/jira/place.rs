//! Who we are and what a project is.
//!
//! Knows how to prove that a project is not readable by everybody. Knows nothing of issues.

use chrono::{DateTime, TimeDelta, Utc};
use http::Method;

use super::{Jira, call::is_unserved, locked, wire};
use crate::{
    model::{
        ids::{AccountId, PlaceName},
        issue::{PlaceFacts, TrackerKind, Visibility},
    },
    net::pace::Lane,
    tracker::TrackerError,
};

impl Jira {
    /// An anonymous-looking answer is a refused credential: lists would be empty from now on.
    pub(super) async fn ask_whoami(&self) -> Result<AccountId, TrackerError> {
        let user: wire::User = self.channel.get(&self.api("myself")).await?;
        let Some(account) = self.account_of(&user) else {
            *locked(&self.account) = None;
            let why = "it takes us for an anonymous visitor; the token may have expired".to_owned();
            return Err(TrackerError::Unauthorized { why });
        };
        *locked(&self.account) = Some(account.clone());
        Ok(account)
    }

    /// What this edition calls an account.
    pub(super) fn account_of(&self, user: &wire::User) -> Option<AccountId> {
        let id = match self.settings.kind {
            TrackerKind::JiraDataCenter => user.name.as_deref(),
            TrackerKind::JiraCloud | TrackerKind::Github => user.account_id.as_deref(),
        };
        id.filter(|id| !id.trim().is_empty()).map(AccountId::new)
    }

    pub(super) async fn prove_place(&self, place: &PlaceName) -> Result<PlaceFacts, TrackerError> {
        if !is_plain(place.as_str()) {
            let why = format!("`{place}` is not a project key");
            return Err(TrackerError::Rejected { field: Some("project".to_owned()), why });
        }
        let read = self.channel.pace().now();
        let path = self.api(&format!("project/{place}"));
        let project: wire::Project = self.channel.get(&path).await?;
        if self.settings.is_behind_gateway() {
            self.prove_site().await?;
        }
        let visibility = self.visibility(&self.api(&format!("project/{}", project.id))).await?;
        let granted = if project.archived { Granted::default() } else { self.granted(&project).await? };
        let known = Known { project, granted, read };
        let facts = known.facts(visibility, read);
        locked(&self.projects).insert(place.clone(), known);
        Ok(facts)
    }

    /// Who can read a project, by a request of its own. Which project it is, and what we may do there, is asked once a minute:
    /// what is sent names the project by the id whose readers this proves, and Jira refuses what we may not do.
    pub(super) async fn prove_readers(&self, place: &PlaceName) -> Result<PlaceFacts, TrackerError> {
        let now = self.channel.pace().now();
        let known = locked(&self.projects).get(place).cloned();
        let Some(known) = known.filter(|known| (now - known.read).abs() <= KNOWN) else {
            return self.prove_place(place).await;
        };
        let path = self.api(&format!("project/{}", known.project.id));
        Ok(known.facts(self.visibility(&path).await?, now))
    }

    /// The gateway refuses every visitor, so they are looked for at the site's own address: this proves that the
    /// configured one is that.
    pub(super) async fn prove_site(&self) -> Result<(), TrackerError> {
        let info: wire::ServerInfo = self.channel.get(&self.api("serverInfo")).await?;
        let (own, configured) = (info.base_url.trim_end_matches('/'), &self.settings.browse_url);
        if own.eq_ignore_ascii_case(configured.trim_end_matches('/')) {
            return Ok(());
        }
        let why = format!("`browse_url` is {configured}, but the site is at {own}");
        Err(TrackerError::Rejected { field: None, why })
    }

    /// A project is private when an unauthenticated read of it is answered with 401 or 404. Any other failure proves
    /// nothing: it may be a proxy's, or of this moment (invariant 13).
    async fn visibility(&self, path: &str) -> Result<Visibility, TrackerError> {
        let unclear = |error: &dyn std::fmt::Display| TrackerError::Malformed {
            why: format!(
                "only 401 or 404 to a visitor prove that a project is not public, and this is neither: {error}"
            ),
        };
        match self.anonymous.call(Lane::Read, Method::GET, path, None).await {
            // A login page with status 200 is not a project that everybody can read, and no proof of the contrary.
            Ok(answer) => match answer.parse::<wire::Project>() {
                Ok(_) => Ok(Visibility::Public),
                Err(error) => Err(unclear(&error)),
            },
            Err(failure) => match TrackerError::from(failure) {
                TrackerError::Unauthorized { .. } | TrackerError::NotFound { .. } => Ok(Visibility::Private),
                error @ (TrackerError::Forbidden { .. }
                | TrackerError::Moved { .. }
                | TrackerError::Gone { .. }
                | TrackerError::Rejected { .. }
                | TrackerError::Malformed { .. }) => Err(unclear(&error)),
                error @ (TrackerError::RateLimited { .. }
                | TrackerError::Expired
                | TrackerError::ClockOff { .. }
                | TrackerError::Unsent { .. }
                | TrackerError::Transient { .. }) => Err(error),
            },
        }
    }

    /// What this account may do in a project, of what we need. Nothing where Jira does not tell: a write that is refused
    /// says why.
    async fn granted(&self, project: &wire::Project) -> Result<Granted, TrackerError> {
        // Cloud wants to be told which permissions are meant; Data Center lists them all and has no such parameter.
        let only = if self.is_cloud() { format!("&permissions={}", NEEDED.join(",")) } else { String::new() };
        let query = format!("mypermissions?projectKey={}{only}", project.key);
        let granted = match self.channel.get::<wire::Permissions>(&self.api(&query)).await {
            Ok(granted) => granted.permissions,
            Err(error) if is_unserved(&error) => return Ok(Granted::default()),
            Err(error) => return Err(error),
        };
        let is_granted = |name: &str| granted.get(name).and_then(|one| one.is_granted);
        Ok(Granted(NEEDED.into_iter().filter_map(|name| Some((name, is_granted(name)?))).collect()))
    }
}

/// How long what a project is, apart from its readers, is taken for known where a text is sent.
const KNOWN: TimeDelta = TimeDelta::minutes(1);

/// A project, as it was read at some time.
#[derive(Clone, Debug)]
pub(super) struct Known {
    project: wire::Project,
    granted: Granted,
    read: DateTime<Utc>,
}

impl Known {
    /// What it is to us, with its readers as they were proven at some time.
    fn facts(&self, visibility: Visibility, read: DateTime<Utc>) -> PlaceFacts {
        let Self { project, granted, .. } = self;
        let archived = project.archived.then(|| "the project is archived".to_owned());
        let lacks_create =
            granted.lacks(CREATE).then_some("this account lacks the permission `Create issues`");
        let powerless = granted.changes_nothing().then_some("this account may not change issues there");
        PlaceFacts {
            id: project.id.clone(),
            name: PlaceName::new(project.key.clone()),
            visibility,
            closed: archived.clone().or(lacks_create.map(str::to_owned)),
            frozen: archived.or(powerless.map(str::to_owned)),
            powers: granted.powers(),
            read,
        }
    }
}

/// The permissions that we need in a project, by Jira's own names.
const NEEDED: [&str; 5] = [CREATE, "EDIT_ISSUES", "ASSIGN_ISSUES", "TRANSITION_ISSUES", "ADD_COMMENTS"];
const CREATE: &str = "CREATE_ISSUES";

/// Whether each of the permissions that we need is granted, as far as Jira tells.
#[derive(Clone, Debug, Default)]
struct Granted(Vec<(&'static str, bool)>);

impl Granted {
    fn lacks(&self, name: &str) -> bool {
        self.0.contains(&(name, false))
    }

    /// Whether nothing can be changed: each of what changes an issue is told, and refused.
    fn changes_nothing(&self) -> bool {
        NEEDED.iter().filter(|name| **name != CREATE).all(|name| self.lacks(name))
    }

    /// What is granted, for comparison.
    fn powers(&self) -> Option<String> {
        let names: Vec<&str> =
            self.0.iter().filter(|(_, is_granted)| *is_granted).map(|(name, _)| *name).collect();
        (!self.0.is_empty()).then(|| names.join(" "))
    }
}

/// Whether a text can stand in a path as it is. Project keys and ids are letters, digits and underscores.
pub(super) fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
