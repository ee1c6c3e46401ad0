//! Pages of a Confluence as postmortems: their story with the real program, in the cloud and on Data Center.

mod reading;
mod refused;

use serde_json::{Value, json};

use super::{
    rig::{Ran, Rig},
    trouble::{self, HELD, PARTIAL},
};

/// One of the two kinds of Confluence, as configuration and sandbox call it.
#[derive(Clone, Copy, Debug)]
struct Edition {
    tracker: &'static str,
    state: &'static str,
    path: &'static str,
    credential: &'static str,
    /// How Bo and Dara are mentioned.
    bo: &'static str,
    dara: &'static str,
}

const CLOUD: Edition = Edition {
    tracker: "jira",
    state: "confluence",
    path: "/wiki",
    credential: "email: bot@acme.example, token: { file: secrets/jira }",
    bo: "ri:account-id=\"5b10a2844c20165700ed1003\"",
    dara: "ri:account-id=\"5b10a2844c20165700ed1005\"",
};
const DATA_CENTER: Edition = Edition {
    tracker: "jira_dc",
    state: "confluence_dc",
    path: "/confluence",
    credential: "token: { file: secrets/jira-dc }",
    bo: "ri:userkey=\"key-bo\"",
    dara: "ri:userkey=\"key-dara\"",
};

const BY_LABEL: &str = "label: postmortem";

struct Wiki {
    rig: Rig,
    edition: Edition,
}

/// A rig whose findings come from a wiki, with two pages in it; the first has two actions and the second has one.
fn stage(edition: Edition, pages: &str) -> Wiki {
    let rig = trouble::stage();
    let host = if edition.tracker == "jira" { &rig.addresses.jira } else { &rig.addresses.jira_dc };
    let source = format!(
        "sources: [{{ name: wiki, team: payments, max_bytes: 5000, confluence: {{ url: \"{host}{}\", {}, {pages}, timeout: 2s }} }}]",
        edition.path, edition.credential
    );
    rig.edit("postmortem-sync.yaml", "sources: [{ name: postmortems, files: [\"postmortems/*\"] }]", &source);
    let wiki = Wiki { rig, edition };
    wiki.create("Card outage", &wiki.first());
    wiki.create("Lost backup", &table(&[("Rehearse the restore", "", "")]));
    wiki
}

fn table(rows: &[(&str, &str, &str)]) -> String {
    let row = |(action, owner, due): &(&str, &str, &str)| {
        let owner =
            if owner.is_empty() { String::new() } else { format!("<ac:link><ri:user {owner} /></ac:link>") };
        let due = if due.is_empty() { String::new() } else { format!("<time datetime=\"{due}\" />") };
        format!("<tr><td>{action}</td><td>{owner}</td><td>{due}</td></tr>")
    };
    let rows: String = rows.iter().map(row).collect();
    format!(
        "<p>It failed for two hours.</p><h2>Action items</h2><table><tbody><tr><th>Action</th><th>Owner</th><th>Due</th></tr>{rows}</tbody></table>"
    )
}

impl Wiki {
    fn first(&self) -> String {
        table(&[
            ("Alert on a falling success rate", self.edition.bo, "2027-01-15"),
            ("Rehearse the failover", "", ""),
        ])
    }

    fn create(&self, title: &str, body: &str) {
        self.control(json!({"space": "OPS", "do": "create_page", "title": title, "body": body, "labels": ["postmortem"]}));
    }

    fn control(&self, mut act: Value) {
        let who = json!({"as": "dara", "tracker": self.edition.tracker});
        act.as_object_mut().unwrap().extend(who.as_object().unwrap().clone());
        self.rig.control("POST", "/act", &act);
    }

    /// What somebody does to the first page.
    fn act(&self, mut deed: Value) {
        deed["page"] = json!("65537");
        self.control(deed);
    }

    fn findings(&self) -> Vec<Value> {
        self.rig.json(&["finding", "list", "--all"]).as_array().unwrap().clone()
    }

    fn keys(&self) -> Vec<String> {
        self.findings().iter().map(|one| one["key"].as_str().unwrap().to_owned()).collect()
    }

