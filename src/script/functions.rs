//! The functions that need nothing but their arguments (and the recorded instant, zone, language
//! and chance): one arm each.

use super::facts::Facts;
use super::operators;
use super::print::{self, Language};
use super::schema::Pure;
use crate::model::{Millis, Span, Text, Value, limits, time};
use regex::{Regex, RegexBuilder};

/// Windows that are words.
pub const WINDOWS: &[&str] = &[
    "today",
    "yesterday",
    "this_week",
    "last_week",
    "this_month",
    "last_month",
];

/// Computes a function. Arguments of a wrong type give the empty value and a note.
pub(crate) fn call(function: Pure, args: &[Value], facts: &dyn Facts) -> Value {
    let value = match function {
        Pure::Days
        | Pure::Hours
        | Pure::Minutes
        | Pure::Ago
        | Pure::After
        | Pure::Before
        | Pure::FormatDate => of_time(function, args, facts),
        Pure::Pick | Pure::Chance => by_chance(function, args, facts),
        Pure::Plural
        | Pure::Min
        | Pure::Max
        | Pure::Abs
        | Pure::Round
        | Pure::Floor
        | Pure::Number => of_numbers(function, args),
        Pure::Upper
        | Pure::Lower
        | Pure::Trim
        | Pure::StartsWith
        | Pure::EndsWith
        | Pure::Split
        | Pure::Replace => of_texts(function, args),
        Pure::Len
        | Pure::Contains
        | Pure::Join
        | Pure::First
        | Pure::Last
        | Pure::Reverse
        | Pure::Sort
        | Pure::Text => of_lists(function, args, facts),
    };
    value.unwrap_or_else(|| {
        if args.iter().all(|arg| !arg.is_nothing()) {
            let kinds: Vec<&str> = args.iter().map(Value::kind).collect();
            facts.note(&format!(
                "`{}` gives nothing for {}",
                name(function),
                kinds.join(" and ")
            ));
        }
        Value::Nothing
    })
}

fn name(function: Pure) -> &'static str {
    use super::schema::{Callee, FUNCTIONS};
    FUNCTIONS
        .iter()
        .find(|row| row.callee == Callee::Pure(function))
        .map_or("?", |row| row.name)
}

fn of_time(function: Pure, args: &[Value], facts: &dyn Facts) -> Option<Value> {
    Some(match (function, args) {
        (Pure::Days, [Value::Span(span)]) => Value::Int(span.nominal_ms() / time::DAY),
        (Pure::Hours, [Value::Span(span)]) => Value::Int(span.nominal_ms() / time::HOUR),
        (Pure::Minutes, [Value::Span(span)]) => Value::Int(span.nominal_ms() / time::MINUTE),
        (Pure::Ago, [Value::Time(at)]) => Value::text(print::ago(*at, facts)),
        (Pure::After, [Value::Time(at), span]) => {
            Value::Time(span_of(span)?.after(*at, facts.zone()))
        }
        (Pure::Before, [Value::Time(at), span]) => {
            Value::Time(span_of(span)?.before(*at, facts.zone()))
        }
        (Pure::FormatDate, [Value::Time(at), Value::Text(pattern)]) => {
            Value::text(format_date(*at, pattern, facts)?)
        }
        _ => return None,
    })
}

/// A duration, also as text.
pub(crate) fn span_of(value: &Value) -> Option<Span> {
    match (value,) {
        (Value::Span(span),) => Some(*span),
        (Value::Text(text),) => Span::parse(text),
        _ => None,
    }
}

/// A time by a strftime pattern; names of days and months are in the group's language.
pub(crate) fn format_date(at: Millis, pattern: &str, facts: &dyn Facts) -> Option<String> {
    let local = time::zoned(at, facts.zone());
    let pattern = match facts.language() {
        Language::En => pattern.to_owned(),
        Language::Zh => {
            let day = local.weekday().to_monday_zero_offset();
            let day = "一二三四五六日"
                .chars()
                .nth(usize::try_from(day).unwrap_or(0))
                .unwrap_or('一');
            let month = format!("{}月", local.month());
            pattern
                .replace("%A", &format!("星期{day}"))
                .replace("%a", &format!("周{day}"))
                .replace("%B", &month)
                .replace("%b", &month)
        }
    };
    jiff::fmt::strtime::format(&pattern, &local).ok()
}

