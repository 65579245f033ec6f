//! The doors themselves: what is turned away, how that is told and counted, and that it changes
//! nothing.

use crate::daemon::{Answer, Headers, SECRET, Steward, bearer, event, sign};
use crate::fakes::onebot::OneBot;
use crate::fakes::telegram::{self, FakeTelegram};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::mpsc;
use steward::model::Text;
use steward::model::limits::{PAYLOAD_BYTES_MAX, PAYLOAD_EVENTS_MAX, QUEUE_EVENTS_MAX};

const QUIET: (&str, &str) = (
    "playbooks/quiet.yaml",
    "steward: 1\nplaybook: quiet\ngroups: all\nrules:\n  - rule: never\n    when: { command: never }\n    do: [{ send: 无 }]\n",
);

/// A daemon with a connector of each kind, of which none has anything to do.
async fn house() -> (Steward, OneBot, FakeTelegram) {
    let qq = OneBot::start("api-token", "event-secret").await;
    let tg = FakeTelegram::start().await;
    let yaml = format!(
        r#"
connectors:
  any: {{ kind: webhook, secret: "{SECRET}" }}
  qq: {{ kind: onebot11, api: "{}", access_token: api-token, secret: event-secret }}
  tg: {{ kind: telegram, api: "{}", token: "{}", secret_token: s3cret }}
  box: {{ kind: sandbox }}
communities:
  readers:
    groups: [{{ id: club, at: any/g1 }}]
    adopt: ["any/*"]
"#,
        qq.api,
        tg.api,
        telegram::TOKEN,
    );
    let steward = Steward::start(&yaml, &[QUIET]).await;
    // The fake has no webhook, which is news once.
    steward.knows_problem_of("tg").await;
    (steward, qq, tg)
}

type Rows = BTreeMap<Text, Vec<(Vec<u8>, Vec<u8>)>>;

/// Everything that the daemon knows.
async fn rows(steward: &Steward) -> Rows {
    let rows = steward.handle().look(|view| {
        let worlds = view.worlds.iter();
        worlds
            .map(|(name, world)| (name.clone(), world.rows()))
            .collect()
    });
    rows.await.unwrap()
}

/// One number of `/metrics`; 0 where it is not shown.
async fn metric(steward: &Steward, sample: &str) -> u64 {
    let answer = steward.ask("GET", "/metrics", &[], "").await;
    assert_eq!(answer.status, 200);
    let lines = answer.body.lines();
    let found = lines.filter_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
    found.map(|value| value.parse::<u64>().unwrap()).sum()
}

fn signed(steward: &Steward, body: &str) -> Headers {
    sign(SECRET, "evt-1", steward.now() / 1_000, body.as_bytes())
}

fn header(name: &str, value: &str) -> Headers {
    vec![(name.to_owned(), value.to_owned())]
}

#[tokio::test]
async fn what_is_signed_badly_is_turned_away_and_counted_and_changes_nothing() {
    let (steward, qq, _tg) = house().await;
    let before = rows(&steward).await;
    let body = event("message", "g1", "u1").to_string();
    let now_s = steward.now() / 1_000;
    let other = sign("whsec_AAAA", "evt-1", now_s, body.as_bytes());
    let stale = sign(SECRET, "evt-1", now_s - 301, body.as_bytes());
    let (mut forged, event) = qq.event(&json!({ "post_type": "meta_event" }));
    forged.last_mut().unwrap().1 = format!("sha1={}", "0".repeat(40));
    let token = "x-telegram-bot-api-secret-token";
    for (door, headers, body, status, outcome) in [
        (
            "any",
            Vec::new(),
            body.clone().into_bytes(),
            401,
            "unsigned",
        ),
        ("any", other, body.clone().into_bytes(), 401, "forged"),
        ("any", stale, body.clone().into_bytes(), 401, "stale"),
        ("qq", Vec::new(), event.clone(), 401, "unsigned"),
        ("qq", forged, event, 403, "forged"),
        ("tg", Vec::new(), b"{}".to_vec(), 401, "unsigned"),
        ("tg", header(token, "wrong"), b"{}".to_vec(), 401, "forged"),
    ] {
        let answer = steward
            .post(&format!("/hooks/{door}"), &headers, body)
            .await;
        let is_refusal = matches!(answer.status, 401 | 403);
        assert!(is_refusal, "{door} {outcome} {status}: {answer:?}");
        assert!(!answer.body.contains("s3cret") && !answer.body.contains(SECRET));
        let sample =
            format!("steward_payloads_total{{connector=\"{door}\",outcome=\"{outcome}\"}}");
        assert_eq!(metric(&steward, &sample).await, 1, "{door} {outcome}");
    }
    steward.settle().await;
    assert!(rows(&steward).await == before, "it changed something");
}

