//! Pages, as a wiki keeps them.
//!
//! Knows what a page is and what stands above it. Must not know HTTP.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

/// A wiki.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wiki {
    /// By number.
    pub(crate) pages: BTreeMap<u64, Page>,
    n_made: u64,
}

/// What became of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Current,
    Archived,
    Trashed,
}

/// A page.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) id: u64,
    pub(crate) title: String,
    /// Key of its space.
    pub(crate) space: String,
    /// In storage format.
    pub(crate) body: String,
    pub(crate) version: u64,
    pub(crate) labels: BTreeSet<String>,
    /// Who alone may read it, by login; everybody when nobody is named.
    pub(crate) readers: BTreeSet<String>,
    pub(crate) parent: Option<u64>,
    pub(crate) state: State,
}

impl State {
    /// As the interface calls it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Archived => "archived",
            Self::Trashed => "trashed",
        }
    }
}

impl Page {
    /// Whether it is in use.
    pub(crate) fn is_current(&self) -> bool {
        self.state == State::Current
    }
}

impl Wiki {
    /// A number for a new page.
    pub(crate) fn number(&mut self) -> u64 {
        self.n_made += 1;
        65_536 + self.n_made
    }

    /// What stands above a page, the nearest last.
    pub(crate) fn above(&self, page: &Page) -> Vec<&Page> {
        let mut above: Vec<&Page> = Vec::new();
        let mut next = page.parent;
        while let Some(parent) = next.and_then(|id| self.pages.get(&id)) {
            if parent.id == page.id || above.iter().any(|known| known.id == parent.id) {
                break;
            }
            above.push(parent);
            next = parent.parent;
        }
        above.reverse();
        above
    }

    /// The page with that number or title.
    pub(crate) fn find(&self, name: &str) -> Option<u64> {
        let by_number = name.parse().ok().filter(|id| self.pages.contains_key(id));
        by_number.or_else(|| self.pages.values().find(|page| page.title == name).map(|page| page.id))
    }

    /// Everything, for the control interface.
    pub(crate) fn state(&self) -> Value {
        json!({"pages": self.pages.values().map(Page::shown).collect::<Vec<_>>()})
    }
}

impl Page {
    /// As the control interface shows it.
    pub(crate) fn shown(&self) -> Value {
        json!({
            "id": self.id.to_string(), "title": self.title, "space": self.space, "body": self.body,
            "version": self.version, "labels": self.labels, "readers": self.readers,
            "below": self.parent.map(|id| id.to_string()), "status": self.state.as_str(),
        })
    }
}
