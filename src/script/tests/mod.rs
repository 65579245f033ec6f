//! Checks of expressions and templates: text in, value or findings out.

mod expressions;
mod fuzz;
mod lint;
mod scripts;
mod templates;

use super::schema::{self, GroupField, MemberField, Query, Root};
use super::{DataAccess, DataKind, Declared, Facts, Language, Names, Per, Type};
use crate::model::{GroupNo, MemberNo, Millis, Piece, Record, RichText, Value, time};
use jiff::tz::TimeZone;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// 2026-03-20T09:00:00Z.
pub(super) const NOW: Millis = 1_773_997_200_000;

/// A small world: member 1 is Ann, member 2 a bot; group 1 is the club.
pub(super) struct Small {
    zone: TimeZone,
    language: Language,
    draws: AtomicU64,
    notes: Mutex<Vec<String>>,
}

impl Small {
    pub(super) fn new(language: Language) -> Self {
        Self {
            zone: TimeZone::UTC,
            language,
            draws: AtomicU64::new(0),
            notes: Mutex::default(),
        }
    }

    pub(super) fn notes(&self) -> Vec<String> {
        self.notes.lock().unwrap().clone()
    }
}

impl Facts for Small {
    fn now(&self) -> Millis {
        NOW
    }

    fn zone(&self) -> &TimeZone {
        &self.zone
    }

    fn language(&self) -> Language {
        self.language
    }

    fn name(&self, name: &str) -> Value {
        match name {
            "member" => Value::Member(MemberNo(1)),
            "group" => Value::Group(GroupNo(1)),
            "streak" => Value::Record(Record::from([("length".into(), Value::Int(8))])),
            "list" => Value::List(vec![1.into(), 2.into(), 3.into()]),
            "joiners" => Value::List(vec![Value::Member(MemberNo(1)), Value::Member(MemberNo(2))]),
            "anything" => Value::from("text"),
            "名单" => Value::List(vec!["安".into(), "王".into()]),
            _ => Value::Nothing,
        }
    }

    fn field(&self, root: Root, name: &str) -> Value {
        match (root, name) {
            (Root::Event, "text") => Value::from("hello 你好 42"),
            (Root::Community, "size") => Value::Int(10),
            (Root::Inputs, "after") => Value::Span(crate::model::Span::days(14)),
            (Root::Vars, "openers") => Value::List(vec!["a".into(), "b".into(), "c".into()]),
            _ => Value::Nothing,
        }
    }

    fn whole(&self, _root: Root) -> Value {
        Value::Record(Record::from([("text".into(), Value::from("hello"))]))
    }

    fn member(&self, who: MemberNo, field: MemberField) -> Value {
        match (field, who.0) {
            (MemberField::Name, 1) => Value::from("Ann ${now}"),
            (MemberField::Name, _) => Value::from("Bot"),
            (MemberField::IsBot, who) => Value::Bool(who == 2),
            (MemberField::Role, _) => Value::from("member"),
            (MemberField::Messages, _) => Value::Int(4),
            (MemberField::LastActive, _) => Value::Time(NOW - 8 * time::DAY),
            (MemberField::JoinedAt, _) => Value::Time(NOW - 90 * time::MINUTE),
            (MemberField::Labels, _) => Value::List(vec!["vip".into(), "city:上海".into()]),
            (MemberField::Mention, _) => Value::Rich(RichText(vec![Piece::Mention {
                id: "u1".into(),
                name: "Ann".into(),
            }])),
            _ => Value::Nothing,
        }
    }

    fn group(&self, _which: GroupNo, field: GroupField) -> Value {
        match (field,) {
            (GroupField::Name,) => Value::from("club"),
            (GroupField::Season,) => Value::Int(1),
            _ => Value::Nothing,
        }
    }

    fn data(&self, name: &str, access: DataAccess<'_>) -> Value {
        match (name, access) {
            ("checkins", DataAccess::MarkedToday(who)) => Value::Bool(who.is_some()),
            ("checkins", _) => Value::Record(Record::from([("best".into(), Value::Int(9))])),
            ("score", DataAccess::Scope) => Value::Int(3),
            ("score", DataAccess::Of([_])) => Value::Int(5),
            ("score", DataAccess::Count) => Value::Int(2),
            ("score", DataAccess::Rows) => Value::List(vec![]),
            ("stock", DataAccess::Key(Value::Text(key))) => Value::Int(key.len() as i64),
            _ => Value::Nothing,
        }
    }

    fn ask(&self, query: Query, args: &[Value]) -> Value {
        match (query, args) {
            (Query::HasLabel, [Value::Member(_), Value::Text(label)]) => {
                Value::Bool(&**label == "vip")
            }
            (Query::ActiveMembers, [Value::Group(_), Value::Span(span)]) => {
                Value::Int(i64::from(span.days))
            }
            (Query::Count, [_, Value::Text(word)]) => Value::Int(word.len() as i64),
            (Query::Label, [_, Value::Text(key)]) if &**key == "city" => Value::from("上海"),
            (Query::Can, [Value::Group(_), Value::Text(step)]) => Value::Bool(&**step == "mute"),
            _ => Value::Nothing,
        }
    }

    fn script(&self, module: &str, function: &str, args: &[Value]) -> Value {
        Value::text(format!("{module}::{function}/{}", args.len()))
    }

    fn draw(&self) -> u64 {
        let turn = self.draws.fetch_add(1, Ordering::Relaxed);
        crate::model::hash_of(&[&turn.to_le_bytes()])
    }

    fn note(&self, note: &str) {
        self.notes.lock().unwrap().push(note.to_owned());
    }
}

/// The names of a rule started by `join`, as in the examples of the language.
pub(super) fn names() -> Names {
    let mut names = Names::new("a rule started by `join`")
        .with("member", Type::Member)
        .with("group", Type::Group)
        .with_root(
            "community",
            Root::Community,
            schema::table_fields(schema::COMMUNITY),
        )
        .with("now", Type::Time)
        .with_root(
            "inputs",
            Root::Inputs,
            super::fields_of([("after", Type::Duration)]),
        )
        .with_root(
            "vars",
            Root::Vars,
            super::fields_of([("openers", Type::list(Type::Text))]),
        )
        .with_root(
            "event",
            Root::Event,
            schema::event_fields(&["join", "message"]),
        );
    names.add_script("checks", vec![("is_promo".into(), 1)]);
    names
}

/// [`names`] with results, loop names and data beside them.
pub(super) fn more_names() -> Names {
    let data = |kind, per| Declared {
        kind,
        per: vec![per],
        fields: super::fields_of([("x", Type::Number)]),
    };
    names()
        .with("list", Type::list(Type::Number))
        .with("joiners", Type::list(Type::Member))
        .with("anything", Type::Any)
        .with("名单", Type::list(Type::Text))
        .with("streak", Type::record([("length", Type::Number)]))
        .with_data("checkins", data(DataKind::Streak, Per::Member))
        .with_data("score", data(DataKind::Counter, Per::Member))
        .with_data("stock", data(DataKind::Number, Per::Key))
}
