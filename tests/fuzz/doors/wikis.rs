//! Answers of a wiki: whatever they say, reading ends, an error is no empty list, and nothing but its own interface is asked.

use std::{collections::BTreeMap, sync::Arc};

use postmortem_sync::{
    model::{conventions::Conventions, ids::SourceName, observed::Observed},
    source::confluence::{Pages, Wiki, WikiSettings},
};

use super::trackers::{Canned, Still, run};

/// An input is answers: a status in a line of its own, a body, and `~` between two of them.
pub(super) fn confluence(bytes: &[u8]) {
    let (http, failed) = Canned::of(bytes);
    let settings = WikiSettings {
        name: SourceName::from("wiki"),
        url: "https://wiki.example/wiki".to_owned(),
        is_cloud: bytes.len().is_multiple_of(2),
        pages: Pages::Of { space: None, label: Some("postmortem".to_owned()) },
        accounts: BTreeMap::new(),
        max_bytes: 10_000,
        conventions: Conventions::default(),
    };
    let wiki = Wiki::over(settings, Arc::clone(&http) as _, Arc::new(Still));
    let read = run(wiki.read());
    match &read {
        Observed::Known(documents) => {
            assert!(!failed && !documents.is_empty(), "learned something from nothing")
        }
        Observed::Missing => panic!("a wiki is never missing"),
        Observed::Unknown { .. } => {}
    }
    for address in http.asked.lock().unwrap().iter() {
        let is_own = address.starts_with("/rest/api/content") || address.starts_with("/rest/api/user");
        assert!(is_own, "{address}");
    }
}
