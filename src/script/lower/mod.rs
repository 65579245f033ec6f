//! The lint: walks Rhai's tree once, resolves every name, property and call against the schema and
//! the names in scope, infers types, and builds the tree that is evaluated.

mod call;
mod chain;
mod operator;

use super::expr::{Expr, Node, Operator};
use super::finding::Finding;
use super::host::convert::to_value;
use super::names::{Entry, Names};
use super::parse::{self, Parsed};
use super::types::Type;
use crate::model::{Record, Span, Text, Value};
use rhai::{Expr as Tree, Position, Stmt, StmtBlock};
use std::ops::Range;

/// Checks and compiles an expression. Without an `Expr` there is at least one finding.
pub fn compile(text: &str, names: &Names) -> (Option<Expr>, Vec<Finding>) {
    compile_typed(text, names, None)
}

/// [`compile`], for a place that wants values of one type: text literals become durations where a
/// duration is wanted, and a possibly empty value must be covered.
pub fn compile_as(text: &str, names: &Names, wanted: &Type) -> (Option<Expr>, Vec<Finding>) {
    compile_typed(text, names, Some(wanted))
}

fn compile_typed(text: &str, names: &Names, wanted: Option<&Type>) -> (Option<Expr>, Vec<Finding>) {
    let parsed = match parse::parse(text) {
        Ok(parsed) => parsed,
        Err(finding) => return (None, vec![*finding]),
    };
    let mut lower = Lower {
        parsed: &parsed,
        text,
        names,
        findings: Vec::new(),
        covered: 0,
    };
    let mut typed = lower.statements(parsed.ast.statements(), Position::NONE);
    if let Some(wanted) = wanted {
        typed = lower.wanted(typed, wanted);
    }
    let findings = lower.findings;
    if findings.is_empty() {
        let Typed { node, ty, .. } = typed;
        (Some(Expr { node, ty }), findings)
    } else {
        (None, findings)
    }
}

/// A lowered part of the tree with its type and its tokens.
#[derive(Debug)]
struct Typed {
    node: Node,
    ty: Type,
    at: Range<usize>,
}

impl Typed {
    const fn duration(span: Span, at: Range<usize>) -> Self {
        Self {
            node: Node::Constant(Value::Span(span)),
            ty: Type::Duration,
            at,
        }
    }
}

struct Lower<'a> {
    parsed: &'a Parsed,
    text: &'a str,
    names: &'a Names,
    findings: Vec<Finding>,
    /// Above 0 on the left of `??`, where something possibly empty is in its place.
    covered: u32,
}

