//! Connections that can be cut at a chosen byte.
//!
//! Knows TCP and where an HTTP head ends. Must not know any tracker, nor why a connection is cut.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

/// What runs when a response has left completely.
pub(crate) type AfterAnswer = Box<dyn FnOnce() + Send>;

/// How the next response on a connection leaves.
#[derive(Default)]
enum Order {
    /// As it is.
    #[default]
    Pass,
    /// Not a byte of it.
    Cut,
    /// The head and this many bytes of the body, then the connection ends.
    CutAfter { head: HeadSearch, left: usize },
    /// Completely, and then this is done.
    Then { head: HeadSearch, left: usize, action: Option<AfterAnswer> },
}

/// How much of the blank line that ends a head has been seen.
#[derive(Default)]
struct HeadSearch {
    matched: usize,
    done: bool,
}

impl HeadSearch {
    /// Bytes of `bytes` that belong to the head.
    fn eat(&mut self, bytes: &[u8]) -> usize {
        const END: &[u8] = b"\r\n\r\n";
        let mut n_eaten = 0;
        for byte in bytes {
            if self.done {
                break;
            }
            n_eaten += 1;
            let fits = END.get(self.matched) == Some(byte);
            self.matched = if fits { self.matched + 1 } else { usize::from(*byte == b'\r') };
            self.done = self.matched == END.len();
        }
        n_eaten
    }
}

/// The handle with which the answering side gives a connection its order.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<Mutex<Order>>);

impl Gate {
    /// Ends the connection before another byte is written.
    pub(crate) fn cut(&self) {
        *self.order() = Order::Cut;
    }

    /// Ends the connection after that many bytes of the next body.
    pub(crate) fn cut_after(&self, n_bytes: usize) {
        *self.order() = Order::CutAfter { head: HeadSearch::default(), left: n_bytes };
    }

    /// Does something once the next response, whose body has that length, is written.
    pub(crate) fn then(&self, n_bytes: usize, action: AfterAnswer) {
        *self.order() = Order::Then { head: HeadSearch::default(), left: n_bytes, action: Some(action) };
    }

    fn order(&self) -> MutexGuard<'_, Order> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many of these bytes may leave; an error ends the connection.
    fn allowed(&self, bytes: &[u8]) -> io::Result<usize> {
        match &mut *self.order() {
            Order::Pass | Order::Then { .. } => Ok(bytes.len()),
            Order::Cut => Err(cut_error()),
            Order::CutAfter { head, left } => {
                let probe = HeadSearch { matched: head.matched, done: head.done }.eat(bytes);
                let n_allowed = bytes.len().min(probe.saturating_add(*left));
                if n_allowed == 0 && !bytes.is_empty() { Err(cut_error()) } else { Ok(n_allowed) }
            }
        }
    }

    /// Notes what really left.
    fn wrote(&self, bytes: &[u8]) {
        match &mut *self.order() {
            Order::Pass | Order::Cut => {}
            Order::CutAfter { head, left } | Order::Then { head, left, .. } => {
                let n_head = head.eat(bytes);
                *left = left.saturating_sub(bytes.len() - n_head);
            }
        }
    }

    /// Runs the action of a response that has left completely.
    fn flushed(&self) {
        let action = match &mut *self.order() {
            Order::Then { head, left: 0, action } if head.done => action.take(),
            Order::Pass | Order::Cut | Order::CutAfter { .. } | Order::Then { .. } => None,
        };
        if let Some(action) = action {
            action();
        }
    }
}

fn cut_error() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionReset, "the sandbox cut this connection on purpose")
}

/// A listener whose connections have gates.
pub(crate) struct GatedListener(pub(crate) TcpListener);

impl Listener for GatedListener {
    type Io = GatedStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        // Small answers on loopback: waiting to coalesce them only makes tests slow.
        let _ = stream.set_nodelay(true);
        (GatedStream { stream, gate: Gate::default() }, address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, GatedListener>> for Gate {
    fn connect_info(incoming: IncomingStream<'_, GatedListener>) -> Self {
        incoming.io().gate.clone()
    }
}

/// A connection with a gate.
pub(crate) struct GatedStream {
    stream: TcpStream,
    gate: Gate,
}

impl AsyncRead for GatedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for GatedStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let n_allowed = self.gate.allowed(bytes)?;
        let allowed = bytes.get(..n_allowed).unwrap_or_default();
        let written = std::task::ready!(Pin::new(&mut self.stream).poll_write(cx, allowed))?;
        self.gate.wrote(allowed.get(..written).unwrap_or_default());
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        std::task::ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        self.gate.flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
