//! `intake write-ids` and `intake write-back`: comments go in, and every other byte stays.

use super::super::{
    rig::Rig,
    trouble::{self, HELD},
};

const DOCUMENT: &str = "\u{feff}---\r\nid: PM-9\r\nteam: payments\r\n---\r\n# Leak  \r\n\r\n## Action items\r\n\r\n- [ ] Rotate the keys  \r\n  every week\r\n- Expire `a | b` tokens\r\n\r\n| Action | Owner |\r\n|---|---|\r\n| Train everybody | ana |\r\n| Write it down \\| twice |  |\r\n\r\nThe end, without a line end";

/// The document without the comments that were written.
fn bare(text: &str) -> String {
    let mut rest = text;
    let mut bare = String::new();
    while let Some((before, after)) = rest.split_once(" <!-- ") {
        bare.push_str(before);
        rest = after.split_once("-->").unwrap().1;
    }
    bare + rest
}

fn stage() -> Rig {
    let rig = trouble::stage();
    rig.write("postmortems/leak.md", DOCUMENT);
    rig
}

#[test]
fn ids_are_written_where_they_are_read_again_and_every_other_byte_stays() {
    let rig = stage();
    let early = rig.run(&["intake", "write-ids"]).exits(0).stdout;
    assert!(early.contains("4 findings not recorded yet; run `sync` first"), "{early}");
    rig.sync();
    let check = rig.run(&["intake", "write-ids", "--check"]).exits(10).stdout;
    assert!(check.contains("leak.md: 4 comments to be written"), "{check}");
    assert_eq!(rig.read("postmortems/leak.md"), DOCUMENT, "a check writes nothing");
    rig.run(&["intake", "write-ids"]).exits(0);
    let written = rig.read("postmortems/leak.md");
    assert_eq!(bare(&written), DOCUMENT);
    assert!(written.contains("- [ ] Rotate the keys <!-- finding: F1 -->  \r\n"), "{written}");
    assert!(written.contains("| Train everybody <!-- finding: F3 --> | ana |"), "{written}");
    assert!(written.contains("| Write it down \\| twice <!-- finding: F4 --> |  |"), "{written}");
    let again = rig.run(&["intake", "write-ids"]).exits(0).stdout;
    assert!(again.contains("nothing to write"), "{again}");
    // Reworded beyond recognition, and in another order: the ids hold.
    rig.write(
        "postmortems/leak.md",
        &written.replace("Rotate the keys", "Use passkeys").replace("every week", "from now on"),
    );
    let before = rig.issues().len();
    rig.sync();
    assert_eq!(rig.issues().len(), before, "nothing is made again");
    let keys = rig.run(&["finding", "list"]).exits(0).stdout;
    assert!(keys.contains("Use passkeys") && !keys.contains("PM-9/F5"), "{keys}");
}

#[test]
fn issues_are_written_back_and_kept_current() {
    let rig = stage();
    rig.sync();
    rig.run(&["intake", "write-back"]).exits(0);
    let written = rig.read("postmortems/leak.md");
    assert_eq!(bare(&written), DOCUMENT);
    assert_eq!(written.matches("<!-- issue: acme/payments#").count(), 4, "{written}");
    assert!(written.contains(" open -->"), "{written}");
    rig.quiet_sync(0);
    rig.act("bo", "acme/payments#1", serde_json::json!({"do": "close"}));
    rig.sync();
    rig.run(&["intake", "write-back", "postmortems"]).exits(0);
    let current = rig.read("postmortems/leak.md");
    assert_eq!(current.matches("acme/payments#1 ").count(), 1, "{current}");
    assert!(current.contains("acme/payments#1 pending_verification -->"), "{current}");
    assert_eq!(bare(&current), DOCUMENT);
    assert_ne!(rig.sync().code, Some(HELD));
}

#[test]
fn what_takes_no_comment_is_left_as_it_is() {
    let rig = trouble::stage();
    trouble::report(&rig, trouble::GITHUB, 1, 2);
    rig.sync().exits(0);
    let before = rig.read("postmortems/pm-1.yaml");
    rig.run(&["intake", "write-ids"]).exits(0);
    let told = rig.run(&["intake", "write-back"]).exits(0).stdout;
    assert!(told.contains("only Markdown takes them"), "{told}");
    assert_eq!(rig.read("postmortems/pm-1.yaml"), before);
    let refused = rig.run(&["intake", "write-ids", "postmortems/nowhere.md"]).exits(2);
    assert!(refused.stderr.contains("nowhere.md"), "{}", refused.stderr);
}
