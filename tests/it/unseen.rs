//! What is absent is not empty: every member of every kind of answer is taken away, and nulled beside an error, and nothing
//! may follow from that.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use postmortem_sync::{
    model::{
        cycle::NoteKind,
        finding::{Finding, Owner},
        ids::{AccountId, TrackerName},
        involvement::{Involvement, Part, Party},
        issue::{Field, Issue, IssueRef, TrackerKind},
        link::{Agreed, Baseline, Link, Pushed, Seen},
        observed::Observed,
        people::{People, Person},
        status::StatusMap,
        terms::Progress,
    },
    net::{
        http::{Http, HttpError, Request, Response, Timeouts},
        pace::Allowances,
        transport::{Credential, ReqwestHttp},
    },
    plan::{self, action::Plan, snapshot::Context},
    tracker::{
        TrackerRead,
        github::{GitHub, OctocrabHttp},
        jira::{Jira, JiraSettings},
    },
};
use serde_json::{Value, json};

use crate::{
    build,
    github_rig::{Hand, reply, settings},
    support::{Trackers, sandbox, start_of_time},
};

/// How an answer about one issue is asked for, and where in it the issue stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Node,
    Rest,
    Bulkfetch,
    Single,
}

const KINDS: [Kind; 4] = [Kind::Node, Kind::Rest, Kind::Bulkfetch, Kind::Single];

impl Kind {
    /// Steps to the issue.
    fn root(self) -> &'static str {
        match self {
            Self::Node => "/data/nodes/0",
            Self::Bulkfetch => "/issues/0",
            Self::Rest | Self::Single => "",
        }
    }

    fn tracker(self) -> TrackerKind {
        match self {
            Self::Node | Self::Rest => TrackerKind::Github,
            Self::Bulkfetch => TrackerKind::JiraCloud,
            Self::Single => TrackerKind::JiraDataCenter,
        }
    }
}

/// Passes everything on and remembers the last answer.
struct Recorder {
    inner: Box<dyn Http>,
    last: Mutex<Value>,
}

#[async_trait]
impl Http for Recorder {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let response = self.inner.send(request).await?;
        *self.last.lock().unwrap() = serde_json::from_slice(response.body()).unwrap_or_default();
        Ok(response)
    }
}

/// Answers every question with the same, and knows us.
struct Same(Value);

#[async_trait]
impl Http for Same {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        match request.uri().path() {
            path if path.ends_with("/user") || path.ends_with("/myself") => {
                reply(200, &[], &json!({"login": "acme-bot", "accountId": "bot", "name": "bot"}))
            }
            _ => reply(200, &[], &self.0),
        }
    }
}

fn client(kind: Kind, http: Arc<dyn Http>, url: &str) -> Arc<dyn TrackerRead> {
    let clock = Hand::at(start_of_time());
    if kind.tracker() == TrackerKind::Github {
        return Arc::new(GitHub::new(settings(url), http, clock).unwrap());
    }
    let settings = JiraSettings {
        name: "jira".into(),
        kind: kind.tracker(),
        base_url: url.to_owned(),
        browse_url: url.to_owned(),
        label_prefix: "postmortem".to_owned(),
        projects: Vec::new(),
        statuses: StatusMap::default(),
        allowances: Allowances { reads_per_minute: 100_000, ..Allowances::JIRA },
    };
    Arc::new(Jira::new(settings, Arc::clone(&http), http, clock))
}

/// The address of a tracker, and a transport to it.
fn door(trackers: &Trackers, kind: Kind) -> (String, Box<dyn Http>) {
    let at = &trackers.sandbox.addresses;
    match kind.tracker() {
        TrackerKind::Github => {
            let token = "sandbox-github-token".into();
            (
                at.github.clone(),
                Box::new(OctocrabHttp::token(&at.github, &token, Timeouts::default()).unwrap()),
            )
        }
        TrackerKind::JiraCloud => {
            let credential = Credential::Basic {
                email: "bot@acme.example".to_owned(),
                token: "sandbox-jira-token".into(),
            };
            (at.jira.clone(), Box::new(ReqwestHttp::new(&at.jira, &credential, Timeouts::default()).unwrap()))
        }
        TrackerKind::JiraDataCenter => {
            let credential = Credential::Bearer("sandbox-dc-token".into());
            (
                at.jira_dc.clone(),
                Box::new(ReqwestHttp::new(&at.jira_dc, &credential, Timeouts::default()).unwrap()),
            )
        }
    }
}

