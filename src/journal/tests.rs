//! The journal keeps what it acknowledged, whole and in order, through stops at any byte.

use super::files::Sizes;
use super::record::follow;
use super::*;
use crate::model::{Input, Stamped, Text};
use proptest::prelude::*;
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Small segments, so that tests see many of them.
const SMALL: Sizes = Sizes {
    first: 1024,
    max: 4096,
};

fn open(data: &TempDir) -> Result<FileJournal, Error> {
    FileJournal::open_sized(data.path(), SMALL)
}

/// The next records of these partitions.
fn group(journal: &dyn Journal, partitions: &[u16]) -> Vec<Record> {
    let mut heads = journal.heads().clone();
    let next = |partition: &u16| {
        let seq = heads.get(partition).map_or(1, |head| head.seq + 1);
        let record = Record {
            partition: *partition,
            seq,
            at: 1_000 + seq as i64,
            payload: format!("{partition}/{seq}").into_bytes(),
        };
        follow(&mut heads, &record, Position::FIRST).unwrap();
        record
    };
    partitions.iter().map(next).collect()
}

fn append(journal: &mut dyn Journal, partitions: &[u16]) -> Vec<Record> {
    let group = group(journal, partitions);
    let end = journal.end();
    assert_eq!(journal.append(&group).unwrap(), end);
    assert_eq!(journal.end(), end.plus(group.len()));
    group
}

fn all(journal: &dyn Journal) -> Vec<Record> {
    journal.read(journal.start()).map(Result::unwrap).collect()
}

fn segments(data: &TempDir) -> Vec<PathBuf> {
    let list = segment::list(&data.path().join("journal")).unwrap();
    list.into_iter().map(|(_, path)| path).collect()
}

fn flip(path: &Path, offset: u64) {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, offset).unwrap();
    file.write_all_at(&[byte[0] ^ 0x10], offset).unwrap();
}

/// Three groups in one segment; the bytes of the file, and where each group begins and the last
/// one ends.
fn three_groups(data: &TempDir) -> (Vec<Record>, PathBuf, Vec<u8>, Vec<usize>) {
    let mut journal = open(data).unwrap();
    let mut records = Vec::new();
    let mut edges = vec![segment::room(&Heads::new(), 0) as usize];
    for partitions in [[1, 2], [2, 2], [1, 7]] {
        let group = append(&mut journal, &partitions);
        edges.push(edges.last().unwrap() + frame::size_of(&group));
        records.extend(group);
    }
    drop(journal);
    let path = segments(data).remove(0);
    let bytes = fs::read(&path).unwrap();
    (records, path, bytes, edges)
}

#[test]
fn records_of_all_partitions_come_back_in_order() {
    let data = TempDir::new().unwrap();
    let mut journal = open(&data).unwrap();
    let mut records = append(&mut journal, &[3, 1, 3]);
    records.extend(append(&mut journal, &[1]));
    assert_eq!(all(&journal), records);
    assert_eq!(
        journal.read(Position(3)).map(Result::unwrap).next(),
        records.get(2).cloned()
    );
    assert_eq!(journal.read(journal.end()).count(), 0);
    drop(journal);

    let mut again = open(&data).unwrap();
    assert_eq!(all(&again), records);
    assert_eq!(again.head(3), Some(Head { seq: 2, at: 1_002 }));
    assert_eq!(again.head(9), None);
    records.extend(append(&mut again, &[9, 3]));
    assert_eq!(all(&again), records);
}

#[test]
fn inputs_read_back_as_they_were_stamped() {
    let stamped = Stamped {
        seq: 7,
        at: 1_234,
        community: Text::from("hall"),
        input: Input::Deaf {
            connector: Text::from("qq"),
            from: 1,
            to: 2,
        },
    };
    let mut record = Record::new(3, &stamped).unwrap();
    assert_eq!(record.stamped().unwrap(), stamped);
    record.payload.push(0);
    assert!(matches!(record.stamped(), Err(Error::Payload { .. })));
    record.payload[0] = 2;
    let error = record.stamped().unwrap_err().to_string();
    assert!(error.contains("written by a newer version"), "{error}");
    record.payload.clear();
    assert!(matches!(record.stamped(), Err(Error::Payload { .. })));
}

