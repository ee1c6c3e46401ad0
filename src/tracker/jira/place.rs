//! Who we are and what a project is.
//!
//! Knows how to prove that a project is not readable by everybody. Knows nothing of issues.

use http::Method;

use super::{Jira, call::Failure, locked, wire};
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
        let path = self.api(&format!("project/{place}"));
        let project: wire::Project = self.channel.get(&path).await?;
        let visibility = self.visibility(&self.api(&format!("project/{}", project.id))).await?;
        let closed = self.closed(&project).await?;
        let read = self.channel.pace().now();
        Ok(PlaceFacts { id: project.id, name: PlaceName::new(project.key), visibility, closed, read })
    }

    /// A project is private when an unauthenticated read of it is refused. Any other failure proves nothing (I20).
    async fn visibility(&self, path: &str) -> Result<Visibility, TrackerError> {
        let answer = match self.anonymous.call(Lane::Read, Method::GET, path, None).await {
            Ok(answer) => answer,
            Err(Failure::Other(
                TrackerError::Unauthorized { .. }
                | TrackerError::Forbidden { .. }
                | TrackerError::NotFound { .. },
            )) => return Ok(Visibility::Private),
            Err(failure) => return Err(failure.into()),
        };
        // A login page with status 200 is not a project that everybody can read; it is no proof of the contrary either.
        answer.parse::<wire::Project>().map(|_| Visibility::Public)
    }

    async fn closed(&self, project: &wire::Project) -> Result<Option<String>, TrackerError> {
        if project.archived {
            return Ok(Some("the project is archived".to_owned()));
        }
        // Cloud wants to be told which permissions are meant; Data Center lists them all and has no such parameter.
        let only = if self.is_cloud() { "&permissions=CREATE_ISSUES" } else { "" };
        let query = format!("mypermissions?projectKey={}{only}", project.key);
        let granted: wire::Permissions = self.channel.get(&self.api(&query)).await?;
        let may_create = granted.permissions.get("CREATE_ISSUES").is_some_and(|create| create.is_granted);
        Ok((!may_create).then(|| "this account lacks the permission `Create issues`".to_owned()))
    }
}

/// Whether a text can stand in a path as it is. Project keys and ids are letters, digits and underscores.
pub(super) fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
