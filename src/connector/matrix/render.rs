//! Rich text as Matrix message contents: plain body, HTML with links for mentions, `m.mentions`.

use super::outbound::matrix_to;
use crate::model::{Piece, RichText};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Bytes of body and HTML, as JSON, in one event. An event may have 65,536 bytes
/// (platforms/matrix.md §3); the rest is for mentions and for what the homeserver adds.
const TEXT_BYTES_MAX: usize = 44_000;
/// Mentions of one event that notify: fifty ids of at most 255 bytes still fit.
const MENTIONS_MAX: usize = 50;

/// The contents of the events that carry the text, in order; one, unless it is too long.
pub(super) fn contents(text: &RichText) -> Vec<Value> {
    let with_html = text.0.iter().any(|piece| !matches!(piece, Piece::Plain(_)));
    let mut parts = Parts {
        with_html,
        done: Vec::new(),
        open: Part::default(),
    };
    for piece in &text.0 {
        match piece {
            Piece::Plain(plain) => parts.plain(plain),
            Piece::Mention { id, name } => parts.mention(id, name),
            Piece::Everyone => parts.everyone(),
        }
    }
    parts.flush();
    parts.done
}

/// Events under way.
struct Parts {
    with_html: bool,
    done: Vec<Value>,
    open: Part,
}

/// One event under way.
#[derive(Default)]
struct Part {
    body: String,
    html: String,
    bytes: usize,
    people: BTreeSet<String>,
    everyone: bool,
}

impl Parts {
    /// Breaks between lines where it can, else between characters.
    fn plain(&mut self, text: &str) {
        for line in text.split_inclusive('\n') {
            let bytes = line.chars().map(|c| self.cost(c)).sum();
            if bytes <= TEXT_BYTES_MAX {
                self.make_room(bytes);
                line.chars().for_each(|c| self.push(c));
            } else {
                for c in line.chars() {
                    self.make_room(self.cost(c));
                    self.push(c);
                }
            }
        }
    }

    fn mention(&mut self, id: &str, name: &str) {
        let mut link = format!("<a href=\"{}\">", matrix_to(id));
        name.chars().for_each(|c| push_html(&mut link, c));
        link.push_str("</a>");
        let body = format!("@{name}");
        self.make_room(json_bytes(&body) + json_bytes(&link));
        self.open.bytes += json_bytes(&body) + json_bytes(&link);
        self.open.body.push_str(&body);
        self.open.html.push_str(&link);
        if self.open.people.len() < MENTIONS_MAX {
            self.open.people.insert(id.to_owned());
        }
    }

    fn everyone(&mut self) {
        self.make_room(2 * "@room".len());
        self.open.bytes += 2 * "@room".len();
        self.open.body.push_str("@room");
        self.open.html.push_str("@room");
        self.open.everyone = true;
    }

    fn push(&mut self, c: char) {
        // PostgreSQL cannot store it, and nobody can see it.
        if c == '\0' {
            return;
        }
        self.open.bytes += self.cost(c);
        self.open.body.push(c);
        if self.with_html {
            push_html(&mut self.open.html, c);
        }
    }

    fn cost(&self, c: char) -> usize {
        let html = match c {
            '&' => "&amp;".len(),
            '<' | '>' => "&lt;".len(),
            '"' => "&quot;".len(),
            '\n' => "<br>".len(),
            _ => char_bytes(c),
        };
        char_bytes(c) + if self.with_html { html } else { 0 }
    }

    fn make_room(&mut self, bytes: usize) {
        if self.open.bytes + bytes > TEXT_BYTES_MAX {
            self.flush();
        }
    }

    /// Ends the open part, if anything would be seen of it.
    fn flush(&mut self) {
        let part = std::mem::take(&mut self.open);
        if part.body.trim().is_empty() {
            return;
        }
        // Present even when empty: without it, clients look for names and `@room` in the body.
        let mut mentions = json!({});
        if !part.people.is_empty() {
            mentions["user_ids"] = part.people.iter().cloned().collect();
        }
        if part.everyone {
            mentions["room"] = true.into();
        }
        let mut content = json!({ "msgtype": "m.text", "body": part.body, "m.mentions": mentions });
        if part.everyone || !part.people.is_empty() {
            content["format"] = "org.matrix.custom.html".into();
            content["formatted_body"] = part.html.into();
        }
        self.done.push(content);
    }
}

fn push_html(html: &mut String, c: char) {
    match c {
        '&' => html.push_str("&amp;"),
        '<' => html.push_str("&lt;"),
        '>' => html.push_str("&gt;"),
        '"' => html.push_str("&quot;"),
        '\n' => html.push_str("<br>"),
        _ => html.push(c),
    }
}

/// Bytes of a text inside a JSON string.
fn json_bytes(text: &str) -> usize {
    text.chars().map(char_bytes).sum()
}

fn char_bytes(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        _ if c.is_control() => "\\u0000".len(),
        _ => c.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_stays_plain_and_notifies_nobody() {
        let text = RichText::plain("@room <b>1 & 2</b>\n@alice:x");
        let expected = json!({
            "msgtype": "m.text", "body": "@room <b>1 & 2</b>\n@alice:x", "m.mentions": {}
        });
        assert_eq!(contents(&text), [expected]);
    }

    #[test]
    fn mentions_are_links_and_all_else_is_escaped() {
        let text = RichText(vec![
            Piece::Plain("<hi> ".into()),
            Piece::Mention {
                id: "@a\"b:x".into(),
                name: "A<script>".into(),
            },
            Piece::Plain("\n&\0 ".into()),
            Piece::Everyone,
        ]);
        let expected = json!({
            "msgtype": "m.text",
            "body": "<hi> @A<script>\n& @room",
            "m.mentions": { "user_ids": ["@a\"b:x"], "room": true },
            "format": "org.matrix.custom.html",
            "formatted_body": "&lt;hi&gt; <a href=\"https://matrix.to/#/%40a%22b%3Ax\">\
                               A&lt;script&gt;</a><br>&amp; @room",
        });
        assert_eq!(contents(&text), [expected]);
    }

    #[test]
    fn no_part_is_larger_than_an_event_and_nothing_is_lost() {
        let mut text = RichText::plain("群".repeat(40_000));
        text.push_text(&format!("\n{}\n", "\"<\n".repeat(20_000)));
        for n in 0..200 {
            let id = format!("@{n}{}:x", "y".repeat(240));
            text.0.push(Piece::Mention {
                id: id.into(),
                name: "\u{1}\u{2}".into(),
            });
            text.push_text(" ");
        }
        let parts = contents(&text);
        let mut bodies = String::new();
        for part in &parts {
            assert!(
                part.to_string().len() < 62_000,
                "{}",
                part.to_string().len()
            );
            bodies.push_str(part["body"].as_str().unwrap());
        }
        assert_eq!(bodies, text.to_plain());
    }

    #[test]
    fn parts_break_between_lines() {
        let line = format!("{}\n", "x".repeat(30_000));
        let parts = contents(&RichText::plain(line.repeat(3)));
        assert_eq!(parts.len(), 3);
        assert!(parts.iter().all(|part| part["body"] == line.as_str()));
    }
}
