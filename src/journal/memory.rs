//! A journal in memory, for simulations: it knows what is synced and what is not, and can be told
//! to fail the ways a disk fails.

use super::files::checked;
use super::reader::{Block, Found, Reader};
use super::{Error, Heads, Journal, NotAppended, Position, Record, Records, frame};
use std::path::PathBuf;

/// How the next append shall fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No room: nothing is written, and the journal goes on.
    Full,
    /// The write fails after that many bytes of the group.
    Write { bytes: usize },
    /// All is written but the sync fails.
    Sync,
}

/// The journal in memory. Its bytes are those of a segment file.
#[derive(Clone, Debug)]
pub struct MemoryJournal {
    /// From the oldest group kept.
    kept: Block,
    /// Bytes of `kept` that a crash leaves; what is behind was written but not synced.
    synced: usize,
    heads: Heads,
    end: Position,
    fault: Option<Fault>,
    reserve: bool,
    stopped: bool,
}

impl Default for MemoryJournal {
    fn default() -> Self {
        let kept = Block {
            path: PathBuf::from("memory"),
            bytes: Vec::new(),
            offset: 0,
            next: Position::FIRST,
            heads: Heads::new(),
        };
        Self {
            kept,
            synced: 0,
            heads: Heads::new(),
            end: Position::FIRST,
            fault: None,
            reserve: true,
            stopped: false,
        }
    }
}

impl MemoryJournal {
    /// Makes the next append of a group fail.
    pub fn fail_next(&mut self, fault: Fault) {
        self.fault = Some(fault);
    }

    /// What [`Journal::has_reserve`] shall say.
    pub fn set_reserve(&mut self, reserve: bool) {
        self.reserve = reserve;
    }

    /// Bytes that were written and not synced.
    pub fn unsynced(&self) -> usize {
        self.kept.bytes.len() - self.synced
    }

    /// The machine stops and starts again: of the unsynced bytes, the first `survive` reached the
    /// disk. Afterwards the journal is as a fresh process would find it.
    pub fn crash(&mut self, survive: usize) -> Result<(), Error> {
        let whole = self.synced.saturating_add(survive);
        self.kept.bytes.truncate(whole);
        let mut walk = self.kept.clone();
        walk.recover()?;
        self.kept.bytes.truncate(walk.offset);
        self.synced = walk.offset;
        self.heads = walk.heads;
        self.end = walk.next;
        self.fault = None;
        self.stopped = false;
        Ok(())
    }

    fn failed(&mut self, why: &'static str) -> NotAppended {
        self.stopped = true;
        NotAppended::Unknown(Error::Io {
            doing: "write",
            path: self.kept.path.clone(),
            source: std::io::Error::other(why),
        })
    }
}

impl Journal for MemoryJournal {
    fn append(&mut self, group: &[Record]) -> Result<Position, NotAppended> {
        if self.stopped {
            return Err(NotAppended::Refused(Error::Stopped));
        }
        if group.is_empty() {
            return Ok(self.end);
        }
        let heads = checked(group, &self.heads, self.end).map_err(NotAppended::Refused)?;
        let bytes = frame::encode(self.end, group);
        match self.fault.take() {
            None => {}
            Some(Fault::Full) => return Err(NotAppended::Full),
            Some(Fault::Write { bytes: written }) => {
                self.kept.bytes.extend(bytes.iter().take(written));
                return Err(self.failed("the write failed"));
            }
            Some(Fault::Sync) => {
                self.kept.bytes.extend(bytes);
                return Err(self.failed("the sync failed"));
            }
        }
        self.kept.bytes.extend(bytes);
        self.synced = self.kept.bytes.len();
        let first = self.end;
        self.end = first.plus(group.len());
        self.heads = heads;
        Ok(first)
    }

    fn read(&self, from: Position) -> Records {
        let mut block = self.kept.clone();
        block.bytes.truncate(self.synced);
        Box::new(Reader::new(std::iter::once(Ok(block)), from, self.end))
    }

    fn start(&self) -> Position {
        self.kept.next
    }

    fn end(&self) -> Position {
        self.end
    }

    fn heads(&self) -> &Heads {
        &self.heads
    }

    fn has_reserve(&self) -> bool {
        self.reserve && !self.stopped
    }

    fn tend(&mut self) {}

    fn bytes_from(&self, position: Position) -> u64 {
        let mut walk = self.kept.clone();
        walk.bytes.truncate(self.synced);
        skip_before(&mut walk, position);
        (walk.bytes.len() - walk.offset) as u64
    }

    fn drop_before(&mut self, position: Position) -> Result<(), Error> {
        skip_before(&mut self.kept, position.min(self.end));
        self.kept.bytes.drain(..self.kept.offset);
        self.synced -= self.kept.offset;
        self.kept.offset = 0;
        Ok(())
    }
}

/// Moves behind the groups that end at or before `position`.
fn skip_before(block: &mut Block, position: Position) {
    loop {
        let before = (block.offset, block.next, block.heads.clone());
        if matches!(block.next_group(), Ok(Found::Group(_))) && block.next <= position {
            continue;
        }
        (block.offset, block.next, block.heads) = before;
        return;
    }
}
