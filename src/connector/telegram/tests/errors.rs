//! Answers and what they mean.

use super::bot;
use super::sending::{drive, effect, no, post, remove, respond};
use crate::connector::{Answer, Connector, Failure, Next, Outcome, Response};
use crate::model::{Action, Refusal};
use expect_test::expect;
use serde_json::{Value, json};

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
    let token = drive(&send, &[no(404, "Not Found")]);
    assert!(token.starts_with("Stop"), "{token}");
    let nonsense = drive(&send, &[respond(200, &json!(["?"]))]);
    assert!(nonsense.starts_with("Broken"), "{nonsense}");
}
