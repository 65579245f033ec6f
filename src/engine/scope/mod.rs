//! What a rule can see: the facts behind names, properties and questions of expressions.

mod data;
mod facts;
mod script;

use super::Fold;
use super::occasion::Occasion;
use super::rules::Rules;
use crate::model::world::{Failure, Member, Run, Seat};
use crate::model::{
    GroupNo, MemberNo, Millis, Piece, Record, RichText, RunId, Text, Value, World, hash_of, time,
};
use crate::playbook::rule::{Playbook, Rule, Scope};
use crate::script::Language;
use jiff::tz::TimeZone;
use std::cell::{Cell, RefCell};
use std::sync::Arc;

/// The facts of one evaluation.
pub(super) struct Scene<'a> {
    pub world: &'a World,
    rules: &'a Arc<Rules>,
    /// For scripts, which need facts that outlive a borrow.
    shared: Option<Arc<World>>,
    pub playbook: &'a Playbook,
    pub at: Millis,
    pub zone: TimeZone,
    pub language: Language,
    pub member: Option<MemberNo>,
    pub group: Option<GroupNo>,
    pub event: &'a Record,
    pub vars: &'a Record,
    pub run: Option<&'a Run>,
    pub shadow: bool,
    /// Loop names and the like, innermost last.
    pub extra: Vec<(Text, Value)>,
    /// What chance is seeded with, beside the number of the draw.
    seed: u64,
    draws: Cell<u64>,
    pub notes: RefCell<Vec<String>>,
    /// Why a script that an expression called failed.
    pub script_failure: RefCell<Option<Text>>,
}

const NO_VARS: &Record = &Record::new();

impl Fold<'_> {
    /// The zone a playbook's calendar follows in a group.
    pub(super) fn zone_of(&self, playbook: &Playbook, group: Option<GroupNo>) -> TimeZone {
        zone_of(&self.world, playbook, group)
    }

    /// True if the playbook applies in the group.
    pub(super) fn in_scope(&self, playbook: &Playbook, group: Option<GroupNo>) -> bool {
        let Some(group) = group.and_then(|no| self.world.group(no)) else {
            return false;
        };
        match &playbook.scope {
            Scope::All => true,
            Scope::Tag(tag) => group.has_tag(tag),
            Scope::Groups(ids) => ids.contains(&group.id),
        }
    }

    /// True if the playbook applies to an occasion: in its group, or, in a direct conversation, in
    /// any group of the member.
    pub(super) fn in_scope_of(&self, playbook: &Playbook, occasion: &Occasion) -> bool {
        match (
            occasion.group,
            occasion.member.and_then(|no| self.world.member(no)),
        ) {
            (Some(group), _) => self.in_scope(playbook, Some(group)),
            (None, Some(member)) => member
                .groups
                .iter()
                .any(|group| self.in_scope(playbook, Some(*group))),
            (None, None) => true,
        }
    }

    /// What a rule sees before it has a run.
    pub(super) fn scene_of<'s>(
        &'s self,
        playbook: &'s Playbook,
        rule: &Rule,
        occasion: &'s Occasion,
        shadow: bool,
    ) -> Scene<'s> {
        Scene {
            world: &self.world,
            rules: &self.rules,
            shared: self.world.shared(),
            playbook,
            at: self.at,
            zone: self.zone_of(playbook, occasion.group),
            language: language_of(&self.world, occasion.group),
            member: occasion.member,
            group: occasion.group,
            event: &occasion.event,
            vars: NO_VARS,
            run: None,
            shadow,
            extra: Vec::new(),
            seed: hash_of(&[rule.name.as_bytes(), occasion.id.as_bytes()]),
            draws: Cell::new(0),
            notes: RefCell::default(),
            script_failure: RefCell::default(),
        }
    }

    /// What a step of a run sees.
    pub(super) fn scene_in<'s>(
        &'s self,
        rules: &'s Arc<Rules>,
        playbook: &'s Playbook,
        run: &'s Run,
        path: &str,
    ) -> Scene<'s> {
        Scene {
            world: &self.world,
            rules,
            shared: self.world.shared(),
            playbook,
            at: self.at,
            zone: self.zone_of(playbook, run.group),
            language: language_of(&self.world, run.group),
            member: run.member,
            group: run.group,
            event: &run.event,
            vars: &run.vars,
            run: Some(run),
            shadow: run.shadow,
            extra: Vec::new(),
            seed: step_seed(run.id, path, &run.turns()),
            draws: Cell::new(0),
            notes: RefCell::default(),
            script_failure: RefCell::default(),
        }
    }
}

/// Seeds a step's chance and names its effects: the run, the step's path, the turn of each loop.
pub(super) fn step_seed(run: RunId, path: &str, turns: &[u8]) -> u64 {
    hash_of(&[&run.0.to_be_bytes(), path.as_bytes(), turns])
}

/// The zone a playbook's calendar follows in a group: its own, the group's, the community's.
pub(super) fn zone_of(world: &World, playbook: &Playbook, group: Option<GroupNo>) -> TimeZone {
    let group = group
        .and_then(|no| world.group(no))
        .and_then(|group| group.timezone.as_ref());
    let name = playbook
        .timezone
        .as_ref()
        .or(group)
        .unwrap_or(&world.head.directory.timezone);
    time::zone(name).unwrap_or(TimeZone::UTC)
}

