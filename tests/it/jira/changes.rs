//! What changed in many projects since an instant: one search, and whatever it does not tell plainly is untold.

use postmortem_sync::tracker::Changes;

use super::*;

/// A project of its own with so many issues, which nobody of ours labelled.
fn project(site: &Site, key: &str, n_issues: usize) -> PlaceName {
    let whole = json!({"key": key, "access": {"acme-bot": "write", "ana": "write"}, "bulk_issues": n_issues});
    site.trackers.sandbox.world().add(&json!({site.tracker(): {"projects": [whole]}})).unwrap();
    PlaceName::from(key)
}

fn untold(changes: &Changes) -> Vec<&str> {
    changes.untold.iter().map(PlaceName::as_str).collect()
}

/// The queries of all searches since the log was cleared.
fn queries(site: &Site) -> Vec<String> {
    let sent = site.sent("POST", if site.kind == CLOUD { "/search/jql" } else { "/search" });
    sent.iter().map(|entry| entry["request"]["jql"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_search_names_what_changed_in_several_projects_whoever_made_it() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let places = [site.place(), project(&site, "SEC", 2), project(&site, "WEB", 1)];
        let ours = site.create(1).await;
        site.trackers.sandbox.world().advance(7_200_000);
        site.act(json!({"issue": "SEC-2", "do": "label", "label": "late"}));
        site.act(json!({"issue": ours.at.key, "do": "label", "label": "late"}));
        site.jira.whoami().await.unwrap();
        site.trackers.sandbox.world().clear_log();
        let since = start_of_time() + TimeDelta::hours(1);
        let told = site.jira.changes(&places, since).await.unwrap();
        let expected: BTreeSet<_> = ["SEC-2", ours.at.key.as_str()].map(str::to_owned).into();
        let mut named = BTreeSet::new();
        for key in ["SEC-1", "SEC-2", "WEB-1", ours.at.key.as_str()] {
            let read = known(site.jira.find(key).await);
            let changed = told.issues.iter().find(|(id, _)| *id == read.at.id);
            if let Some((_, at)) = changed {
                assert_eq!(*at, read.updated);
                named.insert(key.to_owned());
            }
        }
        assert_eq!((named, told.issues.len(), untold(&told)), (expected, 2, vec![]));
        let queries = queries(&site);
        assert_eq!(queries.len(), 1);
        assert!(queries[0].contains("updated >= \"-75m\""), "no time zone can move the window: {queries:?}");
        assert_eq!(site.sent("POST", "/search/jql").len() + site.sent("POST", "/search").len(), 1);
        assert_eq!(site.sent("GET", "/myself").len(), 1, "afterwards");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_goes_on_from_the_sites_time_at_its_start_and_looks_back_fifteen_minutes_more() {
    for kind in EDITIONS {
        let site = site(kind).await;
        site.create(1).await;
        site.trackers.sandbox.world().advance(15 * 60_000);
        site.jira.whoami().await.unwrap();
        let places = [site.place()];
        let first = site.jira.changes(&places, start_of_time() + TimeDelta::minutes(15)).await.unwrap();
        assert_eq!(first.as_of, start_of_time() + TimeDelta::minutes(15), "by the clock of the site");
        assert_eq!(first.issues.len(), 1, "the overlap");
        site.trackers.sandbox.world().advance(120_000);
        let later = first.as_of + TimeDelta::minutes(2);
        let second = site.jira.changes(&places, later).await.unwrap();
        assert_eq!((second.issues.len(), untold(&second)), (0, vec![]));
        site.set(json!({"search_lag_ms": 600_000}));
        site.create(2).await;
        let third = site.jira.changes(&places, later).await.unwrap();
        assert_eq!(third.issues.len(), 0, "the index is behind");
        site.trackers.sandbox.world().advance(600_000);
        let fourth = site.jira.changes(&places, third.as_of).await.unwrap();
        assert_eq!(fourth.issues.len(), 1, "and is looked at again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_list_under_an_expired_credential_is_an_error() {
    for kind in EDITIONS {
        let site = site(kind).await;
        site.create(1).await;
        site.set(json!({"anonymous_looking": true}));
        let nobody = site.as_token("expired").changes(&[site.place()], start_of_time()).await;
        assert!(matches!(nobody, Err(TrackerError::Unauthorized { .. })), "{nobody:?}");
        site.jira.whoami().await.unwrap();
        site.fault(json!({"path": "/search", "action": "empty_list"}));
        site.fault(json!({"path": "/myself", "action": {"status": {"status": 401}}}));
        let expired = site.jira.changes(&[site.place()], start_of_time()).await;
        assert!(matches!(expired, Err(TrackerError::Unauthorized { .. })), "{expired:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn five_pages_are_read_and_of_more_every_project_is_untold() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let places = [site.place(), project(&site, "SEC", 5)];
        let told = site.jira.changes(&places, start_of_time()).await.unwrap();
        assert_eq!((told.issues.len(), untold(&told)), (5, vec![]));
        site.set(json!({"page_max": if kind == CLOUD { 1 } else { 2 }}));
        let told = site.jira.changes(&places, start_of_time()).await.unwrap();
        assert_eq!(untold(&told), Vec::<&str>::new());
        site.act(json!({"project": "SEC", "do": "open_issue", "title": "Six"}));
        site.act(json!({"project": "SEC", "do": "open_issue", "title": "Seven"}));
        site.trackers.sandbox.world().clear_log();
        let told = site.jira.changes(&places, start_of_time()).await.unwrap();
        assert_eq!(untold(&told), [site.project(), "SEC"]);
        assert_eq!(queries(&site).len(), 5);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_moves_while_the_pages_are_read_is_not_missed() {
    for (kind, act) in [
        (CLOUD, json!({"issue": "SEC-1", "do": "label", "label": "late"})),
        (DC, json!({"issue": "SEC-1", "do": "label", "label": "late"})),
        (DC, json!({"issue": "SEC-4", "do": "delete"})),
    ] {
        let site = site(kind).await;
        let places = [project(&site, "SEC", 0)];
        for n in 0..4 {
            site.trackers.sandbox.world().advance(1_000);
            site.act(json!({"project": "SEC", "do": "open_issue", "title": format!("{n}")}));
        }
        site.set(json!({"page_max": 2}));
        site.trackers.sandbox.world().advance(1_000);
        let mut act = act;
        act["as"] = json!("ana");
        act["tracker"] = json!(site.tracker());
        site.fault(json!({"path": "/search", "skip": 1, "action": {"meanwhile": {"acts": [act]}}}));
        let told = site.jira.changes(&places, start_of_time()).await.unwrap();
        let named: BTreeSet<_> = told.issues.iter().map(|(id, _)| id.id.clone()).collect();
        let there = site.trackers.sandbox.world().state()[site.tracker()]["projects"]
            .as_array()
            .unwrap()
            .iter()
            .find(|project| project["key"] == "SEC")
            .unwrap()["issues"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|issue| issue["key"] != "SEC-1")
            .all(|issue| named.contains(issue["id"].as_str().unwrap()));
        assert!(there || untold(&told) == ["SEC"], "{told:?}");
        assert_eq!(untold(&told).len(), usize::from(act["do"] == "delete"), "{told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_that_the_site_does_not_know_is_untold_and_hides_no_other() {
    for kind in EDITIONS {
        let site = site(kind).await;
        site.create(1).await;
        let places = ["NOPE", site.project(), "GONE", "no key", ""].map(PlaceName::from);
        let told = site.jira.changes(&places, start_of_time()).await.unwrap();
        assert_eq!((told.issues.len(), untold(&told)), (1, vec!["", "GONE", "NOPE", "no key"]));
        let unnamed = json!({"status": {"status": 400, "body": {"errorMessages": ["That went wrong."]}}});
        site.fault(json!({"path": "/search", "action": unnamed}));
        let refused = site.jira.changes(&places, start_of_time()).await;
        assert!(matches!(refused, Err(TrackerError::Rejected { .. })), "{refused:?}");
        let many = (0..9).map(|n| PlaceName::from(format!("X{n}"))).chain([site.place()]).collect::<Vec<_>>();
        let told = site.jira.changes(&many, start_of_time()).await.unwrap();
        assert_eq!(untold(&told).len(), 10, "it is not asked on and on");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_projects_are_two_searches_and_none_are_no_question() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let places: Vec<PlaceName> = (0..200).map(|n| project(&site, &format!("P{n}"), 1)).collect();
        let told = site.jira.changes(&places, start_of_time()).await.unwrap();
        assert_eq!((told.issues.len(), untold(&told)), (200, vec![]));
        let queries = queries(&site);
        assert_eq!(queries.len(), 2);
        assert!(queries.iter().all(|query| query.len() < 8_000));
        site.trackers.sandbox.world().clear_log();
        let none = site.jira.changes(&[], start_of_time()).await.unwrap();
        assert_eq!((none.issues.len(), none.untold.len()), (0, 0));
        assert_eq!(site.trackers.sandbox.world().log_counts()["total"], 0);
        let long: Vec<PlaceName> =
            (0..90).map(|n| PlaceName::from(format!("{}{n}", "K".repeat(250)))).collect();
        site.jira.changes(&long, start_of_time()).await.unwrap();
        let queries = self::queries(&site);
        assert!(queries.len() > 3 && queries.iter().all(|query| query.len() < 8_000));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_that_does_not_say_when_it_changed_leaves_every_project_untold() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let good = json!({"id": "7", "key": "PLAT-7", "fields": {"updated": "2026-09-21T14:13:20.000+0000"}});
        for (odd, warnings) in [
            (json!({"id": "8", "key": "PLAT-8", "fields": {}}), json!([])),
            (json!({"id": "8", "key": "PLAT-8", "fields": {"updated": null}}), json!([])),
            (json!({"id": "8", "key": "PLAT-8", "fields": {"updated": "soon"}}), json!([])),
            (json!({"key": "PLAT-8", "fields": {"updated": "2026-09-21T14:13:20.000+0000"}}), json!([])),
            (json!(null), json!([])),
            (good.clone(), json!(["The value 'X' does not exist for the field 'project'."])),
        ] {
            let body =
                json!({"issues": [good, odd], "isLast": true, "total": 2, "warningMessages": warnings});
            site.fault(json!({"path": "/search", "action": {"status": {"status": 200, "body": body}}}));
            let told = site.jira.changes(&[site.place()], start_of_time()).await.unwrap();
            assert_eq!(untold(&told), [site.project()], "{body}");
            assert!(told.issues.iter().all(|(id, _)| ["7", "8"].contains(&id.id.as_str())));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_project_is_listed_by_either_key() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let place = project(&site, "SEC", 1);
        site.act(json!({"project": "SEC", "do": "rename", "to": "SAFE"}));
        for place in [place, PlaceName::from("SAFE")] {
            let told = site.jira.changes(&[place], start_of_time()).await.unwrap();
            assert_eq!((told.issues.len(), untold(&told)), (1, vec![]));
        }
    }
}
