//! Rosters, health and how to connect.

use super::drive::shown;
use super::{failed, ok, response, sample, unsigned};
use crate::connector::{Answer, Connector, Errand, ErrandNext, ErrandResult};
use crate::model::{Happening, Role};
use serde_json::{Value, json};

fn run(errand: &Errand, answers: &[Answer]) -> ErrandNext {
    unsigned().run_errand(errand, answers)
}

#[track_caller]
fn errand_request(errand: &Errand, answers: &[Answer]) -> String {
    match run(errand, answers) {
        ErrandNext::Send(request) => shown(&request),
        ErrandNext::End(result) => panic!("{result:?}"),
    }
}

#[test]
fn a_roster_lists_everyone_but_us() {
    let errand = Errand::Roster {
        group: "111".into(),
    };
    let mut answers = Vec::new();
    assert_eq!(errand_request(&errand, &answers), "get_login_info {}");
    answers.push(ok(&json!({ "user_id": 999, "nickname": "bot" })));
    assert_eq!(
        errand_request(&errand, &answers),
        r#"get_group_member_list {"group_id":111,"no_cache":true}"#
    );
    answers.push(ok(&json!([
        { "user_id": "999", "role": "admin" },
        { "user_id": 222, "nickname": "n", "card": "c", "role": "owner", "join_time": 5,
          "last_sent_time": 7 },
        { "user_id": 333, "nickname": "n", "card": "", "join_time": 0, "is_robot": true },
    ])));
    let ErrandNext::End(ErrandResult::Events(events)) = run(&errand, &answers) else {
        panic!("no roster");
    };
    let Happening::RosterRead { people } = &events[0].what else {
        panic!("no roster");
    };
    assert_eq!(people.len(), 2);
    assert_eq!(people[0].person.role, Some(Role::Owner));
    assert_eq!(people[0].person.nick.as_deref(), Some("c"));
    assert_eq!(
        (people[0].joined_at, people[0].last_active),
        (Some(5_000), Some(7_000))
    );
    assert_eq!((people[1].joined_at, people[1].person.is_bot), (None, true));
    assert_eq!(people[1].person.nick, None);
}

#[test]
fn the_published_member_list_is_a_roster() {
    let examples: Value = serde_json::from_str(sample!("actions_napcat_examples")).unwrap();
    let list = ok(&examples["get_group_member_list"]["data"]);
    let errand = Errand::Roster {
        group: "123456".into(),
    };
    let result = run(&errand, &[ok(&json!({ "user_id": 1 })), list]);
    let ErrandNext::End(ErrandResult::Events(events)) = result else {
        panic!("no roster");
    };
    let Happening::RosterRead { people } = &events[0].what else {
        panic!("no roster");
    };
    assert_eq!(&*people[0].person.id, "123456789");
    assert_eq!(people[0].person.nick.as_deref(), Some("名片"));
}

#[test]
fn a_roster_in_part_is_no_roster() {
    let errand = Errand::Roster {
        group: "111".into(),
    };
    let login = ok(&json!({ "user_id": 999 }));
    let lists = [
        json!([]),
        json!(null),
        json!([{ "user_id": 1 }, { "nickname": "x" }]),
    ];
    for list in lists {
        let result = run(&errand, &[login.clone(), ok(&list)]);
        assert!(
            matches!(
                result,
                ErrandNext::End(ErrandResult::Failed { stop: false, .. })
            ),
            "{result:?}"
        );
    }
    let cut = response(200, r#"{"status":"ok","data":[{"user_id":1},{"#);
    let result = run(&errand, &[login, cut]);
    assert!(matches!(
        result,
        ErrandNext::End(ErrandResult::Failed { .. })
    ));
}

#[test]
fn health_tells_who_we_are_and_what_is_wrong() {
    let login = ok(&json!({ "user_id": 1001, "nickname": "管家" }));
    let version = ok(&json!({ "app_name": "NapCat.Onebot", "app_version": "4.9.0" }));
    let told = |online: bool, version: &Answer| {
        let status = ok(&json!({ "online": online, "good": true }));
        let answers = [status, login.clone(), version.clone()];
        let ErrandNext::End(ErrandResult::Health(health)) = run(&Errand::Health, &answers) else {
            panic!("no health");
        };
        health
    };
    assert_eq!(
        told(true, &version).about,
        "NapCat.Onebot 4.9.0, as 管家 (1001)"
    );
    assert_eq!(told(true, &version).problem, None);
    assert!(told(false, &version).problem.is_some());
    assert_eq!(
        told(true, &failed("不支持的Api")).about,
        "OneBot v11, as 管家 (1001)"
    );
    let refused = run(&Errand::Health, &[response(403, "{}")]);
    assert!(
        matches!(
            refused,
            ErrandNext::End(ErrandResult::Failed { stop: true, .. })
        ),
        "{refused:?}"
    );
}

#[test]
fn connecting_is_done_by_a_person_who_is_told_how() {
    let url = "https://example.org/hooks/qq".to_owned();
    let errand = Errand::Connect { url: url.clone() };
    let ErrandNext::End(ErrandResult::Connected(told)) = run(&errand, &[]) else {
        panic!("nothing is sent");
    };
    assert!(told.contains(&url), "{told}");
}
