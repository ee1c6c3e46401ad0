//! Templates of titles, bodies and fields: read, checked for syntax and variables, and tried with sample values.
//! Rendering for real is done elsewhere.

use std::collections::BTreeSet;

use minijinja::{ErrorKind, value::Serde};
use serde_json::{Map, Value, json};

use super::{
    file::rule::TemplateEntry,
    literal::is_given_away,
    reading::{Reading, read_text},
    suggest::advice,
};
use crate::{
    model::postmortem::{Diagnostic, Level},
    plan::render::{VARIABLES, environment},
};

/// Reads a template and checks it.
pub(super) fn template(page: &mut Reading, at: &str, entry: Option<&TemplateEntry>) -> Option<String> {
    match entry? {
        TemplateEntry::Text(text) => {
            check(page, at, text);
            Some(text.clone())
        }
        TemplateEntry::File { file } => from_file(page, at, file),
    }
}

/// Reads the template of a title, which must not come to nothing for any finding.
pub(super) fn title(page: &mut Reading, at: &str, entry: Option<&TemplateEntry>) -> Option<String> {
    let title = template(page, at, entry)?;
    let comes_to_nothing = |complete: bool| {
        let rendered = environment().render_str(&title, Serde(sample(complete)));
        rendered.is_ok_and(|rendered| rendered.trim().is_empty())
    };
    if comes_to_nothing(true) || comes_to_nothing(false) {
        let message = "this title comes to nothing for some findings".to_owned();
        let help = "write something that every finding has, such as `{{ finding.title }}`".to_owned();
        page.error(at, "template", message, Some(help));
    }
    Some(title)
}

/// Notices what is wrong with a template that is written in the configuration.
pub(super) fn check(page: &mut Reading, at: &str, text: &str) {
    for Flaw { line, what, help } in flaws(text) {
        page.error_within(at, line, "template", what, help);
    }
}

fn from_file(page: &mut Reading, at: &str, file: &str) -> Option<String> {
    let path = page.beside(file);
    let text = match read_text(&path) {
        Ok(text) => text,
        Err(unreadable) => {
            let message = format!("`{file}`: {}", unreadable.message);
            let help =
                unreadable.help.unwrap_or_else(|| "paths are relative to this file's folder".to_owned());
            page.error(&format!("{at}/file"), "template", message, Some(help));
            return None;
        }
    };
    page.consulted(&text);
    let given_away = |(n, _)| Flaw {
        line: n + 1,
        what: "a secret is written here, and it would be sent with every issue".to_owned(),
        help: Some("take it out; if this file was shared, revoke it".to_owned()),
    };
    let secrets = text.lines().enumerate().filter(|(_, line)| is_given_away(line)).map(given_away);
    page.notice(flaws(&text).into_iter().chain(secrets).map(|Flaw { line, what, help }| Diagnostic {
        path: path.display().to_string(),
        line,
        column: 0,
        level: Level::Error,
        code: "template".to_owned(),
        message: what,
        help,
    }));
    Some(text)
}

/// Something wrong with a template.
struct Flaw {
    /// Line within the template, from 1.
    line: usize,
    what: String,
    help: Option<String>,
}

/// What every template may call beside its variables.
const FUNCTIONS: &[&str] = &["range", "dict", "namespace", "debug"];

/// Variables that a finding may lack. The others always have a value.
const OPTIONAL: &[&str] = &[
    "finding.description",
    "finding.kind",
    "finding.priority",
    "finding.team",
    "finding.criteria",
    "finding.due",
    "finding.due_because",
    "postmortem.url",
];

/// A syntax error, else every variable that rendering does not offer, else what fails with sample values: each would
/// keep an issue from being created.
fn flaws(text: &str) -> Vec<Flaw> {
    let environment = environment();
    let template = match environment.template_from_str(text) {
        Ok(template) => template,
        Err(error) => {
            let why = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
            let what = format!("this template cannot be read: {why}");
            let help =
                "values are written `{{ finding.title }}`, conditions `{% if finding.due %}…{% endif %}`";
            return vec![Flaw { line: error.line().unwrap_or(1), what, help: Some(help.to_owned()) }];
        }
    };
    let used: BTreeSet<String> = template.undeclared_variables(true).into_iter().collect();
    let unknown: Vec<Flaw> = used
        .iter()
        .filter(|used| !is_offered(used))
        .map(|name| Flaw {
            line: 1 + text.lines().position(|line| line.contains(name.as_str())).unwrap_or(0),
            what: format!("templates have no `{name}`"),
            help: meant(name),
        })
        .collect();
    if !unknown.is_empty() {
        return unknown;
    }
    let failed =
        [true, false].into_iter().find_map(|complete| template.render(Serde(sample(complete))).err());
    failed.as_ref().map(failure).into_iter().collect()
}

/// The variable that was meant, most likely written without its group.
fn meant(name: &str) -> Option<String> {
    let is_member = |known: &&&str| known.split_once('.').is_some_and(|(_, member)| member == name);
    let grouped = VARIABLES.iter().find(is_member).map(|known| format!("did you mean `{known}`?"));
    grouped.or_else(|| advice(name, VARIABLES.iter().copied()))
}

/// Why a template fails with sample values.
fn failure(error: &minijinja::Error) -> Flaw {
    let why = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    let unknown = [ErrorKind::UnknownFilter, ErrorKind::UnknownTest, ErrorKind::UnknownFunction];
    let help = if unknown.contains(&error.kind()) {
        "filters, tests and functions are those of Jinja, such as `| upper` or `| default('none')`"
    } else if error.kind() == ErrorKind::TemplateNotFound {
        "a template stands alone: write here what it would include"
    } else if error.kind() == ErrorKind::OutOfFuel {
        "shorten its loops: a template may take 50,000 steps"
    } else {
        "not every finding has every value: write `{{ finding.due or 'none' }}`, or ask with `{% if %}`"
    };
    Flaw {
        line: error.line().unwrap_or(1),
        what: format!("this template fails: {why}"),
        help: Some(help.to_owned()),
    }
}

/// A value for every variable; none for those that a finding may lack, unless it is `complete`.
fn sample(complete: bool) -> Value {
    let mut groups: Map<String, Value> = Map::new();
    for &name in VARIABLES {
        let value = match name {
            _ if !complete && OPTIONAL.contains(&name) => Value::Null,
            "finding.labels" | "postmortem.reviewers" if complete => json!(["security"]),
            "finding.labels" | "postmortem.reviewers" => json!([]),
            _ => json!("sample"),
        };
        match name.split_once('.') {
            None => {
                groups.insert(name.to_owned(), value);
            }
            Some((group, member)) => {
                if let Some(group) = groups.entry(group).or_insert_with(|| json!({})).as_object_mut() {
                    group.insert(member.to_owned(), value);
                }
            }
        }
    }
    Value::Object(groups)
}

/// Whether a name is a variable, a part of one, or the group that variables are in.
fn is_offered(name: &str) -> bool {
    let is_part_of =
        |name: &str, whole: &str| name.strip_prefix(whole).is_some_and(|rest| rest.starts_with('.'));
    FUNCTIONS.contains(&name)
        || VARIABLES.iter().any(|&known| known == name || is_part_of(name, known) || is_part_of(known, name))
}
