//! What a tracker is asked before anything is created: how far back, and by which witnesses (invariant 7).

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use postmortem_sync::{
    app::StoppableTimer,
    cycle::{
        look::{Look, look, read},
        ports::Timer,
    },
    model::{
        ids::{AccountId, FindingKey, Host, Marker, PlaceName, TrackerName},
        issue::{Issue, IssueRef, PlaceFacts, TrackerKind},
        marked::{Mark, Searched, Watermark},
        observed::Observed,
        postmortem::TrackerRef,
        terms::{Progress, Severity},
    },
    net::pace::{Allowances, Lane, Pace},
    plan::reads::{PlaceReads, Reads},
    tracker::{Changes, Search, TrackerError, TrackerRead},
};

use crate::{
    build::{facts, issue, issue_ref, minutes},
    github_rig::{Hand, settings},
    support::start_of_time,
};

const PLACE: &str = "acme/payments";

/// A tracker that answers as told and remembers what it was asked.
struct Told {
    name: TrackerName,
    host: Host,
    pace: Pace,
    /// What reading an issue by its id shows.
    issue: Issue,
    /// What lists show of markers.
    listed: Vec<Issue>,
    /// What lists do not show; none while nobody can be asked for it.
    unlisted: Option<Vec<Issue>>,
    /// When a search is answered, by the tracker's clock.
    as_of: Option<DateTime<Utc>>,
    /// What reading an issue by its key shows.
    alone: Observed<Issue>,
    asked: Mutex<Vec<String>>,
}

fn tracker(listed: Vec<Issue>, unlisted: Vec<Issue>) -> Told {
    let allowances = settings("https://api.github.com").allowances;
    Told {
        name: "github".into(),
        host: "api.github.com".into(),
        pace: Pace::new(allowances, Hand::at(start_of_time())),
        issue: issue(3),
        listed,
        unlisted: Some(unlisted),
        as_of: None,
        alone: Observed::Missing,
        asked: Mutex::default(),
    }
}

impl Told {
    fn ask(&self, what: String) {
        self.asked.lock().unwrap().push(what);
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait]
impl TrackerRead for Told {
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
        self.ask(format!("place {place}"));
        Ok(facts(place.as_str()))
    }

    async fn readers(&self, places: &[PlaceName]) -> Vec<Result<PlaceFacts, TrackerError>> {
        self.ask(format!("readers of {}", places.len()));
        places.iter().map(|place| Ok(facts(place.as_str()))).collect()
    }

    async fn read(&self, issues: &[IssueRef]) -> Vec<Observed<Issue>> {
        issues.iter().map(|_| Observed::Known(self.issue.clone())).collect()
    }

    async fn find(&self, key: &str) -> Observed<Issue> {
        self.ask(format!("find {key}"));
        self.alone.clone()
    }

    async fn changes(&self, _: &[PlaceName], _: DateTime<Utc>) -> Result<Changes, TrackerError> {
        unreachable!("a look asks for no changes")
    }

    async fn marked(
        &self,
        _: &PlaceName,
        markers: &[Marker],
        since: Option<DateTime<Utc>>,
    ) -> Result<Vec<Issue>, TrackerError> {
        let since = since.map_or("ever".to_owned(), |since| since.to_rfc3339());
        self.ask(format!("{} marked since {since}", markers.len()));
        Ok(self.listed.clone())
    }

    async fn search(
        &self,
        place: &PlaceName,
        markers: &[Marker],
        since: Option<DateTime<Utc>>,
    ) -> Result<Search, TrackerError> {
        let issues = self.marked(place, markers, since).await?;
        let mark = |issue: &Issue| Some(Mark { marker: issue.marker.clone()?, issue: issue.at.clone() });
        let marks = issues.iter().filter_map(|issue| Some((mark(issue)?, issue.updated))).collect();
        Ok(Search { issues, marks, as_of: self.as_of })
    }

