//! A run at work: the cursor goes from step to step until something must be waited for.
//!
//! While a run waits, its cursor stays on the step it waits in; what ends the wait either completes
//! the step ([`Fold::complete`]) or does it again.

use super::Fold;
use super::rules::Rules;
use super::trace::{Line, What};
use crate::model::world::{End, Failure, Frame, Run, Turn, Waiting};
use crate::model::{Millis, Record, RunId, Text, Value, hash_of, limits};
use crate::playbook::rule::{OnError, Playbook, State, Step};
use std::sync::Arc;

/// What a step came to.
pub(super) enum Done {
    /// Go on; the value is what `as` names.
    Next(Value),
    /// Go into a block.
    Enter(Frame),
    Wait(Waiting),
    Fail(Failure),
    /// End the run.
    Stop(Text),
}

impl Done {
    /// Go on without a result.
    pub(super) const NEXT: Self = Self::Next(Value::Nothing);
}

/// The rulebook, playbook and step a run stands at.
#[derive(Clone)]
pub(super) struct Place {
    pub rules: Arc<Rules>,
    playbook: usize,
    block: u32,
    step: u32,
}

impl Place {
    pub(super) fn playbook(&self) -> Option<&Playbook> {
        self.rules.book.playbooks.get(self.playbook)
    }

    pub(super) fn step(&self) -> Option<&Step> {
        self.playbook()?
            .blocks
            .get(self.block as usize)?
            .steps
            .get(self.step as usize)
    }
}

