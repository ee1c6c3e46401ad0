//! Moving an issue through its workflow.
//!
//! Knows how to choose among the transitions that are open to us and which fields they need. Statuses
//! themselves are understood elsewhere.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};

use super::{
    Jira,
    call::{Answer, Failure, Refusal},
    wire::{self, Transition},
};
use crate::{
    model::{edit_intent::Step, issue::Issue, terms::Progress},
    net::pace::Lane,
    tracker::{Steps, TrackerError},
};

/// Most transitions for one change; longer ways are for people.
const MOST_HOPS: usize = 3;

impl Jira {
    /// Moves an issue to a status with that meaning. The inner error is the reason why there is no way, for people.
    pub(super) async fn move_to(
        &self,
        issue: &Issue,
        to: Progress,
        steps: &mut dyn Steps,
    ) -> Result<Result<(), String>, TrackerError> {
        let id = issue.at.id.id.as_str();
        let mut visited = BTreeSet::from([issue.status_text.to_lowercase()]);
        let mut from = issue.status_text.clone();
        for hop in 1..=MOST_HOPS {
            let (open, is_whole) = self.transitions(id).await?;
            if let Some(direct) = self.direct(&open, to) {
                return self.go((id, &from), direct, to).await;
            }
            if !is_whole {
                let why =
                    format!("a transition from `{from}` is not shown completely, and may be the one to {to}");
                return Err(TrackerError::Malformed { why });
            }
            let reopens = hop == 1 && issue.progress.is_closed() && !to.is_closed();
            let Some(between) = between(&open, &visited, reopens).filter(|_| hop < MOST_HOPS) else {
                return Ok(Err(no_way(&from, to, &open)));
            };
            steps.next(Step::Status(between.to.name.clone())).await?;
            if let Err(refusal) = self.transit((id, &from), between, None).await? {
                return Ok(Err(format!("the way leads through `{}`: {refusal}", between.to.name)));
            }
            from.clone_from(&between.to.name);
            visited.insert(from.to_lowercase());
        }
        Ok(Err(format!("{to} is more than {MOST_HOPS} transitions away")))
    }

    /// What is open to us, and whether all of it is shown, with what it leads to.
    async fn transitions(&self, id: &str) -> Result<(Vec<Transition>, bool), TrackerError> {
        let path = self.api(&format!("issue/{id}/transitions?expand=transitions.fields"));
        let shown = self.channel.get::<wire::Transitions>(&path).await?.transitions;
        let mut is_whole = shown.iter().all(Option::is_some);
        let mut open: Vec<Transition> = shown.into_iter().flatten().collect();
        open.retain(|transition| transition.is_available != Some(false));
        let means =
            |to: &wire::Status| to.category.is_some() || self.settings.statuses.meaning(to, None).is_some();
        is_whole &= open.iter().all(|transition| means(&transition.to));
        // The choice must not depend on the order in which Jira lists them.
        open.sort_by(|a, b| order(a).cmp(&order(b)));
        Ok((open, is_whole))
    }

