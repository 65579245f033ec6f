//! Taking inputs in: groups, duplicates, room, time, commands, rules.

use super::*;
use crate::model::{Command, Order};
use crate::runtime::{NotReloaded, UNCLAIMED};
use std::sync::mpsc;

/// Holds the writer while something is done, so that what comes in meanwhile is one group.
async fn while_the_writer_waits<T>(handle: &Handle, work: impl AsyncFnOnce() -> T) -> T {
    let (go, goes) = mpsc::channel::<()>();
    let (there, is_there) = oneshot::channel();
    let holder = handle.clone();
    let held = tokio::spawn(async move {
        holder
            .look(move |_| {
                there.send(()).unwrap();
                assert!(goes.recv().is_err(), "it is only dropped");
            })
            .await
    });
    is_there.await.unwrap();
    let done = work().await;
    drop(go);
    held.await.unwrap().unwrap();
    done
}

fn taking(handle: &Handle, event: Event) -> tokio::task::JoinHandle<Result<(), NotTaken>> {
    let handle = handle.clone();
    tokio::spawn(async move { handle.receive(vec![event]).await })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_in_together_costs_one_sync_and_a_duplicate_is_kept_once() {
    let house = House::new();
    let (handle, _fatal) = house.start().await;
    let syncs = house.kept.syncs();
    let inputs = house.kept.inputs().len();
    let waiting = while_the_writer_waits(&handle, async || {
        let events = ["1", "2", "3", "2"].map(|id| says("qq", "1", id, "hello"));
        let waiting = events.map(|event| taking(&handle, event));
        until(async || handle.metrics().queue_events.get() == 4).await;
        assert!(waiting.iter().all(|task| !task.is_finished()));
        waiting
    })
    .await;
    for answer in waiting {
        assert_eq!(answer.await.unwrap(), Ok(()));
    }
    assert_eq!(house.kept.syncs(), syncs + 1);
    assert_eq!(house.kept.inputs().len(), inputs + 3);

    let again = handle.receive(vec![says("qq", "1", "1", "hello")]).await;
    assert_eq!(again, Ok(()), "a late duplicate");
    assert_eq!(house.kept.inputs().len(), inputs + 3);
    let numbers = handle.metrics().of(&"qq".into());
    assert_eq!((numbers.received.get(), numbers.duplicates.get()), (5, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn sequences_have_no_gaps_and_time_does_not_go_back() {
    let house = House::new();
    let (handle, _fatal) = house.start().await;
    for id in ["1", "2", "3"] {
        house.clock.set(house.clock.now() - HOUR);
        let taken = handle.receive(vec![says("qq", "1", id, "hello")]).await;
        assert_eq!(taken, Ok(()));
    }
    let inputs = house.kept.inputs();
    assert!(inputs.iter().all(|input| input.at >= START));
    let readers = inputs.iter().filter(|input| &*input.community == "readers");
    let seqs: Vec<u64> = readers.map(|input| input.seq).collect();
    assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_room_events_are_refused_and_taken_again_when_there_is() {
    let house = House::new();
    let (handle, _fatal) = house.start().await;
    house.kept.fail_next(Fault::Full);
    let event = says("qq", "1", "1", "hello");
    let refused = handle.receive(vec![event.clone()]).await;
    assert!(matches!(refused, Err(NotTaken::Full { .. })), "{refused:?}");
    assert!(!handle.status().ready);
    let refused = handle.receive(vec![event.clone()]).await;
    assert!(matches!(refused, Err(NotTaken::Full { .. })), "at the door");
    house.clock.advance(2 * SECOND);
    until(async || handle.receive(vec![event.clone()]).await == Ok(())).await;
    assert!(handle.status().ready);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_fires_by_a_tick_when_its_time_has_come() {
    let house = House::new();
    let (handle, _fatal) = house.start().await;
    let taken = handle.receive(vec![says("qq", "1", "1", "wait")]).await;
    assert_eq!(taken, Ok(()));
    let ticks = || {
        let inputs = house.kept.inputs();
        inputs
            .iter()
            .filter(|input| input.input == Input::Tick)
            .count()
    };
    house.clock.advance(59 * SECOND);
    handle.look(|_| ()).await.unwrap();
    assert_eq!(ticks(), 0);
    house.clock.advance(SECOND);
    until(async || !outbox(&handle, "readers").await.is_empty()).await;
    assert_eq!(ticks(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn connectors_are_heard_each_minute() {
    let house = House::new();
    let (handle, _fatal) = house.start().await;
    let heard = || {
        let inputs = house.kept.inputs();
        let is_ours = |input: &&Stamped| {
            let heartbeat =
                matches!(&input.input, Input::Heartbeat { connector } if &**connector == "qq");
            heartbeat && &*input.community == "readers"
        };
        inputs.iter().filter(is_ours).count()
    };
    assert_eq!(heard(), 1, "at the start");
    house.clock.advance(60 * SECOND);
    until(async || heard() == 2).await;
    handle.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_nobody_claims_is_listed_once() {
    let house = House::new();
    let (handle, _fatal) = house.start().await;
    let inputs = house.kept.inputs().len();
    for id in ["1", "2"] {
        let taken = handle.receive(vec![says("qq", "99", id, "hello")]).await;
        assert_eq!(taken, Ok(()));
    }
    let listed = handle.look(|view| {
        let nobody = view.worlds.get(UNCLAIMED).unwrap();
        nobody.head.unclaimed.keys().cloned().collect::<Vec<_>>()
    });
    assert_eq!(listed.await.unwrap(), ["qq/99".into()]);
    assert_eq!(house.kept.inputs().len(), inputs + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_answered_when_it_was_folded() {
    let house = House::new();
    let (handle, _fatal) = house.start().await;
    let freeze = Command {
        by: "test".into(),
        id: None,
        order: Order::Freeze { group: None },
    };
    let nowhere = handle.command("nobody", freeze.clone()).await.err();
    assert_eq!(nowhere, Some(NotTaken::UnknownCommunity("nobody".into())));
    let told = handle.command("readers", freeze).await.unwrap();
    assert_eq!(told.at, START);
    let frozen = handle.look(|view| view.worlds.get("readers").unwrap().head.frozen);
    assert!(frozen.await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_comes_into_force_whole_or_not_at_all() {
    let house = House::new();
    let (handle, _fatal) = house.start().await;
    let before = handle.status().rulebook;
    "wrong".clone_into(&mut house.text.lock().unwrap());
    let wrong = NotReloaded::Wrong(vec!["it is wrong".to_owned()]);
    assert_eq!(handle.reload().await, Err(wrong));
    assert_eq!(handle.status().rule_problems, ["it is wrong"]);
    "two".clone_into(&mut house.text.lock().unwrap());
    let report = handle.reload().await.unwrap();
    assert_ne!(report.rulebook, before);
    assert_eq!(report.changed, 2);
    assert!(handle.status().rule_problems.is_empty());
    let again = handle.reload().await.unwrap();
    assert_eq!(again.changed, 0, "nothing is new");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_stop_nothing_is_taken_and_nobody_waits() {
    let house = House::new();
    let (handle, _fatal) = house.start().await;
    handle.stop().await;
    let taken = handle.receive(vec![says("qq", "1", "1", "hello")]).await;
    assert!(taken.is_err());
    assert!(handle.look(|_| ()).await.is_err());
    handle.stop().await;
}
