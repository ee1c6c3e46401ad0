//! An id is fixed at first sight: files that are renamed, moved, copied, or given another id.

use postmortem_sync::model::postmortem::{Document, DocumentFinding, Postmortem};

use super::{
    ALERT, LIMIT, ROTATE, Register, change, codes, document, get, item, keys, listing, missing, named, read,
    read_at, titles, unreadable, with,
};
use crate::build::now;

/// A write-up that states no id, at a path; its name gives the id.
fn untitled(path: &str, items: &[DocumentFinding]) -> Document {
    let name = path.rsplit('/').next().unwrap().trim_end_matches(".md");
    let derived = with(document(name, items), |postmortem| postmortem.id_derived = true);
    Document { path: path.to_owned(), hash: format!("hash of {path}"), ..derived }
}

/// The register after some write-ups were read for the first time.
fn seen(documents: Vec<Document>) -> Register {
    read(&Register::new(), documents).findings
}

#[test]
fn a_renamed_file_keeps_its_id_and_its_findings() {
    let register = seen(vec![untitled("old.md", &[item(ROTATE), item(ALERT)])]);
    let renamed = || vec![untitled("new.md", &[item(ROTATE), item(ALERT)])];
    let after = read(&register, renamed());
    assert_eq!(titles(&after), [("old/F1", ROTATE), ("old/F2", ALERT)]);
    assert_eq!((missing(&after), codes(&after)), (Vec::new(), Vec::new()));
    assert_eq!(get(&after, "old/F1").stated.path, "new.md");
    let moved = &after.entries[0];
    assert_eq!((moved.event.as_str(), moved.finding.as_ref()), ("document_moved", None));
    assert_eq!((moved.before.as_deref(), moved.after.as_deref()), (Some("old.md"), Some("new.md")));
    let again = read(&after.findings, renamed());
    assert_eq!((again.changed.len(), again.entries.len()), (0, 0), "and it is said once");
    let edited = read(&after.findings, vec![untitled("new.md", &[item(LIMIT)])]);
    assert_eq!(keys(&edited), ["old/F1", "old/F2", "old/F3"], "from now on its place tells what it is");
}

#[test]
fn a_file_may_be_renamed_and_edited_at_once() {
    let register = seen(vec![untitled("old.md", &[item(ROTATE), item(ALERT), item(LIMIT)])]);
    let edited = untitled("new.md", &[item(ROTATE), item(ALERT), item("Teach people to read logs")]);
    let after = read(&register, vec![edited]);
    assert_eq!(keys(&after), ["old/F1", "old/F2", "old/F3", "old/F4"]);
    assert_eq!(missing(&after), ["old/F3"]);
}

#[test]
fn many_files_renamed_at_once_are_told_apart() {
    let documents = |prefix: &str| {
        let items = |n: usize| [item(&format!("Rotate the key of server {n}")), item(ALERT)];
        (0..20).map(|n| untitled(&format!("{prefix}-{n}.md"), &items(n))).collect::<Vec<_>>()
    };
    let register = seen(documents("old"));
    let after = read(&register, documents("new"));
    assert_eq!((codes(&after).len(), missing(&after).len(), after.findings.len()), (0, 0, 40));
    assert_eq!(get(&after, "old-7/F1").stated.path, "new-7.md");
}

#[test]
fn the_one_issue_that_is_cited_tells_a_renamed_write_up() {
    let cites = |title: &str, host: Option<&str>| DocumentFinding {
        trackers: vec![postmortem_sync::model::postmortem::TrackerRef::Github {
            host: host.map(str::to_owned),
            repository: "acme/platform".to_owned(),
            number: 7,
        }],
        ..item(title)
    };
    let register = seen(vec![untitled("old.md", &[cites(ROTATE, None)])]);
    let after = read(&register, vec![untitled("new.md", &[cites("Something else", Some("github.com"))])]);
    assert_eq!(titles(&after), [("old/F1", "Something else")]);
}

