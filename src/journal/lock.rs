//! One daemon per data directory.

use super::{Error, disk};
use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// The data directory, held by this process until dropped. Take it before anything else in there.
#[derive(Debug)]
pub struct DataLock {
    /// The kernel releases the lock with the file, however the process ends.
    _file: File,
}

impl DataLock {
    /// Creates `data` where it is missing (for this user alone) and locks it; [`Error::Locked`]
    /// when another daemon has it.
    pub fn take(data: &Path) -> Result<Self, Error> {
        disk::private_dir(data)?;
        let path = data.join("steward.lock");
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(Error::io("open", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Error::Locked { path }),
            Err(TryLockError::Error(error)) => Err(Error::io("lock", &path)(error)),
        }
    }
}
