//! A Telegram of our own: the Bot API over chats that it remembers, strict and in Telegram's words,
//! and the updates that people's deeds would send.

mod deeds;
mod methods;
#[cfg(test)]
mod tests;

use super::{Fault, Faults, serve};
use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Path, State as Extract};
use axum::response::Response;
use axum::routing::post;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};

/// The account of the bot: what its token begins with.
pub(crate) const BOT: i64 = 555;
/// Its token.
pub(crate) const TOKEN: &str = "555:fake-token";

/// A running fake.
#[derive(Clone)]
pub(crate) struct FakeTelegram {
    /// Where it listens: the `api` of a connector.
    pub(crate) api: String,
    /// What goes wrong with the next calls, by method.
    pub(crate) faults: Faults,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    chats: BTreeMap<i64, Chat>,
    people: BTreeMap<i64, Account>,
    webhook: Value,
    /// Methods called, in order, faults included.
    calls: Vec<String>,
    last_update: i64,
}

#[derive(Default)]
struct Account {
    name: String,
    /// The person wrote to the bot, so that the bot may write to them.
    started: bool,
    blocked: bool,
}

#[derive(Default)]
struct Chat {
    /// `group` or `supergroup`.
    kind: String,
    title: String,
    members: BTreeMap<i64, Standing>,
    messages: BTreeMap<i64, Value>,
    reactions: BTreeMap<i64, String>,
    pinned: Vec<i64>,
    permissions: Value,
    requests: BTreeSet<i64>,
    moved_to: Option<i64>,
    last_message: i64,
}

#[derive(Clone, Debug)]
struct Standing {
    status: &'static str,
    muted: bool,
    until: i64,
}

/// An error in Telegram's form.
struct Refusal {
    code: u16,
    description: String,
    parameters: Option<Value>,
}

impl FakeTelegram {
    /// Starts one with no chats.
    pub(crate) async fn start() -> Self {
        let state = Arc::new(Mutex::new(State {
            webhook: json!({ "url": "", "pending_update_count": 0 }),
            ..State::default()
        }));
        let mut fake = Self {
            api: String::new(),
            faults: Faults::default(),
            state,
        };
        let router = Router::new()
            .route("/{bot}/{method}", post(answer))
            .with_state(fake.clone());
        fake.api = format!("http://{}", serve(router).await);
        fake
    }

    /// A chat where the bot is an administrator, with these members.
    pub(crate) fn add_chat(&self, id: i64, kind: &str, title: &str, members: &[(i64, &str)]) {
        let mut state = self.lock();
        let mut chat = Chat {
            kind: kind.to_owned(),
            title: title.to_owned(),
            permissions: json!({ "can_send_messages": true, "can_invite_users": true }),
            ..Chat::default()
        };
        chat.members.insert(BOT, Standing::of("administrator"));
        for (member, name) in members {
            (*name).clone_into(&mut state.account(*member).name);
            chat.members.insert(*member, Standing::of("member"));
        }
        state.chats.insert(id, chat);
    }

    /// Texts that stand in a chat, oldest first; a captioned file by its caption.
    pub(crate) fn texts(&self, chat: i64) -> Vec<String> {
        let state = self.lock();
        let messages = state.chats.get(&chat).into_iter();
        messages
            .flat_map(|chat| chat.messages.values())
            .filter_map(|message| message.get("text").or_else(|| message.get("caption")))
            .filter_map(|text| text.as_str().map(str::to_owned))
            .collect()
    }

    /// A message as it was sent.
    pub(crate) fn message(&self, chat: i64, message: i64) -> Option<Value> {
        let state = self.lock();
        state.chats.get(&chat)?.messages.get(&message).cloned()
    }

