//! What operators order.

use super::Fold;
use super::effects::Wish;
use super::event::seen_id;
use super::normal::normalise;
use super::occasion::Occasion;
use super::start::Candidate;
use super::step::Sent;
use crate::model::world::{End, Entry};
use crate::model::{
    Action, Command, EffectId, GroupNo, Kind, MemberNo, Message, Millis, Order, Stage, Text, Value,
    hash_of, limits, time,
};
use crate::playbook::rule::Trigger;

/// How long before a platform's ceiling a mute without end is renewed (QQ: 30 days).
pub(super) const RENEW_MS: Millis = 29 * time::DAY;

impl Fold<'_> {
    pub(super) fn apply_command(&mut self, command: &Command) {
        if let Some(id) = &command.id {
            let seen = seen_id("command", id);
            if self.world.seen.contains(seen) {
                self.note(format!("command `{id}` was given before"));
                return;
            }
            let keep = limits::deduplication_ms(Kind::Webhook);
            self.world.note_seen(&"command".into(), seen, self.at, keep);
        }
        self.carry_out(command);
    }

    fn carry_out(&mut self, command: &Command) {
        match &command.order {
            Order::Signal {
                name,
                data,
                group,
                member,
            } => {
                let sent = Sent {
                    name: name.clone(),
                    data: Value::Record(data.clone()),
                    member: member
                        .as_ref()
                        .and_then(|key| self.world.member_by_key(key)),
                    group: group.as_ref().and_then(|id| self.world.group_by_id(id)),
                    id: match &command.id {
                        Some(id) => format!("signal:{id}"),
                        None => format!("signal:#{}", self.seq),
                    },
                };
                self.signal(sent);
            }
            Order::Decide {
                approval,
                yes,
                note,
            } => {
                self.decide(*approval, *yes, &command.by, note);
            }
            Order::RetryEffect { effect } => self.retry(*effect),
            Order::DropEffect { effect } => self.drop_effect(*effect, &command.by),
            Order::Freeze { group } => self.freeze(group.as_ref(), true),
            Order::Thaw { group } => self.freeze(group.as_ref(), false),
            Order::CancelRun { run } => match self.world.take_run(*run) {
                Some(run) => self.end(&run, End::Cancelled(command.by.clone())),
                None => self.note(format!("there is no live run {run}")),
            },
            Order::Adjust {
                member,
                points,
                reason,
            } => {
                self.adjust(command, member, *points, reason);
            }
            Order::Label { member, add, drop } => {
                self.label(member, add, drop);
            }
            Order::Unpark { rule } => {
                self.world.head.parked_rules.remove(rule);
            }
            Order::ApplyRoster { group } => self.take_held_roster(group),
        }
    }

    fn label(&mut self, member: &Text, add: &[Text], drop: &[Text]) {
        let Some(no) = self.world.member_by_key(member) else {
            self.note(format!("there is no member `{member}`"));
            return;
        };
        self.world.change_labels(no, |member| {
            for label in drop {
                member.drop_label(label);
            }
            for label in add {
                member.add_label(label, None);
            }
        });
    }

    fn take_held_roster(&mut self, group: &Text) {
        let no = self.world.group_by_id(group);
        let held = no
            .and_then(|no| self.world.group(no))
            .and_then(|facts| Some((facts.connector.clone(), facts.held_roster.clone()?)));
        match (no, held) {
            (Some(no), Some((connector, people))) => {
                self.apply_roster(no, &connector, &people, self.at);
            }
            _ => self.note(format!("no roster is held back for group `{group}`")),
        }
    }

    fn retry(&mut self, id: EffectId) {
        let Some(mut effect) = self.world.effect(id).cloned() else {
            self.note(format!("there is no open effect {id}"));
            return;
        };
        effect.stage = self.waiting_stage(&effect);
        effect.attempts = 0;
        effect.not_before = self.at;
        effect.problem = Text::default();
        // A person asked for it: it is useful again.
        effect.expires_at = effect
            .expires_at
            .map(|_| self.at.saturating_add(time::HOUR));
        self.changed(id);
        self.world.put_effect(effect);
    }

    fn drop_effect(&mut self, id: EffectId, by: &Text) {
        let Some(effect) = self.world.effect(id) else {
            self.note(format!("there is no open effect {id}"));
            return;
        };
        let receipt = crate::model::Receipt {
            effect: id,
            attempt: effect.attempts,
            verdict: crate::model::Verdict::Refused {
                because: crate::model::Refusal::Dropped,
                reason: format!("dropped by {by}").into(),
            },
        };
        self.apply_receipt(&receipt);
    }

    fn freeze(&mut self, group: Option<&Text>, frozen: bool) {
        let place = match group {
            None => {
                self.world.head.frozen = frozen;
                None
            }
            Some(id) => {
                let Some(no) = self.world.group_by_id(id) else {
                    self.note(format!("there is no group `{id}`"));
                    return;
                };
                if let Some(group) = self.world.group_mut(no) {
                    group.frozen = frozen;
                }
                self.world
                    .group(no)
                    .map(|group| (group.connector.clone(), group.external.clone()))
            }
        };
        let concerned: Vec<EffectId> = self
            .world
            .effects()
            .filter(|effect| match &place {
                None => true,
                Some((connector, external)) => {
                    effect.connector == *connector && effect.group.as_ref() == Some(external)
                }
            })
            .filter(|effect| matches!(effect.stage, Stage::Open | Stage::Frozen))
            .map(|effect| effect.id)
            .collect();
        for id in concerned {
            let Some(mut effect) = self.world.effect(id).cloned() else {
                continue;
            };
            // What was stopped for the group and for all waits until both are thawed.
            effect.stage = self.waiting_stage(&effect);
            self.changed(id);
            self.world.put_effect(effect);
        }
    }

    fn adjust(&mut self, command: &Command, member: &Text, points: i64, reason: &Text) {
        let Some(no) = self.world.member_by_key(member) else {
            self.note(format!("there is no member `{member}`"));
            return;
        };
        let entry = Entry {
            at: self.at,
            member: no,
            points,
            counter: format!("operator/{}", command.by).into(),
            reason: reason.clone(),
            key: hash_of(&[b"adjust", &self.seq.to_be_bytes()]),
            reverses: None,
        };
        if let Err(problem) = self.world.book(entry) {
            self.note(format!("not booked: {problem:?}"));
        }
    }

    /// A signal starts the rules that wait for it, and wakes the runs that do.
    pub(super) fn signal(&mut self, sent: Sent) {
        let mut occasion = self.occasion("signal", sent.id);
        occasion.member = sent.member;
        occasion.group = sent.group;
        occasion.event.insert("name".into(), Value::Text(sent.name));
        occasion.event.insert("data".into(), sent.data);
        self.interrupt(&occasion, None);
        self.wake_waiting(&occasion, None);
        let rules = self.rules.clone();
        let mut candidates: Vec<Candidate> = Vec::new();
        for spot in rules.of_kind("signal") {
            let taken = candidates
                .last()
                .is_some_and(|last| last.spot == (spot.0, spot.1));
            let Some((playbook, _, trigger)) = rules.at(*spot).filter(|_| !taken) else {
                continue;
            };
            if self.in_scope_of(playbook, &occasion) && self.fits(trigger, &occasion, None) {
                let occasion = occasion.clone();
                candidates.push(Candidate {
                    spot: (spot.0, spot.1),
                    occasion,
                });
            }
        }
        self.start_all(candidates);
    }

    /// True if a trigger outside the rulebook's index (`stop_when`, `wait: {for}`) fits.
    pub(super) fn fits_alone(
        &self,
        trigger: &Trigger,
        occasion: &Occasion,
        said: Option<&Message>,
    ) -> bool {
        if let Trigger::Keyword(keyword) = trigger {
            let text = said.map_or("", |message| &message.text);
            return self.fits(trigger, occasion, said)
                && super::matcher::one_hits(keyword, &normalise(text));
        }
        self.fits(trigger, occasion, said)
    }

    /// A mute of ours ends, or is renewed where the platform has a ceiling.
    pub(super) fn mute_ends(&mut self, group: GroupNo, member: MemberNo, due: Millis) {
        let Some(seat) = self.world.seat(group, member) else {
            return;
        };
        let Some(until) = seat.muted_until else {
            return;
        };
        let Some(id) = self.platform_id(member) else {
            return;
        };
        let action = if until == Millis::MAX {
            let again = crate::model::world::Deadline::MuteEnd(group, member);
            self.world.appoint(self.at.saturating_add(RENEW_MS), again);
            Action::MuteMember {
                member: id,
                until: None,
                reason: Text::default(),
            }
        } else if until == due {
            if let Some(seat) = self.world.seat_mut(group, member) {
                seat.muted_until = None;
            }
            Action::UnmuteMember { member: id }
        } else {
            return;
        };
        let Ok(wish) = self.wish_in(group, action) else {
            return;
        };
        if self.needs_end(&wish) {
            let parts = [
                &group.0.to_be_bytes()[..],
                &member.0.to_be_bytes(),
                &due.to_be_bytes(),
            ];
            let id = hash_of(&[b"mute_end", parts[0], parts[1], parts[2]]);
            self.open_own(id, wish);
        }
    }

    /// Matrix knows no end of a mute; QQ ends one that was meant for ever.
    fn needs_end(&self, wish: &Wish) -> bool {
        let facts = self.world.head.directory.connectors.get(&wish.connector);
        matches!(
            (facts.map(|facts| facts.kind), &wish.action),
            (Some(Kind::Matrix), Action::UnmuteMember { .. })
                | (Some(Kind::OneBot11), Action::MuteMember { .. })
        )
    }
}
