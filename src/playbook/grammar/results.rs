//! What steps give under `as`: the lint knows the fields that later steps may name.

use crate::script::schema::{Field, GroupField, STREAK, Shape};

const fn field(name: &'static str, shape: Shape, doc: &'static str) -> Field {
    Field { name, shape, doc }
}

const MEMBERS: Shape = Shape::List(&Shape::Member);

/// A message that went out.
pub(super) const SENT: Shape = Shape::Record(&[field(
    "message",
    Shape::Maybe(&Shape::Text),
    "the platform's id of the message, where it gives one",
)]);

/// One answer of an open list.
pub const ANSWER: Shape = Shape::Record(&[
    field("member", Shape::Member, "who answered"),
    field("no", Shape::Number, "its number in the list, from 1"),
    field("text", Shape::Text, "what they wrote"),
    field("choice", Shape::Text, "the choice they took, or empty text"),
    field(
        "note",
        Shape::Text,
        "what they wrote beside keyword or choice",
    ),
    field("file", Shape::Maybe(&Shape::Text), "the file they sent"),
    field("at", Shape::Time, "when"),
    field("waiting", Shape::Bool, "the list was full: they are next"),
]);

/// An open list after its end.
pub(super) const ASKED: Shape = Shape::Record(&[
    field("count", Shape::Number, "how many answers hold a place"),
    field("rows", Shape::List(&ANSWER), "the answers, in their order"),
    field("members", MEMBERS, "who answered"),
    field("missing", MEMBERS, "who was asked and did not answer"),
    field("first", Shape::Maybe(&Shape::Member), "who answered first"),
    field("text", Shape::Text, "the one answer, or the first one"),
    field("tally", Shape::Any, "how many answers each choice has"),
    field(
        "winners",
        MEMBERS,
        "who took the choice that has most answers",
    ),
]);

/// What a person decided.
pub(super) const DECIDED: Shape = Shape::Record(&[
    field("yes", Shape::Bool, "they said yes"),
    field("no", Shape::Bool, "they said no"),
    field("late", Shape::Bool, "time ran out"),
    field("by", Shape::Text, "who decided"),
    field("note", Shape::Text, "what they wrote with it"),
    field(
        "group",
        Shape::Maybe(&Shape::Group),
        "the group they opened, where the task was to open one",
    ),
]);

/// The points that a reward or a charge moved.
pub(super) const BOOKED: Shape = Shape::Record(&[field(
    "points",
    Shape::Number,
    "how many points it was; 0 when `once` held it back",
)]);

/// A streak after a mark.
pub(super) const MARKED: Shape = Shape::Record(STREAK);

/// How a member was invited.
pub(super) const INVITED: Shape = Shape::Record(&[field(
    "by",
    Shape::Maybe(&Shape::Text),
    "`link` or `task` where the platform lets no bot invite, `present` for who was there",
)]);

/// What a migration came to.
pub(super) const MIGRATED: Shape = Shape::Record(&[
    field("invited", Shape::Number, "how many were invited"),
    field(
        "came",
        Shape::Number,
        "how many of them are in the new group",
    ),
    field("rate", Shape::Number, "`came` in a hundred of `invited`"),
    field("group", OPENED, "the new group"),
]);

/// A group that was opened: as any group, and it has a link (empty text where the platform makes
/// none), so that people can be told where to go without a word about the other case.
pub(crate) const OPENED: Shape = Shape::Record(&[
    GroupField::Id.field(),
    GroupField::Name.field(),
    GroupField::Size.field(),
    GroupField::Capacity.field(),
    GroupField::Tags.field(),
    GroupField::Season.field(),
    GroupField::CreatedAt.field(),
    GroupField::LastActive.field(),
    field("link", Shape::Text, "where people can join, else empty"),
    GroupField::Members.field(),
]);
