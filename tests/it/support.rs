//! What several subjects share: a sandbox in this process, and a client that keeps the status apart from the body.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use postmortem_sync::{
    model::{
        edit_intent::{Comment, Step},
        issue::{Edit, Issue},
    },
    sandbox::{Options, Ports, Sandbox, start},
    tracker::{Edited, Steps, TrackerError, TrackerWrite},
};
use reqwest::{Client, Method, header::HeaderMap, redirect::Policy};
use serde_json::{Value, json};

/// Edits of which nobody is told the steps.
#[async_trait]
pub(crate) trait Editing {
    async fn edit(&self, issue: &Issue, edit: &Edit) -> Result<Edited, TrackerError>;
}

#[async_trait]
impl<T: TrackerWrite + ?Sized> Editing for T {
    async fn edit(&self, issue: &Issue, edit: &Edit) -> Result<Edited, TrackerError> {
        self.edit_by_steps(issue, edit, &mut Heard::default()).await
    }
}

/// The steps of an edit, as they were told.
#[derive(Debug, Default)]
pub(crate) struct Heard(pub(crate) Vec<Step>);

#[async_trait]
impl Steps for Heard {
    fn may_say(&self, _: Comment) -> bool {
        true
    }

    async fn next(&mut self, step: Step) -> Result<(), TrackerError> {
        self.0.push(step);
        Ok(())
    }
}

/// The moment at which every test begins.
pub(crate) fn start_of_time() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

/// A sandbox with the demo world, whose clock stands still until it is advanced.
pub(crate) async fn sandbox() -> Trackers {
    sandbox_with(Value::Null).await
}

/// A sandbox with another world; `null` is the demo world.
pub(crate) async fn sandbox_with(world: Value) -> Trackers {
    let world = (!world.is_null()).then_some(world);
    let options = Options { clock: Arc::new(start_of_time), ports: Ports::default(), world };
    let sandbox = start(options).await.unwrap();
    let client = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
    Trackers { sandbox, client }
}

/// A running sandbox with a client for each of its doors.
pub(crate) struct Trackers {
    pub(crate) sandbox: Sandbox,
    pub(crate) client: Client,
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Reply {
    /// A header as text, empty if it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// How a request says who it is from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Auth<'a> {
    None,
    Bearer(&'a str),
    Basic(&'a str, &'a str),
}

pub(crate) const BOT: Auth<'static> = Auth::Bearer("sandbox-github-token");
pub(crate) const CLOUD_BOT: Auth<'static> = Auth::Basic("bot@acme.example", "sandbox-jira-token");
pub(crate) const DC_BOT: Auth<'static> = Auth::Bearer("sandbox-dc-token");

impl Trackers {
    /// Any request at all; the error is that no complete answer came.
    pub(crate) async fn request(
        &self,
        method: &str,
        url: &str,
        auth: Auth<'_>,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Result<Reply, reqwest::Error> {
        let mut request = self.client.request(method.parse::<Method>().unwrap(), url);
        request = match auth {
            Auth::None => request,
            Auth::Bearer(token) => request.bearer_auth(token),
            Auth::Basic(user, token) => request.basic_auth(user, Some(token)),
        };
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await?;
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Reply { status, headers, body })
    }

    /// A request to GitHub by the bot.
    pub(crate) async fn github(&self, method: &str, path: &str, body: Value) -> Reply {
        self.github_as(BOT, method, path, body).await
    }

    /// A request to GitHub by somebody.
    pub(crate) async fn github_as(&self, auth: Auth<'_>, method: &str, path: &str, body: Value) -> Reply {
        let url = format!("{}{path}", self.sandbox.addresses.github);
        self.request(method, &url, auth, &[], given(body)).await.unwrap()
    }

    /// A GET on GitHub by the bot.
    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.github("GET", path, Value::Null).await
    }

    /// A request to Jira Cloud by the bot.
    pub(crate) async fn jira(&self, method: &str, path: &str, body: Value) -> Reply {
        self.jira_as(CLOUD_BOT, method, path, body).await
    }

    /// A request to Jira Cloud by somebody.
    pub(crate) async fn jira_as(&self, auth: Auth<'_>, method: &str, path: &str, body: Value) -> Reply {
        let url = format!("{}/rest/api/3{path}", self.sandbox.addresses.jira);
        self.request(method, &url, auth, &[], given(body)).await.unwrap()
    }

    /// A request to Jira Data Center by the bot.
    pub(crate) async fn dc(&self, method: &str, path: &str, body: Value) -> Reply {
        let url = format!("{}/rest/api/2{path}", self.sandbox.addresses.jira_dc);
        self.request(method, &url, DC_BOT, &[], given(body)).await.unwrap()
    }

    /// A request to the control interface that must succeed.
    pub(crate) async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let reply = self.control_raw(method, path, body).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.body
    }

    /// A request to the control interface.
    pub(crate) async fn control_raw(&self, method: &str, path: &str, body: Value) -> Reply {
        let url = format!("{}{path}", self.sandbox.addresses.control);
        self.request(method, &url, Auth::None, &[], given(body)).await.unwrap()
    }

    /// A GraphQL query by the bot.
    pub(crate) async fn graphql(&self, query: &str, variables: Value) -> Reply {
        self.github("POST", "/graphql", json!({"query": query, "variables": variables})).await
    }

    /// A new issue in a repository.
    pub(crate) async fn open_issue(&self, repo: &str, body: Value) -> Value {
        let reply = self.github("POST", &format!("/repos/{repo}/issues"), body).await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        reply.body
    }

    /// A new issue in PLAT; returns its key.
    pub(crate) async fn create_jira(&self, fields: Value) -> String {
        let mut all =
            json!({"project": {"key": "PLAT"}, "issuetype": {"name": "Task"}, "summary": "A finding"});
        all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let reply = self.jira("POST", "/issue", json!({"fields": all})).await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        reply.body["key"].as_str().unwrap().to_owned()
    }
}

fn given(body: Value) -> Option<Value> {
    (!body.is_null()).then_some(body)
}
