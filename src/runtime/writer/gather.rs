//! What goes into a group: what is urgent, then events, then what became due.

use super::group::{After, Group};
use super::{Appended, Writer, full};
use crate::engine;
use crate::model::{Input, Text, World};
use crate::runtime::error::Fatal;
use crate::runtime::handle::{NotTaken, View};
use crate::runtime::queue::{NewRules, Urgent, Waiting, reply};
use crate::runtime::route::{Route, UNCLAIMED};

/// Bytes that an urgent input is taken for when its size is not known yet: commands come in through
/// a body of limited size, receipts hold a few ids.
const URGENT_BYTES: usize = 64 * 1024;

impl Writer {
    /// Takes everything urgent that fits. Looks are made here, between two groups.
    pub(super) fn gather_urgent(&mut self, group: &mut Group) -> Result<(), Fatal> {
        while let Some(urgent) = self.urgent.pop_front() {
            let alone = matches!(urgent, Urgent::Rules(_) | Urgent::Stop(_));
            if (alone && !group.is_empty()) || !group.fits(1, URGENT_BYTES) {
                self.urgent.push_front(urgent);
                return Ok(());
            }
            match urgent {
                Urgent::Command {
                    community,
                    command,
                    answer,
                } => {
                    if self.router.serves(&community) {
                        let after = After::Told(answer);
                        push(group, &community, Input::Command(*command), after);
                    } else {
                        reply(answer, Err(NotTaken::UnknownCommunity(community)));
                    }
                }
                Urgent::Receipt {
                    community,
                    receipt,
                    may_go,
                } => {
                    let after = may_go.map_or(After::Nobody, After::MayGo);
                    push(group, &community, Input::Receipt(receipt), after);
                }
                Urgent::Health {
                    connector,
                    pending,
                    problem,
                } => {
                    for community in self.users_of(&connector) {
                        let input = Input::Health {
                            connector: connector.clone(),
                            pending,
                            problem: problem.clone(),
                        };
                        push(group, &community, input, After::Nobody);
                    }
                }
                Urgent::Rules(rules) => return self.change_rules(*rules),
                Urgent::Stop(answer) => {
                    if self.drain_is_over() {
                        self.stop = Some(answer);
                    } else {
                        self.urgent.push_back(Urgent::Stop(answer));
                    }
                    return Ok(());
                }
                Urgent::Look(look) => self.look(look),
                Urgent::Wrote(written) => self.note_written(written)?,
            }
        }
        Ok(())
    }

    /// While the journal has no room only looks go on.
    pub(super) fn gather_while_full(&mut self) -> Result<(), Fatal> {
        self.refuse_events();
        while let Some(urgent) = self.urgent.pop_front() {
            match urgent {
                Urgent::Command { answer, .. } => reply(answer, Err(full())),
                Urgent::Rules(rules) => reply(rules.answer, Err(full())),
                Urgent::Receipt { .. } => self.held.push(urgent),
                // It is asked for again.
                Urgent::Health { .. } => {}
                Urgent::Look(look) => self.look(look),
                Urgent::Wrote(written) => self.note_written(written)?,
                Urgent::Stop(answer) => self.stop = Some(answer),
            }
        }
        Ok(())
    }

    fn look(&self, look: crate::runtime::queue::Look) {
        look(&View {
            worlds: &self.parts.worlds.map,
            books: &self.parts.worlds.books,
            now: self.parts.shared.clock.now(),
        });
    }

    /// What was taken in before a stop is folded before it.
    fn drain_is_over(&self) -> bool {
        self.events.is_empty()
            && self.urgent.is_empty()
            && self.parts.shared.metrics.queue_events.get() == 0
    }

    /// Takes the events that fit.
    pub(super) fn gather_events(&mut self, group: &mut Group) {
        while let Some(waiting) = self.events.pop_front() {
            if let Some(waiting) = self.add_event(group, waiting) {
                self.events.push_front(waiting);
                return;
            }
        }
    }

