//! Steps that steer: `let filter choose each call run signal webhook stop`.

use super::common::free_name;
use super::lower_block;
use super::reader::Reader;
use super::scope::Ways;
use crate::model::{Text, Value};
use crate::playbook::codes::Code;
use crate::playbook::diagnostic::Diagnostic;
use crate::playbook::grammar::{self, Kind};
use crate::playbook::rule::{Act, Field};
use crate::playbook::shape::{self, Fields};
use crate::playbook::suggest::suggest;
use crate::script::{Entry, Expr, Type};

pub(super) fn names(reader: &mut Reader<'_, '_, '_>) -> Option<Act> {
    let map = reader.map("a map of names to expressions")?;
    let mut names = Vec::new();
    for field in map.iter() {
        let Some(key) = field.key else { continue };
        if key.text.starts_with("x-") {
            continue;
        }
        let free = reader.lowering.check_name(key.spot, &key.text)
            && free_name(reader.lowering, key.spot, &key.text);
        reader.good &= free;
        let value = reader.read(&field, Kind::Any);
        if free {
            let ty = value.as_ref().map_or(Type::Any, type_of);
            reader.lowering.add_name(&key.text, ty);
        }
        names.extend(value.map(|value| (key.text.clone(), value)));
    }
    Some(Act::Let(names))
}

/// What a field gives, as far as that is known.
fn type_of(field: &Field) -> Type {
    match field {
        Field::Is(value) => Type::of(value),
        Field::Expr(expr) => expr.ty().clone(),
        Field::Text(_) | Field::Lines(_) => Type::Text,
        Field::List(items) => {
            let types = items.iter().map(type_of);
            let item = types.reduce(|one, other| one.union(&other));
            Type::list(item.unwrap_or(Type::Any))
        }
        Field::Record(fields) => Type::record(
            fields
                .iter()
                .map(|(name, field)| (name.clone(), type_of(field))),
        ),
    }
}

/// `name in list` with the name checked.
fn in_list(reader: &mut Reader<'_, '_, '_>) -> Option<(Text, Expr, Type)> {
    let field = reader.name;
    let found = reader.lowering.in_list(&field);
    let Some((name, list, item)) = found else {
        reader.good = false;
        return None;
    };
    if matches!(
        reader.lowering.names.get(&name),
        Some(Entry::Root(..) | Entry::Data(_))
    ) || &*name == "now"
    {
        let end = name.len();
        let text = field.as_text().unwrap_or_default();
        let start = text.len() - text.trim_start().len();
        let spot = field.node.part(start, start + end);
        let message = format!("`{name}` has a meaning already");
        let problem = Diagnostic::error(Code::NameCollision, spot, message);
        reader.wrong(problem.label("choose another name"));
        return None;
    }
    Some((name, list, item))
}

pub(super) fn filter(reader: &mut Reader<'_, '_, '_>) -> Option<Act> {
    let (name, list, item) = in_list(reader)?;
    reader.read_beside();
    let outer = reader.lowering.names.clone();
    reader.lowering.add_name(&name, item.clone());
    let filter = reader.condition("where");
    let sort_by = reader
        .get("sort_by")
        .and_then(|field| reader.expr(&field, &Type::Any));
    reader.lowering.names = outer;
    reader.gives = Some(Type::list(item));
    Some(Act::Filter {
        name,
        list,
        filter,
        sort_by,
        descending: reader.flag("descending"),
        first: reader.value("first"),
    })
}

pub(super) fn each(reader: &mut Reader<'_, '_, '_>) -> Option<Act> {
    let (name, list, item) = in_list(reader)?;
    reader.read_beside();
    let most = reader.value("n");
    let pace = reader.get("pace").and_then(|field| reader.rate(field));
    let steps = reader.get("do");
    let path = format!("{}/do", reader.path);
    let outer = reader.lowering.names.get(&name).cloned();
    let mut ways = Ways::new(reader.lowering);
    reader.lowering.add_name(&name, item);
    let filter = reader.condition("where");
    let block = steps.map(|steps| lower_block(reader.lowering, &steps, &path));
    match outer {
        Some(entry) => reader.lowering.names.insert(name.clone(), entry),
        None => reader.lowering.names.remove(&name),
    }
    ways.end(reader.lowering);
    ways.close(reader.lowering, false);
    Some(Act::Each {
        name,
        list,
        filter,
        most,
        pace,
        block: block?,
    })
}

