//! The compiled form of an expression: a small tree, made once at load, walked for every event.

use super::schema::{GroupField, MemberField, Pure, Query, Root};
use super::types::Type;
use crate::model::{Text, Value};
use regex::Regex;

/// A checked expression, ready to be evaluated by [`Expr::eval`].
#[derive(Clone, Debug)]
pub struct Expr {
    pub(crate) node: Node,
    pub(crate) ty: Type,
}

impl Expr {
    /// An expression that always gives this value.
    pub fn constant(value: Value) -> Self {
        let ty = Type::of(&value);
        Self {
            node: Node::Constant(value),
            ty,
        }
    }

    /// The expression that holds when all of these hold. `None` of none.
    pub fn all(mut parts: Vec<Self>) -> Option<Self> {
        let last = parts.pop()?;
        if parts.is_empty() {
            return Some(last);
        }
        parts.push(last);
        Some(Self {
            node: Node::And(parts.into_iter().map(|part| part.node).collect()),
            ty: Type::Bool,
        })
    }

    /// The type of what it gives.
    pub const fn ty(&self) -> &Type {
        &self.ty
    }

    /// Its value, where that is known at load.
    pub const fn as_constant(&self) -> Option<&Value> {
        if let Node::Constant(value) = &self.node {
            Some(value)
        } else {
            None
        }
    }

    /// The one name it consists of, such as `member`.
    pub fn as_name(&self) -> Option<&str> {
        if let Node::Name(name) = &self.node {
            Some(name)
        } else {
            None
        }
    }

    /// The steps that must be possible for the expression to hold: those in `group.can("…")`, also
    /// beside other conditions under `and`.
    pub fn asked_abilities(&self) -> Vec<Text> {
        let mut found = Vec::new();
        self.node.asked_abilities(&mut found);
        found
    }
}

impl Node {
    fn asked_abilities(&self, found: &mut Vec<Text>) {
        if let Self::And(parts) = self {
            for part in parts {
                part.asked_abilities(found);
            }
        } else if let Self::Ask(Query::Can, args) = self {
            found.extend(args.iter().filter_map(|arg| {
                if let Self::Constant(value) = arg {
                    value.as_text().cloned()
                } else {
                    None
                }
            }));
        }
    }
}

/// One step of evaluation.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    Constant(Value),
    Now,
    Name(Text),
    Whole(Root),
    RootField(Root, Text),
    Member(Box<Node>, MemberField),
    Group(Box<Node>, GroupField),
    /// A field whose subject is known only when it runs.
    Field(Box<Node>, Text),
    Index(Box<(Node, Node)>),
    Data(Box<DataRead>),
    Not(Box<Node>),
    Negate(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Coalesce(Vec<Node>),
    Binary(Operator, Box<(Node, Node)>),
    If(Box<(Node, Node, Node)>),
    List(Vec<Node>),
    Record(Vec<(Text, Node)>),
    Pure(Pure, Vec<Node>),
    Matches(Box<Node>, Box<Regex>),
    Ask(Query, Vec<Node>),
    Script(Box<ScriptCall>),
}

/// Declared data, and which of its values.
#[derive(Clone, Debug)]
pub(crate) struct DataRead {
    pub(crate) name: Text,
    pub(crate) part: DataPart,
    pub(crate) args: Vec<Node>,
}

/// Which values of declared data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DataPart {
    Scope,
    Of,
    Key,
    Rows,
    Count,
    MarkedToday,
}

/// `module::function(args)`.
#[derive(Clone, Debug)]
pub(crate) struct ScriptCall {
    pub(crate) module: Text,
    pub(crate) function: Text,
    pub(crate) args: Vec<Node>,
}

/// Operators with two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
    Equal,
    Different,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
}

impl Operator {
    pub(crate) fn find(sign: &str) -> Option<Self> {
        Some(match sign {
            "+" => Self::Add,
            "-" => Self::Subtract,
            "*" => Self::Multiply,
            "/" => Self::Divide,
            "%" => Self::Remainder,
            "**" => Self::Power,
            "==" => Self::Equal,
            "!=" => Self::Different,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            _ => return None,
        })
    }

    pub(crate) const fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::Power => "**",
            Self::Equal => "==",
            Self::Different => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::In => "in",
        }
    }
}
