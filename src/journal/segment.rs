//! One segment file: zeros from end to end when it is made, so that no append changes its size or
//! its extents and a sync has no metadata to commit.
//!
//! ```text
//! header  magic 8 · format u32 · first position u64 · partitions u32 ·
//!         (partition u16 · seq u64 · at i64) of each head before it · crc32c u32
//! groups  see frame.rs
//! zeros
//! ```

use super::reader::Block;
use super::{Error, Head, Heads, Position, disk};
use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

const MAGIC: [u8; 8] = *b"STEWARD\xFF";
const FORMAT: u32 = 1;
/// Bytes of a header without heads, and of one head.
const HEADER: usize = 28;
const HEAD: usize = 18;
/// Bytes of zeros written at once.
const ZEROS: usize = 256 * 1024;
/// Name of the segment that is made ahead, and of one that is still being made.
const RESERVE: &str = "reserve";
const UNFINISHED: &str = "reserve.tmp";

/// A segment made ahead: nothing but zeros, synced, not yet part of the journal.
#[derive(Debug)]
pub(super) struct Reserve {
    file: File,
    path: PathBuf,
    pub(super) size: u64,
}

impl Reserve {
    /// Writes `size` zeros and syncs them.
    pub(super) fn make(dir: &Path, size: u64) -> Result<Self, Error> {
        let unfinished = dir.join(UNFINISHED);
        let path = dir.join(RESERVE);
        let mut file = disk::create(&unfinished)?;
        let written = zero(&mut file, size).map_err(Error::io("write zeros to", &unfinished));
        if let Err(error) = written {
            // The room it took is needed elsewhere, above all when there was not enough.
            disk::remove(&unfinished)?;
            return Err(error);
        }
        disk::rename(&unfinished, &path)?;
        Ok(Self { file, path, size })
    }

    /// The one that an earlier process left, if it is sound.
    pub(super) fn find(dir: &Path) -> Result<Option<Self>, Error> {
        disk::remove(&dir.join(UNFINISHED))?;
        let path = dir.join(RESERVE);
        if !path.exists() {
            return Ok(None);
        }
        let bytes = fs::read(&path).map_err(Error::io("read", &path))?;
        if bytes.is_empty() || bytes.iter().any(|byte| *byte != 0) {
            disk::remove(&path)?;
            return Ok(None);
        }
        let file = open(&path)?;
        let size = bytes.len() as u64;
        Ok(Some(Self { file, path, size }))
    }

    /// Makes it the segment that begins with `first`. The header is durable before the name is.
    pub(super) fn activate(self, first: Position, heads: &Heads) -> Result<Segment, Error> {
        let header = encode_header(first, heads);
        self.file
            .write_all_at(&header, 0)
            .and_then(|()| self.file.sync_data())
            .map_err(Error::io("write", &self.path))?;
        let path = self.path.with_file_name(name(first));
        disk::rename(&self.path, &path)?;
        Ok(Segment {
            file: self.file,
            path,
            first,
            size: self.size,
            used: header.len() as u64,
            empty: true,
        })
    }
}

/// The segment that is appended to.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) file: File,
    pub(super) path: PathBuf,
    pub(super) first: Position,
    pub(super) size: u64,
    /// Where the next group goes.
    used: u64,
    /// True before its first group.
    pub(super) empty: bool,
}

impl Segment {
    /// Opens the last segment after a stop. A torn group is cut off and overwritten with zeros, so
    /// that its bytes can never count as valid again. The last whole group may be known to the
    /// kernel alone (the process died before its sync, or the sync failed), so it is written again
    /// and synced before anyone acts on it.
    pub(super) fn recover(
        path: PathBuf,
        first: Position,
    ) -> Result<(Self, Position, Heads), Error> {
        let mut block = load(&path, first)?;
        let header = block.offset;
        let tail = block.recover()?;
        let segment = Self {
            file: open(&path)?,
            path,
            first,
            size: block.bytes.len() as u64,
            used: block.offset as u64,
            empty: block.offset == header,
        };
        if tail.torn {
            tracing::warn!(
                file = %segment.path.display(),
                offset = segment.used,
                "Cut a half-written group off the journal's end."
            );
            segment.clear_rest()?;
        }
        let last = block.bytes.get(tail.last..block.offset).unwrap_or_default();
        segment
            .file
            .write_all_at(last, tail.last as u64)
            .and_then(|()| segment.file.sync_all())
            .map_err(Error::io("write", &segment.path))?;
        Ok((segment, block.next, block.heads))
    }

    /// Whether `bytes` more fit.
    pub(super) fn fits(&self, bytes: usize) -> bool {
        self.size - self.used.min(self.size) >= bytes as u64
    }

    /// Writes a group and makes it durable: one write, one `fdatasync`.
    pub(super) fn append(&mut self, group: &[u8]) -> Result<(), Error> {
        self.file
            .write_all_at(group, self.used)
            .map_err(Error::io("write", &self.path))?;
        self.file
            .sync_data()
            .map_err(Error::io("sync", &self.path))?;
        self.used += group.len() as u64;
        self.empty = false;
        Ok(())
    }

