//! Trackers on loopback: a GitHub, a Jira Cloud and a Jira Data Center with state, rules and faults, each Jira with the wiki beside it.
//!
//! Knows how the real ones behave, as far as a synchroniser can tell the difference.
//! Must not use anything else of this crate, read the system's clock, or reach beyond loopback.
//!
//! [`start`] binds four listeners. Three are trackers; the fourth is the control interface, by which a test
//! or a demo seeds the world, looks at it, injects faults and plays people. [`Sandbox::world`] gives the same
//! operations in-process, and [`World::detached`] is a world that answers in-process as well, without a socket.
//!
//! | control request | what it does |
//! |---|---|
//! | `POST /world` | replace people, repositories and projects (no body: the demo world) |
//! | `POST /world/add` | plant more into the world as it is |
//! | `GET /state` | everything, short and without URLs |
//! | `GET /log`, `GET /log/counts`, `DELETE /log` | every request with its answer and whether it was applied |
//! | `POST`, `GET`, `DELETE /faults` | which request goes wrong next, and how |
//! | `POST`, `GET /settings` | lags, limits, anonymous mode, how much is logged |
//! | `POST /act` | play a person: close, assign, transition, transfer, move, … |
//! | `POST`, `GET /clock` | move the clock forward |

mod clock;
mod control;
mod fault;
mod gate;
mod github;
mod jira;
mod journal;
mod people;
mod refusal;
mod serve;
mod settings;
mod wiki;
mod wire;
mod world;

use std::{future::IntoFuture as _, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

pub use self::{clock::BaseClock, world::Refusal};
use self::{
    fault::Action,
    gate::{Gate, GatedListener},
    serve::{Port, Shared, router},
    wire::Tracker,
    world::Everything,
};

/// How long `stop` waits for answers under way.
const STOP_PATIENCE: Duration = Duration::from_secs(2);

/// What a sandbox needs to start.
#[derive(Clone)]
pub struct Options {
    /// The base clock; the control interface adds an offset to it.
    pub clock: BaseClock,
    /// Where to listen; 0 takes a free port.
    pub ports: Ports,
    /// The world to begin with; `None` is the demo world.
    pub world: Option<Value>,
}

/// The four ports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ports {
    /// GitHub.
    pub github: u16,
    /// Jira Cloud.
    pub jira: u16,
    /// Jira Data Center.
    pub jira_dc: u16,
    /// The control interface.
    pub control: u16,
}

/// Where the sandbox listens, as URLs without a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// GitHub: REST here and below `/api/v3`, GraphQL at `/graphql` and `/api/graphql`.
    pub github: String,
    /// Jira Cloud.
    pub jira: String,
    /// Jira Data Center.
    pub jira_dc: String,
    /// The control interface.
    pub control: String,
}

/// A running sandbox. It ends with [`Sandbox::stop`], or abruptly when dropped with its runtime.
pub struct Sandbox {
    /// Where it listens.
    pub addresses: Addresses,
    shared: Arc<Shared>,
    tasks: Vec<JoinHandle<()>>,
}

/// Starts a sandbox on 127.0.0.1.
///
/// # Errors
///
/// When a port is taken, or when the world given does not make sense.
pub async fn start(options: Options) -> Result<Sandbox> {
    let mut everything = Everything::new(options.clock);
    everything.replace(&options.world.unwrap_or_default()).context("the world to begin with")?;
    let shared = Arc::new(Shared::new(everything));
    let mut tasks = Vec::new();
    let mut urls = Vec::new();
    let Ports { github, jira, jira_dc, control } = options.ports;
    let wanted = [
        (Some(Tracker::Github), github),
        (Some(Tracker::Jira), jira),
        (Some(Tracker::JiraDc), jira_dc),
        (None, control),
    ];
    for (tracker, port) in wanted {
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let listener = TcpListener::bind(address).await.with_context(|| format!("listening on {address}"))?;
        let origin = format!("http://{}", listener.local_addr().context("asking for the port")?);
        urls.push(origin.clone());
        tasks.push(listen(listener, Port { shared: Arc::clone(&shared), tracker, origin }));
    }
    let [github, jira, jira_dc, control] = <[String; 4]>::try_from(urls)
        .map_err(|urls| anyhow::anyhow!("bound {} of four listeners", urls.len()))?;
    Ok(Sandbox { addresses: Addresses { github, jira, jira_dc, control }, shared, tasks })
}

fn listen(listener: TcpListener, port: Port) -> JoinHandle<()> {
    let stop = port.shared.stop.clone();
    let service = router(port).into_make_service_with_connect_info::<Gate>();
    let server = axum::serve(GatedListener(listener), service).with_graceful_shutdown(stop.cancelled_owned());
    tokio::spawn(async move {
        // Serving ends by `stop` alone; accept errors are retried by axum.
        let _ = server.into_future().await;
    })
}

