//! What keeps rules from happening too often: cooldowns, throttles, limits, schedules.

use crate::model::{GroupNo, MemberNo, Millis, Record, Text};
use serde::{Deserialize, Serialize};

/// A rule and whom a run of it is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RuleKey {
    /// `playbook/rule`; shadow state has a `~` before it.
    pub rule: Text,
    pub per: Text,
}

/// The throttle state of one rule and key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Throttle {
    /// No new run before this.
    pub until: Millis,
    /// When it matched lately (`at_least`).
    pub matches: Vec<Millis>,
    /// What `collect` has gathered, as event records.
    pub collected: Vec<Record>,
    /// When `collect` acts; 0 means nothing is being gathered.
    pub collect_until: Millis,
    pub member: Option<MemberNo>,
    pub group: Option<GroupNo>,
}

/// Where a schedule stands for one group (or the community).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleState {
    /// Changes when the trigger does; then the schedule starts anew.
    pub trigger: u64,
    /// The journalled instant at which the rule was first loaded: `every` counts from it.
    pub anchor: Millis,
    /// The next planned time.
    pub next: Millis,
}

/// Something that becomes due. Ordered by time first, so the earliest is always at the front.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Deadline {
    /// A run goes on.
    Run(crate::model::RunId),
    /// A seat's silence is looked at.
    Silence(GroupNo, MemberNo),
    /// A whole group's silence is looked at.
    GroupSilence(GroupNo),
    /// A label drops off.
    LabelEnd(MemberNo),
    /// `collect` acts.
    Collected(RuleKey),
    /// A schedule's planned time.
    Schedule(Text, Option<GroupNo>),
    /// So long after a join, or after the group was opened.
    Offset(Text, GroupNo, Option<MemberNo>),
    /// Someone who was already silent when the rule came is looked at (`backlog: {spread}`).
    Backlog(Text, GroupNo, MemberNo),
    /// A mute of ours ends: platforms without an end of their own must be told.
    MuteEnd(GroupNo, MemberNo),
}
