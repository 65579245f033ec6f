//! How the daemon does.

use super::instant_unless_zero;
use crate::model::Hash;
use crate::runtime::Status;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The state of the daemon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatusView {
    pub version: String,
    /// True while events are taken.
    pub ready: bool,
    /// Why events are not taken, or nothing is sent.
    pub problem: Option<String>,
    pub since: Option<String>,
    pub rulebook: Option<String>,
    /// The last record of the journal.
    pub journal_head: Option<u64>,
    pub queue_events: u64,
    pub queue_bytes: u64,
    pub communities: usize,
    pub members: usize,
    /// Live runs.
    pub runs: usize,
    /// Open effects.
    pub outbox: usize,
    /// Per connector, why it was stopped or what its platform complains of.
    pub troubles: BTreeMap<String, String>,
    /// Why the rules on the disk are not those in force.
    pub rule_problems: Vec<String>,
    /// What the last start found and did.
    pub start: StartView,
}

/// What a start found and did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StartView {
    /// Inputs of the journal that were folded.
    pub folded: u64,
    /// Why the store was written anew.
    pub rebuilt_because: Option<String>,
    pub notes: Vec<String>,
}

/// The state as it is shown.
pub fn status(status: &Status) -> StatusView {
    let troubles = status.troubles.iter();
    let troubles =
        troubles.map(|(name, what)| (name.as_ref().to_owned(), what.as_ref().to_owned()));
    StatusView {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ready: status.ready,
        problem: problem(status).map(str::to_owned),
        since: instant_unless_zero(status.since),
        rulebook: (status.rulebook != Hash::default()).then(|| status.rulebook.to_string()),
        journal_head: status.journal_head.map(|head| head.0),
        queue_events: status.queue_events,
        queue_bytes: status.queue_bytes,
        communities: status.communities,
        members: status.members,
        runs: status.runs,
        outbox: status.open_effects,
        troubles: troubles.collect(),
        rule_problems: status.rule_problems.clone(),
        start: StartView {
            folded: status.start.folded,
            rebuilt_because: status.start.rebuilt_because.clone(),
            notes: status.start.notes.clone(),
        },
    }
}

/// Why events are not taken, or nothing is sent.
pub fn problem(status: &Status) -> Option<&'static str> {
    if status.journal_full {
        Some("the disk or the journal is full: no events are taken")
    } else if status.sending_paused {
        Some("the disk or the journal is nearly full: nothing is sent")
    } else if status.ready {
        None
    } else {
        Some("starting, stopping or stopped: no events are taken")
    }
}
