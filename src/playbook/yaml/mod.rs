//! YAML text as a tree that remembers where every key and value stands. Scalars keep the text as
//! written (`007`, `yes`, `no`): what they mean is decided by the field that reads them.

mod offsets;
mod parse;
mod quote;
mod traps;

#[cfg(test)]
mod tests;

pub use parse::parse;
pub use quote::in_quotes;
pub use traps::{empty_value, not_a_map};

use super::source::Spot;
use crate::model::Text;
use offsets::Offsets;

/// Bytes of one YAML file. The longest playbook we know is a hundredth of it.
pub const FILE_BYTES_MAX: usize = 1024 * 1024;
/// Nesting of lists and maps. Real playbooks stay below 20.
pub const NESTING_MAX: usize = 64;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub spot: Spot,
    pub kind: NodeKind,
}

/// What a value is in YAML's eyes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeKind {
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
    /// A key or an item without a value. The spot is the point after the colon or dash.
    Empty,
    /// Already reported: readers stay silent about it.
    Broken,
}

/// A key of a map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub spot: Spot,
    pub text: Text,
}

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Plain,
    /// `'…'` or `"…"`.
    Quoted,
    /// Under `|` or `>`.
    Block,
}

/// A piece of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar {
    /// Its value, with escapes and line folding undone.
    pub text: Text,
    pub style: Style,
    offsets: Offsets,
}

impl Scalar {
    /// A text that stands in no file: a stand-in for one that a user would write.
    pub fn made(text: impl Into<Text>) -> Self {
        Self {
            text: text.into(),
            style: Style::Plain,
            offsets: Offsets::default(),
        }
    }

    /// Where in the file the byte at this offset of `text` was written. Offsets past the end give
    /// the end.
    pub fn source_offset(&self, offset: usize) -> usize {
        self.offsets.start(offset)
    }
}

impl Node {
    /// The scalar it is.
    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.kind {
            NodeKind::Scalar(scalar) => Some(scalar),
            NodeKind::List(_) | NodeKind::Map(_) | NodeKind::Empty | NodeKind::Broken => None,
        }
    }

    /// Its text, when it is a scalar.
    pub fn text(&self) -> Option<&str> {
        self.scalar().map(|scalar| &*scalar.text)
    }

    /// Its items, when it is a list.
    pub fn items(&self) -> Option<&[Self]> {
        match &self.kind {
            NodeKind::List(items) => Some(items),
            NodeKind::Scalar(_) | NodeKind::Map(_) | NodeKind::Empty | NodeKind::Broken => None,
        }
    }

    /// Its entries, when it is a map.
    pub fn entries(&self) -> Option<&[(Key, Self)]> {
        match &self.kind {
            NodeKind::Map(entries) => Some(entries),
            NodeKind::Scalar(_) | NodeKind::List(_) | NodeKind::Empty | NodeKind::Broken => None,
        }
    }

    /// The value of a key, when it is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        let mut entries = self.entries()?.iter();
        entries
            .find(|(written, _)| &*written.text == key)
            .map(|(_, value)| value)
    }

    /// True when it was already reported.
    pub fn is_broken(&self) -> bool {
        self.kind == NodeKind::Broken
    }

    /// What it is, for messages: "a list", "text".
    pub fn shape(&self) -> &'static str {
        match &self.kind {
            NodeKind::Scalar(_) => "text",
            NodeKind::List(_) => "a list",
            NodeKind::Map(_) => "a map",
            NodeKind::Empty | NodeKind::Broken => "nothing",
        }
    }

    /// The spot of a range of bytes of its text; its own spot when it is no scalar.
    pub fn part(&self, start: usize, end: usize) -> Spot {
        self.scalar().map_or(self.spot, |scalar| {
            let from = scalar.offsets.start(start);
            let to = if end > start {
                scalar.offsets.end(end)
            } else {
                from
            };
            self.spot.at(from, to.max(from))
        })
    }
}
