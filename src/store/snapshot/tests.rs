//! A start finds a whole snapshot, and the past is kept as far as it was asked for.

use super::*;
use crate::journal::{Head, MemoryJournal, Record};
use crate::model::Text;
use crate::model::time::{DAY, HOUR};
use tempfile::TempDir;

fn header(position: u64, at: i64) -> Header {
    Header {
        engine: "1.0 test".to_owned(),
        at,
        position: Position(position),
        heads: Heads::from([(
            1,
            Head {
                seq: position - 1,
                at,
            },
        )]),
        rulebook: Hash(77),
    }
}

fn some_rows() -> Vec<Row> {
    (0..50)
        .map(|n| Row {
            community: Text::from("hall"),
            key: vec![n],
            value: vec![n; usize::from(n) * 100],
        })
        .collect()
}

#[test]
fn the_newest_whole_snapshot_is_loaded() {
    let data = TempDir::new().unwrap();
    let snapshots = Snapshots::open(data.path()).unwrap();
    assert!(snapshots.load_newest().unwrap().snapshot.is_none());
    snapshots.write(&header(10, 5), some_rows()).unwrap();
    let newest = snapshots.write(&header(20, 6), some_rows()).unwrap();
    let list = snapshots.list().unwrap();
    assert_eq!(list.len(), 2);
    assert_eq!(list[1], newest);

    let path = |info: &Info| {
        let name = format!("{:020}-{:016}", info.position.0, info.at);
        data.path().join("snapshots").join(name)
    };
    let whole = fs::read(path(&newest)).unwrap();
    for damage in 0..4 {
        let loaded = snapshots.load_newest().unwrap();
        assert!(loaded.skipped.is_empty());
        let snapshot = loaded.snapshot.unwrap();
        assert_eq!(snapshot.header, header(20, 6));
        assert_eq!(snapshot.header.applied().seqs.get(&1), Some(&19));
        let rows: Vec<_> = snapshot.rows.map(Result::unwrap).collect();
        assert_eq!(rows, some_rows());

        let mut bytes = whole.clone();
        match damage {
            0 => bytes[3_000] ^= 1,
            1 => bytes.truncate(2_000),
            2 => bytes.clear(),
            _ => bytes[0] ^= 1,
        }
        fs::write(path(&newest), bytes).unwrap();
        let loaded = snapshots.load_newest().unwrap();
        assert_eq!(loaded.snapshot.unwrap().info, list[0], "{damage}");
        assert_eq!(loaded.skipped.len(), 1, "{damage}");
        fs::write(path(&newest), &whole).unwrap();
    }
}

#[test]
fn a_newer_snapshot_is_not_passed_over() {
    let data = TempDir::new().unwrap();
    let snapshots = Snapshots::open(data.path()).unwrap();
    snapshots.write(&header(10, 5), some_rows()).unwrap();
    let newest = snapshots.write(&header(20, 6), some_rows()).unwrap();
    let name = format!("{:020}-{:016}", newest.position.0, newest.at);
    let path = data.path().join("snapshots").join(name);
    let mut bytes = fs::read(&path).unwrap();
    bytes[8] = 9;
    let hashed = bytes.len() - 32;
    let hash = blake3::hash(&bytes[..hashed]);
    bytes[hashed..].copy_from_slice(hash.as_bytes());
    fs::write(&path, bytes).unwrap();
    assert!(matches!(
        snapshots.load_newest(),
        Err(Error::File(journal::Error::Newer { found: 9, .. }))
    ));
}

#[test]
fn the_newest_two_and_the_first_of_each_day_stay() {
    let info = |hours: i64| Info {
        position: Position(hours as u64 + 1),
        at: hours * HOUR,
        bytes: 10,
    };
    let keep = |days: i64, bytes: u64| Keep {
        age_ms: days * DAY,
        bytes,
    };
    let all: Vec<_> = [2, 5, 23, 24, 30, 49, 70, 73, 74, 75].map(info).to_vec();
    let now = 75 * HOUR;
    let hours = |snapshots: &[Info], keep, per_record: u64| {
        let journal = |from: Position| (76 - from.0) * per_record;
        let kept = kept(snapshots, now, keep, journal);
        kept.iter().map(|info| info.at / HOUR).collect::<Vec<_>>()
    };
    for (keep, per_record, expected) in [
        (keep(30, 10_000), 1, vec![2, 24, 49, 73, 74, 75]),
        (keep(2, 10_000), 1, vec![49, 73, 74, 75]),
        (keep(0, 10_000), 1, vec![74, 75]),
        (keep(30, 101), 1, vec![24, 49, 73, 74, 75]),
        (keep(30, 0), 1, vec![74, 75]),
        (keep(30, 100), 0, vec![2, 24, 49, 73, 74, 75]),
    ] {
        assert_eq!(hours(&all, keep, per_record), expected, "{keep:?}");
    }
    assert_eq!(hours(&all[..1], keep(0, 0), 1), [2]);
    assert_eq!(hours(&[], keep(0, 0), 1), [0_i64; 0]);
}

#[test]
fn retention_says_from_where_the_journal_is_needed() {
    let data = TempDir::new().unwrap();
    let snapshots = Snapshots::open(data.path()).unwrap();
    let mut journal = MemoryJournal::default();
    for seq in 1..=40 {
        let record = Record {
            partition: 1,
            seq,
            at: 0,
            payload: vec![0; 100],
        };
        journal.append(&[record]).unwrap();
    }
    let keep = Keep {
        age_ms: DAY,
        bytes: 1_000_000,
    };
    let retain = |position, at| {
        snapshots.write(&header(position, at), some_rows()).unwrap();
        snapshots.retain(at, keep, &journal).unwrap()
    };
    assert_eq!(retain(10, 0), Position::FIRST, "one may be damaged");
    assert_eq!(retain(20, HOUR), Position(10));
    assert_eq!(retain(30, 2 * HOUR), Position(10), "the first of its day");
    assert_eq!(retain(40, 40 * HOUR), Position(30));
    journal.drop_before(Position(30)).unwrap();
    assert_eq!(journal.start(), Position(30));
    assert_eq!(snapshots.list().unwrap().len(), 2);
}
