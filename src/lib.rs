//! Steward (群管家): webhooks come in, playbooks decide, actions go out, and nothing is lost in
//! between. The rooms below stand in reading order; each may use only those above it
//! (`tests/it/house.rs` walks the imports).

/// Commands. **Invariant:** they print; they hold no business rules.
pub mod cli;
/// steward.yaml and the environment, read once. **Invariant:** the only reader of either.
pub mod config;
/// Platforms: bytes to events, effects to requests. **Invariant:** no state, no decisions.
pub mod connector;
/// The fold. **Invariant:** pure and total; no `Result` out of `apply`.
pub mod engine;
/// The truth: inputs in order, durable. **Invariant:** no decisions.
pub mod journal;
/// The nouns. **Invariant:** no I/O, no clock, no chance, no logging.
pub mod model;
/// YAML text to rulebook, with drawn diagnostics. **Invariant:** no I/O; it is handed text.
pub mod playbook;
/// The shell: writer, clock, timers, delivery, reload. **Invariant:** no HTTP routes, no HTML.
pub mod runtime;
/// Expressions and Rhai scripts. **Invariant:** no files, no network, no clock.
pub mod script;
/// The doors: webhooks, admin API, health, metrics. **Invariant:** asks a runtime handle only.
pub mod server;
/// The world as rows in sled, derived from the journal. **Invariant:** no decisions.
pub mod store;
/// Structured logs with fixed field names. **Invariant:** nothing decides by them.
pub mod telemetry;
