//! The line to a tracker: the HTTP port, with everything that a network and a server do to requests and answers.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header::AUTHORIZATION};
use postmortem_sync::tracker::http::{Http, HttpError, Request, Response};
use serde_json::{Value, json};

use crate::{
    fault::Fault,
    gate::Gate,
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
}

impl Line {
    pub(crate) fn new(gate: &Gate, tracker: &'static str, credential: Option<&'static str>) -> Arc<Self> {
        Arc::new(Self { gate: gate.clone(), tracker, credential })
    }

    /// The tracker executes a request.
    fn execute(&self, request: &Request) -> Response {
        let mut request = request.clone();
        if let Some(credential) = self.credential {
            request.headers_mut().insert(AUTHORIZATION, HeaderValue::from_static(credential));
        }
        let origin = if self.tracker == "github" { GITHUB } else { JIRA };
        let is_read = request.method() == Method::GET || request.uri().path().ends_with("/graphql");
        let response = self.gate.world.answer(self.tracker, origin, request).unwrap();
        if !is_read {
            let state = self.gate.world.state();
            self.gate.state().oracle.look(&state);
        }
        response
    }

    /// What happens before a request is executed, if anything does.
    fn before(&self) -> Option<Result<Response, HttpError>> {
        let strikes = |fault, n| self.gate.strikes(fault, n);
        let lost = |why: &str| Some(Err(HttpError::Lost(why.to_owned())));
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
            self.mangle(&mut body);
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
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let line = format!("{} {} {}", self.tracker, request.method(), request.uri());
        // What happens from here on, happens to a request that has left.
        let now = self.gate.time.millis();
        self.gate.pass(&line).await;
        let body = String::from_utf8_lossy(request.body()).into_owned();
        let to_repository = line.contains(REPOSITORY) && request.method() != "GET";
        self.gate.state().oracle.sent(&line, &body, to_repository, now);
        let answer = match self.before() {
            Some(answer) => answer,
            None => {
                if matches!(*request.method(), Method::GET | Method::PUT)
                    && self.gate.strikes(Fault::Doubled, 15)
                {
                    self.execute(&request);
                }
                self.after(self.execute(&request))
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

fn reply(status: u16, headers: &[(&'static str, &'static str)], body: &'static str) -> Response {
    let mut response = Response::new(Bytes::from_static(body.as_bytes()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    for (name, value) in headers {
        response.headers_mut().insert(*name, HeaderValue::from_static(value));
    }
    response
}
