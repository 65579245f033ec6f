//! What playbooks store: counters, streaks, texts, numbers, lists, sets and records.

use crate::model::{GroupNo, MemberNo, Millis, Text, Value, time};
use serde::{Deserialize, Serialize};

/// Which value: the playbook's instance, the declared name, and the scope it is kept per.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DataKey {
    /// The instance's id; shadow state has its own, with a `~` before it.
    pub playbook: Text,
    pub name: Text,
    pub group: Option<GroupNo>,
    pub member: Option<MemberNo>,
    pub key: Option<Text>,
}

/// A stored value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Data {
    Counter(Counter),
    Streak(Streak),
    /// `text`, `number`, `record`.
    Single(Value),
    List(Vec<Value>),
    /// Sorted by their printed form, without repetitions.
    Set(Vec<Value>),
}

/// Additions over time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counter {
    pub total: i64,
    /// (time, amount), ascending; old ones are merged by hour, then by day, then forgotten.
    pub additions: Vec<(Millis, i64)>,
}

/// Days that were marked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Streak {
    /// Local day numbers (days since 1970-01-01), ascending, the last 400.
    pub days: Vec<i32>,
    pub best: u32,
    pub total: u32,
    /// When the last mark was set.
    pub marked_at: Millis,
}

/// Marked days that are kept: over a year, so that yearly streaks can be told.
const STREAK_DAYS_MAX: usize = 400;
/// Additions younger than this are kept one by one.
const EXACT_MS: Millis = 2 * time::DAY;
/// Additions younger than this are kept by the hour, older ones by the day.
const HOURLY_MS: Millis = 35 * time::DAY;
/// Additions older than this no longer answer windows; they stay in `total`.
const FORGET_MS: Millis = 400 * time::DAY;
/// Past this many single additions they are merged by the minute too.
const ADDITIONS_MAX: usize = 512;

impl Counter {
    /// Adds `amount` at `at` and keeps the list short.
    pub fn add(&mut self, at: Millis, amount: i64) {
        self.total = self.total.saturating_add(amount);
        self.additions.push((at, amount));
        self.compact(at);
    }

    /// The sum of additions in `from..=to`.
    pub fn sum(&self, from: Millis, to: Millis) -> i64 {
        self.additions
            .iter()
            .filter(|(at, _)| (from..=to).contains(at))
            .fold(0, |sum, (_, amount)| sum.saturating_add(*amount))
    }

    fn compact(&mut self, now: Millis) {
        let crowded = self.additions.len() > ADDITIONS_MAX;
        let mut kept: Vec<(Millis, i64)> = Vec::with_capacity(self.additions.len());
        for (at, amount) in self.additions.drain(..) {
            let age = now.saturating_sub(at);
            let grain = match age {
                age if age > FORGET_MS => continue,
                age if age > HOURLY_MS => time::DAY,
                age if age > EXACT_MS => time::HOUR,
                _ if crowded => time::MINUTE,
                _ => 1,
            };
            match kept.last_mut() {
                Some((last, sum)) if last.div_euclid(grain) == at.div_euclid(grain) => {
                    *sum = sum.saturating_add(amount);
                }
                _ => kept.push((at, amount)),
            }
        }
        self.additions = kept;
    }
}

impl Streak {
    /// Days in a row up to `today`, counting a streak that ended yesterday as still alive.
    pub fn length(&self, today: i32) -> u32 {
        let Some(last) = self.days.iter().rev().find(|day| **day <= today) else {
            return 0;
        };
        if *last < today.saturating_sub(1) {
            0
        } else {
            self.run_ending_at(*last)
        }
    }

    /// True if the day is marked.
    pub fn is_marked(&self, day: i32) -> bool {
        self.days.binary_search(&day).is_ok()
    }

    /// Marks a day; false if it was marked before.
    pub fn mark(&mut self, day: i32, at: Millis) -> bool {
        let Err(place) = self.days.binary_search(&day) else {
            return false;
        };
        self.days.insert(place, day);
        self.total = self.total.saturating_add(1);
        self.marked_at = at;
        let last = self.days.last().copied().unwrap_or(day);
        self.best = self
            .best
            .max(self.run_ending_at(day))
            .max(self.run_ending_at(last));
        if self.days.len() > STREAK_DAYS_MAX {
            self.days.remove(0);
        }
        true
    }

    fn run_ending_at(&self, day: i32) -> u32 {
        let mut length = 0_u32;
        let mut expected = day;
        for known in self.days.iter().rev().skip_while(|known| **known > day) {
            if *known != expected {
                break;
            }
            length = length.saturating_add(1);
            expected = expected.saturating_sub(1);
        }
        length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_streak_lives_through_today_and_breaks_after_a_missed_day() {
        let mut streak = Streak::default();
        for day in [10, 11, 12] {
            assert!(streak.mark(day, 0));
        }
        assert!(!streak.mark(12, 0), "one mark a day");
        assert_eq!(
            (streak.length(12), streak.length(13), streak.length(14)),
            (3, 3, 0)
        );
        assert!(streak.mark(9, 0), "a make-up card");
        assert_eq!((streak.length(12), streak.best, streak.total), (4, 4, 4));
    }

    #[test]
    fn a_counter_answers_windows_and_stays_short() {
        let mut counter = Counter::default();
        for hour in 0..24 * 60 {
            counter.add(hour * time::HOUR, 1);
        }
        let now = 24 * 60 * time::HOUR;
        assert_eq!(counter.total, 1440);
        assert_eq!(counter.sum(now - time::DAY, now), 24);
        for _ in 0..5_000 {
            counter.add(now, 1);
        }
        assert_eq!(counter.sum(now, now), 5_000);
        assert!(
            counter.additions.len() < 1_500,
            "{}",
            counter.additions.len()
        );
    }
}
