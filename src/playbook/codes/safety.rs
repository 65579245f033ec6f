//! Pages of S05: what could hurt people, or could never work.

use super::Page;

pub(super) const MISSING_LIMIT: Page = Page {
    title: "a guarded step needs a limit",
    about: "Whatever removes people or opens and closes groups needs a circuit breaker: how many at \
            most in which time. What exceeds it waits for a person.",
    wrong: "rules:\n  - rule: out\n    when: { inactivity: { member: 14d } }\n    do:\n      - remove: { member: member }",
    right: "limits:\n  remove: 20 per 1d",
};
pub(super) const PLATFORM_CANNOT: Page = Page {
    title: "the platform cannot do this",
    about: "A group that the playbook is bound to is on a platform where a bot has no such right. \
            Use a `task` for a person, or put the step under `if: group.can(\"…\")`.",
    wrong: "- create_group: { name: Season 2 }",
    right: "- task: { for: staff, text: please open a group for season 2 }",
};
pub(super) const SILENCE_UNKNOWN: Page = Page {
    title: "removal by silence where not everything is heard",
    about: "The platform does not deliver every message to a bot, so someone who seems silent may be \
            talking. Nobody is removed on such grounds.",
    wrong: "when: { inactivity: { member: 14d } }\ndo:\n  - remove: { member: member }",
    right: "when: { inactivity: { member: 14d } }\ndo:\n  - task: { for: staff, text: \"look at ${member.name}\" }",
};
pub(super) const STARTS_IN_SHADOW: Page = Page {
    title: "the playbook begins in shadow",
    about: "It can remove people or open and close groups, so at first it only records what it would \
            do. Look at what it decides, then write `state: live`.",
    wrong: "",
    right: "state: live",
};
pub(super) const MATCHES_ANYWHERE: Page = Page {
    title: "a keyword without word boundaries",
    about: "Chinese, Japanese and Thai put no spaces between words, so `match: word` finds such a \
            keyword anywhere in a text.",
    wrong: "keyword: { any: [规则], match: word }",
    right: "keyword: { any: [规则], match: exact }",
};
