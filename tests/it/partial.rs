//! What an answer of a tracker does not show is claimed by nobody: from every answer that a client reads, every member is
//! taken away, nulled, and nulled beside an error of its own, while the client asks and writes over real HTTP.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use postmortem_sync::{
    model::{
        ids::{AccountId, Marker, PlaceName},
        issue::{Change, CommentMark, Draft, Dropped, Edit, Field, Issue, IssueRef, PlaceFacts, TrackerKind},
        observed::Observed,
        status::StatusMap,
        terms::Progress,
    },
    net::{
        http::{Http, HttpError, Request, Response, Timeouts},
        pace::Allowances,
        transport::{Credential, ReqwestHttp},
    },
    tracker::{
        Changes, Created, Edited, TrackerError, TrackerWrite,
        github::{GitHub, OctocrabHttp},
        jira::{Jira, JiraSettings},
    },
};
use serde_json::{Value, json};

use crate::{
    github_rig::{Hand, settings},
    support::{Editing as _, Trackers, sandbox, start_of_time},
};

const KINDS: [TrackerKind; 3] = [TrackerKind::Github, TrackerKind::JiraCloud, TrackerKind::JiraDataCenter];

/// What is done to one answer.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Hurt {
    Without(String),
    Null(String),
    /// With the type of the error.
    NullBeside(String, &'static str),
}

/// Answers as they came, and which of them is hurt on its way.
#[derive(Default)]
struct Line {
    seen: Mutex<Vec<Value>>,
    hurt: Option<(usize, Hurt)>,
}

/// Passes everything on, and hurts one answer.
struct Tap {
    inner: Box<dyn Http>,
    line: Arc<Line>,
}

#[async_trait]
impl Http for Tap {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let response = self.inner.send(request).await?;
        let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
        let n = {
            let mut seen = self.line.seen.lock().unwrap();
            seen.push(body.clone());
            seen.len() - 1
        };
        let hurt =
            self.line.hurt.as_ref().filter(|(at, _)| *at == n).and_then(|(_, hurt)| hurt.done_to(&body));
        let Some(hurt) = hurt else { return Ok(response) };
        let (head, _) = response.into_parts();
        Ok(Response::from_parts(head, hurt.to_string().into()))
    }
}

impl Hurt {
    fn pointer(&self) -> &str {
        match self {
            Self::Without(at) | Self::Null(at) | Self::NullBeside(at, _) => at,
        }
    }

    fn done_to(&self, body: &Value) -> Option<Value> {
        let mut body = body.clone();
        let (parent, name) = self.pointer().rsplit_once('/')?;
        match self {
            Self::Without(_) => drop(body.pointer_mut(parent)?.as_object_mut()?.remove(name)?),
            Self::Null(at) => *body.pointer_mut(at)? = Value::Null,
            Self::NullBeside(at, kind) => {
                *body.pointer_mut(at)? = Value::Null;
                let steps = at.split('/').skip(2);
                let path: Vec<Value> = steps
                    .map(|step| step.parse::<u64>().map_or_else(|_| json!(step), |n| json!(n)))
                    .collect();
                body["errors"] = json!([{"type": kind, "path": path, "message": "it went wrong"}]);
            }
        }
        Some(body)
    }
}

/// Members that nobody reads and that come with every account or issue type.
fn is_idle(name: &str) -> bool {
    let pages = name.ends_with("_url") && !matches!(name, "html_url" | "repository_url");
    pages
        || ["self", "avatarUrls", "gravatar_id", "iconUrl", "timeZone", "site_admin", "reactions"]
            .contains(&name)
}

/// Every member below a value; of a list, the first and the last.
fn members(value: &Value, at: &str, all: &mut Vec<String>) {
    let mut go = |step: &str, inner: &Value| {
        let at = format!("{at}/{}", step.replace('~', "~0").replace('/', "~1"));
        all.push(at.clone());
        members(inner, &at, all);
    };
    match value {
        Value::Object(map) => {
            map.iter().filter(|(name, _)| !is_idle(name)).for_each(|(name, inner)| go(name, inner));
        }
        Value::Array(items) => {
            let ends = BTreeSet::from([0, items.len().saturating_sub(1)]);
            let ends = ends.into_iter().filter_map(|n| Some((n, items.get(n)?)));
            ends.for_each(|(n, item)| go(&n.to_string(), item));
        }
        _ => {}
    }
}

