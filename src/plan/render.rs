//! Titles, bodies and fields of issues, from templates.

use std::collections::BTreeMap;

use minijinja::{Environment, UndefinedBehavior, context};
use unicode_segmentation::UnicodeSegmentation;

use super::inert::{inert, inert_line};
use crate::model::{
    deadline::Policy,
    finding::Finding,
    rule::Destination,
    terms::{Kind, Priority},
};

/// Steps that one template may take; a runaway loop ends in an error, not in a hang.
const FUEL: u64 = 50_000;

/// Longest title that every tracker takes, in characters people see (GitHub 256, Jira 255: `trackers.md` 1.6, 2.4).
const TITLE_MAX: usize = 250;

/// Default title: what must change.
pub const DEFAULT_TITLE: &str = "{{ finding.title }}";

/// Default body: what is asked, how we will know, by when, and where it comes from. Summary, actors and evidence of
/// the postmortem are not offered to templates at all.
pub const DEFAULT_BODY: &str = "\
### What is asked

{{ finding.title }}
{%- if finding.description %}

{{ finding.description }}
{%- endif %}

### How we will know that it worked

{{ finding.criteria or \"Please describe in a comment how the change can be checked.\" }}

### Review deadline

{% if finding.due -%}
{{ finding.due }} (severity {{ finding.severity }}).
{%- else -%}
None (severity {{ finding.severity }}).
{%- endif %} Closing this issue is enough: a reviewer verifies it afterwards.

### Where it comes from

Finding {{ finding.key }}
{%- if postmortem.url %} of [{{ postmortem.title }}]({{ postmortem.url }}){% else %} of {{ postmortem.title }}{% endif %}.
";

/// Every variable that a template may use; what [`render`] hands to templates, and what a configuration is checked against.
pub const VARIABLES: &[&str] = &[
    "finding.key",
    "finding.title",
    "finding.description",
    "finding.class",
    "finding.kind",
    "finding.work",
    "finding.route",
    "finding.severity",
    "finding.priority",
    "finding.team",
    "finding.labels",
    "finding.criteria",
    "finding.due",
    "finding.tlp",
    "postmortem.id",
    "postmortem.title",
    "postmortem.url",
    "policy",
];

/// What an issue of a finding says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// Title, on one line, within every tracker's limit.
    pub title: String,
    /// Body, as Markdown.
    pub body: String,
    /// Further fields.
    pub fields: BTreeMap<String, String>,
}

/// Renders the texts of a destination for a finding; the error says which template is wrong and why.
pub fn render(destination: &Destination, finding: &Finding, policy: &Policy) -> Result<Rendered, String> {
    let values = values(finding, policy);
    let one = |name: &str, template: &str| {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        environment.set_fuel(Some(FUEL));
        environment
            .render_named_str(name, template, &values)
            .map_err(|error| format!("the template of `{name}` failed: {error:#}"))
    };
    let title = one("title", destination.title.as_deref().unwrap_or(DEFAULT_TITLE))?;
    let body = one("body", destination.body.as_deref().unwrap_or(DEFAULT_BODY))?;
    let fields = destination
        .fields
        .iter()
        .map(|(field, template)| Ok((field.clone(), one(field, template)?)))
        .collect::<Result<_, String>>()?;
    Ok(Rendered { title: cut(&inert_line(&title), TITLE_MAX), body: body.trim().to_owned(), fields })
}

/// What templates may say, every foreign text inert.
fn values(finding: &Finding, policy: &Policy) -> minijinja::Value {
    let stated = &finding.stated;
    context! {
        finding => context! {
            key => finding.key.as_str(),
            title => inert_line(&stated.title),
            description => stated.description.as_deref().map(inert),
            class => finding.class.as_str(),
            kind => stated.kind.map(Kind::as_str),
            work => finding.work.as_str(),
            route => finding.route.as_str(),
            severity => finding.severity.as_str(),
            priority => stated.priority.map(Priority::as_str),
            team => stated.team.as_deref().map(inert_line),
            labels => stated.labels.clone(),
            criteria => stated.criteria.as_deref().map(inert),
            due => finding.clock.due.map(|due| due.to_string()),
            tlp => stated.tlp.as_str(),
        },
        postmortem => context! {
            id => stated.postmortem.as_str(),
            title => inert_line(&stated.postmortem_title),
            url => stated.postmortem_url.as_deref(),
        },
        policy => policy.name.as_str(),
    }
}

/// At most `max` characters as people see them, with an ellipsis where something was cut.
fn cut(text: &str, max: usize) -> String {
    let mut graphemes = text.graphemes(true);
    let head: String = graphemes.by_ref().take(max.saturating_sub(1)).collect();
    match (graphemes.next(), graphemes.next()) {
        (None, _) => head,
        (Some(last), None) => head + last,
        (Some(_), Some(_)) => head + "…",
    }
}
