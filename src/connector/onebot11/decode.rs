//! Event posts to events (platforms/onebot.md §1).
//!
//! Ids of events: a message is known by (account, message id, time), since message ids are reused
//! after a restart of the implementation; a request by (account, flag), since `NapCat` posts open
//! requests again. Joins and leaves get no id: the same one can be posted twice with different
//! times, and the same person can truly come back minutes later, so no key tells the two apart.
//! The fold can: it drops a join of a present member and a leave of an absent one. The other
//! notices are known by all their fields and the time: a sender's own repetition keeps its time.

use super::fields::{self, Fields};
use super::handle::Handle;
use super::{notices, segments};
use crate::connector::Error;
use crate::model::{Event, Happening, Person, Place, Text};
use serde_json::Value;

/// What one event post held.
#[derive(Debug, Default)]
pub(super) struct Decoded {
    pub(super) events: Vec<Event>,
    pub(super) ignored: Vec<Text>,
}

/// Reads one event post. Only what has the shape of an event but lacks an id it cannot do without
/// is an error; kinds that we do not know are ignored and counted.
pub(super) fn decode(connector: &Text, body: &[u8]) -> Result<Decoded, Error> {
    // A syntax error tells a place; it never quotes the payload.
    let value: Value =
        serde_json::from_slice(body).map_err(|error| Error::Undecodable(error.to_string()))?;
    let Value::Object(fields) = value else {
        return Err(Error::Undecodable("not an object".to_owned()));
    };
    let post_type = fields::word(&fields, "post_type");
    let account = fields::person(&fields, "self_id");
    match post_type {
        "" => return Err(lacks("post_type")),
        "meta_event" | "meta" => return Ok(ignored(meta_kind(&fields))),
        "message_sent" => return Ok(ignored("message_sent")),
        _ => {}
    }
    let post = Post {
        connector,
        account: account.ok_or_else(|| lacks("self_id"))?,
        fields: &fields,
    };
    match post_type {
        "message" => message(&post),
        "notice" => notices::notice(&post),
        "request" => request(&post),
        _ => Ok(ignored("unknown")),
    }
}

pub(super) fn ignored(kind: &str) -> Decoded {
    Decoded {
        events: Vec::new(),
        ignored: vec![kind.into()],
    }
}

pub(super) fn lacks(field: &str) -> Error {
    Error::Undecodable(format!("no `{field}` in the event"))
}

fn meta_kind(fields: &Fields) -> &'static str {
    match fields::word(fields, "meta_event_type") {
        "heartbeat" => "meta_event.heartbeat",
        "lifecycle" => "meta_event.lifecycle",
        _ => "meta_event.unknown",
    }
}

/// An event post whose account is known.
pub(super) struct Post<'a> {
    pub(super) connector: &'a Text,
    pub(super) account: Text,
    pub(super) fields: &'a Fields,
}

impl Post<'_> {
    pub(super) fn word(&self, name: &str) -> &str {
        fields::word(self.fields, name)
    }

    pub(super) fn id(&self, name: &str) -> Result<Text, Error> {
        fields::id(self.fields, name).ok_or_else(|| lacks(name))
    }

    pub(super) fn group(&self) -> Result<Option<Place>, Error> {
        let id = self.id("group_id")?;
        Ok(Some(Place { id, name: None }))
    }

    /// The person in `user_id`, and whether that is our own account.
    pub(super) fn user(&self) -> Result<(Person, bool), Error> {
        let person = named(self.id("user_id")?);
        let ours = person.id == self.account;
        Ok((person, ours))
    }

    /// Who did it, where that is named and is not the person it was done to.
    pub(super) fn operator(&self, affected: &Person) -> Option<Person> {
        fields::person(self.fields, "operator_id")
            .filter(|id| *id != affected.id)
            .map(named)
    }

    /// An id that holds for every repetition of the same post.
    pub(super) fn key(&self, parts: &[&str]) -> Text {
        format!("{}/{}", self.account, parts.join("/")).into()
    }

    /// The id of a notice that has none: everything it says, and when.
    pub(super) fn notice_key(&self, parts: &[&str]) -> Text {
        let time = fields::id(self.fields, "time").unwrap_or_default();
        let said = ["group_id", "user_id", "sub_type", "duration", "message_id"]
            .map(|name| fields::id(self.fields, name).unwrap_or_default());
        let kind = self.word("notice_type");
        self.key(&[kind, &said.join("/"), &parts.join("/"), &time])
    }

    pub(super) fn event(
        &self,
        id: Option<Text>,
        group: Option<Place>,
        member: Option<Person>,
        what: Happening,
    ) -> Event {
        Event {
            connector: self.connector.clone(),
            id,
            happened_at: fields::instant(self.fields, "time"),
            group,
            member,
            what,
        }
    }
}

