//! Everything the fold accepts.

use super::{Directory, EffectId, Event, Hash, Millis, Receipt, Record, RunId, Text};
use serde::{Deserialize, Serialize};

/// One entry of a partition's sequence, as the journal keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stamped {
    /// Position in the partition, from 1, without gaps.
    pub seq: u64,
    /// When it was stamped: never earlier than the one before.
    pub at: Millis,
    /// The community it belongs to.
    pub community: Text,
    pub input: Input,
}

/// Something that happened, or was asked, or became due.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Input {
    /// From a platform.
    Event(Box<Event>),
    /// Deadlines up to its time are due.
    Tick,
    /// From delivery.
    Receipt(Receipt),
    /// From an operator, or through `POST /signals/<name>`.
    Command(Command),
    /// The rules are now those of this rulebook.
    Reload { rulebook: Hash },
    /// Who and what belongs to the community is now so.
    Config(Box<Directory>),
    /// The connector heard nothing between these instants: not silence, but deafness.
    Deaf {
        connector: Text,
        from: Millis,
        to: Millis,
    },
    /// The connector was listening at this input's time.
    Heartbeat { connector: Text },
    /// What the platform says of the connection: pending updates, last error.
    Health {
        connector: Text,
        pending: u64,
        problem: Option<Text>,
    },
    /// The input of that seq made the fold panic: it is passed over, its rule parked.
    Skip {
        seq: u64,
        rule: Option<Text>,
        reason: Text,
    },
}

/// What an operator tells the daemon to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// Who gave it: a console user, `cli`, `api`; a member's key when it came from a chat.
    pub by: Text,
    /// Given by the caller so that a repeated call has its effect once.
    pub id: Option<Text>,
    pub order: Order,
}

/// The orders there are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Order {
    /// An event of an operator's own: starts rules with `when: {signal: name}`.
    Signal {
        name: Text,
        data: Record,
        group: Option<Text>,
        member: Option<Text>,
    },
    /// An answer to an `approve` or `task`, or to a step over its limit.
    Decide {
        approval: u64,
        yes: bool,
        note: Text,
    },
    /// Try a parked effect again.
    RetryEffect { effect: EffectId },
    /// Give a parked or open effect up.
    DropEffect { effect: EffectId },
    /// Stop effects at once: of one group, or all.
    Freeze { group: Option<Text> },
    /// Let them go again.
    Thaw { group: Option<Text> },
    /// End a run.
    CancelRun { run: RunId },
    /// Points by hand.
    Adjust {
        member: Text,
        points: i64,
        reason: Text,
    },
    /// Change labels by hand.
    Label {
        member: Text,
        add: Vec<Text>,
        drop: Vec<Text>,
    },
    /// A parked rule may run again.
    Unpark { rule: Text },
    /// Take a roster that was held back because it would have removed too many.
    ApplyRoster { group: Text },
}
