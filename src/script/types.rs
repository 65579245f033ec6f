//! What kind of value an expression gives, as far as that is known at load.

use crate::model::{Text, Value};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Fields of a record type, in name order.
pub type Fields = Arc<BTreeMap<Text, Type>>;

/// The type of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// Always empty: `()`.
    Nothing,
    /// Not known before it runs (a script's result, a signal's data).
    Any,
    Bool,
    Number,
    /// Text, with or without mentions in it.
    Text,
    Time,
    Duration,
    Member,
    Group,
    List(Box<Type>),
    Record(Fields),
    /// Possibly empty: `??` must say what to use instead.
    Maybe(Box<Type>),
}

impl Type {
    /// A list of that type.
    pub fn list(of: Self) -> Self {
        Self::List(Box::new(of))
    }

    /// A record type of these fields.
    pub fn record<N: Into<Text>>(fields: impl IntoIterator<Item = (N, Self)>) -> Self {
        Self::Record(fields_of(fields))
    }

    /// The same type, possibly empty.
    pub fn maybe(self) -> Self {
        match self {
            Self::Maybe(_) | Self::Nothing | Self::Any => self,
            Self::Bool
            | Self::Number
            | Self::Text
            | Self::Time
            | Self::Duration
            | Self::Member
            | Self::Group
            | Self::List(_)
            | Self::Record(_) => Self::Maybe(Box::new(self)),
        }
    }

    /// The type without "possibly empty".
    pub fn certain(&self) -> &Self {
        if let Self::Maybe(inner) = self {
            inner
        } else {
            self
        }
    }

    /// True when the value may be empty and the rule has not said what to do then.
    pub const fn is_maybe(&self) -> bool {
        matches!(self, Self::Maybe(_))
    }

    /// True when a value of this type can be used where `wanted` is asked for.
    pub fn fits(&self, wanted: &Self) -> bool {
        match (self, wanted) {
            (_, Self::Any) | (Self::Any, _) | (Self::Nothing, Self::Maybe(_)) => true,
            (Self::Maybe(inner), Self::Maybe(wanted)) => inner.fits(wanted),
            (_, Self::Maybe(wanted)) => self.fits(wanted),
            (Self::List(item), Self::List(wanted)) => item.fits(wanted),
            (Self::Record(fields), Self::Record(wanted)) => wanted.iter().all(|(name, wanted)| {
                wanted.is_maybe() || fields.get(name).is_some_and(|field| field.fits(wanted))
            }),
            _ => self == wanted,
        }
    }

    /// True when values of the two types can ever be equal.
    pub(crate) fn comparable(&self, other: &Self) -> bool {
        match (self.certain(), other.certain()) {
            (Self::Any | Self::Nothing, _)
            | (_, Self::Any | Self::Nothing)
            | (Self::Record(_), Self::Record(_)) => true,
            (Self::List(one), Self::List(other)) => one.comparable(other),
            (one, other) => one == other,
        }
    }

    /// The narrowest type that covers both.
    pub(crate) fn union(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Nothing, other) | (other, Self::Nothing) => other.clone().maybe(),
            (Self::Maybe(one), other) | (other, Self::Maybe(one)) => {
                one.union(other.certain()).maybe()
            }
            (Self::List(one), Self::List(other)) => Self::list(one.union(other)),
            (one, other) if one == other => one.clone(),
            _ => Self::Any,
        }
    }

    /// The type of a value that is known at load.
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Nothing => Self::Nothing,
            Value::Bool(_) => Self::Bool,
            Value::Int(_) | Value::Float(_) => Self::Number,
            Value::Text(_) | Value::Rich(_) => Self::Text,
            Value::Time(_) => Self::Time,
            Value::Span(_) => Self::Duration,
            Value::Member(_) => Self::Member,
            Value::Group(_) => Self::Group,
            Value::List(items) => Self::list(
                items
                    .iter()
                    .map(Self::of)
                    .reduce(|one, other| one.union(&other))
                    .unwrap_or(Self::Any),
            ),
            Value::Record(fields) => Self::record(
                fields
                    .iter()
                    .map(|(name, value)| (name.clone(), Self::of(value))),
            ),
        }
    }

    /// In the words of messages: `a number`, `text`.
    pub const fn words(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Any => "anything",
            Self::Bool => "true or false",
            Self::Number => "a number",
            Self::Text => "text",
            Self::Time => "a time",
            Self::Duration => "a duration",
            Self::Member => "a member",
            Self::Group => "a group",
            Self::List(_) => "a list",
            Self::Record(_) => "a record",
            Self::Maybe(inner) => inner.words(),
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List(item) if **item != Self::Any => write!(f, "a list of {}", item.words()),
            Self::Maybe(inner) => write!(f, "{inner} or nothing"),
            Self::Nothing
            | Self::Any
            | Self::Bool
            | Self::Number
            | Self::Text
            | Self::Time
            | Self::Duration
            | Self::Member
            | Self::Group
            | Self::List(_)
            | Self::Record(_) => f.write_str(self.words()),
        }
    }
}

/// Fields by name and type.
pub fn fields_of<N: Into<Text>>(fields: impl IntoIterator<Item = (N, Type)>) -> Fields {
    Arc::new(
        fields
            .into_iter()
            .map(|(name, ty)| (name.into(), ty))
            .collect(),
    )
}
