//! What people do in Jira. They may do everything that the workflow has.
//!
//! Knows the deeds and their arguments. Must not check permissions.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Everything, Refusal,
    act::{Deed, Subject},
};
use crate::sandbox::{
    jira::{
        change::{Draft, Hand},
        data::{Access, Category, Project, Screen, Site},
    },
    people::People,
    wire::Tracker,
};

/// What can be done to an issue.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
enum IssueDeed {
    Transition {
        to: String,
        #[serde(default)]
        resolution: Option<String>,
    },
    Close {
        #[serde(default)]
        reason: Option<String>,
    },
    Reopen,
    Assign {
        assignee: String,
    },
    Unassign,
    Comment {
        body: String,
    },
    EditTitle {
        title: String,
    },
    EditBody {
        #[serde(default)]
        body: Value,
    },
    Label {
        label: String,
    },
    Unlabel {
        label: String,
    },
    SetDue {
        #[serde(default)]
        due: Option<String>,
    },
    SetSecurity {
        #[serde(default)]
        level: Option<String>,
    },
    SetProperty {
        key: String,
        #[serde(default)]
        value: Value,
    },
    Move {
        to: String,
    },
    Delete,
}

/// What can be done to a project.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
enum ProjectDeed {
    OpenIssue {
        title: String,
        #[serde(default)]
        body: Value,
        #[serde(default)]
        labels: Vec<String>,
        #[serde(default)]
        r#type: Option<String>,
    },
    SetAnonymous {
        readable: bool,
    },
    SetAccess {
        login: String,
        access: Access,
    },
    Archive,
    Unarchive,
    Rename {
        to: String,
    },
    SetDropsAssignee {
        enabled: bool,
    },
    SetRequiresAssignee {
        enabled: bool,
    },
    Delete,
}

const ISSUE_DEEDS: [&str; 15] = [
    "transition(to, resolution)",
    "close(reason)",
    "reopen",
    "assign(assignee)",
    "unassign",
    "comment(body)",
    "edit_title(title)",
    "edit_body(body)",
    "label(label)",
    "unlabel(label)",
    "set_due(due)",
    "set_security(level)",
    "set_property(key, value)",
    "move(to)",
    "delete",
];
const PROJECT_DEEDS: [&str; 9] = [
    "open_issue(title, body, labels, type)",
    "set_anonymous(readable)",
    "set_access(login, access)",
    "archive",
    "unarchive",
    "rename(to)",
    "set_drops_assignee(enabled)",
    "set_requires_assignee(enabled)",
    "delete",
];

impl Everything {
    pub(crate) fn act_on_jira(&mut self, tracker: Tracker, deed: Deed) -> Result<Value, Refusal> {
        let hand = Hand { login: deed.login, now: self.clock.now() };
        let people = &self.people;
        let site = if tracker == Tracker::Jira { &mut self.jira } else { &mut self.jira_dc };
        match deed.subject {
            Subject::Issue(key) => {
                let id = site.issue_id(&key).ok_or_else(|| {
                    let keys: Vec<String> = site.projects.keys().map(|key| format!("{key}-…")).collect();
                    Refusal::new(format!("act: no issue `{key}`")).allowing(keys)
                })?;
                let what: IssueDeed = serde_json::from_value(deed.rest)
                    .map_err(|error| Refusal::new(format!("act: {error}")).allowing(ISSUE_DEEDS))?;
                act_on_issue(site, id, what, people, &hand)?;
                Ok(site
                    .issues
                    .get(&id)
                    .map_or_else(|| json!({"deleted": key}), |issue| site.issue_state(issue)))
            }
            Subject::Project(key) => {
                let key = key.to_uppercase();
                if !site.projects.contains_key(&key) {
                    let keys: Vec<&String> = site.projects.keys().collect();
                    return Err(Refusal::new(format!("act: no project `{key}`")).allowing(keys));
                }
                let what: ProjectDeed = serde_json::from_value(deed.rest)
                    .map_err(|error| Refusal::new(format!("act: {error}")).allowing(PROJECT_DEEDS))?;
                act_on_project(site, &key, what, &hand)
            }
            Subject::Repo(_) => {
                Err(Refusal::new("act: Jira has no repositories").allowing(["issue", "project"]))
            }
        }
    }
}

