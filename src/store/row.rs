//! The nouns of the store: rows, changes of rows, and how far they go.

use crate::journal::Position;
use crate::model::Text;
use std::collections::BTreeMap;

/// One row of a community's world. What key and value mean is the world's concern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub community: Text,
    pub key: Vec<u8>,
    pub value: Vec<u8>,
}

/// A row's new value; `None` when the row is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub community: Text,
    pub key: Vec<u8>,
    pub value: Option<Vec<u8>>,
}

/// How much of the journal the rows stand for.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Applied {
    /// Every record before this position is in the rows: read on from here.
    pub position: Position,
    /// The last sequence number that is in the rows, per partition.
    pub seqs: BTreeMap<u16, u64>,
}
