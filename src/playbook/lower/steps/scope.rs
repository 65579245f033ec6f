//! Names that are given inside a part of the steps: after it they are certain only if every way
//! through gave them.

use super::super::context::Lowering;
use crate::playbook::grammar;
use crate::playbook::rule::Act;
use crate::playbook::source::Spot;
use crate::script::{Entry, Expr, Names, Type};

/// The names at the end of each way through a step.
pub(super) struct Ways {
    before: Names,
    ends: Vec<Names>,
}

impl Ways {
    /// Before the first way.
    pub(super) fn new(lowering: &Lowering<'_>) -> Self {
        Self {
            before: lowering.names.clone(),
            ends: Vec::new(),
        }
    }

    /// The end of a way; the next one begins with the names from before.
    pub(super) fn end(&mut self, lowering: &mut Lowering<'_>) {
        let after = std::mem::replace(&mut lowering.names, self.before.clone());
        self.ends.push(after);
    }

    /// The end of a way that was this block. One that ends the run leads nowhere.
    pub(super) fn over(&mut self, lowering: &mut Lowering<'_>, block: u32) {
        let last = lowering
            .blocks
            .get(block as usize)
            .and_then(|block| block.steps.last());
        let stops = last
            .is_some_and(|step| matches!(step.act, Act::Stop { .. }) && step.condition.is_empty());
        if stops {
            lowering.names = self.before.clone();
        } else {
            self.end(lowering);
        }
    }

    /// After the last way. `all`: one of them is always taken.
    pub(super) fn close(self, lowering: &mut Lowering<'_>, all: bool) {
        let Self { before, mut ends } = self;
        lowering.names = before.clone();
        if !all {
            ends.push(before);
        }
        let mut names: Vec<&str> = Vec::new();
        for name in ends.iter().flat_map(Names::iter) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        for name in names {
            let given: Vec<Option<&Type>> = ends.iter().map(|end| value(end, name)).collect();
            let types = given.iter().copied().flatten().cloned();
            let Some(ty) = types.reduce(|one, other| one.union(&other)) else {
                continue;
            };
            let everywhere = given.iter().all(Option::is_some);
            let ty = if everywhere { ty } else { ty.maybe() };
            if value(&lowering.names, name) != Some(&ty) {
                lowering.add_name(name, ty);
            }
        }
    }
}

fn value<'n>(names: &'n Names, name: &str) -> Option<&'n Type> {
    match names.get(name)? {
        Entry::Value(ty) => Some(ty),
        Entry::Root(..) | Entry::Data(_) => None,
    }
}

impl Lowering<'_> {
    /// Runs `f` for steps that some runs do not reach; the names that they give may be empty
    /// afterwards.
    pub(super) fn perhaps<T>(&mut self, f: impl FnOnce(&mut Self) -> (T, Option<u32>)) -> T {
        let mut ways = Ways::new(self);
        let (answer, block) = f(self);
        match block {
            Some(block) => ways.over(self, block),
            None => ways.end(self),
        }
        ways.close(self, false);
        answer
    }

    /// Runs `f` for steps under these conditions, some of which may ask `group.can("…")`.
    pub(super) fn asking<T>(&mut self, conditions: &[Expr], f: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.able.len();
        for condition in conditions {
            self.able.extend(condition.asked_abilities());
        }
        let answer = f(self);
        self.able.truncate(before);
        answer
    }

    /// Remembers a step for the checks.
    pub(super) fn meet(&mut self, step: &'static grammar::Step, spot: Spot) {
        let asked = self.able.iter().any(|able| **able == *step.name);
        self.met.push(super::Met { step, spot, asked });
    }
}
