//! Front matter: what a write-up says about itself before its text.
//!
//! Knows the keys of the vocabulary, in any case, with dashes, underscores or blanks. Keys it does not know are other tools' business.

use std::ops::Range;

use serde_json::Value;

use super::shorten;
use crate::{
    model::{
        ids::PostmortemId,
        postmortem::{Level, Mark, When},
        terms::Tlp,
        tree::{Complaint, Tree},
    },
    source::{
        date,
        dialect::Dialect,
        identity, marks,
        place::{Lines, Notes},
        words::{Field, Handled, Likeness, Rated, Stage, not_understood, squeeze},
    },
};

/// What front matter says.
#[derive(Debug)]
pub(super) struct Front {
    pub(super) id: Option<PostmortemId>,
    pub(super) incident: Option<String>,
    pub(super) title: Option<String>,
    pub(super) published: Option<When>,
    pub(super) severity: Option<Rated>,
    pub(super) draft: Option<bool>,
    pub(super) marked: Option<Mark>,
    pub(super) owner: Option<String>,
    /// Where the owner stands.
    pub(super) owner_at: (usize, usize),
    pub(super) reviewers: Vec<String>,
    pub(super) authors: Vec<String>,
    pub(super) url: Option<String>,
    pub(super) team: Option<String>,
}

/// Front matter as it stands in a text.
#[derive(Debug)]
pub(super) struct Matter {
    at: Range<usize>,
    parse: fn(&str) -> Result<Tree, Complaint>,
}

/// The front matter, if there is any: YAML between `---`, or TOML between `+++`; and where the text behind it begins.
pub(super) fn split(text: &str) -> (Option<Matter>, usize) {
    let first = text.split_inclusive('\n').next().unwrap_or_default();
    let (ends, parse): (&[&str], fn(&str) -> _) = match first.trim_end() {
        "---" => (&["---", "..."], Tree::parse),
        "+++" => (&["+++"], Tree::parse_toml),
        _ => return (None, 0),
    };
    let mut at = first.len();
    for line in text.get(at..).unwrap_or_default().split_inclusive('\n') {
        if ends.contains(&line.trim_end()) {
            return (Some(Matter { at: first.len()..at, parse }), at + line.len());
        }
        at += line.len();
    }
    (None, 0)
}

/// Reads front matter. When it cannot be read the write-up is refused, because its id and classification may be in it.
pub(super) fn read(matter: Option<Matter>, lines: &Lines<'_>, dialect: &Dialect, notes: &mut Notes) -> Front {
    let mut front = Front {
        id: None,
        incident: None,
        title: None,
        published: None,
        severity: None,
        draft: None,
        marked: None,
        owner: None,
        owner_at: (0, 0),
        reviewers: Vec::new(),
        authors: Vec::new(),
        url: None,
        team: None,
    };
    let Some(Matter { at, parse }) = matter else { return front };
    let text = lines.text().get(at).unwrap_or_default();
    if text.trim().is_empty() {
        return front;
    }
    match parse(text) {
        Ok(tree) => Keys { tree: &tree, dialect, notes }.read(&mut front),
        Err(complaint) => {
            let help = complaint
                .help
                .as_deref()
                .unwrap_or("quote values that contain a colon, or mend the notation");
            let place = (complaint.line + 1, complaint.column);
            let message = format!("the front matter cannot be read: {}", complaint.message);
            notes.add(Level::Error, "invalid_front_matter", place, message, help);
        }
    }
    front
}

struct Keys<'a> {
    tree: &'a Tree,
    dialect: &'a Dialect,
    notes: &'a mut Notes,
}