/// An answer as a tracker gives it, what it means, and how it is asked for again.
struct Full {
    kind: Kind,
    url: String,
    at: IssueRef,
    answer: Value,
    issue: Issue,
}

/// Full answers about an issue with everything that we follow: one that is open, one that was closed as not planned.
async fn full(kind: Kind, is_open: bool) -> Full {
    let trackers = sandbox().await;
    let world = trackers.sandbox.world();
    let labels = json!(["postmortem", "overdue"]);
    let (tracker, open, key, close) = match kind.tracker() {
        TrackerKind::Github => (
            "github",
            json!({"do": "open_issue", "repo": "acme/payments", "title": "A finding", "assignees": ["ana"], "labels": labels}),
            "acme/payments#1",
            json!({"do": "close", "reason": "not_planned"}),
        ),
        TrackerKind::JiraCloud | TrackerKind::JiraDataCenter => {
            let (tracker, project) =
                if kind.tracker() == TrackerKind::JiraCloud { ("jira", "PLAT") } else { ("jira_dc", "OPS") };
            let open =
                json!({"do": "open_issue", "project": project, "title": "A finding", "labels": labels});
            (
                tracker,
                open,
                if project == "PLAT" { "PLAT-1" } else { "OPS-1" },
                json!({"do": "close", "reason": "Won't Do"}),
            )
        }
    };
    let act = |deed: &Value, with: Value| {
        let mut deed = deed.clone();
        deed.as_object_mut()
            .unwrap()
            .extend(json!({"as": "ana", "tracker": tracker}).as_object().unwrap().clone());
        deed.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
        world.act(&deed).unwrap_or_else(|refusal| panic!("{deed}: {refusal:?}"));
    };
    act(&open, json!({}));
    if tracker != "github" {
        act(&json!({"do": "assign", "assignee": "ana"}), json!({"issue": key}));
        act(&json!({"do": "set_due", "due": "2026-04-21"}), json!({"issue": key}));
    }
    if !is_open {
        act(&close, json!({"issue": key}));
    }
    let (url, inner) = door(&trackers, kind);
    let recorder = Arc::new(Recorder { inner, last: Mutex::default() });
    let client = client(kind, recorder.clone(), &url);
    let Observed::Known(found) = client.find(key).await else { panic!("{key} is not there") };
    let at = IssueRef { node: found.at.node.clone().filter(|_| kind == Kind::Node), ..found.at };
    let Observed::Known(issue) = client.read(std::slice::from_ref(&at)).await.remove(0) else {
        panic!("{key}")
    };
    let answer = recorder.last.lock().unwrap().clone();
    assert_eq!(issue.unseen, BTreeSet::new(), "{kind:?}: {answer}");
    assert_eq!(issue.progress, if is_open { Progress::Open } else { Progress::Declined });
    Full { kind, url, at, answer, issue }
}

impl Full {
    async fn read(&self, answer: Value) -> Observed<Issue> {
        let client = client(self.kind, Arc::new(Same(answer)), &self.url);
        client.read(std::slice::from_ref(&self.at)).await.remove(0)
    }

    /// What is planned for a finding that agrees with the issue in everything, when it reads so.
    fn plan(&self, read: Observed<Issue>) -> Plan {
        let (context, finding, link) = self.agreed();
        let kind = self.kind.tracker();
        let party =
            |account: &AccountId| Party::of_account(kind, account, &context.people.owner_of(kind, account));
        let owned = self.issue.assignees.iter().map(|account| (Part::Owned, party(account)));
        let claimed = self.issue.closed_by.iter().map(|account| (Part::Claimed, party(account)));
        let parts =
            owned.chain(claimed).map(|(part, party)| Involvement::of(&finding, part, party, build::now()));
        let parts = parts.collect();
        let mut row = build::linked(finding, link, self.issue.clone());
        // Who is assigned and who closed it is on record already.
        row.findings[0].parts = parts;
        row.links[0].1 = read;
        plan::plan(&context, &[row])
    }

