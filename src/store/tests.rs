//! The store is trusted only where it can be, and gives back exactly what was written.

use super::*;
use crate::journal::Position;
use crate::model::limits::{BATCH_ROWS_MAX, ROW_BYTES_MAX};
use crate::model::{Hash, Text};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

fn applied(seq: u64) -> Applied {
    Applied {
        position: Position(seq + 1),
        seqs: BTreeMap::from([(3, seq)]),
    }
}

fn put(community: &str, key: &str, value: &[u8]) -> Change {
    Change {
        community: Text::from(community),
        key: key.as_bytes().to_vec(),
        value: Some(value.to_vec()),
    }
}

fn delete(community: &str, key: &str) -> Change {
    Change {
        value: None,
        ..put(community, key, b"")
    }
}

fn all(store: &Store) -> Vec<(String, String, Vec<u8>)> {
    store
        .all()
        .map(|row| {
            let row = row.unwrap();
            let key = String::from_utf8(row.key).unwrap();
            (row.community.to_string(), key, row.value)
        })
        .collect()
}

/// The data directory as a process that is killed now would leave it.
fn killed(data: &TempDir) -> TempDir {
    let copy = TempDir::new().unwrap();
    fs::create_dir_all(copy.path().join("sled/blobs")).unwrap();
    let state = data.path().join("sled.state");
    fs::copy(state, copy.path().join("sled.state")).unwrap();
    for entry in fs::read_dir(data.path().join("sled")).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_file() {
            let to = copy.path().join("sled").join(entry.file_name());
            fs::copy(entry.path(), to).unwrap();
        }
    }
    copy
}

fn names(rows: impl Iterator<Item = Result<Row, Error>>) -> Vec<String> {
    rows.map(|row| String::from_utf8(row.unwrap().key).unwrap())
        .collect()
}

fn open(data: &TempDir) -> (Store, Opened) {
    Store::open_in_boot(data.path(), "this boot".to_owned()).unwrap()
}

/// A store with three hundred rows that stand for seq 7, not closed.
fn filled(data: &TempDir) -> Store {
    let (mut store, _) = open(data);
    let rows = (0..300).map(|n| put("hall", &format!("row {n:03}"), &[n as u8; 200]));
    store.write(rows.collect(), &applied(7)).unwrap();
    store
}

fn rebuilds(data: &TempDir) -> Reason {
    let (store, opened) = open(data);
    assert_eq!(all(&store), []);
    match opened {
        Opened::Rebuild(reason) => reason,
        Opened::Usable(applied) => panic!("usable: {applied:?}"),
    }
}

