//! Reading: unreadable is never absent.

use super::*;

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
        nobody.pace().begin();
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
        site.jira.pace().begin();
        site.fault(json!({"path": "bulkfetch", "times": 2, "action": action}));
        let seen = site.jira.read(&[one.at.clone(), two.at.clone()]).await;
        site.trackers.sandbox.world().clear_faults();
        assert!(seen.iter().all(|one| matches!(one, Observed::Unknown { .. })), "{action}: {seen:?}");
    }
    site.jira.pace().begin();
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
async fn no_query_ever_names_a_linked_issue() {
    for kind in EDITIONS {
        let site = site(kind).await;
        site.change(json!({"issues": (0..30).map(|n| json!({"summary": format!("S{n}"), "labels": ["postmortem"]})).collect::<Vec<_>>()}));
        let template = site.create(1).await;
        let refs: Vec<IssueRef> = site
            .issues()
            .iter()
            .map(|issue| {
                let id = postmortem_sync::model::issue::IssueId {
                    id: issue["id"].as_str().unwrap().to_owned(),
                    ..template.at.id.clone()
                };
                IssueRef { id, key: issue["key"].as_str().unwrap().to_owned(), ..template.at.clone() }
            })
            .collect();
        site.act(json!({"issue": refs[3].key, "do": "delete"}));
        site.act(json!({"issue": refs[4].key, "do": "unlabel", "label": "postmortem"}));
        let seen = site.jira.read(&refs).await;
        assert_eq!(seen.iter().filter(|seen| seen.known().is_some()).count(), 30);
        assert_eq!(seen[3], Observed::Missing);
        site.jira.changes(&[site.place()], start_of_time()).await.unwrap();
        site.jira.marked(&site.place(), &[marker(1), marker(2)], None).await.unwrap();
        let log = site.trackers.sandbox.world().log();
        let queries: Vec<&str> =
            log.as_array().unwrap().iter().filter_map(|entry| entry["request"]["jql"].as_str()).collect();
        assert!(queries.len() >= 2, "{queries:?}");
        for at in &refs {
            assert!(
                queries.iter().all(|jql| !jql.contains(&at.id.id) && !jql.contains(&format!("{} ", at.key))),
                "{queries:?}"
            );
        }
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
