//! What an input did and did not do, as data. The shell decides who sees it.

use crate::model::world::{End, Failure};
use crate::model::{EffectId, Millis, RunId, Text};

/// One line about one rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// `playbook/rule`; empty for lines about facts.
    pub rule: Text,
    pub run: Option<RunId>,
    pub what: What,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    Started,
    Skipped(Skip),
    /// A step was carried out; `effects` are its intentions.
    Step {
        path: Text,
        effects: Vec<EffectId>,
    },
    /// In shadow: what would have been sent.
    Shadowed {
        path: Text,
        verb: &'static str,
        text: String,
    },
    StepFailed {
        path: Text,
        failure: Failure,
    },
    Ended(End),
    Note(String),
}

/// What stopped a rule, in the order in which it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Skip {
    Paused,
    Parked(Text),
    /// A script in its condition failed: the rule is parked from now on.
    ScriptFailed(Text),
    /// The event was late, from a time when the connector was deaf.
    Late,
    /// The condition of that number did not hold.
    Condition(usize),
    /// `per: member` and there is no member.
    NobodyConcerned,
    Once,
    Cooldown {
        until: Millis,
    },
    /// Not often enough yet, or being collected.
    Throttled,
    /// A run of the same key lives.
    Busy,
    /// `max` runs live.
    Full,
}

impl Skip {
    /// The clause that lists show.
    pub fn reason(&self) -> String {
        match self {
            Self::Paused => "the playbook or rule is paused".to_owned(),
            Self::Parked(reason) => format!("the rule is parked: {reason}"),
            Self::ScriptFailed(reason) => format!("its script failed: {reason}"),
            Self::Late => "the event is from a time in which the connector was deaf".to_owned(),
            Self::Condition(number) => format!("condition {} does not hold", number + 1),
            Self::NobodyConcerned => "there is no member it could be about".to_owned(),
            Self::Once => "it happened once before".to_owned(),
            Self::Cooldown { .. } => "its cooldown has not passed".to_owned(),
            Self::Throttled => "it has not happened often enough, or is being collected".to_owned(),
            Self::Busy => "a run of it is under way".to_owned(),
            Self::Full => "as many runs of it as allowed are under way".to_owned(),
        }
    }
}
