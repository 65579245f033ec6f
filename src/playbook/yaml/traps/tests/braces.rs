//! Colons, spaces, braces, and the rest in plain words.

use super::check;
use expect_test::expect;

#[test]
fn colons_that_are_none() {
    check(
        "to: a\ntext:hello\n",
        &expect![[r#"
        error[S0112]: a space is missing after `text:`
         --> playbooks/a.yaml:2:5
          |
        2 | text:hello
          |     ^ no space after this
          |
        help: put one in
          |
        2 | text: hello
          |      +
    "#]],
    );
    check(
        "send:\n  to:lobby\n  text: hi\n",
        &expect![[r#"
        error[S0112]: a space is missing after `to:`
         --> playbooks/a.yaml:2:5
          |
        2 |   to:lobby
          |     ^ no space after this
          |
        help: put one in
          |
        2 |   to: lobby
          |      +
    "#]],
    );
    check(
        "to: a\ntext： 你好\n",
        &expect![[r#"
        error[S0113]: the colon after `text` is a full-width one, which YAML does not know
         --> playbooks/a.yaml:2:5
          |
        2 | text： 你好
          |     ^^
          |
        help: use `:`
          |
        2 - text： 你好
        2 + text: 你好
          |
    "#]],
    );
    check(
        "x: { to:lobby }\n",
        &expect![[r#"
        error[S0112]: a space is missing after `to:`
         --> playbooks/a.yaml:1:8
          |
        1 | x: { to:lobby }
          |        ^ no space after this
          |
        help: put one in
          |
        1 | x: { to: lobby }
          |         +
    "#]],
    );
}

#[test]
fn spaces_that_are_none() {
    check(
        "a:\n  b: 1\n\u{a0}\u{a0}c: 2\n",
        &expect![[r#"
        error[S0114]: a no-break space stands in column 1, where YAML knows only plain spaces
         --> playbooks/a.yaml:3:1
          |
        3 |   c: 2
          | ^^ a no-break space here
          |
        help: use plain spaces
          |
        3 |   c: 2
          | ++
    "#]],
    );
    check(
        "a:\n\u{3000}- b: 1\n",
        &expect![[r#"
        error[S0114]: a full-width space stands in column 1, where YAML knows only plain spaces
         --> playbooks/a.yaml:2:1
          |
        2 | 　- b: 1
          | ^^ a full-width space here
          |
        help: use plain spaces
          |
        2 |   - b: 1
          | ++
    "#]],
    );
    check(
        "a:\n\tb: 1\n",
        &expect![[r#"
        error[S0114]: a tab stands in column 1, where YAML knows only plain spaces
         --> playbooks/a.yaml:2:1
          |
        2 |     b: 1
          | ^^^^ a tab here
          |
        help: use plain spaces
          |
        2 |   b: 1
          | ++
    "#]],
    );
    check(
        "to: a\nb:\u{a0}c\n",
        &expect![[r#"
        error[S0114]: a no-break space stands in column 3, where YAML knows only plain spaces
         --> playbooks/a.yaml:2:3
          |
        2 | b: c
          |   ^ a no-break space here
          |
        help: use plain spaces
          |
        2 | b: c
          |   +
    "#]],
    );
}

#[test]
fn texts_inside_braces() {
    check(
        "x: { text: ${x} }\n",
        &expect![[r#"
        error[S0115]: inside `{ }` a text with `${…}` needs quotes
         --> playbooks/a.yaml:1:12
          |
        1 | x: { text: ${x} }
          |            ^^^^ read as another map
          |
        help: put quotes around it
          |
        1 - x: { text: ${x} }
        1 + x: { text: "${x}" }
          |
    "#]],
    );
    check(
        "x: { text: hi ${x.y}, you, to: z }\n",
        &expect![[r#"
            error[S0115]: inside `{ }` a text with `${…}` needs quotes
             --> playbooks/a.yaml:1:15
              |
            1 | x: { text: hi ${x.y}, you, to: z }
              |               ^^^^^^ read as another map
              |
            help: put quotes around it
              |
            1 - x: { text: hi ${x.y}, you, to: z }
            1 + x: { text: "hi ${x.y}, you", to: z }
              |
        "#]],
    );
    check(
        "x: [ ${a}, b ]\n",
        &expect![[r#"
        error[S0115]: inside `[ ]` a text with `${…}` needs quotes
         --> playbooks/a.yaml:1:6
          |
        1 | x: [ ${a}, b ]
          |      ^^^^ read as another map
          |
        help: put quotes around it
          |
        1 - x: [ ${a}, b ]
        1 + x: [ "${a}", b ]
          |
    "#]],
    );
    check(
        "- x: { text: 你好, 大家, 早, to: lobby }\n",
        &expect![[r#"
        error[S0116]: inside `{ }` a comma ends the text
         --> playbooks/a.yaml:1:20
          |
        1 | - x: { text: 你好, 大家, 早, to: lobby }
          |                        ^ -- read as a key
          |                        |
          |                        the text ends here
          |
        help: put quotes around it
          |
        1 - - x: { text: 你好, 大家, 早, to: lobby }
        1 + - x: { text: "你好, 大家, 早", to: lobby }
          |
    "#]],
    );
}

#[test]
fn keys_and_documents() {
    check(
        "a: 1\nb: 2\na: 3\n",
        &expect![[r#"
        error[S0103]: `a` stands twice in the same map
         --> playbooks/a.yaml:3:1
          |
        1 | a: 1
          | - first here
        2 | b: 2
        3 | a: 3
          | ^ again here
    "#]],
    );
    check(
        "a: 1\n---\nb: 2\n",
        &expect![[r#"
        error[S0118]: a file holds one document, and `---` begins another
         --> playbooks/a.yaml:2:1
          |
        2 | ---
          | ^^^ the second one begins here
          |
        help: give it a file of its own
    "#]],
    );
    check(
        "? [a]\n: b\n",
        &expect![[r#"
        error[S0119]: a key must be a word
         --> playbooks/a.yaml:1:3
          |
        1 | ? [a]
          |   ^^^ this is no word
    "#]],
    );
}

#[test]
fn what_opens_must_close() {
    check(
        "groups: [lobby, club\nrules: 1\n",
        &expect![[r#"
        error[S0120]: `[` is not closed
         --> playbooks/a.yaml:1:9
          |
        1 | groups: [lobby, club
          |         ^ opened here
    "#]],
    );
    check(
        "text: \"hi\nrules: 1\n",
        &expect![[r#"
        error[S0120]: a quote is not closed
         --> playbooks/a.yaml:1:7
          |
        1 | text: "hi
          |       ^ opened here
    "#]],
    );
}

#[test]
fn lines_that_fit_nothing() {
    check(
        "# nothing\n",
        &expect![[r#"
        error[S0122]: the file says nothing
         --> playbooks/a.yaml:1:1
          |
        1 | # nothing
          | ^
          |
        help: begin it with `steward: 1`
    "#]],
    );
    check(
        "a:\n  - b\n c\n",
        &expect![[r#"
        error[S0121]: this begins at a column that fits nothing above it
         --> playbooks/a.yaml:3:2
          |
        3 |  c
          |  ^ what belongs together begins at the same column
    "#]],
    );
    check(
        "a: 1\nhello\nb: 2\n",
        &expect![[r#"
        error[S0101]: this line is neither `key: value` nor an item with `- `
         --> playbooks/a.yaml:2:1
          |
        2 | hello
          | ^^^^^ a colon and a space are missing
    "#]],
    );
}

#[test]
fn other_trouble_in_plain_words() {
    check(
        "a: }\n",
        &expect![[r#"
        error[S0101]: a bracket closes that was not opened
         --> playbooks/a.yaml:1:4
          |
        1 | a: }
          |    ^ closes nothing
    "#]],
    );
    check(
        "a: \"\\q\"\n",
        &expect![[r#"
        error[S0101]: a backslash in double quotes begins an escape, and there is none like this
         --> playbooks/a.yaml:1:4
          |
        1 | a: "\q"
          |    ^^^^ in single quotes a backslash is text
    "#]],
    );
    check(
        &"[".repeat(100),
        &expect![[r#"
        error[S0102]: more than 64 levels of nesting
         --> playbooks/a.yaml:1:65
          |
        1 | [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[
          |                                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ too deep
    "#]],
    );
}
