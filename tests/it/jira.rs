//! Both Jira editions against the sandbox, over real HTTP: every trap a plain fact.

use std::{collections::BTreeSet, sync::Arc};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use postmortem_sync::{
    model::{
        clock::Clock,
        ids::{AccountId, Marker, PlaceName, TrackerName},
        issue::{Change, Draft, Edit, Field, Issue, IssueRef, TrackerKind, Visibility},
        observed::Observed,
        postmortem::TrackerRef,
        terms::Progress,
    },
    tracker::{
        Cursor, TrackerError, TrackerRead as _, TrackerWrite as _,
        jira::{Jira, JiraSettings, PROPERTY, StatusMap, transport::Credential},
        pace::Allowances,
    },
};
use serde_json::{Value, json};

use crate::support::{Trackers, sandbox, start_of_time};

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
        _ => Credential::Basic {
            email: "bot@acme.example".to_owned(),
            token: token.unwrap_or("sandbox-jira-token").into(),
        },
    }
}

async fn site(kind: TrackerKind) -> Site {
    let trackers = sandbox().await;
    let jira = Jira::connect(settings(&trackers, kind), &credential(kind, None), Arc::new(Still)).unwrap();
    Site { trackers, kind, jira }
}

impl Site {
    /// The same site with other settings.
    fn with(mut self, change: impl FnOnce(&mut JiraSettings)) -> Self {
        let mut settings = settings(&self.trackers, self.kind);
        change(&mut settings);
        self.jira = Jira::connect(settings, &credential(self.kind, None), Arc::new(Still)).unwrap();
        self
    }

