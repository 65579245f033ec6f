//! The same community on three platforms: how people act there, and what one sees afterwards.

use crate::daemon::{Headers, Receiver, SECRET, Steward, event};
use crate::fakes::onebot::{ACCOUNT, Member, OneBot};
use crate::fakes::telegram::{self, FakeTelegram};
use serde_json::{Value, json};

/// A community of one group `club` on one platform, with a group `moderators` for its staff.
pub(super) trait Town: Sized {
    /// The connector's name.
    const NAME: &'static str;

    async fn start(playbook: &str) -> Self;
    fn steward(&self) -> &Steward;
    fn steward_mut(&mut self) -> &mut Steward;

    /// Somebody enters the group.
    async fn join(&mut self, who: i64);
    /// A member says something in the group.
    async fn say(&mut self, who: i64, text: &str);
    /// What we said in the group and still stands there.
    fn texts(&self) -> Vec<String>;
    /// What we said to that member directly.
    fn direct(&self, who: i64) -> Vec<String>;
    /// The member is in the group.
    fn present(&self, who: i64) -> bool;
}

async fn steward(name: &str, access: &str, (club, staff): (&str, &str), playbook: &str) -> Steward {
    let yaml = format!(
        r#"
connectors:
  {name}: {{ {access}, rate: off }}
communities:
  readers:
    staff: moderators
    groups: [{{ id: club, at: {name}/{club} }}, {{ id: moderators, at: {name}/{staff} }}]
    adopt: ["{name}/*"]
"#
    );
    let script = include_str!("../../../scripts/checkin.rhai");
    let files = [
        ("playbooks/day.yaml", playbook),
        ("scripts/checkin.rhai", script),
    ];
    Steward::start(&yaml, &files).await
}

/// The generic webhook: the peer does what it is told, so what it was told is what it holds.
pub(super) struct WebhookTown {
    steward: Steward,
    pub(super) peer: Receiver,
}

impl WebhookTown {
    fn said(&self, of: impl Fn(&Value) -> bool) -> Vec<String> {
        let bodies = self.peer.bodies();
        let said = bodies.iter().filter(|body| of(body));
        said.filter_map(|body| body["text"].as_str().map(str::to_owned))
            .collect()
    }
}

impl Town for WebhookTown {
    const NAME: &'static str = "any";

    async fn start(playbook: &str) -> Self {
        let peer = Receiver::start().await;
        let access = format!("kind: webhook, secret: \"{SECRET}\", url: \"{}\"", peer.url);
        let steward = steward("any", &access, ("g1", "g2"), playbook).await;
        Self { steward, peer }
    }

    fn steward(&self) -> &Steward {
        &self.steward
    }

    fn steward_mut(&mut self) -> &mut Steward {
        &mut self.steward
    }

    async fn join(&mut self, who: i64) {
        self.steward
            .event(&event("join", "g1", &who.to_string()))
            .await;
    }

    async fn say(&mut self, who: i64, text: &str) {
        self.steward.say("g1", &who.to_string(), text).await;
    }

    fn texts(&self) -> Vec<String> {
        self.said(|body| body["group"] == "g1" && body["member"].is_null())
    }

    fn direct(&self, who: i64) -> Vec<String> {
        let who = who.to_string();
        self.said(|body| body["member"].as_str() == Some(&who))
    }

    fn present(&self, who: i64) -> bool {
        let bodies = self.peer.bodies();
        let who = who.to_string();
        let removed =
            |body: &Value| body["type"] == "remove" && body["member"].as_str() == Some(&who);
        !bodies.iter().any(removed)
    }
}

const CLUB: i64 = 111;
const STAFF: i64 = 222;
/// In the staff group, and the owner of both.
const OWNER: i64 = 9;

/// QQ, by a fake of `NapCat`.
pub(super) struct OneBotTown {
    steward: Steward,
    fake: OneBot,
    said: i64,
}

impl OneBotTown {
    /// Posts what happened, and what followed from our own actions.
    async fn tell(&self, event: &Value) {
        let mut events = self.fake.take_events();
        events.push(event.clone());
        for event in &events {
            let (headers, body) = self.fake.event(event);
            let answer = self.steward.post("/hooks/qq", &headers, body).await;
            assert_eq!(answer.status, 204, "{answer:?}");
        }
        self.steward.settle().await;
    }

