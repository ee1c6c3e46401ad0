//! From a world document to a world.
//!
//! Knows how the parts are built from their documents. Must not know the default world.

use std::collections::BTreeMap;

use chrono::Duration;
use serde_json::{Value, json};

use super::{
    Everything, Refusal,
    default::{statuses, transitions, usual_fields},
    seed::{
        AppSeed, GithubSeed, IssueSeed, JiraIssueSeed, JiraSeed, PersonSeed, ProjectSeed, RepoSeed, Seed,
    },
};
use crate::sandbox::{
    github::{
        change::{Draft, Hand},
        data::{App, Installation, Permission, Token},
    },
    jira::{
        change,
        data::{Access, Edition, IssueType, Project, Site, Status},
    },
    people::Person,
};

impl Everything {
    /// Plants everything of the document.
    pub(crate) fn plant(&mut self, seed: Seed) -> Result<Value, Refusal> {
        for person in seed.people {
            self.plant_person(person)?;
        }
        self.plant_github(seed.github)?;
        self.plant_site(Edition::Cloud, seed.jira)?;
        self.plant_site(Edition::Dc, seed.jira_dc)?;
        Ok(json!({
            "people": self.people.all().count(),
            "repositories": self.github.repos.len(),
            "github_issues": self.github.issues.len(),
            "jira_issues": self.jira.issues.len(),
            "jira_dc_issues": self.jira_dc.issues.len(),
        }))
    }

    fn plant_person(&mut self, seed: PersonSeed) -> Result<(), Refusal> {
        if seed.login.is_empty() {
            return Err(Refusal::new("world: a person needs a `login`"));
        }
        let login = seed.login;
        let id = self.people.by_login(&login).map_or_else(|| self.people.next_id(), |person| person.id);
        self.people.add(Person {
            id,
            name: seed.name.unwrap_or_else(|| login.clone()),
            email: seed.email.unwrap_or_else(|| format!("{login}@acme.example")),
            account_id: seed.account_id.unwrap_or_else(|| format!("5b10a2844c20165700ed{id}")),
            login,
            is_bot: seed.bot,
            is_active: !seed.inactive,
            time_zone: seed.time_zone.unwrap_or_else(|| "Etc/UTC".to_owned()),
        });
        Ok(())
    }

    /// The login as its person spells it.
    pub(crate) fn known(&self, login: &str) -> Result<String, Refusal> {
        let person = self.people.by_login(login).map(|person| person.login.clone());
        person.ok_or_else(|| Refusal::new(format!("unknown person `{login}`")).allowing(self.people.logins()))
    }

    fn plant_github(&mut self, seed: GithubSeed) -> Result<(), Refusal> {
        for repo in seed.repositories {
            self.plant_repo(repo)?;
        }
        for token in seed.tokens {
            let login = self.known(&token.login)?;
            let rights = token.repositories.map(|rights| self.rights(rights)).transpose()?;
            self.github
                .tokens
                .insert(token.token, Token { login, rights, expires_at: None, installation: None });
        }
        seed.apps.into_iter().try_for_each(|app| self.plant_app(app))
    }

    fn rights(&self, by_name: BTreeMap<String, Permission>) -> Result<BTreeMap<u64, Permission>, Refusal> {
        let right = |(name, permission): (String, Permission)| {
            let repo = self.github.repo_named(&name).map(|repo| repo.id);
            let repo = repo.ok_or_else(|| unknown_repo(&name).allowing(self.github.known_names()))?;
            Ok((repo, permission))
        };
        by_name.into_iter().map(right).collect()
    }

    fn plant_app(&mut self, seed: AppSeed) -> Result<(), Refusal> {
        let client_id = seed.client_id.unwrap_or_else(|| format!("Iv23sandbox{}", seed.id));
        let app = App { id: seed.id, slug: seed.slug, client_id };
        self.plant_person(PersonSeed { login: app.login(), bot: true, ..PersonSeed::default() })?;
        let rights = self.rights(seed.repositories)?;
        let installation = Installation { id: seed.installation, app: app.id, account: seed.account, rights };
        self.github.apps.insert(app.id, app);
        self.github.installations.insert(installation.id, installation);
        Ok(())
    }

