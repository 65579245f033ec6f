//! Payloads as platforms send them, through the doors of a running daemon: each is answered as its
//! platform wants it, and each event counts once, however often it comes.

use crate::daemon::{Headers, START, Steward};
use crate::fakes::onebot::OneBot;
use crate::fakes::telegram::{self, FakeTelegram};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha1::Sha1;
use std::fmt::Write;

macro_rules! sample {
    ($name:literal) => {
        ($name, include_str!(concat!("../samples/", $name)))
    };
}

const SECRET: &str = "some-secret";
const HS_TOKEN: &str = "hs_token_test_fedcba9876543210";

/// Every join starts a run, which can be counted.
const JOINS: &str = "steward: 1
playbook: joins
groups: all
rules:
  - rule: joined
    when: join
    do: [{ label: { add: new } }]
";

/// A daemon with that connector, whose groups are all taken in; one is configured, so that direct
/// messages have somewhere to go.
async fn start(connector: &str, name: &str) -> Steward {
    let yaml = format!(
        r#"
connectors:
  {connector}
communities:
  readers: {{ groups: [{{ id: club, at: {name}/1 }}], adopt: ["{name}/*"] }}
"#
    );
    Steward::start(&yaml, &[("playbooks/joins.yaml", JOINS)]).await
}

/// (taken in for the first time, repeated) so far.
fn counts(steward: &Steward, connector: &str) -> (u64, u64) {
    let numbers = steward.handle().metrics().of(&connector.into());
    let repeated = numbers.duplicates.get();
    (numbers.received.get() - repeated, repeated)
}

/// Posts a payload twice: the same answer, and its events once.
async fn twice(
    steward: &Steward,
    (method, path): (&str, &str),
    headers: &Headers,
    body: &str,
    (status, events): (u16, u64),
) {
    let connector = path.split('/').nth(2).unwrap();
    let before = counts(steward, connector);
    let first = steward.ask(method, path, headers, body).await;
    assert_eq!(first.status, status, "{body}: {first:?}");
    steward.settle().await;
    let after = counts(steward, connector);
    assert_eq!(after.0 - before.0, events, "{body}");
    assert_eq!(after.1, before.1, "{body}");
    let again = steward.ask(method, path, headers, body).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    steward.settle().await;
}

/// The seats of all members, as `member group messages`.
async fn seats(steward: &Steward) -> Vec<String> {
    let members = steward.admin("/members").await;
    let mut seats = Vec::new();
    for member in members["items"].as_array().unwrap() {
        for seat in member["seats"].as_array().unwrap() {
            let (group, messages) = (&seat["group"], &seat["messages"]);
            seats.push(format!("{} {group} {messages}", member["key"]).replace('"', ""));
        }
    }
    seats.sort();
    seats
}

fn sha1_headers(secret: &str, body: &str) -> Headers {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    let mut signature = "sha1=".to_owned();
    for byte in mac.finalize().into_bytes() {
        write!(signature, "{byte:02x}").unwrap();
    }
    vec![("x-signature".to_owned(), signature)]
}

#[tokio::test]
async fn onebot_payloads_count_once() {
    let fake = OneBot::start("t", SECRET).await;
    let api = &fake.api;
    let connector =
        format!("qq: {{ kind: onebot11, api: \"{api}\", access_token: t, secret: {SECRET} }}");
    let steward = start(&connector, "qq").await;
    for ((name, body), events, named) in [
        (
            sample!("onebot/message_group_gocq_string_format.json"),
            1,
            true,
        ),
        (sample!("onebot/message_private_spec.json"), 1, true),
        (sample!("onebot/meta_heartbeat.json"), 0, false),
        (sample!("onebot/notice_group_ban.json"), 0, false),
        (
            sample!("onebot/notice_group_decrease_kick_me.json"),
            1,
            false,
        ),
        (sample!("onebot/notice_group_decrease_leave.json"), 1, false),
        (
            sample!("onebot/notice_group_increase_approve.json"),
            1,
            false,
        ),
        (sample!("onebot/notice_notify_poke.json"), 0, false),
        (sample!("onebot/request_friend.json"), 0, false),
        (sample!("onebot/request_group_add.json"), 1, true),
        (sample!("onebot/request_group_invite.json"), 0, false),
    ] {
        let headers = sha1_headers(SECRET, body);
        let before = counts(&steward, "qq");
        twice(
            &steward,
            ("POST", "/hooks/qq"),
            &headers,
            body,
            (204, events),
        )
        .await;
        let repeated = counts(&steward, "qq").1 - before.1;
        // Whether we are in a group is a state: a notice without an id says it again.
        assert_eq!(repeated, u64::from(named) * events, "{name}");
    }
    assert_eq!(seats(&steward).await, ["qq/999 qq/777 1"]);
}

