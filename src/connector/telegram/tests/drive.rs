//! Actions and the requests they become, answers and what they mean.

use super::{SECRET, TOKEN, bot};
use crate::connector::{
    Answer, Connector, Errand, ErrandNext, ErrandResult, Failure, Next, Outcome, Request, Response,
};
use crate::model::{
    Action, Effect, EffectId, Piece, Post, Refusal, RichText, RunId, Stage, Text, time,
};
use expect_test::{Expect, expect};
use serde_json::{Value, json};

fn effect(action: Action) -> Effect {
    Effect {
        id: EffectId(1),
        run: RunId(1),
        rule: "a/b".into(),
        step: "do/0".into(),
        connector: "tg".into(),
        group: Some("-100".into()),
        decided_at: time::DAY,
        expires_at: None,
        not_before: 0,
        attempts: 0,
        stage: Stage::Open,
        action,
    }
}

fn respond(status: u16, body: &Value) -> Answer {
    Answer::Response(Response {
        status,
        retry_after_s: None,
        body: body.to_string().into_bytes(),
    })
}

fn yes(result: Value) -> Answer {
    respond(200, &json!({ "ok": true, "result": result }))
}

fn no(code: u16, description: &str) -> Answer {
    let body = json!({ "ok": false, "error_code": code, "description": description });
    respond(code, &body)
}

fn sent(id: i64) -> Answer {
    yes(json!({ "message_id": id, "date": 1, "chat": { "id": -100 } }))
}

fn show(request: &Request) -> String {
    let method = request
        .url
        .strip_prefix("https://api.telegram.org/bot555:AAH-secret/")
        .unwrap();
    let unsafe_word = if request.unsafe_to_repeat { "!" } else { "" };
    format!(
        "{method}{unsafe_word} {}",
        String::from_utf8_lossy(&request.body)
    )
}

fn drive(action: &Action, answers: &[Answer]) -> String {
    match bot().drive(&effect(action.clone()), answers) {
        Next::Send(request) => show(&request),
        Next::End(outcome) => format!("{outcome:?}"),
    }
}

/// Shows every request and, with all answers given, the end.
#[track_caller]
fn check(action: &Action, answers: &[Answer], expected: &Expect) {
    let lines: Vec<String> = (0..=answers.len())
        .map(|known| drive(action, answers.get(..known).unwrap()))
        .collect();
    expected.assert_eq(&lines.join("\n"));
}

fn post(text: &str) -> Post {
    Post {
        text: RichText::plain(text),
        ..Post::default()
    }
}

fn mention(id: &str, name: &str) -> Piece {
    Piece::Mention {
        id: id.into(),
        name: name.into(),
    }
}

fn mute() -> Action {
    Action::MuteMember {
        member: "2".into(),
        until: Some(2 * time::DAY),
        reason: "noise".into(),
    }
}

fn remove() -> Action {
    Action::RemoveMember {
        member: "2".into(),
        reason: "silent".into(),
    }
}

