//! Receipts: what became of an effect changes facts, and lets its run go on.

use super::Fold;
use super::advance::failure;
use super::effects::{Opening, Wish};
use crate::model::world::{Failure, Standing, Waiting};
use crate::model::{
    Action, Effect, EffectId, GroupNo, Post, PostKind, Receipt, Record, Refusal, RichText, RunId,
    Stage, Text, Value, Verdict, hash_of, limits, time,
};

impl Fold<'_> {
    pub(super) fn apply_receipt(&mut self, receipt: &Receipt) {
        let Some(mut effect) = self.world.effect(receipt.effect).cloned() else {
            self.note(format!(
                "receipt for effect {}, which is over",
                receipt.effect
            ));
            return;
        };
        self.changed(effect.id);
        effect.attempts = receipt.attempt;
        match &receipt.verdict {
            Verdict::Done(fields) | Verdict::Already(fields) => {
                self.world.remove_effect(effect.id);
                let result = self.came_about(&effect, fields);
                self.hand_to_run(&effect, Ok(result));
            }
            Verdict::Refused { because, reason } => {
                self.world.remove_effect(effect.id);
                self.refused(&effect, *because, reason);
                let failure = failure(because.word(), reason);
                self.unasked(&effect, &failure);
                self.hand_to_run(&effect, Err(failure));
            }
            Verdict::Deferred { not_before, reason } => {
                effect.not_before = *not_before;
                effect.problem = reason.clone();
                if effect.stage == Stage::Sending {
                    effect.stage = self.waiting_stage(&effect);
                }
                self.world.put_effect(effect);
            }
            Verdict::Sending => {
                effect.stage = Stage::Sending;
                self.world.put_effect(effect);
            }
            Verdict::Unknown { reason } | Verdict::Parked { reason } => {
                effect.stage = Stage::Parked;
                effect.problem = reason.clone();
                self.world.put_effect(effect);
            }
        }
    }

    /// Facts that follow from a success.
    fn came_about(&mut self, effect: &Effect, fields: &Record) -> Value {
        let group = effect
            .group
            .as_ref()
            .and_then(|external| self.world.group_at(&effect.connector, external));
        if let Some(moved) = fields.get("moved_to").and_then(Value::as_text)
            && let Some(group) = group
        {
            self.world.move_group(group, moved.clone());
        }
        if let Some(no) = group {
            self.trouble_over(no, effect.action.verb());
        }
        let text = |name: &str| fields.get(name).and_then(Value::as_text).cloned();
        match &effect.action {
            Action::SendMessage(post) => self.message_stands(effect, post, fields),
            Action::RemoveMember { member, .. } | Action::BanMember { member, .. } => {
                // Not every platform tells us of what we did ourselves; its event, if it comes,
                // then finds nobody and is passed over.
                if let Some(group) = group
                    && let Some(member) = self.world.member_at(&effect.connector, member)
                {
                    self.world.remove_seat(group, member);
                }
            }
            Action::CreateInviteLink { .. } => {
                if let (Some(link), Some(group)) =
                    (text("link"), group.and_then(|no| self.world.group_mut(no)))
                {
                    group.link = Some(link);
                }
            }
            Action::CreateGroup { name, .. } => {
                if let Some(external) = text("group") {
                    let connector = effect.connector.clone();
                    let link = text("link");
                    let no = self.group_created(&connector, &external, name, link, group);
                    return Value::Group(no);
                }
            }
            Action::CloseGroup { .. } => {
                if let Some(group) = group {
                    self.group_closed(group);
                }
            }
            Action::AddReaction { .. }
            | Action::DeleteMessage { .. }
            | Action::PinMessage { .. }
            | Action::MuteMember { .. }
            | Action::UnmuteMember { .. }
            | Action::UnbanMember { .. }
            | Action::InviteMember { .. }
            | Action::AdmitMember { .. }
            | Action::DeclineMember { .. }
            | Action::CallEndpoint { .. } => {}
        }
        Value::Record(fields.clone())
    }

    /// A message of ours has an id now: replies to it can be told.
    fn message_stands(&mut self, effect: &Effect, post: &Post, fields: &Record) {
        if let Some(id) = &post.to_member
            && let Some(no) = self.world.member_at(&effect.connector, id)
        {
            let room = fields.get("room").and_then(Value::as_text).cloned();
            if let Some(member) = self.world.member_mut(no) {
                member.unreachable = false;
                member.direct_room = room.or_else(|| member.direct_room.take());
            }
        }
        let Some(message) = fields.get("message").and_then(Value::as_text).cloned() else {
            return;
        };
        self.remember_own(effect, post, &message);
        match post.kind {
            PostKind::Ask => {
                let of_run = |(id, ask): (&u64, &crate::model::world::Ask)| {
                    (ask.run == effect.run && !ask.closed).then_some(*id)
                };
                let ask = self.world.asks.iter().find_map(of_run);
                if let Some(ask) = ask.and_then(|id| self.world.ask_mut(id)) {
                    ask.messages.push(message);
                }
            }
            PostKind::Approve | PostKind::Task => {
                let open = self
                    .world
                    .approvals
                    .values()
                    .find(|approval| approval.run == effect.run && approval.decided.is_none());
                let number = open.map(|approval| approval.number);
                if let Some(approval) = number.and_then(|no| self.world.approval_mut(no)) {
                    approval.messages.push(message);
                }
            }
            PostKind::Send
            | PostKind::Reply
            | PostKind::Dm
            | PostKind::Welcome
            | PostKind::Announce
            | PostKind::Alert => {}
        }
    }

    fn remember_own(&mut self, effect: &Effect, post: &Post, message: &Text) {
        let group = effect.group.as_ref().filter(|_| post.to_member.is_none());
        let no = group.and_then(|external| self.world.group_at(&effect.connector, external));
        if let Some(group) = no.and_then(|no| self.world.group_mut(no)) {
            group.ours.push(message.clone());
            if group.ours.len() > limits::OWN_MESSAGES_MAX {
                group.ours.remove(0);
            }
        }
    }

    /// A question that stands nowhere gets no answer: its step has failed.
    fn unasked(&mut self, effect: &Effect, failure: &Failure) {
        let Some(Waiting::Ask { ask, .. }) = self.world.run(effect.run).map(|run| &run.waiting)
        else {
            return;
        };
        let ask = *ask;
        let is_question = |effect: &Effect| matches!(&effect.action, Action::SendMessage(post) if post.kind == PostKind::Ask);
        let stands = self
            .world
            .asks
            .get(&ask)
            .is_some_and(|ask| !ask.messages.is_empty());
        let others = |other: &Effect| other.run == effect.run && is_question(other);
        if !is_question(effect) || stands || self.world.effects().any(others) {
            return;
        }
        self.world.remove_ask(ask);
        self.complete(effect.run, Err(failure.clone()));
    }

    fn refused(&mut self, effect: &Effect, because: Refusal, reason: &Text) {
        let group = effect
            .group
            .as_ref()
            .and_then(|external| self.world.group_at(&effect.connector, external));
        match because {
            Refusal::Forbidden => {
                if let Some(group) = group {
                    let problem = format!("`{}` was refused: {reason}", effect.action.verb());
                    self.trouble_in(group, &problem);
                }
            }
            Refusal::Blocked => {
                if let Action::SendMessage(Post {
                    to_member: Some(id),
                    ..
                }) = &effect.action
                    && let Some(no) = self.world.member_at(&effect.connector, id)
                    && let Some(member) = self.world.member_mut(no)
                {
                    member.unreachable = true;
                }
            }
            Refusal::Gone
            | Refusal::Unsupported
            | Refusal::Invalid
            | Refusal::Expired
            | Refusal::Dropped
            | Refusal::Unavailable => {}
        }
    }

    /// The first trouble in a group is told to the staff; the next ones only until it is over.
    pub(super) fn trouble_in(&mut self, no: GroupNo, problem: &str) {
        let Some(group) = self.world.group(no) else {
            return;
        };
        if group.trouble.is_some() {
            return;
        }
        let name = group.name.clone();
        let id = group.id.clone();
        if let Some(group) = self.world.group_mut(no) {
            group.trouble = Some(problem.into());
        }
        self.alert(&format!("{name} ({id}): {problem}"));
    }

    /// What was refused there works again: only the same action shows it, as messages may go out where
    /// nobody can be removed.
    fn trouble_over(&mut self, no: GroupNo, verb: &str) {
        let known = self.world.group(no).and_then(|group| group.trouble.clone());
        let over = known.is_some_and(|known| match known.strip_prefix('`') {
            Some(refused) => refused.starts_with(&format!("{verb}`")),
            None => true,
        });
        if over && let Some(group) = self.world.group_mut(no) {
            group.trouble = None;
        }
    }

    /// Tells the staff group something, from the daemon itself.
    pub(super) fn alert(&mut self, text: &str) {
        self.note(format!("alert: {text}"));
        let staff = self.world.head.directory.staff.clone();
        let Some(staff) = staff.and_then(|id| self.world.group_by_id(&id)) else {
            return;
        };
        let post = Post {
            kind: PostKind::Alert,
            text: RichText::plain(text),
            ..Post::default()
        };
        let Ok(wish) = self.wish_in(staff, Action::SendMessage(post)) else {
            return;
        };
        let id = hash_of(&[b"alert", &self.seq.to_be_bytes(), text.as_bytes()]);
        self.open_own(id, wish);
    }

    /// Opens an effect of the daemon's own, that belongs to no run.
    pub(super) fn open_own(&mut self, id: u64, wish: Wish) {
        self.open_effect(Opening {
            id: EffectId(id),
            run: RunId(0),
            rule: "steward".into(),
            step: Text::default(),
            expires_at: Some(self.at.saturating_add(time::DAY)),
            wish,
        });
    }

    /// A run that waits for this effect gets its outcome.
    fn hand_to_run(&mut self, effect: &Effect, outcome: Result<Value, Failure>) {
        let Some(mut run) = self.world.take_run(effect.run) else {
            return;
        };
        let Waiting::Receipts {
            open,
            results,
            failure: failed,
            redo,
        } = &mut run.waiting
        else {
            self.world.put_run(run);
            return;
        };
        if !open.contains(&effect.id) {
            self.world.put_run(run);
            return;
        }
        open.retain(|id| *id != effect.id);
        let mut whole = None;
        match outcome {
            Ok(Value::Record(fields)) => results.push(fields),
            Ok(value) => whole = Some(value),
            Err(error) => *failed = Some(failed.take().unwrap_or(error)),
        }
        if !open.is_empty() {
            self.world.put_run(run);
            return;
        }
        let outcome = match (failed.take(), whole) {
            (Some(failure), _) => Err(failure),
            (None, Some(value)) => Ok(value),
            (None, None) => Ok(joined(std::mem::take(results))),
        };
        let (id, redo) = (run.id, *redo);
        self.world.put_run(run);
        if redo && outcome.is_ok() {
            self.again(id, 0);
        } else {
            self.complete(id, outcome);
        }
    }

    /// A group is closed: nothing is planned for it any more.
    pub(super) fn group_closed(&mut self, no: GroupNo) {
        if let Some(group) = self.world.group_mut(no) {
            group.standing = Standing::Closed;
        }
        self.arm_group(no);
    }
}

/// The result of a step with several effects: the first one's fields, and all of them.
fn joined(mut results: Vec<Record>) -> Value {
    if results.len() <= 1 {
        return Value::Record(results.pop().unwrap_or_default());
    }
    let mut first = results.first().cloned().unwrap_or_default();
    let all = results.into_iter().map(Value::Record).collect();
    first.insert("all".into(), Value::List(all));
    Value::Record(first)
}
