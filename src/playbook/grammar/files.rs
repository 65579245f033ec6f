//! The tables of keys: of playbooks, rules, inputs, data, flows and uses.

use super::{Field, Kind, optional, required};

/// Words for `state`.
pub(crate) const STATES: &[&str] = &["live", "shadow", "paused"];
/// Types of inputs.
pub(crate) const INPUT_TYPES: &[&str] = &[
    "text", "number", "bool", "duration", "rate", "time", "zone", "group", "member", "label",
    "list",
];
/// Kinds of declared data.
pub(crate) const DATA_KINDS: &[&str] = &[
    "counter", "streak", "text", "number", "list", "set", "record",
];
/// Whose a stored value is.
pub(crate) const DATA_PER: &[&str] = &["member", "group", "community", "key"];
/// How runs of the same key go together.
pub(crate) const MODES: &[&str] = &["single", "restart", "queued", "parallel"];

const STEWARD: Field = required("steward", Kind::OneOf(&["1"]), "version of the format");
const GROUPS: Field = optional(
    "groups",
    Kind::Any,
    "where it applies: a list of group ids, `{ tag: x }`, or `all`",
);
const STATE: Field = optional(
    "state",
    Kind::OneOf(STATES),
    "`shadow` decides and sends nothing; default `shadow` with a guarded step, else `live`",
);

/// Keys of a playbook.
pub const PLAYBOOK: &[Field] = &[
    STEWARD,
    required("playbook", Kind::Id, "its id: stored state hangs on it"),
    optional("about", Kind::Note, "one line, shown in lists"),
    GROUPS,
    optional("timezone", Kind::Note, "IANA name; default the group's"),
    optional("inputs", Kind::Names, "makes it a template"),
    optional("vars", Kind::Names, "constants"),
    optional("data", Kind::Names, "declared stored state"),
    optional("limits", Kind::Names, "how often a step may happen at most"),
    optional(
        "scripts",
        Kind::Words,
        "scripts whose functions are called here",
    ),
    required("rules", Kind::Any, "the rules, in order"),
    optional("flows", Kind::Names, "step lists to `call`"),
    STATE,
];

/// Keys of a rule.
pub const RULE: &[Field] = &[
    required("rule", Kind::Id, "its id, unique in the file"),
    required("when", Kind::Triggers, "what makes it consider running"),
    optional("if", Kind::Condition, "what must hold"),
    optional(
        "per",
        Kind::Any,
        "whose run it is: `member`, `group`, `community`, `event` or an expression",
    ),
    optional(
        "mode",
        Kind::OneOf(MODES),
        "what happens while a run of the same key lives; default `single`",
    ),
    optional("max", Kind::Count, "live runs per key; default 100"),
    optional(
        "cooldown",
        Kind::Any,
        "a duration, `{ every, per }`, `{ collect }` or `{ at_least, within }`",
    ),
    optional(
        "missed",
        Kind::Map(MISSED),
        "schedules: what to do about times that passed while the daemon was down",
    ),
    optional(
        "backlog",
        Kind::Any,
        "inactivity: those already silent at first load: `skip`, `now` or `{ spread: 3d }`",
    ),
    optional("stop_when", Kind::Triggers, "what ends the run at any step"),
    STATE,
    optional("title", Kind::Text, "a run's name for people"),
    optional(
        "once",
        Kind::Key,
        "the rule happens once per such key, for good",
    ),
    optional(
        "late",
        Kind::OneOf(&["run", "skip"]),
        "whether events from a time in which nothing was heard start it; default `skip`",
    ),
    optional("note", Kind::Note, "a remark for whoever reads the file"),
    required("do", Kind::Steps, "the steps, or `module::decide`"),
];

/// Keys of rules that a later version brings.
pub const LATER_RULE_KEYS: &[&str] = &["quiet_hours", "on_edit"];

/// Keys of `missed`.
pub const MISSED: &[Field] = &[
    optional(
        "run",
        Kind::OneOf(&["latest", "none", "all"]),
        "which missed times run; default `latest`",
    ),
    optional("within", Kind::Duration, "how late at most; default 1h"),
];

/// Keys of `cooldown`.
pub const COOLDOWN: &[Field] = &[
    optional("every", Kind::Duration, "at most once in that time"),
    optional(
        "collect",
        Kind::Duration,
        "acts once at the end, with `events`",
    ),
    optional("at_least", Kind::Count, "only when it matched so often"),
    optional("within", Kind::Duration, "with `at_least`: in which time"),
    optional("per", Kind::Any, "whose cooldown; default the rule's `per`"),
];

/// Keys of an input.
pub const INPUT: &[Field] = &[
    required("type", Kind::OneOf(INPUT_TYPES), "what it takes"),
    optional("default", Kind::Any, "its value where a use gives none"),
    optional("about", Kind::Note, "what it is for"),
    optional("min", Kind::Any, "the least, for numbers and durations"),
    optional("max", Kind::Any, "the most, for numbers and durations"),
    optional(
        "choices",
        Kind::Many(&Kind::Any),
        "the only values there are",
    ),
];

/// Keys of declared data.
pub const DATA: &[Field] = &[
    optional("kind", Kind::OneOf(DATA_KINDS), "what a value is"),
    optional(
        "per",
        Kind::Many(&Kind::OneOf(DATA_PER)),
        "whose a value is, one or two; default `community`",
    ),
    optional(
        "decay",
        Kind::Duration,
        "counters: how long an addition counts",
    ),
    optional("day_starts", Kind::Time, "streaks: when a day begins"),
    optional("starts_as", Kind::Any, "a value before anything was stored"),
    optional(
        "from",
        Kind::Id,
        "the playbook whose data of this name is read",
    ),
    optional("fields", Kind::Names, "records: fields and their types"),
];

/// Keys of data that a later version brings.
pub const LATER_DATA_KEYS: &[&str] = &["bands", "of"];

/// Keys of a flow.
pub const FLOW: &[Field] = &[
    optional("with", Kind::Many(&Kind::Name), "names it takes"),
    required("do", Kind::Steps, "its steps"),
    optional("note", Kind::Note, "a remark for whoever reads the file"),
];

/// Keys of a use.
pub const USE: &[Field] = &[
    STEWARD,
    required("use", Kind::Id, "the playbook that is used"),
    optional("as", Kind::Id, "the use's own id; default the playbook's"),
    optional("about", Kind::Note, "one line, shown in lists"),
    GROUPS,
    optional("timezone", Kind::Note, "IANA name; default the playbook's"),
    optional("with", Kind::Names, "values for the inputs"),
    STATE,
];