    /// Findings whose document does not list them any more.
    fn missing(&self) -> Vec<String> {
        let findings = self.findings();
        let missing = findings.iter().filter(|one| one["source_missing"] == true);
        missing.map(|one| one["key"].as_str().unwrap().to_owned()).collect()
    }

    fn issues(&self) -> Vec<Value> {
        self.rig.issues().into_iter().filter(|issue| issue["place"] == "acme/payments").collect()
    }

    fn revision(&self) -> Value {
        self.rig.json(&["intake", "documents"])[0]["revision"].clone()
    }

    /// Requests to the wiki, each as path and query.
    fn asked(&self) -> Vec<String> {
        let log = self.rig.log();
        let ours = log.iter().filter(|entry| entry["tracker"] == self.edition.tracker);
        let target = |entry: &Value| {
            format!("{}?{}", entry["path"].as_str().unwrap(), entry["query"].as_str().unwrap())
        };
        let is_wiki =
            |path: &String| ["/content", "/rest/api/user", "/pages"].iter().any(|part| path.contains(part));
        ours.map(target).filter(is_wiki).collect()
    }
}

#[test]
fn actions_on_a_page_become_issues_and_what_is_edited_there_is_followed() {
    for edition in [CLOUD, DATA_CENTER] {
        let wiki = stage(edition, BY_LABEL);
        wiki.rig.sync().exits(0);
        let issues = wiki.issues();
        assert_eq!(issues.len(), 3, "{issues:?}");
        assert_eq!(issues[0]["assignees"], json!(["bo"]));
        assert_eq!(wiki.keys(), ["page-65537/F1", "page-65537/F2", "page-65538/F1"]);
        let stated = &wiki.findings()[0]["stated"];
        assert_eq!(
            (&stated["path"], &stated["postmortem_title"]),
            (&json!("page-65537"), &json!("Card outage"))
        );
        assert_eq!((&stated["due"], &wiki.revision()), (&json!("2027-01-15"), &json!("1")));
        let url = stated["postmortem_url"].as_str().unwrap();
        assert!(url.ends_with(&format!("{}/pages/viewpage.action?pageId=65537", edition.path)), "{url}");
        wiki.rig.quiet_sync(0);
        let edited = table(&[
            ("Alert on a falling success rate", edition.dara, "2027-01-10"),
            ("Rehearse the failover", edition.bo, ""),
            ("Page the second team as well", "", ""),
        ]);
        wiki.act(json!({"do": "edit", "body": edited}));
        wiki.rig.sync().exits(0);
        let issues = wiki.issues();
        assert_eq!(issues.len(), 4, "{issues:?}");
        assert_eq!(issues[1]["assignees"], json!(["bo"]), "the page has an owner now");
        let first = &wiki.findings()[0];
        assert_eq!(
            first["stated"]["owner"], "Dara Okafor",
            "the name of who is not in the people file is asked for"
        );
        assert_eq!((&first["stated"]["due"], &wiki.revision()), (&json!("2027-01-10"), &json!("2")));
        wiki.rig.quiet_sync(0);
    }
}

#[test]
fn a_page_that_is_renamed_or_moved_keeps_its_findings() {
    let wiki = stage(CLOUD, "cql: \"label = postmortem and space in (OPS, SEC)\"");
    wiki.rig.sync().exits(0);
    let (keys, issues) = (wiki.keys(), wiki.issues().len());
    for deed in
        [json!({"do": "rename", "to": "Card outage of September"}), json!({"do": "move", "to": "SEC"})]
    {
        wiki.act(deed);
        wiki.rig.sync().exits(0);
        assert_eq!((wiki.keys(), wiki.issues().len(), wiki.missing()), (keys.clone(), issues, Vec::new()));
    }
    assert_eq!(wiki.findings()[0]["stated"]["postmortem_title"], "Card outage of September");
    wiki.act(json!({"do": "move", "to": "ARCHIVE"}));
    wiki.rig.sync().exits(0);
    assert_eq!(
        wiki.missing(),
        ["page-65537/F1", "page-65537/F2"],
        "it is none of the source's any more, and seen to be so"
    );
    wiki.act(json!({"do": "move", "to": "OPS"}));
    wiki.rig.sync().exits(0);
    assert_eq!((wiki.keys(), wiki.missing()), (keys, Vec::new()));
}

