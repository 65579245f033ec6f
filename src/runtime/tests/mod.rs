//! The shell with a small fold of its own: what is durable, what is sent, what a new start makes of
//! what the last run left.

mod delivering;
mod peer;
mod restarting;
mod routing;
mod taking;

use super::setup::{ConnectorSetup, Loader, RuntimeConfig, Sources, Texts};
use super::{Clock as _, Error, Fatal, Handle, NotTaken, TestClock};
use crate::connector::{Access, Rate, Settings, http};
use crate::engine::{self, Books, Outcome, Rules};
use crate::journal::{
    self, Fault, Heads, Journal, MemoryJournal, NotAppended, Position, Record, Records,
};
use crate::model::time::{DAY, HOUR, SECOND};
use crate::model::world::Deadline;
use crate::model::{
    Action, ConnectorFacts, Directory, Effect, EffectId, Event, GroupConfig, GroupNo, Happening,
    Hash, Input, Kind, Message, Millis, Person, Place, Post, RichText, RunId, Stage, Stamped, Text,
    World, hash_of,
};
use crate::playbook::Rulebook;
use crate::store::Keep;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use tempfile::TempDir;
use tokio::sync::oneshot;

/// A morning in 2026.
const START: Millis = 1_790_000_000_000;

/// Where nobody listens.
const NOBODY: &str = "http://127.0.0.1:9";

/// The fold of these tests: the engine's facts, and messages that are obeyed – `send` opens an
/// effect, `wait` one that is decided a minute later, `panic` panics.
fn obey(world: &mut World, books: &Books, stamped: &Stamped) -> Outcome {
    let is_due = |(due, what): &(Millis, Deadline)| *due <= stamped.at && *what == waiting();
    let waited = world.appointments().any(is_due);
    let mut outcome = engine::apply(world, books, stamped);
    let mut open = Vec::new();
    if let Input::Event(event) = &stamped.input
        && let Happening::MessagePosted(message) = &event.what
    {
        match &*message.text {
            "panic" => panic!("told to"),
            "wait" => world.appoint(stamped.at + 60_000, waiting()),
            text if text.starts_with("send") => {
                open.push((event.connector.clone(), message.text.clone()));
            }
            _ => {}
        }
    }
    if stamped.input == Input::Tick && waited {
        open.push(("qq".into(), "waited".into()));
    }
    for (connector, text) in open {
        let effect = effect(&connector, &text, stamped);
        outcome.effects.push(effect.id);
        world.put_effect(effect);
    }
    outcome
}

fn waiting() -> Deadline {
    Deadline::Offset("test".into(), GroupNo(7), None)
}

fn effect(connector: &Text, text: &Text, stamped: &Stamped) -> Effect {
    let id = hash_of(&[text.as_bytes(), &stamped.seq.to_be_bytes()]);
    Effect {
        id: EffectId(id),
        run: RunId(1),
        rule: "p/r".into(),
        step: "do/0".into(),
        connector: connector.clone(),
        group: Some("1".into()),
        decided_at: stamped.at,
        number: 0,
        expires_at: None,
        not_before: 0,
        attempts: 0,
        stage: Stage::Open,
        problem: "".into(),
        action: Action::SendMessage(Post {
            text: RichText::plain(text.clone()),
            ..Post::default()
        }),
    }
}

/// A journal in memory that outlives the daemon and counts its syncs.
#[derive(Clone, Default)]
struct Kept {
    journal: Arc<Mutex<MemoryJournal>>,
    syncs: Arc<AtomicUsize>,
}

impl Kept {
    fn journal(&self) -> MutexGuard<'_, MemoryJournal> {
        self.journal.lock().unwrap()
    }

    fn syncs(&self) -> usize {
        self.syncs.load(Ordering::SeqCst)
    }

    fn inputs(&self) -> Vec<Stamped> {
        let records = self.journal().read(Position::FIRST);
        records
            .map(|record| record.unwrap().stamped().unwrap())
            .collect()
    }

    fn fail_next(&self, fault: Fault) {
        self.journal().fail_next(fault);
    }
}

