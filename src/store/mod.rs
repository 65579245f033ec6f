//! What is derived from the journal and kept on disk: the world's rows in sled, snapshots of them,
//! and the texts of rulebooks. All of it can be made again; the journal cannot.

mod error;
mod keys;
mod mark;
mod open;
mod row;
mod rulebooks;
mod sled_rows;
mod snapshot;

pub use error::Error;
pub use open::{Opened, Reason};
pub use row::{Applied, Change, Row};
pub use rulebooks::Rulebooks;
pub use sled_rows::Store;
pub use snapshot::{Header, Info, Keep, Loaded, Snapshot, SnapshotRows, Snapshots, kept};

#[cfg(test)]
mod tests;
