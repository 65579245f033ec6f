//! Why the daemon cannot start, and why a running one ended.

use super::setup::BadLink;
use super::skip::Panicked;
use crate::connector::http;
use crate::journal::{self, Position};
use crate::store;

/// Why a start, or a check of the data, did not come about.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Journal(#[from] journal::Error),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(
        "engine {found} left {count} inputs behind its last snapshot, and this is engine {known}\nhelp: stop the old steward cleanly first, or start with `--fold-tail` and accept that rules may decide otherwise"
    )]
    OtherEngine {
        found: String,
        known: &'static str,
        count: u64,
    },
    #[error(
        "the journal begins at record {start}, and no whole snapshot is there to start from\nhelp: restore `data/snapshots` from a backup"
    )]
    NoSnapshot { start: Position },
    #[error("the rules that the journal names cannot be had: {0}")]
    Rulebook(String),
    #[error(
        "input {} of partition {} (community `{}`) made the rules panic: {}\nhelp: start again; it will be passed over", .0.seq, .0.partition, .0.community, .0.reason
    )]
    Panicked(Panicked),
    #[error("there are no rules to start with\n{}", .0.join("\n"))]
    Rules(Vec<String>),
    #[error("connector {0}")]
    Link(#[from] BadLink),
    #[error(transparent)]
    Http(#[from] http::SetUpError),
    #[error("cannot begin: {0}")]
    Begin(#[source] Fatal),
    #[error("a thread cannot be started")]
    Thread(#[source] std::io::Error),
    #[error("the writer ended before it was ready")]
    Ended,
}

/// Why the daemon ended by itself. The process must exit; the next start reads what is there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Fatal(pub String);

impl Fatal {
    /// With all its causes.
    pub(super) fn of(error: &dyn std::error::Error) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(inner) = cause {
            text = format!("{text}: {inner}");
            cause = inner.source();
        }
        Self(text)
    }
}
