//! A new start: the same worlds, whatever was left behind.

use super::*;
use crate::runtime::Source;
use crate::runtime::boot::verify::verify_with;

async fn busy(handle: &Handle) {
    for (group, id, text) in [("1", "1", "hello"), ("2", "2", "wait"), ("1", "3", "bye")] {
        let taken = handle.receive(vec![says("qq", group, id, text)]).await;
        assert_eq!(taken, Ok(()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_after_a_crash_makes_the_same_rows() {
    let house = House::new();
    let (handle, fatal) = house.start().await;
    busy(&handle).await;
    let before = rows(&handle).await;
    house.crash(&handle, fatal).await;
    let (handle, _fatal) = house.start().await;
    assert!(handle.status().start.folded > 0);
    assert_eq!(rows(&handle).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_clean_stop_nothing_is_left_to_fold() {
    let house = House::new();
    let (handle, _fatal) = house.start().await;
    busy(&handle).await;
    let before = rows(&handle).await;
    handle.stop().await;
    let (handle, _fatal) = house.start().await;
    let start = handle.status().start;
    assert_eq!((start.from, start.folded), (Source::Store, 0));
    assert_eq!(rows(&handle).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_store_is_rebuilt_from_the_snapshot_or_from_the_journal() {
    let house = House::new();
    let (handle, _fatal) = house.start().await;
    busy(&handle).await;
    let before = rows(&handle).await;
    handle.stop().await;
    let data = house.dir.path();
    std::fs::remove_dir_all(data.join("sled")).unwrap();
    let (handle, _fatal) = house.start().await;
    let start = handle.status().start;
    assert_eq!((start.from, start.folded), (Source::Snapshot, 0));
    assert!(start.rebuilt_because.is_some());
    assert_eq!(rows(&handle).await, before);
    handle.stop().await;

    std::fs::remove_dir_all(data.join("sled")).unwrap();
    std::fs::remove_dir_all(data.join("snapshots")).unwrap();
    let (handle, _fatal) = house.start().await;
    assert_eq!(handle.status().start.from, Source::Beginning);
    assert_eq!(rows(&handle).await, before);
    handle.stop().await;

    let (handle, _fatal) = house.start().await;
    let start = handle.status().start;
    assert_eq!(
        (start.from, start.folded),
        (Source::Store, 0),
        "written anew"
    );
    assert_eq!(rows(&handle).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn time_without_a_daemon_is_deaf_time() {
    let house = House::new();
    let (handle, _fatal) = house.start().await;
    handle.stop().await;
    house.clock.advance(HOUR);
    let (_handle, _fatal) = house.start().await;
    let inputs = house.kept.inputs();
    let deaf = inputs.iter().find_map(|stamped| {
        if let Input::Deaf {
            connector,
            from,
            to,
        } = &stamped.input
        {
            (&**connector == "qq").then_some((*from, *to))
        } else {
            None
        }
    });
    assert_eq!(deaf, Some((START, START + HOUR)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_input_that_panics_the_fold_is_passed_over_by_the_next_start_and_every_later_one() {
    let house = House::new();
    let (handle, fatal) = house.start().await;
    busy(&handle).await;
    let bad = says("qq", "1", "4", "panic");
    assert_eq!(handle.receive(vec![bad]).await, Ok(()), "it is durable");
    let why = fatal.await.unwrap();
    assert!(why.0.contains("told to"), "{why}");

    let (handle, _fatal) = house.start().await;
    let inputs = house.kept.inputs();
    let is_skip = |stamped: &&Stamped| matches!(stamped.input, Input::Skip { .. });
    assert_eq!(inputs.iter().filter(is_skip).count(), 1);
    let after = rows(&handle).await;
    handle.stop().await;
    std::fs::remove_dir_all(house.dir.path().join("sled")).unwrap();
    std::fs::remove_dir_all(house.dir.path().join("snapshots")).unwrap();
    let (handle, _fatal) = house.start().await;
    assert_eq!(rows(&handle).await, after);
    let inputs = house.kept.inputs();
    assert_eq!(inputs.iter().filter(is_skip).count(), 1, "told once");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_rules_on_the_disk_leave_the_last_good_ones_in_force() {
    let house = House::new();
    "wrong".clone_into(&mut house.text.lock().unwrap());
    let first = house.try_start().await.err();
    assert!(matches!(first, Some(Error::Rules(_))), "{first:?}");
    "one".clone_into(&mut house.text.lock().unwrap());
    let (handle, _fatal) = house.start().await;
    let good = handle.status().rulebook;
    handle.stop().await;
    "wrong".clone_into(&mut house.text.lock().unwrap());
    let (handle, _fatal) = house.start().await;
    assert_eq!(handle.status().rulebook, good);
    assert_eq!(handle.status().rule_problems, ["it is wrong"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_of_the_data_finds_what_the_journal_does_not_bear_out() {
    let house = House::new();
    let clock = Arc::new(house.clock.clone());
    let open: super::super::OpenJournal =
        Box::new(|data| Ok(Box::new(journal::FileJournal::open(data)?)));
    let started = super::super::start_on(house.config(), house.loader(), clock, open, obey).await;
    let (handle, _fatal) = started.unwrap();
    busy(&handle).await;
    handle.stop().await;
    let data = house.dir.path();
    let sound = verify_with(data, house.loader(), obey).unwrap();
    assert_eq!((sound.differing, sound.notes.len()), (0, 0), "{sound:?}");
    assert!(sound.rows > 5 && sound.folded > 5);

    // A fold that obeys nothing makes another world of the same journal.
    let other = verify_with(data, house.loader(), engine::apply).unwrap();
    assert!(other.differing > 0);
}
