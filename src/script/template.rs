//! Texts with `${…}`: one pass, never scanned again, so that nothing a member wrote can become
//! code, a mention or markup.

use super::expr::{Expr, Node};
use super::facts::Facts;
use super::finding::Finding;
use super::lower;
use super::names::Names;
use super::parse::lexer;
use super::print;
use super::types::Type;
use crate::model::{RichText, Text};

/// A compiled text.
#[derive(Clone, Debug, Default)]
pub struct Template {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug)]
enum Piece {
    Plain(Text),
    Hole(Expr),
}

/// Compiles a text. `$${` stands for `${` itself. Spans of findings are bytes of `text`.
pub fn compile_template(text: &str, names: &Names) -> (Option<Template>, Vec<Finding>) {
    let mut template = Template::default();
    let mut findings = Vec::new();
    let mut plain = String::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(found) = rest.find("${") else {
            plain.push_str(rest);
            break;
        };
        let (before, hole) = rest.split_at(found);
        if let Some(before) = before.strip_suffix('$') {
            plain.push_str(before);
            plain.push_str("${");
            at += found + 2;
            continue;
        }
        plain.push_str(before);
        let start = at + found;
        let Some(length) = lexer::hole_length(hole) else {
            findings.push(unclosed(text, start));
            break;
        };
        let inside = hole.get(2..length - 1).unwrap_or("");
        template.push_plain(&mut plain);
        let (expr, found) = compile_hole(inside, names);
        findings.extend(found.into_iter().map(|finding| finding.shifted(start + 2)));
        template.pieces.extend(expr.map(Piece::Hole));
        at = start + length;
    }
    template.push_plain(&mut plain);
    if findings.is_empty() {
        (Some(template), findings)
    } else {
        (None, findings)
    }
}

fn compile_hole(inside: &str, names: &Names) -> (Option<Expr>, Vec<Finding>) {
    let (expr, findings) = lower::compile(inside, names);
    match &expr {
        Some(found) if found.ty.is_maybe() => lower::compile_as(inside, names, found.ty.certain()),
        Some(found) if found.ty == Type::Nothing => {
            let finding = Finding::new("S0401", 0..inside.len(), "this prints nothing");
            (None, vec![finding])
        }
        Some(_) | None => (expr, findings),
    }
}

fn unclosed(text: &str, start: usize) -> Finding {
    let end = text
        .get(start..)
        .and_then(|rest| rest.find('\n'))
        .map_or(text.len(), |line| start + line);
    Finding::new("S0408", start..end, "`${` is not closed")
        .label("`}` is missing")
        .help("write `$${` for the signs themselves")
}

impl Template {
    /// A text without holes.
    pub fn plain(text: impl Into<Text>) -> Self {
        Self {
            pieces: vec![Piece::Plain(text.into())],
        }
    }

    /// The value of an expression as a text (`text: inputs.greeting`).
    pub fn of(expr: Expr) -> Self {
        Self {
            pieces: vec![Piece::Hole(expr)],
        }
    }

    fn push_plain(&mut self, plain: &mut String) {
        if !plain.is_empty() {
            self.pieces.push(Piece::Plain(std::mem::take(plain).into()));
        }
    }

    /// The text, where it has no holes.
    pub fn as_plain(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Plain(text)] => Some(text),
            _ => None,
        }
    }

    /// True when the text names `name`, for instance `mentions`.
    pub fn mentions_name(&self, name: &str) -> bool {
        self.pieces.iter().any(|piece| match piece {
            Piece::Plain(_) => false,
            Piece::Hole(expr) => matches!(&expr.node, Node::Name(known) if **known == *name),
        })
    }

    /// The text by these facts. Typed values print in the facts' language.
    pub fn render(&self, facts: &dyn Facts) -> RichText {
        let mut out = RichText::default();
        for piece in &self.pieces {
            match piece {
                Piece::Plain(text) => out.push_text(text),
                Piece::Hole(expr) => print::push(&mut out, &expr.eval(facts), facts),
            }
        }
        out
    }
}
