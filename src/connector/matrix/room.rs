//! Rooms: opening one, and calls in one that we may first have to enter.

use super::errors::{No, Said, Talk};
use super::outbound::{encoded, matrix_to, room_path};
use super::{Matrix, PREFIX};
use crate::connector::{Next, Outcome, Request};
use crate::model::{Hash, Record, Text, Value as Told, hash_of};
use serde_json::{Value, json};

impl Matrix {
    /// Opens a room under an alias made from the key, so that a repetition finds the first one, and
    /// invites one by one, so that nobody's refusal spoils the room.
    pub(super) fn create_group(
        &self,
        name: &str,
        topic: &str,
        invite: &[Text],
        key: &str,
        talk: &mut Talk<'_>,
    ) -> Result<Outcome, Next> {
        let local = self.alias("group", key);
        let alias = format!("#{local}:{}", self.server);
        let body = json!({
            "name": name, "topic": topic, "preset": "private_chat", "room_alias_name": local,
        });
        let (room, fresh) = match talk.ask(self.post("/v3/createRoom", &body))? {
            Said::Yes(made) => (room_id(&made)?, true),
            Said::No(no) if no.errcode == "M_ROOM_IN_USE" => {
                let path = format!("/v3/directory/room/{}", encoded(&alias));
                (room_id(&talk.demand(self.get(&path))?)?, false)
            }
            Said::No(no) => return Ok(no.outcome()),
        };
        let mut absent = Vec::new();
        for member in invite {
            let path = format!("{}/invite", room_path(&room));
            match talk.ask(self.post(&path, &json!({ "user_id": member })))? {
                Said::Yes(_) => {}
                // A refusal on a repetition mostly means that they are in already.
                Said::No(no) if no.is_forbidden() && !fresh => {}
                Said::No(_) => absent.push(Told::Text(member.clone())),
            }
        }
        let mut told = Record::new();
        told.insert("group".into(), room.as_str().into());
        told.insert("link".into(), matrix_to(&alias).as_str().into());
        if !absent.is_empty() {
            told.insert("not_invited".into(), Told::List(absent));
        }
        Ok(if fresh {
            Outcome::Done(told)
        } else {
            Outcome::Already(told)
        })
    }

    /// The local part of an alias of ours, the same for the same key.
    pub(super) fn alias(&self, kind: &str, key: &str) -> String {
        let hash = Hash(hash_of(&[
            kind.as_bytes(),
            self.user.as_bytes(),
            key.as_bytes(),
        ]));
        format!("{PREFIX}{kind}_{hash}").to_lowercase()
    }

    /// Asks; where that is forbidden, joins the room – we may be invited – and asks once more.
    pub(super) fn ask_in_room(
        &self,
        room: &str,
        request: &Request,
        talk: &mut Talk<'_>,
    ) -> Result<Said, Next> {
        match talk.ask(request.clone())? {
            Said::Yes(value) => Ok(Said::Yes(value)),
            Said::No(no) if no.is_forbidden() => {
                match talk.ask(self.post(&format!("{room}/join"), &json!({})))? {
                    Said::Yes(_) => talk.ask(request.clone()),
                    Said::No(_) => self.blame(no, talk),
                }
            }
            Said::No(no) => Ok(Said::No(no)),
        }
    }

    /// As [`Matrix::ask_in_room`], where every refusal is final.
    pub(super) fn demand_in_room(
        &self,
        room: &str,
        request: &Request,
        talk: &mut Talk<'_>,
    ) -> Result<Value, Next> {
        match self.ask_in_room(room, request, talk)? {
            Said::Yes(value) => Ok(value),
            Said::No(no) => Err(Next::End(no.outcome())),
        }
    }

    /// A homeserver that does not know our user forbids everything: that is not this room's refusal.
    fn blame(&self, no: No, talk: &mut Talk<'_>) -> Result<Said, Next> {
        match talk.ask(self.get("/v3/account/whoami"))? {
            Said::Yes(_) => Ok(Said::No(no)),
            Said::No(other) if !other.is_forbidden() => Ok(Said::No(no)),
            Said::No(unknown) => Err(Next::End(Outcome::Stop {
                reason: format!(
                    "`{}` is not registered, run `steward connect`: {}",
                    self.user,
                    unknown.reason()
                ),
            })),
        }
    }

    /// A room's state event under that path; null where the room has none.
    pub(super) fn state(&self, room: &str, path: &str, talk: &mut Talk<'_>) -> Result<Value, Next> {
        match self.ask_in_room(room, &self.get(path), talk)? {
            Said::Yes(content) => Ok(content),
            Said::No(no) if no.is_missing() => Ok(Value::Null),
            Said::No(no) => Err(Next::End(no.outcome())),
        }
    }
}

/// The `room_id` of an answer.
pub(super) fn room_id(answer: &Value) -> Result<String, Next> {
    let room = answer["room_id"].as_str().filter(|id| id.starts_with('!'));
    room.map(str::to_owned).ok_or_else(|| {
        Next::End(Outcome::Broken {
            reason: "the answer names no room".to_owned(),
        })
    })
}
