//! What is counted and measured, as plain numbers that the server shows. Labels are names from
//! steward.yaml and fixed words, so their number is bounded.

use crate::model::Text;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// Upper bounds of the time buckets, in microseconds; a last one takes the rest. A sync takes 0.2 to
/// 6 ms here, an input some microseconds.
pub const TIME_BOUNDS_US: [u64; 12] = [
    10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 10_000_000,
];
/// Upper bounds of the buckets for numbers of inputs.
pub const SIZE_BOUNDS: [u64; 12] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 16_384];

/// A number that goes up, or up and down.
#[derive(Debug, Default)]
pub struct Number(AtomicU64);

impl Number {
    /// One more.
    pub fn one(&self) {
        self.add(1);
    }

    /// So many more.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// It is so many now.
    pub fn set(&self, count: u64) {
        self.0.store(count, Ordering::Relaxed);
    }

    /// How many.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How often a value fell into which bucket.
#[derive(Debug)]
pub struct Histogram {
    bounds: &'static [u64; 12],
    /// Not cumulative; the last takes what is above all bounds.
    buckets: [Number; 13],
    sum: Number,
}

impl Histogram {
    fn new(bounds: &'static [u64; 12]) -> Self {
        Self {
            bounds,
            buckets: Default::default(),
            sum: Number::default(),
        }
    }

    /// Counts a value.
    pub fn note(&self, value: u64) {
        let place = self.bounds.partition_point(|bound| *bound < value);
        if let Some(bucket) = self.buckets.get(place) {
            bucket.one();
        }
        self.sum.add(value);
    }

    /// (upper bound, how many were at most that), ascending; then the count of all and their sum.
    pub fn cumulative(&self) -> (Vec<(u64, u64)>, u64, u64) {
        let mut so_far = 0;
        let mut shown = Vec::new();
        for (bound, bucket) in self.bounds.iter().zip(&self.buckets) {
            so_far += bucket.get();
            shown.push((*bound, so_far));
        }
        let above = self.buckets.last().map_or(0, Number::get);
        (shown, so_far + above, self.sum.get())
    }
}

/// One connector's (or endpoint's) numbers.
#[derive(Debug, Default)]
pub struct PerConnector {
    /// Events taken in.
    pub received: Number,
    /// Events recognised as repeated.
    pub duplicates: Number,
    /// Events of kinds that map to nothing of ours; counted by the server.
    pub ignored: Number,
    /// Payloads turned away (signature, form); counted by the server.
    pub turned_away: Number,
    /// Events refused because the queue or the disk was full.
    pub refused: Number,
    /// Attempts started.
    pub attempts: Number,
    /// Effects that came about.
    pub sent: Number,
    /// Effects that the platform refused, or that came too late.
    pub rejected: Number,
    /// Attempts that are to be repeated.
    pub deferred: Number,
    /// Effects left to a person.
    pub parked: Number,
    /// Waiting effects, now.
    pub waiting: Number,
    /// Attempts on their way, now.
    pub in_flight: Number,
    /// 1 while its circuit breaker is open.
    pub breaker_open: Number,
    /// 1 while it is stopped (bad token).
    pub stopped: Number,
}

/// Everything that is counted.
#[derive(Debug)]
pub struct Metrics {
    pub queue_events: Number,
    pub queue_bytes: Number,
    /// Inputs journalled.
    pub inputs: Number,
    /// Groups appended, each with one sync.
    pub groups: Number,
    pub group_inputs: Histogram,
    pub sync_us: Histogram,
    pub apply_us: Histogram,
    /// Appends that found no room.
    pub journal_full: Number,
    /// Open effects, whatever their stage.
    pub outbox: Number,
    /// Age of the oldest open effect.
    pub outbox_oldest_ms: Number,
    /// Writes to the store.
    pub store_writes: Number,
    pub snapshots: Number,
    pub reloads: Number,
    per_connector: RwLock<BTreeMap<Text, Arc<PerConnector>>>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            queue_events: Number::default(),
            queue_bytes: Number::default(),
            inputs: Number::default(),
            groups: Number::default(),
            group_inputs: Histogram::new(&SIZE_BOUNDS),
            sync_us: Histogram::new(&TIME_BOUNDS_US),
            apply_us: Histogram::new(&TIME_BOUNDS_US),
            journal_full: Number::default(),
            outbox: Number::default(),
            outbox_oldest_ms: Number::default(),
            store_writes: Number::default(),
            snapshots: Number::default(),
            reloads: Number::default(),
            per_connector: RwLock::default(),
        }
    }
}

impl Metrics {
    /// The numbers of a connector. Only for names from steward.yaml.
    pub fn of(&self, connector: &Text) -> Arc<PerConnector> {
        let known = self.per_connector.read();
        let known = known.unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.get(connector) {
            return found.clone();
        }
        drop(known);
        let all = self.per_connector.write();
        let mut all = all.unwrap_or_else(PoisonError::into_inner);
        all.entry(connector.clone()).or_default().clone()
    }

    /// All connectors that have numbers, by name.
    pub fn connectors(&self) -> BTreeMap<Text, Arc<PerConnector>> {
        let all = self.per_connector.read();
        all.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_counts_in_the_first_bucket_that_holds_it() {
        let histogram = Histogram::new(&SIZE_BOUNDS);
        for value in [1, 2, 3, 20_000] {
            histogram.note(value);
        }
        let (shown, count, sum) = histogram.cumulative();
        assert_eq!(shown.first(), Some(&(1, 1)));
        assert_eq!(shown.get(2), Some(&(4, 3)));
        assert_eq!(shown.last(), Some(&(16_384, 3)));
        assert_eq!((count, sum), (4, 20_006));
    }
}
