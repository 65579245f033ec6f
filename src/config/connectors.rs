//! `connectors` and `endpoints`: who we speak to, with which secrets, how fast.

use super::read::Reader;
use super::{Endpoint, secrets};
use crate::connector::{Access, Rate, Settings};
use crate::model::{ConnectorFacts, Kind, Millis, Text};
use crate::playbook::codes::Code;
use crate::playbook::diagnostic::Diagnostic;
use crate::playbook::scalars;
use crate::playbook::shape::{Field, Fields};
use secrecy::SecretString;
use std::collections::BTreeMap;

/// Where bots of Telegram live, unless `api` names a local server.
const TELEGRAM_API: &str = "https://api.telegram.org";
/// Keys that every kind of connector takes.
const COMMON: [&str; 3] = ["kind", "rate", "unknown"];

/// A connector by configuration.
#[derive(Clone)]
pub struct Connector {
    pub settings: Settings,
    pub pace: Pace,
    /// `unknown: hold`, the default: a send whose outcome is unknown is parked, not repeated.
    pub hold_unknown: bool,
}

/// What an operator says about the pace of a connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Nothing: the platform's own.
    Default,
    /// `rate: off`: as fast as it goes.
    Off,
    /// The parts that are set; the platform's own for the others.
    Set {
        account: Option<(u32, Millis)>,
        group: Option<(u32, Millis)>,
        burst: Option<u32>,
    },
}

impl Pace {
    /// The pace to hold, given the platform's own.
    pub fn over(self, default: Rate) -> Rate {
        match self {
            Self::Default => default,
            Self::Off => Rate {
                account: None,
                group: None,
                burst: u32::MAX,
            },
            Self::Set {
                account,
                group,
                burst,
            } => Rate {
                account: account.or(default.account),
                group: group.or(default.group),
                burst: burst.unwrap_or(default.burst),
            },
        }
    }
}

impl Connector {
    /// The kind it is.
    pub const fn kind(&self) -> Kind {
        match self.settings.access {
            Access::OneBot11 { .. } => Kind::OneBot11,
            Access::Telegram { .. } => Kind::Telegram,
            Access::Matrix { .. } => Kind::Matrix,
            Access::Webhook { .. } => Kind::Webhook,
            Access::Sandbox => Kind::Sandbox,
        }
    }

    /// What the fold may know of it.
    pub const fn facts(&self) -> ConnectorFacts {
        ConnectorFacts {
            kind: self.kind(),
            hold_unknown: self.hold_unknown,
        }
    }
}

/// The keys of a kind beside the common ones.
const fn keys(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::OneBot11 => &["api", "access_token", "secret"],
        Kind::Telegram => &["token", "secret_token", "api"],
        Kind::Matrix => &["homeserver", "as_token", "hs_token", "user"],
        Kind::Webhook => &["secret", "url"],
        Kind::Sandbox => &[],
    }
}

impl Reader<'_, '_> {
    /// The connectors by name. What cannot be read is reported; its name still counts as known.
    pub(super) fn connectors(&mut self, field: Field<'_>) -> BTreeMap<Text, Connector> {
        let mut found = BTreeMap::new();
        let map = self.report.map(field, "a map of names to connectors");
        for field in map.iter().flat_map(Fields::iter) {
            let Some(name) = self.name(field) else {
                continue;
            };
            self.connector_names.insert(name.clone());
            if let Some(connector) = self.connector(&name, field) {
                found.insert(name, connector);
            }
        }
        found
    }

    fn connector(&mut self, name: &Text, field: Field<'_>) -> Option<Connector> {
        let map = self
            .report
            .map(field, "a map such as `{ kind: telegram, … }`")?;
        let words = Kind::ALL.map(Kind::word);
        let why = format!("kinds: {}", words.join(", "));
        let kind = self.report.need(map, "kind", &why)?;
        let kind = Kind::named(self.report.choice(kind, &words)?)?;
        let known: Vec<&str> = COMMON.iter().chain(keys(kind)).copied().collect();
        self.report.known(map, &known, &[]);
        let pace = map.get("rate").and_then(|rate| self.pace(rate));
        let hold = map.get("unknown");
        let hold = hold.and_then(|field| self.report.choice(field, &["hold", "repeat"]));
        Some(Connector {
            settings: Settings {
                name: name.clone(),
                access: self.access(kind, map)?,
            },
            pace: pace.unwrap_or(Pace::Default),
            hold_unknown: hold != Some("repeat"),
        })
    }

