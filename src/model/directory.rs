//! What an operator's steward.yaml says of one community, as an input of the fold: no secrets.

use super::{Kind, Text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One community by configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directory {
    pub name: Text,
    /// Seeds the community's chance. The shell draws it once per data directory; 0 in a configuration
    /// that was only read.
    pub salt: u64,
    /// IANA name of its time zone.
    pub timezone: Text,
    /// Id of the group that gets tasks, approvals and alerts.
    pub staff: Option<Text>,
    pub groups: Vec<GroupConfig>,
    /// Patterns (`qq/*`, `tg/-100123`) of groups that join this community when first seen.
    pub adopt: Vec<Text>,
    /// The connectors there are, by name.
    pub connectors: BTreeMap<Text, ConnectorFacts>,
}

/// A configured group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupConfig {
    /// The id that playbooks use.
    pub id: Text,
    pub connector: Text,
    /// The platform's id.
    pub external: Text,
    pub tags: Vec<Text>,
    pub capacity: Option<u32>,
    pub name: Option<Text>,
    pub timezone: Option<Text>,
    /// `zh` or `en`: how typed values print. Default by the community's zone.
    pub language: Option<Text>,
    /// Where people can join, if it is known.
    pub link: Option<Text>,
}

/// What the fold may know of a connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectorFacts {
    pub kind: Kind,
    /// `unknown: hold`: a send whose outcome is unknown is parked; else it is repeated.
    pub hold_unknown: bool,
}

impl Directory {
    /// True if a group of that key (`connector/external`) joins this community when first seen. A
    /// pattern ends in `*`, or is the key itself.
    pub fn adopts(&self, key: &str) -> bool {
        self.adopt
            .iter()
            .any(|pattern| match pattern.strip_suffix('*') {
                Some(prefix) => key.starts_with(prefix),
                None => key == &**pattern,
            })
    }
}
