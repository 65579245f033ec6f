//! What waits for a person: approvals and tasks.

use super::{ListQuery, Page, Worlds, instant};
use crate::model::Text;
use crate::model::world::{Approval, ApprovalKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Something that waits for a yes or no, or a to-do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ApprovalView {
    pub community: String,
    pub number: u64,
    /// `approve`, `limit` (a guarded step over its limit) or
    /// `task`.
    pub kind: String,
    /// `playbook/rule`.
    pub rule: String,
    pub run: String,
    pub text: String,
    pub opened_at: String,
    pub due: Option<String>,
    pub decided: Option<DecisionView>,
}

/// What a person said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DecisionView {
    pub yes: bool,
    pub by: String,
    pub note: String,
    pub at: String,
}

/// Approvals and tasks, undecided ones first, then by number.
pub fn approvals(worlds: &Worlds, query: &ListQuery) -> Page<ApprovalView> {
    let of = |decided: bool| {
        query.worlds(worlds).flat_map(move |(id, world)| {
            let approvals = world.approvals.values();
            approvals
                .filter(move |approval| approval.decided.is_some() == decided)
                .map(move |approval| (id, approval))
        })
    };
    query.cut(of(false).chain(of(true)), |(id, approval)| {
        show(id, approval)
    })
}

fn show(community: &Text, approval: &Approval) -> ApprovalView {
    ApprovalView {
        community: community.as_ref().to_owned(),
        number: approval.number,
        kind: match approval.kind {
            ApprovalKind::Step => "approve",
            ApprovalKind::Limit => "limit",
            ApprovalKind::Task => "task",
        }
        .to_owned(),
        rule: approval.rule.as_ref().to_owned(),
        run: approval.run.to_string(),
        text: approval.text.as_ref().to_owned(),
        opened_at: instant(approval.opened_at),
        due: approval.due.map(instant),
        decided: approval.decided.as_ref().map(|decision| DecisionView {
            yes: decision.yes,
            by: decision.by.as_ref().to_owned(),
            note: decision.note.as_ref().to_owned(),
            at: instant(decision.at),
        }),
    }
}
