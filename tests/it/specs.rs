//! Requests and responses held against the vendors' own API descriptions.
//!
//! [`Checker::load`] reads the descriptions from `SHARED_DIR`; [`Checker::check_log`] takes what
//! `GET /log` of a sandbox answers. Only what the descriptions describe is checked: the rest is counted.

use std::{collections::BTreeMap, fs};

use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};

use crate::surroundings::shared;

/// The descriptions, by tracker.
pub(crate) struct Checker {
    documents: BTreeMap<&'static str, Value>,
    validators: BTreeMap<String, Validator>,
}

/// What came of a check.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) n_requests: usize,
    pub(crate) n_responses: usize,
    /// Operations and statuses that no description has, with their numbers.
    pub(crate) unchecked: BTreeMap<String, usize>,
    pub(crate) problems: Vec<String>,
}

const DOCUMENTS: [(&str, &str); 3] =
    [("github", "github.json"), ("jira", "jira-cloud.json"), ("jira_dc", "jira-dc.json")];

/// Query parameters that a tracker documents and its description lacks.
const UNDESCRIBED: [(&str, &str); 1] = [("jira_dc", "expand")];

impl Checker {
    /// The checker; nothing if the descriptions are not there, which under CI is a failure.
    pub(crate) fn load() -> Option<Self> {
        let folder = shared("specs")?;
        let mut documents = BTreeMap::new();
        for (tracker, file) in DOCUMENTS {
            let text = fs::read_to_string(folder.join(file)).unwrap();
            documents.insert(tracker, modern(serde_json::from_str(&text).unwrap()));
        }
        Some(Self { documents, validators: BTreeMap::new() })
    }

    /// Checks every entry of a log. Answers that a fault made up are left out.
    pub(crate) fn check_log(&mut self, log: &Value) -> Report {
        let mut report = Report::default();
        for entry in log.as_array().unwrap() {
            let text = |name: &str| entry[name].as_str().unwrap().to_owned();
            let (tracker, method, path) = (text("tracker"), text("method"), text("path"));
            let Some(operation) = self.operation(&tracker, &method, &path) else {
                *report.unchecked.entry(format!("{tracker} {method} {path}")).or_default() += 1;
                continue;
            };
            report.n_requests += 1;
            let found = self.check_request(&tracker, &method, &path, &text("query"), &entry["request"]);
            let is_refused = entry["status"].as_u64().is_some_and(|status| status == 400 || status == 422);
            // What the tracker itself refused need not fit its description.
            report.problems.extend(found.into_iter().filter(|_| !is_refused));
            let Some(status) = entry["status"].as_u64().filter(|_| entry["fault"].is_null()) else {
                continue;
            };
            if operation["responses"].get(status.to_string()).is_none() {
                *report.unchecked.entry(format!("{tracker} {method} {path} {status}")).or_default() += 1;
                continue;
            }
            report.n_responses += 1;
            report.problems.extend(self.check_response(&tracker, &method, &path, status, &entry["response"]));
        }
        report
    }

    /// What is wrong with a request: unknown query parameters, unknown or ill-typed members of the body.
    pub(crate) fn check_request(
        &mut self,
        tracker: &str,
        method: &str,
        path: &str,
        query: &str,
        body: &Value,
    ) -> Vec<String> {
        let here = format!("{tracker} {method} {path} request");
        let Some(operation) = self.operation(tracker, method, path) else {
            return vec![format!("{here}: not described")];
        };
        let known: Vec<Value> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|parameter| self.resolved(tracker, parameter))
            .filter(|parameter| parameter["in"] == "query")
            .map(|parameter| parameter["name"].clone())
            .collect();
        let names =
            query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split('=').next().unwrap());
        let is_known =
            |name: &&str| known.iter().any(|known| known == name) || UNDESCRIBED.contains(&(tracker, name));
        let unknown = names.filter(|name| !is_known(name));
        let mut problems: Vec<String> =
            unknown.map(|name| format!("{here}: unknown query parameter `{name}`")).collect();
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        match (schema.is_null(), body.is_null()) {
            (true, true) => {}
            (true, false) => problems.push(format!("{here}: takes no body, yet there is one: {body}")),
            (false, true) if operation["requestBody"]["required"] == true => {
                problems.push(format!("{here}: the body is missing"))
            }
            (false, true) => {}
            (false, false) => {
                let strict = self.strict(tracker, schema);
                problems.extend(self.check(tracker, &here, &strict, body));
            }
        }
        problems
    }

    /// What is wrong with an answer.
    pub(crate) fn check_response(
        &mut self,
        tracker: &str,
        method: &str,
        path: &str,
        status: u64,
        body: &Value,
    ) -> Vec<String> {
        let here = format!("{tracker} {method} {path} {status}");
        let Some(operation) = self.operation(tracker, method, path) else {
            return vec![format!("{here}: not described")];
        };
        let response = self.resolved(tracker, &operation["responses"][status.to_string()]);
        if response.is_null() {
            return vec![format!("{here}: status not described")];
        }
        let schema = response["content"]["application/json"]["schema"].clone();
        match (is_vague(&schema), body.is_null()) {
            // An error without a described body may have any.
            (true, _) => Vec::new(),
            (false, true) => vec![format!("{here}: the body is missing")],
            (false, false) => self.check(tracker, &here, &schema, body),
        }
    }

    /// The described operation that a request means.
    fn operation(&self, tracker: &str, method: &str, path: &str) -> Option<Value> {
        let paths = self.documents[tracker]["paths"].as_object()?;
        let path = described_path(path);
        let parts: Vec<&str> = path.split('/').collect();
        let fits = |template: &&String| {
            let wanted: Vec<&str> = template.split('/').collect();
            wanted.len() == parts.len()
                && wanted.iter().zip(&parts).all(|(want, have)| want.starts_with('{') || want == have)
        };
        // Of several, the one with the fewest placeholders.
        let template = paths.keys().filter(fits).min_by_key(|template| template.matches('{').count())?;
        paths[template].get(method.to_lowercase()).cloned()
    }

    fn resolved(&self, tracker: &str, value: &Value) -> Value {
        match value["$ref"].as_str() {
            Some(reference) => self.documents[tracker]
                .pointer(reference.trim_start_matches('#'))
                .cloned()
                .unwrap_or_default(),
            None => value.clone(),
        }
    }

    /// The schema of a body, closed at its top unless it says that it is open.
    fn strict(&self, tracker: &str, schema: &Value) -> Value {
        let mut schema = self.resolved(tracker, schema);
        if let Some(fields) = schema.as_object_mut().filter(|fields| fields.contains_key("properties")) {
            fields.entry("additionalProperties").or_insert(json!(false));
        }
        schema
    }

    fn check(&mut self, tracker: &str, here: &str, schema: &Value, body: &Value) -> Vec<String> {
        let validator = self.validators.entry(format!("{tracker} {schema}")).or_insert_with(|| {
            let components = &self.documents[tracker]["components"];
            let whole = json!({"components": components, "allOf": [schema]});
            jsonschema::options().with_draft(Draft::Draft202012).build(&whole).unwrap()
        });
        let told = |error: jsonschema::ValidationError<'_>| {
            let text: String = error.to_string().chars().take(300).collect();
            format!("{here}: at `{}`: {text}", error.instance_path())
        };
        validator.iter_errors(body).map(told).collect()
    }
}

