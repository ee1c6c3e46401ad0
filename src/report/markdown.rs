//! The report as GitHub-flavoured Markdown that pings nobody and links nothing but issues and write-ups when somebody posts it.
//!
//! Knows the template and Markdown's syntax. Foreign text keeps its letters and loses its powers.

use minijinja::{AutoEscape, Output, State, Value, context};

use super::{
    Report,
    template::{self, RenderError},
};
use crate::review::inert::{address, visible};

const TEXT: &str = include_str!("templates/report.md");

/// What GitHub makes a link, a reference or a mail address of without any markup, and the same without that power.
const POWERFUL: [(&str, &str); 6] = [
    ("://", ":\u{2060}//"),
    ("www.", "www\u{2060}."),
    ("WWW.", "WWW\u{2060}."),
    ("mailto:", "mailto\u{2060}:"),
    ("xmpp:", "xmpp\u{2060}:"),
    ("GH-", "GH\u{2060}-"),
];

/// Takes the power from `@` and `#` without showing.
const WORD_JOINER: char = '\u{2060}';

/// The report as Markdown.
///
/// # Errors
///
/// If the template does not fit the data.
pub fn render(report: &Report) -> Result<String, RenderError> {
    let mut environment = template::environment(report, AutoEscape::Custom("markdown".into()))?;
    environment.set_formatter(|out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value| {
        let text = value.to_string();
        out.write_str(&if value.is_safe() { text } else { inert(&text) })?;
        Ok(())
    });
    environment.add_filter("target", |url: &str| Value::from_safe_string(address(url).unwrap_or_default()));
    environment.add_template("report.md", TEXT)?;
    let text = template::render(&environment, "report.md", report, context! {})?;
    Ok(single_blank_lines(&text))
}

/// Blocks of the template bring their own blank lines; one between two is enough.
fn single_blank_lines(text: &str) -> String {
    let mut single = String::with_capacity(text.len());
    let mut blank = true;
    for line in text.lines() {
        if !(blank && line.is_empty()) {
            single.push_str(line);
            single.push('\n');
        }
        blank = line.is_empty();
    }
    single
}

/// Text that shows itself and is nothing else: no markup, mention, reference, autolink, HTML or table cell.
pub fn inert(text: &str) -> String {
    let mut inert = String::with_capacity(text.len() + 16);
    for c in visible(text).chars() {
        match c {
            '&' => inert.push_str("&amp;"),
            '<' => inert.push_str("&lt;"),
            '>' => inert.push_str("&gt;"),
            // An escape keeps these from being markup, but GitHub still links what they begin.
            '@' | '#' => inert.extend(['\\', c, WORD_JOINER]),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => {
                inert.extend(['\\', c]);
            }
            c => inert.push(c),
        }
    }
    POWERFUL.iter().fold(inert, |text, (from, to)| text.replace(from, to))
}
