//! The pace of a connector: token buckets for the account and for every group, and the holds that a
//! platform's "too many requests" puts on them.

use crate::connector::Rate;
use crate::model::{Millis, Text};
use std::collections::BTreeMap;

/// One token bucket, kept as the instant at which it will be full again (the "generic cell rate
/// algorithm"): nothing needs to tick. In microseconds, so that 3 per second stays 3 per second.
#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    full_at_us: i64,
    held_until: Millis,
}

/// Time for one token and for the burst above it.
#[derive(Clone, Copy, Debug, Default)]
struct Step {
    token_us: i64,
    burst_us: i64,
}

/// How fast a connector may go.
#[derive(Debug)]
pub struct Pace {
    account_step: Step,
    group_step: Step,
    account: Bucket,
    groups: BTreeMap<Text, Bucket>,
    /// Full buckets are forgotten when there are this many.
    prune_at: usize,
}

/// Fewer buckets than this are not worth looking for full ones.
const PRUNE_MIN: usize = 1_024;

impl Step {
    /// `None` and a count of nothing mean: no limit of ours.
    fn of(rate: Option<(u32, Millis)>, burst: u32) -> Self {
        let Some((count @ 1.., per)) = rate else {
            return Self::default();
        };
        let per_us = per.max(0).saturating_mul(1_000);
        // Rounded up: rather too slow than too fast.
        let token_us = per_us.saturating_add(i64::from(count) - 1) / i64::from(count);
        Self {
            token_us,
            burst_us: token_us.saturating_mul(i64::from(burst.saturating_sub(1))),
        }
    }
}

impl Bucket {
    fn ready_at(&self, step: Step, now: Millis) -> Millis {
        let token_at_us = self.full_at_us.saturating_sub(step.burst_us);
        let token_at = token_at_us.saturating_add(999).div_euclid(1_000);
        now.max(token_at).max(self.held_until)
    }

    fn take(&mut self, step: Step, now: Millis) {
        let from = self.full_at_us.max(now.saturating_mul(1_000));
        self.full_at_us = from.saturating_add(step.token_us);
    }

    fn is_idle(&self, now: Millis) -> bool {
        self.full_at_us <= now.saturating_mul(1_000) && self.held_until <= now
    }
}

impl Pace {
    /// Full buckets for that rate.
    pub fn new(rate: Rate) -> Self {
        let mut pace = Self {
            account_step: Step::default(),
            group_step: Step::default(),
            account: Bucket::default(),
            groups: BTreeMap::new(),
            prune_at: PRUNE_MIN,
        };
        pace.set(rate);
        pace
    }

    /// Another rate from here on; what was used up stays used up, and holds stay.
    pub fn set(&mut self, rate: Rate) {
        self.account_step = Step::of(rate.account, rate.burst);
        self.group_step = Step::of(rate.group, rate.burst);
    }

    /// When the account may send next: `now`, or later.
    pub fn account_ready_at(&self, now: Millis) -> Millis {
        self.account.ready_at(self.account_step, now)
    }

    /// When the group may be sent to next, the account aside: `now`, or later.
    pub fn group_ready_at(&self, group: Option<&str>, now: Millis) -> Millis {
        let bucket = group.and_then(|group| self.groups.get(group));
        bucket.map_or(now, |bucket| bucket.ready_at(self.group_step, now))
    }

    /// Takes a token of the account and one of the group.
    pub fn take(&mut self, group: Option<&Text>, now: Millis) {
        self.account.take(self.account_step, now);
        let step = self.group_step;
        if let Some(group) = group
            && step.token_us > 0
        {
            self.bucket(group, now).take(step, now);
        }
    }

    /// Nothing goes to the group (`None`: to nobody) before that instant.
    pub fn hold(&mut self, group: Option<&Text>, until: Millis, now: Millis) {
        let bucket = match group {
            Some(group) => self.bucket(group, now),
            None => &mut self.account,
        };
        bucket.held_until = bucket.held_until.max(until);
    }

