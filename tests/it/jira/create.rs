//! Creating: one request, never twice.

use super::*;

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
    site.fault(
        json!({"method": "GET", "path": "/issue/1", "times": 2, "action": {"status": {"status": 500}}}),
    );
    let created = site.jira.create(&draft).await.unwrap();
    unknown_because(&created.issue, "500");
    assert_eq!(created.at.key, "PLAT-1");
    assert_eq!(known(site.read(&created.at).await).at, created.at);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_before_the_create_is_sent_leaves_no_doubt() {
    let site = site(CLOUD).await;
    let draft = site.draft(1).await;
    site.fault(json!({"path": "createmeta", "times": 2, "action": "drop_before"}));
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
async fn p12_an_owner_who_has_no_place_on_the_create_screen_is_assigned_all_the_same() {
    for kind in EDITIONS {
        let site = site(kind).await;
        site.change(json!({"off_screen": ["assignee"]}));
        let ana = site.account("ana").await;
        let created =
            site.jira.create(&Draft { assignee: Some(ana.clone()), ..site.draft(1).await }).await.unwrap();
        assert_eq!((known(created.issue).assignees, created.dropped), (vec![ana], vec![]));
        assert_eq!(site.sent("PUT", "/assignee").len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_in_words_alone_is_understood_where_it_is_about_the_owner() {
    let site = site(CLOUD).await;
    let draft = Draft { assignee: Some(AccountId::from("gone")), ..site.draft(1).await };
    let refuse = |words: &str| {
        let body = json!({"errorMessages": [words], "errors": {}});
        site.fault(json!({"method": "POST", "path": "/issue", "body": "Rotate", "action": {"status": {"status": 400, "body": body}}}));
    };
    refuse("User 'gone' cannot be assigned issues.");
    let created = site.jira.create(&draft).await.unwrap();
    assert_eq!(created.dropped.iter().map(|dropped| dropped.field).collect::<Vec<_>>(), [Field::Owner]);
    assert_eq!(site.issues().len(), 1);
    refuse("The workflow says no.");
    let error = site.jira.create(&draft).await.unwrap_err();
    assert!(matches!(&error, TrackerError::Rejected { why, .. } if why.contains("says no")), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn p12_a_project_that_wants_an_assignee_and_refuses_ours_says_so() {
    let site = site(CLOUD).await;
    site.act(json!({"project": "PLAT", "do": "set_requires_assignee", "enabled": true}));
    let error = site.jira.create(&site.draft(1).await).await.unwrap_err();
    assert!(
        matches!(&error, TrackerError::Rejected { field: Some(field), .. } if field == "assignee"),
        "{error}"
    );
    assert!(error.is_certain());
}

#[tokio::test(flavor = "multi_thread")]
async fn p11_a_required_field_that_nobody_configured_is_named() {
    for kind in EDITIONS {
        let site = site(kind).await;
        site.change(json!({"fields": [{"id": "customfield_10050", "name": "Risk", "required": true}]}));
        let error = site.jira.create(&site.draft(1).await).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "refused (field `customfield_10050`): customfield_10050: Risk is required."
        );
    }
}
