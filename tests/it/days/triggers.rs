//! What starts a rule.

use crate::day::Day;
use expect_test::expect;
use steward::model::{Message, Role};

#[test]
fn joins_and_leaves_and_where_they_came_from() {
    let mut day = Day::with(
        r#"
        - rule: in
          when: join
          do: [{ send: '来了 ${member.name} ${member.source ?? "?"}' }]
        - rule: by-link
          when: { join: { via: [spring] } }
          do: [{ send: 春天来的 }]
        - rule: out
          when: leave
          do: [{ send: "走了 ${member.name}" }]
        "#,
    );
    day.join("ann", "club");
    day.join_by("bob", "club", "spring");
    day.join("bob", "club");
    day.join("eve", "lobby");
    day.leave("ann", "club");
    day.leave("ann", "club");
    day.expect(expect![[r#"
        Mon 02 09:00 send → club: 来了 ann ?
        Mon 02 09:00 send → club: 来了 bob spring
        Mon 02 09:00 send → club: 春天来的
        Mon 02 09:00 send → club: 走了 ann
    "#]]);
}

#[test]
fn a_join_request_is_admitted_or_declined() {
    let mut day = Day::with(
        r#"
        - rule: door
          when: join_request
          do:
            - choose:
                - if: event.answer.contains("读书")
                  do: [admit]
                - else: [{ decline: "答案不对：${event.answer}" }]
        "#,
    );
    day.asks_in("ann", "club", "喜欢读书");
    day.asks_in("bob", "club", "加群发广告");
    day.expect(expect![[r#"
        Mon 02 09:00 admit ann to club
        Mon 02 09:00 decline bob for club: 答案不对：加群发广告
    "#]]);
}

#[test]
fn messages_by_content_role_mention_and_link() {
    let mut day = Day::with(
        r#"
        - rule: picture
          when: { message: { content: image } }
          do: [{ reply: 图 }]
        - rule: staff
          when: { message: { from: [staff, owner], content: text } }
          do: [{ reply: 管理 }]
        - rule: called
          when: { message: { mentions: bot } }
          do: [{ reply: 在 }]
        - rule: link
          when: { message: { links: yes } }
          do: [{ reply: 链接 }]
        - rule: direct
          when: { message: { in: dm } }
          do: [{ reply: 私信 }]
        "#,
    );
    day.seat("club", &["ann"]);
    day.seat_as("club", "boss", Role::Owner);
    day.picture("ann", "club", "a.png");
    day.say("ann", "club", "hi");
    day.say("boss", "club", "hi");
    let called = Message {
        text: "@steward hi https://a.example".into(),
        mentions_bot: true,
        links: vec!["https://a.example".into()],
        ..Message::default()
    };
    day.post("ann", Some("club"), called);
    day.dm("ann", "hi");
    day.dm("stranger", "hi");
    day.expect(expect![[r#"
        Mon 02 09:00 reply → club (to m3): 图
        Mon 02 09:00 reply → club (to m5): 管理
        Mon 02 09:00 reply → club (to m6): 在
        Mon 02 09:00 reply → club (to m6): 链接
        Mon 02 09:00 reply → @ann (to m7): 私信
    "#]]);
}

#[test]
fn keywords_by_word_place_and_shape() {
    let mut day = Day::with(
        r#"
        - rule: word
          when: { keyword: { any: [cat, 猫], none: [狗] } }
          do: [{ reply: "word ${event.keyword}" }]
        - rule: all
          when: { keyword: { all: [红, 蓝], match: anywhere } }
          do: [{ reply: all }]
        - rule: exact
          when: { keyword: { any: [签到], match: exact } }
          do: [{ reply: exact }]
        - rule: begins
          when: { keyword: { any: [报名], match: begins } }
          do: [{ reply: begins }]
        - rule: regex
          when: { keyword: { any: ['(\d+)\s*本'], match: regex } }
          do: [{ reply: 'regex ${event.captures[0] ?? ""}' }]
        - rule: evasion
          when: { keyword: { any: [加微信], evasion: yes } }
          do: [{ reply: evasion }]
        "#,
    );
    day.seat("club", &["ann"]);
    let mut told = Vec::new();
    for text in [
        "a CAT!",
        "concatenate",
        "这只猫",
        "猫和狗",
        "先红后蓝",
        "红",
        "签到",
        "我要签到",
        "报名共读",
        "要报名",
        "读了 12 本书",
        "加 微.信",
        "ｃａｔ",
        "nothing",
    ] {
        day.say("ann", "club", text);
        told.push(format!("{text} → {}", day.take()));
    }
    for line in told {
        day.note(&line);
    }
    day.expect(expect![[r#"
        a CAT! → Mon 02 09:00 reply → club (to m2): word cat
        concatenate → 
        这只猫 → Mon 02 09:00 reply → club (to m4): word 猫
        猫和狗 → 
        先红后蓝 → Mon 02 09:00 reply → club (to m6): all
        红 → 
        签到 → Mon 02 09:00 reply → club (to m8): exact
        我要签到 → 
        报名共读 → Mon 02 09:00 reply → club (to m10): begins
        要报名 → 
        读了 12 本书 → Mon 02 09:00 reply → club (to m12): regex 12
        加 微.信 → Mon 02 09:00 reply → club (to m13): evasion
        ｃａｔ → Mon 02 09:00 reply → club (to m14): word cat
        nothing → 
    "#]]);
}

#[test]
fn commands_with_words_and_who_may() {
    let mut day = Day::with(
        r#"
        - rule: find
          when: { command: { name: [find, 找], args: [what, rest] } }
          do: [{ reply: "${event.what}|${event.rest}|${event.args.len()}" }]
        - rule: staff
          when: { command: { name: lock, by: staff } }
          do: [{ reply: 锁 }]
        - rule: owner
          when: { command: { name: burn, by: owner, in: anywhere } }
          do: [{ reply: 烧 }]
        "#,
    );
    day.seat("club", &["ann"]);
    day.seat_as("club", "mod", Role::Staff);
    day.seat_as("club", "boss", Role::Owner);
    day.say("ann", "club", "/find red fish please");
    day.say("ann", "club", "/FIND");
    day.say("ann", "club", "find red");
    let called = Message {
        text: "@steward 找 书".into(),
        mentions_bot: true,
        ..Message::default()
    };
    day.post("ann", Some("club"), called);
    day.say("ann", "club", "/lock");
    day.say("mod", "club", "/lock");
    day.say("mod", "club", "/burn");
    day.say("boss", "club", "/burn");
    day.dm("boss", "/burn");
    day.expect(expect![[r#"
        Mon 02 09:00 reply → club (to m4): red|fish please|3
        Mon 02 09:00 reply → club (to m5): ||0
        Mon 02 09:00 reply → club (to m7): 书||1
        Mon 02 09:00 reply → club (to m9): 锁
        Mon 02 09:00 reply → club (to m11): 烧
        Mon 02 09:00 reply → @boss (to m12): 烧
    "#]]);
}

#[test]
fn reactions_by_emoji_and_on_our_messages() {
    let mut day = Day::with(
        r#"
        - rule: like
          when: { reaction: { any: [👍] } }
          do: [{ send: "${member.name} 赞了 ${event.message}" }]
        - rule: ours
          when: { reaction: { any: [🎉], on: ours } }
          do: [{ send: 谢谢 }]
        "#,
    );
    day.seat("club", &["ann"]);
    let theirs = day.say("ann", "club", "hi");
    day.react("ann", "club", &theirs, "👍");
    day.react("ann", "club", &theirs, "👎");
    day.react("ann", "club", &theirs, "🎉");
    let ours = day.platform.last();
    day.react("ann", "club", &ours, "🎉");
    day.expect(expect![[r#"
        Mon 02 09:00 send → club: ann 赞了 m2
        Mon 02 09:00 send → club: 谢谢
    "#]]);
}

#[test]
fn schedules_by_time_cron_and_elapsed_time() {
    let mut day = Day::with(
        r#"
        - rule: daily
          when: { schedule: { at: ["12:00", "18:00"], days: [mon, wed] } }
          do: [{ send: 'daily ${format_date(event.planned_at, "%H:%M")}' }]
        - rule: cron
          when: { schedule: { cron: "0 7 * * TUE" } }
          do: [{ send: cron }]
        - rule: every
          when: { schedule: { every: 20h } }
          do: [{ send: every }]
        "#,
    );
    day.advance("3d");
    day.expect(expect![[r#"
        Mon 02 12:00 send → club: daily 12:00
        Mon 02 18:00 send → club: daily 18:00
        Tue 03 05:00 send → club: every
        Tue 03 07:00 send → club: cron
        Wed 04 01:00 send → club: every
        Wed 04 12:00 send → club: daily 12:00
        Wed 04 18:00 send → club: daily 18:00
        Wed 04 21:00 send → club: every
    "#]]);
}

#[test]
fn a_schedule_keeps_local_time_across_a_clock_change() {
    let zone = "Europe/Paris";
    let mut day = Day::in_zone(steward::model::Kind::Sandbox, zone, "2026-03-27T12:00");
    day.demo(
        r#"
        - rule: gap
          when: { schedule: { at: "02:30" } }
          do: [{ send: "02:30" }]
        - rule: daily
          when: { schedule: { every: 1d } }
          do: [{ send: 每天 }]
        - rule: hourly
          when: { schedule: { every: 24h } }
          do: [{ send: 24h }]
        "#,
    );
    day.advance("3d");
    day.expect(expect![[r#"
        Sat 28 02:30 send → club: 02:30
        Sat 28 12:00 send → club: 每天
        Sat 28 12:00 send → club: 24h
        Sun 29 03:00 send → club: 02:30
        Sun 29 12:00 send → club: 每天
        Sun 29 13:00 send → club: 24h
        Mon 30 02:30 send → club: 02:30
        Mon 30 12:00 send → club: 每天
    "#]]);
}

#[test]
fn one_schedule_per_group_or_one_for_the_community() {
    let mut day = Day::with(
        r#"
        groups: [club, lobby]
        rules:
          - rule: each
            when: { schedule: "12:00" }
            do: [{ send: "${group.id}" }]
          - rule: once
            when: { schedule: "13:00" }
            per: community
            do: [{ send: { to: announcements, text: 一次 } }]
        "#,
    );
    day.advance("1d");
    day.expect(expect![[r#"
        Mon 02 12:00 send → club: club
        Mon 02 12:00 send → lobby: lobby
        Mon 02 13:00 send → announcements: 一次
    "#]]);
}

#[test]
fn offsets_count_from_the_join_and_not_from_an_earlier_one() {
    let mut day = Day::with(
        r#"
        - rule: third-day
          when: { offset: { after: 3d, since: join } }
          do: [{ send: "${member.name} 三天" }]
        "#,
    );
    day.join("ann", "club");
    day.advance("1d");
    day.join("bob", "club");
    day.leave("ann", "club");
    day.advance("1d");
    day.join("ann", "club");
    day.advance("5d");
    day.expect(expect![[r#"
        Fri 06 09:00 send → club: bob 三天
        Sat 07 09:00 send → club: ann 三天
    "#]]);
}

#[test]
fn signals_from_outside_and_from_steps() {
    let mut day = Day::with(
        r#"
        - rule: paid
          when: { signal: paid }
          do:
            - send: "收到 ${event.data.amount}"
            - signal: { name: thanked, data: { amount: event.data.amount } }
        - rule: thanked
          when: { signal: thanked }
          do: [{ send: "谢谢 ${event.data.amount} ${group.id}" }]
        "#,
    );
    day.signal("paid", "club", &[("amount", 30)]);
    day.signal("paid", "lobby", &[("amount", 40)]);
    day.signal("unpaid", "club", &[]);
    day.expect(expect![[r#"
        Mon 02 09:00 send → club: 收到 30
        Mon 02 09:00 send → club: 谢谢 30 club
    "#]]);
}

#[test]
fn a_duplicate_starts_nothing() {
    let mut day = Day::with(
        r#"
        - rule: hi
          when: message
          mode: parallel
          do: [{ reply: hi }]
        "#,
    );
    day.say("ann", "club", "x");
    day.redeliver();
    day.expect(expect![[r#"
        Mon 02 09:00 reply → club (to m1): hi
    "#]]);
    day.why(expect![[r#"
        demo/hi ended: Done
         note: duplicate of event `e1`
    "#]]);
}

#[test]
fn conditions_see_the_state_before_any_rule_acted() {
    let mut day = Day::with(
        r#"
        - rule: first
          when: message
          do: [{ label: { add: seen } }]
        - rule: second
          when: message
          if: not has_label(member, "seen")
          do: [{ reply: "still new, labels ${member.labels.len()}" }]
        "#,
    );
    day.say("ann", "club", "x");
    day.say("ann", "club", "y");
    day.expect(expect![[r#"
        Mon 02 09:00 reply → club (to m1): still new, labels 1
    "#]]);
}
