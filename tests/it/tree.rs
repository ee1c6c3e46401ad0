//! Texts as trees: what is read, where it stands, and what is refused.

use postmortem_sync::model::tree::{Complaint, Tree};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::surroundings::cases;

pub(super) fn read(text: &str) -> Tree {
    Tree::parse(text).unwrap_or_else(|complaint| panic!("{text:?}: {complaint:?}"))
}

pub(super) fn told(complaint: &Complaint) -> String {
    let Complaint { line, column, message, help, .. } = complaint;
    match help {
        Some(help) => format!("{line}:{column}: {message} | {help}"),
        None => format!("{line}:{column}: {message}"),
    }
}

fn refused(text: &str) -> String {
    told(&Tree::parse(text).expect_err(text))
}

#[test]
fn words_of_other_notations_stay_text() {
    let tree = read(
        "a: no\nb: on\nc: yes\nd: 2026-01-31\ne: 12:30\nf: '1'\ng: |\n  2\nh: 1_000\ni: Off\nj: 1.2.3\n",
    );
    let texts = json!({"a": "no", "b": "on", "c": "yes", "d": "2026-01-31", "e": "12:30", "f": "1", "g": "2\n",
        "h": "1_000", "i": "Off", "j": "1.2.3"});
    assert_eq!(tree.value, texts);
}

#[test]
fn unquoted_words_follow_the_core_schema() {
    let text = "[true, False, null, ~, 0, -7, +7, 0x1F, 0o17, 1.5, -.5, 1e3, 18446744073709551615, 0x, .e5, '', '-']";
    let values = json!([
        true,
        false,
        null,
        null,
        0,
        -7,
        7,
        31,
        15,
        1.5,
        -0.5,
        1000.0,
        18446744073709551615u64,
        "0x",
        ".e5",
        "",
        "-"
    ]);
    assert_eq!(read(text).value, values);
    assert_eq!(read("a:\nb: ~\n").value, json!({"a": null, "b": null}));
}

#[test]
fn a_number_that_cannot_be_kept_is_refused() {
    let help = "write it in quotes to keep it as text";
    assert_eq!(refused("a: .inf"), format!("1:4: `.inf` is not a finite number | {help}"));
    assert_eq!(refused("a: .NaN"), format!("1:4: `.NaN` is not a number | {help}"));
    assert_eq!(refused("a: 1e999"), format!("1:4: `1e999` is too large a number | {help}"));
    assert_eq!(
        refused("a: 18446744073709551616"),
        format!("1:4: `18446744073709551616` is too large a number | {help}")
    );
    assert_eq!(refused("{\"a\": 1e999}"), "1:7: this is too large a number | write it in quotes");
}

#[test]
fn every_value_and_key_has_its_position() {
    let tree = read(
        "a: 1\nlist:\n  - x\n  - name: 'y'\n    text: |\n      z\nä/~: { in: [1, 22] }\nnone:\nend: 1\n",
    );
    let places = [
        ("", (1, 1), (1, 1)),
        ("/a", (1, 4), (1, 1)),
        ("/list", (3, 3), (2, 1)),
        ("/list/0", (3, 5), (3, 5)),
        ("/list/1", (4, 5), (4, 5)),
        ("/list/1/name", (4, 11), (4, 5)),
        ("/list/1/text", (5, 11), (5, 5)),
        ("/ä~1~0", (7, 6), (7, 1)),
        ("/ä~1~0/in/1", (7, 16), (7, 16)),
        ("/none", (8, 1), (8, 1)),
        ("/end", (9, 6), (9, 1)),
        ("/list/7/name", (3, 3), (3, 3)),
        ("/absent", (1, 1), (1, 1)),
    ];
    for (pointer, value, key) in places {
        assert_eq!((tree.position(pointer), tree.key_position(pointer)), (value, key), "{pointer}");
    }
}

#[test]
fn json_has_positions_too_whatever_it_is_indented_with() {
    let tree = read("\u{feff}{\n\t\"a\": [\n\t\t{\"b\\u0041\": \"\\ud83d\\ude00\"},\n\t\t-1.5e3\n\t]\n}\n");
    assert_eq!(tree.value, json!({"a": [{"bA": "😀"}, -1500.0]}));
    assert_eq!((tree.position("/a"), tree.key_position("/a")), ((2, 7), (2, 2)));
    assert_eq!((tree.position("/a/0/bA"), tree.key_position("/a/0/bA")), ((3, 15), (3, 4)));
    assert_eq!(tree.position("/a/1"), (4, 3));
}

