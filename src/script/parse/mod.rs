//! From the text of an expression to Rhai's syntax tree, with a way back from every node to the
//! bytes it was written in.

pub(crate) mod lexer;
mod rewrite;

pub use rewrite::is_reserved;

use crate::script::finding::Finding;
use lexer::{Kind, Token};
use rhai::{AST, Engine, OptimizationLevel, ParseError, ParseErrorType, Position};
use std::ops::Range;
use std::sync::LazyLock;

/// Bytes of one expression. Real ones are one line; Rhai counts lines in 16 bits and each token is
/// a line here.
pub(crate) const EXPRESSION_BYTES_MAX: usize = 8 * 1024;
/// Nesting of an expression. Ordinary ones stay below 10.
const DEPTH_MAX: usize = 48;

/// A parsed expression and its tokens.
pub(crate) struct Parsed {
    pub(crate) ast: AST,
    tokens: Vec<Token>,
    /// Index of the token behind each line of the rewritten text.
    lines: Vec<usize>,
    /// For each opening bracket, the index of the one that closes it.
    closing: Vec<Option<usize>>,
}

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let mut engine = Engine::new_raw();
    engine
        .set_optimization_level(OptimizationLevel::None)
        .set_allow_looping(false)
        .set_allow_anonymous_fn(false)
        .set_allow_statement_expression(false)
        .set_allow_switch_expression(false)
        .set_allow_loop_expressions(false)
        .set_max_expr_depths(DEPTH_MAX, DEPTH_MAX);
    engine
});

/// Parses an expression.
pub(crate) fn parse(text: &str) -> Result<Parsed, Box<Finding>> {
    if text.len() > EXPRESSION_BYTES_MAX {
        let message = format!("an expression holds at most {EXPRESSION_BYTES_MAX} bytes");
        return Err(Box::new(Finding::new("S0407", 0..text.len(), message)));
    }
    let tokens = lexer::tokens(text)?;
    if tokens.is_empty() {
        return Err(Box::new(
            Finding::new("S0408", 0..text.len(), "an expression is missing").label("nothing here"),
        ));
    }
    let closing = brackets(&tokens)?;
    let rewritten = rewrite::rewrite(&tokens)?;
    let parsed = ENGINE.compile_expression(&rewritten.text);
    let lines = rewritten.lines;
    match parsed {
        Ok(ast) => Ok(Parsed {
            ast,
            tokens,
            lines,
            closing,
        }),
        Err(error) => Err(Box::new(explain(&error, &tokens, &lines, text.len()))),
    }
}

impl Parsed {
    /// Index of the token at a position of Rhai's tree.
    pub(crate) fn token(&self, position: Position) -> usize {
        token_at(&self.lines, position).unwrap_or(0)
    }

    /// The bytes from one token to another.
    pub(crate) fn bytes(&self, range: &Range<usize>) -> Range<usize> {
        let start = self
            .tokens
            .get(range.start)
            .map_or(0, |token| token.span.start);
        let last = self.tokens.get(range.end.saturating_sub(1));
        let end = last.map_or(start, |token| token.span.end);
        start..end.max(start)
    }

    /// Index of the bracket that closes the one at `open`, or `open` itself.
    pub(crate) fn closing(&self, open: usize) -> usize {
        self.closing.get(open).copied().flatten().unwrap_or(open)
    }

    pub(crate) fn is_word(&self, at: usize, word: &str) -> bool {
        self.tokens.get(at).is_some_and(|token| token.is_word(word))
    }
}

fn token_at(lines: &[usize], position: Position) -> Option<usize> {
    let line = position.line()?.checked_sub(1)?;
    lines.get(line).or(lines.last()).copied()
}

/// Pairs the brackets, so that a missing one is told at its own place.
fn brackets(tokens: &[Token]) -> Result<Vec<Option<usize>>, Box<Finding>> {
    let mut closing = vec![None; tokens.len()];
    let mut open: Vec<(usize, &'static str)> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let Kind::Symbol(symbol) = token.kind else {
            continue;
        };
        let closes = match symbol {
            "(" => {
                open.push((at, ")"));
                continue;
            }
            "[" | "?[" => {
                open.push((at, "]"));
                continue;
            }
            "{" | "#{" => {
                open.push((at, "}"));
                continue;
            }
            // Its own closing bracket.
            "()" => {
                set(&mut closing, at, at);
                continue;
            }
            ")" | "]" | "}" => symbol,
            _ => continue,
        };
        match open.pop() {
            Some((from, wanted)) if wanted == closes => set(&mut closing, from, at),
            Some((from, wanted)) => {
                let message = format!("`{wanted}` is missing before this `{closes}`");
                let opened = tokens.get(from).map_or(0..0, |token| token.span.clone());
                return Err(Box::new(
                    Finding::new("S0408", token.span.clone(), message)
                        .second(opened, "opened here"),
                ));
            }
            None => {
                let message = format!("`{closes}` closes nothing");
                return Err(Box::new(Finding::new("S0408", token.span.clone(), message)));
            }
        }
    }
    if let Some((from, wanted)) = open.pop() {
        let span = tokens.get(from).map_or(0..0, |token| token.span.clone());
        let message = format!("`{wanted}` is missing");
        return Err(Box::new(
            Finding::new("S0408", span, message).label("opened here and never closed"),
        ));
    }
    Ok(closing)
}

fn set(closing: &mut [Option<usize>], from: usize, to: usize) {
    if let Some(place) = closing.get_mut(from) {
        *place = Some(to);
    }
}

/// Rhai's complaint in our words, at the place in the source.
fn explain(error: &ParseError, tokens: &[Token], lines: &[usize], length: usize) -> Finding {
    let token = token_at(lines, error.position()).and_then(|at| tokens.get(at));
    let span = token.map_or(length..length, |token| token.span.clone());
    if let Some(token) = token {
        if token.is_symbol("=") {
            return Finding::new("S0408", span.clone(), "`=` does not compare")
                .label("sets nothing in an expression")
                .help("write `==`")
                .fix(span, "==");
        }
        if token.is_word("if") {
            return Finding::new("S0408", span, "`if` wants `if a { b } else { c }`");
        }
    }
    let end = token.is_none_or(|token| Some(token) == tokens.last());
    let kind: &ParseErrorType = error.err_type();
    if let ParseErrorType::ExprTooDeep = kind {
        return Finding::new("S0407", span, "the expression is nested too deeply")
            .help("move parts of it into a `let` step or a script");
    }
    if let ParseErrorType::MismatchedType(wanted, found) = kind {
        let wanted = if wanted.contains("bool") {
            "true or false"
        } else {
            wanted
        };
        let found = match found.as_str() {
            "i64" | "f64" => "a number",
            "string" => "text",
            "array" => "a list",
            "map" => "a record",
            other => other,
        };
        return Finding::new(
            "S0401",
            span,
            format!("{wanted} is wanted here, and this is {found}"),
        );
    }
    if end
        && matches!(
            kind,
            ParseErrorType::UnexpectedEOF | ParseErrorType::ExprExpected(_)
        )
    {
        return Finding::new("S0408", span, "the expression ends too early")
            .label("something is missing after this");
    }
    Finding::new("S0408", span, "this is not an expression").label("not expected here")
}