/// Why that is no strftime pattern.
pub(crate) fn date_pattern_problem(pattern: &str) -> Option<String> {
    let sample = time::zoned(0, &jiff::tz::TimeZone::UTC);
    match jiff::fmt::strtime::format(pattern, &sample) {
        Ok(_) => None,
        Err(error) => {
            let text = error.to_string();
            let reason = text.rsplit("format string, ").next().unwrap_or(&text);
            Some(reason.to_owned())
        }
    }
}

fn by_chance(function: Pure, args: &[Value], facts: &dyn Facts) -> Option<Value> {
    match (function, args) {
        (Pure::Pick, [Value::List(items)]) => {
            let at = below(facts.draw(), items.len())?;
            items.get(at).cloned()
        }
        (Pure::Chance, [probability]) => {
            let probability = number_of(probability)?;
            // The upper 53 bits are all that a fraction holds.
            let draw = (facts.draw() >> 11) as f64 / (1_u64 << 53) as f64;
            Some(Value::Bool(draw < probability))
        }
        _ => None,
    }
}

/// A draw as a position below `length`, evenly.
pub(crate) fn below(draw: u64, length: usize) -> Option<usize> {
    if length == 0 {
        return None;
    }
    let product = u128::from(draw) * length as u128;
    usize::try_from(product >> 64).ok()
}

fn number_of(value: &Value) -> Option<f64> {
    match (value,) {
        (Value::Int(number),) => Some(*number as f64),
        (Value::Float(number),) => Some(*number),
        _ => None,
    }
}

fn of_numbers(function: Pure, args: &[Value]) -> Option<Value> {
    Some(match (function, args) {
        (Pure::Plural, [Value::Int(1), one, _]) => one.clone(),
        (Pure::Plural, [Value::Int(_) | Value::Float(_), _, many]) => many.clone(),
        (Pure::Min, [one, other]) => {
            let less = operators::compare(one, other)?.is_le();
            if less { one.clone() } else { other.clone() }
        }
        (Pure::Max, [one, other]) => {
            let more = operators::compare(one, other)?.is_ge();
            if more { one.clone() } else { other.clone() }
        }
        (Pure::Abs, [Value::Int(number)]) => Value::Int(number.checked_abs()?),
        (Pure::Abs, [Value::Float(number)]) => Value::Float(number.abs()),
        (Pure::Round | Pure::Floor, [Value::Int(number)]) => Value::Int(*number),
        (Pure::Round, [Value::Float(number)]) => Value::Int(number.round() as i64),
        (Pure::Floor, [Value::Float(number)]) => Value::Int(number.floor() as i64),
        (Pure::Number, [number @ (Value::Int(_) | Value::Float(_))]) => number.clone(),
        (Pure::Number, [Value::Text(text)]) => parse_number(text),
        (Pure::Number, [_]) => Value::Nothing,
        _ => return None,
    })
}

fn parse_number(text: &str) -> Value {
    let text = text.trim();
    if let Ok(number) = text.parse::<i64>() {
        return Value::Int(number);
    }
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Value::Float(number),
        Ok(_) | Err(_) => Value::Nothing,
    }
}

fn of_texts(function: Pure, args: &[Value]) -> Option<Value> {
    Some(match (function, args) {
        (Pure::Upper, [Value::Text(text)]) => Value::text(text.to_uppercase()),
        (Pure::Lower, [Value::Text(text)]) => Value::text(text.to_lowercase()),
        (Pure::Trim, [Value::Text(text)]) => Value::text(text.trim()),
        (Pure::StartsWith, [Value::Text(text), Value::Text(with)]) => {
            Value::Bool(text.starts_with(&**with))
        }
        (Pure::EndsWith, [Value::Text(text), Value::Text(with)]) => {
            Value::Bool(text.ends_with(&**with))
        }
        (Pure::Split, [Value::Text(text)]) => Value::List(
            text.split_whitespace()
                .take(limits::LIST_ITEMS_MAX)
                .map(Value::from)
                .collect(),
        ),
        (Pure::Split, [Value::Text(text), Value::Text(by)]) => Value::List(
            text.split(&**by)
                .take(limits::LIST_ITEMS_MAX)
                .map(Value::from)
                .collect(),
        ),
        (Pure::Replace, [Value::Text(text), Value::Text(what), Value::Text(by)]) => {
            replace(text, what, by)?
        }
        _ => return None,
    })
}

