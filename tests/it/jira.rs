//! Both Jira editions against the sandbox, over real HTTP: every trap a plain fact.

mod answers;
mod changes;
mod create;
mod edit;
mod elsewhere;
mod foreign;
mod foreign_project;
mod list;
mod read;
mod readers;
mod texts;
mod workflow;

use std::{collections::BTreeSet, sync::Arc};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use postmortem_sync::{
    model::{
        clock::Clock,
        edit_intent::Step,
        ids::{AccountId, Marker, PlaceName, TrackerName},
        issue::{Change, CommentMark, Draft, Edit, Field, Issue, IssueRef, TrackerKind, Visibility},
        observed::Observed,
        postmortem::TrackerRef,
        status::StatusMap,
        terms::Progress,
    },
    net::{http::Timeouts, pace::Allowances, transport::Credential},
    tracker::{
        TrackerError, TrackerRead as _, TrackerWrite as _,
        jira::{Jira, JiraSettings, PROPERTY},
    },
};
use serde_json::{Value, json};

use crate::support::{Editing as _, Heard, Trackers, sandbox, start_of_time};

/// A clock that stands at the beginning of every test.
struct Still;

impl Clock for Still {
    fn now(&self) -> DateTime<Utc> {
        start_of_time()
    }
}

/// One edition in its sandbox.
struct Site {
    trackers: Trackers,
    kind: TrackerKind,
    jira: Jira,
}

const CLOUD: TrackerKind = TrackerKind::JiraCloud;
const DC: TrackerKind = TrackerKind::JiraDataCenter;
const EDITIONS: [TrackerKind; 2] = [CLOUD, DC];

fn settings(trackers: &Trackers, kind: TrackerKind) -> JiraSettings {
    let addresses = &trackers.sandbox.addresses;
    let (url, project) = if kind == CLOUD { (&addresses.jira, "PLAT") } else { (&addresses.jira_dc, "OPS") };
    JiraSettings {
        name: TrackerName::from("jira"),
        kind,
        base_url: url.clone(),
        browse_url: url.clone(),
        label_prefix: "postmortem".to_owned(),
        projects: vec![project.to_owned()],
        statuses: StatusMap::default(),
        allowances: Allowances { reads_per_minute: 100_000, ..Allowances::JIRA },
    }
}

fn credential(kind: TrackerKind, token: Option<&str>) -> Credential {
    match kind {
        DC => Credential::Bearer(token.unwrap_or("sandbox-dc-token").into()),
        TrackerKind::JiraCloud | TrackerKind::Github => Credential::Basic {
            email: "bot@acme.example".to_owned(),
            token: token.unwrap_or("sandbox-jira-token").into(),
        },
    }
}

async fn site(kind: TrackerKind) -> Site {
    let trackers = sandbox().await;
    let jira = Jira::connect(
        settings(&trackers, kind),
        &credential(kind, None),
        Timeouts::default(),
        Arc::new(Still),
    )
    .unwrap();
    Site { trackers, kind, jira }
}

impl Site {
    /// The same site with other settings.
    fn with(mut self, change: impl FnOnce(&mut JiraSettings)) -> Self {
        let mut settings = settings(&self.trackers, self.kind);
        change(&mut settings);
        self.jira =
            Jira::connect(settings, &credential(self.kind, None), Timeouts::default(), Arc::new(Still))
                .unwrap();
        self
    }

    /// The same site with another token.
    fn as_token(&self, token: &str) -> Jira {
        Jira::connect(
            settings(&self.trackers, self.kind),
            &credential(self.kind, Some(token)),
            Timeouts::default(),
            Arc::new(Still),
        )
        .unwrap()
    }

