//! Members: the list with its filters, and one member whole.

use super::{ListQuery, Page, Worlds, group_id, instant, instant_unless_zero, member_key, served};
use crate::model::world::{Member, Seat};
use crate::model::{GroupNo, MemberNo, Text, World};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MemberView {
    pub community: String,
    /// `connector/id`.
    pub key: String,
    pub name: String,
    pub is_bot: bool,
    /// Refuses direct messages from us.
    pub unreachable: bool,
    pub first_seen: Option<String>,
    /// Where they first came from.
    pub source: Option<String>,
    pub labels: Vec<LabelView>,
    pub points: i64,
    pub seats: Vec<SeatView>,
}

/// A label with its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LabelView {
    pub name: String,
    pub expires_at: Option<String>,
}

/// A member's place in one group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SeatView {
    pub group: String,
    /// `member`, `staff`, `owner`.
    pub role: String,
    pub nick: Option<String>,
    pub joined_at: Option<String>,
    pub last_active: Option<String>,
    pub messages: u32,
    /// Key of the member who brought them.
    pub inviter: Option<String>,
    pub muted_until: Option<String>,
}

/// The members that fit.
pub fn members(worlds: &Worlds, query: &ListQuery) -> Page<MemberView> {
    let needle = query.q.as_deref().map(str::to_lowercase);
    let fitting = query.worlds(worlds).flat_map(|(id, world)| {
        let group = query.group.as_deref().map(|group| world.group_by_id(group));
        let needle = needle.clone();
        world.members().filter_map(move |(no, member)| {
            let seated = match group {
                None => true,
                Some(Some(group)) => member.groups.contains(&group),
                Some(None) => false,
            };
            let found = needle
                .as_deref()
                .is_none_or(|q| contains(world, no, member, q));
            (seated && found).then_some((id, world, no, member))
        })
    });
    query.cut(fitting, |(id, world, no, member)| {
        show(id, world, no, member)
    })
}

/// The member of that key in each community that knows it.
pub fn member(worlds: &Worlds, key: &str) -> Vec<MemberView> {
    let known = served(worlds).filter_map(|(id, world)| {
        let no = world.member_by_key(key)?;
        Some(show(id, world, no, world.member(no)?))
    });
    known.collect()
}

fn contains(world: &World, no: MemberNo, member: &Member, needle: &str) -> bool {
    let has = |text: &str| text.to_lowercase().contains(needle);
    let seats = member
        .groups
        .iter()
        .filter_map(|group| world.seat(*group, no));
    has(&member.name)
        || has(&member.key())
        || member.labels.iter().any(|label| has(&label.name))
        || seats.filter_map(|seat| seat.nick.as_deref()).any(has)
}

fn show(community: &Text, world: &World, no: MemberNo, member: &Member) -> MemberView {
    let labels = member.labels.iter().map(|label| LabelView {
        name: label.name.as_ref().to_owned(),
        expires_at: label.expires_at.map(instant),
    });
    let seats = member.groups.iter().filter_map(|group| {
        let seat = world.seat(*group, no)?;
        show_seat(world, *group, seat)
    });
    MemberView {
        community: community.as_ref().to_owned(),
        key: member.key(),
        name: member.name.as_ref().to_owned(),
        is_bot: member.is_bot,
        unreachable: member.unreachable,
        first_seen: instant_unless_zero(member.first_seen),
        source: member.source.as_deref().map(str::to_owned),
        labels: labels.collect(),
        points: world.ledger.balance(no),
        seats: seats.collect(),
    }
}

fn show_seat(world: &World, group: GroupNo, seat: &Seat) -> Option<SeatView> {
    Some(SeatView {
        group: group_id(world, group)?,
        role: seat.role.word().to_owned(),
        nick: seat.nick.as_deref().map(str::to_owned),
        joined_at: instant_unless_zero(seat.joined_at),
        last_active: instant_unless_zero(seat.last_active),
        messages: seat.messages,
        inviter: seat.inviter.and_then(|no| member_key(world, no)),
        muted_until: seat.muted_until.map(instant),
    })
}
