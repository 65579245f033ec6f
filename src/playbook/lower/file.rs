//! A playbook file: its keys from the top, and the playbook that an instance of it becomes.

use super::checks;
use super::context::{Input, Instance, Lowering};
use super::data::Data;
use super::inputs::{self, Asked, unknown_group};
use super::rules::Lowered;
use super::set::Set;
use super::steps::lower_block;
use super::text::holds_reference;
use super::value::plain_value;
use crate::model::Text;
use crate::playbook::codes::Code;
use crate::playbook::diagnostic::Diagnostic;
use crate::playbook::grammar::{self, files, names};
use crate::playbook::rule::{self, Flow, Playbook, Rate, Scope, State};
use crate::playbook::shape::{Field, Fields, Report};
use crate::playbook::source::{SourceFile, Spot};
use crate::playbook::yaml::Node;
use crate::script::{Names, compile_template};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// The version of the format that this build reads.
const FORMAT: &str = "1";

/// A playbook file before any of its steps was read.
pub(super) struct Sheet<'a> {
    pub(super) file: &'a SourceFile,
    pub(super) root: Fields<'a>,
    pub(super) id: Text,
    /// Of the id.
    pub(super) spot: Spot,
    pub(super) asked: Vec<Asked<'a>>,
}

/// What a use says in place of the playbook's own keys.
#[derive(Clone, Copy)]
pub(super) struct Over<'a> {
    pub(super) file: &'a SourceFile,
    pub(super) root: Fields<'a>,
}

/// `steward: 1`.
pub(super) fn format(report: &mut Report<'_>, root: Fields<'_>) {
    let why = "the version of the format comes first: `steward: 1`";
    let Some(field) = report.need(root, "steward", why) else {
        return;
    };
    let Some(text) = report.text(field, "`1`") else {
        return;
    };
    if text == FORMAT {
        return;
    }
    let newer = text.parse::<u32>().is_ok_and(|version| version > 1);
    let (code, message) = if newer {
        let message = format!("this file needs Steward ≥ {text}");
        (Code::NewerFormat, message)
    } else {
        let message = format!("`steward` takes `{FORMAT}`, not `{text}`");
        (Code::WrongType, message)
    };
    let problem = Diagnostic::error(code, field.spot(), message);
    report.push(problem.label(format!("this one reads format {FORMAT}")));
}

/// Reads what can be read of a playbook before it is instantiated.
pub(super) fn sheet<'a>(
    report: &mut Report<'_>,
    file: &'a SourceFile,
    root: Fields<'a>,
) -> Option<Sheet<'a>> {
    format(report, root);
    report.known(root, &names(files::PLAYBOOK), &[]);
    let id = report.need(root, "playbook", "");
    let spot = id.map_or(root.spot, |field| field.spot());
    let id = id.and_then(|field| report.id(field));
    if let Some(about) = root.get("about") {
        report.text(about, "one line of text");
    }
    let asked = inputs::asked(report, root);
    Some(Sheet {
        file,
        root,
        id: id?,
        spot,
        asked,
    })
}

/// Lowers one instance of a playbook: its own file with the defaults, or a use of it.
pub(super) fn playbook<'a>(
    set: &Set<'a>,
    sheet: &Sheet<'a>,
    id: Text,
    inputs: BTreeMap<Text, Input<'a>>,
    over: Option<Over<'a>>,
) -> (Playbook, Vec<Diagnostic>) {
    let mut lowering = Lowering {
        report: Report::new(sheet.file),
        instance: Instance {
            id: id.clone(),
            inputs,
            vars: BTreeMap::new(),
            zone: None,
        },
        names: Names::default(),
        blocks: Vec::new(),
        flows: BTreeMap::new(),
        modules: BTreeMap::new(),
        around: set.around,
        met: Vec::new(),
        able: Vec::new(),
        communities: std::collections::BTreeSet::new(),
    };
    let top = Top {
        own: sheet.root,
        over,
    };
    lowering.instance.vars = vars(&mut lowering, sheet.root);
    let zone = top.get("timezone");
    let zone = zone.and_then(|field| lowering.zone(field));
    lowering.instance.zone = zone.as_ref().map(|(_, zone)| zone.clone());
    let scope = lowering.scope(top);
    lowering.communities = set.around.communities(&scope);
    lowering.group_inputs(sheet);
    let lame = lowering.scripts(set, sheet.root);
    lowering.names = lowering.names_of("this playbook", &[], false);
    let data = lowering.data(sheet.root, &set.homes);
    let vars = lowering.vars_fields();
    lowering.flow_heads(sheet.root);
    let mut rules = lowering.rules(sheet.root);
    lowering.flow_names(&rules);
    let flows = lowering.flows(sheet.root);
    let whole = lowering.script_rules(set, sheet.root, &rules);
    rules.extend(whole);
    let limits = lowering.limits(sheet.root);
    let state = top.get("state").and_then(|field| lowering.state(field));
    checks::safety(&mut lowering, sheet.root, &scope, &rules);
    checks::scripts(&mut lowering, set, sheet.root, &rules);
    if !lame.is_empty() {
        let told = |problem: &Diagnostic| lame.contains(&problem.spot);
        let problems = &mut lowering.report.problems;
        problems.retain(|problem| problem.code != Code::UnknownScript || told(problem));
    }
    let state = checks::state(&mut lowering, sheet, state);
    let about = top.get("about").and_then(|field| field.as_text());
    let playbook = Playbook {
        id,
        file: over
            .map_or(&sheet.file.path, |over| &over.file.path)
            .clone(),
        about: about.unwrap_or_default().into(),
        scope,
        timezone: zone.map(|(name, _)| name),
        inputs: inputs::values(&lowering.instance.inputs),
        vars,
        data: defs(data),
        limits,
        state: state.0,
        rules: rules
            .into_iter()
            .map(|lowered| with_state(lowered, state))
            .collect(),
        blocks: lowering.blocks,
        flows,
    };
    (playbook, lowering.report.problems)
}

