//! Declared data as rules read it: values in scope, windows, sums and rankings.

use super::Scene;
use crate::model::world::{Data, DataKey, Streak};
use crate::model::{GroupNo, MemberNo, Millis, Record, Text, Value, time};
use crate::playbook::rule::DataKind;

impl<'a> Scene<'a> {
    /// The row that a declared value is kept in, for a scope.
    pub(in crate::engine) fn data_key(
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
    pub(super) fn read(&self, name: &str, data: Option<&Data>) -> Value {
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

    pub(super) fn read_streak(&self, starts: Millis, streak: Option<&Streak>) -> Value {
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
    pub(super) fn data_of(&self, name: &str, scope: &[Value]) -> Option<&'a Data> {
        let member = scope.iter().find_map(Value::as_member).or(self.member);
        let group = scope.iter().find_map(Value::as_group).or(self.group);
        let key = scope
            .iter()
            .find(|value| value.as_member().is_none() && value.as_group().is_none());
        let key = key.map(|value| self.print(value));
        self.world.data(&self.data_key(name, member, group, key))
    }

    /// From when a window counts.
    pub(super) fn window(&self, window: Option<&Value>) -> (Millis, Millis) {
        let from = match window {
            Some(Value::Span(span)) => span.before(self.at, &self.zone).saturating_add(1),
            Some(Value::Time(at)) => *at,
            Some(Value::Text(word)) => return self.named_window(word),
            _ => 0,
        };
        (from, self.at)
    }

    pub(super) fn named_window(&self, word: &str) -> (Millis, Millis) {
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

    pub(super) fn amount(&self, name: &str, data: &Data, from: Millis, to: Millis) -> i64 {
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
    pub(super) fn total(&self, args: &[Value]) -> Value {
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

    pub(super) fn rows(&self, name: &str) -> Vec<(&'a DataKey, &'a Data)> {
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

    pub(super) fn top(&self, args: &[Value]) -> Value {
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
}

fn back(date: jiff::civil::Date, days: i32) -> jiff::civil::Date {
    date.saturating_sub(jiff::Span::new().days(days))
}
