//! Actions to method calls (platforms/telegram.md §2).

use super::Telegram;
use super::errors::{Kind, Trouble};
use super::post;
use super::walk::{Call, Halt, Walk};
use crate::connector::{Answer, Next, Outcome};
use crate::model::{Action, Effect, Millis, Record, Refusal, Value as Field, time};
use serde_json::{Map, Value, json};

/// Telegram takes an end less than 30 s or more than 366 days away as "forever"
/// (platforms/telegram.md §2, banChatMember); a mute ends neither that early nor that late.
const MUTE_MS_MIN: Millis = time::MINUTE;
const MUTE_MS_MAX: Millis = 365 * time::DAY;
/// Characters of an invite link's name (platforms/telegram.md §2).
const LINK_NAME_CHARS_MAX: usize = 32;
/// Uses of an invite link that Telegram can count (platforms/telegram.md §2).
const LINK_USES_MAX: u32 = 99_999;

/// Everything a member can be allowed to do (Bot API 10.1, `ChatPermissions`).
const PERMISSIONS: [&str; 14] = [
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
];

/// How the code of an action ends: with an outcome, or early.
pub(super) type Ended<T> = Result<T, Early>;

/// An early end.
pub(super) enum Early {
    Halt(Halt),
    Outcome(Outcome),
}

impl From<Halt> for Early {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}

impl From<Outcome> for Early {
    fn from(outcome: Outcome) -> Self {
        Self::Outcome(outcome)
    }
}

/// The next request of an effect, or its outcome.
pub(super) fn drive(bot: &Telegram, effect: &Effect, answers: &[Answer]) -> Next {
    if is_missing(&effect.action) {
        return Next::End(Outcome::unsupported(&effect.action));
    }
    let mut walk = match chat(effect) {
        Ok(chat) => Walk::new(bot, Some(chat), answers),
        Err(outcome) => return Next::End(outcome),
    };
    let ended = act(&mut walk, effect);
    let outcome = match ended {
        Ok(record) => Outcome::Done(record),
        Err(Early::Outcome(outcome)) => outcome,
        Err(Early::Halt(Halt::Ask(request))) => return Next::Send(request),
        Err(Early::Halt(Halt::Said {
            trouble,
            unsafe_to_repeat,
        })) => trouble.outcome(unsafe_to_repeat),
    };
    Next::End(with_move(outcome, walk.moved_to))
}

/// The chat an effect goes to: a person's own for a direct message, else the group's.
fn chat(effect: &Effect) -> Result<Value, Outcome> {
    let direct = if let Action::SendMessage(post) = &effect.action {
        post.to_member.as_deref()
    } else {
        None
    };
    match direct.or(effect.group.as_deref()) {
        Some(chat) => number(chat),
        None => Err(invalid("it names no group")),
    }
}

/// True for what bots cannot do there: open groups, bring people in, call other servers
/// (platforms/telegram.md §2).
fn is_missing(action: &Action) -> bool {
    matches!(
        action,
        Action::InviteMember { .. } | Action::CreateGroup { .. } | Action::CallEndpoint { .. }
    )
}

fn act(walk: &mut Walk<'_>, effect: &Effect) -> Ended<Record> {
    match &effect.action {
        Action::SendMessage(content) => return post::send(walk, content),
        Action::AddReaction { message, emoji } => {
            let reaction = json!([{ "type": "emoji", "emoji": &**emoji }]);
            walk.call(
                Call::new("setMessageReaction")
                    .with("message_id", number(message)?)
                    .with("reaction", reaction),
            )?;
        }
        Action::DeleteMessage { message } => delete(walk, message)?,
        Action::PinMessage { message } => pin(walk, number(message)?, false)?,
        Action::MuteMember { member, until, .. } => return mute(walk, effect, member, *until),
        Action::UnmuteMember { member } => unmute(walk, member)?,
        Action::RemoveMember { member, .. } => remove(walk, member)?,
        Action::BanMember { member, .. } => {
            walk.call(on_member("banChatMember", member)?)?;
        }
        Action::UnbanMember { member } => {
            walk.call(on_member("unbanChatMember", member)?.with("only_if_banned", true))?;
        }
        Action::CreateInviteLink {
            name,
            uses,
            expires_at,
        } => return invite_link(walk, name, *uses, *expires_at),
        Action::CloseGroup { .. } => {
            walk.call(
                Call::new("setChatPermissions")
                    .with("permissions", no_permissions())
                    .with("use_independent_chat_permissions", true),
            )?;
        }
        Action::AdmitMember { member, .. } => {
            walk.call(on_member("approveChatJoinRequest", member)?)?;
        }
        Action::DeclineMember { member, .. } => {
            walk.call(on_member("declineChatJoinRequest", member)?)?;
        }
        Action::InviteMember { .. } | Action::CreateGroup { .. } | Action::CallEndpoint { .. } => {
            return Err(Outcome::unsupported(&effect.action).into());
        }
    }
    Ok(Record::new())
}

/// A message that is not there is as deleted as it can be.
fn delete(walk: &mut Walk<'_>, message: &str) -> Ended<()> {
    let call = Call::new("deleteMessage").with("message_id", number(message)?);
    match walk.call(call) {
        Err(Halt::Said {
            trouble:
                Trouble {
                    kind: Kind::Refused(Refusal::Gone),
                    reason,
                },
            ..
        }) if reason.contains("message to delete not found") => {
            Err(Outcome::Already(Record::new()).into())
        }
        other => Ok(other.map(|_| ())?),
    }
}

