//! What the writer does every few seconds: hand changed rows to the store, leave snapshots, look
//! after the journal's room, tell how things are.

use super::Writer;
use crate::engine::ENGINE_VERSION;
use crate::journal::Position;
use crate::model::time::{MINUTE, SECOND};
use crate::model::{Effect, Millis, World};
use crate::runtime::behind::Batch;
use crate::runtime::boot::rulebook_in_force;
use crate::runtime::delivery::carrier::Note;
use crate::runtime::error::Fatal;
use crate::runtime::queue::lock;
use crate::store::{self, Change, Header, Info, Snapshots};

/// How far the store may be behind.
const FLUSH_MS: Millis = 2 * SECOND;
/// So many changed rows go to the store without waiting: a batch is held in memory.
const FLUSH_ROWS: usize = 20_000;
/// A snapshot after so many inputs, which bounds what a rebuild has to fold …
const SNAPSHOT_INPUTS: u64 = 100_000;
/// … and after this long, if anything came in.
const SNAPSHOT_MS: Millis = 10 * MINUTE;
/// Silence is told from deafness by the minute.
const HEARTBEAT_MS: Millis = MINUTE;

/// When what is to be done next.
#[derive(Debug)]
pub(super) struct Times {
    heartbeat_at: Millis,
    flush_at: Millis,
    snapshot_at: Millis,
    /// Inputs that are not in the store, and not in a snapshot.
    unwritten: u64,
    unshot: u64,
}

impl Times {
    /// The first snapshot comes at once where there is none: it names the engine.
    pub(super) fn new(now: Millis, snapshots: &Snapshots) -> Self {
        let has_one = snapshots.list().is_ok_and(|found| !found.is_empty());
        let wait = if has_one { SNAPSHOT_MS } else { 0 };
        Self {
            heartbeat_at: now.saturating_add(HEARTBEAT_MS),
            flush_at: now,
            snapshot_at: now.saturating_add(wait),
            unwritten: 0,
            unshot: 0,
        }
    }

    pub(super) const fn heartbeat_at(&self) -> Millis {
        self.heartbeat_at
    }

    /// When the next look at everything is due.
    pub(super) const fn next_at(&self) -> Millis {
        self.flush_at
    }

    pub(super) const fn note_inputs(&mut self, count: u64) {
        self.unwritten = self.unwritten.saturating_add(count);
        self.unshot = self.unshot.saturating_add(count);
    }

    /// Whether a heartbeat is due; the next one is a minute later.
    pub(super) const fn take_heartbeat(&mut self, now: Millis) -> bool {
        // A clock that was set back must not silence the heart.
        let is_far = self.heartbeat_at > now.saturating_add(HEARTBEAT_MS);
        if now < self.heartbeat_at && !is_far {
            return false;
        }
        self.heartbeat_at = now.saturating_add(HEARTBEAT_MS);
        true
    }

    fn flush_is_due(&mut self, now: Millis) -> bool {
        let is_far = self.flush_at > now.saturating_add(FLUSH_MS);
        if now < self.flush_at && !is_far {
            return false;
        }
        self.flush_at = now.saturating_add(FLUSH_MS);
        true
    }

    fn snapshot_is_due(&self, now: Millis) -> bool {
        self.unshot >= SNAPSHOT_INPUTS || (self.unshot > 0 && now >= self.snapshot_at)
    }
}

impl Writer {
    /// Does what is due.
    pub(super) fn look_after(&mut self, now: Millis) {
        let is_due = self.upkeep.flush_is_due(now);
        let is_much = self.parts.worlds.touched() >= FLUSH_ROWS;
        if is_due {
            self.parts.journal.tend();
            let may_send = self.parts.journal.has_reserve();
            if may_send != self.may_send {
                self.may_send = may_send;
                self.tell_delivery(Note::MaySend(may_send));
                tracing::warn!(may_send, "The journal's room for receipts has changed.");
            }
            self.note_counts();
        }
        if (is_due || is_much) && self.upkeep.unwritten > 0 && !self.parts.behind.busy {
            self.flush(self.upkeep.snapshot_is_due(now));
        }
    }

