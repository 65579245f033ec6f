//! Effects as calls to the homeserver (platforms/matrix.md §3).

use super::Matrix;
use super::errors::{Said, Talk};
use super::outbound::{checked, encoded, room_of};
use super::power::{Change, Levels};
use crate::connector::{Answer, Next, Outcome};
use crate::model::{Action, Effect, Record, Refusal};
use serde_json::{Value, json};

impl Matrix {
    /// What to do next for the effect.
    pub(super) fn next(&self, effect: &Effect, answers: &[Answer]) -> Next {
        let mut talk = Talk::new(answers);
        match self.carry_out(effect, &mut talk) {
            Ok(outcome) => Next::End(outcome),
            Err(next) => next,
        }
    }

    fn carry_out(&self, effect: &Effect, talk: &mut Talk<'_>) -> Result<Outcome, Next> {
        match &effect.action {
            Action::SendMessage(post) => match &post.to_member {
                Some(member) => self.send_directly(effect, post, member, talk),
                None => self.send_to_room(effect, post, talk),
            },
            Action::AddReaction { message, emoji } => self.react(effect, message, emoji, talk),
            Action::DeleteMessage { message } => self.redact(effect, message, talk),
            Action::PinMessage { message } => self.pin(&room_of(effect)?, message, talk),
            Action::MuteMember { member, .. } => {
                self.change_levels(effect, talk, |levels| levels.mute(member))
            }
            Action::UnmuteMember { member } => {
                self.change_levels(effect, talk, |levels| levels.unmute(member))
            }
            Action::CloseGroup { .. } => self.change_levels(effect, talk, Levels::close),
            Action::RemoveMember { member, reason } => self.remove(effect, member, reason, talk),
            Action::BanMember { member, reason } => self.ban(effect, member, reason, talk),
            Action::UnbanMember { member } => self.unban(effect, member, talk),
            Action::InviteMember { member } | Action::AdmitMember { member, .. } => {
                self.invite(effect, member, talk)
            }
            Action::DeclineMember { member, reason, .. } => {
                self.decline(effect, member, reason, talk)
            }
            Action::CreateGroup {
                name,
                topic,
                invite,
                key,
            } => self.create_group(name, topic, invite, key, talk),
            Action::CreateInviteLink { .. } | Action::CallEndpoint { .. } => {
                Ok(Outcome::unsupported(&effect.action))
            }
        }
    }

    fn react(
        &self,
        effect: &Effect,
        message: &str,
        emoji: &str,
        talk: &mut Talk<'_>,
    ) -> Result<Outcome, Next> {
        let room = room_of(effect)?;
        let body = json!({ "m.relates_to": {
            "rel_type": "m.annotation", "event_id": checked(message, '$')?, "key": emoji,
        }});
        let path = format!("{room}/send/m.reaction/{}", effect.id);
        match self.ask_in_room(&room, &self.put_once(&path, &body), talk)? {
            Said::Yes(_) => Ok(Outcome::done()),
            Said::No(no) if no.errcode == "M_DUPLICATE_ANNOTATION" => {
                Ok(Outcome::Already(Record::new()))
            }
            Said::No(no) => Ok(no.outcome()),
        }
    }

    fn redact(&self, effect: &Effect, message: &str, talk: &mut Talk<'_>) -> Result<Outcome, Next> {
        let room = room_of(effect)?;
        let message = encoded(checked(message, '$')?);
        let path = format!("{room}/redact/{message}/{}", effect.id);
        self.demand_in_room(&room, &self.put_once(&path, &json!({})), talk)?;
        Ok(Outcome::done())
    }

    /// Adds to what is pinned in the room of that path.
    pub(super) fn pin(
        &self,
        room: &str,
        message: &str,
        talk: &mut Talk<'_>,
    ) -> Result<Outcome, Next> {
        checked(message, '$')?;
        let path = format!("{room}/state/m.room.pinned_events");
        let mut pinned = match self.state(room, &path, talk)?["pinned"].take() {
            Value::Array(pinned) => pinned,
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Object(_) => Vec::new(),
        };
        if pinned.iter().any(|known| known == message) {
            return Ok(Outcome::Already(Record::new()));
        }
        pinned.push(message.into());
        talk.demand(self.put(&path, &json!({ "pinned": pinned })))?;
        Ok(Outcome::done())
    }

    fn change_levels(
        &self,
        effect: &Effect,
        talk: &mut Talk<'_>,
        change: impl FnOnce(Levels) -> Change,
    ) -> Result<Outcome, Next> {
        let room = room_of(effect)?;
        let path = format!("{room}/state/m.room.power_levels");
        match change(Levels::new(&self.state(&room, &path, talk)?)) {
            Change::Write(content) => {
                talk.demand(self.put(&path, &content))?;
                Ok(Outcome::done())
            }
            Change::Already => Ok(Outcome::Already(Record::new())),
            Change::Protected => Ok(Outcome::Refused {
                because: Refusal::Forbidden,
                reason: "staff of the room cannot be muted".to_owned(),
            }),
        }
    }
}
