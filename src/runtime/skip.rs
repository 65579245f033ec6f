//! `data/panicked`: the input that made the fold panic. The next start passes it over and journals
//! that, so that every later replay passes it over too.

use crate::journal::{Error, disk};
use crate::model::Text;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::Path;

/// An input to be passed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Panicked {
    pub partition: u16,
    pub seq: u64,
    pub community: Text,
    /// What the panic said.
    pub reason: Text,
}

/// Inputs that are not folded, as (partition, seq).
pub(super) type Skips = BTreeSet<(u16, u64)>;

/// Notes it, durably.
pub(super) fn write(data: &Path, panicked: &Panicked) -> Result<(), Error> {
    let bytes = serde_json::to_vec_pretty(panicked).unwrap_or_default();
    disk::write_whole(&data.join("panicked"), &bytes)
}

/// What the last run noted; a file that cannot be read as a note counts as none, and the panic comes
/// again.
pub(super) fn read(data: &Path) -> Option<Panicked> {
    let bytes = std::fs::read(data.join("panicked")).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// Forgets it, after the journal holds it.
pub(super) fn remove(data: &Path) -> Result<(), Error> {
    disk::remove(&data.join("panicked"))?;
    disk::sync_dir(data)
}
