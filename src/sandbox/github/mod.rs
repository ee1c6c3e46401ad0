//! The GitHub of the sandbox: REST at `/` and `/api/v3`, GraphQL at `/graphql` and `/api/graphql`.
//!
//! Knows GitHub's rules as its documentation and its users report them. Must not know Jira or faults.

pub(crate) mod access;
pub(crate) mod apps;
pub(crate) mod assignees;
pub(crate) mod budget;
pub(crate) mod change;
pub(crate) mod comments;
pub(crate) mod connection;
pub(crate) mod data;
pub(crate) mod graphql;
pub(crate) mod issues;
pub(crate) mod labels;
pub(crate) mod lists;
pub(crate) mod nodes;
pub(crate) mod query;
pub(crate) mod show;
pub(crate) mod state;
pub(crate) mod update;

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::http::Method;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use self::{
    access::Viewer,
    budget::Resource,
    change::Hand,
    data::{Github, Issue},
    show::Lens,
};
use super::{
    clock::epoch,
    people::People,
    settings::GithubSettings,
    wire::{Answer, Call, Outcome},
};

/// The API versions this GitHub speaks.
const VERSIONS: [&str; 2] = ["2022-11-28", "2026-03-10"];

/// One request and everything its answer may touch.
pub(crate) struct Exchange<'a> {
    pub(crate) hub: &'a mut Github,
    pub(crate) people: &'a People,
    pub(crate) settings: &'a GithubSettings,
    pub(crate) now: DateTime<Utc>,
    pub(crate) call: &'a Call,
    pub(crate) viewer: Viewer,
    /// Where the REST API begins, as this client addressed it.
    pub(crate) base: String,
}

/// What a GitHub needs from the world around it.
#[derive(Clone, Copy)]
pub(crate) struct Around<'a> {
    pub(crate) people: &'a People,
    pub(crate) settings: &'a GithubSettings,
    pub(crate) now: DateTime<Utc>,
}

/// Answers a request, and says who asked.
pub(crate) fn answer(hub: &mut Github, around: Around<'_>, call: &Call) -> (Answer, Option<String>) {
    let mut segments = call.segments();
    let is_enterprise = segments.first().is_some_and(|first| first == "api");
    let base = if is_enterprise { format!("{}/api/v3", call.origin) } else { call.origin.clone() };
    if is_enterprise {
        // GraphQL is beside REST, not below it.
        let is_rest = segments.get(1).is_some_and(|second| second == "v3");
        segments.drain(..if is_rest { 2 } else { 1 });
        let is_graphql = segments.first().is_some_and(|first| first == "graphql");
        if is_rest == is_graphql {
            return (not_found(), None);
        }
    }
    let Around { people, settings, now } = around;
    let mut exchange = Exchange { hub, people, settings, now, call, viewer: Viewer::default(), base };
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    let outcome = exchange.admit(&parts);
    let answer = outcome.and_then(|()| exchange.route(&parts)).unwrap_or_else(|refusal| refusal);
    let user = exchange.viewer.login.clone();
    (exchange.finish(answer, &parts), user)
}

impl<'a> Exchange<'a> {
    /// Version, credential and primary limit: what is checked before anything else.
    fn admit(&mut self, parts: &[&str]) -> Result<(), Answer> {
        let version = self.call.header("x-github-api-version");
        if let Some(version) = version.filter(|version| !VERSIONS.contains(version)) {
            let message = format!("{version} is not a supported version. Supported: {}", VERSIONS.join(", "));
            return Err(Answer::message(400, &message));
        }
        self.viewer = self.authenticate()?;
        if parts == ["rate_limit"] {
            return Ok(());
        }
        let resource = resource(parts);
        let limit = resource.limit(self.settings);
        let status = self.settings.primary_status;
        let window = self.hub.budgets.window(&self.viewer.name(), resource, self.now);
        if window.used >= limit {
            let message = format!("API rate limit exceeded for user ID {}.", self.viewer.name());
            if resource == Resource::Graphql {
                let error = json!({"type": "RATE_LIMITED", "message": message});
                return Err(Answer::ok(json!({"errors": [error]})));
            }
            return Err(Answer::message(status, &message));
        }
        window.used += 1;
        Ok(())
    }

