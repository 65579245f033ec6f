//! Platforms. A connector is two pure functions and a table: payload → events, effect → requests,
//! and what the platform can do. It keeps no state and makes no decisions; platform types stop here.
//!
//! To add one: a folder here, its kind in `model/capability.rs`, an arm in [`build`].

pub mod endpoint;
pub mod http;
pub mod matrix;
pub mod onebot11;
mod sandbox;
pub mod telegram;
pub mod text;
mod webhook;

use crate::model::{Action, Effect, Event, Millis, Record, Refusal as Because, Text};
use secrecy::SecretString;
use std::fmt;
use std::sync::Arc;

/// One received webhook, before anything is believed.
#[derive(Clone, Copy)]
pub struct Payload<'a> {
    /// `POST`, `PUT` or `GET`, upper case.
    pub method: &'a str,
    /// What follows `/hooks/<connector>`, with its leading slash, or empty.
    pub path: &'a str,
    /// The raw query string, without `?`.
    pub query: &'a str,
    pub headers: &'a http::Headers,
    pub body: &'a [u8],
    /// When it arrived.
    pub arrived_at: Millis,
}

/// What a payload held. The answer is sent only once all events are durable.
#[derive(Debug, Default, PartialEq)]
pub struct Received {
    pub events: Vec<Event>,
    /// Kinds of events that map to nothing of ours: acknowledged and counted.
    pub ignored: Vec<Text>,
    /// The platform's own success form.
    pub reply: Reply,
}

/// An HTTP answer of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    /// Empty means none.
    pub content_type: &'static str,
    pub body: String,
}

impl Default for Reply {
    fn default() -> Self {
        Self {
            status: 200,
            content_type: "",
            body: String::new(),
        }
    }
}

impl Reply {
    /// A JSON answer.
    pub fn json(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            content_type: "application/json",
            body: body.into(),
        }
    }
}

/// Why a payload was turned away. `Display` is what the sender and the log may see: never a secret,
/// never the payload.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("no signature or token in the request")]
    Unsigned,
    #[error("the signature or token is wrong")]
    Forged,
    #[error("the timestamp is more than 5 minutes from now")]
    Stale,
    #[error("cannot read the body: {0}")]
    Undecodable(String),
    #[error("no such path here")]
    NoSuchPath,
    #[error("this path takes {0} only")]
    WrongMethod(&'static str),
}

impl Error {
    /// The status for it, where the platform does not ask for another.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Unsigned => 401,
            Self::Forged | Self::Stale => 403,
            Self::Undecodable(_) => 400,
            Self::NoSuchPath => 404,
            Self::WrongMethod(_) => 405,
        }
    }
}

/// A platform, or a peer, as the shell sees it.
pub trait Connector: Send + Sync {
    /// Verifies over the raw bytes, then decodes.
    fn receive(&self, payload: &Payload<'_>) -> Result<Received, Error>;

    /// The answer to a payload that was turned away, in the platform's own error form.
    fn refuse(&self, error: &Error) -> Reply {
        let body = serde_json::json!({ "error": error.to_string() }).to_string();
        Reply::json(error.status(), body)
    }

    /// The next request for an effect, given the answers to its requests so far in this attempt, or
    /// what they mean. Called with no answers first.
    fn drive(&self, effect: &Effect, answers: &[Answer]) -> Next;

    /// Adds what depends on the moment of sending, such as a signature with a timestamp. Called once
    /// for every request, right before it goes out.
    fn sign(&self, _request: &mut Request, _now: Millis) {}

    /// The next request of an errand of the shell's own.
    fn run_errand(&self, errand: &Errand, answers: &[Answer]) -> ErrandNext;

    /// The pace this platform stands, when the operator sets none.
    fn default_rate(&self) -> Rate;
}

/// What comes after the answers so far.
#[derive(Debug, PartialEq)]
pub enum Next {
    Send(Request),
    End(Outcome),
}

/// What an attempt came to. Delivery turns it into a `Verdict` (schedules, parking).
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It happened; fields as for `Verdict::Done`.
    Done(Record),
    /// It was so before.
    Already(Record),
    /// Not now. `after_ms` is what the platform asked for; `None` leaves it to the schedule.
    RetryAfter {
        after_ms: Option<Millis>,
        reason: String,
    },
    /// The platform says no, for good.
    Refused { because: Because, reason: String },
    /// It may or may not have happened.
    Unknown { reason: String },
    /// The answer makes no sense: parked for a person.
    Broken { reason: String },
    /// The whole connector cannot work (bad token): stop it and tell.
    Stop { reason: String },
}

impl Outcome {
    /// Done, without any result.
    pub fn done() -> Self {
        Self::Done(Record::new())
    }

    /// This platform has no such action.
    pub fn unsupported(action: &Action) -> Self {
        Self::Refused {
            because: Because::Unsupported,
            reason: format!("this platform has no `{}`", action.verb()),
        }
    }
}