impl Sandbox {
    /// The world behind the listeners.
    #[must_use]
    pub fn world(&self) -> World {
        World(Arc::clone(&self.shared))
    }

    /// Stops listening, lets answers under way finish for two seconds, and returns.
    pub async fn stop(self) {
        self.shared.stop.cancel();
        for mut task in self.tasks {
            if tokio::time::timeout(STOP_PATIENCE, &mut task).await.is_err() {
                task.abort();
            }
        }
    }
}

/// The world of a sandbox, with the operations of the control interface.
#[derive(Clone)]
pub struct World(Arc<Shared>);

impl World {
    /// A world that nobody listens for: requests are handed to [`World::answer`].
    ///
    /// # Errors
    ///
    /// When the world given does not make sense.
    pub fn detached(clock: BaseClock, world: &Value) -> Result<Self, Refusal> {
        let mut everything = Everything::new(clock);
        everything.replace(world)?;
        Ok(Self(Arc::new(Shared::new(everything))))
    }

    /// What a tracker, `github`, `jira` or `jira_dc`, answers to a request, at once and without any fault. `origin` is
    /// the address that its links begin with.
    ///
    /// # Errors
    ///
    /// When there is no such tracker, or the body is not JSON.
    pub fn answer(
        &self,
        tracker: &str,
        origin: &str,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, Refusal> {
        self.exchange(tracker, (origin, request), None)
    }

    /// The same answer to a read, from the replica: every issue is as it was at the last [`World::follow`].
    ///
    /// # Errors
    ///
    /// When there is no such tracker, or the body is not JSON.
    pub fn answer_behind(
        &self,
        tracker: &str,
        origin: &str,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, Refusal> {
        self.exchange(tracker, (origin, request), Some(&Action::Behind))
    }

    /// Lets the replica follow up to now.
    pub fn follow(&self) {
        self.0.lock().follow();
    }

    fn exchange(
        &self,
        tracker: &str,
        (origin, request): (&str, http::Request<Bytes>),
        action: Option<&Action>,
    ) -> Result<http::Response<Bytes>, Refusal> {
        let named = Tracker::named(tracker).ok_or_else(|| Refusal::new(format!("no tracker `{tracker}`")))?;
        let (parts, body) = request.into_parts();
        let call = serve::call(origin, parts, &body).ok_or_else(|| Refusal::new("the body is not JSON"))?;
        let port = Port { shared: Arc::clone(&self.0), tracker: Some(named), origin: origin.to_owned() };
        Ok(port.answered(named, &call, action))
    }

    /// Replaces people, repositories and projects; `Value::Null` plants the demo world.
    ///
    /// # Errors
    ///
    /// When the document does not make sense; the world stays as it was.
    pub fn replace(&self, seed: &Value) -> Result<Value, Refusal> {
        self.0.lock().replace(seed)
    }

    /// Plants more into the world as it is.
    ///
    /// # Errors
    ///
    /// When the document does not make sense.
    pub fn add(&self, seed: &Value) -> Result<Value, Refusal> {
        self.0.lock().add(seed)
    }

    /// Everything on all trackers.
    #[must_use]
    pub fn state(&self) -> Value {
        self.0.lock().state()
    }

    /// All requests since the log was last cleared.
    #[must_use]
    pub fn log(&self) -> Value {
        self.0.lock().journal.all()
    }

    /// How many requests there were, by tracker and method.
    #[must_use]
    pub fn log_counts(&self) -> Value {
        self.0.lock().journal.counts()
    }

    /// Forgets the log.
    pub fn clear_log(&self) {
        self.0.lock().journal.clear();
    }

    /// Adds one fault, or a list of them.
    ///
    /// # Errors
    ///
    /// When a fault does not make sense; none is added then.
    pub fn add_faults(&self, faults: &Value) -> Result<Value, Refusal> {
        control::add_faults(&mut self.0.lock().faults, faults)
    }

    /// The faults with their counts.
    #[must_use]
    pub fn faults(&self) -> Value {
        self.0.lock().faults.shown()
    }

    /// Forgets all faults.
    pub fn clear_faults(&self) {
        self.0.lock().faults.clear();
    }

    /// Changes the named settings and answers them all.
    ///
    /// # Errors
    ///
    /// When a setting is unknown or of the wrong type.
    pub fn change_settings(&self, change: &Value) -> Result<Value, Refusal> {
        self.0.lock().change_settings(change)
    }

    /// Does what a person does.
    ///
    /// # Errors
    ///
    /// When the deed, the person or the thing is unknown; the refusal lists what is known.
    pub fn act(&self, deed: &Value) -> Result<Value, Refusal> {
        self.0.lock().act(deed)
    }

    /// Moves the clock forward and answers the time.
    pub fn advance(&self, ms: i64) -> Value {
        let mut everything = self.0.lock();
        everything.clock.advance(ms);
        json!({"now": clock::seconds(everything.clock.now())})
    }
}
