//! A rig for whole stories: a sandbox in a process of its own, a folder with configuration and documents, and the real binary.
//!
//! What a story asserts is read from the sandbox: its state and its log of requests.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use reqwest::{Client, Method, redirect::Policy};
use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

const BINARY: &str = env!("CARGO_BIN_EXE_postmortem-sync");
/// How long anything may take before a story gives up on it; everything is waited for by polling.
const DEADLINE: Duration = Duration::from_secs(180);

/// A sandbox and a folder; both are gone when it is dropped.
pub(crate) struct Rig {
    folder: TempDir,
    pub(crate) addresses: Addresses,
    client: Client,
    runtime: Runtime,
    sandbox: Child,
}

/// Where the sandbox listens.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Addresses {
    pub(crate) github: String,
    pub(crate) jira: String,
    pub(crate) jira_dc: String,
    pub(crate) control: String,
}

/// How a process ended and what it said.
#[derive(Debug, Clone)]
pub(crate) struct Ran {
    /// Exit code; none when a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// Fails unless it ended with this code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "\nstdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// What it printed, as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}\nstdout:\n{}\nstderr:\n{}", self.stdout, self.stderr))
    }
}

/// A process that still runs; it is killed when it is dropped.
pub(crate) struct Running {
    child: Child,
    out: Option<JoinHandle<String>>,
    err: Option<JoinHandle<String>>,
}

impl Running {
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Lets a poised process become the program.
    pub(crate) fn go(&mut self) {
        self.child.stdin.take().unwrap().write_all(b"go\n").unwrap();
    }

