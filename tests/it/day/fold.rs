//! What the writer does: number, stamp and fold inputs; tick at deadlines; restart; replay.

use super::Day;
use std::collections::BTreeMap;
use std::sync::Arc;
use steward::engine::{Rules, apply};
use steward::model::world::world_hash;
use steward::model::{
    Directory, EffectId, Input, Millis, Receipt, Span, Stage, Stamped, Verdict, World,
};
use steward::playbook::diagnostic::{Diagnostic, Severity};
use steward::playbook::lower::{self, SourceText, Surroundings};
use steward::playbook::{Rulebook, draw};

/// Rounds one input may take until everything came to rest; real days stay below 100.
const ROUNDS_MAX: usize = 100_000;

impl Day {
    /// A script that playbooks loaded later can name.
    pub(crate) fn script(&mut self, name: &str, text: &str) {
        self.scripts.insert(name.into(), text.into());
    }

    /// The rules are now those of these files (path, text).
    #[track_caller]
    pub(crate) fn load(&mut self, files: &[(&str, &str)]) {
        let book = match self.read(files) {
            Ok(book) => book,
            Err(drawn) => panic!("{drawn}"),
        };
        let rulebook = book.hash;
        self.books.insert(rulebook, Arc::new(Rules::new(book)));
        self.input(Input::Reload { rulebook });
    }

    /// Folds one input, and whatever follows from it at once.
    pub(crate) fn input(&mut self, input: Input) {
        self.fold(input);
        self.settle();
    }

    /// The configuration, changed.
    pub(crate) fn configure(&mut self, change: impl FnOnce(&mut Directory)) {
        change(&mut self.directory);
        self.input(Input::Config(Box::new(self.directory.clone())));
    }

    fn fold(&mut self, input: Input) {
        self.restart();
        let stamped = Stamped {
            seq: self.log.len() as u64 + 1,
            at: self.now,
            community: "readers".into(),
            input,
        };
        let outcome = apply(&mut self.world, &self.books, &stamped);
        self.log.push(stamped);
        let steps = outcome.trace.iter().filter_map(|line| match &line.what {
            steward::engine::trace::What::Step { effects, .. } => Some(effects.clone()),
            _ => None,
        });
        let decided = steps.flatten().chain(outcome.effects.iter().copied());
        for id in decided.collect::<Vec<_>>() {
            if !self.outbox.contains(&id) {
                self.outbox.push(id);
            }
        }
        self.trace.extend(outcome.trace);
        self.outbox.retain(|id| self.world.effect(*id).is_some());
    }

    /// Delivers what may go out and ticks at what is due, until nothing is left for now.
    pub(crate) fn settle(&mut self) {
        for _ in 0..ROUNDS_MAX {
            if let Some(id) = self.deliverable() {
                self.deliver(id);
            } else if self
                .world
                .next_deadline()
                .is_some_and(|due| due <= self.now)
            {
                self.fold(Input::Tick);
            } else {
                return;
            }
        }
        panic!("this input never comes to rest");
    }

    fn deliverable(&self) -> Option<EffectId> {
        if self.platform.held {
            return None;
        }
        let ready = |id: &&EffectId| {
            self.world
                .effect(**id)
                .is_some_and(|e| e.stage == Stage::Open && e.not_before <= self.now)
        };
        self.outbox.iter().find(ready).copied()
    }

    fn deliver(&mut self, id: EffectId) {
        let effect = self.world.effect(id).unwrap().clone();
        let (verdict, line) = self.platform.answer(&effect, self.now);
        let stamp = self.clock();
        self.transcript.push(format!("{stamp} {line}"));
        self.fold(Input::Receipt(Receipt {
            effect: id,
            attempt: effect.attempts + 1,
            verdict,
        }));
    }

    /// Lets time pass: each deadline on the way is met exactly, and so is each later attempt.
    pub(crate) fn advance(&mut self, span: &str) {
        let span = Span::parse(span).unwrap();
        self.advance_to(span.after(self.now, &self.zone));
    }

