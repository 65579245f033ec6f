//! Values that expressions, variables and stored data hold.

use super::{GroupNo, MemberNo, Millis, RichText, Span, Text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Fields of a record, in name order.
pub type Record = BTreeMap<Text, Value>;

/// Anything that a name in a rule can stand for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// Empty: an optional field that is not there.
    #[default]
    Nothing,
    Bool(bool),
    Int(i64),
    /// Only from division, literals with a point and `chance`; never an amount of points.
    Float(f64),
    Text(Text),
    /// An instant.
    Time(Millis),
    /// A length of time.
    Span(Span),
    Member(MemberNo),
    Group(GroupNo),
    /// Text with mentions in it, such as `mentions` in a welcome; a connector renders it.
    Rich(RichText),
    List(Vec<Value>),
    Record(Record),
}

impl Value {
    /// A text value.
    pub fn text(text: impl Into<Text>) -> Self {
        Self::Text(text.into())
    }

    /// True only for `true`: every other value, also a missing one, counts as false.
    pub const fn is_true(&self) -> bool {
        matches!(self, Self::Bool(true))
    }

    /// True for the empty value.
    pub const fn is_nothing(&self) -> bool {
        matches!(self, Self::Nothing)
    }

    /// The whole number it is, if it is one.
    pub const fn as_int(&self) -> Option<i64> {
        if let Self::Int(number) = self {
            Some(*number)
        } else {
            None
        }
    }

    /// The text it is, if it is one.
    pub const fn as_text(&self) -> Option<&Text> {
        if let Self::Text(text) = self {
            Some(text)
        } else {
            None
        }
    }

    /// The member it is, if it is one.
    pub const fn as_member(&self) -> Option<MemberNo> {
        if let Self::Member(member) = self {
            Some(*member)
        } else {
            None
        }
    }

    /// The group it is, if it is one.
    pub const fn as_group(&self) -> Option<GroupNo> {
        if let Self::Group(group) = self {
            Some(*group)
        } else {
            None
        }
    }

    /// The span it is; whole numbers are no spans.
    pub const fn as_span(&self) -> Option<Span> {
        if let Self::Span(span) = self {
            Some(*span)
        } else {
            None
        }
    }

    /// The items of a list; one value alone counts as a list of one, the empty value as none.
    pub fn into_items(self) -> Vec<Value> {
        match self {
            Self::Nothing => Vec::new(),
            Self::List(items) => items,
            Self::Bool(_)
            | Self::Int(_)
            | Self::Float(_)
            | Self::Text(_)
            | Self::Time(_)
            | Self::Span(_)
            | Self::Member(_)
            | Self::Group(_)
            | Self::Rich(_)
            | Self::Record(_) => vec![self],
        }
    }

    /// A field of a record; the empty value for anything else.
    pub fn field(&self, name: &str) -> &Value {
        const NOTHING: &Value = &Value::Nothing;
        if let Self::Record(fields) = self {
            fields.get(name).unwrap_or(NOTHING)
        } else {
            NOTHING
        }
    }

    /// What it is, in the words of error messages.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Bool(_) => "true or false",
            Self::Int(_) | Self::Float(_) => "a number",
            Self::Text(_) | Self::Rich(_) => "text",
            Self::Time(_) => "a time",
            Self::Span(_) => "a duration",
            Self::Member(_) => "a member",
            Self::Group(_) => "a group",
            Self::List(_) => "a list",
            Self::Record(_) => "a record",
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}
