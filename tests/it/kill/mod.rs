//! The real program, killed in the middle of its work: what it has acknowledged comes about, once.
//! Also: a second daemon on the same data, and a store that is gone or damaged.

mod program;

use crate::daemon::{Receiver, until};
use program::Program;
use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Events of one round.
const ROUND: usize = 120;
/// Senders that post beside each other.
const SENDERS: usize = 4;

/// Rounds of killing: few, or as many as `STEWARD_KILL_ROUNDS` says.
#[expect(
    clippy::disallowed_methods,
    reason = "a switch for whoever runs the test"
)]
fn rounds() -> usize {
    let asked = std::env::var("STEWARD_KILL_ROUNDS").ok();
    asked.and_then(|rounds| rounds.parse().ok()).unwrap_or(3)
}

/// Numbers that look random, the same every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

/// Posts its share of a round's events; each until it is acknowledged, as a platform would.
async fn post_all(
    program: Arc<Mutex<Program>>,
    events: Vec<usize>,
    acknowledged: Arc<AtomicUsize>,
    may_post: Arc<AtomicBool>,
) {
    let client = crate::daemon::client();
    for event in events {
        loop {
            while !may_post.load(Ordering::SeqCst) {
                tokio::task::yield_now().await;
            }
            let hook = program.lock().unwrap().hook();
            if hook.say(&client, event).await {
                acknowledged.fetch_add(1, Ordering::SeqCst);
                break;
            }
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_comes_about_once_however_often_it_is_killed() {
    let peer = Receiver::start().await;
    let program = Arc::new(Mutex::new(Program::start(&peer.url).await));
    let mut chance = Chance(20_261_122);
    let rounds = rounds();
    for round in 0..rounds {
        let acknowledged = Arc::new(AtomicUsize::new(0));
        let may_post = Arc::new(AtomicBool::new(true));
        let first = round * ROUND;
        let senders: Vec<_> = (0..SENDERS)
            .map(|sender| {
                let mine = (first..first + ROUND).filter(|event| event % SENDERS == sender);
                tokio::spawn(post_all(
                    program.clone(),
                    mine.collect(),
                    acknowledged.clone(),
                    may_post.clone(),
                ))
            })
            .collect();
        let moment = 1 + chance.below(ROUND - 1);
        until("enough is acknowledged", async || {
            acknowledged.load(Ordering::SeqCst) >= moment
        })
        .await;
        program.lock().unwrap().kill();
        may_post.store(false, Ordering::SeqCst);
        let again = program.lock().unwrap().again();
        let again = again.await;
        *program.lock().unwrap() = again;
        may_post.store(true, Ordering::SeqCst);
        for sender in senders {
            sender.await.unwrap();
        }
    }
    let all = rounds * ROUND;
    // As long as more come: after many rounds there is much left to deliver.
    let mut delivered = 0;
    while delivered < all {
        until("more effects are delivered", async || {
            peer.bodies().len() > delivered
        })
        .await;
        delivered = peer.bodies().len();
    }
    let hook = program.lock().unwrap().hook();
    until("nothing is left to send", async || {
        hook.admin("/outbox").await["total"] == 0
    })
    .await;
    let mut said: Vec<String> = peer.told();
    said.sort();
    let mut expected: Vec<String> = (0..all).map(|event| format!("send g1 e{event}")).collect();
    expected.sort();
    assert_eq!(said, expected);
    assert_eq!(points(&hook.admin("/members").await), expected_points(all));
    program.lock().unwrap().kill();
    let verified = program.lock().unwrap().command(&["verify"]);
    assert!(verified.status.success(), "{verified:?}");
}

/// Points by member.
fn points(members: &serde_json::Value) -> BTreeMap<String, i64> {
    let members = members["items"].as_array().unwrap().iter();
    let points = members.map(|member| {
        let key = member["key"].as_str().unwrap().to_owned();
        (key, member["points"].as_i64().unwrap())
    });
    points.collect()
}

/// Every message earns its member one point.
fn expected_points(events: usize) -> BTreeMap<String, i64> {
    let mut points = BTreeMap::new();
    for event in 0..events {
        *points
            .entry(format!("any/u{}", event % program::MEMBERS))
            .or_default() += 1;
    }
    points
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_daemon_on_the_same_data_refuses_and_says_why() {
    let peer = Receiver::start().await;
    let program = Program::start(&peer.url).await;
    let second = program.second();
    assert_eq!(second.status.code(), Some(2), "{second:?}");
    let told = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(told.contains("another steward"), "{told}");
    let client = crate::daemon::client();
    assert!(
        program.hook().say(&client, 1).await,
        "the first one goes on"
    );
    let verified = program.command(&["verify"]);
    assert_eq!(verified.status.code(), Some(2), "{verified:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_gone_or_damaged_is_made_again_from_the_journal() {
    let peer = Receiver::start().await;
    let mut program = Program::start(&peer.url).await;
    let client = crate::daemon::client();
    let mut events = 0;
    for damage in ["gone", "cut", "noise", "empty"] {
        for _ in 0..20 {
            assert!(program.hook().say(&client, events).await);
            events += 1;
        }
        until("all effects are delivered", async || {
            peer.bodies().len() >= events
        })
        .await;
        let hook = program.hook();
        until("nothing is left to send", async || {
            hook.admin("/outbox").await["total"] == 0
        })
        .await;
        let before = hook.admin("/members").await;
        program.kill();
        let sled = program.data().join("sled");
        let db = sled.join("db");
        match damage {
            "gone" => fs::remove_dir_all(&sled).unwrap(),
            "cut" => {
                let bytes = fs::read(&db).unwrap();
                fs::write(&db, &bytes[..bytes.len() / 2]).unwrap();
            }
            "noise" => {
                let mut chance = Chance(7);
                let mut bytes = fs::read(&db).unwrap();
                for byte in bytes.iter_mut().skip(100) {
                    *byte = chance.below(256) as u8;
                }
                fs::write(&db, bytes).unwrap();
            }
            _ => fs::write(&db, b"").unwrap(),
        }
        program = program.again().await;
        let hook = program.hook();
        let after = hook.admin("/members").await;
        assert_eq!(after, before, "{damage}");
        let start = &hook.admin("/status").await["start"];
        assert!(start["rebuilt_because"].is_string(), "{damage}: {start}");
    }
    assert_eq!(peer.bodies().len(), events, "nothing was sent twice");
    program.stop();
    let verified = program.command(&["verify"]);
    assert!(verified.status.success(), "{verified:?}");
}
