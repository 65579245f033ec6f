//! The task that carries effects: it asks the planner what may start, starts attempts beside each
//! other, and turns what they came to into receipts.

use super::attempt::Attempt;
use super::breaker::Sign;
use super::lanes::{Lanes, Open};
use super::verdict::{expired, judge, sign};
use crate::connector::{Outcome, http};
use crate::engine::{describe, lane_group};
use crate::model::{Effect, EffectId, Kind, Millis, Receipt, Refusal, Text, Verdict};
use crate::runtime::handle::Shared;
use crate::runtime::queue::{Urgent, lock, reply};
use crate::runtime::setup::Links;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// What the writer tells delivery.
pub(in crate::runtime) enum Note {
    /// The effect waits to be sent, as it is here.
    Open {
        community: Text,
        effect: Box<Effect>,
    },
    /// It is over, or waits for a person.
    Closed(EffectId),
    /// The connectors have changed; those that were stopped may try again.
    Links(Arc<Links>),
    /// Whether there is room for receipts.
    MaySend(bool),
    /// Start nothing more, and tell when nothing is on its way.
    Drain(oneshot::Sender<()>),
}

/// An attempt is back.
struct Back {
    id: EffectId,
    number: u32,
    outcome: Option<Outcome>,
}

/// An effect that delivery knows.
struct Job {
    community: Text,
    effect: Effect,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// In the planner, waiting or on its way.
    Known,
    /// The writer took it back while it was on its way.
    TakenBack,
    /// Its last receipt is on its way to the writer: what the writer says of it until then is old.
    Over,
}

/// The task's state.
pub(in crate::runtime) struct Carrier {
    shared: Arc<Shared>,
    client: http::Client,
    links: Arc<Links>,
    lanes: Lanes,
    jobs: BTreeMap<EffectId, Job>,
    in_flight: usize,
    may_send: bool,
    drain: Option<oneshot::Sender<()>>,
    back: mpsc::UnboundedSender<Back>,
    comes_back: mpsc::UnboundedReceiver<Back>,
}

impl Carrier {
    /// Nothing starts before the writer says that there is room.
    pub(in crate::runtime) fn new(shared: Arc<Shared>, client: http::Client) -> Self {
        let (back, comes_back) = mpsc::unbounded_channel();
        let mut carrier = Self {
            links: shared.links(),
            shared,
            client,
            lanes: Lanes::default(),
            jobs: BTreeMap::new(),
            in_flight: 0,
            may_send: false,
            drain: None,
            back,
            comes_back,
        };
        carrier.set_rates();
        carrier
    }

    /// Works until the writer is gone.
    pub(in crate::runtime) async fn run(mut self, mut notes: mpsc::UnboundedReceiver<Note>) {
        let clock = self.shared.clock.clone();
        loop {
            let again_at = self.start(clock.now());
            self.count();
            if self.in_flight == 0
                && let Some(drained) = self.drain.take()
            {
                reply(drained, ());
                return;
            }
            let until = again_at.unwrap_or(Millis::MAX);
            tokio::select! {
                note = notes.recv() => match note {
                    Some(note) => self.note(note, clock.now()),
                    None => return,
                },
                Some(back) = self.comes_back.recv() => self.land(back, clock.now()),
                () = clock.sleep_until(until) => {}
            }
        }
    }

    fn note(&mut self, note: Note, now: Millis) {
        match note {
            Note::Open { community, effect } => self.open(community, *effect, now),
            Note::Closed(id) => self.take_back(id),
            Note::Links(links) => self.change_links(links),
            Note::MaySend(may_send) => self.may_send = may_send,
            Note::Drain(drained) => self.drain = Some(drained),
        }
    }

    fn open(&mut self, community: Text, effect: Effect, now: Millis) {
        let id = effect.id;
        if let Some(job) = self.jobs.get_mut(&id) {
            if job.state != State::Over {
                // The journal may be an attempt behind of what was tried here.
                let attempts = job.effect.attempts.max(effect.attempts);
                job.effect = Effect { attempts, ..effect };
                job.state = State::Known;
            }
            return;
        }
        let is_carried = self.links.contains_key(&effect.connector);
        let open = ticket(&effect);
        let job = Job {
            community,
            effect,
            state: State::Known,
        };
        self.jobs.insert(id, job);
        if is_carried {
            self.lanes.add(open, now);
        } else {
            self.refuse_unavailable(id);
        }
    }

