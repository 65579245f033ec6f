//! Event posts: every kind, and how sloppy senders may be.

use super::{notice, receive, sample};
use crate::model::{Event, Happening};
use expect_test::{Expect, expect};
use serde_json::{Value, json};

/// Every event as its stored form, every ignored kind as its name.
#[track_caller]
fn check(body: &str, expected: &Expect) {
    let received = receive(body);
    assert_eq!(received.reply.status, 204);
    assert_eq!(
        (&*received.reply.body, received.reply.content_type),
        ("", "")
    );
    let events = received
        .events
        .iter()
        .map(|event| serde_json::to_string(event).unwrap());
    let ignored = received
        .ignored
        .iter()
        .map(|kind| format!("ignored {kind}"));
    expected.assert_eq(&events.chain(ignored).collect::<Vec<_>>().join("\n"));
}

fn only(body: &str) -> Event {
    let mut events = receive(body).events;
    assert_eq!(events.len(), 1, "{body}");
    events.remove(0)
}

#[test]
fn the_samples_decode_to_these_events() {
    check(
        sample!("message_group_gocq_string_format"),
        &expect![[
            r#"{"connector":"qq","id":"222/message/-645121622/1678331780","happened_at":1678331780000,"group":{"id":"777","name":null},"member":{"id":"999","name":"example","nick":null,"role":"Member","is_bot":false},"what":{"MessagePosted":{"id":"-645121622","text":"test","content":"Text","mentions":[],"mentions_bot":false,"mentions_all":false,"links":[],"files":[],"reply_to":null,"thread":null,"edited":false}}}"#
        ]],
    );
    check(
        sample!("message_private_spec"),
        &expect![[
            r#"{"connector":"qq","id":"10001000/message/12/1515204254","happened_at":1515204254000,"group":null,"member":{"id":"12345678","name":"小不点","nick":null,"role":null,"is_bot":false},"what":{"MessagePosted":{"id":"12","text":"你好～","content":"Text","mentions":[],"mentions_bot":false,"mentions_all":false,"links":[],"files":[],"reply_to":null,"thread":null,"edited":false}}}"#
        ]],
    );
    check(
        sample!("meta_heartbeat"),
        &expect!["ignored meta_event.heartbeat"],
    );
    check(
        sample!("notice_group_ban"),
        &expect!["ignored notice.group_ban.own"],
    );
    check(
        sample!("notice_group_decrease_kick_me"),
        &expect![[
            r#"{"connector":"qq","id":null,"happened_at":1646689414000,"group":{"id":"111","name":null},"member":null,"what":{"BotLeft":{"closed":false}}}"#
        ]],
    );
    check(
        sample!("notice_group_decrease_leave"),
        &expect![[
            r#"{"connector":"qq","id":null,"happened_at":1651584460000,"group":{"id":"987654","name":null},"member":null,"what":{"BotLeft":{"closed":false}}}"#
        ]],
    );
    check(
        sample!("notice_group_increase_approve"),
        &expect![[
            r#"{"connector":"qq","id":null,"happened_at":1646782012000,"group":{"id":"111","name":null},"member":null,"what":"BotJoined"}"#
        ]],
    );
    check(
        sample!("notice_notify_poke"),
        &expect!["ignored notice.notify.poke"],
    );
    check(
        sample!("request_friend"),
        &expect!["ignored request.friend"],
    );
    check(
        sample!("request_group_add"),
        &expect![[
            r#"{"connector":"qq","id":"999/request/flag-1","happened_at":1780000000000,"group":{"id":"1001","name":null},"member":{"id":"2002","name":null,"nick":null,"role":null,"is_bot":false},"what":{"JoinRequested":{"handle":"add:flag-1","answer":"申请入群","inviter":null}}}"#
        ]],
    );
    check(
        sample!("request_group_invite"),
        &expect!["ignored request.group.invite"],
    );
}

#[test]
fn who_came_and_went_decodes_to_these_events() {
    check(
        &notice("group_increase", &json!({ "sub_type": "invite" })),
        &expect![[
            r#"{"connector":"qq","id":null,"happened_at":100000,"group":{"id":"1","name":null},"member":{"id":"2","name":null,"nick":null,"role":null,"is_bot":false},"what":{"MemberJoined":{"inviter":{"id":"3","name":null,"nick":null,"role":null,"is_bot":false},"source":"invite"}}}"#
        ]],
    );
    check(
        &notice(
            "group_increase",
            &json!({ "operator_id": 0, "message": [] }),
        ),
        &expect![[
            r#"{"connector":"qq","id":null,"happened_at":100000,"group":{"id":"1","name":null},"member":{"id":"2","name":null,"nick":null,"role":null,"is_bot":false},"what":{"MemberJoined":{"inviter":null,"source":null}}}"#
        ]],
    );
    check(
        &notice("group_decrease", &json!({ "sub_type": "kick" })),
        &expect![[
            r#"{"connector":"qq","id":null,"happened_at":100000,"group":{"id":"1","name":null},"member":{"id":"2","name":null,"nick":null,"role":null,"is_bot":false},"what":{"MemberLeft":{"by":{"id":"3","name":null,"nick":null,"role":null,"is_bot":false},"banned":false}}}"#
        ]],
    );
    check(
        &notice(
            "group_decrease",
            &json!({ "sub_type": "leave", "operator_id": 2 }),
        ),
        &expect![[
            r#"{"connector":"qq","id":null,"happened_at":100000,"group":{"id":"1","name":null},"member":{"id":"2","name":null,"nick":null,"role":null,"is_bot":false},"what":{"MemberLeft":{"by":null,"banned":false}}}"#
        ]],
    );
    check(
        &notice(
            "group_decrease",
            &json!({ "sub_type": "disband", "user_id": 0 }),
        ),
        &expect![[
            r#"{"connector":"qq","id":null,"happened_at":100000,"group":{"id":"1","name":null},"member":null,"what":{"BotLeft":{"closed":true}}}"#
        ]],
    );
}

