//! `set add drop mark reset take`: changes of declared data.

use super::reader::Reader;
use crate::model::{Text, Value};
use crate::playbook::codes::Code;
use crate::playbook::diagnostic::Diagnostic;
use crate::playbook::grammar::Kind;
use crate::playbook::rule::{self, Act, DataStep, DataVerb, Otherwise};
use crate::playbook::shape::Field;
use crate::playbook::source::Spot;
use crate::playbook::suggest::suggest;
use crate::script::{DataKind, Declared, Entry, Per};

pub(super) fn data(reader: &mut Reader<'_, '_, '_>) -> Option<Act> {
    let verb = verb(reader.step.name);
    let (name, spot, value) = subject(reader, verb)?;
    let declared = declared(reader, &name, spot)?;
    if !suits(verb, declared.kind) {
        let message = format!("`{}` does not suit `{name}`", reader.step.name);
        let problem = Diagnostic::error(Code::WrongType, spot, message)
            .label(format!("this is a {}", word(declared.kind)))
            .because(format!("`{}` is for {}", reader.step.name, suited(verb)));
        reader.wrong(problem);
        return None;
    }
    let value = if let Some(field) = value {
        Some(read_value(reader, verb, declared.kind, &field)?)
    } else {
        value_missing(reader, verb, declared.kind, &name, spot);
        None
    };
    let of = reader.get_beside("of");
    let of = of.and_then(|field| reader.read(&field, Kind::Targets));
    let key = reader.get_beside("key");
    let key = key.and_then(|field| reader.read(&field, Kind::Any));
    let kept_by_key = declared.per.contains(&Per::Key);
    if kept_by_key != key.is_some() && reader.good {
        let problem = if kept_by_key {
            Diagnostic::error(Code::MissingKey, spot, "`key` is missing")
                .label("this data is kept per key")
        } else {
            Diagnostic::error(Code::UnknownKey, spot, "`key` has no meaning here")
                .label("this data is not kept per key")
        };
        reader.wrong(problem);
    }
    let taking = verb == DataVerb::Take;
    Some(Act::Data(DataStep {
        verb,
        name,
        value,
        of,
        key,
        count: if taking { reader.value("count") } else { None },
        on_empty: if taking {
            reader.otherwise("on_empty")
        } else {
            Otherwise::Stop
        },
    }))
}

fn verb(name: &str) -> DataVerb {
    match name {
        "set" => DataVerb::Set,
        "add" => DataVerb::Add,
        "drop" => DataVerb::Drop,
        "mark" => DataVerb::Mark,
        "reset" => DataVerb::Reset,
        _ => DataVerb::Take,
    }
}

/// The name of the data, where it stands, and the value beside it.
fn subject<'n>(
    reader: &mut Reader<'_, '_, 'n>,
    verb: DataVerb,
) -> Option<(Text, Spot, Option<Field<'n>>)> {
    let whole = reader.name;
    if verb == DataVerb::Take {
        let field = reader.get("from")?;
        let name = reader
            .lowering
            .report
            .text(field, "the name of declared data");
        reader.good &= name.is_some();
        return Some((name?.into(), field.spot(), None));
    }
    if let Some(name) = whole.as_text() {
        return Some((name.into(), whole.spot(), None));
    }
    let wanted = "the name of declared data, or a map of that name to a value";
    let Some(map) = reader.lowering.report.map(whole, wanted) else {
        reader.good = false;
        return None;
    };
    let names = ["of", "key"];
    let mut subjects = map.iter().filter_map(|field| {
        let key = field.key?;
        let own = names.contains(&&*key.text) || key.text.starts_with("x-");
        (!own).then_some((key, field))
    });
    let Some((key, value)) = subjects.next() else {
        let message = format!("`{}` names no data", reader.step.name);
        let problem = Diagnostic::error(Code::MissingKey, map.spot, message);
        reader.wrong(problem.label("nothing to change here"));
        return None;
    };
    if let Some((second, _)) = subjects.next() {
        let message = format!("`{}` changes one value", reader.step.name);
        let problem = Diagnostic::error(Code::KeysTogether, second.spot, message)
            .label("a second name")
            .other(key.spot, "the first one")
            .help("give each a step of its own");
        reader.wrong(problem);
        return None;
    }
    Some((key.text.clone(), key.spot, Some(value)))
}