    fn at_s(&self) -> i64 {
        self.steward.now() / 1_000
    }

    async fn says_in(&mut self, group: i64, who: i64, text: &str, role: &str) {
        self.said += 1;
        self.tell(&json!({
            "time": self.at_s(), "self_id": ACCOUNT, "post_type": "message",
            "message_type": "group", "sub_type": "normal", "message_id": self.said,
            "group_id": group, "user_id": who, "raw_message": text,
            "message": [{ "type": "text", "data": { "text": text } }],
            "sender": { "user_id": who, "nickname": format!("u{who}"), "role": role },
        }))
        .await;
    }

    async fn joins(&self, group: i64, who: i64) {
        {
            let mut state = self.fake.state();
            let member = Member {
                role: "member",
                muted_s: 0,
            };
            let group = state.groups.entry(group).or_default();
            group.members.insert(who, member);
        }
        self.tell(&json!({
            "time": self.at_s(), "self_id": ACCOUNT, "post_type": "notice",
            "notice_type": "group_increase", "sub_type": "approve",
            "group_id": group, "user_id": who, "operator_id": 0,
        }))
        .await;
    }

    /// A person opens a group and takes us in.
    pub(super) async fn bot_joins(&self, group: i64) {
        self.joins(group, ACCOUNT).await;
    }

    pub(super) async fn staff_says(&mut self, text: &str) {
        self.says_in(STAFF, OWNER, text, "owner").await;
    }

    pub(super) fn staff_texts(&self) -> Vec<String> {
        self.sent_to(STAFF)
    }

    /// Texts of the pinned group notices.
    pub(super) fn notices(&self) -> Vec<String> {
        let state = self.fake.state();
        let pinned = state.groups[&CLUB]
            .notices
            .iter()
            .filter(|(_, pinned)| *pinned);
        pinned.map(|(text, _)| text.clone()).collect()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.fake.state().groups[&CLUB].all_muted
    }

    fn sent_to(&self, to: i64) -> Vec<String> {
        let state = self.fake.state();
        // Their ids go down.
        let sent = state.messages.values().rev();
        let here = sent.filter(|message| message.to == to);
        here.map(|message| plain(&message.segments)).collect()
    }
}

/// Segments as text; a mention as `@` and the number.
fn plain(segments: &Value) -> String {
    let segments = segments.as_array().unwrap().iter();
    let parts = segments.map(|segment| match segment["type"].as_str() {
        Some("text") => segment["data"]["text"].as_str().unwrap().to_owned(),
        Some("at") => format!("@{}", segment["data"]["qq"]).replace('"', ""),
        Some("reply") => String::new(),
        other => panic!("unexpected segment {other:?}"),
    });
    parts.collect::<String>().trim().to_owned()
}

impl Town for OneBotTown {
    const NAME: &'static str = "qq";

    async fn start(playbook: &str) -> Self {
        let fake = OneBot::start("api-token", "event-secret").await;
        for group in [CLUB, STAFF] {
            for (who, role) in [(OWNER, "owner"), (ACCOUNT, "admin")] {
                let member = Member { role, muted_s: 0 };
                let mut state = fake.state();
                let group = state.groups.entry(group).or_default();
                group.members.insert(who, member);
            }
        }
        let access = format!(
            "kind: onebot11, api: \"{}\", access_token: api-token, secret: event-secret",
            fake.api
        );
        let ids = (&*CLUB.to_string(), &*STAFF.to_string());
        let steward = steward("qq", &access, ids, playbook).await;
        let metrics = steward.handle().metrics().of(&"qq".into());
        // Rosters are read one second after the other.
        for rosters in 1..=2 {
            steward
                .until("a roster was read", async || {
                    metrics.received.get() >= rosters
                })
                .await;
            steward.advance("1s").await;
        }
        Self {
            steward,
            fake,
            said: 0,
        }
    }

    fn steward(&self) -> &Steward {
        &self.steward
    }

    fn steward_mut(&mut self) -> &mut Steward {
        &mut self.steward
    }

    async fn join(&mut self, who: i64) {
        self.joins(CLUB, who).await;
    }

