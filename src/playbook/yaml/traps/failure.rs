//! Traps that stop the parser, told from the line where it stopped. What is left is said in plain
//! words.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the parser's errors are an open list of which we explain the likely ones"
)]

use super::super::super::codes::Code;
use super::super::super::diagnostic::Diagnostic;
use super::super::super::source::{SourceFile, Spot};
use super::{colon_trouble, quoted, strange, strange_space, value_end};
use crate::playbook::yaml::in_quotes;
use granit_parser::ErrorKind;

/// Where and how the parser stopped.
pub(in super::super) struct Failure<'a> {
    pub(in super::super) file: &'a SourceFile,
    pub(in super::super) at: usize,
    pub(in super::super) kind: &'a ErrorKind,
    /// The scalar before.
    pub(in super::super) last: Option<Spot>,
    /// Where the innermost open bracket stands.
    pub(in super::super) flow: Option<usize>,
}

/// The one error for it.
pub(in super::super) fn explain(failure: &Failure<'_>) -> Diagnostic {
    None.or_else(|| indentation_characters(failure))
        .or_else(|| reserved(failure))
        .or_else(|| after_quote(failure))
        .or_else(|| placeholder(failure))
        .or_else(|| colon(failure))
        .or_else(|| second_key(failure))
        .or_else(|| unclosed(failure))
        .unwrap_or_else(|| plain(failure))
}

impl Failure<'_> {
    fn spot(&self, start: usize, end: usize) -> Spot {
        Spot::new(self.file.id, start, end)
    }

    fn in_flow(&self) -> bool {
        self.flow.is_some()
    }

    /// What stands at the place, to the end of its line.
    fn rest(&self) -> &str {
        self.file.slice(self.at, self.file.line_end(self.at))
    }
}

/// Strange spaces at the start of the line, or right after a dash.
fn indentation_characters(failure: &Failure<'_>) -> Option<Diagnostic> {
    let file = failure.file;
    let start = file.line_start(failure.at);
    let line = file.line(failure.at);
    let lead = |c: &char| c.is_whitespace() || strange(*c) || *c == '-';
    let mut at = start;
    for c in line.chars().take_while(lead) {
        if strange(c) {
            return Some(strange_space(file, at, c));
        }
        at += c.len_utf8();
    }
    None
}

/// `@all`, `%d`, a backtick, and `*Hi*`.
fn reserved(failure: &Failure<'_>) -> Option<Diagnostic> {
    let first = failure.rest().chars().next()?;
    if first == '!' {
        return Some(super::tag(failure.file, failure.at, failure.in_flow()));
    }
    let spot = failure.spot(failure.at, failure.at + first.len_utf8());
    let error = match failure.kind {
        ErrorKind::UnexpectedCharacter { character } if matches!(character, '@' | '%' | '`') => {
            let message = format!("a value cannot begin with {}", name_of(*character));
            Diagnostic::error(Code::ReservedCharacter, spot, message)
                .label("YAML keeps this character for itself")
        }
        ErrorKind::UnknownAnchor | ErrorKind::MissingAnchorOrAliasName if first == '*' => {
            let message = "`*` at the start of a value is a YAML alias";
            Diagnostic::error(Code::ReadAsAlias, spot, message)
                .label("read as a reference to an anchor")
        }
        _ => return None,
    };
    Some(quoted(error, failure.file, failure.at, failure.in_flow()))
}

fn name_of(character: char) -> String {
    if character == '`' {
        "a backtick".to_owned()
    } else {
        format!("`{character}`")
    }
}

/// `"vip" in member.labels`.
fn after_quote(failure: &Failure<'_>) -> Option<Diagnostic> {
    let quote = match failure.kind {
        ErrorKind::InvalidTrailingDoubleQuotedScalar => '"',
        ErrorKind::InvalidTrailingSingleQuotedScalar => '\'',
        _ => return None,
    };
    let file = failure.file;
    let from = opening_quote(file, failure.at, quote)?;
    let end = value_end(file, from, failure.in_flow());
    let whole = failure.spot(from, end);
    let error = Diagnostic::error(
        Code::TextAfterQuote,
        failure.spot(failure.at, end.max(failure.at + 1)),
        "the value ends at its closing quote, and something follows",
    )
    .label("this is left over");
    let text = file.written(whole);
    let wrapped = if text.contains('\'') && !text.contains(['"', '\\']) {
        format!("\"{text}\"")
    } else {
        format!("'{}'", text.replace('\'', "''"))
    };
    Some(error.fix("put quotes around the whole", whole, wrapped))
}

