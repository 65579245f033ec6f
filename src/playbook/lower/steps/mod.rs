//! Steps: from the list under `do` to blocks of the rulebook. What stands in a step is said by the
//! [`grammar`]; the files beside this one say what each family of steps becomes.

mod approve;
mod ask;
mod common;
mod data;
mod flow;
mod groups;
mod migrate;
mod moderate;
mod points;
mod post;
mod reader;
mod scope;
mod wait;

#[cfg(test)]
pub(super) mod tests;

use super::context::Lowering;
use crate::model::Text;
use crate::playbook::codes::Code;
use crate::playbook::diagnostic::Diagnostic;
use crate::playbook::grammar::{self, Form};
use crate::playbook::rule::{Act, Block, Step};
use crate::playbook::shape::{Field, Fields, not_yet};
use crate::playbook::source::Spot;
use crate::playbook::suggest::suggest;
use crate::playbook::yaml::{Key, Node, NodeKind};
use crate::script::Type;
use reader::Reader;

/// Steps in one list; real playbooks stay below 60.
const STEPS_MAX: usize = 1_000;

/// A step that was met, for the checks of safety and of what platforms can do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Met {
    pub(super) step: &'static grammar::Step,
    /// The step's name in the file; the word `migrate` for the steps that it is made of.
    pub(super) spot: Spot,
    /// It stands under `group.can("…")` with its own name.
    pub(super) asked: bool,
}

/// Lowers a list of steps, which stand at `path` (`do`, `do/2/else`, `flows/NAME`), and gives the
/// number of its block. What is wrong is told; the block then holds the rest.
pub(super) fn lower_block(lowering: &mut Lowering<'_>, steps: &Field<'_>, path: &str) -> u32 {
    let items = match &steps.node.kind {
        NodeKind::Scalar(_) | NodeKind::Map(_) if is_step(steps.node) => {
            let message = format!("{} takes a list of steps", steps.name());
            let problem = Diagnostic::error(Code::WrongShape, steps.spot(), message);
            lowering.report.push(
                problem
                    .label("this is one step without its dash")
                    .help("put `- ` before it"),
            );
            &[]
        }
        NodeKind::Scalar(_)
        | NodeKind::Map(_)
        | NodeKind::List(_)
        | NodeKind::Empty
        | NodeKind::Broken => lowering
            .report
            .list(*steps, "a list of steps")
            .unwrap_or_default(),
    };
    if items.len() > STEPS_MAX {
        let message = format!("{} holds more than {STEPS_MAX} steps", steps.name());
        let problem = Diagnostic::error(Code::OutOfRange, steps.spot(), message);
        lowering.report.push(problem);
    }
    let mut ids = Vec::new();
    let mut block = Block::default();
    for (number, item) in items.iter().take(STEPS_MAX).enumerate() {
        let place = segment(lowering, item, number, &mut ids);
        block
            .steps
            .extend(lower_step(lowering, item, &format!("{path}/{place}")));
    }
    lowering.push_block(block)
}

/// True for a mapping or a word that looks like one step.
fn is_step(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Scalar(scalar) => grammar::Step::named(&scalar.text).is_some(),
        NodeKind::Map(entries) => entries
            .iter()
            .any(|(key, _)| grammar::Step::named(&key.text).is_some()),
        NodeKind::List(_) | NodeKind::Empty | NodeKind::Broken => false,
    }
}

/// What a step is called in its path: its `id`, else its number.
fn segment(lowering: &mut Lowering<'_>, item: &Node, number: usize, ids: &mut Vec<Text>) -> String {
    let Some((key, node)) = item
        .entries()
        .and_then(|entries| entries.iter().find(|(key, _)| &*key.text == "id"))
    else {
        return number.to_string();
    };
    let field = Field {
        key: Some(key),
        node,
    };
    let Some(id) = lowering.report.id(field) else {
        return number.to_string();
    };
    if id.bytes().all(|byte| byte.is_ascii_digit()) {
        let message = format!("`{id}` cannot be the id of a step");
        let problem = Diagnostic::error(Code::NotAnId, node.spot, message);
        lowering
            .report
            .push(problem.label("numbers are for steps without an id"));
        return number.to_string();
    }
    if ids.contains(&id) {
        let message = format!("two steps of this list have the id `{id}`");
        let problem = Diagnostic::error(Code::DuplicateId, node.spot, message);
        lowering.report.push(problem.label("the second of them"));
        return number.to_string();
    }
    ids.push(id.clone());
    id.as_ref().to_owned()
}

fn lower_step(lowering: &mut Lowering<'_>, item: &Node, path: &str) -> Option<Step> {
    match &item.kind {
        NodeKind::Map(entries) => mapping(lowering, item, entries, path),
        NodeKind::Scalar(scalar) => bare(lowering, item, &scalar.text.clone(), path),
        NodeKind::List(_) | NodeKind::Empty | NodeKind::Broken => {
            lowering.report.wrong_shape(Field::item(item), STEP);
            None
        }
    }
}