/// Something the shell itself wants to know or to set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand {
    /// Who is in the group of that platform id.
    Roster { group: Text },
    /// Does the platform reach us, and does it accept us?
    Health,
    /// Register our webhook there (`url` is the full address of this connector's hook), create the
    /// bot's user or device: whatever is needed once. Safe to repeat.
    Connect { url: String },
}

/// What comes after an errand's answers so far.
#[derive(Debug, PartialEq)]
pub enum ErrandNext {
    Send(Request),
    End(ErrandResult),
}

/// What an errand came to.
#[derive(Debug, PartialEq)]
pub enum ErrandResult {
    /// Facts to journal.
    Events(Vec<Event>),
    Health(Health),
    /// Done; one line for the operator.
    Connected(String),
    /// This platform has no such thing.
    NotOffered,
    Failed {
        reason: String,
        stop: bool,
    },
}

/// The state of a connection in the platform's own words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Updates the platform still holds for us.
    pub pending: u64,
    /// What is wrong, if anything.
    pub problem: Option<String>,
    /// Who we are there (user name, id), and what answers: for people.
    pub about: String,
}

/// An HTTP request to a platform. Its address and headers can hold secrets: `Debug` hides them.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    pub method: &'static str,
    pub url: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// The request changes something a repetition of which would be seen twice: when no answer
    /// comes back, the outcome is unknown.
    pub unsafe_to_repeat: bool,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({} ***, {} bytes)", self.method, self.body.len())
    }
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Response(Response),
    /// No whole answer came.
    Failed(Failure),
}

/// A whole HTTP answer, its body cut at 16 KiB (rosters: 8 MiB).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    /// Value of `Retry-After`, when it is a number of seconds.
    pub retry_after_s: Option<u64>,
    pub body: Vec<u8>,
}

/// How an exchange failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No connection: nothing was sent.
    Connect,
    /// The connection broke, or time ran out, after the request may have gone out.
    Lost,
    /// The address is not allowed.
    Blocked,
}

/// A pace as token buckets with a burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Sends of the whole account: so many per so long.
    pub account: Option<(u32, Millis)>,
    /// Sends into one group.
    pub group: Option<(u32, Millis)>,
    /// How many may go at once after a pause.
    pub burst: u32,
}

impl Rate {
    /// No pace of ours: `rate: off`.
    pub const OFF: Self = Self {
        account: None,
        group: None,
        burst: 1,
    };
}

/// What a connector needs to know of itself, from steward.yaml.
#[derive(Clone)]
pub struct Settings {
    /// Its name in steward.yaml, as it stands in every event.
    pub name: Text,
    /// The kind's own fields.
    pub access: Access,
}

/// Addresses and secrets by kind. Secrets never show in `Debug`.
#[derive(Clone, Debug)]
pub enum Access {
    OneBot11 {
        api: String,
        access_token: Option<SecretString>,
        secret: Option<SecretString>,
    },
    Telegram {
        api: String,
        token: SecretString,
        secret_token: SecretString,
    },
    Matrix {
        homeserver: String,
        as_token: SecretString,
        hs_token: SecretString,
        user: String,
    },
    /// `secrets`: several are valid at once for rotation; the first one signs.
    Webhook {
        url: Option<String>,
        secrets: Vec<SecretString>,
    },
    Sandbox,
}

/// Why a connector cannot be built from its settings. Never holds a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSettings {
    #[error("a `secret` is needed")]
    NoSecret,
    #[error("the `secret` is not of the form `whsec_` followed by base64")]
    BadSecret,
    #[error("the `url` is not an http or https address without user and password")]
    BadUrl,
    #[error("the `user` is not of the form `@name:server`")]
    BadUser,
}

/// The connector that these settings describe.
pub fn build(settings: &Settings) -> Result<Arc<dyn Connector>, BadSettings> {
    let name = &settings.name;
    Ok(match &settings.access {
        Access::Webhook { url, secrets } => {
            Arc::new(webhook::Webhook::new(name, url.as_deref(), secrets)?)
        }
        Access::Sandbox => Arc::new(sandbox::Sandbox::new(name)),
        Access::OneBot11 {
            api,
            access_token,
            secret,
        } => Arc::new(onebot11::OneBot11::new(
            name.clone(),
            api,
            access_token.clone(),
            secret.clone(),
        )),
        Access::Telegram {
            api,
            token,
            secret_token,
        } => Arc::new(telegram::Telegram::new(
            name.clone(),
            api,
            token.clone(),
            secret_token.clone(),
        )),
        Access::Matrix {
            homeserver,
            as_token,
            hs_token,
            user,
        } => {
            let matrix = matrix::Matrix::new(
                name.clone(),
                homeserver,
                as_token.clone(),
                hs_token.clone(),
                user,
            );
            Arc::new(matrix.map_err(|_wrong| BadSettings::BadUser)?)
        }
    })
}
