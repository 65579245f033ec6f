//! Pages of S02: keys and steps that do not fit.

use super::Page;

pub(super) const UNKNOWN_KEY: Page = Page {
    title: "no such key here",
    about: "Keys are checked so that a slip of the finger cannot switch something off silently. \
            Keys that start with `x-` are ignored and free for your own notes.",
    wrong: "playbook: hello\ntimezon: Asia/Shanghai",
    right: "playbook: hello\ntimezone: Asia/Shanghai",
};
pub(super) const MISSING_KEY: Page = Page {
    title: "a key that must be there is missing",
    about: "Without it there is no sensible meaning to fall back to.",
    wrong: "- rule: hello\n  do: [{ reply: hi }]",
    right: "- rule: hello\n  when: join\n  do: [{ reply: hi }]",
};
pub(super) const UNKNOWN_STEP: Page = Page {
    title: "no step has this name",
    about: "A step is a mapping with one step name in it, such as `send`, `label` or `wait`.",
    wrong: "do:\n  - sned: { to: group, text: hi }",
    right: "do:\n  - send: { to: group, text: hi }",
};
pub(super) const UNKNOWN_TRIGGER: Page = Page {
    title: "no trigger has this name",
    about: "`when` takes a trigger such as `join`, `keyword`, `schedule`, `inactivity` or \
            `message`, or a list of them.",
    wrong: "when: joined",
    right: "when: join",
};
pub(super) const WRONG_SHAPE: Page = Page {
    title: "a map, a list or a text stands where another one is needed",
    about: "Each key takes a certain shape: a text, a list (`- a` or `[a, b]`) or a map (`a: b` or \
            `{ a: b }`).",
    wrong: "rules:\n  rule: hello",
    right: "rules:\n  - rule: hello",
};
pub(super) const TWO_STEPS: Page = Page {
    title: "two steps in one mapping",
    about: "Each step is an item of the list, with a dash of its own; the order of keys in one \
            mapping means nothing.",
    wrong: "do:\n  - reply: hi\n    wait: 1m",
    right: "do:\n  - reply: hi\n  - wait: 1m",
};
pub(super) const NEWER_FORMAT: Page = Page {
    title: "the file is written for a newer Steward",
    about: "`steward:` names the version of the format. This build knows version 1.",
    wrong: "steward: 2",
    right: "steward: 1",
};
pub(super) const DUPLICATE_ID: Page = Page {
    title: "two things have the same id",
    about: "State, traces and lists hang on ids, so an id names one thing: a rule within its file, \
            a playbook within the folder, a group within steward.yaml.",
    wrong: "rules:\n  - rule: hello\n  - rule: hello",
    right: "rules:\n  - rule: hello\n  - rule: hello-again",
};
pub(super) const NOT_AN_ID: Page = Page {
    title: "this cannot be an id",
    about: "An id is made of small letters, digits, `-` and `_`, begins with a letter or a digit \
            and has at most 64 characters. Names for people go into `title`, `name` or `about`.",
    wrong: "playbook: Morning Post!",
    right: "playbook: morning-post",
};
pub(super) const EMPTY_VALUE: Page = Page {
    title: "a key has no value",
    about: "The key needs a value. To leave it at its default, remove the whole line.",
    wrong: "timezone:",
    right: "timezone: Asia/Shanghai",
};
pub(super) const KEYS_TOGETHER: Page = Page {
    title: "these keys cannot stand together",
    about: "Each of the keys says the same thing in another way, so only one of them can hold.",
    wrong: "schedule: { at: \"08:30\", every: 6h }",
    right: "schedule: { at: \"08:30\" }",
};
pub(super) const NOT_YET: Page = Page {
    title: "not in this version yet",
    about: "The word is kept for something that a later version of Steward brings. It is no typing \
            error, and there is nothing to correct in it but to wait or to do without.",
    wrong: "- undo: run",
    right: "- send: { to: moderators, text: please undo this by hand }",
};
