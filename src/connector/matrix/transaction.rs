//! Transactions of the homeserver as events (platforms/matrix.md §2).
//!
//! A transaction that is refused blocks the homeserver's whole queue, so every one with readable
//! JSON is taken; an event in it that makes no sense is counted and passed over.

use super::Matrix;
use super::power::{Levels, creators};
use super::send::DIRECT;
use crate::connector::{Error, Received, Reply};
use crate::model::limits::{NAME_CHARS_MAX, TEXT_CHARS_MAX};
use crate::model::{Event, Happening, Millis, Person, Place, Role, Text};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeSet;

/// Events of others that mean nothing to us, by name; all further ones are counted as `other`, so
/// that nobody can invent names without end.
const UNUSED: [&str; 17] = [
    "m.room.aliases",
    "m.room.avatar",
    "m.room.canonical_alias",
    "m.room.encrypted",
    "m.room.encryption",
    "m.room.guest_access",
    "m.room.history_visibility",
    "m.room.join_rules",
    "m.room.member",
    "m.room.message",
    "m.room.pinned_events",
    "m.room.power_levels",
    "m.room.server_acl",
    "m.room.third_party_invite",
    "m.room.topic",
    "m.space.child",
    "m.space.parent",
];
/// Counted for what our own users did.
pub(super) const OWN: &str = "own";
/// Counted for the opening of a direct conversation of ours.
const OWN_DIRECT: &str = "own_direct";

/// A transaction's body. Events stay raw at first: one odd event must not spoil the others.
#[derive(Deserialize)]
struct Transaction<'a> {
    #[serde(borrow, default)]
    events: Vec<&'a RawValue>,
}

/// An event in the client format, as a homeserver pushes it.
#[derive(Deserialize)]
pub(super) struct Wire {
    pub(super) event_id: Text,
    pub(super) room_id: Text,
    pub(super) sender: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    pub(super) state_key: Option<String>,
    #[serde(default)]
    origin_server_ts: Value,
    #[serde(default)]
    pub(super) content: Value,
    #[serde(default)]
    pub(super) unsigned: Value,
    #[serde(default)]
    prev_content: Value,
    #[serde(default)]
    redacts: Value,
}

/// The events of one wire event, or the name under which it is counted as ignored.
pub(super) type Decoded = Result<Vec<Event>, &'static str>;

