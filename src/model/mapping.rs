//! Which finding goes where, as a configuration says it and a person has approved it (invariant 6).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ids::TrackerName, rule::Rule};

/// The part of a configuration that decides where findings go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// What each tracker is and where: `github api.github.com`.
    pub trackers: BTreeMap<TrackerName, String>,
    /// The rules, in order.
    pub rules: Vec<Rule>,
}

impl Mapping {
    /// What of an approved mapping is not so any more; none where things were only added, trackers anywhere and rules
    /// behind all others, because then everything goes on as it was approved.
    pub fn departs_from(&self, approved: &Self) -> Option<String> {
        let tracker = approved.trackers.iter().find_map(|(name, was)| match self.trackers.get(name) {
            None => Some(format!("the tracker `{name}` is gone")),
            Some(is) if is != was => Some(format!("the tracker `{name}` is {is} and was {was}")),
            Some(_) => None,
        });
        tracker.or_else(|| approved.rules.iter().enumerate().find_map(|(n, was)| self.departs(n, was)))
    }

    /// What became of the rule that was number `n`.
    fn departs(&self, n: usize, was: &Rule) -> Option<String> {
        if self.rules.get(n) == Some(was) {
            return None;
        }
        let became = match self.rules.iter().find(|rule| rule.name == was.name) {
            None => "is gone",
            Some(rule) if rule == was => "has another place among the rules",
            Some(_) => "has changed",
        };
        Some(format!("the rule `{}` {became}", was.name))
    }
}
