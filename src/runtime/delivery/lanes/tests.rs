//! Days of a planner, in plain milliseconds.

use super::{IN_FLIGHT_MAX, Lanes, Open, Plan};
use crate::connector::Rate;
use crate::model::time::{MINUTE, SECOND};
use crate::model::{EffectId, Millis};
use crate::runtime::delivery::breaker::Sign;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// An effect for connector `qq`; group `-` is none.
fn effect(id: u64, group: &str) -> Open {
    Open {
        id: EffectId(id),
        connector: "qq".into(),
        group: (group != "-").then(|| group.into()),
        is_moderation: false,
        not_before: 0,
        expires_at: None,
        is_retry: false,
    }
}

fn moderation(id: u64, group: &str) -> Open {
    Open {
        is_moderation: true,
        ..effect(id, group)
    }
}

fn not_before(not_before: Millis, open: Open) -> Open {
    Open { not_before, ..open }
}

fn lanes(effects: impl IntoIterator<Item = Open>) -> Lanes {
    let mut lanes = Lanes::default();
    for open in effects {
        lanes.add(open, 0);
    }
    lanes
}

fn rated(rate: Rate, effects: impl IntoIterator<Item = Open>) -> Lanes {
    let mut lanes = lanes(effects);
    lanes.set_rate(&"qq".into(), rate);
    lanes
}

/// Starts what may start, and answers ids and when to look again.
#[track_caller]
fn check(lanes: &mut Lanes, now: Millis, start: &[u64], again_at: Option<Millis>) {
    let start = start.iter().map(|id| EffectId(*id)).collect();
    let expect = Plan {
        start,
        again_at,
        expired: Vec::new(),
    };
    assert_eq!(lanes.plan(now), expect, "at {now}");
}

fn done(lanes: &mut Lanes, id: u64, now: Millis) {
    lanes.ended(EffectId(id), None, Sign::Works, now);
}

fn again(lanes: &mut Lanes, id: u64, at: Millis, now: Millis) {
    lanes.ended(EffectId(id), Some(at), Sign::Fails, now);
}

#[test]
fn a_group_goes_in_order_and_groups_go_beside_each_other() {
    let mut lanes = lanes([
        effect(9, "a"),
        effect(2, "a"),
        effect(3, "b"),
        effect(4, "-"),
    ]);
    check(&mut lanes, 0, &[9, 3, 4], None);
    check(&mut lanes, 50, &[], None);
    done(&mut lanes, 9, 100);
    check(&mut lanes, 100, &[2], None);
    for id in [2, 3, 4] {
        done(&mut lanes, id, 200);
    }
    check(&mut lanes, 300, &[], None);
    assert!(lanes.tickets.is_empty());
}

#[test]
fn moderation_goes_first_and_waits_for_nobody() {
    let mut lanes = lanes([
        effect(1, "a"),
        effect(2, "b"),
        moderation(3, "a"),
        moderation(4, "a"),
    ]);
    check(&mut lanes, 0, &[3, 4, 1, 2], None);
}

#[test]
fn moderation_gets_the_first_token() {
    let rate = Rate {
        account: Some((1, SECOND)),
        group: None,
        burst: 1,
    };
    let mut lanes = rated(rate, [effect(1, "a"), effect(2, "b")]);
    check(&mut lanes, 0, &[1], Some(1_000));
    lanes.add(moderation(3, "b"), 10);
    check(&mut lanes, 1_000, &[3], Some(2_000));
    check(&mut lanes, 2_000, &[2], None);
}

#[test]
fn a_short_wait_keeps_the_place_and_a_long_one_leaves_it() {
    let mut lanes = lanes([effect(1, "a"), effect(2, "a"), effect(3, "a")]);
    check(&mut lanes, 0, &[1], None);
    again(&mut lanes, 1, 10_000, 0);
    check(&mut lanes, 0, &[], Some(10_000));
    check(&mut lanes, 10_000, &[1], None);
    again(&mut lanes, 1, 25_000, 14_000);
    check(&mut lanes, 14_000, &[2], Some(25_000));
    done(&mut lanes, 2, 15_000);
    check(&mut lanes, 15_000, &[3], Some(25_000));
    check(&mut lanes, 25_000, &[1], None);
    done(&mut lanes, 1, 26_000);
    done(&mut lanes, 3, 26_000);
    check(&mut lanes, 26_000, &[], None);
}

