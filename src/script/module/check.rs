//! Every call in a script, checked by name and number of arguments. Rhai itself finds a misspelt
//! function only when the line runs.

use crate::model::Text;
use crate::script::finding::Finding;
use crate::script::sandbox;
use rhai::{AST, ASTNode, Engine, Expr, FnCallExpr, ParseError, ParseErrorType, Position, Stmt};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::LazyLock;

/// Functions by name, with the numbers of arguments they take.
type Functions = BTreeMap<String, BTreeSet<usize>>;

/// What every script can call.
pub(super) struct Known {
    global: Functions,
    modules: BTreeMap<String, Functions>,
}

/// The part of Rhai's metadata that matters here.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata {
    functions: Vec<Row>,
    modules: BTreeMap<String, Metadata>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    name: String,
    num_params: usize,
}

/// What Rhai handles itself.
const KEYWORDS: &[(&str, usize)] = &[
    ("Fn", 1),
    ("is_def_var", 1),
    ("is_def_fn", 2),
    ("type_of", 1),
    ("print", 1),
    ("debug", 1),
    ("contains", 2),
];
/// Methods of function pointers take any number of arguments.
const VARIADIC: &[&str] = &["call", "curry"];

/// Every engine of ours knows the same.
pub(super) static KNOWN: LazyLock<Known> = LazyLock::new(|| Known::of(&sandbox::engine()));

impl Known {
    fn of(engine: &Engine) -> Self {
        let json = engine.gen_fn_metadata_to_json(true).unwrap_or_default();
        let metadata: Metadata = serde_json::from_str(&json).unwrap_or_default();
        let mut global = table(metadata.functions);
        for (name, count) in KEYWORDS {
            global.entry((*name).to_owned()).or_default().insert(*count);
        }
        let modules = metadata.modules.into_iter();
        Self {
            global,
            modules: modules
                .map(|(name, inner)| (name, table(inner.functions)))
                .collect(),
        }
    }
}

fn table(rows: Vec<Row>) -> Functions {
    let mut functions = Functions::new();
    for row in rows {
        functions
            .entry(row.name)
            .or_default()
            .insert(row.num_params);
    }
    functions
}

/// The findings about one script's calls.
pub(super) fn check(
    source: &str,
    ast: &AST,
    known: &Known,
    scripts: &BTreeMap<Text, Vec<(Text, usize)>>,
) -> Vec<Finding> {
    let mut own = Functions::new();
    for function in ast.iter_functions() {
        let counts = own.entry(function.name.to_owned()).or_default();
        counts.insert(function.params.len());
    }
    let mut check = Check {
        source,
        known,
        own,
        imported: BTreeMap::new(),
        findings: Vec::new(),
    };
    ast.walk(&mut |path| {
        if let Some(ASTNode::Stmt(Stmt::Import(import, at))) = path.last() {
            check.import(&import.0, &import.1.name, *at, scripts);
        }
        true
    });
    ast.walk(&mut |path| {
        match path.last() {
            Some(ASTNode::Expr(Expr::FnCall(call, at)) | ASTNode::Stmt(Stmt::FnCall(call, at))) => {
                check.call(call, *at, false);
            }
            Some(ASTNode::Expr(Expr::MethodCall(call, at))) => check.call(call, *at, true),
            _ => {}
        }
        true
    });
    check.findings
}

/// The scripts it imports by literal name, and where.
pub(super) fn imports(ast: &AST) -> Vec<(String, Position)> {
    let mut found = Vec::new();
    ast.walk(&mut |path| {
        if let Some(ASTNode::Stmt(Stmt::Import(import, _))) = path.last()
            && let Expr::StringConstant(name, at) = &import.0
        {
            found.push((name.to_string(), *at));
        }
        true
    });
    found
}

struct Check<'a> {
    source: &'a str,
    known: &'a Known,
    own: Functions,
    imported: BTreeMap<String, Functions>,
    findings: Vec<Finding>,
}

