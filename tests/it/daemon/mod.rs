//! The whole daemon in process, through its public doors: steward.yaml and playbooks are read as the
//! daemon reads them, the store lies in a temporary folder, requests go over real sockets – only the
//! clock is moved by hand.

mod loader;
mod receiver;
mod time;

pub(crate) use receiver::{Receiver, SECRET, sign};

use loader::Texts;
use reqwest::{Client, Method};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use steward::model::Millis;
use steward::runtime::{self, Clock, Handle, TestClock};
use steward::server::{self, AdminToken, Doors, Face, Hosts, Limits, Listener};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Opens the admin API.
pub(crate) const TOKEN: &str = "0123456789abcdef0123456789abcdef";
/// A Sunday in November 2026, 08:00 in Shanghai.
pub(crate) const START: Millis = 1_795_305_600_000;
/// Real time after which something has gone wrong; nothing here waits for it to pass.
const PATIENCE: Duration = Duration::from_mins(1);

/// A daemon, to be stopped and started again over the same data.
pub(crate) struct Steward {
    texts: Arc<Texts>,
    clock: TestClock,
    client: Client,
    running: Option<Running>,
    /// Removed with everything in it in the end.
    _dir: TempDir,
    sent: std::cell::Cell<u64>,
}

struct Running {
    handle: Handle,
    address: SocketAddr,
    over: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

/// An answer of the daemon.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Answer {
    /// The body as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// Headers by name.
pub(crate) type Headers = Vec<(String, String)>;

impl Steward {
    /// Starts one. `yaml` is what follows the first lines of steward.yaml, from `connectors:` on;
    /// files are playbooks and scripts by path.
    pub(crate) async fn start(yaml: &str, files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let head = format!(
            "steward: 1\nlisten: 127.0.0.1:0\ntimezone: Asia/Shanghai\ndata: \"{}\"\n",
            data.display()
        );
        let mut steward = Self {
            texts: Arc::new(Texts::new(format!("{head}{yaml}"), files)),
            clock: TestClock::at(START),
            client: client(),
            running: None,
            _dir: dir,
            sent: std::cell::Cell::new(0),
        };
        steward.run().await;
        steward
    }

    /// Stops it as SIGTERM does, and starts it again.
    pub(crate) async fn restart(&mut self) {
        self.stop().await;
        self.run().await;
    }

    /// Stops it as SIGTERM does.
    pub(crate) async fn stop(&mut self) {
        let running = self.running.take().unwrap();
        running.over.send(()).unwrap();
        running.serving.await.unwrap();
        running.handle.stop().await;
    }

    async fn run(&mut self) {
        let config = self.texts.shell().unwrap();
        let clock = Arc::new(self.clock.clone());
        let started = runtime::start(config, self.texts.clone(), clock).await;
        let (handle, _fatal) = started.unwrap();
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let doors = Doors::new(
            handle.clone(),
            AdminToken::new(&SecretString::from(TOKEN)),
            Hosts::of(address.ip(), None),
            Limits {
                wrong_token: Duration::ZERO,
                ..Limits::default()
            },
        );
        let listener = Listener {
            socket,
            face: Face::All,
        };
        let (over, is_over) = oneshot::channel::<()>();
        let serving = tokio::spawn(server::serve(doors, vec![listener], async {
            is_over.await.unwrap_or(());
        }));
        self.running = Some(Running {
            handle,
            address,
            over,
            serving,
        });
        self.settle().await;
    }

    /// What tests look through where no door shows it.
    pub(crate) fn handle(&self) -> &Handle {
        &self.running.as_ref().unwrap().handle
    }

    /// Now, by the daemon's clock.
    pub(crate) fn now(&self) -> Millis {
        self.clock.now()
    }

    /// Any request.
    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: impl Into<Vec<u8>>,
    ) -> Answer {
        let address = self.running.as_ref().unwrap().address;
        request(
            &self.client,
            method,
            &format!("http://{address}{path}"),
            headers,
            body,
        )
        .await
        .unwrap()
    }

    /// A post to a door.
    pub(crate) async fn post(
        &self,
        path: &str,
        headers: &[(String, String)],
        body: impl Into<Vec<u8>>,
    ) -> Answer {
        self.ask("POST", path, headers, body).await
    }

