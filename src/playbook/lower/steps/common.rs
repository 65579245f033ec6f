//! Keys that every step takes beside its name, and which keys a step takes at all.

use super::super::context::Lowering;
use super::super::value::Want;
use super::reader::{Way, stop_or_steps};
use crate::model::{Text, Value};
use crate::playbook::codes::Code;
use crate::playbook::diagnostic::Diagnostic;
use crate::playbook::grammar::{self, Form};
use crate::playbook::rule::{self, OnError, Retry, State};
use crate::playbook::shape::{Field, Fields};
use crate::playbook::suggest::suggest;
use crate::script::{Template, Type};

/// Further attempts that a step may ask for: with a day between them, three months.
const RETRIES_MAX: i64 = 100;

/// What stands beside the name of any step.
#[derive(Debug, Default)]
pub(super) struct Common {
    pub(super) otherwise: Option<u32>,
    pub(super) retry: Option<Retry>,
    pub(super) on_error: OnError,
    pub(super) once: Option<Template>,
    pub(super) state: Option<State>,
}

impl Common {
    /// Reads them, but for `if`, `else` and `as`, which concern the names around.
    pub(super) fn read(lowering: &mut Lowering<'_>, beside: Fields<'_>, path: &str) -> Self {
        let state = beside.get("state").and_then(|field| {
            let word = lowering
                .report
                .choice(field, &["live", "shadow", "paused"])?;
            Some(match word {
                "live" => State::Live,
                "shadow" => State::Shadow,
                _ => State::Paused,
            })
        });
        if let Some(note) = beside.get("note") {
            lowering.report.text(note, "a plain text");
        }
        Self {
            otherwise: None,
            retry: beside
                .get("retry")
                .and_then(|field| retry(lowering, &field)),
            on_error: on_error(lowering, beside, path),
            once: beside
                .get("once")
                .and_then(|field| lowering.template(&field)),
            state,
        }
    }

    /// Whether what comes after the step can count on its result.
    pub(super) fn on_error_stops(&self) -> bool {
        self.on_error == OnError::Stop
    }
}

fn retry(lowering: &mut Lowering<'_>, field: &Field<'_>) -> Option<Retry> {
    let map = lowering
        .report
        .map(*field, "a map such as `{ times: 3, every: 10m }`")?;
    lowering
        .report
        .known(map, &grammar::names(grammar::RETRY), &[]);
    let times = lowering.report.need(map, "times", "");
    let every = lowering.report.need(map, "every", "");
    let times = times.and_then(|field| constant(lowering, &field, Want::Number));
    let every = every.and_then(|field| constant(lowering, &field, Want::Span));
    let (times, every) = (times?, every?);
    let count = times
        .as_int()
        .filter(|count| (1..=RETRIES_MAX).contains(count));
    let Some(count) = count else {
        let spot = map.get("times").map_or(map.spot, |field| field.spot());
        let problem = Diagnostic::error(Code::OutOfRange, spot, "`times` is out of range");
        lowering
            .report
            .push(problem.label(format!("a whole number from 1 to {RETRIES_MAX}")));
        return None;
    };
    Some(Retry {
        times: u32::try_from(count).unwrap_or(1),
        every: every.as_span().filter(|span| !span.is_zero())?,
    })
}

/// A value known at load.
fn constant(lowering: &mut Lowering<'_>, field: &Field<'_>, wanted: Want) -> Option<Value> {
    match lowering.value(field, wanted)? {
        rule::Field::Is(value) => Some(value),
        rule::Field::Expr(_)
        | rule::Field::Text(_)
        | rule::Field::Lines(_)
        | rule::Field::List(_)
        | rule::Field::Record(_) => {
            let message = format!("{} must be known when the file is loaded", field.name());
            let problem = Diagnostic::error(Code::WrongType, field.spot(), message);
            lowering
                .report
                .push(problem.label("write it out, or name an input"));
            None
        }
    }
}

fn on_error(lowering: &mut Lowering<'_>, beside: Fields<'_>, path: &str) -> OnError {
    let Some(field) = beside.get("on_error") else {
        return OnError::Stop;
    };
    let path = format!("{path}/on_error");
    let error = Type::record([("word", Type::Text), ("reason", Type::Text)]);
    let outer = lowering.names.get("error").cloned();
    lowering.add_name("error", error);
    let way = stop_or_steps(lowering, &field, &path);
    match outer {
        Some(entry) => lowering.names.insert("error", entry),
        None => lowering.names.remove("error"),
    }
    match way {
        Some(Way::Stop) | None => OnError::Stop,
        Some(Way::Continue) => OnError::Continue,
        Some(Way::Do(block)) => OnError::Do(block),
    }
}

/// The name under `as`.
pub(super) fn result(
    lowering: &mut Lowering<'_>,
    step: &grammar::Step,
    field: &Field<'_>,
) -> Option<Text> {
    if step.result.is_none() {
        let spot = field.key.map_or(field.spot(), |key| key.spot);
        let message = format!("`{}` has no result that `as` could name", step.name);
        let problem = Diagnostic::error(Code::UnknownKey, spot, message);
        lowering.report.push(problem.label("nothing to name"));
        return None;
    }
    let name = lowering.new_name(field)?;
    free_name(lowering, field.spot(), &name).then_some(name)
}