    fn agreed(&self) -> (Context, Finding, Link) {
        let issue = &self.issue;
        let mut context = build::context();
        let account = issue.assignees.first().cloned();
        let ana =
            Person { github: account.clone(), jira: account.clone(), jira_dc: account, ..Person::default() };
        context.people = People(BTreeMap::from([("ana".into(), ana)]));
        context.now = build::now() + chrono::TimeDelta::days(90);
        let mut facts = context.trackers[&TrackerName::from("github")].clone();
        facts.kind = self.kind.tracker();
        facts.host = issue.at.id.host.clone();
        context.trackers = BTreeMap::from([("github".into(), facts)]);
        let mut finding = build::finding("PM-1/F1");
        finding.owner = Owner::Person("ana".into());
        finding.declined_upstream = issue.progress == Progress::Declined;
        let owner = Agreed { finding: finding.owner.clone(), issue: finding.owner.clone() };
        let link = Link {
            issue: issue.at.clone(),
            destination: issue.at.place.clone(),
            baseline: Baseline {
                owner: Some(owner),
                progress: Some(Agreed { finding: finding.progress().unwrap(), issue: issue.progress }),
            },
            pushed: Pushed { labels: issue.labels.clone(), due: issue.due, ..Pushed::default() },
            seen: Seen { at: build::now(), status_text: issue.status_text.clone(), updated: issue.updated },
            ..build::link("PM-1/F1", 1)
        };
        (context, finding, link)
    }

    /// Fails unless an answer is unknown, or nothing follows from it.
    #[track_caller]
    fn nothing_follows(&self, read: Observed<Issue>, what: &str) {
        let plan = self.plan(read.clone());
        assert!(plan.actions.is_empty(), "{:?} {what}: {:#?}\nfrom {read:?}", self.kind, plan.actions);
        let said = |kind: NoteKind| {
            matches!(kind, NoteKind::Unreachable | NoteKind::Quarantined | NoteKind::Rerouted)
        };
        let told = plan.notes.iter().filter(|note| !said(note.kind)).collect::<Vec<_>>();
        assert!(told.is_empty(), "{:?} {what}: {told:#?}", self.kind);
        assert_ne!(read, Observed::Missing, "{:?} {what}", self.kind);
    }
}

/// Every member and element below a value.
fn below(value: &Value, at: &str, all: &mut Vec<String>) {
    let mut go = |step: String, inner: &Value| {
        let at = format!("{at}/{}", step.replace('~', "~0").replace('/', "~1"));
        all.push(at.clone());
        below(inner, &at, all);
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, inner)| go(name.clone(), inner)),
        Value::Array(items) => items.iter().enumerate().for_each(|(n, inner)| go(n.to_string(), inner)),
        _ => {}
    }
}

/// Takes a member out of an object; an element of a list cannot be left out without a trace.
fn take_away(answer: &Value, pointer: &str) -> Option<Value> {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let mut answer = answer.clone();
    answer.pointer_mut(parent)?.as_object_mut()?.remove(name)?;
    Some(answer)
}

fn nulled(answer: &Value, pointer: &str) -> Value {
    let mut answer = answer.clone();
    *answer.pointer_mut(pointer).unwrap() = Value::Null;
    answer
}

