//! HTTP in: health and readiness on a loopback address.
//!
//! Knows the worker's status. Knows nothing of findings: nothing confidential is served here.

mod connections;

use std::{net::SocketAddr, sync::Arc};

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
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
    ) -> std::io::Result<Self> {
        Ok(Self { listener: TcpListener::bind(address).await?, health: Health { status, clock } })
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

fn answer(well: bool, health: &Health) -> (StatusCode, Json<Value>) {
    let code = if well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, Json(json!({ "ok": well, "worker": worker::read(&health.status) })))
}
