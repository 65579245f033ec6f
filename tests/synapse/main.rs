//! The Matrix connector against a real homeserver. Asked for by the environment that
//! `.ci/synapse start` prints; without it there is nothing to do.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set itself up has failed"
)]

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
    Action, Effect, EffectId, Event, Happening, Post, Record, Refusal, RichText, RunId, Stage, Text,
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
        rustls::crypto::ring::default_provider()
            .install_default()
            .unwrap();
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
            expires_at: None,
            not_before: 0,
            attempts: 0,
            stage: Stage::Open,
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
        let call = self.http.request(method, url).bearer_auth(&self.env[who]);
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

    /// Waits until the homeserver has told such an event.
    async fn hear(&mut self, what: &str, is_it: impl Fn(&Event) -> bool) -> Event {
        let heard = tokio::time::timeout(PATIENCE, async {
            loop {
                let event = self.events.recv().await.unwrap();
                if is_it(&event) {
                    return event;
                }
            }
        });
        heard.await.unwrap_or_else(|_| panic!("never heard {what}"))
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

#[tokio::test(flavor = "multi_thread")]
async fn the_connector_agrees_with_a_real_homeserver() {
    #[expect(clippy::disallowed_methods, reason = "the only way to be asked for")]
    let Ok(_) = std::env::var("STEWARD_SYNAPSE") else {
        println!("synapse: not asked for (run `.ci/synapse start`, set what it prints)");
        return;
    };
    let mut driver = Driver::start(std::env::vars().collect()).await;
    let early = driver
        .act("!r:steward.test", Action::SendMessage(post("x")))
        .await;
    assert!(
        matches!(early, Outcome::Stop { .. }),
        "without its device: {early:?}"
    );
    connects(&driver).await;
    let room = opens_a_group(&mut driver).await;
    sends_once(&mut driver, &room).await;
    mutes(&mut driver, &room).await;
    removes_and_bans(&mut driver, &room).await;
    decides_knocks(&mut driver, &room).await;
    speaks_directly(&mut driver, &room).await;
    enters_when_invited(&mut driver).await;
    driver
        .once(&room, Action::CloseGroup { reason: "".into() })
        .await;
    assert_eq!(
        driver.say("STEWARD_SYNAPSE_ALICE", &room, "closed").await,
        403
    );
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
    driver
        .hear("the creation", |event| {
            matches!(event.what, Happening::GroupCreated { .. })
        })
        .await;
    driver.enter("STEWARD_SYNAPSE_ALICE", &room, "join").await;
    driver.enter("STEWARD_SYNAPSE_BOB", &room, "join").await;
    let joined = driver
        .hear("bob's join", |event| {
            event
                .member
                .as_ref()
                .is_some_and(|person| &*person.id == BOB)
        })
        .await;
    let Happening::MemberJoined { inviter, source } = joined.what else {
        panic!("{joined:?}")
    };
    assert_eq!(inviter.map(|person| person.id).as_deref(), Some(BOT));
    assert_eq!(source.as_deref(), Some("invite"));
    let roster = driver
        .errand(Errand::Roster {
            group: room.clone(),
        })
        .await;
    let ErrandResult::Events(events) = roster else {
        panic!("{roster:?}")
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
    let pinned = Post {
        pin: true,
        ..post("Welcome <all>")
    };
    let send = Action::SendMessage(pinned);
    let first = driver.act_as(1_000, room, &send).await;
    let message = told(&first, "message");
    assert_eq!(
        told(&driver.act_as(1_000, room, &send).await, "message"),
        message
    );
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
    let emoji = "👍".into();
    let react = Action::AddReaction {
        message: message.clone(),
        emoji,
    };
    driver.once(room, react).await;
    let pin = Action::PinMessage {
        message: message.clone(),
    };
    assert_eq!(driver.act(room, pin).await, Outcome::Already(Record::new()));
    let delete = Action::DeleteMessage {
        message: message.clone(),
    };
    assert_eq!(driver.act(room, delete).await, Outcome::done());
    driver
        .hear("the deletion", |event| {
            event.what
                == Happening::MessageDeleted {
                    message: message.clone(),
                }
        })
        .await;
}

async fn mutes(driver: &mut Driver, room: &str) {
    let (until, reason) = (None, "".into());
    driver
        .once(
            room,
            Action::MuteMember {
                member: ALICE.into(),
                until,
                reason,
            },
        )
        .await;
    assert_eq!(
        driver.say("STEWARD_SYNAPSE_ALICE", room, "muted").await,
        403
    );
    driver
        .hear("the mute", |event| {
            matches!(event.what, Happening::MuteChanged { until: Some(_) })
        })
        .await;
    driver
        .once(
            room,
            Action::UnmuteMember {
                member: ALICE.into(),
            },
        )
        .await;
    assert_eq!(
        driver.say("STEWARD_SYNAPSE_ALICE", room, "unmuted").await,
        200
    );
    driver.hear("alice", |event| {
        matches!(&event.what, Happening::MessagePosted(message) if &*message.text == "unmuted")
    }).await;
}

async fn removes_and_bans(driver: &mut Driver, room: &str) {
    let (member, reason): (Text, Text) = (BOB.into(), "rule 3".into());
    driver
        .once(
            room,
            Action::RemoveMember {
                member: member.clone(),
                reason: reason.clone(),
            },
        )
        .await;
    let ban = Action::BanMember {
        member: member.clone(),
        reason,
    };
    assert_eq!(driver.act(room, ban.clone()).await, Outcome::done());
    assert_eq!(driver.act(room, ban).await, Outcome::done());
    driver
        .hear("the ban", |event| {
            matches!(event.what, Happening::MemberLeft { banned: true, .. })
        })
        .await;
    driver
        .once(
            room,
            Action::UnbanMember {
                member: member.clone(),
            },
        )
        .await;
    let invite = Action::InviteMember { member };
    assert_eq!(driver.act(room, invite.clone()).await, Outcome::done());
    driver.enter("STEWARD_SYNAPSE_BOB", room, "join").await;
    assert_eq!(
        driver.act(room, invite).await,
        Outcome::Already(Record::new())
    );
}

async fn decides_knocks(driver: &mut Driver, room: &str) {
    let path = format!("/rooms/{room}/state/m.room.join_rules");
    let rules = json!({ "join_rule": "knock" });
    let (status, said) = driver
        .client("STEWARD_SYNAPSE_AS_TOKEN", "PUT", &path, rules)
        .await;
    assert_eq!(status, 200, "{said}");
    driver
        .enter("STEWARD_SYNAPSE_BOB", &format!("{room}/leave"), "rooms")
        .await;
    driver.enter("STEWARD_SYNAPSE_BOB", room, "knock").await;
    let knock = driver
        .hear("the knock", |event| {
            matches!(event.what, Happening::JoinRequested { .. })
        })
        .await;
    let Happening::JoinRequested { handle, .. } = knock.what else {
        return;
    };
    let (member, reason): (Text, Text) = (BOB.into(), "full".into());
    let decline = Action::DeclineMember {
        member: member.clone(),
        handle: handle.clone(),
        reason,
    };
    driver.once(room, decline).await;
    driver.enter("STEWARD_SYNAPSE_BOB", room, "knock").await;
    let admit = Action::AdmitMember { member, handle };
    assert_eq!(driver.act(room, admit.clone()).await, Outcome::done());
    driver.enter("STEWARD_SYNAPSE_BOB", room, "join").await;
    assert_eq!(
        driver.act(room, admit).await,
        Outcome::Already(Record::new())
    );
}

async fn speaks_directly(driver: &mut Driver, room: &str) {
    let dm = Post {
        to_member: Some(ALICE.into()),
        ..post("hello")
    };
    let dm = Action::SendMessage(dm);
    let first = driver.act(room, dm.clone()).await;
    let direct = told(&first, "room");
    driver.enter("STEWARD_SYNAPSE_ALICE", &direct, "join").await;
    let second = driver.act(room, dm.clone()).await;
    assert_eq!(told(&second, "room"), direct);
    assert_ne!(told(&second, "message"), told(&first, "message"));
    driver
        .enter("STEWARD_SYNAPSE_ALICE", &format!("{direct}/leave"), "rooms")
        .await;
    assert_eq!(told(&driver.act(room, dm).await, "room"), direct);
    driver.enter("STEWARD_SYNAPSE_ALICE", &direct, "join").await;
}

async fn enters_when_invited(driver: &mut Driver) {
    let body = json!({ "preset": "private_chat", "invite": [BOT] });
    let (_, made) = driver
        .client("STEWARD_SYNAPSE_ALICE", "POST", "/createRoom", body)
        .await;
    let room = made["room_id"].as_str().unwrap();
    let sent = driver.act(room, Action::SendMessage(post("here"))).await;
    assert!(matches!(sent, Outcome::Done(_)), "{sent:?}");
    let (until, reason) = (None, "".into());
    let mute = Action::MuteMember {
        member: BOB.into(),
        until,
        reason,
    };
    let refused = driver.act(room, mute).await;
    let because = Refusal::Forbidden;
    assert!(
        matches!(&refused, Outcome::Refused { because: b, .. } if *b == because),
        "{refused:?}"
    );
    let nowhere = driver
        .act("!nope:steward.test", Action::SendMessage(post("x")))
        .await;
    assert!(matches!(nowhere, Outcome::Refused { .. }), "{nowhere:?}");
}
