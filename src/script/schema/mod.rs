//! The one table of properties, event fields and functions: the lint, the docs, the JSON schema
//! and completion all read it.

mod functions;

pub use functions::{Callee, FUNCTIONS, Function, METHODS, Method, Pure, Query};

use super::types::{Fields, Type, fields_of};

/// A type as the tables write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Any,
    Bool,
    Number,
    Text,
    Time,
    Duration,
    Member,
    Group,
    List(&'static Shape),
    Maybe(&'static Shape),
    Record(&'static [Field]),
    /// A duration, a start time, or `today yesterday this_week last_week this_month last_month`.
    Window,
    /// Text, a list or a record: what has a length.
    Sized,
    /// A number, a time or a duration: what has an order.
    Ordered,
    /// Result only: the type of the first argument.
    Same,
    /// Result only: the type of an item of the first argument.
    Item,
}

/// One row of a table: a property or a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: &'static str,
    pub shape: Shape,
    pub doc: &'static str,
}

/// Things that are no values of their own and whose fields [`super::Facts::field`] gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    Community,
    Event,
    Run,
    Inputs,
    Vars,
}

macro_rules! table {
    ($(#[$meta:meta])* $kind:ident { $($variant:ident $name:literal $shape:expr, $doc:literal;)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $kind { $(#[doc = $doc] $variant,)* }

        impl $kind {
            /// Every one, in the order of the docs.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its row in the table.
            pub const fn field(self) -> Field {
                match self { $(Self::$variant => Field { name: $name, shape: $shape, doc: $doc },)* }
            }

            /// The one of that name.
            pub fn find(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

const TEXT_LIST: Shape = Shape::List(&Shape::Text);
const MAYBE_TEXT: Shape = Shape::Maybe(&Shape::Text);
const MAYBE_MEMBER: Shape = Shape::Maybe(&Shape::Member);

table! {
    /// Properties of a member. Role, nick, messages and the two times are facts of the member in
    /// the rule's group; points, level and labels hold in the whole community.
    MemberField {
        Id "id" Shape::Text, "the id on the platform";
        Key "key" Shape::Text, "connector and id, unique in the daemon";
        Name "name" Shape::Text, "the name they show";
        Nick "nick" MAYBE_TEXT, "the name in this group, where they have one";
        Mention "mention" Shape::Text, "a native mention";
        IsBot "is_bot" Shape::Bool, "true for a bot";
        Role "role" Shape::Text, "`owner`, `staff` or `member`";
        JoinedAt "joined_at" Shape::Time, "when they came into this group";
        LastActive "last_active" Shape::Time, "when they last spoke here or to us";
        Messages "messages" Shape::Number, "messages in this group";
        Points "points" Shape::Number, "points in the community";
        Level "level" Shape::Number, "level in the community";
        Labels "labels" TEXT_LIST, "their labels";
        Source "source" MAYBE_TEXT, "where they came from: an invite link's name, free text";
    }
}

table! {
    /// Properties of a group.
    GroupField {
        Id "id" Shape::Text, "the id in steward.yaml";
        Name "name" Shape::Text, "its name";
        Size "size" Shape::Number, "members in it";
        Capacity "capacity" Shape::Maybe(&Shape::Number), "how many it holds, where there is a limit";
        Tags "tags" TEXT_LIST, "its tags";
        Season "season" Shape::Number, "1, and one more each time it is opened again";
        CreatedAt "created_at" Shape::Time, "when it was opened or first seen";
        LastActive "last_active" Shape::Time, "when somebody last spoke in it";
        Link "link" MAYBE_TEXT, "where people can join";
        Members "members" Shape::List(&Shape::Member), "who is in it";
    }
}

macro_rules! fields {
    ($($name:literal $shape:expr, $doc:literal;)*) => {
        &[$(Field { name: $name, shape: $shape, doc: $doc },)*]
    };
}

/// Properties of `community`.
pub const COMMUNITY: &[Field] = fields! {
    "id" Shape::Text, "the id in steward.yaml";
    "name" Shape::Text, "its name";
    "size" Shape::Number, "members in it";
};

/// Properties of `run`.
pub const RUN: &[Field] = fields! {
    "number" Shape::Number, "the number that lists and commands show";
    "title" Shape::Text, "its title, or the rule's id";
    "by" MAYBE_MEMBER, "the member who started it";
    "member" MAYBE_MEMBER, "the member it is about";
    "started_at" Shape::Time, "when it began";
};

/// What a streak's value is made of.
pub const STREAK: &[Field] = fields! {
    "length" Shape::Number, "days in a row up to now";
    "best" Shape::Number, "the longest row ever";
    "total" Shape::Number, "marked days in all";
    "last" Shape::Maybe(&Shape::Time), "when the last mark was made";
};

/// What every event has.
pub const EVENT: &[Field] = fields! {
    "id" MAYBE_TEXT, "the platform's id, where it gives one";
    "at" Shape::Time, "when it happened";
    "kind" Shape::Text, "the trigger's word";
};

const MESSAGE: &[Field] = fields! {
    "text" Shape::Text, "the message's text";
    "links" TEXT_LIST, "addresses in it";
    "mentions" Shape::List(&Shape::Member), "who is mentioned";
    "files" TEXT_LIST, "names or addresses of its files";
    "reply_to" MAYBE_TEXT, "the message it answers";
    "message" Shape::Text, "its id";
    "content" Shape::Text, "`text`, `image`, `file`, `voice`, `video`, `sticker`, `location`, `other`";
};

const KEYWORD: &[Field] = fields! {
    "keyword" Shape::Text, "the keyword that was found";
    "captures" TEXT_LIST, "what the pattern's groups caught";
};

/// What one trigger adds to `event`, beside [`EVENT`].
pub fn trigger_fields(trigger: &str) -> &'static [&'static [Field]] {
    match trigger {
        "join" | "leave" => &[fields! {
            "inviter" MAYBE_MEMBER, "who brought them in";
            "source" MAYBE_TEXT, "where they came from";
        }],
        "join_request" => &[fields! {
            "answer" Shape::Text, "what the applicant wrote";
        }],
        "message" => &[MESSAGE],
        "keyword" => &[MESSAGE, KEYWORD],
        "command" => &[
            MESSAGE,
            fields! { "args" TEXT_LIST, "the words after the command"; },
        ],
        "reaction" => &[fields! {
            "message" Shape::Text, "the message it was put on";
            "emoji" Shape::Text, "the reaction";
        }],
        "schedule" => &[fields! { "planned_at" Shape::Time, "the time it was planned for"; }],
        "labelled" | "unlabelled" => &[fields! { "label" Shape::Text, "the label"; }],
        "reached" => &[fields! { "value" Shape::Number, "the value that was reached"; }],
        "report" => &[fields! {
            "reporters" Shape::List(&Shape::Member), "who reported";
            "message" MAYBE_TEXT, "the message that was reported";
            "reason" Shape::Text, "what they wrote";
        }],
        "signal" => &[fields! {
            "name" Shape::Text, "the signal's name";
            "data" Shape::Any, "what it carries";
        }],
        _ => &[],
    }
}

/// All fields of `event` in a rule with these triggers. A field that only some of them have may be
/// empty.
pub fn event_fields(triggers: &[&str]) -> Fields {
    let mut all = std::collections::BTreeMap::new();
    for trigger in triggers {
        for field in trigger_fields(trigger).iter().copied().flatten() {
            let everywhere = triggers.iter().all(|other| {
                let mut rows = trigger_fields(other).iter().copied().flatten();
                rows.any(|row| row.name == field.name)
            });
            let ty = Type::from(field.shape);
            let ty = if everywhere { ty } else { ty.maybe() };
            all.entry(field.name)
                .and_modify(|old: &mut Type| *old = old.union(&ty))
                .or_insert(ty);
        }
    }
    for field in EVENT {
        all.insert(field.name, field.shape.into());
    }
    fields_of(all)
}

/// The fields of a table as types.
pub fn table_fields(table: &[Field]) -> Fields {
    fields_of(table.iter().map(|field| (field.name, field.shape.into())))
}

/// A table as a record type.
pub fn record_type(table: &[Field]) -> Type {
    Type::Record(table_fields(table))
}

impl From<Shape> for Type {
    fn from(shape: Shape) -> Self {
        match shape {
            Shape::Any
            | Shape::Same
            | Shape::Item
            | Shape::Window
            | Shape::Sized
            | Shape::Ordered => Self::Any,
            Shape::Bool => Self::Bool,
            Shape::Number => Self::Number,
            Shape::Text => Self::Text,
            Shape::Time => Self::Time,
            Shape::Duration => Self::Duration,
            Shape::Member => Self::Member,
            Shape::Group => Self::Group,
            Shape::List(item) => Self::list((*item).into()),
            Shape::Maybe(inner) => Self::from(*inner).maybe(),
            Shape::Record(fields) => record_type(fields),
        }
    }
}

impl Shape {
    /// True when an argument of that type is right here. What may be empty is asked elsewhere.
    pub(crate) fn takes(self, ty: &Type) -> bool {
        let ty = ty.certain();
        match self {
            Self::Window => matches!(ty, Type::Any | Type::Duration | Type::Time | Type::Text),
            Self::Sized => matches!(ty, Type::Any | Type::Text | Type::List(_) | Type::Record(_)),
            Self::Ordered => {
                matches!(ty, Type::Any | Type::Number | Type::Time | Type::Duration)
            }
            Self::Any
            | Self::Bool
            | Self::Number
            | Self::Text
            | Self::Time
            | Self::Duration
            | Self::Member
            | Self::Group
            | Self::List(_)
            | Self::Maybe(_)
            | Self::Record(_)
            | Self::Same
            | Self::Item => ty.fits(&self.into()),
        }
    }

    /// In the words of messages.
    pub fn words(self) -> &'static str {
        match self {
            Self::Window => "a duration, a time or a word such as `today`",
            Self::Sized => "text or a list",
            Self::Ordered => "a number, a time or a duration",
            Self::Any
            | Self::Bool
            | Self::Number
            | Self::Text
            | Self::Time
            | Self::Duration
            | Self::Member
            | Self::Group
            | Self::List(_)
            | Self::Maybe(_)
            | Self::Record(_)
            | Self::Same
            | Self::Item => Type::from(self).words(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::is_reserved;
    use std::collections::BTreeSet;

    #[test]
    fn no_name_in_the_tables_is_reserved_or_there_twice() {
        let triggers = [
            "join",
            "join_request",
            "keyword",
            "command",
            "report",
            "signal",
        ];
        let functions = FUNCTIONS.iter().map(|function| function.name);
        let methods = METHODS.iter().map(|method| method.function.name);
        let events = triggers.iter().flat_map(|trigger| trigger_fields(trigger));
        let tables = [COMMUNITY, RUN, STREAK, EVENT];
        let fields = tables.iter().chain(events).copied().flatten();
        let members = MemberField::ALL.iter().map(|field| field.field().name);
        let groups = GroupField::ALL.iter().map(|field| field.field().name);
        let mut once = BTreeSet::new();
        for name in functions.chain(methods) {
            assert!(once.insert(name), "{name} is there twice");
        }
        let names = fields.map(|field| field.name).chain(members).chain(groups);
        for name in names.chain(once.iter().copied()) {
            assert!(!is_reserved(name), "{name} is reserved");
        }
    }

    #[test]
    fn a_field_that_only_some_triggers_have_may_be_empty() {
        let both = event_fields(&["join", "message"]);
        assert_eq!(both.get("text"), Some(&Type::Text.maybe()));
        assert_eq!(event_fields(&["message"]).get("text"), Some(&Type::Text));
        let messages = event_fields(&["keyword", "command"]);
        assert_eq!(messages.get("text"), Some(&Type::Text));
        assert_eq!(messages.get("at"), Some(&Type::Time));
    }
}
