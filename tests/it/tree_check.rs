//! What a schema has against a text, in plain words.

use postmortem_sync::model::tree::Schema;
use serde_json::{Value, json};

use super::tree::{read, told};

fn checked(text: &str, schema: &Value) -> Vec<String> {
    read(text).check(&Schema::new(schema.clone())).iter().map(told).collect()
}

fn finding() -> Value {
    json!({
        "type": "object",
        "properties": {
            "title": { "type": "string", "minLength": 1, "maxLength": 5 },
            "severity": { "$ref": "#/$defs/Severity" },
            "days": { "type": ["integer", "null"], "minimum": 1, "maximum": 9 },
            "id": { "type": "string", "pattern": "^PM-\\d+$" },
            "open": { "type": "boolean" },
            "tags": { "type": "array", "items": { "type": "string" }, "uniqueItems": true },
            "kind": { "oneOf": [{ "const": "lapse", "description": "x" }, { "const": "error" }] },
            "owner": { "anyOf": [{ "$ref": "#/$defs/Owner" }, { "type": "null" }] },
            "action": { "oneOf": [{ "$ref": "#/$defs/Create" }, { "$ref": "#/$defs/Comment" }, { "type": "string" }] },
            "tracker": { "oneOf": [{ "$ref": "#/$defs/GitHub" }, { "$ref": "#/$defs/Jira" }] },
            "names": { "type": "object", "propertyNames": { "pattern": "^[a-z]+$" } },
            "version": { "const": 1 },
            "level": { "enum": [1, 2] },
            "mood": { "enum": ["", "good"] },
            "part": { "$ref": "#/$defs/Part" },
        },
        "required": ["title"],
        "additionalProperties": false,
        "$defs": {
            "Part": { "type": "object", "properties": { "part": { "$ref": "#/$defs/Part" } },
                "allOf": [{ "$ref": "#/$defs/Named" }], "if": { "properties": { "weight": {} } },
                "additionalProperties": false },
            "Named": { "properties": { "name": { "type": "string" } }, "anyOf": [{ "$ref": "#/$defs/Part" }] },
            "Severity": { "type": "string", "enum": ["critical", "high", "low"] },
            "Owner": { "type": "object", "properties": { "name": { "type": "string" } }, "required": ["name"],
                "additionalProperties": false },
            "Create": { "type": "object", "properties": { "create": { "type": "object",
                "properties": { "title": { "type": "string" } }, "required": ["title"] } },
                "required": ["create"], "additionalProperties": false },
            "Comment": { "type": "object", "properties": { "comment": { "type": "string" } },
                "required": ["comment"], "additionalProperties": false },
            "GitHub": { "type": "object", "properties": { "kind": { "const": "github" }, "repo": { "type": "string" } },
                "required": ["kind", "repo"], "additionalProperties": false },
            "Jira": { "type": "object", "properties": { "kind": { "const": "jira" }, "url": { "type": "string" } },
                "required": ["kind", "url"], "additionalProperties": false },
        },
    })
}

#[test]
fn an_unknown_key_suggests_the_nearest_one() {
    assert_told(&[
        ("severty: high\n", &["2:1: `severty` is not a known key here | did you mean `severity`?"]),
        (
            "zzz: high\n",
            &[
                "2:1: `zzz` is not a known key here | known keys: title, severity, days, id, open, tags, kind, owner, action, tracker, names, version, level, mood, part",
            ],
        ),
        ("Open: true\n", &["2:1: `Open` is not a known key here | did you mean `open`?"]),
    ]);
}

#[test]
fn keys_are_known_through_references_that_lead_back_to_themselves() {
    assert_told(&[(
        "part: {zzz: 1}\n",
        &["2:8: `zzz` is not a known key here | known keys: part, name, weight"],
    )]);
}

#[test]
fn a_suggestion_is_a_slip_away_or_begins_alike() {
    let keys = |names: &[&str]| {
        let properties: serde_json::Map<String, Value> =
            names.iter().map(|name| ((*name).to_owned(), json!({}))).collect();
        json!({ "properties": properties, "additionalProperties": false })
    };
    let help = |written: &str, names: &[&str]| {
        let told = checked(&format!("{written}: 1\n"), &keys(names)).remove(0);
        told.split_once(" | ").map(|(_, help)| help.to_owned()).unwrap()
    };
    assert_eq!(
        help("orgxnxsatxon", &["organisation"]),
        "did you mean `organisation`?",
        "a third may be wrong"
    );
    assert_eq!(help("xrgxnxsatxxn", &["organisation"]), "known keys: organisation");
    let both = ["organisations", "organisation"];
    assert_eq!(help("orgxnisxtion", &both), "did you mean `organisation`?", "the nearest alone");
    assert_eq!(help("seve", &["severity", "severities"]), "did you mean `severity` or `severities`?");
}

#[test]
fn a_value_of_the_wrong_type_is_named() {
    assert_told(&[
        ("severity: 5\n", &["2:11: must be text, not a number | write it in quotes"]),
        ("days: 1.5\n", &["2:7: must be a whole number, not `1.5`"]),
        ("days: x\n", &["2:7: must be a whole number, not text"]),
        ("days: '3'\n", &["2:7: must be a whole number, not text | remove the quotes"]),
        ("open: yes\n", &["2:7: must be true or false, not text | write `true`"]),
        ("open: Off\n", &["2:7: must be true or false, not text | write `false`"]),
        ("tags: [a, 1]\n", &["2:11: must be text, not a number | write it in quotes"]),
        ("tags: a\n", &["2:7: must be a list, not text | write it as a list: `[\"a\"]`"]),
        ("version: '1'\n", &["2:10: must be a number, not text | remove the quotes"]),
        ("id:\n", &["2:1: must be text, but is empty | fill it in, or take the key out"]),
    ]);
}

