//! Chains: `member.name`, `group.active_members("7d")`, `checkins.of(member).best`, `list[0]`.

use super::{Lower, Typed, literal_text};
use crate::script::expr::{DataPart, DataRead, Node};
use crate::script::finding::Finding;
use crate::script::names::{DataKind, Declared, Entry};
use crate::script::schema::{Function, GroupField, MemberField, Method, Root};
use crate::script::types::{Fields, Type};
use rhai::{ASTFlags, Expr as Tree, FnCallExpr, Position};
use std::ops::Range;

/// One link after the first part of a chain.
enum Link<'t> {
    Property(&'t str, Position, bool),
    Method(&'t FnCallExpr, Position, bool),
    Index(&'t Tree, Position, bool),
    Odd(Position),
}

impl Lower<'_> {
    pub(super) fn chain(&mut self, tree: &Tree) -> Typed {
        let (base, links) = links(tree);
        let mut rest = links.as_slice();
        let mut subject = match (base, rest) {
            (Tree::Variable(name, _, at), [first, more @ ..]) if name.2.is_empty() => {
                match self.names.get(&name.1) {
                    Some(Entry::Root(root, fields)) => {
                        rest = more;
                        self.root_field(*root, fields, &name.1, *at, first)
                    }
                    Some(Entry::Data(data)) => {
                        let (typed, used) = self.data(&name.1, data, *at, first);
                        rest = if used { more } else { rest };
                        typed
                    }
                    Some(Entry::Value(_)) | None => self.expr(base),
                }
            }
            (base, _) => self.expr(base),
        };
        for link in rest {
            subject = self.step(subject, link);
        }
        subject
    }

    fn root_field(
        &mut self,
        root: Root,
        fields: &Fields,
        root_name: &str,
        at: Position,
        link: &Link<'_>,
    ) -> Typed {
        let start = self.token(at).start;
        let Link::Property(name, position, _) = link else {
            let whole = Typed {
                node: Node::Whole(root),
                ty: Type::Record(fields.clone()),
                at: start..start + 1,
            };
            return self.step(whole, link);
        };
        let place = self.token(*position);
        let all = start..place.end;
        let Some(ty) = fields.get(*name) else {
            let known: Vec<&str> = fields.keys().map(|name| &**name).collect();
            let finding = self.no_property(&place, &format!("`{root_name}`"), name, &known);
            return self.wrong(all, finding);
        };
        Typed {
            node: Node::RootField(root, (*name).into()),
            ty: ty.clone(),
            at: all,
        }
    }

    fn no_property(&self, at: &Range<usize>, of: &str, name: &str, known: &[&str]) -> Finding {
        let finding = Finding::new("S0302", self.span(at), format!("{of} has no `{name}`"))
            .label("not known here");
        let finding = if known.is_empty() {
            finding
        } else {
            finding.note(format!("it has: {}", known.join(", ")))
        };
        finding.did_you_mean(name, known.iter().copied())
    }

    fn step(&mut self, subject: Typed, link: &Link<'_>) -> Typed {
        let (optional, reach) = match link {
            Link::Property(_, at, optional) => (*optional, self.token(*at).end),
            Link::Method(_, at, optional) => {
                (*optional, self.parsed.closing(self.token(*at).end) + 1)
            }
            Link::Index(_, at, optional) => {
                (*optional, self.parsed.closing(self.token(*at).start) + 1)
            }
            Link::Odd(at) => return self.not_here(*at),
        };
        let maybe = subject.ty.is_maybe();
        let subject = if maybe && !optional {
            self.certain(subject)
        } else {
            subject
        };
        let start = subject.at.start;
        let subject = Typed {
            ty: subject.ty.certain().clone(),
            ..subject
        };
        let mut typed = match link {
            Link::Property(name, at, _) => {
                let place = self.token(*at);
                self.property(subject, name, place)
            }
            Link::Method(call, at, _) => {
                let place = self.token(*at);
                self.method(subject, call, place)
            }
            Link::Index(index, _, _) => self.index(subject, index),
            Link::Odd(at) => self.not_here(*at),
        };
        typed.at = start..reach.max(start + 1);
        if maybe {
            typed.ty = typed.ty.maybe();
        }
        typed
    }

    fn property(&mut self, subject: Typed, name: &str, place: Range<usize>) -> Typed {
        let at = subject.at.start..place.end;
        let source = format!("`{}`", self.source(&subject.at));
        let of = Box::new(subject.node);
        let (node, ty) = match &subject.ty {
            Type::Member => match MemberField::find(name) {
                Some(field) => (Node::Member(of, field), field.field().shape.into()),
                None => {
                    return self.unknown_field(
                        at,
                        &place,
                        "a member",
                        name,
                        MemberField::ALL.iter().map(|field| field.field().name),
                    );
                }
            },
            Type::Group => match GroupField::find(name) {
                Some(field) => (Node::Group(of, field), field.field().shape.into()),
                None => {
                    return self.unknown_field(
                        at,
                        &place,
                        "a group",
                        name,
                        GroupField::ALL.iter().map(|field| field.field().name),
                    );
                }
            },
            Type::Record(fields) => {
                let Some(ty) = fields.get(name) else {
                    let names = fields.keys().map(|name| &**name);
                    return self.unknown_field(at, &place, &source, name, names);
                };
                (Node::Field(of, name.into()), ty.clone())
            }
            Type::Any => (Node::Field(of, name.into()), Type::Any),
            Type::Nothing
            | Type::Bool
            | Type::Number
            | Type::Text
            | Type::Time
            | Type::Duration
            | Type::List(_)
            | Type::Maybe(_) => {
                let mut finding = self.no_property(&place, subject.ty.words(), name, &[]);
                if matches!(name, "count" | "length" | "len" | "size") {
                    finding = finding.help("write `len(…)`");
                }
                return self.wrong(at, finding);
            }
        };
        Typed { node, ty, at }
    }

    fn unknown_field<'n>(
        &mut self,
        at: Range<usize>,
        place: &Range<usize>,
        of: &str,
        name: &str,
        known: impl Iterator<Item = &'n str>,
    ) -> Typed {
        let known: Vec<&str> = known.collect();
        let finding = self.no_property(place, of, name, &known);
        self.wrong(at, finding)
    }

    fn method(&mut self, subject: Typed, call: &FnCallExpr, place: Range<usize>) -> Typed {
        let name = call.name.as_str();
        let all = subject.at.start..self.parsed.closing(place.end) + 1;
        let args: Vec<Typed> = call.args.iter().map(|arg| self.expr(arg)).collect();
        if let Some(method) = Method::find(&subject.ty, name) {
            let mut typed = self.apply(&method.function, args, place, all);
            if let Node::Ask(_, nodes) = &mut typed.node {
                nodes.insert(0, subject.node);
            }
            return typed;
        }
        match Function::find(name) {
            Some(function) => {
                let args = std::iter::once(subject).chain(args).collect();
                self.apply(function, args, place, all)
            }
            None => self.unknown_function(name, place),
        }
    }

    fn index(&mut self, subject: Typed, index: &Tree) -> Typed {
        let index = self.expr(index);
        let index = self.certain(index);
        let at = subject.at.start..index.at.end + 1;
        let (ty, wanted) = match &subject.ty {
            Type::List(item) => ((**item).clone().maybe(), Type::Number),
            Type::Record(fields) => {
                let known = literal_text(&index.node).and_then(|name| fields.get(name).cloned());
                (known.unwrap_or(Type::Any), Type::Text)
            }
            Type::Text => (Type::Text.maybe(), Type::Number),
            Type::Any => (Type::Any, Type::Any),
            Type::Nothing
            | Type::Bool
            | Type::Number
            | Type::Time
            | Type::Duration
            | Type::Member
            | Type::Group
            | Type::Maybe(_) => {
                let message = format!("{} has no items to choose from", subject.ty.words());
                let finding = Finding::new("S0401", self.span(&subject.at), message);
                return self.wrong(at, finding);
            }
        };
        if !index.ty.fits(&wanted) {
            let message = format!(
                "{wanted} is wanted between `[` and `]`, and this is {}",
                index.ty
            );
            let finding = Finding::new("S0401", self.span(&index.at), message);
            return self.wrong(at, finding);
        }
        let node = Node::Index(Box::new((subject.node, index.node)));
        Typed { node, ty, at }
    }

    /// Declared data and its first link; `false` when the link is about the value in scope.
    fn data(
        &mut self,
        name: &str,
        data: &Declared,
        at: Position,
        link: &Link<'_>,
    ) -> (Typed, bool) {
        let start = self.token(at).start;
        let (part, args, ty, end) = match link {
            Link::Property("rows", at, _) => {
                let end = self.token(*at).end;
                (DataPart::Rows, Vec::new(), Type::list(data.row()), end)
            }
            Link::Property("count", at, _) => {
                let end = self.token(*at).end;
                (DataPart::Count, Vec::new(), Type::Number, end)
            }
            Link::Method(call, at, _) => {
                let place = self.token(*at);
                let end = self.parsed.closing(place.end) + 1;
                match (call.name.as_str(), call.args.len()) {
                    ("of", 1 | 2) => {
                        let args = self.data_args(&call.args);
                        (DataPart::Of, args, data.value(), end)
                    }
                    ("marked_today", 0 | 1) if data.kind == DataKind::Streak => {
                        let args = self.data_args(&call.args);
                        (DataPart::MarkedToday, args, Type::Bool, end)
                    }
                    _ => return (Self::value_in_scope(name, data, start), false),
                }
            }
            Link::Index(index, at, _) => {
                let value = data.value();
                // The value in scope is a list itself: `x[0]` is its first item.
                if matches!(value, Type::List(_))
                    && !data.per.contains(&crate::script::names::Per::Key)
                {
                    return (Self::value_in_scope(name, data, start), false);
                }
                let end = self.parsed.closing(self.token(*at).start) + 1;
                let index = self.expr(index);
                let args = vec![self.certain(index).node];
                (DataPart::Key, args, value, end)
            }
            Link::Property(..) | Link::Odd(_) => {
                return (Self::value_in_scope(name, data, start), false);
            }
        };
        let read = DataRead {
            name: name.into(),
            part,
            args,
        };
        let node = Node::Data(Box::new(read));
        let at = start..end;
        (Typed { node, ty, at }, true)
    }

    fn data_args(&mut self, args: &[Tree]) -> Vec<Node> {
        args.iter()
            .map(|arg| {
                let arg = self.expr(arg);
                self.certain(arg).node
            })
            .collect()
    }

    fn value_in_scope(name: &str, data: &Declared, start: usize) -> Typed {
        let (node, ty) = in_scope(name, data);
        let at = start..start + 1;
        Typed { node, ty, at }
    }
}

