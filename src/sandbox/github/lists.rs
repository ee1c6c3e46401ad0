//! Lists of issues: of a repository, of an organization, by search.
//!
//! Knows filters, order and lag. Must not change anything.

use std::cmp::Ordering;

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use super::{
    Exchange,
    change::contains,
    data::{Issue, Permission, Slot},
    invalid,
};
use crate::sandbox::{
    clock::seconds,
    wire::{Answer, Outcome},
};

impl Exchange<'_> {
    /// GET …/issues of a repository. Pull requests are among them.
    pub(crate) fn list_issues(&self, repo: u64) -> Outcome {
        let found = self.filtered(self.issues_of(repo))?;
        Ok(self.page(&found, &format!("/repositories/{repo}/issues"), |issue| self.lens().issue(issue)))
    }

    /// GET /orgs/{org}/issues, which apps may not use.
    pub(crate) fn org_issues(&self, org: &str) -> Outcome {
        if self.viewer.login.is_none() || self.viewer.installation.is_some() {
            return Err(Answer::message(404, "Not Found"));
        }
        let repos = self.hub.repos.values().filter(|repo| {
            repo.owner.eq_ignore_ascii_case(org) && self.permission(repo.id) > Permission::None
        });
        let mut all: Vec<&Issue> = repos.flat_map(|repo| self.issues_of(repo.id)).collect();
        if self.call.param("filter").as_deref() != Some("all") {
            let me = self.viewer.name();
            all.retain(|issue| contains(&issue.assignees, &me));
        }
        let found = self.filtered(all)?;
        let shown = |issue: &&Issue| {
            let mut shown = self.lens().issue(issue);
            let repo =
                self.hub.repos.get(&issue.repo).map(|repo| self.lens().repo(repo, self.permission(repo.id)));
            if let (Some(fields), Some(repo)) = (shown.as_object_mut(), repo) {
                fields.insert("repository".into(), repo);
            }
            shown
        };
        Ok(self.page(&found, "/organizations/900/issues", shown))
    }

    /// The issues of a repository that a list already shows.
    pub(crate) fn issues_of(&self, repo: u64) -> Vec<&Issue> {
        let lag = Duration::milliseconds(self.settings.list_lag_ms);
        let slots = self.hub.repos.get(&repo).map(|repo| repo.slots.values()).into_iter().flatten();
        let ids = slots.filter_map(|slot| match slot {
            Slot::Issue(id) => Some(id),
            Slot::Moved { .. } | Slot::Deleted => None,
        });
        ids.filter_map(|id| self.hub.issues.get(id))
            .filter(|issue| issue.created_at + lag <= self.now)
            .collect()
    }

    fn filtered<'a>(&self, mut issues: Vec<&'a Issue>) -> Result<Vec<&'a Issue>, Answer> {
        let call = self.call;
        let state = call.param("state").unwrap_or_else(|| "open".to_owned());
        match state.as_str() {
            "open" => issues.retain(|issue| issue.is_open),
            "closed" => issues.retain(|issue| !issue.is_open),
            "all" => {}
            _ => return Err(invalid("state", "invalid", Value::Null)),
        }
        if let Some(since) = call.param("since") {
            let since =
                DateTime::parse_from_rfc3339(&since).map_err(|_| invalid("since", "invalid", Value::Null))?;
            let since = since.with_timezone(&Utc).timestamp();
            issues.retain(|issue| issue.updated_at.timestamp() >= since);
        }
        if let Some(labels) = call.param("labels") {
            let labels: Vec<&str> =
                labels.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
            issues.retain(|issue| labels.iter().all(|name| contains(&issue.labels, name)));
        }
        if let Some(creator) = call.param("creator") {
            issues.retain(|issue| issue.author.eq_ignore_ascii_case(&creator));
        }
        match call.param("assignee").as_deref() {
            None | Some("*") => {}
            Some("none") => issues.retain(|issue| issue.assignees.is_empty()),
            Some(login) => issues.retain(|issue| contains(&issue.assignees, login)),
        }
        let sort = call.param("sort").unwrap_or_else(|| "created".to_owned());
        let is_ascending = call.param("direction").as_deref() == Some("asc");
        issues.sort_by(|a, b| {
            let order = compared(a, b, &sort);
            if is_ascending { order } else { order.reverse() }
        });
        Ok(issues)
    }

    /// GET /search/issues.
    pub(crate) fn search_issues(&self) -> Outcome {
        let query = self.call.param("q").filter(|query| !query.trim().is_empty());
        let query = query.ok_or_else(|| invalid("q", "missing", Value::Null))?;
        let lag = Duration::milliseconds(self.settings.search_lag_ms);
        let words = words(&query);
        let mut found: Vec<&Issue> = self
            .hub
            .issues
            .values()
            .filter(|issue| self.permission(issue.repo) > Permission::None)
            .filter(|issue| issue.created_at + lag <= self.now)
            .filter(|issue| words.iter().all(|word| self.has_word(issue, word)))
            .collect();
        found.sort_by_key(|issue| std::cmp::Reverse((issue.created_at, issue.id)));
        let total = found.len();
        let page = self.page(&found, "/search/issues", |issue| {
            let mut shown = self.lens().issue(issue);
            if let Some(fields) = shown.as_object_mut() {
                fields.insert("score".into(), json!(1.0));
                if fields.get("body").is_none_or(Value::is_null) {
                    fields.insert("body".into(), "".into());
                }
            }
            shown
        });
        let body = json!({"total_count": total, "incomplete_results": false, "search_type": "lexical", "items": page.body});
        Ok(Answer { body: Some(body), ..page })
    }

    fn has_word(&self, issue: &Issue, word: &str) -> bool {
        let repo = self.hub.repos.get(&issue.repo);
        match word.split_once(':') {
            Some(("repo", name)) => repo.is_some_and(|repo| repo.full_name().eq_ignore_ascii_case(name)),
            Some(("org" | "user", name)) => repo.is_some_and(|repo| repo.owner.eq_ignore_ascii_case(name)),
            Some(("is" | "type", "issue")) => !issue.is_pull_request,
            Some(("is" | "type", "pr")) => issue.is_pull_request,
            Some(("is" | "state", "open")) => issue.is_open,
            Some(("is" | "state", "closed")) => !issue.is_open,
            Some(("label", name)) => contains(&issue.labels, name),
            Some(("author", login)) => issue.author.eq_ignore_ascii_case(login),
            Some(("assignee", login)) => contains(&issue.assignees, login),
            Some(("in", _)) => true,
            Some(("updated", since)) => seconds(issue.updated_at).as_str() >= since.trim_start_matches(">="),
            Some(_) | None => {
                let text =
                    format!("{} {}", issue.title, issue.body.as_deref().unwrap_or_default()).to_lowercase();
                text.contains(&word.to_lowercase())
            }
        }
    }
}

fn compared(a: &Issue, b: &Issue, sort: &str) -> Ordering {
    let by = match sort {
        "updated" => a.updated_at.cmp(&b.updated_at),
        "comments" => a.comments.len().cmp(&b.comments.len()),
        _ => a.created_at.cmp(&b.created_at),
    };
    by.then(a.id.cmp(&b.id))
}

/// The words of a search, where quotes hold a phrase together and are dropped.
fn words(query: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    for c in query.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            c if c.is_whitespace() && !is_quoted => words.push(String::new()),
            c => {
                if let Some(word) = words.last_mut() {
                    word.push(c);
                }
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
