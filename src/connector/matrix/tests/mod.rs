//! Golden checks: bytes of real transactions to events, effects to calls. No network.

mod drive;
mod receive;

use super::Matrix;
use crate::connector::http::Headers;
use crate::connector::{Connector, Error, Payload, Received};
use crate::model::Event;

const HS_TOKEN: &str = "hs_token_test_fedcba9876543210";

fn matrix() -> Matrix {
    Matrix::new(
        "mx".into(),
        "http://hs.test/",
        "as_token".into(),
        HS_TOKEN.into(),
        "@_steward_bot:steward.test",
    )
    .unwrap()
}

/// Hands a request to the connector.
fn ask(method: &str, target: &str, auth: &str, body: &[u8]) -> Result<Received, Error> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers = Headers::default();
    if !auth.is_empty() {
        let auth = auth.as_bytes().to_vec();
        headers.0.push(("Authorization".to_owned(), auth));
    }
    matrix().receive(&Payload {
        method,
        path,
        query,
        headers: &headers,
        body,
        arrived_at: 0,
    })
}

/// One line for an event: id, time, group, person, what.
fn line(event: &Event) -> String {
    let mut line = format!("{} ", event.id.as_deref().unwrap_or("-"));
    line += &format!("{} ", event.happened_at.unwrap_or_default());
    match &event.group {
        Some(place) => line += &format!("{} {:?} ", place.id, place.name),
        None => line += "direct ",
    }
    match &event.member {
        Some(person) => line += &format!("{} {:?} {:?} ", person.id, person.name, person.role),
        None => line += "- ",
    }
    line + &format!("{:?}", event.what)
}

/// Events line by line, what was ignored, the reply.
fn shown(received: &Received) -> String {
    let mut text = String::new();
    for event in &received.events {
        assert_eq!(&*event.connector, "mx");
        text += &(line(event) + "\n");
    }
    if !received.ignored.is_empty() {
        text += &format!("ignored: {}\n", received.ignored.join(" "));
    }
    let reply = &received.reply;
    text + &format!("{} {} {}\n", reply.status, reply.content_type, reply.body)
}
