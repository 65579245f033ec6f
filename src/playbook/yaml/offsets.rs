//! From the bytes of a scalar's value back to the bytes it was written as, for carets inside a
//! text: `${membr.name}` in quotes, over several lines, or in a block.

use super::super::source::SourceFile;
use granit_parser::ScalarStyle;

/// Runs in which value and source agree byte for byte, ascending in both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Offsets {
    runs: Vec<Run>,
    /// Of the source, exclusive.
    end: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    /// Where it begins in the value.
    value: usize,
    /// Where it begins in the file.
    source: usize,
    /// Where what stands before it in the value ends in the file.
    before: usize,
}

impl Offsets {
    /// Where the byte at `offset` of the value was written.
    pub(super) fn start(&self, offset: usize) -> usize {
        let after = self.runs.partition_point(|run| run.value <= offset);
        self.within(after, offset)
    }

    /// Where what stands before `offset` in the value was written to its end.
    pub(super) fn end(&self, offset: usize) -> usize {
        let after = self.runs.partition_point(|run| run.value < offset);
        match self.runs.get(after) {
            Some(run) if run.value == offset && after > 0 => run.before,
            Some(_) | None => self.within(after, offset),
        }
    }

    fn within(&self, after: usize, offset: usize) -> usize {
        let run = after.checked_sub(1).and_then(|at| self.runs.get(at));
        run.map_or(self.end, |run| {
            (run.source + (offset - run.value)).min(self.end)
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
            ScalarStyle::Literal | ScalarStyle::Folded => {
                walk.block(start - file.line_start(start));
            }
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
    runs: Vec<Run>,
}

impl Walk<'_> {
    fn rest(&self) -> &str {
        self.raw.get(self.at..).unwrap_or_default()
    }

    fn value_rest(&self) -> &str {
        self.value.get(self.made..).unwrap_or_default()
    }

    /// Notes that from here on both cursors go in step; `skipped` bytes before stand for nothing.
    fn mark(&mut self, skipped: usize) {
        let (value, source) = (self.made, self.start + self.at);
        let mut before = source.saturating_sub(skipped);
        if let Some(run) = self.runs.last().copied()
            && run.value == value
        {
            before = before.min(run.before);
            self.runs.pop();
        }
        let goes_on = |run: &Run| value - run.value == source - run.source;
        if !self.runs.last().is_some_and(goes_on) {
            self.runs.push(Run {
                value,
                source,
                before,
            });
        }
    }

    /// Plain and quoted scalars.
    fn flow(&mut self, quote: Quote) {
        self.at = usize::from(quote != Quote::None);
        self.mark(0);
        while self.made < self.value.len() {
            let Some(next) = self.rest().chars().next() else {
                return;
            };
            let blank = self.blank_run();
            let breaks = blank.matches('\n').count();
            let width = blank.len();
            if breaks > 0 {
                self.fold(width, breaks);
            } else if width > 0 {
                self.take(width, width);
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
    fn blank_run(&self) -> &str {
        let rest = self.rest();
        rest.get(..self.blank_after(0)).unwrap_or_default()
    }

    /// Bytes of white space this far behind the cursor.
    fn blank_after(&self, skip: usize) -> usize {
        let rest = self.rest().get(skip..).unwrap_or_default();
        rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len()
    }

    /// One line break reads as a space, more of them as one less.
    fn fold(&mut self, written: usize, breaks: usize) {
        let made = if breaks == 1 { 1 } else { breaks - 1 };
        self.take(written, made);
    }

    fn take(&mut self, written: usize, made: usize) {
        self.mark(0);
        self.at += written;
        self.made += made;
        self.mark(0);
    }

    fn escape(&mut self) {
        let kind = self.rest().chars().nth(1);
        let digits = match kind {
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            Some('\n' | '\r') => {
                // An escaped line break joins two lines; the indentation of the next goes too.
                let joined = 1 + self.blank_after(1);
                self.at += joined;
                self.mark(joined);
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
    fn block(&mut self, first_column: usize) {
        let raw = self.raw;
        let indents = raw.lines().enumerate().filter_map(|(number, line)| {
            let indent = line.len() - line.trim_start_matches(' ').len();
            let blank = line.trim().is_empty();
            // The first line is handed over without its indentation.
            let before = if number == 0 { first_column } else { 0 };
            (!blank).then_some(indent + before)
        });
        let indent = indents.min().unwrap_or_default();
        for (number, line) in raw.split_inclusive('\n').enumerate() {
            let before = if number == 0 { first_column } else { 0 };
            let body = line.trim_end_matches(['\n', '\r']);
            if !body.trim().is_empty() {
                self.block_line(body, indent.saturating_sub(before));
            }
            self.at += line.len();
        }
    }

    fn block_line(&mut self, body: &str, indent: usize) {
        let rest = self.value_rest();
        let breaks = rest.len() - rest.trim_start_matches('\n').len();
        let content = body.get(indent..).unwrap_or_default();
        let after_space = rest.get(breaks + 1..).unwrap_or_default();
        let folded = !rest.get(breaks..).unwrap_or_default().starts_with(content)
            && after_space.starts_with(content);
        self.made += breaks + usize::from(folded);
        self.at += indent;
        self.mark(indent);
        self.at -= indent;
        self.made = (self.made + content.len()).min(self.value.len());
    }
}