/// Where the quoted text that ends before `at` begins, on the same line.
fn opening_quote(file: &SourceFile, at: usize, quote: char) -> Option<usize> {
    let start = file.line_start(at);
    let before = file.slice(start, at).trim_end();
    let mut rest = before.strip_suffix(quote)?;
    loop {
        let open = rest.rfind(quote)?;
        rest = rest.get(..open)?;
        let escape = if quote == '"' { '\\' } else { quote };
        match rest.strip_suffix(escape) {
            Some(shorter) => rest = shorter,
            None => return Some(start + open),
        }
    }
}

/// `{ text: ${x} }`.
fn placeholder(failure: &Failure<'_>) -> Option<Diagnostic> {
    let file = failure.file;
    let last = failure.last?;
    let separator = matches!(
        failure.kind,
        ErrorKind::ExpectedFlowMappingSeparator | ErrorKind::ExpectedFlowSequenceSeparator
    );
    if !separator || !file.written(last).ends_with('$') || !failure.rest().starts_with('{') {
        return None;
    }
    let open = failure.flow?;
    let (open, close) = match file.slice(open, open + 1) {
        "{" => ('{', '}'),
        _ => ('[', ']'),
    };
    let mut end = value_end(file, last.start, true);
    // In a map, what follows a comma and has no colon belongs to the text.
    while open == '{' && file.slice(end, end + 1) == "," {
        let next = value_end(file, end + 1, true);
        if next == end + 1 || file.slice(end, next).contains(':') {
            break;
        }
        end = next;
    }
    let value = failure.spot(last.start, end);
    let inner = file.slice(failure.at, end);
    let length = inner.find('}').map_or(inner.len(), |close| close + 1);
    let spot = failure.spot(last.end.saturating_sub(1), failure.at + length);
    let message = format!("inside `{open} {close}` a text with `${{…}}` needs quotes");
    let error =
        Diagnostic::error(Code::PlaceholderInBraces, spot, message).label("read as another map");
    Some(error.fix(
        "put quotes around it",
        value,
        in_quotes(file.written(value)),
    ))
}

/// `text:hello` and `text：你好`, on this line or on the one that ran on into it.
fn colon(failure: &Failure<'_>) -> Option<Diagnostic> {
    let file = failure.file;
    let line = failure.file.line(failure.at);
    let indent = line.len() - line.trim_start_matches([' ', '-']).len();
    let here = file.line_start(failure.at) + indent;
    let late = matches!(failure.kind, ErrorKind::MappingValueNotAllowed);
    let keyless = matches!(
        failure.kind,
        ErrorKind::SimpleKeyExpected | ErrorKind::ExpectedBlockMappingKey
    );
    if keyless {
        return colon_trouble(file, here);
    }
    let last = failure.last.filter(|_| late)?;
    colon_trouble(file, last.start)
}

/// `text: Welcome: read this`.
fn second_key(failure: &Failure<'_>) -> Option<Diagnostic> {
    let file = failure.file;
    if !matches!(failure.kind, ErrorKind::MappingValueNotAllowed) {
        return None;
    }
    let last = failure.last?;
    let start = file.line_start(failure.at);
    if last.start < start {
        return Some(too_deep(failure, start));
    }
    let spot = failure.spot(last.start, failure.at + 1);
    let message = "a colon inside the text makes it a second key on this line";
    let error = Diagnostic::error(Code::SecondKeyOnLine, spot, message).label("read as a key");
    let error = quoted(error, file, last.start, failure.in_flow());
    Some(error.because("a longer text can also stand on the lines below, after `|`"))
}