/// Every way to hurt the answers of one conversation.
fn hurts(seen: &[Value]) -> Vec<(usize, Hurt)> {
    let mut all = Vec::new();
    let mut known = BTreeSet::new();
    for (n, body) in seen.iter().enumerate() {
        // The same answer twice is hurt once, the first time.
        if !known.insert(body.to_string()) {
            continue;
        }
        let mut pointers = Vec::new();
        members(body, "", &mut pointers);
        for at in pointers {
            all.push((n, Hurt::Without(at.clone())));
            all.push((n, Hurt::Null(at.clone())));
            if at.starts_with("/data/") {
                all.push((n, Hurt::NullBeside(at.clone(), "FORBIDDEN")));
                all.push((n, Hurt::NullBeside(at, "SERVICE")));
            }
        }
    }
    all
}

/// One tracker in its sandbox.
struct Stage {
    trackers: Trackers,
    kind: TrackerKind,
    place: PlaceName,
    truth: Arc<dyn TrackerWrite>,
    ana: AccountId,
}

impl Stage {
    async fn of(kind: TrackerKind) -> Self {
        let trackers = sandbox().await;
        let place = match kind {
            TrackerKind::Github => "acme/payments",
            TrackerKind::JiraCloud => "PLAT",
            TrackerKind::JiraDataCenter => "OPS",
        };
        let truth = client(&trackers, kind, Arc::default());
        let ana = match kind {
            TrackerKind::JiraCloud => {
                let found = trackers.jira("GET", "/user/search?query=ana", Value::Null).await;
                AccountId::from(found.body[0]["accountId"].as_str().unwrap())
            }
            TrackerKind::Github | TrackerKind::JiraDataCenter => AccountId::from("ana"),
        };
        Self { trackers, kind, place: place.into(), truth, ana }
    }

    fn name(&self) -> &'static str {
        match self.kind {
            TrackerKind::Github => "github",
            TrackerKind::JiraCloud => "jira",
            TrackerKind::JiraDataCenter => "jira_dc",
        }
    }

    fn act(&self, person: &str, with: Value) {
        let mut deed = json!({"as": person, "tracker": self.name()});
        deed.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
        self.trackers.sandbox.world().act(&deed).unwrap_or_else(|refusal| panic!("{deed}: {refusal:?}"));
    }

    fn later(&self) {
        self.trackers.sandbox.world().advance(2000);
    }

    async fn draft(&self, marker: &Marker) -> Draft {
        Draft {
            place: self.place.clone(),
            place_id: self.truth.place(&self.place).await.unwrap().id,
            title: "Rotate the keys".to_owned(),
            body: "Keys are never rotated.".to_owned(),
            labels: BTreeSet::from(["postmortem-sync".to_owned(), "overdue".to_owned()]),
            issue_type: None,
            fields: BTreeMap::new(),
            assignee: Some(self.ana.clone()),
            due: (self.kind != TrackerKind::Github).then(|| "2026-12-24".parse().unwrap()),
            marker: marker.clone(),
            before: None,
        }
    }

    async fn create(&self, n: usize) -> Issue {
        let created = self.truth.create(&self.draft(&marker(n)).await).await.unwrap();
        created.issue.known().cloned().unwrap_or_else(|| panic!("{created:?}"))
    }

    /// Lets a client do something with all answers as they are, and then again and again with one of them hurt.
    async fn each<T: Debug>(
        &self,
        what: &str,
        ask: impl AsyncFn(&dyn TrackerWrite, usize) -> T,
        judge: impl AsyncFn(usize, &T, &T, &Hurt) -> Result<(), String>,
    ) {
        let line = Arc::new(Line::default());
        let whole = ask(client(&self.trackers, self.kind, Arc::clone(&line)).as_ref(), 1).await;
        let seen = line.seen.lock().unwrap().clone();
        let all = hurts(&seen);
        assert!(all.len() >= 2, "{:?} {what}: {seen:?}", self.kind);
        let mut wrong = Vec::new();
        for (n, (at, hurt)) in all.into_iter().enumerate() {
            let line = Arc::new(Line { seen: Mutex::default(), hurt: Some((at, hurt.clone())) });
            let told = ask(client(&self.trackers, self.kind, line).as_ref(), n + 2).await;
            if let Err(why) = judge(n + 2, &whole, &told, &hurt).await {
                wrong.push(format!("answer {at} {hurt:?}: {why}"));
            }
        }
        assert!(wrong.is_empty(), "{:?} {what}, of which all is {whole:?}:\n{}", self.kind, wrong.join("\n"));
    }
}

