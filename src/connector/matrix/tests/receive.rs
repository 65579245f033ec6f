//! Transactions: captures of a real Synapse, and every kind of event by hand.

use super::{HS_TOKEN, ask, matrix, shown_received};
use crate::connector::{Connector, Error};
use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::{Value, json};

const TRANSACTION: &str = "/_matrix/app/v1/transactions/7";

/// A capture: `tests/samples/matrix/<name>`.
fn sample(text: &str, expected: &Expect) {
    let sample: Value = serde_json::from_str(text).unwrap();
    let attempts = sample["attempts"].as_array();
    let attempts = attempts.map_or_else(|| vec![sample.clone()], Clone::clone);
    let answers: Vec<String> = attempts
        .iter()
        .map(|attempt| {
            let method = sample["method"].as_str().unwrap_or("PUT");
            let auth = sample["headers"]["Authorization"].as_str();
            let auth = auth.map_or_else(|| format!("Bearer {HS_TOKEN}"), str::to_owned);
            let path = attempt["path"].as_str().unwrap();
            let body = attempt["body"].to_string();
            shown_received(&ask(method, path, &auth, body.as_bytes()).unwrap())
        })
        .collect();
    for answer in &answers {
        assert_eq!(*answer, answers[0], "a repetition means the same");
    }
    expected.assert_eq(&answers[0]);
}

macro_rules! capture {
    ($name:literal) => {
        include_str!(concat!("../../../../tests/samples/matrix/", $name))
    };
}

/// Events of a transaction by hand; room, sender and time are filled in.
fn check(events: &[Value], expected: &Expect) {
    let mut events = events.to_vec();
    for (n, event) in events.iter_mut().enumerate() {
        let Value::Object(fields) = event else {
            continue;
        };
        let mut fill = |name: &str, value: Value| {
            fields.entry(name.to_owned()).or_insert(value);
        };
        fill("event_id", format!("${n}").into());
        fill("room_id", "!r".into());
        fill("sender", "@ann:x".into());
        fill("origin_server_ts", 5.into());
    }
    expected.assert_eq(&shown_received(&put(
        &json!({ "events": events }).to_string()
    )));
}

fn put(body: &str) -> crate::connector::Received {
    ask(
        "PUT",
        TRANSACTION,
        &format!("Bearer {HS_TOKEN}"),
        body.as_bytes(),
    )
    .unwrap()
}

fn message(content: &Value) -> Value {
    json!({ "type": "m.room.message", "content": content })
}

fn member(user: &str, was: &str, now: &str) -> Value {
    let mut event = json!({
        "type": "m.room.member", "state_key": user,
        "content": { "membership": now, "displayname": "Name" },
    });
    if !was.is_empty() {
        event["unsigned"] = json!({ "prev_content": { "membership": was } });
    }
    event
}

