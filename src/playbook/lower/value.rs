//! Fields that want something else than text: a literal, an expression, or an id.

use super::context::{Input, Lowering, Reference, nearest};
use super::text::is_reference;
use crate::model::{Span, Text, Value, time};
use crate::playbook::codes::Code;
use crate::playbook::diagnostic::Diagnostic;
use crate::playbook::grammar;
use crate::playbook::rule;
use crate::playbook::scalars::yes_or_no;
use crate::playbook::shape::Field;
use crate::playbook::yaml::{Node, NodeKind, Scalar, Style};
use crate::script::{Expr, Type, compile};
use jiff::tz::TimeZone;

/// What a field wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// Whatever is written: numbers, yes and no and durations as themselves, lists and maps of
    /// values, text with `${…}`, else an expression.
    Any,
    Number,
    Bool,
    Span,
    Time,
    Group,
    Member,
    /// Groups or members.
    Target,
    /// A label or another short text: text with `${…}`.
    Label,
    /// A list, by an expression or written out.
    List,
}

impl Want {
    /// After "takes".
    const fn words(self) -> &'static str {
        match self {
            Self::Any => "a value",
            Self::Number => "a number",
            Self::Bool => "yes or no",
            Self::Span => "a duration such as `30s` or `14d`",
            Self::Time => "a time such as `2026-03-20 09:00`",
            Self::Group => "a group",
            Self::Member => "a member",
            Self::Target => "groups or members",
            Self::Label => "text",
            Self::List => "a list",
        }
    }

    /// Whether an expression of that type is right here.
    fn takes(self, ty: &Type) -> bool {
        if *ty == Type::Any {
            return true;
        }
        match self {
            Self::Any => true,
            Self::Number => *ty == Type::Number,
            Self::Bool => *ty == Type::Bool,
            Self::Span => *ty == Type::Duration,
            Self::Time => *ty == Type::Time,
            // Ids are text.
            Self::Group => matches!(ty, Type::Group | Type::Text) || is_opened(ty),
            Self::Member => matches!(ty, Type::Member | Type::Text),
            Self::Target => match ty {
                Type::List(item) => Self::Target.takes(item),
                Type::Member | Type::Group | Type::Text => true,
                Type::Record(_) => is_opened(ty),
                Type::Nothing
                | Type::Any
                | Type::Bool
                | Type::Number
                | Type::Time
                | Type::Duration
                | Type::Maybe(_) => false,
            },
            Self::Label => *ty == Type::Text,
            Self::List => matches!(ty, Type::List(_)),
        }
    }

    /// The type an expression is compiled for, where that is one.
    fn ty(self) -> Type {
        match self {
            Self::Number => Type::Number,
            Self::Bool => Type::Bool,
            Self::Span => Type::Duration,
            Self::Time => Type::Time,
            Self::Label => Type::Text,
            Self::List => Type::list(Type::Any),
            Self::Any | Self::Group | Self::Member | Self::Target => Type::Any,
        }
    }
}

