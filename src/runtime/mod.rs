//! The shell around the fold: it carries inputs in and effects out.

pub mod delivery;