const STEP: &str = "a step such as `- reply: hi`";

/// `- admit`: a name alone.
fn bare(lowering: &mut Lowering<'_>, item: &Node, name: &str, path: &str) -> Option<Step> {
    let Some(step) = grammar::Step::named(name) else {
        let problem = match crate::playbook::yaml::not_a_map(lowering.report.file, item) {
            Some(problem) => problem,
            None => unknown(item.spot, name),
        };
        lowering.report.push(problem);
        return None;
    };
    if !common::alone(name) {
        let message = format!("`{name}` cannot stand alone");
        let problem = Diagnostic::error(Code::WrongShape, item.spot, message);
        let needs = match step.form {
            Form::Value(words) => words.to_owned(),
            Form::Fields(Some(short)) => format!("`{short}`"),
            Form::Fields(None) => step
                .fields
                .first()
                .map_or_else(String::new, |field| format!("`{}`", field.name)),
            Form::Ways => "a list of ways".to_owned(),
            Form::Names | Form::Data => "a name and a value".to_owned(),
        };
        lowering
            .report
            .push(problem.label(format!("needs {needs} after it")));
        return None;
    }
    let key = Key {
        spot: item.spot,
        text: name.into(),
    };
    let empty = Node {
        spot: item.spot,
        kind: NodeKind::Map(Vec::new()),
    };
    let beside = Fields {
        spot: item.spot,
        entries: &[],
    };
    let name = Field {
        key: Some(&key),
        node: &empty,
    };
    finish(lowering, step, name, beside, path)
}

fn mapping(
    lowering: &mut Lowering<'_>,
    item: &Node,
    entries: &[(Key, Node)],
    path: &str,
) -> Option<Step> {
    let beside = Fields {
        spot: entries.first().map_or(item.spot, |(key, _)| key.spot),
        entries,
    };
    let mut named = beside.iter().filter_map(|field| {
        let step = grammar::Step::named(&field.key?.text)?;
        Some((step, field))
    });
    let Some((step, name)) = named.next() else {
        return nameless(lowering, item, beside, path);
    };
    if let Some((_, other)) = named.next() {
        lowering.report.push(two_steps(&name, &other));
        return None;
    }
    finish(lowering, step, name, beside, path)
}

fn two_steps(one: &Field<'_>, other: &Field<'_>) -> Diagnostic {
    let spot = |field: &Field<'_>| field.key.map_or(field.spot(), |key| key.spot);
    let message = format!("{} and {} stand in one step", one.name(), other.name());
    Diagnostic::error(Code::TwoSteps, spot(other), message)
        .label("a second step")
        .other(spot(one), "the first one")
        .help("give each step a dash of its own")
}

/// A mapping without the name of a step: a block, or a slip of the finger.
fn nameless(
    lowering: &mut Lowering<'_>,
    item: &Node,
    beside: Fields<'_>,
    path: &str,
) -> Option<Step> {
    let keys = || beside.iter().filter_map(|field| field.key);
    if let Some(later) = keys().find(|key| grammar::LATER_STEPS.contains(&&*key.text)) {
        lowering.report.push(not_yet(later.spot, &later.text));
        return None;
    }
    if beside.get("do").is_some() {
        return block(lowering, item, beside, path);
    }
    let wrong = keys().find(|key| {
        grammar::field(grammar::COMMON, &key.text).is_none() && !key.text.starts_with("x-")
    });
    lowering.report.push(match wrong {
        Some(key) => unknown(key.spot, &key.text),
        None => Diagnostic::error(Code::WrongShape, beside.spot, "this step has no name")
            .label("only keys that stand beside a name")
            .help("name a step, or put steps under `do`"),
    });
    None
}

fn unknown(spot: Spot, name: &str) -> Diagnostic {
    if grammar::LATER_STEPS.contains(&name) {
        return not_yet(spot, name);
    }
    let better = suggest(name, grammar::step_names());
    let problem = Diagnostic::error(Code::UnknownStep, spot, format!("unknown step `{name}`"))
        .label("no step has this name");
    if better.is_some() {
        return problem.did_you_mean(better);
    }
    let all: Vec<&str> = grammar::step_names().collect();
    problem.because(format!("steps: {}", all.join(", ")))
}

