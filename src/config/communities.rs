//! `communities`: groups, tags, time zones, staff. Group ids are unique over the whole file.

use super::read::Reader;
use crate::model::{ConnectorFacts, Directory, GroupConfig, Text};
use crate::playbook::codes::Code;
use crate::playbook::diagnostic::Diagnostic;
use crate::playbook::shape::{Field, Fields};
use crate::playbook::source::Spot;
use crate::playbook::suggest::suggest;
use std::collections::BTreeMap;

const COMMUNITY_KEYS: [&str; 5] = ["name", "timezone", "staff", "groups", "adopt"];
const GROUP_KEYS: [&str; 8] = [
    "id", "at", "tags", "capacity", "name", "timezone", "language", "link",
];

/// What must not stand twice in the file.
#[derive(Default)]
struct Seen {
    ids: BTreeMap<Text, Spot>,
    places: BTreeMap<Text, Spot>,
}

impl Reader<'_, '_> {
    /// The communities by id.
    pub(super) fn communities(
        &mut self,
        field: Field<'_>,
        timezone: &Text,
        connectors: &BTreeMap<Text, ConnectorFacts>,
    ) -> BTreeMap<Text, Directory> {
        let mut seen = Seen::default();
        let mut found = BTreeMap::new();
        let map = self.report.map(field, "a map of ids to communities");
        for field in map.iter().flat_map(Fields::iter) {
            let Some(id) = self.name(field) else { continue };
            let Some(map) = self.report.map(field, "a map with `groups`") else {
                continue;
            };
            let base = Directory {
                name: id.clone(),
                timezone: timezone.clone(),
                connectors: connectors.clone(),
                ..Directory::default()
            };
            found.insert(id, self.community(map, base, &mut seen));
        }
        found
    }

    fn community(&mut self, map: Fields<'_>, base: Directory, seen: &mut Seen) -> Directory {
        self.report.known(map, &COMMUNITY_KEYS, &[]);
        let name = map.get("name");
        let name = name.and_then(|field| self.report.text(field, "text"));
        let zone = map
            .get("timezone")
            .and_then(|field| self.report.zone(field));
        let groups = self.groups(map, seen);
        let staff = map
            .get("staff")
            .and_then(|field| self.staff(field, &groups));
        Directory {
            name: name.map_or(base.name, Into::into),
            timezone: zone.map_or(base.timezone, |(name, _)| name),
            salt: base.salt,
            staff,
            adopt: self.adopt(map),
            groups,
            connectors: base.connectors,
        }
    }

    fn groups(&mut self, map: Fields<'_>, seen: &mut Seen) -> Vec<GroupConfig> {
        let Some(field) = map.get("groups") else {
            return Vec::new();
        };
        let wanted = "a list of groups such as `{ id: club, at: qq/123456 }`";
        let items = self.report.list(field, wanted).unwrap_or_default();
        items
            .iter()
            .filter_map(|item| self.group(Field::item(item), seen))
            .collect()
    }

    fn group(&mut self, item: Field<'_>, seen: &mut Seen) -> Option<GroupConfig> {
        let map = self
            .report
            .map(item, "a group such as `{ id: club, at: qq/123456 }`")?;
        self.report.known(map, &GROUP_KEYS, &[]);
        let id = self.report.need(map, "id", "");
        let id = id.and_then(|field| self.group_id(field, seen));
        let at = self.report.need(map, "at", "");
        let at = at.and_then(|field| self.at(field, seen));
        let tags = map.get("tags").map(|field| self.tags(field));
        let capacity = map.get("capacity");
        let capacity = capacity.and_then(|field| self.report.number(field, 1, u32::MAX.into()));
        let zone = map
            .get("timezone")
            .and_then(|field| self.report.zone(field));
        let language = map.get("language");
        let language = language.and_then(|field| self.report.choice(field, &["zh", "en"]));
        let link = map.get("link").and_then(|field| self.url(field));
        let name = map.get("name");
        let name = name.and_then(|field| self.report.text(field, "text"));
        let (connector, external) = at?;
        Some(GroupConfig {
            id: id?,
            connector,
            external,
            tags: tags.unwrap_or_default(),
            capacity: capacity.and_then(|number| u32::try_from(number).ok()),
            name: name.map(Into::into),
            timezone: zone.map(|(name, _)| name),
            language: language.map(Into::into),
            link: link.map(Into::into),
        })
    }

