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
            why: refusal
                .map_or("every condition holds".to_owned(), |refusal| refusal.why(&rule.when, finding)),
        }
    };
    rules.iter().map(verdict).collect()
}

/// The condition that keeps a rule from a finding. Every finding meets most rules in every cycle: it becomes a sentence only
/// for whoever asks.
#[derive(Clone, Copy)]
enum Refusal<'a> {
    /// The finding asks for another rule.
    Target(&'a str),
    Class,
    Kind,
    Route,
    /// A `create` rule that names no route is for engineering findings only.
    EngineeringOnly,
    Work,
    Severity,
    Team,
    /// The finding lacks a label.
    Label(&'a str),
    Postmortem,
    Source,
}

/// Why a rule does not apply; none when it does.
fn refusal<'a>(rule: &'a Rule, finding: &'a Finding) -> Option<Refusal<'a>> {
    let (when, stated) = (&rule.when, &finding.stated);
    if let Some(target) = stated.target.as_deref().filter(|target| *target != rule.name.as_str()) {
        return Some(Refusal::Target(target));
    }
    if !admits(&when.class, &finding.class) {
        return Some(Refusal::Class);
    }
    if !when.kind.is_empty() && !stated.kind.is_some_and(|kind| when.kind.contains(&kind)) {
        return Some(Refusal::Kind);
    }
    if !admits(&when.route, &finding.route) {
        return Some(Refusal::Route);
    }
    if when.route.is_empty() && creates(&rule.then) && finding.route != Route::Engineering {
        return Some(Refusal::EngineeringOnly);
    }
    if !admits(&when.work, &finding.work) {
        return Some(Refusal::Work);
    }
    if !admits(&when.severity, &finding.severity) {
        return Some(Refusal::Severity);
    }
    refusal_by_text(when, finding)
}

fn refusal_by_text<'a>(when: &'a Condition, finding: &'a Finding) -> Option<Refusal<'a>> {
    let stated = &finding.stated;
    let team = stated.team.as_deref().unwrap_or("");
    if !when.team.is_empty() && !when.team.iter().any(|wanted| wanted.eq_ignore_ascii_case(team)) {
        return Some(Refusal::Team);
    }
    if let Some(missing) = when.labels.iter().find(|label| !stated.labels.contains(*label)) {
        return Some(Refusal::Label(missing));
    }
    let postmortem = stated.postmortem.as_str();
    if !when.postmortem.is_empty() && !when.postmortem.iter().any(|pattern| glob(pattern, postmortem)) {
        return Some(Refusal::Postmortem);
    }
    if !when.source.is_empty() && !when.source.contains(stated.source.as_str()) {
        return Some(Refusal::Source);
    }
    None
}

impl Refusal<'_> {
    /// The sentence for people.
    fn why(self, when: &Condition, finding: &Finding) -> String {
        const NOT_STATED: &str = "not stated";
        let stated = &finding.stated;
        match self {
            Self::Target(target) => format!("the finding asks for the rule `{target}`"),
            Self::Class => {
                unmet("class", finding.class.as_str(), when.class.iter().map(|term| term.as_str()))
            }
            Self::Kind => {
                let kind = stated.kind.map_or(NOT_STATED, |kind| kind.as_str());
                unmet("kind", kind, when.kind.iter().map(|term| term.as_str()))
            }
            Self::Route => {
                unmet("route", finding.route.as_str(), when.route.iter().map(|term| term.as_str()))
            }
            Self::EngineeringOnly => format!(
                "its route is {}, and a rule that creates issues takes engineering findings only unless it names `route`",
                finding.route
            ),
            Self::Work => unmet("work", finding.work.as_str(), when.work.iter().map(|term| term.as_str())),
            Self::Severity => {
                unmet("severity", finding.severity.as_str(), when.severity.iter().map(|term| term.as_str()))
            }
            Self::Team => unmet("team", stated.team.as_deref().unwrap_or(NOT_STATED), when.team.iter()),
            Self::Label(missing) => format!("it lacks the label `{missing}`"),
            Self::Postmortem => unmet("postmortem", stated.postmortem.as_str(), when.postmortem.iter()),
            Self::Source => unmet("source", stated.source.as_str(), when.source.iter()),
        }
    }
}

/// Whether a condition is not asked, or holds.
fn admits<T: Ord>(wanted: &BTreeSet<T>, value: &T) -> bool {
    wanted.is_empty() || wanted.contains(value)
}

fn creates(then: &Outcome) -> bool {
    match then {
        Outcome::Create(_) => true,
        Outcome::Register { .. } => false,
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
