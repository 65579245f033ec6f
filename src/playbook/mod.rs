//! YAML playbooks to a rulebook, with drawn diagnostics. What was written is parsed first
//! ([`yaml`]); what was meant is resolved after.

pub mod codes;
pub mod diagnostic;
pub mod draw;
pub mod scalars;
pub mod shape;
pub mod source;
pub mod suggest;
pub mod yaml;
