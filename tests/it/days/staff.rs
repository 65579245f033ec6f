//! What waits for a person: approvals, tasks, steps over their limit.

use crate::day::Day;
use expect_test::expect;
use steward::model::Role;

fn day() -> Day {
    let mut day = Day::with(
        r#"
        - rule: go
          when: { command: go }
          do:
            - approve:
                text: "给 ${member.name} 开门？"
                within: 1h
                on_no: [{ send: 不行 }]
                on_timeout: [{ send: 没人理 }]
            - send: 继续
        "#,
    );
    day.seat("moderators", &["mod", "ann"]);
    day
}

#[test]
fn staff_say_yes_by_number_reply_or_bare_word() {
    let mut day = day();
    day.say("eve", "club", "/go");
    day.say("mod", "moderators", "#1 yes 可以的");
    day.say("eve", "club", "/go");
    let asked = day.platform.last();
    day.reply("mod", "moderators", &asked, "同意");
    day.say("eve", "club", "/go");
    day.say("mod", "moderators", "好");
    day.expect(expect![[r#"
        Mon 02 09:00 approve → moderators: #1 给 eve 开门？
        Mon 02 09:00 send → club: 继续
        Mon 02 09:00 approve → moderators: #2 给 eve 开门？
        Mon 02 09:00 send → club: 继续
        Mon 02 09:00 approve → moderators: #3 给 eve 开门？
        Mon 02 09:00 send → club: 继续
    "#]]);
}

#[test]
fn no_and_nobody_in_time_do_their_steps() {
    let mut day = day();
    day.say("eve", "club", "/go");
    day.say("mod", "moderators", "不行");
    day.say("eve", "club", "/go");
    day.advance("1h");
    day.say("mod", "moderators", "#2 yes");
    day.expect(expect![[r#"
        Mon 02 09:00 approve → moderators: #1 给 eve 开门？
        Mon 02 09:00 send → club: 不行
        Mon 02 09:00 approve → moderators: #2 给 eve 开门？
        Mon 02 10:00 send → club: 没人理
    "#]]);
}

#[test]
fn nobody_decides_on_what_they_began_and_strangers_do_not_decide() {
    let mut day = day();
    day.say("ann", "club", "/go");
    day.skip();
    day.say("ann", "moderators", "#1 yes");
    day.dm("eve", "#1 yes");
    day.say("eve", "club", "#1 yes");
    day.silence();
    day.dm("mod", "#1 yes");
    day.expect(expect![[r#"
        Mon 02 09:00 send → club: 继续
    "#]]);
}

#[test]
fn the_console_decides_once() {
    let mut day = day();
    day.say("eve", "club", "/go");
    day.decide(1, false, "改天");
    day.decide(1, true, "");
    day.decide(9, true, "");
    day.expect(expect![[r#"
        Mon 02 09:00 approve → moderators: #1 给 eve 开门？
        Mon 02 09:00 send → club: 不行
    "#]]);
    day.why(expect![[r#"
        demo/go ended: Done
         note: approval #1 was decided before
         note: there is no approval #9
    "#]]);
}

#[test]
fn an_owner_is_asked_where_only_an_owner_may() {
    let mut day = Day::with(
        r#"
        - rule: go
          when: { command: go }
          do:
            - approve: { text: 关群？, by: owner, except: [member] }
            - send: 好
        "#,
    );
    day.seat("moderators", &["mod"]);
    day.seat_as("moderators", "boss", Role::Owner);
    day.say("eve", "club", "/go");
    day.say("mod", "moderators", "yes");
    day.say("boss", "moderators", "yes");
    day.expect(expect![[r#"
        Mon 02 09:00 approve → moderators: #1 关群？
        Mon 02 09:00 send → club: 好
    "#]]);
}

#[test]
fn a_task_is_done_refused_or_forgotten() {
    let mut day = Day::with(
        r#"
        - rule: go
          when: { command: go }
          do:
            - task: { text: 拉他进群, within: 1d, on_timeout: [{ send: 再说 }] }
              as: done
            - send: '结束 ${done.yes}'
              if: done.yes
        "#,
    );
    day.seat("moderators", &["mod"]);
    day.say("eve", "club", "/go");
    day.say("mod", "moderators", "ok");
    day.say("eve", "club", "/go");
    day.say("mod", "moderators", "no");
    day.say("eve", "club", "/go");
    day.advance("1d");
    day.expect(expect![[r#"
        Mon 02 09:00 task → moderators: #1 拉他进群
        Mon 02 09:00 send → club: 结束 是
        Mon 02 09:00 task → moderators: #2 拉他进群
        Mon 02 09:00 task → moderators: #3 拉他进群
        Tue 03 09:00 send → club: 再说
    "#]]);
}

const LIMITED: &str = r#"
    limits: { mute: 1 per 1d }
    rules:
      - rule: shush
        when: { keyword: [spam] }
        do:
          - mute: { for: 1h, reason: spam }
            on_error: [{ send: "没禁 ${error.word}" }]
          - send: "禁 ${member.name}"
"#;

#[test]
fn over_its_limit_only_that_run_waits_for_a_yes() {
    let mut day = Day::with(LIMITED);
    day.seat("moderators", &["mod"]);
    for who in ["ann", "bob", "eve"] {
        day.say(who, "club", "spam");
    }
    day.expect(expect![[r#"
        Mon 02 09:00 mute ann in club for a while: spam
        Mon 02 09:00 send → club: 禁 ann
        Mon 02 09:00 approve → moderators: #1 规则 `demo/shush` 的 `mute` 超过了上限 (bob)，要放行吗？
        Mon 02 09:00 approve → moderators: #2 规则 `demo/shush` 的 `mute` 超过了上限 (eve)，要放行吗？
    "#]]);
    day.say("mod", "moderators", "#1 yes");
    day.say("mod", "moderators", "#2 no");
    day.expect(expect![[r#"
        Mon 02 09:00 mute bob in club for a while: spam
        Mon 02 09:00 send → club: 禁 bob
        Mon 02 09:00 send → club: 没禁 not_allowed
        Mon 02 09:00 send → club: 禁 eve
    "#]]);
    day.advance("1d");
    day.say("joe", "club", "spam");
    day.expect(expect![[r#"
        Tue 03 09:00 mute joe in club for a while: spam
        Tue 03 09:00 send → club: 禁 joe
    "#]]);
}

#[test]
fn a_yes_that_never_comes_is_a_failed_step() {
    let mut day = Day::with(LIMITED);
    day.say("ann", "club", "spam");
    day.say("bob", "club", "spam");
    day.skip();
    day.advance("7d");
    day.expect(expect![[r#"
        Mon 09 09:00 send → club: 没禁 not_allowed
        Mon 09 09:00 send → club: 禁 bob
    "#]]);
}

#[test]
fn owners_and_administrators_are_protected() {
    let mut day = Day::with(LIMITED);
    day.seat_as("club", "boss", Role::Owner);
    day.seat_as("club", "mod", Role::Staff);
    day.say("boss", "club", "spam");
    day.say("mod", "club", "spam");
    day.expect(expect![[r#"
        Mon 02 09:00 send → club: 没禁 protected
        Mon 02 09:00 send → club: 禁 boss
        Mon 02 09:00 send → club: 没禁 protected
        Mon 02 09:00 send → club: 禁 mod
    "#]]);
}
