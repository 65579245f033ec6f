//! Why a request was not answered as asked: 4xx tell what to do, 5xx are logged and say nothing.

use crate::model::limits;
use crate::runtime::{NotReloaded, NotTaken};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A refusal of the doors. `Display` is what the caller may see.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `what` is a kind of thing, `name` what the caller called it.
    #[error("no {what} `{name}`")]
    NotFound { what: &'static str, name: String },
    #[error("cannot read the {part}: {reason}")]
    Unreadable { part: &'static str, reason: String },
    #[error(
        "the body holds JSON nested deeper than {} levels",
        limits::PAYLOAD_DEPTH_MAX
    )]
    TooDeep,
    #[error("the body is larger than {} bytes", limits::PAYLOAD_BYTES_MAX)]
    TooLarge,
    #[error("compressed bodies are not taken")]
    Encoded,
    #[error("the body did not come in time")]
    TooSlow,
    #[error("the body broke off")]
    BrokenOff,
    #[error("an admin token is needed")]
    NoToken,
    #[error("the admin token is wrong")]
    WrongToken,
    #[error("too many wrong admin tokens at once")]
    TooManyWrongTokens,
    #[error("this door does not answer for the host that the request names")]
    WrongHost,
    #[error("which community is meant is not clear: {0}")]
    WhichCommunity(String),
    /// It could not be answered in time; it may still come about.
    #[error("it takes too long")]
    TooLong,
    /// The runtime does not take it now.
    #[error("{0}")]
    NotTaken(#[from] NotTaken),
    /// What is wrong in the files, drawn; everything stays as it was.
    #[error("nothing was reloaded: the files hold errors\n{}", .0.join("\n"))]
    NotReloaded(Vec<String>),
}

/// What a refusal looks like to the caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Told {
    pub error: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Error {
    /// The status for it.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound { .. } | Self::NotTaken(NotTaken::UnknownCommunity(_)) => {
                StatusCode::NOT_FOUND
            }
            Self::Unreadable { .. }
            | Self::TooDeep
            | Self::BrokenOff
            | Self::WhichCommunity(_)
            | Self::NotTaken(NotTaken::Refused(_)) => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Encoded => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::NoToken => StatusCode::UNAUTHORIZED,
            Self::WrongToken => StatusCode::FORBIDDEN,
            Self::TooManyWrongTokens => StatusCode::TOO_MANY_REQUESTS,
            Self::WrongHost => StatusCode::MISDIRECTED_REQUEST,
            Self::NotReloaded(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooLong
            | Self::NotTaken(NotTaken::Full { .. } | NotTaken::Stopping | NotTaken::Broken(_)) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }

    /// One word for counters and logs.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "not_found",
            Self::Unreadable { .. } => "undecodable",
            Self::TooDeep => "too_deep",
            Self::TooLarge => "too_large",
            Self::Encoded => "compressed",
            Self::TooSlow => "too_slow",
            Self::BrokenOff => "broken_off",
            Self::NoToken => "no_token",
            Self::WrongToken | Self::TooManyWrongTokens => "wrong_token",
            Self::WrongHost => "wrong_host",
            Self::WhichCommunity(_) => "which_community",
            Self::TooLong => "too_long",
            Self::NotReloaded(_) => "not_reloaded",
            Self::NotTaken(not_taken) => not_taken_word(not_taken),
        }
    }

    const fn help(&self) -> Option<&'static str> {
        Some(match self {
            Self::NoToken => {
                "send `Authorization: Bearer <token>`; the token is in steward.yaml, or in data/admin.token"
            }
            Self::WrongToken => "compare it with steward.yaml, or with data/admin.token",
            Self::WrongHost => "ask for it as `localhost` or `127.0.0.1`, or set `public_url`",
            Self::WhichCommunity(_) => "add `?community=<id>`",
            Self::TooManyWrongTokens
            | Self::TooLong
            | Self::NotTaken(NotTaken::Full { .. } | NotTaken::Stopping | NotTaken::Broken(_)) => {
                "try again later"
            }
            Self::NotReloaded(_) => "correct them and reload again; `steward check` shows the same",
            Self::NotFound { .. }
            | Self::Unreadable { .. }
            | Self::TooDeep
            | Self::TooLarge
            | Self::Encoded
            | Self::TooSlow
            | Self::BrokenOff
            | Self::NotTaken(NotTaken::UnknownCommunity(_) | NotTaken::Refused(_)) => return None,
        })
    }

    /// Seconds until it is worth another try, where that can be told.
    pub(super) const fn retry_after_s(&self) -> Option<u64> {
        match self {
            Self::NotTaken(NotTaken::Full { retry_after_s }) => Some(*retry_after_s),
            Self::TooLong | Self::NotTaken(NotTaken::Stopping | NotTaken::Broken(_)) => {
                Some(RETRY_AFTER_S)
            }
            Self::TooManyWrongTokens => Some(1),
            Self::NotFound { .. }
            | Self::Unreadable { .. }
            | Self::TooDeep
            | Self::TooLarge
            | Self::Encoded
            | Self::TooSlow
            | Self::BrokenOff
            | Self::NoToken
            | Self::WrongToken
            | Self::WrongHost
            | Self::WhichCommunity(_)
            | Self::NotReloaded(_)
            | Self::NotTaken(NotTaken::UnknownCommunity(_) | NotTaken::Refused(_)) => None,
        }
    }
}

impl From<NotReloaded> for Error {
    fn from(error: NotReloaded) -> Self {
        match error {
            NotReloaded::Wrong(problems) => Self::NotReloaded(problems),
            NotReloaded::NotTaken(not_taken) => Self::NotTaken(not_taken),
        }
    }
}

/// Asked of a sender while the daemon stops or cannot work: about as long as a restart takes.
const RETRY_AFTER_S: u64 = 5;

const fn not_taken_word(not_taken: &NotTaken) -> &'static str {
    match not_taken {
        NotTaken::Full { .. } => "full",
        NotTaken::Stopping => "stopping",
        NotTaken::Broken(_) => "broken",
        NotTaken::UnknownCommunity(_) => "unknown_community",
        NotTaken::Refused(_) => "refused",
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = self.status();
        let error = if let Self::NotTaken(NotTaken::Broken(error)) = &self {
            tracing::error!(%error, "Cannot take a request.");
            "cannot take it now".to_owned()
        } else {
            self.to_string()
        };
        let told = Told {
            error,
            help: self.help().map(str::to_owned),
        };
        let mut response = (status, axum::Json(told)).into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after_s() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if matches!(self, Self::NoToken) {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
