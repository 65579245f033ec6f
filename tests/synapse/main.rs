//! The Matrix connector against a real homeserver. Asked for by the environment that
//! `.ci/synapse start` prints; without it there is nothing to do.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot set itself up has failed"
)]

mod daemon;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request as Received, State};
use axum::response::Response as Replied;
use secrecy::SecretString;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use steward::connector::http::Headers;
use steward::connector::matrix::Matrix;
use steward::connector::{
    Answer, Connector, Errand, ErrandNext, ErrandResult, Next, Outcome, Payload, Request, Response,
};
use steward::model::{
    Action, Effect, EffectId, Event, Happening, Person, Post, Record, Refusal, RichText, RunId,
    Stage, Text,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

const BOT: &str = "@_steward_bot:steward.test";
const ALICE: &str = "@alice:steward.test";
const BOB: &str = "@bob:steward.test";
/// Far more than any step needs; a homeserver that is slower than this is broken.
const PATIENCE: Duration = Duration::from_secs(30);

/// The connector, driven as delivery drives it.
struct Driver {
    matrix: Arc<Matrix>,
    http: reqwest::Client,
    env: BTreeMap<String, String>,
    events: UnboundedReceiver<Event>,
    effects: u64,
}

impl Driver {
    async fn start(env: BTreeMap<String, String>) -> Self {
        // The other test may have installed it first.
        drop(rustls::crypto::ring::default_provider().install_default());
        let secret = |name: &str| SecretString::from(env[name].clone());
        let matrix = Matrix::new(
            "mx".into(),
            &env["STEWARD_SYNAPSE"],
            secret("STEWARD_SYNAPSE_AS_TOKEN"),
            secret("STEWARD_SYNAPSE_HS_TOKEN"),
            &env["STEWARD_SYNAPSE_USER"],
        );
        let matrix = Arc::new(matrix.unwrap());
        let (sender, events) = unbounded_channel();
        let hook = url::Url::parse(&env["STEWARD_SYNAPSE_HOOK"]).unwrap();
        let address = format!("127.0.0.1:{}", hook.port().unwrap());
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        let state = (Arc::clone(&matrix), sender, hook.path().to_owned());
        let router = Router::new().fallback(receive).with_state(state);
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            matrix,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            env,
            events,
            effects: 0,
        }
    }

    async fn exchange(&self, request: Request) -> Answer {
        let method = request.method.parse().unwrap();
        let mut call = self.http.request(method, &request.url).body(request.body);
        for (name, value) in request.headers {
            call = call.header(name, value);
        }
        let answer = call.send().await.unwrap();
        Answer::Response(Response {
            status: answer.status().as_u16(),
            retry_after_s: None,
            body: answer.bytes().await.unwrap().to_vec(),
        })
    }

    async fn errand(&self, errand: Errand) -> ErrandResult {
        let mut answers = Vec::new();
        loop {
            match self.matrix.run_errand(&errand, &answers) {
                ErrandNext::Send(request) => answers.push(self.exchange(request).await),
                ErrandNext::End(result) => return result,
            }
        }
    }

    /// Carries out an effect under the id of that number.
    async fn act_as(&self, number: u64, group: &str, action: &Action) -> Outcome {
        let effect = Effect {
            id: EffectId(number),
            run: RunId(1),
            rule: "test/test".into(),
            step: "do/0".into(),
            connector: "mx".into(),
            group: Some(group.into()),
            decided_at: 0,
            number: 0,
            expires_at: None,
            not_before: 0,
            attempts: 0,
            stage: Stage::Open,
            problem: "".into(),
            action: action.clone(),
        };
        let mut answers = Vec::new();
        loop {
            match self.matrix.drive(&effect, &answers) {
                Next::Send(request) => answers.push(self.exchange(request).await),
                Next::End(outcome) => return outcome,
            }
        }
    }

    async fn act(&mut self, group: &str, action: Action) -> Outcome {
        self.effects += 1;
        self.act_as(self.effects, group, &action).await
    }

    /// The first time it is done, the second time it was so already.
    async fn once(&mut self, group: &str, action: Action) {
        let first = self.act(group, action.clone()).await;
        assert_eq!(first, Outcome::done(), "{action:?}");
        let second = self.act(group, action.clone()).await;
        assert_eq!(second, Outcome::Already(Record::new()), "{action:?} again");
    }

    /// A call of an ordinary client; its status and answer.
    async fn client(&self, who: &str, method: &str, path: &str, body: Json) -> (u16, Json) {
        let url = format!("{}/_matrix/client/v3{path}", self.env["STEWARD_SYNAPSE"]);
        let method = method.parse().unwrap();
        let call = self
            .http
            .request(method, url)
            .bearer_auth(&self.env[&format!("STEWARD_SYNAPSE_{who}")]);
        let answer = call.body(body.to_string()).send().await.unwrap();
        let status = answer.status().as_u16();
        let body = answer.bytes().await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    async fn say(&self, who: &str, room: &str, txn: &str) -> u16 {
        let path = format!("/rooms/{room}/send/m.room.message/{txn}");
        let body = json!({ "msgtype": "m.text", "body": txn });
        self.client(who, "PUT", &path, body).await.0
    }

    async fn enter(&self, who: &str, room: &str, how: &str) {
        let (status, said) = self
            .client(who, "POST", &format!("/{how}/{room}"), json!({}))
            .await;
        assert_eq!(status, 200, "{said}");
    }

    /// Waits until the homeserver has told an event of that kind.
    async fn hear(&mut self, kind: &str) -> Event {
        let heard = tokio::time::timeout(PATIENCE, async {
            loop {
                let event = self.events.recv().await.unwrap();
                if event.what.kind() == kind {
                    return event;
                }
            }
        });
        heard.await.unwrap()
    }
}

type Door = (Arc<Matrix>, UnboundedSender<Event>, String);

async fn receive(State((matrix, sender, hook)): State<Door>, request: Received) -> Replied {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let headers = parts.headers.iter();
    let headers = Headers(
        headers
            .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
            .collect(),
    );
    let payload = Payload {
        method: parts.method.as_str(),
        path: parts
            .uri
            .path()
            .strip_prefix(hook.trim_end_matches('/'))
            .unwrap(),
        query: parts.uri.query().unwrap_or_default(),
        headers: &headers,
        body: &body,
        arrived_at: 0,
    };
    let reply = match matrix.receive(&payload) {
        Ok(received) => {
            for event in received.events {
                sender.send(event).unwrap();
            }
            received.reply
        }
        Err(error) => matrix.refuse(&error),
    };
    Replied::builder()
        .status(reply.status)
        .header("content-type", reply.content_type)
        .body(Body::from(reply.body))
        .unwrap()
}

fn because(outcome: &Outcome) -> Option<Refusal> {
    if let Outcome::Refused { because, .. } = outcome {
        Some(*because)
    } else {
        None
    }
}

fn post(text: &str) -> Post {
    Post {
        text: RichText::plain(text),
        ..Post::default()
    }
}

#[track_caller]
fn told(outcome: &Outcome, field: &str) -> Text {
    let (Outcome::Done(record) | Outcome::Already(record)) = outcome else {
        panic!("{outcome:?}")
    };
    record[field].as_text().unwrap().clone()
}

fn mute(member: &str) -> Action {
    Action::MuteMember {
        member: member.into(),
        until: None,
        reason: "".into(),
    }
}

fn already() -> Outcome {
    Outcome::Already(Record::new())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_connector_agrees_with_a_real_homeserver() {
    let env: BTreeMap<String, String> = std::env::vars().collect();
    if !env.contains_key("STEWARD_SYNAPSE") {
        println!("synapse: not asked for (run `.ci/synapse start`, set what it prints)");
        return;
    }
    let mut driver = Driver::start(env).await;
    let send = Action::SendMessage(post("x"));
    let early = driver.act("!r:steward.test", send).await;
    assert!(
        matches!(early, Outcome::Stop { .. }),
        "no device: {early:?}"
    );
    connects(&driver).await;
    let room = opens_a_group(&mut driver).await;
    sends_once(&mut driver, &room).await;
    mutes(&mut driver, &room).await;
    removes_and_bans(&mut driver, &room).await;
    decides_knocks(&mut driver, &room).await;
    speaks_directly(&mut driver, &room).await;
    enters_when_invited(&mut driver).await;
    let reason = "".into();
    driver.once(&room, Action::CloseGroup { reason }).await;
    assert_eq!(driver.say("ALICE", &room, "closed").await, 403);
}

async fn connects(driver: &Driver) {
    for time in ["first", "second"] {
        let url = driver.env["STEWARD_SYNAPSE_HOOK"].clone();
        let result = driver.errand(Errand::Connect { url }).await;
        let ErrandResult::Connected(line) = result else {
            panic!("{time}: {result:?}")
        };
        assert!(line.contains("reaches"), "{time}: {line}");
    }
    let result = driver.errand(Errand::Health).await;
    let ErrandResult::Health(health) = result else {
        panic!("{result:?}")
    };
    assert_eq!(health.problem, None);
}

async fn opens_a_group(driver: &mut Driver) -> String {
    let open = Action::CreateGroup {
        name: "Readers".into(),
        topic: "Books".into(),
        invite: vec![ALICE.into(), BOB.into()],
        key: "run-1".into(),
    };
    let first = driver.act("", open.clone()).await;
    assert!(matches!(first, Outcome::Done(_)), "{first:?}");
    let room = told(&first, "group");
    let again = driver.act("", open).await;
    assert!(matches!(again, Outcome::Already(_)), "{again:?}");
    assert_eq!(told(&again, "group"), room);
    driver.hear("group_created").await;
    driver.enter("BOB", &room, "join").await;
    let Happening::MemberJoined { inviter, source } = driver.hear("join").await.what else {
        panic!("another kind")
    };
    assert_eq!(inviter.map(|person| person.id).as_deref(), Some(BOT));
    assert_eq!(source.as_deref(), Some("invite"));
    driver.enter("ALICE", &room, "join").await;
    let group = room.clone();
    let ErrandResult::Events(events) = driver.errand(Errand::Roster { group }).await else {
        panic!("no roster")
    };
    let Happening::RosterRead { people } = &events[0].what else {
        panic!("{events:?}")
    };
    let mut ids: Vec<&str> = people.iter().map(|entry| &*entry.person.id).collect();
    ids.sort_unstable();
    assert_eq!(ids, [ALICE, BOB]);
    room.as_ref().to_owned()
}

async fn sends_once(driver: &mut Driver, room: &str) {
    let send = Action::SendMessage(Post {
        pin: true,
        ..post("Welcome <all>")
    });
    let first = driver.act_as(1_000, room, &send).await;
    let message = told(&first, "message");
    let second = driver.act_as(1_000, room, &send).await;
    assert_eq!(told(&second, "message"), message);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/.ci/synapse");
    let mut restart = std::process::Command::new(script);
    restart.args(["restart", "--dir", &driver.env["STEWARD_SYNAPSE_DIR"]]);
    assert!(restart.status().unwrap().success());
    let after = driver.act_as(1_000, room, &send).await;
    assert_eq!(
        told(&after, "message"),
        message,
        "sent twice over a restart"
    );
    let (reacted, emoji) = (message.clone(), "👍".into());
    let react = Action::AddReaction {
        message: reacted,
        emoji,
    };
    driver.once(room, react).await;
    let pin = Action::PinMessage {
        message: message.clone(),
    };
    assert_eq!(driver.act(room, pin).await, already());
    let delete = Action::DeleteMessage {
        message: message.clone(),
    };
    assert_eq!(driver.act(room, delete).await, Outcome::done());
    let gone = driver.hear("message_deleted").await.what;
    assert_eq!(gone, Happening::MessageDeleted { message });
}

async fn mutes(driver: &mut Driver, room: &str) {
    driver.once(room, mute(ALICE)).await;
    assert_eq!(driver.say("ALICE", room, "muted").await, 403);
    let muted = driver.hear("mute_changed").await;
    assert_eq!(muted.member.map(|person| person.id).as_deref(), Some(ALICE));
    let member = ALICE.into();
    driver.once(room, Action::UnmuteMember { member }).await;
    assert_eq!(driver.say("ALICE", room, "unmuted").await, 200);
    let said = driver.hear("message").await.what;
    assert!(
        matches!(&said, Happening::MessagePosted(m) if &*m.text == "unmuted"),
        "{said:?}"
    );
}

async fn removes_and_bans(driver: &mut Driver, room: &str) {
    let (member, reason): (Text, Text) = (BOB.into(), "rule 3".into());
    let remove = Action::RemoveMember {
        member: member.clone(),
        reason: reason.clone(),
    };
    driver.once(room, remove).await;
    let ban = Action::BanMember {
        member: member.clone(),
        reason,
    };
    assert_eq!(driver.act(room, ban.clone()).await, Outcome::done());
    assert_eq!(driver.act(room, ban).await, Outcome::done());
    for banned in [false, true] {
        let by = Some(Person {
            id: BOT.into(),
            is_bot: true,
            ..Person::default()
        });
        assert_eq!(
            driver.hear("leave").await.what,
            Happening::MemberLeft { by, banned }
        );
    }
    let unban = Action::UnbanMember {
        member: member.clone(),
    };
    driver.once(room, unban).await;
    let invite = Action::InviteMember { member };
    assert_eq!(driver.act(room, invite.clone()).await, Outcome::done());
    driver.enter("BOB", room, "join").await;
    assert_eq!(driver.act(room, invite).await, already());
}

async fn decides_knocks(driver: &mut Driver, room: &str) {
    let path = format!("/rooms/{room}/state/m.room.join_rules");
    let rules = json!({ "join_rule": "knock" });
    let (status, said) = driver.client("AS_TOKEN", "PUT", &path, rules).await;
    assert_eq!(status, 200, "{said}");
    driver.enter("BOB", &format!("{room}/leave"), "rooms").await;
    driver.enter("BOB", room, "knock").await;
    let Happening::JoinRequested { handle, .. } = driver.hear("join_request").await.what else {
        panic!("another kind")
    };
    let member: Text = BOB.into();
    let decline = Action::DeclineMember {
        member: member.clone(),
        handle: handle.clone(),
        reason: "full".into(),
    };
    driver.once(room, decline).await;
    driver.enter("BOB", room, "knock").await;
    let admit = Action::AdmitMember { member, handle };
    assert_eq!(driver.act(room, admit.clone()).await, Outcome::done());
    driver.enter("BOB", room, "join").await;
    assert_eq!(driver.act(room, admit).await, already());
}

async fn speaks_directly(driver: &mut Driver, room: &str) {
    let dm = |member: &str| {
        Action::SendMessage(Post {
            to_member: Some(member.into()),
            ..post("hello")
        })
    };
    let first = driver.act(room, dm(ALICE)).await;
    let direct = told(&first, "room");
    driver.enter("ALICE", &direct, "join").await;
    let reached = driver.hear("reachability").await.what;
    assert_eq!(reached, Happening::ReachabilityChanged { reachable: true });
    let second = driver.act(room, dm(ALICE)).await;
    assert_eq!(told(&second, "room"), direct);
    assert_ne!(told(&second, "message"), told(&first, "message"));
    driver
        .enter("ALICE", &format!("{direct}/leave"), "rooms")
        .await;
    assert_eq!(told(&driver.act(room, dm(ALICE)).await, "room"), direct);
    driver.enter("ALICE", &direct, "join").await;
    let declined = told(&driver.act(room, dm(BOB)).await, "room");
    driver
        .enter("BOB", &format!("{declined}/leave"), "rooms")
        .await;
    let refused = driver.act(room, dm(BOB)).await;
    assert_eq!(because(&refused), Some(Refusal::Blocked), "{refused:?}");
}

async fn enters_when_invited(driver: &mut Driver) {
    let body = json!({ "preset": "private_chat", "invite": [BOT] });
    let (_, made) = driver.client("ALICE", "POST", "/createRoom", body).await;
    let room = made["room_id"].as_str().unwrap();
    let sent = driver.act(room, Action::SendMessage(post("here"))).await;
    assert!(matches!(sent, Outcome::Done(_)), "{sent:?}");
    let refused = driver.act(room, mute(BOB)).await;
    assert_eq!(because(&refused), Some(Refusal::Forbidden), "{refused:?}");
    let send = Action::SendMessage(post("x"));
    let nowhere = driver.act("!nope:steward.test", send).await;
    assert_eq!(because(&nowhere), Some(Refusal::Forbidden), "{nowhere:?}");
}
