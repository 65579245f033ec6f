//! A day in a community through HTTP alone, on three platforms: what happens is posted to the doors
//! as the platform posts it, and what the platform then holds is looked at.

mod towns;

use serde_json::{Value, json};
use towns::{OneBotTown, TelegramTown, Town, WebhookTown};

/// A playbook for the group, with these keys and rules after its head.
fn playbook(rest: &str) -> String {
    format!("steward: 1\nplaybook: day\ngroups: [club]\nstate: live\n{rest}")
}

/// The same day on every platform.
macro_rules! on_every_platform {
    ($($day:ident: $what:ident;)*) => {$(
        mod $what {
            #[tokio::test]
            async fn on_onebot() {
                super::$day::<super::OneBotTown>().await;
            }

            #[tokio::test]
            async fn on_telegram() {
                super::$day::<super::TelegramTown>().await;
            }

            #[tokio::test]
            async fn on_the_generic_webhook() {
                super::$day::<super::WebhookTown>().await;
            }
        }
    )*};
}

on_every_platform! {
    burst: joiners_of_one_window_get_one_welcome;
    keyword: a_keyword_is_answered_once_per_cooldown;
    schedule: a_schedule_fires_on_its_grid_also_across_a_restart;
    silence: who_is_silent_is_asked_and_removed_unless_they_speak;
    streak: a_week_of_check_ins_pays_once;
}

async fn burst<T: Town>() {
    let rules = r"
rules:
  - rule: welcome
    when: join
    do: [{ welcome: { text: '欢迎 ${mentions}', gather: 30s } }]
";
    let mut town = T::start(&playbook(rules)).await;
    for who in [1001, 1002, 1003] {
        town.join(who).await;
        town.steward().advance("5s").await;
    }
    assert_eq!(town.texts(), Vec::<String>::new());
    town.steward_mut().restart().await;
    town.steward().advance("30s").await;
    let texts = town.texts();
    assert_eq!(texts.len(), 1, "{texts:?}");
    for who in ["1001", "1002", "1003"] {
        assert_eq!(texts[0].matches(who).count(), 1, "{texts:?}");
    }
}

async fn keyword<T: Town>() {
    let rules = r"
rules:
  - rule: price
    when: { keyword: [价格] }
    cooldown: { every: 10m, per: group }
    do: [{ reply: 请看置顶 }]
";
    let mut town = T::start(&playbook(rules)).await;
    town.join(1001).await;
    town.say(1001, "价格？").await;
    town.say(1001, "价格？？").await;
    town.steward().advance("9m").await;
    town.steward_mut().restart().await;
    town.say(1001, "价格呢").await;
    assert_eq!(town.texts(), ["请看置顶"]);
    town.steward().advance("1m").await;
    town.say(1001, "价格！").await;
    assert_eq!(town.texts(), ["请看置顶", "请看置顶"]);
}

async fn schedule<T: Town>() {
    let rules = r"
rules:
  - rule: tick
    when: { schedule: { every: 2s } }
    do: [{ send: 嘀 }]
";
    let mut town = T::start(&playbook(rules)).await;
    // Setting the town up may have taken a moment.
    let before = town.texts().len();
    town.steward().advance("10s").await;
    assert_eq!(town.texts().len(), before + 5);
    town.steward_mut().restart().await;
    assert_eq!(town.texts().len(), before + 5);
    town.steward().advance("3s").await;
    assert_eq!(town.texts().len(), before + 6);
    town.steward().advance("1s").await;
    assert_eq!(town.texts(), vec!["嘀"; before + 7]);
}

async fn silence<T: Town>() {
    let rules = r#"
limits: { remove: 20 per 1d }
rules:
  - rule: quiet
    when: { inactivity: { member: 3s } }
    if: member.role == "member"
    stop_when: [message, leave]
    do:
      - dm: { to: member, text: 还在吗, }
        on_error: continue
      - wait: 3s
      - remove: { member: member, reason: 潜水 }
"#;
    let mut town = T::start(&playbook(rules)).await;
    for who in [1001, 1002] {
        town.join(who).await;
    }
    town.steward().advance("2s").await;
    assert!(town.direct(1001).is_empty() && town.direct(1002).is_empty());
    town.steward().advance("1s").await;
    for who in [1001, 1002] {
        assert_eq!(town.direct(who), ["还在吗"], "{who}");
    }
    town.steward().advance("2s").await;
    town.say(1001, "我在").await;
    town.steward_mut().restart().await;
    assert!(town.present(1001) && town.present(1002));
    town.steward().advance("1s").await;
    assert!(town.present(1001), "who spoke stays");
    assert!(!town.present(1002), "who was silent is removed");
    assert_eq!(town.direct(1002), ["还在吗"]);
}