#[test]
fn rows_are_there_after_every_reopening() {
    let data = TempDir::new().unwrap();
    assert_eq!(rebuilds(&data), Reason::Empty);
    let mut expected = BTreeMap::new();
    for seq in 1..8 {
        let (mut store, _) = open(&data);
        let key = format!("key {}", seq % 5);
        store
            .write(vec![put("hall", &key, &[seq as u8])], &applied(seq))
            .unwrap();
        expected.insert(key, vec![seq as u8]);
        let (after_kill, opened) = open(&killed(&data));
        assert_eq!(opened, Opened::Usable(applied(seq)));
        assert_eq!(all(&after_kill), all(&store));
        if seq % 2 == 0 {
            store.close().unwrap();
        } else {
            drop(store);
        }
        let (store, opened) = open(&data);
        assert_eq!(opened, Opened::Usable(applied(seq)));
        let found: BTreeMap<_, _> = all(&store)
            .into_iter()
            .map(|(_, key, value)| (key, value))
            .collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn communities_do_not_see_each_other() {
    let data = TempDir::new().unwrap();
    let (mut store, _) = open(&data);
    let changes = vec![
        put("ab", "c/1", b"1"),
        put("a", "bc/1", b"2"),
        put("ab", "c/2", b"3"),
        put("ab", "d", b"4"),
        put("ab", "d", b"5"),
        delete("ab", "never"),
    ];
    store.write(changes, &applied(1)).unwrap();
    assert_eq!(names(store.rows("ab", b"c/").unwrap()), ["c/1", "c/2"]);
    assert_eq!(names(store.rows("a", b"").unwrap()), ["bc/1"]);
    assert_eq!(store.get("ab", b"d").unwrap().unwrap(), b"5", "the later");
    store
        .write(vec![delete("ab", "c/1"), put("ab", "e", b"")], &applied(2))
        .unwrap();
    assert_eq!(names(store.rows("ab", b"").unwrap()), ["c/2", "d", "e"]);
    assert_eq!(store.get("ab", b"c/1").unwrap(), None);
    assert_eq!(store.get("ab", b"e").unwrap().unwrap(), b"");
    let long = "k".repeat(600);
    assert!(matches!(
        store.write(vec![put("ab", &long, b"")], &applied(3)),
        Err(Error::KeyTooLong { bytes: 600, .. })
    ));
}

#[test]
fn large_values_are_cut_and_come_back_whole() {
    let data = TempDir::new().unwrap();
    let (mut store, _) = open(&data);
    let value = |size: usize| (0..size).map(|n| n as u8).collect::<Vec<_>>();
    let sizes = [
        0,
        1,
        ROW_BYTES_MAX - 1,
        ROW_BYTES_MAX,
        ROW_BYTES_MAX + 1,
        300_000,
        9_000,
        5,
        20_000,
    ];
    for (seq, size) in sizes.into_iter().enumerate() {
        let change = put("hall", "large", &value(size));
        store.write(vec![change], &applied(seq as u64)).unwrap();
        assert_eq!(store.get("hall", b"large").unwrap().unwrap(), value(size));
        // One entry for the row, one per chunk, and the mark: nothing is left of longer ones.
        let chunks = if size < ROW_BYTES_MAX {
            0
        } else {
            size.div_ceil(ROW_BYTES_MAX)
        };
        assert_eq!(store.db.len(), 2 + chunks, "{size}");
    }
    drop(store);
    let (mut store, opened) = open(&data);
    assert_eq!(opened, Opened::Usable(applied(8)));
    assert_eq!(all(&store)[0].2, value(20_000));
    store
        .write(vec![delete("hall", "large")], &applied(9))
        .unwrap();
    assert_eq!(store.db.len(), 1);
    let blobs = fs::read_dir(data.path().join("sled/blobs")).unwrap();
    assert_eq!(blobs.count(), 0, "sled never syncs these");
}

#[test]
fn a_write_of_many_batches_is_marked_until_its_end() {
    let data = TempDir::new().unwrap();
    let mut store = filled(&data);
    let marks = store.db.watch_prefix(keys::FLUSHING);
    let count = 3 * BATCH_ROWS_MAX;
    let rows = (0..count).map(|n| put("hall", &format!("row {n:05}"), b"new"));
    store.write(rows.collect(), &applied(8)).unwrap();
    let (more, opened) = {
        drop(store);
        open(&data)
    };
    assert_eq!(opened, Opened::Usable(applied(8)));
    assert_eq!(all(&more).len(), count + 300);
    let events: Vec<_> = marks
        .map(|event| matches!(event, sled::Event::Insert { .. }))
        .collect();
    assert_eq!(events, [true, false]);
}

#[test]
fn a_write_that_did_not_end_makes_a_rebuild() {
    let data = TempDir::new().unwrap();
    let store = filled(&data);
    store.db.insert(keys::FLUSHING, b"any").unwrap();
    drop(store);
    assert_eq!(rebuilds(&data), Reason::HalfWritten);
}

#[test]
fn a_machine_that_stopped_makes_a_rebuild_unless_the_store_was_closed() {
    let data = TempDir::new().unwrap();
    let other = || Store::open_in_boot(data.path(), "other boot".to_owned()).unwrap();
    filled(&data).close().unwrap();
    let (store, opened) = other();
    assert_eq!(opened, Opened::Usable(applied(7)));
    drop(store);
    assert_eq!(rebuilds(&data), Reason::Unclean);

    drop(filled(&data));
    fs::remove_file(data.path().join("sled.state")).unwrap();
    assert_eq!(rebuilds(&data), Reason::Unclean);

    let unknown = || Store::open_in_boot(data.path(), String::new()).unwrap();
    let mut store = unknown().0;
    store.write(Vec::new(), &applied(1)).unwrap();
    drop(store);
    assert_eq!(unknown().1, Opened::Rebuild(Reason::Unclean));
}

#[test]
fn a_newer_store_is_not_touched() {
    let data = TempDir::new().unwrap();
    filled(&data).close().unwrap();
    let state = data.path().join("sled.state");
    let text = fs::read_to_string(&state).unwrap();
    fs::write(&state, text.replace("format 1", "format 2")).unwrap();
    let error = Store::open(data.path()).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("written by a newer version"));
    fs::write(&state, text).unwrap();
    assert_eq!(open(&data).1, Opened::Usable(applied(7)));
}

#[test]
fn rows_that_sled_lost_or_changed_are_noticed() {
    let key = || keys::row("hall", b"row 007").unwrap();
    for change in [
        |store: &Store, key: Vec<u8>| store.db.remove(key).map(|_| ()),
        |store: &Store, key: Vec<u8>| store.db.insert(key, b"\0other").map(|_| ()),
        |store: &Store, key: Vec<u8>| store.db.insert(key, b"\x01\0\0\0\x02").map(|_| ()),
        |store: &Store, _: Vec<u8>| store.db.insert(b"\x01\xFF", b"").map(|_| ()),
    ] {
        let data = TempDir::new().unwrap();
        let store = filled(&data);
        change(&store, key()).unwrap();
        drop(store);
        assert!(matches!(rebuilds(&data), Reason::Damaged { .. }));
    }
}

#[test]
fn a_damaged_store_is_moved_aside() {
    let truncate = |path: &Path| fs::write(path, &fs::read(path).unwrap()[..9_000]).unwrap();
    let noise = |path: &Path| {
        let mut bytes = fs::read(path).unwrap();
        bytes.fill(0xA5);
        fs::write(path, bytes).unwrap();
    };
    let data = TempDir::new().unwrap();
    let file = data.path().join("sled/db");
    let conf = data.path().join("sled/conf");
    let mut moved = Vec::new();
    for (cut, path) in [
        (true, &file),
        (false, &file),
        (false, &conf),
        (false, &conf),
    ] {
        filled(&data).close().unwrap();
        if cut {
            truncate(path);
        } else {
            noise(path);
        }
        match rebuilds(&data) {
            Reason::Damaged { moved_to, .. } => moved.push(moved_to),
            reason @ (Reason::Empty | Reason::HalfWritten | Reason::Unclean) => panic!("{reason}"),
        }
    }
    assert_eq!(moved.len(), 4);
    let (last, older) = moved.split_last().unwrap();
    assert!(last.join("db").exists());
    assert!(!older[0].exists(), "only the newest are kept");
}

#[test]
fn a_store_that_is_gone_is_made_again() {
    let data = TempDir::new().unwrap();
    filled(&data).close().unwrap();
    fs::remove_dir_all(data.path().join("sled")).unwrap();
    assert_eq!(rebuilds(&data), Reason::Empty);
    filled(&data).close().unwrap();
    fs::remove_file(data.path().join("sled/db")).unwrap();
    assert!(matches!(rebuilds(&data), Reason::Damaged { .. }));
}

#[test]
fn a_cleared_store_begins_again() {
    let data = TempDir::new().unwrap();
    let mut store = filled(&data).clear().unwrap();
    assert_eq!(all(&store), []);
    store
        .write(vec![put("hall", "a", b"1")], &applied(9))
        .unwrap();
    drop(store);
    let (store, opened) = open(&data);
    assert_eq!(opened, Opened::Usable(applied(9)));
    assert_eq!(all(&store).len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn rows_are_those_of_a_plain_map(
        writes in proptest::collection::vec(
            proptest::collection::vec((0..6_u8, proptest::option::of(0..15_000_usize)), 0..8),
            1..6,
        ),
    ) {
        let data = TempDir::new().unwrap();
        let mut expected = BTreeMap::new();
        for (seq, changes) in writes.into_iter().enumerate() {
            let (mut store, _) = open(&data);
            let mut rows = Vec::new();
            for (key, size) in changes {
                let key = format!("key {key}");
                if let Some(size) = size {
                    rows.push(put("hall", &key, &vec![seq as u8; size]));
                    expected.insert(key, vec![seq as u8; size]);
                } else {
                    rows.push(delete("hall", &key));
                    expected.remove(&key);
                }
            }
            store.write(rows, &applied(seq as u64)).unwrap();
            drop(store);
            let (store, opened) = open(&data);
            prop_assert_eq!(opened, Opened::Usable(applied(seq as u64)));
            let found = all(&store).into_iter().map(|(_, key, value)| (key, value));
            prop_assert_eq!(found.collect::<BTreeMap<_, _>>(), expected.clone());
        }
    }

    #[test]
    fn noise_never_yields_wrong_rows(
        start in 0.0..1.0_f64,
        noise in proptest::collection::vec(any::<u8>(), 1..4_000),
    ) {
        let data = TempDir::new().unwrap();
        let store = filled(&data);
        let before = all(&store);
        store.close().unwrap();
        let file = data.path().join("sled/db");
        let mut bytes = fs::read(&file).unwrap();
        let start = (bytes.len() as f64 * start) as usize;
        for (byte, noise) in bytes.iter_mut().skip(start).zip(noise) {
            *byte = noise;
        }
        fs::write(&file, bytes).unwrap();
        let (store, opened) = open(&data);
        match opened {
            Opened::Usable(found) => {
                prop_assert_eq!(found, applied(7));
                prop_assert_eq!(all(&store), before);
            }
            Opened::Rebuild(_) => prop_assert_eq!(all(&store), vec![]),
        }
    }
}

#[test]
fn texts_of_rulebooks_are_kept_by_hash() {
    let data = TempDir::new().unwrap();
    let rulebooks = Rulebooks::open(data.path()).unwrap();
    let (one, two) = (Hash(1), Hash(u64::MAX));
    rulebooks.save_text(two, b"rules: []").unwrap();
    rulebooks.save_text(one, b"old").unwrap();
    rulebooks.save_text(one, b"new").unwrap();
    fs::write(data.path().join("rulebooks/notes.txt"), b"").unwrap();
    assert_eq!(rulebooks.list().unwrap(), [one, two]);
    assert_eq!(rulebooks.load_text(one).unwrap().unwrap(), b"new");
    rulebooks.remove(one).unwrap();
    rulebooks.remove(one).unwrap();
    assert_eq!(rulebooks.load_text(one).unwrap(), None);
    assert_eq!(rulebooks.list().unwrap(), [two]);
}
