//! Which snapshots stay: enough to start from, and one a day to replay from.

use super::Info;
use crate::journal::Position;
use crate::model::{Millis, time::DAY};
use std::collections::BTreeSet;

/// How much of the past is kept: `journal: { keep, max }` in steward.yaml.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// How far back a replay reaches.
    pub age_ms: Millis,
    /// Bytes of snapshots and journal together.
    pub bytes: u64,
}

/// The snapshots to keep, oldest first: the newest two whatever happens, and the first of each day
/// (UTC) within `keep`. `journal_bytes` says how much of the journal stays when it reaches back to
/// a position; where all is too much, the oldest days go.
pub fn kept(
    snapshots: &[Info],
    now: Millis,
    keep: Keep,
    journal_bytes: impl Fn(Position) -> u64,
) -> Vec<Info> {
    let mut sorted = snapshots.to_vec();
    sorted.sort();
    let newest = sorted.split_off(sorted.len().saturating_sub(2));
    let oldest_at = now.saturating_sub(keep.age_ms);
    let mut days = BTreeSet::new();
    let mut kept = Vec::new();
    for info in sorted {
        if days.insert(info.at.div_euclid(DAY)) && info.at >= oldest_at {
            kept.push(info);
        }
    }
    let before_newest = kept.len();
    kept.extend(newest);
    let total = |kept: &[Info]| {
        let snapshots: u64 = kept.iter().map(|info| info.bytes).sum();
        let journal = kept
            .first()
            .map_or(0, |oldest| journal_bytes(oldest.position));
        snapshots.saturating_add(journal)
    };
    let too_many = (0..before_newest)
        .take_while(|count| total(kept.get(*count..).unwrap_or_default()) > keep.bytes)
        .count();
    kept.split_off(too_many)
}

/// From where the journal is needed when only these snapshots (oldest first) remain. A single one
/// might be damaged, so it frees nothing.
pub(super) fn needed_from(kept: &[Info]) -> Position {
    match kept {
        [oldest, _, ..] => oldest.position,
        _ => Position::FIRST,
    }
}