#[tokio::test]
async fn what_cannot_be_read_is_turned_away_and_counted_and_changes_nothing() {
    let (steward, qq, _tg) = house().await;
    let before = rows(&steward).await;
    let large = format!("{}{}", "[".repeat(10), " ".repeat(PAYLOAD_BYTES_MAX));
    let deep = "[".repeat(70);
    for (body, status, outcome) in [
        ("not json", 400, "undecodable"),
        (
            "{\"type\":\"message\",\"group\":{\"id\":\"g1\"}}",
            400,
            "undecodable",
        ),
        ("[{\"type\":\"join\"}]", 400, "undecodable"),
        (deep.as_str(), 400, "too_deep"),
        (large.as_str(), 413, "too_large"),
    ] {
        let name = format!("steward_payloads_total{{connector=\"any\",outcome=\"{outcome}\"}}");
        let was = metric(&steward, &name).await;
        let answer = steward
            .post("/hooks/any", &signed(&steward, body), body)
            .await;
        assert_eq!(answer.status, status, "{outcome}: {answer:?}");
        assert_eq!(metric(&steward, &name).await, was + 1, "{outcome}");
    }
    let (headers, body) = qq.event(&json!(["no event"]));
    let answer = steward.post("/hooks/qq", &headers, body).await;
    assert_eq!(answer.status, 400, "{answer:?}");
    let token = header("x-telegram-bot-api-secret-token", "s3cret");
    let answer = steward.post("/hooks/tg", &token, "[]").await;
    assert_eq!(answer.status, 400, "{answer:?}");
    let answer = steward.post("/hooks/nobody", &[], "{}").await;
    assert_eq!(answer.status, 404, "{answer:?}");
    let sample = "steward_payloads_total{outcome=\"not_found\"}";
    assert_eq!(metric(&steward, sample).await, 1);
    let answer = steward.ask("GET", "/hooks/any", &[], "").await;
    assert_eq!(answer.status, 405, "{answer:?}");
    steward.settle().await;
    assert!(rows(&steward).await == before, "it changed something");
}

#[tokio::test]
async fn unknown_kinds_are_acknowledged_and_counted() {
    let (steward, _qq, _tg) = house().await;
    let before = rows(&steward).await;
    steward.event(&event("stargazed", "g1", "u1")).await;
    let sample = "steward_payloads_total{connector=\"any\",outcome=\"taken\"}";
    assert_eq!(metric(&steward, sample).await, 1);
    let ignored = steward.handle().metrics().of(&"any".into()).ignored.get();
    assert_eq!(ignored, 1);
    assert!(rows(&steward).await == before, "it changed something");
}

#[tokio::test]
async fn a_repetition_is_answered_like_the_first_and_counts_once() {
    let (steward, _qq, _tg) = house().await;
    let mut said = event("message", "g1", "u1");
    said["text"] = json!("hi");
    said["id"] = json!("m-1");
    for _ in 0..2 {
        steward.event(&said).await;
    }
    let member = steward.admin("/members/any/u1").await;
    assert_eq!(member[0]["seats"][0]["messages"], 1, "{member}");
    assert_eq!(
        steward
            .handle()
            .metrics()
            .of(&"any".into())
            .duplicates
            .get(),
        1
    );
}

