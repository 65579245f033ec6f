//! `data/rulebooks/<hash>`: the texts that a journalled `Reload` or `Config` stands for, kept as
//! long as any record needs them.

use crate::journal::{Error, disk};
use crate::model::Hash;
use std::fs;
use std::path::{Path, PathBuf};

/// The texts of rulebooks, by their hash.
#[derive(Clone, Debug)]
pub struct Rulebooks {
    dir: PathBuf,
}

impl Rulebooks {
    /// Opens `data/rulebooks/`, creating it where it is missing.
    pub fn open(data: &Path) -> Result<Self, Error> {
        let dir = data.join("rulebooks");
        disk::private_dir(&dir)?;
        Ok(Self { dir })
    }

    /// Keeps a text, durably: afterwards its hash may be journalled.
    pub fn save_text(&self, hash: Hash, text: &[u8]) -> Result<(), Error> {
        disk::write_whole(&self.path(hash), text)
    }

    /// The text of that hash; `None` when it is not here.
    pub fn load_text(&self, hash: Hash) -> Result<Option<Vec<u8>>, Error> {
        let path = self.path(hash);
        match fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some).map_err(Error::io("read", &path)),
        }
    }

    /// All hashes that are here, in order.
    pub fn list(&self) -> Result<Vec<Hash>, Error> {
        let mut hashes = Vec::new();
        for entry in fs::read_dir(&self.dir).map_err(Error::io("list", &self.dir))? {
            let name = entry.map_err(Error::io("list", &self.dir))?.file_name();
            let hash = name.to_str().and_then(|name| name.parse::<Hash>().ok());
            hashes.extend(hash);
        }
        hashes.sort();
        Ok(hashes)
    }

    /// Forgets a text; that it is not here is fine.
    pub fn remove(&self, hash: Hash) -> Result<(), Error> {
        disk::remove(&self.path(hash))?;
        disk::sync_dir(&self.dir)
    }

    /// A hash prints as letters and digits, so this never leaves the directory.
    fn path(&self, hash: Hash) -> PathBuf {
        self.dir.join(hash.to_string())
    }
}