/// Pins; only a message to everyone makes the members' devices ring.
pub(super) fn pin(walk: &mut Walk<'_>, message: Value, loud: bool) -> Result<(), Halt> {
    let call = Call::new("pinChatMessage")
        .with("message_id", message)
        .with("disable_notification", !loud);
    walk.call(call).map(|_| ())
}

/// Takes every permission, in supergroups. `until` in the result is the end that was set. The end
/// is measured from the earliest time at which this attempt can run.
fn mute(
    walk: &mut Walk<'_>,
    effect: &Effect,
    member: &str,
    until: Option<Millis>,
) -> Ended<Record> {
    let now = effect.decided_at.max(effect.not_before);
    let until = until.map(|until| {
        until.clamp(
            now.saturating_add(MUTE_MS_MIN),
            now.saturating_add(MUTE_MS_MAX),
        )
    });
    let mut call = on_member("restrictChatMember", member)?
        .with("permissions", no_permissions())
        .with("use_independent_chat_permissions", true);
    let mut told = Record::new();
    if let Some(until) = until {
        call = call.with("until_date", until.div_euclid(time::SECOND));
        told.insert("until".into(), Field::Time(until));
    }
    walk.call(call)?;
    Ok(told)
}

/// Gives back what the group allows everybody; all permissions would be more than others have.
fn unmute(walk: &mut Walk<'_>, member: &str) -> Ended<()> {
    let call = on_member("restrictChatMember", member)?;
    let chat = walk.call(Call::new("getChat"))?;
    let Some(permissions) = chat.get("permissions").filter(|found| found.is_object()) else {
        return Err(broken("telegram did not tell the group's permissions").into());
    };
    let call = call
        .with("permissions", permissions.clone())
        .with("use_independent_chat_permissions", true);
    walk.call(call)?;
    Ok(())
}

/// One call removes: `unbanChatMember` without `only_if_banned` puts a present member out and
/// leaves no ban (platforms/telegram.md §2). A ban and its lifting in two calls could be cut
/// between them and keep somebody out for good. (It would lift the ban of somebody banned: the fold
/// removes only who is present.) Plain groups know no bans: there the method is
/// missing, and `banChatMember` only removes.
fn remove(walk: &mut Walk<'_>, member: &str) -> Ended<()> {
    let call = on_member("unbanChatMember", member)?.with("only_if_banned", false);
    match walk.call(call) {
        Err(Halt::Said { trouble, .. }) if trouble.kind == Kind::Refused(Refusal::Unsupported) => {
            walk.call(on_member("banChatMember", member)?)?;
            Ok(())
        }
        other => Ok(other.map(|_| ())?),
    }
}

fn invite_link(
    walk: &mut Walk<'_>,
    name: &str,
    uses: Option<u32>,
    expires_at: Option<Millis>,
) -> Ended<Record> {
    let name: String = name.chars().take(LINK_NAME_CHARS_MAX).collect();
    let mut call = Call::sending("createChatInviteLink").with("name", name);
    if let Some(at) = expires_at {
        call = call.with("expire_date", at.div_euclid(time::SECOND));
    }
    if let Some(uses) = uses {
        call = call.with("member_limit", uses.clamp(1, LINK_USES_MAX));
    }
    let made = walk.call(call)?;
    let Some(link) = made.get("invite_link").and_then(Value::as_str) else {
        return Err(broken("telegram made a link and did not tell it").into());
    };
    Ok(Record::from([("link".into(), link.into())]))
}

fn on_member(method: &'static str, member: &str) -> Result<Call, Outcome> {
    Ok(Call::new(method).with("user_id", number(member)?))
}

/// Ids are numbers there; anything else cannot have come from Telegram.
pub(super) fn number(id: &str) -> Result<Value, Outcome> {
    let number: Option<i64> = id.parse().ok();
    number
        .map(Value::from)
        .ok_or_else(|| invalid(&format!("`{id}` is no id of telegram's")))
}

pub(super) fn invalid(reason: &str) -> Outcome {
    Outcome::Refused {
        because: Refusal::Invalid,
        reason: reason.to_owned(),
    }
}

pub(super) fn broken(reason: &str) -> Outcome {
    Outcome::Broken {
        reason: reason.to_owned(),
    }
}

fn no_permissions() -> Value {
    let none = PERMISSIONS.map(|name| (name.to_owned(), Value::Bool(false)));
    Value::Object(Map::from_iter(none))
}

/// Adds `moved_to`, the group's new id, to what was done.
fn with_move(outcome: Outcome, moved_to: Option<i64>) -> Outcome {
    let add = |mut record: Record| {
        if let Some(to) = moved_to {
            record.insert("moved_to".into(), Field::text(to.to_string()));
        }
        record
    };
    match outcome {
        Outcome::Done(record) => Outcome::Done(add(record)),
        Outcome::Already(record) => Outcome::Already(add(record)),
        Outcome::RetryAfter { .. }
        | Outcome::Refused { .. }
        | Outcome::Unknown { .. }
        | Outcome::Broken { .. }
        | Outcome::Stop { .. } => outcome,
    }
}
