//! What a credential may still send, counted over all processes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use postmortem_sync::{
    model::spent::{Spent, Use},
    net::{
        allowance::{MATTERS, Usage, credential},
        pace::{Allowances, Lane, Pace},
    },
    tracker::TrackerError,
};
use serde_json::{Value, json};

use super::{
    build::now,
    github_rig::Hand,
    rig::Rig,
    trouble::{self, CLOUD, GITHUB, assert_one_each, creates, heal, register, report, shell},
};

const FEW: Allowances = Allowances {
    reads_per_minute: 100,
    writes_per_minute: 10,
    creates_per_minute: 6,
    creates_per_hour: Some(8),
};

fn seconds(seconds: i64) -> DateTime<Utc> {
    now() + TimeDelta::seconds(seconds)
}

fn usage(rows: &[(Use, i64, u32)]) -> Usage {
    let mut usage = Usage::default();
    rows.iter().for_each(|(kind, at, n)| usage.add(*kind, seconds(*at), *n));
    usage
}

/// After how many seconds one more may be sent at `at`; none when it may be sent at once.
fn opens(usage: &Usage, lane: Lane, at: i64) -> Option<i64> {
    usage.full(lane, &FEW, seconds(at)).map(|full| (full.until - now()).num_seconds())
}

#[test]
fn a_ceiling_counts_what_was_sent_within_its_time() {
    let spent = usage(&[(Use::Create, 0, 5)]);
    assert_eq!(opens(&spent, Lane::Create, 1), None);
    let spent = usage(&[(Use::Create, 0, 2), (Use::Create, 10, 4)]);
    assert_eq!(opens(&spent, Lane::Create, 11), Some(60));
    assert_eq!(opens(&spent, Lane::Create, 59), Some(60));
    assert_eq!(opens(&spent, Lane::Create, 60), None);
    assert_eq!(opens(&spent, Lane::Write, 11), None, "ten writes a minute");
    let spent = usage(&[(Use::Create, 0, 4), (Use::Write, 20, 6)]);
    assert_eq!(opens(&spent, Lane::Write, 21), Some(60));
    assert_eq!(opens(&spent, Lane::Create, 21), Some(60), "a create is a write");
    assert_eq!(opens(&spent, Lane::Read, 21), None);
    let spent = usage(&[(Use::Write, 0, 12)]);
    assert_eq!(
        opens(&spent, Lane::Write, 1),
        Some(60),
        "more than the ceiling was sent before it was lowered"
    );
}

#[test]
fn what_no_other_followed_may_be_on_its_way_for_five_seconds() {
    let spent = usage(&[(Use::Create, 0, 6)]);
    assert_eq!(opens(&spent, Lane::Create, 10), Some(60), "the first of them was answered before the next");
    let spent = usage(&[(Use::Create, 0, 1), (Use::Create, 30, 5)]);
    assert_eq!(opens(&spent, Lane::Create, 31), Some(65));
    let spent = usage(&[(Use::Create, 0, 1), (Use::Create, 2, 5)]);
    assert_eq!(opens(&spent, Lane::Create, 31), Some(62), "answered when the next was sent");
}

#[test]
fn what_was_answered_late_counts_once_more_when_it_was() {
    let hand = Hand::at(now());
    let pace = Pace::new(FEW, hand.clone()).of("c0ffee");
    let counts = |pace: &Pace| pace.unrecorded().iter().map(|spent| spent.n).sum::<u32>();
    for (way, counted) in [(1, 1), (5, 2), (30, 4)] {
        assert_eq!(pace.admit(Lane::Create), Ok(()));
        hand.advance(TimeDelta::seconds(way));
        pace.answered();
        assert_eq!(counts(&pace), counted, "after {way} s");
    }
    pace.answered();
    assert_eq!(counts(&pace), 4, "of a read, nothing is counted");
}

#[test]
fn what_was_answered_at_once_leaves_when_it_was_sent() {
    let hand = Hand::at(now());
    let pace = Pace::new(FEW, hand.clone()).of("c0ffee");
    for _ in 0..6 {
        hand.advance(TimeDelta::milliseconds(100));
        assert_eq!(pace.admit(Lane::Create), Ok(()));
        pace.answered();
    }
    pace.spending_recorded(&pace.unrecorded());
    let opens = |pace: &Pace| match pace.admit(Lane::Create) {
        Err(TrackerError::RateLimited { until, .. }) => until - now(),
        admitted => panic!("{admitted:?}"),
    };
    assert_eq!(opens(&pace), TimeDelta::seconds(61));
    hand.advance(TimeDelta::seconds(61));
    let sent = std::iter::repeat_with(|| pace.admit(Lane::Create)).take_while(Result::is_ok).count();
    assert_eq!(sent, 2, "eight an hour; of the six, none is still on its way");
}

