//! From the YAML tree to the [`Rulebook`](super::Rulebook): every name is resolved, every value
//! checked, and what cannot be is told at its place.

mod context;
mod steps;
mod surroundings;
mod text;
mod trigger;
mod value;

pub use surroundings::Surroundings;