#[tokio::test]
async fn onebot_signatures_as_an_implementation_makes_them_are_known() {
    let fake = OneBot::start("t", SECRET).await;
    let api = &fake.api;
    let connector = format!("qq: {{ kind: onebot11, api: \"{api}\", secret: {SECRET} }}");
    let steward = start(&connector, "qq").await;
    let (_, vectors) = sample!("onebot/signature_vectors_derived.json");
    let vectors: Vec<Value> = serde_json::from_str(vectors).unwrap();
    assert!(!vectors.is_empty());
    for vector in vectors {
        assert_eq!(vector["secret"], SECRET);
        let headers = vector["headers"].as_object().unwrap().iter();
        let headers: Headers = headers
            .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
            .collect();
        let body = vector["body_utf8"].as_str().unwrap();
        let answer = steward.post("/hooks/qq", &headers, body).await;
        assert_eq!(answer.status, 204, "{answer:?}");
        let answer = steward
            .post("/hooks/qq", &headers, format!("{body} "))
            .await;
        assert!(matches!(answer.status, 401 | 403), "{answer:?}");
    }
}

async fn telegram() -> (Steward, FakeTelegram, Headers) {
    let fake = FakeTelegram::start().await;
    let (api, token) = (&fake.api, telegram::TOKEN);
    let connector = format!(
        "tg: {{ kind: telegram, api: \"{api}\", token: \"{token}\", secret_token: s3cret }}"
    );
    let steward = start(&connector, "tg").await;
    let secret = "x-telegram-bot-api-secret-token";
    (
        steward,
        fake,
        vec![(secret.to_owned(), "s3cret".to_owned())],
    )
}

#[tokio::test]
async fn telegram_updates_count_once() {
    let (steward, _fake, headers) = telegram().await;
    for (n, ((name, text), events)) in [
        (sample!("telegram/callback_query_official.json"), 0),
        (sample!("telegram/chat_join_request.json"), 1),
        (sample!("telegram/chat_member_join.json"), 1),
        (sample!("telegram/chat_member_left.json"), 1),
        (sample!("telegram/message_migrate_from_chat_id.json"), 0),
        (sample!("telegram/message_start_official.json"), 1),
        (sample!("telegram/poll_answer_real.json"), 1),
        (sample!("telegram/poll_answer_voter_chat.json"), 1),
    ]
    .into_iter()
    .enumerate()
    {
        // The samples are of several bots: here they come to one, which counts its updates.
        let mut update: Value = serde_json::from_str(text).unwrap();
        update["update_id"] = json!(n + 1);
        let before = counts(&steward, "tg");
        let body = update.to_string();
        twice(
            &steward,
            ("POST", "/hooks/tg"),
            &headers,
            &body,
            (200, events),
        )
        .await;
        assert_eq!(counts(&steward, "tg").1 - before.1, events, "{name}");
    }
    assert_eq!(seats(&steward).await, ["tg/77 tg/-10042 0"]);
}

#[tokio::test]
async fn a_join_that_telegram_tells_in_two_updates_is_one_join() {
    let (steward, fake, headers) = telegram().await;
    fake.add_chat(-1001, "supergroup", "Hall", &[]);
    let told = fake.joins(-1001, 42, "Ann", START / 1_000);
    for update in told.iter().chain(told.iter().rev()) {
        let answer = steward
            .post("/hooks/tg", &headers, update.to_string())
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    steward.settle().await;
    // Two updates are two events; the second tells nothing new.
    assert_eq!(counts(&steward, "tg"), (2, 2));
    let runs = steward.admin("/runs?rule=joins/joined").await;
    assert_eq!(runs["total"], 1, "{runs}");
    assert_eq!(seats(&steward).await, ["tg/42 tg/-1001 0"]);
}

#[tokio::test]
async fn matrix_transactions_count_once() {
    let connector = format!(
        "mx: {{ kind: matrix, homeserver: \"http://127.0.0.1:9\", as_token: a, hs_token: {HS_TOKEN}, user: \"@_steward_bot:steward.test\" }}"
    );
    let steward = start(&connector, "mx").await;
    for ((name, text), events) in [
        (sample!("matrix/txn_member_join.json"), 1),
        (sample!("matrix/txn_ban.json"), 1),
        (sample!("matrix/txn_message_and_redaction.json"), 2),
        (sample!("matrix/txn_knock_room_create.json"), 2),
        (sample!("matrix/txn_ping.json"), 0),
        (sample!("matrix/txn_retry_same_txnid_after_500.json"), 1),
    ] {
        let capture: Value = serde_json::from_str(text).unwrap();
        let attempts = capture["attempts"].as_array().cloned();
        let attempts = attempts.unwrap_or_else(|| vec![capture.clone()]);
        let before = counts(&steward, "mx");
        for (n, attempt) in attempts.iter().enumerate() {
            let method = capture["method"].as_str().unwrap_or("PUT");
            let path = format!("/hooks/mx{}", attempt["path"].as_str().unwrap());
            let bearer = format!("Bearer {HS_TOKEN}");
            let headers = vec![("authorization".to_owned(), bearer)];
            let body = attempt["body"].to_string();
            if n == 0 {
                twice(&steward, (method, &path), &headers, &body, (200, events)).await;
            }
            let answer = steward.ask(method, &path, &headers, body).await;
            assert_eq!((answer.status, &*answer.body), (200, "{}"), "{name}");
        }
        steward.settle().await;
        assert_eq!(counts(&steward, "mx").0 - before.0, events, "{name}");
    }
}