#[test]
fn a_new_write_up_with_little_in_common_with_one_that_vanished_is_asked_about() {
    let register = seen(vec![untitled("old.md", &[item(ROTATE), item(ALERT), item(LIMIT)])]);
    let perhaps = || untitled("new.md", &[item(ROTATE), item("Teach people"), item("Watch the disks")]);
    let after = read(&register, vec![perhaps()]);
    assert_eq!(codes(&after), ["similar_match_needs_confirmation"]);
    assert_eq!((keys(&after).len(), missing(&after).len(), after.unreadable.len()), (3, 0, 3));
    let help = after.diagnostics[0].help.clone().unwrap();
    assert!(help.contains("id: old") && help.contains("id: new"), "{help}");
    // Both answers work.
    let stating =
        |id: &str| with(perhaps(), |postmortem| (postmortem.id, postmortem.id_derived) = (id.into(), false));
    let same = read(&register, vec![stating("old")]);
    assert_eq!(keys(&same), ["old/F1", "old/F2", "old/F3", "old/F4", "old/F5"]);
    let new = read(&register, vec![stating("new")]);
    assert_eq!(keys(&new), ["new/F1", "new/F2", "new/F3", "old/F1", "old/F2", "old/F3"]);
    assert_eq!(missing(&new), ["old/F1", "old/F2", "old/F3"]);
}

#[test]
fn of_two_files_that_may_be_the_one_that_vanished_neither_is_taken() {
    let register = seen(vec![untitled("old.md", &[item(ROTATE), item(ALERT)])]);
    let copies = ["one.md", "two.md"].map(|path| untitled(path, &[item(ROTATE), item(ALERT)]));
    let after = read(&register, copies.to_vec());
    assert_eq!((keys(&after), missing(&after)), (vec!["old/F1", "old/F2"], Vec::new()));
    assert_eq!(codes(&after), ["similar_match_needs_confirmation", "similar_match_needs_confirmation"]);
}

#[test]
fn a_write_up_that_is_still_there_has_not_moved() {
    let register = seen(vec![untitled("old.md", &[item(ROTATE)])]);
    let recurring =
        read(&register, vec![untitled("old.md", &[item(ROTATE)]), untitled("new.md", &[item(ROTATE)])]);
    assert_eq!(
        keys(&recurring),
        ["new/F1", "old/F1"],
        "the same action in another write-up is another finding"
    );
    let hidden = unreadable(untitled("old.md", &[]));
    let unsure = read(&register, vec![hidden, untitled("new.md", &[item(ROTATE)])]);
    assert_eq!(keys(&unsure), ["new/F1", "old/F1"], "nor has one whose document cannot be read just now");
}

#[test]
fn what_vanished_long_ago_comes_back_only_if_more_than_one_action_tells() {
    let register = seen(vec![untitled("old.md", &[item(ROTATE), item(ALERT)])]);
    let gone = read(&register, vec![untitled("other.md", &[item(LIMIT)])]).findings;
    assert!(gone.values().filter(|finding| finding.source_missing).count() == 2);
    let retitled = |post: &mut Postmortem| post.title = "Another incident".to_owned();
    let back = with(untitled("back.md", &[item(ROTATE), item(ALERT)]), retitled);
    let after = read(&gone, vec![untitled("other.md", &[item(LIMIT)]), back]);
    assert_eq!((keys(&after).len(), missing(&after).len()), (3, 0));
    let one = with(untitled("one.md", &[item(ROTATE), item("Teach people"), item("Watch")]), |post| {
        retitled(post);
    });
    let after = read(&gone, vec![untitled("other.md", &[item(LIMIT)]), one]);
    assert!(keys(&after).contains(&"one/F1") && codes(&after).is_empty());
}

#[test]
fn a_single_action_of_what_vanished_long_ago_tells_only_with_the_title() {
    let register = seen(vec![untitled("old.md", &[item(ROTATE)])]);
    let gone = read(&register, vec![untitled("other.md", &[item(LIMIT)])]).findings;
    let back = |title: &str| {
        let back = with(untitled("back.md", &[item(ROTATE)]), |post| post.title = title.to_owned());
        read(&gone, vec![untitled("other.md", &[item(LIMIT)]), back])
    };
    assert_eq!(keys(&back("Another incident")), ["back/F1", "old/F1", "other/F1"]);
    assert_eq!(keys(&back("keys  LEAKED")), ["old/F1", "other/F1"]);
}

