//! Steps that steer: loops, choices, flows, errors and what follows them.

use crate::day::Day;
use expect_test::expect;
use steward::model::{Refusal, Verdict};

#[test]
fn each_goes_through_a_snapshot_with_where_and_n() {
    let mut day = Day::with(
        r#"
        - rule: go
          when: { command: go }
          do:
            - each: member in group.members
              where: member.name != "bob"
              n: 2
              do: [{ dm: "hi ${member.name}" }]
            - reply: "done ${member.name}"
        "#,
    );
    day.seat("club", &["ann", "bob", "eve", "joe"]);
    day.say("ann", "club", "/go");
    day.expect(expect![[r#"
        Mon 02 09:00 dm → @ann: hi ann
        Mon 02 09:00 dm → @eve: hi eve
        Mon 02 09:00 reply → club (to m5): done ann
    "#]]);
}

#[test]
fn each_keeps_its_pace() {
    let mut day = Day::with(
        r#"
        - rule: go
          when: { command: go }
          do:
            - each: n in [1, 2, 3, 4, 5]
              pace: 2 per 1m
              do: [{ send: "${n}" }]
            - send: 完
        "#,
    );
    day.say("ann", "club", "/go");
    day.advance("10m");
    day.expect(expect![[r#"
        Mon 02 09:00 send → club: 1
        Mon 02 09:00 send → club: 2
        Mon 02 09:01 send → club: 3
        Mon 02 09:01 send → club: 4
        Mon 02 09:02 send → club: 5
        Mon 02 09:02 send → club: 完
    "#]]);
}

#[test]
fn loops_in_loops_and_rebinding_inside_only() {
    let mut day = Day::with(
        r#"
        - rule: go
          when: { command: go }
          do:
            - let: { n: 9 }
            - each: n in [1, 2]
              do:
                - each: m in ["a", "b"]
                  do: [{ send: "${n}${m}" }]
            - send: "${n}"
        "#,
    );
    day.say("ann", "club", "/go");
    day.expect(expect![[r#"
        Mon 02 09:00 send → club: 1a
        Mon 02 09:00 send → club: 1b
        Mon 02 09:00 send → club: 2a
        Mon 02 09:00 send → club: 2b
        Mon 02 09:00 send → club: 9
    "#]]);
}

#[test]
fn choose_takes_the_first_way_and_blocks_have_an_else() {
    let mut day = Day::with(
        r#"
        - rule: go
          when: { command: { name: go, args: [n] } }
          do:
            - let: { n: number(event.n) ?? 0 }
            - choose:
                - if: n > 10
                  do: [{ send: 大 }]
                - if: n > 5
                  do: [{ send: 中 }]
                - else: [{ send: 小 }]
            - if: n == 1
              do: [{ send: 一 }]
              else: [{ send: 非一 }]
            - send: 偶
              if: n % 2 == 0
        "#,
    );
    for n in ["20", "7", "1"] {
        day.say("ann", "club", &format!("/go {n}"));
    }
    day.expect(expect![[r#"
        Mon 02 09:00 send → club: 大
        Mon 02 09:00 send → club: 非一
        Mon 02 09:00 send → club: 偶
        Mon 02 09:00 send → club: 中
        Mon 02 09:00 send → club: 非一
        Mon 02 09:00 send → club: 小
        Mon 02 09:00 send → club: 一
    "#]]);
}

#[test]
fn a_flow_is_called_twice_with_other_arguments() {
    let mut day = Day::with(
        r#"
        rules:
          - rule: go
            when: { command: go }
            do:
              - call: tell
                with: { what: '"一"' }
              - call: tell
                with: { what: '"二"' }
        flows:
          tell:
            with: [what]
            do:
              - send: "说${what}"
              - wait: 1m
        "#,
    );
    day.say("ann", "club", "/go");
    day.advance("2m");
    day.expect(expect![[r#"
        Mon 02 09:00 send → club: 说一
        Mon 02 09:01 send → club: 说二
    "#]]);
    assert_eq!(day.distinct_effects(), 2);
}

#[test]
fn let_filter_and_lines() {
    let mut day = Day::with(
        r#"
        - rule: go
          when: { command: go }
          do:
            - filter: m in group.members
              where: m.messages > 0
              sort_by: m.messages
              descending: true
              first: 2
              as: talkers
            - send:
                text:
                  - 榜
                  - { each: m in talkers, line: "${m.name} ${m.messages}" }
                  - { if: talkers.len() < 3, line: 不多 }
        "#,
    );
    day.seat("club", &["ann", "bob", "eve"]);
    day.say("bob", "club", "1");
    day.say("bob", "club", "2");
    day.say("ann", "club", "/go");
    day.expect(expect![[r#"
        Mon 02 09:00 send → club: 榜 / bob 2 / ann 1 / 不多
    "#]]);
}

#[test]
fn a_failed_step_stops_continues_or_is_handled() {
    let mut day = Day::with(
        r#"
        - rule: stop
          when: { keyword: [stop] }
          do: [{ dm: hi }, { send: 不会 }]
        - rule: continue
          when: { keyword: [continue] }
          do:
            - dm: hi
              on_error: continue
            - send: 继续
        - rule: handle
          when: { keyword: [handle] }
          do:
            - dm: hi
              on_error: [{ send: "出错 ${error.word}" }]
            - send: 然后
        "#,
    );
    for word in ["stop", "continue", "handle"] {
        day.platform.refuses("dm", Refusal::Blocked);
        day.say("ann", "club", word);
    }
    day.expect(expect![[r#"
        Mon 02 09:00 dm → @ann: hi ✗ blocked_by_user
        Mon 02 09:00 dm → @ann: hi ✗ blocked_by_user
        Mon 02 09:00 send → club: 继续
        Mon 02 09:00 dm → @ann: hi ✗ blocked_by_user
        Mon 02 09:00 send → club: 出错 blocked_by_user
        Mon 02 09:00 send → club: 然后
    "#]]);
    day.why(expect![[r#"
        demo/stop do/0 failed: blocked_by_user (blocked_by_user)
        demo/stop ended: Failed(Failure { word: "blocked_by_user", reason: "blocked_by_user" })
        demo/continue do/0 failed: blocked_by_user (blocked_by_user)
        demo/continue ended: Done
        demo/handle do/0 failed: blocked_by_user (blocked_by_user)
        demo/handle ended: Done
    "#]]);
}

#[test]
fn retry_tries_again_with_another_id_each_time() {
    let mut day = Day::with(
        r#"
        - rule: go
          when: { keyword: [go] }
          do:
            - dm: hi
              retry: { times: 2, every: 10m }
              on_error: [{ send: 放弃 }]
            - send: 完
        "#,
    );
    day.platform.refuses("dm", Refusal::Gone);
    day.say("ann", "club", "go");
    day.advance("10m");
    for _ in 0..3 {
        day.platform.refuses("dm", Refusal::Gone);
    }
    day.say("bob", "club", "go");
    day.advance("30m");
    day.expect(expect![[r#"
        Mon 02 09:00 dm → @ann: hi ✗ gone
        Mon 02 09:10 dm → @ann: hi
        Mon 02 09:10 send → club: 完
        Mon 02 09:10 dm → @bob: hi ✗ gone
        Mon 02 09:20 dm → @bob: hi ✗ gone
        Mon 02 09:30 dm → @bob: hi ✗ gone
        Mon 02 09:30 send → club: 放弃
        Mon 02 09:30 send → club: 完
    "#]]);
    assert_eq!(day.distinct_effects(), 8);
}

#[test]
fn a_deferred_effect_goes_out_at_its_time_and_the_run_waits() {
    let mut day = Day::with(
        r#"
        - rule: go
          when: { keyword: [go] }
          do: [{ send: 一 }, { send: 二 }]
        "#,
    );
    let not_before = day.now() + 90_000;
    let reason = "rate".into();
    day.platform
        .answers("send", Verdict::Deferred { not_before, reason });
    day.say("ann", "club", "go");
    day.advance("2m");
    day.expect(expect![[r#"
        Mon 02 09:00 send → club: 一 ✗ deferred
        Mon 02 09:01:30 send → club: 一
        Mon 02 09:01:30 send → club: 二
    "#]]);
}

#[test]
fn texts_of_members_are_never_scanned_again() {
    let mut day = Day::with(
        r#"
        - rule: echo
          when: message
          do: [{ reply: "你说 ${event.text} $${x}" }]
        "#,
    );
    day.say("ann", "club", "${member.key} @all");
    day.expect(expect![[r#"
        Mon 02 09:00 reply → club (to m1): 你说 ${member.key} @all ${x}
    "#]]);
}

#[test]
fn a_webhook_step_calls_its_endpoint_with_keys_and_ids() {
    let mut day = Day::with(
        r#"
        - rule: tell
          when: { keyword: [go] }
          do:
            - webhook: { endpoint: shop, data: { who: member, where: group, said: event.text } }
        "#,
    );
    day.say("ann", "club", "go");
    day.expect(expect![[r#"
        Mon 02 09:00 call shop {"said": Text("go"), "where": Text("club"), "who": Text("chat/ann")}
    "#]]);
}

#[test]
fn several_targets_get_one_message_each() {
    let mut day = Day::with(
        r#"
        - rule: tell
          when: { keyword: [go] }
          do:
            - send: { to: [lobby, member, lobby], text: hi }
            - send: { to: announcements, text: 完 }
        "#,
    );
    day.say("ann", "club", "go");
    day.expect(expect![[r#"
        Mon 02 09:00 send → lobby: hi
        Mon 02 09:00 send → @ann: hi
        Mon 02 09:00 send → announcements: 完
    "#]]);
}

#[test]
fn everyone_is_mentioned_while_the_budget_lasts() {
    let mut day = Day::with(
        r#"
        - rule: loud
          when: { command: loud }
          do: [{ announce: { text: 注意, everyone: true } }]
        "#,
    );
    for _ in 0..3 {
        day.say("ann", "club", "/loud");
    }
    day.advance("7d");
    day.say("ann", "club", "/loud");
    day.expect(expect![[r#"
        Mon 02 09:00 announce → club: @all 注意
        Mon 02 09:00 announce → club: @all 注意
        Mon 02 09:00 announce → club: 注意
        Mon 09 09:00 announce → club: @all 注意
    "#]]);
}
