//! A fake of `NapCat`: its action API over HTTP, and the event posts it would send. People who are
//! kicked leave, requests that are approved let people in, and what follows from an action is
//! waiting as an event.

mod actions;

use super::{Fault, Faults, serve};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha1::Sha1;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard};

/// The account that the fake is logged in as.
pub(crate) const ACCOUNT: i64 = 333;

/// One running implementation. Clones share it.
#[derive(Clone)]
pub(crate) struct OneBot {
    /// Address of the action API.
    pub(crate) api: String,
    /// What goes wrong with the next calls, by the action's name.
    pub(crate) faults: Faults,
    state: Arc<Mutex<State>>,
    access_token: Arc<str>,
    secret: Arc<str>,
}

/// What the platform holds.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) groups: BTreeMap<i64, Group>,
    /// Messages that still stand, by their ids.
    pub(crate) messages: BTreeMap<i64, Message>,
    /// Requests to enter, by their flags.
    pub(crate) requests: BTreeMap<String, Request>,
    /// Events that the actions led to, not yet posted.
    events: Vec<Value>,
    sent: i64,
}

#[derive(Debug, Default)]
pub(crate) struct Group {
    pub(crate) members: BTreeMap<i64, Member>,
    pub(crate) all_muted: bool,
    /// Group notices: content, and whether it is pinned.
    pub(crate) notices: Vec<(String, bool)>,
    /// Who was removed with "do not let them ask again".
    pub(crate) barred: Vec<i64>,
}

#[derive(Debug, Default)]
pub(crate) struct Member {
    pub(crate) role: &'static str,
    /// Seconds of the mute; 0 is none.
    pub(crate) muted_s: i64,
}

#[derive(Debug)]
pub(crate) struct Message {
    /// The group, or the person, it went to.
    pub(crate) to: i64,
    pub(crate) segments: Value,
    pub(crate) essence: bool,
}

#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) group: i64,
    pub(crate) user: i64,
    /// Approved or not, with the reason, once that is decided.
    pub(crate) decided: Option<(bool, String)>,
}

impl OneBot {
    /// Starts one on a free port. `access_token` opens the API, `secret` signs events.
    pub(crate) async fn start(access_token: &str, secret: &str) -> Self {
        let mut fake = Self {
            api: String::new(),
            faults: Faults::default(),
            state: Arc::default(),
            access_token: access_token.into(),
            secret: secret.into(),
        };
        let router = Router::new().fallback(call).with_state(fake.clone());
        fake.api = format!("http://{}", serve(router).await);
        fake
    }

    /// What the platform holds now, to look at and to prepare.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Events that actions led to since the last call, oldest first.
    pub(crate) fn take_events(&self) -> Vec<Value> {
        std::mem::take(&mut self.state().events)
    }

    /// Somebody asks to enter: the request waits, and this is its event.
    pub(crate) fn ask(&self, group: i64, user: i64, comment: &str) -> Value {
        let mut state = self.state();
        let flag = format!(
            "{}",
            1_780_000_000_000_000_i64 + state.requests.len() as i64
        );
        let request = Request {
            group,
            user,
            decided: None,
        };
        state.requests.insert(flag.clone(), request);
        json!({
            "time": 1_780_000_000, "self_id": ACCOUNT, "post_type": "request",
            "request_type": "group", "sub_type": "add", "group_id": group, "user_id": user,
            "comment": comment, "flag": flag,
        })
    }

    /// The headers and the body with which an event is posted: signed over the raw bytes.
    pub(crate) fn event(&self, event: &Value) -> (Vec<(String, String)>, Vec<u8>) {
        let body = event.to_string().into_bytes();
        let mut mac = Hmac::<Sha1>::new_from_slice(self.secret.as_bytes()).unwrap();
        mac.update(&body);
        let mut signature = "sha1=".to_owned();
        for byte in mac.finalize().into_bytes() {
            write!(signature, "{byte:02x}").unwrap();
        }
        let headers = vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("x-self-id".to_owned(), ACCOUNT.to_string()),
            ("x-signature".to_owned(), signature),
        ];
        (headers, body)
    }

    /// `Authorization: Bearer …` or `?access_token=…`.
    fn knows(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let bearer = headers.get("authorization").and_then(|v| v.to_str().ok());
        let query = uri.query().unwrap_or("");
        bearer == Some(&format!("Bearer {}", self.access_token))
            || query
                .split('&')
                .any(|pair| pair == format!("access_token={}", self.access_token))
    }

    fn act(&self, action: &str, body: &[u8]) -> Response {
        let Ok(params) = serde_json::from_slice::<Value>(body) else {
            return (StatusCode::BAD_REQUEST, "Invalid JSON").into_response();
        };
        let answer = match self.state().act(action, &params) {
            Ok(data) => json!({
                "status": "ok", "retcode": 0, "data": data, "message": "", "wording": "",
                "echo": null,
            }),
            Err((retcode, words)) => json!({
                "status": "failed", "retcode": retcode, "data": null, "message": words,
                "wording": words, "echo": null,
            }),
        };
        axum::Json(answer).into_response()
    }
}

async fn call(Shared(fake): Shared<OneBot>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    if !fake.knows(&uri, &headers) {
        let told = axum::Json(json!({ "message": "token verify failed!" }));
        return (StatusCode::FORBIDDEN, told).into_response();
    }
    let action = uri.path().trim_matches('/');
    let status = |status| StatusCode::from_u16(status).unwrap();
    match fake.faults.take(action) {
        None => fake.act(action, &body),
        Some(Fault::Refuse { status: code, body }) => (status(code), body).into_response(),
        Some(Fault::ActThenFail { status: code }) => {
            fake.act(action, &body);
            status(code).into_response()
        }
        Some(Fault::ActThenHangUp) => {
            fake.act(action, &body);
            hang_up()
        }
        Some(Fault::HangUp) => hang_up(),
        Some(Fault::Nonsense) => {
            fake.act(action, &body);
            "<html>nginx</html>".into_response()
        }
        // OneBot has no such answer; what stands before it may.
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
