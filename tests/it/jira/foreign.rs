//! Against a Jira that is not our sandbox: lenient in what is read, strict in what is concluded.

use std::collections::BTreeMap;

use postmortem_sync::{cycle::recall::Recall, model::sighting::Sighting};

use super::{
    elsewhere::{Asked, Elsewhere, Little, Told, json_of},
    *,
};

pub(super) fn draft(place_id: &str, n: u32) -> Draft {
    Draft {
        place: PlaceName::from("PLAT"),
        place_id: place_id.to_owned(),
        title: "Rotate the keys".to_owned(),
        body: "Keys".to_owned(),
        labels: BTreeSet::from(["postmortem".to_owned()]),
        issue_type: None,
        fields: Default::default(),
        assignee: None,
        due: None,
        marker: marker(n),
        before: None,
    }
}

/// An issue as a batch shows it.
pub(super) fn issue(id: u64, change: &Value) -> Value {
    let mut fields = json!({
        "status": {"name": "To Do", "statusCategory": {"key": "new"}}, "project": {"id": "7", "key": "PLAT"},
        "created": "2026-01-01T00:00:00.000+0000", "updated": "2026-01-01T00:00:00.000+0000",
    });
    fields.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    json!({"id": id.to_string(), "key": format!("PLAT-{id}"), "fields": fields})
}

pub(super) fn at(id: u64, jira: &Jira) -> IssueRef {
    IssueRef {
        id: postmortem_sync::model::issue::IssueId { host: jira.host().clone(), id: id.to_string() },
        node: None,
        key: format!("PLAT-{id}"),
        url: String::new(),
        place: PlaceName::from("PLAT"),
        place_id: "7".to_owned(),
    }
}

