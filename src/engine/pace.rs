//! Cooldowns, throttles and limits: what keeps rules from happening too often.

use super::Fold;
use super::occasion::Occasion;
use super::trace::Skip;
use crate::model::world::RuleKey;
use crate::model::{Millis, Record, Text, Value};
use crate::playbook::rule::{Playbook, Rule, Throttling};
use jiff::tz::TimeZone;

impl Fold<'_> {
    /// Spends the rule's cooldown, or says what stops it.
    pub(super) fn throttle(
        &mut self,
        playbook: &Playbook,
        rule: &Rule,
        key: &RuleKey,
        occasion: &Occasion,
    ) -> Result<(), Skip> {
        let Some(cooldown) = &rule.cooldown else {
            return Ok(());
        };
        let per = match &cooldown.per {
            None => key.per.clone(),
            Some(per) => {
                let scene = self.scene_of(playbook, rule, occasion, key.rule.starts_with('~'));
                self.per_key(per, &scene, occasion)
                    .ok_or(Skip::NobodyConcerned)?
            }
        };
        let key = RuleKey {
            rule: key.rule.clone(),
            per,
        };
        let zone = self.zone_of(playbook, occasion.group);
        let mut throttle = self.world.throttle(&key).cloned().unwrap_or_default();
        match cooldown.kind {
            Throttling::Every(span) => {
                if self.at < throttle.until {
                    return Err(Skip::Cooldown {
                        until: throttle.until,
                    });
                }
                throttle.until = span.after(self.at, &zone);
                self.world.set_throttle(key, Some(throttle));
                Ok(())
            }
            Throttling::AtLeast(count, span) => {
                let since = span.before(self.at, &zone);
                throttle.matches.retain(|at| *at > since);
                throttle.matches.push(self.at);
                let enough = throttle.matches.len() >= count as usize;
                if enough {
                    throttle.matches.clear();
                }
                self.world.set_throttle(key, Some(throttle));
                if enough { Ok(()) } else { Err(Skip::Throttled) }
            }
            Throttling::Collect(span) => {
                if throttle.collect_until == 0 {
                    throttle.collect_until = span.after(self.at, &zone);
                    throttle.member = occasion.member;
                    throttle.group = occasion.group;
                }
                if throttle.collected.len() < crate::model::limits::COLLECTED_MAX {
                    throttle.collected.push(collected(occasion));
                }
                self.world.set_throttle(key, Some(throttle));
                Err(Skip::Throttled)
            }
        }
    }

    /// `collect` is over: one run for everything that was gathered.
    pub(super) fn collected_due(&mut self, key: &RuleKey, due: Millis) {
        let Some(throttle) = self.world.throttle(key).cloned() else {
            return;
        };
        self.world.set_throttle(key.clone(), None);
        let rules = self.rules.clone();
        let name = key.rule.trim_start_matches('~');
        let Some((playbook_no, rule_no)) = rules.rule_named(name) else {
            return;
        };
        let Some(playbook) = rules.book.playbooks.get(playbook_no as usize) else {
            return;
        };
        let Some(rule) = playbook.rules.get(rule_no as usize) else {
            return;
        };
        let mut occasion = self.occasion("collected", format!("{}@{due}", key.per));
        occasion.member = throttle.member;
        occasion.group = throttle.group;
        occasion.event = throttle.collected.first().cloned().unwrap_or_default();
        let events = throttle.collected.into_iter().map(Value::Record).collect();
        occasion.event.insert("events".into(), Value::List(events));
        occasion.late_by = self.at.saturating_sub(due);
        self.begin(playbook, rule, key, &occasion, key.rule.starts_with('~'));
    }

    /// True if the guarded step may happen once more under its playbook's limit; then it is spent.
    pub(super) fn within_limit(
        &mut self,
        playbook: &Playbook,
        step: &str,
        shadow: bool,
        zone: &TimeZone,
    ) -> bool {
        let Some(limit) = playbook.limits.get(step) else {
            return true;
        };
        let mark = if shadow { "~" } else { "" };
        let key: Text = format!("{mark}{}/{step}", playbook.id).into();
        let since = limit.per.before(self.at, zone);
        let used = self
            .world
            .spent
            .get(&key)
            .map_or(0, |uses| uses.iter().filter(|at| **at > since).count());
        if used >= limit.count as usize {
            return false;
        }
        self.world.spend(&key, self.at, since);
        true
    }

    /// Notes a use that a person allowed beyond the limit.
    pub(super) fn spend_beyond(&mut self, playbook: &Playbook, step: &str, zone: &TimeZone) {
        if let Some(limit) = playbook.limits.get(step) {
            let key: Text = format!("{}/{step}", playbook.id).into();
            let since = limit.per.before(self.at, zone);
            self.world.spend(&key, self.at, since);
        }
    }
}

/// An event as `events` lists it: its own fields, and who it was about.
fn collected(occasion: &Occasion) -> Record {
    let mut record = occasion.event.clone();
    record.insert(
        "member".into(),
        occasion.member.map_or(Value::Nothing, Value::Member),
    );
    record
}
