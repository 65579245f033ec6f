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
    format!("{}={name}{bot} {role}", person.id).trim_end().to_owned()
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
    lines.extend(received.ignored.iter().map(|kind| format!("ignored {kind}")));
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
    check(sample!("callback_query_official.json"), &expect![[""]]);
    check(sample!("chat_join_request.json"), &expect![[""]]);
    check(sample!("chat_member_join.json"), &expect![[""]]);
    check(sample!("chat_member_left.json"), &expect![[""]]);
    check(sample!("message_migrate_from_chat_id.json"), &expect![[""]]);
    check(sample!("message_start_official.json"), &expect![[""]]);
    check(sample!("poll_answer_real.json"), &expect![[""]]);
    check(sample!("poll_answer_voter_chat.json"), &expect![[""]]);
}

#[test]
fn a_restricted_member_is_in_the_group_when_is_member_says_so() {
    let restricted: Value = serde_json::from_str(sample!("chat_member_restricted_object.json"))
        .unwrap();
    let id = 1_029_940_401;
    check_change(
        "chat_member",
        &standing("left", id),
        &restricted,
        &expect![[""]],
    );
    let mut outside = restricted.clone();
    outside["is_member"] = false.into();
    check_change("chat_member", &restricted, &outside, &expect![[""]]);
    let mut muted = restricted.clone();
    muted["can_send_messages"] = false.into();
    check_change("chat_member", &restricted, &muted, &expect![[""]]);
    check_change("chat_member", &muted, &standing("member", id), &expect![[""]]);
    muted["until_date"] = 0.into();
    check_change("chat_member", &standing("left", id), &muted, &expect![[""]]);
}

#[test]
fn standings_change_into_joins_leaves_and_roles() {
    for (old, new, expected) in [
        ("kicked", "member", expect![[""]]),
        ("member", "kicked", expect![[""]]),
        ("left", "kicked", expect![[""]]),
        ("kicked", "left", expect![[""]]),
        ("member", "administrator", expect![[""]]),
        ("administrator", "creator", expect![[""]]),
        ("administrator", "member", expect![[""]]),
        ("member", "member", expect![[""]]),
        ("member", "brand_new", expect![[""]]),
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
    check(&joined(json!({})), &expect![[""]]);
    let link = json!({ "invite_link": { "invite_link": "https://t.me/+x", "name": "flyer" } });
    check(&joined(link), &expect![[""]]);
    let approved = json!({
        "via_join_request": true, "from": { "id": 1, "first_name": "Ann" } });
    check(&joined(approved), &expect![[""]]);
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
    check(&update("chat_member", &change), &expect![[""]]);
    check(&update("message", &service), &expect![[""]]);
}

#[test]
fn service_messages_tell_of_the_group() {
    let bob = json!({ "id": 2, "is_bot": false, "first_name": "Bob" });
    let us = json!({ "id": 555, "is_bot": true, "first_name": "Steward" });
    let eve = json!({ "id": 3, "is_bot": true, "first_name": "Eve" });
    for (fields, expected) in [
        (json!({ "new_chat_members": [bob, us, eve] }), expect![[""]]),
        (json!({ "left_chat_member": bob }), expect![[""]]),
        (json!({ "left_chat_member": us }), expect![[""]]),
        (json!({ "migrate_to_chat_id": -1_001 }), expect![[""]]),
        (json!({ "new_chat_title": "Salon" }), expect![[""]]),
        (json!({ "group_chat_created": true }), expect![[""]]),
        (json!({ "pinned_message": { "message_id": 3 } }), expect![[""]]),
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
    check(&update("message", &fields), &expect![[""]]);
    check(&update("edited_message", &json!({ "text": "now so" })), &expect![[""]]);
}

#[test]
fn contents_have_kinds_and_files() {
    let sized = json!([{ "file_id": "small" }, { "file_id": "large" }]);
    for (fields, expected) in [
        (
            json!({ "photo": sized, "caption": "look",
                "caption_entities": [{ "type": "text_link", "offset": 0, "length": 4, "url": "u" }] }),
            expect![[""]],
        ),
        (
            json!({ "document": { "file_id": "d", "file_name": "a.pdf" } }),
            expect![[""]],
        ),
        (
            json!({ "document": { "file_id": "d" }, "animation": { "file_id": "d" } }),
            expect![[""]],
        ),
        (json!({ "voice": { "file_id": "v" } }), expect![[""]]),
        (json!({ "sticker": { "file_id": "s" } }), expect![[""]]),
        (
            json!({ "location": { "latitude": 1.5, "longitude": 2.5 } }),
            expect![[""]],
        ),
        (json!({ "poll": { "id": "p" } }), expect![[""]]),
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
    check(&update("message", &topic), &expect![[""]]);
    let reply = json!({
        "text": "yes", "message_thread_id": 5,
        "reply_to_message": { "message_id": 6, "from": { "id": 555 } },
    });
    check(&update("message", &reply), &expect![[""]]);
}

#[test]
fn who_writes_as_a_chat_is_no_person() {
    let anonymous = json!({
        "text": "rules!", "from": { "id": 1_087_968_824, "is_bot": true, "first_name": "Group" },
        "sender_chat": { "id": -100, "type": "supergroup" },
    });
    check(&update("message", &anonymous), &expect![[""]]);
    let own = json!({ "text": "hi", "from": { "id": 555, "is_bot": true, "first_name": "S" } });
    check(&update("message", &own), &expect![[""]]);
    let channel = json!({ "text": "x", "chat": { "id": -5, "type": "channel" } });
    check(&update("message", &channel), &expect![[""]]);
}

#[test]
fn our_own_standing_is_told() {
    for (old, new, expected) in [
        ("left", "member", expect![[""]]),
        ("left", "administrator", expect![[""]]),
        ("member", "administrator", expect![[""]]),
        ("administrator", "kicked", expect![[""]]),
        ("member", "member", expect![[""]]),
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
    check(&private("member", "kicked"), &expect![[""]]);
    check(&private("kicked", "member"), &expect![[""]]);
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
    check(&update("message_reaction", &fields), &expect![[""]]);
    let own = json!({ "user": { "id": 555 }, "new_reaction": [{ "type": "paid" }] });
    check(&update("message_reaction", &own), &expect![[""]]);
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
    check(&update("callback_query", &fields), &expect![[""]]);
}

#[test]
fn unknown_updates_are_acknowledged_and_counted() {
    check(r#"{"update_id":1,"poll":{"id":"x"}}"#, &expect![[""]]);
    check(r#"{"update_id":1}"#, &expect![[""]]);
    check(r#"{"update_id":1,"message":[]}"#, &expect![[""]]);
    check(r#"{"update_id":1,"chat_member":{"chat":7}}"#, &expect![[""]]);
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