/// A key below a value that was already complete.
fn too_deep(failure: &Failure<'_>, start: usize) -> Diagnostic {
    let line = failure.file.line(failure.at);
    let indent = line.len() - line.trim_start().len();
    let spot = failure.spot(start + indent, failure.at);
    let message = "this line is indented deeper than the line above it, which is complete";
    let error = Diagnostic::error(Code::Indentation, spot, message).label("begins too far right");
    match failure.last {
        Some(last) => {
            let end = failure.file.line_end(last.start).min(last.end);
            error.other(failure.spot(last.start, end), "this value is complete")
        }
        None => error,
    }
}

/// A quote or a bracket that nothing closes.
fn unclosed(failure: &Failure<'_>) -> Option<Diagnostic> {
    let file = failure.file;
    let error = |at: usize, what: &str| {
        let spot = failure.spot(at, at + 1);
        let message = format!("{what} is not closed");
        Diagnostic::error(Code::Unclosed, spot, message).label("opened here")
    };
    match failure.kind {
        ErrorKind::UnclosedQuotedScalar | ErrorKind::DocumentIndicatorInQuotedScalar => {
            Some(error(failure.at, "a quote"))
        }
        ErrorKind::InvalidQuotedScalarIndent => {
            let after = failure.last.map_or(0, |last| last.end);
            let quote = file.slice(after, failure.at).find(['"', '\''])?;
            Some(error(after + quote, "a quote"))
        }
        ErrorKind::UnclosedFlowCollection { open } => Some(error(failure.at, &format!("`{open}`"))),
        ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::MismatchedFlowCollectionEnd { .. }
        | ErrorKind::InvalidColonPlacement
        | ErrorKind::ExpectedFlowMappingSeparator
        | ErrorKind::ExpectedFlowSequenceSeparator => {
            let open = failure.flow?;
            let one_line = file.line_start(open) == file.line_start(failure.at);
            let ended = failure.rest().is_empty();
            if one_line && !ended {
                return None;
            }
            let bracket = file.slice(open, open + 1);
            Some(error(open, &format!("`{bracket}`")))
        }
        _ => None,
    }
}

/// Everything else, in plain words.
fn plain(failure: &Failure<'_>) -> Diagnostic {
    let line_end = failure.file.line_end(failure.at);
    let end = value_end(failure.file, failure.at, failure.in_flow());
    let at = failure.at.min(line_end);
    let spot = failure.spot(at, end.max(at));
    let (code, message, label) = match failure.kind {
        ErrorKind::RecursionLimitExceeded => {
            (Code::TooBig, "more than 64 levels of nesting", "too deep")
        }
        ErrorKind::SimpleKeyExpected => (
            Code::Unreadable,
            "this line is neither `key: value` nor an item with `- `",
            "a colon and a space are missing",
        ),
        ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::ExpectedBlockSequenceEntry
        | ErrorKind::InvalidIndentation
        | ErrorKind::BlockSequenceEntryNotAllowed
        | ErrorKind::MappingKeyNotAllowed
        | ErrorKind::InvalidBlockScalarIndent
        | ErrorKind::InvalidFlowScalarIndent => (
            Code::Indentation,
            "this begins at a column that fits nothing above it",
            "what belongs together begins at the same column",
        ),
        ErrorKind::ExpectedFlowMappingSeparator | ErrorKind::UnexpectedEofImplicitFlowMapping => (
            Code::Unreadable,
            "a comma or `}` is missing before this",
            "not expected here",
        ),
        ErrorKind::ExpectedFlowSequenceSeparator => (
            Code::Unreadable,
            "a comma or `]` is missing before this",
            "not expected here",
        ),
        ErrorKind::MisplacedFlowCollectionEnd | ErrorKind::MismatchedFlowCollectionEnd { .. } => (
            Code::Unreadable,
            "a bracket closes that was not opened",
            "closes nothing",
        ),
        ErrorKind::UnknownQuotedScalarEscape => (
            Code::Unreadable,
            "a backslash in double quotes begins an escape, and there is none like this",
            "in single quotes a backslash is text",
        ),
        ErrorKind::InvalidBlockScalarHeader => (
            Code::Unreadable,
            "after `|` or `>` the text begins on the next line",
            "not expected here",
        ),
        _ => (
            Code::Unreadable,
            "the YAML cannot be read from here on",
            "not expected here",
        ),
    };
    Diagnostic::error(code, spot, message).label(label)
}
