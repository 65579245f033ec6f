//! Intentions into the outbox.

use super::Fold;
use super::advance::{Done, Place, failure};
use super::scope::step_seed;
use super::trace::What;
use crate::model::world::{Failure, Run, Waiting};
use crate::model::{
    Action, Effect, EffectId, GroupNo, Kind, MemberNo, Millis, Record, RunId, Stage, Text, Value,
    hash_of, time,
};
use crate::playbook::rule::{OnError, Step};

/// The index of an effect that only prepares its step: apart from those of the step itself.
const PREPARING: usize = usize::MAX;

/// What a step wants to happen outside.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    pub connector: Text,
    /// The group it is about.
    pub group: Option<GroupNo>,
    pub action: Action,
}

/// A lane's name: effects of one (connector, group) start in order; direct messages have a lane per
/// person.
pub fn lane_group(effect: &Effect) -> Option<Text> {
    if let Action::SendMessage(post) = &effect.action
        && post.to_member.is_some()
    {
        return post.to_member.clone();
    }
    effect.group.clone()
}

impl Fold<'_> {
    /// Sends what a step wishes, and waits for the receipts if anything comes after it.
    pub(super) fn send(
        &mut self,
        run: &Run,
        place: &Place,
        step: &Step,
        wishes: Vec<Wish>,
    ) -> Done {
        if run.shadow {
            for wish in &wishes {
                let text = describe(&wish.action);
                let verb = wish.action.verb();
                self.trace_run(
                    run,
                    What::Shadowed {
                        path: step.path.clone(),
                        verb,
                        text,
                    },
                );
            }
            return Done::Next(Value::Record(Record::new()));
        }
        let mut open = Vec::with_capacity(wishes.len());
        for (index, wish) in wishes.into_iter().enumerate() {
            open.push(self.emit(run, step, index, wish));
        }
        let what = What::Step {
            path: step.path.clone(),
            effects: open.clone(),
        };
        self.trace_run(run, what);
        if open.is_empty() {
            return Done::Next(Value::Record(Record::new()));
        }
        if nothing_follows(run, place, step) {
            // Nobody looks at the outcome: the run need not stay, and its key is free again.
            return Done::Next(Value::Nothing);
        }
        Done::Wait(Waiting::Receipts {
            open,
            results: Vec::new(),
            failure: None,
            redo: false,
        })
    }

    /// Sends what a step needs before it can be done, and does the step again with the answer.
    pub(super) fn send_then_again(&mut self, run: &Run, step: &Step, wish: Wish) -> Done {
        if run.shadow {
            return Done::Next(Value::Record(Record::new()));
        }
        let open = vec![self.emit(run, step, PREPARING, wish)];
        Done::Wait(Waiting::Receipts {
            open,
            results: Vec::new(),
            failure: None,
            redo: true,
        })
    }

    fn emit(&mut self, run: &Run, step: &Step, index: usize, wish: Wish) -> EffectId {
        let seed = step_seed(run.id, &step.path, &run.turns());
        let id = EffectId(hash_of(&[
            &seed.to_be_bytes(),
            &(index as u64).to_be_bytes(),
        ]));
        let expires = expiry(&wish.action);
        self.open_effect(Opening {
            id,
            run: run.id,
            rule: run.rule_name(),
            step: step.path.clone(),
            expires_at: match (&wish.action, expires) {
                // After its end a mute would be one without end on some platforms.
                (Action::MuteMember { until, .. }, _) => *until,
                (_, expires) => expires.map(|span| self.at.saturating_add(span)),
            },
            wish,
        });
        id
    }

    /// Opens an effect that no step made: alerts, links on the way to an invitation.
    pub(super) fn open_effect(&mut self, opening: Opening) {
        let number = self.world.head.effects_opened.saturating_add(1);
        self.world.head.effects_opened = number;
        let group = opening.wish.group.and_then(|no| self.world.group(no));
        let frozen = self.world.head.frozen || group.is_some_and(|group| group.frozen);
        let effect = Effect {
            id: opening.id,
            run: opening.run,
            rule: opening.rule,
            step: opening.step,
            connector: opening.wish.connector,
            group: group.map(|group| group.external.clone()),
            decided_at: self.at,
            number,
            expires_at: opening.expires_at,
            not_before: self.at,
            attempts: 0,
            problem: Text::default(),
            stage: if frozen { Stage::Frozen } else { Stage::Open },
            action: opening.wish.action,
        };
        self.effects_left = self.effects_left.saturating_sub(1);
        self.changed(effect.id);
        self.world.put_effect(effect);
    }

    /// Where an effect stands that waits for its next attempt: a person may have stopped its group,
    /// or all of them.
    pub(super) fn waiting_stage(&self, effect: &Effect) -> Stage {
        let group = effect.group.as_ref();
        let group = group.and_then(|id| self.world.group_at(&effect.connector, id));
        let group = group.and_then(|no| self.world.group(no));
        if self.world.head.frozen || group.is_some_and(|group| group.frozen) {
            Stage::Frozen
        } else {
            Stage::Open
        }
    }

    /// A wish about a group, carried by its connector; `Err` when the group is not ours any more.
    pub(super) fn wish_in(&self, group: GroupNo, action: Action) -> Result<Wish, Failure> {
        let Some(facts) = self.world.group(group) else {
            return Err(failure("gone", "there is no such group"));
        };
        if !facts.is_open() {
            let reason = format!("the bot is not in group `{}`", facts.id);
            return Err(failure("gone", &reason));
        }
        Ok(Wish {
            connector: facts.connector.clone(),
            group: Some(group),
            action,
        })
    }

    /// What the platform of a group can do.
    pub(super) fn can(&self, group: GroupNo, step: &str) -> bool {
        let connector = self.world.group(group).map(|facts| &facts.connector);
        let facts = connector.and_then(|name| self.world.head.directory.connectors.get(name));
        let kind = facts.map_or(Kind::Webhook, |facts| facts.kind);
        kind.abilities().can(step).unwrap_or(true)
    }

    /// A member's platform id, if they are of the group's connector.
    pub(super) fn platform_id(&self, member: MemberNo) -> Option<Text> {
        self.world.member(member).map(|member| member.id.clone())
    }
}

