//! Carrying effects to their platforms. The files here decide – when an attempt may start, what its
//! outcome means, when to try again – over plain milliseconds, without a clock of their own.

pub mod breaker;
pub mod bucket;
pub mod lanes;
pub mod schedule;
pub mod verdict;
