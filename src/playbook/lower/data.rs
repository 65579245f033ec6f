//! `data`: declared stored state.

use super::context::{Lowering, nearest};
use super::value::{number, plain_value};
use crate::model::{Record, Text, Value};
use crate::playbook::codes::Code;
use crate::playbook::diagnostic::Diagnostic;
use crate::playbook::grammar::{LATER_DATA_KINDS, files, names};
use crate::playbook::rule::{DataDef, DataKind};
use crate::playbook::shape::{Field, Fields, Report, not_yet};
use crate::playbook::yaml::Node;
use crate::script::{self, Declared, Entry, Per, Type, fields_of};
use std::collections::BTreeMap;

/// One entry, for the engine and for the lint.
pub(super) struct Data {
    pub(super) def: DataDef,
    pub(super) declared: Declared,
}

const FIELD_TYPES: [&str; 8] = [
    "text", "number", "bool", "time", "duration", "member", "group", "list",
];

impl Lowering<'_> {
    /// The declared data by name. `homes` gives the `data` of any playbook, for `from`.
    pub(super) fn data(
        &mut self,
        root: Fields<'_>,
        homes: &BTreeMap<Text, Option<&Node>>,
    ) -> BTreeMap<Text, Data> {
        let mut found = BTreeMap::new();
        let field = root.get("data");
        let map = field.and_then(|field| {
            self.report
                .map(field, "a map of names to `{ per: member, kind: counter }`")
        });
        for field in map.iter().flat_map(Fields::iter) {
            let Some(key) = field.key else { continue };
            if !self.check_name(key.spot, &key.text) {
                continue;
            }
            if self.names.get(&key.text).is_some() {
                let message = format!("`{}` already means something in expressions", key.text);
                self.report.push(
                    Diagnostic::error(Code::NameCollision, key.spot, message)
                        .label("choose another name"),
                );
                continue;
            }
            if let Some(data) = self.one_data(field, &key.text, homes) {
                found.insert(key.text.clone(), data);
            }
        }
        for (name, data) in &found {
            self.names
                .insert(name.clone(), Entry::Data(data.declared.clone()));
        }
        found
    }

    fn one_data(
        &mut self,
        field: Field<'_>,
        name: &str,
        homes: &BTreeMap<Text, Option<&Node>>,
    ) -> Option<Data> {
        let map = self
            .report
            .map(field, "a map such as `{ per: member, kind: counter }`")?;
        self.report
            .known(map, &names(files::DATA), files::LATER_DATA_KEYS);
        let Some(from) = map.get("from") else {
            return self.declare(map);
        };
        let from = self.resolved(from)?;
        let id = self.report.id(from)?;
        let Some(home) = homes.get(&*id) else {
            let message = format!("unknown playbook `{id}`");
            let problem = Diagnostic::error(Code::UnknownPlaybook, from.spot(), message)
                .label("no playbook has this id");
            let near = nearest(&id, homes.keys().map(|id| &**id));
            self.report.push(problem.did_you_mean(near));
            return None;
        };
        let Some(there) = home.and_then(|data| data.get(name)) else {
            let message = format!("playbook `{id}` declares no `{name}`");
            let problem = Diagnostic::error(Code::UnknownData, from.spot(), message);
            self.report.push(problem.label("nothing to read there"));
            return None;
        };
        let second = there.get("from").is_some();
        let data = if second { None } else { self.quietly(there) };
        let Some(data) = data else {
            let message = if second {
                format!("playbook `{id}` does not keep `{name}` itself")
            } else {
                format!("`{name}` of playbook `{id}` cannot be read as it is")
            };
            let problem = Diagnostic::error(Code::UnknownData, from.spot(), message);
            self.report
                .push(problem.label("name the playbook that declares its `kind`"));
            return None;
        };
        let def = DataDef {
            from: Some(id),
            ..data.def
        };
        Some(Data { def, ..data })
    }

    /// A declaration in another file: what is wrong there is told there.
    fn quietly(&mut self, there: &Node) -> Option<Data> {
        let file = self.report.file;
        let own = std::mem::replace(&mut self.report, Report::new(file));
        let map = self.report.map(Field::item(there), "a map");
        let data = map.and_then(|map| self.declare(map));
        self.report = own;
        data
    }

    fn declare(&mut self, map: Fields<'_>) -> Option<Data> {
        let per = self.data_per(map);
        let kind_field = self.report.need(map, "kind", "")?;
        if let Some(kind) = kind_field.as_text()
            && LATER_DATA_KINDS.contains(&kind)
        {
            self.report.push(not_yet(kind_field.spot(), kind));
            return None;
        }
        let word = self.report.choice(kind_field, files::DATA_KINDS)?;
        let (kind, seen) = kinds(word)?;
        let fields = self.record_fields(map, kind);
        let decay = map
            .get("decay")
            .filter(|field| self.only_for(*field, kind == DataKind::Counter, "counters"));
        let decay = decay.and_then(|field| self.span(&field));
        let day_starts = map
            .get("day_starts")
            .filter(|field| self.only_for(*field, kind == DataKind::Streak, "streaks"));
        let day_starts = day_starts.and_then(|field| {
            let field = self.resolved(field)?;
            self.report.time_of_day(field)
        });
        let starts_as = map
            .get("starts_as")
            .and_then(|field| self.starts_as(field, kind));
        let def = DataDef {
            kind,
            per_member: per.contains(&Per::Member),
            per_group: per.contains(&Per::Group),
            per_key: per.contains(&Per::Key),
            decay,
            day_starts_ms: day_starts.unwrap_or_default(),
            starts_as: starts_as.unwrap_or_else(|| empty(kind, &fields)),
            from: None,
        };
        let declared = Declared {
            kind: seen,
            per,
            fields: fields_of(fields),
        };
        Some(Data { def, declared })
    }

    fn data_per(&mut self, map: Fields<'_>) -> Vec<Per> {
        let Some(field) = map.get("per") else {
            return vec![Per::Community];
        };
        let mut per = Vec::new();
        for item in self
            .report
            .one_or_more(field, "`member`, `group`, `community` or `key`")
        {
            let one = match self.report.choice(item, files::DATA_PER) {
                Some("member") => Per::Member,
                Some("group") => Per::Group,
                Some("key") => Per::Key,
                Some(_) => Per::Community,
                None => continue,
            };
            if !per.contains(&one) {
                per.push(one);
            }
        }
        if per.len() > 2 {
            let message = "a value belongs to at most two of member, group and key";
            let problem = Diagnostic::error(Code::OutOfRange, field.spot(), message);
            self.report.push(problem.label("three"));
            per.truncate(2);
        }
        per
    }

    fn only_for(&mut self, field: Field<'_>, right: bool, what: &str) -> bool {
        if !right {
            let spot = field.key.map_or(field.spot(), |key| key.spot);
            let message = format!("{} is for {what}", field.name());
            self.report
                .push(Diagnostic::error(Code::KeysTogether, spot, message));
        }
        right
    }

    fn record_fields(&mut self, map: Fields<'_>, kind: DataKind) -> Vec<(Text, Type)> {
        let Some(field) = map.get("fields") else {
            if kind == DataKind::Record {
                self.report.need(
                    map,
                    "fields",
                    "a record has fields: `fields: { seat: number }`",
                );
            }
            return Vec::new();
        };
        if !self.only_for(field, kind == DataKind::Record, "records") {
            return Vec::new();
        }
        let map = self.report.map(field, "a map of names to types");
        let mut fields = Vec::new();
        for field in map.iter().flat_map(Fields::iter) {
            let Some(key) = field.key else { continue };
            let word = self.report.choice(field, &FIELD_TYPES);
            if self.check_name(key.spot, &key.text)
                && let Some(word) = word
            {
                fields.push((key.text.clone(), field_type(word)));
            }
        }
        fields
    }

    fn starts_as(&mut self, field: Field<'_>, kind: DataKind) -> Option<Value> {
        let field = self.resolved(field)?;
        let text = field.as_text();
        let value = match kind {
            DataKind::Counter | DataKind::Number => text.and_then(number),
            DataKind::Text => text.map(Value::text),
            DataKind::List | DataKind::Set => field.node.items().map(|_| plain_value(field.node)),
            DataKind::Record => field.node.entries().map(|_| plain_value(field.node)),
            DataKind::Streak => None,
        };
        if value.is_none() {
            let wanted = match kind {
                DataKind::Counter | DataKind::Number => "a number",
                DataKind::Text => "text",
                DataKind::List | DataKind::Set => "a list",
                DataKind::Record => "a map",
                DataKind::Streak => "nothing: a streak begins empty",
            };
            let message = format!("{} takes {wanted}", field.name());
            self.report
                .push(Diagnostic::error(Code::WrongType, field.spot(), message));
        }
        value
    }
}