impl Matrix {
    /// All events of a transaction, in order.
    pub(super) fn decode(&self, body: &[u8]) -> Result<Received, Error> {
        let transaction: Transaction<'_> = serde_json::from_slice(body).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            Error::Undecodable(format!("no transaction at line {line}, column {column}"))
        })?;
        let mut received = Received {
            reply: Reply::json(200, "{}"),
            ..Received::default()
        };
        for raw in transaction.events {
            let decoded = serde_json::from_str::<Wire>(raw.get())
                .map_or(Err("malformed"), |wire| self.decode_one(&wire));
            match decoded {
                Ok(events) => received.events.extend(events),
                Err(kind) => received.ignored.push(kind.into()),
            }
        }
        Ok(received)
    }

    fn decode_one(&self, wire: &Wire) -> Decoded {
        // The same types can be sent as messages: then they state nothing about the room.
        let is_state = wire.state_key.as_deref() == Some("");
        match wire.kind.as_str() {
            "m.room.member" => self.member(wire),
            "m.room.message" => self.message(wire),
            "m.sticker" => self.sticker(wire),
            "m.reaction" => self.reaction(wire),
            "m.room.redaction" => self.redaction(wire),
            "m.room.power_levels" if is_state => self.power_levels(wire),
            "m.room.create" if is_state => self.created(wire),
            "m.room.name" if is_state => {
                let mut event = self.event(wire, None, Happening::GroupRenamed);
                if let Some(group) = &mut event.group {
                    group.name = name(&wire.content["name"]);
                }
                Ok(vec![event])
            }
            "m.room.tombstone" if is_state => {
                let room = wire.content["replacement_room"].as_str();
                let new_id = room.filter(|room| room.starts_with('!'));
                let new_id = new_id.ok_or("malformed")?.into();
                Ok(vec![self.event(
                    wire,
                    None,
                    Happening::GroupMoved { new_id },
                )])
            }
            kind => Err(unused(kind)),
        }
    }

    fn reaction(&self, wire: &Wire) -> Decoded {
        if self.is_ours(&wire.sender) {
            return Err(OWN);
        }
        let relation = &wire.content["m.relates_to"];
        // A key is any text: one that is too long to be an emoji is cut as a name is.
        let (Some(message), Some(emoji)) = (relation["event_id"].as_str(), name(&relation["key"]))
        else {
            return Err("malformed");
        };
        let what = Happening::ReactionChanged {
            message: message.into(),
            emoji,
            removed: false,
        };
        Ok(vec![self.event(
            wire,
            Some(self.person(&wire.sender)),
            what,
        )])
    }

    /// Room version 11 moved `redacts` into the content. A reaction that is taken back arrives like
    /// this too: only its own id is told, which no rule knows.
    fn redaction(&self, wire: &Wire) -> Decoded {
        let inside = wire.content["redacts"].as_str();
        let message = inside
            .or_else(|| wire.redacts.as_str())
            .ok_or("malformed")?;
        let message = message.into();
        Ok(vec![self.event(
            wire,
            None,
            Happening::MessageDeleted { message },
        )])
    }

    fn created(&self, wire: &Wire) -> Decoded {
        let ours = self.is_ours(&wire.sender);
        if ours && wire.content[DIRECT] == true {
            return Err(OWN_DIRECT);
        }
        let creator = Person {
            role: Some(Role::Owner),
            ..self.person(&wire.sender)
        };
        let creator = Some(creator);
        let mut events = vec![self.event(wire, None, Happening::GroupCreated { creator })];
        if self.is_us(&wire.sender) {
            events.push(self.part(wire, "bot_joined", None, Happening::BotJoined));
        }
        let create = serde_json::json!({ "sender": wire.sender, "content": wire.content });
        if creators(&create).into_iter().any(|user| self.is_us(user)) {
            let role = Role::Owner;
            events.push(self.part(wire, "bot_role", None, Happening::BotRole { role }));
        }
        Ok(events)
    }

    /// Roles and mutes of everyone whose level is another one than before.
    fn power_levels(&self, wire: &Wire) -> Decoded {
        if wire.before().is_null() && self.is_us(&wire.sender) {
            // Part of the opening of a room by us, which may be a direct conversation.
            return Err(OWN);
        }
        let before = Levels::new(wire.before());
        let now = Levels::new(&wire.content);
        let users: BTreeSet<&str> = before.users().chain(now.users()).collect();
        let mut events = Vec::new();
        for user in users {
            let role = now.role(user);
            let changed = role != before.role(user);
            if self.is_us(user) {
                if changed {
                    events.push(self.part(wire, "bot_role", None, Happening::BotRole { role }));
                }
                continue;
            }
            if self.is_ours(user) || !user.starts_with('@') {
                continue;
            }
            if changed {
                let person = Person {
                    role: Some(role),
                    ..self.person(user)
                };
                events.push(self.part(wire, "role", Some(person), Happening::MemberChanged));
            }
            if now.is_muted(user) != before.is_muted(user) {
                // A level has no end: somebody has to lift it.
                let until = now.is_muted(user).then_some(Millis::MAX);
                let person = Some(self.person(user));
                events.push(self.part(wire, "mute", person, Happening::MuteChanged { until }));
            }
        }
        if events.is_empty() {
            return Err("m.room.power_levels");
        }
        Ok(events)
    }

    /// An event of ours from a wire event that means just one.
    pub(super) fn event(&self, wire: &Wire, member: Option<Person>, what: Happening) -> Event {
        Event {
            connector: self.name.clone(),
            id: Some(wire.event_id.clone()),
            happened_at: wire.origin_server_ts.as_i64(),
            group: Some(Place {
                id: wire.room_id.clone(),
                name: None,
            }),
            member,
            what,
        }
    }

    /// One of several events from a wire event: each needs an id of its own.
    fn part(&self, wire: &Wire, part: &str, member: Option<Person>, what: Happening) -> Event {
        let about = member.as_ref().map_or("", |person| &person.id);
        let id = format!("{}/{part}/{about}", wire.event_id).into();
        Event {
            id: Some(id),
            ..self.event(wire, member, what)
        }
    }

    /// A person by id alone.
    pub(super) fn person(&self, id: &str) -> Person {
        Person {
            id: id.into(),
            is_bot: self.is_ours(id),
            ..Person::default()
        }
    }
}

impl Wire {
    /// The content of the state event that this one replaces; null where there was none.
    pub(super) fn before(&self) -> &Value {
        let inside = &self.unsigned["prev_content"];
        if inside.is_null() {
            &self.prev_content
        } else {
            inside
        }
    }
}

/// A display name, cut to what is kept; blank ones count as none.
pub(super) fn name(value: &Value) -> Option<Text> {
    let name: String = value.as_str()?.chars().take(NAME_CHARS_MAX).collect();
    (!name.trim().is_empty()).then(|| name.into())
}

/// What somebody wrote, cut to what rules see.
pub(super) fn text(value: &Value) -> Text {
    let text = value.as_str().unwrap_or_default();
    text.chars().take(TEXT_CHARS_MAX).collect::<String>().into()
}

fn unused(kind: &str) -> &'static str {
    let known = UNUSED.into_iter().find(|known| *known == kind);
    known.unwrap_or("other")
}
