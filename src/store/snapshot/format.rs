//! The bytes of a snapshot. All of it is checked once before any row is given out.
//!
//! ```text
//! magic 8 · format u32 · length u32 · header (postcard)
//! row     length of the rest u32 · length u16 · community · length u32 · key · value
//! end     0xFFFFFFFF · number of rows u64 · blake3 of all before
//! ```
//! Numbers are little-endian.

use super::{Error, Header, Row, failed};
use crate::journal;
use crate::model::Text;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

const MAGIC: [u8; 8] = *b"STWSNAP\xFF";
const FORMAT: u32 = 1;
const END: u32 = u32::MAX;
const HASH_BYTES: u64 = 32;
/// Bytes of a header; it holds 12 bytes per partition, of which there are 64.
const HEADER_BYTES_MAX: u32 = 1024 * 1024;

/// The rows of a snapshot.
#[derive(Debug)]
pub struct SnapshotRows {
    path: PathBuf,
    /// Without the hash at the file's end; `None` after the last row.
    reader: Option<io::Take<BufReader<File>>>,
    count: u64,
}

impl Iterator for SnapshotRows {
    type Item = Result<Row, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let reader = self.reader.as_mut()?;
        let row = read_row(reader, self.count);
        self.count += 1;
        if !matches!(row, Ok(Some(_))) {
            self.reader = None;
        }
        row.map_err(failed("read", &self.path)).transpose()
    }
}

/// Writes a snapshot to a file and syncs it; the number of its bytes.
pub(super) fn write(
    file: File,
    header: &Header,
    rows: impl IntoIterator<Item = Row>,
) -> io::Result<u64> {
    let mut out = Hashing {
        file: BufWriter::new(file),
        hasher: blake3::Hasher::new(),
        bytes: 0,
    };
    let header = postcard::to_stdvec(header).map_err(io::Error::other)?;
    out.put(&MAGIC)?;
    out.put(&FORMAT.to_le_bytes())?;
    out.put(&length(&header)?.to_le_bytes())?;
    out.put(&header)?;
    let mut count = 0_u64;
    for row in rows {
        let community = row.community.as_bytes();
        let community_length = u16::try_from(community.len()).map_err(io::Error::other)?;
        let mut bytes = community_length.to_le_bytes().to_vec();
        bytes.extend(community);
        bytes.extend(length(&row.key)?.to_le_bytes());
        bytes.extend(row.key);
        bytes.extend(row.value);
        out.put(&length(&bytes)?.to_le_bytes())?;
        out.put(&bytes)?;
        count += 1;
    }
    out.put(&END.to_le_bytes())?;
    out.put(&count.to_le_bytes())?;
    let hash = out.hasher.finalize();
    out.put(hash.as_bytes())?;
    let file = out
        .file
        .into_inner()
        .map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    Ok(out.bytes)
}

/// Opens a snapshot, after reading all of it once.
pub(super) fn open(path: PathBuf) -> Result<(Header, SnapshotRows), Error> {
    let file = File::open(&path).map_err(failed("open", &path))?;
    let bytes = check(&path, &file)?;
    (&file).rewind().map_err(failed("read", &path))?;
    let mut reader = BufReader::new(file).take(bytes);
    let header = read_header(&path, &mut reader)?;
    let rows = SnapshotRows {
        path,
        reader: Some(reader),
        count: 0,
    };
    Ok((header, rows))
}

/// Counts and hashes what goes through to the file.
struct Hashing {
    file: BufWriter<File>,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl Hashing {
    fn put(&mut self, part: &[u8]) -> io::Result<()> {
        self.hasher.update(part);
        self.bytes += part.len() as u64;
        self.file.write_all(part)
    }
}

fn length(part: &[u8]) -> io::Result<u32> {
    match u32::try_from(part.len()) {
        Ok(length) if length != END => Ok(length),
        _ => Err(io::Error::other("a part of a snapshot is over 4 GiB")),
    }
}

/// Compares the hash at the end with everything before; the number of bytes before.
fn check(path: &Path, file: &File) -> Result<u64, Error> {
    let io = failed("read", path);
    let metadata = file.metadata().map_err(&io)?;
    let before = metadata.len().checked_sub(HASH_BYTES);
    let before = before.ok_or_else(|| damaged(path, "it is too short"))?;
    let mut hasher = blake3::Hasher::new();
    let mut reader = BufReader::new(file).take(before);
    io::copy(&mut reader, &mut hasher).map_err(&io)?;
    let mut hash = [0; HASH_BYTES as usize];
    reader.into_inner().read_exact(&mut hash).map_err(&io)?;
    if hasher.finalize() != hash {
        return Err(damaged(path, "its checksum does not match"));
    }
    Ok(before)
}

fn read_header(path: &Path, reader: &mut impl Read) -> Result<Header, Error> {
    let io = failed("read", path);
    let mut magic = [0; MAGIC.len()];
    reader.read_exact(&mut magic).map_err(&io)?;
    if magic != MAGIC {
        return Err(damaged(path, "not a snapshot"));
    }
    let format = read_u32(reader).map_err(&io)?;
    if format > FORMAT {
        return Err(journal::Error::Newer {
            what: path.display().to_string(),
            found: format,
            known: FORMAT,
        }
        .into());
    }
    let length = read_u32(reader).map_err(&io)?.min(HEADER_BYTES_MAX);
    let header = read_bytes(reader, length).map_err(&io)?;
    let header = postcard::from_bytes(&header).ok();
    header.ok_or_else(|| damaged(path, "its header is unreadable"))
}

/// The next row; `None` at the end, which must come after `count` rows.
fn read_row(reader: &mut impl Read, count: u64) -> io::Result<Option<Row>> {
    let length = read_u32(reader)?;
    if length == END {
        let mut expected = [0; 8];
        reader.read_exact(&mut expected)?;
        if u64::from_le_bytes(expected) != count {
            return Err(io::Error::other("the snapshot lacks rows"));
        }
        return Ok(None);
    }
    let bytes = read_bytes(reader, length)?;
    let row = parse_row(&bytes);
    row.map(Some)
        .ok_or_else(|| io::Error::other("a row of the snapshot is unreadable"))
}

fn parse_row(bytes: &[u8]) -> Option<Row> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    let (community, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (key, value) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    Some(Row {
        community: Text::from(std::str::from_utf8(community).ok()?),
        key: key.to_vec(),
        value: value.to_vec(),
    })
}

fn read_u32(reader: &mut impl Read) -> io::Result<u32> {
    let mut bytes = [0; 4];
    reader.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

/// Takes memory only for what is there, whatever the length says.
fn read_bytes(reader: &mut impl Read, length: u32) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(u64::from(length)).read_to_end(&mut bytes)?;
    if bytes.len() < length as usize {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(bytes)
}

fn damaged(path: &Path, what: &'static str) -> Error {
    Error::Snapshot {
        path: path.to_owned(),
        what,
    }
}