    /// The same site with another token.
    fn as_token(&self, token: &str) -> Jira {
        Jira::connect(
            settings(&self.trackers, self.kind),
            &credential(self.kind, Some(token)),
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
        other => panic!("expected an issue, not {other:?}"),
    }
}

fn unknown_because(observed: &Observed<Issue>, words: &str) {
    match observed {
        Observed::Unknown { why } => assert!(why.contains(words), "{why}"),
        other => panic!("expected unknown, not {other:?}"),
    }
}

fn progress(from: Progress, to: Progress) -> Edit {
    Edit { progress: Some(Change { from, to }), ..Edit::default() }
}

fn owner(to: Option<AccountId>) -> Edit {
    Edit { owner: Some(Change { from: None, to }), ..Edit::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_created_issue_carries_everything_in_one_request() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let ana = site.account("ana").await;
        let due = NaiveDate::from_ymd_opt(2027, 1, 15);
        let draft = Draft { assignee: Some(ana.clone()), due, ..site.draft(1).await };
        let created = site.jira.create(&draft).await.unwrap();
        assert_eq!(created.dropped, []);
        let issue = known(created.issue);
        assert_eq!(issue.at, created.at);
        assert_eq!(issue.at.key, format!("{}-1", site.project()));
        assert_eq!(issue.at.url, format!("http://{}/browse/{}", site.jira.host(), issue.at.key));
        assert_eq!((issue.progress, issue.status_text.as_str()), (Progress::Open, "To Do"));
        assert_eq!((issue.assignees, issue.due), (vec![ana], due));
        assert_eq!(issue.marker, Some(draft.marker.clone()));
        assert_eq!(issue.author, Some(site.jira.whoami().await.unwrap()));
        let labels = ["high-severity", draft.marker.as_str(), "postmortem"].map(str::to_owned);
        assert_eq!(issue.labels, BTreeSet::from(labels));
        assert_eq!(site.sent("POST", "/issue").len(), 1);
        let body = &site.sent("POST", "/issue")[0]["request"];
        assert_eq!(body["properties"], json!([{"key": PROPERTY, "value": {"marker": draft.marker}}]));
        assert_eq!(
            body["fields"]["description"].is_object(),
            kind == CLOUD,
            "rich text on Cloud, wiki text on DC"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p03_a_create_whose_answer_is_lost_is_sent_once_and_found_by_its_marker() {
    for kind in EDITIONS {
        let site = site(kind).await;
        site.fault(json!({"method": "POST", "path": "/issue", "body": "Rotate", "action": "drop_after"}));
        let draft = site.draft(1).await;
        let error = site.jira.create(&draft).await.unwrap_err();
        assert!(!error.is_certain(), "{error}");
        assert_eq!(site.issues().len(), 1);
        let found = site.jira.marked(&site.place(), &[marker(1), marker(2)], None).await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].marker, Some(marker(1)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_whose_answer_is_cut_short_has_an_unknown_outcome() {
    let site = site(CLOUD).await;
    let draft = site.draft(1).await;
    site.fault(json!({"method": "POST", "path": "/issue", "body": "Rotate", "action":
        {"status_after": {"status": 201, "body": {"key": "PLAT-1"}}}}));
    let error = site.jira.create(&draft).await.unwrap_err();
    assert!(matches!(error, TrackerError::Malformed { .. }), "{error}");
    assert!(!error.is_certain());
    site.fault(json!({"method": "POST", "path": "/issue", "body": "Rotate", "action":
        {"status": {"status": 503, "headers": {"Retry-After": "30"}}}}));
    let error = site.jira.create(&draft).await.unwrap_err();
    assert!(!error.is_certain(), "a server error may have come after the create");
    assert_eq!(site.jira.pace().paused_until(), Some(start_of_time() + TimeDelta::seconds(30)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_stands_even_if_it_cannot_be_read_back() {
    let site = site(CLOUD).await;
    let draft = site.draft(1).await;
    site.fault(json!({"method": "GET", "path": "/issue/1", "action": {"status": {"status": 500}}}));
    let created = site.jira.create(&draft).await.unwrap();
    unknown_because(&created.issue, "500");
    assert_eq!(created.at.key, "PLAT-1");
    assert_eq!(known(site.read(&created.at).await).at, created.at);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_before_the_create_is_sent_leaves_no_doubt() {
    let site = site(CLOUD).await;
    let draft = site.draft(1).await;
    site.fault(json!({"path": "createmeta", "action": "drop_before"}));
    let error = site.jira.create(&draft).await.unwrap_err();
    assert!(matches!(error, TrackerError::Unsent { .. }), "{error}");
    let mut nonsense = draft.clone();
    nonsense.issue_type = Some("Podzadanie".to_owned());
    let error = site.jira.create(&nonsense).await.unwrap_err();
    assert!(error.to_string().contains("no issue type `Podzadanie`; it has: Bug, Story, Task"), "{error}");
    assert_eq!(site.issues().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn p11_a_due_date_off_the_screen_is_left_out_and_told() {
    for kind in EDITIONS {
        let site = site(kind).await;
        site.change(json!({"off_screen": ["duedate"], "assignable": ["bo"]}));
        let assignee = Some(site.account("ana").await);
        let draft = Draft { due: NaiveDate::from_ymd_opt(2027, 1, 15), assignee, ..site.draft(1).await };
        let created = site.jira.create(&draft).await.unwrap();
        let fields: BTreeSet<Field> = created.dropped.iter().map(|dropped| dropped.field).collect();
        assert_eq!(fields, BTreeSet::from([Field::Owner, Field::Due]), "{:?}", created.dropped);
        assert_eq!(known(created.issue).marker, Some(marker(1)));
        assert_eq!(site.issues().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_room_for_the_markers_label_nothing_is_created() {
    let site = site(CLOUD).await;
    site.change(json!({"off_screen": ["labels"]}));
    let error = site.jira.create(&site.draft(1).await).await.unwrap_err();
    assert!(
        matches!(&error, TrackerError::Rejected { field: Some(field), .. } if field == "labels"),
        "{error}"
    );
    assert_eq!(site.issues().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn further_fields_take_the_shape_of_their_screen() {
    for kind in EDITIONS {
        let site = site(kind).await;
        site.change(json!({"fields": [
            {"id": "customfield_10050", "name": "Risk", "kind": "option", "allowed": ["High", "Low"]},
            {"id": "customfield_10051", "name": "Score", "kind": "number"},
            {"id": "customfield_10052", "name": "Ticket", "kind": "string"},
            {"id": "customfield_10053", "name": "Areas", "kind": "labels"},
        ]}));
        let mut draft = site.draft(1).await;
        let fields = [
            ("customfield_10050", "High"),
            ("customfield_10051", "7"),
            ("customfield_10052", "7"),
            ("customfield_10053", "a, b"),
            ("priority", "High"),
        ];
        draft.fields = fields.map(|(id, text)| (id.to_owned(), text.to_owned())).into();
        site.jira.create(&draft).await.unwrap();
        let sent = &site.sent("POST", "/issue")[0]["request"]["fields"];
        assert_eq!(sent["customfield_10050"], json!({"value": "High"}));
        assert_eq!((&sent["customfield_10051"], &sent["customfield_10052"]), (&json!(7), &json!("7")));
        assert_eq!(
            (&sent["customfield_10053"], &sent["priority"]),
            (&json!(["a", "b"]), &json!({"name": "High"}))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p13_titles_and_bodies_are_cut_to_the_trackers_limits() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let mut draft = site.draft(1).await;
        draft.title = format!("one\nline {}", "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}".repeat(100));
        draft.body = "{macro} * word\n\n| a | b |\n|---|---|\n| c | d |\n\n".repeat(4000);
        let issue = known(site.jira.create(&draft).await.unwrap().issue);
        assert!(issue.title.starts_with("one line "), "{}", issue.title);
        assert!(issue.title.encode_utf16().count() < 255);
        assert!(issue.title.ends_with("\u{1f467}\u{2026}"), "cut between graphemes");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p41_only_a_404_under_a_proven_credential_says_missing() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let (kept, gone) = (site.create(1).await, site.create(2).await);
        site.act(json!({"issue": gone.at.key, "do": "delete"}));
        let seen = site.jira.read(&[gone.at.clone(), kept.at.clone(), gone.at.clone()]).await;
        assert_eq!((&seen[0], &seen[2]), (&Observed::Missing, &Observed::Missing));
        assert_eq!(known(seen[1].clone()), kept);
        assert_eq!(site.jira.find(&gone.at.key).await, Observed::Missing);
        site.set(json!({"anonymous_looking": true}));
        let nobody = site.as_token("expired");
        for seen in nobody.read(&[gone.at.clone(), kept.at.clone()]).await {
            assert!(matches!(seen, Observed::Unknown { .. }), "{seen:?}");
        }
        assert!(matches!(nobody.find(&kept.at.key).await, Observed::Unknown { .. }));
        assert!(matches!(nobody.whoami().await, Err(TrackerError::Unauthorized { .. })));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_fails_makes_all_of_it_unknown() {
    let site = site(CLOUD).await;
    let (one, two) = (site.create(1).await, site.create(2).await);
    for action in
        [json!("drop_before"), json!("truncate"), json!({"status": {"status": 200, "body": {"oops": 1}}})]
    {
        site.fault(json!({"path": "bulkfetch", "action": action}));
        let seen = site.jira.read(&[one.at.clone(), two.at.clone()]).await;
        assert!(seen.iter().all(|one| matches!(one, Observed::Unknown { .. })), "{action}: {seen:?}");
    }
    site.fault(json!({"path": "bulkfetch", "action": "empty_list"}));
    assert_eq!(known(site.read(&one.at).await), one, "an empty batch is checked one by one");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_issues_are_read_in_few_requests() {
    for (kind, most) in [(CLOUD, 3), (DC, 4)] {
        let site = site(kind).await;
        site.change(json!({"issues": (0..250).map(|n| json!({
            "summary": format!("Finding {n}"), "labels": ["postmortem"], "reporter": "acme-bot"
        })).collect::<Vec<_>>()}));
        let mut all = Vec::new();
        let template = site.create(1).await.at;
        for issue in site.issues() {
            let mut at = template.clone();
            at.id.id = issue["id"].as_str().map_or_else(|| issue["id"].to_string(), str::to_owned);
            all.push(at);
        }
        assert_eq!(all.len(), 251);
        site.trackers.sandbox.world().clear_log();
        let seen = site.jira.read(&all).await;
        assert!(seen.iter().zip(&all).all(|(seen, at)| seen.known().unwrap().at.id == at.id), "{kind:?}");
        let n_sent = site.trackers.sandbox.world().log_counts()["total"].as_u64().unwrap();
        assert!(n_sent <= most, "{kind:?}: {n_sent} requests");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_of_another_host_is_never_looked_up_here() {
    let site = site(CLOUD).await;
    let mut at = site.create(1).await.at;
    at.id.host = "elsewhere.example".into();
    unknown_because(&site.read(&at).await, "is not an issue of");
}

#[tokio::test(flavor = "multi_thread")]
async fn p40_a_moved_issue_keeps_its_id_and_is_found_under_its_new_key() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let issue = site.create(1).await;
        site.trackers.sandbox.world().add(&json!({site.tracker(): {"projects": [{"key": "NEW"}]}})).unwrap();
        site.act(json!({"issue": issue.at.key, "do": "move", "to": "NEW"}));
        let moved = known(site.read(&issue.at).await);
        assert_eq!((moved.at.key.as_str(), moved.at.place.as_str()), ("NEW-1", "NEW"));
        assert_eq!(moved.at.id, issue.at.id);
        assert_ne!(moved.at.place_id, issue.at.place_id);
        assert_eq!(known(site.jira.find(&issue.at.key).await), moved, "the old key leads to the new one");
        let marked = site.jira.marked(&site.place(), &[marker(1)], None).await.unwrap();
        assert_eq!(marked, [moved]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clone_by_a_person_and_a_copied_label_are_not_ours() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let (ours, other) = (site.create(1).await, site.create(2).await);
        site.act(json!({"project": site.project(), "do": "open_issue", "title": "CLONE - Rotate", "labels": [marker(1).as_str()]}));
        let clone = site.issues().last().unwrap()["key"].as_str().unwrap().to_owned();
        site.act(
            json!({"issue": clone, "do": "set_property", "key": PROPERTY, "value": {"marker": marker(1)}}),
        );
        site.act(json!({"issue": other.at.key, "do": "label", "label": marker(1).as_str()}));
        let marked = site.jira.marked(&site.place(), &[marker(1)], None).await.unwrap();
        assert_eq!(marked.iter().map(|issue| &issue.at.key).collect::<Vec<_>>(), [&ours.at.key]);
        let later = start_of_time() + TimeDelta::minutes(1);
        assert_eq!(site.jira.marked(&site.place(), &[marker(1)], Some(later)).await.unwrap(), []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p46_a_marker_search_reads_every_page_or_fails() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let markers: Vec<Marker> = (0..60).map(marker).collect();
        for n in 0..5 {
            site.create(n).await;
        }
        site.set(json!({"page_max": 2}));
        assert_eq!(site.jira.marked(&site.place(), &markers, None).await.unwrap().len(), 5);
        site.fault(
            json!({"method": "POST", "path": "/search", "skip": 1, "action": {"status": {"status": 500}}}),
        );
        assert!(matches!(
            site.jira.marked(&site.place(), &markers, None).await,
            Err(TrackerError::Transient { .. })
        ));
        site.trackers.sandbox.world().clear_faults();
        site.set(json!({"anonymous_looking": true}));
        let nobody = site.as_token("expired").marked(&site.place(), &markers, None).await;
        assert!(matches!(nobody, Err(TrackerError::Unauthorized { .. })), "{nobody:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_that_never_ends_or_contradicts_itself_is_an_error() {
    let site = site(CLOUD).await;
    let answers = [
        json!({"issues": [], "nextPageToken": "again"}),
        json!({"issues": [], "isLast": false}),
        json!({"errorMessages": []}),
    ];
    for body in answers {
        let reply = json!({"status": {"status": 200, "body": body}});
        site.fault(json!({"path": "/search/jql", "times": 2, "action": reply}));
        let error = site.jira.marked(&site.place(), &[marker(1)], None).await.unwrap_err();
        assert!(matches!(error, TrackerError::Malformed { .. }), "{body}: {error}");
        site.trackers.sandbox.world().clear_faults();
    }
    let stale =
        json!({"status": {"status": 200, "body": {"issues": [], "isLast": true, "nextPageToken": "stale"}}});
    site.fault(json!({"path": "/search/jql", "action": stale}));
    assert_eq!(site.jira.marked(&site.place(), &[marker(1)], None).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_listed_from_the_trackers_clock_with_an_overlap() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let old = site.create(1).await;
        let first = site.jira.changed(&site.place(), None).await.unwrap();
        assert_eq!(first.issues, []);
        site.trackers.sandbox.world().advance(3_600_000);
        let touched = site.create(2).await;
        let second = site.jira.changed(&site.place(), Some(&first.next)).await.unwrap();
        let keys: BTreeSet<&str> = second.issues.iter().map(|issue| issue.at.key.as_str()).collect();
        assert!(keys.contains(touched.at.key.as_str()), "{keys:?}");
        let third = site.jira.changed(&site.place(), Some(&second.next)).await.unwrap();
        assert_eq!(
            third.issues.iter().map(|issue| &issue.at).collect::<Vec<_>>(),
            [&touched.at],
            "the overlap only"
        );
        assert!(third.issues.iter().all(|issue| issue.at != old.at));
        let jql =
            site.sent("POST", if kind == CLOUD { "/search/jql" } else { "/search" })[0]["request"]["jql"]
                .clone();
        assert!(
            jql.as_str().unwrap().contains("updated >= \"-70m\""),
            "no time zone can move the window: {jql}"
        );
        site.set(json!({"anonymous_looking": true}));
        let nobody = site.as_token("expired").changed(&site.place(), Some(&second.next)).await;
        assert!(nobody.is_err(), "an anonymous empty list must not move the cursor");
        let nonsense = site.jira.changed(&site.place(), Some(&Cursor("soon".to_owned()))).await;
        assert!(matches!(nonsense, Err(TrackerError::Malformed { .. })));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_is_private_only_when_an_anonymous_read_is_refused() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let facts = site.jira.place(&site.place()).await.unwrap();
        assert_eq!((facts.name, facts.visibility, facts.closed), (site.place(), Visibility::Private, None));
        site.act(json!({"project": site.project(), "do": "set_anonymous", "readable": true}));
        assert_eq!(site.jira.place(&site.place()).await.unwrap().visibility, Visibility::Public);
        for reply in [
            json!({"status": 500}),
            json!({"status": 302, "headers": {"Location": "/login"}}),
            json!({"status": 200}),
        ] {
            site.fault(json!({"path": "/project/", "skip": 1, "action": {"status": reply}}));
            let unclear = site.jira.place(&site.place()).await;
            assert!(unclear.is_err(), "{reply}: {unclear:?}");
            site.trackers.sandbox.world().clear_faults();
        }
        site.act(
            json!({"project": site.project(), "do": "set_access", "login": "acme-bot", "access": "browse"}),
        );
        let closed = site.jira.place(&site.place()).await.unwrap().closed.unwrap();
        assert!(closed.contains("Create issues"), "{closed}");
        let missing = site.jira.place(&PlaceName::from("NOPE")).await;
        assert!(matches!(missing, Err(TrackerError::NotFound { .. })), "{missing:?}");
        assert!(site.jira.place(&PlaceName::from("../myself")).await.is_err());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_is_assigned_and_taken_away() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let (issue, ana) = (site.create(1).await, site.account("ana").await);
        let edited = site.jira.edit(&issue, &owner(Some(ana.clone()))).await.unwrap();
        assert_eq!(
            (edited.issue.assignees.as_slice(), edited.dropped.as_slice()),
            ([ana].as_slice(), [].as_slice())
        );
        let edited = site.jira.edit(&edited.issue, &owner(None)).await.unwrap();
        assert_eq!((edited.issue.assignees.len(), edited.dropped.len()), (0, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p19_a_refused_or_silently_dropped_owner_is_told() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let (issue, ana) = (site.create(1).await, site.account("ana").await);
        site.change(json!({"assignable": ["bo"]}));
        let refused = site.jira.edit(&issue, &owner(Some(ana.clone()))).await.unwrap();
        assert_eq!(refused.dropped[0].field, Field::Owner);
        assert_eq!(refused.dropped.len(), 1);
        site.fault(json!({"method": "PUT", "path": "/assignee", "action": {"status": {"status": 204}}}));
        let silent = site.jira.edit(&issue, &owner(Some(ana))).await.unwrap();
        assert_eq!(silent.dropped[0].field, Field::Owner);
        assert!(silent.dropped[0].why.contains("without an error"), "{}", silent.dropped[0].why);
        site.fault(json!({"method": "PUT", "path": "/assignee", "action": {"status": {"status": 503}}}));
        let down = site.jira.edit(&issue, &owner(None)).await;
        assert!(down.is_ok(), "nobody already: nothing is sent");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p22_closing_sets_the_resolution_that_its_screen_asks_for() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let issue = site.create(1).await;
        let done = site.jira.edit(&issue, &progress(Progress::Open, Progress::Done)).await.unwrap();
        assert_eq!((done.issue.progress, done.dropped.len()), (Progress::Done, 0));
        assert_eq!(site.issues()[0]["resolution"], "Done");
        let again = site.jira.edit(&done.issue, &progress(Progress::Open, Progress::Done)).await.unwrap();
        assert_eq!(again.dropped, [], "already there: no transition is tried (P-21)");
        assert_eq!(site.sent("POST", "/transitions").len(), 1);
        let open = site.jira.edit(&done.issue, &progress(Progress::Done, Progress::Open)).await.unwrap();
        assert_eq!((open.issue.progress, open.dropped.len()), (Progress::Open, 0));
        let declined =
            site.jira.edit(&open.issue, &progress(Progress::Open, Progress::Declined)).await.unwrap();
        assert_eq!((declined.issue.progress, declined.dropped.len()), (Progress::Declined, 0));
        assert_eq!(site.issues()[0]["resolution"], "Won't Do");
    }
}

fn workflow(transitions: Value) -> Value {
    let status = |name: &str, category: &str| json!({"name": name, "category": category});
    json!({
        "statuses": [status("To Do", "new"), status("In Progress", "indeterminate"), status("In Review", "indeterminate"),
            status("Cancelled", "done"), status("Done", "done")],
        "transitions": transitions,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn p22_a_resolution_is_tried_the_other_way_once() {
    for kind in EDITIONS {
        let hidden = site(kind).await;
        let done = json!({"id": "5", "name": "Finish", "from": ["To Do"], "to": "Done", "resolution": "required", "hides_resolution": true});
        hidden.change(workflow(json!([done])));
        let issue = hidden.create(1).await;
        let edited = hidden.jira.edit(&issue, &progress(Progress::Open, Progress::Done)).await.unwrap();
        assert_eq!(
            (edited.issue.progress, edited.dropped.len()),
            (Progress::Done, 0),
            "{:?}",
            edited.dropped
        );
        let absent = site(kind).await.with(|settings| {
            settings.statuses.resolutions.insert(Progress::Done, "Done".to_owned());
        });
        absent.change(workflow(json!([{"id": "5", "name": "Finish", "from": ["To Do"], "to": "Done"}])));
        let issue = absent.create(1).await;
        let edited = absent.jira.edit(&issue, &progress(Progress::Open, Progress::Done)).await.unwrap();
        assert_eq!(
            (edited.issue.progress, edited.dropped.len()),
            (Progress::Done, 0),
            "{:?}",
            edited.dropped
        );
        assert_eq!(absent.sent("POST", "/transitions").len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_is_never_closed_as_done_when_it_was_to_be_declined() {
    let site = site(CLOUD).await;
    site.change(workflow(json!([{"id": "5", "name": "Finish", "from": ["To Do"], "to": "Done"}])));
    let issue = site.create(1).await;
    let edited = site.jira.edit(&issue, &progress(Progress::Open, Progress::Declined)).await.unwrap();
    assert_eq!(edited.issue.progress, Progress::Open);
    assert_eq!(edited.dropped[0].field, Field::Progress);
}

#[tokio::test(flavor = "multi_thread")]
async fn p28_a_closed_status_named_cancelled_is_declined_and_never_aimed_at_for_done() {
    let site = site(CLOUD).await;
    site.change(workflow(json!([
        {"id": "1", "name": "Cancel", "from": ["To Do"], "to": "Cancelled"},
        {"id": "5", "name": "Finish", "from": ["To Do"], "to": "Done"},
    ])));
    let (one, two) = (site.create(1).await, site.create(2).await);
    let done = site.jira.edit(&one, &progress(Progress::Open, Progress::Done)).await.unwrap();
    assert_eq!(done.issue.status_text, "Done");
    let declined = site.jira.edit(&two, &progress(Progress::Open, Progress::Declined)).await.unwrap();
    assert_eq!(
        (declined.issue.status_text.as_str(), declined.issue.progress),
        ("Cancelled", Progress::Declined)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn p23_a_way_over_several_statuses_is_bounded_and_otherwise_explained() {
    for kind in EDITIONS {
        let site = site(kind).await;
        site.change(workflow(json!([
            {"id": "1", "name": "Start", "from": ["To Do"], "to": "In Progress"},
            {"id": "2", "name": "Stop", "from": ["In Progress"], "to": "To Do"},
            {"id": "3", "name": "Review", "from": ["In Progress"], "to": "In Review"},
            {"id": "4", "name": "Finish", "from": ["In Review"], "to": "Done", "resolution": "optional"},
        ])));
        let issue = site.create(1).await;
        let done = site.jira.edit(&issue, &progress(Progress::Open, Progress::Done)).await.unwrap();
        assert_eq!((done.issue.progress, done.dropped.len()), (Progress::Done, 0));
        let stuck = site.jira.edit(&done.issue, &progress(Progress::Done, Progress::Open)).await.unwrap();
        assert_eq!(stuck.issue.progress, Progress::Done);
        assert!(stuck.dropped[0].why.contains("from `Done`"), "{}", stuck.dropped[0].why);
        let other = site.create(2).await;
        site.change(workflow(json!([{"id": "1", "name": "Stop", "from": ["In Review"], "to": "To Do"}])));
        let nowhere = site.jira.edit(&other, &progress(Progress::Open, Progress::Done)).await.unwrap();
        assert!(
            nowhere.dropped[0].why.contains("permission to move issues on"),
            "{}",
            nowhere.dropped[0].why
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_configured_target_status_is_the_one_that_is_taken() {
    let site = site(CLOUD).await.with(|settings| {
        settings.statuses.targets.insert(Progress::InProgress, vec!["in review".to_owned()]);
        settings.statuses.names.insert("In Review".to_owned(), Progress::InProgress);
    });
    let issue = site.create(1).await;
    let edited = site.jira.edit(&issue, &progress(Progress::Open, Progress::InProgress)).await.unwrap();
    assert_eq!((edited.issue.status_text.as_str(), edited.dropped.len()), ("In Review", 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflicting_transition_is_left_for_the_next_cycle() {
    let site = site(CLOUD).await;
    let issue = site.create(1).await;
    site.fault(json!({"method": "POST", "path": "/transitions", "action": {"status": {"status": 409}}}));
    let conflict = site.jira.edit(&issue, &progress(Progress::Open, Progress::Done)).await;
    assert!(matches!(conflict, Err(TrackerError::Transient { .. })), "{conflict:?}");
    assert_eq!(site.sent("POST", "/transitions").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn p27_a_status_that_nobody_mapped_is_unknown_and_never_guessed() {
    let site = site(CLOUD).await;
    let issue = site.create(1).await;
    let fields = json!({"summary": "S", "status": {"name": "Limbo", "statusCategory": {"key": "undefined"}}, "labels": [],
        "created": "2026-01-01T00:00:00.000+0000", "updated": "2026-01-01T00:00:00.000+0000", "project": {"id": "1", "key": "PLAT"}});
    let body = json!({"issues": [{"id": issue.at.id.id, "key": "PLAT-1", "fields": fields}]});
    site.fault(json!({"path": "bulkfetch", "times": 2, "action": {"status": {"status": 200, "body": body}}}));
    unknown_because(&site.read(&issue.at).await, "status `Limbo` is not mapped");
    let mapped = site.with(|settings| {
        settings.statuses.names.insert("limbo".to_owned(), Progress::InProgress);
    });
    assert_eq!(known(mapped.read(&issue.at).await).progress, Progress::InProgress);
}

#[tokio::test(flavor = "multi_thread")]
async fn p27_done_is_read_from_the_status_and_declined_from_its_resolution() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let issue = site.create(1).await;
        site.act(json!({"issue": issue.at.key, "do": "close", "reason": "Duplicate"}));
        assert_eq!(known(site.read(&issue.at).await).progress, Progress::Declined);
        site.change(workflow(json!([
            {"id": "1", "name": "Reopen", "from": ["Done"], "to": "To Do"},
            {"id": "2", "name": "Finish", "from": ["To Do"], "to": "Done"},
        ])));
        site.act(json!({"issue": issue.at.key, "do": "reopen"}));
        assert_eq!(known(site.read(&issue.at).await).progress, Progress::Open);
        site.act(json!({"issue": issue.at.key, "do": "transition", "to": "Done"}));
        assert_eq!(known(site.read(&issue.at).await).progress, Progress::Done, "done without any resolution");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_and_due_date_change_without_touching_what_people_added() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let issue = site.create(1).await;
        site.act(json!({"issue": issue.at.key, "do": "label", "label": "by-hand"}));
        let due = NaiveDate::from_ymd_opt(2027, 3, 1);
        let edit = Edit {
            add_labels: BTreeSet::from(["over due".to_owned()]),
            remove_labels: BTreeSet::from(["high severity".to_owned()]),
            due: Some(Change { from: None, to: due }),
            ..Edit::default()
        };
        let edited = site.jira.edit(&issue, &edit).await.unwrap();
        assert_eq!(edited.dropped, []);
        assert_eq!(edited.issue.due, due);
        let labels: BTreeSet<&str> = edited.issue.labels.iter().map(String::as_str).collect();
        assert_eq!(labels, BTreeSet::from(["by-hand", "over-due", "postmortem", marker(1).as_str()]));
        site.change(json!({"off_screen": ["duedate"]}));
        let edit = Edit {
            add_labels: BTreeSet::from(["late".to_owned()]),
            due: Some(Change { from: due, to: None }),
            ..Edit::default()
        };
        let edited = site.jira.edit(&edited.issue, &edit).await.unwrap();
        assert!(edited.issue.labels.contains("late"), "one refused field does not stop the other");
        assert_eq!(edited.dropped.iter().map(|dropped| dropped.field).collect::<Vec<_>>(), [Field::Due]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn later_news_lives_in_one_comment_that_is_edited_in_place() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let issue = site.create(1).await;
        site.act(json!({"issue": issue.at.key, "do": "comment", "body": "postmortem-sync: current state"}));
        for text in ["Due on *Friday*", "Due on Monday", "Due on Monday"] {
            let block = Some(Change { from: String::new(), to: text.to_owned() });
            let edited = site.jira.edit(&issue, &Edit { block, ..Edit::default() }).await.unwrap();
            assert_eq!(edited.dropped, []);
        }
        assert_eq!(
            site.sent("POST", "/comment").len(),
            1,
            "somebody else's comment with our words is not ours"
        );
        let n_puts = site.trackers.sandbox.world().log_counts()["by_tracker"][site.tracker()]["PUT"].clone();
        assert_eq!(n_puts, 1, "an unchanged block is not written again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p03_a_comment_whose_answer_was_lost_is_not_said_twice() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let issue = site.create(1).await;
        let edit = Edit {
            comment: Some("Reopened: [the fix](https://a.example) is *not* in.".to_owned()),
            ..Edit::default()
        };
        site.fault(json!({"method": "POST", "path": "/comment", "action": "drop_after"}));
        assert!(site.jira.edit(&issue, &edit).await.is_err());
        site.jira.edit(&issue, &edit).await.unwrap();
        assert_eq!(site.sent("POST", "/comment").len(), 1);
        site.trackers.sandbox.world().advance(7_200_000);
        site.jira.edit(&issue, &edit).await.unwrap();
        assert_eq!(site.sent("POST", "/comment").len(), 2, "the same words much later are news");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p49_a_refusal_parks_the_credential_and_a_limit_on_one_issue_does_not() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let (issue, ana) = (site.create(1).await, site.account("ana").await);
        site.fault(json!({"method": "PUT", "action": {"rate_limit": {"reason": "jira-per-issue-on-write", "retry_after": 2}}}));
        let busy = site.jira.edit(&issue, &owner(Some(ana))).await;
        assert!(matches!(busy, Err(TrackerError::RateLimited { .. })), "{busy:?}");
        assert_eq!(site.jira.pace().paused_until(), None);
        site.fault(
            json!({"action": {"rate_limit": {"reason": "jira-quota-global-based", "retry_after": 900}}}),
        );
        unknown_because(&site.read(&issue.at).await, "wait until");
        let until = start_of_time() + TimeDelta::seconds(900);
        assert_eq!(site.jira.pace().paused_until(), Some(until));
        site.trackers.sandbox.world().clear_log();
        assert!(
            matches!(site.jira.whoami().await, Err(TrackerError::RateLimited { until: at, .. }) if at == until)
        );
        assert_eq!(site.trackers.sandbox.world().log_counts()["total"], 0, "nothing is sent during a pause");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn statuses_of_answers_are_told_apart() {
    let site = site(CLOUD).await;
    let answer = async |status: u16, headers: Value| {
        site.fault(json!({"action": {"status": {"status": status, "headers": headers, "body": {"errorMessages": ["why"]}}}}));
        site.jira.whoami().await.unwrap_err()
    };
    assert!(matches!(answer(401, json!({})).await, TrackerError::Unauthorized { .. }));
    assert!(matches!(answer(403, json!({})).await, TrackerError::Forbidden { why } if why.contains("why")));
    assert!(matches!(
        answer(403, json!({"X-Seraph-LoginReason": "AUTHENTICATION_DENIED"})).await,
        TrackerError::Unauthorized { .. }
    ));
    assert!(matches!(answer(404, json!({})).await, TrackerError::NotFound { .. }));
    assert!(matches!(answer(410, json!({})).await, TrackerError::Gone { .. }));
    assert!(matches!(answer(400, json!({})).await, TrackerError::Rejected { field: None, .. }));
    assert!(
        matches!(answer(301, json!({"Location": "https://new.example"})).await, TrackerError::Moved { to } if to == "https://new.example")
    );
    assert!(matches!(answer(502, json!({})).await, TrackerError::Transient { .. }));
    assert!(matches!(
        answer(200, json!({"X-AUSERNAME": "anonymous"})).await,
        TrackerError::Unauthorized { .. }
    ));
    assert!(
        matches!(answer(200, json!({})).await, TrackerError::Unauthorized { .. }),
        "an answer without an account"
    );
    site.fault(json!({"action": "drop_before"}));
    assert!(matches!(site.jira.whoami().await, Err(TrackerError::Transient { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_never_stood_carried_nothing() {
    let site = site(CLOUD).await;
    let draft = site.draft(1).await;
    let Site { trackers, jira, .. } = site;
    let issue = known(jira.create(&draft).await.unwrap().issue);
    trackers.sandbox.stop().await;
    let error = jira.edit(&issue, &owner(Some(AccountId::from("x")))).await.unwrap_err();
    assert!(matches!(error, TrackerError::Unsent { .. }) && error.is_certain(), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_closed_an_issue_is_in_its_changelog() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let issue = site.create(1).await;
        assert_eq!(site.jira.closer(&issue).await.unwrap(), None);
        for person in ["ana", "bo"] {
            site.act(json!({"as": person, "issue": issue.at.key, "do": "close"}));
            if person == "ana" {
                site.act(json!({"as": "chen", "issue": issue.at.key, "do": "reopen"}));
            }
            site.trackers.sandbox.world().advance(60_000);
        }
        site.act(json!({"as": "dara", "issue": issue.at.key, "do": "label", "label": "later"}));
        let closed = known(site.read(&issue.at).await);
        assert_eq!(site.jira.closer(&closed).await.unwrap(), Some(site.account("bo").await));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_documents_key_is_ours_by_its_project_or_its_host() {
    let site = site(CLOUD).await;
    let reference = |host: Option<&str>, key: &str| TrackerRef::Jira {
        host: host.map(str::to_owned),
        key: key.to_owned(),
    };
    assert_eq!(site.jira.key_of(&reference(None, "plat-7")), Some("PLAT-7".to_owned()));
    assert_eq!(
        site.jira.key_of(&reference(None, "CVE-2026")),
        None,
        "not every such word is an issue of ours"
    );
    let own = site.jira.host().as_str().to_owned();
    assert_eq!(site.jira.key_of(&reference(Some(&own), "OTHER-1")), Some("OTHER-1".to_owned()));
    assert_eq!(site.jira.key_of(&reference(Some("jira.example"), "PLAT-7")), None);
    unknown_because(&site.jira.find("../myself").await, "is not an issue key");
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_in_no_debug_output_and_in_no_error() {
    let credential = Credential::Basic { email: "bot@acme.example".to_owned(), token: "hunter2".into() };
    assert!(!format!("{credential:?}").contains("hunter2"));
    let site = site(CLOUD).await;
    let wrong = site.as_token("hunter2").whoami().await.unwrap_err();
    assert!(matches!(wrong, TrackerError::Unauthorized { .. }));
    assert!(!format!("{wrong:?} {wrong}").contains("hunter2"));
    let broken =
        Jira::connect(settings(&site.trackers, DC), &Credential::Bearer("a\nb".into()), Arc::new(Still));
    assert!(broken.err().unwrap().to_string().contains("line breaks"));
}
