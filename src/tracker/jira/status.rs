//! What a Jira status means in our terms, and which status and resolution to aim for.
//!
//! Knows names, categories and resolutions. Knows nothing of transitions. Nothing here guesses: what is neither named
//! nor in a known category has no meaning (P-27).

use std::collections::BTreeMap;

use super::wire;
use crate::model::terms::Progress;

/// Names that close an issue without doing it, as resolution or as status. They never mean resolved (P-28).
const DECLINED: &[&str] = &[
    "Won't Do",
    "Won't Fix",
    "Wont Do",
    "Wont Fix",
    "Will Not Do",
    "Will Not Fix",
    "Duplicate",
    "Cannot Reproduce",
    "Can't Reproduce",
    "Incomplete",
    "Declined",
    "Not a Bug",
    "Not an Issue",
    "Invalid",
    "Works as Designed",
    "Rejected",
    "Cancelled",
    "Canceled",
    "Abandoned",
    "Obsolete",
    "Out of Scope",
    "Known Error",
];

/// Resolutions that mean done, in the order they are tried where a screen lists what it allows.
const DONE: &[&str] = &["Done", "Fixed", "Resolved", "Complete", "Completed"];

/// What statuses and resolutions mean. Names ignore case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusMap {
    /// Meaning of statuses by name; all others follow their category.
    pub names: BTreeMap<String, Progress>,
    /// Resolutions, and names of closed statuses, that decline an issue.
    pub declined: Vec<String>,
    /// Statuses to aim for, the best first; without an entry any status with that meaning.
    pub targets: BTreeMap<Progress, Vec<String>>,
    /// Resolution to set with a closing status, even if the transition's screen does not list the field.
    pub resolutions: BTreeMap<Progress, String>,
}

impl Default for StatusMap {
    fn default() -> Self {
        Self {
            names: BTreeMap::new(),
            declined: DECLINED.iter().map(|name| (*name).to_owned()).collect(),
            targets: BTreeMap::new(),
            resolutions: BTreeMap::new(),
        }
    }
}

impl StatusMap {
    /// What a status with a resolution means; none when nobody said and the category does not tell.
    pub(super) fn meaning(&self, status: &wire::Status, resolution: Option<&str>) -> Option<Progress> {
        let named =
            self.names.iter().find(|(name, _)| same(name, &status.name)).map(|(_, progress)| *progress);
        let meaning = named.or_else(|| self.of_category(status))?;
        let is_declined = meaning == Progress::Done && resolution.is_some_and(|name| self.declines(name));
        Some(if is_declined { Progress::Declined } else { meaning })
    }

    /// Whether a resolution of that name declines.
    pub(super) fn declines(&self, resolution: &str) -> bool {
        self.declined.iter().any(|name| same(name, resolution))
    }

    /// How much a status is wanted as the target: the lower the better; none when it does not have that meaning.
    pub(super) fn wanted(&self, to: Progress, status: &wire::Status) -> Option<usize> {
        if let Some(targets) = self.targets.get(&to) {
            return targets.iter().position(|name| same(name, &status.name));
        }
        let meaning = self.meaning(status, None)?;
        if meaning == to {
            return Some(0);
        }
        // A plain closed status declines as soon as it has a declining resolution.
        (meaning == Progress::Done && to == Progress::Declined).then_some(1)
    }

    /// The resolution to set with a status, out of those its screen allows. `Err` carries the reason why none fits.
    pub(super) fn resolution(&self, to: Progress, allowed: &[String]) -> Result<String, String> {
        let configured = self.resolutions.get(&to).map(String::as_str);
        let defaults: Vec<&str> = match to {
            Progress::Done => DONE.to_vec(),
            Progress::Declined => self.declined.iter().map(String::as_str).collect(),
            Progress::Open | Progress::InProgress => Vec::new(),
        };
        let mut candidates = configured.into_iter().chain(defaults);
        if allowed.is_empty() {
            return candidates
                .next()
                .map(str::to_owned)
                .ok_or_else(|| "no resolution is configured".to_owned());
        }
        let found = candidates.find_map(|name| allowed.iter().find(|allowed| same(name, allowed)));
        found.cloned().ok_or_else(|| {
            format!("none of the resolutions it allows means {to}: {}; configure one", allowed.join(", "))
        })
    }

    fn of_category(&self, status: &wire::Status) -> Option<Progress> {
        match status.category.as_ref()?.key.as_str() {
            "new" => Some(Progress::Open),
            "indeterminate" => Some(Progress::InProgress),
            "done" if self.declines(&status.name) => Some(Progress::Declined),
            "done" => Some(Progress::Done),
            _ => None,
        }
    }
}

/// Whether two names are the same to Jira: it ignores case, and people type either apostrophe.
pub(super) fn same(a: &str, b: &str) -> bool {
    let plain = |name: &str| name.trim().to_lowercase().replace('\u{2019}', "'");
    plain(a) == plain(b)
}
