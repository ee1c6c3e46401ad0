//! The words of complaints: nouns of values, quotations, suggestions.

use jsonschema::JsonType;
use serde_json::Value;

/// Most characters of a value that are quoted.
const LONGEST: usize = 60;
/// Fewest letters of a known name that say something when a longer one begins with it.
const SHORTEST: usize = 3;

/// Most names that are listed.
const MOST_LISTED: usize = 20;

/// A value in backticks, cut after 60 characters.
pub(super) fn quoted(value: &Value) -> String {
    let written = match value {
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            value.to_string()
        }
    };
    let mut shown: String = written
        .chars()
        .map(|letter| if letter.is_control() || letter == '`' { ' ' } else { letter })
        .take(LONGEST)
        .collect();
    if written.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// What a value is.
pub(super) fn noun(value: &Value) -> &'static str {
    match value {
        Value::Null => "empty",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}

/// What a value must be.
pub(super) fn required_noun(kind: JsonType) -> &'static str {
    match kind {
        JsonType::Null => "empty",
        JsonType::Boolean => "true or false",
        JsonType::Integer => "a whole number",
        JsonType::Number => "a number",
        JsonType::String => "text",
        JsonType::Array => "a list",
        JsonType::Object => "a mapping",
    }
}

/// Alternatives in a sentence.
pub(super) fn either(names: &[String]) -> String {
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// A list of names, cut after twenty.
pub(super) fn listed(names: &[String]) -> String {
    let shown = names.iter().take(MOST_LISTED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MOST_LISTED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The question after the known name that somebody most likely meant.
pub(super) fn suggestion<'n>(written: &str, known: impl IntoIterator<Item = &'n str>) -> Option<String> {
    if written.chars().nth(LONGEST).is_some() {
        return None;
    }
    let written = written.to_lowercase();
    let alike = |name: &'n str| {
        let lower = name.to_lowercase();
        let edits = strsim::damerau_levenshtein(&written, &lower);
        let is_longer = lower.len() >= SHORTEST && written.starts_with(&lower);
        let is_begun = written.chars().nth(1).is_some() && lower.starts_with(&written);
        let is_near = is_longer
            || is_begun
            || edits <= (lower.chars().count() / 3).max(1)
            || strsim::jaro_winkler(&written, &lower) >= 0.9;
        is_near.then_some((edits, name))
    };
    let mut near: Vec<(usize, &str)> = known.into_iter().filter_map(alike).collect();
    near.sort_unstable();
    // What several names begin with could be any of them, unless it is a slip away from one.
    let begun = near.iter().filter(|(edits, name)| *edits > 1 && name.to_lowercase().starts_with(&written));
    let begun: Vec<String> = begun.map(|(_, name)| format!("`{name}`")).collect();
    let (_, name) = near.first()?;
    let meant = if begun.len() > 1 { either(&begun) } else { format!("`{name}`") };
    Some(format!("did you mean {meant}?"))
}
