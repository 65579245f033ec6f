//! Effects and errands: the calls they make, in order, and what the answers mean.

use super::matrix;
use crate::connector::{
    Answer, Connector, Errand, ErrandNext, ErrandResult, Failure, Next, Outcome, Request, Response,
};
use crate::model::{Action, Effect, EffectId, Piece, Post, RichText, RunId, Stage};
use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::{Value, json};

fn effect(action: Action) -> Effect {
    Effect {
        id: EffectId(1),
        run: RunId(1),
        rule: "p/r".into(),
        step: "do/0".into(),
        connector: "mx".into(),
        group: Some("!r:x".into()),
        decided_at: 0,
        expires_at: None,
        not_before: 0,
        attempts: 0,
        stage: Stage::Open,
        action,
    }
}

fn answer(status: u16, body: &Value) -> Answer {
    Answer::Response(Response {
        status,
        retry_after_s: None,
        body: body.to_string().into_bytes(),
    })
}

fn no(status: u16, errcode: &str) -> Answer {
    answer(status, &json!({ "errcode": errcode, "error": "words" }))
}

fn yes() -> Answer {
    answer(200, &json!({}))
}

/// A call, without what all calls have in common.
fn shown(request: &Request) -> String {
    assert!(!request.unsafe_to_repeat);
    assert_eq!(
        request.headers[0],
        ("Authorization", "Bearer as_token".to_owned())
    );
    let path = request
        .url
        .strip_prefix("http://hs.test/_matrix/client")
        .unwrap();
    let path = path.replace("user_id=%40_steward_bot%3Asteward.test", "us");
    let body = String::from_utf8(request.body.clone()).unwrap();
    format!("{} {path} {body}\n", request.method)
}

/// Drives the action with those answers; the calls it made and where it ended.
fn check(action: Action, answers: &[Answer], expected: &Expect) {
    let effect = effect(action);
    let mut text = String::new();
    for count in 0..=answers.len() {
        match matrix().drive(&effect, &answers[..count]) {
            Next::Send(request) => text += &shown(&request),
            Next::End(outcome) => {
                assert_eq!(count, answers.len(), "ended early: {outcome:?}");
                text += &format!("{outcome:?}\n");
            }
        }
    }
    expected.assert_eq(&text);
}

/// The outcome of a plain send after those answers.
fn sent(answers: &[Answer]) -> Outcome {
    match matrix().drive(&effect(Action::SendMessage(post("hi"))), answers) {
        Next::End(outcome) => outcome,
        Next::Send(request) => panic!("{}", shown(&request)),
    }
}

fn post(text: &str) -> Post {
    Post {
        text: RichText::plain(text),
        ..Post::default()
    }
}

fn event() -> Answer {
    answer(200, &json!({ "event_id": "$sent" }))
}

