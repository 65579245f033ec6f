//! Traps that the parser takes without a word: tags, anchors, odd keys, maps in braces.

use super::super::super::codes::Code;
use super::super::super::diagnostic::Diagnostic;
use super::super::super::source::{SourceFile, Spot};
use super::super::{Key, Node, NodeKind, Scalar, Style, in_quotes};
use super::{colon_trouble, quoted, strange, strange_space, value_end};

/// A value that begins with `!`.
pub(in super::super) fn tag(file: &SourceFile, at: usize, in_flow: bool) -> Diagnostic {
    let spot = Spot::new(file.id, at, value_end(file, at, in_flow));
    let value = file.written(spot);
    let after = value.trim_start_matches('!');
    let line = file.slice(file.line_start(at), at).trim_start();
    let line = line.trim_start_matches("- ").trim_start();
    let condition = ["if:", "where:"].iter().any(|key| line.starts_with(key));
    let named = after
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .next();
    let expression = after.len() > named.unwrap_or_default().len() && after.contains(['.', '(']);
    if value.starts_with('!') && !value.starts_with("!!") && (condition || expression) {
        let message = "`!` at the start of a value is a YAML tag, not \"not\"";
        return Diagnostic::error(Code::BangForNot, spot, message).fix(
            "write `not`",
            spot,
            format!("not {after}"),
        );
    }
    let word = value.split_whitespace().next().unwrap_or("!");
    let spot = spot.at(at, at + word.len());
    let message = format!("`{word}` at the start of a value is a YAML tag, and would vanish");
    quoted(
        Diagnostic::error(Code::ReadAsTag, spot, message),
        file,
        at,
        in_flow,
    )
}

/// `&name` before a value.
pub(in super::super) fn anchor(file: &SourceFile, spot: Spot) -> Diagnostic {
    let message = format!("`{}` is a YAML anchor", file.written(spot));
    let error = Diagnostic::error(Code::Anchor, spot, message)
        .label("anchors, aliases and merges are not used here");
    quoted(error, file, spot.start, false)
}

/// `*name` for a value.
pub(in super::super) fn alias(file: &SourceFile, spot: Spot) -> Diagnostic {
    let message = format!("`{}` is a YAML alias", file.written(spot));
    let error = Diagnostic::error(Code::Anchor, spot, message)
        .label("anchors, aliases and merges are not used here");
    quoted(error, file, spot.start, false)
}

/// A line `---` after the first document.
pub(in super::super) fn second_document(spot: Spot) -> Diagnostic {
    let message = "a file holds one document, and `---` begins another";
    Diagnostic::error(Code::SecondDocument, spot, message)
        .label("the second one begins here")
        .help("give it a file of its own")
}

/// A list or a map as a key.
pub(in super::super) fn key_not_text(file: &SourceFile, spot: Spot) -> Diagnostic {
    let end = spot.end.min(file.line_end(spot.start));
    Diagnostic::error(
        Code::KeyNotText,
        spot.at(spot.start, end),
        "a key must be a word",
    )
    .label("this is no word")
}

/// What is wrong with a key, if anything.
pub(in super::super) fn key(file: &SourceFile, spot: Spot, scalar: &Scalar) -> Option<Diagnostic> {
    if scalar.style != Style::Plain {
        return None;
    }
    if &*scalar.text == "<<" {
        let error = Diagnostic::error(Code::Anchor, spot, "`<<` is a YAML merge");
        return Some(error.label("anchors, aliases and merges are not used here"));
    }
    let written = file.written(spot);
    let (at, space) = written.char_indices().find(|(_, c)| strange(*c))?;
    Some(strange_space(file, spot.start + at, space))
}

/// A finished map in braces. An entry without a colon is never meant: it is `{name}`, or the rest
/// of a text with a comma in it.
pub(in super::super) fn flow_map(
    file: &SourceFile,
    spot: Spot,
    entries: Vec<(Key, Node)>,
    problems: &mut Vec<Diagnostic>,
) -> Node {
    let bare = |(key, value): &(Key, Node)| {
        value.kind == NodeKind::Empty
            && !file.slice(key.spot.end, value.spot.start).contains(':')
            && !file
                .slice(value.spot.start, value.spot.start + 1)
                .starts_with(':')
    };
    if let Some((first, _)) = entries.first()
        && entries.iter().all(bare)
    {
        let colon = colon_trouble(file, first.spot.start);
        problems.push(colon.unwrap_or_else(|| braces(file, spot)));
        return Node {
            spot,
            kind: NodeKind::Broken,
        };
    }
    let mut kept: Vec<(Key, Node)> = Vec::new();
    let mut cut: Option<Diagnostic> = None;
    for entry in entries {
        if !bare(&entry) {
            problems.extend(cut.take());
            kept.push(entry);
            continue;
        }
        let key = &entry.0;
        if let Some(problem) = colon_trouble(file, key.spot.start) {
            problems.push(problem);
        } else if let Some((_, value)) = kept.last_mut() {
            cut = Some(comma(file, value, key));
        } else {
            let message = format!("`{}` has no value", key.text);
            problems.push(Diagnostic::error(Code::EmptyValue, key.spot, message));
        }
    }
    problems.extend(cut);
    Node {
        spot,
        kind: NodeKind::Map(kept),
    }
}

/// A text that a comma ended, and what was left of it as a key. The text grows by the rest, so that
/// several commas make one problem.
fn comma(file: &SourceFile, value: &mut Node, rest: &Key) -> Diagnostic {
    let whole = value.spot.to(rest.spot);
    let comma = file.slice(value.spot.end, rest.spot.start);
    let at = value.spot.end + comma.find(',').unwrap_or_default();
    let error = Diagnostic::error(
        Code::CommaInBraces,
        whole.at(at, at + 1),
        "inside `{ }` a comma ends the text",
    )
    .label("the text ends here")
    .other(rest.spot, "read as a key");
    value.spot = whole;
    value.kind = NodeKind::Broken;
    let written = file.written(whole);
    if written.starts_with(['"', '\'', '{', '[']) {
        return error.help("put the whole text in quotes");
    }
    error.fix("put quotes around it", whole, in_quotes(written))
}

/// `{name}` or `{{ name }}` where `${name}` is meant.
fn braces(file: &SourceFile, spot: Spot) -> Diagnostic {
    let before = file.slice(spot.start.saturating_sub(1), spot.start);
    let after = file.slice(spot.end, file.line_end(spot.end));
    let blanks = after.len() - after.trim_start().len();
    let double = before == "{" && after.trim_start().starts_with('}');
    let whole = if double {
        spot.at(spot.start - 1, spot.end + blanks + 1)
    } else {
        spot
    };
    let words: Vec<&str> = file.written(whole).split_whitespace().collect();
    let message = format!("`{}` is a map in YAML", words.join(" "));
    let inner = words.join(" ");
    let inner = inner.trim_matches(['{', '}']).trim();
    let fixed = format!("${{{inner}}}");
    Diagnostic::error(Code::BracesWithoutDollar, whole, message).fix(
        format!("write `{fixed}`"),
        whole,
        fixed.clone(),
    )
}