impl Lower<'_> {
    fn span(&self, at: &Range<usize>) -> Range<usize> {
        self.parsed.bytes(at)
    }

    fn source(&self, at: &Range<usize>) -> &str {
        self.text.get(self.span(at)).unwrap_or("")
    }

    fn token(&self, position: Position) -> Range<usize> {
        let token = self.parsed.token(position);
        token..token + 1
    }

    /// Tells a finding; the part it is about counts as anything, so that one slip is told once.
    fn wrong(&mut self, at: Range<usize>, finding: Finding) -> Typed {
        self.findings.push(finding);
        Typed {
            node: Node::Constant(Value::Nothing),
            ty: Type::Any,
            at,
        }
    }

    fn expr(&mut self, tree: &Tree) -> Typed {
        match tree {
            Tree::BoolConstant(value, at) => self.constant(Value::Bool(*value), *at),
            Tree::IntegerConstant(value, at) => self.constant(Value::Int(*value), *at),
            Tree::FloatConstant(value, at) => self.constant(Value::Float(**value), *at),
            Tree::CharConstant(value, at) => {
                self.constant(Value::text(value.to_string().as_str()), *at)
            }
            Tree::StringConstant(value, at) => self.constant(Value::text(value.as_str()), *at),
            Tree::Unit(at) => self.constant(Value::Nothing, *at),
            Tree::Array(items, at) => self.list(items, *at),
            Tree::Map(fields, at) => {
                let fields = fields.0.iter();
                self.record(fields.map(|(name, value)| (name.name.as_str(), value)), *at)
            }
            Tree::Variable(variable, _, at) if !variable.2.is_empty() => {
                let at = self.token(*at);
                let message = format!("`{}::` leads to functions only", variable.2);
                let finding = Finding::new("S0408", self.span(&at), message);
                self.wrong(at, finding)
            }
            Tree::Variable(variable, _, at) => self.name(&variable.1, *at),
            Tree::FnCall(call, at) => self.call(call, *at),
            Tree::Dot(..) | Tree::Index(..) => self.chain(tree),
            Tree::And(parts, at) => self.logic("and", parts, *at),
            Tree::Or(parts, at) => self.logic("or", parts, *at),
            Tree::Coalesce(parts, _) => self.coalesce(parts),
            Tree::Stmt(block) => self.block(block),
            // Rhai folds lists and records of constants.
            Tree::DynamicConstant(value, at) => match to_value((**value).clone()) {
                Ok(value) => self.folded(value, *at),
                Err(_) => self.not_here(*at),
            },
            Tree::InterpolatedString(..)
            | Tree::ThisPtr(..)
            | Tree::Property(..)
            | Tree::MethodCall(..)
            | Tree::Custom(..)
            | _ => self.not_here(tree.start_position()),
        }
    }

    fn not_here(&mut self, at: Position) -> Typed {
        let at = self.token(at);
        let finding = Finding::new("S0408", self.span(&at), "this is not an expression")
            .label("not expected here");
        self.wrong(at, finding)
    }

    fn constant(&self, value: Value, at: Position) -> Typed {
        let ty = Type::of(&value);
        let mut at = self.token(at);
        // `-5` is one constant of two tokens.
        if self.source(&at) == "-" {
            at.end += 1;
        }
        let node = Node::Constant(value);
        Typed { node, ty, at }
    }

    fn folded(&self, value: Value, at: Position) -> Typed {
        let open = self.parsed.token(at);
        Typed {
            ty: Type::of(&value),
            node: Node::Constant(value),
            at: open..self.parsed.closing(open) + 1,
        }
    }

    fn list(&mut self, items: &[Tree], at: Position) -> Typed {
        let open = self.parsed.token(at);
        let items: Vec<Typed> = items.iter().map(|item| self.expr(item)).collect();
        let item = items.iter().map(|item| item.ty.clone());
        let item = item.reduce(|one, other| one.union(&other));
        let nodes: Vec<Node> = items.into_iter().map(|item| item.node).collect();
        Typed {
            node: fold_list(nodes),
            ty: Type::list(item.unwrap_or(Type::Any)),
            at: open..self.parsed.closing(open) + 1,
        }
    }

    fn record<'t>(
        &mut self,
        fields: impl Iterator<Item = (&'t str, &'t Tree)>,
        at: Position,
    ) -> Typed {
        let open = self.parsed.token(at);
        let mut nodes: Vec<(Text, Node)> = Vec::new();
        let mut types = Vec::new();
        for (name, value) in fields {
            let value = self.expr(value);
            types.push((name, value.ty));
            nodes.push((name.into(), value.node));
        }
        Typed {
            node: fold_record(nodes),
            ty: Type::record(types),
            at: open..self.parsed.closing(open) + 1,
        }
    }

    fn name(&mut self, name: &str, at: Position) -> Typed {
        let at = self.token(at);
        let entry = self.names.get(name);
        let (node, ty) = match entry {
            None => return self.unknown_name(name, at),
            Some(Entry::Value(ty)) if name == "now" => (Node::Now, ty.clone()),
            Some(Entry::Value(ty)) => (Node::Name(name.into()), ty.clone()),
            Some(Entry::Root(root, fields)) => (Node::Whole(*root), Type::Record(fields.clone())),
            Some(Entry::Data(data)) => chain::in_scope(name, data),
        };
        Typed { node, ty, at }
    }

    fn unknown_name(&mut self, name: &str, at: Range<usize>) -> Typed {
        let mut finding = Finding::new("S0301", self.span(&at), format!("unknown name `{name}`"))
            .label("not known here")
            .note(self.names.note());
        let synonym = SYNONYMS
            .iter()
            .find(|(other, meant)| *other == name && self.names.get(meant).is_some());
        if let Some((_, meant)) = synonym {
            finding = finding
                .help(format!("did you mean `{meant}`?"))
                .fix(self.span(&at), *meant);
        } else if super::schema::Function::find(name).is_some() {
            finding = finding.help(format!("it is a function: write `{name}(…)`"));
        } else {
            finding = finding.did_you_mean(name, self.names.iter());
        }
        self.wrong(at, finding)
    }

    fn logic(&mut self, word: &'static str, parts: &[Tree], at: Position) -> Typed {
        let mut all = self.token(at);
        let mut nodes = Vec::with_capacity(parts.len());
        for part in parts {
            let part = self.expr(part);
            all = all.start.min(part.at.start)..all.end.max(part.at.end);
            nodes.push(self.truth(part, word));
        }
        Typed {
            node: if word == "and" {
                Node::And(nodes)
            } else {
                Node::Or(nodes)
            },
            ty: Type::Bool,
            at: all,
        }
    }

    /// A part that must be true or false.
    fn truth(&mut self, part: Typed, word: &str) -> Node {
        let part = self.certain(part);
        if !part.ty.fits(&Type::Bool) {
            let words = part.ty.words();
            let finding = Finding::new(
                "S0401",
                self.span(&part.at),
                format!("`{word}` wants true or false, and this is {words}"),
            )
            .label(format!("this is {words}"));
            return self.wrong(part.at, finding).node;
        }
        part.node
    }

    fn coalesce(&mut self, parts: &[Tree]) -> Typed {
        let last = parts.len().saturating_sub(1);
        let mut nodes = Vec::with_capacity(parts.len());
        let mut all: Option<(Type, Range<usize>)> = None;
        for (index, part) in parts.iter().enumerate() {
            let covers = u32::from(index < last);
            self.covered += covers;
            let part = self.expr(part);
            self.covered -= covers;
            all = Some(match all {
                None => (part.ty, part.at),
                Some((ty, at)) => {
                    let ty = if ty == Type::Nothing {
                        part.ty
                    } else {
                        ty.certain().union(&part.ty)
                    };
                    (ty, at.start..part.at.end)
                }
            });
            nodes.push(part.node);
        }
        let (ty, at) = all.unwrap_or((Type::Any, 0..1));
        let node = Node::Coalesce(nodes);
        Typed { node, ty, at }
    }

    fn block(&mut self, block: &StmtBlock) -> Typed {
        self.statements(block.statements(), block.position())
    }

    fn statements(&mut self, statements: &[Stmt], at: Position) -> Typed {
        match statements {
            [Stmt::Expr(tree)] => self.expr(tree),
            [Stmt::FnCall(call, at)] => self.call(call, *at),
            [Stmt::If(flow, at)] => {
                let condition = self.expr(&flow.expr);
                let condition = self.truth(condition, "if");
                let then = self.block(&flow.body);
                let (otherwise, ty, end) = if flow.branch.is_empty() {
                    (
                        Node::Constant(Value::Nothing),
                        then.ty.clone().maybe(),
                        then.at.end,
                    )
                } else {
                    let otherwise = self.block(&flow.branch);
                    let ty = then.ty.union(&otherwise.ty);
                    (otherwise.node, ty, otherwise.at.end)
                };
                let start = self.parsed.token(*at);
                Typed {
                    node: Node::If(Box::new((condition, then.node, otherwise))),
                    ty,
                    // The closing brace stands behind the last part.
                    at: start.min(end)..end + 1,
                }
            }
            [Stmt::Block(inner)] => self.block(inner),
            _ => self.not_here(at),
        }
    }

    /// Complains of something possibly empty that nothing covers.
    fn certain(&mut self, part: Typed) -> Typed {
        if self.covered > 0 || !part.ty.is_maybe() {
            return part;
        }
        let finding = self.maybe_empty(&part);
        self.wrong(part.at, finding)
    }

    fn maybe_empty(&self, part: &Typed) -> Finding {
        let source = self.source(&part.at);
        let span = self.span(&part.at);
        let instead = match part.ty.certain() {
            Type::Text => "\"\"",
            Type::Number => "0",
            Type::Bool => "false",
            Type::List(_) => "[]",
            Type::Member => "member",
            Type::Group => "group",
            Type::Time => "now",
            Type::Nothing | Type::Any | Type::Duration | Type::Record(_) | Type::Maybe(_) => "…",
        };
        let finding = Finding::new("S0403", span.clone(), format!("`{source}` may be empty"))
            .label("there may be none")
            .help(format!("say what to use instead: `{source} ?? {instead}`"));
        let whole = span.start == 0 && span.end == self.text.trim_end().len();
        match part.ty.certain() {
            Type::Text | Type::Number | Type::Bool | Type::List(_) if whole => {
                finding.fix(span, format!("{source} ?? {instead}"))
            }
            Type::Text | Type::Number | Type::Bool | Type::List(_) => {
                finding.fix(span, format!("({source} ?? {instead})"))
            }
            Type::Nothing
            | Type::Any
            | Type::Time
            | Type::Duration
            | Type::Member
            | Type::Group
            | Type::Record(_)
            | Type::Maybe(_) => finding,
        }
    }

    /// Fits the whole expression to the place it stands in.
    fn wanted(&mut self, typed: Typed, wanted: &Type) -> Typed {
        let typed = Self::coerce(typed, wanted.certain());
        if typed.ty.fits(wanted) {
            return typed;
        }
        if typed.ty.is_maybe() && typed.ty.certain().fits(wanted) {
            return self.certain(typed);
        }
        let message = format!("{wanted} is wanted here, and this is {}", typed.ty);
        let finding = Finding::new("S0401", self.span(&typed.at), message)
            .label(format!("this is {}", typed.ty.words()));
        self.wrong(typed.at, finding)
    }

    /// A text literal where a duration is wanted is read as one.
    fn coerce(typed: Typed, wanted: &Type) -> Typed {
        if *wanted != Type::Duration {
            return typed;
        }
        match literal_text(&typed.node).and_then(|text| Span::parse(text)) {
            Some(span) => Typed::duration(span, typed.at),
            None => typed,
        }
    }

    fn binary_node(operator: Operator, left: Typed, right: Typed, ty: Type) -> Typed {
        Typed {
            at: left.at.start..right.at.end,
            node: Node::Binary(operator, Box::new((left.node, right.node))),
            ty,
        }
    }
}

