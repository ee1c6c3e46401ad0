//! What was decided and what was merely observed: two texts of JSON for each row, and one value again when it is read.
//!
//! Knows which fields are observations. What is not named here was decided, and is stamped.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Serialize, de::IgnoredAny};
use serde_json::{Map, Value};

/// What is observed of a finding: how its creates went.
pub(super) const FINDING: &[&str] = &["failed_creates"];
/// What is observed of a link: how the issue looked, which reads did not find it, what the tracker refused, how its edits
/// went, which doubles a sweep found, and when it was written to.
pub(super) const LINK: &[&str] = &["refused", "failed_edits", "seen", "absence", "doubles", "written"];
/// What is observed of a place: when it was last searched.
pub(super) const PLACE: &[&str] = &["swept"];
/// Where everything was decided.
pub(super) const NOTHING: &[&str] = &[];

/// A row in two texts.
#[derive(Debug)]
pub(super) struct Halves {
    /// What was decided.
    pub(super) decided: String,
    /// What was observed.
    pub(super) observed: String,
}

/// Takes what was observed out of a row. The same values give the same texts.
pub(super) fn split(row: &impl Serialize, observed: &[&str]) -> Result<Halves, serde_json::Error> {
    let (mut kept, mut seen) = (Map::new(), Map::new());
    let Value::Object(fields) = serde_json::to_value(row)? else {
        return Ok(Halves { decided: serde_json::to_string(row)?, observed: EMPTY.to_owned() });
    };
    for (name, value) in fields {
        let half = if observed.contains(&name.as_str()) { &mut seen } else { &mut kept };
        half.insert(name, value);
    }
    Ok(Halves { decided: Value::Object(kept).to_string(), observed: Value::Object(seen).to_string() })
}

/// No observation.
const EMPTY: &str = "{}";

/// A row as one text again. An observation has the name of none that was decided: nothing is decided by it.
pub(super) fn merge<'a>(decided: &'a str, observed: &str, allowed: &[&str]) -> Result<Cow<'a, str>, String> {
    if observed == EMPTY {
        return Ok(Cow::Borrowed(decided));
    }
    let names: BTreeMap<Cow<'_, str>, IgnoredAny> =
        serde_json::from_str(observed).map_err(|why| format!("what was observed of it: {why}"))?;
    if let Some(name) = names.keys().find(|name| !allowed.contains(&name.as_ref())) {
        return Err(format!("`{name}` is no observation"));
    }
    match (decided.strip_suffix('}'), observed.strip_prefix('{')) {
        (Some(head), Some(tail)) => Ok(Cow::Owned(format!("{head},{tail}"))),
        (_, _) => Err("it is no object".to_owned()),
    }
}