#[test]
fn what_was_counted_in_a_cycle_long_ago_is_counted_again_when_it_is_sent() {
    let hand = Hand::at(now());
    let pace = Pace::new(FEW, hand.clone()).of("c0ffee");
    assert_eq!(pace.reserve(Lane::Create), Ok(()));
    hand.advance(TimeDelta::seconds(300));
    assert_eq!(pace.reserve(Lane::Create), Ok(()));
    assert_eq!(pace.unrecorded().iter().map(|spent| spent.n).sum::<u32>(), 2);
}

#[test]
fn the_hour_counts_as_well_as_the_minute() {
    let spent = usage(&[(Use::Create, 0, 5), (Use::Create, 600, 3)]);
    assert_eq!(opens(&spent, Lane::Create, 700), Some(3600));
    assert_eq!(opens(&spent, Lane::Write, 700), None);
    assert_eq!(opens(&spent, Lane::Create, 3600), None);
}

#[test]
fn a_refusal_halves_every_ceiling_for_an_hour() {
    let spent = usage(&[(Use::Refused, 0, 1), (Use::Create, 100, 3)]);
    assert_eq!(opens(&spent, Lane::Create, 101), Some(160));
    let full = spent.full(Lane::Create, &FEW, seconds(101)).unwrap();
    assert!(full.why.contains("3 creates a minute, half of what is usual since it refused"), "{}", full.why);
    let spent = usage(&[(Use::Refused, 0, 1), (Use::Create, 3599, 3)]);
    assert_eq!(opens(&spent, Lane::Create, 3600), None, "the hour is over");
    let none = Allowances { writes_per_minute: 1, creates_per_minute: 1, ..FEW };
    assert_eq!(
        usage(&[(Use::Refused, 0, 1)]).full(Lane::Create, &none, seconds(1)),
        None,
        "one is always left"
    );
}

#[test]
fn what_a_clock_that_was_ahead_counted_holds_nothing_up_for_long() {
    let spent = usage(&[(Use::Create, 20 * 86_400, 8), (Use::Refused, 20 * 86_400, 1)]);
    assert_eq!(opens(&spent, Lane::Create, 0), None);
}

#[test]
fn processes_that_hand_their_counts_on_send_no_more_than_one() {
    let hand = Hand::at(now());
    let (mut held, mut sent) = (Vec::<Spent>::new(), 0);
    for _ in 0..5 {
        // A process begins, sends what it may, and dies after it recorded its intents.
        let pace = Pace::new(FEW, hand.clone()).of("c0ffee");
        pace.recall(&held);
        while pace.reserve(Lane::Create).is_ok() {
            let intent = pace.unrecorded();
            pace.spending_recorded(&intent);
            held.extend(intent);
            assert_eq!(pace.admit(Lane::Create), Ok(()), "what was counted may be sent");
            sent += 1;
        }
        assert!(matches!(pace.admit(Lane::Create), Err(TrackerError::RateLimited { .. })));
    }
    assert_eq!(sent, 6);
    hand.advance(TimeDelta::seconds(70));
    let pace = Pace::new(FEW, hand.clone()).of("c0ffee");
    pace.recall(&held);
    let more = std::iter::repeat_with(|| pace.reserve(Lane::Create).and_then(|()| pace.admit(Lane::Create)));
    assert_eq!(more.take_while(Result::is_ok).count(), 2, "eight an hour");
    let other = Pace::new(FEW, hand).of("bead");
    other.recall(&held);
    assert_eq!(other.reserve(Lane::Create), Ok(()), "another credential has an allowance of its own");
}

#[test]
fn what_was_counted_and_not_sent_is_taken_by_the_next_and_recorded_once() {
    let pace = Pace::new(FEW, Hand::at(now())).of("c0ffee");
    for _ in 0..20 {
        assert_eq!(pace.reserve(Lane::Create), Ok(()));
    }
    assert_eq!(pace.unrecorded().iter().map(|spent| spent.n).sum::<u32>(), 1);
    pace.recall(&[]);
    assert_eq!(pace.unrecorded().len(), 1, "nothing is forgotten before it is recorded");
    pace.spending_recorded(&pace.unrecorded());
    assert_eq!(pace.unrecorded(), Vec::new());
}