fn act_on_issue(
    site: &mut Site,
    id: u64,
    what: IssueDeed,
    people: &People,
    hand: &Hand,
) -> Result<(), Refusal> {
    let Some(issue) = site.issues.get(&id) else { return Ok(()) };
    let mut labels = issue.labels.clone();
    match what {
        IssueDeed::Transition { to, resolution } => return transition(site, id, &to, resolution, hand),
        IssueDeed::Close { reason } => {
            let done = reason.or_else(|| site.resolutions.first().cloned());
            let end = end_of(site, id);
            return transition(site, id, &end, done, hand);
        }
        IssueDeed::Reopen => {
            let first = site.projects.get(&issue.project).and_then(|project| project.statuses.first());
            let first = first.map(|status| status.name.clone()).unwrap_or_default();
            return transition(site, id, &first, None, hand);
        }
        IssueDeed::Assign { assignee } => {
            let person = people.by_login(&assignee);
            let person = person.ok_or_else(|| {
                Refusal::new(format!("unknown person `{assignee}`")).allowing(people.logins())
            })?;
            site.assign(id, Some(person.login.clone()), hand);
        }
        IssueDeed::Unassign => site.assign(id, None, hand),
        IssueDeed::Comment { body } => {
            site.comment(id, body.into(), hand);
        }
        IssueDeed::EditTitle { title } => site.set_summary(id, &title, hand),
        IssueDeed::EditBody { body } => site.set_description(id, body, hand),
        IssueDeed::Label { label } => {
            labels.push(label);
            site.set_labels(id, labels, hand);
        }
        IssueDeed::Unlabel { label } => {
            labels.retain(|known| *known != label);
            site.set_labels(id, labels, hand);
        }
        IssueDeed::SetDue { due } => site.set_due(id, due, hand),
        IssueDeed::SetSecurity { level } => {
            if let Some(issue) = site.issues.get_mut(&id) {
                (issue.security, issue.updated_at) = (level, hand.now);
            }
        }
        IssueDeed::SetProperty { key, value } => {
            site.issues.get_mut(&id).map(|issue| issue.properties.insert(key, value));
        }
        IssueDeed::Move { to } => {
            let to = to.to_uppercase();
            let keys: Vec<String> = site.projects.keys().cloned().collect();
            site.move_to(id, &to, hand)
                .ok_or_else(|| Refusal::new(format!("act: no project `{to}`")).allowing(keys))?;
        }
        IssueDeed::Delete => site.delete(id),
    }
    Ok(())
}

/// The status of the done category that an issue can reach in one step.
fn end_of(site: &Site, id: u64) -> String {
    let issue = site.issues.get(&id);
    let project = issue.and_then(|issue| site.projects.get(&issue.project));
    let ways = issue.zip(project).map(|(issue, project)| project.transitions_from(&issue.status));
    let is_end = |name: &str| {
        let status = project.and_then(|project| project.status(name));
        status.is_some_and(|status| status.category == Category::Done)
    };
    let end = ways.into_iter().flatten().find(|way| is_end(&way.to));
    end.map_or_else(|| "Done".to_owned(), |way| way.to.clone())
}

/// Goes one step of the workflow, by the status it leads to.
fn transition(
    site: &mut Site,
    id: u64,
    to: &str,
    resolution: Option<String>,
    hand: &Hand,
) -> Result<(), Refusal> {
    let issue = site.issues.get(&id).ok_or_else(|| Refusal::new("act: no such issue"))?;
    let ways = site
        .projects
        .get(&issue.project)
        .map(|project| project.transitions_from(&issue.status))
        .unwrap_or_default();
    let allowed: Vec<String> = ways.iter().map(|way| way.to.clone()).collect();
    let way = ways.iter().find(|way| way.to.eq_ignore_ascii_case(to));
    let way = way.ok_or_else(|| {
        Refusal::new(format!("act: no transition from `{}` to `{to}`", issue.status)).allowing(allowed)
    })?;
    if let Some(unknown) = resolution.as_ref().filter(|name| !site.resolutions.contains(name)) {
        return Err(
            Refusal::new(format!("act: no resolution `{unknown}`")).allowing(site.resolutions.clone())
        );
    }
    if way.resolution == Screen::Required && resolution.is_none() {
        return Err(
            Refusal::new("act: this transition asks for a `resolution`").allowing(site.resolutions.clone())
        );
    }
    let to = way.to.clone();
    site.set_status(id, &to, resolution, hand);
    Ok(())
}

fn act_on_project(site: &mut Site, key: &str, what: ProjectDeed, hand: &Hand) -> Result<Value, Refusal> {
    match what {
        ProjectDeed::OpenIssue { title, body, labels, r#type } => {
            let kind = r#type.unwrap_or_else(|| "Task".to_owned());
            let draft = Draft { project: key.to_owned(), kind, summary: title, description: body };
            let id =
                site.create(draft, hand).ok_or_else(|| Refusal::new("act: the project has no workflow"))?;
            site.set_labels(id, labels, hand);
            return Ok(site.issues.get(&id).map(|issue| site.issue_state(issue)).unwrap_or_default());
        }
        ProjectDeed::SetAnonymous { readable } => with(site, key, |project| project.is_anonymous = readable),
        ProjectDeed::SetAccess { login, access } => with(site, key, |project| {
            project.access.insert(login.to_lowercase(), access);
        }),
        ProjectDeed::Archive => with(site, key, |project| project.is_archived = true),
        ProjectDeed::Unarchive => with(site, key, |project| project.is_archived = false),
        ProjectDeed::Rename { to } => {
            let to = to.to_uppercase();
            if site.projects.contains_key(&to) {
                return Err(Refusal::new(format!("act: `{to}` is not a free key")));
            }
            site.rename_project(key, &to);
        }
        ProjectDeed::SetDropsAssignee { enabled } => {
            with(site, key, |project| project.drops_assignee = enabled)
        }
        ProjectDeed::SetRequiresAssignee { enabled } => {
            with(site, key, |project| project.requires_assignee = enabled)
        }
        ProjectDeed::Delete => {
            site.projects.remove(key);
            let ids: Vec<u64> =
                site.issues.values().filter(|issue| issue.project == key).map(|issue| issue.id).collect();
            ids.into_iter().for_each(|id| site.delete(id));
        }
    }
    Ok(json!({"project": key}))
}

fn with(site: &mut Site, key: &str, change: impl FnOnce(&mut Project)) {
    if let Some(project) = site.projects.get_mut(key) {
        change(project);
    }
}