#[test]
fn nothing_more_of_a_page_leaves_once_some_only_may_read_it_or_what_it_stands_below() {
    for edition in [CLOUD, DATA_CENTER] {
        let wiki = stage(edition, BY_LABEL);
        wiki.control(json!({"space": "OPS", "do": "create_page", "title": "Incidents"}));
        let body = table(&[("Shut the door", "", "")]);
        wiki.control(
            json!({"space": "OPS", "do": "create_page", "title": "Break-in", "body": body, "labels": ["postmortem"], "below": "Incidents"}),
        );
        wiki.rig.sync().exits(0);
        let issues = wiki.issues().len();
        wiki.control(json!({"page": "Incidents", "do": "restrict", "readers": ["acme-bot", "ana"]}));
        wiki.act(json!({"do": "restrict", "readers": ["acme-bot"]}));
        wiki.act(json!({"do": "edit", "body": table(&[("Alert on CANARYWORD", "", "")])}));
        wiki.rig.forget();
        wiki.rig.sync().exits(HELD);
        assert_eq!(wiki.issues().len(), issues);
        let log = wiki.rig.log();
        assert!(log.iter().all(|entry| !entry["request"].to_string().contains("CANARYWORD")));
        let red = |key: &str| {
            wiki.findings()
                .iter()
                .any(|one| one["key"].as_str().unwrap().starts_with(key) && one["stated"]["tlp"] == "RED")
        };
        assert!(red("page-65537"), "restricted itself");
        assert!(red("page-65540"), "restricted above");
        assert!(!red("page-65538"), "not restricted");
        let told = wiki.rig.run(&["check", "--online"]).stderr;
        assert!(told.contains("page 65539 above it is restricted"), "{told}");
        wiki.act(json!({"do": "unrestrict"}));
        wiki.rig.sync().exits(HELD);
        assert!(red("page-65537"), "whoever may lift a restriction must not be able to make it leave");
    }
}

#[test]
fn a_label_that_is_a_mark_counts_for_a_page() {
    let wiki = stage(CLOUD, BY_LABEL);
    wiki.act(json!({"do": "label", "label": "tlp-red"}));
    wiki.rig.sync().exits(HELD);
    assert_eq!(wiki.issues().len(), 1, "the page without the label alone");
    assert_eq!(wiki.findings()[0]["stated"]["tlp"], "RED");
}

#[test]
fn a_page_in_the_trash_is_gone_and_one_out_of_sight_is_unknown() {
    for edition in [CLOUD, DATA_CENTER] {
        let wiki = stage(edition, BY_LABEL);
        wiki.rig.sync().exits(0);
        wiki.act(json!({"do": "restrict", "readers": ["ana"]}));
        let outcome = wiki.rig.quiet_sync(PARTIAL).json().to_string();
        assert!(outcome.contains("not found or not visible to the account of this source"), "{outcome}");
        assert_eq!(wiki.missing(), Vec::<String>::new());
        wiki.act(json!({"do": "unrestrict"}));
        wiki.rig.quiet_sync(0);
        wiki.act(json!({"do": "trash"}));
        wiki.rig.sync().exits(0);
        assert_eq!(wiki.missing(), ["page-65537/F1", "page-65537/F2"]);
        assert!(
            wiki.issues().iter().all(|issue| issue["state"] == "open"),
            "nothing is closed because of it"
        );
        wiki.rig.quiet_sync(0);
        assert!(
            wiki.asked().iter().all(|path| !path.contains("65537")),
            "what is gone is not asked for again"
        );
        wiki.act(json!({"do": "restore"}));
        wiki.rig.sync().exits(0);
        assert_eq!(wiki.missing(), Vec::<String>::new());
        wiki.act(json!({"do": "purge"}));
        wiki.rig.quiet_sync(PARTIAL);
        assert_eq!(wiki.missing(), Vec::<String>::new(), "a 404 alone proves nothing");
    }
}

