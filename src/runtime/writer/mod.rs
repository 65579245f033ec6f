//! The writer: one plain thread that owns the journal, all worlds and the rulebooks. It takes what
//! waits, journals it as one group, answers, folds, and hands effects to delivery. It waits for
//! nothing but the journal's sync.

mod begin;
mod gather;
mod group;
mod settle;
mod upkeep;

use super::behind::Behind;
use super::delivery::carrier::Note;
use super::error::Fatal;
use super::handle::Shared;
use super::queue::{Door, RETRY_AFTER_FULL_S, Urgent, Waiting, reply};
use super::route::Router;
use super::worlds::Worlds;
use crate::journal::{Journal, NotAppended};
use crate::model::time::SECOND;
use crate::model::{Input, Millis};
use crate::runtime::handle::NotTaken;
use crate::store::{Keep, Snapshots};
use group::{After, Group};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};

/// After the journal had no room, it is asked again so much later.
const FULL_WAIT_MS: Millis = SECOND;

/// What the writer is made of.
pub(super) struct Parts {
    pub(super) shared: Arc<Shared>,
    pub(super) data: PathBuf,
    pub(super) journal: Box<dyn Journal>,
    pub(super) worlds: Worlds,
    pub(super) snapshots: Snapshots,
    pub(super) behind: Behind,
    pub(super) keep: Keep,
    pub(super) notes: mpsc::UnboundedSender<Note>,
    /// When it wants to be woken.
    pub(super) wanted: watch::Sender<Millis>,
    /// Every row is to be written: the store was made anew.
    pub(super) write_all: bool,
}

/// The thread's state.
pub(super) struct Writer {
    parts: Parts,
    router: Router,
    urgent: VecDeque<Urgent>,
    events: VecDeque<Waiting>,
    /// Receipts that found no room.
    held: Vec<Urgent>,
    /// Until then the journal is not asked for room.
    full_until: Option<Millis>,
    last_at: Millis,
    upkeep: upkeep::Times,
    may_send: bool,
    /// Effects are handed to delivery as they change; at the start all at once.
    is_announcing: bool,
    stop: Option<oneshot::Sender<()>>,
}

/// What became of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Appended {
    Yes,
    /// No room: whoever waited was told, receipts are held.
    Full,
    /// It was one that the journal cannot take.
    Refused,
}

impl Writer {
    pub(super) fn new(parts: Parts) -> Self {
        let heads = parts.journal.heads();
        let last_at = heads.values().map(|head| head.at).max().unwrap_or(0);
        let now = parts.shared.clock.now();
        Self {
            router: Router::default(),
            urgent: VecDeque::new(),
            events: VecDeque::new(),
            held: Vec::new(),
            full_until: None,
            last_at,
            upkeep: upkeep::Times::new(now, &parts.snapshots),
            may_send: parts.journal.has_reserve(),
            is_announcing: false,
            stop: None,
            parts,
        }
    }

    /// Works until it is stopped, or something is wrong that only a new start can cure.
    /// Gives back who asked for the stop.
    pub(super) fn run(mut self) -> Result<oneshot::Sender<()>, Fatal> {
        loop {
            let now = self.parts.shared.clock.now();
            let has_work = !self.urgent.is_empty() || !self.events.is_empty();
            let due_at = self.due_at();
            let wait = !has_work && due_at > now;
            if wait {
                self.parts.wanted.send_replace(due_at);
            }
            let queue = self.parts.shared.queue.clone();
            queue.take(wait, &mut self.urgent, &mut self.events);
            self.turn()?;
            if let Some(stopped) = self.stop.take() {
                self.close()?;
                return Ok(stopped);
            }
        }
    }

    /// One group: what waits, then what is due.
    fn turn(&mut self) -> Result<(), Fatal> {
        if self.has_room() {
            let mut group = self.group();
            self.gather_urgent(&mut group)?;
            self.gather_events(&mut group);
            self.gather_due(&mut group);
            self.commit(group)?;
        } else {
            self.gather_while_full()?;
        }
        self.look_after(self.parts.shared.clock.now());
        Ok(())
    }