#[test]
fn once_beside_the_order_an_effect_does_not_hold_it_up() {
    let mut lanes = lanes([effect(1, "a")]);
    check(&mut lanes, 0, &[1], None);
    again(&mut lanes, 1, 11_000, 0);
    check(&mut lanes, 11_000, &[1], None);
    lanes.add(effect(2, "a"), 11_500);
    check(&mut lanes, 11_500, &[2], None);
    again(&mut lanes, 1, 13_000, 12_000);
    done(&mut lanes, 2, 12_000);
    lanes.add(effect(3, "a"), 12_000);
    check(&mut lanes, 12_000, &[3], Some(13_000));
}

#[test]
fn what_is_for_later_lets_others_pass_and_comes_when_due() {
    let mut lanes = lanes([
        not_before(12_000, effect(1, "a")),
        not_before(11_000, effect(2, "a")),
        effect(3, "a"),
        not_before(5_000, effect(4, "a")),
        effect(5, "a"),
    ]);
    check(&mut lanes, 0, &[3], Some(11_000));
    done(&mut lanes, 3, 10);
    check(&mut lanes, 10, &[], Some(5_000));
    check(&mut lanes, 5_000, &[4], Some(11_000));
    check(&mut lanes, 12_000, &[2, 1], None);
    done(&mut lanes, 4, 12_000);
    check(&mut lanes, 12_000, &[5], None);
}

#[test]
fn retries_after_a_restart_stand_beside_the_order() {
    let retry = Open {
        is_retry: true,
        ..not_before(3_000, effect(1, "a"))
    };
    let mut lanes = lanes([retry, effect(2, "a")]);
    check(&mut lanes, 0, &[2], Some(3_000));
    check(&mut lanes, 3_000, &[1], None);
}

#[test]
fn connectors_do_not_wait_for_each_other() {
    let other = |id| Open {
        connector: "tg".into(),
        ..effect(id, "a")
    };
    let rate = Rate {
        account: Some((1, MINUTE)),
        group: None,
        burst: 1,
    };
    let mut lanes = rated(rate, [effect(1, "a"), effect(2, "b"), other(3)]);
    check(&mut lanes, 0, &[1, 3], Some(MINUTE));
    lanes.set_stopped(&"qq".into(), true);
    lanes.add(other(4), 5);
    done(&mut lanes, 3, 5);
    check(&mut lanes, MINUTE, &[4], None);
    lanes.set_stopped(&"qq".into(), false);
    check(&mut lanes, MINUTE, &[2], None);
}

#[test]
fn groups_take_turns_at_the_accounts_tokens() {
    let rate = Rate {
        account: Some((1, SECOND)),
        group: None,
        burst: 1,
    };
    let mut lanes = rated(rate, (1..=4).map(|id| effect(id, "busy")));
    lanes.add(effect(10, "b"), 0);
    let mut started = Vec::new();
    for second in 0..5 {
        let now = second * SECOND;
        for id in lanes.plan(now).start {
            started.push(id.0);
            done(&mut lanes, id.0, now + 100);
        }
        if second == 0 {
            lanes.add(effect(11, "b"), now + 200);
        }
    }
    assert_eq!(started, [1, 10, 2, 11, 3]);
}

#[test]
fn a_groups_pace_holds_that_group_alone() {
    let rate = Rate {
        account: None,
        group: Some((1, SECOND)),
        burst: 1,
    };
    let mut lanes = rated(
        rate,
        [
            effect(1, "a"),
            effect(2, "a"),
            moderation(3, "a"),
            effect(4, "b"),
        ],
    );
    check(&mut lanes, 0, &[3, 4], Some(1_000));
    check(&mut lanes, 1_000, &[1], None);
    done(&mut lanes, 1, 1_100);
    check(&mut lanes, 1_100, &[], Some(2_000));
    check(&mut lanes, 2_000, &[2], None);
}

#[test]
fn a_platform_that_asks_for_patience_gets_it() {
    let mut lanes = lanes([effect(1, "a"), effect(2, "a"), effect(3, "b")]);
    check(&mut lanes, 0, &[1, 3], None);
    lanes.throttle(&"qq".into(), Some(&"a".into()), 30_000, 100);
    lanes.ended(EffectId(1), Some(30_000), Sign::Works, 100);
    lanes.add(effect(4, "b"), 100);
    done(&mut lanes, 3, 100);
    check(&mut lanes, 100, &[4], Some(30_000));
    lanes.throttle(&"qq".into(), None, 40_000, 200);
    check(&mut lanes, 30_000, &[], Some(40_000));
    check(&mut lanes, 40_000, &[2, 1], None);
}