#[test]
fn a_page_that_is_archived_or_loses_its_label_is_gone() {
    for deed in [json!({"do": "archive"}), json!({"do": "unlabel", "label": "postmortem"})] {
        let wiki = stage(CLOUD, "space: ops, label: postmortem");
        wiki.rig.sync().exits(0);
        wiki.act(deed);
        wiki.rig.sync().exits(0);
        assert_eq!(wiki.missing(), ["page-65537/F1", "page-65537/F2"]);
    }
}

/// A page of a listing as a server may forge it.
fn forged(next: &str) -> Value {
    let page = json!({
        "id": "65537", "type": "page", "status": "current", "title": "Card outage", "version": {"number": 1},
        "space": {"key": "OPS"}, "ancestors": [], "metadata": {"labels": {"results": [{"name": "postmortem"}]}},
        "restrictions": {"read": {"restrictions": {"user": {"results": []}, "group": {"results": []}}}},
    });
    json!({"results": [page], "start": 0, "limit": 1, "size": 1, "_links": {"base": next, "next": next}})
}

#[test]
fn a_listing_that_does_not_come_to_its_end_makes_no_finding_disappear() {
    for edition in [CLOUD, DATA_CENTER] {
        let wiki = stage(edition, BY_LABEL);
        wiki.rig.sync().exits(0);
        wiki.rig.control("POST", "/settings", &json!({edition.tracker: {"page_max": 1}}));
        wiki.rig.quiet_sync(0);
        let (keys, elsewhere) = (wiki.keys(), &wiki.rig.addresses.github);
        let next = format!("{elsewhere}/rest/api/content/search?cursor=sandbox_1&cql=x");
        let other_path = "/rest/api/content/65537?cursor=1";
        let answer = |next: &str| json!({"status": {"status": 200, "body": forged(next)}});
        for (action, told) in [
            (json!({"status": {"status": 500}}), "did not answer properly"),
            (json!("truncate"), "did not answer properly"),
            (json!({"status": {"status": 401}}), "the credential was refused"),
            (json!({"status": {"status": 403, "body": {"message": "no"}}}), "forbidden"),
            (json!({"status": {"status": 302, "headers": {"Location": next}}}), "which is not followed"),
            (
                json!({"status": {"status": 200, "body": {"results": []}, "headers": {"X-AUSERNAME": "anonymous"}}}),
                "anonymous",
            ),
            (json!({"status": {"status": 200, "body": {"size": 0}}}), "not the expected JSON"),
            (
                json!({"status": {"status": 200, "body": {"results": [{"id": "65538"}]}}}),
                "page 65538 cannot be understood",
            ),
            (answer(&next), "which is not followed"),
            (answer("//evil.example/rest/api/content/search?cursor=1"), "which is not followed"),
            (answer(other_path), "which is not followed"),
            (answer("/rest/api/content/search?cql=x"), "does not say how it goes on"),
            (
                answer("/rest/api/content/search?cursor=sandbox_1&expand=metadata.labels"),
                "leads back to where it was",
            ),
        ] {
            wiki.rig.control("DELETE", "/faults", &Value::Null);
            let fault = json!({"tracker": edition.tracker, "path": "metadata.labels", "skip": 1, "times": null, "action": action});
            wiki.rig.fault(&fault);
            let outcome = wiki.rig.quiet_sync(PARTIAL).json().to_string();
            assert!(
                outcome.contains("the pages cannot be listed") && outcome.contains(told),
                "{told}: {outcome}"
            );
            assert_eq!((wiki.keys(), wiki.missing()), (keys.clone(), Vec::new()), "{told}");
            let strangers =
                |entry: &Value| entry["tracker"] == "github" && entry["path"].to_string().contains("content");
            assert!(!wiki.rig.log().iter().any(strangers), "nothing is asked of another host");
        }
        trouble::heal(&wiki.rig);
        wiki.rig.quiet_sync(0);
    }
}

