//! Who asks, and what they may see and do.
//!
//! Knows tokens and permissions. Must not change anything.

use std::collections::BTreeMap;

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use super::{
    Exchange,
    data::{Permission, Slot},
    moved, not_found,
};
use crate::sandbox::{
    clock::epoch,
    wire::{Answer, At, Outcome},
};

/// Who asks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Viewer {
    /// `None` for nobody in particular.
    pub(crate) login: Option<String>,
    pub(crate) token: Option<String>,
    /// Rights by repository id, where the token has fewer than its user.
    pub(crate) rights: Option<BTreeMap<u64, Permission>>,
    pub(crate) installation: Option<u64>,
    /// The app, for a request signed as an app.
    pub(crate) app: Option<u64>,
}

impl Viewer {
    /// The login, or a name for nobody.
    pub(crate) fn name(&self) -> String {
        self.login.clone().unwrap_or_else(|| "(anonymous)".to_owned())
    }
}

impl Exchange<'_> {
    /// Whoever the credential stands for; 401 if it stands for nobody.
    pub(crate) fn authenticate(&self) -> Result<Viewer, Answer> {
        let Some(given) = self.call.header("authorization") else { return Ok(Viewer::default()) };
        let secret = given.split_once(' ').map(|(_, secret)| secret.trim()).unwrap_or_default();
        if let Some(token) = self.hub.tokens.get(secret) {
            if token.expires_at.is_some_and(|at| at <= self.now) {
                return Err(bad_credentials());
            }
            return Ok(Viewer {
                login: Some(token.login.clone()),
                token: Some(secret.to_owned()),
                rights: token.rights.clone(),
                installation: token.installation,
                app: None,
            });
        }
        let app = self.app_of_jwt(secret)?;
        Ok(Viewer { app: Some(app), token: Some(secret.to_owned()), ..Viewer::default() })
    }

    /// The app that a JWT names. The signature is not checked: the sandbox has no public key.
    fn app_of_jwt(&self, jwt: &str) -> Result<u64, Answer> {
        let payload = jwt.split('.').nth(1).and_then(|part| BASE64URL_NOPAD.decode(part.as_bytes()).ok());
        let claims: Value =
            payload.and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or_else(bad_credentials)?;
        let issuer = claims
            .at("iss")
            .as_str()
            .map(str::to_owned)
            .or_else(|| claims.at("iss").as_u64().map(|id| id.to_string()));
        let issuer = issuer.ok_or_else(bad_credentials)?;
        let (issued, expires) =
            (claims.at("iat").as_u64().unwrap_or_default(), claims.at("exp").as_u64().unwrap_or_default());
        if expires.saturating_sub(issued) > 660 {
            let message = "'Expiration time' claim ('exp') is too far in the future";
            return Err(Answer::message(401, message));
        }
        let now = epoch(self.now);
        if self.settings.check_jwt_times && (issued > now + 60 || expires <= now) {
            return Err(Answer::message(
                401,
                "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
            ));
        }
        let app = self.hub.apps.values().find(|app| app.id.to_string() == issuer || app.client_id == issuer);
        app.map(|app| app.id).ok_or_else(|| Answer::message(404, "Integration not found"))
    }

    /// What the viewer may do in a repository.
    pub(crate) fn permission(&self, repo: u64) -> Permission {
        let Some(repo) = self.hub.repos.get(&repo).filter(|repo| !repo.is_deleted) else {
            return Permission::None;
        };
        let floor = if repo.is_private { Permission::None } else { Permission::Read };
        let own = self.viewer.login.as_deref().map_or(Permission::None, |login| repo.permission(login));
        let limit = match &self.viewer.rights {
            Some(rights) => rights.get(&repo.id).copied().unwrap_or(Permission::None),
            None => Permission::Admin,
        };
        let own = if self.viewer.installation.is_some() { limit } else { own.min(limit) };
        own.max(floor)
    }

    /// The permission in a repository that must at least be visible.
    pub(crate) fn visible(&self, repo: u64) -> Result<Permission, Answer> {
        let permission = self.permission(repo);
        if permission == Permission::None { Err(not_found()) } else { Ok(permission) }
    }

    /// Whether the viewer may push: only then are assignees, labels and types taken.
    pub(crate) fn can_push(&self, repo: u64) -> bool {
        self.permission(repo) >= Permission::Push
    }

    /// The issue with that number; 301 if it has moved, 410 if it is gone.
    pub(crate) fn issue_at(&self, repo: u64, number: u64, rest: &[&str]) -> Result<u64, Answer> {
        let slot = self.hub.repos.get(&repo).and_then(|repo| repo.slots.get(&number));
        match slot.ok_or_else(not_found)? {
            Slot::Issue(id) => Ok(*id),
            Slot::Deleted if self.viewer.login.is_some() => {
                Err(Answer::message(410, "This issue was deleted"))
            }
            Slot::Deleted => Err(not_found()),
            Slot::Moved { repo, number } => {
                self.visible(*repo)?;
                let path: String = rest.iter().map(|part| format!("/{part}")).collect();
                Err(moved(&format!("{}/repositories/{repo}/issues/{number}{path}", self.base)))
            }
        }
    }

    /// Refuses a write by nobody, or into an archived repository.
    pub(crate) fn writable(&self, repo: u64) -> Result<(), Answer> {
        if self.viewer.login.is_none() {
            return Err(Answer::message(401, "Requires authentication"));
        }
        let is_archived = self.hub.repos.get(&repo).is_some_and(|repo| repo.is_archived);
        if is_archived {
            return Err(Answer::message(403, "Repository was archived so is read-only."));
        }
        Ok(())
    }

    /// Refuses whoever lacks a permission.
    pub(crate) fn require(&self, repo: u64, least: Permission) -> Result<(), Answer> {
        self.writable(repo)?;
        if self.permission(repo) >= least {
            return Ok(());
        }
        let kind = if self.viewer.installation.is_some() { "integration" } else { "personal access token" };
        let refusal = Answer::message(403, &format!("Resource not accessible by {kind}"));
        Err(refusal.with("X-Accepted-GitHub-Permissions", "issues=write"))
    }

    /// Counts a content creation against the secondary limit.
    pub(crate) fn create_content(&mut self) -> Result<(), Answer> {
        let who = self.viewer.name();
        if self.hub.budgets.create(&who, self.settings, self.now) {
            return Ok(());
        }
        Err(secondary_limit(self.settings.secondary_retry_after))
    }

    /// GET /repos/…/collaborators/{login}/permission.
    pub(crate) fn collaborator(&self, repo: u64, login: &str) -> Outcome {
        let repo = self.hub.repos.get(&repo).ok_or_else(not_found)?;
        let user = self.lens().user(login);
        if user.is_null() {
            return Err(not_found());
        }
        let (permission, role) = match repo.permission(login) {
            Permission::None if repo.is_private => ("none", "none"),
            Permission::None | Permission::Read => ("read", "read"),
            Permission::Triage => ("read", "triage"),
            Permission::Push => ("write", "write"),
            Permission::Maintain => ("write", "maintain"),
            Permission::Admin => ("admin", "admin"),
        };
        let mut user = user;
        if let Some(fields) = user.as_object_mut() {
            fields.insert("role_name".into(), role.into());
        }
        Ok(Answer::ok(json!({"permission": permission, "role_name": role, "user": user})))
    }
}

/// 403 for creating too much at once.
pub(crate) fn secondary_limit(retry_after: Option<u64>) -> Answer {
    let message = "You have exceeded a secondary rate limit and have been temporarily blocked from content creation. Please retry your request again later.";
    let documentation =
        "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits";
    let refusal = Answer::json(403, json!({"message": message, "documentation_url": documentation}));
    match retry_after {
        Some(seconds) => refusal.with("Retry-After", seconds.to_string()),
        None => refusal,
    }
}

fn bad_credentials() -> Answer {
    Answer::message(401, "Bad credentials")
}
