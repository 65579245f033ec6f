//! Groups: one chat on one platform, with its members' seats.

use super::member::Seat;
use crate::model::{MemberNo, Millis, RosterEntry, Text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A chat. Seats are rows of their own; everything else is the group's row.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// The id that playbooks use: from steward.yaml, else `connector/external`.
    pub id: Text,
    pub connector: Text,
    /// The platform's present id.
    pub external: Text,
    /// Ids the platform used before.
    pub former: Vec<Text>,
    pub name: Text,
    pub tags: Vec<Text>,
    pub capacity: Option<u32>,
    pub season: u32,
    pub created_at: Millis,
    pub last_active: Millis,
    pub timezone: Option<Text>,
    pub language: Option<Text>,
    pub link: Option<Text>,
    /// In steward.yaml; what it says wins over what platforms say.
    pub configured: bool,
    pub standing: Standing,
    /// Effects for it wait until thawed.
    pub frozen: bool,
    /// Why the last action was refused as forbidden, until one succeeds: shown once, not per action.
    pub trouble: Option<Text>,
    /// When the deadline index will look at the whole group's silence; 0 means never.
    pub alarm: Millis,
    /// Platform ids of our latest messages in it: reactions on them can be told.
    pub ours: Vec<Text>,
    /// When `everyone` was mentioned lately.
    pub everyone_at: Vec<Millis>,
    /// A roster that would have lost too many: shown, waiting for an operator.
    pub held_roster: Option<Vec<RosterEntry>>,
    #[serde(skip)]
    pub seats: BTreeMap<MemberNo, Seat>,
}

/// Our own place in a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// Nothing was heard of it yet.
    #[default]
    Assumed,
    Present,
    /// We were removed.
    Removed,
    /// Closed by us or by the platform.
    Closed,
}

impl Group {
    /// How many people are known to be in it, bots included.
    pub fn size(&self) -> usize {
        self.seats.len()
    }

    /// True while rules may act in it.
    pub const fn is_open(&self) -> bool {
        matches!(self.standing, Standing::Assumed | Standing::Present)
    }

    /// True if it carries the tag.
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags.iter().any(|known| &**known == tag)
    }
}
