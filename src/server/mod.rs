//! The doors: webhooks come in at `/hooks/<connector>`, operators' commands at `/api/v1`, and what
//! watches the daemon asks `/healthz`, `/readyz` and `/metrics`. Nothing is decided here.
//!
//! To add a call of the admin API: a line in `routes.rs`, whose table makes the router and the
//! OpenAPI document, and a function in `api/`.

pub mod api;
mod auth;
mod body;
mod counts;
mod error;
mod health;
mod hooks;
mod listen;
mod metrics;
mod openapi;
mod routes;
pub mod views;

#[cfg(test)]
mod tests;

pub use auth::{AdminToken, Hosts, TOKEN_FILE, load_or_make_token, read_token};
pub use error::{Error, Told};
pub use listen::{Face, Limits, Listener, serve};

use crate::connector::Connector;
use crate::runtime::Handle;
use std::sync::Arc;

/// Everything that the doors need, shared by all requests.
pub struct Doors {
    handle: Handle,
    token: AdminToken,
    hosts: Hosts,
    limits: Limits,
    counts: counts::Counts,
    /// How many wrong tokens may wait for their answer at once.
    failures: tokio::sync::Semaphore,
}

impl Doors {
    /// Doors onto a runtime. `token` opens the admin API, which answers for `hosts`.
    pub fn new(handle: Handle, token: AdminToken, hosts: Hosts, limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            handle,
            token,
            hosts,
            limits,
            counts: counts::Counts::default(),
            failures: tokio::sync::Semaphore::new(auth::FAILURES_AT_ONCE_MAX),
        })
    }

    /// A connector of steward.yaml. Endpoints (`@NAME`) only take what we send.
    fn connector(&self, name: &str) -> Option<Arc<dyn Connector>> {
        if name.starts_with('@') {
            return None;
        }
        self.handle.connector(name)
    }
}
