//! `fx::…`: effect values. Each is a record whose field `fx` names the effect; the other fields
//! are the arguments by the names below, which are those of the YAML step where there is one.
//! A `decide` function returns a list of them; returning one is all that sends anything.

use super::Answer;
use super::value;
use rhai::{Dynamic, Engine, FuncRegistration, Map, Module};
use std::sync::Arc;

/// Functions, the effect's name and the fields of its record, in order of the arguments.
pub(crate) const EFFECTS: &[(&str, &str, &[&str])] = &[
    ("send", "send", &["to", "text"]),
    ("reply", "reply", &["text"]),
    ("dm", "dm", &["to", "text"]),
    ("react", "react", &["emoji"]),
    ("label", "label", &["member", "add"]),
    ("label", "label", &["member", "add", "expires"]),
    ("unlabel", "label", &["member", "drop"]),
    ("reward", "reward", &["member", "points", "reason"]),
    ("remove", "remove", &["member", "reason"]),
    ("signal", "signal", &["name", "data"]),
    ("start", "start", &["flow", "with"]),
    ("set", "set", &["data", "key", "value"]),
    ("add", "add", &["data", "key", "value"]),
];

pub(super) fn register(engine: &mut Engine) {
    let mut module = Module::new();
    for (function, effect, fields) in EFFECTS {
        let registration = FuncRegistration::new(*function);
        match fields {
            [one] => {
                let make = move |a: Dynamic| effect_of(effect, vec![(one, a)]);
                registration.set_into_module(&mut module, make);
            }
            [one, two] => {
                let make =
                    move |a: Dynamic, b: Dynamic| effect_of(effect, vec![(one, a), (two, b)]);
                registration.set_into_module(&mut module, make);
            }
            [one, two, three] => {
                let make = move |a: Dynamic, b: Dynamic, c: Dynamic| {
                    effect_of(effect, vec![(one, a), (two, b), (three, c)])
                };
                registration.set_into_module(&mut module, make);
            }
            _ => {}
        }
    }
    engine.register_static_module("fx", Arc::new(module));
}

fn effect_of(effect: &str, fields: Vec<(&&str, Dynamic)>) -> Answer<Map> {
    let mut map = Map::new();
    map.insert("fx".into(), effect.into());
    for (name, argument) in fields {
        // Measured here, so that the error points at the call and not at the end of the script.
        value(argument.clone())?;
        map.insert((*name).into(), argument);
    }
    Ok(map)
}
