//! The fields of one JSON object, taken with a reason for everything that does not fit.

use crate::model::{Millis, Text};
use serde_json::{Map, Value};

/// An object and where it stands in its element, for reasons such as "`member.id` is missing".
pub(super) struct Fields<'a> {
    path: String,
    object: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    /// The fields of an element.
    pub(super) fn of(element: &'a Value) -> Result<Self, String> {
        let object = element
            .as_object()
            .ok_or_else(|| format!("is {}, not an object", kind(element)))?;
        Ok(Self {
            path: String::new(),
            object,
        })
    }

    /// A name of something: text that is there and not empty.
    pub(super) fn id(&self, name: &str) -> Result<Text, String> {
        self.optional_id(name)?.ok_or_else(|| self.missing(name))
    }

    /// A name of something, not empty when it is there.
    pub(super) fn optional_id(&self, name: &str) -> Result<Option<Text>, String> {
        let text = self.optional_text(name)?;
        if text.as_deref() == Some("") {
            return Err(format!("`{}` is empty", self.full(name)));
        }
        Ok(text)
    }

    /// Text, if it is there.
    pub(super) fn optional_text(&self, name: &str) -> Result<Option<Text>, String> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        let text = value
            .as_str()
            .ok_or_else(|| self.wrong(name, value, "text"))?;
        Ok(Some(text.into()))
    }

    /// True or false; absent is false.
    pub(super) fn flag(&self, name: &str) -> Result<bool, String> {
        self.value(name).map_or(Ok(false), |value| {
            value
                .as_bool()
                .ok_or_else(|| self.wrong(name, value, "true or false"))
        })
    }

    /// One of a few words, if it is there.
    pub(super) fn optional_word<T: Copy>(
        &self,
        name: &str,
        words: &[(&str, T)],
    ) -> Result<Option<T>, String> {
        let Some(text) = self.optional_text(name)? else {
            return Ok(None);
        };
        let known = words.iter().find(|(word, _)| *word == &*text);
        known.map(|(_, meaning)| Some(*meaning)).ok_or_else(|| {
            let words: Vec<_> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
            format!("`{}` is none of {}", self.full(name), words.join(", "))
        })
    }

    /// An instant as RFC 3339, if it is there.
    pub(super) fn optional_time(&self, name: &str) -> Result<Option<Millis>, String> {
        let Some(text) = self.optional_text(name)? else {
            return Ok(None);
        };
        let instant: Option<jiff::Timestamp> = text.parse().ok();
        let instant = instant.ok_or_else(|| {
            format!(
                "`{}` is no time such as 2026-11-21T08:30:00Z",
                self.full(name)
            )
        })?;
        Ok(Some(instant.as_millisecond()))
    }

    /// A list of non-empty texts, if it is there.
    pub(super) fn ids(&self, name: &str) -> Result<Option<Vec<Text>>, String> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        let wrong = || self.wrong(name, value, "a list of texts");
        let items = value.as_array().ok_or_else(wrong)?;
        let texts = items.iter().map(|item| {
            let text = item.as_str().filter(|text| !text.is_empty());
            text.map(Text::from).ok_or_else(|| {
                format!(
                    "`{}` holds something that is no text, or empty",
                    self.full(name)
                )
            })
        });
        texts.collect::<Result<_, _>>().map(Some)
    }

    /// An object within this one.
    pub(super) fn object(&self, name: &str) -> Result<Self, String> {
        self.optional_object(name)?
            .ok_or_else(|| self.missing(name))
    }

    /// An object within this one, if it is there.
    pub(super) fn optional_object(&self, name: &str) -> Result<Option<Self>, String> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        let object = value
            .as_object()
            .ok_or_else(|| self.wrong(name, value, "an object"))?;
        let path = format!("{}.", self.full(name));
        Ok(Some(Self { path, object }))
    }

    fn value(&self, name: &str) -> Option<&'a Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    fn full(&self, name: &str) -> String {
        format!("{}{name}", self.path)
    }

    fn missing(&self, name: &str) -> String {
        format!("`{}` is missing", self.full(name))
    }

    fn wrong(&self, name: &str, value: &Value, wanted: &str) -> String {
        format!(
            "`{}` is {}, should be {wanted}",
            self.full(name),
            kind(value)
        )
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
