//! Rules that can never match, because an earlier rule takes everything they would.

use std::collections::BTreeSet;

use crate::model::{
    rule::{Condition, Outcome, Rule},
    terms::{Class, Route, Severity, Work},
};

/// The earlier rule that takes everything a rule would, if there is one.
pub(super) fn shadow<'a>(earlier: &'a [Rule], rule: &Rule) -> Option<&'a Rule> {
    earlier.iter().find(|wide| covers(wide, rule))
}

/// Whether every finding that `narrow` matches is matched by `wide` as well.
fn covers(wide: &Rule, narrow: &Rule) -> bool {
    let (a, b) = (&wide.when, &narrow.when);
    let exact = |a: &String, b: &String| a == b;
    within(&all_of(&a.class, Class::ALL), &all_of(&b.class, Class::ALL))
        && within(&routes(wide), &routes(narrow))
        && within(&all_of(&a.work, Work::ALL), &all_of(&b.work, Work::ALL))
        && within(&all_of(&a.severity, Severity::ALL), &all_of(&b.severity, Severity::ALL))
        // A finding may have no kind, so a list of every kind is not the same as no list.
        && any_of(&a.kind, &b.kind, |a, b| a == b)
        && any_of(&a.team, &b.team, |a, b| a.to_lowercase() == b.to_lowercase())
        && any_of(&a.postmortem, &b.postmortem, |a, b| glob::Pattern::new(a).is_ok_and(|a| a.matches(b)))
        && any_of(&a.source, &b.source, exact)
        && a.labels.is_subset(&b.labels)
}

/// The values a member allows: all of a closed vocabulary when it is left out.
fn all_of<T: Copy + Ord>(member: &BTreeSet<T>, all: &[T]) -> BTreeSet<T> {
    if member.is_empty() { all.iter().copied().collect() } else { member.clone() }
}

/// The routes a rule matches; a `create` rule that names none matches engineering findings only.
fn routes(rule: &Rule) -> BTreeSet<Route> {
    let Condition { route, .. } = &rule.when;
    match &rule.then {
        Outcome::Create(_) if route.is_empty() => BTreeSet::from([Route::Engineering]),
        Outcome::Create(_) | Outcome::Register { .. } => all_of(route, Route::ALL),
    }
}

fn within<T: Ord>(wide: &BTreeSet<T>, narrow: &BTreeSet<T>) -> bool {
    narrow.is_subset(wide)
}

/// Whether a list of alternatives allows everything that another one allows; an empty list allows anything.
fn any_of<T>(wide: &BTreeSet<T>, narrow: &BTreeSet<T>, same: impl Fn(&T, &T) -> bool) -> bool {
    wide.is_empty() || (!narrow.is_empty() && narrow.iter().all(|b| wide.iter().any(|a| same(a, b))))
}
