//! Opening and closing sled: it is used only where nothing speaks against it, and made anew
//! otherwise.

use super::error::guard;
use super::mark::{self, Mark};
use super::sled_rows::{Content, Store, Totals, examine};
use super::{Applied, Error};
use crate::journal::{self, disk};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fmt, thread};

/// sled's page cache. The world is in memory; sled is read once, at the start. Its default is 1 GB.
const CACHE_BYTES: u64 = 16 * 1024 * 1024;
/// A lock of a store that was just closed is released a moment later: so often, so far apart, we
/// try again.
const LOCK_TRIES: u32 = 20;
const LOCK_WAIT: Duration = Duration::from_millis(50);
/// Damaged directories that are kept for whoever wants to know why.
const DAMAGED_KEPT_MAX: usize = 2;

/// What the opening of a store found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// Load the rows and go on from there.
    Usable(Applied),
    /// The store is empty: write all rows anew, from the last snapshot and the journal.
    Rebuild(Reason),
}

/// Why a store must be written anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// There was none, or nothing was ever written to its end.
    Empty,
    /// The process stopped in the middle of a write.
    HalfWritten,
    /// The machine stopped, and what sled had written may not have reached the disk.
    Unclean,
    /// The files were damaged; they lie there now.
    Damaged { what: String, moved_to: PathBuf },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("it is empty"),
            Self::HalfWritten => f.write_str("the last write was not finished"),
            Self::Unclean => f.write_str("the machine stopped while it was open"),
            Self::Damaged { what, moved_to } => {
                write!(
                    f,
                    "{what}; the files were moved to `{}`",
                    moved_to.display()
                )
            }
        }
    }
}

impl Store {
    /// Opens `data/sled`. What is damaged is moved aside; what cannot be trusted is removed. An
    /// error means that someone must look: no rights, no room, in use, or of a newer version.
    pub fn open(data: &Path) -> Result<(Self, Opened), Error> {
        Self::open_in_boot(data, mark::boot_id())
    }

    pub(super) fn open_in_boot(data: &Path, boot: String) -> Result<(Self, Opened), Error> {
        disk::private_dir(data)?;
        let found = mark::read(&mark_path(data), &boot)?;
        if !sled_path(data).exists() {
            return Self::anew(data, boot, Reason::Empty);
        }
        match found {
            Mark::Closed | Mark::OpenHere => {}
            Mark::New => return Self::anew(data, boot, Reason::Empty),
            Mark::Unclean => return Self::anew(data, boot, Reason::Unclean),
        }
        mark::write(&mark_path(data), Mark::OpenHere, &boot)?;
        let opened = guard(|| {
            let db = open_sled(data)?;
            let content = examine(&db)?;
            Ok((db, content))
        });
        let reason = match opened {
            Ok((db, Content::Whole(applied, totals))) => {
                let store = Self {
                    data: data.to_owned(),
                    boot,
                    db,
                    totals,
                    is_new: false,
                };
                return Ok((store, Opened::Usable(applied)));
            }
            Ok((db, Content::Half)) => {
                drop(db);
                Reason::HalfWritten
            }
            Err(error) if error.is_damage() => move_aside(data, &error)?,
            Err(error) => return Err(error),
        };
        Self::anew(data, boot, reason)
    }

    /// Gives all rows up: for rows that the journal does not bear out.
    pub fn clear(self) -> Result<Self, Error> {
        let Self { data, boot, db, .. } = self;
        guard(|| {
            drop(db);
            Ok(())
        })?;
        Self::anew(&data, boot, Reason::Empty).map(|(store, _)| store)
    }

    /// Closes the store so that the next opening can trust it, whatever the machine does.
    pub fn close(self) -> Result<(), Error> {
        let Self {
            data,
            boot,
            db,
            is_new,
            ..
        } = self;
        guard(|| {
            db.flush()?;
            drop(db);
            Ok(())
        })?;
        if !is_new {
            sync_all(&sled_path(&data))?;
            mark::write(&mark_path(&data), Mark::Closed, &boot)?;
        }
        Ok(())
    }

    /// From now on, to find nothing in it is damage.
    pub(super) fn mark_used(&self) -> Result<(), Error> {
        mark::write(&mark_path(&self.data), Mark::OpenHere, &self.boot)?;
        Ok(())
    }

    fn anew(data: &Path, boot: String, reason: Reason) -> Result<(Self, Opened), Error> {
        let path = sled_path(data);
        mark::write(&mark_path(data), Mark::New, &boot)?;
        if path.exists() {
            fs::remove_dir_all(&path).map_err(journal::Error::io("remove", &path))?;
        }
        disk::private_dir(&path)?;
        let store = Self {
            data: data.to_owned(),
            boot,
            db: guard(|| open_sled(data))?,
            totals: Totals::default(),
            is_new: true,
        };
        Ok((store, Opened::Rebuild(reason)))
    }
}

fn sled_path(data: &Path) -> PathBuf {
    data.join("sled")
}

fn mark_path(data: &Path) -> PathBuf {
    data.join("sled.state")
}

fn open_sled(data: &Path) -> Result<sled::Db, Error> {
    let config = sled::Config::new()
        .path(sled_path(data))
        .cache_capacity(CACHE_BYTES);
    let mut tries = 0;
    loop {
        match config.open() {
            Err(error) if is_locked(&error) => {
                tries += 1;
                if tries > LOCK_TRIES {
                    let path = sled_path(data);
                    return Err(journal::Error::Locked { path }.into());
                }
                thread::sleep(LOCK_WAIT);
            }
            opened => return Ok(opened?),
        }
    }
}

/// sled has no kind of its own for this, only the text.
fn is_locked(error: &sled::Error) -> bool {
    error.to_string().contains("could not acquire lock")
}

fn move_aside(data: &Path, error: &Error) -> Result<Reason, Error> {
    let mut earlier = Vec::new();
    for entry in fs::read_dir(data).map_err(journal::Error::io("list", data))? {
        let entry = entry.map_err(journal::Error::io("list", data))?;
        let name = entry.file_name();
        let number = name
            .to_str()
            .and_then(|name| name.strip_prefix("sled.damaged-"))
            .and_then(|number| number.parse::<u32>().ok());
        earlier.extend(number.map(|number| (number, entry.path())));
    }
    earlier.sort();
    let number = earlier.last().map_or(1, |(last, _)| last.saturating_add(1));
    let moved_to = data.join(format!("sled.damaged-{number}"));
    disk::rename(&sled_path(data), &moved_to)?;
    let too_many = (earlier.len() + 1).saturating_sub(DAMAGED_KEPT_MAX);
    for (_, path) in earlier.iter().take(too_many) {
        fs::remove_dir_all(path).map_err(journal::Error::io("remove", path))?;
    }
    tracing::warn!(%error, moved_to = %moved_to.display(), "Moved a damaged store aside.");
    Ok(Reason::Damaged {
        what: error.to_string(),
        moved_to,
    })
}

/// Syncs every file and directory below `path`, and `path`.
fn sync_all(path: &Path) -> Result<(), journal::Error> {
    for entry in fs::read_dir(path).map_err(journal::Error::io("list", path))? {
        let below = entry.map_err(journal::Error::io("list", path))?.path();
        if below.is_dir() {
            sync_all(&below)?;
        } else {
            File::open(&below)
                .and_then(|file| file.sync_all())
                .map_err(journal::Error::io("sync", &below))?;
        }
    }
    disk::sync_dir(path)
}
