//! Whose run it is, how runs of the same key go together, and what keeps a rule from running.

use crate::day::Day;
use expect_test::expect;
use steward::model::Kind;

#[test]
fn single_refuses_a_second_run_of_the_same_member() {
    let mut day = Day::with(
        r#"
        - rule: slow
          when: message
          do:
            - send: "开始 ${member.name} ${event.text}"
            - wait: 10m
            - send: "结束 ${member.name} ${event.text}"
        "#,
    );
    day.say("ann", "club", "1");
    day.say("ann", "club", "2");
    day.say("bob", "club", "3");
    day.advance("10m");
    day.say("ann", "club", "4");
    day.advance("10m");
    day.expect(expect![[r#"
        Mon 02 09:00 send → club: 开始 ann 1
        Mon 02 09:00 send → club: 开始 bob 3
        Mon 02 09:10 send → club: 结束 ann 1
        Mon 02 09:10 send → club: 结束 bob 3
        Mon 02 09:10 send → club: 开始 ann 4
        Mon 02 09:20 send → club: 结束 ann 4
    "#]]);
}

#[test]
fn restart_replaces_the_run_that_lives() {
    let mut day = Day::with(
        r#"
        - rule: slow
          when: message
          mode: restart
          do: [{ wait: 10m }, { send: "${event.text}" }]
        "#,
    );
    day.say("ann", "club", "1");
    day.advance("9m");
    day.say("ann", "club", "2");
    day.advance("20m");
    day.expect(expect![[r#"
        Mon 02 09:19 send → club: 2
    "#]]);
}

#[test]
fn queued_runs_go_one_after_another_up_to_max() {
    let mut day = Day::with(
        r#"
        - rule: slow
          when: message
          per: group
          mode: queued
          max: 3
          do: [{ send: "开始 ${event.text}" }, { wait: 10m }, { send: "结束 ${event.text}" }]
        "#,
    );
    for text in ["1", "2", "3", "4"] {
        day.say("ann", "club", text);
    }
    day.advance("1h");
    day.expect(expect![[r#"
        Mon 02 09:00 send → club: 开始 1
        Mon 02 09:10 send → club: 结束 1
        Mon 02 09:10 send → club: 开始 2
        Mon 02 09:20 send → club: 结束 2
        Mon 02 09:20 send → club: 开始 3
        Mon 02 09:30 send → club: 结束 3
    "#]]);
    day.why(expect![[r#"
        demo/slow skipped: as many runs of it as allowed are under way
        demo/slow ended: Done
        demo/slow ended: Done
        demo/slow ended: Done
    "#]]);
}

#[test]
fn parallel_runs_go_side_by_side_up_to_max() {
    let mut day = Day::with(
        r#"
        - rule: slow
          when: message
          mode: parallel
          max: 2
          do: [{ wait: 10m }, { send: "${event.text}" }]
        "#,
    );
    for text in ["1", "2", "3"] {
        day.say("ann", "club", text);
        day.advance("1m");
    }
    day.advance("1h");
    day.expect(expect![[r#"
        Mon 02 09:10 send → club: 1
        Mon 02 09:11 send → club: 2
    "#]]);
}

#[test]
fn per_can_be_any_expression() {
    let mut day = Day::with(
        r#"
        - rule: order
          when: { command: { name: order, args: [what] } }
          per: event.what
          mode: single
          do: [{ send: "${event.what}" }, { wait: 1h }]
        "#,
    );
    day.say("ann", "club", "/order tea");
    day.say("bob", "club", "/order TEA");
    day.say("bob", "club", "/order rice");
    day.expect(expect![[r#"
        Mon 02 09:00 send → club: tea
        Mon 02 09:00 send → club: rice
    "#]]);
    day.advance("1h");
}

#[test]
fn a_cooldown_is_per_key_and_of_calendar_days() {
    let mut day = Day::with(
        r#"
        - rule: mine
          when: { keyword: [a] }
          cooldown: 1d
          do: [{ reply: 我的 }]
        - rule: ours
          when: { keyword: [b] }
          cooldown: { every: 10m, per: group }
          do: [{ reply: 大家的 }]
        "#,
    );
    day.say("ann", "club", "a");
    day.say("bob", "club", "a");
    day.advance("23h");
    day.say("ann", "club", "a");
    day.say("ann", "club", "b");
    day.say("bob", "club", "b");
    day.advance("1h");
    day.say("ann", "club", "a");
    day.expect(expect![[r#"
        Mon 02 09:00 reply → club (to m1): 我的
        Mon 02 09:00 reply → club (to m2): 我的
        Tue 03 08:00 reply → club (to m4): 大家的
        Tue 03 09:00 reply → club (to m6): 我的
    "#]]);
}

#[test]
fn collect_acts_once_at_the_end_with_all_events() {
    let mut day = Day::with(
        r#"
        - rule: digest
          when: { keyword: [bug] }
          per: group
          cooldown: { collect: 5m }
          do:
            - send: "${events.len()} 条，最后：${events.last().text}"
        "#,
    );
    day.say("ann", "club", "bug 1");
    day.advance("2m");
    day.say("bob", "club", "bug 2");
    day.advance("3m");
    day.say("bob", "club", "bug 3");
    day.advance("5m");
    day.expect(expect![[r#"
        Mon 02 09:05 send → club: 2 条，最后：bug 2
        Mon 02 09:10 send → club: 1 条，最后：bug 3
    "#]]);
}

#[test]
fn at_least_so_often_within_so_long() {
    let mut day = Day::with(
        r#"
        - rule: spam
          when: { keyword: [广告] }
          cooldown: { at_least: 3, within: 10m }
          do: [{ reply: 够了 }]
        "#,
    );
    for wait in ["1m", "9m", "1m", "1m", "1m"] {
        day.say("ann", "club", "广告");
        day.advance(wait);
    }
    day.expect(expect![[r#"
        Mon 02 09:12 reply → club (to m5): 够了
    "#]]);
}

#[test]
fn stop_when_ends_the_run_of_that_member_only() {
    let mut day = Day::with(
        r#"
        - rule: warn
          when: { keyword: [warn] }
          stop_when: [leave, { keyword: [ok] }]
          do: [{ wait: 10m }, { send: "到点 ${member.name}" }]
        "#,
    );
    for who in ["ann", "bob", "eve", "joe"] {
        day.say(who, "club", "warn");
    }
    day.leave("ann", "club");
    day.say("bob", "club", "OK");
    day.dm("joe", "ok");
    day.say("eve", "club", "okay");
    day.advance("10m");
    day.expect(expect![[r#"
        Mon 02 09:10 send → club: 到点 eve
    "#]]);
}

#[test]
fn once_is_for_good() {
    let mut day = Day::with(
        r#"
        - rule: first
          when: message
          once: ${member.key}
          do: [{ reply: 第一次 }]
        - rule: step
          when: message
          mode: parallel
          do:
            - reply: 今天第一次
              once: ${format_date(now, "%F")}
        "#,
    );
    day.say("ann", "club", "1");
    day.say("ann", "club", "2");
    day.say("bob", "club", "3");
    day.advance("1d");
    day.say("ann", "club", "4");
    day.expect(expect![[r#"
        Mon 02 09:00 reply → club (to m1): 第一次
        Mon 02 09:00 reply → club (to m1): 今天第一次
        Mon 02 09:00 reply → club (to m3): 第一次
        Tue 03 09:00 reply → club (to m4): 今天第一次
    "#]]);
}

#[test]
fn a_run_has_a_number_and_a_title() {
    let mut day = Day::with(
        r#"
        - rule: titled
          when: { command: { name: go, args: [what] } }
          title: "去${event.what}"
          do: [{ reply: "no. ${run.number} ${run.title}" }]
        "#,
    );
    day.say("ann", "club", "/go 东");
    day.say("ann", "club", "/go 西");
    day.expect(expect![[r#"
        Mon 02 09:00 reply → club (to m1): no. 1 去东
        Mon 02 09:00 reply → club (to m2): no. 2 去西
    "#]]);
}

#[test]
fn shadow_decides_and_sends_nothing() {
    let mut day = Day::with_on(
        Kind::Telegram,
        r#"
        state: shadow
        limits: { mute: 1 per 1d }
        data: { seen: { per: member, kind: counter } }
        rules:
          - rule: all
            when: message
            do:
              - reply: hi
                as: sent
              - label: { add: seen }
              - reward: 5
              - add: { seen: 1 }
              - mute: { for: 1h }
              - signal: { name: told }
              - reply: "seen ${seen}"
          - rule: told
            when: { signal: told }
            state: live
            do: [{ send: told }]
        "#,
    );
    day.say("ann", "club", "x");
    day.say("ann", "club", "y");
    day.silence();
    assert_eq!(day.points("ann"), 0);
    assert!(day.labels("ann").is_empty());
    day.why(expect![[r#"
        demo/all do/0 would reply: hi
        demo/all do/4 would mute: ann: 
        demo/all do/6 would reply: seen 1
        demo/all ended: Done
        demo/all do/0 would reply: hi
        demo/all note: `mute` would wait for a person: over its limit
        demo/all do/4 would mute: ann: 
        demo/all do/6 would reply: seen 2
        demo/all ended: Done
    "#]]);
}

#[test]
fn paused_does_nothing_and_a_rule_can_be_shadow_alone() {
    let mut day = Day::with_on(
        Kind::Telegram,
        r#"
        - rule: paused
          when: message
          state: paused
          do: [{ reply: paused }]
        - rule: shadow
          when: message
          state: shadow
          do: [{ reply: shadow }]
        - rule: live
          when: message
          do: [{ reply: live }]
        "#,
    );
    day.say("ann", "club", "x");
    day.expect(expect![[r#"
        Mon 02 09:00 reply → club (to m1): live
    "#]]);
}

#[test]
fn runs_keep_the_rules_they_began_under() {
    let old = "- rule: slow\n  when: { keyword: [go] }\n  do: [{ wait: 10m }, { send: 旧 }]\n";
    let mut day = Day::with(old);
    day.say("ann", "club", "go");
    day.demo("- rule: slow\n  when: { keyword: [go] }\n  do: [{ wait: 20m }, { send: 新 }]\n");
    day.say("bob", "club", "go");
    day.advance("30m");
    day.expect(expect![[r#"
        Mon 02 09:10 send → club: 旧
        Mon 02 09:20 send → club: 新
    "#]]);
}
