//! Everything in the sandbox at one moment, and the operations the control interface offers on it.
//!
//! Knows all parts. Must not know sockets.

pub(crate) mod act;
pub(crate) mod act_github;
pub(crate) mod act_jira;
pub(crate) mod act_wiki;
pub(crate) mod default;
pub(crate) mod plant;
pub(crate) mod replica;
pub(crate) mod seed;

use serde_json::{Value, json};
use thiserror::Error;

use self::{replica::Replica, seed::Seed};
use super::{
    clock::{BaseClock, Clock, seconds},
    fault::Faults,
    github::{self, data::Github},
    jira::{
        self,
        data::{Edition, Site},
    },
    journal::Journal,
    people::People,
    settings::Settings,
    wiki::{self, data::Wiki},
    wire::{Answer, Call, Tracker},
};

/// Everything in the sandbox.
#[derive(Debug)]
pub(crate) struct Everything {
    pub(crate) clock: Clock,
    pub(crate) settings: Settings,
    pub(crate) people: People,
    pub(crate) github: Github,
    pub(crate) jira: Site,
    pub(crate) jira_dc: Site,
    pub(crate) wiki: Wiki,
    pub(crate) wiki_dc: Wiki,
    pub(crate) faults: Faults,
    pub(crate) journal: Journal,
    replica: Option<Replica>,
}

/// Why the control interface refused, and what it would take.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct Refusal {
    /// What was wrong.
    pub message: String,
    /// What is allowed in its place; empty when the message says so itself.
    pub allowed: Vec<String>,
}

impl Refusal {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), allowed: Vec::new() }
    }

    pub(crate) fn allowing<T: Into<String>>(mut self, allowed: impl IntoIterator<Item = T>) -> Self {
        self.allowed = allowed.into_iter().map(Into::into).collect();
        self
    }
}

impl Everything {
    /// An empty world.
    pub(crate) fn new(clock: BaseClock) -> Self {
        Self {
            clock: Clock::new(clock),
            settings: Settings::default(),
            people: People::default(),
            github: Github::default(),
            jira: Site::new(Edition::Cloud),
            jira_dc: Site::new(Edition::Dc),
            wiki: Wiki::default(),
            wiki_dc: Wiki::default(),
            faults: Faults::default(),
            journal: Journal::default(),
            replica: None,
        }
    }

    /// Throws people, repositories and projects away and plants others.
    /// Clock, settings, faults and log stay.
    pub(crate) fn replace(&mut self, seed: &Value) -> Result<Value, Refusal> {
        let seed = if seed.is_null() { default::seed() } else { parse(seed)? };
        let old = (std::mem::take(&mut self.people), std::mem::take(&mut self.github));
        let old_jira = std::mem::replace(&mut self.jira, Site::new(Edition::Cloud));
        let old_dc = std::mem::replace(&mut self.jira_dc, Site::new(Edition::Dc));
        let planted = self.plant(seed);
        if planted.is_err() {
            (self.people, self.github) = old;
            (self.jira, self.jira_dc) = (old_jira, old_dc);
        } else {
            (self.wiki, self.wiki_dc) = (Wiki::default(), Wiki::default());
        }
        planted
    }

    /// Plants more into the world as it is.
    pub(crate) fn add(&mut self, seed: &Value) -> Result<Value, Refusal> {
        self.plant(parse(seed)?)
    }

    /// Lets a tracker answer a request.
    pub(crate) fn answer(&mut self, tracker: Tracker, call: &Call) -> (Answer, Option<String>) {
        let (people, now) = (&self.people, self.clock.now());
        let settings = &self.settings;
        let wiki = match tracker {
            Tracker::Github => None,
            Tracker::Jira => Some((&self.wiki, &settings.jira, &self.jira)),
            Tracker::JiraDc => Some((&self.wiki_dc, &settings.jira_dc, &self.jira_dc)),
        };
        let of_wiki = wiki.and_then(|(wiki, settings, site)| {
            wiki::answer(wiki, wiki::Around { people, settings, site }, call)
        });
        if let Some(answer) = of_wiki {
            return answer;
        }
        match tracker {
            Tracker::Github => {
                let around = github::Around { people, settings: &settings.github, now };
                github::answer(&mut self.github, around, call)
            }
            Tracker::Jira => {
                jira::answer(&mut self.jira, jira::Around { people, settings: &settings.jira, now }, call)
            }
            Tracker::JiraDc => jira::answer(
                &mut self.jira_dc,
                jira::Around { people, settings: &settings.jira_dc, now },
                call,
            ),
        }
    }

    /// Everything on all trackers.
    pub(crate) fn state(&self) -> Value {
        json!({
            "now": seconds(self.clock.now()),
            "people": self.people.logins(),
            "github": self.github.state(),
            "jira": self.jira.state(),
            "jira_dc": self.jira_dc.state(),
            "confluence": self.wiki.state(),
            "confluence_dc": self.wiki_dc.state(),
        })
    }

    /// Changes the named settings.
    pub(crate) fn change_settings(&mut self, change: &Value) -> Result<Value, Refusal> {
        self.settings =
            self.settings.changed(change).map_err(|error| Refusal::new(format!("settings: {error}")))?;
        Ok(self.settings())
    }

    /// The settings as they are.
    pub(crate) fn settings(&self) -> Value {
        serde_json::to_value(&self.settings).unwrap_or_default()
    }
}

fn parse(seed: &Value) -> Result<Seed, Refusal> {
    serde_json::from_value(seed.clone()).map_err(|error| Refusal::new(format!("world: {error}")))
}
