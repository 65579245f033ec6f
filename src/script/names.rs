//! What an expression may mention: the caller lists the names in scope with their types.

use super::schema::{self, Root};
use super::types::{Fields, Type};
use crate::model::Text;
use std::collections::BTreeMap;

/// The names in scope of one expression, in the order in which messages list them.
#[derive(Clone, Debug, Default)]
pub struct Names {
    about: Text,
    entries: Vec<(Text, Entry)>,
    scripts: BTreeMap<Text, Vec<(Text, usize)>>,
}

/// What a name stands for.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A value that [`super::Facts::name`] gives: `member`, `group`, an `as:` result, a loop name.
    Value(Type),
    /// Something whose fields [`super::Facts::field`] gives: `event`, `inputs`, `vars`, …
    Root(Root, Fields),
    /// Declared data, read through [`super::Facts::data`].
    Data(Declared),
}

/// One entry of a playbook's `data:`.
#[derive(Clone, Debug)]
pub struct Declared {
    pub kind: DataKind,
    /// One or two of them; empty counts as per community.
    pub per: Vec<Per>,
    /// Fields of a `record`; empty for the other kinds.
    pub fields: Fields,
}

/// The kinds of declared data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataKind {
    Counter,
    Streak,
    Text,
    Number,
    List,
    Set,
    Record,
}

/// What a value of declared data belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Per {
    Member,
    Group,
    Community,
    Key,
}

impl Declared {
    /// The type of one value of it.
    pub fn value(&self) -> Type {
        match self.kind {
            DataKind::Counter | DataKind::Number => Type::Number,
            DataKind::Text => Type::Text,
            DataKind::List | DataKind::Set => Type::list(Type::Any),
            DataKind::Record => Type::Record(self.fields.clone()),
            DataKind::Streak => schema::record_type(schema::STREAK),
        }
    }

    /// The type of one of its `rows`.
    pub fn row(&self) -> Type {
        let keys = self.per.iter().filter_map(|per| match per {
            Per::Member => Some(("member", Type::Member)),
            Per::Group => Some(("group", Type::Group)),
            Per::Key => Some(("key", Type::Any)),
            Per::Community => None,
        });
        Type::record(keys.chain([("value", self.value())]))
    }
}

impl Names {
    /// No names yet. `about` opens the note under an unknown name: ``a rule started by `join` ``.
    pub fn new(about: impl Into<Text>) -> Self {
        Self {
            about: about.into(),
            ..Self::default()
        }
    }

    /// Adds a name, or gives it another meaning (a loop name hides what it had before).
    pub fn insert(&mut self, name: impl Into<Text>, entry: Entry) {
        let name = name.into();
        if let Some((_, old)) = self.entries.iter_mut().find(|(known, _)| *known == name) {
            *old = entry;
        } else {
            self.entries.push((name, entry));
        }
    }

    /// Takes a name away.
    pub fn remove(&mut self, name: &str) {
        self.entries.retain(|(known, _)| &**known != name);
    }

    /// [`Names::insert`] of a plain value, for chains.
    pub fn with(mut self, name: impl Into<Text>, ty: Type) -> Self {
        self.insert(name, Entry::Value(ty));
        self
    }

    /// [`Names::insert`] of a root, for chains.
    pub fn with_root(mut self, name: impl Into<Text>, root: Root, fields: Fields) -> Self {
        self.insert(name, Entry::Root(root, fields));
        self
    }

    /// [`Names::insert`] of declared data, for chains.
    pub fn with_data(mut self, name: impl Into<Text>, data: Declared) -> Self {
        self.insert(name, Entry::Data(data));
        self
    }

    /// Makes a script's functions callable as `module::function`, by name and argument count.
    pub fn add_script(&mut self, module: impl Into<Text>, functions: Vec<(Text, usize)>) {
        self.scripts.insert(module.into(), functions);
    }

    /// Adds the declared data of another scope.
    pub fn data_of(&mut self, other: &Self) {
        for (name, entry) in &other.entries {
            if matches!(entry, Entry::Data(_)) {
                self.insert(name.clone(), entry.clone());
            }
        }
    }

    /// What the name stands for.
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.entries
            .iter()
            .find_map(|(known, entry)| (&**known == name).then_some(entry))
    }

    /// The names, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(name, _)| &**name)
    }

    pub(crate) fn script(&self, module: &str) -> Option<&[(Text, usize)]> {
        self.scripts.get(module).map(Vec::as_slice)
    }

    pub(crate) fn scripts(&self) -> impl Iterator<Item = &str> {
        self.scripts.keys().map(|name| &**name)
    }

    /// The note under an unknown name.
    pub(crate) fn note(&self) -> String {
        // `run` is of use in titles and lists only; who looks for a name means something else.
        let entries = self.entries.iter();
        let names = entries
            .filter(|(_, entry)| !matches!(entry, Entry::Root(Root::Run, _)))
            .map(|(name, _)| &**name);
        let names = names.collect::<Vec<_>>().join(", ");
        if self.about.is_empty() {
            format!("known here: {names}")
        } else {
            format!("{} knows: {names}", self.about)
        }
    }
}
