//! A message of ours as one or more sends: long texts are split, a file goes with its caption,
//! choices become buttons, and `announce` pins.

use super::drive::{Ended, broken, invalid, number, pin};
use super::entities::{CAPTION_UNITS_MAX, Part, TEXT_UNITS_MAX, parts, units};
use super::errors::Trouble;
use super::walk::{Call, Halt, Walk};
use crate::connector::Outcome;
use crate::model::{Piece, Post, Record, Text, Value as Field};
use serde_json::{Value, json};

/// Bytes of a button's data (platforms/telegram.md §1, `callback_query`).
const BUTTON_BYTES_MAX: usize = 64;
/// Buttons under one message: Telegram takes about a hundred; the text names all choices anyway.
const BUTTONS_MAX: usize = 100;

/// Endings of addresses that Telegram shows as a photo.
const PHOTO_ENDINGS: [&str; 4] = [".jpg", ".jpeg", ".png", ".webp"];

/// Sends it all. Results: `message` (the one with the buttons, else the first), `messages` when
/// there are several, `pin_problem` when it stands but could not be pinned.
pub(super) fn send(walk: &mut Walk<'_>, post: &Post) -> Ended<Record> {
    let calls = calls(post)?;
    let total = calls.len();
    let mut sent = Vec::new();
    for call in calls {
        match walk.call(call) {
            Ok(message) => sent.push(message.get("message_id").and_then(Value::as_i64)),
            Err(Halt::Said { trouble, .. }) if !sent.is_empty() => {
                return Err(half_sent(sent.len(), total, &trouble).into());
            }
            Err(halt) => return Err(halt.into()),
        }
    }
    let Some(ids) = sent.into_iter().collect::<Option<Vec<i64>>>() else {
        return Err(broken("telegram took the message and did not tell its id").into());
    };
    let main = if post.choices.is_empty() {
        ids.first()
    } else {
        ids.last()
    };
    let mut told = Record::new();
    if let Some(main) = main {
        told.insert("message".into(), Field::text(main.to_string()));
    }
    if ids.len() > 1 {
        let all = ids.iter().map(|id| Field::text(id.to_string())).collect();
        told.insert("messages".into(), Field::List(all));
    }
    if let Some(main) = main.filter(|_| post.pin) {
        let loud = post.text.0.contains(&Piece::Everyone);
        match pin(walk, (*main).into(), loud) {
            Ok(()) => {}
            // The message stands: to fail the whole would send it again.
            Err(Halt::Said { trouble, .. }) => {
                told.insert("pin_problem".into(), Field::text(trouble.reason));
            }
            Err(halt @ Halt::Ask(_)) => return Err(halt.into()),
        }
    }
    Ok(told)
}

/// Some parts stand and the next one does not: whatever the reason, a repetition would show the
/// first ones twice, so it is for the operator's `unknown` setting to decide.
fn half_sent(sent: usize, total: usize, trouble: &Trouble) -> Outcome {
    Outcome::Unknown {
        reason: format!("{sent} of {total} parts were sent: {}", trouble.reason),
    }
}

/// The sends of a message in order.
fn calls(post: &Post) -> Ended<Vec<Call>> {
    let mut calls = match post.file.as_deref() {
        None => texts(parts(&post.text, TEXT_UNITS_MAX)),
        Some(file) => with_file(post, file),
    };
    if let Some(answered) = &post.reply_to {
        let reply = json!({
            "message_id": number(answered)?,
            "allow_sending_without_reply": true,
        });
        first(&mut calls, "reply_parameters", reply);
    }
    if let Some(last) = calls.pop() {
        let last = if post.choices.is_empty() {
            last
        } else {
            last.with("reply_markup", buttons(&post.choices))
        };
        calls.push(last);
        Ok(calls)
    } else {
        Err(invalid("the message is empty").into())
    }
}

fn texts(parts: Vec<Part>) -> Vec<Call> {
    let text = |part: Part| {
        Call::sending("sendMessage")
            .with("text", part.text)
            .with_marks("entities", &part.entities)
    };
    parts.into_iter().map(text).collect()
}

/// A text that fits goes below the file as its caption; a longer one follows the file, so that the
/// buttons stand under the words.
fn with_file(post: &Post, file: &str) -> Vec<Call> {
    // Telegram fetches addresses itself; any other name is one of its own file ids.
    let (path, _query) = file.split_once('?').unwrap_or((file, ""));
    let path = path.to_lowercase();
    let sending = if PHOTO_ENDINGS.iter().any(|ending| path.ends_with(ending)) {
        Call::sending("sendPhoto").with("photo", file)
    } else {
        Call::sending("sendDocument").with("document", file)
    };
    let mut captions = parts(&post.text, CAPTION_UNITS_MAX);
    match captions.pop() {
        None => vec![sending],
        Some(caption) if captions.is_empty() => vec![
            sending
                .with("caption", caption.text)
                .with_marks("caption_entities", &caption.entities),
        ],
        Some(_) => {
            let mut calls = vec![sending];
            calls.extend(texts(parts(&post.text, TEXT_UNITS_MAX)));
            calls
        }
    }
}

fn first(calls: &mut [Call], name: &str, value: Value) {
    if let Some(call) = calls.first_mut() {
        *call = call.clone().with(name, value);
    }
}

/// One button a row. Its data is the choice itself; a longer one goes by its number, and `receive`
/// reads the label of the pressed button.
fn buttons(choices: &[Text]) -> Value {
    let row = |(index, choice): (usize, &Text)| {
        let data = if choice.len() <= BUTTON_BYTES_MAX {
            choice.to_string()
        } else {
            format!("#{index}")
        };
        json!([{ "text": &**choice, "callback_data": data }])
    };
    let rows: Vec<Value> = choices
        .iter()
        .filter(|choice| units(choice.trim()) > 0)
        .take(BUTTONS_MAX)
        .enumerate()
        .map(row)
        .collect();
    json!({ "inline_keyboard": rows })
}