/// A Jira that answers every batch and every search with these issues, and knows us.
async fn listing(issues: Value) -> Elsewhere {
    Elsewhere::start(move |asked: &Asked| match asked.path.split('?').next().unwrap().rsplit('/').next() {
        Some("myself") => json_of(200, json!({"accountId": "bot", "name": "bot"})),
        Some("bulkfetch" | "jql" | "search") => json_of(200, json!({"issues": issues})),
        _ => json_of(404, Value::Null),
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_lives_its_life_in_the_barest_jira_below_a_context_path() {
    for kind in EDITIONS {
        let little = Little::new(kind);
        let server = Elsewhere::start(move |asked| little.answer(asked)).await;
        let jira = server.client(kind);
        let facts = jira.place(&PlaceName::from("PLAT")).await.unwrap();
        assert_eq!((facts.id.as_str(), facts.visibility, facts.closed), ("7", Visibility::Private, None));
        let created = jira.create(&draft("7", 1)).await.unwrap();
        assert_eq!(created.dropped, []);
        let issue = known(created.issue);
        assert_eq!((issue.at.key.as_str(), issue.progress), ("PLAT-30", Progress::Open));
        assert_eq!(issue.at.url, format!("{}/browse/PLAT-30", server.url));
        assert_eq!(server.sent("POST", "/issue")[0].body["fields"]["issuetype"], json!({"name": "Task"}));
        let found = jira.marked(&PlaceName::from("PLAT"), &[marker(1)], None).await.unwrap();
        assert_eq!(found.iter().map(|issue| &issue.at).collect::<Vec<_>>(), [&issue.at]);
        assert_eq!(found[0].marker, Some(marker(1)), "it keeps no properties: label and creator tell");
        let edit = Edit {
            owner: Some(Change { from: None, to: Some(AccountId::from("ana")) }),
            progress: Some(Change { from: Progress::Open, to: Progress::Done }),
            add_labels: BTreeSet::from(["late".to_owned()]),
            block: Some(Change { from: String::new(), to: "now".to_owned() }),
            comment: Some("Hello".to_owned()),
            ..Edit::default()
        };
        let edited = jira.edit(&issue, &edit).await.unwrap();
        assert_eq!(edited.dropped, []);
        assert_eq!(edited.issue.assignees, [AccountId::from("ana")]);
        assert_eq!((edited.issue.progress, edited.issue.status_text.as_str()), (Progress::Done, "Fertig"));
        let unassigned = jira.edit(&edited.issue, &owner(None)).await.unwrap();
        assert_eq!((unassigned.issue.assignees.len(), unassigned.dropped.len()), (0, 0));
        assert_eq!(
            jira.read(std::slice::from_ref(&issue.at)).await,
            [Observed::Known(unassigned.issue.clone())]
        );
        assert!(jira.closer(&edited.issue).await.is_err(), "there is no changelog, and that is no answer");
        let changes = jira.changes(std::slice::from_ref(&issue.at.place), start_of_time()).await.unwrap();
        let named: BTreeSet<_> = changes.issues.iter().map(|(id, _)| id).collect();
        assert_eq!((named, changes.untold.len()), (BTreeSet::from([&issue.at.id]), 0), "{changes:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_odd_issue_hides_no_other() {
    let odd = [
        json!({"id": "2", "key": "PLAT-2", "fields": {"status": "To Do"}}),
        json!({"id": "3", "fields": {}}),
        json!({"id": "4", "key": "PLAT-4"}),
        json!("what"),
    ];
    let mut issues = vec![issue(1, &json!({}))];
    issues.extend(odd);
    let server = listing(json!(issues)).await;
    let jira = server.client(CLOUD);
    let refs: Vec<IssueRef> = (1..=4).map(|id| at(id, &jira)).collect();
    let seen = jira.read(&refs).await;
    assert_eq!(known(seen[0].clone()).at.key, "PLAT-1");
    for seen in &seen[1..] {
        assert!(matches!(seen, Observed::Unknown { .. }), "{seen:?}");
    }
    let error = jira.marked(&PlaceName::from("PLAT"), &[marker(1)], None).await.unwrap_err();
    assert!(matches!(error, TrackerError::Malformed { .. }), "one of them may be ours: {error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_answer_leaves_out_is_no_reason_not_to_read_it() {
    let changes = [
        json!({"assignee": null, "labels": null, "duedate": null, "resolution": null, "creator": null}),
        json!({"updated": null}),
        json!({"duedate": "2027-01-15T00:00:00.000+0000"}),
        json!({"assignee": {"displayName": "Former user", "active": false}}),
        json!({"status": {"name": "Shut", "id": 3, "statusCategory": {"key": "done", "id": 3, "new": 1}}}),
    ];
    let issues: Vec<Value> = changes.iter().zip(1..).map(|(change, id)| issue(id, change)).collect();
    let server = listing(json!(issues)).await;
    let jira = server.client(CLOUD);
    let refs: Vec<IssueRef> = (1..=5).map(|id| at(id, &jira)).collect();
    let mut seen = jira.read(&refs).await;
    assert!(matches!(seen[1], Observed::Unknown { .. }), "how new it is decides whether it is believed");
    seen[1] = seen[0].clone();
    let seen: Vec<Issue> = seen.into_iter().map(known).collect();
    assert_eq!((seen[0].assignees.len(), seen[0].due, seen[0].author.clone()), (0, None, None));
    assert_eq!(seen[2].due, NaiveDate::from_ymd_opt(2027, 1, 15));
    assert!(!seen[3].shows(Field::Owner), "somebody has it, though nobody says who: {:?}", seen[3]);
    assert_eq!(seen[4].progress, Progress::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_batches_is_read_one_by_one() {
    for status in [404, 405, 410, 400] {
        let server = Elsewhere::start(move |asked: &Asked| match asked.path.split('?').next().unwrap() {
            path if path.ends_with("bulkfetch") => json_of(status, Value::Null),
            path if path.ends_with("/issue/2") => json_of(200, issue(2, &json!({}))),
            _ => json_of(500, Value::Null),
        })
        .await;
        let jira = server.client(CLOUD);
        assert_eq!(known(jira.read(&[at(2, &jira)]).await.remove(0)).at.key, "PLAT-2", "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_answering_is_not_asked_for_every_issue() {
    let server = Elsewhere::start(|asked: &Asked| match asked.path.ends_with("bulkfetch") {
        true => json_of(200, json!({"issues": []})),
        false => json_of(503, Value::Null),
    })
    .await;
    let jira = server.client(CLOUD);
    let refs: Vec<IssueRef> = (1..=50).map(|id| at(id, &jira)).collect();
    let seen = jira.read(&refs).await;
    assert!(seen.iter().all(|seen| matches!(seen, Observed::Unknown { .. })));
    let n_asked: usize = (1..=50).map(|id| server.sent("GET", &format!("/issue/{id}")).len()).sum();
    assert_eq!(n_asked, 6, "three, each once more");
}

/// Pages of Data Center: `page` issues each, whatever is asked for, with or without the total.
fn paged(asked: &Asked, n_all: usize, page: usize, total: Option<usize>) -> Told {
    let start = asked.body["startAt"].as_u64().unwrap_or(0) as usize;
    let issues: Vec<Value> = (start..n_all.min(start + page))
        .map(|n| issue(n as u64 + 1, &json!({"labels": ["postmortem"]})))
        .collect();
    let mut body = json!({"issues": issues, "startAt": start});
    if let Some(total) = total {
        body["total"] = json!(total);
    }
    json_of(200, body)
}

#[tokio::test(flavor = "multi_thread")]
async fn data_center_pages_are_read_as_they_come() {
    for total in [Some(75), None] {
        let server = Elsewhere::start(move |asked: &Asked| match asked.path.ends_with("/search") {
            true => paged(asked, 75, 20, total),
            false => json_of(500, Value::Null),
        })
        .await;
        let jira = server.client(DC);
        let refs: Vec<IssueRef> = (1..=75).map(|id| at(id, &jira)).collect();
        for (seen, at) in jira.read(&refs).await.into_iter().zip(&refs) {
            assert_eq!(known(seen).at.id, at.id);
        }
        assert_eq!(server.sent("POST", "/search").len(), 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_that_repeats_its_first_page_is_never_complete() {
    let server = Elsewhere::start(|asked: &Asked| match asked.path.ends_with("/search") {
        true => paged(&Asked { body: Value::Null, ..asked.clone() }, 100, 100, Some(150)),
        false => json_of(200, json!({"name": "bot"})),
    })
    .await;
    let error = server.client(DC).marked(&PlaceName::from("PLAT"), &[marker(1)], None).await.unwrap_err();
    assert!(matches!(error, TrackerError::Malformed { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_search_may_leave_out_is_last_and_send_short_pages() {
    let server = Elsewhere::start(|asked: &Asked| match asked.path.ends_with("/search/jql") {
        true => json_of(
            200,
            match asked.body["nextPageToken"].as_str() {
                None => json!({"issues": [ours(1)], "nextPageToken": "a"}),
                Some("a") => json!({"issues": [], "nextPageToken": "b"}),
                Some(_) => json!({"issues": [ours(2)], "nextPageToken": null}),
            },
        ),
        false => json_of(200, json!({"accountId": "bot"})),
    })
    .await;
    let found =
        server.client(CLOUD).marked(&PlaceName::from("PLAT"), &[marker(1), marker(2)], None).await.unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(server.sent("POST", "/search/jql").len(), 3);
}

/// An issue that we created for a marker.
fn ours(n: u32) -> Value {
    let mut shown = issue(n.into(), &json!({"labels": [marker(n)], "creator": {"accountId": "bot"}}));
    shown["properties"] = json!({PROPERTY: {"marker": marker(n)}});
    shown
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marker_is_proven_by_the_property_or_by_its_label_and_our_hand() {
    let labelled = |id: u64, creator: Value| issue(id, &json!({"labels": [marker(1)], "creator": creator}));
    let bot = json!({"accountId": "bot"});
    let search = async |issues: Value| {
        let server = listing(issues).await;
        let found = server.client(CLOUD).marked(&PlaceName::from("PLAT"), &[marker(1)], None).await;
        found.map(|found| found.into_iter().map(|issue| issue.at.id.id).collect::<Vec<_>>())
    };
    assert_eq!(
        search(json!([labelled(9, bot.clone())])).await.unwrap(),
        ["9"],
        "a tracker that drops properties"
    );
    assert_eq!(
        search(json!([ours(1), labelled(9, bot)])).await.unwrap(),
        ["1"],
        "a clone by our own account"
    );
    assert_eq!(
        search(json!([labelled(9, json!({"accountId": "ana"}))])).await.unwrap(),
        [""; 0],
        "a person's clone"
    );
    assert_eq!(search(json!([labelled(9, Value::Null)])).await.unwrap(), [""; 0], "nobody's");
    let mut untold = ours(1);
    untold["fields"].as_object_mut().unwrap().remove("creator");
    assert_eq!(
        search(json!([untold.clone()])).await.unwrap(),
        ["1"],
        "the property alone, where no creator is told"
    );
    untold.as_object_mut().unwrap().remove("properties");
    let unclear = search(json!([untold])).await.unwrap_err();
    assert!(matches!(unclear, TrackerError::Malformed { .. }), "it may be ours: {unclear}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_language_without_lists_is_asked_label_by_label() {
    let server = Elsewhere::start(|asked: &Asked| match asked.path.ends_with("/search/jql") {
        true if asked.body["jql"].as_str().unwrap().contains(" in (") => json_of(400, Value::Null),
        true if asked.body["jql"].as_str().unwrap().contains(marker(2).as_str()) => {
            json_of(200, json!({"issues": [ours(2)]}))
        }
        true => json_of(200, json!({"issues": [], "isLast": true})),
        false => json_of(200, json!({"accountId": "bot"})),
    })
    .await;
    let markers = [marker(1), marker(2), marker(3)];
    let found = server.client(CLOUD).marked(&PlaceName::from("PLAT"), &markers, None).await.unwrap();
    assert_eq!(found.iter().map(|issue| issue.marker.clone()).collect::<Vec<_>>(), [Some(marker(2))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn i8_data_centers_index_never_takes_back_what_we_have_just_written() {
    let server = Elsewhere::start(|asked: &Asked| {
        let is_new = json!({"duedate": "2027-01-15", "updated": "2026-01-01T00:00:09.000+0000"});
        match asked.path.split('?').next().unwrap() {
            path if path.ends_with("/search") => paged(asked, 30, 100, Some(30)),
            path if path.ends_with("/issue/5") && asked.method == "GET" => json_of(200, issue(5, &is_new)),
            path if path.ends_with("/issue/PLAT-5") => json_of(200, issue(5, &is_new)),
            path if path.ends_with("/issue/5") => (204, "", String::new()),
            _ => json_of(404, Value::Null),
        }
    })
    .await;
    let jira = server.client(DC);
    let refs: Vec<IssueRef> = (1..=30).map(|id| at(id, &jira)).collect();
    let before = known(jira.read(&refs).await.remove(4));
    let due = NaiveDate::from_ymd_opt(2027, 1, 15);
    let edit = Edit { due: Some(Change { from: None, to: due }), ..Edit::default() };
    let edited = jira.edit(&before, &edit).await.unwrap();
    assert_eq!(edited.dropped, []);
    let known_since = BTreeMap::from([(before.at.id, Sighting::of(&edited.issue))]);
    let recall = Recall::new(&jira, &known_since);
    assert_eq!(known(recall.read(&refs).await.remove(4)).due, due);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_closer_of_a_status_in_another_language_is_whoever_moved_it_last() {
    let change = |author: &str, minute: u8, field: &str, to: &str| {
        json!({"author": {"accountId": author, "name": author}, "created": format!("2026-01-01T00:{minute:02}:00.000+0000"),
            "items": [{"field": field, "toString": to}, {"field": null}]})
    };
    let log = json!([
        change("ana", 1, "status", "In Progress"),
        change("bo", 2, "status", "Done"),
        change("chen", 3, "assignee", "Fertig"),
    ]);
    for kind in EDITIONS {
        let log = log.clone();
        let server = Elsewhere::start(move |asked: &Asked| match kind {
            DC => {
                let mut shown = issue(1, &json!({}));
                shown["changelog"] = json!({"histories": log});
                json_of(200, shown)
            }
            TrackerKind::JiraCloud | TrackerKind::Github => {
                assert!(asked.path.contains("/changelog?"));
                json_of(200, json!({"values": log, "total": 3}))
            }
        })
        .await;
        let jira = server.client(kind);
        let closed =
            Issue { progress: Progress::Done, status_text: "Fertig".to_owned(), ..known_issue(&jira) };
        assert_eq!(jira.closer(&closed).await.unwrap(), Some(AccountId::from("bo")));
        let named = Issue { status_text: "In Progress".to_owned(), ..closed };
        assert_eq!(
            jira.closer(&named).await.unwrap(),
            Some(AccountId::from("ana")),
            "a name that fits decides"
        );
    }
}

fn known_issue(jira: &Jira) -> Issue {
    Issue {
        at: at(1, jira),
        title: String::new(),
        progress: Progress::Open,
        status_text: String::new(),
        assignees: Vec::new(),
        labels: BTreeSet::new(),
        due: None,
        author: None,
        closed_by: None,
        updated: start_of_time(),
        created: start_of_time(),
        read: None,
        marker: None,
        block: None,
        unseen: BTreeSet::new(),
        chosen: None,
    }
}
