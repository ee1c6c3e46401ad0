//! Listening and answering: from a socket to a tracker and back, with the faults in between.
//!
//! Knows the order of things: fault, apply, log, answer. Must not know what a request means.

use std::{
    process::Command,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{ConnectInfo, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, request::Parts},
    response::Response,
};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{
    clock::http_date,
    control,
    fault::{Action, KillAt, RateLimit, Reply},
    gate::Gate,
    journal::Entry,
    refusal::rate_limited,
    wire::{Answer, Call, Tracker},
    world::{Everything, Refusal},
};

/// Longest request body.
const BODY_MAX: usize = 16 << 20;

/// What all listeners share.
pub(crate) struct Shared {
    everything: Mutex<Everything>,
    pub(crate) stop: CancellationToken,
}

impl Shared {
    pub(crate) fn new(everything: Everything) -> Self {
        Self { everything: Mutex::new(everything), stop: CancellationToken::new() }
    }

    /// The world; a panic of another request does not take it away.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Everything> {
        self.everything.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One listener: what it is for and where it is.
#[derive(Clone)]
pub(crate) struct Port {
    pub(crate) shared: Arc<Shared>,
    /// `None` for the control interface.
    pub(crate) tracker: Option<Tracker>,
    pub(crate) origin: String,
}

/// The routes of a listener: one for everything.
pub(crate) fn router(port: Port) -> Router {
    Router::new().fallback(handle).with_state(port)
}

async fn handle(
    State(port): State<Port>,
    ConnectInfo(gate): ConnectInfo<Gate>,
    request: Request,
) -> Response {
    let Some(call) = read(&port.origin, request).await else {
        return sent(&Answer::message(400, "Problems parsing JSON"), None);
    };
    match port.tracker {
        Some(tracker) => port.track(tracker, call, &gate).await,
        None => sent(&control::answer(&port.shared, &call), None),
    }
}

/// The request, or nothing if its body is not JSON.
async fn read(origin: &str, request: Request) -> Option<Call> {
    let (parts, body) = request.into_parts();
    call(origin, parts, &to_bytes(body, BODY_MAX).await.ok()?)
}

/// A request that was read whole, or nothing if its body is not JSON.
pub(crate) fn call(origin: &str, parts: Parts, bytes: &[u8]) -> Option<Call> {
    let text = String::from_utf8(bytes.to_vec()).ok()?;
    let body = if text.trim().is_empty() { Value::Null } else { serde_json::from_str(&text).ok()? };
    Some(Call {
        method: parts.method,
        origin: origin.to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
        text,
    })
}

/// What a request came to, once it is in the log.
struct Done {
    answer: Answer,
    bytes: Vec<u8>,
    date: String,
}

impl Port {
    async fn track(&self, tracker: Tracker, call: Call, gate: &Gate) -> Response {
        let fault = self.shared.lock().faults.fire(tracker, &call);
        match fault {
            None => self.apply(tracker, &call, None).response(),
            Some(action) => self.go_wrong(tracker, &call, gate, action).await,
        }
    }

    async fn go_wrong(&self, tracker: Tracker, call: &Call, gate: &Gate, action: Action) -> Response {
        match &action {
            Action::DropBefore => self.note_refusal(tracker, call, &action, None),
            Action::Hang => {
                self.note_refusal(tracker, call, &action, None);
                self.shared.stop.cancelled().await;
            }
            Action::Status(reply) => return self.refuse_with(tracker, call, &action, faked(reply)),
            Action::RateLimit(limit) => {
                let answer = self.rate_limited(tracker, limit);
                return self.refuse_with(tracker, call, &action, answer);
            }
            Action::Delay { ms } => {
                tokio::time::sleep(Duration::from_millis(*ms)).await;
                return self.apply(tracker, call, Some(&action)).response();
            }
            Action::StatusAfter(_) | Action::EmptyList | Action::Behind | Action::Meanwhile { .. } => {
                return self.apply(tracker, call, Some(&action)).response();
            }
            Action::DropAfter => {
                self.apply(tracker, call, Some(&action));
            }
            Action::Truncate => {
                let done = self.apply(tracker, call, Some(&action));
                // Half of nothing is nothing: such an answer is dropped whole.
                if done.bytes.is_empty() {
                    gate.cut();
                } else {
                    gate.cut_after(done.bytes.len() / 2);
                }
                return done.response();
            }
            Action::Kill { pid, when } => return self.kill(tracker, call, gate, &action, (*pid, *when)),
        }
        gate.cut();
        sent(&Answer::empty(500), None)
    }

    fn kill(
        &self,
        tracker: Tracker,
        call: &Call,
        gate: &Gate,
        action: &Action,
        (pid, when): (u32, KillAt),
    ) -> Response {
        match when {
            KillAt::BeforeApply => {
                self.note_refusal(tracker, call, action, None);
                kill(pid);
                gate.cut();
                sent(&Answer::empty(500), None)
            }
            KillAt::AfterApply => {
                self.apply(tracker, call, Some(action));
                kill(pid);
                gate.cut();
                sent(&Answer::empty(500), None)
            }
            KillAt::AfterAnswer => {
                let done = self.apply(tracker, call, Some(action));
                gate.then(done.bytes.len(), Box::new(move || kill(pid)));
                done.response()
            }
        }
    }

