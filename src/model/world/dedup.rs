//! What was already received: 8-byte hashes in packed blocks, forgotten by journal time so that a
//! replay agrees.

use crate::model::{Millis, Set, Text, limits};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Ids in one block: a row of 2 KiB.
const BLOCK_IDS: usize = 256;

/// A packed block of ids.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// When its newest id came.
    pub newest: Millis,
    pub ids: Vec<u64>,
}

/// The ids of one connector.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Window {
    /// By number, ascending; the last is being filled.
    blocks: BTreeMap<u64, Block>,
    next: u64,
}

/// Ids received per connector.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    windows: BTreeMap<Text, Window>,
    known: Set<u64>,
}

/// What changed: the block to write and the blocks to forget.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changed {
    pub written: Option<u64>,
    pub forgotten: Vec<u64>,
}

impl Seen {
    /// True if the id came before and is not forgotten yet.
    pub fn contains(&self, id: u64) -> bool {
        self.known.contains(&id)
    }

    /// Notes an id, and forgets blocks whose newest id is older than `keep_ms`.
    pub fn note(&mut self, connector: &Text, id: u64, at: Millis, keep_ms: Millis) -> Changed {
        let window = self.windows.entry(connector.clone()).or_default();
        let full = window
            .blocks
            .get(&window.next.saturating_sub(1))
            .is_none_or(|block| block.ids.len() >= BLOCK_IDS);
        if full {
            window.blocks.insert(window.next, Block::default());
            window.next = window.next.saturating_add(1);
        }
        let number = window.next.saturating_sub(1);
        let block = window.blocks.entry(number).or_default();
        block.newest = at;
        block.ids.push(id);
        self.known.insert(id);
        let mut changed = Changed {
            written: Some(number),
            forgotten: Vec::new(),
        };
        let most = limits::DEDUPLICATION_IDS_MAX / BLOCK_IDS;
        while let Some((first, block)) = window.blocks.first_key_value() {
            let expired = block.newest < at.saturating_sub(keep_ms) || window.blocks.len() > most;
            if !expired || *first == number {
                break;
            }
            let first = *first;
            if let Some(block) = window.blocks.remove(&first) {
                for id in block.ids {
                    self.known.remove(&id);
                }
            }
            changed.forgotten.push(first);
        }
        changed
    }

    /// One block, as it is stored.
    pub fn block(&self, connector: &str, number: u64) -> Option<&Block> {
        self.windows.get(connector)?.blocks.get(&number)
    }

    /// The connector and number of every block.
    pub fn blocks(&self) -> impl Iterator<Item = (&Text, u64)> + '_ {
        self.windows
            .iter()
            .flat_map(|(connector, window)| window.blocks.keys().map(move |no| (connector, *no)))
    }

    /// Puts a stored block back.
    pub fn restore(&mut self, connector: Text, number: u64, block: Block) {
        for id in &block.ids {
            self.known.insert(*id);
        }
        let window = self.windows.entry(connector).or_default();
        window.next = window.next.max(number.saturating_add(1));
        window.blocks.insert(number, block);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::MINUTE;

    #[test]
    fn ids_are_forgotten_by_journal_time_block_by_block() {
        let mut seen = Seen::default();
        let qq: Text = "qq".into();
        for id in 0..600 {
            seen.note(&qq, id, 0, 10 * MINUTE);
        }
        assert!(seen.contains(0) && seen.contains(599) && !seen.contains(600));
        let changed = seen.note(&qq, 1_000, 11 * MINUTE, 10 * MINUTE);
        assert_eq!(changed.forgotten, [0, 1]);
        assert!(
            !seen.contains(0) && seen.contains(599),
            "its block holds a young id"
        );
    }

    #[test]
    fn restored_blocks_know_the_same_ids() {
        let mut seen = Seen::default();
        for id in 0..300 {
            seen.note(&"tg".into(), id, 5, 100);
        }
        let mut restored = Seen::default();
        for (connector, number) in seen.blocks() {
            let block = seen.block(connector, number).unwrap().clone();
            restored.restore(connector.clone(), number, block);
        }
        assert_eq!(restored, seen);
    }
}