    async fn unlisted(&self, _: &PlaceName, since: DateTime<Utc>) -> Result<Vec<Issue>, TrackerError> {
        self.ask(format!("unlisted since {}", since.to_rfc3339()));
        self.unlisted
            .clone()
            .ok_or_else(|| TrackerError::Transient { why: "the connection ended".to_owned() })
    }

    async fn ours(&self, _: &PlaceName) -> Result<Vec<(String, Marker)>, TrackerError> {
        unreachable!("the place is known")
    }

    async fn closer(&self, issue: &Issue) -> Result<Option<AccountId>, TrackerError> {
        self.ask(format!("closer of {}", issue.at.key));
        Ok(Some("ana".into()))
    }
}

fn marker(finding: &FindingKey, _: &str) -> Marker {
    Marker::new(format!("of {finding}"))
}

/// An issue that carries the marker of a finding.
fn marked(number: u64, finding: &str) -> Issue {
    Issue { marker: Some(marker(&finding.into(), "77")), ..issue(number) }
}

async fn looked(tracker: &Told, needs: PlaceReads) -> Look {
    let needs = Reads { places: BTreeMap::from([(PLACE.into(), needs)]), ..Reads::default() };
    look(tracker, &needs, &BTreeMap::new(), &marker, &StoppableTimer::default()).await
}

/// What has to be known of a place in which these findings may be created.
fn creating(findings: &[&str]) -> PlaceReads {
    PlaceReads {
        findings: findings.iter().map(|key| FindingKey::from(*key)).collect(),
        ..PlaceReads::default()
    }
}

fn linked(needs: PlaceReads) -> PlaceReads {
    PlaceReads { linked: BTreeSet::from(["PM-9/F9".into()]), is_home: true, ..needs }
}

#[tokio::test]
async fn a_place_is_searched_as_far_back_as_something_may_have_been_created() {
    let sent = Some(minutes(-30));
    let ever = "marked since ever".to_owned();
    let recently = format!("marked since {}", minutes(-45).to_rfc3339());
    let unclear = || PlaceReads { oldest_intent: sent, ..creating(&["PM-1/F1"]) };
    for (needs, n_markers, since, swept) in [
        (unclear(), 1, &recently, false),
        (PlaceReads { fresh: true, ..unclear() }, 1, &ever, true),
        (PlaceReads { sweep: true, ..unclear() }, 1, &ever, true),
        (PlaceReads { fresh: true, ..creating(&["PM-1/F1"]) }, 1, &ever, true),
        (linked(PlaceReads { fresh: true, ..creating(&["PM-1/F1"]) }), 1, &ever, false),
        (linked(PlaceReads { sweep: true, ..PlaceReads::default() }), 1, &ever, true),
        (linked(PlaceReads { sweep: true, ..unclear() }), 2, &ever, true),
    ] {
        let tracker = tracker(Vec::new(), Vec::new());
        let case = format!("{needs:?}");
        let look = looked(&tracker, needs).await;
        assert_eq!(tracker.asked()[1], format!("{n_markers} {since}"), "{case}");
        assert_eq!(look.places[&PLACE.into()].swept, swept, "{case}");
    }
}

#[tokio::test]
async fn under_an_account_that_is_new_everything_is_searched() {
    for (acted_as, since) in [
        (&[][..], minutes(-45).to_rfc3339()),
        (&["PM-Bot"], minutes(-45).to_rfc3339()),
        (&["old-bot"], "ever".to_owned()),
    ] {
        let tracker = tracker(vec![marked(1, "PM-1/F1")], Vec::new());
        let unclear = PlaceReads { oldest_intent: Some(minutes(-30)), ..creating(&["PM-1/F1"]) };
        let needs = Reads {
            places: [(PLACE.into(), unclear)].into(),
            acted_as: acted_as.iter().map(|account| AccountId::from(*account)).collect(),
            ..Reads::default()
        };
        look(&tracker, &needs, &BTreeMap::new(), &marker, &StoppableTimer::default()).await;
        assert_eq!(tracker.asked().last(), Some(&format!("1 marked since {since}")), "{acted_as:?}");
    }
}

