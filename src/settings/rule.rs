//! Rules of the configuration: what they name must exist, and each must be able to match.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    file::{
        main::MainFile,
        part::OneOrMany,
        rule::{ConditionEntry, CreateEntry, RuleEntry, SeverityEntry, TypeEntry},
    },
    known::Known,
    reading::{Reading, member},
    shadow::shadow,
    suggest::{advice, nearest},
    template,
};
use crate::model::{
    ids::{GroupName, PlaceName, RuleName, TrackerName},
    issue::TrackerKind,
    rule::{Condition, Destination, Outcome, Rule},
    terms::{Severity, Tlp},
};

/// Templates for rules that have none of their own.
#[derive(Debug, Default)]
struct Templates {
    title: Option<String>,
    body: Option<String>,
}

/// Reads every rule of the main file.
pub(super) fn rules(page: &mut Reading, file: &MainFile, known: &Known) -> Vec<Rule> {
    let templates = templates(page, file);
    let mut rules: Vec<Rule> = Vec::new();
    // A misspelt condition is left out, which makes a rule seem wider than it was meant.
    let mut sound: Vec<Rule> = Vec::new();
    for (at, entry) in page.items("/rules", &file.rules) {
        let Some(rule) = rule(page, &at, entry, known, &templates) else { continue };
        let is_sound = !page.is_wrong(&at);
        if is_sound && let Some(wide) = shadow(&sound, &rule) {
            let message = format!(
                "the rule `{}` can never match: `{}` takes everything it would",
                rule.name, wide.name
            );
            let help = format!("move it above `{}`, or give that rule a narrower `when`", wide.name);
            page.error(&at, "shadowed_rule", message, Some(help));
        }
        if is_sound {
            sound.push(rule.clone());
        }
        rules.push(rule);
    }
    rules
}

fn templates(page: &mut Reading, file: &MainFile) -> Templates {
    let Some(entry) = page.part("/templates", &file.templates) else { return Templates::default() };
    Templates {
        title: template::title(page, "/templates/title", entry.title.as_ref()),
        body: template::template(page, "/templates/body", entry.body.as_ref()),
    }
}

fn rule(
    page: &mut Reading,
    at: &str,
    entry: &RuleEntry,
    known: &Known,
    templates: &Templates,
) -> Option<Rule> {
    let when_at = format!("{at}/when");
    let when = page.part(&when_at, &entry.when).map(|when| condition(page, &when_at, when, known));
    let then = match (&entry.create, &entry.register) {
        (Some(create), None) => {
            let at = format!("{at}/create");
            let create = page.part(&at, create)?;
            Outcome::Create(destination(page, &at, create, known, templates)?)
        }
        (None, Some(register)) => {
            let register = page.part(&format!("{at}/register"), register)?;
            Outcome::Register { group: GroupName::new(register.group.clone()) }
        }
        (create, _) => {
            let how_many = if create.is_some() { "both" } else { "neither" };
            let message = format!("the rule `{}` has {how_many} `create` and `register`", entry.name);
            let message = message.replace("neither `create` and", "neither `create` nor");
            let help = "give it one: `create` opens an issue, `register` keeps the finding in the register"
                .to_owned();
            page.error(at, "rule", message, Some(help));
            return None;
        }
    };
    Some(Rule { name: RuleName::new(entry.name.clone()), when: when?, then })
}

fn condition(page: &mut Reading, at: &str, entry: &ConditionEntry, known: &Known) -> Condition {
    check_sources(page, at, entry, known);
    check_teams(page, at, entry, known);
    Condition {
        class: set(entry.class.as_ref()),
        kind: set(entry.kind.as_ref()),
        route: set(entry.route.as_ref()),
        work: set(entry.work.as_ref()),
        severity: severities(entry.severity.as_ref()),
        team: set(entry.team.as_ref()),
        labels: set(entry.labels.as_ref()),
        postmortem: set(entry.postmortem.as_ref()),
        source: set(entry.source.as_ref()),
    }
}

fn set<T: Clone + Ord>(member: Option<&OneOrMany<T>>) -> BTreeSet<T> {
    member.map(|member| member.as_slice().iter().cloned().collect()).unwrap_or_default()
}

