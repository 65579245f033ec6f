//! Messages of ours.

use super::bot;
use super::sending::{check, drive, effect, mention, no, post, respond, sent, yes};
use crate::connector::{Answer, Connector, Next, Response};
use crate::model::{Action, Piece, Post, RichText};
use expect_test::expect;
use serde_json::{Value, json};

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
            sendMessage! {"chat_id":-100,"text":"😀 欢迎 @<joiner>eve a@b.example 小明👩‍🚀 43 @<joiner>all","entities":[{"type":"text_mention","offset":24,"length":7,"user":{"id":42}},{"type":"text_mention","offset":32,"length":2,"user":{"id":43}}],"reply_parameters":{"message_id":7,"allow_sending_without_reply":true},"reply_markup":{"inline_keyboard":[[{"text":"yes","callback_data":"yes"}],[{"text":"界界界界界界界界界界界界界界界界界界界界界界","callback_data":"#1"}]]}}
            Done({"message": Text("8")})"##]],
    );
}

#[test]
fn pieces_that_meet_call_nobody_either() {
    let text = RichText(vec![
        Piece::Plain("ask @".into()),
        Piece::Plain("eve".into()),
    ]);
    let action = Action::SendMessage(Post {
        text,
        ..Post::default()
    });
    let request = drive(&action, &[]);
    assert!(request.contains("ask @<joiner>eve"), "{request}");
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
        &[sent(8), yes(true)],
        &expect![[r#"
            sendMessage! {"chat_id":-100,"text":"@<joiner>all news"}
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
            sendMessage! {"chat_id":-100,"text":"@<joiner>all news"}
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
            sendMessage! {"chat_id":-100,"text":"@<joiner>eve","entities":[{"type":"text_mention","offset":0,"length":5,"user":{"id":42}}]}
            sendMessage! {"chat_id":-100,"text":"@<joiner>eve"}
            Done({"message": Text("8")})"#]],
    );
    let again = drive(&action, &[unread.clone(), unread]);
    assert!(again.contains("Invalid"), "{again}");
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
