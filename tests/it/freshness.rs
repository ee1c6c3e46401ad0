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
    plan::freshness::{Single, Verdict, judge, judge_single, learned},
    tracker::{Changes, Cursor, TrackerError, TrackerRead, pace::Pace},
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
        assert_eq!(judge(known, updated) == Verdict::Fresh, fresh, "{known:?} {updated}");
    }
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
        Some(Older { first: time(first), last: time(last), reads })
    };
    let stale = |older: Option<Older>| Single::Stale(Sighting { older, ..known.clone() });
    assert_eq!(after(0, None), stale(older(0, 0, 1)));
    assert_eq!(after(0, older(0, 0, 1)), stale(older(0, 0, 1)), "soon after another it is the same read");
    assert_eq!(after(5, older(0, 0, 1)), stale(older(0, 5, 2)));
    assert_eq!(after(23, older(0, 5, 2)), stale(older(0, 23, 3)), "not a day yet");
    assert_eq!(after(30, older(0, 0, 1)), stale(older(0, 30, 2)), "two reads are too few");
    assert_eq!(after(24, older(0, 5, 2)), Single::PutBack(Sighting::of(&old)));
    assert_eq!(judge_single(Some(&known), &at(1), now()), Single::Fresh);
    assert_eq!(judge_single(None, &old, now()), Single::Fresh);
}

#[test]
fn a_fresh_answer_ends_the_suspicion_and_keeps_the_closer() {
    let known = Sighting {
        closer: Some("ana".into()),
        older: Some(Older { first: now(), last: now(), reads: 2 }),
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
            let verdict = judge(known.as_ref(), shown.updated);
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

    async fn changed(&self, _: &PlaceName, _: Option<&Cursor>) -> Result<Changes, TrackerError> {
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
    let tracker = behind(vec![at(0)], at(0), Hand::at(start_of_time()));
    let mut known = remembered(&at(0));
    for _ in 0..3 {
        let recall = Recall::new(&tracker, &known);
        assert_eq!(recall.closer(&at(0)).await.unwrap(), Some("ana".into()));
        let heard = recall.heard();
        known.extend(heard.sightings);
    }
    assert_eq!(*tracker.asked.lock().unwrap(), 1);
}
