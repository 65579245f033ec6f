//! Intentions for the outside, and what became of them.

use super::{EffectId, Millis, Record, RichText, RunId, Text};
use serde::{Deserialize, Serialize};

/// Something the outside world shall do, decided by the fold. It stays in the outbox until a
/// [`Receipt`] ends it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    pub id: EffectId,
    pub run: RunId,
    /// `playbook/rule`, for logs and lists.
    pub rule: Text,
    /// Path of the step that made it, such as `do/2/do/0`.
    pub step: Text,
    /// Connector that carries it; `@NAME` for a named endpoint of a `webhook` step.
    pub connector: Text,
    /// The group it is about, by the platform's id. Effects of one (connector, group) start in order.
    pub group: Option<Text>,
    /// When it was decided.
    pub decided_at: Millis,
    /// Counts up over all effects of the community: the order in which they were decided.
    pub number: u64,
    /// After this it is no longer useful and is refused as expired; `None` never expires.
    pub expires_at: Option<Millis>,
    /// Not before this (pacing, quiet hours, the settling time after an outage).
    pub not_before: Millis,
    /// Attempts so far, as receipts told.
    pub attempts: u32,
    pub stage: Stage,
    /// What went wrong last, for people; empty when nothing did.
    pub problem: Text,
    pub action: Action,
}

/// Where an open effect stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// Waits for its (next) attempt.
    Open,
    /// "Sending" is in the journal and no answer yet: after a crash its outcome is unknown.
    Sending,
    /// Out of attempts, or its outcome is unknown: a person decides.
    Parked,
    /// A person stopped effects for its group: it waits until they thaw.
    Frozen,
}

/// What to do, with everything the platform needs. Ids are the platform's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Action {
    SendMessage(Post),
    AddReaction {
        message: Text,
        emoji: Text,
    },
    DeleteMessage {
        message: Text,
    },
    PinMessage {
        message: Text,
    },
    /// `until` `None` means until lifted.
    MuteMember {
        member: Text,
        until: Option<Millis>,
        reason: Text,
    },
    UnmuteMember {
        member: Text,
    },
    RemoveMember {
        member: Text,
        reason: Text,
    },
    BanMember {
        member: Text,
        reason: Text,
    },
    UnbanMember {
        member: Text,
    },
    /// Brings `member` into the effect's group, where the platform lets a bot do so.
    InviteMember {
        member: Text,
    },
    /// Makes a link into the effect's group. Result: `link`.
    CreateInviteLink {
        name: Text,
        uses: Option<u32>,
        expires_at: Option<Millis>,
    },
    /// Opens a group. Result: `group` (its platform id), `link` where there is one. `key` names it
    /// the same on every attempt.
    CreateGroup {
        name: Text,
        topic: Text,
        invite: Vec<Text>,
        key: Text,
    },
    /// Nobody may write any more; members are told why by the step before.
    CloseGroup {
        reason: Text,
    },
    AdmitMember {
        member: Text,
        handle: Text,
    },
    DeclineMember {
        member: Text,
        handle: Text,
        reason: Text,
    },
    /// Call to a named endpoint of the operator's own.
    CallEndpoint {
        name: Text,
        data: Record,
    },
}

impl Action {
    /// The step's name: what lists, metrics and the generic webhook's `type` show.
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::SendMessage(post) => post.verb(),
            Self::AddReaction { .. } => "react",
            Self::DeleteMessage { .. } => "delete_message",
            Self::PinMessage { .. } => "pin",
            Self::MuteMember { .. } => "mute",
            Self::UnmuteMember { .. } => "unmute",
            Self::RemoveMember { .. } => "remove",
            Self::BanMember { .. } => "ban",
            Self::UnbanMember { .. } => "unban",
            Self::InviteMember { .. } => "invite",
            Self::CreateInviteLink { .. } => "invite_link",
            Self::CreateGroup { .. } => "create_group",
            Self::CloseGroup { .. } => "close_group",
            Self::AdmitMember { .. } => "admit",
            Self::DeclineMember { .. } => "decline",
            Self::CallEndpoint { .. } => "webhook",
        }
    }

    /// True for actions that set a state: repeating one changes nothing more. Sends are not.
    pub const fn sets_state(&self) -> bool {
        match self {
            Self::SendMessage(_)
            | Self::CreateGroup { .. }
            | Self::CreateInviteLink { .. }
            | Self::CallEndpoint { .. } => false,
            Self::AddReaction { .. }
            | Self::DeleteMessage { .. }
            | Self::PinMessage { .. }
            | Self::MuteMember { .. }
            | Self::UnmuteMember { .. }
            | Self::RemoveMember { .. }
            | Self::BanMember { .. }
            | Self::UnbanMember { .. }
            | Self::InviteMember { .. }
            | Self::CloseGroup { .. }
            | Self::AdmitMember { .. }
            | Self::DeclineMember { .. } => true,
        }
    }

    /// True for what keeps order in a group: it goes before everything else.
    pub const fn is_moderation(&self) -> bool {
        matches!(
            self,
            Self::DeleteMessage { .. }
                | Self::MuteMember { .. }
                | Self::RemoveMember { .. }
                | Self::BanMember { .. }
        )
    }
}

