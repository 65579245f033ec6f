//! Effects other than messages: the calls they make, in order, and where they end.

use super::{answer, check, effect, event, matrix, no, post, yes};
use crate::connector::{Answer, Connector, Errand, Next};
use crate::model::{Action, Post, Text};
use expect_test::expect;
use proptest::prelude::*;
use serde_json::json;

#[test]
fn reactions_and_deletions_are_sent_once() {
    let react = Action::AddReaction {
        message: "$m/1".into(),
        emoji: "👍".into(),
    };
    check(
        react.clone(),
        &[event()],
        &expect![[r#"
        PUT /v3/rooms/%21r%3Ax/send/m.reaction/0000000000001?us&device_id=STEWARD1 {"m.relates_to":{"rel_type":"m.annotation","event_id":"$m/1","key":"👍"}}
        Done({})
    "#]],
    );
    check(
        react,
        &[no(400, "M_DUPLICATE_ANNOTATION")],
        &expect![[r#"
        PUT /v3/rooms/%21r%3Ax/send/m.reaction/0000000000001?us&device_id=STEWARD1 {"m.relates_to":{"rel_type":"m.annotation","event_id":"$m/1","key":"👍"}}
        Already({})
    "#]],
    );
    let message = "$m".into();
    check(
        Action::DeleteMessage { message },
        &[event()],
        &expect![[r"
            PUT /v3/rooms/%21r%3Ax/redact/%24m/0000000000001?us&device_id=STEWARD1 {}
            Done({})
        "]],
    );
    let message = "../../x".into();
    check(
        Action::DeleteMessage { message },
        &[],
        &expect![[r#"
        Refused { because: Invalid, reason: "`../../x` is no Matrix id that begins with `$`" }
    "#]],
    );
}

#[test]
fn a_mute_reads_the_levels_before_it_writes_them() {
    let mute = Action::MuteMember {
        member: "@ann:x".into(),
        until: None,
        reason: "".into(),
    };
    let levels = |level: i64| answer(200, &json!({ "ban": 50, "users": { "@ann:x": level } }));
    check(
        mute.clone(),
        &[levels(0), event()],
        &expect![[r#"
            GET /v3/rooms/%21r%3Ax/state/m.room.power_levels?us
            PUT /v3/rooms/%21r%3Ax/state/m.room.power_levels?us {"ban":50,"users":{"@ann:x":-1}}
            Done({})
        "#]],
    );
    check(
        mute.clone(),
        &[no(404, "M_NOT_FOUND"), event()],
        &expect![[r#"
            GET /v3/rooms/%21r%3Ax/state/m.room.power_levels?us
            PUT /v3/rooms/%21r%3Ax/state/m.room.power_levels?us {"users":{"@ann:x":-1}}
            Done({})
        "#]],
    );
    check(
        mute.clone(),
        &[levels(-1)],
        &expect![[r"
            GET /v3/rooms/%21r%3Ax/state/m.room.power_levels?us
            Already({})
        "]],
    );
    check(
        mute.clone(),
        &[levels(50)],
        &expect![[r#"
            GET /v3/rooms/%21r%3Ax/state/m.room.power_levels?us
            Refused { because: Forbidden, reason: "staff of the room cannot be muted" }
        "#]],
    );
    check(
        mute,
        &[levels(0), no(403, "M_FORBIDDEN")],
        &expect![[r#"
            GET /v3/rooms/%21r%3Ax/state/m.room.power_levels?us
            PUT /v3/rooms/%21r%3Ax/state/m.room.power_levels?us {"ban":50,"users":{"@ann:x":-1}}
            Refused { because: Forbidden, reason: "M_FORBIDDEN: words" }
        "#]],
    );
}

#[test]
fn lifting_a_mute_and_closing_change_only_what_they_must() {
    let levels = |level: i64| answer(200, &json!({ "ban": 50, "users": { "@ann:x": level } }));
    let unmute = Action::UnmuteMember {
        member: "@ann:x".into(),
    };
    check(
        unmute,
        &[levels(-1), event()],
        &expect![[r#"
            GET /v3/rooms/%21r%3Ax/state/m.room.power_levels?us
            PUT /v3/rooms/%21r%3Ax/state/m.room.power_levels?us {"ban":50,"users":{}}
            Done({})
        "#]],
    );
    let close = Action::CloseGroup { reason: "".into() };
    check(
        close,
        &[levels(0), event()],
        &expect![[r#"
            GET /v3/rooms/%21r%3Ax/state/m.room.power_levels?us
            PUT /v3/rooms/%21r%3Ax/state/m.room.power_levels?us {"ban":50,"users":{"@ann:x":0},"events_default":100}
            Done({})
        "#]],
    );
}

#[test]
fn a_pin_is_added_to_those_there_are() {
    let pin = Action::PinMessage {
        message: "$m".into(),
    };
    check(
        pin.clone(),
        &[no(404, "M_NOT_FOUND"), event()],
        &expect![[r#"
            GET /v3/rooms/%21r%3Ax/state/m.room.pinned_events?us
            PUT /v3/rooms/%21r%3Ax/state/m.room.pinned_events?us {"pinned":["$m"]}
            Done({})
        "#]],
    );
    check(
        pin,
        &[answer(200, &json!({ "pinned": ["$m"] }))],
        &expect![[r"
            GET /v3/rooms/%21r%3Ax/state/m.room.pinned_events?us
            Already({})
        "]],
    );
}

#[test]
fn a_refused_change_of_membership_asks_for_the_membership() {
    let forbidden = || no(403, "M_FORBIDDEN");
    let is = |membership: &str| answer(200, &json!({ "membership": membership }));
    let remove = Action::RemoveMember {
        member: "@ann:x".into(),
        reason: "rule 3".into(),
    };
    check(
        remove.clone(),
        &[yes()],
        &expect![[r#"
        POST /v3/rooms/%21r%3Ax/kick?us {"user_id":"@ann:x","reason":"rule 3"}
        Done({})
    "#]],
    );
    check(
        remove.clone(),
        &[forbidden(), yes(), forbidden(), is("leave")],
        &expect![[r#"
            POST /v3/rooms/%21r%3Ax/kick?us {"user_id":"@ann:x","reason":"rule 3"}
            POST /v3/rooms/%21r%3Ax/join?us {}
            POST /v3/rooms/%21r%3Ax/kick?us {"user_id":"@ann:x","reason":"rule 3"}
            GET /v3/rooms/%21r%3Ax/state/m.room.member/%40ann%3Ax?us
            Already({})
        "#]],
    );
    check(
        remove,
        &[forbidden(), yes(), forbidden(), is("join")],
        &expect![[r#"
            POST /v3/rooms/%21r%3Ax/kick?us {"user_id":"@ann:x","reason":"rule 3"}
            POST /v3/rooms/%21r%3Ax/join?us {}
            POST /v3/rooms/%21r%3Ax/kick?us {"user_id":"@ann:x","reason":"rule 3"}
            GET /v3/rooms/%21r%3Ax/state/m.room.member/%40ann%3Ax?us
            Refused { because: Forbidden, reason: "M_FORBIDDEN: words" }
        "#]],
    );
}

#[test]
fn who_is_not_banned_or_in_already_needs_no_change() {
    let forbidden = || no(403, "M_FORBIDDEN");
    let is = |membership: &str| answer(200, &json!({ "membership": membership }));
    let member = || "@ann:x".into();
    let unban = Action::UnbanMember { member: member() };
    let state = || no(403, "M_BAD_STATE");
    check(
        unban,
        &[state(), yes(), state(), is("leave")],
        &expect![[r#"
            POST /v3/rooms/%21r%3Ax/unban?us {"user_id":"@ann:x"}
            POST /v3/rooms/%21r%3Ax/join?us {}
            POST /v3/rooms/%21r%3Ax/unban?us {"user_id":"@ann:x"}
            GET /v3/rooms/%21r%3Ax/state/m.room.member/%40ann%3Ax?us
            Already({})
        "#]],
    );
    let invite = Action::InviteMember { member: member() };
    check(
        invite.clone(),
        &[forbidden(), yes(), forbidden(), is("join")],
        &expect![[r#"
            POST /v3/rooms/%21r%3Ax/invite?us {"user_id":"@ann:x"}
            POST /v3/rooms/%21r%3Ax/join?us {}
            POST /v3/rooms/%21r%3Ax/invite?us {"user_id":"@ann:x"}
            GET /v3/rooms/%21r%3Ax/state/m.room.member/%40ann%3Ax?us
            Already({})
        "#]],
    );
    check(
        invite,
        &[forbidden(), yes(), forbidden(), is("ban")],
        &expect![[r#"
            POST /v3/rooms/%21r%3Ax/invite?us {"user_id":"@ann:x"}
            POST /v3/rooms/%21r%3Ax/join?us {}
            POST /v3/rooms/%21r%3Ax/invite?us {"user_id":"@ann:x"}
            GET /v3/rooms/%21r%3Ax/state/m.room.member/%40ann%3Ax?us
            Refused { because: Forbidden, reason: "M_FORBIDDEN: words" }
        "#]],
    );
}

#[test]
fn only_who_still_knocks_is_declined() {
    let is = |membership: &str| answer(200, &json!({ "membership": membership }));
    let decline = Action::DeclineMember {
        member: "@ann:x".into(),
        handle: "@ann:x".into(),
        reason: "full".into(),
    };
    check(
        decline.clone(),
        &[is("knock"), yes()],
        &expect![[r#"
            GET /v3/rooms/%21r%3Ax/state/m.room.member/%40ann%3Ax?us
            POST /v3/rooms/%21r%3Ax/kick?us {"user_id":"@ann:x","reason":"full"}
            Done({})
        "#]],
    );
    check(
        decline,
        &[is("join")],
        &expect![[r"
            GET /v3/rooms/%21r%3Ax/state/m.room.member/%40ann%3Ax?us
            Already({})
        "]],
    );
}

#[test]
fn a_group_is_opened_once_and_its_people_are_invited() {
    let create = Action::CreateGroup {
        name: "Readers".into(),
        topic: "Books".into(),
        invite: vec!["@ann:x".into(), "@bob:x".into()],
        key: "run/step".into(),
    };
    let room = || answer(200, &json!({ "room_id": "!new" }));
    check(
        create.clone(),
        &[room(), yes(), no(403, "M_FORBIDDEN")],
        &expect![[r#"
            POST /v3/createRoom?us {"name":"Readers","topic":"Books","preset":"private_chat","room_alias_name":"_steward_group_94fz1vj5pv313"}
            POST /v3/rooms/%21new/invite?us {"user_id":"@ann:x"}
            POST /v3/rooms/%21new/invite?us {"user_id":"@bob:x"}
            Done({"group": Text("!new"), "link": Text("https://matrix.to/#/%23_steward_group_94fz1vj5pv313%3Asteward.test"), "not_invited": List([Text("@bob:x")])})
        "#]],
    );
    let again = [
        no(400, "M_ROOM_IN_USE"),
        room(),
        yes(),
        no(403, "M_FORBIDDEN"),
    ];
    check(
        create,
        &again,
        &expect![[r#"
            POST /v3/createRoom?us {"name":"Readers","topic":"Books","preset":"private_chat","room_alias_name":"_steward_group_94fz1vj5pv313"}
            GET /v3/directory/room/%23_steward_group_94fz1vj5pv313%3Asteward.test?us
            POST /v3/rooms/%21new/invite?us {"user_id":"@ann:x"}
            POST /v3/rooms/%21new/invite?us {"user_id":"@bob:x"}
            Already({"group": Text("!new"), "link": Text("https://matrix.to/#/%23_steward_group_94fz1vj5pv313%3Asteward.test")})
        "#]],
    );
}

#[test]
fn secrets_and_addresses_do_not_show() {
    let Next::Send(request) = matrix().drive(&effect(Action::SendMessage(post("hi"))), &[]) else {
        panic!("nothing to send")
    };
    assert!(!format!("{request:?}").contains("as_token"));
    let bad = super::Matrix::new("mx".into(), "", "t".into(), "t".into(), "bot");
    assert_eq!(
        bad.err().map(|error| error.to_string()).as_deref(),
        Some("`bot` is no Matrix user: write it as `@name:server`")
    );
}

proptest! {
    #[test]
    fn any_answers_lead_to_a_call_or_an_end(
        bodies in prop::collection::vec((100_u16..600, prop_oneof![
            Just(json!({ "room_id": "!r", "event_id": "$1", "membership": "join" })),
            Just(json!({ "errcode": "M_FORBIDDEN", "pinned": 7, "users": [] })),
            Just(json!({ "room_id": "..", "users": { "@ann:x": "x" }, "pinned": [7] })),
            Just(json!(null)),
        ]), 0..6),
        id in ".{0,10}|@ann:x|[$]m",
    ) {
        let answers: Vec<Answer> =
            bodies.iter().map(|(status, body)| answer(*status, body)).collect();
        let id: Text = id.as_str().into();
        let post = Post { to_member: Some(id.clone()), pin: true, ..post("x") };
        for action in [
            Action::SendMessage(post),
            Action::PinMessage { message: id.clone() },
            Action::MuteMember { member: id.clone(), until: None, reason: "".into() },
            Action::RemoveMember { member: id.clone(), reason: "".into() },
            Action::CreateGroup {
                name: id.clone(), topic: "".into(), invite: vec![id.clone()], key: id.clone(),
            },
        ] {
            if let Next::Send(request) = matrix().drive(&effect(action), &answers) {
                prop_assert!(url::Url::parse(&request.url).is_ok());
                prop_assert!(!request.url.contains("/../"));
            }
        }
        matrix().run_errand(&Errand::Roster { group: id }, &answers);
    }
}
