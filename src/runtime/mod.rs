//! The shell around the fold: it carries inputs in and effects out. One plain thread, the writer,
//! owns the journal and the worlds; delivery, timers and doors are tasks that talk to it through a
//! queue.
//!
//! Reading order: [`setup`] (what it is told), [`handle`] (what others hold), `queue` and `route`,
//! `writer` (one group after the other), `boot` (a start), `behind` (the store), [`delivery`].

mod behind;
mod boot;
mod clock;
pub mod delivery;
mod errands;
mod error;
mod handle;
mod library;
mod metrics;
mod queue;
mod route;
mod setup;
mod skip;
mod worlds;
mod writer;

#[cfg(test)]
mod tests;

pub use boot::verify::{Difference, Verified, verify};
pub use boot::{Report, Source};
pub use clock::{Clock, Sleep, SystemClock, TestClock};
pub use error::{Error, Fatal};
pub use handle::{Handle, NotReloaded, NotTaken, ReloadReport, Status, Told, View, WatchLine};
pub use metrics::{Histogram, Metrics, Number, PerConnector, SIZE_BOUNDS, TIME_BOUNDS_US};
pub use route::{UNCLAIMED, partition};
pub use setup::{
    BadLink, ConnectorSetup, EndpointSetup, Link, Links, Loader, RuntimeConfig, Sources, Texts,
};

use crate::connector::http;
use crate::engine;
use crate::journal::{DataLock, FileJournal, Journal};
use crate::model::{Hash, Millis};
use crate::store::{Snapshots, Store};
use behind::Behind;
use delivery::carrier::{Carrier, Note};
use errands::Runner;
use handle::Shared;
use library::Library;
use queue::{Door, Queue, lock, reply};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;
use tokio::sync::{mpsc, oneshot, watch};
use worlds::{Fold, Worlds};
use writer::{Parts, Writer};

/// Where the journal comes from: files, or memory in tests.
type OpenJournal = Box<dyn FnOnce(&Path) -> Result<Box<dyn Journal>, Error> + Send>;

/// Starts the daemon's inside: reads what is on the disk, folds the journal's tail, journals what is
/// new, and takes inputs from then on. To be called inside a tokio runtime. The receiver hears when
/// the daemon cannot go on: the process must then exit, and start again.
pub async fn start(
    config: RuntimeConfig,
    loader: Arc<dyn Loader>,
    clock: Arc<dyn Clock>,
) -> Result<(Handle, oneshot::Receiver<Fatal>), Error> {
    let open: OpenJournal = Box::new(|data| Ok(Box::new(FileJournal::open(data)?)));
    start_on(config, loader, clock, open, engine::apply).await
}

async fn start_on(
    config: RuntimeConfig,
    loader: Arc<dyn Loader>,
    clock: Arc<dyn Clock>,
    open: OpenJournal,
    fold: Fold,
) -> Result<(Handle, oneshot::Receiver<Fatal>), Error> {
    let client = http::Client::new(config.http)?;
    let shared = Arc::new(Shared::new(clock.clone(), Arc::new(config.links()?)));
    let (notes, noted) = mpsc::unbounded_channel();
    let (wanted, wants) = watch::channel(Millis::MAX);
    let (fatal, ends) = oneshot::channel();
    let (ready, is_ready) = oneshot::channel();
    let public_url = config.public_url.clone();
    let boot = Boot {
        config,
        loader: loader.clone(),
        shared: shared.clone(),
        notes: notes.clone(),
        wanted,
        open,
        fold,
    };
    thread::Builder::new()
        .name("writer".to_owned())
        .spawn(move || boot.run(ready, fatal))
        .map_err(Error::Thread)?;
    let library = is_ready.await.map_err(|_gone| Error::Ended)??;
    let handle = Handle {
        shared: shared.clone(),
        loader,
        library,
        notes,
        tasks: Arc::new(Mutex::new(Vec::new())),
    };
    let carrier = Carrier::new(shared.clone(), client.clone());
    let runner = Runner {
        handle: handle.clone(),
        client,
        public_url,
    };
    let tasks = [
        tokio::spawn(carrier.run(noted)),
        tokio::spawn(wake_the_writer(clock, wants, shared.queue.clone())),
        tokio::spawn(runner.run()),
    ];
    lock(&handle.tasks).extend(tasks);
    Ok((handle, ends))
}

/// Pokes the writer when the time has come that it asked for.
async fn wake_the_writer(
    clock: Arc<dyn Clock>,
    mut wants: watch::Receiver<Millis>,
    queue: Arc<Queue>,
) {
    loop {
        let at = *wants.borrow_and_update();
        tokio::select! {
            () = clock.sleep_until(at) => {
                queue.poke();
                if wants.changed().await.is_err() {
                    return;
                }
            }
            changed = wants.changed() => if changed.is_err() {
                return;
            },
        }
    }
}

