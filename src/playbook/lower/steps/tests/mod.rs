//! Steps as they are read: what each one becomes, and what is said about those that are wrong.

pub(in crate::playbook::lower) mod describe;
mod forms;
mod names;
mod random;
mod whole;
mod wrong;

use super::super::context::{Input, InputKind, Instance, Lowering};
use super::super::surroundings::Surroundings;
use super::lower_block;
use crate::model::{Directory, GroupConfig, Text, Value};
use crate::playbook::diagnostic::Diagnostic;
use crate::playbook::draw::draw;
use crate::playbook::shape::{Field, Report};
use crate::playbook::source::Sources;
use crate::playbook::yaml::{Node, parse};
use crate::script::schema::{COMMUNITY, RUN, event_fields, table_fields};
use crate::script::{DataKind, Declared, Names, Per, Root, Type, fields_of};
use expect_test::Expect;
use std::collections::{BTreeMap, BTreeSet};

/// What reading a list of steps came to.
struct Read {
    /// The steps, described.
    steps: String,
    problems: Vec<Diagnostic>,
    sources: Sources,
    /// Guarded steps that were met, with `?` where the platform is asked first.
    met: Vec<String>,
}

/// Reads steps as the file `a.yaml`.
fn read(text: &str) -> Read {
    let mut sources = Sources::default();
    let id = sources.add("a.yaml", text);
    let empty = Node {
        spot: crate::playbook::source::Spot::default(),
        kind: crate::playbook::yaml::NodeKind::Broken,
    };
    let inputs_file = sources.add("inputs.yaml", "[7d, lobby, hello, \"3\", 5 per 1m]");
    let inputs_node = parse(sources.get(inputs_file).unwrap()).0.unwrap();
    let file = sources.get(id).unwrap();
    let (tree, mut problems) = parse(file);
    let directory = Directory {
        groups: vec![group("lobby"), group("book-club")],
        ..Directory::default()
    };
    let directories = BTreeMap::from([(Text::from("club"), directory)]);
    let endpoints: Vec<Text> = vec!["shop".into()];
    let words = BTreeMap::new();
    let around = Surroundings {
        directories: &directories,
        endpoints: &endpoints,
        words: &words,
    };
    let mut lowering = Lowering {
        report: Report::new(file),
        instance: instance(inputs_node.items().unwrap()),
        names: names(),
        blocks: Vec::new(),
        flows: BTreeMap::from([
            ("greet".into(), vec!["who".into()]),
            ("tidy".into(), Vec::new()),
        ]),
        modules: BTreeMap::from([(
            "checkin".into(),
            vec![("award".into(), 1), ("two".into(), 2)],
        )]),
        around: &around,
        met: Vec::new(),
        able: Vec::new(),
        communities: BTreeSet::from(["club".into()]),
    };
    let steps = Field::item(tree.as_ref().unwrap_or(&empty));
    let block = lower_block(&mut lowering, &steps, "do");
    let met = lowering.met.iter().filter(|met| met.step.guarded);
    let met = met.map(|met| {
        let asked = if met.asked { "?" } else { "" };
        format!("{} at {}{asked}", met.step.name, file.written(met.spot))
    });
    let met = met.collect();
    let steps = describe::block(&lowering.blocks, block, "");
    problems.append(&mut lowering.report.problems);
    drop(lowering);
    Read {
        steps,
        problems,
        sources,
        met,
    }
}

fn group(id: &str) -> GroupConfig {
    GroupConfig {
        id: id.into(),
        ..GroupConfig::default()
    }
}

fn instance(nodes: &[Node]) -> Instance<'_> {
    use crate::model::Span;
    let input = |kind, value, node: usize| Input {
        kind,
        value,
        node: nodes.get(node).unwrap(),
        stand_in: false,
    };
    let inputs = [
        (
            "delay",
            input(InputKind::Duration, Value::Span(Span::days(7)), 0),
        ),
        ("home", input(InputKind::Group, Value::text("lobby"), 1)),
        ("greeting", input(InputKind::Text, Value::text("hello"), 2)),
        ("minimum", input(InputKind::Number, Value::Int(3), 3)),
        ("speed", input(InputKind::Rate, Value::text("5 per 1m"), 4)),
    ];
    Instance {
        id: "a".into(),
        inputs: inputs.map(|(name, input)| (name.into(), input)).into(),
        ..Instance::default()
    }
}

fn names() -> Names {
    let declared = |kind, per: &[Per]| Declared {
        kind,
        per: per.to_vec(),
        fields: fields_of::<Text>([]),
    };
    let inputs = [
        ("delay", Type::Duration),
        ("home", Type::Text),
        ("greeting", Type::Text),
        ("minimum", Type::Number),
        ("speed", Type::Text),
    ];
    Names::new("a rule started by `join`")
        .with("member", Type::Member)
        .with("group", Type::Group)
        .with_root("community", Root::Community, table_fields(COMMUNITY))
        .with("now", Type::Time)
        .with_root("inputs", Root::Inputs, fields_of(inputs))
        .with_root("vars", Root::Vars, fields_of::<Text>([]))
        .with_root("event", Root::Event, event_fields(&["message"]))
        .with_root("run", Root::Run, table_fields(RUN))
        .with_data("visits", declared(DataKind::Counter, &[Per::Member]))
        .with_data("checkins", declared(DataKind::Streak, &[Per::Member]))
        .with_data("codes", declared(DataKind::List, &[]))
        .with_data("topic", declared(DataKind::Text, &[Per::Group]))
        .with_data("stock", declared(DataKind::Number, &[Per::Key]))
}

/// Steps and what they become.
#[track_caller]
fn check(text: &str, expect: &Expect) {
    let read = read(text);
    let drawn = draw(&read.problems, &read.sources, false);
    assert!(drawn.is_empty(), "{drawn}");
    expect.assert_eq(&read.steps);
}

/// Steps that are wrong and what is said about them, in one line each.
#[track_caller]
fn check_wrong(text: &str, expect: &Expect) {
    expect.assert_eq(&wrong(text));
}

fn wrong(text: &str) -> String {
    let read = read(text);
    let mut lines = String::new();
    for problem in &read.problems {
        let file = read.sources.get(problem.spot.file).unwrap();
        let at = file.line_column(problem.spot.start);
        lines += &format!(
            "{} {}:{} {} [{}] {}",
            problem.code,
            at.line,
            at.column,
            problem.message,
            file.written(problem.spot),
            problem.label,
        );
        if let Some(help) = &problem.help {
            lines += &format!(" | {}", help.text);
        }
        lines.push('\n');
    }
    lines
}
