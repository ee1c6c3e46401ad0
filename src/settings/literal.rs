//! Secrets that somebody wrote into the configuration itself: refused without repeating them.

use serde_json::Value;

use super::reading::Reading;
use crate::plan::secrets::{is_address_with_password, secret_in};

/// What tokens begin with; neither a variable nor a file nor anything else here is named so.
const TOKEN_PREFIXES: &[&str] =
    &["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "ATATT3", "ATCTT3", "-----BEGIN"];

/// Whether a text looks like a secret and not like the name of one.
pub(super) fn is_token(text: &str) -> bool {
    TOKEN_PREFIXES.iter().any(|prefix| text.contains(prefix)) || secret_in(text).is_some()
}

/// Refuses literal secrets, and takes everything that looks like one out of the messages that were noticed before.
pub(super) fn refuse(page: &mut Reading) {
    let mut secrets = Vec::new();
    collect_tokens(page.value(), &mut secrets);
    for at in secret_places(page.value()) {
        let Some(literal) = page.value().pointer(&at).and_then(scalar) else { continue };
        let message = "a secret is written here; only references to secrets are accepted".to_owned();
        let help = "keep it elsewhere and write `{ env: NAME }` or `{ file: PATH }`; if this file was shared, revoke it";
        page.replace_violations(&at, "secret", message, Some(help.to_owned()));
        secrets.push(literal);
    }
    for at in addresses(page.value(), String::new()) {
        if !page.is_refused(&at) {
            let message = "this address holds a password".to_owned();
            let help = "leave it out, and give the secret by reference where one is needed; if this file was shared, change it";
            page.replace_violations(&at, "secret", message, Some(help.to_owned()));
        }
    }
    for secret in secrets {
        page.redact(&secret);
    }
}

/// Every text that looks like a secret, wherever somebody put it: as a value or as a key.
fn collect_tokens(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.extend(is_token(text).then(|| text.clone())),
        Value::Array(items) => items.iter().for_each(|item| collect_tokens(item, found)),
        Value::Object(members) => {
            for (key, value) in members {
                found.extend(is_token(key).then(|| key.clone()));
                collect_tokens(value, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Pointers of every value in which an address with a password stands.
fn addresses(value: &Value, at: String) -> Vec<String> {
    match value {
        Value::String(text) if is_address_with_password(text) => vec![at],
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.flat_map(|(n, item)| addresses(item, format!("{at}/{n}"))).collect()
        }
        Value::Object(members) => members
            .iter()
            .flat_map(|(key, value)| {
                let key = key.replace('~', "~0").replace('/', "~1");
                addresses(value, format!("{at}/{key}"))
            })
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// Pointers of every value that stands for a secret.
fn secret_places(root: &Value) -> Vec<String> {
    let trackers = root.get("trackers").and_then(Value::as_array).map_or(0, Vec::len);
    (0..trackers)
        .flat_map(|n| ["token", "app/private_key"].map(|key| format!("/trackers/{n}/{key}")))
        .chain(["/marker_key".to_owned()])
        .collect()
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
