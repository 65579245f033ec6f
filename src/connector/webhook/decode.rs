//! The generic event: one JSON object or an array of them, read strictly into our vocabulary.
//!
//! Every element has `type` and, unless said otherwise, `group` and `member`:
//!
//! | `type` | needs | may have |
//! |---|---|---|
//! | `join` | | `inviter`, `source` |
//! | `leave` | | `by`, `banned` |
//! | `join_request` | | `handle` (else the event's id), `answer`, `inviter` |
//! | `message` | `text` (not where `content` or `files` say what it is) | no `group`: a direct message; `message_id` (else the event's id), `content`, `mentions`, `mentions_bot`, `mentions_all`, `links` (else those found in the text), `files`, `reply_to`, `thread`, `edited` |
//! | `reaction` | `message`, `emoji` | `removed`; no `group` |
//! | `report` | `reporter` | `message`, `reason` |
//! | `group_created` | no `member` | `creator` (else `member`) |
//!
//! All of them may have `id` and `at` (RFC 3339). A person is `{id, name, nick, role, is_bot}`, a
//! group `{id, name}`, of which `id` is needed. `null` is the same as absent; fields not named here
//! are passed over.

use super::fields::Fields;
use crate::connector::{Received, text};
use crate::model::{
    Content, Event, Happening, Message, Person, Place, Role, Text, hash_of, limits,
};
use serde_json::Value;

/// What a body is read with: facts of the connector and of the payload's envelope.
#[derive(Clone, Copy)]
pub(in crate::connector) struct Envelope<'a> {
    /// The connector's name in steward.yaml.
    pub(in crate::connector) connector: &'a Text,
    /// The payload's message id, where it has one: names the events that bring no id of their own.
    pub(in crate::connector) id: Option<&'a str>,
    /// When it arrived.
    pub(in crate::connector) arrived_at: i64,
}

/// What one element comes to.
enum Element {
    Event(Box<Event>),
    Ignored(Text),
}

/// Reads a body. One bad element turns all of it away, so that a sender's retry is not half old.
/// The reason names the element and the field, and quotes nothing but words of ours.
pub(in crate::connector) fn read(body: &[u8], envelope: Envelope<'_>) -> Result<Received, String> {
    let parsed: Value = serde_json::from_slice(body).map_err(|error| {
        format!(
            "not JSON (line {}, column {})",
            error.line(),
            error.column()
        )
    })?;
    let (elements, is_list) = match parsed {
        Value::Array(elements) => (elements, true),
        Value::Object(_) => (vec![parsed], false),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            return Err("not a JSON object or an array of them".to_owned());
        }
    };
    if elements.len() > limits::PAYLOAD_EVENTS_MAX {
        return Err(format!(
            "more than {} events in one body",
            limits::PAYLOAD_EVENTS_MAX
        ));
    }
    let mut received = Received::default();
    for (index, element) in elements.iter().enumerate() {
        let read = read_element(element, index, envelope).map_err(|reason| {
            if is_list {
                format!("element {index}: {reason}")
            } else {
                reason
            }
        })?;
        match read {
            Element::Event(event) => received.events.push(*event),
            Element::Ignored(kind) => received.ignored.push(kind),
        }
    }
    Ok(received)
}

fn read_element(element: &Value, index: usize, envelope: Envelope<'_>) -> Result<Element, String> {
    let fields = Fields::of(element)?;
    let kind = fields.id("type")?;
    let own_id = fields.optional_id("id")?;
    let id = own_id.or_else(|| envelope.id.map(|id| format!("{id}/{index}").into()));
    let name = id
        .clone()
        .unwrap_or_else(|| made_up(element, index, envelope.arrived_at));
    let what = match &*kind {
        "join" => Happening::MemberJoined {
            inviter: optional_person(&fields, "inviter")?,
            source: fields.optional_text("source")?,
        },
        "leave" => Happening::MemberLeft {
            by: optional_person(&fields, "by")?,
            banned: fields.flag("banned")?,
        },
        "join_request" => Happening::JoinRequested {
            handle: fields.optional_id("handle")?.unwrap_or(name),
            answer: fields.optional_text("answer")?.unwrap_or_default(),
            inviter: optional_person(&fields, "inviter")?,
        },
        "message" => Happening::MessagePosted(message(&fields, name)?),
        "reaction" => Happening::ReactionChanged {
            message: fields.id("message")?,
            emoji: fields.id("emoji")?,
            removed: fields.flag("removed")?,
        },
        "report" => Happening::MemberReported {
            reporter: person(&fields.object("reporter")?)?,
            message: fields.optional_id("message")?,
            reason: fields.optional_text("reason")?.unwrap_or_default(),
        },
        "group_created" => Happening::GroupCreated {
            creator: match optional_person(&fields, "creator")? {
                Some(creator) => Some(creator),
                None => optional_person(&fields, "member")?,
            },
        },
        _ => return Ok(Element::Ignored(shortened(&kind))),
    };
    let (group, member) = about(&fields, &what)?;
    Ok(Element::Event(Box::new(Event {
        connector: envelope.connector.clone(),
        id,
        happened_at: fields.optional_time("at")?,
        group,
        member,
        what,
    })))
}

