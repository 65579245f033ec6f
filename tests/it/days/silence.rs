//! Silence of members and groups.

use crate::day::Day;
use expect_test::expect;
use steward::model::Kind;

const QUIET: &str = r#"
    - rule: quiet
      when: { inactivity: { member: 3d } }
      do: [{ send: "${member.name} 安静" }]
"#;

#[test]
fn it_fires_once_per_episode_and_again_after_a_word() {
    let mut day = Day::with(QUIET);
    day.seat("club", &["ann"]);
    day.advance("10d");
    day.say("ann", "club", "hi");
    day.advance("2d");
    day.say("ann", "club", "hi");
    day.advance("2d");
    day.expect(expect![[r#"
        Thu 05 09:00 send → club: ann 安静
    "#]]);
    day.advance("1d");
    day.expect(expect![[r#"
        Tue 17 09:00 send → club: ann 安静
    "#]]);
}

#[test]
fn a_direct_message_a_reaction_and_a_press_are_signs_of_life() {
    let mut day = Day::with(QUIET);
    day.seat("club", &["ann", "bob", "eve"]);
    day.advance("2d");
    day.dm("ann", "hi");
    day.react("bob", "club", "m1", "👍");
    day.press("eve", "club", "m1", &["x"]);
    day.advance("2d");
    day.silence();
    day.advance("1d");
    day.expect(expect![[r#"
        Sat 07 09:00 send → club: ann 安静
        Sat 07 09:00 send → club: bob 安静
        Sat 07 09:00 send → club: eve 安静
    "#]]);
}

#[test]
fn a_whole_groups_silence_is_broken_by_anyone() {
    let mut day = Day::with(
        r#"
        - rule: dead
          when: { inactivity: { group: 3d } }
          do: [{ send: "${group.id} 静" }]
        "#,
    );
    day.seat("club", &["ann"]);
    day.advance("2d");
    day.say("ann", "club", "hi");
    day.advance("9d");
    day.say("ann", "club", "hi");
    day.advance("3d");
    day.expect(expect![[r#"
        Sat 07 09:00 send → club: club 静
        Mon 16 09:00 send → club: club 静
    "#]]);
}

#[test]
fn several_marks_of_one_silence() {
    let mut day = Day::with(
        r#"
        - rule: one
          when: { inactivity: { member: 1d } }
          do: [{ send: 一天 }]
        - rule: three
          when: { inactivity: { member: 3d } }
          do: [{ send: 三天 }]
        "#,
    );
    day.seat("club", &["ann"]);
    day.advance("4d");
    day.expect(expect![[r#"
        Tue 03 09:00 send → club: 一天
        Thu 05 09:00 send → club: 三天
    "#]]);
}

#[test]
fn those_silent_before_the_rule_are_skipped_spread_or_taken_now() {
    for (backlog, expected) in [
        (
            "skip",
            expect![[r#"
            —
            Tue 10 09:00 send → club: bob 安静
            Tue 10 09:00 send → club: eve 安静
        "#]],
        ),
        (
            "now",
            expect![[r#"
            Sat 07 09:00 send → club: ann 安静
            —
            Tue 10 09:00 send → club: bob 安静
            Tue 10 09:00 send → club: eve 安静
        "#]],
        ),
        (
            "{ spread: 2d }",
            expect![[r#"
            Sun 08 17:01:58 send → club: ann 安静
            —
            Tue 10 09:00 send → club: bob 安静
            Tue 10 09:00 send → club: eve 安静
        "#]],
        ),
    ] {
        let mut day = Day::new();
        day.seat("club", &["ann", "bob"]);
        day.advance("5d");
        day.say("bob", "club", "hi");
        day.seat("club", &["eve"]);
        day.demo(&format!(
            r#"
            - rule: quiet
              when: {{ inactivity: {{ member: 3d }} }}
              backlog: {backlog}
              do: [{{ send: "${{member.name}} 安静" }}]
            "#
        ));
        day.advance("2d");
        day.note("—");
        day.advance("1d");
        day.expect(expected);
    }
}

#[test]
fn a_reload_that_keeps_the_rule_neither_repeats_nor_forgets() {
    let mut day = Day::with(QUIET);
    day.seat("club", &["ann", "bob"]);
    day.advance("2d");
    day.say("bob", "club", "hi");
    day.advance("1d");
    day.expect(expect![[r#"
        Thu 05 09:00 send → club: ann 安静
    "#]]);
    day.demo(&format!(
        "{QUIET}    - rule: other\n      when: join\n      do: [{{ send: hi }}]\n"
    ));
    day.advance("3d");
    day.expect(expect![[r#"
        Sat 07 09:00 send → club: bob 安静
    "#]]);
}

#[test]
fn a_silence_that_came_due_while_the_daemon_was_down_is_not_lost_by_a_reload() {
    let mut day = Day::with(QUIET);
    day.seat("club", &["ann"]);
    day.sleep("4d");
    day.demo(&format!(
        "{QUIET}    - rule: other\n      when: join\n      do: [{{ send: hi }}]\n"
    ));
    day.expect(expect![[r#"
        Fri 06 09:00 send → club: ann 安静
    "#]]);
}

#[test]
fn who_left_is_not_silent() {
    let mut day = Day::with(QUIET);
    day.seat("club", &["ann"]);
    day.advance("1d");
    day.leave("ann", "club");
    day.advance("1d");
    day.join("ann", "club");
    day.advance("2d");
    day.silence();
    day.advance("1d");
    day.expect(expect![[r#"
        Sat 07 09:00 send → club: ann 安静
    "#]]);
}

#[test]
fn silence_is_measured_in_calendar_days() {
    let mut day = Day::in_zone(Kind::Sandbox, "Europe/Paris", "2026-03-27T09:00");
    day.demo(QUIET);
    day.seat("club", &["ann"]);
    day.advance("5d");
    day.expect(expect![[r#"
        Mon 30 09:00 send → club: ann 安静
    "#]]);
}
