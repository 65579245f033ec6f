//! A platform inside the daemon, for trying things: it takes the generic event form without a
//! signature, and whatever it is asked to do has happened at once. It reaches nobody, so it belongs
//! on loopback.

#[cfg(test)]
mod tests;

use super::webhook::decode::{self, Envelope};
use super::webhook::only_post_at_the_root;
use super::{
    Answer, Connector, Errand, ErrandNext, ErrandResult, Error, Health, Next, Outcome, Payload,
    Rate, Received,
};
use crate::model::{Action, Effect, Record, Text, Value};

/// The sandbox.
#[derive(Debug)]
pub(super) struct Sandbox {
    name: Text,
}

impl Sandbox {
    pub(super) fn new(name: &Text) -> Self {
        Self { name: name.clone() }
    }
}

impl Connector for Sandbox {
    fn receive(&self, payload: &Payload<'_>) -> Result<Received, Error> {
        only_post_at_the_root(payload)?;
        let envelope = Envelope {
            connector: &self.name,
            id: payload.headers.get("webhook-id"),
            arrived_at: payload.arrived_at,
        };
        decode::read(payload.body, envelope).map_err(Error::Undecodable)
    }

    fn drive(&self, effect: &Effect, _answers: &[Answer]) -> Next {
        Next::End(Outcome::Done(results(effect)))
    }

    fn run_errand(&self, errand: &Errand, _answers: &[Answer]) -> ErrandNext {
        ErrandNext::End(match errand {
            Errand::Roster { .. } | Errand::Connect { .. } => ErrandResult::NotOffered,
            Errand::Health => ErrandResult::Health(Health {
                about: "the sandbox inside this daemon".to_owned(),
                ..Health::default()
            }),
        })
    }

    fn default_rate(&self) -> Rate {
        Rate::OFF
    }
}

/// Made-up names, the same for the same effect.
fn results(effect: &Effect) -> Record {
    let name = format!("sandbox-{}", effect.id);
    let link = format!("https://sandbox.invalid/join/{}", effect.id);
    let fields: Vec<(&str, String)> = match &effect.action {
        Action::SendMessage(_) => vec![("message", name)],
        Action::CreateGroup { .. } => vec![("group", name), ("link", link)],
        Action::CreateInviteLink { .. } => vec![("link", link)],
        Action::AddReaction { .. }
        | Action::DeleteMessage { .. }
        | Action::PinMessage { .. }
        | Action::MuteMember { .. }
        | Action::UnmuteMember { .. }
        | Action::RemoveMember { .. }
        | Action::BanMember { .. }
        | Action::UnbanMember { .. }
        | Action::InviteMember { .. }
        | Action::CloseGroup { .. }
        | Action::AdmitMember { .. }
        | Action::DeclineMember { .. }
        | Action::CallEndpoint { .. } => Vec::new(),
    };
    let fields = fields
        .into_iter()
        .map(|(name, text)| (name.into(), Value::text(text)));
    fields.collect()
}
