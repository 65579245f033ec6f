//! A peer of the generic webhook: it checks signatures, knows a repetition by its `webhook-id`, and
//! answers as it is told.

use crate::fakes::{Fault, Faults, serve};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use std::sync::{Arc, Mutex, MutexGuard};

/// The secret that both sides know.
pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A running peer. Clones share it.
#[derive(Clone)]
pub(crate) struct Receiver {
    /// Where it listens.
    pub(crate) url: String,
    /// What goes wrong with the next deliveries, by the effect's `type`.
    pub(crate) faults: Faults,
    state: Arc<Mutex<Held>>,
}

/// What it has got.
#[derive(Debug, Default)]
struct Held {
    /// Effects it acted upon, in the order of their first coming: (`webhook-id`, body).
    acted: Vec<(String, Value)>,
    /// Every request that was signed well, repetitions and faults included.
    attempts: usize,
    /// What was wrong with requests: bad signatures, one id with two bodies.
    wrongs: Vec<String>,
}

impl Receiver {
    /// Starts one on a free port.
    pub(crate) async fn start() -> Self {
        let mut receiver = Self {
            url: String::new(),
            faults: Faults::default(),
            state: Arc::default(),
        };
        let router = Router::new().fallback(take).with_state(receiver.clone());
        receiver.url = format!("http://{}/", serve(router).await);
        receiver
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.state.lock().unwrap()
    }

    /// Bodies of the effects that it acted upon, each once.
    pub(crate) fn bodies(&self) -> Vec<Value> {
        let held = self.lock();
        assert_eq!(held.wrongs, Vec::<String>::new());
        held.acted.iter().map(|(_, body)| body.clone()).collect()
    }

    /// The same in a few words: `<type> <group> [<member>] <text>`.
    pub(crate) fn told(&self) -> Vec<String> {
        self.bodies().iter().map(told).collect()
    }

    /// How many requests came, repetitions and faults included.
    pub(crate) fn attempts(&self) -> usize {
        self.lock().attempts
    }

    fn act(&self, id: &str, body: Value) -> Value {
        let mut held = self.lock();
        let known = held.acted.iter().position(|(known, _)| known == id);
        let index = known.unwrap_or(held.acted.len());
        let kind = body["type"].as_str().unwrap_or_default().to_owned();
        match held.acted.get(index).map(|(_, known)| known != &body) {
            None => held.acted.push((id.to_owned(), body)),
            Some(true) => held.wrongs.push(format!("`{id}` came with two bodies")),
            Some(false) => {}
        }
        match kind.as_str() {
            "create_group" => json!({
                "group": format!("new{index}"), "link": format!("https://join.example/{index}"),
            }),
            _ => json!({ "message": format!("m{index}") }),
        }
    }
}

/// A delivered effect in a few words.
pub(crate) fn told(body: &Value) -> String {
    let fields = ["type", "group", "member", "text"].map(|name| body[name].as_str());
    fields.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

async fn take(State(peer): State<Receiver>, headers: HeaderMap, body: Bytes) -> Response {
    let field = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let id = field("webhook-id");
    let at = field("webhook-timestamp").parse().unwrap_or(0);
    let is_known = |(name, value): &(String, String)| field(name) == *value;
    if !sign(SECRET, &id, at, &body).iter().all(is_known) {
        peer.lock().wrongs.push(format!("`{id}` is signed badly"));
        return StatusCode::UNAUTHORIZED.into_response();
    }
    peer.lock().attempts += 1;
    let Ok(parsed) = serde_json::from_slice::<Value>(&body) else {
        peer.lock().wrongs.push(format!("`{id}` is no JSON"));
        return StatusCode::BAD_REQUEST.into_response();
    };
    let kind = parsed["type"].as_str().unwrap_or_default().to_owned();
    let status = |status| StatusCode::from_u16(status).unwrap();
    match peer.faults.take(&kind) {
        None => axum::Json(peer.act(&id, parsed)).into_response(),
        Some(Fault::Refuse { status: code, body }) => (status(code), body).into_response(),
        Some(Fault::ActThenFail { status: code }) => {
            peer.act(&id, parsed);
            status(code).into_response()
        }
        Some(Fault::ActThenHangUp) => {
            peer.act(&id, parsed);
            hang_up()
        }
        Some(Fault::HangUp) => hang_up(),
        Some(Fault::Nonsense) => {
            peer.act(&id, parsed);
            "<html>nginx</html>".into_response()
        }
        Some(Fault::TooMany { retry_after_s }) => {
            let after = [("retry-after", retry_after_s.to_string())];
            (StatusCode::TOO_MANY_REQUESTS, after).into_response()
        }
    }
}

/// Ends the connection's task, which closes the socket; the panic hook does not hear of it.
fn hang_up() -> ! {
    std::panic::resume_unwind(Box::new("hung up"))
}

/// The headers with which Standard Webhooks sends a body.
pub(crate) fn sign(secret: &str, id: &str, at_s: i64, body: &[u8]) -> Vec<(String, String)> {
    let key = STANDARD
        .decode(secret.trim_start_matches("whsec_"))
        .unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(format!("{id}.{at_s}.").as_bytes());
    mac.update(body);
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    vec![
        ("webhook-id".to_owned(), id.to_owned()),
        ("webhook-timestamp".to_owned(), at_s.to_string()),
        ("webhook-signature".to_owned(), format!("v1,{signature}")),
    ]
}
