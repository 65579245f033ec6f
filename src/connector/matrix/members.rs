//! `m.room.member`: one event type for everything between a person and a room. What happened follows
//! from the membership before and now, and from who did it (platforms/matrix.md §2).

use super::Matrix;
use super::transaction::{Decoded, OWN, Wire, name, text};
use crate::model::{Event, Happening, Person};
use serde_json::Value;

impl Matrix {
    pub(super) fn member(&self, wire: &Wire) -> Decoded {
        let user = wire.state_key.as_deref().filter(|id| id.starts_with('@'));
        let user = user.ok_or("malformed")?;
        if self.is_us(user) {
            return self.us(wire);
        }
        if self.is_ours(user) {
            return Err(OWN);
        }
        let before = wire.before();
        let now = wire.content["membership"].as_str().ok_or("malformed")?;
        let what = match (before["membership"].as_str().unwrap_or("leave"), now) {
            ("join", "join") => return self.profile(wire, user),
            ("invite", "join") if self.is_own_direct(wire) => {
                return Ok(vec![self.reachability(wire, user, true)]);
            }
            ("invite", "leave") if self.is_own_direct(wire) && wire.sender == user => {
                return Ok(vec![self.reachability(wire, user, false)]);
            }
            (was, "join") => {
                let invited = was == "invite";
                Happening::MemberJoined {
                    inviter: inviter(wire).filter(|_| invited).map(|id| self.person(id)),
                    source: invited.then(|| "invite".into()),
                }
            }
            ("ban", "ban") => return Err("ban_repeated"),
            (_, "ban") => Happening::MemberLeft {
                by: self.by_another(wire, user),
                banned: true,
            },
            ("join", "leave") => Happening::MemberLeft {
                by: self.by_another(wire, user),
                banned: false,
            },
            // What was before is not told: the fold drops it for somebody who was not there.
            (_, "leave") if before.is_null() => Happening::MemberLeft {
                by: self.by_another(wire, user),
                banned: false,
            },
            ("knock", "leave") => return Err("knock_ended"),
            ("invite", "leave") => return Err("invite_ended"),
            ("ban", "leave") => return Err("unban"),
            ("knock", "knock") => return Err("knock_repeated"),
            (_, "knock") => Happening::JoinRequested {
                handle: user.into(),
                answer: text(&wire.content["reason"]),
                inviter: None,
            },
            (_, "invite") => return Err("invite"),
            _ => return Err("m.room.member"),
        };
        // After a removal the content names nobody any more.
        let person = Person {
            name: name(&wire.content["displayname"]),
            ..self.person(user)
        };
        Ok(vec![self.event(wire, Some(person), what)])
    }

    /// A new name or picture of somebody who is in the room: not a join.
    fn profile(&self, wire: &Wire, user: &str) -> Decoded {
        let shown = name(&wire.content["displayname"]);
        if shown == name(&wire.before()["displayname"]) {
            return Err("profile");
        }
        let person = Person {
            name: shown,
            ..self.person(user)
        };
        Ok(vec![self.event(
            wire,
            Some(person),
            Happening::MemberChanged,
        )])
    }

    /// What befalls ourselves. With an invitation we are put into the room: it is taken up as soon as
    /// anything is asked of the room, and that is only done where a community claims it.
    fn us(&self, wire: &Wire) -> Decoded {
        let before = wire.before()["membership"].as_str();
        let what = match (before, wire.content["membership"].as_str()) {
            (Some("join"), Some("join")) => return Err(OWN),
            // Mostly the first event after the creation of a room, which told all that there is to
            // tell; if it opens a direct conversation, it must not pass for a group.
            (None, Some("join")) if self.is_us(&wire.sender) => return Err(OWN),
            (_, Some("join" | "invite")) => Happening::BotJoined,
            (Some("join" | "invite") | None, Some("leave" | "ban")) => {
                Happening::BotLeft { closed: false }
            }
            _ => return Err(OWN),
        };
        Ok(vec![self.event(wire, None, what)])
    }

    /// A member accepted or declined our invitation into a direct conversation.
    fn reachability(&self, wire: &Wire, user: &str, reachable: bool) -> Event {
        let what = Happening::ReachabilityChanged { reachable };
        Event {
            group: None,
            ..self.event(wire, Some(self.person(user)), what)
        }
    }

    /// True for the answer to our own invitation into a direct conversation.
    fn is_own_direct(&self, wire: &Wire) -> bool {
        wire.before()["is_direct"] == true && inviter(wire).is_some_and(|id| self.is_ours(id))
    }

    /// Who did it, unless the user did it.
    fn by_another(&self, wire: &Wire, user: &str) -> Option<Person> {
        (wire.sender != user).then(|| self.person(&wire.sender))
    }
}

/// Who sent the state event before: for a join after an invitation, the inviter.
fn inviter(wire: &Wire) -> Option<&str> {
    wire.unsigned.get("prev_sender").and_then(Value::as_str)
}