    fn take_back(&mut self, id: EffectId) {
        let waits = self.lanes.remove(id);
        match self.jobs.get_mut(&id) {
            Some(job) if job.state == State::Known && !waits => job.state = State::TakenBack,
            Some(_) => {
                self.jobs.remove(&id);
            }
            None => {}
        }
    }

    fn change_links(&mut self, links: Arc<Links>) {
        let before = std::mem::replace(&mut self.links, links);
        self.set_rates();
        for name in before.keys() {
            self.lanes.set_stopped(name, false);
        }
        lock(&self.shared.status).troubles.clear();
        let is_gone = |job: &Job| !self.links.contains_key(&job.effect.connector);
        let gone: Vec<EffectId> = self
            .jobs
            .iter()
            .filter(|(_, job)| is_gone(job))
            .map(|(id, _)| *id)
            .collect();
        for id in gone {
            if self.lanes.remove(id) {
                self.refuse_unavailable(id);
            }
        }
    }

    fn set_rates(&mut self) {
        for (name, link) in &*self.links {
            self.lanes.set_rate(name, link.rate);
        }
    }

    fn refuse_unavailable(&mut self, id: EffectId) {
        let Some(job) = self.jobs.get(&id) else {
            return;
        };
        let reason = format!("there is no connector `{}`", job.effect.connector);
        let verdict = Verdict::Refused {
            because: Refusal::Unavailable,
            reason: reason.into(),
        };
        let attempts = job.effect.attempts;
        self.receipt(id, attempts, verdict);
    }

    /// Starts what may start; when to look again.
    fn start(&mut self, now: Millis) -> Option<Millis> {
        if !self.may_send || self.drain.is_some() {
            return None;
        }
        let plan = self.lanes.plan(now);
        for id in plan.expired {
            let job = self.jobs.get(&id);
            let late = job.and_then(|job| Some((job.effect.attempts, expired(&job.effect, now)?)));
            if let Some((attempts, verdict)) = late {
                self.receipt(id, attempts, verdict);
            }
        }
        for id in plan.start {
            self.attempt(id, now);
        }
        plan.again_at
    }

    fn attempt(&mut self, id: EffectId, now: Millis) {
        let job = self.jobs.get(&id);
        let link = job.and_then(|job| self.links.get(&job.effect.connector));
        let Some((job, link)) = job.zip(link) else {
            self.lanes.ended(id, None, Sign::Untried, now);
            return;
        };
        let number = job.effect.attempts.saturating_add(1);
        self.shared.metrics.of(&job.effect.connector).attempts.one();
        let attempt = Attempt {
            community: job.community.clone(),
            effect: job.effect.clone(),
            number,
            link: link.clone(),
            client: self.client.clone(),
            clock: self.shared.clock.clone(),
            queue: self.shared.queue.clone(),
        };
        let back = self.back.clone();
        self.in_flight += 1;
        tokio::spawn(async move {
            let outcome = attempt.run().await;
            // When delivery has ended, the next start asks again.
            drop(back.send(Back {
                id,
                number,
                outcome,
            }));
        });
    }

    /// An attempt came to something.
    fn land(&mut self, back: Back, now: Millis) {
        self.in_flight = self.in_flight.saturating_sub(1);
        let Back {
            id,
            number,
            outcome,
        } = back;
        let Some(job) = self.jobs.get_mut(&id) else {
            self.lanes.ended(id, None, Sign::Untried, now);
            return;
        };
        let Some(outcome) = outcome else {
            // Called off. Where the writer has not taken it back, it has let it go again meanwhile.
            if job.state == State::Known {
                let again_at = Some(job.effect.not_before);
                self.lanes.ended(id, again_at, Sign::Untried, now);
            } else {
                self.lanes.ended(id, None, Sign::Untried, now);
                self.jobs.remove(&id);
            }
            return;
        };
        job.effect.attempts = number;
        let link = self.links.get(&job.effect.connector);
        let holds = link.is_some_and(|link| link.hold_unknown);
        let shown = link.is_some_and(|link| link.kind == Some(Kind::Sandbox));
        let effect = job.effect.clone();
        let community = job.community.clone();
        let was_taken_back = job.state == State::TakenBack;
        self.heed(&effect, &outcome, now);
        let sign = sign(&outcome);
        let verdict = judge(&effect, number, outcome, holds, now);
        if shown {
            self.show_sandbox(&community, &effect, &verdict);
        }
        if let Verdict::Deferred { not_before, .. } = verdict {
            let again_at = Some(not_before).filter(|_| !was_taken_back);
            self.lanes.ended(id, again_at, sign, now);
            self.send(community, &effect, number, verdict);
            if was_taken_back {
                self.jobs.remove(&id);
            }
        } else {
            self.lanes.ended(id, None, sign, now);
            self.receipt(id, number, verdict);
        }
    }