pub(super) fn choose(reader: &mut Reader<'_, '_, '_>) -> Option<Act> {
    let wanted = "a list of `{ if, do }` and one `{ else }`";
    let Some(items) = reader.lowering.report.list(reader.name, wanted) else {
        reader.good = false;
        return None;
    };
    let mut ways = Ways::new(reader.lowering);
    let mut chosen = Vec::new();
    let mut over = false;
    for (number, item) in items.iter().enumerate() {
        let field = shape::Field::item(item);
        let Some(map) = reader
            .lowering
            .report
            .map(field, "a map of `if` and `do`, or of `else`")
        else {
            reader.good = false;
            continue;
        };
        if over {
            let problem = Diagnostic::error(Code::KeysTogether, map.spot, "a way after `else`");
            reader.wrong(problem.label("never taken").help("put `else` last"));
            break;
        }
        over = map.get("else").is_some();
        let place = format!("{}/choose/{number}", reader.path);
        match way(reader, map, &place) {
            Some((condition, block)) => {
                ways.over(reader.lowering, block);
                chosen.push((condition, block));
            }
            None => reader.good = false,
        }
    }
    ways.close(reader.lowering, over);
    Some(Act::Choose(chosen))
}

fn way(
    reader: &mut Reader<'_, '_, '_>,
    map: Fields<'_>,
    place: &str,
) -> Option<(Option<Expr>, u32)> {
    let lowering = &mut *reader.lowering;
    let keys: Vec<&str> = [grammar::names(grammar::WAY), vec!["note"]].concat();
    lowering.report.known(map, &keys, &[]);
    if let Some(steps) = map.get("else") {
        for name in ["if", "do"] {
            if let Some(key) = map.get(name).and_then(|field| field.key) {
                let message = format!("`{name}` and `else` stand in one way");
                let problem = Diagnostic::error(Code::KeysTogether, key.spot, message);
                lowering
                    .report
                    .push(problem.help("give `else` a dash of its own"));
                return None;
            }
        }
        return Some((
            None,
            lower_block(lowering, &steps, &format!("{place}/else")),
        ));
    }
    let condition = lowering.report.need(map, "if", "");
    let steps = lowering.report.need(map, "do", "");
    let condition = condition
        .map(|field| lowering.condition(&field))
        .unwrap_or_default();
    let block = steps.map(|steps| {
        lowering.asking(&condition, |lowering| {
            lower_block(lowering, &steps, &format!("{place}/do"))
        })
    });
    Some((Some(Expr::all(condition)?), block?))
}

pub(super) fn call(reader: &mut Reader<'_, '_, '_>) -> Option<Act> {
    let field = reader.name;
    let flow = reader.lowering.report.text(field, "the name of a flow");
    reader.good &= flow.is_some();
    let flow = flow?;
    let Some(wanted) = reader.lowering.flows.get(flow).cloned() else {
        let known = reader.lowering.flows.keys().map(|name| &**name);
        let near = suggest(flow, known);
        let message = format!("unknown flow `{flow}`");
        let problem = Diagnostic::error(Code::UnknownFlow, field.spot(), message)
            .label("not among the `flows` of this file")
            .did_you_mean(near);
        reader.wrong(problem);
        return None;
    };
    reader.read_beside();
    let mut with = Vec::new();
    let given = reader.get("with");
    if let Some(given) = given {
        let map = reader
            .lowering
            .report
            .map(given, "a map of names to values");
        reader.good &= map.is_some();
        let map = map?;
        let known: Vec<&str> = wanted.iter().map(|name| &**name).collect();
        reader.lowering.report.known(map, &known, &[]);
        for field in map.iter() {
            let value = reader.read(&field, Kind::Any);
            with.extend(field.key.map(|key| key.text.clone()).zip(value));
        }
    }
    for name in &wanted {
        if !with.iter().any(|(given, _)| given == name) && reader.good {
            let at = given.and_then(|field| field.key).map(|key| key.spot);
            let spot = at.unwrap_or(field.spot());
            let message = format!("`{name}` is missing");
            let problem = Diagnostic::error(Code::MissingKey, spot, message)
                .label(format!("no `{name}` here"))
                .because(format!("`{flow}` takes it under `with`"));
            reader.wrong(problem);
        }
    }
    Some(Act::Call {
        flow: flow.into(),
        with,
    })
}

