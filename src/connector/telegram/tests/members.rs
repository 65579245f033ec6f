//! Who is in a group: joins, leaves, roles, mutes, and the group itself.

use super::reading::{check, check_change, standing, update};
use expect_test::expect;
use serde_json::{Value, json};

const RESTRICTED: &str =
    include_str!("../../../../tests/samples/telegram/chat_member_restricted_object.json");

#[test]
fn a_restricted_member_is_in_the_group_when_is_member_says_so() {
    let restricted: Value = serde_json::from_str(RESTRICTED).unwrap();
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
