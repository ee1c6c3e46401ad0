//! Places that come and go: lost from sight, archived, renamed, given up. Losing sight of a place is not losing its issues.

use postmortem_sync::model::link::End;
use serde_json::{Value, json};

use super::{
    rig::Rig,
    trouble::{
        CLOUD, DATA_CENTER, GITHUB, HELD, PARTIAL, Place, assert_one_each, creates, events, heal, issue,
        notes, register, report, shell, stage, title,
    },
};

/// The repository or project that a place's findings go to, as a deed names it.
fn subject(place: Place) -> Value {
    match place.name {
        "github" => json!({"tracker": "github", "repo": "acme/payments"}),
        "jira" => json!({"tracker": "jira", "project": "PLAT"}),
        _ => json!({"tracker": "jira_dc", "project": "OPS"}),
    }
}

/// Somebody does something to a place.
fn act(rig: &Rig, place: Place, deed: Value) {
    let mut act = json!({"as": "ana"});
    act.as_object_mut().unwrap().extend(subject(place).as_object().unwrap().clone());
    act.as_object_mut().unwrap().extend(deed.as_object().unwrap().clone());
    rig.control("POST", "/act", &act);
}

/// What gives our account a right in a place, or takes it.
fn right(place: Place, right: &str) -> Value {
    match place.name {
        "github" => json!({"do": "set_permission", "login": "acme-bot", "permission": right}),
        _ => json!({"do": "set_access", "login": "acme-bot", "access": right}),
    }
}

/// Right to write in a place, by the tracker's own word.
fn write(place: Place) -> Value {
    right(place, if place.name == "github" { "push" } else { "write" })
}

/// Lets a day pass for what is counted of absences, of places out of sight and of lost issues.
fn a_day_later(rig: &Rig) {
    shell(
        rig,
        "UPDATE link SET observed = json_replace(observed, '$.absence.first', '2026-01-01T00:00:00Z', \
         '$.absence.last', '2026-01-02T00:00:00Z')",
    );
    shell(rig, "UPDATE sight SET data = json_replace(data, '$.unseen.since', '2026-01-01T00:00:00Z')");
}

/// Notes about a place itself.
fn of_place(outcome: &Value, kind: &str) -> Vec<String> {
    let notes = outcome["notes"].as_array().unwrap().iter();
    let notes = notes.filter(|note| note["kind"] == kind && note["finding"].is_null());
    notes.map(|note| note["why"].as_str().unwrap().to_owned()).collect()
}

fn links(rig: &Rig) -> usize {
    register(rig).links.len()
}

#[test]
fn an_account_that_cannot_see_a_place_for_a_day_loses_no_link_there() {
    for place in [GITHUB, CLOUD, DATA_CENTER] {
        let rig = stage();
        report(&rig, place, 1, 12);
        rig.sync().exits(0);
        act(&rig, place, right(place, "none"));
        for _ in 0..4 {
            rig.forget();
            let outcome = rig.sync().exits(PARTIAL).json();
            let told = of_place(&outcome, "unreachable");
            assert!(told.len() == 1 && told[0].contains("12 linked"), "{}: {told:?}", place.name);
            let of_links = outcome["notes"].as_array().unwrap().iter();
            assert_eq!(
                of_links.filter(|note| !note["issue"].is_null()).count(),
                0,
                "said once for the place"
            );
            assert_eq!((links(&rig), rig.writes()), (12, Vec::new()), "{}", place.name);
            a_day_later(&rig);
        }
        assert!(register(&rig).links.iter().all(|link| link.absence.is_none()), "nothing was counted");
        act(&rig, place, write(place));
        rig.edit("postmortems/pm-1.yaml", "F3, title", "F3, owner: ana, title");
        rig.sync().exits(0);
        let assigned = issue(&rig, place, 1, 3);
        let who = if place.name == "github" { &assigned["assignees"][0] } else { &assigned["assignee"] };
        assert!(who.to_string().contains("ana"), "it goes on as before: {assigned}");
        assert_eq!((links(&rig), events(&rig, "link_broken")), (12, 0));
        rig.quiet_sync(0);
    }
}

