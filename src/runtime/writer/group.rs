//! One group in the making: inputs stamped in order, coded, and what is to be said to whom when they
//! are durable and when they are folded.

use crate::journal::{Error, Heads, Record};
use crate::model::limits::{GROUP_BYTES_MAX, GROUP_INPUTS_MAX};
use crate::model::{Input, Millis, Stamped, Text};
use crate::runtime::handle::{NotTaken, Told};
use crate::runtime::queue::{Ticket, reply};
use crate::runtime::route::partition;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::oneshot;

/// Bytes that the journal adds to a record and to a group, rounded up.
const FRAME_BYTES: usize = 64;

/// Who waits for an input to be folded.
pub(super) enum After {
    Nobody,
    /// A command's giver.
    Told(oneshot::Sender<Result<Told, NotTaken>>),
    /// An attempt that is about to send.
    MayGo(oneshot::Sender<bool>),
}

/// An input of the group.
pub(super) struct Item {
    pub(super) stamped: Stamped,
    pub(super) after: After,
}

/// Inputs that are appended with one sync.
pub(super) struct Group {
    at: Millis,
    /// The last sequence number per partition.
    seqs: BTreeMap<u16, u64>,
    bytes: usize,
    pub(super) items: Vec<Item>,
    pub(super) records: Vec<Record>,
    /// Payloads of which an event is in the group, or a duplicate of one is.
    pub(super) tickets: Vec<Arc<Ticket>>,
    /// Deduplication ids of the group's events.
    ids: BTreeSet<(Text, u64)>,
}

impl Group {
    /// An empty group behind these heads, stamped `at`.
    pub(super) fn new(at: Millis, heads: &Heads) -> Self {
        let seqs = heads.iter().map(|(no, head)| (*no, head.seq)).collect();
        Self {
            at,
            seqs,
            bytes: FRAME_BYTES,
            items: Vec::new(),
            records: Vec::new(),
            tickets: Vec::new(),
            ids: BTreeSet::new(),
        }
    }

    /// The time it is stamped with.
    pub(super) const fn at(&self) -> Millis {
        self.at
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Whether `count` inputs of `bytes` in all go into it. Whatever it is, it fits when it is alone.
    pub(super) fn fits(&self, count: usize, bytes: usize) -> bool {
        let framed = bytes.saturating_add(count.saturating_mul(FRAME_BYTES));
        self.is_empty()
            || self.records.len().saturating_add(count) <= GROUP_INPUTS_MAX
                && self.bytes.saturating_add(framed) <= GROUP_BYTES_MAX
    }

    /// Whether the id came in this group before; it has now.
    pub(super) fn note_id(&mut self, community: &Text, id: u64) -> bool {
        !self.ids.insert((community.clone(), id))
    }

    /// Whether the id is in this group.
    pub(super) fn has_id(&self, community: &Text, id: u64) -> bool {
        self.ids.contains(&(community.clone(), id))
    }

    /// Stamps and codes an input. An input that cannot be coded is left out.
    pub(super) fn push(
        &mut self,
        community: &Text,
        input: Input,
        after: After,
    ) -> Result<(), Error> {
        let partition = partition(community);
        let last = self.seqs.get(&partition).copied().unwrap_or(0);
        let stamped = Stamped {
            seq: last.saturating_add(1),
            at: self.at,
            community: community.clone(),
            input,
        };
        let record = match Record::new(partition, &stamped) {
            Ok(record) => record,
            Err(error) => {
                if let After::Told(answer) = after {
                    reply(answer, Err(NotTaken::Refused(error.to_string())));
                }
                return Err(error);
            }
        };
        self.seqs.insert(partition, stamped.seq);
        self.bytes = self
            .bytes
            .saturating_add(record.payload.len().saturating_add(FRAME_BYTES));
        self.records.push(record);
        self.items.push(Item { stamped, after });
        Ok(())
    }
}
