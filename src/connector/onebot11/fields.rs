//! Fields of OneBot's JSON as senders really write them: ids as numbers or as texts, optional ones
//! missing or `null` (platforms/onebot.md §1 "Robustness").

use crate::model::{Millis, Role, Text, time};
use serde_json::{Map, Value, json};

/// An object of an event or an answer.
pub(super) type Fields = Map<String, Value>;

/// A number or a text, as text; empty is none.
pub(super) fn scalar(value: &Value) -> Option<Text> {
    let text = match value {
        Value::String(text) => text.trim().into(),
        Value::Number(number) if !number.is_f64() => number.to_string().into(),
        Value::Number(_) | Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            return None;
        }
    };
    (text != Text::from("")).then_some(text)
}

/// An id in that field.
pub(super) fn id(fields: &Fields, name: &str) -> Option<Text> {
    scalar(fields.get(name)?)
}

/// The id of a person in that field; 0 stands for nobody.
pub(super) fn person(fields: &Fields, name: &str) -> Option<Text> {
    id(fields, name).filter(|id| &**id != "0")
}

/// A word of the protocol; missing is the empty word.
pub(super) fn word<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).and_then(Value::as_str).unwrap_or("")
}

/// A text that is not empty.
pub(super) fn text(fields: &Fields, name: &str) -> Option<Text> {
    Some(word(fields, name))
        .filter(|text| !text.is_empty())
        .map(Text::from)
}

/// A whole number, also when it is written as text.
pub(super) fn number(fields: &Fields, name: &str) -> Option<i64> {
    match fields.get(name)? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// An instant written in seconds; 0 means that nobody knows.
pub(super) fn instant(fields: &Fields, name: &str) -> Option<Millis> {
    number(fields, name)
        .filter(|seconds| *seconds > 0)
        .map(|seconds| seconds.saturating_mul(time::SECOND))
}

/// `owner`, `admin` or `member`.
pub(super) fn role(fields: &Fields) -> Option<Role> {
    match word(fields, "role") {
        "owner" => Some(Role::Owner),
        "admin" => Some(Role::Staff),
        "member" => Some(Role::Member),
        _ => None,
    }
}

/// An id on its way out: a number where it is one, since go-cqhttp and Lagrange want numbers.
pub(super) fn outgoing(id: &str) -> Value {
    id.parse::<i64>().map_or_else(|_| json!(id), |id| json!(id))
}