#[test]
fn an_issue_that_is_deleted_while_its_place_is_seen_is_given_up_after_a_day() {
    for place in [GITHUB, CLOUD] {
        let rig = stage();
        report(&rig, place, 1, 2);
        rig.sync().exits(0);
        let key = issue(&rig, place, 1, 1)["key"].as_str().unwrap().to_owned();
        rig.act("ana", &key, json!({"do": "delete"}));
        for _ in 0..2 {
            let outcome = rig.sync().exits(HELD).json();
            assert_eq!(notes(&outcome, "quarantined", place).len(), 1, "{outcome}");
            assert_eq!(links(&rig), 2);
            a_day_later(&rig);
        }
        rig.sync().exits(HELD);
        let register = register(&rig);
        assert_eq!((register.links.len(), events(&rig, "link_broken")), (1, 1));
        assert_eq!(register.tombstones[0].end(), End::Lost);
        assert!(register.tombstones[0].link.is_some(), "what was agreed is kept");
        assert_eq!(rig.issues().len(), 1, "nothing is created instead");
    }
}

#[test]
fn a_time_out_of_sight_does_not_count_as_a_time_without_the_issue() {
    let rig = stage();
    report(&rig, GITHUB, 1, 2);
    rig.sync().exits(0);
    let key = issue(&rig, GITHUB, 1, 1)["key"].as_str().unwrap().to_owned();
    rig.act("ana", &key, json!({"do": "delete"}));
    for _ in 0..2 {
        rig.sync().exits(HELD);
        a_day_later(&rig);
    }
    act(&rig, GITHUB, right(GITHUB, "none"));
    rig.sync().exits(PARTIAL);
    a_day_later(&rig);
    act(&rig, GITHUB, write(GITHUB));
    rig.sync().exits(HELD);
    assert_eq!(links(&rig), 2, "one look since it is back");
    let reads: Vec<u32> =
        register(&rig).links.iter().filter_map(|link| Some(link.absence.as_ref()?.reads)).collect();
    assert_eq!(reads, [1], "counting begins anew");
}

#[test]
fn no_more_than_a_few_links_end_within_a_day_without_a_person() {
    let rig = stage();
    report(&rig, GITHUB, 1, 8);
    rig.sync().exits(0);
    let delete = |at: usize| {
        let key = issue(&rig, GITHUB, 1, at)["key"].as_str().unwrap().to_owned();
        rig.act("ana", &key, json!({"do": "delete"}));
    };
    let days = || {
        for _ in 0..2 {
            rig.sync().exits(HELD);
            a_day_later(&rig);
        }
        rig.sync().exits(HELD).json()
    };
    (1..=4).for_each(delete);
    days();
    assert_eq!(links(&rig), 4, "a few are nothing unusual");
    (5..=6).for_each(delete);
    let outcome = days();
    assert_eq!(links(&rig), 4, "six of eight are");
    let told = notes(&outcome, "held", GITHUB);
    assert!(told.iter().any(|why| why.contains("6 of 8 links on github would have ended")), "{told:?}");
    rig.run(&["place", "retire", "github:acme/payments", "--reason", "gone", "--as", "eli"]).exits(0);
    assert_eq!(links(&rig), 0, "a person may");
}