impl Fold<'_> {
    /// Where a run's cursor stands. `None` past the last step, or when its rulebook is gone.
    pub(super) fn place(&self, run: &Run) -> Option<Place> {
        let frame = run.frames.last()?;
        let rules = self.books.get(&run.rulebook)?.clone();
        let playbook = rules
            .book
            .playbooks
            .iter()
            .position(|p| p.id == run.playbook)?;
        Some(Place {
            rules,
            playbook,
            block: frame.block,
            step: frame.next,
        })
    }

    /// Lets a run (taken out of the world) go on, and puts it back or ends it.
    pub(super) fn advance(&mut self, mut run: Run) {
        if !self.books.contains_key(&run.rulebook) {
            let failure = failure("lost", "the rulebook it began under is gone");
            self.end(&run, End::Failed(failure));
            return;
        }
        run.waiting = Waiting::Nothing;
        loop {
            if self.steps_left == 0 || self.effects_left == 0 {
                self.world.put_run(run);
                return;
            }
            self.steps_left = self.steps_left.saturating_sub(1);
            let place = self.place(&run);
            let Some(step) = place.as_ref().and_then(Place::step) else {
                match self.leave_block(&mut run) {
                    Left::Onward => continue,
                    Left::Wait(waiting) => {
                        run.waiting = waiting;
                        self.world.put_run(run);
                        return;
                    }
                    Left::Over => {
                        self.end(&run, End::Done);
                        return;
                    }
                }
            };
            let Some(place) = place.as_ref() else {
                continue;
            };
            let done = self.take_step(&mut run, place, step);
            if let Some(end) = self.carry(&mut run, step, done) {
                match end {
                    Carried::Waits => self.world.put_run(run),
                    Carried::Ends(end) => self.end(&run, end),
                }
                return;
            }
        }
    }

    fn take_step(&mut self, run: &mut Run, place: &Place, step: &Step) -> Done {
        let holds = {
            let Some(playbook) = place.playbook() else {
                return Done::Stop("lost".into());
            };
            let scene = self.scene_in(&place.rules, playbook, run, &step.path);
            step.condition
                .iter()
                .all(|condition| condition.eval(&scene).is_true())
        };
        if !holds {
            return match step.otherwise {
                Some(block) => Done::Enter(Frame {
                    block,
                    ..Frame::default()
                }),
                None => Done::Next(Value::Nothing),
            };
        }
        let once = self.once_key(run, place, step);
        let first = run.frames.last().is_some_and(|frame| frame.attempt == 0);
        if first && once.is_some_and(|key| self.world.was_once(key)) {
            return Done::NEXT;
        }
        if step.state == Some(State::Paused) {
            return Done::NEXT;
        }
        let whole_run = run.shadow;
        run.shadow |= step.state == Some(State::Shadow);
        let done = self.act(run, place, step);
        run.shadow = whole_run;
        let postponed = matches!(
            done,
            Done::Fail(_) | Done::Wait(Waiting::Again { .. } | Waiting::Approval { .. })
        );
        if let Some(key) = once
            && !postponed
        {
            self.world.note_once(key);
        }
        done
    }

    fn once_key(&self, run: &Run, place: &Place, step: &Step) -> Option<u64> {
        let once = step.once.as_ref()?;
        let scene = self.scene_in(&place.rules, place.playbook()?, run, &step.path);
        let printed = once.render(&scene).to_plain();
        let rule = run.key().rule;
        Some(hash_of(&[
            b"once",
            rule.as_bytes(),
            step.path.as_bytes(),
            printed.as_bytes(),
        ]))
    }

    /// Puts what a step came to into the run. `None`: the cursor moved, go on.
    fn carry(&mut self, run: &mut Run, step: &Step, done: Done) -> Option<Carried> {
        match done {
            Done::Next(result) => {
                finish_step(run, step, result);
                None
            }
            Done::Enter(frame) => {
                move_on(run);
                if run.frames.len() >= limits::FRAMES_MAX {
                    let failure = failure("too_deep", "blocks and calls are nested too deeply");
                    return Some(Carried::Ends(End::Failed(failure)));
                }
                enter(run, frame);
                None
            }
            Done::Wait(waiting) => {
                run.waiting = waiting;
                Some(Carried::Waits)
            }
            Done::Stop(reason) => Some(Carried::Ends(End::Stopped(reason))),
            Done::Fail(failure) => self.fail_step(run, step, failure),
        }
    }

    /// A step did not come about: again after a while, or the handler, or the end.
    fn fail_step(&mut self, run: &mut Run, step: &Step, failure: Failure) -> Option<Carried> {
        let what = What::StepFailed {
            path: step.path.clone(),
            failure: failure.clone(),
        };
        self.trace_run(run, what);
        if let (Some(retry), Some(frame)) = (step.retry, run.frames.last_mut())
            && frame.attempt < retry.times
        {
            frame.attempt = frame.attempt.saturating_add(1);
            let due = retry.every.after(self.at, &jiff::tz::TimeZone::UTC);
            run.waiting = Waiting::Again { due };
            return Some(Carried::Waits);
        }
        match step.on_error {
            OnError::Stop => Some(Carried::Ends(End::Failed(failure))),
            OnError::Continue => {
                finish_step(run, step, Value::Nothing);
                None
            }
            OnError::Do(block) => {
                let mut error = Record::new();
                error.insert("word".into(), Value::Text(failure.word));
                error.insert("reason".into(), Value::Text(failure.reason));
                move_on(run);
                let before = run.vars.insert("error".into(), Value::Record(error));
                let shadowed = vec![("error".into(), before)];
                enter(
                    run,
                    Frame {
                        block,
                        shadowed,
                        ..Frame::default()
                    },
                );
                None
            }
        }
    }

    /// The last step of a block is done: the next turn of a loop, or out of the block.
    fn leave_block(&mut self, run: &mut Run) -> Left {
        let Some(frame) = run.frames.last_mut() else {
            return Left::Over;
        };
        if let Some(turn) = &mut frame.turn {
            turn.at = turn.at.saturating_add(1);
            if (turn.at as usize) < turn.items.len() {
                frame.next = 0;
                frame.attempt = 0;
                let due = pace_due(turn, self.at);
                start_turn(run);
                return match due {
                    // The cursor stands on the first step: it is done when the pace allows.
                    Some(due) => Left::Wait(Waiting::Again { due }),
                    None => Left::Onward,
                };
            }
        }
        if let Some(frame) = run.frames.pop() {
            restore(run, frame);
        }
        if run.frames.is_empty() {
            Left::Over
        } else {
            Left::Onward
        }
    }

    /// Something a run waited for is there: the step it stands on is complete.
    pub(super) fn complete(&mut self, id: RunId, result: Result<Value, Failure>) {
        self.resume_with(id, result.map_or_else(Done::Fail, Done::Next));
    }

    /// The step a run waits in turned into something else: a block, a stop.
    pub(super) fn resume_with(&mut self, id: RunId, done: Done) {
        let Some(mut run) = self.world.take_run(id) else {
            return;
        };
        let place = self.place(&run);
        let Some(step) = place.as_ref().and_then(Place::step) else {
            self.advance(run);
            return;
        };
        match self.carry(&mut run, step, done) {
            None => self.advance(run),
            Some(Carried::Waits) => self.world.put_run(run),
            Some(Carried::Ends(end)) => self.end(&run, end),
        }
    }

    /// Lets a waiting run do its present step again.
    pub(super) fn again(&mut self, id: RunId, late_by: Millis) {
        if let Some(mut run) = self.world.take_run(id) {
            run.late_by = late_by;
            self.advance(run);
        }
    }

    /// Ends a run, and what hangs on it.
    pub(super) fn end(&mut self, run: &Run, end: End) {
        self.trace_run(run, What::Ended(end.clone()));
        self.close_of(run.id);
        self.world.end_run(run, self.at, end);
        self.next_in_line(run);
    }

    pub(super) fn trace_run(&mut self, run: &Run, what: What) {
        self.out.trace.push(Line {
            rule: run.rule_name(),
            run: Some(run.id),
            what,
        });
    }
}