    /// What an outcome means for others: a wish to slow down, or a connector that cannot work.
    fn heed(&mut self, effect: &Effect, outcome: &Outcome, now: Millis) {
        match outcome {
            Outcome::RetryAfter {
                after_ms: Some(after_ms),
                ..
            } => {
                let until = now.saturating_add(*after_ms);
                let group = lane_group(effect);
                let connector = &effect.connector;
                self.lanes.throttle(connector, group.as_ref(), until, now);
            }
            Outcome::Stop { reason } => {
                let connector = &effect.connector;
                tracing::error!(%connector, error = %reason, "Stopped a connector; nothing goes out over it until steward is reloaded.");
                self.lanes.set_stopped(connector, true);
                let reason: Text = reason.as_str().into();
                let troubles = &mut lock(&self.shared.status).troubles;
                troubles.insert(connector.clone(), reason.clone());
                self.shared.queue.push_urgent(Urgent::Health {
                    connector: connector.clone(),
                    pending: 0,
                    problem: Some(reason),
                });
            }
            Outcome::RetryAfter { after_ms: None, .. }
            | Outcome::Done(_)
            | Outcome::Already(_)
            | Outcome::Refused { .. }
            | Outcome::Unknown { .. }
            | Outcome::Broken { .. } => {}
        }
    }

    fn show_sandbox(&self, community: &Text, effect: &Effect, verdict: &Verdict) {
        if !verdict.succeeded() {
            return;
        }
        let verb = effect.action.verb();
        let group = effect.group.as_deref().unwrap_or("-");
        tracing::info!(%community, group, verb, effect = %effect.id, "Done in the sandbox.");
        self.shared.show(community, "sandbox", || {
            format!("{} {verb} {group}: {}", effect.id, describe(&effect.action))
        });
    }

    /// The effect's last receipt; it is over here.
    fn receipt(&mut self, id: EffectId, attempt: u32, verdict: Verdict) {
        let Some(job) = self.jobs.get_mut(&id) else {
            return;
        };
        job.state = State::Over;
        let (community, effect) = (job.community.clone(), job.effect.clone());
        self.send(community, &effect, attempt, verdict);
    }

    fn send(&self, community: Text, effect: &Effect, attempt: u32, verdict: Verdict) {
        let numbers = self.shared.metrics.of(&effect.connector);
        match &verdict {
            Verdict::Done(_) | Verdict::Already(_) => numbers.sent.one(),
            Verdict::Refused { .. } => numbers.rejected.one(),
            Verdict::Deferred { .. } => numbers.deferred.one(),
            Verdict::Unknown { .. } | Verdict::Parked { .. } => numbers.parked.one(),
            Verdict::Sending => {}
        }
        if let Verdict::Unknown { reason } | Verdict::Parked { reason } = &verdict {
            let connector = &effect.connector;
            tracing::warn!(effect = %effect.id, %connector, attempt, error = %reason, "An effect waits for a person.");
        }
        self.shared.queue.push_urgent(Urgent::Receipt {
            community,
            receipt: Receipt {
                effect: effect.id,
                attempt,
                verdict,
            },
            may_go: None,
        });
    }

    fn count(&self) {
        for (connector, counts) in self.lanes.counts() {
            let numbers = self.shared.metrics.of(connector);
            numbers.waiting.set(counts.waiting as u64);
            numbers.in_flight.set(counts.in_flight as u64);
            numbers.breaker_open.set(u64::from(counts.is_open));
            numbers.stopped.set(u64::from(counts.is_stopped));
        }
    }
}

/// What the planner needs to know of an effect.
fn ticket(effect: &Effect) -> Open {
    Open {
        group: lane_group(effect),
        ..Open::of(effect)
    }
}
