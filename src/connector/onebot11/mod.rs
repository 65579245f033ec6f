//! QQ through OneBot v11 over HTTP: `NapCat`, and what is compatible with it. Events are posted to
//! us, actions are called on the implementation's HTTP server (platforms/onebot.md).

mod decode;
mod drive;
mod errands;
mod errors;
mod fields;
mod handle;
mod notices;
mod segments;
mod send;
mod signature;
mod split;
#[cfg(test)]
mod tests;

use super::{
    Answer, Connector, Errand, ErrandNext, Error, Next, Payload, Rate, Received, Reply, Request,
};
use crate::model::{Effect, Text, time};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

/// One QQ account behind an implementation of OneBot v11.
#[derive(Debug)]
pub struct OneBot11 {
    name: Text,
    api: String,
    access_token: Option<SecretString>,
    secret: Option<SecretString>,
}

impl OneBot11 {
    /// `name`: the connector's name in steward.yaml. `api`: address of the action API, without an
    /// action. `access_token` opens the action API; `secret` signs the events that come to us, and
    /// where there is none, none is demanded.
    pub fn new(
        name: Text,
        api: &str,
        access_token: Option<SecretString>,
        secret: Option<SecretString>,
    ) -> Self {
        Self {
            name,
            api: api.trim_end_matches('/').to_owned(),
            access_token,
            secret,
        }
    }

    fn request(&self, call: &Call) -> Request {
        let mut headers = vec![("content-type", "application/json".to_owned())];
        if let Some(token) = &self.access_token {
            let bearer = format!("Bearer {}", token.expose_secret());
            headers.push(("authorization", bearer));
        }
        Request {
            method: "POST",
            url: format!("{}/{}", self.api, call.action),
            headers,
            body: call.params.to_string().into_bytes(),
            unsafe_to_repeat: call.unsafe_to_repeat,
        }
    }
}

impl Connector for OneBot11 {
    fn receive(&self, payload: &Payload<'_>) -> Result<Received, Error> {
        if !matches!(payload.path, "" | "/") {
            return Err(Error::NoSuchPath);
        }
        if payload.method != "POST" {
            return Err(Error::WrongMethod("POST"));
        }
        if let Some(secret) = &self.secret {
            signature::verify(secret, payload.headers, payload.body)?;
        }
        let decode::Decoded { events, ignored } = decode::decode(&self.name, payload.body)?;
        // The sender reads a body as a "quick operation"; an empty answer asks for nothing (§1).
        let reply = Reply {
            status: 204,
            ..Reply::default()
        };
        Ok(Received {
            events,
            ignored,
            reply,
        })
    }

    fn drive(&self, effect: &Effect, answers: &[Answer]) -> Next {
        match drive::drive(effect, answers) {
            drive::Step::Call(call) => Next::Send(self.request(&call)),
            drive::Step::End(outcome) => Next::End(outcome),
        }
    }

    fn run_errand(&self, errand: &Errand, answers: &[Answer]) -> ErrandNext {
        match errands::run(&self.name, errand, answers) {
            errands::Step::Call(call) => ErrandNext::Send(self.request(&call)),
            errands::Step::End(result) => ErrandNext::End(result),
        }
    }

    /// No implementation documents a limit; QQ's risk control punishes the account. One message a
    /// second and one per three seconds and group is our judgement (platforms/onebot.md §3).
    fn default_rate(&self) -> Rate {
        Rate {
            account: Some((60, time::MINUTE)),
            group: Some((20, time::MINUTE)),
            burst: 5,
        }
    }
}

/// One call of the action API.
#[derive(Debug)]
struct Call {
    action: &'static str,
    params: Value,
    unsafe_to_repeat: bool,
}

impl Call {
    /// A call that reads or sets a state.
    fn safe(action: &'static str, params: Value) -> Self {
        Self {
            action,
            params,
            unsafe_to_repeat: false,
        }
    }

    /// A call whose repetition people would see.
    fn once(action: &'static str, params: Value) -> Self {
        Self {
            action,
            params,
            unsafe_to_repeat: true,
        }
    }
}