impl Lowering<'_> {
    /// A field that wants something: its literal, an expression, or an id.
    pub(super) fn value(&mut self, field: &Field<'_>, wanted: Want) -> Option<rule::Field> {
        match &field.node.kind {
            NodeKind::Scalar(scalar) => self.scalar(field, scalar, wanted),
            NodeKind::List(items) if matches!(wanted, Want::Any | Want::List | Want::Target) => {
                let inner = if wanted == Want::List {
                    Want::Any
                } else {
                    wanted
                };
                let items = items
                    .iter()
                    .map(|item| self.value(&Field::item(item), inner));
                let items: Option<Vec<rule::Field>> = items.collect();
                items.map(rule::Field::List)
            }
            NodeKind::Map(entries) if wanted == Want::Any => {
                let fields = entries.iter().map(|(key, node)| {
                    let field = Field {
                        key: Some(key),
                        node,
                    };
                    Some((key.text.clone(), self.value(&field, Want::Any)?))
                });
                let fields: Option<Vec<(Text, rule::Field)>> = fields.collect();
                fields.map(rule::Field::Record)
            }
            NodeKind::List(_) | NodeKind::Map(_) | NodeKind::Empty | NodeKind::Broken => {
                self.report.wrong_shape(*field, wanted.words());
                None
            }
        }
    }

    fn scalar(&mut self, field: &Field<'_>, scalar: &Scalar, wanted: Want) -> Option<rule::Field> {
        match self.reference(&scalar.text) {
            Some(Reference::Input(input)) => return self.input(field, &input, wanted),
            // A var means what its text would mean here.
            Some(Reference::Var(node)) => {
                return self.value(&Field { node, ..*field }, wanted);
            }
            None => {}
        }
        if let Some(value) = self.literal(&scalar.text, wanted) {
            return Some(rule::Field::Is(value));
        }
        match wanted {
            Want::Label => self.template(field).map(rule::Field::Text),
            Want::Group | Want::Target => self.group(field, &scalar.text, wanted),
            Want::Any => self.anything(field, scalar),
            Want::Number | Want::Bool | Want::Span | Want::Time | Want::Member | Want::List => {
                self.typed(field, wanted).map(rule::Field::Expr)
            }
        }
    }

    /// The literal of that want that a scalar spells.
    fn literal(&self, text: &str, wanted: Want) -> Option<Value> {
        match wanted {
            Want::Number => number(text),
            Want::Bool => yes_or_no(text).map(Value::Bool),
            Want::Span => Span::parse(text).map(Value::Span),
            Want::Time => date(text, self.instance.zone.as_ref()),
            Want::Any | Want::Group | Want::Member | Want::Target | Want::Label | Want::List => {
                None
            }
        }
    }

    /// An input where it stands alone is its value: inputs are constants.
    fn input(&mut self, field: &Field<'_>, input: &Input<'_>, wanted: Want) -> Option<rule::Field> {
        let ty = input.kind.ty();
        if wanted.takes(&ty) {
            return Some(rule::Field::Is(input.value.clone()));
        }
        let message = format!("{} takes {}", field.name(), wanted.words());
        let problem = Diagnostic::error(Code::WrongType, field.spot(), message)
            .label(format!("this input is {ty}"));
        self.report.push(problem);
        None
    }

    /// A name, an expression, or the id of a group.
    fn group(&mut self, field: &Field<'_>, text: &str, wanted: Want) -> Option<rule::Field> {
        let named = self.names.get(text).is_some();
        if self.around.is_group(text) {
            if named {
                let message = format!("`{text}` is a group and a name in scope");
                let problem = Diagnostic::error(Code::NameCollision, field.spot(), message)
                    .label("could mean either")
                    .help("give the result, input or loop another name");
                self.report.push(problem);
                return None;
            }
            return self
                .own_group(field.spot(), text)
                .then(|| rule::Field::Is(Value::text(text)));
        }
        let id = is_word(text) || text.contains('/') && !text.contains([' ', '(']);
        if named || !id {
            return self.typed(field, wanted).map(rule::Field::Expr);
        }
        if self.around.directories.is_empty() {
            return Some(rule::Field::Is(Value::text(text)));
        }
        let around = self.around;
        let known = around.group_ids().chain(self.names.iter());
        let problem = Diagnostic::error(
            Code::UnknownGroup,
            field.spot(),
            format!("unknown group `{text}`"),
        )
        .label("no group in steward.yaml has this id");
        let problem = problem.did_you_mean(nearest(text, known));
        self.report.push(problem);
        None
    }

    /// An expression whose type suits.
    fn typed(&mut self, field: &Field<'_>, wanted: Want) -> Option<Expr> {
        let expr = self.expr(field, &wanted.ty())?;
        if wanted.takes(expr.ty()) {
            return Some(expr);
        }
        let message = format!("{} takes {}", field.name(), wanted.words());
        let code = if expr.ty().is_maybe() && wanted.takes(expr.ty().certain()) {
            Code::PossiblyEmpty
        } else {
            Code::WrongType
        };
        let problem =
            Diagnostic::error(code, field.spot(), message).label(format!("this is {}", expr.ty()));
        self.report.push(if code == Code::PossiblyEmpty {
            problem.help("say with `??` what holds when it is empty")
        } else {
            problem
        });
        None
    }

    /// Whatever a scalar is. In quotes it may be text; without them it is an expression, so that
    /// a misspelt name is told.
    fn anything(&mut self, field: &Field<'_>, scalar: &Scalar) -> Option<rule::Field> {
        let text = &*scalar.text;
        if scalar.style == Style::Plain
            && let Some(value) = plain_literal(text)
        {
            return Some(rule::Field::Is(value));
        }
        if text.contains("${") {
            return self.template(field).map(rule::Field::Text);
        }
        let quoted = scalar.style != Style::Plain;
        if quoted && !is_reference(text) && self.is_text(text) {
            return Some(rule::Field::Is(Value::text(text)));
        }
        self.expr(field, &Type::Any).map(rule::Field::Expr)
    }

    /// True for quoted text that does not look like an expression about something known.
    fn is_text(&self, text: &str) -> bool {
        let (_, findings) = compile(text, &self.names);
        let first = text
            .split(|c: char| !(c.is_alphanumeric() || c == '_'))
            .find(|word| !word.is_empty());
        let known = first.is_some_and(|word| self.names.get(word).is_some());
        let names = known && text.contains(['.', '(', '[']);
        !names && !findings.is_empty()
    }

    /// Literal texts: a list, one text, `{ from: words/ads.txt }`, or an input or var of lists.
    pub(super) fn words(&mut self, field: &Field<'_>) -> Vec<Text> {
        if let Some(text) = field.as_text() {
            match self.reference(text) {
                Some(Reference::Var(node) | Reference::Input(Input { node, .. })) => {
                    return self.words(&Field { node, ..*field });
                }
                None => {}
            }
        }
        if let Some(entries) = field.node.entries()
            && entries.iter().any(|(key, _)| &*key.text == "from")
        {
            return self.word_file(field);
        }
        let mut words = Vec::new();
        for item in self.report.one_or_more(*field, "a text or a list of texts") {
            let nested = item.node.items().is_none()
                && item
                    .as_text()
                    .is_some_and(|text| self.reference(text).is_some());
            if nested && item.key.is_none() {
                words.extend(self.words(&item));
            } else if let Some(text) = self.report.text(item, "text") {
                words.push(text.into());
            }
        }
        words
    }

    /// A word list: one on each line; empty lines and lines that begin with `#` count for nothing.
    fn word_file(&mut self, field: &Field<'_>) -> Vec<Text> {
        let Some(map) = self.report.map(*field, "a list of texts") else {
            return Vec::new();
        };
        self.report.known(map, &["from"], &[]);
        let path = map.get("from");
        let Some(path) = path.and_then(|from| self.report.text(from, "a path")) else {
            return Vec::new();
        };
        let around = self.around;
        let Some(text) = around.words.get(path) else {
            let spot = map.get("from").map_or(map.spot, |from| from.spot());
            let known = around.words.keys().map(|path| &**path);
            let problem = Diagnostic::error(Code::UnknownWords, spot, format!("no file `{path}`"))
                .label("not beside the playbooks")
                .did_you_mean(nearest(path, known));
            self.report.push(problem);
            return Vec::new();
        };
        let lines = text.lines().map(str::trim);
        lines
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(Into::into)
            .collect()
    }
}

