//! The OneBot connector against a fake of `NapCat`: what the platform holds afterwards.

use crate::fakes::Fault;
use crate::fakes::onebot::{ACCOUNT, Member, OneBot};
use reqwest::Client;
use secrecy::SecretString;
use serde_json::json;
use std::time::Duration;
use steward::connector::onebot11::OneBot11;
use steward::connector::{
    Answer, Connector, Errand, ErrandNext, ErrandResult, Error, Failure, Next, Outcome, Payload,
    Received, Request, Response, http::Headers,
};
use steward::model::{
    Action, Effect, EffectId, Happening, Post, Record, Refusal, RichText, RunId, Stage, Value,
};

const TOKEN: &str = "api-token";
const SECRET: &str = "event-secret";
const GROUP: i64 = 111;
const ANN: i64 = 222;
const OWNER: i64 = 1;

/// A group with its owner, us as an administrator, and one member.
async fn platform() -> (OneBot, OneBot11) {
    let fake = OneBot::start(TOKEN, SECRET).await;
    for (user, role) in [(OWNER, "owner"), (ACCOUNT, "admin"), (ANN, "member")] {
        let member = Member { role, muted_s: 0 };
        let mut state = fake.state();
        state
            .groups
            .entry(GROUP)
            .or_default()
            .members
            .insert(user, member);
    }
    let connector = connector(&fake, TOKEN);
    (fake, connector)
}

fn connector(fake: &OneBot, token: &str) -> OneBot11 {
    let secret = |text: &str| Some(SecretString::from(text));
    OneBot11::new("qq".into(), &fake.api, secret(token), secret(SECRET))
}

async fn exchange(client: &Client, request: Request) -> Answer {
    let mut call = client.post(&request.url).body(request.body);
    for (name, value) in request.headers {
        call = call.header(name, value);
    }
    let response = match call.send().await {
        Ok(response) => response,
        Err(error) if error.is_connect() => return Answer::Failed(Failure::Connect),
        Err(_) => return Answer::Failed(Failure::Lost),
    };
    let after = response.headers().get("retry-after");
    let retry_after_s = after.and_then(|value| value.to_str().ok()?.parse().ok());
    Answer::Response(Response {
        status: response.status().as_u16(),
        retry_after_s,
        body: response.bytes().await.unwrap().to_vec(),
    })
}

fn client() -> Client {
    // Another test may have installed it first.
    drop(rustls::crypto::ring::default_provider().install_default());
    Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(10))
        .build()
        .unwrap()
}

/// One attempt of an effect on [`GROUP`].
async fn attempt(connector: &OneBot11, action: Action) -> Outcome {
    let effect = Effect {
        id: EffectId(1),
        run: RunId(1),
        rule: "p/r".into(),
        step: "do/0".into(),
        connector: "qq".into(),
        group: Some(GROUP.to_string().into()),
        decided_at: 0,
        number: 0,
        expires_at: None,
        not_before: 0,
        attempts: 0,
        stage: Stage::Open,
        problem: "".into(),
        action,
    };
    let client = client();
    let mut answers = Vec::new();
    loop {
        match connector.drive(&effect, &answers) {
            Next::Send(request) => answers.push(exchange(&client, request).await),
            Next::End(outcome) => return outcome,
        }
    }
}

async fn errand(connector: &OneBot11, errand: &Errand) -> ErrandResult {
    let client = client();
    let mut answers = Vec::new();
    loop {
        match connector.run_errand(errand, &answers) {
            ErrandNext::Send(request) => answers.push(exchange(&client, request).await),
            ErrandNext::End(result) => return result,
        }
    }
}

fn receive(
    connector: &OneBot11,
    (headers, body): (Vec<(String, String)>, Vec<u8>),
) -> Result<Received, Error> {
    let headers = headers
        .into_iter()
        .map(|(name, value)| (name, value.into_bytes()));
    connector.receive(&Payload {
        method: "POST",
        path: "",
        query: "",
        headers: &Headers(headers.collect()),
        body: &body,
        arrived_at: 0,
    })
}

fn send(text: &str) -> Action {
    Action::SendMessage(Post {
        text: RichText::plain(text),
        ..Post::default()
    })
}

fn remove(user: i64) -> Action {
    Action::RemoveMember {
        member: user.to_string().into(),
        reason: "spam".into(),
    }
}

