//! What searches for our markers showed: added, replaced and forgotten, place by place.

use postmortem_sync::model::{
    ids::Marker,
    marked::{Mark, Marking, Watermark},
};

use super::*;

const PLACE: &str = "77";

/// What a search showed: issues by their numbers, each with a marker of its own.
pub(super) fn marking(numbers: &[u64], whole: bool) -> Marking {
    let mark = |number: &u64| Mark { marker: marker(*number), issue: build::issue_ref(*number) };
    let watermark = Watermark {
        tracker: "github".into(),
        place_id: PLACE.to_owned(),
        account: "pm-bot".into(),
        scope: "c0ffee".to_owned(),
        until: build::minutes(-120),
        swept: now(),
    };
    Marking { watermark, marks: numbers.iter().map(mark).collect(), whole }
}

fn marker(number: u64) -> Marker {
    Marker::new(format!("pm1-{number}"))
}

/// Keys of the issues that carried the first nine markers.
async fn known(store: &dyn Store, place: &str) -> Vec<String> {
    let markers: Vec<Marker> = (1..10).map(marker).collect();
    let marks = store.marked(&"github".into(), place, &markers).await.unwrap();
    marks.into_iter().map(|mark| mark.issue.key).collect()
}

#[tokio::test]
async fn a_whole_search_replaces_what_was_known_and_any_other_adds_to_it() {
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    let record = async |numbers: &[u64], whole| {
        store.record(&lease, vec![Write::Marked(Box::new(marking(numbers, whole)))]).await.unwrap();
        known(&*store, PLACE).await
    };
    let keys = |numbers: &[u64]| -> Vec<String> {
        numbers.iter().map(|number| format!("acme/payments#{number}")).collect()
    };
    assert_eq!(record(&[1, 2], true).await, keys(&[1, 2]));
    assert_eq!(record(&[2, 3], false).await, keys(&[1, 2, 3]), "also what it did not show");
    assert_eq!(record(&[4], true).await, keys(&[4]));
    assert_eq!(known(&*store, "78").await, Vec::<String>::new(), "of another place nothing is known");
    assert_eq!(store.load().await.unwrap().watermarks, [marking(&[], true).watermark]);
}

#[tokio::test]
async fn what_is_forgotten_leaves_other_places_as_they_are() {
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    let mut other = marking(&[5], true);
    other.watermark.place_id = "78".to_owned();
    let both = [marking(&[1], true), other.clone()].map(|marking| Write::Marked(Box::new(marking)));
    store.record(&lease, both.into()).await.unwrap();
    let forget = Write::Unmarked { tracker: "github".into(), place_id: PLACE.to_owned() };
    store.record(&lease, vec![forget]).await.unwrap();
    assert_eq!(known(&*store, PLACE).await, Vec::<String>::new());
    assert_eq!(known(&*store, "78").await, ["acme/payments#5"]);
    assert_eq!(store.load().await.unwrap().watermarks, [other.watermark]);
}

#[tokio::test]
async fn two_issues_with_one_marker_are_both_known() {
    let desk = Desk::new();
    let store = desk.open().await;
    let mut doubled = marking(&[1, 2], true);
    doubled.marks[1].marker = marker(1);
    store.record(&leased(&*store).await, vec![Write::Marked(Box::new(doubled))]).await.unwrap();
    assert_eq!(known(&*store, PLACE).await, ["acme/payments#1", "acme/payments#2"]);
}
