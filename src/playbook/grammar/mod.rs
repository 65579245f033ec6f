//! The grammar of steps: every step with its fields, in one table. The checker, `steward schema`
//! and the documentation read it; a step or a field that is not here does not exist.

pub mod files;
mod results;
mod steps;
mod triggers;

pub use results::ANSWER;
pub(crate) use results::OPENED;
pub use steps::STEPS;
pub(crate) use triggers::{BY, CONTENTS, DAYS, MATCHES, PLACES, ROLES};
pub use triggers::{TRIGGERS, Trigger};

use crate::script::Type;
use crate::script::schema::Shape;

/// A step.
#[derive(Debug)]
pub struct Step {
    pub name: &'static str,
    pub doc: &'static str,
    /// What stands directly after the name.
    pub form: Form,
    /// Keys of the mapping after the name.
    pub fields: &'static [Field],
    /// Keys beside the name, further to [`COMMON`].
    pub beside: &'static [Field],
    /// Takes something from people: it needs a limit.
    pub guarded: bool,
    /// What the platform must let a bot do, as [`crate::model::Abilities::can`] names it.
    pub needs: &'static [&'static str],
    /// True when the engine has a second way (a link, a task for a person) where the platform
    /// cannot.
    pub second_way: bool,
    /// What `as` names; `None` when the step gives nothing.
    pub result: Option<Shape>,
}

/// How a step is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A mapping of the fields; a scalar or a list in its place is the field of that name
    /// (`- reply: hi`). Without a required field the name may stand alone (`- admit`).
    Fields(Option<&'static str>),
    /// One value that is no mapping, in these words: `member in list`, a flow's name.
    Value(&'static str),
    /// A list of `{ if, do }` and one `{ else }`.
    Ways,
    /// A mapping of names to expressions.
    Names,
    /// A mapping of one name of declared data to a value, or the name alone; with [`Step::fields`].
    Data,
}

/// One field of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Field {
    pub name: &'static str,
    pub kind: Kind,
    pub required: bool,
    pub doc: &'static str,
}

/// What a field takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Text with `${…}`, or a list of lines.
    Text,
    /// Text with `${…}` in one line that serves as a key.
    Key,
    /// Text as it stands.
    Note,
    /// An id: small letters, digits, `-` and `_`.
    Id,
    /// A name for a result.
    Name,
    /// Words, or a list of them, or `{ from: file }`.
    Words,
    YesNo,
    Number,
    /// A whole number known at load.
    Count,
    Duration,
    /// A duration, or `forever`.
    DurationOrForever,
    /// A duration known at load, or one of these words.
    SpanOr(&'static [&'static str]),
    Rate,
    /// An instant, or a time of day.
    Time,
    Member,
    Group,
    /// A group, or `{ create: { name, like } }`.
    GroupOrCreate,
    /// A message: its id, or the result of the step that sent it.
    Message,
    Label,
    /// Any value.
    Any,
    /// A number, or `{ base, random }`.
    Points,
    /// An expression that is true or false, or a list of them.
    Condition,
    /// Any expression.
    Expr,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// One of these words, or a member.
    MemberOr(&'static [&'static str]),
    /// One of these words, or steps.
    StepsOr(&'static [&'static str]),
    Steps,
    Triggers,
    /// A mapping of names to values.
    Names,
    /// A mapping of these fields.
    Map(&'static [Field]),
    /// Groups or members, one or a list.
    Targets,
    /// One or a list of these.
    Many(&'static Kind),
}

impl Kind {
    /// In the words of messages: reads after "takes".
    pub fn words(self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::Key => "text for a key".to_owned(),
            Self::Note => "a plain text".to_owned(),
            Self::Id => "an id".to_owned(),
            Self::Name => "a name".to_owned(),
            Self::Words => "a word or a list of words".to_owned(),
            Self::YesNo => "yes or no".to_owned(),
            Self::Number | Self::Count => "a number".to_owned(),
            Self::Duration => "a duration such as `30s` or `14d`".to_owned(),
            Self::DurationOrForever => "a duration such as `30s` or `14d`, or `forever`".to_owned(),
            Self::SpanOr(words) => format!("{} or a duration", words.join(", ")),
            Self::Rate => "a rate such as `10 per 1m`".to_owned(),
            Self::Time => "a time of day such as `\"20:00\"`, or an instant".to_owned(),
            Self::Member => "a member".to_owned(),
            Self::Group => "a group".to_owned(),
            Self::GroupOrCreate => "a group, or `{ create: { name: … } }`".to_owned(),
            Self::Message => "a message".to_owned(),
            Self::Label => "a label".to_owned(),
            Self::Any => "a value".to_owned(),
            Self::Points => "a number, or `{ base: …, random: { … } }`".to_owned(),
            Self::Condition | Self::Expr => "an expression".to_owned(),
            Self::OneOf(words) => format!("one of {}", words.join(", ")),
            Self::MemberOr(words) => format!("one of {}, or a member", words.join(", ")),
            Self::StepsOr(words) => format!("{}, or a list of steps", words.join(", ")),
            Self::Steps => "a list of steps".to_owned(),
            Self::Triggers => "a trigger or a list of triggers".to_owned(),
            Self::Names => "a map of names to values".to_owned(),
            Self::Map(fields) => {
                let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
                format!("a map of {}", names.join(", "))
            }
            Self::Targets => "a group, a member or a list of them".to_owned(),
            Self::Many(kind) => format!("{}, or a list", kind.words()),
        }
    }
}

impl Step {
    /// The step of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        STEPS.iter().find(|step| step.name == name)
    }

    /// The type of what `as` names.
    pub fn result_type(&self) -> Option<Type> {
        self.result.map(Type::from)
    }

    /// The required fields.
    pub fn required(&self) -> impl Iterator<Item = &'static Field> {
        self.fields.iter().filter(|field| field.required)
    }
}