#[test]
fn json_with_comments_tabs_and_trailing_commas_is_read_as_yaml() {
    assert_eq!(read("{\n\t# why\n\t\"a\": [\n\t\t1,\n\t],\n}\n").value, json!({"a": [1]}));
}

#[test]
fn members_keep_their_order() {
    for text in ["z: 1\na: 2\nm: 3\n", "{\"z\": 1, \"a\": 2, \"m\": 3}"] {
        let tree = read(text);
        let keys: Vec<_> =
            tree.value.as_object().map(|all| all.keys().cloned().collect()).unwrap_or_default();
        assert_eq!(keys, ["z", "a", "m"]);
    }
}

#[test]
fn a_repeated_key_names_the_line_of_the_first() {
    let told = "the key `b` is already on line 2 | keep one of the two";
    assert_eq!(refused("a:\n  b: 1\n  c: 2\n  'b': 3\n"), format!("4:3: {told}"));
    assert_eq!(refused("{\"a\":\n{\"b\": 1,\n \"b\": 2}}"), format!("3:2: {told}"));
    let complaint = Tree::parse("- a: 1\n- b: 1\n  b: 2\n").expect_err("repeated");
    assert_eq!(complaint.pointer, "/1/b");
}

#[test]
fn only_text_is_a_key() {
    let help = "write the key in quotes";
    assert_eq!(refused("a: 1\n2: b\n"), format!("2:1: a key must be text, not `2` | {help}"));
    assert_eq!(refused("true: b\n"), format!("1:1: a key must be text, not `true` | {help}"));
    let nested = "a key must be text, not a list or a mapping | write the key in quotes, and so text that begins with `{` or `[`";
    assert_eq!(refused("? [a]\n: b\n"), format!("1:3: {nested}"));
    assert_eq!(refused("title: {{ finding.title }}\n"), format!("1:9: {nested}"));
    assert_eq!(refused("~: b\n"), format!("1:1: a key must be text, not empty | {help}"));
    assert_eq!(read("on: push\n").value, json!({"on": "push"}));
}

#[test]
fn a_text_without_a_value_is_empty() {
    for text in ["", "\n\n", "# nothing\n", "\u{feff}", "---\n", "---\n...\n"] {
        assert_eq!(refused(text), "1:1: the text is empty | write `key: value` lines", "{text:?}");
    }
    assert_eq!(read("null").value, Value::Null);
}

#[test]
fn a_second_document_is_refused() {
    assert_eq!(
        refused("a: 1\n---\nb: 2\n"),
        "2:1: there is more than one document | remove the second `---`"
    );
    assert_eq!(read("---\na: 1\n...\n").value, json!({"a": 1}));
}

#[test]
fn nesting_ends_at_64() {
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    assert!(Tree::parse(&nested(64)).is_ok());
    assert_eq!(refused(&nested(65)), "1:65: this is nested more than 64 deep | flatten it");
    assert_eq!(refused(&"[".repeat(100_000)), "1:256: this is nested more than 64 deep | flatten it");
    assert_eq!(refused(&"- ".repeat(100)), "1:129: this is nested more than 64 deep | flatten it");
}

#[test]
fn an_alias_repeats_its_value() {
    let tree = read("a: &it\n  b: 1\nc: *it\n");
    assert_eq!(tree.value, json!({"a": {"b": 1}, "c": {"b": 1}}));
    assert_eq!((tree.position("/c"), tree.key_position("/c")), ((3, 4), (3, 1)));
    assert_eq!(tree.position("/c/b"), (2, 6));
}

#[test]
fn aliases_cannot_multiply_without_end() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..20 {
        let items = vec![format!("*a{}", n - 1); 9].join(", ");
        text.push_str(&format!("a{n}: &a{n} [{items}]\n"));
    }
    assert!(refused(&text).contains("make this text too large"), "{}", refused(&text));
    let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(1_000_000), ["*a"; 10].join(", "));
    assert!(refused(&long).contains("make this text too large"));
    assert!(refused("a: &a [*a]\n").contains("stands inside the value that it refers to"));
    assert!(refused("a: *b\n").contains("this alias refers to nothing"));
}

