//! One group's effects on one connector: those in order, and those that go beside the order.

use super::{LANE_WAIT_MS_MAX, Open, earlier};
use crate::model::{EffectId, Millis};
use std::collections::{BTreeMap, BTreeSet};

/// A group's lane.
#[derive(Debug, Default)]
pub(super) struct Lane {
    /// In order, by seq. Only the first may start, and not while another of them is on its way.
    in_order: BTreeMap<u64, (Millis, EffectId)>,
    /// Beside the order, by when they are due.
    beside: BTreeSet<(Millis, u64, EffectId)>,
    /// On their way; true for one that was in order.
    in_flight: BTreeMap<EffectId, bool>,
    /// Its place in the line's calendar, if it stands there.
    pub(super) place: Option<(Millis, u64)>,
}

impl Lane {
    /// Adds an effect; in order unless it must wait too long, was tried before, or is moderation,
    /// which never waits for others.
    pub(super) fn add(&mut self, open: &Open, seq: u64, now: Millis) {
        let keeps_order = !open.is_retry && !open.is_moderation;
        self.put(open, seq, keeps_order, now);
    }

    /// Adds an effect again after an attempt: one that was in order takes its old place, before all
    /// that came later, unless it must wait too long.
    pub(super) fn add_again(&mut self, open: &Open, seq: u64, was_in_order: bool, now: Millis) {
        self.put(open, seq, was_in_order, now);
    }

    fn put(&mut self, open: &Open, seq: u64, keeps_order: bool, now: Millis) {
        let wait = open.not_before.saturating_sub(now);
        if keeps_order && wait <= LANE_WAIT_MS_MAX {
            self.in_order.insert(seq, (open.not_before, open.id));
        } else {
            self.beside.insert((open.not_before, seq, open.id));
        }
    }

    /// Takes out a waiting effect; false when it does not wait here.
    pub(super) fn remove(&mut self, open: &Open, seq: u64) -> bool {
        self.in_order.remove(&seq).is_some() || self.beside.remove(&(open.not_before, seq, open.id))
    }

    /// When something may start here, the pace aside.
    pub(super) fn next_at(&self) -> Option<Millis> {
        let in_order = self.head().map(|(_, (not_before, _))| not_before);
        let beside = self.beside.first().map(|(due, _, _)| *due);
        earlier(in_order, beside)
    }

    /// Sends off whatever [`Self::next_at`] meant: the one that is due first.
    pub(super) fn start(&mut self) -> Option<EffectId> {
        let head = self.head();
        let head_due = head.map(|(seq, (not_before, _))| (not_before, seq));
        let beside_due = self.beside.first().map(|(due, seq, _)| (*due, *seq));
        let from_order = match (head_due, beside_due) {
            (Some(head), Some(beside)) => head <= beside,
            (head, _) => head.is_some(),
        };
        let id = if from_order {
            self.in_order.pop_first().map(|(_, (_, id))| id)
        } else {
            self.beside.pop_first().map(|(_, _, id)| id)
        }?;
        self.in_flight.insert(id, from_order);
        Some(id)
    }

    /// An attempt is back: whether it was in order, or `None` when none was on its way.
    pub(super) fn land(&mut self, id: EffectId) -> Option<bool> {
        self.in_flight.remove(&id)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.in_order.is_empty() && self.beside.is_empty() && self.in_flight.is_empty()
    }

    fn head(&self) -> Option<(u64, (Millis, EffectId))> {
        if self.in_flight.values().any(|in_order| *in_order) {
            return None;
        }
        let (seq, head) = self.in_order.first_key_value()?;
        Some((*seq, *head))
    }
}
