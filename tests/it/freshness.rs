//! Old news is never acted on: an answer that is older than what was read or written before is unknown, whoever gave it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use postmortem_sync::{
    cycle::recall::{Heard, Recall},
    model::{
        ids::{AccountId, Host, Marker, PlaceName, TrackerName},
        issue::{Issue, IssueId, IssueRef, PlaceFacts, TrackerKind},
        observed::Observed,
        postmortem::TrackerRef,
        sighting::{Older, Sighting, is_older},
    },
    net::pace::Pace,
    plan::freshness::{Single, Verdict, judge, judge_single, learned},
    tracker::{Changes, TrackerError, TrackerRead},
};
use proptest::prelude::*;

use crate::{
    build::{facts, issue, issue_ref, minutes, now},
    github_rig::{Hand, settings},
    support::start_of_time,
    surroundings::cases,
};

/// An issue that was last changed so many minutes after now.
fn at(changed: i64) -> Issue {
    Issue { updated: minutes(changed), ..issue(3) }
}

#[test]
fn only_an_earlier_change_is_old_news() {
    let known = Sighting::of(&at(0));
    for (known, updated, fresh) in [
        (None, minutes(-9), true),
        (Some(&known), minutes(1), true),
        (Some(&known), minutes(0), true),
        (Some(&known), minutes(-1), false),
        (Some(&known), now() - TimeDelta::milliseconds(1), false),
    ] {
        let shown = Issue { updated, ..issue(3) };
        assert_eq!(judge(known, &shown) == Verdict::Fresh, fresh, "{known:?} {updated}");
    }
}

/// An issue that was last changed in a whole second, as an answer so many seconds later shows it.
fn answered(after: Option<i64>) -> Issue {
    Issue { read: after.map(|after| now() + TimeDelta::seconds(after)), ..at(0) }
}

#[test]
fn a_change_in_a_whole_second_is_known_only_to_who_read_it_later() {
    for (known, shown, fresh) in [
        (Some(5), Some(0), false),
        (Some(5), Some(-1), false),
        (Some(5), Some(1), true),
        (Some(5), None, true),
        (Some(0), Some(0), true),
        (Some(0), Some(9), true),
        (None, Some(0), true),
    ] {
        let sighting = Sighting::of(&answered(known));
        assert_eq!(sighting.is_settled(), known == Some(5), "{known:?}");
        let verdict = judge(Some(&sighting), &answered(shown));
        assert_eq!(verdict == Verdict::Fresh, fresh, "{known:?} {shown:?}");
    }
    let exact = now() + TimeDelta::milliseconds(1);
    let known = Sighting::of(&Issue { updated: exact, ..answered(Some(5)) });
    let shown = Issue { updated: exact, ..answered(Some(0)) };
    assert!(known.is_settled() && judge(Some(&known), &shown) == Verdict::Fresh, "a time with its fractions");
}

#[test]
fn when_it_was_read_is_kept_until_nothing_more_can_have_happened() {
    let known = Sighting::of(&answered(Some(0)));
    assert_eq!(learned(Some(&known), &answered(Some(0))), None);
    let later = learned(Some(&known), &answered(Some(3))).unwrap();
    assert_eq!(later.read, answered(Some(3)).read);
    assert_eq!(learned(Some(&later), &answered(Some(60))), None, "nothing new is written in every cycle");
    let again = Issue { updated: minutes(5), ..answered(Some(300)) };
    assert!(!learned(Some(&later), &again).unwrap().is_settled(), "another change, another second");
}

#[test]
fn a_time_that_lost_its_fraction_is_the_same_time() {
    let exact = now() + TimeDelta::milliseconds(700);
    assert!(!is_older(now(), exact), "whole seconds of the same second");
    assert!(is_older(now() + TimeDelta::milliseconds(1), exact));
    assert!(is_older(now() - TimeDelta::seconds(1), exact));
    let known = Sighting { updated: exact, ..Sighting::of(&at(0)) };
    let kept = learned(Some(&known), &at(0)).map_or(known.updated, |news| news.updated);
    assert_eq!(kept, exact, "what is known does not become older by that");
}

#[test]
fn only_three_single_reads_over_a_day_make_the_older_state_the_truth() {
    let known = Sighting::of(&at(0));
    let old = at(-60);
    let after = |hours: i64, older: Option<Older>| {
        judge_single(Some(&Sighting { older, ..known.clone() }), &old, now() + TimeDelta::hours(hours))
    };
    let older = |first: i64, last: i64, reads: u32| {
        let time = |hours| now() + TimeDelta::hours(hours);
        Some(Older { first: time(first), last: time(last), reads, believed: false })
    };
    let stale = |older: Option<Older>| Single::Stale(Sighting { older, ..known.clone() });
    assert_eq!(after(0, None), stale(older(0, 0, 1)));
    assert_eq!(after(0, older(0, 0, 1)), stale(older(0, 0, 1)), "soon after another it is the same read");
    assert_eq!(after(5, older(0, 0, 1)), stale(older(0, 5, 2)));
    assert_eq!(after(23, older(0, 5, 2)), stale(older(0, 23, 3)), "not a day yet");
    assert_eq!(after(30, older(0, 0, 1)), stale(older(0, 30, 2)), "two reads are too few");
    let put_back = |said| Single::PutBack { now: Sighting::of(&old), said };
    assert_eq!(after(24, older(0, 5, 2)), put_back(false));
    let believed = Sighting { older: older(0, 0, 1), ..known.clone() }.believed().unwrap();
    assert_eq!(judge_single(Some(&believed), &old, now()), put_back(true), "a person says so");
    assert_eq!(known.believed(), None, "where nothing older is shown, there is nothing to believe");
    assert_eq!(judge_single(Some(&known), &at(1), now()), Single::Fresh);
    assert_eq!(judge_single(None, &old, now()), Single::Fresh);
}