    /// The whole answer of the tracker to a request that came in without a socket, with what goes wrong with it.
    pub(crate) fn answered(
        &self,
        tracker: Tracker,
        call: &Call,
        action: Option<&Action>,
    ) -> http::Response<Bytes> {
        let done = self.apply(tracker, call, action);
        http(&done.answer, done.bytes.into(), Some(&done.date))
    }

    /// Lets the tracker answer and logs it, in one step, so that the log has the order of the changes.
    fn apply(&self, tracker: Tracker, call: &Call, action: Option<&Action>) -> Done {
        let mut everything = self.shared.lock();
        let at = everything.clock.now();
        let (real, user) = match meanwhile(&mut everything, action) {
            Ok(()) if action == Some(&Action::Behind) => everything.answer_behind(tracker, call),
            Ok(()) => everything.answer(tracker, call),
            Err(refusal) => (Answer::json(500, json!({"message": refusal.message})), None),
        };
        let applied = real.is_success() || real.status == 304;
        let answer = match action {
            Some(Action::StatusAfter(reply)) => faked(reply),
            Some(Action::EmptyList) => emptied(real),
            _ => real,
        };
        let bytes = serialised(&answer);
        let is_answered = !matches!(
            action,
            Some(Action::DropAfter | Action::Kill { when: KillAt::AfterApply | KillAt::BeforeApply, .. })
        );
        let fault = action.and_then(|action| serde_json::to_value(action).ok());
        let answered = is_answered.then_some(&answer);
        let entry = Entry { at, tracker, call, user, answer: answered, n_bytes: bytes.len(), applied, fault };
        let Everything { journal, settings, .. } = &mut *everything;
        journal.note(&entry, &settings.log);
        Done { answer, bytes, date: http_date(at) }
    }

    fn refuse_with(&self, tracker: Tracker, call: &Call, action: &Action, answer: Answer) -> Response {
        self.note_refusal(tracker, call, action, Some(&answer));
        let date = http_date(self.shared.lock().clock.now());
        sent(&answer, Some(&date))
    }

    /// Logs a request that no tracker has seen.
    fn note_refusal(&self, tracker: Tracker, call: &Call, action: &Action, answer: Option<&Answer>) {
        let mut everything = self.shared.lock();
        let at = everything.clock.now();
        let fault = serde_json::to_value(action).ok();
        let entry = Entry { at, tracker, call, user: None, answer, n_bytes: 0, applied: false, fault };
        let Everything { journal, settings, .. } = &mut *everything;
        journal.note(&entry, &settings.log);
    }

    fn rate_limited(&self, tracker: Tracker, limit: &RateLimit) -> Answer {
        let everything = self.shared.lock();
        rate_limited(tracker, limit, everything.clock.now(), &everything.settings)
    }
}

impl Done {
    fn response(self) -> Response {
        http(&self.answer, self.bytes.into(), Some(&self.date)).map(Body::from)
    }
}

/// Lets people act just before a request is answered.
fn meanwhile(everything: &mut Everything, action: Option<&Action>) -> Result<(), Refusal> {
    let Some(Action::Meanwhile { acts }) = action else { return Ok(()) };
    acts.iter().try_for_each(|act| everything.act(act).map(|_| ()))
}

fn faked(reply: &Reply) -> Answer {
    let body = (!reply.body.is_null()).then(|| reply.body.clone());
    let headers = reply.headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    Answer { status: reply.status, headers, body }
}

/// The same answer with nothing in its lists.
fn emptied(mut answer: Answer) -> Answer {
    match &mut answer.body {
        Some(Value::Array(items)) => items.clear(),
        Some(Value::Object(fields)) => {
            fields.retain(|name, _| name != "nextPageToken");
            for (name, value) in fields.iter_mut() {
                match value {
                    Value::Array(items) => items.clear(),
                    Value::Number(number) if name.starts_with("total") => *number = 0.into(),
                    Value::Bool(is_last) if name == "isLast" => *is_last = true,
                    Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                    }
                }
            }
        }
        _ => {}
    }
    answer.headers.retain(|(name, _)| name != "Link");
    answer
}

fn kill(pid: u32) {
    // Whether the process was still there shows in the test, not here.
    let _ = Command::new("kill").args(["-9", &pid.to_string()]).status();
}

/// An answer as HTTP, serialised here.
fn sent(answer: &Answer, date: Option<&str>) -> Response {
    http(answer, serialised(answer).into(), date).map(Body::from)
}

fn serialised(answer: &Answer) -> Vec<u8> {
    answer.body.as_ref().map(|body| body.to_string().into_bytes()).unwrap_or_default()
}

/// An answer as HTTP. A header that HTTP cannot carry is left out.
fn http(answer: &Answer, bytes: Bytes, date: Option<&str>) -> http::Response<Bytes> {
    let kind = answer
        .body
        .as_ref()
        .map(|_| ("content-type".to_owned(), "application/json; charset=utf-8".to_owned()));
    let mut response = http::Response::new(bytes);
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let date = date.map(|date| ("date".to_owned(), date.to_owned()));
    for (name, value) in kind.into_iter().chain(date).chain(answer.headers.iter().cloned()) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
