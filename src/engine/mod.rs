//! The fold: `apply` takes the world, the rulebooks and one input, changes the world, and says what
//! shall be done outside. It is synchronous and total; time is the input's, chance is seeded.

mod advance;
mod approval;
mod ask;
mod command;
mod config;
mod effects;
mod event;
mod facts;
mod handover;
mod held;
mod list;
mod matcher;
mod normal;
mod occasion;
mod pace;
mod receipt;
mod rules;
mod schedule;
mod scope;
mod silence;
mod start;
mod step;
mod tick;
pub mod trace;
mod trigger;
mod wake;

use command::RENEW_MS;
pub use effects::{describe, lane_group};
pub use event::seen_id;
pub use normal::normalise;
pub use rules::{Books, Rules};
pub use schedule::next as next_planned;

use crate::model::{EffectId, Input, Millis, Stamped, Text, World, limits};
use std::sync::Arc;

/// Stamped on snapshots. It changes whenever the same inputs could fold to another world: with the
/// code of the fold, the bundled time zones, the Unicode tables.
pub const ENGINE_VERSION: &str = "1";

/// What one input came to, beside the changed world.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Effects that were opened, changed or ended, each once, in the order in which that happened:
    /// the outbox has their present state.
    pub effects: Vec<EffectId>,
    pub trace: Vec<trace::Line>,
}

/// Folds one input into the world.
pub fn apply(world: &mut World, books: &Books, stamped: &Stamped) -> Outcome {
    let rules = books.get(&world.head.rulebook).cloned().unwrap_or_default();
    world.head.at = world.head.at.max(stamped.at);
    let mut fold = Fold {
        at: world.head.at,
        seq: stamped.seq,
        world: held::Held::new(world, rules.has_scripts()),
        books,
        rules,
        steps_left: limits::STEPS_PER_INPUT_MAX,
        effects_left: limits::EFFECTS_PER_INPUT_MAX,
        signals: Vec::new(),
        out: Outcome::default(),
    };
    match &stamped.input {
        Input::Event(event) => fold.apply_event(event),
        Input::Tick => fold.apply_tick(),
        Input::Receipt(receipt) => fold.apply_receipt(receipt),
        Input::Command(command) => fold.apply_command(command),
        Input::Reload { rulebook } => fold.apply_reload(*rulebook),
        Input::Config(directory) => fold.apply_config(directory),
        Input::Deaf {
            connector,
            from,
            to,
        } => fold.apply_deaf(connector, *from, *to),
        Input::Heartbeat { connector } => fold.hearing(connector).last_heartbeat = stamped.at,
        Input::Health {
            connector,
            pending,
            problem,
        } => {
            let hearing = fold.hearing(connector);
            hearing.pending = *pending;
            hearing.problem.clone_from(problem);
        }
        Input::Skip { rule, reason, .. } => {
            if let Some(rule) = rule {
                fold.park_rule(rule, reason.clone());
            }
        }
    }
    fold.send_signals();
    std::mem::take(&mut fold.out)
}

/// One input at work.
struct Fold<'a> {
    world: held::Held<'a>,
    books: &'a Books,
    /// The present rulebook.
    rules: Arc<Rules>,
    at: Millis,
    seq: u64,
    steps_left: usize,
    effects_left: usize,
    /// Signals from `signal` steps: they start rules after the step's own run has advanced.
    signals: Vec<step::Sent>,
    out: Outcome,
}

impl Fold<'_> {
    fn hearing(&mut self, connector: &Text) -> &mut crate::model::world::Hearing {
        self.world
            .head
            .hearing
            .entry(connector.clone())
            .or_default()
    }

    /// Notes that an effect was opened, changed or ended.
    fn changed(&mut self, id: EffectId) {
        if !self.out.effects.contains(&id) {
            self.out.effects.push(id);
        }
    }

    fn park_rule(&mut self, rule: &Text, reason: Text) {
        self.note(format!("rule `{rule}` is parked: {reason}"));
        self.world.head.parked_rules.insert(rule.clone(), reason);
    }
}