#[test]
fn a_lost_issue_that_is_found_again_goes_on_with_what_was_agreed() {
    let place = DATA_CENTER;
    let rig = stage();
    report(&rig, place, 1, 2);
    rig.edit("postmortems/pm-1.yaml", "F1, title", "F1, owner: ana, title");
    rig.sync().exits(0);
    let lost = issue(&rig, place, 1, 1);
    let id = lost["id"].as_str().map_or_else(|| lost["id"].to_string(), str::to_owned);
    let nobody = json!({"status": {"status": 404, "body": {"errorMessages": ["Issue Does Not Exist"]}}});
    let path = format!("/rest/api/2/issue/{id}");
    rig.fault(
        &json!({"tracker": place.tracker, "method": "GET", "path": path, "times": null, "action": nobody}),
    );
    for _ in 0..2 {
        rig.sync().exits(HELD);
        a_day_later(&rig);
    }
    rig.sync().exits(HELD);
    assert_eq!(links(&rig), 1);
    heal(&rig);
    let held = rig.sync().exits(HELD).json();
    assert!(notes(&held, "held", place)[0].contains("it is looked for daily until"), "{held}");
    assert_eq!(links(&rig), 1, "it is looked for once a day");
    rig.act("ana", lost["key"].as_str().unwrap(), json!({"do": "assign", "assignee": "bo"}));
    rig.run(&["link", "retry", "PM-1/F1", "--as", "eli"]).exits(0);
    rig.sync().exits(0);
    assert_eq!((links(&rig), register(&rig).tombstones.len(), events(&rig, "link_restored")), (2, 0, 1));
    let finding = rig.json(&["finding", "show", "PM-1/F1"]);
    assert_eq!(finding["finding"]["owner"], json!({"person": "bo"}), "{finding}");
    assert_eq!(events(&rig, "conflict"), 0, "the tracker alone has moved since they agreed");
    rig.quiet_sync(0);
}

#[test]
fn a_link_that_a_person_ended_is_never_looked_for() {
    let rig = stage();
    report(&rig, GITHUB, 1, 1);
    rig.sync().exits(0);
    let key = issue(&rig, GITHUB, 1, 1)["key"].as_str().unwrap().to_owned();
    rig.run(&["link", "detach", "PM-1/F1", &key, "--reason", "not this one", "--as", "eli"]).exits(0);
    rig.run(&["link", "retry", "PM-1/F1", "--as", "eli"]).exits(0);
    rig.quiet_sync(HELD);
    assert_eq!(links(&rig), 0);
}

#[test]
fn a_place_that_takes_no_changes_is_sent_none_and_goes_on_when_it_takes_them_again() {
    let no_issues = json!({"do": "set_has_issues", "enabled": false});
    let issues = json!({"do": "set_has_issues", "enabled": true});
    for (place, off, on) in [
        (GITHUB, json!({"do": "archive"}), json!({"do": "unarchive"})),
        (GITHUB, right(GITHUB, "read"), write(GITHUB)),
        (GITHUB, no_issues, issues),
        (CLOUD, json!({"do": "archive"}), json!({"do": "unarchive"})),
        (DATA_CENTER, right(DATA_CENTER, "browse"), write(DATA_CENTER)),
    ] {
        let rig = stage();
        report(&rig, place, 1, 2);
        rig.sync().exits(0);
        act(&rig, place, off.clone());
        rig.edit("postmortems/pm-1.yaml", "F1, title", "F1, owner: ana, title");
        rig.edit("postmortems/pm-1.yaml", "F2, title", "F2, owner: bo, title");
        for _ in 0..2 {
            let outcome = rig.quiet_sync(HELD).json();
            let told = of_place(&outcome, "held");
            assert!(told.len() == 1 && told[0].contains("takes no changes"), "{off}: {outcome}");
            assert!(told[0].contains("2 changes wait"), "{told:?}");
        }
        act(&rig, place, on);
        rig.forget();
        rig.sync().exits(0);
        assert!(!rig.writes().is_empty(), "{off}: what was owed is written at once");
        let assigned = issue(&rig, place, 1, 1);
        assert!(assigned.to_string().contains("ana"), "{assigned}");
        rig.quiet_sync(0);
    }
}

