//! After a group is durable: fold it input by input, answer commands, hand changed effects over.

use super::Writer;
use super::group::{After, Group, Item};
use crate::engine::Outcome;
use crate::model::{Action, EffectId, Input, MemberNo, Stage, Stamped, Text, Verdict};
use crate::runtime::delivery::carrier::Note;
use crate::runtime::error::{Error, Fatal};
use crate::runtime::handle::Told;
use crate::runtime::queue::reply;
use crate::runtime::route::partition;
use crate::runtime::skip;

impl Writer {
    /// Folds the group's inputs in their order.
    pub(super) fn settle(&mut self, group: Group) -> Result<(), Fatal> {
        for item in group.items {
            self.settle_one(item)?;
        }
        Ok(())
    }

    fn settle_one(&mut self, item: Item) -> Result<(), Fatal> {
        let Item { stamped, after } = item;
        let clock = self.parts.shared.clock.clone();
        let began_us = clock.stopwatch_us();
        if let Input::Skip { seq, .. } = &stamped.input {
            let partition = partition(&stamped.community);
            self.parts.worlds.skips.insert((partition, *seq));
        }
        let written_to = self.written_to(&stamped);
        let outcome = match self.parts.worlds.apply(&stamped) {
            Ok(outcome) => outcome.unwrap_or_else(nothing),
            Err(panicked) => {
                if let Err(error) = skip::write(&self.parts.data, &panicked) {
                    tracing::error!(%error, "Could not note which input is to be passed over.");
                }
                return Err(Fatal::of(&Error::Panicked(panicked)));
            }
        };
        let apply_us = clock.stopwatch_us().saturating_sub(began_us);
        self.parts.shared.metrics.apply_us.note(apply_us);
        self.note_direct_room(&stamped.community, written_to);
        self.show(&stamped, &outcome);
        // A receipt is answered even where its effect was over before.
        let mut changed = outcome.effects.clone();
        if let Input::Receipt(receipt) = &stamped.input
            && !changed.contains(&receipt.effect)
        {
            changed.push(receipt.effect);
        }
        for id in changed {
            self.announce(&stamped.community, id);
        }
        match after {
            After::Nobody => {}
            After::Told(answer) => reply(
                answer,
                Ok(Told {
                    seq: stamped.seq,
                    at: stamped.at,
                    trace: outcome.trace,
                }),
            ),
            After::MayGo(answer) => reply(answer, self.may_go(&stamped)),
        }
        Ok(())
    }

    /// Whether the effect whose "sending" was just folded is still to be sent: meanwhile it may have
    /// been dropped or frozen.
    fn may_go(&self, stamped: &Stamped) -> bool {
        let Input::Receipt(receipt) = &stamped.input else {
            return false;
        };
        let world = self.parts.worlds.map.get(&stamped.community);
        let effect = world.and_then(|world| world.effect(receipt.effect));
        effect.is_some_and(|effect| match effect.stage {
            Stage::Open | Stage::Sending => true,
            Stage::Parked | Stage::Frozen => false,
        })
    }

    /// Hands an effect's present state to delivery.
    pub(super) fn announce(&self, community: &Text, id: EffectId) {
        if !self.is_announcing || !self.router.serves(community) {
            return;
        }
        let world = self.parts.worlds.map.get(community);
        let Some(effect) = world.and_then(|world| world.effect(id)) else {
            self.tell_delivery(Note::Closed(id));
            return;
        };
        match effect.stage {
            Stage::Open => {
                self.tell_delivery(Note::Open {
                    community: community.clone(),
                    effect: Box::new(effect.clone()),
                });
            }
            // The attempt that said so goes on.
            Stage::Sending => {}
            Stage::Parked | Stage::Frozen => self.tell_delivery(Note::Closed(id)),
        }
    }

