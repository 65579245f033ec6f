//! What lowering knows while it reads one playbook: the file, the instance with its inputs, the
//! names in scope, the blocks made so far. Expressions are compiled here, and what the lint finds
//! is told at its place in the file.

use super::steps::Met;
use super::surroundings::Surroundings;
use super::text::is_reference;
use crate::model::{Span, Text, Value};
use crate::playbook::codes::Code;
use crate::playbook::diagnostic::Diagnostic;
use crate::playbook::rule::Block;
use crate::playbook::shape::{Field, Report};
use crate::playbook::source::Spot;
use crate::playbook::suggest::suggest;
use crate::playbook::yaml::Node;
use crate::script::{Entry, Expr, Finding, Names, Type, compile, compile_as, is_reserved};
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The state of lowering one instance of one file.
pub(super) struct Lowering<'a> {
    pub(super) report: Report<'a>,
    pub(super) instance: Instance<'a>,
    /// The names in scope at the place that is read.
    pub(super) names: Names,
    /// Step lists so far; a block's number is its place here.
    pub(super) blocks: Vec<Block>,
    /// Flows of the file by name, with the names they take.
    pub(super) flows: BTreeMap<Text, Vec<Text>>,
    /// Functions of the scripts that the file lists, by module: name and argument count.
    pub(super) modules: BTreeMap<Text, Vec<(Text, usize)>>,
    /// What the daemon's configuration says.
    pub(super) around: &'a Surroundings<'a>,
    /// Steps that were read so far, for the checks.
    pub(super) met: Vec<Met>,
    /// Steps that the conditions around ask `group.can("…")` for.
    pub(super) able: Vec<Text>,
    /// Communities that the playbook applies in.
    pub(super) communities: BTreeSet<Text>,
}

/// A playbook as it runs: its own file, or a use of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Instance<'a> {
    pub(super) id: Text,
    /// Inputs with their values filled in.
    pub(super) inputs: BTreeMap<Text, Input<'a>>,
    /// `vars` as written.
    pub(super) vars: BTreeMap<Text, &'a Node>,
    /// `timezone`, where the file sets it.
    pub(super) zone: Option<TimeZone>,
}

/// One input of an instance.
#[derive(Clone, Debug)]
pub(super) struct Input<'a> {
    pub(super) kind: InputKind,
    /// Groups and members by their ids, as text.
    pub(super) value: Value,
    /// Where the value is written: the `default`, or under `with` in a use file. In a template
    /// that is only checked it is a stand-in.
    pub(super) node: &'a Node,
    pub(super) stand_in: bool,
}

/// The types an input can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InputKind {
    Text,
    Number,
    Bool,
    Duration,
    Rate,
    Time,
    Zone,
    Group,
    Member,
    Label,
    List,
}

impl InputKind {
    /// The kind of that word.
    pub(super) fn named(word: &str) -> Option<Self> {
        Some(match word {
            "text" => Self::Text,
            "number" => Self::Number,
            "bool" => Self::Bool,
            "duration" => Self::Duration,
            "rate" => Self::Rate,
            "time" => Self::Time,
            "zone" => Self::Zone,
            "group" => Self::Group,
            "member" => Self::Member,
            "label" => Self::Label,
            "list" => Self::List,
            _ => return None,
        })
    }

    /// What an expression sees. Groups and members are given by id.
    pub(super) fn ty(self) -> Type {
        match self {
            Self::Text | Self::Rate | Self::Zone | Self::Group | Self::Member | Self::Label => {
                Type::Text
            }
            Self::Number => Type::Number,
            Self::Bool => Type::Bool,
            Self::Duration => Type::Duration,
            Self::Time => Type::Time,
            Self::List => Type::list(Type::Any),
        }
    }
}

impl<'a> Lowering<'a> {
    /// `if`: one expression, or a list of which all must hold.
    pub(super) fn condition(&mut self, field: &Field<'_>) -> Vec<Expr> {
        let wanted = "an expression, or a list of expressions";
        let fields = self.report.one_or_more(*field, wanted);
        fields
            .iter()
            .filter_map(|field| self.expr(field, &Type::Bool))
            .collect()
    }

    /// A scalar that is one expression.
    pub(super) fn expr(&mut self, field: &Field<'_>, wanted: &Type) -> Option<Expr> {
        let text = self.report.text(*field, "an expression")?;
        self.expr_part(field.node, text, 0, wanted)
    }

    /// An expression that is a part of a scalar, beginning `offset` bytes into it (`x in list`).
    pub(super) fn expr_part(
        &mut self,
        node: &Node,
        text: &str,
        offset: usize,
        wanted: &Type,
    ) -> Option<Expr> {
        let (expr, findings) = if *wanted == Type::Any {
            compile(text, &self.names)
        } else {
            compile_as(text, &self.names, wanted)
        };
        self.tell(node, offset, findings);
        expr
    }

    /// Puts findings about the text of a scalar, from `offset` on, at their places in the file.
    pub(super) fn tell(&mut self, node: &Node, offset: usize, findings: Vec<Finding>) {
        for finding in findings {
            self.report.push(placed(node, finding.shifted(offset)));
        }
    }

    /// Runs `f` with a name in scope that is gone afterwards: a loop's, an answer's.
    pub(super) fn with_name<T>(
        &mut self,
        name: &str,
        ty: Type,
        f: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.scoped(|lowering| {
            lowering.add_name(name, ty);
            f(lowering)
        })
    }

