//! Trackers of the configuration: addresses, words, keys.

use super::settings::{load, refused, with};

#[test]
fn addresses_that_would_leak_or_mislead_are_refused() {
    let jira = |url: &str| with("").replace("https://acme.atlassian.net", url);
    let at = "main.yaml:7:42: ";
    refused(
        &jira("http://acme.atlassian.net"),
        &[&format!(
            "{at}plain http would send the token readable to everybody | use https; http is for loopback only"
        )],
    );
    refused(
        &jira("ftp://acme.atlassian.net"),
        &[&format!("{at}this address is neither http nor https | begin it with `https://`")],
    );
    refused(
        &jira("acme.atlassian.net"),
        &[&format!(
            "{at}this address is not complete | write a complete address such as `https://acme.atlassian.net`"
        )],
    );
    refused(
        &jira("https://acme.atlassian.net/browse/PLAT-1"),
        &[&format!(
            "{at}this is the address of a page, not of the site | end it before `/browse` or `/rest`"
        )],
    );
    refused(
        &jira("https://bot:hunter2@acme.atlassian.net"),
        &[&format!(
            "{at}this address holds a user name or password | give the secret by reference: `token: {{ env: NAME }}`"
        )],
    );
    assert!(load(&jira("http://127.0.0.1:8080/jira/")).is_ok());
    assert!(load(&jira("http://[::1]:8080")).is_ok());
    let loaded = load(&jira("https://Acme.Atlassian.net/jira/")).unwrap();
    assert_eq!(loaded.trackers[1].url, "https://acme.atlassian.net/jira");
    assert_eq!(loaded.trackers[1].host.as_str(), "acme.atlassian.net");
}

#[test]
fn a_shared_address_takes_its_identity_from_the_site() {
    let shared =
        with("").replace("https://acme.atlassian.net", "https://api.atlassian.com/ex/jira/11111111-2222");
    refused(
        &shared,
        &[
            "main.yaml:7:42: this address serves every Jira Cloud site, so issues need the address that people open | add `browse_url: https://SITE.atlassian.net`",
        ],
    );
    let complete =
        shared.replace("kind: jira-cloud,", "kind: jira-cloud, browse_url: \"https://acme.atlassian.net\",");
    assert_eq!(load(&complete).unwrap().trackers[1].host.as_str(), "acme.atlassian.net");
}

fn with_jira(keys: &str) -> String {
    let jira = format!(
        "  - name: dc\n    kind: jira-dc\n    url: https://jira.acme.example\n    token: {{ env: TOKEN }}\n{keys}rules:\n"
    );
    with("").replace("rules:\n", &jira)
}

#[test]
fn a_status_map_that_would_flap_is_refused() {
    refused(
        &with_jira("    statuses: { In Review: in_progress }\n    targets:\n      done: in review\n"),
        &[
            "main.yaml:14:13: `in review` is written for done but read as in_progress: the status would flap | choose another target, or set `statuses: { in review: done }`",
        ],
    );
    refused(
        &with_jira("    targets: { in_progress: Doing, done: doing }\n"),
        &[
            "main.yaml:12:42: `doing` is written for done and for in_progress: it can only be read as one of them | give each its own status",
        ],
    );
    refused(
        &with_jira("    resolutions: { declined: Nope }\n"),
        &[
            "main.yaml:12:30: an issue closed with `Nope` would read back as done, not as declined | add `Nope` to `declined_resolutions`",
        ],
    );
    refused(
        &with_jira("    targets: { done: Done, declined: Done }\n"),
        &[
            "main.yaml:12:38: `Done` is written for declined and for done: it can only be read as one of them | give each its own status",
        ],
    );
    refused(
        &with_jira("    targets: { done: Canceled }\n"),
        &[
            "main.yaml:12:22: `Canceled` is written for done but read as declined: the status would flap | choose another target, or set `statuses: { Canceled: done }`",
        ],
    );
    refused(
        &with_jira(
            "    statuses: { Shut: declined }\n    targets: { done: Shut }\n    resolutions: { declined: Won't Do }\n",
        ),
        &[
            "main.yaml:13:22: `Shut` is written for done but read as declined: the status would flap | choose another target, or set `statuses: { Shut: done }`",
        ],
    );
    let told_apart = "    targets: { done: Done, declined: Done }\n    resolutions: { declined: Won't Do }\n";
    assert!(load(&with_jira(told_apart)).is_ok());
}

#[test]
fn keys_of_another_kind_of_tracker_are_refused() {
    refused(
        &with("").replace("kind: github,", "kind: github, email: a@b.example, statuses: { Done: done },"),
        &[
            "main.yaml:6:42: a tracker of kind github has no `email` | only `kind: jira-cloud` has it",
            "main.yaml:6:65: a tracker of kind github has no `statuses` | only Jira has it: GitHub issues are open or closed",
        ],
    );
    refused(
        &with("").replace("email: bot@acme.example, ", ""),
        &[
            "main.yaml:7:5: the tracker `jira` has no `email` | add the e-mail address of the account that the token belongs to",
        ],
    );
}
