//! How rows lie in the one tree: one-byte prefixes and big-endian lengths, so that the rows of a
//! community follow each other in the order of their keys.
//!
//! ```text
//! 0 · name                                          marks
//! 1 · length u16 · community · key                  0 · value, or 1 · number of chunks u32
//! 2 · length u16 · community · length u16 · key · index u32    a chunk of a value
//! ```

use super::Error;
use crate::model::Text;
use crate::model::limits::{ROW_BYTES_MAX, ROW_KEY_BYTES_MAX};

/// A write in several batches has begun: the rows are neither old nor new.
pub(super) const FLUSHING: &[u8] = &[0, b'f'];
/// What the rows stand for.
pub(super) const APPLIED: &[u8] = &[0, b'a'];
/// Before every row.
pub(super) const ROWS: u8 = 1;
const CHUNKS: u8 = 2;

const WHOLE: u8 = 0;
const CHUNKED: u8 = 1;

/// What is stored under a row's key.
pub(super) enum Stored<'a> {
    Value(&'a [u8]),
    Chunks(u32),
}

/// The key of a row; with an empty `key`, the prefix of a community's rows.
pub(super) fn row(community: &str, key: &[u8]) -> Result<Vec<u8>, Error> {
    let mut bytes = vec![ROWS];
    push(&mut bytes, community.as_bytes())?;
    let (_, key) = length(key)?;
    bytes.extend(key);
    Ok(bytes)
}

/// Keys of a value's chunks.
pub(super) fn chunks(
    community: &str,
    key: &[u8],
    count: u32,
) -> Result<impl Iterator<Item = Vec<u8>> + use<>, Error> {
    let mut prefix = vec![CHUNKS];
    push(&mut prefix, community.as_bytes())?;
    push(&mut prefix, key)?;
    Ok((0..count).map(move |index| {
        let mut bytes = prefix.clone();
        bytes.extend(index.to_be_bytes());
        bytes
    }))
}

/// Community and key of a row's key; `None` when the bytes are no such key.
pub(super) fn parse_row(bytes: &[u8]) -> Option<(Text, Vec<u8>)> {
    let rest = bytes.strip_prefix(&[ROWS])?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let (community, key) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    let community = std::str::from_utf8(community).ok()?;
    Some((Text::from(community), key.to_vec()))
}

/// The value to store under a row's key, and the chunks beside it.
pub(super) fn split(value: &[u8]) -> (Vec<u8>, Vec<&[u8]>) {
    if value.len() < ROW_BYTES_MAX {
        let mut stored = vec![WHOLE];
        stored.extend(value);
        return (stored, Vec::new());
    }
    let parts: Vec<_> = value.chunks(ROW_BYTES_MAX).collect();
    let mut stored = vec![CHUNKED];
    stored.extend((parts.len() as u32).to_be_bytes());
    (stored, parts)
}

/// Reads what [`split`] made.
pub(super) fn stored(bytes: &[u8]) -> Option<Stored<'_>> {
    match bytes.split_first()? {
        (&WHOLE, value) => Some(Stored::Value(value)),
        (&CHUNKED, count) => {
            let count = count.try_into().ok()?;
            Some(Stored::Chunks(u32::from_be_bytes(count)))
        }
        _ => None,
    }
}

fn push(bytes: &mut Vec<u8>, part: &[u8]) -> Result<(), Error> {
    let (length, part) = length(part)?;
    bytes.extend(length.to_be_bytes());
    bytes.extend(part);
    Ok(())
}

fn length(part: &[u8]) -> Result<(u16, &[u8]), Error> {
    match u16::try_from(part.len()) {
        Ok(length) if part.len() <= ROW_KEY_BYTES_MAX => Ok((length, part)),
        _ => Err(Error::KeyTooLong {
            bytes: part.len(),
            limit: ROW_KEY_BYTES_MAX,
        }),
    }
}
