//! Carrying effects to their platforms. Most files here decide – when an attempt may start, what its
//! outcome means, when to try again – over plain milliseconds, without a clock of their own; the
//! carrier is the task that does it.

mod attempt;
pub mod breaker;
pub mod bucket;
pub(super) mod carrier;
pub mod lanes;
pub mod schedule;
pub mod verdict;