#[test]
fn a_place_that_is_closed_between_plan_and_write_is_asked_once_and_blames_no_issue() {
    let rig = stage();
    report(&rig, GITHUB, 1, 3);
    rig.sync().exits(0);
    for at in 1..=3 {
        rig.edit("postmortems/pm-1.yaml", &format!("F{at}, title"), &format!("F{at}, owner: ana, title"));
    }
    let archive = json!({"as": "ana", "tracker": "github", "repo": "acme/payments", "do": "archive"});
    rig.fault(&json!({"tracker": "github", "method": "POST", "path": "/assignees",
        "action": {"meanwhile": {"acts": [archive]}}}));
    rig.forget();
    let outcome = rig.sync().json();
    assert_eq!(rig.writes().len(), 1, "the first is refused, the others are not sent: {:?}", rig.writes());
    assert!(of_place(&outcome, "held").iter().any(|why| why.contains("archived")), "{outcome}");
    act(&rig, GITHUB, json!({"do": "unarchive"}));
    rig.sync().exits(0);
    for at in 1..=3 {
        assert!(issue(&rig, GITHUB, 1, at)["assignees"].to_string().contains("ana"));
    }
}

/// A stage whose first issue was refused its owner by a place that says nothing else about it.
fn refused() -> Rig {
    let rig = stage();
    report(&rig, GITHUB, 1, 1);
    rig.sync().exits(0);
    rig.edit("postmortems/pm-1.yaml", "F1, title", "F1, owner: ana, title");
    let no = json!({"status": {"status": 403, "body": {"message": "Resource not accessible"}}});
    rig.fault(&json!({"tracker": "github", "method": "POST", "path": "/assignees", "action": no}));
    rig.sync();
    let refused = rig.quiet_sync(PARTIAL).json();
    assert!(notes(&refused, "refused", GITHUB)[0].contains("unless its place changes"), "{refused}");
    rig
}

#[test]
fn a_refusal_ends_with_the_facts_of_the_place_that_it_was_met_under() {
    let rig = refused();
    act(&rig, GITHUB, right(GITHUB, "maintain"));
    rig.sync().exits(0);
    assert!(issue(&rig, GITHUB, 1, 1)["assignees"].to_string().contains("ana"), "tried at once");
}

#[test]
fn a_person_can_say_that_what_was_refused_may_work_now() {
    for what in [&["PM-1/F1"][..], &["--place", "github:acme/payments"]] {
        let rig = refused();
        let told = rig.run(&[&["link", "retry"], what, &["--as", "eli"]].concat()).exits(0);
        assert!(told.stdout.contains("1 refusal forgotten"), "{}", told.stdout);
        rig.sync().exits(0);
        assert!(issue(&rig, GITHUB, 1, 1)["assignees"].to_string().contains("ana"), "tried at once");
        assert_eq!(events(&rig, "retry_asked"), 1);
    }
    let rig = stage();
    rig.run(&["link", "retry", "--place", "acme/payments", "--as", "eli"]).exits(2);
    rig.run(&["link", "retry", "--place", "gitlab:x", "--as", "eli"]).exits(2);
    rig.run(&["link", "retry", "--as", "eli"]).exits(2);
}

#[test]
fn a_create_that_the_place_refuses_is_no_failure_of_the_finding() {
    let rig = stage();
    report(&rig, GITHUB, 1, 1);
    let archive = json!({"as": "ana", "tracker": "github", "repo": "acme/payments", "do": "archive"});
    rig.fault(
        &json!({"tracker": "github", "method": "POST", "path": GITHUB.create, "body": title(GITHUB, 1, 1),
        "action": {"meanwhile": {"acts": [archive]}}}),
    );
    let outcome = rig.sync().exits(HELD).json();
    assert!(
        notes(&outcome, "held", GITHUB)[0].contains("takes no issues: the repository is archived"),
        "{outcome}"
    );
    assert!(register(&rig).findings.values().all(|finding| finding.failed_creates.is_none()));
    act(&rig, GITHUB, json!({"do": "unarchive"}));
    rig.sync().exits(0);
    assert_one_each(&rig, GITHUB, 1, 1);
}

