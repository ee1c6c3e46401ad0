//! Every verb in the same situation: the same code, words that say what to do, and JSON where it is asked for.

use std::fs;

use serde_json::{Value, json};

use super::super::story::{HELD, synced};

const KEY: &str = "PM-2026-101/F1";

/// Verbs that only look.
const LOOKS: [&[&str]; 14] = [
    &["plan"],
    &["explain", KEY],
    &["report"],
    &["finding", "list"],
    &["finding", "show", KEY],
    &["link", "list"],
    &["place", "list"],
    &["audit", "show"],
    &["audit", "show", KEY],
    &["audit", "verify"],
    &["intake", "list"],
    &["intake", "scan", "strict"],
    &["check"],
    &["schema", "config"],
];

/// Verbs that ask nothing but the register.
const OF_REGISTER: [&[&str]; 13] = [
    &["sync"],
    &["plan"],
    &["explain", KEY],
    &["report"],
    &["finding", "list"],
    &["finding", "show", KEY],
    &["finding", "assign", KEY, "bo", "--as", "eli"],
    &["link", "list"],
    &["link", "rebind", KEY, "--reason", "x", "--as", "eli"],
    &["place", "list"],
    &["audit", "show"],
    &["audit", "verify"],
    &["intake", "list"],
];

/// Verbs that name a finding.
const NAMES: [&[&str]; 9] = [
    &["finding", "show", "PM-9/F9"],
    &["finding", "assign", "PM-9/F9", "bo", "--as", "eli"],
    &["finding", "review", "PM-9/F9", "--verdict", "on_track", "--as", "eli"],
    &["explain", "PM-9/F9"],
    &["audit", "show", "PM-9/F9"],
    &["link", "adopt", "PM-9/F9", "acme/payments#1", "--as", "eli"],
    &["link", "detach", "PM-9/F9", "acme/payments#1", "--reason", "x", "--as", "eli"],
    &["link", "rebind", "PM-9/F9", "--reason", "x", "--as", "eli"],
    &["link", "retry", "PM-9/F9", "--as", "eli"],
];

fn as_json<'a>(verb: &[&'a str]) -> Vec<&'a str> {
    [verb, &["--format", "json"]].concat()
}

#[test]
fn what_cannot_be_printed_is_an_error_in_every_verb_and_a_reader_that_went_away_is_none() {
    let rig = synced();
    for verb in LOOKS.iter().copied().chain([&["sync"][..], &["--help"], &["sync", "--help"], &["--version"]])
    {
        let full = rig.run_by("\"$0\" \"$@\" > /dev/full", verb);
        assert!(full.code.is_some_and(|code| code != 0), "{verb:?}: {full:?}");
        let gone = rig.run_by("\"$0\" \"$@\" | true", verb);
        assert!(!gone.stderr.contains("printed"), "{verb:?}: {gone:?}");
    }
    for verb in LOOKS {
        let full = rig.run_by("\"$0\" \"$@\" > /dev/full", &as_json(verb));
        assert!(full.code.is_some_and(|code| code != 0), "{verb:?}: {full:?}");
    }
    let told = rig.run_by("\"$0\" \"$@\" > /dev/full", &["finding", "list"]).exits(1).stderr;
    assert!(told.contains("could not be printed: No space left on device"), "{told}");
}

#[test]
fn every_verb_prints_json_for_machines() {
    let rig = synced();
    for verb in LOOKS {
        let ran = rig.run(&as_json(verb));
        assert!(serde_json::from_str::<Value>(&ran.stdout).is_ok(), "{verb:?}: {ran:?}");
    }
    let issue = rig.json(&["finding", "show", KEY])["links"][0]["issue"]["key"].as_str().unwrap().to_owned();
    for verb in [
        &["link", "detach", KEY, &issue, "--reason", "x", "--as", "eli"][..],
        &["link", "adopt", KEY, &issue, "--as", "eli"],
        &["link", "rebind", KEY, "--reason", "x", "--as", "eli"],
        &["finding", "assign", KEY, "bo", "--as", "eli"],
    ] {
        let told = rig.run(&as_json(verb)).exits(0).json();
        assert!([&told["finding"], &told["key"]].contains(&&json!(KEY)), "{verb:?}: {told}");
    }
}

#[test]
fn a_finding_that_is_not_there_exits_2_wherever_it_is_named() {
    let rig = synced();
    for verb in NAMES {
        let told = rig.run(verb).exits(2).stderr;
        assert!(told.contains("no finding PM-9/F9"), "{verb:?}: {told}");
        rig.run(&as_json(verb)).exits(2);
    }
}

#[test]
fn a_register_that_cannot_be_used_has_one_code_and_is_named() {
    let rig = synced();
    let whole = fs::read(rig.path("register.db")).unwrap();
    for garbage in [b"no database at all".repeat(600), whole[..5000].to_vec()] {
        for name in ["register.db", "register.db-wal", "register.db-shm"] {
            drop(fs::remove_file(rig.path(name)));
        }
        fs::write(rig.path("register.db"), &garbage).unwrap();
        for verb in OF_REGISTER {
            let told = rig.run(verb).exits(1).stderr;
            assert!(told.contains("register.db"), "{verb:?}: {told}");
        }
    }
    fs::remove_file(rig.path("register.db")).unwrap();
    fs::create_dir(rig.path("register.db")).unwrap();
    for verb in OF_REGISTER {
        let told = rig.run(verb).exits(1).stderr;
        assert!(told.contains("register.db"), "{verb:?}: {told}");
    }
}

