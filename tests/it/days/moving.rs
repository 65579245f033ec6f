//! Opening, filling and closing groups: by the platform, by links, by people.

use crate::day::Day;
use expect_test::expect;
use steward::model::{Happening, Kind, Refusal, Role};

const MOVE: &str = r#"
    limits: { create_group: 1 per 1d, invite: 9 per 1d, close_group: 1 per 1d }
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
    day.expect(expect![[""]]);
    day.advance("2m");
    day.join("ann", "new1");
    day.advance("2d");
    day.expect(expect![[""]]);
}

#[test]
fn too_few_stay() {
    let mut day = asked(Kind::Sandbox);
    day.say("ann", "club", "1");
    day.advance("3d");
    day.expect(expect![[""]]);
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
    day.expect(expect![[""]]);
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
    day.expect(expect![[""]]);
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
    day.expect(expect![[""]]);
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
    day.expect(expect![[""]]);
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
    day.expect(expect![[""]]);
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
              - reply: "${fresh.name} ${fresh.tags.len()}"
        "#,
    );
    day.platform.refuses("create_group", Refusal::Forbidden);
    day.say("ann", "club", "/go");
    day.advance("1d");
    day.say("ann", "club", "/go");
    day.expect(expect![[""]]);
}
