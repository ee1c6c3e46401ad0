//! Which rule a finding falls under, and why the others do not apply.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::model::{
    finding::Finding,
    rule::{Condition, Outcome, Rule},
    terms::Route,
};

/// What one rule says to one finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleVerdict {
    /// The rule's name.
    pub rule: String,
    /// Whether it applies.
    pub matches: bool,
    /// Which condition failed, or that all hold.
    pub why: String,
}

/// The first rule that applies to a finding.
pub fn route<'a>(rules: &'a [Rule], finding: &Finding) -> Option<&'a Rule> {
    rules.iter().find(|rule| refusal(rule, finding).is_none())
}

/// Every rule's verdict, in order; the first that matches decides.
pub fn verdicts(rules: &[Rule], finding: &Finding) -> Vec<RuleVerdict> {
    let verdict = |rule: &Rule| {
        let refusal = refusal(rule, finding);
        RuleVerdict {
            rule: rule.name.to_string(),
            matches: refusal.is_none(),
            why: refusal.unwrap_or_else(|| "every condition holds".to_owned()),
        }
    };
    rules.iter().map(verdict).collect()
}

/// Why a rule does not apply; none when it does.
fn refusal(rule: &Rule, finding: &Finding) -> Option<String> {
    if let Some(target) = &finding.stated.target
        && *target != rule.name.as_str()
    {
        return Some(format!("the finding asks for the rule `{target}`"));
    }
    let when = &rule.when;
    closed("class", &when.class, &finding.class, |term| term.as_str())
        .or_else(|| optional("kind", &when.kind, finding.stated.kind.as_ref(), |term| term.as_str()))
        .or_else(|| wrong_route(rule, finding))
        .or_else(|| closed("work", &when.work, &finding.work, |term| term.as_str()))
        .or_else(|| closed("severity", &when.severity, &finding.severity, |term| term.as_str()))
        .or_else(|| wrong_text(when, finding))
}

/// A `create` rule that names no route is for engineering findings only; a `register` rule is for any.
fn wrong_route(rule: &Rule, finding: &Finding) -> Option<String> {
    if !rule.when.route.is_empty() {
        return closed("route", &rule.when.route, &finding.route, |term| term.as_str());
    }
    match (&rule.then, finding.route) {
        (Outcome::Create(_), Route::Process | Route::CrossOrg) => Some(format!(
            "its route is {}, and a rule that creates issues takes engineering findings only unless it names `route`",
            finding.route
        )),
        (Outcome::Create(_), Route::Engineering) | (Outcome::Register { .. }, _) => None,
    }
}

fn wrong_text(when: &Condition, finding: &Finding) -> Option<String> {
    let stated = &finding.stated;
    let team = stated.team.as_deref().unwrap_or("");
    if !when.team.is_empty() && !when.team.iter().any(|wanted| wanted.eq_ignore_ascii_case(team)) {
        return Some(unmet("team", if team.is_empty() { "not stated" } else { team }, when.team.iter()));
    }
    if let Some(missing) = when.labels.iter().find(|label| !stated.labels.contains(label)) {
        return Some(format!("it lacks the label `{missing}`"));
    }
    let postmortem = stated.postmortem.as_str();
    if !when.postmortem.is_empty() && !when.postmortem.iter().any(|pattern| glob(pattern, postmortem)) {
        return Some(unmet("postmortem", postmortem, when.postmortem.iter()));
    }
    if !when.source.is_empty() && !when.source.contains(stated.source.as_str()) {
        return Some(unmet("source", stated.source.as_str(), when.source.iter()));
    }
    None
}

fn closed<T: Ord>(
    field: &str,
    wanted: &BTreeSet<T>,
    value: &T,
    name: impl Fn(&T) -> &'static str,
) -> Option<String> {
    let refused = !wanted.is_empty() && !wanted.contains(value);
    refused.then(|| unmet(field, name(value), wanted.iter().map(&name)))
}

fn optional<T: Ord>(
    field: &str,
    wanted: &BTreeSet<T>,
    value: Option<&T>,
    name: impl Fn(&T) -> &'static str,
) -> Option<String> {
    match value {
        Some(value) => closed(field, wanted, value, name),
        None if wanted.is_empty() => None,
        None => Some(unmet(field, "not stated", wanted.iter().map(name))),
    }
}

fn unmet(field: &str, value: &str, wanted: impl Iterator<Item = impl AsRef<str>>) -> String {
    let wanted = wanted.map(|term| term.as_ref().to_owned()).collect::<Vec<_>>().join(", ");
    format!("its {field} is {value}, not {wanted}")
}

/// Whether a text matches a pattern in which `*` stands for any text.
fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or("");
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut last = None;
    for part in parts {
        if let Some(between) = last.replace(part) {
            let Some((_, after)) = rest.split_once(between) else { return false };
            rest = after;
        }
    }
    last.map_or(rest.is_empty(), |last| rest.ends_with(last))
}
