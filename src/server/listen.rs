//! Listeners and their bounds: so many connections, so much time for a header, a body, a request.

use super::{Doors, routes};
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

/// What a listener shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// Hooks and signals, and everything of an operator's as well.
    All,
    /// Hooks and signals only: the operator's doors are at another address.
    Hooks,
    /// The operator's doors only.
    Admin,
}

/// A bound socket and what it shows.
#[derive(Debug)]
pub struct Listener {
    pub socket: TcpListener,
    pub face: Face,
}

/// Bounds on requests. The default is what the daemon runs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Open connections of one listener; more wait to be accepted.
    pub connections: usize,
    /// Time for a request's header, and for the next request on an open connection.
    pub header: Duration,
    /// Time for a request's body.
    pub body: Duration,
    /// Time for a whole request. Senders give up after 15 to 30 s.
    pub request: Duration,
    /// Time for open requests when stopping.
    pub drain: Duration,
    /// How long a wrong admin token waits for its answer.
    pub wrong_token: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1_024,
            header: Duration::from_secs(5),
            body: Duration::from_secs(10),
            request: Duration::from_secs(15),
            drain: Duration::from_secs(10),
            wrong_token: Duration::from_millis(300),
        }
    }
}

/// Headers of one request: platforms send some twenty, proxies add a few.
const HEADERS_MAX: usize = 64;
/// Bytes of a request's header; the admin token and long query strings fit many times.
const HEADER_BYTES_MAX: usize = 32 * 1024;
/// Pause after a failed accept: it fails while file descriptors are used up.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Answers at all listeners until `shutdown` ends, then lets open requests end.
pub async fn serve(
    doors: Arc<Doors>,
    listeners: Vec<Listener>,
    shutdown: impl Future<Output = ()>,
) {
    let (stop, stopping) = watch::channel(false);
    let mut tasks = JoinSet::new();
    for listener in listeners {
        let router = routes::router(&doors, listener.face);
        tasks.spawn(accept(
            listener.socket,
            router,
            doors.limits,
            stopping.clone(),
        ));
    }
    shutdown.await;
    stop.send_replace(true);
    while tasks.join_next().await.is_some() {}
}

async fn accept(
    socket: TcpListener,
    router: Router,
    limits: Limits,
    mut stopping: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let mut connections = JoinSet::new();
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await.ok()?;
            Some((socket.accept().await, place))
        };
        let accepted = tokio::select! {
            () = stopped(&mut stopping) => break,
            accepted = next => accepted,
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            Some((Ok((stream, _)), place)) => {
                let work = connection(stream, router.clone(), limits, stopping.clone(), place);
                connections.spawn(work);
            }
            Some((Err(error), _)) => {
                tracing::warn!(%error, "Cannot accept a connection.");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
            None => break,
        }
    }
    drop(socket);
    let drained = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(limits.drain, drained).await.is_err() {
        tracing::warn!("Cut requests off that did not end in time.");
    }
}

async fn connection(
    stream: TcpStream,
    router: Router,
    limits: Limits,
    mut stopping: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
) {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header)
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEADER_BYTES_MAX);
    let service = TowerToHyperService::new(router);
    let serving = builder.serve_connection(TokioIo::new(stream), service);
    let mut serving = std::pin::pin!(serving);
    let served = tokio::select! {
        served = serving.as_mut() => served,
        () = stopped(&mut stopping) => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%error, "A connection broke.");
    }
}

/// Ends when the doors are to close.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // Without a sender there is nobody left to serve for.
    drop(stopping.wait_for(|stop| *stop).await);
}