#[test]
fn a_group_torn_at_any_byte_is_cut_and_never_comes_back() {
    let data = TempDir::new().unwrap();
    let (records, path, bytes, edges) = three_groups(&data);
    let (start, end) = (edges[2], edges[3]);
    for cut in start..end {
        let mut torn = bytes.clone();
        torn[cut..].fill(0);
        // Where the group's own last bytes are zero, nothing is torn.
        let whole = torn == bytes;
        fs::write(&path, &torn).unwrap();
        let mut journal = open(&data).unwrap();
        assert_eq!(all(&journal), records[..if whole { 6 } else { 4 }], "{cut}");
        if cut % 16 == 0 {
            append(&mut journal, &[5]);
            assert_eq!(all(&journal).len(), 5, "{cut}");
        }
        drop(journal);
        if !whole && cut % 16 != 0 {
            let cleared = fs::read(&path).unwrap();
            assert!(cleared[start..].iter().all(|byte| *byte == 0), "{cut}");
            assert_eq!(cleared[..start], bytes[..start], "{cut}");
        }
    }
}

#[test]
fn a_file_that_ends_in_the_last_group_loses_only_that() {
    let data = TempDir::new().unwrap();
    let (records, path, bytes, edges) = three_groups(&data);
    for cut in [edges[2], edges[2] + 5, edges[3] - 1] {
        fs::write(&path, &bytes[..cut]).unwrap();
        let mut journal = open(&data).unwrap();
        assert_eq!(all(&journal), records[..4], "{cut}");
        append(&mut journal, &[1, 2, 3]);
        assert_eq!(all(&journal).len(), 7, "{cut}");
        drop(journal);
        for path in segments(&data) {
            fs::remove_file(path).unwrap();
        }
    }
}

#[test]
fn garbage_behind_the_last_group_is_cut() {
    let data = TempDir::new().unwrap();
    let (records, path, mut bytes, edges) = three_groups(&data);
    bytes[edges[3] + 40..edges[3] + 90].fill(0xFF);
    fs::write(&path, &bytes).unwrap();
    let journal = open(&data).unwrap();
    assert_eq!(all(&journal), records);
    let cleared = fs::read(&path).unwrap();
    assert!(cleared[edges[3]..].iter().all(|byte| *byte == 0));
}

#[test]
fn damage_before_valid_groups_is_refused_and_nothing_changes() {
    let data = TempDir::new().unwrap();
    let (_, path, bytes, edges) = three_groups(&data);
    for offset in 0..edges[2] {
        fs::write(&path, &bytes).unwrap();
        flip(&path, offset as u64);
        let damaged = fs::read(&path).unwrap();
        let error = open(&data).map(|_| ()).unwrap_err();
        // A flipped bit in the format number makes it a newer one.
        let newer = matches!(error, Error::Newer { .. }) && (8..12).contains(&offset);
        assert!(newer || matches!(error, Error::Damaged { .. }), "{offset}");
        assert_eq!(fs::read(&path).unwrap(), damaged, "{offset}");
    }
    let text = open(&data).map(|_| ()).unwrap_err().to_string();
    assert!(text.contains(&format!("byte {}", edges[1])), "{text}");
    assert!(text.contains("help: "), "{text}");
}

#[test]
fn a_group_counts_only_at_the_position_it_was_written_for() {
    let records = group(&MemoryJournal::default(), &[1, 2]);
    let bytes = frame::encode(Position(5), &records);
    let found = frame::decode(&bytes).unwrap();
    assert_eq!((found.first, found.records), (Position(5), records.clone()));
    let mut mixed = frame::encode(Position(1), &records);
    mixed[24..].copy_from_slice(&bytes[24..]);
    assert_eq!(frame::decode(&mixed), None, "frames from elsewhere");

    let data = TempDir::new().unwrap();
    let (_, path, mut file, edges) = three_groups(&data);
    file[edges[3]..edges[3] + bytes.len()].copy_from_slice(&bytes);
    fs::write(&path, &file).unwrap();
    assert!(open(&data).is_err(), "valid, but not what must be here");
}

#[test]
fn segments_follow_each_other_and_grow() {
    let data = TempDir::new().unwrap();
    let mut journal = open(&data).unwrap();
    let mut records = Vec::new();
    for round in 0..300 {
        records.extend(append(&mut journal, &[round % 5, round % 3]));
    }
    assert_eq!(all(&journal), records);
    assert_eq!(
        journal.read(Position(333)).map(Result::unwrap).count(),
        268,
        "from the middle"
    );
    drop(journal);
    let sizes = segments(&data)
        .iter()
        .map(|path| fs::metadata(path).unwrap().len())
        .collect::<Vec<_>>();
    assert_eq!(sizes[..3], [1024, 2048, 4096]);
    assert!(sizes[3..].iter().all(|size| *size == 4096));
    assert_eq!(all(&open(&data).unwrap()), records);
}

