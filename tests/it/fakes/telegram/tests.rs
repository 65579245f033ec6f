//! The fake and the connector understand each other.

use super::{BOT, FakeTelegram, TOKEN};
use crate::fakes::Fault;
use serde_json::Value;
use steward::connector::http::Headers;
use steward::connector::telegram::Telegram;
use steward::connector::{
    Answer, Connector, Errand, ErrandNext, ErrandResult, Failure, Health, Next, Outcome, Payload,
    Request, Response,
};
use steward::model::{
    Action, Effect, EffectId, Piece, Post, Refusal, RichText, RunId, Stage, Value as Field, time,
};

const HALL: i64 = -100;
const ANN: i64 = 1;
const BOB: i64 = 2;

struct Bench {
    fake: FakeTelegram,
    bot: Telegram,
    client: reqwest::Client,
}

impl Bench {
    async fn start() -> Self {
        // Tests run side by side: whoever comes first installs it for all.
        drop(rustls::crypto::ring::default_provider().install_default());
        let fake = FakeTelegram::start().await;
        fake.add_chat(HALL, "supergroup", "Hall", &[(ANN, "Ann"), (BOB, "Bob")]);
        Self {
            bot: Telegram::new("tg".into(), &fake.api, TOKEN.into(), "shh".into()),
            fake,
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    async fn send(&self, request: Request) -> Answer {
        let response = self.client.post(&request.url).body(request.body);
        let Ok(response) = response.send().await else {
            return Answer::Failed(Failure::Lost);
        };
        let status = response.status().as_u16();
        let wait = response.headers().get("retry-after");
        let retry_after_s = wait.map(|wait| wait.to_str().unwrap().parse().unwrap());
        match response.bytes().await {
            Ok(body) => Answer::Response(Response {
                status,
                retry_after_s,
                body: body.to_vec(),
            }),
            Err(_) => Answer::Failed(Failure::Lost),
        }
    }

    async fn carry(&self, action: Action) -> Outcome {
        let effect = Effect {
            id: EffectId(1),
            run: RunId(1),
            rule: "a/b".into(),
            step: "do/0".into(),
            connector: "tg".into(),
            group: Some(HALL.to_string().into()),
            decided_at: time::DAY,
            number: 0,
            expires_at: None,
            not_before: 0,
            attempts: 0,
            stage: Stage::Open,
            problem: "".into(),
            action,
        };
        let mut answers = Vec::new();
        loop {
            match self.bot.drive(&effect, &answers) {
                Next::Send(request) => answers.push(self.send(request).await),
                Next::End(outcome) => return outcome,
            }
        }
    }

    async fn run(&self, errand: Errand) -> ErrandResult {
        let mut answers = Vec::new();
        loop {
            match self.bot.run_errand(&errand, &answers) {
                ErrandNext::Send(request) => answers.push(self.send(request).await),
                ErrandNext::End(result) => return result,
            }
        }
    }

    fn kinds(&self, updates: &[Value]) -> Vec<String> {
        let secret = b"shh".to_vec();
        let headers = Headers(vec![("x-telegram-bot-api-secret-token".to_owned(), secret)]);
        let mut kinds = Vec::new();
        for update in updates {
            let received = self.bot.receive(&Payload {
                method: "POST",
                path: "",
                query: "",
                headers: &headers,
                body: update.to_string().as_bytes(),
                arrived_at: 0,
            });
            let received = received.unwrap();
            for event in received.events {
                let id = event.id.unwrap();
                kinds.push(format!("{id} {}", event.what.kind()));
            }
            kinds.extend(received.ignored.iter().map(ToString::to_string));
        }
        kinds
    }
}

fn say(text: &str) -> Action {
    Action::SendMessage(Post {
        text: RichText::plain(text),
        ..Post::default()
    })
}

fn to_ann(text: &str) -> Action {
    Action::SendMessage(Post {
        to_member: Some(ANN.to_string().into()),
        text: RichText::plain(text),
        ..Post::default()
    })
}

fn bob() -> steward::model::Text {
    BOB.to_string().into()
}

fn told(outcome: &Outcome, field: &str) -> String {
    if let Outcome::Done(record) = outcome
        && let Some(Field::Text(text)) = record.get(field)
    {
        text.to_string()
    } else {
        format!("{outcome:?}")
    }
}

#[tokio::test]
async fn messages_stand_as_they_were_meant() {
    let bench = Bench::start().await;
    let mention = Piece::Mention {
        id: bob(),
        name: "Bob".into(),
    };
    let welcome = Action::SendMessage(Post {
        text: RichText(vec![Piece::Plain("😀 Welcome, ".into()), mention]),
        choices: vec!["yes".into(), "no".into()],
        pin: true,
        ..Post::default()
    });
    let outcome = bench.carry(welcome).await;
    let id: i64 = told(&outcome, "message").parse().unwrap();
    assert_eq!(bench.fake.texts(HALL), ["😀 Welcome, Bob"]);
    assert_eq!(bench.fake.pinned(HALL), [id]);
    let sent = bench.fake.message(HALL, id).unwrap();
    assert_eq!(sent["entities"][0]["offset"], 12);
    let pressed = bench.fake.presses(HALL, BOB, id, "yes");
    assert_eq!(bench.kinds(&[pressed]), ["1 choice"]);

    let message = id.to_string();
    let react = Action::AddReaction {
        message: message.as_str().into(),
        emoji: "👍".into(),
    };
    assert_eq!(bench.carry(react).await, Outcome::done());
    assert_eq!(bench.fake.reaction(HALL, id).as_deref(), Some("👍"));
    let delete = Action::DeleteMessage {
        message: message.into(),
    };
    assert_eq!(bench.carry(delete.clone()).await, Outcome::done());
    assert!(matches!(bench.carry(delete).await, Outcome::Already(_)));
    assert!(bench.fake.texts(HALL).is_empty());
}

#[tokio::test]
async fn nobody_is_written_to_unasked() {
    let bench = Bench::start().await;
    let blocked = |outcome| {
        matches!(
            outcome,
            Outcome::Refused {
                because: Refusal::Blocked,
                ..
            }
        )
    };
    assert!(blocked(bench.carry(to_ann("psst")).await));
    let (_, hello) = bench.fake.says(ANN, ANN, "/start", 10);
    assert_eq!(told(&bench.carry(to_ann("hi")).await, "message"), "2");
    let blocks = bench.fake.blocks(ANN, 11);
    assert!(blocked(bench.carry(to_ann("psst")).await));
    assert_eq!(
        bench.kinds(&[hello, blocks]),
        ["1 message", "2 reachability"]
    );
}

#[tokio::test]
async fn members_are_muted_removed_and_banned() {
    let bench = Bench::start().await;
    let standing = || bench.fake.standing(HALL, BOB);
    let (member, reason) = (bob(), steward::model::Text::from(""));
    let mute = Action::MuteMember {
        member: bob(),
        until: None,
        reason: reason.clone(),
    };
    let unmute = Action::UnmuteMember { member: bob() };
    let remove = Action::RemoveMember {
        member: bob(),
        reason: reason.clone(),
    };
    let ban = Action::BanMember {
        member: bob(),
        reason: reason.clone(),
    };
    let unban = Action::UnbanMember { member };
    for (action, then) in [
        (mute, "muted"),
        (unmute, "member"),
        (remove, "left"),
        (ban, "kicked"),
        (unban, "left"),
    ] {
        let verb = action.verb();
        assert_eq!(bench.carry(action).await, Outcome::done(), "{verb}");
        assert_eq!(standing(), then, "{verb}");
    }
    let close = Action::CloseGroup { reason };
    assert_eq!(bench.carry(close).await, Outcome::done());
    assert!(bench.fake.is_closed(HALL));
    let link = Action::CreateInviteLink {
        name: "flyer".into(),
        uses: Some(1),
        expires_at: None,
    };
    assert!(told(&bench.carry(link).await, "link").starts_with("https://t.me/+"));
}

#[tokio::test]
async fn applicants_are_let_in_once() {
    let bench = Bench::start().await;
    let request = bench.fake.asks_to_join(HALL, 3, "Eve", "please", 10);
    assert_eq!(bench.kinds(&[request]), ["1 join_request"]);
    let admit = || Action::AdmitMember {
        member: "3".into(),
        handle: "3".into(),
    };
    assert_eq!(bench.carry(admit()).await, Outcome::done());
    assert_eq!(bench.fake.standing(HALL, 3), "member");
    assert!(matches!(bench.carry(admit()).await, Outcome::Already(_)));
}

#[tokio::test]
async fn deeds_come_as_telegram_tells_them() {
    let bench = Bench::start().await;
    let fake = &bench.fake;
    assert_eq!(
        bench.kinds(&fake.joins(HALL, 3, "Eve", 10)),
        ["1 join", "2 join"]
    );
    assert_eq!(
        bench.kinds(&fake.leaves(HALL, 3, ANN, 11)),
        ["3 leave", "4 leave"]
    );
    assert_eq!(fake.standing(HALL, 3), "kicked");
    let (message, said) = fake.says(HALL, BOB, "hello", 12);
    let reacted = fake.reacts(HALL, ANN, message, "👍", 13);
    let promoted = fake.makes(HALL, ANN, BOB, "administrator", 14);
    let demoted = fake.makes(HALL, ANN, BOT, "member", 15);
    assert_eq!(
        bench.kinds(&[said, reacted, promoted, demoted]),
        ["5 message", "6 reaction", "7 member_changed", "8 bot_role"]
    );
    assert_eq!(
        bench.kinds(&fake.migrates(HALL, -1_000, ANN, 16)),
        ["9 group_moved", "message.migrate_from_chat_id"]
    );
    let outcome = bench.carry(say("still here?")).await;
    assert_eq!(told(&outcome, "moved_to"), "-1000");
    assert_eq!(fake.texts(-1_000), ["still here?"]);
}

#[tokio::test]
async fn faults_have_their_classes() {
    let bench = Bench::start().await;
    let faults = &bench.fake.faults;
    let mut classes = Vec::new();
    for fault in [
        Fault::Refuse {
            status: 400,
            body: r#"{"ok":false,"error_code":400,"description":"Bad Request: x"}"#.to_owned(),
        },
        Fault::ActThenFail { status: 502 },
        Fault::ActThenHangUp,
        Fault::HangUp,
        Fault::Nonsense,
        Fault::TooMany { retry_after_s: 7 },
    ] {
        faults.push("sendMessage", fault);
        classes.push(match bench.carry(say("hi")).await {
            Outcome::Done(_) | Outcome::Already(_) => "done".to_owned(),
            Outcome::RetryAfter { after_ms, .. } => format!("retry {after_ms:?}"),
            Outcome::Refused { because, .. } => because.word().to_owned(),
            Outcome::Unknown { .. } => "unknown".to_owned(),
            Outcome::Broken { .. } => "broken".to_owned(),
            Outcome::Stop { .. } => "stop".to_owned(),
        });
    }
    let expected = [
        "invalid",
        "unknown",
        "unknown",
        "unknown",
        "broken",
        "retry Some(7000)",
    ];
    assert_eq!(classes, expected);
    assert_eq!(bench.fake.texts(HALL).len(), 3, "three of them acted");
}

#[tokio::test]
async fn the_webhook_is_registered_and_watched() {
    let bench = Bench::start().await;
    let url = "https://steward.example/hooks/tg".to_owned();
    let connected = bench.run(Errand::Connect { url: url.clone() }).await;
    assert!(
        matches!(connected, ErrandResult::Connected(_)),
        "{connected:?}"
    );
    assert_eq!(bench.fake.webhook()["url"], url);
    let healthy = Health {
        about: "@steward_bot (555)".to_owned(),
        ..Health::default()
    };
    let health = bench.run(Errand::Health).await;
    assert_eq!(health, ErrandResult::Health(healthy));
    assert_eq!(
        bench.fake.calls(),
        ["setWebhook", "getMe", "getWebhookInfo", "getMe"]
    );
}