#[test]
fn two_trackers_with_one_credential_share_its_allowance() {
    let hand = Hand::at(now());
    let paces = [Pace::new(FEW, hand.clone()).of("c0ffee"), Pace::new(FEW, hand).of("c0ffee")];
    let mut sent = 0;
    for n in 0..20 {
        sent += usize::from(paces[n % 2].admit(Lane::Create).is_ok());
        let rows: Vec<Spent> = paces.iter().flat_map(Pace::unrecorded).collect();
        paces.iter().for_each(|pace| pace.spending_recorded(&rows));
        assert!(paces.iter().all(|pace| pace.unrecorded().is_empty()));
    }
    assert_eq!(sent, 6);
}

#[test]
fn a_credential_is_told_apart_and_not_told() {
    let one = credential(&["https://api.github.com", "ghp_token"]);
    assert_eq!((one.len(), one.contains("ghp")), (16, false));
    assert_ne!(one, credential(&["https://api.github.com", "ghp_other"]));
    assert_ne!(one, credential(&["https://ghe.acme.example", "ghp_token"]));
}

/// Sets the allowance of a tracker of the stage.
fn allow(rig: &Rig, tracker: &str, pace: &str) {
    let from = format!("file: secrets/{tracker} }}, timeout: 1s }}");
    let to = format!("file: secrets/{tracker} }}, timeout: 1s, pace: {{ {pace} }} }}");
    rig.edit("postmortem-sync.yaml", &from, &to);
}

fn sent(rig: &Rig) -> usize {
    creates(rig).values().sum()
}

