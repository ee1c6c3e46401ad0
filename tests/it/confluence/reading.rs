//! The client of a Confluence against the sandbox: what is asked again, what is not, and what a restriction means.

use std::{collections::BTreeMap, sync::Arc};

use postmortem_sync::{
    app::FixedClock,
    model::{
        conventions::Conventions, ids::SourceName, observed::Observed, postmortem::Document, terms::Tlp,
    },
    net::{http::Timeouts, transport::Credential},
    source::confluence::{Pages, Wiki, WikiSettings},
};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::table;
use crate::support::{Trackers, sandbox, start_of_time};

fn wiki(trackers: &Trackers, conventions: Conventions) -> Wiki {
    let settings = WikiSettings {
        name: SourceName::from("wiki"),
        url: format!("{}/wiki", trackers.sandbox.addresses.jira),
        is_cloud: true,
        pages: Pages::Of { space: Some("OPS".to_owned()), label: Some("post \"mortem\"".to_owned()) },
        accounts: BTreeMap::new(),
        max_bytes: 1 << 20,
        conventions,
    };
    let token = SecretString::from("sandbox-jira-token");
    let credential = Credential::Basic { email: "bot@acme.example".to_owned(), token };
    Wiki::connect(settings, &credential, Timeouts::default(), Arc::new(FixedClock(start_of_time()))).unwrap()
}

fn act(trackers: &Trackers, mut deed: Value) {
    deed["as"] = json!("dara");
    deed["tracker"] = json!("jira");
    trackers.sandbox.world().act(&deed).unwrap();
}

async fn stage(n_pages: usize) -> Trackers {
    let trackers = sandbox().await;
    for n in 1..=n_pages {
        let body = table(&[(&format!("Close gap {n}"), "ri:account-id=\"5b10a2844c20165700ed1005\"", "")]);
        act(
            &trackers,
            json!({"space": "OPS", "do": "create_page", "title": format!("Incident {n}"), "body": body, "labels": ["post \"mortem\""]}),
        );
    }
    trackers
}

async fn read(wiki: &Wiki) -> Vec<Document> {
    match wiki.read().await {
        Observed::Known(documents) => documents,
        other => panic!("{other:?}"),
    }
}

/// Requests since the log was last cleared: for lists, texts and people.
fn asked(trackers: &Trackers) -> (usize, usize, usize) {
    let log = trackers.sandbox.world().log();
    let target =
        |entry: &Value| format!("{}?{}", entry["path"].as_str().unwrap(), entry["query"].as_str().unwrap());
    let paths: Vec<String> = log.as_array().unwrap().iter().map(target).collect();
    let count = |part: &str| paths.iter().filter(|path| path.contains(part)).count();
    trackers.sandbox.world().clear_log();
    (count("metadata.labels"), count("body.storage"), count("/rest/api/user"))
}

fn class(document: &Document) -> Tlp {
    document.postmortem.known().unwrap().tlp
}

#[tokio::test]
async fn texts_and_names_are_asked_for_once_while_pages_stay_the_same() {
    let trackers = stage(130).await;
    let wiki = wiki(&trackers, Conventions::default());
    let first = read(&wiki).await;
    assert_eq!(first.len(), 130);
    assert_eq!(first[0].postmortem.known().unwrap().findings[0].owner.as_deref(), Some("Dara Okafor"));
    assert_eq!(asked(&trackers), (2, 6, 1));
    assert_eq!(read(&wiki).await, first);
    assert_eq!(asked(&trackers), (2, 0, 0), "nothing changed");
    act(
        &trackers,
        json!({"page": "Incident 7", "do": "edit", "body": table(&[("Close another gap", "", "")])}),
    );
    act(&trackers, json!({"page": "Incident 9", "do": "label", "label": "tlp-red"}));
    let second = read(&wiki).await;
    assert_eq!(asked(&trackers), (2, 1, 0), "one question for both that changed");
    assert_eq!(second[6].postmortem.known().unwrap().findings[0].title, "Close another gap");
    assert_eq!((second[6].revision.as_deref(), class(&second[8])), (Some("2"), Tlp::Red));
    assert_eq!(second[0], first[0]);
}

