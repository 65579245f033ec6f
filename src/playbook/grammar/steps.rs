//! The table of steps, in the order of the language page.

use super::results::{ASKED, BOOKED, DECIDED, INVITED, MARKED, MIGRATED, OPENED, SENT};
use super::{Field, Form, Kind, Step, optional, required};
use crate::script::schema::Shape;

macro_rules! fields {
    ($($how:ident $name:literal $kind:expr, $doc:expr;)*) => {
        &[$($how($name, $kind, $doc),)*]
    };
}

/// Name, form, meaning and further traits; then the fields, and the keys beside the name.
macro_rules! steps {
    ($($name:literal $form:expr, $doc:literal
        $(, $trait:ident = $value:expr)* ; { $($field:tt)* } { $($beside:tt)* })*) => {
        &[$({
            let mut step = PLAIN;
            step.name = $name;
            step.doc = $doc;
            step.form = $form;
            step.fields = fields!($($field)*);
            step.beside = fields!($($beside)*);
            $(step.$trait = $value;)*
            step
        },)*]
    };
}

/// A step that has no further traits.
const PLAIN: Step = Step {
    name: "",
    doc: "",
    form: Form::Names,
    fields: &[],
    beside: &[],
    guarded: false,
    needs: &[],
    second_way: false,
    result: None,
};

const WHOM: &str = "whom it is about; default the run's member";
const WHERE: &str = "in which group; default the run's group";
const WHY: &str = "why, for lists and for whoever it is about";
const TARGETS: &str = "groups or members; default the run's group";
const SAID: &str = "what is said";
const FILE: &str = "name or address of a file to send along";
const TIME: &str = "how long a person has time";
const AFTER_NO: &str = "how the run goes on after a no; default `stop`";
const AFTER_TIME: &str = "how the run goes on when time runs out; default `stop`";
const WHOSE: &str = "whose value: a member or a group; default the run's";
const KEYED: &str = "which value of data that is kept per key";
const EARLY: &str = "what ends the wait early; the run goes on";
const LATE: &str = "what becomes of a wait that ended while the daemon was down; default `run`";

const GO_ON: Kind = Kind::StepsOr(&["stop", "continue"]);
const LATE_WORDS: Kind = Kind::OneOf(&["run", "skip", "stop"]);
const CONTENT: Kind = Kind::OneOf(&[
    "text", "image", "file", "voice", "video", "sticker", "location", "other",
]);
const ANSWERERS: Kind = Kind::OneOf(&["anyone", "owner", "staff", "member"]);

const fn short(field: &'static str) -> Form {
    Form::Fields(Some(field))
}

/// Keys of `collect`.
pub(super) const COLLECT: &[Field] = fields! {
    optional "keyword" Kind::Words, "words that make a message an answer";
    optional "kind" Kind::Many(&CONTENT), "kinds of messages that are an answer";
    optional "from" Kind::Many(&ANSWERERS), "who may answer";
    optional "for" Kind::Duration, "how long it is open";
    optional "until" Kind::Time, "when it closes";
    optional "at_most" Kind::Number, "how many places there are";
    optional "full" Kind::OneOf(&["close", "refuse", "wait"]), "what a full list does; default `close`";
    optional "once_per" Kind::OneOf(&["member"]), "one answer for each member";
    optional "again" Kind::OneOf(&["replace", "refuse", "add"]), "what a further answer of the same member does; default `replace`";
    optional "cancel" Kind::Words, "words that take one's answer back";
    optional "if" Kind::Condition, "whose answer counts; `member` is who answers, `answer` what they say";
    optional "refused" Kind::Text, "said to whoever was not let in";
    optional "show" Kind::SpanOr(&["never", "end"]), "when all see the list; default `never`";
    optional "stop_when" Kind::Triggers, "what closes it early";
    optional "on_answer" Kind::Steps, "steps for each answer; `member` is who answered, `answer` their row";
};

