//! GitHub Apps: from a signed request to an installation token.
//!
//! Knows apps and installations. Must not know what a token is used for.

use chrono::Duration;
use serde_json::{Value, json};

use super::{
    Exchange,
    data::{Installation, Permission, Repo, Token},
    not_found,
};
use crate::sandbox::{
    clock::seconds,
    wire::{Answer, At, Outcome},
};

impl Exchange<'_> {
    /// Everything below /app.
    pub(crate) fn app_routes(&mut self, rest: &[&str]) -> Outcome {
        let app = self.viewer.app;
        let app = app.ok_or_else(|| Answer::message(401, "A JSON web token could not be decoded"))?;
        match (self.call.method.as_str(), rest) {
            ("GET", []) => self.app(app),
            ("GET", ["installations"]) => {
                let all: Vec<&Installation> =
                    self.hub.installations.values().filter(|installation| installation.app == app).collect();
                Ok(self.page(&all, "/app/installations", |installation| self.installation(installation)))
            }
            ("GET", ["installations", id]) => {
                Ok(Answer::ok(self.installation(self.installation_of(app, id)?)))
            }
            ("POST", ["installations", id, "access_tokens"]) => self.mint(app, id),
            _ => Err(not_found()),
        }
    }

    fn app(&self, app: u64) -> Outcome {
        let app = self.hub.apps.get(&app).ok_or_else(not_found)?;
        Ok(Answer::ok(json!({
            "id": app.id,
            "slug": app.slug,
            "client_id": app.client_id,
            "node_id": format!("A_kwSB{}", app.id),
            "owner": self.lens().user(&app.login()),
            "name": app.slug,
            "description": null,
            "external_url": self.call.origin,
            "html_url": format!("{}/apps/{}", self.call.origin, app.slug),
            "created_at": "2020-01-01T00:00:00Z",
            "updated_at": "2020-01-01T00:00:00Z",
            "permissions": {"issues": "write", "metadata": "read"},
            "events": [],
        })))
    }

    fn installation_of(&self, app: u64, id: &str) -> Result<&Installation, Answer> {
        let found = id.parse().ok().and_then(|id: u64| self.hub.installations.get(&id));
        found.filter(|installation| installation.app == app).ok_or_else(not_found)
    }

    fn installation(&self, installation: &Installation) -> Value {
        let app = self.hub.apps.get(&installation.app);
        let url = format!("{}/app/installations/{}", self.base, installation.id);
        json!({
            "id": installation.id,
            "account": self.lens().owner(&installation.account),
            "repository_selection": "selected",
            "access_tokens_url": format!("{url}/access_tokens"),
            "repositories_url": format!("{}/installation/repositories", self.base),
            "html_url": url,
            "app_id": installation.app,
            "app_slug": app.map(|app| app.slug.clone()),
            "target_id": 900,
            "target_type": "Organization",
            "permissions": {"issues": "write", "metadata": "read"},
            "events": [],
            "created_at": "2020-01-01T00:00:00Z",
            "updated_at": "2020-01-01T00:00:00Z",
            "single_file_name": null,
            "suspended_by": null,
            "suspended_at": null,
        })
    }

    /// GET …/installation of a repository.
    pub(crate) fn repo_installation(&self, repo: u64) -> Outcome {
        let found =
            self.hub.installations.values().find(|installation| installation.rights.contains_key(&repo));
        Ok(Answer::ok(self.installation(found.ok_or_else(not_found)?)))
    }

    /// `POST …/access_tokens`.
    fn mint(&mut self, app: u64, id: &str) -> Outcome {
        let installation = self.installation_of(app, id)?.clone();
        let login = self.hub.apps.get(&app).ok_or_else(not_found)?.login();
        let expires_at = self.now + Duration::milliseconds(self.settings.installation_token_ms);
        // As long as GitHub's stateless tokens, so that nobody counts on short ones.
        let secret = format!("ghs_{app}_{}.{}.{}", "e".repeat(200), self.hub.fresh_id(), "s".repeat(300));
        let wanted = self.call.body.at("repositories").as_array().cloned();
        let is_wanted =
            |repo: &Repo| wanted.as_ref().is_none_or(|names| names.iter().any(|name| name == &repo.name));
        let rights =
            installation.rights.iter().filter(|(repo, _)| self.hub.repos.get(repo).is_some_and(is_wanted));
        let rights = rights.map(|(repo, permission)| (*repo, *permission)).collect();
        let token = Token {
            login,
            rights: Some(rights),
            expires_at: Some(expires_at),
            installation: Some(installation.id),
        };
        self.hub.tokens.insert(secret.clone(), token);
        Ok(Answer::json(
            201,
            json!({
                "token": secret,
                "expires_at": seconds(expires_at),
                "permissions": {"issues": "write", "metadata": "read"},
                "repository_selection": "selected",
            }),
        ))
    }

    /// GET /user/repos.
    pub(crate) fn own_repositories(&self) -> Outcome {
        if self.viewer.installation.is_some() {
            return Err(Answer::message(403, "Resource not accessible by integration"));
        }
        let seen = self.hub.repos.values().map(|repo| (repo, self.permission(repo.id)));
        let repos: Vec<(&Repo, Permission)> =
            seen.filter(|(_, permission)| *permission != Permission::None).collect();
        Ok(self.page(&repos, "/user/repos", |(repo, permission)| self.lens().repo(repo, *permission)))
    }

    /// GET /installation/repositories.
    pub(crate) fn installation_repositories(&self) -> Outcome {
        if self.viewer.installation.is_none() {
            return Err(Answer::message(
                403,
                "You must authenticate with an installation access token in order to list repositories for an installation.",
            ));
        }
        let rights = self.viewer.rights.clone().unwrap_or_default();
        let repos: Vec<(&Repo, Permission)> = rights
            .iter()
            .filter_map(|(id, permission)| Some((self.hub.repos.get(id)?, *permission)))
            .collect();
        let total = repos.len();
        let page = self.page(&repos, "/installation/repositories", |(repo, permission)| {
            self.lens().repo(repo, *permission)
        });
        let body =
            json!({"total_count": total, "repository_selection": "selected", "repositories": page.body});
        Ok(Answer { body: Some(body), ..page })
    }
}
