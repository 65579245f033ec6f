//! What the generic webhook sends: one effect as one JSON object.
//!
//! Every body has `type` (the step's name), `id` (the effect's, the same on every attempt and equal
//! to `webhook-id`), `at` (when it was decided, RFC 3339), `group`, `member` and `text`, which are
//! `null` where they mean nothing. Further fields by `type`:
//!
//! | `type` | `member` | `text` | further fields |
//! |---|---|---|---|
//! | `send reply dm welcome announce ask task approve alert` | whom it goes to directly, else `null` | the text, mentions as `@name` | `mentions` (`[{id, name}]`), `mentions_all`, `file`, `reply_to`, `choices`, `pin` |
//! | `react` | | | `message`, `emoji` |
//! | `delete_message pin` | | | `message` |
//! | `mute` | who | | `until` (RFC 3339, `null`: until lifted), `reason` |
//! | `remove ban` | who | | `reason` |
//! | `unmute unban invite` | who | | |
//! | `invite_link` | | | `name`, `uses`, `expires_at` |
//! | `create_group` | | | `name`, `topic`, `invite` (ids), `key` (the same for the same group) |
//! | `close_group` | | | `reason` |
//! | `admit` | who | | `handle` |
//! | `decline` | who | | `handle`, `reason` |
//! | `webhook` (a named endpoint) | | | `name`, `data` |
//!
//! In `data` a time is RFC 3339 and a duration is written as in a playbook.

use crate::model::{Action, Effect, Millis, Piece, Post, Record, Text, Value, time};
use jiff::tz::TimeZone;
use serde_json::{Map, Number, Value as Json, json};

/// The body for an effect. It depends on the effect alone, so that every attempt sends the same.
pub(super) fn body(effect: &Effect) -> Vec<u8> {
    let (member, text, further) = parts(&effect.action);
    let mut body = Map::new();
    for (name, value) in [
        ("type", json!(effect.action.verb())),
        ("id", json!(effect.id.to_string())),
        ("at", instant(effect.decided_at)),
        ("group", json!(effect.group.as_deref())),
        ("member", json!(member.map(|member| &**member))),
        ("text", json!(text)),
    ] {
        body.insert(name.to_owned(), value);
    }
    if let Json::Object(further) = further {
        body.extend(further);
    }
    Json::Object(body).to_string().into_bytes()
}

/// Member, text and the fields that only this action has.
fn parts(action: &Action) -> (Option<&Text>, Option<String>, Json) {
    let (member, further) = match action {
        Action::SendMessage(sent) => {
            return (
                sent.to_member.as_ref(),
                Some(sent.text.to_plain()),
                post(sent),
            );
        }
        Action::AddReaction { message, emoji } => {
            (None, json!({"message": &**message, "emoji": &**emoji}))
        }
        Action::DeleteMessage { message } | Action::PinMessage { message } => {
            (None, json!({"message": &**message}))
        }
        Action::MuteMember {
            member,
            until,
            reason,
        } => (
            Some(member),
            json!({"until": until.map(instant), "reason": &**reason}),
        ),
        Action::UnmuteMember { member }
        | Action::UnbanMember { member }
        | Action::InviteMember { member } => (Some(member), Json::Null),
        Action::RemoveMember { member, reason } | Action::BanMember { member, reason } => {
            (Some(member), json!({"reason": &**reason}))
        }
        Action::CreateInviteLink {
            name,
            uses,
            expires_at,
        } => (
            None,
            json!({"name": &**name, "uses": uses, "expires_at": expires_at.map(instant)}),
        ),
        Action::CreateGroup {
            name,
            topic,
            invite,
            key,
        } => (
            None,
            json!({"name": &**name, "topic": &**topic, "invite": list(invite), "key": &**key}),
        ),
        Action::CloseGroup { reason } => (None, json!({"reason": &**reason})),
        Action::AdmitMember { member, handle } => (Some(member), json!({"handle": &**handle})),
        Action::DeclineMember {
            member,
            handle,
            reason,
        } => (
            Some(member),
            json!({"handle": &**handle, "reason": &**reason}),
        ),
        Action::CallEndpoint { name, data } => {
            (None, json!({"name": &**name, "data": record(data)}))
        }
    };
    (member, None, further)
}

fn post(post: &Post) -> Json {
    let mentions: Vec<Json> = post.text.0.iter().filter_map(mention).collect();
    json!({
        "mentions": mentions,
        "mentions_all": post.text.0.contains(&Piece::Everyone),
        "file": post.file.as_deref(),
        "reply_to": post.reply_to.as_deref(),
        "choices": list(&post.choices),
        "pin": post.pin,
    })
}

fn mention(piece: &Piece) -> Option<Json> {
    match piece {
        Piece::Mention { id, name } => Some(json!({"id": &**id, "name": &**name})),
        Piece::Plain(_) | Piece::Everyone => None,
    }
}

fn list(texts: &[Text]) -> Vec<&str> {
    texts.iter().map(|text| &**text).collect()
}

fn instant(at: Millis) -> Json {
    json!(time::zoned(at, &TimeZone::UTC).timestamp().to_string())
}

fn record(fields: &Record) -> Json {
    let fields = fields
        .iter()
        .map(|(name, field)| ((**name).to_owned(), value(field)));
    Json::Object(fields.collect())
}

fn value(of: &Value) -> Json {
    match of {
        Value::Nothing => Json::Null,
        Value::Bool(flag) => json!(flag),
        Value::Int(number) => json!(number),
        // JSON has no infinities; those become `null`.
        Value::Float(number) => Number::from_f64(*number).map_or(Json::Null, Json::Number),
        Value::Text(text) => json!(&**text),
        Value::Time(at) => instant(*at),
        Value::Span(span) => json!(span.to_string()),
        Value::Member(member) => json!(member.0),
        Value::Group(group) => json!(group.0),
        Value::Rich(rich) => json!(rich.to_plain()),
        Value::List(items) => Json::Array(items.iter().map(value).collect()),
        Value::Record(fields) => record(fields),
    }
}