fn severities(entry: Option<&SeverityEntry>) -> BTreeSet<Severity> {
    match entry {
        None => BTreeSet::new(),
        Some(SeverityEntry::These(these)) => set(Some(these)),
        // Severities are ordered from worst to least.
        Some(SeverityEntry::AtLeast { at_least }) => {
            Severity::ALL.iter().copied().filter(|severity| severity <= at_least).collect()
        }
    }
}

/// The elements of a member with their pointers.
fn elements<'a>(at: &str, member: Option<&'a OneOrMany<String>>) -> Vec<(String, &'a String)> {
    match member {
        None => Vec::new(),
        Some(OneOrMany::One(one)) => vec![(at.to_owned(), one)],
        Some(OneOrMany::Many(many)) => {
            many.iter().enumerate().map(|(n, one)| (format!("{at}/{n}"), one)).collect()
        }
    }
}

fn check_sources(page: &mut Reading, at: &str, entry: &ConditionEntry, known: &Known) {
    for (at, source) in elements(&format!("{at}/source"), entry.source.as_ref()) {
        if !known.sources.contains(source) {
            let help = advice(source, known.sources.iter().map(String::as_str));
            page.error(&at, "unknown_source", format!("there is no source `{source}`"), help);
        }
    }
}

/// Teams are free text in documents, so an unknown one is only worth a word when it looks like a slip.
fn check_teams(page: &mut Reading, at: &str, entry: &ConditionEntry, known: &Known) {
    for (at, team) in elements(&format!("{at}/team"), entry.team.as_ref()) {
        let is_known = known.teams.iter().any(|known| known.to_lowercase() == team.to_lowercase());
        if let Some(near) = nearest(team, known.teams.iter().map(String::as_str)).filter(|_| !is_known) {
            let message = format!("nobody of the people directory is in a team `{team}`");
            page.warn(&at, "unknown_team", message, Some(format!("did you mean `{near}`?")));
        }
    }
}

fn destination(
    page: &mut Reading,
    at: &str,
    entry: &CreateEntry,
    known: &Known,
    templates: &Templates,
) -> Option<Destination> {
    let kind = tracker_kind(page, at, &entry.tracker, known);
    let place = kind.and_then(|kind| place(page, at, kind, entry));
    let (bug_type, change_type) = issue_types(entry.issue_type.as_ref());
    let title = template::title(page, &format!("{at}/title"), entry.title.as_ref());
    let body = template::template(page, &format!("{at}/body"), entry.body.as_ref());
    if let Some(kind) = kind {
        check_fields(page, at, kind, &entry.fields);
        check_labels(page, at, kind, &entry.labels);
    }
    Some(Destination {
        max_tlp: clearance(page, at, entry),
        above: entry.above_max_tlp,
        tracker: TrackerName::new(entry.tracker.clone()),
        place: PlaceName::new(place?),
        labels: entry.labels.iter().cloned().collect(),
        bug_type,
        change_type,
        fields: entry.fields.clone(),
        title: title.or_else(|| templates.title.clone()),
        body: body.or_else(|| templates.body.clone()),
        owner_conflict: entry.on_conflict.owner,
        status_conflict: entry.on_conflict.status,
    })
}

/// What the tracker that is named at `at` is; none, and an error, when there is none of that name.
pub(super) fn tracker_kind(page: &mut Reading, at: &str, name: &str, known: &Known) -> Option<TrackerKind> {
    let Some(kind) = known.trackers.get(name) else {
        let help = advice(name, known.trackers.keys().map(String::as_str));
        let message = format!("there is no tracker `{name}`");
        page.error(&format!("{at}/tracker"), "unknown_tracker", message, help);
        return None;
    };
    *kind
}