#[tokio::test]
async fn a_full_queue_asks_the_sender_to_come_back_and_loses_nothing() {
    let (steward, _qq, _tg) = house().await;
    let (release, wait) = mpsc::channel::<()>();
    // The writer looks, and looks until it is let go.
    let handle = steward.handle().clone();
    let looking = tokio::spawn(async move { handle.look(move |_| wait.recv().is_ok()).await });
    let many = |batch: usize| {
        let one = |n| {
            json!({ "type": "leave", "id": format!("{batch}-{n}"),
            "group": { "id": "g1" }, "member": { "id": "u1" } })
        };
        Value::Array((0..PAYLOAD_EVENTS_MAX).map(one).collect())
    };
    let (first, second) = (many(1), many(2));
    let taking = async {
        tokio::join!(
            steward.event_unsettled(&first),
            steward.event_unsettled(&second)
        )
    };
    let refused = async {
        let metrics = steward.handle().metrics();
        steward
            .until("the queue is full", async || {
                metrics.queue_events.get() >= QUEUE_EVENTS_MAX as u64
            })
            .await;
        let answer = steward.event_unsettled(&event("join", "g1", "u2")).await;
        release.send(()).unwrap();
        answer
    };
    let ((one, two), answer): ((Answer, Answer), Answer) = tokio::join!(taking, refused);
    assert_eq!(answer.status, 503, "{answer:?}");
    let after = answer.headers.get("retry-after").unwrap();
    assert!(after.parse::<u64>().unwrap() > 0);
    for taken in [one, two] {
        assert!((200..300).contains(&taken.status), "{taken:?}");
    }
    assert!(looking.await.unwrap().unwrap());
    let sample = "steward_payloads_total{connector=\"any\",outcome=\"full\"}";
    assert_eq!(metric(&steward, sample).await, 1);
    let taken = steward.handle().metrics().of(&"any".into()).received.get();
    assert_eq!(taken, QUEUE_EVENTS_MAX as u64);
    let answer = steward
        .ask("GET", "/api/v1/members/any/u2", &bearer(), "")
        .await;
    assert_eq!(answer.status, 404, "{answer:?}");
}

#[tokio::test]
async fn the_admin_api_opens_to_its_token_only() {
    let (steward, _qq, _tg) = house().await;
    let before = rows(&steward).await;
    let wrong = header("authorization", "Bearer wrong");
    for path in ["/api/v1/members", "/api/v1/outbox", "/api/v1/openapi.json"] {
        let answer = steward.ask("GET", path, &[], "").await;
        assert_eq!(answer.status, 401, "{path}: {answer:?}");
    }
    for path in ["/api/v1/freeze", "/api/v1/reload", "/signals/paid"] {
        let answer = steward.post(path, &[], "{}").await;
        assert_eq!(answer.status, 401, "{path}: {answer:?}");
        let answer = steward.post(path, &wrong, "{}").await;
        assert_eq!(answer.status, 403, "{path}: {answer:?}");
    }
    for (reason, count) in [("no_token", 6), ("wrong_token", 3)] {
        let sample = format!("steward_admin_refusals_total{{reason=\"{reason}\"}}");
        assert_eq!(metric(&steward, &sample).await, count, "{reason}");
    }
    assert!(rows(&steward).await == before, "it changed something");
    let mut host = bearer();
    host.extend(header("host", "evil.example"));
    let answer = steward.ask("GET", "/api/v1/status", &host, "").await;
    assert_eq!(answer.status, 421, "{answer:?}");
}

#[tokio::test]
async fn health_metrics_and_the_api_document_can_be_read() {
    let (mut steward, _qq, _tg) = house().await;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(
            steward.ask("GET", path, &[], "").await.status,
            200,
            "{path}"
        );
    }
    steward.say("g1", "u1", "hi").await;
    steward.restart().await;
    let metrics = steward.ask("GET", "/metrics", &[], "").await;
    assert!(metrics.headers["content-type"].starts_with("text/plain"));
    for line in metrics.body.lines().filter(|line| !line.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(name.starts_with("steward_"), "{line}");
        assert!(value.parse::<f64>().is_ok(), "{line}");
    }
    let document = steward.admin("/openapi.json").await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3."));
    for path in ["/members", "/outbox", "/outbox/{id}/retry", "/reload"] {
        let found = &document["paths"][format!("/api/v1{path}")];
        assert!(found.is_object(), "{path} is missing");
    }
    assert_eq!(steward.admin("/status").await["ready"], true);
    let members = steward.admin("/members").await;
    assert_eq!(members["total"], 1, "{members}");
    steward.stop().await;
}
