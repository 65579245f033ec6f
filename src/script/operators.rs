//! Operators on values: checked whole numbers, calendar-aware times, plain false across types.

use super::expr::Operator;
use super::facts::Facts;
use super::print;
use crate::model::{Span, Text, Value, limits};
use std::cmp::Ordering;

pub(crate) fn binary(operator: Operator, left: &Value, right: &Value, facts: &dyn Facts) -> Value {
    match operator {
        Operator::Equal => Value::Bool(equal(left, right)),
        Operator::Different => Value::Bool(!equal(left, right)),
        Operator::Less => ordered(left, right, Ordering::is_lt),
        Operator::LessOrEqual => ordered(left, right, Ordering::is_le),
        Operator::Greater => ordered(left, right, Ordering::is_gt),
        Operator::GreaterOrEqual => ordered(left, right, Ordering::is_ge),
        Operator::In => Value::Bool(contains(right, left)),
        Operator::Add
        | Operator::Subtract
        | Operator::Multiply
        | Operator::Divide
        | Operator::Remainder
        | Operator::Power => match arithmetic(operator, left, right, facts) {
            Some(value) => value,
            None => complain(operator, left, right, facts),
        },
    }
}

fn complain(operator: Operator, left: &Value, right: &Value, facts: &dyn Facts) -> Value {
    let sign = operator.sign();
    let (one, other) = (left.kind(), right.kind());
    facts.note(&match (left, right) {
        (Value::Int(one), Value::Int(other)) => {
            format!("`{one} {sign} {other}` has no whole result")
        }
        _ => format!("`{sign}` does not work on {one} and {other}"),
    });
    Value::Nothing
}

/// Equality: numbers by value, durations by length, everything else by type and content.
pub(crate) fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Text(one), Value::Text(other)) => one == other,
        (Value::Rich(rich), Value::Text(text)) | (Value::Text(text), Value::Rich(rich)) => {
            rich.to_plain() == **text
        }
        (Value::List(one), Value::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other))
        }
        _ => match compare(left, right) {
            Some(order) => order.is_eq(),
            None => left == right,
        },
    }
}

/// The order of two values of one type; `None` across types and for what has no order.
pub(crate) fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Int(one), Value::Int(other)) | (Value::Time(one), Value::Time(other)) => {
            Some(one.cmp(other))
        }
        (Value::Span(one), Value::Span(other)) => Some(one.nominal_ms().cmp(&other.nominal_ms())),
        (Value::Text(one), Value::Text(other)) => Some(one.cmp(other)),
        (Value::Bool(one), Value::Bool(other)) => Some(one.cmp(other)),
        _ => float(left)?.partial_cmp(&float(right)?),
    }
}

fn ordered(left: &Value, right: &Value, test: impl Fn(Ordering) -> bool) -> Value {
    Value::Bool(compare(left, right).is_some_and(test))
}

/// `item in list`, `part in text`, `name in record`.
pub(crate) fn contains(list: &Value, item: &Value) -> bool {
    match (list, item) {
        (Value::List(items), item) => items.iter().any(|known| equal(known, item)),
        (Value::Text(text), Value::Text(part)) => text.contains(&**part),
        (Value::Rich(text), Value::Text(part)) => text.to_plain().contains(&**part),
        (Value::Record(fields), Value::Text(name)) => fields.contains_key(name),
        _ => false,
    }
}

pub(crate) fn negate(value: &Value, facts: &dyn Facts) -> Value {
    let negated = match (value,) {
        (Value::Int(number),) => number.checked_neg().map(Value::Int),
        (Value::Float(number),) => Some(Value::Float(-number)),
        _ => None,
    };
    negated.unwrap_or_else(|| {
        facts.note(&format!("`-` does not work on {}", value.kind()));
        Value::Nothing
    })
}

