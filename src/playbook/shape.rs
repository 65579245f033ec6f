//! Reading a tree by keys: what is there, what is missing, what was misspelt. All files that are
//! written by hand (playbooks, uses, tests, steward.yaml) are read through this.

use super::codes::Code;
use super::diagnostic::Diagnostic;
use super::source::{SourceFile, Spot};
use super::suggest::suggest;
use super::yaml::{self, Key, Node, NodeKind};

/// Problems of one file as they are found.
pub struct Report<'a> {
    pub file: &'a SourceFile,
    pub problems: Vec<Diagnostic>,
}

/// A value with the key it stands under, if it is not an item of a list.
#[derive(Clone, Copy, Debug)]
pub struct Field<'n> {
    pub key: Option<&'n Key>,
    pub node: &'n Node,
}

/// The entries of a map.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'n> {
    /// Where to say that something is missing: the key the map stands under, or its first one.
    pub spot: Spot,
    pub entries: &'n [(Key, Node)],
}

impl<'n> Field<'n> {
    /// A value without a key.
    pub const fn item(node: &'n Node) -> Self {
        Self { key: None, node }
    }

    /// Its key in backticks, or "this".
    pub fn name(&self) -> String {
        self.key
            .map_or_else(|| "this".to_owned(), |key| format!("`{}`", key.text))
    }

    /// Where the value stands.
    pub const fn spot(&self) -> Spot {
        self.node.spot
    }

    /// Its text as written, when it is a scalar.
    pub fn as_text(&self) -> Option<&'n str> {
        self.node.text()
    }
}

impl<'n> Fields<'n> {
    /// The field of that key, if it is there.
    pub fn get(&self, key: &str) -> Option<Field<'n>> {
        self.iter()
            .find(|field| field.key.is_some_and(|written| &*written.text == key))
    }

    /// All fields in the order written.
    pub fn iter(&self) -> impl Iterator<Item = Field<'n>> + use<'n> {
        self.entries.iter().map(|(key, node)| Field {
            key: Some(key),
            node,
        })
    }
}

impl<'a> Report<'a> {
    /// Nothing found yet.
    pub const fn new(file: &'a SourceFile) -> Self {
        Self {
            file,
            problems: Vec::new(),
        }
    }

    /// Notes a problem.
    pub fn push(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }

    /// Notes that a value is not what its key takes; silent about what was already reported.
    /// `wanted` reads after "takes": "a list of steps".
    pub fn wrong_shape(&mut self, field: Field<'_>, wanted: &str) {
        let Field { key, node } = field;
        let problem = match node.kind {
            NodeKind::Broken => return,
            NodeKind::Empty => yaml::empty_value(self.file, key, node),
            NodeKind::Scalar(_) | NodeKind::List(_) | NodeKind::Map(_) => {
                let message = format!("{} takes {wanted}", field.name());
                Diagnostic::error(Code::WrongShape, node.spot, message)
                    .label(format!("this is {}", node.shape()))
            }
        };
        self.push(problem);
    }

    /// The entries of a map; a problem if it is none.
    pub fn map<'n>(&mut self, field: Field<'n>, wanted: &str) -> Option<Fields<'n>> {
        let Some(entries) = field.node.entries() else {
            match yaml::not_a_map(self.file, field.node) {
                Some(problem) => self.push(problem),
                None => self.wrong_shape(field, wanted),
            }
            return None;
        };
        let own = entries.first().map_or(field.node.spot, |(key, _)| key.spot);
        Some(Fields {
            spot: field.key.map_or(own, |key| key.spot),
            entries,
        })
    }

    /// The items of a list; a problem if it is none.
    pub fn list<'n>(&mut self, field: Field<'n>, wanted: &str) -> Option<&'n [Node]> {
        let items = field.node.items();
        if items.is_none() {
            self.wrong_shape(field, wanted);
        }
        items
    }

    /// The items of a list, or the one thing that stands in its place.
    pub fn one_or_more<'n>(&mut self, field: Field<'n>, wanted: &str) -> Vec<Field<'n>> {
        match &field.node.kind {
            NodeKind::List(items) => items.iter().map(Field::item).collect(),
            NodeKind::Scalar(_) | NodeKind::Map(_) => vec![field],
            NodeKind::Empty | NodeKind::Broken => {
                self.wrong_shape(field, wanted);
                Vec::new()
            }
        }
    }

    /// The text of a scalar; a problem if it is none.
    pub fn text<'n>(&mut self, field: Field<'n>, wanted: &str) -> Option<&'n str> {
        let text = field.node.text();
        if text.is_none() {
            self.wrong_shape(field, wanted);
        }
        text
    }

    /// The field of a key that must be there.
    pub fn need<'n>(&mut self, fields: Fields<'n>, key: &str, why: &str) -> Option<Field<'n>> {
        let found = fields.get(key);
        if found.is_none() {
            let message = format!("`{key}` is missing");
            let problem = Diagnostic::error(Code::MissingKey, fields.spot, message)
                .label(format!("no `{key}` here"));
            self.push(if why.is_empty() {
                problem
            } else {
                problem.because(why)
            });
        }
        found
    }

    /// Every key must be one of `known`; those of `later` are for later versions, and those that
    /// start with `x-` are nobody's business.
    pub fn known(&mut self, fields: Fields<'_>, known: &[&str], later: &[&str]) {
        for (key, _) in fields.entries {
            let name = &*key.text;
            if known.contains(&name) || name.starts_with("x-") {
                continue;
            }
            let problem = if later.contains(&name) {
                not_yet(key.spot, name)
            } else {
                let free = known.iter().copied();
                let free = free.filter(|one| fields.get(one).is_none());
                unknown_key(key.spot, name, free, known)
            };
            self.push(problem);
        }
    }
}

/// A word that a later version brings.
pub fn not_yet(spot: Spot, name: &str) -> Diagnostic {
    let message = format!("`{name}` is not in this version yet");
    Diagnostic::error(Code::NotYet, spot, message).label("kept for a later version")
}

fn unknown_key<'k>(
    spot: Spot,
    name: &str,
    free: impl Iterator<Item = &'k str>,
    known: &[&str],
) -> Diagnostic {
    let problem = Diagnostic::error(Code::UnknownKey, spot, format!("unknown key `{name}`"));
    match suggest(name, free) {
        Some(better) => problem.label("no such key here").did_you_mean(Some(better)),
        None => problem
            .label("no such key here")
            .because(format!("keys here: {}", known.join(", "))),
    }
}
