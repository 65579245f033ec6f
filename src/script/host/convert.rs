//! Values into scripts and back. What comes back is measured: Rhai's own limits let maps grow
//! through `m[k] = v`.

use super::{Group, Instant, Length, Member, Mentions};
use crate::model::{Record, Value, limits};
use rhai::{Array, Dynamic, Map};

/// A value as a script sees it.
pub(crate) fn to_dynamic(value: &Value) -> Dynamic {
    match value {
        Value::Nothing => Dynamic::UNIT,
        Value::Bool(flag) => (*flag).into(),
        Value::Int(number) => (*number).into(),
        Value::Float(number) => (*number).into(),
        Value::Text(text) => (&**text).into(),
        Value::Time(at) => Dynamic::from(Instant(*at)),
        Value::Span(span) => Dynamic::from(Length(*span)),
        Value::Member(who) => Dynamic::from(Member(*who)),
        Value::Group(which) => Dynamic::from(Group(*which)),
        Value::Rich(rich) => Dynamic::from(Mentions(rich.clone())),
        Value::List(items) => Dynamic::from_array(items.iter().map(to_dynamic).collect()),
        Value::Record(fields) => Dynamic::from_map(
            fields
                .iter()
                .map(|(name, value)| ((&**name).into(), to_dynamic(value)))
                .collect(),
        ),
    }
}

/// A script's value as ours, or why it cannot be one.
pub(crate) fn to_value(dynamic: Dynamic) -> Result<Value, String> {
    let mut budget = limits::SCRIPT_VALUES_MAX;
    convert(dynamic, 0, &mut budget)
}

fn convert(dynamic: Dynamic, depth: usize, budget: &mut usize) -> Result<Value, String> {
    if depth > limits::SCRIPT_DEPTH_MAX {
        return Err(format!(
            "a value is nested deeper than {}",
            limits::SCRIPT_DEPTH_MAX
        ));
    }
    *budget = budget
        .checked_sub(1)
        .ok_or_else(|| format!("a value has more than {} parts", limits::SCRIPT_VALUES_MAX))?;
    if dynamic.is_array() {
        return list(dynamic, depth, budget);
    }
    if dynamic.is_map() {
        return record(dynamic, depth, budget);
    }
    simple(&dynamic)
}

fn list(dynamic: Dynamic, depth: usize, budget: &mut usize) -> Result<Value, String> {
    let items: Array = dynamic.into_array().unwrap_or_default();
    size(items.len(), "a list", limits::SCRIPT_ITEMS_MAX, "items")?;
    let items = items.into_iter();
    let items: Result<Vec<Value>, String> =
        items.map(|item| convert(item, depth + 1, budget)).collect();
    items.map(Value::List)
}

fn record(dynamic: Dynamic, depth: usize, budget: &mut usize) -> Result<Value, String> {
    let fields: Map = dynamic.try_cast::<Map>().unwrap_or_default();
    size(fields.len(), "a record", limits::SCRIPT_ITEMS_MAX, "fields")?;
    let mut record = Record::new();
    for (name, value) in fields {
        size(
            name.len(),
            "a field's name",
            limits::TEXT_BYTES_MAX,
            "bytes",
        )?;
        record.insert(name.as_str().into(), convert(value, depth + 1, budget)?);
    }
    Ok(Value::Record(record))
}

fn size(found: usize, what: &str, most: usize, of: &str) -> Result<(), String> {
    if found > most {
        return Err(format!(
            "{what} holds {found} {of}, and at most {most} are taken"
        ));
    }
    Ok(())
}

fn simple(dynamic: &Dynamic) -> Result<Value, String> {
    if dynamic.is_unit() {
        return Ok(Value::Nothing);
    }
    if let Ok(flag) = dynamic.as_bool() {
        return Ok(Value::Bool(flag));
    }
    if let Ok(number) = dynamic.as_int() {
        return Ok(Value::Int(number));
    }
    if let Ok(number) = dynamic.as_float() {
        return Ok(if number.is_finite() {
            Value::Float(number)
        } else {
            Value::Nothing
        });
    }
    if let Ok(character) = dynamic.as_char() {
        return Ok(Value::text(character.to_string()));
    }
    if let Ok(text) = dynamic.as_immutable_string_ref() {
        size(text.len(), "a text", limits::TEXT_BYTES_MAX, "bytes")?;
        return Ok(Value::from(text.as_str()));
    }
    own(dynamic).ok_or_else(|| format!("`{}` is no value that a rule can use", dynamic.type_name()))
}

fn own(dynamic: &Dynamic) -> Option<Value> {
    fn is<T: Clone + Send + Sync + 'static>(dynamic: &Dynamic) -> Option<T> {
        dynamic.clone().try_cast::<T>()
    }
    is::<Member>(dynamic)
        .map(|member| Value::Member(member.0))
        .or_else(|| is::<Group>(dynamic).map(|group| Value::Group(group.0)))
        .or_else(|| is::<Instant>(dynamic).map(|at| Value::Time(at.0)))
        .or_else(|| is::<Length>(dynamic).map(|span| Value::Span(span.0)))
        .or_else(|| is::<Mentions>(dynamic).map(|rich| Value::Rich(rich.0)))
}