    fn route(&mut self, parts: &[&str]) -> Outcome {
        let method = self.call.method.as_str();
        match (method, parts) {
            ("POST", ["graphql"]) => self.graphql(),
            ("GET", ["user"]) => self.me(),
            ("GET", ["user", "repos"]) => self.own_repositories(),
            ("GET", ["users", login]) => self.user(login),
            ("GET", ["rate_limit"]) => Ok(self.rate_limit()),
            ("GET", ["versions"]) => Ok(Answer::ok(json!(VERSIONS))),
            ("GET", ["meta"]) => Ok(Answer::ok(
                json!({"verifiable_password_authentication": false, "installed_version": "3.19.0"}),
            )),
            (_, ["app", rest @ ..]) => self.app_routes(rest),
            ("GET", ["installation", "repositories"]) => self.installation_repositories(),
            ("GET", ["orgs", org, "issues"]) => self.org_issues(org),
            ("GET", ["search", "issues"]) => self.search_issues(),
            (_, ["repos", owner, name, rest @ ..]) => self.named_repo(&format!("{owner}/{name}"), rest),
            (_, ["repositories", id, rest @ ..]) => {
                let id = id.parse().map_err(|_| not_found())?;
                self.repo_routes(id, rest)
            }
            _ => Err(not_found()),
        }
    }

    fn named_repo(&mut self, full_name: &str, rest: &[&str]) -> Outcome {
        let repo = self.hub.repo_named(full_name).ok_or_else(not_found)?;
        let (id, is_current) = (repo.id, repo.full_name().eq_ignore_ascii_case(full_name));
        if is_current {
            return self.repo_routes(id, rest);
        }
        self.visible(id)?;
        let path: String = rest.iter().map(|part| format!("/{part}")).collect();
        Err(moved(&format!("{}/repositories/{id}{path}", self.base)))
    }

    fn repo_routes(&mut self, repo: u64, rest: &[&str]) -> Outcome {
        let method = self.call.method.as_str();
        let permission = self.visible(repo)?;
        match (method, rest) {
            ("GET", []) => self.repo(repo, permission),
            ("GET", ["installation"]) => self.repo_installation(repo),
            ("GET", ["collaborators", login, "permission"]) => self.collaborator(repo, login),
            ("GET", ["issues"]) => self.list_issues(repo),
            ("POST", ["issues"]) => self.create_issue(repo),
            ("GET", ["issues", "comments"]) => self.repo_comments(repo),
            ("GET", ["issues", "comments", id]) => self.get_comment(id),
            ("PATCH", ["issues", "comments", id]) => self.edit_comment(repo, id),
            ("DELETE", ["issues", "comments", id]) => self.delete_comment(repo, id),
            (_, ["issues", number, rest @ ..]) => {
                let number = number.parse().map_err(|_| not_found())?;
                let issue = self.issue_at(repo, number, rest)?;
                self.issue_routes(issue, rest)
            }
            ("GET", ["assignees"]) => self.list_assignees(repo),
            ("GET", ["assignees", login]) => self.check_assignee(repo, login),
            ("GET", ["labels"]) => self.repo_labels(repo),
            ("POST", ["labels"]) => self.create_label(repo),
            ("GET", ["labels", name]) => self.get_label(repo, name),
            ("PATCH", ["labels", name]) => self.edit_label(repo, name),
            ("DELETE", ["labels", name]) => self.delete_label(repo, name),
            _ => Err(not_found()),
        }
    }

    fn issue_routes(&mut self, issue: u64, rest: &[&str]) -> Outcome {
        match (self.call.method.as_str(), rest) {
            ("GET", []) => self.get_issue(issue),
            ("PATCH", []) => self.update_issue(issue),
            ("PUT", ["lock"]) => self.lock(issue, true),
            ("DELETE", ["lock"]) => self.lock(issue, false),
            ("GET", ["timeline"]) => self.timeline(issue),
            ("GET", ["events"]) => self.events(issue),
            ("GET", ["comments"]) => self.list_comments(issue),
            ("POST", ["comments"]) => self.create_comment(issue),
            ("POST", ["assignees"]) => self.add_assignees(issue),
            ("DELETE", ["assignees"]) => self.remove_assignees(issue),
            ("GET", ["assignees", login]) => self.check_issue_assignee(issue, login),
            ("GET", ["labels"]) => self.issue_labels(issue),
            ("POST", ["labels"]) => self.add_labels(issue),
            ("PUT", ["labels"]) => self.replace_labels(issue),
            ("DELETE", ["labels"]) => self.clear_labels(issue),
            ("DELETE", ["labels", name]) => self.remove_label(issue, name),
            _ => Err(not_found()),
        }
    }

    /// The headers that every answer has, the entity tag, and 304 when the client knows the answer.
    fn finish(&mut self, mut answer: Answer, parts: &[&str]) -> Answer {
        if self.call.header("x-github-api-version") == Some("2026-03-10") {
            answer.body.as_mut().map(without_assignee);
        }
        let resource = resource(parts);
        if self.call.method == Method::GET && answer.status == 200 {
            let tag = etag(&answer, self.viewer.token.as_deref());
            if self.call.header("if-none-match") == Some(tag.as_str()) {
                answer = Answer { status: 304, body: None, ..answer };
                // What has not changed is free.
                let window = self.hub.budgets.window(&self.viewer.name(), resource, self.now);
                window.used = window.used.saturating_sub(1);
            }
            answer = answer.with("ETag", tag);
        }
        let limit = resource.limit(self.settings);
        let window = *self.hub.budgets.window(&self.viewer.name(), resource, self.now);
        answer
            .with("x-ratelimit-limit", limit.to_string())
            .with("x-ratelimit-remaining", limit.saturating_sub(window.used).to_string())
            .with("x-ratelimit-used", window.used.min(limit).to_string())
            .with("x-ratelimit-reset", epoch(window.resets_at).to_string())
            .with("x-ratelimit-resource", resource.name())
            .with("x-github-media-type", "github.v3; format=json")
    }