fn defs(data: BTreeMap<Text, Data>) -> BTreeMap<Text, rule::DataDef> {
    data.into_iter()
        .map(|(name, data)| (name, data.def))
        .collect()
}

/// A rule's own word counts, but it cannot be bolder than what the playbook says outright.
fn with_state(lowered: Lowered, (state, said): (State, bool)) -> rule::Rule {
    let own = lowered.state.unwrap_or(state);
    let state = if said { cautious(own, state) } else { own };
    rule::Rule {
        state,
        ..lowered.rule
    }
}

const fn cautious(one: State, other: State) -> State {
    match (one, other) {
        (State::Paused, _) | (_, State::Paused) => State::Paused,
        (State::Shadow, _) | (_, State::Shadow) => State::Shadow,
        (State::Live, State::Live) => State::Live,
    }
}

/// Keys of a use come before those of its playbook.
#[derive(Clone, Copy)]
pub(super) struct Top<'a> {
    own: Fields<'a>,
    over: Option<Over<'a>>,
}

impl<'a> Top<'a> {
    fn get(self, key: &str) -> Option<Field<'a>> {
        let over = self.over.and_then(|over| over.root.get(key));
        over.or_else(|| self.own.get(key))
    }
}

fn vars<'a>(lowering: &mut Lowering<'a>, root: Fields<'a>) -> BTreeMap<Text, &'a Node> {
    let field = root.get("vars");
    let map = field.and_then(|field| lowering.report.map(field, "a map of names to values"));
    let mut vars = BTreeMap::new();
    for field in map.iter().flat_map(Fields::iter) {
        let Some(key) = field.key else { continue };
        if field.node.kind == crate::playbook::yaml::NodeKind::Empty {
            lowering.report.wrong_shape(field, "a value");
        } else if holds_reference(field.node, "vars.") {
            let message = "a var cannot stand for another var";
            let problem = Diagnostic::error(Code::WrongType, field.spot(), message);
            lowering
                .report
                .push(problem.label("write the value itself"));
        } else if lowering.check_name(key.spot, &key.text) {
            vars.insert(key.text.clone(), field.node);
        }
    }
    vars
}