    fn bucket(&mut self, group: &Text, now: Millis) -> &mut Bucket {
        if self.groups.len() >= self.prune_at {
            self.groups.retain(|_, bucket| !bucket.is_idle(now));
            self.prune_at = self.groups.len().saturating_mul(2).max(PRUNE_MIN);
        }
        self.groups.entry(group.clone()).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::{MINUTE, SECOND};

    const RATE: Rate = Rate {
        account: Some((60, MINUTE)),
        group: Some((20, MINUTE)),
        burst: 5,
    };

    /// Sends as fast as the pace lets one, and answers when each went.
    fn send(pace: &mut Pace, group: &str, count: usize, mut now: Millis) -> Vec<Millis> {
        let group = Text::from(group);
        let mut sent = Vec::new();
        for _ in 0..count {
            now = pace.account_ready_at(pace.group_ready_at(Some(&group), now));
            pace.take(Some(&group), now);
            sent.push(now);
        }
        sent
    }

    #[test]
    fn a_burst_then_the_rate() {
        let mut pace = Pace::new(RATE);
        assert_eq!(
            send(&mut pace, "a", 8, 1_000),
            [1_000, 1_000, 1_000, 1_000, 1_000, 4_000, 7_000, 10_000]
        );
        assert_eq!(
            send(&mut pace, "a", 6, MINUTE),
            [60_000, 60_000, 60_000, 60_000, 60_000, 63_000],
            "a pause fills it again"
        );
    }

    #[test]
    fn the_account_limits_all_groups_together() {
        let mut pace = Pace::new(RATE);
        assert_eq!(send(&mut pace, "a", 3, 0), [0, 0, 0]);
        assert_eq!(send(&mut pace, "b", 4, 0), [0, 0, 1_000, 2_000]);
        assert_eq!(pace.group_ready_at(Some("a"), 0), 0);
    }

    #[test]
    fn a_minute_holds_no_more_than_burst_and_rate() {
        let mut pace = Pace::new(Rate {
            account: Some((3, SECOND)),
            group: None,
            burst: 2,
        });
        let sent = send(&mut pace, "a", 400, 0);
        let within = sent.iter().filter(|at| **at < MINUTE).count();
        assert_eq!(within, 2 + 3 * 60 - 1);
    }

    #[test]
    fn off_means_off() {
        for rate in [
            Rate::OFF,
            Rate {
                account: Some((0, MINUTE)),
                group: None,
                burst: 0,
            },
        ] {
            let mut pace = Pace::new(rate);
            assert!(send(&mut pace, "a", 1_000, 5).iter().all(|at| *at == 5));
        }
    }

    #[test]
    fn a_hold_stops_its_group_alone() {
        let mut pace = Pace::new(Rate::OFF);
        pace.hold(Some(&"a".into()), 9_000, 0);
        pace.hold(Some(&"a".into()), 3_000, 0);
        assert_eq!(pace.group_ready_at(Some("a"), 1_000), 9_000);
        assert_eq!(pace.group_ready_at(Some("b"), 1_000), 1_000);
        assert_eq!(pace.account_ready_at(1_000), 1_000);
        pace.hold(None, 4_000, 0);
        assert_eq!(pace.account_ready_at(1_000), 4_000);
    }

    #[test]
    fn idle_groups_are_forgotten_and_busy_ones_are_not() {
        let mut pace = Pace::new(Rate {
            account: None,
            group: Some((1, MINUTE)),
            burst: 1,
        });
        pace.hold(Some(&"held".into()), Millis::MAX, 0);
        for number in 0..10_000_i64 {
            let group = Text::from(number.to_string());
            pace.take(Some(&group), number * SECOND);
        }
        assert!(pace.groups.len() <= PRUNE_MIN, "{}", pace.groups.len());
        assert_eq!(pace.group_ready_at(Some("held"), 0), Millis::MAX);
    }

    #[test]
    fn a_new_rate_keeps_what_was_used_up() {
        let mut pace = Pace::new(RATE);
        send(&mut pace, "a", 5, 0);
        pace.set(Rate { burst: 1, ..RATE });
        assert_eq!(pace.group_ready_at(Some("a"), 0), 15_000);
    }
}
