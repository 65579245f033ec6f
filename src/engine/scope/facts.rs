//! The answers behind names, properties and questions.

use super::{Scene, mention};
use crate::model::world::{Data, DataKey};
use crate::model::{GroupNo, MemberNo, Millis, Record, Value, hash_of, time};
use crate::script::schema::{GroupField, MemberField, Query};
use crate::script::{DataAccess, Facts, Language, Root};
use jiff::tz::TimeZone;
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
                .map_or(Value::Nothing, |field| {
                    crate::engine::step::value_of(field, self)
                }),
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
                self.script_failure.replace(Some(failure.reason));
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