fn declared(reader: &mut Reader<'_, '_, '_>, name: &str, spot: Spot) -> Option<Declared> {
    if let Some(Entry::Data(declared)) = reader.lowering.names.get(name) {
        return Some(declared.clone());
    }
    let names = &reader.lowering.names;
    let known = names
        .iter()
        .filter(|name| matches!(names.get(name), Some(Entry::Data(_))));
    let problem = Diagnostic::error(Code::UnknownData, spot, format!("unknown data `{name}`"))
        .label("not declared under `data`")
        .did_you_mean(suggest(name, known));
    reader.wrong(problem);
    None
}

fn suits(verb: DataVerb, kind: DataKind) -> bool {
    let many = matches!(kind, DataKind::List | DataKind::Set);
    match verb {
        DataVerb::Set => kind != DataKind::Streak,
        DataVerb::Add => many || matches!(kind, DataKind::Counter | DataKind::Number),
        DataVerb::Drop => many,
        DataVerb::Take => many || kind == DataKind::Number,
        DataVerb::Mark => kind == DataKind::Streak,
        DataVerb::Reset => true,
    }
}

fn suited(verb: DataVerb) -> &'static str {
    match verb {
        DataVerb::Set => "every kind but streaks",
        DataVerb::Add => "counters, numbers, lists and sets",
        DataVerb::Drop => "lists and sets",
        DataVerb::Take => "lists, sets and numbers",
        DataVerb::Mark => "streaks",
        DataVerb::Reset => "every kind",
    }
}

fn word(kind: DataKind) -> &'static str {
    match kind {
        DataKind::Counter => "counter",
        DataKind::Streak => "streak",
        DataKind::Text => "text",
        DataKind::Number => "number",
        DataKind::List => "list",
        DataKind::Set => "set",
        DataKind::Record => "record",
    }
}

/// `add: visits` adds one and `mark: checkins` marks today; the others need a value.
fn value_missing(
    reader: &mut Reader<'_, '_, '_>,
    verb: DataVerb,
    kind: DataKind,
    name: &str,
    spot: Spot,
) {
    let counts = matches!(kind, DataKind::Counter | DataKind::Number);
    let needs = match verb {
        DataVerb::Set | DataVerb::Drop => true,
        DataVerb::Add => !counts,
        DataVerb::Take | DataVerb::Mark | DataVerb::Reset => false,
    };
    if needs {
        let verb = reader.step.name;
        let problem = Diagnostic::error(Code::MissingKey, spot, "the value is missing");
        reader.wrong(problem.help(format!("write `{verb}: {{ {name}: … }}`")));
    }
}

fn read_value(
    reader: &mut Reader<'_, '_, '_>,
    verb: DataVerb,
    kind: DataKind,
    field: &Field<'_>,
) -> Option<rule::Field> {
    use super::super::value::Want;
    let lowering = &mut *reader.lowering;
    let found = match (verb, kind) {
        (DataVerb::Reset, _) => {
            let message = format!("`reset` takes no value for {}", field.name());
            let problem = Diagnostic::error(Code::WrongShape, field.spot(), message);
            lowering.report.push(problem.help("write the name alone"));
            None
        }
        (DataVerb::Mark, _) => match field.as_text() {
            Some(day @ ("today" | "yesterday")) => Some(rule::Field::Is(Value::text(day))),
            Some(_) | None => lowering.value(field, Want::Time),
        },
        (_, DataKind::Counter | DataKind::Number) => lowering.value(field, Want::Number),
        (_, DataKind::Text) => lowering.text(field),
        (DataVerb::Set, DataKind::List | DataKind::Set) => lowering.value(field, Want::List),
        (
            DataVerb::Set | DataVerb::Add | DataVerb::Drop | DataVerb::Take,
            DataKind::List | DataKind::Set | DataKind::Record | DataKind::Streak,
        ) => lowering.value(field, Want::Any),
    };
    reader.good &= found.is_some();
    found
}
