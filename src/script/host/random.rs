//! Chance for scripts: every draw comes from the facts, so a replay draws the same.

use super::{Answer, add, fault, host};
use crate::script::functions::below;
use rhai::{Array, Dynamic, Module, NativeCallContext};

pub(super) fn module() -> Module {
    let mut module = Module::new();
    add!(module, "pick", |context: NativeCallContext<'_>,
                          items: Array|
     -> Answer<Dynamic> {
        let host = host(&context)?;
        let at = below(host.facts().draw(), items.len());
        let picked = at.and_then(|at| items.get(at)).cloned();
        picked.ok_or_else(|| fault("there is nothing to pick from"))
    });
    add!(module, "shuffle", |context: NativeCallContext<'_>,
                             items: Array|
     -> Answer<Array> {
        let host = host(&context)?;
        host.spend(items.len())?;
        let mut items = items;
        for last in (1..items.len()).rev() {
            let at = below(host.facts().draw(), last + 1).unwrap_or(last);
            items.swap(at, last);
        }
        Ok(items)
    });
    add!(module, "rand_int", |context: NativeCallContext<'_>,
                              from: i64,
                              to: i64|
     -> Answer<i64> {
        let host = host(&context)?;
        let width = to.checked_sub(from).and_then(|width| width.checked_add(1));
        let width = width.and_then(|width| usize::try_from(width).ok());
        let at = width.and_then(|width| below(host.facts().draw(), width));
        let at = at.and_then(|at| i64::try_from(at).ok());
        at.and_then(|at| from.checked_add(at))
            .ok_or_else(|| fault(format!("there is no number from {from} to {to}")))
    });
    module
}
