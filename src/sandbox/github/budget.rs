//! Rate limits: the primary budget of each user, and the brake on content creation.
//!
//! Knows windows and counts. Must not know what a request does.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, Duration, Utc};

use crate::sandbox::settings::GithubSettings;

/// Which primary budget a request is charged to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Resource {
    /// REST.
    Core,
    /// GraphQL.
    Graphql,
    /// Search, thirty a minute.
    Search,
}

/// The budgets of all users.
#[derive(Debug, Default)]
pub(crate) struct Budgets {
    windows: BTreeMap<(String, Resource), Window>,
    creations: BTreeMap<String, VecDeque<DateTime<Utc>>>,
}

/// One user's use of one budget.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub(crate) used: u64,
    pub(crate) resets_at: DateTime<Utc>,
}

impl Resource {
    /// The name in `x-ratelimit-resource`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Graphql => "graphql",
            Self::Search => "search",
        }
    }

    /// How much of it there is.
    pub(crate) fn limit(self, settings: &GithubSettings) -> u64 {
        match self {
            Self::Core => settings.primary_limit,
            Self::Graphql => settings.graphql_limit,
            Self::Search => 30,
        }
    }

    fn length(self) -> Duration {
        match self {
            Self::Core | Self::Graphql => Duration::hours(1),
            Self::Search => Duration::minutes(1),
        }
    }
}

impl Budgets {
    /// The window of that user, begun anew when it has passed.
    pub(crate) fn window(&mut self, who: &str, resource: Resource, now: DateTime<Utc>) -> &mut Window {
        let fresh = Window { used: 0, resets_at: now + resource.length() };
        let window = self.windows.entry((who.to_owned(), resource)).or_insert(fresh);
        if window.resets_at <= now {
            *window = fresh;
        }
        window
    }

    /// Counts a creation, unless it is one too many.
    pub(crate) fn create(&mut self, who: &str, settings: &GithubSettings, now: DateTime<Utc>) -> bool {
        let times = self.creations.entry(who.to_owned()).or_default();
        times.retain(|at| *at > now - Duration::hours(1));
        let n_minute = times.iter().rev().take_while(|at| **at > now - Duration::minutes(1)).count();
        let is_over = settings.content_per_minute.is_some_and(|max| n_minute >= max)
            || settings.content_per_hour.is_some_and(|max| times.len() >= max);
        if !is_over {
            times.push_back(now);
        }
        !is_over
    }
}
