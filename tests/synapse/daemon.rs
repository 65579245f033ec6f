//! The daemon against a real homeserver of its own, registered by the file that it writes itself:
//! people join, talk, fall silent, are rewarded and removed, and a dead room moves into a new one,
//! while the daemon is killed and the homeserver restarts.

use reqwest::Client;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

const BOT: &str = "@_steward_bot:steward.test";
/// Far more than any step needs, also on a slow machine.
const PATIENCE: Duration = Duration::from_secs(40);
const POLL: Duration = Duration::from_millis(100);

const PLAYBOOK: &str = r#"
steward: 1
playbook: hall
groups: all
state: live
limits: { remove: 5 per 1d, create_group: 1 per 1d, invite: 9 per 1d, close_group: 1 per 1d }
rules:
  - rule: check-in
    when: { keyword: { any: [打卡], match: exact } }
    do:
      - reward: { member: member, points: 5, reason: 打卡 }
      - reply: "${member.name} +5"

  - rule: quiet
    when: { inactivity: { member: 3s } }
    if: member.role == "member" and member.points == 0
    stop_when: [message, leave]
    do:
      - dm: { to: member, text: "Still there, ${member.name}?" }
      - wait: 12s
      - remove: { member: member, reason: silent }
      - send: "${member.name} is gone"

  - rule: count
    when: { command: { name: count, by: owner } }
    do:
      - send: one
      - wait: 1s
      - send: two
      - wait: 1s
      - send: three
      - wait: 1s
      - send: four
      - wait: 1s
      - send: five

  - rule: dead
    when: { inactivity: { group: 4s } }
    if: group.name == "Old hall"
    do:
      - migrate:
          ask: Who comes along?
          collect: { keyword: ["1"], for: 10s, once_per: member }
          minimum: 2
          close_after: 2s
        as: moved
      - send: { to: moved.group, text: "${moved.invited} invited" }
"#;

/// A port that nobody listens at.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn synapse(args: &[&str]) -> Output {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/.ci/synapse");
    let output = Command::new(script).args(args).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "synapse {args:?}: {said}");
    output
}

/// A homeserver, a daemon, and people.
struct Stage {
    folder: TempDir,
    http: Client,
    homeserver: String,
    daemon_port: u16,
    /// What `.ci/synapse start` printed.
    env: BTreeMap<String, String>,
    daemon: Option<Child>,
    calls: u64,
    /// Up to where each has asked for news.
    since: BTreeMap<String, String>,
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Some(daemon) = &mut self.daemon {
            daemon.kill().unwrap();
            daemon.wait().unwrap();
        }
        synapse(&["stop", "--dir", &self.path("synapse")]);
    }
}

