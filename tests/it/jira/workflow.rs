//! Statuses: their meaning, and the ways between them.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn p22_closing_sets_the_resolution_that_its_screen_asks_for() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let issue = site.create(1).await;
        let done = site.jira.edit(&issue, &progress(Progress::Open, Progress::Done)).await.unwrap();
        assert_eq!((done.issue.progress, done.dropped.len()), (Progress::Done, 0));
        assert_eq!(site.issues()[0]["resolution"], "Done");
        let again = site.jira.edit(&done.issue, &progress(Progress::Open, Progress::Done)).await.unwrap();
        assert_eq!(again.dropped, [], "already there: no transition is tried");
        assert_eq!(site.sent("POST", "/transitions").len(), 1);
        let open = site.jira.edit(&done.issue, &progress(Progress::Done, Progress::Open)).await.unwrap();
        assert_eq!((open.issue.progress, open.dropped.len()), (Progress::Open, 0));
        let declined =
            site.jira.edit(&open.issue, &progress(Progress::Open, Progress::Declined)).await.unwrap();
        assert_eq!((declined.issue.progress, declined.dropped.len()), (Progress::Declined, 0));
        assert_eq!(site.issues()[0]["resolution"], "Won't Do");
    }
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
async fn p23_a_closed_issue_is_reopened_on_its_way_into_work() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let issue = site.create(1).await;
        let done = site.jira.edit(&issue, &progress(Progress::Open, Progress::Done)).await.unwrap();
        let reopened =
            site.jira.edit(&done.issue, &progress(Progress::Done, Progress::InProgress)).await.unwrap();
        assert_eq!((reopened.issue.status_text.as_str(), reopened.dropped.len()), ("In Progress", 0));
        assert_eq!(site.issues()[0]["resolution"], Value::Null);
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
async fn a_conflicting_transition_is_taken_again_once_if_the_issue_stands_where_it_was() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let issue = site.create(1).await;
        let conflict = |times: u64| {
            let action = json!({"status": {"status": 409}});
            site.fault(json!({"method": "POST", "path": "/transitions", "times": times, "action": action}));
        };
        conflict(2);
        let busy = site.jira.edit(&issue, &progress(Progress::Open, Progress::Done)).await;
        assert!(matches!(busy, Err(TrackerError::Transient { .. })), "{busy:?}");
        assert_eq!(site.sent("POST", "/transitions").len(), 2);
        conflict(1);
        let done = site.jira.edit(&issue, &progress(Progress::Open, Progress::Done)).await.unwrap();
        assert_eq!((done.issue.progress, done.dropped.len()), (Progress::Done, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transition_that_conflicts_with_a_persons_is_not_taken_again() {
    let site = site(CLOUD).await;
    let issue = site.create(1).await;
    site.fault(json!({"method": "POST", "path": "/transitions", "action": {"status": {"status": 409}}}));
    // As a workflow that tells who is first: the ways are read before the person moves the issue, and the issue after.
    let moved = json!({"id": issue.at.id.id, "key": "PLAT-1", "fields": {"status": {"name": "In Review"}}});
    site.fault(
        json!({"method": "GET", "path": "?fields=", "action": {"status": {"status": 200, "body": moved}}}),
    );
    let lost = site.jira.edit(&issue, &progress(Progress::Open, Progress::Done)).await;
    assert!(matches!(lost, Err(TrackerError::Transient { .. })), "{lost:?}");
    assert_eq!(site.sent("POST", "/transitions").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forbidden_transition_is_told_and_stops_no_other_field() {
    let site = site(CLOUD).await;
    let issue = site.create(1).await;
    for (method, status) in [("GET", 403), ("POST", 403), ("POST", 404)] {
        let reply = json!({"status": status, "body": {"errorMessages": ["not you"]}});
        site.fault(json!({"method": method, "path": "/transitions", "action": {"status": reply}}));
        let edit = Edit {
            add_labels: BTreeSet::from([format!("{method}-{status}")]),
            ..progress(Progress::Open, Progress::InProgress)
        };
        let edited = site.jira.edit(&issue, &edit).await.unwrap();
        assert!(edited.issue.labels.contains(&format!("{method}-{status}")));
        let dropped: Vec<Field> = edited.dropped.iter().map(|dropped| dropped.field).collect();
        assert_eq!(dropped, [Field::Progress]);
        assert!(edited.dropped[0].why.contains("not you"), "{}", edited.dropped[0].why);
    }
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
async fn each_status_on_the_way_is_told_before_its_transition_is_sent() {
    for kind in EDITIONS {
        let site = site(kind).await;
        site.change(workflow(json!([
            {"id": "1", "name": "Start", "from": ["To Do"], "to": "In Progress"},
            {"id": "2", "name": "Finish", "from": ["In Progress"], "to": "Done"},
        ])));
        let issue = site.create(1).await;
        site.fault(json!({"method": "POST", "path": "/transitions", "action": "drop_before"}));
        let mut heard = Heard::default();
        let edit = progress(Progress::Open, Progress::Done);
        assert!(site.jira.edit_by_steps(&issue, &edit, &mut heard).await.is_err());
        assert_eq!(heard.0, [Step::Status("In Progress".to_owned())], "though it was never taken");
        let mut heard = Heard::default();
        let done = site.jira.edit_by_steps(&issue, &edit, &mut heard).await.unwrap();
        assert_eq!(heard.0, [Step::Status("In Progress".to_owned())], "the last one is what was asked for");
        let me = site.jira.whoami().await.unwrap();
        let since = issue.updated - TimeDelta::seconds(1);
        let change = site.jira.last_change(&done.issue, Field::Progress, since).await.unwrap().unwrap();
        assert_eq!(change.by, Some(me));
        assert!(!change.is_later_than(&done.issue), "the read shows it");
        let change = site.jira.last_change(&done.issue, Field::Progress, done.issue.updated).await;
        assert_eq!(change.unwrap(), None, "nobody did since");
    }
}