#[test]
fn a_renamed_repository_is_the_same_and_everything_goes_on_there() {
    let rig = stage();
    let second = "  - { name: more, when: { team: more }, create: { tracker: github, repository: acme/platform, max_tlp: AMBER } }";
    rig.edit("postmortem-sync.yaml", "rules:", &format!("rules:\n{second}"));
    report(&rig, GITHUB, 1, 1);
    report(&rig, Place { team: "more", ..GITHUB }, 3, 1);
    rig.sync().exits(0);
    act(&rig, GITHUB, json!({"do": "rename", "to": "acme/billing"}));
    report(&rig, GITHUB, 2, 1);
    rig.edit("postmortems/pm-1.yaml", "F1, title", "F1, owner: ana, title");
    for _ in 0..2 {
        let outcome = rig.sync().exits(0).json();
        let told = of_place(&outcome, "renamed");
        assert!(told.len() == 1 && told[0].contains("acme/payments is called acme/billing now"), "{outcome}");
    }
    assert_eq!(issue(&rig, GITHUB, 2, 1)["place"], "acme/billing", "created under its new name");
    assert!(issue(&rig, GITHUB, 1, 1)["assignees"].to_string().contains("ana"));
    let moved = issue(&rig, Place { team: "more", ..GITHUB }, 3, 1);
    rig.act("ana", moved["key"].as_str().unwrap(), json!({"do": "transfer", "to": "acme/billing"}));
    rig.sync().exits(0);
    assert_eq!(events(&rig, "link_followed"), 1, "the rules send findings there, whatever it is called");
    rig.quiet_sync(0);
    let told = rig.run(&["explain", "PM-2/F1"]).exits(0).stdout;
    assert!(told.contains("acme/payments is called acme/billing now"), "{told}");
    let told = rig.run(&["check", "--online"]).stdout;
    assert!(told.contains("it is called acme/billing now"), "{told}");
    rig.edit("postmortem-sync.yaml", "repository: acme/payments", "repository: acme/billing");
    rig.run(&["approve", "--as", "eli"]).exits(0);
    report(&rig, GITHUB, 4, 1);
    let outcome = rig.sync().exits(0).json();
    assert_eq!(of_place(&outcome, "renamed"), Vec::<String>::new());
    assert_one_each(&rig, GITHUB, 4, 1);
}

#[test]
fn a_project_whose_key_changed_is_the_same_and_everything_goes_on_there() {
    for place in [CLOUD, DATA_CENTER] {
        let rig = stage();
        report(&rig, place, 1, 1);
        rig.sync().exits(0);
        act(&rig, place, json!({"do": "rename", "to": "CORE"}));
        report(&rig, place, 2, 1);
        rig.edit("postmortems/pm-1.yaml", "F1, title", "F1, owner: ana, title");
        let outcome = rig.sync().exits(0).json();
        let told = of_place(&outcome, "renamed");
        assert!(told.len() == 1 && told[0].contains("is called CORE now"), "{outcome}");
        assert_eq!(issue(&rig, place, 2, 1)["place"], "CORE");
        assert!(issue(&rig, place, 1, 1)["assignee"].to_string().contains("ana"));
        rig.quiet_sync(0);
    }
}

#[test]
fn a_name_that_never_was_used_and_leads_elsewhere_takes_nothing() {
    let rig = stage();
    act(&rig, GITHUB, json!({"do": "rename", "to": "acme/billing"}));
    report(&rig, GITHUB, 1, 1);
    for _ in 0..2 {
        let outcome = rig.sync().exits(HELD).json();
        let told = notes(&outcome, "held", GITHUB);
        assert!(told.iter().any(|why| why.contains("is called acme/billing now")), "{outcome}");
        assert_eq!(rig.issues().len(), 0);
    }
}

#[test]
fn a_repository_that_turns_public_between_two_creates_gets_nothing_more() {
    let rig = stage();
    report(&rig, GITHUB, 1, 6);
    let publish = json!({"as": "ana", "tracker": "github", "repo": "acme/payments",
        "do": "set_visibility", "private": false});
    rig.fault(&json!({"tracker": "github", "method": "POST", "path": GITHUB.create, "skip": 1,
        "action": {"meanwhile": {"acts": [publish]}}}));
    let outcome = rig.sync().exits(HELD).json();
    assert_eq!(rig.issues().len(), 2, "the one under way was the last");
    assert_eq!(creates(&rig).len(), 2, "nothing more was sent");
    assert_eq!(notes(&outcome, "held", GITHUB).len(), 4, "{outcome}");
}