    fn tracker(&self) -> &'static str {
        if self.kind == CLOUD { "jira" } else { "jira_dc" }
    }

    fn project(&self) -> &'static str {
        if self.kind == CLOUD { "PLAT" } else { "OPS" }
    }

    fn place(&self) -> PlaceName {
        PlaceName::from(self.project())
    }

    async fn account(&self, login: &str) -> AccountId {
        if self.kind == DC {
            return AccountId::from(login);
        }
        let found = self.trackers.jira("GET", &format!("/user/search?query={login}"), Value::Null).await;
        let users = found.body.as_array().unwrap();
        let user = users.iter().find(|user| user["emailAddress"] == format!("{login}@acme.example"));
        AccountId::from(user.unwrap()["accountId"].as_str().unwrap())
    }

    async fn draft(&self, n: u32) -> Draft {
        Draft {
            place: self.place(),
            place_id: self.jira.place(&self.place()).await.unwrap().id,
            title: format!("Rotate the keys {n}"),
            body: "Keys are *never* rotated.\n\n- see `vault`".to_owned(),
            labels: BTreeSet::from(["postmortem".to_owned(), "high severity".to_owned()]),
            issue_type: Some("bug".to_owned()),
            fields: Default::default(),
            assignee: None,
            due: None,
            marker: marker(n),
            before: None,
        }
    }

    async fn create(&self, n: u32) -> Issue {
        known(self.jira.create(&self.draft(n).await).await.unwrap().issue)
    }

    async fn read(&self, at: &IssueRef) -> Observed<Issue> {
        self.jira.read(std::slice::from_ref(at)).await.remove(0)
    }

    fn act(&self, deed: Value) {
        let mut whole = json!({"as": "ana", "tracker": self.tracker()});
        whole.as_object_mut().unwrap().extend(deed.as_object().unwrap().clone());
        self.trackers.sandbox.world().act(&whole).unwrap();
    }

    /// Changes the project.
    fn change(&self, change: Value) {
        let mut project = json!({"key": self.project()});
        project.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        self.trackers.sandbox.world().add(&json!({self.tracker(): {"projects": [project]}})).unwrap();
    }

    fn fault(&self, fault: Value) {
        let mut whole = json!({"tracker": self.tracker()});
        whole.as_object_mut().unwrap().extend(fault.as_object().unwrap().clone());
        self.trackers.sandbox.world().add_faults(&whole).unwrap();
    }

    fn set(&self, change: Value) {
        self.trackers.sandbox.world().change_settings(&json!({self.tracker(): change})).unwrap();
    }

    /// The requests of a method whose path ends so.
    fn sent(&self, method: &str, ending: &str) -> Vec<Value> {
        let log = self.trackers.sandbox.world().log();
        let is_it = |entry: &&Value| {
            entry["method"] == method
                && entry["path"].as_str().unwrap().split('?').next().unwrap().ends_with(ending)
        };
        log.as_array().unwrap().iter().filter(is_it).cloned().collect()
    }

    fn issues(&self) -> Vec<Value> {
        self.trackers.sandbox.world().state()[self.tracker()]["projects"][0]["issues"]
            .as_array()
            .unwrap()
            .clone()
    }
}

fn marker(n: u32) -> Marker {
    Marker::new(format!("pm1-{n:026}"))
}

fn known(observed: Observed<Issue>) -> Issue {
    match observed {
        Observed::Known(issue) => issue,
        other @ (Observed::Missing | Observed::Unknown { .. }) => panic!("expected an issue, not {other:?}"),
    }
}

fn unknown_because(observed: &Observed<Issue>, words: &str) {
    match observed {
        Observed::Unknown { why } => assert!(why.contains(words), "{why}"),
        other @ (Observed::Known(_) | Observed::Missing) => panic!("expected unknown, not {other:?}"),
    }
}

fn progress(from: Progress, to: Progress) -> Edit {
    Edit { progress: Some(Change { from, to }), ..Edit::default() }
}

fn owner(to: Option<AccountId>) -> Edit {
    Edit { owner: Some(Change { from: None, to }), ..Edit::default() }
}

fn workflow(transitions: Value) -> Value {
    let status = |name: &str, category: &str| json!({"name": name, "category": category});
    json!({
        "statuses": [status("To Do", "new"), status("In Progress", "indeterminate"), status("In Review", "indeterminate"),
            status("Cancelled", "done"), status("Done", "done")],
        "transitions": transitions,
    })
}

/// How the comment of a decision that was just made is recognised.
fn mark(id: &str) -> CommentMark {
    CommentMark { id: id.to_owned(), since: start_of_time() }
}