#[test]
fn a_fresh_answer_ends_the_suspicion_and_keeps_the_closer() {
    let known = Sighting {
        read: Some(minutes(1)),
        closer: Some("ana".into()),
        older: Some(Older { first: now(), last: now(), reads: 2, believed: false }),
        ..Sighting::of(&at(0))
    };
    let news = learned(Some(&known), &at(0)).unwrap();
    assert_eq!((news.closer.clone(), news.older.clone()), (Some("ana".into()), None));
    assert_eq!(learned(Some(&news), &at(0)), None, "nothing new is written twice");
    assert_eq!(learned(Some(&news), &at(1)).unwrap().closer, None, "another closing, another closer");
}

proptest! {
    #![proptest_config(cases(2000))]

    /// A tracker's issue changes again and again; reads show it now, or as it was any time before.
    #[test]
    fn what_is_taken_over_is_never_older_than_what_was_known(
        gaps in proptest::collection::vec(0_i64..4000, 1..12),
        reads in proptest::collection::vec((0_usize..12, 0_usize..12), 1..40),
    ) {
        let mut time = now();
        let times: Vec<DateTime<Utc>> = gaps.iter().map(|gap| { time += TimeDelta::milliseconds(*gap); time }).collect();
        let (mut known, mut taken): (Option<Sighting>, Option<DateTime<Utc>>) = (None, None);
        let mut present = 0;
        for (moves, behind) in reads {
            present = (present + moves % 3).min(times.len() - 1);
            let shown = Issue { updated: times[present.saturating_sub(behind)], ..issue(3) };
            let verdict = judge(known.as_ref(), &shown);
            let is_old = taken.is_some_and(|taken| is_older(shown.updated, taken));
            prop_assert_eq!(verdict == Verdict::Fresh, !is_old);
            if verdict == Verdict::Fresh {
                taken = taken.max(Some(shown.updated));
                known = learned(known.as_ref(), &shown).or(known);
            }
            prop_assert_eq!(known.as_ref().map(|known| known.updated), taken);
        }
    }
}

/// A tracker whose batches and searches show one thing and whose single reads another.
struct Behind {
    name: TrackerName,
    host: Host,
    pace: Pace,
    listed: Vec<Issue>,
    single: Issue,
    asked: Mutex<usize>,
}

fn behind(listed: Vec<Issue>, single: Issue, clock: Arc<Hand>) -> Behind {
    Behind {
        name: "github".into(),
        host: "api.github.com".into(),
        pace: Pace::new(settings("https://api.github.com").allowances, clock),
        listed,
        single,
        asked: Mutex::default(),
    }
}

#[async_trait]
impl TrackerRead for Behind {
    fn name(&self) -> &TrackerName {
        &self.name
    }

    fn kind(&self) -> TrackerKind {
        TrackerKind::Github
    }

    fn host(&self) -> &Host {
        &self.host
    }

    fn pace(&self) -> &Pace {
        &self.pace
    }

    fn key_of(&self, _: &TrackerRef) -> Option<String> {
        None
    }

    async fn whoami(&self) -> Result<AccountId, TrackerError> {
        Ok("pm-bot".into())
    }

    async fn place(&self, place: &PlaceName) -> Result<PlaceFacts, TrackerError> {
        Ok(facts(place.as_str()))
    }

    async fn read(&self, _: &[IssueRef]) -> Vec<Observed<Issue>> {
        self.listed.iter().cloned().map(Observed::Known).collect()
    }

    async fn find(&self, key: &str) -> Observed<Issue> {
        *self.asked.lock().unwrap() += 1;
        if key == self.single.at.key { Observed::Known(self.single.clone()) } else { Observed::Missing }
    }

    async fn changes(&self, _: &[PlaceName], _: DateTime<Utc>) -> Result<Changes, TrackerError> {
        unreachable!("nobody asks for changes")
    }

    async fn marked(
        &self,
        _: &PlaceName,
        _: &[Marker],
        _: Option<DateTime<Utc>>,
    ) -> Result<Vec<Issue>, TrackerError> {
        Ok(self.listed.clone())
    }

    async fn ours(&self, _: &PlaceName) -> Result<Vec<(String, Marker)>, TrackerError> {
        unreachable!("nothing is created")
    }

