//! What a search of a place for our markers showed is remembered: the next create asks only for what came after it.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::{
    former_accounts::rotate,
    rig::Rig,
    trouble::{
        GITHUB, PARTIAL, assert_one_each, creates, events, intents, register, report, shell, stage,
        sync_until,
    },
};

/// What the lists of issues that were searched for markers were asked for.
fn searches(rig: &Rig) -> Vec<String> {
    let is_search = |entry: &&Value| {
        let path = entry["path"].as_str().unwrap().split('?').next().unwrap();
        entry["method"] == "GET" && path.ends_with("/issues") && entry.to_string().contains("sort=updated")
    };
    let log = rig.log();
    let asked = log.iter().filter(is_search).map(|entry| format!("{}?{}", entry["path"], entry["query"]));
    asked.collect()
}

/// Takes in one more document of one finding; what is searched because of it.
fn searched_for(rig: &Rig, n: usize) -> Vec<String> {
    rig.forget();
    report(rig, GITHUB, n, 1);
    rig.sync().exits(0);
    assert_one_each(rig, GITHUB, n, 1);
    searches(rig)
}

#[track_caller]
fn assert_bounded(searches: &[String]) {
    assert_eq!(searches.len(), 1, "{searches:?}");
    assert!(searches[0].contains("since=") && !searches[0].contains("creator="), "{searches:?}");
}

#[track_caller]
fn assert_whole(searches: &[String]) {
    assert!(searches.iter().all(|search| !search.contains("since=")), "{searches:?}");
    assert!(searches.iter().any(|search| search.contains("creator=")), "{searches:?}");
}

/// A place in which three issues are, and are known.
fn known() -> Rig {
    let rig = stage();
    report(&rig, GITHUB, 1, 3);
    rig.sync().exits(0);
    assert_whole(&searches(&rig));
    rig
}

#[test]
fn a_second_create_in_a_place_asks_once_for_what_came_after_the_first_search() {
    let rig = known();
    assert_bounded(&searched_for(&rig, 2));
    assert_bounded(&searched_for(&rig, 3));
    assert_one_each(&rig, GITHUB, 1, 3);
    let register = register(&rig);
    assert_eq!(register.watermarks.len(), 1, "Jira knows a marker by itself: {:?}", register.watermarks);
    rig.quiet_sync(0);
}

#[test]
fn a_register_that_is_put_back_searches_everything_again() {
    let rig = known();
    rig.run(&["store", "backup", "copy.db"]).exits(0);
    assert_bounded(&searched_for(&rig, 2));
    rig.run(&["store", "restore", "copy.db"]).exits(0);
    assert_whole(&searched_for(&rig, 3));
    assert_one_each(&rig, GITHUB, 2, 1);
    assert_bounded(&searched_for(&rig, 4));
    assert!(creates(&rig).values().all(|n| *n == 1), "{:?}", creates(&rig));
}

#[test]
fn another_account_searches_everything_again() {
    let rig = known();
    rotate(&rig);
    assert_whole(&searched_for(&rig, 2));
    assert_bounded(&searched_for(&rig, 3));
    assert_one_each(&rig, GITHUB, 1, 3);
}

#[test]
fn another_label_of_ours_searches_everything_again() {
    let rig = known();
    rig.edit("postmortem-sync.yaml", "settle: 1s", "settle: 1s\nlabel: another-label");
    assert_whole(&searched_for(&rig, 2));
    assert_bounded(&searched_for(&rig, 3));
}

#[test]
fn a_place_that_was_out_of_sight_is_searched_as_a_whole_again() {
    let rig = known();
    let right = |right: &str| {
        rig.control(
            "POST",
            "/act",
            &json!({"as": "ana", "tracker": "github", "repo": "acme/payments",
            "do": "set_permission", "login": "acme-bot", "permission": right}),
        );
    };
    right("none");
    rig.sync();
    assert_eq!(register(&rig).watermarks, []);
    right("push");
    rig.sync().exits(0);
    assert_whole(&searched_for(&rig, 2));
    assert_bounded(&searched_for(&rig, 3));
}

#[test]
fn what_a_lost_answer_left_behind_is_found_after_the_watermark() {
    let rig = known();
    rig.forget();
    report(&rig, GITHUB, 2, 2);
    rig.fault(&json!({"tracker": "github", "method": "POST", "path": GITHUB.create, "body": "gap 2-1",
        "action": "drop_after"}));
    rig.sync().exits(PARTIAL);
    assert_eq!(intents(&rig), ["PM-2/F1"]);
    // One that was never sent is looked for in the same search.
    report(&rig, GITHUB, 3, 1);
    sync_until(&rig, 0);
    assert_one_each(&rig, GITHUB, 2, 2);
    assert_one_each(&rig, GITHUB, 3, 1);
    assert_eq!(events(&rig, "issue_recovered"), 1);
    assert!(searches(&rig).iter().all(|search| search.contains("since=")), "{:?}", searches(&rig));
    assert!(creates(&rig).values().all(|n| *n == 1), "{:?}", creates(&rig));
}

#[test]
fn an_issue_from_before_the_watermark_is_adopted_and_one_that_is_gone_is_made_again() {
    let rig = known();
    let rebind = || {
        rig.run(&["link", "rebind", "PM-1/F1", "--reason", "look again", "--as", "eli"]).exits(0);
        // Whatever was made until now was made before.
        let now: DateTime<Utc> = rig.state()["now"].as_str().unwrap().parse().unwrap();
        let now = now.to_rfc3339_opts(SecondsFormat::Secs, true);
        shell(&rig, &format!("UPDATE watermark SET data = json_set(data, '$.until', '{now}')"));
        rig.forget();
    };
    let key = |rig: &Rig| super::trouble::issue(rig, GITHUB, 1, 1)["key"].as_str().unwrap().to_owned();
    let first = key(&rig);
    rebind();
    rig.sync().exits(0);
    assert_bounded(&searches(&rig));
    assert_eq!((key(&rig), creates(&rig).len()), (first.clone(), 0));
    rig.act("ana", &first, json!({"do": "delete"}));
    rebind();
    rig.sync().exits(0);
    assert!(searches(&rig).iter().any(|search| search.contains("creator=")), "{:?}", searches(&rig));
    assert_ne!(key(&rig), first);
    assert_one_each(&rig, GITHUB, 1, 3);
}
