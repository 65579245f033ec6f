//! `data/snapshots/`: whole worlds, from which a rebuild or a replay starts.

mod format;
mod retention;

#[cfg(test)]
mod tests;

pub use format::SnapshotRows;
pub use retention::{Keep, kept};

use super::{Applied, Error, Row};
use crate::journal::{self, Heads, Journal, Position, disk};
use crate::model::{Hash, Millis};
use retention::needed_from;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// What a snapshot is of.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Header {
    /// `ENGINE_VERSION` of the fold that made the rows.
    pub engine: String,
    /// The journal time at which it was taken.
    pub at: Millis,
    /// The first record that is not in it.
    pub position: Position,
    /// The last record of each partition that is in it.
    pub heads: Heads,
    /// The rules in force.
    pub rulebook: Hash,
}

impl Header {
    /// What rows that are written from this snapshot stand for.
    pub fn applied(&self) -> Applied {
        let seqs = self.heads.iter();
        Applied {
            position: self.position,
            seqs: seqs
                .map(|(partition, head)| (*partition, head.seq))
                .collect(),
        }
    }
}

/// A snapshot as its file's name tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Info {
    /// The first record that is not in it.
    pub position: Position,
    pub at: Millis,
    pub bytes: u64,
}

/// A snapshot whose bytes are whole.
#[derive(Debug)]
pub struct Snapshot {
    pub info: Info,
    pub header: Header,
    pub rows: SnapshotRows,
}

/// The newest whole snapshot, and newer ones that were passed over because they are damaged.
#[derive(Debug)]
pub struct Loaded {
    pub snapshot: Option<Snapshot>,
    pub skipped: Vec<(Info, Error)>,
}

/// The snapshots of a data directory.
#[derive(Clone, Debug)]
pub struct Snapshots {
    dir: PathBuf,
}

impl Snapshots {
    /// Opens `data/snapshots/`, creating it where it is missing.
    pub fn open(data: &Path) -> Result<Self, Error> {
        let dir = data.join("snapshots");
        disk::private_dir(&dir)?;
        Ok(Self { dir })
    }

    /// Writes a snapshot; it is there, whole and durable, when this returns, and not at all before.
    pub fn write(
        &self,
        header: &Header,
        rows: impl IntoIterator<Item = Row>,
    ) -> Result<Info, Error> {
        let temporary = self.dir.join("unfinished");
        let file = disk::create(&temporary)?;
        let bytes = format::write(file, header, rows).map_err(failed("write", &temporary))?;
        let info = Info {
            position: header.position,
            at: header.at.max(0),
            bytes,
        };
        disk::rename(&temporary, &self.path(&info))?;
        Ok(info)
    }

    /// All snapshots, oldest first, damaged ones too.
    pub fn list(&self) -> Result<Vec<Info>, Error> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.dir).map_err(failed("list", &self.dir))? {
            let entry = entry.map_err(failed("list", &self.dir))?;
            let name = entry.file_name();
            let Some((position, at)) = name.to_str().and_then(parse_name) else {
                continue;
            };
            let metadata = entry.metadata().map_err(failed("read", entry.path()))?;
            let bytes = metadata.len();
            found.push(Info {
                position,
                at,
                bytes,
            });
        }
        found.sort();
        Ok(found)
    }

    /// Opens one, after reading all of it once.
    pub fn load(&self, info: &Info) -> Result<Snapshot, Error> {
        let (header, rows) = format::open(self.path(info))?;
        Ok(Snapshot {
            info: *info,
            header,
            rows,
        })
    }

    /// The newest that is whole. One of a newer version is an error: it must not be passed over.
    pub fn load_newest(&self) -> Result<Loaded, Error> {
        let mut skipped = Vec::new();
        for info in self.list()?.into_iter().rev() {
            match self.load(&info) {
                Ok(snapshot) => {
                    let snapshot = Some(snapshot);
                    return Ok(Loaded { snapshot, skipped });
                }
                Err(error @ Error::Snapshot { .. }) => {
                    tracing::warn!(%error, "Passed over a damaged snapshot.");
                    skipped.push((info, error));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Loaded {
            snapshot: None,
            skipped,
        })
    }

    /// Removes what [`kept`] does not keep, and says from where the journal is still needed.
    pub fn retain(
        &self,
        now: Millis,
        keep: Keep,
        journal: &dyn Journal,
    ) -> Result<Position, Error> {
        let all = self.list()?;
        let stay = kept(&all, now, keep, |position| journal.bytes_from(position));
        for info in all.iter().filter(|info| !stay.contains(info)) {
            disk::remove(&self.path(info))?;
        }
        disk::sync_dir(&self.dir)?;
        Ok(needed_from(&stay))
    }

    fn path(&self, info: &Info) -> PathBuf {
        self.dir.join(name_of(info.position, info.at))
    }
}

fn name_of(position: Position, at: Millis) -> String {
    format!("{:020}-{at:016}", position.0)
}

fn parse_name(name: &str) -> Option<(Position, Millis)> {
    let (position, at) = name.split_once('-')?;
    let position = Position(position.parse().ok()?);
    let at = at.parse().ok()?;
    (name_of(position, at) == name).then_some((position, at))
}

fn failed(doing: &'static str, path: impl Into<PathBuf>) -> impl Fn(io::Error) -> Error {
    let journal_error = journal::Error::io(doing, path);
    move |error| journal_error(error).into()
}
