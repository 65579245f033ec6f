//! A rulebook made ready for events: which trigger waits for what, all keywords in one automaton.

use super::matcher::{Matcher, Spot};
use crate::model::{Hash, Span};
use crate::playbook::Rulebook;
use crate::playbook::rule::{Playbook, Rule, Trigger};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Rulebooks by hash: the present one, and those that live runs began under.
pub type Books = BTreeMap<Hash, Arc<Rules>>;

/// A rulebook with its indexes.
#[derive(Debug, Default)]
pub struct Rules {
    pub book: Rulebook,
    pub matcher: Matcher,
    by_kind: BTreeMap<&'static str, Vec<Spot>>,
    /// Rules that wait for a member's silence.
    pub member_silence: Vec<(Spot, Span)>,
    /// Rules that wait for a group's silence.
    pub group_silence: Vec<(Spot, Span)>,
}

impl Rules {
    /// Indexes a rulebook.
    pub fn new(book: Rulebook) -> Self {
        let mut rules = Self::default();
        let mut keywords = BTreeMap::new();
        for (playbook_no, playbook) in book.playbooks.iter().enumerate() {
            for (rule_no, rule) in playbook.rules.iter().enumerate() {
                for (trigger_no, trigger) in rule.triggers.iter().enumerate() {
                    let spot = (playbook_no as u32, rule_no as u32, trigger_no as u32);
                    rules.by_kind.entry(kind(trigger)).or_default().push(spot);
                    match trigger {
                        Trigger::Keyword(keyword) => {
                            keywords.insert(spot, keyword.clone());
                        }
                        Trigger::MemberInactive(span) => rules.member_silence.push((spot, *span)),
                        Trigger::GroupInactive(span) => rules.group_silence.push((spot, *span)),
                        Trigger::Join { .. }
                        | Trigger::Leave { .. }
                        | Trigger::JoinRequest
                        | Trigger::Message(_)
                        | Trigger::Command(_)
                        | Trigger::Reaction { .. }
                        | Trigger::Schedule(_)
                        | Trigger::SinceJoin(_)
                        | Trigger::SinceGroupCreated(_)
                        | Trigger::Signal { .. } => {}
                    }
                }
            }
        }
        rules.matcher = Matcher::new(keywords);
        rules.book = book;
        rules
    }

    /// True if any playbook may call a script.
    pub fn has_scripts(&self) -> bool {
        self.book.scripts.is_some()
    }

    /// Triggers of one kind, in rulebook order.
    pub fn of_kind(&self, kind: &str) -> &[Spot] {
        self.by_kind.get(kind).map_or(&[], Vec::as_slice)
    }

    /// The playbook, rule and trigger at a spot.
    pub fn at(&self, spot: Spot) -> Option<(&Playbook, &Rule, &Trigger)> {
        let playbook = self.book.playbooks.get(spot.0 as usize)?;
        let rule = playbook.rules.get(spot.1 as usize)?;
        Some((playbook, rule, rule.triggers.get(spot.2 as usize)?))
    }

    /// The spot of a rule's first trigger, by the rule's full name.
    pub fn rule_named(&self, name: &str) -> Option<(u32, u32)> {
        self.book
            .playbooks
            .iter()
            .enumerate()
            .find_map(|(playbook_no, playbook)| {
                let rule_no = playbook.rules.iter().position(|rule| &*rule.name == name)?;
                Some((playbook_no as u32, rule_no as u32))
            })
    }
}

/// The word of a trigger.
pub(super) const fn kind(trigger: &Trigger) -> &'static str {
    match trigger {
        Trigger::Join { .. } => "join",
        Trigger::Leave { .. } => "leave",
        Trigger::JoinRequest => "join_request",
        Trigger::Message(_) => "message",
        Trigger::Keyword(_) => "keyword",
        Trigger::Command(_) => "command",
        Trigger::Reaction { .. } => "reaction",
        Trigger::Schedule(_) => "schedule",
        Trigger::MemberInactive(_) | Trigger::GroupInactive(_) => "inactivity",
        Trigger::SinceJoin(_) | Trigger::SinceGroupCreated(_) => "offset",
        Trigger::Signal { .. } => "signal",
    }
}
