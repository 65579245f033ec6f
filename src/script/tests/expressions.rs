//! What expressions give.

use super::{Small, more_names};
use crate::model::{Span, Value, time};
use crate::script::{Language, compile, compile_as};

#[track_caller]
fn eval(text: &str) -> Value {
    let (expr, findings) = compile(text, &more_names());
    let expr = expr.unwrap_or_else(|| panic!("{text}: {findings:#?}"));
    expr.eval(&Small::new(Language::En))
}

#[track_caller]
fn holds(text: &str, expected: bool) {
    assert_eq!(eval(text), Value::Bool(expected), "{text}");
}

#[test]
fn not_binds_looser_than_comparison_and_tighter_than_and() {
    holds("not 1 > 3", true);
    holds("not 1 > 3 and false", false);
    holds("not true or true", true);
    holds("not (true or true)", false);
    holds("not 4 in [1, 2]", true);
    holds("4 not in [1, 2]", true);
    holds("1 not in [1, 2]", false);
    holds("not not true", true);
    holds("not not 1 == 2 and true", false);
    holds("true and not false and true", true);
    holds("[not 1 == 2, false][0] ?? false", true);
    holds("false or not 1 + 1 == 3", true);
    holds("true or false and false", true);
    holds(
        "not has_label(member, \"x\") and not has_label(member, \"y\")",
        true,
    );
    holds("if not true { 1 } else { 2 } == 2", true);
    holds("len([not true, not false]) == 2", true);
}

#[test]
fn words_inside_texts_and_after_dots_stay_as_they_are() {
    assert_eq!(eval("\"not a and b\""), "not a and b".into());
    assert_eq!(eval("'single \"quotes\"'"), "single \"quotes\"".into());
    assert_eq!(eval("\"a\\n\\\"b\\\" \\u4f60\""), "a\n\"b\" 你".into());
    assert_eq!(
        eval("`n ${1 + 1} and ${`in ${\"}\"}`}`"),
        "n 2 and in }".into()
    );
}

#[test]
fn numbers() {
    for (text, expected) in [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("7 / 2", 3),
        ("-7 % 4", -3),
        ("2 ** 10", 1024),
        ("-member.messages", -4),
        ("1_000", 1000),
        ("min(3, 2) + max(3, 2)", 5),
        ("abs(-3) + round(2.5) + floor(2.9)", 8),
        ("7 - streak.length % 7", 6),
    ] {
        assert_eq!(eval(text), Value::Int(expected), "{text}");
    }
    assert_eq!(eval("7.0 / 2"), Value::Float(3.5));
    holds("1 == 1.0", true);
    holds("0.5 < 1", true);
}

#[test]
fn what_has_no_result_is_empty_and_noted() {
    for text in [
        "9223372036854775807 + member.messages",
        "1 / (member.messages - 4)",
        "2 ** 64",
        "anything - 1",
        "-anything",
        "anything.nothing",
        "days(anything)",
    ] {
        let (expr, findings) = compile(text, &more_names());
        let facts = Small::new(Language::En);
        assert_eq!(findings, []);
        assert_eq!(expr.unwrap().eval(&facts), Value::Nothing, "{text}");
        assert_eq!(facts.notes().len(), 1, "{text}: {:?}", facts.notes());
    }
}

#[test]
fn times_and_durations() {
    holds("now - member.last_active > \"7d\"", true);
    holds("\"9d\" > now - member.last_active", true);
    holds("now - member.last_active == \"8d\"", true);
    holds("inputs.after == \"2w\"", true);
    holds("member.joined_at < now", true);
    holds("now + \"1d\" > now and now - \"1h\" < now", true);
    holds("after(now, \"1d\") == now + \"1d\"", true);
    holds(
        "inputs.after / 2 == \"7d\" and inputs.after * 2 == \"28d\"",
        true,
    );
    assert_eq!(eval("days(now - member.last_active)"), Value::Int(8));
    assert_eq!(eval("now - now"), Value::Span(Span::exact(0)));
    assert_eq!(eval("inputs.after / \"1d\""), Value::Int(14));
    let expected = super::NOW - 90 * time::MINUTE;
    assert_eq!(eval("member.joined_at"), Value::Time(expected));
    assert_eq!(eval("ago(member.joined_at)"), "1 hour ago".into());
    assert_eq!(
        eval("format_date(now, \"%A %-d %B\")"),
        "Friday 20 March".into()
    );
}

