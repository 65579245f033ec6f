//! New rules and a new configuration: what they change in the world, and what becomes due by them.

use super::Fold;
use super::matcher::Spot;
use super::rules::Rules;
use crate::model::world::{Deadline, End, Group, ScheduleState, Standing};
use crate::model::{
    Directory, GroupConfig, GroupNo, Hash, MemberNo, Millis, RunId, Text, hash_of, limits,
};
use crate::playbook::rule::{Backlog, Per, Rule, Trigger};
use std::collections::BTreeSet;

impl Fold<'_> {
    /// The rules are now those of another rulebook. Runs keep the one they began under.
    pub(super) fn apply_reload(&mut self, rulebook: Hash) {
        let before = self.rules.clone();
        let Some(rules) = self.books.get(&rulebook).cloned() else {
            self.note(format!("rulebook {rulebook} is not there"));
            return;
        };
        self.world.head.rulebook = rulebook;
        self.rules = rules;
        self.world.head.parked_rules.clear();
        self.drop_old_schedules();
        let groups: Vec<GroupNo> = self.world.groups().map(|(no, _)| no).collect();
        for group in groups {
            self.arm_group(group);
            self.arm_seats(group, &before);
        }
        self.arm_schedules(None);
    }

    /// Groups, tags, zones and staff are now as configured.
    pub(super) fn apply_config(&mut self, directory: &Directory) {
        self.world.head.directory = directory.clone();
        if self.world.head.salt == 0 {
            self.world.head.salt = directory.salt;
        }
        let mut configured = BTreeSet::new();
        for config in &directory.groups {
            configured.insert(self.configure_group(config));
        }
        let gone: Vec<GroupNo> = self
            .world
            .groups()
            .filter(|(no, group)| {
                let key = format!("{}/{}", group.connector, group.external);
                group.configured && !configured.contains(no) && !directory.adopts(&key)
            })
            .map(|(no, _)| no)
            .collect();
        for no in gone {
            self.leave_group(no);
        }
        self.world
            .head
            .unclaimed
            .retain(|key, _| !directory.adopts(key));
        let groups: Vec<GroupNo> = self.world.groups().map(|(no, _)| no).collect();
        for group in groups {
            self.arm_group(group);
        }
        self.arm_schedules(None);
    }

    fn configure_group(&mut self, config: &GroupConfig) -> GroupNo {
        let known = self.world.group_at(&config.connector, &config.external);
        let no = known.unwrap_or_else(|| {
            self.world.add_group(Group {
                id: config.id.clone(),
                connector: config.connector.clone(),
                external: config.external.clone(),
                name: config.id.clone(),
                season: 1,
                created_at: self.at,
                last_active: self.at,
                ..Group::default()
            })
        });
        self.world.rename_group_id(no, config.id.clone());
        self.world
            .head
            .unclaimed
            .remove(&*format!("{}/{}", config.connector, config.external));
        if let Some(group) = self.world.group_mut(no) {
            group.configured = true;
            group.tags.clone_from(&config.tags);
            group.capacity = config.capacity;
            if let Some(name) = &config.name {
                group.name = name.clone();
            }
            group.timezone.clone_from(&config.timezone);
            group.language.clone_from(&config.language);
            if config.link.is_some() {
                group.link.clone_from(&config.link);
            }
            if group.standing == Standing::Removed {
                group.standing = Standing::Assumed;
            }
        }
        if known.is_none() {
            self.group_opened(no, self.at);
        }
        no
    }

    /// A group left this community: its runs are cancelled, nothing acts in it any more.
    fn leave_group(&mut self, no: GroupNo) {
        if let Some(group) = self.world.group_mut(no) {
            group.configured = false;
            group.standing = Standing::Removed;
        }
        let runs: Vec<RunId> = self
            .world
            .runs()
            .filter(|run| run.group == Some(no))
            .map(|run| run.id)
            .collect();
        for id in runs {
            if let Some(run) = self.world.take_run(id) {
                self.end(&run, End::Cancelled("its group left the community".into()));
            }
        }
        self.arm_group(no);
    }

    /// A group is there now: what counts from its opening is planned.
    pub(super) fn group_opened(&mut self, no: GroupNo, when: Millis) {
        let rules = self.rules.clone();
        for spot in rules.of_kind("offset") {
            if let Some((playbook, rule, Trigger::SinceGroupCreated(span))) = rules.at(*spot)
                && self.in_scope(playbook, Some(no))
            {
                let zone = self.zone_of(playbook, Some(no));
                let due = span.after(when, &zone);
                self.world
                    .appoint(due, Deadline::Offset(trigger_name(rule, *spot), no, None));
            }
        }
        self.arm_group(no);
    }

    /// A member has a seat now: what counts from their coming is planned.
    pub(super) fn member_seated(&mut self, group: GroupNo, member: MemberNo, when: Millis) {
        let rules = self.rules.clone();
        for spot in rules.of_kind("offset") {
            self.appoint_offset(&rules, *spot, group, member, when);
        }
        self.arm_silence(group, member, self.at);
    }

    fn appoint_offset(
        &mut self,
        rules: &Rules,
        spot: Spot,
        group: GroupNo,
        member: MemberNo,
        joined_at: Millis,
    ) {
        if let Some((playbook, rule, Trigger::SinceJoin(span))) = rules.at(spot)
            && self.in_scope(playbook, Some(group))
        {
            let zone = self.zone_of(playbook, Some(group));
            let due = span.after(joined_at, &zone);
            if due > self.at {
                let what = Deadline::Offset(trigger_name(rule, spot), group, Some(member));
                self.world.appoint(due, what);
            }
        }
    }

    /// Schedules and the silence of one group, after anything about it changed.
    pub(super) fn arm_group(&mut self, no: GroupNo) {
        self.arm_schedules(Some(no));
        self.arm_group_silence(no, self.at);
    }

    /// Every seat of a group under new rules. Once per reload, never while events flow.
    fn arm_seats(&mut self, group: GroupNo, before: &Rules) {
        let rules = self.rules.clone();
        let known = |spot: Spot, old: &Rules| {
            let named = rules.at(spot).map(|(_, rule, _)| trigger_name(rule, spot));
            named.is_some_and(|name| find_trigger(old, &name).is_some())
        };
        let new_offsets: Vec<Spot> = rules
            .of_kind("offset")
            .iter()
            .copied()
            .filter(|spot| !known(*spot, before))
            .collect();
        let new_silences: Vec<Spot> = rules
            .member_silence
            .iter()
            .map(|(spot, _)| *spot)
            .filter(|spot| !known(*spot, before))
            .collect();
        if new_offsets.is_empty()
            && rules.member_silence.is_empty()
            && before.member_silence.is_empty()
        {
            return;
        }
        let seats: Vec<(MemberNo, Millis)> = self
            .world
            .group(group)
            .map(|facts| {
                facts
                    .seats
                    .iter()
                    .map(|(no, seat)| (*no, seat.joined_at))
                    .collect()
            })
            .unwrap_or_default();
        for (member, joined_at) in seats {
            for spot in &new_offsets {
                self.appoint_offset(&rules, *spot, group, member, joined_at);
            }
            self.arm_silence(group, member, self.at);
            for spot in &new_silences {
                self.appoint_backlog(&rules, *spot, group, member);
            }
        }
    }

    /// Who was silent already when the rule came.
    fn appoint_backlog(&mut self, rules: &Rules, spot: Spot, group: GroupNo, member: MemberNo) {
        let Some((_, rule, _)) = rules.at(spot) else {
            return;
        };
        let delay = match rule.backlog {
            Backlog::Skip => return,
            Backlog::Now => 0,
            Backlog::Spread(span) => {
                let width = span.nominal_ms().max(1) as u64;
                let place = hash_of(&[rule.name.as_bytes(), &member.0.to_be_bytes()]);
                (place % width) as Millis
            }
        };
        if self.is_silent(spot, group, member) {
            let due = self.at.saturating_add(delay);
            let what = Deadline::Backlog(trigger_name(rule, spot), group, member);
            self.world.appoint(due, what);
        }
    }

    /// Schedules of rules that are gone or changed.
    fn drop_old_schedules(&mut self) {
        let old: Vec<(Text, Option<GroupNo>)> = self
            .world
            .schedules()
            .filter(|((name, _), state)| {
                self.trigger_named(name)
                    .and_then(|spot| self.rules.at(spot))
                    .is_none_or(|(_, _, trigger)| trigger_hash(trigger) != state.trigger)
            })
            .map(|(key, _)| key.clone())
            .collect();
        for (name, group) in old {
            self.world.set_schedule(&name, group, None);
        }
    }

    /// Plans schedules: those of one group, or (`None`) those of the whole community.
    fn arm_schedules(&mut self, group: Option<GroupNo>) {
        let rules = self.rules.clone();
        for spot in rules.of_kind("schedule") {
            let Some((playbook, rule, trigger)) = rules.at(*spot) else {
                continue;
            };
            let Trigger::Schedule(schedule) = trigger else {
                continue;
            };
            if matches!(rule.per, Per::Community) != group.is_none() {
                continue;
            }
            let name = trigger_name(rule, *spot);
            let open = group.is_none_or(|no| {
                self.in_scope(playbook, group) && self.world.group(no).is_some_and(Group::is_open)
            });
            if !open {
                self.world.set_schedule(&name, group, None);
                continue;
            }
            if self.world.schedule(&name, group).is_some() {
                continue;
            }
            let zone = self.zone_of(playbook, group);
            let planned = super::schedule::next(schedule, &zone, self.at, self.at);
            let state = planned.map(|next| ScheduleState {
                trigger: trigger_hash(trigger),
                anchor: self.at,
                next,
            });
            self.world.set_schedule(&name, group, state);
        }
    }

    /// The connector heard nothing for a while: that is no silence of members.
    pub(super) fn apply_deaf(&mut self, connector: &Text, from: Millis, to: Millis) {
        let hearing = self.hearing(connector);
        hearing.deaf.push((from, to));
        if hearing.deaf.len() > limits::DEAF_TIMES_MAX {
            hearing.deaf.remove(0);
        }
        hearing.last_heartbeat = to;
        if to.saturating_sub(from) > limits::DEAF_NOTICE_MS {
            self.world.head.settle_until = self.at.saturating_add(limits::SETTLE_MS);
        }
    }

    /// The trigger of that name in the present rulebook.
    pub(super) fn trigger_named(&self, name: &str) -> Option<Spot> {
        find_trigger(&self.rules, name)
    }
}

/// `playbook/rule#2`: a rule's trigger, as deadlines and schedules name it.
fn trigger_name(rule: &Rule, spot: Spot) -> Text {
    format!("{}#{}", rule.name, spot.2).into()
}

fn find_trigger(rules: &Rules, name: &str) -> Option<Spot> {
    let (rule, number) = name.rsplit_once('#')?;
    let (playbook, rule) = rules.rule_named(rule)?;
    let spot = (playbook, rule, number.parse().ok()?);
    rules.at(spot).map(|_| spot)
}

/// Changes when what the trigger waits for does.
fn trigger_hash(trigger: &Trigger) -> u64 {
    hash_of(&[format!("{trigger:?}").as_bytes()])
}
