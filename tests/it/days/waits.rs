//! Pauses: for so long, until a time, for an event.

use crate::day::Day;
use expect_test::expect;

#[test]
fn a_wait_ends_at_its_instant_in_calendar_days() {
    let mut day = Day::with(
        r#"
        - rule: go
          when: { keyword: [go] }
          do: [{ wait: 1d }, { send: 一天 }, { wait: 90s }, { send: 九十秒 }]
        "#,
    );
    day.say("ann", "club", "go");
    day.advance("2d");
    day.expect(expect![[r#"
        Tue 03 09:00 send → club: 一天
        Tue 03 09:01:30 send → club: 九十秒
    "#]]);
}

#[test]
fn until_a_time_of_day_is_the_next_one() {
    let mut day = Day::with(
        r#"
        - rule: go
          when: { keyword: [go] }
          mode: parallel
          do: [{ wait: { until: "20:00" } }, { send: 八点 }]
        "#,
    );
    day.say("ann", "club", "go");
    day.until("2026-03-02T20:05");
    day.say("ann", "club", "go");
    day.advance("1d");
    day.expect(expect![[r#"
        Mon 02 20:00 send → club: 八点
        Tue 03 20:00 send → club: 八点
    "#]]);
}

#[test]
fn until_an_instant_that_has_passed_goes_on_at_once() {
    let mut day = Day::with(
        r#"
        - rule: go
          when: { keyword: [go] }
          do:
            - wait: { until: 'after(now, "2h")' }
            - send: 两小时后
            - wait: { until: 'before(now, "2h")' }
            - send: 马上
        "#,
    );
    day.say("ann", "club", "go");
    day.advance("3h");
    day.expect(expect![[r#"
        Mon 02 11:00 send → club: 两小时后
        Mon 02 11:00 send → club: 马上
    "#]]);
}

#[test]
fn for_an_event_of_the_same_member_with_its_fields() {
    let mut day = Day::with(
        r#"
        - rule: name
          when: { keyword: [改名] }
          do:
            - reply: 新名字？
            - wait: { for: message, timeout: 5m, on_timeout: [{ reply: 太慢 }] }
            - reply: 收到
        "#,
    );
    day.say("ann", "club", "改名");
    day.say("bob", "club", "我不是");
    day.say("ann", "lobby", "别处");
    day.say("ann", "club", "小安");
    day.expect(expect![[r#"
        Mon 02 09:00 reply → club (to m1): 新名字？
        Mon 02 09:00 reply → club (to m1): 收到
    "#]]);
    day.say("bob", "club", "改名");
    day.advance("5m");
    day.expect(expect![[r#"
        Mon 02 09:00 reply → club (to m5): 新名字？
        Mon 02 09:05 reply → club (to m5): 太慢
        Mon 02 09:05 reply → club (to m5): 收到
    "#]]);
}

#[test]
fn a_time_out_stops_continues_or_does_steps() {
    let mut day = Day::with(
        r#"
        - rule: stop
          when: { keyword: [stop] }
          do: [{ wait: { for: leave, timeout: 5m } }, { send: 不会 }]
        - rule: continue
          when: { keyword: [continue] }
          do:
            - wait: { for: leave, timeout: 5m, on_timeout: continue }
            - send: 会
        "#,
    );
    day.say("ann", "club", "stop");
    day.say("ann", "club", "continue");
    day.advance("5m");
    day.expect(expect![[r#"
        Mon 02 09:05 send → club: 会
    "#]]);
}

#[test]
fn a_waits_own_stop_ends_the_wait_and_not_the_run() {
    let mut day = Day::with(
        r#"
        - rule: go
          when: { keyword: [go] }
          do:
            - wait: 1h
              stop_when: { keyword: [skip] }
            - send: 继续
        "#,
    );
    day.say("ann", "club", "go");
    day.advance("10m");
    day.say("ann", "club", "skip");
    day.expect(expect![[r#"
        Mon 02 09:10 send → club: 继续
    "#]]);
}

#[test]
fn a_group_run_waits_for_anyone_in_the_group() {
    let mut day = Day::with(
        r#"
        - rule: quiz
          when: { schedule: "10:00" }
          do:
            - send: 谁先说「我」？
            - wait: { for: { keyword: [我] }, timeout: 1h, on_timeout: stop }
            - send: 有了
        "#,
    );
    day.advance("1h");
    day.say("ann", "lobby", "我");
    day.say("ann", "club", "我");
    day.expect(expect![[r#"
        Mon 02 10:00 send → club: 谁先说「我」？
        Mon 02 10:00 send → club: 有了
    "#]]);
}

#[test]
fn a_run_about_nobody_waits_for_a_signal() {
    let mut day = Day::with(
        r#"
        groups: all
        rules:
          - rule: both
            when: { schedule: "10:00" }
            per: community
            do:
              - wait: { for: { signal: ready }, timeout: 1d, on_timeout: stop }
              - send: { to: announcements, text: 好了 }
        "#,
    );
    day.advance("1h");
    day.signal("ready", "club", &[]);
    day.expect(expect![[r#"
        Mon 02 10:00 send → announcements: 好了
    "#]]);
}

#[test]
fn a_late_wait_runs_or_stops() {
    let mut day = Day::with(
        r#"
        - rule: run
          when: { keyword: [run] }
          do: [{ wait: 10m }, { send: 晚了也做 }]
        - rule: stop
          when: { keyword: [stop] }
          do:
            - wait: 10m
              late: stop
            - send: 不会
        "#,
    );
    day.say("ann", "club", "run");
    day.say("ann", "club", "stop");
    day.down("1h");
    day.expect(expect![[r#"
        Mon 02 10:00 send → club: 晚了也做
    "#]]);
}
