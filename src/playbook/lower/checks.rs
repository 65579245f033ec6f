//! What a playbook may not do as it stands: guarded steps without a limit, steps that the platform
//! has no way for, removal by silence where not everything is heard.

use super::context::Lowering;
use super::file::Sheet;
use super::rules::Lowered;
use super::set::Set;
use super::steps::Met;
use crate::model::{Abilities, Kind, Text};
use crate::playbook::codes::Code;
use crate::playbook::diagnostic::{Diagnostic, has_errors};
use crate::playbook::rule::{Scope, State, Trigger};
use crate::playbook::shape::Fields;
use crate::playbook::source::Spot;
use std::collections::{BTreeMap, BTreeSet};

/// Limits, abilities and silence.
pub(super) fn safety(
    lowering: &mut Lowering<'_>,
    root: Fields<'_>,
    scope: &Scope,
    rules: &[Lowered],
) {
    let limited = limited(root);
    let bound = lowering.around.connectors(scope);
    let bound: BTreeMap<Text, (Kind, Abilities)> = bound
        .into_iter()
        .map(|(name, kind)| (name, (kind, kind.abilities())))
        .collect();
    let mut told = BTreeSet::new();
    let mut problems = Vec::new();
    for met in &lowering.met {
        let name = met.step.name;
        if met.step.guarded && !limited.contains(name) && told.insert(name) {
            problems.push(missing_limit(name, met.spot, root));
        }
    }
    told.clear();
    for met in &lowering.met {
        let cannot = cannot(met, &bound);
        if let Some(problem) = cannot.filter(|_| told.insert(met.step.name)) {
            problems.push(problem);
        }
    }
    for lowered in rules {
        problems.extend(by_silence(&lowering.met, lowered, &bound));
    }
    lowering.report.problems.extend(problems);
}

/// Steps that have a limit, also one that could not be read.
fn limited(root: Fields<'_>) -> BTreeSet<&str> {
    let entries = root.get("limits").and_then(|field| field.node.entries());
    let entries = entries.unwrap_or_default().iter();
    entries.map(|(key, _)| &*key.text).collect()
}

fn missing_limit(name: &str, spot: Spot, root: Fields<'_>) -> Diagnostic {
    let (label, rate) = match name {
        "remove" => ("takes people out of a chat", "20 per 1d"),
        "ban" => ("keeps people out of a chat", "10 per 1d"),
        "mute" => ("keeps people from writing", "20 per 1d"),
        "delete_message" => ("takes messages away", "100 per 1d"),
        "close_group" => ("closes a chat", "1 per 7d"),
        "create_group" => ("opens chats", "1 per 7d"),
        "invite" => ("brings people into a chat", "200 per 1d"),
        "migrate" => ("moves people to another chat", "1 per 7d"),
        "charge" => ("takes points away", "100 per 1d"),
        _ => ("can do harm", "20 per 1d"),
    };
    let help = match root.get("limits") {
        Some(_) => format!("say how many at most: add `{name}: {rate}` under `limits`"),
        None => format!(
            "say how many at most: add `limits: {{ {name}: {rate} }}` at the top of this file"
        ),
    };
    let message = format!("`{name}` needs a limit");
    Diagnostic::error(Code::MissingLimit, spot, message)
        .label(label)
        .help(help)
}

/// A step that some platform of the playbook's groups has no way for.
fn cannot(met: &Met, bound: &BTreeMap<Text, (Kind, Abilities)>) -> Option<Diagnostic> {
    if met.asked || met.step.second_way {
        return None;
    }
    let needs = || met.step.needs.iter();
    let lacking = |abilities: &Abilities| needs().any(|need| abilities.can(need) == Some(false));
    let (connector, (kind, _)) = bound.iter().find(|(_, (_, able))| lacking(able))?;
    let name = met.step.name;
    let message = format!("`{name}` is not possible on `{connector}`");
    Some(
        Diagnostic::error(Code::PlatformCannot, met.spot, message)
            .label(format!("no bot can do this on {}", kind.word()))
            .because(format!(
                "the playbook is bound to a group of connector `{connector}`"
            ))
            .help(format!(
                "put it under `if: group.can(\"{name}\")`, or use a `task` for a person"
            )),
    )
}

