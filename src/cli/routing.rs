//! Where the rules send the findings of the documents, and what may not go there: what `check` says about rules.

use serde::Serialize;

use super::{
    context::counted,
    output::{Output, Tone},
};
use crate::{
    model::{
        finding::Finding,
        ids::FindingKey,
        rule::{Outcome, Rule},
        terms::Tlp,
    },
    plan::{clearance::profile, intake::Intake, route::route},
};

/// Where all findings go.
#[derive(Debug, Serialize)]
pub(super) struct Routing {
    /// What each rule gets, in the order of the rules.
    pub(super) rules: Vec<Share>,
    /// Findings that no rule matches.
    pub(super) unrouted: Vec<FindingKey>,
}

/// What one rule gets.
#[derive(Debug, Serialize)]
pub(super) struct Share {
    /// The rule.
    pub(super) rule: String,
    /// Where it sends findings, in words.
    pub(super) to: String,
    /// How many findings.
    pub(super) findings: usize,
    /// Those of them that the rule holds, because they are classified above what it lets go there.
    pub(super) held: usize,
    /// Classes of its findings.
    #[serde(skip)]
    pub(super) classes: Vec<Tlp>,
    /// Highest class that the rule lets go there; none for the register.
    max_tlp: Option<Tlp>,
}

/// Sorts the findings of documents by the rules.
pub(super) fn of(rules: &[Rule], intake: &Intake) -> Routing {
    let findings: Vec<(&Finding, Option<&Rule>)> =
        intake.findings.values().map(|finding| (finding, route(rules, finding))).collect();
    let unrouted = findings.iter().filter(|(_, rule)| rule.is_none());
    Routing {
        unrouted: unrouted.map(|(finding, _)| finding.key.clone()).collect(),
        rules: rules.iter().map(|rule| share(rule, &findings)).collect(),
    }
}

fn share(rule: &Rule, findings: &[(&Finding, Option<&Rule>)]) -> Share {
    let its = findings.iter().filter(|(_, taken)| taken.is_some_and(|taken| taken.name == rule.name));
    let classes: Vec<Tlp> = its.map(|(finding, _)| finding.stated.tlp).collect();
    let findings = classes.len();
    let rule_name = rule.name.to_string();
    match &rule.then {
        Outcome::Create(place) => Share {
            rule: rule_name,
            to: format!("{} {}", place.tracker, place.place),
            findings,
            held: classes.iter().filter(|class| profile(**class, place).is_err()).count(),
            classes,
            max_tlp: Some(place.max_tlp),
        },
        Outcome::Register { group } => Share {
            rule: rule_name,
            to: format!("the register, with {group}"),
            findings,
            held: 0,
            classes,
            max_tlp: None,
        },
    }
}

/// Prints what each rule gets, and what no rule gets.
pub(super) fn print(routing: &Routing, output: &Output) {
    for share in &routing.rules {
        let n = counted(share.findings, "finding");
        let held = match (share.held, share.max_tlp) {
            (0, _) | (_, None) => String::new(),
            (held, Some(most)) => output
                .paint(Tone::Warning, format!("; {held} of them held, classified above {most} (`max_tlp`)")),
        };
        output.line(format!("  {} → {}: {n}{held}", share.rule, share.to));
    }
    if let Some(first) = routing.unrouted.first() {
        let n = counted(routing.unrouted.len(), "finding");
        output.line(output.paint(
            Tone::Warning,
            format!("  no rule matches {n}, such as {first}; `explain {first}` says why"),
        ));
    }
}
