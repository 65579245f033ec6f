//! Open lists (接龙, polls, sign-ups) and questions to persons, with their answers.

use crate::model::{GroupNo, MemberNo, Millis, RunId, Text};
use serde::{Deserialize, Serialize};

/// A list that takes answers. Answers are rows of their own: a list outgrows one value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ask {
    pub run: RunId,
    /// Where the step stands in the run's rulebook.
    pub block: u32,
    pub step: u32,
    pub group: Option<GroupNo>,
    /// Set when it is put to one person.
    pub to_member: Option<MemberNo>,
    pub opened_at: Millis,
    pub closes_at: Option<Millis>,
    pub choices: Vec<Text>,
    /// Platform ids of the messages that put it: a reply to one is an answer to it.
    pub messages: Vec<Text>,
    pub answers: u32,
    pub closed: bool,
    /// When the list as it stood was last shown to all; 0 means never.
    pub shown_at: Millis,
    /// Something changed since.
    pub unshown: bool,
}

/// One answer in an open list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub at: Millis,
    pub member: MemberNo,
    pub text: Text,
    pub choice: Option<Text>,
    pub file: Option<Text>,
    /// The list was full: they are next when a place becomes free.
    pub waiting: bool,
}

/// Something that waits for a person's yes or no, or a to-do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Approval {
    pub number: u64,
    pub run: RunId,
    /// `playbook/rule`.
    pub rule: Text,
    pub kind: ApprovalKind,
    /// What is asked, as a person reads it.
    pub text: Text,
    pub opened_at: Millis,
    pub due: Option<Millis>,
    /// Platform ids of the messages that put it to the staff group.
    pub messages: Vec<Text>,
    pub decided: Option<Decision>,
}

/// Why a person is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ApprovalKind {
    /// An `approve` step.
    Step,
    /// A guarded step over its limit.
    Limit,
    /// A to-do, where the platform forbids the bot.
    Task,
}

/// What a person said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    pub yes: bool,
    pub by: Text,
    pub note: Text,
    pub at: Millis,
}
