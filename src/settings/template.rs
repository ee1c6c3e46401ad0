//! Templates of titles, bodies and fields: read, and checked for syntax and variables. Rendering is done elsewhere.

use std::collections::BTreeSet;

use minijinja::Environment;

use super::{
    file::rule::TemplateEntry,
    reading::{Reading, read_text},
    suggest::advice,
};
use crate::{
    model::postmortem::{Diagnostic, Level},
    plan::render::VARIABLES,
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
            page.error(&format!("{at}/file"), "template", format!("`{file}`: {}", unreadable.message), None);
            return None;
        }
    };
    page.consulted(&text);
    page.notice(flaws(&text).into_iter().map(|Flaw { line, what, help }| Diagnostic {
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

/// A syntax error, or else every variable that rendering does not offer: it would fail when the issue is created.
fn flaws(text: &str) -> Vec<Flaw> {
    let environment = Environment::new();
    let template = match environment.template_from_str(text) {
        Ok(template) => template,
        Err(error) => {
            let why = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
            let what = format!("this template cannot be read: {why}");
            return vec![Flaw { line: error.line().unwrap_or(1), what, help: None }];
        }
    };
    let used: BTreeSet<String> = template.undeclared_variables(true).into_iter().collect();
    let unknown = used.iter().filter(|used| !is_offered(used));
    unknown
        .map(|name| Flaw {
            line: 1 + text.lines().position(|line| line.contains(name.as_str())).unwrap_or(0),
            what: format!("templates have no `{name}`"),
            help: advice(name, VARIABLES.iter().copied()),
        })
        .collect()
}

/// Whether a name is a variable, a part of one, or the group that variables are in.
fn is_offered(name: &str) -> bool {
    let is_part_of =
        |name: &str, whole: &str| name.strip_prefix(whole).is_some_and(|rest| rest.starts_with('.'));
    FUNCTIONS.contains(&name)
        || VARIABLES.iter().any(|&known| known == name || is_part_of(name, known) || is_part_of(known, name))
}
