//! What findings are called beside their keys, and which ask for the same: asked of the store, which reads no others.

use postmortem_sync::model::{
    ids::{CandidateKey, PostmortemId},
    misfit::RowName,
    postmortem::TrackerRef,
};

use super::{stamps::release_before, *};

async fn called(store: &dyn Store, name: &str) -> Vec<String> {
    store.called(name).await.unwrap().into_iter().map(|key| key.to_string()).collect()
}

/// A finding with whatever it may be called by.
fn named() -> Finding {
    let mut finding = build::finding("PM-7/F2");
    finding.stated.path = "teams/pay/2026 Outage.md".to_owned();
    finding.stated.postmortem_url = Some("https://wiki.acme.example/Outage/?v=3".to_owned());
    finding.stated.trackers = vec![
        TrackerRef::Jira { host: Some("acme.atlassian.net".to_owned()), key: "OPS-12".to_owned() },
        TrackerRef::PullRequest { host: None, repository: "acme/app".to_owned(), number: 7 },
    ];
    finding.told.candidate = Some(CandidateKey::from("PM-7/c-5e1f00ba"));
    finding
}

/// Texts by which somebody means that finding or one of its write-up.
const NAMES: &[&str] = &[
    "pm-7/f2",
    "PM-7",
    "pm-7",
    "PM-7/c-5e1f00ba",
    "PM-7/c-00000000",
    "teams/pay/2026 Outage.md",
    "./teams/pay/2026 Outage.md",
    "https://git.acme.example/x/teams/pay/2026 Outage.md",
    "2026 Outage.md",
    "2026 Outage",
    "http://WIKI.acme.example/Outage#end",
    "https://acme.atlassian.net/browse/OPS-12",
    "acme/payments#3",
    "ACME/Payments#3",
    "github:acme/payments#3",
    "https://github.com/acme/payments/issues/3?tab=all",
    "acme/old#9",
    "acme/payments#4",
];

/// The finding, a link that was moved, one that ended, and a neighbour.
fn writes() -> Vec<Write> {
    let mut link = build::link("PM-7/F2", 3);
    link.former_keys = vec!["acme/old#9".to_owned()];
    vec![
        put(named()),
        put(build::finding("PM-8/F1")),
        Write::Link(Box::new(link)),
        Write::Tombstone(Box::new(build::tombstone("PM-7/F2", 4))),
    ]
}

#[tokio::test]
async fn a_finding_is_found_by_whatever_it_is_or_was_called() {
    let desk = Desk::new();
    let store = desk.open().await;
    store.record(&leased(&*store).await, writes()).await.unwrap();
    for name in NAMES {
        assert_eq!(called(&*store, name).await, ["PM-7/F2"], "{name}");
    }
    for name in ["PM-7/F", "pay/2026 Outage.md", "Outage.md", "md", "", "/", "acme/payments", "acme/app#7"] {
        assert_eq!(called(&*store, name).await, [""; 0], "{name}");
    }
}

#[tokio::test]
async fn the_names_of_a_register_of_an_earlier_release_are_known_once_it_is_brought_up_to_date() {
    let desk = Desk::new();
    release_before(&desk).await;
    desk.shell_run("UPDATE finding SET data = replace(data, 'Mend F1', 'Rotate the signing keys')").await;
    let store = desk.open().await;
    for name in
        ["pm-1/f1", "PM-1", "acme/payments#3", "acme/payments#2", "https://github.com/acme/payments/issues/3"]
    {
        assert!(called(&*store, name).await.contains(&"PM-1/F1".to_owned()), "{name}");
    }
    let mut finding = build::finding("PM-1/F1");
    reword(&mut finding, |words| words.title = "Rotate the signing keys".to_owned());
    assert_eq!(store.alike(&finding).await.unwrap(), ["PM-1/F1".into()].into());
}

#[tokio::test]
async fn a_row_that_a_person_takes_as_it_is_has_its_names_from_then_on() {
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    store.record(&lease, writes()).await.unwrap();
    desk.shell_run("UPDATE finding SET data = replace(data, 'Outage.md', 'Other.md')").await;
    assert_eq!(called(&*store, "2026 Other").await, [""; 0]);
    let row = RowName::of("finding", ["PM-7/F2"]);
    store.record(&lease, vec![Write::Accepted(row)]).await.unwrap();
    assert_eq!(called(&*store, "2026 Other").await, ["PM-7/F2"]);
}

#[tokio::test]
async fn findings_that_ask_for_the_same_are_found_by_their_titles() {
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    let entitled = |key: &str, title: &str| {
        let mut finding = build::finding(key);
        reword(&mut finding, |words| words.title = title.to_owned());
        finding
    };
    let finding = entitled("PM-1/F1", "Rotate the signing keys");
    let others = [
        entitled("PM-2/F1", "rotate  the *signing* keys!"),
        entitled("PM-3/F1", "Rotate the keys"),
        entitled("PM-4/F1", "Short"),
        entitled("PM-5/F1", "short"),
    ];
    store.record(&lease, others.iter().chain([&finding]).cloned().map(put).collect()).await.unwrap();
    assert_eq!(store.alike(&finding).await.unwrap(), ["PM-1/F1".into(), "PM-2/F1".into()].into());
    assert_eq!(store.alike(&others[2]).await.unwrap(), BTreeSet::new(), "too short to tell");
    store.record(&lease, vec![put(entitled("PM-2/F1", "Rotate nothing at all"))]).await.unwrap();
    assert_eq!(store.alike(&finding).await.unwrap(), ["PM-1/F1".into()].into());
}

#[tokio::test]
async fn names_are_read_page_by_page_and_pauses_and_sightings_alone() {
    let desk = Desk::new();
    let store = desk.open().await;
    let lease = leased(&*store).await;
    store.record(&lease, full().0).await.unwrap();
    store.record(&lease, (1..8).map(|n| put(build::finding(&format!("PM-{n}/F1")))).collect()).await.unwrap();
    let (mut last, mut read) = ((PostmortemId::default(), FindingKey::default()), Vec::new());
    loop {
        let page = store.names((&last.0, &last.1), 3).await.unwrap();
        assert!(page.len() <= 3);
        let Some(end) = page.last() else { break };
        last = end.clone();
        read.extend(page);
    }
    let register = store.load().await.unwrap();
    let all = register.findings.values();
    let all: Vec<_> = all.map(|finding| (finding.stated.postmortem.clone(), finding.key.clone())).collect();
    assert_eq!(read, all);
    assert_eq!(store.pauses().await.unwrap(), register.pauses);
    for (issue, sighting) in &register.issues {
        assert_eq!(store.sighting(issue).await.unwrap().as_ref(), Some(sighting));
    }
    assert_eq!(store.sighting(&build::issue_ref(77).id).await.unwrap(), None);
}
