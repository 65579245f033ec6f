//! Messages of QQ: arrays of segments, and the same as text with "CQ codes" (platforms/onebot.md §2).

use super::fields;
use crate::model::{Content, Message, Text};
use serde_json::Value;

/// One segment: its type and those of its parameters that are single values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) kind: String,
    pub(super) data: Vec<(String, String)>,
}

impl Segment {
    fn text(text: String) -> Self {
        Self {
            kind: "text".to_owned(),
            data: vec![("text".to_owned(), text)],
        }
    }

    fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.data.iter().find(|(known, _)| known == name)?;
        Some(value).filter(|value| !value.is_empty()).map(|v| &**v)
    }
}

/// Reads either form; what is neither holds no segments.
pub(super) fn read(message: &Value) -> Vec<Segment> {
    match message {
        Value::String(text) => from_cq(text),
        Value::Array(items) => items.iter().filter_map(from_json).collect(),
        Value::Object(_) => from_json(message).into_iter().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

fn from_json(item: &Value) -> Option<Segment> {
    let kind = item.get("type")?.as_str()?.to_owned();
    let fields = item.get("data").and_then(Value::as_object);
    let data = fields
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| {
            // Blanks matter in texts, so they are taken as they are.
            let value = match value.as_str() {
                Some(text) => text.to_owned(),
                None => fields::scalar(value)?.to_string(),
            };
            Some((name.clone(), value))
        })
        .collect();
    Some(Segment { kind, data })
}

/// Reads `text[CQ:type,key=value]text`. A bracket that is never closed is text.
pub(super) fn from_cq(message: &str) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut rest = message;
    while let Some((before, after)) = rest.split_once("[CQ:") {
        let Some((code, tail)) = after.split_once(']') else {
            break;
        };
        if !before.is_empty() {
            segments.push(Segment::text(unescape(before)));
        }
        segments.push(from_code(code));
        rest = tail;
    }
    if !rest.is_empty() {
        segments.push(Segment::text(unescape(rest)));
    }
    segments
}

fn from_code(code: &str) -> Segment {
    let mut parts = code.split(',');
    let kind = parts.next().unwrap_or_default().trim().to_owned();
    let data = parts
        .filter_map(|part| {
            let (name, value) = part.split_once('=')?;
            Some((name.trim().to_owned(), unescape(value)))
        })
        .collect();
    Segment { kind, data }
}

/// `&amp;` comes last, so that an escaped `&#91;` stays text.
fn unescape(text: &str) -> String {
    text.replace("&#91;", "[")
        .replace("&#93;", "]")
        .replace("&#44;", ",")
        .replace("&amp;", "&")
}

/// What the segments say, as a message that our account `self_id` reads.
pub(super) fn to_message(id: Text, segments: &[Segment], self_id: &str) -> Message {
    let mut message = Message {
        id,
        ..Message::default()
    };
    let mut text = String::new();
    let mut main = None;
    let mut faces = false;
    for segment in segments {
        match &*segment.kind {
            "text" => text.push_str(segment.get("text").unwrap_or("")),
            "at" => push_mention(segment, self_id, &mut text, &mut message),
            "reply" => message.reply_to = segment.get("id").map(Text::from),
            "face" => faces = true,
            other => {
                main = main.or(Some(content(other)));
                push_attachment(segment, &mut message);
            }
        }
    }
    message.links.extend(links(&text));
    let only_faces = faces && text.trim().is_empty();
    message.content = main.unwrap_or(if only_faces {
        Content::Sticker
    } else {
        Content::Text
    });
    message.text = text.into();
    message
}

fn push_mention(segment: &Segment, self_id: &str, text: &mut String, message: &mut Message) {
    let Some(qq) = segment.get("qq") else {
        return;
    };
    let name = segment.get("name").unwrap_or(qq).trim_start_matches('@');
    text.push('@');
    text.push_str(name);
    if qq == "all" {
        message.mentions_all = true;
    } else if qq == self_id {
        message.mentions_bot = true;
    } else {
        message.mentions.push(qq.into());
    }
}

fn push_attachment(segment: &Segment, message: &mut Message) {
    let name = match &*segment.kind {
        "file" => segment.get("name").or_else(|| segment.get("file")),
        "image" | "record" | "video" => segment.get("url").or_else(|| segment.get("file")),
        _ => None,
    };
    message.files.extend(name.map(Text::from));
    if segment.kind == "share" {
        message.links.extend(segment.get("url").map(Text::from));
    }
}

fn content(kind: &str) -> Content {
    match kind {
        "image" => Content::Image,
        "record" => Content::Voice,
        "video" => Content::Video,
        "file" => Content::File,
        "location" => Content::Location,
        "mface" | "rps" | "dice" | "bface" => Content::Sticker,
        _ => Content::Other,
    }
}

/// Addresses in a text. QQ marks none, and Chinese text follows them without a blank, so an
/// address ends at the first character that cannot stand in one.
fn links(text: &str) -> Vec<Text> {
    let mut links = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at);
        let lower = before.to_ascii_lowercase();
        let scheme = ["https", "http"]
            .into_iter()
            .find(|scheme| lower.ends_with(scheme));
        let tail = after.strip_prefix("://").unwrap_or(after);
        let end = tail
            .find(|c: char| !c.is_ascii_graphic() || matches!(c, '"' | '<' | '>' | '`' | '\\'))
            .unwrap_or(tail.len());
        let (address, next) = tail.split_at(end);
        let address = address.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', ')', ']']);
        if let Some(scheme) = scheme.filter(|_| !address.is_empty()) {
            links.push(format!("{scheme}://{address}").into());
        }
        rest = next;
    }
    links
}
