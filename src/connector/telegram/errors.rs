//! What an answer of the Bot API means (platforms/telegram.md §2, errors). Codes and parameters
//! decide first; the description is no contract and only a hint.

use super::json::{int, is_true, text};
use crate::connector::{Answer, Failure, Outcome, Response};
use crate::model::{Millis, Record, Refusal, time};
use serde_json::{Value, json};

/// Characters of a description that we repeat.
const REASON_CHARS_MAX: usize = 200;

/// A call that did not come out as wished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) kind: Kind,
    pub(super) reason: String,
}

/// Its class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Too many requests.
    Wait { after_ms: Option<Millis> },
    /// The group has a new id.
    Moved { to: i64 },
    /// Telegram does not take our marks in the text.
    Entities,
    /// It is so already, or somebody was faster.
    Already,
    /// No for good.
    Refused(Refusal),
    /// The token is wrong, or the bot is set up for something else.
    Stop,
    /// Nothing was sent.
    NotSent,
    /// It may have happened.
    Unclear,
    /// No answer that we understand.
    Nonsense,
}

impl Trouble {
    fn new(kind: Kind, reason: impl Into<String>) -> Self {
        Self {
            kind,
            reason: reason.into(),
        }
    }

    /// What it means for an attempt that changed nothing before. `unsafe_to_repeat` as in the request.
    pub(super) fn outcome(self, unsafe_to_repeat: bool) -> Outcome {
        let Self { kind, reason } = self;
        match kind {
            Kind::Wait { after_ms } => Outcome::RetryAfter { after_ms, reason },
            Kind::Unclear if unsafe_to_repeat => Outcome::Unknown { reason },
            Kind::NotSent | Kind::Unclear => Outcome::RetryAfter {
                after_ms: None,
                reason,
            },
            Kind::Already => Outcome::Already(Record::new()),
            Kind::Refused(because) => Outcome::Refused { because, reason },
            Kind::Stop => Outcome::Stop { reason },
            Kind::Entities => Outcome::Refused {
                because: Refusal::Invalid,
                reason,
            },
            Kind::Moved { .. } | Kind::Nonsense => Outcome::Broken { reason },
        }
    }
}

/// The `result` of an answer, or what is wrong.
pub(super) fn read(answer: &Answer) -> Result<Value, Trouble> {
    match answer {
        Answer::Response(response) => read_response(response),
        Answer::Failed(Failure::Connect) => {
            Err(Trouble::new(Kind::NotSent, "no connection to telegram"))
        }
        Answer::Failed(Failure::Lost) => Err(Trouble::new(
            Kind::Unclear,
            "the connection to telegram broke before its answer",
        )),
        Answer::Failed(Failure::Blocked) => Err(Trouble::new(
            Kind::Stop,
            "the address of telegram's api is not allowed",
        )),
    }
}

fn read_response(response: &Response) -> Result<Value, Trouble> {
    if let Ok(body) = serde_json::from_slice::<Value>(&response.body) {
        if is_true(&body, "ok") {
            return Ok(body.get("result").cloned().unwrap_or_default());
        }
        if let Some(code) = int(&body, "error_code") {
            return Err(refused(&body, code, response));
        }
    } else if let Some(id) = message_id_of_start(response) {
        return Ok(json!({ "message_id": id }));
    }
    let status = response.status;
    let reason = format!("telegram answered {status} without a readable body");
    let kind = match status {
        429 => Kind::Wait {
            after_ms: seconds(response.retry_after_s),
        },
        500.. => Kind::Unclear,
        _ => Kind::Nonsense,
    };
    Err(Trouble::new(kind, reason))
}

/// A sent message comes back whole, every Chinese character as six bytes, and can be longer than
/// what is kept of an answer. Its start is enough: `message_id` is the first field.
fn message_id_of_start(response: &Response) -> Option<i64> {
    if response.status != 200 {
        return None;
    }
    let body = String::from_utf8_lossy(&response.body);
    let rest = body.strip_prefix(r#"{"ok":true,"result":{"message_id":"#)?;
    let (digits, _) = rest.split_once(',')?;
    digits.parse().ok()
}

fn refused(body: &Value, code: i64, response: &Response) -> Trouble {
    let parameters = body.get("parameters").unwrap_or(&Value::Null);
    let said = text(body, "description").unwrap_or_default();
    let cut: String = said.chars().take(REASON_CHARS_MAX).collect();
    let reason = format!("telegram says {code} `{cut}`");
    let asked = int(parameters, "retry_after").and_then(|wait| u64::try_from(wait).ok());
    let kind = if code == 429 || asked.is_some() {
        Kind::Wait {
            after_ms: seconds(asked.or(response.retry_after_s)),
        }
    } else if let Some(to) = int(parameters, "migrate_to_chat_id") {
        Kind::Moved { to }
    } else {
        match code {
            401 | 404 | 409 => Kind::Stop,
            403 => by_words(&said.to_lowercase(), FORBIDDEN_WORDS)
                .unwrap_or(Kind::Refused(Refusal::Forbidden)),
            400..500 => by_words(&said.to_lowercase(), BAD_REQUEST_WORDS)
                .unwrap_or(Kind::Refused(Refusal::Invalid)),
            500.. => Kind::Unclear,
            _ => Kind::Nonsense,
        }
    };
    Trouble::new(kind, reason)
}

fn seconds(wait: Option<u64>) -> Option<Millis> {
    let wait = Millis::try_from(wait?).unwrap_or(Millis::MAX);
    Some(wait.saturating_mul(time::SECOND))
}

fn by_words(said: &str, table: &[(&str, Kind)]) -> Option<Kind> {
    let (_, kind) = table.iter().find(|(words, _)| said.contains(words))?;
    Some(*kind)
}

const GONE: Kind = Kind::Refused(Refusal::Gone);
const FORBIDDEN: Kind = Kind::Refused(Refusal::Forbidden);

/// Descriptions of 403, lower case.
const FORBIDDEN_WORDS: &[(&str, Kind)] = &[
    ("blocked by the user", Kind::Refused(Refusal::Blocked)),
    // The person never wrote to the bot: Telegram lets nobody be written to unasked.
    ("can't initiate", Kind::Refused(Refusal::Blocked)),
    ("user is deactivated", GONE),
    ("was deleted", GONE),
    ("was kicked", GONE),
    ("is not a member", GONE),
];

/// Descriptions of 400, lower case.
const BAD_REQUEST_WORDS: &[(&str, Kind)] = &[
    ("can't parse entities", Kind::Entities),
    ("hide_requester_missing", Kind::Already),
    ("user_already_participant", Kind::Already),
    // The permissions or the title are so already; Telegram tells this to bots only.
    ("chat_not_modified", Kind::Already),
    ("not found", GONE),
    ("participant_id_invalid", GONE),
    ("user_id_invalid", GONE),
    ("message_id_invalid", GONE),
    ("not enough rights", FORBIDDEN),
    ("chat_admin_required", FORBIDDEN),
    ("need administrator rights", FORBIDDEN),
    ("is an administrator", FORBIDDEN),
    ("message can't be deleted", FORBIDDEN),
    ("can't remove chat owner", FORBIDDEN),
    ("can't restrict self", FORBIDDEN),
    // Muting and lifting bans are for supergroups.
    ("method is available", Kind::Refused(Refusal::Unsupported)),
];
