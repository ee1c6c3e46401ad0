//! HTTP in: health, readiness and status on a loopback address.
//!
//! Knows the worker's status. Knows nothing of findings: nothing confidential is served here.

mod connections;

use std::{net::SocketAddr, sync::Arc};

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    model::clock::Clock,
    worker::{self, SharedStatus},
};

/// What the pages are made from.
#[derive(Clone)]
struct Health {
    status: SharedStatus,
    clock: Arc<dyn Clock>,
    fresh_within: TimeDelta,
}

/// A listener that is bound and not served yet, so that a port in use is an error at the start.
pub struct Server {
    listener: TcpListener,
    health: Health,
}

impl Server {
    /// Binds the address.
    ///
    /// # Errors
    /// It is in use or not ours to bind.
    pub async fn bind(
        address: SocketAddr,
        status: SharedStatus,
        clock: Arc<dyn Clock>,
        fresh_within: TimeDelta,
    ) -> std::io::Result<Self> {
        let health = Health { status, clock, fresh_within };
        Ok(Self { listener: TcpListener::bind(address).await?, health })
    }

    /// The address that was bound.
    ///
    /// # Errors
    /// The system does not say.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` is cancelled.
    pub async fn serve(self, stop: CancellationToken) {
        let routes = Router::new()
            .route("/healthz", get(healthz))
            .route("/readyz", get(readyz))
            .route("/status", get(status))
            .with_state(self.health);
        connections::serve(&self.listener, &routes, &stop).await;
    }
}

/// 200 while the worker does its work, 503 when it is stuck.
async fn healthz(State(health): State<Health>) -> (StatusCode, Json<Value>) {
    let alive = worker::read(&health.status).is_alive(health.clock.now());
    answer(alive, &health)
}

/// 200 while cycles can be run, 503 when the last one could not.
async fn readyz(State(health): State<Health>) -> (StatusCode, Json<Value>) {
    let ready = worker::read(&health.status).is_ready();
    answer(ready, &health)
}

/// 200 while every credential is honoured and every tracker and source was read lately, else 503 with the reasons: for monitors,
/// and not for a roll-out, which must not hang on somebody else's outage.
async fn status(State(health): State<Health>) -> (StatusCode, Json<Value>) {
    let status = worker::read(&health.status);
    let reasons = status.reasons(health.clock.now(), health.fresh_within);
    let code = if reasons.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, Json(json!({ "ok": reasons.is_empty(), "reasons": reasons, "worker": status })))
}

fn answer(well: bool, health: &Health) -> (StatusCode, Json<Value>) {
    let code = if well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, Json(json!({ "ok": well, "worker": worker::read(&health.status) })))
}
