//! The truth: the inputs of all partitions in one order, durable before anyone is answered. A
//! journal takes groups of records, makes each group durable as a whole, and gives them back in
//! the same order; what the records mean is not its concern.

pub(crate) mod disk;
mod error;
mod files;
mod frame;
mod lock;
mod memory;
mod reader;
mod record;
mod segment;

pub use error::{Error, NotAppended};
pub use files::FileJournal;
pub use lock::DataLock;
pub use memory::{Fault, MemoryJournal};
pub use reader::Records;
pub use record::{Head, Heads, Position, Record};

#[cfg(test)]
mod tests;

/// A home of the journal: segment files, or memory in a simulation.
pub trait Journal: Send {
    /// Appends the group and makes it durable with one sync: when this returns `Ok`, all of it is
    /// there and stays there; on `Full` and `Refused` none of it. The position returned is that of
    /// the group's first record; an empty group is `Ok` and costs nothing. Each partition's
    /// sequence must go on without a gap.
    fn append(&mut self, group: &[Record]) -> Result<Position, NotAppended>;

    /// All durable records from that position on, of every partition, in the order of their
    /// appending. A reader sees what had been appended when it was made. After an `Err` it ends.
    fn read(&self, from: Position) -> Records;

    /// The position of the oldest record that is kept (of the next one, while there is none).
    fn start(&self) -> Position;

    /// The position that the next record will get.
    fn end(&self) -> Position;

    /// The last record of each partition, whether or not that record is still kept.
    fn heads(&self) -> &Heads;

    /// The last record of one partition; `None` while it has none.
    fn head(&self, partition: u16) -> Option<Head> {
        self.heads().get(&partition).copied()
    }

    /// False when there is no room beyond what is already set aside: stop whatever causes further
    /// records (delivery), so that what remains is left for those that must be kept.
    fn has_reserve(&self) -> bool;

    /// Looks after the reserve: takes one that became ready, and tries again where that failed.
    /// Cheap; to be called every second or so.
    fn tend(&mut self);

    /// Bytes that stay on the disk when nothing before `position` is needed any more.
    fn bytes_from(&self, position: Position) -> u64;

    /// Gives up records before `position`, as far as whole segments allow. The heads stay known.
    fn drop_before(&mut self, position: Position) -> Result<(), Error>;
}