#[test]
fn no_more_than_the_cap_are_on_their_way() {
    let cap = IN_FLIGHT_MAX as u64;
    let mut lanes = lanes((0..2 * cap).map(|id| effect(id, &id.to_string())));
    let started = lanes.plan(0).start;
    assert_eq!(started.len(), IN_FLIGHT_MAX);
    check(&mut lanes, 1, &[], None);
    done(&mut lanes, 0, 2);
    check(&mut lanes, 2, &[cap], None);
}

#[test]
fn an_open_breaker_delays_and_then_lets_one_through() {
    let mut lanes = lanes((0..20).map(|id| effect(id, &id.to_string())));
    let mut failures = 0;
    while failures < 10 {
        for id in lanes.plan(0).start {
            again(&mut lanes, id.0, 60_000, 0);
            failures += 1;
        }
    }
    let counts = |lanes: &Lanes| lanes.counts().map(|(_, counts)| counts).collect::<Vec<_>>();
    let [state] = counts(&lanes)[..] else {
        panic!("one line")
    };
    assert!(state.is_open && state.in_flight == 0);
    check(&mut lanes, 1_000, &[], Some(30_000));
    let probe = lanes.plan(30_000);
    assert_eq!((probe.start.len(), probe.again_at), (1, None));
    for id in probe.start {
        done(&mut lanes, id.0, 30_500);
    }
    assert!(lanes.plan(30_500).start.len() > 1);
}

#[test]
fn what_is_taken_out_does_not_start() {
    let mut lanes = lanes([
        effect(1, "a"),
        effect(2, "a"),
        effect(3, "a"),
        not_before(20_000, effect(4, "a")),
        moderation(5, "b"),
    ]);
    check(&mut lanes, 0, &[5, 1], Some(20_000));
    assert!(!lanes.remove(EffectId(1)), "on its way");
    assert!(!lanes.remove(EffectId(99)), "unknown");
    assert!(lanes.remove(EffectId(2)));
    assert!(lanes.remove(EffectId(4)));
    done(&mut lanes, 1, 10);
    check(&mut lanes, 10, &[3], None);
    lanes.add(effect(2, "a"), 20);
    done(&mut lanes, 3, 20);
    check(&mut lanes, 20, &[2], None);
}

#[test]
fn the_same_effect_twice_is_one() {
    let mut lanes = lanes([effect(1, "a"), effect(1, "a")]);
    check(&mut lanes, 0, &[1], None);
    lanes.add(effect(1, "a"), 5);
    done(&mut lanes, 1, 5);
    done(&mut lanes, 1, 6);
    again(&mut lanes, 1, 7, 7);
    check(&mut lanes, 10, &[], None);
}

#[test]
fn effects_end_while_they_wait_and_cost_no_tokens() {
    let until = |end, open: Open| Open {
        expires_at: Some(end),
        ..open
    };
    let rate = Rate {
        account: Some((1, MINUTE)),
        group: None,
        burst: 1,
    };
    let mut lanes = rated(
        rate,
        [
            until(5_000, effect(1, "a")),
            until(5_000, effect(2, "a")),
            until(70_000, effect(3, "a")),
            until(80_000, effect(4, "b")),
        ],
    );
    check(&mut lanes, 0, &[1], Some(5_000));
    let plan = lanes.plan(5_000);
    assert_eq!(
        (plan.expired, plan.again_at),
        (vec![EffectId(2)], Some(MINUTE))
    );
    again(&mut lanes, 1, 6_000, 5_500);
    let plan = lanes.plan(6_000);
    assert_eq!((plan.expired, plan.start), (vec![EffectId(1)], vec![]));
    check(&mut lanes, MINUTE, &[4], Some(70_000));
    done(&mut lanes, 4, MINUTE);
    let plan = lanes.plan(70_000);
    assert_eq!((plan.expired, plan.again_at), (vec![EffectId(3)], None));
    assert!(lanes.tickets.is_empty() && lanes.ends.is_empty());
}