/// `if` and `do` without a name.
fn block(lowering: &mut Lowering<'_>, item: &Node, beside: Fields<'_>, path: &str) -> Option<Step> {
    const FREE: [&str; 5] = ["if", "do", "else", "id", "note"];
    lowering.report.known(beside, &FREE, &[]);
    let condition = beside.get("if").map(|field| lowering.condition(&field));
    if let (None, Some(otherwise)) = (&condition, beside.get("else")) {
        common::else_without_if(lowering, &otherwise);
    }
    let condition = condition.unwrap_or_default();
    let steps = beside.get("do")?;
    let mut ways = scope::Ways::new(lowering);
    let inner = lowering.asking(&condition, |lowering| {
        lower_block(lowering, &steps, &format!("{path}/do"))
    });
    ways.over(lowering, inner);
    let otherwise = beside.get("else").map(|steps| {
        let inner = lower_block(lowering, &steps, &format!("{path}/else"));
        ways.over(lowering, inner);
        inner
    });
    ways.close(lowering, condition.is_empty() || otherwise.is_some());
    Some(Step {
        path: path.into(),
        line: lowering.line(item),
        name: "if".into(),
        condition,
        otherwise,
        result_as: None,
        retry: None,
        on_error: crate::playbook::rule::OnError::Stop,
        once: None,
        state: None,
        act: Act::Block(inner),
    })
}

/// A step with a name: its own fields, then the keys that every step takes.
fn finish(
    lowering: &mut Lowering<'_>,
    step: &'static grammar::Step,
    name: Field<'_>,
    beside: Fields<'_>,
    path: &str,
) -> Option<Step> {
    let spot = name.key.map_or(beside.spot, |key| key.spot);
    let fits = common::check_keys(lowering, step, &name, beside);
    let condition = beside.get("if").map(|field| lowering.condition(&field));
    if let (None, Some(otherwise)) = (&condition, beside.get("else")) {
        common::else_without_if(lowering, &otherwise);
    }
    let condition = condition.unwrap_or_default();
    let mut ways = scope::Ways::new(lowering);
    let lowered = lowering.asking(&condition, |lowering| {
        // A migration is met as the steps it is made of: those are what limits count.
        if step.name != "migrate" {
            lowering.meet(step, spot);
        }
        let mut reader = Reader::new(lowering, step, name, beside, path);
        reader.good = fits;
        let act = lower_act(&mut reader);
        let gives = reader.gives.take().or_else(|| step.result_type());
        act.filter(|_| reader.good).map(|act| (act, gives))
    });
    let result_as = beside
        .get("as")
        .and_then(|field| common::result(lowering, step, &field));
    // What a wrong step would give could be anything, so that one slip is told once.
    let gives = match &lowered {
        Some((_, gives)) => gives.clone(),
        None => Some(Type::Any),
    };
    let result = result_as.clone().zip(gives);
    let mut common = common::Common::read(lowering, beside, path);
    if let Some((name, ty)) = result {
        let sure = common.on_error_stops() && beside.get("once").is_none();
        lowering.add_name(&name, if sure { ty } else { ty.maybe() });
    }
    ways.end(lowering);
    common.otherwise = beside.get("else").map(|steps| {
        let inner = lower_block(lowering, &steps, &format!("{path}/else"));
        ways.over(lowering, inner);
        inner
    });
    ways.close(lowering, condition.is_empty() || common.otherwise.is_some());
    let (act, _) = lowered?;
    Some(Step {
        path: path.into(),
        line: lowering.line_at(spot.start),
        name: step.name.into(),
        condition,
        otherwise: common.otherwise,
        result_as,
        retry: common.retry,
        on_error: common.on_error,
        once: common.once,
        state: common.state,
        act,
    })
}

fn lower_act(reader: &mut Reader<'_, '_, '_>) -> Option<Act> {
    match reader.step.name {
        "welcome" => post::welcome(reader),
        "announce" | "send" | "reply" | "dm" => Some(post::post(reader)),
        "react" => post::react(reader),
        "ask" => Some(ask::ask(reader)),
        "approve" => approve::approve(reader),
        "task" => approve::task(reader),
        "let" => flow::names(reader),
        "filter" => flow::filter(reader),
        "wait" => wait::wait(reader),
        "label" => Some(points::label(reader)),
        "set" | "add" | "drop" | "mark" | "reset" | "take" => data::data(reader),
        "reward" => Some(points::reward(reader)),
        "charge" => points::charge(reader),
        "admit" => Some(Act::Admit),
        "decline" => Some(moderate::decline(reader)),
        "remove" | "ban" | "mute" | "unmute" | "unban" => moderate::moderate(reader),
        "delete_message" => Some(moderate::delete_message(reader)),
        "invite" => groups::invite(reader),
        "create_group" => groups::create_group(reader),
        "close_group" => Some(groups::close_group(reader)),
        "migrate" => migrate::migrate(reader),
        "choose" => flow::choose(reader),
        "each" => flow::each(reader),
        "call" => flow::call(reader),
        "run" => flow::run(reader),
        "signal" => flow::signal(reader),
        "webhook" => flow::webhook(reader),
        "stop" => Some(flow::stop(reader)),
        _ => None,
    }
}