    /// Runs `f`; names that it adds are gone afterwards.
    pub(super) fn scoped<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.names.clone();
        let answer = f(self);
        self.names = before;
        answer
    }

    /// A name for the rest of the scope: `let`, `as`.
    pub(super) fn add_name(&mut self, name: &str, ty: Type) {
        self.names.insert(name, Entry::Value(ty));
    }

    /// A name that the file gives to something (`as`, `let`, a loop, an input): small letters,
    /// digits and `_`, or any letters that are no word of the language.
    pub(super) fn new_name(&mut self, field: &Field<'_>) -> Option<Text> {
        let name = self.report.text(*field, "a name")?;
        self.check_name(field.node.spot, name).then(|| name.into())
    }

    /// Whether a name can be used in expressions; told if not.
    pub(super) fn check_name(&mut self, spot: Spot, name: &str) -> bool {
        if is_reserved(name) {
            let message = format!("`{name}` is a word of the expression language");
            self.report.push(
                Diagnostic::error(Code::ReservedName, spot, message).label("choose another name"),
            );
            return false;
        }
        let first = |c: char| c.is_alphabetic() || c == '_';
        let good = name.starts_with(first) && name.chars().all(|c| first(c) || c.is_numeric());
        if !good {
            let message = format!("`{name}` cannot be a name in expressions");
            let problem = Diagnostic::error(Code::NotAnId, spot, message)
                .label("letters, digits and `_`, beginning with a letter");
            let better = name.replace(['-', ' ', '.'], "_");
            let usable = better != name && better.starts_with(first);
            let usable = usable && better.chars().all(|c| first(c) || c.is_numeric());
            self.report.push(if usable && !is_reserved(&better) {
                problem.fix(format!("write `{better}`"), spot, better)
            } else {
                problem
            });
        }
        good
    }

    /// The value of a field that must be known at load: itself, or what the input or var is that
    /// it names.
    pub(super) fn resolved<'n>(&mut self, field: Field<'n>) -> Option<Field<'n>>
    where
        'a: 'n,
    {
        let Some(text) = field.as_text() else {
            return Some(field);
        };
        let node = match self.reference(text) {
            Some(Reference::Input(input)) => input.node,
            Some(Reference::Var(node)) => node,
            None if is_reference(text) => {
                self.expr(&field, &Type::Any);
                return None;
            }
            None => return Some(field),
        };
        Some(Field { node, ..field })
    }

    /// A duration that is known at load.
    pub(super) fn span(&mut self, field: &Field<'_>) -> Option<Span> {
        let field = self.resolved(*field)?;
        self.report.duration(field)
    }

    /// Keeps a step list and gives its number.
    pub(super) fn push_block(&mut self, block: Block) -> u32 {
        let number = u32::try_from(self.blocks.len()).unwrap_or(u32::MAX);
        self.blocks.push(block);
        number
    }

    /// The line of a node, from 1.
    pub(super) fn line(&self, node: &Node) -> u32 {
        self.line_at(node.spot.start)
    }

    /// The line of a byte of the file, from 1.
    pub(super) fn line_at(&self, offset: usize) -> u32 {
        u32::try_from(self.report.file.line_column(offset).line).unwrap_or(u32::MAX)
    }

    /// A scalar that is nothing but `inputs.NAME` or `vars.NAME`; unknown names are left to the
    /// lint.
    pub(super) fn reference(&self, text: &str) -> Option<Reference<'a>> {
        let text = text.trim();
        if let Some(name) = text.strip_prefix("inputs.") {
            let input = self.instance.inputs.get(name)?;
            return Some(Reference::Input(input.clone()));
        }
        let name = text.strip_prefix("vars.")?;
        self.instance.vars.get(name).copied().map(Reference::Var)
    }
}

/// What `inputs.NAME` or `vars.NAME` alone stands for.
#[derive(Clone, Debug)]
pub(super) enum Reference<'a> {
    Input(Input<'a>),
    Var(&'a Node),
}

/// A finding of the lint as a diagnostic of the file that the scalar stands in.
fn placed(node: &Node, finding: Finding) -> Diagnostic {
    diagnostic(finding, &|range| node.part(range.start, range.end))
}

/// A finding of the lint as a diagnostic; `spot` says where its bytes stand.
pub(super) fn diagnostic(finding: Finding, spot: &dyn Fn(&Range<usize>) -> Spot) -> Diagnostic {
    let mut problem = Diagnostic::error(code(&finding), spot(&finding.span), finding.message);
    problem.label = finding.label;
    if let Some((range, text)) = &finding.second {
        problem = problem.other(spot(range), text.clone());
    }
    problem.notes.extend(finding.note);
    match (finding.help, finding.fix) {
        (help, Some((range, text))) => {
            let help = help.unwrap_or_else(|| format!("write `{text}`"));
            problem.fix(help, spot(&range), text)
        }
        (Some(text), None) => problem.help(text),
        (None, None) => problem,
    }
}

/// The page that explains a finding: the lint has codes of its own for what this room tells under
/// one page.
fn code(finding: &Finding) -> Code {
    match finding.code {
        "S0304" => Code::ReservedName,
        "S0404" | "S0405" => Code::WrongType,
        "S0406" => Code::BadPattern,
        other => Code::parse(other).unwrap_or(Code::ExpressionSyntax),
    }
}

/// The nearest of `known`, for "did you mean".
pub(super) fn nearest<'k>(
    wrong: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> Option<&'k str> {
    suggest(wrong, known)
}
