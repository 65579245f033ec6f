//! What the doors hold: through it events and commands come in, and the worlds are looked at.

use super::boot::Report;
use super::clock::Clock;
use super::delivery::carrier::Note;
use super::errands::Entered;
use super::library::Library;
use super::metrics::Metrics;
use super::queue::{Door, NewRules, Queue, Urgent, lock, reply};
use super::setup::{Links, Loader};
use crate::connector::Connector;
use crate::engine::{Books, trace};
use crate::journal::Position;
use crate::model::limits::PAYLOAD_DEPTH_MAX;
use crate::model::{Command, Event, Hash, Millis, Order, Text, Value, World};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::{broadcast, mpsc, oneshot};

/// Lines that a slow console may be behind; older ones are lost to it.
const WATCH_LINES_MAX: usize = 1_024;
/// How long a stop waits for attempts on their way. What is not back by then counts as unknown, as
/// after a crash.
const DRAIN_MAX: Duration = Duration::from_secs(10);

/// Why something was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    #[error("no room; try again in {retry_after_s} s")]
    Full { retry_after_s: u64 },
    #[error("steward is stopping")]
    Stopping,
    #[error("steward has stopped: {0}")]
    Broken(String),
    #[error("there is no community `{0}`")]
    UnknownCommunity(Text),
    /// It can never be taken.
    #[error("{0}")]
    Refused(String),
}

/// What the fold said of a command.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Its place in the partition's sequence.
    pub seq: u64,
    pub at: Millis,
    pub trace: Vec<trace::Line>,
}

/// The worlds between two groups of inputs.
pub struct View<'a> {
    pub worlds: &'a BTreeMap<Text, World>,
    pub books: &'a Books,
    pub now: Millis,
}

/// How the daemon is.
#[derive(Clone, Debug, Default)]
pub struct Status {
    /// Inputs are taken and folded.
    pub ready: bool,
    /// When it started.
    pub since: Millis,
    /// The rules in force.
    pub rulebook: Hash,
    /// The last record of the journal.
    pub journal_head: Option<Position>,
    pub last_sync_us: u64,
    /// The journal has no room: events are refused.
    pub journal_full: bool,
    /// Room is short: nothing is sent, so that receipts still find room.
    pub sending_paused: bool,
    pub queue_events: u64,
    pub queue_bytes: u64,
    pub communities: usize,
    pub members: usize,
    pub runs: usize,
    pub open_effects: usize,
    /// Per connector, why it was stopped or what its platform complains of.
    pub troubles: BTreeMap<Text, Text>,
    /// Why the rules on the disk are not those in force.
    pub rule_problems: Vec<String>,
    /// What the start found and did.
    pub start: Report,
}

/// What a reload changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReloadReport {
    pub rulebook: Hash,
    /// Communities that got other rules or another configuration.
    pub changed: usize,
}

/// Why a reload did not come about: everything stays as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotReloaded {
    /// What is wrong in the files, drawn.
    #[error("{}", .0.join("\n"))]
    Wrong(Vec<String>),
    #[error(transparent)]
    NotTaken(#[from] NotTaken),
}

/// A line for consoles: an input that came in, or what became of an effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchLine {
    pub at: Millis,
    pub community: Text,
    /// `input`, `effect`, `receipt`, `sandbox`.
    pub kind: &'static str,
    pub text: String,
}

/// What the writer, delivery and the handles have in common.
pub(super) struct Shared {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) queue: Arc<Queue>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) status: Mutex<Status>,
    pub(super) links: RwLock<Arc<Links>>,
    pub(super) lines: broadcast::Sender<Arc<WatchLine>>,
    pub(super) entered: Entered,
}

impl Shared {
    pub(super) fn new(clock: Arc<dyn Clock>, links: Arc<Links>) -> Self {
        let metrics = Arc::new(Metrics::default());
        Self {
            queue: Arc::new(Queue::new(metrics.clone())),
            status: Mutex::new(Status {
                since: clock.now(),
                ..Status::default()
            }),
            clock,
            metrics,
            links: RwLock::new(links),
            lines: broadcast::Sender::new(WATCH_LINES_MAX),
            entered: Entered::default(),
        }
    }

