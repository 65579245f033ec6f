//! What a rule can see: the facts behind names, properties and questions of expressions.

mod script;

use super::Fold;
use super::occasion::Occasion;
use super::rules::Rules;
use crate::model::world::{Data, DataKey, Failure, Member, Run, Seat};
use crate::model::{
    GroupNo, MemberNo, Millis, Piece, Record, RichText, RunId, Text, Value, World, hash_of, time,
};
use crate::playbook::rule::{DataKind, Playbook, Rule, Scope};
use crate::script::schema::{GroupField, MemberField, Query};
use crate::script::{DataAccess, Facts, Language, Root};
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

    /// The same facts inside a loop: one more name, and a member as `member` where the item is one.
    pub(super) fn inside(&self, name: &str, item: Value) -> Scene<'a> {
        let mut extra = self.extra.clone();
        let member = item.as_member().or(self.member);
        extra.push((name.into(), item));
        Scene {
            extra,
            member,
            zone: self.zone.clone(),
            draws: Cell::new(self.draws.get()),
            notes: RefCell::default(),
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

    /// The row that a declared value is kept in, for a scope.
    pub(super) fn data_key(
        &self,
        name: &str,
        member: Option<MemberNo>,
        group: Option<GroupNo>,
        key: Option<Text>,
    ) -> DataKey {
        let def = self.playbook.data.get(name);
        let owner = def
            .and_then(|def| def.from.clone())
            .unwrap_or_else(|| self.playbook.id.clone());
        let mark = if self.shadow { "~" } else { "" };
        DataKey {
            playbook: format!("{mark}{owner}").into(),
            name: name.into(),
            group: def.filter(|def| def.per_group).and(group),
            member: def.filter(|def| def.per_member).and(member),
            key: def.filter(|def| def.per_key).and(key),
        }
    }

    /// What a stored value reads as.
    fn read(&self, name: &str, data: Option<&Data>) -> Value {
        let Some(def) = self.playbook.data.get(name) else {
            return Value::Nothing;
        };
        match data {
            None if def.kind == DataKind::Streak => self.read_streak(def.day_starts_ms, None),
            None => def.starts_as.clone(),
            Some(Data::Counter(counter)) => {
                let decayed = def.decay.map(|span| {
                    counter.sum(span.before(self.at, &self.zone).saturating_add(1), self.at)
                });
                let start = def.starts_as.as_int().unwrap_or(0);
                Value::Int(decayed.unwrap_or(counter.total).saturating_add(start))
            }
            Some(Data::Streak(streak)) => self.read_streak(def.day_starts_ms, Some(streak)),
            Some(Data::Single(value)) => value.clone(),
            Some(Data::List(items) | Data::Set(items)) => Value::List(items.clone()),
        }
    }

    fn read_streak(&self, starts: Millis, streak: Option<&crate::model::world::Streak>) -> Value {
        let today = time::local_day(self.at, &self.zone, starts);
        let mut record = Record::new();
        let count = |n: u32| Value::Int(i64::from(n));
        record.insert(
            "length".into(),
            count(streak.map_or(0, |streak| streak.length(today))),
        );
        record.insert("best".into(), count(streak.map_or(0, |streak| streak.best)));
        record.insert(
            "total".into(),
            count(streak.map_or(0, |streak| streak.total)),
        );
        let last = streak.map_or(Value::Nothing, |streak| Value::Time(streak.marked_at));
        record.insert("last".into(), last);
        Value::Record(record)
    }

    /// A declared value in a scope given by values: members, groups, keys in any order.
    fn data_of(&self, name: &str, scope: &[Value]) -> Option<&'a Data> {
        let member = scope.iter().find_map(Value::as_member).or(self.member);
        let group = scope.iter().find_map(Value::as_group).or(self.group);
        let key = scope
            .iter()
            .find(|value| value.as_member().is_none() && value.as_group().is_none());
        let key = key.map(|value| self.print(value));
        self.world.data(&self.data_key(name, member, group, key))
    }

    /// From when a window counts.
    fn window(&self, window: Option<&Value>) -> (Millis, Millis) {
        let from = match window {
            Some(Value::Span(span)) => span.before(self.at, &self.zone).saturating_add(1),
            Some(Value::Time(at)) => *at,
            Some(Value::Text(word)) => return self.named_window(word),
            _ => 0,
        };
        (from, self.at)
    }

    fn named_window(&self, word: &str) -> (Millis, Millis) {
        if let Some(span) = crate::model::Span::parse(word) {
            return (span.before(self.at, &self.zone).saturating_add(1), self.at);
        }
        let today = time::zoned(self.at, &self.zone).date();
        let week_back = i32::from(today.weekday().to_monday_zero_offset());
        let (start, end) = match word {
            "today" => (today, None),
            "yesterday" => (back(today, 1), Some(today)),
            "this_week" => (back(today, week_back), None),
            "last_week" => (
                back(today, week_back.saturating_add(7)),
                Some(back(today, week_back)),
            ),
            "this_month" => (today.first_of_month(), None),
            "last_month" => {
                let month = today.first_of_month();
                (back(month, 1).first_of_month(), Some(month))
            }
            _ => return (0, self.at),
        };
        let instant = |date: jiff::civil::Date| {
            date.to_zoned(self.zone.clone())
                .map_or(0, |zoned| zoned.timestamp().as_millisecond())
        };
        (
            instant(start),
            end.map_or(self.at, |date| instant(date).saturating_sub(1)),
        )
    }

    fn amount(&self, name: &str, data: &Data, from: Millis, to: Millis) -> i64 {
        match data {
            Data::Counter(counter) if from == 0 => counter.total,
            Data::Counter(counter) => counter.sum(from, to),
            Data::Streak(streak) => {
                let starts = self
                    .playbook
                    .data
                    .get(name)
                    .map_or(0, |def| def.day_starts_ms);
                let first = time::local_day(from, &self.zone, starts);
                let last = time::local_day(to, &self.zone, starts);
                streak
                    .days
                    .iter()
                    .filter(|day| (first..=last).contains(*day))
                    .count() as i64
            }
            Data::Single(value) => value.as_int().unwrap_or(0),
            Data::List(items) | Data::Set(items) => items.len() as i64,
        }
    }

    /// `count` and `sum`: over whom a third argument names, or over everyone.
    fn total(&self, args: &[Value]) -> Value {
        let Some(name) = args.first().and_then(Value::as_text) else {
            return Value::Nothing;
        };
        let (from, to) = self.window(args.get(1));
        if let Some(who) = args.get(2) {
            let data = self.data_of(name, std::slice::from_ref(who));
            return Value::Int(data.map_or(0, |data| self.amount(name, data, from, to)));
        }
        let def = self.playbook.data.get(&**name);
        if def.is_some_and(|def| def.per_member) && self.member.is_some() {
            let data = self.data_of(name, &[]);
            return Value::Int(data.map_or(0, |data| self.amount(name, data, from, to)));
        }
        let sum = self.rows(name).into_iter().fold(0_i64, |sum, (_, data)| {
            sum.saturating_add(self.amount(name, data, from, to))
        });
        Value::Int(sum)
    }

    fn rows(&self, name: &str) -> Vec<(&'a DataKey, &'a Data)> {
        let owner = self.data_key(name, None, None, None).playbook;
        let by_group = self
            .playbook
            .data
            .get(name)
            .is_some_and(|def| def.per_group);
        let here = |key: &DataKey| !by_group || self.group.is_none() || key.group == self.group;
        self.world
            .data_of(&owner, name)
            .into_iter()
            .filter(|(key, _)| here(key))
            .collect()
    }

    fn top(&self, args: &[Value]) -> Value {
        let Some(name) = args.first().and_then(Value::as_text) else {
            return Value::Nothing;
        };
        let most = args
            .get(1)
            .and_then(Value::as_int)
            .unwrap_or(10)
            .clamp(0, 100) as usize;
        let mut ranked: Vec<(i64, MemberNo)> = if &**name == "points" {
            self.world
                .ledger
                .balances()
                .map(|(member, points)| (points, member))
                .collect()
        } else {
            let (from, to) = self.window(args.get(2));
            self.rows(name)
                .into_iter()
                .filter_map(|(key, data)| Some((self.amount(name, data, from, to), key.member?)))
                .collect()
        };
        ranked.retain(|(amount, _)| *amount > 0);
        ranked.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        let rows = ranked
            .into_iter()
            .take(most)
            .enumerate()
            .map(|(index, (amount, member))| {
                let mut row = Record::new();
                row.insert("rank".into(), Value::Int(index as i64 + 1));
                row.insert("member".into(), Value::Member(member));
                row.insert("value".into(), Value::Int(amount));
                Value::Record(row)
            });
        Value::List(rows.collect())
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

fn back(date: jiff::civil::Date, days: i32) -> jiff::civil::Date {
    date.saturating_sub(jiff::Span::new().days(days))
}

/// Levels grow by a hundred points more each: 1 from the start, 2 from 100, 3 from 300, 4 from 600.
fn level(points: i64) -> i64 {
    let mut level = 1_i64;
    let mut needed = 100_i64;
    let mut step = 200_i64;
    while points >= needed && level < 1_000 {
        level = level.saturating_add(1);
        needed = needed.saturating_add(step);
        step = step.saturating_add(100);
    }
    level
}

impl Facts for Scene<'_> {
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
        if let Some((_, value)) = self.extra.iter().rev().find(|(known, _)| &**known == name) {
            return value.clone();
        }
        match name {
            "member" => self.member.map_or(Value::Nothing, Value::Member),
            "group" => self.group.map_or(Value::Nothing, Value::Group),
            "events" => self.event.get("events").cloned().unwrap_or_default(),
            _ => self.vars.get(name).cloned().unwrap_or_default(),
        }
    }

    fn field(&self, root: Root, name: &str) -> Value {
        match root {
            Root::Event => self.event.get(name).cloned().unwrap_or_default(),
            Root::Inputs => self.playbook.inputs.get(name).cloned().unwrap_or_default(),
            Root::Vars => self
                .playbook
                .vars
                .get(name)
                .map_or(Value::Nothing, |field| super::step::value_of(field, self)),
            Root::Community => match name {
                "id" => Value::Text(self.world.head.community.clone()),
                "name" => Value::Text(self.world.head.directory.name.clone()),
                "size" => Value::Int(
                    self.world
                        .members()
                        .filter(|(_, m)| !m.groups.is_empty())
                        .count() as i64,
                ),
                _ => Value::Nothing,
            },
            Root::Run => {
                let Some(run) = self.run else {
                    return Value::Nothing;
                };
                match name {
                    "number" => Value::Int(run.number as i64),
                    "title" => Value::Text(run.title.clone()),
                    "by" => run.about.map_or(Value::Nothing, Value::Member),
                    "member" => run.member.map_or(Value::Nothing, Value::Member),
                    "started_at" => Value::Time(run.started_at),
                    _ => Value::Nothing,
                }
            }
        }
    }

    fn whole(&self, root: Root) -> Value {
        match root {
            Root::Event => Value::Record(self.event.clone()),
            Root::Inputs => Value::Record(self.playbook.inputs.clone()),
            Root::Vars => {
                let names = self.playbook.vars.keys();
                Value::Record(
                    names
                        .map(|name| (name.clone(), self.field(root, name)))
                        .collect(),
                )
            }
            Root::Community => Value::Record(
                ["id", "name", "size"]
                    .map(|name| (name.into(), self.field(root, name)))
                    .into(),
            ),
            Root::Run => Value::Record(
                ["number", "title", "by", "member", "started_at"]
                    .map(|name| (name.into(), self.field(root, name)))
                    .into(),
            ),
        }
    }

    fn member(&self, who: MemberNo, field: MemberField) -> Value {
        let Some(member) = self.world.member(who) else {
            return Value::Nothing;
        };
        let seat = self.seat(who);
        match field {
            MemberField::Id => Value::Text(member.id.clone()),
            MemberField::Key => Value::text(member.key()),
            MemberField::Name => Value::Text(member.name.clone()),
            MemberField::Nick => seat
                .and_then(|seat| seat.nick.clone())
                .map_or(Value::Nothing, Value::Text),
            MemberField::Mention => Value::Rich(mention(member)),
            MemberField::IsBot => Value::Bool(member.is_bot),
            MemberField::Role => Value::from(seat.map_or("member", |seat| seat.role.word())),
            MemberField::JoinedAt => {
                Value::Time(seat.map_or(member.first_seen, |seat| seat.joined_at))
            }
            MemberField::LastActive => {
                Value::Time(seat.map_or(member.first_seen, |seat| seat.last_active))
            }
            MemberField::Messages => Value::Int(seat.map_or(0, |seat| i64::from(seat.messages))),
            MemberField::Points => Value::Int(self.points(who)),
            MemberField::Level => Value::Int(level(self.points(who))),
            MemberField::Labels => Value::List(
                member
                    .labels
                    .iter()
                    .map(|l| Value::Text(l.name.clone()))
                    .collect(),
            ),
            MemberField::Source => member.source.clone().map_or(Value::Nothing, Value::Text),
        }
    }

    fn group(&self, which: GroupNo, field: GroupField) -> Value {
        let Some(group) = self.world.group(which) else {
            return Value::Nothing;
        };
        match field {
            GroupField::Id => Value::Text(group.id.clone()),
            GroupField::Name => Value::Text(group.name.clone()),
            GroupField::Size => Value::Int(group.size() as i64),
            GroupField::Capacity => group
                .capacity
                .map_or(Value::Nothing, |most| Value::Int(i64::from(most))),
            GroupField::Tags => Value::List(group.tags.iter().cloned().map(Value::Text).collect()),
            GroupField::Season => Value::Int(i64::from(group.season)),
            GroupField::CreatedAt => Value::Time(group.created_at),
            GroupField::LastActive => Value::Time(group.last_active),
            GroupField::Link => group.link.clone().map_or(Value::Nothing, Value::Text),
            GroupField::Members => self.group_members(which),
        }
    }

    fn data(&self, name: &str, access: DataAccess<'_>) -> Value {
        match access {
            DataAccess::Scope => self.read(name, self.data_of(name, &[])),
            DataAccess::Of(scope) => self.read(name, self.data_of(name, scope)),
            DataAccess::Key(key) => self.read(name, self.data_of(name, std::slice::from_ref(key))),
            DataAccess::Count => Value::Int(self.rows(name).len() as i64),
            DataAccess::Rows => {
                let row = |(key, data): (&DataKey, &Data)| {
                    let mut row = Record::new();
                    if let Some(member) = key.member {
                        row.insert("member".into(), Value::Member(member));
                    }
                    if let Some(group) = key.group {
                        row.insert("group".into(), Value::Group(group));
                    }
                    if let Some(key) = &key.key {
                        row.insert("key".into(), Value::Text(key.clone()));
                    }
                    row.insert("value".into(), self.read(name, Some(data)));
                    Value::Record(row)
                };
                Value::List(self.rows(name).into_iter().map(row).collect())
            }
            DataAccess::MarkedToday(who) => {
                let scope: Vec<Value> = who.cloned().into_iter().collect();
                let Some(Data::Streak(streak)) = self.data_of(name, &scope) else {
                    return Value::Bool(false);
                };
                let starts = self
                    .playbook
                    .data
                    .get(name)
                    .map_or(0, |def| def.day_starts_ms);
                Value::Bool(streak.is_marked(time::local_day(self.at, &self.zone, starts)))
            }
        }
    }

    fn ask(&self, query: Query, args: &[Value]) -> Value {
        let who = args.first().and_then(Value::as_member);
        let which = args.first().and_then(Value::as_group);
        let word = args.get(1).and_then(Value::as_text);
        let member = who.and_then(|no| self.world.member(no));
        match query {
            Query::HasLabel => {
                let has = member.zip(word).is_some_and(|(member, label)| {
                    member.has_label(label) || !member.label_value(label).is_empty()
                });
                Value::Bool(has)
            }
            Query::Count | Query::Sum => self.total(args),
            Query::Top => self.top(args),
            Query::Members => args
                .first()
                .and_then(Value::as_text)
                .map_or(Value::Nothing, |l| self.labelled(l)),
            Query::Groups => {
                let tag = args.first().and_then(Value::as_text);
                let tagged = self.world.groups().filter(|(_, group)| {
                    tag.is_some_and(|tag| group.has_tag(tag)) && group.is_open()
                });
                Value::List(tagged.map(|(no, _)| Value::Group(no)).collect())
            }
            Query::InGroup => {
                let groups = member.map_or(&[][..], |member| &member.groups);
                let in_one = groups
                    .iter()
                    .filter_map(|no| self.world.group(*no))
                    .any(|group| word.is_some_and(|tag| group.has_tag(tag) || group.id == *tag));
                Value::Bool(in_one)
            }
            Query::ActiveMembers => {
                let (from, _) = self.window(args.get(1));
                let seats = which
                    .and_then(|no| self.world.group(no))
                    .map(|group| group.seats.values());
                let active = seats
                    .into_iter()
                    .flatten()
                    .filter(|seat| seat.messages > 0 && seat.last_active >= from);
                Value::Int(active.count() as i64)
            }
            Query::Can => {
                let can = which
                    .zip(word)
                    .is_some_and(|(group, step)| self.can(group, step));
                Value::Bool(can)
            }
            Query::Label => {
                let value = member
                    .zip(word)
                    .map_or("", |(member, key)| member.label_value(key));
                Value::from(value)
            }
            Query::Tag => {
                let group = which.and_then(|no| self.world.group(no));
                let value = group.zip(word).and_then(|(group, key)| {
                    group
                        .tags
                        .iter()
                        .find_map(|tag| tag.strip_prefix(&**key)?.strip_prefix(':'))
                });
                Value::from(value.unwrap_or(""))
            }
        }
    }

    fn script(&self, module: &str, function: &str, args: &[Value]) -> Value {
        self.call_script(module, function, args)
            .unwrap_or_else(|failure| {
                self.note(&failure.reason);
                Value::Nothing
            })
    }

    fn draw(&self) -> u64 {
        let number = self.draws.get();
        self.draws.set(number.saturating_add(1));
        let salt = self.world.head.salt.to_be_bytes();
        hash_of(&[&salt, &self.seed.to_be_bytes(), &number.to_be_bytes()])
    }

    fn note(&self, note: &str) {
        self.notes.borrow_mut().push(note.to_owned());
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
    /// The turn of every loop the cursor is in, and the attempt: makes repeated steps differ.
    pub(super) fn turns(&self) -> Vec<u8> {
        let mut turns = Vec::new();
        for frame in &self.frames {
            let turn = frame.turn.as_ref().map_or(0, |turn| turn.at);
            turns.extend(turn.to_be_bytes());
            turns.extend(frame.attempt.to_be_bytes());
        }
        turns
    }
}