impl Stage {
    /// Writes the configuration, lets the daemon write its registration, and starts the homeserver.
    fn set_up() -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let port = free_port();
        let mut stage = Self {
            folder: TempDir::new().unwrap(),
            http: Client::builder().no_proxy().build().unwrap(),
            homeserver: format!("http://127.0.0.1:{port}"),
            daemon_port: free_port(),
            env: BTreeMap::new(),
            daemon: None,
            calls: 0,
            since: BTreeMap::new(),
        };
        fs::create_dir(stage.path("playbooks")).unwrap();
        fs::write(stage.path("playbooks/hall.yaml"), PLAYBOOK).unwrap();
        let listen = format!("127.0.0.1:{}", stage.daemon_port);
        let config = format!(
            "steward: 1\nlisten: {listen}\npublic_url: http://{listen}\ntimezone: UTC\n\
             connectors:\n  mx: {{ kind: matrix, homeserver: \"{}\", as_token: \"${{env:MX_AS}}\", \
             hs_token: \"${{env:MX_HS}}\", user: \"{BOT}\", rate: off }}\n\
             communities:\n  readers: {{ name: Readers, adopt: [\"mx/*\"] }}\n",
            stage.homeserver
        );
        fs::write(stage.path("steward.yaml"), config).unwrap();
        stage.steward(&["check"]);
        let (file, dir) = (stage.path("registration.yaml"), stage.path("synapse"));
        stage.steward(&["connect", "mx", "--file", &file]);
        let port = port.to_string();
        let people = "carol,ann,bob,eve";
        let started = synapse(&[
            "start",
            "--dir",
            &dir,
            "--port",
            &port,
            "--registration",
            &file,
            "--users",
            people,
        ]);
        let printed = String::from_utf8(started.stdout).unwrap();
        let lines = printed.lines().filter_map(|line| line.split_once('='));
        stage.env = lines
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        stage
    }

    fn path(&self, name: &str) -> String {
        let path = self.folder.path().join(name);
        path.into_os_string().into_string().unwrap()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_steward"));
        command
            .args(args)
            .current_dir(self.folder.path())
            .env("MX_AS", "as-token-of-the-daemon-0123456789abcdef")
            .env("MX_HS", "hs-token-of-the-daemon-fedcba9876543210")
            .stdin(Stdio::null());
        command
    }

    /// A command that must go well; what it printed.
    fn steward(&self, args: &[&str]) -> String {
        let output = self.command(args).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "steward {args:?}: {said}{}",
            self.log()
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// The same, as JSON.
    fn asked(&self, args: &[&str]) -> Json {
        let args: Vec<&str> = args.iter().copied().chain(["--json"]).collect();
        serde_json::from_str(&self.steward(&args)).unwrap()
    }

    async fn start(&mut self) {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.path("log"))
            .unwrap();
        let mut command = self.command(&["run"]);
        command.stdout(log.try_clone().unwrap()).stderr(log);
        self.daemon = Some(command.spawn().unwrap());
        let url = format!("http://127.0.0.1:{}/readyz", self.daemon_port);
        self.until("the daemon is ready", async || {
            let answer = self.http.get(&url).send().await;
            answer.is_ok_and(|answer| answer.status() == 200)
        })
        .await;
    }

    /// kill -9, and a new start.
    async fn crash(&mut self) {
        let mut daemon = self.daemon.take().unwrap();
        daemon.kill().unwrap();
        daemon.wait().unwrap();
        self.start().await;
    }

    /// Ends the daemon as a service manager does.
    fn stop(&mut self) {
        let mut daemon = self.daemon.take().unwrap();
        let id = daemon.id().to_string();
        assert!(Command::new("kill").arg(id).status().unwrap().success());
        assert!(daemon.wait().unwrap().success(), "{}", self.log());
    }

    /// The last part of what the daemon logged.
    fn log(&self) -> String {
        let all = fs::read_to_string(Path::new(&self.path("log"))).unwrap_or_default();
        let lines: Vec<&str> = all.lines().collect();
        let from = lines.len().saturating_sub(60);
        format!("\nthe daemon's log:\n{}", lines[from..].join("\n"))
    }

    /// What the daemon thinks, for whoever looks for a mistake.
    fn report(&self) -> String {
        let lists = ["groups", "members", "runs", "outbox"].map(|list| {
            let output = self.command(&[list]).output().unwrap();
            String::from_utf8_lossy(&output.stdout).into_owned()
        });
        format!("\n{}{}", lists.join("\n"), self.log())
    }

    async fn until(&self, what: &str, check: impl AsyncFn() -> bool) {
        let found = timeout(PATIENCE, async {
            while !check().await {
                sleep(POLL).await;
            }
        });
        assert!(
            found.await.is_ok(),
            "waited in vain: {what}{}",
            self.report()
        );
    }

    /// A call of somebody's client; its status and answer.
    async fn client(&self, who: &str, method: &str, path: &str, body: Json) -> (u16, Json) {
        let url = format!("{}/_matrix/client/v3{path}", self.homeserver);
        let token = &self.env[&format!("STEWARD_SYNAPSE_{}", who.to_uppercase())];
        let call = self.http.request(method.parse().unwrap(), url);
        let answer = call
            .bearer_auth(token)
            .body(body.to_string())
            .send()
            .await
            .unwrap();
        let status = answer.status().as_u16();
        let body = answer.bytes().await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    async fn get(&self, who: &str, path: &str) -> Json {
        let (status, body) = self.client(who, "GET", path, json!({})).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    async fn say(&mut self, who: &str, room: &str, text: &str) -> u16 {
        self.calls += 1;
        let path = format!("/rooms/{room}/send/m.room.message/{}", self.calls);
        let body = json!({ "msgtype": "m.text", "body": text });
        self.client(who, "PUT", &path, body).await.0
    }

    async fn join(&self, who: &str, room: &str) {
        let (status, said) = self
            .client(who, "POST", &format!("/join/{room}"), json!({}))
            .await;
        assert_eq!(status, 200, "{who}: {said}");
    }

    /// Carol opens a room, makes the bot its moderator, and invites it and others.
    async fn open(&self, name: &str, others: &[&str]) -> String {
        let others = others.iter().map(|name| format!("@{name}:steward.test"));
        let invite: Vec<String> = others.chain([BOT.to_owned()]).collect();
        let body = json!({
            "preset": "private_chat", "name": name, "invite": invite,
            "power_level_content_override": { "users": { BOT: 100 } },
        });
        let (status, made) = self.client("carol", "POST", "/createRoom", body).await;
        assert_eq!(status, 200, "{made}");
        let room = made["room_id"].as_str().unwrap().to_owned();
        self.until("the bot takes its invitation up", async || {
            self.people(&room).await.contains(BOT)
        })
        .await;
        self.until("the daemon has read who is there", async || {
            let groups = self.asked(&["groups"]);
            let groups = groups["items"].as_array().unwrap();
            groups
                .iter()
                .any(|group| group["name"] == name && group["members"] != 0)
        })
        .await;
        room
    }

    /// Who is in the room, as Carol sees it.
    async fn people(&self, room: &str) -> BTreeSet<String> {
        let joined = self
            .get("carol", &format!("/rooms/{room}/joined_members"))
            .await;
        joined["joined"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect()
    }

    /// What the bot said in the room, the oldest first.
    async fn said(&self, who: &str, room: &str) -> Vec<String> {
        let path = format!("/rooms/{room}/messages?dir=b&limit=500");
        let page = self.get(who, &path).await;
        let events = page["chunk"].as_array().unwrap().iter().rev();
        let ours =
            events.filter(|event| event["type"] == "m.room.message" && event["sender"] == BOT);
        ours.map(|event| event["content"]["body"].as_str().unwrap().to_owned())
            .collect()
    }

    async fn hears(&self, who: &str, room: &str, text: &str) {
        let what = format!("{who} reads `{text}`");
        self.until(&what, async || {
            self.said(who, room).await.iter().any(|said| said == text)
        })
        .await;
    }

    /// Joins the room that the bot invites to. The homeserver keeps its first answer for a while, so
    /// each question goes on from the answer before.
    async fn follow(&mut self, who: &str) -> String {
        let mut since = self.since.remove(who);
        let found = timeout(PATIENCE, async {
            loop {
                let from = since.iter().map(|since| format!("&since={since}"));
                let path = format!("/sync?timeout=0{}", from.collect::<String>());
                let news = self.get(who, &path).await;
                since = news["next_batch"].as_str().map(str::to_owned);
                let invited = news["rooms"]["invite"].as_object();
                if let Some(room) = invited.and_then(|rooms| rooms.keys().next()) {
                    return room.clone();
                }
                sleep(POLL).await;
            }
        });
        let room = found.await;
        let room = room.unwrap_or_else(|_| panic!("nobody invites {who}{}", self.report()));
        self.since
            .extend(since.map(|since| (who.to_owned(), since)));
        self.join(who, &room).await;
        room
    }

    fn points(&self, who: &str) -> Json {
        self.asked(&["members", "show", &format!("mx/@{who}:steward.test")])[0]["points"].clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_community_lives_through_crashes_of_the_daemon_and_of_the_homeserver() {
    if !std::env::vars().any(|(name, _)| name == "STEWARD_SYNAPSE") {
        println!("synapse: not asked for (run `.ci/synapse start`, set what it prints)");
        return;
    }
    let mut stage = Stage::set_up();
    stage.start().await;
    let connected = stage.steward(&["connect", "mx"]);
    assert!(connected.contains("the homeserver reaches"), "{connected}");
    let hall = stage.open("Hall", &["ann", "bob", "eve"]).await;
    rewards(&mut stage, &hall).await;
    removes_the_silent(&mut stage, &hall).await;
    counts_through_a_restart(&mut stage, &hall).await;
    moves_a_dead_room(&mut stage).await;
    let said = stage.said("carol", &hall).await;
    let mut expected = vec![
        "ann +5",
        "eve +5",
        "bob is gone",
        "one",
        "two",
        "three",
        "four",
        "five",
    ];
    assert_eq!(said.len(), expected.len(), "{said:?}");
    // A removal and an answer can come in either order.
    expected.sort_unstable();
    let mut sorted = said.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, expected);
    assert!(
        said.ends_with(&["one", "two", "three", "four", "five"].map(str::to_owned)),
        "{said:?}"
    );
    assert_eq!(
        stage.asked(&["outbox"])["total"],
        0,
        "{}",
        stage.asked(&["outbox"])
    );
    let groups = stage.asked(&["groups"]);
    assert_eq!(
        groups["total"], 3,
        "the hall, the old one, the new one: {groups}"
    );
    stage.stop();
    stage.steward(&["verify"]);
}

/// Ann checks in: points in the ledger, an answer in the room.
async fn rewards(stage: &mut Stage, hall: &str) {
    stage.join("ann", hall).await;
    assert_eq!(stage.say("ann", hall, "打卡").await, 200);
    stage.hears("carol", hall, "ann +5").await;
    assert_eq!(stage.points("ann"), 5);
}

/// Bob and Eve say nothing and are asked. The daemon dies; Eve speaks while it is dead, and stays.
async fn removes_the_silent(stage: &mut Stage, hall: &str) {
    stage.join("bob", hall).await;
    stage.join("eve", hall).await;
    let mut direct = Vec::new();
    for who in ["bob", "eve"] {
        let room = stage.follow(who).await;
        stage
            .hears(who, &room, &format!("Still there, {who}?"))
            .await;
        direct.push((who, room));
    }
    let mut daemon = stage.daemon.take().unwrap();
    daemon.kill().unwrap();
    daemon.wait().unwrap();
    assert_eq!(stage.say("eve", hall, "打卡").await, 200);
    stage.start().await;
    stage.hears("carol", hall, "eve +5").await;
    stage.hears("carol", hall, "bob is gone").await;
    let people = stage.people(hall).await;
    let expected = ["carol", "ann", "eve"].map(|name| format!("@{name}:steward.test"));
    assert_eq!(
        people,
        expected.into_iter().chain([BOT.to_owned()]).collect()
    );
    let path = format!("/rooms/{hall}/state/m.room.member/@bob:steward.test");
    let bob = stage.get("carol", &path).await;
    assert_eq!(
        (&bob["membership"], &bob["reason"]),
        (&"leave".into(), &"silent".into())
    );
    for (who, room) in direct {
        let said = stage.said(who, &room).await;
        assert_eq!(said, [format!("Still there, {who}?")]);
    }
    assert_eq!(stage.points("eve"), 5);
}

/// Five messages of one run, with the daemon killed and the homeserver restarted between them.
async fn counts_through_a_restart(stage: &mut Stage, hall: &str) {
    assert_eq!(stage.say("carol", hall, "/count").await, 200);
    stage.hears("carol", hall, "two").await;
    stage.crash().await;
    stage.hears("carol", hall, "three").await;
    synapse(&["restart", "--dir", &stage.path("synapse")]);
    stage.hears("carol", hall, "five").await;
}

/// Nobody speaks in the old hall any more: who wants to comes along into a new room.
async fn moves_a_dead_room(stage: &mut Stage) {
    let old = stage.open("Old hall", &["ann", "eve"]).await;
    stage.join("ann", &old).await;
    stage.join("eve", &old).await;
    stage.hears("carol", &old, "Who comes along?").await;
    assert_eq!(stage.say("ann", &old, "1").await, 200);
    stage.crash().await;
    assert_eq!(stage.say("eve", &old, "1").await, 200);
    let new = stage.follow("ann").await;
    assert_eq!(stage.follow("eve").await, new);
    stage.hears("ann", &new, "2 invited").await;
    let name = stage
        .get("ann", &format!("/rooms/{new}/state/m.room.name"))
        .await;
    assert_eq!(name["name"], "Old hall (2)");
    let joined = stage
        .get("ann", &format!("/rooms/{new}/joined_members"))
        .await;
    assert_eq!(joined["joined"].as_object().unwrap().len(), 3, "{joined}");
    let said = stage.said("carol", &old).await;
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(
        said[1].starts_with("We have moved to Old hall (2)."),
        "{said:?}"
    );
    let levels = stage
        .get("carol", &format!("/rooms/{old}/state/m.room.power_levels"))
        .await;
    assert_eq!(levels["users"][BOT], 100, "{levels}");
    assert_eq!(stage.say("ann", &old, "closed").await, 403, "{levels}");
}
