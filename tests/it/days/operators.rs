//! What operators order, and what they are told.

use crate::day::Day;
use expect_test::expect;
use steward::model::{Happening, Order, Refusal, Stage, Verdict};

const ECHO: &str = r#"
    groups: all
    rules:
      - rule: echo
        when: { message: { content: text } }
        mode: parallel
        do: [{ send: "${event.text}" }]
"#;

fn freeze(group: Option<&str>) -> Order {
    let group = group.map(Into::into);
    Order::Freeze { group }
}

fn thaw(group: Option<&str>) -> Order {
    let group = group.map(Into::into);
    Order::Thaw { group }
}

#[test]
fn a_frozen_group_sends_nothing_until_it_is_thawed() {
    let mut day = Day::with(ECHO);
    day.order(freeze(Some("club")));
    day.say("ann", "club", "冻");
    day.say("ann", "lobby", "不冻");
    day.expect(expect![[r#"
        Mon 02 09:00 send → lobby: 不冻
    "#]]);
    day.order(thaw(Some("club")));
    day.expect(expect![[r#"
        Mon 02 09:00 send → club: 冻
    "#]]);
}

#[test]
fn thawing_all_leaves_a_group_frozen_that_was_frozen_alone_and_the_other_way_round() {
    let mut day = Day::with(ECHO);
    day.order(freeze(Some("club")));
    day.order(freeze(None));
    day.say("ann", "club", "一");
    day.say("ann", "lobby", "二");
    day.silence();
    day.order(thaw(None));
    day.expect(expect![[r#"
        Mon 02 09:00 send → lobby: 二
    "#]]);
    day.order(freeze(None));
    day.order(thaw(Some("club")));
    day.silence();
    day.order(thaw(None));
    day.expect(expect![[r#"
        Mon 02 09:00 send → club: 一
    "#]]);
}

#[test]
fn what_is_deferred_while_frozen_stays_frozen() {
    let mut day = Day::with(ECHO);
    let not_before = day.now() + 60_000;
    let deferred = Verdict::Deferred {
        not_before,
        reason: "busy".into(),
    };
    day.platform.answers("send", Verdict::Sending);
    day.say("ann", "club", "一");
    day.skip();
    let id = day.world().effects().next().unwrap().id;
    day.order(freeze(None));
    day.receipt(id, deferred);
    day.advance("5m");
    day.silence();
    day.order(thaw(None));
    day.expect(expect![[r#"
        Mon 02 09:05 send → club: 一
    "#]]);
}

#[test]
fn a_parked_effect_is_tried_again_or_dropped() {
    let mut day = Day::with(
        r#"
        - rule: go
          when: { keyword: [go] }
          mode: parallel
          do: [{ send: 一, on_error: [{ send: "没成 ${error.word}" }] }, { send: 二 }]
        "#,
    );
    for _ in 0..2 {
        let reason = "time-out".into();
        day.platform.answers("send", Verdict::Unknown { reason });
        day.say("ann", "club", "go");
    }
    day.advance("1d");
    day.expect(expect![[r#"
        Mon 02 09:00 send → club: 一 ✗ unknown
        Mon 02 09:00 send → club: 一 ✗ unknown
    "#]]);
    let parked: Vec<_> = day
        .world()
        .effects()
        .filter(|effect| effect.stage == Stage::Parked)
        .map(|effect| effect.id)
        .collect();
    day.order(Order::RetryEffect { effect: parked[0] });
    day.order(Order::DropEffect { effect: parked[1] });
    day.order(Order::DropEffect { effect: parked[1] });
    day.expect(expect![[r#"
        Tue 03 09:00 send → club: 一
        Tue 03 09:00 send → club: 二
        Tue 03 09:00 send → club: 没成 dropped
        Tue 03 09:00 send → club: 二
    "#]]);
}

#[test]
fn a_run_is_cancelled_with_its_questions() {
    let mut day = Day::with(
        r#"
        - rule: go
          when: { keyword: [go] }
          do: [{ ask: { text: 谁？, collect: { keyword: [我], for: 1d } } }, { send: 完 }]
        "#,
    );
    day.say("ann", "club", "go");
    let run = day.world().runs().next().unwrap().id;
    day.order(Order::CancelRun { run });
    day.say("ann", "club", "我");
    day.advance("1d");
    day.expect(expect![[r#"
        Mon 02 09:00 ask → club: 谁？
    "#]]);
    day.why(expect![[r#"
        demo/go ended: Cancelled("console")
    "#]]);
}

#[test]
fn trouble_is_told_once_until_it_is_over() {
    let mut day = Day::with(
        r#"
        limits: { mute: 99 per 1d }
        rules:
          - rule: shush
            when: { keyword: [spam] }
            mode: parallel
            do:
              - send: 别
              - mute: { for: 1h }
                on_error: continue
              - send: 好了
        "#,
    );
    for _ in 0..3 {
        day.platform.refuses("mute", Refusal::Forbidden);
        day.say("ann", "club", "spam");
    }
    day.expect(expect![[r#"
        Mon 02 09:00 send → club: 别
        Mon 02 09:00 mute ann in club for a while ✗ forbidden
        Mon 02 09:00 send → club: 好了
        Mon 02 09:00 alert → moderators: club (club): `mute` was refused: forbidden
        Mon 02 09:00 send → club: 别
        Mon 02 09:00 mute ann in club for a while ✗ forbidden
        Mon 02 09:00 send → club: 好了
        Mon 02 09:00 send → club: 别
        Mon 02 09:00 mute ann in club for a while ✗ forbidden
        Mon 02 09:00 send → club: 好了
    "#]]);
    day.say("ann", "club", "spam");
    day.platform.refuses("mute", Refusal::Forbidden);
    day.say("ann", "club", "spam");
    day.expect(expect![[r#"
        Mon 02 09:00 send → club: 别
        Mon 02 09:00 mute ann in club for a while
        Mon 02 09:00 send → club: 好了
        Mon 02 09:00 send → club: 别
        Mon 02 09:00 mute ann in club for a while ✗ forbidden
        Mon 02 09:00 send → club: 好了
        Mon 02 09:00 alert → moderators: club (club): `mute` was refused: forbidden
    "#]]);
}

#[test]
fn a_bot_that_was_removed_says_so_and_acts_no_more_there() {
    let mut day = Day::with(
        r#"
        groups: all
        rules:
          - rule: noon
            when: { schedule: "12:00" }
            do: [{ send: "${group.id} 中午" }]
        "#,
    );
    day.group_event("club", Happening::BotLeft { closed: false });

    day.advance("1d");
    day.expect(expect![[r#"
        Mon 02 09:00 alert → moderators: club (club): the bot was removed from the group
        Mon 02 12:00 send → lobby: lobby 中午
        Mon 02 12:00 send → checkin: checkin 中午
        Mon 02 12:00 send → announcements: announcements 中午
        Mon 02 12:00 send → moderators: moderators 中午
    "#]]);
    day.group_event("club", Happening::BotJoined);
    day.advance("1d");
    day.expect(expect![[r#"
        Tue 03 12:00 send → club: club 中午
        Tue 03 12:00 send → lobby: lobby 中午
        Tue 03 12:00 send → checkin: checkin 中午
        Tue 03 12:00 send → announcements: announcements 中午
        Tue 03 12:00 send → moderators: moderators 中午
    "#]]);
}

#[test]
fn a_group_that_moved_is_the_same_group() {
    let mut day = Day::with(ECHO);
    let new_id = "club2".into();
    day.group_event("club", Happening::GroupMoved { new_id });
    day.say("ann", "club2", "新家");
    day.say("ann", "club", "旧名");
    day.expect(expect![[r#"
        Mon 02 09:00 send → club2: 新家
        Mon 02 09:00 send → club2: 旧名
    "#]]);
    assert_eq!(day.world().groups().count(), 5);
}

#[test]
fn labels_and_points_by_hand() {
    let mut day = Day::with(ECHO);
    day.seat("club", &["ann"]);
    day.order(Order::Label {
        member: "chat/ann".into(),
        add: vec!["vip".into(), "city:上海".into()],
        drop: vec!["none".into()],
    });
    day.adjust("ann", 5);
    assert_eq!(day.labels("ann"), ["city:上海", "vip"]);
    assert_eq!(day.points("ann"), 5);
}
