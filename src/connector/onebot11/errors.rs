//! What an answer of the action API means (platforms/onebot.md §3 "Errors"). Implementations agree
//! on the shape `{status, retcode, data}`; the cause stands in `msg`, `message` or `wording`, as a
//! name (go-cqhttp) or in words (`NapCat`).

use super::fields;
use crate::connector::{Answer, Failure, Outcome, Response};
use crate::model::{Millis, Refusal, time};
use serde_json::Value;

/// How long to wait when QQ's risk control swallowed a message: it punishes the account, and more
/// messages make it worse.
pub(super) const RISK_PAUSE_MS: Millis = 10 * time::MINUTE;
/// Characters of an implementation's own words that are kept as a reason; some append a stack.
const REASON_CHARS_MAX: usize = 200;

/// Why a call did not do what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// No connection was made: nothing was sent.
    NotSent,
    /// The answer got lost, or says that the implementation itself does not know.
    Unclear,
    NoGroup,
    NoMember,
    NoMessage,
    /// There is no such request to enter.
    NoRequest,
    /// The request to enter was decided before.
    Handled,
    Forbidden,
    /// Content or parameters are not accepted.
    Invalid,
    Unsupported,
    /// QQ's risk control refused a message.
    Risk,
    TooMany,
    /// The access token is wrong or missing.
    Token,
    /// Our own rules forbid the address.
    Blocked,
    /// It failed, for a cause that we do not know.
    Failed,
    /// No answer of OneBot.
    Nonsense,
}

/// A call that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failed {
    pub(super) trouble: Trouble,
    pub(super) reason: String,
    pub(super) after_ms: Option<Millis>,
}

impl Failed {
    fn new(trouble: Trouble, reason: impl Into<String>) -> Self {
        Self {
            trouble,
            reason: reason.into(),
            after_ms: None,
        }
    }

    /// What it means for an effect. `unsafe_to_repeat`: people would see a repetition.
    pub(super) fn outcome(self, unsafe_to_repeat: bool) -> Outcome {
        let Self {
            trouble,
            reason,
            after_ms,
        } = self;
        let refused = |because| Outcome::Refused {
            because,
            reason: reason.clone(),
        };
        match trouble {
            Trouble::NoGroup | Trouble::NoMember | Trouble::NoMessage | Trouble::NoRequest => {
                refused(Refusal::Gone)
            }
            Trouble::Forbidden => refused(Refusal::Forbidden),
            Trouble::Invalid => refused(Refusal::Invalid),
            Trouble::Unsupported => refused(Refusal::Unsupported),
            Trouble::Handled => Outcome::Already(crate::model::Record::new()),
            Trouble::Unclear if unsafe_to_repeat => Outcome::Unknown { reason },
            // It says that it failed, so nobody saw anything; but why, a person must find out.
            Trouble::Failed if unsafe_to_repeat => Outcome::Broken { reason },
            Trouble::NotSent
            | Trouble::Unclear
            | Trouble::Failed
            | Trouble::Risk
            | Trouble::TooMany => Outcome::RetryAfter { after_ms, reason },
            Trouble::Token | Trouble::Blocked => Outcome::Stop { reason },
            Trouble::Nonsense => Outcome::Broken { reason },
        }
    }
}

/// The `data` of a call that succeeded.
pub(super) fn read(answer: &Answer) -> Result<Value, Failed> {
    match answer {
        Answer::Response(response) => read_response(response),
        Answer::Failed(Failure::Connect) => {
            Err(Failed::new(Trouble::NotSent, "the connection failed"))
        }
        Answer::Failed(Failure::Lost) => Err(Failed::new(Trouble::Unclear, "no answer came")),
        Answer::Failed(Failure::Blocked) => {
            Err(Failed::new(Trouble::Blocked, "the address is not allowed"))
        }
    }
}