#[test]
fn tags_say_whether_a_word_is_text() {
    assert_eq!(read("a: !!str 1\nb: !!int '2'\nc: ! 3\n").value, json!({"a": "1", "b": 2, "c": "3"}));
    let nested = read("a: !!map {b: 1}\nc: ! [2]\nd: !!seq [3]\n").value;
    assert_eq!(nested, json!({"a": {"b": 1}, "c": [2], "d": [3]}));
    assert!(refused("a: !secret {b: 1}\n").starts_with("1:4: the tag `!secret` is not known here"));
    assert!(refused("a: !secret x\n").starts_with("1:4: the tag `!secret` is not known here"));
}

#[test]
fn text_that_is_not_well_formed_is_explained() {
    let unexpected =
        "a `:` is not expected here | write text that holds `: ` in quotes, and check the indentation";
    let unclosed = "`,` or `}` is missing before this | close the mapping, or separate its members";
    let cases = [
        ("a:\n\tb: 1\n", "2:1: a tab cannot be used for indentation | indent with spaces"),
        ("a: b: c\n", &format!("1:5: {unexpected}")),
        ("a: 1\n b: 2\n", &format!("2:3: {unexpected}")),
        ("a: 'x\n", "1:4: a quoted text is not closed | add the closing quote"),
        (
            "a: \"x\\q\"\n",
            "1:4: this escape is not known | use single quotes, where a backslash is just a backslash",
        ),
        ("{\"a\": 1\n", &format!("2:1: {unclosed}")),
        ("{\n\t\"a\": 1\n\t\"b\": 2\n}", &format!("3:5: {unclosed}")),
        ("a: @x\n", "1:4: text cannot begin with this character | write the text in quotes"),
        ("- a\nb: 1\n", "2:1: a `- ` is expected here | indent the items of a list alike"),
        (
            "a: 'x' y\n",
            "1:8: there is something after the closing quote | put the whole text in one pair of quotes",
        ),
        ("a: ]\n", "1:4: this bracket closes nothing | remove it, or write the text in quotes"),
        (
            "{\"a\": \"\\ud800\"}",
            "1:7: this text holds an escape that stands for no character | a `\\ud800`…`\\udfff` needs its other half",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(refused(text), expected, "{text:?}");
    }
}

#[test]
fn a_colon_without_a_blank_is_told_where_it_stands() {
    let help = "a `:` is part of the text unless a blank follows | write `key: value`";
    assert_eq!(refused("x: 1\na:b\n# c: d\n\nb: 2\n"), format!("2:2: {help}"));
}

#[test]
fn a_text_that_is_one_block_stands_at_its_indicator() {
    assert_eq!(read("|\n  x\n").position(""), (1, 1));
}

#[test]
fn a_block_of_text_stands_where_its_indicator_does() {
    for (text, place) in
        [("a: |\n\n\n  x |\n", (1, 4)), ("ä |: >-  # a | b\n  x\n", (1, 6)), ("- - |+2\n      x\n\n", (1, 5))]
    {
        let tree = read(text);
        let pointer = tree.value.as_object().and_then(|members| members.keys().next());
        let pointer = pointer.map_or_else(|| "/0/0".to_owned(), |name| format!("/{name}"));
        assert_eq!(tree.position(&pointer), place, "{text:?}");
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>()
            .prop_filter("JSON has only finite numbers", |number| number.is_finite())
            .prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Texts made of what means something in YAML, which arbitrary characters seldom hit.
fn any_notation() -> impl Strategy<Value = String> {
    let pieces = [
        "a", "b", ":", ": ", "- ", "\n", "\n  ", "\t", "[", "]", "{", "}", ",", "'", "\"", "|", ">", "&a",
        "*a", "#", "? ", "---", "...", "!!str ", "!", "%", "@", "\\", "\r\n", "1", ".inf", "~", "\u{feff}",
        "\u{85}", "é", "|2-\n", "<<", "\0",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn no_text_makes_the_reader_panic(text in prop_oneof![any::<String>(), "\\PC*", any_notation()]) {
        if let Err(complaint) = Tree::parse(&text) {
            prop_assert!(complaint.line >= 1 && complaint.column >= 1);
        }
    }

    #[test]
    fn printed_json_reads_as_itself(value in any_value()) {
        prop_assert_eq!(&read(&value.to_string()).value, &value);
        prop_assert_eq!(&read(&format!("{value:#}")).value, &value);
    }
}
