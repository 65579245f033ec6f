//! Deadlines: what is due fires in the order of its time, a bounded number per tick.

use super::Fold;
use super::advance::{Done, Place};
use super::matcher::Spot;
use super::start::Candidate;
use crate::model::world::{Deadline, Waiting};
use crate::model::{GroupNo, MemberNo, Millis, RunId, Text, Value, limits};
use crate::playbook::rule::{MissedRun, Trigger};

impl Fold<'_> {
    pub(super) fn apply_tick(&mut self) {
        for _ in 0..limits::DEADLINES_PER_TICK_MAX {
            if self.effects_left == 0 || self.steps_left == 0 {
                return;
            }
            let Some((due, what)) = self.world.pop_deadline(self.at) else {
                return;
            };
            self.due(due, what);
        }
    }

    fn due(&mut self, due: Millis, what: Deadline) {
        match what {
            Deadline::Run(id) => self.run_due(id, due),
            Deadline::Silence(group, member) => {
                let spots = self.silence_due(group, member, due);
                self.start_silent(spots, group, Some(member), due);
            }
            Deadline::GroupSilence(group) => {
                let spots = self.group_silence_due(group, due);
                self.start_silent(spots, group, None, due);
            }
            Deadline::LabelEnd(member) => {
                let now = self.at;
                self.world.change_labels(member, |member| {
                    member
                        .labels
                        .retain(|label| label.expires_at.is_none_or(|end| end > now));
                });
            }
            Deadline::Collected(key) => self.collected_due(&key, due),
            Deadline::Schedule(name, group) => self.schedule_due(&name, group, due),
            Deadline::Offset(name, group, member) => self.offset_due(&name, group, member, due),
            Deadline::Backlog(name, group, member) => self.backlog_due(&name, group, member, due),
            Deadline::MuteEnd(group, member) => self.mute_ends(group, member, due),
        }
    }

    fn run_due(&mut self, id: RunId, due: Millis) {
        let Some(run) = self.world.run(id) else {
            return;
        };
        let late_by = self.at.saturating_sub(due);
        match run.waiting.clone() {
            Waiting::Nothing => self.again(id, run.late_by),
            Waiting::Again { .. } => self.again(id, late_by),
            Waiting::Time { .. } => {
                let place = self.place(run);
                let step = place.as_ref().and_then(Place::step);
                let done = step.map_or(Done::NEXT, |step| super::step::wait_over(step, late_by));
                self.late(id, late_by);
                self.resume_with(id, done);
            }
            Waiting::Event { .. } => {
                self.late(id, late_by);
                self.event_timed_out(id);
            }
            Waiting::Ask { ask, .. } => {
                self.late(id, late_by);
                self.ask_due(ask);
            }
            Waiting::Approval { number, .. } => {
                self.late(id, late_by);
                self.approval_timed_out(number);
            }
            Waiting::Gather { members, .. } => self.gathered(id, &members),
            Waiting::Receipts { .. } => {}
        }
    }

    fn late(&mut self, id: RunId, late_by: Millis) {
        if let Some(mut run) = self.world.take_run(id) {
            run.late_by = late_by;
            self.world.put_run(run);
        }
    }

    fn start_silent(
        &mut self,
        spots: Vec<Spot>,
        group: GroupNo,
        member: Option<MemberNo>,
        due: Millis,
    ) {
        let mut candidates: Vec<Candidate> = Vec::new();
        for spot in spots {
            if candidates
                .last()
                .is_some_and(|last| last.spot == (spot.0, spot.1))
            {
                continue;
            }
            let who = member.map_or(u64::MAX, |member| u64::from(member.0));
            let id = format!("silence:{}:{who}:{due}", group.0);
            let mut occasion = self.occasion("inactivity", id);
            occasion.group = Some(group);
            occasion.member = member;
            occasion.late_by = self.at.saturating_sub(due);
            candidates.push(Candidate {
                spot: (spot.0, spot.1),
                occasion,
            });
        }
        self.start_all(candidates);
    }

    fn backlog_due(&mut self, name: &Text, group: GroupNo, member: MemberNo, due: Millis) {
        let Some(spot) = self.trigger_named(name) else {
            return;
        };
        if self.is_silent(spot, group, member) {
            self.start_silent(vec![spot], group, Some(member), due);
        }
    }

    /// So long after a join. A member who left, or left and came back, has another time.
    fn offset_due(&mut self, name: &Text, group: GroupNo, member: Option<MemberNo>, due: Millis) {
        let rules = self.rules.clone();
        let Some(spot) = self.trigger_named(name) else {
            return;
        };
        let Some((playbook, _, trigger)) = rules.at(spot) else {
            return;
        };
        if !self.in_scope(playbook, Some(group)) {
            return;
        }
        let zone = self.zone_of(playbook, Some(group));
        let since = match (trigger, member) {
            (Trigger::SinceJoin(span), Some(member)) => self
                .world
                .seat(group, member)
                .map(|seat| span.after(seat.joined_at, &zone)),
            (Trigger::SinceGroupCreated(span), None) => {
                let group = self.world.group(group).filter(|group| group.is_open());
                group.map(|group| span.after(group.created_at, &zone))
            }
            _ => None,
        };
        if since != Some(due) {
            return;
        }
        let who = member.map_or(u64::MAX, |member| u64::from(member.0));
        let mut occasion = self.occasion("offset", format!("offset:{}:{who}:{due}", group.0));
        occasion.group = Some(group);
        occasion.member = member;
        occasion.late_by = self.at.saturating_sub(due);
        self.start_all(vec![Candidate {
            spot: (spot.0, spot.1),
            occasion,
        }]);
    }

    fn schedule_due(&mut self, name: &Text, group: Option<GroupNo>, due: Millis) {
        let Some(mut state) = self.world.schedule(name, group) else {
            return;
        };
        let rules = self.rules.clone();
        let found = self
            .trigger_named(name)
            .and_then(|spot| Some((spot, rules.at(spot)?)));
        let Some((spot, (playbook, rule, Trigger::Schedule(schedule)))) = found else {
            self.world.set_schedule(name, group, None);
            return;
        };
        let zone = self.zone_of(playbook, group);
        let next = |after| super::schedule::next(schedule, &zone, state.anchor, after);
        let within = rule.missed.within.nominal_ms();
        let (planned, following) = match rule.missed.run {
            MissedRun::All => (Some(due), next(due)),
            MissedRun::None => (
                Some(due).filter(|due| self.at.saturating_sub(*due) < ON_TIME_MS),
                next(self.at),
            ),
            MissedRun::Latest => {
                let mut latest = due;
                let mut probe = due.max(self.at.saturating_sub(within).saturating_sub(1));
                while let Some(later) = next(probe).filter(|later| *later <= self.at) {
                    latest = later;
                    probe = later;
                }
                (Some(latest), next(self.at))
            }
        };
        match following {
            Some(next) => {
                state.next = next;
                self.world.set_schedule(name, group, Some(state));
            }
            None => self.world.set_schedule(name, group, None),
        }
        let planned = planned.filter(|at| self.at.saturating_sub(*at) <= within.max(ON_TIME_MS));
        let Some(planned) = planned else {
            self.skipped(rule, super::trace::Skip::Late);
            return;
        };
        let mut occasion = self.occasion("schedule", format!("{name}@{planned}"));
        occasion.group = group;
        occasion.late_by = self.at.saturating_sub(planned);
        occasion
            .event
            .insert("planned_at".into(), Value::Time(planned));
        self.start_all(vec![Candidate {
            spot: (spot.0, spot.1),
            occasion,
        }]);
    }
}

/// A planned time this little ago was not missed: the tick simply came a moment later.
const ON_TIME_MS: Millis = crate::model::time::MINUTE;
