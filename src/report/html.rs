//! The report as one self-contained page: no scripts, nothing loaded from anywhere.
//!
//! Knows the template and how to keep foreign text from being anything but text. Every value is escaped; characters that hide
//! or reorder text are spelled out; only `http` and `https` addresses became links when the report was built.

use std::fmt::Write;

use data_encoding::BASE64;
use minijinja::{AutoEscape, Output, State, Value, context};
use sha2::{Digest, Sha256};

use super::{
    Report,
    template::{self, RenderError},
};
use crate::review::inert::visible;

const PAGE: &str = include_str!("templates/report.html");
const STYLE: &str = include_str!("templates/report.css");

/// The page. Its own policy allows this style sheet, by digest, and nothing else.
///
/// # Errors
///
/// If the template does not fit the data.
pub fn render(report: &Report) -> Result<String, RenderError> {
    let mut environment = template::environment(report, AutoEscape::Html)?;
    environment.set_formatter(escape);
    environment.add_template("report.html", PAGE)?;
    let digest = BASE64.encode(&Sha256::digest(STYLE.as_bytes()));
    let extra = context! { style => Value::from_safe_string(STYLE.to_owned()), style_digest => digest };
    template::render(&environment, "report.html", report, extra)
}

/// Escapes every text that no template marked as its own; enough for text and for quoted attributes, where all of ours stand.
fn escape(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value) -> Result<(), minijinja::Error> {
    let text = value.to_string();
    if value.is_safe() {
        out.write_str(&text)?;
        return Ok(());
    }
    for c in visible(&text).chars() {
        match c {
            '&' => out.write_str("&amp;")?,
            '<' => out.write_str("&lt;")?,
            '>' => out.write_str("&gt;")?,
            '"' => out.write_str("&quot;")?,
            '\'' => out.write_str("&#39;")?,
            c => out.write_char(c)?,
        }
    }
    Ok(())
}
