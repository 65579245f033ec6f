//! Matrix, as an application service of a homeserver (platforms/matrix.md): transactions come in,
//! client-server calls go out. Every room the bot is joined to is a group.

mod door;
mod drive;
mod errand;
mod errors;
mod members;
mod message;
mod outbound;
mod people;
mod power;
mod registration;
mod render;
mod room;
mod send;
mod transaction;

#[cfg(test)]
mod tests;

use super::{Answer, Connector, Errand, ErrandNext, Error, Next, Payload, Rate, Received, Reply};
use crate::model::{Effect, Text, time};
use secrecy::SecretString;

/// The device our sends go out with: only with a device does the homeserver remember transaction
/// ids over its own restart (platforms/matrix.md §3).
const DEVICE: &str = "STEWARD1";
/// What names of users and aliases begin with that belong to us alone.
const PREFIX: &str = "_steward_";

/// One homeserver's application service.
#[derive(Clone)]
pub struct Matrix {
    name: Text,
    homeserver: String,
    as_token: SecretString,
    hs_token: SecretString,
    /// Our own user, `@localpart:server`.
    user: Text,
    localpart: String,
    server: String,
}

/// What stands at `user:` is no Matrix user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no Matrix user: write it as `@name:server`")]
pub struct BadUser(String);

impl Matrix {
    /// A connector of that name in steward.yaml; `homeserver` is the address of its client API,
    /// `user` the application service's own user (`sender_localpart` of the registration).
    pub fn new(
        name: Text,
        homeserver: &str,
        as_token: SecretString,
        hs_token: SecretString,
        user: &str,
    ) -> Result<Self, BadUser> {
        let (localpart, server) = user
            .strip_prefix('@')
            .and_then(|rest| rest.split_once(':'))
            .filter(|(localpart, server)| !localpart.is_empty() && !server.is_empty())
            .ok_or_else(|| BadUser(user.to_owned()))?;
        Ok(Self {
            name,
            homeserver: homeserver.trim_end_matches('/').to_owned(),
            as_token,
            hs_token,
            user: user.into(),
            localpart: localpart.to_owned(),
            server: server.to_owned(),
        })
    }

    /// True for our own user.
    fn is_us(&self, user: &str) -> bool {
        user == &*self.user
    }

    /// True for our own user and every other one in our namespace.
    fn is_ours(&self, user: &str) -> bool {
        let ghost = user
            .strip_prefix('@')
            .filter(|rest| rest.starts_with(PREFIX))
            .and_then(|rest| rest.split_once(':'));
        self.is_us(user) || ghost.is_some_and(|(_, server)| server == self.server)
    }
}

impl Connector for Matrix {
    fn receive(&self, payload: &Payload<'_>) -> Result<Received, Error> {
        self.open(payload)
    }

    fn refuse(&self, error: &Error) -> Reply {
        door::refuse(error)
    }

    fn drive(&self, effect: &Effect, answers: &[Answer]) -> Next {
        self.next(effect, answers)
    }

    fn run_errand(&self, errand: &Errand, answers: &[Answer]) -> ErrandNext {
        self.next_of_errand(errand, answers)
    }

    /// An application service with `rate_limited: false` is not slowed by the homeserver
    /// (platforms/matrix.md §3); the pace is for the people who read.
    fn default_rate(&self) -> Rate {
        Rate {
            account: Some((600, time::MINUTE)),
            group: Some((120, time::MINUTE)),
            burst: 20,
        }
    }
}
