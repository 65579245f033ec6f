//! The program as a process of its own, with a steward.yaml in a temporary folder.

use crate::daemon::{Answer, SECRET, TOKEN, bearer, client, event, request, sign, until};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use steward::runtime::{Clock, SystemClock};
use tempfile::TempDir;

/// Members that speak.
pub(super) const MEMBERS: usize = 7;

const PLAYBOOK: &str = r#"steward: 1
playbook: echo
groups: [club]
rules:
  - rule: echo
    when: message
    per: event
    mode: parallel
    do:
      - reward: { member: member, points: 1, reason: said }
      - send: "${event.text}"
"#;

/// A running `steward`.
pub(super) struct Program {
    dir: Arc<TempDir>,
    port: u16,
    url: String,
    child: Child,
}

/// Where a running one takes events and orders.
pub(super) struct Hook {
    base: String,
}

impl Program {
    /// Starts one on new data, whose effects go to that address.
    pub(super) async fn start(url: &str) -> Self {
        let dir = Arc::new(tempfile::tempdir().unwrap());
        fs::create_dir(dir.path().join("playbooks")).unwrap();
        fs::write(dir.path().join("playbooks/echo.yaml"), PLAYBOOK).unwrap();
        Self::run(dir, url.to_owned()).await
    }

    /// Starts it again on the same data, at another address.
    pub(super) fn again(&self) -> impl Future<Output = Self> + use<> {
        Self::run(self.dir.clone(), self.url.clone())
    }

    async fn run(dir: Arc<TempDir>, url: String) -> Self {
        loop {
            let port = free_port();
            write_yaml(dir.path(), "steward.yaml", port, &url);
            let child = command(dir.path(), "steward.yaml", &["run"])
                .stdout(Stdio::null())
                .stderr(File::create(dir.path().join("stderr")).unwrap())
                .spawn()
                .unwrap();
            let mut program = Self {
                dir: dir.clone(),
                port,
                url: url.clone(),
                child,
            };
            if program.becomes_ready().await {
                return program;
            }
            let told = fs::read_to_string(dir.path().join("stderr")).unwrap();
            // Somebody else was quicker to take the port.
            assert!(told.contains("in use"), "{told}");
        }
    }

    /// False when it ended before.
    async fn becomes_ready(&mut self) -> bool {
        let client = client();
        let url = format!("http://127.0.0.1:{}/readyz", self.port);
        let mut runs = true;
        until("it is ready", async || {
            runs = self.child.try_wait().unwrap().is_none();
            let answer = request(&client, "GET", &url, &[], "").await;
            !runs || answer.is_some_and(|answer| answer.status == 200)
        })
        .await;
        runs
    }

    pub(super) fn hook(&self) -> Hook {
        Hook {
            base: format!("http://127.0.0.1:{}", self.port),
        }
    }

    pub(super) fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// SIGKILL.
    pub(super) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and waits for its end.
    pub(super) fn stop(&mut self) {
        let pid = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        assert!(told.success());
        let ended = self.child.wait().unwrap();
        assert!(ended.success(), "{ended:?}");
    }

    /// Runs a command beside it, or after it.
    pub(super) fn command(&self, args: &[&str]) -> Output {
        command(self.dir.path(), "steward.yaml", args)
            .output()
            .unwrap()
    }

    /// Runs another daemon on the same data, at another address, until its end.
    pub(super) fn second(&self) -> Output {
        write_yaml(self.dir.path(), "second.yaml", free_port(), &self.url);
        command(self.dir.path(), "second.yaml", &["run"])
            .output()
            .unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // An error means that it has ended.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Hook {
    /// Posts a member's message, numbered; whether it was acknowledged.
    pub(super) async fn say(&self, client: &reqwest::Client, number: usize) -> bool {
        let mut message = event("message", "g1", &format!("u{}", number % MEMBERS));
        message["id"] = json!(format!("evt-{number}"));
        message["text"] = json!(format!("e{number}"));
        let body = message.to_string();
        let now_s = SystemClock::new().now() / 1_000;
        let headers = sign(SECRET, &format!("msg-{number}"), now_s, body.as_bytes());
        let url = format!("{}/hooks/any", self.base);
        let answer = request(client, "POST", &url, &headers, body).await;
        match answer.map(|answer: Answer| answer.status) {
            Some(200..=299) => true,
            // Dead, starting, or full.
            None | Some(503) => false,
            Some(other) => panic!("unexpected answer {other}"),
        }
    }

    /// Asks the admin API.
    pub(super) async fn admin(&self, path: &str) -> Value {
        let url = format!("{}/api/v1{path}", self.base);
        let answer = request(&client(), "GET", &url, &bearer(), "")
            .await
            .unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }
}

fn command(dir: &Path, config: &str, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_steward"));
    command
        .args(["--config", config])
        .args(args)
        .current_dir(dir)
        .env("STEWARD_LOG", "warn")
        .stdin(Stdio::null());
    command
}

fn write_yaml(dir: &Path, name: &str, port: u16, url: &str) {
    let yaml = format!(
        r#"steward: 1
listen: 127.0.0.1:{port}
data: ./data
playbooks: ./playbooks
admin: {{ token: "{TOKEN}" }}
connectors:
  any: {{ kind: webhook, secret: "{SECRET}", url: "{url}" }}
communities:
  readers: {{ groups: [{{ id: club, at: any/g1 }}] }}
"#
    );
    fs::write(dir.join(name), yaml).unwrap();
}

/// A port below those that the system hands out by itself, so that no connection takes it.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let base = (std::process::id() % 97) as u16 * 100;
    loop {
        let port = 12_000 + (base + NEXT.fetch_add(1, Ordering::SeqCst)) % 18_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
