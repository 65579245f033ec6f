//! Goldens: what comes in and what goes out, byte by byte.

mod drive;
mod errors;
mod receive;
mod segments;
mod split;

use super::OneBot11;
use crate::connector::{Answer, Connector, Error, Payload, Received, Response, http::Headers};
use secrecy::SecretString;
use serde_json::Value;

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
    let body = serde_json::json!({ "status": "ok", "retcode": 0, "data": data });
    response(200, &body.to_string())
}

/// A failed answer as `NapCat` gives it.
fn failed(message: &str) -> Answer {
    let body = serde_json::json!({
        "status": "failed", "retcode": 200, "data": null, "message": message, "wording": message,
    });
    response(200, &body.to_string())
}
