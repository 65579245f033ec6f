//! What the lint says, word for word.

#![expect(
    clippy::needless_raw_string_hashes,
    reason = "expect-test writes its answers with them"
)]

use super::names;
use crate::script::{Finding, compile};
use expect_test::{Expect, expect};
use std::fmt::Write;

/// Draws findings under their text: carets, second places, notes, helps, fixes.
fn draw(text: &str, findings: &[Finding]) -> String {
    let mut out = String::new();
    for finding in findings {
        let at = |span: &std::ops::Range<usize>| text.get(span.clone()).unwrap().to_owned();
        writeln!(out, "{}: {}", finding.code, finding.message).unwrap();
        let line = format!("  at `{}` {}", at(&finding.span), finding.label);
        writeln!(out, "{}", line.trim_end()).unwrap();
        if let Some((span, label)) = &finding.second {
            writeln!(out, "  at `{}` {label}", at(span)).unwrap();
        }
        if let Some(note) = &finding.note {
            writeln!(out, "  note: {note}").unwrap();
        }
        if let Some(help) = &finding.help {
            writeln!(out, "  help: {help}").unwrap();
        }
        if let Some((span, new)) = &finding.fix {
            let mut fixed = text.to_owned();
            fixed.replace_range(span.clone(), new);
            writeln!(out, "  fix:  {fixed}").unwrap();
        }
    }
    out
}

/// Compiles each text and draws what is found; a text without findings stands alone.
#[track_caller]
fn check(texts: &[&str], expected: &Expect) {
    let mut out = String::new();
    for text in texts {
        let (expr, findings) = compile(text, &names());
        assert_eq!(expr.is_some(), findings.is_empty());
        writeln!(out, "{text}").unwrap();
        out.push_str(&draw(text, &findings));
    }
    expected.assert_eq(&out);
}

