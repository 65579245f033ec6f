//! The door of an application service: paths, the homeserver's token, error answers
//! (platforms/matrix.md §2).

use super::Matrix;
use crate::connector::{Error, Payload, Received, Reply};
use secrecy::ExposeSecret;
use subtle::ConstantTimeEq;

/// What a homeserver asks at one of our paths.
enum Asked {
    /// `PUT …/transactions/{txnId}`: events. The id says nothing: it restarts from 1.
    Transaction,
    /// `GET …/users/{id}`, `GET …/rooms/{alias}`: whether we would create it.
    Creation,
    /// `POST …/ping`.
    Ping,
}

impl Asked {
    /// The method it takes.
    const fn method(&self) -> &'static str {
        match self {
            Self::Transaction => "PUT",
            Self::Creation => "GET",
            Self::Ping => "POST",
        }
    }

    /// By the path below our hook, with or without the prefix that old homeservers leave out.
    fn at(path: &str) -> Option<Self> {
        let v1 = path.strip_prefix("/_matrix/app/v1");
        let (kind, rest) = v1
            .unwrap_or(path)
            .strip_prefix('/')?
            .split_once('/')
            .unzip();
        let one = rest.is_some_and(|id: &str| !id.is_empty() && !id.contains('/'));
        match kind {
            Some("transactions") if one => Some(Self::Transaction),
            Some("users" | "rooms") if one => Some(Self::Creation),
            None if v1 == Some("/ping") => Some(Self::Ping),
            Some(_) | None => None,
        }
    }
}

impl Matrix {
    /// Path, method and token, then what the request is for.
    pub(super) fn open(&self, payload: &Payload<'_>) -> Result<Received, Error> {
        let asked = Asked::at(payload.path).ok_or(Error::NoSuchPath)?;
        if payload.method != asked.method() {
            return Err(Error::WrongMethod(asked.method()));
        }
        self.admit(payload)?;
        match asked {
            Asked::Transaction => self.decode(payload.body),
            Asked::Creation => Ok(Received {
                reply: problem(404, "M_NOT_FOUND", "nothing is created on demand here"),
                ..Received::default()
            }),
            Asked::Ping => Ok(Received {
                reply: Reply::json(200, "{}"),
                ..Received::default()
            }),
        }
    }

    /// Compares the homeserver's token in constant time: transactions carry no signature.
    fn admit(&self, payload: &Payload<'_>) -> Result<(), Error> {
        let header = payload.headers.get("authorization").and_then(bearer);
        let query = || {
            url::form_urlencoded::parse(payload.query.as_bytes())
                .find(|(name, _)| name == "access_token")
                .map(|(_, token)| token.into_owned())
        };
        let given = header
            .map(str::to_owned)
            .or_else(query)
            .ok_or(Error::Unsigned)?;
        let same = given
            .as_bytes()
            .ct_eq(self.hs_token.expose_secret().as_bytes());
        if bool::from(same) {
            Ok(())
        } else {
            Err(Error::Forged)
        }
    }
}

/// The error form of the Matrix API.
pub(super) fn refuse(error: &Error) -> Reply {
    let errcode = match error {
        Error::Unsigned => "M_MISSING_TOKEN",
        Error::Forged | Error::Stale => "M_FORBIDDEN",
        Error::Undecodable(_) => "M_NOT_JSON",
        Error::NoSuchPath | Error::WrongMethod(_) => "M_UNRECOGNIZED",
    };
    problem(error.status(), errcode, &error.to_string())
}

fn problem(status: u16, errcode: &str, error: &str) -> Reply {
    let body = serde_json::json!({ "errcode": errcode, "error": error });
    Reply::json(status, body.to_string())
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}