#[test]
fn an_id_that_is_written_into_a_known_write_up_changes_no_key() {
    let register = seen(vec![untitled("old.md", &[item(ROTATE), item(ALERT)])]);
    let stating = |path: &str| Document {
        path: path.to_owned(),
        ..document("PM-7", &[item(ROTATE), item(ALERT), item(LIMIT)])
    };
    for path in ["old.md", "elsewhere/new.md"] {
        let after = read(&register, vec![stating(path)]);
        assert_eq!(titles(&after), [("old/F1", ROTATE), ("old/F2", ALERT), ("old/F3", LIMIT)], "{path}");
        assert_eq!((codes(&after), missing(&after)), (vec!["id_kept"], Vec::new()), "{path}");
        assert!(get(&after, "old/F1").stated.postmortem_derived, "{path}: its id is still the name's");
        let again = read(&after.findings, vec![stating(path)]);
        assert_eq!((again.changed.len(), codes(&again)), (0, vec!["id_kept"]), "{path}");
    }
}

#[test]
fn another_stated_id_at_another_place_is_another_write_up() {
    let register = seen(vec![document("PM-1", &[item(ROTATE)])]);
    let after = read(&register, vec![document("PM-2", &[item(ROTATE)])]);
    assert_eq!((keys(&after), missing(&after)), (vec!["PM-1/F1", "PM-2/F1"], vec!["PM-1/F1"]));
    let corrected = Document { path: "postmortems/PM-1.md".to_owned(), ..document("PM-2", &[item(ROTATE)]) };
    let after = read(&register, vec![corrected]);
    assert_eq!((keys(&after), codes(&after)), (vec!["PM-1/F1"], vec!["id_kept"]), "a corrected id is none");
    assert!(!get(&after, "PM-1/F1").stated.postmortem_derived);
}

#[test]
fn a_write_up_with_an_id_of_its_own_at_a_known_place_is_another_one_unless_it_says_some_of_the_same() {
    let register = seen(vec![untitled("old.md", &[item(ROTATE), item(ALERT)])]);
    let stated =
        |items: &[DocumentFinding]| Document { path: "old.md".to_owned(), ..document("PM-9", items) };
    let another = read(&register, vec![stated(&[item(LIMIT)])]);
    assert_eq!((keys(&another), missing(&another).len()), (vec!["PM-9/F1", "old/F1", "old/F2"], 2));
    let same = read(&register, vec![stated(&[item(ROTATE), item(LIMIT), item("Teach people to read logs")])]);
    assert_eq!(keys(&same), ["old/F1", "old/F2", "old/F3", "old/F4"]);
}

#[test]
fn a_name_that_is_used_again_gets_an_id_of_its_own() {
    let register = seen(vec![untitled("current.md", &[item(ROTATE)])]);
    let now_called = vec![
        untitled("2026-03-leak.md", &[item(ROTATE)]),
        untitled("current.md", &[item("Teach people"), item("Watch the disks")]),
    ];
    let first = read(&register, vec![now_called[0].clone()]);
    let after = read(&first.findings, now_called.clone());
    assert_eq!(keys(&after), ["current-2/F1", "current-2/F2", "current/F1"]);
    let again = read(&after.findings, now_called);
    assert_eq!((again.changed.len(), keys(&again).len()), (0, 3));
}

#[test]
fn a_file_that_was_moved_and_rewritten_keeps_the_id_that_its_name_gives() {
    let register = seen(vec![untitled("a.md", &[item(ROTATE)])]);
    let after = read(&register, vec![untitled("archive/a.md", &[item(LIMIT)])]);
    assert_eq!((keys(&after), missing(&after)), (vec!["a/F1", "a/F2"], vec!["a/F1"]));
}