#[test]
fn each_create_has_one_proof_of_its_own_and_costs_no_more_reads_than_that() {
    for (place, path, n_reads, each) in [
        (GITHUB, "/repos/acme/payments", 1, 2),
        // The project as a visitor sees it; then the create, which is read back.
        (CLOUD, "/rest/api/3/project/", 1, 3),
    ] {
        let spent = |n_findings: usize| {
            let rig = stage();
            report(&rig, place, 1, n_findings);
            rig.sync().exits(0);
            let log = rig.log();
            let creates: Vec<usize> = log
                .iter()
                .enumerate()
                .filter(|(_, entry)| {
                    entry["method"] == "POST" && entry["path"].as_str().unwrap().ends_with(place.create)
                })
                .map(|(n, _)| n)
                .collect();
            let is_proof = |entry: &&Value| {
                let asked = entry["path"].as_str().unwrap();
                entry["method"] == "GET"
                    && (asked == path || place.name != "github" && asked.starts_with(path))
            };
            assert_eq!(creates.len(), n_findings);
            for pair in creates.windows(2) {
                let between = log[pair[0] + 1..pair[1]].iter().filter(is_proof).count();
                assert_eq!(between, n_reads, "{}: one proof before each create", place.name);
            }
            log.len()
        };
        assert_eq!(spent(9) - spent(3), 6 * each, "{}: requests for each create", place.name);
    }
}

#[test]
fn what_did_not_change_is_proven_by_an_answer_without_a_body() {
    let rig = stage();
    report(&rig, GITHUB, 1, 5);
    rig.sync().exits(0);
    let log = rig.log();
    let proofs =
        log.iter().filter(|entry| entry["method"] == "GET" && entry["path"] == "/repos/acme/payments");
    let statuses: Vec<u64> = proofs.map(|entry| entry["status"].as_u64().unwrap()).collect();
    // Looked at twice before the first: what it is, and what this account wrote there before the register knew it. Each
    // create changes how many issues are open, which the answer shows.
    assert_eq!(statuses, [200, 304, 304, 200, 200, 200, 200]);
}

#[test]
fn a_place_that_is_gone_for_good_is_retired_by_a_reviewer() {
    let rig = stage();
    report(&rig, GITHUB, 1, 2);
    report(&rig, CLOUD, 2, 1);
    rig.sync().exits(0);
    act(&rig, GITHUB, right(GITHUB, "none"));
    rig.sync().exits(PARTIAL);
    let told = rig.run(&["place", "list"]).exits(0).stdout;
    assert!(told.contains("github:acme/payments") && told.contains("out of sight since"), "{told}");
    let retire = |place: &str, by: &str| rig.run(&["place", "retire", place, "--reason", "sold", "--as", by]);
    retire("github:acme/payments", "ana").exits(6);
    retire("github:acme/nothing", "eli").exits(2);
    retire("gitlab:acme/payments", "eli").exits(2);
    assert_eq!(links(&rig), 3, "nothing of that is done");
    rig.forget();
    retire("github:acme/payments", "eli").exits(0);
    assert_eq!(rig.counts()["total"], 0, "no tracker is asked");
    let register = register(&rig);
    assert_eq!((register.links.len(), register.tombstones.len()), (1, 2));
    assert!(register.tombstones.iter().all(|stone| stone.end() == End::Detached));
    assert_eq!((events(&rig, "place_retired"), events(&rig, "link_detached")), (1, 2));
    act(&rig, GITHUB, write(GITHUB));
    let outcome = rig.quiet_sync(HELD).json();
    assert_eq!(notes(&outcome, "held", GITHUB).len(), 2, "they wait for `link rebind`: {outcome}");
    assert_eq!(of_place(&outcome, "unreachable"), Vec::<String>::new());
    rig.run(&["link", "rebind", "PM-1/F1", "--reason", "anew", "--as", "eli"]).exits(0);
    rig.sync().exits(HELD);
    assert_eq!(links(&rig), 2);
}
