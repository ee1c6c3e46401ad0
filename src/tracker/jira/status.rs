//! What a Jira status means in our terms, and which status and resolution to aim for.
//!
//! Knows names, categories and resolutions. Knows nothing of transitions. Nothing here guesses: what is neither named
//! nor in a known category has no meaning.

use super::wire;
use crate::model::{
    status::{StatusMap, same},
    terms::Progress,
};

/// Resolutions that mean done, in the order they are tried where a screen lists what it allows.
const DONE: &[&str] = &["Done", "Fixed", "Resolved", "Complete", "Completed"];

impl StatusMap {
    /// What a status with a resolution means; none when nobody said and the category does not tell.
    pub(super) fn meaning(&self, status: &wire::Status, resolution: Option<&str>) -> Option<Progress> {
        let meaning = self.named(&status.name).or_else(|| self.of_category(status))?;
        let is_declined = meaning == Progress::Done && resolution.is_some_and(|name| self.is_declined(name));
        Some(if is_declined { Progress::Declined } else { meaning })
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
            "done" if self.is_declined(&status.name) => Some(Progress::Declined),
            "done" => Some(Progress::Done),
            _ => None,
        }
    }
}
