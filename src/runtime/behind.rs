//! The store's own thread: it writes rows and snapshots behind the writer, which never waits for it.

use super::queue::{Queue, Urgent};
use crate::store::{Change, Error, Header, Info, Row, Snapshots, Store};
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

/// Rows to write, and what they stand for.
pub(super) struct Batch {
    pub(super) changes: Vec<Change>,
    pub(super) header: Header,
    /// Leave a snapshot of exactly these rows.
    pub(super) with_snapshot: bool,
}

/// What the thread is given. When it is given no more without a close, the daemon ended in trouble:
/// then nothing more is done, as in a crash.
enum Work {
    Write(Batch),
    Close,
}

/// The thread, as the writer holds it.
pub(super) struct Behind {
    /// `None` once nothing more may come.
    work: Option<SyncSender<Work>>,
    thread: Option<JoinHandle<Result<(), Error>>>,
    /// It has work: what changes meanwhile goes with the next batch.
    pub(super) busy: bool,
}

impl Behind {
    /// Starts it. What came of a batch is reported through the queue.
    pub(super) fn start(store: Store, snapshots: Snapshots, queue: Arc<Queue>) -> io::Result<Self> {
        let (work, given) = sync_channel(1);
        let thread = thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || run(store, &snapshots, &given, &queue))?;
        Ok(Self {
            work: Some(work),
            thread: Some(thread),
            busy: false,
        })
    }

    /// Hands a batch over.
    pub(super) fn hand_over(&mut self, batch: Batch) {
        self.busy = true;
        self.send(Work::Write(batch));
    }

    fn send(&self, work: Work) {
        if let Some(sender) = &self.work {
            // When the thread has ended, it has reported why.
            drop(sender.send(work));
        }
    }

    fn join(&mut self) -> Result<(), Error> {
        self.work = None;
        let Some(thread) = self.thread.take() else {
            return Ok(());
        };
        thread
            .join()
            .unwrap_or_else(|_panic| Err(Error::Panicked("the store's thread ended".to_owned())))
    }

    /// Lets it finish, and close the store.
    pub(super) fn close(mut self) -> Result<(), Error> {
        self.send(Work::Close);
        self.join()
    }
}

impl Drop for Behind {
    /// Nothing of the data directory is touched once this is gone: whoever hears that the daemon
    /// cannot go on may start anew at once.
    fn drop(&mut self) {
        drop(self.join());
    }
}

fn run(
    mut store: Store,
    snapshots: &Snapshots,
    given: &Receiver<Work>,
    queue: &Queue,
) -> Result<(), Error> {
    for work in given {
        let batch = match work {
            Work::Write(batch) => batch,
            Work::Close => return store.close(),
        };
        let written = write(&mut store, snapshots, batch);
        let failed = written.as_ref().err().map(ToString::to_string);
        queue.push_urgent(Urgent::Wrote(written));
        if let Some(reason) = failed {
            // The rows must not be used any more; the writer ends the process.
            return Err(Error::Damaged(reason));
        }
    }
    Ok(())
}

/// The rows in the store are then exactly the world at the header's position, so the snapshot is
/// taken from them, and the writer goes on meanwhile.
fn write(store: &mut Store, snapshots: &Snapshots, batch: Batch) -> Result<Option<Info>, Error> {
    store.write(batch.changes, &batch.header.applied())?;
    if !batch.with_snapshot {
        return Ok(None);
    }
    let rows = store.all().collect::<Result<Vec<Row>, Error>>()?;
    snapshots.write(&batch.header, rows).map(Some)
}