    /// Lets time pass until that local time, such as `2026-03-02T20:00`.
    pub(crate) fn until(&mut self, local: &str) {
        self.advance_to(super::local(local, &self.zone));
    }

    fn advance_to(&mut self, target: Millis) {
        loop {
            self.settle();
            let deadline = self.world.next_deadline();
            let attempts = self.world.effects();
            let attempts = attempts
                .filter(|effect| effect.stage == Stage::Open && !self.platform.held)
                .map(|effect| effect.not_before);
            let next = attempts.chain(deadline).filter(|at| *at > self.now).min();
            match next.filter(|next| *next <= target) {
                Some(next) => self.now = next,
                None => break,
            }
        }
        self.now = target;
        self.settle();
    }

    /// The daemon is off for so long; then it starts again and says how long it was deaf.
    pub(crate) fn down(&mut self, span: &str) {
        let from = self.now;
        self.now = Span::parse(span).unwrap().after(self.now, &self.zone);
        self.input(Input::Deaf {
            connector: super::CHAT.into(),
            from,
            to: self.now,
        });
    }

    /// The machine stands still for so long: no input comes, and nothing tells of it.
    pub(crate) fn sleep(&mut self, span: &str) {
        self.now = Span::parse(span).unwrap().after(self.now, &self.zone);
    }

    /// What delivery tells of an effect.
    pub(crate) fn receipt(&mut self, effect: EffectId, verdict: Verdict) {
        self.input(Input::Receipt(Receipt {
            effect,
            attempt: 1,
            verdict,
        }));
    }

    /// kill -9, and a start on the same store: the world from its rows is the same world.
    #[track_caller]
    pub(crate) fn restart(&mut self) {
        let rows = self.world.rows();
        let rebuilt = World::from_rows(rows.clone()).unwrap();
        assert_eq!(
            rebuilt.rows(),
            rows,
            "the world reads back as it was written"
        );
        assert_eq!(
            rebuilt.next_deadline(),
            self.world.next_deadline(),
            "deadlines are derived from rows"
        );
        self.world = rebuilt;
    }

    /// All inputs folded again from nothing come to the same world, without the restarts between.
    #[track_caller]
    pub(crate) fn replay(&self) {
        let mut world = World::new("readers".into(), 0);
        for stamped in &self.log {
            apply(&mut world, &self.books, stamped);
        }
        assert!(
            world_hash(&world) == world_hash(&self.world),
            "a replay comes to another world"
        );
    }

    /// The local time, as transcripts show it.
    pub(crate) fn clock(&self) -> String {
        let zoned = steward::model::time::zoned(self.now, &self.zone);
        let pattern = if zoned.second() == 0 {
            "%a %d %H:%M"
        } else {
            "%a %d %H:%M:%S"
        };
        zoned.strftime(pattern).to_string()
    }

    /// Now, as inputs carry it.
    pub(crate) const fn now(&self) -> Millis {
        self.now
    }

    /// Files as the daemon reads them; the drawn diagnostics where there are any.
    fn read(&self, files: &[(&str, &str)]) -> Result<Rulebook, String> {
        let source = |(path, text): &(&str, &str)| SourceText {
            path: (*path).into(),
            text: (*text).into(),
        };
        let files: Vec<SourceText> = files.iter().map(source).collect();
        let scripts = self.scripts.iter().map(|(name, text)| SourceText {
            path: format!("scripts/{name}.rhai").into(),
            text: text.clone(),
        });
        let around = Surroundings {
            directories: &BTreeMap::from([("readers".into(), self.directory.clone())]),
            endpoints: &["shop".into()],
            words: &BTreeMap::new(),
        };
        let loaded = lower::load(&files, &scripts.collect::<Vec<_>>(), &around);
        let serious = |problem: &&Diagnostic| problem.severity != Severity::Note;
        let serious: Vec<Diagnostic> = loaded.diagnostics.iter().filter(serious).cloned().collect();
        if serious.is_empty() {
            Ok(loaded.rulebook)
        } else {
            Err(draw::draw(&serious, &loaded.sources, false))
        }
    }
}