fn left(outcome: &Value) -> Vec<String> {
    let notes = outcome["notes"].as_array().unwrap().iter().filter(|note| note["kind"] == "deferred");
    notes.map(|note| note["why"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn cycles_one_after_the_other_create_no_more_a_minute_than_one_and_leave_the_rest_for_later() {
    let rig = trouble::stage();
    allow(&rig, "github", "creates_per_minute: 4");
    allow(&rig, "jira", "creates_per_minute: 3");
    report(&rig, GITHUB, 1, 7);
    report(&rig, CLOUD, 2, 5);
    for n in 0..3 {
        let ran = rig.sync().exits(0).json();
        assert_eq!(sent(&rig), 7, "cycle {n}");
        let left = left(&ran);
        assert_eq!(left.len(), 5, "{left:?}");
        let said = "its create is left for a later cycle: asked to wait until 20";
        assert!(left.iter().all(|why| why.starts_with(said)), "{left:?}");
        assert!(left.iter().any(|why| why.contains("4 creates a minute")), "{left:?}");
        assert!(ran["opens"].is_string(), "{ran}");
    }
    let told = rig.run(&["sync"]).exits(0).stdout;
    assert!(told.contains("5 actions left for a later cycle"), "{told}");
    assert!(
        told.contains("a limit of a tracker is reached: the first of what was left may be sent at 20"),
        "{told}"
    );
    // A minute passes.
    shell(&rig, "UPDATE allowance SET at_ms = at_ms - 67000");
    let ran = rig.sync().exits(0).json();
    assert_eq!((sent(&rig), left(&ran).len(), &ran["opens"]), (12, 0, &Value::Null));
    assert_one_each(&rig, GITHUB, 1, 7);
    assert_one_each(&rig, CLOUD, 2, 5);
    rig.quiet_sync(0);
}

#[test]
fn a_create_whose_place_cannot_be_asked_about_yet_is_left_for_later_and_is_no_failure() {
    let rig = trouble::stage();
    allow(&rig, "github", "reads_per_minute: 20");
    report(&rig, GITHUB, 1, 12);
    let ran = rig.sync().exits(0).json();
    let (sent, left) = (sent(&rig), left(&ran));
    assert!(sent > 0 && sent + left.len() == 12, "{sent} {left:?}");
    assert!(
        left.iter().all(|why| why.contains("who can read acme/payments could not be proven")),
        "{left:?}"
    );
    assert!(ran["opens"].is_string(), "{ran}");
}

#[test]
fn the_ceiling_of_an_hour_holds_over_restarts_and_old_rows_are_dropped() {
    let rig = trouble::stage();
    allow(&rig, "github", "creates_per_hour: 3");
    report(&rig, GITHUB, 1, 5);
    rig.sync().exits(0);
    shell(&rig, "UPDATE allowance SET at_ms = at_ms - 3000000");
    rig.sync().exits(0);
    assert_eq!(sent(&rig), 3);
    let n_rows = register(&rig).spent.len();
    assert!(n_rows > 0);
    shell(&rig, "UPDATE allowance SET at_ms = at_ms - 700000");
    rig.sync().exits(0);
    assert_eq!(sent(&rig), 5);
    let oldest = register(&rig).spent.into_iter().map(|spent| spent.at).min().unwrap();
    let newest = register(&rig).spent.into_iter().map(|spent| spent.at).max().unwrap();
    assert!(newest - oldest < MATTERS, "{oldest} {newest}");
}

#[test]
fn edits_count_as_writes_over_processes() {
    let rig = trouble::stage();
    report(&rig, GITHUB, 1, 4);
    rig.sync().exits(0);
    allow(&rig, "github", "writes_per_minute: 6");
    for n in 1..=4 {
        rig.run(&["finding", "assign", &format!("PM-1/F{n}"), "bo", "--as", "eli"]).exits(0);
    }
    rig.forget();
    // Four creates count; two more writes are allowed.
    for _ in 0..3 {
        rig.sync();
        assert!(rig.writes().len() <= 2, "{:?}", rig.writes());
    }
    shell(&rig, "UPDATE allowance SET at_ms = at_ms - 67000");
    rig.sync().exits(0);
    assert!(trouble::notes(&rig.sync().exits(0).json(), "deferred", GITHUB).is_empty());
}

#[test]
fn a_worker_that_was_killed_after_its_intent_was_recorded_has_used_its_allowance() {
    let rig = trouble::stage();
    allow(&rig, "github", "creates_per_minute: 1");
    report(&rig, GITHUB, 1, 2);
    let mut cycle = rig.poise(&["sync"]);
    let kill = json!({"kill": {"pid": cycle.id(), "when": "before_apply"}});
    rig.fault(&json!({"tracker": "github", "method": "POST", "path": "/issues", "action": kill}));
    cycle.go();
    assert_eq!(cycle.wait().code, None);
    let spent: BTreeMap<&str, u32> = BTreeMap::from([("create", 1)]);
    let counted = register(&rig).spent;
    assert_eq!(counted.iter().map(|spent| (spent.kind.as_str(), spent.n)).collect::<BTreeMap<_, _>>(), spent);
    heal(&rig);
    let before = sent(&rig);
    rig.sync();
    assert_eq!(sent(&rig), before, "nothing more within this minute");
}

#[test]
fn a_secondary_refusal_halves_the_ceiling_for_the_processes_after_it() {
    let rig = trouble::stage();
    allow(&rig, "github", "creates_per_minute: 8");
    report(&rig, GITHUB, 1, 9);
    let limited = json!({"rate_limit": {"reason": "secondary", "retry_after": 600}});
    rig.fault(&json!({"tracker": "github", "method": "POST", "path": "/issues", "action": limited}));
    rig.sync();
    heal(&rig);
    rig.run(&["link", "retry", "--tracker", "github", "--as", "eli"]).exits(0);
    shell(&rig, "UPDATE allowance SET at_ms = at_ms - 67000 WHERE kind <> 'refused'");
    rig.forget();
    let ran = rig.sync().exits(0).json();
    assert_eq!(sent(&rig), 4);
    assert!(left(&ran).iter().all(|why| why.contains("half of what is usual")), "{ran}");
    rig.sync().exits(0);
    assert_eq!(sent(&rig), 4);
    shell(&rig, "UPDATE allowance SET at_ms = at_ms - 3605000");
    rig.sync().exits(0);
    assert_one_each(&rig, GITHUB, 1, 9);
}

#[test]
fn the_register_holds_no_credential() {
    let rig = trouble::stage();
    report(&rig, GITHUB, 1, 1);
    report(&rig, CLOUD, 2, 1);
    rig.sync().exits(0);
    let spent = register(&rig).spent;
    let credentials: BTreeSet<_> = spent.iter().map(|spent| spent.credential.as_str()).collect();
    assert_eq!(credentials.len(), 2, "{spent:?}");
    assert!(
        credentials.iter().all(|id| id.len() == 16 && id.chars().all(|c| c.is_ascii_hexdigit())),
        "{spent:?}"
    );
}