#[test]
fn what_changed_about_members_decodes_to_these_events() {
    check(
        &notice("group_ban", &json!({ "sub_type": "ban", "duration": 600 })),
        &expect![[
            r#"{"connector":"qq","id":"9/group_ban/1/2/ban/600///100","happened_at":100000,"group":{"id":"1","name":null},"member":{"id":"2","name":null,"nick":null,"role":null,"is_bot":false},"what":{"MuteChanged":{"until":700000}}}"#
        ]],
    );
    check(
        &notice(
            "group_ban",
            &json!({ "sub_type": "lift_ban", "duration": 0 }),
        ),
        &expect![[
            r#"{"connector":"qq","id":"9/group_ban/1/2/lift_ban/0///100","happened_at":100000,"group":{"id":"1","name":null},"member":{"id":"2","name":null,"nick":null,"role":null,"is_bot":false},"what":{"MuteChanged":{"until":null}}}"#
        ]],
    );
    check(
        &notice("group_ban", &json!({ "user_id": 0, "duration": -1 })),
        &expect!["ignored notice.group_ban.whole_group"],
    );
    check(
        &notice("group_admin", &json!({ "sub_type": "set" })),
        &expect![[
            r#"{"connector":"qq","id":"9/group_admin/1/2/set////100","happened_at":100000,"group":{"id":"1","name":null},"member":{"id":"2","name":null,"nick":null,"role":"Staff","is_bot":false},"what":"MemberChanged"}"#
        ]],
    );
    check(
        &notice("group_admin", &json!({ "sub_type": "unset", "user_id": 9 })),
        &expect![[
            r#"{"connector":"qq","id":"9/group_admin/1/9/unset////100","happened_at":100000,"group":{"id":"1","name":null},"member":null,"what":{"BotRole":{"role":"Member"}}}"#
        ]],
    );
    check(
        &notice("group_recall", &json!({ "message_id": -7 })),
        &expect![[
            r#"{"connector":"qq","id":"9/group_recall/1/2///-7//100","happened_at":100000,"group":{"id":"1","name":null},"member":{"id":"2","name":null,"nick":null,"role":null,"is_bot":false},"what":{"MessageDeleted":{"message":"-7"}}}"#
        ]],
    );
    check(
        &notice("group_card", &json!({ "card_new": "小明", "card_old": "" })),
        &expect![[
            r#"{"connector":"qq","id":"9/group_card/1/2////小明/100","happened_at":100000,"group":{"id":"1","name":null},"member":{"id":"2","name":null,"nick":"小明","role":null,"is_bot":false},"what":"MemberChanged"}"#
        ]],
    );
}

