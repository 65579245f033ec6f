//! The calls of the admin API: lists to look at, orders to give, events to say.

pub mod lists;
pub mod orders;
pub mod say;

use super::views::Worlds;
use super::{Doors, Error, body};
use crate::model::{Command, Order, Text, World};
use axum::extract::Request;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::http::HeaderMap;
use serde::de::DeserializeOwned;
use std::fmt::Display;

/// Who gave an order, when nothing says so.
const BY: &str = "api";
/// Characters of the name of who gave an order, and of a key for its repetition.
const HEADER_CHARS_MAX: usize = 128;

/// A query or path that does not fit, as a refusal.
fn unreadable(part: &'static str, reason: &impl Display) -> Error {
    Error::Unreadable {
        part,
        reason: reason.to_string(),
    }
}

impl From<QueryRejection> for Error {
    fn from(rejection: QueryRejection) -> Self {
        unreadable("query", &rejection.body_text())
    }
}

impl From<PathRejection> for Error {
    fn from(rejection: PathRejection) -> Self {
        unreadable("path", &rejection.body_text())
    }
}

/// The bytes of a JSON body, not nested too deep.
async fn bytes(doors: &Doors, request: Request) -> Result<(HeaderMap, Vec<u8>), Error> {
    let (parts, sent) = request.into_parts();
    let bytes = body::read(doors, &parts.headers, sent).await?;
    body::check_depth(&bytes)?;
    Ok((parts.headers, bytes))
}

/// A body of that form; an empty one counts as `{}`.
async fn json<T: DeserializeOwned>(
    doors: &Doors,
    request: Request,
) -> Result<(HeaderMap, T), Error> {
    let (headers, mut bytes) = bytes(doors, request).await?;
    if bytes.is_empty() {
        bytes = b"{}".to_vec();
    }
    let read = serde_json::from_slice(&bytes).map_err(|error| unreadable("body", &error))?;
    Ok((headers, read))
}

/// A command, with who gave it and what makes a repetition the same.
fn command(headers: &HeaderMap, order: Order) -> Command {
    Command {
        by: header(headers, "steward-by").unwrap_or_else(|| BY.into()),
        id: header(headers, "idempotency-key"),
        order,
    }
}

fn header(headers: &HeaderMap, name: &str) -> Option<Text> {
    let value = headers.get(name)?.to_str().ok()?.trim();
    let short: String = value.chars().take(HEADER_CHARS_MAX).collect();
    (!short.is_empty()).then(|| short.into())
}

/// The community that an order is for: the one that is named, else the only one that knows the
/// thing, else the only one there is.
fn community_of(
    worlds: &Worlds,
    named: Option<&str>,
    thing: (&'static str, &str),
    knows: impl Fn(&World) -> bool,
) -> Result<Text, Error> {
    let (what, name) = thing;
    let missing = || Error::NotFound {
        what,
        name: name.to_owned(),
    };
    if let Some(named) = named {
        let Some((id, world)) = worlds.get_key_value(named) else {
            return Err(Error::NotFound {
                what: "community",
                name: named.to_owned(),
            });
        };
        return if knows(world) {
            Ok(id.clone())
        } else {
            Err(missing())
        };
    }
    let knowing = worlds
        .iter()
        .filter(|(id, world)| !id.is_empty() && knows(world));
    let mut ids: Vec<&Text> = knowing.map(|(id, _)| id).collect();
    match (ids.pop(), ids.is_empty()) {
        (None, _) => Err(missing()),
        (Some(only), true) => Ok(only.clone()),
        (Some(last), false) => {
            ids.push(last);
            let names: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
            Err(Error::WhichCommunity(names.join(", ")))
        }
    }
}