    /// `member`, `left`, `kicked`, `muted`, …
    pub(crate) fn standing(&self, chat: i64, member: i64) -> &'static str {
        let state = self.lock();
        let standing = state
            .chats
            .get(&chat)
            .and_then(|chat| chat.members.get(&member));
        match standing {
            None => "left",
            Some(standing) if standing.muted => "muted",
            Some(standing) => standing.status,
        }
    }

    /// Pinned messages of a chat, in the order of pinning.
    pub(crate) fn pinned(&self, chat: i64) -> Vec<i64> {
        self.lock().chats[&chat].pinned.clone()
    }

    /// The bot's reaction to a message.
    pub(crate) fn reaction(&self, chat: i64, message: i64) -> Option<String> {
        self.lock().chats[&chat].reactions.get(&message).cloned()
    }

    /// True when nobody may write.
    pub(crate) fn is_closed(&self, chat: i64) -> bool {
        self.lock().chats[&chat].permissions["can_send_messages"] == false
    }

    /// What `setWebhook` set.
    pub(crate) fn webhook(&self) -> Value {
        self.lock().webhook.clone()
    }

    /// Methods called so far, in order.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.lock().calls.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn call(
        &self,
        path: &str,
        method: &str,
        params: &Map<String, Value>,
    ) -> Result<Value, Refusal> {
        if path != format!("bot{TOKEN}") {
            return Err(Refusal::new(401, "Unauthorized"));
        }
        methods::call(&mut self.lock(), method, params)
    }
}

impl State {
    fn account(&mut self, id: i64) -> &mut Account {
        self.people.entry(id).or_default()
    }

    fn user(&self, id: i64) -> Value {
        if id == BOT {
            return json!({ "id": BOT, "is_bot": true, "first_name": "Steward",
                "username": "steward_bot" });
        }
        let name = self.people.get(&id).map_or("?", |account| &account.name);
        json!({ "id": id, "is_bot": false, "first_name": name })
    }
}

impl Standing {
    const fn of(status: &'static str) -> Self {
        Self {
            status,
            muted: false,
            until: 0,
        }
    }

    fn is_present(&self) -> bool {
        matches!(
            self.status,
            "member" | "administrator" | "creator" | "restricted"
        )
    }
}

impl Refusal {
    fn new(code: u16, description: impl Into<String>) -> Self {
        Self {
            code,
            description: description.into(),
            parameters: None,
        }
    }

    fn body(&self) -> Value {
        let mut body = json!({
            "ok": false, "error_code": self.code, "description": self.description });
        if let Some(parameters) = &self.parameters {
            body["parameters"] = parameters.clone();
        }
        body
    }
}

async fn answer(
    Extract(fake): Extract<FakeTelegram>,
    Path((bot, method)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    fake.lock().calls.push(method.clone());
    let fault = fake.faults.take(&method);
    if let Some(early) = fault.as_ref().and_then(fail_early) {
        return early;
    }
    let acted = match serde_json::from_slice::<Map<String, Value>>(&body) {
        Ok(params) => fake.call(&bot, &method, &params),
        Err(_) => Err(Refusal::new(400, "Bad Request: can't parse JSON object")),
    };
    match fault {
        Some(Fault::ActThenFail { status }) => respond(status, "<html>Bad Gateway</html>"),
        Some(Fault::ActThenHangUp) => Response::new(Body::new(HangUp)),
        Some(Fault::Nonsense) => respond(200, "<html>surprise</html>"),
        Some(Fault::Refuse { .. } | Fault::HangUp | Fault::TooMany { .. }) | None => match acted {
            Ok(result) => respond(200, &json!({ "ok": true, "result": result }).to_string()),
            Err(refusal) => respond(refusal.code, &refusal.body().to_string()),
        },
    }
}

/// Faults that keep the call from acting.
fn fail_early(fault: &Fault) -> Option<Response> {
    match fault {
        Fault::Refuse { status, body } => Some(respond(*status, body)),
        Fault::HangUp => Some(Response::new(Body::new(HangUp))),
        Fault::TooMany { retry_after_s } => {
            let refusal = Refusal {
                code: 429,
                description: format!("Too Many Requests: retry after {retry_after_s}"),
                parameters: Some(json!({ "retry_after": retry_after_s })),
            };
            let mut response = respond(429, &refusal.body().to_string());
            let seconds = retry_after_s.to_string().parse().unwrap();
            response.headers_mut().insert("retry-after", seconds);
            Some(response)
        }
        Fault::ActThenFail { .. } | Fault::ActThenHangUp | Fault::Nonsense => None,
    }
}

fn respond(status: u16, body: &str) -> Response {
    Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(Body::from(body.to_owned()))
        .unwrap()
}

/// A body that breaks, and the connection with it.
struct HangUp;

impl HttpBody for HangUp {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, io::Error>>> {
        Poll::Ready(Some(Err(io::Error::other("the fake hangs up"))))
    }
}
