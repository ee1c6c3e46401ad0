//! What `check --online` proves: that every tracker honours its credential, and what every place of the rules is.
//! Nothing is written, neither to trackers nor to the register.

use std::{collections::BTreeMap, sync::Arc};

use serde::Serialize;

use super::{
    context::counted,
    routing::{Routing, Share},
};
use crate::{
    model::{
        ids::TrackerName,
        issue::Visibility,
        rule::{Destination, Outcome},
        terms::Tlp,
    },
    plan::{clearance::refuse_place, snapshot::same_place},
    settings::Settings,
    tracker::{TrackerError, TrackerWrite},
};

/// What was proven of one credential or place.
#[derive(Debug, Serialize)]
pub(super) struct Proven {
    /// The tracker, or the rule with its place.
    pub(super) name: String,
    /// Whether it can be used.
    pub(super) well: bool,
    /// What was found.
    pub(super) says: String,
    /// What to do.
    pub(super) help: Option<&'static str>,
}

/// Asks every tracker who we are, and every place that a rule names what it is.
pub(super) async fn places(
    settings: &Settings,
    trackers: &BTreeMap<TrackerName, Arc<dyn TrackerWrite>>,
    routing: &Routing,
) -> Vec<Proven> {
    let mut proven = Vec::new();
    for (name, tracker) in trackers {
        let (well, says, help) = match tracker.whoami().await {
            Ok(account) => (true, format!("acts as {account}"), None),
            Err(error) => (false, error.to_string(), Some(advice(&error, About::Credential))),
        };
        proven.push(Proven { name: name.to_string(), well, says, help });
    }
    for (rule, share) in settings.rules.iter().zip(&routing.rules) {
        let Outcome::Create(to) = &rule.then else { continue };
        let name = format!("rule `{}` → {} {}", rule.name, to.tracker, to.place);
        let (well, says, help) = match trackers.get(&to.tracker) {
            Some(tracker) => place(tracker.as_ref(), to, share).await,
            None => (false, "the tracker is not configured".to_owned(), None),
        };
        proven.push(Proven { name, well, says, help });
    }
    proven
}

async fn place(
    tracker: &dyn TrackerWrite,
    to: &Destination,
    share: &Share,
) -> (bool, String, Option<&'static str>) {
    let facts = match tracker.place(&to.place).await {
        Ok(facts) => facts,
        Err(error) => return (false, error.to_string(), Some(advice(&error, About::Place))),
    };
    if let Some(why) = &facts.closed {
        return (false, why.clone(), Some("give this account the permission, or name another place"));
    }
    let (seen, most) = match facts.visibility {
        Visibility::Private => ("private", to.max_tlp),
        Visibility::Internal => ("readable by the whole organisation", to.max_tlp.min(Tlp::Green)),
        Visibility::Public => ("public", Tlp::Clear),
    };
    let says = format!("id {}, {seen}, takes findings up to TLP:{most}", facts.id);
    if !same_place(&facts.name, &to.place) {
        let says = format!(
            "{says}; it is called {} now: what this rule has used under the name {} goes on there, by its id",
            facts.name, to.place
        );
        return (
            true,
            says,
            Some("write the new name into the rule: nothing else is created there by the old one"),
        );
    }
    let is_held = |class: &&Tlp| refuse_place(**class, to, &facts, None).is_err();
    match share.classes.iter().filter(is_held).count() {
        0 => (true, says, None),
        held => {
            let says = format!("{says}; {} of this rule will be held", counted(held, "finding"));
            (
                true,
                says,
                Some(
                    "choose a place that fewer people can read, or raise `max_tlp` if all of them may see it",
                ),
            )
        }
    }
}

/// What was asked for.
#[derive(Clone, Copy)]
enum About {
    Credential,
    Place,
}

/// What most likely helps.
fn advice(error: &TrackerError, about: About) -> &'static str {
    match (error, about) {
        (TrackerError::Unauthorized { .. }, _) => {
            "check that the token is whole, has not expired and belongs to this site (Jira Cloud: to its `email`)"
        }
        (TrackerError::NotFound { .. } | TrackerError::Gone { .. }, About::Credential) => {
            "check `url`: nothing there answers like this kind of tracker"
        }
        (TrackerError::NotFound { .. } | TrackerError::Gone { .. }, About::Place) => {
            "check the name, and that this account may see it"
        }
        (TrackerError::Moved { .. }, _) => "write the name that it has now",
        (TrackerError::Forbidden { .. }, _) => "grant this account the permission that is missing",
        (TrackerError::Unsent { .. }, _) => {
            "check `url`, the name resolution, and the proxy (`proxy:`, or the environment's)"
        }
        (TrackerError::ClockOff { .. }, _) => "set the clock of this machine, as by NTP",
        (TrackerError::RateLimited { .. }, _) => "try again after that time",
        (TrackerError::Transient { .. } | TrackerError::Expired, _) => {
            "try again; if it stays so, check `url`"
        }
        (TrackerError::Rejected { .. } | TrackerError::Malformed { .. }, _) => {
            "check `url` and `kind`: this does not answer like that kind of tracker"
        }
    }
}
