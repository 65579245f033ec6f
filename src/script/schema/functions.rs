//! The functions and methods of the expression language, as data.

use super::Shape;

/// Who computes a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callee {
    /// This room, from the arguments alone (and the recorded instant, zone, language and chance).
    Pure(Pure),
    /// The world, through [`super::super::Facts::ask`].
    Query(Query),
    /// A regular expression, compiled at load.
    Matches,
}

/// Functions of their arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pure {
    Days,
    Hours,
    Minutes,
    Ago,
    After,
    Before,
    FormatDate,
    Pick,
    Chance,
    Plural,
    Min,
    Max,
    Abs,
    Round,
    Floor,
    Len,
    Upper,
    Lower,
    Trim,
    Contains,
    StartsWith,
    EndsWith,
    Split,
    Join,
    Replace,
    First,
    Last,
    Reverse,
    Sort,
    Text,
    Number,
}

/// Questions to the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Query {
    /// `has_label(member, label)` → bool
    HasLabel,
    /// `count(name, window?, who?)` → number
    Count,
    /// `sum(name, window?, who?)` → number
    Sum,
    /// `top(name, n, window?)` → list of `rank member value`
    Top,
    /// `members(label)` → list of members
    Members,
    /// `groups(tag)` → list of groups
    Groups,
    /// `in_group(member, tag)` → bool
    InGroup,
    /// `group.active_members(window)` → number
    ActiveMembers,
    /// `group.can(step)` → bool
    Can,
    /// `member.label(key)` → text, `""` without one
    Label,
    /// `group.tag(key)` → text, `""` without one
    Tag,
}

/// One function: `name(params) → gives`.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    pub name: &'static str,
    pub callee: Callee,
    /// Names and types of its parameters.
    pub params: &'static [(&'static str, Shape)],
    /// How many of them must be there.
    pub required: usize,
    pub gives: Shape,
    pub doc: &'static str,
}

/// One method: `subject.name(params) → gives`. Functions can also be written as methods.
#[derive(Clone, Copy, Debug)]
pub struct Method {
    pub subject: Shape,
    pub function: Function,
}

macro_rules! function {
    ($name:literal $callee:expr, [$($param:literal $shape:expr),*] $required:literal => $gives:expr, $doc:literal) => {
        Function {
            name: $name,
            callee: $callee,
            params: &[$(($param, $shape)),*],
            required: $required,
            gives: $gives,
            doc: $doc,
        }
    };
}

use Callee::{Matches, Pure as P, Query as Q};
use Shape::{Any, Bool, Duration, Group, Member, Number, Ordered, Sized, Text, Time, Window};

const LIST: Shape = Shape::List(&Any);
const TOP_ROW: Shape = Shape::Record(fields_top());

const fn fields_top() -> &'static [super::Field] {
    &[
        super::Field {
            name: "rank",
            shape: Number,
            doc: "1 for the first",
        },
        super::Field {
            name: "member",
            shape: Member,
            doc: "who",
        },
        super::Field {
            name: "value",
            shape: Number,
            doc: "how much",
        },
    ]
}

