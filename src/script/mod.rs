//! Expressions, templates and Rhai scripts. An expression is parsed by Rhai, checked against the
//! schema and the names in scope, and compiled to a small tree of ours that cannot fail; scripts
//! run in a sandbox of counted operations. What needs the world is asked through [`Facts`].

mod eval;
mod expr;
mod facts;
mod finding;
mod functions;
mod host;
mod lower;
mod module;
mod names;
mod operators;
mod parse;
mod print;
mod sandbox;
pub mod schema;
mod template;
mod types;

#[cfg(test)]
mod tests;

pub use expr::Expr;
pub use facts::{DataAccess, Facts};
pub use finding::{Finding, nearest};
pub use functions::WINDOWS;
pub use lower::{compile, compile_as};
pub use module::{Error, Module, Scripts};
pub use names::{DataKind, Declared, Entry, Names, Per};
pub use parse::is_reserved;
pub use print::{Language, push as print_into, to_text};
pub use schema::Root;
pub use template::{Template, compile_template};
pub use types::{Fields, Type, fields_of};
