//! Which effects may start now. Every connector has a line of its own and runs beside the others. In
//! a line:
//!
//! - moderation goes before everything else;
//! - first attempts of one group start in order, one at a time, so that they also arrive in order;
//! - an effect that must wait more than [`LANE_WAIT_MS_MAX`] leaves the order, and others pass; when
//!   it is due it starts beside them;
//! - groups take turns, so that a busy one does not starve the others;
//! - the pace and the circuit breaker hold effects back without using up attempts.
//!
//! Nothing here looks at all effects: a start costs the logarithm of what waits.

mod lane;
mod line;

#[cfg(test)]
mod tests;

use super::breaker::Sign;
use crate::connector::Rate;
use crate::model::time::SECOND;
use crate::model::{Effect, EffectId, Millis, Text};
use line::Line;
use std::collections::{BTreeMap, BTreeSet};

/// Attempts on their way per connector. With a fifth of a second each that is more than any platform
/// lets a bot send, and a platform that hangs holds no more than these.
pub const IN_FLIGHT_MAX: usize = 8;
/// An effect that must wait longer than this leaves its group's order.
pub const LANE_WAIT_MS_MAX: Millis = 10 * SECOND;

/// What the planner needs to know of an open effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    pub id: EffectId,
    pub connector: Text,
    pub group: Option<Text>,
    pub is_moderation: bool,
    pub not_before: Millis,
    /// After this it is no longer useful.
    pub expires_at: Option<Millis>,
    /// It was tried before: it has left its group's order.
    pub is_retry: bool,
}

impl Open {
    /// An effect of the outbox.
    pub fn of(effect: &Effect) -> Self {
        Self {
            id: effect.id,
            connector: effect.connector.clone(),
            group: effect.group.clone(),
            is_moderation: effect.action.is_moderation(),
            not_before: effect.not_before,
            expires_at: effect.expires_at,
            is_retry: effect.attempts > 0,
        }
    }
}

/// What to do now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Attempts to start, in this order.
    pub start: Vec<EffectId>,
    /// Effects that waited until they were no longer useful, whatever held them up. They are taken out.
    pub expired: Vec<EffectId>,
    /// When to ask again, unless something is added or ends before; `None`: nothing waits for time.
    pub again_at: Option<Millis>,
}

/// Everything that waits to be sent or is on its way.
#[derive(Debug, Default)]
pub struct Lanes {
    lines: BTreeMap<Text, Line>,
    tickets: BTreeMap<EffectId, Ticket>,
    /// When those that wait cease to be useful.
    ends: BTreeSet<(Millis, EffectId)>,
    next_seq: u64,
}

/// Where an effect stands.
#[derive(Debug)]
struct Ticket {
    open: Open,
    seq: u64,
}

impl Lanes {
    /// Sets a connector's pace, also that of a running one. Without, it has none.
    pub fn set_rate(&mut self, connector: &Text, rate: Rate) {
        self.line(connector).pace.set(rate);
    }

    /// Adds an effect. Effects of one group are added in the order in which they were decided. One
    /// that is known already stays where it is.
    pub fn add(&mut self, open: Open, now: Millis) {
        if self.tickets.contains_key(&open.id) {
            return;
        }
        let seq = self.next_seq;
        self.next_seq = seq.saturating_add(1);
        self.line(&open.connector).add(&open, seq, now);
        self.ends.extend(open.expires_at.map(|end| (end, open.id)));
        self.tickets.insert(open.id, Ticket { open, seq });
    }

    /// Takes out an effect that waits (dropped, frozen). False when it is unknown or on its way: then
    /// its end is still to come.
    pub fn remove(&mut self, id: EffectId) -> bool {
        let Some(ticket) = self.tickets.get(&id) else {
            return false;
        };
        let line = self.lines.get_mut(&ticket.open.connector);
        let removed = line.is_some_and(|line| line.remove(&ticket.open, ticket.seq));
        if removed {
            self.forget(id);
        }
        removed
    }

    /// The attempts that may start now, and when to look again.
    pub fn plan(&mut self, now: Millis) -> Plan {
        let mut plan = Plan::default();
        while let Some((end, id)) = self.ends.first().copied().filter(|(end, _)| *end <= now) {
            self.ends.remove(&(end, id));
            // One that is on its way is judged when it comes back.
            if self.remove(id) {
                plan.expired.push(id);
            }
        }
        for line in self.lines.values_mut() {
            let again_at = line.start(now, &mut plan.start);
            plan.again_at = earlier(plan.again_at, again_at);
        }
        plan.again_at = earlier(plan.again_at, self.ends.first().map(|(end, _)| *end));
        plan
    }

    /// An attempt has ended. `again_at` `None` means that the effect is over, or parked. `sign` is for
    /// the circuit breaker (see [`super::verdict::sign`]).
    pub fn ended(&mut self, id: EffectId, again_at: Option<Millis>, sign: Sign, now: Millis) {
        let Some(Ticket { open, seq }) = self.tickets.get_mut(&id) else {
            return;
        };
        let Some(line) = self.lines.get_mut(&open.connector) else {
            return;
        };
        let Some(was_in_order) = line.land(open, sign, now) else {
            return;
        };
        if let Some(not_before) = again_at {
            open.not_before = not_before;
            line.add_again(open, *seq, was_in_order, now);
            // Its end may have passed by while it was on its way.
            self.ends.extend(open.expires_at.map(|end| (end, id)));
        }
        line.let_pass(open, now);
        if again_at.is_none() {
            self.forget(id);
        }
    }

    /// The platform asked us to slow down: nothing goes to that group (`None`: to the account) before
    /// that instant.
    pub fn throttle(&mut self, connector: &Text, group: Option<&Text>, until: Millis, now: Millis) {
        self.line(connector).pace.hold(group, until, now);
    }

    /// Stops a connector (bad token), or lets it go again.
    pub fn set_stopped(&mut self, connector: &Text, stopped: bool) {
        self.line(connector).is_stopped = stopped;
    }

    /// What waits and what is on its way, per connector: for metrics and health.
    pub fn counts(&self) -> impl Iterator<Item = (&Text, Counts)> {
        self.lines.iter().map(|(name, line)| (name, line.counts()))
    }

    fn forget(&mut self, id: EffectId) {
        let ticket = self.tickets.remove(&id);
        if let Some(end) = ticket.and_then(|ticket| ticket.open.expires_at) {
            self.ends.remove(&(end, id));
        }
    }

    fn line(&mut self, connector: &Text) -> &mut Line {
        self.lines.entry(connector.clone()).or_default()
    }
}

/// The earlier of two instants of which either may be missing.
fn earlier(one: Option<Millis>, other: Option<Millis>) -> Option<Millis> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// The state of one connector's line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub waiting: usize,
    pub in_flight: usize,
    /// The circuit breaker holds it back.
    pub is_open: bool,
    pub is_stopped: bool,
}