#[test]
fn a_message_goes_out_under_the_effects_id() {
    let rich = Post {
        text: RichText(vec![
            Piece::Plain("hi ".into()),
            Piece::Mention {
                id: "@ann:x".into(),
                name: "Ann".into(),
            },
        ]),
        reply_to: Some("$q".into()),
        pin: true,
        ..Post::default()
    };
    let rich = Action::SendMessage(rich);
    let pinned = answer(200, &json!({ "pinned": ["$old"] }));
    check(
        rich.clone(),
        &[event(), pinned.clone(), yes()],
        &expect![[r#"
            PUT /v3/rooms/%21r%3Ax/send/m.room.message/0000000000001.0?us&device_id=STEWARD1 {"msgtype":"m.text","body":"hi @Ann","m.mentions":{"user_ids":["@ann:x"]},"format":"org.matrix.custom.html","formatted_body":"hi <a href=\"https://matrix.to/#/%40ann%3Ax\">Ann</a>","m.relates_to":{"m.in_reply_to":{"event_id":"$q"}}}
            GET /v3/rooms/%21r%3Ax/state/m.room.pinned_events?us 
            PUT /v3/rooms/%21r%3Ax/state/m.room.pinned_events?us {"pinned":["$old","$sent"]}
            Done({"message": Text("$sent"), "pinned": Bool(true)})
        "#]],
    );
    check(
        rich,
        &[event(), pinned, no(403, "M_FORBIDDEN")],
        &expect![[r#"
            PUT /v3/rooms/%21r%3Ax/send/m.room.message/0000000000001.0?us&device_id=STEWARD1 {"msgtype":"m.text","body":"hi @Ann","m.mentions":{"user_ids":["@ann:x"]},"format":"org.matrix.custom.html","formatted_body":"hi <a href=\"https://matrix.to/#/%40ann%3Ax\">Ann</a>","m.relates_to":{"m.in_reply_to":{"event_id":"$q"}}}
            GET /v3/rooms/%21r%3Ax/state/m.room.pinned_events?us 
            PUT /v3/rooms/%21r%3Ax/state/m.room.pinned_events?us {"pinned":["$old","$sent"]}
            Done({"message": Text("$sent"), "pinned": Bool(false)})
        "#]],
    );
}

#[test]
fn a_message_into_a_room_we_are_invited_to_enters_it_first() {
    let forbidden = || no(403, "M_FORBIDDEN");
    let send = Action::SendMessage(post("hi"));
    check(send.clone(), &[forbidden(), yes(), event()], &expect![[r#"
        PUT /v3/rooms/%21r%3Ax/send/m.room.message/0000000000001.0?us&device_id=STEWARD1 {"msgtype":"m.text","body":"hi","m.mentions":{}}
        POST /v3/rooms/%21r%3Ax/join?us {}
        PUT /v3/rooms/%21r%3Ax/send/m.room.message/0000000000001.0?us&device_id=STEWARD1 {"msgtype":"m.text","body":"hi","m.mentions":{}}
        Done({"message": Text("$sent")})
    "#]]);
    check(
        send.clone(),
        &[forbidden(), forbidden(), yes()],
        &expect![[r#"
            PUT /v3/rooms/%21r%3Ax/send/m.room.message/0000000000001.0?us&device_id=STEWARD1 {"msgtype":"m.text","body":"hi","m.mentions":{}}
            POST /v3/rooms/%21r%3Ax/join?us {}
            GET /v3/account/whoami?us 
            Refused { because: Forbidden, reason: "M_FORBIDDEN: words" }
        "#]],
    );
    check(
        send,
        &[forbidden(), forbidden(), forbidden()],
        &expect![[r#"
            PUT /v3/rooms/%21r%3Ax/send/m.room.message/0000000000001.0?us&device_id=STEWARD1 {"msgtype":"m.text","body":"hi","m.mentions":{}}
            POST /v3/rooms/%21r%3Ax/join?us {}
            GET /v3/account/whoami?us 
            Stop { reason: "`@_steward_bot:steward.test` is not registered, run `steward connect`: M_FORBIDDEN: words" }
        "#]],
    );
}

#[test]
fn files_go_by_address() {
    let with = |file: &str| {
        Action::SendMessage(Post {
            file: Some(file.into()),
            ..post("the list")
        })
    };
    check(with("mxc://x/abc"), &[event(), event()], &expect![[r#"
        PUT /v3/rooms/%21r%3Ax/send/m.room.message/0000000000001.0?us&device_id=STEWARD1 {"msgtype":"m.text","body":"the list","m.mentions":{}}
        PUT /v3/rooms/%21r%3Ax/send/m.room.message/0000000000001.1?us&device_id=STEWARD1 {"msgtype":"m.file","body":"abc","url":"mxc://x/abc","m.mentions":{}}
        Done({"message": Text("$sent")})
    "#]]);
    check(with("https://x/list.pdf"), &[event()], &expect![[r#"
        PUT /v3/rooms/%21r%3Ax/send/m.room.message/0000000000001.0?us&device_id=STEWARD1 {"msgtype":"m.text","body":"the list\nhttps://x/list.pdf","m.mentions":{}}
        Done({"message": Text("$sent")})
    "#]]);
    check(with("list.pdf"), &[], &expect![[r#"
        Refused { because: Invalid, reason: "cannot send `list.pdf`: a file needs an `mxc:` or `https:` address here" }
    "#]]);
    check(Action::SendMessage(post(" ")), &[], &expect![[r#"
        Refused { because: Invalid, reason: "there is nothing to send" }
    "#]]);
}

#[test]
fn a_direct_message_finds_its_room_by_alias() {
    let dm = || {
        Action::SendMessage(Post {
            to_member: Some("@ann:x".into()),
            ..post("hi")
        })
    };
    let room = || answer(200, &json!({ "room_id": "!dm" }));
    let state = |membership: &str, was: &str| {
        answer(
            200,
            &json!({ "content": { "membership": membership }, "sender": "@ann:x",
            "unsigned": { "prev_content": { "membership": was } } }),
        )
    };
    let missing = || no(404, "M_NOT_FOUND");
    check(dm(), &[missing(), room(), event()], &expect![[r#"
        GET /v3/directory/room/%23_steward_dm_1kcywz77px0f5%3Asteward.test?us 
        POST /v3/createRoom?us {"preset":"private_chat","is_direct":true,"invite":["@ann:x"],"room_alias_name":"_steward_dm_1kcywz77px0f5","creation_content":{"org.steward.direct":true}}
        PUT /v3/rooms/%21dm/send/m.room.message/0000000000001.0?us&device_id=STEWARD1 {"msgtype":"m.text","body":"hi","m.mentions":{}}
        Done({"message": Text("$sent"), "room": Text("!dm")})
    "#]]);
    check(dm(), &[missing(), no(400, "M_ROOM_IN_USE")], &expect![[r#"
        GET /v3/directory/room/%23_steward_dm_1kcywz77px0f5%3Asteward.test?us 
        POST /v3/createRoom?us {"preset":"private_chat","is_direct":true,"invite":["@ann:x"],"room_alias_name":"_steward_dm_1kcywz77px0f5","creation_content":{"org.steward.direct":true}}
        RetryAfter { after_ms: None, reason: "the direct room has just been opened" }
    "#]]);
    check(
        dm(),
        &[room(), state("join", "invite"), event()],
        &expect![[r#"
            GET /v3/directory/room/%23_steward_dm_1kcywz77px0f5%3Asteward.test?us 
            GET /v3/rooms/%21dm/state/m.room.member/%40ann%3Ax?format=event&us 
            PUT /v3/rooms/%21dm/send/m.room.message/0000000000001.0?us&device_id=STEWARD1 {"msgtype":"m.text","body":"hi","m.mentions":{}}
            Done({"message": Text("$sent"), "room": Text("!dm")})
        "#]],
    );
    check(
        dm(),
        &[room(), state("leave", "join"), yes(), event()],
        &expect![[r#"
            GET /v3/directory/room/%23_steward_dm_1kcywz77px0f5%3Asteward.test?us 
            GET /v3/rooms/%21dm/state/m.room.member/%40ann%3Ax?format=event&us 
            POST /v3/rooms/%21dm/invite?us {"user_id":"@ann:x"}
            PUT /v3/rooms/%21dm/send/m.room.message/0000000000001.0?us&device_id=STEWARD1 {"msgtype":"m.text","body":"hi","m.mentions":{}}
            Done({"message": Text("$sent"), "room": Text("!dm")})
        "#]],
    );
    check(dm(), &[room(), missing(), yes(), event()], &expect![[r#"
        GET /v3/directory/room/%23_steward_dm_1kcywz77px0f5%3Asteward.test?us 
        GET /v3/rooms/%21dm/state/m.room.member/%40ann%3Ax?format=event&us 
        POST /v3/rooms/%21dm/invite?us {"user_id":"@ann:x"}
        PUT /v3/rooms/%21dm/send/m.room.message/0000000000001.0?us&device_id=STEWARD1 {"msgtype":"m.text","body":"hi","m.mentions":{}}
        Done({"message": Text("$sent"), "room": Text("!dm")})
    "#]]);
    check(dm(), &[room(), state("leave", "invite")], &expect![[r#"
        GET /v3/directory/room/%23_steward_dm_1kcywz77px0f5%3Asteward.test?us 
        GET /v3/rooms/%21dm/state/m.room.member/%40ann%3Ax?format=event&us 
        Refused { because: Blocked, reason: "the invitation to a direct room was declined" }
    "#]]);
    check(
        dm(),
        &[room(), state("ban", "join"), no(403, "M_FORBIDDEN")],
        &expect![[r#"
            GET /v3/directory/room/%23_steward_dm_1kcywz77px0f5%3Asteward.test?us 
            GET /v3/rooms/%21dm/state/m.room.member/%40ann%3Ax?format=event&us 
            POST /v3/rooms/%21dm/invite?us {"user_id":"@ann:x"}
            Refused { because: Blocked, reason: "M_FORBIDDEN: words" }
        "#]],
    );
}

#[test]
fn reactions_and_deletions_are_sent_once() {
    let react = Action::AddReaction {
        message: "$m/1".into(),
        emoji: "👍".into(),
    };
    check(react.clone(), &[event()], &expect![[r#"
        PUT /v3/rooms/%21r%3Ax/send/m.reaction/0000000000001?us&device_id=STEWARD1 {"m.relates_to":{"rel_type":"m.annotation","event_id":"$m/1","key":"👍"}}
        Done({})
    "#]]);
    check(react, &[no(400, "M_DUPLICATE_ANNOTATION")], &expect![[r#"
        PUT /v3/rooms/%21r%3Ax/send/m.reaction/0000000000001?us&device_id=STEWARD1 {"m.relates_to":{"rel_type":"m.annotation","event_id":"$m/1","key":"👍"}}
        Already({})
    "#]]);
    let message = "$m".into();
    check(
        Action::DeleteMessage { message },
        &[event()],
        &expect![[r#"
            PUT /v3/rooms/%21r%3Ax/redact/%24m/0000000000001?us&device_id=STEWARD1 {}
            Done({})
        "#]],
    );
    let message = "../../x".into();
    check(Action::DeleteMessage { message }, &[], &expect![[r#"
        Refused { because: Invalid, reason: "`../../x` is no Matrix id that begins with `$`" }
    "#]]);
}

#[test]
fn levels_and_pins_are_read_before_they_are_written() {
    let mute = Action::MuteMember {
        member: "@ann:x".into(),
        until: None,
        reason: "".into(),
    };
    let levels = |level: i64| answer(200, &json!({ "ban": 50, "users": { "@ann:x": level } }));
    check(mute.clone(), &[levels(0), event()], &expect![[r#"
        GET /v3/rooms/%21r%3Ax/state/m.room.power_levels?us 
        PUT /v3/rooms/%21r%3Ax/state/m.room.power_levels?us {"ban":50,"users":{"@ann:x":-1}}
        Done({})
    "#]]);
    check(
        mute.clone(),
        &[no(404, "M_NOT_FOUND"), event()],
        &expect![[r#"
            GET /v3/rooms/%21r%3Ax/state/m.room.power_levels?us 
            PUT /v3/rooms/%21r%3Ax/state/m.room.power_levels?us {"users":{"@ann:x":-1}}
            Done({})
        "#]],
    );
    check(mute.clone(), &[levels(-1)], &expect![[r#"
        GET /v3/rooms/%21r%3Ax/state/m.room.power_levels?us 
        Already({})
    "#]]);
    check(mute.clone(), &[levels(50)], &expect![[r#"
        GET /v3/rooms/%21r%3Ax/state/m.room.power_levels?us 
        Refused { because: Forbidden, reason: "staff of the room cannot be muted" }
    "#]]);
    check(mute, &[levels(0), no(403, "M_FORBIDDEN")], &expect![[r#"
        GET /v3/rooms/%21r%3Ax/state/m.room.power_levels?us 
        PUT /v3/rooms/%21r%3Ax/state/m.room.power_levels?us {"ban":50,"users":{"@ann:x":-1}}
        Refused { because: Forbidden, reason: "M_FORBIDDEN: words" }
    "#]]);
    let unmute = Action::UnmuteMember {
        member: "@ann:x".into(),
    };
    check(unmute, &[levels(-1), event()], &expect![[r#"
        GET /v3/rooms/%21r%3Ax/state/m.room.power_levels?us 
        PUT /v3/rooms/%21r%3Ax/state/m.room.power_levels?us {"ban":50,"users":{}}
        Done({})
    "#]]);
    let close = Action::CloseGroup { reason: "".into() };
    check(close, &[levels(0), event()], &expect![[r#"
        GET /v3/rooms/%21r%3Ax/state/m.room.power_levels?us 
        PUT /v3/rooms/%21r%3Ax/state/m.room.power_levels?us {"ban":50,"users":{"@ann:x":0},"events_default":100}
        Done({})
    "#]]);
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
        &expect![[r#"
            GET /v3/rooms/%21r%3Ax/state/m.room.pinned_events?us 
            Already({})
        "#]],
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
    check(remove.clone(), &[yes()], &expect![[r#"
        POST /v3/rooms/%21r%3Ax/kick?us {"user_id":"@ann:x","reason":"rule 3"}
        Done({})
    "#]]);
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
    let decline = Action::DeclineMember {
        member: member(),
        handle: "@ann:x".into(),
        reason: "full".into(),
    };
    check(decline.clone(), &[is("knock"), yes()], &expect![[r#"
        GET /v3/rooms/%21r%3Ax/state/m.room.member/%40ann%3Ax?us 
        POST /v3/rooms/%21r%3Ax/kick?us {"user_id":"@ann:x","reason":"full"}
        Done({})
    "#]]);
    check(decline, &[is("join")], &expect![[r#"
        GET /v3/rooms/%21r%3Ax/state/m.room.member/%40ann%3Ax?us 
        Already({})
    "#]]);
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
    check(create, &again, &expect![[r#"
        POST /v3/createRoom?us {"name":"Readers","topic":"Books","preset":"private_chat","room_alias_name":"_steward_group_94fz1vj5pv313"}
        GET /v3/directory/room/%23_steward_group_94fz1vj5pv313%3Asteward.test?us 
        POST /v3/rooms/%21new/invite?us {"user_id":"@ann:x"}
        POST /v3/rooms/%21new/invite?us {"user_id":"@bob:x"}
        Already({"group": Text("!new"), "link": Text("https://matrix.to/#/%23_steward_group_94fz1vj5pv313%3Asteward.test")})
    "#]]);
}

#[test]
fn answers_that_say_no_mean_what_the_page_says() {
    let outcome = |answer: Answer| format!("{:?}\n", sent(&[answer]));
    let mut text = String::new();
    for (status, errcode) in [
        (401, "M_UNKNOWN_TOKEN"),
        (401, "M_MISSING_TOKEN"),
        (400, "M_UNKNOWN_DEVICE"),
        (404, "M_NOT_FOUND"),
        (400, "M_BAD_JSON"),
        (413, "M_TOO_LARGE"),
        (500, "M_UNKNOWN"),
        (502, ""),
        (400, "M_SOMETHING_NEW"),
        (404, ""),
        (302, ""),
    ] {
        text += &outcome(no(status, errcode));
    }
    text += &outcome(answer(200, &json!([])));
    text += &outcome(yes());
    text += &outcome(Answer::Failed(Failure::Connect));
    text += &outcome(Answer::Failed(Failure::Lost));
    text += &outcome(Answer::Failed(Failure::Blocked));
    let body = json!({ "errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 4308 });
    text += &outcome(answer(429, &body));
    text += &outcome(Answer::Response(Response {
        status: 429,
        retry_after_s: Some(5),
        body: body.to_string().into_bytes(),
    }));
    expect![[r#"
        Stop { reason: "the homeserver does not accept `as_token` (401 M_UNKNOWN_TOKEN)" }
        Stop { reason: "the homeserver does not accept `as_token` (401 M_MISSING_TOKEN)" }
        Stop { reason: "the bot's device is missing: run `steward connect`" }
        Refused { because: Gone, reason: "M_NOT_FOUND: words" }
        Refused { because: Invalid, reason: "M_BAD_JSON: words" }
        Refused { because: Invalid, reason: "too large for the homeserver" }
        RetryAfter { after_ms: None, reason: "the homeserver answered 500" }
        RetryAfter { after_ms: None, reason: "the homeserver answered 502" }
        Broken { reason: "M_SOMETHING_NEW: words" }
        Broken { reason: "status 404 without a Matrix error code" }
        Broken { reason: "status 302 without a Matrix error code" }
        Broken { reason: "status 200 without a JSON object" }
        Broken { reason: "the answer names no event" }
        RetryAfter { after_ms: None, reason: "no connection to the homeserver" }
        RetryAfter { after_ms: None, reason: "the homeserver gave no whole answer" }
        Stop { reason: "the homeserver's address is not allowed" }
        RetryAfter { after_ms: Some(4308), reason: "the homeserver asks for a pause" }
        RetryAfter { after_ms: Some(5000), reason: "the homeserver asks for a pause" }
    "#]].assert_eq(&text);
}

/// Drives the errand with those answers; the calls it made and where it ended.
fn check_errand(errand: &Errand, answers: &[Answer], expected: &Expect) {
    let mut text = String::new();
    for count in 0..=answers.len() {
        match matrix().run_errand(errand, &answers[..count]) {
            ErrandNext::Send(request) => text += &shown(&request),
            ErrandNext::End(ErrandResult::Events(events)) => {
                for event in &events {
                    text += &(super::line(event) + "\n");
                }
            }
            ErrandNext::End(result) => text += &format!("{result:?}\n"),
        }
    }
    expected.assert_eq(&text);
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
    check_errand(&connect, &[no(400, "M_EXCLUSIVE")], &expect![[r#"
        POST /v3/register {"type":"m.login.application_service","username":"_steward_bot","inhibit_login":true}
        Failed { reason: "M_EXCLUSIVE: words", stop: false }
    "#]]);
    check_errand(&connect, &[no(401, "M_UNKNOWN_TOKEN")], &expect![[r#"
        POST /v3/register {"type":"m.login.application_service","username":"_steward_bot","inhibit_login":true}
        Failed { reason: "the homeserver does not accept `as_token` (401 M_UNKNOWN_TOKEN)", stop: true }
    "#]]);
}

#[test]
fn health_tells_both_ways() {
    let versions = || answer(200, &json!({ "versions": ["v1.14", "v1.15"] }));
    let me = || answer(200, &json!({ "user_id": "@_steward_bot:steward.test" }));
    check_errand(&Errand::Health, &[versions(), me(), yes()], &expect![[r#"
        GET /versions?us 
        GET /v3/account/whoami?us 
        POST /v1/appservice/steward-mx/ping {}
        Health(Health { pending: 0, problem: None, about: "@_steward_bot:steward.test at http://hs.test, Matrix v1.15" })
    "#]]);
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
    let levels = answer(200, &json!({ "users": { "@mod:x": 50 } }));
    let create = answer(200, &json!({ "sender": "@own:x", "content": {} }));
    check_errand(&roster, &[joined, levels, create], &expect![[r#"
        GET /v3/rooms/%21v12/joined_members?us 
        GET /v3/rooms/%21v12/state/m.room.power_levels?us 
        GET /v3/rooms/%21v12/state/m.room.create?format=event&us 
        - 0 !v12 None - RosterRead { people: [RosterEntry { person: Person { id: "@own:x", name: Some("Own"), nick: None, role: Some(Owner), is_bot: false }, joined_at: None, last_active: None }, RosterEntry { person: Person { id: "@mod:x", name: None, nick: None, role: Some(Staff), is_bot: false }, joined_at: None, last_active: None }, RosterEntry { person: Person { id: "@ann:x", name: None, nick: None, role: Some(Member), is_bot: false }, joined_at: None, last_active: None }] }
    "#]]);
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
    "##]].assert_eq(&file);
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
        let id: crate::model::Text = id.as_str().into();
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
