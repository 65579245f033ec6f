//! The table of triggers, in the order of the language page.

use super::{Field, Kind, optional, required};

/// A trigger.
#[derive(Debug)]
pub struct Trigger {
    pub name: &'static str,
    pub doc: &'static str,
    /// The field that a scalar or a list in place of the mapping is.
    pub short: Option<&'static str>,
    pub fields: &'static [Field],
}

/// Where a message counts.
pub(crate) const PLACES: &[&str] = &["group", "dm", "anywhere"];
/// How a keyword stands in a text.
pub(crate) const MATCHES: &[&str] = &["word", "anywhere", "begins", "exact", "regex"];
/// Who counts.
pub(crate) const ROLES: &[&str] = &["anyone", "owner", "staff", "member"];
/// Kinds of messages.
pub(crate) const CONTENTS: &[&str] = &[
    "text", "image", "file", "voice", "video", "sticker", "location", "other",
];
/// Who may give a command.
pub(crate) const BY: &[&str] = &["anyone", "staff", "owner"];

const PLACE: Field = optional(
    "in",
    Kind::OneOf(PLACES),
    "where it counts; default `group` under `when`, `anywhere` elsewhere",
);
const FROM: Field = optional(
    "from",
    Kind::Many(&Kind::OneOf(ROLES)),
    "who counts; default anyone",
);

/// Every trigger.
pub const TRIGGERS: &[Trigger] = &[
    Trigger {
        name: "join",
        doc: "Somebody came into the group",
        short: Some("via"),
        fields: &[optional(
            "via",
            Kind::Words,
            "sources that count; default any",
        )],
    },
    Trigger {
        name: "leave",
        doc: "Somebody left the group or was removed",
        short: Some("via"),
        fields: &[optional(
            "via",
            Kind::Words,
            "`self`, `removed`, `banned`; default any",
        )],
    },
    Trigger {
        name: "join_request",
        doc: "Somebody asks to be let in",
        short: None,
        fields: &[],
    },
    Trigger {
        name: "message",
        doc: "Somebody wrote something",
        short: None,
        fields: &[
            FROM,
            optional(
                "content",
                Kind::Many(&Kind::OneOf(CONTENTS)),
                "kinds that count; default any",
            ),
            optional(
                "mentions",
                Kind::OneOf(&["yes", "no", "bot"]),
                "whether it mentions someone, or the bot",
            ),
            optional("links", Kind::YesNo, "whether it holds a link"),
            PLACE,
        ],
    },
    Trigger {
        name: "keyword",
        doc: "Somebody wrote one of these words",
        short: Some("any"),
        fields: &[
            optional("any", Kind::Words, "one of these must be there"),
            optional("all", Kind::Words, "all of these must be there"),
            optional("none", Kind::Words, "none of these may be there"),
            optional(
                "match",
                Kind::OneOf(MATCHES),
                "how it stands in the text; default `word`",
            ),
            optional(
                "evasion",
                Kind::YesNo,
                "folds look-alikes, separators and pinyin too",
            ),
            FROM,
            PLACE,
        ],
    },
    Trigger {
        name: "command",
        doc: "Somebody wrote `/name`, or mentioned the bot and wrote the name",
        short: Some("name"),
        fields: &[
            required("name", Kind::Words, "the name, or several"),
            optional(
                "args",
                Kind::Many(&Kind::Name),
                "names for the words after it: `event.NAME`; the last takes the rest",
            ),
            optional("by", Kind::OneOf(BY), "who may; default `anyone`"),
            PLACE,
        ],
    },
    Trigger {
        name: "reaction",
        doc: "Somebody put a reaction on a message",
        short: Some("any"),
        fields: &[
            optional("any", Kind::Words, "reactions that count; default any"),
            optional(
                "on",
                Kind::OneOf(&["ours", "any"]),
                "on whose messages; default `any`",
            ),
            PLACE,
        ],
    },
    Trigger {
        name: "schedule",
        doc: "A planned time has come",
        short: Some("at"),
        fields: &[
            optional(
                "at",
                Kind::Many(&Kind::Time),
                "a time of day such as \"08:30\", or several",
            ),
            optional(
                "days",
                Kind::Many(&Kind::OneOf(DAYS)),
                "with `at`: which days; default all",
            ),
            optional("cron", Kind::Note, "a cron pattern of five fields"),
            optional("every", Kind::Duration, "elapsed time"),
        ],
    },
    Trigger {
        name: "inactivity",
        doc: "Somebody, or a whole group, has been silent for so long",
        short: None,
        fields: &[
            optional("member", Kind::Duration, "a member's silence in the group"),
            optional("group", Kind::Duration, "the whole group's silence"),
        ],
    },
    Trigger {
        name: "offset",
        doc: "So long after somebody joined, or the group was opened",
        short: None,
        fields: &[
            required("after", Kind::Duration, "how long after"),
            required(
                "since",
                Kind::OneOf(&["join", "group_created"]),
                "after what",
            ),
        ],
    },
    Trigger {
        name: "signal",
        doc: "Another rule, or a service of yours, gave this signal",
        short: Some("name"),
        fields: &[required("name", Kind::Id, "the signal's name")],
    },
];

/// Words for days of the week, Monday first, and for groups of them.
pub(crate) const DAYS: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "mon",
    "tue",
    "wed",
    "thu",
    "fri",
    "sat",
    "sun",
    "weekdays",
    "weekends",
    "daily",
];

impl Trigger {
    /// The trigger of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        TRIGGERS.iter().find(|trigger| trigger.name == name)
    }
}
