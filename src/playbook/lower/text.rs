//! Fields that want text: a text with `${…}`, the bare name of a text input or var, or a list of
//! lines.

use super::context::{Input, InputKind, Lowering, Reference};
use crate::playbook::codes::Code;
use crate::playbook::diagnostic::Diagnostic;
use crate::playbook::rule::{self, Line};
use crate::playbook::shape::{Field, Fields};
use crate::playbook::yaml::{Node, NodeKind};
use crate::script::{Expr, Template, Type, compile_template};

const LINE_KEYS: [&str; 6] = ["if", "line", "each", "where", "empty", "note"];

impl Lowering<'_> {
    /// A field that wants text.
    pub(super) fn text(&mut self, field: &Field<'_>) -> Option<rule::Field> {
        match &field.node.kind {
            NodeKind::List(items) => {
                let lines = items.iter().map(|item| self.line_of(Field::item(item)));
                let lines: Option<Vec<Line>> = lines.collect();
                lines.map(rule::Field::Lines)
            }
            NodeKind::Scalar(scalar) => match self.reference(&scalar.text) {
                Some(Reference::Var(node) | Reference::Input(Input { node, .. }))
                    if node.items().is_some() =>
                {
                    self.text(&Field { node, ..*field })
                }
                Some(_) | None => self.template(field).map(rule::Field::Text),
            },
            NodeKind::Map(_) | NodeKind::Empty | NodeKind::Broken => {
                self.template(field).map(rule::Field::Text)
            }
        }
    }

    /// A scalar with `${…}`, or the bare name of a text input or var.
    pub(super) fn template(&mut self, field: &Field<'_>) -> Option<Template> {
        let text = self.report.text(*field, "text")?;
        match self.reference(text) {
            Some(Reference::Input(input)) => self.input_text(field.node, text, &input),
            Some(Reference::Var(node)) => self.template_at(node),
            None if is_reference(text) || self.is_property(text) => {
                let expr = self.expr_part(field.node, text, 0, &Type::Any)?;
                Some(Template::of(expr))
            }
            None => self.template_at(field.node),
        }
    }

    /// True for `prize.reason` alone where `prize` is known: nobody means to say that in so many
    /// words.
    fn is_property(&self, text: &str) -> bool {
        let mut parts = text.split('.');
        let known = parts
            .next()
            .is_some_and(|name| self.names.get(name).is_some());
        let word = |part: &str| {
            part.starts_with(|c: char| c.is_alphabetic() || c == '_')
                && part.chars().all(|c| c.is_alphanumeric() || c == '_')
        };
        known && text.contains('.') && parts.all(word)
    }

    /// The template that a scalar is, whichever file it stands in.
    fn template_at(&mut self, node: &Node) -> Option<Template> {
        let text = self.report.text(Field::item(node), "text")?;
        let (template, findings) = compile_template(text, &self.names);
        self.tell(node, 0, findings);
        template
    }

    /// A text input is compiled where it is used; others print.
    fn input_text(&mut self, node: &Node, text: &str, input: &Input<'_>) -> Option<Template> {
        if input.kind == InputKind::Text {
            return self.template_at(input.node);
        }
        let expr = self.expr_part(node, text, 0, &Type::Any)?;
        Some(Template::of(expr))
    }

    fn line_of(&mut self, field: Field<'_>) -> Option<Line> {
        if field.node.entries().is_none() {
            return self.template(&field).map(Line::Plain);
        }
        let map = self.report.map(field, "a line")?;
        self.report.known(map, &LINE_KEYS, &[]);
        if let Some(each) = map.get("each") {
            return self.each_line(map, each);
        }
        let line = self.report.need(map, "line", "");
        let line = line.and_then(|line| self.template(&line));
        let Some(condition) = map.get("if") else {
            return line.map(Line::Plain);
        };
        let condition = self.expr(&condition, &Type::Bool);
        Some(Line::If(condition?, line?))
    }

    fn each_line(&mut self, map: Fields<'_>, each: Field<'_>) -> Option<Line> {
        let (name, list, item) = self.in_list(&each)?;
        let (filter, line) = self.with_name(&name, item, |inside| {
            let filter = map.get("where");
            let filter = filter.map(|field| inside.expr(&field, &Type::Bool));
            let line = inside.report.need(map, "line", "each item makes one line");
            (filter, line.and_then(|line| inside.template(&line)))
        });
        let empty = map.get("empty").map(|field| self.template(&field));
        // What is there and wrong leaves nothing of the line.
        if matches!(filter, Some(None)) || matches!(empty, Some(None)) {
            return None;
        }
        Some(Line::Each {
            name,
            list,
            filter: filter.flatten(),
            line: line?,
            empty: empty.flatten(),
        })
    }

    /// `x in list`: the name, the list and what an item of it is.
    pub(super) fn in_list(
        &mut self,
        field: &Field<'_>,
    ) -> Option<(crate::model::Text, Expr, Type)> {
        let text = self.report.text(*field, "`name in list`")?;
        let Some((name, list)) = text.split_once(" in ") else {
            let message = format!("{} takes `name in list`", field.name());
            let problem = Diagnostic::error(Code::ExpressionSyntax, field.spot(), message);
            self.report
                .push(problem.label("a name for one item, `in`, and the list"));
            return None;
        };
        let name = name.trim();
        let start = text.find(name).unwrap_or_default();
        let spot = field.node.part(start, start + name.len());
        if !self.check_name(spot, name) {
            return None;
        }
        let offset = text.len() - list.len();
        let expr = self.expr_part(field.node, list, offset, &Type::list(Type::Any))?;
        let item = match expr.ty() {
            Type::List(item) => (**item).clone(),
            Type::Nothing
            | Type::Any
            | Type::Bool
            | Type::Number
            | Type::Text
            | Type::Time
            | Type::Duration
            | Type::Member
            | Type::Group
            | Type::Record(_)
            | Type::Maybe(_) => Type::Any,
        };
        Some((name.into(), expr, item))
    }
}

/// True for `inputs.NAME` and `vars.NAME` alone, also where there is no such name.
pub(super) fn is_reference(text: &str) -> bool {
    let name = text
        .strip_prefix("inputs.")
        .or_else(|| text.strip_prefix("vars."));
    name.is_some_and(|name| {
        !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_')
    })
}

/// True when some text in it is such a reference. Constants hold none, so that none can lead back
/// to itself.
pub(super) fn holds_reference(node: &Node, root: &str) -> bool {
    match &node.kind {
        NodeKind::Scalar(scalar) => {
            let text = scalar.text.trim();
            text.starts_with(root) && is_reference(text)
        }
        NodeKind::List(items) => items.iter().any(|item| holds_reference(item, root)),
        NodeKind::Map(entries) => entries.iter().any(|(_, node)| holds_reference(node, root)),
        NodeKind::Empty | NodeKind::Broken => false,
    }
}
