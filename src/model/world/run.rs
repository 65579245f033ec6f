//! A rule at work: a cursor over its steps, alive until it ends.

use crate::model::{EffectId, GroupNo, Hash, MemberNo, Millis, Record, RunId, Text, Value};
use serde::{Deserialize, Serialize};

/// One run. It survives restarts as a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    pub id: RunId,
    /// For people: counts up per community.
    pub number: u64,
    pub title: Text,
    /// The rulebook it began under and keeps.
    pub rulebook: Hash,
    pub playbook: Text,
    pub rule: Text,
    /// Whose run this is, as text.
    pub per: Text,
    pub started_at: Millis,
    /// The member that `member` names; `each` rebinds it.
    pub member: Option<MemberNo>,
    pub group: Option<GroupNo>,
    /// The member it was started about, whatever `each` binds meanwhile: what they do can stop it,
    /// and they cannot approve it.
    pub about: Option<MemberNo>,
    /// Whose doings can stop or wake it.
    pub watches: Watches,
    /// What `event` names.
    pub event: Record,
    /// `let`, `as`, loop names and flow arguments.
    pub vars: Record,
    pub frames: Vec<Frame>,
    pub waiting: Waiting,
    /// Decide, but keep to oneself.
    pub shadow: bool,
    /// How late the last deadline fired.
    pub late_by: Millis,
    /// Settled by a person after the limit was reached; spent by the guarded step it was given for.
    pub allowed: bool,
}

/// Whose doings can stop a run, or end its wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Watches {
    /// Those of the member it is about; where it is about nobody, anyone's in its group.
    #[default]
    Member,
    /// Anyone's in its group.
    Group,
    /// Anyone's.
    Community,
}

/// A position in one block of steps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    pub block: u32,
    /// The step that comes next.
    pub next: u32,
    pub turn: Option<Turn>,
    /// What to put back when the frame is left: flow arguments, `member` inside `each`.
    pub shadowed: Vec<(Text, Option<Value>)>,
    pub member: Option<Option<MemberNo>>,
    /// Attempts of the present step, when it has `retry`.
    pub attempt: u32,
}

/// The state of an `each`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// The loop's name.
    pub name: Text,
    /// The snapshot it goes through.
    pub items: Vec<Value>,
    pub at: u32,
    /// At most `count` turns in `per_ms`.
    pub pace: Option<(u32, Millis)>,
    pub window_from: Millis,
    pub window_count: u32,
}

/// What a run waits for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Waiting {
    /// Nothing: it goes on in the next tick (its input had reached its bounds).
    #[default]
    Nothing,
    /// Its time; then the present step is over.
    Time { due: Millis },
    /// Its time; then the present step is done again (`retry`, `pace`, the settling time).
    Again { due: Millis },
    /// Receipts of the present step's effects. `redo`: the step is done again with what they brought.
    Receipts {
        open: Vec<EffectId>,
        results: Vec<Record>,
        failure: Option<Failure>,
        redo: bool,
    },
    /// An event that fits the present step's triggers.
    Event { due: Option<Millis> },
    /// The end of an open list.
    Ask { ask: u64, due: Option<Millis> },
    /// A person.
    Approval { number: u64, due: Option<Millis> },
    /// More joiners for one greeting.
    Gather {
        due: Millis,
        members: Vec<MemberNo>,
        key: u64,
    },
}

impl Waiting {
    /// When the deadline index must wake the run.
    pub const fn due(&self) -> Option<Millis> {
        match self {
            Self::Nothing => Some(0),
            Self::Time { due } | Self::Again { due } | Self::Gather { due, .. } => Some(*due),
            Self::Event { due } | Self::Ask { due, .. } | Self::Approval { due, .. } => *due,
            Self::Receipts { .. } => None,
        }
    }

    /// The word for lists.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Nothing => "continues",
            Self::Time { .. } => "time",
            Self::Again { .. } => "another attempt",
            Self::Receipts { .. } => "delivery",
            Self::Event { .. } => "event",
            Self::Ask { .. } => "answers",
            Self::Approval { .. } => "approval",
            Self::Gather { .. } => "more joiners",
        }
    }
}

/// Why a step did not come about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// A word for rules and tests: `forbidden`, `gone`, `uncovered`, ….
    pub word: Text,
    pub reason: Text,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    Done,
    /// By a `stop` step.
    Stopped(Text),
    /// By `stop_when`.
    Interrupted(Text),
    /// By a newer run of the same key (`mode: restart`).
    Replaced,
    /// A step failed and nothing caught it.
    Failed(Failure),
    /// By an operator.
    Cancelled(Text),
}

/// A run that is over, as lists show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EndedRun {
    pub id: RunId,
    pub number: u64,
    pub title: Text,
    /// `playbook/rule`.
    pub rule: Text,
    pub member: Option<MemberNo>,
    pub group: Option<GroupNo>,
    pub started_at: Millis,
    pub ended_at: Millis,
    pub end: End,
    pub shadow: bool,
}