impl Keys<'_> {
    fn read(mut self, front: &mut Front) {
        let Value::Object(map) = &self.tree.value else {
            let help =
                "write `key: value` lines between the two `---`, or `key = \"value\"` between two `+++`";
            let message = "the front matter is not a list of keys and values".to_owned();
            return self.notes.add(Level::Error, "invalid_front_matter", (1, 1), message, help);
        };
        for (key, value) in map {
            let pointer = format!("/{}", escape(key));
            match (self.dialect.words.key(key), value) {
                (_, Value::Null) => {}
                (Some(Field::Incident), Value::Object(incident)) => {
                    self.read_incident(front, &pointer, incident)
                }
                (Some(Field::Incident), _) => front.incident = scalar(value),
                (Some(Field::Reviewers), _) => front.reviewers = list(value),
                (Some(Field::Authors), _) => front.authors = list(value),
                (field, _) => self.read_key(front, key, field, &pointer, value),
            }
        }
        if front.id.is_none()
            && let Some(incident) = &front.incident
            && map.keys().any(|key| self.dialect.words.key(key) == Some(Field::IncidentId))
        {
            front.id = Some(PostmortemId::new(identity::slug(incident)));
        }
    }

    fn read_incident(&mut self, front: &mut Front, pointer: &str, incident: &serde_json::Map<String, Value>) {
        for (key, value) in incident {
            let pointer = format!("{pointer}/{}", escape(key));
            match key.trim().to_lowercase().as_str() {
                "id" => front.incident = scalar(value),
                "severity" | "sev" => self.read_key(front, key, Some(Field::Severity), &pointer, value),
                _ => {}
            }
        }
    }

    fn read_key(&mut self, front: &mut Front, key: &str, field: Option<Field>, pointer: &str, value: &Value) {
        let handling = self.dialect.words.is_handling(key);
        let text = match scalar(value) {
            Some(text) => text,
            None if handling => value.to_string(),
            None => return,
        };
        if handling {
            let (line, column) = self.tree.position(pointer);
            let mark = Mark { tlp: self.tlp(pointer, &text), line: line + 1, column };
            front.marked = Some(front.marked.filter(|known| known.tlp >= mark.tlp).unwrap_or(mark));
            return;
        }
        match field {
            Some(Field::Id) => front.id = Some(self.id(pointer, &text)),
            Some(Field::IncidentId) => front.incident = Some(text),
            Some(Field::Title) => front.title = Some(squeeze(&text)).filter(|title| !title.is_empty()),
            Some(Field::Date) => front.published = self.published(pointer, &text).or(front.published),
            Some(Field::Severity) => front.severity = self.severity(pointer, &text),
            Some(Field::Status) => front.draft = Some(self.is_draft(pointer, &text)),
            Some(Field::Owner) => {
                let (line, column) = self.tree.position(pointer);
                front.owner = Some(text);
                front.owner_at = (line + 1, column);
            }
            Some(Field::Url) => front.url = Some(text),
            Some(Field::Team) => front.team = Some(text),
            Some(Field::Incident | Field::Reviewers | Field::Authors) => {}
            None => self.unknown(key, pointer, &text, front),
        }
    }

    /// Tells of a key that looks like one of ours, or whose value does.
    fn unknown(&mut self, key: &str, pointer: &str, text: &str, front: &Front) {
        let words = &self.dialect.words;
        let (level, help) = match words.likeness(key) {
            Some(Likeness::Of(word)) => (Level::Warning, format!("did you mean `{word}`?")),
            Some(Likeness::Partly(word)) => (Level::Info, format!("call it `{word}` if that is what it is")),
            Some(Likeness::Action(column)) => {
                (Level::Info, format!("write the {column} at each action; front matter is about all of them"))
            }
            None => match self.by_value(key, text, front) {
                Some(word) => (Level::Info, format!("call it `{word}` if that is what it is")),
                None => return,
            },
        };
        let (line, column) = self.tree.position(pointer);
        let message = format!("nobody knows what `{key}` means here, so `{}` is not used", shorten(text, 60));
        self.notes.add(level, "unknown_key", (line + 1, column), message, &help);
    }

    /// What a value may be that stands under a key that nobody knows, where the write-up says nothing else of the kind.
    fn by_value(&self, key: &str, text: &str, front: &Front) -> Option<&'static str> {
        let words = &self.dialect.words;
        let dated = || front.published.is_none() && date::stated(text, self.dialect).day().is_some();
        let rated = || front.severity.is_none() && words.severity(text).is_some();
        let staged = || front.draft.is_none() && words.stage(text).is_some();
        match key {
            _ if words.is_other_key(key) => None,
            _ if dated() => Some("date"),
            _ if rated() => Some("severity"),
            _ if staged() => Some("status"),
            _ => None,
        }
    }

    fn id(&mut self, pointer: &str, text: &str) -> PostmortemId {
        let id = identity::slug(text);
        if id != text {
            let message = format!("`{text}` cannot be the id of a write-up, so `{id}` is used");
            let help = "use up to 64 letters, digits, dots, dashes and underscores";
            self.warn("invalid_id", pointer, message, help);
        }
        PostmortemId::new(id)
    }

    fn published(&mut self, pointer: &str, text: &str) -> Option<When> {
        let day = || text.get(..10).and_then(date::iso).map(|date| When { date, instant: None });
        let apart = text.get(10..).is_some_and(|rest| rest.starts_with(['T', 't', ' ']));
        let when = date::when(text).or_else(|| day().filter(|_| apart));
        when.or_else(|| {
            let stated = date::stated(text, self.dialect);
            if let Some((level, code, message, help)) = stated.complaint(text, "date of the write-up") {
                let (line, column) = self.tree.position(pointer);
                self.notes.add(level, code, (line + 1, column), message, help);
            }
            stated.day().map(|date| When { date, instant: None })
        })
    }

    fn severity(&mut self, pointer: &str, text: &str) -> Option<Rated> {
        let rated = self.dialect.words.rated(text);
        if rated.unclear.is_some() {
            let (code, message, help) = not_understood(text);
            self.warn(code, pointer, message, help);
        }
        Some(rated)
    }

    /// Whether a status means that the write-up is not final. A status that nobody knows counts as a draft, which creates nothing.
    fn is_draft(&mut self, pointer: &str, text: &str) -> bool {
        match self.dialect.words.stage(text) {
            Some(stage) => stage == Stage::Draft,
            None => {
                let message =
                    format!("`{text}` is no status that is known, so the write-up counts as a draft");
                self.warn(
                    "unknown_status",
                    pointer,
                    message,
                    "write draft, in_review, published or withdrawn",
                );
                true
            }
        }
    }

    /// A classification. One that nobody knows counts as RED, so that a typo lets nothing out.
    fn tlp(&mut self, pointer: &str, text: &str) -> Tlp {
        match self.dialect.words.handled(text) {
            Handled::Says(tlp) => {
                let (line, column) = self.tree.position(pointer);
                marks::worded(text, tlp, (line + 1, column), &self.dialect.words, self.notes);
                tlp
            }
            Handled::Nothing | Handled::Unclear => {
                let (line, column) = self.tree.position(pointer);
                marks::unknown(text, (line + 1, column), self.notes);
                Tlp::Red
            }
        }
    }

    fn warn(&mut self, code: &str, pointer: &str, message: String, help: &str) {
        let (line, column) = self.tree.position(pointer);
        self.notes.add(Level::Warning, code, (line + 1, column), message, help);
    }
}

/// A key as a part of a JSON pointer.
fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A list of names, or names with commas between them.
fn list(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().filter_map(scalar).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            scalar(value)
                .map(|text| {
                    text.split(',')
                        .map(|name| name.trim().to_owned())
                        .filter(|name| !name.is_empty())
                        .collect()
                })
                .unwrap_or_default()
        }
    }
}
