//! Platforms that fail: before the effect, after it, and without saying which. What then stands
//! there, and what a person sees.

use crate::daemon::{Receiver, SECRET, Steward};
use crate::fakes::Fault;
use crate::fakes::onebot::{ACCOUNT, Member, OneBot};
use serde_json::{Value, json};

const GROUP: i64 = 111;
const STAFF: i64 = 222;
const ANN: i64 = 1001;

const ANSWER: &str = "steward: 1
playbook: answer
groups: [club]
state: live
limits: { mute: 99 per 1d }
rules:
  - rule: price
    when: { keyword: [价格] }
    do: [{ send: 请看置顶 }]
  - rule: rude
    when: { keyword: [坏话] }
    do: [{ mute: { for: 10m, reason: 坏话 } }]
";

/// QQ with a group and its staff.
struct House {
    steward: Steward,
    fake: OneBot,
    said: std::cell::Cell<i64>,
}

impl House {
    async fn new(unknown: &str) -> Self {
        let fake = OneBot::start("api-token", "event-secret").await;
        for (group, who, role) in [
            (GROUP, ACCOUNT, "admin"),
            (GROUP, ANN, "member"),
            (STAFF, ACCOUNT, "admin"),
        ] {
            let mut state = fake.state();
            let member = Member { role, muted_s: 0 };
            state
                .groups
                .entry(group)
                .or_default()
                .members
                .insert(who, member);
        }
        let api = &fake.api;
        let yaml = format!(
            r#"
connectors:
  qq: {{ kind: onebot11, api: "{api}", access_token: api-token, secret: event-secret, rate: off, unknown: {unknown} }}
communities:
  readers:
    staff: moderators
    groups: [{{ id: club, at: qq/{GROUP} }}, {{ id: moderators, at: qq/{STAFF} }}]
"#
        );
        let steward = Steward::start(&yaml, &[("playbooks/answer.yaml", ANSWER)]).await;
        let said = std::cell::Cell::new(0);
        Self {
            steward,
            fake,
            said,
        }
    }

    async fn say(&self, text: &str) {
        self.said.set(self.said.get() + 1);
        let event = json!({
            "time": self.steward.now() / 1_000, "self_id": ACCOUNT, "post_type": "message",
            "message_type": "group", "sub_type": "normal", "message_id": self.said.get(),
            "group_id": GROUP, "user_id": ANN, "raw_message": text, "message": text,
            "sender": { "user_id": ANN, "nickname": "ann", "role": "member" },
        });
        let (headers, body) = self.fake.event(&event);
        let answer = self.steward.post("/hooks/qq", &headers, body).await;
        assert_eq!(answer.status, 204, "{answer:?}");
        self.steward.settle().await;
    }

    /// How many messages stand in a group.
    fn standing(&self, group: i64) -> usize {
        let state = self.fake.state();
        state
            .messages
            .values()
            .filter(|message| message.to == group)
            .count()
    }

