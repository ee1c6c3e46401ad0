//! Faults: which request goes wrong, how often, and how.
//!
//! Knows matching and counting. Must not know how a fault is carried out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::wire::{Call, Tracker};

/// One fault that waits for its request.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    /// Given by the sandbox.
    #[serde(default, skip_deserializing)]
    pub(crate) id: u64,
    /// `github`, `jira` or `jira_dc`; any when left out.
    #[serde(default)]
    pub(crate) tracker: Option<String>,
    /// The HTTP method; any when left out.
    #[serde(default)]
    pub(crate) method: Option<String>,
    /// Part of the path with its query.
    #[serde(default)]
    pub(crate) path: Option<String>,
    /// Part of the body.
    #[serde(default)]
    pub(crate) body: Option<String>,
    /// So many matching requests pass first.
    #[serde(default)]
    pub(crate) skip: u64,
    /// So many fail then; without end when null.
    #[serde(default = "once")]
    pub(crate) times: Option<u64>,
    /// What happens.
    pub(crate) action: Action,
    /// Matching requests seen.
    #[serde(default, skip_deserializing)]
    pub(crate) seen: u64,
    /// Requests that failed by this.
    #[serde(default, skip_deserializing)]
    pub(crate) fired: u64,
}

#[expect(clippy::unnecessary_wraps, reason = "serde wants the type of the field")]
fn once() -> Option<u64> {
    Some(1)
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Action {
    /// Close the connection and do nothing.
    DropBefore,
    /// Do it, then close the connection without an answer.
    DropAfter,
    /// Wait, then do it.
    Delay {
        /// How long.
        ms: u64,
    },
    /// Let somebody act, as `POST /act` does, and then do it.
    Meanwhile {
        /// What they do.
        acts: Vec<Value>,
    },
    /// Do nothing and never answer.
    Hang,
    /// Do nothing and answer this.
    Status(Reply),
    /// Do it and answer this.
    StatusAfter(Reply),
    /// Do nothing and refuse as the tracker does when it is asked too much.
    RateLimit(RateLimit),
    /// Answer a read with an empty list.
    EmptyList,
    /// Do it and answer half the body.
    Truncate,
    /// Answer a read from the replica, which shows every issue as it was at the last `POST /replica`.
    Behind,
    /// Kill a process.
    Kill {
        /// Whom.
        pid: u32,
        /// At which moment.
        when: KillAt,
    },
}

/// A made-up answer.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) body: Value,
}

/// A refusal for too many requests.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RateLimit {
    /// GitHub: primary or secondary. Jira: a RateLimit-Reason.
    pub(crate) reason: String,
    /// Seconds; no header when left out.
    #[serde(default)]
    pub(crate) retry_after: Option<u64>,
}

/// When a process is killed, seen from its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KillAt {
    /// Nothing has been done.
    BeforeApply,
    /// It is done, the answer has not left.
    AfterApply,
    /// The answer has left completely.
    AfterAnswer,
}

/// All faults, in the order they were given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    list: Vec<Fault>,
    n_given: u64,
}

impl Faults {
    /// Adds one fault, or a list of them; returns their ids.
    pub(crate) fn add(&mut self, given: &Value) -> Result<Vec<u64>, String> {
        let one_by_one = match given {
            Value::Array(list) => list.clone(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                vec![given.clone()]
            }
        };
        let parsed: Result<Vec<Fault>, String> = one_by_one.into_iter().map(parse).collect();
        let mut ids = Vec::new();
        for mut fault in parsed? {
            self.n_given += 1;
            fault.id = self.n_given;
            ids.push(fault.id);
            self.list.push(fault);
        }
        Ok(ids)
    }

    /// Forgets all faults.
    pub(crate) fn clear(&mut self) {
        self.list.clear();
    }

    /// The faults with their counts.
    pub(crate) fn shown(&self) -> Value {
        serde_json::to_value(&self.list).unwrap_or_default()
    }

    /// The fault for this request, if one fires. Every matching fault counts the request.
    pub(crate) fn fire(&mut self, tracker: Tracker, call: &Call) -> Option<Action> {
        let mut fired = None;
        for fault in self.list.iter_mut().filter(|fault| fault.matches(tracker, call)) {
            fault.seen += 1;
            let is_due = fault.seen > fault.skip && fault.times.is_none_or(|times| fault.fired < times);
            if is_due && fired.is_none() {
                fault.fired += 1;
                fired = Some(fault.action.clone());
            }
        }
        fired
    }
}

impl Fault {
    fn matches(&self, tracker: Tracker, call: &Call) -> bool {
        let target =
            if call.query.is_empty() { call.path.clone() } else { format!("{}?{}", call.path, call.query) };
        self.tracker.as_deref().is_none_or(|name| name == tracker.name())
            && self.method.as_deref().is_none_or(|method| method.eq_ignore_ascii_case(call.method.as_str()))
            && self.path.as_deref().is_none_or(|part| target.contains(part))
            && self.body.as_deref().is_none_or(|part| call.text.contains(part))
    }
}

fn parse(given: Value) -> Result<Fault, String> {
    let fault: Fault = serde_json::from_value(given).map_err(|error| format!("a fault: {error}"))?;
    let Some(name) = &fault.tracker else { return Ok(fault) };
    let known = Tracker::named(name).is_some();
    known.then_some(fault.clone()).ok_or_else(|| {
        format!("a fault: unknown tracker `{name}`, expected one of `github`, `jira`, `jira_dc`")
    })
}
