//! `data/snapshots/`: whole worlds, from which a rebuild or a replay starts.
//!
//! ```text
//! magic 8 · format u32 · length u32 · header (postcard)
//! row     length of the rest u32 · length u16 · community · length u32 · key · value
//! end     0xFFFFFFFF · number of rows u64 · blake3 of all before
//! ```

use super::retention::{Keep, kept, needed_from};
use super::{Applied, Error, Row};
use crate::journal::{self, Journal, Position, disk};
use crate::model::{Hash, Millis, Text};
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

const MAGIC: [u8; 8] = *b"STWSNAP\xFF";
const FORMAT: u32 = 1;
const END: u32 = u32::MAX;
const HASH_BYTES: u64 = 32;
/// Bytes of a header; it holds 12 bytes per partition, of which there are 64.
const HEADER_BYTES_MAX: u32 = 1024 * 1024;

/// What a snapshot is of.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Header {
    /// `ENGINE_VERSION` of the fold that made the rows.
    pub engine: String,
    /// The journal time at which it was taken.
    pub at: Millis,
    pub applied: Applied,
    /// The rules in force.
    pub rulebook: Hash,
}

/// A snapshot as its file's name tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Info {
    /// The first record that is not in it.
    pub position: Position,
    pub at: Millis,
    pub bytes: u64,
}

/// A snapshot whose bytes are whole.
#[derive(Debug)]
pub struct Snapshot {
    pub info: Info,
    pub header: Header,
    pub rows: SnapshotRows,
}

/// The newest whole snapshot, and newer ones that were passed over because they are damaged.
#[derive(Debug)]
pub struct Loaded {
    pub snapshot: Option<Snapshot>,
    pub skipped: Vec<(Info, Error)>,
}

/// The snapshots of a data directory.
#[derive(Clone, Debug)]
pub struct Snapshots {
    dir: PathBuf,
}

impl Snapshots {
    /// Opens `data/snapshots/`, creating it where it is missing.
    pub fn open(data: &Path) -> Result<Self, Error> {
        let dir = data.join("snapshots");
        disk::private_dir(&dir)?;
        Ok(Self { dir })
    }

    /// Writes a snapshot; it is there, whole and durable, when this returns, and not at all before.
    pub fn write(
        &self,
        header: &Header,
        rows: impl IntoIterator<Item = Row>,
    ) -> Result<Info, Error> {
        let temporary = self.dir.join("unfinished");
        let file = disk::create(&temporary)?;
        let bytes = write_file(file, header, rows).map_err(failed("write", &temporary))?;
        let info = Info {
            position: header.applied.position,
            at: header.at.max(0),
            bytes,
        };
        disk::rename(&temporary, &self.path(&info))?;
        Ok(info)
    }

    /// All snapshots, oldest first, damaged ones too.
    pub fn list(&self) -> Result<Vec<Info>, Error> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.dir).map_err(failed("list", &self.dir))? {
            let entry = entry.map_err(failed("list", &self.dir))?;
            let name = entry.file_name();
            let Some((position, at)) = name.to_str().and_then(parse_name) else {
                continue;
            };
            let metadata = entry.metadata().map_err(failed("read", entry.path()))?;
            let bytes = metadata.len();
            found.push(Info {
                position,
                at,
                bytes,
            });
        }
        found.sort();
        Ok(found)
    }

    /// Opens one, after reading all of it once.
    pub fn load(&self, info: &Info) -> Result<Snapshot, Error> {
        let path = self.path(info);
        let file = File::open(&path).map_err(failed("open", &path))?;
        let bytes = check(&path, file)?;
        let file = File::open(&path).map_err(failed("open", &path))?;
        let mut reader = BufReader::new(file).take(bytes);
        let header = read_header(&path, &mut reader)?;
        Ok(Snapshot {
            info: *info,
            header,
            rows: SnapshotRows {
                path,
                reader: Some(reader),
                count: 0,
            },
        })
    }

    /// The newest that is whole. One of a newer version is an error: it must not be passed over.
    pub fn load_newest(&self) -> Result<Loaded, Error> {
        let mut skipped = Vec::new();
        for info in self.list()?.into_iter().rev() {
            match self.load(&info) {
                Ok(snapshot) => {
                    let snapshot = Some(snapshot);
                    return Ok(Loaded { snapshot, skipped });
                }
                Err(error @ Error::Snapshot { .. }) => {
                    tracing::warn!(%error, "Passed over a damaged snapshot.");
                    skipped.push((info, error));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Loaded {
            snapshot: None,
            skipped,
        })
    }

    /// Removes what [`kept`] does not keep, and says from where the journal is still needed.
    pub fn retain(
        &self,
        now: Millis,
        keep: Keep,
        journal: &dyn Journal,
    ) -> Result<Position, Error> {
        let all = self.list()?;
        let stay = kept(&all, now, keep, |position| journal.bytes_from(position));
        for info in all.iter().filter(|info| !stay.contains(info)) {
            disk::remove(&self.path(info))?;
        }
        disk::sync_dir(&self.dir)?;
        Ok(needed_from(&stay))
    }

    fn path(&self, info: &Info) -> PathBuf {
        self.dir.join(name_of(info.position, info.at))
    }
}

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

fn name_of(position: Position, at: Millis) -> String {
    format!("{:020}-{at:016}", position.0)
}

fn parse_name(name: &str) -> Option<(Position, Millis)> {
    let (position, at) = name.split_once('-')?;
    let position = Position(position.parse().ok()?);
    let at = at.parse().ok()?;
    (name_of(position, at) == name).then_some((position, at))
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

fn write_file(file: File, header: &Header, rows: impl IntoIterator<Item = Row>) -> io::Result<u64> {
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

fn length(part: &[u8]) -> io::Result<u32> {
    match u32::try_from(part.len()) {
        Ok(length) if length != END => Ok(length),
        _ => Err(io::Error::other("a part of a snapshot is over 4 GiB")),
    }
}

/// Compares the hash at the end with everything before; the number of bytes before.
fn check(path: &Path, file: File) -> Result<u64, Error> {
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

fn failed(doing: &'static str, path: impl Into<PathBuf>) -> impl Fn(io::Error) -> Error {
    let journal_error = journal::Error::io(doing, path);
    move |error| journal_error(error).into()
}