/// The path of an error, as GraphQL writes it.
fn path(pointer: &str) -> Vec<Value> {
    let steps = pointer.trim_start_matches("/data").split('/').skip(1);
    steps.map(|step| step.parse::<u64>().map_or_else(|_| json!(step), |n| json!(n))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_follows_from_a_member_that_an_answer_leaves_out() {
    for kind in KINDS {
        for is_open in [true, false] {
            let full = full(kind, is_open).await;
            full.nothing_follows(Observed::Known(full.issue.clone()), "as it is");
            let mut all = Vec::new();
            below(full.answer.pointer(kind.root()).unwrap(), kind.root(), &mut all);
            assert!(all.len() > 15, "{all:?}");
            for pointer in &all {
                let Some(answer) = take_away(&full.answer, pointer) else { continue };
                full.nothing_follows(full.read(answer).await, &format!("without {pointer}"));
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_null_beside_an_error_of_its_own_makes_the_issue_unknown() {
    for is_open in [true, false] {
        let full = full(Kind::Node, is_open).await;
        let mut all = Vec::new();
        below(full.answer.pointer(Kind::Node.root()).unwrap(), Kind::Node.root(), &mut all);
        for pointer in &all {
            for (place, kind) in [
                (path(pointer), "FORBIDDEN"),
                (path(pointer), "NOT_FOUND"),
                (Vec::new(), "SERVICE"),
                (vec![json!("elsewhere")], "SERVICE"),
                (vec![json!("nodes"), json!("0")], "SERVICE"),
            ] {
                let mut answer = nulled(&full.answer, pointer);
                answer["errors"] = json!([{"type": kind, "path": place, "message": "it went wrong"}]);
                let read = full.read(answer).await;
                assert!(matches!(read, Observed::Unknown { .. }), "{pointer} {place:?}: {read:?}");
                full.nothing_follows(read, pointer);
            }
            let Some(mut answer) = take_away(&full.answer, pointer) else { continue };
            answer["errors"] =
                json!([{"type": "SERVICE", "path": path(pointer), "message": "it went wrong"}]);
            assert!(matches!(full.read(answer).await, Observed::Unknown { .. }), "without {pointer}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compared_field_that_is_left_out_is_unknown_and_says_so() {
    let cases = [
        (Kind::Node, true, "/assignees", Field::Owner),
        (Kind::Node, true, "/assignees/nodes", Field::Owner),
        (Kind::Node, true, "/labels", Field::Labels),
        (Kind::Node, false, "/stateReason", Field::Progress),
        (Kind::Rest, true, "/assignees", Field::Owner),
        (Kind::Rest, true, "/labels", Field::Labels),
        (Kind::Rest, false, "/state_reason", Field::Progress),
        (Kind::Bulkfetch, true, "/fields/assignee", Field::Owner),
        (Kind::Bulkfetch, true, "/fields/assignee/accountId", Field::Owner),
        (Kind::Bulkfetch, true, "/fields/status", Field::Progress),
        (Kind::Bulkfetch, false, "/fields/resolution", Field::Progress),
        (Kind::Bulkfetch, true, "/fields/labels", Field::Labels),
        (Kind::Bulkfetch, true, "/fields/duedate", Field::Due),
        (Kind::Single, true, "/fields/assignee", Field::Owner),
        (Kind::Single, true, "/fields/assignee/name", Field::Owner),
        (Kind::Single, true, "/fields/duedate", Field::Due),
    ];
    for (kind, is_open, pointer, field) in cases {
        let full = full(kind, is_open).await;
        let answer = take_away(&full.answer, &format!("{}{pointer}", kind.root())).unwrap();
        let read = full.read(answer).await;
        let issue = read.known().unwrap_or_else(|| panic!("{kind:?} {pointer}: {read:?}"));
        assert_eq!(issue.unseen, BTreeSet::from([field]), "{kind:?} {pointer}");
        let plan = full.plan(read.clone());
        let said = |word: &str| {
            plan.notes.iter().any(|note| note.kind == NoteKind::Unreachable && note.why.contains(word))
        };
        assert!(said(field.as_str()), "{kind:?} {pointer}: {:?}", plan.notes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bare_null_is_the_value_where_the_api_documents_one() {
    type Case = (Kind, bool, &'static str, fn(&Issue) -> bool);
    let cases: [Case; 9] = [
        (Kind::Node, true, "/stateReason", |issue| issue.progress == Progress::Open),
        (Kind::Node, false, "/stateReason", |issue| issue.progress == Progress::Done),
        (Kind::Rest, false, "/state_reason", |issue| issue.progress == Progress::Done),
        (Kind::Rest, false, "/closed_by", |issue| issue.closed_by.is_none()),
        (Kind::Rest, true, "/assignees", |issue| issue.assignees.is_empty()),
        (Kind::Bulkfetch, true, "/fields/assignee", |issue| issue.assignees.is_empty()),
        (Kind::Bulkfetch, true, "/fields/duedate", |issue| issue.due.is_none()),
        (Kind::Bulkfetch, false, "/fields/resolution", |issue| issue.progress == Progress::Done),
        (Kind::Single, true, "/fields/assignee", |issue| issue.assignees.is_empty()),
    ];
    for (kind, is_open, pointer, holds) in cases {
        let full = full(kind, is_open).await;
        let read = full.read(nulled(&full.answer, &format!("{}{pointer}", kind.root()))).await;
        let issue = read.known().unwrap_or_else(|| panic!("{kind:?} {pointer}: {read:?}"));
        assert!(holds(issue) && issue.unseen.is_empty(), "{kind:?} {pointer}: {issue:?}");
    }
    for (kind, pointer) in [
        (Kind::Node, "/assignees"),
        (Kind::Node, "/assignees/nodes"),
        (Kind::Node, "/assignees/nodes/0"),
        (Kind::Node, "/labels"),
        (Kind::Rest, "/labels"),
        (Kind::Rest, "/assignees/0"),
        (Kind::Bulkfetch, "/fields/status"),
        (Kind::Bulkfetch, "/fields/labels"),
    ] {
        let full = full(kind, true).await;
        let read = full.read(nulled(&full.answer, &format!("{}{pointer}", kind.root()))).await;
        full.nothing_follows(read, &format!("null {pointer}"));
    }
}
