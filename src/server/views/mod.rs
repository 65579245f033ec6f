//! What lists show: pure functions from the worlds to plain records. The admin API serves them as
//! JSON; commands read the same records back and print them as tables.

mod groups;
mod members;
mod outbox;
mod people;
mod rules;
mod runs;
mod status;

#[cfg(test)]
mod tests;

pub use groups::{
    CommunityView, ConnectorView, DeafTime, GroupView, UnclaimedView, communities, connectors,
    groups, unclaimed,
};
pub use members::{LabelView, MemberView, SeatView, member, members};
pub use outbox::{EffectView, outbox, stage_word};
pub use people::{ApprovalView, DecisionView, approvals};
pub use rules::{RuleView, rules};
pub use runs::{RunView, runs};
pub use status::{StartView, StatusView, problem, status};

use crate::model::{GroupNo, MemberNo, Millis, Text, World, time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// All communities by id.
pub type Worlds = BTreeMap<Text, World>;

/// Entries of one page unless the caller says otherwise.
pub const PAGE_ENTRIES: usize = 100;
/// Entries of one page at most: a list is made while the writer waits.
pub const PAGE_ENTRIES_MAX: usize = 1_000;
/// Characters of a message that a list shows.
const PREVIEW_CHARS_MAX: usize = 200;

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// How many there are in all.
    pub total: usize,
    /// From 1.
    pub page: usize,
    pub limit: usize,
}

/// Which entries of a list are wanted, and which part of it. Each list reads the filters that it
/// knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ListQuery {
    /// Only this community.
    pub community: Option<String>,
    /// From 1.
    pub page: Option<usize>,
    /// At most [`PAGE_ENTRIES_MAX`].
    pub limit: Option<usize>,
    /// Members: part of a name, nick, key or label, in any case.
    pub q: Option<String>,
    /// Members: id of a group in which they have a seat.
    pub group: Option<String>,
    /// Outbox: `open`, `sending`, `parked` or `frozen`.
    pub stage: Option<String>,
    /// Runs: `live`, or one of the ways to end.
    pub state: Option<String>,
    /// Runs: `playbook/rule`, or the playbook alone.
    pub rule: Option<String>,
}

impl ListQuery {
    /// The worlds that are asked for.
    fn worlds<'a>(&self, worlds: &'a Worlds) -> impl Iterator<Item = (&'a Text, &'a World)> {
        let wanted = self.community.clone();
        served(worlds)
            .filter(move |(id, _)| wanted.as_deref().is_none_or(|wanted| wanted == &***id))
    }

    /// Cuts the page out; only what is on it is made into a record.
    fn cut<S, T>(&self, all: impl Iterator<Item = S>, show: impl Fn(S) -> T) -> Page<T> {
        let limit = self
            .limit
            .unwrap_or(PAGE_ENTRIES)
            .clamp(1, PAGE_ENTRIES_MAX);
        let page = self.page.unwrap_or(1).max(1);
        let from = (page - 1).saturating_mul(limit);
        let mut total = 0_usize;
        let mut items = Vec::new();
        for entry in all {
            if total >= from && items.len() < limit {
                items.push(show(entry));
            }
            total = total.saturating_add(1);
        }
        Page {
            items,
            total,
            page,
            limit,
        }
    }
}

/// The worlds of communities. What nobody claims is listed in a world without a name.
fn served(worlds: &Worlds) -> impl Iterator<Item = (&Text, &World)> {
    worlds.iter().filter(|(id, _)| !id.is_empty())
}

/// An instant as RFC 3339 in UTC.
pub fn instant(at: Millis) -> String {
    time::zoned(at, &jiff::tz::TimeZone::UTC)
        .timestamp()
        .to_string()
}

/// An instant where 0 means that there was none.
fn instant_unless_zero(at: Millis) -> Option<String> {
    (at != 0).then(|| instant(at))
}

fn member_key(world: &World, no: MemberNo) -> Option<String> {
    world.member(no).map(crate::model::world::Member::key)
}

fn group_id(world: &World, no: GroupNo) -> Option<String> {
    world.group(no).map(|group| group.id.as_ref().to_owned())
}

/// The beginning of a text, on one line.
fn preview(text: &str) -> String {
    let mut letters = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut short: String = letters.by_ref().take(PREVIEW_CHARS_MAX).collect();
    if letters.next().is_some() {
        short.push('…');
    }
    short
}
