//! The rules in force, with what keeps them from running.

use super::{Worlds, served};
use crate::engine::Books;
use crate::playbook::rule::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A rule of a community's rulebook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RuleView {
    pub community: String,
    /// The playbook's id, or that of a use of it.
    pub playbook: String,
    /// File that the playbook stands in.
    pub file: String,
    /// `playbook/rule`.
    pub rule: String,
    /// `live`, `shadow` (it decides, but keeps to itself), `paused`, or `parked`: it panicked or
    /// looped, and an operator must let it run again.
    pub state: String,
    /// Why it is parked.
    pub reason: Option<String>,
}

/// All rules in force, community by community, in file order.
pub fn rules(worlds: &Worlds, books: &Books) -> Vec<RuleView> {
    let mut shown = Vec::new();
    for (id, world) in served(worlds) {
        let book = books.get(&world.head.rulebook).map(|rules| &rules.book);
        for playbook in book.into_iter().flat_map(|book| &book.playbooks) {
            for rule in &playbook.rules {
                let parked = world.head.parked_rules.get(&rule.name);
                shown.push(RuleView {
                    community: id.as_ref().to_owned(),
                    playbook: playbook.id.as_ref().to_owned(),
                    file: playbook.file.as_ref().to_owned(),
                    rule: rule.name.as_ref().to_owned(),
                    state: parked
                        .map_or(word(playbook.state, rule.state), |_| "parked")
                        .to_owned(),
                    reason: parked.map(|reason| reason.as_ref().to_owned()),
                });
            }
        }
    }
    shown
}

/// The stricter of a playbook's and a rule's state.
const fn word(playbook: State, rule: State) -> &'static str {
    match (playbook, rule) {
        (State::Paused, _) | (_, State::Paused) => "paused",
        (State::Shadow, _) | (_, State::Shadow) => "shadow",
        (State::Live, State::Live) => "live",
    }
}