#[test]
fn a_slip_of_the_pen_exits_2() {
    let rig = synced();
    for verb in [
        &["finding", "assign", KEY, "zoe", "--as", "eli"][..],
        &["finding", "assign", KEY, "bo", "--as", "zoe"],
        &["report", "--out", "nowhere/report.html", "--format", "html"],
        &["report", "--now", "2020-01-01"],
        &["store", "backup", "nowhere/backup.db"],
        &["store", "backup", "register.db"],
        &["store", "restore", "nowhere.db"],
        &["store", "key", "export", "nowhere/marker.key"],
        &["intake", "scan", "nowhere"],
        &["apply", "nowhere.json"],
        &["plan", "--out", "nowhere/plan.json"],
        &["check", "--config", "nowhere.yaml"],
    ] {
        let ran = rig.run(verb);
        assert_eq!(ran.code, Some(2), "{verb:?}: {ran:?}");
        assert!(!ran.stderr.is_empty(), "{verb:?}");
    }
}

#[test]
fn a_tracker_that_does_not_answer_exits_3_wherever_it_is_asked() {
    let rig = synced();
    rig.fault(&json!({"tracker": "github", "times": null, "action": {"status": {"status": 503}}}));
    for verb in [&["sync"][..], &["plan"], &["explain", KEY], &["check", "--online"]] {
        rig.run(verb).exits(3);
        let told = rig.run(&as_json(verb)).exits(3);
        assert!(serde_json::from_str::<Value>(&told.stdout).is_ok(), "{verb:?}: {told:?}");
    }
    rig.run(&["link", "adopt", KEY, "acme/payments#9", "--as", "eli"]).exits(3);
}

#[test]
fn a_plan_says_by_its_code_whether_there_is_something_to_do() {
    let rig = synced();
    rig.run(&["plan", "--detailed-exitcode"]).exits(0);
    rig.run(&["finding", "assign", KEY, "chen", "--as", "eli"]).exits(0);
    rig.run(&["plan", "--detailed-exitcode"]).exits(10);
    rig.run(&["plan"]).exits(0);
    rig.write("strict/garbled.yaml", "format: postmortem/1\nid: [");
    rig.run(&["plan"]).exits(3);
    rig.run(&["plan", "--detailed-exitcode"]).exits(3);
    let told = rig.run(&["sync"]).exits(3).stderr;
    assert!(told.contains("garbled.yaml:"), "the document is named: {told}");
}

#[test]
fn two_documents_with_one_id_are_no_success() {
    let rig = synced();
    let text = |title: &str| {
        format!(
            "format: postmortem/1\nid: PM-2026-900\ntitle: T\ntlp: AMBER\nincident: {{ severity: high }}\nfindings:\n  - {{ id: F1, title: {title}, class: technical_lapse }}\n"
        )
    };
    rig.write("strict/one.yaml", &text("Mask secrets in the logs of every build"));
    rig.write("strict/two.yaml", &text("Rotate the keys of the gateway"));
    let outcome = rig.sync().exits(3).json();
    let errors = outcome["errors"].as_array().unwrap().iter();
    let named: Vec<&str> = errors.filter_map(|noted| noted["path"].as_str()).collect();
    assert_eq!(named, ["strict/one.yaml", "strict/two.yaml"]);
    let report = rig.json(&["report"]);
    assert_eq!(report["verdict"]["complete"], false, "{}", report["verdict"]);
    rig.sync().exits(3);
    rig.run(&["plan"]).exits(3);
    fs::remove_file(rig.path("strict/two.yaml")).unwrap();
    rig.sync().exits(HELD);
}

#[test]
fn what_is_no_file_is_told_and_waits_for_nobody() {
    let rig = synced();
    let made = std::process::Command::new("mkfifo").arg(rig.path("strict/pipe.yaml")).status().unwrap();
    assert!(made.success());
    let outcome = rig.sync().exits(3).json();
    assert!(outcome.to_string().contains("strict/pipe.yaml"), "{outcome}");
    let told = rig.run(&["check"]).exits(2).stderr;
    assert!(told.contains("FIFO"), "{told}");
    fs::remove_file(rig.path("strict/pipe.yaml")).unwrap();
    rig.sync().exits(HELD);
}

#[test]
fn a_proxy_or_an_authority_that_cannot_be_used_is_told_before_anything_is_asked() {
    let rig = synced();
    rig.forget();
    for (variable, words) in [
        ("HTTPS_PROXY=http://", "the variable names no proxy"),
        ("https_proxy=ftp://proxy.example.org", "`ftp` is no scheme of a proxy"),
        ("HTTPS_PROXY=http:/proxy.example.org:3128", "the variable names no proxy"),
        ("ALL_PROXY=socks5://proxy.example.org", "`socks5` is no scheme of a proxy"),
        ("HTTP_PROXY=' http://proxy.example.org'", "the variable names no proxy"),
        ("SSL_CERT_FILE=nowhere.pem", "`nowhere.pem` cannot be used"),
        ("SSL_CERT_FILE=people.yaml", "no certificate in PEM"),
    ] {
        let told = rig.run_by(&format!("{variable} \"$0\" \"$@\""), &["sync"]).exits(2).stderr;
        assert!(told.contains(words), "{variable}: {told}");
    }
    assert_eq!(rig.log(), Vec::<Value>::new());
}

#[test]
fn advice_follows_the_cause_of_a_connection_that_did_not_come_to_be() {
    let rig = synced();
    let address = rig.addresses.github.clone();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let wrong = [
        (address.replace("http://", "https://"), "the port does not speak TLS"),
        (format!("http://127.0.0.1:{port}"), "nothing listens there"),
    ];
    let mut before = address;
    for (url, words) in wrong {
        rig.edit("postmortem-sync.yaml", &before, &url);
        let outcome = rig.sync().exits(3).json();
        let error = outcome["trackers"]["github"]["error"].as_str().unwrap();
        assert!(error.contains(words), "{url}: {error}");
        before = url;
    }
}