/// A sender's own word, short enough for a counter's name.
fn shortened(kind: &str) -> Text {
    let short: String = kind.chars().take(limits::NAME_CHARS_MAX).collect();
    short.into()
}

/// The group and the member of an event, as far as its kind needs them.
fn about(fields: &Fields<'_>, what: &Happening) -> Result<(Option<Place>, Option<Person>), String> {
    let can_be_direct = matches!(
        what,
        Happening::MessagePosted(_) | Happening::ReactionChanged { .. }
    );
    let group = match fields.optional_object("group")? {
        Some(group) => Some(place(&group)?),
        None if can_be_direct => None,
        None => return Err("`group` is missing".to_owned()),
    };
    let member = if matches!(what, Happening::GroupCreated { .. }) {
        optional_person(fields, "member")?
    } else {
        Some(person(&fields.object("member")?)?)
    };
    Ok((group, member))
}

fn message(fields: &Fields<'_>, event_id: Text) -> Result<Message, String> {
    let content = fields
        .optional_word("content", &CONTENTS)?
        .unwrap_or_default();
    let files = fields.ids("files")?.unwrap_or_default();
    let needs_text = content == Content::Text && files.is_empty();
    let text = match fields.optional_text("text")? {
        Some(text) => text,
        None if needs_text => return Err("`text` is missing".to_owned()),
        None => Text::default(),
    };
    let links = match fields.ids("links")? {
        Some(links) => links,
        None => text::links_in(&text),
    };
    Ok(Message {
        id: fields.optional_id("message_id")?.unwrap_or(event_id),
        content,
        mentions: fields.ids("mentions")?.unwrap_or_default(),
        mentions_bot: fields.flag("mentions_bot")?,
        mentions_all: fields.flag("mentions_all")?,
        links,
        files,
        reply_to: fields.optional_id("reply_to")?,
        thread: fields.optional_id("thread")?,
        edited: fields.flag("edited")?,
        text,
    })
}

fn optional_person(fields: &Fields<'_>, name: &str) -> Result<Option<Person>, String> {
    let found = fields.optional_object(name)?;
    found.map(|found| person(&found)).transpose()
}

fn place(fields: &Fields<'_>) -> Result<Place, String> {
    Ok(Place {
        id: fields.id("id")?,
        name: fields.optional_text("name")?,
    })
}

fn person(fields: &Fields<'_>) -> Result<Person, String> {
    Ok(Person {
        id: fields.id("id")?,
        name: fields.optional_text("name")?,
        nick: fields.optional_text("nick")?,
        role: fields.optional_word("role", &ROLES)?,
        is_bot: fields.flag("is_bot")?,
    })
}

/// Names a message or a request that came without any id, so that an answer can point at it.
fn made_up(element: &Value, index: usize, arrived_at: i64) -> Text {
    let parts = [
        arrived_at.to_le_bytes().to_vec(),
        index.to_le_bytes().to_vec(),
        element.to_string().into_bytes(),
    ];
    let [at, index, body] = &parts;
    format!("{:016x}", hash_of(&[at, index, body])).into()
}

const ROLES: [(&str, Role); 3] = [
    (Role::Member.word(), Role::Member),
    (Role::Staff.word(), Role::Staff),
    (Role::Owner.word(), Role::Owner),
];

const CONTENTS: [(&str, Content); 8] = [
    (Content::Text.word(), Content::Text),
    (Content::Image.word(), Content::Image),
    (Content::File.word(), Content::File),
    (Content::Voice.word(), Content::Voice),
    (Content::Video.word(), Content::Video),
    (Content::Sticker.word(), Content::Sticker),
    (Content::Location.word(), Content::Location),
    (Content::Other.word(), Content::Other),
];
