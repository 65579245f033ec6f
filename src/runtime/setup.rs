//! What the shell is told from outside: who is served, over which connectors, by which rules.

use crate::connector::{Access, build};
use crate::connector::{BadSettings, Connector, Rate, Settings, endpoint, http};
use crate::engine::Rules;
use crate::model::{Directory, Kind, Text};
use crate::store::Keep;
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Everything that the shell takes from steward.yaml.
#[derive(Clone)]
pub struct RuntimeConfig {
    /// Journal, store, snapshots. A change needs a restart.
    pub data: PathBuf,
    /// In the order of the file: a direct message of nobody known goes to the first that fits.
    pub communities: Vec<(Text, Directory)>,
    pub connectors: BTreeMap<Text, ConnectorSetup>,
    /// What a `webhook` step may call, by name.
    pub endpoints: BTreeMap<Text, EndpointSetup>,
    /// How much of the past stays on the disk.
    pub keep: Keep,
    /// Where platforms reach us, without a slash at the end; `None`: they are told by hand.
    pub public_url: Option<String>,
    /// Fold what another version of the engine left behind, though it may decide otherwise.
    pub fold_tail: bool,
    /// How requests go out.
    pub http: http::Options,
}

/// One connector.
#[derive(Clone)]
pub struct ConnectorSetup {
    pub settings: Settings,
    /// The pace to hold.
    pub rate: Rate,
    /// `unknown: hold`: a send whose outcome is unknown is parked, not repeated.
    pub hold_unknown: bool,
}

/// One named endpoint.
#[derive(Clone)]
pub struct EndpointSetup {
    pub url: String,
    /// Several are valid at once for rotation; the first one signs. Empty: unsigned.
    pub secrets: Vec<SecretString>,
}

/// The texts that the rules were made from, by path. Everything that the rules depend on is in them,
/// so that the same texts always make the same rules.
pub type Texts = BTreeMap<String, String>;

/// What a [`Loader`] read.
pub struct Sources {
    pub config: RuntimeConfig,
    pub texts: Texts,
}

/// Reads configuration and rules for the shell, which knows neither YAML nor paths.
pub trait Loader: Send + Sync {
    /// steward.yaml, playbooks and scripts as they now lie on the disk; else what is wrong, drawn.
    fn read(&self) -> Result<Sources, Vec<String>>;

    /// The rules that these texts make: fresh ones, and those that runs in progress began under.
    /// Their hash is the name under which the journal and `data/rulebooks` know them.
    fn compile(&self, texts: &Texts) -> Result<Rules, Vec<String>>;
}

/// A connector at work: what attempts, errands and hooks need.
#[derive(Clone)]
pub struct Link {
    pub connector: Arc<dyn Connector>,
    /// `None` for an endpoint.
    pub kind: Option<Kind>,
    pub rate: Rate,
    pub hold_unknown: bool,
    pub guard: http::Guard,
}

/// Connectors and endpoints (`@NAME`) by the name that effects carry.
pub type Links = BTreeMap<Text, Link>;

/// Why a connector or an endpoint cannot work.
#[derive(Debug, thiserror::Error)]
#[error("`{name}`: {cause}")]
pub struct BadLink {
    name: Text,
    cause: BadSettings,
}

impl RuntimeConfig {
    /// Builds every connector and endpoint.
    pub fn links(&self) -> Result<Links, BadLink> {
        let mut links = Links::new();
        for (name, setup) in &self.connectors {
            let built = build(&setup.settings).map_err(|cause| BadLink {
                name: name.clone(),
                cause,
            })?;
            let kind = kind_of(&setup.settings.access);
            let guard = match &setup.settings.access {
                Access::Webhook { url, .. } => guard_of(url.as_deref().unwrap_or_default()),
                Access::OneBot11 { .. }
                | Access::Telegram { .. }
                | Access::Matrix { .. }
                | Access::Sandbox => http::Guard::Any,
            };
            let link = Link {
                connector: built,
                kind: Some(kind),
                rate: setup.rate,
                hold_unknown: setup.hold_unknown,
                guard,
            };
            links.insert(name.clone(), link);
        }
        for (name, setup) in &self.endpoints {
            let name = endpoint::connector_name(name);
            let built = endpoint::build(&setup.url, &setup.secrets);
            let built = built.map_err(|cause| BadLink {
                name: name.clone(),
                cause,
            })?;
            let link = Link {
                rate: built.default_rate(),
                connector: built,
                kind: None,
                // A peer tells repetitions apart by the effect's id.
                hold_unknown: false,
                guard: guard_of(&setup.url),
            };
            links.insert(name, link);
        }
        Ok(links)
    }
}

/// Where requests to a webhook may go. An address that stands in steward.yaml as it is, and
/// `localhost`, is the operator's own wish; a name is let into the public internet only, because
/// whoever owns the name chooses where it leads.
fn guard_of(url: &str) -> http::Guard {
    let parsed = url::Url::parse(url).ok();
    match parsed.as_ref().and_then(url::Url::host) {
        Some(url::Host::Ipv4(_) | url::Host::Ipv6(_)) => http::Guard::Any,
        Some(url::Host::Domain(name)) if name.eq_ignore_ascii_case("localhost") => http::Guard::Any,
        Some(url::Host::Domain(_)) | None => http::Guard::Public,
    }
}

const fn kind_of(access: &Access) -> Kind {
    match access {
        Access::OneBot11 { .. } => Kind::OneBot11,
        Access::Telegram { .. } => Kind::Telegram,
        Access::Matrix { .. } => Kind::Matrix,
        Access::Webhook { .. } => Kind::Webhook,
        Access::Sandbox => Kind::Sandbox,
    }
}

#[cfg(test)]
mod tests {
    use super::guard_of;
    use crate::connector::http::Guard;

    #[test]
    fn an_address_as_it_is_may_be_private_and_a_name_may_not() {
        for (url, guard) in [
            ("http://127.0.0.1:9/hook", Guard::Any),
            ("http://[::1]/", Guard::Any),
            ("http://10.1.2.3/", Guard::Any),
            ("http://LOCALHOST:8080", Guard::Any),
            ("https://shop.example.org/hook", Guard::Public),
            ("http://localhost.example.org", Guard::Public),
            ("nonsense", Guard::Public),
        ] {
            assert_eq!(guard_of(url), guard, "{url}");
        }
    }
}
