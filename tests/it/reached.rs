//! Whom each tracker's connections believe, through what they go, and who we are to its server: configured for each tracker.

use std::{collections::BTreeMap, net::SocketAddr};

use super::{
    fort::{Authority, Proxy},
    rig::Rig,
    trouble::{self, CLOUD, DATA_CENTER, GITHUB, PARTIAL, report},
};

/// A rig with a finding for each tracker, and a file with the authority's certificate and one with ours.
fn stage(authority: &Authority) -> Rig {
    let rig = trouble::stage();
    for (n, place) in [(1, GITHUB), (2, CLOUD), (3, DATA_CENTER)] {
        report(&rig, place, n, 1);
    }
    rig.edit("postmortem-sync.yaml", "timeout: 1s", "timeout: 5s");
    rig.write("secrets/ca.pem", &authority.pem);
    rig.write("secrets/worker.pem", &authority.client());
    rig
}

/// Servers with TLS before the rig's trackers, by their names; and puts other addresses into the configuration.
fn behind(
    rig: &Rig,
    authority: &Authority,
    name: impl Fn(&str) -> String,
    url: impl Fn(&str, SocketAddr) -> String,
) -> BTreeMap<String, SocketAddr> {
    let at = &rig.addresses;
    let plain = [("github", &at.github), ("jira", &at.jira), ("ops", &at.jira_dc)];
    let gate = |(tracker, plain): (&str, &String)| {
        let address = authority.serve(&name(tracker), plain);
        rig.edit("postmortem-sync.yaml", &format!("\"{plain}\""), &format!("\"{}\"", url(tracker, address)));
        (name(tracker), address)
    };
    plain.into_iter().map(gate).collect()
}

/// Adds keys to every tracker.
fn with(rig: &Rig, keys: &str) {
    rig.edit("postmortem-sync.yaml", "timeout: 5s", &format!("{keys}, timeout: 5s"));
}

#[test]
fn a_tracker_with_an_authority_of_its_own_that_asks_for_a_certificate_is_reached_by_what_it_names() {
    let authority = Authority::new();
    let rig = stage(&authority);
    let name = |_: &str| "localhost".to_owned();
    behind(&rig, &authority, name, |_, address| format!("https://localhost:{}", address.port()));
    let error = |rig: &Rig| {
        let outcome = rig.sync().exits(PARTIAL).json();
        ["github", "jira", "ops"].map(|name| outcome["trackers"][name]["error"].as_str().unwrap().to_owned())
    };
    for error in error(&rig) {
        assert!(error.contains("name the file of your certificate authority by `ca:`"), "{error}");
    }
    with(&rig, "ca: secrets/ca.pem");
    for error in error(&rig) {
        assert!(error.contains("name its file by `client_certificate"), "{error}");
    }
    assert_eq!(rig.issues().len(), 0);
    with(&rig, "client_certificate: { file: secrets/worker.pem }");
    rig.sync().exits(0);
    assert_eq!(rig.issues().len(), 3);
}

#[test]
fn a_tracker_is_asked_through_the_proxy_that_it_names_whatever_the_environment_says() {
    let authority = Authority::new();
    let rig = stage(&authority);
    let name = |tracker: &str| format!("{tracker}.example.test");
    let gates = behind(&rig, &authority, name, |tracker, _| format!("https://{}", name(tracker)));
    with(&rig, "ca: secrets/ca.pem, client_certificate: { file: secrets/worker.pem }");
    let proxy = Proxy::to(gates);
    let elsewhere = Proxy::to(BTreeMap::new());
    let sync = || {
        let set = format!("HTTPS_PROXY=http://{} exec \"$0\" \"$@\"", elsewhere.address);
        rig.run_by(&set, &["sync"])
    };
    sync().exits(PARTIAL);
    let asked = elsewhere.heard().len();
    assert!(asked > 0, "without a word of its own, a tracker is asked as the environment says");
    with(&rig, &format!("proxy: \"http://{}\"", proxy.address));
    sync().exits(0);
    assert_eq!((rig.issues().len(), elsewhere.heard().len()), (3, asked));
    assert!(proxy.heard().iter().all(|head| !head.to_lowercase().contains("authorization")));
    rig.write("secrets/proxy", &format!("http://worker:opensesame@{}\n", proxy.address));
    rig.edit(
        "postmortem-sync.yaml",
        &format!("proxy: \"http://{}\"", proxy.address),
        "proxy: { file: secrets/proxy }",
    );
    let ran = sync().exits(0);
    assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("opensesame"));
    let heads = proxy.heard();
    assert!(heads.last().unwrap().to_lowercase().contains("proxy-authorization: basic"), "{heads:?}");
    rig.edit("postmortem-sync.yaml", "proxy: { file: secrets/proxy }", "proxy: none");
    let heard = proxy.heard().len();
    sync().exits(PARTIAL);
    assert_eq!((elsewhere.heard().len(), proxy.heard().len()), (asked, heard), "and through nothing at all");
}

#[test]
fn what_cannot_be_used_is_told_with_its_place_before_anything_is_asked() {
    let authority = Authority::new();
    let rig = stage(&authority);
    rig.write("secrets/half.pem", &authority.pem);
    rig.write("secrets/words", "ask my colleague");
    let text = rig.read("postmortem-sync.yaml");
    for (keys, words) in [
        ("ca: secrets/nowhere.pem", "secrets/nowhere.pem` cannot be used: there is no such file"),
        ("ca: people.yaml", "the authorities cannot be used: there is no certificate in PEM"),
        (
            "client_certificate: { file: secrets/half.pem }",
            "it has to hold the certificate and its private key",
        ),
        ("client_certificate: { file: secrets/nowhere.pem }", "is not there"),
        ("proxy: \"socks5://proxy.example.test\"", "`socks5` is no scheme of a proxy"),
        ("proxy: \"http://me:opensesame@proxy.example.test\"", "this address holds a password"),
        ("proxy: { file: secrets/words }", "the proxy cannot be used"),
    ] {
        with(&rig, keys);
        for verb in ["sync", "check"] {
            // What is checked offline may be checked where the secrets are not.
            let is_away = verb == "check" && words == "is not there";
            let told = rig.run(&[verb]).exits(if is_away { 0 } else { 2 }).stderr;
            assert!(
                told.contains(words) && told.contains("postmortem-sync.yaml:9:"),
                "{verb} {keys}: {told}"
            );
            assert!(!told.contains("opensesame"), "{told}");
        }
        rig.write("postmortem-sync.yaml", &text);
    }
    assert_eq!(rig.log(), Vec::<serde_json::Value>::new());
}