    /// Whether the journal may be asked to take a group. After it was full it is asked again once it
    /// has a reserve; what was held then goes first.
    fn has_room(&mut self) -> bool {
        let Some(until) = self.full_until else {
            return true;
        };
        let now = self.parts.shared.clock.now();
        if until > now {
            return false;
        }
        self.parts.journal.tend();
        if !self.parts.journal.has_reserve() {
            self.full_until = Some(now.saturating_add(FULL_WAIT_MS));
            return false;
        }
        self.full_until = None;
        self.parts.shared.queue.set_door(Door::Open);
        for urgent in std::mem::take(&mut self.held).into_iter().rev() {
            self.urgent.push_front(urgent);
        }
        true
    }

    /// An empty group, stamped now or – where the clock went back – as the one before.
    fn group(&self) -> Group {
        let now = self.parts.shared.clock.now();
        Group::new(now.max(self.last_at), self.parts.journal.heads())
    }

    /// When there is something to do, unless something comes in before.
    fn due_at(&self) -> Millis {
        let upkeep_at = self.upkeep.next_at();
        if let Some(until) = self.full_until {
            return until.min(upkeep_at);
        }
        let deadlines = self.router.served().filter_map(|community| {
            let world = self.parts.worlds.map.get(community)?;
            world.next_deadline()
        });
        let deadline = deadlines.min().unwrap_or(Millis::MAX);
        deadline.min(self.upkeep.heartbeat_at()).min(upkeep_at)
    }

    /// Makes the group durable, answers, folds it in.
    fn commit(&mut self, mut group: Group) -> Result<Appended, Fatal> {
        let metrics = self.parts.shared.metrics.clone();
        let clock = self.parts.shared.clock.clone();
        let began_us = clock.stopwatch_us();
        match self.parts.journal.append(&group.records) {
            Ok(_) => {}
            Err(NotAppended::Full) => {
                metrics.journal_full.one();
                self.refuse_full(group);
                return Ok(Appended::Full);
            }
            Err(NotAppended::Refused(error)) if group.records.len() == 1 => {
                tracing::error!(%error, "The journal cannot take an input; it is lost.");
                refuse(group, &NotTaken::Refused(error.to_string()));
                return Ok(Appended::Refused);
            }
            Err(NotAppended::Refused(error) | NotAppended::Unknown(error)) => {
                // A failed sync must not be repeated: only a new start can tell what is there.
                let fatal = Fatal::of(&error);
                refuse(group, &NotTaken::Broken(fatal.0.clone()));
                return Err(fatal);
            }
        }
        if !group.is_empty() {
            let sync_us = clock.stopwatch_us().saturating_sub(began_us);
            metrics.sync_us.note(sync_us);
            metrics.groups.one();
            metrics.inputs.add(group.records.len() as u64);
            metrics.group_inputs.note(group.records.len() as u64);
            self.last_at = group.at();
            self.upkeep.note_inputs(group.records.len() as u64);
            self.note_head(sync_us);
        }
        for ticket in group.tickets.drain(..) {
            ticket.done();
        }
        self.settle(group)?;
        Ok(Appended::Yes)
    }

    /// The group found no room: events and commands are refused, receipts wait.
    fn refuse_full(&mut self, mut group: Group) {
        self.parts.shared.queue.set_door(Door::Full);
        let until = self.parts.shared.clock.now().saturating_add(FULL_WAIT_MS);
        self.full_until = Some(until);
        for item in std::mem::take(&mut group.items) {
            match (item.stamped.input, item.after) {
                (Input::Receipt(receipt), after) => self.held.push(Urgent::Receipt {
                    community: item.stamped.community,
                    receipt,
                    may_go: match after {
                        After::MayGo(answer) => Some(answer),
                        After::Nobody | After::Told(_) => None,
                    },
                }),
                (_, After::Told(answer)) => reply(answer, Err(full())),
                // Ticks and heartbeats are made again; events are refused by their tickets.
                (_, After::Nobody | After::MayGo(_)) => {}
            }
        }
        refuse(group, &full());
        self.refuse_events();
    }

    fn refuse_events(&mut self) {
        for waiting in self.events.drain(..) {
            waiting.ticket.refuse(full());
        }
    }
}

const fn full() -> NotTaken {
    NotTaken::Full {
        retry_after_s: RETRY_AFTER_FULL_S,
    }
}

/// Tells everybody who waits for the group.
fn refuse(group: Group, why: &NotTaken) {
    for ticket in group.tickets {
        ticket.refuse(why.clone());
    }
    for item in group.items {
        if let After::Told(answer) = item.after {
            reply(answer, Err(why.clone()));
        }
    }
}
