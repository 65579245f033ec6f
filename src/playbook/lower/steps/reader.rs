//! Reading the fields of one step by their kinds in the grammar.

use super::super::context::{Lowering, Reference};
use super::super::value::Want;
use super::lower_block;
use crate::model::{Span, Text, Value};
use crate::playbook::codes::Code;
use crate::playbook::diagnostic::Diagnostic;
use crate::playbook::grammar::{self, Form, Kind};
use crate::playbook::rule::{self, About, Otherwise, Trigger};
use crate::playbook::scalars::time_of_day;
use crate::playbook::shape::{Field, Fields, Report};
use crate::playbook::yaml::NodeKind;
use crate::script::{Expr, Template, Type};

/// One step while it is read. Whatever was wrong clears `good`.
pub(super) struct Reader<'r, 'a, 'n> {
    pub(super) lowering: &'r mut Lowering<'a>,
    pub(super) step: &'static grammar::Step,
    /// The value under the step's name.
    pub(super) name: Field<'n>,
    /// The whole mapping, with the keys beside the name.
    pub(super) beside: Fields<'n>,
    pub(super) path: &'n str,
    pub(super) good: bool,
    /// The type of the result, where it depends on what is written.
    pub(super) gives: Option<Type>,
    /// The keys that are read: those after the name, or those of a map in it.
    fields: Option<Fields<'n>>,
    kinds: &'static [grammar::Field],
}

impl<'r, 'a, 'n> Reader<'r, 'a, 'n> {
    pub(super) fn new(
        lowering: &'r mut Lowering<'a>,
        step: &'static grammar::Step,
        name: Field<'n>,
        beside: Fields<'n>,
        path: &'n str,
    ) -> Self {
        let fields = name.node.entries().map(|entries| Fields {
            spot: name.key.map_or(name.node.spot, |key| key.spot),
            entries,
        });
        Self {
            lowering,
            step,
            name,
            beside,
            path,
            good: true,
            gives: None,
            fields,
            kinds: step.fields,
        }
    }

    /// A reader of a map within the step, by its own kinds.
    pub(super) fn inside<T>(
        &mut self,
        field: &Field<'n>,
        kinds: &'static [grammar::Field],
        f: impl FnOnce(&mut Self) -> T,
    ) -> Option<T> {
        let wanted = Kind::Map(kinds).words();
        let Some(fields) = self.lowering.report.map(*field, &wanted) else {
            self.good = false;
            return None;
        };
        self.lowering
            .report
            .known(fields, &grammar::names(kinds), &[]);
        for wanted in kinds.iter().filter(|field| field.required) {
            if self.lowering.report.need(fields, wanted.name, "").is_none() {
                self.good = false;
            }
        }
        let outer = (self.fields.replace(fields), self.kinds);
        self.kinds = kinds;
        let answer = f(self);
        (self.fields, self.kinds) = outer;
        Some(answer)
    }

    /// Tells a problem.
    pub(super) fn wrong(&mut self, problem: Diagnostic) {
        self.lowering.report.push(problem);
        self.good = false;
    }

    /// What was read, or a note that it was wrong.
    fn sure<T>(&mut self, found: Option<T>) -> Option<T> {
        self.good &= found.is_some();
        found
    }

