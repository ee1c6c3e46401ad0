//! The configuration files as they are written: these types are the file format, and the JSON Schema is made from them.
//!
//! Knows keys, defaults and what a value looks like. Knows nothing of what the values mean together: that is checked when
//! they become [`Settings`](super::Settings).
//!
//! Reading is lenient where the schema is strict: an unknown key is a schema violation, not a reason to look no further.

pub mod connection;
pub mod deadlines;
pub mod main;
pub mod part;
pub mod people;
pub mod rule;
pub mod tracker;
pub mod wiki;

use std::sync::LazyLock;

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Map, Value};

use crate::model::tree::Schema;

/// The JSON Schema of the main file.
pub fn schema() -> Value {
    schema_of::<main::MainFile>("Configuration of postmortem-sync")
}

/// The JSON Schema of `people.yaml`.
pub fn people_schema() -> Value {
    schema_of::<people::PeopleFile>("People directory of postmortem-sync")
}

/// What a people directory is held against.
pub(super) static PEOPLE: LazyLock<Schema> = LazyLock::new(|| Schema::new(people_schema()));

/// What a calendar file is held against.
pub(super) static CALENDAR: LazyLock<Schema> =
    LazyLock::new(|| Schema::new(schema_of::<deadlines::CalendarFile>("Calendar of postmortem-sync")));

fn schema_of<T: JsonSchema>(title: &str) -> Value {
    let settings = SchemaSettings::draft2020_12().for_deserialize().with(|s| s.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    tidy(&mut schema);
    if let Some(root) = schema.as_object_mut() {
        root.insert("title".to_owned(), Value::from(title));
    }
    schema
}

/// Rewrites what `schemars` makes of optional values and of enumerations, so that a violation can be told precisely:
/// an empty value is not a value, and a list of constants is one `enum`.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            drop_null(members);
            join_constants(members);
            for (key, value) in members {
                match value.as_object_mut() {
                    // These are named by the file format: none of them is a word of the schema.
                    Some(named) if key == "properties" => named.values_mut().for_each(tidy),
                    Some(_) | None => tidy(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn drop_null(members: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = members.get_mut("type") {
        types.retain(|name| name != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            members.insert("type".to_owned(), one);
        }
    }
    if let Some(Value::Array(choices)) = members.get("anyOf")
        && let [Value::Object(only), null] | [null, Value::Object(only)] = choices.as_slice()
        && null.get("type").is_some_and(|name| name == "null")
    {
        let mut only = only.clone();
        members.remove("anyOf");
        only.append(members);
        *members = only;
    }
    // A default of null only says that the key may be left out, and one with members repeats theirs.
    if members.get("default").is_some_and(|default| default.is_null() || default.is_object()) {
        members.remove("default");
    }
}

fn join_constants(members: &mut Map<String, Value>) {
    let Some(Value::Array(choices)) = members.get("oneOf") else { return };
    let constants: Option<Vec<Value>> = choices.iter().map(|choice| choice.get("const").cloned()).collect();
    let Some(constants) = constants else { return };
    let meanings: Vec<String> = choices
        .iter()
        .filter_map(|choice| {
            let text = choice.get("description")?.as_str()?;
            Some(format!("`{}`: {text}", choice.get("const")?.as_str()?))
        })
        .collect();
    let own = members.get("description").and_then(Value::as_str).unwrap_or_default().to_owned();
    let lines: Vec<String> = std::iter::once(own).chain(meanings).filter(|line| !line.is_empty()).collect();
    members.remove("oneOf");
    members.insert("description".to_owned(), Value::from(lines.join("\n")));
    members.insert("type".to_owned(), Value::from("string"));
    members.insert("enum".to_owned(), Value::from(constants));
}
