//! Calls: operators that Rhai writes as calls, functions of the schema, functions of scripts.

use super::{Lower, Typed, literal_text};
use crate::model::{Span, Text, Value};
use crate::script::expr::{Node, Operator, ScriptCall};
use crate::script::finding::Finding;
use crate::script::functions;
use crate::script::schema::{Callee, FUNCTIONS, Function, Pure, Shape};
use crate::script::types::Type;
use rhai::{FnCallExpr, Position};
use std::ops::Range;

impl Lower<'_> {
    pub(super) fn call(&mut self, call: &FnCallExpr, position: Position) -> Typed {
        let at = self.token(position);
        if call.is_qualified() {
            return self.script_call(call, at);
        }
        // `a in b` is written as `contains(b, a)`.
        let membership =
            self.parsed.is_word(at.start, "in") || self.parsed.is_word(at.start, "not");
        match (call.name.as_str(), call.args.as_slice()) {
            ("contains", [list, item]) if membership => {
                let item = self.expr(item);
                let list = self.expr(list);
                self.binary(Operator::In, item, list)
            }
            ("!", [part]) => {
                let part = self.expr(part);
                self.not(part, at)
            }
            ("-", [part]) => {
                let part = self.expr(part);
                self.negate(part, at)
            }
            ("+", [part]) => self.expr(part),
            (sign, [left, right]) if call.is_operator_call() => {
                let Some(operator) = Operator::find(sign) else {
                    return self.no_operator(sign, at);
                };
                let left = self.expr(left);
                let right = self.expr(right);
                self.binary(operator, left, right)
            }
            (sign, _) if call.is_operator_call() => self.no_operator(sign, at),
            (name, args) => {
                let args: Vec<Typed> = args.iter().map(|arg| self.expr(arg)).collect();
                let all = at.start..self.parsed.closing(at.end) + 1;
                match Function::find(name) {
                    Some(function) => self.apply(function, args, at, all),
                    None => self.unknown_function(name, at),
                }
            }
        }
    }

    fn no_operator(&mut self, sign: &str, at: Range<usize>) -> Typed {
        let message = format!("`{sign}` has no meaning in an expression");
        let finding = Finding::new("S0404", self.span(&at), message);
        self.wrong(at, finding)
    }

    pub(super) fn unknown_function(&mut self, name: &str, at: Range<usize>) -> Typed {
        let known = FUNCTIONS.iter().map(|function| function.name);
        let finding = Finding::new(
            "S0303",
            self.span(&at),
            format!("unknown function `{name}`"),
        )
        .label("no function has this name")
        .did_you_mean(name, known);
        self.wrong(at, finding)
    }

    /// A function of the schema with its arguments; `name` is where its name stands, `all` the call.
    pub(super) fn apply(
        &mut self,
        function: &'static Function,
        args: Vec<Typed>,
        name: Range<usize>,
        all: Range<usize>,
    ) -> Typed {
        let most = function.params.len();
        if args.len() < function.required || args.len() > most {
            let finding = wrong_count(
                self.span(&name),
                function.name,
                function.required,
                most,
                args.len(),
            )
            .help(format!("write `{}`", function.signature()));
            return self.wrong(all, finding);
        }
        let gives = gives(function, &args);
        let last = args.last().map_or(name.clone(), |arg| arg.at.clone());
        let mut nodes = Vec::with_capacity(args.len());
        for (arg, (param, shape)) in args.into_iter().zip(function.params) {
            nodes.push(self.argument(function, param, *shape, arg));
        }
        if let Some(finding) = self.literal_problem(function, &nodes, &last) {
            return self.wrong(all, finding);
        }
        let node = match function.callee {
            Callee::Pure(pure) => Node::Pure(pure, nodes),
            Callee::Query(query) => Node::Ask(query, nodes),
            Callee::Matches => return self.pattern(nodes, &last, all),
        };
        Typed {
            node,
            ty: gives,
            at: all,
        }
    }

    fn argument(&mut self, function: &Function, param: &str, shape: Shape, arg: Typed) -> Node {
        let arg = if matches!(shape, Shape::Any | Shape::Maybe(_)) {
            arg
        } else {
            self.certain(arg)
        };
        let arg = if shape == Shape::Window {
            self.window(arg)
        } else {
            Self::coerce(arg, &shape.into())
        };
        if shape.takes(&arg.ty) {
            return arg.node;
        }
        let words = arg.ty.words();
        let finding = Finding::new(
            "S0401",
            self.span(&arg.at),
            format!(
                "`{}` wants {} for `{param}`, and this is {words}",
                function.name,
                shape.words()
            ),
        )
        .label(format!("this is {words}"))
        .help(format!("write `{}`", function.signature()));
        self.wrong(arg.at, finding).node
    }

    /// A window that is a literal must be a duration or one of the words.
    fn window(&mut self, arg: Typed) -> Typed {
        let Some(text) = literal_text(&arg.node).cloned() else {
            return arg;
        };
        if functions::WINDOWS.contains(&&*text) {
            return arg;
        }
        if let Some(span) = Span::parse(&text) {
            return Typed::duration(span, arg.at);
        }
        let words = functions::WINDOWS.join(", ");
        let finding = Finding::new(
            "S0401",
            self.span(&arg.at),
            format!("`{text}` is no window of time"),
        )
        .help(format!(
            "write a duration such as `\"7d\"`, or one of {words}"
        ));
        self.wrong(arg.at, finding)
    }

    /// Problems of literal arguments that can be seen at load.
    fn literal_problem(
        &self,
        function: &Function,
        nodes: &[Node],
        at: &Range<usize>,
    ) -> Option<Finding> {
        let [_, Node::Constant(Value::Text(pattern))] = nodes else {
            return None;
        };
        if function.callee == Callee::Pure(Pure::FormatDate) {
            let problem = functions::date_pattern_problem(pattern)?;
            let message = format!("`{pattern}` is no pattern for dates: {problem}");
            return Some(Finding::new("S0406", self.span(at), message));
        }
        None
    }

    fn pattern(&mut self, nodes: Vec<Node>, at: &Range<usize>, all: Range<usize>) -> Typed {
        let mut nodes = nodes.into_iter();
        let (Some(text), Some(pattern)) = (nodes.next(), nodes.next()) else {
            return self.not_here(Position::NONE);
        };
        let Node::Constant(Value::Text(pattern)) = pattern else {
            let finding = Finding::new("S0406", self.span(at), "a pattern must be written out")
                .note("it is compiled once, when the file loads")
                .help("write it as text: `matches(event.text, \"\\\\d+\")`");
            return self.wrong(all, finding);
        };
        match functions::regex(&pattern) {
            Ok(regex) => Typed {
                node: Node::Matches(Box::new(text), Box::new(regex)),
                ty: Type::Bool,
                at: all,
            },
            Err(problem) => {
                let finding = Finding::new("S0406", self.span(at), problem);
                self.wrong(all, finding)
            }
        }
    }

    fn script_call(&mut self, call: &FnCallExpr, at: Range<usize>) -> Typed {
        let module = call.namespace.to_string();
        let name = call.name.as_str();
        let start = self.token(call.namespace.position()).start.min(at.start);
        let all = start..self.parsed.closing(at.end) + 1;
        let args: Vec<Node> = call.args.iter().map(|arg| self.expr(arg).node).collect();
        let Some(functions) = self.names.script(&module) else {
            let place = start..start + 1;
            let finding = Finding::new(
                "S0305",
                self.span(&place),
                format!("unknown script `{module}`"),
            )
            .label("not under `scripts:`")
            .did_you_mean(&module, self.names.scripts());
            return self.wrong(all, finding);
        };
        let mut arities = functions.iter().filter(|(known, _)| **known == *name);
        let Some((_, arity)) = arities.next() else {
            let known = functions.iter().map(|(name, _)| &**name);
            let finding = Finding::new(
                "S0305",
                self.span(&at),
                format!("script `{module}` has no function `{name}`"),
            )
            .did_you_mean(name, known);
            return self.wrong(all, finding);
        };
        let arity = *arity;
        if arity != args.len() && arities.all(|(_, arity)| *arity != args.len()) {
            let full = format!("{module}::{name}");
            let finding = wrong_count(self.span(&at), &full, arity, arity, args.len());
            return self.wrong(all, finding);
        }
        let call = ScriptCall {
            module: Text::from(module),
            function: name.into(),
            args,
        };
        Typed {
            node: Node::Script(Box::new(call)),
            ty: Type::Any,
            at: all,
        }
    }
}

/// A call with too many or too few arguments.
pub(crate) fn wrong_count(
    span: Range<usize>,
    name: &str,
    least: usize,
    most: usize,
    given: usize,
) -> Finding {
    let wants = if least == most {
        match most {
            0 => "no arguments".to_owned(),
            1 => "1 argument".to_owned(),
            _ => format!("{most} arguments"),
        }
    } else {
        format!("{least} to {most} arguments")
    };
    let message =
        format!("`{name}` takes {wants}, and {given} are given").replace("and 1 are", "and 1 is");
    Finding::new("S0405", span, message)
}

fn gives(function: &Function, args: &[Typed]) -> Type {
    let first = args
        .first()
        .map_or(Type::Any, |arg| arg.ty.certain().clone());
    let item = |ty: &Type| {
        if let Type::List(item) = ty {
            (**item).clone()
        } else {
            Type::Any
        }
    };
    match (function.gives, function.callee) {
        (Shape::Same, _) => first,
        (Shape::Item, Callee::Pure(Pure::First | Pure::Last)) if args.len() > 1 => first,
        (Shape::Item, Callee::Pure(Pure::First | Pure::Last)) => item(&first).maybe(),
        (Shape::Item, _) => item(&first),
        (shape, _) => shape.into(),
    }
}
