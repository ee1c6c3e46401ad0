//! Who asks, and what they may see and do.
//!
//! Knows credentials and project access. Must not change anything but the count of recent writes.

use chrono::Duration;
use data_encoding::BASE64;
use serde_json::{Map, Value, json};

use super::{
    Exchange,
    data::{Access, Edition, Project},
    errors, no_issue,
};
use crate::sandbox::{
    refusal::jira_per_issue,
    wire::{Answer, Outcome},
};

impl Exchange<'_> {
    /// Whoever the credential stands for; 401 if it stands for nobody, unless bad tokens look anonymous.
    pub(crate) fn authenticate(&self) -> Result<Option<String>, Answer> {
        let Some(given) = self.call.header("authorization") else { return Ok(None) };
        let (scheme, secret) = given.split_once(' ').unwrap_or_default();
        let login = match scheme.to_ascii_lowercase().as_str() {
            "bearer" => self.site.tokens.get(secret.trim()),
            "basic" if self.site.edition == Edition::Cloud => self.basic(secret.trim()),
            _ => None,
        };
        match login {
            Some(login) => Ok(Some(login.clone())),
            None if self.settings.anonymous_looking => Ok(None),
            None => Err(unauthorized()),
        }
    }

    /// E-mail address and token, as Cloud takes them.
    fn basic(&self, secret: &str) -> Option<&String> {
        let text = String::from_utf8(BASE64.decode(secret.as_bytes()).ok()?).ok()?;
        let (email, token) = text.split_once(':')?;
        let login = self.site.tokens.get(token)?;
        let person = self.people.by_login(login)?;
        person.email.eq_ignore_ascii_case(email).then_some(login)
    }

    /// What the viewer may do in a project.
    pub(crate) fn access(&self, project: &Project) -> Access {
        project.access(self.viewer.as_deref())
    }

    /// The project with that key or id, if the viewer may see it.
    pub(crate) fn visible_project(&self, key_or_id: &str) -> Result<&Project, Answer> {
        let project = self.site.project(key_or_id).filter(|project| self.access(project) > Access::None);
        let message = format!("No project could be found with key '{key_or_id}'.");
        project.ok_or_else(|| errors(404, &[&message], []))
    }

    /// The issue with that id or key, if the viewer may see it.
    pub(crate) fn visible_issue(&self, id_or_key: &str) -> Result<u64, Answer> {
        let id = self.site.issue_id(id_or_key).filter(|id| self.sees(*id));
        match id {
            Some(id) => Ok(id),
            None if self.viewer.is_none() && !self.is_cloud() => Err(unauthorized()),
            None => Err(no_issue()),
        }
    }

    /// Whether the viewer may see an issue.
    pub(crate) fn sees(&self, id: u64) -> bool {
        self.project_of(id).is_ok_and(|project| self.access(project) > Access::None)
    }

    /// Counts a write to an issue, and refuses what comes from nobody or comes too fast.
    pub(crate) fn begin_write(&mut self, id: u64) -> Result<(), Answer> {
        if self.viewer.is_none() {
            return Err(unauthorized());
        }
        let Some(max) = self.settings.issue_writes_per_2s else { return Ok(()) };
        let now = self.now;
        let times = self.site.writes.entry(id).or_default();
        times.retain(|at| *at > now - Duration::seconds(2));
        if times.len() >= max {
            return Err(jira_per_issue(now));
        }
        times.push_back(now);
        Ok(())
    }

    /// Refuses whoever may not write.
    pub(crate) fn require(&self, id: u64, least: Access) -> Result<(), Answer> {
        let access = self.access(self.project_of(id)?);
        if access >= least {
            return Ok(());
        }
        Err(errors(403, &["You do not have permission to edit issues in this project."], []))
    }

    /// GET /myself.
    pub(crate) fn myself(&self) -> Outcome {
        let person = self.viewer.as_deref().and_then(|login| self.people.by_login(login));
        Ok(Answer::ok(self.user(person.ok_or_else(unauthorized)?)))
    }

    /// GET /mypermissions.
    pub(crate) fn my_permissions(&self) -> Outcome {
        let wanted = self.call.param("permissions").unwrap_or_default();
        let names = [
            ("BROWSE_PROJECTS", Access::Browse),
            ("ADD_COMMENTS", Access::Comment),
            ("CREATE_ISSUES", Access::Write),
            ("EDIT_ISSUES", Access::Write),
            ("ASSIGN_ISSUES", Access::Write),
            ("TRANSITION_ISSUES", Access::Write),
            ("ADMINISTER_PROJECTS", Access::Admin),
            ("USER_PICKER", Access::None),
            ("BULK_CHANGE", Access::Admin),
        ];
        let unknown: Vec<&str> = wanted
            .split(',')
            .filter(|name| !name.is_empty() && !names.iter().any(|(known, _)| known == name))
            .collect();
        if self.is_cloud() && wanted.is_empty() {
            return Err(errors(400, &["The 'permissions' query parameter is required."], []));
        }
        if !unknown.is_empty() {
            return Err(errors(400, &[&format!("Unrecognized permission '{}'", unknown.join(", "))], []));
        }
        let access = self.permission_scope()?;
        let asked = |name: &str| wanted.is_empty() || wanted.split(',').any(|one| one == name);
        let mut shown = Map::new();
        for (n, (name, least)) in names.iter().enumerate().filter(|(_, (name, _))| asked(name)) {
            let have = access >= *least && (self.viewer.is_some() || *least == Access::Browse);
            let entry = json!({"id": (10 + n).to_string(), "key": name, "name": name, "type": "PROJECT", "description": "", "havePermission": have});
            shown.insert((*name).to_owned(), entry);
        }
        Ok(Answer::ok(json!({"permissions": shown})))
    }

    /// The access in the project or issue that is asked about, or the best anywhere.
    fn permission_scope(&self) -> Result<Access, Answer> {
        let project = self.call.param("projectKey").or_else(|| self.call.param("projectId"));
        let issue = self.call.param("issueKey").or_else(|| self.call.param("issueId"));
        if let Some(key) = project {
            return Ok(self.access(self.visible_project(&key)?));
        }
        if let Some(key) = issue {
            return Ok(self.access(self.project_of(self.visible_issue(&key)?)?));
        }
        Ok(self.site.projects.values().map(|project| self.access(project)).max().unwrap_or(Access::None))
    }

    /// GET /project: what can be seen.
    pub(crate) fn visible_projects(&self) -> Value {
        let seen = self.site.projects.values().filter(|project| self.access(project) > Access::None);
        seen.map(|project| self.project(project)).collect()
    }

    /// GET /project/search: a page of those that are asked for by key, or of all.
    pub(crate) fn project_page(&self) -> Answer {
        const MOST: usize = 100;
        let number = |name: &str| self.call.param(name).and_then(|text| text.parse::<usize>().ok());
        let (start, most) = (number("startAt").unwrap_or(0), number("maxResults").unwrap_or(50).min(MOST));
        let keys = self.call.params("keys");
        let is_wanted = |project: &&Project| keys.is_empty() || keys.contains(&project.key);
        let seen = self.site.projects.values().filter(|project| self.access(project) > Access::None);
        let found: Vec<&Project> = seen.filter(is_wanted).collect();
        let page: Vec<Value> =
            found.iter().skip(start).take(most).map(|project| self.project(project)).collect();
        let is_last = start + page.len() >= found.len();
        let url = self.url("/project/search");
        Answer::ok(
            json!({"self": url, "maxResults": most, "startAt": start, "total": found.len(), "isLast": is_last, "values": page}),
        )
    }
}

/// 401.
pub(crate) fn unauthorized() -> Answer {
    let message = "You are not authenticated. Authentication required to perform this operation.";
    errors(401, &[message], []).with("X-Seraph-LoginReason", "AUTHENTICATED_FAILED")
}