impl Journal for Kept {
    fn append(&mut self, group: &[Record]) -> Result<Position, NotAppended> {
        if !group.is_empty() {
            self.syncs.fetch_add(1, Ordering::SeqCst);
        }
        self.journal().append(group)
    }

    fn read(&self, from: Position) -> Records {
        self.journal().read(from)
    }

    fn start(&self) -> Position {
        self.journal().start()
    }

    fn end(&self) -> Position {
        self.journal().end()
    }

    fn heads(&self) -> &Heads {
        // The trait lends the heads; a test's few copies may stay.
        Box::leak(Box::new(self.journal().heads().clone()))
    }

    fn has_reserve(&self) -> bool {
        self.journal().has_reserve()
    }

    fn tend(&mut self) {}

    fn bytes_from(&self, position: Position) -> u64 {
        self.journal().bytes_from(position)
    }

    fn drop_before(&mut self, position: Position) -> Result<(), journal::Error> {
        self.journal().drop_before(position)
    }
}

/// Rules without a rule; their text can change.
struct NoRules {
    config: RuntimeConfig,
    text: Arc<Mutex<String>>,
}

impl Loader for NoRules {
    fn read(&self) -> Result<Sources, Vec<String>> {
        let text = self.text.lock().unwrap().clone();
        if text == "wrong" {
            return Err(vec!["it is wrong".to_owned()]);
        }
        Ok(Sources {
            config: self.config.clone(),
            texts: Texts::from([("a.yaml".to_owned(), text)]),
        })
    }

    fn compile(&self, texts: &Texts) -> Result<Rules, Vec<String>> {
        let parts: Vec<&[u8]> = texts.values().map(String::as_bytes).collect();
        Ok(Rules::new(Rulebook {
            hash: Hash(hash_of(&parts)),
            ..Rulebook::default()
        }))
    }
}

/// A daemon to be started, several times over the same data.
struct House {
    dir: TempDir,
    kept: Kept,
    clock: TestClock,
    text: Arc<Mutex<String>>,
    qq_api: String,
    peer_url: Option<String>,
}

impl House {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            kept: Kept::default(),
            clock: TestClock::at(START),
            text: Arc::new(Mutex::new("one".to_owned())),
            qq_api: NOBODY.to_owned(),
            peer_url: None,
        }
    }

    fn config(&self) -> RuntimeConfig {
        let off = Rate {
            account: None,
            group: None,
            burst: 1,
        };
        let setup = |name: &str, access: Access| {
            let setup = ConnectorSetup {
                settings: Settings {
                    name: name.into(),
                    access,
                },
                rate: off,
                hold_unknown: true,
            };
            (Text::from(name), setup)
        };
        let qq = Access::OneBot11 {
            api: self.qq_api.clone(),
            access_token: None,
            secret: None,
        };
        let any = Access::Webhook {
            url: self.peer_url.clone(),
            secrets: vec!["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into()],
        };
        RuntimeConfig {
            data: self.dir.path().to_owned(),
            communities: vec![
                ("readers".into(), directory("qq", "1", &["any/*"])),
                ("walkers".into(), directory("qq", "2", &[])),
            ],
            connectors: BTreeMap::from([
                setup("qq", qq),
                setup("any", any),
                setup("box", Access::Sandbox),
            ]),
            endpoints: BTreeMap::new(),
            keep: Keep {
                age_ms: 30 * DAY,
                bytes: 1 << 30,
            },
            public_url: None,
            fold_tail: false,
            http: http::Options {
                allow_private: true,
                ..http::Options::default()
            },
        }
    }

    fn loader(&self) -> Arc<NoRules> {
        Arc::new(NoRules {
            config: self.config(),
            text: self.text.clone(),
        })
    }

    /// Starts it, and waits until the first look at the connection to QQ is in the journal: where
    /// nobody listens, that is news.
    async fn start(&self) -> (Handle, oneshot::Receiver<Fatal>) {
        let (handle, fatal) = self.try_start().await.unwrap();
        if self.qq_api == NOBODY {
            until(async || {
                let known = handle.look(|view| {
                    let mut worlds = view.worlds.iter().filter(|(name, _)| !name.is_empty());
                    worlds.all(|(_, world)| {
                        let hearing = world.head.hearing.get("qq");
                        hearing.is_some_and(|hearing| hearing.problem.is_some())
                    })
                });
                known.await.unwrap()
            })
            .await;
        }
        (handle, fatal)
    }

    async fn try_start(&self) -> Result<(Handle, oneshot::Receiver<Fatal>), Error> {
        let kept = self.kept.clone();
        let open = move |_: &Path| -> Result<Box<dyn Journal>, Error> { Ok(Box::new(kept)) };
        let clock = Arc::new(self.clock.clone());
        super::start_on(self.config(), self.loader(), clock, Box::new(open), obey).await
    }

    /// The machine's disk fails, the process ends; what was not synced is gone.
    async fn crash(&self, handle: &Handle, fatal: oneshot::Receiver<Fatal>) {
        self.kept.fail_next(Fault::Sync);
        let lost = handle.receive(vec![says("qq", "1", "lost", "hello")]).await;
        assert!(matches!(lost, Err(NotTaken::Broken(_))), "{lost:?}");
        fatal.await.unwrap();
        for task in handle.tasks.lock().unwrap().drain(..) {
            task.abort();
        }
        self.kept.journal().crash(0).unwrap();
    }
}