/// True for the group that a step opened: a group of which more is known.
fn is_opened(ty: &Type) -> bool {
    Type::from(grammar::OPENED) == *ty
}

/// The value of a plain node, for `vars` and defaults without a type.
pub(super) fn plain_value(node: &Node) -> Value {
    match &node.kind {
        NodeKind::Scalar(scalar) => {
            let literal = (scalar.style == Style::Plain)
                .then(|| plain_literal(&scalar.text))
                .flatten();
            literal.unwrap_or_else(|| Value::Text(scalar.text.clone()))
        }
        NodeKind::List(items) => Value::List(items.iter().map(plain_value).collect()),
        NodeKind::Map(entries) => {
            let fields = entries.iter();
            let fields = fields.map(|(key, node)| (key.text.clone(), plain_value(node)));
            Value::Record(fields.collect())
        }
        NodeKind::Empty | NodeKind::Broken => Value::Nothing,
    }
}

/// `2026-03-20 09:00` with a zone behind it or in this one, or an instant such as
/// `2026-03-20T09:00:00Z`.
pub(super) fn date(text: &str, zone: Option<&TimeZone>) -> Option<Value> {
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Some(Value::Time(instant.as_millisecond()));
    }
    let (zone, rest) = match text.rsplit_once(' ') {
        Some((rest, name)) if name.starts_with(char::is_alphabetic) => (time::zone(name)?, rest),
        Some(_) | None => (zone?.clone(), text),
    };
    let local: jiff::civil::DateTime = rest.parse().ok()?;
    let zoned = local.to_zoned(zone).ok()?;
    Some(Value::Time(zoned.timestamp().as_millisecond()))
}

/// What an unquoted scalar is where nothing says what it should be.
pub(super) fn plain_literal(text: &str) -> Option<Value> {
    match text {
        "true" => return Some(Value::Bool(true)),
        "false" => return Some(Value::Bool(false)),
        _ => {}
    }
    number(text).or_else(|| Span::parse(text).map(Value::Span))
}

/// `7`, `-3`, `0.5`. What has zeros in front is no number but a text (`007`).
pub(super) fn number(text: &str) -> Option<Value> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let padded = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    if !plain || padded || !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if let Ok(whole) = text.parse::<i64>() {
        return Some(Value::Int(whole));
    }
    let fraction: f64 = text.parse().ok()?;
    (digits.contains('.') && !digits.ends_with('.')).then_some(Value::Float(fraction))
}

/// One word that could be an id or a name.
fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}
