//! The Jira of the sandbox, as Cloud (`/rest/api/3`, and `/rest/api/2` with wiki text) and as Data Center.
//!
//! Knows Jira's rules as its documentation and its users report them. Must not know GitHub or faults.

pub(crate) mod access;
pub(crate) mod adf;
pub(crate) mod bulk;
pub(crate) mod change;
pub(crate) mod changelog;
pub(crate) mod comments;
pub(crate) mod create;
pub(crate) mod data;
pub(crate) mod edit;
pub(crate) mod extras;
pub(crate) mod fields;
pub(crate) mod jql;
pub(crate) mod meta;
pub(crate) mod search;
pub(crate) mod show;
pub(crate) mod state;
pub(crate) mod transitions;
pub(crate) mod users;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use self::{
    change::Hand,
    data::{Edition, Issue, Project, Site},
};
use super::{
    people::People,
    settings::JiraSettings,
    wire::{Answer, Call, Outcome},
};

/// What a Jira needs from the world around it.
#[derive(Clone, Copy)]
pub(crate) struct Around<'a> {
    pub(crate) people: &'a People,
    pub(crate) settings: &'a JiraSettings,
    pub(crate) now: DateTime<Utc>,
}

/// One request and everything its answer may touch.
pub(crate) struct Exchange<'a> {
    pub(crate) site: &'a mut Site,
    pub(crate) people: &'a People,
    pub(crate) settings: &'a JiraSettings,
    pub(crate) now: DateTime<Utc>,
    pub(crate) call: &'a Call,
    /// The login of whoever asks; `None` for nobody in particular.
    pub(crate) viewer: Option<String>,
    /// 2 writes wiki text, 3 rich text.
    pub(crate) version: u8,
}

/// Answers a request, and says who asked.
pub(crate) fn answer(site: &mut Site, around: Around<'_>, call: &Call) -> (Answer, Option<String>) {
    let segments = call.segments();
    let mut parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    if let ["ex", "jira", _, ..] = parts.as_slice() {
        parts.drain(..3);
        // Atlassian's gateway lets no visitor through, whatever the site would answer.
        if call.header("authorization").is_none() {
            return (errors(401, &["Unauthorized; scope does not match"], []), None);
        }
    }
    let Around { people, settings, now } = around;
    let mut exchange = Exchange { site, people, settings, now, call, viewer: None, version: 3 };
    let outcome = exchange.enter(&parts);
    let answer = outcome.unwrap_or_else(|refusal| refusal);
    (answer.with("X-AREQUESTID", "sandbox"), exchange.viewer)
}

