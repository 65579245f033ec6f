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
    day.expect(expect![[""]]);
}

#[test]
fn no_and_nobody_in_time_do_their_steps() {
    let mut day = day();
    day.say("eve", "club", "/go");
    day.say("mod", "moderators", "不行");
    day.say("eve", "club", "/go");
    day.advance("1h");
    day.say("mod", "moderators", "#2 yes");
    day.expect(expect![[""]]);
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
    day.expect(expect![[""]]);
}

#[test]
fn the_console_decides_once() {
    let mut day = day();
    day.say("eve", "club", "/go");
    day.decide(1, false, "改天");
    day.decide(1, true, "");
    day.decide(9, true, "");
    day.expect(expect![[""]]);
    day.why(expect![[""]]);
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
    day.expect(expect![[""]]);
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
    day.expect(expect![[""]]);
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
    day.expect(expect![[""]]);
    day.say("mod", "moderators", "#1 yes");
    day.say("mod", "moderators", "#2 no");
    day.expect(expect![[""]]);
    day.advance("1d");
    day.say("joe", "club", "spam");
    day.expect(expect![[""]]);
}

#[test]
fn a_yes_that_never_comes_is_a_failed_step() {
    let mut day = Day::with(LIMITED);
    day.say("ann", "club", "spam");
    day.say("bob", "club", "spam");
    day.skip();
    day.advance("7d");
    day.expect(expect![[""]]);
}

#[test]
fn owners_and_administrators_are_protected() {
    let mut day = Day::with(LIMITED);
    day.seat_as("club", "boss", Role::Owner);
    day.seat_as("club", "mod", Role::Staff);
    day.say("boss", "club", "spam");
    day.say("mod", "club", "spam");
    day.expect(expect![[""]]);
}