    async fn outbox(&self) -> Vec<Value> {
        let outbox = self.steward.admin("/outbox").await;
        outbox["items"].as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn too_many_requests_is_waited_for_and_sent_once() {
    let house = House::new("hold").await;
    let wait = Fault::TooMany { retry_after_s: 40 };
    house.fake.faults.push("send_group_msg", wait);
    house.say("价格").await;
    assert_eq!(house.standing(GROUP), 0);
    let outbox = house.outbox().await;
    assert_eq!(outbox.len(), 1, "{outbox:?}");
    assert_eq!(
        (&outbox[0]["stage"], &outbox[0]["attempts"]),
        (&json!("open"), &json!(1))
    );
    house.steward.advance("39s").await;
    assert_eq!(house.standing(GROUP), 0);
    house.steward.advance("1m").await;
    assert_eq!(house.standing(GROUP), 1);
    assert_eq!(house.outbox().await, Vec::<Value>::new());
}

/// What may have come about is not repeated: it waits for a person, also across a restart.
#[tokio::test]
async fn unknown_hold_sends_at_most_once_and_a_person_decides() {
    for (fault, stands) in [
        (Fault::ActThenHangUp, 1),
        (Fault::ActThenFail { status: 502 }, 1),
        (Fault::HangUp, 0),
    ] {
        let mut house = House::new("hold").await;
        house.fake.faults.push("send_group_msg", fault.clone());
        house.say("价格").await;
        house.steward.advance("3h").await;
        assert_eq!(house.standing(GROUP), stands, "{fault:?}");
        house.steward.restart().await;
        house.steward.advance("1m").await;
        assert_eq!(house.standing(GROUP), stands, "{fault:?}");
        let outbox = house.outbox().await;
        assert_eq!(outbox.len(), 1, "{fault:?}: {outbox:?}");
        assert_eq!(outbox[0]["stage"], "parked", "{fault:?}");
        assert_ne!(outbox[0]["problem"], "", "{fault:?}");
        let id = outbox[0]["id"].as_str().unwrap();
        let again = house
            .steward
            .order(&format!("/outbox/{id}/retry"), &json!({}))
            .await;
        assert_eq!(again.status, 200, "{again:?}");
        house.steward.settle().await;
        assert_eq!(house.standing(GROUP), stands + 1, "{fault:?}");
        assert_eq!(house.outbox().await, Vec::<Value>::new(), "{fault:?}");
    }
}

#[tokio::test]
async fn a_parked_message_can_be_given_up() {
    let house = House::new("hold").await;
    house
        .fake
        .faults
        .push("send_group_msg", Fault::ActThenHangUp);
    house.say("价格").await;
    let outbox = house.outbox().await;
    let id = outbox[0]["id"].as_str().unwrap();
    let given_up = house
        .steward
        .order(&format!("/outbox/{id}/drop"), &json!({}))
        .await;
    assert_eq!(given_up.status, 200, "{given_up:?}");
    house.steward.advance("1d").await;
    assert_eq!(house.outbox().await, Vec::<Value>::new());
    assert_eq!(house.standing(GROUP), 1);
    let gone = house
        .steward
        .order(&format!("/outbox/{id}/retry"), &json!({}))
        .await;
    assert_eq!(gone.status, 404, "{gone:?}");
}

#[tokio::test]
async fn unknown_repeat_sends_at_least_once() {
    for (fault, stands) in [
        (Fault::ActThenHangUp, 2),
        (Fault::ActThenFail { status: 502 }, 2),
        (Fault::HangUp, 1),
    ] {
        let house = House::new("repeat").await;
        house.fake.faults.push("send_group_msg", fault.clone());
        house.say("价格").await;
        house.steward.advance("5m").await;
        assert_eq!(house.standing(GROUP), stands, "{fault:?}");
        assert_eq!(house.outbox().await, Vec::<Value>::new(), "{fault:?}");
    }
}

/// What sets a state is repeated whatever the setting: twice is as good as once.
#[tokio::test]
async fn a_mute_is_repeated_until_it_holds() {
    let house = House::new("hold").await;
    for fault in [Fault::HangUp, Fault::ActThenHangUp] {
        house.fake.faults.push("set_group_ban", fault);
    }
    house.say("坏话").await;
    house.steward.advance("30s").await;
    assert_eq!(house.outbox().await, Vec::<Value>::new());
    let muted = house.fake.state().groups[&GROUP].members[&ANN].muted_s;
    assert!((500..=600).contains(&muted), "{muted}");
}

#[tokio::test]
async fn a_bot_that_lost_its_rights_alerts_the_staff_once() {
    let house = House::new("hold").await;
    let member = Member {
        role: "member",
        muted_s: 0,
    };
    house
        .fake
        .state()
        .groups
        .get_mut(&GROUP)
        .unwrap()
        .members
        .insert(ACCOUNT, member);
    for _ in 0..3 {
        house.say("坏话").await;
        house.steward.advance("1m").await;
    }
    assert_eq!(
        house.standing(STAFF),
        1,
        "{:?}",
        house.fake.state().messages
    );
    assert_eq!(house.outbox().await, Vec::<Value>::new());
    let refused = house
        .steward
        .handle()
        .metrics()
        .of(&"qq".into())
        .rejected
        .get();
    assert_eq!(refused, 3);
}

/// The generic receiver knows a repetition by its id, so nothing is held there.
#[tokio::test]
async fn a_peer_that_fails_gets_the_same_id_until_it_answers() {
    let peer = Receiver::start().await;
    let url = &peer.url;
    let yaml = format!(
        r#"
connectors:
  any: {{ kind: webhook, secret: "{SECRET}", url: "{url}" }}
communities:
  readers: {{ groups: [{{ id: club, at: any/g1 }}] }}
"#
    );
    let mut steward = Steward::start(&yaml, &[("playbooks/answer.yaml", ANSWER)]).await;
    for fault in [
        Fault::TooMany { retry_after_s: 3 },
        Fault::Refuse {
            status: 503,
            body: String::new(),
        },
        Fault::HangUp,
        Fault::ActThenHangUp,
        Fault::ActThenFail { status: 500 },
    ] {
        peer.faults.push("send", fault);
    }
    steward.say("g1", "ann", "价格").await;
    steward.advance("20s").await;
    steward.restart().await;
    steward.advance("1h").await;
    assert_eq!(peer.told(), ["send g1 请看置顶"]);
    assert_eq!(peer.attempts(), 6);
    let outbox = steward.admin("/outbox").await;
    assert_eq!(outbox["total"], 0, "{outbox}");
}

#[tokio::test]
async fn what_a_peer_refuses_is_not_repeated() {
    let peer = Receiver::start().await;
    let url = &peer.url;
    let yaml = format!(
        r#"
connectors:
  any: {{ kind: webhook, secret: "{SECRET}", url: "{url}" }}
communities:
  readers: {{ groups: [{{ id: club, at: any/g1 }}] }}
"#
    );
    let steward = Steward::start(&yaml, &[("playbooks/answer.yaml", ANSWER)]).await;
    let refuse = Fault::Refuse {
        status: 422,
        body: "no".to_owned(),
    };
    peer.faults.push("send", refuse);
    steward.say("g1", "ann", "价格").await;
    steward.advance("1d").await;
    assert_eq!((peer.attempts(), peer.told().len()), (1, 0));
    let outbox = steward.admin("/outbox").await;
    assert_eq!(outbox["total"], 0, "{outbox}");
    steward.say("g1", "ann", "价格").await;
    assert_eq!(peer.told(), ["send g1 请看置顶"]);
}
