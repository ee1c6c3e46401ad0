//! The line to a tracker: the HTTP port, with everything that a network and a server do to requests and answers.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header::AUTHORIZATION};
use postmortem_sync::net::{
    foreign::Held,
    http::{Http, HttpError, Request, Response},
};
use serde_json::{Value, json};

use crate::{
    fault::Fault,
    gate::Gate,
    hints,
    oracle::lives::By,
    partial,
    stage::{GITHUB, JIRA, REPOSITORY},
};

/// How long a late answer takes, in milliseconds.
const LATE: i64 = 60_000;

#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) gate: Gate,
    pub(crate) tracker: &'static str,
    /// The `Authorization` header; none for visitors.
    pub(crate) credential: Option<&'static str>,
    held: Held,
}

impl Line {
    pub(crate) fn new(gate: &Gate, tracker: &'static str, credential: Option<&'static str>) -> Arc<Self> {
        let secret = credential.and_then(|header| header.split(' ').nth(1)).unwrap_or_default();
        Arc::new(Self { gate: gate.clone(), tracker, credential, held: Held::token(secret) })
    }

    /// The tracker executes a request.
    fn execute(&self, request: &Request) -> Response {
        let mut request = request.clone();
        if let Some(credential) = self.credential {
            request.headers_mut().insert(AUTHORIZATION, HeaderValue::from_static(credential));
        }
        let origin = if self.tracker == "github" { GITHUB } else { JIRA };
        if is_read(&request) {
            if self.gate.state().behind && is_of_issue(&request) {
                return self.gate.world.answer_behind(self.tracker, origin, request).unwrap();
            }
            if self.gate.strikes_deep(Fault::Behind, 4) {
                self.gate.follow_in_time();
                return self.gate.world.answer_behind(self.tracker, origin, request).unwrap();
            }
            return self.gate.world.answer(self.tracker, origin, request).unwrap();
        }
        let is_transition = request.uri().path().ends_with("/transitions");
        let response = self.gate.world.answer(self.tracker, origin, request).unwrap();
        if is_transition && response.status() == StatusCode::BAD_REQUEST {
            self.gate.struck(Fault::Refused);
        }
        let (state, now) = (self.gate.world.state(), self.gate.time.millis());
        self.gate.state().oracle.look(&state, now, By::Us);
        response
    }

