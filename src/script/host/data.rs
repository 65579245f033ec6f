//! `data::…`: reads of the step's facts.

use super::{Answer, Group, Member, add, convert, host, value};
use crate::model::{Value, limits};
use crate::script::facts::DataAccess;
use crate::script::schema::{GroupField, Query};
use rhai::{Dynamic, Engine, Module, NativeCallContext};
use std::sync::Arc;

pub(super) fn register(engine: &mut Engine) {
    let mut module = Module::new();
    add!(module, "get", |context: NativeCallContext<'_>,
                         name: &str,
                         key: Dynamic|
     -> Answer<Dynamic> {
        let host = host(&context)?;
        let key = value(key)?;
        let found = host
            .facts()
            .data(name, DataAccess::Of(std::slice::from_ref(&key)));
        Ok(convert::to_dynamic(&found))
    });
    add!(
        module,
        "count",
        |context: NativeCallContext<'_>, name: &str, window: Dynamic| {
            ask(&context, Query::Count, &[name.into(), window_of(window)?])
        }
    );
    add!(
        module,
        "has_label",
        |context: NativeCallContext<'_>, who: Member, label: &str| {
            ask(
                &context,
                Query::HasLabel,
                &[Value::Member(who.0), label.into()],
            )
        }
    );
    add!(module, "top", |context: NativeCallContext<'_>,
                         name: &str,
                         n: i64| {
        ask(&context, Query::Top, &[name.into(), n.into()])
    });
    add!(module, "members", |context: NativeCallContext<'_>,
                             which: Group|
     -> Answer<Dynamic> {
        let host = host(&context)?;
        bounded(&context, host.facts().group(which.0, GroupField::Members))
    });
    add!(
        module,
        "members",
        |context: NativeCallContext<'_>, label: &str| {
            ask(&context, Query::Members, &[label.into()])
        }
    );
    engine.register_static_module("data", Arc::new(module));
}

/// A window: a duration, a time or a word; a text that spells a duration is one.
fn window_of(window: Dynamic) -> Answer<Value> {
    let window = value(window)?;
    Ok(crate::script::functions::span_of(&window).map_or(window, Value::Span))
}

fn ask(context: &NativeCallContext<'_>, query: Query, args: &[Value]) -> Answer<Dynamic> {
    let host = host(context)?;
    bounded(context, host.facts().ask(query, args))
}

/// Long lists are cut to what a script may hold; making them is counted.
fn bounded(context: &NativeCallContext<'_>, mut found: Value) -> Answer<Dynamic> {
    if let Value::List(items) = &mut found {
        items.truncate(limits::SCRIPT_ITEMS_MAX);
        host(context)?.spend(items.len())?;
    }
    Ok(convert::to_dynamic(&found))
}
