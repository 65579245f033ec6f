//! A rulebook in a few lines: what every rule is started by, whose runs it has, and its steps.

use super::super::steps::tests::describe::block;
use crate::playbook::rule::{Per, Playbook, Rule, Rulebook};

/// All playbooks of a rulebook.
pub(super) fn rulebook(rulebook: &Rulebook) -> String {
    rulebook.playbooks.iter().map(playbook).collect()
}

fn playbook(playbook: &Playbook) -> String {
    let mut out = format!(
        "{} ({}) {:?} {:?}",
        playbook.id, playbook.file, playbook.scope, playbook.state
    );
    if let Some(zone) = &playbook.timezone {
        out += &format!(" {zone}");
    }
    out.push('\n');
    for (name, value) in &playbook.inputs {
        out += &format!("  input {name} = {value:?}\n");
    }
    for (name, value) in &playbook.vars {
        out += &format!("  var {name} = {value:?}\n");
    }
    for (name, data) in &playbook.data {
        out += &format!("  data {name}: {data:?}\n");
    }
    for (name, rate) in &playbook.limits {
        out += &format!("  limit {name}: {rate}\n");
    }
    for rule in &playbook.rules {
        out += &self::rule(playbook, rule);
    }
    for (name, flow) in &playbook.flows {
        out += &format!("  flow {name}({})\n", flow.with.join(", "));
        out += &block(&playbook.blocks, flow.block, "    ");
    }
    out
}

fn rule(playbook: &Playbook, rule: &Rule) -> String {
    let mut out = format!(
        "  {} line {} {:?} {} {:?} max={}",
        rule.name,
        rule.line,
        rule.state,
        per(&rule.per),
        rule.mode,
        rule.max
    );
    if !rule.condition.is_empty() {
        out += &format!(" if={}", rule.condition.len());
    }
    if let Some(cooldown) = &rule.cooldown {
        let whose = cooldown.per.as_ref().map_or("", per);
        out += &format!(" cooldown={:?} {whose}", cooldown.kind);
    }
    for (what, there) in [
        ("title", rule.title.is_some()),
        ("once", rule.once.is_some()),
        ("late", rule.runs_late),
    ] {
        if there {
            out += &format!(" {what}");
        }
    }
    if let Some(script) = &rule.script {
        out += &format!(" script={script}");
    }
    out += &format!(
        "\n    missed {:?} backlog {:?}\n",
        rule.missed, rule.backlog
    );
    for trigger in &rule.triggers {
        out += &format!("    when {trigger:?}\n");
    }
    for trigger in &rule.stop_when {
        out += &format!("    stop {trigger:?}\n");
    }
    out += &block(&playbook.blocks, rule.body, "    ");
    out
}

fn per(per: &Per) -> &'static str {
    match per {
        Per::Member => "per member",
        Per::Group => "per group",
        Per::Community => "per community",
        Per::Event => "per event",
        Per::Key(_) => "per key",
    }
}