impl Report {
    /// Fails with everything that was wrong.
    pub(crate) fn assert_clean(&self) {
        assert!(self.problems.is_empty(), "\n{}", self.problems.join("\n"));
    }
}

/// A path as the descriptions spell it: without GHES's prefix, by name instead of by id, Cloud in version 3.
fn described_path(path: &str) -> String {
    let path = path.strip_prefix("/api/v3").unwrap_or(path);
    match path.strip_prefix("/repositories/").and_then(|rest| rest.split_once('/')) {
        Some((_, rest)) => format!("/repos/by/id/{rest}"),
        None => path.to_owned(),
    }
}

/// Whether a schema says nothing.
fn is_vague(schema: &Value) -> bool {
    schema.as_object().is_none_or(Map::is_empty)
}

/// The keyword `nullable` of the descriptions as JSON Schema says it; validators skip whole bodies otherwise.
fn modern(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(modern).collect(),
        Value::Object(fields) => {
            let mut fields: Map<String, Value> =
                fields.into_iter().map(|(name, value)| (name, modern(value))).collect();
            // A property may be called `nullable`; the keyword is a boolean.
            if fields.get("nullable").is_some_and(Value::is_boolean) {
                let is_nullable = fields.remove("nullable") == Some(json!(true));
                if is_nullable {
                    return json!({"anyOf": [{"type": "null"}, fields]});
                }
            }
            Value::Object(fields)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

#[test]
fn a_bad_request_and_a_bad_response_are_refused() {
    let Some(mut checker) = Checker::load() else { return };
    let issues = "/repos/acme/payments/issues";
    let good = checker.check_request("github", "POST", issues, "", &json!({"title": "T", "labels": ["a"]}));
    assert_eq!(good, Vec::<String>::new());
    for (bad, word) in [
        (json!({"labels": ["a"]}), "title"),
        (json!({"title": "T", "assignes": []}), "assignes"),
        (json!({"title": "T", "labels": "a"}), "labels"),
    ] {
        let problems = checker.check_request("github", "POST", issues, "", &bad);
        assert!(problems.iter().any(|problem| problem.contains(word)), "{problems:?}");
    }
    let problems = checker.check_request("github", "GET", issues, "state=all&colour=red", &Value::Null);
    assert!(problems[0].contains("`colour`"), "{problems:?}");
    let problems = checker.check_response(
        "github",
        "GET",
        "/repositories/5/issues/1",
        200,
        &json!({"id": "text", "assignee": null}),
    );
    assert!(problems.len() > 5, "{problems:?}");
    for (tracker, path) in [("jira", "/rest/api/3/issue"), ("jira_dc", "/rest/api/2/issue")] {
        let problems = checker.check_request(tracker, "POST", path, "", &json!({"fields": "text"}));
        assert!(problems[0].contains("/fields"), "{problems:?}");
        let problems = checker.check_response(tracker, "POST", path, 201, &json!({"id": 5, "key": "PLAT-1"}));
        assert!(problems[0].contains("/id"), "{problems:?}");
    }
}