    /// What happens before a request is executed, if anything does.
    fn before(&self, request: &Request) -> Option<Result<Response, HttpError>> {
        let strikes = |fault, n| self.gate.strikes(fault, n);
        let lost = |why: &str| Some(Err(HttpError::Lost(why.to_owned())));
        if self.gate.state().unread && is_of_issue(request) {
            return Some(Ok(reply(502, &[], "<html>Bad gateway</html>")));
        }
        if strikes(Fault::Dropped, 15) {
            return lost("the connection ended");
        }
        if strikes(Fault::Unsent, 15) {
            return Some(Err(HttpError::Unsent("connection refused".to_owned())));
        }
        if strikes(Fault::Broken, 15) {
            return Some(Ok(reply(502, &[], "<html>Bad gateway</html>")));
        }
        if strikes(Fault::Limited, 20) {
            return Some(Ok(reply(429, &[("retry-after", "20")], "{}")));
        }
        if strikes(Fault::LimitedBare, 20) {
            return Some(Ok(reply(429, &[], "{}")));
        }
        if strikes(Fault::Secondary, 20) {
            let said = r#"{"message":"You have exceeded a secondary rate limit. Please wait."}"#;
            return Some(Ok(reply(403, &[], said)));
        }
        if strikes(Fault::Unauthorised, 25) {
            return Some(Ok(reply(401, &[], r#"{"message":"Bad credentials"}"#)));
        }
        if self.gate.strikes_deep(Fault::Echo, 15) {
            let said = String::from_utf8_lossy(request.body());
            let said = format!(
                "cannot handle {} with {}: {said}",
                request.uri(),
                self.credential.unwrap_or_default()
            );
            let said = json!({"message": said, "errorMessages": [said]}).to_string();
            return Some(Ok(reply(400, &[], "").map(|_| said.into())));
        }
        None
    }

    /// What becomes of an answer.
    fn after(&self, response: Response) -> Result<Response, HttpError> {
        let strikes = |fault, n| self.gate.strikes(fault, n);
        if strikes(Fault::Late, 15) {
            self.gate.time.pass(LATE);
        }
        if strikes(Fault::AnswerLost, 15) {
            return Err(HttpError::Lost("the connection ended".to_owned()));
        }
        if strikes(Fault::BrokenAfter, 15) {
            return Ok(reply(503, &[], ""));
        }
        if strikes(Fault::Truncated, 15) && response.body().len() > 1 {
            // What the port hands on of an answer that ends early.
            return Err(HttpError::Lost("the answer ended early".to_owned()));
        }
        if strikes(Fault::Mangled, 12)
            && let Ok(mut body) = serde_json::from_slice::<Value>(response.body())
        {
            self.gate.state().oracle.lied = true;
            self.mangle(&mut body);
            return Ok(response.map(|_| body.to_string().into()));
        }
        if self.gate.strikes_deep(Fault::Partial, 8)
            && let Ok(mut body) = serde_json::from_slice::<Value>(response.body())
        {
            self.gate.state().oracle.partial = true;
            partial::leave_out(&self.gate, &mut body);
            return Ok(response.map(|_| body.to_string().into()));
        }
        Ok(response)
    }

    /// Makes one field somewhere null, takes it away, or adds one that nobody knows.
    fn mangle(&self, value: &mut Value) {
        let gate = &self.gate;
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                let at = gate.upto(fields.len() as i64 - 1) as usize;
                let name = fields.keys().nth(at).unwrap().clone();
                let deeper = fields[&name].is_object() || fields[&name].is_array();
                match gate.upto(5) {
                    0..=2 if deeper => self.mangle(&mut fields[&name]),
                    0 | 3 => fields[&name] = Value::Null,
                    1 | 4 => drop(fields.remove(&name)),
                    _ => drop(fields.insert("unheard_of".to_owned(), json!({"a": [1]}))),
                }
            }
            Value::Array(items) if !items.is_empty() => {
                let at = gate.upto(items.len() as i64 - 1) as usize;
                self.mangle(&mut items[at]);
            }
            _ => {}
        }
    }
}

#[async_trait]
impl Http for Line {
    fn held(&self) -> Option<&Held> {
        self.credential.map(|_| &self.held)
    }

    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let line = format!("{} {} {}", self.tracker, request.method(), request.uri());
        // What happens from here on, happens to a request that has left.
        let now = self.gate.time.millis();
        self.gate.pass(&line).await;
        let body = String::from_utf8_lossy(request.body()).into_owned();
        let to_repository = line.contains(REPOSITORY) && request.method() != "GET";
        self.gate.state().oracle.copy_spoke(&line);
        self.gate.state().oracle.sent(&line, &body, to_repository, now);
        let answer = match self.before(&request) {
            Some(answer) => answer,
            None => {
                if matches!(*request.method(), Method::GET | Method::PUT)
                    && self.gate.strikes(Fault::Doubled, 15)
                {
                    self.execute(&request);
                }
                let executed = self.execute(&request);
                if !is_read(&request) && self.gate.strikes_deep(Fault::CutEdit, 4) {
                    self.gate.die().await;
                }
                let executed = if hints::is_asked_for(&request) {
                    hints::twisted(&self.gate, executed)
                } else {
                    executed
                };
                self.after(executed)
            }
        };
        let told = match &answer {
            Ok(response) => format!("  {}", response.status()),
            Err(error) => format!("  {error}"),
        };
        self.gate.pass(&told).await;
        answer
    }
}

/// Whether a request asks what issues show, one by one or many at a time.
fn is_of_issue(request: &Request) -> bool {
    let body = String::from_utf8_lossy(request.body());
    let path = request.uri().path();
    let is_named = ["/issues/", "/issue/"].iter().any(|part| path.contains(part));
    is_named || body.contains("nodes(ids")
}

fn is_read(request: &Request) -> bool {
    let path = request.uri().path();
    let asks = path.ends_with("/graphql") && !request.body().windows(8).any(|text| text == b"mutation")
        || path.contains("/search");
    request.method() == Method::GET || asks
}

fn reply(status: u16, headers: &[(&'static str, &'static str)], body: &'static str) -> Response {
    let mut response = Response::new(Bytes::from_static(body.as_bytes()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    for (name, value) in headers {
        response.headers_mut().insert(*name, HeaderValue::from_static(value));
    }
    response
}
