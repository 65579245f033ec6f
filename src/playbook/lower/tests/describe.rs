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
        push(&mut out, format_args!(" {zone}"));
    }
    out.push('\n');
    for (name, value) in &playbook.inputs {
        push(&mut out, format_args!("  input {name} = {value:?}\n"));
    }
    for (name, value) in &playbook.vars {
        push(&mut out, format_args!("  var {name} = {value:?}\n"));
    }
    for (name, data) in &playbook.data {
        push(&mut out, format_args!("  data {name}: {data:?}\n"));
    }
    for (name, rate) in &playbook.limits {
        push(&mut out, format_args!("  limit {name}: {rate}\n"));
    }
    for rule in &playbook.rules {
        out += &self::rule(playbook, rule);
    }
    for (name, flow) in &playbook.flows {
        push(
            &mut out,
            format_args!("  flow {name}({})\n", flow.with.join(", ")),
        );
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
        push(&mut out, format_args!(" if={}", rule.condition.len()));
    }
    if let Some(cooldown) = &rule.cooldown {
        let whose = cooldown.per.as_ref().map_or("", per);
        push(
            &mut out,
            format_args!(" cooldown={:?} {whose}", cooldown.kind),
        );
    }
    for (what, there) in [
        ("title", rule.title.is_some()),
        ("once", rule.once.is_some()),
        ("late", rule.runs_late),
    ] {
        if there {
            push(&mut out, format_args!(" {what}"));
        }
    }
    if let Some(script) = &rule.script {
        push(&mut out, format_args!(" script={script}"));
    }
    push(
        &mut out,
        format_args!(
            "\n    missed {:?} backlog {:?}\n",
            rule.missed, rule.backlog
        ),
    );
    for trigger in &rule.triggers {
        push(&mut out, format_args!("    when {trigger:?}\n"));
    }
    for trigger in &rule.stop_when {
        push(&mut out, format_args!("    stop {trigger:?}\n"));
    }
    out += &block(&playbook.blocks, rule.body, "    ");
    out
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.push_str(&text.to_string());
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
