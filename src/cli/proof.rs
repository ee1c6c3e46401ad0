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
        ids::{AccountId, Marker, TrackerName},
        issue::{PlaceFacts, Visibility},
        people::People,
        rule::{Destination, Outcome},
        terms::Tlp,
    },
    plan::{clearance::refuse_place, snapshot::same_place},
    settings::Settings,
    tracker::{TrackerError, TrackerWrite, needs::Lack},
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
    /// What creates would lack there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) lacks: Vec<String>,
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
        proven.push(Proven { name: name.to_string(), well, says, help, lacks: Vec::new() });
    }
    for (rule, share) in settings.rules.iter().zip(&routing.rules) {
        let Outcome::Create(to) = &rule.then else { continue };
        let name = format!("rule `{}` → {} {}", rule.name, to.tracker, to.place);
        let Some(tracker) = trackers.get(&to.tracker) else {
            let says = "the tracker is not configured".to_owned();
            proven.push(Proven { name, well: false, says, help: None, lacks: Vec::new() });
            continue;
        };
        let facts = tracker.place(&to.place).await;
        let (mut well, says, help) = place(&facts, to, share);
        let mut lacks = Vec::new();
        if let Some(facts) = facts.as_ref().ok().filter(|facts| facts.closed.is_none()) {
            let found = needs(tracker.as_ref(), facts, to, &settings.people).await;
            well &= !found.iter().any(|lack| lack.stops);
            lacks.extend(found.into_iter().map(|lack| lack.what));
        }
        proven.push(Proven { name, well, says, help, lacks });
    }
    proven
}

/// So many people are asked about in a place at most.
const ASKED: usize = 50;

/// What creates of a rule would lack in a place that takes issues: on its screens, among its people, and in its search.
async fn needs(
    tracker: &dyn TrackerWrite,
    facts: &PlaceFacts,
    to: &Destination,
    people: &People,
) -> Vec<Lack> {
    let unasked = |what: &str, error: &TrackerError| Lack {
        what: format!("{what} could not be asked: {error}"),
        stops: false,
    };
    let mut lacks =
        tracker.lacks(facts, to).await.unwrap_or_else(|error| vec![unasked("what a create needs", &error)]);
    let accounts: Vec<AccountId> = people
        .0
        .keys()
        .filter_map(|person| people.account(tracker.kind(), person))
        .take(ASKED)
        .cloned()
        .collect();
    match tracker.unassignable(facts, &accounts).await {
        Ok(missing) if missing.is_empty() => {}
        Ok(missing) => {
            let names: Vec<&str> = missing.iter().map(AccountId::as_str).collect();
            let what =
                format!("cannot be assigned there, so their findings have no assignee: {}", names.join(", "));
            lacks.push(Lack { what, stops: false });
        }
        Err(error) => lacks.push(unasked("who can be assigned", &error)),
    }
    // A create without an answer is looked for by its marker.
    let marker = Marker::new("pm1-00000000000000000000000000");
    if let Err(error) = tracker.marked(&to.place, &[marker], Some(facts.read)).await {
        lacks.push(Lack { what: format!("its issues cannot be searched for ours: {error}"), stops: true });
    }
    lacks
}

fn place(
    facts: &Result<PlaceFacts, TrackerError>,
    to: &Destination,
    share: &Share,
) -> (bool, String, Option<&'static str>) {
    let facts = match facts {
        Ok(facts) => facts,
        Err(error) => return (false, error.to_string(), Some(advice(error, About::Place))),
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
    let is_held = |class: &&Tlp| refuse_place(**class, to, facts, None).is_err();
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
