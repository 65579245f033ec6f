//! Turns tokens into Rhai text: `and or not` become signs, and every token stands on a line of its
//! own, so that a line number in Rhai's tree *is* the index of a token in the source.

use super::lexer::{Kind, Token};
use crate::script::finding::Finding;

/// Rhai text and, per line, the index of the token it came from.
#[derive(Debug, Default)]
pub(crate) struct Rewritten {
    pub(crate) text: String,
    pub(crate) lines: Vec<usize>,
}

/// Words that Rhai keeps for itself and that mean nothing in an expression.
pub(crate) const RESERVED: &[&str] = &[
    "let",
    "const",
    "var",
    "static",
    "switch",
    "do",
    "until",
    "while",
    "loop",
    "for",
    "continue",
    "break",
    "return",
    "throw",
    "try",
    "catch",
    "fn",
    "private",
    "import",
    "export",
    "as",
    "global",
    "public",
    "protected",
    "super",
    "new",
    "use",
    "module",
    "package",
    "shared",
    "with",
    "is",
    "goto",
    "exit",
    "match",
    "case",
    "default",
    "void",
    "null",
    "nil",
    "thread",
    "spawn",
    "go",
    "await",
    "async",
    "sync",
    "yield",
    "eval",
    "Fn",
    "call",
    "curry",
    "this",
    "print",
    "debug",
    "type_of",
    "is_def_var",
    "is_def_fn",
    "is_shared",
];

/// Words of the expression language itself.
const OWN: &[&str] = &["and", "or", "not", "in", "if", "else", "true", "false"];

/// True for a word that can be no name: of a result, an input, a field.
pub fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name) || OWN.contains(&name)
}

/// Rewrites the tokens.
pub(crate) fn rewrite(tokens: &[Token]) -> Result<Rewritten, Box<Finding>> {
    let mut out = Rewritten::default();
    // Depths of brackets at which a `!(` waits for its `)`.
    let mut open: Vec<usize> = Vec::new();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let before = at.checked_sub(1).and_then(|at| tokens.get(at));
        if ends_not(token) {
            close(&mut out, &mut open, depth, at);
        }
        match &token.kind {
            Kind::Symbol(symbol) => {
                match *symbol {
                    "(" | "[" | "{" | "#{" | "?[" => depth += 1,
                    ")" | "]" | "}" => depth = depth.saturating_sub(1),
                    _ => {}
                }
                out.line(symbol, at);
            }
            Kind::Number(number) => out.line(number, at),
            Kind::Text(text) => out.line(&literal(text), at),
            Kind::Name(name) if before.is_some_and(is_dot) => {
                if is_reserved(name) {
                    return Err(Box::new(reserved(token, name)));
                }
                out.line(name, at);
            }
            Kind::Name(name) if name == "not" => {
                let next = tokens.get(at + 1);
                if before.is_some_and(is_operand) && next.is_some_and(|next| next.is_word("in")) {
                    out.line("!in", at);
                    at += 1;
                } else if next.is_none_or(ends_not) {
                    return Err(Box::new(Finding::new(
                        "S0408",
                        token.span.clone(),
                        "`not` needs something after it",
                    )));
                } else {
                    out.line("!", at);
                    out.line("(", at);
                    open.push(depth);
                }
            }
            Kind::Name(name) => out.line(word(token, name)?, at),
        }
        at += 1;
    }
    close(&mut out, &mut open, 0, tokens.len().saturating_sub(1));
    Ok(out)
}

fn word<'a>(token: &Token, name: &'a str) -> Result<&'a str, Box<Finding>> {
    Ok(match name {
        "and" => "&&",
        "or" => "||",
        _ if RESERVED.contains(&name) => return Err(Box::new(reserved(token, name))),
        _ => name,
    })
}

impl Rewritten {
    fn line(&mut self, text: &str, token: usize) {
        self.text.push_str(text);
        self.text.push('\n');
        self.lines.push(token);
    }
}

/// Closes every `!(` that was opened at this depth or deeper.
fn close(out: &mut Rewritten, open: &mut Vec<usize>, depth: usize, at: usize) {
    while open.last().is_some_and(|opened| *opened >= depth) {
        open.pop();
        out.line(")", at.saturating_sub(1));
    }
}

/// `not` reaches up to the next of these at its own depth: it binds looser than comparisons and
/// `in`, tighter than `and`.
fn ends_not(token: &Token) -> bool {
    match &token.kind {
        Kind::Name(name) => matches!(name.as_str(), "and" | "or" | "else"),
        Kind::Symbol(symbol) => matches!(
            *symbol,
            "&&" | "||" | ")" | "]" | "}" | "{" | "," | ";" | ":" | "?"
        ),
        Kind::Number(_) | Kind::Text(_) => false,
    }
}

fn is_dot(token: &Token) -> bool {
    token.is_symbol(".") || token.is_symbol("?.")
}

fn is_operand(token: &Token) -> bool {
    match &token.kind {
        Kind::Name(name) => !OWN.contains(&name.as_str()) || name == "true" || name == "false",
        Kind::Number(_) | Kind::Text(_) => true,
        Kind::Symbol(symbol) => matches!(*symbol, ")" | "]" | "}" | "()"),
    }
}

fn reserved(token: &Token, name: &str) -> Finding {
    Finding::new(
        "S0304",
        token.span.clone(),
        format!("`{name}` is a reserved word"),
    )
    .label("cannot be a name here")
}

/// A text as a Rhai literal on one line.
fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for next in text.chars() {
        match next {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ => out.push(next),
        }
    }
    out.push('"');
    out
}
