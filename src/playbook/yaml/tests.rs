//! The traps of YAML, drawn exactly, and where the parts of a text stand.

use super::super::draw::draw;
use super::super::source::Sources;
use super::*;
use expect_test::{Expect, expect};
use proptest::prelude::*;

#[track_caller]
fn check(yaml: &str, expect: &Expect) {
    let mut sources = Sources::default();
    let id = sources.add("playbooks/a.yaml", yaml);
    let file = sources.get(id).unwrap();
    let (_, problems) = parse(file);
    expect.assert_eq(&draw(&problems, &sources, false));
}

/// The first entry's value, deep inside.
fn value_of(yaml: &str, path: &[&str]) -> (Sources, Node) {
    let mut sources = Sources::default();
    let id = sources.add("a.yaml", yaml);
    let (node, problems) = parse(sources.get(id).unwrap());
    assert_eq!(problems, []);
    let mut node = node.unwrap();
    for key in path {
        node = node.get(key).unwrap().clone();
    }
    (sources, node)
}

#[test]
fn a_bang_for_not() {
    check(
        "- rule: a\n  if: !member.is_bot\n",
        &expect![[r#"
            error[S0105]: `!` at the start of a value is a YAML tag, not "not"
             --> playbooks/a.yaml:2:7
              |
            2 |   if: !member.is_bot
              |       ^^^^^^^^^^^^^^
              |
            help: write `not`
              |
            2 -   if: !member.is_bot
            2 +   if: not member.is_bot
              |
        "#]],
    );
    check(
        "a: 1\nif: !member.is_bot\n",
        &expect![[r#"
        error[S0105]: `!` at the start of a value is a YAML tag, not "not"
         --> playbooks/a.yaml:2:5
          |
        2 | if: !member.is_bot
          |     ^^^^^^^^^^^^^^
          |
        help: write `not`
          |
        2 - if: !member.is_bot
        2 + if: not member.is_bot
          |
    "#]],
    );
    check(
        "if: !has_label(member, \"x\") and true\n",
        &expect![[r#"
            error[S0105]: `!` at the start of a value is a YAML tag, not "not"
             --> playbooks/a.yaml:1:5
              |
            1 | if: !has_label(member, "x") and true
              |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              |
            help: write `not`
              |
            1 - if: !has_label(member, "x") and true
            1 + if: not has_label(member, "x") and true
              |
        "#]],
    );
    check(
        "- { if: !member.is_bot, do: [] }\n",
        &expect![[r#"
        error[S0105]: `!` at the start of a value is a YAML tag, not "not"
         --> playbooks/a.yaml:1:9
          |
        1 | - { if: !member.is_bot, do: [] }
          |         ^^^^^^^^^^^^^^
          |
        help: write `not`
          |
        1 - - { if: !member.is_bot, do: [] }
        1 + - { if: not member.is_bot, do: [] }
          |
    "#]],
    );
}

#[test]
fn characters_that_yaml_keeps_for_itself() {
    check(
        "text: @all hi\n",
        &expect![[r#"
        error[S0106]: a value cannot begin with `@`
         --> playbooks/a.yaml:1:7
          |
        1 | text: @all hi
          |       ^ YAML keeps this character for itself
          |
        help: put quotes around it
          |
        1 - text: @all hi
        1 + text: "@all hi"
          |
    "#]],
    );
    check(
        "x: { text: %d \"left\", to: b }\n",
        &expect![[r#"
        error[S0106]: a value cannot begin with `%`
         --> playbooks/a.yaml:1:12
          |
        1 | x: { text: %d "left", to: b }
          |            ^ YAML keeps this character for itself
          |
        help: put quotes around it
          |
        1 - x: { text: %d "left", to: b }
        1 + x: { text: '%d "left"', to: b }
          |
    "#]],
    );
    check(
        "text: `x`   # why\n",
        &expect![[r#"
        error[S0106]: a value cannot begin with a backtick
         --> playbooks/a.yaml:1:7
          |
        1 | text: `x`   # why
          |       ^ YAML keeps this character for itself
          |
        help: put quotes around it
          |
        1 - text: `x`   # why
        1 + text: "`x`"   # why
          |
    "#]],
    );
}

#[test]
fn braces_without_a_dollar() {
    check(
        "text: {name} hi\n",
        &expect![[r#"
        error[S0107]: `{name}` is a map in YAML
         --> playbooks/a.yaml:1:7
          |
        1 | text: {name} hi
          |       ^^^^^^
          |
        help: write `${name}`
          |
        1 | text: ${name} hi
          |       +
    "#]],
    );
    check(
        "text: {{ member.name }}\n",
        &expect![[r#"
        error[S0107]: `{{ member.name }}` is a map in YAML
         --> playbooks/a.yaml:1:7
          |
        1 | text: {{ member.name }}
          |       ^^^^^^^^^^^^^^^^^
          |
        help: write `${member.name}`
          |
        1 - text: {{ member.name }}
        1 + text: ${member.name}
          |
    "#]],
    );
}

#[test]
fn a_colon_inside_a_text() {
    check(
        "text: Welcome: read this\n",
        &expect![[r#"
        error[S0108]: a colon inside the text makes it a second key on this line
         --> playbooks/a.yaml:1:7
          |
        1 | text: Welcome: read this
          |       ^^^^^^^^ read as a key
          |
          = note: a longer text can also stand on the lines below, after `|`
        help: put quotes around it
          |
        1 - text: Welcome: read this
        1 + text: "Welcome: read this"
          |
    "#]],
    );
    check(
        "- text: 欢迎: 请读\n",
        &expect![[r#"
        error[S0108]: a colon inside the text makes it a second key on this line
         --> playbooks/a.yaml:1:9
          |
        1 | - text: 欢迎: 请读
          |         ^^^^^ read as a key
          |
          = note: a longer text can also stand on the lines below, after `|`
        help: put quotes around it
          |
        1 - - text: 欢迎: 请读
        1 + - text: "欢迎: 请读"
          |
    "#]],
    );
    check(
        "a: 1\n  b: 2\n",
        &expect![[r#"
        error[S0121]: this line is indented deeper than the line above it, which is complete
         --> playbooks/a.yaml:2:3
          |
        1 | a: 1
          |    - this value is complete
        2 |   b: 2
          |   ^ begins too far right
    "#]],
    );
}

#[test]
fn stars_bangs_and_ampersands() {
    check(
        "text: *Hi* all\n",
        &expect![[r#"
        error[S0109]: `*` at the start of a value is a YAML alias
         --> playbooks/a.yaml:1:7
          |
        1 | text: *Hi* all
          |       ^ read as a reference to an anchor
          |
        help: put quotes around it
          |
        1 - text: *Hi* all
        1 + text: "*Hi* all"
          |
    "#]],
    );
    check(
        "text: !important read\n",
        &expect![[r#"
        error[S0110]: `!important` at the start of a value is a YAML tag, and would vanish
         --> playbooks/a.yaml:1:7
          |
        1 | text: !important read
          |       ^^^^^^^^^^
          |
        help: put quotes around it
          |
        1 - text: !important read
        1 + text: "!important read"
          |
    "#]],
    );
    check(
        "a: &x 1\nb: *x\n",
        &expect![[r#"
        error[S0117]: `&x` is a YAML anchor
         --> playbooks/a.yaml:1:4
          |
        1 | a: &x 1
          |    ^^ anchors, aliases and merges are not used here
          |
        help: put quotes around it
          |
        1 - a: &x 1
        1 + a: "&x 1"
          |

        error[S0117]: `*x` is a YAML alias
         --> playbooks/a.yaml:2:4
          |
        2 | b: *x
          |    ^^ anchors, aliases and merges are not used here
          |
        help: put quotes around it
          |
        2 - b: *x
        2 + b: "*x"
          |
    "#]],
    );
    check(
        "<<: {a: 1}\n",
        &expect![[r#"
        error[S0117]: `<<` is a YAML merge
         --> playbooks/a.yaml:1:1
          |
        1 | <<: {a: 1}
          | ^^ anchors, aliases and merges are not used here
    "#]],
    );
}

#[test]
fn words_after_a_closing_quote() {
    check(
        "if: \"vip\" in member.labels\n",
        &expect![[r#"
        error[S0111]: the value ends at its closing quote, and something follows
         --> playbooks/a.yaml:1:11
          |
        1 | if: "vip" in member.labels
          |           ^^^^^^^^^^^^^^^^ this is left over
          |
        help: put quotes around the whole
          |
        1 - if: "vip" in member.labels
        1 + if: '"vip" in member.labels'
          |
    "#]],
    );
    check(
        "if:\n  - 'it''s' in x # so\n",
        &expect![[r#"
            error[S0111]: the value ends at its closing quote, and something follows
             --> playbooks/a.yaml:2:13
              |
            2 |   - 'it''s' in x # so
              |             ^^^^ this is left over
              |
            help: put quotes around the whole
              |
            2 -   - 'it''s' in x # so
            2 +   - "'it''s' in x" # so
              |
        "#]],
    );
}

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
fn other_trouble_in_plain_words() {
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

#[test]
fn a_value_that_is_a_comment() {
    let yaml = "steward: 1\nrules:\n  - rule: a\n    do:\n      - send:\n          text: hi\n          to: #general\n";
    let mut sources = Sources::default();
    let id = sources.add("playbooks/welcome.yaml", yaml);
    let file = sources.get(id).unwrap();
    let (node, _) = parse(file);
    let node = node.unwrap();
    let rule = &node.get("rules").unwrap().items().unwrap()[0];
    let send = rule.get("do").unwrap().items().unwrap()[0]
        .get("send")
        .unwrap();
    let (key, value) = &send.entries().unwrap()[1];
    assert_eq!(value.kind, NodeKind::Empty);
    let error = empty_value(file, Some(key), value);
    expect![[r##"
        error[S0104]: `to` is empty: everything after `#` is a comment in YAML
         --> playbooks/welcome.yaml:7:15
          |
        7 |           to: #general
          |           --- ^^^^^^^^ read as a comment
          |           |
          |           so this has no value
          |
        help: put quotes around it
          |
        7 -           to: #general
        7 +           to: "#general"
          |
    "##]]
    .assert_eq(&draw(&[error], &sources, false));
}

#[test]
fn an_empty_value_with_or_without_a_real_comment() {
    let (sources, node) = value_of("a: # later\nb:\n", &[]);
    let file = sources.iter().next().unwrap();
    let errors: Vec<_> = node
        .entries()
        .unwrap()
        .iter()
        .map(|(key, value)| empty_value(file, Some(key), value))
        .collect();
    expect![[r#"
        error[S0210]: `a` has no value
         --> a.yaml:1:1
          |
        1 | a: # later
          | ^ nothing stands after this

        error[S0210]: `b` has no value
         --> a.yaml:2:1
          |
        2 | b:
          | ^ nothing stands after this
    "#]]
    .assert_eq(&draw(&errors, &sources, false));
}

#[test]
fn a_text_where_a_map_belongs_may_have_lost_its_colon() {
    for yaml in ["a: text:hello\n", "a: text：你好\n", "a: text:\u{3000}x\n"] {
        let (sources, node) = value_of(yaml, &["a"]);
        let file = sources.iter().next().unwrap();
        assert!(not_a_map(file, &node).is_some(), "{yaml}");
    }
    for yaml in [
        "a: plain\n",
        "a: \"b:c\"\n",
        "a: http://x\n",
        "a: award::x\n",
    ] {
        let (sources, node) = value_of(yaml, &["a"]);
        let file = sources.iter().next().unwrap();
        assert_eq!(not_a_map(file, &node), None, "{yaml}");
    }
}

#[test]
fn scalars_stay_as_they_were_written() {
    let (_, node) = value_of("a: [007, yes, no, +1, ~, 1.0, \"\"]\n", &["a"]);
    let texts: Vec<_> = node.items().unwrap().iter().map(Node::text).collect();
    let written = ["007", "yes", "no", "+1", "~", "1.0", ""];
    assert_eq!(texts, written.map(Some));
}

/// Where each `<mark>` letter of a value was written.
#[track_caller]
fn check_marks(yaml: &str) {
    let (sources, node) = value_of(yaml, &["a"]);
    let file = sources.iter().next().unwrap();
    let text = node.text().unwrap();
    for (at, c) in text
        .char_indices()
        .filter(|(_, c)| c.is_alphanumeric() || *c == '$')
    {
        let part = node.part(at, at + c.len_utf8());
        assert_eq!(file.written(part), c.to_string(), "{yaml:?} at {at}");
    }
}

#[test]
fn every_letter_of_a_value_knows_where_it_was_written() {
    check_marks("a: Hi ${membr.name}\n");
    check_marks("a: 你好 ${membr.name}\n");
    check_marks("a: 'it''s ${x} ''q'''\n");
    check_marks("a: \"say \\\"${x}\\\" \\n 好 y\"\n");
    check_marks("a: one\n  two\n\n  three ${x}\n");
    check_marks("a: \"one\n  two\\\n   three\n\n\n  four\"\n");
    check_marks("a: |\n    ${x} is\n      deeper\n\n    end ${y}\n");
    check_marks("a: >-\n  folded ${x}\n  line\n\n  para\n   more\n  end\n");
    check_marks("a: |+\n\n\n  late\n  r\r\n  s\n");
}

#[test]
fn an_escape_points_to_itself() {
    let (sources, node) = value_of("a: \"\\x41\\u4f60\\U0001F600z\"\n", &["a"]);
    let file = sources.iter().next().unwrap();
    let text = node.text().unwrap().to_owned();
    assert_eq!(text, "A你😀z");
    let written: Vec<_> = text
        .char_indices()
        .map(|(at, c)| file.written(node.part(at, at + c.len_utf8())))
        .collect();
    assert_eq!(written, ["\\x41", "\\u4f60", "\\U0001F600", "z"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_without_panic(text in "(?s).{0,200}") {
        any(&text);
    }

    #[test]
    fn any_yaml_like_text_is_read_without_panic(
        text in "([ab:#\\-!&*|>'\"{}\\[\\],$@%` \n\t\\\\：　\u{a0}你]){0,60}"
    ) {
        any(&text);
    }

    #[test]
    fn letters_of_folded_texts_keep_their_places(
        lines in prop::collection::vec("[a-z]{1,4}( [a-z你]{1,4}){0,2}", 1..6),
        gaps in prop::collection::vec(1_usize..4, 6),
        style in 0_usize..5,
    ) {
        let mut body = String::new();
        for (line, gap) in lines.iter().zip(&gaps) {
            body.push_str("  ");
            body.push_str(line);
            body.push_str(&"\n".repeat(*gap));
        }
        let yaml = match style {
            0 => format!("a:\n{body}"),
            1 => format!("a: '\n{}'\n", body.trim_end()),
            2 => format!("a: \"\n{}\"\n", body.trim_end()),
            3 => format!("a: |\n{body}"),
            _ => format!("a: >\n{body}"),
        };
        check_marks(&yaml);
    }
}

fn any(text: &str) {
    let mut sources = Sources::default();
    let id = sources.add("a.yaml", text);
    let (node, problems) = parse(sources.get(id).unwrap());
    assert!(node.is_some() || !problems.is_empty(), "silence");
    assert!(!draw(&problems, &sources, false).is_empty() || problems.is_empty());
    super::super::draw::to_json(&problems, &sources);
}
