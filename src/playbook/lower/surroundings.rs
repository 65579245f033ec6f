//! What a playbook is checked against and does not say itself: communities, endpoints, word lists.

use crate::model::{Directory, Kind, Text};
use crate::playbook::rule::Scope;
use std::collections::{BTreeMap, BTreeSet};

/// Everything outside the playbooks that names in them can mean.
pub struct Surroundings<'a> {
    /// Communities by id. Where there are none, groups are not checked.
    pub directories: &'a BTreeMap<Text, Directory>,
    /// Names that a `webhook` step may call.
    pub endpoints: &'a [Text],
    /// Texts of word lists by path, as written in `{ from: words/ads.txt }`.
    pub words: &'a BTreeMap<Text, Text>,
}

impl Surroundings<'_> {
    /// Ids of all configured groups.
    pub(super) fn group_ids(&self) -> impl Iterator<Item = &str> {
        let all = self.directories.values();
        all.flat_map(|directory| directory.groups.iter().map(|group| &*group.id))
    }

    /// Tags of all configured groups.
    pub(super) fn tags(&self) -> impl Iterator<Item = &str> {
        let groups = self.directories.values().flat_map(|one| one.groups.iter());
        groups.flat_map(|group| group.tags.iter().map(|tag| &**tag))
    }

    /// True for the id of a configured group, and for a `connector/id` that a community takes in.
    pub(super) fn is_group(&self, id: &str) -> bool {
        self.directories.values().any(|one| has(one, id))
    }

    /// True when that community has the group.
    pub(super) fn is_group_of(&self, community: &str, id: &str) -> bool {
        self.directories
            .get(community)
            .is_some_and(|one| has(one, id))
    }

    /// Communities that a playbook with this scope applies in.
    pub(super) fn communities(&self, scope: &Scope) -> BTreeSet<Text> {
        let all = self.directories.iter();
        let applies = all.filter(|(_, directory)| match scope {
            Scope::All => true,
            Scope::Tag(tag) => directory
                .groups
                .iter()
                .any(|group| group.tags.contains(tag)),
            Scope::Groups(ids) => ids.iter().any(|id| has(directory, id)),
        });
        applies.map(|(id, _)| id.clone()).collect()
    }

    /// Connectors of the groups that a playbook with this scope is bound to, by name.
    pub(super) fn connectors(&self, scope: &Scope) -> BTreeMap<Text, Kind> {
        let mut found = BTreeMap::new();
        for directory in self.directories.values() {
            let groups = directory.groups.iter().filter(|group| match scope {
                Scope::All => true,
                Scope::Tag(tag) => group.tags.contains(tag),
                Scope::Groups(ids) => ids.contains(&group.id),
            });
            let named = groups.map(|group| &*group.connector);
            let adopted = match scope {
                Scope::All => directory.adopt.iter().collect(),
                Scope::Tag(_) => Vec::new(),
                Scope::Groups(ids) => ids.iter().filter(|id| directory.adopts(id)).collect(),
            };
            let adopted = adopted.into_iter().filter_map(|place| {
                let (connector, _) = place.split_once('/')?;
                Some(connector)
            });
            for name in named.chain(adopted) {
                if let Some((name, facts)) = directory.connectors.get_key_value(name) {
                    found.insert(name.clone(), facts.kind);
                }
            }
        }
        found
    }
}

fn has(directory: &Directory, id: &str) -> bool {
    directory.groups.iter().any(|group| &*group.id == id)
        || (id.contains('/') && directory.adopts(id))
}
