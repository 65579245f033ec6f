//! `inputs`: what a template asks for, and the values that a default or a use gives.

use super::context::{Input, InputKind, nearest};
use super::surroundings::Surroundings;
use super::text::holds_reference;
use super::value::{date, number, plain_value};
use crate::model::{Span, Text, Value, time};
use crate::playbook::codes::Code;
use crate::playbook::diagnostic::Diagnostic;
use crate::playbook::grammar::files;
use crate::playbook::grammar::names;
use crate::playbook::scalars::{Rate, yes_or_no};
use crate::playbook::shape::{Field, Fields, Report};
use crate::playbook::source::Spot;
use crate::playbook::yaml::{Node, NodeKind, Scalar};
use crate::script::is_reserved;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// What a playbook asks for.
#[derive(Clone, Debug)]
pub(super) struct Asked<'a> {
    pub(super) name: Text,
    /// Of the name.
    pub(super) spot: Spot,
    pub(super) kind: InputKind,
    pub(super) default: Option<&'a Node>,
    min: Option<Value>,
    max: Option<Value>,
    choices: Vec<Value>,
    /// What stands for the value while a template without one is checked.
    stand_in: Node,
}

/// Reads `inputs`.
pub(super) fn asked<'a>(report: &mut Report<'_>, root: Fields<'a>) -> Vec<Asked<'a>> {
    let Some(field) = root.get("inputs") else {
        return Vec::new();
    };
    let map = report.map(field, "a map of names to `{ type: … }`");
    let fields = map.iter().flat_map(Fields::iter);
    fields.filter_map(|field| one(report, field)).collect()
}

fn one<'a>(report: &mut Report<'_>, field: Field<'a>) -> Option<Asked<'a>> {
    let key = field.key?;
    let good = key.text.chars().all(|c| c.is_alphanumeric() || c == '_');
    if is_reserved(&key.text) {
        let message = format!("`{}` is a word of the expression language", key.text);
        let problem = Diagnostic::error(Code::ReservedName, key.spot, message);
        report.push(problem.label("choose another name"));
    } else if !good || key.text.starts_with(|c: char| c.is_numeric()) {
        let message = format!("`{}` cannot be a name in expressions", key.text);
        let problem = Diagnostic::error(Code::NotAnId, key.spot, message);
        report.push(problem.label("letters, digits and `_`, beginning with a letter"));
    }
    let map = report.map(field, "a map such as `{ type: duration, default: 1d }`")?;
    report.known(map, &names(files::INPUT), &[]);
    let kind = report.need(map, "type", "");
    let kind = kind.and_then(|kind| report.choice(kind, files::INPUT_TYPES));
    let kind = InputKind::named(kind?)?;
    let mut asked = Asked {
        name: key.text.clone(),
        spot: key.spot,
        kind,
        default: map.get("default").map(|field| field.node),
        min: None,
        max: None,
        choices: Vec::new(),
        stand_in: stand_in(kind, key.spot),
    };
    asked.min = bound(report, &asked, map.get("min"));
    asked.max = bound(report, &asked, map.get("max"));
    if let Some(choices) = map.get("choices") {
        let items = report.list(choices, "a list of values").unwrap_or_default();
        for item in items {
            let value = asked.read(report, item, None);
            asked.choices.extend(value);
        }
    }
    if let (Some(_), Some(least)) = (&asked.min, map.get("min")) {
        asked.stand_in = Node {
            spot: key.spot,
            kind: least.node.kind.clone(),
        };
    }
    Some(asked)
}

fn bound(report: &mut Report<'_>, asked: &Asked<'_>, field: Option<Field<'_>>) -> Option<Value> {
    let field = field?;
    if matches!(asked.kind, InputKind::Number | InputKind::Duration) {
        return asked.read(report, field.node, None);
    }
    let spot = field.key.map_or(field.spot(), |key| key.spot);
    let message = format!("{} is for numbers and durations", field.name());
    report.push(Diagnostic::error(Code::KeysTogether, spot, message));
    None
}

