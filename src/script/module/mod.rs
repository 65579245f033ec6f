//! Scripts: compiled as a whole at load, every call in them checked, run by name.

mod check;
mod error;

pub use error::Error;

use super::facts::Facts;
use super::finding::Finding;
use super::host::convert;
use super::sandbox;
use crate::model::{Text, Value, limits};
use check::KNOWN;
use rhai::module_resolvers::StaticModuleResolver;
use rhai::{AST, Engine, FnAccess, Module as Linked, Position, Scope};
use std::collections::BTreeMap;
use std::sync::Arc;

/// All scripts of a rulebook.
pub struct Scripts {
    engine: Engine,
    modules: BTreeMap<Text, Module>,
}

/// One compiled script.
pub struct Module {
    ast: AST,
    functions: Vec<(Text, usize)>,
    header: Vec<(Text, Text)>,
}

impl std::fmt::Debug for Scripts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.modules.keys()).finish()
    }
}

impl Default for Scripts {
    /// No scripts.
    fn default() -> Self {
        Self::compile(&BTreeMap::new()).0
    }
}

impl Scripts {
    /// Compiles scripts, by module name. A script with a finding is left out; the others stand.
    /// Scripts may `import` one another by literal name; an import must not lead back.
    pub fn compile(sources: &BTreeMap<Text, Text>) -> (Self, Vec<(Text, Finding)>) {
        let mut engine = sandbox::engine();
        let mut findings = Vec::new();
        let mut parsed = BTreeMap::new();
        for (name, source) in sources {
            match parse(&engine, source) {
                Ok(ast) => {
                    parsed.insert(name.clone(), ast);
                }
                Err(finding) => findings.push((name.clone(), *finding)),
            }
        }
        let public: BTreeMap<Text, Vec<(Text, usize)>> = parsed
            .iter()
            .map(|(name, ast)| (name.clone(), functions(ast)))
            .collect();
        for (name, ast) in &parsed {
            let source = sources.get(name).map_or("", |source| source);
            let found = check::check(source, ast, &KNOWN, &public);
            findings.extend(found.into_iter().map(|finding| (name.clone(), finding)));
        }
        parsed.retain(|name, _| !findings.iter().any(|(bad, _)| bad == name));
        findings.extend(link(&mut engine, &parsed, sources));
        let modules = parsed
            .into_iter()
            .filter(|(name, _)| !findings.iter().any(|(bad, _)| bad == name))
            .map(|(name, ast)| {
                let source = sources.get(&name).map_or("", |source| source);
                let module = Module {
                    functions: functions(&ast),
                    header: header(source),
                    ast,
                };
                (name, module)
            })
            .collect();
        (Self { engine, modules }, findings)
    }

    /// A script by name.
    pub fn get(&self, module: &str) -> Option<&Module> {
        self.modules.get(module)
    }

    /// The scripts, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&Text, &Module)> {
        self.modules.iter()
    }

    /// Calls `module::function(args)`. Gives its value and what it printed. The facts are shared
    /// for the time of the call only: afterwards nothing of the script holds them.
    pub fn call(
        &self,
        module: &str,
        function: &str,
        args: &[Value],
        facts: Arc<dyn Facts + Send + Sync>,
    ) -> Result<(Value, Vec<String>), Box<Error>> {
        let Some(found) = self.modules.get(module) else {
            let message = format!("there is no script `{module}`");
            return Err(Box::new(Error::unknown(function, message)));
        };
        let given = args.iter().map(convert::to_dynamic).collect();
        let (result, printed) = sandbox::call(&self.engine, &found.ast, function, given, facts);
        let value = match result {
            Ok(value) => {
                convert::to_value(value).map_err(|message| Error::too_large(function, &message))
            }
            Err(error) => Err(Error::of(function, *error, args)),
        };
        match value {
            Ok(value) => Ok((value, printed)),
            Err(error) => Err(Box::new(error.with_prints(printed))),
        }
    }
}

impl Module {
    /// Its public functions with their numbers of arguments, for [`super::Names::add_script`].
    pub fn functions(&self) -> &[(Text, usize)] {
        &self.functions
    }

    /// True when it has that function with that many arguments.
    pub fn has(&self, function: &str, arguments: usize) -> bool {
        let mut functions = self.functions.iter();
        functions.any(|(name, count)| **name == *function && *count == arguments)
    }

    /// The pairs of its `//! key: value` header: what a whole-rule script says of `when`, `per`, ….
    pub fn header(&self) -> &[(Text, Text)] {
        &self.header
    }
}

fn parse(engine: &Engine, source: &str) -> Result<AST, Box<Finding>> {
    if source.len() > limits::SCRIPT_BYTES_MAX {
        let message = format!("a script holds at most {} bytes", limits::SCRIPT_BYTES_MAX);
        return Err(Box::new(Finding::new("S0407", 0..0, message)));
    }
    let parsed = engine.compile(source);
    parsed.map_err(|error| Box::new(check::unreadable(source, &error)))
}

fn functions(ast: &AST) -> Vec<(Text, usize)> {
    let functions = ast.iter_functions();
    let mut functions: Vec<(Text, usize)> = functions
        .filter(|function| matches!(function.access, FnAccess::Public))
        .filter(|function| !function.name.starts_with("anon$"))
        .map(|function| (function.name.into(), function.params.len()))
        .collect();
    functions.sort();
    functions
}

fn header(source: &str) -> Vec<(Text, Text)> {
    let lines = source
        .lines()
        .map_while(|line| line.trim().strip_prefix("//!"));
    lines
        .filter_map(|line| line.split_once(':'))
        .map(|(key, value)| (key.trim().into(), value.trim().into()))
        .collect()
}

/// Gives the engine the scripts that others import, each after those it imports itself.
fn link(
    engine: &mut Engine,
    parsed: &BTreeMap<Text, AST>,
    sources: &BTreeMap<Text, Text>,
) -> Vec<(Text, Finding)> {
    let mut findings = Vec::new();
    let mut done: Vec<&Text> = Vec::new();
    let mut resolver = StaticModuleResolver::new();
    engine.set_module_resolver(StaticModuleResolver::new());
    let mut waiting: Vec<(&Text, Vec<(String, Position)>)> = parsed
        .iter()
        .map(|(name, ast)| (name, check::imports(ast)))
        .collect();
    while !waiting.is_empty() {
        let ready = |needs: &[(String, Position)]| {
            needs
                .iter()
                .all(|(need, _)| done.iter().any(|name| ***name == *need.as_str()))
        };
        let Some(at) = waiting.iter().position(|(_, needs)| ready(needs)) else {
            let message = "its imports lead back to it, or to a script that cannot be used";
            for (name, needs) in waiting {
                let source = sources.get(name).map_or("", |source| source);
                let at = needs.first().map_or(Position::NONE, |(_, at)| *at);
                let finding = Finding::new("S0701", check::word_at(source, at), message);
                findings.push((name.clone(), finding));
            }
            return findings;
        };
        let (name, _) = waiting.swap_remove(at);
        let linked = parsed
            .get(name)
            .map(|ast| Linked::eval_ast_as_new(Scope::new(), ast, engine));
        match linked {
            Some(Ok(module)) => {
                resolver.insert(name.to_string(), module);
                engine.set_module_resolver(resolver.clone());
                done.push(name);
            }
            Some(Err(error)) => {
                let error = Error::of("", *error, &[]);
                let finding = Finding::new("S0701", 0..0, error.message);
                findings.push((name.clone(), finding));
            }
            None => {}
        }
    }
    findings
}
