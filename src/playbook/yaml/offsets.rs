//! From the bytes of a scalar's value back to the bytes it was written as, for carets inside a
//! text: `${membr.name}` in quotes, over several lines, or in a block.

use super::super::source::SourceFile;
use granit_parser::ScalarStyle;

/// Runs in which value and source agree byte for byte: (offset in the value, offset in the file),
/// ascending in both, the first at 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Offsets {
    runs: Vec<(usize, usize)>,
    /// Of the source, exclusive.
    end: usize,
}

impl Offsets {
    pub(super) fn source(&self, offset: usize) -> usize {
        let after = self.runs.partition_point(|(value, _)| *value <= offset);
        let run = after.checked_sub(1).and_then(|at| self.runs.get(at));
        run.map_or(self.end, |(value, source)| {
            (source + (offset - value)).min(self.end)
        })
    }

    /// For a scalar whose value is `value`, written in `start..end` of the file.
    pub(super) fn of(
        file: &SourceFile,
        start: usize,
        end: usize,
        style: ScalarStyle,
        value: &str,
    ) -> Self {
        let raw = file.slice(start, end);
        let mut walk = Walk {
            raw,
            at: 0,
            value,
            made: 0,
            start,
            runs: Vec::new(),
        };
        match style {
            ScalarStyle::Plain => walk.flow(Quote::None),
            ScalarStyle::SingleQuoted => walk.flow(Quote::Single),
            ScalarStyle::DoubleQuoted => walk.flow(Quote::Double),
            ScalarStyle::Literal | ScalarStyle::Folded => walk.block(),
        }
        Self {
            runs: walk.runs,
            end,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quote {
    None,
    Single,
    Double,
}

/// Two cursors: `at` in the written text, `made` in the value.
struct Walk<'a> {
    raw: &'a str,
    at: usize,
    value: &'a str,
    made: usize,
    start: usize,
    runs: Vec<(usize, usize)>,
}

impl Walk<'_> {
    fn rest(&self) -> &str {
        self.raw.get(self.at..).unwrap_or_default()
    }

    fn value_rest(&self) -> &str {
        self.value.get(self.made..).unwrap_or_default()
    }

    /// Notes that from here on both cursors go in step.
    fn mark(&mut self) {
        let run = (self.made, self.start + self.at);
        let goes_on = self
            .runs
            .last()
            .is_some_and(|(value, source)| run.0 - value == run.1 - source);
        if self.runs.last().is_some_and(|(value, _)| *value == run.0) {
            self.runs.pop();
        }
        if !goes_on {
            self.runs.push(run);
        }
    }

    /// Plain and quoted scalars.
    fn flow(&mut self, quote: Quote) {
        self.at = usize::from(quote != Quote::None);
        self.mark();
        while self.made < self.value.len() {
            let Some(next) = self.rest().chars().next() else {
                return;
            };
            let blank = self.blank_run();
            if blank.contains('\n') {
                self.fold(blank.len(), blank.matches('\n').count());
            } else if quote == Quote::Single && self.rest().starts_with("''") {
                self.take(2, 1);
            } else if quote == Quote::Double && next == '\\' {
                self.escape();
            } else {
                let width = next.len_utf8();
                self.take(width, width);
            }
        }
    }

    /// The white space at the cursor.
    fn blank_run(&self) -> String {
        let blank = |c: &char| matches!(c, ' ' | '\t' | '\r' | '\n');
        self.rest().chars().take_while(blank).collect()
    }

    /// One line break reads as a space, more of them as one less.
    fn fold(&mut self, written: usize, breaks: usize) {
        let made = if breaks == 1 { 1 } else { breaks - 1 };
        self.take(written, made);
    }

    fn take(&mut self, written: usize, made: usize) {
        self.mark();
        self.at += written;
        self.made += made;
        self.mark();
    }

    fn escape(&mut self) {
        let kind = self.rest().chars().nth(1);
        let digits = match kind {
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            Some('\n' | '\r') => {
                // An escaped line break joins two lines; the indentation of the next goes too.
                self.at += 1;
                self.at += self.blank_run().len();
                self.mark();
                return;
            }
            Some(_) | None => 0,
        };
        let made = self.value_rest().chars().next().map_or(1, char::len_utf8);
        let own = kind.map_or(0, char::len_utf8);
        let pair = digits == 4 && made == 4;
        self.take((1 + own + digits) * if pair { 2 } else { 1 }, made);
    }

    /// Blocks: each written line, without its indentation, stands in the value after the breaks
    /// (or the one space of a folded line) that separate it from the one before.
    fn block(&mut self) {
        let raw = self.raw;
        for line in raw.split_inclusive('\n') {
            let body = line.trim_end_matches(['\n', '\r']);
            // The first line's spot begins after its indentation.
            let indent = body.len() - body.trim_start_matches(' ').len();
            if !body.trim().is_empty() {
                self.block_line(body, indent);
            }
            self.at += line.len();
        }
    }

    fn block_line(&mut self, body: &str, indent: usize) {
        let breaks = self.value_rest();
        let skipped = breaks.len() - breaks.trim_start_matches('\n').len();
        let mut made = self.made + skipped;
        let found = (0..=indent).find(|cut| {
            let content = body.get(*cut..).unwrap_or_default();
            let rest = self.value.get(made..).unwrap_or_default();
            rest.starts_with(content)
        });
        let cut = found.unwrap_or(indent);
        if found.is_none()
            && self
                .value
                .get(made..)
                .is_some_and(|rest| rest.starts_with(' '))
        {
            made += 1;
        }
        self.made = made;
        self.at += cut;
        self.mark();
        self.at -= cut;
        self.made = (made + body.len() - cut).min(self.value.len());
    }
}
