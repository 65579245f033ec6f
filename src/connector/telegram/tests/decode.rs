//! Updates, real and made, and the events they become.

use super::{SECRET, bot, receive, receive_with};
use crate::connector::{Connector, Error, Reply};
use crate::model::{Event, Person};
use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::{Value, json};

macro_rules! sample {
    ($name:literal) => {
        include_str!(concat!("../../../../tests/samples/telegram/", $name))
    };
}

fn who(person: &Person) -> String {
    let name = person.name.as_deref().unwrap_or("?");
    let role = person.role.map_or("", |role| role.word());
    let bot = if person.is_bot { " bot" } else { "" };
    format!("{}={name}{bot} {role}", person.id)
        .trim_end()
        .to_owned()
}

fn line(event: &Event) -> String {
    let group = event.group.as_ref().map_or_else(
        || "direct".to_owned(),
        |place| format!("{} {:?}", place.id, place.name.as_deref().unwrap_or("")),
    );
    format!(
        "{} @{} in {group} | {} | {:?}",
        event.id.as_deref().unwrap_or("-"),
        event.happened_at.unwrap_or(-1),
        event.member.as_ref().map_or_else(|| "-".to_owned(), who),
        event.what
    )
}

#[track_caller]
fn check(update: &str, expected: &Expect) {
    let received = receive(update);
    let mut lines: Vec<String> = received.events.iter().map(line).collect();
    lines.extend(
        received
            .ignored
            .iter()
            .map(|kind| format!("ignored {kind}")),
    );
    if received.reply != Reply::default() {
        lines.push(format!("reply {}", received.reply.body));
    }
    expected.assert_eq(&lines.join("\n"));
}

/// An update of that kind in the supergroup -100, on its first day.
fn update(kind: &str, fields: &Value) -> String {
    let mut content = json!({
        "message_id": 7,
        "date": 86400,
        "edit_date": 86460,
        "chat": { "id": -100, "type": "supergroup", "title": "Hall" },
        "from": { "id": 1, "is_bot": false, "first_name": "Ann" },
    });
    for (field, value) in fields.as_object().into_iter().flatten() {
        content[field] = value.clone();
    }
    json!({ "update_id": 9, kind: content }).to_string()
}

fn standing(status: &str, id: i64) -> Value {
    json!({ "status": status, "user": { "id": id, "is_bot": false, "first_name": "Bob" } })
}

