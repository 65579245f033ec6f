//! Open lists and questions to one person.

use crate::day::Day;
use expect_test::expect;
use steward::model::Refusal;

#[test]
fn answers_come_by_keyword_and_the_result_lists_them() {
    let mut day = Day::with(
        r#"
        - rule: go
          when: { command: go }
          do:
            - ask: { text: 谁来？, collect: { keyword: [来, "+1"], for: 1h, once_per: member } }
              as: list
            - send: '${list.count} 人 ${list.missing.len()} 缺，先 ${list.first.name ?? "无"}：${list.text}'
        "#,
    );
    day.seat("club", &["ann", "bob", "eve"]);
    day.say("ann", "club", "/go");
    day.say("bob", "club", "来");
    day.say("ann", "club", "+1 带 Amy");
    day.say("bob", "club", "未来可期");
    day.say("eve", "lobby", "来");
    day.advance("1h");
    day.say("eve", "club", "来");
    day.expect(expect![[r#"
        Mon 02 09:00 ask → club: 谁来？
        Mon 02 10:00 send → club: 2 人 1 缺，先 bob：
    "#]]);
}

#[test]
fn choices_by_number_text_and_button() {
    let mut day = Day::with(
        r#"
        - rule: go
          when: { command: go }
          do:
            - ask: { text: 茶还是咖啡？, choices: [茶, 咖啡], collect: { for: 1h, once_per: member } }
              as: poll
            - send: '茶 ${poll.tally["茶"] ?? 0} 咖啡 ${poll.tally["咖啡"] ?? 0} 赢家 ${poll.winners.len()}'
        "#,
    );
    day.seat("club", &["ann", "bob", "eve", "joe"]);
    day.say("ann", "club", "/go");
    let asked = day.platform.last();
    day.say("ann", "club", "1");
    day.say("bob", "club", "咖啡");
    day.press("eve", "club", &asked, &["咖啡"]);
    day.press("joe", "club", &asked, &["咖啡"]);
    day.press("joe", "club", &asked, &[]);
    day.say("ann", "club", "3");
    day.press("ann", "club", &asked, &["可乐"]);
    day.advance("1h");
    day.expect(expect![[r#"
        Mon 02 09:00 ask → club: 茶还是咖啡？ / 1. 茶 / 2. 咖啡
        Mon 02 10:00 send → club: 茶 1 咖啡 2 赢家 2
    "#]]);
}

#[test]
fn a_second_answer_replaces_is_refused_or_added() {
    for (again, expected) in [
        (
            "replace",
            expect![[r#"
            Mon 02 09:00 ask → club: 几本？
            Mon 02 10:00 send → club: 共 1 / 1 2 本
        "#]],
        ),
        (
            "refuse",
            expect![[r#"
            Mon 02 09:00 ask → club: 几本？
            Mon 02 09:00 reply → club (to m3): 已经报过
            Mon 02 10:00 send → club: 共 1 / 1 1 本
        "#]],
        ),
        (
            "add",
            expect![[r#"
            Mon 02 09:00 ask → club: 几本？
            Mon 02 10:00 send → club: 共 2 / 1 1 本 / 2 2 本
        "#]],
        ),
    ] {
        let mut day = Day::with(&format!(
            r#"
            - rule: go
              when: {{ command: go }}
              do:
                - ask: {{ text: 几本？, collect: {{ keyword: [我], for: 1h, once_per: member, again: {again}, refused: 已经报过 }} }}
                  as: list
                - send:
                    text:
                      - "共 ${{list.rows.len()}}"
                      - {{ each: row in list.rows, line: "${{row.no}} ${{row.note}}" }}
            "#
        ));
        day.say("ann", "club", "/go");
        day.say("ann", "club", "我 1 本");
        day.say("ann", "club", "我 2 本");
        day.advance("1h");
        day.expect(expected);
    }
}

#[test]
fn a_full_list_closes_refuses_or_lets_wait() {
    for (full, expected) in [
        (
            "close",
            expect![[r#"
            Mon 02 09:00 ask → club: 两位
            Mon 02 09:00 send → club: 共 2 / 1 ann / 2 bob
        "#]],
        ),
        (
            "refuse",
            expect![[r#"
            Mon 02 09:00 ask → club: 两位
            Mon 02 09:00 reply → club (to m4): 满了 eve
            Mon 02 09:00 reply → club (to m5): 满了 joe
            Mon 02 10:00 send → club: 共 2 / 1 ann / 2 bob
        "#]],
        ),
        (
            "wait",
            expect![[r#"
                Mon 02 09:00 ask → club: 两位
                Mon 02 10:00 send → club: 共 2 / 1 ann / 2 bob
            "#]],
        ),
    ] {
        let mut day = Day::with(&format!(
            r#"
            - rule: go
              when: {{ command: go }}
              do:
                - ask: {{ text: 两位, collect: {{ keyword: [我], cancel: [不来], for: 1h, once_per: member, at_most: 2, full: {full}, refused: "满了 ${{member.name}}" }} }}
                  as: list
                - send:
                    text:
                      - "共 ${{list.count}}"
                      - {{ each: row in list.rows, line: "${{row.no}} ${{row.member.name}}" }}
            "#
        ));
        day.say("ann", "club", "/go");
        for who in ["ann", "bob", "eve", "joe"] {
            day.say(who, "club", "我");
        }
        // One who only waits steps back: nobody moves up for that.
        day.say("joe", "club", "不来");
        day.advance("1h");
        day.expect(expected);
    }
}

#[test]
fn a_waiter_who_answers_again_goes_on_waiting() {
    let mut day = Day::with(
        r#"
        - rule: go
          when: { command: go }
          do:
            - ask: { text: 一位, collect: { keyword: [我], for: 1h, once_per: member, at_most: 1, full: wait } }
              as: list
            - send: "${list.count} ${list.text}"
        "#,
    );
    day.say("ann", "club", "/go");
    day.say("ann", "club", "我 先");
    day.say("bob", "club", "我 后");
    day.say("bob", "club", "我 还是后");
    day.advance("1h");
    day.expect(expect![[r#"
        Mon 02 09:00 ask → club: 一位
        Mon 02 10:00 send → club: 1 先
    "#]]);
}

#[test]
fn whoever_waits_longest_moves_up_when_a_place_is_free() {
    let mut day = Day::with(
        r#"
        - rule: go
          when: { command: go }
          do:
            - ask: { text: 一位, collect: { keyword: [我], cancel: [不来], for: 1h, once_per: member, at_most: 1, full: wait } }
              as: list
            - send: "${list.count} ${list.text}"
        "#,
    );
    day.say("ann", "club", "/go");
    day.say("ann", "club", "我");
    day.say("bob", "club", "我 Bob");
    day.say("eve", "club", "我 Eve");
    day.say("ann", "club", "不来");
    day.advance("1h");
    day.expect(expect![[r#"
        Mon 02 09:00 ask → club: 一位
        Mon 02 10:00 send → club: 1 Bob
    "#]]);
}

#[test]
fn only_some_may_answer() {
    let mut day = Day::with(
        r#"
        - rule: go
          when: { command: go }
          do:
            - ask: { text: 老成员, collect: { keyword: [我], for: 1h, if: member.messages > 2, refused: 再聊聊 } }
              as: list
            - send: "${list.count}"
        "#,
    );
    for _ in 0..3 {
        day.say("ann", "club", "hi");
    }
    day.say("ann", "club", "/go");
    day.say("ann", "club", "我");
    day.say("bob", "club", "我");
    day.advance("1h");
    day.expect(expect![[r#"
        Mon 02 09:00 ask → club: 老成员
        Mon 02 09:00 reply → club (to m6): 再聊聊
        Mon 02 10:00 send → club: 1
    "#]]);
}

#[test]
fn each_answer_does_steps_of_its_own() {
    let mut day = Day::with(
        r#"
        - rule: go
          when: { command: go }
          do:
            - ask:
                text: 谁来？
                collect:
                  keyword: [我]
                  for: 1h
                  once_per: member
                  on_answer:
                    - reward: 2
                    - wait: 10m
                    - send: "${member.name} 第 ${answer.no} 位 ${answer.note} ${member.points}"
              as: list
            - send: "${list.count}"
        "#,
    );
    day.say("ann", "club", "/go");
    day.say("ann", "club", "我 早");
    day.say("bob", "club", "我");
    day.advance("1h");
    day.expect(expect![[r#"
        Mon 02 09:00 ask → club: 谁来？
        Mon 02 09:10 send → club: bob 第 2 位  2
        Mon 02 09:10 send → club: ann 第 1 位 早 2
        Mon 02 10:00 send → club: 2
    "#]]);
}

#[test]
fn a_question_to_one_person_ends_with_their_answer() {
    let mut day = Day::with(
        r#"
        - rule: go
          when: { command: go }
          do:
            - ask: { to: member, text: 城市？, collect: { for: 1d } }
              as: city
            - label: { add: "city:${city.text}" }
            - dm: '记下了 ${member.label("city")}'
        "#,
    );
    day.say("ann", "club", "/go");
    day.dm("bob", "北京");
    day.say("ann", "club", "上海");
    day.dm("ann", "上海");
    day.expect(expect![[r#"
        Mon 02 09:00 ask → @ann: 城市？
        Mon 02 09:00 dm → @ann: 记下了 上海
    "#]]);
    day.say("bob", "club", "/go");
    day.advance("1d");
    day.expect(expect![[r#"
        Mon 02 09:00 ask → @bob: 城市？
        Tue 03 09:00 dm → @bob: 记下了
    "#]]);
}

#[test]
fn a_question_that_cannot_be_put_fails_its_step() {
    let mut day = Day::with(
        r#"
        - rule: go
          when: { command: go }
          do:
            - ask: { to: member, text: 城市？ }
              on_error: [{ send: "问不到 ${error.word}" }]
        "#,
    );
    day.platform.refuses("ask", Refusal::Blocked);
    day.say("ann", "club", "/go");
    day.expect(expect![[r#"
        Mon 02 09:00 ask → @ann: 城市？ ✗ blocked_by_user
        Mon 02 09:00 send → club: 问不到 blocked_by_user
    "#]]);
    assert!(day.world().asks.is_empty());
}

#[test]
fn a_reply_belongs_to_the_question_it_replies_to() {
    let mut day = Day::with(
        r#"
        - rule: go
          when: { command: { name: go, args: [what] } }
          do:
            - ask: { text: "${event.what}", collect: { for: 1h } }
              as: list
            - send: "${event.what}: ${list.count} ${list.text}"
        "#,
    );
    day.say("ann", "club", "/go 一");
    let first = day.platform.last();
    day.say("ann", "club", "/go 二");
    let second = day.platform.last();
    day.reply("bob", "club", &first, "给一");
    day.reply("eve", "club", &second, "给二");
    day.say("joe", "club", "不是回复");
    day.advance("1h");
    day.expect(expect![[r#"
        Mon 02 09:00 ask → club: 一
        Mon 02 09:00 ask → club: 二
        Mon 02 10:00 send → club: 二: 1 给二
        Mon 02 10:00 send → club: 一: 1 给一
    "#]]);
}

#[test]
fn a_list_is_shown_at_the_end_or_now_and_then() {
    for (show, expected) in [
        (
            "end",
            expect![[r#"
                Mon 02 09:00 ask → club: 接龙
                Mon 02 10:00 send → club: 1. ann / 2. bob / 3. eve 晚
            "#]],
        ),
        (
            "10m",
            expect![[r#"
                Mon 02 09:00 ask → club: 接龙
                Mon 02 09:00 send → club: 1. ann
                Mon 02 09:10 send → club: 1. ann / 2. bob
                Mon 02 09:20 send → club: 1. ann / 2. bob / 3. eve 晚
            "#]],
        ),
    ] {
        let mut day = Day::with(&format!(
            r#"
            - rule: go
              when: {{ command: go }}
              do:
                - ask: {{ text: 接龙, collect: {{ keyword: [我], for: 1h, show: {show} }} }}
            "#
        ));
        day.say("ann", "club", "/go");
        for who in ["ann", "bob"] {
            day.say(who, "club", "我");
            day.advance("2m");
        }
        day.advance("9m");
        day.say("eve", "club", "我 晚");
        day.advance("1h");
        day.expect(expected);
    }
}

#[test]
fn a_list_can_be_closed_by_an_event() {
    let mut day = Day::with(
        r#"
        - rule: go
          when: { command: go }
          per: group
          do:
            - ask: { text: 接龙, collect: { keyword: [我], for: 1d, stop_when: { command: done } } }
              as: list
            - send: "${list.count}"
        "#,
    );
    day.say("ann", "club", "/go");
    day.say("ann", "club", "我");
    day.say("bob", "club", "/done");
    day.expect(expect![[r#"
        Mon 02 09:00 ask → club: 接龙
        Mon 02 09:00 send → club: 1
    "#]]);
}

#[test]
fn a_picture_is_an_answer_where_pictures_are_asked_for() {
    let mut day = Day::with(
        r#"
        - rule: homework
          when: { schedule: "10:00" }
          do:
            - ask: { text: 交作业, collect: { kind: image, for: 1h } }
              as: list
            - send: '${list.count} ${list.rows[0].file ?? "无"}'
        "#,
    );
    day.seat("club", &["ann"]);
    day.advance("1h");
    day.say("ann", "club", "等等");
    day.picture("ann", "club", "a.png");
    day.advance("1h");
    day.expect(expect![[r#"
        Mon 02 10:00 ask → club: 交作业
        Mon 02 11:00 send → club: 1 a.png
    "#]]);
    day.until("2026-03-03T09:59");
}
