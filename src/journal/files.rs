//! The journal in segment files under `data/journal/`: the home that most operators use.

use super::reader::Reader;
use super::record::follow;
use super::segment::{self, Reserve, Segment};
use super::{Error, Heads, Journal, NotAppended, Position, Record, Records, disk, frame};
use crate::model::limits::GROUP_BYTES_MAX;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};

/// Sizes of segments: a quiet community's journal stays small, a busy one changes files rarely.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    /// Bytes of the first; each further one has twice as many.
    pub(super) first: u64,
    /// Bytes that are not exceeded (but by a group that needs more).
    pub(super) max: u64,
}

const SIZES: Sizes = Sizes {
    first: 1024 * 1024,
    max: 64 * 1024 * 1024,
};

/// The journal in files. Needs the directory for itself: take [`super::DataLock`] first.
#[derive(Debug)]
pub struct FileJournal {
    dir: PathBuf,
    sizes: Sizes,
    /// Segments before the active one, oldest first.
    sealed: Vec<Sealed>,
    pub(super) active: Segment,
    reserve: State,
    heads: Heads,
    end: Position,
    /// Set for ever by a failed write or sync.
    stopped: bool,
}

#[derive(Debug)]
struct Sealed {
    first: Position,
    path: PathBuf,
    bytes: u64,
}

/// The segment after the active one.
#[derive(Debug)]
enum State {
    Making(JoinHandle<Result<Reserve, Error>>),
    Ready(Reserve),
    /// It could not be made; mostly because the disk is full.
    Missing,
}

impl FileJournal {
    /// Opens `data/journal/`, creating it where it is missing. A group that was half-written when
    /// the machine stopped is cut off; anything else that is wrong is an error and changes nothing.
    pub fn open(data: &Path) -> Result<Self, Error> {
        Self::open_sized(data, SIZES)
    }

    pub(super) fn open_sized(data: &Path, sizes: Sizes) -> Result<Self, Error> {
        let dir = data.join("journal");
        disk::private_dir(&dir)?;
        let mut found = segment::list(&dir)?;
        let mut reserve = Reserve::find(&dir)?;
        let (active, end, heads) = if let Some((first, path)) = found.pop() {
            Segment::recover(path, first)?
        } else {
            let made = match reserve.take() {
                Some(reserve) => reserve,
                None => Reserve::make(&dir, sizes.first)?,
            };
            let first = made.activate(Position::FIRST, &Heads::new())?;
            (first, Position::FIRST, Heads::new())
        };
        // Names that were made just before a stop may be known to the kernel alone.
        disk::sync_dir(&dir)?;
        disk::sync_dir(data)?;
        let mut sealed = Vec::new();
        for (first, path) in found {
            let bytes = std::fs::metadata(&path)
                .map_err(Error::io("read", &path))?
                .len();
            sealed.push(Sealed { first, path, bytes });
        }
        let mut journal = Self {
            dir,
            sizes,
            sealed,
            active,
            reserve: reserve.map_or(State::Missing, State::Ready),
            heads,
            end,
            stopped: false,
        };
        journal.make_reserve(0);
        Ok(journal)
    }

    /// Begins to make a reserve of at least `room` bytes where there is none.
    fn make_reserve(&mut self, room: u64) {
        if !matches!(self.reserve, State::Missing) {
            return;
        }
        let doubled = self.active.size.saturating_mul(2).min(self.sizes.max);
        let size = doubled.max(room.next_power_of_two());
        let dir = self.dir.clone();
        self.reserve = State::Making(thread::spawn(move || Reserve::make(&dir, size)));
    }

    /// Takes the result of a making that ended, or waits for it.
    pub(super) fn settle(&mut self, wait: bool) {
        let before = std::mem::replace(&mut self.reserve, State::Missing);
        self.reserve = match before {
            State::Making(making) if wait || making.is_finished() => match making.join() {
                Ok(Ok(reserve)) => State::Ready(reserve),
                Ok(Err(error)) => {
                    tracing::warn!(%error, "Could not make the journal's next segment.");
                    State::Missing
                }
                Err(_panic) => State::Missing,
            },
            same @ (State::Making(_) | State::Ready(_) | State::Missing) => same,
        };
    }

