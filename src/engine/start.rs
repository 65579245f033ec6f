//! From an occasion to runs: conditions first, on the state before any rule acted; then, rule after
//! rule, once, cooldown, mode.

use super::Fold;
use super::normal::normalise;
use super::occasion::Occasion;
use super::scope::Scene;
use super::trace::{Line, Skip, What};
use crate::model::world::{End, Frame, RuleKey, Run, Waiting, Watches};
use crate::model::{Millis, RunId, Text, hash_of};
use crate::playbook::rule::{Mode, Per, Playbook, Rule, State};

/// A rule that may run on an occasion.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// (playbook, rule) in the present rulebook.
    pub spot: (u32, u32),
    pub occasion: Occasion,
}

/// A candidate whose conditions hold.
struct Ready {
    spot: (u32, u32),
    occasion: Occasion,
    per: Text,
    shadow: bool,
}

impl Fold<'_> {
    /// Checks all conditions, then starts what may start, in rulebook order.
    pub(super) fn start_all(&mut self, candidates: Vec<Candidate>) {
        let mut ready = Vec::with_capacity(candidates.len());
        for candidate in candidates {
            let rules = self.rules.clone();
            let Some(playbook) = rules.book.playbooks.get(candidate.spot.0 as usize) else {
                continue;
            };
            let Some(rule) = playbook.rules.get(candidate.spot.1 as usize) else {
                continue;
            };
            match self.check(playbook, rule, &candidate.occasion) {
                Ok((per, shadow)) => ready.push(Ready {
                    spot: candidate.spot,
                    occasion: candidate.occasion,
                    per,
                    shadow,
                }),
                Err(skip) => self.skipped(rule, skip),
            }
        }
        for candidate in ready {
            self.start_ready(&candidate);
        }
    }

    pub(super) fn skipped(&mut self, rule: &Rule, skip: Skip) {
        if let Skip::ScriptFailed(reason) = &skip {
            self.park_rule(&rule.name, reason.clone());
        }
        let what = What::Skipped(skip);
        self.out.trace.push(Line {
            rule: rule.name.clone(),
            run: None,
            what,
        });
    }

    /// State, parking, lateness, conditions: what is asked before any rule acts.
    fn check(
        &self,
        playbook: &Playbook,
        rule: &Rule,
        occasion: &Occasion,
    ) -> Result<(Text, bool), Skip> {
        let state = self.state_of(rule, occasion);
        if state == State::Paused {
            return Err(Skip::Paused);
        }
        if let Some(reason) = self.world.head.parked_rules.get(&rule.name) {
            return Err(Skip::Parked(reason.clone()));
        }
        if occasion.late && !rule.runs_late {
            return Err(Skip::Late);
        }
        let shadow = state == State::Shadow;
        let scene = self.scene_of(playbook, rule, occasion, shadow);
        for (number, condition) in rule.condition.iter().enumerate() {
            let holds = condition.holds(&scene);
            if let Some(reason) = scene.script_failure.take() {
                return Err(Skip::ScriptFailed(reason));
            }
            if !holds {
                return Err(Skip::Condition(number));
            }
        }
        let per = self
            .per_key(&rule.per, &scene, occasion)
            .ok_or(Skip::NobodyConcerned)?;
        Ok((per, shadow))
    }

    /// Groups of the sandbox are always live: nothing there can be harmed.
    fn state_of(&self, rule: &Rule, occasion: &Occasion) -> State {
        let connector = occasion
            .group
            .and_then(|no| self.world.group(no))
            .map(|g| &g.connector);
        let connector = connector.or_else(|| {
            occasion
                .member
                .and_then(|no| self.world.member(no))
                .map(|member| &member.connector)
        });
        let kind = connector.and_then(|name| self.world.head.directory.connectors.get(name));
        let sandbox = kind.is_some_and(|facts| facts.kind == crate::model::Kind::Sandbox);
        if sandbox && rule.state == State::Shadow {
            State::Live
        } else {
            rule.state
        }
    }

    /// Whose run it is, as text. `None` when it is to be per member and there is none.
    pub(super) fn per_key(
        &self,
        per: &Per,
        scene: &Scene<'_>,
        occasion: &Occasion,
    ) -> Option<Text> {
        Some(match per {
            Per::Member => {
                let member = self.world.member(occasion.member?)?;
                // The member in that group: one person can be welcomed in two groups.
                let group = occasion.group.and_then(|no| self.world.group(no));
                format!("{}@{}", member.key(), group.map_or("", |group| &group.id)).into()
            }
            Per::Group => occasion
                .group
                .and_then(|no| self.world.group(no))
                .map_or_else(|| Text::from("dm"), |group| group.id.clone()),
            Per::Community => Text::from(""),
            Per::Event => occasion.id.as_str().into(),
            Per::Key(key) => {
                let printed = scene.print(&key.eval(scene));
                normalise(&printed).as_ref().into()
            }
        })
    }

    fn start_ready(&mut self, ready: &Ready) {
        let rules = self.rules.clone();
        let Some(playbook) = rules.book.playbooks.get(ready.spot.0 as usize) else {
            return;
        };
        let Some(rule) = playbook.rules.get(ready.spot.1 as usize) else {
            return;
        };
        let mark = if ready.shadow { "~" } else { "" };
        let key = RuleKey {
            rule: format!("{mark}{}", rule.name).into(),
            per: ready.per.clone(),
        };
        if let Err(skip) = self.admit_run(playbook, rule, &key, ready) {
            self.skipped(rule, skip);
            return;
        }
        self.begin(playbook, rule, &key, &ready.occasion, ready.shadow);
    }

    /// Once, cooldown, mode: what is asked as rules act, one after another.
    fn admit_run(
        &mut self,
        playbook: &Playbook,
        rule: &Rule,
        key: &RuleKey,
        ready: &Ready,
    ) -> Result<(), Skip> {
        let once = rule.once.as_ref().map(|once| {
            let scene = self.scene_of(playbook, rule, &ready.occasion, ready.shadow);
            let printed = once.render(&scene).to_plain();
            hash_of(&[b"once", key.rule.as_bytes(), printed.as_bytes()])
        });
        if once.is_some_and(|once| self.world.was_once(once)) {
            return Err(Skip::Once);
        }
        self.throttle(playbook, rule, key, &ready.occasion)?;
        let live: Vec<RunId> = self.world.active(key).collect();
        match rule.mode {
            Mode::Single if !live.is_empty() => return Err(Skip::Busy),
            Mode::Queued | Mode::Parallel if live.len() >= rule.max as usize => {
                return Err(Skip::Full);
            }
            Mode::Restart => {
                for id in live {
                    if let Some(run) = self.world.take_run(id) {
                        self.end(&run, End::Replaced);
                    }
                }
            }
            Mode::Single | Mode::Queued | Mode::Parallel => {}
        }
        if let Some(once) = once {
            self.world.note_once(once);
        }
        Ok(())
    }

    /// Starts a run and lets it advance as far as it can.
    pub(super) fn begin(
        &mut self,
        playbook: &Playbook,
        rule: &Rule,
        key: &RuleKey,
        occasion: &Occasion,
        shadow: bool,
    ) {
        let id = RunId(hash_of(&[
            self.world.head.community.as_bytes(),
            key.rule.as_bytes(),
            key.per.as_bytes(),
            occasion.id.as_bytes(),
        ]));
        if self.world.run(id).is_some() {
            return;
        }
        let waits_in_line = rule.mode == Mode::Queued && self.world.active(key).next().is_some();
        let number = self.world.head.runs_started.saturating_add(1);
        self.world.head.runs_started = number;
        let title = rule.title.as_ref().map_or_else(
            || rule.id.clone(),
            |title| {
                let scene = self.scene_of(playbook, rule, occasion, shadow);
                title.render(&scene).to_plain().into()
            },
        );
        let run = Run {
            id,
            number,
            title,
            rulebook: self.rules.book.hash,
            playbook: playbook.id.clone(),
            rule: rule.id.clone(),
            per: key.per.clone(),
            started_at: self.at,
            member: occasion.member,
            group: occasion.group,
            about: occasion.member,
            watches: match rule.per {
                Per::Group => Watches::Group,
                Per::Community => Watches::Community,
                Per::Member | Per::Event | Per::Key(_) => Watches::Member,
            },
            event: occasion.event.clone(),
            vars: crate::model::Record::new(),
            frames: vec![Frame {
                block: rule.body,
                ..Frame::default()
            }],
            waiting: Waiting::Nothing,
            shadow,
            late_by: occasion.late_by,
            allowed: false,
        };
        self.out.trace.push(Line {
            rule: rule.name.clone(),
            run: Some(id),
            what: What::Started,
        });
        if waits_in_line {
            let far = Millis::MAX;
            self.world.put_run(Run {
                waiting: Waiting::Time { due: far },
                ..run
            });
            return;
        }
        self.advance(run);
    }

    /// The next run in line of a `queued` rule, once one ended.
    pub(super) fn next_in_line(&mut self, ended: &Run) {
        let key = ended.key();
        let mut line: Vec<(u64, RunId)> = Vec::new();
        for id in self.world.active(&key) {
            if let Some(run) = self.world.run(id)
                && run.waiting == (Waiting::Time { due: Millis::MAX })
            {
                line.push((run.number, id));
            }
        }
        if let Some((_, id)) = line.into_iter().min()
            && let Some(mut run) = self.world.take_run(id)
        {
            run.waiting = Waiting::Nothing;
            // It goes on in the next tick: one input never advances runs without bound.
            self.world.put_run(run);
        }
    }

    /// Runs that anything could wait for: none means that a message that hits nothing costs nothing.
    pub(super) fn anyone_listens(&self, noted: super::facts::Noted) -> bool {
        !self.world.asks.is_empty()
            || !self.world.approvals.is_empty()
            || self
                .world
                .watchers(noted.member, noted.group)
                .next()
                .is_some()
    }
}
