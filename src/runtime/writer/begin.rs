//! The first inputs after a start, and what changes when configuration or rules do.

use super::gather::push;
use super::group::{After, Group};
use super::{Appended, Writer};
use crate::model::{Directory, Hash, Input, Receipt, Stage, Text, Verdict, World};
use crate::runtime::error::Fatal;
use crate::runtime::handle::NotTaken;
use crate::runtime::route::Router;
use crate::runtime::setup::Links;
use crate::runtime::skip::{self, Panicked};

impl Writer {
    /// Journals what the start itself has to tell: an input that was passed over, what changed in
    /// the configuration and the rules, for how long connectors were deaf, and sends of which nobody
    /// knows whether they happened.
    pub(in crate::runtime) fn begin(
        &mut self,
        configured: &[(Text, Directory)],
        rulebook: Hash,
        links: &Links,
    ) -> Result<(), Fatal> {
        let mut group = self.group();
        let panicked = skip::read(&self.parts.data);
        if let Some(panicked) = &panicked {
            push_skip(&mut group, panicked);
        }
        let pushed = self.push_changes(&mut group, configured, rulebook);
        pushed.map_err(|why| Fatal::of(&why))?;
        self.begin_with(group)?;
        if panicked.is_some() {
            skip::remove(&self.parts.data).map_err(|error| Fatal::of(&error))?;
        }
        self.serve(configured);
        let mut group = self.group();
        self.push_deaf(&mut group);
        self.push_heartbeats(&mut group);
        self.push_unknown(&mut group, links);
        self.begin_with(group)?;
        self.forget_unused_books();
        self.announce_all();
        self.tell_delivery(crate::runtime::delivery::carrier::Note::MaySend(
            self.may_send,
        ));
        self.note_counts();
        Ok(())
    }

    fn begin_with(&mut self, group: Group) -> Result<(), Fatal> {
        match self.commit(group)? {
            Appended::Yes => Ok(()),
            Appended::Full => Err(Fatal("no room for the journal".to_owned())),
            Appended::Refused => Err(Fatal("the journal refused the first inputs".to_owned())),
        }
    }

    /// Adds what is new in the configuration and the rules; how many communities that concerns. A
    /// community keeps the salt that was drawn for it when it was first seen.
    pub(super) fn push_changes(
        &self,
        group: &mut Group,
        configured: &[(Text, Directory)],
        rulebook: Hash,
    ) -> Result<usize, NotTaken> {
        let mut changed = 0;
        for (community, directory) in configured {
            let world = self.parts.worlds.map.get(community);
            let mut directory = directory.clone();
            directory.salt = match world {
                Some(world) => world.head.salt,
                None => getrandom::u64().map_err(|error| {
                    NotTaken::Refused(format!("no randomness from the system: {error}"))
                })?,
            };
            let is_same = world.is_some_and(|world| world.head.directory == directory);
            let has_rules = world.is_some_and(|world| world.head.rulebook == rulebook);
            if !is_same {
                let input = Input::Config(Box::new(directory));
                push(group, community, input, After::Nobody);
            }
            if !has_rules {
                push(group, community, Input::Reload { rulebook }, After::Nobody);
            }
            changed += usize::from(!is_same || !has_rules);
        }
        Ok(changed)
    }

    /// From here on these communities are served.
    pub(super) fn serve(&mut self, configured: &[(Text, Directory)]) {
        self.router = Router::new(configured, &self.parts.worlds.map);
    }

    /// Keeps the rulebooks that a run still needs.
    pub(super) fn forget_unused_books(&mut self) {
        let used = self.parts.worlds.books_in_use();
        let books = &mut self.parts.worlds.books;
        books.retain(|hash, _| used.contains(hash));
    }

    /// From a connector's last heartbeat until now nobody listened.
    fn push_deaf(&self, group: &mut Group) {
        let to = group.at();
        for community in self.router.served() {
            let Some(world) = self.parts.worlds.map.get(community) else {
                continue;
            };
            for connector in world.head.directory.connectors.keys() {
                let hearing = world.head.hearing.get(connector);
                let from = hearing.map_or(0, |hearing| hearing.last_heartbeat);
                if from != 0 && from < to {
                    let connector = connector.clone();
                    let input = Input::Deaf {
                        connector,
                        from,
                        to,
                    };
                    push(group, community, input, After::Nobody);
                }
            }
        }
    }

    /// Sends that had begun when the daemon stopped: where a repetition would be seen twice and the
    /// operator holds such sends, a person decides.
    fn push_unknown(&self, group: &mut Group, links: &Links) {
        for community in self.router.served() {
            let world = self.parts.worlds.map.get(community);
            for effect in world.into_iter().flat_map(World::effects) {
                let holds = links
                    .get(&effect.connector)
                    .is_some_and(|link| link.hold_unknown);
                if effect.stage != Stage::Sending || !holds || effect.action.sets_state() {
                    continue;
                }
                let receipt = Receipt {
                    effect: effect.id,
                    attempt: effect.attempts,
                    verdict: Verdict::Unknown {
                        reason: "steward stopped while it was being sent".into(),
                    },
                };
                push(group, community, Input::Receipt(receipt), After::Nobody);
            }
        }
    }
}

fn push_skip(group: &mut Group, panicked: &Panicked) {
    let input = Input::Skip {
        seq: panicked.seq,
        rule: None,
        reason: panicked.reason.clone(),
    };
    push(group, &panicked.community, input, After::Nobody);
}