    /// Goes over to a segment in which `room` bytes fit.
    fn roll(&mut self, room: u64) -> Result<(), NotAppended> {
        self.settle(true);
        if matches!(&self.reserve, State::Ready(reserve) if reserve.size < room) {
            self.reserve = State::Missing;
            self.make_reserve(room);
            self.settle(true);
        }
        let State::Ready(reserve) = std::mem::replace(&mut self.reserve, State::Missing) else {
            self.make_reserve(room);
            return Err(NotAppended::Full);
        };
        let next = reserve
            .activate(self.end, &self.heads)
            .map_err(|error| self.stop(error))?;
        let before = std::mem::replace(&mut self.active, next);
        // An empty one began at the same position, so the new one took its name.
        if !before.empty {
            self.sealed.push(Sealed {
                first: before.first,
                path: before.path,
                bytes: before.size,
            });
        }
        self.make_reserve(0);
        Ok(())
    }

    fn stop(&mut self, error: Error) -> NotAppended {
        self.stopped = true;
        NotAppended::Unknown(error)
    }

    fn segments(&self) -> impl DoubleEndedIterator<Item = (Position, &Path, u64)> {
        self.sealed
            .iter()
            .map(|sealed| (sealed.first, sealed.path.as_path(), sealed.bytes))
            .chain([(
                self.active.first,
                self.active.path.as_path(),
                self.active.size,
            )])
    }

    /// How many of the sealed segments hold only records before `position`.
    fn sealed_before(&self, position: Position) -> usize {
        let next = self.segments().skip(1).map(|(first, ..)| first);
        next.take_while(|first| *first <= position).count()
    }
}

impl Journal for FileJournal {
    fn append(&mut self, group: &[Record]) -> Result<Position, NotAppended> {
        if self.stopped {
            return Err(NotAppended::Refused(Error::Stopped));
        }
        if group.is_empty() {
            return Ok(self.end);
        }
        let heads = checked(group, &self.heads, self.end).map_err(NotAppended::Refused)?;
        self.settle(false);
        let bytes = frame::encode(self.end, group);
        if !self.active.fits(bytes.len()) {
            self.roll(segment::room(&self.heads, bytes.len()))?;
        }
        if let Err(error) = self.active.append(&bytes) {
            return Err(self.stop(error));
        }
        let first = self.end;
        self.end = first.plus(group.len());
        self.heads = heads;
        Ok(first)
    }

    fn read(&self, from: Position) -> Records {
        let skip = self.sealed_before(from);
        let blocks: Vec<_> = self
            .segments()
            .skip(skip)
            .map(|(first, path, _)| (first, path.to_owned()))
            .collect();
        let blocks = blocks
            .into_iter()
            .map(|(first, path)| segment::load(&path, first));
        Box::new(Reader::new(blocks, from, self.end))
    }

    fn start(&self) -> Position {
        self.segments().next().map_or(self.end, |(first, ..)| first)
    }

    fn end(&self) -> Position {
        self.end
    }

    fn heads(&self) -> &Heads {
        &self.heads
    }

    fn has_reserve(&self) -> bool {
        !self.stopped && !matches!(self.reserve, State::Missing)
    }

    fn tend(&mut self) {
        self.settle(false);
        self.make_reserve(0);
    }

    fn bytes_from(&self, position: Position) -> u64 {
        self.segments()
            .skip(self.sealed_before(position))
            .map(|(.., bytes)| bytes)
            .sum()
    }

    fn drop_before(&mut self, position: Position) -> Result<(), Error> {
        let count = self.sealed_before(position);
        if count == 0 {
            return Ok(());
        }
        // Oldest first, so that a crash leaves no hole.
        for _ in 0..count {
            if let Some(oldest) = self.sealed.first() {
                disk::remove(&oldest.path)?;
                self.sealed.remove(0);
            }
        }
        disk::sync_dir(&self.dir)
    }
}

impl Drop for FileJournal {
    fn drop(&mut self) {
        // A segment in the making must not meet the next process's.
        self.settle(true);
    }
}

/// The heads after `group`, which must go on from `heads` and fit.
pub(super) fn checked(group: &[Record], heads: &Heads, end: Position) -> Result<Heads, Error> {
    let bytes = frame::size_of(group);
    if bytes > GROUP_BYTES_MAX {
        return Err(Error::TooLarge {
            bytes,
            limit: GROUP_BYTES_MAX,
        });
    }
    let mut heads = heads.clone();
    for (index, record) in group.iter().enumerate() {
        follow(&mut heads, record, end.plus(index))?;
    }
    Ok(heads)
}
