//! Shows the requests of an action and what its answers mean, one line each.

use super::bot;
use crate::connector::{Answer, Connector, Next, Request, Response};
use crate::model::{Action, Effect, EffectId, Piece, Post, RichText, RunId, Stage, time};
use expect_test::Expect;
use serde_json::{Value, json};

pub(super) fn effect(action: Action) -> Effect {
    Effect {
        id: EffectId(1),
        run: RunId(1),
        rule: "a/b".into(),
        step: "do/0".into(),
        connector: "tg".into(),
        group: Some("-100".into()),
        decided_at: time::DAY,
        number: 0,
        expires_at: None,
        not_before: 0,
        attempts: 0,
        stage: Stage::Open,
        problem: "".into(),
        action,
    }
}

pub(super) fn respond(status: u16, body: &Value) -> Answer {
    Answer::Response(Response {
        status,
        retry_after_s: None,
        body: body.to_string().into_bytes(),
    })
}

pub(super) fn yes(result: impl Into<Value>) -> Answer {
    respond(200, &json!({ "ok": true, "result": result.into() }))
}

pub(super) fn no(code: u16, description: &str) -> Answer {
    let body = json!({ "ok": false, "error_code": code, "description": description });
    respond(code, &body)
}

pub(super) fn sent(id: i64) -> Answer {
    yes(json!({ "message_id": id, "date": 1, "chat": { "id": -100 } }))
}

pub(super) fn show(request: &Request) -> String {
    let method = request
        .url
        .strip_prefix("https://api.telegram.org/bot555:AAH-secret/")
        .unwrap();
    let unsafe_word = if request.unsafe_to_repeat { "!" } else { "" };
    format!(
        "{method}{unsafe_word} {}",
        String::from_utf8_lossy(&request.body).replace('\u{2060}', "<joiner>")
    )
}

pub(super) fn drive(action: &Action, answers: &[Answer]) -> String {
    match bot().drive(&effect(action.clone()), answers) {
        Next::Send(request) => show(&request),
        Next::End(outcome) => format!("{outcome:?}"),
    }
}

/// Shows every request and, with all answers given, the end.
#[track_caller]
pub(super) fn check(action: &Action, answers: &[Answer], expected: &Expect) {
    let lines: Vec<String> = (0..=answers.len())
        .map(|known| drive(action, answers.get(..known).unwrap()))
        .collect();
    expected.assert_eq(&lines.join("\n"));
}

pub(super) fn post(text: &str) -> Post {
    Post {
        text: RichText::plain(text),
        ..Post::default()
    }
}

pub(super) fn mention(id: &str, name: &str) -> Piece {
    Piece::Mention {
        id: id.into(),
        name: name.into(),
    }
}

pub(super) fn mute() -> Action {
    Action::MuteMember {
        member: "2".into(),
        until: Some(2 * time::DAY),
        reason: "noise".into(),
    }
}

pub(super) fn remove() -> Action {
    Action::RemoveMember {
        member: "2".into(),
        reason: "silent".into(),
    }
}