    fn rate_limit(&mut self) -> Answer {
        let who = self.viewer.name();
        let mut shown = |resource: Resource| {
            let limit = resource.limit(self.settings);
            let window = *self.hub.budgets.window(&who, resource, self.now);
            json!({
                "limit": limit,
                "used": window.used,
                "remaining": limit.saturating_sub(window.used),
                "reset": epoch(window.resets_at),
            })
        };
        let (core, search, graphql) =
            (shown(Resource::Core), shown(Resource::Search), shown(Resource::Graphql));
        Answer::ok(json!({"resources": {"core": core, "search": search, "graphql": graphql}, "rate": core}))
    }

    /// The eyes with which this request sees things.
    pub(crate) fn lens(&self) -> Lens<'_> {
        Lens { hub: self.hub, people: self.people, base: &self.base, origin: &self.call.origin }
    }

    /// The hand of whoever asks.
    pub(crate) fn hand(&self) -> Hand {
        Hand { login: self.viewer.name(), now: self.now }
    }

    /// The issue, which the routing has already found.
    pub(crate) fn issue(&self, id: u64) -> Result<&Issue, Answer> {
        self.hub.issues.get(&id).ok_or_else(not_found)
    }

    /// A list, cut into the page that was asked for, with `Link` headers.
    pub(crate) fn page<T>(&self, items: &[T], path: &str, shown: impl Fn(&T) -> Value) -> Answer {
        let n_page = self.call.number("per_page", 30).clamp(1, 100);
        let page = self.call.number("page", 1).max(1);
        let n_pages = items.len().div_ceil(n_page).max(1);
        let slice = items.iter().skip((page - 1) * n_page).take(n_page);
        let answer = Answer::ok(slice.map(shown).collect());
        let rest: Vec<&str> = self
            .call
            .query
            .split('&')
            .filter(|pair| !pair.is_empty() && !pair.starts_with("page="))
            .collect();
        let link = |to: usize, rel: &str| {
            let pairs: Vec<String> =
                rest.iter().map(|pair| (*pair).to_owned()).chain([format!("page={to}")]).collect();
            format!("<{}{path}?{}>; rel=\"{rel}\"", self.base, pairs.join("&"))
        };
        let mut links = Vec::new();
        if page > 1 {
            links.extend([link(page - 1, "prev"), link(1, "first")]);
        }
        if page < n_pages {
            links.extend([link(page + 1, "next"), link(n_pages, "last")]);
        }
        if links.is_empty() { answer } else { answer.with("Link", links.join(", ")) }
    }
}

fn resource(parts: &[&str]) -> Resource {
    match parts {
        ["graphql"] => Resource::Graphql,
        ["search", ..] => Resource::Search,
        _ => Resource::Core,
    }
}

/// A tag of the answer, particular to the token as GitHub's are.
fn etag(answer: &Answer, token: Option<&str>) -> String {
    let mut hasher = DefaultHasher::new();
    answer.body.as_ref().map(Value::to_string).hash(&mut hasher);
    token.hash(&mut hasher);
    format!("W/\"{:016x}\"", hasher.finish())
}

/// Takes the singular `assignee` out, as API version 2026-03-10 does.
fn without_assignee(value: &mut Value) {
    if let Value::Object(fields) = value {
        fields.retain(|name, _| name != "assignee");
        fields.values_mut().for_each(without_assignee);
    } else if let Value::Array(items) = value {
        items.iter_mut().for_each(without_assignee);
    }
}

/// 404, for what is not there and for what may not be seen.
pub(crate) fn not_found() -> Answer {
    Answer::message(404, "Not Found")
}

/// 301 to another place.
pub(crate) fn moved(to: &str) -> Answer {
    let body = json!({"message": "Moved Permanently", "url": to, "documentation_url": "https://docs.github.com/rest"});
    Answer::json(301, body).with("Location", to)
}

/// 422, with one error about one field.
pub(crate) fn invalid(field: &str, code: &str, extra: Value) -> Answer {
    let mut error = json!({"resource": "Issue", "field": field, "code": code});
    if let (Some(error), Value::Object(extra)) = (error.as_object_mut(), extra) {
        error.extend(extra);
    }
    Answer::json(
        422,
        json!({"message": "Validation Failed", "errors": [error], "documentation_url": "https://docs.github.com/rest", "status": "422"}),
    )
}