#[tokio::test]
async fn messages_stand_until_they_are_deleted() {
    let (fake, connector) = platform().await;
    let Outcome::Done(record) = attempt(&connector, send("[CQ:at,qq=all]")).await else {
        panic!("not sent");
    };
    let Some(Value::Text(message)) = record.get("message").cloned() else {
        panic!("no id");
    };
    let pin = Action::PinMessage {
        message: message.clone(),
    };
    assert_eq!(attempt(&connector, pin).await, Outcome::done());
    {
        let state = fake.state();
        let standing = &state.messages[&message.parse().unwrap()];
        let text = json!([{ "type": "text", "data": { "text": "[CQ:at,qq=all]" } }]);
        assert_eq!((standing.to, &standing.segments), (GROUP, &text));
        assert!(standing.essence);
    }
    let delete = Action::DeleteMessage { message };
    assert_eq!(attempt(&connector, delete.clone()).await, Outcome::done());
    assert!(fake.state().messages.is_empty());
    let again = attempt(&connector, delete).await;
    assert!(
        matches!(
            again,
            Outcome::Refused {
                because: Refusal::Gone,
                ..
            }
        ),
        "{again:?}"
    );
}

#[tokio::test]
async fn members_can_be_written_to_directly_while_they_are_in_the_group() {
    let (fake, connector) = platform().await;
    let dm = |to: i64| {
        Action::SendMessage(Post {
            text: RichText::plain("hi"),
            to_member: Some(to.to_string().into()),
            ..Post::default()
        })
    };
    assert!(matches!(
        attempt(&connector, dm(ANN)).await,
        Outcome::Done(_)
    ));
    let to: Vec<_> = fake
        .state()
        .messages
        .values()
        .map(|message| message.to)
        .collect();
    assert_eq!(to, [ANN]);
    let stranger = attempt(&connector, dm(999)).await;
    assert!(
        matches!(
            stranger,
            Outcome::Refused {
                because: Refusal::Gone,
                ..
            }
        ),
        "{stranger:?}"
    );
}

#[tokio::test]
async fn members_are_muted_removed_and_barred_and_the_platform_tells_so() {
    let (fake, connector) = platform().await;
    let mute = Action::MuteMember {
        member: ANN.to_string().into(),
        until: None,
        reason: "spam".into(),
    };
    assert_eq!(attempt(&connector, mute).await, Outcome::done());
    assert_eq!(fake.state().groups[&GROUP].members[&ANN].muted_s, 2_591_940);
    let ban = Action::BanMember {
        member: ANN.to_string().into(),
        reason: "spam".into(),
    };
    assert_eq!(attempt(&connector, ban).await, Outcome::done());
    assert!(!fake.state().groups[&GROUP].members.contains_key(&ANN));
    assert_eq!(fake.state().groups[&GROUP].barred, [ANN]);

    let mut told = Vec::new();
    for event in fake.take_events() {
        let received = receive(&connector, fake.event(&event)).unwrap();
        told.extend(received.events.into_iter().map(|event| event.what.kind()));
    }
    assert_eq!(told, ["mute_changed", "leave"]);
    // The owner stays although the platform says "ok".
    let owner = attempt(&connector, remove(OWNER)).await;
    assert!(
        matches!(
            owner,
            Outcome::Refused {
                because: Refusal::Forbidden,
                ..
            }
        ),
        "{owner:?}"
    );
}

#[tokio::test]
async fn whoever_asks_to_enter_is_let_in_once() {
    let (fake, connector) = platform().await;
    let asked = fake.ask(GROUP, 444, "问题：口令？\n答案：芝麻");
    let received = receive(&connector, fake.event(&asked)).unwrap();
    let Happening::JoinRequested { handle, answer, .. } = received.events[0].what.clone() else {
        panic!("no request");
    };
    assert_eq!(&*answer, "芝麻");
    let admit = Action::AdmitMember {
        member: "444".into(),
        handle: handle.clone(),
    };
    assert_eq!(attempt(&connector, admit.clone()).await, Outcome::done());
    assert!(fake.state().groups[&GROUP].members.contains_key(&444));
    assert_eq!(
        attempt(&connector, admit).await,
        Outcome::Already(Record::new())
    );
    let decline = Action::DeclineMember {
        member: "444".into(),
        handle,
        reason: "no".into(),
    };
    let late = attempt(&connector, decline).await;
    assert!(
        matches!(
            late,
            Outcome::Refused {
                because: Refusal::Gone,
                ..
            }
        ),
        "{late:?}"
    );
    let decided: Vec<_> = fake
        .state()
        .requests
        .values()
        .map(|r| r.decided.clone())
        .collect();
    assert_eq!(decided, [Some((true, String::new()))]);
}

