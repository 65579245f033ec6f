//! The bytes of a group: a header, then one frame per record. A group is valid as a whole or not
//! at all, and only at the position it was written for.
//!
//! ```text
//! group   magic 4 · first position u64 · records u32 · bytes of all frames u32 · crc32c u32
//! frame   length of the rest u32 · crc32c u32 · partition u16 · seq u64 · at i64 · payload
//! ```
//! Numbers are little-endian. A frame's checksum begins with its position, so that a frame that
//! was left over from elsewhere is not one here.

use super::{Position, Record};

/// Opens every group. 0xFF occurs in no UTF-8 text, so no message from outside can contain a group.
const MAGIC: [u8; 4] = *b"G\xFFp\xFF";
/// Bytes of a group's header.
const GROUP_HEADER: usize = 24;
/// Bytes of a frame before its payload: length, checksum, partition, seq, at.
const FRAME_HEADER: usize = 26;

/// A whole group that was found.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) first: Position,
    pub(super) records: Vec<Record>,
    /// Bytes it takes, header included.
    pub(super) size: usize,
}

/// Bytes that a group of these records takes.
pub(super) fn size_of(records: &[Record]) -> usize {
    records.iter().fold(GROUP_HEADER, |sum, record| {
        sum.saturating_add(FRAME_HEADER)
            .saturating_add(record.payload.len())
    })
}

/// The bytes of a group whose first record stands at `first`.
pub(super) fn encode(first: Position, records: &[Record]) -> Vec<u8> {
    let size = size_of(records);
    let mut bytes = Vec::with_capacity(size);
    bytes.extend(MAGIC);
    bytes.extend(first.0.to_le_bytes());
    bytes.extend((records.len() as u32).to_le_bytes());
    bytes.extend(((size - GROUP_HEADER) as u32).to_le_bytes());
    bytes.extend(crc32c::crc32c(&bytes).to_le_bytes());
    for (index, record) in records.iter().enumerate() {
        let length = FRAME_HEADER - 8 + record.payload.len();
        let mut rest = Vec::with_capacity(length);
        rest.extend(record.partition.to_le_bytes());
        rest.extend(record.seq.to_le_bytes());
        rest.extend(record.at.to_le_bytes());
        rest.extend(&record.payload);
        bytes.extend((length as u32).to_le_bytes());
        bytes.extend(checksum(first.plus(index), &rest).to_le_bytes());
        bytes.extend(rest);
    }
    bytes
}

/// The group at the start of `bytes`, if a whole and valid one is there.
pub(super) fn decode(bytes: &[u8]) -> Option<Group> {
    let (header, mut rest) = bytes.split_first_chunk::<GROUP_HEADER>()?;
    let (checked, crc) = header.split_last_chunk::<4>()?;
    if crc32c::crc32c(checked) != u32::from_le_bytes(*crc) {
        return None;
    }
    let (magic, fields) = checked.split_first_chunk::<4>()?;
    let (first, fields) = fields.split_first_chunk::<8>()?;
    let (count, fields) = fields.split_first_chunk::<4>()?;
    let (length, _) = fields.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(*length) as usize;
    let first = Position(u64::from_le_bytes(*first));
    if *magic != MAGIC || rest.len() < length {
        return None;
    }
    rest = rest.get(..length)?;
    let mut records = Vec::new();
    for index in 0..u32::from_le_bytes(*count) {
        let (record, after) = decode_frame(first.plus(index as usize), rest)?;
        records.push(record);
        rest = after;
    }
    rest.is_empty().then_some(Group {
        first,
        records,
        size: GROUP_HEADER + length,
    })
}

/// Where in `bytes` the first whole and valid group begins.
pub(super) fn find(bytes: &[u8]) -> Option<usize> {
    bytes
        .windows(MAGIC.len())
        .enumerate()
        .filter(|(_, window)| *window == MAGIC)
        .map(|(offset, _)| offset)
        .find(|offset| bytes.get(*offset..).and_then(decode).is_some())
}

fn decode_frame(position: Position, bytes: &[u8]) -> Option<(Record, &[u8])> {
    let (length, bytes) = bytes.split_first_chunk::<4>()?;
    let (crc, bytes) = bytes.split_first_chunk::<4>()?;
    let (rest, after) = bytes.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    if checksum(position, rest) != u32::from_le_bytes(*crc) {
        return None;
    }
    let (partition, rest) = rest.split_first_chunk::<2>()?;
    let (seq, rest) = rest.split_first_chunk::<8>()?;
    let (at, payload) = rest.split_first_chunk::<8>()?;
    let record = Record {
        partition: u16::from_le_bytes(*partition),
        seq: u64::from_le_bytes(*seq),
        at: i64::from_le_bytes(*at),
        payload: payload.to_vec(),
    };
    Some((record, after))
}

fn checksum(position: Position, rest: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&position.0.to_le_bytes()), rest)
}