    fn plant_repo(&mut self, seed: RepoSeed) -> Result<(), Refusal> {
        let now = self.clock.now();
        let known = self.github.repo_named(&seed.full_name).map(|repo| repo.id);
        let id = known.or_else(|| self.github.add_repo(&seed.full_name, now));
        let id = id.ok_or_else(|| Refusal::new(format!("world: `{}` is not owner/name", seed.full_name)))?;
        let everybody = || self.people.all().map(|person| (person.login.clone(), Permission::Push)).collect();
        let permissions = match seed.permissions {
            Some(permissions) => Some(permissions),
            None if known.is_none() => Some(everybody()),
            None => None,
        };
        if let Some(repo) = self.github.repos.get_mut(&id) {
            repo.is_private = seed.private.unwrap_or(repo.is_private);
            repo.is_archived = seed.archived.unwrap_or(repo.is_archived);
            repo.has_issues = seed.has_issues.unwrap_or(repo.has_issues);
            let given = permissions.into_iter().flatten();
            repo.permissions.extend(given.map(|(login, permission)| (login.to_lowercase(), permission)));
        }
        for label in &seed.labels {
            self.github.ensure_label(id, label);
        }
        for issue in seed.issues {
            self.plant_issue(id, issue)?;
        }
        (1..=seed.bulk_issues).try_for_each(|n| {
            let title = format!("Bulk issue {n}");
            self.plant_issue(id, IssueSeed { title, ..IssueSeed::default() })
        })
    }

    fn plant_issue(&mut self, repo: u64, seed: IssueSeed) -> Result<(), Refusal> {
        let login = match &seed.author {
            Some(login) => self.known(login)?,
            None => self.people.all().next().map(|person| person.login.clone()).unwrap_or_default(),
        };
        let hand = Hand { login, now: self.clock.now() - Duration::milliseconds(seed.age_ms) };
        let draft = Draft {
            title: seed.title,
            body: seed.body,
            assignees: seed.assignees,
            labels: seed.labels,
            kind: None,
            is_pull_request: seed.pull_request,
        };
        let id =
            self.github.open_issue(repo, draft, &hand).ok_or_else(|| Refusal::new("no such repository"))?;
        self.github.set_locked(id, seed.locked, &hand);
        self.github.set_state(id, !seed.closed, seed.state_reason, &hand);
        Ok(())
    }

    fn site(&mut self, edition: Edition) -> &mut Site {
        match edition {
            Edition::Cloud => &mut self.jira,
            Edition::Dc => &mut self.jira_dc,
        }
    }

    fn plant_site(&mut self, edition: Edition, seed: JiraSeed) -> Result<(), Refusal> {
        for token in seed.tokens {
            let login = self.known(&token.login)?;
            self.site(edition).tokens.insert(token.token, login);
        }
        if let Some(resolutions) = seed.resolutions {
            self.site(edition).resolutions = resolutions;
        }
        seed.projects.into_iter().try_for_each(|project| self.plant_project(edition, project))
    }

