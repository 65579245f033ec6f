//! Why a script call failed, in plain words and with its place.

use super::check;
use crate::model::{Value, limits};
use crate::script::finding::Finding;
use rhai::EvalAltResult;

/// A failed call. It can never stop the daemon: a condition counts as false, a run is parked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("function `{function}` failed: {message}")]
pub struct Error {
    /// The function that was called.
    pub function: String,
    /// What went wrong.
    pub message: String,
    /// The imported script it went wrong in; `None` for the one that was called.
    pub module: Option<String>,
    /// Line from 1, where it is known.
    pub line: Option<usize>,
    /// Column in characters from 1, where it is known.
    pub column: Option<usize>,
    /// What was probably meant.
    pub near: Option<String>,
    /// What it printed until then.
    pub printed: Vec<String>,
}

impl Error {
    pub(super) fn unknown(function: &str, message: String) -> Self {
        Self {
            function: function.to_owned(),
            message,
            module: None,
            line: None,
            column: None,
            near: None,
            printed: Vec::new(),
        }
    }

    pub(super) fn too_large(function: &str, message: &str) -> Self {
        Self::unknown(function, format!("its result cannot be used: {message}"))
    }

    pub(super) fn with_prints(mut self, printed: Vec<String>) -> Self {
        self.printed = printed;
        self
    }

    /// `args` are what the function was called with: their field names are what a misspelt one
    /// may have meant.
    pub(super) fn of(function: &str, error: EvalAltResult, args: &[Value]) -> Self {
        let mut module = None;
        let mut inner = error;
        loop {
            if let EvalAltResult::ErrorInFunctionCall(_, source, next, _) = inner {
                if !source.is_empty() {
                    module = Some(source);
                }
                inner = *next;
            } else if let EvalAltResult::ErrorInModule(name, next, _) = inner {
                module = Some(name);
                inner = *next;
            } else {
                return Self::innermost(function, inner, module, args);
            }
        }
    }

    fn innermost(
        function: &str,
        mut error: EvalAltResult,
        module: Option<String>,
        args: &[Value],
    ) -> Self {
        let position = error.take_position();
        let (message, near) = message(&error, args);
        Self {
            module,
            line: position.line(),
            column: position.position(),
            near,
            ..Self::unknown(function, message)
        }
    }

    /// The failure as a finding (`S0703`) in the text of its script.
    pub fn finding(&self, source: &str) -> Finding {
        let place = check::word_at_column(source, self.line, self.column);
        let finding = Finding::new("S0703", place, self.to_string());
        match &self.near {
            Some(near) => finding.label(format!("did you mean `{near}`?")),
            None => finding,
        }
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "Rhai's own wording serves for the errors that need no other"
)]
fn message(error: &EvalAltResult, args: &[Value]) -> (String, Option<String>) {
    let text = match error {
        EvalAltResult::ErrorPropertyNotFound(name, _) => {
            let mut known = Vec::new();
            for arg in args {
                field_names(arg, &mut known);
            }
            let near = crate::script::nearest(name, known).map(str::to_owned);
            return (format!("Property not found: {name}"), near);
        }
        EvalAltResult::ErrorRuntime(thrown, _) => thrown.to_string(),
        EvalAltResult::ErrorTooManyOperations(_) => format!(
            "it takes more than {} operations",
            limits::SCRIPT_OPERATIONS_MAX
        ),
        EvalAltResult::ErrorStackOverflow(_) => "its calls are nested too deeply".to_owned(),
        EvalAltResult::ErrorDataTooLarge(what, _) => {
            format!("a value grows too large ({})", what.to_lowercase())
        }
        EvalAltResult::ErrorDotExpr(text, _) => return (text.clone(), property_near(text)),
        other => other.to_string(),
    };
    (text, None)
}

/// A suggestion for `Unknown property 'nam' - a getter is not registered for type 'Member'`.
fn property_near(text: &str) -> Option<String> {
    use crate::script::schema::{GroupField, MemberField};
    let mut quoted = text.split('\'').skip(1).step_by(2);
    let name = quoted.next()?;
    let known: Vec<&str> = match quoted.next()? {
        "Member" => MemberField::ALL
            .iter()
            .map(|field| field.field().name)
            .collect(),
        "Group" => GroupField::ALL
            .iter()
            .map(|field| field.field().name)
            .collect(),
        _ => return None,
    };
    crate::script::nearest(name, known).map(str::to_owned)
}

/// The names of all fields in a value.
fn field_names<'a>(value: &'a Value, known: &mut Vec<&'a str>) {
    if let Value::Record(fields) = value {
        for (name, value) in fields {
            known.push(name);
            field_names(value, known);
        }
    }
    if let Value::List(items) = value {
        // One item stands for all.
        if let Some(first) = items.first() {
            field_names(first, known);
        }
    }
}
