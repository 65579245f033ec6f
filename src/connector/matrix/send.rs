//! Messages of ours: into a room, or into the direct conversation with a member, which is a room
//! found by an alias made from the member's id.

use super::Matrix;
use super::errors::{Said, Talk};
use super::outbound::{checked, encoded, room_of, room_path};
use super::render;
use super::room::room_id;
use crate::connector::{Next, Outcome};
use crate::model::{Effect, Post, Record, Refusal, RichText};
use serde_json::{Value, json};

/// Marks the creation of a direct conversation of ours, so that it is not taken for a new group.
pub(super) const DIRECT: &str = "org.steward.direct";

impl Matrix {
    pub(super) fn send_to_room(
        &self,
        effect: &Effect,
        post: &Post,
        talk: &mut Talk<'_>,
    ) -> Result<Outcome, Next> {
        self.send(&room_of(effect)?, effect, post, talk)
            .map(Outcome::Done)
    }

    /// The receipt's `room` tells which room is the conversation with that member: what they write
    /// there arrives as from a group of that id.
    pub(super) fn send_directly(
        &self,
        effect: &Effect,
        post: &Post,
        member: &str,
        talk: &mut Talk<'_>,
    ) -> Result<Outcome, Next> {
        // Before a room is opened for a message that cannot be sent.
        contents(post)?;
        let room = self.direct_room(checked(member, '@')?, talk)?;
        let mut told = self.send(&room_path(&room), effect, post, talk)?;
        told.insert("room".into(), room.as_str().into());
        Ok(Outcome::Done(told))
    }

    /// Finds or opens the room, and sees to it that the member is in it or invited.
    fn direct_room(&self, member: &str, talk: &mut Talk<'_>) -> Result<String, Next> {
        let local = self.alias("dm", member);
        let alias = encoded(&format!("#{local}:{}", self.server));
        match talk.ask(self.get(&format!("/v3/directory/room/{alias}")))? {
            Said::Yes(found) => {
                let room = room_id(&found)?;
                self.bring_in(&room, member, talk)?;
                Ok(room)
            }
            Said::No(no) if no.is_missing() => {
                let body = json!({
                    "preset": "private_chat", "is_direct": true, "invite": [member],
                    "room_alias_name": local, "creation_content": { DIRECT: true },
                });
                match talk.ask(self.post("/v3/createRoom", &body))? {
                    Said::Yes(made) => room_id(&made),
                    // Another attempt was quicker, or this one got only half way: look again.
                    Said::No(no) if no.errcode == "M_ROOM_IN_USE" => {
                        Err(Next::End(Outcome::RetryAfter {
                            after_ms: None,
                            reason: "the direct room has just been opened".to_owned(),
                        }))
                    }
                    Said::No(no) => Err(Next::End(no.outcome())),
                }
            }
            Said::No(no) => Err(Next::End(no.outcome())),
        }
    }

    /// Invites whoever left, or was never invited because the room's opening broke off. Who declined
    /// the invitation is not asked again.
    fn bring_in(&self, room: &str, member: &str, talk: &mut Talk<'_>) -> Result<(), Next> {
        let path = room_path(room);
        let state = format!("{path}/state/m.room.member/{}", encoded(member));
        let event = self.state(&path, &format!("{state}?format=event"), talk)?;
        match event["content"]["membership"].as_str() {
            Some("join" | "invite") => return Ok(()),
            Some("leave")
                if event["sender"] == member
                    && event["unsigned"]["prev_content"]["membership"] == "invite" =>
            {
                return Err(blocked(
                    "the invitation to a direct room was declined".to_owned(),
                ));
            }
            Some(_) | None => {}
        }
        let request = self.post(&format!("{path}/invite"), &json!({ "user_id": member }));
        match talk.ask(request)? {
            Said::No(no) if no.is_forbidden() => Err(blocked(no.reason())),
            Said::No(no) => Err(Next::End(no.outcome())),
            Said::Yes(_) => Ok(()),
        }
    }

    /// Sends every part under a transaction id of its own, then pins the first. A pin that is
    /// refused does not unsend the message: the receipt says `pinned: false`.
    fn send(
        &self,
        room: &str,
        effect: &Effect,
        post: &Post,
        talk: &mut Talk<'_>,
    ) -> Result<Record, Next> {
        let mut first = None;
        for (part, content) in contents(post)?.iter().enumerate() {
            let path = format!("{room}/send/m.room.message/{}.{part}", effect.id);
            let sent = self.demand_in_room(room, &self.put_once(&path, content), talk)?;
            let Some(id) = sent["event_id"].as_str() else {
                return Err(Next::End(Outcome::Broken {
                    reason: "the answer names no event".to_owned(),
                }));
            };
            first.get_or_insert_with(|| id.to_owned());
        }
        let mut told = Record::new();
        if let Some(id) = first {
            if post.pin {
                let pinned = match self.pin(room, &id, talk) {
                    Ok(_) => true,
                    Err(Next::End(Outcome::Refused { .. })) => false,
                    Err(next) => return Err(next),
                };
                told.insert("pinned".into(), pinned.into());
            }
            told.insert("message".into(), id.as_str().into());
        }
        Ok(told)
    }
}

/// The events of a post. Files are sent by address alone: there is no upload here.
fn contents(post: &Post) -> Result<Vec<Value>, Next> {
    let mut text = post.text.clone();
    let mut file = None;
    match post.file.as_deref() {
        Some(address) if address.starts_with("mxc://") => {
            let name = address.rsplit('/').next().unwrap_or(address);
            file = Some(json!({
                "msgtype": "m.file", "body": name, "url": address, "m.mentions": {},
            }));
        }
        Some(address) if address.starts_with("https://") || address.starts_with("http://") => {
            append_line(&mut text, address);
        }
        Some(other) => {
            return Err(invalid(format!(
                "cannot send `{other}`: a file needs an `mxc:` or `https:` address here"
            )));
        }
        None => {}
    }
    let mut contents = render::contents(&text);
    contents.extend(file);
    let first = contents
        .first_mut()
        .ok_or_else(|| invalid("there is nothing to send".to_owned()))?;
    if let Some(answered) = &post.reply_to {
        let answered = checked(answered, '$')?;
        first["m.relates_to"] = json!({ "m.in_reply_to": { "event_id": answered } });
    }
    Ok(contents)
}

fn append_line(text: &mut RichText, line: &str) {
    if !text.is_blank() {
        text.push_text("\n");
    }
    text.push_text(line);
}

fn invalid(reason: String) -> Next {
    Next::End(Outcome::Refused {
        because: Refusal::Invalid,
        reason,
    })
}

fn blocked(reason: String) -> Next {
    Next::End(Outcome::Refused {
        because: Refusal::Blocked,
        reason,
    })
}