#[tokio::test]
async fn a_restriction_means_what_the_words_of_the_source_say_and_is_told() {
    let trackers = stage(1).await;
    act(&trackers, json!({"page": "Incident 1", "do": "restrict", "readers": ["acme-bot"]}));
    let plain = read(&wiki(&trackers, Conventions::default())).await;
    assert_eq!(class(&plain[0]), Tlp::Red);
    assert!(
        plain[0].diagnostics.iter().any(|told| told.code == "page_restricted"),
        "{:?}",
        plain[0].diagnostics
    );
    let mut conventions = Conventions::default();
    conventions.words.markings.insert("restricted".to_owned(), Tlp::AmberStrict);
    let own = read(&wiki(&trackers, conventions)).await;
    assert_eq!(class(&own[0]), Tlp::AmberStrict);
}

#[tokio::test]
async fn a_page_above_that_nobody_shows_counts_as_restricted() {
    let trackers = stage(1).await;
    act(&trackers, json!({"space": "OPS", "do": "create_page", "title": "Above"}));
    act(
        &trackers,
        json!({"space": "OPS", "do": "create_page", "title": "Below", "body": table(&[("Shut the door", "", "")]),
            "labels": ["post \"mortem\""], "below": "Above"}),
    );
    let open = read(&wiki(&trackers, Conventions::default())).await;
    assert_eq!((class(&open[0]), class(&open[1])), (Tlp::Amber, Tlp::Amber));
    // No search shows what is in the archive, so it is asked for by itself.
    act(&trackers, json!({"page": "Above", "do": "archive"}));
    let alone = read(&wiki(&trackers, Conventions::default())).await;
    assert_eq!(class(&alone[1]), Tlp::Amber);
    let fault = json!({"path": "byOperation", "times": null, "action": {"status": {"status": 404}}});
    trackers.sandbox.world().add_faults(&fault).unwrap();
    let unseen = read(&wiki(&trackers, Conventions::default())).await;
    assert_eq!((class(&unseen[0]), class(&unseen[1])), (Tlp::Amber, Tlp::Red));
}

#[tokio::test]
async fn a_name_that_could_not_be_asked_for_is_asked_for_again() {
    let trackers = stage(1).await;
    let wiki = wiki(&trackers, Conventions::default());
    let fault = json!({"path": "/user", "times": 2, "action": {"status": {"status": 503}}});
    trackers.sandbox.world().add_faults(&fault).unwrap();
    let owner = |documents: &[Document]| documents[0].postmortem.known().unwrap().findings[0].owner.clone();
    assert_eq!(owner(&read(&wiki).await), None);
    assert_eq!(owner(&read(&wiki).await).as_deref(), Some("Dara Okafor"));
}

#[tokio::test]
async fn pages_that_are_no_write_ups_in_use_are_not_read() {
    let trackers = stage(3).await;
    act(&trackers, json!({"page": "Incident 1", "do": "trash"}));
    act(&trackers, json!({"page": "Incident 2", "do": "archive"}));
    act(
        &trackers,
        json!({"space": "SEC", "do": "create_page", "title": "Elsewhere", "labels": ["post \"mortem\""]}),
    );
    act(&trackers, json!({"space": "OPS", "do": "create_page", "title": "Unlabelled"}));
    let documents = read(&wiki(&trackers, Conventions::default())).await;
    let paths: Vec<&str> = documents.iter().map(|document| document.path.as_str()).collect();
    assert_eq!(paths, ["page-65539"]);
}

#[tokio::test]
async fn no_page_at_all_is_unknown() {
    let trackers = stage(0).await;
    let wiki = wiki(&trackers, Conventions::default());
    let Observed::Unknown { why } = wiki.read().await else { panic!("it is known") };
    assert!(why.contains("no page is found that this account can read"), "{why}");
}
