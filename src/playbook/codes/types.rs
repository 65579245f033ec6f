//! Pages of S04 and S06: values of the wrong kind, and times that do not exist.

use super::Page;

pub(super) const WRONG_TYPE: Page = Page {
    title: "a value of the wrong type",
    about: "The field takes another type: a number, a text, yes or no, a member, a group.",
    wrong: "capacity: many",
    right: "capacity: 500",
};
pub(super) const COMPARES_TYPES: Page = Page {
    title: "different types are compared",
    about: "A number never equals a text and is neither above nor below it, so such a comparison \
            is always false and the rule would never run.",
    wrong: "if: member.messages > \"3\"",
    right: "if: member.messages > 3",
};
pub(super) const POSSIBLY_EMPTY: Page = Page {
    title: "a value that may be empty is not covered",
    about: "Not everyone has a nickname and not every group a link. Say with `??` what holds then.",
    wrong: "text: Hi ${member.nick}",
    right: "text: Hi ${member.nick ?? member.name}",
};
pub(super) const BAD_DURATION: Page = Page {
    title: "not a duration",
    about: "A duration is a number and a unit without a space between: `30s`, `10m`, `2h`, `14d`, \
            `2w`, or several of them: `13d 23h`. Days and weeks are calendar days.",
    wrong: "wait: 2 days",
    right: "wait: 2d",
};
pub(super) const BAD_RATE: Page = Page {
    title: "not a rate",
    about: "A rate is a count, `per` and a duration.",
    wrong: "remove: 20/day",
    right: "remove: 20 per 1d",
};
pub(super) const BAD_CHOICE: Page = Page {
    title: "not one of the words this field takes",
    about: "The field takes one of a few words; the message lists them.",
    wrong: "match: words",
    right: "match: word",
};
pub(super) const OUT_OF_RANGE: Page = Page {
    title: "a number out of range",
    about: "The number is smaller or larger than the field allows.",
    wrong: "capacity: -5",
    right: "capacity: 500",
};
pub(super) const EXPRESSION_SYNTAX: Page = Page {
    title: "an expression that cannot be read",
    about: "Expressions are made of names, numbers, texts in double quotes, `and or not`, comparisons, \
            arithmetic, `in` and `??`.",
    wrong: "if: member.messages > and not member.is_bot",
    right: "if: member.messages > 3 and not member.is_bot",
};
pub(super) const BAD_ADDRESS: Page = Page {
    title: "not an address",
    about: "An address of a service begins with `http://` or `https://`; one to listen on is an IP \
            address and a port; a group's is `connector/id`.",
    wrong: "listen: localhost",
    right: "listen: 127.0.0.1:8080",
};
pub(super) const BAD_PATTERN: Page = Page {
    title: "a pattern that cannot be read",
    about: "The regular expression is not well formed, or it is larger than the limits allow.",
    wrong: "keyword: { any: [\"(hi\"], match: regex }",
    right: "keyword: { any: [\"(hi)\"], match: regex }",
};
pub(super) const UNKNOWN_ZONE: Page = Page {
    title: "no such time zone",
    about: "Zones are named as in the IANA list: continent and city, or `UTC`.",
    wrong: "timezone: Asia/Shangai",
    right: "timezone: Asia/Shanghai",
};
pub(super) const BAD_TIME_OF_DAY: Page = Page {
    title: "not a time of day",
    about: "A time of day has two digits for hours and two for minutes, from 00:00 to 23:59.",
    wrong: "at: \"8.30\"",
    right: "at: \"08:30\"",
};
pub(super) const BAD_CRON: Page = Page {
    title: "not a cron pattern",
    about: "A cron pattern has five fields: minute, hour, day of month, month, day of week.",
    wrong: "cron: \"30 8 * *\"",
    right: "cron: \"30 8 * * MON-FRI\"",
};
pub(super) const BAD_DATE: Page = Page {
    title: "not a date",
    about: "A date is written year-month-day, with a time and a zone where one is needed.",
    wrong: "now: 20/3/2026",
    right: "now: 2026-03-20 09:00 Europe/Paris",
};
