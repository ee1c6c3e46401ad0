//! A Jira as somebody else may have written it from the vendors' descriptions: below a context path, without a date,
//! with nothing that an answer may leave out and with members that nobody asked for.
//!
//! [`Elsewhere`] serves whatever a test answers; [`Little`] is a small Jira of either edition that keeps state.

use std::sync::Mutex;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use super::*;

/// One request.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) method: String,
    /// With its query.
    pub(super) path: String,
    pub(super) is_anonymous: bool,
    pub(super) body: Value,
}

/// What is answered: status, further header lines, body.
pub(super) type Told = (u16, &'static str, String);

pub(super) fn json_of(status: u16, body: Value) -> Told {
    (status, "Content-Type: application/json\r\n", body.to_string())
}

/// A server of its own on loopback.
pub(super) struct Elsewhere {
    pub(super) url: String,
    log: Arc<Mutex<Vec<Asked>>>,
}

impl Elsewhere {
    /// Serves whatever `answer` says, each request on a connection of its own.
    pub(super) async fn start(answer: impl Fn(&Asked) -> Told + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/jira", listener.local_addr().unwrap());
        let (log, answer) = (Arc::new(Mutex::new(Vec::new())), Arc::new(answer));
        let kept = Arc::clone(&log);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (kept, answer) = (Arc::clone(&kept), Arc::clone(&answer));
                tokio::spawn(async move {
                    serve(stream, |asked| {
                        kept.lock().unwrap().push(asked.clone());
                        answer(asked)
                    })
                    .await;
                });
            }
        });
        Self { url, log }
    }

    pub(super) fn client(&self, kind: TrackerKind) -> Jira {
        Jira::connect(self.settings(kind), &credential(kind, None), Timeouts::default(), Arc::new(Still))
            .unwrap()
    }

    pub(super) fn settings(&self, kind: TrackerKind) -> JiraSettings {
        JiraSettings {
            name: TrackerName::from("jira"),
            kind,
            base_url: self.url.clone(),
            browse_url: self.url.clone(),
            label_prefix: "postmortem".to_owned(),
            projects: vec!["PLAT".to_owned()],
            statuses: StatusMap::default(),
            allowances: Allowances { reads_per_minute: 100_000, ..Allowances::JIRA },
        }
    }

    /// The requests of a method whose path without its query ends so.
    pub(super) fn sent(&self, method: &str, ending: &str) -> Vec<Asked> {
        let is_it = |asked: &&Asked| {
            asked.method == method && asked.path.split('?').next().unwrap().ends_with(ending)
        };
        self.log.lock().unwrap().iter().filter(is_it).cloned().collect()
    }
}

async fn serve(mut stream: TcpStream, answer: impl FnOnce(&Asked) -> Told) {
    let mut bytes = Vec::new();
    let (head, length) = loop {
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return;
        }
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8(bytes.drain(..end + 4).collect()).unwrap();
            let length = head
                .lines()
                .find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            break (head, length.unwrap_or(0));
        }
    };
    while bytes.len() < length {
        stream.read_buf(&mut bytes).await.unwrap();
    }
    let mut words = head.split_whitespace();
    let asked = Asked {
        method: words.next().unwrap().to_owned(),
        path: words.next().unwrap().to_owned(),
        is_anonymous: !head.to_lowercase().contains("authorization:"),
        body: serde_json::from_slice(&bytes).unwrap_or_default(),
    };
    let (status, headers, body) = answer(&asked);
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status} So\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(answer.as_bytes()).await.unwrap();
    stream.shutdown().await.ok();
}

/// A small Jira with one project and issues that are members of [`Value`], the barest that the descriptions allow:
/// no createmeta, no permissions, no changelog; ids are numbers; a create ignores properties and tells the id only.
pub(super) struct Little {
    kind: TrackerKind,
    issues: Mutex<Vec<Value>>,
}

impl Little {
    pub(super) fn new(kind: TrackerKind) -> Self {
        Self { kind, issues: Mutex::new(Vec::new()) }
    }

    pub(super) fn answer(&self, asked: &Asked) -> Told {
        let version = if self.kind == CLOUD { "3" } else { "2" };
        let path = asked.path.split('?').next().unwrap();
        let Some(path) = path.strip_prefix(&format!("/jira/rest/api/{version}/")) else { return nowhere() };
        if asked.is_anonymous {
            return json_of(401, json!({"message": "who are you?"}));
        }
        let parts: Vec<&str> = path.split('/').collect();
        match (asked.method.as_str(), parts.as_slice()) {
            ("GET", ["myself"]) => json_of(200, self.user("bot")),
            ("GET", ["project", "PLAT" | "7"]) => {
                json_of(200, json!({"id": 7, "key": "PLAT", "new": {"x": []}}))
            }
            ("POST", ["issue"]) => self.create(&asked.body),
            ("POST", ["issue", "bulkfetch"]) if self.kind == CLOUD => self.all(|issue| {
                asked.body["issueIdsOrKeys"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|id| is_named(issue, id.as_str().unwrap()))
            }),
            ("POST", ["search", "jql"]) if self.kind == CLOUD => self.search(&asked.body),
            ("POST", ["search"]) if self.kind == DC => self.search(&asked.body),
            (_, ["issue", id, rest @ ..]) => self.one(asked, id, rest),
            _ => nowhere(),
        }
    }

