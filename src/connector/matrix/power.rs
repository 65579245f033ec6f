//! Power levels: who may do what in a room. One state event holds all of them and there is no
//! compare-and-swap, so every change reads it anew (platforms/matrix.md §3).

use crate::model::Role;
use serde_json::{Map, Value, json};

/// The level that may not speak: below the 0 that speaking needs by default.
const MUTED: i64 = -1;
/// The level at which Matrix's own presets make somebody a moderator.
const STAFF: i64 = 50;
/// The level at which Matrix's own presets make somebody an administrator.
const OWNER: i64 = 100;
/// Events that people speak with; an own entry under `events` beats `events_default`.
const SPEECH: [&str; 4] = [
    "m.room.message",
    "m.room.encrypted",
    "m.reaction",
    "m.sticker",
];

/// The content of an `m.room.power_levels` event.
pub(super) struct Levels(Map<String, Value>);

/// What a change of the levels comes to.
#[derive(Debug, PartialEq)]
pub(super) enum Change {
    /// Write this content.
    Write(Value),
    /// It is so already.
    Already,
    /// It would take away more than was asked.
    Protected,
}

impl Levels {
    /// From the event's content; anything else counts as a room without the event.
    pub(super) fn new(content: &Value) -> Self {
        Self(content.as_object().cloned().unwrap_or_default())
    }

    /// The level of a user.
    pub(super) fn of(&self, user: &str) -> i64 {
        self.own(user).unwrap_or_else(|| self.default_of_users())
    }

    /// The users with a level of their own.
    pub(super) fn users(&self) -> impl Iterator<Item = &str> {
        self.table("users")
            .into_iter()
            .flat_map(Map::keys)
            .map(String::as_str)
    }

    /// The standing of a user.
    pub(super) fn role(&self, user: &str) -> Role {
        role(self.of(user))
    }

    /// True for a user who is kept from speaking by a level of their own.
    pub(super) fn is_muted(&self, user: &str) -> bool {
        self.of(user) < 0
    }

    /// The user may not speak. Staff keep their level: it could not be given back afterwards.
    pub(super) fn mute(mut self, user: &str) -> Change {
        if self.is_muted(user) {
            return Change::Already;
        }
        if self.role(user) > Role::Member {
            return Change::Protected;
        }
        let users = self.0.entry("users").or_insert_with(|| json!({}));
        if !users.is_object() {
            *users = json!({});
        }
        if let Some(users) = users.as_object_mut() {
            users.insert(user.to_owned(), MUTED.into());
        }
        Change::Write(Value::Object(self.0))
    }

    /// The user is again as everyone else.
    pub(super) fn unmute(mut self, user: &str) -> Change {
        if self.own(user).is_none_or(|level| level >= 0) {
            return Change::Already;
        }
        if let Some(users) = self.0.get_mut("users").and_then(Value::as_object_mut) {
            users.shift_remove(user);
        }
        Change::Write(Value::Object(self.0))
    }

    /// Nobody but owners may speak.
    pub(super) fn close(mut self) -> Change {
        let mut open = self.number("events_default").unwrap_or(0) < OWNER;
        let low: Vec<&str> = SPEECH
            .into_iter()
            .filter(|kind| {
                let level = self.table("events").and_then(|events| events.get(*kind));
                level.and_then(number).is_some_and(|level| level < OWNER)
            })
            .collect();
        open |= !low.is_empty();
        if !open {
            return Change::Already;
        }
        self.0.insert("events_default".to_owned(), OWNER.into());
        if let Some(events) = self.0.get_mut("events").and_then(Value::as_object_mut) {
            for kind in low {
                events.insert(kind.to_owned(), OWNER.into());
            }
        }
        Change::Write(Value::Object(self.0))
    }

    fn own(&self, user: &str) -> Option<i64> {
        self.table("users")?.get(user).and_then(number)
    }

    fn default_of_users(&self) -> i64 {
        self.number("users_default").unwrap_or(0)
    }

    fn number(&self, field: &str) -> Option<i64> {
        self.0.get(field).and_then(number)
    }

    fn table(&self, field: &str) -> Option<&Map<String, Value>> {
        self.0.get(field)?.as_object()
    }
}

/// The standing at a level.
fn role(level: i64) -> Role {
    if level >= OWNER {
        Role::Owner
    } else if level >= STAFF {
        Role::Staff
    } else {
        Role::Member
    }
}

/// Rooms before version 10 hold levels as text too.
fn number(value: &Value) -> Option<i64> {
    value
        .as_i64()
        .or_else(|| value.as_str()?.trim().parse().ok())
}

/// Who created a room whose creators stand above all levels and in no table of them (room version
/// 12, whose ids have no server part): from its whole `m.room.create` event.
pub(super) fn creators(create: &Value) -> Vec<&str> {
    let named = create["content"]["additional_creators"].as_array();
    let named = named.into_iter().flatten().filter_map(Value::as_str);
    create["sender"].as_str().into_iter().chain(named).collect()
}

/// True for the id of a room whose creators stand above all levels.
pub(super) fn has_creators(room: &str) -> bool {
    !room.contains(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(content: &Value) -> Levels {
        Levels::new(content)
    }

    #[test]
    fn a_mute_and_its_end_leave_all_else_as_it_was() {
        let before = json!({"ban": 50, "users": {"@s:x": 50}, "users_default": 0, "odd": [1]});
        let Change::Write(muted) = levels(&before).mute("@a:x") else {
            panic!("not written")
        };
        assert_eq!(
            muted,
            json!({"ban": 50, "users": {"@s:x": 50, "@a:x": -1}, "users_default": 0, "odd": [1]})
        );
        assert_eq!(levels(&muted).mute("@a:x"), Change::Already);
        assert_eq!(levels(&muted).unmute("@a:x"), Change::Write(before.clone()));
        assert_eq!(levels(&before).unmute("@a:x"), Change::Already);
    }

    #[test]
    fn staff_are_not_muted() {
        let staff = json!({"users": {"@s:x": "50"}});
        assert_eq!(levels(&staff).mute("@s:x"), Change::Protected);
    }

    #[test]
    fn levels_that_make_no_sense_count_as_none() {
        for odd in [
            json!(null),
            json!([]),
            json!({"users": 7}),
            json!({"users": {"@a:x": {}}}),
        ] {
            assert_eq!(levels(&odd).of("@a:x"), 0, "{odd}");
            assert!(
                matches!(levels(&odd).mute("@a:x"), Change::Write(_)),
                "{odd}"
            );
            assert_eq!(levels(&odd).unmute("@a:x"), Change::Already, "{odd}");
        }
    }

    #[test]
    fn closing_also_closes_what_has_a_level_of_its_own() {
        let open = json!({"events_default": 0, "events": {"m.reaction": 0, "m.room.name": 50}});
        let closed =
            json!({"events_default": 100, "events": {"m.reaction": 100, "m.room.name": 50}});
        assert_eq!(levels(&open).close(), Change::Write(closed.clone()));
        assert_eq!(levels(&closed).close(), Change::Already);
    }
}
