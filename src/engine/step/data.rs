//! Steps that change declared data: `set add drop take mark reset`.

use crate::engine::Fold;
use crate::engine::advance::{Done, Place, failure};
use crate::engine::scope::Scene;
use crate::model::world::{Counter, Data, DataKey, Frame, Run, Streak};
use crate::model::{Value, limits, time};
use crate::playbook::rule::{DataDef, DataKind, DataStep, DataVerb, Otherwise, Step};

/// Where and what a data step changes.
struct Change {
    key: DataKey,
    def: DataDef,
    value: Value,
    count: usize,
    day: i32,
}

impl Fold<'_> {
    pub(super) fn act_data(
        &mut self,
        run: &Run,
        place: &Place,
        step: &Step,
        change: &DataStep,
    ) -> Done {
        let prepared = self
            .see(run, place, step, |scene| prepare(scene, change))
            .flatten();
        let Some(prepared) = prepared else {
            return Done::Fail(failure(
                "invalid",
                "there is no such data, or nobody it could be of",
            ));
        };
        match change.verb {
            DataVerb::Set => self.store(prepared.key, single(&prepared.def, prepared.value)),
            DataVerb::Add => self.add(prepared),
            DataVerb::Drop => self.drop_from(prepared),
            DataVerb::Reset => {
                self.world.set_data(prepared.key, None);
                Done::NEXT
            }
            DataVerb::Mark => self.mark(run, prepared),
            DataVerb::Take => self.take(prepared, change.on_empty),
        }
    }

    fn store(&mut self, key: DataKey, data: Data) -> Done {
        self.world.set_data(key, Some(data));
        Done::NEXT
    }

    fn add(&mut self, change: Change) -> Done {
        let before = self.world.data(&change.key).cloned();
        let after = match change.def.kind {
            DataKind::Counter => {
                let mut counter = match before {
                    Some(Data::Counter(counter)) => counter,
                    _ => Counter::default(),
                };
                counter.add(self.at, change.value.as_int().unwrap_or(1));
                Data::Counter(counter)
            }
            DataKind::Number => {
                let start = change.def.starts_as.as_int().unwrap_or(0);
                let now = match &before {
                    Some(Data::Single(value)) => value.as_int().unwrap_or(start),
                    _ => start,
                };
                let Some(sum) = now.checked_add(change.value.as_int().unwrap_or(0)) else {
                    return Done::Fail(failure("invalid", "the sum leaves the range of numbers"));
                };
                Data::Single(Value::Int(sum))
            }
            DataKind::List | DataKind::Set => {
                let mut items = items(before);
                for value in change.value.into_items() {
                    if change.def.kind == DataKind::List || !items.contains(&value) {
                        items.push(value);
                    }
                }
                if items.len() > limits::DATA_ITEMS_MAX {
                    return Done::Fail(failure("full", "the list is full"));
                }
                collection(change.def.kind, items)
            }
            DataKind::Text | DataKind::Record | DataKind::Streak => {
                return Done::Fail(failure(
                    "invalid",
                    "nothing can be added to data of this kind",
                ));
            }
        };
        self.store(change.key, after)
    }

    fn drop_from(&mut self, change: Change) -> Done {
        let dropped = change.value.into_items();
        let mut items = items(self.world.data(&change.key).cloned());
        items.retain(|item| !dropped.contains(item));
        self.store(change.key, collection(change.def.kind, items))
    }

    /// Marks a day of a streak. Result: the streak, and whether the mark is `new`.
    fn mark(&mut self, run: &Run, change: Change) -> Done {
        let mut streak = match self.world.data(&change.key) {
            Some(Data::Streak(streak)) => streak.clone(),
            _ => Streak::default(),
        };
        let new = streak.mark(change.day, self.at);
        let zone = self.place(run).and_then(|place| {
            place
                .playbook()
                .map(|playbook| self.zone_of(playbook, run.group))
        });
        let today = zone.map_or(change.day, |zone| {
            time::local_day(self.at, &zone, change.def.day_starts_ms)
        });
        let mut result = crate::model::Record::new();
        let count = |n: u32| Value::Int(i64::from(n));
        result.insert("length".into(), count(streak.length(today)));
        result.insert("best".into(), count(streak.best));
        result.insert("total".into(), count(streak.total));
        result.insert("last".into(), Value::Time(self.at));
        result.insert("new".into(), Value::Bool(new));
        if new {
            self.world.set_data(change.key, Some(Data::Streak(streak)));
        }
        Done::Next(Value::Record(result))
    }

    /// Takes items from the front of a list, or so many from a number.
    fn take(&mut self, change: Change, on_empty: Otherwise) -> Done {
        if change.def.kind == DataKind::Number {
            let now = match self.world.data(&change.key) {
                Some(Data::Single(value)) => value.as_int().unwrap_or(0),
                _ => change.def.starts_as.as_int().unwrap_or(0),
            };
            let Some(left) = now
                .checked_sub(change.count as i64)
                .filter(|left| *left >= 0)
            else {
                return empty(on_empty);
            };
            self.world
                .set_data(change.key, Some(Data::Single(Value::Int(left))));
            return Done::Next(Value::Int(change.count as i64));
        }
        let mut items = items(self.world.data(&change.key).cloned());
        if items.len() < change.count {
            return empty(on_empty);
        }
        let rest = items.split_off(change.count);
        self.world
            .set_data(change.key, Some(collection(change.def.kind, rest)));
        Done::Next(match items.len() {
            1 => items.pop().unwrap_or_default(),
            _ => Value::List(items),
        })
    }
}

