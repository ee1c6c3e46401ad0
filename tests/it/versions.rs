//! A decision is about what the person saw: what changed meanwhile is looked at again first.

use std::{
    fs::File,
    process::{Command, Stdio},
};

use postmortem_sync::{
    model::{ids::InstanceName, register::Write},
    store::{self, Seed},
};
use serde_json::{Value, json};

use super::{
    rig::{Rig, until},
    story::soon,
    support::start_of_time,
    trouble::{self, GITHUB, events, report},
};

/// Exit code of a decision on what is not there any more.
const STALE: i32 = 5;

fn synced() -> Rig {
    let rig = trouble::stage();
    report(&rig, GITHUB, 1, 1);
    rig.sync().exits(0);
    rig
}

fn version(rig: &Rig) -> i64 {
    rig.json(&["finding", "show", "PM-1/F1"])["version"].as_i64().unwrap()
}

#[test]
fn a_decision_on_what_the_person_saw_is_refused_once_a_cycle_changed_it() {
    let rig = synced();
    let seen = version(&rig).to_string();
    let extend = [
        "finding",
        "extend",
        "PM-1/F1",
        "--due",
        &soon(),
        "--reason",
        "late",
        "--as",
        "eli",
        "--seen",
        &seen,
    ];
    rig.act("ana", "acme/payments#1", json!({"do": "close", "reason": "completed"}));
    rig.sync().exits(0);
    let ran = rig.run(&extend).exits(STALE);
    assert!(ran.stderr.contains("PM-1/F1 changed meanwhile: look again"), "{}", ran.stderr);
    assert_eq!(events(&rig, "deadline_extended"), 0);
    assert_eq!(rig.json(&["finding", "show", "PM-1/F1"])["finding"]["state"], "pending_verification");

    let seen = version(&rig).to_string();
    let reject = ["finding", "reject", "PM-1/F1", "--reason", "not yet", "--as", "eli", "--seen", &seen];
    rig.run(&reject).exits(0);
    rig.run(&reject).exits(STALE);
}

#[test]
fn cycles_without_news_leave_the_version_as_it_is() {
    let rig = synced();
    let shown = |rig: &Rig| {
        let shown = rig.json(&["finding", "show", "PM-1/F1"]);
        (shown["version"].clone(), shown["links"][0]["version"].clone())
    };
    let first = shown(&rig);
    assert!(first.0.as_i64() > Some(0) && first.1.as_i64() > Some(0), "{first:?}");
    rig.quiet_sync(0);
    rig.quiet_sync(0);
    assert_eq!(shown(&rig), first);
    assert_ne!(first.0, Value::Null);
}

#[test]
fn a_decision_that_waits_for_another_process_is_refused_if_that_changed_its_finding() {
    for is_changed in [true, false] {
        let rig = synced();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let address = format!("sqlite:{}", rig.path("register.db").display());
        let seed = Seed { database: [0; 16], marker_key: [0; 32] };
        let held = runtime.block_on(async {
            let store =
                store::open(&address, &InstanceName::new("faults"), &seed, start_of_time()).await.unwrap();
            let lease = store.lease("pid 7 on worker-1").await.unwrap();
            (store, lease)
        });
        let (store, lease) = held;
        let said = rig.path("said");
        let mut decision = Command::new(env!("CARGO_BIN_EXE_postmortem-sync"))
            .args(["finding", "assign", "PM-1/F1", "bo", "--as", "eli"])
            .current_dir(rig.path("."))
            .env_clear()
            .stdout(Stdio::null())
            .stderr(File::create(&said).unwrap())
            .spawn()
            .unwrap();
        until("it waits", || rig.read("said").contains("waiting for it").then_some(()));
        runtime.block_on(async {
            if is_changed {
                let mut finding = store.load().await.unwrap().findings[&"PM-1/F1".into()].clone();
                finding.rejections += 1;
                store.record(&lease, vec![Write::Finding(Box::new(finding))]).await.unwrap();
            }
            store.release(lease).await.unwrap();
        });
        let code = decision.wait().unwrap().code();
        assert_eq!(code, Some(if is_changed { STALE } else { 0 }), "{}", rig.read("said"));
    }
}