    /// Adds an event for each community that it concerns and that does not know it yet. Gives it
    /// back when the group is too full for it.
    fn add_event(&self, group: &mut Group, waiting: Waiting) -> Option<Waiting> {
        let event = &waiting.event;
        let mut to = match self.router.route(event, &self.parts.worlds.map) {
            Route::To(communities) => communities,
            Route::Unclaimed => vec![UNCLAIMED.into()],
            Route::Nowhere => Vec::new(),
        };
        let id = event
            .id
            .as_ref()
            .map(|id| engine::seen_id(&event.connector, id));
        let is_known = |community: &Text| {
            let world = self.parts.worlds.map.get(community);
            id.is_some_and(|id| {
                world.is_some_and(|world| world.seen.contains(id)) || group.has_id(community, id)
            })
        };
        let numbers = self.parts.shared.metrics.of(&event.connector);
        let all = to.len();
        to.retain(|community| !is_known(community));
        let bytes = to.iter().map(|community| community.len() + waiting.bytes);
        if !group.fits(to.len(), bytes.sum()) {
            return Some(waiting);
        }
        numbers.received.one();
        if to.len() < all {
            numbers.duplicates.one();
        }
        for community in to {
            if let Some(id) = id {
                group.note_id(&community, id);
            }
            let input = Input::Event(Box::new(event.clone()));
            push(group, &community, input, After::Nobody);
        }
        group.tickets.push(waiting.ticket);
        None
    }

    /// Heartbeats, then a tick – last – for each community of which a deadline is due. Events that
    /// wait are before it: they may still save someone.
    pub(super) fn gather_due(&mut self, group: &mut Group) {
        let now = self.parts.shared.clock.now();
        if self.upkeep.take_heartbeat(now) {
            self.push_heartbeats(group);
        }
        if !self.events.is_empty() {
            return;
        }
        let at = group.at();
        for community in self.router.served() {
            let world = self.parts.worlds.map.get(community);
            let due = world.and_then(World::next_deadline);
            if due.is_some_and(|due| due <= at) {
                push(group, community, Input::Tick, After::Nobody);
            }
        }
    }

    pub(super) fn push_heartbeats(&self, group: &mut Group) {
        for community in self.router.served() {
            let Some(world) = self.parts.worlds.map.get(community) else {
                continue;
            };
            for connector in world.head.directory.connectors.keys() {
                let connector = connector.clone();
                let input = Input::Heartbeat { connector };
                push(group, community, input, After::Nobody);
            }
        }
    }

    /// Communities that are served over a connector.
    fn users_of(&self, connector: &Text) -> Vec<Text> {
        let uses = |community: &&Text| {
            let world = self.parts.worlds.map.get(*community);
            world.is_some_and(|world| world.head.directory.connectors.contains_key(connector))
        };
        self.router.served().filter(uses).cloned().collect()
    }

    /// Goes over to other rules and another configuration, in a group of their own.
    fn change_rules(&mut self, rules: NewRules) -> Result<(), Fatal> {
        let NewRules {
            config,
            links,
            hash,
            rules,
            answer,
        } = rules;
        let books = &mut self.parts.worlds.books;
        books.entry(hash).or_insert_with(|| rules.into());
        let mut group = self.group();
        let pushed = self.push_changes(&mut group, &config.communities, hash);
        let changed = match pushed {
            Ok(changed) => changed,
            Err(why) => {
                reply(answer, Err(why));
                return Ok(());
            }
        };
        match self.commit(group)? {
            Appended::Yes => {}
            Appended::Full => {
                reply(answer, Err(full()));
                return Ok(());
            }
            Appended::Refused => {
                let why = "the journal cannot take the new configuration".to_owned();
                reply(answer, Err(NotTaken::Refused(why)));
                return Ok(());
            }
        }
        self.parts.keep = config.keep;
        self.parts.shared.set_links(links.clone());
        self.serve(&config.communities);
        self.forget_unused_books();
        self.tell_delivery(crate::runtime::delivery::carrier::Note::Links(links));
        self.announce_all();
        reply(answer, Ok(changed));
        Ok(())
    }
}

/// An input that cannot be coded is left out: there is nothing else that could be done with it.
pub(super) fn push(group: &mut Group, community: &Text, input: Input, after: After) {
    if let Err(error) = group.push(community, input, after) {
        tracing::error!(%error, %community, "An input cannot be coded; it is lost.");
    }
}
