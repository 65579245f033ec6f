//! What the lint says, word for word.

use super::{more_names, names};
use crate::script::{Finding, compile};
use expect_test::{Expect, expect};
use proptest::prelude::*;
use std::fmt::Write;

/// Draws findings under their text: carets, second places, notes, helps, fixes.
fn draw(text: &str, findings: &[Finding]) -> String {
    let mut out = String::new();
    for finding in findings {
        let at = |span: &std::ops::Range<usize>| text[span.clone()].to_owned();
        let _ = writeln!(out, "{}: {}", finding.code, finding.message);
        let line = format!("  at `{}` {}", at(&finding.span), finding.label);
        let _ = writeln!(out, "{}", line.trim_end());
        if let Some((span, label)) = &finding.second {
            let _ = writeln!(out, "  at `{}` {label}", at(span));
        }
        for note in &finding.note {
            let _ = writeln!(out, "  note: {note}");
        }
        for help in &finding.help {
            let _ = writeln!(out, "  help: {help}");
        }
        if let Some((span, new)) = &finding.fix {
            let mut fixed = text.to_owned();
            fixed.replace_range(span.clone(), new);
            let _ = writeln!(out, "  fix:  {fixed}");
        }
    }
    out
}

#[track_caller]
fn check(text: &str, expected: Expect) {
    let (expr, findings) = compile(text, &names());
    assert_eq!(expr.is_some(), findings.is_empty());
    expected.assert_eq(&draw(text, &findings));
}