/// Something of that kind, for checking a template that nobody has filled in.
fn stand_in(kind: InputKind, spot: Spot) -> Node {
    let text = match kind {
        InputKind::Text
        | InputKind::Group
        | InputKind::Member
        | InputKind::Label
        | InputKind::List => "x",
        InputKind::Number => "1",
        InputKind::Bool => "true",
        InputKind::Duration => "1d",
        InputKind::Rate => "1 per 1d",
        InputKind::Time => "2000-01-01T00:00:00Z",
        InputKind::Zone => "UTC",
    };
    let item = Node {
        spot,
        kind: NodeKind::Scalar(Scalar::made(text)),
    };
    if kind == InputKind::List {
        return Node {
            spot,
            kind: NodeKind::List(vec![item]),
        };
    }
    item
}

impl<'a> Asked<'a> {
    /// The input with its default, or with a stand-in where it has none.
    pub(super) fn by_default(
        &'a self,
        report: &mut Report<'_>,
        around: &Surroundings<'_>,
    ) -> Input<'a> {
        let given = self
            .default
            .and_then(|node| Some((node, self.value(report, node, around)?)));
        if let Some((node, value)) = given {
            return self.filled(node, value);
        }
        let value = self.plain(&self.stand_in).unwrap_or_default();
        Input {
            stand_in: true,
            ..self.filled(&self.stand_in, value)
        }
    }

    /// The input with a value from a use.
    pub(super) fn filled(&self, node: &'a Node, value: Value) -> Input<'a> {
        Input {
            kind: self.kind,
            value,
            node,
            stand_in: false,
        }
    }

    /// The value that a node gives, within the input's bounds; told if it is none.
    pub(super) fn value(
        &self,
        report: &mut Report<'_>,
        node: &Node,
        around: &Surroundings<'_>,
    ) -> Option<Value> {
        let value = self.read(report, node, Some(around))?;
        let out_of = |message: String| {
            Diagnostic::error(Code::WrongInputType, node.spot, message)
                .other(self.spot, "asked for here")
        };
        let name = &self.name;
        if let Some(min) = self.min.as_ref().filter(|min| is_less(&value, min)) {
            let message = format!("input `{name}` is at least {}", shown(min));
            report.push(out_of(message));
            return None;
        }
        if let Some(max) = self.max.as_ref().filter(|max| is_less(max, &value)) {
            let message = format!("input `{name}` is at most {}", shown(max));
            report.push(out_of(message));
            return None;
        }
        if !self.choices.is_empty() && !self.choices.contains(&value) {
            let all: Vec<String> = self.choices.iter().map(shown).collect();
            let written = node.text().unwrap_or_default();
            let near = nearest(written, all.iter().map(String::as_str));
            let problem = out_of(format!("input `{name}` cannot be `{written}`"))
                .label(format!("takes one of {}", all.join(", ")));
            report.push(problem.did_you_mean(near));
            return None;
        }
        Some(value)
    }

    fn read(
        &self,
        report: &mut Report<'_>,
        node: &Node,
        around: Option<&Surroundings<'_>>,
    ) -> Option<Value> {
        if node.is_broken() {
            return None;
        }
        if holds_reference(node, "inputs.") || holds_reference(node, "vars.") {
            let message = format!("input `{}` takes a value, not a name", self.name);
            let problem = Diagnostic::error(Code::WrongInputType, node.spot, message);
            report.push(problem.label("inputs are filled in before anything else is read"));
            return None;
        }
        let Some(value) = self.plain(node) else {
            let message = format!("input `{}` takes {}", self.name, self.words());
            let written = node.text().map(|text| format!("`{text}` is none"));
            let label = written.unwrap_or_else(|| format!("this is {}", node.shape()));
            let mut problem =
                Diagnostic::error(Code::WrongInputType, node.spot, message).label(label);
            if node.spot.file != self.spot.file {
                problem = problem.other(self.spot, "asked for here");
            }
            report.push(problem);
            return None;
        };
        if let (InputKind::Group, Some(around)) = (self.kind, around) {
            let id = value.as_text()?;
            if !around.directories.is_empty() && !around.is_group(id) {
                report.push(unknown_group(node.spot, id, around));
                return None;
            }
        }
        Some(value)
    }

    /// The value of its kind that a node spells.
    fn plain(&self, node: &Node) -> Option<Value> {
        if self.kind == InputKind::List {
            return match &node.kind {
                NodeKind::List(_) => Some(plain_value(node)),
                NodeKind::Scalar(_) => Some(Value::List(vec![plain_value(node)])),
                NodeKind::Map(_) | NodeKind::Empty | NodeKind::Broken => None,
            };
        }
        if let (InputKind::Text, Some(items)) = (self.kind, node.items()) {
            let lines: Option<Vec<&str>> = items.iter().map(Node::text).collect();
            return lines.map(|lines| Value::text(lines.join("\n")));
        }
        let text = node.text()?;
        match self.kind {
            InputKind::Text | InputKind::Label | InputKind::Group | InputKind::Member => {
                Some(Value::text(text)).filter(|_| self.kind == InputKind::Text || !text.is_empty())
            }
            InputKind::Number => number(text),
            InputKind::Bool => yes_or_no(text).map(Value::Bool),
            InputKind::Duration => Span::parse(text)
                .filter(|span| !span.is_zero())
                .map(Value::Span),
            InputKind::Rate => Rate::parse(text).map(|_| Value::text(text)),
            InputKind::Time => date(text, Some(&TimeZone::UTC)),
            InputKind::Zone => time::zone(text).map(|_| Value::text(text)),
            InputKind::List => None,
        }
    }

    fn words(&self) -> &'static str {
        match self.kind {
            InputKind::Text => "text",
            InputKind::Number => "a number",
            InputKind::Bool => "yes or no",
            InputKind::Duration => "a duration such as `30s` or `14d`",
            InputKind::Rate => "a rate such as `20 per 1d`",
            InputKind::Time => "a time such as `2026-03-20T09:00:00Z`",
            InputKind::Zone => "a time zone such as `Asia/Shanghai`",
            InputKind::Group => "the id of a group",
            InputKind::Member => "the id of a member",
            InputKind::Label => "a label",
            InputKind::List => "a list",
        }
    }
}

