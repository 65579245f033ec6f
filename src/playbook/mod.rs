//! YAML playbooks to a [`Rulebook`], with drawn diagnostics. What was written is parsed first
//! ([`yaml`]); what was meant is resolved after. It is handed text and does no I/O.

pub mod codes;
pub mod diagnostic;
pub mod draw;
pub mod grammar;
pub mod lower;
pub mod rule;
pub mod scalars;
pub mod schema;
pub mod shape;
pub mod source;
pub mod suggest;
pub mod yaml;

pub use rule::Rulebook;