/// The place that issues are created in: a repository on GitHub, a project on Jira.
fn place(page: &mut Reading, at: &str, kind: TrackerKind, entry: &CreateEntry) -> Option<String> {
    let (key, wanted, other_key, other) = match kind {
        TrackerKind::Github => ("repository", &entry.repository, "project", &entry.project),
        TrackerKind::JiraCloud | TrackerKind::JiraDataCenter => {
            ("project", &entry.project, "repository", &entry.repository)
        }
    };
    let example = match kind {
        TrackerKind::Github => "repository: acme/payments",
        TrackerKind::JiraCloud | TrackerKind::JiraDataCenter => "project: PLAT",
    };
    if other.is_some() {
        let message = format!("`{}` is of kind {} and has no {other_key}", entry.tracker, kind.as_str());
        page.error(&format!("{at}/{other_key}"), "place", message, Some(format!("write `{example}`")));
    }
    let Some(wanted) = wanted else {
        if other.is_none() {
            let message = format!("this names no {key} of `{}`", entry.tracker);
            page.error(at, "place", message, Some(format!("add one, such as `{example}`")));
        }
        return None;
    };
    let is_fit = match kind {
        TrackerKind::Github => is_repository(wanted),
        TrackerKind::JiraCloud | TrackerKind::JiraDataCenter => is_project_key(wanted),
    };
    if !is_fit {
        let message = format!("`{wanted}` is not a {key}");
        page.error(&format!("{at}/{key}"), "place", message, Some(format!("write it like `{example}`")));
    }
    is_fit.then(|| wanted.clone())
}

/// `owner/repository`.
pub(super) fn is_repository(text: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    text.split_once('/').is_some_and(|(owner, name)| part(owner) && part(name))
}

/// A Jira project key, by Jira's default format.
pub(super) fn is_project_key(text: &str) -> bool {
    text.len() >= 2
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

fn issue_types(entry: Option<&TypeEntry>) -> (Option<String>, Option<String>) {
    match entry {
        None => (None, None),
        Some(TypeEntry::Same(one)) => (Some(one.clone()), Some(one.clone())),
        Some(TypeEntry::ByWork { bug, change_request }) => (bug.clone(), change_request.clone()),
    }
}

/// The clearance of a place: nothing leaves until somebody says where it may go.
fn clearance(page: &mut Reading, at: &str, entry: &CreateEntry) -> Tlp {
    match entry.max_tlp {
        Some(Tlp::Red) => {
            let message = "RED never leaves the register, so no place can be cleared for it".to_owned();
            let help = "use AMBER+STRICT for the strictest place".to_owned();
            page.error(&format!("{at}/max_tlp"), "clearance", message, Some(help));
            Tlp::Clear
        }
        Some(cleared @ (Tlp::Clear | Tlp::Green | Tlp::Amber | Tlp::AmberStrict)) => cleared,
        None => {
            let message = "without `max_tlp` only findings classified CLEAR are sent here; documents that do not say are AMBER".to_owned();
            let help = "add the highest classification that everybody who reads this place may see, such as `max_tlp: AMBER`".to_owned();
            page.warn(at, "clearance", message, Some(help));
            Tlp::Clear
        }
    }
}

/// Fields that the worker writes itself, and the key of a rule that says what goes into them.
const OWN_FIELDS: [(&str, &str); 7] = [
    ("project", "`project` of this rule"),
    ("issuetype", "`type`"),
    ("summary", "`title`"),
    ("description", "`body`"),
    ("labels", "`labels` of this rule"),
    ("assignee", "the finding's owner"),
    ("duedate", "the finding's deadline"),
];

fn check_fields(page: &mut Reading, at: &str, kind: TrackerKind, fields: &BTreeMap<String, String>) {
    if kind == TrackerKind::Github && !fields.is_empty() {
        let help = "use `labels`, `type`, `title` and `body`".to_owned();
        let message = "GitHub issues have no further fields".to_owned();
        page.error_at_key(&format!("{at}/fields"), "field", message, Some(help));
    }
    for (field, text) in fields {
        let at = member(&format!("{at}/fields"), field);
        if let Some((_, from)) = OWN_FIELDS.iter().find(|(own, _)| own == field) {
            let message = format!("the worker writes `{field}` itself");
            page.error_at_key(&at, "field", message, Some(format!("what goes into it comes from {from}")));
        }
        template::check(page, &at, text);
    }
}

fn check_labels(page: &mut Reading, at: &str, kind: TrackerKind, labels: &[String]) {
    for (n, label) in labels.iter().enumerate() {
        super::label::check(page, &format!("{at}/labels/{n}"), kind, label);
    }
}
