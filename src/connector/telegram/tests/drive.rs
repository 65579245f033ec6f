//! Actions and the requests they become.

use super::sending::{check, drive, effect, mute, no, post, remove, respond, sent, yes};
use super::{TOKEN, bot};
use crate::connector::{Connector, Next, Outcome};
use crate::model::{Action, Effect, Text, time};
use expect_test::expect;
use serde_json::json;

#[test]
fn actions_on_messages_become_these_requests() {
    let message: Text = "7".into();
    let done = yes(true);
    for (action, answers, expected) in [
        (
            Action::AddReaction {
                message: message.clone(),
                emoji: "👍".into(),
            },
            vec![done.clone()],
            expect![[r#"
                setMessageReaction {"chat_id":-100,"message_id":7,"reaction":[{"type":"emoji","emoji":"👍"}]}
                Done({})"#]],
        ),
        (
            Action::DeleteMessage {
                message: message.clone(),
            },
            vec![done.clone()],
            expect![[r#"
                deleteMessage {"chat_id":-100,"message_id":7}
                Done({})"#]],
        ),
        (
            Action::PinMessage { message },
            vec![],
            expect![[
                r#"pinChatMessage {"chat_id":-100,"message_id":7,"disable_notification":true}"#
            ]],
        ),
    ] {
        check(&action, &answers, &expected);
    }
}

#[test]
fn actions_on_members_become_these_requests() {
    let (member, reason): (Text, Text) = ("2".into(), "".into());
    let done = yes(true);
    for (action, answers, expected) in [
        (
            mute(),
            vec![done.clone()],
            expect![[r#"
            restrictChatMember {"chat_id":-100,"user_id":2,"permissions":{"can_send_messages":false,"can_send_audios":false,"can_send_documents":false,"can_send_photos":false,"can_send_videos":false,"can_send_video_notes":false,"can_send_voice_notes":false,"can_send_polls":false,"can_send_other_messages":false,"can_add_web_page_previews":false,"can_change_info":false,"can_invite_users":false,"can_pin_messages":false,"can_manage_topics":false},"use_independent_chat_permissions":true,"until_date":172800}
            Done({"until": Time(172800000)})"#]],
        ),
        (
            Action::UnmuteMember {
                member: member.clone(),
            },
            vec![
                yes(json!({ "id": -100, "permissions": { "can_send_messages": true } })),
                done.clone(),
            ],
            expect![[r#"
                getChat {"chat_id":-100}
                restrictChatMember {"chat_id":-100,"user_id":2,"permissions":{"can_send_messages":true},"use_independent_chat_permissions":true}
                Done({})"#]],
        ),
        (
            remove(),
            vec![done.clone()],
            expect![[r#"
            unbanChatMember {"chat_id":-100,"user_id":2,"only_if_banned":false}
            Done({})"#]],
        ),
        (
            Action::BanMember {
                member: member.clone(),
                reason: reason.clone(),
            },
            vec![],
            expect![[r#"banChatMember {"chat_id":-100,"user_id":2}"#]],
        ),
        (
            Action::UnbanMember {
                member: member.clone(),
            },
            vec![],
            expect![[r#"unbanChatMember {"chat_id":-100,"user_id":2,"only_if_banned":true}"#]],
        ),
    ] {
        check(&action, &answers, &expected);
    }
}

#[test]
fn actions_on_the_group_become_these_requests() {
    let (member, handle, reason): (Text, Text, Text) = ("2".into(), "2".into(), "".into());
    for (action, answers, expected) in [
        (
            Action::CreateInviteLink {
                name: "n".repeat(40).into(),
                uses: Some(0),
                expires_at: Some(time::DAY),
            },
            vec![yes(json!({ "invite_link": "https://t.me/+abc" }))],
            expect![[r#"
                createChatInviteLink! {"chat_id":-100,"name":"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn","expire_date":86400,"member_limit":1}
                Done({"link": Text("https://t.me/+abc")})"#]],
        ),
        (
            Action::CloseGroup {
                reason: reason.clone(),
            },
            vec![],
            expect![[
                r#"setChatPermissions {"chat_id":-100,"permissions":{"can_send_messages":false,"can_send_audios":false,"can_send_documents":false,"can_send_photos":false,"can_send_videos":false,"can_send_video_notes":false,"can_send_voice_notes":false,"can_send_polls":false,"can_send_other_messages":false,"can_add_web_page_previews":false,"can_change_info":false,"can_invite_users":false,"can_pin_messages":false,"can_manage_topics":false},"use_independent_chat_permissions":true}"#
            ]],
        ),
        (
            Action::AdmitMember {
                member: member.clone(),
                handle: handle.clone(),
            },
            vec![],
            expect![[r#"approveChatJoinRequest {"chat_id":-100,"user_id":2}"#]],
        ),
        (
            Action::DeclineMember {
                member: member.clone(),
                handle,
                reason,
            },
            vec![no(400, "Bad Request: HIDE_REQUESTER_MISSING")],
            expect![[r#"
                declineChatJoinRequest {"chat_id":-100,"user_id":2}
                Already({})"#]],
        ),
        (
            Action::InviteMember { member },
            vec![],
            expect![[
                r#"Refused { because: Unsupported, reason: "this platform has no `invite`" }"#
            ]],
        ),
    ] {
        check(&action, &answers, &expected);
    }
}

#[test]
fn a_mute_never_turns_into_one_for_ever_by_its_length() {
    let until = |until| {
        drive(
            &Action::MuteMember {
                member: "2".into(),
                until,
                reason: "".into(),
            },
            &[yes(true)],
        )
    };
    expect![[r#"Done({"until": Time(86460000)})"#]].assert_eq(&until(Some(time::DAY + 1)));
    expect![[r#"Done({"until": Time(31622400000)})"#]].assert_eq(&until(Some(9_999 * time::DAY)));
    expect!["Done({})"].assert_eq(&until(None));
}

#[test]
fn a_plain_group_removes_by_a_ban() {
    let missing = no(
        400,
        "Bad Request: method is available for supergroup and channel chats only",
    );
    check(
        &remove(),
        &[missing.clone(), yes(true)],
        &expect![[r#"
            unbanChatMember {"chat_id":-100,"user_id":2,"only_if_banned":false}
            banChatMember {"chat_id":-100,"user_id":2}
            Done({})"#]],
    );
    check(
        &mute(),
        &[missing],
        &expect![[r#"
        restrictChatMember {"chat_id":-100,"user_id":2,"permissions":{"can_send_messages":false,"can_send_audios":false,"can_send_documents":false,"can_send_photos":false,"can_send_videos":false,"can_send_video_notes":false,"can_send_voice_notes":false,"can_send_polls":false,"can_send_other_messages":false,"can_add_web_page_previews":false,"can_change_info":false,"can_invite_users":false,"can_pin_messages":false,"can_manage_topics":false},"use_independent_chat_permissions":true,"until_date":172800}
        Refused { because: Unsupported, reason: "telegram says 400 `Bad Request: method is available for supergroup and channel chats only`" }"#]],
    );
}

#[test]
fn a_group_that_moved_is_asked_for_at_its_new_id() {
    let moved = respond(
        400,
        &json!({ "ok": false, "error_code": 400,
            "description": "Bad Request: group chat was upgraded to a supergroup chat",
            "parameters": { "migrate_to_chat_id": -1_001_276_148_791_i64 } }),
    );
    let action = Action::SendMessage(post("hi"));
    check(
        &action,
        &[moved.clone(), sent(8)],
        &expect![[r#"
        sendMessage! {"chat_id":-100,"text":"hi"}
        sendMessage! {"chat_id":-1001276148791,"text":"hi"}
        Done({"message": Text("8"), "moved_to": Text("-1001276148791")})"#]],
    );
    let twice = drive(&action, &[moved.clone(), moved]);
    assert!(twice.starts_with("Broken"), "{twice}");
}

#[test]
fn unmuting_needs_to_know_what_the_group_allows() {
    let unmute = Action::UnmuteMember { member: "2".into() };
    let told = drive(&unmute, &[yes(json!({ "id": -100 }))]);
    assert!(told.starts_with("Broken"), "{told}");
}

#[test]
fn nothing_that_is_shown_holds_the_token() {
    let Next::Send(request) = bot().drive(&effect(remove()), &[]) else {
        panic!("a request");
    };
    assert!(request.url.contains(TOKEN));
    assert!(!format!("{request:?}").contains("AAH"));
}

#[test]
fn ids_of_another_platform_are_refused() {
    let foreign = Action::BanMember {
        member: "@u:example.org".into(),
        reason: "".into(),
    };
    assert!(drive(&foreign, &[]).contains("Invalid"));
    let nowhere = Effect {
        group: None,
        ..effect(remove())
    };
    assert!(matches!(
        bot().drive(&nowhere, &[]),
        Next::End(Outcome::Refused { .. })
    ));
}
