//! Updates, real and made, and the events they become.

use super::reading::{check, update};
use super::{SECRET, bot, receive, receive_with};
use crate::connector::{Connector, Error};
use expect_test::expect;
use serde_json::json;

macro_rules! sample {
    ($name:literal) => {
        include_str!(concat!("../../../../tests/samples/telegram/", $name))
    };
}

#[test]
fn samples_become_these_events() {
    check(
        sample!("callback_query_official.json"),
        &expect![[r#"
        ignored callback_query.inline
        reply {"method":"answerCallbackQuery","callback_query_id":"4382bfdwdsb323b2d9"}"#]],
    );
    check(
        sample!("chat_join_request.json"),
        &expect![[
            r#"43 @1710000001000 in -10010 "mods" | 701=candidate | JoinRequested { handle: "7001", answer: "", inviter: None }"#
        ]],
    );
    check(
        sample!("chat_member_join.json"),
        &expect![[
            r#"50 @1700000000000 in -10042 "Lab" | 77=Tracked member | MemberJoined { inviter: Some(Person { id: "42", name: Some("Admin"), nick: None, role: None, is_bot: false }), source: Some("invite") }"#
        ]],
    );
    check(
        sample!("chat_member_left.json"),
        &expect![[
            r#"43 @1786881600000 in -1009 "" | 12345=? | MemberLeft { by: Some(Person { id: "77", name: None, nick: None, role: None, is_bot: false }), banned: false }"#
        ]],
    );
    check(
        sample!("message_migrate_from_chat_id.json"),
        &expect!["ignored message.migrate_from_chat_id"],
    );
    check(
        sample!("message_start_official.json"),
        &expect![[
            r#"10000 @1441645532000 in direct | 1111111=Test Firstname Test Lastname | MessagePosted(Message { id: "1365", text: "/start", content: Text, mentions: [], mentions_bot: false, mentions_all: false, links: [], files: [], reply_to: None, thread: None, edited: false })"#
        ]],
    );
    check(
        sample!("poll_answer_real.json"),
        &expect![[
            r#"552461978 @-1 in direct | 12345678=Example | ChoiceMade { message: "5248948977767809147", choices: ["0", "1", "2"] }"#
        ]],
    );
    check(
        sample!("poll_answer_voter_chat.json"),
        &expect![[r#"1 @-1 in direct | - | ChoiceMade { message: "POLL_ID", choices: [] }"#]],
    );
}

#[test]
fn messages_are_read_with_their_marks() {
    let text = "😀 @eve 小明 see t.me/x here /go@steward_bot";
    let fields = json!({
        "text": text,
        "entities": [
            { "type": "mention", "offset": 3, "length": 4 },
            { "type": "text_mention", "offset": 8, "length": 2, "user": { "id": 42 } },
            { "type": "url", "offset": 15, "length": 6 },
            { "type": "text_link", "offset": 22, "length": 4, "url": "https://a.example" },
            { "type": "bot_command", "offset": 27, "length": 15 },
            { "type": "url", "offset": 4000, "length": 9 },
            { "type": "url", "offset": -1, "length": 9 },
        ],
    });
    check(
        &update("message", &fields),
        &expect![[
            r#"9 @86400000 in -100 "Hall" | 1=Ann | MessagePosted(Message { id: "7", text: "😀 @eve 小明 see t.me/x here /go@steward_bot", content: Text, mentions: ["42"], mentions_bot: true, mentions_all: false, links: ["t.me/x", "https://a.example"], files: [], reply_to: None, thread: None, edited: false })"#
        ]],
    );
    check(
        &update("edited_message", &json!({ "text": "now so" })),
        &expect![[
            r#"9 @86460000 in -100 "Hall" | 1=Ann | MessagePosted(Message { id: "7", text: "now so", content: Text, mentions: [], mentions_bot: false, mentions_all: false, links: [], files: [], reply_to: None, thread: None, edited: true })"#
        ]],
    );
}

#[test]
fn contents_have_kinds_and_files() {
    let sized = json!([{ "file_id": "small" }, { "file_id": "large" }]);
    for (fields, expected) in [
        (
            json!({ "photo": sized, "caption": "look",
                "caption_entities": [{ "type": "text_link", "offset": 0, "length": 4, "url": "u" }] }),
            expect![[
                r#"9 @86400000 in -100 "Hall" | 1=Ann | MessagePosted(Message { id: "7", text: "look", content: Image, mentions: [], mentions_bot: false, mentions_all: false, links: ["u"], files: ["large"], reply_to: None, thread: None, edited: false })"#
            ]],
        ),
        (
            json!({ "document": { "file_id": "d", "file_name": "a.pdf" } }),
            expect![[
                r#"9 @86400000 in -100 "Hall" | 1=Ann | MessagePosted(Message { id: "7", text: "", content: File, mentions: [], mentions_bot: false, mentions_all: false, links: [], files: ["a.pdf"], reply_to: None, thread: None, edited: false })"#
            ]],
        ),
        (
            json!({ "document": { "file_id": "d" }, "animation": { "file_id": "d" } }),
            expect![[
                r#"9 @86400000 in -100 "Hall" | 1=Ann | MessagePosted(Message { id: "7", text: "", content: Video, mentions: [], mentions_bot: false, mentions_all: false, links: [], files: ["d"], reply_to: None, thread: None, edited: false })"#
            ]],
        ),
        (
            json!({ "voice": { "file_id": "v" } }),
            expect![[
                r#"9 @86400000 in -100 "Hall" | 1=Ann | MessagePosted(Message { id: "7", text: "", content: Voice, mentions: [], mentions_bot: false, mentions_all: false, links: [], files: ["v"], reply_to: None, thread: None, edited: false })"#
            ]],
        ),
        (
            json!({ "sticker": { "file_id": "s" } }),
            expect![[
                r#"9 @86400000 in -100 "Hall" | 1=Ann | MessagePosted(Message { id: "7", text: "", content: Sticker, mentions: [], mentions_bot: false, mentions_all: false, links: [], files: ["s"], reply_to: None, thread: None, edited: false })"#
            ]],
        ),
        (
            json!({ "location": { "latitude": 1.5, "longitude": 2.5 } }),
            expect![[
                r#"9 @86400000 in -100 "Hall" | 1=Ann | MessagePosted(Message { id: "7", text: "", content: Location, mentions: [], mentions_bot: false, mentions_all: false, links: [], files: [], reply_to: None, thread: None, edited: false })"#
            ]],
        ),
        (
            json!({ "poll": { "id": "p" } }),
            expect![[
                r#"9 @86400000 in -100 "Hall" | 1=Ann | MessagePosted(Message { id: "7", text: "", content: Other, mentions: [], mentions_bot: false, mentions_all: false, links: [], files: [], reply_to: None, thread: None, edited: false })"#
            ]],
        ),
    ] {
        check(&update("message", &fields), &expected);
    }
}

#[test]
fn replies_and_topics_are_told_apart() {
    let topic = json!({
        "text": "hi", "is_topic_message": true, "message_thread_id": 5,
        "reply_to_message": { "message_id": 5, "from": { "id": 555 }, "forum_topic_created": {} },
    });
    check(
        &update("message", &topic),
        &expect![[
            r#"9 @86400000 in -100 "Hall" | 1=Ann | MessagePosted(Message { id: "7", text: "hi", content: Text, mentions: [], mentions_bot: false, mentions_all: false, links: [], files: [], reply_to: None, thread: Some("5"), edited: false })"#
        ]],
    );
    let reply = json!({
        "text": "yes", "message_thread_id": 5,
        "reply_to_message": { "message_id": 6, "from": { "id": 555 } },
    });
    check(
        &update("message", &reply),
        &expect![[
            r#"9 @86400000 in -100 "Hall" | 1=Ann | MessagePosted(Message { id: "7", text: "yes", content: Text, mentions: [], mentions_bot: true, mentions_all: false, links: [], files: [], reply_to: Some("6"), thread: None, edited: false })"#
        ]],
    );
}

#[test]
fn who_writes_as_a_chat_is_no_person() {
    let anonymous = json!({
        "text": "rules!", "from": { "id": 1_087_968_824, "is_bot": true, "first_name": "Group" },
        "sender_chat": { "id": -100, "type": "supergroup" },
    });
    check(
        &update("message", &anonymous),
        &expect![[
            r#"9 @86400000 in -100 "Hall" | - | MessagePosted(Message { id: "7", text: "rules!", content: Text, mentions: [], mentions_bot: false, mentions_all: false, links: [], files: [], reply_to: None, thread: None, edited: false })"#
        ]],
    );
    let own = json!({ "text": "hi", "from": { "id": 555, "is_bot": true, "first_name": "S" } });
    check(&update("message", &own), &expect!["ignored message.own"]);
    let channel = json!({ "text": "x", "chat": { "id": -5, "type": "channel" } });
    check(
        &update("message", &channel),
        &expect!["ignored message.chat"],
    );
}

#[test]
fn reactions_are_told_by_difference() {
    let fields = json!({
        "user": { "id": 1, "first_name": "Ann" },
        "old_reaction": [{ "type": "emoji", "emoji": "👍" }, { "type": "emoji", "emoji": "🔥" }],
        "new_reaction": [
            { "type": "emoji", "emoji": "🔥" },
            { "type": "custom_emoji", "custom_emoji_id": "77" },
        ],
    });
    check(
        &update("message_reaction", &fields),
        &expect![[r#"
        9/0 @86400000 in -100 "Hall" | 1=Ann | ReactionChanged { message: "7", emoji: "👍", removed: true }
        9/1 @86400000 in -100 "Hall" | 1=Ann | ReactionChanged { message: "7", emoji: "77", removed: false }"#]],
    );
    let own = json!({ "user": { "id": 555 }, "new_reaction": [{ "type": "paid" }] });
    check(
        &update("message_reaction", &own),
        &expect!["ignored message_reaction.own"],
    );
}

#[test]
fn a_button_tells_its_label_and_is_answered() {
    let fields = json!({
        "id": "q1", "data": "#0",
        "message": {
            "message_id": 30, "date": 1, "chat": { "id": -100, "type": "group", "title": "Hall" },
            "reply_markup": { "inline_keyboard": [[{ "text": "a long one", "callback_data": "#0" }]] },
        },
    });
    check(
        &update("callback_query", &fields),
        &expect![[r#"
        9 @-1 in -100 "Hall" | 1=Ann | ChoiceMade { message: "30", choices: ["a long one"] }
        reply {"method":"answerCallbackQuery","callback_query_id":"q1"}"#]],
    );
}

#[test]
fn unknown_updates_are_acknowledged_and_counted() {
    check(
        r#"{"update_id":1,"poll":{"id":"x"}}"#,
        &expect!["ignored update.poll"],
    );
    check(r#"{"update_id":1}"#, &expect!["ignored update.empty"]);
    check(
        r#"{"update_id":1,"message":[]}"#,
        &expect!["ignored message.chat"],
    );
    check(
        r#"{"update_id":1,"chat_member":{"chat":7}}"#,
        &expect!["ignored chat_member.unreadable"],
    );
}

#[test]
fn a_repeated_update_has_the_same_ids() {
    let update = sample!("chat_member_join.json");
    assert_eq!(receive(update), receive(update));
}

#[test]
fn only_the_right_secret_is_let_in_and_others_get_403() {
    let update = sample!("chat_member_join.json").as_bytes();
    for (secret, error) in [
        (None, Error::Unsigned),
        (Some(""), Error::Forged),
        (Some("hook-secret_2"), Error::Forged),
        (Some("hook-secret_11"), Error::Forged),
    ] {
        assert_eq!(receive_with(secret, update), Err(error.clone()));
        assert_eq!(bot().refuse(&error).status, 403, "{secret:?}");
    }
    let unread = receive_with(Some(SECRET), b"{").unwrap_err();
    assert_eq!(bot().refuse(&unread).status, 400);
}
