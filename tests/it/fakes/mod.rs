//! Fakes of the platforms' HTTP APIs behind real listeners on port 0, with faults on demand. They
//! keep state as the platform does (who is in a group, who is muted), so that tests assert on what
//! the platform then holds, not on what was sent.

pub(crate) mod onebot;
pub(crate) mod telegram;

use axum::Router;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

/// What goes wrong with one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Answers with that status and body instead of acting.
    Refuse { status: u16, body: String },
    /// Acts, then answers with that status.
    ActThenFail { status: u16 },
    /// Acts, then closes the connection without an answer.
    ActThenHangUp,
    /// Closes the connection without acting.
    HangUp,
    /// Acts and answers something that is no answer.
    Nonsense,
    /// The platform's own way of saying "too many requests, come back in that many seconds".
    TooMany { retry_after_s: u64 },
}

/// Faults waiting for the next calls whose name contains the given word, first in first out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults(Arc<Mutex<VecDeque<(String, Fault)>>>);

impl Faults {
    /// The next call whose name contains `call` goes wrong in this way.
    pub(crate) fn push(&self, call: &str, fault: Fault) {
        self.0.lock().unwrap().push_back((call.to_owned(), fault));
    }

    /// Takes the first fault that is meant for `call`.
    pub(crate) fn take(&self, call: &str) -> Option<Fault> {
        let mut faults = self.0.lock().unwrap();
        let index = faults
            .iter()
            .position(|(word, _)| call.contains(word.as_str()))?;
        faults.remove(index).map(|(_, fault)| fault)
    }
}

/// Serves a router on a free port of loopback until the test's runtime ends.
pub(crate) async fn serve(router: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}
