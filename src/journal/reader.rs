//! Walking over groups: for readers, and for the recovery after a crash.

use super::record::follow;
use super::{Error, Heads, Position, Record, frame};
use std::collections::VecDeque;
use std::path::PathBuf;

/// Records in the order of their appending.
pub type Records = Box<dyn Iterator<Item = Result<Record, Error>> + Send>;

/// A stretch of the journal in memory: one segment.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// For messages.
    pub(super) path: PathBuf,
    pub(super) bytes: Vec<u8>,
    /// Where in `bytes` the next group begins.
    pub(super) offset: usize,
    /// The position that group must have.
    pub(super) next: Position,
    /// The heads before it.
    pub(super) heads: Heads,
}

/// What stands at a block's offset.
#[derive(Debug)]
pub(super) enum Found {
    Group(Vec<Record>),
    /// Nothing but zeros up to the end.
    End,
    /// Something that is not the group that must be here.
    Noise,
}

/// How a block ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tail {
    /// Where its last whole group begins (where the first would, while there is none).
    pub(super) last: usize,
    /// A half-written group follows, which was never acknowledged and may be cut.
    pub(super) torn: bool,
}

impl Block {
    /// Takes the next group and moves behind it.
    pub(super) fn next_group(&mut self) -> Result<Found, Error> {
        let rest = self.bytes.get(self.offset..).unwrap_or_default();
        let Some(group) = frame::decode(rest).filter(|group| group.first == self.next) else {
            let end = rest.iter().all(|byte| *byte == 0);
            return Ok(if end { Found::End } else { Found::Noise });
        };
        for (index, record) in group.records.iter().enumerate() {
            follow(&mut self.heads, record, self.next.plus(index))?;
        }
        self.next = self.next.plus(group.records.len());
        self.offset += group.size;
        Ok(Found::Group(group.records))
    }

    /// Moves behind the last group. An error when what follows is not a torn one, because
    /// something valid comes after it.
    pub(super) fn recover(&mut self) -> Result<Tail, Error> {
        let mut last = self.offset;
        loop {
            let before = self.offset;
            match self.next_group()? {
                Found::Group(_) => last = before,
                Found::End => return Ok(Tail { last, torn: false }),
                Found::Noise => break,
            }
        }
        let behind = self.bytes.get(self.offset..).unwrap_or_default();
        if frame::find(behind).is_some() {
            return Err(self.damaged("a valid group follows, so this is not a torn end"));
        }
        Ok(Tail { last, torn: true })
    }

    fn damaged(&self, what: &'static str) -> Error {
        Error::Damaged {
            path: self.path.clone(),
            offset: self.offset as u64,
            what,
        }
    }
}

/// Reads blocks that follow each other.
pub(super) struct Reader<B> {
    /// Those still to come; `None` after the end or an error.
    blocks: Option<B>,
    block: Option<Block>,
    ready: VecDeque<Record>,
    /// Position of the next record in `ready`.
    at: Position,
    from: Position,
    end: Position,
}

impl<B: Iterator<Item = Result<Block, Error>>> Reader<B> {
    /// Reads from `from` up to, not including, `end`. The first block must not begin after `from`.
    pub(super) fn new(blocks: B, from: Position, end: Position) -> Self {
        Self {
            blocks: Some(blocks),
            block: None,
            ready: VecDeque::new(),
            at: from,
            from,
            end,
        }
    }

    /// Brings the next group or the next block; `false` at the end.
    fn advance(&mut self) -> Result<bool, Error> {
        if let Some(block) = &mut self.block {
            let first = block.next;
            if first >= self.end {
                return Ok(false);
            }
            match block.next_group()? {
                Found::Group(records) => {
                    self.at = first;
                    self.ready = records.into();
                    return Ok(true);
                }
                Found::End => {}
                Found::Noise => return Err(block.damaged("not a whole group of records")),
            }
        }
        let Some(next) = self.blocks.as_mut().and_then(Iterator::next).transpose()? else {
            // All blocks are read, and the end was not among them.
            return match &self.block {
                Some(block) => Err(block.damaged("records are missing from here on")),
                None => Ok(false),
            };
        };
        if let Some(before) = &self.block
            && (before.next != next.next || before.heads != next.heads)
        {
            return Err(Error::Missing {
                expected: before.next,
                found: next.next,
            });
        }
        if next.next > self.from && self.block.is_none() {
            return Err(Error::Dropped {
                from: self.from,
                start: next.next,
            });
        }
        self.block = Some(next);
        Ok(true)
    }
}

impl<B: Iterator<Item = Result<Block, Error>>> Iterator for Reader<B> {
    type Item = Result<Record, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.blocks.as_ref()?;
        loop {
            while let Some(record) = self.ready.pop_front() {
                let position = self.at;
                self.at = position.plus(1);
                if position >= self.from {
                    return Some(Ok(record));
                }
            }
            match self.advance() {
                Ok(true) => {}
                Ok(false) => {
                    self.blocks = None;
                    return None;
                }
                Err(error) => {
                    self.blocks = None;
                    return Some(Err(error));
                }
            }
        }
    }
}
