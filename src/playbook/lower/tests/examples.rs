//! The five playbooks of the language page, as they stand there.

use super::describe::rulebook;
use super::{codes, loaded};
use expect_test::{Expect, expect};

const NEWCOMERS: &str = include_str!("page/newcomer-care.yaml");
const MORNING: &str = include_str!("page/morning-post.yaml");
const QUIET: &str = include_str!("page/quiet-members.yaml");
const STREAK: &str = include_str!("page/checkin-streak.yaml");
const MIGRATE: &str = include_str!("page/migrate-dead-group.yaml");
const CHECKIN: &str = include_str!("page/checkin.rhai");

#[track_caller]
fn check(texts: &[(&str, &str)], notes: &[&str], expect: &Expect) {
    let loaded = loaded(texts);
    let drawn = crate::playbook::draw::draw(&loaded.diagnostics, &loaded.sources, false);
    assert_eq!(codes(&loaded), notes, "{drawn}");
    assert!(loaded.broken.is_empty());
    expect.assert_eq(&rulebook(&loaded.rulebook));
}

#[test]
fn newcomers_are_greeted_by_a_template_and_its_use() {
    let own = "\
steward: 1
use: newcomer-care
as: newcomers
groups: [club]
with:
  lobby: lobby
  delay: 1m
";
    check(
        &[("newcomer-care.yaml", NEWCOMERS), ("use.yaml", own)],
        &["note S0505"],
        &expect![[r#"
            newcomers (use.yaml) Groups(["club"]) Live
              input delay = Span(Span { days: 0, exact_ms: 60000 })
              input greeting = Text("Welcome, ${mentions}! The rules are pinned.")
              input lobby = Text("lobby")
              newcomers/welcome line 13 Live per member Single max=100 if=1
                missed Missed { run: Latest, within: Span { days: 0, exact_ms: 3600000 } } backlog Skip
                when Join { via: [] }
                do/0 welcome to=['lobby'] text="${…}" gather=1m
                do/1 label add=["newcomer"] expires=14d
              newcomers/where-are-the-rules line 20 Live per member Single max=100 if=1 cooldown=Every(Span { days: 0, exact_ms: 600000 }) per group
                missed Missed { run: Latest, within: Span { days: 0, exact_ms: 3600000 } } backlog Skip
                when Keyword(Keyword { any: ["rules", "群规", "规则"], all: [], none: [], matching: Word, evasion: false, place: Group, from: [] })
                do/0 reply text="${…}"
        "#]],
    );
    let alone = loaded(&[("newcomer-care.yaml", NEWCOMERS)]);
    assert!(alone.rulebook.playbooks.is_empty(), "only a template");
    assert!(alone.broken.is_empty());
}

#[test]
fn the_morning_post_has_a_schedule() {
    check(
        &[("morning-post.yaml", MORNING)],
        &[],
        &expect![[r#"
        morning-post (morning-post.yaml) Groups(["lobby", "announcements"]) Live Asia/Shanghai
          var openers = Is(List([Text("Good morning"), Text("Morning, all"), Text("New day")]))
          morning-post/daily-0830 line 10 Live per group Single max=100 if=1
            missed Missed { run: Latest, within: Span { days: 0, exact_ms: 7200000 } } backlog Skip
            when Schedule(Daily { at_ms: [30600000], days: [true, true, true, true, true, false, false] })
            do/0 send to=[group] text="${…}"
    "#]],
    );
}

#[test]
fn quiet_members_begin_in_shadow() {
    check(
        &[("quiet-members.yaml", QUIET)],
        &["note S0504"],
        &expect![[r#"
            quiet-members (quiet-members.yaml) Tag("book-club") Shadow
              input last_chance = Span(Span { days: 7, exact_ms: 0 })
              input quiet_after = Span(Span { days: 14, exact_ms: 0 })
              limit dm: 100 per 1d
              limit remove: 20 per 1d
              quiet-members/remove-silent line 13 Shadow per member Single max=100 if=2
                missed Missed { run: Latest, within: Span { days: 0, exact_ms: 3600000 } } backlog Spread(Span { days: 3, exact_ms: 0 })
                when MemberInactive(Span { days: 14, exact_ms: 0 })
                stop Message(MessageFilter { from: [], content: [], mentions: None, mentions_bot: false, links: None, place: Anywhere })
                stop Leave { via: [] }
                do/0 dm to=[member] text="${…}" on_error=continue
                do/1 wait span=7d late=Run
                do/2 remove member=member reason="${…}"
                do/3 send to=['moderators'] text="${…}"
        "#]],
    );
}

#[test]
fn checking_in_calls_a_script() {
    let texts = [("checkin-streak.yaml", STREAK), ("checkin.rhai", CHECKIN)];
    check(
        &texts,
        &[],
        &expect![[r#"
            checkin-streak (checkin-streak.yaml) Groups(["checkin"]) Live Asia/Shanghai
              data checkins: DataDef { kind: Streak, per_member: true, per_group: false, per_key: false, decay: None, day_starts_ms: 14400000, starts_as: Nothing, from: None }
              checkin-streak/check-in line 11 Live per member Single max=100 if=1
                missed Missed { run: Latest, within: Span { days: 0, exact_ms: 3600000 } } backlog Skip
                when Keyword(Keyword { any: ["打卡", "check in"], all: [], none: [], matching: Exact, evasion: false, place: Group, from: [] })
                do/0 mark name=checkins Mark as=streak
                do/1 react emoji="✅"
                do/2 run run=checkin::award({streak: streak}) as=prize
                do/3 choose
                  if:
                    do/3/choose/0/do/0 reward member=member points=<anything> reason="${…}"
                    do/3/choose/0/do/1 reply text="${…}"
                  otherwise:
                    do/3/choose/1/else/0 reply text="${…}"
        "#]],
    );
}

#[test]
fn a_dead_group_moves() {
    check(
        &[("migrate-dead-group.yaml", MIGRATE)],
        &["note S0504"],
        &expect![[r#"
            migrate-dead-group (migrate-dead-group.yaml) Tag("book-club") Shadow
              input dead_after = Span(Span { days: 30, exact_ms: 0 })
              input minimum = Int(5)
              limit close_group: 1 per 7d
              limit create_group: 1 per 7d
              limit invite: 200 per 1d
              migrate-dead-group/migrate line 15 Shadow per group Single max=100
                missed Missed { run: Latest, within: Span { days: 0, exact_ms: 3600000 } } backlog Skip
                when GroupInactive(Span { days: 30, exact_ms: 0 })
                do/0 ask to=[group] text="${…}" keyword=1|+1|me for=3d full=Close once_per_member again=Replace show=Never as=volunteers
                do/1 if if=1
                  do:
                    do/1/do/0 send to=[group] text="${…}"
                    do/1/do/1 stop reason="not enough volunteers"
                do/2 approve by=Owner text="${…}" within=2d
                do/3 create_group name="${…}" like=group as=new_group
                do/4 each each=member in <a list of a member> pace=10 per 1m
                  do:
                    do/4/do/0 invite member=member to=new_group retry=3x10m on_error=continue
                do/5 announce to=[group] text="${…}" pin
                do/6 wait span=7d late=Run
                do/7 close_group group=group reason=""
        "#]],
    );
}