    /// The caller syncs.
    fn clear_rest(&self) -> Result<(), Error> {
        let zeros = vec![0; ZEROS];
        let mut offset = self.used;
        while offset < self.size {
            let part = (self.size - offset).min(ZEROS as u64);
            let zeros = zeros.get(..part as usize).unwrap_or_default();
            self.file
                .write_all_at(zeros, offset)
                .map_err(Error::io("write zeros to", &self.path))?;
            offset += part;
        }
        self.file.sync_all().map_err(Error::io("sync", &self.path))
    }
}

/// Bytes a segment needs for a group of `group` bytes after these heads.
pub(super) fn room(heads: &Heads, group: usize) -> u64 {
    (HEADER + HEAD * heads.len()).saturating_add(group) as u64
}

/// The segments of a directory, oldest first. Files that are not segments are left alone.
pub(super) fn list(dir: &Path) -> Result<Vec<(Position, PathBuf)>, Error> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).map_err(Error::io("list", dir))? {
        let entry = entry.map_err(Error::io("list", dir))?;
        let name_here = entry.file_name();
        let first = name_here
            .to_str()
            .and_then(|text| text.strip_suffix(".log"))
            .and_then(|digits| digits.parse::<u64>().ok())
            .map(Position)
            .filter(|first| *name(*first) == *name_here);
        found.extend(first.map(|first| (first, entry.path())));
    }
    found.sort();
    Ok(found)
}

/// Reads a segment into memory, at its first group.
pub(super) fn load(path: &Path, first: Position) -> Result<Block, Error> {
    let bytes = fs::read(path).map_err(Error::io("read", path))?;
    let damaged = |what| Error::Damaged {
        path: path.to_owned(),
        offset: 0,
        what,
    };
    let after = bytes.strip_prefix(&MAGIC);
    let format = after.and_then(|rest| rest.first_chunk::<4>());
    let format = format.ok_or_else(|| damaged("not a segment of a journal"))?;
    let format = u32::from_le_bytes(*format);
    if format > FORMAT {
        return Err(Error::Newer {
            what: path.display().to_string(),
            found: format,
            known: FORMAT,
        });
    }
    let (found, heads, offset) =
        decode_header(&bytes).ok_or_else(|| damaged("its header is not whole"))?;
    if found != first {
        return Err(damaged("its name does not say where it begins"));
    }
    Ok(Block {
        path: path.to_owned(),
        bytes,
        offset,
        next: first,
        heads,
    })
}

fn name(first: Position) -> String {
    format!("{:020}.log", first.0)
}

fn open(path: &Path) -> Result<File, Error> {
    File::options()
        .read(true)
        .write(true)
        .open(path)
        .map_err(Error::io("open", path))
}

fn zero(file: &mut File, size: u64) -> std::io::Result<()> {
    let zeros = vec![0; ZEROS];
    let mut left = size;
    while left > 0 {
        let part = left.min(ZEROS as u64);
        file.write_all(zeros.get(..part as usize).unwrap_or_default())?;
        left -= part;
    }
    file.sync_all()
}

fn encode_header(first: Position, heads: &Heads) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER + HEAD * heads.len());
    bytes.extend(MAGIC);
    bytes.extend(FORMAT.to_le_bytes());
    bytes.extend(first.0.to_le_bytes());
    bytes.extend((heads.len() as u32).to_le_bytes());
    for (partition, head) in heads {
        bytes.extend(partition.to_le_bytes());
        bytes.extend(head.seq.to_le_bytes());
        bytes.extend(head.at.to_le_bytes());
    }
    bytes.extend(crc32c::crc32c(&bytes).to_le_bytes());
    bytes
}

/// The first position, the heads before it, and the header's size.
fn decode_header(bytes: &[u8]) -> Option<(Position, Heads, usize)> {
    let fields = bytes.get(MAGIC.len() + 4..)?;
    let (first, fields) = fields.split_first_chunk::<8>()?;
    let (count, mut fields) = fields.split_first_chunk::<4>()?;
    let count = u32::from_le_bytes(*count);
    let mut heads = Heads::new();
    for _ in 0..count {
        let (partition, rest) = fields.split_first_chunk::<2>()?;
        let (seq, rest) = rest.split_first_chunk::<8>()?;
        let (at, rest) = rest.split_first_chunk::<8>()?;
        let head = Head {
            seq: u64::from_le_bytes(*seq),
            at: i64::from_le_bytes(*at),
        };
        heads.insert(u16::from_le_bytes(*partition), head);
        fields = rest;
    }
    let crc = u32::from_le_bytes(*fields.first_chunk::<4>()?);
    let checked = bytes.len() - fields.len();
    let sound = crc32c::crc32c(bytes.get(..checked)?) == crc;
    sound.then_some((Position(u64::from_le_bytes(*first)), heads, checked + 4))
}