/// `remove` in a rule that silence starts, where silence cannot be told.
pub(super) fn by_silence(
    met: &[Met],
    lowered: &Lowered,
    bound: &BTreeMap<Text, (Kind, Abilities)>,
) -> Option<Diagnostic> {
    let silent = lowered.rule.triggers.iter().any(|trigger| match trigger {
        Trigger::MemberInactive(_) | Trigger::GroupInactive(_) => true,
        Trigger::Join { .. }
        | Trigger::Leave { .. }
        | Trigger::JoinRequest
        | Trigger::Message(_)
        | Trigger::Keyword(_)
        | Trigger::Command(_)
        | Trigger::Reaction { .. }
        | Trigger::Schedule(_)
        | Trigger::SinceJoin(_)
        | Trigger::SinceGroupCreated(_)
        | Trigger::Signal { .. } => false,
    });
    let (connector, (kind, _)) = bound
        .iter()
        .find(|(_, (_, abilities))| !abilities.hears_everything)?;
    let own = met.get(lowered.met.clone()).unwrap_or_default();
    let is = |met: &&Met, names: &[&str]| names.contains(&met.step.name);
    let calls = own.iter().any(|met| met.step.name == "call");
    // What a flow does, any rule that calls flows may do.
    let flows = if calls { met } else { own };
    let step = own
        .iter()
        .chain(flows)
        .find(|met| is(met, &["remove", "ban"]))?;
    let name = step.step.name;
    let message = format!("`{name}` after `inactivity` where not everything is heard");
    silent.then(|| {
        Diagnostic::error(Code::SilenceUnknown, step.spot, message)
            .label("someone who seems silent may be talking")
            .because(format!(
                "`{connector}` ({}) does not hand every message to a bot",
                kind.word()
            ))
    })
}

/// The playbook's state and whether it says so: `shadow` where something in it is guarded.
pub(super) fn state(
    lowering: &mut Lowering<'_>,
    sheet: &Sheet<'_>,
    said: Option<State>,
) -> (State, bool) {
    if let Some(state) = said {
        return (state, true);
    }
    let guarded = lowering.met.iter().find(|met| met.step.guarded);
    let Some(guarded) = guarded else {
        return (State::Live, false);
    };
    if !has_errors(&lowering.report.problems) {
        let message = format!("playbook `{}` begins in shadow", sheet.id);
        let note = Diagnostic::note(Code::StartsInShadow, sheet.spot, message)
            .label("it decides, and sends nothing yet")
            .other(guarded.spot, "because of this step")
            .help("write `state: live` when what it decides is right");
        lowering.report.push(note);
    }
    (State::Shadow, false)
}

/// Guarded effects that whole-rule scripts make need a limit as well.
pub(super) fn scripts(
    lowering: &mut Lowering<'_>,
    set: &Set<'_>,
    root: Fields<'_>,
    rules: &[Lowered],
) {
    const CALL: &str = "fx::remove";
    let limited = limited(root).contains("remove");
    let told = lowering.met.iter().any(|met| met.step.name == "remove");
    for lowered in rules {
        let script = lowered.rule.script.as_ref();
        let Some(file) = script.and_then(|name| set.script_files.get(name)) else {
            continue;
        };
        let Some(start) = file.text.find(CALL) else {
            continue;
        };
        let spot = Spot::new(file.id, start, start + CALL.len());
        if !limited && !told {
            lowering.report.push(missing_limit("remove", spot, root));
        }
        if let Some(step) = crate::playbook::grammar::Step::named("remove") {
            lowering.met.push(Met {
                step,
                spot,
                asked: false,
            });
        }
    }
}
