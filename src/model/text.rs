//! Text for a platform: plain pieces and typed mentions, so that nothing a member wrote can ever
//! become a mention or markup. A connector renders it.

use super::Text;
use serde::{Deserialize, Serialize};

/// A message as a list of pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RichText(pub Vec<Piece>);

/// One piece of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Piece {
    /// Literal text: escaped by the connector, never interpreted.
    Plain(Text),
    /// A native mention of a member: the platform's id and a name to show.
    Mention { id: Text, name: Text },
    /// A native mention of everyone in the group.
    Everyone,
}

impl RichText {
    /// Text without mentions.
    pub fn plain(text: impl Into<Text>) -> Self {
        Self(vec![Piece::Plain(text.into())])
    }

    /// Appends text, joining it to a plain piece before it.
    pub fn push_text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if let Some(Piece::Plain(last)) = self.0.last_mut() {
            *last = format!("{last}{text}").into();
        } else {
            self.0.push(Piece::Plain(text.into()));
        }
    }

    /// Appends another rich text.
    pub fn push(&mut self, other: &Self) {
        for piece in &other.0 {
            match piece {
                Piece::Plain(text) => self.push_text(text),
                Piece::Mention { .. } | Piece::Everyone => self.0.push(piece.clone()),
            }
        }
    }

    /// The text with mentions written as `@name`: for lists, traces and platforms without mentions.
    pub fn to_plain(&self) -> String {
        let mut plain = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Plain(text) => plain.push_str(text),
                Piece::Mention { name, .. } => {
                    plain.push('@');
                    plain.push_str(name);
                }
                Piece::Everyone => plain.push_str("@all"),
            }
        }
        plain
    }

    /// True when nothing would be seen.
    pub fn is_blank(&self) -> bool {
        self.0.iter().all(|piece| match piece {
            Piece::Plain(text) => text.trim().is_empty(),
            Piece::Mention { .. } | Piece::Everyone => false,
        })
    }
}
