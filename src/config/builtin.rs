//! The configuration of a daemon that has none: a platform inside the daemon, and one community
//! whose groups the shipped playbooks speak of.

use super::{Admin, Config, Connector, DEFAULT_LISTEN, Journal, Pace};
use crate::connector::{Access, Settings};
use crate::model::{Directory, GroupConfig};
use std::collections::BTreeMap;

/// Group ids and their tags.
const GROUPS: [(&str, &[&str]); 5] = [
    ("club", &["book-club"]),
    ("lobby", &[]),
    ("checkin", &[]),
    ("announcements", &[]),
    ("moderators", &[]),
];

impl Config {
    /// The sandbox connector, one community on it, the playbooks in `./playbooks`.
    pub fn built_in() -> Self {
        let sandbox = Connector {
            settings: Settings {
                name: "sandbox".into(),
                access: Access::Sandbox,
            },
            pace: Pace::Default,
            hold_unknown: true,
        };
        let groups = GROUPS.map(|(id, tags)| GroupConfig {
            id: id.into(),
            connector: "sandbox".into(),
            external: id.into(),
            tags: tags.iter().map(|tag| (*tag).into()).collect(),
            ..GroupConfig::default()
        });
        let readers = Directory {
            name: "读书会".into(),
            timezone: "Asia/Shanghai".into(),
            salt: 0,
            staff: Some("moderators".into()),
            groups: groups.into(),
            adopt: vec!["sandbox/*".into()],
            connectors: BTreeMap::from([("sandbox".into(), sandbox.facts())]),
        };
        Self {
            listen: DEFAULT_LISTEN,
            data: "./data".into(),
            playbooks: "./playbooks".into(),
            scripts: "./scripts".into(),
            timezone: "Asia/Shanghai".into(),
            public_url: None,
            admin: Admin::default(),
            journal: Journal::default(),
            connectors: BTreeMap::from([("sandbox".into(), sandbox)]),
            endpoints: BTreeMap::new(),
            communities: BTreeMap::from([("readers".into(), readers)]),
        }
    }
}
