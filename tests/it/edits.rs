//! A write-up is edited for weeks, through real cycles: what happens to keys, issues and clocks.

use std::{collections::BTreeMap, fs};

use serde_json::Value;

use super::{rig::Rig, trouble};

const HEAD: &str = "---\nid: PM-9\nteam: payments\n---\n# Login outage\n\n## Action items\n\n";
const ITEMS: [&str; 4] = [
    "- [ ] Rotate the signing keys of the login service every week",
    "- [ ] Alert the team on call when failed logins rise sharply",
    "- [ ] Replicate the session store into a second zone",
    "- [ ] Expire every session token that is older than one day",
];

struct Edited {
    rig: Rig,
    lines: Vec<String>,
}

/// What the register says of each finding, by key.
type Findings = BTreeMap<String, Value>;

impl Edited {
    /// Four issues from four items.
    fn begin() -> Self {
        let edited = Self { rig: trouble::stage(), lines: ITEMS.map(str::to_owned).to_vec() };
        edited.save("postmortems/login.md");
        edited.rig.sync();
        assert_eq!(edited.rig.issues().len(), 4);
        edited
    }

    fn save(&self, name: &str) {
        self.rig.write(name, &format!("{HEAD}{}\n", self.lines.join("\n")));
    }

    fn findings(&self) -> Findings {
        let all = self.rig.json(&["finding", "list", "--all"]);
        all.as_array()
            .unwrap()
            .iter()
            .map(|one| (one["key"].as_str().unwrap().to_owned(), one.clone()))
            .collect()
    }

    /// A cycle after an edit: no issue comes or goes, and every clock stays. What changed in the register.
    fn sync(&self, before: &Findings) -> Findings {
        self.rig.sync();
        let issues = self.rig.issues();
        assert_eq!(issues.len(), 4, "nothing is made again");
        let after = self.findings();
        let claimed = after.values().filter(|finding| finding["state"] == "pending_verification").count();
        let closed = issues.iter().filter(|issue| issue["state"] != "open").count();
        assert_eq!(closed, claimed, "nothing is closed but what is claimed to be done");
        assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>(), "the keys stay");
        for (key, finding) in &after {
            assert_eq!(finding["clock"], before[key]["clock"], "{key}: the clock goes on");
        }
        after
    }
}

fn titles(findings: &Findings) -> Vec<&str> {
    findings.values().map(|finding| finding["stated"]["title"].as_str().unwrap()).collect()
}

#[test]
fn rewording_moving_and_renaming_keep_keys_issues_and_clocks() {
    let mut edited = Edited::begin();
    let begun = edited.findings();
    edited.lines[0] = "- [ ] Rotate all signing keys of the login service every week".to_owned();
    edited.save("postmortems/login.md");
    let reworded = edited.sync(&begun);
    assert_eq!(titles(&reworded)[0], "Rotate all signing keys of the login service every week");
    let issue = edited.rig.issue("acme/payments#1");
    assert!(issue["body"].as_str().unwrap().contains("Rotate all signing keys"), "{issue}");
    edited.lines.rotate_left(1);
    edited.save("postmortems/login.md");
    let moved = edited.sync(&reworded);
    assert_eq!(titles(&moved), titles(&reworded), "the order of lines means nothing");
    fs::rename(edited.rig.path("postmortems/login.md"), edited.rig.path("postmortems/2026-login.md"))
        .unwrap();
    let renamed = edited.sync(&moved);
    assert_eq!(titles(&renamed), titles(&moved));
    assert!(renamed.values().all(|finding| finding["stated"]["path"] == "postmortems/2026-login.md"));
    edited.rig.quiet_sync(0);
}

#[test]
fn what_is_ticked_waits_for_a_reviewer_and_what_is_deleted_is_flagged() {
    let mut edited = Edited::begin();
    let begun = edited.findings();
    edited.lines[1] = edited.lines[1].replace("[ ]", "[x]");
    edited.save("postmortems/login.md");
    let ticked = edited.sync(&begun);
    assert_eq!(ticked["PM-9/F2"]["state"], "pending_verification", "a tick is a claim");
    edited.lines.remove(3);
    edited.save("postmortems/login.md");
    let deleted = edited.sync(&ticked);
    assert_eq!(deleted["PM-9/F4"]["source_missing"], true);
    assert_eq!(deleted["PM-9/F4"]["state"], "open", "what nobody lists any more is still to be done");
    let report = edited.rig.json(&["report"]);
    assert_eq!(report["sections"]["source_missing"], serde_json::json!(["PM-9/F4"]));
}

#[test]
fn an_emptied_write_up_closes_nothing_and_its_return_repairs_everything() {
    let edited = Edited::begin();
    let begun = edited.findings();
    edited.rig.write("postmortems/login.md", "");
    let emptied = edited.sync(&begun);
    assert_eq!(titles(&emptied), titles(&begun));
    edited.save("postmortems/login.md");
    let back = edited.sync(&emptied);
    assert!(back.values().all(|finding| finding["source_missing"] == false), "{back:#?}");
    edited.rig.quiet_sync(0);
}
