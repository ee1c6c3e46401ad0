//! Who we are and what a project is.
//!
//! Knows how to prove that a project is not readable by everybody. Knows nothing of issues.

use http::Method;

use super::{Jira, call::is_unserved, locked, wire};
use crate::{
    model::{
        ids::{AccountId, PlaceName},
        issue::{PlaceFacts, TrackerKind, Visibility},
    },
    tracker::{TrackerError, pace::Lane},
};

impl Jira {
    /// An anonymous-looking answer is a refused credential: lists would be empty from now on (`trackers.md` 2.1).
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
        let closed = self.closed(&project).await?;
        Ok(PlaceFacts { id: project.id, name: PlaceName::new(project.key), visibility, closed, read })
    }

    /// The gateway refuses every visitor, so they are looked for at the site's own address: this proves that the
    /// configured one is that.
    async fn prove_site(&self) -> Result<(), TrackerError> {
        let info: wire::ServerInfo = self.channel.get(&self.api("serverInfo")).await?;
        let (own, configured) = (info.base_url.trim_end_matches('/'), &self.settings.browse_url);
        if own.eq_ignore_ascii_case(configured.trim_end_matches('/')) {
            return Ok(());
        }
        let why = format!("`browse_url` is {configured}, but the site is at {own}");
        Err(TrackerError::Rejected { field: None, why })
    }

    /// A project is private when an unauthenticated read of it is answered with 401 or 404. Any other failure proves
    /// nothing: it may be a proxy's, or of this moment (I20).
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

    /// Why a project takes no issues of ours, where Jira says so. One that does not tell may take them: a create that
    /// is refused says why.
    async fn closed(&self, project: &wire::Project) -> Result<Option<String>, TrackerError> {
        if project.archived {
            return Ok(Some("the project is archived".to_owned()));
        }
        // Cloud wants to be told which permissions are meant; Data Center lists them all and has no such parameter.
        let only = if self.is_cloud() { "&permissions=CREATE_ISSUES" } else { "" };
        let query = format!("mypermissions?projectKey={}{only}", project.key);
        let granted = match self.channel.get::<wire::Permissions>(&self.api(&query)).await {
            Ok(granted) => granted.permissions,
            Err(error) if is_unserved(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        let may_create = granted.get("CREATE_ISSUES").and_then(|create| create.is_granted).unwrap_or(true);
        Ok((!may_create).then(|| "this account lacks the permission `Create issues`".to_owned()))
    }
}

/// Whether a text can stand in a path as it is. Project keys and ids are letters, digits and underscores.
pub(super) fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
