//! Pages of S07 to S09: scripts, templates and tests.

use super::Page;

pub(super) const SCRIPT_SYNTAX: Page = Page {
    title: "a script that cannot be read",
    about: "The script breaks the rules of the language at the marked place.",
    wrong: "fn award(args) { let n = ; }",
    right: "fn award(args) { let n = 1; n }",
};
pub(super) const UNKNOWN_CALL: Page = Page {
    title: "a call of a function that does not exist",
    about: "Every call in a script is checked by name and number of arguments when it is loaded.",
    wrong: "let m = maximum(1, 2);",
    right: "let m = max(1, 2);",
};
pub(super) const SCRIPT_FAILED: Page = Page {
    title: "a script failed",
    about: "A function stopped with an error while a run needed it. The run is parked, none of the \
            effects of that input were sent, and everything else goes on.",
    wrong: "let n = args.streak.lenght;",
    right: "let n = args.streak.length;",
};
pub(super) const FORBIDDEN: Page = Page {
    title: "not allowed in a script",
    about: "Scripts decide; they have no clock, no files, no network and no `eval`, so that the same \
            input gives the same answer on every machine.",
    wrong: "sleep(10);",
    right: "fx::start(\"later\", #{})",
};
pub(super) const MISSING_INPUT: Page = Page {
    title: "an input is missing",
    about: "The playbook asks for it and has no default, so each use must give it under `with`.",
    wrong: "use: newcomer-care\nwith:\n  delay: 1m",
    right: "use: newcomer-care\nwith:\n  lobby: book-club-2\n  delay: 1m",
};
pub(super) const UNKNOWN_INPUT: Page = Page {
    title: "the playbook has no such input",
    about: "`with` may give the inputs that the playbook declares, and no others.",
    wrong: "with:\n  loby: book-club-2",
    right: "with:\n  lobby: book-club-2",
};
pub(super) const WRONG_INPUT_TYPE: Page = Page {
    title: "an input of the wrong type",
    about: "The playbook says of each input what it takes; the value is something else, or out of \
            its bounds.",
    wrong: "with:\n  delay: soon",
    right: "with:\n  delay: 1m",
};
pub(super) const UNUSED_INPUT: Page = Page {
    title: "nothing uses it",
    about: "It is declared and never read, which is often a misspelt name elsewhere.",
    wrong: "inputs:\n  greting: { type: text, default: hi }",
    right: "inputs:\n  greeting: { type: text, default: hi }",
};
pub(super) const UNEXPECTED_EFFECT: Page = Page {
    title: "something happened that the test did not expect",
    about: "Each `expect` takes all effects since the last one, so a surprise fails the case.",
    wrong: "- expect: nothing",
    right: "- expect: { dm: { to: ann } }",
};
pub(super) const MISSING_EFFECT: Page = Page {
    title: "something that the test expected did not happen",
    about: "Time never moves by itself in a test: an `after` may be missing, or be too short.",
    wrong: "- after: 13d\n- expect: { dm: { to: ann } }",
    right: "- after: 14d\n- expect: { dm: { to: ann } }",
};
pub(super) const WRONG_STATE: Page = Page {
    title: "a stored value differs from what the test expected",
    about: "Points, labels, data or runs are not what `expect: { state: … }` says.",
    wrong: "- expect: { state: { points: { ann: 50 } } }",
    right: "- expect: { state: { points: { ann: 60 } } }",
};
pub(super) const UNKNOWN_TEST_STEP: Page = Page {
    title: "no step of a test has this name",
    about: "A test's steps are triggers (`join: ann`), `after`, `at`, `restart`, `redeliver`, `fail`, \
            `answer`, `approve` and `expect`.",
    wrong: "- wait: 14d",
    right: "- after: 14d",
};
pub(super) const NO_SUCH_MEMBER: Page = Page {
    title: "the test has no such member or group",
    about: "Who and what a test speaks of stands under `given`.",
    wrong: "- join: anne",
    right: "- join: ann",
};
pub(super) const TIME_GOES_BACK: Page = Page {
    title: "time cannot go back",
    about: "`at` must be later than the time that the case has reached.",
    wrong: "- after: 14d\n- at: 2026-03-21 08:30",
    right: "- after: 14d\n- at: 2026-04-21 08:30",
};
