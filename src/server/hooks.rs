//! `/hooks/<connector>`: a payload comes in, and is answered once its events are durable.

use super::counts::Count;
use super::{Doors, Error, body};
use crate::connector::http::Headers;
use crate::connector::{Error as Refused, Payload, Received, Reply};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// What stands before the connector's name.
const PREFIX: &str = "/hooks/";

/// Takes one payload.
pub(super) async fn take(State(doors): State<Arc<Doors>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let (name, path) = split(parts.uri.path());
    let Some(connector) = doors.connector(name) else {
        doors.counts.add(Count::Payloads, "", "not_found", 1);
        tracing::debug!("Turned a payload for an unknown connector away.");
        return Error::NotFound {
            what: "connector",
            name: name.chars().take(64).collect(),
        }
        .into_response();
    };
    let bytes = match read(&doors, &parts.headers, body).await {
        Ok(bytes) => bytes,
        Err(error) => return turned_away(&doors, name, error),
    };
    let headers = headers_of(&parts.headers);
    let payload = Payload {
        method: parts.method.as_str(),
        path,
        query: parts.uri.query().unwrap_or_default(),
        headers: &headers,
        body: &bytes,
        arrived_at: doors.handle.clock().now(),
    };
    match connector.receive(&payload) {
        Ok(received) => taken(&doors, name, received).await,
        Err(refused) => {
            count(&doors, name, word(&refused));
            tracing::warn!(connector = name, error = %refused, "Turned a payload away.");
            respond(connector.refuse(&refused))
        }
    }
}

async fn read(doors: &Doors, headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Error> {
    let bytes = body::read(doors, headers, body).await?;
    body::check_depth(&bytes)?;
    Ok(bytes)
}

/// Hands the events on and answers when they are durable.
async fn taken(doors: &Doors, name: &str, received: Received) -> Response {
    let Received {
        events,
        ignored,
        reply,
    } = received;
    for kind in &ignored {
        tracing::debug!(connector = name, kind = %kind, "Passed an event over.");
    }
    if !events.is_empty()
        && let Err(not_taken) = doors.handle.receive(events).await
    {
        return turned_away(doors, name, not_taken.into());
    }
    doors.counts.add(Count::Payloads, name, "taken", 1);
    doors
        .handle
        .metrics()
        .of(&name.into())
        .ignored
        .add(ignored.len() as u64);
    respond(reply)
}

fn turned_away(doors: &Doors, name: &str, error: Error) -> Response {
    let word = error.word();
    count(doors, name, word);
    tracing::warn!(connector = name, error = word, "Turned a payload away.");
    error.into_response()
}

/// Counts a payload that was turned away.
fn count(doors: &Doors, name: &str, word: &'static str) {
    doors.counts.add(Count::Payloads, name, word, 1);
    doors.handle.metrics().of(&name.into()).turned_away.one();
}

/// `/hooks/mx/_matrix/…` → `mx`, `/_matrix/…`. Names are plain, so nothing is decoded; what follows
/// goes to the connector as it was sent.
fn split(path: &str) -> (&str, &str) {
    let rest = path.strip_prefix(PREFIX).unwrap_or_default();
    let end = rest.find('/').unwrap_or(rest.len());
    rest.split_at(end)
}

fn headers_of(headers: &HeaderMap) -> Headers {
    let all = headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()));
    Headers(all.collect())
}

const fn word(refused: &Refused) -> &'static str {
    match refused {
        Refused::Unsigned => "unsigned",
        Refused::Forged => "forged",
        Refused::Stale => "stale",
        Refused::Undecodable(_) => "undecodable",
        Refused::NoSuchPath => "no_such_path",
        Refused::WrongMethod(_) => "wrong_method",
    }
}

fn respond(reply: Reply) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, reply.body).into_response();
    if reply.content_type.is_empty() {
        response.headers_mut().remove(header::CONTENT_TYPE);
    } else {
        let kind = HeaderValue::from_static(reply.content_type);
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_the_name_goes_on_as_it_was_sent() {
        let long = "/hooks/mx/_matrix/app/v1/transactions/a%2Fb";
        assert_eq!(split("/hooks/qq"), ("qq", ""));
        assert_eq!(split("/hooks/qq/"), ("qq", "/"));
        assert_eq!(split(long), ("mx", "/_matrix/app/v1/transactions/a%2Fb"));
    }
}
