//! Opening, filling and closing groups: by the platform, by links, by people.

use crate::day::Day;
use expect_test::expect;
use steward::model::{Happening, Kind, Refusal, Role};

const MOVE: &str = r#"
    limits: { create_group: 1 per 7d, invite: 9 per 1d, close_group: 1 per 7d }
    rules:
      - rule: move
        when: { command: { name: move, by: owner } }
        do:
          - migrate: { minimum: 2, close_after: 1d, pace: 1 per 1m }
            as: moved
          - send: { to: moderators, text: "${moved.came} / ${moved.invited}（${moved.rate}%）" }
"#;

fn asked(kind: Kind) -> Day {
    let mut day = Day::on(kind);
    day.demo(MOVE);
    day.seat("club", &["ann", "bob", "eve"]);
    day.seat_as("club", "boss", Role::Owner);
    day.seat("moderators", &["mod"]);
    day.say("boss", "club", "/move");
    day
}

#[test]
fn a_migration_from_the_question_to_the_report() {
    let mut day = asked(Kind::Sandbox);
    day.say("ann", "club", "1");
    day.say("bob", "club", "+1");
    day.advance("3d");
    day.expect(expect![[r#"
        Mon 02 09:00 ask → club: This group moves. Answer 1 within 3 days to come along.
        Thu 05 09:00 create group club (2)
        Thu 05 09:00 invite ann into new1
    "#]]);
    day.advance("2m");
    day.join("ann", "new1");
    day.advance("2d");
    day.expect(expect![[r#"
        Thu 05 09:01 invite bob into new1
        Thu 05 09:01 announce → club: We have moved to club (2). / https://chat.example/new1 📌
        Fri 06 09:01 close club
        Fri 06 09:01 send → moderators: 1 / 2（50%）
    "#]]);
}

#[test]
fn too_few_stay() {
    let mut day = asked(Kind::Sandbox);
    day.say("ann", "club", "1");
    day.advance("3d");
    day.expect(expect![[r#"
        Mon 02 09:00 ask → club: This group moves. Answer 1 within 3 days to come along.
        Thu 05 09:00 send → club: Only 1 answered, so we stay here.
    "#]]);
}

#[test]
fn on_telegram_a_person_opens_the_group_and_links_go_out() {
    let mut day = asked(Kind::Telegram);
    day.say("ann", "club", "1");
    day.say("bob", "club", "1");
    day.advance("3d");
    day.group_event("-100", Happening::BotJoined);
    day.say("mod", "moderators", "好 -100");
    day.advance("5d");
    day.expect(expect![[r#"
        Mon 02 09:00 ask → club: This group moves. Answer 1 within 3 days to come along.
        Thu 05 09:00 task → moderators: #1 请在 chat 上建一个叫「club (2)」的群，把机器人拉进去，再回复「好 群号 入群链接」（没有链接可以不写）。
        Thu 05 09:00 make a link into -100
        Thu 05 09:00 dm → @ann: -100: https://chat.example/+-100
        Thu 05 09:01 dm → @bob: -100: https://chat.example/+-100
        Thu 05 09:01 announce → club: We have moved to -100. 📌
        Fri 06 09:01 close club
        Fri 06 09:01 send → moderators: 0 / 2（0%）
    "#]]);
}

#[test]
fn on_qq_a_person_may_give_the_link_with_the_group() {
    let mut day = asked(Kind::OneBot11);
    day.say("ann", "club", "1");
    day.say("bob", "club", "1");
    day.advance("3d");
    day.group_event("7788", Happening::BotJoined);
    day.say("mod", "moderators", "好 7788 https://qm.example/join");
    day.advance("5d");
    day.expect(expect![[r#"
        Mon 02 09:00 ask → club: This group moves. Answer 1 within 3 days to come along.
        Thu 05 09:00 task → moderators: #1 请在 chat 上建一个叫「club (2)」的群，把机器人拉进去，再回复「好 群号 入群链接」（没有链接可以不写）。
        Thu 05 09:00 dm → @ann: 7788: https://qm.example/join
        Thu 05 09:01 dm → @bob: 7788: https://qm.example/join
        Thu 05 09:01 announce → club: We have moved to 7788. / https://qm.example/join 📌
        Fri 06 09:01 close club
        Fri 06 09:01 send → moderators: 0 / 2（0%）
    "#]]);
}

#[test]
fn a_group_opened_by_hand_follows_the_old_one_once_it_is_named() {
    let mut day = Day::with_on(
        Kind::Telegram,
        r#"
        limits: { create_group: 1 per 1d }
        rules:
          - rule: go
            when: { command: go }
            do:
              - create_group: { name: 新群, like: group }
                as: fresh
              - reply: "${fresh.id} 第 ${fresh.season} 季 ${fresh.tags.len()} 个标签"
        "#,
    );
    day.seat("moderators", &["mod"]);
    day.say("ann", "club", "/go");
    day.say("mod", "moderators", "好 -999");
    day.group_event("-999", Happening::BotJoined);
    day.say("mod", "moderators", "好 -999");
    day.expect(expect![[r#"
        Mon 02 09:00 task → moderators: #1 请在 chat 上建一个叫「新群」的群，把机器人拉进去，再回复「好 群号 入群链接」（没有链接可以不写）。
        Mon 02 09:00 alert → moderators: #1 还没有完成：请回复「好 群号」，机器人要先在那个群里。
        Mon 02 09:00 reply → club (to m2): chat/-999 第 2 季 1 个标签
    "#]]);
}

#[test]
fn a_task_that_nobody_does_fails_the_step_it_stands_for() {
    let mut day = Day::with_on(
        Kind::OneBot11,
        r#"
        limits: { invite: 9 per 1d }
        groups: [club]
        rules:
          - rule: go
            when: { command: go }
            do:
              - invite: { member: member, to: lobby }
                on_error: [{ send: "没人拉 ${error.word}" }]
              - send: 完
        "#,
    );
    day.seat("moderators", &["mod"]);
    day.say("ann", "club", "/go");
    day.say("mod", "moderators", "不");
    day.say("bob", "club", "/go");
    day.advance("7d");
    day.expect(expect![[r#"
        Mon 02 09:00 task → moderators: #1 请把 ann 拉进「lobby」。
        Mon 02 09:00 send → club: 没人拉 not_done
        Mon 02 09:00 send → club: 完
        Mon 02 09:00 task → moderators: #2 请把 bob 拉进「lobby」。
        Mon 09 09:00 send → club: 没人拉 not_done
        Mon 09 09:00 send → club: 完
    "#]]);
}

#[test]
fn who_is_there_already_is_not_invited() {
    let mut day = Day::with(
        r#"
        limits: { invite: 9 per 1d }
        rules:
          - rule: go
            when: { command: go }
            do:
              - invite: { member: member, to: lobby }
                as: how
              - reply: '${how.by ?? "邀请了"}'
        "#,
    );
    day.seat("lobby", &["ann"]);
    day.say("ann", "club", "/go");
    day.say("bob", "club", "/go");
    day.expect(expect![[r#"
        Mon 02 09:00 reply → club (to m2): present
        Mon 02 09:00 invite bob into lobby
        Mon 02 09:00 reply → club (to m3): 邀请了
    "#]]);
}

#[test]
fn people_are_muted_banned_and_let_back_and_messages_taken_away() {
    let mut day = Day::with(
        r#"
        limits: { mute: 9 per 1d, ban: 9 per 1d, delete_message: 9 per 1d, remove: 9 per 1d }
        rules:
          - rule: bad
            when: { keyword: [spam] }
            do:
              - delete_message: {}
              - mute: { for: 10m, reason: 广告 }
              - wait: 1m
              - unmute: {}
              - mute: { for: forever }
              - ban: { reason: 广告 }
              - unban: {}
        "#,
    );
    day.say("ann", "club", "spam");
    day.advance("1h");
    day.expect(expect![[r#"
        Mon 02 09:00 delete m1 in club
        Mon 02 09:00 mute ann in club for a while: 广告
        Mon 02 09:01 unmute ann in club
        Mon 02 09:01 mute ann in club for ever
        Mon 02 09:01 ban ann from club: 广告
        Mon 02 09:01 unban ann in club
    "#]]);
    assert!(
        day.world()
            .group(day.group("club"))
            .unwrap()
            .seats
            .is_empty()
    );
}

#[test]
fn a_group_that_cannot_be_opened_is_an_error_of_the_step() {
    let mut day = Day::with(
        r#"
        limits: { create_group: 1 per 1d }
        rules:
          - rule: go
            when: { command: go }
            do:
              - create_group: { name: 新群, like: group }
                as: fresh
                on_error: [{ reply: "开不了 ${error.word}" }, { stop: no group }]
              - reply: "${(fresh ?? group).name} ${(fresh ?? group).tags.len()}"
        "#,
    );
    day.platform.refuses("create_group", Refusal::Forbidden);
    day.say("ann", "club", "/go");
    day.advance("1d");
    day.say("ann", "club", "/go");
    day.expect(expect![[r#"
        Mon 02 09:00 create group 新群 ✗ forbidden
        Mon 02 09:00 reply → club (to m1): 开不了 forbidden
        Mon 02 09:00 alert → moderators: club (club): `create_group` was refused: forbidden
        Tue 03 09:00 create group 新群
        Tue 03 09:00 reply → club (to m2): 新群 1
    "#]]);
}
