//! Errands and the registration file.

use super::{answer, line, matrix, no, shown, text, yes};
use crate::connector::{Answer, Connector, Errand, ErrandNext, ErrandResult};
use expect_test::{Expect, expect};
use serde_json::json;

/// Drives the errand with those answers; the calls it made and where it ended.
fn check_errand(errand: &Errand, answers: &[Answer], expected: &Expect) {
    let mut lines = Vec::new();
    for count in 0..=answers.len() {
        match matrix().run_errand(errand, &answers[..count]) {
            ErrandNext::Send(request) => lines.push(shown(&request)),
            ErrandNext::End(ErrandResult::Events(events)) => lines.extend(events.iter().map(line)),
            ErrandNext::End(result) => lines.push(format!("{result:?}")),
        }
    }
    expected.assert_eq(&text(&lines));
}

#[test]
fn connecting_registers_user_and_device() {
    let connect = Errand::Connect {
        url: "https://s.test/hooks/mx".to_owned(),
    };
    check_errand(
        &connect,
        &[no(400, "M_USER_IN_USE"), yes(), yes()],
        &expect![[r#"
            POST /v3/register {"type":"m.login.application_service","username":"_steward_bot","inhibit_login":true}
            POST /v3/login {"type":"m.login.application_service","device_id":"STEWARD1","initial_device_display_name":"Steward","identifier":{"type":"m.id.user","user":"_steward_bot"}}
            POST /v1/appservice/steward-mx/ping {}
            Connected("`@_steward_bot:steward.test` is ready and the homeserver reaches https://s.test/hooks/mx")
        "#]],
    );
    check_errand(
        &connect,
        &[no(400, "M_EXCLUSIVE")],
        &expect![[r#"
        POST /v3/register {"type":"m.login.application_service","username":"_steward_bot","inhibit_login":true}
        Failed { reason: "M_EXCLUSIVE: words", stop: false }
    "#]],
    );
    check_errand(
        &connect,
        &[no(401, "M_UNKNOWN_TOKEN")],
        &expect![[r#"
        POST /v3/register {"type":"m.login.application_service","username":"_steward_bot","inhibit_login":true}
        Failed { reason: "the homeserver does not accept `as_token` (401 M_UNKNOWN_TOKEN)", stop: true }
    "#]],
    );
}

#[test]
fn connecting_says_what_it_could_not_try() {
    let connect = Errand::Connect {
        url: "https://s.test/hooks/mx".to_owned(),
    };
    let unasked = [yes(), yes(), no(403, "M_FORBIDDEN")];
    check_errand(
        &connect,
        &unasked,
        &expect![[r#"
        POST /v3/register {"type":"m.login.application_service","username":"_steward_bot","inhibit_login":true}
        POST /v3/login {"type":"m.login.application_service","device_id":"STEWARD1","initial_device_display_name":"Steward","identifier":{"type":"m.id.user","user":"_steward_bot"}}
        POST /v1/appservice/steward-mx/ping {}
        Connected("`@_steward_bot:steward.test` is ready; a call to https://s.test/hooks/mx was not tried: M_FORBIDDEN: words")
    "#]],
    );
    let unreached = [yes(), yes(), no(502, "M_CONNECTION_FAILED")];
    check_errand(
        &connect,
        &unreached,
        &expect![[r#"
        POST /v3/register {"type":"m.login.application_service","username":"_steward_bot","inhibit_login":true}
        POST /v3/login {"type":"m.login.application_service","device_id":"STEWARD1","initial_device_display_name":"Steward","identifier":{"type":"m.id.user","user":"_steward_bot"}}
        POST /v1/appservice/steward-mx/ping {}
        Connected("`@_steward_bot:steward.test` is ready, but the homeserver does not reach us at the registration's `url`: M_CONNECTION_FAILED: words")
    "#]],
    );
}

#[test]
fn health_tells_both_ways() {
    let versions = || answer(200, &json!({ "versions": ["v1.14", "v1.15"] }));
    let me = || answer(200, &json!({ "user_id": "@_steward_bot:steward.test" }));
    check_errand(
        &Errand::Health,
        &[versions(), me(), yes()],
        &expect![[r#"
            GET /versions?us
            GET /v3/account/whoami?us
            POST /v1/appservice/steward-mx/ping {}
            Health(Health { pending: 0, problem: None, about: "@_steward_bot:steward.test at http://hs.test, Matrix v1.15" })
        "#]],
    );
    let unreached = no(502, "M_CONNECTION_FAILED");
    check_errand(
        &Errand::Health,
        &[versions(), me(), unreached],
        &expect![[r#"
            GET /versions?us
            GET /v3/account/whoami?us
            POST /v1/appservice/steward-mx/ping {}
            Health(Health { pending: 0, problem: Some("the homeserver does not reach us at the registration's `url`: M_CONNECTION_FAILED: words"), about: "@_steward_bot:steward.test at http://hs.test, Matrix v1.15" })
        "#]],
    );
    check_errand(
        &Errand::Health,
        &[versions(), no(403, "M_FORBIDDEN")],
        &expect![[r#"
            GET /versions?us
            GET /v3/account/whoami?us
            Health(Health { pending: 0, problem: Some("run `steward connect`: M_FORBIDDEN: words"), about: "@_steward_bot:steward.test at http://hs.test, Matrix v1.15" })
        "#]],
    );
}

#[test]
fn a_roster_knows_names_and_roles() {
    let roster = Errand::Roster {
        group: "!v12".into(),
    };
    let joined = answer(
        200,
        &json!({ "joined": {
            "@_steward_bot:steward.test": {}, "@own:x": { "display_name": "Own" },
            "@mod:x": { "display_name": null }, "@ann:x": 7,
        }}),
    );
    let named = answer(200, &json!({ "name": "Hall" }));
    let levels = answer(200, &json!({ "users": { "@mod:x": 50 } }));
    let create = answer(200, &json!({ "sender": "@own:x", "content": {} }));
    check_errand(
        &roster,
        &[joined, named, levels, create],
        &expect![[r#"
            GET /v3/rooms/%21v12/joined_members?us
            GET /v3/rooms/%21v12/state/m.room.name?us
            GET /v3/rooms/%21v12/state/m.room.power_levels?us
            GET /v3/rooms/%21v12/state/m.room.create?format=event&us
            - 0 !v12 Some("Hall") - RosterRead { people: [RosterEntry { person: Person { id: "@own:x", name: Some("Own"), nick: None, role: Some(Owner), is_bot: false }, joined_at: None, last_active: None }, RosterEntry { person: Person { id: "@mod:x", name: None, nick: None, role: Some(Staff), is_bot: false }, joined_at: None, last_active: None }, RosterEntry { person: Person { id: "@ann:x", name: None, nick: None, role: Some(Member), is_bot: false }, joined_at: None, last_active: None }] }
        "#]],
    );
}

#[test]
fn the_registration_file_reads_back() {
    let file = matrix().registration_file("https://s.test/hooks/mx/");
    expect![[r##"
        id: "steward-mx"
        url: "https://s.test/hooks/mx"
        as_token: "as_token"
        hs_token: "hs_token_test_fedcba9876543210"
        sender_localpart: "_steward_bot"
        rate_limited: false
        receive_ephemeral: false
        namespaces:
          users:
            - { exclusive: true, regex: "@_steward_bot:steward\\.test" }
            - { exclusive: true, regex: "@_steward_.*:steward\\.test" }
          aliases:
            - { exclusive: true, regex: "#_steward_.*:steward\\.test" }
          rooms: []
    "##]]
    .assert_eq(&file);
}
