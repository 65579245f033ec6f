//! Shows what an update becomes, one line an event.

use super::receive;
use crate::connector::Reply;
use crate::model::{Event, Person};
use expect_test::Expect;
use serde_json::{Value, json};

pub(super) fn who(person: &Person) -> String {
    let name = person.name.as_deref().unwrap_or("?");
    let role = person.role.map_or("", |role| role.word());
    let bot = if person.is_bot { " bot" } else { "" };
    format!("{}={name}{bot} {role}", person.id)
        .trim_end()
        .to_owned()
}

pub(super) fn line(event: &Event) -> String {
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
pub(super) fn check(update: &str, expected: &Expect) {
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
pub(super) fn update(kind: &str, fields: &Value) -> String {
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

pub(super) fn standing(status: &str, id: i64) -> Value {
    json!({ "status": status, "user": { "id": id, "is_bot": false, "first_name": "Bob" } })
}

#[track_caller]
pub(super) fn check_change(kind: &str, old: &Value, new: &Value, expected: &Expect) {
    let fields = json!({ "old_chat_member": old, "new_chat_member": new });
    check(&update(kind, &fields), expected);
}