    /// Hands all changed rows to the store.
    fn flush(&mut self, with_snapshot: bool) {
        let write_all = std::mem::take(&mut self.parts.write_all);
        let mut changes = Vec::new();
        for (community, world) in &mut self.parts.worlds.map {
            let touched = world.take_touched();
            let keys: Vec<_> = if write_all {
                world.row_keys()
            } else {
                touched.into_iter().collect()
            };
            for key in keys {
                changes.push(Change {
                    community: community.clone(),
                    key: key.to_bytes(),
                    value: world.row(&key),
                });
            }
        }
        let header = Header {
            engine: ENGINE_VERSION.to_owned(),
            at: self.last_at,
            position: self.parts.journal.end(),
            heads: self.parts.journal.heads().clone(),
            rulebook: rulebook_in_force(&self.parts.worlds.map),
        };
        self.upkeep.unwritten = 0;
        if with_snapshot {
            let now = self.parts.shared.clock.now();
            self.upkeep.unshot = 0;
            self.upkeep.snapshot_at = now.saturating_add(SNAPSHOT_MS);
        }
        self.parts.behind.hand_over(Batch {
            changes,
            header,
            with_snapshot,
        });
        self.parts.shared.metrics.store_writes.one();
    }

    /// The store has written its batch.
    pub(super) fn note_written(
        &mut self,
        written: Result<Option<Info>, store::Error>,
    ) -> Result<(), Fatal> {
        self.parts.behind.busy = false;
        if written.map_err(|error| Fatal::of(&error))?.is_some() {
            self.parts.shared.metrics.snapshots.one();
            self.drop_the_past();
        }
        Ok(())
    }

    /// Gives up snapshots and journal that are no longer to be kept. That it fails loses nothing but
    /// room.
    fn drop_the_past(&mut self) {
        let journal = &mut self.parts.journal;
        let kept = self
            .parts
            .snapshots
            .retain(self.last_at, self.parts.keep, &**journal);
        let dropped = match kept {
            Ok(needed) => journal.drop_before(needed).map_err(Into::into),
            Err(error) => Err(error),
        };
        if let Err(error) = dropped {
            tracing::warn!(%error, "Could not remove old snapshots or journal files.");
        }
    }

    /// A clean end: everything in the store, a snapshot at the head.
    pub(super) fn close(mut self) -> Result<(), Fatal> {
        if self.upkeep.unshot > 0 || self.upkeep.unwritten > 0 || self.parts.write_all {
            self.flush(true);
        }
        self.parts
            .behind
            .close()
            .map_err(|error| Fatal::of(&error))?;
        let retained =
            self.parts
                .snapshots
                .retain(self.last_at, self.parts.keep, &*self.parts.journal);
        if let Err(error) = retained {
            tracing::warn!(%error, "Could not remove old snapshots.");
        }
        Ok(())
    }

    /// Where the journal ends, and how long its sync took.
    pub(super) fn note_head(&self, sync_us: u64) {
        let end = self.parts.journal.end();
        let mut status = lock(&self.parts.shared.status);
        status.journal_head = end.0.checked_sub(1).map(Position);
        status.last_sync_us = sync_us;
    }

    /// Counts for health pages and metrics.
    pub(super) fn note_counts(&self) {
        let worlds = &self.parts.worlds.map;
        let sum = |count: fn(&World) -> usize| -> usize { worlds.values().map(count).sum() };
        let open = sum(|world| world.effects().count());
        let decided = worlds.values().flat_map(World::effects);
        let oldest = decided.map(|effect: &Effect| effect.decided_at).min();
        let now = self.parts.shared.clock.now();
        let age = oldest.map_or(0, |at| now.saturating_sub(at).max(0));
        let metrics = &self.parts.shared.metrics;
        metrics.outbox.set(open as u64);
        metrics.outbox_oldest_ms.set(age.unsigned_abs());
        let mut status = lock(&self.parts.shared.status);
        status.rulebook = rulebook_in_force(worlds);
        status.communities = self.router.served().count();
        status.members = sum(|world| world.members().size_hint().0);
        status.runs = sum(|world| world.runs().size_hint().0);
        status.open_effects = open;
        status.sending_paused = !self.may_send;
        status.journal_full = self.full_until.is_some();
    }
}