#[tokio::test]
async fn a_pinned_announcement_and_a_closed_group_are_seen_by_everyone() {
    let (fake, connector) = platform().await;
    let announce = Action::SendMessage(Post {
        text: RichText::plain("we moved"),
        pin: true,
        ..Post::default()
    });
    assert!(matches!(
        attempt(&connector, announce).await,
        Outcome::Done(_)
    ));
    let close = Action::CloseGroup {
        reason: "moved".into(),
    };
    assert_eq!(attempt(&connector, close).await, Outcome::done());
    let state = fake.state();
    let group = &state.groups[&GROUP];
    assert_eq!(group.notices, [("we moved".to_owned(), true)]);
    assert!(group.all_muted);
}

#[tokio::test]
async fn what_goes_wrong_on_the_way_is_told_apart() {
    let (fake, connector) = platform().await;
    let unknown = |outcome: &Outcome| matches!(outcome, Outcome::Unknown { .. });
    let retry = |outcome: &Outcome| matches!(outcome, Outcome::RetryAfter { .. });
    fake.faults
        .push("send_group_msg", Fault::ActThenFail { status: 502 });
    fake.faults.push("send_group_msg", Fault::ActThenHangUp);
    fake.faults.push("send_group_msg", Fault::HangUp);
    for sent in [1, 2, 2] {
        let outcome = attempt(&connector, send("hi")).await;
        assert!(unknown(&outcome), "{outcome:?}");
        assert_eq!(fake.state().messages.len(), sent);
    }
    fake.faults.push("send_group_msg", Fault::Nonsense);
    let outcome = attempt(&connector, send("hi")).await;
    assert!(matches!(outcome, Outcome::Broken { .. }), "{outcome:?}");
    fake.faults
        .push("send_group_msg", Fault::TooMany { retry_after_s: 9 });
    let outcome = attempt(&connector, send("hi")).await;
    assert!(
        matches!(
            outcome,
            Outcome::RetryAfter {
                after_ms: Some(9_000),
                ..
            }
        ),
        "{outcome:?}"
    );
    let body = include_str!("../samples/onebot/response_failed_gocq.json").to_owned();
    fake.faults
        .push("send_group_msg", Fault::Refuse { status: 200, body });
    let outcome = attempt(&connector, send("hi")).await;
    assert!(retry(&outcome), "{outcome:?}");
    // A kick sets a state: it is repeated until the member is gone.
    fake.faults.push("set_group_kick", Fault::ActThenHangUp);
    let outcome = attempt(&connector, remove(ANN)).await;
    assert!(retry(&outcome), "{outcome:?}");
    assert_eq!(attempt(&connector, remove(ANN)).await, Outcome::done());
}

#[tokio::test]
async fn a_wrong_token_stops_and_nobody_listening_is_tried_again() {
    let (fake, _) = platform().await;
    let outcome = attempt(&connector(&fake, "wrong"), send("hi")).await;
    assert!(matches!(outcome, Outcome::Stop { .. }), "{outcome:?}");
    // A port that was free a moment ago, and that nobody opened since.
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let nobody = OneBot11::new("qq".into(), &format!("http://{free}"), None, None);
    let outcome = attempt(&nobody, send("hi")).await;
    assert!(matches!(outcome, Outcome::RetryAfter { .. }), "{outcome:?}");
}

#[tokio::test]
async fn errands_read_the_platform() {
    let (_fake, connector) = platform().await;
    let group = GROUP.to_string().into();
    let ErrandResult::Events(events) = errand(&connector, &Errand::Roster { group }).await else {
        panic!("no roster");
    };
    let Happening::RosterRead { people } = &events[0].what else {
        panic!("no roster");
    };
    let ids: Vec<_> = people.iter().map(|entry| &*entry.person.id).collect();
    assert_eq!(ids, ["1", "222"]);
    let ErrandResult::Health(health) = errand(&connector, &Errand::Health).await else {
        panic!("no health");
    };
    assert_eq!(health.about, "NapCat.Onebot 4.9.0, as 管家 (333)");
    assert_eq!(health.problem, None);
}

#[tokio::test]
async fn events_of_another_sender_are_turned_away() {
    let (fake, connector) = platform().await;
    let stranger = OneBot::start(TOKEN, "another-secret").await;
    let event = fake.ask(GROUP, 444, "");
    assert!(receive(&connector, fake.event(&event)).is_ok());
    assert_eq!(
        receive(&connector, stranger.event(&event)),
        Err(Error::Forged)
    );
    let (_, body) = fake.event(&event);
    assert_eq!(
        receive(&connector, (Vec::new(), body)),
        Err(Error::Unsigned)
    );
}
