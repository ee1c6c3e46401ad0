//! Secrets that somebody wrote into the configuration itself: refused without repeating them.

use serde_json::Value;

use super::reading::{Reading, member};
use crate::{
    disk,
    plan::secrets::{is_address_with_password, secret_in},
};

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
    let mut n_found = warn_of_remarks(page);
    for at in secret_places(page.value()) {
        let Some(literal) = page.value().pointer(&at).and_then(scalar) else { continue };
        let message = "a secret is written here; only references to secrets are accepted".to_owned();
        let help = "keep it elsewhere and write `{ env: NAME }` or `{ file: PATH }`; if this file was shared, revoke it";
        page.replace_violations(&at, "secret", message, Some(help.to_owned()));
        secrets.push(literal);
        n_found += 1;
    }
    for at in addresses(page.value(), String::new()) {
        n_found += 1;
        if !page.is_refused(&at) {
            let message = "this address holds a password".to_owned();
            let help = "leave it out, and give the secret by reference where one is needed; if this file was shared, change it";
            page.replace_violations(&at, "secret", message, Some(help.to_owned()));
        }
    }
    tell_readers(page, n_found);
    for secret in secrets {
        page.redact(&secret);
    }
}

/// Refuses what looks like a secret in a file that has no place for one, not even for a reference.
pub(super) fn refuse_all(page: &mut Reading) {
    let mut secrets = Vec::new();
    collect_tokens(page.value(), &mut secrets);
    let mut places = Vec::new();
    literals(page.value(), "", &mut places);
    let n_found = warn_of_remarks(page) + places.len();
    for at in places {
        secrets.extend(page.value().pointer(&at).and_then(scalar));
        if !page.is_refused(&at) {
            let message = "a secret is written here, and this file is no place for one".to_owned();
            let help = "take it out; if this file was shared, revoke it";
            page.replace_violations(&at, "secret", message, Some(help.to_owned()));
        }
    }
    tell_readers(page, n_found);
    for secret in secrets {
        page.redact(&secret);
    }
}

/// Pointers of every value that looks like a secret, by itself or by its key.
fn literals(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, item)| literals(item, &format!("{at}/{n}"), found));
        }
        Value::Object(members) => {
            for (key, inner) in members {
                let at = member(at, key);
                let said = scalar(inner).filter(|text| secret_in(&format!("{key}: {text}")).is_some());
                if is_token(key) || said.is_some() {
                    found.push(at);
                } else {
                    literals(inner, &at, found);
                }
            }
        }
        Value::String(text) if is_token(text) || is_address_with_password(text) => found.push(at.to_owned()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Whether a line of a text gives a secret away, whatever the text is.
pub(super) fn is_given_away(line: &str) -> bool {
    is_address_with_password(line) || TOKEN_PREFIXES.iter().any(|prefix| line.contains(prefix))
}

/// Tells of addresses with a password, and of tokens, that stand where nothing is read: in comments. How many there are.
fn warn_of_remarks(page: &mut Reading) -> usize {
    let remark = |line: &str| {
        let at = if line.trim_start().starts_with('#') { line.find('#') } else { line.find(" #") };
        at.and_then(|at| line.get(at..)).is_some_and(is_given_away)
    };
    let lines: Vec<usize> =
        page.text().lines().enumerate().filter(|(_, line)| remark(line)).map(|(n, _)| n + 1).collect();
    for line in &lines {
        let message = "a secret is written here, in a comment".to_owned();
        let help = "take it out; if this file was shared, revoke it".to_owned();
        page.warn_line(*line, "secret", message, Some(help));
    }
    lines.len()
}

/// Tells that others can read a file in which a secret stands.
fn tell_readers(page: &mut Reading, n_secrets: usize) {
    if n_secrets > 0 && disk::is_exposed(page.path()) {
        let message = "this file holds a secret and can be read by others than its owner".to_owned();
        let help = format!("take the secret out and replace it, and `chmod 600 {}`", page.path().display());
        page.warn_line(0, "secret_exposed", message, Some(help));
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
    let sources = root.get("sources").and_then(Value::as_array).map_or(0, Vec::len);
    (0..trackers)
        .flat_map(|n| ["token", "app/private_key"].map(|key| format!("/trackers/{n}/{key}")))
        .chain((0..sources).map(|n| format!("/sources/{n}/confluence/token")))
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
