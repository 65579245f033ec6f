//! What is wrong with a text, where, why, and how to put it right. `draw` shows it.

use super::codes::Code;
use super::source::Spot;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The file is not taken.
    Error,
    /// The file is taken; something in it is probably not meant so.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// The word it is shown as.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// One problem, one message. Messages are clauses: lower case, no full stop, names in backticks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub code: Code,
    pub severity: Severity,
    pub message: String,
    /// The exact words it is about.
    pub spot: Spot,
    /// Beside the caret; may be empty.
    pub label: String,
    /// Other places that explain it, possibly in other files.
    pub others: Vec<Label>,
    pub notes: Vec<String>,
    pub help: Option<Help>,
}

/// A second place and what it has to do with the problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub spot: Spot,
    pub text: String,
}

/// What to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Help {
    pub text: String,
    /// Present when the fix is certain; shown as a diff.
    pub edit: Option<Edit>,
}

/// A change of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub spot: Spot,
    pub replacement: String,
}

impl Diagnostic {
    /// An error.
    pub fn error(code: Code, spot: Spot, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            spot,
            label: String::new(),
            others: Vec::new(),
            notes: Vec::new(),
            help: None,
        }
    }

    /// A warning.
    pub fn warning(code: Code, spot: Spot, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, spot, message)
        }
    }

    /// A remark.
    pub fn note(code: Code, spot: Spot, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Note,
            ..Self::error(code, spot, message)
        }
    }

    /// Words beside the caret.
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.label = text.into();
        self
    }

    /// Another place that explains it.
    pub fn other(mut self, spot: Spot, text: impl Into<String>) -> Self {
        self.others.push(Label {
            spot,
            text: text.into(),
        });
        self
    }

    /// A line of explanation.
    pub fn because(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Advice without a certain fix.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(Help {
            text: text.into(),
            edit: None,
        });
        self
    }

    /// Advice with the change that carries it out.
    pub fn fix(
        mut self,
        text: impl Into<String>,
        spot: Spot,
        replacement: impl Into<String>,
    ) -> Self {
        self.help = Some(Help {
            text: text.into(),
            edit: Some(Edit {
                spot,
                replacement: replacement.into(),
            }),
        });
        self
    }

    /// `did you mean …?` with its fix, when there is a suggestion for what stands at the spot.
    pub fn did_you_mean(self, suggestion: Option<&str>) -> Self {
        let spot = self.spot;
        match suggestion {
            Some(better) => self.fix(format!("did you mean `{better}`?"), spot, better),
            None => self,
        }
    }

    /// True for errors.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// True when one of them is an error.
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(Diagnostic::is_error)
}