#[test]
fn mentions_are_counted_in_utf16_and_names_in_plain_text_call_nobody() {
    let text = RichText(vec![
        Piece::Plain("😀 欢迎 @eve a@b.example ".into()),
        mention("42", "小明👩‍🚀"),
        Piece::Plain(" ".into()),
        mention("43", ""),
        Piece::Plain(" ".into()),
        Piece::Everyone,
    ]);
    let action = Action::SendMessage(Post {
        text,
        reply_to: Some("7".into()),
        choices: vec!["yes".into(), "界".repeat(22).into()],
        ..Post::default()
    });
    check(
        &action,
        &[sent(8)],
        &expect![[r##"
        sendMessage! {"chat_id":-100,"text":"😀 欢迎 @⁠eve a@b.example 小明👩‍🚀 43 @⁠all","entities":[{"type":"text_mention","offset":24,"length":7,"user":{"id":42}},{"type":"text_mention","offset":32,"length":2,"user":{"id":43}}],"reply_parameters":{"message_id":7,"allow_sending_without_reply":true},"reply_markup":{"inline_keyboard":[[{"text":"yes","callback_data":"yes"}],[{"text":"界界界界界界界界界界界界界界界界界界界界界界","callback_data":"#1"}]]}}
        Done({"message": Text("8")})"##]],
    );
}

#[test]
fn a_direct_message_goes_to_the_person() {
    let action = Action::SendMessage(Post {
        to_member: Some("42".into()),
        ..post("hi")
    });
    check(
        &action,
        &[no(403, "Forbidden: bot was blocked by the user")],
        &expect![[r#"
            sendMessage! {"chat_id":42,"text":"hi"}
            Refused { because: Blocked, reason: "telegram says 403 `Forbidden: bot was blocked by the user`" }"#]],
    );
}

#[test]
fn a_pin_follows_the_message_and_cannot_undo_it() {
    let action = Action::SendMessage(Post {
        text: RichText(vec![Piece::Everyone, Piece::Plain(" news".into())]),
        pin: true,
        ..Post::default()
    });
    check(
        &action,
        &[sent(8), yes(json!(true))],
        &expect![[r#"
        sendMessage! {"chat_id":-100,"text":"@⁠all news"}
        pinChatMessage {"chat_id":-100,"message_id":8,"disable_notification":false}
        Done({"message": Text("8")})"#]],
    );
    let refused = no(
        400,
        "Bad Request: not enough rights to manage pinned messages in the chat",
    );
    check(
        &action,
        &[sent(8), refused],
        &expect![[r#"
        sendMessage! {"chat_id":-100,"text":"@⁠all news"}
        pinChatMessage {"chat_id":-100,"message_id":8,"disable_notification":false}
        Done({"message": Text("8"), "pin_problem": Text("telegram says 400 `Bad Request: not enough rights to manage pinned messages in the chat`")})"#]],
    );
}

#[test]
fn files_take_a_short_text_along() {
    let with = |file: &str, text: &str| {
        Action::SendMessage(Post {
            file: Some(file.into()),
            ..post(text)
        })
    };
    check(
        &with("https://a.example/B.JPG?x=1", "look"),
        &[],
        &expect![[
            r#"sendPhoto! {"chat_id":-100,"photo":"https://a.example/B.JPG?x=1","caption":"look"}"#
        ]],
    );
    check(
        &with("https://a.example/b.pdf", ""),
        &[],
        &expect![[r#"sendDocument! {"chat_id":-100,"document":"https://a.example/b.pdf"}"#]],
    );
    let long = "x".repeat(1_025);
    let requests = drive(&with("b.pdf", &long), &[sent(1)]);
    assert!(requests.starts_with(r#"sendMessage! {"chat_id":-100,"text":"xxx"#));
    check(
        &Action::SendMessage(post(" ")),
        &[],
        &expect![[r#"Refused { because: Invalid, reason: "the message is empty" }"#]],
    );
}

fn texts_of(action: &Action) -> Vec<String> {
    let mut answers = Vec::new();
    let mut texts = Vec::new();
    while let Next::Send(request) = bot().drive(&effect(action.clone()), &answers) {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        texts.push(body["text"].as_str().unwrap().to_owned());
        answers.push(sent(answers.len() as i64));
    }
    texts
}

#[test]
fn long_texts_are_split_at_words_and_lines_without_loss() {
    let units = |text: &String| text.encode_utf16().count();
    for text in [
        "word ".repeat(3_000),
        "一行字。\n".repeat(3_000),
        "😀".repeat(5_000),
        "x".repeat(4_097),
    ] {
        let texts = texts_of(&Action::SendMessage(post(&text)));
        assert!(texts.len() > 1);
        assert!(texts.iter().all(|part| units(part) <= 4_096));
        assert_eq!(texts.concat(), text);
    }
    let lines = texts_of(&Action::SendMessage(post(&"一行字。\n".repeat(3_000))));
    assert!(lines.iter().all(|part| part.ends_with('\n')));
    assert_eq!(
        texts_of(&Action::SendMessage(post(&"x".repeat(4_096)))).len(),
        1
    );
}

#[test]
fn a_split_never_cuts_a_mention_and_marks_are_capped() {
    let text = RichText(vec![
        Piece::Plain("x".repeat(4_090).into()),
        mention("42", "a very long name"),
    ]);
    let action = Action::SendMessage(Post {
        text,
        choices: vec!["ok".into()],
        ..Post::default()
    });
    let second = drive(&action, &[sent(1)]);
    expect![[r#"sendMessage! {"chat_id":-100,"text":"a very long name","entities":[{"type":"text_mention","offset":0,"length":16,"user":{"id":42}}],"reply_markup":{"inline_keyboard":[[{"text":"ok","callback_data":"ok"}]]}}"#]].assert_eq(&second);
    expect![[r#"Done({"message": Text("2"), "messages": List([Text("1"), Text("2")])})"#]]
        .assert_eq(&drive(&action, &[sent(1), sent(2)]));
    let crowd = RichText((0..60).map(|id| mention(&id.to_string(), "n")).collect());
    let crowd = drive(
        &Action::SendMessage(Post {
            text: crowd,
            ..Post::default()
        }),
        &[],
    );
    assert_eq!(crowd.matches("text_mention").count(), 50);
}

#[test]
fn half_a_message_is_for_a_person_to_judge() {
    let action = Action::SendMessage(post(&"x".repeat(5_000)));
    let busy = respond(
        429,
        &json!({ "ok": false, "error_code": 429, "description": "Too Many Requests: retry after 3",
            "parameters": { "retry_after": 3 } }),
    );
    let ended = drive(&action, &[sent(1), busy]);
    expect![[r#"Unknown { reason: "1 of 2 parts were sent: telegram says 429 `Too Many Requests: retry after 3`" }"#]].assert_eq(&ended);
}

#[test]
fn actions_become_these_requests() {
    let text = |text: &str| -> Text { text.into() };
    let (member, message) = (text("2"), text("7"));
    let (reason, handle) = (text(""), text("2"));
    let done = yes(json!(true));
    for (action, answers, expected) in [
        (
            Action::AddReaction {
                message: message.clone(),
                emoji: text("👍"),
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
            &[yes(json!(true))],
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
        &[missing.clone(), yes(json!(true))],
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
fn a_text_whose_marks_are_not_taken_goes_without() {
    let action = Action::SendMessage(Post {
        text: RichText(vec![mention("42", "@eve")]),
        ..Post::default()
    });
    let unread = no(400, "Bad Request: can't parse entities: user not found");
    check(
        &action,
        &[unread.clone(), sent(8)],
        &expect![[r#"
        sendMessage! {"chat_id":-100,"text":"@⁠eve","entities":[{"type":"text_mention","offset":0,"length":5,"user":{"id":42}}]}
        sendMessage! {"chat_id":-100,"text":"@⁠eve"}
        Done({"message": Text("8")})"#]],
    );
    let again = drive(&action, &[unread.clone(), unread]);
    assert!(again.contains("Invalid"), "{again}");
}

#[test]
fn the_published_errors_have_these_classes() {
    let errors = include_str!("../../../../tests/samples/telegram/errors.json");
    let errors: Vec<Value> = serde_json::from_str(errors).unwrap();
    let answers: Vec<Answer> = errors
        .iter()
        .map(|error| respond(error["http"].as_u64().unwrap() as u16, &error["body"]))
        .collect();
    let outcomes: Vec<String> = answers
        .iter()
        .map(|answer| drive(&remove(), std::slice::from_ref(answer)))
        .collect();
    expect![[r#"
        RetryAfter { after_ms: Some(5000), reason: "telegram says 429 `Too Many Requests: retry after 5`" }
        unbanChatMember {"chat_id":-1001276148791,"user_id":2,"only_if_banned":false}
        Refused { because: Blocked, reason: "telegram says 403 `Forbidden: bot was blocked by the user`" }
        Refused { because: Gone, reason: "telegram says 403 `Forbidden: bot was kicked from the supergroup chat`" }
        Refused { because: Gone, reason: "telegram says 400 `Bad Request: chat not found`" }
        Stop { reason: "telegram says 401 `Unauthorized`" }
        Stop { reason: "telegram says 409 `Conflict: terminated by other getUpdates request; make sure that only one bot instance is running`" }"#]].assert_eq(&outcomes.join("\n"));
}

#[test]
fn descriptions_give_the_reason_of_a_refusal() {
    let refusal = |code, said: &str| {
        let effect = effect(Action::SendMessage(post("hi")));
        match bot().drive(&effect, &[no(code, said)]) {
            Next::End(Outcome::Refused { because, reason }) => {
                assert!(reason.contains(said), "{reason}");
                Some(because)
            }
            Next::End(_) | Next::Send(_) => None,
        }
    };
    for (code, said, because) in [
        (400, "Bad Request: user not found", Refusal::Gone),
        (400, "Bad Request: PARTICIPANT_ID_INVALID", Refusal::Gone),
        (400, "Bad Request: USER_ID_INVALID", Refusal::Gone),
        (
            400,
            "Bad Request: not enough rights to restrict",
            Refusal::Forbidden,
        ),
        (400, "Bad Request: CHAT_ADMIN_REQUIRED", Refusal::Forbidden),
        (
            400,
            "Bad Request: user is an administrator of the chat",
            Refusal::Forbidden,
        ),
        (
            400,
            "Bad Request: message can't be deleted",
            Refusal::Forbidden,
        ),
        (400, "Bad Request: message is too long", Refusal::Invalid),
        (
            403,
            "Forbidden: bot was blocked by the user",
            Refusal::Blocked,
        ),
        (
            403,
            "Forbidden: bot can't initiate conversation with a user",
            Refusal::Blocked,
        ),
        (403, "Forbidden: user is deactivated", Refusal::Gone),
        (403, "Forbidden: the group chat was deleted", Refusal::Gone),
        (
            403,
            "Forbidden: bot is not a member of the supergroup chat",
            Refusal::Gone,
        ),
        (403, "Forbidden: something new", Refusal::Forbidden),
    ] {
        assert_eq!(refusal(code, said), Some(because), "{said}");
    }
    let gone = no(400, "Bad Request: message to delete not found");
    let delete = Action::DeleteMessage {
        message: "7".into(),
    };
    assert_eq!(drive(&delete, &[gone]), "Already({})");
}

#[test]
fn a_lost_answer_leaves_sends_unknown_and_repeats_the_rest() {
    let send = Action::SendMessage(post("hi"));
    let html = Answer::Response(Response {
        status: 502,
        retry_after_s: None,
        body: b"<html>Bad Gateway</html>".to_vec(),
    });
    let restart = no(500, "Internal Server Error: restart");
    for answer in [html, restart, Answer::Failed(Failure::Lost)] {
        let answers = [answer];
        assert!(drive(&send, &answers).starts_with("Unknown"), "{answers:?}");
        assert!(
            drive(&remove(), &answers).starts_with("RetryAfter"),
            "{answers:?}"
        );
    }
    let unsent = drive(&send, &[Answer::Failed(Failure::Connect)]);
    assert!(unsent.starts_with("RetryAfter"), "{unsent}");
    let blocked = drive(&send, &[Answer::Failed(Failure::Blocked)]);
    assert!(blocked.starts_with("Stop"), "{blocked}");
    let nonsense = drive(&send, &[respond(200, &json!(["?"]))]);
    assert!(nonsense.starts_with("Broken"), "{nonsense}");
}

#[test]
fn an_answer_cut_short_still_tells_the_message() {
    let cut = Answer::Response(Response {
        status: 200,
        retry_after_s: None,
        body: br#"{"ok":true,"result":{"message_id":31,"from":{"id":555},"text":"\u4e00"#.to_vec(),
    });
    let outcome = drive(&Action::SendMessage(post("hi")), &[cut]);
    assert_eq!(outcome, r#"Done({"message": Text("31")})"#);
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

fn run(errand: &Errand, answers: &[Answer]) -> String {
    match bot().run_errand(errand, answers) {
        ErrandNext::Send(request) => show(&request),
        ErrandNext::End(result) => format!("{result:?}"),
    }
}

#[test]
fn connecting_registers_the_webhook_for_every_kind() {
    let errand = Errand::Connect {
        url: "https://steward.example/hooks/tg".to_owned(),
    };
    let me = yes(json!({ "id": 555, "username": "steward_bot" }));
    let set = run(&errand, &[]);
    assert!(set.contains(SECRET));
    expect![[r#"setWebhook {"url":"https://steward.example/hooks/tg","secret_token":"hook-secret_1","allowed_updates":["message","edited_message","callback_query","poll_answer","my_chat_member","chat_member","chat_join_request","message_reaction"],"max_connections":40}"#]].assert_eq(&set);
    expect!["getMe {}"].assert_eq(&run(&errand, &[yes(json!(true))]));
    expect![[r#"Connected("the webhook of @steward_bot (555) is set")"#]]
        .assert_eq(&run(&errand, &[yes(json!(true)), me]));
    expect![[r#"Failed { reason: "telegram says 401 `Unauthorized`", stop: true }"#]]
        .assert_eq(&run(&errand, &[no(401, "Unauthorized")]));
}

#[test]
fn health_tells_what_waits_and_what_is_wrong() {
    let health = |info: Value| {
        let me = yes(json!({ "id": 555, "username": "steward_bot" }));
        match bot().run_errand(&Errand::Health, &[yes(info), me]) {
            ErrandNext::End(ErrandResult::Health(health)) => format!("{health:?}"),
            ErrandNext::End(_) | ErrandNext::Send(_) => String::new(),
        }
    };
    let info = json!({
        "url": "https://steward.example/hooks/tg", "pending_update_count": 3,
        "allowed_updates": super::super::update::KINDS,
        "last_error_date": 86400, "last_error_message": "Connection refused",
    });
    expect![[r#"Health { pending: 3, problem: Some("1970-01-02T00:00:00Z: Connection refused"), about: "@steward_bot (555)" }"#]].assert_eq(&health(info.clone()));
    let mut over = info.clone();
    over["pending_update_count"] = 0.into();
    expect![[r#"Health { pending: 0, problem: None, about: "@steward_bot (555)" }"#]]
        .assert_eq(&health(over));
    let mut deaf = info;
    deaf["allowed_updates"] = json!(["message"]);
    expect![[r#"Health { pending: 3, problem: Some("telegram was not asked for `edited_message`: `steward connect` asks"), about: "@steward_bot (555)" }"#]].assert_eq(&health(deaf));
    expect![[r#"Health { pending: 0, problem: Some("no webhook is set: `steward connect` sets it"), about: "@steward_bot (555)" }"#]].assert_eq(&health(json!({ "url": "", "pending_update_count": 0 })));
    let roster = Errand::Roster {
        group: "-100".into(),
    };
    assert_eq!(run(&roster, &[]), "NotOffered");
}

#[test]
fn unmuting_needs_to_know_what_the_group_allows() {
    let unmute = Action::UnmuteMember { member: "2".into() };
    let told = drive(&unmute, &[yes(json!({ "id": -100 }))]);
    assert!(told.starts_with("Broken"), "{told}");
}
