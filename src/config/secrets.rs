//! `${env:NAME}` and `${file:PATH}`: values that stand outside of steward.yaml.

use super::Outside;
use crate::playbook::codes::Code;
use crate::playbook::diagnostic::{Diagnostic, Severity};
use crate::playbook::shape::{Field, Report};
use secrecy::SecretString;

/// What the configuration is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A secret that is not there is a warning, and is empty.
    Check,
    /// A secret that is not there is an error.
    Run,
}

/// A text after its references were filled in.
pub(super) struct Filled {
    pub(super) text: String,
    /// A reference was empty, so the text means nothing.
    pub(super) incomplete: bool,
}

/// The text of a field with its references filled in. There is no other syntax in it.
pub(super) fn fill(
    report: &mut Report<'_>,
    field: Field<'_>,
    outside: &Outside<'_>,
) -> Option<Filled> {
    let written = report.text(field, "text")?;
    let mut filled = Filled {
        text: String::new(),
        incomplete: false,
    };
    let mut at = 0;
    while let Some(open) = written.get(at..).and_then(|rest| rest.find("${")) {
        let open = at + open;
        filled
            .text
            .push_str(written.get(at..open).unwrap_or_default());
        let rest = written.get(open..).unwrap_or_default();
        let close = rest.find('}').map_or(rest.len(), |close| close + 1);
        let reference = rest.get(..close).unwrap_or_default();
        match resolve(reference, outside) {
            Ok(value) => filled.text.push_str(&value),
            Err(problem) => {
                filled.incomplete = true;
                let spot = field.node.part(open, open + close);
                report.push(problem.at(spot, outside.purpose));
            }
        }
        at = open + close;
    }
    filled.text.push_str(written.get(at..).unwrap_or_default());
    Some(filled)
}

/// A secret. In a check a missing one is empty.
pub(super) fn secret(
    report: &mut Report<'_>,
    field: Field<'_>,
    outside: &Outside<'_>,
) -> Option<SecretString> {
    let filled = fill(report, field, outside)?;
    if filled.text.is_empty() && !filled.incomplete {
        let message = format!("{} is empty", field.name());
        report.push(
            Diagnostic::error(Code::EmptyValue, field.spot(), message)
                .label("a secret must not be empty"),
        );
        return None;
    }
    Some(if filled.incomplete {
        SecretString::default()
    } else {
        SecretString::from(filled.text)
    })
}

enum Missing {
    Variable(String),
    File(String),
    Form,
}

impl Missing {
    fn at(self, spot: crate::playbook::source::Spot, purpose: Purpose) -> Diagnostic {
        let (code, message, label) = match self {
            Self::Variable(name) => (
                Code::UnsetVariable,
                format!("the environment variable `{name}` is not set"),
                "taken from the environment",
            ),
            Self::File(path) => (
                Code::UnreadableSecret,
                format!("the file `{path}` cannot be read, or is empty"),
                "taken from a file",
            ),
            Self::Form => {
                return Diagnostic::error(
                    Code::UnknownName,
                    spot,
                    "only `${env:NAME}` and `${file:PATH}` can stand here",
                );
            }
        };
        let mut problem = Diagnostic::error(code, spot, message).label(label);
        if purpose == Purpose::Check {
            problem.severity = Severity::Warning;
        }
        problem
    }
}

fn resolve(reference: &str, outside: &Outside<'_>) -> Result<String, Missing> {
    let inner = reference
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'));
    match inner.and_then(|inner| inner.split_once(':')) {
        Some(("env", name)) if !name.is_empty() => (outside.env)(name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| Missing::Variable(name.to_owned())),
        Some(("file", path)) if !path.is_empty() => (outside.read_file)(path)
            .map(|text| text.trim_end_matches(['\n', '\r']).to_owned())
            .filter(|value| !value.is_empty())
            .ok_or_else(|| Missing::File(path.to_owned())),
        Some(_) | None => Err(Missing::Form),
    }
}