pub(super) fn run(reader: &mut Reader<'_, '_, '_>) -> Option<Act> {
    let field = reader.name;
    let text = reader.lowering.report.text(field, "`module::function`");
    reader.good &= text.is_some();
    let text = text?;
    let Some((module, function)) = text.split_once("::") else {
        let message = format!("{} takes `module::function`", field.name());
        let problem = Diagnostic::error(Code::UnknownScript, field.spot(), message)
            .label("names no function of a script");
        reader.wrong(problem);
        return None;
    };
    check_function(reader, module, function);
    reader.read_beside();
    let with = reader.value("with");
    Some(Act::RunScript {
        module: module.into(),
        function: function.into(),
        with: with.unwrap_or_else(|| Field::Record(Vec::new())),
    })
}

/// The function must be there and take one value.
fn check_function(reader: &mut Reader<'_, '_, '_>, module: &str, function: &str) {
    let node = reader.name.node;
    let end = module.len();
    let modules = &reader.lowering.modules;
    let Some(functions) = modules.get(module) else {
        let near = suggest(module, modules.keys().map(|name| &**name));
        let message = format!("unknown script `{module}`");
        let problem = Diagnostic::error(Code::UnknownScript, node.part(0, end), message)
            .label("not among the `scripts` of this file")
            .did_you_mean(near);
        reader.wrong(problem);
        return;
    };
    let spot = node.part(end + 2, end + 2 + function.len());
    let own: Vec<usize> = functions
        .iter()
        .filter(|(name, _)| &**name == function)
        .map(|(_, count)| *count)
        .collect();
    if own.contains(&1) {
        return;
    }
    let problem = if let Some(count) = own.first() {
        let message = format!("`{function}` takes {count} values; `run` gives it one");
        Diagnostic::error(Code::UnknownScript, spot, message)
            .label("must take one value: what stands under `with`")
    } else {
        let near = suggest(function, functions.iter().map(|(name, _)| &**name));
        let message = format!("there is no function `{function}` in `{module}`");
        Diagnostic::error(Code::UnknownScript, spot, message)
            .label("not in the script")
            .did_you_mean(near)
    };
    reader.wrong(problem);
}

pub(super) fn signal(reader: &mut Reader<'_, '_, '_>) -> Option<Act> {
    let name = reader.id("name");
    let data = reader.value("data");
    Some(Act::Signal {
        name: name?,
        data: data.unwrap_or(Field::Is(Value::Nothing)),
        about: reader.about(),
    })
}

pub(super) fn webhook(reader: &mut Reader<'_, '_, '_>) -> Option<Act> {
    let endpoint = reader.id("endpoint")?;
    let around = reader.lowering.around;
    if !around.endpoints.contains(&endpoint) {
        let spot = reader.get("endpoint").map(|field| field.spot());
        let known = around.endpoints.iter().map(|name| &**name);
        let problem = Diagnostic::error(
            Code::UnknownEndpoint,
            spot.unwrap_or(reader.name.spot()),
            format!("unknown endpoint `{endpoint}`"),
        )
        .label("not among the `endpoints` of steward.yaml")
        .did_you_mean(suggest(&endpoint, known));
        reader.wrong(problem);
    }
    let data = reader.value("data");
    Some(Act::Webhook {
        endpoint,
        data: data.unwrap_or(Field::Is(Value::Nothing)),
    })
}

pub(super) fn stop(reader: &mut Reader<'_, '_, '_>) -> Act {
    Act::Stop {
        reason: reader.reason(),
    }
}