async fn streak<T: Town>() {
    let rules = r#"
timezone: Asia/Shanghai
data:
  checkins: { per: member, kind: streak, day_starts: "04:00" }
scripts: [checkin]
rules:
  - rule: check-in
    when: { keyword: { any: [打卡], match: exact } }
    if: not checkins.marked_today(member)
    do:
      - mark: checkins
        as: streak
      - run: checkin::award
        with: { streak: streak }
        as: prize
      - if: prize.points > 0
        do:
          - reward: { member: member, points: prize.points, reason: prize.reason }
          - reply: "+${prize.points}"
"#;
    let mut town = T::start(&playbook(rules)).await;
    town.join(1001).await;
    for day in 1..=7 {
        assert_eq!(points(&town, 1001).await, json!(0), "day {day}");
        town.say(1001, "打卡").await;
        town.steward().advance("1h").await;
        town.say(1001, "打卡").await;
        town.steward().advance("23h").await;
    }
    assert_eq!(town.texts(), ["+60"]);
    assert_eq!(points(&town, 1001).await, json!(60));
    town.steward_mut().restart().await;
    town.say(1001, "打卡").await;
    assert_eq!(points(&town, 1001).await, json!(60));
    assert_eq!(town.texts(), ["+60"]);
}

async fn points<T: Town>(town: &T, who: i64) -> Value {
    let member = town
        .steward()
        .admin(&format!("/members/{}/{who}", T::NAME))
        .await;
    member[0]["points"].clone()
}

const MOVE: &str = r"
limits: { create_group: 1 per 1d, invite: 9 per 1d, close_group: 1 per 1d }
rules:
  - rule: move
    when: { inactivity: { group: 3d } }
    do:
      - migrate: { ask: 搬吗, minimum: 1, close_after: 1d, moved: 搬走了, to: { create: { name: 新群 } } }
        as: moved
";

/// A group in which nobody speaks, until one answers that they would come along.
async fn dead_group<T: Town>() -> T {
    let mut town = T::start(&playbook(MOVE)).await;
    for who in [1001, 1002] {
        town.join(who).await;
    }
    town.steward().advance("3d").await;
    assert_eq!(town.texts(), ["搬吗"]);
    town.say(1001, "1").await;
    town.steward_mut().restart().await;
    town.steward().advance("3d").await;
    town
}

#[tokio::test]
async fn a_dead_group_moves_where_the_platform_opens_groups() {
    let town = dead_group::<WebhookTown>().await;
    town.steward().advance("1m").await;
    let bodies = town.peer.bodies();
    let of =
        |kind: &str| -> Vec<&Value> { bodies.iter().filter(|body| body["type"] == kind).collect() };
    let opened = of("create_group");
    assert_eq!(opened.len(), 1, "{bodies:?}");
    assert_eq!(opened[0]["name"], "新群");
    let invited = of("invite");
    assert_eq!(invited.len(), 1, "{bodies:?}");
    assert_eq!(invited[0]["member"], "1001");
    assert!(invited[0]["group"].as_str().unwrap().starts_with("new"));
    assert_eq!(town.texts(), ["搬吗", "搬走了"]);
    assert!(of("close_group").is_empty());
    town.steward().advance("1d").await;
    let bodies = town.peer.bodies();
    let closed: Vec<_> = bodies
        .iter()
        .filter(|body| body["type"] == "close_group")
        .collect();
    assert_eq!(closed.len(), 1, "{bodies:?}");
    assert_eq!(closed[0]["group"], "g1");
}

#[tokio::test]
async fn a_dead_group_moves_on_onebot_with_a_persons_help() {
    let mut town = dead_group::<OneBotTown>().await;
    let tasks = town.staff_texts();
    assert_eq!(tasks.len(), 1, "{tasks:?}");
    assert!(tasks[0].contains("新群"), "{tasks:?}");
    town.bot_joins(7788).await;
    town.staff_says("好 7788 https://qm.example/join").await;
    town.steward().advance("1m").await;
    let direct = town.direct(1001);
    assert_eq!(direct.len(), 1, "{direct:?}");
    assert!(direct[0].contains("https://qm.example/join"), "{direct:?}");
    assert!(town.direct(1002).is_empty());
    assert_eq!(town.texts(), ["搬吗", "搬走了"]);
    assert_eq!(town.notices(), ["搬走了"]);
    town.steward().advance("1d").await;
    assert!(town.is_closed());
}

#[tokio::test]
async fn a_dead_group_moves_on_telegram_by_links() {
    let mut town = dead_group::<TelegramTown>().await;
    let tasks = town.staff_texts();
    assert_eq!(tasks.len(), 1, "{tasks:?}");
    town.bot_joins(-1007).await;
    town.staff_says("好 -1007").await;
    town.steward().advance("1m").await;
    let direct = town.direct(1001);
    assert_eq!(direct.len(), 1, "{direct:?}");
    assert!(direct[0].contains("https://t.me/"), "{direct:?}");
    assert_eq!(town.texts(), ["搬吗", "搬走了"]);
    town.steward().advance("1d").await;
    assert!(town.is_closed());
}