/// A hundred thousand effects through a thousand groups, with a pace, in virtual time. Looking at
/// all that waits for every start would take ten thousand million steps.
#[test]
fn a_long_queue_drains_in_order() {
    const EFFECTS: u64 = 100_000;
    let rate = Rate {
        account: Some((100, SECOND)),
        group: Some((1, SECOND)),
        burst: 5,
    };
    let mut lanes = rated(
        rate,
        (0..EFFECTS).map(|id| effect(id, &(id % 1_000).to_string())),
    );
    let mut now = 0;
    let mut last_of_group = vec![None; 1_000];
    let mut started = 0;
    while started < EFFECTS {
        let plan = lanes.plan(now);
        for id in &plan.start {
            let last = last_of_group.get_mut((id.0 % 1_000) as usize).unwrap();
            assert!(last.is_none_or(|last| last < id.0), "{id} is out of order");
            *last = Some(id.0);
            started += 1;
            done(&mut lanes, id.0, now);
        }
        now = if plan.start.is_empty() {
            plan.again_at.unwrap()
        } else {
            now
        };
    }
    assert_eq!(now, 999_950, "100 a second, after a burst of 5");
    assert!(lanes.tickets.is_empty());
}

/// One effect of a random day: when it is added, and how its attempts end (waits, then done).
type Story = (Open, Millis, Vec<Millis>);

fn story() -> impl Strategy<Value = Story> {
    let waits = prop::collection::vec(0..30_000_i64, 0..4);
    (
        0..4_u8,
        any::<bool>(),
        0..20_000_i64,
        0..40_000_i64,
        prop::option::of(1..90_000_i64),
        waits,
    )
        .prop_map(|(group, is_moderation, added, later, end, waits)| {
            let open = Open {
                is_moderation,
                not_before: added + later,
                expires_at: end.map(|end| added + end),
                ..effect(0, &group.to_string())
            };
            (open, added, waits)
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever the day brings: every effect ends once, none starts before its time or twice at once,
    /// and nothing is left behind.
    #[test]
    fn every_effect_ends_once(mut stories in prop::collection::vec(story(), 1..60)) {
        stories.sort_by_key(|(_, added, _)| *added);
        let rate = Rate { account: Some((2, SECOND)), group: Some((1, SECOND)), burst: 2 };
        let mut lanes = rated(rate, []);
        let mut ended = BTreeMap::new();
        let mut not_before = BTreeMap::new();
        // What is on its way, by when it comes back.
        let mut flying: BTreeSet<(Millis, EffectId)> = BTreeSet::new();
        let mut next = 0;
        let mut now = 0;
        for _ in 0..10_000 {
            while let Some((open, added, _)) = stories.get(next).filter(|(_, added, _)| *added <= now) {
                let id = EffectId(next as u64);
                not_before.insert(id, open.not_before);
                lanes.add(Open { id, ..open.clone() }, (*added).max(now));
                next += 1;
            }
            while let Some((at, id)) = flying.first().copied().filter(|(at, _)| *at <= now) {
                flying.remove(&(at, id));
                let (_, _, waits) = stories.get_mut(id.0 as usize).unwrap();
                let again_at = waits.pop().map(|wait| now + wait);
                let sign = if again_at.is_some() { Sign::Fails } else { Sign::Works };
                lanes.ended(id, again_at, sign, now);
                if let Some(at) = again_at {
                    not_before.insert(id, at);
                } else {
                    prop_assert_eq!(ended.insert(id, "done"), None);
                }
            }
            let plan = lanes.plan(now);
            for id in plan.expired {
                prop_assert_eq!(ended.insert(id, "expired"), None);
            }
            for id in plan.start {
                prop_assert!(not_before.get(&id).is_some_and(|at| *at <= now), "{id} is early");
                prop_assert!(flying.iter().all(|(_, other)| *other != id), "{id} twice at once");
                prop_assert_eq!(ended.get(&id), None);
                flying.insert((now + 200, id));
            }
            let added = stories.get(next).map(|(_, added, _)| *added);
            let back = flying.first().map(|(at, _)| *at);
            let Some(at) = [added, back, plan.again_at].into_iter().flatten().min() else {
                break;
            };
            now = at.max(now);
        }
        prop_assert_eq!(ended.len(), stories.len());
        prop_assert!(lanes.tickets.is_empty() && lanes.ends.is_empty());
        for line in lanes.lines.values() {
            let counts = line.counts();
            prop_assert_eq!((counts.waiting, counts.in_flight), (0, 0));
            prop_assert!(line.is_clear());
        }
    }
}
