//! All communities' worlds and the rulebooks they run under: what the writer owns and what a start,
//! a replay and a check fold into.

use super::route;
use super::skip::{Panicked, Skips};
use crate::engine::{Books, Outcome};
use crate::model::{Hash, Stamped, Text, World};
use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The fold: `engine::apply`, or a small one in this room's own tests.
pub(super) type Fold = fn(&mut World, &Books, &Stamped) -> Outcome;

/// Worlds by community, with what is needed to fold into them.
pub(super) struct Worlds {
    pub map: BTreeMap<Text, World>,
    pub books: Books,
    pub skips: Skips,
    fold: Fold,
}

impl Worlds {
    /// No community yet.
    pub(super) const fn new(fold: Fold) -> Self {
        Self {
            map: BTreeMap::new(),
            books: Books::new(),
            skips: Skips::new(),
            fold,
        }
    }

    /// Folds an input in; `None` when it is one to be passed over. After a panic the world is
    /// neither old nor new: the process must end.
    pub(super) fn apply(&mut self, stamped: &Stamped) -> Result<Option<Outcome>, Panicked> {
        let partition = route::partition(&stamped.community);
        if self.skips.contains(&(partition, stamped.seq)) {
            return Ok(None);
        }
        let fold = self.fold;
        let books = &self.books;
        let world = self.map.entry(stamped.community.clone());
        // Its first input is its configuration, which brings the salt.
        let world = world.or_insert_with(|| World::new(stamped.community.clone(), 0));
        let folded = catch_unwind(AssertUnwindSafe(|| fold(world, books, stamped)));
        folded.map(Some).map_err(|panic| Panicked {
            partition,
            seq: stamped.seq,
            community: stamped.community.clone(),
            reason: panic_text(panic.as_ref()).into(),
        })
    }

    /// The rulebooks that are in force, or that a run in progress began under.
    pub(super) fn books_in_use(&self) -> BTreeSet<Hash> {
        let mut used = BTreeSet::new();
        for world in self.map.values() {
            used.insert(world.head.rulebook);
            used.extend(world.runs().map(|run| run.rulebook));
        }
        used.remove(&Hash::default());
        used
    }

    /// How many rows changed since they were last taken.
    pub(super) fn touched(&self) -> usize {
        self.map.values().map(World::touched_count).sum()
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("no message").to_owned()
}
