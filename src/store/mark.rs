//! `data/sled.state`: whether sled was closed cleanly, and under which run of the kernel it was
//! opened. A process that dies loses nothing of what it wrote; a machine that stops does, because
//! sled's `flush` is no sync.

use crate::journal::{self, disk};
use std::path::Path;

/// Form of the rows in sled. A change that old rows do not survive is a new number here.
const FORMAT: u32 = 1;
const TITLE: &str = "steward store, format ";

/// What the file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// Nothing was written yet.
    New,
    /// Every file was synced before this was written.
    Closed,
    /// It was open, in this run of the kernel.
    OpenHere,
    /// It was open when the machine stopped; or nobody knows.
    Unclean,
}

/// The kernel's name for its present run. Where there is none, every stop counts as the machine's.
pub(super) fn boot_id() -> String {
    let read = std::fs::read_to_string("/proc/sys/kernel/random/boot_id");
    read.map_or_else(|_| String::new(), |text| text.trim().to_owned())
}

/// Reads the mark; an error when rows of a newer form lie here.
pub(super) fn read(path: &Path, boot: &str) -> Result<Mark, journal::Error> {
    let bytes = match std::fs::read(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Mark::Unclean),
        read => read.map_err(journal::Error::io("read", path))?,
    };
    let text = String::from_utf8_lossy(&bytes);
    let mut lines = text.lines();
    let format = lines.next().and_then(|line| line.strip_prefix(TITLE));
    let format = format.and_then(|number| number.parse::<u32>().ok());
    match format {
        Some(found) if found > FORMAT => Err(journal::Error::Newer {
            what: path.display().to_string(),
            found,
            known: FORMAT,
        }),
        Some(FORMAT) => Ok(match (lines.next(), lines.next()) {
            (Some("new"), _) => Mark::New,
            (Some("closed"), _) => Mark::Closed,
            (Some("open"), Some(found)) if found == boot && !boot.is_empty() => Mark::OpenHere,
            _ => Mark::Unclean,
        }),
        _ => Ok(Mark::Unclean),
    }
}

/// Writes the mark, durably. Before sled is touched it says `OpenHere`, and `Closed` only after all
/// of it was synced.
pub(super) fn write(path: &Path, mark: Mark, boot: &str) -> Result<(), journal::Error> {
    let state = match mark {
        Mark::New => "new",
        Mark::Closed => "closed",
        Mark::OpenHere => "open",
        Mark::Unclean => "unclean",
    };
    disk::write_whole(
        path,
        format!("{TITLE}{FORMAT}\n{state}\n{boot}\n").as_bytes(),
    )
}
