//! What happened meets runs that wait: some stop, some go on.

use super::Fold;
use super::advance::{Done, Place};
use super::occasion::Occasion;
use crate::model::world::{End, Frame, Run, Waiting, Watches};
use crate::model::{Message, Record, RunId, Value};
use crate::playbook::rule::{Act, Otherwise, WaitFor};

impl Fold<'_> {
    /// What happened may stop runs, or end the present step's wait.
    pub(super) fn interrupt(&mut self, occasion: &Occasion, said: Option<&Message>) {
        let watching: Vec<RunId> = self
            .world
            .watchers(occasion.member, occasion.group)
            .collect();
        for id in watching {
            let Some(run) = self.world.run(id) else {
                continue;
            };
            // A window that gathers joiners lives on, whatever is said meanwhile.
            if matches!(run.waiting, Waiting::Gather { .. }) {
                continue;
            }
            let near = is_near(run, occasion);
            let Some(place) = self.place(run).filter(|_| near) else {
                continue;
            };
            let Some(playbook) = place.playbook() else {
                continue;
            };
            let rule = playbook.rules.iter().find(|rule| rule.id == run.rule);
            let stops = |triggers: &[crate::playbook::rule::Trigger]| {
                triggers
                    .iter()
                    .any(|trigger| self.fits_alone(trigger, occasion, said))
            };
            if rule.is_some_and(|rule| stops(&rule.stop_when)) {
                if let Some(run) = self.world.take_run(id) {
                    self.end(&run, End::Interrupted(occasion.kind.into()));
                }
                continue;
            }
            let ended = match place.step().map(|step| &step.act) {
                Some(Act::Wait(wait)) => stops(&wait.stop_when),
                Some(Act::Ask(ask)) => stops(&ask.stop_when),
                _ => false,
            };
            if ended {
                if let Waiting::Ask { ask, .. } = run.waiting {
                    self.close_ask(ask);
                } else {
                    self.complete(id, Ok(Value::Nothing));
                }
            }
        }
    }

    /// Runs that wait for an event of this kind go on.
    pub(super) fn wake_waiting(&mut self, occasion: &Occasion, said: Option<&Message>) {
        let watching: Vec<RunId> = self
            .world
            .watchers(occasion.member, occasion.group)
            .collect();
        for id in watching {
            let Some(run) = self.world.run(id) else {
                continue;
            };
            if !matches!(run.waiting, Waiting::Event { .. }) {
                continue;
            }
            let near = is_near(run, occasion);
            let Some(place) = self.place(run).filter(|_| near) else {
                continue;
            };
            let Some(Act::Wait(wait)) = place.step().map(|step| &step.act) else {
                continue;
            };
            let WaitFor::Event { triggers, .. } = &wait.until else {
                continue;
            };
            if triggers
                .iter()
                .any(|trigger| self.fits_alone(trigger, occasion, said))
            {
                let mut event = occasion.event.clone();
                event.insert("timed_out".into(), Value::Bool(false));
                self.complete(id, Ok(Value::Record(event)));
            }
        }
    }

    /// The event a run waited for did not come in time.
    pub(super) fn event_timed_out(&mut self, id: RunId) {
        let place = self.world.run(id).and_then(|run| self.place(run));
        let otherwise = match place.as_ref().and_then(Place::step).map(|step| &step.act) {
            Some(Act::Wait(wait)) => match &wait.until {
                WaitFor::Event { on_timeout, .. } => *on_timeout,
                WaitFor::Span(_) | WaitFor::Time(_) | WaitFor::TimeOfDay(_) => Otherwise::Continue,
            },
            _ => Otherwise::Continue,
        };
        match otherwise {
            Otherwise::Stop => self.resume_with(id, Done::Stop("nothing came in time".into())),
            Otherwise::Continue => {
                let late = Record::from([("timed_out".into(), Value::Bool(true))]);
                self.complete(id, Ok(Value::Record(late)));
            }
            Otherwise::Do(block) => {
                self.resume_with(
                    id,
                    Done::Enter(Frame {
                        block,
                        ..Frame::default()
                    }),
                );
            }
        }
    }
}

/// True if what happened stands where the run looks: one person may be in two groups.
fn is_near(run: &Run, occasion: &Occasion) -> bool {
    occasion.group.is_none()
        || run.group.is_none()
        || run.group == occasion.group
        || run.watches == Watches::Community
}