/// The error for a group that nobody knows.
pub(super) fn unknown_group(spot: Spot, id: &str, around: &Surroundings<'_>) -> Diagnostic {
    let message = format!("unknown group `{id}`");
    Diagnostic::error(Code::UnknownGroup, spot, message)
        .label("no group in steward.yaml has this id")
        .did_you_mean(nearest(id, around.group_ids()))
}

/// Values that have an order: numbers and durations.
fn is_less(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Int(one), Value::Int(other)) => one < other,
        (Value::Span(one), Value::Span(other)) => one.nominal_ms() < other.nominal_ms(),
        (one, other) => match (fraction(one), fraction(other)) {
            (Some(one), Some(other)) => one < other,
            (None, _) | (_, None) => false,
        },
    }
}

fn fraction(value: &Value) -> Option<f64> {
    if let Value::Float(number) = value {
        return Some(*number);
    }
    value.as_int().map(|number| number as f64)
}

/// A value as it is written.
fn shown(value: &Value) -> String {
    match value {
        Value::Int(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Span(span) => span.to_string(),
        Value::Bool(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        Value::Text(text) => text.as_ref().to_owned(),
        Value::Nothing
        | Value::Time(_)
        | Value::Member(_)
        | Value::Group(_)
        | Value::Rich(_)
        | Value::List(_)
        | Value::Record(_) => value.kind().to_owned(),
    }
}

/// Inputs by name, as expressions see them.
pub(super) fn values(inputs: &BTreeMap<Text, Input<'_>>) -> crate::model::Record {
    let values = inputs.iter();
    values
        .map(|(name, input)| (name.clone(), input.value.clone()))
        .collect()
}
