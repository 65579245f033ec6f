//! `wait`: for a time, or for something to happen.

use super::reader::Reader;
use crate::model::{Span, Value};
use crate::playbook::codes::Code;
use crate::playbook::diagnostic::Diagnostic;
use crate::playbook::grammar::Kind;
use crate::playbook::rule::{self, Act, Late, Otherwise, WaitFor, WaitStep};
use crate::playbook::shape::Field;

pub(super) fn wait(reader: &mut Reader<'_, '_, '_>) -> Option<Act> {
    let until = if reader.name.node.entries().is_some() {
        long(reader)
    } else {
        let name = reader.name;
        let span = reader.read(&name, Kind::Duration);
        span.map(WaitFor::Span)
    };
    let stop_when = match reader.get_beside("stop_when") {
        Some(field) => reader.triggers(&field),
        None => Vec::new(),
    };
    let late = match reader.get_beside("late") {
        Some(field) => {
            let word = reader
                .lowering
                .report
                .choice(field, &["run", "skip", "stop"]);
            reader.good &= word.is_some();
            match word {
                Some("skip") => Late::Skip,
                Some("stop") => Late::Stop,
                Some(_) | None => Late::Run,
            }
        }
        None => Late::Run,
    };
    Some(Act::Wait(WaitStep {
        until: until?,
        stop_when,
        late,
    }))
}

/// `{ until }` or `{ for, timeout, on_timeout }`.
fn long(reader: &mut Reader<'_, '_, '_>) -> Option<WaitFor> {
    match (reader.get("until"), reader.get("for")) {
        (Some(until), None) => {
            only_with_for(reader);
            let time = reader.read(&until, Kind::Time)?;
            Some(if let rule::Field::Is(Value::Span(at)) = &time {
                WaitFor::TimeOfDay(at.exact_ms)
            } else {
                WaitFor::Time(time)
            })
        }
        (None, Some(field)) => event(reader, &field),
        (Some(until), Some(_)) => {
            let spot = until.key.map_or(until.spot(), |key| key.spot);
            let problem =
                Diagnostic::error(Code::KeysTogether, spot, "`until` and `for` stand together");
            reader.wrong(problem.label("a wait is for a time or for something to happen"));
            None
        }
        (None, None) => {
            let spot = reader.name.key.map_or(reader.name.spot(), |key| key.spot);
            let problem = Diagnostic::error(Code::MissingKey, spot, "`wait` does not say what for");
            reader.wrong(problem.label("no `until` and no `for` here"));
            None
        }
    }
}

/// `timeout` and `on_timeout` belong to `for`.
fn only_with_for(reader: &mut Reader<'_, '_, '_>) {
    for name in ["timeout", "on_timeout"] {
        if let Some(key) = reader.get(name).and_then(|field| field.key) {
            let message = format!("`{name}` needs `for`");
            let problem = Diagnostic::error(Code::KeysTogether, key.spot, message);
            reader.wrong(problem.label("a wait for a time ends by itself"));
        }
    }
}

fn event(reader: &mut Reader<'_, '_, '_>, field: &Field<'_>) -> Option<WaitFor> {
    if let Some(text) = field.as_text().filter(|text| Span::parse(text).is_some()) {
        let problem = Diagnostic::error(Code::WrongType, field.spot(), "`for` takes a trigger")
            .label("this is a duration")
            .help(format!("write `wait: {text}`"));
        reader.wrong(problem);
        return None;
    }
    let triggers = reader.get("for").map(|field| reader.triggers(&field));
    let timeout = reader.value("timeout");
    if let Some(rule::Field::Is(Value::Span(span))) = &timeout
        && span.is_zero()
    {
        reader.good = false;
    }
    let on_timeout = reader.otherwise("on_timeout");
    if timeout.is_none() && on_timeout != Otherwise::Stop && reader.good {
        let key = reader.get("on_timeout").and_then(|field| field.key);
        let spot = key.map_or(reader.name.spot(), |key| key.spot);
        let problem = Diagnostic::error(Code::MissingKey, spot, "`on_timeout` needs `timeout`");
        reader.wrong(problem.label("time never runs out"));
    }
    Some(WaitFor::Event {
        triggers: triggers?,
        timeout,
        on_timeout,
    })
}
