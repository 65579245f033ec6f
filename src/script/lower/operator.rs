//! Operators: which types they take, what they give, and comparisons that can never hold.

use super::{Lower, Typed};
use crate::model::Value;
use crate::script::expr::{Node, Operator};
use crate::script::finding::Finding;
use crate::script::types::Type;
use std::ops::Range;

impl Lower<'_> {
    pub(super) fn not(&mut self, part: Typed, at: Range<usize>) -> Typed {
        let at = at.start.min(part.at.start)..part.at.end.max(at.end);
        let node = Node::Not(Box::new(self.truth(part, "not")));
        let ty = Type::Bool;
        Typed { node, ty, at }
    }

    pub(super) fn negate(&mut self, part: Typed, at: Range<usize>) -> Typed {
        let part = self.certain(part);
        let at = at.start.min(part.at.start)..part.at.end;
        if !part.ty.fits(&Type::Number) {
            let message = format!("`-` wants a number, and this is {}", part.ty.words());
            let finding = Finding::new("S0404", self.span(&part.at), message);
            return self.wrong(at, finding);
        }
        let node = Node::Negate(Box::new(part.node));
        let ty = Type::Number;
        Typed { node, ty, at }
    }

    pub(super) fn binary(&mut self, operator: Operator, left: Typed, right: Typed) -> Typed {
        match operator {
            Operator::Equal | Operator::Different => {
                let empty = left.ty == Type::Nothing || right.ty == Type::Nothing;
                let (left, right) = if empty {
                    (left, right)
                } else {
                    (self.certain(left), self.certain(right))
                };
                self.comparison(operator, left, right)
            }
            Operator::Less
            | Operator::LessOrEqual
            | Operator::Greater
            | Operator::GreaterOrEqual => {
                let (left, right) = (self.certain(left), self.certain(right));
                self.comparison(operator, left, right)
            }
            Operator::In => {
                let (left, right) = (self.certain(left), self.certain(right));
                self.membership(left, right)
            }
            Operator::Add
            | Operator::Subtract
            | Operator::Multiply
            | Operator::Divide
            | Operator::Remainder
            | Operator::Power => {
                let (left, right) = (self.certain(left), self.certain(right));
                self.arithmetic(operator, left, right)
            }
        }
    }

    fn comparison(&mut self, operator: Operator, left: Typed, right: Typed) -> Typed {
        let (right_ty, left_ty) = (right.ty.clone(), left.ty.clone());
        let left = Self::coerce(left, right_ty.certain());
        let right = Self::coerce(right, left_ty.certain());
        if !left.ty.comparable(&right.ty) {
            return self.never(operator, &left, &right);
        }
        let ordered = |ty: &Type| {
            matches!(
                ty.certain(),
                Type::Any | Type::Number | Type::Text | Type::Time | Type::Duration
            )
        };
        let orders = !matches!(operator, Operator::Equal | Operator::Different);
        if orders && !(ordered(&left.ty) && ordered(&right.ty)) {
            return self.misfit(operator, &left, &right);
        }
        Self::binary_node(operator, left, right, Type::Bool)
    }

    /// Two types that are never equal.
    fn never(&mut self, operator: Operator, left: &Typed, right: &Typed) -> Typed {
        let (one, other) = (left.ty.words(), right.ty.words());
        let note = match operator {
            Operator::Different => "such a comparison is always true, so it decides nothing",
            Operator::Equal
            | Operator::Less
            | Operator::LessOrEqual
            | Operator::Greater
            | Operator::GreaterOrEqual
            | Operator::In
            | Operator::Add
            | Operator::Subtract
            | Operator::Multiply
            | Operator::Divide
            | Operator::Remainder
            | Operator::Power => "such a comparison is always false, so the rule would never run",
        };
        let message = if operator == Operator::In {
            format!("{one} is looked for in a list of {other}")
        } else {
            format!("{one} is compared with {other}")
        };
        let mut finding = Finding::new("S0402", self.span(&right.at), message)
            .label(format!("this is {other}"))
            .second(self.span(&left.at), format!("this is {one}"))
            .note(note);
        for (literal, wanted) in [(right, &left.ty), (left, &right.ty)] {
            if let Some((help, fix)) = Self::other_literal(literal, wanted.certain()) {
                finding = finding.help(help);
                if let Some(fix) = fix {
                    finding = finding.fix(self.span(&literal.at), fix);
                }
                break;
            }
        }
        self.wrong(left.at.start..right.at.end, finding)
    }

    /// What a literal of the wrong type should have been.
    fn other_literal(literal: &Typed, wanted: &Type) -> Option<(String, Option<String>)> {
        if matches!(wanted, Type::Member | Type::Group) && literal.ty == Type::Text {
            let name = wanted.words().trim_start_matches("a ");
            return Some((format!("compare its id: `{name}.id`"), None));
        }
        let Node::Constant(value) = &literal.node else {
            return None;
        };
        let remove = || "remove the quotes".to_owned();
        match (value, wanted) {
            (Value::Text(text), Type::Number) => {
                let number = text.trim();
                let good = number.parse::<f64>().is_ok_and(f64::is_finite);
                good.then(|| (remove(), Some(number.to_owned())))
            }
            (Value::Text(text), Type::Bool) if matches!(&**text, "true" | "false") => {
                Some((remove(), Some(text.to_string())))
            }
            (Value::Int(number), Type::Text) => Some((
                "put quotes around it".to_owned(),
                Some(format!("\"{number}\"")),
            )),
            (Value::Int(_) | Value::Text(_), Type::Duration) => {
                Some(("write a duration such as `\"7d\"`".to_owned(), None))
            }
            (Value::Text(_), Type::Time) => Some((
                "compare how long ago it was: `now - … > \"7d\"`".to_owned(),
                None,
            )),
            _ => None,
        }
    }

    fn membership(&mut self, left: Typed, right: Typed) -> Typed {
        match &right.ty {
            Type::Any | Type::Record(_) => {}
            Type::List(item) if left.ty.comparable(item) => {}
            Type::Text if left.ty.comparable(&Type::Text) => {}
            Type::List(item) => {
                let item = Typed {
                    node: Node::Constant(Value::Nothing),
                    ty: (**item).clone(),
                    at: right.at.clone(),
                };
                return self.never(Operator::In, &left, &item);
            }
            Type::Nothing
            | Type::Bool
            | Type::Number
            | Type::Text
            | Type::Time
            | Type::Duration
            | Type::Member
            | Type::Group
            | Type::Maybe(_) => return self.misfit(Operator::In, &left, &right),
        }
        Self::binary_node(Operator::In, left, right, Type::Bool)
    }

    fn arithmetic(&mut self, operator: Operator, left: Typed, right: Typed) -> Typed {
        // A text literal beside a time or a duration is a duration: `now + "1d"`.
        let timely = |ty: &Type| matches!(ty, Type::Time | Type::Duration);
        let reads = matches!(
            operator,
            Operator::Add | Operator::Subtract | Operator::Divide
        );
        let (left, right) = match (timely(&left.ty), timely(&right.ty)) {
            (true, _) if reads => (left, Self::coerce(right, &Type::Duration)),
            (_, true) if reads => (Self::coerce(left, &Type::Duration), right),
            _ => (left, right),
        };
        match result(operator, &left.ty, &right.ty) {
            Some(ty) => Self::binary_node(operator, left, right, ty),
            None => self.misfit(operator, &left, &right),
        }
    }

    fn misfit(&mut self, operator: Operator, left: &Typed, right: &Typed) -> Typed {
        let at = left.at.start..right.at.end;
        let sign = operator.sign();
        let (one, other) = (left.ty.words(), right.ty.words());
        let finding = Finding::new(
            "S0404",
            self.span(&right.at),
            format!("`{sign}` does not work on {one} and {other}"),
        )
        .label(format!("this is {other}"))
        .second(self.span(&left.at), format!("this is {one}"));
        self.wrong(at, finding)
    }
}

/// What an arithmetic operator gives; `None` where it does not work.
fn result(operator: Operator, left: &Type, right: &Type) -> Option<Type> {
    use Type::{Any, Duration, Number, Text, Time};
    Some(match (operator, left, right) {
        (Operator::Add, Text, _) | (Operator::Add, _, Text) => Text,
        (Operator::Add, Type::List(one), Type::List(other)) => Type::list(one.union(other)),
        (Operator::Add | Operator::Subtract, Time, Duration) | (Operator::Add, Duration, Time) => {
            Time
        }
        (Operator::Subtract, Time, Time)
        | (Operator::Add | Operator::Subtract, Duration, Duration)
        | (Operator::Multiply | Operator::Divide, Duration, Number)
        | (Operator::Multiply, Number, Duration) => Duration,
        (Operator::Divide, Duration, Duration) | (_, Number, Number) => Number,
        (_, Any, Any | Number | Time | Duration)
        | (_, Number | Time | Duration, Any)
        | (Operator::Add, Any, Type::List(_))
        | (Operator::Add, Type::List(_), Any) => Any,
        _ => return None,
    })
}