fn arithmetic(operator: Operator, left: &Value, right: &Value, facts: &dyn Facts) -> Option<Value> {
    match (operator, left, right) {
        (_, Value::Int(one), Value::Int(other)) => whole(operator, *one, *other),
        (Operator::Add, Value::Text(_) | Value::Rich(_), _)
        | (Operator::Add, _, Value::Text(_) | Value::Rich(_)) => joined(left, right, facts),
        (Operator::Add, Value::List(one), Value::List(other)) => {
            let room = one.len().saturating_add(other.len()) <= limits::LIST_ITEMS_MAX;
            room.then(|| Value::List(one.iter().chain(other).cloned().collect()))
        }
        (Operator::Add, Value::Time(at), Value::Span(span))
        | (Operator::Add, Value::Span(span), Value::Time(at)) => {
            Some(Value::Time(span.after(*at, facts.zone())))
        }
        (Operator::Subtract, Value::Time(at), Value::Span(span)) => {
            Some(Value::Time(span.before(*at, facts.zone())))
        }
        (Operator::Subtract, Value::Time(one), Value::Time(other)) => {
            Some(Value::Span(Span::exact(one.checked_sub(*other)?)))
        }
        (_, Value::Span(one), Value::Span(other)) => spans(operator, *one, *other),
        (Operator::Multiply, Value::Span(span), Value::Int(times))
        | (Operator::Multiply, Value::Int(times), Value::Span(span)) => times_span(*span, *times),
        (Operator::Divide, Value::Span(span), Value::Int(parts)) => Some(Value::Span(Span::exact(
            span.nominal_ms().checked_div(*parts)?,
        ))),
        _ => fractions(operator, float(left)?, float(right)?),
    }
}

fn whole(operator: Operator, one: i64, other: i64) -> Option<Value> {
    let result = match operator {
        Operator::Add => one.checked_add(other),
        Operator::Subtract => one.checked_sub(other),
        Operator::Multiply => one.checked_mul(other),
        Operator::Divide => one.checked_div(other),
        Operator::Remainder => one.checked_rem(other),
        Operator::Power => one.checked_pow(u32::try_from(other).ok()?),
        Operator::Equal
        | Operator::Different
        | Operator::Less
        | Operator::LessOrEqual
        | Operator::Greater
        | Operator::GreaterOrEqual
        | Operator::In => None,
    };
    result.map(Value::Int)
}

/// Only the operations that give the same bits on every machine; powers of fractions do not.
fn fractions(operator: Operator, one: f64, other: f64) -> Option<Value> {
    let result = match operator {
        Operator::Add => one + other,
        Operator::Subtract => one - other,
        Operator::Multiply => one * other,
        Operator::Divide => one / other,
        Operator::Remainder => one % other,
        Operator::Power
        | Operator::Equal
        | Operator::Different
        | Operator::Less
        | Operator::LessOrEqual
        | Operator::Greater
        | Operator::GreaterOrEqual
        | Operator::In => return None,
    };
    result.is_finite().then_some(Value::Float(result))
}

fn spans(operator: Operator, one: Span, other: Span) -> Option<Value> {
    let (days, exact) = match operator {
        Operator::Add => (
            one.days.checked_add(other.days)?,
            one.exact_ms.checked_add(other.exact_ms)?,
        ),
        Operator::Subtract => (
            one.days.checked_sub(other.days)?,
            one.exact_ms.checked_sub(other.exact_ms)?,
        ),
        Operator::Divide => {
            let times = one.nominal_ms().checked_div(other.nominal_ms())?;
            return Some(Value::Int(times));
        }
        Operator::Multiply
        | Operator::Remainder
        | Operator::Power
        | Operator::Equal
        | Operator::Different
        | Operator::Less
        | Operator::LessOrEqual
        | Operator::Greater
        | Operator::GreaterOrEqual
        | Operator::In => return None,
    };
    Some(Value::Span(Span {
        days,
        exact_ms: exact,
    }))
}

fn times_span(span: Span, times: i64) -> Option<Value> {
    let days = i64::from(span.days).checked_mul(times)?;
    Some(Value::Span(Span {
        days: i32::try_from(days).ok()?,
        exact_ms: span.exact_ms.checked_mul(times)?,
    }))
}

/// Text and anything: mentions stay mentions.
fn joined(left: &Value, right: &Value, facts: &dyn Facts) -> Option<Value> {
    if let (Value::Text(one), Value::Text(other)) = (left, right) {
        let long = one.len().saturating_add(other.len()) > limits::TEXT_BYTES_MAX;
        return (!long).then(|| Value::Text(Text::from(format!("{one}{other}"))));
    }
    let mut rich = crate::model::RichText::default();
    print::push(&mut rich, left, facts);
    print::push(&mut rich, right, facts);
    if rich.to_plain().len() > limits::TEXT_BYTES_MAX {
        return None;
    }
    Some(print::simplest(rich))
}

fn float(value: &Value) -> Option<f64> {
    match (value,) {
        (Value::Int(number),) => Some(*number as f64),
        (Value::Float(number),) => Some(*number),
        _ => None,
    }
}
