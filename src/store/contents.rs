//! What a row holds, as members of JSON: what the history tells of it, and what became of each of them.
//!
//! Null and absent are the same. A name that somebody wrote is held as its digest, for the history holds ids only of people;
//! the words of a write-up are held as the register's own row holds them, and are sealed again when they are read.
//!
//! Knows no database: columns in, members out.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use chrono::DateTime;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::stamps::{Column, META, Table};
use crate::model::{
    change::{self, MemberChange},
    finding::Owner,
    involvement::Party,
    terms::Tlp,
};

/// What a row holds. Its `Debug` says nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Contents(Map<String, Value>);

impl fmt::Debug for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contents")
    }
}

/// What became of the members of a row: each by its JSON pointer, as it was and as it is.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Changes(BTreeMap<String, (Value, Value)>);

impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// The column of a row that repeats one of its members.
struct Repeated {
    column: &'static str,
    member: &'static str,
    is_instant: bool,
}

const fn repeated(column: &'static str, member: &'static str) -> Repeated {
    Repeated { column, member, is_instant: false }
}

/// A column in milliseconds since 1970.
const fn instant(column: &'static str, member: &'static str) -> Repeated {
    Repeated { column, member, is_instant: true }
}

/// The columns between the key and the row's own text that repeat members, in their order.
fn repeats(table: &str) -> &'static [Repeated] {
    const FINDING: &[Repeated] = &[
        repeated("postmortem", "/stated/postmortem"),
        repeated("state", "/state"),
        repeated("severity", "/severity"),
        repeated("due", "/clock/due"),
        instant("changed_ms", "/changed"),
    ];
    const LINK: &[Repeated] = &[
        repeated("tracker", "/tracker"),
        repeated("destination", "/destination"),
        repeated("kind", "/kind"),
        instant("since_ms", "/since"),
    ];
    const INTENT: &[Repeated] = &[repeated("epoch", "/epoch"), instant("sent_ms", "/sent")];
    const AT: &[Repeated] = &[instant("at_ms", "/at")];
    const ACCOUNT: &[Repeated] = &[instant("since_ms", "/since")];
    match table {
        "finding" => FINDING,
        "link" => LINK,
        "intent" => INTENT,
        "tombstone" | "citation" | "involvement" => AT,
        "account" => ACCOUNT,
        _ => &[],
    }
}

/// Members that hold names of people as somebody wrote them.
fn names(table: &str) -> &'static [&'static str] {
    match table {
        "finding" => &["/owner/unmapped", "/stated/owner", "/stated/reviewers", "/stated/authors"],
        "link" => &["/baseline/owner/finding/unmapped", "/baseline/owner/issue/unmapped"],
        "tombstone" => &["/link/baseline/owner/finding/unmapped", "/link/baseline/owner/issue/unmapped"],
        "involvement" => &["/party/written"],
        _ => &[],
    }
}

