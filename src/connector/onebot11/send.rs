//! Messages of ours: always arrays of segments, since in a text form a member's name could carry a
//! code such as `[CQ:at,qq=all]` (platforms/onebot.md §2 "Security").

use super::Call;
use super::drive::{Step, invalid};
use super::errors::read;
use super::fields::{self, outgoing};
use super::split::split;
use crate::connector::{Answer, Outcome};
use crate::model::{Piece, Post, Record, RichText, Value as Field};
use serde_json::{Value, json};

/// Characters of one message. QQ takes about 4,500; what mentions add to it is not known exactly.
pub(super) const MESSAGE_CHARS_MAX: usize = 4_000;
/// Native mentions in one message: messages full of them wake QQ's risk control.
pub(super) const MENTIONS_MAX: usize = 20;
/// Endings of files that QQ shows as a picture.
const IMAGES: [&str; 6] = [".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp"];

/// Sends the post's messages one after the other; `answers` tells how many went out.
pub(super) fn drive(post: &Post, group: Option<&str>, answers: &[Answer]) -> Step {
    let target = match (&post.to_member, group) {
        (Some(member), group) => Target::Member { member, group },
        (None, Some(group)) => Target::Group(group),
        (None, None) => return Step::End(invalid("no group and nobody to write to")),
    };
    let messages = messages(post);
    if messages.is_empty() {
        return Step::End(invalid("nothing to send"));
    }
    let count = messages.len();
    let mut first = None;
    for (number, answer) in answers.iter().take(count).enumerate() {
        match read(answer) {
            Ok(data) if number == 0 => first = id_in(&data),
            Ok(_) => {}
            Err(failed) => {
                let outcome = failed.outcome(true);
                return Step::End(if number == 0 {
                    outcome
                } else {
                    partly(outcome, number, count)
                });
            }
        }
    }
    if let Some(message) = messages.get(answers.len()) {
        return Step::Call(target.call(message));
    }
    let mut record = Record::new();
    record.extend(first.map(|id| ("message".into(), Field::Text(id))));
    let Target::Group(group) = target else {
        return Step::End(Outcome::Done(record));
    };
    if !post.pin {
        return Step::End(Outcome::Done(record));
    }
    match answers.get(count).map(read) {
        None => Step::Call(notice(group, &post.text)),
        Some(Ok(_)) => Step::End(Outcome::Done(record)),
        // The message stands; failing now would send it again.
        Some(Err(failed)) => {
            record.insert("pin_problem".into(), Field::text(failed.reason));
            Step::End(Outcome::Done(record))
        }
    }
}

fn id_in(data: &Value) -> Option<crate::model::Text> {
    fields::id(data.as_object()?, "message_id")
}

/// An attempt begins with the first message again, so once one stands nothing may ask for another
/// attempt by itself.
fn partly(outcome: Outcome, sent: usize, count: usize) -> Outcome {
    let told = |reason: String| format!("{sent} of {count} messages were sent, then: {reason}");
    match outcome {
        Outcome::RetryAfter { reason, .. }
        | Outcome::Unknown { reason }
        | Outcome::Broken { reason }
        | Outcome::Stop { reason } => Outcome::Unknown {
            reason: told(reason),
        },
        Outcome::Refused { because, reason } => Outcome::Refused {
            because,
            reason: told(reason),
        },
        Outcome::Done(_) | Outcome::Already(_) => outcome,
    }
}

#[derive(Clone, Copy)]
enum Target<'a> {
    Group(&'a str),
    /// With the group the conversation is about: strangers can be written to only from there.
    Member {
        member: &'a str,
        group: Option<&'a str>,
    },
}

impl Target<'_> {
    fn call(self, message: &[Value]) -> Call {
        match self {
            Self::Group(group) => {
                let params = json!({ "group_id": outgoing(group), "message": message });
                Call::once("send_group_msg", params)
            }
            Self::Member { member, group } => {
                let mut params = json!({ "user_id": outgoing(member), "message": message });
                if let (Some(group), Some(fields)) = (group, params.as_object_mut()) {
                    fields.insert("group_id".to_owned(), outgoing(group));
                }
                Call::once("send_private_msg", params)
            }
        }
    }
}

/// QQ has no pinned message; a pinned group notice is what members know as one.
fn notice(group: &str, text: &RichText) -> Call {
    let params = json!({
        "group_id": outgoing(group),
        "content": text.to_plain(),
        "pinned": 1,
        "confirm_required": 0,
    });
    Call::once("_send_group_notice", params)
}

/// Each message as its segments. A picture goes with the last text; any other file stands alone, as
/// QQ demands.
fn messages(post: &Post) -> Vec<Vec<Value>> {
    let parts = split(&post.text, MESSAGE_CHARS_MAX, MENTIONS_MAX);
    let mut messages: Vec<Vec<Value>> = parts.iter().map(segments).collect();
    if let Some(file) = &post.file {
        let segment = file_segment(file);
        match messages.last_mut() {
            Some(last) if is_image(file) => last.push(segment),
            Some(_) | None => messages.push(vec![segment]),
        }
    }
    if let (Some(id), Some(first)) = (&post.reply_to, messages.first_mut()) {
        let data = json!({ "id": &**id });
        first.insert(0, json!({ "type": "reply", "data": data }));
    }
    messages
}

fn segments(text: &RichText) -> Vec<Value> {
    let at = |qq: &str| json!({ "type": "at", "data": { "qq": qq } });
    text.0
        .iter()
        .map(|piece| match piece {
            Piece::Plain(text) => json!({ "type": "text", "data": { "text": &**text } }),
            Piece::Mention { id, .. } => at(id),
            Piece::Everyone => at("all"),
        })
        .collect()
}

fn is_image(file: &str) -> bool {
    let path = file.split(['?', '#']).next().unwrap_or(file);
    let path = path.to_ascii_lowercase();
    IMAGES.iter().any(|ending| path.ends_with(ending))
}

fn file_segment(file: &str) -> Value {
    let kind = if is_image(file) { "image" } else { "file" };
    json!({ "type": kind, "data": { "file": file } })
}