#[test]
fn reactions_are_one_event_for_each_emoji() {
    let body = json!({
        "message_id": 55, "is_add": true,
        "likes": [{ "emoji_id": "128077", "count": 1 }, { "emoji_id": 76, "count": 2 }, {}],
    });
    check(
        &notice("group_msg_emoji_like", &body),
        &expect![[r#"
        {"connector":"qq","id":"9/group_msg_emoji_like/1/2///55/128077/added/100","happened_at":100000,"group":{"id":"1","name":null},"member":{"id":"2","name":null,"nick":null,"role":null,"is_bot":false},"what":{"ReactionChanged":{"message":"55","emoji":"👍","removed":false}}}
        {"connector":"qq","id":"9/group_msg_emoji_like/1/2///55/76/added/100","happened_at":100000,"group":{"id":"1","name":null},"member":{"id":"2","name":null,"nick":null,"role":null,"is_bot":false},"what":{"ReactionChanged":{"message":"55","emoji":"76","removed":false}}}"#]],
    );
    let taken = json!({ "message_id": 55, "is_add": false, "likes": [{ "emoji_id": "76" }] });
    let taken = only(&notice("group_msg_emoji_like", &taken));
    assert!(matches!(
        taken.what,
        Happening::ReactionChanged { removed: true, .. }
    ));
}

#[test]
fn what_maps_to_nothing_is_counted_by_a_known_name() {
    let kinds = [
        (notice("friend_add", &json!({})), "notice.friend_add"),
        (notice("group_upload", &json!({})), "notice.group_upload"),
        (notice("made_up_by_a_sender", &json!({})), "notice.unknown"),
        (
            json!({ "post_type": "message_sent", "self_id": 1 }).to_string(),
            "message_sent",
        ),
        (
            json!({ "post_type": "new", "self_id": 1 }).to_string(),
            "unknown",
        ),
        (
            json!({ "post_type": "meta_event" }).to_string(),
            "meta_event.unknown",
        ),
    ];
    for (body, kind) in kinds {
        let received = receive(&body);
        assert_eq!(received.events, []);
        assert_eq!(received.ignored, [kind.into()]);
    }
}

#[test]
fn our_own_messages_and_those_without_an_author_are_passed_over() {
    let message = |more: Value| {
        let mut message: Value =
            serde_json::from_str(sample!("message_group_gocq_string_format")).unwrap();
        let fields = message.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        receive(&message.to_string()).ignored
    };
    assert_eq!(message(json!({ "user_id": "222" })), ["message.own".into()]);
    let anonymous = json!({ "anonymous": { "id": 1, "name": "x", "flag": "f" } });
    assert_eq!(message(anonymous), ["message.group.anonymous".into()]);
    assert_eq!(
        message(json!({ "sub_type": "notice" })),
        ["message.group.notice".into()]
    );
}

#[test]
fn ids_may_be_texts_and_optional_fields_may_be_missing() {
    let numbers: Value = serde_json::from_str(sample!("message_group_gocq_string_format")).unwrap();
    let mut texts = numbers.clone();
    for name in ["self_id", "group_id", "user_id", "message_id", "time"] {
        texts[name] = numbers[name].to_string().into();
    }
    assert_eq!(receive(&texts.to_string()), receive(&numbers.to_string()));

    let bare = json!({
        "post_type": "message", "message_type": "group", "self_id": 1, "group_id": 2,
        "user_id": 3, "message_id": -4, "message": [{ "type": "text", "data": null }],
    });
    check(
        &bare.to_string(),
        &expect![[
            r#"{"connector":"qq","id":"1/message/-4/","happened_at":null,"group":{"id":"2","name":null},"member":{"id":"3","name":null,"nick":null,"role":null,"is_bot":false},"what":{"MessagePosted":{"id":"-4","text":"","content":"Text","mentions":[],"mentions_bot":false,"mentions_all":false,"links":[],"files":[],"reply_to":null,"thread":null,"edited":false}}}"#
        ]],
    );
    let request = json!({
        "post_type": "request", "request_type": "group", "self_id": 1, "group_id": 2,
        "user_id": 3, "flag": 17, "comment": null, "invitor_id": 5,
    });
    check(
        &request.to_string(),
        &expect![[
            r#"{"connector":"qq","id":"1/request/17","happened_at":null,"group":{"id":"2","name":null},"member":{"id":"3","name":null,"nick":null,"role":null,"is_bot":false},"what":{"JoinRequested":{"handle":"add:17","answer":"","inviter":{"id":"5","name":null,"nick":null,"role":null,"is_bot":false}}}}"#
        ]],
    );
}

#[test]
fn the_answer_of_an_applicant_is_what_follows_the_question() {
    let answer = |comment: &str| {
        let mut request: Value = serde_json::from_str(sample!("request_group_add")).unwrap();
        request["comment"] = comment.into();
        let Happening::JoinRequested { answer, .. } = only(&request.to_string()).what else {
            panic!("no request");
        };
        answer.to_string()
    };
    assert_eq!(answer("问题：谁介绍你来？\n答案：小明"), "小明");
    assert_eq!(answer("问题:q\n答案: a\n答案：b "), "a\n答案：b");
    assert_eq!(answer("问题：q\n答案："), "");
    assert_eq!(answer("我的问题：没有\n答案：x"), "我的问题：没有\n答案：x");
}

#[test]
fn the_same_post_twice_has_the_same_ids_where_it_has_any() {
    let twice = [
        sample!("message_group_gocq_string_format").to_owned(),
        sample!("request_group_add").to_owned(),
        notice("group_admin", &json!({ "sub_type": "set" })),
        notice("group_recall", &json!({ "message_id": 5 })),
    ];
    for body in twice {
        let event = only(&body);
        assert!(event.id.is_some());
        assert_eq!(event, only(&body));
    }
}

#[test]
fn a_request_posted_again_later_is_the_same_and_a_reused_message_id_is_not() {
    let at = |body: &str, time: u64| {
        let mut body: Value = serde_json::from_str(body).unwrap();
        body["time"] = time.into();
        only(&body.to_string()).id
    };
    let request = sample!("request_group_add");
    assert_eq!(at(request, 1), at(request, 2));
    let message = sample!("message_group_gocq_string_format");
    assert_ne!(at(message, 1), at(message, 2));
}

#[test]
fn joins_and_leaves_carry_no_id_so_that_a_return_counts() {
    for kind in ["group_increase", "group_decrease"] {
        assert_eq!(
            only(&notice(kind, &json!({ "sub_type": "leave" }))).id,
            None
        );
    }
}
