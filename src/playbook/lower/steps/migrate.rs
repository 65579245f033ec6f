//! `migrate`: a flow of simpler steps, written in the playbook language (`migrate.yaml`) with the
//! step's fields put in.

use super::lower_block;
use super::reader::{Reader, entry};
use crate::playbook::codes::Code;
use crate::playbook::diagnostic::Diagnostic;
use crate::playbook::grammar::{CREATE, TO};
use crate::playbook::rule::{self, Act};
use crate::playbook::shape::Field;
use crate::playbook::source::{SourceFile, Spot};
use crate::playbook::yaml::{self, Key, Node, NodeKind};
use crate::script::Type;
use std::collections::BTreeMap;

const FLOW: &str = include_str!("migrate.yaml");

/// Names that the flow gives, which the playbook's own texts in it may use.
const OWN_NAMES: [&str; 2] = ["volunteers", "new_group"];

/// What stands for each `$name`.
type Parts = BTreeMap<String, Node>;

pub(super) fn migrate(reader: &mut Reader<'_, '_, '_>) -> Option<Act> {
    let spot = reader.name.key.map_or(reader.name.spot(), |key| key.spot);
    for name in OWN_NAMES {
        if reader.lowering.names.get(name).is_some() {
            let message = format!("`migrate` gives the name `{name}` itself");
            let problem = Diagnostic::error(Code::NameCollision, spot, message);
            reader.wrong(problem.label("give your own result another name"));
        }
    }
    // What can be checked on its own is told first, where it stands.
    for name in ["from", "ask", "minimum", "close_after"] {
        reader.value(name);
    }
    let pace = reader.get("pace");
    pace.and_then(|field| reader.rate(field));
    let target = target(reader);
    if !reader.good {
        return None;
    }
    let flow = flow(spot)?;
    let parts = parts(reader, &flow, &target, spot);
    let middle = match target {
        Target::Create(_) => "create",
        Target::Given => "given",
        Target::ById(_) => "given_by_id",
    };
    let mut steps = Vec::new();
    for section in ["ask", middle, "move"] {
        let items = flow.get(section).and_then(Node::items).unwrap_or_default();
        steps.extend(items.iter().map(|step| filled(step, &parts, spot)));
    }
    let list = Node {
        spot: reader.name.spot(),
        kind: NodeKind::List(steps),
    };
    let path = format!("{}/migrate", reader.path);
    let problems = reader.lowering.report.problems.len();
    let block = reader
        .lowering
        .scoped(|lowering| lower_block(lowering, &Field::item(&list), &path));
    reader.good &= reader.lowering.report.problems.len() == problems;
    let group = match target {
        Target::ById(_) => Type::Text,
        Target::Create(_) | Target::Given => Type::Group,
    };
    reader.gives = Some(Type::record([
        ("invited", Type::Number),
        ("came", Type::Number),
        ("rate", Type::Number),
        ("group", group),
    ]));
    Some(Act::Block(block))
}

/// Where the members go.
enum Target<'n> {
    /// A new group; what is said about it, if anything.
    Create(Option<Field<'n>>),
    Given,
    ById(String),
}

fn target<'n>(reader: &mut Reader<'_, '_, 'n>) -> Target<'n> {
    let Some(to) = reader.get("to") else {
        name_missing(reader, None);
        return Target::Create(None);
    };
    if to.node.entries().is_none() {
        return match reader.value("to") {
            Some(rule::Field::Is(value)) => Target::ById(
                value
                    .as_text()
                    .map(|id| (**id).to_owned())
                    .unwrap_or_default(),
            ),
            Some(_) | None => Target::Given,
        };
    }
    let create = reader.inside(&to, TO, |reader| {
        let create = reader.get("create")?;
        reader.inside(&create, CREATE, |reader| {
            reader.value("name");
            reader.value("like");
        });
        Some(create)
    });
    let create = create.flatten();
    name_missing(reader, create.as_ref());
    Target::Create(create)
}

/// The default name is made from the run's group, so another one needs a name.
fn name_missing(reader: &mut Reader<'_, '_, '_>, create: Option<&Field<'_>>) {
    let named = create.is_some_and(|create| entry(create, "name").is_some());
    let Some(from) = reader.get("from") else {
        return;
    };
    if !named && reader.good && from.as_text() != Some("group") {
        let problem = Diagnostic::error(Code::MissingKey, from.spot(), "the new group has no name")
            .label("the default name is that of the run's group")
            .help("write `to: { create: { name: … } }`");
        reader.wrong(problem);
    }
}

/// The file of the flow; every place in it stands for the step in the playbook.
fn flow(spot: Spot) -> Option<Node> {
    let file = SourceFile {
        id: spot.file,
        path: "migrate.yaml".into(),
        text: FLOW.into(),
    };
    yaml::parse(&file).0
}

fn parts(reader: &Reader<'_, '_, '_>, flow: &Node, target: &Target<'_>, spot: Spot) -> Parts {
    let mut parts = Parts::new();
    let defaults = flow.get("defaults").and_then(Node::entries);
    for (key, default) in defaults.unwrap_or_default() {
        let name = key.text.as_ref().to_owned();
        let said = reader.get(&name).map(|field| field.node.clone());
        parts.insert(
            name,
            said.unwrap_or_else(|| filled(default, &Parts::new(), spot)),
        );
    }
    if let Target::Create(Some(create)) = target {
        for name in ["name", "like"] {
            if let Some(said) = entry(create, name) {
                parts.insert(name.to_owned(), said.node.clone());
            }
        }
    }
    if let Some(to) = reader.get("to") {
        parts.insert("to".to_owned(), to.node.clone());
    }
    if let Target::ById(id) = target {
        parts.insert("to_id".to_owned(), quoted(id, spot));
    }
    // `like: $from` is a default that names another part.
    let like = parts.get("like").map(|like| filled(like, &parts, spot));
    parts.extend(like.map(|like| ("like".to_owned(), like)));
    let result = reader.beside.get("as").and_then(|field| field.as_text());
    let result = result.unwrap_or("migrate_result");
    parts.insert("result".to_owned(), quoted(result, spot));
    parts
}

/// A text as a node.
fn quoted(text: &str, spot: Spot) -> Node {
    let file = SourceFile {
        id: spot.file,
        path: "migrate.yaml".into(),
        text: yaml::in_quotes(text).into(),
    };
    let node = yaml::parse(&file).0;
    node.map_or(
        Node {
            spot,
            kind: NodeKind::Broken,
        },
        |node| filled(&node, &Parts::new(), spot),
    )
}

/// A part of the flow with every `$name` filled in, standing at the step's place.
fn filled(node: &Node, parts: &Parts, spot: Spot) -> Node {
    let part = |text: &str| text.strip_prefix('$').and_then(|name| parts.get(name));
    let kind = match &node.kind {
        NodeKind::Scalar(scalar) => match part(&scalar.text) {
            Some(part) => return part.clone(),
            None => NodeKind::Scalar(scalar.clone()),
        },
        NodeKind::List(items) => {
            NodeKind::List(items.iter().map(|item| filled(item, parts, spot)).collect())
        }
        NodeKind::Map(entries) => {
            let entries = entries.iter().map(|(key, node)| {
                let text = part(&key.text).and_then(Node::text);
                let key = Key {
                    spot,
                    text: text.map_or_else(|| key.text.clone(), Into::into),
                };
                (key, filled(node, parts, spot))
            });
            NodeKind::Map(entries.collect())
        }
        NodeKind::Empty => NodeKind::Empty,
        NodeKind::Broken => NodeKind::Broken,
    };
    Node { spot, kind }
}