/// A message of ours.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// The step that made it: `send`, `reply`, `dm`, `welcome`, `announce`, `ask`, `task`, …
    pub kind: PostKind,
    /// Set for a direct message; the effect's group is then the one the conversation is about.
    pub to_member: Option<Text>,
    pub text: RichText,
    /// Name or address of a file to send along.
    pub file: Option<Text>,
    /// The message it answers.
    pub reply_to: Option<Text>,
    /// Buttons, where the platform has them; the text names them anyway.
    pub choices: Vec<Text>,
    /// Pin it once it stands (announce).
    pub pin: bool,
}

impl Post {
    const fn verb(&self) -> &'static str {
        match self.kind {
            PostKind::Send => "send",
            PostKind::Reply => "reply",
            PostKind::Dm => "dm",
            PostKind::Welcome => "welcome",
            PostKind::Announce => "announce",
            PostKind::Ask => "ask",
            PostKind::Task => "task",
            PostKind::Approve => "approve",
            PostKind::Alert => "alert",
        }
    }
}

/// What a message is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PostKind {
    #[default]
    Send,
    Reply,
    Dm,
    Welcome,
    Announce,
    Ask,
    Task,
    Approve,
    /// From the daemon itself, to the staff group.
    Alert,
}

/// What a delivery told. Final ones end the effect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    pub effect: EffectId,
    /// Attempts made, this one included.
    pub attempt: u32,
    pub verdict: Verdict,
}

/// What an attempt's answer means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Verdict {
    /// It happened. The fields are what the platform told: `message` (id), `group`, `link`, ….
    Done(Record),
    /// It was so before: counts as done.
    Already(Record),
    /// Not now; again at that time.
    Deferred { not_before: Millis, reason: Text },
    /// The platform says no, for good.
    Refused { because: Refusal, reason: Text },
    /// "Sending" is journalled before a send whose repetition would be seen twice.
    Sending,
    /// Whether it happened cannot be known (time-out after the request went out).
    Unknown { reason: Text },
    /// Parked: attempts are used up, or the answer made no sense.
    Parked { reason: Text },
}

impl Verdict {
    /// True when the effect is over.
    pub const fn is_final(&self) -> bool {
        match self {
            Self::Done(_) | Self::Already(_) | Self::Refused { .. } => true,
            Self::Deferred { .. } | Self::Sending | Self::Unknown { .. } | Self::Parked { .. } => {
                false
            }
        }
    }

    /// True when the effect came about.
    pub const fn succeeded(&self) -> bool {
        matches!(self, Self::Done(_) | Self::Already(_))
    }
}

/// Why something was not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Refusal {
    /// The person, group or message is not there (any more).
    Gone,
    /// We may not do it there.
    Forbidden,
    /// The person does not take messages from us.
    Blocked,
    /// This platform has no such action.
    Unsupported,
    /// The platform does not accept the content.
    Invalid,
    /// It came too late to be useful.
    Expired,
    /// A person dropped it.
    Dropped,
    /// The connector is not configured any more, or stopped for good (bad token).
    Unavailable,
}

impl Refusal {
    /// The word that tests and lists use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Forbidden => "forbidden",
            Self::Blocked => "blocked_by_user",
            Self::Unsupported => "unsupported",
            Self::Invalid => "invalid",
            Self::Expired => "expired",
            Self::Dropped => "dropped",
            Self::Unavailable => "unavailable",
        }
    }
}
