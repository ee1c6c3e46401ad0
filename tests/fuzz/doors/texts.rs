//! Text that goes out: nothing in it is live, our own part of a body is found again, and nothing outside it is touched.

use postmortem_sync::{
    model::ids::Marker,
    plan::inert::{inert, inert_line},
    review::inert::visible,
    tracker::{
        block::{BEGIN, END, block_of, marker_of, new_body, with_block},
        jira::{adf, wiki},
    },
};

/// What no renderer may find in text that was made inert.
const LIVE: [&str; 4] = ["![", "<img", "<script", "<!--"];

pub(super) fn outgoing(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let dead = inert(&text);
    assert_eq!(inert(&dead), dead, "what is inert stays as it is");
    for live in LIVE {
        assert!(!dead.contains(live), "{live} in {dead:?}");
    }
    assert!(!inert_line(&text).contains(['\n', '\r']));
    assert!(visible(&text).chars().all(|c| !c.is_control()));
    body(&text, &dead);
    assert_eq!(adf::document(&dead)["type"], "doc");
    let _ = wiki::text(&dead);
}

fn body(text: &str, dead: &str) {
    let marker = Marker::new("pm1-abc");
    let ours = new_body(&marker, dead);
    assert_eq!(marker_of(&ours), Some(marker.clone()));
    assert_eq!(block_of(&ours).map(str::trim), Some(dead.trim()), "what is inert cannot end our part");
    let edited = format!("{text}\n{ours}\n{text}");
    if block_of(&edited).is_some() {
        let replaced = with_block(&edited, "new").unwrap();
        let (before, after) = (edited.find(BEGIN).unwrap(), edited.find(END).unwrap());
        assert!(
            replaced.starts_with(&edited[..before]) && replaced.ends_with(&edited[after..]),
            "{replaced:?}"
        );
    }
}
