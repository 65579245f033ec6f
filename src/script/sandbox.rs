//! The engine that runs scripts: every limit is set, because Rhai's defaults are unlimited and
//! differ between builds; what reads a clock, sleeps or opens files is not there at all.

use super::facts::Facts;
use super::host::{self, Host};
use crate::model::limits;
use rhai::packages::{
    ArithmeticPackage, BasicArrayPackage, BasicIteratorPackage, BasicMapPackage, BasicMathPackage,
    BasicStringPackage, LogicPackage, MoreStringPackage, Package,
};
use rhai::{AST, CallFnOptions, Dynamic, Engine, EvalAltResult, OptimizationLevel, Scope};
use std::cell::RefCell;
use std::sync::Arc;

/// Depths of calls, expressions and the numbers of things in one script. Expressions 32/16 refuse
/// ordinary scripts.
const CALLS_MAX: usize = 16;
const DEPTH_MAX: (usize, usize) = (64, 32);
const VARIABLES_MAX: usize = 64;
const FUNCTIONS_MAX: usize = 64;
const MODULES_MAX: usize = 8;

thread_local! {
    /// What the call on this thread has printed: Rhai's `print` knows no call.
    static PRINTED: RefCell<Printed> = const { RefCell::new(Printed { lines: Vec::new(), bytes: 0 }) };
}

#[derive(Default)]
struct Printed {
    lines: Vec<String>,
    bytes: usize,
}

impl Printed {
    fn push(&mut self, line: &str) {
        let room = limits::SCRIPT_PRINT_BYTES_MAX.saturating_sub(self.bytes);
        let line = super::functions::cut(line, room);
        // An empty line costs too, so that their number is bounded.
        self.bytes = self.bytes.saturating_add(line.len().max(1));
        if room > 0 {
            self.lines.push(line.to_owned());
        }
    }
}

/// A script engine without modules.
pub(super) fn engine() -> Engine {
    let mut engine = Engine::new_raw();
    engine
        .register_global_module(ArithmeticPackage::new().as_shared_module())
        .register_global_module(LogicPackage::new().as_shared_module())
        .register_global_module(BasicStringPackage::new().as_shared_module())
        .register_global_module(MoreStringPackage::new().as_shared_module())
        .register_global_module(BasicArrayPackage::new().as_shared_module())
        .register_global_module(BasicMapPackage::new().as_shared_module())
        .register_global_module(BasicMathPackage::new().as_shared_module())
        .register_global_module(BasicIteratorPackage::new().as_shared_module());
    engine
        .set_optimization_level(OptimizationLevel::None)
        .set_strict_variables(true)
        .set_fail_on_invalid_map_property(true)
        .set_max_operations(limits::SCRIPT_OPERATIONS_MAX)
        .set_max_call_levels(CALLS_MAX)
        .set_max_expr_depths(DEPTH_MAX.0, DEPTH_MAX.1)
        .set_max_variables(VARIABLES_MAX)
        .set_max_functions(FUNCTIONS_MAX)
        .set_max_modules(MODULES_MAX)
        .set_max_string_size(limits::TEXT_BYTES_MAX)
        .set_max_array_size(limits::SCRIPT_ITEMS_MAX)
        .set_max_map_size(limits::SCRIPT_ITEMS_MAX)
        .disable_symbol("eval")
        .on_print(|line| PRINTED.with_borrow_mut(|printed| printed.push(line)))
        .on_debug(|line, _, _| PRINTED.with_borrow_mut(|printed| printed.push(line)));
    host::register(&mut engine);
    engine
}

/// Calls a function and gives what it printed beside its result.
pub(super) fn call(
    engine: &Engine,
    ast: &AST,
    function: &str,
    args: Vec<Dynamic>,
    facts: Arc<dyn Facts + Send + Sync>,
) -> (Result<Dynamic, Box<EvalAltResult>>, Vec<String>) {
    PRINTED.take();
    let options = CallFnOptions::new()
        .eval_ast(true)
        .with_tag(Host::new(facts));
    let result =
        engine.call_fn_with_options::<Dynamic>(options, &mut Scope::new(), ast, function, args);
    (result, PRINTED.take().lines)
}
