//! The outbox: effects without a final receipt.

use super::{ListQuery, Page, Worlds, instant, preview};
use crate::model::{Action, Effect, Stage, Text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An open effect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EffectView {
    pub community: String,
    pub id: String,
    pub run: String,
    /// `playbook/rule`.
    pub rule: String,
    /// Path of the step that made it.
    pub step: String,
    pub connector: String,
    /// The platform's id of the group.
    pub group: Option<String>,
    /// `send`, `remove`, `mute`, ….
    pub action: String,
    /// Whom or what it is about, and the beginning of its text.
    pub about: String,
    /// `open`, `sending`, `parked`, `frozen`.
    pub stage: String,
    pub attempts: u32,
    /// What went wrong last; empty when nothing did.
    pub problem: String,
    pub decided_at: String,
    pub not_before: Option<String>,
    pub expires_at: Option<String>,
}

/// Open effects that fit.
pub fn outbox(worlds: &Worlds, query: &ListQuery) -> Page<EffectView> {
    let fitting = query.worlds(worlds).flat_map(|(id, world)| {
        let effects = world.effects().filter(|effect| {
            let wanted = query.stage.as_deref();
            wanted.is_none_or(|wanted| wanted == stage_word(effect.stage))
        });
        effects.map(move |effect| (id, effect))
    });
    query.cut(fitting, |(id, effect)| show(id, effect))
}

/// The word for a stage.
pub const fn stage_word(stage: Stage) -> &'static str {
    match stage {
        Stage::Open => "open",
        Stage::Sending => "sending",
        Stage::Parked => "parked",
        Stage::Frozen => "frozen",
    }
}

fn show(community: &Text, effect: &Effect) -> EffectView {
    EffectView {
        community: community.as_ref().to_owned(),
        id: effect.id.to_string(),
        run: effect.run.to_string(),
        rule: effect.rule.as_ref().to_owned(),
        step: effect.step.as_ref().to_owned(),
        connector: effect.connector.as_ref().to_owned(),
        group: effect.group.as_deref().map(str::to_owned),
        action: effect.action.verb().to_owned(),
        about: about(&effect.action),
        stage: stage_word(effect.stage).to_owned(),
        attempts: effect.attempts,
        problem: preview(&effect.problem),
        decided_at: instant(effect.decided_at),
        not_before: (effect.not_before > effect.decided_at).then(|| instant(effect.not_before)),
        expires_at: effect.expires_at.map(instant),
    }
}

fn about(action: &Action) -> String {
    match action {
        Action::SendMessage(post) => {
            let text = preview(&post.text.to_plain());
            match &post.to_member {
                Some(member) => format!("{member}: {text}"),
                None => text,
            }
        }
        Action::AddReaction { message, emoji } => format!("{emoji} {message}"),
        Action::DeleteMessage { message } | Action::PinMessage { message } => {
            message.as_ref().to_owned()
        }
        Action::MuteMember { member, reason, .. }
        | Action::RemoveMember { member, reason }
        | Action::BanMember { member, reason }
        | Action::DeclineMember { member, reason, .. } => with_reason(member, reason),
        Action::UnmuteMember { member }
        | Action::UnbanMember { member }
        | Action::InviteMember { member }
        | Action::AdmitMember { member, .. } => member.as_ref().to_owned(),
        Action::CreateInviteLink { name, .. }
        | Action::CreateGroup { name, .. }
        | Action::CallEndpoint { name, .. } => name.as_ref().to_owned(),
        Action::CloseGroup { reason } => preview(reason),
    }
}

fn with_reason(member: &str, reason: &str) -> String {
    if reason.is_empty() {
        member.to_owned()
    } else {
        format!("{member}: {}", preview(reason))
    }
}