#[test]
fn captured_transactions_mean_what_happened() {
    sample(
        capture!("txn_member_join.json"),
        &expect![[r#"
        $vuWUz8YkzYMF4UJGeIy7ega-rPJuGya9zhVHm6K-cew 1795304050153 !fiSkjrj6KJap02256piZmm6EABr3LjYPd5gKY_T2WR8 None @alice:steward.test Some("alice") None MemberJoined { inviter: None, source: None }
        200 application/json {}
    "#]],
    );
    sample(
        capture!("txn_ban.json"),
        &expect![[r#"
        $9DwwpIaf1UR6zgc7u0j5bBwhxhHl8TIh3ErEhHaJQAA 1795304050397 !fiSkjrj6KJap02256piZmm6EABr3LjYPd5gKY_T2WR8 None @bob:steward.test None None MemberLeft { by: Some(Person { id: "@_steward_bot:steward.test", name: None, nick: None, role: None, is_bot: true }), banned: true }
        200 application/json {}
    "#]],
    );
    sample(
        capture!("txn_message_and_redaction.json"),
        &expect![[r#"
        $kdSQuc7GV9SOaJfx_fMTaPuqoXDaVR_bkj4DrlwKkYo 1795304050240 !fiSkjrj6KJap02256piZmm6EABr3LjYPd5gKY_T2WR8 None @alice:steward.test None None MessagePosted(Message { id: "$kdSQuc7GV9SOaJfx_fMTaPuqoXDaVR_bkj4DrlwKkYo", text: "hello, buy spam", content: Text, mentions: [], mentions_bot: false, mentions_all: false, links: [], files: [], reply_to: None, thread: None, edited: false })
        $ie3KGugz6rcEtlORfB6I1z5q1l52doXgT1OOASPLIOw 1795304050261 !fiSkjrj6KJap02256piZmm6EABr3LjYPd5gKY_T2WR8 None - MessageDeleted { message: "$kdSQuc7GV9SOaJfx_fMTaPuqoXDaVR_bkj4DrlwKkYo" }
        200 application/json {}
    "#]],
    );
    sample(
        capture!("txn_knock_room_create.json"),
        &expect![[r#"
            $JRSHQY96Izz4qw0EPiRvojZ9vOoRjwVTeS8Bku0AMww 1795304050565 !DRUjjIfTHTHtUOCZDD:steward.test Some("knock") - GroupRenamed
            $4CK-rGjYPYfb758NsDrmWK8n2zYJX3Vj1yOFL5vU04w 1795304050598 !DRUjjIfTHTHtUOCZDD:steward.test None @bob:steward.test Some("bob") None JoinRequested { handle: "@bob:steward.test", answer: "answer: 42", inviter: None }
            ignored: own m.room.history_visibility m.room.guest_access m.room.join_rules
            200 application/json {}
        "#]],
    );
    sample(
        capture!("txn_ping.json"),
        &expect![[r"
        200 application/json {}
    "]],
    );
    sample(
        capture!("txn_retry_same_txnid_after_500.json"),
        &expect![[r#"
            $aZoVc4j5mIjsdF165qAXnwcrxIjV5uoe98coTTBv5c4 1795304073332 !fiSkjrj6KJap02256piZmm6EABr3LjYPd5gKY_T2WR8 None @alice:steward.test None None MessagePosted(Message { id: "$aZoVc4j5mIjsdF165qAXnwcrxIjV5uoe98coTTBv5c4", text: "during failure", content: Text, mentions: [], mentions_bot: false, mentions_all: false, links: [], files: [], reply_to: None, thread: None, edited: false })
            200 application/json {}
        "#]],
    );
}

#[test]
fn memberships_tell_who_came_and_who_went() {
    let by = |sender: &str, mut event: Value| {
        event["sender"] = sender.into();
        event
    };
    let mut invited = member("@ann:x", "invite", "join");
    invited["unsigned"]["prev_sender"] = "@bob:x".into();
    let mut knock = member("@ann:x", "leave", "knock");
    knock["content"]["reason"] = "let me in".into();
    check(
        &[
            member("@ann:x", "", "join"),
            invited,
            member("@ann:x", "join", "join"),
            member("@ann:x", "join", "leave"),
            by("@mod:x", member("@ann:x", "join", "leave")),
            by("@mod:x", member("@ann:x", "join", "ban")),
            knock,
            by("@mod:x", member("@ann:x", "", "leave")),
        ],
        &expect![[r#"
            $0 5 !r None @ann:x Some("Name") None MemberJoined { inviter: None, source: None }
            $1 5 !r None @ann:x Some("Name") None MemberJoined { inviter: Some(Person { id: "@bob:x", name: None, nick: None, role: None, is_bot: false }), source: Some("invite") }
            $2 5 !r None @ann:x Some("Name") None MemberChanged
            $3 5 !r None @ann:x Some("Name") None MemberLeft { by: None, banned: false }
            $4 5 !r None @ann:x Some("Name") None MemberLeft { by: Some(Person { id: "@mod:x", name: None, nick: None, role: None, is_bot: false }), banned: false }
            $5 5 !r None @ann:x Some("Name") None MemberLeft { by: Some(Person { id: "@mod:x", name: None, nick: None, role: None, is_bot: false }), banned: true }
            $6 5 !r None @ann:x Some("Name") None JoinRequested { handle: "@ann:x", answer: "let me in", inviter: None }
            $7 5 !r None @ann:x Some("Name") None MemberLeft { by: Some(Person { id: "@mod:x", name: None, nick: None, role: None, is_bot: false }), banned: false }
            200 application/json {}
        "#]],
    );
}

#[test]
fn memberships_that_move_nobody_are_counted() {
    let mut same = member("@ann:x", "join", "join");
    same["unsigned"]["prev_content"]["displayname"] = "Name".into();
    check(
        &[
            same,
            member("@ann:x", "knock", "leave"),
            member("@ann:x", "invite", "leave"),
            member("@ann:x", "ban", "leave"),
            member("@ann:x", "ban", "ban"),
            member("@bob:x", "", "invite"),
            member("@_steward_ghost:steward.test", "", "join"),
            member("no user", "", "join"),
            json!({ "type": "m.room.member", "content": { "membership": "join" } }),
        ],
        &expect![[r#"
            ignored: profile knock_ended invite_ended unban ban_repeated invite own malformed malformed
            200 application/json {}
        "#]],
    );
}

#[test]
fn our_own_place_in_a_room_is_told() {
    let us = "@_steward_bot:steward.test";
    let mut by_us = member(us, "", "join");
    by_us["sender"] = us.into();
    check(
        &[
            member(us, "invite", "join"),
            member(us, "join", "join"),
            member(us, "join", "leave"),
            member(us, "join", "ban"),
            member(us, "invite", "leave"),
            member(us, "", "invite"),
            by_us,
        ],
        &expect![[r#"
            $0 5 !r None - BotJoined
            $2 5 !r None - BotLeft { closed: false }
            $3 5 !r None - BotLeft { closed: false }
            $4 5 !r None - BotLeft { closed: false }
            $5 5 !r None - BotJoined
            ignored: own own
            200 application/json {}
        "#]],
    );
}

#[test]
fn answers_to_our_direct_invitation_tell_whether_we_reach_them() {
    let answer = |now: &str| {
        let mut event = member("@ann:x", "invite", now);
        event["unsigned"]["prev_content"]["is_direct"] = true.into();
        event["unsigned"]["prev_sender"] = "@_steward_bot:steward.test".into();
        event
    };
    let create = json!({
        "type": "m.room.create", "state_key": "", "sender": "@_steward_bot:steward.test",
        "content": { "org.steward.direct": true },
    });
    check(
        &[create, answer("join"), answer("leave")],
        &expect![[r"
        $1 5 direct @ann:x None None ReachabilityChanged { reachable: true }
        $2 5 direct @ann:x None None ReachabilityChanged { reachable: false }
        ignored: own_direct
        200 application/json {}
    "]],
    );
}

#[test]
fn messages_are_read_as_their_senders_meant_them() {
    check(
        &[
            message(
                &json!({ "msgtype": "m.text", "body": "see HTTPS://a.b/c?d=1, 或http://x.y/z。",
                "formatted_body": "<a href=\"https://evil.example/?a=1&amp;b\">see</a>",
                "m.mentions": { "user_ids": ["@_steward_bot:steward.test", "@bob:x"], "room": true } }),
            ),
            message(
                &json!({ "msgtype": "m.text", "body": "> <@bob:x> old\n> lines\n\nnew",
                "m.relates_to": { "m.in_reply_to": { "event_id": "$old" } } }),
            ),
            message(&json!({ "msgtype": "m.text", "body": "> a quote of mine" })),
            message(
                &json!({ "msgtype": "m.text", "body": "in a thread", "m.relates_to": {
                "rel_type": "m.thread", "event_id": "$root", "is_falling_back": true,
                "m.in_reply_to": { "event_id": "$last" } } }),
            ),
            message(
                &json!({ "msgtype": "m.text", "body": "* better", "m.new_content":
                { "msgtype": "m.text", "body": "better" },
                "m.relates_to": { "rel_type": "m.replace", "event_id": "$first" } }),
            ),
            message(&json!({ "msgtype": "m.image", "body": "look", "filename": "cat.png" })),
            message(&json!({ "msgtype": "m.file", "body": "a.pdf" })),
            message(&json!({ "msgtype": "m.audio", "body": "voice.ogg" })),
            message(&json!({ "msgtype": "org.new.kind", "body": "?" })),
            message(&json!({ "msgtype": "m.notice", "body": "hi @_steward_bot:steward.test" })),
            json!({ "type": "m.sticker", "content": { "body": "wave" } }),
        ],
        &expect![[r#"
            $0 5 !r None @ann:x None None MessagePosted(Message { id: "$0", text: "see HTTPS://a.b/c?d=1, 或http://x.y/z。", content: Text, mentions: ["@_steward_bot:steward.test", "@bob:x"], mentions_bot: true, mentions_all: true, links: ["HTTPS://a.b/c?d=1", "http://x.y/z", "https://evil.example/?a=1&b"], files: [], reply_to: None, thread: None, edited: false })
            $1 5 !r None @ann:x None None MessagePosted(Message { id: "$1", text: "new", content: Text, mentions: [], mentions_bot: false, mentions_all: false, links: [], files: [], reply_to: Some("$old"), thread: None, edited: false })
            $2 5 !r None @ann:x None None MessagePosted(Message { id: "$2", text: "> a quote of mine", content: Text, mentions: [], mentions_bot: false, mentions_all: false, links: [], files: [], reply_to: None, thread: None, edited: false })
            $3 5 !r None @ann:x None None MessagePosted(Message { id: "$3", text: "in a thread", content: Text, mentions: [], mentions_bot: false, mentions_all: false, links: [], files: [], reply_to: None, thread: Some("$root"), edited: false })
            $4 5 !r None @ann:x None None MessagePosted(Message { id: "$first", text: "better", content: Text, mentions: [], mentions_bot: false, mentions_all: false, links: [], files: [], reply_to: None, thread: None, edited: true })
            $5 5 !r None @ann:x None None MessagePosted(Message { id: "$5", text: "look", content: Image, mentions: [], mentions_bot: false, mentions_all: false, links: [], files: ["cat.png"], reply_to: None, thread: None, edited: false })
            $6 5 !r None @ann:x None None MessagePosted(Message { id: "$6", text: "", content: File, mentions: [], mentions_bot: false, mentions_all: false, links: [], files: ["a.pdf"], reply_to: None, thread: None, edited: false })
            $7 5 !r None @ann:x None None MessagePosted(Message { id: "$7", text: "", content: Voice, mentions: [], mentions_bot: false, mentions_all: false, links: [], files: ["voice.ogg"], reply_to: None, thread: None, edited: false })
            $8 5 !r None @ann:x None None MessagePosted(Message { id: "$8", text: "?", content: Other, mentions: [], mentions_bot: false, mentions_all: false, links: [], files: [], reply_to: None, thread: None, edited: false })
            $9 5 !r None @ann:x None None MessagePosted(Message { id: "$9", text: "hi @_steward_bot:steward.test", content: Text, mentions: [], mentions_bot: true, mentions_all: false, links: [], files: [], reply_to: None, thread: None, edited: false })
            $10 5 !r None @ann:x None None MessagePosted(Message { id: "$10", text: "wave", content: Sticker, mentions: [], mentions_bot: false, mentions_all: false, links: [], files: [], reply_to: None, thread: None, edited: false })
            200 application/json {}
        "#]],
    );
}

#[test]
fn the_state_of_a_room_is_told() {
    check(
        &[
            json!({ "type": "m.reaction", "content": { "m.relates_to":
                { "rel_type": "m.annotation", "event_id": "$1", "key": "👍" } } }),
            json!({ "type": "m.room.redaction", "redacts": "$1", "content": {} }),
            json!({ "type": "m.room.name", "state_key": "", "content": { "name": "Readers" } }),
            json!({ "type": "m.room.create", "state_key": "", "content": {} }),
            json!({ "type": "m.room.tombstone", "state_key": "",
                "content": { "replacement_room": "!new" } }),
            json!({ "type": "m.room.power_levels", "state_key": "",
                "content": { "users": { "@a:x": 50, "@b:x": -1, "@c:x": 100,
                    "@_steward_bot:steward.test": 50, "@same:x": 100 } },
                "prev_content": { "users": { "@b:x": 100, "@d:x": -1, "@same:x": 100 } } }),
        ],
        &expect![[r#"
            $0 5 !r None @ann:x None None ReactionChanged { message: "$1", emoji: "👍", removed: false }
            $1 5 !r None - MessageDeleted { message: "$1" }
            $2 5 !r Some("Readers") - GroupRenamed
            $3 5 !r None - GroupCreated { creator: Some(Person { id: "@ann:x", name: None, nick: None, role: Some(Owner), is_bot: false }) }
            $4 5 !r None - GroupMoved { new_id: "!new" }
            $5/bot_role/ 5 !r None - BotRole { role: Staff }
            $5/role/@a:x 5 !r None @a:x None Some(Staff) MemberChanged
            $5/role/@b:x 5 !r None @b:x None Some(Member) MemberChanged
            $5/mute/@b:x 5 !r None @b:x None None MuteChanged { until: Some(9223372036854775807) }
            $5/role/@c:x 5 !r None @c:x None Some(Owner) MemberChanged
            $5/mute/@d:x 5 !r None @d:x None None MuteChanged { until: None }
            200 application/json {}
        "#]],
    );
}

#[test]
fn one_odd_event_does_not_spoil_the_others() {
    check(
        &[
            json!(7),
            json!({ "type": 7 }),
            json!({ "type": "m.room.encrypted", "content": {} }),
            json!({ "type": "org.made.up", "content": null }),
            message(&json!({})),
            message(&json!("text")),
            json!({ "type": "m.reaction", "content": { "m.relates_to": 1 } }),
            json!({ "type": "m.room.tombstone", "state_key": "", "content": {} }),
            json!({ "type": "m.room.name", "content": { "name": "no state" } }),
            json!({ "type": "m.room.message", "sender": "@_steward_bot:steward.test",
                "content": { "msgtype": "m.text", "body": "ours" } }),
            message(&json!({ "msgtype": "m.text", "body": "good" })),
        ],
        &expect![[r#"
            $10 5 !r None @ann:x None None MessagePosted(Message { id: "$10", text: "good", content: Text, mentions: [], mentions_bot: false, mentions_all: false, links: [], files: [], reply_to: None, thread: None, edited: false })
            ignored: malformed malformed m.room.encrypted other m.room.message m.room.message malformed malformed other own
            200 application/json {}
        "#]],
    );
    let good = message(&json!({ "msgtype": "m.text", "body": "good" }));
    let broken = r#"{"type":"m.room.message","content":{"body":"\ud800"},"n":1e999}"#;
    let nested = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    let body = format!(r#"{{"events":[{broken},{nested},{good}],"ephemeral":[]}}"#);
    assert_eq!(put(&body).ignored.len(), 3, "the good one names no room");
    assert_eq!(put("{}"), put(r#"{"events":[]}"#));
}

#[test]
fn strangers_and_other_paths_get_matrix_errors() {
    let refused = |method: &str, target: &str, auth: &str, body: &str| {
        let error = ask(method, target, auth, body.as_bytes()).unwrap_err();
        let reply = matrix().refuse(&error);
        let body: Value = serde_json::from_str(&reply.body).unwrap();
        assert!(body["error"].is_string());
        (reply.status, body["errcode"].as_str().unwrap().to_owned())
    };
    let good = format!("Bearer {HS_TOKEN}");
    for (method, target, auth, body, status, errcode) in [
        ("PUT", TRANSACTION, "", "{}", 401, "M_MISSING_TOKEN"),
        ("PUT", TRANSACTION, "Bearer wrong", "{}", 403, "M_FORBIDDEN"),
        (
            "PUT",
            "/transactions/7?access_token=no",
            "",
            "{}",
            403,
            "M_FORBIDDEN",
        ),
        ("POST", TRANSACTION, &good, "{}", 405, "M_UNRECOGNIZED"),
        (
            "PUT",
            "/_matrix/app/v1/transactions/",
            &good,
            "{}",
            404,
            "M_UNRECOGNIZED",
        ),
        (
            "PUT",
            "/_matrix/app/v1/transactions/7/8",
            &good,
            "{}",
            404,
            "M_UNRECOGNIZED",
        ),
        ("GET", "", &good, "", 404, "M_UNRECOGNIZED"),
        ("PUT", TRANSACTION, &good, "{", 400, "M_NOT_JSON"),
        (
            "PUT",
            TRANSACTION,
            &good,
            r#"{"events":"secret"}"#,
            400,
            "M_NOT_JSON",
        ),
    ] {
        let expected = (status, errcode.to_owned());
        assert_eq!(
            refused(method, target, auth, body),
            expected,
            "{method} {target} {body}"
        );
    }
    let error = ask("PUT", TRANSACTION, &good, br#"{"events":"secret"}"#).unwrap_err();
    assert!(!error.to_string().contains("secret"), "{error}");
    assert_eq!(ask("GET", "/rooms/%23a", "", b""), Err(Error::Unsigned));
}

#[test]
fn old_paths_and_tokens_in_the_query_work() {
    let received = ask(
        "PUT",
        &format!("/transactions/7?access_token={HS_TOKEN}"),
        "",
        b"{}",
    );
    assert_eq!(received.unwrap().reply.body, "{}");
    for path in ["/_matrix/app/v1/users/%40a%3Ax", "/rooms/%23a%3Ax"] {
        let received = ask("GET", path, &format!("bearer {HS_TOKEN}"), b"").unwrap();
        assert_eq!(received.reply.status, 404);
        assert!(received.reply.body.contains("M_NOT_FOUND"));
    }
}

proptest! {
    #[test]
    fn any_bytes_on_any_path_are_answered(
        method in "GET|PUT|POST|[A-Z]{0,3}",
        path in "(/_matrix/app/v1)?/(transactions|users|rooms|ping)?(/.{0,8})?|.{0,20}",
        auth in "(Bearer |bearer  ?)?.{0,8}",
        body in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        let bearer = format!("Bearer {HS_TOKEN}");
        for auth in [auth.as_str(), bearer.as_str()] {
            if let Err(error) = ask(&method, &path, auth, &body) {
                let reply = matrix().refuse(&error);
                prop_assert!((400..500).contains(&reply.status));
            }
        }
    }

    #[test]
    fn any_event_is_decoded_or_counted(
        kind in "m\\.room\\.(member|message|power_levels|create|name|tombstone|redaction)|m.reaction",
        key in prop::option::of("|@a:x|@_steward_bot:steward.test|.{0,6}"),
        body in ".{0,80}|(> .{0,5}\n)*\n?.{0,5}|.{0,5}https?(://)?.{0,20}",
        odd in prop_oneof![
            Just(json!(null)), Just(json!([])), Just(json!({})), Just(json!(-1)), Just(json!("join")),
            Just(json!({ "membership": "join", "users": { "@a:x": [] } })),
        ],
    ) {
        let content = json!({
            "body": body, "msgtype": "m.text", "membership": odd, "users": odd, "name": body,
            "m.mentions": odd, "m.relates_to": { "rel_type": "m.replace", "event_id": body },
            "m.new_content": odd, "redacts": odd, "replacement_room": body,
        });
        for content in [content, odd.clone()] {
            let event = json!({
                "type": kind, "state_key": key, "event_id": "$1", "room_id": "!r",
                "sender": body, "content": content, "unsigned": { "prev_content": odd },
            });
            let received = put(&json!({ "events": [event] }).to_string());
            prop_assert!(received.events.len() + received.ignored.len() >= 1);
            prop_assert_eq!(received.reply.status, 200);
        }
    }
}
