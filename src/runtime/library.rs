//! Rulebooks by their hash: texts kept in `data/rulebooks/`, compiled when the fold needs them.

use super::setup::{Loader, Texts};
use crate::engine::{Books, Rules};
use crate::journal::Error;
use crate::model::Hash;
use crate::store::Rulebooks;
use std::path::Path;
use std::sync::Arc;

/// The rulebooks of a data directory.
#[derive(Clone)]
pub(super) struct Library {
    texts: Rulebooks,
    loader: Arc<dyn Loader>,
}

impl Library {
    /// Opens `data/rulebooks/`.
    pub(super) fn open(data: &Path, loader: Arc<dyn Loader>) -> Result<Self, Error> {
        let texts = Rulebooks::open(data)?;
        Ok(Self { texts, loader })
    }

    /// Keeps the texts durably; afterwards their hash may be journalled.
    pub(super) fn save(&self, hash: Hash, texts: &Texts) -> Result<(), Error> {
        let bytes = postcard::to_stdvec(texts).map_err(|error| Error::Payload {
            seq: 0,
            what: error.to_string(),
        })?;
        if self.texts.load_text(hash)?.as_ref() == Some(&bytes) {
            return Ok(());
        }
        self.texts.save_text(hash, &bytes)
    }

    /// Adds the rulebook to `books`; else says why it cannot be had.
    pub(super) fn fetch(&self, hash: Hash, books: &mut Books) -> Result<(), String> {
        if books.contains_key(&hash) || hash == Hash::default() {
            return Ok(());
        }
        let rules = self.compile(hash)?;
        books.insert(hash, Arc::new(rules));
        Ok(())
    }

    fn compile(&self, hash: Hash) -> Result<Rules, String> {
        let bytes = self.texts.load_text(hash);
        let bytes = bytes.map_err(|error| format!("rulebook {hash}: {error}"))?;
        let bytes = bytes.ok_or_else(|| format!("rulebook {hash} is not in `data/rulebooks`"))?;
        let texts = postcard::from_bytes::<Texts>(&bytes)
            .map_err(|error| format!("rulebook {hash} is damaged: {error}"))?;
        let rules = self.loader.compile(&texts);
        rules.map_err(|problems| format!("rulebook {hash}: {}", problems.join("; ")))
    }
}
