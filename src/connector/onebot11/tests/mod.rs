//! Goldens: what comes in and what goes out, byte by byte.

mod doors;
mod drive;
mod errands;
mod errors;
mod receive;
mod segments;
mod split;

use super::OneBot11;
use crate::connector::{Answer, Connector, Error, Payload, Received, Response, http::Headers};
use secrecy::SecretString;
use serde_json::{Value, json};

/// The text of a sample payload.
macro_rules! sample {
    ($name:literal) => {
        include_str!(concat!("../../../../tests/samples/onebot/", $name, ".json"))
    };
}
use sample;

const SECRET: &str = "some-secret";
const TOKEN: &str = "token-of-the-api";

/// A connector whose API has a token and whose events carry no signature.
fn unsigned() -> OneBot11 {
    let token = Some(SecretString::from(TOKEN));
    OneBot11::new("qq".into(), "http://127.0.0.1:3000/", token, None)
}

fn signed() -> OneBot11 {
    let secret = Some(SecretString::from(SECRET));
    OneBot11::new("qq".into(), "http://127.0.0.1:3000", None, secret)
}

fn post(connector: &OneBot11, headers: &Headers, body: &[u8]) -> Result<Received, Error> {
    connector.receive(&Payload {
        method: "POST",
        path: "",
        query: "",
        headers,
        body,
        arrived_at: 0,
    })
}

fn receive(body: &str) -> Received {
    post(&unsigned(), &Headers::default(), body.as_bytes()).unwrap()
}

fn response(status: u16, body: &str) -> Answer {
    Answer::Response(Response {
        status,
        retry_after_s: None,
        body: body.as_bytes().to_vec(),
    })
}

/// A successful answer with that `data`.
fn ok(data: &Value) -> Answer {
    let body = json!({ "status": "ok", "retcode": 0, "data": data });
    response(200, &body.to_string())
}

/// A failed answer as `NapCat` gives it.
fn failed(message: &str) -> Answer {
    let body = json!({
        "status": "failed", "retcode": 200, "data": null, "message": message, "wording": message,
    });
    response(200, &body.to_string())
}

/// A notice about person 2 in group 1, seen by account 9, with these fields over it.
fn notice(kind: &str, more: &Value) -> String {
    let mut notice = json!({
        "time": 100, "self_id": 9, "post_type": "notice", "notice_type": kind,
        "group_id": 1, "user_id": 2, "operator_id": 3,
    });
    let fields = notice.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    notice.to_string()
}
