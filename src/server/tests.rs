//! The doors through real sockets, onto a real runtime in a directory of its own.

use super::{AdminToken, Doors, Face, Hosts, Limits, Listener, serve};
use crate::connector::{Access, Rate, Settings, http};
use crate::engine::Rules;
use crate::model::{Directory, GroupConfig, Hash, Text, limits};
use crate::playbook::Rulebook;
use crate::runtime::{
    ConnectorSetup, Handle, Loader, RuntimeConfig, Sources, TestClock, Texts, start,
};
use crate::store::Keep;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

const TOKEN: &str = "a token for tests";
const JOIN: &str =
    r#"{"id":"e1","type":"join","group":{"id":"club"},"member":{"id":"u1","name":"小林"}}"#;

/// One community on a sandbox, without rules.
struct Plain(PathBuf);

impl Loader for Plain {
    fn read(&self) -> Result<Sources, Vec<String>> {
        Ok(Sources {
            config: config(&self.0),
            texts: Texts::new(),
        })
    }

    fn compile(&self, _texts: &Texts) -> Result<Rules, Vec<String>> {
        Ok(Rules::new(Rulebook {
            hash: Hash(1),
            ..Rulebook::default()
        }))
    }
}

fn config(data: &Path) -> RuntimeConfig {
    let connector = |name: &str, access| {
        let settings = Settings {
            name: name.into(),
            access,
        };
        let setup = ConnectorSetup {
            settings,
            rate: Rate::OFF,
            hold_unknown: true,
        };
        (Text::from(name), setup)
    };
    let secrets = vec!["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into()];
    let club = GroupConfig {
        id: "club".into(),
        connector: "sandbox".into(),
        external: "club".into(),
        ..GroupConfig::default()
    };
    let readers = Directory {
        name: "读书会".into(),
        timezone: "Asia/Shanghai".into(),
        groups: vec![club],
        ..Directory::default()
    };
    RuntimeConfig {
        data: data.to_owned(),
        communities: vec![("readers".into(), readers)],
        connectors: BTreeMap::from([
            connector("sandbox", Access::Sandbox),
            connector("any", Access::Webhook { url: None, secrets }),
        ]),
        endpoints: BTreeMap::new(),
        keep: Keep {
            age_ms: 1_000_000,
            bytes: 1 << 30,
        },
        public_url: None,
        fold_tail: false,
        http: http::Options::default(),
    }
}

/// A running daemon behind its doors.
struct House {
    at: SocketAddr,
    handle: Handle,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
    _data: tempfile::TempDir,
}

impl House {
    async fn open(face: Face) -> Self {
        Self::with(face, Limits::default()).await
    }

    async fn with(face: Face, limits: Limits) -> Self {
        let data = tempfile::tempdir().unwrap();
        let loader = Arc::new(Plain(data.path().to_owned()));
        let clock = Arc::new(TestClock::at(1_763_700_000_000));
        let (handle, _fatal) = start(config(data.path()), loader, clock).await.unwrap();
        let limits = Limits {
            wrong_token: Duration::ZERO,
            ..limits
        };
        let token = AdminToken::new(&TOKEN.into());
        let hosts = Hosts::of("127.0.0.1".parse().unwrap(), None);
        let doors = Doors::new(handle.clone(), token, hosts, limits);
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = socket.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let listeners = vec![Listener { socket, face }];
        let served = tokio::spawn(serve(doors, listeners, async {
            stopped.await.unwrap_or_default();
        }));
        Self {
            at,
            handle,
            stop,
            served,
            _data: data,
        }
    }

    /// Sends the text of a request and reads the answer to its end.
    async fn raw(&self, request: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.at).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let status = answer.split(' ').nth(1).unwrap_or("0").parse().unwrap();
        (status, answer)
    }

    async fn ask(&self, line: &str, headers: &str, body: &str) -> (u16, String) {
        let length = body.len();
        let request = format!(
            "{line} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
        );
        self.raw(&request).await
    }

    /// A call of the admin API with the token.
    async fn call(&self, line: &str, body: &str) -> (u16, Value) {
        let headers = format!("authorization: Bearer {TOKEN}\r\n");
        let (status, answer) = self.ask(line, &headers, body).await;
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        (status, serde_json::from_str(body).unwrap())
    }

    async fn close(self) {
        self.stop.send(()).unwrap();
        self.served.await.unwrap();
        self.handle.stop().await;
    }
}