    pub(super) fn links(&self) -> Arc<Links> {
        let links = self.links.read();
        links.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set_links(&self, links: Arc<Links>) {
        let mut known = self.links.write().unwrap_or_else(PoisonError::into_inner);
        *known = links;
    }

    /// Shows a line to whoever watches; it is made only then.
    pub(super) fn show(&self, community: &Text, kind: &'static str, text: impl FnOnce() -> String) {
        if self.lines.receiver_count() == 0 {
            return;
        }
        let line = WatchLine {
            at: self.clock.now(),
            community: community.clone(),
            kind,
            text: text(),
        };
        // That the last watcher has just gone is no harm.
        drop(self.lines.send(Arc::new(line)));
    }
}

/// The running daemon. Cloning shares it.
#[derive(Clone)]
pub struct Handle {
    pub(super) shared: Arc<Shared>,
    pub(super) loader: Arc<dyn Loader>,
    pub(super) library: Library,
    pub(super) notes: mpsc::UnboundedSender<Note>,
    pub(super) tasks: Arc<Mutex<Vec<tokio::task::JoinHandle<()>>>>,
}

impl Handle {
    /// Journals a payload's events. `Ok`: all are durable; a duplicate is answered after its
    /// original's sync.
    pub async fn receive(&self, events: Vec<Event>) -> Result<(), NotTaken> {
        let entered = Entered::of(&events);
        let sized = events.into_iter().map(|event| {
            let bytes =
                postcard::serialize_with_flavor(&event, postcard::ser_flavors::Size::default());
            (event, bytes.unwrap_or(0))
        });
        let sized: Vec<_> = sized.collect();
        let connector = sized.first().map(|(event, _)| event.connector.clone());
        let count = sized.len() as u64;
        let answer = match self.shared.queue.push_events(sized) {
            Ok(answered) => self.answer(answered).await,
            Err(refused) => Err(refused),
        };
        match (&answer, connector) {
            (Ok(()), _) => self.shared.entered.add(entered),
            (Err(_), Some(connector)) => {
                self.shared.metrics.of(&connector).refused.add(count);
            }
            (Err(_), None) => {}
        }
        answer
    }

    /// Journals a command; `Ok` when it was folded, with what the fold said.
    pub async fn command(&self, community: &str, command: Command) -> Result<Told, NotTaken> {
        if let Order::Signal { data, .. } = &command.order
            && !data
                .values()
                .all(|value| is_shallow(value, PAYLOAD_DEPTH_MAX))
        {
            let why = format!("the signal's data is nested deeper than {PAYLOAD_DEPTH_MAX}");
            return Err(NotTaken::Refused(why));
        }
        let (answer, answered) = oneshot::channel();
        self.urgent(Urgent::Command {
            community: community.into(),
            command: Box::new(command),
            answer,
        })?;
        self.answer(answered).await
    }

    /// Looks at the worlds on the writer's thread, between two groups: keep it short.
    pub async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&View<'_>) -> T + Send + 'static,
    ) -> Result<T, NotTaken> {
        let (answer, answered) = oneshot::channel();
        self.urgent(Urgent::Look(Box::new(move |view| {
            reply(answer, Ok(look(view)));
        })))?;
        self.answer(answered).await
    }

    /// How the daemon is, without asking the writer.
    pub fn status(&self) -> Status {
        let mut status = lock(&self.shared.status).clone();
        status.queue_events = self.shared.metrics.queue_events.get();
        status.queue_bytes = self.shared.metrics.queue_bytes.get();
        status.ready &= self.shared.queue.door() == Door::Open;
        status
    }

    /// The counters.
    pub fn metrics(&self) -> Arc<Metrics> {
        self.shared.metrics.clone()
    }

    /// The clock that inputs are stamped by.
    pub fn clock(&self) -> Arc<dyn Clock> {
        self.shared.clock.clone()
    }

    /// The connector of that name, as configured now.
    pub fn connector(&self, name: &str) -> Option<Arc<dyn Connector>> {
        let links = self.shared.links();
        links.get(name).map(|link| link.connector.clone())
    }