fn marker(n: usize) -> Marker {
    Marker::new(format!("pm1-{n:026}"))
}

fn client(trackers: &Trackers, kind: TrackerKind, line: Arc<Line>) -> Arc<dyn TrackerWrite> {
    let at = &trackers.sandbox.addresses;
    let clock = Hand::at(start_of_time());
    let tap = |inner: Box<dyn Http>| Arc::new(Tap { inner, line: Arc::clone(&line) });
    let (url, credential) = match kind {
        TrackerKind::Github => {
            let token = "sandbox-github-token".into();
            let http = OctocrabHttp::token(&at.github, &token, Timeouts::default()).unwrap();
            let http = tap(Box::new(http));
            return Arc::new(GitHub::new(settings(&at.github), http, clock).unwrap());
        }
        TrackerKind::JiraCloud => {
            let credential = Credential::Basic {
                email: "bot@acme.example".to_owned(),
                token: "sandbox-jira-token".into(),
            };
            (&at.jira, credential)
        }
        TrackerKind::JiraDataCenter => (&at.jira_dc, Credential::Bearer("sandbox-dc-token".into())),
    };
    let door = |credential: &Credential| {
        let http = ReqwestHttp::new(url, credential, Timeouts::default()).unwrap();
        tap(Box::new(http))
    };
    let settings = JiraSettings {
        name: "jira".into(),
        kind,
        base_url: url.clone(),
        browse_url: url.clone(),
        label_prefix: "postmortem-sync".to_owned(),
        projects: Vec::new(),
        statuses: StatusMap::default(),
        allowances: Allowances {
            reads_per_minute: 1_000_000,
            writes_per_minute: 1_000_000,
            creates_per_minute: 1_000_000,
            creates_per_hour: None,
        },
    };
    Arc::new(Jira::new(settings, door(&credential), door(&Credential::Anonymous), clock))
}

/// Nulls whose meaning the API documents: nobody wrote it (any more), an empty text.
fn is_documented(hurt: &Hurt) -> bool {
    let name = hurt.pointer().rsplit('/').next().unwrap();
    matches!(hurt, Hurt::Null(_))
        && ["body", "user", "creator", "author", "actor", "assigner"].contains(&name)
}

/// Nulls that are values: nobody, and no day.
fn is_value(hurt: &Hurt) -> bool {
    let name = hurt.pointer().rsplit('/').next().unwrap();
    matches!(hurt, Hurt::Null(_))
        && ["assignee", "assignees", "duedate", "resolution", "state_reason"].contains(&name)
}

/// Holds an answer to a question against the truth: it is the truth, or an error.
fn same_or_error<T: PartialEq + Debug>(
    whole: &Result<T, TrackerError>,
    told: &Result<T, TrackerError>,
    hurt: &Hurt,
) -> Result<(), String> {
    match told {
        Err(_) => Ok(()),
        Ok(told) if Some(told) == whole.as_ref().ok() || is_documented(hurt) => Ok(()),
        Ok(told) => Err(format!("{told:?}")),
    }
}

type Told = Result<Changes, TrackerError>;

/// What changed is named as it is, its place is untold, or nothing is told at all.
fn named_or_untold(whole: &Told, told: &Told) -> Result<(), String> {
    let whole = whole.as_ref().unwrap();
    assert!(whole.untold.is_empty() && whole.issues.len() == 1, "{whole:?}");
    let Ok(told) = told else { return Ok(()) };
    let is_right = told.issues.iter().all(|issue| whole.issues.contains(issue))
        && (!told.issues.is_empty() || !told.untold.is_empty());
    if is_right { Ok(()) } else { Err(format!("{told:?}")) }
}

