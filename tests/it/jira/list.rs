//! Listing: complete or an error.

use super::*;

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
async fn a_sweep_over_linked_issues_asks_for_none_of_them_by_itself() {
    for kind in EDITIONS {
        let site = site(kind).await;
        for n in 0..5 {
            site.create(n).await;
        }
        site.trackers.sandbox.world().clear_log();
        let markers: Vec<Marker> = (0..5).map(marker).collect();
        let found = site.jira.marked(&site.place(), &markers, None).await.unwrap();
        assert_eq!(
            found.iter().filter_map(|issue| issue.marker.clone()).collect::<BTreeSet<_>>(),
            markers.into_iter().collect()
        );
        assert_eq!(site.trackers.sandbox.world().log_counts()["total"], 2, "one search, and who we are");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_that_nobody_mapped_does_not_hide_that_an_issue_is_ours() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let statuses =
            json!([{"name": "Limbo", "category": "undefined"}, {"name": "Done", "category": "done"}]);
        site.change(json!({"statuses": statuses, "transitions": []}));
        let created = site.jira.create(&site.draft(1).await).await.unwrap();
        unknown_because(&created.issue, "status `Limbo` is not mapped");
        let found = site.jira.marked(&site.place(), &[marker(1)], None).await.unwrap();
        assert_eq!(found.iter().map(|issue| &issue.at.id).collect::<Vec<_>>(), [&created.at.id]);
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
            json!({"method": "POST", "path": "/search", "skip": 1, "times": 2, "action": {"status": {"status": 500}}}),
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