pub(super) fn named(id: Text) -> Person {
    Person {
        id,
        ..Person::default()
    }
}

pub(super) fn one(event: Event) -> Decoded {
    Decoded {
        events: vec![event],
        ignored: Vec::new(),
    }
}

fn message(post: &Post<'_>) -> Result<Decoded, Error> {
    let (mut person, ours) = post.user()?;
    let group = match post.word("message_type") {
        "group" => post.group()?,
        "private" => None,
        _ => return Ok(ignored("message.unknown")),
    };
    if ours {
        return Ok(ignored("message.own"));
    }
    // Everyone who hides behind an anonymous name shares one account, which is no member.
    let anonymous = post.fields.get("anonymous").is_some_and(Value::is_object);
    match post.word("sub_type") {
        "notice" => return Ok(ignored("message.group.notice")),
        "anonymous" => return Ok(ignored("message.group.anonymous")),
        _ if anonymous => return Ok(ignored("message.group.anonymous")),
        _ => {}
    }
    if let Some(sender) = post.fields.get("sender").and_then(Value::as_object) {
        person.name = fields::text(sender, "nickname");
        if group.is_some() {
            person.nick = fields::text(sender, "card");
            person.role = fields::role(sender);
        }
    }
    let id = post.id("message_id")?;
    let time = fields::id(post.fields, "time").unwrap_or_default();
    let key = post.key(&["message", &id, &time]);
    let body = post.fields.get("message");
    let body = body.or_else(|| post.fields.get("raw_message"));
    let segments = body.map(segments::read).unwrap_or_default();
    let message = segments::to_message(id, &segments, &post.account);
    let what = Happening::MessagePosted(message);
    Ok(one(post.event(Some(key), group, Some(person), what)))
}

fn request(post: &Post<'_>) -> Result<Decoded, Error> {
    match (post.word("request_type"), post.word("sub_type")) {
        ("group", "" | "add") => {}
        // We ourselves are invited into a group; a person accepts that in QQ.
        ("group", "invite") => return Ok(ignored("request.group.invite")),
        ("group", _) => return Ok(ignored("request.group.unknown")),
        ("friend", _) => return Ok(ignored("request.friend")),
        _ => return Ok(ignored("request.unknown")),
    }
    let flag = post.id("flag")?;
    let (person, _) = post.user()?;
    let handle = Handle {
        sub_type: "add",
        flag: &flag,
    };
    let what = Happening::JoinRequested {
        handle: handle.to_text(),
        answer: answer(post.word("comment")).into(),
        inviter: fields::person(post.fields, "invitor_id").map(named),
    };
    let key = post.key(&["request", &flag]);
    Ok(one(post.event(
        Some(key),
        post.group()?,
        Some(person),
        what,
    )))
}

/// What the applicant wrote: QQ puts the group's question before it, as `问题：…\n答案：…`. The
/// first line that starts with `答案` ends the question, so that an answer can hold the word.
fn answer(comment: &str) -> &str {
    if !comment.starts_with("问题") {
        return comment.trim();
    }
    ["\n答案：", "\n答案:"]
        .into_iter()
        .filter_map(|mark| comment.split_once(mark))
        .min_by_key(|(question, _)| question.len())
        .map_or(comment, |(_, answer)| answer)
        .trim()
}
