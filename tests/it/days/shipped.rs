//! Every playbook that comes with the daemon, acted out with all its steps.

use crate::day::Day;
use expect_test::expect;
use steward::model::{Kind, Refusal, Role};

#[test]
fn every_shipped_playbook_loads_and_says_what_it_does() {
    let root = env!("CARGO_MANIFEST_DIR");
    let files = std::fs::read_dir(format!("{root}/playbooks")).unwrap();
    let mut names: Vec<String> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| Some(name.strip_suffix(".yaml")?.to_owned()))
        .filter(|name| !name.contains('.'))
        .collect();
    names.sort();
    assert_eq!(names.len(), 9);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let day = Day::shipped(&names);
    for playbook in &day.rulebook().playbooks {
        assert!(!playbook.about.is_empty(), "{}", playbook.id);
    }
}

#[test]
fn newcomers_are_greeted_together_answered_and_asked_the_next_day() {
    let mut day = Day::shipped(&["newcomer-care"]);
    day.join("小林", "club");
    day.advance("10s");
    day.join("小陈", "club");
    day.join("早退", "club");
    day.join("spambot", "club");
    day.leave("早退", "club");
    day.silence();
    day.advance("20s");
    day.expect(expect![[""]]);
    day.say("小林", "club", "群规在哪里？");
    day.say("小陈", "club", "规则呢");
    day.advance("10m");
    day.say("小陈", "club", "怎么参加共读？");
    day.expect(expect![[""]]);
    day.platform.refuses("dm", Refusal::Blocked);
    day.advance("1d");
    day.expect(expect![[""]]);
    assert_eq!(day.labels("小林"), ["新人"]);
    day.advance("13d");
    assert!(day.labels("小林").is_empty());
    day.say("小林", "club", "规则改了吗");
    day.silence();
}

#[test]
fn keywords_are_answered_once_in_ten_minutes_and_people_are_called() {
    let mut day = Day::shipped(&["keyword-answers"]);
    day.seat_as("moderators", "管理员", Role::Owner);
    day.seat("club", &["小林", "小陈"]);
    day.say("小林", "club", "有书单吗");
    day.say("小陈", "club", "书单+1");
    day.say("小陈", "club", "几点开始？");
    day.say("小陈", "club", "今天几点打卡");
    day.expect(expect![[""]]);
    day.say("小林", "club", "我要投诉");
    day.expect(expect![[""]]);
    day.say("管理员", "moderators", "#1 好 已处理");
    day.advance("2h");
    day.silence();
    day.say("小林", "club", "转人工");
    day.advance("2h");
    day.expect(expect![[""]]);
}

#[test]
fn the_morning_report_comes_on_weekdays_and_is_made_up_for() {
    let mut day = Day::shipped(&["morning-report"]);
    day.seat("club", &["小林", "小陈"]);
    day.say("小林", "club", "在读《活着》");
    day.until("2026-03-03T09:00");
    day.expect(expect![[""]]);
    day.until("2026-03-04T08:00");
    day.down("2h");
    day.expect(expect![[""]]);
    day.until("2026-03-06T09:00");
    day.skip();
    day.until("2026-03-08T23:00");
    day.silence();
    day.until("2026-03-10T07:00");
    day.skip();
    day.down("4h");
    day.silence();
}

#[test]
fn quiet_members_are_warned_and_removed_unless_they_speak() {
    let mut day = Day::shipped(&["quiet-members"]);
    day.seat("club", &["小林", "小陈", "小周", "小吴"]);
    day.seat_as("club", "群主", Role::Owner);
    day.platform.refuses("dm", Refusal::Blocked);
    day.advance("14d");
    day.expect(expect![[""]]);
    day.advance("6d");
    day.dm("小陈", "我还在");
    day.say("小周", "club", "最近忙");
    day.leave("小吴", "club");
    day.advance("1d");
    day.expect(expect![[""]]);
    day.advance("13d");
    day.expect(expect![[""]]);
}

#[test]
fn a_week_of_check_ins_is_rewarded() {
    let mut day = Day::shipped(&["checkin-streak"]);
    day.seat("checkin", &["小林", "小陈"]);
    day.say("小陈", "checkin", "打卡");
    for _ in 0..6 {
        day.say("小林", "checkin", "打卡");
        day.say("小林", "checkin", "打卡");
        day.advance("1d");
    }
    day.expect(expect![[""]]);
    // Three in the morning still counts as the day before.
    day.until("2026-03-09T03:00");
    day.say("小林", "checkin", "今天不打卡了");
    day.say("小林", "checkin", "打卡");
    day.expect(expect![[""]]);
    assert_eq!(day.points("小林"), 60);
    day.say("小陈", "checkin", "/排行");
    day.expect(expect![[""]]);
}

