//! What waits for the writer: events in a bounded queue, and in a lane of their own whatever must
//! never be refused (receipts, commands, looks), which deliveries in flight and callers bound.

use super::handle::{NotTaken, Told, View};
use super::metrics::Metrics;
use super::setup::{Links, RuntimeConfig};
use crate::engine::Rules;
use crate::model::limits::{GROUP_INPUTS_MAX, QUEUE_BYTES_MAX, QUEUE_EVENTS_MAX};
use crate::model::{Command, Event, Hash, Receipt, Text};
use crate::store;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// What a sender is told to wait when the queue is full: it drains in less.
const RETRY_AFTER_S: u64 = 2;
/// What a sender is told to wait when the disk is full: a person has to make room.
pub(super) const RETRY_AFTER_FULL_S: u64 = 30;

/// The answer that a payload waits for: given once all its events are durable.
pub(super) struct Ticket {
    left: AtomicUsize,
    answer: Mutex<Option<oneshot::Sender<Result<(), NotTaken>>>>,
}

impl Ticket {
    /// One of its events is durable.
    pub(super) fn done(&self) {
        if self.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.say(Ok(()));
        }
    }

    /// One of its events was not taken: the payload is to be sent again as a whole.
    pub(super) fn refuse(&self, why: NotTaken) {
        self.say(Err(why));
    }

    fn say(&self, answer: Result<(), NotTaken>) {
        let waiting = lock(&self.answer).take();
        if let Some(waiting) = waiting {
            reply(waiting, answer);
        }
    }
}

/// An event that waits.
pub(super) struct Waiting {
    pub(super) event: Event,
    /// As the journal codes it.
    pub(super) bytes: usize,
    pub(super) ticket: Arc<Ticket>,
}

/// A rulebook and a configuration to go over to.
pub(super) struct NewRules {
    pub(super) config: RuntimeConfig,
    pub(super) links: Arc<Links>,
    pub(super) hash: Hash,
    pub(super) rules: Rules,
    /// Gets the number of communities that changed.
    pub(super) answer: oneshot::Sender<Result<usize, NotTaken>>,
}

/// A look at the worlds, to be made between two groups.
pub(super) type Look = Box<dyn FnOnce(&View<'_>) + Send>;

/// What is never refused.
pub(super) enum Urgent {
    Command {
        community: Text,
        command: Box<Command>,
        answer: oneshot::Sender<Result<Told, NotTaken>>,
    },
    Receipt {
        community: Text,
        receipt: Receipt,
        /// Told after the receipt was folded: whether the effect may still be sent.
        may_go: Option<oneshot::Sender<bool>>,
    },
    Health {
        connector: Text,
        pending: u64,
        problem: Option<Text>,
    },
    Look(Look),
    Rules(Box<NewRules>),
    /// The store has written what it was given.
    Wrote(Result<Option<store::Info>, store::Error>),
    Stop(oneshot::Sender<()>),
}

/// Whether events are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Door {
    Open,
    /// The journal has no room.
    Full,
    Stopping,
    /// The writer has ended, for this reason.
    Broken(String),
}

struct State {
    events: VecDeque<Waiting>,
    bytes: usize,
    urgent: VecDeque<Urgent>,
    /// Something became due.
    poked: bool,
    door: Door,
}

/// Between the handles and the writer.
pub(super) struct Queue {
    state: Mutex<State>,
    wake: Condvar,
    metrics: Arc<Metrics>,
}

impl Queue {
    pub(super) fn new(metrics: Arc<Metrics>) -> Self {
        Self {
            state: Mutex::new(State {
                events: VecDeque::new(),
                bytes: 0,
                urgent: VecDeque::new(),
                poked: false,
                door: Door::Open,
            }),
            wake: Condvar::new(),
            metrics,
        }
    }

