//! People at work: what `POST /act` plays.
//!
//! Knows how a deed is written down and whom it concerns. Must not know how it is done.

use serde_json::{Map, Value};

use super::{Everything, Refusal};
use crate::sandbox::wire::Tracker;

/// What a deed is done to.
#[derive(Clone, Debug)]
pub(crate) enum Subject {
    /// An issue, by its human name.
    Issue(String),
    /// A repository, by full name.
    Repo(String),
    /// A project, by key.
    Project(String),
}

/// A deed on its way: who, on what, and the rest of the document.
#[derive(Clone, Debug)]
pub(crate) struct Deed {
    pub(crate) login: String,
    pub(crate) subject: Subject,
    /// The document without `as`, `tracker` and the subject: `do` and its arguments.
    pub(crate) rest: Value,
}

impl Everything {
    /// Does what a person does, and answers the thing as it is then.
    pub(crate) fn act(&mut self, document: &Value) -> Result<Value, Refusal> {
        let Value::Object(fields) = document else { return Err(Refusal::new("act: expected an object")) };
        let mut fields = fields.clone();
        let login = self.known(&taken(&mut fields, "as")?)?;
        let name = taken(&mut fields, "tracker")?;
        let tracker = Tracker::named(&name);
        let tracker = tracker.ok_or_else(|| {
            Refusal::new(format!("act: unknown tracker `{name}`")).allowing(Tracker::ALL.map(Tracker::name))
        })?;
        if let Some(done) = self.act_on_wiki(tracker, &mut fields) {
            return done;
        }
        let subject = subject(&mut fields)?;
        let deed = Deed { login, subject, rest: Value::Object(fields) };
        match tracker {
            Tracker::Github => self.act_on_github(deed),
            Tracker::Jira | Tracker::JiraDc => self.act_on_jira(tracker, deed),
        }
    }
}

fn taken(fields: &mut Map<String, Value>, name: &str) -> Result<String, Refusal> {
    let value = fields.shift_remove(name);
    let text = value.as_ref().and_then(Value::as_str).map(str::to_owned);
    text.ok_or_else(|| {
        Refusal::new(format!("act: `{name}` is missing"))
            .allowing(["as", "tracker", "issue", "repo", "project", "do"])
    })
}

fn subject(fields: &mut Map<String, Value>) -> Result<Subject, Refusal> {
    let mut take = |name: &str| fields.shift_remove(name).as_ref().and_then(Value::as_str).map(str::to_owned);
    let found = take("issue")
        .map(Subject::Issue)
        .or_else(|| take("repo").map(Subject::Repo))
        .or_else(|| take("project").map(Subject::Project));
    found.ok_or_else(|| Refusal::new("act: what is it done to?").allowing(["issue", "repo", "project"]))
}
