//! The few file operations that durability rests on, for all that lies in the data directory.

use super::Error;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

/// Creates the directory (and its parents) for this user alone, and takes others' rights away from
/// one that is there: what members wrote is no one else's business.
pub(crate) fn private_dir(path: &Path) -> Result<(), Error> {
    if !path.exists() {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(Error::io("create", path))?;
        path.parent().map_or(Ok(()), sync_dir)?;
    }
    let found = fs::metadata(path).map_err(Error::io("read", path))?;
    if found.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))
            .map_err(Error::io("make private", path))?;
    }
    Ok(())
}

/// A new file for this user alone; one of that name is replaced.
pub(crate) fn create(path: &Path) -> Result<File, Error> {
    remove(path)?;
    OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(Error::io("create", path))
}

/// Removes a file; that it is not there is fine.
pub(crate) fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::io("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// Makes names in the directory durable: creations, renames, removals.
pub(crate) fn sync_dir(path: &Path) -> Result<(), Error> {
    let shown = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    File::open(shown)
        .and_then(|dir| dir.sync_all())
        .map_err(Error::io("sync", shown))
}

/// Puts a synced file at its final name: it is there whole or not at all.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), Error> {
    fs::rename(from, to).map_err(Error::io("rename", from))?;
    to.parent().map_or(Ok(()), sync_dir)
}

/// Writes a small file so that it is there whole or not at all, durable when this returns.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let temporary = path.with_extension("tmp");
    let mut file = create(&temporary)?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(Error::io("write", &temporary))?;
    rename(&temporary, path)
}