    /// The best transition straight to that meaning: the most wanted status, then the one that needs the least.
    fn direct<'a>(&self, open: &'a [Transition], to: Progress) -> Option<&'a Transition> {
        let ranked = open.iter().filter_map(|transition| {
            let wanted = self.settings.statuses.wanted(to, &transition.to)?;
            Some((wanted, unmet(transition).len(), transition))
        });
        ranked.min_by_key(|(wanted, n_unmet, _)| (*wanted, *n_unmet)).map(|(_, _, transition)| transition)
    }

    /// Takes the last transition. Screens may hide a resolution that the workflow wants, and list none where it is
    /// refused, so each is tried the other way once.
    async fn go(
        &self,
        from: (&str, &str),
        transition: &Transition,
        to: Progress,
    ) -> Result<Result<(), String>, TrackerError> {
        let resolution = match self.resolution(transition, to) {
            Ok(resolution) => resolution,
            Err(why) => return Ok(Err(format!("to `{}`: {why}", transition.to.name))),
        };
        let Err(refusal) = self.transit(from, transition, resolution.as_deref()).await? else {
            return Ok(Ok(()));
        };
        let refused = format!("to `{}`: {refusal}", transition.to.name);
        if !refusal.mentions("resolution") || !to.is_closed() {
            return Ok(Err(refused));
        }
        let other = match resolution {
            // Without its resolution it would read as done.
            Some(_) if self.declines_by_resolution(transition, to) => return Ok(Err(refused)),
            Some(_) => None,
            None => match self.settings.statuses.resolution(to, &[]) {
                Ok(resolution) => Some(resolution),
                Err(_) => return Ok(Err(refused)),
            },
        };
        let second = self.transit(from, transition, other.as_deref()).await?;
        Ok(second.map_err(|refusal| format!("to `{}`: {refusal}", transition.to.name)))
    }

    /// The resolution to send: where the screen lists the field, where one is configured, and where only it makes the
    /// difference between done and declined.
    fn resolution(&self, transition: &Transition, to: Progress) -> Result<Option<String>, String> {
        if !to.is_closed() {
            return Ok(None);
        }
        let statuses = &self.settings.statuses;
        let needs = self.declines_by_resolution(transition, to);
        let Some(field) = transition.fields.get("resolution") else {
            let is_sent = needs || statuses.resolutions.contains_key(&to);
            return if is_sent { statuses.resolution(to, &[]).map(Some) } else { Ok(None) };
        };
        let names = field.allowed.iter().map(|value| value.get("name").and_then(Value::as_str));
        // What is not shown completely may be the one: then Jira says whether it allows it.
        let names: Vec<String> =
            names.map(|name| name.map(str::to_owned)).collect::<Option<_>>().unwrap_or_default();
        match statuses.resolution(to, &names) {
            Ok(resolution) => Ok(Some(resolution)),
            Err(why) if field.required || needs => Err(why),
            Err(_) => Ok(None),
        }
    }

    fn declines_by_resolution(&self, transition: &Transition, to: Progress) -> bool {
        to == Progress::Declined
            && self.settings.statuses.meaning(&transition.to, None) != Some(Progress::Declined)
    }

    /// Takes one transition. The inner error is a refusal, which is certain. A conflict means that somebody else moves
    /// the issue: if it still is where it was, the transition is taken again, once.
    async fn transit(
        &self,
        (id, from): (&str, &str),
        transition: &Transition,
        resolution: Option<&str>,
    ) -> Result<Result<(), Refusal>, TrackerError> {
        match self.post_transition(id, transition, resolution).await {
            Err(Failure::Conflict(why)) => {
                let now = self.fetch(id).await?.fields.status.value().map(|status| status.name);
                if now.as_deref() != Some(from) {
                    return Err(TrackerError::Transient { why });
                }
                refused(self.post_transition(id, transition, resolution).await)
            }
            taken => refused(taken),
        }
    }

    async fn post_transition(
        &self,
        id: &str,
        transition: &Transition,
        resolution: Option<&str>,
    ) -> Result<Answer, Failure> {
        let mut body = json!({ "transition": { "id": transition.id } });
        if let (Some(name), Some(map)) = (resolution, body.as_object_mut()) {
            map.insert("fields".to_owned(), json!({ "resolution": { "name": name } }));
        }
        let path = self.api(&format!("issue/{id}/transitions"));
        self.channel.call(Lane::Write, Method::POST, &path, Some(&body)).await
    }
}

fn refused(taken: Result<Answer, Failure>) -> Result<Result<(), Refusal>, TrackerError> {
    match taken {
        Ok(_) => Ok(Ok(())),
        Err(Failure::Refused(refusal)) => Ok(Err(refusal)),
        Err(failure @ (Failure::Conflict(_) | Failure::Other(_))) => Err(failure.into()),
    }
}

/// A transition into work under way, from where other ways may lead; never back to where we have been.
///
/// Out of a closed status it may also lead to where work has not begun: many workflows reopen issues there only.
fn between<'a>(open: &'a [Transition], visited: &BTreeSet<String>, reopens: bool) -> Option<&'a Transition> {
    let leads_to = |transition: &&Transition, category: &str| {
        let to = &transition.to;
        to.category.as_ref().is_some_and(|known| known.key == category)
            && !visited.contains(&to.name.to_lowercase())
            && unmet(transition).is_empty()
    };
    let under_way = open.iter().find(|transition| leads_to(transition, "indeterminate"));
    under_way.or_else(|| open.iter().find(|transition| reopens && leads_to(transition, "new")))
}

/// Fields that a transition demands and that we have nothing for.
fn unmet(transition: &Transition) -> Vec<&str> {
    let demanded = transition
        .fields
        .iter()
        .filter(|(id, field)| field.required && !field.has_default && id.as_str() != "resolution");
    demanded.map(|(id, _)| id.as_str()).collect()
}

/// By number where ids are numbers.
fn order(transition: &Transition) -> (u64, &str) {
    (transition.id.parse().unwrap_or(u64::MAX), &transition.id)
}

fn no_way(from: &str, to: Progress, open: &[Transition]) -> String {
    if open.is_empty() {
        return format!(
            "no transition from `{from}` is open to this account; it may lack the permission to move issues on"
        );
    }
    let ways: Vec<String> = open
        .iter()
        .map(|transition| format!("{} \u{2192} `{}`", transition.name, transition.to.name))
        .collect();
    format!("no transition to {to} from `{from}`; available: {}", ways.join(", "))
}
