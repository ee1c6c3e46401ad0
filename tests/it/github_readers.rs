//! Who can read several repositories, over real HTTP: one question, and the same answers as one by one.

use postmortem_sync::{
    model::{ids::PlaceName, issue::Visibility},
    tracker::{TrackerError, TrackerRead as _},
};
use serde_json::json;

use super::{
    github_rig::{act, client, fault, log},
    support::sandbox,
};

fn places(names: &[&str]) -> Vec<PlaceName> {
    names.iter().map(|name| PlaceName::new(*name)).collect()
}

#[tokio::test]
async fn one_question_tells_the_same_as_one_for_each() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    let all = places(&["acme/payments", "acme/platform", "acme/website", "acme/nowhere"]);
    github.whoami().await.unwrap();
    trackers.sandbox.world().clear_log();
    let told = github.readers(&all).await;
    assert_eq!(
        log(&trackers).len(),
        2,
        "one question, and one about what it did not tell: {:?}",
        log(&trackers)
    );
    for (place, told) in all.iter().zip(&told) {
        match (told, github.place(place).await) {
            (Ok(told), Ok(alone)) => {
                assert_eq!(
                    (&told.id, told.visibility, &told.name),
                    (&alone.id, alone.visibility, &alone.name)
                );
                assert_eq!((&told.closed, told.digest()), (&alone.closed, alone.digest()));
            }
            (Err(TrackerError::NotFound { .. }), Err(TrackerError::NotFound { .. })) => {}
            (told, alone) => panic!("{place}: {told:?} and {alone:?}"),
        }
    }
    act(&trackers, json!({"repo": "acme/platform", "do": "set_visibility", "private": false}));
    let told = github.readers(&all[..2]).await;
    let seen: Vec<Visibility> = told.into_iter().map(|facts| facts.unwrap().visibility).collect();
    assert_eq!(seen, [Visibility::Private, Visibility::Public], "as it is now");
}

#[tokio::test]
async fn where_the_question_fails_each_is_asked_alone() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    fault(
        &trackers,
        json!({"tracker": "github", "path": "/graphql", "times": 5, "action": {"status": {"status": 502}}}),
    );
    let told = github.readers(&places(&["acme/payments", "acme/website"])).await;
    let seen: Vec<Visibility> = told.into_iter().map(|facts| facts.unwrap().visibility).collect();
    assert_eq!(seen, [Visibility::Private, Visibility::Public]);
}
