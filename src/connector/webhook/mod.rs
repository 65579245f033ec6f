//! The generic connector: Standard Webhooks both ways (platforms/standard-webhooks.md). What comes
//! in stands in [`decode`], what goes out in [`encode`]. An answer of 2xx is "done", and its JSON
//! body may tell `message`, `group` and `link`; 408, 425, 429 and 5xx are tried again; 410 and
//! other 4xx are refusals; a redirect is a failure and never followed.

pub(super) mod decode;
mod encode;
mod fields;
pub(super) mod peer;
pub(super) mod signature;

#[cfg(test)]
mod tests;

use super::{
    Answer, BadSettings, Connector, Errand, ErrandNext, ErrandResult, Error, Next, Outcome,
    Payload, Rate, Received, Request,
};
use crate::model::{Effect, Millis, Text};
use decode::Envelope;
use peer::Peer;
use secrecy::SecretString;
use signature::Keys;

/// A peer that speaks Standard Webhooks.
#[derive(Debug)]
pub(super) struct Webhook {
    name: Text,
    keys: Keys,
    /// Without an address it only listens.
    peer: Option<Peer>,
}

impl Webhook {
    pub(super) fn new(
        name: &Text,
        url: Option<&str>,
        secrets: &[SecretString],
    ) -> Result<Self, BadSettings> {
        Ok(Self {
            name: name.clone(),
            keys: Keys::read(secrets)?,
            peer: url.map(|url| Peer::new(url, secrets)).transpose()?,
        })
    }
}

impl Connector for Webhook {
    fn receive(&self, payload: &Payload<'_>) -> Result<Received, Error> {
        only_post_at_the_root(payload)?;
        let id = self.keys.verify(payload)?;
        let envelope = Envelope {
            connector: &self.name,
            id: Some(id),
            arrived_at: payload.arrived_at,
        };
        decode::read(payload.body, envelope).map_err(Error::Undecodable)
    }

    fn drive(&self, effect: &Effect, answers: &[Answer]) -> Next {
        self.peer.as_ref().map_or_else(
            || Next::End(Outcome::unsupported(&effect.action)),
            |peer| peer.drive(effect, answers),
        )
    }

    fn sign(&self, request: &mut Request, now: Millis) {
        if let Some(peer) = &self.peer {
            peer.sign(request, now);
        }
    }

    fn run_errand(&self, errand: &Errand, _answers: &[Answer]) -> ErrandNext {
        match errand {
            // The peer is told our address by people, and there is no call that changes nothing.
            Errand::Roster { .. } | Errand::Health | Errand::Connect { .. } => {
                ErrandNext::End(ErrandResult::NotOffered)
            }
        }
    }

    fn default_rate(&self) -> Rate {
        Rate::OFF
    }
}

/// The hook of a connector that has one address and takes posts only.
pub(super) fn only_post_at_the_root(payload: &Payload<'_>) -> Result<(), Error> {
    if !matches!(payload.path, "" | "/") {
        return Err(Error::NoSuchPath);
    }
    if payload.method != "POST" {
        return Err(Error::WrongMethod("POST"));
    }
    Ok(())
}