fn directory(connector: &str, external: &str, adopt: &[&str]) -> Directory {
    let facts = |kind| ConnectorFacts {
        kind,
        hold_unknown: true,
    };
    Directory {
        name: external.into(),
        timezone: "UTC".into(),
        groups: vec![GroupConfig {
            id: format!("g{external}").into(),
            connector: connector.into(),
            external: external.into(),
            ..GroupConfig::default()
        }],
        adopt: adopt.iter().map(|pattern| (*pattern).into()).collect(),
        connectors: BTreeMap::from([
            ("qq".into(), facts(Kind::OneBot11)),
            ("any".into(), facts(Kind::Webhook)),
            ("box".into(), facts(Kind::Sandbox)),
        ]),
        ..Directory::default()
    }
}

/// Somebody says something in a group.
fn says(connector: &str, group: &str, id: &str, text: &str) -> Event {
    Event {
        connector: connector.into(),
        id: Some(id.into()),
        happened_at: None,
        group: Some(Place {
            id: group.into(),
            name: None,
        }),
        member: Some(Person {
            id: "ann".into(),
            ..Person::default()
        }),
        what: Happening::MessagePosted(Message {
            id: id.into(),
            text: text.into(),
            ..Message::default()
        }),
    }
}

/// All rows of all worlds.
async fn rows(handle: &Handle) -> BTreeMap<Text, Vec<(Vec<u8>, Vec<u8>)>> {
    let rows = handle.look(|view| {
        let worlds = view.worlds.iter();
        worlds
            .map(|(name, world)| (name.clone(), world.rows()))
            .collect()
    });
    rows.await.unwrap()
}

/// The open effects of a community, as (text, stage).
async fn outbox(handle: &Handle, community: &'static str) -> Vec<(String, Stage)> {
    let found = handle.look(move |view| {
        let effects = view.worlds.get(community).unwrap().effects();
        let told = effects.map(|effect| {
            if let Action::SendMessage(post) = &effect.action {
                (post.text.to_plain(), effect.stage)
            } else {
                (effect.action.verb().to_owned(), effect.stage)
            }
        });
        told.collect()
    });
    found.await.unwrap()
}

/// Waits until it is so; other threads are at work meanwhile.
async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..20_000 {
        if is_so().await {
            return;
        }
        tokio::task::yield_now().await;
        std::thread::yield_now();
    }
    panic!("it never came to that");
}
