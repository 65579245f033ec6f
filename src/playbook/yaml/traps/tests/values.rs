//! Values that begin with a character of YAML's own, and quotes.

use super::check;
use expect_test::expect;

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
        "text: {pick(a, b)} hi\n",
        &expect![[r#"
        error[S0107]: `{pick(a, b)}` is a map in YAML
         --> playbooks/a.yaml:1:7
          |
        1 | text: {pick(a, b)} hi
          |       ^^^^^^^^^^^^
          |
        help: write `${pick(a, b)}`
          |
        1 | text: ${pick(a, b)} hi
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
