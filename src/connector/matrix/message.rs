//! `m.room.message` and stickers as messages: text, mentions, replies, threads, edits, files.

use super::Matrix;
use super::transaction::{Decoded, OWN, Wire, text};
use crate::model::{Content, Happening, Message, Text};
use serde_json::Value;

impl Matrix {
    pub(super) fn message(&self, wire: &Wire) -> Decoded {
        if self.is_ours(&wire.sender) {
            return Err(OWN);
        }
        let relation = &wire.content["m.relates_to"];
        let replaced = relation["event_id"]
            .as_str()
            .filter(|_| relation["rel_type"] == "m.replace");
        let new = &wire.content["m.new_content"];
        let content = if replaced.is_some() && new.is_object() {
            new
        } else {
            &wire.content
        };
        // A redacted message has lost its content.
        let kind = content["msgtype"].as_str().ok_or("m.room.message")?;
        let mut message = self.read(content);
        message.id = replaced.map_or_else(|| wire.event_id.clone(), Into::into);
        message.edited = replaced.is_some();
        message.content = match kind {
            "m.text" | "m.notice" | "m.emote" => Content::Text,
            "m.image" => Content::Image,
            "m.file" => Content::File,
            "m.audio" => Content::Voice,
            "m.video" => Content::Video,
            "m.location" => Content::Location,
            _ => Content::Other,
        };
        if replaced.is_none() {
            (message.reply_to, message.thread) = answered(relation);
        }
        if message.reply_to.is_some() {
            message.text = without_fallback(&message.text).into();
        }
        if matches!(kind, "m.image" | "m.file" | "m.audio" | "m.video") {
            attach(&mut message, content);
        }
        let person = Some(self.person(&wire.sender));
        Ok(vec![self.event(
            wire,
            person,
            Happening::MessagePosted(message),
        )])
    }

    pub(super) fn sticker(&self, wire: &Wire) -> Decoded {
        if self.is_ours(&wire.sender) {
            return Err(OWN);
        }
        let (reply_to, thread) = answered(&wire.content["m.relates_to"]);
        let message = Message {
            id: wire.event_id.clone(),
            content: Content::Sticker,
            reply_to,
            thread,
            ..self.read(&wire.content)
        };
        let person = Some(self.person(&wire.sender));
        Ok(vec![self.event(
            wire,
            person,
            Happening::MessagePosted(message),
        )])
    }

    /// Text, links and mentions.
    fn read(&self, content: &Value) -> Message {
        let body = content["body"].as_str().unwrap_or_default();
        let declared = &content["m.mentions"];
        let people = declared["user_ids"].as_array().into_iter().flatten();
        let mentions: Vec<Text> = people.filter_map(Value::as_str).map(Text::from).collect();
        // Clients before Matrix 1.7 declare nothing: they put our id or a link to it in the text.
        let mentions_bot = if declared.is_object() {
            mentions.iter().any(|id| self.is_us(id))
        } else {
            body.contains(&*self.user)
        };
        let mut links = Vec::new();
        find_links(body, &mut links);
        // The HTML can lead elsewhere than the text says.
        let html = content["formatted_body"].as_str().unwrap_or_default();
        find_links(&html.replace("&amp;", "&"), &mut links);
        links.retain(|link| !link.starts_with("https://matrix.to/"));
        Message {
            text: text(&content["body"]),
            mentions,
            mentions_bot,
            mentions_all: declared["room"] == true,
            links,
            ..Message::default()
        }
    }
}

/// A file's name; what stands in the body is a caption only if it is not that name.
fn attach(message: &mut Message, content: &Value) {
    let body = content["body"].as_str().unwrap_or_default();
    let file = content["filename"].as_str().unwrap_or(body);
    if file == body {
        message.text = "".into();
    }
    if !file.is_empty() {
        message.files.push(file.into());
    }
}

/// The message that is answered, and the thread. In a thread, clients also name the message before
/// for those without threads: that is no answer.
fn answered(relation: &Value) -> (Option<Text>, Option<Text>) {
    let id = |value: &Value| value.as_str().map(Text::from);
    let thread = id(&relation["event_id"]).filter(|_| relation["rel_type"] == "m.thread");
    let fallback = thread.is_some() && relation["is_falling_back"] == true;
    let reply = id(&relation["m.in_reply_to"]["event_id"]).filter(|_| !fallback);
    (reply, thread)
}

/// Older clients quote the answered message first: lines with `> `, then an empty one.
fn without_fallback(body: &str) -> &str {
    let mut rest = body;
    while rest.starts_with("> ") {
        let Some((_, after)) = rest.split_once('\n') else {
            return body;
        };
        rest = after;
    }
    rest.strip_prefix('\n').unwrap_or(body)
}

/// Adds the web addresses in a text that are not known yet.
fn find_links(text: &str, links: &mut Vec<Text>) {
    // ASCII alone changes, so positions stay.
    let lower = text.to_ascii_lowercase();
    let mut from = 0;
    while let Some(at) = lower.get(from..).and_then(|rest| rest.find("http")) {
        let start = from + at;
        let rest = text.get(start..).unwrap_or_default();
        let end = rest.find(ends_link).unwrap_or(rest.len());
        let link = rest.get(..end).unwrap_or_default();
        let link = link.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']']);
        from = start + link.len().max("http".len());
        let is_web = link.split_once("://").is_some_and(|(scheme, host)| {
            !host.is_empty() && matches!(&*scheme.to_ascii_lowercase(), "http" | "https")
        });
        if is_web && !links.iter().any(|known| **known == *link) {
            links.push(link.into());
        }
    }
}

/// Characters that no address contains as it stands: blanks, quotes, and the punctuation of Chinese.
fn ends_link(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '"' | '\'' | '<' | '>' | '`')
        || matches!(c, '\u{3000}'..='\u{303f}' | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff1f}')
}