    async fn closer(&self, _: &Issue) -> Result<Option<AccountId>, TrackerError> {
        *self.asked.lock().unwrap() += 1;
        Ok(Some("ana".into()))
    }
}

fn remembered(issue: &Issue) -> BTreeMap<IssueId, Sighting> {
    BTreeMap::from([(issue.at.id.clone(), Sighting::of(issue))])
}

async fn reads(tracker: &Behind, known: &BTreeMap<IssueId, Sighting>) -> (Observed<Issue>, Heard) {
    let recall = Recall::new(tracker, known);
    let read = recall.read(&[issue_ref(3)]).await.remove(0);
    (read, recall.heard())
}

#[tokio::test]
async fn an_issue_that_comes_back_old_is_read_by_itself_and_else_unknown() {
    let known = remembered(&at(0));
    let clock = Hand::at(start_of_time());
    let (read, heard) = reads(&behind(vec![at(-5)], at(0), clock.clone()), &known).await;
    assert_eq!(read, Observed::Known(at(0)));
    assert!(heard.sightings.is_empty(), "nothing new");
    let (read, heard) = reads(&behind(vec![at(-5)], at(2), clock.clone()), &known).await;
    assert_eq!((read, heard.sightings), (Observed::Known(at(2)), remembered(&at(2))));
    let (read, heard) = reads(&behind(vec![at(-5)], at(-3), clock.clone()), &known).await;
    assert!(matches!(read, Observed::Unknown { .. }), "{read:?}");
    assert_eq!(heard.sightings[&issue_ref(3).id].updated, minutes(0), "what is known stays");
    let (read, _) = reads(&behind(vec![at(-5)], issue(4), clock), &known).await;
    assert!(matches!(read, Observed::Unknown { .. }), "not found by its key is not missing: {read:?}");
}

#[tokio::test]
async fn a_search_that_shows_old_news_is_no_answer() {
    let known = remembered(&at(0));
    let clock = Hand::at(start_of_time());
    let search = async |tracker: &Behind| {
        Recall::new(tracker, &known).marked(&"acme/payments".into(), &[], None).await
    };
    assert_eq!(search(&behind(vec![at(-5)], at(0), clock.clone())).await.unwrap(), [at(0)]);
    search(&behind(vec![at(-5)], at(-5), clock.clone())).await.unwrap_err();
    assert_eq!(search(&behind(vec![at(3)], at(-5), clock)).await.unwrap(), [at(3)]);
}

#[tokio::test]
async fn single_reads_of_one_look_have_an_end() {
    let listed: Vec<Issue> = (1..=80).map(|number| Issue { updated: minutes(-5), ..issue(number) }).collect();
    let known: BTreeMap<IssueId, Sighting> = listed
        .iter()
        .map(|issue| (issue.at.id.clone(), Sighting { updated: minutes(0), ..Sighting::of(issue) }))
        .collect();
    let tracker = behind(listed, at(-5), Hand::at(start_of_time()));
    let refs: Vec<IssueRef> = (1..=80).map(issue_ref).collect();
    let seen = Recall::new(&tracker, &known).read(&refs).await;
    assert!(seen.iter().all(|seen| matches!(seen, Observed::Unknown { .. })));
    assert_eq!(*tracker.asked.lock().unwrap(), 50);
}

#[tokio::test]
async fn a_tracker_that_was_put_back_is_believed_after_a_day_and_told_once() {
    let mut known = remembered(&at(0));
    let clock = Hand::at(start_of_time());
    let tracker = behind(vec![at(-5)], at(-5), clock.clone());
    let mut told = Vec::new();
    for _ in 0..30 {
        let (read, heard) = reads(&tracker, &known).await;
        known.extend(heard.sightings);
        told.push((matches!(read, Observed::Known(_)), heard.put_back.len()));
        clock.advance(TimeDelta::hours(1));
    }
    let first = told.iter().position(|(is_known, _)| *is_known).unwrap();
    assert_eq!(first, 24, "{told:?}");
    assert_eq!(told[first..].iter().map(|(_, n)| n).sum::<usize>(), 1, "{told:?}");
    assert!(told[first..].iter().all(|(is_known, _)| *is_known));
}

#[tokio::test]
async fn who_closed_an_issue_is_asked_once_for_one_closing() {
    // Within the second of the closing somebody else may have closed it again.
    for (second, asked) in [(0, 3), (1, 1)] {
        let shown = Issue { read: Some(now() + TimeDelta::seconds(second)), ..at(0) };
        let tracker = behind(vec![shown.clone()], shown.clone(), Hand::at(start_of_time()));
        let mut known = remembered(&shown);
        for _ in 0..3 {
            let recall = Recall::new(&tracker, &known);
            assert_eq!(recall.closer(&shown).await.unwrap(), Some("ana".into()));
            let heard = recall.heard();
            known.extend(heard.sightings);
        }
        assert_eq!(*tracker.asked.lock().unwrap(), asked);
    }
}