/// Whether a name is free for a result: what every rule knows keeps its meaning.
pub(super) fn free_name(
    lowering: &mut Lowering<'_>,
    spot: crate::playbook::source::Spot,
    name: &str,
) -> bool {
    use crate::script::Entry;
    let taken = match lowering.names.get(name) {
        Some(Entry::Root(..) | Entry::Data(_)) => true,
        Some(Entry::Value(_)) | None => matches!(name, "member" | "group" | "now"),
    };
    if taken {
        let message = format!("`{name}` has a meaning already");
        let problem = Diagnostic::error(Code::NameCollision, spot, message);
        lowering.report.push(problem.label("choose another name"));
    }
    !taken
}

/// Tells of an `else` that nothing leads to.
pub(super) fn else_without_if(lowering: &mut Lowering<'_>, field: &Field<'_>) {
    let spot = field.key.map_or(field.spot(), |key| key.spot);
    let problem = Diagnostic::error(Code::MissingKey, spot, "`else` without `if`");
    lowering
        .report
        .push(problem.label("nothing says when it holds"));
}

/// Tells of keys that a step does not take, and of those that are missing. False when what stands
/// after the name cannot be read.
pub(super) fn check_keys(
    lowering: &mut Lowering<'_>,
    step: &'static grammar::Step,
    name: &Field<'_>,
    beside: Fields<'_>,
) -> bool {
    let own = [step.name].into_iter();
    let around = grammar::names(step.beside).into_iter();
    let common = grammar::names(grammar::COMMON);
    let known: Vec<&str> = own.chain(around).chain(common).collect();
    for key in beside.iter().filter_map(|field| field.key) {
        let word = &*key.text;
        if known.contains(&word) || word.starts_with("x-") {
            continue;
        }
        lowering.report.push(stray(step, word, key.spot, &known));
    }
    for field in step.beside.iter().filter(|field| field.required) {
        lowering.report.need(beside, field.name, "");
    }
    match step.form {
        Form::Fields(short) => fields_of(lowering, step, name, short),
        Form::Value(_) | Form::Ways | Form::Names | Form::Data => true,
    }
}

/// A key beside the name that is none: perhaps it belongs below the name.
fn stray(
    step: &'static grammar::Step,
    word: &str,
    spot: crate::playbook::source::Spot,
    known: &[&str],
) -> Diagnostic {
    let problem = Diagnostic::error(Code::UnknownKey, spot, format!("unknown key `{word}`"));
    if grammar::LATER_STEPS.contains(&word) {
        return crate::playbook::shape::not_yet(spot, word);
    }
    if grammar::field(step.fields, word).is_some() {
        return problem
            .label(format!("a field of `{}`, not a key beside it", step.name))
            .help(format!(
                "write it below `{}`, further to the right",
                step.name
            ));
    }
    match suggest(word, known.iter().copied()) {
        Some(better) => problem.label("no such key here").did_you_mean(Some(better)),
        None => problem.label("no such key here").because(format!(
            "keys beside `{}`: {}",
            step.name,
            list(known)
        )),
    }
}

fn list(known: &[&str]) -> String {
    known.get(1..).unwrap_or_default().join(", ")
}

/// The keys after the name.
fn fields_of(
    lowering: &mut Lowering<'_>,
    step: &'static grammar::Step,
    name: &Field<'_>,
    short: Option<&str>,
) -> bool {
    use crate::playbook::yaml::NodeKind;
    let is_short = match &name.node.kind {
        NodeKind::Scalar(_) | NodeKind::List(_) => short.is_some() || step.name == "wait",
        NodeKind::Empty => {
            // `- admit:` with nothing after it is as good as `- admit`.
            if step.required().next().is_some() || short.is_some_and(|_| !alone(step.name)) {
                lowering.report.wrong_shape(*name, &form_words(step));
                return false;
            }
            return true;
        }
        NodeKind::Map(_) | NodeKind::Broken => false,
    };
    if !is_short {
        let Some(fields) = lowering.report.map(*name, &form_words(step)) else {
            return false;
        };
        let later = grammar::LATER_FIELDS.iter();
        let later = later.filter(|(name, _)| *name == step.name);
        let later: Vec<&str> = later
            .flat_map(|(_, fields)| fields.iter().copied())
            .collect();
        lowering
            .report
            .known(fields, &grammar::names(step.fields), &later);
        for field in step.required() {
            lowering.report.need(fields, field.name, "");
        }
        return true;
    }
    let mut whole = true;
    for field in step.required().filter(|field| short != Some(field.name)) {
        let message = format!("`{}` is missing", field.name);
        let spot = name.key.map_or(name.spot(), |key| key.spot);
        let problem = Diagnostic::error(Code::MissingKey, spot, message);
        lowering
            .report
            .push(problem.label(format!("no `{}` here", field.name)));
        whole = false;
    }
    whole
}

/// True for steps that mean something without any field.
pub(super) fn alone(name: &str) -> bool {
    matches!(
        name,
        "admit"
            | "decline"
            | "remove"
            | "ban"
            | "unmute"
            | "unban"
            | "delete_message"
            | "close_group"
            | "migrate"
            | "stop"
    )
}

/// What may stand after a step's name.
fn form_words(step: &grammar::Step) -> String {
    let names = grammar::names(step.fields).join(", ");
    match step.form {
        Form::Fields(Some(short)) => {
            let kind = grammar::field(step.fields, short).map(|field| field.kind.words());
            format!("{} or a map of {names}", kind.unwrap_or_default())
        }
        Form::Fields(None) if step.name == "wait" => {
            format!("a duration such as `7d` or a map of {names}")
        }
        Form::Fields(None) if names.is_empty() => "nothing".to_owned(),
        Form::Fields(None) => format!("a map of {names}"),
        Form::Value(words) => words.to_owned(),
        Form::Ways => "a list of `{ if, do }`".to_owned(),
        Form::Names | Form::Data => "a map of names to values".to_owned(),
    }
}
