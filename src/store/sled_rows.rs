//! The store itself: rows written behind the journal, and read back at a start.

use super::error::guard;
use super::keys::{self, Stored};
use super::{Applied, Change, Error, Row};
use crate::model::limits::BATCH_ROWS_MAX;
use crate::model::{Text, hash_of};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Rows in sled. One thread owns it and writes.
#[derive(Debug)]
pub struct Store {
    pub(super) data: PathBuf,
    /// The kernel's run, for the mark of a clean close.
    pub(super) boot: String,
    pub(super) db: sled::Db,
    pub(super) totals: Totals,
    /// Until the first write.
    pub(super) is_new: bool,
}

/// What all rows together come to; it lies with `applied`, so that rows which sled lost or brought
/// back are noticed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Totals {
    rows: u64,
    /// Sum of the rows' hashes: the same in every order, and taken back when a row goes.
    sum: u64,
}

impl Totals {
    fn add(&mut self, community: &str, key: &[u8], value: &[u8]) {
        self.rows = self.rows.wrapping_add(1);
        self.sum = self.sum.wrapping_add(hash(community, key, value));
    }

    fn take(&mut self, community: &str, key: &[u8], value: &[u8]) {
        self.rows = self.rows.wrapping_sub(1);
        self.sum = self.sum.wrapping_sub(hash(community, key, value));
    }
}

/// A change in the tree: a key and its new value.
type Entry = (Vec<u8>, Option<Vec<u8>>);

impl Store {
    /// Writes changes of rows, after which the rows stand for `applied`. Where they need more than
    /// one batch, a stop in between makes the next opening a rebuild. Of two changes of the same
    /// row the later counts. After an error the store must not be used any more.
    pub fn write(&mut self, changes: Vec<Change>, applied: &Applied) -> Result<(), Error> {
        let latest: BTreeMap<(Text, Vec<u8>), Option<Vec<u8>>> = changes
            .into_iter()
            .map(|change| ((change.community, change.key), change.value))
            .collect();
        guard(|| {
            let mut totals = self.totals;
            let mut work = Vec::new();
            for ((community, key), value) in latest {
                self.plan(&mut work, &mut totals, &community, &key, value.as_deref())?;
            }
            self.carry_out(work, &encode(&(applied, totals))?)?;
            self.totals = totals;
            if self.is_new {
                self.mark_used()?;
                self.is_new = false;
            }
            Ok(())
        })
    }

    /// One row's value.
    pub fn get(&self, community: &str, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        guard(|| {
            let stored = self.db.get(keys::row(community, key)?)?;
            let value = stored.map(|stored| value_of(&self.db, community, key, &stored));
            value.transpose()
        })
    }

    /// A community's rows whose keys begin with `prefix`, in the order of the keys.
    pub fn rows(
        &self,
        community: &str,
        prefix: &[u8],
    ) -> Result<impl Iterator<Item = Result<Row, Error>> + use<>, Error> {
        Ok(scan(&self.db, &keys::row(community, prefix)?))
    }

    /// All rows, community after community.
    pub fn all(&self) -> impl Iterator<Item = Result<Row, Error>> + use<> {
        scan(&self.db, &[keys::ROWS])
    }

    /// Adds to `work` what makes the row so, and keeps the totals right.
    fn plan(
        &self,
        work: &mut Vec<Entry>,
        totals: &mut Totals,
        community: &str,
        key: &[u8],
        value: Option<&[u8]>,
    ) -> Result<(), Error> {
        let row_key = keys::row(community, key)?;
        let mut chunks_before = 0;
        if let Some(stored) = self.db.get(&row_key)? {
            if let Some(Stored::Chunks(count)) = keys::stored(&stored) {
                chunks_before = count;
            }
            let before = value_of(&self.db, community, key, &stored)?;
            totals.take(community, key, &before);
        }
        let (stored, parts) = match value {
            Some(value) => {
                totals.add(community, key, value);
                let (stored, parts) = keys::split(value);
                (Some(stored), parts)
            }
            None => (None, Vec::new()),
        };
        work.push((row_key, stored));
        let count = chunks_before.max(parts.len() as u32);
        let mut parts = parts.into_iter();
        for chunk_key in keys::chunks(community, key, count)? {
            work.push((chunk_key, parts.next().map(<[u8]>::to_vec)));
        }
        Ok(())
    }

