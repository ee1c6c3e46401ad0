//! What the HTML and Markdown templates share: filters for dates and times, and strict rendering.
//!
//! Knows templates. Knows nothing of what they show. Undefined names are errors, so a template cannot quietly leave something out.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use minijinja::{
    AutoEscape, Environment, UndefinedBehavior, Value, context, syntax::SyntaxConfig, value::Serde,
};

use super::{Report, text};

/// A template could not be rendered: a defect of the template, never of the data.
#[derive(Debug, thiserror::Error)]
#[error("the report's template could not be rendered: {0}")]
pub struct RenderError(#[from] minijinja::Error);

/// An environment for a report, without templates.
///
/// `escaping` marks what templates produce as safe; a formatter does the escaping.
pub(super) fn environment(
    report: &Report,
    escaping: AutoEscape,
) -> Result<Environment<'static>, RenderError> {
    let zone: Tz = report.zone.parse().unwrap_or(Tz::UTC);
    let now = report.as_of;
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(move |_| escaping.clone());
    environment.set_syntax(
        SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()?,
    );
    environment
        .add_filter("day", |date: String| date.parse().map_or(date, |date: NaiveDate| text::day(date)));
    environment.add_filter("moment", move |at: String| {
        at.parse().map_or(at, |at: DateTime<Utc>| text::instant(zone, at))
    });
    environment.add_filter("recently", move |at: String| {
        at.parse().map_or(at, |at: DateTime<Utc>| text::recent(zone, at, now))
    });
    environment.add_filter("words", |term: String| term.replace('_', " "));
    Ok(environment)
}

/// Renders the only template of an environment with a report.
pub(super) fn render(
    environment: &Environment<'_>,
    name: &str,
    report: &Report,
    extra: Value,
) -> Result<String, RenderError> {
    let template = environment.get_template(name)?;
    Ok(template.render(context! { ..extra, ..Serde(report) })?)
}