/// Every function, in the order of the docs.
pub const FUNCTIONS: &[Function] = &[
    function!("has_label" Q(Query::HasLabel), ["member" Member, "label" Text] 2 => Bool, "true when the member carries the label"),
    function!("count" Q(Query::Count), ["name" Text, "window" Window, "who" Any] 1 => Number, "how often something happened in a window"),
    function!("sum" Q(Query::Sum), ["name" Text, "window" Window, "who" Any] 1 => Number, "the sum of what was added in a window"),
    function!("top" Q(Query::Top), ["name" Text, "n" Number, "window" Window] 2 => Shape::List(&TOP_ROW), "the first n, as rows `rank member value`"),
    function!("members" Q(Query::Members), ["label" Text] 1 => Shape::List(&Member), "members with a label"),
    function!("groups" Q(Query::Groups), ["tag" Text] 1 => Shape::List(&Group), "groups with a tag"),
    function!("in_group" Q(Query::InGroup), ["member" Member, "tag" Text] 2 => Bool, "true when the member is in a group with that id or tag"),
    function!("days" P(Pure::Days), ["span" Duration] 1 => Number, "whole days of a duration"),
    function!("hours" P(Pure::Hours), ["span" Duration] 1 => Number, "whole hours of a duration"),
    function!("minutes" P(Pure::Minutes), ["span" Duration] 1 => Number, "whole minutes of a duration"),
    function!("ago" P(Pure::Ago), ["time" Time] 1 => Text, "how long ago, in the group's language"),
    function!("after" P(Pure::After), ["time" Time, "span" Duration] 2 => Time, "a time moved forward; days are calendar days"),
    function!("before" P(Pure::Before), ["time" Time, "span" Duration] 2 => Time, "a time moved back; days are calendar days"),
    function!("format_date" P(Pure::FormatDate), ["time" Time, "pattern" Text] 2 => Text, "a time as text, by a strftime pattern"),
    function!("pick" P(Pure::Pick), ["list" LIST] 1 => Shape::Item, "one item by chance"),
    function!("chance" P(Pure::Chance), ["probability" Number] 1 => Bool, "true with that probability"),
    function!("matches" Matches, ["text" Text, "pattern" Text] 2 => Bool, "true when the regular expression is found in the text"),
    function!("plural" P(Pure::Plural), ["n" Number, "one" Text, "many" Text] 3 => Text, "`one` for 1, else `many`"),
    function!("min" P(Pure::Min), ["a" Ordered, "b" Ordered] 2 => Shape::Same, "the smaller"),
    function!("max" P(Pure::Max), ["a" Ordered, "b" Ordered] 2 => Shape::Same, "the larger"),
    function!("abs" P(Pure::Abs), ["n" Number] 1 => Number, "without its sign"),
    function!("round" P(Pure::Round), ["n" Number] 1 => Number, "to the nearest whole number"),
    function!("floor" P(Pure::Floor), ["n" Number] 1 => Number, "down to a whole number"),
    function!("len" P(Pure::Len), ["of" Sized] 1 => Number, "characters of a text, items of a list"),
    function!("upper" P(Pure::Upper), ["text" Text] 1 => Text, "in capitals"),
    function!("lower" P(Pure::Lower), ["text" Text] 1 => Text, "in small letters"),
    function!("trim" P(Pure::Trim), ["text" Text] 1 => Text, "without white space around it"),
    function!("contains" P(Pure::Contains), ["in" Sized, "what" Any] 2 => Bool, "true when the text or list has it"),
    function!("starts_with" P(Pure::StartsWith), ["text" Text, "with" Text] 2 => Bool, "true when the text begins so"),
    function!("ends_with" P(Pure::EndsWith), ["text" Text, "with" Text] 2 => Bool, "true when the text ends so"),
    function!("split" P(Pure::Split), ["text" Text, "by" Text] 1 => Shape::List(&Text), "its parts; without `by`, its words"),
    function!("join" P(Pure::Join), ["list" LIST, "by" Text] 2 => Text, "the items as one text"),
    function!("replace" P(Pure::Replace), ["text" Text, "what" Text, "by" Text] 3 => Text, "the text with every `what` replaced"),
    function!("first" P(Pure::First), ["list" LIST, "n" Number] 1 => Shape::Item, "the first item, or a list of the first n"),
    function!("last" P(Pure::Last), ["list" LIST, "n" Number] 1 => Shape::Item, "the last item, or a list of the last n"),
    function!("reverse" P(Pure::Reverse), ["list" LIST] 1 => Shape::Same, "the list backwards"),
    function!("sort" P(Pure::Sort), ["list" LIST] 1 => Shape::Same, "the list in order"),
    function!("text" P(Pure::Text), ["value" Any] 1 => Text, "the value as it prints"),
    function!("number" P(Pure::Number), ["text" Any] 1 => Shape::Maybe(&Number), "the number a text spells, or nothing"),
];

/// Every method, in the order of the docs.
pub const METHODS: &[Method] = &[
    Method {
        subject: Group,
        function: function!("active_members" Q(Query::ActiveMembers), ["window" Window] 1 => Number, "members who spoke in the window"),
    },
    Method {
        subject: Group,
        function: function!("can" Q(Query::Can), ["step" Text] 1 => Bool, "true when the platform of the group can do that step"),
    },
    Method {
        subject: Group,
        function: function!("tag" Q(Query::Tag), ["key" Text] 1 => Text, "the value of a tag `key:value`, else `\"\"`"),
    },
    Method {
        subject: Member,
        function: function!("label" Q(Query::Label), ["key" Text] 1 => Text, "the value of a label `key:value`, else `\"\"`"),
    },
];

impl Function {
    /// The function of that name.
    pub fn find(name: &str) -> Option<&'static Self> {
        FUNCTIONS.iter().find(|function| function.name == name)
    }

    /// `name(a, b?)`, as messages and docs show it.
    pub fn signature(&self) -> String {
        let params: Vec<String> = self
            .params
            .iter()
            .enumerate()
            .map(|(at, (name, _))| {
                let mark = if at < self.required { "" } else { "?" };
                format!("{name}{mark}")
            })
            .collect();
        format!("{}({})", self.name, params.join(", "))
    }
}

impl Method {
    /// The method of that name on that type.
    pub fn find(subject: &super::Type, name: &str) -> Option<&'static Self> {
        METHODS
            .iter()
            .find(|method| method.function.name == name && method.subject.takes(subject))
    }
}
