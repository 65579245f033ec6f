//! Text with marks, in Telegram's counting: offsets, lengths and limits are UTF-16 code units.
//! We write `entities` and never a `parse_mode`, so nothing in a text can become markup.

use crate::model::{Piece, RichText};
use serde_json::{Value, json};
use std::ops::Range;

/// UTF-16 units of one message's text (platforms/telegram.md §2, sendMessage).
pub(super) const TEXT_UNITS_MAX: usize = 4_096;
/// UTF-16 units of the text below a file (Bot API, sendDocument).
pub(super) const CAPTION_UNITS_MAX: usize = 1_024;
/// Mentions of one message that are marked. Telegram keeps 100 entities of a message and counts the
/// links it finds in the text among them; a mention past this stands as the bare name.
pub(super) const MENTIONS_MAX: usize = 50;

/// Put after an `@` that Telegram would read as a mention of a user name: it is invisible and keeps
/// the line together (U+2060, word joiner).
const JOINER: char = '\u{2060}';

/// What fits one message.
#[derive(Debug, PartialEq)]
pub(super) struct Part {
    pub(super) text: String,
    pub(super) entities: Vec<Value>,
}

/// Renders a text and cuts it into parts of at most `max` units: at the end of a line or a word
/// where one is near, never inside a mention. Parts without a visible character are left out, as
/// Telegram takes none.
pub(super) fn parts(rich: &RichText, max: usize) -> Vec<Part> {
    let (text, marks) = flatten(rich);
    let mut parts = Vec::new();
    let mut from = 0;
    while from < text.len() {
        let to = cut(&text, from, max, &marks);
        let part = part(&text, from..to, &marks);
        if !part.text.trim().is_empty() {
            parts.push(part);
        }
        from = to;
    }
    parts
}

/// The units of a text.
pub(super) fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The piece of a text that an entity of Telegram's covers. `None` when its numbers lie.
pub(super) fn covered(text: &str, offset: usize, length: usize) -> Option<String> {
    let mut at = 0_usize;
    let mut found = String::new();
    let end = offset.checked_add(length)?;
    for c in text.chars() {
        if at >= offset && at < end {
            found.push(c);
        }
        at = at.saturating_add(c.len_utf16());
    }
    (end <= at && !found.is_empty()).then_some(found)
}

/// A mention in a rendered text, by its bytes.
struct Mark<'a> {
    at: Range<usize>,
    member: &'a str,
}

fn flatten(rich: &RichText) -> (String, Vec<Mark<'_>>) {
    let mut text = String::new();
    let mut marks = Vec::new();
    for piece in &rich.0 {
        let start = text.len();
        match piece {
            Piece::Plain(plain) => push_literal(&mut text, plain),
            Piece::Mention { id, name } => {
                let shown = if name.trim().is_empty() { id } else { name };
                push_literal(&mut text, shown);
                marks.push(Mark {
                    at: start..text.len(),
                    member: id,
                });
            }
            // Telegram has no mention of everyone: the words stand, and a pin tells the members.
            Piece::Everyone => push_literal(&mut text, "@all"),
        }
    }
    (text, marks)
}

/// Appends a text so that no `@name` in it calls anybody: Telegram turns such words of any message
/// into mentions, whoever wrote them.
fn push_literal(text: &mut String, literal: &str) {
    let mut chars = literal.chars().peekable();
    if text.ends_with('@') && chars.peek().is_some_and(|next| is_word(*next)) {
        text.push(JOINER);
    }
    let mut inside_word = text.chars().next_back().is_some_and(is_word);
    while let Some(c) = chars.next() {
        text.push(c);
        if c == '@' && !inside_word && chars.peek().is_some_and(|next| is_word(*next)) {
            text.push(JOINER);
        }
        inside_word = is_word(c);
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Where the part that begins at `from` ends; always further on, so that cutting comes to an end.
fn cut(text: &str, from: usize, max: usize, marks: &[Mark<'_>]) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let mut used = 0_usize;
    let mut hard = text.len();
    let mut soft = None;
    for (index, c) in rest.char_indices() {
        used = used.saturating_add(c.len_utf16());
        if used > max && index > 0 {
            hard = from + index;
            break;
        }
        // A break in the first half would leave a short message: then rather cut a word.
        if used > max / 2 {
            let after = from + index + c.len_utf8();
            soft = match (c, soft) {
                ('\n', _) => Some((after, true)),
                (_, Some((_, true))) => soft,
                (c, _) if c.is_whitespace() || "。！？".contains(c) => Some((after, false)),
                _ => soft,
            };
        }
    }
    if hard == text.len() {
        return hard;
    }
    let wanted = soft.map_or(hard, |(after, _)| after);
    let crossed = marks
        .iter()
        .find(|mark| mark.at.start < wanted && wanted < mark.at.end);
    match crossed {
        Some(mark) if mark.at.start > from => mark.at.start,
        Some(_) | None => wanted,
    }
}

fn part(text: &str, at: Range<usize>, marks: &[Mark<'_>]) -> Part {
    let inside = |mark: &&Mark<'_>| at.start <= mark.at.start && mark.at.end <= at.end;
    let units_of = |range: Range<usize>| units(text.get(range).unwrap_or_default());
    let entities = marks
        .iter()
        .filter(inside)
        .take(MENTIONS_MAX)
        .filter_map(|mark| {
            let member: i64 = mark.member.parse().ok()?;
            Some(json!({
                "type": "text_mention",
                "offset": units_of(at.start..mark.at.start),
                "length": units_of(mark.at.clone()),
                "user": { "id": member },
            }))
        })
        .collect();
    Part {
        text: text.get(at).unwrap_or_default().to_owned(),
        entities,
    }
}
