//! Answers of which a part is missing: GitHub's GraphQL says null beside an error, Jira leaves a field out.

use serde_json::{Value, json};

use crate::gate::Gate;

/// What GraphQL may fail to say of an issue, and what Jira may leave out.
const GITHUB: [&str; 5] = ["assignees", "stateReason", "labels", "closedByEvent", "timelineItems"];
const JIRA: [&str; 6] = ["assignee", "resolution", "status", "labels", "duedate", "updated"];

/// Takes away one field of one issue.
pub(crate) fn leave_out(gate: &Gate, body: &mut Value) {
    let mut found = Vec::new();
    collect(body, &mut Vec::new(), &mut found);
    if found.is_empty() {
        return;
    }
    let path = found.swap_remove(gate.upto(found.len() as i64 - 1) as usize);
    let (name, parents) = path.split_last().unwrap();
    let pointer: String = parents.iter().map(|part| format!("/{part}")).collect();
    let Some(Value::Object(fields)) = body.pointer_mut(&pointer) else { return };
    gate.state().say(|| format!("  !! without {pointer}/{name}"));
    if path[0] != "data" {
        fields.remove(name);
        return;
    }
    let nested = matches!(fields[name], Value::Object(_)) && gate.upto(1) == 0;
    let mut error: Vec<Value> =
        path[1..].iter().map(|part| part.parse::<u64>().map_or(json!(part), |n| json!(n))).collect();
    if nested && fields[name]["nodes"].is_array() {
        fields[name]["nodes"] = Value::Null;
        error.push(json!("nodes"));
    } else {
        fields[name] = Value::Null;
    }
    let error = json!({"type": "INTERNAL", "path": error, "message": "Something went wrong"});
    match &mut body["errors"] {
        Value::Array(errors) => errors.push(error),
        errors => *errors = json!([error]),
    }
}

/// The paths of all fields of issues that may be missing.
fn collect(value: &Value, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    let mut deeper = |name: String, value: &Value| {
        path.push(name);
        let name = path.last().unwrap().as_str();
        let of_github = path[0] == "data" && GITHUB.contains(&name);
        let of_jira = path.len() > 1 && path[path.len() - 2] == "fields" && JIRA.contains(&name);
        if of_github || of_jira {
            found.push(path.clone());
        }
        collect(value, path, found);
        path.pop();
    };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| deeper(name.clone(), value)),
        Value::Array(items) => items.iter().enumerate().for_each(|(n, value)| deeper(n.to_string(), value)),
        _ => {}
    }
}
