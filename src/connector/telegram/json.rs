//! Reading foreign JSON without trusting its shape: a field of another type is a missing field.

use crate::model::{Millis, Text, time};
use serde_json::Value;

/// A whole number.
pub(super) fn int(of: &Value, field: &str) -> Option<i64> {
    of.get(field)?.as_i64()
}

/// A text.
pub(super) fn text<'a>(of: &'a Value, field: &str) -> Option<&'a str> {
    of.get(field)?.as_str()
}

/// True only where it says `true`.
pub(super) fn is_true(of: &Value, field: &str) -> bool {
    of.get(field).and_then(Value::as_bool) == Some(true)
}

/// The items of a list; a missing list is an empty one.
pub(super) fn items<'a>(of: &'a Value, field: &str) -> &'a [Value] {
    of.get(field)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// An id as text: Telegram's numbers have up to 52 bits and fit an `i64`.
pub(super) fn id(of: &Value, field: &str) -> Option<Text> {
    int(of, field).map(|number| number.to_string().into())
}

/// Telegram's seconds as our milliseconds.
pub(super) fn millis(of: &Value, field: &str) -> Option<Millis> {
    int(of, field).map(|seconds| seconds.saturating_mul(time::SECOND))
}
