//! A start: the worlds as the stored rows and the journal's tail make them; where the store is of no
//! use, as the newest snapshot and the journal make them.

pub(super) mod verify;

use super::error::Error;
use super::library::Library;
use super::skip;
use super::worlds::Worlds;
use crate::engine::ENGINE_VERSION;
use crate::journal::{Journal, Position};
use crate::model::{Hash, Input, Text, World};
use crate::store::{Applied, Opened, Row, Snapshot, Snapshots, Store};
use std::collections::BTreeMap;
use std::path::Path;

/// What a start found and did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub from: Source,
    /// Why the store was written anew; `None` when it was of use.
    pub rebuilt_because: Option<String>,
    /// Inputs of the journal that were folded.
    pub folded: u64,
    /// What an operator should know.
    pub notes: Vec<String>,
}

/// What a start began from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// The journal alone.
    #[default]
    Beginning,
    Snapshot,
    Store,
}

/// What a start needs.
pub(super) struct Ground<'a> {
    pub(super) data: &'a Path,
    pub(super) journal: &'a dyn Journal,
    pub(super) snapshots: &'a Snapshots,
    pub(super) library: &'a Library,
    pub(super) fold_tail: bool,
}

/// Fills `worlds`. The store comes back as it is to be written on; when the report says that it was
/// rebuilt, all rows are to be written.
pub(super) fn load(
    ground: &Ground<'_>,
    (store, opened): (Store, Opened),
    worlds: &mut Worlds,
) -> Result<(Store, Report), Error> {
    let mut report = Report::default();
    let newest = ground.snapshots.load_newest()?;
    for (info, error) in &newest.skipped {
        let note = format!("passed over the snapshot at {}: {error}", info.position);
        report.notes.push(note);
    }
    refuse_other_engine(ground, newest.snapshot.as_ref())?;
    let usable = match opened {
        Opened::Rebuild(reason) => Err(reason.to_string()),
        Opened::Usable(applied) => {
            let fits = check(&applied, ground.journal);
            fits.and_then(|()| from_rows(store.all(), worlds))
                .map(|()| applied.position)
        }
    };
    let (store, position) = match usable {
        Ok(position) => {
            report.from = Source::Store;
            (store, position)
        }
        Err(reason) => {
            worlds.map.clear();
            report.rebuilt_because = Some(reason);
            let position = from_snapshot(ground, newest.snapshot, worlds, &mut report)?;
            (store.clear()?, position)
        }
    };
    if let Some(panicked) = skip::read(ground.data) {
        worlds.skips.insert((panicked.partition, panicked.seq));
    }
    let end = ground.journal.end();
    report.folded = fold(ground, worlds, position, end, &mut report.notes)?;
    Ok((store, report))
}

/// Folds the records in `from..to`; how many.
pub(super) fn fold(
    ground: &Ground<'_>,
    worlds: &mut Worlds,
    from: Position,
    to: Position,
    notes: &mut Vec<String>,
) -> Result<u64, Error> {
    let count = to.0.saturating_sub(from.0);
    let length = usize::try_from(count).unwrap_or(usize::MAX);
    for hash in worlds.books_in_use() {
        let fetched = ground.library.fetch(hash, &mut worlds.books);
        let is_in_force = worlds.map.values().any(|world| world.head.rulebook == hash);
        match fetched {
            Ok(()) => {}
            Err(problem) if is_in_force && count > 0 => return Err(Error::Rulebook(problem)),
            Err(problem) => notes.push(problem),
        }
    }
    // What was passed over when it came is passed over again, and the journal says so only later.
    for record in ground.journal.read(from).take(length) {
        let record = record?;
        if let Input::Skip { seq, .. } = record.stamped()?.input {
            worlds.skips.insert((record.partition, seq));
        }
    }
    for record in ground.journal.read(from).take(length) {
        let stamped = record?.stamped()?;
        if let Input::Reload { rulebook } = stamped.input {
            let fetched = ground.library.fetch(rulebook, &mut worlds.books);
            fetched.map_err(Error::Rulebook)?;
        }
        if let Err(panicked) = worlds.apply(&stamped) {
            skip::write(ground.data, &panicked)?;
            return Err(Error::Panicked(panicked));
        }
    }
    let used = worlds.books_in_use();
    worlds.books.retain(|hash, _| used.contains(hash));
    Ok(count)
}

/// A row's key and value.
type Pair = (Vec<u8>, Vec<u8>);

/// Worlds from rows, community after community.
pub(super) fn from_rows(
    rows: impl Iterator<Item = Result<Row, crate::store::Error>>,
    worlds: &mut Worlds,
) -> Result<(), String> {
    let mut by_community: BTreeMap<Text, Vec<Pair>> = BTreeMap::new();
    for row in rows {
        let row = row.map_err(|error| error.to_string())?;
        let rows = by_community.entry(row.community).or_default();
        rows.push((row.key, row.value));
    }
    for (community, mut rows) in by_community {
        rows.sort();
        let world = World::from_rows(rows).map_err(|error| error.to_string())?;
        worlds.map.insert(community, world);
    }
    Ok(())
}

/// Whether the journal bears out what the rows claim to stand for.
fn check(applied: &Applied, journal: &dyn Journal) -> Result<(), String> {
    let known = journal.start()..=journal.end();
    if !known.contains(&applied.position) {
        return Err(format!(
            "it stands for {} and the journal holds {} to {}",
            applied.position,
            known.start(),
            known.end()
        ));
    }
    for (partition, seq) in &applied.seqs {
        let head = journal.head(*partition).map_or(0, |head| head.seq);
        if *seq > head {
            return Err(format!(
                "it stands for input {seq} of partition {partition}, which ends at {head}"
            ));
        }
    }
    Ok(())
}

fn from_snapshot(
    ground: &Ground<'_>,
    snapshot: Option<Snapshot>,
    worlds: &mut Worlds,
    report: &mut Report,
) -> Result<Position, Error> {
    let start = ground.journal.start();
    let Some(snapshot) = snapshot else {
        return if start == Position::FIRST {
            Ok(start)
        } else {
            Err(Error::NoSnapshot { start })
        };
    };
    let position = snapshot.header.position;
    if position < start || position > ground.journal.end() {
        return Err(Error::NoSnapshot { start });
    }
    from_rows(snapshot.rows, worlds).map_err(crate::store::Error::Damaged)?;
    report.from = Source::Snapshot;
    Ok(position)
}

fn refuse_other_engine(ground: &Ground<'_>, newest: Option<&Snapshot>) -> Result<(), Error> {
    let Some(newest) = newest else {
        return Ok(());
    };
    let end = ground.journal.end();
    let count = end.0.saturating_sub(newest.header.position.0);
    if newest.header.engine == ENGINE_VERSION || count == 0 || ground.fold_tail {
        return Ok(());
    }
    Err(Error::OtherEngine {
        found: newest.header.engine.clone(),
        known: ENGINE_VERSION,
        count,
    })
}

/// The rulebook most communities run under: what a snapshot's header names.
pub(super) fn rulebook_in_force(worlds: &BTreeMap<Text, World>) -> Hash {
    let mut found = worlds.values().map(|world| world.head.rulebook);
    found
        .find(|hash| *hash != Hash::default())
        .unwrap_or_default()
}
