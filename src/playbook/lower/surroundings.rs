//! What a playbook is checked against and does not say itself: communities, endpoints, word lists.

use crate::model::{Directory, Text};
use std::collections::BTreeMap;

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

    /// True for the id of a configured group, and for a `connector/id` that a community takes in.
    pub(super) fn is_group(&self, id: &str) -> bool {
        let adopted = || self.directories.values().any(|one| one.adopts(id));
        self.group_ids().any(|known| known == id) || (id.contains('/') && adopted())
    }
}