    /// The field of that name, if it is there: after the step's name, in short form, or beside.
    pub(super) fn get(&self, name: &str) -> Option<Field<'n>> {
        let inner = self.fields.and_then(|fields| fields.get(name));
        let short = self.fields.is_none()
            && self.name.node.kind != NodeKind::Empty
            && self.step.form == Form::Fields(grammar::field(self.kinds, name).map(|f| f.name));
        inner.or(if short { Some(self.name) } else { None })
    }

    /// A key beside the name, unless it stands inside as well.
    pub(super) fn get_beside(&mut self, name: &str) -> Option<Field<'n>> {
        let inner = self.get(name);
        let beside = self.beside.get(name);
        if let (Some(inner), Some(beside)) = (inner, beside) {
            let spot = |field: &Field<'_>| field.key.map_or(field.spot(), |key| key.spot);
            let problem = Diagnostic::error(
                Code::KeysTogether,
                spot(&beside),
                format!("`{name}` stands twice in this step"),
            );
            self.wrong(
                problem
                    .label("once more")
                    .other(spot(&inner), "here already"),
            );
        }
        inner.or(beside)
    }

    /// A value by its kind in the grammar.
    pub(super) fn value(&mut self, name: &str) -> Option<rule::Field> {
        let field = self.get(name)?;
        let kind = grammar::field(self.kinds, name).map_or(Kind::Any, |field| field.kind);
        self.read(&field, kind)
    }

    /// A value that must be there; the checker has told when it is not.
    pub(super) fn need(&mut self, name: &str) -> Option<rule::Field> {
        let value = self.value(name);
        self.sure(value)
    }

    /// A text that is empty when it is not there.
    pub(super) fn reason(&mut self) -> rule::Field {
        let written = self.value("reason");
        written.unwrap_or_else(|| rule::Field::Text(Template::plain("")))
    }

    /// A value of that kind.
    pub(super) fn read(&mut self, field: &Field<'n>, kind: Kind) -> Option<rule::Field> {
        let found = match kind {
            Kind::Text | Kind::Note => self.lowering.text(field),
            Kind::Number | Kind::Count | Kind::Points => self.lowering.value(field, Want::Number),
            Kind::YesNo => self.lowering.value(field, Want::Bool),
            Kind::Duration | Kind::DurationOrForever | Kind::SpanOr(_) => self.duration(field),
            Kind::Time => self.time(field),
            Kind::Member | Kind::MemberOr(_) => self.lowering.value(field, Want::Member),
            Kind::Group | Kind::GroupOrCreate => self.lowering.value(field, Want::Group),
            Kind::Message => self.message(field),
            Kind::Label => self.lowering.value(field, Want::Label),
            Kind::Targets => self.lowering.value(field, Want::Target),
            Kind::Any
            | Kind::Key
            | Kind::Id
            | Kind::Name
            | Kind::Words
            | Kind::Rate
            | Kind::Condition
            | Kind::Expr
            | Kind::OneOf(_)
            | Kind::StepsOr(_)
            | Kind::Steps
            | Kind::Triggers
            | Kind::Names
            | Kind::Map(_)
            | Kind::Many(_) => self.lowering.value(field, Want::Any),
        };
        self.sure(found)
    }

    /// A duration; what begins like one and is none is told as such.
    fn duration(&mut self, field: &Field<'n>) -> Option<rule::Field> {
        let number = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
        let slip = field.as_text().is_some_and(|text| {
            number(text) && Span::parse(text).is_none() && !text.contains(['*', '+', '/'])
        });
        if slip {
            return self
                .lowering
                .report
                .duration(*field)
                .map(|span| rule::Field::Is(Value::Span(span)));
        }
        self.lowering.value(field, Want::Span)
    }

    /// An instant, or a time of day as a span after midnight.
    fn time(&mut self, field: &Field<'n>) -> Option<rule::Field> {
        let text = field.as_text().unwrap_or_default();
        let signs = text.chars().filter(|c| !c.is_ascii_digit()).count();
        let digits = text.chars().filter(char::is_ascii_digit).count();
        let clock = text.starts_with(|c: char| c.is_ascii_digit())
            && signs == 1
            && (3..=4).contains(&digits);
        if clock || time_of_day(text).is_some() {
            let at_ms = self.lowering.report.time_of_day(*field)?;
            return Some(rule::Field::Is(Value::Span(Span::exact(at_ms))));
        }
        self.lowering.value(field, Want::Time)
    }

    /// A message: its id, or the result of the step that sent it.
    fn message(&mut self, field: &Field<'n>) -> Option<rule::Field> {
        let expr = self.lowering.expr(field, &Type::Any)?;
        let sent = match expr.ty() {
            Type::Any | Type::Text => true,
            Type::Record(fields) => fields.contains_key("message"),
            Type::Maybe(_)
            | Type::Nothing
            | Type::Bool
            | Type::Number
            | Type::Time
            | Type::Duration
            | Type::Member
            | Type::Group
            | Type::List(_) => false,
        };
        if sent {
            return Some(rule::Field::Expr(expr));
        }
        let problem = if expr.ty().is_maybe() {
            Diagnostic::error(
                Code::PossiblyEmpty,
                field.spot(),
                format!("{} may be empty", field.name()),
            )
            .label(format!("this is {}", expr.ty()))
            .help("say with `??` what holds when it is empty")
        } else {
            let message = format!("{} takes a message", field.name());
            Diagnostic::error(Code::WrongType, field.spot(), message)
                .label(format!("this is {}", expr.ty()))
                .help("name the result of the step that sent it, or `event.message`")
        };
        self.lowering.report.push(problem);
        None
    }

    /// One value or a list of them.
    pub(super) fn many(&mut self, name: &str) -> Vec<rule::Field> {
        let Some(field) = self.get(name) else {
            return Vec::new();
        };
        let kind = match grammar::field(self.kinds, name).map(|field| field.kind) {
            Some(Kind::Many(kind)) => *kind,
            Some(kind) => kind,
            None => Kind::Any,
        };
        let wanted = Kind::Many(&Kind::Any).words();
        let items = self.lowering.report.one_or_more(field, &wanted);
        self.good &= !items.is_empty() || field.node.items().is_some();
        items
            .iter()
            .filter_map(|item| self.read(item, kind))
            .collect()
    }

    /// Reads what must be known at load where it is written, also when the scalar is nothing but an
    /// input or a var. An input without a value (in a template that is only checked) reads as absent.
    fn literal<T>(
        &mut self,
        field: Field<'n>,
        read: impl FnOnce(&mut Report<'a>, Field<'_>) -> Option<T>,
    ) -> Option<T> {
        let lowering = &mut *self.lowering;
        let reference = field.as_text().and_then(|text| lowering.reference(text));
        let report = &mut lowering.report;
        let found = match reference {
            Some(Reference::Input(input)) => {
                let node = input.node;
                read(report, Field { node, ..field })
            }
            Some(Reference::Var(node)) => read(report, Field { node, ..field }),
            None => read(report, field),
        };
        self.sure(found)
    }

    /// Yes or no, known at load.
    pub(super) fn flag(&mut self, name: &str) -> bool {
        match self.value(name) {
            Some(rule::Field::Is(Value::Bool(flag))) => flag,
            Some(_) => {
                self.not_known(name);
                false
            }
            None => false,
        }
    }

    /// A duration known at load.
    pub(super) fn span(&mut self, name: &str) -> Option<Span> {
        match self.value(name)? {
            rule::Field::Is(Value::Span(span)) => Some(span),
            rule::Field::Is(_)
            | rule::Field::Expr(_)
            | rule::Field::Text(_)
            | rule::Field::Lines(_)
            | rule::Field::List(_)
            | rule::Field::Record(_) => {
                self.not_known(name);
                None
            }
        }
    }

    fn not_known(&mut self, name: &str) {
        let spot = self
            .get(name)
            .map_or(self.name.spot(), |field| field.spot());
        let message = format!("`{name}` must be known when the file is loaded");
        let problem = Diagnostic::error(Code::WrongType, spot, message);
        self.wrong(problem.label("write it out, or name an input"));
    }

    /// A rate known at load.
    pub(super) fn rate(&mut self, field: Field<'n>) -> Option<rule::Rate> {
        self.literal(field, Report::rate)
    }

    /// The words that a field takes.
    fn choices(&self, name: &str) -> &'static [&'static str] {
        match grammar::field(self.kinds, name).map(|field| field.kind) {
            Some(Kind::OneOf(words) | Kind::Many(&Kind::OneOf(words))) => words,
            Some(_) | None => &[],
        }
    }

    /// One of the words of the grammar.
    pub(super) fn word(&mut self, name: &str) -> Option<&'static str> {
        let field = self.get(name)?;
        let words = self.choices(name);
        let found = self.lowering.report.choice(field, words);
        self.sure(found)
    }

    /// Words of the grammar, one or a list of them.
    pub(super) fn each_word(&mut self, name: &str) -> impl Iterator<Item = &'static str> + use<> {
        let words = self.choices(name);
        let mut found = Vec::new();
        if let Some(field) = self.get(name) {
            let wanted = Kind::OneOf(words).words();
            for item in self.lowering.report.one_or_more(field, &wanted) {
                let word = self.lowering.report.choice(item, words);
                found.extend(self.sure(word));
            }
        }
        found.into_iter()
    }

    /// Literal words, also from a file.
    pub(super) fn words(&mut self, field: &Field<'n>) -> Vec<Text> {
        let words = self.lowering.words(field);
        if words.is_empty() && field.node.items().is_some_and(<[_]>::is_empty) {
            let message = format!("{} holds no word", field.name());
            let problem = Diagnostic::error(Code::WrongShape, field.spot(), message);
            self.wrong(problem.label("an empty list"));
        }
        words
    }

    /// An id as it stands.
    pub(super) fn id(&mut self, name: &str) -> Option<Text> {
        let field = self.get(name)?;
        self.literal(field, Report::id)
    }

    /// An expression of that type.
    pub(super) fn expr(&mut self, field: &Field<'n>, wanted: &Type) -> Option<Expr> {
        let found = self.lowering.expr(field, wanted);
        self.sure(found)
    }

    /// A text with holes that serves as a key.
    pub(super) fn key(&mut self, name: &str) -> Option<Template> {
        let field = self.get(name)?;
        let found = self.lowering.template(&field);
        self.sure(found)
    }

    /// Triggers.
    pub(super) fn triggers(&mut self, field: &Field<'n>) -> Vec<Trigger> {
        let problems = self.lowering.report.problems.len();
        let found = self.lowering.triggers(field);
        self.good &= self.lowering.report.problems.len() == problems || !found.is_empty();
        found
    }

    /// The map after the name.
    pub(super) fn map(&mut self, wanted: &str) -> Option<Fields<'n>> {
        let found = self.lowering.report.map(self.name, wanted);
        self.sure(found)
    }

    /// From now on the keys beside the name are read.
    pub(super) fn read_beside(&mut self) {
        self.fields = Some(self.beside);
        self.kinds = self.step.beside;
    }

    /// A condition as one expression.
    pub(super) fn condition(&mut self, name: &str) -> Option<Expr> {
        let field = self.get(name)?;
        let all = Expr::all(self.lowering.condition(&field));
        self.sure(all)
    }

    /// `member` and `group`.
    pub(super) fn about(&mut self) -> About {
        About {
            member: self.value("member"),
            group: self.value("group"),
        }
    }

    /// `stop`, `continue` or steps.
    pub(super) fn otherwise(&mut self, name: &str) -> Otherwise {
        let Some(field) = self.get(name) else {
            return Otherwise::Stop;
        };
        let path = format!("{}/{name}", self.path);
        match stop_or_steps(self.lowering, &field, &path) {
            Some(Way::Stop) => Otherwise::Stop,
            Some(Way::Continue) => Otherwise::Continue,
            Some(Way::Do(block)) => Otherwise::Do(block),
            None => {
                self.good = false;
                Otherwise::Stop
            }
        }
    }
}

/// The value of a key in a map.
pub(super) fn entry<'n>(map: &Field<'n>, name: &str) -> Option<Field<'n>> {
    let entries = map.node.entries()?;
    let (key, node) = entries.iter().find(|(key, _)| &*key.text == name)?;
    Some(Field {
        key: Some(key),
        node,
    })
}

/// How a run goes on after something went wrong.
pub(super) enum Way {
    Stop,
    Continue,
    Do(u32),
}

/// `stop`, `continue` or a list of steps.
pub(super) fn stop_or_steps(
    lowering: &mut Lowering<'_>,
    field: &Field<'_>,
    path: &str,
) -> Option<Way> {
    if matches!(field.node.kind, NodeKind::List(_)) {
        let block = lowering.perhaps(|lowering| {
            let block = lower_block(lowering, field, path);
            (block, Some(block))
        });
        return Some(Way::Do(block));
    }
    if field.as_text().is_none() {
        let words = Kind::StepsOr(&["stop", "continue"]).words();
        lowering.report.wrong_shape(*field, &words);
        return None;
    }
    match lowering.report.choice(*field, &["stop", "continue"])? {
        "continue" => Some(Way::Continue),
        _ => Some(Way::Stop),
    }
}
