//! Which community an event belongs to, and which partition a community.

use crate::model::world::Member;
use crate::model::{Directory, Event, Text, World, hash_of};
use std::collections::{BTreeMap, BTreeSet};

/// Logical partitions. The number is part of the journal: a community must always hash to the same.
const PARTITIONS: u64 = 64;
/// The pseudo community of groups that nobody claims: it lists them, and nothing runs in it.
pub const UNCLAIMED: &str = "";
/// Unclaimed groups that are listed; further ones are passed over.
const UNCLAIMED_MAX: usize = 10_000;

/// The partition of a community.
pub fn partition(community: &str) -> u16 {
    (hash_of(&[community.as_bytes()]) % PARTITIONS) as u16
}

/// Where an event goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// To these communities; more than one only for a direct message.
    To(Vec<Text>),
    /// Its group is to be listed as unclaimed.
    Unclaimed,
    /// To nobody: an unclaimed group that is listed already, or a person whom no community knows.
    Nowhere,
}

/// Who is configured and what they claim. What the worlds know is asked of them.
#[derive(Debug, Default)]
pub(super) struct Router {
    /// In the order of steward.yaml.
    communities: Vec<(Text, Directory)>,
    /// (connector, platform id) of configured groups.
    claims: BTreeMap<(Text, Text), Text>,
    /// Connectors on which a community has a configured group.
    speaks: BTreeMap<Text, BTreeSet<Text>>,
    /// Rooms of direct conversations, where the platform has rooms for that.
    direct_rooms: BTreeMap<(Text, Text), Text>,
}

impl Router {
    /// What the configuration claims, with the direct rooms that the worlds know.
    pub(super) fn new(configured: &[(Text, Directory)], worlds: &BTreeMap<Text, World>) -> Self {
        let mut router = Self::default();
        for (community, directory) in configured {
            for group in &directory.groups {
                let place = (group.connector.clone(), group.external.clone());
                router.claims.insert(place, community.clone());
                let speaks = router.speaks.entry(community.clone()).or_default();
                speaks.insert(group.connector.clone());
            }
            let entry = (community.clone(), directory.clone());
            router.communities.push(entry);
            let members = worlds.get(community).into_iter().flat_map(World::members);
            for (_, member) in members {
                router.note_direct_room(community, member);
            }
        }
        router
    }

    /// A member's direct room may have become known.
    pub(super) fn note_direct_room(&mut self, community: &Text, member: &Member) {
        if let Some(room) = &member.direct_room {
            let place = (member.connector.clone(), room.clone());
            self.direct_rooms.insert(place, community.clone());
        }
    }

    /// True for a community that is in steward.yaml.
    pub(super) fn serves(&self, community: &str) -> bool {
        self.communities
            .iter()
            .any(|(known, _)| &**known == community)
    }

    /// The communities that are served.
    pub(super) fn served(&self) -> impl Iterator<Item = &Text> {
        self.communities.iter().map(|(community, _)| community)
    }

    /// Where an event goes. A configured group belongs to who claims it, also when another community
    /// knew it before; then to who knows it; then to who adopts it.
    pub(super) fn route(&self, event: &Event, worlds: &BTreeMap<Text, World>) -> Route {
        let Some(group) = &event.group else {
            return self.route_direct(event, worlds);
        };
        let place = (event.connector.clone(), group.id.clone());
        let knows = |community: &&Text| {
            let world = worlds.get(*community);
            world.is_some_and(|world| world.group_at(&place.0, &place.1).is_some())
        };
        let key = format!("{}/{}", place.0, place.1);
        let found = self
            .claims
            .get(&place)
            .or_else(|| self.served().find(knows))
            .or_else(|| self.direct_rooms.get(&place))
            .or_else(|| self.adopter(&key));
        if let Some(community) = found {
            return Route::To(vec![community.clone()]);
        }
        let listed = worlds.get(UNCLAIMED).map(|world| &world.head.unclaimed);
        match listed {
            Some(listed) if listed.contains_key(&*key) || listed.len() >= UNCLAIMED_MAX => {
                Route::Nowhere
            }
            _ => Route::Unclaimed,
        }
    }

    /// A direct message: to every community in which its sender has a seat, else to the first that
    /// speaks on that connector.
    fn route_direct(&self, event: &Event, worlds: &BTreeMap<Text, World>) -> Route {
        let seated = |community: &&Text| {
            let world = worlds.get(*community);
            let person = event.member.as_ref();
            world.zip(person).is_some_and(|(world, person)| {
                let member = world.member_at(&event.connector, &person.id);
                let member = member.and_then(|no| world.member(no));
                member.is_some_and(|member| !member.groups.is_empty())
            })
        };
        let mut to: Vec<Text> = self.served().filter(seated).cloned().collect();
        if to.is_empty() {
            let speaks = |community: &&Text| {
                let connectors = self.speaks.get(*community);
                connectors.is_some_and(|connectors| connectors.contains(&event.connector))
            };
            to.extend(self.served().find(speaks).cloned());
        }
        if to.is_empty() {
            Route::Nowhere
        } else {
            Route::To(to)
        }
    }

    fn adopter(&self, key: &str) -> Option<&Text> {
        let mut all = self.communities.iter();
        let found = all.find(|(_, directory)| directory.adopts(key));
        found.map(|(community, _)| community)
    }
}