    fn plant_project(&mut self, edition: Edition, seed: ProjectSeed) -> Result<(), Refusal> {
        let key = seed.key.to_uppercase();
        let is_key = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric());
        if !is_key {
            return Err(Refusal::new(format!("world: `{}` is not a project key", seed.key)));
        }
        let everybody: Vec<String> = self.people.logins();
        let site = self.site(edition);
        if !site.projects.contains_key(&key) {
            let project = new_project(site, &key, everybody);
            site.projects.insert(key.clone(), project);
        }
        let (issues, n_bulk) = (seed.issues.clone(), seed.bulk_issues);
        if let Some(project) = site.projects.get_mut(&key) {
            change_project(project, seed);
        }
        for issue in issues {
            self.plant_jira_issue(edition, &key, issue)?;
        }
        (1..=n_bulk).try_for_each(|n| {
            let summary = format!("Bulk issue {n}");
            self.plant_jira_issue(edition, &key, JiraIssueSeed { summary, ..JiraIssueSeed::default() })
        })
    }

    fn plant_jira_issue(&mut self, edition: Edition, key: &str, seed: JiraIssueSeed) -> Result<(), Refusal> {
        let login = match &seed.reporter {
            Some(login) => self.known(login)?,
            None => self.people.all().next().map(|person| person.login.clone()).unwrap_or_default(),
        };
        let assignee = seed.assignee.map(|login| self.known(&login)).transpose()?;
        let hand = change::Hand { login, now: self.clock.now() - Duration::milliseconds(seed.age_ms) };
        let site = self.site(edition);
        let kind = seed.kind.unwrap_or_else(|| "Task".to_owned());
        let draft = change::Draft {
            project: key.to_owned(),
            kind,
            summary: seed.summary,
            description: seed.description,
        };
        let id = site.create(draft, &hand).ok_or_else(|| Refusal::new(format!("no project {key}")))?;
        if let Some(status) = seed.status {
            site.set_status(id, &status, seed.resolution, &hand);
        }
        if let Some(issue) = site.issues.get_mut(&id) {
            issue.assignee = assignee;
            issue.labels = seed.labels;
            issue.due = seed.duedate;
            issue.properties = seed.properties;
        }
        Ok(())
    }
}

fn new_project(site: &Site, key: &str, everybody: Vec<String>) -> Project {
    let id = 10_000 + site.projects.len() as u64;
    let types = ["Bug", "Story", "Task"].iter().zip(10_001..);
    Project {
        id,
        key: key.to_owned(),
        name: key.to_owned(),
        is_anonymous: false,
        is_archived: false,
        access: everybody.into_iter().map(|login| (login.to_lowercase(), Access::Write)).collect(),
        assignable: None,
        statuses: numbered(statuses()),
        transitions: transitions(),
        types: types.map(|(name, id)| IssueType { id, name: (*name).to_owned() }).collect(),
        fields: usual_fields(),
        drops_assignee: false,
        requires_assignee: false,
        forgets_assignee: false,
        default_assignee: None,
        n_issues: 0,
    }
}

fn numbered(statuses: Vec<super::seed::StatusSeed>) -> Vec<Status> {
    let numbered = statuses.into_iter().zip(10_001..);
    numbered.map(|(seed, id)| Status { id, name: seed.name, category: seed.category }).collect()
}

fn change_project(project: &mut Project, seed: ProjectSeed) {
    project.name = seed.name.unwrap_or_else(|| project.name.clone());
    project.is_anonymous = seed.anonymous.unwrap_or(project.is_anonymous);
    project.drops_assignee = seed.drops_assignee.unwrap_or(project.drops_assignee);
    project.requires_assignee = seed.requires_assignee.unwrap_or(project.requires_assignee);
    project.forgets_assignee = seed.forgets_assignee.unwrap_or(project.forgets_assignee);
    project.default_assignee = seed.default_assignee.or(project.default_assignee.take());
    if let Some(access) = seed.access {
        project.access = access.into_iter().map(|(login, access)| (login.to_lowercase(), access)).collect();
    }
    if let Some(logins) = seed.assignable {
        project.assignable = Some(logins.iter().map(|login| login.to_lowercase()).collect());
    }
    if let Some(statuses) = seed.statuses {
        project.statuses = numbered(statuses);
    }
    if let Some(mut transitions) = seed.transitions {
        for (n, transition) in
            transitions.iter_mut().enumerate().filter(|(_, transition)| transition.id.is_empty())
        {
            transition.id = (11 + n * 10).to_string();
        }
        project.transitions = transitions;
    }
    if let Some(types) = seed.types {
        project.types = types.into_iter().zip(10_001..).map(|(name, id)| IssueType { id, name }).collect();
    }
    project.fields.retain(|field| !seed.off_screen.contains(&field.id));
    project.fields.retain(|field| !seed.fields.iter().any(|given| given.id == field.id));
    project.fields.extend(seed.fields);
}

/// The refusal of a repository that is not there.
pub(crate) fn unknown_repo(name: &str) -> Refusal {
    Refusal::new(format!("unknown repository `{name}`"))
}
