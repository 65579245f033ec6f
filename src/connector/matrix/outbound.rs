//! Requests to the client-server API: addresses, ids in them, tokens.

use super::{DEVICE, Matrix};
use crate::connector::{Next, Outcome, Request};
use crate::model::{Effect, Refusal};
use secrecy::ExposeSecret;
use serde_json::Value;
use std::fmt::Write as _;

impl Matrix {
    /// `GET` below `/_matrix/client`, as our user.
    pub(super) fn get(&self, path: &str) -> Request {
        self.request("GET", path, Vec::new())
    }

    /// `POST` below `/_matrix/client` as the service itself, whose user may not exist yet.
    pub(super) fn post_as_service(&self, path: &str, body: &Value) -> Request {
        Request {
            url: format!("{}/_matrix/client{path}", self.homeserver),
            ..self.post(path, body)
        }
    }

    /// `POST` below `/_matrix/client`, as our user.
    pub(super) fn post(&self, path: &str, body: &Value) -> Request {
        self.request("POST", path, body.to_string().into_bytes())
    }

    /// `PUT` below `/_matrix/client`, as our user.
    pub(super) fn put(&self, path: &str, body: &Value) -> Request {
        self.request("PUT", path, body.to_string().into_bytes())
    }

    /// A `PUT` whose last part of the path is a transaction id: it also names our device.
    pub(super) fn put_once(&self, path: &str, body: &Value) -> Request {
        let mut request = self.put(path, body);
        request.url.push_str("&device_id=");
        request.url.push_str(DEVICE);
        request
    }

    fn request(&self, method: &'static str, path: &str, body: Vec<u8>) -> Request {
        let joint = if path.contains('?') { '&' } else { '?' };
        let url = format!(
            "{}/_matrix/client{path}{joint}user_id={}",
            self.homeserver,
            encoded(&self.user)
        );
        let token = format!("Bearer {}", self.as_token.expose_secret());
        let mut headers = vec![("Authorization", token)];
        if method != "GET" {
            headers.push(("Content-Type", "application/json".to_owned()));
        }
        Request {
            method,
            url,
            headers,
            body,
            unsafe_to_repeat: false,
        }
    }
}

/// The path of the effect's room.
pub(super) fn room_of(effect: &Effect) -> Result<String, Next> {
    let room = effect.group.as_deref().unwrap_or_default();
    Ok(room_path(checked(room, '!')?))
}

/// The path of a room.
pub(super) fn room_path(room: &str) -> String {
    format!("/v3/rooms/{}", encoded(room))
}

/// An id only if it begins with its sigil: another one would name another path.
pub(super) fn checked(id: &str, sigil: char) -> Result<&str, Next> {
    if id.starts_with(sigil) {
        return Ok(id);
    }
    Err(Next::End(Outcome::Refused {
        because: Refusal::Invalid,
        reason: format!("`{id}` is no Matrix id that begins with `{sigil}`"),
    }))
}

/// Percent-encoded for one segment of a path or one value of a query.
pub(super) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing into a `String` cannot fail.
            write!(out, "%{byte:02X}").unwrap_or_default();
        }
    }
    out
}

/// A link that any Matrix client opens: a user, a room or an alias.
pub(super) fn matrix_to(id: &str) -> String {
    format!("https://matrix.to/#/{}", encoded(id))
}