#[test]
fn unknown_names() {
    check(
        &[
            "membr.name",
            r#"user.name == "x""#,
            "days > 3",
            r#"now - 7d > "1d""#,
            "会员.name",
        ],
        &expect![[r#"
            membr.name
            S0301: unknown name `membr`
              at `membr` not known here
              note: a rule started by `join` knows: member, group, community, now, inputs, vars, event
              help: did you mean `member`?
              fix:  member.name
            user.name == "x"
            S0301: unknown name `user`
              at `user` not known here
              note: a rule started by `join` knows: member, group, community, now, inputs, vars, event
              help: did you mean `member`?
              fix:  member.name == "x"
            days > 3
            S0301: unknown name `days`
              at `days` not known here
              note: a rule started by `join` knows: member, group, community, now, inputs, vars, event
              help: it is a function: write `days(…)`
            now - 7d > "1d"
            S0408: `7d` is no number
              at `7d`
              help: write a duration as text
              fix:  now - "7d" > "1d"
            会员.name
            S0301: unknown name `会员`
              at `会员` not known here
              note: a rule started by `join` knows: member, group, community, now, inputs, vars, event
        "#]],
    );
}

#[test]
fn unknown_properties() {
    check(
        &[
            "member.nam",
            "event.txt",
            "member.labels.count",
            "community.sise",
            "#{a: 1}.b",
        ],
        &expect![[r#"
            member.nam
            S0302: a member has no `nam`
              at `nam` not known here
              note: it has: id, key, name, nick, mention, is_bot, role, joined_at, last_active, messages, points, level, labels, source
              help: did you mean `name`?
              fix:  member.name
            event.txt
            S0302: `event` has no `txt`
              at `txt` not known here
              note: it has: at, content, files, id, inviter, kind, links, mentions, message, reply_to, source, text
              help: did you mean `text`?
              fix:  event.text
            member.labels.count
            S0302: a list has no `count`
              at `count` not known here
              help: write `len(…)`
            community.sise
            S0302: `community` has no `sise`
              at `sise` not known here
              note: it has: id, name, size
              help: did you mean `size`?
              fix:  community.size
            #{a: 1}.b
            S0302: `#{a: 1}` has no `b`
              at `b` not known here
              note: it has: a
        "#]],
    );
}

#[test]
fn unknown_functions() {
    check(
        &[
            r#"has_lable(member, "x")"#,
            "member.shout()",
            "check::is_promo(event)",
            "checks::is_prom(event)",
            "checks::is_promo()",
        ],
        &expect![[r#"
            has_lable(member, "x")
            S0303: unknown function `has_lable`
              at `has_lable` no function has this name
              help: did you mean `has_label`?
              fix:  has_label(member, "x")
            member.shout()
            S0303: unknown function `shout`
              at `shout` no function has this name
            check::is_promo(event)
            S0305: unknown script `check`
              at `check` not under `scripts:`
              help: did you mean `checks`?
              fix:  checks::is_promo(event)
            checks::is_prom(event)
            S0305: script `checks` has no function `is_prom`
              at `is_prom`
              help: did you mean `is_promo`?
              fix:  checks::is_promo(event)
            checks::is_promo()
            S0405: `checks::is_promo` takes 1 argument, and 0 are given
              at `is_promo`
        "#]],
    );
}

#[test]
fn comparisons_that_never_hold() {
    check(
        &[
            r#"member.messages > "3""#,
            "member.role == 3",
            r#"member.is_bot == "true""#,
            r#"member != "ann""#,
        ],
        &expect![[r#"
            member.messages > "3"
            S0402: a number is compared with text
              at `"3"` this is text
              at `member.messages` this is a number
              note: such a comparison is always false, so the rule would never run
              help: remove the quotes
              fix:  member.messages > 3
            member.role == 3
            S0402: text is compared with a number
              at `3` this is a number
              at `member.role` this is text
              note: such a comparison is always false, so the rule would never run
              help: put quotes around it
              fix:  member.role == "3"
            member.is_bot == "true"
            S0402: true or false is compared with text
              at `"true"` this is text
              at `member.is_bot` this is true or false
              note: such a comparison is always false, so the rule would never run
              help: remove the quotes
              fix:  member.is_bot == true
            member != "ann"
            S0402: a member is compared with text
              at `"ann"` this is text
              at `member` this is a member
              note: such a comparison is always true, so it decides nothing
              help: compare its id: `member.id`
        "#]],
    );
}

#[test]
fn memberships_that_never_hold() {
    check(
        &["3 in member.labels", r#""x" in 3"#, r#"now > "7d""#],
        &expect![[r#"
            3 in member.labels
            S0402: a number is looked for in a list of text
              at `member.labels` this is text
              at `3` this is a number
              note: such a comparison is always false, so the rule would never run
              help: put quotes around it
              fix:  "3" in member.labels
            "x" in 3
            S0404: `in` does not work on text and a number
              at `3` this is a number
              at `"x"` this is text
            now > "7d"
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
        &[
            r#"member.nick == "x""#,
            "member.nick",
            "not (group.capacity > group.size)",
            r#"event.inviter.name == "x""#,
            "member.nick != ()",
            r#"member.nick ?? """#,
        ],
        &expect![[r#"
            member.nick == "x"
            S0403: `member.nick` may be empty
              at `member.nick` there may be none
              help: say what to use instead: `member.nick ?? ""`
              fix:  (member.nick ?? "") == "x"
            member.nick
            not (group.capacity > group.size)
            S0403: `group.capacity` may be empty
              at `group.capacity` there may be none
              help: say what to use instead: `group.capacity ?? 0`
              fix:  not ((group.capacity ?? 0) > group.size)
            event.inviter.name == "x"
            S0403: `event.inviter` may be empty
              at `event.inviter` there may be none
              help: say what to use instead: `event.inviter ?? member`
            member.nick != ()
            member.nick ?? ""
        "#]],
    );
}

#[test]
fn types_of_arguments() {
    check(
        &[
            "days(member)",
            "has_label(member)",
            r#"group.active_members("sometimes")"#,
            r#"format_date(now, "%")"#,
            "matches(event.kind, event.kind)",
            r#"matches(event.kind, "(")"#,
        ],
        &expect![[r#"
            days(member)
            S0401: `days` wants a duration for `span`, and this is a member
              at `member` this is a member
              help: write `days(span)`
            has_label(member)
            S0405: `has_label` takes 2 arguments, and 1 is given
              at `has_label`
              help: write `has_label(member, label)`
            group.active_members("sometimes")
            S0401: `sometimes` is no window of time
              at `"sometimes"`
              help: write a duration such as `"7d"`, or one of today, yesterday, this_week, last_week, this_month, last_month
            format_date(now, "%")
            S0406: `%` is no pattern for dates: expected byte after `%`, but found end of format string
              at `"%"`
            matches(event.kind, event.kind)
            S0406: a pattern must be written out
              at `event.kind`
              note: it is compiled once, when the file loads
              help: write it as text: `matches(event.text, "\\d+")`
            matches(event.kind, "(")
            S0406: the pattern cannot be read: unclosed group
              at `"("`
        "#]],
    );
}

#[test]
fn types_of_operands() {
    check(
        &[
            "member.messages and true",
            "1 and true",
            "member - 1",
            "member.is_bot < true",
            "1 & 2",
            "1..2",
            "if 1 { 2 } else { 3 }",
        ],
        &expect![[r#"
            member.messages and true
            S0401: `and` wants true or false, and this is a number
              at `member.messages` this is a number
            1 and true
            S0401: true or false is wanted here, and this is a number
              at `1`
            member - 1
            S0404: `-` does not work on a member and a number
              at `1` this is a number
              at `member` this is a member
            member.is_bot < true
            S0404: `<` does not work on true or false and true or false
              at `true` this is true or false
              at `member.is_bot` this is true or false
            1 & 2
            S0404: `&` has no meaning in an expression
              at `&`
            1..2
            S0404: `..` has no meaning in an expression
              at `..`
            if 1 { 2 } else { 3 }
            S0401: true or false is wanted here, and this is a number
              at `1`
        "#]],
    );
}

#[test]
fn brackets_and_quotes() {
    check(
        &[
            "member.name == “x”",
            "member.is_bot，",
            "(member.is_bot",
            "member.is_bot)",
            "(member.is_bot]",
            r#""open"#,
            r#""\d""#,
        ],
        &expect![[r#"
            member.name == “x”
            S0408: these are full-width quotes
              at `“x”` not read as a text
              help: write plain quotes
              fix:  member.name == "x"
            member.is_bot，
            S0408: `，` is a full-width sign
              at `，` not read here
              help: write `,`
              fix:  member.is_bot,
            (member.is_bot
            S0408: `)` is missing
              at `(` opened here and never closed
            member.is_bot)
            S0408: `)` closes nothing
              at `)`
            (member.is_bot]
            S0408: `)` is missing before this `]`
              at `]`
              at `(` opened here
            "open
            S0408: a text is not closed
              at `"open` begins here and never ends
            "\d"
            S0408: unknown escape in a text
              at `\d` known are \n \t \r \\ \" \' \uXXXX
              note: write `\\` for a backslash itself, also in patterns: `"\\d+"`
        "#]],
    );
}

#[test]
fn texts_that_are_no_expressions() {
    check(
        &[
            "",
            r#"member.name = "x""#,
            "member.is_bot and",
            "not",
            "member.is_bot now",
            "|x| x",
            "// nothing",
        ],
        &expect![[r#"

            S0408: an expression is missing
              at `` nothing here
            member.name = "x"
            S0408: `=` does not compare
              at `=` sets nothing in an expression
              help: write `==`
              fix:  member.name == "x"
            member.is_bot and
            S0408: the expression ends too early
              at `and` something is missing after this
            not
            S0408: `not` needs something after it
              at `not`
            member.is_bot now
            S0408: this is not an expression
              at `now` not expected here
            |x| x
            S0408: this is not an expression
              at `|` not expected here
            // nothing
            S0408: this is not an expression
              at `/` not expected here
        "#]],
    );
}

#[test]
fn reserved_words() {
    check(
        &["event.default", "let x = 1", r#"eval("1")"#, "member.for"],
        &expect![[r#"
            event.default
            S0304: `default` is a reserved word
              at `default` cannot be a name here
            let x = 1
            S0304: `let` is a reserved word
              at `let` cannot be a name here
            eval("1")
            S0304: `eval` is a reserved word
              at `eval` cannot be a name here
            member.for
            S0304: `for` is a reserved word
              at `for` cannot be a name here
        "#]],
    );
}

#[test]
fn places_are_right_in_chinese_text() {
    check(
        &[
            r#""你好，世界" == membr.name"#,
            r#"member.name == "安" and 名字 == "王""#,
        ],
        &expect![[r#"
            "你好，世界" == membr.name
            S0301: unknown name `membr`
              at `membr` not known here
              note: a rule started by `join` knows: member, group, community, now, inputs, vars, event
              help: did you mean `member`?
              fix:  "你好，世界" == member.name
            member.name == "安" and 名字 == "王"
            S0301: unknown name `名字`
              at `名字` not known here
              note: a rule started by `join` knows: member, group, community, now, inputs, vars, event
        "#]],
    );
}
