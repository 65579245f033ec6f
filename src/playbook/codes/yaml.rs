//! Pages of S01: what YAML makes of a text that was meant otherwise.

use super::Page;

pub(super) const UNREADABLE: Page = Page {
    title: "the YAML cannot be read",
    about: "The text breaks the rules of YAML at the marked place, so nothing after it can be \
            trusted and the file is not taken. Often a bracket or a quote further up is the cause.",
    wrong: "groups: [lobby]]",
    right: "groups: [lobby]",
};
pub(super) const TOO_BIG: Page = Page {
    title: "the file is too large or nested too deeply",
    about: "A file may hold 1 MiB and 64 levels of nesting. Real playbooks stay far below; long \
            word lists belong into a file of their own.",
    wrong: "",
    right: "any: { from: words/ads.txt }",
};
pub(super) const DUPLICATE_KEY: Page = Page {
    title: "the same key stands twice in one map",
    about: "Most YAML readers silently keep one of the two. Steward does not guess which one was \
            meant.",
    wrong: "send:\n  to: lobby\n  to: club",
    right: "send:\n  to: [lobby, club]",
};
pub(super) const READ_AS_COMMENT: Page = Page {
    title: "a value that begins with `#` is a comment",
    about: "In YAML everything from a `#` after a space to the end of the line is a comment, so \
            the key is left without a value.",
    wrong: "to: #general",
    right: "to: \"#general\"",
};
pub(super) const BANG_FOR_NOT: Page = Page {
    title: "`!` at the start of a value is a YAML tag, not \"not\"",
    about: "A word that begins with `!` tells YAML a type; the word itself vanishes. In conditions \
            write `not`.",
    wrong: "if: !member.is_bot",
    right: "if: not member.is_bot",
};
pub(super) const RESERVED_CHARACTER: Page = Page {
    title: "a value cannot begin with `@`, `%` or a backtick",
    about: "YAML keeps these characters for itself at the start of a value. Inside quotes they are \
            ordinary text.",
    wrong: "text: @all hi",
    right: "text: \"@all hi\"",
};
pub(super) const BRACES_WITHOUT_DOLLAR: Page = Page {
    title: "`{name}` is a map in YAML",
    about: "Braces at the start of a value open a map. Values are put into a text with a dollar \
            sign before the brace.",
    wrong: "text: {member.name} hi",
    right: "text: ${member.name} hi",
};
pub(super) const SECOND_KEY_ON_LINE: Page = Page {
    title: "a colon inside a text reads as a second key",
    about: "A colon followed by a space makes a key in YAML, also in the middle of a text. Put the \
            text in quotes, or on lines of its own under `|`.",
    wrong: "text: Welcome: read this",
    right: "text: \"Welcome: read this\"",
};
pub(super) const READ_AS_ALIAS: Page = Page {
    title: "`*` at the start of a value is a YAML alias",
    about: "A star at the start of a value refers to an anchor elsewhere in the file. To write a \
            star, put the text in quotes.",
    wrong: "text: *Hi* all",
    right: "text: \"*Hi* all\"",
};
pub(super) const READ_AS_TAG: Page = Page {
    title: "`!` at the start of a value is a YAML tag",
    about: "A word that begins with `!` tells YAML a type, and would vanish from the text without \
            a word. Put the text in quotes.",
    wrong: "text: !important read",
    right: "text: \"!important read\"",
};
pub(super) const TEXT_AFTER_QUOTE: Page = Page {
    title: "something follows a closing quote",
    about: "A value that begins with a quote ends with it; YAML does not know what to make of the \
            rest. Wrap the whole value in the other kind of quotes.",
    wrong: "if: \"vip\" in member.labels",
    right: "if: '\"vip\" in member.labels'",
};
pub(super) const NO_SPACE_AFTER_COLON: Page = Page {
    title: "a space is missing after `:`",
    about: "Without a space after the colon, YAML reads key and value as one word.",
    wrong: "- send:\n    to: lobby\n    text:hello",
    right: "- send:\n    to: lobby\n    text: hello",
};
pub(super) const FULL_WIDTH_COLON: Page = Page {
    title: "a full-width colon is no colon to YAML",
    about: "Chinese keyboards type `：`; YAML knows only `:` followed by a space.",
    wrong: "- send:\n    to: lobby\n    text： 你好",
    right: "- send:\n    to: lobby\n    text: 你好",
};
pub(super) const STRANGE_SPACE: Page = Page {
    title: "a tab or a special space stands where only plain spaces count",
    about: "YAML indents with plain spaces. A tab is refused, and a no-break or full-width space \
            becomes part of the word after it, which looks right and is not.",
    wrong: "rules:\n\t- rule: hello",
    right: "rules:\n  - rule: hello",
};
pub(super) const PLACEHOLDER_IN_BRACES: Page = Page {
    title: "inside `{ }` a text with `${…}` needs quotes",
    about: "Between braces or brackets, the `{` of `${…}` opens another map and its `}` closes one. \
            In quotes it is text.",
    wrong: "- send: { to: lobby, text: hi ${member.name} }",
    right: "- send: { to: lobby, text: \"hi ${member.name}\" }",
};
pub(super) const COMMA_IN_BRACES: Page = Page {
    title: "inside `{ }` a comma ends the text",
    about: "Between braces, entries are separated by commas, so what follows the comma reads as \
            the next key. Put the text in quotes.",
    wrong: "- send: { to: lobby, text: 你好, 大家 }",
    right: "- send: { to: lobby, text: \"你好, 大家\" }",
};
pub(super) const ANCHOR: Page = Page {
    title: "anchors, aliases and merges are not used here",
    about: "They blur what stands where: an error would point to a text far from its use. Use \
            `inputs`, `vars` or `flows`. To write a `&`, put the text in quotes.",
    wrong: "vars:\n  a: &hello Good morning",
    right: "vars:\n  a: Good morning",
};
pub(super) const SECOND_DOCUMENT: Page = Page {
    title: "a file holds one document",
    about: "A line `---` begins another document. Each playbook, use and test has its own file.",
    wrong: "playbook: one\n---\nplaybook: two",
    right: "playbook: one",
};
pub(super) const KEY_NOT_TEXT: Page = Page {
    title: "a key must be a word",
    about: "YAML allows lists and maps as keys; nothing here has such keys.",
    wrong: "? [a, b]\n: c",
    right: "a: c",
};
pub(super) const UNCLOSED: Page = Page {
    title: "a quote or a bracket is not closed",
    about: "What opens must close. The mark stands where it was opened.",
    wrong: "groups: [lobby, club",
    right: "groups: [lobby, club]",
};
pub(super) const INDENTATION: Page = Page {
    title: "a line begins at a column that fits nothing above it",
    about: "In YAML, what belongs together begins at the same column. Keys of one map stand exactly \
            below each other.",
    wrong: "send:\n    to: lobby\n  text: hi",
    right: "send:\n    to: lobby\n    text: hi",
};
pub(super) const EMPTY_FILE: Page = Page {
    title: "the file says nothing",
    about: "There is nothing in it but comments or blank lines.",
    wrong: "# to do",
    right: "steward: 1\nplaybook: hello",
};