    /// Queues a payload's events, or refuses all of them. A payload that is alone is never too large.
    pub(super) fn push_events(
        &self,
        events: Vec<(Event, usize)>,
    ) -> Result<oneshot::Receiver<Result<(), NotTaken>>, NotTaken> {
        let (answer, answered) = oneshot::channel();
        let ticket = Arc::new(Ticket {
            left: AtomicUsize::new(events.len()),
            answer: Mutex::new(Some(answer)),
        });
        if events.is_empty() {
            ticket.say(Ok(()));
            return Ok(answered);
        }
        let bytes: usize = events.iter().map(|(_, bytes)| *bytes).sum();
        let mut state = self.state();
        match &state.door {
            Door::Open => {}
            Door::Full => {
                return Err(NotTaken::Full {
                    retry_after_s: RETRY_AFTER_FULL_S,
                });
            }
            Door::Stopping => return Err(NotTaken::Stopping),
            Door::Broken(reason) => return Err(NotTaken::Broken(reason.clone())),
        }
        let crowded = state.events.len().saturating_add(events.len()) > QUEUE_EVENTS_MAX
            || state.bytes.saturating_add(bytes) > QUEUE_BYTES_MAX;
        if crowded && !state.events.is_empty() {
            return Err(NotTaken::Full {
                retry_after_s: RETRY_AFTER_S,
            });
        }
        state.bytes += bytes;
        for (event, bytes) in events {
            state.events.push_back(Waiting {
                event,
                bytes,
                ticket: ticket.clone(),
            });
        }
        self.count(&state);
        self.wake.notify_one();
        Ok(answered)
    }

    /// Puts something into the lane of its own. What it carries to answer is dropped, which its
    /// waiter sees, when the writer has ended.
    pub(super) fn push_urgent(&self, urgent: Urgent) {
        let mut state = self.state();
        if !matches!(state.door, Door::Broken(_)) {
            state.urgent.push_back(urgent);
            self.wake.notify_one();
        }
    }

    /// Wakes the writer: something is due.
    pub(super) fn poke(&self) {
        self.state().poked = true;
        self.wake.notify_one();
    }

    /// Moves what waits into the writer's hands, at most one group's worth of each kind. With `wait`
    /// it does so when there is something, or when it is poked.
    pub(super) fn take(
        &self,
        wait: bool,
        urgent: &mut VecDeque<Urgent>,
        events: &mut VecDeque<Waiting>,
    ) {
        let mut state = self.state();
        while wait && !state.poked && state.urgent.is_empty() && state.events.is_empty() {
            state = self
                .wake
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.poked = false;
        let count = state.urgent.len().min(GROUP_INPUTS_MAX);
        urgent.extend(state.urgent.drain(..count));
        if events.len() < GROUP_INPUTS_MAX {
            let count = state.events.len().min(GROUP_INPUTS_MAX);
            let taken: Vec<Waiting> = state.events.drain(..count).collect();
            let bytes: usize = taken.iter().map(|waiting| waiting.bytes).sum();
            state.bytes = state.bytes.saturating_sub(bytes);
            events.extend(taken);
            self.count(&state);
        }
    }

    /// Opens or shuts the door for events. One that is broken stays so.
    pub(super) fn set_door(&self, door: Door) {
        let mut state = self.state();
        let ends = matches!(door, Door::Broken(_));
        match (&state.door, &door) {
            (Door::Broken(_), _) | (Door::Stopping, Door::Open | Door::Full) => return,
            (Door::Open | Door::Full | Door::Stopping, _) => state.door = door,
        }
        if ends {
            let reason = match &state.door {
                Door::Broken(reason) => reason.clone(),
                Door::Open | Door::Full | Door::Stopping => String::new(),
            };
            for waiting in std::mem::take(&mut state.events) {
                waiting.ticket.refuse(NotTaken::Broken(reason.clone()));
            }
            state.urgent.clear();
        }
    }

    /// Whether events are taken.
    pub(super) fn door(&self) -> Door {
        self.state().door.clone()
    }

    fn count(&self, state: &State) {
        self.metrics.queue_events.set(state.events.len() as u64);
        self.metrics.queue_bytes.set(state.bytes as u64);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

/// Answers somebody who may have gone away; then nobody needs the answer.
pub(super) fn reply<T>(waiting: oneshot::Sender<T>, answer: T) {
    if waiting.send(answer).is_err() {
        tracing::trace!("Nobody waits for an answer any more.");
    }
}

/// A lock whose holder panicked protects nothing that is half-done here.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
