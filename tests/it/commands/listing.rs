//! Long lists are printed in parts, and what a limit leaves out is found by going on.

use serde_json::{Value, json};

use super::super::{
    rig::Rig,
    story::{HELD, synced},
};
use crate::trouble::shell;

/// The keys that a list prints as JSON.
fn keys(rig: &Rig, arguments: &[&str]) -> Vec<String> {
    let listed = rig.json(&[&["finding", "list"], arguments].concat());
    let key = |finding: &Value| finding["key"].as_str().unwrap().to_owned();
    listed.as_array().unwrap().iter().map(key).collect()
}

/// The same in parts of a length.
fn in_parts(rig: &Rig, arguments: &[&str], most: usize) -> Vec<String> {
    let (mut all, mut after): (Vec<String>, Option<String>) = (Vec::new(), None);
    loop {
        let most = most.to_string();
        let mut words = [arguments, &["--limit", &most]].concat();
        words.extend(after.iter().flat_map(|after| ["--after", after]));
        let part = keys(rig, &words);
        let Some(last) = part.last() else { return all };
        after = Some(last.clone());
        all.extend(part);
    }
}

#[test]
fn a_list_in_parts_has_every_finding_once() {
    let rig = synced();
    for arguments in [
        &[][..],
        &["--all"],
        &["--state", "open"],
        &["--severity", "high"],
        &["--owner", "nobody"],
        &["--sort", "due"],
        &["--overdue", "--now", "2030-01-01"],
        &["--overdue", "--now", "2030-01-01", "--sort", "key"],
        &["--overdue", "--now", "2030-01-01", "--severity", "high"],
    ] {
        let whole = keys(&rig, arguments);
        assert!(!whole.is_empty(), "{arguments:?}");
        // Each part is a process: one by one they are listed once, in the order that most ask for.
        for most in if arguments.is_empty() { &[1, 4, 500][..] } else { &[4, 500] }.iter().copied() {
            assert_eq!(in_parts(&rig, arguments, most), whole, "{arguments:?} {most}");
        }
        let unsorted = arguments.split(|word| *word == "--sort").next().unwrap();
        let counted = rig.json(&[&["finding", "list", "--count"], unsorted].concat());
        assert_eq!(counted["all"], json!(whole.len()), "{arguments:?}");
    }
}

#[test]
fn links_in_parts_are_each_there_once_in_the_order_in_which_they_were_made() {
    let rig = synced();
    let whole = rig.json(&["link", "list"]);
    let whole = whole.as_array().unwrap();
    for most in [1, 5, 500] {
        let (mut all, mut after): (Vec<Value>, Option<[String; 2]>) = (Vec::new(), None);
        loop {
            let most = most.to_string();
            let mut words = vec!["link", "list", "--limit", &most];
            if let Some([finding, issue]) = &after {
                words.extend(["--after", finding, issue]);
            }
            let part = rig.json(&words);
            let Some(last) = part.as_array().unwrap().last() else { break };
            let text = |at: &str| last.pointer(at).unwrap().as_str().unwrap().to_owned();
            after = Some([text("/finding"), text("/issue/key")]);
            all.extend(part.as_array().unwrap().iter().cloned());
        }
        assert_eq!(all, *whole, "{most}");
    }
    let cut = rig.run(&["link", "list", "--limit", "2"]).exits(0);
    assert!(
        cut.stderr.contains(&format!("{} more; go on with `--after PM-", whole.len() - 2)),
        "{}",
        cut.stderr
    );
    let refused = rig.run(&["link", "list", "--after", "PM-2026-101/F1", "nowhere#1"]).exits(2).stderr;
    assert!(refused.contains("is not linked with nowhere#1"), "{refused}");
    let first = whole[0]["finding"].as_str().unwrap();
    shell(&rig, &format!("UPDATE link SET destination = destination || 'x' WHERE finding = '{first}'"));
    for arguments in [&["link", "list"][..], &["link", "list", "--limit", "3"]] {
        let listed = rig.run(arguments).exits(HELD);
        assert!(!listed.stdout.contains(&format!("{first} ")), "{}", listed.stdout);
        assert!(listed.stderr.contains(&format!("`link {first} ")), "{}", listed.stderr);
    }
}

#[test]
fn what_became_overdue_since_an_instant_is_listed_alone() {
    let rig = synced();
    let all = keys(&rig, &["--overdue", "--now", "2030-01-01"]);
    let mut found = Vec::new();
    let days = ["2020-01-01", "2026-06-01", "2026-12-15", "2027-02-01", "2030-01-01"];
    for between in days.windows(2) {
        found.extend(keys(&rig, &["--overdue", "--since", between[0], "--now", between[1]]));
    }
    assert_eq!(found, all, "each became overdue once");
    assert!(rig.run(&["finding", "list", "--since", "2026-01-01"]).exits(2).stderr.contains("--overdue"));
}

#[test]
fn what_a_limit_leaves_out_is_counted_and_where_to_go_on_is_said() {
    let rig = synced();
    let open = keys(&rig, &["--state", "open"]);
    let cut = rig.run(&["finding", "list", "--state", "open", "--limit", "3"]).exits(0);
    assert_eq!(cut.stdout.lines().count(), 4, "{}", cut.stdout);
    let told = format!("{} more; go on with `--after {}`", open.len() - 3, open[2]);
    assert!(cut.stderr.contains(&told), "{}", cut.stderr);
    let rest =
        rig.run(&["finding", "list", "--state", "open", "--limit", "500", "--after", &open[2]]).exits(0);
    assert!(!rest.stderr.contains("more"), "{}", rest.stderr);
    let none = rig.run(&["finding", "list", "--sort", "key", "--after", "PM-9999"]).exits(0);
    assert!(none.stdout.contains("no finding is in such a state"), "{}", none.stdout);
    rig.run(&["finding", "list", "--after", "PM-9999"]).exits(2);
    rig.run(&["finding", "list", "--limit", "0"]).exits(2);
}

#[test]
fn counts_are_told_by_state() {
    let rig = synced();
    let counted = rig.json(&["finding", "list", "--count"]);
    assert_eq!(counted["all"], json!(keys(&rig, &[]).len()));
    assert_eq!(counted["states"]["open"], json!(keys(&rig, &["--state", "open"]).len()));
    let table = rig.run(&["finding", "list", "--count", "--state", "open"]).exits(0).stdout;
    assert!(table.contains("open") && table.contains("25") && !table.contains("resolved"), "{table}");
}

#[test]
fn what_does_not_fit_is_left_out_of_every_part() {
    let rig = synced();
    let first = keys(&rig, &[])[0].clone();
    shell(&rig, &format!("UPDATE finding SET severity = 'low' WHERE key = '{first}'"));
    for arguments in [&[][..], &["--limit", "2"], &["--sort", "due"]] {
        let listed = rig.run(&[&["finding", "list"], arguments].concat()).exits(HELD);
        assert!(!listed.stdout.contains(&format!("{first} ")), "{arguments:?}: {}", listed.stdout);
        assert!(listed.stderr.contains(&format!("`finding {first}` does not fit")), "{}", listed.stderr);
    }
}

#[test]
fn a_list_whose_reader_goes_away_ends_quietly() {
    let rig = synced();
    for verb in ["finding list --format json", "finding list", "link list", "report", "report --format json"]
    {
        let words: Vec<&str> = verb.split(' ').collect();
        let ran = rig.run_by("{ \"$0\" \"$@\"; echo \"ended with $?\" >&2; } | true", &words);
        assert_eq!(ran.stderr, "ended with 0\n", "{verb}");
    }
}
