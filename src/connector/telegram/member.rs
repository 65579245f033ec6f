//! Who is in a group, by `chat_member` and `my_chat_member` (platforms/telegram.md §1).
//!
//! One join is two updates: a `chat_member` and a service message `new_chat_members`; one leave
//! likewise. Both are told, since large groups stop the service messages and a bot that is no
//! administrator gets no `chat_member`; the fold drops the join of a present member and the leave
//! of an absent one.

use super::json::{int, is_true, text};
use super::update::{Reading, Scene, person, scene};
use crate::model::{Happening, Millis, Person, Role, Text, time};
use serde_json::Value;

/// A mute without an end.
const FOREVER: Millis = Millis::MAX;

/// One side of a change.
#[derive(Clone, Copy, PartialEq)]
struct Standing {
    present: bool,
    banned: bool,
    role: Role,
    /// Until when they may not write; `None` means they may.
    muted: Option<Millis>,
}

/// A member's standing changed.
pub(super) fn changed(reading: &mut Reading<'_>, change: &Value) {
    let Some(sides) = Sides::read(change) else {
        return reading.ignore("chat_member.unreadable");
    };
    if sides.scene.group.is_none() || reading.is_own(sides.user) {
        // Our own standing comes as `my_chat_member`.
        return reading.ignore("chat_member.other");
    }
    let Some(member) = person(sides.user) else {
        return reading.ignore("chat_member.anonymous");
    };
    let (old, new) = (sides.old, sides.new);
    let member = Person {
        role: new.present.then_some(new.role),
        ..member
    };
    let mut news = Vec::new();
    if new.present && !old.present {
        news.push(Happening::MemberJoined {
            source: source(change, sides.actor.as_ref()),
            // Who came by a link was brought by nobody; after a request the actor is the approver.
            inviter: sides.actor.filter(|_| {
                change.get("invite_link").is_none() && !is_true(change, "via_join_request")
            }),
        });
    } else if !new.present && (old.present || (new.banned && !old.banned)) {
        news.push(Happening::MemberLeft {
            by: sides.actor,
            banned: new.banned,
        });
    } else if new.present && new.role != old.role {
        news.push(Happening::MemberChanged);
    }
    // Somebody who left keeps a mute, and has it again after a new join.
    let muted_before = old.muted.filter(|_| old.present);
    if new.present && new.muted != muted_before {
        news.push(Happening::MuteChanged { until: new.muted });
    }
    if news.is_empty() {
        return reading.ignore("chat_member.rights");
    }
    for what in news {
        reading.tell(&sides.scene, Some(member.clone()), what);
    }
}

/// The bot's own standing changed; in a private chat: the person blocked the bot, or took it back.
pub(super) fn own(reading: &mut Reading<'_>, change: &Value) {
    let Some(sides) = Sides::read(change) else {
        return reading.ignore("my_chat_member.unreadable");
    };
    let (old, new) = (sides.old, sides.new);
    if sides.scene.group.is_none() {
        let what = Happening::ReachabilityChanged {
            reachable: new.present,
        };
        return reading.tell(&sides.scene, person(change.get("from")), what);
    }
    if old.present && !new.present {
        return reading.tell(&sides.scene, None, Happening::BotLeft { closed: false });
    }
    let joined = new.present && !old.present;
    if joined {
        reading.tell(&sides.scene, None, Happening::BotJoined);
    }
    let known = if joined { Role::Member } else { old.role };
    if new.present && new.role != known {
        reading.tell(&sides.scene, None, Happening::BotRole { role: new.role });
    } else if !joined {
        reading.ignore("my_chat_member.rights");
    }
}

struct Sides<'a> {
    scene: Scene,
    user: Option<&'a Value>,
    old: Standing,
    new: Standing,
    /// Who did it, when it was not the member themselves.
    actor: Option<Person>,
}

impl<'a> Sides<'a> {
    fn read(change: &'a Value) -> Option<Self> {
        let new = change.get("new_chat_member")?;
        let user = new.get("user");
        let actor = person(change.get("from"));
        let own_deed =
            actor.as_ref().map(|actor| &*actor.id) == person(user).as_ref().map(|user| &*user.id);
        Some(Self {
            scene: scene(change, Some("date"))?,
            user,
            old: standing(change.get("old_chat_member")?)?,
            new: standing(new)?,
            actor: actor.filter(|_| !own_deed),
        })
    }
}

/// Reads a `ChatMember`; `None` for a status that we do not know.
fn standing(of: &Value) -> Option<Standing> {
    let member = |present| Standing {
        present,
        banned: false,
        role: Role::Member,
        muted: None,
    };
    Some(match text(of, "status")? {
        "creator" => Standing {
            role: Role::Owner,
            ..member(true)
        },
        "administrator" => Standing {
            role: Role::Staff,
            ..member(true)
        },
        "member" => member(true),
        // A restricted person can be outside: `is_member` tells.
        "restricted" => Standing {
            muted: mute(of),
            ..member(is_true(of, "is_member"))
        },
        "left" => member(false),
        "kicked" => Standing {
            banned: true,
            ..member(false)
        },
        _ => return None,
    })
}

fn mute(of: &Value) -> Option<Millis> {
    if of.get("can_send_messages").and_then(Value::as_bool) != Some(false) {
        return None;
    }
    match int(of, "until_date") {
        None | Some(0) => Some(FOREVER),
        Some(until) => Some(until.saturating_mul(time::SECOND)),
    }
}

/// Where a member came from: the invite link's name, else by approval, else brought by somebody.
fn source(change: &Value, actor: Option<&Person>) -> Option<Text> {
    let link = change
        .get("invite_link")
        .and_then(|link| text(link, "name"));
    match link {
        Some(name) if !name.is_empty() => Some(name.into()),
        Some(_) | None if is_true(change, "via_join_request") => Some("approve".into()),
        Some(_) | None => actor.map(|_| "invite".into()),
    }
}
