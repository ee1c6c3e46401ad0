//! Titles, bodies and fields of issues, from templates.

use std::{collections::BTreeMap, sync::LazyLock};

use minijinja::{Environment, UndefinedBehavior, context};
use unicode_segmentation::UnicodeSegmentation;

use super::{
    clearance::{Profile, profile},
    inert::{inert, inert_line},
    outgoing::clean,
    secrets::secret_in,
};
use crate::model::{
    deadline::Policy,
    finding::Finding,
    rule::Destination,
    terms::{Kind, Priority},
    words::Words,
};
use crate::review::{
    clock::{Basis, basis},
    inert::address,
};

/// Steps that one template may take; a runaway loop ends in an error, not in a hang.
const FUEL: u64 = 50_000;

/// Longest title that every tracker takes, in UTF-16 units (GitHub's refusals say 256, Jira's 255).
const TITLE_MAX: usize = 250;

/// Longest texts of a document that are taken over, in UTF-16 units: together they fit the smallest body (Jira 32,767)
/// and leave room for what we say ourselves.
const DESCRIPTION_MAX: usize = 20_000;
const CRITERIA_MAX: usize = 5_000;
const LINE_MAX: usize = 1_000;

/// Default title: what must change.
pub const DEFAULT_TITLE: &str = "{{ finding.title }}";

/// Default body: what is asked, how we will know, by when, how to finish, and where it comes from. Summary, actors and
/// evidence of the postmortem are not offered to templates at all.
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
{{ finding.due }}: {{ finding.due_because }}.
{%- else -%}
None, severity {{ finding.severity }}.
{%- endif %}

### How to finish

