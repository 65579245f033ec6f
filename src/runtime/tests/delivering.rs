//! Sending: in order, with the same id after a crash, held when nobody knows.

use super::peer::{Manner, Peer};
use super::*;
use crate::model::{Command, Order, Verdict};

const SENT: &str = r#"{"status":"ok","retcode":0,"data":{"message_id":7}}"#;

fn verdicts(house: &House) -> Vec<Verdict> {
    let inputs = house.kept.inputs().into_iter();
    let told = inputs.filter_map(|stamped| {
        if let Input::Receipt(receipt) = stamped.input {
            Some(receipt.verdict)
        } else {
            None
        }
    });
    told.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn effects_of_a_group_arrive_in_order_and_end_with_a_receipt() {
    let peer = Peer::new(Manner::Answer, "{}").await;
    let mut house = House::new();
    house.peer_url = Some(peer.address.clone());
    let (handle, _fatal) = house.start().await;
    for number in 0..5 {
        let text = format!("send {number}");
        let event = says("any", "x", &text, &text);
        assert_eq!(handle.receive(vec![event]).await, Ok(()));
    }
    until(async || peer.came().len() == 5 && outbox(&handle, "readers").await.is_empty()).await;
    let came = peer.came();
    let order: Vec<bool> = (0..5)
        .map(|number| came[number].1.contains(&format!("send {number}")))
        .collect();
    assert_eq!(order, [true; 5], "{came:?}");
    assert_eq!(verdicts(&house).len(), 5, "no `sending` for a peer");
    assert_eq!(handle.metrics().of(&"any".into()).sent.get(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_under_way_in_a_crash_is_sent_again_with_the_same_id() {
    let peer = Peer::new(Manner::Hang, "{}").await;
    let mut house = House::new();
    house.peer_url = Some(peer.address.clone());
    let (handle, fatal) = house.start().await;
    let event = says("any", "x", "1", "send it");
    assert_eq!(handle.receive(vec![event]).await, Ok(()));
    until(async || peer.came().len() == 1).await;
    house.crash(&handle, fatal).await;
    peer.set(Manner::Answer);
    let (handle, _fatal) = house.start().await;
    until(async || outbox(&handle, "readers").await.is_empty()).await;
    let came = peer.came();
    assert_eq!(came.len(), 2);
    assert_eq!(came[0].0, came[1].0);
    assert!(!came[0].0.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_send_of_which_nobody_knows_waits_for_a_person() {
    let peer = Peer::new(Manner::Hang, SENT).await;
    let mut house = House::new();
    house.qq_api = peer.address.clone();
    let (handle, fatal) = house.start().await;
    let event = says("qq", "1", "1", "send it");
    assert_eq!(handle.receive(vec![event]).await, Ok(()));
    until(async || peer.came().len() == 1).await;
    assert_eq!(verdicts(&house), [Verdict::Sending], "before the send");
    house.crash(&handle, fatal).await;
    peer.set(Manner::Answer);
    let (handle, _fatal) = house.start().await;
    let parked = [("send it".to_owned(), Stage::Parked)];
    assert_eq!(outbox(&handle, "readers").await, parked);
    assert!(matches!(verdicts(&house)[1], Verdict::Unknown { .. }));

    let effect = handle.look(|view| {
        let mut effects = view.worlds.get("readers").unwrap().effects();
        effects.next().unwrap().id
    });
    let retry = Command {
        by: "test".into(),
        id: None,
        order: Order::RetryEffect {
            effect: effect.await.unwrap(),
        },
    };
    handle.command("readers", retry).await.unwrap();
    until(async || outbox(&handle, "readers").await.is_empty()).await;
    assert_eq!(peer.came().len(), 2, "sent again because a person said so");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_without_room_for_its_receipt() {
    let house = House::new();
    house.kept.journal().set_reserve(false);
    let (handle, _fatal) = house.start().await;
    let adopted = says("box", "1", "1", "send it");
    let mut event = says("qq", "1", "2", "hello");
    event.what = adopted.what;
    event.connector = "qq".into();
    assert_eq!(handle.receive(vec![event]).await, Ok(()));
    for _ in 0..100 {
        handle.look(|_| ()).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!(handle.metrics().of(&"qq".into()).attempts.get(), 0);
    house.kept.journal().set_reserve(true);
    house.clock.advance(2 * SECOND);
    until(async || handle.metrics().of(&"qq".into()).attempts.get() > 0).await;
}