#[tokio::test]
async fn a_taken_payload_is_a_fact_when_it_is_answered() {
    let house = House::open(Face::All).await;
    assert_eq!(house.ask("POST /hooks/sandbox", "", JOIN).await.0, 200);
    let (status, members) = house.call("GET /api/v1/members?q=%E5%B0%8F", "").await;
    assert_eq!(status, 200);
    assert_eq!(members["total"], 1);
    assert_eq!(members["items"][0]["key"], "sandbox/u1");
    assert_eq!(members["items"][0]["seats"][0]["group"], "club");
    let (status, member) = house.call("GET /api/v1/members/sandbox/u1", "").await;
    assert_eq!((status, &member[0]["name"]), (200, &json!("小林")));
    house.close().await;
}

#[tokio::test]
async fn what_is_turned_away_says_why_and_is_counted() {
    let house = House::open(Face::All).await;
    let deep = "[".repeat(limits::PAYLOAD_DEPTH_MAX + 1);
    for (line, headers, body, expected) in [
        ("POST /hooks/nobody", "", JOIN, 404),
        ("POST /hooks/@shop", "", JOIN, 404),
        ("POST /hooks/any", "", JOIN, 401),
        ("GET /hooks/sandbox", "", "", 405),
        ("POST /hooks/sandbox/more", "", JOIN, 404),
        ("POST /hooks/sandbox", "", "{", 400),
        ("POST /hooks/sandbox", "", deep.as_str(), 400),
        (
            "POST /hooks/sandbox",
            "content-encoding: gzip\r\n",
            JOIN,
            415,
        ),
        ("GET /nowhere", "", "", 404),
    ] {
        let (status, answer) = house.ask(line, headers, body).await;
        assert_eq!(status, expected, "{line} {headers}: {answer}");
        assert!(answer.contains("error"), "{answer}");
        assert!(!answer.contains("小林"), "an echo: {answer}");
    }
    let (_, metrics) = house.ask("GET /metrics", "", "").await;
    for sample in [
        "steward_payloads_total{outcome=\"not_found\"} 2",
        "steward_payloads_total{connector=\"any\",outcome=\"unsigned\"} 1",
        "steward_payloads_total{connector=\"sandbox\",outcome=\"too_deep\"} 1",
        "steward_payloads_refused_total{connector=\"sandbox\"} 5",
        "steward_ready 1",
    ] {
        assert!(metrics.contains(sample), "no {sample} in\n{metrics}");
    }
    house.close().await;
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_unread_and_a_slow_one_given_up() {
    let short = Limits {
        body: Duration::from_millis(50),
        ..Limits::default()
    };
    let house = House::with(Face::All, short).await;
    let head = "POST /hooks/sandbox HTTP/1.1\r\nhost: x\r\nconnection: close\r\n";
    let large = limits::PAYLOAD_BYTES_MAX + 1;
    let told = format!("{head}content-length: {large}\r\n\r\n");
    assert_eq!(house.raw(&told).await.0, 413);
    let slow = format!("{head}content-length: 10\r\n\r\nabc");
    assert_eq!(house.raw(&slow).await.0, 408);
    let chunked = format!(
        "{head}transfer-encoding: chunked\r\n\r\n{large:x}\r\n{}\r\n0\r\n\r\n",
        "x".repeat(large)
    );
    assert_eq!(house.raw(&chunked).await.0, 413);
    house.close().await;
}

#[tokio::test]
async fn only_the_token_commands_and_only_for_hosts_of_ours() {
    let house = House::open(Face::All).await;
    let status = "GET /api/v1/status";
    assert_eq!(house.ask(status, "", "").await.0, 401);
    let wrong = "authorization: Bearer wrong\r\n";
    assert_eq!(house.ask(status, wrong, "").await.0, 403);
    assert_eq!(house.ask("POST /signals/paid", wrong, "{}").await.0, 403);
    assert_eq!(house.call(status, "").await.0, 200);
    let foreign = format!(
        "{status} HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\nauthorization: Bearer {TOKEN}\r\n\r\n"
    );
    assert_eq!(house.raw(&foreign).await.0, 421);
    house.close().await;
}

#[tokio::test]
async fn orders_find_their_community_and_say_when_they_cannot() {
    let house = House::open(Face::All).await;
    let event: Value = serde_json::from_str(JOIN).unwrap();
    let sent = json!({"connector": "sandbox", "event": event}).to_string();
    let (status, taken) = house.call("POST /api/v1/send", &sent).await;
    assert_eq!((status, &taken["events"]), (200, &json!(1)));
    let points = json!({"member": "sandbox/u1", "points": 5, "reason": "welcome"}).to_string();
    let (status, done) = house.call("POST /api/v1/members/points", &points).await;
    assert_eq!((status, &done["community"]), (200, &json!("readers")));
    let (_, member) = house.call("GET /api/v1/members/sandbox/u1", "").await;
    assert_eq!(member[0]["points"], 5);
    let (status, _) = house
        .call("POST /api/v1/freeze", r#"{"group":"club"}"#)
        .await;
    assert_eq!(status, 200);
    let (_, groups) = house.call("GET /api/v1/groups", "").await;
    assert_eq!(groups["items"][0]["frozen"], true);
    for (line, body, expected) in [
        ("POST /api/v1/freeze", r#"{"group":"none"}"#, 404),
        ("POST /api/v1/freeze?community=none", "", 404),
        ("POST /api/v1/freeze", r#"{"grup":"club"}"#, 400),
        ("POST /api/v1/outbox/0000000000001/retry", "", 404),
        ("POST /api/v1/outbox/short/retry", "", 400),
        ("POST /api/v1/approvals/1", r#"{"yes":true}"#, 404),
        ("GET /api/v1/members/sandbox/nobody", "", 404),
        ("GET /api/v1/members?limit=many", "", 400),
        ("GET /api/v1/members?nonsense=1", "", 400),
        (
            "POST /api/v1/send",
            r#"{"connector":"none","event":{}}"#,
            404,
        ),
        (
            "POST /api/v1/send",
            r#"{"connector":"sandbox","event":{}}"#,
            400,
        ),
    ] {
        let (status, told) = house.call(line, body).await;
        assert_eq!(status, expected, "{line} {body}: {told}");
        assert!(told["error"].is_string(), "{told}");
    }
    house.close().await;
}

#[tokio::test]
async fn a_signal_is_for_the_community_that_knows_its_group() {
    let house = House::open(Face::Hooks).await;
    let body = r#"{"group":"club","data":{"order":7}}"#;
    let (status, done) = house.call("POST /signals/paid", body).await;
    assert_eq!((status, &done["community"]), (200, &json!("readers")));
    let (status, _) = house.call("POST /signals/paid", r#"{"group":"x"}"#).await;
    assert_eq!(status, 404);
    house.close().await;
}

#[tokio::test]
async fn each_listener_shows_its_own_doors() {
    let hooks = House::open(Face::Hooks).await;
    assert_eq!(hooks.call("GET /api/v1/status", "").await.0, 404);
    assert_eq!(hooks.ask("GET /metrics", "", "").await.0, 404);
    assert_eq!(hooks.ask("GET /healthz", "", "").await.0, 200);
    hooks.close().await;
    let admin = House::open(Face::Admin).await;
    assert_eq!(admin.ask("POST /hooks/sandbox", "", JOIN).await.0, 404);
    assert_eq!(admin.ask("GET /readyz", "", "").await.0, 200);
    let (status, page) = admin.ask("GET /", "", "").await;
    assert!(status == 200 && page.contains("text/html"), "{page}");
    let (status, document) = admin.call("GET /api/v1/openapi.json", "").await;
    assert_eq!((status, &document["openapi"]), (200, &json!("3.1.0")));
    admin.close().await;
}

#[tokio::test]
async fn while_it_stops_a_sender_is_told_to_come_back() {
    let house = House::open(Face::All).await;
    house.handle.stop().await;
    let (status, answer) = house.ask("POST /hooks/sandbox", "", JOIN).await;
    assert_eq!(status, 503);
    assert!(answer.to_lowercase().contains("retry-after: "), "{answer}");
    let (status, answer) = house.ask("GET /readyz", "", "").await;
    assert!(
        status == 503 && answer.contains("no events are taken"),
        "{answer}"
    );
    assert_eq!(house.ask("GET /healthz", "", "").await.0, 200);
    assert_eq!(house.ask("GET /metrics", "", "").await.0, 200);
    house.close().await;
}