impl Lowering<'_> {
    fn zone(&mut self, field: Field<'_>) -> Option<(Text, TimeZone)> {
        let field = self.resolved(field)?;
        self.report.zone(field)
    }

    /// `groups`: where the playbook applies.
    fn scope(&mut self, top: Top<'_>) -> Scope {
        let nowhere = Scope::Groups(Vec::new());
        let Some(field) = top.get("groups") else {
            let why =
                "where does it apply? `groups: [lobby]`, `groups: { tag: x }` or `groups: all`";
            self.report.need(top.own, "groups", why);
            return nowhere;
        };
        if field.as_text() == Some("all") {
            return Scope::All;
        }
        if field.node.entries().is_some() {
            let tag = self.report.map(field, "a tag").and_then(|map| {
                self.report.known(map, &["tag"], &[]);
                self.report.need(map, "tag", "")
            });
            return tag.and_then(|tag| self.tag(tag)).unwrap_or(nowhere);
        }
        let wanted = "a list of group ids, `{ tag: x }` or `all`";
        let mut ids = Vec::new();
        for item in self.report.one_or_more(field, wanted) {
            let Some(item) = self.resolved(item) else {
                continue;
            };
            let Some(id) = self.report.text(item, "the id of a group") else {
                continue;
            };
            if self.around.directories.is_empty() || self.around.is_group(id) {
                ids.push(id.into());
            } else if !self.is_stand_in(item.node) {
                let problem = unknown_group(item.spot(), id, self.around);
                self.report.push(problem);
            }
        }
        Scope::Groups(ids)
    }

    fn tag(&mut self, field: Field<'_>) -> Option<Scope> {
        let field = self.resolved(field)?;
        let tag = self.report.text(field, "a tag")?;
        let around = self.around;
        let known = around.directories.is_empty() || around.tags().any(|known| known == tag);
        if !known && !self.is_stand_in(field.node) {
            let message = format!("no group has the tag `{tag}` now");
            let near = super::context::nearest(tag, around.tags());
            let problem = Diagnostic::warning(Code::UnknownGroup, field.spot(), message)
                .label("applies nowhere until a group gets it");
            self.report.push(problem.did_you_mean(near));
        }
        Some(Scope::Tag(tag.into()))
    }

    /// Groups that inputs name must be of the communities that the playbook applies in.
    fn group_inputs(&mut self, sheet: &Sheet<'_>) {
        for asked in &sheet.asked {
            let Some(input) = self.instance.inputs.get(&asked.name) else {
                continue;
            };
            let node = input.node;
            let id = input.value.as_text().cloned();
            if input.kind == super::context::InputKind::Group
                && !self.is_stand_in(node)
                && let Some(id) = id
            {
                self.own_group(node.spot, &id);
            }
        }
    }

    /// A group must be of every community that the playbook applies in; told if not.
    pub(super) fn own_group(&mut self, spot: Spot, id: &str) -> bool {
        let around = self.around;
        let foreign = self.communities.iter();
        let mut foreign = foreign.filter(|community| !around.is_group_of(community, id));
        let Some(foreign) = foreign.next().cloned() else {
            return true;
        };
        let message = format!("group `{id}` is not of community `{foreign}`");
        self.report.push(
            Diagnostic::error(Code::UnknownGroup, spot, message)
                .label("belongs to another community")
                .because(format!(
                    "this playbook applies in `{foreign}` too, and cannot reach across"
                ))
                .help("bind the playbook to the groups of one community"),
        );
        false
    }

    /// True for a value that nobody wrote.
    pub(super) fn is_stand_in(&self, node: &Node) -> bool {
        let mut inputs = self.instance.inputs.values();
        inputs.any(|input| input.stand_in && std::ptr::eq(input.node, node))
    }

    fn vars_fields(&mut self) -> BTreeMap<Text, rule::Field> {
        let vars = self.instance.vars.clone();
        let mut fields = BTreeMap::new();
        for (name, node) in vars {
            let hole = node.text().filter(|text| text.contains("${"));
            let field = match hole {
                None => rule::Field::Is(plain_value(node)),
                Some(text) => {
                    let (template, findings) = compile_template(text, &self.names);
                    self.tell(node, 0, findings);
                    let Some(template) = template else { continue };
                    rule::Field::Text(template)
                }
            };
            fields.insert(name, field);
        }
        fields
    }

    /// The names of the flows and what they take, so that rules can call them.
    fn flow_heads(&mut self, root: Fields<'_>) {
        let field = root.get("flows");
        let map = field.and_then(|field| {
            self.report
                .map(field, "a map of names to `{ with: […], do: […] }`")
        });
        for field in map.iter().flat_map(Fields::iter) {
            let Some(key) = field.key else { continue };
            let Some(map) = self.report.map(field, "a map with `do`") else {
                continue;
            };
            self.report.known(map, &names(files::FLOW), &[]);
            let mut with = Vec::new();
            if let Some(field) = map.get("with") {
                for item in self.report.one_or_more(field, "a name or a list of names") {
                    with.extend(self.new_name(&item));
                }
            }
            self.flows.insert(key.text.clone(), with);
        }
    }

    fn flows(&mut self, root: Fields<'_>) -> BTreeMap<Text, Flow> {
        let mut flows = BTreeMap::new();
        let entries = root.get("flows").and_then(|field| field.node.entries());
        for (key, node) in entries.unwrap_or_default() {
            let (Some(with), Some(entries)) = (self.flows.get(&key.text).cloned(), node.entries())
            else {
                continue;
            };
            let map = Fields {
                spot: key.spot,
                entries,
            };
            let Some(steps) = self.report.need(map, "do", "a flow has steps") else {
                continue;
            };
            let path = format!("flows/{}", key.text);
            let block = self.scoped(|inside| {
                for name in &with {
                    inside.add_name(name, crate::script::Type::Any);
                }
                lower_block(inside, &steps, &path)
            });
            flows.insert(key.text.clone(), Flow { with, block });
        }
        flows
    }

    fn limits(&mut self, root: Fields<'_>) -> BTreeMap<Text, Rate> {
        let field = root.get("limits");
        let map = field.and_then(|field| {
            self.report
                .map(field, "a map of steps to rates such as `remove: 20 per 1d`")
        });
        let Some(map) = map else {
            return BTreeMap::new();
        };
        let steps: Vec<&str> = grammar::step_names().collect();
        self.report.known(map, &steps, grammar::LATER_STEPS);
        let mut limits = BTreeMap::new();
        for field in map.iter() {
            let Some(key) = field.key.filter(|key| steps.contains(&&*key.text)) else {
                continue;
            };
            let rate = self.resolved(field);
            if let Some(rate) = rate.and_then(|field| self.report.rate(field)) {
                limits.insert(key.text.clone(), rate);
            }
        }
        limits
    }
}