/// Every step.
pub const STEPS: &[Step] = steps! {
    "welcome" short("text"), "Greets newcomers: those who join within a window get one greeting together",
        needs = &["welcome"]; {
        required "text" Kind::Text, "the greeting; `joiners` and `mentions` are known in it";
        optional "to" Kind::Group, "where they are greeted; default the run's group";
        optional "gather" Kind::Duration, "how long the window is open; default 30s";
    } {}
    "announce" short("text"), "Says something to a group that all shall see",
        needs = &["announce"], result = Some(SENT); {
        required "text" Kind::Text, SAID;
        optional "to" Kind::Targets, "groups; default the run's group";
        optional "file" Kind::Text, FILE;
        optional "pin" Kind::YesNo, "pins it, where the platform can";
        optional "everyone" Kind::YesNo, "mentions everyone, while the group's budget lasts";
    } {}
    "send" short("text"), "Says something to groups or members",
        needs = &["send"], result = Some(SENT); {
        optional "text" Kind::Text, SAID;
        optional "to" Kind::Targets, TARGETS;
        optional "file" Kind::Text, FILE;
    } {}
    "reply" short("text"), "Answers the message that started the run",
        needs = &["reply"], result = Some(SENT); {
        optional "text" Kind::Text, SAID;
        optional "to" Kind::Targets, "groups or members; default where it was said";
        optional "file" Kind::Text, FILE;
    } {}
    "dm" short("text"), "Says something to a person directly",
        needs = &["dm"], result = Some(SENT); {
        optional "text" Kind::Text, SAID;
        optional "to" Kind::Many(&Kind::Member), "members; default the run's member";
        optional "file" Kind::Text, FILE;
    } {}
    "react" short("text"), "Puts a reaction on a message",
        needs = &["react"]; {
        required "text" Kind::Text, "the emoji";
        optional "to" Kind::Message, "the message; default the one that started the run";
    } {}
    "ask" short("text"), "Opens a list that takes answers: a poll, a sign-up, a quiz, a question to one person",
        needs = &["ask"], result = Some(ASKED); {
        required "text" Kind::Text, SAID;
        optional "to" Kind::Targets, TARGETS;
        optional "choices" Kind::Many(&Kind::Text), "answers to choose from";
        optional "pin" Kind::YesNo, "pins it, where the platform can";
        optional "collect" Kind::Map(COLLECT), "what counts as an answer, for how long, and what becomes of it";
    } {}
    "approve" short("text"), "Asks an operator for a yes",
        result = Some(DECIDED); {
        required "text" Kind::Text, SAID;
        optional "by" Kind::OneOf(&["staff", "owner", "anyone"]), "who may decide; default `staff`";
        optional "to" Kind::Group, "where it is asked; default the staff group";
        optional "except" Kind::Many(&Kind::Member), "who may not; whoever started the run never may";
        optional "within" Kind::Duration, TIME;
        optional "on_no" GO_ON, AFTER_NO;
        optional "on_timeout" GO_ON, AFTER_TIME;
    } {}
    "task" short("text"), "Gives a person something to do, where a platform forbids the bot",
        result = Some(DECIDED); {
        required "text" Kind::Text, SAID;
        optional "for" Kind::MemberOr(&["staff", "owner"]), "for whom; default `staff`";
        optional "within" Kind::Duration, TIME;
        optional "on_no" GO_ON, AFTER_NO;
        optional "on_timeout" GO_ON, AFTER_TIME;
    } {}
    "let" Form::Names, "Gives names to values for the rest of the run"; {
    } {}
    "filter" Form::Value("`name in list`"), "Picks items of a list",
        result = Some(Shape::List(&Shape::Any)); {
    } {
        optional "where" Kind::Condition, "which items pass";
        optional "sort_by" Kind::Expr, "what they are sorted by, smallest first";
        optional "descending" Kind::YesNo, "largest first";
        optional "first" Kind::Number, "how many at most";
    }
    "wait" Form::Fields(None), "Waits for a time or for something to happen"; {
        optional "until" Kind::Time, "a time of day (the next one) or an instant";
        optional "for" Kind::Triggers, "what it waits for";
        optional "timeout" Kind::Duration, "how long at most, with `for`";
        optional "on_timeout" GO_ON, AFTER_TIME;
        optional "stop_when" Kind::Triggers, EARLY;
        optional "late" LATE_WORDS, LATE;
    } {
        optional "stop_when" Kind::Triggers, EARLY;
        optional "late" LATE_WORDS, LATE;
    }
    "label" short("add"), "Puts labels on a member or takes them off"; {
        optional "add" Kind::Many(&Kind::Label), "labels to put on; `city:x` replaces any other `city:`";
        optional "drop" Kind::Many(&Kind::Label), "labels to take off";
        optional "member" Kind::Member, WHOM;
        optional "expires" Kind::Duration, "how long they hold";
    } {}
    "set" Form::Data, "Gives declared data a value"; {
        optional "of" Kind::Targets, WHOSE;
        optional "key" Kind::Any, KEYED;
    } {
        optional "of" Kind::Targets, WHOSE;
        optional "key" Kind::Any, KEYED;
    }
    "add" Form::Data, "Adds to a counter, number, list or set"; {
        optional "of" Kind::Targets, WHOSE;
        optional "key" Kind::Any, KEYED;
    } {
        optional "of" Kind::Targets, WHOSE;
        optional "key" Kind::Any, KEYED;
    }
    "drop" Form::Data, "Takes values out of a list or set"; {
        optional "of" Kind::Targets, WHOSE;
        optional "key" Kind::Any, KEYED;
    } {
        optional "of" Kind::Targets, WHOSE;
        optional "key" Kind::Any, KEYED;
    }
    "mark" Form::Data, "Marks a day of a streak: `today`, `yesterday` or a time",
        result = Some(MARKED); {
        optional "of" Kind::Targets, WHOSE;
        optional "key" Kind::Any, KEYED;
    } {
        optional "of" Kind::Targets, WHOSE;
        optional "key" Kind::Any, KEYED;
    }
    "reset" Form::Data, "Puts declared data back to what it starts as"; {
        optional "of" Kind::Targets, WHOSE;
        optional "key" Kind::Any, KEYED;
    } {
        optional "of" Kind::Targets, WHOSE;
        optional "key" Kind::Any, KEYED;
    }
    "take" short("from"), "Takes items from a list, or so many from a number",
        result = Some(Shape::Any); {
        required "from" Kind::Id, "the declared data";
        optional "count" Kind::Number, "how many; default one";
        optional "on_empty" GO_ON, "how the run goes on when not enough is left; default `stop`";
        optional "of" Kind::Targets, WHOSE;
        optional "key" Kind::Any, KEYED;
    } {}
    "reward" short("points"), "Gives points, a badge or a role",
        result = Some(BOOKED); {
        optional "member" Kind::Member, WHOM;
        optional "group" Kind::Group, WHERE;
        optional "points" Kind::Points, "how many points";
        optional "badge" Kind::Label, "a badge";
        optional "role" Kind::Label, "a role";
        optional "reason" Kind::Text, WHY;
        optional "once" Kind::Key, "the same reward happens once per such key and member";
    } {}
    "charge" short("points"), "Takes points; more than the balance is an error of the step",
        guarded = true; {
        optional "member" Kind::Member, WHOM;
        optional "group" Kind::Group, WHERE;
        required "points" Kind::Number, "how many points";
        optional "reason" Kind::Text, WHY;
        optional "once" Kind::Key, "the same charge happens once per such key and member";
    } {}
    "admit" Form::Fields(None), "Lets the applicant in whose request started the run",
        needs = &["admit"]; {
    } {}
    "decline" short("reason"), "Turns the applicant away whose request started the run",
        needs = &["decline"]; {
        optional "reason" Kind::Text, WHY;
    } {}
    "remove" short("member"), "Takes a member out of the group",
        guarded = true, needs = &["remove"]; {
        optional "member" Kind::Member, WHOM;
        optional "group" Kind::Group, WHERE;
        optional "reason" Kind::Text, WHY;
    } {}
    "ban" short("member"), "Takes a member out of the group and keeps them out",
        guarded = true, needs = &["ban"]; {
        optional "member" Kind::Member, WHOM;
        optional "group" Kind::Group, WHERE;
        optional "reason" Kind::Text, WHY;
    } {}
    "mute" Form::Fields(None), "Takes a member's right to write for a while",
        guarded = true, needs = &["mute"]; {
        required "for" Kind::DurationOrForever, "how long";
        optional "member" Kind::Member, WHOM;
        optional "group" Kind::Group, WHERE;
        optional "reason" Kind::Text, WHY;
    } {}
    "delete_message" short("message"), "Takes back a message",
        guarded = true, needs = &["delete_message"]; {
        optional "message" Kind::Message, "which; default the one reported, or the one that started the run";
        optional "group" Kind::Group, WHERE;
    } {}
    "close_group" short("group"), "Nobody may write in the group any more",
        guarded = true, needs = &["close_group"]; {
        optional "group" Kind::Group, WHERE;
        optional "reason" Kind::Text, WHY;
    } {}
    "unmute" short("member"), "Gives a member the right to write back",
        needs = &["unmute"]; {
        optional "member" Kind::Member, WHOM;
        optional "group" Kind::Group, WHERE;
        optional "reason" Kind::Text, WHY;
    } {}
    "unban" short("member"), "Lets a banned member come back",
        needs = &["unban"]; {
        optional "member" Kind::Member, WHOM;
        optional "group" Kind::Group, WHERE;
        optional "reason" Kind::Text, WHY;
    } {}
    "invite" Form::Fields(None), "Brings a member into another group, or sends them a link to it",
        guarded = true, needs = &["invite"], second_way = true, result = Some(INVITED); {
        required "to" Kind::Group, "the group they are brought into";
        optional "member" Kind::Member, WHOM;
        optional "text" Kind::Text, "what goes with a link, where the platform lets no bot invite";
    } {}
    "create_group" short("name"), "Opens a group, or has a person open it",
        guarded = true, needs = &["create_group"], second_way = true, result = Some(OPENED); {
        required "name" Kind::Text, "its name";
        optional "like" Kind::Group, "the group whose tags and settings it gets";
        optional "on" Kind::Id, "the connector; default that of `like`, or of the run's group";
    } {}
    "migrate" Form::Fields(None), "Moves a group's members to another one: asks who comes along, opens it, invites them, closes the old one, and tells how many came",
        guarded = true, needs = &["create_group", "invite", "close_group"], second_way = true, result = Some(MIGRATED); {
        optional "from" Kind::Group, "the group that is left; default the run's group";
        optional "to" Kind::GroupOrCreate, "where to; default a new group of the same name and one season later";
        optional "ask" Kind::Text, "the announcement that asks who comes along";
        optional "collect" Kind::Map(COLLECT), "what counts as coming along; default `{ keyword: [\"1\", \"+1\"], for: 3d }`";
        optional "minimum" Kind::Number, "with fewer volunteers everybody stays; default 1";
        optional "pace" Kind::Rate, "how fast they are invited; default `10 per 1m`";
        optional "close_after" Kind::Duration, "how long the old group stays open after that; default 7d";
        optional "too_few" Kind::Text, "said when there are too few; `volunteers.count` is known in it";
        optional "moved" Kind::Text, "said in the old group once they are invited; `new_group` is known in it";
    } {}
    "choose" Form::Ways, "Takes the first way whose `if` holds"; {
    } {}
    "each" Form::Value("`name in list`"), "Does steps for each item of a list"; {
    } {
        optional "where" Kind::Condition, "which items count";
        optional "n" Kind::Number, "how many at most";
        required "do" Kind::Steps, "the steps for each item";
        optional "pace" Kind::Rate, "how fast: items per time";
    }
    "call" Form::Value("a flow's name"), "Does the steps of a flow"; {
    } {
        optional "with" Kind::Names, "values for the names that the flow takes";
    }
    "run" Form::Value("`module::function`"), "Calls a function of a script",
        result = Some(Shape::Any); {
    } {
        optional "with" Kind::Any, "what the function is given";
    }
    "signal" short("name"), "Tells rules that wait for it, also of other playbooks"; {
        required "name" Kind::Id, "the signal's name";
        optional "data" Kind::Any, "what it carries";
        optional "member" Kind::Member, WHOM;
        optional "group" Kind::Group, WHERE;
    } {}
    "webhook" short("endpoint"), "Calls a named endpoint of steward.yaml"; {
        required "endpoint" Kind::Id, "the endpoint's name";
        optional "data" Kind::Any, "what it is told";
    } {}
    "stop" short("reason"), "Ends the run"; {
        optional "reason" Kind::Text, WHY;
    } {}
};