/// A field by its name.
pub fn field(fields: &'static [Field], name: &str) -> Option<&'static Field> {
    fields.iter().find(|field| field.name == name)
}

/// The names of fields.
pub fn names(fields: &'static [Field]) -> Vec<&'static str> {
    fields.iter().map(|field| field.name).collect()
}

const fn optional(name: &'static str, kind: Kind, doc: &'static str) -> Field {
    Field {
        name,
        kind,
        required: false,
        doc,
    }
}

const fn required(name: &'static str, kind: Kind, doc: &'static str) -> Field {
    Field {
        name,
        kind,
        required: true,
        doc,
    }
}

/// Keys that every step takes beside its name.
pub const COMMON: &[Field] = &[
    optional(
        "if",
        Kind::Condition,
        "the step is passed over unless this holds",
    ),
    optional("else", Kind::Steps, "steps for when `if` does not hold"),
    optional("as", Kind::Name, "a name for the result in later steps"),
    optional(
        "retry",
        Kind::Map(RETRY),
        "further attempts after a failure",
    ),
    optional(
        "on_error",
        Kind::StepsOr(&["stop", "continue"]),
        "what a failure does to the run; steps see `error.word` and `error.reason`",
    ),
    optional(
        "once",
        Kind::Key,
        "the step happens once per such key, for good",
    ),
    optional(
        "id",
        Kind::Id,
        "names the step, so that moving it changes nothing for running runs",
    ),
    optional("note", Kind::Note, "a remark for whoever reads the file"),
    optional(
        "state",
        Kind::OneOf(&["live", "shadow", "paused"]),
        "whether this step goes out; it cannot make a shadow rule live",
    ),
];

/// The fields of `retry`.
pub const RETRY: &[Field] = &[
    required("times", Kind::Count, "how many further attempts"),
    required("every", Kind::SpanOr(&[]), "how long between them"),
];

/// The long form of `points`.
pub const POINTS: &[Field] = &[
    optional("base", Kind::Number, "what it is at least; default 0"),
    optional("random", Kind::Map(RANDOM), "what chance adds"),
];

/// The fields of `random`.
pub const RANDOM: &[Field] = &[
    required("min", Kind::Number, "the least it adds"),
    required("max", Kind::Number, "the most it adds"),
    optional("weight", Kind::Number, "over 1, high ones are rarer"),
];

/// The long form of `to` of `migrate`.
pub const TO: &[Field] = &[required("create", Kind::Map(CREATE), "a new group")];

/// The fields of `create`.
pub const CREATE: &[Field] = &[
    optional(
        "name",
        Kind::Text,
        "its name; default that of the old one and a number",
    ),
    optional(
        "like",
        Kind::Group,
        "the group whose tags and settings it gets; default the old one",
    ),
];

/// Keys of a block without a step's name: `if`, `do`, `else`.
pub const BLOCK: &[Field] = &[required("do", Kind::Steps, "the steps in the block")];

/// Keys of one way of `choose`.
pub const WAY: &[Field] = &[
    optional("if", Kind::Condition, "when this way is taken"),
    optional("do", Kind::Steps, "its steps"),
    optional(
        "else",
        Kind::Steps,
        "steps for when no way before was taken",
    ),
];

/// Steps of later versions.
pub const LATER_STEPS: &[&str] = &[
    "undo", "fetch", "grant", "revoke", "seal", "draw", "release", "forward", "edit",
];

/// Fields of later versions, by step.
pub const LATER_FIELDS: &[(&str, &[&str])] = &[("charge", &["into"]), ("reward", &["from"])];

/// Kinds of declared data of later versions.
pub const LATER_DATA_KINDS: &[&str] = &["account", "bands"];

/// Triggers of later versions.
pub const LATER_TRIGGERS: &[&str] = &[
    "group_size",
    "labelled",
    "unlabelled",
    "reached",
    "report",
    "fell_below",
    "route",
];

/// The names of all steps.
pub fn step_names() -> impl Iterator<Item = &'static str> {
    STEPS.iter().map(|step| step.name)
}

/// True for steps that need a limit.
pub fn is_guarded(name: &str) -> bool {
    Step::named(name).is_some_and(|step| step.guarded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_said_once_and_mean_one_thing() {
        for step in STEPS {
            let same = STEPS.iter().filter(|other| other.name == step.name);
            assert_eq!(same.count(), 1, "{}", step.name);
            assert!(!LATER_STEPS.contains(&step.name), "{}", step.name);
            let beside = step.beside.iter().chain(COMMON);
            for field in beside.clone() {
                assert!(Step::named(field.name).is_none(), "{}", field.name);
                let same = beside.clone().filter(|other| other.name == field.name);
                assert_eq!(same.count(), 1, "{} {}", step.name, field.name);
            }
            if let Form::Fields(Some(short)) = step.form {
                assert!(field(step.fields, short).is_some(), "{} {short}", step.name);
            }
        }
    }

    #[test]
    fn platforms_are_asked_for_abilities_they_know() {
        for step in STEPS {
            for need in step.needs {
                let all = crate::model::Abilities::ALL;
                assert_eq!(all.can(need), Some(true), "{} {need}", step.name);
            }
        }
    }

    #[test]
    fn guarded_steps_are_those_of_the_language_page() {
        let guarded: Vec<&str> = STEPS
            .iter()
            .filter(|step| step.guarded)
            .map(|step| step.name)
            .collect();
        assert_eq!(
            guarded,
            [
                "charge",
                "remove",
                "ban",
                "mute",
                "delete_message",
                "close_group",
                "invite",
                "create_group",
                "migrate"
            ]
        );
    }
}
