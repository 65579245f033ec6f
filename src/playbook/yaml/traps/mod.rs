//! What YAML makes of texts that were meant otherwise, told by looking at the line as it was
//! written: each trap has its own code and its fix.

mod failure;
mod form;
#[cfg(test)]
mod tests;

pub(super) use failure::{Failure, explain};
pub(super) use form::{alias, anchor, flow_map, key, key_not_text, second_document, tag};

use super::super::codes::Code;
use super::super::diagnostic::Diagnostic;
use super::super::source::{SourceFile, Spot};
use super::{Key, Node, Style, in_quotes};

/// The error for a key or an item without a value, where one is needed: most often what follows is
/// a comment in YAML's eyes (`to: #general`).
pub fn empty_value(file: &SourceFile, key: Option<&Key>, node: &Node) -> Diagnostic {
    let start = node.spot.start;
    let rest = file.slice(start, file.line_end(start));
    let name = key.map_or_else(|| "this item".to_owned(), |key| format!("`{}`", key.text));
    let comment = rest
        .find('#')
        .filter(|at| {
            rest.get(..*at)
                .unwrap_or_default()
                .trim_matches([':', ' '])
                .is_empty()
        })
        .and_then(|at| Some((at, rest.get(at..)?.trim_end())))
        .filter(|(_, comment)| comment.chars().nth(1).is_some_and(|c| !c.is_whitespace()));
    let Some((at, comment)) = comment else {
        let spot = key.map_or(node.spot, |key| key.spot);
        return Diagnostic::error(Code::EmptyValue, spot, format!("{name} has no value"))
            .label("nothing stands after this");
    };
    let spot = node.spot.at(start + at, start + at + comment.len());
    let message = format!("{name} is empty: everything after `#` is a comment in YAML");
    let error = Diagnostic::error(Code::ReadAsComment, spot, message).label("read as a comment");
    let error = match key {
        Some(key) => {
            let colon = key.spot.at(key.spot.start, key.spot.end + 1);
            error.other(colon, "so this has no value")
        }
        None => error,
    };
    error.fix("put quotes around it", spot, in_quotes(comment))
}

/// Why a text that stands where a map is needed is no map, if its colon is to blame: `text:hello`,
/// `text：你好`, a no-break space after the colon.
pub fn not_a_map(file: &SourceFile, node: &Node) -> Option<Diagnostic> {
    let scalar = node.scalar()?;
    if scalar.style == Style::Plain {
        colon_trouble(file, node.spot.start)
    } else {
        None
    }
}

/// The trouble with the colon of the entry that begins at `start`, if there is any.
pub(super) fn colon_trouble(file: &SourceFile, start: usize) -> Option<Diagnostic> {
    let line = file.slice(start, file.line_end(start));
    let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let end = line.find(|c: char| !word(c))?;
    let (name, rest) = line.split_at_checked(end)?;
    if name.is_empty() {
        return None;
    }
    let colon = rest.chars().next()?;
    let after = rest.chars().nth(1);
    let at = start + end;
    let spot = |from: usize, length: usize| Spot::new(file.id, from, from + length);
    match (colon, after) {
        ('：', _) => {
            let blank = after.is_some_and(char::is_whitespace);
            let fixed = if blank { ":" } else { ": " };
            let error = Diagnostic::error(
                Code::FullWidthColon,
                spot(at, colon.len_utf8()),
                format!("the colon after `{name}` is a full-width one, which YAML does not know"),
            );
            Some(error.fix("use `:`", spot(at, colon.len_utf8()), fixed))
        }
        (':', Some(space)) if strange(space) => Some(strange_space(file, at + 1, space)),
        (':', Some(next)) if !next.is_whitespace() && next != ':' && next != '/' => {
            let message = format!("a space is missing after `{name}:`");
            let error = Diagnostic::error(Code::NoSpaceAfterColon, spot(at, 1), message)
                .label("no space after this");
            Some(error.fix("put one in", spot(at + 1, 0), " "))
        }
        _ => None,
    }
}

/// Characters that look like a space and are none to YAML, or only sometimes.
pub(super) fn strange(c: char) -> bool {
    matches!(c, '\t' | '\u{200b}' | '\u{feff}') || (c.is_whitespace() && !c.is_ascii())
}

/// The error for a strange space at `at`, with the fix where the width is certain.
pub(super) fn strange_space(file: &SourceFile, at: usize, first: char) -> Diagnostic {
    let run: String = file
        .slice(at, file.line_end(at))
        .chars()
        .take_while(|c| *c == first)
        .collect();
    let (name, width) = match first {
        '\t' => ("a tab".to_owned(), 2),
        '\u{a0}' => ("a no-break space".to_owned(), 1),
        '\u{3000}' => ("a full-width space".to_owned(), 2),
        '\u{200b}' | '\u{feff}' => ("an invisible character".to_owned(), 0),
        other => (format!("a special space (U+{:04X})", u32::from(other)), 1),
    };
    let spot = Spot::new(file.id, at, at + run.len());
    let column = file.line_column(at).column;
    let message = format!("{name} stands in column {column}, where YAML knows only plain spaces");
    let spaces = " ".repeat(width * run.chars().count());
    Diagnostic::error(Code::StrangeSpace, spot, message)
        .label(format!("{name} here"))
        .fix("use plain spaces", spot, spaces)
}

/// Where the value that begins at `from` ends on its line: before a comment, and in brackets
/// before the comma or bracket that ends the entry.
pub(super) fn value_end(file: &SourceFile, from: usize, in_flow: bool) -> usize {
    let rest = file.slice(from, file.line_end(from));
    let mut depth = 0_usize;
    let mut before = ' ';
    let mut end = rest.len();
    for (at, c) in rest.char_indices() {
        let comment = c == '#' && before.is_whitespace();
        let closed = in_flow && depth == 0 && matches!(c, ',' | '}' | ']');
        if comment || closed {
            end = at;
            break;
        }
        match c {
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        before = c;
    }
    from + rest.get(..end).unwrap_or_default().trim_end().len()
}

/// The fix that most traps share: the value from `from` on in quotes.
pub(super) fn quoted(
    error: Diagnostic,
    file: &SourceFile,
    from: usize,
    in_flow: bool,
) -> Diagnostic {
    let spot = Spot::new(file.id, from, value_end(file, from, in_flow));
    let text = in_quotes(file.written(spot));
    error.fix("put quotes around it", spot, text)
}
