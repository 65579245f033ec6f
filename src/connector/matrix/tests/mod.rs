//! Golden checks: bytes of real transactions to events, effects to calls. No network.

mod drive;
mod errand;
mod receive;
mod send;

use super::Matrix;
use crate::connector::http::Headers;
use crate::connector::{Answer, Connector, Error, Next, Payload, Received, Request, Response};
use crate::model::{Action, Effect, EffectId, Event, Post, RichText, RunId, Stage};
use expect_test::Expect;
use serde_json::{Value, json};

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
    let group = event.group.as_ref().map_or_else(
        || "direct".to_owned(),
        |place| format!("{} {:?}", place.id, place.name),
    );
    let member = event.member.as_ref().map_or_else(
        || "-".to_owned(),
        |person| format!("{} {:?} {:?}", person.id, person.name, person.role),
    );
    let id = event.id.as_deref().unwrap_or("-");
    let at = event.happened_at.unwrap_or_default();
    format!("{id} {at} {group} {member} {:?}", event.what)
}

/// Events line by line, what was ignored, the reply.
fn shown_received(received: &Received) -> String {
    let mut lines: Vec<String> = received.events.iter().map(line).collect();
    if !received.ignored.is_empty() {
        lines.push(format!("ignored: {}", received.ignored.join(" ")));
    }
    let reply = &received.reply;
    lines.push(format!(
        "{} {} {}",
        reply.status, reply.content_type, reply.body
    ));
    text(&lines)
}

fn text(lines: &[String]) -> String {
    lines
        .iter()
        .flat_map(|line| [line.as_str(), "\n"])
        .collect()
}

fn effect(action: Action) -> Effect {
    Effect {
        id: EffectId(1),
        run: RunId(1),
        rule: "p/r".into(),
        step: "do/0".into(),
        connector: "mx".into(),
        group: Some("!r:x".into()),
        decided_at: 0,
        number: 0,
        expires_at: None,
        not_before: 0,
        attempts: 0,
        stage: Stage::Open,
        problem: "".into(),
        action,
    }
}

fn answer(status: u16, body: &Value) -> Answer {
    Answer::Response(Response {
        status,
        retry_after_s: None,
        body: body.to_string().into_bytes(),
    })
}

fn no(status: u16, errcode: &str) -> Answer {
    answer(status, &json!({ "errcode": errcode, "error": "words" }))
}

fn yes() -> Answer {
    answer(200, &json!({}))
}

/// A call, without what all calls have in common.
fn shown(request: &Request) -> String {
    assert!(!request.unsafe_to_repeat);
    assert_eq!(
        request.headers[0],
        ("Authorization", "Bearer as_token".to_owned())
    );
    let path = request
        .url
        .strip_prefix("http://hs.test/_matrix/client")
        .unwrap();
    let path = path.replace("user_id=%40_steward_bot%3Asteward.test", "us");
    let body = String::from_utf8(request.body.clone()).unwrap();
    format!("{} {path} {body}", request.method)
        .trim_end()
        .to_owned()
}

/// Drives the action with those answers; the calls it made and where it ended.
fn check(action: Action, answers: &[Answer], expected: &Expect) {
    let effect = effect(action);
    let mut lines = Vec::new();
    for count in 0..=answers.len() {
        match matrix().drive(&effect, &answers[..count]) {
            Next::Send(request) => lines.push(shown(&request)),
            Next::End(outcome) => {
                assert_eq!(count, answers.len(), "ended early: {outcome:?}");
                lines.push(format!("{outcome:?}"));
            }
        }
    }
    expected.assert_eq(&text(&lines));
}

fn post(text: &str) -> Post {
    Post {
        text: RichText::plain(text),
        ..Post::default()
    }
}

fn event() -> Answer {
    answer(200, &json!({ "event_id": "$sent" }))
}
