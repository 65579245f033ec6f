//! Cuts a text into messages that the platform takes.

use crate::model::{Piece, RichText};

/// The text as messages of at most `max_chars` characters, cut at line breaks or blanks where there
/// are any. Of each message the first `max_mentions` mentions stay native; the rest become plain
/// `@name`. A text of nothing is no message.
pub(super) fn split(text: &RichText, max_chars: usize, max_mentions: usize) -> Vec<RichText> {
    let mut parts = Parts {
        done: Vec::new(),
        part: RichText::default(),
        room: max_chars.max(1),
        mentions: 0,
        max_chars: max_chars.max(1),
    };
    for piece in &text.0 {
        match piece {
            Piece::Plain(plain) => parts.push_plain(plain),
            Piece::Mention { name, .. } => {
                parts.make_room(name.chars().count().saturating_add(1));
                if parts.mentions < max_mentions {
                    parts.mentions += 1;
                    parts.part.0.push(piece.clone());
                } else {
                    parts.part.push_text(&format!("@{name}"));
                }
            }
            Piece::Everyone => {
                parts.make_room("@all".len());
                parts.part.0.push(Piece::Everyone);
            }
        }
    }
    parts.flush();
    parts.done
}

struct Parts {
    done: Vec<RichText>,
    part: RichText,
    /// Characters that the part still takes.
    room: usize,
    mentions: usize,
    max_chars: usize,
}

impl Parts {
    fn flush(&mut self) {
        let part = std::mem::take(&mut self.part);
        if !part.is_blank() {
            self.done.push(part);
        }
        self.room = self.max_chars;
        self.mentions = 0;
    }

    /// Takes that many characters, in a new part when this one has no room for them.
    fn make_room(&mut self, chars: usize) {
        if chars > self.room && self.room < self.max_chars {
            self.flush();
        }
        self.room = self.room.saturating_sub(chars);
    }

    fn push_plain(&mut self, plain: &str) {
        let mut rest = plain;
        while let Some((full, _)) = rest.char_indices().nth(self.room) {
            let (head, tail) = rest.split_at(full);
            let fresh = self.room == self.max_chars;
            let cut = match head.rfind('\n').or_else(|| head.rfind(char::is_whitespace)) {
                Some(blank) => blank,
                // A word that began in this part and would fit into the next goes there whole.
                None if !fresh => 0,
                None => full,
            };
            let (head, after) = rest.split_at(cut);
            self.part.push_text(head);
            self.flush();
            rest = if cut == full {
                tail
            } else {
                after.trim_start()
            };
        }
        self.room = self.room.saturating_sub(rest.chars().count());
        self.part.push_text(rest);
    }
}