#[test]
fn unknown_names() {
    check(
        "membr.name",
        expect![[r#"
        S0301: unknown name `membr`
          at `membr` not known here
          note: a rule started by `join` knows: member, group, community, now, inputs, vars, event
          help: did you mean `member`?
          fix:  member.name
    "#]],
    );
    check(
        "user.name == \"x\"",
        expect![[r#"
            S0301: unknown name `user`
              at `user` not known here
              note: a rule started by `join` knows: member, group, community, now, inputs, vars, event
              help: did you mean `member`?
              fix:  member.name == "x"
        "#]],
    );
    check(
        "days > 3",
        expect![[r#"
            S0301: unknown name `days`
              at `days` not known here
              note: a rule started by `join` knows: member, group, community, now, inputs, vars, event
              help: it is a function: write `days(…)`
        "#]],
    );
    check(
        "now - 7d > \"1d\"",
        expect![[r#"
            S0408: `7d` is no number
              at `7d`
              help: write a duration as text
              fix:  now - "7d" > "1d"
        "#]],
    );
    check(
        "member.nam",
        expect![[r#"
        S0302: a member has no `nam`
          at `nam` not known here
          note: it has: id, key, name, nick, mention, is_bot, role, joined_at, last_active, messages, points, level, labels, source
          help: did you mean `name`?
          fix:  member.name
    "#]],
    );
    check(
        "event.txt",
        expect![[r#"
        S0302: `event` has no `txt`
          at `txt` not known here
          note: it has: at, content, files, id, inviter, kind, links, mentions, message, reply_to, source, text
          help: did you mean `text`?
          fix:  event.text
    "#]],
    );
    check(
        "has_lable(member, \"x\")",
        expect![[r#"
            S0303: unknown function `has_lable`
              at `has_lable` no function has this name
              help: did you mean `has_label`?
              fix:  has_label(member, "x")
        "#]],
    );
    check(
        "member.shout()",
        expect![[r#"
        S0303: unknown function `shout`
          at `shout` no function has this name
    "#]],
    );
    check(
        "check::is_promo(event)",
        expect![[r#"
            S0305: unknown script `check`
              at `check` not under `scripts:`
              help: did you mean `checks`?
              fix:  checks::is_promo(event)
        "#]],
    );
    check(
        "checks::is_prom(event)",
        expect![[r#"
            S0305: script `checks` has no function `is_prom`
              at `is_prom`
              help: did you mean `is_promo`?
              fix:  checks::is_promo(event)
        "#]],
    );
    check(
        "checks::is_promo()",
        expect![[r#"
            S0405: `checks::is_promo` takes 1 argument, and 0 are given
              at `is_promo`
        "#]],
    );
}

#[test]
fn comparisons_that_never_hold() {
    check(
        "member.messages > \"3\"",
        expect![[r#"
            S0402: a number is compared with text
              at `"3"` this is text
              at `member.messages` this is a number
              note: such a comparison is always false, so the rule would never run
              help: remove the quotes
              fix:  member.messages > 3
        "#]],
    );
    check(
        "member.role == 3",
        expect![[r#"
            S0402: text is compared with a number
              at `3` this is a number
              at `member.role` this is text
              note: such a comparison is always false, so the rule would never run
              help: put quotes around it
              fix:  member.role == "3"
        "#]],
    );
    check(
        "member.is_bot == \"true\"",
        expect![[r#"
            S0402: true or false is compared with text
              at `"true"` this is text
              at `member.is_bot` this is true or false
              note: such a comparison is always false, so the rule would never run
              help: remove the quotes
              fix:  member.is_bot == true
        "#]],
    );
    check(
        "member != \"ann\"",
        expect![[r#"
            S0402: a member is compared with text
              at `"ann"` this is text
              at `member` this is a member
              note: such a comparison is always true, so it decides nothing
              help: compare its id: `member.id`
        "#]],
    );
    check(
        "3 in member.labels",
        expect![[r#"
            S0402: a number is looked for in a list of text
              at `member.labels` this is text
              at `3` this is a number
              note: such a comparison is always false, so the rule would never run
              help: put quotes around it
              fix:  "3" in member.labels
        "#]],
    );
    check(
        "now > \"7d\"",
        expect![[r#"
            S0402: a time is compared with text
              at `"7d"` this is text
              at `now` this is a time
              note: such a comparison is always false, so the rule would never run
              help: compare how long ago it was: `now - … > "7d"`
        "#]],
    );
}

#[test]
fn possibly_empty_values() {
    check(
        "member.nick == \"x\"",
        expect![[r#"
            S0403: `member.nick` may be empty
              at `member.nick` there may be none
              help: say what to use instead: `member.nick ?? ""`
              fix:  (member.nick ?? "") == "x"
        "#]],
    );
    check("member.nick", expect![[""]]);
    check(
        "not (group.capacity > group.size)",
        expect![[r#"
            S0403: `group.capacity` may be empty
              at `group.capacity` there may be none
              help: say what to use instead: `group.capacity ?? 0`
              fix:  not ((group.capacity ?? 0) > group.size)
        "#]],
    );
    check(
        "event.inviter.name == \"x\"",
        expect![[r#"
            S0403: `event.inviter` may be empty
              at `event.inviter` there may be none
              help: say what to use instead: `event.inviter ?? member`
        "#]],
    );
    check("member.nick != ()", expect![""]);
    check("member.nick ?? \"\"", expect![[""]]);
}

#[test]
fn types_and_arguments() {
    check(
        "days(member)",
        expect![[r#"
            S0401: `days` wants a duration for `span`, and this is a member
              at `member` this is a member
              help: write `days(span)`
        "#]],
    );
    check(
        "has_label(member)",
        expect![[r#"
            S0405: `has_label` takes 2 arguments, and 1 is given
              at `has_label`
              help: write `has_label(member, label)`
        "#]],
    );
    check(
        "group.active_members(\"sometimes\")",
        expect![[r#"
            S0401: `sometimes` is no window of time
              at `"sometimes"`
              help: write a duration such as `"7d"`, or one of today, yesterday, this_week, last_week, this_month, last_month
        "#]],
    );
    check(
        "member.messages and true",
        expect![[r#"
        S0401: `and` wants true or false, and this is a number
          at `member.messages` this is a number
    "#]],
    );
    check(
        "1 and true",
        expect![[r#"
            S0401: true or false is wanted here, and this is a number
              at `1`
        "#]],
    );
    check(
        "member - 1",
        expect![[r#"
            S0404: `-` does not work on a member and a number
              at `1` this is a number
              at `member` this is a member
        "#]],
    );
    check(
        "member.is_bot < true",
        expect![[r#"
            S0404: `<` does not work on true or false and true or false
              at `true` this is true or false
              at `member.is_bot` this is true or false
        "#]],
    );
    check(
        "\"x\" in 3",
        expect![[r#"
            S0404: `in` does not work on text and a number
              at `3` this is a number
              at `"x"` this is text
        "#]],
    );
    check(
        "matches(event.kind, event.kind)",
        expect![[r#"
            S0406: a pattern must be written out
              at `event.kind`
              note: it is compiled once, when the file loads
              help: write it as text: `matches(event.text, "\\d+")`
        "#]],
    );
    check(
        "matches(event.kind, \"(\")",
        expect![[r#"
            S0406: the pattern cannot be read: unclosed group
              at `"("`
        "#]],
    );
    check(
        "format_date(now, \"%\")",
        expect![[r#"
            S0406: `%` is no pattern for dates: expected byte after `%`, but found end of format string
              at `"%"`
        "#]],
    );
    check(
        "member.labels.count",
        expect![[r#"
        S0302: a list has no `count`
          at `count` not known here
          help: write `len(…)`
    "#]],
    );
}

#[test]
fn texts_that_are_no_expressions() {
    check(
        "",
        expect![[r#"
        S0408: an expression is missing
          at `` nothing here
    "#]],
    );
    check(
        "member.name = \"x\"",
        expect![[r#"
        S0408: `=` does not compare
          at `=` sets nothing in an expression
          help: write `==`
          fix:  member.name == "x"
    "#]],
    );
    check(
        "member.name == “x”",
        expect![[r#"
            S0408: these are full-width quotes
              at `“x”` not read as a text
              help: write plain quotes
              fix:  member.name == "x"
        "#]],
    );
    check(
        "(member.is_bot",
        expect![[r#"
        S0408: `)` is missing
          at `(` opened here and never closed
    "#]],
    );
    check(
        "member.is_bot)",
        expect![[r#"
            S0408: `)` closes nothing
              at `)`
        "#]],
    );
    check(
        "\"open",
        expect![[r#"
        S0408: a text is not closed
          at `"open` begins here and never ends
    "#]],
    );
    check(
        "member.is_bot and",
        expect![[r#"
        S0408: the expression ends too early
          at `and` something is missing after this
    "#]],
    );
    check(
        "not",
        expect![[r#"
            S0408: `not` needs something after it
              at `not`
        "#]],
    );
    check(
        "member.is_bot now",
        expect![[r#"
        S0408: this is not an expression
          at `now` not expected here
    "#]],
    );
    check(
        "event.default",
        expect![[r#"
        S0304: `default` is a reserved word
          at `default` cannot be a name here
    "#]],
    );
    check(
        "let x = 1",
        expect![[r#"
        S0304: `let` is a reserved word
          at `let` cannot be a name here
    "#]],
    );
    check(
        "|x| x",
        expect![[r#"
        S0408: this is not an expression
          at `|` not expected here
    "#]],
    );
    check(
        "1 & 2",
        expect![[r#"
            S0404: `&` has no meaning in an expression
              at `&`
        "#]],
    );
    check(
        "1..2",
        expect![[r#"
            S0404: `..` has no meaning in an expression
              at `..`
        "#]],
    );
    check(
        "\"\\d\"",
        expect![[r#"
        S0408: unknown escape in a text
          at `\d` known are \n \t \r \\ \" \' \uXXXX
          note: write `\\` for a backslash itself, also in patterns: `"\\d+"`
    "#]],
    );
    check(
        "// nothing",
        expect![[r#"
        S0408: this is not an expression
          at `/` not expected here
    "#]],
    );
}

#[test]
fn places_are_right_in_chinese_text() {
    check(
        "\"你好，世界\" == membr.name",
        expect![[r#"
            S0301: unknown name `membr`
              at `membr` not known here
              note: a rule started by `join` knows: member, group, community, now, inputs, vars, event
              help: did you mean `member`?
              fix:  "你好，世界" == member.name
        "#]],
    );
    check(
        "会员.name",
        expect![[r#"
        S0301: unknown name `会员`
          at `会员` not known here
          note: a rule started by `join` knows: member, group, community, now, inputs, vars, event
    "#]],
    );
    check(
        "member.name == \"安\" and 名字 == \"王\"",
        expect![[r#"
        S0301: unknown name `名字`
          at `名字` not known here
          note: a rule started by `join` knows: member, group, community, now, inputs, vars, event
    "#]],
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,60}") {
        let (expr, findings) = compile(&text, &more_names());
        prop_assert_eq!(expr.is_none(), !findings.is_empty());
        for finding in findings {
            prop_assert!(text.get(finding.span.clone()).is_some(), "{:?}", finding);
        }
    }

    #[test]
    fn no_mix_of_words_makes_it_panic(words in proptest::collection::vec(
        prop::sample::select(vec![
            "member", "group", ".", "name", "(", ")", "[", "]", "{", "}", "#{", "not", "and", "or",
            "in", "if", "else", "==", "+", "-", "1", "\"x\"", "`${", "}`", "??", "?.", ",", ":",
            "::", "checkins", "of", "list", "::", "checks", "()", "true", "has_label", "joiners",
        ]), 0..14))
    {
        let text = words.join(" ");
        let (expr, findings) = compile(&text, &more_names());
        prop_assert_eq!(expr.is_none(), !findings.is_empty());
        for finding in findings {
            prop_assert!(text.get(finding.span.clone()).is_some(), "{:?}", finding);
        }
        if let Some(expr) = expr {
            expr.eval(&super::Small::new(crate::script::Language::Zh));
        }
    }
}
