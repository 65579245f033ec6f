//! The outward half of Standard Webhooks: one signed POST per effect, and what its answer means.

use super::encode;
use super::signature::{self, Keys};
use crate::connector::{Answer, BadSettings, Failure, Next, Outcome, Request, Response};
use crate::model::{Effect, Millis, Record, Refusal, Text, Value, time};
use secrecy::SecretString;

/// Somebody who takes our webhooks: an address and the keys we share.
#[derive(Debug)]
pub(in crate::connector) struct Peer {
    url: String,
    keys: Keys,
}

/// Fields of an answer's JSON body that become the effect's result.
const RESULTS: [&str; 3] = ["message", "group", "link"];

impl Peer {
    /// Checks the address as far as that can be done without the network.
    pub(in crate::connector) fn new(
        url: &str,
        secrets: &[SecretString],
    ) -> Result<Self, BadSettings> {
        let parsed: Option<url::Url> = url.parse().ok();
        let parsed = parsed.ok_or(BadSettings::BadUrl)?;
        let plain = parsed.username().is_empty() && parsed.password().is_none();
        if !matches!(parsed.scheme(), "http" | "https") || !parsed.has_host() || !plain {
            return Err(BadSettings::BadUrl);
        }
        Ok(Self {
            url: url.to_owned(),
            keys: Keys::read(secrets)?,
        })
    }

    /// The one request of an effect, then what its answer means.
    pub(in crate::connector) fn drive(&self, effect: &Effect, answers: &[Answer]) -> Next {
        match answers.last() {
            None => Next::Send(self.request(effect)),
            Some(Answer::Response(response)) => Next::End(meaning(response)),
            Some(Answer::Failed(failure)) => Next::End(lost(*failure)),
        }
    }

    /// Time and signature are those of the attempt (platforms/standard-webhooks.md, Verify 4).
    pub(in crate::connector) fn sign(&self, request: &mut Request, now: Millis) {
        self.keys.sign(request, now);
    }

    fn request(&self, effect: &Effect) -> Request {
        Request {
            method: "POST",
            url: self.url.clone(),
            headers: vec![
                ("content-type", "application/json".to_owned()),
                (signature::ID, effect.id.to_string()),
            ],
            body: encode::body(effect),
            // The receiver knows a repetition by its `webhook-id`.
            unsafe_to_repeat: false,
        }
    }
}

fn meaning(response: &Response) -> Outcome {
    let status = response.status;
    let reason = format!("the receiver answered {status}");
    match status {
        200..=299 => Outcome::Done(results(&response.body)),
        408 | 425 | 429 | 500..=599 => Outcome::RetryAfter {
            after_ms: response.retry_after_s.map(wait_ms),
            reason,
        },
        // The receiver wants no more webhooks.
        410 => Outcome::Refused {
            because: Refusal::Unavailable,
            reason,
        },
        400..=499 => Outcome::Refused {
            because: Refusal::Invalid,
            reason,
        },
        // A redirect is never followed, and nothing else is a final answer.
        _ => Outcome::Broken { reason },
    }
}

fn wait_ms(seconds: u64) -> Millis {
    i64::try_from(seconds)
        .unwrap_or(i64::MAX)
        .saturating_mul(time::SECOND)
}

fn lost(failure: Failure) -> Outcome {
    match failure {
        Failure::Connect => Outcome::RetryAfter {
            after_ms: None,
            reason: "cannot connect to the receiver".to_owned(),
        },
        Failure::Lost => Outcome::RetryAfter {
            after_ms: None,
            reason: "no whole answer came from the receiver".to_owned(),
        },
        Failure::Blocked => Outcome::Broken {
            reason: "the receiver's address is private and not allowed".to_owned(),
        },
    }
}

/// What the receiver tells of the result; an answer that is no JSON object tells nothing.
fn results(body: &[u8]) -> Record {
    let parsed: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let told = RESULTS.iter().filter_map(|name| {
        let text = parsed.get(name)?.as_str()?;
        Some((Text::from(*name), Value::text(text)))
    });
    told.collect()
}
