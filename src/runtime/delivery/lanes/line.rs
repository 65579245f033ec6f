//! One connector's line: its lanes in two calendars, moderation and the rest, its pace and its
//! circuit breaker.

use super::lane::Lane;
use super::{Counts, IN_FLIGHT_MAX, Open, earlier};
use crate::connector::Rate;
use crate::model::{EffectId, Millis, Text};
use crate::runtime::delivery::breaker::{Breaker, Sign};
use crate::runtime::delivery::bucket::Pace;
use std::collections::{BTreeMap, BTreeSet};

/// All that one connector has to carry.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) pace: Pace,
    pub(super) is_stopped: bool,
    breaker: Breaker,
    moderation: Calendar,
    rest: Calendar,
    waiting: usize,
    in_flight: usize,
}

/// Lanes by group, and when each may start something.
#[derive(Debug, Default)]
struct Calendar {
    lanes: BTreeMap<Option<Text>, Lane>,
    /// The instant can be too early, never too late: what has changed is found out on arrival. Lanes
    /// of the same instant go by turn.
    by_time: BTreeSet<(Millis, u64, Option<Text>)>,
    next_turn: u64,
}

impl Default for Line {
    fn default() -> Self {
        Self {
            pace: Pace::new(Rate::OFF),
            is_stopped: false,
            breaker: Breaker::default(),
            moderation: Calendar::default(),
            rest: Calendar::default(),
            waiting: 0,
            in_flight: 0,
        }
    }
}

impl Line {
    pub(super) fn add(&mut self, open: &Open, seq: u64, now: Millis) {
        self.waiting += 1;
        let calendar = self.calendar(open);
        let lane = calendar.lanes.entry(open.group.clone()).or_default();
        lane.add(open, seq, now);
        calendar.enter(open.group.as_ref(), now);
    }

    /// Takes a waiting effect out; false when it does not wait.
    pub(super) fn remove(&mut self, open: &Open, seq: u64) -> bool {
        let lane = self.calendar(open).lanes.get_mut(&open.group);
        let removed = lane.is_some_and(|lane| lane.remove(open, seq));
        if removed {
            self.waiting = self.waiting.saturating_sub(1);
            self.tidy(open);
        }
        removed
    }

    /// An attempt is back: whether the effect was in its group's order, or `None` when no attempt was
    /// on its way. To be followed by [`Self::add_again`] or [`Self::let_pass`].
    pub(super) fn land(&mut self, open: &Open, sign: Sign, now: Millis) -> Option<bool> {
        let lane = self.calendar(open).lanes.get_mut(&open.group)?;
        let was_in_order = lane.land(open.id)?;
        self.in_flight = self.in_flight.saturating_sub(1);
        self.breaker.ended(sign, now);
        Some(was_in_order)
    }

    /// Adds an effect again after an attempt.
    pub(super) fn add_again(&mut self, open: &Open, seq: u64, was_in_order: bool, now: Millis) {
        self.waiting += 1;
        let calendar = self.calendar(open);
        let lane = calendar.lanes.entry(open.group.clone()).or_default();
        lane.add_again(open, seq, was_in_order, now);
        calendar.enter(open.group.as_ref(), now);
    }

    /// After an effect has left for good: what waited behind it comes up, an empty lane goes.
    pub(super) fn let_pass(&mut self, open: &Open, now: Millis) {
        self.calendar(open).enter(open.group.as_ref(), now);
        self.tidy(open);
    }

    fn tidy(&mut self, open: &Open) {
        self.calendar(open).drop_if_empty(open.group.as_ref());
    }

    /// Starts what may start and answers when to look again; `None` when only the end of an attempt
    /// or a new effect can change something.
    pub(super) fn start(&mut self, now: Millis, started: &mut Vec<EffectId>) -> Option<Millis> {
        loop {
            let moderation = self.moderation.first_at();
            let rest = self.rest.first_at();
            let first_at = earlier(moderation, rest)?;
            if self.is_stopped || self.in_flight >= IN_FLIGHT_MAX {
                return None;
            }
            let held_until = self
                .breaker
                .ready_at(now)?
                .max(self.pace.account_ready_at(now));
            if first_at.max(held_until) > now {
                return Some(first_at.max(held_until));
            }
            let calendar = if moderation.is_some_and(|at| at <= now) {
                &mut self.moderation
            } else {
                &mut self.rest
            };
            if let Some(id) = calendar.start_first(&mut self.pace, now) {
                self.breaker.started();
                self.waiting = self.waiting.saturating_sub(1);
                self.in_flight += 1;
                started.push(id);
            }
        }
    }

    pub(super) fn counts(&self) -> Counts {
        Counts {
            waiting: self.waiting,
            in_flight: self.in_flight,
            is_open: self.breaker.is_open(),
            is_stopped: self.is_stopped,
        }
    }

    /// True when no lane is left: an empty one must not stay behind.
    #[cfg(test)]
    pub(super) fn is_clear(&self) -> bool {
        [&self.moderation, &self.rest]
            .iter()
            .all(|calendar| calendar.lanes.is_empty() && calendar.by_time.is_empty())
    }

    fn calendar(&mut self, open: &Open) -> &mut Calendar {
        if open.is_moderation {
            &mut self.moderation
        } else {
            &mut self.rest
        }
    }
}

impl Calendar {
    fn first_at(&self) -> Option<Millis> {
        self.by_time.first().map(|(at, _, _)| *at)
    }

    /// Starts the first effect of the lane that comes first, and puts the lane behind those that wait.
    /// `None` when the lane's time was too early, or nothing waits in it: then it only moved.
    fn start_first(&mut self, pace: &mut Pace, now: Millis) -> Option<EffectId> {
        let (_, _, group) = self.by_time.pop_first()?;
        let lane = self.lanes.get_mut(&group)?;
        lane.place = None;
        let ready_at = pace.group_ready_at(group.as_deref(), now);
        let may_start = lane.next_at()? <= now && ready_at <= now;
        let started = if may_start { lane.start() } else { None };
        if started.is_some() {
            pace.take(group.as_ref(), now);
        }
        self.enter(group.as_ref(), pace.group_ready_at(group.as_deref(), now));
        started
    }

    /// Puts a lane where its next effect belongs, not before `from`. A lane that stands earlier stays
    /// there: it moves on when it comes up.
    fn enter(&mut self, group: Option<&Text>, from: Millis) {
        let group = group.cloned();
        let Some(lane) = self.lanes.get_mut(&group) else {
            return;
        };
        let Some(next_at) = lane.next_at() else {
            return;
        };
        let at = next_at.max(from);
        match lane.place {
            Some((stands_at, _)) if stands_at <= at => return,
            Some((stands_at, turn)) => {
                self.by_time.remove(&(stands_at, turn, group.clone()));
            }
            None => {}
        }
        let turn = self.next_turn;
        self.next_turn = turn.saturating_add(1);
        lane.place = Some((at, turn));
        self.by_time.insert((at, turn, group));
    }

    fn drop_if_empty(&mut self, group: Option<&Text>) {
        let group = group.cloned();
        let Some(lane) = self.lanes.get(&group) else {
            return;
        };
        if !lane.is_empty() {
            return;
        }
        if let Some((at, turn)) = lane.place {
            self.by_time.remove(&(at, turn, group.clone()));
        }
        self.lanes.remove(&group);
    }
}