/// Declared data by its bare name: the value of whom the run is about.
pub(super) fn in_scope(name: &str, data: &Declared) -> (Node, Type) {
    let read = DataRead {
        name: name.into(),
        part: DataPart::Scope,
        args: Vec::new(),
    };
    (Node::Data(Box::new(read)), data.value())
}

/// The first part of a chain and its links. Rhai nests them to the right: `a.b.c` is `a.(b.c)`,
/// and a flag tells where a chain inside brackets ends.
fn links(tree: &Tree) -> (&Tree, Vec<Link<'_>>) {
    let mut links = Vec::new();
    let Some((parts, flags, at, indexes)) = pair(tree) else {
        return (tree, links);
    };
    let base = &parts.lhs;
    let (mut rest, mut flags, mut at, mut indexes) = (&parts.rhs, flags, at, indexes);
    loop {
        let more = if flags.contains(ASTFlags::BREAK) {
            None
        } else {
            pair(rest)
        };
        let optional = flags.contains(ASTFlags::NEGATED);
        let Some((parts, next_flags, next_at, next_indexes)) = more else {
            links.push(link(rest, at, indexes, optional));
            return (base, links);
        };
        links.push(link(&parts.lhs, at, indexes, optional));
        (rest, flags, at, indexes) = (&parts.rhs, next_flags, next_at, next_indexes);
    }
}

fn pair(tree: &Tree) -> Option<(&rhai::BinaryExpr, ASTFlags, Position, bool)> {
    if let Tree::Dot(parts, flags, at) = tree {
        Some((parts, *flags, *at, false))
    } else if let Tree::Index(parts, flags, at) = tree {
        Some((parts, *flags, *at, true))
    } else {
        None
    }
}

fn link(tree: &Tree, at: Position, indexes: bool, optional: bool) -> Link<'_> {
    if indexes {
        return Link::Index(tree, at, optional);
    }
    if let Tree::Property(property, at) = tree {
        Link::Property(&property.2, *at, optional)
    } else if let Tree::MethodCall(call, at) = tree {
        Link::Method(call, *at, optional)
    } else {
        Link::Odd(tree.start_position())
    }
}
