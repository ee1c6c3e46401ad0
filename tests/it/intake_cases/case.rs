//! What an expectation says, held against what is seen.

use serde_json::Value;

use super::seen::Seen;

/// Everything in which a document is not as expected.
pub(super) fn faults(case: &Value, seen: &Seen) -> Vec<String> {
    if case["refused"] == true {
        let mut faults = told(case, seen);
        if !seen.postmortem().is_null() || !seen.findings().is_empty() || seen.told(&["error"]).is_empty() {
            faults.push("is not refused".to_owned());
        }
        return faults;
    }
    [findings(case, seen), candidates(case, seen), told(case, seen), silent(case, seen), head(case, seen)]
        .concat()
}

fn findings(case: &Value, seen: &Seen) -> Vec<String> {
    let mut faults = Vec::new();
    let mut left = seen.findings();
    for expected in list(&case["findings"]) {
        let titles = strings(&expected["title"]);
        let at = left.iter().position(|row| titles.iter().any(|title| is_title(title, &row["title"])));
        let may = if expected["as"].is_null() { vec!["finding"] } else { strings(&expected["as"]) };
        match at {
            Some(at) if may.contains(&"finding") => {
                let row = left.remove(at);
                faults.extend(
                    row_faults(expected, row, seen).into_iter().map(|fault| format!("{titles:?}: {fault}")),
                );
            }
            _ if may.contains(&"candidate") && is_candidate(&titles, seen) => {}
            _ if may.contains(&"told")
                && is_told(&[titles.clone(), strings(&expected["words"])].concat(), seen) => {}
            _ => faults.push(format!("{titles:?} is none of {may:?}")),
        }
    }
    faults.extend(left.iter().map(|row| format!("a finding too many: {}", row["title"])));
    faults
}

fn row_faults(expected: &Value, row: &Value, seen: &Seen) -> Vec<String> {
    let fields = ["owner", "due", "claimed", "severity", "priority", "id", "trackers"];
    let given = fields.iter().filter_map(|field| Some((*field, expected.get(*field)?)));
    let mut faults: Vec<String> = given
        .filter(|(field, wanted)| !is_as(field, wanted, row, seen))
        .map(|(field, wanted)| format!("{field} is {} instead of {wanted}", value(field, row)))
        .collect();
    let rank = strings(&expected["rank"]);
    if !rank.is_empty() && !rank.iter().any(|rank| row["severity"] == **rank || row["priority"] == **rank) {
        faults.push(format!(
            "neither severity {} nor priority {} is of {rank:?}",
            row["severity"], row["priority"]
        ));
    }
    let kept =
        ["title", "description", "owner"].map(|field| row[field].as_str().unwrap_or_default()).join("\n");
    let lost = strings(&expected["keeps"]).into_iter().filter(|words| !contains(&kept, words));
    faults.extend(lost.map(|words| format!("`{words}` is lost")));
    faults
}

fn is_as(field: &str, wanted: &Value, row: &Value, seen: &Seen) -> bool {
    let found = value(field, row);
    match wanted {
        Value::Object(either) => {
            is_as(field, &either["is"], row, seen) || is_told(&strings(&either["or_told"]), seen)
        }
        Value::Array(all) if field == "trackers" => {
            let all: Vec<String> = all.iter().map(|one| one.as_str().unwrap().to_owned()).collect();
            found == serde_json::json!(all)
        }
        Value::Array(any) => any.contains(&found),
        Value::String(text) if field == "owner" => found.as_str().is_some_and(|owner| is_same(owner, text)),
        one => *one == found,
    }
}

/// A field as expectations write it.
fn value(field: &str, row: &Value) -> Value {
    let text = |text: &str| Value::from(text);
    match field {
        "id" => text(row["key"].as_str().unwrap().rsplit('/').next().unwrap()),
        "owner" => row["owner"].as_str().map_or(Value::Null, |owner| text(owner.trim_start_matches('@'))),
        "trackers" => list(&row["trackers"]).iter().map(|one| reference(one.as_str().unwrap())).collect(),
        other => row[other].clone(),
    }
}