    /// Reads configuration, playbooks and scripts anew. All of it comes into force, or nothing.
    pub async fn reload(&self) -> Result<ReloadReport, NotReloaded> {
        let prepared = self.prepare().await;
        lock(&self.shared.status).rule_problems = match &prepared {
            Err(NotReloaded::Wrong(problems)) => problems.clone(),
            Ok(_) | Err(NotReloaded::NotTaken(_)) => Vec::new(),
        };
        let (rulebook, urgent, answered) = prepared?;
        self.urgent(urgent)?;
        let changed = self.answer(answered).await?;
        self.shared.metrics.reloads.one();
        tracing::info!(%rulebook, changed, "Reloaded.");
        Ok(ReloadReport { rulebook, changed })
    }

    /// Reads and compiles, away from the writer.
    async fn prepare(&self) -> Result<(Hash, Urgent, Answered<usize>), NotReloaded> {
        let loader = self.loader.clone();
        let library = self.library.clone();
        let wrong = |problem: String| NotReloaded::Wrong(vec![problem]);
        let work = tokio::task::spawn_blocking(move || {
            let sources = loader.read().map_err(NotReloaded::Wrong)?;
            let rules = loader.compile(&sources.texts).map_err(NotReloaded::Wrong)?;
            let links = sources.config.links();
            let links = links.map_err(|error| wrong(format!("connector {error}")))?;
            let hash = rules.book.hash;
            let saved = library.save(hash, &sources.texts);
            saved.map_err(|error| wrong(error.to_string()))?;
            Ok::<_, NotReloaded>((sources.config, rules, links, hash))
        });
        let done = work.await;
        let (config, rules, links, hash) = done.map_err(|error| wrong(error.to_string()))??;
        let (answer, answered) = oneshot::channel();
        let rules = NewRules {
            config,
            links: Arc::new(links),
            hash,
            rules,
            answer,
        };
        Ok((hash, Urgent::Rules(Box::new(rules)), answered))
    }

    /// Takes no more events, waits for attempts on their way (not for long), folds what waits, leaves
    /// a snapshot and closes the store.
    pub async fn stop(&self) {
        self.shared.queue.set_door(Door::Stopping);
        let (drained, drain) = oneshot::channel();
        if self.notes.send(Note::Drain(drained)).is_ok() {
            // Either all are back, or the time is up; what is not back is unknown at the next start.
            drop(tokio::time::timeout(DRAIN_MAX, drain).await);
        }
        let (stopped, stop) = oneshot::channel();
        self.shared.queue.push_urgent(Urgent::Stop(stopped));
        // An error means that the writer had ended before.
        drop(stop.await);
        for task in lock(&self.tasks).drain(..) {
            task.abort();
        }
    }

    /// Lines of what comes in and goes out, from now on. Who reads too slowly misses the oldest.
    pub fn watch(&self) -> broadcast::Receiver<Arc<WatchLine>> {
        self.shared.lines.subscribe()
    }

    /// Sends something urgent, unless the writer has ended.
    fn urgent(&self, urgent: Urgent) -> Result<(), NotTaken> {
        if let Door::Broken(reason) = self.shared.queue.door() {
            return Err(NotTaken::Broken(reason));
        }
        self.shared.queue.push_urgent(urgent);
        Ok(())
    }

    async fn answer<T>(&self, answered: Answered<T>) -> Result<T, NotTaken> {
        match answered.await {
            Ok(answer) => answer,
            // The writer ended with the question in its hands.
            Err(_gone) => Err(match self.shared.queue.door() {
                Door::Broken(reason) => NotTaken::Broken(reason),
                Door::Open | Door::Full | Door::Stopping => NotTaken::Stopping,
            }),
        }
    }
}

type Answered<T> = oneshot::Receiver<Result<T, NotTaken>>;

/// Whether a value is nested no deeper than `depth`: what is deeper could overflow the stack of
/// whoever reads it from the journal.
fn is_shallow(value: &Value, depth: usize) -> bool {
    let Some(left) = depth.checked_sub(1) else {
        return false;
    };
    match value {
        Value::List(items) => items.iter().all(|item| is_shallow(item, left)),
        Value::Record(fields) => fields.values().all(|field| is_shallow(field, left)),
        Value::Nothing
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Text(_)
        | Value::Time(_)
        | Value::Span(_)
        | Value::Member(_)
        | Value::Group(_)
        | Value::Rich(_) => true,
    }
}
