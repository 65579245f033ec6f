//! What the journal holds: records, where they stand, and how an input becomes one.

use super::Error;
use crate::model::{Input, Millis, Stamped, Text};
use std::collections::BTreeMap;
use std::fmt;

/// First byte of every payload. A change of the stored nouns that old bytes do not survive is a
/// new number here and an arm in [`Record::stamped`].
const PAYLOAD_FORMAT: u8 = 1;

/// The place of a record in the whole journal, over all partitions, from 1, without gaps.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct Position(pub u64);

impl Position {
    /// Of the very first record.
    pub const FIRST: Self = Self(1);

    /// The position `count` records on.
    pub const fn plus(self, count: usize) -> Self {
        Self(self.0.saturating_add(count as u64))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The last record of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Head {
    pub seq: u64,
    pub at: Millis,
}

/// The last record of each partition that has any.
pub type Heads = BTreeMap<u16, Head>;

/// One entry of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub partition: u16,
    /// Place in the partition, from 1, without gaps.
    pub seq: u64,
    pub at: Millis,
    /// The coded input: a format byte, then postcard.
    pub payload: Vec<u8>,
}

impl Record {
    /// Codes an input. Community and input go into the payload, the rest stands in the frame.
    pub fn new(partition: u16, stamped: &Stamped) -> Result<Self, Error> {
        let fields = (&stamped.community, &stamped.input);
        let payload = postcard::to_extend(&fields, vec![PAYLOAD_FORMAT])
            .map_err(|error| payload_error(stamped.seq, error.to_string()))?;
        Ok(Self {
            partition,
            seq: stamped.seq,
            at: stamped.at,
            payload,
        })
    }

    /// The input that was coded.
    pub fn stamped(&self) -> Result<Stamped, Error> {
        let Some((format, fields)) = self.payload.split_first() else {
            return Err(payload_error(self.seq, "it is empty".to_owned()));
        };
        if *format > PAYLOAD_FORMAT {
            return Err(Error::Newer {
                what: format!("record {} of partition {}", self.seq, self.partition),
                found: u32::from(*format),
                known: u32::from(PAYLOAD_FORMAT),
            });
        }
        if *format != PAYLOAD_FORMAT {
            return Err(payload_error(self.seq, format!("unknown format {format}")));
        }
        let ((community, input), rest) = postcard::take_from_bytes::<(Text, Input)>(fields)
            .map_err(|error| payload_error(self.seq, error.to_string()))?;
        if !rest.is_empty() {
            let what = format!("{} bytes too many", rest.len());
            return Err(payload_error(self.seq, what));
        }
        Ok(Stamped {
            seq: self.seq,
            at: self.at,
            community,
            input,
        })
    }
}

/// Takes the record into `heads`; it must be the next of its partition.
pub(super) fn follow(heads: &mut Heads, record: &Record, position: Position) -> Result<(), Error> {
    let expected = heads
        .get(&record.partition)
        .map_or(1, |head| head.seq.saturating_add(1));
    if record.seq != expected {
        return Err(Error::OutOfOrder {
            partition: record.partition,
            expected,
            found: record.seq,
            position,
        });
    }
    let head = Head {
        seq: record.seq,
        at: record.at,
    };
    heads.insert(record.partition, head);
    Ok(())
}

fn payload_error(seq: u64, what: String) -> Error {
    Error::Payload { seq, what }
}