impl Exchange<'_> {
    fn enter(&mut self, parts: &[&str]) -> Outcome {
        let ["rest", "api", version, rest @ ..] = parts else { return Err(no_route()) };
        self.version = match (self.site.edition, *version) {
            (Edition::Cloud, "3" | "latest") => 3,
            (Edition::Cloud | Edition::Dc, "2") | (Edition::Dc, "latest") => 2,
            _ => return Err(no_route()),
        };
        self.viewer = self.authenticate()?;
        match rest {
            ["issue", rest @ ..] => self.issue_routes(rest),
            ["project", rest @ ..] => self.project_routes(rest),
            ["search", rest @ ..] => self.search_routes(rest),
            ["user", rest @ ..] => self.user_routes(rest),
            rest => self.site_routes(rest),
        }
    }

    fn site_routes(&mut self, rest: &[&str]) -> Outcome {
        match (self.call.method.as_str(), rest) {
            ("GET", ["myself"]) => self.myself(),
            ("GET", ["serverInfo"]) => Ok(self.server_info()),
            ("GET", ["mypermissions"]) => self.my_permissions(),
            ("GET", ["status"]) => Ok(Answer::ok(self.all_statuses())),
            ("GET", ["resolution"]) => Ok(Answer::ok(self.all_resolutions())),
            ("GET", ["priority"]) => Ok(Answer::ok(self.all_priorities())),
            ("GET", ["field"]) => Ok(Answer::ok(self.all_fields())),
            ("POST", ["changelog", "bulkfetch"]) if self.is_cloud() => self.bulk_changelogs(),
            _ => Err(no_route()),
        }
    }

    fn search_routes(&mut self, rest: &[&str]) -> Outcome {
        match (self.call.method.as_str(), rest, self.site.edition) {
            ("POST" | "GET", ["jql"], Edition::Cloud) => self.search_by_token(),
            ("POST", ["approximate-count"], Edition::Cloud) => self.approximate_count(),
            ("POST" | "GET", [], Edition::Cloud) => {
                let message = "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046";
                Err(errors(410, &[message], []))
            }
            ("POST" | "GET", [], Edition::Dc) => self.search_by_number(),
            _ => Err(no_route()),
        }
    }

    fn user_routes(&mut self, rest: &[&str]) -> Outcome {
        match (self.call.method.as_str(), rest) {
            ("GET", []) => self.get_user(),
            ("GET", ["search"]) => self.search_users(),
            ("GET", ["assignable", "search"]) => self.assignable_users(),
            _ => Err(no_route()),
        }
    }

    fn project_routes(&mut self, rest: &[&str]) -> Outcome {
        match (self.call.method.as_str(), rest) {
            ("GET", []) => Ok(Answer::ok(self.visible_projects())),
            ("GET", ["search"]) if self.is_cloud() => Ok(self.project_page()),
            ("GET", [key]) => self.get_project(key),
            ("GET", [key, "statuses"]) => self.project_statuses(key),
            _ => Err(no_route()),
        }
    }

    fn issue_routes(&mut self, rest: &[&str]) -> Outcome {
        match (self.call.method.as_str(), rest) {
            ("POST", []) => self.create(),
            ("POST", ["bulk"]) => self.create_many(),
            ("POST", ["bulkfetch"]) if self.is_cloud() => self.bulk_fetch(),
            ("GET", ["createmeta", project, "issuetypes"]) => self.create_types(project),
            ("GET", ["createmeta", project, "issuetypes", kind]) => self.create_fields(project, kind),
            (method, [id_or_key, rest @ ..]) => {
                let id = self.visible_issue(id_or_key)?;
                if method != "GET" {
                    self.begin_write(id)?;
                }
                self.one_issue(id, rest)
            }
            _ => Err(no_route()),
        }
    }

    fn one_issue(&mut self, id: u64, rest: &[&str]) -> Outcome {
        match (self.call.method.as_str(), rest) {
            ("GET", []) => self.get_issue(id),
            ("PUT", []) => self.edit(id),
            ("DELETE", []) => self.delete(id),
            ("PUT", ["assignee"]) => self.assign(id),
            ("GET", ["editmeta"]) => self.edit_meta(id),
            ("GET", ["transitions"]) => self.list_transitions(id),
            ("POST", ["transitions"]) => self.transition(id),
            ("GET", ["changelog"]) if self.is_cloud() => self.changelog(id),
            ("GET", ["comment"]) => self.list_comments(id),
            ("POST", ["comment"]) => self.add_comment(id),
            ("GET", ["comment", comment]) => self.get_comment(id, comment),
            ("PUT", ["comment", comment]) => self.edit_comment(id, comment),
            ("DELETE", ["comment", comment]) => self.delete_comment(id, comment),
            ("GET", ["properties"]) => self.list_properties(id),
            ("GET", ["properties", key]) => self.get_property(id, key),
            ("PUT", ["properties", key]) => self.put_property(id, key),
            ("DELETE", ["properties", key]) => self.delete_property(id, key),
            ("GET", ["remotelink"]) => self.list_links(id),
            ("POST", ["remotelink"]) => self.put_link(id),
            ("GET", ["remotelink", link]) => self.get_link(id, link),
            ("DELETE", ["remotelink", link]) => self.delete_link(id, link),
            _ => Err(no_route()),
        }
    }

    /// Whether this is Jira Cloud.
    pub(crate) fn is_cloud(&self) -> bool {
        self.site.edition == Edition::Cloud
    }

    /// Where a resource is.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}/rest/api/{}{path}", self.call.origin, self.version)
    }

    /// The hand of whoever asks.
    pub(crate) fn hand(&self) -> Hand {
        Hand { login: self.viewer.clone().unwrap_or_default(), now: self.now }
    }

    /// The issue, which the routing has already found.
    pub(crate) fn issue(&self, id: u64) -> Result<&Issue, Answer> {
        self.site.issues.get(&id).ok_or_else(no_issue)
    }

    /// The project of an issue.
    pub(crate) fn project_of(&self, id: u64) -> Result<&Project, Answer> {
        self.site.projects.get(&self.issue(id)?.project).ok_or_else(no_issue)
    }
}

/// An error in Jira's words.
pub(crate) fn errors<'e>(
    status: u16,
    messages: &[&str],
    by_field: impl IntoIterator<Item = (&'e str, &'e str)>,
) -> Answer {
    let by_field: Map<String, Value> =
        by_field.into_iter().map(|(field, message)| (field.to_owned(), message.into())).collect();
    Answer::json(status, json!({"errorMessages": messages, "errors": by_field}))
}

/// 404, for what is not there and for what may not be seen.
pub(crate) fn no_issue() -> Answer {
    errors(404, &["Issue does not exist or you do not have permission to see it."], [])
}

fn no_route() -> Answer {
    errors(404, &["null for uri"], [])
}
