//! Folding the journal once more and comparing with the stored rows, byte for byte.

use super::{Ground, Source, fold, from_rows};
use crate::engine::{self, ENGINE_VERSION};
use crate::journal::{DataLock, FileJournal, Journal as _, Position};
use crate::model::Text;
use crate::runtime::error::Error;
use crate::runtime::library::Library;
use crate::runtime::setup::Loader;
use crate::runtime::worlds::{Fold, Worlds};
use crate::store::{Opened, Snapshots, Store};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Differences that are told one by one.
const SHOWN_MAX: usize = 100;

/// What a check came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    pub from: Source,
    /// Inputs that were folded.
    pub folded: u64,
    /// Rows that were compared.
    pub rows: usize,
    /// How many of them differ; the first ones are in `shown`.
    pub differing: usize,
    pub shown: Vec<Difference>,
    /// What kept the check from being whole.
    pub notes: Vec<String>,
}

/// A row that is not what the journal makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub community: Text,
    /// The row's key, unprintable bytes as `\x..`.
    pub row: String,
    /// `missing`, `unexpected` or `different`, as seen from the store.
    pub what: &'static str,
}

/// Checks the data directory of a daemon that does not run: from the oldest snapshot of this engine
/// to what the store stands for. A store that cannot be trusted is emptied, as a start would do.
pub fn verify(data: &Path, loader: Arc<dyn Loader>) -> Result<Verified, Error> {
    verify_with(data, loader, engine::apply)
}

pub(in crate::runtime) fn verify_with(
    data: &Path,
    loader: Arc<dyn Loader>,
    with: Fold,
) -> Result<Verified, Error> {
    let _lock = DataLock::take(data)?;
    let journal = FileJournal::open(data)?;
    let (store, opened) = Store::open(data)?;
    let snapshots = Snapshots::open(data)?;
    let library = Library::open(data, loader)?;
    let ground = Ground {
        data,
        journal: &journal,
        snapshots: &snapshots,
        library: &library,
        fold_tail: true,
    };
    let mut verified = Verified {
        from: Source::Beginning,
        folded: 0,
        rows: 0,
        differing: 0,
        shown: Vec::new(),
        notes: Vec::new(),
    };
    let to = match opened {
        Opened::Usable(applied) => applied.position,
        Opened::Rebuild(reason) => {
            let note = format!("there is no stored world to compare with: {reason}");
            verified.notes.push(note);
            journal.end()
        }
    };
    let mut worlds = Worlds::new(with);
    let from = begin(&ground, &mut worlds, &mut verified)?;
    verified.folded = fold(&ground, &mut worlds, from, to, &mut verified.notes)?;
    if verified.notes.is_empty() {
        compare(&store, &worlds, &mut verified)?;
    }
    store.close()?;
    Ok(verified)
}

/// The oldest snapshot that this engine made and the journal reaches back to.
fn begin(
    ground: &Ground<'_>,
    worlds: &mut Worlds,
    verified: &mut Verified,
) -> Result<Position, Error> {
    let start = ground.journal.start();
    if start == Position::FIRST {
        return Ok(start);
    }
    for info in ground.snapshots.list()? {
        let Ok(snapshot) = ground.snapshots.load(&info) else {
            continue;
        };
        if snapshot.header.engine == ENGINE_VERSION && info.position >= start {
            from_rows(snapshot.rows, worlds).map_err(crate::store::Error::Damaged)?;
            verified.from = Source::Snapshot;
            return Ok(info.position);
        }
    }
    Err(Error::NoSnapshot { start })
}

fn compare(store: &Store, worlds: &Worlds, verified: &mut Verified) -> Result<(), Error> {
    let mut expected: BTreeMap<(Text, Vec<u8>), Vec<u8>> = BTreeMap::new();
    for (community, world) in &worlds.map {
        for (key, value) in world.rows() {
            expected.insert((community.clone(), key), value);
        }
    }
    verified.rows = expected.len();
    let mut differ = |community: Text, key: &[u8], what: &'static str| {
        verified.differing += 1;
        if verified.shown.len() < SHOWN_MAX {
            verified.shown.push(Difference {
                community,
                row: key.escape_ascii().to_string(),
                what,
            });
        }
    };
    for row in store.all() {
        let row = row?;
        match expected.remove(&(row.community.clone(), row.key.clone())) {
            Some(value) if value == row.value => {}
            Some(_) => differ(row.community, &row.key, "different"),
            None => differ(row.community, &row.key, "unexpected"),
        }
    }
    for (community, key) in expected.into_keys() {
        differ(community, &key, "missing");
    }
    Ok(())
}
