//! What can be wrong with a journal, and what became of a group that was not appended.

use super::Position;
use std::io;
use std::path::PathBuf;

/// Why a journal, or a file beside it, cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot {doing} `{}`", path.display())]
    Io {
        doing: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error(
        "`{}` is in use by another steward\nhelp: stop the other one, or give this one a `data:` directory of its own",
        path.display()
    )]
    Locked { path: PathBuf },
    #[error(
        "`{}` is damaged at byte {offset}: {what}\nhelp: nothing was changed; restore the file from a backup, or copy `data/` and then move this file and all later ones out of `journal/` to go on without them",
        path.display()
    )]
    Damaged {
        path: PathBuf,
        offset: u64,
        what: &'static str,
    },
    #[error(
        "`{what}` was written by a newer version: format {found}, this steward knows up to {known}\nhelp: run the newer steward"
    )]
    Newer {
        what: String,
        found: u32,
        known: u32,
    },
    #[error(
        "record {found} of partition {partition} is out of order: expected {expected} at position {position}"
    )]
    OutOfOrder {
        partition: u16,
        expected: u64,
        found: u64,
        position: Position,
    },
    #[error("records {expected} to {found} are missing from the journal")]
    Missing { expected: Position, found: Position },
    #[error("position {from} is no longer in the journal: it begins at {start}")]
    Dropped { from: Position, start: Position },
    #[error("a group of {bytes} bytes is larger than the limit of {limit}")]
    TooLarge { bytes: usize, limit: usize },
    #[error("record {seq} cannot be coded: {what}")]
    Payload { seq: u64, what: String },
    #[error("the journal stopped after a failed write; start steward again to read what is there")]
    Stopped,
}

impl Error {
    /// For `map_err` on file operations.
    pub(crate) fn io(doing: &'static str, path: impl Into<PathBuf>) -> impl Fn(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            doing,
            path: path.clone(),
            source,
        }
    }
}

/// What became of a group that could not be appended.
#[derive(Debug, thiserror::Error)]
pub enum NotAppended {
    /// No room. Nothing was written; it may be tried again when there is.
    #[error("no room for the journal")]
    Full,
    /// Nobody knows whether the group is durable, and a failed sync must never be repeated (the
    /// kernel may have dropped the pages). The journal refuses everything from now on; exit and
    /// start again to learn what is there.
    #[error("it is not known whether the group was written")]
    Unknown(#[source] Error),
    /// Nothing was written: the group is not one this journal can take.
    #[error("the journal refused the group")]
    Refused(#[source] Error),
}
