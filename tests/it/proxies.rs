//! Trackers on this machine are never asked through a proxy: it would be told their credentials.

use std::{
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use postmortem_sync::net::connecting::is_loopback;

use super::trouble::{self, CLOUD, DATA_CENTER, GITHUB, report};

#[test]
fn a_tracker_on_a_loopback_address_is_asked_directly_whatever_the_environment_says() {
    let rig = trouble::stage();
    for (n, place) in [(1, GITHUB), (2, CLOUD), (3, DATA_CENTER)] {
        report(&rig, place, n, 1);
    }
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = proxy.local_addr().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    std::thread::spawn(move || {
        for _ in proxy.incoming() {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    });
    let names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let set: Vec<String> = names.iter().map(|name| format!("{name}=http://{address}")).collect();
    let ran = rig.run_by(&format!("export {}; exec \"$0\" \"$@\"", set.join(" ")), &["sync"]);
    assert_eq!(asked.load(Ordering::SeqCst), 0, "{}", ran.stdout);
    ran.exits(0);
    assert_eq!(rig.issues().len(), 3);
}

#[test]
fn loopback_is_told_from_other_addresses() {
    for own in [
        "http://127.0.0.1:8080",
        "http://127.255.1.2/api/v3",
        "http://127.1",
        "http://[::1]:80/",
        "http://[::ffff:127.0.0.1]",
        "https://LOCALHOST:8443",
        "http://localhost.",
        "http://jira.localhost/x",
    ] {
        assert!(is_loopback(own), "{own}");
    }
    for other in [
        "https://api.github.com",
        "http://128.0.0.1",
        "http://[::2]",
        "http://localhost.acme.example",
        "no address",
    ] {
        assert!(!is_loopback(other), "{other}");
    }
}
