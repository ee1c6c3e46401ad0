//! The log of requests: what was asked, by whom, what was answered, and whether it was done.
//!
//! Knows entries and counts. Must not keep credentials.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::{
    clock::seconds,
    settings::LogSettings,
    wire::{Answer, At, Call, Tracker},
};

/// All requests since the log was last cleared.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    entries: Vec<Value>,
    counts: BTreeMap<(Tracker, String), u64>,
    n_total: u64,
    n_writes_applied: BTreeMap<Tracker, u64>,
}

/// One request on its way into the log.
pub(crate) struct Entry<'a> {
    pub(crate) at: DateTime<Utc>,
    pub(crate) tracker: Tracker,
    pub(crate) call: &'a Call,
    pub(crate) user: Option<String>,
    /// `None` if nothing was answered.
    pub(crate) answer: Option<&'a Answer>,
    /// Size of the answer's body.
    pub(crate) n_bytes: usize,
    pub(crate) applied: bool,
    pub(crate) fault: Option<Value>,
}

impl Journal {
    /// Notes one request and returns its number.
    pub(crate) fn note(&mut self, entry: &Entry<'_>, settings: &LogSettings) {
        self.n_total += 1;
        *self.counts.entry((entry.tracker, entry.call.method.to_string())).or_default() += 1;
        if entry.applied && entry.call.writes() {
            *self.n_writes_applied.entry(entry.tracker).or_default() += 1;
        }
        if !settings.counts_only {
            self.entries.push(shown(self.n_total, entry, settings.body_max));
        }
    }

    /// Every entry.
    pub(crate) fn all(&self) -> Value {
        Value::Array(self.entries.clone())
    }

    /// The entries that the query asks for.
    pub(crate) fn entries(&self, query: &Call) -> Value {
        let after = query.number("after", 0) as u64;
        let tracker = query.param("tracker");
        let writes = query.param("writes").is_some_and(|text| text == "true");
        let path = query.param("path");
        let wanted = self.entries.iter().filter(|entry| {
            entry.at("n").as_u64() > Some(after)
                && tracker.as_deref().is_none_or(|name| entry.at("tracker") == name)
                && !(writes && entry.at("writes") == false)
                && path
                    .as_deref()
                    .is_none_or(|part| entry.at("path").as_str().is_some_and(|path| path.contains(part)))
        });
        wanted.cloned().collect()
    }

    /// How many requests there were, by tracker and method, and how many writes were done, by tracker.
    pub(crate) fn counts(&self) -> Value {
        let mut by_tracker: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
        for ((tracker, method), n) in &self.counts {
            by_tracker.entry(tracker.name()).or_default().insert(method, *n);
        }
        let writes: BTreeMap<&str, u64> =
            self.n_writes_applied.iter().map(|(tracker, n)| (tracker.name(), *n)).collect();
        json!({
            "total": self.n_total,
            "writes_applied": self.n_writes_applied.values().sum::<u64>(),
            "by_tracker": by_tracker,
            "writes_applied_by_tracker": writes,
        })
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

fn shown(n: u64, entry: &Entry<'_>, body_max: usize) -> Value {
    let call = entry.call;
    let request = if call.text.len() > body_max { omitted(call.text.len()) } else { call.body.clone() };
    let response = entry.answer.and_then(|answer| answer.body.clone());
    json!({
        "n": n,
        "at": seconds(entry.at),
        "tracker": entry.tracker.name(),
        "method": call.method.as_str(),
        "path": call.path,
        "query": call.query,
        "headers": headers(call),
        "user": entry.user,
        "request": request,
        "status": entry.answer.map(|answer| answer.status),
        "response_headers": entry.answer.map(|answer| answer.headers.iter().cloned().collect::<BTreeMap<_, _>>()),
        "response": if entry.n_bytes > body_max { Some(omitted(entry.n_bytes)) } else { response },
        "writes": call.writes(),
        "applied": entry.applied,
        "fault": entry.fault,
    })
}

/// The request's headers, but no credentials.
fn headers(call: &Call) -> Value {
    let mut shown = Map::new();
    for (name, value) in &call.headers {
        let text =
            if name == "authorization" { "(not logged)" } else { value.to_str().unwrap_or("(not text)") };
        shown.insert(name.to_string(), Value::from(text));
    }
    Value::Object(shown)
}

fn omitted(n_bytes: usize) -> Value {
    json!({"omitted_bytes": n_bytes})
}