#[test]
fn a_refusal_for_too_much_traffic_is_obeyed_and_changes_nothing() {
    let wiki = stage(CLOUD, BY_LABEL);
    wiki.rig.sync().exits(0);
    let limit = json!({"status": {"status": 429, "headers": {"Retry-After": "30"}}});
    wiki.rig.fault(&json!({"tracker": "jira", "path": "/wiki/", "times": null, "action": limit}));
    let outcome = wiki.rig.quiet_sync(PARTIAL).json().to_string();
    assert!(outcome.contains("asked to wait until"), "{outcome}");
    assert_eq!(wiki.asked().len(), 1, "it is not asked again before that: {:?}", wiki.asked());
    assert_eq!(wiki.missing(), Vec::<String>::new());
}

#[test]
fn a_page_that_is_too_long_or_whose_text_cannot_be_had_is_told_and_spoils_no_other() {
    let wiki = stage(CLOUD, BY_LABEL);
    wiki.rig.sync().exits(0);
    wiki.act(json!({"do": "edit", "body": format!("{}{}", wiki.first(), "<p>long</p>".repeat(1000))}));
    wiki.control(json!({"page": "65538", "do": "edit", "body": table(&[("Rehearse the restore", wiki.edition.bo, "")])}));
    let outcome = wiki.rig.sync().exits(PARTIAL).json().to_string();
    assert!(outcome.contains("more than the 5000 that are read"), "{outcome}");
    assert_eq!(wiki.missing(), Vec::<String>::new());
    assert_eq!(wiki.issues()[2]["assignees"], json!(["bo"]), "the other page is read");
    wiki.act(json!({"do": "edit", "body": wiki.first()}));
    let cut = json!({"status": {"status": 500}});
    let of_first = "id%20in%20%2865537";
    wiki.rig.fault(&json!({"tracker": "jira", "path": of_first, "times": null, "action": cut}));
    let outcome = wiki.rig.sync().exits(PARTIAL).json().to_string();
    assert!(outcome.contains("did not answer properly"), "{outcome}");
    assert_eq!(wiki.missing(), Vec::<String>::new());
    let documents = wiki.rig.json(&["intake", "documents"]);
    assert_eq!(
        (&documents[0]["coverage"], &documents[1]["coverage"]),
        (&json!("unreadable"), &json!("findings"))
    );
    trouble::heal(&wiki.rig);
    wiki.rig.quiet_sync(0);
}

#[test]
fn check_says_whether_the_pages_can_be_read() {
    let wiki = stage(CLOUD, BY_LABEL);
    let told = |ran: &Ran| format!("{}{}", ran.stdout, ran.stderr);
    let offline = wiki.rig.run(&["check"]).exits(0);
    assert!(
        told(&offline).contains("the source `wiki` is in a Confluence, so its documents were not read"),
        "{offline:?}"
    );
    assert_eq!(wiki.asked(), Vec::<String>::new(), "nothing is asked without being asked to");
    let online = wiki.rig.run(&["check", "--online"]);
    assert!(told(&online).contains("2 documents with 3 findings"), "{online:?}");
    wiki.rig.write("secrets/jira", "another-token-that-is-wrong\n");
    let refused = wiki.rig.run(&["check", "--online"]).exits(2);
    assert!(told(&refused).contains("the credential was refused"), "{refused:?}");
    assert!(!told(&refused).contains("another-token"), "{refused:?}");
    wiki.rig.write("secrets/jira", "sandbox-jira-token\n");
    wiki.rig.edit("postmortem-sync.yaml", BY_LABEL, "space: NOWHERE");
    let empty = wiki.rig.run(&["check", "--online"]).exits(2);
    assert!(told(&empty).contains("no page is found that this account can read"), "{empty:?}");
    std::fs::remove_file(wiki.rig.path("secrets/jira")).unwrap();
    let missing = wiki.rig.run(&["sync"]).exits(2);
    assert!(told(&missing).contains("the secret's file"), "{missing:?}");
    let state = wiki.rig.state();
    assert_eq!(state[wiki.edition.state]["pages"].as_array().unwrap().len(), 2);
}