/// Words from other systems for names of ours.
const SYNONYMS: &[(&str, &str)] = &[
    ("user", "member"),
    ("sender", "member"),
    ("author", "member"),
    ("chat", "group"),
    ("room", "group"),
    ("channel", "group"),
    ("message", "event"),
    ("msg", "event"),
    ("input", "inputs"),
    ("variables", "vars"),
];

fn fold_list(nodes: Vec<Node>) -> Node {
    let values: Option<Vec<Value>> = nodes.iter().map(constant).collect();
    values.map_or_else(
        || Node::List(nodes),
        |items| Node::Constant(Value::List(items)),
    )
}

fn fold_record(nodes: Vec<(Text, Node)>) -> Node {
    let values: Option<Record> = nodes
        .iter()
        .map(|(name, node)| constant(node).map(|value| (name.clone(), value)))
        .collect();
    values.map_or_else(
        || Node::Record(nodes),
        |fields| Node::Constant(Value::Record(fields)),
    )
}

fn constant(node: &Node) -> Option<Value> {
    if let Node::Constant(value) = node {
        Some(value.clone())
    } else {
        None
    }
}

/// The text of a text literal.
fn literal_text(node: &Node) -> Option<&Text> {
    if let Node::Constant(Value::Text(text)) = node {
        Some(text)
    } else {
        None
    }
}