    fn carry_out(&self, work: Vec<Entry>, applied: &[u8]) -> Result<(), Error> {
        // Two places in a batch are for the marks.
        let size = BATCH_ROWS_MAX - 2;
        let many = work.len() > size;
        let mut work = work.into_iter();
        let mut first = true;
        loop {
            let mut batch = sled::Batch::default();
            for (key, value) in work.by_ref().take(size) {
                match value {
                    Some(value) => batch.insert(key, value),
                    None => batch.remove(key),
                }
            }
            let last = work.len() == 0;
            if first && many {
                batch.insert(keys::FLUSHING, applied);
            }
            if last {
                batch.insert(keys::APPLIED, applied);
                batch.remove(keys::FLUSHING);
            }
            self.db.apply_batch(batch)?;
            first = false;
            if last {
                self.db.flush()?;
                return Ok(());
            }
        }
    }
}

/// What a store that was found holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    Whole(Applied, Totals),
    /// A write had begun and not ended.
    Half,
}

/// Reads everything once: that there is no damage is known only then.
pub(super) fn examine(db: &sled::Db) -> Result<Content, Error> {
    if db.get(keys::FLUSHING)?.is_some() {
        return Ok(Content::Half);
    }
    let Some(mark) = db.get(keys::APPLIED)? else {
        return Err(Error::Damaged("all that was written is gone".to_owned()));
    };
    let (applied, totals) = postcard::from_bytes::<(Applied, Totals)>(&mark)
        .map_err(|error| Error::Damaged(format!("its mark is unreadable: {error}")))?;
    let mut found = Totals::default();
    for row in scan(db, &[keys::ROWS]) {
        let row = row?;
        found.add(&row.community, &row.key, &row.value);
    }
    if found != totals {
        return Err(Error::Damaged(format!(
            "{} rows where {} were written, or other ones",
            found.rows, totals.rows
        )));
    }
    Ok(Content::Whole(applied, totals))
}

fn scan(db: &sled::Db, prefix: &[u8]) -> impl Iterator<Item = Result<Row, Error>> + use<> {
    let db = db.clone();
    let mut pairs = Some(db.scan_prefix(prefix));
    std::iter::from_fn(move || {
        let row = guard(|| {
            let Some(pair) = pairs.as_mut().and_then(Iterator::next) else {
                return Ok(None);
            };
            let (key, stored) = pair?;
            let (community, key) = keys::parse_row(&key)
                .ok_or_else(|| Error::Damaged("a key that is none".to_owned()))?;
            let value = value_of(&db, &community, &key, &stored)?;
            Ok(Some(Row {
                community,
                key,
                value,
            }))
        });
        if row.is_err() {
            pairs = None;
        }
        row.transpose()
    })
}

fn value_of(db: &sled::Db, community: &str, key: &[u8], stored: &[u8]) -> Result<Vec<u8>, Error> {
    match keys::stored(stored) {
        Some(Stored::Value(value)) => Ok(value.to_vec()),
        Some(Stored::Chunks(count)) => {
            let mut value = Vec::new();
            for chunk_key in keys::chunks(community, key, count)? {
                let chunk = db.get(chunk_key)?;
                value.extend_from_slice(
                    &chunk.ok_or_else(|| Error::Damaged("a chunk is missing".to_owned()))?,
                );
            }
            Ok(value)
        }
        None => Err(Error::Damaged("a value that is none".to_owned())),
    }
}

fn encode(mark: &(&Applied, Totals)) -> Result<Vec<u8>, Error> {
    postcard::to_stdvec(mark).map_err(|error| Error::Damaged(error.to_string()))
}

fn hash(community: &str, key: &[u8], value: &[u8]) -> u64 {
    hash_of(&[community.as_bytes(), key, value])
}
