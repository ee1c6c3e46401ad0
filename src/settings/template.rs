//! Templates of titles, bodies and fields: read, and checked for syntax. Rendering is done elsewhere.

use minijinja::Environment;

use super::{
    file::rule::TemplateEntry,
    reading::{Reading, read_text},
};
use crate::model::postmortem::{Diagnostic, Level};

/// Reads a template and checks its syntax.
pub(super) fn template(page: &mut Reading, at: &str, entry: Option<&TemplateEntry>) -> Option<String> {
    match entry? {
        TemplateEntry::Text(text) => {
            check(page, at, text);
            Some(text.clone())
        }
        TemplateEntry::File { file } => from_file(page, at, file),
    }
}

/// Notices a syntax error of a template that is written in the configuration.
pub(super) fn check(page: &mut Reading, at: &str, text: &str) {
    if let Some((line, why)) = syntax_error(text) {
        page.error_within(at, line, "template", format!("this template cannot be read: {why}"));
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
    if let Some((line, why)) = syntax_error(&text) {
        page.notice([Diagnostic {
            path: path.display().to_string(),
            line,
            column: 0,
            level: Level::Error,
            code: "template".to_owned(),
            message: format!("this template cannot be read: {why}"),
            help: None,
        }]);
    }
    Some(text)
}

/// Line within the template and reason of its syntax error.
fn syntax_error(text: &str) -> Option<(usize, String)> {
    let environment = Environment::new();
    let error = environment.template_from_str(text).err()?;
    let why = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    Some((error.line().unwrap_or(1), why))
}
