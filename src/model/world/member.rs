//! People: one identity per (connector, platform id) in a community, and a seat in each group.

use crate::model::{GroupNo, MemberNo, Millis, Role, Text, limits};
use serde::{Deserialize, Serialize};

/// A person in a community.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub connector: Text,
    /// The platform's id.
    pub id: Text,
    pub name: Text,
    pub is_bot: bool,
    /// Refuses direct messages from us.
    pub unreachable: bool,
    pub first_seen: Millis,
    /// Where they first came from, if a join told.
    pub source: Option<Text>,
    pub labels: Vec<Label>,
    /// Groups in which they have a seat, ascending.
    pub groups: Vec<GroupNo>,
    /// The platform's room of our direct conversation, where it has rooms for that (Matrix).
    pub direct_room: Option<Text>,
}

/// A label with its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// `newcomer`, or `city:上海`: one value per key before the colon.
    pub name: Text,
    /// When it drops off by itself.
    pub expires_at: Option<Millis>,
}

impl Member {
    /// `connector/id`: the member's key.
    pub fn key(&self) -> String {
        format!("{}/{}", self.connector, self.id)
    }

    /// True if the label stands.
    pub fn has_label(&self, name: &str) -> bool {
        self.labels.iter().any(|label| &*label.name == name)
    }

    /// The value of a `key:value` label, or empty.
    pub fn label_value(&self, key: &str) -> &str {
        self.labels
            .iter()
            .find_map(|label| label.name.strip_prefix(key)?.strip_prefix(':'))
            .unwrap_or("")
    }

    /// Sets a label; `key:value` replaces another value of the same key.
    pub fn add_label(&mut self, name: &Text, expires_at: Option<Millis>) {
        if let Some((key, _)) = name.split_once(':') {
            self.labels
                .retain(|label| label.name.split_once(':').is_none_or(|(k, _)| k != key));
        } else {
            self.labels.retain(|label| label.name != *name);
        }
        self.labels.push(Label {
            name: name.clone(),
            expires_at,
        });
        self.labels.sort_by(|a, b| a.name.cmp(&b.name));
    }

    /// Takes a label off; `key` alone takes `key:value` off as well. True if there was one.
    pub fn drop_label(&mut self, name: &str) -> bool {
        let before = self.labels.len();
        self.labels.retain(|label| {
            &*label.name != name
                && label
                    .name
                    .split_once(':')
                    .is_none_or(|(key, _)| key != name)
        });
        self.labels.len() != before
    }

    /// When the next label drops off.
    pub fn next_label_end(&self) -> Option<Millis> {
        self.labels
            .iter()
            .filter_map(|label| label.expires_at)
            .min()
    }
}

/// A member's place in one group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    pub role: Role,
    /// Their name in this group, if it differs.
    pub nick: Option<Text>,
    pub joined_at: Millis,
    /// Their last sign of life in this group, or in a direct conversation with us.
    pub last_active: Millis,
    pub messages: u32,
    pub inviter: Option<MemberNo>,
    /// When the deadline index will look at this seat's silence; 0 means never.
    pub alarm: Millis,
    /// Muted until then, as far as we know.
    pub muted_until: Option<Millis>,
}

/// A name cut to what is kept, without control characters, which no chat shows and terminals obey.
pub fn clean_name(name: &str) -> Text {
    name.chars()
        .filter(|c| !c.is_control())
        .take(limits::NAME_CHARS_MAX)
        .collect::<String>()
        .trim()
        .into()
}