#[test]
fn a_value_that_is_no_option_suggests_the_nearest_one() {
    assert_told(&[
        ("severity: hihg\n", &["2:11: `hihg` is not one of critical, high, low | did you mean `high`?"]),
        ("kind: eror\n", &["2:7: `eror` is not one of lapse, error | did you mean `error`?"]),
        ("kind: 3\n", &["2:7: must be text, not a number | write it in quotes"]),
        ("version: 2\n", &["2:10: `2` is not 1 | write `1`"]),
        ("version: x\n", &["2:10: must be a number, not text"]),
        ("level: 3\n", &["2:8: `3` is not one of 1, 2"]),
        ("level: x\n", &["2:8: `x` is not one of 1, 2"]),
        ("level: '1'\n", &["2:8: must be a number, not text | remove the quotes"]),
        ("level: [1]\n", &["2:8: must be a number, not a list"]),
        ("level: {a: 1}\n", &["2:8: must be a number, not a mapping"]),
        ("mood: bad\n", &["2:7: `bad` is not one of an empty text, good"]),
        ("severity: \"a`b\\u0007c\"\n", &["2:11: `a b c` is not one of critical, high, low"]),
    ]);
}

#[test]
fn a_value_out_of_bounds_is_quoted() {
    assert_told(&[
        ("days: 0\n", &["2:7: `0` is too small: at least 1"]),
        ("days: 10\n", &["2:7: `10` is too large: at most 9"]),
        ("id: pm\n", &["2:5: `pm` does not match the pattern `^PM-\\d+$`"]),
        ("tags: [a, a]\n", &["2:7: this list holds the same item twice"]),
        ("names: {A1: 1}\n", &["2:9: the key `A1` does not match the pattern `^[a-z]+$`"]),
    ]);
}

#[test]
fn the_nearest_of_several_forms_is_told() {
    assert_told(&[
        (
            "owner: {nam: a}\n",
            &["2:8: `name` is missing", "2:9: `nam` is not a known key here | did you mean `name`?"],
        ),
        ("owner: a\n", &["2:8: must be a mapping, not text"]),
        (
            "action: {creat: {}}\n",
            &["2:9: `create` is missing", "2:10: `creat` is not a known key here | did you mean `create`?"],
        ),
        ("action: {create: {}}\n", &["2:18: `title` is missing"]),
        (
            "action: {zoom: {}}\n",
            &[
                "2:9: has none of the allowed forms | write a mapping with `create`, a mapping with `comment` or text",
            ],
        ),
        ("action: 3\n", &["2:9: must be a mapping or text, not a number | write it in quotes"]),
        ("action: {comment: 3}\n", &["2:19: must be text, not a number | write it in quotes"]),
        (
            "tracker: {kind: gitub, repo: a}\n",
            &["2:17: `gitub` is not one of github, jira | did you mean `github`?"],
        ),
        ("tracker: {repo: a}\n", &["2:10: `kind` is missing"]),
        (
            "tracker: {kind: jira, repo: a}\n",
            &["2:10: `url` is missing", "2:23: `repo` is not a known key here | known keys: kind, url"],
        ),
        ("tracker: {kind: jira, url: 1}\n", &["2:28: must be text, not a number | write it in quotes"]),
        ("tracker: {}\n", &["2:10: `kind` is missing"]),
    ]);
}

#[test]
fn everything_wrong_is_told_at_once_by_position() {
    assert_eq!(
        checked(
            "zzz: 1\ndays: 0\n",
            &json!({"properties": {"days": {"minimum": 1}, "title": {}},
            "required": ["title", "days"], "additionalProperties": false})
        ),
        [
            "1:1: `title` is missing",
            "1:1: `zzz` is not a known key here | known keys: days, title",
            "2:7: `0` is too small: at least 1"
        ]
    );
    assert_eq!(
        checked("[]\n", &json!({"type": "object", "properties": {"days": {}, "title": {}}})),
        ["1:1: must be a mapping, not a list | write a mapping with the keys days, title"]
    );
    assert_eq!(checked("title: x\n", &finding()), Vec::<String>::new());
}

#[test]
fn a_title_must_be_there_and_hold_something() {
    assert_eq!(checked("severity: high\n", &finding()), ["1:1: `title` is missing"]);
    assert_eq!(checked("title: ''\n", &finding()), ["1:8: this text must not be empty"]);
    assert_eq!(checked("title: abcdefg\n", &finding()), ["1:8: `abcdefg` is too long: at most 5 characters"]);
}

#[test]
fn no_more_than_60_characters_are_quoted() {
    let long = "ü".repeat(500);
    for text in [
        format!("title: x\nid: {long}\n"),
        format!("title: x\n{long}: 1\n"),
        format!("title: x\nkind: {long}\n"),
    ] {
        let complaints = checked(&text, &finding());
        assert!(complaints.iter().all(|complaint| complaint.matches('ü').count() == 60), "{complaints:?}");
        assert_eq!(complaints.len(), 1);
    }
}

#[test]
fn a_schema_that_is_wrong_is_the_only_complaint() {
    for schema in [json!({"type": "strin"}), json!({"$ref": "#/absent"}), json!({"pattern": "("}), json!(3)] {
        let complaints = checked("a: 1\n", &schema);
        assert!(
            matches!(complaints.as_slice(), [only] if only.contains("the schema itself is wrong")),
            "{complaints:?}"
        );
    }
}

/// What is told about lines below a title.
fn assert_told(cases: &[(&str, &[&str])]) {
    for (text, expected) in cases {
        assert_eq!(checked(&format!("title: x\n{text}"), &finding()), *expected, "{text:?}");
    }
}
