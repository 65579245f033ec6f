//! Notices to events: who came and went, who may speak, what was taken back.

use super::decode::{Decoded, Post, ignored, lacks, named, one};
use super::fields;
use crate::connector::Error;
use crate::model::{Happening, Role, Text};
use serde_json::Value;

/// A `notice` post.
pub(super) fn notice(post: &Post<'_>) -> Result<Decoded, Error> {
    match post.word("notice_type") {
        "group_increase" => increase(post),
        "group_decrease" => decrease(post),
        "group_ban" => ban(post),
        "group_admin" => admin(post),
        "group_recall" => recall(post),
        "group_card" => card(post),
        "group_msg_emoji_like" => emoji_like(post),
        other => Ok(ignored(unused_notice(other, post.word("sub_type")))),
    }
}

/// The kinds of notices that map to nothing of ours, from a fixed list: they become label values of
/// a metric, and what a sender makes up must not.
fn unused_notice(kind: &str, sub_type: &str) -> &'static str {
    match (kind, sub_type) {
        ("group_upload", _) => "notice.group_upload",
        ("friend_add", _) => "notice.friend_add",
        ("friend_recall", _) => "notice.friend_recall",
        ("essence", _) => "notice.essence",
        ("notify", "poke") => "notice.notify.poke",
        ("notify", "honor") => "notice.notify.honor",
        ("notify", "lucky_king") => "notice.notify.lucky_king",
        ("notify", _) => "notice.notify",
        _ => "notice.unknown",
    }
}

fn increase(post: &Post<'_>) -> Result<Decoded, Error> {
    let (person, ours) = post.user()?;
    let group = post.group()?;
    if ours {
        return Ok(one(post.event(None, group, None, Happening::BotJoined)));
    }
    let source = fields::text(post.fields, "sub_type");
    let inviter = (source.as_deref() == Some("invite"))
        .then(|| post.operator(&person))
        .flatten();
    let what = Happening::MemberJoined { inviter, source };
    Ok(one(post.event(None, group, Some(person), what)))
}

fn decrease(post: &Post<'_>) -> Result<Decoded, Error> {
    let group = post.group()?;
    let sub_type = post.word("sub_type");
    // A disbanded group loses everyone; whom the notice names does not matter.
    if sub_type == "disband" {
        let what = Happening::BotLeft { closed: true };
        return Ok(one(post.event(None, group, None, what)));
    }
    let (person, ours) = post.user()?;
    if ours || sub_type == "kick_me" {
        let what = Happening::BotLeft { closed: false };
        return Ok(one(post.event(None, group, None, what)));
    }
    let what = Happening::MemberLeft {
        by: post.operator(&person),
        banned: false,
    };
    Ok(one(post.event(None, group, Some(person), what)))
}

fn ban(post: &Post<'_>) -> Result<Decoded, Error> {
    let Some(user) = fields::person(post.fields, "user_id") else {
        return Ok(ignored("notice.group_ban.whole_group"));
    };
    if user == post.account {
        return Ok(ignored("notice.group_ban.own"));
    }
    let until = if post.word("sub_type") == "lift_ban" {
        None
    } else {
        let start = fields::number(post.fields, "time").ok_or_else(|| lacks("time"))?;
        let seconds = fields::number(post.fields, "duration").ok_or_else(|| lacks("duration"))?;
        Some(start.saturating_add(seconds).saturating_mul(1_000))
    };
    let what = Happening::MuteChanged { until };
    let (key, group) = (post.notice_key(&[]), post.group()?);
    Ok(one(post.event(Some(key), group, Some(named(user)), what)))
}

fn admin(post: &Post<'_>) -> Result<Decoded, Error> {
    let (mut person, ours) = post.user()?;
    let role = match post.word("sub_type") {
        "set" => Role::Staff,
        "unset" => Role::Member,
        _ => return Ok(ignored("notice.group_admin.unknown")),
    };
    let (key, group) = (post.notice_key(&[]), post.group()?);
    if ours {
        return Ok(one(post.event(
            Some(key),
            group,
            None,
            Happening::BotRole { role },
        )));
    }
    person.role = Some(role);
    let what = Happening::MemberChanged;
    Ok(one(post.event(Some(key), group, Some(person), what)))
}

fn recall(post: &Post<'_>) -> Result<Decoded, Error> {
    let author = fields::person(post.fields, "user_id").filter(|id| *id != post.account);
    let message = post.id("message_id")?;
    let (key, group) = (post.notice_key(&[]), post.group()?);
    let what = Happening::MessageDeleted { message };
    Ok(one(post.event(Some(key), group, author.map(named), what)))
}

/// `card_new` empty means that the member goes by their own name again: an empty nick says so.
fn card(post: &Post<'_>) -> Result<Decoded, Error> {
    let (mut person, ours) = post.user()?;
    let Some(card) = post.fields.get("card_new").and_then(Value::as_str) else {
        return Err(lacks("card_new"));
    };
    if ours {
        return Ok(ignored("notice.group_card.own"));
    }
    let (key, group) = (post.notice_key(&[card]), post.group()?);
    person.nick = Some(card.into());
    let what = Happening::MemberChanged;
    Ok(one(post.event(Some(key), group, Some(person), what)))
}

/// `NapCat`'s notice of reactions: one event for each emoji in `likes`.
fn emoji_like(post: &Post<'_>) -> Result<Decoded, Error> {
    let (person, ours) = post.user()?;
    if ours {
        return Ok(ignored("notice.group_msg_emoji_like.own"));
    }
    let (message, group) = (post.id("message_id")?, post.group()?);
    let removed = post.fields.get("is_add") == Some(&Value::Bool(false));
    let change = if removed { "removed" } else { "added" };
    let likes = post.fields.get("likes").and_then(Value::as_array);
    let events = likes
        .into_iter()
        .flatten()
        .filter_map(|like| fields::id(like.as_object()?, "emoji_id"))
        .map(|emoji| {
            let what = Happening::ReactionChanged {
                message: message.clone(),
                emoji: shown(&emoji),
                removed,
            };
            let key = post.notice_key(&[&emoji, change]);
            post.event(Some(key), group.clone(), Some(person.clone()), what)
        })
        .collect();
    Ok(Decoded {
        events,
        ignored: Vec::new(),
    })
}

/// Ids of more than three digits are code points of emojis; shorter ones name QQ's own faces.
fn shown(emoji: &Text) -> Text {
    let code = Some(emoji).filter(|id| id.len() > 3);
    let code = code.and_then(|id| id.parse().ok());
    code.and_then(char::from_u32)
        .map_or_else(|| emoji.clone(), |emoji| emoji.to_string().into())
}