    async fn say(&mut self, who: i64, text: &str) {
        self.says_in(CLUB, who, text, "member").await;
    }

    fn texts(&self) -> Vec<String> {
        self.sent_to(CLUB)
    }

    fn direct(&self, who: i64) -> Vec<String> {
        self.sent_to(who)
    }

    fn present(&self, who: i64) -> bool {
        self.fake.state().groups[&CLUB].members.contains_key(&who)
    }
}

const HALL: i64 = -1001;
const OFFICE: i64 = -1002;

/// Telegram, by a fake of its Bot API.
pub(super) struct TelegramTown {
    steward: Steward,
    fake: FakeTelegram,
}

impl TelegramTown {
    async fn tell(&self, updates: &[Value]) {
        let secret = "x-telegram-bot-api-secret-token".to_owned();
        let headers: Headers = vec![(secret, "s3cret".to_owned())];
        for update in updates {
            let body = update.to_string();
            let answer = self.steward.post("/hooks/tg", &headers, body).await;
            assert_eq!(answer.status, 200, "{answer:?}");
        }
        self.steward.settle().await;
    }

    fn at_s(&self) -> i64 {
        self.steward.now() / 1_000
    }

    /// A person opens a group and makes us an administrator.
    pub(super) async fn bot_joins(&self, chat: i64) {
        self.fake
            .add_chat(chat, "supergroup", "new", &[(OWNER, "boss")]);
        let update = self
            .fake
            .makes(chat, OWNER, telegram::BOT, "member", self.at_s());
        self.tell(&[update]).await;
        let update = self
            .fake
            .makes(chat, OWNER, telegram::BOT, "administrator", self.at_s());
        self.tell(&[update]).await;
    }

    pub(super) async fn staff_says(&mut self, text: &str) {
        let (_, update) = self.fake.says(OFFICE, OWNER, text, self.at_s());
        self.tell(&[update]).await;
    }

    pub(super) fn staff_texts(&self) -> Vec<String> {
        self.sent_to(OFFICE)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.fake.is_closed(HALL)
    }

    /// Texts of ours that stand in a chat.
    fn sent_to(&self, chat: i64) -> Vec<String> {
        let messages = (1..=500).filter_map(|id| self.fake.message(chat, id));
        let ours = messages.filter(|message| {
            let from = message["from"]["id"].as_i64();
            from.is_none_or(|from| from == telegram::BOT)
        });
        ours.filter_map(|message| message["text"].as_str().map(str::to_owned))
            .collect()
    }
}

impl Town for TelegramTown {
    const NAME: &'static str = "tg";

    async fn start(playbook: &str) -> Self {
        let fake = FakeTelegram::start().await;
        fake.add_chat(HALL, "supergroup", "Hall", &[]);
        fake.add_chat(OFFICE, "supergroup", "Office", &[(OWNER, "boss")]);
        let access = format!(
            "kind: telegram, api: \"{}\", token: \"{}\", secret_token: s3cret",
            fake.api,
            telegram::TOKEN
        );
        let ids = (&*HALL.to_string(), &*OFFICE.to_string());
        let steward = steward("tg", &access, ids, playbook).await;
        // The fake has no webhook, which is news once.
        steward.knows_problem_of("tg").await;
        Self { steward, fake }
    }

    fn steward(&self) -> &Steward {
        &self.steward
    }

    fn steward_mut(&mut self) -> &mut Steward {
        &mut self.steward
    }

    async fn join(&mut self, who: i64) {
        // Who has once written to the bot can be written to.
        let (_, hello) = self.fake.says(who, who, "/start", self.at_s());
        let name = format!("u{who}");
        let [change, service] = self.fake.joins(HALL, who, &name, self.at_s());
        self.tell(&[hello, change, service]).await;
    }

    async fn say(&mut self, who: i64, text: &str) {
        let (_, update) = self.fake.says(HALL, who, text, self.at_s());
        self.tell(&[update]).await;
    }

    fn texts(&self) -> Vec<String> {
        self.sent_to(HALL)
    }

    fn direct(&self, who: i64) -> Vec<String> {
        self.sent_to(who)
    }

    fn present(&self, who: i64) -> bool {
        self.fake.standing(HALL, who) == "member"
    }
}