/// True if the step is the very last of its run and nothing depends on how it ends.
fn nothing_follows(run: &Run, place: &Place, step: &Step) -> bool {
    let Some(playbook) = place.playbook() else {
        return false;
    };
    let last = |frame: &crate::model::world::Frame, ahead: u32| {
        let steps = playbook
            .blocks
            .get(frame.block as usize)
            .map_or(0, |block| block.steps.len());
        let turns_left = frame
            .turn
            .as_ref()
            .is_some_and(|turn| (turn.at as usize).saturating_add(1) < turn.items.len());
        frame.next.saturating_add(ahead) as usize >= steps && !turns_left
    };
    let depth = run.frames.len().saturating_sub(1);
    step.retry.is_none()
        && !matches!(step.on_error, OnError::Do(_))
        && run
            .frames
            .iter()
            .enumerate()
            .all(|(i, frame)| last(frame, u32::from(i == depth)))
}

/// A new effect.
pub(super) struct Opening {
    pub id: EffectId,
    pub run: RunId,
    pub rule: Text,
    pub step: Text,
    pub expires_at: Option<Millis>,
    pub wish: Wish,
}

/// How long an intention is useful (playbooks.md §5): a late reply confuses, a late removal is
/// still meant.
fn expiry(action: &Action) -> Option<Millis> {
    use crate::model::PostKind;
    match action {
        Action::SendMessage(post) => Some(match post.kind {
            PostKind::Reply => 10 * time::MINUTE,
            PostKind::Welcome => time::HOUR,
            PostKind::Announce | PostKind::Send => 6 * time::HOUR,
            PostKind::Dm | PostKind::Ask | PostKind::Task | PostKind::Approve | PostKind::Alert => {
                time::DAY
            }
        }),
        Action::AddReaction { .. } => Some(10 * time::MINUTE),
        Action::DeleteMessage { .. } | Action::PinMessage { .. } => Some(time::DAY),
        Action::MuteMember { .. }
        | Action::UnmuteMember { .. }
        | Action::RemoveMember { .. }
        | Action::BanMember { .. }
        | Action::UnbanMember { .. }
        | Action::InviteMember { .. }
        | Action::CreateInviteLink { .. }
        | Action::CreateGroup { .. }
        | Action::CloseGroup { .. }
        | Action::AdmitMember { .. }
        | Action::DeclineMember { .. }
        | Action::CallEndpoint { .. } => None,
    }
}

/// An action in one line, for shadow reports and lists.
pub fn describe(action: &Action) -> String {
    match action {
        Action::SendMessage(post) => post.text.to_plain(),
        Action::AddReaction { emoji, .. } => emoji.to_string(),
        Action::DeleteMessage { message } | Action::PinMessage { message } => message.to_string(),
        Action::MuteMember { member, reason, .. }
        | Action::RemoveMember { member, reason }
        | Action::BanMember { member, reason } => format!("{member}: {reason}"),
        Action::UnmuteMember { member }
        | Action::UnbanMember { member }
        | Action::InviteMember { member }
        | Action::AdmitMember { member, .. }
        | Action::DeclineMember { member, .. } => member.to_string(),
        Action::CreateInviteLink { name, .. } | Action::CreateGroup { name, .. } => {
            name.to_string()
        }
        Action::CloseGroup { reason } => reason.to_string(),
        Action::CallEndpoint { name, .. } => name.to_string(),
    }
}