    fn access(&mut self, kind: Kind, map: Fields<'_>) -> Option<Access> {
        Some(match kind {
            Kind::OneBot11 => {
                let api = self.needed_url(map, "api");
                Access::OneBot11 {
                    access_token: self.secret(map, "access_token"),
                    secret: self.secret(map, "secret"),
                    api: api?,
                }
            }
            Kind::Telegram => {
                let token = self.needed_secret(map, "token");
                let secret_token = self.needed_secret(map, "secret_token");
                let api = map.get("api").and_then(|field| self.url(field));
                Access::Telegram {
                    api: api.unwrap_or_else(|| TELEGRAM_API.to_owned()),
                    token: token?,
                    secret_token: secret_token?,
                }
            }
            Kind::Matrix => {
                let homeserver = self.needed_url(map, "homeserver");
                let as_token = self.needed_secret(map, "as_token");
                let hs_token = self.needed_secret(map, "hs_token");
                let user = self.report.need(map, "user", "");
                let user = user.and_then(|field| self.matrix_user(field));
                Access::Matrix {
                    homeserver: homeserver?,
                    as_token: as_token?,
                    hs_token: hs_token?,
                    user: user?,
                }
            }
            Kind::Webhook => {
                let url = map.get("url").and_then(|field| self.url(field));
                let why = "without one anybody could send events";
                let field = self.report.need(map, "secret", why)?;
                let fields = self.report.one_or_more(field, "a secret or a list of them");
                let secrets = fields
                    .into_iter()
                    .filter_map(|field| self.one_secret(field));
                let secrets: Vec<SecretString> = secrets.collect();
                if secrets.is_empty() {
                    return None;
                }
                Access::Webhook { url, secrets }
            }
            Kind::Sandbox => Access::Sandbox,
        })
    }

    fn matrix_user(&mut self, field: Field<'_>) -> Option<String> {
        let filled = secrets::fill(&mut self.report, field, self.outside)?;
        let whole = filled.text.starts_with('@') && filled.text.contains(':');
        if !whole && !filled.incomplete {
            let message = "`user` takes a whole Matrix id";
            self.report.push(
                Diagnostic::error(Code::BadAddress, field.spot(), message)
                    .label("such as `@_steward_bot:example.org`"),
            );
            return None;
        }
        Some(filled.text)
    }

    fn one_secret(&mut self, field: Field<'_>) -> Option<SecretString> {
        secrets::secret(&mut self.report, field, self.outside)
    }

    fn secret(&mut self, map: Fields<'_>, key: &str) -> Option<SecretString> {
        let field = map.get(key)?;
        self.one_secret(field)
    }

    fn needed_secret(&mut self, map: Fields<'_>, key: &str) -> Option<SecretString> {
        let field = self.report.need(map, key, "")?;
        self.one_secret(field)
    }

    fn needed_url(&mut self, map: Fields<'_>, key: &str) -> Option<String> {
        let field = self.report.need(map, key, "")?;
        self.url(field)
    }

    /// `{ account: 60 per 1m, group: 20 per 1m, burst: 5 }` or `off`.
    fn pace(&mut self, field: Field<'_>) -> Option<Pace> {
        if field.as_text() == Some("off") {
            return Some(Pace::Off);
        }
        let wanted = "`off` or a map such as `{ account: 60 per 1m, burst: 5 }`";
        if field.as_text().is_some() {
            self.report.wrong_shape(field, wanted);
            return None;
        }
        let map = self.report.map(field, wanted)?;
        self.report.known(map, &["account", "group", "burst"], &[]);
        let burst = map.get("burst");
        let burst = burst.and_then(|field| self.report.number(field, 1, u32::MAX.into()));
        Some(Pace::Set {
            account: self.bucket(map, "account"),
            group: self.bucket(map, "group"),
            burst: burst.and_then(|burst| u32::try_from(burst).ok()),
        })
    }

    fn bucket(&mut self, map: Fields<'_>, key: &str) -> Option<(u32, Millis)> {
        let field = map.get(key)?;
        let scalars::Rate { count, per } = self.report.rate(field)?;
        Some((count, per.nominal_ms()))
    }

    /// The endpoints by name.
    pub(super) fn endpoints(&mut self, field: Field<'_>) -> BTreeMap<Text, Endpoint> {
        let mut found = BTreeMap::new();
        let map = self.report.map(field, "a map of names to endpoints");
        for field in map.iter().flat_map(Fields::iter) {
            let Some(name) = self.name(field) else {
                continue;
            };
            let Some(map) = self.report.map(field, "a map with `url`") else {
                continue;
            };
            self.report.known(map, &["url", "secret"], &[]);
            let secret = self.secret(map, "secret");
            if let Some(url) = self.needed_url(map, "url") {
                found.insert(name, Endpoint { url, secret });
            }
        }
        found
    }
}