/// Replaces within the bound on texts; an empty `what` replaces nothing.
fn replace(text: &Text, what: &str, by: &str) -> Option<Value> {
    if what.is_empty() {
        return Some(Value::Text(text.clone()));
    }
    let grown = text.matches(what).count().saturating_mul(by.len());
    let fits = text.len().saturating_add(grown) <= limits::TEXT_BYTES_MAX;
    fits.then(|| Value::text(text.replace(what, by)))
}

fn of_lists(function: Pure, args: &[Value], facts: &dyn Facts) -> Option<Value> {
    Some(match (function, args) {
        (Pure::Len, [Value::Text(text)]) => Value::Int(text.chars().count() as i64),
        (Pure::Len, [Value::List(items)]) => Value::Int(items.len() as i64),
        (Pure::Len, [Value::Record(fields)]) => Value::Int(fields.len() as i64),
        (Pure::Contains, [list, item]) => Value::Bool(operators::contains(list, item)),
        (Pure::Join, [Value::List(items), Value::Text(by)]) => join(items, by, facts),
        (Pure::First, [Value::List(items)]) => items.first().cloned().unwrap_or_default(),
        (Pure::Last, [Value::List(items)]) => items.last().cloned().unwrap_or_default(),
        (Pure::First, [Value::List(items), Value::Int(n)]) => {
            let n = usize::try_from(*n).unwrap_or(0);
            Value::List(items.iter().take(n).cloned().collect())
        }
        (Pure::Last, [Value::List(items), Value::Int(n)]) => {
            let skipped = items.len().saturating_sub(usize::try_from(*n).unwrap_or(0));
            Value::List(items.iter().skip(skipped).cloned().collect())
        }
        (Pure::Reverse, [Value::List(items)]) => Value::List(items.iter().rev().cloned().collect()),
        (Pure::Sort, [Value::List(items)]) => {
            let mut sorted = items.clone();
            sorted.sort_by(order);
            Value::List(sorted)
        }
        (Pure::Text, [value]) => Value::Text(print::to_text(value, facts)),
        _ => return None,
    })
}

/// A total order for sorting: by type first, then by value; what has no order keeps its place.
fn order(one: &Value, other: &Value) -> std::cmp::Ordering {
    let by_kind = || one.kind().cmp(other.kind());
    operators::compare(one, other).unwrap_or_else(by_kind)
}

fn join(items: &[Value], by: &str, facts: &dyn Facts) -> Value {
    let mut rich = crate::model::RichText::default();
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            rich.push_text(by);
        }
        print::push(&mut rich, item, facts);
    }
    print::simplest(rich)
}

/// Compiles a pattern within the bounds that keep compiling cheap.
pub(crate) fn regex(pattern: &str) -> Result<Regex, String> {
    if pattern.len() > limits::PATTERN_BYTES_MAX {
        return Err(format!(
            "a pattern holds at most {} bytes",
            limits::PATTERN_BYTES_MAX
        ));
    }
    RegexBuilder::new(pattern)
        .size_limit(limits::REGEX_BYTES_MAX)
        .dfa_size_limit(limits::REGEX_CACHE_BYTES_MAX)
        .build()
        .map_err(|error| {
            if matches!(error, regex::Error::CompiledTooBig(_)) {
                return "the pattern is too large when compiled".to_owned();
            }
            let text = error.to_string();
            let reason = text.lines().last().unwrap_or("").trim();
            let reason = reason.trim_start_matches("error: ");
            format!("the pattern cannot be read: {reason}")
        })
}

/// True when the pattern is found in the first part of the text.
pub(crate) fn found(regex: &Regex, text: &Value) -> Value {
    let plain;
    let text: &str = match (text,) {
        (Value::Text(text),) => text,
        (Value::Rich(rich),) => {
            plain = rich.to_plain();
            &plain
        }
        _ => return Value::Bool(false),
    };
    Value::Bool(regex.is_match(cut(text, limits::HAYSTACK_BYTES_MAX)))
}

/// The first `most` bytes of a text, at a boundary of characters.
pub(crate) fn cut(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or(text)
}
