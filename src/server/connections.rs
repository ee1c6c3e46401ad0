//! Connections: how many there may be, how long each may take, and how they end.
//!
//! Knows HTTP/1 and time. Knows no page. Whoever connects and says nothing, or half a request, costs one connection for a
//! few seconds: no cycle, and no end of the process, waits for them.

use std::{sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{debug, warn};

/// Connections at the same time; further ones are closed at once. Far below the files that a process may have open.
const MOST: usize = 64;

/// Until the head of a request has come.
const HEAD: Duration = Duration::from_secs(10);

/// Until a connection is done: one request and its answer.
const WHOLE: Duration = Duration::from_secs(20);

/// How long requests may take to finish once the process is asked to stop.
const GRACE: Duration = Duration::from_secs(5);

/// How long nothing is accepted after the system refused to.
const PAUSE: Duration = Duration::from_millis(200);

/// Serves pages until `stop` is cancelled, and a little longer whoever has asked by then.
pub(super) async fn serve(listener: &TcpListener, pages: &Router, stop: &CancellationToken) {
    let (room, open) = (Arc::new(Semaphore::new(MOST)), TaskTracker::new());
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match (accepted, Arc::clone(&room).try_acquire_owned()) {
            (Ok((stream, _)), Ok(place)) => {
                open.spawn(connection(stream, pages.clone(), stop.clone(), place));
            }
            // Dropping it closes it.
            (Ok(_), Err(_)) => debug!(most = MOST, "a connection is refused, because there are too many"),
            (Err(error), _) => {
                warn!(%error, "no connection can be accepted");
                sleep(PAUSE).await;
            }
        }
    }
    open.close();
    // Whoever is not done by then is cut off with the process.
    let _ = timeout(GRACE, open.wait()).await;
}

/// One request on one connection. A connection on which none has begun ends with the process.
async fn connection(stream: TcpStream, pages: Router, stop: CancellationToken, _place: OwnedSemaphorePermit) {
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(pages));
    let mut served = std::pin::pin!(served);
    let done = timeout(WHOLE, async {
        tokio::select! {
            done = served.as_mut() => return done,
            () = stop.cancelled() => {}
        }
        served.as_mut().graceful_shutdown();
        served.as_mut().await
    });
    match done.await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => debug!(%error, "a connection ended early"),
        Err(_) => debug!("a connection took too long, and is closed"),
    }
}
