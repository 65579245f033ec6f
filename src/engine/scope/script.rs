//! Facts for one script call: a scene that owns what it shows.

use super::Scene;
use crate::engine::rules::Rules;
use crate::model::world::Run;
use crate::model::{GroupNo, MemberNo, Millis, Record, Text, Value, World};
use crate::playbook::rule::Playbook;
use crate::script::schema::{GroupField, MemberField, Query};
use crate::script::{DataAccess, Facts, Language, Root};
use jiff::tz::TimeZone;
use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A scene that can be handed to Rhai.
pub(super) struct Snapshot {
    world: Arc<World>,
    rules: Arc<Rules>,
    playbook: Text,
    at: Millis,
    zone: TimeZone,
    language: Language,
    member: Option<MemberNo>,
    group: Option<GroupNo>,
    event: Record,
    vars: Record,
    run: Option<Run>,
    shadow: bool,
    extra: Vec<(Text, Value)>,
    seed: u64,
    draws: AtomicU64,
    notes: Mutex<Vec<String>>,
}

impl Snapshot {
    pub(super) fn of(scene: &Scene<'_>, world: Arc<World>) -> Self {
        Self {
            world,
            rules: scene.rules.clone(),
            playbook: scene.playbook.id.clone(),
            at: scene.at,
            zone: scene.zone.clone(),
            language: scene.language,
            member: scene.member,
            group: scene.group,
            event: scene.event.clone(),
            vars: scene.vars.clone(),
            run: scene.run.cloned(),
            shadow: scene.shadow,
            extra: scene.extra.clone(),
            // Apart from the step's own draws, whatever the script draws.
            seed: scene.seed.wrapping_add(1),
            draws: AtomicU64::new(0),
            notes: Mutex::default(),
        }
    }

    /// Looks through a scene over what is owned here.
    fn see<T>(&self, look: impl FnOnce(&Scene<'_>, &Playbook) -> T) -> Option<T> {
        let playbook = self.rules.book.playbook(&self.playbook)?;
        let scene = Scene {
            world: &self.world,
            rules: &self.rules,
            shared: None,
            playbook,
            at: self.at,
            zone: self.zone.clone(),
            language: self.language,
            member: self.member,
            group: self.group,
            event: &self.event,
            vars: &self.vars,
            run: self.run.as_ref(),
            shadow: self.shadow,
            extra: self.extra.clone(),
            seed: self.seed,
            draws: Cell::new(self.draws.fetch_add(1, Ordering::Relaxed)),
            notes: RefCell::default(),
            script_failure: RefCell::default(),
        };
        Some(look(&scene, playbook))
    }

    fn value(&self, look: impl FnOnce(&Scene<'_>) -> Value) -> Value {
        self.see(|scene, _| look(scene)).unwrap_or_default()
    }
}

impl Facts for Snapshot {
    fn now(&self) -> Millis {
        self.at
    }

    fn zone(&self) -> &TimeZone {
        &self.zone
    }

    fn language(&self) -> Language {
        self.language
    }

    fn name(&self, name: &str) -> Value {
        self.value(|scene| scene.name(name))
    }

    fn field(&self, root: Root, name: &str) -> Value {
        self.value(|scene| scene.field(root, name))
    }

    fn whole(&self, root: Root) -> Value {
        self.value(|scene| scene.whole(root))
    }

    fn member(&self, who: MemberNo, field: MemberField) -> Value {
        self.value(|scene| Facts::member(scene, who, field))
    }

    fn group(&self, which: GroupNo, field: GroupField) -> Value {
        self.value(|scene| Facts::group(scene, which, field))
    }

    fn data(&self, name: &str, access: DataAccess<'_>) -> Value {
        self.value(|scene| scene.data(name, access))
    }

    fn ask(&self, query: Query, args: &[Value]) -> Value {
        self.value(|scene| scene.ask(query, args))
    }

    /// A script calls others by itself, not through expressions.
    fn script(&self, _module: &str, _function: &str, _args: &[Value]) -> Value {
        Value::Nothing
    }

    fn draw(&self) -> u64 {
        self.see(|scene, _| scene.draw()).unwrap_or_default()
    }

    fn note(&self, note: &str) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.push(note.to_owned());
    }
}