When it is done, close this issue as done; that is enough.
{%- if postmortem.reviewers %} A reviewer ({{ postmortem.reviewers | join(\", \") }} first) verifies it afterwards.
{%- else %} A reviewer verifies it afterwards.
{%- endif %}
If it will not be done, say why in a comment and close it as not planned, or as won't do: a reviewer decides what follows.

### Where it comes from

Finding {{ finding.key }}
{%- if postmortem.url %} of [{{ postmortem.title }}]({{ postmortem.url }}){% else %} of {{ postmortem.title }}{% endif %}.
";

/// The default body of issues that were made before it said how to finish. What they say is still so, and is not written anew
/// until something else changes: an upgrade edits no issue.
const FORMER_BODY: &str = "\
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
    "finding.due_because",
    "finding.tlp",
    "postmortem.id",
    "postmortem.title",
    "postmortem.url",
    "postmortem.reviewers",
    "policy",
];

/// How templates are read and run, here and where a configuration is checked.
pub fn environment() -> &'static Environment<'static> {
    static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        environment.set_fuel(Some(FUEL));
        // What is not known is left out, and not called `none`.
        environment.set_formatter(|out, state, value| {
            if value.is_none() { Ok(()) } else { minijinja::escape_formatter(out, state, value) }
        });
        environment
    });
    &ENVIRONMENT
}

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

/// Renders the texts of a destination for a finding.
///
/// The error says which template is wrong and why, or that what came out holds a credential.
pub fn render(destination: &Destination, finding: &Finding, policy: &Policy) -> Result<Rendered, String> {
    let words = finding.stated.words_up_to(destination.max_tlp);
    let values = match (profile(finding.stated.tlp, destination)?.0, words) {
        (Profile::Full, Some(words)) => values(finding, words, policy),
        (Profile::Full | Profile::Minimal, _) => minimal(finding, policy),
    };
    let one = |name: &str, template: &str| {
        environment()
            .render_named_str(name, template, &values)
            .map(|text| clean(&text))
            .map_err(|error| format!("the template of `{name}` failed: {error:#}"))
    };
    let title = one("title", destination.title.as_deref().unwrap_or(DEFAULT_TITLE))?;
    let title = cut(&inert_line(&title), TITLE_MAX);
    if title.is_empty() {
        return Err("the template of `title` came to nothing; an issue needs a title".to_owned());
    }
    let body = one("body", destination.body.as_deref().unwrap_or(DEFAULT_BODY))?;
    let fields: BTreeMap<String, String> = destination
        .fields
        .iter()
        .map(|(field, template)| Ok((field.clone(), one(field, template)?)))
        .filter(|field: &Result<(String, String), String>| {
            field.as_ref().map_or(true, |(_, text)| !is_nothing(text))
        })
        .collect::<Result<_, String>>()?;
    let secret = [&title, &body].into_iter().chain(fields.values()).find_map(|text| secret_in(text));
    if let Some(secret) = secret {
        return Err(format!(
            "its text holds what looks like {secret}, which must not get into a tracker; take it out of the document \
             and revoke it"
        ));
    }
    Ok(Rendered { title, body: body.trim().to_owned(), fields })
}

/// The body that an issue had by default before, for a finding as it is now; none where the body is somebody's own.
pub fn former_body(destination: &Destination, finding: &Finding, policy: &Policy) -> Option<String> {
    let body = destination.body.is_none().then(|| FORMER_BODY.to_owned());
    let former = Destination { body: Some(body?), ..destination.clone() };
    render(&former, finding, policy).ok().map(|rendered| rendered.body)
}

/// Whether a field came to nothing: no text, or JSON in which no value says anything, such as `{"name": ""}`.
fn is_nothing(text: &str) -> bool {
    fn is_empty(value: &serde_json::Value) -> bool {
        match value {
            serde_json::Value::Null => true,
            serde_json::Value::String(text) => text.trim().is_empty(),
            serde_json::Value::Array(items) => items.iter().all(is_empty),
            serde_json::Value::Object(members) => members.values().all(is_empty),
            serde_json::Value::Bool(_) | serde_json::Value::Number(_) => false,
        }
    }
    text.trim().is_empty() || serde_json::from_str(text).is_ok_and(|value| is_empty(&value))
}

/// What templates may say where nothing of the finding itself may be shown.
fn minimal(finding: &Finding, policy: &Policy) -> minijinja::Value {
    const WITHHELD: &str = "withheld";
    let stated = &finding.stated;
    let none: Option<&str> = None;
    context! {
        finding => context! {
            key => plain(finding.key.as_str()),
            title => format!("Security follow-up {}", plain(finding.key.as_str())),
            description => "Its text may not be shown here. It is in the postmortem below; please do not copy it into this issue.",
            class => WITHHELD,
            kind => none,
            work => WITHHELD,
            route => WITHHELD,
            severity => finding.severity.as_str(),
            priority => stated.priority.map(Priority::as_str),
            team => none,
            labels => Vec::<String>::new(),
            criteria => "As its postmortem says.",
            due => finding.clock.due.map(|due| due.to_string()),
            due_because => due_because(finding, policy),
            tlp => stated.tlp.as_str(),
        },
        postmortem => context! {
            id => plain(stated.postmortem.as_str()),
            title => plain(stated.postmortem.as_str()),
            url => stated.postmortem_url.as_deref().and_then(address),
            reviewers => Vec::<String>::new(),
        },
        policy => policy.name.as_str(),
    }
}

/// What templates may say, every foreign text inert.
fn values(finding: &Finding, words: &Words, policy: &Policy) -> minijinja::Value {
    let stated = &finding.stated;
    let line = |text: &str| cut(&inert_line(text), LINE_MAX);
    let text = |text: &Option<String>, max| text.as_deref().map(|text| cut(&inert(text), max));
    context! {
        finding => context! {
            key => plain(finding.key.as_str()),
            title => line(&words.title),
            description => text(&words.description, DESCRIPTION_MAX),
            class => finding.class.as_str(),
            kind => stated.kind.map(Kind::as_str),
            work => finding.work.as_str(),
            route => finding.route.as_str(),
            severity => finding.severity.as_str(),
            priority => stated.priority.map(Priority::as_str),
            team => stated.team.as_deref().map(line),
            labels => stated.labels.iter().map(|label| line(label)).collect::<Vec<_>>(),
            criteria => text(&words.criteria, CRITERIA_MAX),
            due => finding.clock.due.map(|due| due.to_string()),
            due_because => due_because(finding, policy),
            tlp => stated.tlp.as_str(),
        },
        postmortem => context! {
            id => plain(stated.postmortem.as_str()),
            title => line(&words.postmortem_title),
            url => stated.postmortem_url.as_deref().and_then(address),
            reviewers => stated.reviewers.iter().map(|name| line(name)).collect::<Vec<_>>(),
        },
        policy => policy.name.as_str(),
    }
}

/// Why the deadline is on its day, in words that hold until it moves; none without one.
fn due_because(finding: &Finding, policy: &Policy) -> Option<String> {
    Some(match basis(policy, finding)? {
        Basis::Term { days } => format!("{days} days for severity {}", finding.severity),
        Basis::Asked => "the day that its write-up asks for".to_owned(),
        Basis::Extended(_) => "a reviewer extended it".to_owned(),
        Basis::Moved => "its severity, its policy or a decision moved it".to_owned(),
    })
}

/// A key as it is, so that it can be copied and searched; inert when it is more than letters, digits and `._/-`.
fn plain(key: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._/-".contains(c);
    if key.chars().all(is_plain) { key.to_owned() } else { inert_line(key) }
}

/// At most `max` UTF-16 units, which is how the strictest tracker counts, with an ellipsis where something was cut.
/// Characters as people see them stay whole, unless a single one is too long.
fn cut(text: &str, max: usize) -> String {
    let length = |text: &str| text.encode_utf16().count();
    if length(text) <= max {
        return text.to_owned();
    }
    let fitting = |parts: &mut dyn Iterator<Item = &str>| {
        let mut left = max.saturating_sub(1);
        let fits = |part: &&str| match left.checked_sub(length(part)) {
            Some(rest) => {
                left = rest;
                true
            }
            None => false,
        };
        parts.take_while(fits).collect::<String>()
    };
    let whole = fitting(&mut text.graphemes(true));
    let head = if whole.is_empty() { fitting(&mut text.split_inclusive(|_| true)) } else { whole };
    head + "…"
}