    /// Hands over all open effects of the communities that are served, in the order in which they
    /// were decided, and takes back those of others. Delivery passes over what it knows.
    pub(super) fn announce_all(&mut self) {
        self.is_announcing = true;
        let mut open = Vec::new();
        for (community, world) in &self.parts.worlds.map {
            for effect in world.effects() {
                if !self.router.serves(community) {
                    self.tell_delivery(Note::Closed(effect.id));
                } else if matches!(effect.stage, Stage::Open | Stage::Sending) {
                    open.push((effect.decided_at, effect.number, effect.id, community));
                }
            }
        }
        open.sort();
        for (_, _, id, community) in open {
            let world = self.parts.worlds.map.get(community);
            if let Some(effect) = world.and_then(|world| world.effect(id)) {
                self.tell_delivery(Note::Open {
                    community: community.clone(),
                    effect: Box::new(effect.clone()),
                });
            }
        }
    }

    /// Delivery ends only with the daemon; what it no longer hears is sent after the next start.
    pub(super) fn tell_delivery(&self, note: Note) {
        drop(self.parts.notes.send(note));
    }

    /// The member whose direct room a receipt may tell.
    fn written_to(&self, stamped: &Stamped) -> Option<MemberNo> {
        let Input::Receipt(receipt) = &stamped.input else {
            return None;
        };
        let world = self.parts.worlds.map.get(&stamped.community)?;
        let effect = world.effect(receipt.effect)?;
        let Action::SendMessage(post) = &effect.action else {
            return None;
        };
        world.member_at(&effect.connector, post.to_member.as_ref()?)
    }

    fn note_direct_room(&mut self, community: &Text, member: Option<MemberNo>) {
        let world = self.parts.worlds.map.get(community);
        if let Some(member) = world
            .zip(member)
            .and_then(|(world, member)| world.member(member))
        {
            self.router.note_direct_room(community, member);
        }
    }

    fn show(&self, stamped: &Stamped, outcome: &Outcome) {
        let community = &stamped.community;
        let shared = &self.parts.shared;
        shared.show(community, "input", || {
            format!("{} {}", stamped.seq, describe(&stamped.input))
        });
        let world = self.parts.worlds.map.get(community);
        for id in &outcome.effects {
            if let Some(effect) = world.and_then(|world| world.effect(*id)) {
                shared.show(community, "effect", || {
                    let verb = effect.action.verb();
                    let group = effect.group.as_deref().unwrap_or("-");
                    let (rule, connector) = (&effect.rule, &effect.connector);
                    format!("{id} {verb} {connector}/{group} by {rule}")
                });
            }
        }
    }
}

const fn nothing() -> Outcome {
    Outcome {
        effects: Vec::new(),
        trace: Vec::new(),
    }
}

/// An input in a few words, without what anybody wrote.
fn describe(input: &Input) -> String {
    match input {
        Input::Event(event) => {
            let group = event.group.as_ref().map_or("-", |group| &*group.id);
            let member = event.member.as_ref().map_or("-", |member| &*member.id);
            let (kind, connector) = (event.what.kind(), &event.connector);
            format!("{kind} {connector}/{group} {member}")
        }
        Input::Tick => "tick".to_owned(),
        Input::Receipt(receipt) => {
            let word = match &receipt.verdict {
                Verdict::Done(_) => "done",
                Verdict::Already(_) => "already",
                Verdict::Deferred { .. } => "deferred",
                Verdict::Refused { because, .. } => because.word(),
                Verdict::Sending => "sending",
                Verdict::Unknown { .. } => "unknown",
                Verdict::Parked { .. } => "parked",
            };
            format!(
                "receipt {} attempt {} {word}",
                receipt.effect, receipt.attempt
            )
        }
        Input::Command(command) => format!("command by {}", command.by),
        Input::Reload { rulebook } => format!("reload {rulebook}"),
        Input::Config(_) => "config".to_owned(),
        Input::Deaf { connector, .. } => format!("deaf {connector}"),
        Input::Heartbeat { connector } => format!("heartbeat {connector}"),
        Input::Health { connector, .. } => format!("health {connector}"),
        Input::Skip { seq, .. } => format!("skip {seq}"),
    }
}
