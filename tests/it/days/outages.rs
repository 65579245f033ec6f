//! What an outage must never do: remove people who spoke, start rules for old news, lose or repeat
//! what was planned.

use crate::day::Day;
use expect_test::expect;
use steward::model::{Input, time};

const QUIET: &str = r#"
    limits: { remove: 9 per 1d }
    rules:
      - rule: quiet
        when: { inactivity: { member: 3d } }
        do: [{ remove: { reason: 安静 } }]
      - rule: hi
        when: message
        do: [{ reply: hi }]
"#;

#[test]
fn deaf_time_is_no_silence() {
    let mut day = Day::with(QUIET);
    day.seat("club", &["ann"]);
    day.advance("2d");
    day.down("5d");
    day.silence();
    day.advance("23h");
    day.silence();
    day.advance("1h");
    day.expect(expect![[r#"
        Tue 10 09:00 remove ann from club: 安静
    "#]]);
}

#[test]
fn guarded_steps_settle_after_a_deaf_time_and_a_late_word_saves() {
    let mut day = Day::with(
        r#"
        limits: { remove: 9 per 1d }
        rules:
          - rule: quiet
            when: { keyword: [warn] }
            stop_when: message
            do: [{ wait: 1d }, { remove: { reason: 安静 } }]
        "#,
    );
    day.say("ann", "club", "warn");
    day.say("bob", "club", "warn");
    day.down("2d");
    day.silence();
    day.advance("5m");
    day.said_before("ann", "club", "我还在", time::DAY);
    day.advance("4m");
    day.silence();
    day.advance("1m");
    day.expect(expect![[r#"
        Wed 04 09:10 remove bob from club: 安静
    "#]]);
}

#[test]
fn guarded_steps_wait_while_the_platform_still_holds_updates() {
    let mut day = Day::with(
        r#"
        limits: { remove: 9 per 1d }
        rules:
          - rule: quiet
            when: { keyword: [warn] }
            do: [{ wait: 1d }, { remove: { reason: 安静 } }]
        "#,
    );
    day.say("ann", "club", "warn");
    let health = |pending| Input::Health {
        connector: "chat".into(),
        pending,
        problem: None,
    };
    day.down("2d");
    day.input(health(40));
    day.advance("15m");
    day.silence();
    day.input(health(0));
    day.advance("10m");
    day.expect(expect![[r#"
        Wed 04 09:16 remove ann from club: 安静
    "#]]);
}

#[test]
fn late_events_change_facts_and_start_nothing_unless_they_may() {
    let mut day = Day::with(
        r#"
        - rule: hi
          when: message
          do: [{ reply: hi }]
        - rule: log
          when: message
          late: run
          mode: parallel
          do: [{ reply: "记下 ${event.text}" }]
        "#,
    );
    day.seat("club", &["ann"]);
    day.down("2h");
    day.said_before("ann", "club", "一小时前", time::HOUR);
    day.said_before("ann", "club", "五分钟前", 5 * time::MINUTE);
    day.expect(expect![[r#"
        Mon 02 11:00 reply → club (to late): 记下 一小时前
        Mon 02 11:00 reply → club (to late): hi
        Mon 02 11:00 reply → club (to late): 记下 五分钟前
    "#]]);
}

#[test]
fn missed_schedules_run_as_the_rule_says() {
    for (missed, expected) in [
        (
            "{ run: latest, within: 1d }",
            expect![[r#"
            Thu 05 18:00 send → club: 05
            Fri 06 12:00 send → club: 06
        "#]],
        ),
        (
            "{ run: none }",
            expect![[r#"
            Fri 06 12:00 send → club: 06
        "#]],
        ),
        (
            "{ run: all, within: 2d }",
            expect![[r#"
            Thu 05 18:00 send → club: 04
            Thu 05 18:00 send → club: 05
            Fri 06 12:00 send → club: 06
        "#]],
        ),
        (
            "{ run: latest, within: 1h }",
            expect![[r#"
            Fri 06 12:00 send → club: 06
        "#]],
        ),
    ] {
        let mut day = Day::with(&format!(
            r#"
            - rule: daily
              when: {{ schedule: "12:00" }}
              missed: {missed}
              do: [{{ send: '${{format_date(event.planned_at, "%d")}}' }}]
            "#
        ));
        day.down("3d 9h");
        day.advance("1d");
        day.expect(expected);
    }
}

#[test]
fn a_short_deaf_time_settles_nothing() {
    let mut day = Day::with(QUIET);
    day.seat("club", &["ann"]);
    day.advance("1d");
    day.down("30s");
    day.advance("2d");
    day.expect(expect![[r#"
        Thu 05 09:00:30 remove ann from club: 安静
    "#]]);
}

#[test]
fn a_window_of_joiners_survives_a_restart() {
    let mut day = Day::with(
        r#"
        - rule: welcome
          when: join
          stop_when: leave
          do: [{ welcome: { text: "欢迎 ${mentions}（${joiners.len()}）", gather: 1m } }]
        "#,
    );
    day.join("ann", "club");
    day.join("bob", "club");
    day.restart();
    day.leave("ann", "club");
    day.advance("1m");
    day.expect(expect![[r#"
        Mon 02 09:01 welcome → club: 欢迎 @bob（1）
    "#]]);
    day.join("ann", "club");
    day.leave("ann", "club");
    day.advance("1m");
    day.silence();
}
