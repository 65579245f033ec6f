//! Evaluation: walks the compiled tree against the facts. It cannot fail: what does not work out
//! is the empty value, and a note for the trace.

use super::expr::{DataPart, DataRead, Expr, Node};
use super::facts::{DataAccess, Facts};
use super::schema::{GroupField, MemberField, Query};
use super::{functions, operators};
use crate::model::Value;

impl Expr {
    /// The value by these facts.
    pub fn eval(&self, facts: &dyn Facts) -> Value {
        eval(&self.node, facts)
    }

    /// True only if the value is `true`.
    pub fn holds(&self, facts: &dyn Facts) -> bool {
        eval(&self.node, facts).is_true()
    }
}

fn eval(node: &Node, facts: &dyn Facts) -> Value {
    match node {
        Node::Constant(value) => value.clone(),
        Node::Now => Value::Time(facts.now()),
        Node::Name(name) => facts.name(name),
        Node::Whole(root) => facts.whole(*root),
        Node::RootField(root, name) => facts.field(*root, name),
        Node::Member(of, field) => member(&eval(of, facts), *field, facts),
        Node::Group(of, field) => group(&eval(of, facts), *field, facts),
        Node::Field(of, name) => field(eval(of, facts), name, facts),
        Node::Index(parts) => index(&eval(&parts.0, facts), &eval(&parts.1, facts)),
        Node::Data(read) => data(read, facts),
        Node::Not(part) => Value::Bool(!eval(part, facts).is_true()),
        Node::Negate(part) => operators::negate(&eval(part, facts), facts),
        Node::And(parts) => Value::Bool(parts.iter().all(|part| eval(part, facts).is_true())),
        Node::Or(parts) => Value::Bool(parts.iter().any(|part| eval(part, facts).is_true())),
        Node::Coalesce(parts) => {
            let mut values = parts.iter().map(|part| eval(part, facts));
            values.find(|value| !value.is_nothing()).unwrap_or_default()
        }
        Node::Binary(operator, sides) => {
            let left = eval(&sides.0, facts);
            // A literal on the right, the usual case, is compared in place.
            if let Node::Constant(right) = &sides.1 {
                operators::binary(*operator, &left, right, facts)
            } else {
                operators::binary(*operator, &left, &eval(&sides.1, facts), facts)
            }
        }
        Node::If(parts) => {
            let chosen = if eval(&parts.0, facts).is_true() {
                &parts.1
            } else {
                &parts.2
            };
            eval(chosen, facts)
        }
        Node::List(items) => Value::List(all(items, facts)),
        Node::Record(fields) => Value::Record(
            fields
                .iter()
                .map(|(name, node)| (name.clone(), eval(node, facts)))
                .collect(),
        ),
        Node::Pure(function, args) => functions::call(*function, &all(args, facts), facts),
        Node::Matches(text, regex) => functions::found(regex, &eval(text, facts)),
        Node::Ask(query, args) => ask(*query, args, facts),
        Node::Script(call) => {
            let args = all(&call.args, facts);
            facts.script(&call.module, &call.function, &args)
        }
    }
}

fn all(nodes: &[Node], facts: &dyn Facts) -> Vec<Value> {
    nodes.iter().map(|node| eval(node, facts)).collect()
}

/// Most questions have two arguments: those are asked without an allocation.
fn ask(query: Query, args: &[Node], facts: &dyn Facts) -> Value {
    match args {
        [one] => facts.ask(query, &[eval(one, facts)]),
        [one, two] => facts.ask(query, &[eval(one, facts), eval(two, facts)]),
        _ => facts.ask(query, &all(args, facts)),
    }
}

fn member(of: &Value, field: MemberField, facts: &dyn Facts) -> Value {
    if let Value::Member(who) = of {
        return facts.member(*who, field);
    }
    wrong_subject(of, field.field().name, facts)
}

fn group(of: &Value, field: GroupField, facts: &dyn Facts) -> Value {
    if let Value::Group(which) = of {
        return facts.group(*which, field);
    }
    wrong_subject(of, field.field().name, facts)
}

/// A property of a value whose type was not known at load.
fn field(of: Value, name: &str, facts: &dyn Facts) -> Value {
    if let Value::Record(mut fields) = of {
        return fields.remove(name).unwrap_or_default();
    }
    if let (Value::Member(who), Some(field)) = (&of, MemberField::find(name)) {
        return facts.member(*who, field);
    }
    if let (Value::Group(which), Some(field)) = (&of, GroupField::find(name)) {
        return facts.group(*which, field);
    }
    wrong_subject(&of, name, facts)
}

fn wrong_subject(of: &Value, name: &str, facts: &dyn Facts) -> Value {
    if !of.is_nothing() {
        facts.note(&format!("{} has no `{name}`", of.kind()));
    }
    Value::Nothing
}

fn index(of: &Value, at: &Value) -> Value {
    match (of, at) {
        (Value::List(items), Value::Int(at)) => {
            place(*at, items.len()).and_then(|at| items.get(at).cloned())
        }
        (Value::Record(fields), Value::Text(name)) => fields.get(name).cloned(),
        (Value::Text(text), Value::Int(at)) => place(*at, text.chars().count())
            .and_then(|at| text.chars().nth(at))
            .map(|found| Value::text(found.to_string().as_str())),
        _ => None,
    }
    .unwrap_or_default()
}

/// A position from the front, or from the back when it is negative.
fn place(at: i64, length: usize) -> Option<usize> {
    if at >= 0 {
        usize::try_from(at).ok()
    } else {
        length.checked_sub(usize::try_from(at.unsigned_abs()).ok()?)
    }
}

fn data(read: &DataRead, facts: &dyn Facts) -> Value {
    let args = all(&read.args, facts);
    let access = match read.part {
        DataPart::Scope => DataAccess::Scope,
        DataPart::Of => DataAccess::Of(&args),
        DataPart::Key => args.first().map_or(DataAccess::Scope, DataAccess::Key),
        DataPart::Rows => DataAccess::Rows,
        DataPart::Count => DataAccess::Count,
        DataPart::MarkedToday => DataAccess::MarkedToday(args.first()),
    };
    facts.data(&read.name, access)
}