#[test]
fn files_of_one_name_in_several_folders_are_told_apart() {
    let documents = || {
        vec![untitled("2026-01/report.md", &[item(ROTATE)]), untitled("2026-02/report.md", &[item(LIMIT)])]
    };
    let after = read(&Register::new(), documents());
    assert_eq!(titles(&after), [("report-2/F1", LIMIT), ("report/F1", ROTATE)]);
    let again = read(&after.findings, documents());
    assert_eq!((again.changed.len(), codes(&again).len()), (0, 0));
}

#[test]
fn a_copy_of_a_write_up_is_refused_and_the_original_goes_on() {
    let register = seen(vec![untitled("a.md", &[item(ROTATE), item(ALERT)])]);
    let both = vec![
        untitled("a.md", &[item(ROTATE), item(ALERT), item(LIMIT)]),
        untitled("archive/a.md", &[item(ROTATE), item(ALERT)]),
    ];
    let after = read(&register, both.clone());
    assert_eq!((keys(&after), missing(&after).len()), (vec!["a/F1", "a/F2", "a/F3"], 0));
    assert_eq!(codes(&after), ["duplicate_postmortem"]);
    assert_eq!(after.diagnostics[0].path, "archive/a.md");
    let fresh = read(&Register::new(), both);
    assert_eq!(
        (fresh.findings.len(), codes(&fresh).len()),
        (0, 2),
        "at first sight nobody can tell which one it is"
    );
}

#[test]
fn a_write_up_is_renamed_whatever_else_is_read_and_in_whatever_order() {
    let register =
        seen(vec![untitled("old.md", &[item(ROTATE), item(ALERT)]), untitled("b.md", &[item(LIMIT)])]);
    let mut documents =
        vec![untitled("a.md", &[item(ROTATE), item(ALERT)]), untitled("b.md", &[item(LIMIT)])];
    let one = read(&register, documents.clone());
    documents.reverse();
    let other = read(&register, documents);
    assert_eq!(one.findings, other.findings);
    assert_eq!(keys(&one), ["b/F1", "old/F1", "old/F2"]);
}

#[test]
fn a_write_up_may_move_to_another_source_under_another_name() {
    let register = seen(vec![untitled("old.md", &[item(ROTATE), item(ALERT)])]);
    let wiki = postmortem_sync::plan::intake::Listing {
        source: "wiki".into(),
        ..listing(vec![untitled("Leak.md", &[item(ROTATE), item(ALERT)])])
    };
    let after = read_at(now(), &register, &[listing(Vec::new()), wiki.clone()]);
    assert_eq!((keys(&after), missing(&after)), (vec!["old/F1", "old/F2"], Vec::new()));
    let broken = postmortem_sync::plan::intake::Listing {
        documents: postmortem_sync::model::observed::Observed::unknown("no such folder"),
        ..listing(Vec::new())
    };
    let unsure = read_at(now(), &register, &[broken, wiki]);
    assert_eq!(unsure.findings.len(), 4, "a source that cannot be listed has lost nothing");
}

#[test]
fn an_id_beyond_all_numbers_is_no_number() {
    let register = seen(vec![untitled("a.md", &[named("F18446744073709551615", ROTATE)])]);
    let after =
        read(&register, vec![untitled("a.md", &[named("F18446744073709551615", ROTATE), item(ALERT)])]);
    assert_eq!(keys(&after), ["a/F1", "a/F18446744073709551615"]);
    let mut resolved = after.findings;
    change(&mut resolved, "a/F1", |finding| finding.source_missing = true);
    assert_eq!(
        missing(&read(&resolved, vec![untitled("a.md", &[item(ALERT)])])),
        ["a/F18446744073709551615"]
    );
}

#[test]
fn a_table_of_thousands_that_is_reworded_throughout_is_matched_row_by_row() {
    let rows = |verb: &str| -> Vec<DocumentFinding> {
        (0..3000)
            .map(|n| item(&format!("{verb} the certificate of host srv{n} in the production network")))
            .collect()
    };
    let register = seen(vec![untitled("a.md", &rows("Renew"))]);
    let after = read(&register, vec![untitled("a.md", &rows("Rotate"))]);
    assert_eq!((after.findings.len(), missing(&after).len()), (3000, 0));
    assert!(codes(&after).iter().all(|code| *code == "similar_match_needs_confirmation"));
}