fn kinds(word: &str) -> Option<(DataKind, script::DataKind)> {
    Some(match word {
        "counter" => (DataKind::Counter, script::DataKind::Counter),
        "streak" => (DataKind::Streak, script::DataKind::Streak),
        "text" => (DataKind::Text, script::DataKind::Text),
        "number" => (DataKind::Number, script::DataKind::Number),
        "list" => (DataKind::List, script::DataKind::List),
        "set" => (DataKind::Set, script::DataKind::Set),
        "record" => (DataKind::Record, script::DataKind::Record),
        _ => return None,
    })
}

fn field_type(word: &str) -> Type {
    match word {
        "number" => Type::Number,
        "bool" => Type::Bool,
        "time" => Type::Time,
        "duration" => Type::Duration,
        "member" => Type::Member,
        "group" => Type::Group,
        "list" => Type::list(Type::Any),
        _ => Type::Text,
    }
}

/// What a value is before anything was stored.
fn empty(kind: DataKind, fields: &[(Text, Type)]) -> Value {
    match kind {
        DataKind::Counter | DataKind::Number => Value::Int(0),
        DataKind::Text => Value::text(""),
        DataKind::List | DataKind::Set => Value::List(Vec::new()),
        DataKind::Streak => Value::Nothing,
        DataKind::Record => {
            let fields = fields.iter().map(|(name, ty)| {
                let value = match ty {
                    Type::Number => Value::Int(0),
                    Type::Bool => Value::Bool(false),
                    Type::Text => Value::text(""),
                    Type::List(_) => Value::List(Vec::new()),
                    Type::Duration => Value::Span(crate::model::Span::default()),
                    Type::Nothing
                    | Type::Any
                    | Type::Time
                    | Type::Member
                    | Type::Group
                    | Type::Record(_)
                    | Type::Maybe(_) => Value::Nothing,
                };
                (name.clone(), value)
            });
            Value::Record(fields.collect::<Record>())
        }
    }
}