    fn group_id(&mut self, field: Field<'_>, seen: &mut Seen) -> Option<Text> {
        let id = self.report.id(field)?;
        if let Some(first) = seen.ids.insert(id.clone(), field.spot()) {
            let message = format!("two groups have the id `{id}`");
            self.report.push(
                Diagnostic::error(Code::DuplicateId, field.spot(), message)
                    .label("again here")
                    .other(first, "first here")
                    .because("group ids are unique over the whole file"),
            );
            return None;
        }
        Some(id)
    }

    /// `connector/id`.
    fn at(&mut self, field: Field<'_>, seen: &mut Seen) -> Option<(Text, Text)> {
        let text = self.report.text(field, "a place such as `qq/123456`")?;
        let (connector, external) = self.place(field, text)?;
        if let Some(first) = seen.places.insert(text.into(), field.spot()) {
            let message = format!("two groups are at `{text}`");
            self.report.push(
                Diagnostic::error(Code::DuplicateId, field.spot(), message)
                    .label("again here")
                    .other(first, "first here"),
            );
            return None;
        }
        Some((connector, external))
    }

    fn place(&mut self, field: Field<'_>, text: &str) -> Option<(Text, Text)> {
        let parts = text
            .split_once('/')
            .filter(|(_, external)| !external.is_empty());
        let Some((connector, external)) = parts else {
            let message = format!("`{text}` is no place");
            self.report.push(
                Diagnostic::error(Code::BadAddress, field.spot(), message)
                    .label("the connector, a slash and the platform's id, such as `qq/123456`"),
            );
            return None;
        };
        if !self.connector_names.contains(connector) {
            let spot = field.node.part(0, connector.len());
            let names = self.connector_names.iter().map(|name| &**name);
            let near = suggest(connector, names);
            let message = format!("unknown connector `{connector}`");
            let problem = Diagnostic::error(Code::UnknownConnector, spot, message)
                .label("not one of the `connectors` above");
            self.report.push(problem.did_you_mean(near));
            return None;
        }
        Some((connector.into(), external.into()))
    }

    fn tags(&mut self, field: Field<'_>) -> Vec<Text> {
        let wanted = "a tag or a list of tags";
        let fields = self.report.one_or_more(field, wanted);
        fields
            .into_iter()
            .filter_map(|field| self.report.text(field, "a tag"))
            .map(Into::into)
            .collect()
    }

    fn staff(&mut self, field: Field<'_>, groups: &[GroupConfig]) -> Option<Text> {
        let id = self.report.text(field, "the id of a group")?;
        if groups.iter().any(|group| &*group.id == id) {
            return Some(id.into());
        }
        let near = suggest(id, groups.iter().map(|group| &*group.id));
        let message = format!("unknown group `{id}`");
        let problem = Diagnostic::error(Code::UnknownGroup, field.spot(), message)
            .label("not a group of this community");
        self.report.push(problem.did_you_mean(near));
        None
    }

    /// Patterns such as `qq/*` and `tg/-100*`.
    fn adopt(&mut self, map: Fields<'_>) -> Vec<Text> {
        let Some(field) = map.get("adopt") else {
            return Vec::new();
        };
        let wanted = "a pattern such as `qq/*`, or a list of them";
        let mut patterns = Vec::new();
        for field in self.report.one_or_more(field, wanted) {
            let Some(text) = self.report.text(field, "a pattern such as `qq/*`") else {
                continue;
            };
            if self.place(field, text).is_none() {
                continue;
            }
            if text.trim_end_matches('*').contains('*') || text.ends_with("**") {
                let message = format!("`{text}` has a star before its end");
                self.report.push(
                    Diagnostic::error(Code::BadPattern, field.spot(), message)
                        .label("one star, at the end, stands for anything"),
                );
                continue;
            }
            patterns.push(text.into());
        }
        patterns
    }
}
