//! A conversation with the homeserver, and what its refusals mean (platforms/matrix.md §3).
//!
//! A drive is written as straight-line code: every [`Talk::ask`] takes the next answer there is, or
//! stops with the request to send. It runs again from its start with one answer more.

use crate::connector::{Answer, Failure, Next, Outcome, Request, Response};
use crate::model::{Millis, Refusal, time};
use serde_json::Value;

/// Characters of a homeserver's error text that a reason keeps.
const REASON_CHARS_MAX: usize = 200;

/// The answers of one attempt, taken in order.
pub(super) struct Talk<'a> {
    answers: std::slice::Iter<'a, Answer>,
}

/// What the homeserver said to one request.
pub(super) enum Said {
    Yes(Value),
    No(No),
}

/// A refusal with Matrix's error form.
pub(super) struct No {
    pub(super) status: u16,
    pub(super) errcode: String,
    error: String,
}

impl<'a> Talk<'a> {
    pub(super) fn new(answers: &'a [Answer]) -> Self {
        Self {
            answers: answers.iter(),
        }
    }

    /// The homeserver's answer to the request. `Err` ends this call of the drive: with the request,
    /// when it was not sent yet, or with what no step can help (time, token, nonsense).
    pub(super) fn ask(&mut self, request: Request) -> Result<Said, Next> {
        match self.answers.next() {
            None => Err(Next::Send(request)),
            Some(Answer::Failed(failure)) => Err(Next::End(lost(*failure))),
            Some(Answer::Response(response)) => read(response).map_err(Next::End),
        }
    }

    /// As [`Talk::ask`], where a gateway's error with Matrix's form is a refusal: about someone else.
    pub(super) fn ask_even_gateways(&mut self, request: Request) -> Result<Said, Next> {
        if let Some(Answer::Response(response)) = self.answers.as_slice().first()
            && matches!(response.status, 502 | 504)
            && let Some(no) = No::read(response.status, &body_of(response))
        {
            self.answers.next();
            return Ok(Said::No(no));
        }
        self.ask(request)
    }

    /// As [`Talk::ask`], where every refusal is final.
    pub(super) fn demand(&mut self, request: Request) -> Result<Value, Next> {
        match self.ask(request)? {
            Said::Yes(value) => Ok(value),
            Said::No(no) => Err(Next::End(no.outcome())),
        }
    }
}

impl No {
    /// A refusal, if it has Matrix's form.
    fn read(status: u16, body: &Value) -> Option<Self> {
        let text = |field: &str| -> String {
            let text = body[field].as_str().unwrap_or_default();
            text.chars().take(REASON_CHARS_MAX).collect()
        };
        let (errcode, error) = (text("errcode"), text("error"));
        (!errcode.is_empty()).then_some(Self {
            status,
            errcode,
            error,
        })
    }

    /// We may not, or the state of the room does not allow it: Matrix tells both alike.
    pub(super) fn is_forbidden(&self) -> bool {
        self.status == 403
    }

    pub(super) fn is_missing(&self) -> bool {
        self.status == 404 && self.errcode == "M_NOT_FOUND"
    }

    /// Its words, for people.
    pub(super) fn reason(&self) -> String {
        format!("{}: {}", self.errcode, self.error)
    }

    /// The end it means where nothing more is known.
    pub(super) fn outcome(&self) -> Outcome {
        let reason = self.reason();
        let because = match (self.errcode.as_str(), self.status) {
            ("M_NOT_FOUND", _) => Refusal::Gone,
            // With a status of ours to blame, Synapse's word for anything without a name of its own,
            // such as a level for the creator of a room.
            (
                "M_UNKNOWN" | "M_TOO_LARGE" | "M_BAD_JSON" | "M_INVALID_PARAM"
                | "M_INVALID_USERNAME",
                _,
            ) => Refusal::Invalid,
            ("M_FORBIDDEN" | "M_BAD_STATE" | "M_EXCLUSIVE" | "M_GUEST_ACCESS_FORBIDDEN", _)
            | (_, 403) => Refusal::Forbidden,
            _ => return Outcome::Broken { reason },
        };
        Outcome::Refused { because, reason }
    }
}

/// Nothing of ours is seen twice: sends carry a transaction id, rooms an alias, the rest sets a
/// state. So whatever broke is simply tried again.
fn lost(failure: Failure) -> Outcome {
    let reason = match failure {
        Failure::Connect => "no connection to the homeserver".to_owned(),
        Failure::Lost => "the homeserver gave no whole answer".to_owned(),
        Failure::Blocked => {
            return Outcome::Stop {
                reason: "the homeserver's address is not allowed".to_owned(),
            };
        }
    };
    Outcome::RetryAfter {
        after_ms: None,
        reason,
    }
}

fn read(response: &Response) -> Result<Said, Outcome> {
    let status = response.status;
    let body = body_of(response);
    if (200..300).contains(&status) {
        return if body.is_object() {
            Ok(Said::Yes(body))
        } else {
            Err(Outcome::Broken {
                reason: format!("status {status} without a JSON object"),
            })
        };
    }
    let shapeless = || Outcome::Broken {
        reason: format!("status {status} without a Matrix error code"),
    };
    let no = No::read(status, &body);
    let errcode = no.as_ref().map_or("", |no| &no.errcode);
    match (status, errcode) {
        (429, _) | (_, "M_LIMIT_EXCEEDED") => Err(Outcome::RetryAfter {
            after_ms: asked_pause(response, &body),
            reason: "the homeserver asks for a pause".to_owned(),
        }),
        (413, _) => Err(Outcome::Refused {
            because: Refusal::Invalid,
            reason: "too large for the homeserver".to_owned(),
        }),
        (401, _) | (_, "M_UNKNOWN_TOKEN" | "M_MISSING_TOKEN") => Err(Outcome::Stop {
            reason: format!("the homeserver does not accept `as_token` ({status} {errcode})"),
        }),
        (_, "M_UNKNOWN_DEVICE") => Err(Outcome::Stop {
            reason: "the bot's device is missing: run `steward connect`".to_owned(),
        }),
        (408 | 500.., _) => Err(Outcome::RetryAfter {
            after_ms: response.retry_after_s.map(seconds),
            reason: format!("the homeserver answered {status}"),
        }),
        (400..500, _) => no.map(Said::No).ok_or_else(shapeless),
        _ => Err(shapeless()),
    }
}

fn body_of(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap_or_default()
}

/// The longer of the header and the field: the field alone is 0.7 s short (platforms/matrix.md §3).
fn asked_pause(response: &Response, body: &Value) -> Option<Millis> {
    let header = response.retry_after_s.map(seconds);
    let field = body["retry_after_ms"].as_i64().filter(|ms| *ms >= 0);
    header.max(field)
}

fn seconds(seconds: u64) -> Millis {
    Millis::try_from(seconds)
        .unwrap_or(Millis::MAX)
        .saturating_mul(time::SECOND)
}