#[test]
fn texts_lists_and_records() {
    assert_eq!(eval("\"a\" + 1 + true"), "a1yes".into());
    holds("\"你好\" in event.text ?? \"\"", true);
    holds("\"vip\" in member.labels", true);
    holds("\"x\" in #{x: 1}", true);
    holds("matches(event.text ?? \"\", \"\\\\d+$\")", true);
    holds("upper(\"ab\") == \"AB\" and \"AB\".lower() == \"ab\"", true);
    holds(
        "starts_with(\"abc\", \"a\") and \"abc\".ends_with(\"c\")",
        true,
    );
    holds("[1, 2] + [3] == list", true);
    assert_eq!(eval("list[0] ?? 0"), Value::Int(1));
    assert_eq!(eval("list[-1] ?? 0"), Value::Int(3));
    assert_eq!(eval("list[9] ?? 7"), Value::Int(7));
    assert_eq!(eval("first(list) ?? 0"), Value::Int(1));
    assert_eq!(eval("len(last(list, 2))"), Value::Int(2));
    assert_eq!(eval("#{a: 1, b: 2}.b"), Value::Int(2));
    assert_eq!(eval("#{a: 1}[\"a\"]"), Value::Int(1));
    assert_eq!(eval("join(split(\"a b\"), \"-\")"), "a-b".into());
    assert_eq!(eval("replace(\"aXa\", \"X\", \"-\")"), "a-a".into());
    assert_eq!(eval("number(\"12\") ?? 0"), Value::Int(12));
    assert_eq!(eval("number(\"x\") ?? 0"), Value::Int(0));
    assert_eq!(eval("plural(2, \"day\", \"days\")"), "days".into());
    assert_eq!(eval("名单[1] ?? \"\""), "王".into());
}

#[test]
fn chains_of_every_shape() {
    assert_eq!(eval("joiners[list[0] ?? 0]?.name ?? \"\""), "Bot".into());
    assert_eq!(eval("(joiners[0] ?? member).name"), "Ann ${now}".into());
    assert_eq!(eval("event.inviter.name ?? \"nobody\""), "nobody".into());
    assert_eq!(eval("joiners[0].labels[1].len() ?? 0"), Value::Int(7));
    assert_eq!(
        eval("#{a: #{b: [1, #{c: 5}]}}.a.b[1].c ?? 0"),
        Value::Int(5)
    );
    assert_eq!(eval("anything"), "text".into());
    holds("member.label(\"city\") == \"上海\"", true);
    holds("group.can(\"mute\")", true);
    assert_eq!(eval("group.active_members(\"7d\")"), Value::Int(7));
    assert_eq!(eval("count(\"x\", \"today\")"), Value::Int(5));
    assert_eq!(eval("checks::is_promo(event)"), "checks::is_promo/1".into());
}

#[test]
fn declared_data() {
    holds("checkins.marked_today(member)", true);
    holds("checkins.marked_today()", false);
    assert_eq!(
        eval("checkins.best + checkins.of(member).best"),
        Value::Int(18)
    );
    assert_eq!(
        eval("score + score.of(member) + score.count"),
        Value::Int(10)
    );
    assert_eq!(eval("len(score.rows)"), Value::Int(0));
    assert_eq!(eval("stock[\"tea\"]"), Value::Int(3));
}

#[test]
fn chance_comes_from_the_facts_alone() {
    let (expr, _) = compile("pick(vars.openers) + pick(vars.openers)", &more_names());
    let expr = expr.unwrap();
    let roll = || expr.eval(&Small::new(Language::En));
    assert_eq!(roll(), roll());
    holds("chance(1) and not chance(0)", true);
    let facts = Small::new(Language::En);
    let (half, _) = compile("chance(0.5)", &more_names());
    let hits = (0..1000)
        .filter(|_| half.as_ref().unwrap().holds(&facts))
        .count();
    assert!((400..600).contains(&hits), "{hits}");
}

#[test]
fn a_place_may_want_a_type() {
    let (expr, _) = compile_as("\"7d\"", &more_names(), &crate::script::Type::Duration);
    assert_eq!(
        expr.unwrap().as_constant(),
        Some(&Value::Span(Span::days(7)))
    );
    let (expr, findings) = compile_as("member", &more_names(), &crate::script::Type::Number);
    assert!(expr.is_none());
    assert_eq!(
        findings[0].message,
        "a number is wanted here, and this is a member"
    );
}