fn empty(on_empty: Otherwise) -> Done {
    match on_empty {
        Otherwise::Stop => Done::Stop("nothing is left".into()),
        Otherwise::Continue => Done::NEXT,
        Otherwise::Do(block) => Done::Enter(Frame {
            block,
            ..Frame::default()
        }),
    }
}

fn prepare(scene: &Scene<'_>, change: &DataStep) -> Option<Change> {
    let def = scene.playbook.data.get(&change.name)?.clone();
    let of = change
        .of
        .as_ref()
        .map(|field| super::value_of(field, scene));
    let member = of.as_ref().and_then(Value::as_member).or(scene.member);
    let group = of.as_ref().and_then(Value::as_group).or(scene.group);
    let key = change
        .key
        .as_ref()
        .map(|field| scene.print(&super::value_of(field, scene)));
    let short = (def.per_member && member.is_none())
        || (def.per_group && group.is_none())
        || (def.per_key && key.is_none());
    if short || def.from.is_some() {
        return None;
    }
    let value = change
        .value
        .as_ref()
        .map_or(Value::Int(1), |field| super::value_of(field, scene));
    let count = change.count.as_ref().map_or(1, |field| {
        super::value_of(field, scene)
            .as_int()
            .unwrap_or(1)
            .clamp(1, limits::DATA_ITEMS_MAX as i64)
    });
    let today = time::local_day(scene.at, &scene.zone, def.day_starts_ms);
    let day = match change
        .value
        .as_ref()
        .map(|field| super::value_of(field, scene))
    {
        Some(Value::Text(word)) if &*word == "yesterday" => today.saturating_sub(1),
        Some(Value::Time(at)) => time::local_day(at, &scene.zone, def.day_starts_ms),
        _ => today,
    };
    let key = scene.data_key(&change.name, member, group, key);
    Some(Change {
        key,
        def,
        value,
        count: count as usize,
        day,
    })
}

fn single(def: &DataDef, value: Value) -> Data {
    match def.kind {
        DataKind::Counter => Data::Counter(Counter {
            total: value.as_int().unwrap_or(0),
            ..Counter::default()
        }),
        DataKind::List | DataKind::Set => collection(def.kind, value.into_items()),
        DataKind::Streak => Data::Streak(Streak::default()),
        DataKind::Text | DataKind::Number | DataKind::Record => {
            Data::Single(if let Value::Rich(rich) = value {
                Value::text(rich.to_plain())
            } else {
                value
            })
        }
    }
}

fn items(data: Option<Data>) -> Vec<Value> {
    match data {
        Some(Data::List(items) | Data::Set(items)) => items,
        _ => Vec::new(),
    }
}

fn collection(kind: DataKind, mut items: Vec<Value>) -> Data {
    if kind == DataKind::Set {
        items.sort_by_cached_key(|item| format!("{item:?}"));
        items.dedup();
        Data::Set(items)
    } else {
        Data::List(items)
    }
}