fn read_response(response: &Response) -> Result<Value, Failed> {
    let body: Option<Value> = serde_json::from_slice(&response.body).ok();
    let said = body.as_ref().map(words).unwrap_or_default();
    let told = |trouble, meaning: &str| {
        let reason = match &*said {
            "" => format!("{meaning} (HTTP {})", response.status),
            said => format!("{meaning} (HTTP {}): {said}", response.status),
        };
        Err(Failed::new(trouble, reason))
    };
    match response.status {
        200..=299 => {}
        // The spec has 401 for no token and 403 for a wrong one; NapCat answers 403 to both.
        401 | 403 => return told(Trouble::Token, "the access token is refused"),
        400 | 405 | 406 | 415 => return told(Trouble::Invalid, "the request is refused"),
        404 => return told(Trouble::Unsupported, "there is no such action"),
        429 => {
            let after_s = response.retry_after_s;
            return Err(Failed {
                after_ms: after_s
                    .map(|s| Millis::try_from(s).map_or(Millis::MAX, |s| s.saturating_mul(1_000))),
                ..Failed::new(Trouble::TooMany, "too many requests")
            });
        }
        500..=599 => return told(Trouble::Unclear, "the server failed"),
        _ => return told(Trouble::Nonsense, "an answer without meaning"),
    }
    let Some(Value::Object(mut answer)) = body else {
        return told(Trouble::Nonsense, "the answer is no JSON object");
    };
    let retcode = fields::number(&answer, "retcode");
    match (fields::word(&answer, "status"), retcode) {
        ("ok" | "async", _) | ("", Some(0 | 1)) => Ok(answer.remove("data").unwrap_or(Value::Null)),
        ("failed", code) | ("", code @ Some(_)) => Err(failed(code.unwrap_or(-1), &said)),
        _ => told(Trouble::Nonsense, "the answer has no `status`"),
    }
}

/// The implementation's own words, each once.
fn words(answer: &Value) -> String {
    let mut said: Vec<&str> = Vec::new();
    for name in ["msg", "message", "wording"] {
        let word = answer.get(name).and_then(Value::as_str).unwrap_or("");
        if !word.is_empty() && !said.contains(&word) {
            said.push(word);
        }
    }
    said.join(": ").chars().take(REASON_CHARS_MAX).collect()
}

/// Causes by the names and words that implementations use, most telling first. Compared in lower
/// case.
const CAUSES: &[(&str, Trouble)] = &[
    ("flag_has_been_checked", Trouble::Handled),
    ("no such request", Trouble::Handled),
    ("flag_not_found", Trouble::NoRequest),
    ("send_msg_api_error", Trouble::Risk),
    ("token verify failed", Trouble::Token),
    ("不支持的api", Trouble::Unsupported),
    ("api_not_found", Trouble::Unsupported),
    ("group_not_found", Trouble::NoGroup),
    ("member_not_found", Trouble::NoMember),
    ("user not in group", Trouble::NoMember),
    ("成员不存在", Trouble::NoMember),
    ("friend_not_found", Trouble::NoMember),
    ("message_not_found", Trouble::NoMessage),
    ("msg not found", Trouble::NoMessage),
    ("消息不存在", Trouble::NoMessage),
    ("permission_denied", Trouble::Forbidden),
    ("not_manageable", Trouble::Forbidden),
    ("err_not_group_admin", Trouble::Forbidden),
    ("cannot ban owner", Trouble::Forbidden),
    ("duration_is_not_in_range", Trouble::Invalid),
    ("empty_msg_error", Trouble::Invalid),
    ("timeout", Trouble::Unclear),
    ("超时", Trouble::Unclear),
];

fn failed(retcode: i64, said: &str) -> Failed {
    let lower = said.to_lowercase();
    let named = CAUSES.iter().find(|(name, _)| lower.contains(name));
    let trouble = match (named, retcode) {
        (Some((_, trouble)), _) => *trouble,
        // NapCat puts the ids between the words: "群(1)成员2不存在".
        (None, _) if said.contains("成员") && said.contains("不存在") => Trouble::NoMember,
        (None, 400 | 1400) => Trouble::Invalid,
        (None, 404 | 1404) => Trouble::Unsupported,
        (None, 1401 | 1403) => Trouble::Token,
        (None, _) => Trouble::Failed,
    };
    let reason = match said {
        "" => format!("failed with retcode {retcode}"),
        said => format!("failed with retcode {retcode}: {said}"),
    };
    Failed {
        after_ms: (trouble == Trouble::Risk).then_some(RISK_PAUSE_MS),
        ..Failed::new(trouble, reason)
    }
}
