//! What the lint says: one problem with its place, its reason and, where it is certain, its fix.
//!
//! Codes: `S0301` unknown name, `S0302` unknown property, `S0303` unknown function, `S0304` reserved
//! word, `S0305` unknown script or script function; `S0401` wrong type, `S0402` comparison that can
//! never hold, `S0403` possibly empty, `S0404` operator that does not fit, `S0405` wrong number of
//! arguments, `S0406` bad pattern, `S0407` too large, `S0408` not an expression; `S0701` script does
//! not parse, `S0702` unknown call in a script, `S0703` script failed (at run time).

use std::ops::Range;

/// One problem in one text. Ranges are bytes of that text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub code: &'static str,
    /// The words it is about.
    pub span: Range<usize>,
    /// The problem, as a clause.
    pub message: String,
    /// What stands under the caret; may be empty.
    pub label: String,
    /// A second place that explains the first.
    pub second: Option<(Range<usize>, String)>,
    pub note: Option<String>,
    pub help: Option<String>,
    /// What to write instead, where that is certain.
    pub fix: Option<(Range<usize>, String)>,
}

impl Finding {
    pub(crate) fn new(code: &'static str, span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            code,
            span,
            message: message.into(),
            label: String::new(),
            second: None,
            note: None,
            help: None,
            fix: None,
        }
    }

    pub(crate) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    pub(crate) fn second(mut self, span: Range<usize>, label: impl Into<String>) -> Self {
        self.second = Some((span, label.into()));
        self
    }

    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn fix(mut self, span: Range<usize>, text: impl Into<String>) -> Self {
        self.fix = Some((span, text.into()));
        self
    }

    /// Adds "did you mean" with its fix, when one of `known` is near enough to what stands at `span`.
    pub(crate) fn did_you_mean<'a>(
        self,
        written: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        match nearest(written, known) {
            Some(name) => {
                let span = self.span.clone();
                self.help(format!("did you mean `{name}`?")).fix(span, name)
            }
            None => self,
        }
    }

    /// The same finding about a text that begins `by` bytes further on.
    pub fn shifted(mut self, by: usize) -> Self {
        let shift = |range: &mut Range<usize>| *range = range.start + by..range.end + by;
        shift(&mut self.span);
        if let Some((span, _)) = &mut self.second {
            shift(span);
        }
        if let Some((span, _)) = &mut self.fix {
            shift(span);
        }
        self
    }
}

/// The known name nearest to `written`: at most max(1, length/3) slips away.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = (written.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(written, name), name))
        .filter(|(slips, name)| *slips <= most && *slips < name.chars().count())
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, name)| name)
}
