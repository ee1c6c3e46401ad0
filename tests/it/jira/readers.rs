//! Who can read several projects: two lists, and the same answers as one by one.

use super::*;

/// Six more projects, of which visitors read the first.
async fn many(kind: TrackerKind) -> (Site, Vec<PlaceName>) {
    let site = site(kind).await;
    let keys = ["AAA", "BBB", "CCC", "DDD", "EEE", "FFF"];
    let projects: Vec<Value> =
        keys.iter().map(|key| json!({"key": key, "anonymous": *key == "AAA"})).collect();
    site.trackers.sandbox.world().add(&json!({site.tracker(): {"projects": projects}})).unwrap();
    let places = keys.into_iter().chain(["NOWHERE"]).map(PlaceName::from).collect();
    site.trackers.sandbox.world().clear_log();
    (site, places)
}

fn n_sent(site: &Site) -> u64 {
    site.trackers.sandbox.world().log_counts()["total"].as_u64().unwrap()
}

async fn visibilities(site: &Site, places: &[PlaceName]) -> Vec<Option<Visibility>> {
    site.jira
        .readers(places)
        .await
        .into_iter()
        .map(|facts| facts.ok().map(|facts| facts.visibility))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_lists_tell_the_same_as_three_questions_about_each() {
    for kind in EDITIONS {
        let (site, places) = many(kind).await;
        let told = site.jira.readers(&places).await;
        assert_eq!(n_sent(&site), 3, "two lists, and a question about what they do not show");
        for (place, told) in places.iter().zip(told) {
            match (told, site.jira.place(place).await) {
                (Ok(told), Ok(alone)) => assert_eq!(
                    (told.id, told.name, told.visibility, told.closed, told.frozen),
                    (alone.id, alone.name, alone.visibility, alone.closed, alone.frozen)
                ),
                (Err(TrackerError::NotFound { .. }), Err(TrackerError::NotFound { .. })) => {}
                (told, alone) => panic!("{place}: {told:?} and {alone:?}"),
            }
        }
        let seen = visibilities(&site, &places).await;
        assert_eq!(seen[..2], [Some(Visibility::Public), Some(Visibility::Private)]);
        site.act(json!({"project": "BBB", "do": "set_anonymous", "readable": true}));
        assert_eq!(visibilities(&site, &places).await[1], Some(Visibility::Public), "as it is now");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn projects_that_are_archived_or_renamed_are_asked_about_alone() {
    let (site, places) = many(CLOUD).await;
    site.act(json!({"project": "CCC", "do": "archive"}));
    site.act(json!({"project": "DDD", "do": "rename", "to": "DDX"}));
    let told = site.jira.readers(&places).await;
    let archived = told[2].as_ref().unwrap();
    assert_eq!(archived.closed.as_deref(), Some("the project is archived"));
    assert_eq!(
        told[3].as_ref().map(|facts| facts.name.clone()).ok(),
        site.jira.place(&places[3]).await.ok().map(|facts| facts.name)
    );
}

/// A list for visitors that is no list, is cut, or stops before its end proves nothing of any project.
#[tokio::test(flavor = "multi_thread")]
async fn a_visitors_list_that_is_not_whole_proves_nothing() {
    let page = |body: Value| json!({"status": {"status": 200, "body": body}});
    for action in [
        page(json!({"values": [], "isLast": false, "total": 0})),
        page(json!({"values": [], "total": 7})),
        page(json!({"values": [{"key": "AAA"}], "isLast": true})),
        page(json!("please log in")),
        json!({"status": {"status": 403}}),
        json!({"status": {"status": 404}}),
        json!({"status": {"status": 502}}),
        json!("truncate"),
    ] {
        let (site, places) = many(CLOUD).await;
        site.fault(json!({"path": "project/search", "times": 3, "action": action}));
        let seen = visibilities(&site, &places[..2]).await;
        assert_eq!(
            seen,
            [Some(Visibility::Public), Some(Visibility::Private)],
            "{action}: each is asked about alone"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_shows_visitors_nothing_is_private() {
    let (site, places) = many(CLOUD).await;
    let refused = json!({"status": {"status": 401}});
    site.fault(json!({"path": "project/search", "times": 1, "action": refused}));
    let seen = visibilities(&site, &places[1..3]).await;
    assert_eq!(seen, [Some(Visibility::Private); 2]);
    assert_eq!(n_sent(&site), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_projects_than_fit_on_a_page_are_read_to_the_end() {
    let site = site(CLOUD).await;
    let keys: Vec<String> = (0..260).map(|n| format!("P{n}")).collect();
    let projects: Vec<Value> = keys.iter().map(|key| json!({"key": key, "anonymous": true})).collect();
    site.trackers.sandbox.world().add(&json!({"jira": {"projects": projects}})).unwrap();
    site.trackers.sandbox.world().clear_log();
    let places: Vec<PlaceName> = keys.iter().map(|key| PlaceName::from(key.as_str())).collect();
    let seen = visibilities(&site, &places).await;
    assert!(seen.iter().all(|seen| *seen == Some(Visibility::Public)));
    assert_eq!(n_sent(&site), 9, "three pages for a visitor, and six lists of ours by key");
}
