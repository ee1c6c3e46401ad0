//! TOML as trees: what is read, where it stands, and what is refused.

use postmortem_sync::model::tree::{Lines, Tree};
use proptest::prelude::*;
use serde_json::json;

use crate::surroundings::cases;

fn read(text: &str) -> Tree {
    Tree::parse_toml(text).unwrap_or_else(|complaint| panic!("{text:?}: {complaint:?}"))
}

#[test]
fn values_become_what_they_are_in_the_other_notations() {
    let tree = read(
        "text = 'a'\nyes = true\nten = 1_0\nhex = 0x0A\nhalf = 5e-1\nlist = [1, [2]]\ninline = { a = { b.c = 1 } }\n[table.sub]\nkey = \"\"\"\na\nb\"\"\"\n",
    );
    let expected = json!({
        "text": "a", "yes": true, "ten": 10, "hex": 10, "half": 0.5, "list": [1, [2]],
        "inline": { "a": { "b": { "c": 1 } } }, "table": { "sub": { "key": "a\nb" } },
    });
    assert_eq!(tree.value, expected);
}

#[test]
fn members_keep_their_written_order() {
    let tree = read("z = 1\na = 2\n[m]\nb = 1\na = 2\n");
    assert_eq!(tree.value.to_string(), r#"{"z":1,"a":2,"m":{"b":1,"a":2}}"#);
}

#[test]
fn dates_and_times_become_text_as_they_are_written() {
    for written in [
        "2026-01-20",
        "2026-01-20T10:00:00Z",
        "2026-01-20 10:00:00.5+01:00",
        "2026-01-20T10:00:00",
        "10:00:00",
    ] {
        assert_eq!(read(&format!("a = {written}")).value, json!({ "a": written }));
    }
}

#[test]
fn every_value_and_key_has_its_place() {
    let tree = read("'é' = 1 # ü\n\n[[findings]]\nid = 'F1'\n[[findings]]\n  id = 'F2'\nowner.name = 'a'\n");
    let places = [
        ("", (1, 1)),
        ("/é", (1, 7)),
        ("/findings/0", (3, 1)),
        ("/findings/1/id", (6, 8)),
        ("/findings/1/owner/name", (7, 14)),
    ];
    for (pointer, place) in places {
        assert_eq!(tree.position(pointer), place, "{pointer}");
    }
    assert_eq!(tree.key_position("/findings/1/id"), (6, 3));
}

#[test]
fn a_place_far_along_a_line_counts_characters() {
    let text = format!("{}é\n{}x", "é".repeat(3000), "ab".repeat(3000));
    let lines = Lines::of(&text);
    assert_eq!((lines.place(0), lines.place(6000)), ((1, 1), (1, 3001)));
    assert_eq!((lines.place(6003), lines.place(text.len())), ((2, 1), (2, 6002)));
}

#[test]
fn what_is_not_well_formed_is_refused_in_plain_words_where_it_stands() {
    let deep = format!("a = {}1{}", "[".repeat(70), "]".repeat(70));
    let deeper = format!("{}a = 1", "a.".repeat(70_000));
    let cases = [
        ("", (1, 1), "the text is empty"),
        ("# nothing", (1, 1), "the text is empty"),
        ("a = 1\na = 2", (2, 1), "there already"),
        ("[a]\nb = 1\n[a]", (3, 2), "there already"),
        ("a = { b = 1, b = 2 }", (1, 14), "there already"),
        ("a = { b = 1 }\n[a.c]", (2, 2), "complete already"),
        ("a = hello", (1, 5), "no value"),
        ("a =", (1, 4), "no value"),
        ("a = True", (1, 5), "no value"),
        ("a: 1", (1, 4), "`=` is missing"),
        ("= 1", (1, 1), "without quotes"),
        ("{\"a\": 1}", (1, 1), "a key is expected"),
        ("a = \"x\nb = 1", (1, 7), "quoted text is not closed"),
        ("a = 'x", (1, 7), "quoted text is not closed"),
        ("a = \"\"\"x", (1, 9), "quoted text is not closed"),
        ("a = \"\\q\"", (1, 7), "escape is not known"),
        ("a = [1, 2", (1, 10), "a list is not closed"),
        ("a = [1 2]", (1, 6), "no value"),
        ("a = ['x' 'y']", (1, 10), "`,` is missing"),
        ("a = { b = 1", (1, 12), "a mapping is not closed"),
        ("[a", (1, 3), "`]` is missing"),
        ("[[a]", (1, 5), "`]]` is missing"),
        ("a = 'x' b = 2", (1, 9), "something after the value"),
        ("a = 2026-02-30", (1, 5), "no day that exists"),
        ("a = 01", (1, 5), "begin with a zero"),
        ("a = 99999999999999999999", (1, 5), "too large a number"),
        ("a = 1e999", (1, 5), "too large a number"),
        ("a = inf", (1, 5), "not a finite number"),
        ("a = nan", (1, 5), "not a number"),
        ("a = 0x", (1, 5), "not a number"),
        (&deep, (1, 68), "nested more than 64 deep"),
        (&deeper, (1, 1), "nested more than 64 deep"),
    ];
    for (text, place, message) in cases {
        let start: String = text.chars().take(40).collect();
        let Err(complaint) = Tree::parse_toml(text) else { panic!("{start:?} is read") };
        assert!(complaint.message.contains(message), "{start:?}: {complaint:?}");
        assert_eq!((complaint.line, complaint.column), place, "{start:?}: {complaint:?}");
        assert!(complaint.help.is_some_and(|help| !help.is_empty()), "{start:?}");
    }
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn no_text_panics_and_every_complaint_has_a_place(text in "[a-c=.\\[\\]{},'\"#\\\\ \n0-9T:_é-]{0,60}") {
        match Tree::parse_toml(&text) {
            Ok(tree) => prop_assert!(tree.value.is_object()),
            Err(complaint) => prop_assert!(complaint.line >= 1 && complaint.column >= 1, "{complaint:?}"),
        }
    }

    #[test]
    fn a_mapping_of_texts_is_read_as_it_was_written(map in proptest::collection::btree_map("[a-z]{1,8}", "\\PC{0,20}", 1..8)) {
        let lines = map.iter().map(|(key, text)| format!("{key} = {}\n", serde_json::to_string(text).unwrap()));
        prop_assert_eq!(read(&lines.collect::<String>()).value, json!(map));
    }
}