/// `owner/repository#number` or `KEY-1`, whatever address it was written with.
fn reference(written: &str) -> String {
    let Some((_, rest)) = written.split_once("://") else { return written.to_owned() };
    let parts: Vec<&str> = rest.split('/').collect();
    match parts.as_slice() {
        [_, owner, name, "issues" | "pull", number] => format!("{owner}/{name}#{number}"),
        [_, "browse", key] => (*key).to_owned(),
        _ => written.to_owned(),
    }
}

fn candidates(case: &Value, seen: &Seen) -> Vec<String> {
    let found = seen.candidates();
    match &case["candidates"] {
        Value::Number(wanted) if wanted.as_u64() != Some(found.len() as u64) => {
            vec![format!("candidates {found:?} instead of {wanted}")]
        }
        _ => Vec::new(),
    }
}

fn told(case: &Value, seen: &Seen) -> Vec<String> {
    let read = |unless: &Value| {
        unless
            .as_object()
            .is_some_and(|fields| fields.iter().all(|(field, wanted)| is_head(field, wanted, seen)))
    };
    list(&case["told"])
        .iter()
        .filter(|it| !is_told(&strings(&it["words"]), seen) && !read(&it["unless"]))
        .map(|it| format!("nobody is told of {}; told is {:?}", it["about"], seen.told(ALL)))
        .collect()
}

/// What must not be said, and what must not be shown.
fn silent(case: &Value, seen: &Seen) -> Vec<String> {
    let aloud = seen.told(&["warning", "error"]);
    let mut faults = Vec::new();
    for it in list(&case["not_told"]) {
        let words = strings(&it["words"]);
        let said = aloud.iter().filter(|text| words.iter().any(|word| contains(text, word)));
        faults.extend(said.map(|text| format!("says of {}: {text}", it["about"])));
    }
    if case["quiet"] == true {
        faults.extend(aloud.iter().map(|text| format!("is not quiet: {text}")));
    }
    let shown: Vec<String> = seen.findings().into_iter().map(Value::to_string).collect();
    for word in strings(&case["lacks"]) {
        if shown.iter().map(String::as_str).chain(seen.candidates()).any(|text| contains(text, word)) {
            faults.push(format!("shows `{word}`"));
        }
    }
    faults
}

fn head(case: &Value, seen: &Seen) -> Vec<String> {
    let fields = case["postmortem"].as_object().into_iter().flatten();
    let mut faults: Vec<String> = fields
        .filter(|(field, wanted)| !is_head(field, wanted, seen))
        .map(|(field, wanted)| format!("{field} is {} instead of {wanted}", seen.postmortem()[field]))
        .collect();
    if let Some(draft) = case.get("draft").filter(|draft| **draft != seen.postmortem()["draft"]) {
        faults.push(format!("draft is not {draft}"));
    }
    faults
}

fn is_head(field: &str, wanted: &Value, seen: &Seen) -> bool {
    match (wanted.as_str(), seen.postmortem()[field].as_str()) {
        (Some(wanted), Some(found)) if field == "date" => found.starts_with(wanted),
        (Some(wanted), Some(found)) => is_same(wanted, found),
        _ => false,
    }
}

const ALL: &[&str] = &["info", "warning", "error"];

fn is_told(words: &[&str], seen: &Seen) -> bool {
    seen.told(ALL).iter().any(|text| words.iter().any(|word| contains(text, word)))
}

fn is_candidate(titles: &[&str], seen: &Seen) -> bool {
    seen.candidates().iter().any(|text| titles.iter().any(|title| contains(text, title)))
}

fn is_title(wanted: &str, found: &Value) -> bool {
    found.as_str().is_some_and(|found| is_same(wanted.trim_end_matches('.'), found.trim_end_matches('.')))
}

fn is_same(one: &str, other: &str) -> bool {
    one.trim_start_matches('@').to_lowercase() == other.trim_start_matches('@').to_lowercase()
}

fn contains(text: &str, words: &str) -> bool {
    text.to_lowercase().contains(&words.to_lowercase())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// A text, or each of a list of them.
fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(one) => vec![one],
        many => list(many).iter().filter_map(Value::as_str).collect(),
    }
}
