//! Telegram, by its Bot API: webhooks in, one POST per method out (platforms/telegram.md).
//!
//! - `update` and `member` decode updates, `message` reads a message's content,
//! - `drive` turns an action into calls, `post` does it for messages, `errand` for the shell's own,
//! - `walk` replays the calls over the answers so far, `errors` says what an answer means,
//! - `entities` counts in UTF-16, as Telegram does, and `json` reads foreign fields.

mod drive;
mod entities;
mod errand;
mod errors;
mod json;
mod member;
mod message;
mod post;
mod update;
mod walk;

#[cfg(test)]
mod tests;

use super::{Answer, Connector, Errand, ErrandNext, Error, Next, Payload, Rate, Received, Reply};
use crate::model::{Effect, Text, time};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

/// The header that carries the secret we gave to `setWebhook` (platforms/telegram.md §1).
const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";

/// One bot.
pub struct Telegram {
    name: Text,
    /// Address of the Bot API without a slash at its end.
    api: String,
    token: SecretString,
    secret_token: SecretString,
    /// The bot's own account: what stands before the token's colon.
    own_id: Option<i64>,
}

impl Telegram {
    /// A bot by its token. `api` is `https://api.telegram.org` or the address of a local Bot API
    /// server; `secret_token` is what Telegram shall show us with every update.
    pub fn new(name: Text, api: &str, token: SecretString, secret_token: SecretString) -> Self {
        let own_id = token
            .expose_secret()
            .split_once(':')
            .and_then(|(id, _)| id.parse().ok());
        Self {
            name,
            api: api.trim_end_matches('/').to_owned(),
            token,
            secret_token,
            own_id,
        }
    }

    /// Equality is all there is: the body is not signed (platforms/telegram.md §1).
    fn verify(&self, payload: &Payload<'_>) -> Result<(), Error> {
        let shown = payload.headers.get(SECRET_HEADER).ok_or(Error::Unsigned)?;
        let ours = self.secret_token.expose_secret();
        // An empty secret of ours would let everybody in who sends an empty header.
        if ours.is_empty() || !bool::from(shown.as_bytes().ct_eq(ours.as_bytes())) {
            return Err(Error::Forged);
        }
        Ok(())
    }
}

impl Connector for Telegram {
    fn receive(&self, payload: &Payload<'_>) -> Result<Received, Error> {
        if !matches!(payload.path, "" | "/") {
            return Err(Error::NoSuchPath);
        }
        if payload.method != "POST" {
            return Err(Error::WrongMethod("POST"));
        }
        self.verify(payload)?;
        update::decode(&self.name, self.own_id, payload.body)
    }

    /// Telegram's clients answer 403 to a missing and to a wrong secret alike. Never 410: after a
    /// day of it Telegram removes the webhook (platforms/telegram.md §1).
    fn refuse(&self, error: &Error) -> Reply {
        let status = match error {
            Error::Unsigned | Error::Forged => 403,
            Error::Stale | Error::Undecodable(_) | Error::NoSuchPath | Error::WrongMethod(_) => {
                error.status()
            }
        };
        let body = serde_json::json!({ "error": error.to_string() }).to_string();
        Reply::json(status, body)
    }

    fn drive(&self, effect: &Effect, answers: &[Answer]) -> Next {
        drive::drive(self, effect, answers)
    }

    fn run_errand(&self, errand: &Errand, answers: &[Answer]) -> ErrandNext {
        errand::run(self, errand, answers)
    }

    /// About 30 messages a second over all chats and 20 a minute into one group
    /// (platforms/telegram.md §2, errors and rate limits). A 429 is obeyed all the same.
    fn default_rate(&self) -> Rate {
        Rate {
            account: Some((30, time::SECOND)),
            group: Some((20, time::MINUTE)),
            burst: 5,
        }
    }
}