    fn user(&self, name: &str) -> Value {
        if self.kind == CLOUD { json!({"accountId": name}) } else { json!({"name": name}) }
    }

    fn create(&self, body: &Value) -> Told {
        let mut issues = self.issues.lock().unwrap();
        let id = 30 + issues.len();
        let fields = json!({
            "summary": body["fields"]["summary"], "labels": body["fields"]["labels"], "status": status("new"),
            "creator": self.user("bot"), "project": {"id": 7, "key": "PLAT"},
            "created": "2026-09-21T14:13:20.000+0000", "updated": "2026-09-21T14:13:20.000+0000",
        });
        issues.push(json!({"id": id, "key": format!("PLAT-{id}"), "fields": fields, "comments": []}));
        json_of(201, json!({"id": id}))
    }

    fn all(&self, fits: impl Fn(&Value) -> bool) -> Told {
        let issues: Vec<Value> =
            self.issues.lock().unwrap().iter().filter(|issue| fits(issue)).cloned().collect();
        json_of(200, json!({"issues": issues}))
    }

    /// One label in quotes after an equals sign, and everything in its project, is all the query language that it knows;
    /// there is no total.
    fn search(&self, body: &Value) -> Told {
        let jql = body["jql"].as_str().unwrap();
        if jql.starts_with("project in (\"PLAT\") AND updated >= ") {
            let start = body["startAt"].as_u64().unwrap_or(0) as usize;
            let issues: Vec<Value> = self.issues.lock().unwrap().iter().skip(start).cloned().collect();
            return json_of(200, json!({"issues": issues}));
        }
        let Some((_, label)) = jql.split_once("labels = \"") else {
            return json_of(400, json!({"errorMessages": ["what?"]}));
        };
        let label = label.split('"').next().unwrap();
        let start = body["startAt"].as_u64().unwrap_or(0);
        let fits =
            |issue: &Value| issue["fields"]["labels"].as_array().unwrap().iter().any(|one| one == label);
        self.all(|issue| start == 0 && fits(issue))
    }

    fn one(&self, asked: &Asked, id: &str, rest: &[&str]) -> Told {
        let mut issues = self.issues.lock().unwrap();
        let Some(issue) = issues.iter_mut().find(|issue| is_named(issue, id)) else {
            return nowhere();
        };
        let body = &asked.body;
        match (asked.method.as_str(), rest) {
            ("GET", []) => return json_of(200, issue.clone()),
            ("PUT", []) => {
                for operation in body["update"]["labels"].as_array().unwrap() {
                    let labels = issue["fields"]["labels"].as_array_mut().unwrap();
                    labels.retain(|label| *label != operation["remove"]);
                    labels.extend(operation.get("add").cloned());
                }
            }
            ("PUT", ["assignee"]) => {
                let is_nobody = body.as_object().unwrap().values().all(Value::is_null);
                issue["fields"]["assignee"] = if is_nobody { Value::Null } else { body.clone() };
            }
            ("GET", ["transitions"]) => {
                let ways = json!([{"id": 3}, {"id": 5, "to": status("done")}, {"id": 6, "name": null, "to": status("new")}]);
                return json_of(200, json!({"transitions": ways}));
            }
            ("POST", ["transitions"]) => {
                issue["fields"]["status"] =
                    status(if body["transition"]["id"] == "5" { "done" } else { "new" });
            }
            ("GET", ["comment"]) => return json_of(200, json!({"comments": issue["comments"]})),
            ("POST", ["comment"]) => {
                let comments = issue["comments"].as_array_mut().unwrap();
                comments
                    .push(json!({"id": comments.len(), "author": self.user("bot"), "body": body["body"]}));
            }
            _ => return nowhere(),
        }
        (204, "", String::new())
    }
}

fn is_named(issue: &Value, id: &str) -> bool {
    issue["id"].as_u64() == id.parse().ok()
}

/// A status in the words of its users.
fn status(category: &str) -> Value {
    let name = if category == "done" { "Fertig" } else { "Zu erledigen" };
    json!({"name": name, "statusCategory": {"key": category}})
}

fn nowhere() -> Told {
    (404, "Content-Type: text/html\r\n", "<html>nowhere</html>".to_owned())
}