impl Check<'_> {
    fn import(
        &mut self,
        path: &Expr,
        alias: &str,
        at: Position,
        scripts: &BTreeMap<Text, Vec<(Text, usize)>>,
    ) {
        let place = word_at(self.source, at);
        let Expr::StringConstant(name, at) = path else {
            let finding = Finding::new("S0701", place, "an import must name its script literally")
                .help("write `import \"name\" as name;`");
            self.findings.push(finding);
            return;
        };
        let Some(functions) = scripts.get(name.as_str()) else {
            let place = word_at(self.source, *at);
            let known = scripts.keys().map(|name| &**name);
            let message = format!("there is no script `{name}`");
            let mut finding = Finding::new("S0702", place, message);
            if let Some(near) = crate::script::nearest(name, known) {
                finding = finding.help(format!("did you mean `{near}`?"));
            }
            self.findings.push(finding);
            return;
        };
        let mut table = Functions::new();
        for (name, count) in functions {
            table.entry(name.to_string()).or_default().insert(*count);
        }
        let alias = if alias.is_empty() {
            name.as_str()
        } else {
            alias
        };
        self.imported.insert(alias.to_owned(), table);
    }

    fn call(&mut self, call: &FnCallExpr, at: Position, method: bool) {
        if call.is_operator_call() || VARIADIC.contains(&call.name.as_str()) {
            return;
        }
        let finding = if call.is_qualified() {
            self.qualified(call, at)
        } else {
            let tables = [&self.own, &self.known.global];
            self.one_of(&tables, call, at, method, &call.name)
        };
        self.findings.extend(finding);
    }

    fn qualified(&self, call: &FnCallExpr, at: Position) -> Option<Finding> {
        let namespace = call.namespace.to_string();
        let table = self
            .imported
            .get(&namespace)
            .or_else(|| self.known.modules.get(&namespace));
        let Some(table) = table else {
            let place = word_at(self.source, call.namespace.position());
            let known = self.imported.keys().chain(self.known.modules.keys());
            let known = known.map(String::as_str);
            return Some(unknown_module(&namespace, place, known));
        };
        let full = format!("{namespace}::{}", call.name);
        self.one_of(&[table], call, at, false, &full)
    }

    fn one_of(
        &self,
        tables: &[&Functions],
        call: &FnCallExpr,
        at: Position,
        method: bool,
        shown: &str,
    ) -> Option<Finding> {
        let given = call.args.len();
        let name = call.name.as_str();
        let counts: BTreeSet<usize> = tables
            .iter()
            .filter_map(|table| table.get(name))
            .flatten()
            .copied()
            .collect();
        let place = word_at(self.source, at);
        if counts.is_empty() {
            let known = tables.iter().flat_map(|table| table.keys());
            let known = known.map(String::as_str).filter(|name| is_name(name));
            let finding = Finding::new("S0702", place, format!("unknown function `{shown}`"))
                .label("no function has this name")
                .did_you_mean(name, known);
            return Some(finding);
        }
        // A method's subject is its first argument; functions with `this` do not count it.
        if counts.contains(&given) || (method && counts.contains(&(given + 1))) {
            return None;
        }
        let shift = usize::from(method && counts.iter().all(|count| *count > 0));
        let counts: Vec<String> = counts
            .iter()
            .map(|count| count.saturating_sub(shift).to_string())
            .collect();
        let plural = if counts == ["1"] { "" } else { "s" };
        let verb = if given == 1 { "is" } else { "are" };
        let counts = counts.join(" or ");
        let message =
            format!("`{shown}` takes {counts} argument{plural}, and {given} {verb} given");
        Some(Finding::new("S0702", place, message))
    }
}

fn is_name(name: &str) -> bool {
    name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// The bytes of the word at a position.
pub(super) fn word_at(source: &str, at: Position) -> Range<usize> {
    word_at_column(source, at.line(), at.position())
}

/// The bytes of the word at a line and column, both from 1.
pub(super) fn word_at_column(
    source: &str,
    line: Option<usize>,
    column: Option<usize>,
) -> Range<usize> {
    let Some(line) = line.and_then(|line| line.checked_sub(1)) else {
        return source.len()..source.len();
    };
    let start: usize = source.split_inclusive('\n').take(line).map(str::len).sum();
    let text = source.get(start..).unwrap_or("");
    let text = text.lines().next().unwrap_or("");
    let skipped: usize = text
        .chars()
        .take(column.unwrap_or(1).saturating_sub(1))
        .map(char::len_utf8)
        .sum();
    let rest = text.get(skipped..).unwrap_or("");
    let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
    let quoted = rest.strip_prefix('"').and_then(|inner| inner.find('"'));
    let length = match (word.unwrap_or(rest.len()), quoted) {
        (0, Some(inner)) => inner + 2,
        (0, None) => rest.chars().next().map_or(0, char::len_utf8),
        (length, _) => length,
    };
    start + skipped..start + skipped + length
}

/// Why a script cannot be read.
pub(super) fn unreadable(source: &str, error: &ParseError) -> Finding {
    let place = word_at(source, error.position());
    let kind = error.err_type();
    if let ParseErrorType::VariableUndefined(name) = kind {
        let finding = Finding::new("S0701", place.clone(), format!("unknown name `{name}`"))
            .label("not known here");
        return if source.contains(&format!("const {name}")) {
            finding
                .help("inside a function, a constant is read through `global::`")
                .fix(place, format!("global::{name}"))
        } else {
            finding
        };
    }
    if let ParseErrorType::ModuleUndefined(name) = kind {
        return unknown_module(name, place, BUILT_IN.iter().copied());
    }
    let text = kind.to_string().replace('\'', "`");
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_lowercase().to_string());
    let clause = format!("{}{}", first.unwrap_or_default(), chars.as_str());
    Finding::new(
        "S0701",
        place,
        format!("the script cannot be read: {clause}"),
    )
}

/// Our own modules.
const BUILT_IN: &[&str] = &["fx", "data", "time", "random", "text"];

fn unknown_module<'a>(
    name: &str,
    place: Range<usize>,
    known: impl Iterator<Item = &'a str>,
) -> Finding {
    Finding::new("S0702", place, format!("unknown module `{name}`"))
        .label("not imported and not built in")
        .did_you_mean(name, known)
}
