//! Runs: those alive, and the last of those that ended.

use super::{ListQuery, Page, Worlds, group_id, instant, member_key};
use crate::model::world::{End, EndedRun, Run};
use crate::model::{Text, World};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunView {
    pub community: String,
    pub id: String,
    /// Counts up per community.
    pub number: u64,
    pub title: String,
    /// `playbook/rule`.
    pub rule: String,
    /// `live`, or how it ended: `done`, `stopped`, `interrupted`, `replaced`, `failed`, `cancelled`.
    pub state: String,
    /// What a live run waits for; why an ended one ended.
    pub about: String,
    /// When a live run goes on by itself.
    pub due: Option<String>,
    /// The member's key.
    pub member: Option<String>,
    pub group: Option<String>,
    pub started_at: String,
    pub ended_at: Option<String>,
    /// It decides, but keeps to itself.
    pub shadow: bool,
}

/// Runs that fit: live ones first, then the last ended first.
pub fn runs(worlds: &Worlds, query: &ListQuery) -> Page<RunView> {
    let live = query
        .worlds(worlds)
        .flat_map(|(id, world)| world.runs().map(move |run| live(id, world, run)));
    let ended = query.worlds(worlds).flat_map(|(id, world)| {
        world
            .ended
            .iter()
            .rev()
            .map(move |run| ended(id, world, run))
    });
    let fits = |run: &RunView| {
        let state = query
            .state
            .as_deref()
            .is_none_or(|state| state == run.state);
        let rule = query.rule.as_deref().is_none_or(|rule| {
            run.rule == rule
                || run
                    .rule
                    .split_once('/')
                    .is_some_and(|(book, _)| book == rule)
        });
        state && rule
    };
    query.cut(live.chain(ended).filter(fits), |run| run)
}

fn live(community: &Text, world: &World, run: &Run) -> RunView {
    RunView {
        community: community.as_ref().to_owned(),
        id: run.id.to_string(),
        number: run.number,
        title: run.title.as_ref().to_owned(),
        rule: run.rule_name().as_ref().to_owned(),
        state: "live".to_owned(),
        about: run.waiting.word().to_owned(),
        due: run.waiting.due().filter(|due| *due != 0).map(instant),
        member: run.member.and_then(|no| member_key(world, no)),
        group: run.group.and_then(|no| group_id(world, no)),
        started_at: instant(run.started_at),
        ended_at: None,
        shadow: run.shadow,
    }
}

fn ended(community: &Text, world: &World, run: &EndedRun) -> RunView {
    let (state, about) = match &run.end {
        End::Done => ("done", String::new()),
        End::Stopped(reason) => ("stopped", reason.as_ref().to_owned()),
        End::Interrupted(reason) => ("interrupted", reason.as_ref().to_owned()),
        End::Replaced => ("replaced", "by a newer run of the same key".to_owned()),
        End::Failed(failure) => ("failed", format!("{}: {}", failure.word, failure.reason)),
        End::Cancelled(by) => ("cancelled", by.as_ref().to_owned()),
    };
    RunView {
        community: community.as_ref().to_owned(),
        id: run.id.to_string(),
        number: run.number,
        title: run.title.as_ref().to_owned(),
        rule: run.rule.as_ref().to_owned(),
        state: state.to_owned(),
        about,
        due: None,
        member: run.member.and_then(|no| member_key(world, no)),
        group: run.group.and_then(|no| group_id(world, no)),
        started_at: instant(run.started_at),
        ended_at: Some(instant(run.ended_at)),
        shadow: run.shadow,
    }
}
