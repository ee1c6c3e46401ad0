//! The control interface over HTTP: one route for each operation of the world.
//!
//! Knows paths and bodies. Must not know what an operation does.

use serde_json::{Value, json};

use super::{
    clock::seconds,
    serve::Shared,
    wire::{Answer, At, Call},
    world::Refusal,
};

/// What the control interface answers to, for those who ask something else.
const ROUTES: [&str; 18] = [
    "POST /world",
    "POST /world/add",
    "GET /state",
    "GET /log?after=&tracker=&writes=true&path=",
    "GET /log/counts",
    "DELETE /log",
    "POST /faults",
    "GET /faults",
    "DELETE /faults",
    "POST /settings",
    "GET /settings",
    "POST /act",
    "POST /replica",
    "POST /clock",
    "GET /clock",
    "GET /help",
    "GET /state/github",
    "GET /state/jira",
];

/// Answers a request to the control port.
pub(crate) fn answer(shared: &Shared, call: &Call) -> Answer {
    match operate(shared, call) {
        Ok(body) => Answer::ok(body),
        Err(refusal) => Answer::json(400, json!({"error": refusal.message, "allowed": refusal.allowed})),
    }
}

fn operate(shared: &Shared, call: &Call) -> Result<Value, Refusal> {
    let segments = call.segments();
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    let mut everything = shared.lock();
    match (call.method.as_str(), parts.as_slice()) {
        ("POST", ["world"]) => everything.replace(&call.body),
        ("POST", ["world", "add"]) => everything.add(&call.body),
        ("GET", ["state"]) => Ok(everything.state()),
        ("GET", ["state", part]) => Ok(everything.state().at(part).clone()),
        ("GET", ["log"]) => Ok(everything.journal.entries(call)),
        ("GET", ["log", "counts"]) => Ok(everything.journal.counts()),
        ("DELETE", ["log"]) => {
            everything.journal.clear();
            Ok(json!({"cleared": "log"}))
        }
        ("POST", ["faults"]) => add_faults(&mut everything.faults, &call.body),
        ("GET", ["faults"]) => Ok(everything.faults.shown()),
        ("DELETE", ["faults"]) => {
            everything.faults.clear();
            Ok(json!({"cleared": "faults"}))
        }
        ("POST", ["settings"]) => everything.change_settings(&call.body),
        ("GET", ["settings"]) => Ok(everything.settings()),
        ("POST", ["replica"]) => {
            everything.follow();
            Ok(json!({"replica": seconds(everything.clock.now())}))
        }
        ("POST", ["act"]) => everything.act(&call.body),
        ("POST", ["clock"]) => {
            let ms = call.body.at("advance_ms").as_i64().filter(|ms| *ms >= 0);
            let ms = ms.ok_or_else(|| Refusal::new("clock: a number is missing").allowing(["advance_ms"]))?;
            everything.clock.advance(ms);
            Ok(json!({"now": seconds(everything.clock.now())}))
        }
        ("GET", ["clock"]) => Ok(json!({"now": seconds(everything.clock.now())})),
        ("GET", ["help"] | []) => Ok(json!(ROUTES)),
        _ => Err(Refusal::new(format!("no such operation: {} {}", call.method, call.path)).allowing(ROUTES)),
    }
}

/// Adds faults and answers their ids.
pub(crate) fn add_faults(faults: &mut super::fault::Faults, given: &Value) -> Result<Value, Refusal> {
    faults.add(given).map(|ids| json!({"ids": ids})).map_err(Refusal::new)
}
