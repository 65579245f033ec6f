//! Silence: deadlines derived from when someone was last active, one lazy entry per seat.
//!
//! The entry holds the exact time at which the nearest rule would fire. When it comes up, rules
//! whose time it is fire; if the member spoke meanwhile, no rule's time it is, and the entry moves
//! on. So a message writes a time and nothing else, and no sweep ever happens.

use super::Fold;
use super::matcher::Spot;
use super::rules::Rules;
use crate::model::world::{Group, Seat};
use crate::model::{GroupNo, MemberNo, Millis, Span, Text, World};
use jiff::tz::TimeZone;

/// When a silence since `last` reaches `span`: time in which the connector was deaf does not count.
fn reached(world: &World, connector: &Text, zone: &TimeZone, last: Millis, span: Span) -> Millis {
    let mut due = span.after(last, zone);
    for (from, to) in world
        .head
        .hearing
        .get(connector)
        .into_iter()
        .flat_map(|h| &h.deaf)
    {
        let from = (*from).max(last);
        if from < due && *to > from {
            due = due.saturating_add(to.saturating_sub(from));
        }
    }
    due
}

impl Fold<'_> {
    /// When each rule's mark on this seat's silence is reached.
    fn marks(&self, rules: &Rules, group: GroupNo, member: MemberNo) -> Vec<(Millis, Spot)> {
        let Some(seat) = self.world.seat(group, member) else {
            return Vec::new();
        };
        let last = seat.last_active.max(seat.joined_at);
        self.marks_from(rules, &rules.member_silence, group, last)
    }

    /// When each rule's mark on this group's silence is reached.
    fn group_marks(&self, rules: &Rules, group: GroupNo) -> Vec<(Millis, Spot)> {
        let Some(facts) = self.world.group(group) else {
            return Vec::new();
        };
        let last = facts.last_active.max(facts.created_at);
        self.marks_from(rules, &rules.group_silence, group, last)
    }

    fn marks_from(
        &self,
        rules: &Rules,
        waiting: &[(Spot, Span)],
        group: GroupNo,
        last: Millis,
    ) -> Vec<(Millis, Spot)> {
        let Some(facts) = self.world.group(group) else {
            return Vec::new();
        };
        if !facts.is_open() {
            return Vec::new();
        }
        let mut marks = Vec::new();
        for (spot, span) in waiting {
            let Some((playbook, ..)) = rules.at(*spot) else {
                continue;
            };
            if !self.in_scope(playbook, Some(group)) {
                continue;
            }
            let zone = self.zone_of(playbook, Some(group));
            marks.push((
                reached(&self.world, &facts.connector, &zone, last, *span),
                *spot,
            ));
        }
        marks
    }

    /// Sets a seat's entry to the nearest mark after `after`.
    pub(super) fn arm_silence(&mut self, group: GroupNo, member: MemberNo, after: Millis) {
        let rules = self.rules.clone();
        if rules.member_silence.is_empty() {
            self.world.set_alarm(group, member, 0);
            return;
        }
        let overdue = |seat: &Seat| seat.alarm != 0 && seat.alarm <= after;
        if self.world.seat(group, member).is_some_and(overdue) {
            // It came due while nothing ran: its tick is still to come.
            return;
        }
        let marks = self.marks(&rules, group, member);
        let next = marks
            .iter()
            .map(|(due, _)| *due)
            .filter(|due| *due > after)
            .min();
        self.world.set_alarm(group, member, next.unwrap_or(0));
    }

    /// Sets a group's entry to the nearest mark after `after`.
    pub(super) fn arm_group_silence(&mut self, group: GroupNo, after: Millis) {
        let rules = self.rules.clone();
        if rules.group_silence.is_empty() {
            self.world.set_group_alarm(group, 0);
            return;
        }
        let overdue = |group: &Group| group.alarm != 0 && group.alarm <= after;
        if self.world.group(group).is_some_and(overdue) {
            return;
        }
        let marks = self.group_marks(&rules, group);
        let next = marks
            .iter()
            .map(|(due, _)| *due)
            .filter(|due| *due > after)
            .min();
        self.world.set_group_alarm(group, next.unwrap_or(0));
    }

    /// A seat's entry came up: the rules whose mark it is, after the entry moved on.
    pub(super) fn silence_due(
        &mut self,
        group: GroupNo,
        member: MemberNo,
        due: Millis,
    ) -> Vec<Spot> {
        if let Some(seat) = self.world.seat_mut(group, member) {
            seat.alarm = 0;
        }
        let rules = self.rules.clone();
        let marks = self.marks(&rules, group, member);
        self.arm_silence(group, member, due);
        marks
            .into_iter()
            .filter(|(mark, _)| *mark == due)
            .map(|(_, spot)| spot)
            .collect()
    }

    /// A group's entry came up: the rules whose mark it is, after the entry moved on.
    pub(super) fn group_silence_due(&mut self, group: GroupNo, due: Millis) -> Vec<Spot> {
        if let Some(facts) = self.world.group_mut(group) {
            facts.alarm = 0;
        }
        let rules = self.rules.clone();
        let marks = self.group_marks(&rules, group);
        self.arm_group_silence(group, due);
        marks
            .into_iter()
            .filter(|(mark, _)| *mark == due)
            .map(|(_, spot)| spot)
            .collect()
    }

    /// True if the member is silent past the mark now: for those who were so when the rule came.
    pub(super) fn is_silent(&self, spot: Spot, group: GroupNo, member: MemberNo) -> bool {
        let rules = &self.rules;
        self.marks(rules, group, member)
            .iter()
            .any(|(due, at)| *at == spot && *due <= self.at)
    }
}