#[test]
fn damage_in_an_old_segment_is_found_when_it_is_read() {
    let data = TempDir::new().unwrap();
    let mut journal = open(&data).unwrap();
    for _ in 0..60 {
        append(&mut journal, &[1, 2]);
    }
    let paths = segments(&data);
    flip(&paths[1], 700);
    let end = journal.read(Position::FIRST).last().unwrap();
    assert!(matches!(end, Err(Error::Damaged { path, .. }) if path == paths[1]));
    drop(journal);
    fs::remove_file(&paths[1]).unwrap();
    let journal = open(&data).unwrap();
    let end = journal.read(Position::FIRST).last().unwrap();
    assert!(matches!(end, Err(Error::Missing { .. })));
}

#[test]
fn a_group_larger_than_the_next_segment_gets_one_that_fits() {
    let data = TempDir::new().unwrap();
    let mut journal = open(&data).unwrap();
    let mut large = group(&journal, &[1]);
    large[0].payload = vec![7; 50_000];
    journal.append(&large).unwrap();
    append(&mut journal, &[1]);
    drop(journal);
    let journal = open(&data).unwrap();
    assert_eq!(all(&journal).len(), 2);
    assert_eq!(segments(&data).len(), 1, "the empty first one was replaced");
}

#[test]
fn old_segments_go_and_the_sequence_stays_checkable() {
    let data = TempDir::new().unwrap();
    let mut journal = open(&data).unwrap();
    append(&mut journal, &[42]);
    for _ in 0..200 {
        append(&mut journal, &[1]);
    }
    let before = journal.bytes_from(Position::FIRST);
    journal.drop_before(Position(150)).unwrap();
    let start = journal.start();
    assert!(start > Position::FIRST && start <= Position(150));
    assert!(journal.bytes_from(Position::FIRST) < before);
    assert_eq!(journal.bytes_from(journal.end()), 4096);
    let error = journal.read(Position::FIRST).next().unwrap();
    assert!(matches!(error, Err(Error::Dropped { .. })));
    assert_eq!(all(&journal).len() as u64, 202 - start.0);
    drop(journal);

    let mut journal = open(&data).unwrap();
    assert_eq!(journal.start(), start);
    assert_eq!(journal.head(42), Some(Head { seq: 1, at: 1_001 }));
    let mut gap = group(&journal, &[42]);
    gap[0].seq += 1;
    assert!(matches!(
        journal.append(&gap),
        Err(NotAppended::Refused(Error::OutOfOrder {
            expected: 2,
            found: 3,
            ..
        }))
    ));
    append(&mut journal, &[42, 1]);
    journal.drop_before(Position(u64::MAX)).unwrap();
    assert_eq!(segments(&data).len(), 1, "the active one always stays");
}

#[test]
fn a_failed_write_or_sync_stops_the_journal_for_good() {
    // `/dev/null` takes writes and cannot be synced; a handle for reading takes none.
    let read_only = |path: &Path| File::open(path).unwrap();
    let no_sync = |_: &Path| OpenOptions::new().write(true).open("/dev/null").unwrap();
    for broken in [&read_only as &dyn Fn(&Path) -> File, &no_sync] {
        let data = TempDir::new().unwrap();
        let mut journal = open(&data).unwrap();
        let records = append(&mut journal, &[1]);
        let good = std::mem::replace(&mut journal.active.file, broken(&journal.active.path));
        let next = group(&journal, &[1]);
        assert!(matches!(
            journal.append(&next),
            Err(NotAppended::Unknown(Error::Io { .. }))
        ));
        journal.active.file = good;
        assert!(matches!(
            journal.append(&next),
            Err(NotAppended::Refused(Error::Stopped))
        ));
        assert!(!journal.has_reserve());
        assert_eq!(all(&journal), records);
        drop(journal);
        assert_eq!(all(&open(&data).unwrap()), records);
    }
}

#[test]
fn no_room_for_the_next_segment_is_full_and_passes() {
    let data = TempDir::new().unwrap();
    let mut journal = open(&data).unwrap();
    // The next segment cannot be made while a directory has its name.
    let in_the_way = data.path().join("journal/reserve.tmp");
    journal.settle(true);
    fs::create_dir(&in_the_way).unwrap();
    let full = (0..1_000).find_map(|_| {
        let next = group(&journal, &[1]);
        journal.append(&next).err()
    });
    assert!(matches!(full, Some(NotAppended::Full)), "{full:?}");
    let kept = all(&journal).len();
    fs::remove_dir(&in_the_way).unwrap();
    let next = group(&journal, &[1]);
    // The first may still meet the attempt that failed; it begins another.
    let outcome = (0..3).find_map(|_| journal.append(&next).ok());
    assert!(outcome.is_some());
    assert!(journal.has_reserve());
    assert_eq!(all(&journal).len(), kept + 1);
}

