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
    day.expect(expect![[r#"
        Mon 02 09:00:30 welcome → lobby: 欢迎 @小林 @小陈 加入读书会！群规在置顶，先说说你最近在读什么书吧。
    "#]]);
    day.say("小林", "club", "群规在哪里？");
    day.say("小陈", "club", "规则呢");
    day.advance("10m");
    day.say("小陈", "club", "怎么参加共读？");
    day.expect(expect![[r#"
        Mon 02 09:00:30 reply → club (to m6): 小林，群规在置顶消息里，三条就看完：不发广告、不剧透、不吵架。
        Mon 02 09:10:30 reply → club (to m8): 小陈，每天在打卡群发「打卡」，周末看接龙报名共读，想问什么随时 @ 管理员。
    "#]]);
    day.platform.refuses("dm", Refusal::Blocked);
    day.advance("1d");
    day.expect(expect![[r#"
        Tue 03 09:00 dm → @小林: 小林，来读书会一天了，有什么不清楚的直接回复我，管理员会看到。 ✗ blocked_by_user
        Tue 03 09:00:10 dm → @小陈: 小陈，来读书会一天了，有什么不清楚的直接回复我，管理员会看到。
    "#]]);
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
    day.expect(expect![[r#"
        Mon 02 09:00 reply → club (to m4): 本季书单：《活着》《局外人》《乡土中国》。读完一本可以在群里发读后感。
        Mon 02 09:00 reply → club (to m6): 共读时间：每周日晚 8 点，迟到也没关系，先听后聊。
    "#]]);
    day.say("小林", "club", "我要投诉");
    day.expect(expect![[r#"
        Mon 02 09:00 reply → club (to m8): 收到，已转给管理员，请稍等。
        Mon 02 09:00 task → moderators: #1 小林 在「club」找人工：我要投诉
    "#]]);
    day.say("管理员", "moderators", "#1 好 已处理");
    day.advance("2h");
    day.silence();
    day.say("小林", "club", "转人工");
    day.advance("2h");
    day.expect(expect![[r#"
        Mon 02 11:00 reply → club (to m10): 收到，已转给管理员，请稍等。
        Mon 02 11:00 task → moderators: #2 小林 在「club」找人工：转人工
        Mon 02 13:00 send → moderators: ⏰ 两小时没人处理：小林 在「club」找人工。
    "#]]);
}

#[test]
fn the_morning_report_comes_on_weekdays_and_is_made_up_for() {
    let mut day = Day::shipped(&["morning-report"]);
    day.seat("club", &["小林", "小陈"]);
    day.say("小林", "club", "在读《活着》");
    day.until("2026-03-03T09:00");
    day.expect(expect![[r#"
        Tue 03 08:30 send → club: 早上好！今天是 3 月 3 日。 / 过去一天有 1 位书友说过话，群里共 2 人。
    "#]]);
    day.until("2026-03-04T08:00");
    day.down("2h");
    day.expect(expect![[r#"
        Wed 04 10:00 send → club: 新的一天！今天是 3 月 4 日。 / 过去一天有 0 位书友说过话，群里共 2 人。 / 昨天有点安静，谁来说说手边的书？
    "#]]);
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
    day.expect(expect![[r#"
        Mon 16 09:00 dm → @小林: 小林，你在「club」有 14 天没说话了。7 天内在群里或这里回一句话就能留下。 ✗ blocked_by_user
        Mon 16 09:00 dm → @小陈: 小陈，你在「club」有 14 天没说话了。7 天内在群里或这里回一句话就能留下。
        Mon 16 09:00 dm → @小周: 小周，你在「club」有 14 天没说话了。7 天内在群里或这里回一句话就能留下。
        Mon 16 09:00 dm → @小吴: 小吴，你在「club」有 14 天没说话了。7 天内在群里或这里回一句话就能留下。
    "#]]);
    day.advance("6d");
    day.dm("小陈", "我还在");
    day.say("小周", "club", "最近忙");
    day.leave("小吴", "club");
    day.advance("1d");
    day.expect(expect![[r#"
        Mon 23 09:00 remove 小林 from club: 潜水 21 天
        Mon 23 09:00 send → moderators: 已请出潜水成员 小林（club）。
    "#]]);
    day.advance("13d");
    day.expect(expect![[r#"
        Sun 05 09:00 dm → @小陈: 小陈，你在「club」有 14 天没说话了。7 天内在群里或这里回一句话就能留下。
        Sun 05 09:00 dm → @小周: 小周，你在「club」有 14 天没说话了。7 天内在群里或这里回一句话就能留下。
    "#]]);
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
    day.expect(expect![[r#"
        Mon 02 09:00 react ✅ to m3 in checkin
        Mon 02 09:00 reply → checkin (to m3): 第 1 天，再坚持 6 天就有奖励。
        Mon 02 09:00 react ✅ to m4 in checkin
        Mon 02 09:00 reply → checkin (to m4): 第 1 天，再坚持 6 天就有奖励。
        Tue 03 09:00 react ✅ to m6 in checkin
        Tue 03 09:00 reply → checkin (to m6): 第 2 天，再坚持 5 天就有奖励。
        Wed 04 09:00 react ✅ to m8 in checkin
        Wed 04 09:00 reply → checkin (to m8): 第 3 天，再坚持 4 天就有奖励。
        Thu 05 09:00 react ✅ to m10 in checkin
        Thu 05 09:00 reply → checkin (to m10): 第 4 天，再坚持 3 天就有奖励。
        Fri 06 09:00 react ✅ to m12 in checkin
        Fri 06 09:00 reply → checkin (to m12): 第 5 天，再坚持 2 天就有奖励。
        Sat 07 09:00 react ✅ to m14 in checkin
        Sat 07 09:00 reply → checkin (to m14): 第 6 天，再坚持 1 天就有奖励。
    "#]]);
    // Three in the morning still counts as the day before.
    day.until("2026-03-09T03:00");
    day.say("小林", "checkin", "今天不打卡了");
    day.say("小林", "checkin", "打卡");
    day.expect(expect![[r#"
        Mon 09 03:00 react ✅ to m17 in checkin
        Mon 09 03:00 reply → checkin (to m17): @小林 连续打卡 7 天，奖励 60 积分！
    "#]]);
    assert_eq!(day.points("小林"), 60);
    day.say("小陈", "checkin", "/排行");
    day.expect(expect![[r#"
        Mon 09 03:00 reply → checkin (to m18): 本月打卡榜 / 1. 小林 7 天 / 2. 小陈 1 天
    "#]]);
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
    day.expect(expect![[r#"
        Fri 06 20:00 ask → club: 🧧 积分红包来了，共 10 份，回复「抢」，每人一份，十分钟内有效。 / 概率公开：50% 得 2 分，30% 得 5 分，10% 得 10 分，10% 得 50 分。
        Fri 06 20:00 send → club: 小林 抢到 5 分，现有 5 分。
        Fri 06 20:00 send → club: 小陈 抢到 50 分，现有 50 分。
        Fri 06 20:10 send → club: 红包已结束，2 人抢到。
    "#]]);
    assert!(day.points("小林") > 0);
    day.say("管理员", "club", "/红包");
    day.expect(expect![[r#"
        Fri 06 20:10 ask → club: 🧧 积分红包来了，共 10 份，回复「抢」，每人一份，十分钟内有效。 / 概率公开：50% 得 2 分，30% 得 5 分，10% 得 10 分，10% 得 50 分。
    "#]]);
    day.advance("10m");
    day.expect(expect![[r#"
        Fri 06 20:20 send → club: 红包已结束，0 人抢到。
    "#]]);
}

#[test]
fn a_sign_up_list_takes_notes_cancels_and_waiters() {
    let mut day = Day::new();
    let text = "steward: 1\nuse: sign-up-list\nas: small\ngroups: [lobby]\nwith: { places: 2 }\n";
    day.ship_with(&["sign-up-list"], &[("playbooks/small.yaml", text)]);
    day.seat("lobby", &["小林", "小陈", "小周", "小吴"]);
    day.say("小林", "lobby", "/接龙");
    day.expect(expect![[r#"
        Mon 02 09:00 reply → lobby (to m5): 请写上活动名，例如「/接龙 周日共读」。
    "#]]);
    day.say("小林", "lobby", "/接龙 周日共读 线上");
    day.say("小林", "lobby", "接龙");
    day.say("小陈", "lobby", "接龙 带 Amy 一起");
    day.say("小周", "lobby", "报名");
    day.say("小吴", "lobby", "接龙 备胎");
    day.say("小周", "lobby", "接龙 改一下备注");
    day.say("小林", "lobby", "退出");
    day.advance("1d");
    day.expect(expect![[r#"
        Mon 02 09:00 ask → lobby: 【接龙 2】周日共读 线上 / 回复「接龙」报名，可加备注，如「接龙 带一位朋友」；回复「退出」取消。 / 共 2 个名额，满了排候补，1 天后截止。 📌
        Tue 03 09:00 send → lobby: 「周日共读 线上」接龙截止，共 2 人： / 1. 小陈 带 Amy 一起 / 2. 小周 改一下备注
    "#]]);
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
    day.expect(expect![[r#"
        Mon 09 09:00 announce → announcements: 📊 上周最活跃的群 / 前厅：2 人说话，共 2 人 / club：1 人说话，共 1 人 / 积分榜 / 1. 小周 12 分
    "#]]);
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
    day.expect(expect![[r#"
        Wed 01 09:00 ask → club: 这个群已经 30 天没人说话了。想去新群继续的，三天内回复 1。
    "#]]);
    for who in people {
        day.say(who, "club", "1");
    }
    day.say("一", "club", "+1");
    day.advance("3d");
    day.expect(expect![[r#"
        Sat 04 09:00 approve → moderators: #1 把「club」的 6 人搬到新群？
    "#]]);
    day.platform.refuses("invite", Refusal::Forbidden);
    day.say("群主", "moderators", "同意");
    day.advance("10m");
    day.expect(expect![[r#"
        Sat 04 09:00 create group club（第 2 季）
        Sat 04 09:00 invite 一 into new1 ✗ forbidden
        Sat 04 09:00 alert → moderators: club（第 2 季） (chat/new1): `invite` was refused: forbidden
        Sat 04 09:10 invite 一 into new1
        Sat 04 09:10 invite 二 into new1
        Sat 04 09:10 invite 三 into new1
        Sat 04 09:10 invite 四 into new1
        Sat 04 09:10 invite 五 into new1
        Sat 04 09:10 invite 六 into new1
        Sat 04 09:10 announce → club: 我们搬到新群啦：https://chat.example/new1。旧群七天后关闭。 📌
    "#]]);
    for who in people {
        day.join(who, "new1");
    }
    day.advance("7d");
    day.expect(expect![[r#"
        Sat 11 09:10 close club: 已搬到新群
    "#]]);
    // The new group carries the tag, so it is looked after as well.
    day.advance("30d");
    day.expect(expect![[r#"
        Mon 04 09:00 ask → new1: 这个群已经 30 天没人说话了。想去新群继续的，三天内回复 1。
        Thu 07 09:00 send → new1: 只有 0 人想搬，我们就留在这里。
    "#]]);
}

#[test]
fn a_dead_group_stays_when_too_few_answer() {
    let mut day = Day::shipped(&["migrate-dead-group"]);
    day.seat("club", &["一", "二"]);
    day.advance("30d");
    day.say("一", "club", "去");
    day.advance("3d");
    day.expect(expect![[r#"
        Wed 01 09:00 ask → club: 这个群已经 30 天没人说话了。想去新群继续的，三天内回复 1。
        Sat 04 09:00 send → club: 只有 1 人想搬，我们就留在这里。
    "#]]);
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
            Kind::Telegram => day.expect(expect![[r#"
                Sat 04 09:00 task → moderators: #2 请在 chat 上建一个叫「club（第 2 季）」的群，把机器人拉进去，再回复「好 群号 入群链接」（没有链接可以不写）。
                Sat 04 09:00 make a link into opened
                Sat 04 09:00 dm → @一: 欢迎来新群「opened」： https://chat.example/+opened
                Sat 04 09:00 dm → @二: 欢迎来新群「opened」： https://chat.example/+opened
                Sat 04 09:00 dm → @三: 欢迎来新群「opened」： https://chat.example/+opened
                Sat 04 09:00 dm → @四: 欢迎来新群「opened」： https://chat.example/+opened
                Sat 04 09:00 dm → @五: 欢迎来新群「opened」： https://chat.example/+opened
                Sat 04 09:00 announce → club: 我们搬到新群啦：https://chat.example/+opened。旧群七天后关闭。 📌
            "#]]),
            _ => day.expect(expect![[r#"
                Sat 04 09:00 task → moderators: #2 请在 chat 上建一个叫「club（第 2 季）」的群，把机器人拉进去，再回复「好 群号 入群链接」（没有链接可以不写）。
                Sat 04 09:00 task → moderators: #3 请把 一 拉进「opened」。
            "#]]),
        }
        day.skip();
        day.advance("7d");
        day.skip();
    }
}