    /// Asks it to stop, as a service manager does.
    pub(crate) fn terminate(&self) {
        self.signal("TERM");
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for its end.
    #[track_caller]
    pub(crate) fn wait(mut self) -> Ran {
        until("the process ends", || self.has_ended().then_some(()));
        let code = self.child.wait().unwrap().code();
        let said = |pipe: Option<JoinHandle<String>>| pipe.unwrap().join().unwrap();
        Ran { code, stdout: said(self.out.take()), stderr: said(self.err.take()) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // One that has ended already cannot be killed, which is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Rig {
    /// A sandbox with the demo world.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut sandbox = program(folder.path(), &["sandbox"]).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(sandbox.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let addresses = serde_json::from_str(&line).unwrap();
        let client = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let rig = Self { folder, addresses, client, runtime, sandbox };
        rig.write("secrets/github", "sandbox-github-token\n");
        rig.write("secrets/jira", "sandbox-jira-token\n");
        rig.write("secrets/jira-dc", "sandbox-dc-token\n");
        rig
    }

    /// A file of the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file of the folder.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        if name.starts_with("secrets/") {
            // Whoever can read a secret is told of it.
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }

    /// Reads a file of the folder.
    #[track_caller]
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Replaces a text that occurs in a file of the folder.
    #[track_caller]
    pub(crate) fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "{name} has no `{from}`:\n{text}");
        self.write(name, &text.replace(from, to));
    }

    /// Writes the main configuration file, with the sandbox's addresses for `@GITHUB@`, `@JIRA@` and `@JIRA_DC@`.
    pub(crate) fn configure(&self, text: &str) {
        let at = &self.addresses;
        let text = text.replace("@GITHUB@", &at.github).replace("@JIRA@", &at.jira);
        self.write("postmortem-sync.yaml", &text.replace("@JIRA_DC@", &at.jira_dc));
    }

    /// Starts the program in the folder.
    pub(crate) fn spawn(&self, arguments: &[&str]) -> Running {
        spawn(self.folder.path(), arguments)
    }

    /// Starts a process that becomes the program when it is told to go: its id is known before it has done anything.
    pub(crate) fn poise(&self, arguments: &[&str]) -> Running {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "read go && exec \"$0\" \"$@\"", BINARY]).args(arguments);
        surrounded(&mut command, self.folder.path()).stdin(Stdio::piped());
        watched(command)
    }

    /// Runs the program to its end as a shell starts it: `script` ends in `exec "$0" "$@"`.
    #[track_caller]
    pub(crate) fn run_by(&self, script: &str, arguments: &[&str]) -> Ran {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script, BINARY]).args(arguments);
        surrounded(&mut command, self.folder.path()).stdin(Stdio::null());
        watched(command).wait()
    }

    /// Runs the program in the folder to its end.
    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.spawn(arguments).wait()
    }

    /// Runs the program, which must succeed, and reads what it prints as JSON.
    #[track_caller]
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        self.run(&[arguments, &["--format", "json"]].concat()).exits(0).json()
    }

    /// One cycle, printed as JSON.
    #[track_caller]
    pub(crate) fn sync(&self) -> Ran {
        self.run(&["sync", "--format", "json"])
    }

    /// Everything the trackers hold.
    pub(crate) fn state(&self) -> Value {
        self.control("GET", "/state", &Value::Null)
    }

    /// Every issue of the three trackers, each with its key under `key`, its tracker and its place.
    pub(crate) fn issues(&self) -> Vec<Value> {
        let state = self.state();
        let mut issues = Vec::new();
        for (tracker, places, place, key) in [
            ("github", "repositories", "full_name", "issue"),
            ("jira", "projects", "key", "key"),
            ("jira_dc", "projects", "key", "key"),
        ] {
            for holder in state[tracker][places].as_array().unwrap() {
                for issue in holder["issues"].as_array().unwrap() {
                    let mut issue = issue.clone();
                    issue["key"] = issue[key].clone();
                    issue["tracker"] = json!(tracker);
                    issue["place"] = holder[place].clone();
                    issues.push(issue);
                }
            }
        }
        issues
    }

    /// The issue of a key, such as `acme/payments#1` or `PLAT-1`.
    #[track_caller]
    pub(crate) fn issue(&self, key: &str) -> Value {
        let found = self.issues().into_iter().find(|issue| issue["key"] == key);
        found.unwrap_or_else(|| panic!("there is no issue {key}"))
    }

    /// Every request since the log was last cleared.
    pub(crate) fn log(&self) -> Vec<Value> {
        self.control("GET", "/log", &Value::Null).as_array().unwrap().clone()
    }

    /// Requests that would change something, answered or not, each as `POST /path`.
    pub(crate) fn writes(&self) -> Vec<String> {
        let log = self.control("GET", "/log?writes=true", &Value::Null);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let shown = |entry: &Value| format!("{} {}", text(&entry["method"]), text(&entry["path"]));
        log.as_array().unwrap().iter().map(shown).collect()
    }

    /// Numbers of requests by tracker and method, and of writes that were applied.
    pub(crate) fn counts(&self) -> Value {
        self.control("GET", "/log/counts", &Value::Null)
    }

    /// Forgets the log.
    pub(crate) fn forget(&self) {
        self.control("DELETE", "/log", &Value::Null);
    }

    /// One cycle that must end well and must not write to any tracker.
    #[track_caller]
    pub(crate) fn quiet_sync(&self, code: i32) -> Ran {
        self.forget();
        let ran = self.sync().exits(code);
        assert_eq!(self.writes(), Vec::<String>::new(), "a quiet cycle writes nothing\n{}", ran.stdout);
        assert_eq!(self.counts()["writes_applied"], 0);
        assert!(self.counts()["total"].as_u64() > Some(0), "it did read");
        ran
    }

    /// Plays a person: `act("ana", "acme/payments#3", json!({"do": "close", "reason": "completed"}))`.
    #[track_caller]
    pub(crate) fn act(&self, person: &str, key: &str, deed: Value) {
        let mut act = json!({"as": person, "tracker": self.issue(key)["tracker"], "issue": key});
        act.as_object_mut().unwrap().extend(deed.as_object().unwrap().clone());
        self.control("POST", "/act", &act);
    }

    /// Orders a fault.
    pub(crate) fn fault(&self, fault: &Value) {
        self.control("POST", "/faults", fault);
    }

    /// A request to the sandbox's control interface that must succeed.
    #[track_caller]
    pub(crate) fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        let (status, text) = self.request(method, &format!("{}{path}", self.addresses.control), body);
        assert_eq!(status, 200, "{method} {path} {body}: {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// A GET of any page; nothing when nobody answers.
    pub(crate) fn get(&self, url: &str) -> Option<(u16, Value)> {
        let asked = async {
            let response = self.client.get(url).send().await.ok()?;
            Some((response.status().as_u16(), response.json().await.ok()?))
        };
        self.runtime.block_on(asked)
    }

    #[track_caller]
    fn request(&self, method: &str, url: &str, body: &Value) -> (u16, String) {
        let mut request = self.client.request(method.parse::<Method>().unwrap(), url);
        if !body.is_null() {
            request = request.json(body);
        }
        self.runtime.block_on(async {
            let response = request.send().await.unwrap();
            (response.status().as_u16(), response.text().await.unwrap())
        })
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        // One that has ended already cannot be killed, which is fine.
        let _ = self.sandbox.kill();
        let _ = self.sandbox.wait();
    }
}

/// Starts the program in a folder.
pub(crate) fn spawn(folder: &Path, arguments: &[&str]) -> Running {
    watched(program(folder, arguments))
}

/// Starts a command whose words are read while it runs.
fn watched(mut command: Command) -> Running {
    let mut child = command.spawn().unwrap();
    let out = said(child.stdout.take().unwrap());
    let err = said(child.stderr.take().unwrap());
    Running { child, out: Some(out), err: Some(err) }
}

/// Reads a pipe to its end beside the test, so that the process never waits for us.
fn said(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = String::new();
        pipe.read_to_string(&mut text).unwrap();
        text
    })
}

/// Polls until something is there; a story never waits for time to pass.
#[track_caller]
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    while begun.elapsed() < DEADLINE {
        if let Some(found) = look() {
            return found;
        }
        std::thread::park_timeout(Duration::from_millis(5));
    }
    panic!("waited in vain until {what}");
}

/// The program with nothing of this machine's environment.
fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    surrounded(command.args(arguments), folder).stdin(Stdio::null());
    command
}

/// Puts a command into a folder, with nothing of this machine's environment.
fn surrounded<'a>(command: &'a mut Command, folder: &Path) -> &'a mut Command {
    command.current_dir(folder).env_clear().stdout(Stdio::piped()).stderr(Stdio::piped())
}