#[test]
fn lucky_packets_go_to_whoever_is_first_by_declared_odds() {
    let mut day = Day::shipped(&["lucky-packets"]);
    day.seat("club", &["小林", "小陈", "小周"]);
    day.seat("moderators", &["管理员"]);
    day.say("小林", "club", "/红包");
    day.silence();
    day.until("2026-03-06T20:00");
    day.say("小林", "club", "抢");
    day.say("小林", "club", "抢");
    day.say("小陈", "club", "抢");
    day.advance("10m");
    day.say("小周", "club", "抢");
    day.expect(expect![[""]]);
    assert!(day.points("小林") > 0);
    day.say("管理员", "club", "/红包");
    day.expect(expect![[""]]);
    day.advance("10m");
    day.expect(expect![[""]]);
}

#[test]
fn a_sign_up_list_takes_notes_cancels_and_waiters() {
    let mut day = Day::new();
    let text = "steward: 1\nuse: sign-up-list\nas: small\ngroups: [club]\nwith: { places: 2 }\n";
    day.ship_with(&["sign-up-list"], &[("playbooks/small.yaml", text)]);
    day.seat("club", &["小林", "小陈", "小周", "小吴"]);
    day.say("小林", "club", "/接龙");
    day.expect(expect![[""]]);
    day.say("小林", "club", "/接龙 周日共读 线上");
    day.say("小林", "club", "接龙");
    day.say("小陈", "club", "接龙 带 Amy 一起");
    day.say("小周", "club", "报名");
    day.say("小吴", "club", "接龙 备胎");
    day.say("小周", "club", "接龙 改一下备注");
    day.say("小林", "club", "退出");
    day.advance("1d");
    day.expect(expect![[""]]);
}

#[test]
fn the_group_of_the_week_is_told_on_monday() {
    let mut day = Day::shipped(&["group-of-the-week"]);
    day.configure(|directory| {
        for group in &mut directory.groups {
            if &*group.id == "lobby" {
                group.tags = vec!["book-club".into()];
                group.name = Some("前厅".into());
            }
        }
    });
    day.until("2026-03-07T12:00");
    day.seat("club", &["小林"]);
    day.seat("lobby", &["小陈", "小周"]);
    day.say("小林", "club", "早");
    day.say("小陈", "lobby", "早");
    day.say("小周", "lobby", "早");
    day.adjust("小周", 12);
    day.until("2026-03-09T09:00");
    day.expect(expect![[""]]);
    day.until("2026-03-23T09:00");
    day.silence();
}

#[test]
fn a_dead_group_moves_when_enough_people_and_the_owner_want_it() {
    let mut day = Day::shipped(&["migrate-dead-group"]);
    let people = ["一", "二", "三", "四", "五", "六"];
    day.seat("club", &people);
    day.seat_as("moderators", "群主", Role::Owner);
    day.advance("30d");
    day.expect(expect![[""]]);
    for who in people {
        day.say(who, "club", "1");
    }
    day.say("一", "club", "+1");
    day.advance("3d");
    day.expect(expect![[""]]);
    day.platform.refuses("invite", Refusal::Forbidden);
    day.say("群主", "moderators", "同意");
    day.advance("10m");
    day.expect(expect![[""]]);
    for who in people {
        day.join(who, "new1");
    }
    day.advance("7d");
    day.expect(expect![[""]]);
    // The new group carries the tag, so it is looked after as well.
    day.advance("30d");
    day.expect(expect![[""]]);
}

#[test]
fn a_dead_group_stays_when_too_few_answer() {
    let mut day = Day::shipped(&["migrate-dead-group"]);
    day.seat("club", &["一", "二"]);
    day.advance("30d");
    day.say("一", "club", "去");
    day.advance("3d");
    day.expect(expect![[""]]);
}

#[test]
fn moving_is_done_by_links_and_people_where_bots_may_not() {
    for kind in [Kind::Telegram, Kind::OneBot11] {
        let mut day = Day::on(kind);
        day.ship(&["migrate-dead-group"]);
        day.seat_as("moderators", "群主", Role::Owner);
        let people = ["一", "二", "三", "四", "五"];
        day.seat("club", &people);
        day.advance("30d");
        for who in people {
            day.say(who, "club", "1");
        }
        day.advance("3d");
        day.skip();
        day.say("群主", "moderators", "同意");
        day.seat("chat/opened-by-hand", &[]);
        day.group_event("opened", steward::model::Happening::BotJoined);
        day.say("群主", "moderators", "同意 opened");
        day.advance("1m");
        match kind {
            Kind::Telegram => day.expect(expect![[""]]),
            _ => day.expect(expect![[""]]),
        }
        day.skip();
        day.advance("7d");
        day.skip();
    }
}