/// All that the writer's thread begins with.
struct Boot {
    config: RuntimeConfig,
    loader: Arc<dyn Loader>,
    shared: Arc<Shared>,
    notes: mpsc::UnboundedSender<Note>,
    wanted: watch::Sender<Millis>,
    open: OpenJournal,
    fold: Fold,
}

impl Boot {
    /// The thread's whole life.
    fn run(self, ready: oneshot::Sender<Result<Library, Error>>, fatal: oneshot::Sender<Fatal>) {
        let shared = self.shared.clone();
        let (data_lock, writer, library) = match self.prepare() {
            Ok(prepared) => prepared,
            Err(error) => {
                shared.queue.set_door(Door::Broken(error.to_string()));
                reply(ready, Err(error));
                return;
            }
        };
        lock(&shared.status).ready = true;
        tracing::info!("Started.");
        reply(ready, Ok(library));
        let ended = writer.run();
        // Whoever hears of the end may start anew at once.
        drop(data_lock);
        match ended {
            Ok(stopped) => {
                let reason = "it was stopped".to_owned();
                shared.queue.set_door(Door::Broken(reason));
                tracing::info!("Stopped.");
                reply(stopped, ());
            }
            Err(why) => {
                shared.queue.set_door(Door::Broken(why.0.clone()));
                tracing::error!(error = %why, "Cannot go on; exiting.");
                reply(fatal, why);
            }
        }
    }

    /// Up to the moment at which inputs are taken.
    fn prepare(self) -> Result<(DataLock, Writer, Library), Error> {
        let data = self.config.data.clone();
        let data_lock = DataLock::take(&data)?;
        let journal = (self.open)(&data)?;
        let opened = Store::open(&data)?;
        let snapshots = Snapshots::open(&data)?;
        let library = Library::open(&data, self.loader.clone())?;
        let mut worlds = Worlds::new(self.fold);
        let ground = boot::Ground {
            data: &data,
            journal: &*journal,
            snapshots: &snapshots,
            library: &library,
            fold_tail: self.config.fold_tail,
        };
        let (store, report) = boot::load(&ground, opened, &mut worlds)?;
        let (rulebook, problems) = first_rules(&*self.loader, &library, &mut worlds)?;
        tell(&report, &problems);
        let write_all = report.rebuilt_because.is_some();
        let mut status = lock(&self.shared.status);
        status.start = report;
        status.rule_problems = problems;
        drop(status);
        let queue = self.shared.queue.clone();
        let behind = Behind::start(store, snapshots.clone(), queue).map_err(Error::Thread)?;
        let links = self.shared.links();
        let mut writer = Writer::new(Parts {
            shared: self.shared,
            data,
            journal,
            worlds,
            snapshots,
            behind,
            keep: self.config.keep,
            notes: self.notes,
            wanted: self.wanted,
            write_all,
        });
        let begun = writer.begin(&self.config.communities, rulebook, &links);
        begun.map_err(Error::Begin)?;
        Ok((data_lock, writer, library))
    }
}

/// The rules on the disk; where they are wrong, those that were in force, and what is wrong.
fn first_rules(
    loader: &dyn Loader,
    library: &Library,
    worlds: &mut Worlds,
) -> Result<(Hash, Vec<String>), Error> {
    let compiled = loader.read().and_then(|sources| {
        let rules = loader.compile(&sources.texts)?;
        Ok((sources.texts, rules))
    });
    match compiled {
        Ok((texts, rules)) => {
            let hash = rules.book.hash;
            library.save(hash, &texts)?;
            worlds.books.insert(hash, Arc::new(rules));
            Ok((hash, Vec::new()))
        }
        Err(problems) => {
            let hash = boot::rulebook_in_force(&worlds.map);
            if worlds.books.contains_key(&hash) {
                Ok((hash, problems))
            } else {
                Err(Error::Rules(problems))
            }
        }
    }
}

fn tell(report: &Report, problems: &[String]) {
    let folded = report.folded;
    if let Some(reason) = &report.rebuilt_because {
        tracing::info!(folded, from = ?report.from, reason, "Rebuilt the store.");
    } else {
        tracing::info!(folded, "Read the store and the journal's tail.");
    }
    for note in &report.notes {
        tracing::warn!(error = note, "Found at the start.");
    }
    for problem in problems {
        tracing::error!(
            error = problem,
            "The rules on the disk are wrong; the last good ones stay."
        );
    }
}