enum Carried {
    Waits,
    Ends(End),
}

enum Left {
    Onward,
    Wait(Waiting),
    Over,
}

/// A failure with its word and reason.
pub(super) fn failure(word: &str, reason: &str) -> Failure {
    Failure {
        word: word.into(),
        reason: reason.into(),
    }
}

fn enter(run: &mut Run, frame: Frame) {
    let is_loop = frame.turn.is_some();
    run.frames.push(frame);
    if is_loop {
        start_turn(run);
    }
}

fn finish_step(run: &mut Run, step: &Step, result: Value) {
    if let Some(name) = &step.result_as {
        run.vars.insert(name.clone(), result);
    }
    run.allowed = false;
    move_on(run);
}

fn move_on(run: &mut Run) {
    if let Some(frame) = run.frames.last_mut() {
        frame.next = frame.next.saturating_add(1);
        frame.attempt = 0;
    }
}

/// Binds the loop's name to the present item; one that is called `member` becomes what `member`
/// means, inside only.
fn start_turn(run: &mut Run) {
    let Some(frame) = run.frames.last_mut() else {
        return;
    };
    let Some(turn) = &frame.turn else { return };
    let item = turn
        .items
        .get(turn.at as usize)
        .cloned()
        .unwrap_or_default();
    let name = turn.name.clone();
    if turn.at == 0 {
        frame
            .shadowed
            .push((name.clone(), run.vars.get(&name).cloned()));
        frame.member = Some(run.member);
    }
    if let ("member", Value::Member(member)) = (&*name, &item) {
        run.member = Some(*member);
    }
    run.vars.insert(name, item);
}

fn restore(run: &mut Run, frame: Frame) {
    for (name, before) in frame.shadowed.into_iter().rev() {
        match before {
            Some(value) => run.vars.insert(name, value),
            None => run.vars.remove(&name),
        };
    }
    if let Some(member) = frame.member {
        run.member = member;
    }
}

/// When the next turn may start, if not now; counts it.
fn pace_due(turn: &mut Turn, now: Millis) -> Option<Millis> {
    let (count, per) = turn.pace?;
    let end = turn.window_from.saturating_add(per);
    if now >= end {
        turn.window_from = now;
        turn.window_count = 1;
        return None;
    }
    if turn.window_count < count {
        turn.window_count = turn.window_count.saturating_add(1);
        return None;
    }
    turn.window_from = end;
    turn.window_count = 1;
    Some(end)
}
