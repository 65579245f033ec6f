//! Communities, their groups, and the connectors through which they are heard.

use super::{ListQuery, Page, Worlds, instant, instant_unless_zero, served};
use crate::model::world::{Group, Standing};
use crate::model::{Text, World};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A community at a glance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CommunityView {
    pub id: String,
    pub name: String,
    pub timezone: String,
    /// Id of the group that gets tasks, approvals and alerts.
    pub staff: Option<String>,
    pub groups: usize,
    pub members: usize,
    /// Live runs.
    pub runs: usize,
    /// Open effects.
    pub outbox: usize,
    /// Undecided approvals and tasks.
    pub approvals: usize,
    pub frozen: bool,
    pub rulebook: String,
    /// Time of the last input.
    pub at: Option<String>,
    /// Guarded steps wait until then, after a deaf time.
    pub settle_until: Option<String>,
}

/// All communities.
pub fn communities(worlds: &Worlds) -> Vec<CommunityView> {
    served(worlds)
        .map(|(id, world)| community(id, world))
        .collect()
}

fn community(id: &Text, world: &World) -> CommunityView {
    let head = &world.head;
    let undecided = world.approvals.values().filter(|a| a.decided.is_none());
    CommunityView {
        id: id.as_ref().to_owned(),
        name: head.directory.name.as_ref().to_owned(),
        timezone: head.directory.timezone.as_ref().to_owned(),
        staff: head.directory.staff.as_deref().map(str::to_owned),
        groups: world.groups().count(),
        members: world.members().count(),
        runs: world.runs().count(),
        outbox: world.effects().count(),
        approvals: undecided.count(),
        frozen: head.frozen,
        rulebook: head.rulebook.to_string(),
        at: instant_unless_zero(head.at),
        settle_until: (head.settle_until > head.at).then(|| instant(head.settle_until)),
    }
}

/// A group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GroupView {
    pub community: String,
    /// The id that playbooks use.
    pub id: String,
    pub name: String,
    /// `connector/platform id`.
    pub at: String,
    pub tags: Vec<String>,
    pub members: usize,
    pub capacity: Option<u32>,
    pub season: u32,
    /// `assumed`, `present`, `removed`, `closed`: our own place in it.
    pub standing: String,
    pub frozen: bool,
    /// Why the last action was refused as forbidden, until one succeeds.
    pub trouble: Option<String>,
    pub created_at: Option<String>,
    pub last_active: Option<String>,
    pub link: Option<String>,
    /// People on a roster that was held back because it would have removed too many.
    pub held_roster: Option<usize>,
}

/// All groups.
pub fn groups(worlds: &Worlds, query: &ListQuery) -> Page<GroupView> {
    let all = query
        .worlds(worlds)
        .flat_map(|(id, world)| world.groups().map(move |(_, group)| (id, group)));
    query.cut(all, |(id, group)| show(id, group))
}

fn show(community: &Text, group: &Group) -> GroupView {
    GroupView {
        community: community.as_ref().to_owned(),
        id: group.id.as_ref().to_owned(),
        name: group.name.as_ref().to_owned(),
        at: format!("{}/{}", group.connector, group.external),
        tags: group
            .tags
            .iter()
            .map(|tag| tag.as_ref().to_owned())
            .collect(),
        members: group.size(),
        capacity: group.capacity,
        season: group.season,
        standing: match group.standing {
            Standing::Assumed => "assumed",
            Standing::Present => "present",
            Standing::Removed => "removed",
            Standing::Closed => "closed",
        }
        .to_owned(),
        frozen: group.frozen,
        trouble: group.trouble.as_deref().map(str::to_owned),
        created_at: instant_unless_zero(group.created_at),
        last_active: instant_unless_zero(group.last_active),
        link: group.link.as_deref().map(str::to_owned),
        held_roster: group.held_roster.as_ref().map(Vec::len),
    }
}

/// How one community hears one connector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ConnectorView {
    pub community: String,
    pub name: String,
    pub kind: String,
    /// True when a send whose outcome is unknown is parked rather than repeated.
    pub hold_unknown: bool,
    /// When it last told that it listens.
    pub last_heartbeat: Option<String>,
    /// When nothing was heard: deafness, not silence.
    pub deaf: Vec<DeafTime>,
    /// Updates that the platform still holds for us.
    pub pending: u64,
    pub problem: Option<String>,
}

/// A time without hearing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DeafTime {
    pub from: String,
    pub to: String,
}

/// All connectors, per community that knows them.
pub fn connectors(worlds: &Worlds) -> Vec<ConnectorView> {
    let known = served(worlds).flat_map(|(id, world)| {
        let connectors = world.head.directory.connectors.iter();
        connectors.map(move |(name, facts)| {
            let hearing = world.head.hearing.get(name).cloned().unwrap_or_default();
            let deaf = hearing.deaf.iter().map(|(from, to)| DeafTime {
                from: instant(*from),
                to: instant(*to),
            });
            ConnectorView {
                community: id.as_ref().to_owned(),
                name: name.as_ref().to_owned(),
                kind: facts.kind.word().to_owned(),
                hold_unknown: facts.hold_unknown,
                last_heartbeat: instant_unless_zero(hearing.last_heartbeat),
                deaf: deaf.collect(),
                pending: hearing.pending,
                problem: hearing.problem.as_deref().map(str::to_owned),
            }
        })
    });
    known.collect()
}

/// A group that no community claims.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UnclaimedView {
    /// `connector/platform id`: what to write at `at:` in steward.yaml.
    pub at: String,
    pub first_seen: String,
}

/// Groups that no community claims, each once.
pub fn unclaimed(worlds: &Worlds) -> Vec<UnclaimedView> {
    let mut first: std::collections::BTreeMap<&Text, i64> = std::collections::BTreeMap::new();
    for (place, seen) in worlds.values().flat_map(|world| &world.head.unclaimed) {
        let known = first.entry(place).or_insert(*seen);
        *known = (*known).min(*seen);
    }
    let shown = first.into_iter().map(|(at, seen)| UnclaimedView {
        at: at.as_ref().to_owned(),
        first_seen: instant(seen),
    });
    shown.collect()
}