#[tokio::test]
async fn a_place_in_which_nothing_may_be_created_is_only_asked_for_its_readers() {
    let tracker = tracker(Vec::new(), Vec::new());
    let look = looked(&tracker, linked(PlaceReads::default())).await;
    assert_eq!(tracker.asked(), ["readers of 1"]);
    let place = &look.places[&PLACE.into()];
    assert_eq!((place.facts.known(), place.swept), (Some(&facts(PLACE)), false));
}

#[tokio::test]
async fn what_lists_do_not_show_of_an_unclear_create_is_looked_for() {
    let unclear = || PlaceReads { oldest_intent: Some(minutes(-30)), ..creating(&["PM-1/F1", "PM-1/F2"]) };
    let since = format!("unlisted since {}", minutes(-45).to_rfc3339());

    let hidden = tracker(
        vec![marked(1, "PM-1/F1")],
        vec![marked(1, "PM-1/F1"), marked(2, "PM-1/F2"), marked(3, "PM-7/F7"), issue(4)],
    );
    let look = looked(&hidden, unclear()).await;
    assert_eq!(hidden.asked().last(), Some(&since));
    let found = |key: &str| {
        let (_, issues) = &look.places[&PLACE.into()].marked[&key.into()];
        issues.known().unwrap().iter().map(|issue| issue.at.key.clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        (found("PM-1/F1"), found("PM-1/F2")),
        (vec!["acme/payments#1".into()], vec!["acme/payments#2".into()])
    );

    let shown = tracker(vec![marked(1, "PM-1/F1"), marked(2, "PM-1/F2")], Vec::new());
    looked(&shown, unclear()).await;
    assert!(!shown.asked().contains(&since), "lists show all of it");

    let never_sent = tracker(Vec::new(), Vec::new());
    looked(&never_sent, PlaceReads { fresh: true, ..creating(&["PM-1/F1"]) }).await;
    assert_eq!(never_sent.asked().len(), 2, "nothing can be hidden of what was never sent");
}

#[tokio::test]
async fn a_search_counts_only_once_what_lists_do_not_show_was_looked_for() {
    let put_back = || PlaceReads { put_back: Some(minutes(-30)), sweep: true, ..creating(&["PM-1/F1"]) };
    let told = async |unlisted: Option<Vec<Issue>>| {
        let tracker = Told { unlisted, ..answering(Some(start_of_time()), Vec::new()) };
        let look = looked(&tracker, put_back()).await.places.remove(&PLACE.into()).unwrap();
        (look.swept, look.news.is_some())
    };
    assert_eq!(told(Some(Vec::new())).await, (true, true));
    assert_eq!(told(None).await, (false, false), "the next cycle searches all of it again");
}

#[tokio::test]
async fn who_closed_an_issue_is_asked_once_and_only_if_the_tracker_did_not_say() {
    let done = Issue { progress: Progress::Done, ..issue(3) };
    let at = issue_ref(3);
    for (issue, known, asks) in [
        (done.clone(), None, true),
        (done.clone(), Some(Progress::Open), true),
        (done.clone(), Some(Progress::Done), false),
        (Issue { closed_by: Some("bo".into()), ..done.clone() }, None, false),
        (Issue { progress: Progress::Declined, ..done.clone() }, None, true),
        (issue(3), None, false),
    ] {
        let tracker = Told { issue, ..tracker(Vec::new(), Vec::new()) };
        let known: BTreeMap<_, _> = known.map(|progress| (at.id.clone(), progress)).into_iter().collect();
        let seen = read(&tracker, std::slice::from_ref(&at), &known).await;
        assert_eq!(!tracker.asked().is_empty(), asks, "{:?} {known:?}", tracker.issue);
        let closer = seen[&at.id].known().unwrap().closed_by.clone();
        assert_eq!(closer == Some("ana".into()), asks);
    }
}

/// A place in which one finding was never sent, and whose markers an earlier search showed up to an hour ago.
fn known(marks: Vec<Mark>) -> PlaceReads {
    let watermark = Watermark {
        tracker: "github".into(),
        place_id: facts(PLACE).id,
        account: "pm-bot".into(),
        scope: String::new(),
        until: minutes(-60),
        swept: minutes(-90),
    };
    let searched = Some(Searched { watermark, marks });
    PlaceReads { fresh: true, searched, ..creating(&["PM-1/F1"]) }
}

fn mark(issue: &Issue) -> Mark {
    Mark { marker: issue.marker.clone().unwrap(), issue: issue.at.clone() }
}

/// Searches that were made, as far back as they looked.
fn searches(tracker: &Told) -> Vec<String> {
    let asked = tracker.asked().into_iter();
    asked.filter_map(|line| Some(line.split_once("marked since ")?.1.to_owned())).collect()
}

fn answering(as_of: Option<DateTime<Utc>>, listed: Vec<Issue>) -> Told {
    Told { as_of, ..tracker(listed, Vec::new()) }
}

#[tokio::test]
async fn after_an_earlier_search_only_what_came_since_is_looked_for() {
    let (after, ever) = (minutes(-60).to_rfc3339(), "ever".to_owned());
    let as_of = Some(minutes(0));
    let other = |change: fn(&mut Watermark)| {
        let mut needs = known(Vec::new());
        needs.searched.iter_mut().for_each(|known| change(&mut known.watermark));
        needs
    };
    for (case, needs, as_of, made) in [
        ("as it should be", known(Vec::new()), as_of, vec![&after]),
        ("the answer has no time", known(Vec::new()), None, vec![&after, &ever]),
        ("the tracker's clock was set back", known(Vec::new()), Some(minutes(-61)), vec![&after, &ever]),
        ("another account read it", other(|known| known.account = "old-bot".into()), as_of, vec![&ever]),
        ("it is another place", other(|known| known.place_id = "1".into()), as_of, vec![&ever]),
        ("a sweep is due", PlaceReads { sweep: true, ..known(Vec::new()) }, as_of, vec![&ever]),
        ("nobody knows more", PlaceReads { searched: None, ..known(Vec::new()) }, as_of, vec![&ever]),
        (
            "all was sent",
            PlaceReads { fresh: false, oldest_intent: Some(minutes(-5)), ..known(Vec::new()) },
            as_of,
            vec![&after],
        ),
    ] {
        let tracker = answering(as_of, Vec::new());
        let look = looked(&tracker, needs).await;
        assert_eq!(searches(&tracker).iter().collect::<Vec<_>>(), made, "{case}");
        let news = look.places[&PLACE.into()].news.clone();
        assert_eq!(news.is_some(), as_of.is_some(), "{case}");
        assert_eq!(news.is_some_and(|news| news.after.is_some()), made == [&after], "{case}");
    }
}

#[tokio::test]
async fn a_create_that_is_older_than_an_earlier_search_is_looked_for_from_before_it_was_sent() {
    let tracker = answering(Some(minutes(0)), Vec::new());
    let needs = PlaceReads { oldest_intent: Some(minutes(-100)), ..known(Vec::new()) };
    looked(&tracker, needs).await;
    assert_eq!(searches(&tracker), [minutes(-115).to_rfc3339()]);
}

#[tokio::test]
async fn what_an_earlier_search_showed_is_read_again_before_it_counts() {
    let there = marked(4, "PM-1/F1");
    let changed = Issue { marker: None, ..there.clone() };
    let mut elsewhere = there.clone();
    elsewhere.at.place_id = "1".to_owned();
    for (alone, counts) in [
        (Observed::Known(there.clone()), true),
        (Observed::Known(changed), false),
        (Observed::Known(elsewhere), false),
        (Observed::Missing, false),
        (Observed::unknown("502"), false),
    ] {
        let case = format!("{alone:?}");
        let tracker = Told { alone, ..answering(Some(minutes(0)), Vec::new()) };
        let look = looked(&tracker, known(vec![mark(&there), mark(&marked(5, "PM-7/F7"))])).await;
        let (_, found) = &look.places[&PLACE.into()].marked[&"PM-1/F1".into()];
        assert_eq!(found.known().unwrap().len(), usize::from(counts), "{case}");
        let n_searches = if counts { 1 } else { 2 };
        assert_eq!(searches(&tracker).len(), n_searches, "in doubt everything is searched: {case}");
        let asked = tracker.asked();
        assert_eq!(asked.iter().filter(|line| line.starts_with("find")).count(), 1, "{asked:?}");
    }
    let listed = answering(Some(minutes(0)), vec![there.clone()]);
    let look = looked(&listed, known(vec![mark(&there)])).await;
    let (_, found) = &look.places[&PLACE.into()].marked[&"PM-1/F1".into()];
    assert_eq!((found.known().unwrap().len(), listed.asked().len()), (1, 2), "what is listed is fresh");
}

/// Remembers how long it was asked to wait.
#[derive(Default)]
struct Watch(Mutex<Vec<Duration>>);

#[async_trait]
impl Timer for Watch {
    async fn wait(&self, time: Duration) {
        self.0.lock().unwrap().push(time);
    }

    fn stopping(&self) -> bool {
        false
    }
}

/// Looks at places in which findings of such severities may be created, that were searched so many minutes ago.
async fn looked_at(tracker: &Told, places: &[(&str, Severity, Option<i64>)], timer: &dyn Timer) {
    let needs = |(name, severity, ago): &(&str, Severity, Option<i64>)| {
        let needs = PlaceReads {
            severity: Some(*severity),
            swept: ago.map(|ago| minutes(-ago)),
            ..creating(&["PM-1/F1"])
        };
        (PlaceName::from(*name), needs)
    };
    let needs = Reads { places: places.iter().map(needs).collect(), ..Reads::default() };
    look(tracker, &needs, &BTreeMap::new(), &marker, timer).await;
}

#[tokio::test]
async fn places_are_searched_the_most_severe_first_and_then_whichever_has_waited_longest() {
    let tracker = tracker(Vec::new(), Vec::new());
    let places = [
        ("acme/a", Severity::Low, None),
        ("acme/b", Severity::High, Some(5)),
        ("acme/c", Severity::High, Some(60)),
        ("acme/d", Severity::High, None),
        ("acme/e", Severity::Critical, Some(1)),
    ];
    looked_at(&tracker, &places, &StoppableTimer::default()).await;
    let asked: Vec<String> = tracker.asked().into_iter().filter(|asked| asked.starts_with("place")).collect();
    assert_eq!(asked, ["e", "d", "c", "b", "a"].map(|name| format!("place acme/{name}")));
}

#[tokio::test]
async fn a_look_waits_for_the_allowance_for_reads_and_not_for_ever() {
    let places: Vec<(String, Severity, Option<i64>)> =
        (0..60).map(|n| (format!("acme/r{n}"), Severity::High, None)).collect();
    let places: Vec<_> =
        places.iter().map(|(name, severity, ago)| (name.as_str(), *severity, *ago)).collect();
    let allowances = Allowances { reads_per_minute: 60, ..settings("https://api.github.com").allowances };
    let pace = Pace::new(allowances, Hand::at(start_of_time()));
    assert_eq!(pace.read_delay(1), None, "nothing was read yet");
    while pace.admit(Lane::Read).is_ok() {}
    let tracker = Told { pace, ..tracker(Vec::new(), Vec::new()) };
    let watch = Watch::default();
    looked_at(&tracker, &places, &watch).await;
    let waited: Duration = watch.0.lock().unwrap().iter().sum();
    assert!(waited > Duration::from_secs(100) && waited <= Duration::from_mins(2), "{waited:?}");
    assert_eq!(tracker.asked().iter().filter(|asked| asked.starts_with("place")).count(), 60);
    tracker.pace.pause(start_of_time() + TimeDelta::minutes(10));
    assert_eq!(tracker.pace.read_delay(1), None, "nobody waits for the end of a pause");
}
