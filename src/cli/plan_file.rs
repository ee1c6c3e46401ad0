//! A saved plan: what it was made from, until when it holds, and a hash over all of it.
//!
//! The hash shows an accident, not a forger, who can make another: nothing of the file is done that would not be planned now.

use std::{fs, path::Path};

use anyhow::{Context as _, anyhow};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Exit, Failed, context::unwritten};
use crate::{cycle::gather::Gathered, disk, model::digest, plan::action::Plan, review::inert::escaped_json};

/// How long a saved plan holds.
const HOLDS: TimeDelta = TimeDelta::hours(24);
/// What kind of file it is.
const FORMAT: &str = "postmortem-sync-plan/1";

/// A saved plan. It holds finding texts, so its file is for its owner only.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PlanFile {
    format: String,
    /// When it was made.
    pub(super) made: DateTime<Utc>,
    /// Until when it holds.
    pub(super) expires: DateTime<Utc>,
    /// Digest of the configuration.
    pub(super) configuration: String,
    /// Digest of the documents.
    pub(super) documents: String,
    /// Transactions of the register.
    pub(super) version: i64,
    /// The plan.
    pub(super) plan: Plan,
    /// Digest of everything above.
    pub(super) hash: String,
}

impl PlanFile {
    /// A plan with what it was made from.
    pub(super) fn new(plan: Plan, gathered: &Gathered, configuration: &str, now: DateTime<Utc>) -> Self {
        let mut file = Self {
            format: FORMAT.to_owned(),
            made: now,
            expires: now + HOLDS,
            configuration: configuration.to_owned(),
            documents: documents(gathered),
            version: gathered.register.version,
            plan,
            hash: String::new(),
        };
        file.hash = file.digest();
        file
    }

    /// What has changed since it was made; none when it still holds. Which of its actions hold is told by the present plan.
    pub(super) fn differs(
        &self,
        gathered: &Gathered,
        configuration: &str,
        now: DateTime<Utc>,
    ) -> Option<String> {
        if now >= self.expires {
            return Some(format!("it expired at {}", self.expires));
        }
        if self.configuration != configuration {
            return Some("the configuration changed".to_owned());
        }
        (self.documents != documents(gathered)).then(|| "a document changed".to_owned())
    }

    fn digest(&self) -> String {
        let bare = Self { hash: String::new(), ..self.clone() };
        // Every part of it serialises; an empty text would only make the file refuse itself.
        digest::of_text(&serde_json::to_string(&bare).unwrap_or_default())
    }
}

/// Digest over every document, by path and content.
fn documents(gathered: &Gathered) -> String {
    let listed = gathered.listings.iter().filter_map(|listing| listing.documents.known()).flatten();
    let lines: Vec<String> =
        listed.map(|document| format!("{}/{} {}", document.source, document.path, document.hash)).collect();
    digest::of_text(&lines.join("\n"))
}

/// Writes a plan; the file is new or replaced as a whole, and readable by its owner only.
pub(super) fn write(path: &Path, file: &PlanFile) -> Result<(), Failed> {
    let text = escaped_json(&serde_json::to_string_pretty(file)?);
    let written = disk::replace(path, text.as_bytes());
    written.with_context(|| format!("{} cannot be written", path.display())).map_err(unwritten)
}

/// Reads a plan; one that was changed by hand is refused.
pub(super) fn read(path: &Path) -> Result<PlanFile, Failed> {
    let refused = |why: String| Failed::with(Exit::Configuration, anyhow!("{}: {why}", path.display()));
    let text = fs::read_to_string(path).map_err(|error| refused(error.to_string()))?;
    let file: PlanFile =
        serde_json::from_str(&text).map_err(|error| refused(format!("not a saved plan: {error}")))?;
    if file.format != FORMAT {
        return Err(refused(format!("its format is `{}`; this program reads `{FORMAT}`", file.format)));
    }
    if file.hash != file.digest() {
        return Err(refused("it was changed after it was made; make a new one with `plan --out`".to_owned()));
    }
    Ok(file)
}
