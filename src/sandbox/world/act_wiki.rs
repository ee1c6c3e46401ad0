//! What people do in a wiki.
//!
//! Knows the deeds and their arguments. Must not check permissions.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Everything, Refusal};
use crate::sandbox::{
    wiki::data::{Page, State, Wiki},
    wire::Tracker,
};

/// What can be done to a page.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
enum PageDeed {
    Edit { body: String },
    Rename { to: String },
    Move { to: String },
    Label { label: String },
    Unlabel { label: String },
    Restrict { readers: BTreeSet<String> },
    Unrestrict,
    Archive,
    Trash,
    Restore,
    Purge,
}

/// What can be done in a space.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
enum SpaceDeed {
    CreatePage {
        title: String,
        #[serde(default)]
        body: String,
        #[serde(default)]
        labels: BTreeSet<String>,
        /// The page that it stands below.
        #[serde(default)]
        below: Option<String>,
    },
}

const PAGE_DEEDS: [&str; 11] = [
    "edit(body)",
    "rename(to)",
    "move(to)",
    "label(label)",
    "unlabel(label)",
    "restrict(readers)",
    "unrestrict",
    "archive",
    "trash",
    "restore",
    "purge",
];
const SPACE_DEEDS: [&str; 1] = ["create_page(title, body, labels, below)"];

impl Everything {
    /// Does what a person does in the wiki beside a Jira; none when the deed is about something else.
    pub(crate) fn act_on_wiki(
        &mut self,
        tracker: Tracker,
        fields: &mut Map<String, Value>,
    ) -> Option<Result<Value, Refusal>> {
        let wiki = match tracker {
            Tracker::Github => return None,
            Tracker::Jira => &mut self.wiki,
            Tracker::JiraDc => &mut self.wiki_dc,
        };
        let mut take =
            |name: &str| fields.shift_remove(name).as_ref().and_then(Value::as_str).map(str::to_owned);
        let (page, space) = (take("page"), take("space"));
        let rest = Value::Object(fields.clone());
        match (page, space) {
            (Some(page), _) => Some(on_page(wiki, &page, rest)),
            (None, Some(space)) => Some(in_space(wiki, &space, rest)),
            (None, None) => None,
        }
    }
}

fn on_page(wiki: &mut Wiki, name: &str, rest: Value) -> Result<Value, Refusal> {
    let deed: PageDeed = serde_json::from_value(rest)
        .map_err(|error| Refusal::new(format!("act on a page: {error}")).allowing(PAGE_DEEDS))?;
    let id = wiki.find(name).ok_or_else(|| Refusal::new(format!("act: there is no page `{name}`")))?;
    if matches!(deed, PageDeed::Purge) {
        let gone = wiki.pages.remove(&id);
        return Ok(gone.map_or(Value::Null, |page| page.shown()));
    }
    let page = wiki.pages.get_mut(&id).ok_or_else(|| Refusal::new("act: there is no such page"))?;
    match deed {
        PageDeed::Edit { body } => (page.body, page.version) = (body, page.version + 1),
        PageDeed::Rename { to } => (page.title, page.version) = (to, page.version + 1),
        PageDeed::Move { to } => (page.space, page.parent) = (to, None),
        PageDeed::Label { label } => drop(page.labels.insert(label)),
        PageDeed::Unlabel { label } => drop(page.labels.remove(&label)),
        PageDeed::Restrict { readers } => page.readers = readers,
        PageDeed::Unrestrict => page.readers.clear(),
        PageDeed::Archive => page.state = State::Archived,
        PageDeed::Trash => page.state = State::Trashed,
        PageDeed::Restore => page.state = State::Current,
        PageDeed::Purge => {}
    }
    Ok(page.shown())
}

fn in_space(wiki: &mut Wiki, space: &str, rest: Value) -> Result<Value, Refusal> {
    let SpaceDeed::CreatePage { title, body, labels, below } = serde_json::from_value(rest)
        .map_err(|error| Refusal::new(format!("act in a space: {error}")).allowing(SPACE_DEEDS))?;
    let parent = match below {
        None => None,
        Some(name) => {
            Some(wiki.find(&name).ok_or_else(|| Refusal::new(format!("act: there is no page `{name}`")))?)
        }
    };
    let id = wiki.number();
    let page = Page {
        id,
        title,
        space: space.to_owned(),
        body,
        version: 1,
        labels,
        readers: BTreeSet::new(),
        parent,
        state: State::Current,
    };
    let shown = page.shown();
    wiki.pages.insert(id, page);
    Ok(shown)
}
