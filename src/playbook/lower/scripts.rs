//! Scripts that a playbook lists, and the rules that scripts are: `fn decide(ctx)` under a header
//! of `//! when: …` lines.

use super::context::{Lowering, nearest};
use super::rules::Lowered;
use super::set::Set;
use crate::model::Text;
use crate::playbook::codes::Code;
use crate::playbook::diagnostic::Diagnostic;
use crate::playbook::grammar::{files, names};
use crate::playbook::rule::{Act, Block, OnError, Rule, Step};
use crate::playbook::shape::{Field, Fields, Report};
use crate::playbook::source::{SourceFile, Spot};
use crate::playbook::yaml;

impl<'a> Lowering<'a> {
    /// Makes the functions of the listed scripts known. Gives the places of those that have errors:
    /// nothing can be said about calls then.
    pub(super) fn scripts(&mut self, set: &Set<'_>, root: Fields<'_>) -> Vec<Spot> {
        let mut lame = Vec::new();
        for (field, name) in self.listed(root) {
            if let Some(module) = set.scripts.get(&name) {
                self.modules.insert(name, module.functions().to_vec());
                continue;
            }
            let problem = |message| Diagnostic::error(Code::UnknownScript, field.spot(), message);
            if set.script_files.contains_key(&name) {
                lame.push(field.spot());
                let problem = problem(format!("script `{name}` has errors"));
                self.report
                    .push(problem.label("cannot be used before it is put right"));
            } else {
                let known = set.script_files.keys().map(|name| &**name);
                let near = nearest(&name, known);
                let problem = problem(format!("unknown script `{name}`"))
                    .label(format!("there is no `{name}.rhai`"));
                self.report.push(problem.did_you_mean(near));
            }
        }
        lame
    }

    fn listed<'n>(&mut self, root: Fields<'n>) -> Vec<(Field<'n>, Text)> {
        let Some(field) = root.get("scripts") else {
            return Vec::new();
        };
        let items = self.report.one_or_more(field, "a list of scripts");
        items
            .into_iter()
            .filter_map(|item| Some((item, self.report.text(item, "the name of a script")?.into())))
            .collect()
    }

    /// The rules that listed scripts are, but for those that a rule of the file names in its `do`.
    pub(super) fn script_rules(
        &mut self,
        set: &'a Set<'_>,
        root: Fields<'_>,
        others: &[Lowered],
    ) -> Vec<Lowered> {
        let entries = root.get("scripts").map(|field| field.node);
        let listed: Vec<Text> = match entries {
            Some(node) => match node.items() {
                Some(items) => items
                    .iter()
                    .filter_map(|item| item.text())
                    .map(Into::into)
                    .collect(),
                None => node.text().map(Into::into).into_iter().collect(),
            },
            None => Vec::new(),
        };
        let mut rules = Vec::new();
        for name in listed {
            let Some(module) = set.scripts.get(&name) else {
                continue;
            };
            let named = |lowered: &Lowered| lowered.rule.script.as_ref() == Some(&name);
            if others.iter().any(named) {
                continue;
            }
            let whole = module.header().iter().any(|(key, _)| &**key == "when");
            let Some(file) = set.script_files.get(&name).filter(|_| whole) else {
                continue;
            };
            if !module.has("decide", 1) {
                let spot = Spot::new(file.id, 0, 0);
                let message = "a script with a header `when` is a rule, and has no `decide(ctx)`";
                self.report
                    .push(Diagnostic::error(Code::UnknownScript, spot, message));
                continue;
            }
            let same = others.iter().find(|other| other.rule.id == name);
            if let Some(same) = same {
                let message = format!("rule `{name}` has the name of a script that is a rule");
                let problem = Diagnostic::error(Code::DuplicateId, same.spot, message);
                self.report
                    .push(problem.label("give the rule another id, or write `do: module::decide`"));
                continue;
            }
            rules.extend(self.script_rule(file, &name));
        }
        rules
    }

    /// The steps of a rule that is a script: decide, then carry out what it gave.
    pub(super) fn decision(&mut self, module: &Text) -> u32 {
        let step = |path: &str, name: &str, act| Step {
            path: path.into(),
            line: 1,
            name: name.into(),
            condition: Vec::new(),
            otherwise: None,
            result_as: None,
            retry: None,
            on_error: OnError::Stop,
            once: None,
            state: None,
            act,
        };
        let effects = Block {
            steps: vec![step("do/0/do/0", "effect", Act::Effect)],
        };
        let block = self.push_block(effects);
        let module = module.clone();
        let decide = step("do/0", "decide", Act::Decide { module, block });
        self.push_block(Block {
            steps: vec![decide],
        })
    }

    fn script_rule(&mut self, file: &'a SourceFile, name: &Text) -> Option<Lowered> {
        let header = SourceFile {
            id: file.id,
            path: file.path.clone(),
            text: header(&file.text).into(),
        };
        let (tree, problems) = yaml::parse(&header);
        self.report.problems.extend(problems);
        let tree = tree?;
        let own = std::mem::replace(&mut self.report, Report::new(file));
        let lowered = self
            .report
            .map(Field::item(&tree), "keys of a rule")
            .map(|map| {
                let known: Vec<&str> = names(files::RULE)
                    .into_iter()
                    .filter(|key| !matches!(*key, "rule" | "do"))
                    .collect();
                self.report.known(map, &known, files::LATER_RULE_KEYS);
                let head = self.head(map, "when");
                let body = self.decision(name);
                let lowered = self.rule_with(map, head, body, Some(name.clone()));
                Lowered {
                    rule: Rule {
                        name: self.full_name(name),
                        id: name.clone(),
                        line: 1,
                        ..lowered.rule
                    },
                    ..lowered
                }
            });
        let found = std::mem::replace(&mut self.report, own);
        self.report.problems.extend(found.problems);
        lowered
    }
}

/// The header of a script as YAML whose bytes stand where they stand in the script. Lines that are
/// neither a key nor an item are remarks.
fn header(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    for line in source.split_inclusive('\n') {
        let Some((before, text)) = line.split_once("//!") else {
            break;
        };
        if !before.trim().is_empty() {
            break;
        }
        out.push_str(before);
        out.push_str("   ");
        if text.contains(':') || text.trim_start().starts_with("- ") {
            out.push_str(text);
        } else {
            out.extend(
                text.bytes()
                    .map(|byte| if byte == b'\n' { '\n' } else { ' ' }),
            );
        }
    }
    out
}
