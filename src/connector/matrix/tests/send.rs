//! Messages: the calls they make, and what the homeserver's answers to them mean.

use super::{answer, check, effect, event, matrix, no, post, yes};
use crate::connector::{Answer, Connector, Failure, Next, Outcome, Response};
use crate::model::{Action, Piece, Post, RichText};
use expect_test::expect;
use serde_json::json;

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
    check(
        send.clone(),
        &[forbidden(), yes(), event()],
        &expect![[r#"
        PUT /v3/rooms/%21r%3Ax/send/m.room.message/0000000000001.0?us&device_id=STEWARD1 {"msgtype":"m.text","body":"hi","m.mentions":{}}
        POST /v3/rooms/%21r%3Ax/join?us {}
        PUT /v3/rooms/%21r%3Ax/send/m.room.message/0000000000001.0?us&device_id=STEWARD1 {"msgtype":"m.text","body":"hi","m.mentions":{}}
        Done({"message": Text("$sent")})
    "#]],
    );
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
    check(
        with("mxc://x/abc"),
        &[event(), event()],
        &expect![[r#"
        PUT /v3/rooms/%21r%3Ax/send/m.room.message/0000000000001.0?us&device_id=STEWARD1 {"msgtype":"m.text","body":"the list","m.mentions":{}}
        PUT /v3/rooms/%21r%3Ax/send/m.room.message/0000000000001.1?us&device_id=STEWARD1 {"msgtype":"m.file","body":"abc","url":"mxc://x/abc","m.mentions":{}}
        Done({"message": Text("$sent")})
    "#]],
    );
    check(
        with("https://x/list.pdf"),
        &[event()],
        &expect![[r#"
        PUT /v3/rooms/%21r%3Ax/send/m.room.message/0000000000001.0?us&device_id=STEWARD1 {"msgtype":"m.text","body":"the list\nhttps://x/list.pdf","m.mentions":{}}
        Done({"message": Text("$sent")})
    "#]],
    );
    check(
        with("list.pdf"),
        &[],
        &expect![[r#"
        Refused { because: Invalid, reason: "cannot send `list.pdf`: a file needs an `mxc:` or `https:` address here" }
    "#]],
    );
    check(
        Action::SendMessage(post(" ")),
        &[],
        &expect![[r#"
        Refused { because: Invalid, reason: "there is nothing to send" }
    "#]],
    );
}

fn dm() -> Action {
    Action::SendMessage(Post {
        to_member: Some("@ann:x".into()),
        ..post("hi")
    })
}

fn room() -> Answer {
    answer(200, &json!({ "room_id": "!dm" }))
}

fn missing() -> Answer {
    no(404, "M_NOT_FOUND")
}

/// The member's whole state event.
fn state(membership: &str, was: &str) -> Answer {
    let before = json!({ "prev_content": { "membership": was } });
    let content = json!({ "membership": membership });
    answer(
        200,
        &json!({ "content": content, "sender": "@ann:x", "unsigned": before }),
    )
}

#[test]
fn a_direct_message_finds_its_room_by_alias() {
    check(
        dm(),
        &[missing(), room(), event()],
        &expect![[r#"
            GET /v3/directory/room/%23_steward_dm_1kcywz77px0f5%3Asteward.test?us
            POST /v3/createRoom?us {"preset":"private_chat","is_direct":true,"invite":["@ann:x"],"room_alias_name":"_steward_dm_1kcywz77px0f5","creation_content":{"org.steward.direct":true}}
            PUT /v3/rooms/%21dm/send/m.room.message/0000000000001.0?us&device_id=STEWARD1 {"msgtype":"m.text","body":"hi","m.mentions":{}}
            Done({"message": Text("$sent"), "room": Text("!dm")})
        "#]],
    );
    check(
        dm(),
        &[missing(), no(400, "M_ROOM_IN_USE")],
        &expect![[r#"
            GET /v3/directory/room/%23_steward_dm_1kcywz77px0f5%3Asteward.test?us
            POST /v3/createRoom?us {"preset":"private_chat","is_direct":true,"invite":["@ann:x"],"room_alias_name":"_steward_dm_1kcywz77px0f5","creation_content":{"org.steward.direct":true}}
            RetryAfter { after_ms: None, reason: "the direct room has just been opened" }
        "#]],
    );
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
}

#[test]
fn who_left_a_direct_room_is_invited_again_but_not_who_declined() {
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
    check(
        dm(),
        &[room(), missing(), yes(), event()],
        &expect![[r#"
            GET /v3/directory/room/%23_steward_dm_1kcywz77px0f5%3Asteward.test?us
            GET /v3/rooms/%21dm/state/m.room.member/%40ann%3Ax?format=event&us
            POST /v3/rooms/%21dm/invite?us {"user_id":"@ann:x"}
            PUT /v3/rooms/%21dm/send/m.room.message/0000000000001.0?us&device_id=STEWARD1 {"msgtype":"m.text","body":"hi","m.mentions":{}}
            Done({"message": Text("$sent"), "room": Text("!dm")})
        "#]],
    );
    check(
        dm(),
        &[room(), state("leave", "invite")],
        &expect![[r#"
            GET /v3/directory/room/%23_steward_dm_1kcywz77px0f5%3Asteward.test?us
            GET /v3/rooms/%21dm/state/m.room.member/%40ann%3Ax?format=event&us
            Refused { because: Blocked, reason: "the invitation to a direct room was declined" }
        "#]],
    );
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

/// The outcome of a plain send after those answers.
fn sent(answers: &[Answer]) -> Outcome {
    match matrix().drive(&effect(Action::SendMessage(post("hi"))), answers) {
        Next::End(outcome) => outcome,
        Next::Send(request) => panic!("{request:?}"),
    }
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
    "#]]
    .assert_eq(&text);
}