#[test]
fn a_reserve_left_by_an_earlier_process_is_used_only_when_it_is_all_zeros() {
    let data = TempDir::new().unwrap();
    drop(open(&data).unwrap());
    let reserve = data.path().join("journal/reserve");
    assert_eq!(fs::metadata(&reserve).unwrap().len(), 2048);
    flip(&reserve, 2_000);
    drop(open(&data).unwrap());
    assert!(fs::read(&reserve).unwrap().iter().all(|byte| *byte == 0));
}

#[test]
fn a_second_daemon_is_refused_until_the_first_is_gone() {
    let parent = TempDir::new().unwrap();
    let data = parent.path().join("data");
    let first = DataLock::take(&data).unwrap();
    let mode = fs::metadata(&data).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    let error = DataLock::take(&data).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("in use by another steward"));
    drop(first);
    DataLock::take(&data).unwrap();
}

#[test]
fn others_lose_their_rights_to_a_directory_that_was_there() {
    let data = TempDir::new().unwrap();
    fs::set_permissions(data.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let _lock = DataLock::take(data.path()).unwrap();
    let mode = fs::metadata(data.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn a_newer_segment_is_not_touched() {
    let data = TempDir::new().unwrap();
    let (_, path, mut bytes, _) = three_groups(&data);
    bytes[8] = 2;
    fs::write(&path, &bytes).unwrap();
    let error = open(&data).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("written by a newer version"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[test]
fn memory_loses_in_a_crash_what_was_not_synced() {
    for (fault, survive, kept) in [
        (Fault::Sync, 0, 2),
        (Fault::Sync, 30, 2),
        (Fault::Sync, usize::MAX, 3),
        (Fault::Write { bytes: 10 }, usize::MAX, 2),
        (Fault::Write { bytes: usize::MAX }, usize::MAX, 3),
    ] {
        let mut journal = MemoryJournal::default();
        append(&mut journal, &[1, 2]);
        journal.fail_next(fault);
        let next = group(&journal, &[1]);
        assert!(matches!(
            journal.append(&next),
            Err(NotAppended::Unknown(_))
        ));
        assert!(matches!(
            journal.append(&next),
            Err(NotAppended::Refused(_))
        ));
        assert_eq!(all(&journal).len(), 2, "not known is not read");
        journal.crash(survive).unwrap();
        assert_eq!(all(&journal).len(), kept, "{fault:?} {survive}");
        append(&mut journal, &[1]);
        assert_eq!(all(&journal).len(), kept + 1);
    }
}

#[test]
fn memory_can_be_full_and_forgets_the_old() {
    let mut journal = MemoryJournal::default();
    append(&mut journal, &[1, 2]);
    append(&mut journal, &[1]);
    let next = group(&journal, &[2]);
    journal.fail_next(Fault::Full);
    assert!(matches!(journal.append(&next), Err(NotAppended::Full)));
    journal.append(&next).unwrap();
    journal.drop_before(Position(3)).unwrap();
    assert_eq!(journal.start(), Position(3));
    assert_eq!(all(&journal).len(), 2);
    journal.crash(0).unwrap();
    assert_eq!(all(&journal).len(), 2);
    assert_eq!(journal.head(2).map(|head| head.seq), Some(2));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn foreign_bytes_are_no_group(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert_eq!(frame::decode(&bytes), None);
        prop_assert_eq!(frame::find(&bytes), None);
        let record = Record { partition: 0, seq: 1, at: 0, payload: bytes };
        drop(record.stamped());
    }

    #[test]
    fn recovery_survives_any_change(
        changes in proptest::collection::vec((0..1024_usize, any::<u8>()), 1..40),
        length in 0..2048_usize,
    ) {
        let data = TempDir::new().unwrap();
        let (records, path, mut bytes, _) = three_groups(&data);
        for (offset, byte) in changes {
            bytes[offset] = byte;
        }
        bytes.resize(length, 0);
        fs::write(&path, &bytes).unwrap();
        if let Ok(journal) = open(&data) {
            let found = all(&journal);
            prop_assert_eq!(&found[..], &records[..found.len()]);
        }
    }
}
