//! What can be wrong with the store. None of it loses anything: stop, and the next start rebuilds.

use crate::journal;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    File(#[from] journal::Error),
    #[error("the store failed")]
    Sled(#[from] sled::Error),
    #[error("the store panicked: {0}")]
    Panicked(String),
    #[error("the store is damaged: {0}")]
    Damaged(String),
    #[error("the snapshot `{}` is damaged: {what}", path.display())]
    Snapshot { path: PathBuf, what: &'static str },
    #[error("a key of {bytes} bytes is longer than the limit of {limit}")]
    KeyTooLong { bytes: usize, limit: usize },
}

impl Error {
    /// Whether the files are at fault, so that the cure is to make them again; otherwise it is the
    /// machine (no room, no rights, a broken disk), and someone has to look.
    pub(super) fn is_damage(&self) -> bool {
        match self {
            // What sled finds wrong itself carries no number from the operating system.
            Self::Sled(sled::Error::Io(error)) => error.raw_os_error().is_none(),
            Self::Panicked(_)
            | Self::Damaged(_)
            | Self::Sled(
                sled::Error::CollectionNotFound(_)
                | sled::Error::Unsupported(_)
                | sled::Error::ReportableBug(_)
                | sled::Error::Corruption { .. },
            ) => true,
            Self::File(_) | Self::Snapshot { .. } | Self::KeyTooLong { .. } => false,
        }
    }
}

/// Does something with sled, which panics on some damage where it should return an error.
pub(super) fn guard<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|panic| Err(Error::Panicked(panic_text(panic.as_ref()))))
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("no message").to_owned()
}