impl Contents {
    /// What the columns of a row hold, its key first and its own text last; none for a text that is no object, and for what
    /// the history tells nobody: the key of the markers.
    pub(super) fn of(table: &Table, columns: &[Column<'_>]) -> Option<Self> {
        let Some(Column::Text(Some(text))) = columns.last() else { return None };
        if table.name == META.name {
            let is_secret = matches!(columns.first(), Some(Column::Text(Some("marker_key"))));
            let value = Value::String((*text).to_owned());
            return (!is_secret).then(|| Self(Map::from_iter([("value".to_owned(), value)])));
        }
        let mut row: Value = serde_json::from_str(text).ok()?;
        prune(&mut row);
        for name in names(table.name) {
            row.pointer_mut(name).into_iter().for_each(hide);
        }
        if let Value::Object(members) = row { Some(Self(members)) } else { None }
    }

    /// The same of a row whose other columns repeat its members: only such a row can be built again from them.
    pub(super) fn told(table: &Table, columns: &[Column<'_>]) -> Option<Self> {
        Self::of(table, columns).filter(|told| told.odd_columns(table, columns).next().is_none())
    }

    /// As a text, to be kept.
    pub(super) fn written(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }

    /// From that text.
    pub(super) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// What became of the members since another time.
    pub(super) fn since(&self, before: &Self) -> Changes {
        let mut changes = BTreeMap::new();
        compare("", &before.0, &self.0, &mut changes);
        Changes(changes)
    }

    /// Every member that is no object itself, as one that came to be.
    pub(super) fn whole(&self) -> Changes {
        let mut changes = BTreeMap::new();
        leaves("", &self.0, &mut changes);
        Changes(changes)
    }

    /// Carries changes over. Whether each member was as they say; nothing is changed where it was not.
    pub(super) fn apply(&mut self, changes: &Changes) -> bool {
        let mut after = Value::Object(self.0.clone());
        let fits = changes.0.iter().all(|(at, (was, is))| put(&mut after, at, was, is));
        if let (true, Value::Object(after)) = (fits, after) {
            self.0 = after;
        }
        fits
    }

    /// A member, as a text.
    pub(super) fn text(&self, at: &str) -> Option<&str> {
        self.member(at).and_then(Value::as_str)
    }

    /// The class of a finding's words; the strictest where it is not understood.
    pub(super) fn tlp(&self) -> Tlp {
        self.text("/stated/tlp").and_then(Tlp::parse).unwrap_or(Tlp::Red)
    }

    /// What differs in the columns of a row, as people read it.
    pub(super) fn differences(&self, table: &Table, columns: &[Column<'_>]) -> Vec<String> {
        let Some(found) = Self::of(table, columns) else { return vec!["data".to_owned()] };
        let changes = found.since(self);
        let mut names: BTreeSet<String> = changes.0.keys().map(|at| change::member(at)).collect();
        let odd = self.odd_columns(table, columns).filter(|odd| !changes.0.contains_key(odd.member));
        names.extend(odd.map(|odd| odd.column.to_owned()));
        names.into_iter().collect()
    }

    /// The columns of a row that do not repeat the members which they should.
    fn odd_columns<'a>(
        &'a self,
        table: &'a Table,
        columns: &'a [Column<'a>],
    ) -> impl Iterator<Item = &'static Repeated> + 'a {
        let is_odd = |(repeat, column): &(&'static Repeated, &Column<'_>)| {
            let found = match column {
                Column::Text(text) => text.map(str::to_owned),
                Column::Number(number) => Some(number.to_string()),
            };
            found != self.repeated(repeat)
        };
        let all = repeats(table.name).iter().zip(columns.iter().skip(table.keys));
        all.filter(move |pair| is_odd(pair)).map(|(repeat, _)| repeat)
    }

    /// The text of a column that repeats a member.
    fn repeated(&self, repeat: &Repeated) -> Option<String> {
        let member = self.member(repeat.member)?;
        let text = member.as_str().map_or_else(|| member.to_string(), str::to_owned);
        if !repeat.is_instant {
            return Some(text);
        }
        DateTime::parse_from_rfc3339(&text).ok().map(|at| at.timestamp_millis().to_string())
    }

    fn member(&self, at: &str) -> Option<&Value> {
        let mut names = at.split('/').skip(1).map(unescaped);
        let first = self.0.get(&names.next()?);
        names.fold(first, |below, name| below?.get(&name))
    }
}

impl Changes {
    /// Whether any member fulfils a condition on its pointer.
    pub(super) fn any(&self, condition: impl Fn(&str) -> bool) -> bool {
        self.0.keys().any(|at| condition(at))
    }

    /// As the history's readers see them.
    pub(super) fn members(self) -> Vec<MemberChange> {
        self.0.into_iter().map(|(at, (before, after))| MemberChange { at, before, after }).collect()
    }
}

/// Takes out every member that is null.
fn prune(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(prune);
        }
        Value::Array(items) => items.iter_mut().for_each(prune),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Puts the digest of each name in its place. An account is an id, and stays.
fn hide(value: &mut Value) {
    match value {
        Value::String(name) => {
            let owner = Owner::Unmapped(std::mem::take(name));
            *name = Party::of_owner(&owner).map(|party| party.key()).unwrap_or_default();
        }
        Value::Array(names) => names.iter_mut().for_each(hide),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {}
    }
}

type Found = BTreeMap<String, (Value, Value)>;

/// Compares two objects, member by member.
fn compare(at: &str, before: &Map<String, Value>, after: &Map<String, Value>, to: &mut Found) {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for name in names {
        let (was, is) = (before.get(name), after.get(name));
        let at = format!("{at}/{}", escaped(name));
        match (was, is) {
            (Some(Value::Object(was)), Some(Value::Object(is))) => compare(&at, was, is, to),
            (was, is) if was != is => {
                let value = |of: Option<&Value>| of.cloned().unwrap_or_default();
                to.insert(at, (value(was), value(is)));
            }
            (_, _) => {}
        }
    }
}

fn leaves(at: &str, members: &Map<String, Value>, to: &mut Found) {
    for (name, value) in members {
        let at = format!("{at}/{}", escaped(name));
        match value {
            Value::Object(below) if !below.is_empty() => leaves(&at, below, to),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_) => drop(to.insert(at, (Value::Null, value.clone()))),
        }
    }
}

/// Gives a member its new value; whether it had the old one.
fn put(row: &mut Value, at: &str, was: &Value, is: &Value) -> bool {
    let Some((parent, name)) = at.rsplit_once('/') else { return false };
    let Some(Value::Object(members)) = row.pointer_mut(parent) else { return false };
    let name = unescaped(name);
    if members.get(&name).unwrap_or(&Value::Null) != was {
        return false;
    }
    if is.is_null() {
        members.remove(&name);
    } else {
        members.insert(name, is.clone());
    }
    true
}

/// A name within a JSON pointer (RFC 6901).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn unescaped(name: &str) -> String {
    name.replace("~1", "/").replace("~0", "~")
}
