//! What a script can reach: the facts of its step through own types and a few modules. Nothing
//! here writes; effects are values that the script returns.

pub(crate) mod convert;
mod data;
mod fx;
mod random;
mod text;
mod timing;
mod types;

pub(crate) use types::{Group, Instant, Length, Member, Mentions};

use super::facts::Facts;
use crate::model::{Text, Value, limits};
use regex::Regex;
use rhai::{Dynamic, Engine, EvalAltResult, NativeCallContext, Position};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// What a function of ours gives back.
pub(crate) type Answer<T> = Result<T, Box<EvalAltResult>>;

/// The surroundings of one call, carried by Rhai as the tag of the call.
#[derive(Clone)]
pub(crate) struct Host(Arc<Inner>);

struct Inner {
    facts: Arc<dyn Facts + Send + Sync>,
    /// Steps our own functions took, counted by the size of what they looked at.
    work: AtomicU64,
    patterns: Mutex<BTreeMap<Text, Regex>>,
}

impl Host {
    pub(crate) fn new(facts: Arc<dyn Facts + Send + Sync>) -> Self {
        Self(Arc::new(Inner {
            facts,
            work: AtomicU64::new(0),
            patterns: Mutex::default(),
        }))
    }

    pub(crate) fn facts(&self) -> &dyn Facts {
        &*self.0.facts
    }

    /// Counts work that Rhai's own counter does not see.
    fn spend(&self, steps: usize) -> Answer<()> {
        let steps = u64::try_from(steps).unwrap_or(u64::MAX);
        let spent = self.0.work.fetch_add(steps, Ordering::Relaxed);
        if spent.saturating_add(steps) > limits::SCRIPT_WORK_MAX {
            return Err(EvalAltResult::ErrorTooManyOperations(Position::NONE).into());
        }
        Ok(())
    }

    /// A pattern, compiled once per call.
    fn pattern(&self, pattern: &str) -> Answer<Regex> {
        let Ok(mut known) = self.0.patterns.lock() else {
            return Err(fault("patterns are not at hand"));
        };
        if let Some(regex) = known.get(pattern) {
            return Ok(regex.clone());
        }
        if known.len() >= limits::SCRIPT_PATTERNS_MAX {
            return Err(fault("too many different patterns in one call"));
        }
        let regex = super::functions::regex(pattern).map_err(fault)?;
        known.insert(pattern.into(), regex.clone());
        Ok(regex)
    }
}

/// The surroundings of the running call.
fn host(context: &NativeCallContext<'_>) -> Answer<Host> {
    context
        .tag()
        .and_then(|tag| tag.clone().try_cast::<Host>())
        .ok_or_else(|| fault("not available while a script loads"))
}

/// An error in plain words.
#[expect(
    clippy::unnecessary_box_returns,
    reason = "Rhai's functions answer with boxed errors"
)]
fn fault(message: impl Into<String>) -> Box<EvalAltResult> {
    let message: String = message.into();
    EvalAltResult::ErrorRuntime(Dynamic::from(message), Position::NONE).into()
}

/// A script's value as ours; what cannot be one is an error in the script's place.
fn value(dynamic: Dynamic) -> Answer<Value> {
    convert::to_value(dynamic).map_err(fault)
}

/// Gives the engine everything in this folder.
pub(crate) fn register(engine: &mut Engine) {
    types::register(engine);
    fx::register(engine);
    data::register(engine);
    for (name, module) in [
        ("time", timing::module()),
        ("random", random::module()),
        ("text", text::module()),
    ] {
        let module = Arc::new(module);
        engine.register_global_module(Arc::clone(&module));
        engine.register_static_module(name, module);
    }
}

/// Puts a function into a module.
macro_rules! add {
    ($module:expr, $name:literal, $function:expr) => {
        rhai::FuncRegistration::new($name).set_into_module(&mut $module, $function);
    };
}
use add;
