//! Points, labels and declared data.

use crate::day::Day;
use expect_test::expect;

#[test]
fn rewards_add_up_and_happen_once_where_they_say_so() {
    let mut day = Day::with(
        r#"
        - rule: hi
          when: message
          mode: parallel
          do:
            - reward: { points: 3, reason: 说话 }
            - reward: { points: 10, reason: 首次, once: first }
              as: first
            - reward: { points: { base: 1, random: { min: 0, max: 4, weight: 2 } } }
              as: lucky
            - reply: "${first.points} ${lucky.points >= 1 and lucky.points <= 5} ${member.level}"
        "#,
    );
    day.say("ann", "club", "1");
    day.say("ann", "club", "2");
    day.expect(expect![[r#"
        Mon 02 09:00 reply → club (to m1): 10 是 1
        Mon 02 09:00 reply → club (to m2): 0 是 1
    "#]]);
    assert!(
        (18..=26).contains(&day.points("ann")),
        "{}",
        day.points("ann")
    );
}

#[test]
fn a_charge_beyond_the_balance_is_an_error_and_nothing_is_taken() {
    let mut day = Day::with(
        r#"
        limits: { charge: 100 per 1d }
        rules:
          - rule: buy
            when: { command: buy }
            do:
              - charge: { points: 5, reason: 书签 }
                on_error: [{ reply: "不够 ${error.word}" }, { stop: poor }]
              - reply: "成交，剩 ${member.points}"
        "#,
    );
    day.say("ann", "club", "hi");
    day.adjust("ann", 9);
    day.say("ann", "club", "/buy");
    day.say("ann", "club", "/buy");
    day.expect(expect![[r#"
        Mon 02 09:00 reply → club (to m2): 成交，剩 4
        Mon 02 09:00 reply → club (to m3): 不够 uncovered
    "#]]);
    assert_eq!(day.points("ann"), 4);
    day.adjust("ann", -10);
    assert_eq!(day.points("ann"), 4, "never negative, not by hand either");
}

#[test]
fn badges_and_roles_are_labels() {
    let mut day = Day::with(
        r#"
        - rule: best
          when: { command: best }
          do: [{ reward: { badge: 书虫, role: 领读 } }, { reward: { badge: 常客 } }]
        "#,
    );
    day.say("ann", "club", "/best");
    assert_eq!(day.labels("ann"), ["badge:书虫", "badge:常客", "role:领读"]);
}

#[test]
fn labels_expire_replace_their_key_and_drop() {
    let mut day = Day::with(
        r#"
        - rule: add
          when: { command: { name: in, args: [city] } }
          do:
            - label: { add: ["city:${event.city}", guest], expires: 2d }
            - label: { add: kept }
        - rule: drop
          when: { command: out }
          do: [{ label: { drop: [city, kept] } }]
        "#,
    );
    day.say("ann", "club", "/in 上海");
    day.advance("1d");
    day.say("ann", "club", "/in 北京");
    assert_eq!(day.labels("ann"), ["city:北京", "guest", "kept"]);
    day.advance("1d");
    assert_eq!(day.labels("ann"), ["city:北京", "guest", "kept"], "renewed");
    day.advance("1d");
    assert_eq!(day.labels("ann"), ["kept"]);
    day.say("ann", "club", "/in 北京");
    day.say("ann", "club", "/out");
    assert_eq!(day.labels("ann"), ["guest"]);
}

#[test]
fn a_counter_counts_by_window_and_decays() {
    let mut day = Day::with(
        r#"
        data:
          asks: { per: member, kind: counter }
          recent: { per: group, kind: counter, decay: 2d }
        rules:
          - rule: ask
            when: { command: ask }
            do:
              - add: { asks: 1 }
              - add: { recent: 2 }
              - reply: '${asks} ${count("asks", "1d")} ${count("asks", "today")} ${recent}'
          - rule: top
            when: { command: top }
            do:
              - reply:
                  text:
                    - { each: 'row in top("asks", 3)', line: "${row.rank} ${row.member.name} ${row.value}" }
                    - 'ann ${asks.of(member)}'
        "#,
    );
    day.say("ann", "club", "/ask");
    day.say("bob", "club", "/ask");
    day.advance("20h");
    day.say("ann", "club", "/ask");
    day.advance("2d");
    day.say("ann", "club", "/ask");
    day.say("ann", "club", "/top");
    day.expect(expect![[r#"
        Mon 02 09:00 reply → club (to m1): 1 1 1 2
        Mon 02 09:00 reply → club (to m2): 1 1 1 4
        Tue 03 05:00 reply → club (to m3): 2 2 1 6
        Thu 05 05:00 reply → club (to m4): 3 1 1 2
        Thu 05 05:00 reply → club (to m5): 1 ann 3 / 2 bob 1 / ann 3
    "#]]);
}

#[test]
fn texts_numbers_lists_sets_and_records() {
    let mut day = Day::with(
        r#"
        data:
          motto: { per: group, kind: text, starts_as: 无 }
          stock: { kind: number, starts_as: 3 }
          queue: { kind: list }
          tags: { per: member, kind: set }
          price: { per: key, kind: number }
        rules:
          - rule: set
            when: { command: { name: motto, args: [text] } }
            do:
              - reply: "旧 ${motto}"
              - set: { motto: event.text }
              - reply: "新 ${motto}"
          - rule: take
            when: { command: take }
            mode: parallel
            do:
              - take: { from: stock, on_empty: [{ reply: 没了 }, { stop: empty }] }
              - reply: "剩 ${stock}"
          - rule: queue
            when: { command: { name: q, args: [what] } }
            do:
              - add: { queue: event.what }
              - add: { tags: event.what }
              - reply: "${queue.len()} ${tags.len()}"
          - rule: next
            when: { command: next }
            do:
              - take: { from: queue, on_empty: [{ reply: 空 }, { stop: empty }] }
                as: head
              - drop: { tags: head }
              - reply: "${head} ${queue.len()} ${tags.len()}"
          - rule: price
            when: { command: { name: price, args: [what] } }
            do:
              - add: { price: 2 }
                key: event.what
              - reply: '${price[event.what]} ${price["茶"]}'
          - rule: reset
            when: { command: reset }
            do: [{ reset: motto }, { reset: stock }, { reply: "${motto} ${stock}" }]
        "#,
    );
    for text in [
        "/motto 多读书",
        "/take",
        "/take",
        "/take",
        "/take",
        "/q a",
        "/q b",
        "/q a",
        "/next",
        "/next",
        "/next",
        "/next",
        "/price 茶",
        "/price 饭",
        "/price 饭",
        "/reset",
    ] {
        day.say("ann", "club", text);
    }
    day.expect(expect![[r#"
        Mon 02 09:00 reply → club (to m1): 旧 无
        Mon 02 09:00 reply → club (to m1): 新 多读书
        Mon 02 09:00 reply → club (to m2): 剩 2
        Mon 02 09:00 reply → club (to m3): 剩 1
        Mon 02 09:00 reply → club (to m4): 剩 0
        Mon 02 09:00 reply → club (to m5): 没了
        Mon 02 09:00 reply → club (to m6): 1 1
        Mon 02 09:00 reply → club (to m7): 2 2
        Mon 02 09:00 reply → club (to m8): 3 2
        Mon 02 09:00 reply → club (to m9): a 2 1
        Mon 02 09:00 reply → club (to m10): b 1 0
        Mon 02 09:00 reply → club (to m11): a 0 0
        Mon 02 09:00 reply → club (to m12): 空
        Mon 02 09:00 reply → club (to m13): 2 2
        Mon 02 09:00 reply → club (to m14): 2 2
        Mon 02 09:00 reply → club (to m15): 4 2
        Mon 02 09:00 reply → club (to m16): 无 3
    "#]]);
}

#[test]
fn a_streak_breaks_is_mended_and_knows_its_best() {
    let mut day = Day::with(
        r#"
        data: { days: { per: member, kind: streak } }
        rules:
          - rule: mark
            when: { command: { name: mark, args: [when] } }
            do:
              - choose:
                  - if: event.when == "yesterday"
                    do: [{ mark: { days: yesterday }, as: s }, { reply: "补 ${s.length}" }]
                  - else: [{ mark: days, as: s }, { reply: "${s.length} ${s.best} ${s.total}" }]
        "#,
    );
    day.say("ann", "club", "/mark");
    day.advance("1d");
    day.say("ann", "club", "/mark");
    day.say("ann", "club", "/mark");
    day.advance("2d");
    day.say("ann", "club", "/mark");
    day.say("ann", "club", "/mark yesterday");
    day.expect(expect![[r#"
        Mon 02 09:00 reply → club (to m1): 1 1 1
        Tue 03 09:00 reply → club (to m2): 2 2 2
        Tue 03 09:00 reply → club (to m3): 2 2 2
        Thu 05 09:00 reply → club (to m4): 1 2 3
        Thu 05 09:00 reply → club (to m5): 补 4
    "#]]);
}

#[test]
fn data_of_another_playbook_is_read() {
    let mut day = Day::new();
    let owner = crate::day::demo(
        r#"
        data: { visits: { per: member, kind: counter } }
        rules:
          - rule: count
            when: message
            mode: parallel
            do: [{ add: { visits: 1 } }]
        "#,
    );
    let reader = crate::day::demo(
        r#"
        data: { visits: { from: demo } }
        rules:
          - rule: tell
            when: { command: visits }
            do: [{ reply: "${visits}" }]
        "#,
    );
    let reader = reader.replace("playbook: demo", "playbook: reader");
    day.load(&[
        ("playbooks/demo.yaml", &owner),
        ("playbooks/reader.yaml", &reader),
    ]);
    day.say("ann", "club", "1");
    day.say("ann", "club", "/visits");
    day.say("ann", "club", "/visits");
    day.expect(expect![[r#"
        Mon 02 09:00 reply → club (to m2): 2
        Mon 02 09:00 reply → club (to m3): 3
    "#]]);
}