/// The same where nothing may be told as well.
fn same_or_nothing<T: PartialEq + Debug>(
    whole: &Result<Option<T>, TrackerError>,
    told: &Result<Option<T>, TrackerError>,
) -> Result<(), String> {
    match told {
        Err(_) | Ok(None) => Ok(()),
        Ok(Some(told)) if whole.as_ref().is_ok_and(|whole| whole.as_ref() == Some(told)) => Ok(()),
        Ok(Some(told)) => Err(format!("{told:?}")),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_taken_for_another_account() {
    for kind in KINDS {
        let stage = Stage::of(kind).await;
        let ask = async |client: &dyn TrackerWrite, _| client.whoami().await;
        stage.each("whoami", ask, async |_, whole, told, hurt| same_or_error(whole, told, hurt)).await;
    }
}

type Facts = Result<PlaceFacts, TrackerError>;

/// A place is the one that it is, never read by fewer than it is, and never closed for a reason that it does not have.
fn place(whole: &Facts, told: &Facts) -> Result<(), String> {
    let (Ok(whole), Ok(told)) = (whole, told) else { return Ok(()) };
    let is_at_most = |one: &Option<String>, all: &Option<String>| one.is_none() || one == all;
    let is_right = told.id == whole.id
        && told.visibility >= whole.visibility
        && is_at_most(&told.closed, &whole.closed)
        && is_at_most(&told.frozen, &whole.frozen);
    if is_right { Ok(()) } else { Err(format!("{told:?}")) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_is_never_more_private_than_it_is_nor_closed_for_no_reason() {
    for kind in KINDS {
        for is_public in [false, true] {
            let stage = Stage::of(kind).await;
            match kind {
                TrackerKind::Github => {
                    stage.act(
                        "ana",
                        json!({"repo": "acme/payments", "do": "set_visibility", "private": !is_public}),
                    );
                }
                TrackerKind::JiraCloud | TrackerKind::JiraDataCenter => {
                    let project = stage.place.to_string();
                    stage.act(
                        "ana",
                        json!({"project": project, "do": "set_anonymous", "readable": is_public}),
                    );
                }
            }
            let ask = async |client: &dyn TrackerWrite, _| client.place(&stage.place).await;
            stage.each("place", ask, async |_, whole, told, _| place(whole, told)).await;
            let other =
                if kind == TrackerKind::Github { "acme/platform".into() } else { stage.place.clone() };
            let places = [stage.place.clone(), other];
            let ask = async |client: &dyn TrackerWrite, _| client.readers(&places).await;
            let judge = async |_: usize, whole: &Vec<Facts>, told: &Vec<Facts>, _: &Hurt| {
                assert_eq!(whole.len(), told.len());
                whole.iter().zip(told).try_for_each(|(whole, told)| place(whole, told))
            };
            stage.each("readers", ask, judge).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_shows_what_is_there_or_is_no_answer() {
    for kind in KINDS {
        let stage = Stage::of(kind).await;
        let (ours, since) = (stage.create(0).await, start_of_time() - chrono::TimeDelta::hours(1));
        let markers = [marker(0)];
        for since in [None, Some(since)] {
            let ask = async |client: &dyn TrackerWrite, _| {
                let found = client.marked(&stage.place, &markers, since).await?;
                Ok(found.into_iter().map(|issue| (issue.at.id, issue.marker)).collect::<BTreeSet<_>>())
            };
            stage.each("marked", ask, async |_, whole, told, hurt| same_or_error(whole, told, hurt)).await;
        }
        let ask = async |client: &dyn TrackerWrite, _| client.ours(&stage.place).await;
        let judge = async |_: usize,
                           whole: &Result<Vec<(String, Marker)>, TrackerError>,
                           told: &Result<Vec<(String, Marker)>, TrackerError>,
                           hurt: &Hurt| {
            assert_eq!(whole.as_ref().unwrap(), &[(ours.at.key.clone(), marker(0))]);
            same_or_error(whole, told, hurt)
        };
        stage.each("ours", ask, judge).await;
        let places = [
            stage.place.clone(),
            if kind == TrackerKind::Github { "acme/platform".into() } else { stage.place.clone() },
        ];
        let ask = async |client: &dyn TrackerWrite, _| client.changes(&places, since).await;
        stage.each("changes", ask, async |_, whole, told, _| named_or_untold(whole, told)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_in_an_issue_is_whole_or_unknown() {
    let stage = Stage::of(TrackerKind::Github).await;
    let open = json!({"repo": "acme/payments", "do": "open_issue", "title": "An outage", "body": "It went down.", "labels": ["postmortem", "TLP:RED"]});
    stage.act("ana", open);
    let ask = async |client: &dyn TrackerWrite, _| client.texts(&stage.place, "postmortem").await;
    stage.each("texts", ask, async |_, whole, told, hurt| same_or_error(whole, told, hurt)).await;
}

/// An issue of ours whose assignee and status others changed, twice each, by different people.
async fn history(stage: &Stage) -> Issue {
    let issue = stage.create(0).await;
    let act = |person: &str, mut deed: Value| {
        stage.later();
        deed["issue"] = json!(issue.at.key);
        stage.act(person, deed);
    };
    let (completed, unassign) = match stage.kind {
        TrackerKind::Github => ("completed", json!({"do": "unassign", "assignee": "ana"})),
        TrackerKind::JiraCloud | TrackerKind::JiraDataCenter => ("Done", json!({"do": "unassign"})),
    };
    act("ana", unassign);
    act("ana", json!({"do": "close", "reason": completed}));
    act("ana", json!({"do": "reopen"}));
    act("bo", json!({"do": "assign", "assignee": "bo"}));
    act("bo", json!({"do": "close", "reason": completed}));
    stage.later();
    stage.truth.find(&issue.at.key).await.known().cloned().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_said_to_have_done_what_another_did() {
    for kind in KINDS {
        let stage = Stage::of(kind).await;
        let issue = history(&stage).await;
        let bare = Issue { closed_by: None, ..issue.clone() };
        let ask = async |client: &dyn TrackerWrite, _| client.closer(&bare).await;
        stage.each("closer", ask, async |_, whole, told, _| same_or_nothing(whole, told)).await;
        for field in [Field::Progress, Field::Owner] {
            let ask = async |client: &dyn TrackerWrite, _| {
                let change = client.last_change(&issue, field, start_of_time()).await?;
                Ok(change.and_then(|change| change.by))
            };
            stage.each("last change", ask, async |_, whole, told, _| same_or_nothing(whole, told)).await;
        }
        let ask = async |client: &dyn TrackerWrite, _| client.is_assigned_by_others(&issue).await;
        stage.each("assigned", ask, async |_, whole, told, hurt| same_or_error(whole, told, hurt)).await;
        let untouched = stage.create(1).await;
        let ask = async |client: &dyn TrackerWrite, _| client.is_assigned_by_others(&untouched).await;
        stage.each("unassigned", ask, async |_, whole, told, hurt| same_or_error(whole, told, hurt)).await;
    }
}

/// What an issue is said to be, as far as it is shown, is what it is.
fn holds(said: &Issue, truth: &Issue) -> Result<(), String> {
    let differs = Issue::COMPARED.into_iter().filter(|field| said.shows(*field)).find(|field| match field {
        Field::Owner => said.assignees != truth.assignees,
        Field::Progress => said.progress != truth.progress,
        Field::Labels => said.labels != truth.labels,
        Field::Due => said.due != truth.due,
        Field::Block | Field::Comment => false,
    });
    match differs {
        _ if said.at.id != truth.at.id => Err(format!("another issue: {:?}", said.at)),
        Some(field) => Err(format!("{} is not {said:?}", field.as_str())),
        None => Ok(()),
    }
}

/// What is said of a create, held against the issue.
fn made(whole: &Created, created: &Created, truth: &Issue) -> Result<(), String> {
    let lost =
        |created: &Created| created.dropped.iter().map(|dropped| dropped.field).collect::<BTreeSet<_>>();
    if created.at.id != truth.at.id || created.at.key != truth.at.key {
        return Err(format!("{:?} is not {:?}", created.at, truth.at));
    }
    if !lost(created).is_subset(&lost(whole)) {
        return Err(format!("dropped: {:?}", created.dropped));
    }
    created.issue.known().map_or(Ok(()), |issue| holds(issue, truth))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_is_told_as_it_went_or_its_outcome_is_unclear() {
    for kind in KINDS {
        let stage = Stage::of(kind).await;
        let draft = stage.draft(&marker(0)).await;
        let ask = async |client: &dyn TrackerWrite, n: usize| {
            client.create(&Draft { marker: marker(n), ..draft.clone() }).await
        };
        type Went = Result<Created, TrackerError>;
        let judge = async |n: usize, whole: &Went, told: &Went, hurt: &Hurt| {
            let there = stage.truth.marked(&stage.place, &[marker(n)], None).await.unwrap();
            match (told, there.as_slice()) {
                (Err(error), [_, ..]) if error.is_certain() => {
                    Err(format!("it is there, and said not to be: {error}"))
                }
                (Err(_), _) => Ok(()),
                (Ok(_), [_]) if is_value(hurt) => Ok(()),
                (Ok(created), [truth]) => made(whole.as_ref().unwrap(), created, truth),
                (Ok(created), other) => Err(format!("{created:?} beside {other:?}")),
            }
        };
        stage.each("create", ask, judge).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_told_as_it_went_or_not_at_all() {
    for kind in KINDS {
        let stage = Stage::of(kind).await;
        let asked = |issue: &Issue| Edit {
            owner: Some(Change { from: issue.assignees.first().cloned(), to: None }),
            progress: Some(Change { from: issue.progress, to: Progress::Done }),
            add_labels: BTreeSet::from(["verified".to_owned()]),
            remove_labels: BTreeSet::from(["overdue".to_owned()]),
            ..Edit::default()
        };
        let ask = async |client: &dyn TrackerWrite, n: usize| {
            let issue = stage.create(n).await;
            stage.later();
            (issue.at.clone(), client.edit(&issue, &asked(&issue)).await)
        };
        type Went = (IssueRef, Result<Edited, TrackerError>);
        let judge = async |_: usize, whole: &Went, told: &Went, hurt: &Hurt| {
            if is_value(hurt) {
                return Ok(());
            }
            assert!(whole.1.as_ref().unwrap().dropped.is_empty(), "{whole:?}");
            let Ok(edited) = &told.1 else { return Ok(()) };
            let Observed::Known(truth) = stage.truth.find(&told.0.key).await else { panic!("{told:?}") };
            if !edited.dropped.is_empty() || !edited.overtaken.is_empty() {
                return Err(format!("dropped {:?}, overtaken {:?}", edited.dropped, edited.overtaken));
            }
            holds(&edited.issue, &truth)
        };
        stage.each("edit", ask, judge).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_is_told_once_whatever_the_list_of_comments_leaves_out() {
    for kind in KINDS {
        let stage = Stage::of(kind).await;
        let issue = stage.create(0).await;
        let said = Edit {
            comment: Some("Rejected: it still leaks.".to_owned()),
            comment_mark: Some(CommentMark { id: "d1".to_owned(), since: start_of_time() }),
            ..Edit::default()
        };
        // One comment with the decision's id, and, where trackers hide such ids, none but its words.
        stage.truth.edit(&issue, &said).await.unwrap();
        let count = || stage.trackers.sandbox.world().state().to_string().matches("it still leaks").count();
        let before = count();
        assert!(before > 0);
        let ask = async |client: &dyn TrackerWrite, _| {
            client.edit(&issue, &said).await.map(|edited| edited.dropped)
        };
        type Went = Result<Vec<Dropped>, TrackerError>;
        let judge = async |_: usize, _: &Went, _: &Went, _: &Hurt| {
            if count() == before { Ok(()) } else { Err(format!("{} of them are there", count())) }
        };
        stage.each("comment", ask, judge).await;
    }
}
