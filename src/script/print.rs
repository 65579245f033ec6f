//! How typed values print in a group's language: `14 天` or `14 days`.

use super::facts::Facts;
use super::schema::{GroupField, MemberField};
use crate::model::{Millis, Piece, RichText, Span, Text, Value, time};

/// The language of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    Zh,
    #[default]
    En,
}

impl Language {
    /// `zh` or `en`, also with a region; `None` for others.
    pub fn find(code: &str) -> Option<Self> {
        let code = code.to_ascii_lowercase();
        match code.split(['-', '_']).next() {
            Some("zh") => Some(Self::Zh),
            Some("en") => Some(Self::En),
            _ => None,
        }
    }
}

/// Appends a value the way a reader expects it. Lists in lists print flat.
pub fn push(out: &mut RichText, value: &Value, facts: &dyn Facts) {
    let language = facts.language();
    match value {
        Value::Nothing => {}
        Value::Bool(flag) => out.push_text(match (flag, language) {
            (true, Language::Zh) => "是",
            (false, Language::Zh) => "否",
            (true, Language::En) => "yes",
            (false, Language::En) => "no",
        }),
        Value::Int(number) => out.push_text(&number.to_string()),
        Value::Float(number) => out.push_text(&float(*number)),
        Value::Text(text) => out.push_text(text),
        Value::Time(at) => out.push_text(&instant(*at, facts)),
        Value::Span(length) => out.push_text(&span(*length, language)),
        Value::Member(who) => push(out, &plain(facts.member(*who, MemberField::Name)), facts),
        Value::Group(which) => push(out, &plain(facts.group(*which, GroupField::Name)), facts),
        Value::Rich(rich) => out.push(rich),
        Value::List(items) => {
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push_text(separator(language));
                }
                push(out, item, facts);
            }
        }
        Value::Record(fields) => {
            for (at, (name, value)) in fields.iter().enumerate() {
                if at > 0 {
                    out.push_text(separator(language));
                }
                out.push_text(name);
                out.push_text(": ");
                push(out, value, facts);
            }
        }
    }
}

/// The value as text without mentions.
pub fn to_text(value: &Value, facts: &dyn Facts) -> Text {
    if let Value::Text(text) = value {
        return text.clone();
    }
    let mut rich = RichText::default();
    push(&mut rich, value, facts);
    rich.to_plain().into()
}

/// Plain text where there are no mentions in it.
pub(crate) fn simplest(rich: RichText) -> Value {
    match rich.0.as_slice() {
        [] => Value::from(""),
        [Piece::Plain(text)] => Value::Text(text.clone()),
        _ => Value::Rich(rich),
    }
}

/// Names are texts; anything else that a careless source gives prints as nothing.
fn plain(name: Value) -> Value {
    if matches!(name, Value::Text(_)) {
        name
    } else {
        Value::Nothing
    }
}

const fn separator(language: Language) -> &'static str {
    match language {
        Language::Zh => "、",
        Language::En => ", ",
    }
}

/// At most six places, no trailing noise: `0.1 + 0.2` is `0.3`.
fn float(number: f64) -> String {
    let fixed = format!("{number:.6}");
    let short = fixed.trim_end_matches('0').trim_end_matches('.');
    match short {
        "-0" | "" => "0".to_owned(),
        _ => short.to_owned(),
    }
}

/// `2026-03-20 09:00` in the zone of the facts.
fn instant(at: Millis, facts: &dyn Facts) -> String {
    let local = time::zoned(at, facts.zone());
    let (date, clock) = (local.date(), local.time());
    format!("{date} {:02}:{:02}", clock.hour(), clock.minute())
}

/// The two largest units of a length of time.
pub(crate) fn span(span: Span, language: Language) -> String {
    let mut rest = span.exact_ms.unsigned_abs();
    let day = time::DAY.unsigned_abs();
    let days = u64::from(span.days.unsigned_abs()).saturating_add(rest / day);
    rest %= day;
    let units = [
        (days, "天", "day"),
        (rest / time::HOUR.unsigned_abs(), "小时", "hour"),
        (
            rest % time::HOUR.unsigned_abs() / time::MINUTE.unsigned_abs(),
            "分钟",
            "minute",
        ),
        (
            rest % time::MINUTE.unsigned_abs() / time::SECOND.unsigned_abs(),
            "秒",
            "second",
        ),
    ];
    let shown: Vec<String> = units
        .into_iter()
        .filter(|(count, _, _)| *count > 0)
        .take(2)
        .map(|(count, zh, en)| unit(count, zh, en, language))
        .collect();
    if shown.is_empty() {
        unit(0, "秒", "second", language)
    } else {
        shown.join(" ")
    }
}

fn unit(count: u64, zh: &str, en: &str, language: Language) -> String {
    match language {
        Language::Zh => format!("{count} {zh}"),
        Language::En if count == 1 => format!("1 {en}"),
        Language::En => format!("{count} {en}s"),
    }
}

/// How long before `now` that was: its largest unit, in words.
pub(crate) fn ago(at: Millis, facts: &dyn Facts) -> String {
    let past = facts.now().saturating_sub(at);
    let shown = span(Span::exact(past), facts.language());
    // The largest unit alone: its number and its word.
    let first: Vec<&str> = shown.split(' ').take(2).collect();
    let first = first.join(" ");
    match (facts.language(), past.abs() < time::MINUTE, past < 0) {
        (Language::Zh, true, _) => "刚刚".to_owned(),
        (Language::En, true, _) => "just now".to_owned(),
        (Language::Zh, false, false) => format!("{first}前"),
        (Language::Zh, false, true) => format!("{first}后"),
        (Language::En, false, false) => format!("{first} ago"),
        (Language::En, false, true) => format!("in {first}"),
    }
}