/// The language in which typed values print in a group.
pub(super) fn language_of(world: &World, group: Option<GroupNo>) -> Language {
    let told = group
        .and_then(|no| world.group(no))
        .and_then(|group| group.language.as_deref());
    if let Some(language) = told.and_then(Language::find) {
        return language;
    }
    let zone = &world.head.directory.timezone;
    let chinese = [
        "Asia/Shanghai",
        "Asia/Chongqing",
        "Asia/Urumqi",
        "Asia/Hong_Kong",
        "Asia/Taipei",
    ];
    if chinese.contains(&&**zone) {
        Language::Zh
    } else {
        Language::En
    }
}

impl<'a> Scene<'a> {
    /// The same facts with one more name.
    pub(super) fn with(mut self, name: &str, value: Value) -> Self {
        self.extra.push((name.into(), value));
        self
    }

    /// The same facts inside a loop: one more name, which can be `member`.
    pub(super) fn inside(&self, name: &str, item: Value) -> Scene<'a> {
        let mut extra = self.extra.clone();
        let member = item
            .as_member()
            .filter(|_| name == "member")
            .or(self.member);
        extra.push((name.into(), item));
        Scene {
            extra,
            member,
            zone: self.zone.clone(),
            draws: Cell::new(self.draws.get()),
            notes: RefCell::default(),
            script_failure: RefCell::default(),
            shared: self.shared.clone(),
            ..*self
        }
    }

    /// Another member in place of `member`.
    pub(super) fn about(mut self, member: Option<MemberNo>) -> Self {
        self.member = member;
        self
    }

    /// A value as plain text.
    pub(super) fn print(&self, value: &Value) -> Text {
        crate::script::to_text(value, self)
    }

    /// Calls `module::function`; what it prints goes to the notes.
    pub(super) fn call_script(
        &self,
        module: &str,
        function: &str,
        args: &[Value],
    ) -> Result<Value, Failure> {
        let (Some(world), Some(scripts)) = (self.shared.clone(), &self.rules.book.scripts) else {
            return Err(super::advance::failure(
                "script",
                "this rulebook has no scripts",
            ));
        };
        let facts = Arc::new(script::Snapshot::of(self, world));
        let called = scripts.call(module, function, args, facts);
        let (value, printed) =
            called.map_err(|error| super::advance::failure("script", &error.to_string()))?;
        self.notes.borrow_mut().extend(printed);
        Ok(value)
    }

    fn seat(&self, member: MemberNo) -> Option<&'a Seat> {
        let here = self.group.and_then(|group| self.world.seat(group, member));
        here.or_else(|| {
            // In a direct conversation: the first group of theirs.
            let groups = &self.world.member(member)?.groups;
            groups
                .iter()
                .find_map(|group| self.world.seat(*group, member))
        })
    }

    fn group_members(&self, group: GroupNo) -> Value {
        let seats = self.world.group(group).map(|group| group.seats.keys());
        Value::List(
            seats
                .into_iter()
                .flatten()
                .copied()
                .map(Value::Member)
                .collect(),
        )
    }

    fn labelled(&self, label: &str) -> Value {
        let here = self.group.and_then(|group| self.world.group(group));
        let carries =
            |member: &Member| member.has_label(label) || !member.label_value(label).is_empty();
        let found: Vec<Value> = match here {
            Some(group) => group
                .seats
                .keys()
                .filter(|no| self.world.member(**no).is_some_and(carries))
                .map(|no| Value::Member(*no))
                .collect(),
            None => self
                .world
                .members()
                .filter(|(_, member)| carries(member))
                .map(|(no, _)| Value::Member(no))
                .collect(),
        };
        Value::List(found)
    }

    fn can(&self, group: GroupNo, step: &str) -> bool {
        let Some(group) = self.world.group(group) else {
            return false;
        };
        let facts = self.world.head.directory.connectors.get(&group.connector);
        facts.is_some_and(|facts| facts.kind.abilities().can(step).unwrap_or(true))
    }

    fn points(&self, who: MemberNo) -> i64 {
        self.world.ledger.balance(who)
    }
}

/// A native mention of a member.
pub(super) fn mention(member: &Member) -> RichText {
    RichText(vec![Piece::Mention {
        id: member.id.clone(),
        name: member.name.clone(),
    }])
}

impl Run {
    /// The turn of every loop the cursor is in, the attempt, and from where each block was entered: a
    /// step that is done again (in a loop, by `retry`, in a flow that is called twice) differs.
    pub(super) fn turns(&self) -> Vec<u8> {
        let mut turns = Vec::new();
        let depth = self.frames.len().saturating_sub(1);
        for (level, frame) in self.frames.iter().enumerate() {
            if level < depth {
                turns.extend(frame.next.to_be_bytes());
            }
            let turn = frame.turn.as_ref().map_or(0, |turn| turn.at);
            turns.extend(turn.to_be_bytes());
            turns.extend(frame.attempt.to_be_bytes());
        }
        turns
    }
}