#[track_caller]
fn check_change(kind: &str, old: &Value, new: &Value, expected: &Expect) {
    let fields = json!({ "old_chat_member": old, "new_chat_member": new });
    check(&update(kind, &fields), expected);
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
fn a_restricted_member_is_in_the_group_when_is_member_says_so() {
    let restricted: Value =
        serde_json::from_str(sample!("chat_member_restricted_object.json")).unwrap();
    let id = 1_029_940_401;
    check_change(
        "chat_member",
        &standing("left", id),
        &restricted,
        &expect![[
            r#"9 @86400000 in -100 "Hall" | 1029940401=First Last member | MemberJoined { inviter: Some(Person { id: "1", name: Some("Ann"), nick: None, role: None, is_bot: false }), source: Some("invite") }"#
        ]],
    );
    let mut outside = restricted.clone();
    outside["is_member"] = false.into();
    check_change(
        "chat_member",
        &restricted,
        &outside,
        &expect![[
            r#"9 @86400000 in -100 "Hall" | 1029940401=First Last | MemberLeft { by: Some(Person { id: "1", name: Some("Ann"), nick: None, role: None, is_bot: false }), banned: false }"#
        ]],
    );
    let mut muted = restricted.clone();
    muted["can_send_messages"] = false.into();
    check_change(
        "chat_member",
        &restricted,
        &muted,
        &expect![[
            r#"9 @86400000 in -100 "Hall" | 1029940401=First Last member | MuteChanged { until: Some(1620000000000) }"#
        ]],
    );
    check_change(
        "chat_member",
        &muted,
        &standing("member", id),
        &expect![[
            r#"9 @86400000 in -100 "Hall" | 1029940401=Bob member | MuteChanged { until: None }"#
        ]],
    );
    muted["until_date"] = 0.into();
    check_change(
        "chat_member",
        &standing("left", id),
        &muted,
        &expect![[r#"
        9/0 @86400000 in -100 "Hall" | 1029940401=First Last member | MemberJoined { inviter: Some(Person { id: "1", name: Some("Ann"), nick: None, role: None, is_bot: false }), source: Some("invite") }
        9/1 @86400000 in -100 "Hall" | 1029940401=First Last member | MuteChanged { until: Some(9223372036854775807) }"#]],
    );
}

#[test]
fn standings_change_into_joins_leaves_and_roles() {
    for (old, new, expected) in [
        (
            "kicked",
            "member",
            expect![[
                r#"9 @86400000 in -100 "Hall" | 2=Bob member | MemberJoined { inviter: Some(Person { id: "1", name: Some("Ann"), nick: None, role: None, is_bot: false }), source: Some("invite") }"#
            ]],
        ),
        (
            "member",
            "kicked",
            expect![[
                r#"9 @86400000 in -100 "Hall" | 2=Bob | MemberLeft { by: Some(Person { id: "1", name: Some("Ann"), nick: None, role: None, is_bot: false }), banned: true }"#
            ]],
        ),
        (
            "left",
            "kicked",
            expect![[
                r#"9 @86400000 in -100 "Hall" | 2=Bob | MemberLeft { by: Some(Person { id: "1", name: Some("Ann"), nick: None, role: None, is_bot: false }), banned: true }"#
            ]],
        ),
        ("kicked", "left", expect!["ignored chat_member.rights"]),
        (
            "member",
            "administrator",
            expect![[r#"9 @86400000 in -100 "Hall" | 2=Bob staff | MemberChanged"#]],
        ),
        (
            "administrator",
            "creator",
            expect![[r#"9 @86400000 in -100 "Hall" | 2=Bob owner | MemberChanged"#]],
        ),
        (
            "administrator",
            "member",
            expect![[r#"9 @86400000 in -100 "Hall" | 2=Bob member | MemberChanged"#]],
        ),
        ("member", "member", expect!["ignored chat_member.rights"]),
        (
            "member",
            "brand_new",
            expect!["ignored chat_member.unreadable"],
        ),
    ] {
        check_change(
            "chat_member",
            &standing(old, 2),
            &standing(new, 2),
            &expected,
        );
    }
}

#[test]
fn a_join_tells_its_link_or_who_brought_them() {
    let joined = |more: Value| {
        let mut fields = json!({
            "from": { "id": 2, "is_bot": false, "first_name": "Bob" },
            "old_chat_member": standing("left", 2),
            "new_chat_member": standing("member", 2),
        });
        for (field, value) in more.as_object().into_iter().flatten() {
            fields[field] = value.clone();
        }
        update("chat_member", &fields)
    };
    check(
        &joined(json!({})),
        &expect![[
            r#"9 @86400000 in -100 "Hall" | 2=Bob member | MemberJoined { inviter: None, source: None }"#
        ]],
    );
    let link = json!({ "invite_link": { "invite_link": "https://t.me/+x", "name": "flyer" } });
    check(
        &joined(link),
        &expect![[
            r#"9 @86400000 in -100 "Hall" | 2=Bob member | MemberJoined { inviter: None, source: Some("flyer") }"#
        ]],
    );
    let approved = json!({
        "via_join_request": true, "from": { "id": 1, "first_name": "Ann" } });
    check(
        &joined(approved),
        &expect![[
            r#"9 @86400000 in -100 "Hall" | 2=Bob member | MemberJoined { inviter: None, source: Some("approve") }"#
        ]],
    );
}

#[test]
fn one_join_told_twice_is_two_joins_for_the_fold_to_merge() {
    let change = json!({
        "from": { "id": 2, "first_name": "Bob" },
        "old_chat_member": standing("left", 2),
        "new_chat_member": standing("member", 2),
    });
    let service = json!({
        "from": { "id": 2, "first_name": "Bob" },
        "new_chat_participant": { "id": 2, "first_name": "Bob" },
        "new_chat_member": { "id": 2, "first_name": "Bob" },
        "new_chat_members": [{ "id": 2, "first_name": "Bob" }],
    });
    check(
        &update("chat_member", &change),
        &expect![[
            r#"9 @86400000 in -100 "Hall" | 2=Bob member | MemberJoined { inviter: None, source: None }"#
        ]],
    );
    check(
        &update("message", &service),
        &expect![[
            r#"9 @86400000 in -100 "Hall" | 2=Bob | MemberJoined { inviter: None, source: None }"#
        ]],
    );
}

#[test]
fn service_messages_tell_of_the_group() {
    let bob = json!({ "id": 2, "is_bot": false, "first_name": "Bob" });
    let us = json!({ "id": 555, "is_bot": true, "first_name": "Steward" });
    let eve = json!({ "id": 3, "is_bot": true, "first_name": "Eve" });
    for (fields, expected) in [
        (
            json!({ "new_chat_members": [bob, us, eve] }),
            expect![[r#"
            9/0 @86400000 in -100 "Hall" | 2=Bob | MemberJoined { inviter: Some(Person { id: "1", name: Some("Ann"), nick: None, role: None, is_bot: false }), source: Some("invite") }
            9/1 @86400000 in -100 "Hall" | 3=Eve bot | MemberJoined { inviter: Some(Person { id: "1", name: Some("Ann"), nick: None, role: None, is_bot: false }), source: Some("invite") }
            ignored message.new_chat_members"#]],
        ),
        (
            json!({ "left_chat_member": bob }),
            expect![[
                r#"9 @86400000 in -100 "Hall" | 2=Bob | MemberLeft { by: Some(Person { id: "1", name: Some("Ann"), nick: None, role: None, is_bot: false }), banned: false }"#
            ]],
        ),
        (
            json!({ "left_chat_member": us }),
            expect!["ignored message.left_chat_member"],
        ),
        (
            json!({ "migrate_to_chat_id": -1_001 }),
            expect![[r#"9 @86400000 in -100 "Hall" | - | GroupMoved { new_id: "-1001" }"#]],
        ),
        (
            json!({ "new_chat_title": "Salon" }),
            expect![[r#"9 @86400000 in -100 "Salon" | 1=Ann | GroupRenamed"#]],
        ),
        (
            json!({ "group_chat_created": true }),
            expect![[
                r#"9 @86400000 in -100 "Hall" | - | GroupCreated { creator: Some(Person { id: "1", name: Some("Ann"), nick: None, role: None, is_bot: false }) }"#
            ]],
        ),
        (
            json!({ "pinned_message": { "message_id": 3 } }),
            expect!["ignored message.service"],
        ),
    ] {
        check(&update("message", &fields), &expected);
    }
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
fn our_own_standing_is_told() {
    for (old, new, expected) in [
        (
            "left",
            "member",
            expect![[r#"9 @86400000 in -100 "Hall" | - | BotJoined"#]],
        ),
        (
            "left",
            "administrator",
            expect![[r#"
            9/0 @86400000 in -100 "Hall" | - | BotJoined
            9/1 @86400000 in -100 "Hall" | - | BotRole { role: Staff }"#]],
        ),
        (
            "member",
            "administrator",
            expect![[r#"9 @86400000 in -100 "Hall" | - | BotRole { role: Staff }"#]],
        ),
        (
            "administrator",
            "kicked",
            expect![[r#"9 @86400000 in -100 "Hall" | - | BotLeft { closed: false }"#]],
        ),
        ("member", "member", expect!["ignored my_chat_member.rights"]),
    ] {
        check_change(
            "my_chat_member",
            &standing(old, 555),
            &standing(new, 555),
            &expected,
        );
    }
    let private = |old: &str, new: &str| {
        let fields = json!({
            "chat": { "id": 1, "type": "private", "first_name": "Ann" },
            "old_chat_member": standing(old, 555), "new_chat_member": standing(new, 555),
        });
        update("my_chat_member", &fields)
    };
    check(
        &private("member", "kicked"),
        &expect!["9 @86400000 in direct | 1=Ann | ReachabilityChanged { reachable: false }"],
    );
    check(
        &private("kicked", "member"),
        &expect!["9 @86400000 in direct | 1=Ann | ReachabilityChanged { reachable: true }"],
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

/// JSON that comes near to an update.
fn near_update() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "message",
        "chat_member",
        "my_chat_member",
        "callback_query",
        "message_reaction",
        "poll_answer",
        "chat",
        "from",
        "id",
        "type",
        "supergroup",
        "private",
        "text",
        "entities",
        "offset",
        "length",
        "url",
        "new_chat_members",
        "new_chat_member",
        "old_chat_member",
        "status",
        "restricted",
        "until_date",
        "date",
        "message_id",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((word.clone().prop_map(str::to_owned), inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        drop(receive_with(Some(SECRET), &body));
    }

    #[test]
    fn arbitrary_updates_never_panic(kind in prop::sample::select(super::super::update::KINDS.to_vec()),
                                     content in near_update()) {
        let update = json!({ "update_id": 1, kind: content }).to_string();
        prop_assert!(receive_with(Some(SECRET), update.as_bytes()).is_ok());
    }
}
