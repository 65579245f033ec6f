//! The shell's own errands.

use super::super::update::KINDS;
use super::sending::{no, show, yes};
use super::{SECRET, bot};
use crate::connector::{Answer, Connector, Errand, ErrandNext, ErrandResult};
use expect_test::expect;
use serde_json::{Value, json};

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
    expect!["getMe {}"].assert_eq(&run(&errand, &[yes(true)]));
    expect![[r#"Connected("the webhook of @steward_bot (555) is set")"#]]
        .assert_eq(&run(&errand, &[yes(true), me]));
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
        "allowed_updates": KINDS,
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