    /// Asks the admin API, with the token.
    pub(crate) async fn admin(&self, path: &str) -> Value {
        let answer = self
            .ask("GET", &format!("/api/v1{path}"), &bearer(), "")
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    /// Orders something of the admin API, with the token.
    pub(crate) async fn order(&self, path: &str, body: &Value) -> Answer {
        let mut headers = bearer();
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
        let path = format!("/api/v1{path}");
        self.post(&path, &headers, body.to_string()).await
    }

    /// Posts an event (or a list of them) to the generic connector `any`, and waits until all that
    /// follows has come about.
    pub(crate) async fn event(&self, event: &Value) {
        let answer = self.event_unsettled(event).await;
        assert!((200..300).contains(&answer.status), "{answer:?}");
        self.settle().await;
    }

    /// Posts an event to the generic connector `any`.
    pub(crate) async fn event_unsettled(&self, event: &Value) -> Answer {
        self.sent.set(self.sent.get() + 1);
        let body = event.to_string();
        let id = format!("msg-{}", self.sent.get());
        let headers = sign(SECRET, &id, self.now() / 1_000, body.as_bytes());
        self.post("/hooks/any", &headers, body).await
    }

    /// Somebody says something in a group of the generic connector.
    pub(crate) async fn say(&self, group: &str, who: &str, text: &str) {
        let mut message = event("message", group, who);
        message["text"] = json!(text);
        self.event(&message).await;
    }

    /// Waits until the journal holds that something is wrong with a connector.
    pub(crate) async fn knows_problem_of(&self, connector: &'static str) {
        self.until("a problem is known", async || {
            let known = self.handle().look(move |view| {
                let mut worlds = view.worlds.iter().filter(|(name, _)| !name.is_empty());
                worlds.all(|(_, world)| {
                    let hearing = world.head.hearing.get(connector);
                    hearing.is_some_and(|hearing| hearing.problem.is_some())
                })
            });
            known.await.unwrap()
        })
        .await;
        self.settle().await;
    }

    /// Waits until it is so, which other threads bring about.
    pub(crate) async fn until(&self, what: &str, is_so: impl AsyncFnMut() -> bool) {
        until(what, is_so).await;
    }
}

/// An event of the generic connector. Its id comes from the payload.
pub(crate) fn event(kind: &str, group: &str, who: &str) -> Value {
    json!({ "type": kind, "group": { "id": group }, "member": { "id": who, "name": who } })
}

/// The admin token as a header.
pub(crate) fn bearer() -> Headers {
    vec![("authorization".to_owned(), format!("Bearer {TOKEN}"))]
}

/// Polls until it is so. The bound is on real time, for tests that would never end.
pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let polling = async {
        while !is_so().await {
            for _ in 0..16 {
                tokio::task::yield_now().await;
            }
            std::thread::yield_now();
        }
    };
    in_time(what, polling).await;
}

async fn in_time<T>(what: &str, work: impl Future<Output = T>) -> T {
    let done = tokio::time::timeout(PATIENCE, work).await;
    done.unwrap_or_else(|_| panic!("it never came to that: {what}"))
}

/// A client as a platform's: no proxy, no redirects.
pub(crate) fn client() -> Client {
    // Another test may have installed it first.
    drop(rustls::crypto::ring::default_provider().install_default());
    Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(30))
        .build()
        .unwrap()
}

/// One request; `None` when no answer came.
pub(crate) async fn request(
    client: &Client,
    method: &str,
    url: &str,
    headers: &[(String, String)],
    body: impl Into<Vec<u8>>,
) -> Option<Answer> {
    let method: Method = method.parse().unwrap();
    let mut call = client.request(method, url).body(body.into());
    for (name, value) in headers {
        call = call.header(name, value);
    }
    let response = call.send().await.ok()?;
    let headers = response.headers().iter();
    let headers = headers.map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    });
    Some(Answer {
        status: response.status().as_u16(),
        headers: headers.collect(),
        body: String::from_utf8_lossy(&response.bytes().await.ok()?).into_owned(),
    })
}
